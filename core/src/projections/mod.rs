//! Read models: one file each, each a left fold `(row, event) → row` over the log. They are folded
//! from the events alone, never from the units' own state, so that either checks the other.
//!
//! [`Rows`] holds all tables and runs the folds of one event in their order. Station load and job
//! progress are not folded from events but from what an event changed in the row of a card, sheet or
//! set: a count is moved, never kept on its own. Live views (`station_queue`, `card_history`, `recall`) are
//! functions over rows and events, and have no table.

pub mod assemblies;
pub mod card_history;
pub mod card_units;
pub mod job_progress;
pub mod jobs;
pub mod orders;
pub mod packs;
pub mod recall;
pub mod recalled;
pub mod sheets;
pub mod station_load;
pub mod station_queue;
#[cfg(test)]
mod tests;

pub use assemblies::{AssemblyRow, MissingCard};
pub use card_history::{CardHistory, HistoryEntry};
pub use card_units::{CardUnitRow, QaResult};
pub use job_progress::{JobProgressRow, ProgressCounts};
pub use jobs::JobRow;
pub use orders::{JobOfOrder, OrderRow};
pub use packs::PackRow;
pub use recall::{Body, Criteria, Encounter, Encounters, LotLoads};
pub use recalled::{RecallSummary, RecalledCard, RecalledSheet};
pub use sheets::SheetRow;
pub use station_load::StationLoadRow;
pub use station_queue::{AtStation, QueueEntry, station_queue};

use crate::domain::event::{
    AssemblyEvent, CardUnitEvent, Context, Event, JobEvent, Recorded, SheetEvent, StationEvent,
};
use crate::identity::{
    AssemblyId, CardUnitId, JobId, PackId, ProductionOrderId, SheetId, StationId,
};
use rustc_hash::{FxHashMap, FxHashSet};
use station_load::Load;

/// What every fold takes from the envelope: the event's place in the log, and its context.
#[derive(Debug, Clone, Copy)]
pub struct Moment<'a> {
    pub sequence_num: u64,
    pub context: &'a Context,
}

/// All tables, each by its key.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Rows {
    pub orders: FxHashMap<ProductionOrderId, OrderRow>,
    pub jobs: FxHashMap<JobId, JobRow>,
    pub job_progress: FxHashMap<JobId, JobProgressRow>,
    pub sheets: FxHashMap<SheetId, SheetRow>,
    pub card_units: FxHashMap<CardUnitId, CardUnitRow>,
    pub assemblies: FxHashMap<AssemblyId, AssemblyRow>,
    pub packs: FxHashMap<PackId, PackRow>,
    pub station_load: FxHashMap<StationId, StationLoadRow>,
}

/// The keys of the rows that changed, by table. It gathers over many events, so that a store writes
/// each row once however often it changed; no row is ever deleted.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Touched {
    pub orders: FxHashSet<ProductionOrderId>,
    pub jobs: FxHashSet<JobId>,
    pub job_progress: FxHashSet<JobId>,
    pub sheets: FxHashSet<SheetId>,
    pub card_units: FxHashSet<CardUnitId>,
    pub assemblies: FxHashSet<AssemblyId>,
    pub packs: FxHashSet<PackId>,
    pub station_load: FxHashSet<StationId>,
}

impl Touched {
    /// Forgets everything, and keeps the memory for the next group of events.
    pub fn clear(&mut self) {
        self.orders.clear();
        self.jobs.clear();
        self.job_progress.clear();
        self.sheets.clear();
        self.card_units.clear();
        self.assemblies.clear();
        self.packs.clear();
        self.station_load.clear();
    }

    /// How many rows changed.
    #[must_use]
    pub fn len(&self) -> usize {
        self.orders.len()
            + self.jobs.len()
            + self.job_progress.len()
            + self.sheets.len()
            + self.card_units.len()
            + self.assemblies.len()
            + self.packs.len()
            + self.station_load.len()
    }

