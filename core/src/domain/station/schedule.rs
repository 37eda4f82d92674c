//! When a station is staffed: shift rules in local time, and whether they make sense. What time they
//! come to is `capacity`'s.

use jiff::civil::{Date, Time, Weekday};
use jiff::tz::{TimeZone, TimeZoneDatabase};
use serde::{Deserialize, Serialize};
use std::fmt;

/// When a station is staffed, in local time of a named zone. Breaks are gaps between shifts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct OperatingSchedule {
    /// IANA name, `America/Chicago`.
    pub time_zone: String,
    pub shifts: Vec<Shift>,
    /// Days without any shift. A night shift belongs to the day on which it begins.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub holidays: Vec<Date>,
}

/// A stretch of work that begins on each of these weekdays. An end at or before the start is on the
/// next day (a night shift; equal times are 24 hours).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Shift {
    pub weekdays: Vec<DayOfWeek>,
    pub start: Time,
    pub end: Time,
}

/// A day of the week, `monday` in JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
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

impl OperatingSchedule {
    /// Staffed day and night, every day.
    #[must_use]
    pub fn around_the_clock() -> Self {
        use DayOfWeek::*;
        Self {
            time_zone: "UTC".to_owned(),
            shifts: vec![Shift {
                weekdays: vec![
                    Monday, Tuesday, Wednesday, Thursday, Friday, Saturday, Sunday,
                ],
                start: Time::midnight(),
                end: Time::midnight(),
            }],
            holidays: Vec::new(),
        }
    }

    /// Everything that is wrong with the schedule, in words; empty for a sound one.
    #[must_use]
    pub fn problems(&self) -> Vec<String> {
        let mut problems = Vec::new();
        if self.zone().is_none() {
            problems.push(format!(
                "{:?} is no time zone: give an IANA name like America/Chicago",
                self.time_zone
            ));
        }
        for (number, shift) in (1..).zip(&self.shifts) {
            if shift.weekdays.is_empty() {
                problems.push(format!("shift {number} ({shift}) has no weekdays"));
            }
            let mut seen = Vec::new();
            for day in &shift.weekdays {
                if seen.contains(day) {
                    problems.push(format!("shift {number} ({shift}) lists {day} twice"));
                    break;
                }
                seen.push(*day);
            }
        }
        self.overlaps(&mut problems);
        problems
    }

    pub(crate) fn zone(&self) -> Option<TimeZone> {
        zone_named(&self.time_zone)
    }

    /// One sentence for each two shifts of which one begins while the other still runs.
    fn overlaps(&self, problems: &mut Vec<String>) {
        const WEEK: i64 = 7 * DAY;
        let mut week: Vec<(usize, DayOfWeek, i64, i64)> = Vec::new();
        for (index, shift) in self.shifts.iter().enumerate() {
            for &day in &shift.weekdays {
                let start = day as i64 * DAY + second_of_day(shift.start);
                let end = day as i64 * DAY + second_of_day(shift.end);
                let next_day = if shift.ends_next_day() { DAY } else { 0 };
                week.push((index, day, start, end + next_day));
            }
        }
        let mut told: Vec<(usize, usize)> = Vec::new();
        for &(a, _, a_start, a_end) in &week {
            for &(b, day, b_start, _) in &week {
                // Sunday's night shift runs into next week's Monday.
                let begins_within = [0, WEEK].iter().any(|later| {
                    let b_start = b_start + later;
                    a_start <= b_start && b_start < a_end
                });
                let pair = (a.min(b), a.max(b));
                if a != b && begins_within && !told.contains(&pair) {
                    told.push(pair);
                    problems.push(format!(
                        "shift {} ({}) begins on {day} while shift {} ({}) still runs",
                        b + 1,
                        self.shifts[b],
                        a + 1,
                        self.shifts[a]
                    ));
                }
            }
        }
    }
}

impl Shift {
    fn ends_next_day(&self) -> bool {
        self.end <= self.start
    }
}

/// `06:00–14:00`
impl fmt::Display for Shift {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (start, end) = (self.start.strftime("%H:%M"), self.end.strftime("%H:%M"));
        write!(f, "{start}–{end}")
    }
}

const DAY: i64 = 24 * 60 * 60;

/// The zone of that IANA name, out of the bundled database and not the machine's: a replay elsewhere sees the same
/// hours.
pub(crate) fn zone_named(name: &str) -> Option<TimeZone> {
    let zone = TimeZoneDatabase::bundled().get(name).ok()?;
    (!zone.is_unknown()).then_some(zone)
}

fn second_of_day(time: Time) -> i64 {
    i64::from(time.hour()) * 3_600 + i64::from(time.minute()) * 60 + i64::from(time.second())
}

impl fmt::Display for DayOfWeek {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Monday => "monday",
            Self::Tuesday => "tuesday",
            Self::Wednesday => "wednesday",
            Self::Thursday => "thursday",
            Self::Friday => "friday",
            Self::Saturday => "saturday",
            Self::Sunday => "sunday",
        })
    }
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
