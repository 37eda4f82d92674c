//! Recall: from a station, a lot, a person or a period to the cards that met it and to whoever has them now; and
//! from a card, pack, order or customer back to everything that it met. What is an encounter, and which ones are
//! meant, the core says; here is how they are found without reading the log from its beginning.

mod candidates;
mod found;

use crate::contract::{EventFilter, Reading, StoreError};
use candidates::candidates;
use found::Found;
use jiff::Timestamp;
use sheetwise_core::domain::{UnitRef, UnitType};
use sheetwise_core::identity::{
    CardUnitId, JobId, MaterialLotId, OperatorId, PackId, PieceId, ProductionOrderId, SheetId,
    StationId,
};
use sheetwise_core::projections::{Criteria, LotLoads, RecalledCard, RecalledSheet};
use std::collections::BTreeSet;

/// So many streams are read at once.
const STREAMS_AT_ONCE: usize = 500;

/// What is asked. Everything that is given has to be so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecallQuestion {
    pub scope: Scope,
    pub station_id: Option<StationId>,
    pub material_lot_id: Option<MaterialLotId>,
    pub operator_id: Option<OperatorId>,
    /// The server's clock, included.
    pub from: Option<Timestamp>,
    /// The server's clock, excluded.
    pub to: Option<Timestamp>,
    /// The streams of no more sheets and cards than this are read.
    pub units_max: usize,
}

impl RecallQuestion {
    /// Nothing is asked of the encounters.
    #[must_use]
    pub const fn is_plain(&self) -> bool {
        self.station_id.is_none()
            && self.material_lot_id.is_none()
            && self.operator_id.is_none()
            && self.from.is_none()
            && self.to.is_none()
    }
}

/// Which cards are asked about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scope {
    /// Whichever met what is asked for.
    Everything,
    CardUnit(CardUnitId),
    /// What was cut from it, whatever has become of it.
    Sheet(SheetId),
    /// Everything in it.
    Pack(PackId),
    /// Every card that it was ever in.
    Piece(PieceId),
    Job(JobId),
    Order(ProductionOrderId),
    /// By name, as the orders have it.
    Customer(String),
}

/// Everything that is concerned, ascending by id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recalled {
    pub cards: Vec<RecalledCard>,
    pub sheets: Vec<RecalledSheet>,
}

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NoRecall {
    /// There is no such thing.
    Unknown,
    /// Nothing limits the question: a station, a lot, a beginning, or a thing has to be named.
    Unlimited,
    /// It concerns more sheets and cards than may be read.
    TooWide {
        units_max: usize,
    },
    Store(StoreError),
}

impl From<StoreError> for NoRecall {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

/// Answers the question, of one moment.
pub fn recall(reading: &mut dyn Reading, asked: &RecallQuestion) -> Result<Recalled, NoRecall> {
    let loads = lot_loads(reading)?;
    let criteria = Criteria {
        station_id: asked.station_id.clone(),
        material_lot_id: asked.material_lot_id.clone(),
        operator_id: asked.operator_id.clone(),
        from_event: asked.from.map(|from| first_at(reading, from)).transpose()?,
        before_event: asked.to.map(|to| first_at(reading, to)).transpose()?,
    };
    let mut found = Found::default();
    if asked.scope == Scope::Everything {
        let units = candidates(reading, &criteria, &loads, asked.units_max)?;
        found.read(reading, units, &criteria, &loads)?;
        found.add_concerned(reading)?;
    } else {
        found.add_scope(reading, &asked.scope)?;
    }
    found.add_bodies(reading)?;
    let bodies = found.bodies();
    if asked.scope != Scope::Everything {
        let cards = bodies.iter().flat_map(|(_, body)| body.streams());
        let sheets = found.sheets.keys().copied().map(UnitRef::Sheet);
        let units: BTreeSet<UnitRef> = cards.chain(sheets).collect();
        if units.len() > asked.units_max {
            return Err(too_wide(asked.units_max));
        }
        found.read(reading, units, &criteria, &loads)?;
    }
    let mut recalled = found.told(reading, bodies)?;
    if !criteria.is_empty() {
        recalled.cards.retain(|card| !card.encounters.is_empty());
        recalled.sheets.retain(|sheet| !sheet.encounters.is_empty());
    }
    Ok(recalled)
}

const fn too_wide(units_max: usize) -> NoRecall {
    NoRecall::TooWide { units_max }
}

/// The number of the first event that was recorded at this time or later. The log is in the order of time, so
/// the moment is found by halving.
fn first_at(reading: &mut dyn Reading, time: Timestamp) -> Result<u64, StoreError> {
    let (mut low, mut high) = (1, reading.head()?.sequence_num + 1);
    while low < high {
        let middle = low + (high - low) / 2;
        let filter = EventFilter {
            range: middle..=middle,
            ..EventFilter::after(0, 1)
        };
        let event = reading.events(&filter)?.pop().ok_or_else(|| {
            StoreError::Damaged(format!(
                "the log has no event {middle}, though it is longer"
            ))
        })?;
        if event.recorded_at < time {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    Ok(low)
}

/// Everything that was ever loaded at the stations, from their own streams.
fn lot_loads(reading: &mut dyn Reading) -> Result<LotLoads, StoreError> {
    let mut loads = LotLoads::default();
    for station_id in reading.units_of(UnitType::Station, "", usize::MAX)? {
        let filter = EventFilter {
            event_types: vec!["MaterialLotsLoaded".into()],
            aggregate: Some((UnitType::Station, station_id)),
            ..EventFilter::after(0, usize::MAX)
        };
        for loaded in super::log(reading, &filter)? {
            loads.apply(&loaded);
        }
    }
    Ok(loads)
}
