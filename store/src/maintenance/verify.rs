//! Everything that can be checked of a database is checked: that the log is whole and was not changed, that
//! every invariant held after every decision, that all that is folded from the log is what the log says, and that
//! receipts and refusals can be read. Who is let in, and what was forecast, is not looked at.

use super::{Progress, Replay};
use crate::cache::{Changes, Source};
use crate::contract::{
    Aside, Derived, Engine, EventFilter, Loaded, RefusalFilter, RowFilter, StoreError, Wanted,
};
use crate::record::{GENESIS, Hash, StoredEvent};
use crate::tables::{Row, Table};
use rustc_hash::FxHashMap;
use serde_json::Value;
use sheetwise_core::domain::{Recorded, UnitState};
use sheetwise_core::invariants::Checker;
use smol_str::SmolStr;
use std::collections::BTreeMap;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Events and rows that are read at once.
const CHUNK: usize = 10_000;

/// More findings than this say nothing new.
const FINDINGS_MAX: usize = 200;

/// Something that is wrong, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The table: `production_events`, `rm_card_units`, ….
    pub table: String,
    /// The row: a sequence number, or a key.
    pub row: String,
    pub problem: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, {}: {}", self.table, self.row, self.problem)
    }
}

/// What was looked at, and what is wrong.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Verified {
    pub events: u64,
    /// Rows of read models, registers, claims and streams that were compared.
    pub rows: u64,
    /// Nothing, or what is wrong; the first two hundred.
    pub findings: Vec<Finding>,
}

impl Verified {
    /// Nothing is wrong.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.findings.is_empty()
    }
}

/// Verifies a database at one moment; nobody is held up. Keeps the whole shop in memory meanwhile.
pub fn verify(
    engine: &mut dyn Engine,
    progress: &mut dyn FnMut(Progress),
) -> Result<Verified, StoreError> {
    let mut verifier = Verifier::default();
    for problem in engine.integrity()? {
        verifier.find("the database", "its files", problem);
    }
    engine.begin_reading()?;
    let outcome = verifier.run(engine, progress);
    engine.abandon();
    outcome.map(|()| verifier.verified)
}

#[derive(Default)]
struct Verifier {
    verified: Verified,
}

impl Verifier {
    fn find(&mut self, table: &str, row: impl ToString, problem: impl ToString) {
        if self.verified.findings.len() < FINDINGS_MAX {
            self.verified.findings.push(Finding {
                table: table.to_owned(),
                row: row.to_string(),
                problem: problem.to_string(),
            });
        }
    }

    fn run(
        &mut self,
        engine: &mut dyn Engine,
        progress: &mut dyn FnMut(Progress),
    ) -> Result<(), StoreError> {
        let head = engine.head()?;
        let snapshots = self.snapshots(engine)?;
        let mut log = Log {
            before: GENESIS,
            versions: FxHashMap::default(),
            checker: Checker::default(),
            fold: Some(Fold {
                replay: Replay::new(),
                changes: Changes::default(),
            }),
            snapshots,
        };
        let mut position = 0;
        while position < head.sequence_num {
            progress(Progress {
                done: position,
                total: head.sequence_num,
            });
            let up_to = head.sequence_num.min(position + CHUNK as u64);
            for event in self.read(engine, position + 1, up_to)? {
                self.event(&mut log, &event);
            }
            position = up_to;
        }
        for violation in log.checker.finish() {
            self.find("production_events", "the whole log", violation);
        }
        if log.before != head.hash {
            self.find("log_head", "hash", "it is not the hash of the last event");
        }
        self.verified.events = head.sequence_num;
        if let Some(fold) = log.fold.as_mut() {
            let derived = fold.replay.cache.derived(std::mem::take(&mut fold.changes));
            self.derived(engine, derived)?;
        }
        self.receipts(engine)?;
        self.refusals(engine)?;
        let versions = log.versions.into_iter();
        let streams = versions.map(|(unit, _)| (unit, String::new()));
        self.compare_entries(engine, Aside::Streams, "streams", streams.collect())?;
        progress(Progress {
            done: head.sequence_num,
            total: head.sequence_num,
        });
        Ok(())
    }

    /// The events of these numbers; where they cannot be read together, one by one, to name those that cannot
    /// be read at all.
    fn read(
        &mut self,
        engine: &mut dyn Engine,
        first: u64,
        last: u64,
    ) -> Result<Vec<StoredEvent>, StoreError> {
        let of_range = |first: u64, last: u64| {
            let mut filter = EventFilter::after(first - 1, CHUNK);
            filter.range = first..=last;
            filter
        };
        if let Ok(events) = engine.events(&of_range(first, last)) {
            return Ok(events);
        }
        let mut events = Vec::new();
        for number in first..=last {
            match engine.events(&of_range(number, number)) {
                Ok(one) => events.extend(one),
                Err(error) => self.unreadable("production_events", number, error)?,
            }
        }
        Ok(events)
    }

