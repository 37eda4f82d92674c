//! The catalogue of every refusal: a typed value with the data that a person can act on. Its stable
//! code is for programs and counters (`table`); its sentence, made once, is for the operator (`sentence`).

mod sentence;
mod table;

pub(crate) use sentence::instead_of_undoing;

use crate::domain::card_unit::{CardUnitMove, CardUnitStatus, EditionScope, SequentialNumber};
use crate::domain::event::UnitRef;
use crate::domain::product::{StationType, VoidPolicy};
use crate::domain::sheet::{SheetMove, SheetStatus};
use crate::domain::values::Role;
use crate::identity::{
    AssemblyId, CardUnitId, HoldId, IdError, JobId, MemorabiliaKind, OperationId, OperatorId,
    PackId, PieceId, ProductId, ProductionOrderId, SheetId, StationId,
};

/// An operation that a unit needs next, and the type of station that does it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NextStep {
    pub operation_id: OperationId,
    pub station_type: StationType,
}

/// Why a unit has nothing to do at a station.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RouteReason {
    /// The product has no operation for it at stations of this type.
    NotInRoute,
    /// What stations of this type do to it is done.
    DoneHere,
    /// These operations come first.
    Before(Vec<OperationId>),
}

/// Why a spare cannot stand in for a card.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SpareMisfit {
    /// It does not come from an overs or reprint sheet.
    NotASpare,
    /// It is of another job.
    OtherJob,
    /// It has another position.
    OtherPosition,
    /// It is on hold.
    OnHold,
    /// It lies in a set, is packed, voided or consumed.
    NotAvailable(CardUnitStatus),
}

/// Why a number cannot be given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NumberProblem {
    /// The edition is `1..=of`.
    OutOfEdition { of: u32 },
    /// A live card bears it.
    Taken { by: CardUnitId },
    /// It is kept for the replacement of this card.
    KeptFor { replacement_of: CardUnitId },
    /// Another number is kept for this very card, and would be lost.
    HasOneKept { kept: u32 },
    /// It was burned with a voided card.
    Burned,
}

/// Why a piece cannot be placed in a card.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PieceProblem {
    /// It is in another card.
    InCard(CardUnitId),
    /// It was lost with a card.
    Destroyed,
    /// The position takes another kind.
    OtherKind {
        is: MemorabiliaKind,
        wanted: MemorabiliaKind,
    },
    /// The plan has it for another card.
    PlannedFor(CardUnitId),
}

/// How an answer to outsiders is classed (HTTP: 422, 404, 403, 409, 412).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RefusalClass {
    /// The words make no sense, in whatever state the shop is.
    Senseless,
    /// Nothing of that name is known.
    Unknown,
    /// The person may not.
    Forbidden,
    /// The present state forbids it.
    Conflict,
    /// It was meant for an earlier version of what it is about.
    Outdated,
}

