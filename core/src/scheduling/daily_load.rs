//! How full each station is on each day, by a plan: for the days to come, what is staffed and what is
//! taken of it. Days are the station's own.

use super::input::{Input, InputProblem, StationInput};
use super::plan::{Placement, Plan};
use crate::capacity::{Calendar, OpenTimes};
use crate::identity::StationId;
use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// A station on a day.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StationDay {
    pub station_id: StationId,
    pub day: Date,
    /// Staffed minutes of all its machines, overtime included, downtime not.
    pub available_minutes: f64,
    /// Of those: in which a machine is set up, works, or waits for the rest of its lot.
    pub planned_minutes: f64,
    /// Planned over available; 0 on a day without staff.
    pub utilization: f64,
}

/// The load of each station on each of so many days, the day of planning first (what is left of it).
///
/// # Errors
/// What is wrong with a station's hours.
pub fn daily_load(
    input: &Input,
    plan: &Plan,
    days: u16,
) -> Result<Vec<StationDay>, Vec<InputProblem>> {
    let mut load = Vec::new();
    for station in &input.stations {
        let hours = Calendar::new(&station.operating_hours);
        let calendar = hours.map_err(|problems| {
            let problems = problems.into_iter();
            problems.map(InputProblem).collect::<Vec<_>>()
        })?;
        let placements: Vec<&Placement> = (plan.placements.iter())
            .filter(|placement| placement.station_id == station.station_id)
            .collect();
        for (day, from, to) in days_of(station, input.now, days) {
            let open = calendar.open_times(from, to);
            let open = open.with(&clipped(&station.overtime, from, to));
            let open = open.without(&station.downtime);
            let minutes =
                |open: &OpenTimes, from, to| open.available_seconds(from, to) as f64 / 60.0;
            let available_minutes = minutes(&open, from, to) * f64::from(station.machines);
            let planned_minutes: f64 = placements
                .iter()
                .map(|p| minutes(&open, p.setup_from.max(from), p.end.min(to)))
                .sum();
            load.push(StationDay {
                station_id: station.station_id.clone(),
                day,
                available_minutes,
                planned_minutes,
                utilization: if available_minutes > 0.0 {
                    planned_minutes / available_minutes
                } else {
                    0.0
                },
            });
        }
    }
    Ok(load)
}

fn clipped(
    intervals: &[crate::capacity::Interval],
    from: Timestamp,
    to: Timestamp,
) -> Vec<crate::capacity::Interval> {
    let clip = |interval: &crate::capacity::Interval| crate::capacity::Interval {
        from: interval.from.max(from),
        to: interval.to.min(to),
    };
    intervals
        .iter()
        .map(clip)
        .filter(|interval| interval.from < interval.to)
        .collect()
}

fn days_of(station: &StationInput, now: Timestamp, days: u16) -> Vec<(Date, Timestamp, Timestamp)> {
    let Some(zone) = station.operating_hours.zone() else {
        return Vec::new(); // its calendar said so already
    };
    let mut day = zone.to_datetime(now).date();
    let mut from = now;
    let mut found = Vec::new();
    for _ in 0..days {
        let Ok(next) = day.tomorrow() else {
            break;
        };
        let Ok(to) = zone.to_timestamp(next.at(0, 0, 0, 0)) else {
            break;
        };
        found.push((day, from, to));
        (day, from) = (next, to);
    }
    found
}
