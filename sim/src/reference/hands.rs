//! What is in hand at each station, told from what people scanned there and whether the light was green: it
//! looks neither at events' stations nor at the core's benches. A control barcode, or a piece, has to be
//! about what was scanned last.

use crate::run::Verdict;
use sheetwise_core::domain::assembly::AssemblyEvent;
use sheetwise_core::domain::card_unit::CardUnitEvent;
use sheetwise_core::domain::sheet::SheetEvent;
use sheetwise_core::domain::station::StationEvent;
use sheetwise_core::domain::{Command, Event, UnitRef};
use sheetwise_core::identity::{Control, Scanned, StationId};
use std::collections::BTreeMap;

/// What people have in their hands.
#[derive(Debug, Clone, Default)]
pub struct Hands {
    at: BTreeMap<StationId, Hand>,
}

#[derive(Debug, Clone)]
struct Hand {
    unit: UnitRef,
    /// Its label recorded something, and nothing was said at the station since.
    just_scanned: bool,
}

impl Hands {
    /// What is in hand at the station.
    #[must_use]
    pub fn at(&self, station: &StationId) -> Option<&UnitRef> {
        self.at.get(station).map(|hand| &hand.unit)
    }

    /// Whether what the scan came to is about what is in hand there.
    ///
    /// # Errors
    /// What it is about instead.
    pub fn must_be_meant(
        &self,
        scanned: &Scanned,
        station: &StationId,
        verdict: &Verdict,
    ) -> Result<(), String> {
        let Verdict::Recorded(recorded) = verdict else {
            return Ok(());
        };
        let hand = self.at.get(station);
        match scanned {
            Scanned::Control(
                Control::Pass | Control::Fail(_) | Control::Next | Control::Hold(_),
            )
            | Scanned::Code(_) => {
                for one in recorded
                    .iter()
                    .filter(|one| is_about_what_is_in_hand(&one.event))
                {
                    let unit = one.event.unit();
                    if hand.map(|hand| &hand.unit) != Some(&unit) {
                        let event_type = one.event.event_type();
                        return Err(format!(
                            "{scanned} at {station} is {event_type} of {unit}, in hand is {hand:?}"
                        ));
                    }
                }
            }
            Scanned::Control(Control::Undo) => {
                if let Some(hand) = hand.filter(|hand| hand.just_scanned)
                    && recorded.iter().all(|one| one.event.unit() != hand.unit)
                {
                    return Err(format!(
                        "{scanned} at {station} takes nothing back of {}, which was scanned just now",
                        hand.unit
                    ));
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// Takes note of what was said at the station, by a scanner or not, and of the answer.
    pub fn hear(
        &mut self,
        scanned: Option<&Scanned>,
        command: &Command,
        station: &StationId,
        verdict: &Verdict,
    ) {
        let recorded = match verdict {
            Verdict::Recorded(recorded) => recorded.as_slice(),
            // Who scans again has it in hand; who tells a program again what it knows has not.
            Verdict::AlreadyRecorded if scanned.is_some() => &[],
            Verdict::AlreadyRecorded | Verdict::Refused(_) => return,
        };
        if let Some(hand) = self.at.get_mut(station) {
            hand.just_scanned = false;
        }
        let put_aside = recorded.iter().any(|one| {
            matches!(&one.event, Event::Station(StationEvent::BenchSwitched(e)) if e.open_pack_id.is_none())
        });
        if put_aside {
            self.at.remove(station);
        }
        let taken = match command {
            Command::EnterStationWithSheet { sheet_id } | Command::CutSheet { sheet_id } => {
                UnitRef::Sheet(*sheet_id)
            }
            Command::EnterStationWithCard { card_unit_id }
            | Command::ScanCardForAssembly { card_unit_id }
            | Command::RecordQaResult { card_unit_id, .. } => UnitRef::CardUnit(*card_unit_id),
            Command::PackSet { assembly_id, .. } => UnitRef::Assembly(*assembly_id),
            Command::NestPack { pack_id, .. } if !recorded.is_empty() => UnitRef::Pack(*pack_id),
            _ => return,
        };
        let is_label = matches!(
            scanned,
            Some(Scanned::Sheet(_) | Scanned::CardUnit(_) | Scanned::Assembly(_))
        );
        let hand = Hand {
            unit: taken,
            just_scanned: is_label && !recorded.is_empty(),
        };
        self.at.insert(station.clone(), hand);
    }
}

const fn is_about_what_is_in_hand(event: &Event) -> bool {
    matches!(
        event,
        Event::Sheet(SheetEvent::SheetOperationCompleted(_) | SheetEvent::SheetHeld(_))
            | Event::CardUnit(
                CardUnitEvent::CardUnitOperationCompleted(_)
                    | CardUnitEvent::CardUnitHeld(_)
                    | CardUnitEvent::QAResultRecorded(_)
                    | CardUnitEvent::MemorabiliaPlaced(_)
            )
            | Event::Assembly(AssemblyEvent::AssemblyHeld(_))
    )
}
