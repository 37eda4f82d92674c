//! Values that several units share: small, without identity, equal when their parts are equal.

use super::event::Context;
use crate::identity::{FailureCode, MaterialLotId, StationId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::fmt;

/// What a person may do; each command names the roles that it needs (see `Command::needs_one_of`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Scans, inspects, packs; undoes the last scan at the own station.
    Operator,
    /// Supervises a shift: voids, replaces, releases, corrects, signs concessions.
    Lead,
    /// Quality engineer: holds and hold rules, deviations, concessions.
    Quality,
    /// Plans: orders, jobs, products.
    Planner,
    /// Everything.
    Admin,
    /// Another program.
    Integrator,
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Operator => "operator",
            Self::Lead => "lead",
            Self::Quality => "quality",
            Self::Planner => "planner",
            Self::Admin => "admin",
            Self::Integrator => "integrator",
        })
    }
}

/// How urgent an order or a job is: higher goes first; 0 is normal.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(transparent)]
pub struct Priority(pub i8);

/// The verdict of an inspection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum QaOutcome {
    /// In order.
    #[serde(rename = "PASS")]
    Pass,
    /// Not in order; a reason or codes say why.
    #[serde(rename = "FAIL")]
    Fail,
}

/// A defect seen at a position of a sheet before the cut; it travels to the card that the cut makes there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Defect {
    pub failure_code: FailureCode,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// A stay at a station: what recall asks for. The time is the server's, since device clocks decide nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Visit {
    pub station_id: StationId,
    pub recorded_at: Timestamp,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub material_lot_ids: Vec<MaterialLotId>,
}

impl Visit {
    /// A stay at the context's station, where it names one, without material.
    pub(crate) fn without_material(context: &Context) -> Option<Self> {
        Some(Self {
            station_id: context.station_id.clone()?,
            recorded_at: context.recorded_at,
            material_lot_ids: Vec::new(),
        })
    }
}
