//! What a sheet is at present, read off its own list. Whether it may be cut stands in `acceptance`.

use super::Reference;
use super::corrections::standing;
use sheetwise_core::domain::job::SheetPurpose;
use sheetwise_core::domain::sheet::{SheetEvent, SheetStatus};
use sheetwise_core::domain::{Event, Recorded, UnitRef};
use sheetwise_core::identity::{CardUnitId, FailureCode, OperationId, SheetId, StationId};
use std::collections::BTreeSet;

/// A sheet at present.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SheetFacts {
    pub sheet_id: SheetId,
    pub purpose: SheetPurpose,
    pub status: SheetStatus,
    /// Where it was last scanned; nowhere before that, and once cut or voided.
    pub station: Option<StationId>,
    /// What is being done to it there.
    pub operation: Option<OperationId>,
    pub completed_operations: BTreeSet<OperationId>,
    /// Defects that were seen and not withdrawn, in the order in which they were seen.
    pub defects: Vec<(u16, FailureCode)>,
    /// Why this very sheet rests.
    pub held: Option<String>,
    pub void_reason: Option<String>,
    /// The cards that the cut made of it.
    pub cards: Vec<CardUnitId>,
}

impl Reference {
    /// The sheet at present; `None` if it was never planned.
    #[must_use]
    pub fn sheet(&self, id: SheetId) -> Option<SheetFacts> {
        walk_sheet(&self.history(&UnitRef::Sheet(id)))
    }
}

/// Reads a sheet's list from its first event.
pub(super) fn walk_sheet(list: &[&Recorded]) -> Option<SheetFacts> {
    let mut facts: Option<SheetFacts> = None;
    for recorded in standing(list) {
        let Event::Sheet(event) = &recorded.event else {
            unreachable!("a sheet's list holds a sheet's events");
        };
        if let SheetEvent::SheetCreated(e) = event {
            facts = Some(SheetFacts {
                sheet_id: e.sheet_id,
                purpose: e.purpose,
                status: SheetStatus::Created,
                station: None,
                operation: None,
                completed_operations: BTreeSet::new(),
                defects: Vec::new(),
                held: None,
                void_reason: None,
                cards: Vec::new(),
            });
            continue;
        }
        let sheet = facts.as_mut()?;
        match event {
            SheetEvent::SheetCreated(_) => {}
            SheetEvent::SheetEnteredStation(e) => {
                sheet.status = SheetStatus::InProgress;
                sheet.station.clone_from(&recorded.context.station_id);
                if let Some(ended) = &e.completed_operation_id {
                    sheet.completed_operations.insert(ended.clone());
                }
                // What has just begun is not complete, even if it was done before.
                sheet.completed_operations.remove(&e.operation_id);
                sheet.operation = Some(e.operation_id.clone());
            }
            SheetEvent::SheetOperationCompleted(e) => {
                sheet.completed_operations.insert(e.operation_id.clone());
                if sheet.operation.as_ref() == Some(&e.operation_id) {
                    sheet.operation = None;
                }
                sheet.status = if e.ready_to_cut {
                    SheetStatus::ReadyToCut
                } else {
                    SheetStatus::InProgress
                };
            }
            SheetEvent::SheetCut(e) => {
                sheet.status = SheetStatus::Cut;
                sheet.station = None;
                sheet.operation = None;
                sheet.cards.clone_from(&e.card_unit_ids);
            }
            SheetEvent::SheetVoided(e) => {
                sheet.status = SheetStatus::Voided;
                sheet.station = None;
                sheet.operation = None;
                sheet.void_reason = Some(e.reason.clone());
            }
            // What was taken back is skipped already. The rest is no part of what a correction undoes.
            SheetEvent::SheetCorrected(_)
            | SheetEvent::SheetDefectRecorded(_)
            | SheetEvent::SheetDefectWithdrawn(_)
            | SheetEvent::SheetDeviationSigned(_)
            | SheetEvent::SheetHeld(_)
            | SheetEvent::SheetReleased(_) => {}
        }
    }
    let mut sheet = facts?;
    sheet.held = own_hold(list);
    sheet.defects = defects(list);
    Some(sheet)
}

/// Why this very sheet rests. A release that names a hold rule exempts from that rule only.
fn own_hold(list: &[&Recorded]) -> Option<String> {
    let mut held = None;
    for recorded in list {
        match &recorded.event {
            Event::Sheet(SheetEvent::SheetHeld(e)) => held = Some(e.reason.clone()),
            Event::Sheet(SheetEvent::SheetReleased(e)) if e.hold_id.is_none() => held = None,
            _ => {}
        }
    }
    held
}

fn defects(list: &[&Recorded]) -> Vec<(u16, FailureCode)> {
    let mut defects = Vec::new();
    for recorded in list {
        match &recorded.event {
            Event::Sheet(SheetEvent::SheetDefectRecorded(e)) => {
                defects.push((e.position, e.defect.failure_code.clone()));
            }
            Event::Sheet(SheetEvent::SheetDefectWithdrawn(e)) => {
                let withdrawn = (e.position, e.failure_code.clone());
                defects.retain(|defect| *defect != withdrawn);
            }
            _ => {}
        }
    }
    defects
}
