//! The events that move a sheet or a card along, what rests on them, and the unit as it stood before.

use crate::domain::card_unit::{CardUnit, CardUnitCorrected, CardUnitEvent};
use crate::domain::sheet::{Sheet, SheetCorrected, SheetEvent};
use crate::domain::{Event, Recorded, Refusal, UnitRef};
use crate::identity::{CardUnitId, SheetId};
use crate::production::floor::{Floor, Stop};

/// Events that move a sheet along, and that a correction can take back.
pub(super) const fn is_sheet_step(event: &SheetEvent) -> bool {
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
pub(super) const fn is_card_step(event: &CardUnitEvent) -> bool {
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

/// The events of a sheet's or a card's stream that corrections have taken back.
pub(super) fn undone_in(stream: &[&Recorded]) -> Vec<u64> {
    let undoes = stream.iter().filter_map(|recorded| match &recorded.event {
        Event::Sheet(SheetEvent::SheetCorrected(e)) => Some(&e.undoes),
        Event::CardUnit(CardUnitEvent::CardUnitCorrected(e)) => Some(&e.undoes),
        _ => None,
    });
    undoes.flatten().copied().collect()
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
) -> Rested<'a> {
    let in_decision = |recorded: &Recorded| {
        decision
            .iter()
            .any(|other| other.sequence_num == recorded.sequence_num)
    };
    let undone = undone_in(&stream);
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

pub(super) fn depends(event_sequence_num: u64, unit: UnitRef, later: &Recorded) -> Stop {
    Refusal::SomethingDependsOnIt {
        event_sequence_num,
        unit,
        later_event_type: later.event.event_type(),
        later_sequence_num: later.sequence_num,
    }
    .into()
}

/// The correction of a sheet; `None` where it was undone already.
pub(super) fn sheet_corrected(
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
pub(super) fn card_corrected(
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
