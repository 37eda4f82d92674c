//! The one core of resource time: when each operation runs, given who goes first. A plan decodes standard
//! times, a forecast sampled ones, a search thousands of priority lists. Which list is best is not decided
//! here.
//!
//! An operation begins once its machine is free and set up and the *first* transfer batch of each
//! predecessor is there; it ends no earlier than its own work takes over the hours of its station, and
//! than the *last* transfer batch of each predecessor takes after that predecessor's end. A machine is
//! never left idle while something waits for it, except by [`Decoder::by_sequences`].

use super::problem::{Choice, NONE, Problem, count};
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::ops::Range;

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

    fn dispatch_all(
        &mut self,
        ops: Range<usize>,
        order: &Order,
        durations: &impl Durations,
    ) -> Result<(), Beyond> {
        self.start_with_what_runs(ops.clone(), durations)?;
        let problem = self.problem;
        for op in ops.clone().map(count) {
            let state = &problem.ops[op as usize];
            let comes_first = problem.before(op).is_empty();
            if comes_first && self.slots[op as usize].machine == NONE {
                self.slots[op as usize].available = state.release;
                self.moments.push(Reverse((state.release, op * 2)));
            }
        }
        for machine in 0..count(problem.machines.len()) {
            self.wake_when_open(machine);
        }
        let mut touched: Vec<u32> = Vec::new();
        while self.asked_for > 0 {
            let Some(&Reverse((at, _))) = self.moments.peek() else {
                let stuck = ops.clone().map(count).find(|op| self.is_open(*op));
                return Err(Beyond {
                    op: stuck.expect("something is asked for and not decided"),
                });
            };
            touched.clear();
            while let Some(&Reverse((when, what))) = self.moments.peek()
                && when == at
            {
                self.moments.pop();
                self.take_in(what, order, durations, &mut touched);
            }
            touched.sort_unstable();
            touched.dedup();
            for pool in &touched {
                self.dispatch(*pool, at, order, durations)?;
            }
        }
        Ok(())
    }

    fn is_open(&self, op: u32) -> bool {
        let slot = &self.slots[op as usize];
        slot.machine == NONE && slot.ended_by != op
    }

    fn take_in(
        &mut self,
        what: u32,
        order: &Order,
        durations: &impl Durations,
        touched: &mut Vec<u32>,
    ) {
        let id = what / 2;
        if what % 2 == 1 {
            let machine = &mut self.machines[id as usize];
            machine.idle = true;
            machine.wakes = false;
            touched.extend(&self.problem.machines[id as usize].pools);
            return;
        }
        let op = &self.problem.ops[id as usize];
        if op.may_be_empty() && durations.units(self.problem, id) == 0 {
            self.pass_through(id);
            return;
        }
        let waiting = &mut self.waiting[op.pool as usize];
        match order {
            Order::Ranks(ranks) => waiting.by_rank.push(Reverse((ranks[id as usize], id))),
            Order::Rule(_) => waiting.unordered.push(id),
        }
        touched.push(op.pool);
    }

    /// Nothing has to be done: what comes after may go on.
    fn pass_through(&mut self, op: u32) {
        let slot = &mut self.slots[op as usize];
        let mut end = slot.available;
        for edge in self.problem.before(op) {
            end = end.max(self.slots[edge.op as usize].end);
        }
        let slot = &mut self.slots[op as usize];
        (slot.setup_from, slot.start, slot.end) = (slot.available, slot.available, end);
        slot.ended_by = op; // nobody's, but it is decided
        self.decided(op);
        let problem = self.problem;
        let first = self.slots[op as usize].start;
        for edge in problem.after(op) {
            self.deliver(edge.op, first);
        }
    }

    fn decided(&mut self, op: u32) {
        let job = &self.problem.jobs[self.problem.ops[op as usize].job as usize];
        self.asked_for -= usize::from(!job.background);
    }

    fn deliver(&mut self, op: u32, first_batch: i64) {
        let slot = &mut self.slots[op as usize];
        slot.available = slot.available.max(first_batch);
        self.pending[op as usize] -= 1;
        if self.pending[op as usize] == 0 {
            slot.available = slot.available.max(self.problem.ops[op as usize].release);
            self.moments.push(Reverse((slot.available, op * 2)));
        }
    }

    fn dispatch(
        &mut self,
        pool: u32,
        at: i64,
        order: &Order,
        durations: &impl Durations,
    ) -> Result<(), Beyond> {
        loop {
            let waiting = &self.waiting[pool as usize];
            if waiting.by_rank.is_empty() && waiting.unordered.is_empty() {
                return Ok(());
            }
            let (op, choice) = match order {
                Order::Ranks(_) => {
                    let Some(&Reverse((_, op))) = waiting.by_rank.peek() else {
                        return Ok(());
                    };
                    let Some(choice) = self.best_machine(op, pool, at, durations) else {
                        return Ok(());
                    };
                    self.waiting[pool as usize].by_rank.pop();
                    (op, choice)
                }
                Order::Rule(index) => {
                    let Some((place, choice)) = self.best_waiting(pool, at, index, durations)
                    else {
                        return Ok(());
                    };
                    let op = self.waiting[pool as usize].unordered.swap_remove(place);
                    (op, choice)
                }
            };
            self.place(op, choice, at, durations)?;
            self.wake_when_open(choice.machine);
        }
    }

    /// The free and open machine of the pool where the operation ends first.
    fn best_machine(
        &mut self,
        op: u32,
        pool: u32,
        at: i64,
        durations: &impl Durations,
    ) -> Option<Choice> {
        let problem = self.problem;
        let setup = problem.ops[op as usize].setup;
        let several_stations = problem.pools[pool as usize].several_stations;
        let mut best: Option<(i64, Choice)> = None;
        for &choice in problem.alternatives(op) {
            if !self.is_ready(choice.machine, at) {
                continue;
            }
            let set_up_for = self.machines[choice.machine as usize].set_up_for;
            let changeover = problem.changeover(choice.machine, set_up_for, setup);
            let ends = if several_stations {
                let slot = self.slot_for(op, choice, at, durations);
                slot.map_or(i64::MAX, |(slot, _)| slot.end)
            } else {
                changeover + choice.seconds
            };
            if best.is_none_or(|(end, _)| ends < end) {
                best = Some((ends, choice));
            }
        }
        best.map(|(_, choice)| choice)
    }

    /// The waiting operation with the highest index, for the first machine that is free and open.
    fn best_waiting(
        &mut self,
        pool: u32,
        at: i64,
        index: &dyn Fn(&Candidate) -> f64,
        durations: &impl Durations,
    ) -> Option<(usize, Choice)> {
        let problem = self.problem;
        let mut best: Option<(f64, u32, usize, Choice)> = None;
        let machines = &problem.pools[pool as usize].machines;
        for &machine in machines {
            if !self.is_ready(machine, at) {
                continue;
            }
            let set_up_for = self.machines[machine as usize].set_up_for;
            for (place, &op) in self.waiting[pool as usize].unordered.iter().enumerate() {
                let all = problem.alternatives(op).iter();
                let Some(choice) = all.copied().find(|choice| choice.machine == machine) else {
                    continue;
                };
                let state = &problem.ops[op as usize];
                let standard = state.scaled(choice.seconds, durations.units(problem, op));
                let candidate = Candidate {
                    op,
                    at,
                    available: self.slots[op as usize].available,
                    seconds: durations.seconds(problem, op, machine, standard, at),
                    setup_seconds: problem.changeover(machine, set_up_for, state.setup),
                };
                let value = index(&candidate);
                let better = best.is_none_or(|(of_best, best_op, _, _)| {
                    value > of_best || (value.total_cmp(&of_best).is_eq() && op < best_op)
                });
                if better {
                    best = Some((value, op, place, choice));
                }
            }
        }
        best.map(|(_, _, place, choice)| (place, choice))
    }

    /// Whether the machine could begin something now. One that is closed looks again when it opens.
    fn is_ready(&mut self, machine: u32, at: i64) -> bool {
        let state = &mut self.machines[machine as usize];
        if !state.idle {
            return false;
        }
        if at >= state.open_to || at < state.open_from {
            let station = self.problem.machines[machine as usize].station;
            let open = self.problem.hours[station].open_at_or_after(at);
            (state.open_from, state.open_to) = open.unwrap_or((i64::MAX, i64::MAX));
        }
        if state.open_from <= at {
            return true;
        }
        if !state.wakes && state.open_from < i64::MAX {
            state.wakes = true;
            self.moments
                .push(Reverse((state.open_from, machine * 2 + 1)));
        }
        false
    }

    fn wake_when_open(&mut self, machine: u32) {
        let state = &mut self.machines[machine as usize];
        let station = self.problem.machines[machine as usize].station;
        state.idle = false;
        let at = state.free_at;
        if at >= state.open_to || at < state.open_from {
            let open = self.problem.hours[station].open_at_or_after(at);
            (state.open_from, state.open_to) = open.unwrap_or((i64::MAX, i64::MAX));
        }
        if state.open_from < i64::MAX {
            state.wakes = true;
            let when = at.max(state.open_from);
            self.moments.push(Reverse((when, machine * 2 + 1)));
        }
    }

    /// What runs already goes on where it is, as far as there are machines; the rest waits like anything.
    fn start_with_what_runs(
        &mut self,
        ops: Range<usize>,
        durations: &impl Durations,
    ) -> Result<(), Beyond> {
        let problem = self.problem;
        for op in ops.map(count) {
            let Some((station, _)) = problem.ops[op as usize].running else {
                continue;
            };
            if self.pending[op as usize] > 0 {
                continue;
            }
            let free = problem.alternatives(op).iter().find(|choice| {
                let machine = &problem.machines[choice.machine as usize];
                machine.station == station as usize
                    && self.machines[choice.machine as usize].last_op == NONE
            });
            if let Some(&choice) = free {
                self.slots[op as usize].available = problem.now;
                self.place(op, choice, problem.now, durations)?;
            }
        }
        Ok(())
    }

    /// When it would run there, and the seconds of work in that.
    fn slot_for(
        &self,
        op: u32,
        choice: Choice,
        at: i64,
        durations: &impl Durations,
    ) -> Option<(Slot, i64)> {
        let problem = self.problem;
        let state = &problem.ops[op as usize];
        let machine = &self.machines[choice.machine as usize];
        let station = problem.machines[choice.machine as usize].station;
        let hours = &problem.hours[station];
        let available = self.slots[op as usize].available;
        let from = at.max(machine.free_at).max(available);
        let standard = state.scaled(choice.seconds, durations.units(problem, op));
        let mut seconds = durations.seconds(problem, op, choice.machine, standard, from);
        let mut changeover = problem.changeover(choice.machine, machine.set_up_for, state.setup);
        if let Some((runs_at, done)) = state.running {
            seconds = (seconds - done).max(0);
            let is_there = runs_at as usize == station && machine.last_op == NONE;
            if is_there && from == problem.now {
                changeover = 0;
            }
        }
        let setup_from = if changeover > 0 {
            hours.open_for(from, changeover)?
        } else {
            from.max(hours.open_at_or_after(from)?.0)
        };
        let after_setup = setup_from + changeover;
        let finish = |from: i64, work: i64| {
            if state.resumable {
                hours.finish_second(from, work.unsigned_abs())
            } else {
                hours.open_for(from, work).map(|start| start + work)
            }
        };
        let start = if state.resumable {
            after_setup.max(hours.open_at_or_after(after_setup)?.0)
        } else {
            hours.open_for(after_setup, seconds)?
        };
        let worked = finish(start, seconds)?;
        let (mut end, mut ended_by) = (worked, NONE);
        for edge in problem.before(op) {
            let before = self.slots[edge.op as usize].end;
            if before <= start {
                continue; // its last batch lies here when the work begins
            }
            let last = finish(before, edge.last_of(seconds))?;
            if last > end {
                (end, ended_by) = (last, edge.op);
            }
        }
        let slot = Slot {
            machine: choice.machine,
            available,
            setup_from,
            start,
            end,
            busy_until: if self.shared { worked } else { end },
            ended_by,
            machine_before: machine.last_op,
        };
        Some((slot, seconds))
    }

    fn place(
        &mut self,
        op: u32,
        choice: Choice,
        at: i64,
        durations: &impl Durations,
    ) -> Result<(), Beyond> {
        let problem = self.problem;
        let slot = self.slot_for(op, choice, at, durations);
        let (slot, seconds) = slot.ok_or(Beyond { op })?;
        self.slots[op as usize] = slot;
        self.dispatched.push(op);
        let state = &mut self.machines[choice.machine as usize];
        state.free_at = slot.busy_until;
        state.set_up_for = problem.ops[op as usize].setup;
        state.last_op = op;
        self.decided(op);
        let hours = &problem.hours[problem.machines[choice.machine as usize].station];
        for edge in problem.after(op) {
            // What is cured comes out of the oven all at once.
            let first = if problem.ops[op as usize].resumable {
                let share = edge.first_of(seconds).unsigned_abs();
                let first = hours.finish_second(slot.start, share);
                first.ok_or(Beyond { op })?.min(slot.end)
            } else {
                slot.end
            };
            self.deliver(edge.op, first);
        }
        Ok(())
    }

    /// Keeps each machine to its own sequence, and begins everything as early as that allows.
    ///
    /// # Errors
    /// An operation beyond the hours, or one that waits for itself by way of the sequences.
    pub fn by_sequences(
        &mut self,
        sequences: &[Vec<u32>],
        durations: &impl Durations,
    ) -> Result<(), Beyond> {
        self.reset();
        let problem = self.problem;
        let mut machine_of = vec![NONE; problem.ops.len()];
        for (machine, sequence) in (0_u32..).zip(sequences) {
            for op in sequence {
                machine_of[*op as usize] = machine;
            }
        }
        let mut next = vec![0_usize; sequences.len()];
        self.moved.clear();
        for op in 0..count(problem.ops.len()) {
            if self.pending[op as usize] == 0 {
                self.slots[op as usize].available = problem.ops[op as usize].release;
                self.moved.push(op);
            }
        }
        let mut decided = 0;
        while let Some(op) = self.moved.pop() {
            let machine = machine_of[op as usize];
            if machine == NONE {
                self.pass_through(op);
            } else {
                let sequence = &sequences[machine as usize];
                let at = next[machine as usize];
                if sequence.get(at) != Some(&op) {
                    continue; // it comes again when its turn comes
                }
                let all = problem.alternatives(op).iter();
                let choice = all.copied().find(|choice| choice.machine == machine);
                let choice = choice.ok_or(Beyond { op })?;
                let available = self.slots[op as usize].available;
                self.place(op, choice, available, durations)?;
                next[machine as usize] += 1;
                if let Some(&following) = sequence.get(at + 1)
                    && self.pending[following as usize] == 0
                {
                    self.moved.push(following);
                }
            }
            decided += 1;
            while let Some(Reverse((_, what))) = self.moments.pop() {
                self.moved.push(what / 2);
            }
        }
        if decided == problem.ops.len() {
            return Ok(());
        }
        let stuck = (0..count(problem.ops.len())).find(|op| self.is_open(*op));
        Err(Beyond {
            op: stuck.unwrap_or(0),
        })
    }

    /// What each machine did, in order.
    pub fn sequences(&self) -> Vec<Vec<u32>> {
        let mut sequences = vec![Vec::new(); self.problem.machines.len()];
        for &op in &self.dispatched {
            sequences[self.slots[op as usize].machine as usize].push(op);
        }
        sequences
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
