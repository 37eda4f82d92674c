//! The people of the simulated shop: what they do next, right or wrong. They see the floor as people
//! do; what they may do, only the core decides.
//!
//! Here is who they are and how they choose. `looking` and `acting` are what everybody does, `planning`,
//! `work` and `sets_and_packs` the right thing, `mistakes` the wrong one, `ending` the end of the day.

mod acting;
mod ending;
mod looking;
mod mistakes;
mod planning;
mod sets_and_packs;
mod work;

use crate::act::{Act, What};
use crate::shop::Shop;
use fastrand::Rng;
use looking::is_open;
use sheetwise_core::identity::JobId;
use sheetwise_core::production::Floor;
use std::collections::VecDeque;

/// The people, and what they have in mind to do next.
pub struct People {
    pub shop: Shop,
    rng: Rng,
    clock_seconds: i64,
    plans: VecDeque<Act>,
    jobs: Vec<JobId>,
    pieces: u32,
    rules: u32,
    last_scan: Option<Act>,
    /// How likely it is, in percent, that somebody does something odd instead of the next right thing.
    pub oddness_percent: u8,
}

impl People {
    /// People as this seed has them.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        let mut rng = Rng::with_seed(seed);
        let shop = Shop::new(&mut rng);
        let plans = shop.opening().into();
        Self {
            shop,
            rng,
            clock_seconds: 60,
            plans,
            jobs: Vec::new(),
            pieces: 0,
            rules: 0,
            last_scan: None,
            oddness_percent: 18,
        }
    }

    /// What somebody does next.
    pub fn next(&mut self, floor: &Floor) -> Act {
        let act = match self.plans.pop_front() {
            Some(planned) => planned,
            None => {
                // Not everybody who looks finds something to do.
                for _ in 0..20 {
                    self.plan(floor);
                    if !self.plans.is_empty() {
                        break;
                    }
                }
                self.plans
                    .pop_front()
                    .unwrap_or_else(|| self.scan("!NEXT", "BENCH-1"))
            }
        };
        if matches!(act.what, What::Scan(_)) {
            self.last_scan = Some(act.clone());
        }
        act
    }

    fn plan(&mut self, floor: &Floor) {
        let open: Vec<JobId> = self
            .jobs
            .iter()
            .copied()
            .filter(|id| is_open(floor, *id))
            .collect();
        if open.is_empty() || (open.len() < 3 && self.rng.u8(..100) < 2) {
            self.new_job();
            return;
        }
        let job = open[self.rng.usize(..open.len())];
        if self.rng.u8(..100) < self.oddness_percent {
            self.something_odd(floor, job);
        } else {
            self.right_thing(floor, job);
        }
    }
}
