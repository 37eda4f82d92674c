//! The catalogue of every refusal: a typed value with the data that a person can act on. Its stable
//! code is for programs and counters; its sentence, made here once, is for the operator.

use super::card_unit::{CardUnitMove, CardUnitStatus, EditionScope, SequentialNumber};
use super::clause;
use super::event::UnitRef;
use super::product::{StationType, VoidPolicy};
use super::sheet::{SheetMove, SheetStatus};
use super::values::Role;
use crate::identity::{
    AssemblyId, CardUnitId, HoldId, IdError, JobId, MemorabiliaKind, OperationId, OperatorId,
    PackId, PieceId, ProductId, ProductionOrderId, SheetId, StationId,
};
use std::fmt;

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

impl Refusal {
    /// The stable code: what programs match and counters count.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::UnreadableBarcode(_) => "unreadable_barcode",
            Self::UnknownBarcode { .. } => "unknown_barcode",
            Self::UnknownId(_) => "unknown_id",
            Self::StationNeeded { .. } => "station_needed",
            Self::NothingToDoHere { .. } => "nothing_to_do_here",
            Self::NothingInHand { .. } => "nothing_in_hand",
            Self::NothingToUndo { .. } => "nothing_to_undo",
            Self::OutOfRange { .. } => "out_of_range",
            Self::ExistsDifferently { .. } => "exists_differently",
            Self::OperatorUnknown(_) => "operator_unknown",
            Self::OperatorInactive(_) => "operator_inactive",
            Self::NotPermitted { .. } => "not_permitted",
            Self::ProductVersionNotNext { .. } => "product_version_not_next",
            Self::ProductSpecUnsound { .. } => "product_spec_unsound",
            Self::ProductNotPublished { .. } => "product_not_published",
            Self::OrderCancelled { .. } => "order_cancelled",
            Self::JobCancelled { .. } => "job_cancelled",
            Self::JobClosed { .. } => "job_closed",
            Self::JobNotFinished { .. } => "job_not_finished",
            Self::OnHold { .. } => "on_hold",
            Self::SheetNotNow { .. } | Self::CardNotNow { .. } => "not_possible_now",
            Self::AlreadyCut { .. } => "already_cut",
            Self::NotReadyToCut { .. } | Self::NotReady { .. } => "not_ready",
            Self::NotCutYet { .. } => "not_cut_yet",
            Self::PositionNotOnSheet { .. } => "position_not_on_sheet",
            Self::Voided { .. } => "voided",
            Self::Consumed { .. } => "consumed",
            Self::AlreadyPacked { .. } => "already_packed",
            Self::AlreadyAssembled { .. } => "already_assembled",
            Self::OutOfRoute { .. } => "out_of_route",
            Self::NoSuchOperation { .. } => "no_such_operation",
            Self::QaFailed { .. } => "qa_failed",
            Self::NotAtQa { .. } => "not_at_qa",
            Self::FailureWithoutCause { .. } => "failure_without_cause",
            Self::ReworkLimitReached { .. } => "rework_limit_reached",
            Self::SpareNotAssigned { .. } => "spare_not_assigned",
            Self::NotSerialized { .. } => "not_serialized",
            Self::AlreadyNumbered { .. } => "already_numbered",
            Self::NumberNotFree { .. } => "number_not_free",
            Self::EditionExhausted { .. } => "edition_exhausted",
            Self::NoMemorabiliaWanted { .. } => "no_memorabilia_wanted",
            Self::AlreadyHasPiece { .. } => "already_has_piece",
            Self::PieceNotFree { .. } => "piece_not_free",
            Self::NotVoided { .. } => "not_voided",
            Self::AlreadyReplaced { .. } => "already_replaced",
            Self::NoSpare { .. } => "no_spare",
            Self::SpareDoesNotFit { .. } => "spare_does_not_fit",
            Self::WrongSheet { .. } => "wrong_sheet",
            Self::Duplicate { .. } => "duplicate",
            Self::NotInSet { .. } => "not_in_set",
            Self::SetIncomplete { .. } => "set_incomplete",
            Self::PositionConceded { .. } => "position_conceded",
            Self::ConcessionNotAllowed { .. } => "concession_not_allowed",
            Self::ConcessionLeavesNothing { .. } => "concession_leaves_nothing",
            Self::ConcessionMustNameTheVacant { .. } => "concession_must_name_the_vacant",
            Self::PackFull { .. } => "pack_full",
            Self::PackNotOpen { .. } => "pack_not_open",
            Self::PackStillOpen { .. } => "pack_still_open",
            Self::PackEmpty { .. } => "pack_empty",
            Self::PackShipped { .. } => "pack_shipped",
            Self::PackInside { .. } => "pack_inside",
            Self::NotABox { .. } => "not_a_box",
            Self::WrongJob { .. } => "wrong_job",
            Self::DoesNotNest { .. } => "does_not_nest",
            Self::PackNumberNotNext { .. } => "pack_number_not_next",
            Self::NoSuchEvent { .. } => "no_such_event",
            Self::CannotBeUndone { .. } => "cannot_be_undone",
            Self::SomethingDependsOnIt { .. } => "something_depends_on_it",
        }
    }

    /// How the refusal is classed for outsiders.
    #[must_use]
    pub const fn class(&self) -> RefusalClass {
        match self {
            Self::UnreadableBarcode(_)
            | Self::StationNeeded { .. }
            | Self::OutOfRange { .. }
            | Self::ProductSpecUnsound { .. }
            | Self::PositionNotOnSheet { .. }
            | Self::NoSuchOperation { .. }
            | Self::FailureWithoutCause { .. } => RefusalClass::Senseless,
            Self::UnknownBarcode { .. } | Self::UnknownId(_) | Self::NoSuchEvent { .. } => {
                RefusalClass::Unknown
            }
            Self::OperatorUnknown(_) | Self::OperatorInactive(_) | Self::NotPermitted { .. } => {
                RefusalClass::Forbidden
            }
            _ => RefusalClass::Conflict,
        }
    }
}

