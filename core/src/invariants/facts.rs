//! What the book says of one unit: the checker's own words for it, and its own small folds.

use crate::domain::card_unit::{CardUnitStatus, ReplacementSource, SequentialNumber};
use crate::domain::job::SheetPurpose;
use crate::domain::product::ProductSpec;
use crate::identity::{CardUnitId, OperationId, PackId, PieceId, ProductionOrderId};
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

    pub(super) const fn of(status: CardUnitStatus) -> Self {
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

    pub(super) fn complete(&mut self, id: &OperationId) {
        if !self.is_complete(id) {
            self.completed.push(id.clone());
        }
        if self.current.as_ref() == Some(id) {
            self.current = None;
        }
    }

    /// What ran ends, and another operation begins; done before or not, it is open from now on.
    pub(super) fn begin(
        &mut self,
        ended: Option<&OperationId>,
        reopened: &[OperationId],
        id: &OperationId,
    ) {
        if let Some(ended) = ended {
            self.complete(ended);
        }
        self.completed
            .retain(|done| done != id && !reopened.contains(done));
        self.current = Some(id.clone());
    }

    pub(super) fn restore(
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
    /// A set of which nothing lies there yet.
    pub(super) const fn of(spares: bool, seats: Vec<Seat>) -> Self {
        Self {
            spares,
            count: [seats.len(), 0, 0, 0],
            seats,
            held: false,
            standing: Standing::Open,
            pack_by_packs: None,
        }
    }

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

    pub(super) fn fill(&mut self, position: u16, filling: Filling) {
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
