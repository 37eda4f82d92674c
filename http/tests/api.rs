//! The HTTP API, whole answers inline, each claim on SQLite and on PostgreSQL. One binary, so that it is linked once; its
//! modules mirror the paths.
//!
//! A new room: a folder here with the name of its path and a `mod.rs`, a line below, and claims of this form:
//!
//! ```ignore
//! #[test]
//! fn a_label_is_printed_once() {
//!     on_both(|shop| {
//!         shop.furnish();
//!         assert_eq!(shop.post("/labels", json!({…})), json!({…}));
//!     });
//! }
//! ```
//!
//! Every call that a test makes through [`support::Shop`] is held against `/openapi.json`: the call, the status and the
//! code have to stand there. Each new call also needs a step in `openapi/story.rs`, from which its examples are made:
//! `SHEETWISE_WRITE_EXAMPLES=1 cargo test -p sheetwise-http --test api examples` writes them.

mod support;

mod access;
mod assemblies;
mod border;
mod capacity;
mod card_units;
mod events;
mod imports;
mod jobs;
mod labels;
mod master_data;
mod openapi;
mod operations;
mod orders;
mod packs;
mod risks;
mod scan;
mod sheets;
mod stations;
mod trace;
