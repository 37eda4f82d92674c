//! What settled forecasts teach about the next ones: by horizon, how far dates should be moved so that a
//! P80 is kept four times of five. Horizons and factors are of the shop's own (staffed) time.

use super::shop_hours::ShopHours;
use super::summary::JobForecast;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// The levels that a forecast states.
pub const LEVELS: [f64; 3] = [0.5, 0.8, 0.95];

/// Forecasts of so many jobs that are done are learnt from: the last ones, since a shop changes.
pub const JOBS_TO_LEARN_FROM: usize = 300;

/// Horizons in staffed hours: up to each of these, and beyond the last.
const HORIZON_HOURS: [f64; 3] = [4.0, 12.0, 40.0];
/// Fewer settled forecasts than that move nothing.
const SETTLED_MIN: usize = 20;
/// So many settled forecasts weigh as much as the belief that nothing has to be moved.
const PRIOR: f64 = 10.0;

/// A forecast whose job is done: what it stated and what came, in staffed seconds after its issue.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Settled {
    /// P50, P80, P95.
    pub stated_seconds: [f64; 3],
    pub actual_seconds: f64,
}

impl Settled {
    /// The forecast of a job that was done then. `hours` are those of the input that it was made from.
    #[must_use]
    pub fn new(hours: &ShopHours, forecast: &JobForecast, actual: Timestamp) -> Self {
        let stated = [forecast.p50, forecast.p80, forecast.p95];
        Self {
            stated_seconds: stated.map(|stated| hours.seconds_to(stated)),
            actual_seconds: hours.seconds_to(actual),
        }
    }
}

/// How much later than stated things are, by horizon and level, as a factor of the staffed time from the issue on.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Recalibration {
    factors: [[f64; 3]; 4],
    /// How many settled forecasts each horizon has learnt from.
    pub settled: [usize; 4],
}

impl Default for Recalibration {
    fn default() -> Self {
        Self {
            factors: [[1.0; 3]; 4],
            settled: [0; 4],
        }
    }
}

fn bucket(hours: f64) -> usize {
    HORIZON_HOURS
        .iter()
        .take_while(|horizon| hours > **horizon)
        .count()
}

impl Recalibration {
    /// Learns from forecasts that were issued *without* recalibration: for each level the factor that
    /// would have been kept by that share of them (split conformal prediction on the ratio of times),
    /// drawn towards 1 while few are known.
    #[must_use]
    pub fn learn(settled: &[Settled]) -> Self {
        let mut ratios: [[Vec<f64>; 3]; 4] = Default::default();
        for one in settled {
            let of_horizon = &mut ratios[bucket(one.stated_seconds[0] / 3_600.0)];
            for (ratios, stated) in of_horizon.iter_mut().zip(one.stated_seconds) {
                // A date less than a minute ahead says nothing about factors.
                if stated > 60.0 {
                    ratios.push(one.actual_seconds.max(0.0) / stated);
                }
            }
        }
        let mut learnt = Self::default();
        for (horizon, by_level) in ratios.iter_mut().enumerate() {
            learnt.settled[horizon] = by_level[0].len();
            for (level, ratios) in by_level.iter_mut().enumerate() {
                if ratios.len() < SETTLED_MIN {
                    continue;
                }
                ratios.sort_by(f64::total_cmp);
                let n = ratios.len() as f64;
                #[expect(
                    clippy::cast_possible_truncation,
                    clippy::cast_sign_loss,
                    reason = "an index: clamped to the length"
                )]
                let place = ((n + 1.0) * LEVELS[level]).ceil().clamp(1.0, n) as usize - 1;
                let factor = ratios[place].max(0.05);
                let weight = n / (n + PRIOR);
                learnt.factors[horizon][level] = (factor.ln() * weight).exp();
            }
        }
        learnt
    }

    /// Moves the ends of a job's futures, given in order, in staffed seconds after the issue.
    pub fn apply(&self, ends: &mut [f64]) {
        let Some(median) = ends.get(ends.len() / 2) else {
            return;
        };
        let factors = self.factors[bucket(median / 3_600.0)];
        let count = ends.len() as f64;
        let mut last = f64::NEG_INFINITY;
        for (at, end) in ends.iter_mut().enumerate() {
            *end *= factor_at(&factors, (at as f64 + 0.5) / count);
            // Moved as far as they may be, they stay in order.
            *end = end.max(last);
            last = *end;
        }
    }
}

/// Between the levels in proportion; beyond them as at them.
fn factor_at(factors: &[f64; 3], share: f64) -> f64 {
    if share <= LEVELS[0] {
        return factors[0];
    }
    for at in 1..LEVELS.len() {
        if share <= LEVELS[at] {
            let part = (share - LEVELS[at - 1]) / (LEVELS[at] - LEVELS[at - 1]);
            return factors[at - 1] + part * (factors[at] - factors[at - 1]);
        }
    }
    factors[LEVELS.len() - 1]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settled(stated_hours: [f64; 3], actual_hours: f64) -> Settled {
        Settled {
            stated_seconds: stated_hours.map(|hours| hours * 3_600.0),
            actual_seconds: actual_hours * 3_600.0,
        }
    }

    #[test]
    fn dates_that_were_always_half_as_long_again_are_moved_by_half() {
        let seen = vec![settled([10.0, 10.0, 10.0], 15.0); 400];
        let learnt = Recalibration::learn(&seen);
        let mut ends: Vec<f64> = (0..100).map(|n| f64::from(30_000 + n * 100)).collect();
        let before = ends.clone();
        learnt.apply(&mut ends);
        for at in [3, 50, 80, 97] {
            let moved = ends[at] / before[at];
            assert!((moved - 1.5).abs() < 0.02, "{at}: {moved}");
        }
        assert!(ends.is_sorted());
    }

    #[test]
    fn a_few_settled_forecasts_and_other_horizons_move_nothing() {
        let mut seen = vec![settled([10.0, 12.0, 15.0], 30.0); 19];
        assert_eq!(Recalibration::learn(&seen).factors, [[1.0; 3]; 4]);
        seen.push(seen[0]);
        let learnt = Recalibration::learn(&seen);
        assert!(learnt.factors[1][0] > 1.5);
        assert_eq!(learnt.factors[2..], [[1.0; 3]; 2]);
    }

    #[test]
    #[expect(clippy::float_cmp, reason = "these are worked out exactly")]
    fn between_the_levels_a_factor_lies_in_proportion_and_beyond_them_as_at_them() {
        let at = |share| factor_at(&[1.0, 2.0, 4.0], share);
        assert_eq!([at(0.1), at(0.5), at(0.8), at(0.99)], [1.0, 1.0, 2.0, 4.0]);
        assert!((at(0.65) - 1.5).abs() < 1e-9, "{}", at(0.65));
        assert!((at(0.875) - 3.0).abs() < 1e-9, "{}", at(0.875));
    }
}
