//! `GET /risks`: the open jobs by how probably they will be late, why, and what would help. That a change helps is not
//! promised here: it is worded as a question to `POST /capacity/what-if`, which answers it.

use super::capacity::{Foreseen, open_now};
use super::outlook::{JobOutlook, Outlook};
use super::what_if::{Change, Thought};
use super::{ForecastBasis, Unforeseen, computing};
use crate::app::App;
use crate::extract::{Limit, Parameters};
use crate::problem::Problem;
use axum::extract::State;
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};
use sheetwise_core::domain::values::Priority;
use sheetwise_core::identity::{JobId, ProductId, ProductionOrderId, StationId};
use sheetwise_core::scheduling::{Input, JobForecast, JobInput};
use std::borrow::Cow;
use std::cmp::{Ordering, Reverse};
use std::fmt;

/// Overtime is proposed in pieces of that.
const OVERTIME: SignedDuration = SignedDuration::from_hours(2);

/// `?probability_min=&order_id=&station_id=&after=&limit=`: which risks.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RiskQuery {
    /// The page behind this place, as `next_after` of the one before it names it.
    after: Option<Place>,
    limit: Option<Limit>,
    /// Only those that are late at least so probably.
    probability_min: Option<Probability>,
    /// Only those of this order.
    order_id: Option<ProductionOrderId>,
    /// Only those whose cause is this station.
    station_id: Option<StationId>,
}

/// From 0 to 1.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(try_from = "f64")]
struct Probability(f64);

impl TryFrom<f64> for Probability {
    type Error = String;

    fn try_from(probability: f64) -> Result<Self, String> {
        match (0.0..=1.0).contains(&probability) {
            true => Ok(Self(probability)),
            false => Err(format!(
                "probability_min is {probability}, and should be from 0 to 1"
            )),
        }
    }
}

impl JsonSchema for Probability {
    fn schema_name() -> Cow<'static, str> {
        "Probability".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": "number", "minimum": 0, "maximum": 1})
    }
}

/// Where a page ends: so probably late, due then, this job. A newer forecast may put the job elsewhere, or know it no
/// more; the next page begins at this place all the same.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(try_from = "String")]
struct Place {
    probability_late: f64,
    due_at: Timestamp,
    job_id: JobId,
}

impl Place {
    const fn of(job: &JobForecast) -> Self {
        Self {
            probability_late: job.probability_late,
            due_at: job.due,
            job_id: job.job_id,
        }
    }

    /// In the order of the list: the most probably late first, then by due date.
    fn order(&self, other: &Self) -> Ordering {
        let by_probability = other.probability_late.total_cmp(&self.probability_late);
        let by_due_date = (self.due_at, self.job_id).cmp(&(other.due_at, other.job_id));
        by_probability.then(by_due_date)
    }
}

impl fmt::Display for Place {
    /// `0.25~2026-03-02T15:00:00Z~J1044`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}~{}~{}",
            self.probability_late, self.due_at, self.job_id
        )
    }
}

impl TryFrom<String> for Place {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let read = || {
            let (probability_late, rest) = text.split_once('~')?;
            let (due_at, job_id) = rest.split_once('~')?;
            Some(Self {
                probability_late: probability_late.parse().ok()?,
                due_at: due_at.parse().ok()?,
                job_id: job_id.parse().ok()?,
            })
        };
        read().ok_or_else(|| {
            format!("after is {text:?}, and should be what next_after of the page before it is")
        })
    }
}

impl JsonSchema for Place {
    fn schema_name() -> Cow<'static, str> {
        "Place".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": "string"})
    }
}

/// What is at risk.
#[derive(Debug, Serialize, JsonSchema)]
#[expect(clippy::struct_field_names, reason = "the names are the contract")]
pub(crate) struct Risks {
    forecast: ForecastBasis,
    /// The open jobs, the most probably late first; then by due date.
    risks: Vec<Risk>,
    /// `after` of the next page; the list is at its end where a page is empty.
    next_after: Option<String>,
    /// The open jobs of which nothing can be said, and why.
    left_out: Vec<Unforeseen>,
}

/// An open job.
#[derive(Debug, Serialize, JsonSchema)]
struct Risk {
    job_id: JobId,
    order_id: ProductionOrderId,
    product_id: ProductId,
    priority: Priority,
    due_date: Date,
    due_at: Timestamp,
    rolling_forecast: JobOutlook,
    /// What might help, as far as its cause tells; nothing for a job that is never late.
    what_would_help: Vec<Help>,
}

/// A change that might help.
#[derive(Debug, Serialize, JsonSchema)]
struct Help {
    words: String,
    /// The body of `POST /capacity/what-if` that says how much.
    what_if: Thought,
}

/// `GET /risks`
pub(crate) async fn risks(
    State(app): State<App>,
    Parameters(query): Parameters<RiskQuery>,
) -> Result<Foreseen<Risks>, Problem> {
    let look = async {
        let outlook = app.outlook(None).await?;
        computing(move || Ok(page(&outlook, &query))).await
    };
    app.look_ahead(look).await.map(Foreseen)
}

