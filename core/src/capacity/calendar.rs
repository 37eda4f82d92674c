//! The time that a station's shift rules come to (the rules themselves are the station's own). What is done
//! in that time is `throughput`; the same hours indexed for a scheduler are `open_times`.
//!
//! Inside, time is whole seconds UTC. An instant between two seconds counts as the later one.

use super::minutes::{minutes_of, seconds_of};
use super::open_times::OpenTimes;
use crate::domain::Decimal;
use crate::domain::station::OperatingSchedule;
use jiff::Timestamp;
use jiff::civil::{Date, DateTime, Time};
use jiff::tz::{AmbiguousOffset, TimeZone};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// A schedule that is sound, ready to be asked. The hours of a station without shifts are empty.
#[derive(Debug, Clone)]
pub struct Calendar {
    zone: TimeZone,
    /// The shifts that begin on each day, Monday first, in order of their start.
    shifts_by_day: [Vec<Hours>; 7],
    holidays: BTreeSet<Date>,
}

/// Staffed from `from` (included) to `to` (not).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Interval {
    pub from: Timestamp,
    pub to: Timestamp,
}

impl Interval {
    pub(super) fn seconds(&self) -> (i64, i64) {
        (second_of(self.from), second_of(self.to))
    }
}

/// A shift of one day.
#[derive(Debug, Clone, Copy)]
struct Hours {
    start: Time,
    end: Time,
}

const DAY: i64 = 24 * 60 * 60;

/// How far ahead [`Calendar::finish_after`] and [`Calendar::next_open`] look: a hundred years.
const HORIZON_SECONDS: i64 = 36_525 * DAY;

impl Calendar {
    /// Reads the schedule.
    ///
    /// # Errors
    /// Everything that is wrong with it, in words.
    pub fn new(schedule: &OperatingSchedule) -> Result<Self, Vec<String>> {
        let problems = schedule.problems();
        let Some(zone) = schedule.zone().filter(|_| problems.is_empty()) else {
            return Err(problems);
        };
        let mut shifts_by_day: [Vec<Hours>; 7] = Default::default();
        for shift in &schedule.shifts {
            for &day in &shift.weekdays {
                shifts_by_day[day as usize].push(Hours {
                    start: shift.start,
                    end: shift.end,
                });
            }
        }
        for shifts in &mut shifts_by_day {
            shifts.sort_by_key(|hours| hours.start);
        }
        Ok(Self {
            zone,
            shifts_by_day,
            holidays: schedule.holidays.iter().copied().collect(),
        })
    }

    /// The staffed time of a window, in order. Shifts that follow each other without a break are one
    /// interval, so that each end is a closure.
    #[must_use]
    pub fn intervals(&self, from: Timestamp, to: Timestamp) -> Vec<Interval> {
        self.merged(second_of(from), second_of(to))
            .into_iter()
            .map(|(from, to)| Interval {
                from: timestamp_of(from),
                to: timestamp_of(to),
            })
            .collect()
    }

    /// The staffed time of a window, indexed: for whoever asks thousands of times.
    #[must_use]
    pub fn open_times(&self, from: Timestamp, to: Timestamp) -> OpenTimes {
        OpenTimes::new(self.merged(second_of(from), second_of(to)))
    }

    /// The staffed seconds of a window; adjacent windows add up exactly. 0 where `to` is not after `from`.
    #[must_use]
    pub fn available_seconds(&self, from: Timestamp, to: Timestamp) -> u64 {
        let (from, to) = (second_of(from), second_of(to));
        self.stretches(from, to)
            .map(|(from, to)| from.abs_diff(to))
            .sum()
    }

    /// The staffed minutes of a window, rounded down to a millionth of a minute.
    #[must_use]
    pub fn available_minutes(&self, from: Timestamp, to: Timestamp) -> Decimal {
        minutes_of(self.available_seconds(from, to))
    }

    /// The first moment by which so many minutes of work are done, if work begins at `start` (or at the
    /// next opening), rests while the station is closed and goes on afterwards. No work is done at once.
    ///
    /// `None` if the station is not staffed for so long within a hundred years.
    #[must_use]
    pub fn finish_after(&self, start: Timestamp, work_minutes: Decimal) -> Option<Timestamp> {
        self.finish_after_seconds(start, seconds_of(work_minutes))
    }

