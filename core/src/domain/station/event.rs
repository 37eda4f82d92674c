//! What happens to a station itself; what happens *at* it stands in the streams of the sheets and cards.

use super::StationDescription;
use crate::identity::{AssemblyId, MaterialLotId, PackId, StationId};
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
