//! Sheetwise's event store: an append-only log whose read models change in the same transaction.
//!
//! Reading order: [`contract`] (what an engine promises), [`record`] and [`tables`] (how events and rows
//! are stored), [`ledger`] (how a command becomes durable), then the engines.

mod cache;
pub mod contract;
pub mod ledger;
pub mod maintenance;
pub mod memory;
mod migrations;
pub mod postgres;
pub mod record;
pub mod sqlite;

pub mod tables;
