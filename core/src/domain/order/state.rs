//! A production order at present.

use super::{OrderEvent, ProductionOrderPlaced};
use crate::domain::words;
use crate::identity::JobId;
use serde::{Deserialize, Serialize};

words! {
    /// Where an order stands.
    OrderStatus {
        /// Its jobs are produced.
        Open = "open",
        /// It will not be produced.
        Cancelled = "cancelled",
    }
}

/// A production order at present.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProductionOrder {
    /// What the customer ordered.
    pub placed: ProductionOrderPlaced,
    pub status: OrderStatus,
    pub held: Option<String>,
    /// The jobs created for it, with how many cards each is to yield.
    pub jobs: Vec<(JobId, u32)>,
}

impl ProductionOrder {
    /// The order after the event.
    ///
    /// # Panics
    /// If the stream does not begin with [`ProductionOrderPlaced`].
    #[must_use]
    pub fn evolve(state: Option<Self>, event: &OrderEvent) -> Self {
        if let OrderEvent::ProductionOrderPlaced(placed) = event {
            return Self {
                placed: placed.clone(),
                status: OrderStatus::Open,
                held: None,
                jobs: Vec::new(),
            };
        }
        let mut order = state.expect("an order's stream begins with ProductionOrderPlaced");
        match event {
            OrderEvent::ProductionOrderPlaced(_) => {}
            OrderEvent::ProductionOrderJobSpawned(e) => order.jobs.push((e.job_id, e.quantity)),
            OrderEvent::ProductionOrderHeld(e) => order.held = Some(e.reason.clone()),
            OrderEvent::ProductionOrderReleased(_) => order.held = None,
            OrderEvent::ProductionOrderCancelled(_) => order.status = OrderStatus::Cancelled,
        }
        order
    }
}
