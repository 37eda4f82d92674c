//! `rm_jobs`: each job's plan, and where the job as a whole stands.

use super::Moment;
use crate::domain::job::{JobEvent, JobStatus, SheetPurpose};
use crate::domain::values::Priority;
use crate::identity::{JobId, ProductId, ProductionOrderId};
use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};

/// A row of `rm_jobs`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct JobRow {
    pub job_id: JobId,
    pub order_id: ProductionOrderId,
    pub product_id: ProductId,
    pub product_version: u32,
    /// Cards.
    pub quantity: u32,
    pub n_up: u16,
    pub due_date: Date,
    pub priority: Priority,
    pub status: JobStatus,
    /// Why it rests.
    pub held: Option<String>,
    pub cancel_reason: Option<String>,
    pub sheets_planned_run: u32,
    pub sheets_planned_overs: u32,
    pub sheets_planned_reprint: u32,
    /// The number of its last sheet; 0 before there is one.
    pub last_sheet_number: u32,
    pub last_event_seq: u64,
    pub updated_at: Timestamp,
}

impl JobRow {
    /// The row that the event opens; `None` for an event of a job that is already there.
    #[must_use]
    pub fn open(event: &JobEvent, at: Moment<'_>) -> Option<Self> {
        let JobEvent::JobCreated(plan) = event else {
            return None;
        };
        Some(Self {
            job_id: plan.job_id,
            order_id: plan.order_id.clone(),
            product_id: plan.product_id.clone(),
            product_version: plan.product_version,
            quantity: plan.quantity,
            n_up: plan.n_up,
            due_date: plan.due_date,
            priority: plan.priority,
            status: JobStatus::Created,
            held: None,
            cancel_reason: None,
            sheets_planned_run: 0,
            sheets_planned_overs: 0,
            sheets_planned_reprint: 0,
            last_sheet_number: 0,
            last_event_seq: at.sequence_num,
            updated_at: at.context.recorded_at,
        })
    }

    /// The row after an event of this job.
    pub fn apply(&mut self, event: &JobEvent, at: Moment<'_>) {
        self.last_event_seq = at.sequence_num;
        self.updated_at = at.context.recorded_at;
        match event {
            JobEvent::JobCreated(_) => {}
            JobEvent::SheetsCreated(e) => {
                *match e.purpose {
                    SheetPurpose::Run => &mut self.sheets_planned_run,
                    SheetPurpose::Overs => &mut self.sheets_planned_overs,
                    SheetPurpose::Reprint => &mut self.sheets_planned_reprint,
                } += e.count;
                self.last_sheet_number += e.count;
            }
            JobEvent::JobStarted(_) => self.status = JobStatus::InProgress,
            JobEvent::JobHeld(e) => self.held = Some(e.reason.clone()),
            JobEvent::JobReleased(_) => self.held = None,
            JobEvent::JobRescheduled(e) => {
                self.due_date = e.due_date;
                self.priority = e.priority;
            }
            JobEvent::JobCancelled(e) => {
                self.status = JobStatus::Cancelled;
                self.cancel_reason = Some(e.reason.clone());
            }
            JobEvent::JobClosed(_) => self.status = JobStatus::Closed,
        }
    }
}
