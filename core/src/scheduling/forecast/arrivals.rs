//! Orders that are still to come, dealt as decks: each deck is one way in which they may come, and shared
//! by many replications.

use super::model::Arrivals;
use crate::identity::JobId;
use crate::scheduling::chance::{hash, index, unit};
use crate::scheduling::input::JobInput;
use jiff::{SignedDuration, Timestamp};

/// More than that are not dealt: a rate so high is a mistake.
const JOBS_MAX: u32 = 20_000;

/// Over fewer weeks nobody knows whether a quiet Friday is a habit.
const WEEKS_MIN: i32 = 2;

const WEEK: SignedDuration = SignedDuration::from_hours(7 * 24);

/// The jobs that come within so many days, in one deck. They come at the hours of the week at which jobs came, once
/// that has been seen for [`WEEKS_MIN`]: a shop takes no orders at night, and forecasts that let some come over a
/// weekend see a queue on Monday that nobody finds there.
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
    let until = from + SignedDuration::from_secs_f64(days * 86_400.0);
    let weekly = has_a_week(&arrivals.templates);
    let mut passed = 0.0;
    for number in 1..=JOBS_MAX {
        let draw = |what: u64| hash(&[seed, deck, u64::from(number), what]);
        passed -= unit(draw(1)).ln() / arrivals.jobs_per_day;
        let template = &arrivals.templates[index(draw(2), arrivals.templates.len())];
        let mut release = from + SignedDuration::from_secs_f64(passed * 86_400.0);
        if weekly {
            #[expect(clippy::cast_possible_truncation, reason = "whole weeks, few")]
            let week = from + WEEK * (passed / 7.0) as i32;
            if week > until {
                break;
            }
            release = week + hour_of_week_after(week, template.release);
        } else if release > until {
            break;
        }
        if release > until {
            continue;
        }
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

fn has_a_week(templates: &[JobInput]) -> bool {
    let releases = || templates.iter().map(|template| template.release);
    let (first, last) = (releases().min(), releases().max());
    first
        .zip(last)
        .is_some_and(|(first, last)| last.duration_since(first) >= WEEK * WEEKS_MIN)
}

/// How long after `week` it is the same hour of the week as `then`: from nothing to a week.
fn hour_of_week_after(week: Timestamp, then: Timestamp) -> SignedDuration {
    let seconds = then.as_second() - week.as_second();
    SignedDuration::from_secs(seconds.rem_euclid(WEEK.as_secs()))
}
