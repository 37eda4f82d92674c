//! Questions that go across the shop, and the server itself: recall, the event stream, the minimal reprint, figures,
//! limits. On SQLite and on PostgreSQL; whole answers inline.

mod event_stream;
mod harness;
mod operations;
mod reprint;
mod trace;
