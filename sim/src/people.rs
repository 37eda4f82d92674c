//! The people of the simulated shop: what they do next, right or wrong. They see the floor as people
//! do; what they may do, only the core decides.

use crate::act::{Act, What};
use crate::shop::{Shop, code};
use fastrand::Rng;
use sheetwise_core::domain::assembly::{AssemblyStatus, Filling};
use sheetwise_core::domain::card_unit::{CardUnit, CardUnitStatus};
use sheetwise_core::domain::command::{Holdable, ReplaceWith};
use sheetwise_core::domain::hold::{HoldRulePlaced, HoldTarget};
use sheetwise_core::domain::job::{JobStatus, SheetPurpose};
use sheetwise_core::domain::memorabilia::{MemorabiliaRegistered, PieceStatus};
use sheetwise_core::domain::order::ProductionOrderPlaced;
use sheetwise_core::domain::pack::PackStatus;
use sheetwise_core::domain::product::{ProductSpec, StationType, VoidPolicy};
use sheetwise_core::domain::sheet::{Sheet, SheetStatus};
use sheetwise_core::domain::values::{Defect, Priority, QaOutcome};
use sheetwise_core::domain::{Command, UnitRef};
use sheetwise_core::identity::{
    AssemblyId, CardUnitId, HoldId, JobId, OperatorId, PackKind, PieceId, SheetId, StationId,
};
use sheetwise_core::production::Floor;
use std::collections::VecDeque;
use std::sync::Arc;

/// The people, and what they have in mind to do next.
pub struct People {
    pub shop: Shop,
    rng: Rng,
    clock_seconds: i64,
    plans: VecDeque<Act>,
    jobs: Vec<JobId>,
    pieces: u32,
    rules: u32,
    last_scan: Option<Act>,
    /// How likely it is, in percent, that somebody does something odd instead of the next right thing.
    pub oddness_percent: u8,
}

