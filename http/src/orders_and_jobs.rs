//! What is to be made: orders, and the jobs that fulfil them. Ids that the caller does not bring are issued here.

use crate::access::Caller;
use crate::app::{App, Origin, Recorded};
use crate::extract::{Body, Key};
use crate::problem::Problem;
use jiff::civil::Date;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;
use sheetwise_core::domain::order::ProductionOrderPlaced;
use sheetwise_core::domain::values::Priority;
use sheetwise_core::domain::{Command, UnitType};
use sheetwise_core::identity::{JobId, OperatorId, ProductId, ProductionOrderId};
use smol_str::SmolStr;
use std::str::FromStr;

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
    let _held;
    let order_id = match order.order_id {
        Some(order_id) => order_id,
        None => {
            _held = caller.app.issue().await;
            let id_of = |number| format!("PO-{number}").parse().ok();
            let kind = UnitType::ProductionOrder;
            issued(&caller.app, key.as_ref(), kind, 10_001, id_of).await?
        }
    };
    let origin = Origin {
        operator_id: order.operator_id,
        key,
        ..Origin::default()
    };
    let command = Command::PlaceOrder {
        order: ProductionOrderPlaced {
            order_id,
            customer: order.customer,
            product_id: order.product_id,
            quantity: order.quantity,
            due_date: order.due_date,
            priority: order.priority,
            quote_id: order.quote_id,
        },
    };
    Ok(caller.command(command, origin, None).await)
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
    let _held;
    let job_id = match job.job_id {
        Some(job_id) => job_id,
        None => {
            _held = caller.app.issue().await;
            issued(&caller.app, key.as_ref(), UnitType::Job, 1_001, JobId::new).await?
        }
    };
    let origin = Origin {
        operator_id: job.operator_id,
        key,
        ..Origin::default()
    };
    let command = Command::CreateJob {
        job_id,
        order_id: job.order_id,
        quantity: job.quantity,
        product_version: job.product_version,
        due_date: job.due_date,
        priority: job.priority,
        overs: job.overs,
    };
    Ok(caller.command(command, origin, None).await)
}

/// An id that was issued to this very key before, or the next one: a call that is repeated with its key is the same
/// call, though it brings no id.
async fn issued<T: FromStr>(
    app: &App,
    key: Option<&SmolStr>,
    unit_type: UnitType,
    first: u32,
    id_of: impl Fn(u32) -> Option<T>,
) -> Result<T, Problem> {
    let key = key.cloned();
    let (receipts, ids) = app
        .ask(move |reading| {
            let receipts = match &key {
                Some(key) => reading.receipts(&[key])?,
                None => Vec::new(),
            };
            Ok((receipts, reading.units_of(unit_type, "", usize::MAX)?))
        })
        .await?;
    let before = receipts.first().and_then(|receipt| {
        let reply: Value = serde_json::from_str(&receipt.reply).ok()?;
        reply["barcode"].as_str()?.parse().ok()
    });
    if let Some(before) = before {
        return Ok(before);
    }
    let number = |id: &SmolStr| {
        let digits = id.trim_start_matches(|c: char| !c.is_ascii_digit());
        digits.parse::<u32>().ok()
    };
    let highest = ids.iter().filter_map(number).max();
    let next = highest.map_or(first, |highest| highest.saturating_add(1));
    id_of(next).ok_or_else(Problem::bug)
}
