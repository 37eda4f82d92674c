//! The engine without a disk: for tests, and for trying things out. It keeps the same promises as the
//! others but two: what it holds is gone with the process, and what is read is of the moment at which it is read, not all of one.

mod credentials;
mod forecasts;

use crate::contract::{
    Aside, Derived, Engine, EventFilter, Group, Loaded, Reading, Receipt, RefusalFilter,
    RefusalRow, RegisterKey, RowFilter, StoreError, Wanted,
};
use crate::credentials::Credential;
use crate::forecasts::IssuedForecast;
use crate::record::{Head, StoredEvent};
use crate::tables::{Cell, Row, Table};
use sheetwise_core::domain::{UnitRef, UnitType};
use smol_str::{SmolStr, ToSmolStr};
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Condvar, Mutex, MutexGuard};

/// A database in memory, shared by its clones: each clone is a connection of its own.
#[derive(Debug, Clone, Default)]
pub struct MemoryEngine {
    shared: Arc<Shared>,
    /// This connection is within a group.
    writing: bool,
    /// Which of the rebuilds is this connection's; 0 for none.
    rebuild: u64,
    /// This connection restores a backup.
    restoring: bool,
}

#[derive(Debug, Default)]
struct Shared {
    database: Mutex<Database>,
    freed: Condvar,
}

#[derive(Debug)]
struct Database {
    /// Somebody is within a group.
    locked: bool,
    head: Head,
    events: Vec<StoredEvent>,
    /// The sequence numbers of each stream.
    streams: HashMap<(SmolStr, SmolStr), Vec<u64>>,
    kept: Kept,
    snapshots: HashMap<UnitRef, (u32, String)>,
    receipts: BTreeMap<SmolStr, Receipt>,
    refusals: Vec<RefusalRow>,
    credentials: BTreeMap<SmolStr, Credential>,
    /// By position and model.
    forecasts: BTreeMap<(u64, u32), IssuedForecast>,
    /// What a rebuild has made so far.
    beside: Kept,
    /// How many rebuilds have begun.
    rebuilds: u64,
    /// A restore has begun, and not ended.
    restoring: bool,
}

/// What is folded from the log.
#[derive(Debug, Default)]
struct Kept {
    rows: BTreeMap<Table, BTreeMap<String, Row>>,
    claims: BTreeMap<String, SmolStr>,
    registers: BTreeMap<String, String>,
}

impl Default for Database {
    fn default() -> Self {
        Self {
            locked: false,
            head: Head::START,
            events: Vec::new(),
            streams: HashMap::new(),
            kept: Kept::default(),
            snapshots: HashMap::new(),
            receipts: BTreeMap::new(),
            refusals: Vec::new(),
            credentials: BTreeMap::new(),
            forecasts: BTreeMap::new(),
            beside: Kept::default(),
            rebuilds: 0,
            restoring: false,
        }
    }
}

impl MemoryEngine {
    /// An empty database.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    fn database(&self) -> MutexGuard<'_, Database> {
        self.shared
            .database
            .lock()
            .expect("whoever held the database did not panic")
    }

    /// The database, as long as no other rebuild has begun since this engine's.
    fn rebuilding(&self) -> Result<MutexGuard<'_, Database>, StoreError> {
        let database = self.database();
        if database.rebuilds != self.rebuild {
            return Err(StoreError::Unavailable("its tables beside are gone".into()));
        }
        Ok(database)
    }

    fn free(&mut self) {
        if self.writing {
            self.writing = false;
            self.database().locked = false;
            self.shared.freed.notify_one();
        }
    }
}

impl Drop for MemoryEngine {
    fn drop(&mut self) {
        self.free();
    }
}

impl Reading for MemoryEngine {
    fn head(&mut self) -> Result<Head, StoreError> {
        let database = self.database();
        if database.restoring && !self.restoring {
            return Err(StoreError::HalfRestored);
        }
        Ok(database.head.clone())
    }

    fn load(&mut self, wanted: &Wanted) -> Result<Loaded, StoreError> {
        let database = self.database();
        let mut loaded = Loaded::default();
        for unit in &wanted.units {
            let mut after = 0;
            if let Some((version, state)) = database.snapshots.get(unit) {
                after = *version;
                let snapshot = (unit.clone(), *version, state.clone());
                loaded.snapshots.push(snapshot);
            }
            let stream = database.stream(unit.unit_type(), &unit.to_smolstr());
            let newer = stream.filter(|event| event.aggregate_version > after);
            loaded.unit_events.extend(newer.cloned());
        }
        for unit in &wanted.streams {
            let stream = database.stream(unit.unit_type(), &unit.to_smolstr());
            let up_to = wanted.up_to.unwrap_or(u64::MAX);
            let known = stream.take_while(|event| event.sequence_num <= up_to);
            loaded.stream_events.extend(known.cloned());
        }
        database
            .kept
            .load(&wanted.rows, &wanted.registers, &mut loaded);
        if wanted.shop {
            let stations = database.kept.rows.get(&Table::StationLoad);
            for row in stations.into_iter().flat_map(BTreeMap::values) {
                loaded.rows.push((Table::StationLoad, row.clone()));
            }
            let is_hold = |event: &&StoredEvent| event.aggregate_type == "hold";
            loaded
                .unit_events
                .extend(database.events.iter().filter(is_hold).cloned());
        }
        Ok(loaded)
    }

