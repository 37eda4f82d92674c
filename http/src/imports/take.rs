//! Takes the orders of a file in: first all of it is tried, without a trace; then, if nothing speaks against it, it
//! is recorded.

use super::answer::{BadRow, ImportedJob, ImportedOrder, OrdersImported, Place};
use crate::access::Caller;
use crate::app::Origin;
use crate::issued::{job_under, order_under};
use crate::problem::Problem;
use jiff::civil::Date;
use serde_json::Value;
use sheetwise_core::domain::Command;
use sheetwise_core::domain::order::ProductionOrderPlaced;
use sheetwise_core::domain::values::Priority;
use sheetwise_core::identity::{JobId, OperatorId, ProductId, ProductionOrderId};
use sheetwise_store::ledger::{Failure, Outcome, Reply, Request};
use sheetwise_store::questions;
use sheetwise_store::tables::Table;
use smol_str::SmolStr;
use std::collections::{BTreeMap, BTreeSet};

/// A file of orders, read: what is good in it, and what is not.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct OrdersFile {
    pub(super) orders: Vec<WantedOrder>,
    pub(super) bad_rows: Vec<BadRow>,
}

/// A good row.
#[derive(Debug, Clone, PartialEq)]
pub struct WantedOrder {
    pub(super) place: Place,
    /// Issued by the ledger where the file has none.
    pub(super) order_id: Option<ProductionOrderId>,
    pub(super) customer: String,
    pub(super) product_id: ProductId,
    pub(super) quantity: u32,
    pub(super) due_date: Date,
    pub(super) priority: Priority,
    pub(super) quote_id: Option<String>,
    /// Where its id is issued: sent again, it is the same order. An order that brings its id is known by that.
    pub(super) key: Option<SmolStr>,
}

/// How to take a file in.
#[derive(Debug, Clone, Default)]
pub struct ImportOptions {
    /// Say what would come of it, and record nothing.
    pub dry_run: bool,
    /// Take the good rows, also where there are bad ones.
    pub skip_bad: bool,
    /// A job for each order that has none yet.
    pub create_jobs: bool,
    /// Whose file it is, where a person is to answer for it.
    pub operator_id: Option<OperatorId>,
}

/// Takes the orders in, all of them or, without `skip_bad`, none.
///
/// All rows are tried together before the first is recorded. What happens to the shop in between is told row by row:
/// such a row stands among the bad ones, though others were taken. The same file sent again records nothing twice.
///
/// # Errors
/// The machine's trouble while the file was tried, before anything was recorded; or while it was looked up which of the
/// recorded orders have jobs. Either way the file is to be sent again.
pub(crate) async fn take_orders(
    caller: &Caller,
    file: OrdersFile,
    options: ImportOptions,
) -> Result<OrdersImported, Problem> {
    let import = Import { caller, options };
    let mut bad_rows = file.bad_rows;
    let (good, mut refused) = import.try_orders(file.orders).await?;
    let mut rows = good;
    bad_rows.append(&mut refused);
    if import.options.create_jobs {
        let (good, mut refused) = import.try_jobs(rows).await?;
        rows = good;
        bad_rows.append(&mut refused);
    }
    let taken = bad_rows.is_empty() || import.options.skip_bad;
    if !taken {
        rows.clear();
    } else if !import.options.dry_run {
        rows = import.record(rows, &mut bad_rows).await?;
    }
    bad_rows.sort_by_key(|bad| (bad.line, bad.item));
    let mut came_of_it = OrdersImported {
        taken,
        dry_run: import.options.dry_run,
        recorded: 0,
        already_recorded: 0,
        failed: 0,
        orders: Vec::with_capacity(rows.len()),
        bad_rows,
    };
    for row in rows {
        let said = Said::of(&row.reply);
        match said.outcome {
            RECORDED => came_of_it.recorded += 1,
            ALREADY_RECORDED => came_of_it.already_recorded += 1,
            _ => came_of_it.failed += 1,
        }
        came_of_it.orders.push(ImportedOrder {
            line: row.order.place.line(),
            item: row.order.place.item(),
            outcome: said.outcome,
            order_id: row.order_id().or_else(|| row.order.order_id.clone()),
            message: said.message,
            job: row.job,
        });
    }
    Ok(came_of_it)
}

const RECORDED: &str = "recorded";
const ALREADY_RECORDED: &str = "already_recorded";
const REFUSED: &str = "refused";
const FAILED: &str = "failed";

struct Import<'a> {
    caller: &'a Caller,
    options: ImportOptions,
}

/// A row, and what was answered to it, last.
struct Row {
    order: WantedOrder,
    reply: Result<Reply, Failure>,
    job: Option<ImportedJob>,
}

