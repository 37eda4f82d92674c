//! Everything that may be said in so many words. Each call makes one command; the shop decides.

use crate::access::Caller;
use crate::app::Recorded;
use crate::asked::{
    CardOfSet, Concession, Deviation, Embellishment, IntoPack, Materials, MoreSheets, NewPack,
    Number, OutOfPack, OutOfSet, Piece, Plain, QaResult, Reasoned, ReleaseOf, Replacement,
    ReplacementSource, Reschedule, SheetDefect,
};
use crate::extract::{Body, Id, Key, Seen};
use crate::problem::Problem;
use sheetwise_core::domain::command::{Holdable, ReplaceWith};
use sheetwise_core::domain::values::Defect;
use sheetwise_core::domain::{Command, UnitRef};
use sheetwise_core::identity::{
    AssemblyId, CardUnitId, JobId, PackId, ProductionOrderId, SheetId, StationId,
};

/// `async fn name(id, body) -> Response`: a command about the thing in the path.
macro_rules! calls {
    ($($(#[$doc:meta])* $name:ident($id:ident: $id_type:ty, $body:ident: $body_type:ty) => $command:expr;)+) => {$(
        $(#[$doc])*
        pub(crate) async fn $name(
            caller: Caller,
            Id($id): Id<$id_type>,
            Key(key): Key,
            seen: Seen,
            Body($body): Body<$body_type>,
        ) -> Result<Recorded, Problem> {
            let mut origin = $body.origin(key);
            let seen = seen.of(Some(UnitRef::from($id.clone())));
            let command = $command;
            at_its_station(&command, &mut origin.station_id)?;
            Ok(caller.command(command, origin, seen).await)
        }
    )+};
}

/// Lots are loaded at the station that they are loaded at, whoever says so.
fn at_its_station(command: &Command, station_id: &mut Option<StationId>) -> Result<(), Problem> {
    let Command::LoadMaterialLots { station_id: of, .. } = command else {
        return Ok(());
    };
    match station_id.get_or_insert_with(|| of.clone()) {
        said if said == of => Ok(()),
        said => {
            let message = format!("{said} is not the station in the path, {of}: leave it out");
            Err(Problem::parameter("station_id", message))
        }
    }
}

/// The card, if it is of the set in the path.
fn of_the_set(card: CardUnitId, assembly_id: AssemblyId) -> Result<CardUnitId, Problem> {
    if card.assembly() == assembly_id {
        return Ok(card);
    }
    let message = format!("{card} is of {}", card.assembly());
    Err(Problem::parameter("card_unit_id", message))
}

calls! {
    /// `POST /card-units/{id}/void`
    void_card_unit(card_unit_id: CardUnitId, body: Reasoned) => Command::VoidCardUnit {
        card_unit_id,
        reason: body.reason,
    };
    /// `POST /card-units/{id}/replace`
    replace_card_unit(card_unit_id: CardUnitId, body: Replacement) => Command::ReplaceCardUnit {
        card_unit_id,
        with: match (body.source, body.spare) {
            (None | Some(ReplacementSource::Spare), Some(spare)) => ReplaceWith::Spare(spare),
            (None | Some(ReplacementSource::AnySpare), None) => ReplaceWith::AnySpare,
            (Some(ReplacementSource::Reprint), None) => ReplaceWith::Reprint,
            (Some(_), _) => {
                let message = "a spare is named with \"source\": \"spare\", and only with it";
                return Err(Problem::parameter("source", message));
            }
        },
    };
    /// `POST /card-units/{id}/sequential-number`
    apply_sequential_number(card_unit_id: CardUnitId, body: Number) => Command::ApplySequentialNumber {
        card_unit_id,
        number: body.number,
    };
    /// `POST /card-units/{id}/memorabilia`
    place_memorabilia(card_unit_id: CardUnitId, body: Piece) => Command::PlaceMemorabilia {
        card_unit_id,
        piece_id: body.piece_id,
    };
    /// `POST /card-units/{id}/embellishments`
    apply_embellishment(card_unit_id: CardUnitId, body: Embellishment) => Command::ApplyEmbellishment {
        card_unit_id,
        operation_id: body.operation_id,
    };
    /// `POST /card-units/{id}/hold`
    hold_card_unit(id: CardUnitId, body: Reasoned) => Command::Hold {
        unit: Holdable::CardUnit(id),
        reason: body.reason,
    };
    /// `POST /card-units/{id}/release`
    release_card_unit(id: CardUnitId, body: ReleaseOf) => Command::Release {
        unit: Holdable::CardUnit(id),
        hold_id: body.hold_id,
        reason: body.reason,
    };
    /// `POST /card-units/{id}/deviations`
    sign_card_deviation(card_unit_id: CardUnitId, body: Deviation) => Command::SignCardDeviation {
        card_unit_id,
        operation_id: body.operation_id,
        reason: body.reason,
    };
    /// `POST /sheets/{id}/deviations`
    sign_sheet_deviation(sheet_id: SheetId, body: Deviation) => Command::SignSheetDeviation {
        sheet_id,
        operation_id: body.operation_id,
        reason: body.reason,
    };
    /// `POST /sheets/{id}/cut`
    cut_sheet(sheet_id: SheetId, body: Plain) => Command::CutSheet { sheet_id };
    /// `POST /sheets/{id}/defects`
    record_sheet_defect(sheet_id: SheetId, body: SheetDefect) => Command::RecordSheetDefect {
        sheet_id,
        position: body.position,
        defect: Defect {
            failure_code: body.failure_code,
            note: body.note,
        },
    };
    /// `POST /sheets/{id}/void`
    void_sheet(sheet_id: SheetId, body: Reasoned) => Command::VoidSheet {
        sheet_id,
        reason: body.reason,
    };
    /// `POST /sheets/{id}/hold`
    hold_sheet(id: SheetId, body: Reasoned) => Command::Hold {
        unit: Holdable::Sheet(id),
        reason: body.reason,
    };
    /// `POST /sheets/{id}/release`
    release_sheet(id: SheetId, body: ReleaseOf) => Command::Release {
        unit: Holdable::Sheet(id),
        hold_id: body.hold_id,
        reason: body.reason,
    };
    /// `POST /assemblies/{id}/concession`
    sign_concession(assembly_id: AssemblyId, body: Concession) => Command::SignConcession {
        assembly_id,
        positions: body.positions,
        reason: body.reason,
    };
    /// `POST /assemblies/{id}/pack`
    pack_set(assembly_id: AssemblyId, body: IntoPack) => Command::PackSet {
        assembly_id,
        pack_id: body.pack_id,
    };
    /// `POST /assemblies/{id}/scan`
    scan_card_for_assembly(assembly_id: AssemblyId, body: CardOfSet) => Command::ScanCardForAssembly {
        card_unit_id: of_the_set(body.card_unit_id, assembly_id)?,
    };
    /// `POST /assemblies/{id}/remove`
    remove_from_assembly(assembly_id: AssemblyId, body: OutOfSet) => Command::RemoveFromAssembly {
        card_unit_id: of_the_set(body.card_unit_id, assembly_id)?,
        reason: body.reason,
    };
    /// `POST /assemblies/{id}/hold`
    hold_assembly(id: AssemblyId, body: Reasoned) => Command::Hold {
        unit: Holdable::Assembly(id),
        reason: body.reason,
    };
    /// `POST /assemblies/{id}/release`
    release_assembly(id: AssemblyId, body: ReleaseOf) => Command::Release {
        unit: Holdable::Assembly(id),
        hold_id: body.hold_id,
        reason: body.reason,
    };
    /// `POST /packs/{id}/close`
    close_pack(pack_id: PackId, body: Plain) => Command::ClosePack { pack_id };
    /// `POST /packs/{id}/reopen`
    reopen_pack(pack_id: PackId, body: Reasoned) => Command::ReopenPack {
        pack_id,
        reason: body.reason,
    };
    /// `POST /packs/{id}/ship`
    ship_pack(pack_id: PackId, body: Plain) => Command::ShipPack { pack_id };
    /// `POST /packs/{id}/unpack`
    unpack(pack_id: PackId, body: OutOfPack) => match body.assembly_id {
        Some(assembly_id) => Command::UnpackSet { assembly_id, pack_id: Some(pack_id), reason: body.reason },
        None => Command::UnnestPack { pack_id, reason: body.reason },
    };
    /// `POST /jobs/{id}/hold`
    hold_job(id: JobId, body: Reasoned) => Command::Hold {
        unit: Holdable::Job(id),
        reason: body.reason,
    };
    /// `POST /jobs/{id}/release`
    release_job(id: JobId, body: ReleaseOf) => Command::Release {
        unit: Holdable::Job(id),
        hold_id: body.hold_id,
        reason: body.reason,
    };
    /// `POST /jobs/{id}/reschedule`
    reschedule_job(job_id: JobId, body: Reschedule) => Command::RescheduleJob {
        job_id,
        due_date: body.due_date,
        priority: body.priority,
    };
    /// `POST /jobs/{id}/sheets`
    add_sheets(job_id: JobId, body: MoreSheets) => Command::AddSheets {
        job_id,
        after: body.after,
        count: body.count,
        purpose: body.purpose,
    };
    /// `POST /jobs/{id}/cancel`
    cancel_job(job_id: JobId, body: Reasoned) => Command::CancelJob {
        job_id,
        reason: body.reason,
    };
    /// `POST /jobs/{id}/close`
    close_job(job_id: JobId, body: Plain) => Command::CloseJob { job_id };
    /// `POST /orders/{id}/hold`
    hold_order(id: ProductionOrderId, body: Reasoned) => Command::Hold {
        unit: Holdable::Order(id),
        reason: body.reason,
    };
    /// `POST /orders/{id}/release`
    release_order(id: ProductionOrderId, body: ReleaseOf) => Command::Release {
        unit: Holdable::Order(id),
        hold_id: body.hold_id,
        reason: body.reason,
    };
    /// `POST /orders/{id}/cancel`
    cancel_order(order_id: ProductionOrderId, body: Reasoned) => Command::CancelOrder {
        order_id,
        reason: body.reason,
    };
    /// `POST /stations/{id}/down`
    take_station_down(station_id: StationId, body: Reasoned) => Command::TakeStationDown {
        station_id,
        reason: body.reason,
    };
    /// `POST /stations/{id}/up`
    bring_station_up(station_id: StationId, body: Plain) => Command::BringStationUp { station_id };
    /// `POST /stations/{id}/materials`
    load_material_lots(station_id: StationId, body: Materials) => Command::LoadMaterialLots {
        station_id,
        material_lot_ids: body.material_lot_ids,
    };
}

/// `POST /qa-results`
pub(crate) async fn record_qa_result(
    caller: Caller,
    Key(key): Key,
    seen: Seen,
    Body(body): Body<QaResult>,
) -> Recorded {
    let origin = body.origin(key);
    let seen = seen.of(Some(UnitRef::from(body.card_unit_id)));
    let command = Command::RecordQaResult {
        card_unit_id: body.card_unit_id,
        result: body.result,
        failure_reason: body.failure_reason,
        failure_codes: body.failure_codes,
        inspector_id: body.operator_id,
    };
    caller.command(command, origin, seen).await
}

/// `POST /packs`
pub(crate) async fn open_pack(
    caller: Caller,
    Key(key): Key,
    Body(body): Body<NewPack>,
) -> Recorded {
    let origin = body.origin(key);
    let command = Command::OpenPack {
        pack_id: body.pack_id,
    };
    caller.command(command, origin, None).await
}
