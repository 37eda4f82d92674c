//! Simulated annealing on the priority list, for lateness: insertions and swaps, each decoded in full.
//! Most moves start from an operation that waited for its machine: it, its lot or its whole job goes before
//! what ran there meanwhile.

use super::ranks;
use crate::scheduling::chance::Stream;
use crate::scheduling::decoder::{Beyond, Decoder, Order, Standard};
use crate::scheduling::planner::PlanOptions;
use crate::scheduling::problem::{NONE, Problem};

/// The best order found.
pub fn improve(
    decoder: &mut Decoder,
    order: Vec<u32>,
    options: &PlanOptions,
) -> Result<Vec<u32>, Beyond> {
    if options.iterations == 0 || order.len() < 2 {
        return Ok(order);
    }
    let problem = decoder.problem();
    let mut chance = Stream::new(options.seed);
    let value_of = |order: &[u32], decoder: &mut Decoder| {
        decoder.by_dispatch(&Order::Ranks(&ranks(problem, order)), &Standard)?;
        Ok(options.objective.with_ends(problem, decoder))
    };
    let mut present = order;
    let mut present_value = value_of(&present, decoder)?;
    // The value holds the ends of jobs as well, in time or not.
    let mut present_late = options.objective.of(problem, decoder);
    let enough = options.enough_minutes * 60.0;
    let mut waiters = waiters(problem, decoder);
    let (mut best, mut best_value) = (present.clone(), present_value);
    let (first, last) = (present_value * 0.02 + 1.0, present_value * 1e-5 + 0.01);
    for iteration in 0..options.iterations {
        if present_late <= enough {
            break;
        }
        let progress = f64::from(iteration) / f64::from(options.iterations);
        let temperature = first * (last / first).powf(progress);
        let Some(next) = neighbour(problem, &present, &waiters, &mut chance) else {
            break;
        };
        // A neighbour beyond the hours is simply a bad one.
        let Ok(value) = value_of(&next, decoder) else {
            continue;
        };
        let worse_by = value - present_value;
        if worse_by <= 0.0 || chance.unit() < (-worse_by / temperature).exp() {
            (present, present_value) = (next, value);
            present_late = options.objective.of(problem, decoder);
            waiters = self::waiters(problem, decoder);
            if present_value < best_value {
                (best, best_value) = (present.clone(), present_value);
            }
        }
    }
    Ok(best)
}

/// An operation that waited for its machine, and what the machine did meanwhile.
struct Waiter {
    op: u32,
    for_op: u32,
    weight: f64,
}

fn waiters(problem: &Problem, decoder: &Decoder) -> Vec<Waiter> {
    let late: Vec<f64> = (0..problem.jobs.len())
        .map(|at| {
            let job = &problem.jobs[at];
            job.weight * (decoder.job_end(at) - job.due).max(0) as f64
        })
        .collect();
    let mean = late.iter().sum::<f64>() / late.len().max(1) as f64 + 1.0;
    (decoder.dispatched.iter())
        .filter_map(|&op| {
            let slot = &decoder.slots[op as usize];
            let before = slot.machine_before;
            let waited = before != NONE && decoder.slots[before as usize].end > slot.available;
            let job = problem.ops[op as usize].job;
            (waited && problem.ops[before as usize].job != job).then(|| Waiter {
                op,
                for_op: before,
                weight: late[job as usize] + 0.05 * mean,
            })
        })
        .scan(0.0, |sum, mut waiter| {
            *sum += waiter.weight;
            waiter.weight = *sum; // running totals, to draw by
            Some(waiter)
        })
        .collect()
}

fn neighbour(
    problem: &Problem,
    order: &[u32],
    waiters: &[Waiter],
    chance: &mut Stream,
) -> Option<Vec<u32>> {
    let kind = chance.unit();
    let Some(total) = waiters
        .last()
        .map(|waiter| waiter.weight)
        .filter(|_| kind < 0.85)
    else {
        return Some(moved_by_chance(order, chance));
    };
    let drawn = chance.unit() * total;
    let place = waiters.partition_point(|waiter| waiter.weight < drawn);
    let waiter = &waiters[place.min(waiters.len() - 1)];
    let job = |op: u32| problem.ops[op as usize].job;
    let lot = |op: u32| (problem.ops[op as usize].job, problem.ops[op as usize].lot);
    if kind < 0.4 {
        let (first, then) = (job(waiter.op), job(waiter.for_op));
        return Some(put_before(
            order,
            |op| job(op) == first,
            |op| job(op) == then,
        ));
    }
    if kind < 0.6 {
        let (first, then) = (lot(waiter.op), lot(waiter.for_op));
        return Some(put_before(
            order,
            |op| lot(op) == first,
            |op| lot(op) == then,
        ));
    }
    let place = |op: u32| order.iter().position(|other| *other == op);
    let (from, to) = (place(waiter.op)?, place(waiter.for_op)?);
    let mut next = order.to_vec();
    if chance.unit() < 0.5 {
        next.swap(from, to);
    } else {
        let op = next.remove(from);
        next.insert(to.min(next.len()), op);
    }
    Some(next)
}

/// The same places, with all of the one kind before all of the other.
fn put_before(
    order: &[u32],
    goes_first: impl Fn(u32) -> bool,
    goes_then: impl Fn(u32) -> bool,
) -> Vec<u32> {
    let firsts = order.iter().filter(|op| goes_first(**op));
    let mut in_turn = firsts.chain(order.iter().filter(|op| goes_then(**op)));
    order
        .iter()
        .map(|op| {
            let takes_part = goes_first(*op) || goes_then(*op);
            let next = takes_part.then(|| in_turn.next()).flatten();
            *next.unwrap_or(op)
        })
        .collect()
}

/// Some operation to some place not far away.
fn moved_by_chance(order: &[u32], chance: &mut Stream) -> Vec<u32> {
    let mut next = order.to_vec();
    let window = order.len().min(60);
    let from = chance.index(order.len());
    let to = (from + chance.index(window)).saturating_sub(window / 2);
    let op = next.remove(from);
    next.insert(to.min(next.len()), op);
    next
}