    fn events(&mut self, filter: &EventFilter) -> Result<Vec<StoredEvent>, StoreError> {
        let database = self.database();
        let passes = |event: &&StoredEvent| {
            let is = |wanted: &Option<SmolStr>, is: Option<&SmolStr>| {
                wanted.as_ref().is_none_or(|wanted| Some(wanted) == is)
            };
            filter.range.contains(&event.sequence_num)
                && (filter.event_types.is_empty() || filter.event_types.contains(&event.event_type))
                && filter.aggregate.as_ref().is_none_or(|(unit_type, id)| {
                    event.aggregate_type == unit_type.as_str() && event.aggregate_id == *id
                })
                && is(&filter.station_id, event.station_id.as_ref())
                && is(&filter.operator_id, event.operator_id.as_ref())
                && filter.correlation_id.as_ref().is_none_or(|wanted| {
                    let rest = event.correlation_id.strip_prefix(wanted.as_str());
                    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('~'))
                })
                && filter
                    .recorded_from
                    .is_none_or(|from| event.recorded_at >= from)
                && filter
                    .recorded_before
                    .is_none_or(|to| event.recorded_at < to)
        };
        let passing = database.events.iter().filter(passes);
        if filter.descending {
            let mut last: Vec<_> = passing.rev().take(filter.limit).cloned().collect();
            last.reverse();
            return Ok(last);
        }
        Ok(passing.take(filter.limit).cloned().collect())
    }

    fn rows(&mut self, filter: &RowFilter) -> Result<Vec<Row>, StoreError> {
        let database = self.database();
        let columns = filter.table.columns();
        let passes = |row: &Row| {
            let begins = |within: &String| row.key().starts_with(within.as_str());
            filter.within.as_ref().is_none_or(begins)
                && filter.columns.iter().all(|(name, wanted)| {
                    let index = columns.iter().position(|(column, _)| column == name);
                    let index = index.expect("a filter names columns of its table");
                    match &row.cells[index] {
                        Cell::Text(text) => wanted.contains(text),
                        _ => false,
                    }
                })
        };
        let rows = database.kept.rows.get(&filter.table).into_iter().flatten();
        let after = rows.filter(|(key, _)| filter.after.as_ref().is_none_or(|after| *key > after));
        let passing = after.filter(|(_, row)| passes(row)).take(filter.limit);
        Ok(passing.map(|(_, row)| row.clone()).collect())
    }

    fn receipts(&mut self, keys: &[&str]) -> Result<Vec<Receipt>, StoreError> {
        let database = self.database();
        let receipts = keys.iter().filter_map(|key| database.receipts.get(*key));
        Ok(receipts.cloned().collect())
    }

    fn receipts_after(&mut self, key: &str, limit: usize) -> Result<Vec<Receipt>, StoreError> {
        let database = self.database();
        let after = database
            .receipts
            .values()
            .filter(|receipt| receipt.key > key);
        Ok(after.take(limit).cloned().collect())
    }

    fn units_of(
        &mut self,
        unit_type: UnitType,
        after: &str,
        limit: usize,
    ) -> Result<Vec<SmolStr>, StoreError> {
        let database = self.database();
        let streams = database.streams.keys();
        let of_kind =
            streams.filter(|(kind, id)| kind == unit_type.as_str() && id.as_str() > after);
        let mut ids: Vec<SmolStr> = of_kind.map(|(_, id)| id.clone()).collect();
        ids.sort_unstable();
        ids.truncate(limit);
        Ok(ids)
    }

    fn entries(
        &mut self,
        aside: Aside,
        after: &str,
        limit: usize,
    ) -> Result<Vec<(String, String)>, StoreError> {
        let database = self.database();
        let mut entries: Vec<(String, String)> = match aside {
            Aside::Streams => {
                let entry =
                    |(kind, id): &(SmolStr, SmolStr)| (format!("{kind}/{id}"), String::new());
                database.streams.keys().map(entry).collect()
            }
            Aside::Registers => database.kept.registers.clone().into_iter().collect(),
            Aside::Claims => {
                let claims = database.kept.claims.iter();
                claims
                    .map(|(claim, card)| (claim.clone(), card.to_string()))
                    .collect()
            }
            Aside::Snapshots => {
                let entry = |(unit, (version, state)): (&UnitRef, &(u32, String))| {
                    (
                        format!("{}/{unit}", unit.unit_type().as_str()),
                        format!("{version} {state}"),
                    )
                };
                database.snapshots.iter().map(entry).collect()
            }
        };
        entries.retain(|(key, _)| key.as_str() > after);
        entries.sort();
        entries.truncate(limit);
        Ok(entries)
    }

    fn refusals(&mut self, filter: &RefusalFilter) -> Result<Vec<RefusalRow>, StoreError> {
        let database = self.database();
        let passing = database.refusals.iter().filter(|row| {
            row.refusal_num > filter.after
                && filter.code.as_ref().is_none_or(|code| row.code == *code)
                && (filter.station_id.is_none() || row.station_id == filter.station_id)
                && (!filter.late_only || row.late)
        });
        Ok(passing.take(filter.limit).cloned().collect())
    }
}

