//! Many simulated futures of the shop: the decoder of plans with sampled durations, dispatching as the
//! floor does (higher priority, then the earlier due date), with the orders that are still to come.

mod arrivals;
mod draws;
mod model;
mod recalibration;
mod shop_hours;
mod summary;

pub use model::{Arrivals, Breakdowns, MODEL_VERSION, Model, StationPace};
pub use recalibration::{JOBS_TO_LEARN_FROM, Recalibration, Settled};
pub use shop_hours::ShopHours;
pub use summary::{Cause, Forecast, JobForecast, wilson};

use super::chance::hash;
use super::decoder::{Decoder, Order, Standard};
use super::estimate::{ranks_of_jobs, way_back};
use super::input::{Input, InputProblem};
use super::problem::{HORIZONS_DAYS, NONE, Problem, count};
use crate::capacity::{second_of, timestamp_of};
use crate::identity::JobId;
use draws::{Draws, StationDraws};
use jiff::Timestamp;
use rustc_hash::FxHashMap;
use summary::quantile;

/// How a forecast is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ForecastOptions {
    /// How many futures. 200 leave the chance of being late uncertain by seven points at most.
    pub replications: u32,
    /// In how many ways the orders to come are dealt; each is shared by as many futures.
    pub decks: u32,
    pub seed: u64,
}

impl Default for ForecastOptions {
    fn default() -> Self {
        Self {
            replications: 200,
            decks: 10,
            seed: 1,
        }
    }
}

/// Forecasts when each job will be done.
///
/// # Errors
/// What is wrong with the input.
pub fn forecast(
    input: &Input,
    model: &Model,
    options: &ForecastOptions,
) -> Result<Forecast, Vec<InputProblem>> {
    let futures = Futures::simulate(input, model, options)?;
    Ok(futures.summary(input, model))
}

/// A forecast, and beside it the same futures without recalibration: what [`Recalibration::learn`] learns from once
/// the jobs are done.
///
/// # Errors
/// What is wrong with the input.
pub fn forecast_to_keep(
    input: &Input,
    model: &Model,
    options: &ForecastOptions,
) -> Result<(Forecast, Forecast), Vec<InputProblem>> {
    let futures = Futures::simulate(input, model, options)?;
    let plain = Model {
        recalibration: Recalibration::default(),
        ..model.clone()
    };
    let recalibrated = futures.summary(input, model);
    Ok((recalibrated, futures.summary(input, &plain)))
}

/// The ends of every job in every future.
pub(super) struct Futures {
    pub jobs: Vec<JobFutures>,
    impossible: Vec<(JobId, String)>,
    replications: u32,
    hours: ShopHours,
}

/// The futures of one job.
pub(super) struct JobFutures {
    pub job_id: JobId,
    due: Timestamp,
    /// In seconds after the moment of the forecast, future by future.
    pub ends: Vec<f64>,
    in_time: Ways,
    late: Ways,
}

/// Where the time goes on the ways that decide a job's end, summed over futures.
#[derive(Clone, Default)]
struct Ways {
    futures: u32,
    /// By station: seconds in its queue, and in its work.
    seconds: Vec<(f64, f64)>,
    /// By station and job: how often it waited behind that one.
    behind: FxHashMap<(u32, JobId), u32>,
}

impl Futures {
    pub fn simulate(
        input: &Input,
        model: &Model,
        options: &ForecastOptions,
    ) -> Result<Self, Vec<InputProblem>> {
        let Horizon {
            days,
            arrival_days,
            impossible,
        } = horizon(input)?;
        let mut possible = input.clone();
        let left_out = |job_id: JobId| impossible.iter().any(|(id, _)| *id == job_id);
        possible.jobs.retain(|job| !left_out(job.job_id));
        let stations = StationDraws::new(&possible, model);
        let mut futures = Self {
            jobs: Vec::new(),
            impossible,
            replications: options.replications.max(1),
            hours: ShopHours::of(input, days)?,
        };
        let decks = match model.arrivals {
            Some(_) => options.decks.clamp(1, futures.replications),
            None => 1,
        };
        for deck in 0..decks {
            let background = model.arrivals.as_ref().map_or_else(Vec::new, |arrivals| {
                arrivals::deal(
                    arrivals,
                    options.seed,
                    u64::from(deck),
                    input.now,
                    arrival_days,
                )
            });
            let problem = Problem::new(&possible, &background, days)?;
            let real = problem.jobs.iter().filter(|job| !job.background).count();
            if futures.jobs.is_empty() {
                let jobs = problem.jobs[..real].iter();
                futures.jobs = jobs.map(|job| JobFutures::new(job, input)).collect();
            }
            let rank_of_job = ranks_of_jobs(&problem);
            let ranks = ranks_of_ops(&problem, &rank_of_job);
            let mut decoder = Decoder::new(&problem).sharing_machines();
            for replication in (deck..futures.replications).step_by(decks as usize) {
                let draws = Draws {
                    stations: &stations,
                    key: hash(&[options.seed, u64::from(replication)]),
                };
                let known = decoder.by_dispatch(&Order::Ranks(&ranks), &draws).is_ok();
                for (at, job) in futures.jobs.iter_mut().enumerate() {
                    job.take_in(&problem, &decoder, at, known, days);
                }
            }
        }
        Ok(futures)
    }

