//! Sheetwise over HTTP. The border: text becomes ids and commands once, here; what the shop answers becomes
//! JSON, a status, and a problem document where the answer is no. No rule of the shop lives here.
//!
//! `router` shows every call on one screen; each room below it answers some of them.

pub mod access;
mod app;
mod asked;
#[cfg(test)]
mod at_once;
mod commands;
mod event_stream;
mod extract;
mod foresight;
mod found;
mod imports;
mod issued;
mod labelling;
mod labels_api;
mod limits;
mod lists;
mod log_api;
mod master_data;
mod metrics;
mod openapi;
mod operations;
mod orders_and_jobs;
mod panics;
mod problem;
mod read_api;
mod reprint;
mod router;
mod scan_api;
mod server;
mod station_queue;
mod telemetry;
mod trace_api;

pub use app::{App, Clock};
pub use limits::Limits;
pub use openapi::openapi;
pub use router::router;
pub use server::{Stopped, serve};
