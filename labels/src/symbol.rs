//! A text as a scanner sees it: a square of dark and light modules. How large a module is printed is `arrange`'s.

use crate::LabelError;
use datamatrix::data::EncodationType;
use datamatrix::{DataMatrixBuilder, SymbolList};
use fast_qr::{ECL, QRBuilder};
use std::fmt;

/// Smaller modules are lost by the scanners and printers of a workshop, in millimetres.
pub const MODULE_MM_MIN: f64 = 0.25;

/// A kind of two-dimensional barcode.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Symbology {
    /// DataMatrix (ISO/IEC 16022, ECC 200): the smallest for our ids.
    #[default]
    DataMatrix,
    /// QR code (ISO/IEC 18004), level M: what telephones read.
    Qr,
}

impl Symbology {
    /// The symbology of that word: `datamatrix` or `qr`.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        match word {
            "datamatrix" => Some(Self::DataMatrix),
            "qr" => Some(Self::Qr),
            _ => None,
        }
    }

    /// How many modules around it must stay light, by its standard.
    #[must_use]
    pub const fn quiet_zone_modules(self) -> usize {
        match self {
            Self::DataMatrix => 1,
            Self::Qr => 4,
        }
    }
}

impl fmt::Display for Symbology {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::DataMatrix => "DataMatrix",
            Self::Qr => "QR",
        })
    }
}

/// A symbol, without its quiet zone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Symbol {
    symbology: Symbology,
    side_modules: usize,
    /// Row by row from the top left.
    dark: Vec<bool>,
}

/// Dark modules side by side in a row, counted from the symbol's top left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Run {
    pub row: usize,
    pub column: usize,
    pub length: usize,
}

impl Symbol {
    /// Encodes printable ASCII.
    ///
    /// A DataMatrix is encoded in ASCII mode alone. Two digits take one codeword there, which is what ids are made
    /// of; and no label printer, which encodes by itself, can need a larger symbol than the one we made room for.
    ///
    /// # Errors
    /// [`LabelError::TooLong`].
    pub fn of(text: &str, symbology: Symbology) -> Result<Self, LabelError> {
        let too_long = || LabelError::TooLong {
            text: text.to_owned(),
            symbology,
        };
        let (side_modules, dark) = match symbology {
            Symbology::DataMatrix => {
                let encoded = DataMatrixBuilder::new()
                    .with_encodation_types(EncodationType::Ascii)
                    .with_symbol_list(SymbolList::default().enforce_square())
                    .with_macros(false)
                    .encode(text.as_bytes())
                    .map_err(|_| too_long())?;
                let bitmap = encoded.bitmap();
                (bitmap.width(), bitmap.bits().to_vec())
            }
            Symbology::Qr => {
                let encoded = QRBuilder::new(text).ecl(ECL::M).build();
                let encoded = encoded.map_err(|_| too_long())?;
                let rows = (0..encoded.size).flat_map(|row| &encoded[row]);
                (encoded.size, rows.map(|module| module.value()).collect())
            }
        };
        Ok(Self {
            symbology,
            side_modules,
            dark,
        })
    }

    /// The length of a side, in modules.
    #[must_use]
    pub const fn side_modules(&self) -> usize {
        self.side_modules
    }

    /// The length of a side with the quiet zone on both ends, in modules.
    #[must_use]
    pub const fn side_modules_with_quiet_zone(&self) -> usize {
        self.side_modules + 2 * self.symbology.quiet_zone_modules()
    }

    /// Which kind it is.
    #[must_use]
    pub const fn symbology(&self) -> Symbology {
        self.symbology
    }

    /// The dark modules, as runs: all that is drawn.
    #[must_use]
    pub fn runs(&self) -> Vec<Run> {
        let mut runs: Vec<Run> = Vec::new();
        for (index, _) in self.dark.iter().enumerate().filter(|(_, dark)| **dark) {
            let (row, column) = (index / self.side_modules, index % self.side_modules);
            match runs.last_mut() {
                Some(run) if run.row == row && run.column + run.length == column => run.length += 1,
                _ => runs.push(Run {
                    row,
                    column,
                    length: 1,
                }),
            }
        }
        runs
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_a_small_symbol() {
        let side = |text, symbology| Symbol::of(text, symbology).unwrap().side_modules();
        assert_eq!(side("J1044-S003-07", Symbology::DataMatrix), 16);
        assert_eq!(side("J1044-S003-07-R1", Symbology::DataMatrix), 16);
        assert_eq!(side("J1044-S003-07-R1", Symbology::Qr), 21);
    }

    #[test]
    fn runs_hold_each_dark_module_once() {
        let symbol = Symbol::of("J1044", Symbology::DataMatrix).unwrap();
        let dark = symbol.dark.iter().filter(|dark| **dark).count();
        let runs = symbol.runs();
        assert_eq!(runs.iter().map(|run| run.length).sum::<usize>(), dark);
        // The finder: the bottom row is dark from end to end.
        let bottom = symbol.side_modules - 1;
        let last = runs.last().copied();
        assert_eq!(
            last,
            Some(Run {
                row: bottom,
                column: 0,
                length: symbol.side_modules
            })
        );
    }

    #[test]
    fn what_no_symbol_holds_is_an_error() {
        let long = "A".repeat(5_000);
        for symbology in [Symbology::DataMatrix, Symbology::Qr] {
            let error = Symbol::of(&long, symbology).unwrap_err();
            assert!(matches!(error, LabelError::TooLong { .. }), "{error}");
        }
    }
}
