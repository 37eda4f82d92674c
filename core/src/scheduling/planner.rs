//! Input → plan: dispatch by every rule, keep the best, search on within the budget, write down when and
//! why. Deterministic by seed and number of iterations, never by the clock.

use super::decoder::{Beyond, Decoder, Slot};
use super::input::{Input, InputProblem};
use super::objective::Objective;
use super::plan::{EndBound, JobPlan, Placement, Plan, PlanFigures, StartBound, Unplanned};
use super::problem::{HORIZONS_DAYS, NONE, Problem, count};
use super::rules::Rule;
use super::search;
use crate::capacity::timestamp_of;
use crate::identity::JobId;
use std::collections::BTreeSet;

/// How a plan is made.
#[derive(Debug, Clone, PartialEq)]
pub struct PlanOptions {
    pub objective: Objective,
    /// The rules to dispatch by; the best result is kept.
    pub rules: Vec<Rule>,
    /// How many steps the search takes after that; 0 for dispatch alone. A step of 100 lots and 5
    /// operations each is about 0.2 ms.
    pub iterations: u32,
    /// The search ends when the objective is down to this, in minutes.
    pub enough_minutes: f64,
    pub seed: u64,
}

impl Default for PlanOptions {
    fn default() -> Self {
        Self {
            objective: Objective::WeightedLateness,
            rules: Rule::ALL.to_vec(),
            iterations: 2_000,
            enough_minutes: 0.0,
            seed: 1,
        }
    }
}

/// Plans.
///
/// # Errors
/// What is wrong with the input. A job that no station can make is no error: the plan names it.
pub fn plan(input: &Input, options: &PlanOptions) -> Result<Plan, Vec<InputProblem>> {
    let mut late_comers: BTreeSet<JobId> = BTreeSet::new();
    let mut reasons: Vec<Unplanned> = Vec::new();
    // A job that does not fit into the longest hours is left out, and the rest planned again.
    loop {
        let mut without = input.clone();
        without
            .jobs
            .retain(|job| !late_comers.contains(&job.job_id));
        match plan_within_hours(&without, options)? {
            Ok(mut plan) => {
                plan.unplanned.extend(reasons);
                plan.unplanned.sort_by_key(|unplanned| unplanned.job_id);
                return Ok(plan);
            }
            Err(unplanned) => {
                late_comers.insert(unplanned.job_id);
                reasons.push(unplanned);
            }
        }
    }
}

fn plan_within_hours(
    input: &Input,
    options: &PlanOptions,
) -> Result<Result<Plan, Unplanned>, Vec<InputProblem>> {
    let mut beyond = None;
    for days in HORIZONS_DAYS {
        let problem = Problem::new(input, &[], days)?;
        match search::best(&problem, options) {
            Ok((decoder, made_by)) => {
                return Ok(Ok(written_down(
                    input, &problem, &decoder, made_by, options,
                )));
            }
            Err(Beyond { op }) => {
                let state = &problem.ops[op as usize];
                let job = &problem.jobs[state.job as usize];
                let lot = &input.jobs[job.index].lots[state.lot as usize];
                let operation = &lot.operations[state.operation as usize];
                beyond = Some(Unplanned {
                    job_id: job.job_id,
                    reason: format!(
                        "operation {} does not end within {days} days: its stations are not staffed, or never long enough for its set-up or cure",
                        operation.operation_id
                    ),
                });
            }
        }
    }
    Ok(Err(beyond.expect("every horizon was tried in vain")))
}

