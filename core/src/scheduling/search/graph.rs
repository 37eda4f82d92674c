//! The disjunctive graph of a problem with a sequence for each machine: how early everything can start
//! (heads), and how much lies after that (tails). Hours and downtime are not in it; transfer batches and
//! changeovers are.

use crate::scheduling::decoder::Decoder;
use crate::scheduling::problem::{NONE, Problem, count};

/// A complete selection: a machine and a place in its sequence for each operation.
#[derive(Clone)]
pub struct Selection {
    pub sequences: Vec<Vec<u32>>,
    /// `NONE` for what needs no machine.
    pub machine_of: Vec<u32>,
    pub place_of: Vec<u32>,
    pub seconds: Vec<i64>,
}

/// A selection with its longest ways.
pub struct Graph<'p> {
    pub problem: &'p Problem,
    pub now: Selection,
    /// Earliest start, in seconds from the moment of planning.
    pub head: Vec<i64>,
    /// The longest way from the start to the end of everything.
    pub tail: Vec<i64>,
    pub makespan: i64,
    order: Vec<u32>,
    pending: Vec<u32>,
}

impl Selection {
    /// As a decoder left it.
    pub fn of(problem: &Problem, decoder: &Decoder) -> Self {
        let sequences = decoder.sequences();
        let mut machine_of = vec![NONE; problem.ops.len()];
        let mut place_of = vec![0; problem.ops.len()];
        let mut seconds = vec![0; problem.ops.len()];
        for (machine, sequence) in (0_u32..).zip(&sequences) {
            for (place, &op) in (0_u32..).zip(sequence) {
                machine_of[op as usize] = machine;
                place_of[op as usize] = place;
                seconds[op as usize] = seconds_at(problem, op, machine);
            }
        }
        Self {
            sequences,
            machine_of,
            place_of,
            seconds,
        }
    }

    /// What the machine does right before it.
    #[inline]
    pub fn machine_before(&self, op: u32) -> u32 {
        let place = self.place_of[op as usize];
        let machine = self.machine_of[op as usize];
        if machine == NONE || place == 0 {
            return NONE;
        }
        self.sequences[machine as usize][place as usize - 1]
    }

    /// What the machine does right after it.
    #[inline]
    pub fn machine_after(&self, op: u32) -> u32 {
        let machine = self.machine_of[op as usize];
        if machine == NONE {
            return NONE;
        }
        let next = self.place_of[op as usize] as usize + 1;
        let sequence = &self.sequences[machine as usize];
        sequence.get(next).copied().unwrap_or(NONE)
    }

    /// Moves an operation to a place of a machine's sequence (counted without it).
    pub fn relocate(&mut self, problem: &Problem, op: u32, machine: u32, place: usize) {
        let from = self.machine_of[op as usize];
        let old = self.place_of[op as usize] as usize;
        self.sequences[from as usize].remove(old);
        self.sequences[machine as usize].insert(place, op);
        let first_changed = if from == machine { old.min(place) } else { old };
        self.renumber(from, first_changed);
        if from != machine {
            self.machine_of[op as usize] = machine;
            self.seconds[op as usize] = seconds_at(problem, op, machine);
            self.renumber(machine, place);
        }
    }

    fn renumber(&mut self, machine: u32, from: usize) {
        for (place, op) in self.sequences[machine as usize]
            .iter()
            .enumerate()
            .skip(from)
        {
            self.place_of[*op as usize] = count(place);
        }
    }
}

/// What the operation takes that machine, for the units that a plan counts on.
pub fn seconds_at(problem: &Problem, op: u32, machine: u32) -> i64 {
    let state = &problem.ops[op as usize];
    let mut all = problem.alternatives(op).iter();
    let choice = all.find(|choice| choice.machine == machine);
    choice.map_or(0, |choice| {
        let seconds = state.scaled(choice.seconds, state.units);
        let done = state.running.map_or(0, |(_, done)| done);
        (seconds - done).max(0)
    })
}

impl<'p> Graph<'p> {
    pub fn new(problem: &'p Problem, selection: Selection) -> Option<Self> {
        let ops = problem.ops.len();
        let mut graph = Self {
            problem,
            now: selection,
            head: vec![0; ops],
            tail: vec![0; ops],
            makespan: 0,
            order: Vec::with_capacity(ops),
            pending: vec![0; ops],
        };
        graph.measure().then_some(graph)
    }

