//! What is different in a plan from the one before it, in words. Neither plan is judged.

use super::plan::{Placement, Plan};
use crate::identity::{JobId, OperationId, StationId};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;

/// A change from one plan to the next.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "change", rename_all = "snake_case")]
pub enum Change {
    JobAppeared {
        job_id: JobId,
        finish: Timestamp,
    },
    JobLeft {
        job_id: JobId,
    },
    /// Its finish moved; `because` says what its first moved operation waits for now.
    FinishMoved {
        job_id: JobId,
        before: Timestamp,
        after: Timestamp,
        because: Option<String>,
    },
    /// An operation goes to another machine.
    MachineChanged {
        job_id: JobId,
        lot: u32,
        operation_id: OperationId,
        before: (StationId, u16),
        after: (StationId, u16),
    },
    /// An operation starts at another time, on the same machine.
    StartMoved {
        job_id: JobId,
        lot: u32,
        operation_id: OperationId,
        before: Timestamp,
        after: Timestamp,
    },
    /// An operation is new in the plan, or is in it no more (it was done, or fell away).
    OperationAppeared {
        job_id: JobId,
        lot: u32,
        operation_id: OperationId,
    },
    OperationLeft {
        job_id: JobId,
        lot: u32,
        operation_id: OperationId,
    },
}

/// Every change from `before` to `after`: jobs first, then their operations. Empty where they say the
/// same, whenever they were made.
#[must_use]
pub fn difference(before: &Plan, after: &Plan) -> Vec<Change> {
    let mut changes = Vec::new();
    for job in &after.jobs {
        match before.jobs.iter().find(|other| other.job_id == job.job_id) {
            None => changes.push(Change::JobAppeared {
                job_id: job.job_id,
                finish: job.finish,
            }),
            Some(other) if other.finish != job.finish => changes.push(Change::FinishMoved {
                job_id: job.job_id,
                before: other.finish,
                after: job.finish,
                because: reason(before, after, job.job_id),
            }),
            Some(_) => {}
        }
    }
    let left = before
        .jobs
        .iter()
        .filter(|job| !after.jobs.iter().any(|other| other.job_id == job.job_id));
    changes.extend(left.map(|job| Change::JobLeft { job_id: job.job_id }));
    let (old, new) = (by_operation(before), by_operation(after));
    for (key, placement) in &new {
        let (job_id, lot) = (placement.job_id, placement.lot);
        let operation_id = placement.operation_id.clone();
        let Some(was) = old.get(key) else {
            changes.push(Change::OperationAppeared {
                job_id,
                lot,
                operation_id,
            });
            continue;
        };
        let machine = |placement: &Placement| (placement.station_id.clone(), placement.machine);
        if machine(was) != machine(placement) {
            changes.push(Change::MachineChanged {
                job_id,
                lot,
                operation_id,
                before: machine(was),
                after: machine(placement),
            });
        } else if was.start != placement.start {
            changes.push(Change::StartMoved {
                job_id,
                lot,
                operation_id,
                before: was.start,
                after: placement.start,
            });
        }
    }
    let gone = old.iter().filter(|(key, _)| !new.contains_key(*key));
    changes.extend(gone.map(|(_, placement)| Change::OperationLeft {
        job_id: placement.job_id,
        lot: placement.lot,
        operation_id: placement.operation_id.clone(),
    }));
    changes
}

type Key = (JobId, u32, u32);

fn by_operation(plan: &Plan) -> BTreeMap<Key, &Placement> {
    let placements = plan.placements.iter();
    placements
        .map(|p| ((p.job_id, p.lot, p.operation), p))
        .collect()
}

fn reason(before: &Plan, after: &Plan, job_id: JobId) -> Option<String> {
    let old = by_operation(before);
    let moved = after
        .placements
        .iter()
        .filter(|p| p.job_id == job_id)
        .filter(|p| {
            let was = old.get(&(p.job_id, p.lot, p.operation));
            was.is_none_or(|was| was.start != p.start || was.end != p.end)
        });
    let first = moved.min_by_key(|p| (p.start, p.operation))?;
    Some(format!(
        "{} at {} starts {}: {}",
        first.operation_id, first.station_id, first.start, first.start_bound
    ))
}

/// `J1044 finishes 2 h 10 min later, …`
impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::JobAppeared { job_id, finish } => {
                write!(f, "{job_id} is new, and finishes {finish}")
            }
            Self::JobLeft { job_id } => write!(f, "{job_id} is not planned any more"),
            Self::FinishMoved {
                job_id,
                before,
                after,
                because,
            } => {
                write!(
                    f,
                    "{job_id} finishes {}, {after} instead of {before}",
                    Apart(*before, *after)
                )?;
                match because {
                    Some(because) => write!(f, "; {because}"),
                    None => Ok(()),
                }
            }
            Self::MachineChanged {
                job_id,
                lot,
                operation_id,
                before: (from, from_machine),
                after: (to, to_machine),
            } => write!(
                f,
                "{operation_id} of {job_id}, lot {lot}, goes to {to} (machine {to_machine}) instead of {from} (machine {from_machine})"
            ),
            Self::StartMoved {
                job_id,
                lot,
                operation_id,
                before,
                after,
            } => write!(
                f,
                "{operation_id} of {job_id}, lot {lot}, starts {}",
                Apart(*before, *after)
            ),
            Self::OperationAppeared {
                job_id,
                lot,
                operation_id,
            } => write!(f, "{operation_id} of {job_id}, lot {lot}, is new"),
            Self::OperationLeft {
                job_id,
                lot,
                operation_id,
            } => write!(
                f,
                "{operation_id} of {job_id}, lot {lot}, is planned no more"
            ),
        }
    }
}

/// `2 h 10 min later`
struct Apart(Timestamp, Timestamp);

impl fmt::Display for Apart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let apart: SignedDuration = self.1.duration_since(self.0);
        let minutes = apart.as_secs().unsigned_abs().div_ceil(60);
        let (days, hours) = (minutes / 1_440, minutes / 60 % 24);
        if days > 0 {
            write!(f, "{days} d ")?;
        }
        if hours > 0 {
            write!(f, "{hours} h ")?;
        }
        let word = if apart.is_negative() {
            "earlier"
        } else {
            "later"
        };
        write!(f, "{} min {word}", minutes % 60)
    }
}
