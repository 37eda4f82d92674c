//! What came to each station last. Nobody scans an exit, so of the units whose operation is open at a
//! station with m machines only the last m are being worked on; the others are done there and wait.
//! Inspections, numbers and pieces end with a scan of their own and are open until then.

use super::{FloorNow, JobNow, Progress};
use crate::capacity::Setup;
use crate::domain::product::StationType;
use crate::identity::{CardUnitId, SheetId, StationId};
use jiff::Timestamp;
use std::cmp::Reverse;
use std::collections::BTreeMap;

/// A sheet or card whose operation is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Unit {
    Sheet(SheetId),
    Card(CardUnitId),
}

struct Arrival {
    since: Timestamp,
    unit: Unit,
    setup: Setup,
}

/// Per station, the latest first.
pub struct Arrivals {
    by_station: BTreeMap<StationId, Vec<Arrival>>,
    machines: BTreeMap<StationId, usize>,
}

/// Where an open operation stands.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Standing {
    /// It is being done, at this station, since then.
    Running(StationId, Timestamp),
    /// It was done; the next scan will say so.
    Done,
}

impl Arrivals {
    pub fn new(floor: &FloorNow) -> Self {
        let mut arrivals = Self {
            by_station: BTreeMap::new(),
            machines: floor
                .stations
                .iter()
                .map(|s| (s.station_id.clone(), usize::from(s.description.machines)))
                .collect(),
        };
        for job in floor.jobs {
            for sheet in job.sheets {
                arrivals.add(job, Unit::Sheet(sheet.sheet_id), &sheet.progress);
            }
            for card in job.cards {
                arrivals.add(job, Unit::Card(card.card_unit_id), &card.progress);
            }
        }
        for arrivals in arrivals.by_station.values_mut() {
            arrivals.sort_by_key(|arrival| Reverse((arrival.since, arrival.unit)));
        }
        arrivals
    }

    fn add(&mut self, job: &JobNow, unit: Unit, progress: &Progress) {
        let (Some((station_id, since)), Some(operation_id)) =
            (&progress.arrived, &progress.current_operation_id)
        else {
            return;
        };
        let node = job.spec.operation(operation_id);
        let family = node.and_then(|node| node.setup_family.clone());
        let own = || Setup::JobOperation(job.job.plan.job_id, Some(operation_id.clone()));
        let arrivals = self.by_station.entry(station_id.clone()).or_default();
        arrivals.push(Arrival {
            since: *since,
            unit,
            setup: family.map_or_else(own, Setup::Family),
        });
    }

    /// Where the unit's open operation stands.
    pub fn standing(
        &self,
        unit: Unit,
        progress: &Progress,
        station_type: &StationType,
    ) -> Standing {
        let Some((station_id, since)) = &progress.arrived else {
            return Standing::Done;
        };
        let ends_with_a_scan = match station_type {
            StationType::Qa | StationType::Numbering | StationType::Memorabilia => true,
            StationType::Work(_)
            | StationType::Cutting
            | StationType::Assembly
            | StationType::Packing => false,
        };
        let machines = self.machines.get(station_id).copied().unwrap_or(1);
        let arrivals = self.by_station.get(station_id);
        let mut last = arrivals.into_iter().flatten().take(machines);
        if ends_with_a_scan || last.any(|arrival| arrival.unit == unit) {
            Standing::Running(station_id.clone(), *since)
        } else {
            Standing::Done
        }
    }

    /// What the machines of the station did last: each that of one of the last arrivals.
    pub fn set_up_for(&self, station_id: &StationId, machines: u16) -> Vec<Option<Setup>> {
        let arrivals = self.by_station.get(station_id).into_iter().flatten();
        let setups = arrivals.map(|arrival| Some(arrival.setup.clone()));
        setups.take(usize::from(machines)).collect()
    }
}
