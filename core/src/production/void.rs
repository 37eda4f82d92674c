//! Voiding a card, and what that does to its set, its number and its pieces: the product's policy.

use super::floor::{Floor, Stop};
use super::work;
use crate::domain::assembly::{
    Assembly, AssemblyMemberLost, AssemblyMove, AssemblyVoided, LossCause,
};
use crate::domain::card_unit::{CardUnit, CardUnitMove, CardUnitStatus, CardUnitVoided};
use crate::domain::memorabilia::{MemorabiliaPieceDestroyed, MemorabiliaPieceFreed};
use crate::domain::product::{ProductSpec, VoidPolicy, VoidedMemorabilia};
use crate::domain::{Decision, Event};
use crate::identity::CardUnitId;

/// Voids the card. A gathered card leaves its set by this; where the product scraps sets, the whole
/// set goes with it. Also in a cancelled job: its cards are scrapped, and a piece or a number is free by it.
pub(super) fn void_card_unit(
    floor: &Floor,
    card_unit_id: CardUnitId,
    reason: &str,
) -> Result<Decision, Stop> {
    let card = work::existing_card(floor, card_unit_id)?;
    let spec = floor.spec_of(floor.existing_job(&card_unit_id.job())?)?;
    if card.situation.status == CardUnitStatus::Voided {
        return Ok(Decision::AlreadyRecorded);
    }
    card.must_allow(CardUnitMove::Void)?;
    let set = floor.existing_assembly(&card_unit_id.assembly())?;
    set.must_allow(AssemblyMove::LoseMember)?;
    let mut events = card_voided(card, spec, reason);
    events.push(member_lost(card_unit_id, LossCause::Voided));
    if spec.void_policy == VoidPolicy::ScrapSet && !set.spares {
        let reason = format!("set scrapped: {card_unit_id} voided ({reason})");
        for other in others_alive(floor, set, card_unit_id)? {
            events.extend(card_voided(other, spec, &reason));
            events.push(member_lost(other.card_unit_id, LossCause::Voided));
        }
        events.push(
            AssemblyVoided {
                assembly_id: set.assembly_id,
                reason,
            }
            .into(),
        );
    }
    Ok(Decision::Record(events))
}

/// The card's own part of being voided: what becomes of its number and its pieces is said explicitly.
pub(super) fn card_voided(card: &CardUnit, spec: &ProductSpec, reason: &str) -> Vec<Event> {
    let card_unit_id = card.card_unit_id;
    let now = &card.situation;
    let number_of_voided = now
        .sequential_number
        .as_ref()
        .and(spec.numbering.as_ref())
        .map(|scheme| scheme.number_of_voided);
    let reason = reason.to_owned();
    let mut events: Vec<Event> = vec![
        CardUnitVoided {
            card_unit_id,
            reason: reason.clone(),
            number_of_voided,
        }
        .into(),
    ];
    events.extend(now.piece_ids.iter().map(|piece_id| {
        let (piece_id, reason) = (piece_id.clone(), reason.clone());
        match spec.memorabilia_of_voided {
            VoidedMemorabilia::Freed => Event::from(MemorabiliaPieceFreed {
                piece_id,
                card_unit_id,
                reason,
            }),
            VoidedMemorabilia::Destroyed => MemorabiliaPieceDestroyed {
                piece_id,
                card_unit_id,
                reason,
            }
            .into(),
        }
    }));
    events
}

pub(super) fn member_lost(card_unit_id: CardUnitId, cause: LossCause) -> Event {
    AssemblyMemberLost {
        assembly_id: card_unit_id.assembly(),
        card_unit_id,
        position: card_unit_id.position(),
        cause,
    }
    .into()
}

fn others_alive<'f>(
    floor: &'f Floor,
    set: &Assembly,
    but: CardUnitId,
) -> Result<Vec<&'f CardUnit>, Stop> {
    let mut alive = Vec::new();
    for member in &set.members {
        if member.card_unit_id != but {
            let card = floor.existing_card_unit(&member.card_unit_id)?;
            if card.situation.status.is_live() {
                alive.push(card);
            }
        }
    }
    Ok(alive)
}
