//! Sheetwise over HTTP. The border: text becomes ids and commands once, here; what the shop answers becomes
//! JSON, a status, and a problem document where the answer is no. No rule of the shop lives here.
//!
//! `router` shows every call on one screen; each room below it answers some of them.

mod app;
mod asked;
mod commands;
mod extract;
pub mod imports;
mod issued;
pub mod labelling;
mod labels_api;
mod lists;
mod master_data;
mod orders_and_jobs;
mod problem;
mod read_api;
mod router;
mod scan_api;

pub use app::{App, Clock};
pub use problem::Problem;
pub use router::router;
