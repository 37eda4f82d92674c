//! An operation on a machine: when it is set up, begins and ends, and what it delivers to those behind it.

use super::{Beyond, Decoder, Durations, Slot};
use crate::scheduling::problem::{Choice, Edge, NONE};
use std::cmp::Reverse;

impl Decoder<'_> {
    /// When it would run there, and the seconds of work in that.
    pub(super) fn slot_for(
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

    pub(super) fn place(
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

    /// Nothing has to be done: what comes after may go on, with its own first batch of what comes before.
    pub(super) fn pass_through(&mut self, op: u32) {
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
        for edge in problem.after(op) {
            let first = self.first_batch_lies_there(op, edge);
            self.deliver(edge.op, first);
        }
    }

    /// When the first batch on that edge is made, where the operation or others before it had nothing to do: a set of
    /// 18 does not begin with one card because none was sent round again.
    fn first_batch_lies_there(&self, op: u32, edge: &Edge) -> i64 {
        let problem = self.problem;
        let slot = &self.slots[op as usize];
        if slot.machine == NONE {
            let before = problem.before(op).iter();
            let made = before.map(|before| self.first_batch_lies_there(before.op, edge));
            return made.fold(slot.start, i64::max);
        }
        if !problem.ops[op as usize].resumable {
            return slot.end;
        }
        let hours = &problem.hours[problem.machines[slot.machine as usize].station];
        let seconds = hours.seconds_between(slot.start, slot.end).cast_signed();
        let first = hours.finish_second(slot.start, edge.first_of(seconds).unsigned_abs());
        first.map_or(slot.end, |first| first.min(slot.end))
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
}
