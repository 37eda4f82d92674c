//! Times and what is made of them, and the memory of this process.

use std::time::{Duration, Instant};

/// How long it takes, and what it gives.
///
/// Where the system tells, this is the time that this (the only) thread had a processor, exact to a few
/// milliseconds: what else runs on the machine is not in it. Elsewhere it is what the clock on the wall says.
pub fn processor_time<T>(work: impl FnOnce() -> T) -> (Duration, T) {
    let before = on_processor();
    let (elapsed, done) = timed(work);
    match (before, on_processor()) {
        (Some(before), Some(after)) => (after.saturating_sub(before), done),
        _ => (elapsed, done),
    }
}

fn on_processor() -> Option<Duration> {
    let statistics = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    let nanoseconds = statistics.split_whitespace().next()?.parse().ok()?;
    Some(Duration::from_nanos(nanoseconds))
}

/// How long it takes by the clock on the wall, and what it gives.
pub fn timed<T>(work: impl FnOnce() -> T) -> (Duration, T) {
    let start = Instant::now();
    let done = work();
    (start.elapsed(), done)
}

/// The value that this share of all values does not exceed; 0 of none. Sorts them.
pub fn quantile(values: &mut [f64], share: f64) -> f64 {
    values.sort_by(f64::total_cmp);
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "an index: not negative, and below the length"
    )]
    let index = ((values.len().saturating_sub(1)) as f64 * share).round() as usize;
    values.get(index).copied().unwrap_or(0.0)
}

/// The middle value.
pub fn median(mut values: Vec<f64>) -> f64 {
    quantile(&mut values, 0.5)
}

/// What two readings of the clock, one after the other, are apart, in µs: every step's time has that in it.
pub fn clock_micros() -> f64 {
    let apart = || timed(|| ()).0.as_secs_f64() * 1e6;
    median((0..10_001).map(|_| apart()).collect())
}

/// A figure from `/proc/self/status` (`VmRSS`, `VmHWM`), in MB; `None` where there is no such file.
pub fn memory_mb(name: &str) -> Option<f64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with(name))?;
    let kilobytes: f64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kilobytes / 1024.0)
}
