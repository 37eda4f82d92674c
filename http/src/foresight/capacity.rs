//! `/capacity`: what every station has to do now, and on the days to come.

use super::picture::{PAST_DAYS, Picture, Shown};
use super::{Unforeseen, computing, hours, rounded, senseless};
use crate::app::App;
use crate::extract::Parameters;
use crate::openapi::{Answers, Operation};
use crate::problem::{Border, Problem};
use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};
use sheetwise_core::capacity::{Calendar, Interval, StationRate};
use sheetwise_core::domain::product::StationType;
use sheetwise_core::domain::station::{CapacityUnit, PlannedDowntime, Station};
use sheetwise_core::identity::{JobId, ProductId, StationId};
use sheetwise_core::scheduling::{
    StationDay as DayOfPlan, StationEstimate, StationWork, UnitCounts, daily_load,
};
use std::borrow::Cow;

/// A forecast of the load looks so many days ahead where nothing is said, and at most.
const DAYS: u16 = 14;
const DAYS_MAX: u16 = 90;

/// The load of the shop now.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Capacity {
    at: Timestamp,
    /// The last event that it knows.
    log_position: u64,
    stations: Vec<StationNow>,
    /// Jobs whose work is in no queue, and why.
    left_out: Vec<Unforeseen>,
    /// What nobody said, and was taken to be so.
    assumptions: Vec<String>,
}

/// A station now.
#[derive(Debug, Serialize, JsonSchema)]
struct StationNow {
    station_id: StationId,
    name: String,
    station_type: StationType,
    /// What one machine does in an hour by its plate, in `capacity_unit`.
    rated_capacity: f64,
    capacity_unit: CapacityUnit,
    machines: u16,
    setup_minutes: u32,
    /// What it has shown beside what it is rated for, by product; only of products that it has met.
    paces: Vec<Pace>,
    /// What its machines work on.
    in_process: UnitCounts,
    /// What could go on here next, wherever it stands, once for each operation that it waits for. What several stations
    /// could take counts at each of them.
    waiting: UnitCounts,
    /// The jobs that this is of.
    jobs: Vec<JobId>,
    /// Staffed hours until its machines are through with what is there and what waits.
    queue_hours: f64,
    /// The same with everything that is still to come to it.
    backlog_hours: f64,
    /// Staffed now, by its calendar and planned downtime. Whether it is down is another matter.
    open: bool,
    /// When that changes next.
    changes_at: Option<Timestamp>,
    /// Nobody said its hours: it is taken to be staffed day and night.
    hours_assumed: bool,
    down: Option<Down>,
    /// What of it is not over.
    planned_downtime: Vec<PlannedDowntime>,
    last_days: LastDays,
}

/// A station that does not work.
#[derive(Debug, Serialize, JsonSchema)]
struct Down {
    reason: String,
    since: Option<Timestamp>,
}

/// How a station has done lately.
#[derive(Debug, Serialize, JsonSchema)]
struct LastDays {
    days: i64,
    staffed_hours: f64,
    /// Seen at work: what lies between one scan and the next while it worked on one job.
    busy_hours: f64,
    /// Down while it was staffed.
    down_hours: f64,
    /// Busy over staffed without downtime; nothing where it was never staffed.
    utilization: Option<f64>,
}

/// A station's pace for a product.
#[derive(Debug, Serialize, JsonSchema)]
struct Pace {
    product_id: ProductId,
    /// What all its machines do in a staffed hour by rating and standard time.
    rated_units_per_hour: f64,
    /// What they did.
    measured_units_per_hour: Option<f64>,
    /// Which of both is believed: what was measured, from 5 runs on 3 days and 30 units on.
    believed: Believed,
    /// What was measured: units, in so many runs, on so many days.
    units: u64,
    runs: u32,
    days: u32,
}

#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Believed {
    Rated,
    Measured,
}

impl From<&StationRate> for Pace {
    fn from(rate: &StationRate) -> Self {
        Self {
            product_id: rate.product_id.clone(),
            rated_units_per_hour: rounded(rate.rated_units_per_hour),
            measured_units_per_hour: rate.measured_units_per_hour.map(rounded),
            believed: match rate.believe_measured {
                true => Believed::Measured,
                false => Believed::Rated,
            },
            units: rate.units,
            runs: rate.runs,
            days: rate.days,
        }
    }
}

/// `GET /capacity`
pub(crate) async fn capacity(State(app): State<App>) -> Result<Foreseen<Capacity>, Problem> {
    let look = async {
        let picture = app.picture().await?;
        computing(move || capacity_now(&picture)).await
    };
    app.look_ahead(look).await.map(Foreseen)
}

