//! What stations can do: calendars, rates, load.

mod calendar;
pub use calendar::{DayOfWeek, OperatingSchedule, Shift};
