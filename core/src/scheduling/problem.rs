//! An input made ready to be decoded thousands of times: numbers instead of names, seconds instead of
//! timestamps, hours as indexed intervals. No decision is taken here.

use super::chance::hash;
use super::input::{Input, InputProblem, JobInput, LotInput, LotOperation, Pass};
use crate::capacity::{Calendar, OpenTimes, Setup, second_of, seconds_of, times, timestamp_of};
use crate::identity::JobId;
use std::collections::BTreeMap;
use std::ops::Range;

/// Stands for "no machine", "no operation".
pub const NONE: u32 = u32::MAX;
/// The set-up of a machine of which nothing is known: whatever comes first needs no changeover.
pub const ANY_SETUP: u32 = 0;

const DAY: i64 = 24 * 60 * 60;

/// How far the hours reach, in days. Work that does not end within the last of them is unplanned.
pub const HORIZONS_DAYS: [i64; 4] = [60, 400, 4_000, 20_000];

/// The input, compiled.
#[derive(Debug, Clone)]
pub struct Problem {
    pub now: i64,
    pub machines: Vec<Machine>,
    /// By station, as in the input.
    pub hours: Vec<OpenTimes>,
    pub setup_seconds: Vec<i64>,
    pub jobs: Vec<JobOps>,
    pub ops: Vec<Op>,
    alternatives: Vec<Choice>,
    edges_in: Vec<Edge>,
    edges_out: Vec<Edge>,
    /// Sets of machines that the same operations choose from, each with the stations that they belong to.
    pub pools: Vec<Pool>,
    /// What every machine is set up for at the beginning.
    pub set_up_for: Vec<u32>,
    /// The jobs that are left out, and why.
    pub left_out: Vec<(JobId, String)>,
}

#[derive(Debug, Clone)]
pub struct Machine {
    pub station: usize,
    /// Its number at the station, from 0.
    pub number: u16,
    /// The pools that it belongs to.
    pub pools: Vec<u32>,
}

#[derive(Debug, Clone)]
pub struct Pool {
    pub machines: Vec<u32>,
    /// More than one station is in it: their hours have to be compared.
    pub several_stations: bool,
}

/// A job and where its operations stand.
#[derive(Debug, Clone)]
pub struct JobOps {
    /// Index into the input's jobs.
    pub index: usize,
    pub job_id: JobId,
    pub due: i64,
    pub weight: f64,
    pub priority: i8,
    pub ops: Range<usize>,
    /// Names it in every draw.
    pub key: u64,
    /// It is here to take up capacity; nobody asks when it is done.
    pub background: bool,
}

/// An operation on a lot.
#[derive(Debug, Clone)]
pub struct Op {
    pub job: u32,
    /// Index of the lot in its job, and of the operation in its lot.
    pub lot: u32,
    pub operation: u32,
    pub owed: bool,
    pub pool: u32,
    pub setup: u32,
    pub release: i64,
    /// The units that `Choice::seconds` are for.
    pub base_units: u32,
    /// The units that a plan counts on.
    pub units: u32,
    /// The share that fails or is replaced, where this is a repeat.
    pub repeat_share: Option<f64>,
    pub resumable: bool,
    /// The station where it runs, and how many seconds of it are behind it.
    pub running: Option<(u32, i64)>,
    /// Names it in every draw: the same for the same operation of the same lot, whatever else changes.
    pub key: u64,
    /// Names its lot likewise.
    pub lot_key: u64,
    alternatives: (u32, u32),
    edges_in: (u32, u32),
    edges_out: (u32, u32),
}

/// A machine that can do an operation, and how long it takes.
#[derive(Debug, Clone, Copy)]
pub struct Choice {
    pub machine: u32,
    /// For `Op::base_units`.
    pub seconds: i64,
}

