//! A hold rule: what a quality engineer stops at its next scan.

mod decide;
mod event;
mod state;

pub use decide::*;
pub use event::*;
pub use state::*;

pub use crate::domain::event::HoldEvent;
