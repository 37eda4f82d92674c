//! The jobs of the past, as the log tells them: how they came in, which is what is still to come, and when they were
//! done, which is what forecasts are judged by. A fold over the log.

use super::floor::{FloorNow, FloorPolicy, input_of_new_job};
use super::forecast::Arrivals;
use crate::domain::assembly::AssemblyEvent;
use crate::domain::event::{Event, Recorded};
use crate::domain::job::{JobCreated, JobEvent, SheetPurpose};
use crate::domain::product::{ProductEvent, ProductSpec};
use crate::identity::{JobId, ProductId};
use jiff::{SignedDuration, Timestamp};
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

/// Orders that are to come are drawn from so many past ones at most, of so many days: enough that a shop of 28 jobs a day
/// still shows two weeks, and so at which hours its orders come.
const TEMPLATES_MAX: usize = 400;
const WINDOW_DAYS: i64 = 28;
/// With fewer jobs, or of fewer days, nobody knows yet how orders come in.
const JOBS_MIN: usize = 10;
const DAYS_MIN: f64 = 7.0;

/// The fold.
#[derive(Debug, Clone, Default)]
pub struct PastJobs {
    products: BTreeMap<ProductId, Vec<Arc<ProductSpec>>>,
    /// The last ones that came in, in order.
    came: VecDeque<Came>,
    last_packed: BTreeMap<JobId, Timestamp>,
    last_job_number: u32,
}

#[derive(Debug, Clone)]
struct Came {
    at: Timestamp,
    plan: JobCreated,
    overs: u32,
}

impl PastJobs {
    /// Takes in the next event of the log.
    pub fn apply(&mut self, recorded: &Recorded) {
        let at = recorded.context.recorded_at;
        match &recorded.event {
            Event::Product(ProductEvent::ProductSpecPublished(e)) => {
                let versions = self.products.entry(e.product_id.clone()).or_default();
                versions.push(Arc::clone(&e.spec));
            }
            Event::Job(JobEvent::JobCreated(plan)) => {
                self.last_job_number = self.last_job_number.max(plan.job_id.number());
                self.came.push_back(Came {
                    at,
                    plan: plan.clone(),
                    overs: 0,
                });
                if self.came.len() > TEMPLATES_MAX {
                    self.came.pop_front();
                }
            }
            Event::Job(JobEvent::SheetsCreated(e)) if e.purpose == SheetPurpose::Overs => {
                let of_job = self.came.iter_mut().rev();
                let mut of_job = of_job.filter(|came| came.plan.job_id == e.job_id);
                if let Some(came) = of_job.next() {
                    came.overs += e.count;
                }
            }
            // It is never done.
            Event::Job(JobEvent::JobCancelled(e)) => drop(self.last_packed.remove(&e.job_id)),
            Event::Assembly(AssemblyEvent::SetPacked(e)) => {
                self.last_packed.insert(e.assembly_id.job(), at);
            }
            Event::Job(_)
            | Event::Assembly(_)
            | Event::Sheet(_)
            | Event::CardUnit(_)
            | Event::ProductionOrder(_)
            | Event::Station(_)
            | Event::Pack(_)
            | Event::Operator(_)
            | Event::Memorabilia(_)
            | Event::Hold(_) => {}
        }
    }

    /// When a set of the job was packed last: when the job was done, once nothing of it is left.
    #[must_use]
    pub fn last_packed(&self, job_id: JobId) -> Option<Timestamp> {
        self.last_packed.get(&job_id).copied()
    }

    /// The jobs of which a set was packed, and when the last was; those that were cancelled are not among them.
    pub fn packed(&self) -> impl Iterator<Item = (JobId, Timestamp)> + '_ {
        self.last_packed.iter().map(|(job_id, at)| (*job_id, *at))
    }

    /// The highest number that a job ever had; 0 before there was one.
    #[must_use]
    pub const fn last_job_number(&self) -> u32 {
        self.last_job_number
    }

    /// How orders come in, as jobs on the stations of this floor; `None` where too few came to know.
    ///
    /// # Errors
    /// The time zone is unknown.
    pub fn arrivals(
        &self,
        floor: FloorNow,
        policy: &FloorPolicy,
    ) -> Result<Option<Arrivals>, String> {
        let since = floor.now - SignedDuration::from_hours(24 * WINDOW_DAYS);
        let lately: Vec<&Came> = (self.came.iter()).filter(|came| came.at >= since).collect();
        let Some(first) = lately.first().filter(|_| lately.len() >= JOBS_MIN) else {
            return Ok(None);
        };
        let days = floor.now.duration_since(first.at).as_secs_f64() / 86_400.0;
        if days < DAYS_MIN {
            return Ok(None);
        }
        let mut templates = Vec::new();
        for came in &lately {
            let versions = self.products.get(&came.plan.product_id);
            let index = usize::try_from(came.plan.product_version).unwrap_or(usize::MAX);
            let Some(spec) = versions.and_then(|all| all.get(index.checked_sub(1)?)) else {
                continue;
            };
            let then = FloorNow {
                now: came.at,
                ..floor
            };
            let job = input_of_new_job(then, policy, &came.plan, spec, came.overs)?;
            templates.push(job);
        }
        Ok(Some(Arrivals {
            // The first only says from when on they were counted.
            jobs_per_day: (lately.len() - 1) as f64 / days,
            templates,
        }))
    }
}
