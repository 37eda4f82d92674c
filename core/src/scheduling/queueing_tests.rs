//! The core of resource time against queueing theory: long runs, fixed seeds, batch means.

use super::chance::{hash, unit};
use super::decoder::{Decoder, Durations, Order};
use super::fixtures::*;
use super::problem::{Problem, count};
use super::*;
use jiff::SignedDuration;

/// Mean service in seconds: large, so that whole seconds do not show.
const SERVICE: f64 = 1_000.0;
const CUSTOMERS: u32 = 100_000;
const BATCHES: usize = 30;

/// Each customer's own service time.
struct Drawn(Vec<i64>);

impl Durations for Drawn {
    fn units(&self, problem: &Problem, op: u32) -> u32 {
        problem.ops[op as usize].units
    }

    fn seconds(&self, _: &Problem, op: u32, _: u32, _: i64, _: i64) -> i64 {
        self.0[op as usize]
    }
}

/// What the customers of a queue with Poisson arrivals met, in service times: their waits, the mean
/// number of those who wait, and the rate at which they come.
struct Seen {
    waits: Vec<f64>,
    mean_waiting: f64,
    rate: f64,
}

#[expect(clippy::cast_possible_truncation, reason = "seconds of a test")]
fn queue(machines: u16, load: f64, random_service: bool, seed: u64) -> Seen {
    let exponential = |of: u64, number: u32| -unit(hash(&[seed, of, u64::from(number)])).ln();
    let between = SERVICE / load / f64::from(machines);
    let mut at = 0.0;
    let jobs: Vec<JobInput> = (1..=CUSTOMERS)
        .map(|number| {
            at += exponential(1, number) * between;
            JobInput {
                release: monday() + SignedDuration::from_secs(at as i64),
                ..job(number, vec![operation("SERVE", 0, 1.0, 1, &[])])
            }
        })
        .collect();
    let input = Input {
        now: monday(),
        stations: vec![station("COUNTER", machines)],
        jobs,
    };
    let problem = Problem::new(&input, &[], 20_000).unwrap();
    let service = (1..=CUSTOMERS).map(|number| {
        let times = if random_service {
            exponential(2, number)
        } else {
            1.0
        };
        (times * SERVICE).round() as i64
    });
    let mut decoder = Decoder::new(&problem);
    let ranks: Vec<u32> = (0..CUSTOMERS).collect();
    let drawn = Drawn(service.collect());
    decoder.by_dispatch(&Order::Ranks(&ranks), &drawn).unwrap();
    // What waits is also counted without looking at waits: arrivals and starts, merged in order of time.
    let mut moments: Vec<(i64, i64)> = Vec::new();
    for slot in &decoder.slots {
        moments.extend([(slot.available, 1), (slot.start, -1)]);
    }
    moments.sort_unstable();
    let (mut area, mut waiting, mut before) = (0.0, 0_i64, moments[0].0);
    for (when, change) in &moments {
        area += waiting as f64 * (when - before) as f64;
        (waiting, before) = (waiting + change, *when);
    }
    let span = (before - problem.now) as f64;
    assert_eq!(count(decoder.slots.len()), CUSTOMERS);
    Seen {
        waits: decoder
            .slots
            .iter()
            .map(|slot| (slot.start - slot.available) as f64 / SERVICE)
            .collect(),
        mean_waiting: area / span,
        rate: f64::from(CUSTOMERS) / span * SERVICE,
    }
}

/// The mean, and its standard error by batch means.
fn batch_means(waits: &[f64]) -> (f64, f64) {
    let warm = &waits[waits.len() / 20..];
    let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
    let means: Vec<f64> = warm.chunks_exact(warm.len() / BATCHES).map(mean).collect();
    let all = mean(&means);
    let variance = means.iter().map(|m| (m - all).powi(2)).sum::<f64>() / (means.len() - 1) as f64;
    (all, (variance / means.len() as f64).sqrt())
}

#[test]
fn waits_are_those_of_queueing_theory_within_three_standard_errors() {
    for (machines, load, random_service, expected) in [
        (1, 0.5, true, 1.0),
        (1, 0.8, true, 4.0),
        (3, 0.8, true, 1.0787),
        (5, 0.9, true, 1.5250),
        (1, 0.5, false, 0.5),
        (1, 0.8, false, 2.0),
        (1, 0.9, false, 4.5),
    ] {
        let seen = queue(machines, load, random_service, 11);
        let (mean, error) = batch_means(&seen.waits);
        assert!(
            (mean - expected).abs() < 3.0 * error && error < expected * 0.15,
            "{machines} machines, load {load}, random {random_service}: {mean} ± {error}, not {expected}"
        );
    }
}

#[test]
fn littles_law_holds_on_every_run() {
    for (machines, load, random_service) in [(1, 0.7, true), (4, 0.9, true), (1, 0.95, false)] {
        let seen = queue(machines, load, random_service, 7);
        let mean_wait = seen.waits.iter().sum::<f64>() / seen.waits.len() as f64;
        let by_law = seen.rate * mean_wait;
        assert!(
            (seen.mean_waiting / by_law - 1.0).abs() < 1e-9,
            "{} {by_law}",
            seen.mean_waiting
        );
    }
}
