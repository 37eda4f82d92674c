//! What happens to a station itself; what happens *at* it stands in the streams of the sheets and cards.

use super::StationDescription;
use crate::domain::UnitRef;
use crate::identity::{AssemblyId, CardUnitId, MaterialLotId, PackId, SheetId, StationId};
use serde::{Deserialize, Serialize};

/// The station was set up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StationRegistered {
    pub station_id: StationId,
    #[serde(flatten)]
    pub description: StationDescription,
}

/// The station is described anew (another rate, other hours).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StationReconfigured {
    pub station_id: StationId,
    #[serde(flatten)]
    pub description: StationDescription,
}

/// The station does not work.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StationWentDown {
    pub station_id: StationId,
    pub reason: String,
}

/// The station works again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StationCameUp {
    pub station_id: StationId,
}

/// These lots are loaded now, instead of what was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MaterialLotsLoaded {
    pub station_id: StationId,
    pub material_lot_ids: Vec<MaterialLotId>,
}

/// The bench put aside what it had in hand, and took up this set (or nothing); or it took up this open
/// pack beside what it has in hand.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BenchSwitched {
    pub station_id: StationId,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub active_assembly_id: Option<AssemblyId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub open_pack_id: Option<PackId>,
}

/// A sheet or card that is being worked on at the station, but was not in hand there any more, was scanned
/// once more: what is scanned next is about it. Nothing happened to it, so this is the station's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnitTakenInHand {
    pub station_id: StationId,
    #[serde(flatten)]
    pub unit: UnitInHand,
}

/// What is worked on at stations, by its id: `"card_unit_id": "J1044-S003-07"`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum UnitInHand {
    #[serde(rename = "sheet_id")]
    Sheet(SheetId),
    #[serde(rename = "card_unit_id")]
    CardUnit(CardUnitId),
}

impl From<UnitInHand> for UnitRef {
    fn from(unit: UnitInHand) -> Self {
        match unit {
            UnitInHand::Sheet(id) => Self::Sheet(id),
            UnitInHand::CardUnit(id) => Self::CardUnit(id),
        }
    }
}