    /// [`Calendar::finish_after`] for work in whole seconds.
    #[must_use]
    pub fn finish_after_seconds(&self, start: Timestamp, work_seconds: u64) -> Option<Timestamp> {
        let start = second_of(start);
        if work_seconds == 0 {
            return Some(timestamp_of(start));
        }
        let mut left = work_seconds;
        for (from, to) in self.stretches(start, start.saturating_add(HORIZON_SECONDS)) {
            let here = from.abs_diff(to);
            if left <= here {
                return Some(timestamp_of(from.saturating_add_unsigned(left)));
            }
            left -= here;
        }
        None
    }

    /// The first moment, not before `at`, when the station is staffed: `at` itself within a shift, the
    /// next shift's start at the very end of one. `None` if that is never within a hundred years.
    #[must_use]
    pub fn next_open(&self, at: Timestamp) -> Option<Timestamp> {
        let at = second_of(at);
        self.stretches(at, at.saturating_add(HORIZON_SECONDS))
            .next()
            .map(|(from, _)| timestamp_of(from))
    }

    /// The staffed stretches of a window, shift by shift, in order, none empty.
    fn stretches(&self, from: i64, to: i64) -> impl Iterator<Item = (i64, i64)> {
        // A shift of the day before may still run, and where a zone once skipped a date, of the one before that.
        let first = self.zone.to_datetime(timestamp_of(from)).date();
        let first = first.yesterday().and_then(Date::yesterday).unwrap_or(first);
        let never = self.shifts_by_day.iter().all(Vec::is_empty) || from >= to;
        std::iter::successors((!never).then_some(first), |date| date.tomorrow().ok())
            .flat_map(|date| self.shifts_on(date))
            // No shift that begins later can begin earlier than this one: the window is passed.
            .take_while(move |(start, _)| *start < to)
            .map(move |(start, end)| (start.max(from), end.min(to)))
            .filter(|(start, end)| start < end)
    }

    fn shifts_on(&self, date: Date) -> impl Iterator<Item = (i64, i64)> {
        let day = date.weekday().to_monday_zero_offset();
        let shifts = if self.holidays.contains(&date) {
            &[][..]
        } else {
            &self.shifts_by_day[usize::try_from(day).expect("0 to 6")][..]
        };
        shifts.iter().map(move |hours| {
            let ends_on = if hours.end <= hours.start {
                date.tomorrow().unwrap_or(date)
            } else {
                date
            };
            let start = self.instant(hours.start.to_datetime(date));
            (start, self.instant(hours.end.to_datetime(ends_on)))
        })
    }

    /// When a local clock shows this, in seconds UTC: the first time where it shows it twice; the moment
    /// of the jump where it skips it. So local order is kept, and shifts that do not overlap on the
    /// clock do not overlap in time.
    fn instant(&self, local: DateTime) -> i64 {
        let ambiguous = self.zone.to_ambiguous_timestamp(local);
        let skipped = matches!(ambiguous.offset(), AmbiguousOffset::Gap { .. });
        let instant = if skipped {
            ambiguous.earlier().map(|before| {
                let jump = self.zone.following(before).next();
                jump.map_or(before, |jump| jump.timestamp())
            })
        } else {
            ambiguous.compatible()
        };
        // Out of range only in the first or last hours of the years −9999 and 9999.
        instant.map_or(
            if local.year() < 0 {
                Timestamp::MIN.as_second()
            } else {
                Timestamp::MAX.as_second()
            },
            second_of,
        )
    }

    fn merged(&self, from: i64, to: i64) -> Vec<(i64, i64)> {
        let mut merged: Vec<(i64, i64)> = Vec::new();
        for (start, end) in self.stretches(from, to) {
            match merged.last_mut() {
                Some(last) if last.1 == start => last.1 = end,
                _ => merged.push((start, end)),
            }
        }
        merged
    }
}

/// The second that has begun by then, or begins next: never earlier than the instant.
pub(crate) fn second_of(at: Timestamp) -> i64 {
    at.as_second() + i64::from(at.subsec_nanosecond() > 0)
}

pub(crate) fn timestamp_of(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap_or(if second < 0 {
        Timestamp::MIN
    } else {
        Timestamp::MAX
    })
}
