//! What a forecast believes of the shop beyond standard times: how fast its stations really are and how
//! much that varies, how often they break down, which orders are still to come. Learnt from the log; where
//! nothing was measured, standard times hold.

use super::recalibration::Recalibration;
use crate::capacity::{MeasuredCapacity, MeasuredRun};
use crate::identity::StationId;
use crate::scheduling::input::JobInput;
use jiff::civil::Date;
use std::collections::BTreeMap;

/// From how many runs on a station's own ratios are drawn rather than standard times.
const RUNS_MIN: usize = 5;

/// Which model it is: raised whenever the same shop would get other dates. What an older one stated teaches nothing
/// about this one.
pub const MODEL_VERSION: u32 = 3;

/// What a forecast is made with.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Model {
    pub paces: Vec<StationPace>,
    pub breakdowns: Vec<Breakdowns>,
    pub arrivals: Option<Arrivals>,
    pub recalibration: Recalibration,
}

/// How a station's actual times lie to its standard times.
#[derive(Debug, Clone, PartialEq)]
pub struct StationPace {
    pub station_id: StationId,
    /// Actual over standard, one for each day that was seen: what a day does to everything there.
    pub days: Vec<f64>,
    /// A run's ratio over that of its day.
    pub runs: Vec<f64>,
}

/// How a station breaks down.
#[derive(Debug, Clone, PartialEq)]
pub struct Breakdowns {
    pub station_id: StationId,
    /// Minutes of one machine's work from one breakdown to the next, on average.
    pub work_minutes_between: f64,
    /// Every repair that was seen, in minutes.
    pub repair_minutes: Vec<f64>,
}

/// Orders that are still to come.
#[derive(Debug, Clone, PartialEq)]
pub struct Arrivals {
    /// Jobs in a day of 24 hours, on average.
    pub jobs_per_day: f64,
    /// Jobs as they came in the past: one is drawn for each that comes, due as long after its release.
    pub templates: Vec<JobInput>,
}

impl Model {
    /// Learns from the log: paces and breakdowns. Orders to come and settled forecasts are the caller's to
    /// add.
    #[must_use]
    pub fn learnt(measured: &MeasuredCapacity) -> Self {
        let mut downtimes: BTreeMap<&StationId, Vec<f64>> = BTreeMap::new();
        for downtime in measured.downtimes() {
            let of_station = downtimes.entry(&downtime.station_id).or_default();
            of_station.push(downtime.staffed_minutes);
        }
        let worked = |station_id: &StationId| -> f64 {
            let runs = measured.runs().iter();
            runs.filter(|run| run.station_id == *station_id)
                .map(|run| run.actual_minutes)
                .sum()
        };
        Self {
            breakdowns: downtimes
                .into_iter()
                .map(|(station_id, repair_minutes)| Breakdowns {
                    station_id: station_id.clone(),
                    work_minutes_between: worked(station_id) / repair_minutes.len() as f64,
                    repair_minutes,
                })
                .collect(),
            ..Self::from_runs(measured.runs())
        }
    }

    /// Learns the stations' paces from what was measured. Every station with fewer than five runs keeps to
    /// standard times.
    #[must_use]
    pub fn from_runs(runs: &[MeasuredRun]) -> Self {
        let mut by_station: BTreeMap<&StationId, Vec<&MeasuredRun>> = BTreeMap::new();
        let sound = runs.iter().filter(|run| {
            run.standard_minutes > 0.0 && run.actual_minutes > 0.0 && run.ratio().is_finite()
        });
        for run in sound {
            by_station.entry(&run.station_id).or_default().push(run);
        }
        by_station.retain(|_, runs| runs.len() >= RUNS_MIN);
        Self {
            paces: by_station
                .into_iter()
                .map(|(station_id, runs)| pace(station_id, &runs))
                .collect(),
            ..Self::default()
        }
    }
}

fn pace(station_id: &StationId, runs: &[&MeasuredRun]) -> StationPace {
    let mut by_day: BTreeMap<Date, (f64, f64)> = BTreeMap::new();
    for run in runs {
        let (actual, standard) = by_day.entry(run.day).or_default();
        *actual += run.actual_minutes;
        *standard += run.standard_minutes;
    }
    let ratio_of = |day: &Date| by_day[day].0 / by_day[day].1;
    StationPace {
        station_id: station_id.clone(),
        days: by_day.keys().map(ratio_of).collect(),
        runs: runs
            .iter()
            .map(|run| run.ratio() / ratio_of(&run.day))
            .collect(),
    }
}
