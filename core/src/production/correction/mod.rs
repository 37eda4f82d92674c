//! Undo by compensation: an earlier decision is taken back by further events, never by rewriting
//! history, and refused where something later rests on it.
//!
//! A decision is taken back whole: gathering a card is two events, and neither is undone alone. A
//! sheet or card stands again as it stood before the decision; its set, its pieces and its box get the
//! events that undo theirs.
//!
//! `last` finds what is meant by the last scan of a station; `steps` says which events move a unit, and what rests on what;
//! `life` brings a voided card back, `packing` a packed set.

mod last;
mod life;
mod packing;
mod steps;

pub(super) use last::undo_last;

use super::floor::{Floor, Stop};
use super::work;
use crate::domain::assembly::{AssemblyEvent, CardRemovedFromAssembly, LossCause};
use crate::domain::job::JobEvent;
use crate::domain::memorabilia::{MemorabiliaEvent, MemorabiliaPieceFreed};
use crate::domain::refusal::instead_of_undoing;
use crate::domain::sheet::{SheetDefectRecorded, SheetDefectWithdrawn, SheetEvent, SheetMove};
use crate::domain::{Decision, Event, Recorded, Refusal, UnitRef};
use crate::identity::{AssemblyId, CardUnitId, SheetId};
use life::life_restored;
use packing::{packed_set, undo_packing};
use steps::{card_corrected, is_card_step, is_sheet_step, sheet_corrected};

/// Takes back the decision that the event belongs to.
pub(super) fn undo(floor: &Floor, event_sequence_num: u64, reason: &str) -> Result<Decision, Stop> {
    let decision = floor.decision_of(event_sequence_num)?;
    if let Some(packed) = decision.iter().find_map(packed_set) {
        return undo_packing(floor, decision, packed, reason);
    }
    let mut cards: Vec<CardUnitId> = Vec::new();
    let mut sheets: Vec<SheetId> = Vec::new();
    let mut restored_sets: Vec<AssemblyId> = Vec::new();
    let mut events: Vec<Event> = Vec::new();
    for recorded in decision {
        match &recorded.event {
            Event::Sheet(e) if is_sheet_step(e) => remember(&mut sheets, *e.unit_id()),
            Event::Sheet(SheetEvent::SheetDefectRecorded(e)) => {
                events.extend(defect_withdrawn(floor, recorded.sequence_num, e, reason)?);
            }
            Event::CardUnit(e) if is_card_step(e) => remember(&mut cards, *e.unit_id()),
            Event::Assembly(AssemblyEvent::CardScannedForAssembly(e)) => {
                events.push(
                    CardRemovedFromAssembly {
                        assembly_id: e.assembly_id,
                        card_unit_id: e.card_unit_id,
                        position: e.position,
                        reason: reason.to_owned(),
                    }
                    .into(),
                );
            }
            Event::Assembly(AssemblyEvent::AssemblyMemberLost(e))
                if e.cause == LossCause::Voided =>
            {
                remember(&mut restored_sets, e.assembly_id);
            }
            Event::Memorabilia(MemorabiliaEvent::MemorabiliaPieceInserted(e)) => {
                events.push(
                    MemorabiliaPieceFreed {
                        piece_id: e.piece_id.clone(),
                        card_unit_id: e.card_unit_id,
                        reason: reason.to_owned(),
                    }
                    .into(),
                );
            }
            Event::Memorabilia(
                MemorabiliaEvent::MemorabiliaPieceFreed(_)
                | MemorabiliaEvent::MemorabiliaPieceDestroyed(_),
            ) => {} // put back with its card, below
            // Follows from the rest, and falls with it; or stays true.
            Event::Assembly(AssemblyEvent::AssemblyCompleted(_)) => {}
            Event::Job(JobEvent::JobStarted(_)) => {}
            _ => return Err(cannot(decision, recorded)),
        }
    }

    let mut corrections: Vec<Event> = Vec::new();
    for sheet_id in sheets {
        corrections.extend(sheet_corrected(
            floor,
            sheet_id,
            decision,
            event_sequence_num,
            reason,
        )?);
    }
    let mut undone_before = 0;
    for card_unit_id in &cards {
        match card_corrected(floor, *card_unit_id, decision, event_sequence_num, reason)? {
            None => undone_before += 1,
            Some((corrected, before)) => {
                if restored_sets.contains(&card_unit_id.assembly()) {
                    events.extend(life_restored(floor, &before, event_sequence_num)?);
                }
                corrections.push(corrected);
            }
        }
    }
    if undone_before > 0 && undone_before == cards.len()
        || (corrections.is_empty() && events.is_empty())
    {
        return Ok(Decision::AlreadyRecorded);
    }
    events.extend(corrections);
    Ok(Decision::Record(events))
}

/// The defect is withdrawn, where nobody did that since: what was seen anew since is another sighting.
fn defect_withdrawn(
    floor: &Floor,
    seen_at: u64,
    seen: &SheetDefectRecorded,
    reason: &str,
) -> Result<Option<Event>, Stop> {
    let (sheet, spec) = work::sheet_and_spec(floor, seen.sheet_id)?;
    sheet.must_allow(SheetMove::RecordDefect, spec)?;
    let withdraws_it = |recorded: &Recorded| match &recorded.event {
        Event::Sheet(SheetEvent::SheetDefectWithdrawn(w)) => {
            (w.position, &w.failure_code) == (seen.position, &seen.defect.failure_code)
        }
        _ => false,
    };
    let stream = floor.stream(&UnitRef::Sheet(seen.sheet_id))?;
    let mut later = (stream.into_iter()).filter(|recorded| recorded.sequence_num > seen_at);
    if later.any(withdraws_it) {
        return Ok(None);
    }
    let withdrawn = SheetDefectWithdrawn {
        sheet_id: seen.sheet_id,
        position: seen.position,
        failure_code: seen.defect.failure_code.clone(),
        reason: reason.to_owned(),
    };
    Ok(Some(withdrawn.into()))
}

fn remember<T: PartialEq>(list: &mut Vec<T>, one: T) {
    if !list.contains(&one) {
        list.push(one);
    }
}

/// What of the decision no undo takes back: rather than this event one that something else takes back, which the
/// refusal then says.
fn cannot(decision: &[Recorded], this: &Recorded) -> Stop {
    let mut others = decision.iter();
    let with_a_way = others.find(|r| instead_of_undoing(r.event.event_type()).is_some());
    let recorded = with_a_way.unwrap_or(this);
    Refusal::CannotBeUndone {
        event_sequence_num: recorded.sequence_num,
        event_type: recorded.event.event_type(),
    }
    .into()
}
