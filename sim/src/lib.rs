//! The simulator: a factory that makes histories from a seed, and a reference that judges them.

pub mod reference;
