//! One rule broken on purpose: the person knows what is there, and does the one thing that is wrong with
//! it. (What is wrong by chance only is in `mistakes`.)

use super::People;
use super::looking::can_move;
use crate::shop::code;
use sheetwise_core::domain::Command;
use sheetwise_core::domain::assembly::{Assembly, AssemblyStatus, Filling};
use sheetwise_core::domain::card_unit::{CardUnit, CardUnitStatus};
use sheetwise_core::domain::command::ReplaceWith;
use sheetwise_core::domain::pack::{Pack, PackStatus};
use sheetwise_core::domain::product::{StationType, VoidPolicy};
use sheetwise_core::domain::sheet::{Sheet, SheetStatus};
use sheetwise_core::identity::{JobId, PieceId};
use sheetwise_core::production::Floor;

impl People {
    pub(super) fn slip(&mut self, floor: &Floor, job: JobId) {
        match self.rng.u8(..21) {
            0 | 1 => self.wrong_set(floor),
            2 => self.late_once_more(),
            3 | 4 => self.something_gone(floor),
            5 => self.too_early(floor, job),
            6 => self.something_held(floor),
            7 => self.failed_card(floor),
            8 => self.incomplete_set(floor, job),
            9 => self.wrong_pack(floor, job),
            10 => self.wrong_piece(floor, job),
            11 => self.spare_as_if_owed(floor, job),
            12 => self.number_of_another(floor, job),
            13 => self.concede_everything(floor, job),
            14 => self.card_before_its_cut(floor, job),
            15 => self.no_spare_left(floor, job),
            16 => self.wrong_box(floor, job),
            17 | 18 => self.in_hand_again(floor),
            _ => self.take_back(floor),
        }
    }

    fn some_card(&mut self, floor: &Floor, wanted: impl Fn(&CardUnit) -> bool) -> Option<CardUnit> {
        let mut cards: Vec<&CardUnit> =
            floor.all_card_units().filter(|card| wanted(card)).collect();
        cards.sort_unstable_by_key(|card| card.card_unit_id);
        self.any(&cards).cloned()
    }

    fn some_sheet(&mut self, floor: &Floor, wanted: impl Fn(&Sheet) -> bool) -> Option<Sheet> {
        let mut sheets: Vec<&Sheet> = floor.all_sheets().filter(|sheet| wanted(sheet)).collect();
        sheets.sort_unstable_by_key(|sheet| sheet.sheet_id);
        self.any(&sheets).cloned()
    }

    fn some_set(&mut self, floor: &Floor, wanted: impl Fn(&Assembly) -> bool) -> Option<Assembly> {
        let mut sets: Vec<&Assembly> = floor.all_assemblies().filter(|set| wanted(set)).collect();
        sets.sort_unstable_by_key(|set| set.assembly_id);
        self.any(&sets).cloned()
    }

    fn some_pack(&mut self, floor: &Floor, wanted: impl Fn(&Pack) -> bool) -> Option<Pack> {
        let mut packs: Vec<&Pack> = floor.all_packs().filter(|pack| wanted(pack)).collect();
        packs.sort_unstable_by_key(|pack| pack.pack_id);
        self.any(&packs).cloned()
    }

    /// A card that is ready, at a bench where another set lies; or one that lies in its set already.
    fn wrong_set(&mut self, floor: &Floor) {
        let benches = self.stations_of(&StationType::Assembly);
        let bench = benches[self.rng.usize(..benches.len())].clone();
        let here = Self::set_at(floor, &bench);
        let duplicate = self.one_in(3);
        let card = self.some_card(floor, |card| {
            let status = card.situation.status;
            if duplicate {
                status == CardUnitStatus::Assembled
            } else {
                can_move(card) && Some(card.card_unit_id.assembly()) != here
            }
        });
        if let Some(card) = card {
            self.scan_at(&card.card_unit_id, &bench);
        }
    }

    /// Something that is being worked on is scanned there once more, whatever was scanned there since; and
    /// then a control barcode is.
    fn in_hand_again(&mut self, floor: &Floor) {
        let card = self.some_card(floor, |card| {
            can_move(card) && card.situation.current_operation_id.is_some()
        });
        let sheet = self.some_sheet(floor, |sheet| {
            let now = &sheet.situation;
            !matches!(now.status, SheetStatus::Cut | SheetStatus::Voided)
                && now.current_operation_id.is_some()
        });
        let (label, station) = match (card, sheet) {
            (Some(card), None) => (
                card.card_unit_id.to_string(),
                card.situation.current_station_id,
            ),
            (Some(card), Some(_)) if self.rng.bool() => (
                card.card_unit_id.to_string(),
                card.situation.current_station_id,
            ),
            (_, Some(sheet)) => (
                sheet.sheet_id.to_string(),
                sheet.situation.current_station_id,
            ),
            (None, None) => return,
        };
        let Some(station) = station else { return };
        self.scan_at(&label, &station);
        let controls = ["!PASS", "!FAIL F-201", "!NEXT", "!HOLD scratched", "!UNDO"];
        let control = controls[self.rng.usize(..controls.len())];
        self.scan_at(&control, &station);
    }

