//! A voided card that lives again.

use super::steps::depends;
use crate::domain::assembly::{
    AssemblyEvent, AssemblyMemberRestored, AssemblyMove, Filling, LossCause,
};
use crate::domain::card_unit::{CardUnit, CardUnitStatus};
use crate::domain::memorabilia::{MemorabiliaEvent, MemorabiliaPieceInserted, PieceStatus};
use crate::domain::refusal::{NumberProblem, PieceProblem};
use crate::domain::{Event, Refusal, UnitRef};
use crate::production::floor::{Floor, Stop};
use crate::production::numbers::EditionPool;

/// What a voided card needs to live again: its place in the set, its number, its pieces.
pub(super) fn life_restored(
    floor: &Floor,
    before: &CardUnit,
    event_sequence_num: u64,
) -> Result<Vec<Event>, Stop> {
    let card_unit_id = before.card_unit_id;
    let set = floor.existing_assembly(&card_unit_id.assembly())?;
    set.must_allow(AssemblyMove::LoseMember)?;
    let vacant = set.member(card_unit_id.position()).is_some_and(|member| {
        member.card_unit_id == card_unit_id && member.filling == Filling::Vacant(LossCause::Voided)
    });
    if !vacant {
        // Replaced, or conceded: the position does not wait for it any more.
        let position = card_unit_id.position();
        let fills = |event: &Event| match event {
            Event::Assembly(AssemblyEvent::AssemblyMemberReplaced(e)) => e.position == position,
            Event::Assembly(AssemblyEvent::ConcessionSigned(e)) => e.positions.contains(&position),
            _ => false,
        };
        let later = floor.stream(&UnitRef::Assembly(set.assembly_id))?;
        let later = later
            .into_iter()
            .rev()
            .find(|r| r.sequence_num > event_sequence_num && fills(&r.event))
            .expect("only a replacement or a concession fills a vacancy");
        return Err(depends(
            event_sequence_num,
            UnitRef::Assembly(set.assembly_id),
            later,
        ));
    }
    if let Some(number) = EditionPool::borne_by(before) {
        let pool = floor.edition(&number.scope)?;
        if let Some(&by) = pool.and_then(|pool| pool.live().get(&number.number)) {
            let problem = NumberProblem::Taken { by };
            return Err(Refusal::NumberNotFree {
                scope: number.scope,
                number: number.number,
                problem,
            }
            .into());
        }
    }
    let mut events: Vec<Event> = Vec::new();
    for piece_id in &before.situation.piece_ids {
        let problem = match floor.existing_piece(piece_id)?.status {
            PieceStatus::Available => None,
            PieceStatus::Placed(other) => Some(PieceProblem::InCard(other)),
            PieceStatus::Destroyed => {
                // With this card it comes back; with another one it is gone.
                let stream = floor.stream(&UnitRef::Memorabilia(piece_id.clone()))?;
                let lost_with = stream.into_iter().rev().find_map(|r| match &r.event {
                    Event::Memorabilia(MemorabiliaEvent::MemorabiliaPieceDestroyed(e)) => {
                        Some(e.card_unit_id)
                    }
                    _ => None,
                });
                (lost_with != Some(card_unit_id)).then_some(PieceProblem::Destroyed)
            }
        };
        if let Some(problem) = problem {
            return Err(Refusal::PieceNotFree {
                piece_id: piece_id.clone(),
                card_unit_id,
                problem,
            }
            .into());
        }
        events.push(
            MemorabiliaPieceInserted {
                piece_id: piece_id.clone(),
                card_unit_id,
            }
            .into(),
        );
    }
    let gathered = before.situation.status == CardUnitStatus::Assembled;
    let position = card_unit_id.position();
    let assembly_id = set.assembly_id;
    events.push(
        AssemblyMemberRestored {
            assembly_id,
            card_unit_id,
            position,
            gathered,
        }
        .into(),
    );
    if gathered && set.missing_positions() == [position] {
        events.push(set.completed());
    }
    Ok(events)
}
