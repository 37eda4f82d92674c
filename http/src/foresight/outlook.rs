//! A forecast: of which picture, with which model, and what past forecasts taught it. It is in force for half a minute
//! whatever happens, and for a quarter of an hour where nothing does. The first of each quarter of an hour is kept, so that
//! it can be held against what came.

use super::picture::Picture;
use super::{ForecastBasis, rounded, senseless};
use crate::problem::Problem;
use jiff::{SignedDuration, Timestamp};
use schemars::JsonSchema;
use serde::Serialize;
use sheetwise_core::identity::{JobId, StationId};
use sheetwise_core::scheduling::{
    Cause, Forecast, ForecastOptions, Input, JOBS_TO_LEARN_FROM, JobForecast, MODEL_VERSION, Model,
    Recalibration, Settled, ShopHours, forecast_to_keep,
};
use sheetwise_store::forecasts::{IssuedForecast, IssuedJob, SaidOfJob};
use sheetwise_store::{Database, StoreError};
use std::collections::BTreeMap;
use std::sync::Arc;

/// So long a forecast is in force, whatever is recorded meanwhile.
const RECENT_FOR: SignedDuration = SignedDuration::from_secs(30);

/// So long it is where nothing is recorded; and of each such time one forecast is kept.
const QUARTER: SignedDuration = SignedDuration::from_mins(15);

/// Of a job, no two that lie nearer together: neighbours say the same.
const APART: SignedDuration = SignedDuration::from_hours(4);

/// A forecast in force.
pub(super) struct Outlook {
    pub(super) picture: Arc<Picture>,
    pub(super) model: Model,
    pub(super) options: ForecastOptions,
    pub(super) forecast: Forecast,
}

/// What past forecasts have taught, by the jobs that they were of.
#[derive(Default)]
pub(super) struct Learnt {
    settled: BTreeMap<JobId, Vec<Settled>>,
    last_kept: Option<Timestamp>,
}

impl Outlook {
    /// Forecasts, and keeps the forecast where its time has come.
    pub(super) fn of(
        picture: Arc<Picture>,
        database: &Database,
        learnt: &mut Learnt,
    ) -> Result<Self, Problem> {
        learnt
            .catch_up(&picture, database)
            .map_err(Problem::store)?;
        let settled: Vec<Settled> = learnt.settled.values().flatten().copied().collect();
        let model = Model {
            recalibration: Recalibration::learn(&settled),
            ..picture.model.clone()
        };
        let options = ForecastOptions::default();
        let (forecast, plain) =
            forecast_to_keep(&picture.input, &model, &options).map_err(senseless)?;
        let outlook = Self {
            picture,
            model,
            options,
            forecast,
        };
        // That it cannot be kept is no reason not to tell it.
        if let Err(error) = learnt.keep(&outlook, &plain, database) {
            tracing::warn!(%error, "a forecast could not be kept");
        }
        Ok(outlook)
    }

    pub(super) fn is_recent(&self, now: Timestamp) -> bool {
        now.duration_since(self.picture.now) < RECENT_FOR
    }

    /// Whether nothing has happened since, and not much time has passed.
    pub(super) fn still_holds(&self, picture: &Picture) -> bool {
        picture.log_position == self.picture.log_position
            && picture.now.duration_since(self.picture.now) < QUARTER
    }

    pub(super) fn job(&self, job_id: JobId) -> Option<&JobForecast> {
        let jobs = &self.forecast.jobs;
        let at = jobs.binary_search_by_key(&job_id, |job| job.job_id);
        at.ok().map(|at| &jobs[at])
    }

    pub(super) fn basis(&self) -> ForecastBasis {
        ForecastBasis {
            issued_at: self.picture.now,
            log_position: self.picture.log_position,
            model_version: MODEL_VERSION,
            futures: self.forecast.replications,
            seed: self.options.seed,
            corrected_by: self.model.recalibration.settled.iter().sum(),
            orders_to_come: self.model.arrivals.is_some(),
            assumptions: self.picture.assumptions.clone(),
        }
    }
}