    /// A queue that was offline sends what it had sent before.
    fn late_once_more(&mut self) {
        if self.earlier_scans.is_empty() {
            return;
        }
        let mut again = self.earlier_scans[self.rng.usize(..self.earlier_scans.len())].clone();
        again.late = true;
        again.clock_skew_seconds = -self.rng.i64(60..7200);
        again.at_seconds = self.later();
        self.plans.push_back(again);
    }

    /// What is voided, consumed, packed or cut, or of a job that is over, at a station where it once
    /// might have been.
    fn something_gone(&mut self, floor: &Floor) {
        let gone = |card: &CardUnit| {
            matches!(
                card.situation.status,
                CardUnitStatus::Voided | CardUnitStatus::Consumed | CardUnitStatus::Packed
            )
        };
        let station = self.any_station();
        match self.rng.u8(..5) {
            0 => {
                let sheet = self.some_sheet(floor, |sheet| {
                    matches!(
                        sheet.situation.status,
                        SheetStatus::Cut | SheetStatus::Voided
                    )
                });
                if let Some(sheet) = sheet {
                    self.scan_at(&sheet.sheet_id, &station);
                }
            }
            1 => {
                let over = |job| !super::is_open(floor, job);
                let card =
                    self.some_card(floor, |card| over(card.card_unit_id.job()) && !gone(card));
                let sheet = self.some_sheet(floor, |sheet| {
                    over(sheet.sheet_id.job()) && sheet.situation.status != SheetStatus::Cut
                });
                match (card, sheet) {
                    (Some(card), _) => self.scan_at(&card.card_unit_id, &station),
                    (None, Some(sheet)) => self.scan_at(&sheet.sheet_id, &station),
                    (None, None) => {}
                }
            }
            _ => {
                if let Some(card) = self.some_card(floor, gone) {
                    self.scan_at(&card.card_unit_id, &station);
                }
            }
        }
    }

    /// A card or sheet at a station that it needs later, needed before, or never needs.
    fn too_early(&mut self, floor: &Floor, job: JobId) {
        let spec = Self::spec(floor, job);
        let node = spec.operations[self.rng.usize(..spec.operations.len())].clone();
        let station = self.station(&node.station_type);
        let card = self.some_card(floor, |card| {
            card.card_unit_id.job() == job && can_move(card)
        });
        let sheet = self.some_sheet(floor, |sheet| {
            sheet.sheet_id.job() == job && sheet.situation.status != SheetStatus::Cut
        });
        match (card, sheet) {
            (Some(card), _) if self.rng.bool() => self.scan_at(&card.card_unit_id, &station),
            (_, Some(sheet)) => self.scan_at(&sheet.sheet_id, &station),
            _ => {}
        }
    }

    fn something_held(&mut self, floor: &Floor) {
        let card = self.some_card(floor, |card| card.held.is_some() && can_move(card));
        let station = self.any_station();
        if let Some(card) = card {
            self.scan_at(&card.card_unit_id, &station);
        }
    }

    /// A card that failed is carried on, or once more to the inspector.
    fn failed_card(&mut self, floor: &Floor) {
        let card = self.some_card(floor, |card| {
            card.situation.status == CardUnitStatus::QaFailed
        });
        let Some(card) = card else { return };
        let card_unit_id = card.card_unit_id;
        match self.rng.u8(..4) {
            0 => {
                let bench = self.station(&StationType::Assembly);
                let set = card_unit_id.assembly();
                if Self::set_at(floor, &bench) != Some(set) {
                    self.scan_at(&set, &bench);
                }
                self.scan_at(&card_unit_id, &bench);
            }
            1 => {
                let operator = self.shop.operator.clone();
                let command = Command::ApplySequentialNumber {
                    card_unit_id,
                    number: None,
                };
                self.says(command, &operator);
            }
            _ => {
                let station = self.station(&StationType::Qa);
                self.scan_at(&card_unit_id, &station);
            }
        }
    }

