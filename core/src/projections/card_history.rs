//! A card's whole life in sentences: a live fold, made when somebody asks. A card inherits what was
//! done to its sheet before the cut; a replacement made of a spare inherits the spare's life, and one
//! that was printed anew begins with itself.

use super::{Body, CardUnitRow, PackRow};
use crate::domain::card_unit::{CardUnitEvent, ReplacementSource};
use crate::domain::clause;
use crate::domain::event::{Event, Recorded, UnitRef};
use crate::domain::pack::PackEvent;
use crate::domain::sheet::SheetEvent;
use crate::domain::values::QaOutcome;
use crate::identity::{
    CardUnitId, FailureCode, MaterialLotId, OperationId, OperatorId, PackId, SheetId, StationId,
};
use jiff::Timestamp;
use serde::Serialize;
use std::fmt::Write;

/// An event of a card's life.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct HistoryEntry {
    pub sequence_num: u64,
    pub event_type: &'static str,
    /// The unit that it happened to: the card, what it was before, or what it stands in.
    pub aggregate_id: String,
    pub occurred_at: Timestamp,
    pub recorded_at: Timestamp,
    pub operator_id: Option<OperatorId>,
    pub station_id: Option<StationId>,
    pub late: bool,
    pub text: String,
}

/// The life of a card, in the order of the log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CardHistory {
    pub card_unit_id: CardUnitId,
    /// The card itself, then the spare that it was made of.
    cards: Vec<CardUnitId>,
    /// The sheet that it was cut from; none for a replacement that was printed anew.
    sheet: Option<SheetId>,
    replaced_by: Option<CardUnitId>,
    /// The box it is in, the case around that, the pallet under it.
    packs: Vec<PackId>,
    pub entries: Vec<HistoryEntry>,
}

