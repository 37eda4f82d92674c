//! A job at present.

use super::{JobCreated, JobEvent, SheetPurpose};
use crate::domain::words;
use serde::{Deserialize, Serialize};

words! {
    /// Where a job stands.
    JobStatus {
        /// No sheet of it has met a station.
        Created = "created",
        /// It is being produced.
        InProgress = "in_progress",
        /// Nothing more will come of it; all is packed or voided.
        Closed = "closed",
        /// It will not be finished.
        Cancelled = "cancelled",
    }
}

/// A job at present.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Job {
    /// What it was created for; due date and priority as last scheduled.
    pub plan: JobCreated,
    pub status: JobStatus,
    pub held: Option<String>,
    /// Runs of sheet numbers: first, count, purpose.
    pub sheets: Vec<(u32, u32, SheetPurpose)>,
}

impl Job {
    /// The job after the event.
    ///
    /// # Panics
    /// If the stream does not begin with [`JobCreated`].
    #[must_use]
    pub fn evolve(state: Option<Self>, event: &JobEvent) -> Self {
        if let JobEvent::JobCreated(plan) = event {
            return Self {
                plan: plan.clone(),
                status: JobStatus::Created,
                held: None,
                sheets: Vec::new(),
            };
        }
        let mut job = state.expect("a job's stream begins with JobCreated");
        match event {
            JobEvent::JobCreated(_) => {}
            JobEvent::SheetsCreated(e) => {
                job.sheets.push((e.first_sheet_number, e.count, e.purpose))
            }
            JobEvent::JobStarted(_) => job.status = JobStatus::InProgress,
            JobEvent::JobHeld(e) => job.held = Some(e.reason.clone()),
            JobEvent::JobReleased(_) => job.held = None,
            JobEvent::JobRescheduled(e) => {
                job.plan.due_date = e.due_date;
                job.plan.priority = e.priority;
            }
            JobEvent::JobCancelled(_) => job.status = JobStatus::Cancelled,
            JobEvent::JobClosed(_) => job.status = JobStatus::Closed,
        }
        job
    }

    /// How many overs sheets it was created with. (Overs that were added right behind the run, before any others,
    /// look the same.)
    #[must_use]
    pub fn overs_planned(&self) -> u32 {
        match self.sheets.get(1) {
            Some((_, count, SheetPurpose::Overs)) if self.sheets[0].1 + 1 == self.sheets[1].0 => {
                *count
            }
            _ => 0,
        }
    }

    /// The number of its last sheet; 0 before there is one.
    #[must_use]
    pub fn last_sheet_number(&self) -> u32 {
        self.sheets
            .last()
            .map_or(0, |(first, count, _)| first + count - 1)
    }
}
