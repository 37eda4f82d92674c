//! What a card unit is at present, read off its own list. Whether it may be gathered stands in
//! `acceptance`, what keeps it from going on besides its own hold in `holds`.

use super::Reference;
use super::corrections::standing;
use sheetwise_core::domain::card_unit::{
    CardUnitEvent, CardUnitStatus, ReplacementSource, SequentialNumber,
};
use sheetwise_core::domain::values::{Defect, QaOutcome};
use sheetwise_core::domain::{Event, Recorded, UnitRef};
use sheetwise_core::identity::{
    CardUnitId, Design, FailureCode, OperationId, PackId, PieceId, StationId,
};
use std::collections::BTreeSet;

/// A card unit at present.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CardFacts {
    pub card_unit_id: CardUnitId,
    pub design: Design,
    /// The cut made it from an overs or reprint sheet.
    pub spare: bool,
    /// What was seen on the sheet at its position before the cut.
    pub defects: Vec<Defect>,
    pub status: CardUnitStatus,
    /// Where it was last made, scanned or gathered; nowhere once packed, voided or consumed.
    pub station: Option<StationId>,
    /// What is being done to it there.
    pub operation: Option<OperationId>,
    pub completed_operations: BTreeSet<OperationId>,
    pub qa_result: Option<QaOutcome>,
    pub qa_failure_reason: Option<String>,
    pub qa_failure_codes: Vec<FailureCode>,
    /// How often it left `qa_failed` back into work.
    pub rework_count: u32,
    /// The number it bears. A voided card still shows the number it bore.
    pub sequential_number: Option<SequentialNumber>,
    /// The pieces that were placed in it. A voided card still shows them.
    pub pieces: Vec<PieceId>,
    /// Why this very card rests. For a card cut with defects, their codes.
    pub held: Option<String>,
    pub pack: Option<PackId>,
    /// The unit before it in the chain, for a replacement.
    pub replaces: Option<CardUnitId>,
    /// Where it physically comes from, for a replacement.
    pub source: Option<ReplacementSource>,
    /// The unit after it in the chain.
    pub replaced_by: Option<CardUnitId>,
    pub void_reason: Option<String>,
    /// What it became, for a spare that was used.
    pub consumed_by: Option<CardUnitId>,
}

impl CardFacts {
    /// Whether there still is such a card: neither waste nor used up. A packed card is live.
    #[must_use]
    pub fn is_live(&self) -> bool {
        self.status != CardUnitStatus::Voided && self.status != CardUnitStatus::Consumed
    }

    /// A card that has just come into the world.
    fn born(card_unit_id: CardUnitId, design: Design) -> Self {
        Self {
            card_unit_id,
            design,
            spare: false,
            defects: Vec::new(),
            status: CardUnitStatus::Created,
            station: None,
            operation: None,
            completed_operations: BTreeSet::new(),
            qa_result: None,
            qa_failure_reason: None,
            qa_failure_codes: Vec::new(),
            rework_count: 0,
            sequential_number: None,
            pieces: Vec::new(),
            held: None,
            pack: None,
            replaces: None,
            source: None,
            replaced_by: None,
            void_reason: None,
            consumed_by: None,
        }
    }

    /// The operation is complete; if it was the one in hand, nothing is in hand now.
    fn complete(&mut self, operation: &OperationId) {
        self.completed_operations.insert(operation.clone());
        if self.operation.as_ref() == Some(operation) {
            self.operation = None;
        }
    }

    /// A station took the card to work on it: it is in progress, and if it had failed, this is rework.
    fn goes_into_work(&mut self) {
        if self.status == CardUnitStatus::QaFailed {
            self.rework_count += 1;
        }
        self.status = CardUnitStatus::InProgress;
    }

    /// Work on the card was recorded without a scan: it is in work all the same.
    fn was_worked_on(&mut self) {
        self.goes_into_work();
    }
}

impl Reference {
    /// The card unit at present; `None` if no such card was ever made.
    #[must_use]
    pub fn card(&self, id: CardUnitId) -> Option<CardFacts> {
        let mut card = walk_card(&self.history(&UnitRef::CardUnit(id)))?;
        card.replaced_by = self
            .units_of_position(id)
            .into_iter()
            .find(|other| self.replaces(*other) == Some(id));
        Some(card)
    }

    /// Every unit that was ever made for the card's position of its sheet. Their ids follow one another,
    /// so that only they are looked at.
    pub(super) fn units_of_position(&self, id: CardUnitId) -> Vec<CardUnitId> {
        let Some(original) = id.sheet().card_unit(id.position()) else {
            return Vec::new();
        };
        self.lists
            .range(UnitRef::CardUnit(original)..)
            .map_while(|(unit, _)| match unit {
                UnitRef::CardUnit(card)
                    if card.sheet() == id.sheet() && card.position() == id.position() =>
                {
                    Some(*card)
                }
                _ => None,
            })
            .collect()
    }

    /// The unit that this one said, when it was created, that it replaces.
    fn replaces(&self, id: CardUnitId) -> Option<CardUnitId> {
        let list = self.history(&UnitRef::CardUnit(id));
        match &list.first()?.event {
            Event::CardUnit(CardUnitEvent::ReplacementCardUnitCreated(created)) => {
                Some(created.replaces)
            }
            _ => None,
        }
    }
}

