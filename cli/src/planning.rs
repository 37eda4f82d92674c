//! `order` and `job`: what is to be made, and how far it is.

use crate::door::{Door, new_key, with_query};
use crate::exit;
use crate::output::{Output, Table, plain};
use clap::{Args, Subcommand};
use jiff::civil::Date;
use serde_json::{Value, json};
use sheetwise_core::identity::{JobId, OperatorId, ProductId, ProductionOrderId};
use std::process::ExitCode;

/// Of a list that comes in pages, so many at once.
const PAGE: usize = 1_000;

#[derive(Debug, Subcommand)]
pub(crate) enum Order {
    /// Place a production order
    New(NewOrder),
    /// List the orders
    List(ListOrders),
}

#[derive(Debug, Subcommand)]
pub(crate) enum Job {
    /// Create a job for an order: it spawns its sheets
    New(NewJob),
    /// List the jobs
    List(ListJobs),
    /// How far a job is: cards by status, sheets, sets
    Progress {
        /// The job: J1044
        job_id: JobId,
    },
}

#[derive(Debug, Args)]
#[command(after_help = "\
Example:
  sheetwise order new --customer 'Acme Cards' --product ROOKIES-2026 --quantity 1800 --due 2026-12-18")]
pub(crate) struct NewOrder {
    /// The order's id, PO-10044; issued where nothing is said
    #[arg(long = "id")]
    order_id: Option<ProductionOrderId>,
    /// Who ordered
    #[arg(long)]
    customer: String,
    /// The product
    #[arg(long)]
    product: ProductId,
    /// How many cards
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..))]
    quantity: u32,
    /// The due date: 2026-12-18
    #[arg(long)]
    due: Date,
    /// Higher goes first
    #[arg(long, default_value_t = 0, allow_negative_numbers = true)]
    priority: i8,
    /// Who places it: OP-4
    #[arg(long, env = "SHEETWISE_OPERATOR")]
    operator: Option<OperatorId>,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  sheetwise job new --order PO-10044              everything that the order still lacks
  sheetwise job new --order PO-10044 --overs 2    with two sheets for what will be spoiled")]
pub(crate) struct NewJob {
    /// The order that it is for: PO-10044
    #[arg(long = "order")]
    order_id: ProductionOrderId,
    /// The job's id, J1044; issued where nothing is said
    #[arg(long = "id")]
    job_id: Option<JobId>,
    /// How many cards; what the order still lacks where nothing is said
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..))]
    quantity: Option<u32>,
    /// Sheets beyond those owed; from the product's expected yields where nothing is said
    #[arg(long)]
    overs: Option<u32>,
    /// The version of the product; the latest where nothing is said
    #[arg(long)]
    product_version: Option<u32>,
    /// The due date; the order's where nothing is said
    #[arg(long)]
    due: Option<Date>,
    /// Higher goes first; the order's where nothing is said
    #[arg(long, allow_negative_numbers = true)]
    priority: Option<i8>,
    /// Who creates it: OP-4
    #[arg(long, env = "SHEETWISE_OPERATOR")]
    operator: Option<OperatorId>,
}

#[derive(Debug, Args)]
pub(crate) struct ListOrders {
    /// Only those in this status: open, cancelled
    #[arg(long)]
    status: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct ListJobs {
    /// Only those in this status: created, in_progress, closed, cancelled
    #[arg(long)]
    status: Option<String>,
    /// Only those of this order
    #[arg(long = "order")]
    order_id: Option<ProductionOrderId>,
}

impl Order {
    pub(crate) async fn run(&self, door: &Door, output: &Output) -> Result<ExitCode, String> {
        match self {
            Self::New(new) => {
                let body = json!({
                    "order_id": new.order_id, "customer": new.customer, "product_id": new.product,
                    "quantity": new.quantity, "due_date": new.due, "priority": new.priority,
                    "operator_id": new.operator,
                });
                say(door, "/orders", &body, output).await
            }
            Self::List(list) => {
                let columns = [
                    "order_id",
                    "status",
                    "quantity",
                    "product_id",
                    "due_date",
                    "customer",
                ];
                let filter = [("status", list.status.clone())];
                show(door, output, "orders", &columns, &filter).await
            }
        }
    }
}

impl Job {
    pub(crate) async fn run(&self, door: &Door, output: &Output) -> Result<ExitCode, String> {
        match self {
            Self::New(new) => {
                let body = json!({
                    "job_id": new.job_id, "order_id": new.order_id, "quantity": new.quantity,
                    "product_version": new.product_version, "due_date": new.due,
                    "priority": new.priority, "overs": new.overs, "operator_id": new.operator,
                });
                say(door, "/jobs", &body, output).await
            }
            Self::List(list) => {
                let columns = [
                    "job_id",
                    "status",
                    "order_id",
                    "quantity",
                    "product_id",
                    "due_date",
                ];
                let order_id = list.order_id.as_ref().map(ToString::to_string);
                let filter = [("status", list.status.clone()), ("order_id", order_id)];
                show(door, output, "jobs", &columns, &filter).await
            }
            Self::Progress { job_id } => {
                let progress = door.ask(&format!("/jobs/{job_id}/progress")).await?;
                if output.is_json() {
                    output.say("", || progress);
                    return Ok(ExitCode::SUCCESS);
                }
                let mut table = Table::new(&["", ""]);
                let fields = progress.as_object().into_iter().flatten();
                for (name, value) in fields {
                    table.row([name.replace('_', " "), plain(value)]);
                }
                table.print(output);
                Ok(ExitCode::SUCCESS)
            }
        }
    }
}

/// A row each, page by page, of what the filter lets through.
async fn show(
    door: &Door,
    output: &Output,
    name: &str,
    columns: &[&str],
    filter: &[(&str, Option<String>)],
) -> Result<ExitCode, String> {
    let mut after: Option<String> = None;
    let mut table = Table::new(columns);
    loop {
        let paging = [("after", after.clone()), ("limit", Some(PAGE.to_string()))];
        let parameters = [&paging, filter].concat();
        let mut page = door
            .ask(&with_query(&format!("/{name}"), &parameters))
            .await?;
        let rows = page[name].take();
        let rows = rows.as_array().map(Vec::as_slice).unwrap_or_default();
        for row in rows {
            if output.is_json() {
                output.say("", || row.clone());
            } else {
                table.row(columns.iter().map(|column| plain(&row[*column])));
            }
        }
        if rows.len() < PAGE {
            break;
        }
        after = page["next_after"].as_str().map(ToOwned::to_owned);
    }
    table.print(output);
    Ok(ExitCode::SUCCESS)
}

async fn say(door: &Door, path: &str, body: &Value, output: &Output) -> Result<ExitCode, String> {
    let answer = door.say(path, &new_key("cli"), body).await?;
    output.say(answer.sentence(), || answer.body.clone());
    Ok(exit::unless_refused(answer.is_refused()))
}
