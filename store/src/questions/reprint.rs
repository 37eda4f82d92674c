//! The minimal reprint as a question: the core's plan, on as much of the floor as it looks at.

use super::row;
use crate::cache::Cache;
use crate::contract::{Reading, StoreError};
use crate::tables::Table;
use sheetwise_core::identity::JobId;
use sheetwise_core::production::{self, ReprintPlan, Stop};
use sheetwise_core::projections::JobRow;

/// A plan that asks for more than this, one thing after the other, asks in a circle.
const LOADS_MAX: usize = 1_000_000;

/// Which spares cover which voided cards of the job now, and the fewest extra sheets for the rest; with the job as
/// it is at that moment. `None` where there is no such job.
pub fn reprint_plan(
    reading: &mut dyn Reading,
    job_id: JobId,
) -> Result<Option<(JobRow, ReprintPlan)>, StoreError> {
    let job: Option<JobRow> = row(reading, Table::Jobs, &job_id.to_string())?;
    let Some(job) = job else {
        return Ok(None);
    };
    let mut cache = Cache::new();
    let head = reading.head()?;
    cache.catch_up(reading, &head)?;
    for _ in 0..LOADS_MAX {
        match production::reprint_plan(&cache.floor, job_id) {
            Ok(plan) => return Ok(Some((job, plan))),
            Err(Stop::NotLoaded(needed)) => cache.load(reading, &[needed], &[])?,
            Err(Stop::Refused(refusal)) => {
                let what = format!("the plan of {job_id}, which is there, was refused: {refusal}");
                return Err(StoreError::Damaged(what));
            }
        }
    }
    Err(StoreError::Damaged(format!(
        "the plan of {job_id} asks for the same again and again"
    )))
}
