//! What a person does with a database beside serving the shop from it: rebuild the read models, verify
//! everything, back it up and restore it. Engine by engine the same.

mod backup;
mod rebuild;
mod verify;

pub use backup::{BackupError, BackupSummary, backup, restore};
pub use rebuild::{Rebuilt, rebuild};
pub use verify::{Finding, Verified, verify};

use crate::cache::{Cache, Changes, Source};
use crate::contract::StoreError;
use rustc_hash::FxHashSet;
use sheetwise_core::domain::event::JobEvent;
use sheetwise_core::domain::{Event, Recorded, UnitRef};
use sheetwise_core::production::{JobRegister, Needed};

/// How far a long piece of work is: so many of so many, in events or rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    pub done: u64,
    pub total: u64,
}

/// Folds the log forward, from its first event on.
struct Replay {
    cache: Cache,
}

impl Replay {
    fn new() -> Self {
        Self {
            cache: Cache::new(),
        }
    }

    /// Loads the units that these events go on with, all at once.
    fn prefetch(
        &mut self,
        source: &mut (impl Source + ?Sized),
        events: &[Recorded],
    ) -> Result<(), StoreError> {
        let floor = &self.cache.floor;
        let goes_on = |recorded: &&Recorded| recorded.aggregate_version > 1;
        let units: FxHashSet<UnitRef> = events
            .iter()
            .filter(goes_on)
            .map(|recorded| recorded.event.unit())
            .filter(|unit| !floor.holds(unit))
            .collect();
        if units.is_empty() {
            return Ok(());
        }
        let needed: Vec<Needed> = units.into_iter().map(Needed::Unit).collect();
        self.cache.load(source, &needed, &[])
    }

    fn apply(
        &mut self,
        source: &mut (impl Source + ?Sized),
        recorded: &Recorded,
        changes: &mut Changes,
    ) -> Result<(), StoreError> {
        let floor = &mut self.cache.floor;
        // A unit's first event: nobody needs to look whether it is there.
        if recorded.aggregate_version == 1 {
            floor.load_unit(&recorded.event.unit(), 0, None);
        }
        if let Event::Job(JobEvent::JobCreated(created)) = &recorded.event {
            floor.load_register(created.job_id, JobRegister::default());
        }
        while let Some(needed) = self.cache.floor.needs(&recorded.event, &recorded.context) {
            self.cache.load(source, &[needed], &[])?;
        }
        self.cache.floor.apply(recorded);
        self.cache.project(recorded, changes);
        Ok(())
    }
}
