//! A memorabilia piece at present.

use super::{MemorabiliaEvent, MemorabiliaRegistered};
use crate::identity::CardUnitId;
use serde::{Deserialize, Serialize};

/// Where a piece is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum PieceStatus {
    /// In the shop's custody.
    Available,
    /// In this card.
    Placed(CardUnitId),
    /// Lost with a card.
    Destroyed,
}

/// A memorabilia piece at present.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Memorabilia {
    pub registered: MemorabiliaRegistered,
    pub status: PieceStatus,
}

impl Memorabilia {
    /// The piece after the event.
    ///
    /// # Panics
    /// If the stream does not begin with [`MemorabiliaRegistered`].
    #[must_use]
    pub fn evolve(state: Option<Self>, event: &MemorabiliaEvent) -> Self {
        if let MemorabiliaEvent::MemorabiliaRegistered(registered) = event {
            return Self {
                registered: registered.clone(),
                status: PieceStatus::Available,
            };
        }
        let mut piece = state.expect("a piece's stream begins with MemorabiliaRegistered");
        match event {
            MemorabiliaEvent::MemorabiliaRegistered(_) => {}
            MemorabiliaEvent::MemorabiliaPieceInserted(e) => {
                piece.status = PieceStatus::Placed(e.card_unit_id)
            }
            MemorabiliaEvent::MemorabiliaPieceFreed(_) => piece.status = PieceStatus::Available,
            MemorabiliaEvent::MemorabiliaPieceDestroyed(_) => piece.status = PieceStatus::Destroyed,
        }
        piece
    }
}
