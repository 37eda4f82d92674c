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
    let weekly = weeks_are_known(&arrivals.templates);
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

fn weeks_are_known(templates: &[JobInput]) -> bool {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scheduling::fixtures::{job, monday, operation};

    /// A job every Tuesday at nine and every Friday at noon, for so many weeks.
    fn tuesdays_and_fridays(weeks: i32) -> Arrivals {
        let hours = (0..weeks).flat_map(|week| [24 + 9, 4 * 24 + 12].map(|hour| (week, hour)));
        let templates = hours.map(|(week, hour)| {
            let mut template = job(1, vec![operation("O0", 0, 60.0, 1, &[])]);
            let midnight = monday().in_tz("UTC").unwrap().start_of_day().unwrap();
            template.release =
                midnight.timestamp() + WEEK * week + SignedDuration::from_hours(hour);
            template.due = template.release + SignedDuration::from_hours(30);
            template
        });
        Arrivals {
            jobs_per_day: 4.0,
            templates: templates.collect(),
        }
    }

    #[test]
    fn orders_come_at_the_hours_of_the_week_at_which_orders_came_and_as_many() {
        let from = monday() + WEEK * 5 + SignedDuration::from_hours(40);
        let jobs = deal(&tuesdays_and_fridays(3), 1, 0, from, 100.0);
        for job in &jobs {
            let release = job.release.in_tz("UTC").unwrap();
            let day = (release.weekday(), release.hour(), release.minute());
            use jiff::civil::Weekday::{Friday, Tuesday};
            assert!(
                day == (Tuesday, 9, 0) || day == (Friday, 12, 0),
                "{release}"
            );
            assert!(from <= job.release);
            assert!(job.release <= from + SignedDuration::from_hours(2_400));
            let until_due = job.due.duration_since(job.release);
            assert_eq!(until_due, SignedDuration::from_hours(30));
        }
        // 400 on average, with a spread of 20 and what falls on the edges.
        assert!((320..480).contains(&jobs.len()), "{}", jobs.len());
    }

    #[test]
    fn what_was_seen_for_a_week_is_no_habit_yet() {
        let from = monday() + WEEK * 5;
        let jobs = deal(&tuesdays_and_fridays(1), 1, 0, from, 100.0);
        let nights = jobs
            .iter()
            .filter(|job| job.release.in_tz("UTC").unwrap().hour() < 6);
        assert!(nights.count() > jobs.len() / 8);
    }
}
