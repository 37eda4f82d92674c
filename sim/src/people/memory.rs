//! What people learn from an answer: a red light sends them to something else for a while, and whoever can
//! help hears of it.

use super::People;
use crate::run::Verdict;
use sheetwise_core::domain::command::Holdable;
use sheetwise_core::domain::{Command, Refusal, UnitRef};
use sheetwise_core::identity::JobId;
use std::collections::{BTreeMap, BTreeSet};

/// What people remember.
#[derive(Debug, Default)]
pub(super) struct Memory {
    acts: u64,
    /// What the acts that are planned are about, where they are the right thing to do.
    pub(super) about: Option<UnitRef>,
    /// Units that got nowhere, and after which act somebody looks at them again.
    set_aside: BTreeMap<UnitRef, u64>,
    /// Jobs of which an edition has no number left.
    pub(super) exhausted: BTreeSet<JobId>,
    /// Acts in a row that recorded nothing.
    pub(super) fruitless: u32,
}

impl Memory {
    pub(super) fn is_set_aside(&self, unit: &UnitRef) -> bool {
        self.set_aside
            .get(unit)
            .is_some_and(|until| *until > self.acts)
    }

    pub(super) fn set_aside(&mut self, unit: UnitRef, acts: u64) {
        self.set_aside.insert(unit, self.acts + acts);
    }

    /// Everything is looked at again.
    pub(super) fn take_all_up_again(&mut self) {
        self.set_aside.clear();
    }
}

impl People {
    /// What came of the act that they did last.
    pub fn hears(&mut self, verdict: &Verdict) {
        self.memory.acts += 1;
        self.memory.fruitless += 1;
        match verdict {
            Verdict::Recorded(_) => {
                self.memory.fruitless = 0;
                self.second_thoughts();
            }
            Verdict::AlreadyRecorded => {
                if let (true, Some(unit)) = (self.plans.is_empty(), self.memory.about.clone()) {
                    self.memory.set_aside(unit, 5);
                }
            }
            Verdict::Refused(refusal) => {
                // Most people stop when the light is red; some scan on.
                if !self.one_in(8) {
                    self.plans.clear();
                }
                if let Some(unit) = self.memory.about.take() {
                    self.somebody_helps(&unit, refusal);
                    let acts = self.rng.u64(10..60);
                    self.memory.set_aside(unit, acts);
                }
            }
        }
    }

    /// The right thing was done, and is taken back at once all the same.
    fn second_thoughts(&mut self) {
        let done = self.memory.about.is_some() && self.plans.is_empty();
        if !self.is_the_end()
            && done
            && self.one_in(40)
            && let Some(station) = self.last_scan.clone().and_then(|act| act.station_id)
        {
            self.scan_at(&"!UNDO", &station);
        }
    }

    fn somebody_helps(&mut self, unit: &UnitRef, refusal: &Refusal) {
        match refusal {
            Refusal::OnHold {
                hold_id: Some(hold_id),
                ..
            } => {
                let quality = self.shop.quality.clone();
                let holdable = match unit {
                    UnitRef::Sheet(id) => Some(Holdable::Sheet(*id)),
                    UnitRef::CardUnit(id) => Some(Holdable::CardUnit(*id)),
                    UnitRef::Assembly(id) => Some(Holdable::Assembly(*id)),
                    _ => None,
                };
                let hold_id = hold_id.clone();
                let reason = "looked at".to_owned();
                match (self.rng.u8(..3), holdable) {
                    (0, Some(unit)) => {
                        let hold_id = Some(hold_id);
                        let command = Command::Release {
                            unit,
                            hold_id,
                            reason,
                        };
                        self.says(command, &quality);
                    }
                    (1, _) => self.says(Command::LiftHoldRule { hold_id, reason }, &quality),
                    _ => {} // later
                }
            }
            Refusal::EditionExhausted { scope, .. } => {
                self.memory.exhausted.insert(scope.job());
            }
            _ => {}
        }
    }
}