    /// Start to start, along an edge of a lot: after the first batch of the one, and late enough that
    /// the other's last batch waits for nothing.
    #[inline]
    pub fn lag(&self, before: u32, after: u32, edge: &crate::scheduling::problem::Edge) -> i64 {
        let (one, other) = (
            self.now.seconds[before as usize],
            self.now.seconds[after as usize],
        );
        let first = edge.first_of(one);
        first.max(one + edge.last_of(other) - other)
    }

    /// Start to start, along a machine's sequence.
    #[inline]
    pub fn machine_lag(&self, before: u32, after: u32, machine: u32) -> i64 {
        let setups = |op: u32| self.problem.ops[op as usize].setup;
        self.now.seconds[before as usize]
            + self
                .problem
                .changeover(machine, setups(before), setups(after))
    }

    /// What comes before it on its lot's way, as far as that binds its start.
    #[inline]
    pub fn head_by_lot(&self, op: u32) -> i64 {
        let release = self.problem.ops[op as usize].release - self.problem.now;
        let before = self.problem.before(op).iter();
        before
            .map(|edge| self.head[edge.op as usize] + self.lag(edge.op, op, edge))
            .fold(release, i64::max)
    }

    /// What comes after it on its lot's way, from its start on.
    #[inline]
    pub fn tail_by_lot(&self, op: u32) -> i64 {
        let after = self.problem.after(op).iter();
        after
            .map(|edge| self.lag(op, edge.op, edge) + self.tail[edge.op as usize])
            .fold(self.now.seconds[op as usize], i64::max)
    }

    /// Works out heads, tails and makespan; `false` where the sequences go in a circle.
    pub fn measure(&mut self) -> bool {
        let problem = self.problem;
        self.order.clear();
        for op in 0..count(problem.ops.len()) {
            let on_machine = u32::from(self.now.machine_before(op) != NONE);
            let pending = count(problem.before(op).len()) + on_machine;
            self.pending[op as usize] = pending;
            if pending == 0 {
                self.order.push(op);
            }
        }
        let mut at = 0;
        while let Some(&op) = self.order.get(at) {
            at += 1;
            let mut head = self.head_by_lot(op);
            let before = self.now.machine_before(op);
            if before != NONE {
                let machine = self.now.machine_of[op as usize];
                head = head.max(self.head[before as usize] + self.machine_lag(before, op, machine));
            }
            self.head[op as usize] = head;
            let next_on_machine = self.now.machine_after(op);
            let after = problem.after(op).iter().map(|edge| edge.op);
            for follower in after.chain((next_on_machine != NONE).then_some(next_on_machine)) {
                self.pending[follower as usize] -= 1;
                if self.pending[follower as usize] == 0 {
                    self.order.push(follower);
                }
            }
        }
        if self.order.len() < problem.ops.len() {
            return false;
        }
        self.makespan = 0;
        for at in (0..self.order.len()).rev() {
            let op = self.order[at];
            let mut tail = self.tail_by_lot(op);
            let after = self.now.machine_after(op);
            if after != NONE {
                let machine = self.now.machine_of[op as usize];
                tail = tail.max(self.machine_lag(op, after, machine) + self.tail[after as usize]);
            }
            self.tail[op as usize] = tail;
            self.makespan = self.makespan.max(self.head[op as usize] + tail);
        }
        true
    }

    /// No selection is shorter: the longest lot, and where nothing can go elsewhere the fullest machine.
    pub fn lower_bound(&self) -> i64 {
        let tails = self.problem.tails();
        let longest = tails.into_iter().max().unwrap_or(0);
        let mut load = vec![0; self.problem.machines.len()];
        for op in 0..count(self.problem.ops.len()) {
            if let [only] = self.problem.alternatives(op) {
                load[only.machine as usize] += self.now.seconds[op as usize];
            }
        }
        let overlaps = self.problem.ops.iter().any(|op| op.base_units > 1);
        let fullest = load.into_iter().max().unwrap_or(0);
        if overlaps {
            fullest
        } else {
            longest.max(fullest)
        }
    }
}
