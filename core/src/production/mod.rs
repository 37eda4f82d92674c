//! What crosses units: an order spawns jobs and sheets, the cut makes cards and their set, a void
//! leaves a vacancy, a replacement fills it, sets come together and go into boxes; and the one door,
//! [`decide`], through which every command comes.

mod correction;
mod cut;
mod floor;
mod gather;
mod holds;
mod memorabilia;
mod numbers;
mod pack;
mod plan;
mod register;
mod replace;
mod void;
mod work;

pub use floor::{Floor, Needed, Stop, TouchedRegisters};
pub use numbers::EditionPool;
pub use plan::sheets_for;
pub use register::JobRegister;
pub use replace::{ReprintPlan, reprint_plan};

pub(crate) use holds::{must_be_free, sheet_must_be_free};
pub(crate) use work::why_not_born;

use crate::domain::command::Holdable;
use crate::domain::product::StationType;
use crate::domain::{
    Command, Context, Decision, Refusal, assembly, card_unit, hold, job, memorabilia as piece,
    operator, order, pack as packs, product, sheet, station,
};
use crate::identity::{OperatorId, StationId};

/// Decides a command in the present state of the shop: the events to record, all or none.
///
/// # Errors
/// [`Stop::Refused`] with the reason, and nothing changed; or [`Stop::NotLoaded`] from a partial floor.
pub fn decide(floor: &Floor, command: &Command, context: &Context) -> Result<Decision, Stop> {
    must_be_permitted(floor, command, context)?;
    match command {
        Command::PublishProduct {
            product_id,
            product_version,
            spec,
        } => Ok(product::publish(
            floor.product(product_id)?,
            product_id,
            *product_version,
            spec,
        )?),
        Command::PublishLayout { product_id, layout } => Ok(product::publish_layout(
            floor.product(product_id)?,
            product_id,
            layout,
        )?),
        Command::PlaceOrder { order } => plan::place_order(floor, order),
        Command::CancelOrder { order_id, reason } => plan::cancel_order(floor, order_id, reason),
        Command::CreateJob { .. } => plan::create_job(floor, command),
        Command::AddSheets {
            job_id,
            after,
            count,
            purpose,
        } => plan::add_sheets(floor, *job_id, *after, *count, *purpose),
        Command::RescheduleJob {
            job_id,
            due_date,
            priority,
        } => Ok(job::reschedule(
            floor.existing_job(job_id)?,
            *due_date,
            *priority,
        )?),
        Command::CancelJob { job_id, reason } => plan::cancel_job(floor, *job_id, reason),
        Command::CloseJob { job_id } => plan::close_job(floor, *job_id),

        Command::RegisterStation {
            station_id,
            description,
        } => Ok(station::register(
            floor.station(station_id)?,
            station_id,
            description,
        )?),
        Command::TakeStationDown { station_id, reason } => Ok(station::take_down(
            floor.existing_station(station_id)?,
            reason,
        )?),
        Command::BringStationUp { station_id } => {
            Ok(station::bring_up(floor.existing_station(station_id)?)?)
        }
        Command::LoadMaterialLots {
            station_id,
            material_lot_ids,
        } => Ok(station::load_material_lots(
            floor.existing_station(station_id)?,
            material_lot_ids,
        )?),
        Command::RegisterOperator { operator } => Ok(operator::register(
            floor.operator(&operator.operator_id)?,
            operator,
        )?),
        Command::RegisterMemorabilia { piece: wanted } => {
            Ok(piece::register(floor.piece(&wanted.piece_id)?, wanted)?)
        }

        Command::EnterStationWithSheet { sheet_id } => {
            work::sheet_enters(floor, *sheet_id, context)
        }
        Command::CompleteSheetOperation { sheet_id } => {
            let (sheet, spec) = work::sheet_and_spec(floor, *sheet_id)?;
            Ok(sheet::complete_operation(sheet, spec)?)
        }
        Command::RecordSheetDefect {
            sheet_id,
            position,
            defect,
        } => {
            let (sheet, spec) = work::sheet_and_spec(floor, *sheet_id)?;
            Ok(sheet::record_defect(sheet, spec, *position, defect)?)
        }
        // As cards are, the sheets of a cancelled job are scrapped.
        Command::VoidSheet { sheet_id, reason } => {
            let sheet = floor.existing_sheet(sheet_id)?;
            let spec = floor.spec_of(floor.existing_job(&sheet_id.job())?)?;
            Ok(sheet::void(sheet, spec, reason)?)
        }
        Command::CutSheet { sheet_id } => cut::cut_sheet(floor, *sheet_id),
        Command::EnterStationWithCard { card_unit_id } => {
            work::card_enters(floor, *card_unit_id, context)
        }
        Command::CompleteCardOperation { card_unit_id } => {
            let (card, spec) = work::card_and_spec(floor, *card_unit_id)?;
            Ok(card_unit::complete_operation(card, spec)?)
        }
        Command::ApplyEmbellishment {
            card_unit_id,
            operation_id,
        } => {
            let (card, spec) = work::card_and_spec(floor, *card_unit_id)?;
            let at = spec.operation(operation_id).map(|node| &node.station_type);
            must_be_free(floor, card, at)?;
            Ok(card_unit::apply_embellishment(card, spec, operation_id)?)
        }
        Command::RecordQaResult { .. } => work::record_qa_result(floor, command, context),
        Command::ApplySequentialNumber {
            card_unit_id,
            number,
        } => {
            let (card, _) = work::card_and_spec(floor, *card_unit_id)?;
            must_be_free(floor, card, Some(&StationType::Numbering))?;
            numbers::apply(floor, card, *number)
        }
        Command::PlaceMemorabilia {
            card_unit_id,
            piece_id,
        } => memorabilia::place(floor, *card_unit_id, piece_id),
        Command::SignSheetDeviation {
            sheet_id,
            operation_id,
            reason,
        } => {
            let (sheet, spec) = work::sheet_and_spec(floor, *sheet_id)?;
            let signed_by = signature(context, "Signing a deviation")?;
            Ok(sheet::sign_deviation(
                sheet,
                spec,
                operation_id,
                signed_by,
                reason,
            )?)
        }
        Command::SignCardDeviation {
            card_unit_id,
            operation_id,
            reason,
        } => {
            let (card, spec) = work::card_and_spec(floor, *card_unit_id)?;
            let signed_by = signature(context, "Signing a deviation")?;
            Ok(card_unit::sign_deviation(
                card,
                spec,
                operation_id,
                signed_by,
                reason,
            )?)
        }

        Command::VoidCardUnit {
            card_unit_id,
            reason,
        } => void::void_card_unit(floor, *card_unit_id, reason),
        Command::ReplaceCardUnit { card_unit_id, with } => {
            replace::replace_card_unit(floor, *card_unit_id, *with)
        }
        Command::ReplaceVacancies { job_id, after } => {
            replace::replace_vacancies(floor, *job_id, *after)
        }
        Command::Hold { unit, reason } => hold_unit(floor, unit, reason),
        Command::Release {
            unit,
            hold_id,
            reason,
        } => release_unit(floor, unit, hold_id.as_ref(), reason),
        Command::PlaceHoldRule { rule } => Ok(hold::place(floor.hold_rule(&rule.hold_id), rule)?),
        Command::LiftHoldRule { hold_id, reason } => match floor.hold_rule(hold_id) {
            None => Err(Refusal::UnknownId(crate::domain::UnitRef::Hold(hold_id.clone())).into()),
            Some(rule) => Ok(hold::lift(rule, hold_id, reason)?),
        },
        Command::Undo {
            event_sequence_num,
            reason,
        } => correction::undo(floor, *event_sequence_num, reason),

        Command::UndoLast { reason } => correction::undo_last(floor, reason, context),

        Command::ScanCardForAssembly { card_unit_id } => {
            gather::scan_card_for_assembly(floor, *card_unit_id, context)
        }
        Command::RemoveFromAssembly {
            card_unit_id,
            reason,
        } => gather::remove_from_assembly(floor, *card_unit_id, reason),
        Command::SwitchBench { active_assembly_id } => {
            gather::switch_bench(floor, *active_assembly_id, context)
        }
        Command::SignConcession {
            assembly_id,
            positions,
            reason,
        } => {
            let set = floor.existing_assembly(assembly_id)?;
            let job = floor.existing_job(&assembly_id.job())?;
            job.must_be_live()?;
            let void_policy = floor.spec_of(job)?.void_policy;
            let signed_by = signature(context, "Signing a concession")?;
            Ok(assembly::sign_concession(
                set,
                void_policy,
                positions,
                signed_by,
                reason,
            )?)
        }
        Command::PackSet {
            assembly_id,
            pack_id,
        } => pack::pack_set(floor, *assembly_id, *pack_id, context),
        Command::UnpackSet {
            assembly_id,
            pack_id,
            reason,
        } => pack::unpack_set(floor, *assembly_id, *pack_id, reason),
        Command::TakeUpPack { pack_id } => pack::take_up(floor, *pack_id, context),
        Command::OpenPack { pack_id } => pack::open_pack(floor, *pack_id),
        Command::ClosePack { pack_id } => Ok(packs::close(floor.existing_pack(pack_id)?)?),
        Command::ReopenPack { pack_id, reason } => {
            Ok(packs::reopen(floor.existing_pack(pack_id)?, reason)?)
        }
        Command::NestPack {
            pack_id,
            outer_pack_id,
        } => pack::nest_pack(floor, *pack_id, *outer_pack_id, context),
        Command::UnnestPack { pack_id, reason } => pack::unnest_pack(floor, *pack_id, reason),
        Command::ShipPack { pack_id } => pack::ship_pack(floor, *pack_id),
    }
}

