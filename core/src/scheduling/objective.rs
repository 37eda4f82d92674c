//! What makes one plan better than another.

use super::decoder::Decoder;
use super::problem::Problem;
use serde::{Deserialize, Serialize};

/// What a plan is to keep small.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Objective {
    /// Lateness times weight, summed over jobs; then early ends, so that nothing is left lying.
    WeightedLateness,
    /// The end of the last job.
    Makespan,
}

impl Objective {
    /// What it comes to, in (weighted) seconds.
    pub fn of(self, problem: &Problem, decoder: &Decoder) -> f64 {
        let jobs = problem.jobs.iter().enumerate();
        let jobs = jobs.filter(|(_, job)| !job.background);
        let ends = jobs.map(|(at, job)| (job, decoder.job_end(at)));
        match self {
            Self::WeightedLateness => ends
                .map(|(job, end)| job.weight * (end - job.due).max(0) as f64)
                .sum(),
            Self::Makespan => ends.map(|(_, end)| end - problem.now).max().unwrap_or(0) as f64,
        }
    }

    /// The same, with a little for every job's end: among plans that are equally late, the quick one.
    pub fn with_ends(self, problem: &Problem, decoder: &Decoder) -> f64 {
        let ends: f64 = (0..problem.jobs.len())
            .map(|job| (decoder.job_end(job) - problem.now) as f64)
            .sum();
        self.of(problem, decoder) + ends * 1e-4
    }
}
