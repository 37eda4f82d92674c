//! A hold rule at present.

use super::{HoldEvent, HoldRulePlaced};
use crate::identity::{AssemblyId, CardUnitId, JobId, MaterialLotId, SheetId, StationId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::fmt;

/// What a hold rule matches.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum HoldTarget {
    /// This card.
    CardUnit { card_unit_id: CardUnitId },
    /// This sheet, and its cards after the cut.
    Sheet { sheet_id: SheetId },
    /// Every card of this set.
    Assembly { assembly_id: AssemblyId },
    /// Every sheet and card of this job.
    Job { job_id: JobId },
    /// Every sheet and card that was worked on with this lot.
    MaterialLot { material_lot_id: MaterialLotId },
    /// Every sheet and card that came to this station in the window (server's clock, `from` included,
    /// `to` not; an open end goes on).
    StationWindow {
        station_id: StationId,
        from: Timestamp,
        to: Option<Timestamp>,
    },
}

impl fmt::Display for HoldTarget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::CardUnit { card_unit_id } => write!(f, "card {card_unit_id}"),
            Self::Sheet { sheet_id } => write!(f, "sheet {sheet_id}"),
            Self::Assembly { assembly_id } => write!(f, "set {assembly_id}"),
            Self::Job { job_id } => write!(f, "job {job_id}"),
            Self::MaterialLot { material_lot_id } => write!(f, "what met lot {material_lot_id}"),
            Self::StationWindow {
                station_id,
                from,
                to: Some(to),
            } => {
                write!(f, "what was at {station_id} from {from} to {to}")
            }
            Self::StationWindow {
                station_id,
                from,
                to: None,
            } => write!(f, "what was at {station_id} since {from}"),
        }
    }
}

/// A hold rule at present.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Hold {
    pub placed: HoldRulePlaced,
    pub lifted: bool,
}

impl Hold {
    /// The rule after the event.
    ///
    /// # Panics
    /// If the stream does not begin with [`HoldRulePlaced`].
    #[must_use]
    pub fn evolve(state: Option<Self>, event: &HoldEvent) -> Self {
        match event {
            HoldEvent::HoldRulePlaced(placed) => Self {
                placed: placed.clone(),
                lifted: false,
            },
            HoldEvent::HoldRuleLifted(_) => {
                let mut hold = state.expect("a hold rule's stream begins with HoldRulePlaced");
                hold.lifted = true;
                hold
            }
        }
    }
}
