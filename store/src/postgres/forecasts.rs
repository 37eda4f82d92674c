//! Issued forecasts on PostgreSQL.

use super::PostgresEngine;
use super::connection::Query;
use crate::contract::StoreError;
use crate::forecasts::{Forecasts, IssuedForecast, IssuedJob, SaidOfJob};
use jiff::Timestamp;
use postgres_types::ToSql;
use sheetwise_core::identity::JobId;
use tokio_postgres::Row;

/// Forecast and jobs in one statement: both or neither, and no jobs without a new forecast.
const KEEP: &str = "
    WITH kept AS (
        INSERT INTO forecasts (log_position, model_version, issued_at, seed, futures)
        VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING
        RETURNING log_position, model_version
    ), jobs AS (
        INSERT INTO forecast_jobs (job_id, model_version, log_position, due_at, p50, p80, p95,
                                   plain_p50, plain_p80, plain_p95, probability_late)
        SELECT job_id, model_version, log_position, due_at, p50, p80, p95, plain_p50, plain_p80, plain_p95, late
        FROM kept CROSS JOIN unnest($6::text[], $7::timestamptz[], $8::timestamptz[], $9::timestamptz[],
                 $10::timestamptz[], $11::timestamptz[], $12::timestamptz[], $13::timestamptz[], $14::float8[])
             AS told (job_id, due_at, p50, p80, p95, plain_p50, plain_p80, plain_p95, late)
    )
    SELECT count(*) FROM kept";

impl Forecasts for PostgresEngine {
    fn keep_forecast(&mut self, forecast: &IssuedForecast) -> Result<bool, StoreError> {
        let (position, model) = (
            number(forecast.log_position),
            i64::from(forecast.model_version),
        );
        let (seed, futures) = (number(forecast.seed), i64::from(forecast.futures));
        let jobs = &forecast.jobs;
        let ids: Vec<String> = jobs.iter().map(|job| job.job_id.to_string()).collect();
        let times = |of: &dyn Fn(&IssuedJob) -> Timestamp| -> Vec<Timestamp> {
            jobs.iter().map(of).collect()
        };
        let due = times(&|job| job.due_at);
        let stated: Vec<_> = (0..3)
            .map(|level| times(&|job| job.stated[level]))
            .collect();
        let plain: Vec<_> = (0..3).map(|level| times(&|job| job.plain[level])).collect();
        let late: Vec<f64> = jobs.iter().map(|job| job.probability_late).collect();
        let values: Vec<&(dyn ToSql + Sync)> = vec![
            &position,
            &model,
            &forecast.issued_at,
            &seed,
            &futures,
            &ids,
            &due,
            &stated[0],
            &stated[1],
            &stated[2],
            &plain[0],
            &plain[1],
            &plain[2],
            &late,
        ];
        let kept = self.query(Query { sql: KEEP, values })?;
        let kept: i64 = kept.first().map_or(0, |row| row.get(0));
        Ok(kept > 0)
    }

    fn last_forecast(&mut self, model_version: u32) -> Result<Option<Timestamp>, StoreError> {
        let sql = "SELECT issued_at FROM forecasts WHERE model_version = $1
                   ORDER BY log_position DESC LIMIT 1";
        let model = i64::from(model_version);
        let values: Vec<&(dyn ToSql + Sync)> = vec![&model];
        let last = self.query(Query { sql, values })?;
        Ok(last.first().map(|row| row.get(0)))
    }

    fn said_of_jobs(
        &mut self,
        model_version: u32,
        job_ids: &[JobId],
    ) -> Result<Vec<SaidOfJob>, StoreError> {
        let sql = "SELECT job_id, log_position, issued_at, due_at, p50, p80, p95, plain_p50, plain_p80, plain_p95,
                       probability_late
                   FROM forecast_jobs JOIN forecasts USING (model_version, log_position)
                   WHERE job_id = ANY($1) AND model_version = $2 ORDER BY job_id, log_position";
        let ids: Vec<String> = job_ids.iter().map(ToString::to_string).collect();
        let model = i64::from(model_version);
        let values: Vec<&(dyn ToSql + Sync)> = vec![&ids, &model];
        let rows = self.query(Query { sql, values })?;
        rows.iter().map(said_of).collect()
    }
}

fn said_of(row: &Row) -> Result<SaidOfJob, StoreError> {
    let job_id: String = row.get(0);
    let job_id = job_id
        .parse()
        .map_err(|e| StoreError::Damaged(format!("a forecast of {job_id}: {e}")))?;
    Ok(SaidOfJob {
        log_position: row.get::<_, i64>(1).unsigned_abs(),
        issued_at: row.get(2),
        job: IssuedJob {
            job_id,
            due_at: row.get(3),
            stated: [row.get(4), row.get(5), row.get(6)],
            plain: [row.get(7), row.get(8), row.get(9)],
            probability_late: row.get(10),
        },
    })
}

/// Positions and seeds are far below what a BIGINT holds.
fn number(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
