//! A card unit at present, and its table of legal moves.

use super::{CardUnitEvent, ReplacementSource};
use crate::domain::Context;
use crate::domain::values::{Defect, QaOutcome, Visit};
use crate::domain::words;
use crate::identity::{
    CardUnitId, Design, FailureCode, HoldId, IdError, JobId, OperationId, PackId, PieceId,
    StationId,
};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

words! {
    /// Where a card unit stands.
    CardUnitStatus {
        /// Cut (or replaced); no station has seen it since.
        Created = "created",
        /// A station has seen it.
        InProgress = "in_progress",
        /// Its last inspection passed.
        QaPassed = "qa_passed",
        /// Its last inspection failed: rework or void.
        QaFailed = "qa_failed",
        /// It lies in its set.
        Assembled = "assembled",
        /// It is in a box with its set.
        Packed = "packed",
        /// It is waste.
        Voided = "voided",
        /// It was a spare and became a replacement.
        Consumed = "consumed",
    }
}

words! {
    /// What may be asked of a card unit.
    CardUnitMove {
        EnterStation = "enter_station",
        CompleteOperation = "complete_operation",
        ApplyEmbellishment = "apply_embellishment",
        RecordQaResult = "record_qa_result",
        ApplySequentialNumber = "apply_sequential_number",
        PlaceMemorabilia = "place_memorabilia",
        SignDeviation = "sign_deviation",
        Hold = "hold",
        Release = "release",
        Void = "void",
        ConsumeAsSpare = "consume_as_spare",
        Assemble = "assemble",
        RemoveFromAssembly = "remove_from_assembly",
        Pack = "pack",
        Unpack = "unpack",
    }
}

impl CardUnitStatus {
    /// The table of legal moves.
    #[must_use]
    pub const fn allows(self, wanted: CardUnitMove) -> bool {
        match wanted {
            CardUnitMove::EnterStation => {
                matches!(
                    self,
                    Self::Created | Self::InProgress | Self::QaPassed | Self::QaFailed
                )
            }
            CardUnitMove::CompleteOperation | CardUnitMove::RecordQaResult => {
                matches!(self, Self::InProgress)
            }
            CardUnitMove::ApplyEmbellishment
            | CardUnitMove::ApplySequentialNumber
            | CardUnitMove::PlaceMemorabilia
            | CardUnitMove::Assemble => {
                matches!(self, Self::Created | Self::InProgress | Self::QaPassed)
            }
            CardUnitMove::ConsumeAsSpare | CardUnitMove::SignDeviation => {
                matches!(
                    self,
                    Self::Created | Self::InProgress | Self::QaPassed | Self::QaFailed
                )
            }
            CardUnitMove::Hold | CardUnitMove::Release | CardUnitMove::Void => matches!(
                self,
                Self::Created
                    | Self::InProgress
                    | Self::QaPassed
                    | Self::QaFailed
                    | Self::Assembled
            ),
            CardUnitMove::RemoveFromAssembly | CardUnitMove::Pack => {
                matches!(self, Self::Assembled)
            }
            CardUnitMove::Unpack => matches!(self, Self::Packed),
        }
    }

    /// The card exists as a card of its own: not voided, not consumed.
    #[must_use]
    pub const fn is_live(self) -> bool {
        !matches!(self, Self::Voided | Self::Consumed)
    }
}

/// What shares one edition of numbers.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum EditionScope {
    /// A position of a job.
    Position { job_id: JobId, position: u16 },
    /// A design of a job.
    Design { job_id: JobId, design: Design },
}

impl EditionScope {
    /// The job whose edition it is.
    #[must_use]
    pub const fn job(&self) -> JobId {
        match self {
            Self::Position { job_id, .. } | Self::Design { job_id, .. } => *job_id,
        }
    }
}

impl fmt::Display for EditionScope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Position { job_id, position } => write!(f, "position {position} of {job_id}"),
            Self::Design { job_id, design } => write!(f, "design {design} of {job_id}"),
        }
    }
}

/// `k/N` within its scope. Prints as `7/99`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct SequentialNumber {
    pub scope: EditionScope,
    /// 1..=`of`.
    pub number: u32,
    pub of: u32,
}

impl fmt::Display for SequentialNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.number, self.of)
    }
}

/// A number as it is printed on the card, `7/99`, before its scope is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PrintedNumber {
    pub number: u32,
    pub of: u32,
}

