//! Whether forecasts keep what they say, and the table that shows it.

use sheetwise_core::scheduling::JobForecast;

/// A forecast of a job whose end is known.
#[derive(Clone, Copy)]
pub struct Judged {
    /// From the issue to the stated median, in hours.
    pub horizon_hours: f64,
    /// The actual end lies at or before the stated P50, P80, P95.
    pub kept: [bool; 3],
    pub probability_late: f64,
    pub was_late: bool,
    /// Distance of the stated median from the actual end, and of the plain estimate, in hours.
    pub error_hours: f64,
    pub estimate_error_hours: f64,
    /// How wide P80 − P50 is, in hours.
    pub width_hours: f64,
}

impl Judged {
    pub fn new(
        forecast: &JobForecast,
        issued_at: jiff::Timestamp,
        actual: jiff::Timestamp,
        estimated: jiff::Timestamp,
    ) -> Self {
        let hours = |from: jiff::Timestamp, to: jiff::Timestamp| {
            to.duration_since(from).as_secs_f64() / 3_600.0
        };
        Self {
            horizon_hours: hours(issued_at, forecast.p50),
            kept: [forecast.p50, forecast.p80, forecast.p95].map(|stated| actual <= stated),
            probability_late: forecast.probability_late,
            was_late: actual > forecast.due,
            error_hours: hours(actual, forecast.p50).abs(),
            estimate_error_hours: hours(actual, estimated).abs(),
            width_hours: hours(forecast.p50, forecast.p80),
        }
    }
}

/// What the gate asks: the share that is done by P50, P80 and P95.
const BANDS: [(f64, f64); 3] = [(0.45, 0.55), (0.75, 0.85), (0.92, 0.98)];
/// Up to so many hours is near.
const NEAR_HOURS: f64 = 24.0;

fn share(of: &[Judged], hit: impl Fn(&Judged) -> bool) -> f64 {
    of.iter().filter(|judged| hit(judged)).count() as f64 / of.len().max(1) as f64
}

fn mean(of: &[Judged], value: impl Fn(&Judged) -> f64) -> f64 {
    of.iter().map(value).sum::<f64>() / of.len().max(1) as f64
}

pub const HEAD: &str = "                               n   ≤P50   ≤P80   ≤P95  P80−P50 h   late  Brier  of base  error h  estimate h";

/// How far the share may be off by the luck of these factories: the standard error of the mean of theirs.
fn error_of_share(factories: &[Vec<Judged>], level: usize) -> f64 {
    let shares: Vec<f64> = (factories.iter())
        .filter(|of| !of.is_empty())
        .map(|of| share(of, |judged| judged.kept[level]))
        .collect();
    let n = shares.len() as f64;
    let mean = shares.iter().sum::<f64>() / n;
    let spread = shares
        .iter()
        .map(|share| (share - mean).powi(2))
        .sum::<f64>();
    (spread / (n - 1.0).max(1.0) / n).sqrt()
}

/// Prints three lines (all, near, far) and one of standard errors, and says whether they pass.
pub fn print(name: &str, factories: &[Vec<Judged>]) -> bool {
    let judged = &factories.concat();
    let near: Vec<Judged> = judged
        .iter()
        .filter(|j| j.horizon_hours <= NEAR_HOURS)
        .copied()
        .collect();
    let far: Vec<Judged> = judged
        .iter()
        .filter(|j| j.horizon_hours > NEAR_HOURS)
        .copied()
        .collect();
    let mut passes = true;
    for (part, of) in [("all", judged), ("near", &near), ("far", &far)] {
        let kept: Vec<f64> = (0..3).map(|level| share(of, |j| j.kept[level])).collect();
        let late = share(of, |j| j.was_late);
        let brier = mean(of, |j| {
            (j.probability_late - f64::from(u8::from(j.was_late))).powi(2)
        });
        let of_base = late * (1.0 - late);
        println!(
            "{name:<22}{part:<5}{:>5}  {:>5.1}  {:>5.1}  {:>5.1}  {:>9.1}  {:>5.2}  {brier:>5.3}  {:>7.3}  {:>7.1}  {:>10.1}",
            of.len(),
            kept[0] * 100.0,
            kept[1] * 100.0,
            kept[2] * 100.0,
            mean(of, |j| j.width_hours),
            late,
            of_base,
            mean(of, |j| j.error_hours),
            mean(of, |j| j.estimate_error_hours),
        );
        let within = kept
            .iter()
            .zip(BANDS)
            .all(|(kept, (low, high))| (low..=high).contains(kept));
        passes &= within && (part != "all" || brier < of_base / 2.0);
    }
    let errors: Vec<String> = (0..3)
        .map(|level| format!("{:>5.1}", error_of_share(factories, level) * 100.0))
        .collect();
    println!(
        "{name:<22}{:<5}{:>5}  {}",
        "±",
        factories.len(),
        errors.join("  ")
    );
    println!("{name:<22}{}", if passes { "passes" } else { "FAILS" });
    passes
}
