//! The simple answer: when a job is done behind the queues that stand there now, along its critical way.
//! No chance, no search, no new orders: a first look, and the yardstick that a forecast has to beat.

use super::decoder::{Decoder, Order, Slot, Standard};
use super::input::{Input, InputProblem};
use super::problem::{HORIZONS_DAYS, NONE, Problem, count};
use crate::capacity::timestamp_of;
use crate::identity::{JobId, OperationId, StationId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// What standard times and the present queues say.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Estimate {
    pub estimated_at: Timestamp,
    pub jobs: Vec<JobEstimate>,
    pub stations: Vec<StationEstimate>,
    /// The jobs that no station can make, or not within the hours that are known; and why.
    pub impossible: Vec<(JobId, String)>,
}

/// When a job is done.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct JobEstimate {
    pub job_id: JobId,
    pub due: Timestamp,
    /// If nothing else were in the shop.
    pub earliest_finish: Timestamp,
    /// Behind what stands at its stations now and goes before it.
    pub finish: Timestamp,
    /// The operations that decide that, first to last.
    pub critical_way: Vec<CriticalStep>,
}

/// A step of the critical way.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CriticalStep {
    pub lot: u32,
    pub operation_id: OperationId,
    pub station_id: StationId,
    pub start: Timestamp,
    pub end: Timestamp,
    /// From when it could have gone on to its start, in hours of the clock on the wall.
    pub queue_hours: f64,
    /// From its start to its end, in hours of the clock on the wall.
    pub work_hours: f64,
}

/// What stands before a station.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StationEstimate {
    pub station_id: StationId,
    /// Work that could go on there now, in staffed hours until its machines are through with it.
    pub queue_hours: f64,
    /// The same with all that is still to come.
    pub backlog_hours: f64,
}

/// Estimates.
///
/// # Errors
/// What is wrong with the input.
pub fn estimate(input: &Input) -> Result<Estimate, Vec<InputProblem>> {
    let mut last = None;
    for days in HORIZONS_DAYS {
        let problem = Problem::new(input, &[], days)?;
        let (estimate, all_done) = within(input, &problem);
        if all_done {
            return Ok(estimate);
        }
        last = Some(estimate);
    }
    Ok(last.expect("there are horizons"))
}

/// The order in which jobs go: higher priority first, then the earlier due date.
pub fn ranks_of_jobs(problem: &Problem) -> Vec<u32> {
    let mut jobs: Vec<usize> = (0..problem.jobs.len()).collect();
    jobs.sort_by_key(|at| {
        let job = &problem.jobs[*at];
        (
            -i32::from(job.priority),
            job.due,
            job.job_id,
            job.background,
        )
    });
    let mut ranks = vec![0; jobs.len()];
    for (rank, job) in jobs.into_iter().enumerate() {
        ranks[job] = count(rank);
    }
    ranks
}

fn within(input: &Input, problem: &Problem) -> (Estimate, bool) {
    let rank_of_job = ranks_of_jobs(problem);
    let ranks: Vec<u32> = (problem.ops.iter())
        .map(|op| rank_of_job[op.job as usize])
        .collect();
    let seconds = problem.shortest_seconds();
    let mut decoder = Decoder::new(problem).sharing_machines();
    let mut estimate = Estimate {
        estimated_at: input.now,
        jobs: Vec::new(),
        stations: stations(input, problem, &seconds),
        impossible: problem.left_out.clone(),
    };
    let mut all_done = true;
    let idle = vec![problem.now; problem.machines.len()];
    for (at, job) in problem.jobs.iter().enumerate() {
        let order = Order::Ranks(&ranks);
        let alone = decoder.by_dispatch_alone(at, &idle, &order, &Standard);
        let earliest = decoder.job_end(at);
        let queues = queues_before(problem, &seconds, &rank_of_job, at);
        let behind = decoder.by_dispatch_alone(at, &queues, &order, &Standard);
        if let Err(beyond) = alone.and(behind) {
            all_done = false;
            let op = &problem.ops[beyond.op as usize];
            let lot = &input.jobs[job.index].lots[op.lot as usize];
            let operation = &lot.operations[op.operation as usize].operation_id;
            let reason = format!("operation {operation} does not end within the known hours");
            estimate.impossible.push((job.job_id, reason));
            continue;
        }
        estimate.jobs.push(JobEstimate {
            job_id: job.job_id,
            due: input.jobs[job.index].due,
            earliest_finish: timestamp_of(earliest),
            finish: timestamp_of(decoder.job_end(at)),
            critical_way: critical_way(input, problem, &decoder, at),
        });
    }
    estimate.jobs.sort_by_key(|job| job.job_id);
    (estimate, all_done)
}

