//! `rm_assemblies`: each set as it is now, and where its missing cards are.

use super::job_progress::SetTally;
use super::{CardUnitRow, Moment};
use crate::domain::assembly::{AssemblyEvent, AssemblyStatus};
use crate::domain::card_unit::CardUnitStatus;
use crate::identity::{AssemblyId, CardUnitId, JobId, OperationId, PackId, SheetId, StationId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// A row of `rm_assemblies`. A position whose card lies in the set is in none of the three lists.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AssemblyRow {
    pub assembly_id: AssemblyId,
    pub sheet_id: SheetId,
    pub job_id: JobId,
    pub expected_count: u16,
    pub gathered_count: u16,
    /// Positions that are not filled, ascending.
    pub missing_positions: Vec<u16>,
    pub status: AssemblyStatus,
    pub last_event_seq: u64,
    pub updated_at: Timestamp,

    /// Of the missing positions, those whose card is gone and not replaced, ascending.
    pub vacant_positions: Vec<u16>,
    /// Positions that a signed concession leaves empty, ascending; none of the missing.
    pub short_positions: Vec<u16>,
    /// The unit that stands for each position: position p at index p − 1.
    pub card_unit_ids: Vec<CardUnitId>,
    /// Its cards are spares: nobody waits for it.
    pub spares: bool,
    /// Why it rests.
    pub held: Option<String>,
    pub pack_id: Option<PackId>,
    pub void_reason: Option<String>,
}

/// A missing position of a set, and where its card is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct MissingCard {
    pub position: u16,
    /// The unit that stands for the position, or stood for it last.
    pub card_unit_id: CardUnitId,
    /// The card is gone: a replacement (or a concession) is needed.
    pub vacant: bool,
    pub status: Option<CardUnitStatus>,
    pub current_station_id: Option<StationId>,
    pub since: Option<Timestamp>,
    pub current_operation_id: Option<OperationId>,
    pub held: Option<String>,
    pub void_reason: Option<String>,
}

impl AssemblyRow {
    /// The row that the event opens; `None` for an event of a set that is already there.
    #[must_use]
    pub fn open(event: &AssemblyEvent, at: Moment<'_>) -> Option<Self> {
        let AssemblyEvent::AssemblyCreated(e) = event else {
            return None;
        };
        let sheet_id = e.assembly_id.sheet();
        Some(Self {
            assembly_id: e.assembly_id,
            sheet_id,
            job_id: sheet_id.job(),
            expected_count: e.expected_count,
            gathered_count: 0,
            missing_positions: (1..=e.expected_count).collect(),
            status: AssemblyStatus::Pending,
            last_event_seq: at.sequence_num,
            updated_at: at.context.recorded_at,
            vacant_positions: Vec::new(),
            short_positions: Vec::new(),
            card_unit_ids: (1..=e.expected_count)
                .filter_map(|position| sheet_id.card_unit(position))
                .collect(),
            spares: e.spares,
            held: None,
            pack_id: None,
            void_reason: None,
        })
    }

    /// The row after an event of this set.
    ///
    /// # Panics
    /// If the event names a position that the set does not have.
    pub fn apply(&mut self, event: &AssemblyEvent, at: Moment<'_>) {
        self.last_event_seq = at.sequence_num;
        self.updated_at = at.context.recorded_at;
        match event {
            AssemblyEvent::AssemblyCreated(_) => {}
            AssemblyEvent::CardScannedForAssembly(e) => self.gather(e.position),
            AssemblyEvent::CardRemovedFromAssembly(e) => self.expect_card(e.position),
            AssemblyEvent::AssemblyMemberLost(e) => {
                remove(&mut self.short_positions, e.position);
                insert(&mut self.missing_positions, e.position);
                insert(&mut self.vacant_positions, e.position);
                self.recount();
            }
            AssemblyEvent::AssemblyMemberRestored(e) => {
                if e.gathered {
                    self.gather(e.position);
                } else {
                    self.expect_card(e.position);
                }
            }
            AssemblyEvent::AssemblyMemberReplaced(e) => {
                self.card_unit_ids[usize::from(e.position) - 1] = e.card_unit_id;
                self.expect_card(e.position);
            }
            AssemblyEvent::ConcessionSigned(e) => {
                for &position in &e.positions {
                    remove(&mut self.missing_positions, position);
                    remove(&mut self.vacant_positions, position);
                    insert(&mut self.short_positions, position);
                    self.recount();
                }
            }
            AssemblyEvent::AssemblyCompleted(_) => self.status = AssemblyStatus::Complete,
            AssemblyEvent::AssemblyHeld(e) => self.held = Some(e.reason.clone()),
            AssemblyEvent::AssemblyReleased(e) => {
                // With a rule named, only that rule lets go; a hold of the set itself stays.
                if e.hold_id.is_none() {
                    self.held = None;
                }
            }
            AssemblyEvent::AssemblyVoided(e) => {
                self.status = AssemblyStatus::Voided;
                self.void_reason = Some(e.reason.clone());
            }
            AssemblyEvent::SetPacked(e) => {
                self.status = AssemblyStatus::Packed;
                self.pack_id = Some(e.pack_id);
            }
            AssemblyEvent::SetUnpacked(_) => {
                self.status = AssemblyStatus::Complete;
                self.pack_id = None;
            }
        }
    }

