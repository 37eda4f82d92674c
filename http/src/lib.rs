//! Sheetwise over HTTP. The border: text becomes ids and commands once, here; what the shop answers becomes
//! JSON, a status, and a problem document where the answer is no. No rule of the shop lives here.
//!
//! `router` shows every call on one screen; each room below it answers some of them.

pub mod access;
mod app;
mod asked;
mod commands;
mod extract;
mod found;
mod lists;
mod log_api;
mod master_data;
mod openapi;
mod orders_and_jobs;
mod problem;
mod read_api;
mod router;
mod scan_api;
mod station_queue;

pub use app::{App, Clock};
pub use openapi::openapi;
pub use router::router;
