//! Orders that are still to come, dealt as decks: each deck is one way in which they may come, and shared
//! by many replications.

use super::model::Arrivals;
use crate::identity::JobId;
use crate::scheduling::chance::{hash, index, unit};
use crate::scheduling::input::JobInput;
use jiff::{SignedDuration, Timestamp};

/// More than that are not dealt: a rate so high is a mistake.
const JOBS_MAX: u32 = 20_000;

/// The jobs that come until then, in one deck.
pub fn deal(
    arrivals: &Arrivals,
    seed: u64,
    deck: u64,
    from: Timestamp,
    days: f64,
) -> Vec<JobInput> {
    let mut jobs = Vec::new();
    if arrivals.templates.is_empty() || arrivals.jobs_per_day <= 0.0 {
        return jobs;
    }
    let mut day = 0.0;
    for number in 1..=JOBS_MAX {
        let draw = |what: u64| hash(&[seed, deck, u64::from(number), what]);
        day -= unit(draw(1)).ln() / arrivals.jobs_per_day;
        if day > days {
            break;
        }
        let template = &arrivals.templates[index(draw(2), arrivals.templates.len())];
        let release = from + SignedDuration::from_secs_f64(day * 86_400.0);
        jobs.push(JobInput {
            // They compete with real jobs, and share no name with one: see `Problem::new`.
            job_id: JobId::new(number).expect("counted from 1"),
            release,
            due: release + template.due.duration_since(template.release),
            ..template.clone()
        });
    }
    jobs
}
