//! Labels for thermal printers, in ZPL II: the printer draws symbols and letters itself, from what they say.

use crate::{Area, Arrangement, Label, LabelError, Symbology, arrange};
use std::fmt::Write;

/// How fine a label printer prints.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum DotsPerInch {
    #[default]
    Dpi203,
    Dpi300,
    Dpi600,
}

impl DotsPerInch {
    /// 203, 300 or 600.
    #[must_use]
    pub const fn from_number(number: u16) -> Option<Self> {
        match number {
            203 => Some(Self::Dpi203),
            300 => Some(Self::Dpi300),
            600 => Some(Self::Dpi600),
            _ => None,
        }
    }

    const fn dot_mm(self) -> f64 {
        25.4 / match self {
            Self::Dpi203 => 203.0,
            Self::Dpi300 => 300.0,
            Self::Dpi600 => 600.0,
        }
    }
}

/// A label printer, with the labels that are in it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Thermal {
    pub label: Area,
    pub resolution: DotsPerInch,
    pub symbology: Symbology,
}

/// Printers take labels of these lengths.
const LABEL_MM: std::ops::RangeInclusive<f64> = 5.0..=300.0;

/// `^BQ` magnifies no further.
const QR_DOTS_MAX: u32 = 10;

impl Default for Thermal {
    /// 51 × 25 mm (2 × 1 inches) at 203 dots per inch: the commonest.
    fn default() -> Self {
        Self {
            label: Area {
                width_mm: 51.0,
                height_mm: 25.0,
            },
            resolution: DotsPerInch::default(),
            symbology: Symbology::default(),
        }
    }
}

impl Thermal {
    /// The commands that print these labels, one after the other.
    ///
    /// # Errors
    /// A label size that no printer takes, a label that does not fit.
    pub fn zpl(&self, labels: &[Label]) -> Result<String, LabelError> {
        let problems: Vec<String> = [
            ("width_mm", self.label.width_mm),
            ("height_mm", self.label.height_mm),
        ]
        .into_iter()
        .filter(|(_, length)| !LABEL_MM.contains(length))
        .map(|(name, length)| format!("{name} is {length}: it should be 5 to 300 mm"))
        .collect();
        if !problems.is_empty() {
            return Err(LabelError::UnsoundStock { problems });
        }
        let mut zpl = String::new();
        for label in labels {
            let dot_mm = self.resolution.dot_mm();
            let placed = arrange(label, self.symbology, self.label, dot_mm)?;
            self.draw(&mut zpl, label, &placed);
        }
        Ok(zpl)
    }

    fn draw(&self, zpl: &mut String, label: &Label, placed: &Arrangement) {
        let dots = |length_mm: f64| dots(length_mm, self.resolution);
        let mut put = |text: std::fmt::Arguments<'_>| {
            zpl.write_fmt(text).expect("a String takes any text");
        };
        // ^CI28: what stands in fields is UTF-8.
        put(format_args!(
            "^XA\n^CI28\n^PW{}\n^LL{}\n^LH0,0\n",
            dots(self.label.width_mm),
            dots(self.label.height_mm),
        ));
        let module = dots(placed.module_mm);
        put(format_args!(
            "^FO{},{}",
            dots(placed.symbol_left_mm),
            dots(placed.symbol_top_mm)
        ));
        match self.symbology {
            // Quality 200 is ECC 200, the size is the printer's choice, and `_` is its escape character.
            Symbology::DataMatrix => put(format_args!(
                "^BXN,{module},200,0,0,6,_^FH^FD{}^FS\n",
                field(&label.text().replace('_', "_d095"))
            )),
            Symbology::Qr => put(format_args!(
                "^BQN,2,{}^FH^FDMA,{}^FS\n",
                module.min(QR_DOTS_MAX),
                field(label.text())
            )),
        }
        for text in placed.texts.iter().filter(|text| !text.text.is_empty()) {
            let size = dots(text.size_mm());
            put(format_args!(
                "^FO{},{}^A0N,{size},{size}^FH^FD{}^FS\n",
                dots(text.left_mm),
                // ^FO names the top of a line, and font 0 fills it with its capitals' height and descents.
                dots(text.baseline_mm).saturating_sub(size * 4 / 5),
                field(&text.text)
            ));
        }
        put(format_args!("^XZ\n"));
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "labels are at most 300 mm long, and nothing stands left of them"
)]
fn dots(length_mm: f64, resolution: DotsPerInch) -> u32 {
    (length_mm / resolution.dot_mm()).round() as u32
}

/// The data of a field behind `^FH`: whatever could begin a command, or end one, is written as `_` and its hexadecimal
/// digits.
fn field(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '^' | '~' | '_' | '\\' | '\0'..='\u{1f}' | '\u{7f}' => {
                escaped.push_str(&format!("_{:02X}", u32::from(c)));
            }
            c => escaped.push(c),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;
    use sheetwise_core::identity::{ScannerSettings, read_scanner_text};

    fn label(text: &str) -> Label {
        let what = read_scanner_text(text, &ScannerSettings::default()).unwrap();
        Label::of(&what).unwrap()
    }

    #[test]
    fn a_card_becomes_one_label_of_commands() {
        let card = label("J1044-S003-07").with_line("Position 7: ROOKIE-07");
        let zpl = Thermal::default().zpl(std::slice::from_ref(&card)).unwrap();
        assert_eq!(
            zpl,
            "^XA\n^CI28\n^PW408\n^LL200\n^LH0,0\n\
             ^FO18,52^BXN,6,200,0,0,6,_^FH^FDJ1044-S003-07^FS\n\
             ^FO126,69^A0N,38,38^FH^FDJ1044-S003-07^FS\n\
             ^FO126,111^A0N,20,20^FH^FDPosition 7: ROOKIE-07^FS\n\
             ^XZ\n"
        );
        let qr = Thermal {
            symbology: Symbology::Qr,
            ..Thermal::default()
        };
        let zpl = qr.zpl(&[card]).unwrap();
        assert!(
            zpl.contains("^FO32,47^BQN,2,5^FH^FDMA,J1044-S003-07^FS"),
            "{zpl}"
        );
    }

    #[test]
    fn nothing_that_a_label_says_becomes_a_command() {
        assert_eq!(field("a^XA~JR\\_\n"), "a_5EXA_7EJR_5C_5F_0A");
        let zpl = Thermal::default()
            .zpl(&[label("FOIL_LOT_88"), label("!HOLD ^XA ~JR")])
            .unwrap();
        assert!(
            zpl.contains("^BXN,6,200,0,0,6,_^FH^FDFOIL_5Fd095LOT_5Fd09588^FS"),
            "{zpl}"
        );
        assert!(zpl.contains("^FDFOIL_5FLOT_5F88^FS"), "{zpl}");
        assert!(zpl.contains("^FD!HOLD _5EXA _7EJR^FS"), "{zpl}");
    }

    #[test]
    fn a_label_of_no_size_is_refused() {
        let label_less = Thermal {
            label: Area {
                width_mm: f64::NAN,
                height_mm: 1.0,
            },
            ..Thermal::default()
        };
        assert_eq!(
            label_less.zpl(&[]).unwrap_err().to_string(),
            "width_mm is NaN: it should be 5 to 300 mm; height_mm is 1: it should be 5 to 300 mm"
        );
    }
}
