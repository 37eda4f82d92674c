//! What happens to a memorabilia piece.

use crate::identity::{CardUnitId, MemorabiliaKind, PieceId};
use serde::{Deserialize, Serialize};

/// The piece came into the shop's custody.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct MemorabiliaRegistered {
    pub piece_id: PieceId,
    pub kind: MemorabiliaKind,
    pub description: String,
    /// The one card that the plan has for this piece (or the replacement of that card).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub planned_for: Option<CardUnitId>,
}

/// The piece was put into a card.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct MemorabiliaPieceInserted {
    pub piece_id: PieceId,
    pub card_unit_id: CardUnitId,
}

/// The piece was taken out of a card and may be placed again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct MemorabiliaPieceFreed {
    pub piece_id: PieceId,
    pub card_unit_id: CardUnitId,
    pub reason: String,
}

/// The piece is lost with its card.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct MemorabiliaPieceDestroyed {
    pub piece_id: PieceId,
    pub card_unit_id: CardUnitId,
    pub reason: String,
}
