//! What may happen to a sheet next. The cut, which makes cards, is `production`'s.

use super::{
    Sheet, SheetDefectRecorded, SheetDeviationSigned, SheetEnteredStation, SheetHeld, SheetMove,
    SheetOperationCompleted, SheetReleased, SheetStatus, SheetVoided,
};
use crate::domain::product::{OperationNode, ProductSpec, StationType};
use crate::domain::refusal::{NextStep, RouteReason};
use crate::domain::values::Defect;
use crate::domain::{Decision, Refusal, UnitRef};
use crate::identity::{HoldId, MaterialLotId, OperationId, OperatorId, StationId};

/// The sheet comes to a station: what ran ends, the next operation of this station type begins.
pub fn enter_station(
    sheet: &Sheet,
    spec: &ProductSpec,
    station_id: &StationId,
    station_type: &StationType,
    material_lot_ids: &[MaterialLotId],
) -> Result<Decision, Refusal> {
    sheet.must_allow(SheetMove::EnterStation, spec)?;
    let now = &sheet.situation;
    let running = now
        .current_operation_id
        .as_ref()
        .and_then(|id| spec.operation(id));
    let here = now.current_station_id.as_ref() == Some(station_id);
    if here && running.is_some_and(|node| node.station_type == *station_type) {
        return Ok(Decision::AlreadyRecorded);
    }
    let out_of_route = |reason| {
        Err(Refusal::OutOfRoute {
            unit: UnitRef::Sheet(sheet.sheet_id),
            station_type: station_type.clone(),
            reason,
            next: sheet.next_steps(spec),
        })
    };
    let mut at_this_type = spec
        .sheet_operations()
        .filter(|n| n.station_type == *station_type)
        .peekable();
    if at_this_type.peek().is_none() {
        return out_of_route(RouteReason::NotInRoute);
    }
    let mut too_early: Option<Vec<OperationId>> = None;
    for node in at_this_type {
        if sheet.has_behind_it(&node.operation_id) {
            continue;
        }
        let first = sheet.missing_before(node);
        if first.is_empty() || sheet.deviations.contains(&node.operation_id) {
            return Ok(Decision::record(SheetEnteredStation {
                sheet_id: sheet.sheet_id,
                station_type: station_type.clone(),
                operation_id: node.operation_id.clone(),
                completed_operation_id: now.current_operation_id.clone(),
                material_lot_ids: material_lot_ids.to_vec(),
            }));
        }
        too_early.get_or_insert(first);
    }
    match (too_early, running) {
        // The same operation goes on at another machine of the type, whatever is to be done there later.
        (_, Some(node)) if node.station_type == *station_type => {
            Ok(Decision::record(SheetEnteredStation {
                sheet_id: sheet.sheet_id,
                station_type: station_type.clone(),
                operation_id: node.operation_id.clone(),
                completed_operation_id: None,
                material_lot_ids: material_lot_ids.to_vec(),
            }))
        }
        (Some(first), _) => out_of_route(RouteReason::Before(first)),
        (None, _) => out_of_route(RouteReason::DoneHere),
    }
}

/// What runs at the sheet ends, without another station being entered.
pub fn complete_operation(sheet: &Sheet, spec: &ProductSpec) -> Result<Decision, Refusal> {
    sheet.must_allow(SheetMove::CompleteOperation, spec)?;
    let Some(operation_id) = &sheet.situation.current_operation_id else {
        return Ok(Decision::AlreadyRecorded);
    };
    Ok(Decision::record(SheetOperationCompleted {
        sheet_id: sheet.sheet_id,
        operation_id: operation_id.clone(),
        ready_to_cut: sheet.missing_for_the_cut(spec).is_empty(),
    }))
}

/// A defect is seen at a position.
pub fn record_defect(
    sheet: &Sheet,
    spec: &ProductSpec,
    position: u16,
    defect: &Defect,
) -> Result<Decision, Refusal> {
    sheet.must_allow(SheetMove::RecordDefect, spec)?;
    if spec.layout.at(position).is_none() {
        return Err(Refusal::PositionNotOnSheet {
            sheet_id: sheet.sheet_id,
            position,
            n_up: spec.layout.n_up,
        });
    }
    let known = sheet.defects.get(&position).is_some_and(|defects| {
        defects
            .iter()
            .any(|known| known.failure_code == defect.failure_code)
    });
    if known {
        return Ok(Decision::AlreadyRecorded);
    }
    Ok(Decision::record(SheetDefectRecorded {
        sheet_id: sheet.sheet_id,
        position,
        defect: defect.clone(),
    }))
}

