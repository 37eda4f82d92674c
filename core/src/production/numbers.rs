//! Sequential numbers: each `k/N` of an edition on at most one live card at any moment.

use super::floor::{Floor, Stop};
use crate::domain::card_unit::{
    CardUnit, CardUnitEvent, CardUnitMove, CardUnitOperationCompleted, EditionScope,
    SequentialNumber, SequentialNumberApplied,
};
use crate::domain::product::{NumberingScheme, NumberingScope, StationType, VoidedNumber};
use crate::domain::refusal::NumberProblem;
use crate::domain::{Decision, Refusal};
use crate::identity::CardUnitId;
use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// The numbers of one edition: a register folded across the streams of the cards that bear them.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct EditionPool {
    /// Who bears which number.
    live: BTreeMap<u32, CardUnitId>,
    /// Numbers of voided cards that are kept for their replacement, whether it bears its number yet or
    /// not: a printing that is taken back leaves the number kept.
    kept: BTreeMap<u32, CardUnitId>,
    burned: BTreeSet<u32>,
    /// Free numbers below `fresh`: they were skipped, or came back.
    returned: BTreeSet<u32>,
    /// How many numbers, from 1 on, were ever looked at; every number above is free.
    fresh: u32,
}

impl EditionPool {
    /// The number that the card bears, as long as it is alive.
    pub(super) fn borne_by(card: &CardUnit) -> Option<SequentialNumber> {
        let now = &card.situation;
        now.status
            .is_live()
            .then(|| now.sequential_number.clone())
            .flatten()
    }

    /// Folds a change of a card in: what it bore before, and what it is now. Says which editions changed.
    pub(super) fn card_changed(
        editions: &mut FxHashMap<EditionScope, Self>,
        event: &CardUnitEvent,
        bore: Option<SequentialNumber>,
        card: &CardUnit,
    ) -> [Option<EditionScope>; 2] {
        let bears = Self::borne_by(card);
        if bore == bears {
            return [None, None];
        }
        let scope_of = |number: &SequentialNumber| number.scope.clone();
        let touched = [bore.as_ref().map(scope_of), bears.as_ref().map(scope_of)];
        if let Some(number) = bore {
            let pool = editions.entry(number.scope).or_default();
            pool.live.remove(&number.number);
            let fate = match event {
                CardUnitEvent::CardUnitVoided(e) => e.number_of_voided,
                _ => None, // a correction: it never was
            };
            match fate.unwrap_or(VoidedNumber::BackToPool) {
                VoidedNumber::BackToPool => {
                    if !pool.kept.contains_key(&number.number) {
                        pool.returned.insert(number.number);
                    }
                }
                VoidedNumber::Burned => {
                    pool.burned.insert(number.number);
                }
                // A replacement that is voided too passes on what is kept for it already.
                VoidedNumber::PassToReplacement => {
                    pool.kept.entry(number.number).or_insert(card.card_unit_id);
                }
            }
        }
        if let Some(number) = bears {
            editions
                .entry(number.scope)
                .or_default()
                .take(number.number, card.card_unit_id);
        }
        touched
    }

    fn take(&mut self, number: u32, card: CardUnitId) {
        self.returned.extend(self.fresh + 1..number);
        self.fresh = self.fresh.max(number);
        self.returned.remove(&number);
        if let Some(&voided) = self.kept.get(&number)
            && !stands_in_for(card, voided)
        {
            self.kept.remove(&number);
        }
        self.burned.remove(&number);
        self.live.insert(number, card);
    }

    /// The lowest free number of `1..=of`.
    fn next_free(&self, of: u32) -> Option<u32> {
        let fresh = self.fresh + 1;
        self.returned
            .first()
            .copied()
            .or((fresh <= of).then_some(fresh))
    }

    /// The number that is kept for this replacement.
    fn kept_for(&self, card: CardUnitId) -> Option<u32> {
        self.kept
            .iter()
            .find(|(_, voided)| stands_in_for(card, **voided))
            .map(|(number, _)| *number)
    }

    fn problem_with(&self, number: u32, of: u32, card: &CardUnit) -> Option<NumberProblem> {
        if number == 0 || number > of {
            return Some(NumberProblem::OutOfEdition { of });
        }
        if let Some(&by) = self.live.get(&number) {
            return Some(NumberProblem::Taken { by });
        }
        match self.kept.get(&number) {
            Some(&voided) if !stands_in_for(card.card_unit_id, voided) => {
                return Some(NumberProblem::KeptFor {
                    replacement_of: voided,
                });
            }
            Some(_) => {}
            None => {
                if let Some(kept) = self.kept_for(card.card_unit_id) {
                    return Some(NumberProblem::HasOneKept { kept });
                }
            }
        }
        self.burned
            .contains(&number)
            .then_some(NumberProblem::Burned)
    }

