//! What happens to the set of a sheet, from the cut to the box.

use crate::identity::{AssemblyId, CardUnitId, HoldId, JobId, OperatorId, PackId, SheetId};
use serde::{Deserialize, Serialize};

/// The cut made these cards, and this set expects exactly them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AssemblyCreated {
    pub assembly_id: AssemblyId,
    pub sheet_id: SheetId,
    pub job_id: JobId,
    /// Positions 1..=`expected_count`.
    pub expected_count: u16,
    /// Its cards are spares: nobody waits for this set, and a card that leaves it is no error.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub spares: bool,
}

/// A card was laid into the set.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CardScannedForAssembly {
    pub assembly_id: AssemblyId,
    pub card_unit_id: CardUnitId,
    pub position: u16,
}

/// A card was taken out of the set, alive.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CardRemovedFromAssembly {
    pub assembly_id: AssemblyId,
    pub card_unit_id: CardUnitId,
    pub position: u16,
    pub reason: String,
}

/// Why a position of the set has no card any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LossCause {
    /// The card was voided.
    Voided,
    /// The card was a spare and became a replacement elsewhere.
    Consumed,
}

/// A member ceased to exist, gathered or not; its position is vacant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AssemblyMemberLost {
    pub assembly_id: AssemblyId,
    pub card_unit_id: CardUnitId,
    pub position: u16,
    pub cause: LossCause,
}

/// The void of a member was taken back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AssemblyMemberRestored {
    pub assembly_id: AssemblyId,
    pub card_unit_id: CardUnitId,
    pub position: u16,
    /// It lay in the set when it was voided, and does again.
    pub gathered: bool,
}

/// A replacement now stands for the position; it is still to be gathered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AssemblyMemberReplaced {
    pub assembly_id: AssemblyId,
    pub position: u16,
    pub card_unit_id: CardUnitId,
    pub replaces: CardUnitId,
}

/// A supervisor signed that the set may leave without these positions, for ever after.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConcessionSigned {
    pub assembly_id: AssemblyId,
    pub positions: Vec<u16>,
    pub signed_by: OperatorId,
    pub reason: String,
}

/// Every position is filled, or conceded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AssemblyCompleted {
    pub assembly_id: AssemblyId,
    /// The positions that a concession leaves empty.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub short_positions: Vec<u16>,
}

/// The set is to rest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AssemblyHeld {
    pub assembly_id: AssemblyId,
    pub reason: String,
}

/// The set may go on; with a hold rule named, that rule no longer applies to this set.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AssemblyReleased {
    pub assembly_id: AssemblyId,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hold_id: Option<HoldId>,
    pub reason: String,
}

/// The whole set is waste.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AssemblyVoided {
    pub assembly_id: AssemblyId,
    pub reason: String,
}

/// The complete set went into a box: exactly these cards.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetPacked {
    pub assembly_id: AssemblyId,
    pub pack_id: PackId,
    pub card_unit_ids: Vec<CardUnitId>,
}

/// The set came out of its box again, still complete.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetUnpacked {
    pub assembly_id: AssemblyId,
    pub pack_id: PackId,
    pub reason: String,
}
