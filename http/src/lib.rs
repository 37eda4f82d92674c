//! Sheetwise over HTTP. The border: text becomes ids and commands once, here; what the shop answers becomes
//! JSON, a status, and a problem document where the answer is no. No rule of the shop lives here.
//!
//! `router` shows every call on one screen; each room below it answers some of them.

mod app;
mod asked;
mod commands;
mod event_stream;
mod extract;
mod limits;
mod master_data;
mod metrics;
mod operations;
mod orders_and_jobs;
mod problem;
mod read_api;
mod reprint;
mod router;
mod scan_api;
mod server;
mod telemetry;
mod trace_api;

pub use app::{App, Clock};
pub use limits::Limits;
pub use router::router;
pub use server::{Stopped, serve};