    fn gather(&mut self, position: u16) {
        remove(&mut self.missing_positions, position);
        remove(&mut self.vacant_positions, position);
        remove(&mut self.short_positions, position);
        self.recount();
    }

    fn expect_card(&mut self, position: u16) {
        insert(&mut self.missing_positions, position);
        remove(&mut self.vacant_positions, position);
        remove(&mut self.short_positions, position);
        self.recount();
    }

    /// What the lists say. That the set is complete is only ever said by `AssemblyCompleted`.
    fn recount(&mut self) {
        let unfilled = self.missing_positions.len() + self.short_positions.len();
        self.gathered_count = u16::try_from(unfilled)
            .ok()
            .and_then(|unfilled| self.expected_count.checked_sub(unfilled))
            .expect("the lists hold positions of this set, each once");
        self.status = if !self.vacant_positions.is_empty() && !self.spares {
            AssemblyStatus::Error
        } else if self.gathered_count > 0 {
            AssemblyStatus::InProgress
        } else {
            AssemblyStatus::Pending
        };
    }

    /// Which positions are missing, and where the card of each is. `card_unit` looks up a row.
    #[must_use]
    pub fn missing<'a>(
        &self,
        card_unit: impl Fn(CardUnitId) -> Option<&'a CardUnitRow>,
    ) -> Vec<MissingCard> {
        self.missing_positions
            .iter()
            .map(|&position| {
                let card_unit_id = self.card_unit_ids[usize::from(position) - 1];
                let row = card_unit(card_unit_id);
                MissingCard {
                    position,
                    card_unit_id,
                    vacant: self.vacant_positions.binary_search(&position).is_ok(),
                    status: row.map(|row| row.status),
                    current_station_id: row.and_then(|row| row.current_station_id.clone()),
                    since: row.and_then(|row| row.since),
                    current_operation_id: row.and_then(|row| row.current_operation_id.clone()),
                    held: row.and_then(|row| row.held.clone()),
                    void_reason: row.and_then(|row| row.void_reason.clone()),
                }
            })
            .collect()
    }

    /// The cards that lie in the set (or in its box), by position.
    pub fn gathered(&self) -> impl Iterator<Item = CardUnitId> + '_ {
        (1_u16..)
            .zip(&self.card_unit_ids)
            .filter(|(position, _)| {
                self.missing_positions.binary_search(position).is_err()
                    && self.short_positions.binary_search(position).is_err()
            })
            .map(|(_, &card_unit_id)| card_unit_id)
    }

    /// What the job's progress counts of it.
    #[must_use]
    pub fn tally(&self) -> SetTally {
        SetTally {
            status: self.status,
            held: self.held.is_some() && self.status != AssemblyStatus::Voided,
        }
    }
}

fn insert(positions: &mut Vec<u16>, position: u16) {
    if let Err(index) = positions.binary_search(&position) {
        positions.insert(index, position);
    }
}

fn remove(positions: &mut Vec<u16>, position: u16) {
    if let Ok(index) = positions.binary_search(&position) {
        positions.remove(index);
    }
}