/// Reads a card's list from its first event. Only `replaced_by` cannot be seen in it.
pub(super) fn walk_card(list: &[&Recorded]) -> Option<CardFacts> {
    let mut facts: Option<CardFacts> = None;
    let mut last_seen_at: Option<StationId> = None;
    let mut status_before_gathering = CardUnitStatus::Created;

    for recorded in standing(list) {
        let Event::CardUnit(event) = &recorded.event else {
            unreachable!("a card's list holds a card's events");
        };
        let here = recorded.context.station_id.clone();
        match event {
            CardUnitEvent::CardUnitCreated(e) => {
                let mut born = CardFacts::born(e.card_unit_id, e.design.clone());
                born.spare = e.spare;
                born.defects.clone_from(&e.defects);
                facts = Some(born);
                last_seen_at = here;
                continue;
            }
            CardUnitEvent::ReplacementCardUnitCreated(e) => {
                let mut born = CardFacts::born(e.card_unit_id, e.design.clone());
                born.replaces = Some(e.replaces);
                born.source = Some(e.source);
                facts = Some(born);
                last_seen_at = here;
                continue;
            }
            _ => {}
        }
        let card = facts.as_mut()?;
        match event {
            CardUnitEvent::CardUnitCreated(_) | CardUnitEvent::ReplacementCardUnitCreated(_) => {}
            CardUnitEvent::CardUnitEnteredStation(e) => {
                card.goes_into_work();
                last_seen_at = here;
                if let Some(ended) = &e.completed_operation_id {
                    card.completed_operations.insert(ended.clone());
                }
                for reopened in &e.reopened_operation_ids {
                    card.completed_operations.remove(reopened);
                }
                // What has just begun is not complete, even if it was done before.
                card.completed_operations.remove(&e.operation_id);
                card.operation = Some(e.operation_id.clone());
            }
            CardUnitEvent::CardUnitOperationCompleted(e) => {
                card.was_worked_on();
                card.complete(&e.operation_id);
            }
            CardUnitEvent::EmbellishmentApplied(e) => {
                card.was_worked_on();
                card.complete(&e.operation_id);
            }
            CardUnitEvent::SequentialNumberApplied(e) => {
                card.was_worked_on();
                card.complete(&e.operation_id);
                card.sequential_number = Some(e.sequential_number.clone());
            }
            CardUnitEvent::MemorabiliaPlaced(e) => {
                card.was_worked_on();
                card.complete(&e.operation_id);
                card.pieces.push(e.piece_id.clone());
            }
            CardUnitEvent::QAResultRecorded(e) => {
                card.complete(&e.operation_id);
                match e.result {
                    QaOutcome::Pass => card.status = CardUnitStatus::QaPassed,
                    QaOutcome::Fail => {
                        card.status = CardUnitStatus::QaFailed;
                        card.completed_operations.remove(&e.operation_id);
                    }
                }
                card.qa_result = Some(e.result);
                card.qa_failure_reason.clone_from(&e.failure_reason);
                card.qa_failure_codes.clone_from(&e.failure_codes);
            }
            CardUnitEvent::CardUnitAssembled(_) => {
                status_before_gathering = card.status;
                card.status = CardUnitStatus::Assembled;
                card.operation = None;
                last_seen_at = here;
            }
            CardUnitEvent::CardUnitRemovedFromAssembly(_) => {
                card.status = status_before_gathering;
            }
            CardUnitEvent::CardUnitPacked(e) => {
                card.status = CardUnitStatus::Packed;
                card.pack = Some(e.pack_id);
            }
            CardUnitEvent::CardUnitUnpacked(_) => {
                last_seen_at = here;
                card.status = CardUnitStatus::Assembled;
                card.pack = None;
            }
            CardUnitEvent::CardUnitVoided(e) => {
                card.status = CardUnitStatus::Voided;
                card.void_reason = Some(e.reason.clone());
                card.operation = None;
            }
            CardUnitEvent::CardUnitConsumedAsSpare(e) => {
                card.status = CardUnitStatus::Consumed;
                card.consumed_by = Some(e.replacement_id);
                card.operation = None;
            }
            // What was taken back is skipped already. The rest is no part of what a correction undoes.
            CardUnitEvent::CardUnitCorrected(_)
            | CardUnitEvent::CardUnitDeviationSigned(_)
            | CardUnitEvent::CardUnitHeld(_)
            | CardUnitEvent::CardUnitReleased(_) => {}
        }
    }

    let mut card = facts?;
    card.held = own_hold(list);
    card.station = match card.status {
        CardUnitStatus::Packed | CardUnitStatus::Voided | CardUnitStatus::Consumed => None,
        CardUnitStatus::Created
        | CardUnitStatus::InProgress
        | CardUnitStatus::QaPassed
        | CardUnitStatus::QaFailed
        | CardUnitStatus::Assembled => last_seen_at,
    };
    Some(card)
}

/// Why this very card rests. Corrections do not touch holds, so the whole list is read. A release that
/// names a hold rule exempts from that rule, and leaves the card's own hold as it is.
fn own_hold(list: &[&Recorded]) -> Option<String> {
    let mut held = None;
    for recorded in list {
        match &recorded.event {
            Event::CardUnit(CardUnitEvent::CardUnitCreated(e)) if !e.defects.is_empty() => {
                let codes = e.defects.iter().map(|defect| defect.failure_code.as_str());
                held = Some(codes.collect::<Vec<_>>().join(", "));
            }
            Event::CardUnit(CardUnitEvent::CardUnitHeld(e)) => held = Some(e.reason.clone()),
            Event::CardUnit(CardUnitEvent::CardUnitReleased(e)) if e.hold_id.is_none() => {
                held = None;
            }
            _ => {}
        }
    }
    held
}