/// `FOIL, UV` or `nothing`.
struct Listed<'a, T>(&'a [T]);

impl<T: fmt::Display> fmt::Display for Listed<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, part) in self.0.iter().enumerate() {
            if index > 0 {
                f.write_str(", ")?;
            }
            part.fmt(f)?;
        }
        if self.0.is_empty() {
            f.write_str("nothing")
        } else {
            Ok(())
        }
    }
}

/// `in_progress` as a person says it.
fn said(word: &str) -> String {
    word.replace('_', " ")
}

/// What takes back what no undo does.
fn instead_of_undoing(event_type: &str) -> Option<&'static str> {
    Some(match event_type {
        "CardUnitHeld" | "SheetHeld" | "AssemblyHeld" | "JobHeld" | "ProductionOrderHeld" => {
            "have it released"
        }
        "BenchSwitched" | "UnitTakenInHand" => "scan what the station is to go on with",
        "MaterialLotsLoaded" => "scan the lot that is loaded",
        "PackClosed" => "have the pack reopened",
        "PackNested" | "PackAddedToPack" => "have the pack taken out",
        "ReplacementCardUnitCreated" | "CardUnitConsumedAsSpare" => "void the replacement",
        _ => return None,
    })
}

impl fmt::Display for NextStep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.operation_id, self.station_type)
    }
}

impl fmt::Display for SpareMisfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotASpare => f.write_str("it does not come from an overs sheet"),
            Self::OtherJob => f.write_str("it is of another job"),
            Self::OtherPosition => f.write_str("it has another position"),
            Self::OnHold => f.write_str("it is on hold"),
            Self::NotAvailable(status) => write!(f, "it is {}", said(status.as_str())),
        }
    }
}

impl fmt::Display for NumberProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OutOfEdition { of } => write!(f, "the edition goes from 1 to {of}"),
            Self::Taken { by } => write!(f, "{by} bears it"),
            Self::KeptFor { replacement_of } => {
                write!(f, "it is kept for the replacement of {replacement_of}")
            }
            Self::Burned => f.write_str("it was burned with a voided card"),
        }
    }
}

impl fmt::Display for PieceProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::InCard(card) => write!(f, "it is in {card}"),
            Self::Destroyed => f.write_str("it was lost with a voided card"),
            Self::OtherKind { is, wanted } => write!(f, "it is {is}, the card takes {wanted}"),
            Self::PlannedFor(card) => write!(f, "the plan has it for {card}"),
        }
    }
}

