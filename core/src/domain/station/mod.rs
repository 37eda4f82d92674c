//! A station: where an operation type is performed, and what is in hand there.

mod bench;
mod decide;
mod event;
mod schedule;
mod state;

pub use bench::Bench;
pub use decide::*;
pub use event::*;
pub(crate) use schedule::zone_named;
pub use schedule::{DayOfWeek, OperatingSchedule, Shift};
pub use state::*;

pub use crate::domain::event::StationEvent;
