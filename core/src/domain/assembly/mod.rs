//! The assembly of a sheet's set: a process manager with the zero-error requirement.

mod decide;
mod event;
mod state;

pub use decide::*;
pub use event::*;
pub use state::*;

pub use crate::domain::event::AssemblyEvent;