impl Engine for MemoryEngine {
    fn begin(&mut self, keys: &[&str]) -> Result<(Head, Vec<Receipt>), StoreError> {
        {
            let database = self.database();
            let mut database = self
                .shared
                .freed
                .wait_while(database, |database| database.locked)
                .expect("whoever held the database did not panic");
            database.locked = true;
        }
        self.writing = true;
        Ok((self.head()?, self.receipts(keys)?))
    }

    fn commit(&mut self, group: &Group) -> Result<(), StoreError> {
        let written = self.database().write(group);
        self.free();
        written
    }

    fn begin_reading(&mut self) -> Result<(), StoreError> {
        Ok(())
    }

    fn abandon(&mut self) {
        self.free();
    }

    fn another(&self) -> Result<Box<dyn Engine>, StoreError> {
        Ok(Box::new(Self {
            shared: Arc::clone(&self.shared),
            writing: false,
            rebuild: 0,
            restoring: false,
        }))
    }

    fn integrity(&mut self) -> Result<Vec<String>, StoreError> {
        Ok(Vec::new())
    }

    fn restore_begin(&mut self) -> Result<bool, StoreError> {
        let mut database = self.database();
        let untouched = database.head.sequence_num == 0
            && database.receipts.is_empty()
            && database.refusals.is_empty();
        let begins = untouched && !database.restoring;
        database.restoring |= begins;
        drop(database);
        self.restoring = begins;
        Ok(begins)
    }

    fn restore_end(&mut self) -> Result<(), StoreError> {
        self.database().restoring = false;
        self.restoring = false;
        Ok(())
    }

    fn rebuild_begin(&mut self) -> Result<(), StoreError> {
        let mut database = self.database();
        database.beside = Kept::default();
        database.rebuilds += 1;
        let turn = database.rebuilds;
        drop(database);
        self.rebuild = turn;
        Ok(())
    }

    fn rebuild_write(&mut self, derived: &Derived) -> Result<(), StoreError> {
        self.rebuilding()?.beside.write(derived)
    }

    fn rebuild_load(
        &mut self,
        rows: &[(Table, String)],
        registers: &[RegisterKey],
    ) -> Result<Loaded, StoreError> {
        let mut loaded = Loaded::default();
        self.rebuilding()?.beside.load(rows, registers, &mut loaded);
        Ok(loaded)
    }

    fn rebuild_differences(&mut self) -> Result<Vec<(String, u64)>, StoreError> {
        fn differences<V: PartialEq>(a: &BTreeMap<String, V>, b: &BTreeMap<String, V>) -> u64 {
            let missing = b.keys().filter(|key| !a.contains_key(*key)).count();
            let other = a
                .iter()
                .filter(|(key, value)| b.get(*key) != Some(value))
                .count();
            (missing + other) as u64
        }
        let database = self.rebuilding()?;
        let (kept, beside) = (&database.kept, &database.beside);
        let none = BTreeMap::new();
        let mut counts: Vec<(String, u64)> = Table::ALL
            .into_iter()
            .map(|table| {
                let in_use = kept.rows.get(&table).unwrap_or(&none);
                let rebuilt = beside.rows.get(&table).unwrap_or(&none);
                (table.name().to_owned(), differences(in_use, rebuilt))
            })
            .collect();
        counts.push((
            "registers".into(),
            differences(&kept.registers, &beside.registers),
        ));
        counts.push(("claims".into(), differences(&kept.claims, &beside.claims)));
        Ok(counts)
    }