    pub fn summary(&self, input: &Input, model: &Model) -> Forecast {
        let mut jobs: Vec<JobForecast> = self
            .jobs
            .iter()
            .map(|job| job.summary(input, model, self))
            .collect();
        jobs.sort_by_key(|job| job.job_id);
        Forecast {
            issued_at: input.now,
            replications: self.replications,
            jobs,
            impossible: self.impossible.clone(),
        }
    }
}

/// How far a forecast looks.
struct Horizon {
    /// For how many days hours are needed.
    days: i64,
    /// For how many days orders to come matter.
    arrival_days: f64,
    /// The jobs that can never be done, and why.
    impossible: Vec<(JobId, String)>,
}

fn horizon(input: &Input) -> Result<Horizon, Vec<InputProblem>> {
    let mut impossible: Vec<(JobId, String)> = Vec::new();
    let mut possible = input.clone();
    loop {
        let mut stuck = None;
        for days in HORIZONS_DAYS {
            let problem = Problem::new(&possible, &[], days)?;
            let ranks = ranks_of_ops(&problem, &ranks_of_jobs(&problem));
            let mut decoder = Decoder::new(&problem);
            match decoder.by_dispatch(&Order::Ranks(&ranks), &Standard) {
                Ok(()) => {
                    let ends = (0..problem.jobs.len()).map(|job| decoder.job_end(job));
                    let seconds = ends.max().unwrap_or(problem.now) - problem.now;
                    let span_days = seconds as f64 / 86_400.0;
                    impossible.extend(problem.left_out.clone());
                    // Slow days, breakdowns and new orders included, four times that is enough.
                    #[expect(clippy::cast_possible_truncation, reason = "a number of days")]
                    let days = days.max((span_days * 4.0) as i64 + 30);
                    return Ok(Horizon {
                        days,
                        arrival_days: span_days * 1.5 + 1.0,
                        impossible,
                    });
                }
                Err(beyond) => {
                    let job = problem.ops[beyond.op as usize].job;
                    stuck = Some(problem.jobs[job as usize].job_id);
                }
            }
        }
        let stuck = stuck.expect("every horizon was tried in vain");
        let reason = "its stations are not staffed, or never for long enough".to_owned();
        impossible.push((stuck, reason));
        possible.jobs.retain(|job| job.job_id != stuck);
    }
}

/// By job, then lot, then operation.
fn ranks_of_ops(problem: &Problem, rank_of_job: &[u32]) -> Vec<u32> {
    let mut order: Vec<u32> = (0..count(problem.ops.len())).collect();
    order.sort_by_key(|op| (rank_of_job[problem.ops[*op as usize].job as usize], *op));
    let mut ranks = vec![0; order.len()];
    for (rank, op) in order.into_iter().enumerate() {
        ranks[op as usize] = count(rank);
    }
    ranks
}

/// Moves ends in the shop's own time, where an hour before closing and an hour after opening are the same.
fn recalibrate(ends: &mut [f64], input: &Input, model: &Model, hours: &ShopHours) {
    let now = second_of(input.now);
    for end in ends.iter_mut() {
        #[expect(clippy::cast_possible_truncation, reason = "whole seconds")]
        let then = timestamp_of(now.saturating_add(*end as i64));
        *end = hours.seconds_to(then);
    }
    model.recalibration.apply(ends);
    for end in ends.iter_mut() {
        *end = (second_of(hours.after(*end)) - now) as f64;
    }
}