fn capacity_now(picture: &Picture) -> Result<Capacity, Problem> {
    let estimate = picture.estimate()?;
    let stations = (picture.floor.stations.iter())
        .zip(&picture.work)
        .zip(&estimate.stations);
    let stations =
        stations.map(|((station, work), estimate)| station_now(picture, station, work, estimate));
    Ok(Capacity {
        at: picture.now,
        log_position: picture.log_position,
        stations: stations.collect(),
        left_out: (picture.resting.iter())
            .map(Unforeseen::from)
            .chain(estimate.impossible.iter().map(Unforeseen::from))
            .collect(),
        assumptions: picture.assumptions.clone(),
    })
}

fn station_now(
    picture: &Picture,
    station: &Station,
    work: &StationWork,
    estimate: &StationEstimate,
) -> StationNow {
    let description = &station.description;
    let nothing = Shown::default();
    let shown = picture.shown.get(&station.station_id).unwrap_or(&nothing);
    let (open, changes_at) = open_now(station, picture.now);
    let works = shown.staffed_hours - shown.down_hours;
    StationNow {
        station_id: station.station_id.clone(),
        name: description.name.clone(),
        station_type: description.station_type.clone(),
        rated_capacity: description.rated_capacity.as_f64(),
        capacity_unit: description.capacity_unit,
        machines: description.machines,
        setup_minutes: description.setup_minutes,
        paces: shown.rates.iter().map(Pace::from).collect(),
        in_process: work.in_process,
        waiting: work.waiting,
        jobs: work.jobs.clone(),
        queue_hours: rounded(estimate.queue_hours),
        backlog_hours: rounded(estimate.backlog_hours),
        open,
        changes_at,
        hours_assumed: picture.hours_assumed.contains(&station.station_id),
        down: station.down.clone().map(|reason| Down {
            reason,
            since: shown.down_since,
        }),
        planned_downtime: (description.planned_downtime.iter())
            .filter(|planned| planned.to > picture.now)
            .cloned()
            .collect(),
        last_days: LastDays {
            days: PAST_DAYS,
            staffed_hours: rounded(shown.staffed_hours),
            busy_hours: rounded(shown.busy_hours),
            down_hours: rounded(shown.down_hours),
            utilization: (works > 0.0).then(|| rounded(shown.busy_hours / works)),
        },
    }
}

/// Whether the station is staffed, and until when that stays so; nothing where it does for longer than two weeks.
pub(super) fn open_now(station: &Station, now: Timestamp) -> (bool, Option<Timestamp>) {
    let Ok(calendar) = Calendar::new(&station.description.operating_hours) else {
        return (false, None);
    };
    let until = now + SignedDuration::from_hours(24 * 14);
    let planned = station.description.planned_downtime.iter();
    let planned: Vec<Interval> = planned
        .map(|planned| Interval {
            from: planned.from,
            to: planned.to,
        })
        .collect();
    let times = calendar.open_times(now, until).without(&planned);
    let minute = SignedDuration::from_secs(1);
    let open = times.available_seconds(now, now + minute) > 0;
    // The first moment at which so much and no more has been staffed, by halves.
    let seconds = |to: Timestamp| times.available_seconds(now, to);
    let whole = |to: Timestamp| to.duration_since(now).as_secs().unsigned_abs();
    let same = |to: Timestamp| match open {
        true => seconds(to) == whole(to),
        false => seconds(to) == 0,
    };
    if same(until) {
        return (open, None);
    }
    let (mut still, mut changed) = (now, until);
    while changed.duration_since(still) > minute {
        let half = changed.duration_since(still).as_secs() / 2;
        let middle = still + SignedDuration::from_secs(half);
        match same(middle) {
            true => still = middle,
            false => changed = middle,
        }
    }
    (open, Some(still))
}

/// `?days=`: how far ahead.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CapacityQuery {
    days: Option<Days>,
}

/// How many days to look ahead.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(try_from = "u64")]
struct Days(u16);

impl TryFrom<u64> for Days {
    type Error = String;

    fn try_from(days: u64) -> Result<Self, String> {
        match u16::try_from(days) {
            Ok(days @ 1..=DAYS_MAX) => Ok(Self(days)),
            _ => Err(format!(
                "days is {days}, and should be from 1 to {DAYS_MAX}"
            )),
        }
    }
}

