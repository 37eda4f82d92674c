//! What the checker remembers of each unit: its own small fold of the log. It judges nothing, and takes
//! nothing for granted either: what a broken log names and nobody created is passed over.

use crate::domain::assembly::AssemblyEvent;
use crate::domain::card_unit::{
    CardUnitEvent, CardUnitStatus, EditionScope, ReplacementSource, SequentialNumber,
};
use crate::domain::job::{JobEvent, SheetPurpose};
use crate::domain::memorabilia::MemorabiliaEvent;
use crate::domain::order::OrderEvent;
use crate::domain::pack::PackEvent;
use crate::domain::product::{ProductEvent, ProductSpec, VoidedNumber};
use crate::domain::sheet::{SheetEvent, SheetStatus};
use crate::domain::station::{StationEvent, UnitInHand};
use crate::domain::values::QaOutcome;
use crate::domain::{Event, Recorded};
use crate::identity::{
    AssemblyId, CardUnitId, JobId, OperationId, PackId, PieceId, ProductId, ProductionOrderId,
    SheetId,
};
use rustc_hash::FxHashMap;
use std::collections::BTreeMap;
use std::sync::Arc;

/// The five places of which every card is in exactly one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    Floor,
    Gathered,
    Packed,
    Voided,
    Consumed,
}

impl Place {
    pub(super) const ALL: &[Self] = &[
        Self::Floor,
        Self::Gathered,
        Self::Packed,
        Self::Voided,
        Self::Consumed,
    ];

    pub(super) const fn is_live(self) -> bool {
        !matches!(self, Self::Voided | Self::Consumed)
    }

    const fn of(status: CardUnitStatus) -> Self {
        match status {
            CardUnitStatus::Created
            | CardUnitStatus::InProgress
            | CardUnitStatus::QaPassed
            | CardUnitStatus::QaFailed => Self::Floor,
            CardUnitStatus::Assembled => Self::Gathered,
            CardUnitStatus::Packed => Self::Packed,
            CardUnitStatus::Voided => Self::Voided,
            CardUnitStatus::Consumed => Self::Consumed,
        }
    }

    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Floor => "on the floor",
            Self::Gathered => "gathered",
            Self::Packed => "packed",
            Self::Voided => "voided",
            Self::Consumed => "consumed",
        }
    }
}

/// How many cards there should be (the cuts and replacements say), and where the cards say they are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Tally {
    pub(super) expected: i64,
    at: [i64; 5],
}

impl Tally {
    pub(super) const fn at(&self, place: Place) -> i64 {
        self.at[place as usize]
    }

    pub(super) fn total(&self) -> i64 {
        self.at.iter().sum()
    }

    pub(super) fn moved(&mut self, from: Option<Place>, to: Place) {
        if let Some(from) = from {
            self.at[from as usize] -= 1;
        }
        self.at[to as usize] += 1;
    }
}

/// The operations of a sheet or a card, and which of its events still count.
#[derive(Debug, Default)]
pub(super) struct Work {
    pub(super) current: Option<OperationId>,
    pub(super) completed: Vec<OperationId>,
    pub(super) deviations: Vec<OperationId>,
    /// Sequence numbers of its events that no correction took back; the first is its creation.
    pub(super) counting: Vec<u64>,
}

impl Work {
    pub(super) fn is_complete(&self, id: &OperationId) -> bool {
        self.completed.contains(id)
    }

    fn complete(&mut self, id: &OperationId) {
        if !self.is_complete(id) {
            self.completed.push(id.clone());
        }
        if self.current.as_ref() == Some(id) {
            self.current = None;
        }
    }

    /// What ran ends, and another operation begins; done before or not, it is open from now on.
    fn begin(&mut self, ended: Option<&OperationId>, reopened: &[OperationId], id: &OperationId) {
        if let Some(ended) = ended {
            self.complete(ended);
        }
        self.completed
            .retain(|done| done != id && !reopened.contains(done));
        self.current = Some(id.clone());
    }

