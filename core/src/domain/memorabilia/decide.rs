//! What may happen to a memorabilia piece next. Placing it in a card is `production`'s.

use super::{Memorabilia, MemorabiliaRegistered, PieceStatus};
use crate::domain::refusal::PieceProblem;
use crate::domain::{Decision, Refusal};
use crate::identity::{CardUnitId, MemorabiliaKind};

/// Takes the piece into custody.
pub fn register(
    piece: Option<&Memorabilia>,
    wanted: &MemorabiliaRegistered,
) -> Result<Decision, Refusal> {
    match piece {
        None => Ok(Decision::record(wanted.clone())),
        Some(existing) if existing.registered == *wanted => Ok(Decision::AlreadyRecorded),
        Some(_) => Err(Refusal::ExistsDifferently {
            what: format!("a piece {}", wanted.piece_id),
        }),
    }
}

impl Memorabilia {
    /// Refuses where the piece may not go into this card: it is elsewhere, of another kind, or still planned
    /// for another card, as the caller says. (A replacement stands in the plan where the card that it replaces stood.)
    pub(crate) fn must_fit(
        &self,
        card: CardUnitId,
        wanted: &MemorabiliaKind,
        planned_for: Option<CardUnitId>,
    ) -> Result<(), Refusal> {
        let problem = match self.status {
            PieceStatus::Placed(other) => Some(PieceProblem::InCard(other)),
            PieceStatus::Destroyed => Some(PieceProblem::Destroyed),
            PieceStatus::Available if self.registered.kind != *wanted => {
                Some(PieceProblem::OtherKind {
                    is: self.registered.kind.clone(),
                    wanted: wanted.clone(),
                })
            }
            PieceStatus::Available => match planned_for {
                Some(planned)
                    if (planned.sheet(), planned.position()) != (card.sheet(), card.position()) =>
                {
                    Some(PieceProblem::PlannedFor(planned))
                }
                _ => None,
            },
        };
        match problem {
            None => Ok(()),
            Some(problem) => Err(Refusal::PieceNotFree {
                piece_id: self.registered.piece_id.clone(),
                card_unit_id: card,
                problem,
            }),
        }
    }
}
