//! The people of the simulated shop: what they do next, right or wrong. They see the floor as people
//! do; what they may do, only the core decides.
//!
//! Here is who they are and how they choose. `looking` and `acting` are what everybody does, `memory` what
//! they learn from an answer. The right thing is in `planning`, `work` (sheets and cards), `gathering`,
//! `leads` (holds, rework, vacancies) and `packing`; the wrong one in `mistakes` (anything, anywhere) and
//! `slips` (one rule broken on purpose); `ending` is the end of the day.

mod acting;
mod ending;
mod gathering;
mod leads;
mod looking;
mod memory;
mod mistakes;
mod packing;
mod planning;
mod slips;
mod work;

use crate::act::{Act, What};
use crate::shop::Shop;
use fastrand::Rng;
use looking::is_open;
use memory::Memory;
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
    /// Scans of some time ago: what a queue that was offline sends once more.
    earlier_scans: VecDeque<Act>,
    memory: Memory,
    /// How likely it is, in percent, that somebody does something odd instead of the next right thing.
    pub oddness_percent: u8,
    /// Jobs that were cancelled at the end because nothing more could be done for them, though nobody
    /// had found out why. A shop that knows its work has none.
    pub given_up: Vec<JobId>,
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
            earlier_scans: VecDeque::new(),
            memory: Memory::default(),
            oddness_percent: 22,
            given_up: Vec::new(),
        }
    }

    /// What somebody does next. Tell them what came of it: [`People::hears`].
    pub fn next(&mut self, floor: &Floor) -> Act {
        // Not everybody who looks finds something to do.
        for _ in 0..20 {
            if !self.plans.is_empty() {
                break;
            }
            self.plan(floor);
        }
        if self.plans.is_empty() {
            self.new_job();
        }
        let act = self.plans.pop_front().expect("a new job is planned");
        if matches!(act.what, What::Scan(_)) {
            self.earlier_scans
                .extend(self.last_scan.replace(act.clone()));
            if self.earlier_scans.len() > 60 {
                self.earlier_scans.pop_front();
            }
        }
        act
    }

    fn plan(&mut self, floor: &Floor) {
        self.memory.about = None;
        let open: Vec<JobId> = self
            .jobs
            .iter()
            .copied()
            .filter(|id| is_open(floor, *id))
            .collect();
        if open.is_empty() || (open.len() < 3 && self.one_in(50)) {
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
