//! `POST /capacity/what-if`: changes that are only thought of, and what they would do to every job. The same futures are
//! simulated with and without them, on the forecast in force; nothing is recorded, and nothing kept.

use super::capacity::Foreseen;
use super::outlook::{JobOutlook, Outlook};
use super::{ForecastBasis, computing, rounded, senseless};
use crate::app::App;
use crate::extract::Body;
use crate::found::IfKnown;
use crate::problem::Problem;
use axum::extract::State;
use axum::http::StatusCode;
use jiff::Timestamp;
use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sheetwise_core::capacity::Interval;
use sheetwise_core::domain::job::JobCreated;
use sheetwise_core::domain::values::Priority;
use sheetwise_core::identity::{JobId, ProductId, StationId};
use sheetwise_core::production::sheets_for;
use sheetwise_core::scheduling::{Forecast, Supposed, WhatIf, what_if as simulate};
use std::sync::Arc;

/// More changes than that are no question but a plan.
const CHANGES_MAX: usize = 20;

/// A job has no more sheets than that.
const SHEETS_MAX: u32 = 20_000;

/// An order that is only thought of; nobody sees its id.
const THOUGHT_OF: &str = "PO-WHAT-IF";

/// No station has more machines than that.
const MACHINES_MAX: u16 = 100;

/// What is thought of: all of it together.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Thought {
    #[schemars(length(max = 20))]
    pub(super) changes: Vec<Change>,
}

/// A change that is only thought of.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum Change {
    /// A station does not work for that long.
    StationDown {
        station_id: StationId,
        from: Timestamp,
        to: Timestamp,
    },
    /// A station is staffed beyond its shifts.
    Overtime {
        station_id: StationId,
        from: Timestamp,
        to: Timestamp,
    },
    /// A station has so many machines.
    Machines {
        station_id: StationId,
        machines: u16,
    },
    /// An order comes in now, and its job is created at once, by the product's latest version.
    NewOrder {
        product_id: ProductId,
        /// How many cards.
        quantity: u32,
        due_date: Date,
        /// Higher goes first; 0 where nothing is said.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        priority: Option<Priority>,
        /// Sheets beyond those owed; from the product's expected yields where nothing is said.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        overs: Option<u32>,
    },
    /// A job gets another priority.
    Priority { job_id: JobId, priority: Priority },
    /// A job is due on another day.
    DueDate { job_id: JobId, due_date: Date },
    /// A job falls away.
    Cancelled { job_id: JobId },
}

/// What the changes would do. Nothing was recorded.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Consequences {
    forecast: ForecastBasis,
    /// What it would do to each open job; exactly 0 where it does nothing.
    jobs: Vec<JobConsequence>,
    /// The orders that were thought of, in their order.
    new_orders: Vec<NewOrderOutlook>,
    /// Jobs that are only in one of both, and why: cancelled, or not to be done any more.
    left_out: Vec<super::Unforeseen>,
}

/// What the changes would do to a job.
#[derive(Debug, Serialize, JsonSchema)]
struct JobConsequence {
    job_id: JobId,
    /// Later by so much on average over all futures, in hours of the clock on the wall; below 0: earlier.
    mean_later_hours: f64,
    /// How much more probably it is late (−1 to 1).
    probability_late_change: f64,
    /// The share of futures in which its end changes at all.
    futures_changed: f64,
    without: JobOutlook,
    with: JobOutlook,
}

/// When an order that is only thought of would be done.
#[derive(Debug, Serialize, JsonSchema)]
struct NewOrderOutlook {
    /// Which of the changes it is, counted from 0.
    change: usize,
    /// Nothing where it cannot be done at all.
    rolling_forecast: Option<JobOutlook>,
    /// Why it cannot.
    reason: Option<String>,
}

/// `POST /capacity/what-if`
pub(crate) async fn what_if(
    State(app): State<App>,
    Body(thought): Body<Thought>,
) -> Result<IfKnown<Foreseen<Consequences>>, Problem> {
    if thought.changes.len() > CHANGES_MAX {
        return Err(senseless_change(format!(
            "{} changes are too many: at most {CHANGES_MAX} are thought through together",
            thought.changes.len()
        )));
    }
    let look = async {
        let outlook = app.outlook(None).await?;
        let turn = Arc::clone(&app.foresight().what_ifs).acquire_owned().await;
        let turn = turn.map_err(|_| Problem::bug())?;
        computing(move || {
            let answer = think_through(&outlook, &thought);
            drop(turn);
            answer
        })
        .await
    };
    let answer = app.look_ahead(look).await?;
    Ok(IfKnown(Foreseen(answer)))
}

