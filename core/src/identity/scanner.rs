//! What a scanner sends → what it names: AIM prefix off, GS1 elements opened where configured,
//! blanks and letter case settled, control barcodes told from ids.

use super::gs1::{Gs1Settings, application_identifier_of};
use super::{
    AssemblyId, CardUnitId, FailureCode, IdError, JobId, LineageId, OperatorId, PackId,
    ProductionOrderId, SheetId, ShopCode,
};
use std::fmt;

/// How the shop's scanners are set up.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ScannerSettings {
    /// Open GS1 element strings; `None` reads them as plain text.
    pub gs1: Option<Gs1Settings>,
}

/// What a barcode names. A [`Scanned::Code`] is a station, a piece or a lot: the place tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scanned {
    /// An order's ticket.
    Order(ProductionOrderId),
    /// A job's ticket.
    Job(JobId),
    /// A sheet's label.
    Sheet(SheetId),
    /// A card's label.
    CardUnit(CardUnitId),
    /// The label of a sheet's set.
    Assembly(AssemblyId),
    /// A box's, case's or pallet's label.
    Pack(PackId),
    /// An operator's badge.
    Operator(OperatorId),
    /// A control barcode, printed at the bench.
    Control(Control),
    /// A code of the shop's own: station, memorabilia piece, material lot.
    Code(ShopCode),
}

/// The control barcodes, so that hands never leave the scanner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Control {
    /// `!PASS`: the card last scanned at this QA bench passes.
    Pass,
    /// `!FAIL F-201`: it fails, with this code.
    Fail(FailureCode),
    /// `!NEXT`: done with what is in hand here.
    Next,
    /// `!UNDO`: take back what was last recorded here.
    Undo,
    /// `!HOLD scratched`: put what was last scanned here on hold.
    Hold(String),
    /// `!CLOSE`: close the pack in hand.
    Close,
}

impl fmt::Display for Control {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Pass => f.write_str("!PASS"),
            Self::Fail(code) => write!(f, "!FAIL {code}"),
            Self::Next => f.write_str("!NEXT"),
            Self::Undo => f.write_str("!UNDO"),
            Self::Hold(reason) => write!(f, "!HOLD {reason}"),
            Self::Close => f.write_str("!CLOSE"),
        }
    }
}

impl fmt::Display for Scanned {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Order(id) => id.fmt(f),
            Self::Job(id) => id.fmt(f),
            Self::Sheet(id) => id.fmt(f),
            Self::CardUnit(id) => id.fmt(f),
            Self::Assembly(id) => id.fmt(f),
            Self::Pack(id) => id.fmt(f),
            Self::Operator(id) => id.fmt(f),
            Self::Control(control) => control.fmt(f),
            Self::Code(id) => id.fmt(f),
        }
    }
}

const EXPECTED: &str = "a barcode of the shop";

/// The longest reason that `!HOLD` takes, in bytes.
const LONGEST_REASON: usize = 200;

/// Reads what a scanner sent: `]d2…` AIM prefixes, GS1 elements where configured, blanks, any case.
///
/// # Errors
/// An [`IdError`] that quotes the text and says what was expected instead.
pub fn read_scanner_text(text: &str, settings: &ScannerSettings) -> Result<Scanned, IdError> {
    let wrong = |problem: String| IdError::new(text, EXPECTED, problem);
    let bare = without_aim_prefix(text.trim());
    let opened = match &settings.gs1 {
        Some(gs1) if is_element_string(text, bare) => {
            application_identifier_of(bare, &gs1.application_identifier).map_err(wrong)?
        }
        _ => bare.trim().to_owned(),
    };
    if let Some(control) = opened.strip_prefix('!') {
        return control_barcode(control)
            .map(Scanned::Control)
            .map_err(wrong);
    }
    let looks_like_lineage = {
        let mut bytes = opened.bytes();
        matches!(bytes.next(), Some(b'J' | b'j'))
            && bytes.next().is_some_and(|b| b.is_ascii_digit())
    };
    if looks_like_lineage {
        return Ok(
            match opened.parse::<LineageId>().map_err(|e| IdError {
                text: text.to_owned(),
                ..e
            })? {
                LineageId::Job(id) => Scanned::Job(id),
                LineageId::Sheet(id) => Scanned::Sheet(id),
                LineageId::CardUnit(id) => Scanned::CardUnit(id),
                LineageId::Assembly(id) => Scanned::Assembly(id),
                LineageId::Pack(id) => Scanned::Pack(id),
            },
        );
    }
    let code: ShopCode = opened.parse().map_err(|e| IdError {
        text: text.to_owned(),
        expected: EXPECTED,
        ..e
    })?;
    if let Ok(operator) = code.as_str().parse() {
        return Ok(Scanned::Operator(operator));
    }
    if let Ok(order) = code.as_str().parse() {
        return Ok(Scanned::Order(order));
    }
    Ok(Scanned::Code(code))
}