impl Row {
    /// The order's id, by the answer.
    fn order_id(&self) -> Option<ProductionOrderId> {
        Said::of(&self.reply).id?.parse().ok()
    }
}

impl Import<'_> {
    /// What would come of the orders.
    async fn try_orders(
        &self,
        orders: Vec<WantedOrder>,
    ) -> Result<(Vec<Row>, Vec<BadRow>), Problem> {
        let requests: Result<_, Problem> = orders.iter().map(|order| self.order(order)).collect();
        let replies = self.caller.app.dry_run(requests?).await?;
        let mut good = Vec::with_capacity(orders.len());
        let mut refused = Vec::new();
        for (order, reply) in orders.into_iter().zip(replies) {
            if let Some(bad) = refusal(&order, &tried(&reply)?) {
                refused.push(bad);
            } else {
                good.push(Row {
                    order,
                    reply,
                    job: None,
                });
            }
        }
        Ok((good, refused))
    }

    /// What would come of the orders and then of their jobs: each order is tried again, under the same id, so that
    /// there is something to create the job for.
    async fn try_jobs(&self, rows: Vec<Row>) -> Result<(Vec<Row>, Vec<BadRow>), Problem> {
        let jobs = self.jobs_of(&rows).await?;
        let mut requests = Vec::with_capacity(2 * rows.len());
        let mut seen = BTreeSet::new();
        let mut wants_job = Vec::with_capacity(rows.len());
        for row in &rows {
            requests.push(self.order(&row.order)?);
            let order_id = row.order_id();
            let order_id = order_id.filter(|id| !jobs.contains_key(id) && seen.insert(id.clone()));
            wants_job.push(order_id.is_some());
            if let Some(order_id) = order_id {
                requests.push(self.job(order_id)?);
            }
        }
        let mut replies = self.caller.app.dry_run(requests).await?.into_iter();
        let mut good = Vec::with_capacity(rows.len());
        let mut refused = Vec::new();
        for (mut row, wants_job) in rows.into_iter().zip(wants_job) {
            row.reply = replies.next().ok_or_else(Problem::bug)?;
            let mut bad = refusal(&row.order, &tried(&row.reply)?);
            if wants_job {
                let reply = replies.next().ok_or_else(Problem::bug)?;
                bad = bad.or(refusal(&row.order, &tried(&reply)?));
                row.job = Some(imported_job(&reply));
            } else {
                row.job = row.order_id().and_then(|id| existing_job(&jobs, &id));
            }
            match bad {
                Some(bad) => refused.push(bad),
                None => good.push(row),
            }
        }
        Ok((good, refused))
    }

    /// Records orders, then the jobs of those that have none.
    async fn record(
        &self,
        mut rows: Vec<Row>,
        bad_rows: &mut Vec<BadRow>,
    ) -> Result<Vec<Row>, Problem> {
        let requests: Result<_, Problem> = rows.iter().map(|row| self.order(&row.order)).collect();
        for (row, reply) in rows.iter_mut().zip(self.submit(requests?).await) {
            row.reply = reply;
            row.job = None; // what the trial made is nowhere
        }
        rows.retain(|row| {
            let bad = row
                .reply
                .as_ref()
                .ok()
                .and_then(|reply| refusal(&row.order, reply));
            let good = bad.is_none();
            bad_rows.extend(bad);
            good
        });
        if !self.options.create_jobs {
            return Ok(rows);
        }
        let jobs = self.jobs_of(&rows).await?;
        let mut without_job: Vec<(usize, ProductionOrderId)> = Vec::new();
        let mut seen = BTreeSet::new();
        for (at, row) in rows.iter_mut().enumerate() {
            let Some(order_id) = row.order_id() else {
                continue;
            };
            row.job = existing_job(&jobs, &order_id);
            if row.job.is_none() && seen.insert(order_id.clone()) {
                without_job.push((at, order_id));
            }
        }
        let ids = without_job.iter().map(|(_, order_id)| order_id.clone());
        let requests: Result<_, Problem> = ids.map(|id| self.job(id)).collect();
        let replies = self.submit(requests?).await;
        for ((at, _), reply) in without_job.into_iter().zip(replies) {
            rows[at].job = Some(imported_job(&reply));
        }
        Ok(rows)
    }

    async fn submit(&self, requests: Vec<Request>) -> Vec<Result<Reply, Failure>> {
        let requests = requests.into_iter().map(Ok).collect();
        let answered = self.caller.say_all(requests).await.into_iter();
        answered
            .map(|one| one.expect("what is allowed is answered"))
            .collect()
    }

    fn order(&self, order: &WantedOrder) -> Result<Request, Problem> {
        let said = order_under(order.order_id.clone(), |order_id| Command::PlaceOrder {
            order: ProductionOrderPlaced {
                order_id,
                customer: order.customer.clone(),
                product_id: order.product_id.clone(),
                quantity: order.quantity,
                due_date: order.due_date,
                priority: order.priority,
                quote_id: order.quote_id.clone(),
            },
        });
        self.caller.request(said, self.origin(order.key.clone()))
    }

    fn job(&self, order_id: ProductionOrderId) -> Result<Request, Problem> {
        let said = job_under(None, |job_id| Command::CreateJob {
            job_id,
            order_id,
            quantity: None,
            product_version: None,
            due_date: None,
            priority: None,
            overs: None,
        });
        self.caller.request(said, self.origin(None))
    }

    fn origin(&self, key: Option<SmolStr>) -> Origin {
        Origin {
            operator_id: self.options.operator_id.clone(),
            key,
            ..Origin::default()
        }
    }

    /// The jobs that these orders have already.
    async fn jobs_of(
        &self,
        rows: &[Row],
    ) -> Result<BTreeMap<ProductionOrderId, Vec<JobId>>, Problem> {
        let ids: BTreeSet<String> = rows
            .iter()
            .filter_map(|row| row.order_id().map(|id| id.to_string()))
            .collect();
        let keys = ids.into_iter().map(|id| (Table::Orders, id));
        let keys: Vec<_> = keys.collect();
        let found = self
            .caller
            .app
            .ask(|reading| questions::rows_by_key(reading, keys));
        let orders = found.await?.orders.into_values();
        Ok(orders
            .filter(|order| !order.jobs.is_empty())
            .map(|order| {
                let jobs = order.jobs.iter().map(|job| job.job_id).collect();
                (order.order_id, jobs)
            })
            .collect())
    }
}

