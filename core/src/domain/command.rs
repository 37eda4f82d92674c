//! The catalogue of every command: what may be asked of the shop. Time, operator and station come
//! with it in the [`super::Context`]; ids that are to be issued are issued before, so that a command said
//! twice is the same command.

use super::event::UnitRef;
use super::hold::HoldRulePlaced;
use super::memorabilia::MemorabiliaRegistered;
use super::operator::OperatorChanged;
use super::order::ProductionOrderPlaced;
use super::product::{NormalizedLayout, ProductSpec};
use super::station::StationDescription;
use super::values::{Defect, Priority, QaOutcome, Role};
use crate::domain::job::SheetPurpose;
use crate::identity::{
    AssemblyId, CardUnitId, FailureCode, HoldId, JobId, MaterialLotId, OperationId, OperatorId,
    PackId, PieceId, ProductId, ProductionOrderId, SheetId, StationId,
};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// A unit that can be put on hold by itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Holdable {
    Order(ProductionOrderId),
    Job(JobId),
    Sheet(SheetId),
    CardUnit(CardUnitId),
    Assembly(AssemblyId),
}

/// Where a replacement is to come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReplaceWith {
    /// The spare with the lowest id that fits; refused where none does.
    AnySpare,
    /// This spare.
    Spare(CardUnitId),
    /// A card printed by itself.
    Reprint,
}

/// Everything that may be asked of the shop.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "command", rename_all = "snake_case")]
pub enum Command {
    // Plan.
    PublishProduct {
        product_id: ProductId,
        product_version: u32,
        spec: Arc<ProductSpec>,
    },
    /// The product's latest version once more, with another layout.
    PublishLayout {
        product_id: ProductId,
        layout: NormalizedLayout,
    },
    PlaceOrder {
        order: ProductionOrderPlaced,
    },
    CancelOrder {
        order_id: ProductionOrderId,
        reason: String,
    },
    /// Spawns the job's sheets: enough for `quantity` cards, and overs for what the steps to come will spoil.
    CreateJob {
        job_id: JobId,
        order_id: ProductionOrderId,
        /// Cards; what the order still lacks where absent.
        quantity: Option<u32>,
        /// The latest where absent.
        product_version: Option<u32>,
        /// The order's where absent.
        due_date: Option<Date>,
        /// The order's where absent.
        priority: Option<Priority>,
        /// Overs sheets; from the product's expected yields where absent.
        overs: Option<u32>,
    },
    /// Adds `count` sheets behind sheet `after`, which must be the job's last: said twice, it adds once.
    AddSheets {
        job_id: JobId,
        after: u32,
        count: u32,
        purpose: SheetPurpose,
    },
    RescheduleJob {
        job_id: JobId,
        due_date: Date,
        priority: Priority,
    },
    CancelJob {
        job_id: JobId,
        reason: String,
    },
    /// Ends a job of which everything owed is packed or voided; leftover spares are voided.
    CloseJob {
        job_id: JobId,
    },

    // The shop's master data.
    RegisterStation {
        station_id: StationId,
        description: StationDescription,
    },
    TakeStationDown {
        station_id: StationId,
        reason: String,
    },
    BringStationUp {
        station_id: StationId,
    },
    LoadMaterialLots {
        station_id: StationId,
        material_lot_ids: Vec<MaterialLotId>,
    },
    RegisterOperator {
        operator: OperatorChanged,
    },
    RegisterMemorabilia {
        piece: MemorabiliaRegistered,
    },

    // Work.
    EnterStationWithSheet {
        sheet_id: SheetId,
    },
    CompleteSheetOperation {
        sheet_id: SheetId,
    },
    RecordSheetDefect {
        sheet_id: SheetId,
        position: u16,
        defect: Defect,
    },
    VoidSheet {
        sheet_id: SheetId,
        reason: String,
    },
    CutSheet {
        sheet_id: SheetId,
    },
    EnterStationWithCard {
        card_unit_id: CardUnitId,
    },
    CompleteCardOperation {
        card_unit_id: CardUnitId,
    },
    ApplyEmbellishment {
        card_unit_id: CardUnitId,
        operation_id: OperationId,
    },
    RecordQaResult {
        card_unit_id: CardUnitId,
        result: QaOutcome,
        failure_reason: Option<String>,
        failure_codes: Vec<FailureCode>,
        inspector_id: Option<OperatorId>,
    },
    /// Gives the card this number of its edition, or the next free one.
    ApplySequentialNumber {
        card_unit_id: CardUnitId,
        number: Option<u32>,
    },
    PlaceMemorabilia {
        card_unit_id: CardUnitId,
        piece_id: PieceId,
    },
    /// An operation may start before its predecessors are complete.
    SignSheetDeviation {
        sheet_id: SheetId,
        operation_id: OperationId,
        reason: String,
    },
    SignCardDeviation {
        card_unit_id: CardUnitId,
        operation_id: OperationId,
        reason: String,
    },