fn think_through(outlook: &Outlook, thought: &Thought) -> Result<Consequences, Problem> {
    let mut supposed = Vec::new();
    let mut new_jobs: Vec<(usize, JobId)> = Vec::new();
    for (at, change) in thought.changes.iter().enumerate() {
        let change = read(outlook, change, new_jobs.len())?;
        if let Supposed::NewJob(job) = &change {
            new_jobs.push((at, job.job_id));
        }
        supposed.push(change);
    }
    let picture = &outlook.picture;
    let simulated = simulate(&picture.input, &outlook.model, &outlook.options, &supposed);
    let WhatIf {
        without,
        with,
        differences,
    } = simulated.map_err(senseless)?;
    let of = |forecast: &Forecast, id: JobId| {
        let mut jobs = forecast.jobs.iter();
        jobs.find(|job| job.job_id == id).map(JobOutlook::from)
    };
    let jobs = differences.iter().filter_map(|difference| {
        let id = difference.job_id;
        Some(JobConsequence {
            job_id: id,
            mean_later_hours: rounded(difference.mean_later_minutes / 60.0),
            probability_late_change: rounded(difference.probability_late_change),
            futures_changed: rounded(difference.futures_changed),
            without: of(&without, id)?,
            with: of(&with, id)?,
        })
    });
    let reason = |id: JobId| {
        let mut impossible = with.impossible.iter();
        impossible.find(|(job_id, _)| *job_id == id)
    };
    let new_orders = new_jobs.iter().map(|(change, id)| NewOrderOutlook {
        change: *change,
        rolling_forecast: of(&with, *id),
        reason: reason(*id).map(|(_, reason)| reason.clone()),
    });
    let gone = (without.jobs.iter())
        .filter(|job| of(&with, job.job_id).is_none())
        .map(|job| match reason(job.job_id) {
            Some(impossible) => super::Unforeseen::from(impossible),
            None => super::Unforeseen::from(&(job.job_id, "cancelled".to_owned())),
        });
    Ok(Consequences {
        forecast: outlook.basis(),
        jobs: jobs.collect(),
        new_orders: new_orders.collect(),
        left_out: gone.collect(),
    })
}

/// A change as the core takes it. `new_jobs` are thought of already.
fn read(outlook: &Outlook, change: &Change, new_jobs: usize) -> Result<Supposed, Problem> {
    let picture = &outlook.picture;
    let station = |id: &StationId| -> Result<StationId, Problem> {
        let mut stations = picture.input.stations.iter();
        match stations.any(|station| station.station_id == *id) {
            true => Ok(id.clone()),
            false => Err(Problem::unknown(id)),
        }
    };
    let job = |id: JobId| -> Result<JobId, Problem> {
        let mut jobs = picture.input.jobs.iter();
        match jobs.any(|job| job.job_id == id) {
            true => Ok(id),
            false if picture.job(id).is_some() => Err(Problem::not_foreseeable(format!(
                "{id} is on hold, or nothing of it is left to be done: it is in no forecast."
            ))),
            false => Err(Problem::unknown(format!("An open job {id}"))),
        }
    };
    Ok(match change {
        Change::StationDown {
            station_id,
            from,
            to,
        } => Supposed::StationDown {
            station_id: station(station_id)?,
            during: interval(*from, *to)?,
        },
        Change::Overtime {
            station_id,
            from,
            to,
        } => Supposed::Overtime {
            station_id: station(station_id)?,
            during: interval(*from, *to)?,
        },
        Change::Machines {
            station_id,
            machines: machines @ 1..=MACHINES_MAX,
        } => Supposed::Machines {
            station_id: station(station_id)?,
            machines: *machines,
        },
        Change::Machines { machines, .. } => {
            return Err(senseless_change(format!(
                "machines is {machines}, and should be from 1 to {MACHINES_MAX}"
            )));
        }
        Change::NewOrder {
            product_id,
            quantity,
            due_date,
            priority,
            overs,
        } => {
            let versions = picture.floor.products.get(product_id);
            let versions = versions.ok_or_else(|| Problem::unknown(product_id))?;
            let spec = versions
                .last()
                .ok_or_else(|| Problem::unknown(product_id))?;
            let (run, planned_overs) = sheets_for(*quantity, spec);
            let overs = overs.unwrap_or(planned_overs);
            if *quantity == 0 || run.saturating_add(overs) > SHEETS_MAX {
                return Err(senseless_change(format!(
                    "{quantity} cards would be {run} sheets and {overs} overs: a job has 1 to {SHEETS_MAX} sheets"
                )));
            }
            let number = u32::try_from(new_jobs)
                .unwrap_or(u32::MAX)
                .saturating_add(1);
            let number = picture.past_jobs.last_job_number().saturating_add(number);
            let job_id = JobId::new(number).expect("counted from 1");
            let thought_of = JobCreated {
                job_id,
                order_id: THOUGHT_OF.parse().expect("an order's id"),
                product_id: product_id.clone(),
                product_version: u32::try_from(versions.len()).unwrap_or(u32::MAX),
                quantity: *quantity,
                n_up: spec.layout.n_up,
                due_date: *due_date,
                priority: priority.unwrap_or_default(),
            };
            Supposed::NewJob(picture.new_job(&thought_of, spec, overs)?)
        }
        Change::Priority { job_id, priority } => Supposed::Priority {
            job_id: job(*job_id)?,
            priority: *priority,
        },
        Change::DueDate { job_id, due_date } => Supposed::Due {
            job_id: job(*job_id)?,
            due: (picture.policy.end_of(*due_date)).map_err(senseless_change)?,
        },
        Change::Cancelled { job_id } => Supposed::Cancelled {
            job_id: job(*job_id)?,
        },
    })
}

fn interval(from: Timestamp, to: Timestamp) -> Result<Interval, Problem> {
    match from < to {
        true => Ok(Interval { from, to }),
        false => Err(senseless_change(format!(
            "from is {from} and to is {to}: the end should come after the beginning"
        ))),
    }
}

fn senseless_change(message: String) -> Problem {
    Problem::malformed(StatusCode::UNPROCESSABLE_ENTITY, message)
}