impl FromStr for PrintedNumber {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        const EXPECTED: &str = "a sequential number like 7/99";
        let digits = |part: &str| -> Result<u32, IdError> {
            part.trim().parse().map_err(|_| {
                IdError::new(
                    text,
                    EXPECTED,
                    format!("{:?} should be a whole number", part.trim()),
                )
            })
        };
        let (number, of) = text.split_once('/').ok_or_else(|| {
            IdError::new(
                text,
                EXPECTED,
                "the \"/\" between number and edition is missing",
            )
        })?;
        let printed = Self {
            number: digits(number)?,
            of: digits(of)?,
        };
        if printed.number == 0 || printed.number > printed.of {
            return Err(IdError::new(
                text,
                EXPECTED,
                format!("the number should be from 1 to {}", printed.of),
            ));
        }
        Ok(printed)
    }
}

/// The part of a card unit that a correction restores.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CardUnitSituation {
    pub status: CardUnitStatus,
    /// Where it was scanned last; nowhere once it is in a box, voided or consumed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub current_station_id: Option<StationId>,
    /// What is being done to it; nothing between operations.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub current_operation_id: Option<OperationId>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub completed_operation_ids: Vec<OperationId>,
    /// The last verdict.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub qa_result: Option<QaOutcome>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub qa_failure_reason: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub qa_failure_codes: Vec<FailureCode>,
    /// How often it went back into work after a fail.
    #[serde(default)]
    pub rework_count: u8,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sequential_number: Option<SequentialNumber>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub piece_ids: Vec<PieceId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pack_id: Option<PackId>,
    /// What it was before it was laid into its set, and is again when it is taken out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gathered_from: Option<CardUnitStatus>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub void_reason: Option<String>,
}

/// A card unit at present.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CardUnit {
    pub card_unit_id: CardUnitId,
    pub design: Design,
    /// It may stand in for another card of its position.
    pub spare: bool,
    pub replaces: Option<CardUnitId>,
    pub source: Option<ReplacementSource>,
    pub consumed_by: Option<CardUnitId>,
    pub defects: Vec<Defect>,
    pub situation: CardUnitSituation,
    /// Operations that may start before their predecessors are complete.
    pub deviations: Vec<OperationId>,
    pub held: Option<String>,
    /// Hold rules that no longer apply to it.
    pub released_from: Vec<HoldId>,
    pub visits: Vec<Visit>,
}

impl CardUnit {
    fn born(card_unit_id: CardUnitId, design: Design, context: &Context) -> Self {
        Self {
            card_unit_id,
            design,
            spare: false,
            replaces: None,
            source: None,
            consumed_by: None,
            defects: Vec::new(),
            situation: CardUnitSituation {
                status: CardUnitStatus::Created,
                current_station_id: context.station_id.clone(),
                current_operation_id: None,
                completed_operation_ids: Vec::new(),
                qa_result: None,
                qa_failure_reason: None,
                qa_failure_codes: Vec::new(),
                rework_count: 0,
                sequential_number: None,
                piece_ids: Vec::new(),
                pack_id: None,
                gathered_from: None,
                void_reason: None,
            },
            deviations: Vec::new(),
            held: None,
            released_from: Vec::new(),
            visits: Vec::new(),
        }
    }

