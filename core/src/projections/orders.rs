//! `rm_orders`: each customer's commitment, and the jobs that fulfil it.

use super::{JobProgressRow, Moment, ProgressCounts};
use crate::domain::event::OrderEvent;
use crate::domain::order::OrderStatus;
use crate::domain::values::Priority;
use crate::identity::{JobId, ProductId, ProductionOrderId};
use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};

/// A row of `rm_orders`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct OrderRow {
    pub order_id: ProductionOrderId,
    pub customer: String,
    pub product_id: ProductId,
    /// Cards.
    pub quantity: u32,
    pub due_date: Date,
    pub priority: Priority,
    pub quote_id: Option<String>,
    pub status: OrderStatus,
    /// Why it rests.
    pub held: Option<String>,
    pub cancel_reason: Option<String>,
    pub jobs: Vec<JobOfOrder>,
    pub last_event_seq: u64,
    pub updated_at: Timestamp,
}

/// A job that was created for an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct JobOfOrder {
    pub job_id: JobId,
    /// Cards.
    pub quantity: u32,
}

impl OrderRow {
    /// The row that the event opens; `None` for an event of an order that is already there.
    #[must_use]
    pub fn open(event: &OrderEvent, at: Moment<'_>) -> Option<Self> {
        let OrderEvent::ProductionOrderPlaced(placed) = event else {
            return None;
        };
        Some(Self {
            order_id: placed.order_id.clone(),
            customer: placed.customer.clone(),
            product_id: placed.product_id.clone(),
            quantity: placed.quantity,
            due_date: placed.due_date,
            priority: placed.priority,
            quote_id: placed.quote_id.clone(),
            status: OrderStatus::Open,
            held: None,
            cancel_reason: None,
            jobs: Vec::new(),
            last_event_seq: at.sequence_num,
            updated_at: at.context.recorded_at,
        })
    }

    /// The row after an event of this order.
    pub fn apply(&mut self, event: &OrderEvent, at: Moment<'_>) {
        self.last_event_seq = at.sequence_num;
        self.updated_at = at.context.recorded_at;
        match event {
            OrderEvent::ProductionOrderPlaced(_) => {}
            OrderEvent::ProductionOrderJobSpawned(e) => self.jobs.push(JobOfOrder {
                job_id: e.job_id,
                quantity: e.quantity,
            }),
            OrderEvent::ProductionOrderHeld(e) => self.held = Some(e.reason.clone()),
            OrderEvent::ProductionOrderReleased(_) => self.held = None,
            OrderEvent::ProductionOrderCancelled(e) => {
                self.status = OrderStatus::Cancelled;
                self.cancel_reason = Some(e.reason.clone());
            }
        }
    }

    /// How far the order is: the sum over its jobs. `progress` looks up a job's row.
    #[must_use]
    pub fn progress<'a>(
        &self,
        progress: impl Fn(JobId) -> Option<&'a JobProgressRow>,
    ) -> ProgressCounts {
        let mut counts = ProgressCounts::default();
        for job in &self.jobs {
            if let Some(row) = progress(job.job_id) {
                counts += row.counts;
            }
        }
        counts
    }
}
