//! A product: its specs, one per version, each immutable once published.

mod decide;
mod event;
mod layout;
mod route;
#[cfg(test)]
mod route_tests;
mod spec;
mod state;

pub use crate::domain::event::ProductEvent;
pub use decide::{publish, publish_layout};
pub use event::*;
pub use layout::{LayoutPosition, NormalizedLayout, Place, SheetLayout, Side, Turn};
pub use route::RouteProblem;
pub use spec::*;
pub use state::Product;