/// The job that kept the machine while the operation could have gone on: behind lots of its own job, the one before those.
/// None where it did not wait, or behind an order that is only thought of.
fn waits_behind(problem: &Problem, decoder: &Decoder, op: u32) -> Option<JobId> {
    let own = problem.ops[op as usize].job;
    let available = decoder.slots[op as usize].available;
    let mut before = decoder.slots[op as usize].machine_before;
    while before != NONE && decoder.slots[before as usize].busy_until > available {
        let job = problem.ops[before as usize].job;
        if job != own {
            let job = &problem.jobs[job as usize];
            return (!job.background).then_some(job.job_id);
        }
        before = decoder.slots[before as usize].machine_before;
    }
    None
}

impl JobFutures {
    fn new(job: &super::problem::JobOps, input: &Input) -> Self {
        let ways = Ways {
            seconds: vec![(0.0, 0.0); input.stations.len()],
            ..Ways::default()
        };
        Self {
            job_id: job.job_id,
            due: timestamp_of(job.due),
            ends: Vec::new(),
            in_time: ways.clone(),
            late: ways,
        }
    }

    fn take_in(&mut self, problem: &Problem, decoder: &Decoder, at: usize, known: bool, days: i64) {
        // A future that does not end within the hours that are known ends with them at the earliest.
        let end = if known {
            decoder.job_end(at)
        } else {
            decoder.job_end(at).max(problem.now + days * 86_400)
        };
        self.ends.push((end - problem.now) as f64);
        if !known {
            return;
        }
        let ways = if end > second_of(self.due) {
            &mut self.late
        } else {
            &mut self.in_time
        };
        ways.futures += 1;
        for op in way_back(problem, decoder, at) {
            let slot = &decoder.slots[op as usize];
            let station = problem.machines[slot.machine as usize].station;
            let (queue, work) = &mut ways.seconds[station];
            *queue += (slot.start - slot.available) as f64;
            *work += (slot.end - slot.start) as f64;
            if let Some(job) = waits_behind(problem, decoder, op) {
                let behind = ways.behind.entry((count(station), job));
                *behind.or_default() += 1;
            }
        }
    }

    fn summary(&self, input: &Input, model: &Model, futures: &Futures) -> JobForecast {
        let replications = futures.replications;
        let mut ends = self.ends.clone();
        ends.sort_by(f64::total_cmp);
        if model.recalibration != Recalibration::default() {
            recalibrate(&mut ends, input, model, &futures.hours);
        }
        let now = second_of(input.now);
        let due = (second_of(self.due) - now) as f64;
        let late = count(ends.iter().filter(|end| **end > due).count());
        let (probability_late_low, probability_late_high) = wilson(late, replications);
        #[expect(clippy::cast_possible_truncation, reason = "seconds, rounded")]
        let after = |seconds: f64| timestamp_of(now.saturating_add(seconds.round() as i64));
        JobForecast {
            job_id: self.job_id,
            due: self.due,
            p50: after(quantile(&ends, 0.5)),
            p80: after(quantile(&ends, 0.8)),
            p95: after(quantile(&ends, 0.95)),
            mean: after(ends.iter().sum::<f64>() / ends.len().max(1) as f64),
            probability_late: f64::from(late) / f64::from(replications),
            probability_late_low,
            probability_late_high,
            cause: self.cause(input),
        }
    }

    fn cause(&self, input: &Input) -> Option<Cause> {
        let ways = if self.late.futures > 0 {
            &self.late
        } else {
            &self.in_time
        };
        let longest = |(queue, work): &(f64, f64)| queue.max(*work);
        let (station, (queue, work)) = (ways.seconds.iter().enumerate())
            .max_by(|a, b| longest(a.1).total_cmp(&longest(b.1)))
            .filter(|(_, seconds)| longest(seconds) > 0.0)?;
        let mut behind: Vec<(u32, JobId)> = (ways.behind.iter())
            .filter(|((at, _), _)| *at as usize == station)
            .map(|((_, job), times)| (*times, *job))
            .collect();
        behind.sort_by_key(|(times, job)| (std::cmp::Reverse(*times), *job));
        let hours = |seconds: &f64| seconds / 3_600.0 / f64::from(ways.futures.max(1));
        Some(Cause::new(
            input.stations[station].station_id.clone(),
            hours(queue),
            hours(work),
            behind.into_iter().take(3).map(|(_, job)| job).collect(),
        ))
    }
}
