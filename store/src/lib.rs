//! Sheetwise's event store: an append-only log whose read models change in the same transaction.
//!
//! Reading order: [`contract`] (what an engine promises), [`record`], [`tables`] and [`shorthand`] (how
//! events, rows and answers are stored), [`ledger`] (how a command becomes durable), the engines ([`memory`],
//! [`sqlite`], [`postgres`]), [`questions`] (what is asked of it), [`maintenance`] (rebuild, verify, backup),
//! [`credentials`] (who is let in) and [`forecasts`] (what was forecast), both beside the log, and [`database`], which
//! puts them together.

mod cache;
pub mod contract;
pub mod credentials;
pub mod database;
pub mod forecasts;
pub mod ledger;
pub mod maintenance;
pub mod memory;
mod migrations;
pub mod postgres;
pub mod questions;
pub mod ready;
pub mod record;
mod rows;
pub mod shorthand;
pub mod sqlite;
pub mod tables;

pub use contract::StoreError;
pub use database::{Database, Location};