    fn rebuild_switch(&mut self) -> Result<(), StoreError> {
        {
            let mut database = self.rebuilding()?;
            database.kept = std::mem::take(&mut database.beside);
            database.snapshots.clear();
            database.head.read_models_generation += 1;
        }
        self.free();
        Ok(())
    }
}

impl Kept {
    fn load(&self, rows: &[(Table, String)], registers: &[RegisterKey], loaded: &mut Loaded) {
        for (table, key) in rows {
            if let Some(row) = self.rows.get(table).and_then(|rows| rows.get(key)) {
                loaded.rows.push((*table, row.clone()));
            }
        }
        for key in registers {
            let key = key.to_string();
            if let Some(state) = self.registers.get(&key) {
                loaded.registers.push((key, state.clone()));
            }
        }
    }

    /// Checks first, so that nothing half-done remains.
    fn write(&mut self, changes: &Derived) -> Result<(), StoreError> {
        let poison = |what: String| Err(StoreError::Poison(what));
        let mut ended: HashMap<&String, &SmolStr> = HashMap::new();
        for (claim, card) in &changes.claims_ended {
            if self.claims.get(claim) != Some(card) {
                return poison(format!("{card} gives up {claim}, which it does not have"));
            }
            ended.insert(claim, card);
        }
        let mut begun: HashMap<&String, &SmolStr> = HashMap::new();
        for (claim, card) in &changes.claims_begun {
            let stands = self.claims.get(claim);
            let stands = stands.filter(|_| !ended.contains_key(claim));
            if let Some(other) = stands.or(begun.insert(claim, card)) {
                return poison(format!("{card} claims {claim}, which {other} has"));
            }
        }
        for (claim, _) in &changes.claims_ended {
            self.claims.remove(claim);
        }
        self.claims.extend(changes.claims_begun.iter().cloned());
        for (table, rows) in changes.rows.iter().chain(&changes.rows_begun) {
            let into = self.rows.entry(*table).or_default();
            into.extend(rows.iter().map(|row| (row.key().to_owned(), row.clone())));
        }
        self.registers.extend(changes.registers.iter().cloned());
        Ok(())
    }
}

impl Database {
    fn stream(
        &self,
        unit_type: UnitType,
        id: &SmolStr,
    ) -> impl Iterator<Item = &StoredEvent> + use<'_> {
        let key = (SmolStr::new_static(unit_type.as_str()), id.clone());
        let numbers = self.streams.get(&key).into_iter().flatten();
        numbers.map(|number| {
            let index = usize::try_from(number - 1).expect("a log in memory fits into memory");
            &self.events[index]
        })
    }

    /// Checks everything first, so that nothing half-done remains.
    fn write(&mut self, group: &Group) -> Result<(), StoreError> {
        let poison = |what: String| Err(StoreError::Poison(what));
        let mut versions: HashMap<(&SmolStr, &SmolStr), u32> = HashMap::new();
        for (i, event) in group.events.iter().enumerate() {
            let expected = self.head.sequence_num + 1 + i as u64;
            if event.sequence_num != expected {
                return poison(format!("event {} at {expected}", event.sequence_num));
            }
            let stream = (&event.aggregate_type, &event.aggregate_id);
            let key = (event.aggregate_type.clone(), event.aggregate_id.clone());
            let stored = self.streams.get(&key).map_or(0, Vec::len);
            let version = versions
                .entry(stream)
                .or_insert(u32::try_from(stored).unwrap_or(u32::MAX));
            *version += 1;
            if event.aggregate_version != *version {
                let id = &event.aggregate_id;
                return poison(format!("version {} of {id}", event.aggregate_version));
            }
        }
        for receipt in &group.receipts {
            if self.receipts.contains_key(&receipt.key) {
                return poison(format!("a second receipt for {}", receipt.key));
            }
        }
        self.kept.write(&group.derived)?;
        for event in &group.events {
            let key = (event.aggregate_type.clone(), event.aggregate_id.clone());
            self.streams
                .entry(key)
                .or_default()
                .push(event.sequence_num);
            self.events.push(event.clone());
        }
        for (unit, version, state) in &group.snapshots {
            let snapshot = (*version, state.clone());
            self.snapshots.insert(unit.clone(), snapshot);
        }
        for receipt in &group.receipts {
            self.receipts.insert(receipt.key.clone(), receipt.clone());
        }
        for refusal in &group.refusals {
            let refusal_num = self.refusals.len() as u64 + 1;
            self.refusals.push(RefusalRow {
                refusal_num,
                ..refusal.clone()
            });
        }
        self.head = group.head.clone();
        Ok(())
    }
}
