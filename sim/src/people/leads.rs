//! Leads and quality: what is on hold is looked at sooner or later, what failed is reworked or voided,
//! what is missing is replaced or conceded, and what cannot be finished is cancelled.

use super::People;
use sheetwise_core::domain::assembly::{Assembly, Filling};
use sheetwise_core::domain::card_unit::CardUnit;
use sheetwise_core::domain::command::{Holdable, ReplaceWith};
use sheetwise_core::domain::product::{ProductSpec, StationType};
use sheetwise_core::domain::{Command, UnitRef};
use sheetwise_core::identity::{CardUnitId, JobId, OperatorId};
use sheetwise_core::production::Floor;

impl People {
    /// Nobody works on a job that is on hold, or that cannot be finished; somebody looks into it.
    pub(super) fn the_job_rests(&mut self, floor: &Floor, job: JobId) -> bool {
        if self.memory.exhausted.contains(&job) && self.one_in(8) {
            self.cancel(job, "its edition is used up");
            return true;
        }
        let held = floor
            .job(&job)
            .ok()
            .flatten()
            .is_some_and(|j| j.held.is_some());
        if held {
            self.look_at_held(Holdable::Job(job));
        }
        held
    }

    pub(super) fn cancel(&mut self, job_id: JobId, reason: &str) {
        let planner = self.shop.planner.clone();
        let reason = reason.to_owned();
        self.says(Command::CancelJob { job_id, reason }, &planner);
    }

    pub(super) fn lead_or_quality(&mut self) -> OperatorId {
        if self.rng.bool() {
            self.shop.lead.clone()
        } else {
            self.shop.quality.clone()
        }
    }

    /// Lets it go on, or (not at the end of the day) leaves it for later.
    pub(super) fn look_at_held(&mut self, unit: Holdable) {
        if !self.is_the_end() && self.rng.bool() {
            let rests = match &unit {
                Holdable::Sheet(id) => Some(UnitRef::Sheet(*id)),
                Holdable::CardUnit(id) => Some(UnitRef::CardUnit(*id)),
                Holdable::Assembly(id) => Some(UnitRef::Assembly(*id)),
                Holdable::Order(_) | Holdable::Job(_) => None,
            };
            if let Some(unit) = rests {
                self.memory.set_aside(unit, 25);
            }
            return;
        }
        let who = self.lead_or_quality();
        let reason = "looked at".to_owned();
        let command = Command::Release {
            unit,
            hold_id: None,
            reason,
        };
        self.says(command, &who);
    }

    pub(super) fn rework_or_void(&mut self, card: &CardUnit, spec: &ProductSpec) {
        let id = card.card_unit_id;
        let lead = self.shop.lead.clone();
        let again = card.situation.rework_count < spec.rework_limit && !self.one_in(4);
        if again {
            let operations: Vec<_> = spec
                .card_operations(id.position())
                .filter(|node| {
                    card.situation
                        .completed_operation_ids
                        .contains(&node.operation_id)
                        || node.station_type == StationType::Qa
                })
                .collect();
            let node = operations[self.rng.usize(..operations.len())];
            let station = self.station(&node.station_type.clone());
            self.scan_at(&id, &station);
        } else {
            let reason = "failed QA for good".to_owned();
            let command = Command::VoidCardUnit {
                card_unit_id: id,
                reason,
            };
            self.says(command, &lead);
        }
    }

    /// The customer agrees that the set leaves without what it lacks. Where nothing of it is left there
    /// is nothing to agree on.
    pub(super) fn concede(&mut self, set: &Assembly) -> bool {
        let something_left = set
            .members
            .iter()
            .any(|m| matches!(m.filling, Filling::Expected | Filling::Gathered));
        if something_left {
            let lead = self.shop.lead.clone();
            let command = Command::SignConcession {
                assembly_id: set.assembly_id,
                positions: set.vacant_positions(),
                reason: "customer agreed".to_owned(),
            };
            self.says(command, &lead);
        }
        something_left
    }

    /// Finds another card for the position, where one can be had.
    pub(super) fn replace(&mut self, floor: &Floor, vacancy: CardUnitId) {
        let job = vacancy.job();
        let Ok(register) = floor.register(job) else {
            return;
        };
        self.memory.about = Some(UnitRef::CardUnit(vacancy));
        let lead = self.shop.lead.clone();
        let spare = register.spare_cards.iter().copied().find(|spare| {
            spare.position() == vacancy.position()
                && floor.card_unit(spare).is_ok_and(|card| {
                    card.is_some_and(|card| super::looking::can_move(card) && card.held.is_none())
                })
        });
        let with = match (spare, self.rng.u8(..6)) {
            (Some(_), 0 | 1) => ReplaceWith::AnySpare,
            (Some(spare), 2 | 3) => ReplaceWith::Spare(spare),
            (None, 0) => ReplaceWith::Reprint,
            // A spare is still to be cut: it is waited for.
            (None, 1..=4) if !register.spare_sheets.is_empty() => {
                self.memory.set_aside(UnitRef::CardUnit(vacancy), 20);
                return;
            }
            _ => {
                let after = floor
                    .job(&job)
                    .ok()
                    .flatten()
                    .map(|j| j.last_sheet_number());
                return self.says(Command::ReplaceVacancies { job_id: job, after }, &lead);
            }
        };
        let command = Command::ReplaceCardUnit {
            card_unit_id: vacancy,
            with,
        };
        self.says(command, &lead);
    }

    /// Lifts the oldest hold rule, where there is one.
    pub(super) fn lift_a_rule(&mut self, floor: &Floor) {
        let rule = floor.hold_rules().map(|(id, _)| id.clone()).next();
        if let Some(hold_id) = rule {
            let quality = self.shop.quality.clone();
            let reason = "cleared".to_owned();
            self.says(Command::LiftHoldRule { hold_id, reason }, &quality);
        }
    }
}
