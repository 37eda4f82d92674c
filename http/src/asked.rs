//! What the calls take in their bodies. Unknown fields are refused: a misspelled one must not pass silently.

#![expect(clippy::struct_field_names, reason = "the names are the contract")]

use crate::app::Origin;
use jiff::Timestamp;
use jiff::civil::Date;
use schemars::JsonSchema;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};
use serde_json::Value;
use sheetwise_core::domain::job::SheetPurpose;
use sheetwise_core::domain::values::{Priority, QaOutcome};
use sheetwise_core::identity::{
    AssemblyId, CardUnitId, FailureCode, HoldId, MaterialLotId, OperationId, OperatorId, PackId,
    PieceId, StationId,
};
use smol_str::SmolStr;

/// A scan.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Scan {
    /// The text as the scanner sent it: an id, a code of the shop, or a control barcode like `!PASS`.
    pub(crate) barcode: String,
    /// Where it was scanned.
    pub(crate) station_id: StationId,
    /// Who scanned it.
    pub(crate) operator_id: Option<OperatorId>,
    /// The device's clock. It is shown, and decides nothing.
    pub(crate) timestamp: Option<Timestamp>,
    /// The same as the header `Idempotency-Key`.
    #[serde(default, deserialize_with = "scan_id")]
    pub(crate) scan_id: Option<SmolStr>,
    /// It waited in a queue that was offline; judged by the clocks where it says nothing.
    pub(crate) late: Option<bool>,
}

/// A blank one would be the same for all scans.
fn scan_id<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<SmolStr>, D::Error> {
    let said = Option::<SmolStr>::deserialize(deserializer)?;
    match said.as_deref().map(str::trim) {
        None => Ok(None),
        Some("") => Err(D::Error::custom(
            "scan_id should be a few characters, unlike any before; leave it out where there is none",
        )),
        Some(key) => Ok(Some(key.into())),
    }
}

impl Scan {
    pub(crate) fn into_parts(self, key: Option<SmolStr>) -> (String, Origin) {
        let origin = Origin {
            station_id: Some(self.station_id),
            operator_id: self.operator_id,
            timestamp: self.timestamp,
            late: self.late,
            key: key.or(self.scan_id),
        };
        (self.barcode, origin)
    }
}

/// Many scans.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Scans {
    /// Each is read by itself, so that one of no shape does not stand in the way of the others.
    #[schemars(with = "Vec<Scan>", length(max = 10_000))]
    pub(crate) scans: Vec<Value>,
}

macro_rules! bodies {
    ($($(#[$doc:meta])* $name:ident { $($(#[$field_doc:meta])* $field:ident: $type:ty,)* })+) => {$(
        $(#[$doc])*
        #[derive(Debug, Deserialize, JsonSchema)]
        #[serde(deny_unknown_fields)]
        pub(crate) struct $name {
            /// Where it is said.
            pub(crate) station_id: Option<StationId>,
            /// Who says it.
            pub(crate) operator_id: Option<OperatorId>,
            /// The device's clock. It is shown, and decides nothing.
            pub(crate) timestamp: Option<Timestamp>,
            /// It waited in a queue that was offline; judged by the clocks where it says nothing.
            pub(crate) late: Option<bool>,
            $($(#[$field_doc])* pub(crate) $field: $type,)*
        }

        impl $name {
            /// Who says it, where and when.
            pub(crate) fn origin(&self, key: Option<SmolStr>) -> Origin {
                Origin {
                    station_id: self.station_id.clone(),
                    operator_id: self.operator_id.clone(),
                    timestamp: self.timestamp,
                    late: self.late,
                    key,
                }
            }
        }
    )+};
}

bodies! {
    /// Nothing more to say.
    Plain {}
    /// With a reason.
    Reasoned {
        reason: String,
    }
    /// A verdict.
    QaResult {
        card_unit_id: CardUnitId,
        result: QaOutcome,
        failure_reason: Option<String>,
        #[serde(default)]
        failure_codes: Vec<FailureCode>,
    }
    /// Where a replacement is to come from: `reprint`, `any_spare` (also where nothing is said), or a spare.
    Replacement {
        source: Option<ReplacementSource>,
        spare: Option<CardUnitId>,
    }
    /// The end of a hold, or of a hold rule for this thing.
    ReleaseOf {
        reason: String,
        hold_id: Option<HoldId>,
    }
    /// A number of the edition; the next free one where nothing is said.
    Number {
        number: Option<u32>,
    }
    /// A piece.
    Piece {
        piece_id: PieceId,
    }
    /// An embellishment that was applied.
    Embellishment {
        operation_id: OperationId,
    }
    /// A defect at a position of a sheet.
    SheetDefect {
        position: u16,
        failure_code: FailureCode,
        note: Option<String>,
    }
    /// A card for a set.
    CardOfSet {
        card_unit_id: CardUnitId,
    }
    /// A card that comes out of its set again.
    OutOfSet {
        card_unit_id: CardUnitId,
        reason: String,
    }
    /// An operation that may start before what comes before it is done.
    Deviation {
        operation_id: OperationId,
        reason: String,
    }
    /// Another due date and priority for a job.
    Reschedule {
        due_date: Date,
        priority: Priority,
    }
    /// More sheets for a job.
    MoreSheets {
        /// The job's last sheet, so that the same said twice adds them once.
        after: u32,
        count: u32,
        purpose: SheetPurpose,
    }
    /// A signature under an incomplete set.
    Concession {
        positions: Vec<u16>,
        reason: String,
    }
    /// The box to pack into; the one open at the station where nothing is said.
    IntoPack {
        pack_id: Option<PackId>,
    }
    /// What is to come out of a pack: one of its sets, or the pack itself out of what it stands in.
    OutOfPack {
        assembly_id: Option<AssemblyId>,
        reason: String,
    }
    /// A pack to open.
    NewPack {
        pack_id: PackId,
    }
    /// An earlier decision to take back.
    Correction {
        event_sequence_num: u64,
        reason: String,
    }
    /// The lots now loaded at a station.
    Materials {
        material_lot_ids: Vec<MaterialLotId>,
    }
}

/// Where a replacement physically comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ReplacementSource {
    Reprint,
    AnySpare,
    Spare,
}