    // What goes wrong.
    VoidCardUnit {
        card_unit_id: CardUnitId,
        reason: String,
    },
    ReplaceCardUnit {
        card_unit_id: CardUnitId,
        with: ReplaceWith,
    },
    /// Covers the job's vacant positions with spares, and adds the fewest sheets for the rest.
    ReplaceVacancies {
        job_id: JobId,
        /// The job's last sheet as the caller knows it, so that nothing is ordered twice; as it is where absent.
        after: Option<u32>,
    },
    Hold {
        unit: Holdable,
        reason: String,
    },
    /// Ends the unit's own hold, or with `hold_id` frees it from that rule.
    Release {
        unit: Holdable,
        hold_id: Option<HoldId>,
        reason: String,
    },
    PlaceHoldRule {
        rule: HoldRulePlaced,
    },
    LiftHoldRule {
        hold_id: HoldId,
        reason: String,
    },
    /// Takes back the decision that this event belongs to, by compensating events.
    Undo {
        event_sequence_num: u64,
        reason: String,
    },
    /// Takes back what was recorded last at the station where it is said.
    UndoLast {
        reason: String,
    },

    // Reunion.
    ScanCardForAssembly {
        card_unit_id: CardUnitId,
    },
    RemoveFromAssembly {
        card_unit_id: CardUnitId,
        reason: String,
    },
    /// Puts aside what the bench has in hand, and takes up this set or nothing.
    SwitchBench {
        active_assembly_id: Option<AssemblyId>,
    },
    /// Takes an open pack up at the station where it is said.
    TakeUpPack {
        pack_id: PackId,
    },
    SignConcession {
        assembly_id: AssemblyId,
        positions: Vec<u16>,
        reason: String,
    },
    /// Packs the set into this box, or into the one that is open at the station (a new one if none is).
    PackSet {
        assembly_id: AssemblyId,
        pack_id: Option<PackId>,
    },
    /// Takes the set out of its box again: out of this one, where it is named.
    UnpackSet {
        assembly_id: AssemblyId,
        pack_id: Option<PackId>,
        reason: String,
    },
    OpenPack {
        pack_id: PackId,
    },
    ClosePack {
        pack_id: PackId,
    },
    ReopenPack {
        pack_id: PackId,
        reason: String,
    },
    /// Puts a closed pack into this one, or into the one of the next kind that is open at the station (a
    /// new one if none is).
    NestPack {
        pack_id: PackId,
        outer_pack_id: Option<PackId>,
    },
    UnnestPack {
        pack_id: PackId,
        reason: String,
    },
    /// The pack leaves the shop with everything in it.
    ShipPack {
        pack_id: PackId,
    },
}

const ON_THE_FLOOR: &[Role] = &[Role::Operator, Role::Lead, Role::Quality, Role::Integrator];
const SUPERVISION: &[Role] = &[Role::Lead, Role::Quality];
const PLANNING: &[Role] = &[Role::Planner, Role::Integrator];
const PLANNING_OR_SUPERVISION: &[Role] = &[Role::Planner, Role::Lead, Role::Quality];
const ADMINISTRATION: &[Role] = &[Role::Admin];

