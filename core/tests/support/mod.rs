//! A small shop for the tests: a whole floor that keeps its log, a clock that we hold, one product, one
//! job, a station of every type, people and pieces. Given, when, then; and shortcuts that bring a sheet,
//! a card, a set or a pack wherever a test wants it, by the commands that the shop itself would say.
//! Whoever closes the shop (drops it) has its whole history checked against the invariants.
//!
//! The product is 6-up (2 rows × 3 columns). Positions 1 to 3 are plain, 4 and 5 bear numbers and share
//! the design `GOLD`, 6 takes a jersey relic. Sheets: PRINT → FOIL → CUT. Cards: DIE, and where the
//! position wants it NUMBER or RELIC, then QA-FINAL. Sets: ASSEMBLE, PACK.
//!
//! `product` is what the shop makes, `words` are its ids and short commands, `saying` is given-when-then, `shop` sets up and
//! looks, `work` goes through the shop step by step, `unit_in` brings a unit into any status; `partial` is the same as a store has it.
//!
//! Job `J1044` has eight sheets of the run, `S001` to `S008`, and two of overs, `S009` and `S010`.

#![allow(
    dead_code,
    reason = "every test file takes from this shop what it needs"
)]

mod partial;
mod product;
mod saying;
mod shop;
mod unit_in;
mod words;
mod work;

pub use product::*;
#[allow(unused_imports, reason = "not every test file names an outcome")]
pub use saying::{Outcome, Saying};
pub use shop::Shop;
pub use words::*;
