//! Undo by compensation: an earlier decision is taken back by further events, never by rewriting
//! history, and refused where something later rests on it.
//!
//! A decision is taken back whole: gathering a card is two events, and neither is undone alone. A
//! sheet or card stands again as it stood before the decision; its set, its pieces and its box get the
//! events that undo theirs.

use super::floor::{Floor, Stop};
use super::numbers::EditionPool;
use super::{must_be_permitted, pack, place, work};
use crate::domain::assembly::{
    AssemblyEvent, AssemblyMemberRestored, AssemblyMove, AssemblyStatus, CardRemovedFromAssembly,
    Filling, LossCause,
};
use crate::domain::card_unit::{CardUnit, CardUnitCorrected, CardUnitEvent, CardUnitStatus};
use crate::domain::job::JobEvent;
use crate::domain::memorabilia::{
    MemorabiliaEvent, MemorabiliaPieceFreed, MemorabiliaPieceInserted, PieceStatus,
};
use crate::domain::pack::{PackEvent, PackMove, PackReopened, PackStatus};
use crate::domain::refusal::{NumberProblem, PieceProblem};
use crate::domain::sheet::{Sheet, SheetCorrected, SheetDefectWithdrawn, SheetEvent, SheetMove};
use crate::domain::station::{BenchSwitched, StationEvent};
use crate::domain::{Command, Context, Decision, Event, Recorded, Refusal, UnitRef};
use crate::identity::{AssemblyId, CardUnitId, SheetId, StationId};

/// Takes back what was recorded last at the station of the context.
pub(super) fn undo_last(floor: &Floor, reason: &str, context: &Context) -> Result<Decision, Stop> {
    let station_id = place(context, "Taking back the last scan")?;
    let bench = floor.bench(station_id)?;
    let nothing_to_undo = || {
        Stop::Refused(Refusal::NothingToUndo {
            station_id: station_id.clone(),
        })
    };
    let last = bench.last_sequence_num.ok_or_else(nothing_to_undo)?;
    let taken = floor.decision_of(last)?.iter().find_map(taken_in_hand);
    let event_sequence_num = match taken {
        None => last,
        // Taking up is no work: what is meant is the work on what is in hand now, not on what was before.
        Some(unit) => last_step_at(floor, &unit, station_id)?.ok_or_else(nothing_to_undo)?,
    };
    let takes_a_lead = floor
        .decision_of(event_sequence_num)?
        .iter()
        .any(|recorded| {
            matches!(
                recorded.event,
                Event::Sheet(SheetEvent::SheetVoided(_))
                    | Event::CardUnit(CardUnitEvent::CardUnitVoided(_))
            )
        });
    if takes_a_lead {
        // What only a lead decides, only a lead takes back.
        let said = Command::Undo {
            event_sequence_num,
            reason: reason.to_owned(),
        };
        must_be_permitted(floor, &said, context)?;
    }
    let Decision::Record(mut events) = undo(floor, event_sequence_num, reason)? else {
        return Ok(Decision::AlreadyRecorded);
    };
    // The first card of a set opened it at this bench; with it the set goes out of hand again.
    let empties = events.iter().find_map(|event| match event {
        Event::Assembly(AssemblyEvent::CardRemovedFromAssembly(e)) => Some(e.assembly_id),
        _ => None,
    });
    if let Some(assembly_id) = empties
        && let set = floor.existing_assembly(&assembly_id)?
        && bench.gathers(set)
        && set.gathered_count() == 1
    {
        let switched = BenchSwitched {
            station_id: station_id.clone(),
            active_assembly_id: None,
            open_pack_id: None,
        };
        events.insert(0, switched.into());
    }
    Ok(Decision::Record(events))
}

fn taken_in_hand(recorded: &Recorded) -> Option<UnitRef> {
    match &recorded.event {
        Event::Station(StationEvent::UnitTakenInHand(e)) => Some(UnitRef::from(e.unit)),
        _ => None,
    }
}

