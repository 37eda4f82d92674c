//! What a decision touched: where the checker looks once it is whole.

use super::book::Book;
use crate::domain::assembly::AssemblyEvent;
use crate::domain::card_unit::{CardUnitEvent, ReplacementSource};
use crate::domain::job::JobEvent;
use crate::domain::memorabilia::MemorabiliaEvent;
use crate::domain::order::OrderEvent;
use crate::domain::pack::PackEvent;
use crate::domain::sheet::SheetEvent;
use crate::domain::station::{StationEvent, UnitInHand};
use crate::domain::{Event, Recorded};
use crate::identity::{AssemblyId, CardUnitId, JobId, PackId, PieceId, ProductionOrderId, SheetId};
use std::collections::BTreeMap;
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
