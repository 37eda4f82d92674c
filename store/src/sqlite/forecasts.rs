//! Issued forecasts on SQLite.

use super::read::time;
use super::{SqliteEngine, failed, time_text};
use crate::contract::StoreError;
use crate::forecasts::{Forecasts, IssuedForecast, IssuedJob, SaidOfJob};
use jiff::Timestamp;
use rusqlite::{Row, TransactionBehavior, params};
use sheetwise_core::identity::JobId;

impl Forecasts for SqliteEngine {
    fn keep_forecast(&mut self, forecast: &IssuedForecast) -> Result<bool, StoreError> {
        let (position, model) = (forecast.log_position, forecast.model_version);
        let transaction = self
            .connection
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .map_err(failed)?;
        let sql = "INSERT INTO forecasts (log_position, model_version, issued_at, seed, futures)
                   VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT DO NOTHING";
        let issued_at = time_text(forecast.issued_at);
        let values = params![position, model, issued_at, forecast.seed, forecast.futures];
        if transaction.execute(sql, values).map_err(failed)? == 0 {
            return Ok(false);
        }
        {
            let sql = "INSERT INTO forecast_jobs (job_id, model_version, log_position, due_at, p50, p80, p95,
                           plain_p50, plain_p80, plain_p95, probability_late)
                       VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)";
            let mut keep = transaction.prepare_cached(sql).map_err(failed)?;
            for job in &forecast.jobs {
                let [p50, p80, p95] = job.stated.map(time_text);
                let [plain_p50, plain_p80, plain_p95] = job.plain.map(time_text);
                keep.execute(params![
                    job.job_id.to_string(),
                    model,
                    position,
                    time_text(job.due_at),
                    p50,
                    p80,
                    p95,
                    plain_p50,
                    plain_p80,
                    plain_p95,
                    job.probability_late,
                ])
                .map_err(failed)?;
            }
        }
        transaction.commit().map_err(failed)?;
        Ok(true)
    }

    fn last_forecast(&mut self, model_version: u32) -> Result<Option<Timestamp>, StoreError> {
        let sql = "SELECT issued_at FROM forecasts WHERE model_version = ?1
                   ORDER BY log_position DESC LIMIT 1";
        let mut last = self.connection.prepare_cached(sql).map_err(failed)?;
        let mut last = last
            .query_map([model_version], |row| time(row, 0))
            .map_err(failed)?;
        last.next().transpose().map_err(failed)
    }

    fn said_of_jobs(
        &mut self,
        model_version: u32,
        job_ids: &[JobId],
    ) -> Result<Vec<SaidOfJob>, StoreError> {
        let sql = "SELECT log_position, issued_at, due_at, p50, p80, p95, plain_p50, plain_p80, plain_p95,
                       probability_late
                   FROM forecast_jobs JOIN forecasts USING (model_version, log_position)
                   WHERE job_id = ?1 AND model_version = ?2 ORDER BY log_position";
        let mut statement = self.connection.prepare_cached(sql).map_err(failed)?;
        let mut jobs: Vec<(String, JobId)> =
            job_ids.iter().map(|id| (id.to_string(), *id)).collect();
        jobs.sort_unstable();
        let mut said = Vec::new();
        for (text, job_id) in jobs {
            let of_job = statement
                .query_map(params![text, model_version], |row| said_of(job_id, row))
                .map_err(failed)?;
            for one in of_job {
                said.push(one.map_err(failed)?);
            }
        }
        Ok(said)
    }
}

fn said_of(job_id: JobId, row: &Row<'_>) -> Result<SaidOfJob, rusqlite::Error> {
    Ok(SaidOfJob {
        log_position: row.get(0)?,
        issued_at: time(row, 1)?,
        job: IssuedJob {
            job_id,
            due_at: time(row, 2)?,
            stated: [time(row, 3)?, time(row, 4)?, time(row, 5)?],
            plain: [time(row, 6)?, time(row, 7)?, time(row, 8)?],
            probability_late: row.get(9)?,
        },
    })
}
