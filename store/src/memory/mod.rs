//! The engine without a disk: for tests, and for trying things out. It keeps the same promises as the
//! others but one: what it holds is gone with the process.

use crate::contract::{
    Engine, EventFilter, Group, Loaded, Reading, Receipt, RefusalFilter, RefusalRow, RowFilter,
    StoreError, Wanted,
};
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
    aggregate_heads: HashMap<(UnitType, SmolStr), u32>,
    rows: BTreeMap<Table, BTreeMap<String, Row>>,
    claims: HashMap<String, SmolStr>,
    registers: HashMap<String, String>,
    snapshots: HashMap<UnitRef, (u32, String)>,
    receipts: HashMap<SmolStr, Receipt>,
    refusals: Vec<RefusalRow>,
}

impl Default for Database {
    fn default() -> Self {
        Self {
            locked: false,
            head: Head::START,
            events: Vec::new(),
            streams: HashMap::new(),
            aggregate_heads: HashMap::new(),
            rows: BTreeMap::new(),
            claims: HashMap::new(),
            registers: HashMap::new(),
            snapshots: HashMap::new(),
            receipts: HashMap::new(),
            refusals: Vec::new(),
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
        Ok(self.database().head.clone())
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
            loaded.stream_events.extend(stream.cloned());
        }
        for (table, key) in &wanted.rows {
            if let Some(row) = database.rows.get(table).and_then(|rows| rows.get(key)) {
                loaded.rows.push((*table, key.clone(), row.details.clone()));
            }
        }
        for key in &wanted.registers {
            let key = key.to_string();
            if let Some(state) = database.registers.get(&key) {
                loaded.registers.push((key, state.clone()));
            }
        }
        if wanted.shop {
            for (key, row) in database.rows.get(&Table::StationLoad).into_iter().flatten() {
                let row = (Table::StationLoad, key.clone(), row.details.clone());
                loaded.rows.push(row);
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
                && is(&filter.correlation_id, Some(&event.correlation_id))
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

    fn rows(&mut self, filter: &RowFilter) -> Result<Vec<(String, String)>, StoreError> {
        let database = self.database();
        let columns = filter.table.columns();
        let passes = |row: &Row| {
            filter.columns.iter().all(|(name, wanted)| {
                let index = columns.iter().position(|(column, _)| column == name);
                let index = index.expect("a filter names columns of its table");
                match &row.cells[index] {
                    Cell::Text(text) => wanted.contains(text),
                    _ => false,
                }
            })
        };
        let rows = database.rows.get(&filter.table).into_iter().flatten();
        let after = rows.filter(|(key, _)| filter.after.as_ref().is_none_or(|after| *key > after));
        let passing = after.filter(|(_, row)| passes(row)).take(filter.limit);
        Ok(passing
            .map(|(key, row)| (key.clone(), row.details.clone()))
            .collect())
    }

    fn receipts(&mut self, keys: &[&str]) -> Result<Vec<Receipt>, StoreError> {
        let database = self.database();
        let receipts = keys.iter().filter_map(|key| database.receipts.get(*key));
        Ok(receipts.cloned().collect())
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

    fn abandon(&mut self) {
        self.free();
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
        let mut claims = self.claims.clone();
        for (claim, card) in &group.claims_ended {
            if claims.remove(claim).as_ref() != Some(card) {
                return poison(format!("{card} gives up {claim}, which it does not have"));
            }
        }
        for (claim, card) in &group.claims_begun {
            if let Some(other) = claims.insert(claim.clone(), card.clone()) {
                return poison(format!("{card} claims {claim}, which {other} has"));
            }
        }
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
        self.claims = claims;
        for event in &group.events {
            let key = (event.aggregate_type.clone(), event.aggregate_id.clone());
            self.streams
                .entry(key)
                .or_default()
                .push(event.sequence_num);
            self.events.push(event.clone());
        }
        for (unit_type, id, version) in &group.aggregate_heads {
            let key = (*unit_type, id.clone());
            self.aggregate_heads.insert(key, *version);
        }
        for (table, rows) in &group.rows {
            let into = self.rows.entry(*table).or_default();
            for row in rows {
                into.insert(row.key().to_owned(), row.clone());
            }
        }
        self.registers.extend(group.registers.iter().cloned());
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
