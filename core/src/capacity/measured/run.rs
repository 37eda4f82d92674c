//! A run: a station that works on one operation of one job, unit after unit, on one day.

use crate::capacity::Calendar;
use crate::identity::{JobId, OperationId, ProductId, StationId};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

/// What a run took, and what it should have taken.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MeasuredRun {
    pub station_id: StationId,
    pub product_id: ProductId,
    pub operation_id: OperationId,
    pub job_id: JobId,
    /// The station's own day.
    pub day: Date,
    /// Sheets, cards or sets whose time is in it.
    pub units: u64,
    /// Staffed minutes without downtime.
    pub actual_minutes: f64,
    /// What the station's machines together should have taken.
    pub standard_minutes: f64,
}

impl MeasuredRun {
    /// Actual over standard: above 1 is slower.
    #[must_use]
    pub fn ratio(&self) -> f64 {
        self.actual_minutes / self.standard_minutes
    }
}

/// What is worked on.
#[derive(Debug, Clone)]
pub(super) struct Work {
    pub job_id: JobId,
    pub product_id: ProductId,
    pub operation_id: OperationId,
    /// What one unit should take the station, in seconds.
    pub seconds_each: f64,
}

#[derive(Debug, Clone)]
pub(super) struct OpenRun {
    work: Work,
    from: Timestamp,
    last: Timestamp,
    /// What was scanned at that last moment: several where somebody scans in bulk.
    at_last: u64,
    units: u64,
    seconds: f64,
    /// Downtime since the last scan, in staffed seconds.
    down_seconds: u64,
}

/// A silence of so many times what should have been done in it, and of a quarter of an hour, is a lack of
/// work.
const SILENCE: f64 = 5.0;
const SILENCE_SECONDS: f64 = 900.0;
/// A run is of one working day: two shifts at most.
const RUN_SECONDS_MAX: i64 = 16 * 60 * 60;

impl OpenRun {
    pub fn new(work: Work, at: Timestamp) -> Self {
        Self {
            work,
            from: at,
            last: at,
            at_last: 1,
            units: 0,
            seconds: 0.0,
            down_seconds: 0,
        }
    }

    /// Takes the scan in where it belongs to this run.
    pub fn goes_on(&mut self, work: &Work, at: Timestamp, calendar: Option<&Calendar>) -> bool {
        let same = self.work.job_id == work.job_id && self.work.operation_id == work.operation_id;
        let one_working_day = at.duration_since(self.from).as_secs() < RUN_SECONDS_MAX;
        if !same || !one_working_day {
            return false;
        }
        if at <= self.last {
            self.at_last += 1;
            return true;
        }
        let staffed = staffed_seconds(calendar, self.last, at);
        let seconds = staffed.saturating_sub(self.down_seconds) as f64;
        let expected = self.work.seconds_each * self.at_last as f64;
        if seconds > (SILENCE * expected).max(SILENCE_SECONDS) {
            return false;
        }
        self.seconds += seconds;
        self.units += self.at_last;
        (self.last, self.at_last, self.down_seconds) = (at, 1, 0);
        true
    }

    pub fn was_down(&mut self, from: Timestamp, to: Timestamp, calendar: Option<&Calendar>) {
        self.down_seconds += staffed_seconds(calendar, from.max(self.last), to);
    }

    /// The run as it ended; nothing where only one scan was in it.
    pub fn measured(self, station_id: &StationId, zone: Option<&TimeZone>) -> Option<MeasuredRun> {
        if self.units == 0 || self.seconds <= 0.0 {
            return None;
        }
        let zone = zone.cloned().unwrap_or(TimeZone::UTC);
        Some(MeasuredRun {
            station_id: station_id.clone(),
            day: zone.to_datetime(self.from).date(),
            units: self.units,
            actual_minutes: self.seconds / 60.0,
            standard_minutes: self.work.seconds_each * self.units as f64 / 60.0,
            product_id: self.work.product_id,
            operation_id: self.work.operation_id,
            job_id: self.work.job_id,
        })
    }
}

/// Without a calendar every second counts.
pub(super) fn staffed_seconds(calendar: Option<&Calendar>, from: Timestamp, to: Timestamp) -> u64 {
    match calendar {
        Some(calendar) => calendar.available_seconds(from, to),
        None => to.duration_since(from).as_secs().max(0).unsigned_abs(),
    }
}
