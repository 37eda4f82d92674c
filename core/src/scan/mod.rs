//! One scan, the system infers: barcode + kind of station + present state → the command that is meant,
//! and the sentence for the operator.
//!
//! [`infer`] is the table of it; [`answer`] says what was recorded and what comes next, or why not and
//! where the thing belongs.

mod answer;
mod infer;

pub use answer::{
    Answer, Entity, Next, Outcome, Refused, Said, answer, refuse, refuse_unreadable,
    where_it_belongs,
};
pub use infer::{Meaning, REPEAT_WINDOW, infer};

use crate::domain::{Context, Decision};
use crate::identity::Scanned;
use crate::production::{Floor, Stop, decide};

/// Decides what a scan means in the present state of the shop.
///
/// # Errors
/// [`Stop::Refused`] with the reason, and nothing changed; or [`Stop::NotLoaded`] from a partial floor.
pub fn scan(floor: &Floor, scanned: &Scanned, context: &Context) -> Result<Decision, Stop> {
    match infer(floor, scanned, context)? {
        Meaning::Repeat => Ok(Decision::AlreadyRecorded),
        Meaning::Command(command) => decide(floor, &command, context),
    }
}