/// ISO/IEC 15424: `]`, a letter for the symbology, a modifier character.
fn without_aim_prefix(text: &str) -> &str {
    let bytes = text.as_bytes();
    if bytes.len() >= 3
        && bytes[0] == b']'
        && bytes[1].is_ascii_alphabetic()
        && bytes[2].is_ascii_alphanumeric()
    {
        &text[3..]
    } else {
        text
    }
}

/// GS1 symbols announce themselves: ]C1 (GS1-128), ]d2 (DataMatrix), ]Q3 (QR), ]e0 (DataBar), ]J1
/// (DotCode); the printed form by its bracket.
fn is_element_string(text: &str, bare: &str) -> bool {
    let text = text.trim();
    ["]C1", "]d2", "]Q3", "]e0", "]J1"]
        .iter()
        .any(|prefix| text.starts_with(prefix))
        || bare.starts_with('(')
}

fn control_barcode(control: &str) -> Result<Control, String> {
    let (word, rest) = match control.split_once(char::is_whitespace) {
        Some((word, rest)) => (word, rest.trim()),
        None => (control.trim(), ""),
    };
    let alone = |control: Control| {
        if rest.is_empty() {
            Ok(control)
        } else {
            Err(format!("{control} stands alone; {rest:?} is too much"))
        }
    };
    match word.to_ascii_uppercase().as_str() {
        "PASS" => alone(Control::Pass),
        "NEXT" => alone(Control::Next),
        "UNDO" => alone(Control::Undo),
        "CLOSE" => alone(Control::Close),
        "FAIL" if rest.is_empty() => Err("!FAIL needs a failure code, like !FAIL F-201".to_owned()),
        "FAIL" => rest
            .parse()
            .map(Control::Fail)
            .map_err(|e: IdError| e.to_string()),
        "HOLD" if rest.is_empty() => Err("!HOLD needs a reason, like !HOLD scratched".to_owned()),
        "HOLD" if rest.len() > LONGEST_REASON => Err(format!(
            "the reason has {} bytes, {LONGEST_REASON} at most are allowed",
            rest.len()
        )),
        "HOLD" => Ok(Control::Hold(rest.to_owned())),
        other => Err(format!(
            "!{other} is no control barcode; !PASS, !FAIL <code>, !NEXT, !UNDO, !HOLD <reason> and !CLOSE are"
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn plain(text: &str) -> Result<Scanned, IdError> {
        read_scanner_text(text, &ScannerSettings::default())
    }

    #[test]
    fn what_a_scanner_really_sends_is_read() {
        for (text, meaning) in [
            ("J1044-S003-07", "J1044-S003-07"),
            ("  j1044-s003-07\r\n", "J1044-S003-07"),
            ("]d1J1044-S003-07", "J1044-S003-07"),
            ("]C0j1044-s003-set\n", "J1044-S003-SET"),
            ("]Q1J1044-BOX-001", "J1044-BOX-001"),
            ("J1044", "J1044"),
            ("op-42", "OP-42"),
            ("po-10044", "PO-10044"),
            ("foil-lot-88", "FOIL-LOT-88"),
            ("!pass", "!PASS"),
            ("]d1!FAIL f-201", "!FAIL F-201"),
            (
                "!hold Scratched by the gripper",
                "!HOLD Scratched by the gripper",
            ),
            ("!NEXT ", "!NEXT"),
            ("!undo", "!UNDO"),
            ("!close", "!CLOSE"),
        ] {
            assert_eq!(
                plain(text).map(|s| s.to_string()),
                Ok(meaning.to_owned()),
                "{text:?}"
            );
        }
    }

    #[test]
    fn the_kind_of_what_was_scanned_is_known_from_its_text() {
        assert!(matches!(
            plain("J1044-S003-07").unwrap(),
            Scanned::CardUnit(_)
        ));
        assert!(
            matches!(plain("JIG-7").unwrap(), Scanned::Code(_)),
            "a code that starts with J is no job"
        );
        assert!(matches!(plain("OP-42").unwrap(), Scanned::Operator(_)));
        assert!(matches!(plain("PO-10044").unwrap(), Scanned::Order(_)));
        assert!(matches!(plain("QA-BENCH-3").unwrap(), Scanned::Code(_)));
    }

    #[test]
    fn gs1_element_strings_open_only_where_configured() {
        let settings = ScannerSettings {
            gs1: Some(Gs1Settings::default()),
        };
        let text = "]d20109506000134352\u{1d}21J1044-S003-07";
        assert_eq!(
            read_scanner_text(text, &settings).unwrap().to_string(),
            "J1044-S003-07"
        );
        assert!(plain(text).is_err());
        assert_eq!(
            read_scanner_text("J1044-S003-07", &settings)
                .unwrap()
                .to_string(),
            "J1044-S003-07"
        );
        assert_eq!(
            read_scanner_text("(10)L-1(21)J1044", &settings)
                .unwrap()
                .to_string(),
            "J1044",
            "the printed form, typed in by hand"
        );
    }

    #[test]
    fn a_reason_to_hold_is_as_long_as_a_barcode_may_be_and_no_longer() {
        let reason = "x".repeat(LONGEST_REASON);
        assert_eq!(
            plain(&format!("!HOLD {reason}")),
            Ok(Scanned::Control(Control::Hold(reason.clone())))
        );
        let error = plain(&format!("!HOLD {reason}x")).unwrap_err().to_string();
        assert!(error.contains("201 bytes, 200 at most"), "{error}");
    }

    #[test]
    fn what_is_no_id_at_all_is_quoted_as_it_was_scanned() {
        let error = plain("]d1FOIL LOT 88").unwrap_err().to_string();
        let expected = "\"]d1FOIL LOT 88\" is not a barcode of the shop: ";
        assert!(error.starts_with(expected), "{error}");
    }

    #[test]
    fn errors_quote_the_text_and_say_what_was_expected() {
        for (text, message) in [
            ("", "\"\" is not a barcode of the shop: it is empty"),
            (
                "!FAIL",
                "\"!FAIL\" is not a barcode of the shop: !FAIL needs a failure code, like !FAIL F-201",
            ),
            (
                "!STOP",
                "\"!STOP\" is not a barcode of the shop: !STOP is no control barcode; !PASS, !FAIL <code>, !NEXT, !UNDO, \
                 !HOLD <reason> and !CLOSE are",
            ),
            (
                "!NEXT now",
                "\"!NEXT now\" is not a barcode of the shop: !NEXT stands alone; \"now\" is too much",
            ),
            (
                "]d1J1044-S003-7",
                "\"]d1J1044-S003-7\" is not an id like J1044, J1044-S003, J1044-S003-07, J1044-S003-SET or J1044-BOX-001: \
                 the position \"7\" is spelled \"07\"; was the label read to its end?",
            ),
            (
                "https://example.com/?q=1",
                "\"https://example.com/?q=1\" is not a barcode of the shop: ':' cannot stand in a code (letters, digits \
                 and - _ . / can)",
            ),
        ] {
            assert_eq!(plain(text).unwrap_err().to_string(), message);
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused_but_never_a_panic(text in ".{0,80}", open in any::<bool>()) {
            let settings = ScannerSettings { gs1: open.then(Gs1Settings::default) };
            if let Ok(scanned) = read_scanner_text(&text, &settings) {
                let again = read_scanner_text(&scanned.to_string(), &settings);
                prop_assert_eq!(again, Ok(scanned), "what was read prints as a barcode that reads the same");
            }
        }
    }
}