/// A reply as a person is told it.
struct Said {
    outcome: &'static str,
    id: Option<String>,
    message: String,
}

impl Said {
    fn of(reply: &Result<Reply, Failure>) -> Self {
        let reply = match reply {
            Ok(reply) => reply,
            Err(failure) => {
                return Self {
                    outcome: FAILED,
                    id: None,
                    message: failure.to_string(),
                };
            }
        };
        let body = body_of(reply);
        Self {
            outcome: match reply.outcome {
                Outcome::Recorded if !reply.replayed => RECORDED,
                Outcome::Recorded | Outcome::AlreadyRecorded => ALREADY_RECORDED,
                Outcome::Refused(_) => REFUSED,
            },
            id: body["entity"]["id"].as_str().map(str::to_owned),
            message: text_in(&body, "message"),
        }
    }
}

fn body_of(reply: &Reply) -> Value {
    serde_json::from_str(&reply.body).expect("an answer is kept as JSON")
}

fn text_in(body: &Value, field: &str) -> String {
    body[field].as_str().unwrap_or_default().to_owned()
}

/// The reply; nobody can say what would come of the file where the machine could not.
fn tried(reply: &Result<Reply, Failure>) -> Result<Reply, Problem> {
    reply.clone().map_err(|failure| Problem::failed(&failure))
}

/// The row as a bad one, if the shop refuses it, and the column that the shop minds.
fn refusal(order: &WantedOrder, reply: &Reply) -> Option<BadRow> {
    let Outcome::Refused(_) = reply.outcome else {
        return None;
    };
    let body = body_of(reply);
    let code = text_in(&body, "code");
    let (column, value) = match code.as_str() {
        "product_not_published" => (Some("product"), Some(order.product_id.to_string())),
        "exists_differently" | "order_cancelled" => (
            Some("order_id"),
            order.order_id.as_ref().map(ToString::to_string),
        ),
        "out_of_range" => (Some("quantity"), Some(order.quantity.to_string())),
        "key_reused" => (Some("quote_id"), order.quote_id.clone()),
        _ => (None, None),
    };
    let bad = order
        .place
        .bad(column, value, &code, text_in(&body, "message"));
    Some(bad)
}

fn imported_job(reply: &Result<Reply, Failure>) -> ImportedJob {
    let said = Said::of(reply);
    ImportedJob {
        outcome: said.outcome,
        job_id: said.id.and_then(|id| id.parse().ok()),
        message: said.message,
    }
}

fn existing_job(
    jobs: &BTreeMap<ProductionOrderId, Vec<JobId>>,
    order_id: &ProductionOrderId,
) -> Option<ImportedJob> {
    let first = *jobs.get(order_id)?.first()?;
    Some(ImportedJob {
        outcome: ALREADY_RECORDED,
        job_id: Some(first),
        message: format!("Order {order_id} has job {first} already."),
    })
}