/// Every code with its class and what it means: for documents, and for whoever counts.
pub const REFUSAL_CODES: &[(&str, RefusalClass, &str)] = {
    use RefusalClass::{Conflict, Forbidden, Senseless, Unknown};
    &[
        (
            "unreadable_barcode",
            Senseless,
            "The text is no barcode of ours.",
        ),
        (
            "unknown_barcode",
            Unknown,
            "The barcode is well formed, and names nothing that is here.",
        ),
        ("unknown_id", Unknown, "There is nothing of that id."),
        (
            "station_needed",
            Senseless,
            "It is said at a station, and none was named.",
        ),
        (
            "nothing_to_do_here",
            Conflict,
            "Stations of this type do nothing with it.",
        ),
        (
            "nothing_in_hand",
            Conflict,
            "A control barcode, and nothing that it could be about was scanned before.",
        ),
        (
            "nothing_to_undo",
            Conflict,
            "Nothing was recorded here that could be taken back.",
        ),
        (
            "out_of_range",
            Senseless,
            "A number or a text is outside of what can be.",
        ),
        (
            "exists_differently",
            Conflict,
            "It is there already, with other content.",
        ),
        (
            "operator_unknown",
            Forbidden,
            "Nobody of that badge is registered.",
        ),
        (
            "operator_inactive",
            Forbidden,
            "The badge is not valid any more.",
        ),
        (
            "not_permitted",
            Forbidden,
            "The operator has none of the roles that it takes.",
        ),
        (
            "product_version_not_next",
            Conflict,
            "Product versions are 1, 2, 3, … without gaps.",
        ),
        (
            "product_spec_unsound",
            Senseless,
            "The product cannot be made as it is described; the message lists why.",
        ),
        (
            "product_not_published",
            Conflict,
            "The product has no such version.",
        ),
        ("order_cancelled", Conflict, "The order was cancelled."),
        ("job_cancelled", Conflict, "The job was cancelled."),
        ("job_closed", Conflict, "The job is closed."),
        (
            "job_not_finished",
            Conflict,
            "Sheets or cards of the job are still open.",
        ),
        (
            "on_hold",
            Conflict,
            "It, or something that it belongs to or has met, is on hold.",
        ),
        (
            "not_possible_now",
            Conflict,
            "Its status does not allow it.",
        ),
        (
            "already_cut",
            Conflict,
            "The sheet is cut: its cards have taken its place.",
        ),
        ("not_ready", Conflict, "Operations are missing before it."),
        (
            "not_cut_yet",
            Conflict,
            "The card will be there once its sheet is cut.",
        ),
        (
            "position_not_on_sheet",
            Senseless,
            "The sheet has no such position.",
        ),
        ("voided", Conflict, "It is waste."),
        ("consumed", Conflict, "The spare became a replacement."),
        ("already_packed", Conflict, "It is in a pack."),
        ("already_assembled", Conflict, "The card lies in its set."),
        ("out_of_route", Conflict, "Not this operation, or not yet."),
        (
            "no_such_operation",
            Senseless,
            "The product has no such operation for it.",
        ),
        (
            "qa_failed",
            Conflict,
            "It failed its inspection: rework or void.",
        ),
        ("not_at_qa", Conflict, "No inspection of it is running."),
        (
            "failure_without_cause",
            Senseless,
            "A FAIL needs a code or a reason.",
        ),
        (
            "rework_limit_reached",
            Conflict,
            "It went back into work as often as the product allows.",
        ),
        (
            "spare_not_assigned",
            Conflict,
            "A spare stands for no card yet.",
        ),
        (
            "not_serialized",
            Conflict,
            "Cards of its position bear no number.",
        ),
        ("already_numbered", Conflict, "It bears a number."),
        (
            "number_not_free",
            Conflict,
            "The number is taken, kept, burned, or not of the edition.",
        ),
        (
            "edition_exhausted",
            Conflict,
            "Every number of the edition is used.",
        ),
        (
            "no_memorabilia_wanted",
            Conflict,
            "Cards of its position take no piece.",
        ),
        ("already_has_piece", Conflict, "A piece is in it."),
        (
            "piece_not_free",
            Conflict,
            "The piece is elsewhere, lost, of another kind, or planned for another card.",
        ),
        ("not_voided", Conflict, "Only a voided card is replaced."),
        ("already_replaced", Conflict, "It was replaced."),
        ("no_spare", Conflict, "No spare fits."),
        (
            "spare_does_not_fit",
            Conflict,
            "This spare cannot stand in for the card.",
        ),
        (
            "wrong_sheet",
            Conflict,
            "The bench is at another set: this card is of another sheet.",
        ),
        ("duplicate", Conflict, "The card lies in its set already."),
        ("not_in_set", Conflict, "The card does not lie in the set."),
        ("set_incomplete", Conflict, "Cards of the set are missing."),
        (
            "position_conceded",
            Conflict,
            "A signed concession leaves this position empty.",
        ),
        (
            "concession_not_allowed",
            Conflict,
            "The product allows no short sets.",
        ),
        (
            "concession_leaves_nothing",
            Conflict,
            "A set without any card is none.",
        ),
        (
            "concession_must_name_the_vacant",
            Conflict,
            "A concession names exactly the positions that are vacant.",
        ),
        ("pack_full", Conflict, "The pack holds no more."),
        ("pack_not_open", Conflict, "The pack is closed."),
        (
            "pack_still_open",
            Conflict,
            "The pack has to be closed first.",
        ),
        ("pack_empty", Conflict, "Nothing is in the pack."),
        ("pack_shipped", Conflict, "The pack left the shop."),
        ("pack_inside", Conflict, "The pack stands in another one."),
        ("not_a_box", Conflict, "Sets go into boxes."),
        (
            "wrong_job",
            Conflict,
            "A pack holds what is of its own job.",
        ),
        (
            "does_not_nest",
            Conflict,
            "Boxes go into cases, and cases onto pallets.",
        ),
        (
            "pack_number_not_next",
            Conflict,
            "Packs are numbered 1, 2, 3, … without gaps.",
        ),
        ("no_such_event", Unknown, "The log has no such event."),
        (
            "cannot_be_undone",
            Conflict,
            "This kind of event is not undone; the message says what is done instead.",
        ),
        (
            "something_depends_on_it",
            Conflict,
            "Something later builds on it.",
        ),
    ]
};

