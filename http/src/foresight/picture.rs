//! The floor at a moment: where every open job stands, what the stations have shown, and what had to be assumed. It
//! holds as long as nothing is recorded, and no longer than a minute.

use super::past::Past;
use super::senseless;
use crate::problem::Problem;
use jiff::{SignedDuration, Timestamp};
use sheetwise_core::capacity::{Calendar, StationRate};
use sheetwise_core::domain::job::JobCreated;
use sheetwise_core::domain::product::ProductSpec;
use sheetwise_core::domain::station::OperatingSchedule;
use sheetwise_core::identity::{JobId, StationId};
use sheetwise_core::scheduling::{
    Estimate, FloorNow, FloorPolicy, Input, JobInput, JobNow, Model, PastJobs, Plan, PlanOptions,
    RestingJob, StationWork, estimate, input_from_floor, input_of_new_job, plan, station_work,
};
use sheetwise_store::questions::open_jobs::{OpenJob, OpenJobs, open_jobs};
use sheetwise_store::{Database, StoreError};
use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

/// Machines go on while nothing is scanned, and shifts begin and end.
const HOLDS_FOR: SignedDuration = SignedDuration::from_secs(60);

/// What is said of a station's past is said of so many days.
pub(super) const PAST_DAYS: i64 = 7;

/// A plan of so many operations is searched through once; a smaller one as many times more.
const PLAN_OPERATIONS: u32 = 1_000_000;
const PLAN_ITERATIONS_MAX: u32 = 1_000;

/// The floor at a moment.
pub(super) struct Picture {
    pub(super) log_position: u64,
    pub(super) now: Timestamp,
    pub(super) floor: OpenJobs,
    pub(super) policy: FloorPolicy,
    pub(super) input: Input,
    pub(super) resting: Vec<RestingJob>,
    /// In the order of the floor's stations.
    pub(super) work: Vec<StationWork>,
    pub(super) shown: BTreeMap<StationId, Shown>,
    /// What forecasts believe, but for the correction by past ones.
    pub(super) model: Model,
    pub(super) past_jobs: Arc<PastJobs>,
    /// Stations whose hours nobody said.
    pub(super) hours_assumed: Vec<StationId>,
    pub(super) assumptions: Vec<String>,
    practice: sheetwise_core::capacity::Practice,
    plan: OnceLock<Result<Plan, String>>,
    estimate: OnceLock<Result<Estimate, String>>,
}

/// What a station has shown.
#[derive(Debug, Clone, Default)]
pub(super) struct Shown {
    pub(super) rates: Vec<StationRate>,
    pub(super) down_since: Option<Timestamp>,
    /// Of the last days, in hours: staffed, seen at work, and down while staffed.
    pub(super) staffed_hours: f64,
    pub(super) busy_hours: f64,
    pub(super) down_hours: f64,
}

/// Why there is no picture.
pub(super) enum Blind {
    Store(StoreError),
    Senseless(String),
}

impl Blind {
    pub(super) fn into_problem(self) -> Problem {
        match self {
            Self::Store(error) => Problem::store(error),
            Self::Senseless(what) => Problem::not_foreseeable(what),
        }
    }
}

impl From<StoreError> for Blind {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

/// The floor now: the last picture where it still holds.
pub(super) fn look(
    database: &Database,
    now: Timestamp,
    past: &mut Past,
    last: &mut Option<Arc<Picture>>,
) -> Result<Arc<Picture>, Blind> {
    if let Some(last) = last {
        let head = database.read(|reading| reading.head())?;
        let age = now.duration_since(last.now);
        if head.sequence_num == last.log_position && age < HOLDS_FOR {
            return Ok(Arc::clone(last));
        }
    }
    past.approach(database)?;
    // The rest of the log and the rows are of one moment.
    let floor = database.read(|reading| {
        past.catch_up(reading)?;
        open_jobs(reading)
    })?;
    let picture = Arc::new(Picture::of(floor, past, now).map_err(Blind::Senseless)?);
    *last = Some(Arc::clone(&picture));
    Ok(picture)
}

impl Picture {
    fn of(mut floor: OpenJobs, past: &Past, now: Timestamp) -> Result<Self, String> {
        let mut assumptions = Vec::new();
        let policy = FloorPolicy {
            time_zone: zone_of_most(&floor),
            ..FloorPolicy::default()
        };
        assumptions.push(format!(
            "A job is due with the end of its day in {}, the time zone of most stations.",
            policy.time_zone
        ));
        let hours_assumed = assume_hours(&mut floor, &mut assumptions);
        for station in &floor.stations {
            if let Some(reason) = &station.down {
                let hours = policy.assumed_downtime.as_hours();
                assumptions.push(format!(
                    "{} is down ({reason}): it is taken to be up again in {hours} hours.",
                    station.station_id
                ));
            }
        }
        let practice = past.measured.practice();
        let jobs: Vec<JobNow> = floor.jobs.iter().map(OpenJob::now).collect();
        let floor_now = FloorNow {
            now,
            stations: &floor.stations,
            jobs: &jobs,
            practice: &practice,
        };
        let read = input_from_floor(floor_now, &policy)?;
        let work = station_work(&read.input, &jobs);
        let mut model = Model::learnt(&past.measured);
        model.arrivals = past.jobs.arrivals(floor_now, &policy)?;
        if model.arrivals.is_none() {
            assumptions.push("No new orders come in: too few have been seen to know.".to_owned());
        }
        drop(jobs);
        Ok(Self {
            log_position: floor.log_position,
            now,
            shown: shown(&floor, past, now),
            policy,
            input: read.input,
            resting: read.resting,
            work,
            model,
            past_jobs: Arc::clone(&past.jobs),
            hours_assumed,
            assumptions,
            practice,
            floor,
            plan: OnceLock::new(),
            estimate: OnceLock::new(),
        })
    }

