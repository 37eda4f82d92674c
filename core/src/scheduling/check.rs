//! Whether a plan keeps the rules. It shares no code with the planner: hours are swept, not indexed, and
//! every rule is asked of the input and the plan as they stand.

use super::input::{Input, JobInput, LotInput, LotOperation, Pass, StationInput};
use super::plan::{JobPlan, Placement, Plan};
use crate::capacity::Calendar;
use crate::identity::{JobId, OperationId, StationId};
use jiff::Timestamp;
use serde::Serialize;
use std::collections::BTreeMap;
use std::fmt;

/// A rule that a plan breaks, and where.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Violation {
    pub job_id: JobId,
    pub lot: Option<u32>,
    pub operation_id: Option<OperationId>,
    pub broken: Broken,
}

/// A rule, broken.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "rule", rename_all = "snake_case")]
pub enum Broken {
    /// The input has no such job, lot or operation.
    Unknown,
    /// It has another name in the input, or other units.
    Misnamed,
    NotPlaced,
    PlacedTwice,
    /// Nothing has to be done there.
    NothingToDo,
    /// The station does not do this operation, or has no such machine.
    WrongStation {
        station_id: StationId,
        machine: u16,
    },
    /// Its times are not in order, or lie before the moment of planning.
    WrongTimes,
    BeforeRelease {
        release: Timestamp,
    },
    /// The machine is busy with that.
    Overlap {
        with_job: JobId,
        with_operation: OperationId,
    },
    /// The changeover before it takes longer.
    TooLittleSetup {
        needs_seconds: u64,
        has_seconds: u64,
    },
    /// A changeover is split over a closure.
    SetupSplit,
    /// Its work takes longer, over the station's open hours.
    TooLittleTime {
        needs_seconds: u64,
        has_seconds: u64,
    },
    /// Work that must not pause is split over a closure.
    WorkSplit,
    BeforeFirstBatch {
        of: OperationId,
    },
    BeforeLastBatch {
        of: OperationId,
    },
    /// The job's finish is not the end of its last owed lot.
    WrongFinish {
        says: Timestamp,
        is: Timestamp,
    },
    /// It is in the plan, but the input does not have it; or the other way round.
    JobMissing,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.job_id)?;
        if let Some(lot) = self.lot {
            write!(f, ", lot {lot}")?;
        }
        if let Some(operation_id) = &self.operation_id {
            write!(f, ", {operation_id}")?;
        }
        f.write_str(": ")?;
        match &self.broken {
            Broken::Unknown => f.write_str("the input knows nothing of it"),
            Broken::Misnamed => f.write_str("the input calls it otherwise, or has other units"),
            Broken::NotPlaced => f.write_str("it has no place in the plan"),
            Broken::PlacedTwice => f.write_str("it is placed twice"),
            Broken::NothingToDo => f.write_str("it is placed, though nothing has to be done"),
            Broken::WrongStation {
                station_id,
                machine,
            } => write!(f, "machine {machine} of {station_id} cannot do it"),
            Broken::WrongTimes => f.write_str("its times are not in order, or before now"),
            Broken::BeforeRelease { release } => {
                write!(f, "it begins before its release, {release}")
            }
            Broken::Overlap {
                with_job,
                with_operation,
            } => write!(f, "its machine is busy with {with_operation} of {with_job}"),
            Broken::TooLittleSetup {
                needs_seconds,
                has_seconds,
            } => write!(
                f,
                "its set-up takes {needs_seconds} s and has {has_seconds} s"
            ),
            Broken::SetupSplit => f.write_str("its set-up is split over a closure"),
            Broken::TooLittleTime {
                needs_seconds,
                has_seconds,
            } => write!(
                f,
                "its work takes {needs_seconds} s and has {has_seconds} s"
            ),
            Broken::WorkSplit => f.write_str("it must not pause, and is split over a closure"),
            Broken::BeforeFirstBatch { of } => {
                write!(
                    f,
                    "it begins before the first transfer batch of {of} is there"
                )
            }
            Broken::BeforeLastBatch { of } => {
                write!(
                    f,
                    "it ends before the last transfer batch of {of} can be done"
                )
            }
            Broken::WrongFinish { says, is } => {
                write!(f, "its finish says {says}, its last owed lot ends {is}")
            }
            Broken::JobMissing => f.write_str("it is in the plan or in the input, not in both"),
        }
    }
}

