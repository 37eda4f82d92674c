//! `rm_card_units`: each card as it is now. Folded from the cards' own streams; a replacement's
//! creation also tells the card that it replaces.

use super::Moment;
use super::job_progress::CardTally;
use crate::domain::card_unit::{
    CardUnit, CardUnitEvent, CardUnitSituation, CardUnitStatus, EditionScope, ReplacementSource,
};
use crate::domain::product::{ProductSpec, StationType};
use crate::domain::refusal::NextStep;
use crate::domain::values::QaOutcome;
use crate::domain::words;
use crate::identity::{
    AssemblyId, CardUnitId, Design, FailureCode, JobId, OperationId, PackId, PieceId, SheetId,
    StationId,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use smol_str::{SmolStr, ToSmolStr};

words! {
    /// The last verdict, in the words of the seed's column.
    QaResult {
        /// In order.
        Pass = "pass",
        /// Not in order.
        Fail = "fail",
    }
}

/// A row of `rm_card_units`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CardUnitRow {
    pub card_unit_id: CardUnitId,
    pub sheet_id: SheetId,
    pub job_id: JobId,
    /// Position on the sheet, 1-based.
    pub position: u16,
    /// Where it was scanned last; nowhere once it is packed, voided or consumed.
    pub current_station_id: Option<StationId>,
    pub status: CardUnitStatus,
    pub qa_result: Option<QaResult>,
    pub qa_failure_reason: Option<String>,
    /// As printed on the card: `7/99`.
    pub sequential_number: Option<SmolStr>,
    pub last_event_seq: u64,
    pub updated_at: Timestamp,

    pub design: Design,
    /// What its number is a number of.
    pub edition: Option<EditionScope>,
    /// When it came to the current station (server's clock).
    pub since: Option<Timestamp>,
    pub current_operation_id: Option<OperationId>,
    pub completed_operation_ids: Vec<OperationId>,
    /// Which operations are inspections, as far as this card has met them. A correction restores an
    /// operation without the type of its station; this is how the row still knows.
    pub qa_operation_ids: Vec<OperationId>,
    /// Why it rests.
    pub held: Option<String>,
    pub rework_count: u8,
    pub qa_failure_codes: Vec<FailureCode>,
    pub replaces: Option<CardUnitId>,
    pub replaced_by: Option<CardUnitId>,
    /// Where a replacement physically comes from.
    pub source: Option<ReplacementSource>,
    /// It may stand in for another card of its position.
    pub spare: bool,
    /// The replacement that this spare became.
    pub consumed_by: Option<CardUnitId>,
    pub piece_ids: Vec<PieceId>,
    /// The set that it belongs to; it lies there while its status is `assembled`.
    pub assembly_id: AssemblyId,
    pub pack_id: Option<PackId>,
    /// What it was before it was laid into its set, and is again when it is taken out.
    pub gathered_from: Option<CardUnitStatus>,
    pub void_reason: Option<String>,
}

impl CardUnitRow {
    /// The row that the event opens; `None` for an event of a card that is already there.
    #[must_use]
    pub fn open(event: &CardUnitEvent, at: Moment<'_>) -> Option<Self> {
        if let CardUnitEvent::CardUnitCreated(e) = event {
            let mut row = Self::born(e.card_unit_id, e.design.clone(), at);
            row.spare = e.spare;
            row.held = e
                .defects
                .first()
                .map(|defect| format!("defect {} on the sheet", defect.failure_code));
            return Some(row);
        }
        if let CardUnitEvent::ReplacementCardUnitCreated(e) = event {
            let mut row = Self::born(e.card_unit_id, e.design.clone(), at);
            row.replaces = Some(e.replaces);
            row.source = Some(e.source);
            return Some(row);
        }
        None
    }

    fn born(card_unit_id: CardUnitId, design: Design, at: Moment<'_>) -> Self {
        let mut row = Self {
            card_unit_id,
            sheet_id: card_unit_id.sheet(),
            job_id: card_unit_id.job(),
            position: card_unit_id.position(),
            current_station_id: None,
            status: CardUnitStatus::Created,
            qa_result: None,
            qa_failure_reason: None,
            sequential_number: None,
            last_event_seq: at.sequence_num,
            updated_at: at.context.recorded_at,
            design,
            edition: None,
            since: None,
            current_operation_id: None,
            completed_operation_ids: Vec::new(),
            qa_operation_ids: Vec::new(),
            held: None,
            rework_count: 0,
            qa_failure_codes: Vec::new(),
            replaces: None,
            replaced_by: None,
            source: None,
            spare: false,
            consumed_by: None,
            piece_ids: Vec::new(),
            assembly_id: card_unit_id.assembly(),
            pack_id: None,
            gathered_from: None,
            void_reason: None,
        };
        row.arrive(at); // at the station that cut it
        row
    }

