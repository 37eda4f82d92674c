//! What stations can do, have done, and have to do: calendars, rates, load.
//! What remains of a job is `scheduling`'s input. Facts, measures and standard times only; what follows from them, and when, is `scheduling`'s.

mod calendar;
mod load;
mod measured;
mod minutes;
mod open_times;
mod throughput;

pub use calendar::{Calendar, Interval};
pub(crate) use calendar::{second_of, timestamp_of};
pub use load::{
    QueuedWork, Setup, StationLoad, StationQueue, UnitAtStation, WorkHere, project_station_queue,
    queue_minutes,
};
pub use measured::{
    BELIEVED_FROM, MeasuredCapacity, MeasuredDowntime, MeasuredRun, Practice, StationRate,
};
pub use minutes::{minutes_of, plus, seconds_of, times};
pub use open_times::OpenTimes;
pub use throughput::Throughput;

#[cfg(test)]
mod calendar_tests;
#[cfg(test)]
pub(crate) mod fixtures;
#[cfg(test)]
mod load_tests;
#[cfg(test)]
mod measured_tests;
#[cfg(test)]
mod throughput_tests;