/// From one operation to the next: the first transfer batch of the one lets the other begin; the other is
/// not done before it has worked on the last one, after the end of the one.
#[derive(Debug, Clone, Copy)]
pub struct Edge {
    pub op: u32,
    batch: u32,
    units: u32,
    /// What the last batch comes to in the work of the other: of so many, so much.
    last_batch: u32,
    last_units: u32,
}

impl Edge {
    /// What the one needs for its first batch, of the seconds that it needs for all.
    #[inline]
    pub fn first_of(&self, seconds: i64) -> i64 {
        part(seconds, self.batch, self.units)
    }

    /// What the other needs for the last batch, of the seconds that it needs for all.
    #[inline]
    pub fn last_of(&self, seconds: i64) -> i64 {
        part(seconds, self.last_batch, self.last_units)
    }
}

#[inline]
fn part(seconds: i64, batch: u32, units: u32) -> i64 {
    if batch == units {
        return seconds;
    }
    let units = i64::from(units);
    (seconds * i64::from(batch) + units - 1) / units
}

impl Problem {
    /// Compiles the input, with the jobs of `background` to compete with; hours for so many days.
    pub fn new(
        input: &Input,
        background: &[JobInput],
        days: i64,
    ) -> Result<Self, Vec<InputProblem>> {
        let problems = input.problems();
        if !problems.is_empty() {
            return Err(problems);
        }
        let now = second_of(input.now);
        let mut problem = Self {
            now,
            machines: Vec::new(),
            hours: Vec::new(),
            setup_seconds: Vec::new(),
            jobs: Vec::new(),
            ops: Vec::new(),
            alternatives: Vec::new(),
            edges_in: Vec::new(),
            edges_out: Vec::new(),
            pools: Vec::new(),
            set_up_for: Vec::new(),
            left_out: Vec::new(),
        };
        let mut names = Names::default();
        let mut first_machine = Vec::new();
        for (index, station) in input.stations.iter().enumerate() {
            let calendar = Calendar::new(&station.operating_hours)
                .map_err(|problems| problems.into_iter().map(InputProblem).collect::<Vec<_>>())?;
            let until = timestamp_of(now + days * DAY);
            let hours = calendar.open_times(input.now, until);
            problem
                .hours
                .push(hours.with(&station.overtime).without(&station.downtime));
            problem
                .setup_seconds
                .push(i64::from(station.setup_minutes) * 60);
            first_machine.push(problem.machines.len());
            for number in 0..station.machines {
                let set_up_for = station.set_up_for.get(usize::from(number));
                let setup = set_up_for.and_then(Option::as_ref);
                problem
                    .set_up_for
                    .push(setup.map_or(ANY_SETUP, |setup| names.setup(setup)));
                problem.machines.push(Machine {
                    station: index,
                    number,
                    pools: Vec::new(),
                });
            }
        }
        first_machine.push(problem.machines.len());
        let jobs = input.jobs.iter().map(|job| (job, false));
        let background = background.iter().map(|job| (job, true));
        for (index, (job, background)) in jobs.chain(background).enumerate() {
            match impossible(job) {
                Some(reason) => problem.left_out.push((job.job_id, reason)),
                None => problem.add_job(index, job, background, &first_machine, &mut names),
            }
        }
        problem.link_backwards();
        for (pool, at) in problem.pools.iter().zip(0_u32..) {
            for machine in &pool.machines {
                problem.machines[*machine as usize].pools.push(at);
            }
        }
        Ok(problem)
    }

