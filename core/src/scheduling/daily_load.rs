//! How full each station is on each day, by a plan: for the days to come, what is staffed, what is taken of it, and
//! whether what is due can be done at all. Days are the station's own.

use super::input::{Input, InputProblem, StationInput};
use super::plan::{Placement, Plan};
use crate::capacity::Calendar;
use crate::identity::{JobId, StationId};
use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A station on a day.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StationDay {
    pub station_id: StationId,
    pub day: Date,
    /// Staffed minutes of all its machines, overtime included, downtime not.
    pub available_minutes: f64,
    /// Of those: in which a machine is set up, works, or waits for the rest of its lot.
    pub planned_minutes: f64,
    /// Of the planned: in which a machine is set up.
    pub setup_minutes: f64,
    /// Planned over available; 0 on a day without staff.
    pub utilization: f64,
    /// From now to the end of the day: staffed minutes, and the work here, whenever it is planned, for jobs that are
    /// due by then.
    pub available_until_minutes: f64,
    pub due_until_minutes: f64,
    /// What is due by the end of the day is more than fits in until then, in whatever order it is done. A plan itself
    /// never asks for more than there is: it is late instead.
    pub over_capacity: bool,
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
    let due: BTreeMap<JobId, Timestamp> = (plan.jobs.iter())
        .map(|job| (job.job_id, job.due))
        .collect();
    for station in &input.stations {
        let hours = Calendar::new(&station.operating_hours);
        let calendar = hours.map_err(|problems| {
            let problems = problems.into_iter();
            problems.map(InputProblem).collect::<Vec<_>>()
        })?;
        let placements: Vec<&Placement> = (plan.placements.iter())
            .filter(|placement| placement.station_id == station.station_id)
            .collect();
        let days = days_of(station, input.now, days);
        let last = days.last().map_or(input.now, |(_, _, to)| *to);
        let until = placements.iter().map(|p| p.end).fold(last, Timestamp::max);
        let open = calendar.open_times(input.now, until);
        let open = open.with(&clipped(&station.overtime, input.now, until));
        let open = open.without(&station.downtime);
        let minutes = |from, to| open.available_seconds(from, to) as f64 / 60.0;
        let machines = f64::from(station.machines);
        for (day, from, to) in days {
            let available_minutes = minutes(from, to) * machines;
            let planned = placements.iter();
            let planned_minutes: f64 = planned
                .map(|p| minutes(p.setup_from.max(from), p.end.min(to)))
                .sum();
            let planned = placements.iter();
            let setup_minutes: f64 = planned
                .map(|p| minutes(p.setup_from.max(from), p.start.min(to)))
                .sum();
            let due_until_minutes: f64 = (placements.iter())
                .filter(|p| due.get(&p.job_id).is_some_and(|due| *due <= to))
                .map(|p| minutes(p.setup_from, p.end))
                .sum();
            let available_until_minutes = minutes(input.now, to) * machines;
            load.push(StationDay {
                station_id: station.station_id.clone(),
                day,
                available_minutes,
                planned_minutes,
                setup_minutes,
                utilization: if available_minutes > 0.0 {
                    planned_minutes / available_minutes
                } else {
                    0.0
                },
                available_until_minutes,
                due_until_minutes,
                over_capacity: due_until_minutes > available_until_minutes,
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
