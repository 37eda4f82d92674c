//! A station at present: what it is and can do. What is in hand there is its [`super::Bench`].

use super::{OperatingSchedule, StationEvent};
use crate::domain::Decimal;
use crate::domain::product::StationType;
use crate::identity::{MaterialLotId, StationId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// What a station's rate counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum CapacityUnit {
    SheetsPerHour,
    CardsPerHour,
    SetsPerHour,
}

/// What a planner says about a station.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct StationDescription {
    pub name: String,
    pub station_type: StationType,
    pub capacity_unit: CapacityUnit,
    /// How much one machine does in an hour of running, in [`CapacityUnit`].
    pub rated_capacity: Decimal,
    /// How many machines of the kind work side by side.
    #[serde(default = "one_machine")]
    pub machines: u16,
    /// Changeover between jobs of different set-up families.
    #[serde(default)]
    pub setup_minutes: u32,
    pub operating_hours: OperatingSchedule,
    /// When it will not work although it is staffed: maintenance, a fair, a move.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub planned_downtime: Vec<PlannedDowntime>,
}

/// A stretch of time in which a station is planned not to work.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PlannedDowntime {
    pub from: Timestamp,
    pub to: Timestamp,
    pub reason: String,
}

const fn one_machine() -> u16 {
    1
}

/// A station at present.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Station {
    pub station_id: StationId,
    pub description: StationDescription,
    /// Why it does not work at present.
    pub down: Option<String>,
    /// The lots loaded now.
    pub material_lot_ids: Vec<MaterialLotId>,
}

impl Station {
    /// The station after the event.
    ///
    /// # Panics
    /// If the stream does not begin with `StationRegistered`.
    #[must_use]
    pub fn evolve(state: Option<Self>, event: &StationEvent) -> Self {
        if let StationEvent::StationRegistered(registered) = event {
            return Self {
                station_id: registered.station_id.clone(),
                description: registered.description.clone(),
                down: None,
                material_lot_ids: Vec::new(),
            };
        }
        let mut station = state.expect("a station's stream begins with StationRegistered");
        match event {
            StationEvent::StationRegistered(_)
            | StationEvent::BenchSwitched(_)
            | StationEvent::UnitTakenInHand(_) => {}
            StationEvent::StationReconfigured(e) => station.description = e.description.clone(),
            StationEvent::StationWentDown(e) => station.down = Some(e.reason.clone()),
            StationEvent::StationCameUp(_) => station.down = None,
            StationEvent::MaterialLotsLoaded(e) => {
                station.material_lot_ids.clone_from(&e.material_lot_ids)
            }
        }
        station
    }
}
