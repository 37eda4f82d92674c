//! The disjunctive graph of a problem with a sequence for each machine: how early everything can start
//! (heads), and how much lies after that (tails). Hours and downtime are not in it; transfer batches and
//! changeovers are.

use super::critical::Move;
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
    /// Everything after what it waits for; and each operation's place in that.
    order: Vec<u32>,
    rank: Vec<u32>,
    pending: Vec<u32>,
    /// What a move takes along in the order; marked while that is found out.
    along: Vec<u32>,
    marked: Vec<bool>,
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
            rank: vec![0; ops],
            pending: vec![0; ops],
            along: Vec::new(),
            marked: vec![false; ops],
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
        if !self.put_in_order() {
            return false;
        }
        self.measure_heads(0);
        self.measure_tails(self.order.len());
        true
    }

    /// Moves an operation, and works out what that changes; `false` where the sequences now go in a circle, and nothing
    /// is known but the sequences.
    ///
    /// On its own machine only what lies between the two places in the order changes its place there (after Michel and
    /// Van Hentenryck 2003). Heads before that stay, and so do tails behind it.
    pub fn relocate(&mut self, wanted: Move) -> bool {
        let Move { op, machine, place } = wanted;
        let from = self.now.machine_of[op as usize];
        let old = self.now.place_of[op as usize] as usize;
        self.now.relocate(self.problem, op, machine, place);
        if from != machine {
            return self.measure();
        }
        if place == old {
            return true;
        }
        let (first, last) = if place > old {
            let passed = self.now.machine_before(op);
            (self.rank[op as usize], self.rank[passed as usize])
        } else {
            let passed = self.now.machine_after(op);
            (self.rank[passed as usize], self.rank[op as usize])
        };
        let (first, last) = (first as usize, last as usize);
        let in_order = if place > old {
            self.take_along_to_the_back(first, last)
        } else {
            self.take_along_to_the_front(first, last)
        };
        if in_order {
            self.measure_heads(first);
            self.measure_tails(last + 1);
        }
        in_order
    }

    /// What stands first in that stretch of the order goes behind what stands last, and what waits for it goes along.
    fn take_along_to_the_back(&mut self, first: usize, last: usize) -> bool {
        self.along.clear();
        let (moved, passed) = (self.order[first], self.order[last]);
        let mut free = first;
        for at in first..=last {
            let op = self.order[at];
            let mut before = self.problem.before(op).iter();
            if op == moved
                || self.goes_along(self.now.machine_before(op))
                || before.any(|edge| self.goes_along(edge.op))
            {
                self.marked[op as usize] = true;
                self.along.push(op);
            } else {
                self.order[free] = op;
                self.rank[op as usize] = count(free);
                free += 1;
            }
        }
        for (at, op) in (free..).zip(&self.along) {
            self.order[at] = *op;
            self.rank[*op as usize] = count(at);
        }
        self.unmark(passed)
    }

    /// What stands last in that stretch of the order goes before what stands first, and what it waits for goes along.
    fn take_along_to_the_front(&mut self, first: usize, last: usize) -> bool {
        self.along.clear();
        let (moved, passed) = (self.order[last], self.order[first]);
        let mut free = last + 1;
        for at in (first..=last).rev() {
            let op = self.order[at];
            let mut after = self.problem.after(op).iter();
            if op == moved
                || self.goes_along(self.now.machine_after(op))
                || after.any(|edge| self.goes_along(edge.op))
            {
                self.marked[op as usize] = true;
                self.along.push(op);
            } else {
                free -= 1;
                self.order[free] = op;
                self.rank[op as usize] = count(free);
            }
        }
        for op in &self.along {
            free -= 1;
            self.order[free] = *op;
            self.rank[*op as usize] = count(free);
        }
        self.unmark(passed)
    }

    fn goes_along(&self, op: u32) -> bool {
        op != NONE && self.marked[op as usize]
    }

    /// Whether what was passed did not have to go along.
    fn unmark(&mut self, passed: u32) -> bool {
        let in_order = !self.marked[passed as usize];
        for op in &self.along {
            self.marked[*op as usize] = false;
        }
        in_order
    }

    fn put_in_order(&mut self) -> bool {
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
            self.rank[op as usize] = count(at);
            at += 1;
            let next_on_machine = self.now.machine_after(op);
            let after = problem.after(op).iter().map(|edge| edge.op);
            for follower in after.chain((next_on_machine != NONE).then_some(next_on_machine)) {
                self.pending[follower as usize] -= 1;
                if self.pending[follower as usize] == 0 {
                    self.order.push(follower);
                }
            }
        }
        self.order.len() == problem.ops.len()
    }

    /// From that place in the order on.
    fn measure_heads(&mut self, from: usize) {
        for at in from..self.order.len() {
            let op = self.order[at];
            let mut head = self.head_by_lot(op);
            let before = self.now.machine_before(op);
            if before != NONE {
                let machine = self.now.machine_of[op as usize];
                head = head.max(self.head[before as usize] + self.machine_lag(before, op, machine));
            }
            self.head[op as usize] = head;
        }
    }

    /// Before that place in the order; and the makespan.
    fn measure_tails(&mut self, until: usize) {
        for at in (0..until).rev() {
            let op = self.order[at];
            let mut tail = self.tail_by_lot(op);
            let after = self.now.machine_after(op);
            if after != NONE {
                let machine = self.now.machine_of[op as usize];
                tail = tail.max(self.machine_lag(op, after, machine) + self.tail[after as usize]);
            }
            self.tail[op as usize] = tail;
        }
        let through = self.head.iter().zip(&self.tail);
        self.makespan = through.map(|(head, tail)| head + tail).max().unwrap_or(0);
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scheduling::chance::Stream;
    use crate::scheduling::decoder::{Order, Standard};
    use crate::scheduling::fixtures::card_shop;

    /// Any place on its own machine, also where that makes a circle.
    fn any_move(graph: &Graph, chance: &mut Stream) -> Option<Move> {
        let sequences = &graph.now.sequences;
        let machine = chance.index(sequences.len());
        let sequence = &sequences[machine];
        let op = *sequence.get(chance.index(sequence.len().max(1)))?;
        Some(Move {
            op,
            machine: count(machine),
            place: chance.index(sequence.len()),
        })
    }

    #[test]
    fn what_a_move_changes_is_what_measuring_anew_finds() {
        let problem = Problem::new(&card_shop(12, 5), &[], 400).unwrap();
        let mut decoder = Decoder::new(&problem);
        let ranks: Vec<u32> = (0..count(problem.ops.len())).collect();
        decoder
            .by_dispatch(&Order::Ranks(&ranks), &Standard)
            .unwrap();
        let mut graph = Graph::new(&problem, Selection::of(&problem, &decoder)).unwrap();
        let mut chance = Stream::new(1);
        let (mut moved, mut circles) = (0, 0);
        while moved < 500 || circles < 100 {
            let Some(wanted) = any_move(&graph, &mut chance) else {
                continue;
            };
            let before = graph.now.clone();
            let in_order = graph.relocate(wanted);
            let anew = Graph::new(&problem, graph.now.clone());
            assert_eq!(in_order, anew.is_some(), "{wanted:?}");
            match anew {
                Some(anew) => {
                    assert_eq!(graph.head, anew.head, "{wanted:?}");
                    assert_eq!(graph.tail, anew.tail, "{wanted:?}");
                    assert_eq!(graph.makespan, anew.makespan);
                    moved += 1;
                }
                None => {
                    graph = Graph::new(&problem, before).unwrap();
                    circles += 1;
                }
            }
        }
    }
}