/// Every rule that the plan breaks; empty for a sound one.
///
/// # Panics
/// If the input itself is unsound ([`Input::problems`] says how).
#[must_use]
pub fn check(input: &Input, plan: &Plan) -> Vec<Violation> {
    let mut checker = Checker {
        input,
        calendars: input
            .stations
            .iter()
            .map(|station| {
                Calendar::new(&station.operating_hours).expect("the input's hours are sound")
            })
            .collect(),
        placed: BTreeMap::new(),
        violations: Vec::new(),
    };
    checker.index(plan);
    for job in &input.jobs {
        checker.job(job, plan);
    }
    for job in &plan.jobs {
        if !input.jobs.iter().any(|given| given.job_id == job.job_id) {
            checker.say(job.job_id, None, Broken::JobMissing);
        }
    }
    checker.machines(plan);
    checker.violations
}

struct Checker<'a> {
    input: &'a Input,
    calendars: Vec<Calendar>,
    placed: BTreeMap<(JobId, u32, u32), &'a Placement>,
    violations: Vec<Violation>,
}

/// An operation that is placed, and one that comes before it in its lot, perhaps with others in between for
/// which nothing had to be done.
#[derive(Clone, Copy)]
struct Edge<'a> {
    job_id: JobId,
    lot: &'a LotInput,
    before: usize,
    directly_before: &'a LotOperation,
    operation: &'a LotOperation,
    placement: &'a Placement,
    station: usize,
}

impl<'a> Checker<'a> {
    fn say(&mut self, job_id: JobId, at: Option<(u32, &OperationId)>, broken: Broken) {
        self.violations.push(Violation {
            job_id,
            lot: at.map(|(lot, _)| lot),
            operation_id: at.map(|(_, id)| id.clone()),
            broken,
        });
    }

    fn say_of(&mut self, placement: &Placement, broken: Broken) {
        let at = Some((placement.lot, &placement.operation_id));
        self.say(placement.job_id, at, broken);
    }

    fn index(&mut self, plan: &'a Plan) {
        for placement in &plan.placements {
            let key = (placement.job_id, placement.lot, placement.operation);
            if self.placed.insert(key, placement).is_some() {
                self.say_of(placement, Broken::PlacedTwice);
            }
            let job = self
                .input
                .jobs
                .iter()
                .find(|job| job.job_id == placement.job_id);
            let lot = job.and_then(|job| job.lots.iter().find(|lot| lot.number == placement.lot));
            let operation = lot.and_then(|lot| lot.operations.get(placement.operation as usize));
            match operation {
                None => self.say_of(placement, Broken::Unknown),
                Some(operation) => {
                    let same = operation.operation_id == placement.operation_id
                        && operation.units == placement.units;
                    if !same {
                        self.say_of(placement, Broken::Misnamed);
                    }
                }
            }
        }
    }

    fn job(&mut self, job: &'a JobInput, plan: &Plan) {
        let planned = plan
            .jobs
            .iter()
            .find(|planned| planned.job_id == job.job_id);
        let is_unplanned = plan
            .unplanned
            .iter()
            .any(|other| other.job_id == job.job_id);
        if planned.is_some() == is_unplanned {
            self.say(job.job_id, None, Broken::JobMissing);
        }
        for lot in &job.lots {
            for (at, operation) in (0_u32..).zip(&lot.operations) {
                let placement = self.placed.get(&(job.job_id, lot.number, at)).copied();
                let wanted = operation.units > 0 && !is_unplanned;
                let name = Some((lot.number, &operation.operation_id));
                match placement {
                    None if wanted => self.say(job.job_id, name, Broken::NotPlaced),
                    Some(_) if !wanted => self.say(job.job_id, name, Broken::NothingToDo),
                    Some(placement) => self.operation(job, lot, operation, placement),
                    None => {}
                }
            }
        }
        if let Some(planned) = planned {
            self.finish(job, planned);
        }
    }

    fn finish(&mut self, job: &JobInput, planned: &JobPlan) {
        let owed: Vec<u32> = job
            .lots
            .iter()
            .filter(|l| l.owed)
            .map(|l| l.number)
            .collect();
        let ends = self
            .placed
            .range((job.job_id, 0, 0)..=(job.job_id, u32::MAX, u32::MAX));
        let last = ends
            .filter(|((_, lot, _), _)| owed.contains(lot))
            .map(|(_, placement)| placement.end)
            .max();
        let is = last.unwrap_or(self.input.now);
        if is != planned.finish {
            let says = planned.finish;
            self.say(job.job_id, None, Broken::WrongFinish { says, is });
        }
    }

