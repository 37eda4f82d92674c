//! A plan: where and when each operation runs, and why not earlier. What a plan is made by is `planner`'s;
//! whether it keeps the rules is `check`'s, which does not know how it was made.

use crate::identity::{JobId, OperationId, StationId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::fmt;

/// A finite-capacity plan.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    /// The moment for which it was made.
    pub planned_at: Timestamp,
    /// In order of job, lot and operation.
    pub placements: Vec<Placement>,
    /// In order of job.
    pub jobs: Vec<JobPlan>,
    /// The jobs that have no place in it, and why.
    pub unplanned: Vec<Unplanned>,
    pub figures: PlanFigures,
}

/// An operation of a lot, with its machine and its time.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Placement {
    pub job_id: JobId,
    pub lot: u32,
    /// Index into the lot's operations.
    pub operation: u32,
    pub operation_id: OperationId,
    /// Sheets, cards or sets. Nothing is placed for an operation without any.
    pub units: u32,
    pub station_id: StationId,
    /// The station's machine, counted from 1.
    pub machine: u16,
    /// When the changeover begins; equal to `start` where there is none.
    pub setup_from: Timestamp,
    pub start: Timestamp,
    pub end: Timestamp,
    /// Why it does not start earlier.
    pub start_bound: StartBound,
    /// Why it does not end earlier, where that is not its own work.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end_bound: Option<EndBound>,
}

/// What bound a start.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "because", rename_all = "snake_case")]
pub enum StartBound {
    /// Nothing: it starts at the moment of planning.
    Now,
    /// It was running already.
    Running,
    /// The job is not to be begun before.
    Release,
    /// The first transfer batch of another operation of its lot.
    Predecessor { operation_id: OperationId },
    /// The machine, which was busy with this.
    Machine {
        job_id: JobId,
        lot: u32,
        operation_id: OperationId,
    },
    /// The station's hours or downtime: it could have gone on since then.
    Closed { since: Timestamp },
}

/// What bound an end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "because", rename_all = "snake_case")]
pub enum EndBound {
    /// The last transfer batch of this operation of its lot came late.
    LastBatch { operation_id: OperationId },
}

/// When a job is done by the plan.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct JobPlan {
    pub job_id: JobId,
    /// When its last owed lot is done.
    pub finish: Timestamp,
    pub due: Timestamp,
    /// How far the finish lies after the due date, in minutes of the clock on the wall; 0 if it does not.
    pub late_minutes: f64,
}

/// A job without a place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unplanned {
    pub job_id: JobId,
    pub reason: String,
}

/// What a plan comes to as a whole.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PlanFigures {
    /// From the moment of planning to the last end, in minutes of the clock on the wall.
    pub makespan_minutes: f64,
    /// Lateness times weight, summed over jobs (weight 1 for priority 0, half as much again for each step).
    pub weighted_late_minutes: f64,
    pub late_jobs: u32,
    /// Changeovers.
    pub setups: u32,
    /// The dispatch rule that it came from, and whether a search made it better.
    pub made_by: String,
}

/// `Starts 08:30 because FOIL-1 was busy with J1043, FOIL.`
impl fmt::Display for StartBound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Now => f.write_str("it starts at once"),
            Self::Running => f.write_str("it was running already"),
            Self::Release => f.write_str("its job is released then"),
            Self::Predecessor { operation_id } => {
                write!(f, "the first batch of {operation_id} is there then")
            }
            Self::Machine {
                job_id,
                lot,
                operation_id,
            } => write!(
                f,
                "the machine was busy with {operation_id} of {job_id}, lot {lot}"
            ),
            Self::Closed { since } => {
                write!(
                    f,
                    "the station was closed; it has been waiting since {since}"
                )
            }
        }
    }
}

/// `J1044 lot 1 FOIL: FOIL-1, machine 1, from … to …; the first batch of PRESS is there then`
impl fmt::Display for Placement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} lot {} {}: {}, machine {}, from {} to {}; {}",
            self.job_id,
            self.lot,
            self.operation_id,
            self.station_id,
            self.machine,
            self.start,
            self.end,
            self.start_bound
        )?;
        match &self.end_bound {
            None => Ok(()),
            Some(EndBound::LastBatch { operation_id }) => {
                write!(f, "; its end waits for the last batch of {operation_id}")
            }
        }
    }
}