/// Whoever is named must be known, active, and have a role that the command needs. Where nobody is
/// named the caller answers for it (a device or a program, which the border has authenticated).
fn must_be_permitted(floor: &Floor, command: &Command, context: &Context) -> Result<(), Stop> {
    let Some(operator_id) = &context.operator_id else {
        return Ok(());
    };
    let operator = floor
        .operator(operator_id)?
        .ok_or_else(|| Refusal::OperatorUnknown(operator_id.clone()))?;
    if !operator.active {
        return Err(Refusal::OperatorInactive(operator_id.clone()).into());
    }
    let needs_one_of = command.needs_one_of();
    if !operator.may_act_as(needs_one_of) {
        return Err(Refusal::NotPermitted {
            operator_id: operator_id.clone(),
            needs_one_of,
        }
        .into());
    }
    Ok(())
}

/// Who signs: a person, by name.
fn signature<'c>(context: &'c Context, what: &'static str) -> Result<&'c OperatorId, Refusal> {
    context
        .operator_id
        .as_ref()
        .ok_or_else(|| Refusal::OutOfRange {
            what: format!("{what} takes a person: say which operator signs"),
        })
}

/// Where it happens: a station, by name.
fn place<'c>(context: &'c Context, wanted: &'static str) -> Result<&'c StationId, Refusal> {
    context
        .station_id
        .as_ref()
        .ok_or(Refusal::StationNeeded { wanted })
}

