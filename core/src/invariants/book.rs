//! What the checker remembers of each unit: its own small fold of the log. It judges nothing, and takes
//! nothing for granted either: what a broken log names and nobody created is passed over.

use super::facts::{
    Card, Filling, Job, Numbered, Pack, Piece, Place, Seat, Set, Sheet, SheetPlace, Standing,
    Tally, Work,
};
use crate::domain::assembly::AssemblyEvent;
use crate::domain::card_unit::{CardUnitEvent, EditionScope, ReplacementSource, SequentialNumber};
use crate::domain::job::JobEvent;
use crate::domain::memorabilia::MemorabiliaEvent;
use crate::domain::order::OrderEvent;
use crate::domain::pack::PackEvent;
use crate::domain::product::{ProductEvent, ProductSpec, VoidedNumber};
use crate::domain::sheet::{SheetEvent, SheetStatus};
use crate::domain::values::QaOutcome;
use crate::domain::{Event, Recorded};
use crate::identity::{
    AssemblyId, CardUnitId, JobId, PackId, PieceId, ProductId, ProductionOrderId, SheetId,
};
use rustc_hash::FxHashMap;
use std::sync::Arc;

#[derive(Debug, Default)]
pub(super) struct Book {
    pub(super) specs: FxHashMap<(ProductId, u32), Arc<ProductSpec>>,
    pub(super) orders: FxHashMap<ProductionOrderId, Tally>,
    /// Which order says that it spawned the job, and for how many cards.
    pub(super) spawned: FxHashMap<JobId, (ProductionOrderId, u32)>,
    pub(super) jobs: FxHashMap<JobId, Job>,
    pub(super) sheets: FxHashMap<SheetId, Sheet>,
    pub(super) cards: FxHashMap<CardUnitId, Card>,
    pub(super) sets: FxHashMap<AssemblyId, Set>,
    pub(super) packs: FxHashMap<PackId, Pack>,
    pub(super) pieces: FxHashMap<PieceId, Piece>,
    pub(super) numbers: FxHashMap<(EditionScope, u32), Numbered>,
}

impl Book {
    /// The product version that the job is made to.
    pub(super) fn spec(&self, job: JobId) -> Option<&ProductSpec> {
        self.jobs.get(&job)?.spec.as_deref()
    }

    pub(super) fn numbered(&self, number: &SequentialNumber) -> Option<Numbered> {
        let key = (number.scope.clone(), number.number);
        self.numbers.get(&key).copied()
    }

    /// The pack left the shop, by itself or with what it stands in.
    pub(super) fn is_shipped(&self, pack: PackId) -> bool {
        // Box, case, pallet: a broken log that nests in a circle does not hold us up.
        let mut at = self.packs.get(&pack);
        for _ in 0..3 {
            match at {
                Some(pack) if pack.shipped => return true,
                Some(pack) => at = pack.outer.and_then(|outer| self.packs.get(&outer)),
                None => return false,
            }
        }
        false
    }

    pub(super) fn apply(&mut self, recorded: &Recorded) {
        let sequence_num = recorded.sequence_num;
        match &recorded.event {
            Event::ProductionOrder(event) => self.order(event),
            Event::Product(ProductEvent::ProductSpecPublished(e)) => {
                let version = (e.product_id.clone(), e.product_version);
                self.specs.insert(version, Arc::clone(&e.spec));
            }
            Event::Job(event) => self.job(event),
            Event::Sheet(event) => self.sheet(event, sequence_num),
            Event::CardUnit(event) => self.card(event, sequence_num),
            Event::Assembly(event) => self.set(event),
            Event::Pack(event) => self.pack(event),
            Event::Memorabilia(event) => self.piece(event),
            // What a station, an operator or a hold rule is decides no invariant.
            Event::Station(_) | Event::Operator(_) | Event::Hold(_) => {}
        }
    }

    fn order(&mut self, event: &OrderEvent) {
        match event {
            OrderEvent::ProductionOrderPlaced(e) => {
                self.orders.entry(e.order_id.clone()).or_default();
            }
            OrderEvent::ProductionOrderJobSpawned(e) => {
                self.spawned
                    .insert(e.job_id, (e.order_id.clone(), e.quantity));
            }
            OrderEvent::ProductionOrderHeld(_)
            | OrderEvent::ProductionOrderReleased(_)
            | OrderEvent::ProductionOrderCancelled(_) => {}
        }
    }

