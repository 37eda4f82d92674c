//! A card unit: born at the cut, gone when packed, voided or consumed.

mod decide;
mod event;
mod state;

pub use decide::*;
pub use event::*;
pub use state::*;

pub use crate::domain::event::CardUnitEvent;
