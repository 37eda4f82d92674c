//! What there is to do at each station now: what is in process, and what waits to be next there. It is read off the
//! same input as plans and forecasts, so that a queue and a date never disagree about what stands where.

use super::floor::JobNow;
use super::input::Input;
use crate::domain::product::EntityType;
use crate::identity::{JobId, StationId};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// How many of each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct UnitCounts {
    pub sheet_count: u32,
    pub card_unit_count: u32,
    pub set_count: u32,
}

/// What there is to do at a station.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StationWork {
    pub station_id: StationId,
    /// What its machines work on.
    pub in_process: UnitCounts,
    /// What could go on here next, wherever it stands, once for each operation that it waits for: a sheet that can have
    /// both its foils counts twice. What several stations could take counts at each of them.
    pub waiting: UnitCounts,
    /// The jobs that this is of.
    pub jobs: Vec<JobId>,
}

impl UnitCounts {
    fn add(&mut self, entity: EntityType, units: u32) {
        let count = match entity {
            EntityType::Sheet => &mut self.sheet_count,
            EntityType::CardUnit => &mut self.card_unit_count,
            EntityType::Assembly => &mut self.set_count,
        };
        *count = count.saturating_add(units);
    }
}

/// What there is to do at each of the input's stations, in their order. `jobs` are those that the input was made of.
#[must_use]
pub fn station_work(input: &Input, jobs: &[JobNow]) -> Vec<StationWork> {
    let specs: BTreeMap<JobId, &JobNow> = (jobs.iter())
        .map(|job| (job.job.plan.job_id, job))
        .collect();
    let mut work: Vec<StationWork> = (input.stations.iter())
        .map(|station| StationWork {
            station_id: station.station_id.clone(),
            in_process: UnitCounts::default(),
            waiting: UnitCounts::default(),
            jobs: Vec::new(),
        })
        .collect();
    for job in &input.jobs {
        let Some(job_now) = specs.get(&job.job_id) else {
            continue;
        };
        let operations = job.lots.iter().flat_map(|lot| &lot.operations);
        for operation in operations.filter(|operation| operation.predecessors.is_empty()) {
            let Some(node) = job_now.spec.operation(&operation.operation_id) else {
                continue;
            };
            let entity = node.required_for_entity_type;
            let mut at = |station: usize, running: bool| {
                let here = &mut work[station];
                let counts = match running {
                    true => &mut here.in_process,
                    false => &mut here.waiting,
                };
                counts.add(entity, operation.units);
                if here.jobs.last() != Some(&job.job_id) {
                    here.jobs.push(job.job_id);
                }
            };
            match &operation.running {
                Some(running) => at(running.station, true),
                None => operation
                    .alternatives
                    .iter()
                    .for_each(|a| at(a.station, false)),
            }
        }
    }
    work
}
