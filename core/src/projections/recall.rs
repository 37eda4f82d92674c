//! Recall: what a card is made of, and which encounters are asked for. What an encounter is, `encounters` says; how
//! the cards are found, the store does.

use super::CardUnitRow;
use super::encounters::Encounter;
use super::lot_loads::LotLoads;
use crate::domain::card_unit::ReplacementSource;
use crate::domain::event::UnitRef;
use crate::identity::{CardUnitId, MaterialLotId, OperatorId, SheetId, StationId};

/// What a card is physically made of: whatever met one of these has met the card.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Body {
    /// The card itself, then the spare that it was made of.
    pub cards: Vec<CardUnitId>,
    /// The sheet that it was cut from; none for a replacement that was printed by itself.
    pub sheet: Option<SheetId>,
}

impl Body {
    /// The body of a card; `card_unit` looks up rows.
    #[must_use]
    pub fn of<'a>(
        card: &CardUnitRow,
        card_unit: impl Fn(CardUnitId) -> Option<&'a CardUnitRow>,
    ) -> Self {
        let mut cards = vec![card.card_unit_id];
        let mut source = card.source;
        let sheet = loop {
            match source {
                None => break cards.last().map(|physical| physical.sheet()),
                Some(ReplacementSource::Reprint) => break None,
                Some(ReplacementSource::Spare { card_unit_id }) => {
                    cards.push(card_unit_id);
                    source = card_unit(card_unit_id).and_then(|spare| spare.source);
                }
            }
        };
        Self { cards, sheet }
    }

    /// The streams in which stands what the body has met.
    #[must_use]
    pub fn streams(&self) -> Vec<UnitRef> {
        let cards = self.cards.iter().copied().map(UnitRef::CardUnit);
        self.sheet
            .map(UnitRef::Sheet)
            .into_iter()
            .chain(cards)
            .collect()
    }
}

/// What is asked of an encounter. Everything that is given has to be so.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Criteria {
    pub station_id: Option<StationId>,
    pub material_lot_id: Option<MaterialLotId>,
    pub operator_id: Option<OperatorId>,
    /// The first event of the window in question.
    pub from_event: Option<u64>,
    /// The first event after it.
    pub before_event: Option<u64>,
}

impl Criteria {
    /// Nothing is asked: any encounter will do, and none is needed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Whether the encounter is one of those asked for. A lot has to have been loaded during the stay and within
    /// the window; an operator has to have acted at any moment of a stay that touches the window.
    #[must_use]
    pub fn are_met_by(&self, encounter: &Encounter, loads: &LotLoads) -> bool {
        let from = self.from_event.unwrap_or(0);
        let before = self.before_event.unwrap_or(u64::MAX);
        let ended = encounter.to_event.unwrap_or(u64::MAX);
        let lot_is_met = |lot: &MaterialLotId| {
            let (from, to) = (from.max(encounter.from_event), before.min(ended));
            loads
                .during(&encounter.station_id, from, to)
                .any(|loaded| loaded == lot)
        };
        encounter.from_event < before
            && ended >= from
            && self
                .station_id
                .as_ref()
                .is_none_or(|station_id| encounter.station_id == *station_id)
            && self
                .operator_id
                .as_ref()
                .is_none_or(|operator_id| encounter.operator_ids.contains(operator_id))
            && self.material_lot_id.as_ref().is_none_or(lot_is_met)
    }
}
