//! A station: where an operation type is performed, and what is in hand there.

mod bench;
mod decide;
mod event;
mod state;

pub use bench::Bench;
pub use decide::*;
pub use event::*;
pub use state::*;

pub use crate::domain::event::StationEvent;
