//! Dispatch rules: what goes next, said as a number.

use super::decoder::Candidate;
use super::problem::Problem;
use serde::{Deserialize, Serialize};

/// A dispatch rule.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rule {
    /// Who came first.
    FirstCome,
    /// The earliest due date, higher priority first.
    EarliestDue,
    /// The time to the due date over the work that is left: below 1 it is late already.
    CriticalRatio,
    /// Apparent tardiness cost with set-ups (Lee, Bhaskaran, Pinedo 1997): weight over work, times what
    /// slack and changeover leave of it. The factors scale how far slack and changeovers are looked at.
    ApparentTardinessCost {
        slack_factor: f64,
        setup_factor: f64,
    },
}

impl Rule {
    /// Those that a plan tries.
    pub const ALL: &[Self] = &[
        Self::EarliestDue,
        Self::CriticalRatio,
        Self::ApparentTardinessCost {
            slack_factor: 1.5,
            setup_factor: 0.3,
        },
        Self::ApparentTardinessCost {
            slack_factor: 3.0,
            setup_factor: 0.3,
        },
        Self::ApparentTardinessCost {
            slack_factor: 3.0,
            setup_factor: 1.0,
        },
        Self::ApparentTardinessCost {
            slack_factor: 8.0,
            setup_factor: 0.5,
        },
    ];

    /// The rule's word.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::FirstCome => "first come",
            Self::EarliestDue => "earliest due date",
            Self::CriticalRatio => "critical ratio",
            Self::ApparentTardinessCost { .. } => "apparent tardiness cost",
        }
    }

    /// The index of a candidate: the highest goes first. `known` is what the rule needs of the problem.
    pub fn index(self, problem: &Problem, known: &Known, candidate: &Candidate) -> f64 {
        let op = &problem.ops[candidate.op as usize];
        let job = &problem.jobs[op.job as usize];
        let left = known.tails[candidate.op as usize] as f64;
        let to_due = (job.due - candidate.at) as f64;
        match self {
            Self::FirstCome => -(candidate.available as f64),
            Self::EarliestDue => f64::from(job.priority) * 1e12 - job.due as f64,
            Self::CriticalRatio => -(to_due / left.max(1.0)) / job.weight,
            Self::ApparentTardinessCost {
                slack_factor,
                setup_factor,
            } => {
                let slack = (to_due - left).max(0.0);
                let work = (candidate.seconds as f64).max(1.0);
                let setup = candidate.setup_seconds as f64;
                // Logarithms: far from the due date the product itself is too small for a float.
                (job.weight / work).ln()
                    - slack / (slack_factor * known.mean_tail)
                    - setup / (setup_factor * known.mean_setup)
            }
        }
    }
}

/// What the rules need to know of a problem.
pub struct Known {
    tails: Vec<i64>,
    mean_tail: f64,
    mean_setup: f64,
}

impl Known {
    pub fn new(problem: &Problem) -> Self {
        let tails = problem.tails();
        let mean = |values: &mut dyn Iterator<Item = i64>| {
            let (sum, number) = values.fold((0.0, 0.0), |(sum, n), v| (sum + v as f64, n + 1.0));
            if sum > 0.0 { sum / number } else { 1.0 }
        };
        Self {
            mean_tail: mean(&mut tails.iter().copied()),
            mean_setup: mean(&mut problem.setup_seconds.iter().copied()),
            tails,
        }
    }
}
