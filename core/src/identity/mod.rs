//! Identity: one type per id, deterministic, lineage in the text, one canonical spelling.
//!
//! `lineage` holds the ids that are born on the floor and carry their own ancestry (job, sheet,
//! card unit, assembly, pack); `code` holds the shop's own codes (orders, stations, operators, …);
//! `scanner` turns what a scanner sent into one of them. What an id *is* at present lives in `domain`.

mod code;
mod gs1;
mod lineage;
mod scanner;
#[cfg(feature = "schema")]
mod schema;

pub use code::{
    CorrelationId, Design, FailureCode, HoldId, MaterialLotId, MemorabiliaKind, OperationId,
    OperatorId, PieceId, ProductId, ProductionOrderId, ShopCode, StationId,
};
pub use gs1::{Gs1Settings, application_identifier_of};
pub use lineage::{AssemblyId, CardUnitId, JobId, LineageId, PackId, PackKind, SheetId};
pub use scanner::{Control, Scanned, ScannerSettings, read_scanner_text};

use std::fmt;

/// Text that is not the id (or barcode) it should be: what was read, what is wrong with it, and
/// what would have been right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdError {
    /// The offending text, as it came in (control characters are shown escaped).
    pub text: String,
    /// What the text was taken for, with an example: `a sheet id like J1044-S003`.
    pub expected: &'static str,
    /// What is wrong, in words that name the offending part.
    pub problem: String,
}

impl IdError {
    pub(crate) fn new(text: &str, expected: &'static str, problem: impl Into<String>) -> Self {
        Self {
            text: text.to_owned(),
            expected,
            problem: problem.into(),
        }
    }
}

impl fmt::Display for IdError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{:?} is not {}: {}",
            self.text, self.expected, self.problem
        )
    }
}

impl std::error::Error for IdError {}

/// Text form of an id in JSON: `Display` out, `FromStr` in.
macro_rules! id_as_text {
    ($($id:ty),+) => {$(
        impl serde::Serialize for $id {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }
        impl<'de> serde::Deserialize<'de> for $id {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                struct Text;
                impl serde::de::Visitor<'_> for Text {
                    type Value = $id;
                    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        f.write_str(<$id>::EXPECTED)
                    }
                    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<$id, E> {
                        text.parse().map_err(E::custom)
                    }
                }
                deserializer.deserialize_str(Text)
            }
        }
    )+};
}
use id_as_text;
