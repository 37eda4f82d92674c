//! Operators at work: each takes some sheet or card a step further, as its product says.

use super::People;
use super::looking::can_move;
use crate::shop::code;
use sheetwise_core::domain::Command;
use sheetwise_core::domain::card_unit::{CardUnit, CardUnitStatus};
use sheetwise_core::domain::command::Holdable;
use sheetwise_core::domain::memorabilia::{MemorabiliaRegistered, PieceStatus};
use sheetwise_core::domain::product::{ProductSpec, StationType};
use sheetwise_core::domain::sheet::{Sheet, SheetStatus};
use sheetwise_core::domain::values::QaOutcome;
use sheetwise_core::identity::{JobId, PieceId, StationId};
use sheetwise_core::production::Floor;

impl People {
    /// Takes some unit of the job a step further.
    pub(super) fn right_thing(&mut self, floor: &Floor, job: JobId) {
        let sheets = Self::sheets_of(floor, job);
        let cards = Self::cards_of(floor, job);
        // A few sheets and sets at a time, as a shop works: the lowest that still have something to do.
        let uncut: Vec<&Sheet> = sheets
            .iter()
            .filter_map(|id| floor.sheet(id).ok().flatten())
            .filter(|s| !matches!(s.situation.status, SheetStatus::Cut | SheetStatus::Voided))
            .take(3)
            .collect();
        let alive: Vec<&CardUnit> = cards
            .iter()
            .filter_map(|id| floor.card_unit(id).ok().flatten())
            .filter(|card| can_move(card))
            .take(24)
            .collect();
        let choice = self.rng.usize(..uncut.len() + alive.len() * 2 + 3);
        if choice < uncut.len() {
            self.sheet_step(floor, uncut[choice]);
        } else if choice < uncut.len() + alive.len() * 2 {
            let card = alive[(choice - uncut.len()) / 2];
            self.card_step(floor, card);
        } else {
            self.sets_and_packs(floor, job);
        }
    }

    pub(super) fn sheet_step(&mut self, floor: &Floor, sheet: &Sheet) {
        let id = sheet.sheet_id;
        if sheet.held.is_some() {
            let lead = self.shop.lead.clone();
            self.says(
                Command::Release {
                    unit: Holdable::Sheet(id),
                    hold_id: None,
                    reason: "looked at".into(),
                },
                &lead,
            );
            return;
        }
        let spec = Self::spec(floor, id.job());
        let steps = sheet.next_steps(&spec);
        if let Some(step) = steps.get(self.rng.usize(..steps.len().max(1))) {
            let station = self.station(&step.station_type);
            self.scan_at(&id, &station);
            if self.rng.u8(..8) == 0 {
                self.scan_at(&"!NEXT", &station);
            }
        }
    }

    pub(super) fn card_step(&mut self, floor: &Floor, card: &CardUnit) {
        let id = card.card_unit_id;
        let lead = self.shop.lead.clone();
        if card.held.is_some() {
            self.says(
                Command::Release {
                    unit: Holdable::CardUnit(id),
                    hold_id: None,
                    reason: "looked at".into(),
                },
                &lead,
            );
            return;
        }
        let spec = Self::spec(floor, id.job());
        let running = card
            .situation
            .current_operation_id
            .as_ref()
            .and_then(|op| spec.operation(op));
        match running.map(|node| &node.station_type) {
            Some(StationType::Qa) => return self.verdict(card),
            Some(StationType::Memorabilia) => return self.piece_for(floor, card, &spec),
            Some(StationType::Numbering) => {
                return self.says(
                    Command::ApplySequentialNumber {
                        card_unit_id: id,
                        number: None,
                    },
                    &lead,
                );
            }
            _ => {}
        }
        if card.situation.status == CardUnitStatus::QaFailed {
            return self.rework_or_void(card, &spec);
        }
        let steps = card.next_steps(&spec);
        let wanted: Vec<_> = steps
            .into_iter()
            .filter(|step| {
                !card.spare
                    || !matches!(
                        step.station_type,
                        StationType::Numbering | StationType::Memorabilia
                    )
            })
            .collect();
        if let Some(step) = wanted.first() {
            let station = self.station(&step.station_type);
            self.scan_at(&id, &station);
            if step.station_type == StationType::Qa {
                self.qa_control(&station);
            }
        } else if !card.spare || self.rng.u8(..10) == 0 {
            self.gather(floor, card);
        }
    }