/// An operation may start before its predecessors are complete.
pub fn sign_deviation(
    sheet: &Sheet,
    spec: &ProductSpec,
    operation_id: &OperationId,
    signed_by: &OperatorId,
    reason: &str,
) -> Result<Decision, Refusal> {
    sheet.must_allow(SheetMove::SignDeviation, spec)?;
    if !spec
        .sheet_operations()
        .any(|node| node.operation_id == *operation_id)
    {
        return Err(Refusal::NoSuchOperation {
            unit: UnitRef::Sheet(sheet.sheet_id),
            operation_id: operation_id.clone(),
        });
    }
    if sheet.deviations.contains(operation_id) {
        return Ok(Decision::AlreadyRecorded);
    }
    Ok(Decision::record(SheetDeviationSigned {
        sheet_id: sheet.sheet_id,
        operation_id: operation_id.clone(),
        signed_by: signed_by.clone(),
        reason: reason.to_owned(),
    }))
}

/// Puts the sheet to rest.
pub fn hold(sheet: &Sheet, spec: &ProductSpec, reason: &str) -> Result<Decision, Refusal> {
    sheet.must_allow(SheetMove::Hold, spec)?;
    let sheet_id = sheet.sheet_id;
    Ok(
        match super::super::hold::held_already(sheet.held.as_ref(), reason, || {
            format!("Sheet {sheet_id}")
        })? {
            true => Decision::AlreadyRecorded,
            false => Decision::record(SheetHeld {
                sheet_id,
                reason: reason.to_owned(),
            }),
        },
    )
}

/// Lets the sheet go on, or frees it from a hold rule.
pub fn release(
    sheet: &Sheet,
    spec: &ProductSpec,
    hold_id: Option<&HoldId>,
    reason: &str,
) -> Result<Decision, Refusal> {
    sheet.must_allow(SheetMove::Release, spec)?;
    let free_already = match hold_id {
        None => sheet.held.is_none(),
        Some(hold_id) => sheet.released_from.contains(hold_id),
    };
    if free_already {
        return Ok(Decision::AlreadyRecorded);
    }
    Ok(Decision::record(SheetReleased {
        sheet_id: sheet.sheet_id,
        hold_id: hold_id.cloned(),
        reason: reason.to_owned(),
    }))
}

/// The sheet goes to waste.
pub fn void(sheet: &Sheet, spec: &ProductSpec, reason: &str) -> Result<Decision, Refusal> {
    if sheet.situation.status == SheetStatus::Voided {
        return Ok(Decision::AlreadyRecorded);
    }
    sheet.must_allow(SheetMove::Void, spec)?;
    Ok(Decision::record(SheetVoided {
        sheet_id: sheet.sheet_id,
        reason: reason.to_owned(),
    }))
}

impl Sheet {
    /// Refuses where the sheet's status does not allow the move.
    pub(crate) fn must_allow(&self, wanted: SheetMove, spec: &ProductSpec) -> Result<(), Refusal> {
        if self.situation.status.allows(wanted) {
            return Ok(());
        }
        let sheet_id = self.sheet_id;
        Err(match self.situation.status {
            SheetStatus::Cut => Refusal::AlreadyCut {
                sheet_id,
                n_up: spec.layout.n_up,
            },
            SheetStatus::Voided => Refusal::Voided {
                unit: UnitRef::Sheet(sheet_id),
                reason: self.situation.void_reason.clone().unwrap_or_default(),
            },
            SheetStatus::Created if wanted == SheetMove::Cut => Refusal::NotReadyToCut {
                sheet_id,
                missing: self.missing_for_the_cut(spec),
            },
            status => Refusal::SheetNotNow {
                sheet_id,
                status,
                wanted,
            },
        })
    }

    /// Done, or ending with the next scan.
    fn has_behind_it(&self, operation_id: &OperationId) -> bool {
        self.situation
            .completed_operation_ids
            .contains(operation_id)
            || self.situation.current_operation_id.as_ref() == Some(operation_id)
    }

    fn missing_before(&self, node: &OperationNode) -> Vec<OperationId> {
        node.predecessors
            .iter()
            .filter(|id| !self.has_behind_it(id))
            .cloned()
            .collect()
    }

    /// What must still be done before the cut, if what runs now ends.
    #[must_use]
    pub fn missing_for_the_cut(&self, spec: &ProductSpec) -> Vec<NextStep> {
        spec.sheet_operations()
            .filter(|node| !self.has_behind_it(&node.operation_id))
            .map(NextStep::of)
            .collect()
    }

    /// What could be done to it next, if what runs now ends: operations whose predecessors are behind it.
    #[must_use]
    pub fn next_steps(&self, spec: &ProductSpec) -> Vec<NextStep> {
        if !self.situation.status.allows(SheetMove::EnterStation) {
            return Vec::new();
        }
        let open: Vec<NextStep> = spec
            .sheet_operations()
            .filter(|node| !self.has_behind_it(&node.operation_id))
            .filter(|node| self.missing_before(node).is_empty())
            .map(NextStep::of)
            .collect();
        if open.is_empty() {
            vec![NextStep::of(spec.cut_operation())]
        } else {
            open
        }
    }
}