impl CardHistory {
    /// An empty history, ready for the events of [`CardHistory::streams`]. `card_unit` and `pack`
    /// look up rows.
    #[must_use]
    pub fn of<'a>(
        card: &'a CardUnitRow,
        card_unit: impl Fn(CardUnitId) -> Option<&'a CardUnitRow>,
        pack: impl Fn(PackId) -> Option<&'a PackRow>,
    ) -> Self {
        let body = Body::of(card, card_unit);
        let around = |id: &PackId| pack(*id).and_then(|row| row.outer_pack_id);
        Self {
            card_unit_id: card.card_unit_id,
            cards: body.cards,
            sheet: body.sheet,
            replaced_by: card.replaced_by,
            packs: std::iter::successors(card.pack_id, around).collect(),
            entries: Vec::new(),
        }
    }

    /// The streams in which the card's life stands. Their events are to be applied in the order of
    /// their sequence numbers; events of other streams do no harm.
    #[must_use]
    pub fn streams(&self) -> Vec<UnitRef> {
        let cards = self.cards.iter().chain(&self.replaced_by);
        let mut streams: Vec<UnitRef> = self.sheet.map(UnitRef::Sheet).into_iter().collect();
        streams.extend(cards.copied().map(UnitRef::CardUnit));
        streams.extend(self.packs.iter().copied().map(UnitRef::Pack));
        streams
    }

    /// The history after the event; unchanged where the event is not of this card's life.
    pub fn apply(&mut self, recorded: &Recorded) {
        let station = recorded.context.station_id.as_ref();
        let text = match &recorded.event {
            Event::Sheet(event) => self.sheet_text(event, station),
            Event::CardUnit(event) => self.card_text(event, station),
            Event::Pack(event) => self.pack_text(event),
            Event::ProductionOrder(_)
            | Event::Product(_)
            | Event::Job(_)
            | Event::Assembly(_) // what happens to the set, its cards say too
            | Event::Station(_)
            | Event::Operator(_)
            | Event::Memorabilia(_)
            | Event::Hold(_) => None,
        };
        if let Some(text) = text {
            self.entries.push(HistoryEntry {
                sequence_num: recorded.sequence_num,
                event_type: recorded.event.event_type(),
                aggregate_id: recorded.event.unit().to_string(),
                occurred_at: recorded.context.occurred_at,
                recorded_at: recorded.context.recorded_at,
                operator_id: recorded.context.operator_id.clone(),
                station_id: recorded.context.station_id.clone(),
                late: recorded.context.late,
                text,
            });
        }
    }

    fn sheet_text(&self, event: &SheetEvent, station: Option<&StationId>) -> Option<String> {
        if self.sheet != Some(*event.unit_id()) {
            return None;
        }
        let position = self.card_unit_id.position();
        Some(match event {
            SheetEvent::SheetCreated(e) => format!("Sheet {} was planned.", e.sheet_id),
            SheetEvent::SheetEnteredStation(e) => format!(
                "The sheet came to {} for {}{}.",
                place(station, e.station_type.as_str()),
                e.operation_id,
                with_lots(&e.material_lot_ids)
            ),
            SheetEvent::SheetOperationCompleted(e) if e.ready_to_cut => {
                format!("{} ended; the sheet is ready to cut.", e.operation_id)
            }
            SheetEvent::SheetOperationCompleted(e) => format!("{} ended.", e.operation_id),
            SheetEvent::SheetDefectRecorded(e) if e.position != position => return None,
            SheetEvent::SheetDefectRecorded(e) => {
                let note = e
                    .defect
                    .note
                    .as_ref()
                    .map_or(String::new(), |note| format!(": {}", clause(note)));
                let code = &e.defect.failure_code;
                format!("Defect {code} was seen on the sheet at position {position}{note}.")
            }
            SheetEvent::SheetDefectWithdrawn(e) if e.position != position => return None,
            SheetEvent::SheetDefectWithdrawn(e) => {
                format!(
                    "Defect {} turned out to be none: {}.",
                    e.failure_code,
                    clause(&e.reason)
                )
            }
            SheetEvent::SheetDeviationSigned(e) => {
                deviation(&e.operation_id, &e.signed_by, &e.reason)
            }
            SheetEvent::SheetHeld(e) => format!("The sheet was held: {}.", clause(&e.reason)),
            SheetEvent::SheetReleased(e) => match &e.hold_id {
                None => format!("The sheet was released: {}.", clause(&e.reason)),
                Some(hold) => format!("The sheet was released from {hold}: {}.", clause(&e.reason)),
            },
            SheetEvent::SheetVoided(e) => format!("The sheet was voided: {}.", clause(&e.reason)),
            SheetEvent::SheetCut(e) => format!(
                "The sheet was cut into {} cards at {}.",
                e.n_up,
                place(station, "a cutter")
            ),
            SheetEvent::SheetCorrected(e) => {
                corrected(&e.undoes, &e.reason, e.restores.status.as_str())
            }
        })
    }

    fn card_text(&self, event: &CardUnitEvent, station: Option<&StationId>) -> Option<String> {
        if let CardUnitEvent::ReplacementCardUnitCreated(e) = event
            && e.replaces == self.card_unit_id
        {
            return Some(format!("{} replaced it.", e.card_unit_id));
        }
        if !self.cards.contains(event.unit_id()) {
            return None;
        }
        Some(match event {
            CardUnitEvent::CardUnitCreated(e) => {
                let kind = if e.spare {
                    "a spare of design"
                } else {
                    "design"
                };
                let mut text = format!("Cut as {}, {kind} {}", e.card_unit_id, e.design);
                if !e.defects.is_empty() {
                    let codes = codes(e.defects.iter().map(|defect| &defect.failure_code));
                    write!(text, ", on hold for {codes} on the sheet").expect("text grows");
                }
                text + "."
            }
            CardUnitEvent::ReplacementCardUnitCreated(e) => match e.source {
                ReplacementSource::Reprint => {
                    format!(
                        "Printed anew as {}, in place of {}.",
                        e.card_unit_id, e.replaces
                    )
                }
                ReplacementSource::Spare { card_unit_id } => format!(
                    "Became {}, in place of {}; it was the spare {card_unit_id}.",
                    e.card_unit_id, e.replaces
                ),
            },
            CardUnitEvent::CardUnitEnteredStation(e) => {
                let mut text = format!(
                    "Came to {} for {}{}",
                    place(station, e.station_type.as_str()),
                    e.operation_id,
                    with_lots(&e.material_lot_ids)
                );
                if !e.reopened_operation_ids.is_empty() {
                    let ids: Vec<_> = e
                        .reopened_operation_ids
                        .iter()
                        .map(OperationId::as_str)
                        .collect();
                    write!(text, "; to be done again: {}", ids.join(", ")).expect("text grows");
                }
                text + "."
            }
            CardUnitEvent::CardUnitOperationCompleted(e) => format!("{} ended.", e.operation_id),
            CardUnitEvent::EmbellishmentApplied(e) => format!(
                "{} was applied ({}).",
                e.embellishment.embellishment_type, e.operation_id
            ),
            CardUnitEvent::QAResultRecorded(e) => {
                let mut text = format!("{}: ", e.operation_id);
                text += match e.result {
                    QaOutcome::Pass => "passed",
                    QaOutcome::Fail => "failed",
                };
                if !e.failure_codes.is_empty() {
                    write!(text, " with {}", codes(e.failure_codes.iter())).expect("text grows");
                }
                if let Some(reason) = &e.failure_reason {
                    write!(text, " ({})", clause(reason)).expect("text grows");
                }
                text + "."
            }
            CardUnitEvent::SequentialNumberApplied(e) => {
                format!("Numbered {}.", e.sequential_number)
            }
            CardUnitEvent::MemorabiliaPlaced(e) => format!("{} was placed in it.", e.piece_id),
            CardUnitEvent::CardUnitDeviationSigned(e) => {
                deviation(&e.operation_id, &e.signed_by, &e.reason)
            }
            CardUnitEvent::CardUnitHeld(e) => format!("Held: {}.", clause(&e.reason)),
            CardUnitEvent::CardUnitReleased(e) => match &e.hold_id {
                None => format!("Released: {}.", clause(&e.reason)),
                Some(hold) => format!("Released from {hold}: {}.", clause(&e.reason)),
            },
            CardUnitEvent::CardUnitVoided(e) => format!("Voided: {}.", clause(&e.reason)),
            CardUnitEvent::CardUnitConsumedAsSpare(e) => {
                format!("Used up as the replacement {}.", e.replacement_id)
            }
            CardUnitEvent::CardUnitAssembled(e) => format!("Gathered into {}.", e.assembly_id),
            CardUnitEvent::CardUnitRemovedFromAssembly(e) => {
                format!("Taken out of {}: {}.", e.assembly_id, clause(&e.reason))
            }
            CardUnitEvent::CardUnitPacked(e) => format!("Packed into {}.", e.pack_id),
            CardUnitEvent::CardUnitUnpacked(e) => format!("Taken out of {}.", e.pack_id),
            CardUnitEvent::CardUnitCorrected(e) => {
                corrected(&e.undoes, &e.reason, e.restores.status.as_str())
            }
        })
    }

    /// Of the packs that it stands in now, only what moves the card.
    fn pack_text(&self, event: &PackEvent) -> Option<String> {
        if !self.packs.contains(event.unit_id()) {
            return None;
        }
        match event {
            PackEvent::PackNested(e) => {
                Some(format!("{} went into {}.", e.pack_id, e.outer_pack_id))
            }
            PackEvent::PackUnnested(e) => Some(format!(
                "{} came out of {}: {}.",
                e.pack_id,
                e.outer_pack_id,
                clause(&e.reason)
            )),
            PackEvent::PackShipped(e) => Some(format!("{} left the shop.", e.pack_id)),
            PackEvent::PackOpened(_)
            | PackEvent::SetAddedToPack(_)
            | PackEvent::SetRemovedFromPack(_)
            | PackEvent::PackAddedToPack(_)
            | PackEvent::PackRemovedFromPack(_)
            | PackEvent::PackClosed(_)
            | PackEvent::PackReopened(_) => None,
        }
    }
}

/// The station, or what kind of place it was where nobody said.
fn place<'a>(station: Option<&'a StationId>, otherwise: &'a str) -> &'a str {
    station.map_or(otherwise, StationId::as_str)
}

fn with_lots(lots: &[MaterialLotId]) -> String {
    if lots.is_empty() {
        return String::new();
    }
    let lots: Vec<&str> = lots.iter().map(MaterialLotId::as_str).collect();
    format!(", with {}", lots.join(", "))
}

fn codes<'a>(codes: impl Iterator<Item = &'a FailureCode>) -> String {
    codes
        .map(FailureCode::as_str)
        .collect::<Vec<_>>()
        .join(", ")
}

fn deviation(operation_id: &OperationId, signed_by: &OperatorId, reason: &str) -> String {
    let reason = clause(reason);
    format!("{signed_by} signed that {operation_id} may start out of order: {reason}.")
}

fn corrected(undoes: &[u64], reason: &str, status: &str) -> String {
    let events: Vec<String> = undoes.iter().map(u64::to_string).collect();
    let reason = clause(reason);
    format!(
        "Corrected ({reason}): it is {status} again; without event {}.",
        events.join(", ")
    )
}
