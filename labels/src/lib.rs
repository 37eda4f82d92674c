//! Labels to print: a symbol that a scanner reads, the id in large letters, and a line or two on what it is. What
//! the symbol says scans back to the same id; that is checked when a label is made. Nothing here reads or writes
//! anything, and nothing here knows the shop: whoever asks for a label brings the words that stand on it.
//!
//! In reading order: [`Label`] is what is said, [`Symbol`] how a scanner sees it, `arrange` where both stand on a
//! label, [`Stock`] where labels stand on a page; [`Printing`] makes pages of them, [`Thermal`] commands for a label
//! printer.

mod arrange;
mod controls;
mod error;
mod label;
mod pages;
mod pdf;
mod stock;
mod svg;
mod symbol;
mod text;
mod thermal;

pub use arrange::{Area, Arrangement, PlacedText, arrange};
pub use controls::{control_label, control_labels};
pub use error::LabelError;
pub use label::Label;
pub use pages::Printing;
pub use stock::{Paper, Stock};
pub use symbol::{MODULE_MM_MIN, Run, Symbol, Symbology};
pub use thermal::{DotsPerInch, Thermal};
