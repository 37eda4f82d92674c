//! What programs know of a refusal: its stable code, and how it is classed. One line each, so that a new one says both.

use super::Refusal;
use super::RefusalClass::{self, Conflict, Forbidden, Senseless, Unknown};

impl Refusal {
    /// The stable code: what programs match and counters count.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        self.known_as().0
    }

    /// How the refusal is classed for outsiders.
    #[must_use]
    pub const fn class(&self) -> RefusalClass {
        self.known_as().1
    }

    const fn known_as(&self) -> (&'static str, RefusalClass) {
        match self {
            Self::UnreadableBarcode(_) => ("unreadable_barcode", Senseless),
            Self::UnknownBarcode { .. } => ("unknown_barcode", Unknown),
            Self::UnknownId(_) => ("unknown_id", Unknown),
            Self::StationNeeded { .. } => ("station_needed", Senseless),
            Self::NothingToDoHere { .. } => ("nothing_to_do_here", Conflict),
            Self::NothingInHand { .. } => ("nothing_in_hand", Conflict),
            Self::NothingToUndo { .. } => ("nothing_to_undo", Conflict),
            Self::OutOfRange { .. } => ("out_of_range", Senseless),
            Self::ExistsDifferently { .. } => ("exists_differently", Conflict),
            Self::OperatorUnknown(_) => ("operator_unknown", Forbidden),
            Self::OperatorInactive(_) => ("operator_inactive", Forbidden),
            Self::NotPermitted { .. } => ("not_permitted", Forbidden),
            Self::ProductVersionNotNext { .. } => ("product_version_not_next", Conflict),
            Self::ProductSpecUnsound { .. } => ("product_spec_unsound", Senseless),
            Self::ProductNotPublished { .. } => ("product_not_published", Conflict),
            Self::OrderCancelled { .. } => ("order_cancelled", Conflict),
            Self::JobCancelled { .. } => ("job_cancelled", Conflict),
            Self::JobClosed { .. } => ("job_closed", Conflict),
            Self::JobNotFinished { .. } => ("job_not_finished", Conflict),
            Self::OnHold { .. } => ("on_hold", Conflict),
            Self::SheetNotNow { .. } | Self::CardNotNow { .. } => ("not_possible_now", Conflict),
            Self::AlreadyCut { .. } => ("already_cut", Conflict),
            Self::NotReadyToCut { .. } | Self::NotReady { .. } => ("not_ready", Conflict),
            Self::NotCutYet { .. } => ("not_cut_yet", Conflict),
            Self::PositionNotOnSheet { .. } => ("position_not_on_sheet", Senseless),
            Self::Voided { .. } => ("voided", Conflict),
            Self::Consumed { .. } => ("consumed", Conflict),
            Self::AlreadyPacked { .. } => ("already_packed", Conflict),
            Self::AlreadyAssembled { .. } => ("already_assembled", Conflict),
            Self::OutOfRoute { .. } => ("out_of_route", Conflict),
            Self::NoSuchOperation { .. } => ("no_such_operation", Senseless),
            Self::QaFailed { .. } => ("qa_failed", Conflict),
            Self::NotAtQa { .. } => ("not_at_qa", Conflict),
            Self::FailureWithoutCause { .. } => ("failure_without_cause", Senseless),
            Self::ReworkLimitReached { .. } => ("rework_limit_reached", Conflict),
            Self::SpareNotAssigned { .. } => ("spare_not_assigned", Conflict),
            Self::NotSerialized { .. } => ("not_serialized", Conflict),
            Self::AlreadyNumbered { .. } => ("already_numbered", Conflict),
            Self::NumberNotFree { .. } => ("number_not_free", Conflict),
            Self::EditionExhausted { .. } => ("edition_exhausted", Conflict),
            Self::NoMemorabiliaWanted { .. } => ("no_memorabilia_wanted", Conflict),
            Self::AlreadyHasPiece { .. } => ("already_has_piece", Conflict),
            Self::PieceNotFree { .. } => ("piece_not_free", Conflict),
            Self::NotVoided { .. } => ("not_voided", Conflict),
            Self::AlreadyReplaced { .. } => ("already_replaced", Conflict),
            Self::NoSpare { .. } => ("no_spare", Conflict),
            Self::SpareDoesNotFit { .. } => ("spare_does_not_fit", Conflict),
            Self::WrongSheet { .. } => ("wrong_sheet", Conflict),
            Self::Duplicate { .. } => ("duplicate", Conflict),
            Self::NotInSet { .. } => ("not_in_set", Conflict),
            Self::SetIncomplete { .. } => ("set_incomplete", Conflict),
            Self::PositionConceded { .. } => ("position_conceded", Conflict),
            Self::ConcessionNotAllowed { .. } => ("concession_not_allowed", Conflict),
            Self::ConcessionLeavesNothing { .. } => ("concession_leaves_nothing", Conflict),
            Self::ConcessionMustNameTheVacant { .. } => {
                ("concession_must_name_the_vacant", Conflict)
            }
            Self::PackFull { .. } => ("pack_full", Conflict),
            Self::PackNotOpen { .. } => ("pack_not_open", Conflict),
            Self::PackStillOpen { .. } => ("pack_still_open", Conflict),
            Self::PackEmpty { .. } => ("pack_empty", Conflict),
            Self::PackShipped { .. } => ("pack_shipped", Conflict),
            Self::PackInside { .. } => ("pack_inside", Conflict),
            Self::NotABox { .. } => ("not_a_box", Conflict),
            Self::WrongJob { .. } => ("wrong_job", Conflict),
            Self::DoesNotNest { .. } => ("does_not_nest", Conflict),
            Self::PackNumberNotNext { .. } => ("pack_number_not_next", Conflict),
            Self::NoSuchEvent { .. } => ("no_such_event", Unknown),
            Self::CannotBeUndone { .. } => ("cannot_be_undone", Conflict),
            Self::SomethingDependsOnIt { .. } => ("something_depends_on_it", Conflict),
        }
    }
}
