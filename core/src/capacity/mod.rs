//! What stations can do, and what they have to do: calendars, rates, load, the work that remains.
//! Facts and standard times only; what follows from them, and when, is `scheduling`'s.

mod calendar;
mod load;
mod minutes;
mod open_times;
mod throughput;
mod work_remaining;

pub use calendar::{Calendar, Interval};
pub use load::{
    QueuedWork, Setup, StationLoad, StationQueue, UnitAtStation, WorkHere, project_station_queue,
    queue_minutes,
};
pub use minutes::{minutes_of, plus, seconds_of, times};
pub use open_times::OpenTimes;
pub use throughput::Throughput;
pub use work_remaining::{OperationRemaining, StationTypeRemaining, WorkRemaining, work_remaining};

#[cfg(test)]
mod calendar_tests;
#[cfg(test)]
mod fixtures;
#[cfg(test)]
mod load_tests;
#[cfg(test)]
mod throughput_tests;
#[cfg(test)]
mod work_remaining_tests;
