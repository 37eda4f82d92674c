//! What is to be made: orders, and the jobs that fulfil them. Ids that the caller does not bring are issued here.

use crate::access::Caller;
use crate::app::{App, Origin};
use crate::extract::{Body, Key, Parameters, page};
use crate::problem::Problem;
use axum::Json;
use axum::extract::State;
use axum::response::Response;
use jiff::civil::Date;
use serde::Deserialize;
use serde_json::{Value, json};
use sheetwise_core::domain::order::ProductionOrderPlaced;
use sheetwise_core::domain::values::Priority;
use sheetwise_core::domain::{Command, UnitType};
use sheetwise_core::identity::{JobId, OperatorId, ProductId, ProductionOrderId};
use sheetwise_core::projections::{JobRow, OrderRow};
use sheetwise_store::contract::RowFilter;
use sheetwise_store::ledger::Said;
use sheetwise_store::questions;
use sheetwise_store::tables::Table;
use smol_str::SmolStr;

/// `POST /orders`
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewOrder {
    order_id: Option<ProductionOrderId>,
    customer: String,
    product_id: ProductId,
    quantity: u32,
    due_date: Date,
    #[serde(default)]
    priority: Priority,
    quote_id: Option<String>,
    operator_id: Option<OperatorId>,
}

/// `POST /orders`
pub(crate) async fn place_order(
    caller: Caller,
    Key(key): Key,
    Body(order): Body<NewOrder>,
) -> Result<Response, Problem> {
    let order_id = match order.order_id {
        Some(order_id) => order_id,
        None => next_order(&caller.app).await?,
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
    Ok(caller.say(Said::Command(Box::new(command)), origin).await)
}

/// `POST /jobs`: what is not said, the order says.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewJob {
    job_id: Option<JobId>,
    order_id: ProductionOrderId,
    quantity: Option<u32>,
    product_version: Option<u32>,
    due_date: Option<Date>,
    priority: Option<Priority>,
    overs: Option<u32>,
    operator_id: Option<OperatorId>,
}

/// `POST /jobs`: a job spawns its sheets.
pub(crate) async fn create_job(
    caller: Caller,
    Key(key): Key,
    Body(job): Body<NewJob>,
) -> Result<Response, Problem> {
    let job_id = match job.job_id {
        Some(job_id) => job_id,
        None => next_job(&caller.app).await?,
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
    Ok(caller.say(Said::Command(Box::new(command)), origin).await)
}

/// The number behind the highest that an id of this kind ends with.
async fn next_number(app: &App, unit_type: UnitType, first: u32) -> Result<u32, Problem> {
    let ids = app
        .ask(move |reading| reading.units_of(unit_type, "", usize::MAX))
        .await?;
    let number = |id: &SmolStr| {
        let digits = id.trim_start_matches(|c: char| !c.is_ascii_digit());
        digits.parse::<u32>().ok()
    };
    let highest = ids.iter().filter_map(number).max();
    Ok(highest.map_or(first, |highest| highest.saturating_add(1)))
}

async fn next_order(app: &App) -> Result<ProductionOrderId, Problem> {
    let number = next_number(app, UnitType::ProductionOrder, 10_001).await?;
    format!("PO-{number}").parse().map_err(|_| Problem::bug())
}

async fn next_job(app: &App) -> Result<JobId, Problem> {
    let number = next_number(app, UnitType::Job, 1_001).await?;
    JobId::new(number).ok_or_else(Problem::bug)
}

/// `GET /jobs` and `GET /orders`
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ListQuery {
    /// Ids after this one.
    after: Option<String>,
    limit: Option<usize>,
    status: Option<SmolStr>,
    order_id: Option<ProductionOrderId>,
}

impl ListQuery {
    fn filter(&self, table: Table) -> RowFilter {
        let mut filter = RowFilter {
            after: self.after.clone(),
            limit: page(self.limit),
            ..RowFilter::all(table)
        };
        if let Some(status) = &self.status {
            filter.columns.push(("status", vec![status.clone()]));
        }
        if let Some(order_id) = &self.order_id {
            filter
                .columns
                .push(("order_id", vec![order_id.as_str().into()]));
        }
        filter
    }
}

/// `GET /orders`
pub(crate) async fn orders(
    State(app): State<App>,
    Parameters(query): Parameters<ListQuery>,
) -> Result<Json<Value>, Problem> {
    let filter = query.filter(Table::Orders);
    let rows: Vec<OrderRow> = app
        .ask(move |reading| questions::rows(reading, &filter))
        .await?;
    let next_after = rows
        .last()
        .map(|row| row.order_id.to_string())
        .or(query.after);
    Ok(Json(json!({"orders": rows, "next_after": next_after})))
}

/// `GET /jobs`
pub(crate) async fn jobs(
    State(app): State<App>,
    Parameters(query): Parameters<ListQuery>,
) -> Result<Json<Value>, Problem> {
    let filter = query.filter(Table::Jobs);
    let rows: Vec<JobRow> = app
        .ask(move |reading| questions::rows(reading, &filter))
        .await?;
    let next_after = rows
        .last()
        .map(|row| row.job_id.to_string())
        .or(query.after);
    Ok(Json(json!({"jobs": rows, "next_after": next_after})))
}