    /// No row changed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl<'a> From<&'a Recorded> for Moment<'a> {
    fn from(recorded: &'a Recorded) -> Self {
        Self {
            sequence_num: recorded.sequence_num,
            context: &recorded.context,
        }
    }
}

impl Rows {
    /// The tables after the whole log.
    #[must_use]
    pub fn fold<'a>(log: impl IntoIterator<Item = &'a Recorded>) -> Self {
        let mut rows = Self::default();
        let mut touched = Touched::default();
        for recorded in log {
            rows.apply(recorded, &mut touched);
            touched.clear();
        }
        rows
    }

    /// The tables after the event. Adds the keys of the rows that changed to `touched`.
    ///
    /// # Panics
    /// If the row of the unit (for a replacement, of the card it replaces; for a sheet, card or set,
    /// of its job) is not there: the rows have to be the fold of the log up to this event.
    pub fn apply(&mut self, recorded: &Recorded, touched: &mut Touched) {
        let at = Moment::from(recorded);
        match &recorded.event {
            Event::ProductionOrder(event) => {
                let id = event.unit_id();
                if let Some(row) = OrderRow::open(event, at) {
                    self.orders.insert(id.clone(), row);
                } else {
                    let row = self.orders.get_mut(id);
                    row.expect("an order's stream begins with its placing")
                        .apply(event, at);
                }
                touched.orders.insert(id.clone());
            }
            Event::Job(event) => self.apply_job(event, at, touched),
            Event::Sheet(event) => self.apply_sheet(event, at, touched),
            Event::CardUnit(event) => self.apply_card_unit(event, at, touched),
            Event::Assembly(event) => self.apply_assembly(event, at, touched),
            Event::Pack(event) => {
                let id = *event.unit_id();
                if let Some(row) = PackRow::open(event, at) {
                    self.packs.insert(id, row);
                } else {
                    let row = self.packs.get_mut(&id);
                    row.expect("a pack's stream begins with its opening")
                        .apply(event, at);
                }
                touched.packs.insert(id);
            }
            Event::Station(event) => self.apply_station(event, at, touched),
            Event::Product(_) | Event::Operator(_) | Event::Memorabilia(_) | Event::Hold(_) => {}
        }
    }

    fn apply_job(&mut self, event: &JobEvent, at: Moment<'_>, touched: &mut Touched) {
        let id = *event.unit_id();
        touched.jobs.insert(id);
        if let Some(row) = JobRow::open(event, at) {
            self.job_progress
                .insert(id, JobProgressRow::open(id, row.status, at));
            touched.job_progress.insert(id);
            self.jobs.insert(id, row);
            return;
        }
        let row = self
            .jobs
            .get_mut(&id)
            .expect("a job's stream begins with its creation");
        let before = row.status;
        row.apply(event, at);
        let after = row.status;
        if before != after {
            self.progress(id, at, touched, |progress| progress.status = after);
        }
    }

    fn apply_sheet(&mut self, event: &SheetEvent, at: Moment<'_>, touched: &mut Touched) {
        let id = *event.unit_id();
        touched.sheets.insert(id);
        if let Some(row) = SheetRow::open(event, at) {
            let after = row.tally();
            self.sheets.insert(id, row);
            self.progress(id.job(), at, touched, |job| job.counts.sheet(None, after));
            return;
        }
        let row = self
            .sheets
            .get_mut(&id)
            .expect("a sheet's stream begins with its creation");
        let (before, from) = (row.tally(), row.current_station_id.clone());
        row.apply(event, at);
        let after = row.tally();
        move_load(
            &mut self.station_load,
            Load::Sheet,
            from.as_ref(),
            row.current_station_id.as_ref(),
            at,
            touched,
        );
        if before != after {
            self.progress(id.job(), at, touched, |job| {
                job.counts.sheet(Some(before), after);
            });
        }
    }

    fn apply_card_unit(&mut self, event: &CardUnitEvent, at: Moment<'_>, touched: &mut Touched) {
        let id = *event.unit_id();
        touched.card_units.insert(id);
        if let Some(row) = CardUnitRow::open(event, at) {
            if let Some(replaces) = row.replaces {
                let replaced = self.card_units.get_mut(&replaces);
                replaced
                    .expect("a replacement replaces a card")
                    .replaced(id, at);
                touched.card_units.insert(replaces);
            }
            let after = row.tally();
            let to = row.current_station_id.as_ref();
            move_load(
                &mut self.station_load,
                Load::CardUnit,
                None,
                to,
                at,
                touched,
            );
            self.card_units.insert(id, row);
            self.progress(id.job(), at, touched, |job| job.counts.card(None, after));
            return;
        }
        let row = self
            .card_units
            .get_mut(&id)
            .expect("a card's stream begins with its creation");
        let (before, from) = (row.tally(), row.current_station_id.clone());
        row.apply(event, at);
        let after = row.tally();
        move_load(
            &mut self.station_load,
            Load::CardUnit,
            from.as_ref(),
            row.current_station_id.as_ref(),
            at,
            touched,
        );
        if before != after {
            self.progress(id.job(), at, touched, |job| {
                job.counts.card(Some(before), after);
            });
        }
    }

    fn apply_assembly(&mut self, event: &AssemblyEvent, at: Moment<'_>, touched: &mut Touched) {
        let id = *event.unit_id();
        touched.assemblies.insert(id);
        if let Some(row) = AssemblyRow::open(event, at) {
            let after = row.tally();
            self.assemblies.insert(id, row);
            self.progress(id.job(), at, touched, |job| job.counts.set(None, after));
            return;
        }
        let row = self
            .assemblies
            .get_mut(&id)
            .expect("a set's stream begins with its creation");
        let before = row.tally();
        row.apply(event, at);
        let after = row.tally();
        if before != after {
            self.progress(id.job(), at, touched, |job| {
                job.counts.set(Some(before), after);
            });
        }
    }

    fn apply_station(&mut self, event: &StationEvent, at: Moment<'_>, touched: &mut Touched) {
        match event {
            StationEvent::StationRegistered(e) => {
                // It is on the board from now on, with nothing at it.
                if !self.station_load.contains_key(&e.station_id) {
                    let idle = StationLoadRow::idle(e.station_id.clone(), at);
                    self.station_load.insert(e.station_id.clone(), idle);
                    touched.station_load.insert(e.station_id.clone());
                }
            }
            StationEvent::StationReconfigured(_)
            | StationEvent::StationWentDown(_)
            | StationEvent::StationCameUp(_)
            | StationEvent::MaterialLotsLoaded(_)
            | StationEvent::BenchSwitched(_)
            | StationEvent::UnitTakenInHand(_) => {}
        }
    }

    fn progress(
        &mut self,
        job_id: JobId,
        at: Moment<'_>,
        touched: &mut Touched,
        change: impl FnOnce(&mut JobProgressRow),
    ) {
        let row = self.job_progress.get_mut(&job_id);
        row.expect("a job is created before its sheets, cards and sets")
            .apply(at, change);
        touched.job_progress.insert(job_id);
    }
}

/// A card or sheet that stood at `from` now stands at `to`.
fn move_load(
    station_load: &mut FxHashMap<StationId, StationLoadRow>,
    load: Load,
    from: Option<&StationId>,
    to: Option<&StationId>,
    at: Moment<'_>,
    touched: &mut Touched,
) {
    if from == to {
        return;
    }
    if let Some(from) = from {
        let row = station_load.get_mut(from);
        row.expect("what is at a station was counted there")
            .went(load, at);
        touched.station_load.insert(from.clone());
    }
    if let Some(to) = to {
        if let Some(row) = station_load.get_mut(to) {
            row.came(load, at);
        } else {
            let mut row = StationLoadRow::idle(to.clone(), at);
            row.came(load, at);
            station_load.insert(to.clone(), row);
        }
        touched.station_load.insert(to.clone());
    }
}
