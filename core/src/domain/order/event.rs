//! What happens to a production order.

use crate::domain::values::Priority;
use crate::identity::{JobId, ProductId, ProductionOrderId};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// A customer's commitment was taken in. `quantity` counts cards.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProductionOrderPlaced {
    pub order_id: ProductionOrderId,
    pub customer: String,
    pub product_id: ProductId,
    pub quantity: u32,
    pub due_date: Date,
    pub priority: Priority,
    /// The accepted quote that the order came from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quote_id: Option<String>,
}

/// A job was created for (a part of) the order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProductionOrderJobSpawned {
    pub order_id: ProductionOrderId,
    pub job_id: JobId,
    pub quantity: u32,
}

/// The order's jobs are to rest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProductionOrderHeld {
    pub order_id: ProductionOrderId,
    pub reason: String,
}

/// The order's jobs may go on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProductionOrderReleased {
    pub order_id: ProductionOrderId,
    pub reason: String,
}

/// The order will not be produced; its jobs are cancelled with it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProductionOrderCancelled {
    pub order_id: ProductionOrderId,
    pub reason: String,
}
