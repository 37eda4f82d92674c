//! What a job has open: a register folded across the streams of its sheets, cards, sets and packs.
//! Decisions ask it which positions lack a card, which spares there are, and whether the job is done.

use crate::domain::assembly::{Assembly, AssemblyEvent, LossCause};
use crate::domain::card_unit::{CardUnit, CardUnitStatus};
use crate::domain::job::SheetPurpose;
use crate::domain::sheet::SheetStatus;
use crate::identity::{CardUnitId, JobId, PackId, PackKind, SheetId};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// What a job has open.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct JobRegister {
    /// Sheets of the run that are neither cut nor voided.
    pub run_sheets_open: u32,
    /// Overs and reprint sheets that are neither cut nor voided.
    pub spare_sheets: BTreeSet<SheetId>,
    /// Cards owed to the customer that are alive and not packed.
    pub run_cards_open: u32,
    /// Live cards of overs and reprint sheets that are not packed.
    pub spare_cards: BTreeSet<CardUnitId>,
    /// Voided cards whose position is neither filled again nor conceded.
    pub vacancies: BTreeSet<CardUnitId>,
    /// The highest number given to a box, case and pallet.
    pub last_box: u32,
    pub last_case: u32,
    pub last_pallet: u32,
}

/// The folds say whether anything changed.
impl JobRegister {
    pub(super) fn sheet_changed(
        &mut self,
        sheet_id: SheetId,
        was: Option<(SheetPurpose, SheetStatus)>,
        is: (SheetPurpose, SheetStatus),
    ) -> bool {
        let open = |status| !matches!(status, SheetStatus::Cut | SheetStatus::Voided);
        let was_open = was.is_some_and(|(_, status)| open(status));
        let (purpose, status) = is;
        match (was_open, open(status)) {
            (false, true) if purpose.yields_spares() => {
                self.spare_sheets.insert(sheet_id);
            }
            (true, false) if purpose.yields_spares() => {
                self.spare_sheets.remove(&sheet_id);
            }
            (false, true) => self.run_sheets_open += 1,
            (true, false) => self.run_sheets_open -= 1,
            (true, true) | (false, false) => return false,
        }
        true
    }

    pub(super) fn card_changed(&mut self, card: &CardUnit, was: Option<CardUnitStatus>) -> bool {
        let open = |status: CardUnitStatus| status.is_live() && status != CardUnitStatus::Packed;
        match (was.is_some_and(open), open(card.situation.status)) {
            (false, true) if card.spare => {
                self.spare_cards.insert(card.card_unit_id);
            }
            (true, false) if card.spare => {
                self.spare_cards.remove(&card.card_unit_id);
            }
            (false, true) => self.run_cards_open += 1,
            (true, false) => self.run_cards_open -= 1,
            (true, true) | (false, false) => return false,
        }
        true
    }

    pub(super) fn set_changed(&mut self, set: &Assembly, event: &AssemblyEvent) -> bool {
        let before = self.vacancies.len();
        match event {
            AssemblyEvent::AssemblyMemberLost(e) => {
                if e.cause == LossCause::Voided && !set.spares {
                    self.vacancies.insert(e.card_unit_id);
                }
            }
            AssemblyEvent::AssemblyMemberRestored(e) => {
                self.vacancies.remove(&e.card_unit_id);
            }
            AssemblyEvent::AssemblyMemberReplaced(e) => {
                self.vacancies.remove(&e.replaces);
            }
            AssemblyEvent::ConcessionSigned(e) => {
                let sheet = e.assembly_id.sheet();
                self.vacancies.retain(|card| {
                    card.sheet() != sheet || !e.positions.contains(&card.position())
                });
            }
            AssemblyEvent::AssemblyVoided(e) => {
                self.vacancies
                    .retain(|card| card.assembly() != e.assembly_id);
            }
            AssemblyEvent::AssemblyCreated(_)
            | AssemblyEvent::CardScannedForAssembly(_)
            | AssemblyEvent::CardRemovedFromAssembly(_)
            | AssemblyEvent::AssemblyCompleted(_)
            | AssemblyEvent::AssemblyHeld(_)
            | AssemblyEvent::AssemblyReleased(_)
            | AssemblyEvent::SetPacked(_)
            | AssemblyEvent::SetUnpacked(_) => {}
        }
        self.vacancies.len() != before
    }

    pub(super) fn pack_changed(&mut self, pack_id: PackId) -> bool {
        let last = match pack_id.kind() {
            PackKind::Box => &mut self.last_box,
            PackKind::Case => &mut self.last_case,
            PackKind::Pallet => &mut self.last_pallet,
        };
        let is_new = pack_id.number() > *last;
        *last = (*last).max(pack_id.number());
        is_new
    }

    /// The id that the job's next pack of the kind will have; `None` when the numbers are used up.
    #[must_use]
    pub fn next_pack(&self, job_id: JobId, kind: PackKind) -> Option<PackId> {
        let last = match kind {
            PackKind::Box => self.last_box,
            PackKind::Case => self.last_case,
            PackKind::Pallet => self.last_pallet,
        };
        job_id.pack(kind, last.checked_add(1)?)
    }
}