    fn restore(
        &mut self,
        undoes: &[u64],
        current: Option<&OperationId>,
        completed: &[OperationId],
    ) {
        self.counting.retain(|event| !undoes.contains(event));
        self.current = current.cloned();
        self.completed = completed.to_vec();
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum SheetPlace {
    Uncut,
    Cut,
    Voided,
}

#[derive(Debug)]
pub(super) struct Sheet {
    pub(super) purpose: SheetPurpose,
    pub(super) place: SheetPlace,
    pub(super) work: Work,
    /// By position: the highest replacement there, 0 for the cut's card. Empty before the cut.
    pub(super) latest: Vec<u16>,
    pub(super) tally: Tally,
}

#[derive(Debug)]
pub(super) struct Card {
    pub(super) place: Place,
    pub(super) spare: bool,
    pub(super) held: bool,
    pub(super) source: Option<ReplacementSource>,
    pub(super) consumed_by: Option<CardUnitId>,
    pub(super) pack: Option<PackId>,
    /// Only while the card lives; what became of it afterwards stands with the number.
    pub(super) number: Option<SequentialNumber>,
    /// Kept when the card dies, so that it can be seen that nothing stays in it.
    pub(super) pieces: Vec<PieceId>,
    pub(super) work: Work,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Filling {
    Expected,
    Gathered,
    Lost,
    Conceded,
}

impl Filling {
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Expected => "still expected",
            Self::Gathered => "gathered",
            Self::Lost => "vacant",
            Self::Conceded => "conceded",
        }
    }
}

#[derive(Debug)]
pub(super) struct Seat {
    pub(super) card: CardUnitId,
    pub(super) filling: Filling,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    Open,
    Complete,
    Packed(PackId),
    Voided,
}

#[derive(Debug)]
pub(super) struct Set {
    pub(super) spares: bool,
    /// Position p at index p − 1.
    pub(super) seats: Vec<Seat>,
    /// How many seats have each [`Filling`].
    count: [usize; 4],
    pub(super) held: bool,
    pub(super) standing: Standing,
    /// The box that it is in, as the boxes say.
    pub(super) pack_by_packs: Option<PackId>,
}

impl Set {
    pub(super) const fn count(&self, filling: Filling) -> usize {
        self.count[filling as usize]
    }

    pub(super) const fn is_filled(&self) -> bool {
        self.count(Filling::Expected) + self.count(Filling::Lost) == 0
    }

    pub(super) fn seat(&self, position: u16) -> Option<&Seat> {
        self.seats.get(usize::from(position.checked_sub(1)?))
    }

    pub(super) fn cards(&self, filling: Filling) -> impl Iterator<Item = CardUnitId> {
        self.seats
            .iter()
            .filter(move |seat| seat.filling == filling)
            .map(|seat| seat.card)
    }

    fn fill(&mut self, position: u16, filling: Filling) {
        let seat = usize::from(position)
            .checked_sub(1)
            .and_then(|index| self.seats.get_mut(index));
        let Some(seat) = seat else { return };
        self.count[seat.filling as usize] -= 1;
        self.count[filling as usize] += 1;
        seat.filling = filling;
        if self.standing == Standing::Complete {
            self.standing = Standing::Open;
        }
    }
}

#[derive(Debug, Default)]
pub(super) struct Pack {
    pub(super) closed: bool,
    pub(super) shipped: bool,
    /// What it stands in: as it says itself, and as the outer packs say.
    pub(super) outer: Option<PackId>,
    pub(super) outer_by_outers: Option<PackId>,
}

#[derive(Debug, Default)]
pub(super) struct Piece {
    pub(super) within: Option<CardUnitId>,
    pub(super) destroyed_with: Option<CardUnitId>,
}

/// Where a number is. One that was never given, or went back to the pool, is not in the book.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Numbered {
    On(CardUnitId),
    BurnedWith(CardUnitId),
    /// Kept for whatever replaces this card.
    PassedOnBy(CardUnitId),
}

