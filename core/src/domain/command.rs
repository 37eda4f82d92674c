//! Commands.
/// placeholder
pub enum Command {}
