//! Placing a memorabilia piece: the card and the piece must agree, with the plan and with each other.

use super::floor::{Floor, Stop};
use super::{holds, work};
use crate::domain::card_unit::{CardUnitMove, CardUnitOperationCompleted, MemorabiliaPlaced};
use crate::domain::memorabilia::MemorabiliaPieceInserted;
use crate::domain::product::StationType;
use crate::domain::{Decision, Refusal};
use crate::identity::{CardUnitId, PieceId};

/// Places the piece in the card.
pub(super) fn place(
    floor: &Floor,
    card_unit_id: CardUnitId,
    piece_id: &PieceId,
) -> Result<Decision, Stop> {
    let (card, spec) = work::card_and_spec(floor, card_unit_id)?;
    let position = card_unit_id.position();
    let operation = spec
        .card_operations(position)
        .find(|node| node.station_type == StationType::Memorabilia);
    let wanted = spec
        .layout
        .at(position)
        .and_then(|at| at.memorabilia.as_ref());
    let (Some(node), Some(wanted)) = (operation, wanted) else {
        return Err(Refusal::NoMemorabiliaWanted { card_unit_id }.into());
    };
    let piece = floor.existing_piece(piece_id)?;
    let now = &card.situation;
    if now.status.is_live() && now.piece_ids.contains(piece_id) {
        // Seated anew after rework: the piece stays, the operation is complete again.
        let again = now.current_operation_id.as_ref() == Some(&node.operation_id);
        if !again {
            return Ok(Decision::AlreadyRecorded);
        }
        holds::must_be_free(floor, card, Some(&StationType::Memorabilia))?;
        return Ok(Decision::record(CardUnitOperationCompleted {
            card_unit_id,
            operation_id: node.operation_id.clone(),
        }));
    }
    card.must_allow(CardUnitMove::PlaceMemorabilia)?;
    card.must_not_be_a_spare()?;
    holds::must_be_free(floor, card, Some(&StationType::Memorabilia))?;
    if let Some(held) = now.piece_ids.first() {
        return Err(Refusal::AlreadyHasPiece {
            card_unit_id,
            piece_id: held.clone(),
        }
        .into());
    }
    // A card whose job is over gets no piece any more: the plan holds it for nobody.
    let planned_for = match piece.registered.planned_for {
        Some(planned) => floor
            .job(&planned.job())?
            .is_none_or(|job| job.must_be_live().is_ok())
            .then_some(planned),
        None => None,
    };
    piece.must_fit(card_unit_id, wanted, planned_for)?;
    let placed = card.do_at_once(spec, node, |card_unit_id, operation_id| {
        MemorabiliaPlaced {
            card_unit_id,
            operation_id,
            piece_id: piece_id.clone(),
        }
        .into()
    })?;
    let mut events = placed.into_events();
    events.push(
        MemorabiliaPieceInserted {
            piece_id: piece_id.clone(),
            card_unit_id,
        }
        .into(),
    );
    Ok(Decision::Record(events))
}
