//! The staffed time of a window, with running totals: the same answers as `Calendar`, in a binary
//! search instead of a walk over days. Schedules and forecasts ask it thousands of times a second.

use super::calendar::{Interval, second_of, timestamp_of};
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

    /// These times and those as well: overtime.
    #[must_use]
    pub fn with(&self, overtime: &[Interval]) -> Self {
        let mut all = self.intervals.clone();
        all.extend(overtime.iter().map(Interval::seconds));
        all.retain(|(from, to)| from < to);
        all.sort_unstable();
        let mut merged: Vec<(i64, i64)> = Vec::with_capacity(all.len());
        for (from, to) in all {
            match merged.last_mut() {
                Some(last) if from <= last.1 => last.1 = last.1.max(to),
                _ => merged.push((from, to)),
            }
        }
        Self::new(merged)
    }

    /// These times without those: downtime.
    #[must_use]
    pub fn without(&self, downtime: &[Interval]) -> Self {
        let mut left = self.intervals.clone();
        let down = downtime.iter().map(Interval::seconds);
        for (down_from, down_to) in down.filter(|(from, to)| from < to) {
            left = left
                .into_iter()
                .flat_map(|(from, to)| [(from, to.min(down_from)), (from.max(down_to), to)])
                .filter(|(from, to)| from < to)
                .collect();
        }
        Self::new(left)
    }

    /// The staffed seconds from `from` to `to`, as far as the window goes.
    #[must_use]
    pub fn available_seconds(&self, from: Timestamp, to: Timestamp) -> u64 {
        self.seconds_between(second_of(from), second_of(to))
    }

    /// [`OpenTimes::available_seconds`] between seconds UTC.
    pub(crate) fn seconds_between(&self, from: i64, to: i64) -> u64 {
        (self.seconds_until(to)).saturating_sub(self.seconds_until(from))
    }

    /// As [`super::Calendar::finish_after_seconds`]; `None` if that is not within the window.
    #[must_use]
    pub fn finish_after_seconds(&self, start: Timestamp, work_seconds: u64) -> Option<Timestamp> {
        let end = self.finish_second(second_of(start), work_seconds)?;
        Some(timestamp_of(end))
    }

    /// [`OpenTimes::finish_after_seconds`] in seconds UTC throughout: for whoever decodes a schedule.
    pub(crate) fn finish_second(&self, start: i64, work_seconds: u64) -> Option<i64> {
        if work_seconds == 0 {
            return Some(start);
        }
        let goal = self.seconds_until(start).checked_add(work_seconds)?;
        // The last interval that begins before the goal is reached: the goal lies in it, or at its end.
        let index = self.before.partition_point(|before| *before < goal);
        let index = index.checked_sub(1)?;
        let (from, to) = self.intervals[index];
        let end = from.checked_add_unsigned(goal - self.before[index])?;
        (end <= to).then_some(end)
    }

    /// The open interval in which that second lies, or else the next one after it.
    pub(crate) fn open_at_or_after(&self, at: i64) -> Option<(i64, i64)> {
        let index = self.intervals.partition_point(|(_, to)| *to <= at);
        self.intervals.get(index).copied()
    }

    /// The first second, not before `at`, from which the station stays open for so long.
    pub(crate) fn open_for(&self, at: i64, seconds: i64) -> Option<i64> {
        let first = self.intervals.partition_point(|(_, to)| *to <= at);
        let fits = |(from, to): &&(i64, i64)| to - at.max(*from) >= seconds;
        let (from, _) = self.intervals[first..].iter().find(fits)?;
        Some(at.max(*from))
    }

    /// As [`super::Calendar::next_open`]; `None` if that is not within the window.
    #[must_use]
    pub fn next_open(&self, at: Timestamp) -> Option<Timestamp> {
        let at = second_of(at);
        let (from, _) = self.open_at_or_after(at)?;
        Some(timestamp_of(at.max(from)))
    }

    /// How long the station stays open from `at` on, in seconds; 0 while it is closed. What must not be
    /// split over a closure (a set-up, a cure) fits if this is long enough.
    #[must_use]
    pub fn seconds_to_closure(&self, at: Timestamp) -> u64 {
        let at = second_of(at);
        match self.open_at_or_after(at) {
            Some((from, to)) if from <= at => at.abs_diff(to),
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
