//! What goes wrong: the wrong thing at the wrong place, twice, taken back, lost, held or not allowed.

use super::People;
use crate::shop::code;
use sheetwise_core::domain::Command;
use sheetwise_core::domain::command::Holdable;
use sheetwise_core::domain::hold::{HoldRulePlaced, HoldTarget};
use sheetwise_core::domain::job::SheetPurpose;
use sheetwise_core::domain::values::Defect;
use sheetwise_core::identity::{JobId, OperatorId, PackKind, StationId};
use sheetwise_core::production::Floor;

impl People {
    pub(super) fn any_unit(&mut self, floor: &Floor, job: JobId) -> String {
        let cards = Self::cards_of(floor, job);
        let sheets = Self::sheets_of(floor, job);
        match self.rng.u8(..10) {
            0 => job.to_string(),
            1 => self
                .any(&sheets)
                .map_or_else(String::new, |s| s.assembly().to_string()),
            2 => format!("{job}-BOX-{:03}", self.rng.u8(1..4)),
            3 => format!("{job}-CASE-{:03}", self.rng.u8(1..3)),
            4 => self
                .any(&sheets)
                .map_or_else(String::new, |s| s.to_string()),
            5 => self
                .any(&sheets)
                .map_or_else(String::new, |s| format!("{s}-{:02}", self.rng.u8(1..9))),
            _ => self
                .any(&cards)
                .map_or_else(|| "J999-S001-01".to_owned(), |c| c.to_string()),
        }
    }

    pub(super) fn any_station(&mut self) -> StationId {
        self.shop.stations[self.rng.usize(..self.shop.stations.len())]
            .station_id
            .clone()
    }