/// The last step of the sheet or card that was recorded at the station and still counts.
fn last_step_at(
    floor: &Floor,
    unit: &UnitRef,
    station_id: &StationId,
) -> Result<Option<u64>, Stop> {
    let stream = floor.stream(unit)?;
    let undone: Vec<u64> = stream
        .iter()
        .filter_map(|recorded| match &recorded.event {
            Event::Sheet(SheetEvent::SheetCorrected(e)) => Some(&e.undoes),
            Event::CardUnit(CardUnitEvent::CardUnitCorrected(e)) => Some(&e.undoes),
            _ => None,
        })
        .flatten()
        .copied()
        .collect();
    let counts_here = |recorded: &&&Recorded| {
        let is_step = match &recorded.event {
            Event::Sheet(e) => is_sheet_step(e),
            Event::CardUnit(e) => is_card_step(e),
            _ => false,
        };
        is_step
            && recorded.context.station_id.as_ref() == Some(station_id)
            && !undone.contains(&recorded.sequence_num)
    };
    let last = stream.iter().rev().find(counts_here);
    Ok(last.map(|recorded| recorded.sequence_num))
}

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
    let reason_text = || reason.to_owned();
    for recorded in decision {
        match &recorded.event {
            Event::Sheet(e) if is_sheet_step(e) => remember(&mut sheets, *e.unit_id()),
            Event::Sheet(SheetEvent::SheetDefectRecorded(e)) => {
                let (sheet, spec) = work::sheet_and_spec(floor, e.sheet_id)?;
                sheet.must_allow(SheetMove::RecordDefect, spec)?;
                // What was seen anew since is another sighting.
                let stream = floor.stream(&UnitRef::Sheet(e.sheet_id))?;
                let withdrawn = stream.into_iter().any(|later| {
                    later.sequence_num > recorded.sequence_num
                        && matches!(
                            &later.event,
                            Event::Sheet(SheetEvent::SheetDefectWithdrawn(w))
                                if (w.position, &w.failure_code)
                                    == (e.position, &e.defect.failure_code)
                        )
                });
                if !withdrawn {
                    events.push(
                        SheetDefectWithdrawn {
                            sheet_id: e.sheet_id,
                            position: e.position,
                            failure_code: e.defect.failure_code.clone(),
                            reason: reason_text(),
                        }
                        .into(),
                    );
                }
            }
            Event::CardUnit(e) if is_card_step(e) => remember(&mut cards, *e.unit_id()),
            Event::Assembly(AssemblyEvent::CardScannedForAssembly(e)) => {
                events.push(
                    CardRemovedFromAssembly {
                        assembly_id: e.assembly_id,
                        card_unit_id: e.card_unit_id,
                        position: e.position,
                        reason: reason_text(),
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
                        reason: reason_text(),
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
            _ => return Err(cannot(event_sequence_num, recorded)),
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

fn remember<T: PartialEq>(list: &mut Vec<T>, one: T) {
    if !list.contains(&one) {
        list.push(one);
    }
}

fn cannot(event_sequence_num: u64, recorded: &Recorded) -> Stop {
    Refusal::CannotBeUndone {
        event_sequence_num,
        event_type: recorded.event.event_type(),
    }
    .into()
}

/// Events that move a sheet along, and that a correction can take back.
const fn is_sheet_step(event: &SheetEvent) -> bool {
    match event {
        SheetEvent::SheetEnteredStation(_)
        | SheetEvent::SheetOperationCompleted(_)
        | SheetEvent::SheetVoided(_) => true,
        SheetEvent::SheetCreated(_)
        | SheetEvent::SheetDefectRecorded(_)
        | SheetEvent::SheetDefectWithdrawn(_)
        | SheetEvent::SheetDeviationSigned(_)
        | SheetEvent::SheetHeld(_)
        | SheetEvent::SheetReleased(_)
        | SheetEvent::SheetCut(_)
        | SheetEvent::SheetCorrected(_) => false,
    }
}

/// Events that move a card along, and that a correction can take back.
const fn is_card_step(event: &CardUnitEvent) -> bool {
    match event {
        CardUnitEvent::CardUnitEnteredStation(_)
        | CardUnitEvent::CardUnitOperationCompleted(_)
        | CardUnitEvent::EmbellishmentApplied(_)
        | CardUnitEvent::QAResultRecorded(_)
        | CardUnitEvent::SequentialNumberApplied(_)
        | CardUnitEvent::MemorabiliaPlaced(_)
        | CardUnitEvent::CardUnitVoided(_)
        | CardUnitEvent::CardUnitAssembled(_) => true,
        CardUnitEvent::CardUnitCreated(_)
        | CardUnitEvent::ReplacementCardUnitCreated(_)
        | CardUnitEvent::CardUnitDeviationSigned(_)
        | CardUnitEvent::CardUnitHeld(_)
        | CardUnitEvent::CardUnitReleased(_)
        | CardUnitEvent::CardUnitConsumedAsSpare(_)
        | CardUnitEvent::CardUnitRemovedFromAssembly(_)
        | CardUnitEvent::CardUnitPacked(_)
        | CardUnitEvent::CardUnitUnpacked(_)
        | CardUnitEvent::CardUnitCorrected(_) => false,
    }
}

/// What a later event has to be for an earlier one to rest under it: everything that changes where the
/// unit stands. Holds, releases and signatures stand beside.
const fn moves_the_card(event: &CardUnitEvent) -> bool {
    is_card_step(event)
        || matches!(
            event,
            CardUnitEvent::CardUnitConsumedAsSpare(_)
                | CardUnitEvent::CardUnitRemovedFromAssembly(_)
                | CardUnitEvent::CardUnitPacked(_)
                | CardUnitEvent::CardUnitUnpacked(_)
        )
}

/// The part of a unit's stream that a decision made, what is undone already, and what came later.
struct Rested<'a> {
    own: Vec<&'a Recorded>,
    before: Vec<&'a Recorded>,
    undone: bool,
    later: Option<&'a Recorded>,
}

fn rested<'a>(
    stream: Vec<&'a Recorded>,
    decision: &[Recorded],
    is_step: impl Fn(&Event) -> bool,
    moves: impl Fn(&Event) -> bool,
    undoes: impl Fn(&Event) -> Option<&[u64]>,
) -> Rested<'a> {
    let in_decision = |recorded: &Recorded| {
        decision
            .iter()
            .any(|other| other.sequence_num == recorded.sequence_num)
    };
    let undone: Vec<u64> = stream
        .iter()
        .filter_map(|recorded| undoes(&recorded.event))
        .flatten()
        .copied()
        .collect();
    let own: Vec<&Recorded> = stream
        .iter()
        .copied()
        .filter(|r| in_decision(r) && is_step(&r.event))
        .collect();
    let first = own.first().map_or(u64::MAX, |r| r.sequence_num);
    let last = own.last().map_or(u64::MAX, |r| r.sequence_num);
    Rested {
        undone: own.iter().any(|r| undone.contains(&r.sequence_num)),
        later: stream.iter().copied().find(|r| {
            r.sequence_num > last && moves(&r.event) && !undone.contains(&r.sequence_num)
        }),
        before: stream
            .iter()
            .copied()
            .filter(|r| r.sequence_num < first)
            .collect(),
        own,
    }
}

fn depends(event_sequence_num: u64, unit: UnitRef, later: &Recorded) -> Stop {
    Refusal::SomethingDependsOnIt {
        event_sequence_num,
        unit,
        later_event_type: later.event.event_type(),
        later_sequence_num: later.sequence_num,
    }
    .into()
}

fn sheet_corrected(
    floor: &Floor,
    sheet_id: SheetId,
    decision: &[Recorded],
    event_sequence_num: u64,
    reason: &str,
) -> Result<Option<Event>, Stop> {
    floor.existing_job(&sheet_id.job())?.must_be_live()?;
    let rested = rested(
        floor.stream(&UnitRef::Sheet(sheet_id))?,
        decision,
        |event| matches!(event, Event::Sheet(e) if is_sheet_step(e)),
        |event| matches!(event, Event::Sheet(e) if is_sheet_step(e) || matches!(e, SheetEvent::SheetCut(_))),
        |event| match event {
            Event::Sheet(SheetEvent::SheetCorrected(e)) => Some(&e.undoes),
            _ => None,
        },
    );
    if rested.undone {
        return Ok(None);
    }
    if let Some(later) = rested.later {
        return Err(depends(event_sequence_num, UnitRef::Sheet(sheet_id), later));
    }
    let before = rested
        .before
        .iter()
        .fold(None, |sheet, recorded| match &recorded.event {
            Event::Sheet(event) => Some(Sheet::evolve(sheet, event, &recorded.context)),
            _ => sheet,
        });
    let before = before.expect("a step is never the first event of a sheet");
    Ok(Some(
        SheetCorrected {
            sheet_id,
            undoes: rested.own.iter().map(|r| r.sequence_num).collect(),
            reason: reason.to_owned(),
            restores: before.situation,
        }
        .into(),
    ))
}

/// The correction of a card, and the card as it stood before; `None` where it was undone already.
fn card_corrected(
    floor: &Floor,
    card_unit_id: CardUnitId,
    decision: &[Recorded],
    event_sequence_num: u64,
    reason: &str,
) -> Result<Option<(Event, CardUnit)>, Stop> {
    floor.existing_job(&card_unit_id.job())?.must_be_live()?;
    let rested = rested(
        floor.stream(&UnitRef::CardUnit(card_unit_id))?,
        decision,
        |event| matches!(event, Event::CardUnit(e) if is_card_step(e)),
        |event| matches!(event, Event::CardUnit(e) if moves_the_card(e)),
        |event| match event {
            Event::CardUnit(CardUnitEvent::CardUnitCorrected(e)) => Some(&e.undoes),
            _ => None,
        },
    );
    if rested.undone {
        return Ok(None);
    }
    if let Some(later) = rested.later {
        return Err(depends(
            event_sequence_num,
            UnitRef::CardUnit(card_unit_id),
            later,
        ));
    }
    let before = rested
        .before
        .iter()
        .fold(None, |card, recorded| match &recorded.event {
            Event::CardUnit(event) => Some(CardUnit::evolve(card, event, &recorded.context)),
            _ => card,
        });
    let before = before.expect("a step is never the first event of a card");
    let corrected = CardUnitCorrected {
        card_unit_id,
        undoes: rested.own.iter().map(|r| r.sequence_num).collect(),
        reason: reason.to_owned(),
        restores: before.situation.clone(),
    };
    Ok(Some((corrected.into(), before)))
}

/// What a voided card needs to live again: its place in the set, its number, its pieces.
fn life_restored(
    floor: &Floor,
    before: &CardUnit,
    event_sequence_num: u64,
) -> Result<Vec<Event>, Stop> {
    let card_unit_id = before.card_unit_id;
    let set = floor.existing_assembly(&card_unit_id.assembly())?;
    set.must_allow(AssemblyMove::LoseMember)?;
    let vacant = set.member(card_unit_id.position()).is_some_and(|member| {
        member.card_unit_id == card_unit_id && member.filling == Filling::Vacant(LossCause::Voided)
    });
    if !vacant {
        // Replaced, or conceded: the position does not wait for it any more.
        let later = floor.stream(&UnitRef::Assembly(set.assembly_id))?;
        let later = later
            .into_iter()
            .rev()
            .find(|r| {
                r.sequence_num > event_sequence_num
                    && matches!(
                        &r.event,
                        Event::Assembly(
                            AssemblyEvent::AssemblyMemberReplaced(_)
                                | AssemblyEvent::ConcessionSigned(_)
                        )
                    )
            })
            .expect("only a replacement or a concession fills a vacancy");
        return Err(depends(
            event_sequence_num,
            UnitRef::Assembly(set.assembly_id),
            later,
        ));
    }
    if let Some(number) = EditionPool::borne_by(before) {
        let pool = floor.edition(&number.scope)?;
        if let Some(&by) = pool.and_then(|pool| pool.live().get(&number.number)) {
            let problem = NumberProblem::Taken { by };
            return Err(Refusal::NumberNotFree {
                scope: number.scope,
                number: number.number,
                problem,
            }
            .into());
        }
    }
    let mut events: Vec<Event> = Vec::new();
    for piece_id in &before.situation.piece_ids {
        let problem = match floor.existing_piece(piece_id)?.status {
            PieceStatus::Available => None,
            PieceStatus::Placed(other) => Some(PieceProblem::InCard(other)),
            PieceStatus::Destroyed => {
                // With this card it comes back; with another one it is gone.
                let stream = floor.stream(&UnitRef::Memorabilia(piece_id.clone()))?;
                let lost_with = stream.into_iter().rev().find_map(|r| match &r.event {
                    Event::Memorabilia(MemorabiliaEvent::MemorabiliaPieceDestroyed(e)) => {
                        Some(e.card_unit_id)
                    }
                    _ => None,
                });
                (lost_with != Some(card_unit_id)).then_some(PieceProblem::Destroyed)
            }
        };
        if let Some(problem) = problem {
            return Err(Refusal::PieceNotFree {
                piece_id: piece_id.clone(),
                card_unit_id,
                problem,
            }
            .into());
        }
        events.push(
            MemorabiliaPieceInserted {
                piece_id: piece_id.clone(),
                card_unit_id,
            }
            .into(),
        );
    }
    let gathered = before.situation.status == CardUnitStatus::Assembled;
    let position = card_unit_id.position();
    let assembly_id = set.assembly_id;
    events.push(
        AssemblyMemberRestored {
            assembly_id,
            card_unit_id,
            position,
            gathered,
        }
        .into(),
    );
    if gathered && set.missing_positions() == [position] {
        events.push(set.completed());
    }
    Ok(events)
}

fn packed_set(recorded: &Recorded) -> Option<(AssemblyId, u64)> {
    match &recorded.event {
        Event::Assembly(AssemblyEvent::SetPacked(e)) => {
            Some((e.assembly_id, recorded.sequence_num))
        }
        _ => None,
    }
}

/// Packing is taken back by unpacking, as long as the box stands open or alone.
fn undo_packing(
    floor: &Floor,
    decision: &[Recorded],
    (assembly_id, packed_at): (AssemblyId, u64),
    reason: &str,
) -> Result<Decision, Stop> {
    let set = floor.existing_assembly(&assembly_id)?;
    let last_packed = floor
        .stream(&UnitRef::Assembly(assembly_id))?
        .into_iter()
        .filter_map(packed_set)
        .next_back();
    let (Some(pack_id), Some((_, last_packed_at))) = (set.pack_id, last_packed) else {
        return Ok(Decision::AlreadyRecorded);
    };
    debug_assert_eq!(set.status, AssemblyStatus::Packed);
    if last_packed_at != packed_at {
        return Ok(Decision::AlreadyRecorded); // unpacked since, and packed anew
    }
    floor.existing_job(&assembly_id.job())?.must_be_live()?;
    let pack = floor.existing_pack(&pack_id)?;
    pack.must_allow(PackMove::Remove)?;
    pack.must_stand_alone()?;
    let mut events = pack::unpacked(set.gathered(), assembly_id, pack_id, reason);
    let closed_by_it = decision
        .iter()
        .any(|r| matches!(&r.event, Event::Pack(PackEvent::PackClosed(e)) if e.pack_id == pack_id));
    if closed_by_it && pack.status == PackStatus::Closed {
        events.push(
            PackReopened {
                pack_id,
                reason: reason.to_owned(),
            }
            .into(),
        );
    }
    Ok(Decision::Record(events))
}
