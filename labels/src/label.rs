//! What a label says: to a scanner, and to people.

use crate::LabelError;
use sheetwise_core::identity::{Scanned, ScannerSettings, read_scanner_text};

/// One label.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    text: String,
    lines: Vec<String>,
}

impl Label {
    /// The label of this thing, or a control barcode; still without a description.
    ///
    /// # Errors
    /// [`LabelError::NotAscii`] and [`LabelError::ReadsDifferently`]: a control barcode's reason is any text, and
    /// not every text survives the way through a scanner.
    pub fn of(what: &Scanned) -> Result<Self, LabelError> {
        let text = what.to_string();
        if let Some(character) = text.chars().find(|c| !matches!(c, ' '..='~')) {
            return Err(LabelError::NotAscii { text, character });
        }
        match read_scanner_text(&text, &ScannerSettings::default()) {
            Ok(read) if read == *what => Ok(Self {
                text,
                lines: Vec::new(),
            }),
            _ => Err(LabelError::ReadsDifferently { text }),
        }
    }

    /// The label with one more line of description; an empty one is left out.
    #[must_use]
    pub fn with_line(mut self, line: impl Into<String>) -> Self {
        let line = line.into();
        if !line.trim().is_empty() {
            self.lines.push(line);
        }
        self
    }

    /// What the symbol says, and what stands beside it in large letters: printable ASCII.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The description, the important line first.
    #[must_use]
    pub fn lines(&self) -> &[String] {
        &self.lines
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use sheetwise_core::identity::Control;

    fn read(text: &str) -> Scanned {
        read_scanner_text(text, &ScannerSettings::default()).unwrap()
    }

    #[test]
    fn a_reason_that_a_scanner_would_spoil_gets_no_label() {
        let hold = |reason: &str| Label::of(&Scanned::Control(Control::Hold(reason.to_owned())));
        assert_eq!(hold("bent corner").unwrap().text(), "!HOLD bent corner");
        assert!(matches!(
            hold("geknickt: Knäuel"),
            Err(LabelError::NotAscii {
                character: 'ä', ..
            })
        ));
        assert!(matches!(
            hold(" bent"),
            Err(LabelError::ReadsDifferently { .. })
        ));
        assert!(matches!(
            hold("tab\there"),
            Err(LabelError::NotAscii {
                character: '\t',
                ..
            })
        ));
    }

    fn labelled() -> impl Strategy<Value = String> {
        prop_oneof![
            "J[1-9][0-9]{0,6}",
            "J[1-9][0-9]{0,5}-S[0-9]{2}[1-9]",
            "J[1-9][0-9]{0,5}-S[0-9]{2}[1-9]-0[1-9]",
            "J[1-9][0-9]{0,5}-S[0-9]{2}[1-9]-[1-9][0-9](-R[1-9])?",
            "J[1-9][0-9]{0,5}-S[0-9]{2}[1-9]-SET",
            "J[1-9][0-9]{0,5}-(BOX|CASE|PALLET)-0[0-9][1-9]",
            "(OP|PO)-[A-Z0-9]{1,12}",
            "[A-IK-Z0-9][A-Z0-9_./-]{0,39}",
            "!FAIL [A-IK-Z][A-Z0-9-]{0,12}",
            "!HOLD [!-~]([ -~]{0,60}[!-~])?",
        ]
    }

    proptest! {
        #[test]
        fn what_a_label_says_scans_back_to_the_same_id(text in labelled()) {
            let what = read(&text);
            let label = Label::of(&what).unwrap();
            prop_assert_eq!(read(label.text()), what);
        }
    }
}
