//! The simulator: a seeded factory whose people scan twice, wrong, late and at the wrong bench; and a
//! reference model that judges what the core made of it.
//!
//! `act` is what somebody does, `shop` and `people` decide what that is, `run` does it and asks everybody
//! afterwards (`compare` holds the core, its read models and the `reference` against each other),
//! `history` is a whole life from a seed, `shrink` makes a failing one short. `plain_shop` is for those who set up a
//! shop of their own.

pub mod act;
pub mod compare;
pub mod history;
pub mod people;
pub mod plain_shop;
pub mod reference;
pub mod run;
pub mod shop;
pub mod shrink;