    /// That this row cannot be read. Another error than that, a lost connection, says nothing of rows and ends the
    /// look at everything.
    fn unreadable(
        &mut self,
        table: &str,
        row: impl ToString,
        error: StoreError,
    ) -> Result<(), StoreError> {
        let StoreError::Damaged(what) = error else {
            return Err(error);
        };
        self.find(table, row, format!("it cannot be read: {what}"));
        Ok(())
    }

    /// That every receipt can be read: it is what a request is answered with that comes again.
    fn receipts(&mut self, engine: &mut dyn Engine) -> Result<(), StoreError> {
        self.all_readable("receipts", SmolStr::default(), |key, limit| {
            let receipts = engine.receipts_after(key, limit)?;
            Ok(receipts.last().map(|last| last.key.clone()))
        })
    }

    fn refusals(&mut self, engine: &mut dyn Engine) -> Result<(), StoreError> {
        self.all_readable("refusals", 0, |after, limit| {
            let filter = RefusalFilter {
                after: *after,
                limit,
                code: None,
                station_id: None,
                late_only: false,
            };
            let refusals = engine.refusals(&filter)?;
            Ok(refusals.last().map(|last| last.refusal_num))
        })
    }

    /// That every row of the table can be read, page by page: `last_behind` answers the last key of the page behind
    /// that key. Rows behind one that cannot be read are not looked at: they are found by the key before them.
    fn all_readable<K: fmt::Debug>(
        &mut self,
        table: &str,
        first: K,
        mut last_behind: impl FnMut(&K, usize) -> Result<Option<K>, StoreError>,
    ) -> Result<(), StoreError> {
        let (mut key, mut at_once) = (first, CHUNK);
        loop {
            match last_behind(&key, at_once) {
                Ok(Some(last)) => key = last,
                Ok(None) => return Ok(()),
                Err(_) if at_once > 1 => at_once = 1,
                Err(error) => {
                    return self.unreadable(table, format!("the one behind {key:?}"), error);
                }
            }
        }
    }

    fn event(&mut self, log: &mut Log, stored: &StoredEvent) {
        let number = stored.sequence_num;
        let table = "production_events";
        if stored.hash_after(&log.before) != stored.hash {
            let problem = "it was changed after it was written, or stands behind another event \
                           than it was written behind: its hash does not fit";
            self.find(table, number, problem);
        }
        log.before = stored.hash;
        let unit = format!("{}/{}", stored.aggregate_type, stored.aggregate_id);
        let version = log.versions.entry(unit).or_default();
        let before = std::mem::replace(version, stored.aggregate_version);
        if stored.aggregate_version != before + 1 {
            let problem = format!(
                "it is version {} of {}, behind version {before}",
                stored.aggregate_version, stored.aggregate_id
            );
            self.find(table, number, problem);
            log.fold = None; // what stands behind a gap cannot be folded
        }
        let recorded = match stored.decode() {
            Ok(recorded) => recorded,
            Err(e) => {
                self.find(table, number, e);
                log.fold = None;
                return;
            }
        };
        for violation in log.checker.observe(&recorded) {
            self.find(table, number, violation);
        }
        if let Some(fold) = &mut log.fold {
            if let Err(problem) = fold.apply(&recorded) {
                self.find(table, number, problem);
                log.fold = None;
            } else {
                let wrong = fold.wrong_snapshot(&log.snapshots, &recorded);
                if let Some(unit) = wrong {
                    self.find("snapshots", unit, "it is not the state after that version");
                }
            }
        }
    }

    fn snapshots(&mut self, engine: &mut dyn Engine) -> Result<Snapshots, StoreError> {
        let mut snapshots = Snapshots::default();
        for (unit, entry) in all_entries(engine, Aside::Snapshots)? {
            let read = entry.split_once(' ').and_then(|(version, state)| {
                Some((version.parse().ok()?, serde_json::from_str(state).ok()?))
            });
            match read {
                Some(snapshot) => drop(snapshots.insert(unit, snapshot)),
                None => self.find("snapshots", unit, "it cannot be read"),
            }
        }
        Ok(snapshots)
    }

    /// Compares all that is folded from the log with what stands in the tables.
    fn derived(&mut self, engine: &mut dyn Engine, derived: Derived) -> Result<(), StoreError> {
        for table in Table::ALL {
            let folded = derived.rows.iter().chain(&derived.rows_begun);
            let folded = folded.filter(|(of, _)| *of == table);
            let folded = folded
                .flat_map(|(_, rows)| rows.iter().cloned())
                .map(|row| (row.key().to_owned(), row));
            self.compare_rows(engine, table, folded.collect())?;
        }
        let claims = derived.claims_begun.into_iter();
        let claims = claims.map(|(claim, card)| (claim, card.to_string()));
        self.compare_entries(engine, Aside::Claims, "claims", claims.collect())?;
        let registers = derived.registers.into_iter().collect();
        self.compare_entries(engine, Aside::Registers, "registers", registers)
    }

