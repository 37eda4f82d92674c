//! What happened, in a sentence: the weightiest event of a decision, and how far a set has come.

use crate::domain::assembly::AssemblyEvent;
use crate::domain::card_unit::{CardUnitEvent, CardUnitStatus, QAResultRecorded};
use crate::domain::pack::PackEvent;
use crate::domain::sheet::SheetEvent;
use crate::domain::station::{StationEvent, UnitInHand};
use crate::domain::values::QaOutcome;
use crate::domain::{Event, Recorded, UnitRef, clause};
use crate::identity::{AssemblyId, CardUnitId};
use crate::production::{Floor, Stop};

/// The weightiest event of a decision speaks for it: the word, the sentence, and whose event it is.
pub(super) fn what_speaks_for(recorded: &[Recorded]) -> Option<(&'static str, String, UnitRef)> {
    recorded
        .iter()
        .filter_map(|recorded| Some((what_happened(recorded)?, recorded.event.unit())))
        .max_by_key(|((weight, ..), _)| *weight)
        .map(|((_, action, sentence), unit)| (action, sentence, unit))
}

/// `12 of 18. Missing: 03, 07 (at UV-1).`
pub(super) fn progress(floor: &Floor, assembly_id: AssemblyId) -> Result<String, Stop> {
    let set = floor.existing_assembly(&assembly_id)?;
    let expected = set.members.len() - set.short_positions().len();
    let mut text = format!("{} of {expected}.", set.gathered_count());
    let missing = set.missing_positions();
    if !missing.is_empty() {
        const SHOWN: usize = 6;
        let mut words = Vec::new();
        for &position in missing.iter().take(SHOWN) {
            let member = set
                .member(position)
                .expect("a missing position is a position");
            let place = match floor.card_unit(&member.card_unit_id)? {
                Some(card) => {
                    let at = card.situation.current_station_id.as_ref();
                    let at = at.map(|station| format!("at {station}"));
                    match card.situation.status {
                        CardUnitStatus::Voided => Some("voided".to_owned()),
                        _ if card.held.is_some() => Some("on hold".to_owned()),
                        CardUnitStatus::QaFailed => Some("failed QA".to_owned()),
                        _ => at,
                    }
                }
                None => None,
            };
            words.push(match place {
                Some(place) => format!("{position:02} ({place})"),
                None => format!("{position:02}"),
            });
        }
        if missing.len() > SHOWN {
            words.push(format!("and {} more", missing.len() - SHOWN));
        }
        text = format!("{text} Missing: {}.", words.join(", "));
    }
    Ok(text)
}

/// `SheetDefectRecorded` → `sheet defect recorded`, `QAResultRecorded` → `qa result recorded`.
pub(super) fn in_words(event_type: &str) -> String {
    let mut words = String::with_capacity(event_type.len() + 4);
    let mut before_was_lower = false;
    for (i, letter) in event_type.char_indices() {
        let next_is_lower = event_type[i + 1..].starts_with(|c: char| c.is_lowercase());
        if i > 0 && letter.is_uppercase() && (before_was_lower || next_is_lower) {
            words.push(' ');
        }
        before_was_lower = letter.is_lowercase();
        words.push(letter.to_ascii_lowercase());
    }
    words
}