    /// The finite-capacity plan. It is made when somebody first asks for it, and takes a while then.
    pub(super) fn plan(&self) -> Result<&Plan, Problem> {
        let made = self.plan.get_or_init(|| {
            let lots = self.input.jobs.iter().flat_map(|job| &job.lots);
            let operations: usize = lots.map(|lot| lot.operations.len()).sum();
            let operations = u32::try_from(operations.max(1)).unwrap_or(u32::MAX);
            let options = PlanOptions {
                iterations: (PLAN_OPERATIONS / operations).min(PLAN_ITERATIONS_MAX),
                ..PlanOptions::default()
            };
            plan(&self.input, &options).map_err(|problems| senseless(problems).message())
        });
        made.as_ref().map_err(Problem::not_foreseeable)
    }

    /// What standard times and today's queues say.
    pub(super) fn estimate(&self) -> Result<&Estimate, Problem> {
        let made = self.estimate.get_or_init(|| {
            estimate(&self.input).map_err(|problems| senseless(problems).message())
        });
        made.as_ref().map_err(Problem::not_foreseeable)
    }

    pub(super) fn job(&self, job_id: JobId) -> Option<&OpenJob> {
        let jobs = &self.floor.jobs;
        let at = jobs.binary_search_by_key(&job_id, |open| open.job.plan.job_id);
        at.ok().map(|at| &jobs[at])
    }

    /// Whether anything of the job is still to be done.
    pub(super) fn has_work(&self, job_id: JobId) -> bool {
        let in_input = self.input.jobs.iter().any(|job| job.job_id == job_id);
        in_input || self.resting.iter().any(|job| job.job_id == job_id)
    }

    /// A job that is only thought of.
    pub(super) fn new_job(
        &self,
        thought_of: &JobCreated,
        spec: &ProductSpec,
        overs: u32,
    ) -> Result<JobInput, Problem> {
        let floor = FloorNow {
            now: self.now,
            stations: &self.floor.stations,
            jobs: &[],
            practice: &self.practice,
        };
        input_of_new_job(floor, &self.policy, thought_of, spec, overs)
            .map_err(Problem::not_foreseeable)
    }
}

/// Whose hours nobody said, works day and night.
fn assume_hours(floor: &mut OpenJobs, assumptions: &mut Vec<String>) -> Vec<StationId> {
    let mut assumed = Vec::new();
    for station in &mut floor.stations {
        let hours = &mut station.description.operating_hours;
        if hours.shifts.is_empty() || !hours.problems().is_empty() {
            *hours = OperatingSchedule::around_the_clock();
            assumed.push(station.station_id.clone());
        }
    }
    if !assumed.is_empty() {
        let names: Vec<String> = assumed.iter().map(ToString::to_string).collect();
        assumptions.push(format!(
            "{}: without shifts, and so taken to be staffed day and night.",
            names.join(", ")
        ));
    }
    assumed
}

/// The zone in which most stations that have hours work; the first of them by name where several do.
fn zone_of_most(floor: &OpenJobs) -> String {
    let mut zones: BTreeMap<&str, usize> = BTreeMap::new();
    for station in &floor.stations {
        let hours = &station.description.operating_hours;
        if !hours.shifts.is_empty() && hours.problems().is_empty() {
            *zones.entry(&hours.time_zone).or_default() += 1;
        }
    }
    let mut most: Vec<(usize, &str)> = zones.into_iter().map(|(zone, n)| (n, zone)).collect();
    most.sort_by_key(|(stations, zone)| (std::cmp::Reverse(*stations), *zone));
    most.first()
        .map_or_else(|| "UTC".to_owned(), |(_, zone)| (*zone).to_owned())
}

fn shown(floor: &OpenJobs, past: &Past, now: Timestamp) -> BTreeMap<StationId, Shown> {
    let since = now - SignedDuration::from_hours(24 * PAST_DAYS);
    let mut shown: BTreeMap<StationId, Shown> = BTreeMap::new();
    for station in &floor.stations {
        let mut of_station = Shown {
            down_since: past.down_since.get(&station.station_id).copied(),
            ..Shown::default()
        };
        if let Ok(calendar) = Calendar::new(&station.description.operating_hours) {
            of_station.staffed_hours = calendar.available_seconds(since, now) as f64 / 3_600.0;
            if let Some(down_since) = of_station.down_since {
                let down = calendar.available_seconds(down_since.max(since), now);
                of_station.down_hours = down as f64 / 3_600.0;
            }
        }
        shown.insert(station.station_id.clone(), of_station);
    }
    for rate in past.measured.rates() {
        if let Some(of_station) = shown.get_mut(&rate.station_id) {
            of_station.rates.push(rate);
        }
    }
    let first_day = since.to_zoned(jiff::tz::TimeZone::UTC).date();
    for run in past
        .measured
        .runs()
        .iter()
        .filter(|run| run.day > first_day)
    {
        if let Some(of_station) = shown.get_mut(&run.station_id) {
            of_station.busy_hours += run.actual_minutes / 60.0;
        }
    }
    for down in past
        .measured
        .downtimes()
        .iter()
        .filter(|down| down.since >= since)
    {
        if let Some(of_station) = shown.get_mut(&down.station_id) {
            of_station.down_hours += down.staffed_minutes / 60.0;
        }
    }
    shown
}
