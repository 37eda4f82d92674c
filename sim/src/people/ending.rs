//! The end of the day: everybody does the right thing only, until every job is closed or cancelled.

use super::People;
use super::looking::is_open;
use crate::act::Act;
use sheetwise_core::domain::Command;
use sheetwise_core::domain::command::Holdable;
use sheetwise_core::production::Floor;

impl People {
    /// From here on everybody does the right thing only, until every job is closed or cancelled; what
    /// cannot be finished (an edition that is used up) is cancelled. Returns the next act, or `None`
    /// when everything has come to its end.
    pub fn towards_the_end(&mut self, floor: &Floor, patience_left: bool) -> Option<Act> {
        if let Some(planned) = self.plans.pop_front() {
            return Some(planned);
        }
        let job = self.jobs.iter().copied().find(|id| is_open(floor, *id))?;
        if patience_left {
            self.oddness_percent = 0;
            // Rules and holds first, or nothing moves.
            let rule = floor.hold_rules().map(|(id, _)| id.clone()).next();
            if let Some(hold_id) = rule {
                let quality = self.shop.quality.clone();
                self.says(
                    Command::LiftHoldRule {
                        hold_id,
                        reason: "cleared".into(),
                    },
                    &quality,
                );
            } else if floor
                .job(&job)
                .ok()
                .flatten()
                .is_some_and(|j| j.held.is_some())
            {
                let lead = self.shop.lead.clone();
                let unit = Holdable::Job(job);
                self.says(
                    Command::Release {
                        unit,
                        hold_id: None,
                        reason: "on with it".into(),
                    },
                    &lead,
                );
            } else {
                for _ in 0..20 {
                    self.right_thing(floor, job);
                    if !self.plans.is_empty() {
                        break;
                    }
                }
            }
        } else {
            let planner = self.shop.planner.clone();
            self.says(
                Command::CancelJob {
                    job_id: job,
                    reason: "cannot be finished".into(),
                },
                &planner,
            );
        }
        let idle = self.plans.is_empty();
        if idle {
            let act = self.scan("!NEXT", "BENCH-1");
            self.plans.push_back(act);
        }
        self.plans.pop_front()
    }
}