    fn job(&mut self, event: &JobEvent) {
        match event {
            JobEvent::JobCreated(e) => {
                let version = (e.product_id.clone(), e.product_version);
                let job = Job {
                    order: e.order_id.clone(),
                    quantity: e.quantity,
                    n_up: e.n_up,
                    spec: self.specs.get(&version).cloned(),
                    sheets_announced: 0,
                    sheets_created: 0,
                    tally: Tally::default(),
                };
                self.jobs.entry(e.job_id).or_insert(job);
            }
            JobEvent::SheetsCreated(e) => {
                if let Some(job) = self.jobs.get_mut(&e.job_id) {
                    job.sheets_announced += e.count;
                }
            }
            JobEvent::JobStarted(_)
            | JobEvent::JobHeld(_)
            | JobEvent::JobReleased(_)
            | JobEvent::JobRescheduled(_)
            | JobEvent::JobCancelled(_)
            | JobEvent::JobClosed(_) => {}
        }
    }

    fn sheet(&mut self, event: &SheetEvent, sequence_num: u64) {
        let id = *event.unit_id();
        if let SheetEvent::SheetCreated(e) = event {
            if let Some(job) = self.jobs.get_mut(&id.job()) {
                job.sheets_created += 1;
            }
            self.sheets.entry(id).or_insert(Sheet {
                purpose: e.purpose,
                place: SheetPlace::Uncut,
                work: Work::default(),
                latest: Vec::new(),
                tally: Tally::default(),
            });
        }
        let Some(sheet) = self.sheets.get_mut(&id) else {
            return;
        };
        match event {
            SheetEvent::SheetEnteredStation(e) => {
                let ended = e.completed_operation_id.as_ref();
                sheet.work.begin(ended, &[], &e.operation_id);
            }
            SheetEvent::SheetOperationCompleted(e) => sheet.work.complete(&e.operation_id),
            SheetEvent::SheetDeviationSigned(e) => {
                sheet.work.deviations.push(e.operation_id.clone());
            }
            SheetEvent::SheetVoided(_) => sheet.place = SheetPlace::Voided,
            SheetEvent::SheetCut(e) => {
                sheet.place = SheetPlace::Cut;
                sheet.latest = vec![0; usize::from(e.n_up)];
            }
            SheetEvent::SheetCorrected(e) => {
                let now = &e.restores;
                let current = now.current_operation_id.as_ref();
                sheet
                    .work
                    .restore(&e.undoes, current, &now.completed_operation_ids);
                sheet.place = match now.status {
                    SheetStatus::Created | SheetStatus::InProgress | SheetStatus::ReadyToCut => {
                        SheetPlace::Uncut
                    }
                    SheetStatus::Cut => SheetPlace::Cut,
                    SheetStatus::Voided => SheetPlace::Voided,
                };
            }
            SheetEvent::SheetCreated(_)
            | SheetEvent::SheetDefectRecorded(_)
            | SheetEvent::SheetDefectWithdrawn(_)
            | SheetEvent::SheetHeld(_)
            | SheetEvent::SheetReleased(_) => {}
        }
        sheet.work.counting.push(sequence_num);
        if let SheetEvent::SheetCut(e) = event {
            self.tally(id, |tally| tally.expected += i64::from(e.n_up));
        }
    }

