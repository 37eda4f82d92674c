//! From moment to moment: every machine that is free and open takes whatever goes first of what waits for it.

use super::{Beyond, Candidate, Decoder, Durations, Order};
use crate::scheduling::problem::{Choice, NONE, count};
use std::cmp::Reverse;
use std::ops::Range;

impl Decoder<'_> {
    pub(super) fn dispatch_all(
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
}