    fn add_job(
        &mut self,
        index: usize,
        job: &JobInput,
        background: bool,
        first_machine: &[usize],
        names: &mut Names,
    ) {
        let at = count(self.jobs.len());
        let first_op = self.ops.len();
        let release = second_of(job.release).max(self.now);
        let key = hash(&[u64::from(job.job_id.number()), u64::from(background)]);
        for (lot_at, lot) in job.lots.iter().enumerate() {
            let lot_key = hash(&[key, u64::from(lot.number)]);
            let first_of_lot = self.ops.len();
            for (operation_at, operation) in lot.operations.iter().enumerate() {
                let base_units = base_units(operation);
                let from = self.alternatives.len();
                for alternative in &operation.alternatives {
                    let seconds = times(alternative.minutes_each, u64::from(base_units));
                    let seconds = i64::try_from(seconds_of(seconds)).unwrap_or(i64::MAX / 4);
                    let machines =
                        first_machine[alternative.station]..first_machine[alternative.station + 1];
                    self.alternatives.extend(machines.map(|machine| Choice {
                        machine: count(machine),
                        seconds,
                    }));
                }
                let pool = self.pool_of(from, names);
                let edges = self.add_edges(lot, operation, first_of_lot);
                let (share, units) = match operation.pass {
                    Pass::First => (None, operation.units),
                    Pass::Repeat { share, .. } => (Some(share), operation.units),
                };
                self.ops.push(Op {
                    job: at,
                    lot: count(lot_at),
                    operation: count(operation_at),
                    owed: lot.owed,
                    pool,
                    setup: names.setup(&operation.setup),
                    release,
                    base_units,
                    units,
                    repeat_share: share,
                    resumable: operation.resumable,
                    running: operation.running.map(|running| {
                        let done = seconds_of(running.done_minutes);
                        (count(running.station), i64::try_from(done).unwrap_or(0))
                    }),
                    key: hash(&[lot_key, operation_at as u64]),
                    lot_key,
                    alternatives: (count(from), count(self.alternatives.len())),
                    edges_in: edges,
                    edges_out: (0, 0),
                });
            }
        }
        self.jobs.push(JobOps {
            index,
            job_id: job.job_id,
            due: second_of(job.due),
            weight: job.weight(),
            priority: job.priority.0,
            ops: first_op..self.ops.len(),
            key,
            background,
        });
    }

    /// A transfer batch is never less than what one unit of the next operation is made of: a set of 18
    /// does not begin with 5 cards.
    fn add_edges(
        &mut self,
        lot: &LotInput,
        operation: &LotOperation,
        first_of_lot: usize,
    ) -> (u32, u32) {
        let from = self.edges_in.len();
        for &predecessor in &operation.predecessors {
            let before = &lot.operations[predecessor];
            let units = base_units(before).max(1);
            let following = base_units(operation).max(1);
            let makes_one = units.div_ceil(following);
            let batch = before.transfer_batch.max(makes_one).min(units);
            // Fewer cards than sets: each belongs to one of them, and the others do not wait for it.
            let few = operation.gathers && units < following;
            self.edges_in.push(Edge {
                op: count(first_of_lot + predecessor),
                batch,
                units,
                last_batch: batch,
                last_units: if few { following } else { units },
            });
        }
        (count(from), count(self.edges_in.len()))
    }

    fn link_backwards(&mut self) {
        let mut followers = vec![0_u32; self.ops.len() + 1];
        for edge in &self.edges_in {
            followers[edge.op as usize + 1] += 1;
        }
        for at in 1..followers.len() {
            followers[at] += followers[at - 1];
        }
        let nothing = Edge {
            op: NONE,
            batch: 1,
            units: 1,
            last_batch: 1,
            last_units: 1,
        };
        self.edges_out = vec![nothing; self.edges_in.len()];
        for (op, at) in self.ops.iter_mut().zip(&followers) {
            op.edges_out = (*at, *at);
        }
        for op in 0..self.ops.len() {
            let (from, to) = self.ops[op].edges_in;
            for at in from..to {
                let edge = self.edges_in[at as usize];
                let place = &mut self.ops[edge.op as usize].edges_out.1;
                self.edges_out[*place as usize] = Edge {
                    op: count(op),
                    ..edge
                };
                *place += 1;
            }
        }
    }

