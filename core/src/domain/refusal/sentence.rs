//! The sentence of each refusal, for the operator: what it is, and why not.

use super::{NextStep, NumberProblem, PieceProblem, Refusal, RouteReason, SpareMisfit};
use crate::domain::clause;
use crate::domain::product::VoidPolicy;
use std::fmt;

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
pub(crate) fn instead_of_undoing(event_type: &str) -> Option<&'static str> {
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
            Self::HasOneKept { kept } => write!(f, "{kept} is kept for this card"),
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
