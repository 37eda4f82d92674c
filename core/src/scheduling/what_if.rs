//! What a change would do, without recording anything: the same futures with and without it. Draws are
//! named by what they are for, so the two differ only by what was changed.

use super::forecast::{Forecast, ForecastOptions, Futures, Model};
use super::input::{Input, InputProblem, JobInput, StationInput};
use crate::capacity::Interval;
use crate::domain::values::Priority;
use crate::identity::{JobId, StationId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// A change that is only thought of.
#[derive(Debug, Clone, PartialEq)]
pub enum Supposed {
    /// A station does not work for that long.
    StationDown {
        station_id: StationId,
        during: Interval,
    },
    /// A station is staffed beyond its shifts.
    Overtime {
        station_id: StationId,
        during: Interval,
    },
    /// A station has so many machines.
    Machines {
        station_id: StationId,
        machines: u16,
    },
    /// An order comes in.
    NewJob(JobInput),
    /// A job gets another priority, or another due date.
    Priority {
        job_id: JobId,
        priority: Priority,
    },
    Due {
        job_id: JobId,
        due: Timestamp,
    },
    /// A job falls away.
    Cancelled {
        job_id: JobId,
    },
}

/// What it would do.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct WhatIf {
    pub without: Forecast,
    pub with: Forecast,
    /// Every job that is in both.
    pub differences: Vec<JobDifference>,
}

/// What it would do to a job, future by future.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct JobDifference {
    pub job_id: JobId,
    /// Later by so much on average, in minutes of the clock on the wall; below 0: earlier.
    pub mean_later_minutes: f64,
    /// How much more often it is late (−1 to 1).
    pub probability_late_change: f64,
    /// The share of futures in which its end changes at all.
    pub futures_changed: f64,
}

/// Forecasts with and without the changes.
///
/// # Errors
/// What is wrong with the input, or a change of something that is not in it.
pub fn what_if(
    input: &Input,
    model: &Model,
    options: &ForecastOptions,
    supposed: &[Supposed],
) -> Result<WhatIf, Vec<InputProblem>> {
    let changed = suppose(input, supposed)?;
    let before = Futures::simulate(input, model, options)?;
    let after = Futures::simulate(&changed, model, options)?;
    let (without, with) = (before.summary(input, model), after.summary(&changed, model));
    let chance_of = |forecast: &Forecast, job_id: JobId| {
        let mut jobs = forecast.jobs.iter();
        jobs.find(|job| job.job_id == job_id)
            .map_or(0.0, |job| job.probability_late)
    };
    let mut differences: Vec<JobDifference> = Vec::new();
    for job in &before.jobs {
        let Some(other) = after.jobs.iter().find(|other| other.job_id == job.job_id) else {
            continue;
        };
        let apart = || {
            job.ends
                .iter()
                .zip(&other.ends)
                .map(|(before, after)| after - before)
        };
        let futures = job.ends.len().max(1) as f64;
        differences.push(JobDifference {
            job_id: job.job_id,
            mean_later_minutes: apart().sum::<f64>() / futures / 60.0,
            probability_late_change: chance_of(&with, job.job_id) - chance_of(&without, job.job_id),
            futures_changed: apart().filter(|apart| *apart != 0.0).count() as f64 / futures,
        });
    }
    differences.sort_by_key(|difference| difference.job_id);
    Ok(WhatIf {
        without,
        with,
        differences,
    })
}

/// The input as it would be.
///
/// # Errors
/// A change of something that is not in it.
pub fn suppose(input: &Input, supposed: &[Supposed]) -> Result<Input, Vec<InputProblem>> {
    let mut changed = input.clone();
    let mut problems = Vec::new();
    for supposed in supposed {
        if let Err(problem) = apply(&mut changed, supposed) {
            problems.push(InputProblem(problem));
        }
    }
    if problems.is_empty() {
        Ok(changed)
    } else {
        Err(problems)
    }
}

fn apply(input: &mut Input, supposed: &Supposed) -> Result<(), String> {
    let Input { stations, jobs, .. } = input;
    match supposed {
        Supposed::StationDown { station_id, during } => {
            station(stations, station_id)?.downtime.push(*during);
        }
        Supposed::Overtime { station_id, during } => {
            station(stations, station_id)?.overtime.push(*during)
        }
        Supposed::Machines {
            station_id,
            machines,
        } => station(stations, station_id)?.machines = *machines,
        Supposed::NewJob(job) => jobs.push(job.clone()),
        Supposed::Priority { job_id, priority } => {
            job(jobs, *job_id)?.priority = *priority;
        }
        Supposed::Due { job_id, due } => {
            job(jobs, *job_id)?.due = *due;
        }
        Supposed::Cancelled { job_id } => {
            job(jobs, *job_id)?;
            jobs.retain(|job| job.job_id != *job_id);
        }
    }
    Ok(())
}

fn station<'a>(
    stations: &'a mut [StationInput],
    id: &StationId,
) -> Result<&'a mut StationInput, String> {
    let found = stations
        .iter_mut()
        .find(|station| station.station_id == *id);
    found.ok_or_else(|| format!("there is no station {id}"))
}

fn job(jobs: &mut [JobInput], id: JobId) -> Result<&mut JobInput, String> {
    let found = jobs.iter_mut().find(|job| job.job_id == id);
    found.ok_or_else(|| format!("no job {id} is open"))
}