fn hold_unit(floor: &Floor, unit: &Holdable, reason: &str) -> Result<Decision, Stop> {
    Ok(match unit {
        Holdable::Order(id) => order::hold(floor.existing_order(id)?, reason)?,
        Holdable::Job(id) => job::hold(floor.existing_job(id)?, reason)?,
        Holdable::Sheet(id) => {
            let (sheet, spec) = work::sheet_and_spec(floor, *id)?;
            sheet::hold(sheet, spec, reason)?
        }
        Holdable::CardUnit(id) => card_unit::hold(work::card_and_spec(floor, *id)?.0, reason)?,
        Holdable::Assembly(id) => assembly::hold(floor.existing_assembly(id)?, reason)?,
    })
}

fn release_unit(
    floor: &Floor,
    unit: &Holdable,
    hold_id: Option<&crate::identity::HoldId>,
    reason: &str,
) -> Result<Decision, Stop> {
    if let Some(hold_id) = hold_id
        && floor.hold_rule(hold_id).is_none()
    {
        return Err(Refusal::UnknownId(crate::domain::UnitRef::Hold(hold_id.clone())).into());
    }
    if let (Holdable::Order(_) | Holdable::Job(_), Some(hold_id)) = (unit, hold_id) {
        let what = format!(
            "A whole order or job is not freed from {hold_id}: free its sheets, cards or sets, or lift the rule"
        );
        return Err(Refusal::OutOfRange { what }.into());
    }
    Ok(match unit {
        Holdable::Order(id) => order::release(floor.existing_order(id)?, reason)?,
        Holdable::Job(id) => job::release(floor.existing_job(id)?, reason)?,
        Holdable::Sheet(id) => {
            let (sheet, spec) = work::sheet_and_spec(floor, *id)?;
            sheet::release(sheet, spec, hold_id, reason)?
        }
        Holdable::CardUnit(id) => {
            card_unit::release(work::card_and_spec(floor, *id)?.0, hold_id, reason)?
        }
        Holdable::Assembly(id) => assembly::release(floor.existing_assembly(id)?, hold_id, reason)?,
    })
}
