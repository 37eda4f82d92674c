//! From the units' states to an input: which lots there are, what is left of each, and what is running.
//! Facts are read here and nowhere else in this room; when anything happens is decided elsewhere.

mod arrivals;
mod lots;
mod units;

pub use units::{CardNow, Progress, SetNow, SheetNow};

use super::input::{Input, JobInput, StationInput};
use crate::capacity::{Interval, Practice};
use crate::domain::UnitRef;
use crate::domain::job::{Job, JobCreated, JobStatus};
use crate::domain::product::ProductSpec;
use crate::domain::sheet::SheetStatus;
use crate::domain::station::{Station, zone_named};
use crate::identity::{JobId, SheetId};
use arrivals::Arrivals;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

/// The floor at a moment.
#[derive(Debug, Clone, Copy)]
pub struct FloorNow<'a> {
    pub now: Timestamp,
    pub stations: &'a [Station],
    pub jobs: &'a [JobNow<'a>],
    /// What the shop's own log has shown; [`Practice::default`] where nothing was measured.
    pub practice: &'a Practice,
}

/// A job with everything that belongs to it.
#[derive(Debug, Clone, Copy)]
pub struct JobNow<'a> {
    pub job: &'a Job,
    /// Why its order is on hold, if it is: what binds the order binds its jobs.
    pub order_held: Option<&'a str>,
    /// The version to which it is made.
    pub spec: &'a ProductSpec,
    pub sheets: &'a [SheetNow],
    pub cards: &'a [CardNow],
    pub sets: &'a [SetNow],
}

/// What no state says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FloorPolicy {
    /// IANA name of the zone in which a due date ends: a job is due with the last moment of that day.
    pub time_zone: String,
    /// How many sheets go through the shop together. A plan gives each lot its place.
    pub sheets_per_lot: u32,
    /// How long a station that is down is taken to stay down.
    pub assumed_downtime: SignedDuration,
}

impl Default for FloorPolicy {
    fn default() -> Self {
        Self {
            time_zone: "UTC".to_owned(),
            sheets_per_lot: 10,
            assumed_downtime: SignedDuration::from_hours(4),
        }
    }
}

impl FloorPolicy {
    /// The moment at which that day is over: when a job is late that is due on it.
    ///
    /// # Errors
    /// The time zone is unknown.
    pub fn end_of(&self, day: Date) -> Result<Timestamp, String> {
        Ok(end_of(day, &self.zone()?))
    }

    fn zone(&self) -> Result<TimeZone, String> {
        zone_named(&self.time_zone).ok_or_else(|| {
            format!(
                "{:?} is no time zone: give an IANA name like America/Chicago",
                self.time_zone
            )
        })
    }
}

fn end_of(day: Date, zone: &TimeZone) -> Timestamp {
    let midnight = day.tomorrow().unwrap_or(day);
    let over = zone.to_timestamp(midnight.at(0, 0, 0, 0));
    over.unwrap_or(Timestamp::MAX)
}

/// An input, and what was left out of it.
#[derive(Debug, Clone, PartialEq)]
pub struct FloorInput {
    pub input: Input,
    pub resting: Vec<RestingJob>,
}

/// A job that is on hold: nobody knows for how long, so it is in no plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RestingJob {
    pub job_id: JobId,
    /// What is to be released: the job, or its order.
    pub held: UnitRef,
    pub reason: String,
}

impl RestingJob {
    fn of(now: &JobNow) -> Option<Self> {
        let plan = &now.job.plan;
        let itself = now.job.held.as_deref();
        let (held, reason) = match (itself, now.order_held) {
            (Some(reason), _) => (UnitRef::Job(plan.job_id), reason),
            (None, Some(reason)) => (UnitRef::ProductionOrder(plan.order_id.clone()), reason),
            (None, None) => return None,
        };
        Some(Self {
            job_id: plan.job_id,
            held,
            reason: reason.to_owned(),
        })
    }
}

