//! Operators at work: each takes some sheet or card a step further, as its product says.

use super::People;
use super::looking::can_move;
use crate::shop::code;
use sheetwise_core::domain::card_unit::{CardUnit, CardUnitStatus};
use sheetwise_core::domain::command::Holdable;
use sheetwise_core::domain::memorabilia::{MemorabiliaRegistered, PieceStatus};
use sheetwise_core::domain::product::{ProductSpec, StationType};
use sheetwise_core::domain::sheet::{Sheet, SheetStatus};
use sheetwise_core::domain::values::QaOutcome;
use sheetwise_core::domain::{Command, UnitRef};
use sheetwise_core::identity::{JobId, PieceId, StationId};
use sheetwise_core::production::Floor;

impl People {
    /// Takes some unit of the job a step further.
    pub(super) fn right_thing(&mut self, floor: &Floor, job: JobId) {
        if self.the_job_rests(floor, job) {
            return;
        }
        let spec = Self::spec(floor, job);
        // A few sheets and sets at a time, as a shop works: the lowest that still have something to do.
        let uncut: Vec<&Sheet> = Self::sheets_of(floor, job)
            .iter()
            .filter_map(|id| floor.sheet(id).ok().flatten())
            .filter(|s| !matches!(s.situation.status, SheetStatus::Cut | SheetStatus::Voided))
            .filter(|s| !self.memory.is_set_aside(&UnitRef::Sheet(s.sheet_id)))
            .take(3)
            .collect();
        let alive: Vec<&CardUnit> = Self::cards_of(floor, job)
            .iter()
            .filter_map(|id| floor.card_unit(id).ok().flatten())
            .filter(|card| can_move(card) && !self.rests(card))
            // A spare waits once it needs nothing more.
            .filter(|card| {
                !card.spare || card.held.is_some() || !card.next_steps(&spec).is_empty()
            })
            .take(24)
            .collect();
        let choice = self.rng.usize(..uncut.len() + alive.len() * 2 + 4);
        if choice < uncut.len() {
            self.sheet_step(uncut[choice], &spec);
        } else if choice < uncut.len() + alive.len() * 2 {
            self.card_step(floor, alive[(choice - uncut.len()) / 2], &spec);
        } else {
            self.sets_and_packs(floor, job, &spec);
        }
    }

    /// Somebody got nowhere with the card or its set, a moment ago.
    fn rests(&self, card: &CardUnit) -> bool {
        let id = card.card_unit_id;
        self.memory.is_set_aside(&UnitRef::CardUnit(id))
            || self.memory.is_set_aside(&UnitRef::Assembly(id.assembly()))
    }

    fn sheet_step(&mut self, sheet: &Sheet, spec: &ProductSpec) {
        let id = sheet.sheet_id;
        self.memory.about = Some(UnitRef::Sheet(id));
        if sheet.held.is_some() {
            return self.look_at_held(Holdable::Sheet(id));
        }
        let steps = sheet.next_steps(spec);
        if let Some(step) = steps.get(self.rng.usize(..steps.len().max(1))) {
            let station = self.station(&step.station_type);
            self.scan_at(&id, &station);
            if step.station_type != StationType::Cutting && self.one_in(8) {
                self.scan_at(&"!NEXT", &station);
            }
        }
    }

    fn card_step(&mut self, floor: &Floor, card: &CardUnit, spec: &ProductSpec) {
        let id = card.card_unit_id;
        self.memory.about = Some(UnitRef::CardUnit(id));
        if card.held.is_some() {
            return self.look_at_held(Holdable::CardUnit(id));
        }
        let set = floor.assembly(&id.assembly()).ok().flatten();
        if set.is_some_and(|set| set.held.is_some()) {
            return self.look_at_held(Holdable::Assembly(id.assembly()));
        }
        let running = card
            .situation
            .current_operation_id
            .as_ref()
            .and_then(|op| spec.operation(op));
        match running.map(|node| &node.station_type) {
            Some(StationType::Qa) => return self.verdict(floor, card),
            Some(StationType::Memorabilia) => {
                if let Some(station) = card.situation.current_station_id.clone() {
                    self.piece_for(floor, card, spec, &station);
                }
                return;
            }
            Some(StationType::Numbering) => {
                let operator = self.shop.operator.clone();
                let command = Command::ApplySequentialNumber {
                    card_unit_id: id,
                    number: None,
                };
                return self.says(command, &operator);
            }
            _ => {}
        }
        if card.situation.status == CardUnitStatus::QaFailed {
            return self.rework_or_void(card, spec);
        }
        let steps = card.next_steps(spec);
        if let Some(step) = steps.first() {
            let station = self.station(&step.station_type);
            self.scan_at(&id, &station);
            match step.station_type {
                StationType::Qa => self.qa_control(&station),
                StationType::Memorabilia => self.piece_for(floor, card, spec, &station),
                _ => {}
            }
        } else if card.missing_for_assembly(spec).is_empty() {
            self.gather(floor, card);
        }
    }