impl Learnt {
    /// Looks up what was said of the jobs that are done by now.
    fn catch_up(&mut self, picture: &Picture, database: &Database) -> Result<(), StoreError> {
        let mut done: Vec<(Timestamp, JobId)> = (picture.past_jobs.packed())
            .filter(|(job_id, _)| !picture.has_work(*job_id))
            .map(|(job_id, at)| (at, job_id))
            .collect();
        done.sort_unstable();
        let done = &done[done.len().saturating_sub(JOBS_TO_LEARN_FROM)..];
        let ends: BTreeMap<JobId, Timestamp> = done.iter().map(|(at, id)| (*id, *at)).collect();
        self.settled.retain(|job_id, _| ends.contains_key(job_id));
        let new: Vec<JobId> = (ends.keys())
            .filter(|job_id| !self.settled.contains_key(job_id))
            .copied()
            .collect();
        if new.is_empty() {
            return Ok(());
        }
        let said = database.with_forecasts(|kept| kept.said_of_jobs(MODEL_VERSION, &new))?;
        self.settled
            .extend(new.into_iter().map(|id| (id, Vec::new())));
        let Some(first) = said.iter().map(|said| said.issued_at).min() else {
            return Ok(());
        };
        // The stations' hours as they are now: nobody kept those of then.
        let then = Input {
            now: first,
            jobs: Vec::new(),
            ..picture.input.clone()
        };
        let days = picture.now.duration_since(first).as_hours() / 24 + 400;
        let Ok(hours) = ShopHours::of(&then, days) else {
            return Ok(()); // the forecast itself will say what is wrong with them
        };
        let mut last: Option<(JobId, Timestamp)> = None;
        for said in said {
            let job_id = said.job.job_id;
            let near = |(id, at): (JobId, Timestamp)| {
                id == job_id && said.issued_at.duration_since(at) < APART
            };
            if last.is_some_and(near) {
                continue;
            }
            last = Some((job_id, said.issued_at));
            let settled = self.settled.entry(job_id).or_default();
            settled.push(held_against(&said, ends[&job_id], &hours));
        }
        Ok(())
    }

    fn keep(
        &mut self,
        outlook: &Outlook,
        plain: &Forecast,
        database: &Database,
    ) -> Result<(), StoreError> {
        let now = outlook.picture.now;
        if self.last_kept.is_none() {
            self.last_kept = database.with_forecasts(|kept| kept.last_forecast(MODEL_VERSION))?;
        }
        let too_soon = |last| now.duration_since(last) < QUARTER;
        if outlook.forecast.jobs.is_empty() || self.last_kept.is_some_and(too_soon) {
            return Ok(());
        }
        let jobs = outlook.forecast.jobs.iter().zip(&plain.jobs);
        let issued = IssuedForecast {
            log_position: outlook.picture.log_position,
            model_version: MODEL_VERSION,
            issued_at: now,
            seed: outlook.options.seed,
            futures: outlook.forecast.replications,
            jobs: jobs
                .map(|(stated, plain)| IssuedJob {
                    job_id: stated.job_id,
                    due_at: stated.due,
                    stated: [stated.p50, stated.p80, stated.p95],
                    plain: [plain.p50, plain.p80, plain.p95],
                    probability_late: stated.probability_late,
                })
                .collect(),
        };
        database.with_forecasts(|kept| kept.keep_forecast(&issued))?;
        self.last_kept = Some(now);
        Ok(())
    }
}

/// What was said of a job, before any correction, against what came.
fn held_against(said: &SaidOfJob, end: Timestamp, hours: &ShopHours) -> Settled {
    let issued = hours.seconds_to(said.issued_at);
    Settled {
        stated_seconds: said.job.plain.map(|at| hours.seconds_to(at) - issued),
        actual_seconds: hours.seconds_to(end) - issued,
    }
}

/// When a job will be done, as far as that can be said.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub(super) struct JobOutlook {
    /// Done by then in half of the futures, in four of five, in nineteen of twenty.
    p50: Timestamp,
    p80: Timestamp,
    p95: Timestamp,
    /// The share of futures in which it is done after its due date, and Wilson's 95 % interval of it.
    probability_late: f64,
    probability_late_low: f64,
    probability_late_high: f64,
    /// What it waits for most, in the futures in which it is late where there are such.
    cause: Option<JobCause>,
}

/// What decides when a job is done.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub(super) struct JobCause {
    station_id: StationId,
    /// On the way that decides its end: waiting before that station, in hours of the clock on the wall.
    queue_hours: f64,
    /// And being worked on there.
    work_hours: f64,
    /// The jobs behind which it waits there, most often first.
    behind: Vec<JobId>,
    /// The same in words.
    words: String,
}

impl From<&JobForecast> for JobOutlook {
    fn from(job: &JobForecast) -> Self {
        Self {
            p50: job.p50,
            p80: job.p80,
            p95: job.p95,
            probability_late: rounded(job.probability_late),
            probability_late_low: rounded(job.probability_late_low),
            probability_late_high: rounded(job.probability_late_high),
            cause: job.cause.as_ref().map(JobCause::from),
        }
    }
}

impl From<&Cause> for JobCause {
    fn from(cause: &Cause) -> Self {
        Self {
            station_id: cause.station_id.clone(),
            queue_hours: rounded(cause.queue_hours),
            work_hours: rounded(cause.work_hours),
            behind: cause.behind.clone(),
            words: cause.words.clone(),
        }
    }
}
