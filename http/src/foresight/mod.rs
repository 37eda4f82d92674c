//! What lies ahead: the load of the stations, when jobs will be done, what is at risk, what a change would do. Nothing
//! here is recorded in the log; forecasts are kept beside it.
//!
//! `past` folds the log forward, `picture` is the floor at a moment as the core's scheduling takes it, `outlook` a forecast
//! of it; the others are the calls. However many ask at once, each is made by one of them on a thread that may
//! wait, and the others wait for it; whoever gives up meanwhile leaves it to the next.

mod capacity;
mod completion;
mod outlook;
mod past;
mod picture;
mod risks;
mod what_if;

pub(crate) use capacity::{capacity, capacity_forecast};
pub(crate) use completion::estimated_completion;
pub(crate) use risks::risks;
pub(crate) use what_if::what_if;

use crate::app::App;
use crate::problem::Problem;
use jiff::Timestamp;
use outlook::{Learnt, Outlook};
use past::Past;
use picture::Picture;
use schemars::JsonSchema;
use serde::Serialize;
use sheetwise_core::domain::UnitRef;
use sheetwise_core::identity::JobId;
use sheetwise_core::scheduling::{InputProblem, RestingJob};
use std::sync::Arc;
use tokio::sync::{Mutex, Semaphore};

/// So many may wait for what lies ahead at once: they must not crowd out the scans.
const ASKERS_MAX: usize = 32;

/// So many changes are thought through at once: each is simulated anew.
const WHAT_IFS_AT_ONCE: usize = 1;

/// What is kept from one question to the next.
pub(crate) struct Foresight {
    askers: Semaphore,
    what_ifs: Arc<Semaphore>,
    floor: Arc<Mutex<FloorKept>>,
    outlook: Arc<Mutex<OutlookKept>>,
}

#[derive(Default)]
struct FloorKept {
    past: Past,
    picture: Option<Arc<Picture>>,
}

#[derive(Default)]
struct OutlookKept {
    learnt: Learnt,
    outlook: Option<Arc<Outlook>>,
}

impl Foresight {
    pub(crate) fn new() -> Self {
        Self {
            askers: Semaphore::new(ASKERS_MAX),
            what_ifs: Arc::new(Semaphore::new(WHAT_IFS_AT_ONCE)),
            floor: Arc::default(),
            outlook: Arc::default(),
        }
    }
}

impl App {
    /// Asks what lies ahead, unless too many do.
    async fn look_ahead<T>(
        &self,
        look: impl Future<Output = Result<T, Problem>>,
    ) -> Result<T, Problem> {
        let Ok(_place) = self.foresight().askers.try_acquire() else {
            return Err(Problem::overloaded(
                "Too many ask what lies ahead at once: ask again in a moment.",
            ));
        };
        look.await
    }

    /// The floor as it is now.
    async fn picture(&self) -> Result<Arc<Picture>, Problem> {
        let mut kept = Arc::clone(&self.foresight().floor).lock_owned().await;
        let (database, now) = (self.database().clone(), self.now());
        // The turn goes along: it ends with the work, not with whoever waits for it.
        let made = tokio::task::spawn_blocking(move || {
            // Whoever panics leaves no half of an event behind: the log is folded anew.
            let mut past = std::mem::take(&mut kept.past);
            let made = picture::look(&database, now, &mut past, &mut kept.picture);
            kept.past = past;
            made
        });
        made.await
            .map_err(|_| Problem::bug())?
            .map_err(picture::Blind::into_problem)
    }

    /// The forecast in force; a new one where a job is wanted that came in after it.
    async fn outlook(&self, wanted: Option<JobId>) -> Result<Arc<Outlook>, Problem> {
        let mut kept = Arc::clone(&self.foresight().outlook).lock_owned().await;
        let now = self.now();
        if let Some(outlook) = &kept.outlook
            && outlook.is_recent(now)
            && wanted.is_none_or(|job_id| outlook.picture.has_work(job_id))
        {
            return Ok(Arc::clone(outlook));
        }
        let picture = self.picture().await?;
        if let Some(outlook) = &kept.outlook
            && outlook.still_holds(&picture)
        {
            return Ok(Arc::clone(outlook));
        }
        let database = self.database().clone();
        let made = tokio::task::spawn_blocking(move || {
            let kept = &mut *kept;
            let outlook = Arc::new(Outlook::of(picture, &database, &mut kept.learnt)?);
            kept.outlook = Some(Arc::clone(&outlook));
            Ok(outlook)
        });
        made.await.map_err(|_| Problem::bug())?
    }
}

/// On a thread that may compute for a while.
async fn computing<T: Send + 'static>(
    compute: impl FnOnce() -> Result<T, Problem> + Send + 'static,
) -> Result<T, Problem> {
    tokio::task::spawn_blocking(compute)
        .await
        .map_err(|_| Problem::bug())?
}

/// The core cannot make sense of the floor: something that was registered must be mended.
#[expect(clippy::needless_pass_by_value, reason = "it stands in map_err")]
fn senseless(problems: Vec<InputProblem>) -> Problem {
    let problems: Vec<String> = problems.iter().map(ToString::to_string).collect();
    Problem::not_foreseeable(problems.join("; "))
}

/// A job of which nothing can be said, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub(super) struct Unforeseen {
    job_id: JobId,
    reason: String,
}

impl From<&RestingJob> for Unforeseen {
    fn from(resting: &RestingJob) -> Self {
        Self {
            job_id: resting.job_id,
            reason: match &resting.held {
                UnitRef::ProductionOrder(order) => {
                    format!("its order {order} is on hold: {}", resting.reason)
                }
                _ => format!("on hold: {}", resting.reason),
            },
        }
    }
}

impl From<&(JobId, String)> for Unforeseen {
    fn from((job_id, reason): &(JobId, String)) -> Self {
        Self {
            job_id: *job_id,
            reason: reason.clone(),
        }
    }
}

/// What a forecast was made of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub(super) struct ForecastBasis {
    issued_at: Timestamp,
    /// The last event that it knows.
    log_position: u64,
    model_version: u32,
    /// How many futures were simulated.
    futures: u32,
    seed: u64,
    /// How many past forecasts, whose jobs are done, corrected it.
    corrected_by: usize,
    /// Whether orders that are still to come are counted in: from ten jobs of seven days on.
    orders_to_come: bool,
    /// What nobody said, and was taken to be so.
    assumptions: Vec<String>,
}

/// Three decimals are enough for people, and the same on every machine.
fn rounded(value: f64) -> f64 {
    (value * 1_000.0).round() / 1_000.0 + 0.0 // and zero has no sign
}

fn hours(minutes: f64) -> f64 {
    rounded(minutes / 60.0)
}
