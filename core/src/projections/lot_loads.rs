//! Which lots were loaded at which station, and when: the order of the log says.

use crate::domain::event::{Event, Recorded, StationEvent};
use crate::identity::{MaterialLotId, StationId};
use std::collections::BTreeMap;

/// What the stations had loaded, and when.
#[derive(Debug, Clone, Default)]
pub struct LotLoads {
    by_station: BTreeMap<StationId, Vec<(u64, Vec<MaterialLotId>)>>,
}

impl LotLoads {
    /// Takes in what was loaded; other events do no harm. To be applied in the order of the log.
    pub fn apply(&mut self, recorded: &Recorded) {
        if let Event::Station(StationEvent::MaterialLotsLoaded(loaded)) = &recorded.event {
            let loads = self
                .by_station
                .entry(loaded.station_id.clone())
                .or_default();
            loads.push((recorded.sequence_num, loaded.material_lot_ids.clone()));
        }
    }

    /// The lots that were loaded at the station at any moment between these events, the end excluded.
    pub fn during(
        &self,
        station_id: &StationId,
        from_event: u64,
        to_event: u64,
    ) -> impl Iterator<Item = &MaterialLotId> {
        let loads = self
            .by_station
            .get(station_id)
            .map_or(&[][..], Vec::as_slice);
        // A load that comes between is met as well as the one in force at the beginning.
        let began = loads.partition_point(|(event, _)| *event <= from_event);
        let ended = loads.partition_point(|(event, _)| *event < to_event.max(from_event + 1));
        loads[began.saturating_sub(1)..ended.max(began)]
            .iter()
            .flat_map(|(_, lots)| lots)
    }

    /// When the lot was loaded, by station: from this event up to that one, or up to now.
    pub fn periods<'a>(
        &'a self,
        lot: &'a MaterialLotId,
    ) -> impl Iterator<Item = (&'a StationId, u64, Option<u64>)> {
        self.by_station.iter().flat_map(move |(station_id, loads)| {
            let with = loads.iter().enumerate();
            with.filter(|(_, (_, lots))| lots.contains(lot))
                .map(move |(i, (from, _))| {
                    (station_id, *from, loads.get(i + 1).map(|(next, _)| *next))
                })
        })
    }
}
