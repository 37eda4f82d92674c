//! What is to be made: orders, and the jobs that fulfil them. Ids that the caller does not bring are issued by the
//! ledger.

use crate::app::{App, Origin};
use crate::extract::{Body, Key, Parameters, page};
use crate::issued::{job_under, order_under};
use crate::problem::Problem;
use axum::Json;
use axum::extract::State;
use axum::response::Response;
use jiff::civil::Date;
use serde::Deserialize;
use serde_json::{Value, json};
use sheetwise_core::domain::Command;
use sheetwise_core::domain::order::ProductionOrderPlaced;
use sheetwise_core::domain::values::Priority;
use sheetwise_core::identity::{JobId, OperatorId, ProductId, ProductionOrderId};
use sheetwise_core::projections::{JobRow, OrderRow};
use sheetwise_store::contract::RowFilter;
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
    State(app): State<App>,
    Key(key): Key,
    Body(order): Body<NewOrder>,
) -> Response {
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
    app.say(said, origin).await
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
    State(app): State<App>,
    Key(key): Key,
    Body(job): Body<NewJob>,
) -> Response {
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
    app.say(said, origin).await
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