    pub(super) fn qa_control(&mut self, station: &StationId) {
        match self.rng.u8(..100) {
            0..80 => self.scan_at(&"!PASS", station),
            80..95 => self.scan_at(&"!FAIL F-201", station),
            _ => {} // forgotten
        }
    }

    pub(super) fn verdict(&mut self, card: &CardUnit) {
        let Some(station) = card.situation.current_station_id.clone() else {
            return;
        };
        let operator = self.shop.operator.clone();
        let result = if self.rng.u8(..5) == 0 {
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

    pub(super) fn rework_or_void(&mut self, card: &CardUnit, spec: &ProductSpec) {
        let id = card.card_unit_id;
        let lead = self.shop.lead.clone();
        let again = card.situation.rework_count < spec.rework_limit && self.rng.u8(..4) > 0;
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
            self.says(
                Command::VoidCardUnit {
                    card_unit_id: id,
                    reason: "failed QA for good".into(),
                },
                &lead,
            );
        }
    }

    pub(super) fn piece_for(&mut self, floor: &Floor, card: &CardUnit, spec: &ProductSpec) {
        let id = card.card_unit_id;
        let Some(station) = card.situation.current_station_id.clone() else {
            return;
        };
        let kind = spec
            .layout
            .at(id.position())
            .and_then(|at| at.memorabilia.clone());
        let Some(kind) = kind else { return };
        let placed_already = card.situation.piece_ids.first().cloned();
        let free = placed_already.or_else(|| {
            (1..=self.pieces)
                .map(|n| code::<PieceId>(&format!("RELIC-{n:05}")))
                .find(|piece| matches!(floor.piece(piece), Ok(Some(p)) if p.status == PieceStatus::Available && p.registered.planned_for.is_none_or(|planned| planned == id)))
        });
        let piece = free.unwrap_or_else(|| {
            self.pieces += 1;
            let piece_id: PieceId = code(&format!("RELIC-{:05}", self.pieces));
            let lead = self.shop.lead.clone();
            let planned_for = (self.rng.u8(..6) == 0).then_some(id);
            self.says(
                Command::RegisterMemorabilia {
                    piece: MemorabiliaRegistered {
                        piece_id: piece_id.clone(),
                        kind,
                        description: "a jersey's swatch".into(),
                        planned_for,
                    },
                },
                &lead,
            );
            piece_id
        });
        // Both scans: somebody else may have scanned here since.
        self.scan_at(&id, &station);
        self.scan_at(&piece, &station);
    }

    pub(super) fn gather(&mut self, floor: &Floor, card: &CardUnit) {
        let assembly = card.card_unit_id.assembly();
        let benches: Vec<StationId> = self
            .shop
            .stations
            .iter()
            .filter(|s| s.station_type == StationType::Assembly)
            .map(|s| s.station_id.clone())
            .collect();
        let active = |bench: &StationId| floor.bench(bench).ok().and_then(|b| b.active_assembly_id);
        let fitting = benches.iter().find(|bench| active(bench) == Some(assembly));
        let bench = fitting.or_else(|| benches.iter().find(|bench| active(bench).is_none()));
        let bench = match bench {
            Some(bench) => bench.clone(),
            None => {
                let bench = benches[self.rng.usize(..benches.len())].clone();
                if self.rng.bool() {
                    self.scan_at(&"!NEXT", &bench);
                } else {
                    self.scan_at(&assembly, &bench);
                }
                bench
            }
        };
        self.scan_at(&card.card_unit_id, &bench);
    }
}
