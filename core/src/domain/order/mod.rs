//! A production order: a customer's commitment, and the jobs that fulfil it.

mod decide;
mod event;
mod state;

pub use decide::*;
pub use event::*;
pub use state::*;

pub use crate::domain::event::OrderEvent;