fn written_down(
    input: &Input,
    problem: &Problem,
    decoder: &Decoder,
    made_by: String,
    options: &PlanOptions,
) -> Plan {
    let mut placements = Vec::new();
    let mut setups = 0;
    for (at, slot) in decoder.slots.iter().enumerate() {
        if slot.machine != NONE {
            let placement = placement(input, problem, decoder, at, slot);
            let changeover = if placement.start_bound == StartBound::Running {
                0
            } else {
                changeover_before(problem, decoder, at)
            };
            setups += u32::from(changeover > 0);
            placements.push(placement);
        }
    }
    let mut jobs: Vec<JobPlan> = Vec::new();
    for (at, job) in problem.jobs.iter().enumerate() {
        let finish = decoder.job_end(at);
        jobs.push(JobPlan {
            job_id: job.job_id,
            finish: timestamp_of(finish),
            due: input.jobs[job.index].due,
            late_minutes: (finish - job.due).max(0) as f64 / 60.0,
        });
    }
    let late_jobs = jobs.iter().filter(|job| job.late_minutes > 0.0).count();
    placements.sort_by_key(|p| (p.job_id, p.lot, p.operation));
    jobs.sort_by_key(|job| job.job_id);
    let left_out = problem.left_out.iter();
    Plan {
        planned_at: input.now,
        placements,
        jobs,
        unplanned: left_out
            .map(|(job_id, reason)| Unplanned {
                job_id: *job_id,
                reason: reason.clone(),
            })
            .collect(),
        figures: PlanFigures {
            makespan_minutes: Objective::Makespan.of(problem, decoder) / 60.0,
            weighted_late_minutes: Objective::WeightedLateness.of(problem, decoder) / 60.0,
            late_jobs: count(late_jobs),
            setups,
            made_by: if options.iterations == 0 {
                made_by
            } else {
                format!("{made_by}, {} iterations", options.iterations)
            },
        },
    }
}

fn changeover_before(problem: &Problem, decoder: &Decoder, op: usize) -> i64 {
    let slot = &decoder.slots[op];
    let before = match slot.machine_before {
        NONE => problem.set_up_for[slot.machine as usize],
        before => problem.ops[before as usize].setup,
    };
    problem.changeover(slot.machine, before, problem.ops[op].setup)
}

fn placement(
    input: &Input,
    problem: &Problem,
    decoder: &Decoder,
    at: usize,
    slot: &Slot,
) -> Placement {
    let op = &problem.ops[at];
    let machine = &problem.machines[slot.machine as usize];
    let job = &problem.jobs[op.job as usize];
    let lots = &input.jobs[job.index].lots;
    let lot = &lots[op.lot as usize];
    let operation = &lot.operations[op.operation as usize];
    let operation_of = |op: u32| {
        let op = &problem.ops[op as usize];
        let job = &problem.jobs[op.job as usize];
        let lot = &input.jobs[job.index].lots[op.lot as usize];
        (
            job.job_id,
            lot.number,
            &lot.operations[op.operation as usize],
        )
    };
    Placement {
        job_id: job.job_id,
        lot: lot.number,
        operation: op.operation,
        operation_id: operation.operation_id.clone(),
        units: op.units,
        station_id: input.stations[machine.station].station_id.clone(),
        machine: machine.number + 1,
        setup_from: timestamp_of(slot.setup_from),
        start: timestamp_of(slot.start),
        end: timestamp_of(slot.end),
        start_bound: start_bound(problem, decoder, at, slot, operation_of),
        end_bound: (slot.ended_by != NONE).then(|| EndBound::LastBatch {
            operation_id: operation_of(slot.ended_by).2.operation_id.clone(),
        }),
    }
}

fn start_bound<'a>(
    problem: &Problem,
    decoder: &Decoder,
    at: usize,
    slot: &Slot,
    operation_of: impl Fn(u32) -> (JobId, u32, &'a super::input::LotOperation),
) -> StartBound {
    let op = &problem.ops[at];
    if op.running.is_some() && slot.machine_before == NONE && slot.setup_from == problem.now {
        return StartBound::Running;
    }
    let free_at = match slot.machine_before {
        NONE => problem.now,
        before => decoder.slots[before as usize].end,
    };
    let could_go_on = slot.available.max(free_at);
    if slot.setup_from > could_go_on {
        return StartBound::Closed {
            since: timestamp_of(could_go_on),
        };
    }
    if free_at >= slot.available && slot.machine_before != NONE {
        let (job_id, lot, operation) = operation_of(slot.machine_before);
        return StartBound::Machine {
            job_id,
            lot,
            operation_id: operation.operation_id.clone(),
        };
    }
    if slot.available <= op.release {
        return if op.release > problem.now {
            StartBound::Release
        } else {
            StartBound::Now
        };
    }
    // Of several, the one that ended last: its first batch is what decided, as a rule.
    let before = problem.before(count(at)).iter();
    let last = before.max_by_key(|edge| {
        let slot = &decoder.slots[edge.op as usize];
        (slot.start, edge.op)
    });
    last.map_or(StartBound::Now, |edge| StartBound::Predecessor {
        operation_id: operation_of(edge.op).2.operation_id.clone(),
    })
}