/// Reads the floor. Jobs that are closed, cancelled or have nothing left are not in the input; sheets and
/// cards on hold are, as if they were released now. A vacant position counts as a card that is made anew.
///
/// # Errors
/// The time zone is unknown.
pub fn input_from_floor(floor: FloorNow, policy: &FloorPolicy) -> Result<FloorInput, String> {
    let zone = policy.zone()?;
    let arrivals = Arrivals::new(&floor);
    let mut resting = Vec::new();
    let mut jobs = Vec::new();
    for job_now in floor.jobs {
        let plan = &job_now.job.plan;
        match job_now.job.status {
            JobStatus::Created | JobStatus::InProgress => {}
            JobStatus::Closed | JobStatus::Cancelled => continue,
        }
        if let Some(job) = RestingJob::of(job_now) {
            resting.push(job);
            continue;
        }
        let lots = lots::lots(&floor, job_now, policy, &arrivals);
        if lots.iter().all(|lot| !lot.owed) {
            continue;
        }
        jobs.push(JobInput {
            job_id: plan.job_id,
            due: end_of(plan.due_date, &zone),
            priority: plan.priority,
            release: floor.now,
            lots,
        });
    }
    let stations = floor.stations.iter();
    Ok(FloorInput {
        input: Input {
            now: floor.now,
            stations: stations
                .map(|station| station_input(station, floor.now, policy, &arrivals))
                .collect(),
            jobs,
        },
        resting,
    })
}

/// A job that does not exist yet, of fresh sheets: an order that is thought of, or one of the past as it came
/// in. `overs` sheets are printed along.
///
/// # Errors
/// The time zone is unknown.
pub fn input_of_new_job(
    floor: FloorNow,
    policy: &FloorPolicy,
    plan: &JobCreated,
    spec: &ProductSpec,
    overs: u32,
) -> Result<JobInput, String> {
    let run = plan.quantity.div_ceil(u32::from(plan.n_up).max(1));
    let sheets: Vec<SheetNow> = (1..=run.saturating_add(overs))
        .filter_map(|number| plan.job_id.sheet(number))
        .map(|sheet_id| fresh_sheet(sheet_id, sheet_id.number() > run))
        .collect();
    let job = Job {
        plan: plan.clone(),
        status: JobStatus::Created,
        held: None,
        sheets: Vec::new(),
    };
    let job_now = JobNow {
        job: &job,
        order_held: None,
        spec,
        sheets: &sheets,
        cards: &[],
        sets: &[],
    };
    let arrivals = Arrivals::new(&floor);
    Ok(JobInput {
        job_id: plan.job_id,
        due: policy.end_of(plan.due_date)?,
        priority: plan.priority,
        release: floor.now,
        lots: lots::lots(&floor, &job_now, policy, &arrivals),
    })
}

fn fresh_sheet(sheet_id: SheetId, is_over: bool) -> SheetNow {
    SheetNow {
        sheet_id,
        spares: is_over,
        status: SheetStatus::Created,
        progress: Progress::default(),
    }
}

fn station_input(
    station: &Station,
    now: Timestamp,
    policy: &FloorPolicy,
    arrivals: &Arrivals,
) -> StationInput {
    let description = &station.description;
    let planned = description.planned_downtime.iter();
    let mut downtime: Vec<Interval> = planned
        .map(|planned| Interval {
            from: planned.from,
            to: planned.to,
        })
        .collect();
    if station.down.is_some() {
        downtime.push(Interval {
            from: now,
            to: now + policy.assumed_downtime,
        });
    }
    StationInput {
        station_id: station.station_id.clone(),
        machines: description.machines,
        setup_minutes: description.setup_minutes,
        operating_hours: description.operating_hours.clone(),
        downtime,
        overtime: Vec::new(),
        set_up_for: arrivals.set_up_for(&station.station_id, description.machines),
    }
}
