//! An operator: a person with a badge and roles.

mod decide;
mod event;
mod state;

pub use decide::*;
pub use event::*;
pub use state::*;

pub use crate::domain::event::OperatorEvent;