    /// A set that lacks something goes to packing, or is packed by its label through a program.
    fn incomplete_set(&mut self, floor: &Floor, job: JobId) {
        let set = self.some_set(floor, |set| {
            set.assembly_id.job() == job
                && matches!(
                    set.status,
                    AssemblyStatus::Pending | AssemblyStatus::InProgress | AssemblyStatus::Error
                )
        });
        let Some(set) = set else { return };
        let station = self.station(&StationType::Packing);
        if self.rng.bool() {
            self.scan_at(&set.assembly_id, &station);
        } else {
            // One of its cards, lying in the set or not.
            let member = set.members[self.rng.usize(..set.members.len())];
            self.scan_at(&member.card_unit_id, &station);
        }
    }

    /// A label of a pack that is not the next, is inside another, is empty, or has left.
    fn wrong_pack(&mut self, floor: &Floor, job: JobId) {
        let station = self.station(&StationType::Packing);
        let (lead, operator) = (self.shop.lead.clone(), self.shop.operator.clone());
        match self.rng.u8(..6) {
            0 => {
                let kind = ["BOX", "CASE", "PALLET"][self.rng.usize(..3)];
                let label = format!("{job}-{kind}-{:03}", self.rng.u8(5..40));
                self.scan_at(&label, &station);
            }
            1 => {
                let shipped = self.some_pack(floor, |pack| pack.status == PackStatus::Shipped);
                if let Some(pack) = shipped {
                    self.scan_at(&pack.pack_id, &station);
                }
            }
            2 => {
                if let Some(pack) = self.some_pack(floor, |pack| pack.outer_pack_id.is_some()) {
                    self.scan_at(&pack.pack_id, &station);
                }
            }
            3 => {
                let empty = self.some_pack(floor, |pack| {
                    pack.count() == 0 && pack.status != PackStatus::Shipped
                });
                match empty.map(|pack| (pack.pack_id, pack.status)) {
                    Some((pack_id, PackStatus::Open)) => {
                        self.says(Command::ClosePack { pack_id }, &operator);
                    }
                    Some((pack_id, _)) => self.scan_at(&pack_id, &station),
                    None => {}
                }
            }
            4 => {
                // A set whose box stands in a case already.
                let nested = self.some_pack(floor, |pack| {
                    pack.outer_pack_id.is_some() && !pack.assembly_ids.is_empty()
                });
                if let Some(pack) = nested {
                    let command = Command::UnpackSet {
                        assembly_id: pack.assembly_ids[0],
                        pack_id: Some(pack.pack_id),
                        reason: "wrong box".into(),
                    };
                    self.says(command, &lead);
                }
            }
            _ => {
                // A complete set of one job into the pack of another, or into no box at all.
                let set = self.some_set(floor, |set| set.status == AssemblyStatus::Complete);
                let box_of_another = set.as_ref().and_then(|set| {
                    self.some_pack(floor, |pack| pack.pack_id.job() != set.assembly_id.job())
                });
                if let (Some(set), Some(pack)) = (set, box_of_another) {
                    let command = Command::PackSet {
                        assembly_id: set.assembly_id,
                        pack_id: Some(pack.pack_id),
                    };
                    self.says(command, &operator);
                }
            }
        }
    }

    /// A second piece for a card, or a piece that is in another one.
    fn wrong_piece(&mut self, floor: &Floor, job: JobId) {
        if self.pieces == 0 {
            return;
        }
        let spec = Self::spec(floor, job);
        let card = self.some_card(floor, |card| {
            let id = card.card_unit_id;
            let at = spec.layout.at(id.position());
            id.job() == job && can_move(card) && at.is_some_and(|at| at.memorabilia.is_some())
        });
        let piece: PieceId = code(&format!("RELIC-{:05}", self.rng.u32(1..=self.pieces)));
        if let Some(card) = card {
            let operator = self.shop.operator.clone();
            let command = Command::PlaceMemorabilia {
                card_unit_id: card.card_unit_id,
                piece_id: piece,
            };
            self.says(command, &operator);
        }
    }

    /// A spare gets a number, or goes to the bench as if somebody waited for it.
    fn spare_as_if_owed(&mut self, floor: &Floor, job: JobId) {
        let spare = self.some_card(floor, |card| {
            card.spare && card.card_unit_id.job() == job && can_move(card)
        });
        let Some(spare) = spare else { return };
        let station_type = [
            StationType::Numbering,
            StationType::Memorabilia,
            StationType::Assembly,
        ][self.rng.usize(..3)]
        .clone();
        let station = self.station(&station_type);
        self.scan_at(&spare.card_unit_id, &station);
    }

