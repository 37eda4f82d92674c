//! `rm_job_progress`: how far each job is. No event says from which status a card came, and none
//! needs to: the counts are folded from the change of the card's (sheet's, set's) own row, before →
//! after of one event, so that they add up by construction.

use super::Moment;
use crate::domain::assembly::AssemblyStatus;
use crate::domain::card_unit::CardUnitStatus;
use crate::domain::job::JobStatus;
use crate::domain::sheet::SheetStatus;
use crate::identity::JobId;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::ops::AddAssign;

/// A row of `rm_job_progress`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct JobProgressRow {
    pub job_id: JobId,
    #[serde(flatten)]
    pub counts: ProgressCounts,
    pub status: JobStatus,
    /// The last event that changed the status or a count.
    pub last_event_seq: u64,
    pub updated_at: Timestamp,
}

/// What is counted of a card.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CardTally {
    pub status: CardUnitStatus,
    pub at_qa: bool,
    pub held: bool,
}

/// What is counted of a sheet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SheetTally {
    pub status: SheetStatus,
    pub held: bool,
}

/// What is counted of a set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SetTally {
    pub status: AssemblyStatus,
    pub held: bool,
}

macro_rules! progress_counts {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {
        /// The counts of a job, or summed over the jobs of an order.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
        #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
        pub struct ProgressCounts { $($(#[$doc])* pub $name: u32),+ }

        impl AddAssign for ProgressCounts {
            fn add_assign(&mut self, other: Self) {
                $(self.$name += other.$name;)+
            }
        }
    };
}

progress_counts! {
    /// Sheets ever created: the sum of the five counts by status.
    total_sheets,
    /// Cards ever created, replacements included: the sum of the eight counts by status.
    total_cards,
    /// Of those in progress: an inspection is running.
    cards_at_qa,
    cards_created,
    cards_in_progress,
    cards_qa_passed,
    cards_qa_failed,
    cards_assembled,
    cards_packed,
    cards_voided,
    cards_consumed,
    /// Of all that live: on hold.
    cards_held,
    sheets_created,
    sheets_in_progress,
    sheets_ready_to_cut,
    sheets_cut,
    sheets_voided,
    /// Of those not cut or voided: on hold.
    sheets_held,
    /// Sets ever created: the sum of the six counts by status.
    total_sets,
    sets_pending,
    sets_in_progress,
    sets_complete,
    sets_error,
    sets_packed,
    sets_voided,
    /// Of those not voided: on hold.
    sets_held,
}

/// In or out of a count. A count that would fall below zero was wrong before.
#[derive(Clone, Copy)]
enum Step {
    In,
    Out,
}

impl Step {
    fn take(self, count: &mut u32) {
        *count = match self {
            Self::In => *count + 1,
            Self::Out => count
                .checked_sub(1)
                .expect("only what was counted in goes out"),
        };
    }
}

impl ProgressCounts {
    /// A card was created (`before` is `None`), or its row changed.
    pub fn card(&mut self, before: Option<CardTally>, after: CardTally) {
        match before {
            None => self.total_cards += 1,
            Some(before) => self.step_card(before, Step::Out),
        }
        self.step_card(after, Step::In);
    }

    /// A sheet was created (`before` is `None`), or its row changed.
    pub fn sheet(&mut self, before: Option<SheetTally>, after: SheetTally) {
        match before {
            None => self.total_sheets += 1,
            Some(before) => self.step_sheet(before, Step::Out),
        }
        self.step_sheet(after, Step::In);
    }

    /// A set was created (`before` is `None`), or its row changed.
    pub fn set(&mut self, before: Option<SetTally>, after: SetTally) {
        match before {
            None => self.total_sets += 1,
            Some(before) => self.step_set(before, Step::Out),
        }
        self.step_set(after, Step::In);
    }

    fn step_card(&mut self, tally: CardTally, step: Step) {
        step.take(match tally.status {
            CardUnitStatus::Created => &mut self.cards_created,
            CardUnitStatus::InProgress => &mut self.cards_in_progress,
            CardUnitStatus::QaPassed => &mut self.cards_qa_passed,
            CardUnitStatus::QaFailed => &mut self.cards_qa_failed,
            CardUnitStatus::Assembled => &mut self.cards_assembled,
            CardUnitStatus::Packed => &mut self.cards_packed,
            CardUnitStatus::Voided => &mut self.cards_voided,
            CardUnitStatus::Consumed => &mut self.cards_consumed,
        });
        if tally.at_qa {
            step.take(&mut self.cards_at_qa);
        }
        if tally.held {
            step.take(&mut self.cards_held);
        }
    }

    fn step_sheet(&mut self, tally: SheetTally, step: Step) {
        step.take(match tally.status {
            SheetStatus::Created => &mut self.sheets_created,
            SheetStatus::InProgress => &mut self.sheets_in_progress,
            SheetStatus::ReadyToCut => &mut self.sheets_ready_to_cut,
            SheetStatus::Cut => &mut self.sheets_cut,
            SheetStatus::Voided => &mut self.sheets_voided,
        });
        if tally.held {
            step.take(&mut self.sheets_held);
        }
    }

    fn step_set(&mut self, tally: SetTally, step: Step) {
        step.take(match tally.status {
            AssemblyStatus::Pending => &mut self.sets_pending,
            AssemblyStatus::InProgress => &mut self.sets_in_progress,
            AssemblyStatus::Complete => &mut self.sets_complete,
            AssemblyStatus::Error => &mut self.sets_error,
            AssemblyStatus::Packed => &mut self.sets_packed,
            AssemblyStatus::Voided => &mut self.sets_voided,
        });
        if tally.held {
            step.take(&mut self.sets_held);
        }
    }

    /// Whether every sheet, card and set is in exactly one status, and every sub-count is a part.
    #[must_use]
    pub const fn add_up(&self) -> bool {
        self.total_sheets
            == self.sheets_created
                + self.sheets_in_progress
                + self.sheets_ready_to_cut
                + self.sheets_cut
                + self.sheets_voided
            && self.total_cards
                == self.cards_created
                    + self.cards_in_progress
                    + self.cards_qa_passed
                    + self.cards_qa_failed
                    + self.cards_assembled
                    + self.cards_packed
                    + self.cards_voided
                    + self.cards_consumed
            && self.total_sets
                == self.sets_pending
                    + self.sets_in_progress
                    + self.sets_complete
                    + self.sets_error
                    + self.sets_packed
                    + self.sets_voided
            && self.cards_at_qa <= self.cards_in_progress
            && self.cards_held <= self.total_cards - self.cards_voided - self.cards_consumed
            && self.sheets_held <= self.total_sheets - self.sheets_cut - self.sheets_voided
            && self.sets_held <= self.total_sets - self.sets_voided
    }
}

impl JobProgressRow {
    /// The row of a job that was just created.
    #[must_use]
    pub fn open(job_id: JobId, status: JobStatus, at: Moment<'_>) -> Self {
        Self {
            job_id,
            counts: ProgressCounts::default(),
            status,
            last_event_seq: at.sequence_num,
            updated_at: at.context.recorded_at,
        }
    }

    /// The row after the job's status or a count changed: `change` says how.
    pub fn apply(&mut self, at: Moment<'_>, change: impl FnOnce(&mut Self)) {
        self.last_event_seq = at.sequence_num;
        self.updated_at = at.context.recorded_at;
        change(self);
    }
}