impl Command {
    /// The unit that it is about; `None` for a correction, which is about what it takes back, and for a
    /// bench that is emptied.
    #[must_use]
    pub fn subject(&self) -> Option<UnitRef> {
        Some(match self {
            Self::PublishProduct { product_id, .. } | Self::PublishLayout { product_id, .. } => {
                UnitRef::Product(product_id.clone())
            }
            Self::PlaceOrder { order } => UnitRef::ProductionOrder(order.order_id.clone()),
            Self::CancelOrder { order_id, .. } => UnitRef::ProductionOrder(order_id.clone()),
            Self::CreateJob { job_id, .. }
            | Self::AddSheets { job_id, .. }
            | Self::RescheduleJob { job_id, .. }
            | Self::CancelJob { job_id, .. }
            | Self::CloseJob { job_id }
            | Self::ReplaceVacancies { job_id, .. } => UnitRef::Job(*job_id),
            Self::RegisterStation { station_id, .. }
            | Self::TakeStationDown { station_id, .. }
            | Self::BringStationUp { station_id }
            | Self::LoadMaterialLots { station_id, .. } => UnitRef::Station(station_id.clone()),
            Self::RegisterOperator { operator } => UnitRef::Operator(operator.operator_id.clone()),
            Self::RegisterMemorabilia { piece } => UnitRef::Memorabilia(piece.piece_id.clone()),
            Self::EnterStationWithSheet { sheet_id }
            | Self::CompleteSheetOperation { sheet_id }
            | Self::RecordSheetDefect { sheet_id, .. }
            | Self::VoidSheet { sheet_id, .. }
            | Self::CutSheet { sheet_id }
            | Self::SignSheetDeviation { sheet_id, .. } => UnitRef::Sheet(*sheet_id),
            Self::EnterStationWithCard { card_unit_id }
            | Self::CompleteCardOperation { card_unit_id }
            | Self::ApplyEmbellishment { card_unit_id, .. }
            | Self::RecordQaResult { card_unit_id, .. }
            | Self::ApplySequentialNumber { card_unit_id, .. }
            | Self::PlaceMemorabilia { card_unit_id, .. }
            | Self::SignCardDeviation { card_unit_id, .. }
            | Self::VoidCardUnit { card_unit_id, .. }
            | Self::ReplaceCardUnit { card_unit_id, .. }
            | Self::ScanCardForAssembly { card_unit_id }
            | Self::RemoveFromAssembly { card_unit_id, .. } => UnitRef::CardUnit(*card_unit_id),
            Self::Hold { unit, .. } | Self::Release { unit, .. } => match unit {
                Holdable::Order(id) => UnitRef::ProductionOrder(id.clone()),
                Holdable::Job(id) => UnitRef::Job(*id),
                Holdable::Sheet(id) => UnitRef::Sheet(*id),
                Holdable::CardUnit(id) => UnitRef::CardUnit(*id),
                Holdable::Assembly(id) => UnitRef::Assembly(*id),
            },
            Self::PlaceHoldRule { rule } => UnitRef::Hold(rule.hold_id.clone()),
            Self::LiftHoldRule { hold_id, .. } => UnitRef::Hold(hold_id.clone()),
            Self::SwitchBench { active_assembly_id } => UnitRef::Assembly((*active_assembly_id)?),
            Self::SignConcession { assembly_id, .. }
            | Self::PackSet { assembly_id, .. }
            | Self::UnpackSet { assembly_id, .. } => UnitRef::Assembly(*assembly_id),
            Self::TakeUpPack { pack_id }
            | Self::OpenPack { pack_id }
            | Self::ClosePack { pack_id }
            | Self::ReopenPack { pack_id, .. }
            | Self::NestPack { pack_id, .. }
            | Self::UnnestPack { pack_id, .. }
            | Self::ShipPack { pack_id } => UnitRef::Pack(*pack_id),
            Self::Undo { .. } | Self::UndoLast { .. } => return None,
        })
    }

    /// The roles of which the operator needs one. (An admin may do everything.)
    #[must_use]
    pub const fn needs_one_of(&self) -> &'static [Role] {
        match self {
            Self::PublishProduct { .. }
            | Self::PublishLayout { .. }
            | Self::PlaceOrder { .. }
            | Self::CancelOrder { .. }
            | Self::CreateJob { .. }
            | Self::RescheduleJob { .. }
            | Self::CancelJob { .. }
            | Self::CloseJob { .. } => PLANNING,
            Self::AddSheets { .. }
            | Self::ReplaceVacancies { .. }
            | Self::RegisterMemorabilia { .. }
            | Self::TakeStationDown { .. }
            | Self::BringStationUp { .. } => PLANNING_OR_SUPERVISION,
            Self::RegisterStation { .. } => PLANNING,
            Self::RegisterOperator { .. } => ADMINISTRATION,
            Self::VoidSheet { .. }
            | Self::VoidCardUnit { .. }
            | Self::ReplaceCardUnit { .. }
            | Self::Release { .. }
            | Self::PlaceHoldRule { .. }
            | Self::LiftHoldRule { .. }
            | Self::SignSheetDeviation { .. }
            | Self::SignCardDeviation { .. }
            | Self::SignConcession { .. }
            | Self::UnpackSet { .. }
            | Self::ReopenPack { .. }
            | Self::Undo { .. }
            | Self::UnnestPack { .. } => SUPERVISION,
            Self::UndoLast { .. }
            | Self::LoadMaterialLots { .. }
            | Self::EnterStationWithSheet { .. }
            | Self::CompleteSheetOperation { .. }
            | Self::RecordSheetDefect { .. }
            | Self::CutSheet { .. }
            | Self::EnterStationWithCard { .. }
            | Self::CompleteCardOperation { .. }
            | Self::ApplyEmbellishment { .. }
            | Self::RecordQaResult { .. }
            | Self::ApplySequentialNumber { .. }
            | Self::PlaceMemorabilia { .. }
            | Self::Hold { .. }
            | Self::ScanCardForAssembly { .. }
            | Self::RemoveFromAssembly { .. }
            | Self::SwitchBench { .. }
            | Self::TakeUpPack { .. }
            | Self::PackSet { .. }
            | Self::OpenPack { .. }
            | Self::ClosePack { .. }
            | Self::NestPack { .. }
            | Self::ShipPack { .. } => ON_THE_FLOOR,
        }
    }
}
