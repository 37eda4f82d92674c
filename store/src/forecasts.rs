//! Forecasts as they were issued, so that what they were worth can be seen later. They are no facts of production: they
//! stand beside the log, and are never changed.

use crate::contract::StoreError;
use jiff::Timestamp;
use sheetwise_core::identity::JobId;

/// A forecast, as it was issued.
#[derive(Debug, Clone, PartialEq)]
pub struct IssuedForecast {
    /// The last event that it knew.
    pub log_position: u64,
    /// Which model it was made with.
    pub model_version: u32,
    pub issued_at: Timestamp,
    pub seed: u64,
    /// How many futures were simulated.
    pub futures: u32,
    pub jobs: Vec<IssuedJob>,
}

/// What was said of a job.
#[derive(Debug, Clone, PartialEq)]
pub struct IssuedJob {
    pub job_id: JobId,
    pub due_at: Timestamp,
    /// P50, P80 and P95 as they were told.
    pub stated: [Timestamp; 3],
    /// The same before past forecasts had corrected them.
    pub plain: [Timestamp; 3],
    pub probability_late: f64,
}

/// What a forecast once said of a job that somebody asks about now.
#[derive(Debug, Clone, PartialEq)]
pub struct SaidOfJob {
    pub log_position: u64,
    pub issued_at: Timestamp,
    pub job: IssuedJob,
}

/// Where issued forecasts are kept. Each call is a transaction of its own, outside of any group.
pub trait Forecasts {
    /// Keeps the forecast, whole or not at all; `false` where there is one of this position and model already.
    fn keep_forecast(&mut self, forecast: &IssuedForecast) -> Result<bool, StoreError>;

    /// When this model issued its last one, of those that are kept.
    fn last_forecast(&mut self, model_version: u32) -> Result<Option<Timestamp>, StoreError>;

    /// What this model said of these jobs, job by job, in the order of the log.
    fn said_of_jobs(
        &mut self,
        model_version: u32,
        job_ids: &[JobId],
    ) -> Result<Vec<SaidOfJob>, StoreError>;
}
