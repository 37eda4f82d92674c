//! A job: the sheets that fulfil (a part of) an order.

mod decide;
mod event;
mod state;

pub use decide::*;
pub use event::*;
pub use state::*;

pub use crate::domain::event::JobEvent;