    fn qa_control(&mut self, station: &StationId) {
        match self.rng.u8(..100) {
            0..80 => self.scan_at(&"!PASS", station),
            80..95 => self.scan_at(&"!FAIL F-201", station),
            _ => {} // forgotten
        }
    }

    /// The verdict on a card that was left at the QA bench.
    fn verdict(&mut self, floor: &Floor, card: &CardUnit) {
        let Some(station) = card.situation.current_station_id.clone() else {
            return;
        };
        let in_hand = UnitRef::CardUnit(card.card_unit_id);
        if Self::bench(floor, &station).last_unit.as_ref() == Some(&in_hand) && self.rng.bool() {
            return self.qa_control(&station);
        }
        if self.one_in(3) {
            self.scan_at(&card.card_unit_id, &station);
            return self.qa_control(&station);
        }
        let operator = self.shop.operator.clone();
        let result = if self.one_in(5) {
            QaOutcome::Fail
        } else {
            QaOutcome::Pass
        };
        self.says_at(
            Command::RecordQaResult {
                card_unit_id: card.card_unit_id,
                result,
                failure_reason: (result == QaOutcome::Fail).then(|| "foil_adhesion".to_owned()),
                failure_codes: Vec::new(),
                inspector_id: None,
            },
            &operator,
            &station,
        );
    }

    /// A piece for the card that was just scanned there, or was left there with nothing in it.
    fn piece_for(
        &mut self,
        floor: &Floor,
        card: &CardUnit,
        spec: &ProductSpec,
        station: &StationId,
    ) {
        let id = card.card_unit_id;
        let kind = spec
            .layout
            .at(id.position())
            .and_then(|at| at.memorabilia.clone());
        let Some(kind) = kind else { return };
        let placed_already = card.situation.piece_ids.first().cloned();
        let free = placed_already.or_else(|| {
            (1..=self.pieces)
                .map(|n| code::<PieceId>(&format!("RELIC-{n:05}")))
                .find(|piece| {
                    floor.piece(piece).ok().flatten().is_some_and(|p| {
                        let planned_for = p.registered.planned_for;
                        p.status == PieceStatus::Available
                            && planned_for.is_none_or(|planned| planned == id)
                    })
                })
        });
        let piece = free.unwrap_or_else(|| {
            self.pieces += 1;
            let piece_id: PieceId = code(&format!("RELIC-{:05}", self.pieces));
            let lead = self.shop.lead.clone();
            let planned_for = self.one_in(6).then_some(id);
            let piece = MemorabiliaRegistered {
                piece_id: piece_id.clone(),
                kind,
                description: "a jersey's swatch".into(),
                planned_for,
            };
            self.says(Command::RegisterMemorabilia { piece }, &lead);
            piece_id
        });
        let is_there = card.situation.current_station_id.as_ref() == Some(station);
        let in_hand = Self::bench(floor, station).last_unit == Some(UnitRef::CardUnit(id));
        if is_there && !in_hand && self.rng.bool() {
            self.scan_at(&id, station);
        } else if is_there && !in_hand {
            // Another card was scanned here since: a piece that is scanned now would go into that one.
            let operator = self.shop.operator.clone();
            let command = Command::PlaceMemorabilia {
                card_unit_id: id,
                piece_id: piece,
            };
            return self.says_at(command, &operator, station);
        }
        self.scan_at(&piece, station);
    }
}
