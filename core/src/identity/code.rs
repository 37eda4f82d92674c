//! The shop's own codes: orders, products, stations, operators, pieces, lots, failure codes.
//! One type each, so that none can stand where another is meant; all share one spelling rule.

use super::{IdError, id_as_text};
use smol_str::SmolStr;
use std::fmt;
use std::str::FromStr;

/// The longest code, in characters: what still prints as a small DataMatrix.
const LONGEST: usize = 40;

/// Upper-cases and checks a code: letters, digits, `-`, `_`, `.` and `/`, at most 40 of them,
/// beginning with a letter or digit.
fn canonical_code(text: &str, expected: &'static str) -> Result<SmolStr, IdError> {
    let trimmed = text.trim();
    let wrong = |problem: String| Err(IdError::new(text, expected, problem));
    if trimmed.is_empty() {
        return wrong("it is empty".into());
    }
    if let Some(odd) = trimmed
        .chars()
        .find(|c| !(c.is_ascii_alphanumeric() || "-_./".contains(*c)))
    {
        return wrong(format!(
            "{odd:?} cannot stand in a code (letters, digits and - _ . / can)"
        ));
    }
    if !trimmed.starts_with(|c: char| c.is_ascii_alphanumeric()) {
        return wrong("it should begin with a letter or a digit".into());
    }
    let mut bytes = trimmed.bytes();
    if matches!(bytes.next(), Some(b'J' | b'j')) && bytes.next().is_some_and(|b| b.is_ascii_digit())
    {
        return wrong(
            "J and a digit begin a job's ids (J1044-S003-07), so no code may begin like that"
                .into(),
        );
    }
    if trimmed.len() > LONGEST {
        return wrong(format!(
            "it has {} characters, {LONGEST} at most are allowed",
            trimmed.len()
        ));
    }
    if trimmed.bytes().any(|b| b.is_ascii_lowercase()) {
        Ok(SmolStr::new(trimmed.to_ascii_uppercase()))
    } else {
        Ok(SmolStr::new(trimmed))
    }
}

