//! A whole history from a seed: some people, many acts, everybody asked after each event; at the end the
//! shop is led on until everything is packed, voided or cancelled, to show that nothing gets stuck.

use crate::act::Act;
use crate::people::People;
use crate::run::{Failure, Run, Verdict};
use crate::shrink::shortest;
use std::collections::BTreeMap;
use std::fmt;

/// What a history came to.
#[derive(Debug, Clone, Default)]
pub struct Summary {
    pub acts: u64,
    pub events: u64,
    /// Acts that changed nothing because the same had been said before.
    pub said_before: u64,
    pub refusals: BTreeMap<&'static str, u64>,
    /// Event types, with how often each was recorded.
    pub event_types: BTreeMap<&'static str, u64>,
    pub jobs_closed: u64,
    pub jobs_cancelled: u64,
    /// Those of them for which nobody could do more, though nobody knew why.
    pub jobs_given_up: u64,
}

impl Summary {
    /// Adds another history's figures.
    pub fn add(&mut self, other: &Self) {
        self.acts += other.acts;
        self.events += other.events;
        self.said_before += other.said_before;
        self.jobs_closed += other.jobs_closed;
        self.jobs_cancelled += other.jobs_cancelled;
        self.jobs_given_up += other.jobs_given_up;
        for (code, n) in &other.refusals {
            *self.refusals.entry(code).or_default() += n;
        }
        for (event_type, n) in &other.event_types {
            *self.event_types.entry(event_type).or_default() += n;
        }
    }
}

/// A history in which somebody disagreed, as short as it could be made.
#[derive(Debug, Clone)]
pub struct Counterexample {
    pub seed: u64,
    pub failure: Failure,
    pub acts: Vec<Act>,
    /// How many acts the history had before it was shortened.
    pub acts_before: usize,
}

impl fmt::Display for Counterexample {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "seed {}: {}: {}",
            self.seed, self.failure.claim, self.failure.what
        )?;
        writeln!(
            f,
            "the shortest history that shows it ({} of {} acts):",
            self.acts.len(),
            self.acts_before
        )?;
        for (number, act) in self.acts.iter().enumerate() {
            writeln!(f, "{number:>4} {act}")?;
        }
        write!(
            f,
            "replay it with: cargo run --release -p sheetwise-sim -- --seed {}",
            self.seed
        )
    }
}

/// How many acts the way to the end may take before what is left is cancelled.
const PATIENCE: usize = 6_000;

/// Runs the history of this seed until it has at least this many events, and then to its end.
///
/// # Errors
/// The disagreement, with the shortest history that shows it.
pub fn history(seed: u64, events: u64) -> Result<Summary, Box<Counterexample>> {
    history_in(seed, events, Run::new)
}

/// [`history`], in a run of one's own.
///
/// # Errors
/// The disagreement, with the shortest history that shows it.
pub fn history_in(
    seed: u64,
    events: u64,
    new_run: impl Fn() -> Run,
) -> Result<Summary, Box<Counterexample>> {
    let mut acts = Vec::new();
    match live(seed, events, &mut acts, new_run()) {
        Ok(summary) => Ok(summary),
        Err(failure) => {
            let acts_before = acts.len();
            let (acts, failure) = shortest(acts, failure, new_run);
            Err(Box::new(Counterexample {
                seed,
                failure,
                acts,
                acts_before,
            }))
        }
    }
}

/// The acts of the history of this seed, for whoever drives something else with them.
///
/// # Errors
/// The disagreement.
pub fn acts_of(seed: u64, events: u64) -> Result<Vec<Act>, Failure> {
    let mut acts = Vec::new();
    live(seed, events, &mut acts, Run::new()).map(|_| acts)
}

fn live(seed: u64, events: u64, acts: &mut Vec<Act>, mut run: Run) -> Result<Summary, Failure> {
    let mut people = People::new(seed);
    let mut summary = Summary::default();
    // A shop in which nothing is accepted would never reach its events.
    let most_acts = usize::try_from(events)
        .unwrap_or(usize::MAX)
        .saturating_mul(6)
        .saturating_add(500);
    while run.events < events {
        let act = people.next(&run.floor);
        acts.push(act);
        if acts.len() > most_acts {
            return Err(Failure {
                claim: "nothing gets stuck",
                what: format!("{} acts recorded only {} events", acts.len(), run.events),
                act: acts.len(),
            });
        }
        let verdict = run.act(&acts[acts.len() - 1])?;
        people.hears(&verdict);
        summary.count(&verdict);
    }
    let before_the_end = acts.len();
    while let Some(act) = people.towards_the_end(&run.floor, acts.len() - before_the_end < PATIENCE)
    {
        acts.push(act);
        if acts.len() - before_the_end > PATIENCE * 2 {
            return Err(Failure {
                claim: "nothing gets stuck",
                what: "jobs cannot even be cancelled".to_owned(),
                act: acts.len(),
            });
        }
        let verdict = run.act(&acts[acts.len() - 1])?;
        people.hears(&verdict);
        summary.count(&verdict);
    }
    run.finish()?;
    summary.acts = acts.len() as u64;
    summary.events = run.events;
    summary.refusals = std::mem::take(&mut run.refusals);
    for recorded in run.floor.log() {
        *summary
            .event_types
            .entry(recorded.event.event_type())
            .or_default() += 1;
    }
    summary.jobs_closed = summary.event_types.get("JobClosed").copied().unwrap_or(0);
    summary.jobs_cancelled = summary
        .event_types
        .get("JobCancelled")
        .copied()
        .unwrap_or(0);
    summary.jobs_given_up = people.given_up.len() as u64;
    Ok(summary)
}

impl Summary {
    fn count(&mut self, verdict: &Verdict) {
        if *verdict == Verdict::AlreadyRecorded {
            self.said_before += 1;
        }
    }
}
