//! `rm_sheets`: each sheet as it is now, up to and including the cut that ends it.

use super::Moment;
use super::card_units::push_new;
use super::job_progress::SheetTally;
use crate::domain::job::SheetPurpose;
use crate::domain::product::ProductSpec;
use crate::domain::refusal::NextStep;
use crate::domain::sheet::{Sheet, SheetEvent, SheetSituation, SheetStatus};
use crate::domain::values::Defect;
use crate::identity::{JobId, OperationId, SheetId, StationId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A row of `rm_sheets`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SheetRow {
    pub sheet_id: SheetId,
    pub job_id: JobId,
    pub purpose: SheetPurpose,
    pub status: SheetStatus,
    /// Where it was scanned last; nowhere before the first scan, and once it is cut or voided.
    pub current_station_id: Option<StationId>,
    /// When it came to the current station (server's clock).
    pub since: Option<Timestamp>,
    pub current_operation_id: Option<OperationId>,
    pub completed_operation_ids: Vec<OperationId>,
    /// Defects by position; each went on to its card at the cut.
    pub defects: BTreeMap<u16, Vec<Defect>>,
    /// Why it rests.
    pub held: Option<String>,
    pub void_reason: Option<String>,
    /// How many cards the cut made.
    pub card_unit_count: Option<u16>,
    pub last_event_seq: u64,
    pub updated_at: Timestamp,
}

impl SheetRow {
    /// The row that the event opens; `None` for an event of a sheet that is already there.
    #[must_use]
    pub fn open(event: &SheetEvent, at: Moment<'_>) -> Option<Self> {
        let SheetEvent::SheetCreated(e) = event else {
            return None;
        };
        Some(Self {
            sheet_id: e.sheet_id,
            job_id: e.sheet_id.job(),
            purpose: e.purpose,
            status: SheetStatus::Created,
            current_station_id: None,
            since: None,
            current_operation_id: None,
            completed_operation_ids: Vec::new(),
            defects: BTreeMap::new(),
            held: None,
            void_reason: None,
            card_unit_count: None,
            last_event_seq: at.sequence_num,
            updated_at: at.context.recorded_at,
        })
    }

    /// The row after an event of this sheet.
    pub fn apply(&mut self, event: &SheetEvent, at: Moment<'_>) {
        self.last_event_seq = at.sequence_num;
        self.updated_at = at.context.recorded_at;
        match event {
            SheetEvent::SheetCreated(_) | SheetEvent::SheetDeviationSigned(_) => {}
            SheetEvent::SheetEnteredStation(e) => {
                if let Some(operation_id) = &e.completed_operation_id {
                    push_new(&mut self.completed_operation_ids, operation_id);
                }
                self.status = SheetStatus::InProgress;
                self.current_operation_id = Some(e.operation_id.clone());
                self.current_station_id.clone_from(&at.context.station_id);
                self.since = at
                    .context
                    .station_id
                    .as_ref()
                    .map(|_| at.context.recorded_at);
            }
            SheetEvent::SheetOperationCompleted(e) => {
                push_new(&mut self.completed_operation_ids, &e.operation_id);
                self.current_operation_id = None;
                self.status = if e.ready_to_cut {
                    SheetStatus::ReadyToCut
                } else {
                    SheetStatus::InProgress
                };
            }
            SheetEvent::SheetDefectRecorded(e) => {
                self.defects
                    .entry(e.position)
                    .or_default()
                    .push(e.defect.clone());
            }
            SheetEvent::SheetDefectWithdrawn(e) => {
                if let Some(defects) = self.defects.get_mut(&e.position) {
                    defects.retain(|defect| defect.failure_code != e.failure_code);
                    if defects.is_empty() {
                        self.defects.remove(&e.position);
                    }
                }
            }
            SheetEvent::SheetHeld(e) => self.held = Some(e.reason.clone()),
            SheetEvent::SheetReleased(e) => {
                // With a rule named, only that rule lets go; a hold of the sheet itself stays.
                if e.hold_id.is_none() {
                    self.held = None;
                }
            }
            SheetEvent::SheetVoided(e) => {
                self.leave_the_floor(SheetStatus::Voided);
                self.void_reason = Some(e.reason.clone());
            }
            SheetEvent::SheetCut(e) => {
                self.leave_the_floor(SheetStatus::Cut);
                self.card_unit_count = Some(e.n_up);
            }
            SheetEvent::SheetCorrected(e) => {
                let now = &e.restores;
                if self.current_station_id != now.current_station_id {
                    // As for a card: when it first came there is not in the row.
                    self.since = now
                        .current_station_id
                        .as_ref()
                        .map(|_| at.context.recorded_at);
                }
                self.status = now.status;
                self.current_station_id.clone_from(&now.current_station_id);
                self.current_operation_id
                    .clone_from(&now.current_operation_id);
                self.completed_operation_ids
                    .clone_from(&now.completed_operation_ids);
                self.void_reason.clone_from(&now.void_reason);
            }
        }
    }

    fn leave_the_floor(&mut self, status: SheetStatus) {
        self.status = status;
        self.current_station_id = None;
        self.since = None;
        self.current_operation_id = None;
    }

    /// What could be done to it next, if what runs now ends: as the deciders see it.
    #[must_use]
    pub fn next_steps(&self, spec: &ProductSpec) -> Vec<NextStep> {
        let sheet = Sheet {
            sheet_id: self.sheet_id,
            purpose: self.purpose,
            situation: SheetSituation {
                status: self.status,
                current_station_id: self.current_station_id.clone(),
                current_operation_id: self.current_operation_id.clone(),
                completed_operation_ids: self.completed_operation_ids.clone(),
                void_reason: None,
            },
            defects: BTreeMap::new(),
            deviations: Vec::new(),
            held: self.held.clone(),
            released_from: Vec::new(),
            visits: Vec::new(),
        };
        sheet.next_steps(spec)
    }

    /// What the job's progress counts of it.
    #[must_use]
    pub fn tally(&self) -> SheetTally {
        SheetTally {
            status: self.status,
            held: self.held.is_some()
                && !matches!(self.status, SheetStatus::Cut | SheetStatus::Voided),
        }
    }
}
