//! What the last scan at a station was, that a bare "undo" takes back.

use super::steps::{is_card_step, is_sheet_step, undone_in};
use super::undo;
use crate::domain::assembly::AssemblyEvent;
use crate::domain::card_unit::CardUnitEvent;
use crate::domain::sheet::SheetEvent;
use crate::domain::station::{BenchSwitched, StationEvent};
use crate::domain::{Command, Context, Decision, Event, Recorded, Refusal, UnitRef};
use crate::identity::StationId;
use crate::production::floor::{Floor, Stop};
use crate::production::{must_be_permitted, place};

/// Takes back what was recorded last at the station of the context.
pub(in crate::production) fn undo_last(
    floor: &Floor,
    reason: &str,
    context: &Context,
) -> Result<Decision, Stop> {
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
    let undone = undone_in(&stream);
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