    fn pool_of(&mut self, from: usize, names: &mut Names) -> u32 {
        let mut machines: Vec<u32> = self.alternatives[from..]
            .iter()
            .map(|a| a.machine)
            .collect();
        machines.sort_unstable();
        machines.dedup();
        if let Some(pool) = names.pools.get(&machines) {
            return *pool;
        }
        let pool = count(self.pools.len());
        let stations = machines.iter().map(|m| self.machines[*m as usize].station);
        let first = stations.clone().next();
        self.pools.push(Pool {
            several_stations: stations.clone().any(|station| Some(station) != first),
            machines: machines.clone(),
        });
        names.pools.insert(machines, pool);
        pool
    }

    #[inline]
    pub fn alternatives(&self, op: u32) -> &[Choice] {
        let (from, to) = self.ops[op as usize].alternatives;
        &self.alternatives[from as usize..to as usize]
    }

    /// What comes right before it.
    #[inline]
    pub fn before(&self, op: u32) -> &[Edge] {
        let (from, to) = self.ops[op as usize].edges_in;
        &self.edges_in[from as usize..to as usize]
    }

    /// What comes right after it.
    #[inline]
    pub fn after(&self, op: u32) -> &[Edge] {
        let (from, to) = self.ops[op as usize].edges_out;
        &self.edges_out[from as usize..to as usize]
    }

    /// The changeover of a machine from one set-up to the other, in seconds.
    #[inline]
    pub fn changeover(&self, machine: u32, from: u32, to: u32) -> i64 {
        if from == to || from == ANY_SETUP {
            0
        } else {
            self.setup_seconds[self.machines[machine as usize].station]
        }
    }

    /// The quickest that each operation can be done, for the units that a plan counts on, in seconds.
    pub fn shortest_seconds(&self) -> Vec<i64> {
        (0..count(self.ops.len()))
            .map(|op| {
                let seconds = self.alternatives(op).iter().map(|choice| choice.seconds);
                let seconds = seconds.min().unwrap_or(0);
                self.ops[op as usize].scaled(seconds, self.ops[op as usize].units)
            })
            .collect()
    }

    /// The longest way from each operation to the end of its lot, itself included, in seconds of work.
    pub fn tails(&self) -> Vec<i64> {
        let mut tails = self.shortest_seconds();
        for op in (0..self.ops.len()).rev() {
            let longest = self.after(count(op)).iter().map(|e| tails[e.op as usize]);
            tails[op] += longest.max().unwrap_or(0);
        }
        tails
    }
}

impl Op {
    /// Work for `base_units`, for so many instead.
    #[inline]
    pub fn scaled(&self, seconds: i64, units: u32) -> i64 {
        if units == self.base_units {
            return seconds;
        }
        let base = i64::from(self.base_units.max(1));
        (seconds * i64::from(units) + base - 1) / base
    }

    /// Nothing has to be done: no card failed.
    #[inline]
    pub fn may_be_empty(&self) -> bool {
        self.repeat_share.is_some()
    }
}

/// What was given a number.
#[derive(Default)]
struct Names {
    setups: BTreeMap<Setup, u32>,
    pools: BTreeMap<Vec<u32>, u32>,
}

impl Names {
    fn setup(&mut self, setup: &Setup) -> u32 {
        if let Some(number) = self.setups.get(setup) {
            return *number;
        }
        let number = count(self.setups.len()) + 1 + ANY_SETUP;
        self.setups.insert(setup.clone(), number);
        number
    }
}

fn base_units(operation: &LotOperation) -> u32 {
    match operation.pass {
        Pass::First => operation.units,
        Pass::Repeat { of_units, .. } => of_units,
    }
}

/// Why the job cannot be made at all, where that is so.
fn impossible(job: &JobInput) -> Option<String> {
    let mut operations = job.lots.iter().flat_map(|lot| &lot.operations);
    let homeless = operations.find(|operation| operation.alternatives.is_empty())?;
    Some(format!(
        "no station can do its operation {}: register one of that type",
        homeless.operation_id
    ))
}

/// An index as it is stored: there are fewer than four billion of anything here.
pub fn count(index: usize) -> u32 {
    u32::try_from(index).expect("fewer than four billion")
}