    fn operation(
        &mut self,
        job: &JobInput,
        lot: &'a LotInput,
        operation: &'a LotOperation,
        placement: &'a Placement,
    ) {
        let Some(station) = self.station_of(operation, placement) else {
            let broken = Broken::WrongStation {
                station_id: placement.station_id.clone(),
                machine: placement.machine,
            };
            return self.say_of(placement, broken);
        };
        let (setup_from, start, end) = (placement.setup_from, placement.start, placement.end);
        if setup_from > start || start > end || setup_from < self.input.now {
            self.say_of(placement, Broken::WrongTimes);
        }
        if setup_from < job.release && job.release > self.input.now && operation.running.is_none() {
            let release = job.release;
            self.say_of(placement, Broken::BeforeRelease { release });
        }
        let needs_seconds = work_left(operation, station);
        let has_seconds = self.open_seconds(station, start, end);
        if has_seconds < needs_seconds {
            self.say_of(
                placement,
                Broken::TooLittleTime {
                    needs_seconds,
                    has_seconds,
                },
            );
        }
        if !operation.resumable {
            let done = start + jiff::SignedDuration::from_secs(needs_seconds.cast_signed());
            if self.open_seconds(station, start, done) < needs_seconds {
                self.say_of(placement, Broken::WorkSplit);
            }
        }
        for &before in &operation.predecessors {
            self.edge(Edge {
                job_id: job.job_id,
                lot,
                before,
                directly_before: &lot.operations[before],
                operation,
                placement,
                station,
            });
        }
    }

    fn station_of(&self, operation: &LotOperation, placement: &Placement) -> Option<usize> {
        let mut alternatives = operation.alternatives.iter().map(|a| a.station);
        alternatives.find(|at| {
            let station = &self.input.stations[*at];
            station.station_id == placement.station_id
                && (1..=station.machines).contains(&placement.machine)
        })
    }

    /// Both sides of the rule of transfer batches, between an operation and one before it.
    fn edge(&mut self, edge: Edge<'a>) {
        let Edge {
            job_id,
            lot,
            before,
            directly_before,
            operation,
            placement,
            station,
        } = edge;
        let predecessor = &lot.operations[before];
        let at = u32::try_from(before).expect("few operations");
        let Some(&of) = self.placed.get(&(job_id, lot.number, at)) else {
            // Nothing had to be done there: it lets through what comes before it.
            if predecessor.units == 0 {
                for &before in &predecessor.predecessors {
                    self.edge(Edge { before, ..edge });
                }
            }
            return;
        };
        let Some(of_station) = self.station_of(predecessor, of) else {
            return; // said already
        };
        if placement.start >= of.end {
            return;
        }
        let name = || predecessor.operation_id.clone();
        let (batch, units) = first_batch(predecessor, operation);
        let needs = work_left(predecessor, of_station) * batch / units;
        let has = self.open_seconds(of_station, of.start, placement.start);
        if has < needs || !predecessor.resumable {
            self.say_of(placement, Broken::BeforeFirstBatch { of: name() });
        }
        let (batch, units) = last_batch(directly_before, operation);
        let needs = work_left(operation, station) * batch / units;
        let has = self.open_seconds(station, of.end, placement.end);
        if has < needs {
            self.say_of(placement, Broken::BeforeLastBatch { of: name() });
        }
    }

    /// What each machine does, one after the other, with its changeovers.
    fn machines(&mut self, plan: &'a Plan) {
        let mut by_machine: BTreeMap<(&StationId, u16), Vec<&'a Placement>> = BTreeMap::new();
        for placement in &plan.placements {
            by_machine
                .entry((&placement.station_id, placement.machine))
                .or_default()
                .push(placement);
        }
        for ((station_id, machine), mut placements) in by_machine {
            let mut stations = self.input.stations.iter();
            let Some(at) = stations.position(|station| station.station_id == *station_id) else {
                continue; // said already
            };
            let station = &self.input.stations[at];
            placements.sort_by_key(|p| (p.setup_from, p.start, p.end));
            for pair in placements.windows(2) {
                if pair[1].setup_from < pair[0].end {
                    let broken = Broken::Overlap {
                        with_job: pair[0].job_id,
                        with_operation: pair[0].operation_id.clone(),
                    };
                    self.say_of(pair[1], broken);
                }
            }
            let first = station.set_up_for.get(usize::from(machine) - 1);
            let mut set_up_for = first.and_then(Option::as_ref);
            for placement in placements {
                let Some(operation) = self.operation_of(placement) else {
                    continue;
                };
                let goes_on = operation
                    .running
                    .is_some_and(|running| running.station == at)
                    && placement.start == self.input.now;
                let same = set_up_for.is_none_or(|setup| *setup == operation.setup);
                if !same && !goes_on {
                    self.setup(at, station, placement);
                }
                set_up_for = Some(&operation.setup);
            }
        }
    }