    /// The row after an event of this card.
    pub fn apply(&mut self, event: &CardUnitEvent, at: Moment<'_>) {
        self.last_event_seq = at.sequence_num;
        self.updated_at = at.context.recorded_at;
        match event {
            CardUnitEvent::CardUnitCreated(_) | CardUnitEvent::ReplacementCardUnitCreated(_) => {}
            CardUnitEvent::CardUnitEnteredStation(e) => {
                if self.status == CardUnitStatus::QaFailed {
                    self.rework_count = self.rework_count.saturating_add(1);
                }
                if let Some(operation_id) = &e.completed_operation_id {
                    push_new(&mut self.completed_operation_ids, operation_id);
                }
                self.completed_operation_ids
                    .retain(|done| !e.reopened_operation_ids.contains(done));
                if e.station_type == StationType::Qa {
                    push_new(&mut self.qa_operation_ids, &e.operation_id);
                }
                self.status = CardUnitStatus::InProgress;
                self.current_operation_id = Some(e.operation_id.clone());
                self.arrive(at);
            }
            CardUnitEvent::CardUnitOperationCompleted(e) => self.complete(&e.operation_id),
            CardUnitEvent::EmbellishmentApplied(e) => {
                self.status = CardUnitStatus::InProgress;
                self.complete(&e.operation_id);
            }
            CardUnitEvent::QAResultRecorded(e) => {
                push_new(&mut self.qa_operation_ids, &e.operation_id);
                self.qa_failure_reason.clone_from(&e.failure_reason);
                self.qa_failure_codes.clone_from(&e.failure_codes);
                self.qa_result = Some(e.result.into());
                match e.result {
                    QaOutcome::Pass => {
                        self.complete(&e.operation_id);
                        self.status = CardUnitStatus::QaPassed;
                    }
                    QaOutcome::Fail => {
                        self.current_operation_id = None;
                        self.status = CardUnitStatus::QaFailed;
                    }
                }
            }
            CardUnitEvent::SequentialNumberApplied(e) => {
                self.status = CardUnitStatus::InProgress;
                self.complete(&e.operation_id);
                self.sequential_number = Some(e.sequential_number.to_smolstr());
                self.edition = Some(e.sequential_number.scope.clone());
            }
            CardUnitEvent::MemorabiliaPlaced(e) => {
                self.status = CardUnitStatus::InProgress;
                self.complete(&e.operation_id);
                self.piece_ids.push(e.piece_id.clone());
            }
            CardUnitEvent::CardUnitDeviationSigned(_) => {}
            CardUnitEvent::CardUnitHeld(e) => self.held = Some(e.reason.clone()),
            CardUnitEvent::CardUnitReleased(e) => {
                // With a rule named, only that rule lets go; a hold of the card itself stays.
                if e.hold_id.is_none() {
                    self.held = None;
                }
            }
            CardUnitEvent::CardUnitVoided(e) => {
                self.leave_the_floor(CardUnitStatus::Voided);
                self.void_reason = Some(e.reason.clone());
            }
            CardUnitEvent::CardUnitConsumedAsSpare(e) => {
                self.leave_the_floor(CardUnitStatus::Consumed);
                self.consumed_by = Some(e.replacement_id);
            }
            CardUnitEvent::CardUnitAssembled(_) => {
                self.gathered_from = Some(self.status);
                self.status = CardUnitStatus::Assembled;
                self.current_operation_id = None;
                if at.context.station_id.is_some() {
                    self.arrive(at);
                }
            }
            CardUnitEvent::CardUnitRemovedFromAssembly(_) => {
                let before = self.gathered_from.take();
                self.status = before.expect("an assembled card was something before");
            }
            CardUnitEvent::CardUnitPacked(e) => {
                self.leave_the_floor(CardUnitStatus::Packed);
                self.pack_id = Some(e.pack_id);
            }
            CardUnitEvent::CardUnitUnpacked(_) => {
                self.status = CardUnitStatus::Assembled;
                self.pack_id = None;
                self.arrive(at);
            }
            CardUnitEvent::CardUnitCorrected(e) => {
                let now = &e.restores;
                if self.current_station_id != now.current_station_id {
                    // When it first came there is not in the row: it is there again from now.
                    self.since = now
                        .current_station_id
                        .as_ref()
                        .map(|_| at.context.recorded_at);
                }
                if now.status != CardUnitStatus::Consumed {
                    self.consumed_by = None;
                }
                self.status = now.status;
                self.current_station_id.clone_from(&now.current_station_id);
                self.current_operation_id
                    .clone_from(&now.current_operation_id);
                self.completed_operation_ids
                    .clone_from(&now.completed_operation_ids);
                self.qa_result = now.qa_result.map(QaResult::from);
                self.qa_failure_reason.clone_from(&now.qa_failure_reason);
                self.qa_failure_codes.clone_from(&now.qa_failure_codes);
                self.rework_count = now.rework_count;
                self.sequential_number = now.sequential_number.as_ref().map(ToSmolStr::to_smolstr);
                self.edition = now
                    .sequential_number
                    .as_ref()
                    .map(|number| number.scope.clone());
                self.piece_ids.clone_from(&now.piece_ids);
                self.pack_id = now.pack_id;
                self.gathered_from = now.gathered_from;
                self.void_reason.clone_from(&now.void_reason);
            }
        }
    }

