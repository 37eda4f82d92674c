//! Many futures in few words: quantiles, the chance of being late and how sure that is, and why.

use crate::identity::{JobId, StationId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// A rolling forecast of every open job.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Forecast {
    pub issued_at: Timestamp,
    /// How many futures were simulated.
    pub replications: u32,
    /// In order of job.
    pub jobs: Vec<JobForecast>,
    /// The jobs for which there is none, and why.
    pub impossible: Vec<(JobId, String)>,
}

/// When a job will be done, as far as that can be said.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct JobForecast {
    pub job_id: JobId,
    pub due: Timestamp,
    /// Done by then in half of the futures, in four of five, in nineteen of twenty.
    pub p50: Timestamp,
    pub p80: Timestamp,
    pub p95: Timestamp,
    pub mean: Timestamp,
    /// The share of futures in which it is done after its due date, and Wilson's 95 % interval of it.
    pub probability_late: f64,
    pub probability_late_low: f64,
    pub probability_late_high: f64,
    /// What it waits for most, in the futures in which it is late where there are such.
    pub cause: Option<Cause>,
}

/// What decides when a job is done.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Cause {
    pub station_id: StationId,
    /// On the way that decides its end: waiting before that station, in hours of the clock on the wall.
    pub queue_hours: f64,
    /// And being worked on there.
    pub work_hours: f64,
    /// The jobs behind which it waits there, most often first.
    pub behind: Vec<JobId>,
    pub words: String,
}

impl Cause {
    /// With its sentence.
    pub fn new(
        station_id: StationId,
        queue_hours: f64,
        work_hours: f64,
        behind: Vec<JobId>,
    ) -> Self {
        let mut words = if queue_hours >= work_hours {
            format!("it waits {queue_hours:.1} h in the queue of {station_id}")
        } else {
            format!("its own work at {station_id} takes {work_hours:.1} h")
        };
        if queue_hours >= work_hours && !behind.is_empty() {
            let names: Vec<String> = behind.iter().map(ToString::to_string).collect();
            words.push_str(&format!(", behind {}", names.join(", ")));
        }
        Self {
            station_id,
            queue_hours,
            work_hours,
            behind,
            words,
        }
    }
}

/// The value that so large a share of all does not exceed, of values in order.
pub fn quantile(sorted: &[f64], share: f64) -> f64 {
    let count = sorted.len() as f64;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "an index: clamped to the length"
    )]
    let place = (count * share).ceil().clamp(1.0, count.max(1.0)) as usize - 1;
    sorted.get(place).copied().unwrap_or(0.0)
}

/// Wilson's interval for a share, at 95 %.
#[must_use]
pub fn wilson(hits: u32, of: u32) -> (f64, f64) {
    const Z: f64 = 1.959_964;
    if of == 0 {
        return (0.0, 1.0);
    }
    let n = f64::from(of);
    let share = f64::from(hits) / n;
    let scale = 1.0 + Z * Z / n;
    let middle = (share + Z * Z / (2.0 * n)) / scale;
    let half = Z / scale * (share * (1.0 - share) / n + Z * Z / (4.0 * n * n)).sqrt();
    ((middle - half).max(0.0), (middle + half).min(1.0))
}

#[cfg(test)]
mod tests {
    #![expect(clippy::float_cmp, reason = "values that were seen")]

    use super::*;

    #[test]
    fn wilsons_interval_is_that_of_the_books() {
        let (low, high) = wilson(10, 100);
        assert!(
            (low - 0.0552).abs() < 1e-4 && (high - 0.1744).abs() < 1e-4,
            "{low} {high}"
        );
        assert_eq!(wilson(0, 0), (0.0, 1.0));
        assert_eq!(wilson(0, 50).0, 0.0);
        assert!(wilson(50, 50).1 > 0.999_999);
    }

    #[test]
    fn a_quantile_is_a_value_that_was_seen() {
        let sorted: Vec<f64> = (1..=10).map(f64::from).collect();
        assert_eq!(quantile(&sorted, 0.5), 5.0);
        assert_eq!(quantile(&sorted, 0.8), 8.0);
        assert_eq!(quantile(&sorted, 0.95), 10.0);
    }
}
