//! The one core of resource time: when each operation runs, given who goes first. A plan decodes standard
//! times, a forecast sampled ones, a search thousands of priority lists. Which list is best is not decided
//! here. [`dispatch`] lets whatever waits go by its rank or by a rule, [`sequences`] keeps to a given order
//! by machine, and [`place`] says when an operation runs where either of them puts it.
//!
//! An operation begins once its machine is free and set up and the *first* transfer batch of each
//! predecessor is there; it ends no earlier than its own work takes over the hours of its station, and
//! than the *last* transfer batch of each predecessor takes after that predecessor's end. A machine is
//! never left idle while something waits for it, except by [`Decoder::by_sequences`].

mod dispatch;
mod place;
mod sequences;

use super::problem::{NONE, Problem, count};
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// How long things take.
pub trait Durations {
    /// How many units the operation is done to.
    fn units(&self, problem: &Problem, op: u32) -> u32;
    /// What that takes a machine if it begins at `at`, in seconds; `standard_seconds` at standard time.
    fn seconds(
        &self,
        problem: &Problem,
        op: u32,
        machine: u32,
        standard_seconds: i64,
        at: i64,
    ) -> i64;
}

/// Everything takes its standard time.
pub struct Standard;

impl Durations for Standard {
    fn units(&self, problem: &Problem, op: u32) -> u32 {
        problem.ops[op as usize].units
    }

    fn seconds(&self, _: &Problem, _: u32, _: u32, standard_seconds: i64, _: i64) -> i64 {
        standard_seconds
    }
}

/// Who goes first where several wait.
pub enum Order<'a> {
    /// The lowest number, by operation.
    Ranks(&'a [u32]),
    /// The highest index at the moment of choice.
    Rule(&'a dyn Fn(&Candidate) -> f64),
}

/// An operation that could go next.
#[derive(Debug, Clone, Copy)]
pub struct Candidate {
    pub op: u32,
    pub at: i64,
    pub available: i64,
    pub seconds: i64,
    pub setup_seconds: i64,
}

/// An operation does not end within the hours that the problem knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Beyond {
    pub op: u32,
}

/// When an operation runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Slot {
    /// `NONE` where nothing had to be done.
    pub machine: u32,
    /// When all that comes before had delivered its first batch, and the job was released.
    pub available: i64,
    pub setup_from: i64,
    pub start: i64,
    pub end: i64,
    /// Until when the machine does nothing else.
    pub busy_until: i64,
    /// The operation whose last batch it waited for at its end.
    pub ended_by: u32,
    /// What the machine did before.
    pub machine_before: u32,
}

const UNDECIDED: Slot = Slot {
    machine: NONE,
    available: i64::MIN,
    setup_from: 0,
    start: 0,
    end: 0,
    busy_until: 0,
    ended_by: NONE,
    machine_before: NONE,
};

/// The state of a run; its memory is used again by the next.
pub struct Decoder<'p> {
    problem: &'p Problem,
    pub slots: Vec<Slot>,
    /// The operations that need a machine, in the order in which they were given one.
    pub dispatched: Vec<u32>,
    pending: Vec<u32>,
    machines: Vec<MachineState>,
    waiting: Vec<Waiting>,
    /// Moments at which an operation (even) or a machine (odd) becomes available.
    moments: BinaryHeap<Reverse<(i64, u32)>>,
    asked_for: usize,
    moved: Vec<u32>,
    shared: bool,
}

#[derive(Clone, Copy)]
struct MachineState {
    free_at: i64,
    set_up_for: u32,
    last_op: u32,
    idle: bool,
    /// It will look again when it opens.
    wakes: bool,
    open_from: i64,
    open_to: i64,
}

#[derive(Default)]
struct Waiting {
    by_rank: BinaryHeap<Reverse<(u32, u32)>>,
    unordered: Vec<u32>,
}

impl<'p> Decoder<'p> {
    pub fn new(problem: &'p Problem) -> Self {
        Self {
            problem,
            slots: vec![UNDECIDED; problem.ops.len()],
            dispatched: Vec::with_capacity(problem.ops.len()),
            pending: vec![0; problem.ops.len()],
            machines: Vec::with_capacity(problem.machines.len()),
            waiting: problem.pools.iter().map(|_| Waiting::default()).collect(),
            moments: BinaryHeap::new(),
            asked_for: 0,
            moved: Vec::new(),
            shared: false,
        }
    }

    /// Lets a machine do something else while a lot waits for the rest of itself: it is busy for as long as
    /// it works, and no longer. People at a bench do so; a plan does not ask it of them.
    pub fn sharing_machines(mut self) -> Self {
        self.shared = true;
        self
    }

    pub const fn problem(&self) -> &'p Problem {
        self.problem
    }

    fn reset(&mut self) {
        let problem = self.problem;
        self.slots.fill(UNDECIDED);
        self.dispatched.clear();
        for (op, pending) in self.pending.iter_mut().enumerate() {
            *pending = count(problem.before(count(op)).len());
        }
        self.machines.clear();
        self.machines
            .extend(problem.set_up_for.iter().map(|&set_up_for| MachineState {
                free_at: problem.now,
                set_up_for,
                last_op: NONE,
                idle: false,
                wakes: false,
                open_from: 0,
                open_to: 0,
            }));
        for waiting in &mut self.waiting {
            waiting.by_rank.clear();
            waiting.unordered.clear();
        }
        self.moments.clear();
        self.asked_for = (problem.jobs.iter())
            .filter(|job| !job.background)
            .map(|job| job.ops.len())
            .sum();
    }

    /// Gives every machine that is free and open whatever goes first of what waits for it, until all
    /// jobs are done that somebody asks for.
    pub fn by_dispatch(&mut self, order: &Order, durations: &impl Durations) -> Result<(), Beyond> {
        self.reset();
        self.dispatch_all(0..self.problem.ops.len(), order, durations)
    }

    /// The same with one job alone, and machines that are not free before those moments.
    pub fn by_dispatch_alone(
        &mut self,
        job: usize,
        free_at: &[i64],
        order: &Order,
        durations: &impl Durations,
    ) -> Result<(), Beyond> {
        self.reset();
        for (machine, free_at) in self.machines.iter_mut().zip(free_at) {
            machine.free_at = *free_at;
        }
        let ops = self.problem.jobs[job].ops.clone();
        self.asked_for = ops.len();
        self.dispatch_all(ops, order, durations)
    }

    fn is_open(&self, op: u32) -> bool {
        let slot = &self.slots[op as usize];
        slot.machine == NONE && slot.ended_by != op
    }

    /// When a job's last owed operation ends.
    pub fn job_end(&self, job: usize) -> i64 {
        let ops = self.problem.jobs[job].ops.clone();
        let owed = ops.filter(|op| self.problem.ops[*op].owed);
        owed.map(|op| self.slots[op].end)
            .max()
            .unwrap_or(self.problem.now)
    }
}