/// When each machine is through with what stands before its station now and goes before that job.
fn queues_before(problem: &Problem, seconds: &[i64], rank_of_job: &[u32], job: usize) -> Vec<i64> {
    let mut work = vec![0.0; problem.machines.len()];
    for (at, op) in problem.ops.iter().enumerate() {
        let other = op.job as usize;
        let stands_there = problem.before(count(at)).is_empty() && op.release <= problem.now;
        let goes_before = rank_of_job[other] < rank_of_job[job] || op.running.is_some();
        if other != job && stands_there && goes_before {
            let machines = &problem.pools[op.pool as usize].machines;
            for machine in machines {
                work[*machine as usize] += seconds[at] as f64 / machines.len() as f64;
            }
        }
    }
    let machines = problem.machines.iter().zip(work);
    machines
        .map(|(machine, work)| {
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "seconds of work: not negative, and few"
            )]
            let seconds = work.round() as u64;
            let hours = &problem.hours[machine.station];
            hours
                .finish_second(problem.now, seconds)
                .unwrap_or(i64::MAX / 4)
        })
        .collect()
}

fn stations(input: &Input, problem: &Problem, seconds: &[i64]) -> Vec<StationEstimate> {
    let mut queue = vec![0.0; input.stations.len()];
    let mut backlog = vec![0.0; input.stations.len()];
    for (at, op) in problem.ops.iter().enumerate() {
        let machines = &problem.pools[op.pool as usize].machines;
        let hours = seconds[at] as f64 / 3_600.0 / machines.len().max(1) as f64;
        let mut seen = Vec::new();
        for machine in machines {
            let station = problem.machines[*machine as usize].station;
            if !seen.contains(&station) {
                seen.push(station);
                backlog[station] += hours;
                if problem.before(count(at)).is_empty() {
                    queue[station] += hours;
                }
            }
        }
    }
    let stations = input.stations.iter().zip(queue.into_iter().zip(backlog));
    stations
        .map(|(station, (queue_hours, backlog_hours))| StationEstimate {
            station_id: station.station_id.clone(),
            queue_hours,
            backlog_hours,
        })
        .collect()
}

/// Back from the job's last end, each time to what its start or its end waited for.
fn critical_way(
    input: &Input,
    problem: &Problem,
    decoder: &Decoder,
    job: usize,
) -> Vec<CriticalStep> {
    let lots = &input.jobs[problem.jobs[job].index].lots;
    let hours = |from: i64, to: i64| (to - from).max(0) as f64 / 3_600.0;
    let mut steps: Vec<CriticalStep> = Vec::new();
    for op in way_back(problem, decoder, job) {
        let slot = &decoder.slots[op as usize];
        let state = &problem.ops[op as usize];
        let lot = &lots[state.lot as usize];
        let station = problem.machines[slot.machine as usize].station;
        steps.push(CriticalStep {
            lot: lot.number,
            operation_id: lot.operations[state.operation as usize]
                .operation_id
                .clone(),
            station_id: input.stations[station].station_id.clone(),
            start: timestamp_of(slot.start),
            end: timestamp_of(slot.end),
            queue_hours: hours(slot.available, slot.start),
            work_hours: hours(slot.start, slot.end),
        });
    }
    steps.reverse();
    steps
}

/// The operations that decided a job's end, last to first; those that took a machine.
pub fn way_back<'a>(
    problem: &'a Problem,
    decoder: &'a Decoder,
    job: usize,
) -> impl Iterator<Item = u32> + 'a {
    let slot = |op: u32| -> &Slot { &decoder.slots[op as usize] };
    let ops = problem.jobs[job].ops.clone();
    let last = ops
        .filter(|op| problem.ops[*op].owed)
        .max_by_key(|op| (decoder.slots[*op].end, *op))
        .map(count);
    let before = move |op: &u32| -> Option<u32> {
        let by_end = Some(slot(*op).ended_by).filter(|by| *by != NONE && by != op);
        let by_start = || {
            let edges = problem.before(*op).iter().map(|edge| edge.op);
            edges.max_by_key(|op| (slot(*op).start, *op))
        };
        by_end.or_else(by_start)
    };
    std::iter::successors(last, before).filter(move |op| slot(*op).machine != NONE)
}
