//! What happens to a sheet, up to and including the cut that ends it.

use super::SheetSituation;
use crate::domain::job::SheetPurpose;
use crate::domain::product::StationType;
use crate::domain::values::Defect;
use crate::identity::{
    CardUnitId, FailureCode, HoldId, JobId, MaterialLotId, OperationId, OperatorId, SheetId,
};
use serde::{Deserialize, Serialize};

/// The sheet was planned; it enters the press next.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SheetCreated {
    pub sheet_id: SheetId,
    pub purpose: SheetPurpose,
}

/// The sheet came to a station and an operation began. What ran before has ended by that: no exit is
/// ever scanned, the next entry implies it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SheetEnteredStation {
    pub sheet_id: SheetId,
    pub station_type: StationType,
    pub operation_id: OperationId,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub completed_operation_id: Option<OperationId>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub material_lot_ids: Vec<MaterialLotId>,
}

/// The operation ended without another station being entered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SheetOperationCompleted {
    pub sheet_id: SheetId,
    pub operation_id: OperationId,
    /// Every sheet operation of the product is now complete.
    pub ready_to_cut: bool,
}

/// A defect was seen at a position. The card that the cut makes there starts on hold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SheetDefectRecorded {
    pub sheet_id: SheetId,
    pub position: u16,
    pub defect: Defect,
}

/// A recorded defect turned out to be none (a correction).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SheetDefectWithdrawn {
    pub sheet_id: SheetId,
    pub position: u16,
    pub failure_code: FailureCode,
    pub reason: String,
}

/// An operation may start although its predecessors are not complete.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SheetDeviationSigned {
    pub sheet_id: SheetId,
    pub operation_id: OperationId,
    pub signed_by: OperatorId,
    pub reason: String,
}

/// The sheet is to rest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SheetHeld {
    pub sheet_id: SheetId,
    pub reason: String,
}

/// The sheet may go on; with a hold rule named, that rule no longer applies to this sheet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SheetReleased {
    pub sheet_id: SheetId,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hold_id: Option<HoldId>,
    pub reason: String,
}

/// The sheet is waste; no card comes of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SheetVoided {
    pub sheet_id: SheetId,
    pub reason: String,
}

/// The sheet was cut: it is gone, and these cards are there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SheetCut {
    pub sheet_id: SheetId,
    pub job_id: JobId,
    pub n_up: u16,
    pub card_unit_ids: Vec<CardUnitId>,
}

/// Earlier events of this sheet were taken back; it stands again as `restores` says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SheetCorrected {
    pub sheet_id: SheetId,
    /// Sequence numbers of the events that no longer count.
    pub undoes: Vec<u64>,
    pub reason: String,
    pub restores: SheetSituation,
}