    /// Who bears which number.
    #[must_use]
    pub const fn live(&self) -> &BTreeMap<u32, CardUnitId> {
        &self.live
    }
}

/// The card is the replacement of the voided one, or a later one: an R1 that was voided before it got the
/// number that was kept for it leaves it to R2.
fn stands_in_for(card: CardUnitId, voided: CardUnitId) -> bool {
    (card.sheet(), card.position()) == (voided.sheet(), voided.position())
        && card.replacement() > voided.replacement()
}

impl NumberingScheme {
    fn scope_of(&self, card: &CardUnit) -> EditionScope {
        let job_id = card.card_unit_id.job();
        match self.scope {
            NumberingScope::JobPosition => EditionScope::Position {
                job_id,
                position: card.card_unit_id.position(),
            },
            NumberingScope::JobDesign => EditionScope::Design {
                job_id,
                design: card.design.clone(),
            },
        }
    }
}

/// Gives the card its number: this one, the one kept for it, or the lowest free one.
pub(super) fn apply(floor: &Floor, card: &CardUnit, wanted: Option<u32>) -> Result<Decision, Stop> {
    let card_unit_id = card.card_unit_id;
    let spec = floor.spec_of(floor.existing_job(&card_unit_id.job())?)?;
    let operation = spec
        .card_operations(card_unit_id.position())
        .find(|node| node.station_type == StationType::Numbering);
    let (Some(node), Some(scheme)) = (operation, &spec.numbering) else {
        return Err(Refusal::NotSerialized { card_unit_id }.into());
    };
    if let Some(borne) = EditionPool::borne_by(card) {
        if wanted.is_some_and(|wanted| wanted != borne.number) {
            return Err(Refusal::AlreadyNumbered {
                card_unit_id,
                number: borne,
            }
            .into());
        }
        // Printed anew after rework: the number stays, the operation is complete again.
        let again = card.situation.current_operation_id.as_ref() == Some(&node.operation_id);
        return Ok(if again {
            Decision::record(CardUnitOperationCompleted {
                card_unit_id,
                operation_id: node.operation_id.clone(),
            })
        } else {
            Decision::AlreadyRecorded
        });
    }
    card.must_allow(CardUnitMove::ApplySequentialNumber)?;
    card.must_not_be_a_spare()?;
    let scope = scheme.scope_of(card);
    let of = scheme.edition_size;
    let number = {
        let empty = EditionPool::default();
        let pool = floor.edition(&scope)?.unwrap_or(&empty);
        let Some(number) = wanted
            .or_else(|| pool.kept_for(card_unit_id))
            .or_else(|| pool.next_free(of))
        else {
            return Err(Refusal::EditionExhausted { scope, of }.into());
        };
        if let Some(problem) = pool.problem_with(number, of, card) {
            return Err(Refusal::NumberNotFree {
                scope,
                number,
                problem,
            }
            .into());
        }
        number
    };
    let sequential_number = SequentialNumber { scope, number, of };
    Ok(card.do_at_once(spec, node, |card_unit_id, operation_id| {
        SequentialNumberApplied {
            card_unit_id,
            operation_id,
            sequential_number,
        }
        .into()
    })?)
}

impl CardUnit {
    /// Refuses where the card is a spare: an edition's numbers and the pieces are for cards that are owed.
    pub(super) const fn must_not_be_a_spare(&self) -> Result<(), Refusal> {
        if self.spare {
            Err(Refusal::SpareNotAssigned {
                card_unit_id: self.card_unit_id,
            })
        } else {
            Ok(())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lowest_free_number_is_given_first() {
        let card: CardUnitId = "J1-S001-01".parse().expect("an id");
        let mut pool = EditionPool::default();
        assert_eq!(pool.next_free(3), Some(1));
        pool.take(2, card);
        assert_eq!(
            pool.next_free(3),
            Some(1),
            "a number that was skipped is still free"
        );
        pool.take(1, card);
        assert_eq!(pool.next_free(3), Some(3));
        pool.take(3, card);
        assert_eq!(pool.next_free(3), None);
    }
}
