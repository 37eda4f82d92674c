//! The end of the day: everybody does the right thing only, until every job is closed or cancelled.

use super::People;
use super::looking::is_open;
use crate::act::Act;
use sheetwise_core::production::Floor;

/// So many acts in a row that record nothing show that nobody knows what to do.
const FRUITLESS_MAX: u32 = 60;

impl People {
    /// Nobody does anything odd any more.
    pub(super) const fn is_the_end(&self) -> bool {
        self.oddness_percent == 0
    }

    /// From here on everybody does the right thing only, until every job is closed or cancelled; what
    /// cannot be finished (an edition that is used up) is cancelled. Returns the next act, or `None`
    /// when everything has come to its end.
    pub fn towards_the_end(&mut self, floor: &Floor, patience_left: bool) -> Option<Act> {
        if !self.is_the_end() {
            self.oddness_percent = 0;
            self.memory.take_all_up_again();
            self.memory.fruitless = 0;
        }
        if let Some(planned) = self.plans.pop_front() {
            return Some(planned);
        }
        let job = self.jobs.iter().copied().find(|id| is_open(floor, *id))?;
        self.memory.about = None;
        if self.memory.exhausted.contains(&job) {
            self.cancel(job, "its edition is used up");
        } else if patience_left && self.memory.fruitless < FRUITLESS_MAX {
            // Rules first, or nothing moves.
            self.lift_a_rule(floor);
            for looked in 0..40 {
                if !self.plans.is_empty() {
                    break;
                }
                if looked == 20 {
                    self.memory.take_all_up_again();
                }
                self.right_thing(floor, job);
            }
        }
        if self.plans.is_empty() {
            self.given_up.push(job);
            self.memory.fruitless = 0;
            self.cancel(job, "cannot be finished");
        }
        self.plans.pop_front()
    }
}
