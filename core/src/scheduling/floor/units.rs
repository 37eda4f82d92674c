//! What of a sheet, card or set says where it stands: enough to know what is left of it, and no more. It is made of the
//! unit's whole state here, or of its row by whoever has rows.

use crate::domain::assembly::{Assembly, AssemblyStatus};
use crate::domain::card_unit::{CardUnit, CardUnitStatus};
use crate::domain::sheet::{Sheet, SheetStatus};
use crate::domain::values::Visit;
use crate::identity::{AssemblyId, CardUnitId, OperationId, SheetId, StationId};
use jiff::Timestamp;

/// How far a sheet or card is.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Progress {
    pub completed_operation_ids: Vec<OperationId>,
    /// It has begun and is not complete.
    pub current_operation_id: Option<OperationId>,
    /// Where it was scanned for that, and when; nothing where nothing has begun.
    pub arrived: Option<(StationId, Timestamp)>,
}

/// A sheet on the floor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SheetNow {
    pub sheet_id: SheetId,
    /// Its cards will be spares: nobody waits for them.
    pub spares: bool,
    pub status: SheetStatus,
    pub progress: Progress,
}

/// A card on the floor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CardNow {
    pub card_unit_id: CardUnitId,
    pub status: CardUnitStatus,
    pub progress: Progress,
}

/// A set, gathered or not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SetNow {
    pub assembly_id: AssemblyId,
    pub spares: bool,
    pub status: AssemblyStatus,
    /// Positions whose card is gone and not replaced.
    pub vacant_positions: Vec<u16>,
}

impl Progress {
    fn of(done: &[OperationId], current: Option<&OperationId>, visits: &[Visit]) -> Self {
        let last = visits.last().filter(|_| current.is_some());
        Self {
            completed_operation_ids: done.to_vec(),
            current_operation_id: current.cloned(),
            arrived: last.map(|visit| (visit.station_id.clone(), visit.recorded_at)),
        }
    }
}

impl From<&Sheet> for SheetNow {
    fn from(sheet: &Sheet) -> Self {
        let situation = &sheet.situation;
        Self {
            sheet_id: sheet.sheet_id,
            spares: sheet.purpose.yields_spares(),
            status: situation.status,
            progress: Progress::of(
                &situation.completed_operation_ids,
                situation.current_operation_id.as_ref(),
                &sheet.visits,
            ),
        }
    }
}

impl From<&CardUnit> for CardNow {
    fn from(card: &CardUnit) -> Self {
        let situation = &card.situation;
        Self {
            card_unit_id: card.card_unit_id,
            status: situation.status,
            progress: Progress::of(
                &situation.completed_operation_ids,
                situation.current_operation_id.as_ref(),
                &card.visits,
            ),
        }
    }
}

impl From<&Assembly> for SetNow {
    fn from(set: &Assembly) -> Self {
        Self {
            assembly_id: set.assembly_id,
            spares: set.spares,
            status: set.status,
            vacant_positions: set.vacant_positions(),
        }
    }
}