    pub(super) fn something_odd(&mut self, floor: &Floor, job: JobId) {
        let cards = Self::cards_of(floor, job);
        let sheets = Self::sheets_of(floor, job);
        let (lead, quality, operator) = (
            self.shop.lead.clone(),
            self.shop.quality.clone(),
            self.shop.operator.clone(),
        );
        let station = self.any_station();
        match self.rng.u8(..49) {
            // The wrong thing at the wrong place.
            0..5 => {
                let text = self.any_unit(floor, job);
                self.scan_at(&text, &station);
            }
            // Twice.
            5 | 6 => {
                if let Some(mut again) = self.last_scan.clone() {
                    again.at_seconds = self.later();
                    self.plans.push_back(again);
                }
            }
            // Control barcodes wherever one happens to stand.
            7..10 => {
                let control = [
                    "!PASS",
                    "!FAIL F-102",
                    "!NEXT",
                    "!CLOSE",
                    "!HOLD scratched",
                    "!UNDO",
                    "!FAIL",
                ][self.rng.usize(..7)];
                self.scan_at(&control, &station);
            }
            10..13 => {
                if let Some(last) = self.last_scan.clone().and_then(|act| act.station_id) {
                    self.scan_at(&"!UNDO", &last);
                }
            }
            // A label that cannot be read to its end, a code that nobody knows.
            13 => {
                let text = self.any_unit(floor, job);
                let cut_off = &text[..text.len().saturating_sub(1)];
                self.scan_at(&cut_off, &station);
            }
            14 => self.scan_at(&"GADGET-7", &station),
            15 => {
                let lot = format!("FOIL-LOT-{}", self.rng.u8(1..5));
                self.scan_at(&lot, &station);
            }
            // A lost card, a torn sheet.
            16 | 17 => {
                if let Some(card_unit_id) = self.any(&cards) {
                    self.says(
                        Command::VoidCardUnit {
                            card_unit_id,
                            reason: "lost".into(),
                        },
                        &lead,
                    );
                }
            }
            18 => {
                if let Some(sheet_id) = self.any(&sheets)
                    && self.rng.u8(..3) == 0
                {
                    self.says(
                        Command::VoidSheet {
                            sheet_id,
                            reason: "torn".into(),
                        },
                        &lead,
                    );
                }
            }
            19 => {
                if let Some(sheet_id) = self.any(&sheets) {
                    let defect = Defect {
                        failure_code: code("F-301"),
                        note: None,
                    };
                    let position = self.rng.u16(1..8);
                    self.says_at(
                        Command::RecordSheetDefect {
                            sheet_id,
                            position,
                            defect,
                        },
                        &operator,
                        &station,
                    );
                }
            }
            // Corrections of the recent past.
            20 | 21 => {
                let last = floor.last_sequence_num();
                let back = self.rng.u64(0..40);
                let event_sequence_num = last.saturating_sub(back);
                self.says(
                    Command::Undo {
                        event_sequence_num,
                        reason: "a mistake".into(),
                    },
                    &lead,
                );
            }
            // Holds of all kinds.
            22 => {
                let unit = match self.rng.u8(..4) {
                    0 => Some(Holdable::Job(job)),
                    1 => self.any(&sheets).map(Holdable::Sheet),
                    2 => self
                        .any(&cards)
                        .map(|card| Holdable::Assembly(card.assembly())),
                    _ => self.any(&cards).map(Holdable::CardUnit),
                };
                if let Some(unit) = unit {
                    self.says(
                        Command::Hold {
                            unit,
                            reason: "to be looked at".into(),
                        },
                        &operator,
                    );
                }
            }
            23 => self.place_rule(floor, job, &quality),
            24 => {
                if let Some(card_unit_id) = self.any(&cards) {
                    let operation_id =
                        code(["DIE", "QA-FINAL", "NUMBER", "GLUE"][self.rng.usize(..4)]);
                    let reason = "customer agreed".into();
                    self.says(
                        Command::SignCardDeviation {
                            card_unit_id,
                            operation_id,
                            reason,
                        },
                        &quality,
                    );
                }
            }
            25 => {
                if let Some(card_unit_id) = self.any(&cards) {
                    let reason = "a second look".into();
                    self.says(
                        Command::RemoveFromAssembly {
                            card_unit_id,
                            reason,
                        },
                        &operator,
                    );
                }
            }
            26 => {
                if let Some(sheet) = self.any(&sheets) {
                    let assembly_id = sheet.assembly();
                    self.says(
                        Command::UnpackSet {
                            assembly_id,
                            pack_id: assembly_id.job().pack(PackKind::Box, 1),
                            reason: "wrong box".into(),
                        },
                        &lead,
                    );
                }
            }
            27 => {
                if let Some(card_unit_id) = self.any(&cards) {
                    // By a call, not by a scan.
                    let command = if self.rng.bool() {
                        Command::ApplySequentialNumber {
                            card_unit_id,
                            number: Some(self.rng.u32(0..6)),
                        }
                    } else {
                        Command::ApplyEmbellishment {
                            card_unit_id,
                            operation_id: code("DIE"),
                        }
                    };
                    self.says(command, &operator);
                }
            }
            28 => {
                let after = floor
                    .job(&job)
                    .ok()
                    .flatten()
                    .map_or(0, |j| j.last_sheet_number());
                let command = match self.rng.u8(..40) {
                    0 => Command::CancelJob {
                        job_id: job,
                        reason: "customer cancelled".into(),
                    },
                    1..6 => Command::AddSheets {
                        job_id: job,
                        after,
                        count: 1,
                        purpose: SheetPurpose::Overs,
                    },
                    _ => Command::ReplaceVacancies {
                        job_id: job,
                        after: Some(after),
                    },
                };
                let planner = self.shop.planner.clone();
                self.says(command, &planner);
            }
            // Somebody who may not.
            29 => {
                if let Some(card_unit_id) = self.any(&cards) {
                    self.says(
                        Command::VoidCardUnit {
                            card_unit_id,
                            reason: "bored".into(),
                        },
                        &operator,
                    );
                }
            }
            _ => self.slip(floor, job),
        }
    }

    pub(super) fn place_rule(&mut self, floor: &Floor, job: JobId, quality: &OperatorId) {
        if floor.hold_rules().count() > 1 {
            return;
        }
        self.rules += 1;
        let station_id = self.any_station();
        let opening: jiff::Timestamp = crate::act::OPENING.parse().expect("a timestamp");
        let now = opening + jiff::SignedDuration::from_secs(self.clock_seconds);
        let target = match self.rng.u8(..4) {
            0 => HoldTarget::MaterialLot {
                material_lot_id: code(&format!("FOIL-LOT-{}", self.rng.u8(1..5))),
            },
            1 => HoldTarget::StationWindow {
                station_id,
                from: now - jiff::SignedDuration::from_secs(900),
                to: Some(now),
            },
            2 => HoldTarget::Job { job_id: job },
            _ => match self.any(&Self::cards_of(floor, job)) {
                Some(card_unit_id) => HoldTarget::CardUnit { card_unit_id },
                None => HoldTarget::Job { job_id: job },
            },
        };
        let at_station_type = self.rng.bool().then(|| {
            let stations = &self.shop.stations;
            stations[self.rng.usize(..stations.len())]
                .station_type
                .clone()
        });
        let hold_id = code(&format!("HOLD-{}", self.rules));
        let rule = HoldRulePlaced {
            hold_id,
            target,
            at_station_type,
            reason: "suspicion".into(),
        };
        self.says(Command::PlaceHoldRule { rule }, quality);
    }
}
