//! `GET /jobs/{id}/estimated-completion`: when a job will be done. Its dates are never mixed: what the customer wants, what
//! the job is due by, what is forecast, and when it was done.

use super::capacity::Foreseen;
use super::outlook::{JobOutlook, Outlook};
use super::picture::Picture;
use super::{ForecastBasis, computing, rounded};
use crate::app::App;
use crate::extract::Id;
use crate::found::IfKnown;
use crate::problem::Problem;
use axum::extract::State;
use jiff::Timestamp;
use jiff::civil::Date;
use schemars::JsonSchema;
use serde::Serialize;
use sheetwise_core::domain::job::JobStatus;
use sheetwise_core::identity::{JobId, OperationId, StationId};
use sheetwise_core::projections::{JobRow, OrderRow};
use sheetwise_core::scheduling::CriticalStep;
use sheetwise_store::questions;
use sheetwise_store::tables::Table;
use std::sync::Arc;

/// When a job will be done, or was.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct EstimatedCompletion {
    job_id: JobId,
    status: JobStatus,
    /// The day that the order names.
    customer_due: Option<Date>,
    /// The day that the job was given, which may have been moved. It is late after that day.
    due_date: Date,
    /// The last moment of it; nothing for a job that is done.
    due_at: Option<Timestamp>,
    /// When its last set was packed, once nothing of it is left. Everything below is nothing then.
    actual: Option<Timestamp>,
    /// What standard times and today's queues say: a first look, without chance or new orders.
    estimate: Option<PlainEstimate>,
    /// When it is done by the finite-capacity plan.
    plan: Option<PlannedEnd>,
    /// The forecast, as it rolls on with every event.
    rolling_forecast: Option<JobOutlook>,
    /// What the forecast was made of.
    forecast: Option<ForecastBasis>,
}

/// The simple answer.
#[derive(Debug, Serialize, JsonSchema)]
struct PlainEstimate {
    /// If nothing else were in the shop.
    earliest_finish: Timestamp,
    /// Behind what stands at its stations now and goes before it.
    finish: Timestamp,
    /// The steps that decide that, first to last.
    critical_way: Vec<Step>,
}

/// A step of the critical way.
#[derive(Debug, Serialize, JsonSchema)]
struct Step {
    operation_id: OperationId,
    station_id: StationId,
    start: Timestamp,
    end: Timestamp,
    /// From when it could have gone on to its start, in hours of the clock on the wall.
    queue_hours: f64,
    /// From its start to its end.
    work_hours: f64,
}

/// When the plan is through with a job.
#[derive(Debug, Serialize, JsonSchema)]
struct PlannedEnd {
    finish: Timestamp,
    /// After the due date, in hours of the clock on the wall; 0 if it is not late.
    late_hours: f64,
}

impl From<&CriticalStep> for Step {
    fn from(step: &CriticalStep) -> Self {
        Self {
            operation_id: step.operation_id.clone(),
            station_id: step.station_id.clone(),
            start: step.start,
            end: step.end,
            queue_hours: rounded(step.queue_hours),
            work_hours: rounded(step.work_hours),
        }
    }
}

/// `GET /jobs/{id}/estimated-completion`
pub(crate) async fn estimated_completion(
    State(app): State<App>,
    Id(id): Id<JobId>,
) -> Result<IfKnown<Foreseen<EstimatedCompletion>>, Problem> {
    let asked = app.ask(move |reading| {
        let job: Option<JobRow> = questions::row(reading, Table::Jobs, &id.to_string())?;
        let Some(job) = job else { return Ok(None) };
        let order: Option<OrderRow> =
            questions::row(reading, Table::Orders, &job.order_id.to_string())?;
        Ok(Some((job, order.map(|order| order.due_date))))
    });
    let (job, customer_due) = asked.await?.ok_or_else(|| Problem::unknown(id))?;
    let nothing = EstimatedCompletion {
        job_id: id,
        status: job.status,
        customer_due,
        due_date: job.due_date,
        due_at: None,
        actual: None,
        estimate: None,
        plan: None,
        rolling_forecast: None,
        forecast: None,
    };
    let look = async {
        if job.status == JobStatus::Cancelled {
            let message = format!("{id} is cancelled: it will not be done.");
            return Err(Problem::not_foreseeable(message));
        }
        let picture = app.picture().await?;
        if !picture.has_work(id) {
            // Of a job that was closed with nothing packed, the closing is all there is.
            let closed = (job.status == JobStatus::Closed).then_some(job.updated_at);
            let actual = picture.past_jobs.last_packed(id).or(closed);
            return match actual {
                Some(_) => Ok(EstimatedCompletion { actual, ..nothing }),
                None => Err(Problem::not_foreseeable(format!(
                    "Nothing of {id} is left to be done, and no set of it was packed: look at its sheets."
                ))),
            };
        }
        let outlook = app.outlook(Some(id)).await?;
        computing(move || ahead(&outlook, nothing)).await
    };
    let answer = app.look_ahead(look).await?;
    Ok(IfKnown(Foreseen(answer)))
}

fn ahead(
    outlook: &Arc<Outlook>,
    nothing: EstimatedCompletion,
) -> Result<EstimatedCompletion, Problem> {
    let (id, picture) = (nothing.job_id, &outlook.picture);
    let Some(forecast) = outlook.job(id) else {
        return Err(Problem::not_foreseeable(why_not(outlook, picture, id)));
    };
    let estimate = picture.estimate()?.jobs.iter().find(|job| job.job_id == id);
    let plan = picture.plan()?.jobs.iter().find(|job| job.job_id == id);
    Ok(EstimatedCompletion {
        due_at: Some(forecast.due),
        estimate: estimate.map(|estimate| PlainEstimate {
            earliest_finish: estimate.earliest_finish,
            finish: estimate.finish,
            critical_way: estimate.critical_way.iter().map(Step::from).collect(),
        }),
        plan: plan.map(|plan| PlannedEnd {
            finish: plan.finish,
            late_hours: rounded(plan.late_minutes / 60.0),
        }),
        rolling_forecast: Some(JobOutlook::from(forecast)),
        forecast: Some(outlook.basis()),
        ..nothing
    })
}

/// Why there is no forecast of an open job.
fn why_not(outlook: &Outlook, picture: &Picture, id: JobId) -> String {
    if let Some(resting) = picture.resting.iter().find(|job| job.job_id == id) {
        return format!(
            "{} is on hold ({}), and nobody knows for how long: release it first.",
            resting.held, resting.reason
        );
    }
    let mut impossible = outlook.forecast.impossible.iter();
    let reason = impossible.find(|(job_id, _)| *job_id == id);
    let reason = reason.map_or("its stations are not known", |(_, reason)| reason);
    format!("{id} cannot be done: {reason}. Look at the types and hours of the stations.")
}
