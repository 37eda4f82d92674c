//! The control barcodes that hang at a bench, so that hands never leave the scanner.

use crate::{Label, LabelError};
use sheetwise_core::identity::{Control, FailureCode, Scanned};

/// One label for each control barcode: the plain ones, one `!FAIL` per failure code, one `!HOLD` per reason.
///
/// # Errors
/// A reason that no scanner could bring back as it is.
pub fn control_labels(
    failure_codes: &[FailureCode],
    hold_reasons: &[String],
) -> Result<Vec<Label>, LabelError> {
    let fails = failure_codes.iter().cloned().map(Control::Fail);
    let holds = hold_reasons.iter().cloned().map(Control::Hold);
    let controls = [Control::Pass]
        .into_iter()
        .chain(fails)
        .chain(holds)
        .chain([Control::Next, Control::Undo, Control::Close]);
    controls.map(control_label).collect()
}

/// The label of one control barcode, and what it does.
///
/// # Errors
/// A reason that no scanner could bring back as it is.
pub fn control_label(control: Control) -> Result<Label, LabelError> {
    let meaning = meaning(&control);
    Ok(Label::of(&Scanned::Control(control))?.with_line(meaning))
}

/// What a control barcode does, in the operator's words.
const fn meaning(control: &Control) -> &'static str {
    match control {
        Control::Pass => "The card in hand passes",
        Control::Fail(_) => "The card in hand fails",
        Control::Next => "Done with what is in hand",
        Control::Undo => "Take back the last scan here",
        Control::Hold(_) => "Hold what was scanned last",
        Control::Close => "Close the pack in hand",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_control_barcode_is_there_once() {
        let codes = ["F-201".parse().unwrap(), "F-202".parse().unwrap()];
        let labels = control_labels(&codes, &["bent".to_owned()]).unwrap();
        let texts: Vec<&str> = labels.iter().map(Label::text).collect();
        assert_eq!(
            texts,
            [
                "!PASS",
                "!FAIL F-201",
                "!FAIL F-202",
                "!HOLD bent",
                "!NEXT",
                "!UNDO",
                "!CLOSE"
            ]
        );
    }
}
