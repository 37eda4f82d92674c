//! What may happen to a job next. How it spawns sheets, and when it may close, is `production`'s.

use super::{Job, JobHeld, JobReleased, JobRescheduled, JobStatus};
use crate::domain::values::Priority;
use crate::domain::{Decision, Refusal};
use jiff::civil::Date;

/// Puts the job to rest.
pub fn hold(job: &Job, reason: &str) -> Result<Decision, Refusal> {
    job.must_be_live()?;
    let job_id = job.plan.job_id;
    Ok(
        match super::super::hold::held_already(job.held.as_ref(), reason, || {
            format!("Job {job_id}")
        })? {
            true => Decision::AlreadyRecorded,
            false => Decision::record(JobHeld {
                job_id,
                reason: reason.to_owned(),
            }),
        },
    )
}

/// Lets the job go on.
pub fn release(job: &Job, reason: &str) -> Result<Decision, Refusal> {
    if job.held.is_none() {
        return Ok(Decision::AlreadyRecorded);
    }
    Ok(Decision::record(JobReleased {
        job_id: job.plan.job_id,
        reason: reason.to_owned(),
    }))
}

/// Changes due date and priority.
pub fn reschedule(job: &Job, due_date: Date, priority: Priority) -> Result<Decision, Refusal> {
    job.must_be_live()?;
    if job.plan.due_date == due_date && job.plan.priority == priority {
        return Ok(Decision::AlreadyRecorded);
    }
    Ok(Decision::record(JobRescheduled {
        job_id: job.plan.job_id,
        due_date,
        priority,
    }))
}

impl Job {
    /// Refuses where nothing more may happen to the job's sheets and cards.
    pub(crate) const fn must_be_live(&self) -> Result<(), Refusal> {
        match self.status {
            JobStatus::Created | JobStatus::InProgress => Ok(()),
            JobStatus::Closed => Err(Refusal::JobClosed {
                job_id: self.plan.job_id,
            }),
            JobStatus::Cancelled => self.must_not_be_cancelled(),
        }
    }

    /// Refuses where the job was cancelled. One that is closed has its sets packed, but its boxes still go
    /// into cases, and those onto pallets.
    pub(crate) const fn must_not_be_cancelled(&self) -> Result<(), Refusal> {
        match self.status {
            JobStatus::Created | JobStatus::InProgress | JobStatus::Closed => Ok(()),
            JobStatus::Cancelled => Err(Refusal::JobCancelled {
                job_id: self.plan.job_id,
            }),
        }
    }
}