    fn card(&mut self, event: &CardUnitEvent, sequence_num: u64) {
        let id = *event.unit_id();
        match event {
            CardUnitEvent::CardUnitCreated(e) => {
                self.birth(id, e.spare, !e.defects.is_empty(), None);
            }
            CardUnitEvent::ReplacementCardUnitCreated(e) => {
                self.birth(id, false, false, Some(e.source));
            }
            _ => {} // the others happen to a card that is there: matched without `_` below
        }
        let Some(card) = self.cards.get_mut(&id) else {
            return;
        };
        let before = card.place;
        let number_before = card.number.clone();
        let mut number_after_death = None;
        match event {
            CardUnitEvent::CardUnitEnteredStation(e) => {
                let ended = e.completed_operation_id.as_ref();
                card.work
                    .begin(ended, &e.reopened_operation_ids, &e.operation_id);
            }
            CardUnitEvent::CardUnitOperationCompleted(e) => card.work.complete(&e.operation_id),
            CardUnitEvent::EmbellishmentApplied(e) => card.work.complete(&e.operation_id),
            CardUnitEvent::QAResultRecorded(e) => {
                card.work.complete(&e.operation_id);
                if e.result == QaOutcome::Fail {
                    card.work.completed.retain(|done| *done != e.operation_id);
                }
            }
            CardUnitEvent::SequentialNumberApplied(e) => {
                card.work.complete(&e.operation_id);
                card.number = Some(e.sequential_number.clone());
            }
            CardUnitEvent::MemorabiliaPlaced(e) => {
                card.work.complete(&e.operation_id);
                card.pieces.push(e.piece_id.clone());
            }
            CardUnitEvent::CardUnitDeviationSigned(e) => {
                card.work.deviations.push(e.operation_id.clone());
            }
            CardUnitEvent::CardUnitHeld(_) => card.held = true,
            // A release from a hold rule leaves the card's own hold as it is.
            CardUnitEvent::CardUnitReleased(e) => card.held = card.held && e.hold_id.is_some(),
            CardUnitEvent::CardUnitVoided(e) => {
                card.place = Place::Voided;
                number_after_death = match e.number_of_voided {
                    None | Some(VoidedNumber::BackToPool) => None,
                    Some(VoidedNumber::Burned) => Some(Numbered::BurnedWith(id)),
                    Some(VoidedNumber::PassToReplacement) => Some(Numbered::PassedOnBy(id)),
                };
            }
            CardUnitEvent::CardUnitConsumedAsSpare(e) => {
                card.place = Place::Consumed;
                card.consumed_by = Some(e.replacement_id);
            }
            CardUnitEvent::CardUnitAssembled(_) | CardUnitEvent::CardUnitUnpacked(_) => {
                card.place = Place::Gathered;
                card.pack = None;
            }
            CardUnitEvent::CardUnitRemovedFromAssembly(_) => card.place = Place::Floor,
            CardUnitEvent::CardUnitPacked(e) => {
                card.place = Place::Packed;
                card.pack = Some(e.pack_id);
            }
            CardUnitEvent::CardUnitCorrected(e) => {
                let now = &e.restores;
                let current = now.current_operation_id.as_ref();
                card.work
                    .restore(&e.undoes, current, &now.completed_operation_ids);
                card.place = Place::of(now.status);
                card.pack = now.pack_id;
                card.number.clone_from(&now.sequential_number);
                card.pieces.clone_from(&now.piece_ids);
            }
            CardUnitEvent::CardUnitCreated(_) | CardUnitEvent::ReplacementCardUnitCreated(_) => {}
        }
        if !card.place.is_live() {
            card.number = None;
        }
        card.work.counting.push(sequence_num);
        let (after, number) = (card.place, card.number.clone());
        if before != after {
            self.tally(id.sheet(), |tally| tally.moved(Some(before), after));
        }
        if number_before != number {
            self.renumber(id, number_before, number, number_after_death);
        }
    }

    fn birth(
        &mut self,
        id: CardUnitId,
        spare: bool,
        held: bool,
        source: Option<ReplacementSource>,
    ) {
        if self.cards.contains_key(&id) {
            return; // born twice: the streams' rule has said so
        }
        let card = Card {
            place: Place::Floor,
            spare,
            held,
            source,
            consumed_by: None,
            pack: None,
            number: None,
            pieces: Vec::new(),
            work: Work::default(),
        };
        self.cards.insert(id, card);
        self.tally(id.sheet(), |tally| tally.moved(None, Place::Floor));
        if let Some(latest) = self
            .sheets
            .get_mut(&id.sheet())
            .and_then(|sheet| sheet.latest.get_mut(usize::from(id.position() - 1)))
        {
            *latest = id.replacement().max(*latest);
        }
    }

    fn renumber(
        &mut self,
        id: CardUnitId,
        before: Option<SequentialNumber>,
        now: Option<SequentialNumber>,
        after_death: Option<Numbered>,
    ) {
        if let Some(before) = before {
            let key = (before.scope, before.number);
            if self.numbers.get(&key) == Some(&Numbered::On(id)) {
                match after_death {
                    Some(kept) => self.numbers.insert(key, kept),
                    None => self.numbers.remove(&key),
                };
            }
        }
        if let Some(now) = now {
            self.numbers
                .insert((now.scope, now.number), Numbered::On(id));
        }
    }

    /// The same change to the counts of the sheet, of its job and of its order.
    fn tally(&mut self, sheet: SheetId, change: impl Fn(&mut Tally)) {
        if let Some(sheet) = self.sheets.get_mut(&sheet) {
            change(&mut sheet.tally);
        }
        if let Some(job) = self.jobs.get_mut(&sheet.job()) {
            change(&mut job.tally);
            if let Some(order) = self.orders.get_mut(&job.order) {
                change(order);
            }
        }
    }

