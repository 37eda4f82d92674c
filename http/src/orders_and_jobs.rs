//! What is to be made: orders, and the jobs that fulfil them. Ids that the caller does not bring the ledger issues.

use crate::access::Caller;
use crate::app::{Origin, Recorded};
use crate::extract::{Body, Key};
use crate::issued::{job_under, order_under};
use crate::problem::Problem;
use jiff::civil::Date;
use schemars::JsonSchema;
use serde::Deserialize;
use sheetwise_core::domain::Command;
use sheetwise_core::domain::order::ProductionOrderPlaced;
use sheetwise_core::domain::values::Priority;
use sheetwise_core::identity::{JobId, OperatorId, ProductId, ProductionOrderId};

/// So many cards are ordered at once at most: what every database of ours counts to.
const CARDS_MAX: u32 = i32::MAX.unsigned_abs();

/// An order to place.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewOrder {
    /// The customer's; one is issued where there is none.
    order_id: Option<ProductionOrderId>,
    customer: String,
    product_id: ProductId,
    /// Cards.
    #[schemars(range(min = 1, max = CARDS_MAX))]
    quantity: u32,
    due_date: Date,
    #[serde(default)]
    priority: Priority,
    /// The accepted quote that it comes from.
    quote_id: Option<String>,
    /// Who says it.
    operator_id: Option<OperatorId>,
}

/// `POST /orders`
pub(crate) async fn place_order(
    caller: Caller,
    Key(key): Key,
    Body(order): Body<NewOrder>,
) -> Result<Recorded, Problem> {
    if !(1..=CARDS_MAX).contains(&order.quantity) {
        let message = format!("an order is of 1 to {CARDS_MAX} cards");
        return Err(Problem::parameter("quantity", message));
    }
    let origin = Origin {
        operator_id: order.operator_id,
        key,
        ..Origin::default()
    };
    let said = order_under(order.order_id, |order_id| Command::PlaceOrder {
        order: ProductionOrderPlaced {
            order_id,
            customer: order.customer,
            product_id: order.product_id,
            quantity: order.quantity,
            due_date: order.due_date,
            priority: order.priority,
            quote_id: order.quote_id,
        },
    });
    Ok(caller.say(said, origin).await)
}

/// A job to create: what is not said, the order says.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewJob {
    /// One is issued where there is none.
    job_id: Option<JobId>,
    order_id: ProductionOrderId,
    /// Cards; what the order still lacks where nothing is said.
    quantity: Option<u32>,
    /// The latest where nothing is said.
    product_version: Option<u32>,
    due_date: Option<Date>,
    priority: Option<Priority>,
    /// Overs sheets; from the product's expected yields where nothing is said.
    overs: Option<u32>,
    /// Who says it.
    operator_id: Option<OperatorId>,
}

/// `POST /jobs`: a job spawns its sheets.
pub(crate) async fn create_job(
    caller: Caller,
    Key(key): Key,
    Body(job): Body<NewJob>,
) -> Result<Recorded, Problem> {
    let origin = Origin {
        operator_id: job.operator_id,
        key,
        ..Origin::default()
    };
    let said = job_under(job.job_id, |job_id| Command::CreateJob {
        job_id,
        order_id: job.order_id,
        quantity: job.quantity,
        product_version: job.product_version,
        due_date: job.due_date,
        priority: job.priority,
        overs: job.overs,
    });
    Ok(caller.say(said, origin).await)
}
