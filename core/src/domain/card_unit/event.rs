//! What happens to a card unit, from the cut to the box or the bin.

use super::{CardUnitSituation, SequentialNumber};
use crate::domain::product::{EmbellishmentSpec, StationType, VoidedNumber};
use crate::domain::values::{Defect, QaOutcome};
use crate::identity::{
    AssemblyId, CardUnitId, Design, FailureCode, HoldId, JobId, MaterialLotId, OperationId,
    OperatorId, PackId, PieceId, SheetId,
};
use serde::{Deserialize, Serialize};

/// The cut made this card.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CardUnitCreated {
    pub card_unit_id: CardUnitId,
    pub sheet_id: SheetId,
    pub job_id: JobId,
    pub position: u16,
    pub design: Design,
    /// It comes from an overs or reprint sheet and may stand in for another card of its position.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub spare: bool,
    /// What was seen on the sheet at this position: the card starts on hold for it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub defects: Vec<Defect>,
}

/// Where a replacement physically comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum ReplacementSource {
    /// The card was printed anew, by itself.
    Reprint,
    /// This spare became it, and is no longer a card of its own.
    Spare { card_unit_id: CardUnitId },
}

/// A replacement for a voided card was created; it runs the card operations and QA from the start.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReplacementCardUnitCreated {
    pub card_unit_id: CardUnitId,
    pub sheet_id: SheetId,
    pub job_id: JobId,
    pub position: u16,
    pub design: Design,
    pub replaces: CardUnitId,
    pub source: ReplacementSource,
}

/// The card came to a station and an operation began; what ran before has ended by that.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CardUnitEnteredStation {
    pub card_unit_id: CardUnitId,
    pub station_type: StationType,
    pub operation_id: OperationId,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub completed_operation_id: Option<OperationId>,
    /// Operations that were complete and have to be done again after this one (rework, retest).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reopened_operation_ids: Vec<OperationId>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub material_lot_ids: Vec<MaterialLotId>,
}

/// The operation ended without another station being entered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CardUnitOperationCompleted {
    pub card_unit_id: CardUnitId,
    pub operation_id: OperationId,
}

/// An embellishment was applied and its operation is complete, without a scan at a station.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EmbellishmentApplied {
    pub card_unit_id: CardUnitId,
    pub operation_id: OperationId,
    pub embellishment: EmbellishmentSpec,
}

/// The card was inspected. A pass completes the QA operation, a fail leaves it open.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct QAResultRecorded {
    pub card_unit_id: CardUnitId,
    pub operation_id: OperationId,
    pub result: QaOutcome,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub inspector_id: Option<OperatorId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure_reason: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub failure_codes: Vec<FailureCode>,
}

/// The card bears its number; the numbering operation is complete.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SequentialNumberApplied {
    pub card_unit_id: CardUnitId,
    pub operation_id: OperationId,
    pub sequential_number: SequentialNumber,
}

/// The piece is in the card; the memorabilia operation is complete.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MemorabiliaPlaced {
    pub card_unit_id: CardUnitId,
    pub operation_id: OperationId,
    pub piece_id: PieceId,
}

/// An operation may start although its predecessors are not complete.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CardUnitDeviationSigned {
    pub card_unit_id: CardUnitId,
    pub operation_id: OperationId,
    pub signed_by: OperatorId,
    pub reason: String,
}

/// The card is to rest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CardUnitHeld {
    pub card_unit_id: CardUnitId,
    pub reason: String,
}

/// The card may go on; with a hold rule named, that rule no longer applies to this card.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CardUnitReleased {
    pub card_unit_id: CardUnitId,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hold_id: Option<HoldId>,
    pub reason: String,
}

/// The card is waste and leaves its set.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CardUnitVoided {
    pub card_unit_id: CardUnitId,
    pub reason: String,
    /// What becomes of the number it bore, where it bore one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number_of_voided: Option<VoidedNumber>,
}

/// This spare became a replacement and is no longer a card of its own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CardUnitConsumedAsSpare {
    pub card_unit_id: CardUnitId,
    pub replacement_id: CardUnitId,
}

/// The card lies in its set.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CardUnitAssembled {
    pub card_unit_id: CardUnitId,
    pub assembly_id: AssemblyId,
}

/// The card was taken out of its set again, alive.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CardUnitRemovedFromAssembly {
    pub card_unit_id: CardUnitId,
    pub assembly_id: AssemblyId,
    pub reason: String,
}

/// The card went into a box with its set.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CardUnitPacked {
    pub card_unit_id: CardUnitId,
    pub pack_id: PackId,
}

/// The card came out of the box with its set.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CardUnitUnpacked {
    pub card_unit_id: CardUnitId,
    pub pack_id: PackId,
}

/// Earlier events of this card were taken back; it stands again as `restores` says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CardUnitCorrected {
    pub card_unit_id: CardUnitId,
    /// Sequence numbers of the events that no longer count.
    pub undoes: Vec<u64>,
    pub reason: String,
    pub restores: CardUnitSituation,
}