macro_rules! shop_codes {
    ($($(#[$doc:meta])* $name:ident, $prefix:literal, $expected:literal;)+) => {$(
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(SmolStr);

        impl $name {
            pub(crate) const EXPECTED: &str = $expected;

            /// The code in its one canonical spelling.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = IdError;
            /// Reads the code; letter case and surrounding blanks do not matter.
            fn from_str(text: &str) -> Result<Self, IdError> {
                let code = canonical_code(text, Self::EXPECTED)?;
                let prefix: &str = $prefix;
                if !code.starts_with(prefix) || code.len() == prefix.len() {
                    return Err(IdError::new(text, Self::EXPECTED, format!("it should begin with {prefix} and go on")));
                }
                Ok(Self(code))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        id_as_text!($name);
    )+};
}

shop_codes! {
    /// A production order, `PO-10044`: given by the customer's system, or issued.
    ProductionOrderId, "PO-", "an order id like PO-10044";
    /// A product of which versioned specs are published, `BASE-2026`.
    ProductId, "", "a product id like BASE-2026";
    /// A station, `FOIL-1` or `QA-BENCH-3`.
    StationId, "", "a station id like FOIL-1";
    /// An operator's badge, `OP-42`.
    OperatorId, "OP-", "an operator id like OP-42";
    /// A memorabilia piece, `RELIC-00017`.
    PieceId, "", "a memorabilia piece id like RELIC-00017";
    /// A lot of foil, varnish, substrate or glue, `FOIL-LOT-88`.
    MaterialLotId, "", "a material lot id like FOIL-LOT-88";
    /// A hold rule of the quality engineer, `HOLD-12`.
    HoldId, "HOLD-", "a hold id like HOLD-12";
    /// An operation of a product's route, `FOIL` or `QA-FINAL`.
    OperationId, "", "an operation id like QA-FINAL";
    /// A design on the sheet, `ROOKIE-07`.
    Design, "", "a design like ROOKIE-07";
    /// What a plan asks to be placed in a card, `RELIC-JERSEY`.
    MemorabiliaKind, "", "a kind of memorabilia like RELIC-JERSEY";
    /// A defect or failure code of the QA catalogue, `F-201`.
    FailureCode, "", "a failure code like F-201";
    /// Any code of the shop, before the place where it was scanned tells which kind it is.
    ShopCode, "", "a code of the shop";
}

impl ShopCode {
    /// The code as a station's id.
    #[must_use]
    pub fn as_station(&self) -> StationId {
        StationId(self.0.clone())
    }

    /// The code as a memorabilia piece's id.
    #[must_use]
    pub fn as_piece(&self) -> PieceId {
        PieceId(self.0.clone())
    }

    /// The code as a material lot's id, if it has the word `LOT` in it (`FOIL-LOT-88`): lots are
    /// registered nowhere, so the label itself has to say what it is.
    #[must_use]
    pub fn as_material_lot(&self) -> Option<MaterialLotId> {
        self.0
            .split('-')
            .any(|part| part == "LOT")
            .then(|| MaterialLotId(self.0.clone()))
    }
}

/// Links the events of one user action: any text of the caller's, case kept. The border says how long it may be.
#[derive(
    Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize,
)]
#[serde(transparent)]
pub struct CorrelationId(SmolStr);

impl CorrelationId {
    /// Takes the caller's text as it is.
    #[must_use]
    pub fn new(text: impl AsRef<str>) -> Self {
        Self(SmolStr::new(text))
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for CorrelationId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_code_has_one_spelling() {
        assert_eq!(
            " foil-1 ".parse::<StationId>().unwrap().to_string(),
            "FOIL-1"
        );
        assert_eq!(
            "po-10044".parse::<ProductionOrderId>().unwrap().as_str(),
            "PO-10044"
        );
    }

    #[test]
    fn errors_name_the_offending_part() {
        assert_eq!(
            "FOIL 1".parse::<StationId>().unwrap_err().to_string(),
            "\"FOIL 1\" is not a station id like FOIL-1: ' ' cannot stand in a code (letters, digits and - _ . / can)"
        );
        assert_eq!(
            "42".parse::<OperatorId>().unwrap_err().to_string(),
            "\"42\" is not an operator id like OP-42: it should begin with OP- and go on"
        );
        assert!("OP-".parse::<OperatorId>().is_err());
        assert!(
            "".parse::<StationId>()
                .unwrap_err()
                .to_string()
                .contains("it is empty")
        );
        assert!(
            "J7-FOIL"
                .parse::<StationId>()
                .unwrap_err()
                .to_string()
                .contains("J and a digit begin a job's ids")
        );
        assert!(
            "-1".parse::<StationId>()
                .unwrap_err()
                .to_string()
                .contains("begin with a letter")
        );
        assert!(
            "A".repeat(41)
                .parse::<StationId>()
                .unwrap_err()
                .to_string()
                .contains("41 characters, 40 at most")
        );
    }

    #[test]
    fn only_a_code_that_says_lot_is_a_material_lot() {
        let lot: ShopCode = "FOIL-LOT-88".parse().unwrap();
        assert_eq!(lot.as_material_lot().unwrap().as_str(), "FOIL-LOT-88");
        assert_eq!(
            "LOTTERY-1".parse::<ShopCode>().unwrap().as_material_lot(),
            None
        );
    }

    proptest! {
        #[test]
        fn every_code_survives_its_text(text in "[A-IK-Z0-9][A-Z0-9_./-]{0,39}") {
            let code: ShopCode = text.parse().unwrap();
            prop_assert_eq!(code.to_string().parse::<ShopCode>().unwrap(), code.clone());
            prop_assert_eq!(serde_json::from_str::<ShopCode>(&serde_json::to_string(&code).unwrap()).unwrap(), code);
        }

        #[test]
        fn any_text_is_a_code_or_an_error_but_never_a_panic(text in ".{0,60}") {
            drop(text.parse::<ShopCode>());
        }
    }
}