/// Why a command changed nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    // What was said.
    UnreadableBarcode(IdError),
    UnknownBarcode {
        barcode: String,
    },
    UnknownId(UnitRef),
    StationNeeded {
        wanted: &'static str,
    },
    NothingToDoHere {
        barcode: String,
        station_id: StationId,
        station_type: StationType,
    },
    NothingInHand {
        station_id: StationId,
        wanted: &'static str,
    },
    NothingToUndo {
        station_id: StationId,
    },
    OutOfRange {
        what: String,
    },
    ExistsDifferently {
        what: String,
    },

    // Who said it.
    OperatorUnknown(OperatorId),
    OperatorInactive(OperatorId),
    NotPermitted {
        operator_id: OperatorId,
        needs_one_of: &'static [Role],
    },

    // Orders, products, jobs.
    ProductVersionNotNext {
        product_id: ProductId,
        given: u32,
        next: u32,
    },
    ProductSpecUnsound {
        product_id: ProductId,
        problems: Vec<String>,
    },
    ProductNotPublished {
        product_id: ProductId,
        product_version: Option<u32>,
    },
    OrderCancelled {
        order_id: ProductionOrderId,
    },
    JobCancelled {
        job_id: JobId,
    },
    JobClosed {
        job_id: JobId,
    },
    JobNotFinished {
        job_id: JobId,
        sheets_open: u32,
        cards_open: u32,
    },
    OnHold {
        what: String,
        reason: String,
        hold_id: Option<HoldId>,
    },

    // Sheets.
    SheetNotNow {
        sheet_id: SheetId,
        status: SheetStatus,
        wanted: SheetMove,
    },
    AlreadyCut {
        sheet_id: SheetId,
        n_up: u16,
    },
    NotReadyToCut {
        sheet_id: SheetId,
        missing: Vec<NextStep>,
    },
    NotCutYet {
        card_unit_id: CardUnitId,
    },
    PositionNotOnSheet {
        sheet_id: SheetId,
        position: u16,
        n_up: u16,
    },

    // Cards.
    Voided {
        unit: UnitRef,
        reason: String,
    },
    Consumed {
        card_unit_id: CardUnitId,
        by: CardUnitId,
    },
    AlreadyPacked {
        unit: UnitRef,
        pack_id: PackId,
    },
    AlreadyAssembled {
        card_unit_id: CardUnitId,
    },
    CardNotNow {
        card_unit_id: CardUnitId,
        status: CardUnitStatus,
        wanted: CardUnitMove,
    },
    OutOfRoute {
        unit: UnitRef,
        station_type: StationType,
        reason: RouteReason,
        next: Vec<NextStep>,
    },
    NoSuchOperation {
        unit: UnitRef,
        operation_id: OperationId,
    },
    NotReady {
        card_unit_id: CardUnitId,
        missing: Vec<NextStep>,
    },
    QaFailed {
        card_unit_id: CardUnitId,
    },
    NotAtQa {
        card_unit_id: CardUnitId,
    },
    FailureWithoutCause {
        card_unit_id: CardUnitId,
    },
    ReworkLimitReached {
        card_unit_id: CardUnitId,
        limit: u8,
    },
    SpareNotAssigned {
        card_unit_id: CardUnitId,
    },
    NotSerialized {
        card_unit_id: CardUnitId,
    },
    AlreadyNumbered {
        card_unit_id: CardUnitId,
        number: SequentialNumber,
    },
    NumberNotFree {
        scope: EditionScope,
        number: u32,
        problem: NumberProblem,
    },
    EditionExhausted {
        scope: EditionScope,
        of: u32,
    },
    NoMemorabiliaWanted {
        card_unit_id: CardUnitId,
    },
    AlreadyHasPiece {
        card_unit_id: CardUnitId,
        piece_id: PieceId,
    },
    PieceNotFree {
        piece_id: PieceId,
        card_unit_id: CardUnitId,
        problem: PieceProblem,
    },

    // Void and replacement.
    NotVoided {
        card_unit_id: CardUnitId,
    },
    AlreadyReplaced {
        card_unit_id: CardUnitId,
        by: CardUnitId,
    },
    NoSpare {
        card_unit_id: CardUnitId,
    },
    SpareDoesNotFit {
        spare: CardUnitId,
        card_unit_id: CardUnitId,
        misfit: SpareMisfit,
    },

    // Sets.
    WrongSheet {
        card_unit_id: CardUnitId,
        active_assembly_id: AssemblyId,
    },
    Duplicate {
        card_unit_id: CardUnitId,
        assembly_id: AssemblyId,
    },
    NotInSet {
        card_unit_id: CardUnitId,
        assembly_id: AssemblyId,
    },
    SetIncomplete {
        assembly_id: AssemblyId,
        missing_positions: Vec<u16>,
    },
    PositionConceded {
        card_unit_id: CardUnitId,
        assembly_id: AssemblyId,
    },
    ConcessionNotAllowed {
        assembly_id: AssemblyId,
        void_policy: VoidPolicy,
    },
    ConcessionLeavesNothing {
        assembly_id: AssemblyId,
    },
    ConcessionMustNameTheVacant {
        assembly_id: AssemblyId,
        vacant_positions: Vec<u16>,
    },

    // Packs.
    PackFull {
        pack_id: PackId,
        capacity: u16,
    },
    PackNotOpen {
        pack_id: PackId,
    },
    PackStillOpen {
        pack_id: PackId,
    },
    PackEmpty {
        pack_id: PackId,
    },
    PackShipped {
        pack_id: PackId,
    },
    PackInside {
        pack_id: PackId,
        outer_pack_id: PackId,
    },
    NotABox {
        assembly_id: AssemblyId,
        pack_id: PackId,
    },
    WrongJob {
        what: String,
        pack_id: PackId,
    },
    DoesNotNest {
        pack_id: PackId,
        outer_pack_id: PackId,
    },
    PackNumberNotNext {
        pack_id: PackId,
        next: PackId,
    },

    // Corrections.
    NoSuchEvent {
        event_sequence_num: u64,
    },
    CannotBeUndone {
        event_sequence_num: u64,
        event_type: &'static str,
    },
    SomethingDependsOnIt {
        event_sequence_num: u64,
        unit: UnitRef,
        later_event_type: &'static str,
        later_sequence_num: u64,
    },
}