fn page(outlook: &Outlook, query: &RiskQuery) -> Risks {
    let picture = &outlook.picture;
    let mut all: Vec<&JobForecast> = outlook.forecast.jobs.iter().collect();
    all.sort_by(|a, b| Place::of(a).order(&Place::of(b)));
    let behind = |job: &&JobForecast| {
        let after = query.after.as_ref();
        after.is_none_or(|after| after.order(&Place::of(job)).is_lt())
    };
    let mut last = None;
    let risks: Vec<Risk> = (all.into_iter().filter(behind))
        .filter(|job| {
            let station = job.cause.as_ref().map(|cause| &cause.station_id);
            query
                .probability_min
                .is_none_or(|min| job.probability_late >= min.0)
                && (query.station_id.is_none() || query.station_id.as_ref() == station)
        })
        .filter_map(|job| Some((Place::of(job), risk(outlook, job)?)))
        .filter(|(_, risk)| {
            query
                .order_id
                .as_ref()
                .is_none_or(|id| risk.order_id == *id)
        })
        .take(query.limit.unwrap_or_default().get())
        .map(|(place, risk)| {
            last = Some(place);
            risk
        })
        .collect();
    Risks {
        forecast: outlook.basis(),
        next_after: last.or(query.after).map(|place| place.to_string()),
        risks,
        left_out: (picture.resting.iter())
            .map(Unforeseen::from)
            .chain(outlook.forecast.impossible.iter().map(Unforeseen::from))
            .collect(),
    }
}

fn risk(outlook: &Outlook, job: &JobForecast) -> Option<Risk> {
    let plan = &outlook.picture.job(job.job_id)?.job.plan;
    Some(Risk {
        job_id: job.job_id,
        order_id: plan.order_id.clone(),
        product_id: plan.product_id.clone(),
        priority: plan.priority,
        due_date: plan.due_date,
        due_at: job.due,
        rolling_forecast: JobOutlook::from(job),
        what_would_help: what_would_help(outlook, job, plan.priority),
    })
}

/// A better place in the queue that it waits in, and more hours or machines where it waits or is worked on.
fn what_would_help(outlook: &Outlook, job: &JobForecast, own: Priority) -> Vec<Help> {
    let picture = &outlook.picture;
    let Some(cause) = job.cause.as_ref().filter(|_| job.probability_late > 0.0) else {
        return Vec::new();
    };
    let mut help = Vec::new();
    let mut propose = |words: String, change: Change| {
        let what_if = Thought {
            changes: vec![change],
        };
        help.push(Help { words, what_if });
    };
    let ahead = goes_before(&picture.input, job.job_id, &cause.station_id);
    let highest = ahead.iter().map(|other| other.priority).max();
    if let Some(highest) = highest
        && cause.queue_hours >= cause.work_hours
        && let Some(priority) = highest.max(own).0.checked_add(1)
    {
        let names = ahead.iter().take(3).map(|other| other.job_id.to_string());
        let mut names = names.collect::<Vec<_>>().join(", ");
        if ahead.len() > 3 {
            names.push_str(&format!(" and {} more", ahead.len() - 3));
        }
        propose(
            format!(
                "A priority of {priority} lets it go before {names} at {}.",
                cause.station_id
            ),
            Change::Priority {
                job_id: job.job_id,
                priority: Priority(priority),
            },
        );
    }
    let mut stations = picture.floor.stations.iter();
    let Some(station) = stations.find(|station| station.station_id == cause.station_id) else {
        return help;
    };
    let id = &station.station_id;
    if let (open, Some(at)) = open_now(station, picture.now) {
        // Before it opens, or after it closes.
        let from = match open {
            true => at,
            false => picture.now.max(at - OVERTIME),
        };
        let to = match open {
            true => at + OVERTIME,
            false => at,
        };
        propose(
            format!("Overtime at {id}, from {from} to {to}."),
            Change::Overtime {
                station_id: id.clone(),
                from,
                to,
            },
        );
    }
    if let Some(machines) = station.description.machines.checked_add(1) {
        propose(
            format!("Another machine at {id}: {machines} in all."),
            Change::Machines {
                station_id: id.clone(),
                machines,
            },
        );
    }
    help
}

/// The jobs that the floor takes before that one at this station: of a higher priority, or due before it.
fn goes_before<'a>(input: &'a Input, job_id: JobId, station_id: &StationId) -> Vec<&'a JobInput> {
    let rank = |job: &JobInput| (Reverse(job.priority), job.due, job.job_id);
    let mut jobs = input.jobs.iter();
    let Some(own) = jobs.find(|job| job.job_id == job_id).map(rank) else {
        return Vec::new();
    };
    let mut stations = input.stations.iter();
    let station = stations.position(|station| station.station_id == *station_id);
    let comes_here = |job: &JobInput| {
        let operations = job.lots.iter().flat_map(|lot| &lot.operations);
        let mut alternatives = operations.flat_map(|operation| &operation.alternatives);
        alternatives.any(|alternative| Some(alternative.station) == station)
    };
    let jobs = input.jobs.iter().filter(|job| rank(job) < own);
    let mut ahead: Vec<&JobInput> = jobs.filter(|job| comes_here(job)).collect();
    ahead.sort_by_key(|job| rank(job));
    ahead
}