impl JsonSchema for Days {
    fn schema_name() -> Cow<'static, str> {
        "Days".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "integer", "minimum": 1, "maximum": DAYS_MAX, "default": DAYS,
            "description": "How many days to look ahead, today included.",
        })
    }
}

/// The load of the days to come, by a finite-capacity plan.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct CapacityForecast {
    planned_at: Timestamp,
    /// The last event that it knows.
    log_position: u64,
    days: u16,
    stations: Vec<StationAhead>,
    /// The days on which what is due by then does not fit in, in whatever order it is done.
    over_capacity: Vec<OverCapacity>,
    /// Jobs whose work is in no plan, and why.
    left_out: Vec<Unforeseen>,
    /// What nobody said, and was taken to be so.
    assumptions: Vec<String>,
}

/// A station on the days to come.
#[derive(Debug, Serialize, JsonSchema)]
struct StationAhead {
    station_id: StationId,
    days: Vec<StationDay>,
}

/// A station on a day, by its own clock. Of today, what is left of it.
#[derive(Debug, Serialize, JsonSchema)]
struct StationDay {
    day: Date,
    /// Staffed hours of all its machines, downtime not counted.
    available_hours: f64,
    /// Of those: in which a machine is set up, works, or waits for the rest of its lot.
    planned_hours: f64,
    /// Of those: in which a machine is set up.
    setup_hours: f64,
    /// Planned over available; 0 on a day without staff.
    share: f64,
    /// From now to the end of the day: staffed hours, and the work of the jobs that are due by then.
    available_until_hours: f64,
    due_until_hours: f64,
    /// The second is more than the first.
    over_capacity: bool,
}

/// A day that is over capacity.
#[derive(Debug, Serialize, JsonSchema)]
struct OverCapacity {
    station_id: StationId,
    day: Date,
    /// So many hours are too few.
    missing_hours: f64,
}

impl From<DayOfPlan> for StationDay {
    fn from(day: DayOfPlan) -> Self {
        Self {
            day: day.day,
            available_hours: hours(day.available_minutes),
            planned_hours: hours(day.planned_minutes),
            setup_hours: hours(day.setup_minutes),
            share: rounded(day.utilization),
            available_until_hours: hours(day.available_until_minutes),
            due_until_hours: hours(day.due_until_minutes),
            over_capacity: day.over_capacity,
        }
    }
}

/// `GET /capacity/forecast`
pub(crate) async fn capacity_forecast(
    State(app): State<App>,
    Parameters(query): Parameters<CapacityQuery>,
) -> Result<Foreseen<CapacityForecast>, Problem> {
    let Days(days) = query.days.unwrap_or(Days(DAYS));
    let look = async {
        let picture = app.picture().await?;
        computing(move || days_ahead(&picture, days)).await
    };
    app.look_ahead(look).await.map(Foreseen)
}

fn days_ahead(picture: &Picture, days: u16) -> Result<CapacityForecast, Problem> {
    let plan = picture.plan()?;
    let mut stations: Vec<StationAhead> = Vec::new();
    let mut over_capacity = Vec::new();
    for day in daily_load(&picture.input, plan, days).map_err(senseless)? {
        let station_id = day.station_id.clone();
        if day.over_capacity {
            over_capacity.push(OverCapacity {
                station_id: station_id.clone(),
                day: day.day,
                missing_hours: hours(day.due_until_minutes - day.available_until_minutes),
            });
        }
        match stations.last_mut() {
            Some(last) if last.station_id == station_id => last.days.push(day.into()),
            _ => stations.push(StationAhead {
                station_id,
                days: vec![day.into()],
            }),
        }
    }
    let unplanned = plan.unplanned.iter();
    let unplanned = unplanned.map(|job| Unforeseen::from(&(job.job_id, job.reason.clone())));
    Ok(CapacityForecast {
        planned_at: picture.now,
        log_position: picture.log_position,
        days,
        stations,
        over_capacity,
        left_out: (picture.resting.iter())
            .map(Unforeseen::from)
            .chain(unplanned)
            .collect(),
        assumptions: picture.assumptions.clone(),
    })
}

/// What was foreseen, or cannot be.
pub(crate) struct Foreseen<T>(pub(super) T);

impl<T: Serialize> IntoResponse for Foreseen<T> {
    fn into_response(self) -> Response {
        Json(self.0).into_response()
    }
}

impl<T: JsonSchema> Answers for Foreseen<T> {
    fn describe(operation: &mut Operation<'_>) {
        Json::<T>::describe(operation);
        operation.may_answer(&[Border::Unforeseen]);
    }
}
