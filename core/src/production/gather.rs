//! Gathering: the cards of a sheet come together again at a bench that has one active set.

use super::floor::{Floor, Stop};
use super::{holds, place, work};
use crate::domain::assembly::{
    self, Assembly, AssemblyMove, AssemblyStatus, CardRemovedFromAssembly,
};
use crate::domain::card_unit::{
    CardUnitAssembled, CardUnitMove, CardUnitRemovedFromAssembly, CardUnitStatus,
};
use crate::domain::product::StationType;
use crate::domain::station::{BenchSwitched, Station};
use crate::domain::{Context, Decision, Refusal};
use crate::identity::{AssemblyId, CardUnitId};

/// The set that is being gathered at the station.
pub(crate) fn active_set<'f>(
    floor: &'f Floor,
    station: &Station,
) -> Result<Option<&'f Assembly>, Stop> {
    let bench = floor.bench(&station.station_id)?;
    let Some(id) = bench.active_assembly_id else {
        return Ok(None);
    };
    let set = floor.existing_assembly(&id)?;
    Ok(bench.gathers(set).then_some(set))
}

/// Lays a card into its set. At a bench only cards of the bench's active set are taken; the first card
/// opens its own.
pub(super) fn scan_card_for_assembly(
    floor: &Floor,
    card_unit_id: CardUnitId,
    context: &Context,
) -> Result<Decision, Stop> {
    let (card, spec) = work::card_and_spec(floor, card_unit_id)?;
    let set = floor.existing_assembly(&card_unit_id.assembly())?;
    // A card that is gone says so, before anybody carries it to its own set.
    let gone = matches!(
        card.situation.status,
        CardUnitStatus::Voided | CardUnitStatus::Consumed | CardUnitStatus::Packed
    );
    if gone {
        card.must_allow(CardUnitMove::Assemble)?;
    }
    if let Some(station_id) = &context.station_id {
        let station = floor.existing_station(station_id)?;
        if let Some(active) = active_set(floor, station)?
            && active.assembly_id != set.assembly_id
        {
            // Whatever else is wrong with it: it is not of the set that lies here.
            return Err(Refusal::WrongSheet {
                card_unit_id,
                active_assembly_id: active.assembly_id,
            }
            .into());
        }
    }
    let gathered = assembly::gather(set, card_unit_id);
    if let Err(refusal @ Refusal::Duplicate { .. }) = gathered {
        return Err(refusal.into());
    }
    card.must_allow(CardUnitMove::Assemble)?;
    holds::must_be_free(floor, card, Some(&StationType::Assembly))?;
    let missing = card.missing_for_assembly(spec);
    if !missing.is_empty() {
        return Err(Refusal::NotReady {
            card_unit_id,
            missing,
        }
        .into());
    }
    let laid_in = gathered?.into_events();
    let mut events = card.end_running_work(card.ending_operation(spec));
    let assembled = CardUnitAssembled {
        card_unit_id,
        assembly_id: set.assembly_id,
    };
    // The card lies in the set before the set can be complete.
    let (scanned, completed) = laid_in.split_at(1);
    events.extend_from_slice(scanned);
    events.push(assembled.into());
    events.extend_from_slice(completed);
    Ok(Decision::Record(events))
}

/// Takes a card out of its set again, alive.
pub(super) fn remove_from_assembly(
    floor: &Floor,
    card_unit_id: CardUnitId,
    reason: &str,
) -> Result<Decision, Stop> {
    let (card, _) = work::card_and_spec(floor, card_unit_id)?;
    let set = floor.existing_assembly(&card_unit_id.assembly())?;
    let assembly_id = set.assembly_id;
    if card.situation.status.allows(CardUnitMove::EnterStation) {
        return Ok(Decision::AlreadyRecorded); // it does not lie in the set
    }
    card.must_allow(CardUnitMove::RemoveFromAssembly)?;
    set.must_allow(AssemblyMove::Remove)?;
    Ok(Decision::Record(vec![
        CardRemovedFromAssembly {
            assembly_id,
            card_unit_id,
            position: card_unit_id.position(),
            reason: reason.to_owned(),
        }
        .into(),
        CardUnitRemovedFromAssembly {
            card_unit_id,
            assembly_id,
            reason: reason.to_owned(),
        }
        .into(),
    ]))
}

/// Puts aside what the bench has in hand, and takes up this set or nothing.
pub(super) fn switch_bench(
    floor: &Floor,
    wanted: Option<AssemblyId>,
    context: &Context,
) -> Result<Decision, Stop> {
    let station = floor.existing_station(place(context, "Switching the bench")?)?;
    let bench = floor.bench(&station.station_id)?;
    if let Some(assembly_id) = wanted {
        let set = floor.existing_assembly(&assembly_id)?;
        if set.status == AssemblyStatus::Complete {
            return Ok(Decision::AlreadyRecorded); // nothing is left to gather
        }
        set.must_allow(AssemblyMove::Gather)?;
        if active_set(floor, station)?.is_some_and(|active| active.assembly_id == assembly_id) {
            return Ok(Decision::AlreadyRecorded);
        }
    } else if bench.is_empty() {
        return Ok(Decision::AlreadyRecorded);
    }
    Ok(Decision::record(BenchSwitched {
        station_id: station.station_id.clone(),
        active_assembly_id: wanted,
        open_pack_id: None,
    }))
}
