//! The reference: a second opinion on every answer, slow and plain. It keeps lists of events and, for
//! every question, walks them from the start. No folds of the core are used here, and none of its
//! decisions: only its words (ids, events, the names of the statuses).
//!
//! `corrections` says which events still count; `cards`, `sheets`, `sets`, `packs`, `jobs` say what is
//! at present; `holds` what must rest; `acceptance` what ought to be accepted next. `hands` is told of acts instead of
//! events: what people hold at each station.

mod acceptance;
mod cards;
mod corrections;
pub mod hands;
mod holds;
mod jobs;
mod packs;
mod sets;
mod sheets;

#[cfg(test)]
mod history;
#[cfg(test)]
mod tests;

pub use cards::CardFacts;
pub use jobs::{JobFacts, OrderFacts};
pub use packs::{PackFacts, PieceFacts};
pub use sets::SetFacts;
pub use sheets::SheetFacts;

use sheetwise_core::domain::{Recorded, UnitRef};
use sheetwise_core::identity::{CardUnitId, JobId, SheetId, StationId};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

/// All events, and for each unit the list of those that happened to it.
#[derive(Debug, Clone, Default)]
pub struct Reference {
    log: Vec<Recorded>,
    /// For each unit, where in `log` its events stand, oldest first.
    lists: BTreeMap<UnitRef, Vec<usize>>,
}

impl Reference {
    /// A reference to which nothing has been told yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes note of the next event of the log.
    pub fn record(&mut self, recorded: Recorded) {
        let unit = recorded.event.unit();
        self.lists.entry(unit).or_default().push(self.log.len());
        self.log.push(recorded);
    }

    /// All events, oldest first.
    #[must_use]
    pub fn log(&self) -> &[Recorded] {
        &self.log
    }

    /// Everything that happened to the unit, oldest first, whether it still counts or not.
    #[must_use]
    pub fn history(&self, unit: &UnitRef) -> Vec<&Recorded> {
        let places = self.lists.get(unit).map_or(&[][..], Vec::as_slice);
        places.iter().map(|place| &self.log[*place]).collect()
    }

    /// Every unit that anything happened to, in the order of their ids.
    pub fn units(&self) -> impl Iterator<Item = &UnitRef> {
        self.lists.keys()
    }

    /// Every card unit that was ever made.
    #[must_use]
    pub fn all_cards(&self) -> Vec<CardUnitId> {
        self.units()
            .filter_map(|unit| match unit {
                UnitRef::CardUnit(card) => Some(*card),
                _ => None,
            })
            .collect()
    }

    /// Every card unit that was ever made in the job, voided ones and replacements included.
    #[must_use]
    pub fn cards_of(&self, job: JobId) -> Vec<CardUnitId> {
        let mut cards = self.all_cards();
        cards.retain(|card| card.job() == job);
        cards
    }

    /// Every sheet of the job that anything happened to.
    #[must_use]
    pub fn sheets_of(&self, job: JobId) -> Vec<SheetId> {
        self.units()
            .filter_map(|unit| match unit {
                UnitRef::Sheet(sheet) if sheet.job() == job => Some(*sheet),
                _ => None,
            })
            .collect()
    }

    /// What is at the station at present: the cards and the sheets of which it is the current one.
    #[must_use]
    pub fn station_contents(&self, station: &StationId) -> (Vec<CardUnitId>, Vec<SheetId>) {
        let mut cards = Vec::new();
        let mut sheets = Vec::new();
        for (unit, places) in &self.lists {
            // What never met the station is not there now: this spares most of the walking.
            let met = |place: &usize| self.log[*place].context.station_id.as_ref() == Some(station);
            if !places.iter().any(met) {
                continue;
            }
            let now_at = match unit {
                UnitRef::CardUnit(id) => self.card(*id).and_then(|card| card.station),
                UnitRef::Sheet(id) => self.sheet(*id).and_then(|sheet| sheet.station),
                _ => None,
            };
            match unit {
                UnitRef::CardUnit(id) if now_at.as_ref() == Some(station) => cards.push(*id),
                UnitRef::Sheet(id) if now_at.as_ref() == Some(station) => sheets.push(*id),
                _ => {}
            }
        }
        (cards, sheets)
    }

    /// The unit's events, one on a line, each with its place, envelope and payload; those that were
    /// taken back say so.
    #[must_use]
    pub fn describe(&self, unit: &UnitRef) -> String {
        let list = self.history(unit);
        let undone: BTreeSet<u64> = corrections::undone(&list);
        let mut text = format!("{unit}: {} events\n", list.len());
        for recorded in list {
            let context = &recorded.context;
            let mark = if undone.contains(&recorded.sequence_num) {
                " (taken back)"
            } else {
                ""
            };
            let station = context.station_id.as_ref().map_or("-", |id| id.as_str());
            let operator = context.operator_id.as_ref().map_or("-", |id| id.as_str());
            writeln!(
                text,
                "  #{} v{}{mark} {} at {station} by {operator} {} [{}] {}",
                recorded.sequence_num,
                recorded.aggregate_version,
                recorded.event.event_type(),
                context.recorded_at,
                context.correlation_id,
                recorded.event.payload_json(),
            )
            .expect("writing to a String does not fail");
        }
        text
    }
}