#[derive(Debug)]
pub(super) struct Job {
    pub(super) order: ProductionOrderId,
    pub(super) quantity: u32,
    pub(super) n_up: u16,
    /// `None` if that version was never published.
    pub(super) spec: Option<Arc<ProductSpec>>,
    pub(super) sheets_announced: u32,
    pub(super) sheets_created: u32,
    pub(super) tally: Tally,
}

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
            self.sets.entry(id).or_insert(Set {
                spares: e.spares,
                count: [seats.len(), 0, 0, 0],
                seats,
                held: false,
                standing: Standing::Open,
                pack_by_packs: None,
            });
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

/// What a decision touched, each with the last event that did: what has to agree at its end.
#[derive(Debug, Default)]
pub(super) struct Touched {
    pub(super) orders: BTreeMap<ProductionOrderId, u64>,
    pub(super) jobs: BTreeMap<JobId, u64>,
    pub(super) sheets: BTreeMap<SheetId, u64>,
    pub(super) cards: BTreeMap<CardUnitId, u64>,
    pub(super) sets: BTreeMap<AssemblyId, u64>,
    pub(super) packs: BTreeMap<PackId, u64>,
    pub(super) pieces: BTreeMap<PieceId, u64>,
    /// The parts of the cuts in this decision, which come together or not at all.
    pub(super) cuts: BTreeMap<SheetId, Cut>,
}

#[derive(Debug, Default)]
pub(super) struct Cut {
    pub(super) n_up: Option<u16>,
    pub(super) cards_created: usize,
    pub(super) highest_position: u16,
    pub(super) expected_count: Option<u16>,
    pub(super) sequence_num: u64,
}

impl Touched {
    /// Notes what the event touches; before the book takes it in.
    pub(super) fn add(&mut self, book: &Book, recorded: &Recorded) {
        let at = recorded.sequence_num;
        match &recorded.event {
            Event::ProductionOrder(OrderEvent::ProductionOrderJobSpawned(e)) => {
                self.orders.insert(e.order_id.clone(), at);
                self.jobs.insert(e.job_id, at);
            }
            Event::Job(event) => {
                self.jobs.insert(*event.unit_id(), at);
                if let JobEvent::JobCreated(e) = event {
                    self.orders.insert(e.order_id.clone(), at);
                }
            }
            Event::Sheet(event) => {
                self.sheet(book, *event.unit_id(), at);
                if let SheetEvent::SheetCut(e) = event {
                    self.cut(e.sheet_id, at).n_up = Some(e.n_up);
                    self.sets.insert(e.sheet_id.assembly(), at);
                }
            }
            Event::CardUnit(event) => self.card_event(book, event, at),
            Event::Assembly(event) => self.set_event(book, event, at),
            Event::Pack(event) => {
                self.packs.insert(*event.unit_id(), at);
                match event {
                    PackEvent::SetAddedToPack(e) => {
                        self.sets.insert(e.assembly_id, at);
                    }
                    PackEvent::SetRemovedFromPack(e) => {
                        self.sets.insert(e.assembly_id, at);
                    }
                    PackEvent::PackAddedToPack(e) => {
                        self.packs.insert(e.inner_pack_id, at);
                    }
                    PackEvent::PackRemovedFromPack(e) => {
                        self.packs.insert(e.inner_pack_id, at);
                    }
                    _ => {}
                }
            }
            Event::Memorabilia(event) => {
                self.pieces.insert(event.unit_id().clone(), at);
                match event {
                    MemorabiliaEvent::MemorabiliaRegistered(_) => {}
                    MemorabiliaEvent::MemorabiliaPieceInserted(e) => {
                        self.cards.insert(e.card_unit_id, at);
                    }
                    MemorabiliaEvent::MemorabiliaPieceFreed(e) => {
                        self.cards.insert(e.card_unit_id, at);
                    }
                    MemorabiliaEvent::MemorabiliaPieceDestroyed(e) => {
                        self.cards.insert(e.card_unit_id, at);
                    }
                }
            }
            Event::Station(StationEvent::UnitTakenInHand(e)) => match e.unit {
                UnitInHand::Sheet(id) => self.sheet(book, id, at),
                UnitInHand::CardUnit(id) => {
                    self.cards.insert(id, at);
                }
            },
            Event::ProductionOrder(_)
            | Event::Product(_)
            | Event::Station(_)
            | Event::Operator(_)
            | Event::Hold(_) => {}
        }
    }

