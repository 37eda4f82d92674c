//! What may happen to a production order next. That it spawns jobs is `production`'s.

use super::{
    CARDS_MAX, OrderStatus, ProductionOrder, ProductionOrderHeld, ProductionOrderPlaced,
    ProductionOrderReleased,
};
use crate::domain::{Decision, Refusal};

/// Takes the order in.
pub fn place(
    order: Option<&ProductionOrder>,
    placed: &ProductionOrderPlaced,
) -> Result<Decision, Refusal> {
    if let Some(order) = order {
        return if order.placed == *placed {
            Ok(Decision::AlreadyRecorded)
        } else {
            Err(Refusal::ExistsDifferently {
                what: format!("an order {}", placed.order_id),
            })
        };
    }
    if !(1..=CARDS_MAX).contains(&placed.quantity) {
        let what = format!(
            "Order {} is for {} cards: it should be for 1 to {CARDS_MAX}",
            placed.order_id, placed.quantity
        );
        return Err(Refusal::OutOfRange { what });
    }
    Ok(Decision::record(placed.clone()))
}

/// Puts the order's jobs to rest.
pub fn hold(order: &ProductionOrder, reason: &str) -> Result<Decision, Refusal> {
    order.must_be_open()?;
    Ok(
        match super::super::hold::held_already(order.held.as_ref(), reason, || {
            format!("Order {}", order.placed.order_id)
        })? {
            true => Decision::AlreadyRecorded,
            false => Decision::record(ProductionOrderHeld {
                order_id: order.placed.order_id.clone(),
                reason: reason.to_owned(),
            }),
        },
    )
}

/// Lets the order's jobs go on.
pub fn release(order: &ProductionOrder, reason: &str) -> Result<Decision, Refusal> {
    if order.held.is_none() {
        return Ok(Decision::AlreadyRecorded);
    }
    Ok(Decision::record(ProductionOrderReleased {
        order_id: order.placed.order_id.clone(),
        reason: reason.to_owned(),
    }))
}

impl ProductionOrder {
    /// Refuses where the order is cancelled.
    pub(crate) fn must_be_open(&self) -> Result<(), Refusal> {
        match self.status {
            OrderStatus::Open => Ok(()),
            OrderStatus::Cancelled => Err(Refusal::OrderCancelled {
                order_id: self.placed.order_id.clone(),
            }),
        }
    }
}