    /// The row after its replacement was created.
    pub fn replaced(&mut self, replaced_by: CardUnitId, at: Moment<'_>) {
        self.last_event_seq = at.sequence_num;
        self.updated_at = at.context.recorded_at;
        self.replaced_by = Some(replaced_by);
    }

    fn arrive(&mut self, at: Moment<'_>) {
        self.current_station_id.clone_from(&at.context.station_id);
        self.since = at
            .context
            .station_id
            .as_ref()
            .map(|_| at.context.recorded_at);
    }

    fn leave_the_floor(&mut self, status: CardUnitStatus) {
        self.status = status;
        self.current_station_id = None;
        self.since = None;
        self.current_operation_id = None;
    }

    fn complete(&mut self, operation_id: &OperationId) {
        push_new(&mut self.completed_operation_ids, operation_id);
        if self.current_operation_id.as_ref() == Some(operation_id) {
            self.current_operation_id = None;
        }
    }

    /// What could be done to it next, if what runs now ends: as the deciders see it.
    #[must_use]
    pub fn next_steps(&self, spec: &ProductSpec) -> Vec<NextStep> {
        self.as_decided_on().next_steps(spec)
    }

    /// What must still be done before it may lie in its set, if what runs now ends.
    #[must_use]
    pub fn missing_for_assembly(&self, spec: &ProductSpec) -> Vec<NextStep> {
        self.as_decided_on().missing_for_assembly(spec)
    }

    /// The card as far as its route is concerned.
    fn as_decided_on(&self) -> CardUnit {
        CardUnit {
            card_unit_id: self.card_unit_id,
            design: self.design.clone(),
            spare: self.spare,
            replaces: self.replaces,
            source: self.source,
            consumed_by: self.consumed_by,
            defects: Vec::new(),
            situation: CardUnitSituation {
                status: self.status,
                current_station_id: self.current_station_id.clone(),
                current_operation_id: self.current_operation_id.clone(),
                completed_operation_ids: self.completed_operation_ids.clone(),
                qa_result: None,
                qa_failure_reason: None,
                qa_failure_codes: Vec::new(),
                rework_count: self.rework_count,
                sequential_number: None,
                piece_ids: Vec::new(),
                pack_id: self.pack_id,
                gathered_from: self.gathered_from,
                void_reason: None,
            },
            deviations: Vec::new(),
            held: self.held.clone(),
            released_from: Vec::new(),
            visits: Vec::new(),
        }
    }

    /// It lies in its set.
    #[must_use]
    pub fn is_gathered(&self) -> bool {
        self.status == CardUnitStatus::Assembled
    }

    /// An inspection of it is running.
    #[must_use]
    pub fn is_at_qa(&self) -> bool {
        self.status == CardUnitStatus::InProgress
            && self
                .current_operation_id
                .as_ref()
                .is_some_and(|operation_id| self.qa_operation_ids.contains(operation_id))
    }

    /// What the job's progress counts of it.
    #[must_use]
    pub fn tally(&self) -> CardTally {
        CardTally {
            status: self.status,
            at_qa: self.is_at_qa(),
            held: self.held.is_some() && self.status.is_live(),
        }
    }
}

impl From<QaOutcome> for QaResult {
    fn from(outcome: QaOutcome) -> Self {
        match outcome {
            QaOutcome::Pass => Self::Pass,
            QaOutcome::Fail => Self::Fail,
        }
    }
}

pub(super) fn push_new(operations: &mut Vec<OperationId>, operation_id: &OperationId) {
    if !operations.contains(operation_id) {
        operations.push(operation_id.clone());
    }
}
