//! What may happen to a set next, as far as the set alone can tell. Whether a card is fit to lie in it,
//! and what else happens when it does, is decided in `production`.

use super::{
    Assembly, AssemblyCompleted, AssemblyHeld, AssemblyMove, AssemblyReleased, AssemblyStatus,
    CardScannedForAssembly, ConcessionSigned, Filling,
};
use crate::domain::product::VoidPolicy;
use crate::domain::{Decision, Event, Refusal, UnitRef};
use crate::identity::{CardUnitId, HoldId, OperatorId};

/// A card of this sheet is laid into the set; with the last one the set is complete.
pub fn gather(set: &Assembly, card: CardUnitId) -> Result<Decision, Refusal> {
    if card.assembly() != set.assembly_id {
        return Err(Refusal::WrongSheet {
            card_unit_id: card,
            active_assembly_id: set.assembly_id,
        });
    }
    let position = card.position();
    let member = set
        .member(position)
        .filter(|member| member.card_unit_id == card);
    if member.is_some_and(|member| member.filling == Filling::Gathered) {
        return Err(Refusal::Duplicate {
            card_unit_id: card,
            assembly_id: set.assembly_id,
        });
    }
    set.must_allow(AssemblyMove::Gather)?;
    if member.is_none_or(|member| member.filling != Filling::Expected) {
        return Err(Refusal::NotInSet {
            card_unit_id: card,
            assembly_id: set.assembly_id,
        });
    }
    let mut events: Vec<Event> = vec![
        CardScannedForAssembly {
            assembly_id: set.assembly_id,
            card_unit_id: card,
            position,
        }
        .into(),
    ];
    if set.missing_positions() == [position] {
        events.push(set.completed());
    }
    Ok(Decision::Record(events))
}

/// A supervisor signs that the set may leave without its vacant positions. They must be named, all of
/// them, so that nobody concedes what was not looked at.
pub fn sign_concession(
    set: &Assembly,
    void_policy: VoidPolicy,
    positions: &[u16],
    signed_by: &OperatorId,
    reason: &str,
) -> Result<Decision, Refusal> {
    let assembly_id = set.assembly_id;
    let vacant_positions = set.vacant_positions();
    let mut named = positions.to_vec();
    named.sort_unstable();
    named.dedup();
    let conceded_before = !named.is_empty()
        && named.iter().all(|&p| {
            set.member(p)
                .is_some_and(|m| m.filling == Filling::Conceded)
        });
    if conceded_before {
        return Ok(Decision::AlreadyRecorded);
    }
    if void_policy != VoidPolicy::ReleaseShort {
        return Err(Refusal::ConcessionNotAllowed {
            assembly_id,
            void_policy,
        });
    }
    if set.status != AssemblyStatus::Error {
        set.must_allow(AssemblyMove::LoseMember)?; // a packed or voided set says so
        return Err(Refusal::ConcessionMustNameTheVacant {
            assembly_id,
            vacant_positions,
        });
    }
    if named != vacant_positions {
        return Err(Refusal::ConcessionMustNameTheVacant {
            assembly_id,
            vacant_positions,
        });
    }
    let left = set
        .members
        .iter()
        .filter(|member| matches!(member.filling, Filling::Expected | Filling::Gathered));
    if left.count() == 0 {
        return Err(Refusal::ConcessionLeavesNothing { assembly_id });
    }
    let completes = set.missing_positions() == vacant_positions;
    let mut short_positions = set.short_positions();
    short_positions.extend(&named);
    short_positions.sort_unstable();
    let mut events: Vec<Event> = vec![
        ConcessionSigned {
            assembly_id,
            positions: named,
            signed_by: signed_by.clone(),
            reason: reason.to_owned(),
        }
        .into(),
    ];
    if completes {
        events.push(
            AssemblyCompleted {
                assembly_id,
                short_positions,
            }
            .into(),
        );
    }
    Ok(Decision::Record(events))
}

/// Puts the set to rest.
pub fn hold(set: &Assembly, reason: &str) -> Result<Decision, Refusal> {
    set.must_allow(AssemblyMove::Hold)?;
    let assembly_id = set.assembly_id;
    Ok(
        match super::super::hold::held_already(set.held.as_ref(), reason, || {
            format!("Set {assembly_id}")
        })? {
            true => Decision::AlreadyRecorded,
            false => Decision::record(AssemblyHeld {
                assembly_id,
                reason: reason.to_owned(),
            }),
        },
    )
}

/// Lets the set go on, or frees it from a hold rule.
pub fn release(
    set: &Assembly,
    hold_id: Option<&HoldId>,
    reason: &str,
) -> Result<Decision, Refusal> {
    set.must_allow(AssemblyMove::Release)?;
    let free_already = match hold_id {
        None => set.held.is_none(),
        Some(hold_id) => set.released_from.contains(hold_id),
    };
    if free_already {
        return Ok(Decision::AlreadyRecorded);
    }
    Ok(Decision::record(AssemblyReleased {
        assembly_id: set.assembly_id,
        hold_id: hold_id.cloned(),
        reason: reason.to_owned(),
    }))
}

impl Assembly {
    /// Refuses where the set's status does not allow the move.
    pub(crate) fn must_allow(&self, wanted: AssemblyMove) -> Result<(), Refusal> {
        if self.status.allows(wanted) {
            return Ok(());
        }
        let unit = UnitRef::Assembly(self.assembly_id);
        Err(match self.status {
            AssemblyStatus::Packed => Refusal::AlreadyPacked {
                unit,
                pack_id: self.pack_id.expect("a packed set knows its box"),
            },
            AssemblyStatus::Voided => Refusal::Voided {
                unit,
                reason: "the whole set".to_owned(),
            },
            AssemblyStatus::Pending
            | AssemblyStatus::InProgress
            | AssemblyStatus::Complete
            | AssemblyStatus::Error => Refusal::SetIncomplete {
                assembly_id: self.assembly_id,
                missing_positions: self.missing_positions(),
            },
        })
    }

    /// The event that says that every position is filled, or conceded.
    pub(crate) fn completed(&self) -> Event {
        AssemblyCompleted {
            assembly_id: self.assembly_id,
            short_positions: self.short_positions(),
        }
        .into()
    }

    /// The cards that lie in the set, by position.
    pub(crate) fn gathered(&self) -> impl Iterator<Item = CardUnitId> + '_ {
        self.members
            .iter()
            .filter(|m| m.filling == Filling::Gathered)
            .map(|m| m.card_unit_id)
    }
}
