//! What a plan or a forecast is made from: stations, and jobs as lots of work on them. Plain data that
//! anybody can fill in; `floor` fills it from the units' states. Nothing is computed here.

use crate::capacity::{Interval, Setup};
use crate::domain::Decimal;
use crate::domain::station::OperatingSchedule;
use crate::domain::values::Priority;
use crate::identity::{JobId, OperationId, StationId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// The shop at a moment.
#[derive(Debug, Clone, PartialEq)]
pub struct Input {
    /// The moment of planning: nothing is placed before it.
    pub now: Timestamp,
    pub stations: Vec<StationInput>,
    pub jobs: Vec<JobInput>,
}

/// A station: machines of one kind with the same hours.
#[derive(Debug, Clone, PartialEq)]
pub struct StationInput {
    pub station_id: StationId,
    /// How many machines work side by side, each on a lot of its own.
    pub machines: u16,
    /// Changeover of one machine between set-ups that differ. It is not split over a closure.
    pub setup_minutes: u32,
    pub operating_hours: OperatingSchedule,
    /// Closed although it is staffed: maintenance, a breakdown until it is expected to be over.
    pub downtime: Vec<Interval>,
    /// Open although no shift says so.
    pub overtime: Vec<Interval>,
    /// What each machine is set up for; a machine beyond the list, or `None`, needs no set-up for its
    /// first lot.
    pub set_up_for: Vec<Option<Setup>>,
}

/// A job with what is left of it.
#[derive(Debug, Clone, PartialEq)]
pub struct JobInput {
    pub job_id: JobId,
    /// When the customer wants it.
    pub due: Timestamp,
    pub priority: Priority,
    /// Not to be begun before; what lies in the past binds nothing.
    pub release: Timestamp,
    pub lots: Vec<LotInput>,
}

/// Sheets that go together, with the cards and sets that come of them.
#[derive(Debug, Clone, PartialEq)]
pub struct LotInput {
    /// Its number within the job. It names the lot for as long as its sheets stay together.
    pub number: u32,
    /// Its sets are owed: the job is done when its last owed lot is. Spares only take up capacity.
    pub owed: bool,
    /// In an order in which each comes after its predecessors.
    pub operations: Vec<LotOperation>,
}

/// An operation on all units of a lot.
#[derive(Debug, Clone, PartialEq)]
pub struct LotOperation {
    pub operation_id: OperationId,
    pub pass: Pass,
    /// How many sheets, cards or sets it is done to.
    pub units: u32,
    /// After how many of them the first goes on to the next operation, and so with each that many.
    pub transfer_batch: u32,
    /// Where it can be done, and how long one unit takes there. Every machine of a station is as good
    /// as any other of it.
    pub alternatives: Vec<Alternative>,
    /// Indexes into the lot's operations.
    pub predecessors: Vec<usize>,
    pub setup: Setup,
    /// Each unit is put together of units of its predecessors: a set of cards. Where fewer cards than sets
    /// are still to come, each concerns one set only.
    pub gathers: bool,
    /// Work rests while the station is closed, and goes on afterwards. A cure in an oven does not.
    pub resumable: bool,
    /// It is running at this station; with what has passed of it.
    pub running: Option<Running>,
}

/// Whether it is the lot's first way through an operation.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Pass {
    First,
    /// Cards that failed, or that replace voided ones: `share` of `of_units`, on average. A plan takes
    /// the operation's `units`, a forecast draws how many they are.
    Repeat {
        share: f64,
        of_units: u32,
    },
}

/// A station that can do an operation.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Alternative {
    /// Index into the input's stations.
    pub station: usize,
    /// What one machine needs for one unit, in minutes.
    pub minutes_each: Decimal,
}

/// An operation that has begun.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Running {
    /// Index into the input's stations.
    pub station: usize,
    /// How much of its work is behind it, in minutes of one machine.
    pub done_minutes: Decimal,
}

/// What is wrong with an input: what, where, and what to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InputProblem(pub String);

impl std::fmt::Display for InputProblem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for InputProblem {}

impl JobInput {
    /// What an hour of lateness weighs: each step of priority half as much again.
    #[must_use]
    pub fn weight(&self) -> f64 {
        1.5_f64.powi(i32::from(self.priority.0).clamp(-12, 12))
    }
}

impl Input {
    /// Everything that is wrong with it; empty for a sound input. What no station can do is no problem
    /// of the input, but of its job: a plan names it.
    #[must_use]
    pub fn problems(&self) -> Vec<InputProblem> {
        let mut problems = Vec::new();
        for station in &self.stations {
            for problem in station.operating_hours.problems() {
                problems.push(format!("station {}: {problem}", station.station_id));
            }
            if station.machines == 0 {
                problems.push(format!(
                    "station {}: a station has at least one machine",
                    station.station_id
                ));
            }
        }
        let mut seen = std::collections::BTreeSet::new();
        for job in &self.jobs {
            if !seen.insert(job.job_id) {
                problems.push(format!("job {} is given twice", job.job_id));
            }
            let mut numbers = std::collections::BTreeSet::new();
            for lot in &job.lots {
                if !numbers.insert(lot.number) {
                    problems.push(format!(
                        "job {}: lot {} is given twice",
                        job.job_id, lot.number
                    ));
                }
                self.lot_problems(job.job_id, lot, &mut problems);
            }
        }
        problems.into_iter().map(InputProblem).collect()
    }

    fn lot_problems(&self, job_id: JobId, lot: &LotInput, problems: &mut Vec<String>) {
        for (index, operation) in lot.operations.iter().enumerate() {
            let mut wrong = |what: &str| {
                problems.push(format!(
                    "job {job_id}, lot {}, operation {}: {what}",
                    lot.number, operation.operation_id
                ));
            };
            if operation.predecessors.iter().any(|p| *p >= index) {
                wrong("its predecessors should stand before it");
            }
            if operation.transfer_batch == 0 {
                wrong("transfer_batch should be at least 1");
            }
            if operation.units == 0 && operation.pass == Pass::First {
                wrong("units should be at least 1");
            }
            if let Pass::Repeat { share, .. } = operation.pass
                && !(0.0..=1.0).contains(&share)
            {
                wrong("the repeated share should be from 0 to 1");
            }
            let known = |station: usize| station < self.stations.len();
            let running = operation.running.map(|running| running.station);
            let alternatives = operation.alternatives.iter().map(|a| a.station);
            if !alternatives.clone().chain(running).all(known) {
                wrong("it names a station that is not given");
            }
            if running.is_some_and(|station| !alternatives.clone().any(|a| a == station)) {
                wrong("it runs at a station that is none of its alternatives");
            }
        }
    }
}
