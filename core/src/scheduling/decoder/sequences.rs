//! Machines that keep to a given order, idle where it asks for that.

use super::{Beyond, Decoder, Durations};
use crate::scheduling::problem::{NONE, count};
use std::cmp::Reverse;

impl Decoder<'_> {
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
}