/// How much an event says about the scan that recorded it, the word for it, and its sentence.
fn what_happened(recorded: &Recorded) -> Option<(u8, &'static str, String)> {
    let at = || match &recorded.context.station_id {
        Some(station_id) => format!(" at {station_id}"),
        None => String::new(),
    };
    Some(match &recorded.event {
        Event::Sheet(event) => match event {
            SheetEvent::SheetEnteredStation(e) => (
                5,
                "entered_station",
                format!("Sheet {} is{}: {}.", e.sheet_id, at(), e.operation_id),
            ),
            SheetEvent::SheetOperationCompleted(e) => (
                2,
                "operation_completed",
                format!("Sheet {}: {} is done.", e.sheet_id, e.operation_id),
            ),
            SheetEvent::SheetCut(e) => (
                9,
                "cut",
                format!("Sheet {} is cut into {} cards.", e.sheet_id, e.n_up),
            ),
            SheetEvent::SheetHeld(e) => (
                5,
                "held",
                format!("Sheet {} is on hold: {}.", e.sheet_id, clause(&e.reason)),
            ),
            SheetEvent::SheetVoided(e) => (
                5,
                "voided",
                format!("Sheet {} is voided: {}.", e.sheet_id, clause(&e.reason)),
            ),
            SheetEvent::SheetCorrected(e) => {
                (9, "undone", format!("Taken back for sheet {}.", e.sheet_id))
            }
            SheetEvent::SheetDefectWithdrawn(e) => (
                9,
                "undone",
                format!(
                    "Defect {} of sheet {} is withdrawn.",
                    e.failure_code, e.sheet_id
                ),
            ),
            SheetEvent::SheetCreated(_)
            | SheetEvent::SheetDefectRecorded(_)
            | SheetEvent::SheetDeviationSigned(_)
            | SheetEvent::SheetReleased(_) => return None,
        },
        Event::CardUnit(event) => match event {
            CardUnitEvent::CardUnitEnteredStation(e) => {
                let card = named(e.card_unit_id);
                (
                    5,
                    "entered_station",
                    format!("{card} is{}: {}.", at(), e.operation_id),
                )
            }
            CardUnitEvent::CardUnitOperationCompleted(e) => (
                2,
                "operation_completed",
                format!("{}: {} is done.", named(e.card_unit_id), e.operation_id),
            ),
            CardUnitEvent::SequentialNumberApplied(e) => (
                6,
                "numbered",
                format!("{} bears {}.", named(e.card_unit_id), e.sequential_number),
            ),
            CardUnitEvent::MemorabiliaPlaced(e) => (
                6,
                "memorabilia_placed",
                format!("{} holds {}.", named(e.card_unit_id), e.piece_id),
            ),
            CardUnitEvent::QAResultRecorded(e) => match e.result {
                QaOutcome::Pass => (
                    6,
                    "qa_passed",
                    format!("{} passed QA.", named(e.card_unit_id)),
                ),
                QaOutcome::Fail => (
                    6,
                    "qa_failed",
                    format!("{} failed QA: {}.", named(e.card_unit_id), cause(e)),
                ),
            },
            CardUnitEvent::CardUnitHeld(e) => (
                5,
                "held",
                format!(
                    "{} is on hold: {}.",
                    named(e.card_unit_id),
                    clause(&e.reason)
                ),
            ),
            CardUnitEvent::CardUnitVoided(e) => (
                5,
                "voided",
                format!(
                    "{} is voided: {}.",
                    named(e.card_unit_id),
                    clause(&e.reason)
                ),
            ),
            CardUnitEvent::CardUnitCorrected(e) => (
                9,
                "undone",
                format!("Taken back for card {}.", e.card_unit_id),
            ),
            CardUnitEvent::CardUnitCreated(_)
            | CardUnitEvent::ReplacementCardUnitCreated(_)
            | CardUnitEvent::EmbellishmentApplied(_)
            | CardUnitEvent::CardUnitDeviationSigned(_)
            | CardUnitEvent::CardUnitReleased(_)
            | CardUnitEvent::CardUnitConsumedAsSpare(_)
            | CardUnitEvent::CardUnitAssembled(_)
            | CardUnitEvent::CardUnitRemovedFromAssembly(_)
            | CardUnitEvent::CardUnitPacked(_)
            | CardUnitEvent::CardUnitUnpacked(_) => return None,
        },
        Event::Assembly(event) => match event {
            AssemblyEvent::CardScannedForAssembly(e) => (
                5,
                "gathered",
                format!("{} lies in its set.", named(e.card_unit_id)),
            ),
            AssemblyEvent::AssemblyCompleted(e) => (
                7,
                "set_completed",
                format!("{} is complete.", e.assembly_id),
            ),
            AssemblyEvent::SetPacked(e) => (
                8,
                "packed",
                format!("{} is in {}.", e.assembly_id, e.pack_id),
            ),
            AssemblyEvent::SetUnpacked(e) => (
                9,
                "undone",
                format!("{} is out of {} again.", e.assembly_id, e.pack_id),
            ),
            AssemblyEvent::AssemblyHeld(e) => (
                5,
                "held",
                format!("{} is on hold: {}.", e.assembly_id, clause(&e.reason)),
            ),
            AssemblyEvent::AssemblyCreated(_)
            | AssemblyEvent::CardRemovedFromAssembly(_)
            | AssemblyEvent::AssemblyMemberLost(_)
            | AssemblyEvent::AssemblyMemberRestored(_)
            | AssemblyEvent::AssemblyMemberReplaced(_)
            | AssemblyEvent::ConcessionSigned(_)
            | AssemblyEvent::AssemblyReleased(_)
            | AssemblyEvent::AssemblyVoided(_) => return None,
        },
        Event::Pack(event) => match event {
            PackEvent::PackOpened(e) => (
                4,
                "pack_opened",
                format!("{} is open: it holds {}.", e.pack_id, e.capacity),
            ),
            PackEvent::PackNested(e) => (
                7,
                "pack_nested",
                format!("{} is in {}.", e.pack_id, e.outer_pack_id),
            ),
            PackEvent::PackClosed(e) => (3, "pack_closed", format!("{} is closed.", e.pack_id)),
            PackEvent::SetAddedToPack(_)
            | PackEvent::SetRemovedFromPack(_)
            | PackEvent::PackAddedToPack(_)
            | PackEvent::PackRemovedFromPack(_)
            | PackEvent::PackUnnested(_)
            | PackEvent::PackReopened(_)
            | PackEvent::PackShipped(_) => return None,
        },
        Event::Station(StationEvent::MaterialLotsLoaded(e)) => {
            let lots: Vec<&str> = e.material_lot_ids.iter().map(|lot| lot.as_str()).collect();
            (
                5,
                "material_loaded",
                format!("{} is loaded at {}.", lots.join(", "), e.station_id),
            )
        }
        Event::Station(StationEvent::BenchSwitched(e)) => {
            let sentence = match (e.active_assembly_id, e.open_pack_id) {
                (Some(set), _) => format!("{} gathers {set} now.", e.station_id),
                (None, Some(pack)) => format!("{} fills {pack} now.", e.station_id),
                (None, None) => format!("{} is free.", e.station_id),
            };
            (5, "bench_switched", sentence)
        }
        Event::Station(StationEvent::UnitTakenInHand(e)) => {
            let unit = match e.unit {
                UnitInHand::Sheet(id) => format!("Sheet {id}"),
                UnitInHand::CardUnit(id) => named(id),
            };
            let sentence = format!("{unit} is in hand again at {}.", e.station_id);
            (5, "taken_in_hand", sentence)
        }
        Event::ProductionOrder(_)
        | Event::Product(_)
        | Event::Job(_)
        | Event::Station(_)
        | Event::Operator(_)
        | Event::Memorabilia(_)
        | Event::Hold(_) => return None,
    })
}

/// Why a card failed QA: codes, words, or both.
fn cause(verdict: &QAResultRecorded) -> String {
    let codes = verdict.failure_codes.iter().map(|code| code.as_str());
    let codes = codes.collect::<Vec<&str>>().join(", ");
    match verdict.failure_reason.as_deref().map(clause) {
        None => codes,
        Some(reason) if codes.is_empty() => reason.to_owned(),
        Some(reason) => format!("{codes} ({reason})"),
    }
}

/// `Card 07 of J1044-S003`, `Card 07 of J1044-S003 (R1)`.
fn named(card: CardUnitId) -> String {
    match card.replacement() {
        0 => format!("Card {:02} of {}", card.position(), card.sheet()),
        n => format!("Card {:02} of {} (R{n})", card.position(), card.sheet()),
    }
}

#[cfg(test)]
mod tests {
    use super::in_words;

    #[test]
    fn event_types_read_as_words() {
        assert_eq!(in_words("SheetDefectRecorded"), "sheet defect recorded");
        assert_eq!(in_words("QAResultRecorded"), "qa result recorded");
    }
}
