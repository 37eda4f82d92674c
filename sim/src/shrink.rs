//! Makes a failing history shorter: leaves acts out, as many at once as possible, as long as the same
//! claim still fails (delta debugging; Zeller and Hildebrandt 2002).

use crate::act::Act;
use crate::run::{Failure, Run};

/// How many histories may be tried.
const TRIALS: usize = 1_500;

/// The shortest history found that fails in the same claim, and how it fails.
#[must_use]
pub fn shortest(
    mut acts: Vec<Act>,
    mut failure: Failure,
    new_run: impl Fn() -> Run,
) -> (Vec<Act>, Failure) {
    acts.truncate(failure.act + 1);
    let mut trials = 0;
    let mut chunk = acts.len().div_ceil(2).max(1);
    loop {
        let mut shortened = false;
        let mut from = 0;
        while from < acts.len() && trials < TRIALS {
            let to = (from + chunk).min(acts.len());
            let without: Vec<Act> = acts[..from].iter().chain(&acts[to..]).cloned().collect();
            trials += 1;
            match replay(&without, new_run()) {
                Err(again) if again.claim == failure.claim => {
                    acts = without;
                    acts.truncate(again.act + 1);
                    failure = again;
                    shortened = true;
                }
                _ => from = to,
            }
        }
        if trials >= TRIALS || (chunk == 1 && !shortened) {
            return (acts, failure);
        }
        chunk = chunk.div_ceil(2);
    }
}

/// Does these acts again, in a run that has none behind it.
///
/// # Errors
/// The first disagreement.
pub fn replay(acts: &[Act], mut run: Run) -> Result<Run, Failure> {
    for act in acts {
        run.act(act)?;
    }
    run.finish()?;
    Ok(run)
}