impl People {
    /// People as this seed has them.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        let mut rng = Rng::with_seed(seed);
        let shop = Shop::new(&mut rng);
        let plans = shop.opening().into();
        Self {
            shop,
            rng,
            clock_seconds: 60,
            plans,
            jobs: Vec::new(),
            pieces: 0,
            rules: 0,
            last_scan: None,
            oddness_percent: 18,
        }
    }

    /// What somebody does next.
    pub fn next(&mut self, floor: &Floor) -> Act {
        let act = match self.plans.pop_front() {
            Some(planned) => planned,
            None => {
                // Not everybody who looks finds something to do.
                for _ in 0..20 {
                    self.plan(floor);
                    if !self.plans.is_empty() {
                        break;
                    }
                }
                self.plans
                    .pop_front()
                    .unwrap_or_else(|| self.scan("!NEXT", "BENCH-1"))
            }
        };
        if matches!(act.what, What::Scan(_)) {
            self.last_scan = Some(act.clone());
        }
        act
    }

    fn plan(&mut self, floor: &Floor) {
        let open: Vec<JobId> = self
            .jobs
            .iter()
            .copied()
            .filter(|id| is_open(floor, *id))
            .collect();
        if open.is_empty() || (open.len() < 3 && self.rng.u8(..100) < 2) {
            self.new_job();
            return;
        }
        let job = open[self.rng.usize(..open.len())];
        if self.rng.u8(..100) < self.oddness_percent {
            self.something_odd(floor, job);
        } else {
            self.right_thing(floor, job);
        }
    }

    // ---- Acts ----

    fn later(&mut self) -> i64 {
        self.clock_seconds += match self.rng.u8(..20) {
            0 => self.rng.i64(0..2),
            1 => 3600,
            _ => self.rng.i64(6..40),
        };
        self.clock_seconds
    }

    fn made(
        &mut self,
        what: What,
        station_id: Option<StationId>,
        operator_id: Option<OperatorId>,
    ) -> Act {
        let late = self.rng.u8(..50) == 0;
        Act {
            what,
            station_id,
            operator_id,
            at_seconds: self.later(),
            clock_skew_seconds: if late {
                -self.rng.i64(60..7200)
            } else {
                self.rng.i64(-90..90)
            },
            late,
        }
    }

    fn scan(&mut self, text: &str, station: &str) -> Act {
        let operator = self.shop.operator.clone();
        self.made(
            What::Scan(text.to_owned()),
            Some(code(station)),
            Some(operator),
        )
    }

    fn scan_at(&mut self, text: &impl ToString, station: &StationId) {
        // Scanners send what they are set up to send.
        let text = match self.rng.u8(..6) {
            0 => format!("]d1{}", text.to_string()),
            1 => text.to_string().to_ascii_lowercase(),
            2 => format!("{}\r\n", text.to_string()),
            _ => text.to_string(),
        };
        let act = self.scan(&text, station.as_str());
        self.plans.push_back(act);
    }

    fn says(&mut self, command: Command, who: &OperatorId) {
        let act = self.made(What::Command(Box::new(command)), None, Some(who.clone()));
        self.plans.push_back(act);
    }

    fn says_at(&mut self, command: Command, who: &OperatorId, station: &StationId) {
        let act = self.made(
            What::Command(Box::new(command)),
            Some(station.clone()),
            Some(who.clone()),
        );
        self.plans.push_back(act);
    }

    fn station(&mut self, station_type: &StationType) -> StationId {
        self.shop.station_of(&mut self.rng, station_type)
    }

    // ---- Planning ----

    fn new_job(&mut self) {
        let planner = self.shop.planner.clone();
        let number = u32::try_from(self.jobs.len()).expect("few jobs") + 1;
        let (product_id, spec) =
            self.shop.products[self.rng.usize(..self.shop.products.len())].clone();
        let order_id = code(&format!("PO-{}", 10_000 + number));
        let quantity = u32::from(spec.layout.n_up) * self.rng.u32(2..=4);
        let job_id = JobId::new(1000 + number).expect("not 0");
        let placed = ProductionOrderPlaced {
            order_id,
            customer: "Acme Cards".to_owned(),
            product_id,
            quantity,
            due_date: jiff::civil::date(2026, 4, 1),
            priority: Priority(0),
            quote_id: None,
        };
        let order_id = placed.order_id.clone();
        self.says(Command::PlaceOrder { order: placed }, &planner);
        let overs = self.rng.bool().then(|| self.rng.u32(0..=2));
        self.says(
            Command::CreateJob {
                job_id,
                order_id,
                quantity: None,
                product_version: None,
                due_date: None,
                priority: None,
                overs,
            },
            &planner,
        );
        self.jobs.push(job_id);
    }

    fn cards_of(floor: &Floor, job: JobId) -> Vec<CardUnitId> {
        let mut cards: Vec<CardUnitId> = floor
            .all_card_units()
            .map(|card| card.card_unit_id)
            .filter(|id| id.job() == job)
            .collect();
        cards.sort_unstable();
        cards
    }

    fn sheets_of(floor: &Floor, job: JobId) -> Vec<SheetId> {
        let mut sheets: Vec<SheetId> = floor
            .all_sheets()
            .map(|sheet| sheet.sheet_id)
            .filter(|id| id.job() == job)
            .collect();
        sheets.sort_unstable();
        sheets
    }

    fn spec(floor: &Floor, job: JobId) -> Arc<ProductSpec> {
        let job = floor
            .job(&job)
            .ok()
            .flatten()
            .expect("a job that is open is there");
        let product = floor
            .product(&job.plan.product_id)
            .ok()
            .flatten()
            .expect("its product is there");
        Arc::clone(
            product
                .version(job.plan.product_version)
                .expect("its version is there"),
        )
    }

    // ---- The right thing ----

    /// Takes some unit of the job a step further.
    fn right_thing(&mut self, floor: &Floor, job: JobId) {
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

    fn sheet_step(&mut self, floor: &Floor, sheet: &Sheet) {
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

    fn card_step(&mut self, floor: &Floor, card: &CardUnit) {
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

    fn qa_control(&mut self, station: &StationId) {
        match self.rng.u8(..100) {
            0..80 => self.scan_at(&"!PASS", station),
            80..95 => self.scan_at(&"!FAIL F-201", station),
            _ => {} // forgotten
        }
    }

    fn verdict(&mut self, card: &CardUnit) {
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

    fn rework_or_void(&mut self, card: &CardUnit, spec: &ProductSpec) {
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

    fn piece_for(&mut self, floor: &Floor, card: &CardUnit, spec: &ProductSpec) {
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

    fn gather(&mut self, floor: &Floor, card: &CardUnit) {
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

    /// Sets that lack something, complete sets, packs that are full or done, jobs that are over.
    fn sets_and_packs(&mut self, floor: &Floor, job: JobId) {
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
    fn wind_up(&mut self, floor: &Floor, job: JobId, planner: &OperatorId) {
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

    // ---- Something odd ----

    fn any_unit(&mut self, floor: &Floor, job: JobId) -> String {
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

    fn any<T: Copy>(&mut self, among: &[T]) -> Option<T> {
        (!among.is_empty()).then(|| among[self.rng.usize(..among.len())])
    }

    fn any_station(&mut self) -> StationId {
        self.shop.stations[self.rng.usize(..self.shop.stations.len())]
            .station_id
            .clone()
    }

    fn something_odd(&mut self, floor: &Floor, job: JobId) {
        let cards = Self::cards_of(floor, job);
        let sheets = Self::sheets_of(floor, job);
        let (lead, quality, operator) = (
            self.shop.lead.clone(),
            self.shop.quality.clone(),
            self.shop.operator.clone(),
        );
        let station = self.any_station();
        match self.rng.u8(..30) {
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
                            reason: "wrong box".into(),
                        },
                        &lead,
                    );
                }
            }
            27 => {
                if let Some(card_unit_id) = self.any(&cards) {
                    let number = Some(self.rng.u32(0..6));
                    self.says(
                        Command::ApplySequentialNumber {
                            card_unit_id,
                            number,
                        },
                        &operator,
                    );
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
                    _ => Command::ReplaceVacancies { job_id: job, after },
                };
                let planner = self.shop.planner.clone();
                self.says(command, &planner);
            }
            // Somebody who may not.
            _ => {
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
        }
    }

    fn place_rule(&mut self, floor: &Floor, job: JobId, quality: &OperatorId) {
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
        let at_station_type = self.rng.bool().then_some(StationType::Qa);
        let hold_id = code(&format!("HOLD-{}", self.rules));
        let rule = HoldRulePlaced {
            hold_id,
            target,
            at_station_type,
            reason: "suspicion".into(),
        };
        self.says(Command::PlaceHoldRule { rule }, quality);
    }

    // ---- To the end ----

    /// From here on everybody does the right thing only, until every job is closed or cancelled; what
    /// cannot be finished (an edition that is used up) is cancelled. Returns the next act, or `None`
    /// when everything has come to its end.
    pub fn towards_the_end(&mut self, floor: &Floor, patience_left: bool) -> Option<Act> {
        if let Some(planned) = self.plans.pop_front() {
            return Some(planned);
        }
        let job = self.jobs.iter().copied().find(|id| is_open(floor, *id))?;
        if patience_left {
            self.oddness_percent = 0;
            // Rules and holds first, or nothing moves.
            let rule = floor.hold_rules().map(|(id, _)| id.clone()).next();
            if let Some(hold_id) = rule {
                let quality = self.shop.quality.clone();
                self.says(
                    Command::LiftHoldRule {
                        hold_id,
                        reason: "cleared".into(),
                    },
                    &quality,
                );
            } else if floor
                .job(&job)
                .ok()
                .flatten()
                .is_some_and(|j| j.held.is_some())
            {
                let lead = self.shop.lead.clone();
                let unit = Holdable::Job(job);
                self.says(
                    Command::Release {
                        unit,
                        hold_id: None,
                        reason: "on with it".into(),
                    },
                    &lead,
                );
            } else {
                for _ in 0..20 {
                    self.right_thing(floor, job);
                    if !self.plans.is_empty() {
                        break;
                    }
                }
            }
        } else {
            let planner = self.shop.planner.clone();
            self.says(
                Command::CancelJob {
                    job_id: job,
                    reason: "cannot be finished".into(),
                },
                &planner,
            );
        }
        let idle = self.plans.is_empty();
        if idle {
            let act = self.scan("!NEXT", "BENCH-1");
            self.plans.push_back(act);
        }
        self.plans.pop_front()
    }
}

fn is_open(floor: &Floor, job: JobId) -> bool {
    match floor.job(&job) {
        Ok(Some(job)) => matches!(job.status, JobStatus::Created | JobStatus::InProgress),
        _ => false,
    }
}

const fn can_move(card: &CardUnit) -> bool {
    matches!(
        card.situation.status,
        CardUnitStatus::Created
            | CardUnitStatus::InProgress
            | CardUnitStatus::QaPassed
            | CardUnitStatus::QaFailed
    )
}

/// The unit that a text names, for those who want to look at it.
#[must_use]
pub fn unit_of(text: &str) -> Option<UnitRef> {
    use sheetwise_core::domain::UnitType;
    [
        UnitType::CardUnit,
        UnitType::Sheet,
        UnitType::Assembly,
        UnitType::Pack,
        UnitType::Job,
    ]
    .into_iter()
    .find_map(|unit_type| unit_type.unit(text).ok())
}
