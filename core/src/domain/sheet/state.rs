//! A sheet at present, and its table of legal moves.

use super::SheetEvent;
use crate::domain::Context;
use crate::domain::job::SheetPurpose;
use crate::domain::values::{Defect, Visit};
use crate::domain::words;
use crate::identity::{HoldId, OperationId, SheetId, StationId};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

words! {
    /// Where a sheet stands.
    SheetStatus {
        /// Planned; no station has seen it.
        Created = "created",
        /// A station has seen it; sheet operations are open.
        InProgress = "in_progress",
        /// Every sheet operation of the product is complete.
        ReadyToCut = "ready_to_cut",
        /// It is gone, and its cards are there.
        Cut = "cut",
        /// It is waste.
        Voided = "voided",
    }
}

words! {
    /// What may be asked of a sheet.
    SheetMove {
        EnterStation = "enter_station",
        CompleteOperation = "complete_operation",
        RecordDefect = "record_defect",
        SignDeviation = "sign_deviation",
        Hold = "hold",
        Release = "release",
        Void = "void",
        Cut = "cut",
    }
}

impl SheetStatus {
    /// The table of legal moves: a sheet that is cut or voided is gone, and only a ready one is cut
    /// (or one in progress whose last operation ends with the scan at the cutter).
    #[must_use]
    pub const fn allows(self, wanted: SheetMove) -> bool {
        match wanted {
            SheetMove::EnterStation
            | SheetMove::RecordDefect
            | SheetMove::SignDeviation
            | SheetMove::Hold
            | SheetMove::Release
            | SheetMove::Void => {
                matches!(self, Self::Created | Self::InProgress | Self::ReadyToCut)
            }
            SheetMove::CompleteOperation => matches!(self, Self::InProgress | Self::ReadyToCut),
            SheetMove::Cut => matches!(self, Self::InProgress | Self::ReadyToCut),
        }
    }
}

/// The part of a sheet that a correction restores.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SheetSituation {
    pub status: SheetStatus,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub current_station_id: Option<StationId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub current_operation_id: Option<OperationId>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub completed_operation_ids: Vec<OperationId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub void_reason: Option<String>,
}

/// A sheet at present.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sheet {
    pub sheet_id: SheetId,
    pub purpose: SheetPurpose,
    pub situation: SheetSituation,
    /// Defects by position; each travels to its card at the cut.
    pub defects: BTreeMap<u16, Vec<Defect>>,
    /// Operations that may start before their predecessors are complete.
    pub deviations: Vec<OperationId>,
    pub held: Option<String>,
    /// Hold rules that no longer apply to it.
    pub released_from: Vec<HoldId>,
    pub visits: Vec<Visit>,
}

impl Sheet {
    /// The sheet after the event.
    ///
    /// # Panics
    /// If the stream does not begin with `SheetCreated`.
    #[must_use]
    pub fn evolve(state: Option<Self>, event: &SheetEvent, context: &Context) -> Self {
        if let SheetEvent::SheetCreated(created) = event {
            return Self {
                sheet_id: created.sheet_id,
                purpose: created.purpose,
                situation: SheetSituation {
                    status: SheetStatus::Created,
                    current_station_id: None,
                    current_operation_id: None,
                    completed_operation_ids: Vec::new(),
                    void_reason: None,
                },
                defects: BTreeMap::new(),
                deviations: Vec::new(),
                held: None,
                released_from: Vec::new(),
                visits: Vec::new(),
            };
        }
        let mut sheet = state.expect("a sheet's stream begins with SheetCreated");
        let now = &mut sheet.situation;
        match event {
            SheetEvent::SheetCreated(_) => {}
            SheetEvent::SheetEnteredStation(e) => {
                now.completed_operation_ids
                    .extend(e.completed_operation_id.clone());
                now.status = SheetStatus::InProgress;
                now.current_station_id.clone_from(&context.station_id);
                now.current_operation_id = Some(e.operation_id.clone());
                if let Some(station_id) = &context.station_id {
                    sheet.visits.push(Visit {
                        station_id: station_id.clone(),
                        recorded_at: context.recorded_at,
                        material_lot_ids: e.material_lot_ids.clone(),
                    });
                }
            }
            SheetEvent::SheetOperationCompleted(e) => {
                now.completed_operation_ids.push(e.operation_id.clone());
                now.current_operation_id = None;
                now.status = if e.ready_to_cut {
                    SheetStatus::ReadyToCut
                } else {
                    SheetStatus::InProgress
                };
            }
            SheetEvent::SheetDefectRecorded(e) => {
                sheet
                    .defects
                    .entry(e.position)
                    .or_default()
                    .push(e.defect.clone());
            }
            SheetEvent::SheetDefectWithdrawn(e) => {
                if let Some(defects) = sheet.defects.get_mut(&e.position) {
                    defects.retain(|defect| defect.failure_code != e.failure_code);
                    if defects.is_empty() {
                        sheet.defects.remove(&e.position);
                    }
                }
            }
            SheetEvent::SheetDeviationSigned(e) => sheet.deviations.push(e.operation_id.clone()),
            SheetEvent::SheetHeld(e) => sheet.held = Some(e.reason.clone()),
            SheetEvent::SheetReleased(e) => match &e.hold_id {
                None => sheet.held = None,
                Some(hold_id) => sheet.released_from.push(hold_id.clone()),
            },
            SheetEvent::SheetVoided(e) => {
                now.status = SheetStatus::Voided;
                now.current_station_id = None;
                now.current_operation_id = None;
                now.void_reason = Some(e.reason.clone());
            }
            SheetEvent::SheetCut(_) => {
                now.status = SheetStatus::Cut;
                now.current_station_id = None;
                now.current_operation_id = None;
                sheet.visits.extend(Visit::without_material(context));
            }
            SheetEvent::SheetCorrected(e) => *now = e.restores.clone(),
        }
        sheet
    }
}