    fn setup(&mut self, at: usize, station: &StationInput, placement: &Placement) {
        let needs_seconds = u64::from(station.setup_minutes) * 60;
        let (from, start) = (placement.setup_from, placement.start);
        let has_seconds = self.open_seconds(at, from, start);
        if has_seconds < needs_seconds {
            self.say_of(
                placement,
                Broken::TooLittleSetup {
                    needs_seconds,
                    has_seconds,
                },
            );
            return;
        }
        let done = from + jiff::SignedDuration::from_secs(needs_seconds.cast_signed());
        if self.open_seconds(at, from, done) < needs_seconds {
            self.say_of(placement, Broken::SetupSplit);
        }
    }

    fn operation_of(&self, placement: &Placement) -> Option<&'a LotOperation> {
        let job = self
            .input
            .jobs
            .iter()
            .find(|job| job.job_id == placement.job_id)?;
        let lot = job.lots.iter().find(|lot| lot.number == placement.lot)?;
        lot.operations.get(placement.operation as usize)
    }

    /// The seconds in which the station is open, swept from boundary to boundary.
    fn open_seconds(&self, station: usize, from: Timestamp, to: Timestamp) -> u64 {
        if from >= to {
            return 0;
        }
        let given = &self.input.stations[station];
        let staffed = self.calendars[station].intervals(from, to);
        let all = || staffed.iter().chain(&given.overtime).chain(&given.downtime);
        let mut boundaries: Vec<Timestamp> = all()
            .flat_map(|interval| [interval.from, interval.to])
            .chain([from, to])
            .filter(|at| *at >= from && *at <= to)
            .collect();
        boundaries.sort_unstable();
        boundaries.dedup();
        let mut seconds = 0;
        for pair in boundaries.windows(2) {
            let within = |intervals: &[crate::capacity::Interval]| {
                intervals
                    .iter()
                    .any(|i| i.from <= pair[0] && pair[1] <= i.to)
            };
            if (within(&staffed) || within(&given.overtime)) && !within(&given.downtime) {
                seconds += pair[1].duration_since(pair[0]).as_secs().unsigned_abs();
            }
        }
        seconds
    }
}

/// The work of an operation at a station, less what is behind it, in seconds; a started one counts.
fn work_left(operation: &LotOperation, station: usize) -> u64 {
    let alternative = operation.alternatives.iter().find(|a| a.station == station);
    let each = alternative.map_or(0, |a| a.minutes_each.millionths());
    let all = (u128::from(each) * u128::from(operation.units) * 60).div_ceil(1_000_000);
    let done = operation
        .running
        .map_or(0, |running| running.done_minutes.millionths());
    let done = (u128::from(done) * 60).div_ceil(1_000_000);
    u64::try_from(all.saturating_sub(done)).unwrap_or(u64::MAX)
}

fn units_of(operation: &LotOperation) -> u64 {
    let units = match operation.pass {
        Pass::First => operation.units,
        Pass::Repeat { of_units, .. } => of_units,
    };
    u64::from(units.max(1))
}

/// The first transfer batch from one operation to the next, and of how many it is: no less than one unit of
/// the next is made of.
fn first_batch(before: &LotOperation, after: &LotOperation) -> (u64, u64) {
    let units = units_of(before);
    let makes_one = units.div_ceil(units_of(after));
    let batch = u64::from(before.transfer_batch).max(makes_one);
    (batch.min(units), units)
}

/// The last one, as a part of the next operation's work. Where fewer cards than sets are still to come, each
/// concerns one set only.
fn last_batch(before: &LotOperation, after: &LotOperation) -> (u64, u64) {
    let (batch, units) = first_batch(before, after);
    if after.gathers {
        (batch, units.max(units_of(after)))
    } else {
        (batch, units)
    }
}
