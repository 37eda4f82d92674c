//! Why there is no label: each error says what does not fit, and what to do.

use crate::Symbology;
use std::fmt;

/// Why a label, or a page of them, cannot be made. Lengths are in millimetres.
#[derive(Debug, Clone, PartialEq)]
pub enum LabelError {
    /// Scanners that act as keyboards send other characters differently from one setting to the next.
    NotAscii { text: String, character: char },
    /// Scanned, the label would say something else.
    ReadsDifferently { text: String },
    /// No size of this symbology holds so much text.
    TooLong { text: String, symbology: Symbology },
    /// With modules that a scanner can see, the symbol and its quiet zone are larger than the label.
    SymbolTooLarge {
        text: String,
        symbology: Symbology,
        needs_mm: f64,
        has_mm: f64,
    },
    /// The id does not fit beside its symbol in letters that one can read.
    NoRoomForText {
        text: String,
        width_mm: f64,
        height_mm: f64,
    },
    /// The stock is none that could be printed on.
    UnsoundStock { problems: Vec<String> },
    /// There are fewer pages.
    NoSuchPage { page: usize, pages: usize },
}

impl fmt::Display for LabelError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotAscii { text, character } => write!(
                f,
                "{text:?} holds {character:?}: a label's barcode takes letters without accents, digits and ASCII signs"
            ),
            Self::ReadsDifferently { text } => write!(
                f,
                "{text:?} would not scan back as what it stands for: leave out blanks at its ends"
            ),
            Self::TooLong { text, symbology } => {
                write!(f, "{text:?} is too long for a {symbology} symbol")
            }
            Self::SymbolTooLarge {
                text,
                symbology,
                needs_mm,
                has_mm,
            } => write!(
                f,
                "the {symbology} symbol of {text:?} needs {needs_mm:.2} mm with its quiet zone, and the label has \
                 {has_mm:.2} mm: take larger labels, or a DataMatrix, which is the smallest"
            ),
            Self::NoRoomForText {
                text,
                width_mm,
                height_mm,
            } => write!(
                f,
                "{text:?} does not fit into the {width_mm:.1} × {height_mm:.1} mm beside its symbol: take larger labels"
            ),
            Self::UnsoundStock { problems } => f.write_str(&problems.join("; ")),
            Self::NoSuchPage { page, pages: 1 } => {
                write!(f, "there is no page {page}: all labels are on page 1")
            }
            Self::NoSuchPage { page, pages } => {
                write!(
                    f,
                    "there is no page {page}: the labels are on pages 1 to {pages}"
                )
            }
        }
    }
}

impl std::error::Error for LabelError {}