    /// The card after the event.
    ///
    /// # Panics
    /// If the stream does not begin with its creation.
    #[must_use]
    pub fn evolve(state: Option<Self>, event: &CardUnitEvent, context: &Context) -> Self {
        match event {
            CardUnitEvent::CardUnitCreated(e) => {
                let mut card = Self::born(e.card_unit_id, e.design.clone(), context);
                card.spare = e.spare;
                card.held = e
                    .defects
                    .first()
                    .map(|defect| format!("defect {} on the sheet", defect.failure_code));
                card.defects.clone_from(&e.defects);
                return card;
            }
            CardUnitEvent::ReplacementCardUnitCreated(e) => {
                let mut card = Self::born(e.card_unit_id, e.design.clone(), context);
                card.replaces = Some(e.replaces);
                card.source = Some(e.source);
                return card;
            }
            _ => {} // every other event needs the card: matched without `_` below
        }
        let mut card = state.expect("a card's stream begins with its creation");
        let now = &mut card.situation;
        match event {
            CardUnitEvent::CardUnitCreated(_) | CardUnitEvent::ReplacementCardUnitCreated(_) => {}
            CardUnitEvent::CardUnitEnteredStation(e) => {
                if now.status == CardUnitStatus::QaFailed {
                    now.rework_count = now.rework_count.saturating_add(1);
                }
                now.status = CardUnitStatus::InProgress;
                now.completed_operation_ids
                    .extend(e.completed_operation_id.clone());
                now.completed_operation_ids
                    .retain(|done| !e.reopened_operation_ids.contains(done));
                now.current_station_id.clone_from(&context.station_id);
                now.current_operation_id = Some(e.operation_id.clone());
                if let Some(station_id) = &context.station_id {
                    card.visits.push(Visit {
                        station_id: station_id.clone(),
                        recorded_at: context.recorded_at,
                        material_lot_ids: e.material_lot_ids.clone(),
                    });
                }
            }
            CardUnitEvent::CardUnitOperationCompleted(e) => now.complete(&e.operation_id),
            CardUnitEvent::EmbellishmentApplied(e) => {
                now.status = CardUnitStatus::InProgress;
                now.complete(&e.operation_id);
            }
            CardUnitEvent::QAResultRecorded(e) => {
                now.qa_result = Some(e.result);
                now.qa_failure_reason.clone_from(&e.failure_reason);
                now.qa_failure_codes.clone_from(&e.failure_codes);
                match e.result {
                    QaOutcome::Pass => {
                        now.complete(&e.operation_id);
                        now.status = CardUnitStatus::QaPassed;
                    }
                    QaOutcome::Fail => {
                        now.current_operation_id = None;
                        now.status = CardUnitStatus::QaFailed;
                    }
                }
            }
            CardUnitEvent::SequentialNumberApplied(e) => {
                now.status = CardUnitStatus::InProgress;
                now.complete(&e.operation_id);
                now.sequential_number = Some(e.sequential_number.clone());
            }
            CardUnitEvent::MemorabiliaPlaced(e) => {
                now.status = CardUnitStatus::InProgress;
                now.complete(&e.operation_id);
                now.piece_ids.push(e.piece_id.clone());
            }
            CardUnitEvent::CardUnitDeviationSigned(e) => {
                card.deviations.push(e.operation_id.clone())
            }
            CardUnitEvent::CardUnitHeld(e) => card.held = Some(e.reason.clone()),
            CardUnitEvent::CardUnitReleased(e) => match &e.hold_id {
                None => card.held = None,
                Some(hold_id) => card.released_from.push(hold_id.clone()),
            },
            CardUnitEvent::CardUnitVoided(e) => {
                now.leave_the_floor(CardUnitStatus::Voided);
                now.void_reason = Some(e.reason.clone());
            }
            CardUnitEvent::CardUnitConsumedAsSpare(e) => {
                now.leave_the_floor(CardUnitStatus::Consumed);
                card.consumed_by = Some(e.replacement_id);
            }
            CardUnitEvent::CardUnitAssembled(_) => {
                now.gathered_from = Some(now.status);
                now.status = CardUnitStatus::Assembled;
                now.current_operation_id = None;
                if context.station_id.is_some() {
                    now.current_station_id.clone_from(&context.station_id);
                }
                card.visits.extend(Visit::without_material(context));
            }
            CardUnitEvent::CardUnitRemovedFromAssembly(_) => {
                now.status = now
                    .gathered_from
                    .take()
                    .expect("an assembled card was something before");
            }
            CardUnitEvent::CardUnitPacked(e) => {
                now.leave_the_floor(CardUnitStatus::Packed);
                now.pack_id = Some(e.pack_id);
                card.visits.extend(Visit::without_material(context));
            }
            CardUnitEvent::CardUnitUnpacked(_) => {
                now.status = CardUnitStatus::Assembled;
                now.current_station_id.clone_from(&context.station_id);
                now.pack_id = None;
            }
            CardUnitEvent::CardUnitCorrected(e) => *now = e.restores.clone(),
        }
        card
    }
}

impl CardUnitSituation {
    fn complete(&mut self, operation_id: &OperationId) {
        if !self.completed_operation_ids.contains(operation_id) {
            self.completed_operation_ids.push(operation_id.clone());
        }
        if self.current_operation_id.as_ref() == Some(operation_id) {
            self.current_operation_id = None;
        }
    }

    fn leave_the_floor(&mut self, status: CardUnitStatus) {
        self.status = status;
        self.current_station_id = None;
        self.current_operation_id = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_printed_number_is_read_or_refused_with_its_reason() {
        for number in [1, 7, 99] {
            assert_eq!(
                format!("{number}/99").parse::<PrintedNumber>().unwrap(),
                PrintedNumber { number, of: 99 }
            );
        }
        for (text, part) in [
            ("7", "\"/\""),
            ("0/9", "from 1 to 9"),
            ("10/9", "from 1 to 9"),
            ("x/9", "\"x\" should be"),
        ] {
            let message = text.parse::<PrintedNumber>().unwrap_err().to_string();
            assert!(message.contains(part), "{message}");
        }
    }
}
