//! A sheet: the unit of work before the cut.

mod decide;
mod event;
mod state;

pub use decide::*;
pub use event::*;
pub use state::*;

pub use crate::domain::event::SheetEvent;