    /// A number that another card bears, or another one for a card that bears one.
    fn number_of_another(&mut self, floor: &Floor, job: JobId) {
        let spec = Self::spec(floor, job);
        let card = self.some_card(floor, |card| {
            let id = card.card_unit_id;
            let at = spec.layout.at(id.position());
            id.job() == job && can_move(card) && at.is_some_and(|at| at.serialized)
        });
        if let Some(card) = card {
            let operator = self.shop.operator.clone();
            let command = Command::ApplySequentialNumber {
                card_unit_id: card.card_unit_id,
                number: Some(self.rng.u32(1..4)),
            };
            self.says(command, &operator);
        }
    }

    /// Somebody signs away whatever is missing, even if that is the whole set: now and then what is left
    /// of it is lost first.
    fn concede_everything(&mut self, floor: &Floor, job: JobId) {
        let short = Self::spec(floor, job).void_policy == VoidPolicy::ReleaseShort;
        let all_lost = short && self.rng.bool();
        let set = self.some_set(floor, |set| {
            set.status == AssemblyStatus::Error
                || (all_lost
                    && set.assembly_id.job() == job
                    && !matches!(set.status, AssemblyStatus::Packed | AssemblyStatus::Voided))
        });
        let Some(set) = set else { return };
        let lead = self.shop.lead.clone();
        let mut positions = set.missing_positions();
        if all_lost {
            let not_conceded = set
                .members
                .iter()
                .filter(|m| m.filling != Filling::Conceded);
            positions.clear();
            for member in not_conceded {
                let card_unit_id = member.card_unit_id;
                positions.push(card_unit_id.position());
                if matches!(member.filling, Filling::Expected | Filling::Gathered) {
                    let reason = "water".to_owned();
                    let command = Command::VoidCardUnit {
                        card_unit_id,
                        reason,
                    };
                    self.says(command, &lead);
                }
            }
        }
        let command = Command::SignConcession {
            assembly_id: set.assembly_id,
            positions,
            reason: "ship what there is".into(),
        };
        self.says(command, &lead);
    }

    /// Labels are printed before the cut.
    fn card_before_its_cut(&mut self, floor: &Floor, job: JobId) {
        let sheet = self.some_sheet(floor, |sheet| {
            sheet.sheet_id.job() == job && sheet.situation.status != SheetStatus::Cut
        });
        if let Some(sheet) = sheet {
            let station = self.any_station();
            let label = format!("{}-01", sheet.sheet_id);
            self.scan_at(&label, &station);
        }
    }

    /// Any spare will do, but is there one?
    fn no_spare_left(&mut self, floor: &Floor, job: JobId) {
        let vacancy = floor
            .register(job)
            .ok()
            .and_then(|register| register.vacancies.iter().next().copied());
        if let Some(card_unit_id) = vacancy {
            let lead = self.shop.lead.clone();
            let with = ReplaceWith::AnySpare;
            self.says(Command::ReplaceCardUnit { card_unit_id, with }, &lead);
        }
    }

    /// A set is taken out of its box again.
    fn wrong_box(&mut self, floor: &Floor, job: JobId) {
        let set = self.some_set(floor, |set| {
            set.assembly_id.job() == job && set.pack_id.is_some()
        });
        if let Some(set) = set {
            let lead = self.shop.lead.clone();
            let command = Command::UnpackSet {
                assembly_id: set.assembly_id,
                pack_id: set.pack_id,
                reason: "wrong box".into(),
            };
            self.says(command, &lead);
        }
    }

    /// Something of the recent past that was wrong, and that others may rest on by now.
    fn take_back(&mut self, floor: &Floor) {
        let log = floor.log();
        let recent: Vec<u64> = log[log.len().saturating_sub(60)..]
            .iter()
            .filter(|recorded| {
                matches!(
                    recorded.event.event_type(),
                    "CardUnitVoided"
                        | "SheetDefectRecorded"
                        | "SheetEnteredStation"
                        | "SetPacked"
                        | "CardScannedForAssembly"
                        | "QAResultRecorded"
                        | "SequentialNumberApplied"
                        | "MemorabiliaPlaced"
                )
            })
            .map(|recorded| recorded.sequence_num)
            .collect();
        if let Some(event_sequence_num) = self.any(&recent) {
            let who = self.lead_or_quality();
            let reason = "a mistake".to_owned();
            let command = Command::Undo {
                event_sequence_num,
                reason,
            };
            self.says(command, &who);
        }
    }
}