    fn card_event(&mut self, book: &Book, event: &CardUnitEvent, at: u64) {
        let id = *event.unit_id();
        self.cards.insert(id, at);
        self.sheet(book, id.sheet(), at);
        match event {
            CardUnitEvent::CardUnitCreated(e) => {
                let cut = self.cut(id.sheet(), at);
                cut.cards_created += 1;
                cut.highest_position = cut.highest_position.max(e.position);
            }
            CardUnitEvent::ReplacementCardUnitCreated(e) => {
                self.cards.insert(e.replaces, at);
                if let ReplacementSource::Spare { card_unit_id } = e.source {
                    self.cards.insert(card_unit_id, at);
                }
            }
            CardUnitEvent::CardUnitConsumedAsSpare(e) => {
                self.cards.insert(e.replacement_id, at);
            }
            CardUnitEvent::MemorabiliaPlaced(e) => {
                self.pieces.insert(e.piece_id.clone(), at);
            }
            CardUnitEvent::CardUnitCorrected(e) => {
                let before = book.cards.get(&id).map(|card| &card.pieces);
                for piece in before.into_iter().flatten().chain(&e.restores.piece_ids) {
                    self.pieces.insert(piece.clone(), at);
                }
            }
            _ => {}
        }
    }

    fn set_event(&mut self, book: &Book, event: &AssemblyEvent, at: u64) {
        let id = *event.unit_id();
        self.sets.insert(id, at);
        self.sheet(book, id.sheet(), at);
        match event {
            AssemblyEvent::AssemblyCreated(e) => {
                self.cut(id.sheet(), at).expected_count = Some(e.expected_count);
            }
            AssemblyEvent::CardScannedForAssembly(e) => {
                self.cards.insert(e.card_unit_id, at);
            }
            AssemblyEvent::CardRemovedFromAssembly(e) => {
                self.cards.insert(e.card_unit_id, at);
            }
            AssemblyEvent::AssemblyMemberLost(e) => {
                self.cards.insert(e.card_unit_id, at);
            }
            AssemblyEvent::AssemblyMemberRestored(e) => {
                self.cards.insert(e.card_unit_id, at);
            }
            AssemblyEvent::AssemblyMemberReplaced(e) => {
                self.cards.insert(e.card_unit_id, at);
                self.cards.insert(e.replaces, at);
            }
            AssemblyEvent::ConcessionSigned(_)
            | AssemblyEvent::AssemblyVoided(_)
            | AssemblyEvent::SetPacked(_)
            | AssemblyEvent::SetUnpacked(_) => {
                let seats = book.sets.get(&id).map(|set| &set.seats);
                for seat in seats.into_iter().flatten() {
                    self.cards.insert(seat.card, at);
                }
                if let AssemblyEvent::SetPacked(e) = event {
                    self.cards
                        .extend(e.card_unit_ids.iter().map(|id| (*id, at)));
                }
            }
            AssemblyEvent::AssemblyCompleted(_)
            | AssemblyEvent::AssemblyHeld(_)
            | AssemblyEvent::AssemblyReleased(_) => {}
        }
    }

    /// The sheet, and with it the counts of its job and order.
    fn sheet(&mut self, book: &Book, sheet: SheetId, at: u64) {
        self.sheets.insert(sheet, at);
        self.jobs.insert(sheet.job(), at);
        if let Some(job) = book.jobs.get(&sheet.job()) {
            self.orders.insert(job.order.clone(), at);
        }
    }

    fn cut(&mut self, sheet: SheetId, at: u64) -> &mut Cut {
        let cut = self.cuts.entry(sheet).or_default();
        cut.sequence_num = at;
        cut
    }
}