impl fmt::Display for Refusal {
    /// The sentence for the operator: what it is, and why not.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnreadableBarcode(error) => {
                let sentence = error.to_string();
                let stop = if sentence.ends_with('?') { "" } else { "." };
                write!(f, "{sentence}{stop}")
            }
            Self::UnknownBarcode { barcode } => write!(f, "{barcode} is not known here."),
            Self::UnknownId(unit) => {
                write!(
                    f,
                    "There is no {} {unit}.",
                    unit.unit_type().as_str().replace('_', " ")
                )
            }
            Self::StationNeeded { wanted } => {
                write!(f, "{wanted} happens at a station: say which.")
            }
            Self::NothingToDoHere {
                barcode,
                station_id,
                station_type,
            } => {
                write!(
                    f,
                    "{barcode} means nothing at {station_id}, {} station.",
                    station_type.with_article()
                )
            }
            Self::NothingInHand { station_id, wanted } => {
                write!(
                    f,
                    "Nothing is in hand at {station_id}: scan {wanted} first."
                )
            }
            Self::NothingToUndo { station_id } => {
                write!(f, "There is nothing to take back at {station_id}.")
            }
            Self::OutOfRange { what } => write!(f, "{what}."),
            Self::ExistsDifferently { what } => {
                write!(f, "There is {what} already, and it says something else.")
            }
            Self::OperatorUnknown(id) => write!(f, "Operator {id} is not registered."),
            Self::OperatorInactive(id) => write!(f, "Operator {id} is no longer active."),
            Self::NotPermitted {
                operator_id,
                needs_one_of,
            } => {
                write!(
                    f,
                    "{operator_id} may not do this: it takes the role {}.",
                    needs_one_of
                        .iter()
                        .map(ToString::to_string)
                        .collect::<Vec<_>>()
                        .join(" or ")
                )
            }
            Self::ProductVersionNotNext {
                product_id,
                given,
                next,
            } => {
                write!(
                    f,
                    "The next version of product {product_id} is {next}, not {given}."
                )
            }
            Self::ProductSpecUnsound {
                product_id,
                problems,
            } => {
                write!(
                    f,
                    "The spec of product {product_id} does not hold together: {}.",
                    problems.join("; ")
                )
            }
            Self::ProductNotPublished {
                product_id,
                product_version: Some(version),
            } => {
                write!(f, "Product {product_id} has no version {version}.")
            }
            Self::ProductNotPublished {
                product_id,
                product_version: None,
            } => {
                write!(f, "Product {product_id} has no published spec.")
            }
            Self::OrderCancelled { order_id } => write!(f, "Order {order_id} is cancelled."),
            Self::JobCancelled { job_id } => write!(f, "Job {job_id} is cancelled."),
            Self::JobClosed { job_id } => write!(f, "Job {job_id} is closed."),
            Self::JobNotFinished {
                job_id,
                sheets_open,
                cards_open,
            } => write!(
                f,
                "Job {job_id} is not finished: {sheets_open} sheets are uncut and {cards_open} cards unpacked."
            ),
            Self::OnHold {
                what,
                reason,
                hold_id: None,
            } => write!(f, "{what} is on hold: {}.", clause(reason)),
            Self::OnHold {
                what,
                reason,
                hold_id: Some(hold_id),
            } => {
                write!(f, "{what} is on hold by {hold_id}: {}.", clause(reason))
            }
            Self::SheetNotNow {
                sheet_id,
                status,
                wanted,
            } => {
                write!(
                    f,
                    "Sheet {sheet_id} is {}: \"{}\" is not possible now.",
                    said(status.as_str()),
                    said(wanted.as_str())
                )
            }
            Self::AlreadyCut { sheet_id, n_up } => {
                write!(f, "Sheet {sheet_id} is cut: scan its {n_up} cards instead.")
            }
            Self::NotReadyToCut { sheet_id, missing } => {
                write!(
                    f,
                    "Sheet {sheet_id} is not ready to cut. Still to do: {}.",
                    Listed(missing)
                )
            }
            Self::NotCutYet { card_unit_id } => write!(
                f,
                "Card {card_unit_id} does not exist yet: sheet {} is not cut.",
                card_unit_id.sheet()
            ),
            Self::PositionNotOnSheet {
                sheet_id,
                position,
                n_up,
            } => {
                write!(
                    f,
                    "Sheet {sheet_id} has positions 1 to {n_up}, not {position}."
                )
            }
            Self::Voided { unit, reason } => {
                write!(f, "{unit} is voided ({}): put it to waste.", clause(reason))
            }
            Self::Consumed { card_unit_id, by } => {
                write!(f, "{card_unit_id} was a spare and is {by} now: relabel it.")
            }
            Self::AlreadyPacked { unit, pack_id } => write!(f, "{unit} is packed in {pack_id}."),
            Self::AlreadyAssembled { card_unit_id } => {
                write!(
                    f,
                    "{card_unit_id} lies in its set {}.",
                    card_unit_id.assembly()
                )
            }
            Self::CardNotNow {
                card_unit_id,
                status,
                wanted,
            } => {
                write!(
                    f,
                    "Card {card_unit_id} is {}: \"{}\" is not possible now.",
                    said(status.as_str()),
                    said(wanted.as_str())
                )
            }
            Self::OutOfRoute {
                unit,
                station_type,
                reason,
                next,
            } => {
                match reason {
                    RouteReason::NotInRoute => write!(
                        f,
                        "{unit} has nothing to do at {} station.",
                        station_type.with_article()
                    )?,
                    RouteReason::DoneHere => write!(f, "{unit} is done with {station_type}.")?,
                    RouteReason::Before(first) => {
                        write!(
                            f,
                            "{unit} is too early for {station_type}: {} comes first.",
                            Listed(first)
                        )?;
                    }
                }
                if next.is_empty() {
                    f.write_str(" Nothing else is to be done to it.")
                } else {
                    write!(f, " Next: {}.", Listed(next))
                }
            }
            Self::NoSuchOperation { unit, operation_id } => {
                write!(f, "{unit} has no operation {operation_id} in its route.")
            }
            Self::NotReady {
                card_unit_id,
                missing,
            } => {
                write!(
                    f,
                    "Card {card_unit_id} is not ready. Still to do: {}.",
                    Listed(missing)
                )
            }
            Self::QaFailed { card_unit_id } => {
                write!(f, "Card {card_unit_id} failed QA: rework or void it.")
            }
            Self::NotAtQa { card_unit_id } => {
                write!(
                    f,
                    "Card {card_unit_id} is not being inspected: scan it at a QA bench first."
                )
            }
            Self::FailureWithoutCause { card_unit_id } => {
                write!(
                    f,
                    "The fail of {card_unit_id} needs a failure code or a reason."
                )
            }
            Self::ReworkLimitReached {
                card_unit_id,
                limit,
            } => {
                write!(
                    f,
                    "Card {card_unit_id} has used up its rework ({limit} allowed): void it."
                )
            }
            Self::SpareNotAssigned { card_unit_id } => write!(
                f,
                "{card_unit_id} is a spare: it gets numbers and pieces only once it replaces a card."
            ),
            Self::NotSerialized { card_unit_id } => {
                write!(f, "Card {card_unit_id} bears no number in this product.")
            }
            Self::AlreadyNumbered {
                card_unit_id,
                number,
            } => {
                write!(f, "Card {card_unit_id} bears {number} already.")
            }
            Self::NumberNotFree {
                scope,
                number,
                problem,
            } => {
                write!(f, "Number {number} of {scope} cannot be given: {problem}.")
            }
            Self::EditionExhausted { scope, of } => {
                write!(
                    f,
                    "The numbers of {scope} are used up: the edition is of {of}."
                )
            }
            Self::NoMemorabiliaWanted { card_unit_id } => {
                write!(
                    f,
                    "Card {card_unit_id} takes no memorabilia in this product."
                )
            }
            Self::AlreadyHasPiece {
                card_unit_id,
                piece_id,
            } => {
                write!(f, "Card {card_unit_id} holds {piece_id} already.")
            }
            Self::PieceNotFree {
                piece_id,
                card_unit_id,
                problem,
            } => {
                write!(
                    f,
                    "Piece {piece_id} cannot go into {card_unit_id}: {problem}."
                )
            }
            Self::NotVoided { card_unit_id } => {
                write!(
                    f,
                    "Card {card_unit_id} is not voided: void it before replacing it."
                )
            }
            Self::AlreadyReplaced { card_unit_id, by } => {
                write!(f, "Card {card_unit_id} is replaced by {by} already.")
            }
            Self::NoSpare { card_unit_id } => write!(
                f,
                "No spare stands in for {card_unit_id}: cut an overs sheet, or reprint the card."
            ),
            Self::SpareDoesNotFit {
                spare,
                card_unit_id,
                misfit,
            } => {
                write!(f, "{spare} cannot stand in for {card_unit_id}: {misfit}.")
            }
            Self::WrongSheet {
                card_unit_id,
                active_assembly_id,
            } => write!(
                f,
                "Wrong sheet: {card_unit_id} does not belong to {active_assembly_id}, which is being gathered here."
            ),
            Self::Duplicate {
                card_unit_id,
                assembly_id,
            } => {
                write!(f, "{card_unit_id} lies in {assembly_id} already.")
            }
            Self::NotInSet {
                card_unit_id,
                assembly_id,
            } => {
                write!(f, "{card_unit_id} does not lie in {assembly_id}.")
            }
            Self::SetIncomplete {
                assembly_id,
                missing_positions,
            } => {
                write!(
                    f,
                    "{assembly_id} is not complete. Missing positions: {}.",
                    Listed(missing_positions)
                )
            }
            Self::PositionConceded {
                card_unit_id,
                assembly_id,
            } => {
                write!(
                    f,
                    "{card_unit_id} is not replaced: by a signed concession, {assembly_id} does without position {}.",
                    card_unit_id.position()
                )
            }
            Self::ConcessionNotAllowed {
                assembly_id,
                void_policy,
            } => {
                let policy = match void_policy {
                    VoidPolicy::HoldForReplacement => "waits for a replacement",
                    VoidPolicy::ScrapSet => "is scrapped when a card is voided",
                    VoidPolicy::ReleaseShort => "may be released short",
                };
                write!(
                    f,
                    "{assembly_id} cannot leave short: this product {policy}."
                )
            }
            Self::ConcessionLeavesNothing { assembly_id } => write!(
                f,
                "{assembly_id} has no card left that could leave: replace one, or scrap the set."
            ),
            Self::ConcessionMustNameTheVacant {
                assembly_id,
                vacant_positions,
            } => write!(
                f,
                "A concession for {assembly_id} names exactly its vacant positions: {}.",
                Listed(vacant_positions)
            ),
            Self::PackFull { pack_id, capacity } => {
                write!(f, "{pack_id} is full: it holds {capacity}.")
            }
            Self::PackNotOpen { pack_id } => write!(f, "{pack_id} is closed."),
            Self::PackStillOpen { pack_id } => {
                write!(f, "{pack_id} is still open: close it first.")
            }
            Self::PackEmpty { pack_id } => write!(f, "{pack_id} is empty."),
            Self::PackShipped { pack_id } => write!(f, "{pack_id} has left the shop."),
            Self::PackInside {
                pack_id,
                outer_pack_id,
            } => {
                write!(f, "{pack_id} stands in {outer_pack_id}.")
            }
            Self::NotABox {
                assembly_id,
                pack_id,
            } => {
                write!(
                    f,
                    "{assembly_id} goes into a box, and {pack_id} is a {}.",
                    pack_id.kind()
                )
            }
            Self::WrongJob { what, pack_id } => {
                write!(f, "Wrong job: {what} does not belong into {pack_id}.")
            }
            Self::DoesNotNest {
                pack_id,
                outer_pack_id,
            } => {
                write!(
                    f,
                    "A {} does not go into a {}.",
                    pack_id.kind(),
                    outer_pack_id.kind()
                )
            }
            Self::PackNumberNotNext { pack_id, next } => {
                write!(
                    f,
                    "The next {} of the job is {next}, not {pack_id}.",
                    pack_id.kind()
                )
            }
            Self::NoSuchEvent { event_sequence_num } => {
                write!(f, "There is no event {event_sequence_num}.")
            }
            Self::CannotBeUndone {
                event_sequence_num,
                event_type,
            } => {
                write!(
                    f,
                    "Event {event_sequence_num} ({event_type}) cannot be undone"
                )?;
                match instead_of_undoing(event_type) {
                    Some(instead) => write!(f, ": {instead} instead."),
                    None => f.write_str("."),
                }
            }
            Self::SomethingDependsOnIt {
                event_sequence_num,
                unit,
                later_event_type,
                later_sequence_num,
            } => write!(
                f,
                "Event {event_sequence_num} cannot be undone: {later_event_type} of {unit} (event {later_sequence_num}) \
                 came after it."
            ),
        }
    }
}
