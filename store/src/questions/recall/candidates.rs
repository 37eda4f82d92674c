//! Where to look: sheets and cards among which are all that have an encounter of the kind that is asked for. They are
//! found by numbers of events, without an index of arrivals and without reading the log from its beginning.

use super::{NoRecall, STREAMS_AT_ONCE, too_wide};
use crate::contract::{EventFilter, Reading, RowFilter, StoreError};
use crate::questions::{AsOf, log, rows, streams};
use crate::tables::Table;
use sheetwise_core::domain::job::JobStatus;
use sheetwise_core::domain::{UnitRef, UnitType};
use sheetwise_core::identity::{JobId, StationId};
use sheetwise_core::projections::recall::MEETING_EVENT_TYPES;
use sheetwise_core::projections::{
    CardUnitRow, Criteria, JobProgressRow, JobRow, LotLoads, SheetRow,
};
use smol_str::{SmolStr, ToSmolStr};
use std::collections::{BTreeMap, BTreeSet};

/// So many events are looked through at once.
const EVENTS_AT_ONCE: usize = 5_000;

/// Sheets and cards among which are all that have an encounter of the kind.
pub(super) fn candidates(
    reading: &mut dyn Reading,
    criteria: &Criteria,
    loads: &LotLoads,
    units_max: usize,
) -> Result<BTreeSet<UnitRef>, NoRecall> {
    let from = criteria.from_event.unwrap_or(1);
    let before = criteria.before_event.unwrap_or(u64::MAX);
    let mut windows: Vec<(Option<StationId>, u64, u64)> = Vec::new();
    if let Some(lot) = &criteria.material_lot_id {
        for (station_id, loaded, unloaded) in loads.periods(lot) {
            let window = (from.max(loaded), before.min(unloaded.unwrap_or(u64::MAX)));
            let here = criteria.station_id.as_ref();
            if window.0 < window.1 && here.is_none_or(|here| here == station_id) {
                windows.push((Some(station_id.clone()), window.0, window.1));
            }
        }
    } else if criteria.station_id.is_some() || criteria.from_event.is_some() {
        windows.push((criteria.station_id.clone(), from, before));
    } else {
        return Err(NoRecall::Unlimited);
    }
    let mut units = BTreeSet::new();
    for (station_id, from, before) in windows {
        // Whatever is there now may have come before anybody can say.
        let stations = match &station_id {
            Some(station_id) => vec![station_id.to_smolstr()],
            None => reading.units_of(UnitType::Station, "", usize::MAX)?,
        };
        units.extend(at_stations(reading, &stations)?);
        let since = earliest_arrival(reading, from, before)?;
        add_arrivals(
            reading,
            station_id.as_ref(),
            (since, before),
            units_max,
            &mut units,
        )?;
    }
    Ok(units)
}

fn at_stations(
    reading: &mut dyn Reading,
    stations: &[SmolStr],
) -> Result<Vec<UnitRef>, StoreError> {
    let there = |table| RowFilter {
        columns: vec![("current_station_id", stations.to_vec())],
        ..RowFilter::all(table)
    };
    let sheets: Vec<SheetRow> = rows(reading, &there(Table::Sheets))?;
    let cards: Vec<CardUnitRow> = rows(reading, &there(Table::CardUnits))?;
    let sheets = sheets.iter().map(|sheet| UnitRef::Sheet(sheet.sheet_id));
    let cards = cards
        .iter()
        .map(|card| UnitRef::CardUnit(card.card_unit_id));
    Ok(sheets.chain(cards).collect())
}

/// No stay that touches the window, and is over, began before this event: the units of a job move between the
/// job's creation and the last event of it or of its cards.
fn earliest_arrival(reading: &mut dyn Reading, from: u64, before: u64) -> Result<u64, StoreError> {
    if from <= 1 {
        return Ok(1);
    }
    let jobs: Vec<JobRow> = rows(reading, &RowFilter::all(Table::Jobs))?;
    let progress: Vec<JobProgressRow> = rows(reading, &RowFilter::all(Table::JobProgress))?;
    let moved: BTreeMap<JobId, u64> = progress
        .iter()
        .map(|row| (row.job_id, row.last_event_seq))
        .collect();
    let over = |job: &JobRow| {
        let last = moved.get(&job.job_id).copied().unwrap_or_default();
        matches!(job.status, JobStatus::Closed | JobStatus::Cancelled)
            && job.last_event_seq.max(last) < from
    };
    let live = jobs.iter().filter(|job| !over(job));
    let live: Vec<UnitRef> = live.map(|job| UnitRef::Job(job.job_id)).collect();
    let mut earliest = from;
    for jobs in live.chunks(STREAMS_AT_ONCE) {
        let created = streams(reading, jobs.to_vec(), AsOf::Now)?;
        let first = created.first().map(|recorded| recorded.sequence_num);
        earliest = earliest.min(first.unwrap_or(before));
    }
    Ok(earliest)
}

/// Whatever was met between these events, at the station or anywhere.
fn add_arrivals(
    reading: &mut dyn Reading,
    station_id: Option<&StationId>,
    (since, before): (u64, u64),
    units_max: usize,
    units: &mut BTreeSet<UnitRef>,
) -> Result<(), NoRecall> {
    let last = before.saturating_sub(1).min(reading.head()?.sequence_num);
    let mut next = since;
    while next <= last {
        let filter = EventFilter {
            range: next..=last,
            event_types: MEETING_EVENT_TYPES.map(SmolStr::new_static).to_vec(),
            station_id: station_id.map(ToSmolStr::to_smolstr),
            ..EventFilter::after(0, EVENTS_AT_ONCE)
        };
        let met = log(reading, &filter)?;
        units.extend(met.iter().map(|recorded| recorded.event.unit()));
        if units.len() > units_max {
            return Err(too_wide(units_max));
        }
        match met.last() {
            Some(recorded) if met.len() == EVENTS_AT_ONCE => next = recorded.sequence_num + 1,
            _ => break,
        }
    }
    Ok(())
}
