//! What a pack and a memorabilia piece are at present, each read off its own list.

use super::Reference;
use sheetwise_core::domain::memorabilia::MemorabiliaEvent;
use sheetwise_core::domain::pack::{PackEvent, PackStatus};
use sheetwise_core::domain::{Event, UnitRef};
use sheetwise_core::identity::{AssemblyId, CardUnitId, JobId, MemorabiliaKind, PackId, PieceId};
use std::collections::BTreeSet;

/// A box, case or pallet at present.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PackFacts {
    pub pack_id: PackId,
    pub job_id: JobId,
    pub capacity: u16,
    pub status: PackStatus,
    /// The sets that lie in it, for a box.
    pub sets: BTreeSet<AssemblyId>,
    /// The packs that stand in it, for a case or pallet.
    pub inner: BTreeSet<PackId>,
    /// The pack that it stands in.
    pub outer: Option<PackId>,
}

/// A memorabilia piece at present.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PieceFacts {
    pub piece_id: PieceId,
    pub kind: MemorabiliaKind,
    pub planned_for: Option<CardUnitId>,
    /// The card that it is in.
    pub card: Option<CardUnitId>,
    /// The card that it was lost with.
    pub destroyed_with: Option<CardUnitId>,
}

impl Reference {
    /// The pack at present; `None` if it was never opened.
    #[must_use]
    pub fn pack(&self, id: PackId) -> Option<PackFacts> {
        let mut facts: Option<PackFacts> = None;
        for recorded in self.history(&UnitRef::Pack(id)) {
            let Event::Pack(event) = &recorded.event else {
                unreachable!("a pack's list holds a pack's events");
            };
            if let PackEvent::PackOpened(e) = event {
                facts = Some(PackFacts {
                    pack_id: id,
                    job_id: e.job_id,
                    capacity: e.capacity,
                    status: PackStatus::Open,
                    sets: BTreeSet::new(),
                    inner: BTreeSet::new(),
                    outer: None,
                });
                continue;
            }
            let pack = facts.as_mut()?;
            match event {
                PackEvent::PackOpened(_) => {}
                PackEvent::SetAddedToPack(e) => {
                    pack.sets.insert(e.assembly_id);
                }
                PackEvent::SetRemovedFromPack(e) => {
                    pack.sets.remove(&e.assembly_id);
                }
                PackEvent::PackAddedToPack(e) => {
                    pack.inner.insert(e.inner_pack_id);
                }
                PackEvent::PackRemovedFromPack(e) => {
                    pack.inner.remove(&e.inner_pack_id);
                }
                PackEvent::PackNested(e) => pack.outer = Some(e.outer_pack_id),
                PackEvent::PackUnnested(_) => pack.outer = None,
                PackEvent::PackClosed(_) => pack.status = PackStatus::Closed,
                PackEvent::PackReopened(_) => pack.status = PackStatus::Open,
                PackEvent::PackShipped(_) => pack.status = PackStatus::Shipped,
            }
        }
        facts
    }

    /// The cards in the pack, those of its inner packs included, in the order of their ids.
    #[must_use]
    pub fn cards_in(&self, id: PackId) -> BTreeSet<CardUnitId> {
        let Some(pack) = self.pack(id) else {
            return BTreeSet::new();
        };
        let of_sets = pack.sets.iter().filter_map(|set| self.assembly(*set));
        let mut cards: BTreeSet<CardUnitId> = of_sets.flat_map(|set| set.packed_cards).collect();
        for inner in pack.inner {
            cards.extend(self.cards_in(inner));
        }
        cards
    }

    /// The piece at present; `None` if it never came into the shop.
    #[must_use]
    pub fn piece(&self, id: &PieceId) -> Option<PieceFacts> {
        let mut facts: Option<PieceFacts> = None;
        for recorded in self.history(&UnitRef::Memorabilia(id.clone())) {
            let Event::Memorabilia(event) = &recorded.event else {
                unreachable!("a piece's list holds a piece's events");
            };
            if let MemorabiliaEvent::MemorabiliaRegistered(e) = event {
                facts = Some(PieceFacts {
                    piece_id: id.clone(),
                    kind: e.kind.clone(),
                    planned_for: e.planned_for,
                    card: None,
                    destroyed_with: None,
                });
                continue;
            }
            let piece = facts.as_mut()?;
            match event {
                MemorabiliaEvent::MemorabiliaRegistered(_) => {}
                MemorabiliaEvent::MemorabiliaPieceInserted(e) => {
                    piece.card = Some(e.card_unit_id);
                    // A piece that is in a card again was not lost after all (its void was taken back).
                    piece.destroyed_with = None;
                }
                MemorabiliaEvent::MemorabiliaPieceFreed(_) => piece.card = None,
                MemorabiliaEvent::MemorabiliaPieceDestroyed(e) => {
                    piece.card = None;
                    piece.destroyed_with = Some(e.card_unit_id);
                }
            }
        }
        facts
    }
}