    fn compare_rows(
        &mut self,
        engine: &mut dyn Engine,
        table: Table,
        mut folded: BTreeMap<String, Row>,
    ) -> Result<(), StoreError> {
        let mut filter = RowFilter {
            limit: CHUNK,
            ..RowFilter::all(table)
        };
        loop {
            let stored = engine.rows(&filter)?;
            let Some(last) = stored.last() else { break };
            filter.after = Some(last.key().to_owned());
            for row in stored {
                self.verified.rows += 1;
                let Some(expected) = folded.remove(row.key()) else {
                    self.find(table.name(), row.key(), "the log knows nothing of it");
                    continue;
                };
                if let Some(problem) = difference(table, &row, &expected) {
                    self.find(table.name(), row.key(), problem);
                }
            }
        }
        for key in folded.keys() {
            self.find(table.name(), key, "it is missing");
        }
        Ok(())
    }

    fn compare_entries(
        &mut self,
        engine: &mut dyn Engine,
        aside: Aside,
        table: &str,
        mut folded: FxHashMap<String, String>,
    ) -> Result<(), StoreError> {
        for (key, value) in all_entries(engine, aside)? {
            self.verified.rows += 1;
            match folded.remove(&key) {
                None => self.find(table, &key, "the log knows nothing of it"),
                Some(expected) if expected != value => {
                    self.find(
                        table,
                        &key,
                        format!("it says {value}, the log says {expected}"),
                    );
                }
                Some(_) => {}
            }
        }
        let mut missing: Vec<&String> = folded.keys().collect();
        missing.sort_unstable();
        for key in missing {
            self.find(table, key, "it is missing");
        }
        Ok(())
    }
}

/// A unit's snapshot: version and state.
type Snapshots = FxHashMap<String, (u32, UnitState)>;

/// Where the reading of the log stands.
struct Log {
    before: Hash,
    versions: FxHashMap<String, u32>,
    checker: Checker,
    /// Until something cannot be folded.
    fold: Option<Fold>,
    snapshots: Snapshots,
}

struct Fold {
    replay: Replay,
    changes: Changes,
}

impl Fold {
    /// A fold relies on what the log promises. Where the log breaks a promise that nobody saw before, the fold
    /// stops there, and not the program.
    fn apply(&mut self, recorded: &Recorded) -> Result<(), String> {
        let folded = catch_unwind(AssertUnwindSafe(|| {
            self.replay.apply(&mut Nothing, recorded, &mut self.changes)
        }));
        match folded {
            Ok(Ok(())) => Ok(()),
            Ok(Err(e)) => Err(e.to_string()),
            Err(_) => Err("it cannot be folded behind the events before it".into()),
        }
    }

    fn wrong_snapshot(&self, snapshots: &Snapshots, recorded: &Recorded) -> Option<String> {
        if snapshots.is_empty() {
            return None;
        }
        let unit = recorded.event.unit();
        let key = format!("{}/{unit}", unit.unit_type().as_str());
        let (version, state) = snapshots.get(&key)?;
        let (_, folded) = self.replay.cache.floor.unit(&unit)?;
        (*version == recorded.aggregate_version && *state != folded).then_some(key)
    }
}

/// Before the first event there is nothing.
struct Nothing;

impl Source for Nothing {
    fn load(&mut self, _: &Wanted) -> Result<Loaded, StoreError> {
        Ok(Loaded::default())
    }

    fn events(&mut self, _: &EventFilter) -> Result<Vec<StoredEvent>, StoreError> {
        Ok(Vec::new())
    }
}

fn all_entries(engine: &mut dyn Engine, aside: Aside) -> Result<Vec<(String, String)>, StoreError> {
    let mut all: Vec<(String, String)> = Vec::new();
    loop {
        let after = all.last().map_or(String::new(), |(key, _)| key.clone());
        let more = engine.entries(aside, &after, CHUNK)?;
        if more.is_empty() {
            return Ok(all);
        }
        all.extend(more);
    }
}

/// The first column that is not what the fold says.
fn difference(table: Table, stored: &Row, folded: &Row) -> Option<String> {
    let cells = stored.cells.iter().zip(&folded.cells).zip(table.columns());
    for ((stored, folded), (column, _)) in cells {
        if stored != folded {
            return Some(format!("{column} is {stored:?}, the log says {folded:?}"));
        }
    }
    let (stored, folded): (Value, Value) = match (
        serde_json::from_str(&stored.details),
        serde_json::from_str(&folded.details),
    ) {
        (Ok(stored), Ok(folded)) => (stored, folded),
        _ => return Some("details is no JSON".into()),
    };
    if stored == folded {
        return None;
    }
    let fields = folded.as_object()?;
    let other = fields
        .iter()
        .find(|(field, value)| stored.get(field) != Some(value));
    Some(match other {
        Some((field, value)) => {
            let stored = stored
                .get(field)
                .map_or("missing".into(), ToString::to_string);
            format!("details: {field} is {stored}, the log says {value}")
        }
        None => "details has fields that the log knows nothing of".into(),
    })
}
