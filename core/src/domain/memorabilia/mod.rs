//! A memorabilia piece: placed in at most one live card.

mod decide;
mod event;
mod state;

pub use decide::*;
pub use event::*;
pub use state::*;

pub use crate::domain::event::MemorabiliaEvent;
