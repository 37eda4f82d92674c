//! A pack: box, case or pallet.

mod decide;
mod event;
mod state;

pub use decide::*;
pub use event::*;
pub use state::*;

pub use crate::domain::event::PackEvent;
