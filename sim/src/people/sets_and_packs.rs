//! Sets that lack something, complete sets, packs that are full or done, and jobs that are over.

use super::People;
use sheetwise_core::domain::Command;
use sheetwise_core::domain::assembly::{AssemblyStatus, Filling};
use sheetwise_core::domain::command::{Holdable, ReplaceWith};
use sheetwise_core::domain::pack::PackStatus;
use sheetwise_core::domain::product::{StationType, VoidPolicy};
use sheetwise_core::identity::{AssemblyId, HoldId, JobId, OperatorId, PackKind};
use sheetwise_core::production::Floor;

impl People {
    /// Sets that lack something, complete sets, packs that are full or done, jobs that are over.
    pub(super) fn sets_and_packs(&mut self, floor: &Floor, job: JobId) {
        let lead = self.shop.lead.clone();
        let planner = self.shop.planner.clone();
        let Ok(register) = floor.register(job) else {
            return;
        };
        let mut sets: Vec<AssemblyId> = floor
            .all_assemblies()
            .map(|set| set.assembly_id)
            .filter(|id| id.job() == job)
            .collect();
        sets.sort_unstable();
        let policy = Self::spec(floor, job).void_policy;
        for id in sets {
            let set = floor.assembly(&id).ok().flatten().expect("it was listed");
            if set.held.is_some()
                && set.status != AssemblyStatus::Packed
                && set.status != AssemblyStatus::Voided
            {
                let unit = Holdable::Assembly(id);
                return self.says(
                    Command::Release {
                        unit,
                        hold_id: None,
                        reason: "looked at".into(),
                    },
                    &lead,
                );
            }
            match set.status {
                AssemblyStatus::Complete => {
                    let station = self.station(&StationType::Packing);
                    if self.rng.bool() {
                        return self.scan_at(&id, &station);
                    }
                    let member = set.members.iter().find(|m| m.filling == Filling::Gathered);
                    return self.scan_at(
                        &member.expect("a complete set has cards").card_unit_id,
                        &station,
                    );
                }
                AssemblyStatus::Error if policy == VoidPolicy::ReleaseShort && self.rng.bool() => {
                    let positions = set.vacant_positions();
                    return self.says(
                        Command::SignConcession {
                            assembly_id: id,
                            positions,
                            reason: "customer agreed".into(),
                        },
                        &lead,
                    );
                }
                _ => {}
            }
        }
        if let Some(vacancy) = register.vacancies.iter().next().copied() {
            return match self.rng.u8(..4) {
                0 => self.says(
                    Command::ReplaceCardUnit {
                        card_unit_id: vacancy,
                        with: ReplaceWith::Reprint,
                    },
                    &lead,
                ),
                1 => self.says(
                    Command::ReplaceCardUnit {
                        card_unit_id: vacancy,
                        with: ReplaceWith::AnySpare,
                    },
                    &lead,
                ),
                _ => {
                    let after = floor
                        .job(&job)
                        .ok()
                        .flatten()
                        .map_or(0, |j| j.last_sheet_number());
                    self.says(Command::ReplaceVacancies { job_id: job, after }, &lead);
                }
            };
        }
        if let Some(reason) = floor.job(&job).ok().flatten().and_then(|j| j.held.clone()) {
            return self.says(
                Command::Release {
                    unit: Holdable::Job(job),
                    hold_id: None,
                    reason,
                },
                &lead,
            );
        }
        if register.run_cards_open == 0 && register.run_sheets_open == 0 {
            return self.wind_up(floor, job, &planner);
        }
        let rules: Vec<HoldId> = floor.hold_rules().map(|(id, _)| id.clone()).collect();
        if let Some(hold_id) = rules.first() {
            let quality = self.shop.quality.clone();
            self.says(
                Command::LiftHoldRule {
                    hold_id: hold_id.clone(),
                    reason: "cleared".into(),
                },
                &quality,
            );
        }
    }

    /// Closes and ships the packs of a job of which everything is packed, then the job.
    pub(super) fn wind_up(&mut self, floor: &Floor, job: JobId, planner: &OperatorId) {
        let operator = self.shop.operator.clone();
        let mut packs: Vec<_> = floor
            .all_packs()
            .filter(|pack| pack.pack_id.job() == job)
            .collect();
        packs.sort_unstable_by_key(|pack| pack.pack_id);
        for pack in packs {
            let station = self.station(&StationType::Packing);
            match pack.status {
                PackStatus::Open if pack.count() > 0 => {
                    self.scan_at(&pack.pack_id, &station);
                    return self.scan_at(&"!CLOSE", &station);
                }
                PackStatus::Closed if pack.outer_pack_id.is_none() => {
                    if pack.pack_id.kind() == PackKind::Pallet {
                        return self.says(
                            Command::ShipPack {
                                pack_id: pack.pack_id,
                            },
                            &operator,
                        );
                    }
                    return self.scan_at(&pack.pack_id, &station);
                }
                _ => {}
            }
        }
        self.says(Command::CloseJob { job_id: job }, planner);
    }
}