    fn set(&mut self, event: &AssemblyEvent) {
        let id = *event.unit_id();
        if let AssemblyEvent::AssemblyCreated(e) = event {
            let seats: Vec<Seat> = (1..=e.expected_count)
                .filter_map(|position| id.sheet().card_unit(position))
                .map(|card| Seat {
                    card,
                    filling: Filling::Expected,
                })
                .collect();
            (self.sets.entry(id)).or_insert_with(|| Set::of(e.spares, seats));
        }
        let Some(set) = self.sets.get_mut(&id) else {
            return;
        };
        match event {
            AssemblyEvent::AssemblyCreated(_) => {}
            AssemblyEvent::CardScannedForAssembly(e) => set.fill(e.position, Filling::Gathered),
            AssemblyEvent::CardRemovedFromAssembly(e) => set.fill(e.position, Filling::Expected),
            AssemblyEvent::AssemblyMemberLost(e) => set.fill(e.position, Filling::Lost),
            AssemblyEvent::AssemblyMemberRestored(e) if e.gathered => {
                set.fill(e.position, Filling::Gathered);
            }
            AssemblyEvent::AssemblyMemberRestored(e) => set.fill(e.position, Filling::Expected),
            AssemblyEvent::AssemblyMemberReplaced(e) => {
                set.fill(e.position, Filling::Expected);
                let index = usize::from(e.position.saturating_sub(1));
                if let Some(seat) = set.seats.get_mut(index) {
                    seat.card = e.card_unit_id;
                }
                self.tally(id.sheet(), |tally| tally.expected += 1);
            }
            AssemblyEvent::ConcessionSigned(e) => {
                for &position in &e.positions {
                    set.fill(position, Filling::Conceded);
                }
            }
            AssemblyEvent::AssemblyCompleted(_) | AssemblyEvent::SetUnpacked(_) => {
                set.standing = Standing::Complete;
            }
            AssemblyEvent::AssemblyHeld(_) => set.held = true,
            AssemblyEvent::AssemblyReleased(e) => set.held = set.held && e.hold_id.is_some(),
            AssemblyEvent::AssemblyVoided(_) => set.standing = Standing::Voided,
            AssemblyEvent::SetPacked(e) => set.standing = Standing::Packed(e.pack_id),
        }
    }

    fn pack(&mut self, event: &PackEvent) {
        let id = *event.unit_id();
        if let PackEvent::PackOpened(_) = event {
            self.packs.entry(id).or_default();
        }
        // The other side of what a pack says of its content.
        match event {
            PackEvent::SetAddedToPack(e) => self.set_is_in(e.assembly_id, Some(id)),
            PackEvent::SetRemovedFromPack(e) => self.set_is_in(e.assembly_id, None),
            PackEvent::PackAddedToPack(e) => self.pack_is_in(e.inner_pack_id, Some(id)),
            PackEvent::PackRemovedFromPack(e) => self.pack_is_in(e.inner_pack_id, None),
            _ => {} // what a pack says of itself: matched without `_` below
        }
        let Some(pack) = self.packs.get_mut(&id) else {
            return;
        };
        match event {
            PackEvent::PackNested(e) => pack.outer = Some(e.outer_pack_id),
            PackEvent::PackUnnested(_) => pack.outer = None,
            PackEvent::PackClosed(_) => pack.closed = true,
            PackEvent::PackReopened(_) => pack.closed = false,
            PackEvent::PackShipped(_) => pack.shipped = true,
            PackEvent::PackOpened(_)
            | PackEvent::SetAddedToPack(_)
            | PackEvent::SetRemovedFromPack(_)
            | PackEvent::PackAddedToPack(_)
            | PackEvent::PackRemovedFromPack(_) => {}
        }
    }

    fn set_is_in(&mut self, set: AssemblyId, pack: Option<PackId>) {
        if let Some(set) = self.sets.get_mut(&set) {
            set.pack_by_packs = pack;
        }
    }

    fn pack_is_in(&mut self, inner: PackId, outer: Option<PackId>) {
        if let Some(inner) = self.packs.get_mut(&inner) {
            inner.outer_by_outers = outer;
        }
    }

    fn piece(&mut self, event: &MemorabiliaEvent) {
        if let MemorabiliaEvent::MemorabiliaRegistered(e) = event {
            self.pieces.entry(e.piece_id.clone()).or_default();
        }
        let Some(piece) = self.pieces.get_mut(event.unit_id()) else {
            return;
        };
        match event {
            MemorabiliaEvent::MemorabiliaRegistered(_) => {}
            MemorabiliaEvent::MemorabiliaPieceInserted(e) => {
                piece.within = Some(e.card_unit_id);
                piece.destroyed_with = None;
            }
            MemorabiliaEvent::MemorabiliaPieceFreed(_) => piece.within = None,
            MemorabiliaEvent::MemorabiliaPieceDestroyed(e) => {
                piece.within = None;
                piece.destroyed_with = Some(e.card_unit_id);
            }
        }
    }
}
