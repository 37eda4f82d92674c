//! Sheetwise's core: what the shop's words mean, and what may happen. Pure throughout: no I/O, clock,
//! randomness, async or logging.
//!
//! Reading order, which is also the order of the arrows:
//! `identity` ← `domain` ← `production` ← `scan`; `domain` ← `projections`, `invariants`; `domain` ← `capacity` ← `scheduling`.

pub mod capacity;
pub mod domain;
pub mod identity;
pub mod invariants;
pub mod production;
pub mod projections;
pub mod scan;
pub mod scheduling;
