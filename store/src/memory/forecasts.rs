//! Issued forecasts in memory.

use super::MemoryEngine;
use crate::contract::StoreError;
use crate::forecasts::{Forecasts, IssuedForecast, SaidOfJob};
use jiff::Timestamp;
use sheetwise_core::identity::JobId;

impl Forecasts for MemoryEngine {
    fn keep_forecast(&mut self, forecast: &IssuedForecast) -> Result<bool, StoreError> {
        let key = (forecast.log_position, forecast.model_version);
        let forecasts = &mut self.database().forecasts;
        if forecasts.contains_key(&key) {
            return Ok(false);
        }
        forecasts.insert(key, forecast.clone());
        Ok(true)
    }

    fn last_forecast(&mut self, model_version: u32) -> Result<Option<Timestamp>, StoreError> {
        let database = self.database();
        let of_model = database.forecasts.values();
        let of_model = of_model.filter(|forecast| forecast.model_version == model_version);
        Ok(of_model.map(|forecast| forecast.issued_at).max())
    }

    fn said_of_jobs(
        &mut self,
        model_version: u32,
        job_ids: &[JobId],
    ) -> Result<Vec<SaidOfJob>, StoreError> {
        let database = self.database();
        let of_model = database.forecasts.values();
        let of_model = of_model.filter(|forecast| forecast.model_version == model_version);
        let mut said: Vec<SaidOfJob> = of_model
            .flat_map(|forecast| {
                let jobs = forecast.jobs.iter();
                let asked = jobs.filter(|job| job_ids.contains(&job.job_id));
                asked.map(|job| SaidOfJob {
                    log_position: forecast.log_position,
                    issued_at: forecast.issued_at,
                    job: job.clone(),
                })
            })
            .collect();
        said.sort_by_key(|said| (said.job.job_id.to_string(), said.log_position));
        Ok(said)
    }
}
