//! Sets that lack something, complete sets, packs that are full or done, and jobs that are over.

use super::People;
use sheetwise_core::domain::assembly::{Assembly, AssemblyStatus, Filling};
use sheetwise_core::domain::command::Holdable;
use sheetwise_core::domain::pack::{Pack, PackStatus};
use sheetwise_core::domain::product::{ProductSpec, StationType, VoidPolicy};
use sheetwise_core::domain::{Command, UnitRef};
use sheetwise_core::identity::{JobId, PackKind, StationId};
use sheetwise_core::production::Floor;

impl People {
    pub(super) fn sets_and_packs(&mut self, floor: &Floor, job: JobId, spec: &ProductSpec) {
        let Ok(register) = floor.register(job) else {
            return;
        };
        let mut sets: Vec<&Assembly> = floor
            .all_assemblies()
            .filter(|set| set.assembly_id.job() == job)
            .filter(|set| {
                !matches!(set.status, AssemblyStatus::Packed | AssemblyStatus::Voided)
                    && !self
                        .memory
                        .is_set_aside(&UnitRef::Assembly(set.assembly_id))
            })
            .collect();
        sets.sort_unstable_by_key(|set| set.assembly_id);
        for set in sets {
            self.memory.about = Some(UnitRef::Assembly(set.assembly_id));
            if let Some(held) = what_holds(floor, set) {
                return self.look_at_held(held);
            }
            match set.status {
                AssemblyStatus::Complete => return self.pack(floor, set),
                AssemblyStatus::Error
                    if spec.void_policy == VoidPolicy::ReleaseShort
                        && self.rng.bool()
                        && self.concede(set) =>
                {
                    return;
                }
                _ => {}
            }
        }
        self.memory.about = None;
        let vacancy = register
            .vacancies
            .iter()
            .copied()
            .find(|card| !self.memory.is_set_aside(&UnitRef::CardUnit(*card)));
        if let Some(vacancy) = vacancy {
            return self.replace(floor, vacancy);
        }
        let nothing_open = register.run_cards_open == 0
            && register.run_sheets_open == 0
            && register.vacancies.is_empty();
        if nothing_open {
            return self.wind_up(floor, job);
        }
        if self.one_in(3) {
            self.lift_a_rule(floor);
        }
    }

    /// The packing station that has an open pack of that kind and job in hand, else a free one; else one
    /// that puts away what it has in hand. Some do not look.
    fn packing_station(&mut self, floor: &Floor, job: JobId, kind: PackKind) -> StationId {
        let stations = self.stations_of(&StationType::Packing);
        let open = |station: &&StationId| {
            let pack = Self::bench(floor, station).open_pack(kind)?;
            let pack = floor.pack(&pack).ok().flatten()?;
            (pack.status == PackStatus::Open).then_some(pack.pack_id)
        };
        let fitting = stations
            .iter()
            .find(|s| open(s).is_some_and(|pack| pack.job() == job))
            .or_else(|| stations.iter().find(|s| open(s).is_none()));
        let anywhere = self.rng.usize(..stations.len());
        if !self.is_the_end() && self.one_in(12) {
            let of_another = stations
                .iter()
                .find(|s| open(s).is_some_and(|pack| pack.job() != job));
            return of_another.unwrap_or(&stations[anywhere]).clone();
        }
        fitting.cloned().unwrap_or_else(|| {
            let station = stations[anywhere].clone();
            self.scan_at(&"!NEXT", &station);
            station
        })
    }

    fn pack(&mut self, floor: &Floor, set: &Assembly) {
        let station = self.packing_station(floor, set.assembly_id.job(), PackKind::Box);
        let member = set
            .members
            .iter()
            .find(|m| m.filling == Filling::Gathered)
            .expect("a complete set has cards");
        if self.rng.bool() {
            self.scan_at(&set.assembly_id, &station);
        } else {
            self.scan_at(&member.card_unit_id, &station);
        }
    }

    /// Closes and ships the packs of a job of which everything is packed, then the job.
    fn wind_up(&mut self, floor: &Floor, job: JobId) {
        let mut packs: Vec<&Pack> = floor
            .all_packs()
            .filter(|pack| pack.pack_id.job() == job)
            .filter(|pack| !self.memory.is_set_aside(&UnitRef::Pack(pack.pack_id)))
            .collect();
        packs.sort_unstable_by_key(|pack| pack.pack_id);
        for pack in packs {
            self.memory.about = Some(UnitRef::Pack(pack.pack_id));
            if self.step_with_pack(floor, pack) {
                return;
            }
        }
        self.memory.about = Some(UnitRef::Job(job));
        let planner = self.shop.planner.clone();
        self.says(Command::CloseJob { job_id: job }, &planner);
    }

    /// What is to be done with the pack, if anything: an open one is closed, a closed one goes into the
    /// next outer one, a pallet leaves; one that was emptied again is taken out and stays behind.
    fn step_with_pack(&mut self, floor: &Floor, pack: &Pack) -> bool {
        let (pack_id, job) = (pack.pack_id, pack.pack_id.job());
        let operator = self.shop.operator.clone();
        match (pack.status, pack.count(), pack.outer_pack_id) {
            (PackStatus::Shipped, ..) | (_, 0, None) => return false,
            (_, 0, Some(_)) => {
                let lead = self.shop.lead.clone();
                let reason = "nothing is in it".to_owned();
                self.says(Command::UnnestPack { pack_id, reason }, &lead);
            }
            (PackStatus::Open, ..) => {
                let station = self.packing_station(floor, job, pack_id.kind());
                let last = Self::bench(floor, &station).last_pack_id;
                if last != Some(pack_id) && self.rng.bool() {
                    self.says(Command::ClosePack { pack_id }, &operator);
                } else {
                    if last != Some(pack_id) {
                        self.scan_at(&pack_id, &station);
                    }
                    self.scan_at(&"!CLOSE", &station);
                }
            }
            (PackStatus::Closed, _, Some(_)) => return false,
            (PackStatus::Closed, _, None) => match pack_id.kind().outer() {
                Some(outer) => {
                    let station = self.packing_station(floor, job, outer);
                    self.scan_at(&pack_id, &station);
                }
                None => self.says(Command::ShipPack { pack_id }, &operator),
            },
        }
        true
    }
}

/// The set, or a card that lies in it, where it is on hold.
fn what_holds(floor: &Floor, set: &Assembly) -> Option<Holdable> {
    if set.held.is_some() {
        return Some(Holdable::Assembly(set.assembly_id));
    }
    set.members
        .iter()
        .filter(|m| m.filling == Filling::Gathered)
        .find(|m| {
            floor
                .card_unit(&m.card_unit_id)
                .ok()
                .flatten()
                .is_some_and(|card| card.held.is_some())
        })
        .map(|m| Holdable::CardUnit(m.card_unit_id))
}
