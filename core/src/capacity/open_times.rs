//! The staffed time of a window, with running totals: the same answers as `Calendar`, in a binary
//! search instead of a walk over days. Schedules and forecasts ask it thousands of times a second.

use super::calendar::{second_of, timestamp_of};
use jiff::Timestamp;

/// The staffed time of one window. It knows nothing of what comes after the window.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct OpenTimes {
    /// Seconds UTC, in order, none empty, none touching.
    intervals: Vec<(i64, i64)>,
    /// Staffed seconds before each interval.
    before: Vec<u64>,
}

impl OpenTimes {
    pub(super) fn new(intervals: Vec<(i64, i64)>) -> Self {
        let before = intervals
            .iter()
            .scan(0, |total: &mut u64, (from, to)| {
                let before = *total;
                *total += from.abs_diff(*to);
                Some(before)
            })
            .collect();
        Self { intervals, before }
    }

    /// The staffed seconds from `from` to `to`, as far as the window goes.
    #[must_use]
    pub fn available_seconds(&self, from: Timestamp, to: Timestamp) -> u64 {
        let until = |at: Timestamp| self.seconds_until(second_of(at));
        until(to).saturating_sub(until(from))
    }

    /// As [`super::Calendar::finish_after_seconds`]; `None` if that is not within the window.
    #[must_use]
    pub fn finish_after_seconds(&self, start: Timestamp, work_seconds: u64) -> Option<Timestamp> {
        let start = second_of(start);
        if work_seconds == 0 {
            return Some(timestamp_of(start));
        }
        let goal = self.seconds_until(start).checked_add(work_seconds)?;
        // The last interval that begins before the goal is reached: the goal lies in it, or at its end.
        let index = self.before.partition_point(|before| *before < goal);
        let index = index.checked_sub(1)?;
        let (from, to) = self.intervals[index];
        let end = from.checked_add_unsigned(goal - self.before[index])?;
        (end <= to).then(|| timestamp_of(end))
    }

    /// As [`super::Calendar::next_open`]; `None` if that is not within the window.
    #[must_use]
    pub fn next_open(&self, at: Timestamp) -> Option<Timestamp> {
        let at = second_of(at);
        let index = self.intervals.partition_point(|(_, to)| *to <= at);
        let (from, _) = self.intervals.get(index)?;
        Some(timestamp_of(at.max(*from)))
    }

    /// How long the station stays open from `at` on, in seconds; 0 while it is closed. What must not be
    /// split over a closure (a set-up, a cure) fits if this is long enough.
    #[must_use]
    pub fn seconds_to_closure(&self, at: Timestamp) -> u64 {
        let at = second_of(at);
        let index = self.intervals.partition_point(|(_, to)| *to <= at);
        match self.intervals.get(index) {
            Some((from, to)) if *from <= at => at.abs_diff(*to),
            _ => 0,
        }
    }

    fn seconds_until(&self, at: i64) -> u64 {
        let index = self.intervals.partition_point(|(from, _)| *from < at);
        let Some(index) = index.checked_sub(1) else {
            return 0;
        };
        let (from, to) = self.intervals[index];
        self.before[index] + from.abs_diff(at.min(to))
    }
}
