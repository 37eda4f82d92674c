//! A production order: a customer's commitment, and the jobs that fulfil it.

mod decide;
mod event;
mod state;

pub use decide::*;
pub use event::*;
pub use state::*;

pub use crate::domain::event::OrderEvent;

/// The most cards that one order is for: what every database counts to in a column of 32 bits, and more than
/// anybody prints.
pub const CARDS_MAX: u32 = i32::MAX.unsigned_abs();
