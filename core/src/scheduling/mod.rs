//! What will happen, and when: estimate, finite-capacity plan, forecast, what-if.
//!
//! Reading order: `input` (stations, and jobs as lots; `floor` makes it of the units' states) → `problem` (compiled) → `decoder` (the one core of
//! resource time) → `planner` with `rules` and `search` → `plan`; `check` and `difference` know plans only
//! from outside. `forecast` decodes sampled durations, `what_if` compares two forecasts.

mod chance;
mod check;
mod daily_load;
mod decoder;
mod difference;
mod estimate;
mod floor;
mod forecast;
mod input;
mod objective;
mod past_jobs;
mod plan;
mod planner;
mod problem;
mod rules;
mod search;
mod station_work;
mod what_if;

pub use check::{Broken, Violation, check};
pub use daily_load::{StationDay, daily_load};
pub use difference::{Change, difference};
pub use estimate::{CriticalStep, Estimate, JobEstimate, StationEstimate, estimate};
pub use floor::{
    CardNow, FloorInput, FloorNow, FloorPolicy, JobNow, Progress, RestingJob, SetNow, SheetNow,
    input_from_floor, input_of_new_job,
};
pub use forecast::{
    Arrivals, Breakdowns, Cause, Forecast, ForecastOptions, JOBS_TO_LEARN_FROM, JobForecast,
    MODEL_VERSION, Model, Recalibration, Settled, ShopHours, StationPace, forecast,
    forecast_to_keep, wilson,
};
pub use input::{
    Alternative, Input, InputProblem, JobInput, LotInput, LotOperation, Pass, Running, StationInput,
};
pub use objective::Objective;
pub use past_jobs::PastJobs;
pub use plan::{EndBound, JobPlan, Placement, Plan, PlanFigures, StartBound, Unplanned};
pub use planner::{PlanOptions, plan};
pub use rules::Rule;
pub use station_work::{StationWork, UnitCounts, station_work};
pub use what_if::{JobDifference, Supposed, WhatIf, suppose, what_if};

#[cfg(test)]
mod check_tests;
#[cfg(test)]
mod exact_tests;
#[cfg(test)]
mod fixtures;
#[cfg(test)]
mod floor_tests;
#[cfg(test)]
mod forecast_tests;
#[cfg(test)]
mod golden_tests;
#[cfg(test)]
mod past_jobs_tests;
#[cfg(test)]
mod planner_tests;
#[cfg(test)]
mod queueing_tests;
