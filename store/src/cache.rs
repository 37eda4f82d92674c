//! The part of the shop floor that was asked for lately, and its rows, in memory: for whoever folds the log
//! forward, the committer and a rebuild. It is the log's truth up to some event, or it is forgotten.

use crate::contract::{Derived, EventFilter, Loaded, Reading, RegisterKey, StoreError, Wanted};
use crate::record::{Head, StoredEvent};
use crate::tables::{Row, Table, claims};
use rustc_hash::{FxHashMap, FxHashSet};
use serde::de::DeserializeOwned;
use sheetwise_core::domain::{Recorded, UnitRef, UnitState, UnitType};
use sheetwise_core::identity::CardUnitId;
use sheetwise_core::production::{Floor, Needed, Stop};
use sheetwise_core::projections::{Rows, Touched};
use smol_str::{SmolStr, ToSmolStr};

/// A stream of which more than so many events had to be read gets a snapshot.
const SNAPSHOT_AFTER_EVENTS: usize = 100;

/// More events than this that others wrote are not looked through: everything is forgotten instead.
const TAIL_MAX: usize = 10_000;

/// How many events around one are read at once, in search of its decision's ends.
const DECISION_WINDOW: u64 = 64;

/// Where the cache reads what it does not hold.
pub(crate) trait Source {
    fn load(&mut self, wanted: &Wanted) -> Result<Loaded, StoreError>;
    fn events(&mut self, filter: &EventFilter) -> Result<Vec<StoredEvent>, StoreError>;
}

impl<R: Reading + ?Sized> Source for R {
    fn load(&mut self, wanted: &Wanted) -> Result<Loaded, StoreError> {
        Reading::load(self, wanted)
    }

    fn events(&mut self, filter: &EventFilter) -> Result<Vec<StoredEvent>, StoreError> {
        Reading::events(self, filter)
    }
}

/// What events changed in the cache since it was written last.
#[derive(Debug, Default)]
pub(crate) struct Changes {
    touched: Touched,
    /// Units of which there was nothing before.
    begun: FxHashSet<UnitRef>,
    /// What each card claimed before.
    claims_before: FxHashMap<CardUnitId, Vec<String>>,
}

impl Changes {
    /// The units whose streams begin with these changes, ascending.
    pub(crate) fn streams_begun(&self) -> Vec<(UnitType, SmolStr)> {
        let begun = self.begun.iter();
        let mut begun: Vec<_> = begun
            .map(|unit| (unit.unit_type(), unit.to_smolstr()))
            .collect();
        begun.sort_unstable();
        begun
    }
}

pub(crate) struct Cache {
    pub(crate) floor: Floor,
    pub(crate) rows: Rows,
    /// Streams that were long to read.
    pub(crate) snapshots_due: FxHashSet<UnitRef>,
    /// Hold rules and stations' rows are here.
    has_shop: bool,
    /// Of which rebuild the rows are.
    generation: u32,
}

impl Cache {
    pub(crate) fn new() -> Self {
        Self {
            floor: Floor::partial(),
            rows: Rows::default(),
            snapshots_due: FxHashSet::default(),
            has_shop: false,
            generation: 0,
        }
    }

    /// Forgets what there is most of: units and their rows.
    pub(crate) fn forget_units(&mut self) {
        self.floor.forget_units();
        let station_load = std::mem::take(&mut self.rows.station_load);
        self.rows = Rows {
            station_load,
            ..Rows::default()
        };
    }

    /// Folds an event that the floor has taken in into the rows.
    pub(crate) fn project(&mut self, recorded: &Recorded, changes: &mut Changes) {
        let unit = recorded.event.unit();
        if let UnitRef::CardUnit(card) = unit {
            let row = self.rows.card_units.get(&card);
            let before = changes.claims_before.entry(card);
            before.or_insert_with(|| row.map(claims).unwrap_or_default());
        }
        if recorded.aggregate_version == 1 {
            changes.begun.insert(unit);
        }
        self.rows.apply(recorded, &mut changes.touched);
    }

    /// What is to be written of the changes: each row once, as it is now.
    pub(crate) fn derived(&mut self, changes: Changes) -> Derived {
        let mut derived = Derived::default();
        let begun = changes.begun.iter();
        let begun: FxHashSet<(UnitType, SmolStr)> = begun
            .map(|unit| (unit.unit_type(), unit.to_smolstr()))
            .collect();
        for table in Table::ALL {
            let rows = table.touched_rows(&self.rows, &changes.touched);
            let (begun, rows): (Vec<Row>, Vec<Row>) = match table.unit_type() {
                Some(kind) => rows
                    .into_iter()
                    .partition(|row| begun.contains(&(kind, SmolStr::new(row.key())))),
                None => (rows, Vec::new()),
            };
            if !begun.is_empty() {
                derived.rows_begun.push((table, begun));
            }
            if !rows.is_empty() {
                derived.rows.push((table, rows));
            }
        }
        for (card, before) in changes.claims_before {
            let row = self.rows.card_units.get(&card);
            let after = row.map(claims).unwrap_or_default();
            let id = card.to_smolstr();
            let ended = before.iter().filter(|claim| !after.contains(claim));
            derived
                .claims_ended
                .extend(ended.map(|claim| (claim.clone(), id.clone())));
            let begun = after.iter().filter(|claim| !before.contains(claim));
            derived
                .claims_begun
                .extend(begun.map(|claim| (claim.clone(), id.clone())));
        }
        derived.registers = self.touched_registers();
        derived
    }

    /// The registers that changed, as they are now.
    fn touched_registers(&mut self) -> Vec<(String, String)> {
        fn held<T: serde::Serialize>(register: Result<T, Stop>) -> String {
            match register {
                Ok(register) => to_json(&register),
                Err(stop) => unreachable!("a register that changed is held: {stop:?}"),
            }
        }
        let touched = self.floor.take_touched_registers();
        let floor = &self.floor;
        let mut registers = Vec::new();
        for id in touched.benches {
            let bench = held(floor.bench(&id));
            registers.push((RegisterKey::Bench(id).to_string(), bench));
        }
        for scope in touched.editions {
            let pool = held(floor.edition(&scope));
            registers.push((RegisterKey::Edition(scope).to_string(), pool));
        }
        for job_id in touched.jobs {
            let open = held(floor.register(job_id));
            registers.push((RegisterKey::Job(job_id).to_string(), open));
        }
        registers.sort_unstable();
        registers
    }

    /// Forgets everything.
    pub(crate) fn forget_all(&mut self) {
        let (last, generation) = (self.floor.last_sequence_num(), self.generation);
        *self = Self::new();
        self.floor.skip_to(last);
        self.generation = generation;
    }

    /// Brings the cache to the end of the log: forgets what others changed since.
    pub(crate) fn catch_up(
        &mut self,
        source: &mut (impl Source + ?Sized),
        head: &Head,
    ) -> Result<(), StoreError> {
        let last_sequence_num = head.sequence_num;
        if head.read_models_generation != self.generation {
            self.forget_all();
            self.generation = head.read_models_generation;
        }
        let ours = self.floor.last_sequence_num();
        if ours > last_sequence_num {
            return Err(StoreError::Damaged(format!(
                "the log ends at {last_sequence_num}, though {ours} had been committed"
            )));
        }
        if ours < last_sequence_num {
            let tail = if ours == 0 {
                None // we know nothing yet
            } else {
                let tail = source.events(&EventFilter::after(ours, TAIL_MAX + 1))?;
                (tail.len() <= TAIL_MAX).then_some(tail)
            };
            match tail {
                Some(tail) => self.forget_what_changed(&tail)?,
                None => self.forget_all(),
            }
            self.floor.skip_to(last_sequence_num);
        }
        if !self.has_shop {
            let wanted = Wanted {
                shop: true,
                ..Wanted::default()
            };
            let loaded = source.load(&wanted)?;
            self.take_in(&wanted, loaded)?;
            self.has_shop = true;
        }
        Ok(())
    }

    fn forget_what_changed(&mut self, tail: &[StoredEvent]) -> Result<(), StoreError> {
        for stored in tail {
            let unit = stored.unit().map_err(|e| unreadable(stored, &e))?;
            if let UnitRef::Hold(_) = unit {
                self.has_shop = false;
            }
            if let Some(job_id) = unit.job() {
                self.floor.forget_registers(job_id);
                self.forget_unit(&UnitRef::Job(job_id));
            }
            if let Some(station_id) = &stored.station_id {
                let station_id = station_id.parse();
                let station_id = station_id.map_err(|e| {
                    StoreError::Damaged(format!("event {}: {e}", stored.sequence_num))
                })?;
                self.floor.forget_bench(&station_id);
            }
            // A replacement's birth changes the row of the card that it replaces.
            if let UnitRef::CardUnit(card) = unit
                && let Some(replaces) = card.replaces()
            {
                self.forget_unit(&UnitRef::CardUnit(replaces));
            }
            self.forget_unit(&unit);
        }
        // Whatever moved, moved from one station to another: all counts are read anew.
        self.rows.station_load.clear();
        self.has_shop = false;
        Ok(())
    }

    fn forget_unit(&mut self, unit: &UnitRef) {
        self.floor.forget(unit);
        match unit {
            UnitRef::ProductionOrder(id) => drop(self.rows.orders.remove(id)),
            UnitRef::Job(id) => {
                self.rows.jobs.remove(id);
                self.rows.job_progress.remove(id);
            }
            UnitRef::Sheet(id) => drop(self.rows.sheets.remove(id)),
            UnitRef::CardUnit(id) => drop(self.rows.card_units.remove(id)),
            UnitRef::Assembly(id) => drop(self.rows.assemblies.remove(id)),
            UnitRef::Pack(id) => drop(self.rows.packs.remove(id)),
            UnitRef::Product(_)
            | UnitRef::Station(_)
            | UnitRef::Operator(_)
            | UnitRef::Memorabilia(_)
            | UnitRef::Hold(_) => {}
        }
    }

    /// Loads what decisions asked for, and what they will ask for next. `pending` are the events that this
    /// group recorded and that are not written yet.
    pub(crate) fn load(
        &mut self,
        source: &mut (impl Source + ?Sized),
        needed: &[Needed],
        pending: &[Recorded],
    ) -> Result<(), StoreError> {
        let mut wanted = Wanted::default();
        let mut units: FxHashSet<UnitRef> = FxHashSet::default();
        let mut registers: FxHashSet<RegisterKey> = FxHashSet::default();
        let mut decisions: FxHashSet<u64> = FxHashSet::default();
        for needed in needed {
            match needed {
                Needed::Unit(unit) => self.want_with_kin(unit, &mut units, &mut registers),
                Needed::Bench(id) => drop(registers.insert(RegisterKey::Bench(id.clone()))),
                Needed::Edition(scope) => {
                    registers.insert(RegisterKey::Edition(scope.clone()));
                }
                Needed::Job(job_id) => drop(registers.insert(RegisterKey::Job(*job_id))),
                Needed::DecisionOf(sequence_num) => drop(decisions.insert(*sequence_num)),
                Needed::Stream(unit) => {
                    if !wanted.streams.contains(unit) {
                        wanted.streams.push(unit.clone());
                    }
                }
            }
        }
        for unit in &units {
            let key = unit.to_string();
            for &table in Table::rows_of(unit) {
                if table != Table::StationLoad {
                    wanted.rows.push((table, key.clone()));
                }
            }
        }
        wanted.units = units.into_iter().collect();
        wanted.registers = registers.into_iter().collect();
        let mut loaded = source.load(&wanted)?;
        let stream_events = std::mem::take(&mut loaded.stream_events);
        self.take_in(&wanted, loaded)?;
        let stream_events = decoded(&stream_events)?;
        for unit in wanted.streams {
            let written = stream_events.iter().filter(|r| r.event.unit() == unit);
            let unwritten = pending.iter().filter(|r| r.event.unit() == unit);
            let stream = written.chain(unwritten).cloned().collect();
            self.floor.load_stream(unit, stream);
        }
        for sequence_num in decisions {
            let decision = decision_of(source, sequence_num, pending)?;
            self.floor.load_decision(decision);
        }
        Ok(())
    }

    /// A unit is seldom asked for alone: a card's job and set are next.
    fn want_with_kin(
        &self,
        unit: &UnitRef,
        units: &mut FxHashSet<UnitRef>,
        registers: &mut FxHashSet<RegisterKey>,
    ) {
        let mut want = |unit: UnitRef| {
            if !self.floor.holds(&unit) {
                units.insert(unit);
            }
        };
        want(unit.clone());
        if let Some(job_id) = unit.job() {
            want(UnitRef::Job(job_id));
            if self.floor.register(job_id).is_err() {
                registers.insert(RegisterKey::Job(job_id));
            }
        }
        match unit {
            UnitRef::CardUnit(card) => want(UnitRef::Assembly(card.assembly())),
            UnitRef::Station(station_id) => {
                if self.floor.bench(station_id).is_err() {
                    registers.insert(RegisterKey::Bench(station_id.clone()));
                }
            }
            UnitRef::ProductionOrder(_)
            | UnitRef::Product(_)
            | UnitRef::Job(_)
            | UnitRef::Sheet(_)
            | UnitRef::Assembly(_)
            | UnitRef::Pack(_)
            | UnitRef::Operator(_)
            | UnitRef::Memorabilia(_)
            | UnitRef::Hold(_) => {}
        }
    }

    fn take_in(&mut self, wanted: &Wanted, loaded: Loaded) -> Result<(), StoreError> {
        let mut units = folded(&loaded)?;
        let long = (units.iter()).filter(|(_, folded)| folded.events > SNAPSHOT_AFTER_EVENTS);
        self.snapshots_due
            .extend(long.map(|(unit, _)| unit.clone()));
        for unit in &wanted.units {
            match units.remove(unit) {
                Some(folded) => (self.floor).load_unit(unit, folded.version, Some(folded.state)),
                None => self.floor.load_unit(unit, 0, None),
            }
        }
        // Hold rules come without being asked for by name.
        for (unit, folded) in units {
            (self.floor).load_unit(&unit, folded.version, Some(folded.state));
        }
        let there: FxHashSet<(Table, &str)> = (loaded.rows.iter())
            .map(|(table, row)| (*table, row.key()))
            .collect();
        let lacking = wanted.rows.iter().find(|(table, key)| {
            // The id is read only where a row is not there: mostly because its unit is not there either.
            !there.contains(&(*table, key.as_str()))
                && (table.unit_type())
                    .and_then(|of| of.unit(key).ok())
                    .is_some_and(|unit| self.floor.version(&unit) > 0)
        });
        if let Some((table, key)) = lacking {
            let name = table.name();
            return Err(StoreError::Damaged(format!(
                "row {key} of {name} is missing: run `sheetwise rebuild`"
            )));
        }
        for (table, row) in &loaded.rows {
            table.put(&mut self.rows, row).map_err(|e| {
                let (key, name) = (row.key(), table.name());
                StoreError::Damaged(format!("row {key} of {name} cannot be read: {e}"))
            })?;
        }
        let registers: FxHashMap<String, String> = loaded.registers.into_iter().collect();
        for key in &wanted.registers {
            let text = key.to_string();
            let state = registers.get(&text).map(String::as_str);
            match key {
                RegisterKey::Bench(station_id) => {
                    let bench = register(state, &text)?;
                    self.floor.load_bench(station_id.clone(), bench);
                }
                RegisterKey::Edition(scope) => {
                    let pool = register(state, &text)?;
                    self.floor.load_edition(scope.clone(), pool);
                }
                RegisterKey::Job(job_id) => {
                    let open = register(state, &text)?;
                    self.floor.load_register(*job_id, open);
                }
            }
        }
        Ok(())
    }
}

/// A register; empty where there is none yet.
fn register<T: DeserializeOwned + Default>(
    state: Option<&str>,
    key: &str,
) -> Result<T, StoreError> {
    state.map_or_else(
        || Ok(T::default()),
        |state| from_json(state, || format!("the register {key}")),
    )
}

fn to_json(value: &impl serde::Serialize) -> String {
    serde_json::to_string(value).expect("registers hold nothing that JSON cannot")
}

fn from_json<T: DeserializeOwned>(text: &str, what: impl Fn() -> String) -> Result<T, StoreError> {
    serde_json::from_str(text)
        .map_err(|e| StoreError::Damaged(format!("{} cannot be read: {e}", what())))
}

fn unreadable(stored: &StoredEvent, error: &dyn std::fmt::Display) -> StoreError {
    StoreError::Damaged(format!("event {}: {error}", stored.sequence_num))
}

/// The events as the core knows them.
pub(crate) fn decoded(stored: &[StoredEvent]) -> Result<Vec<Recorded>, StoreError> {
    let decode = |stored: &StoredEvent| stored.decode().map_err(|e| unreadable(stored, &e));
    stored.iter().map(decode).collect()
}

/// A unit as it was loaded.
pub(crate) struct Folded {
    pub version: u32,
    pub state: UnitState,
    /// So many of its events were folded for it, behind its snapshot if it has one.
    pub events: usize,
}

/// The units that were loaded, each folded from its snapshot and the events behind it, without a gap.
pub(crate) fn folded(loaded: &Loaded) -> Result<FxHashMap<UnitRef, Folded>, StoreError> {
    let mut units: FxHashMap<UnitRef, Folded> = FxHashMap::default();
    for (unit, version, state) in &loaded.snapshots {
        let folded = Folded {
            version: *version,
            state: from_json(state, || format!("the snapshot of {unit}"))?,
            events: 0,
        };
        units.insert(unit.clone(), folded);
    }
    for recorded in decoded(&loaded.unit_events)? {
        let unit = recorded.event.unit();
        let before = units.remove(&unit);
        let (version, events) = (before.as_ref()).map_or((0, 0), |it| (it.version, it.events));
        if recorded.aggregate_version != version + 1 {
            return Err(StoreError::Damaged(format!(
                "event {} is version {} of {unit}, behind version {version}",
                recorded.sequence_num, recorded.aggregate_version
            )));
        }
        let folded = Folded {
            version: recorded.aggregate_version,
            state: UnitState::evolve(before.map(|it| it.state), &recorded),
            events: events + 1,
        };
        units.insert(unit, folded);
    }
    Ok(units)
}

/// All events of the decision that this event belongs to: its neighbours of the same correlation.
fn decision_of(
    source: &mut (impl Source + ?Sized),
    sequence_num: u64,
    pending: &[Recorded],
) -> Result<Vec<Recorded>, StoreError> {
    let is_it = |recorded: &Recorded| recorded.sequence_num == sequence_num;
    let same_as = |one: &Recorded, other: &Recorded| {
        one.context.correlation_id == other.context.correlation_id
    };
    // A decision is either all written or all pending.
    if let Some(one) = pending.iter().find(|r| is_it(r)) {
        return Ok(pending
            .iter()
            .filter(|r| same_as(r, one))
            .cloned()
            .collect());
    }
    let mut window = DECISION_WINDOW;
    loop {
        let first = sequence_num.saturating_sub(window).max(1);
        let mut filter = EventFilter::after(first - 1, usize::MAX);
        filter.range = first..=sequence_num + window;
        let events = decoded(&source.events(&filter)?)?;
        let Some(index) = events.iter().position(is_it) else {
            return Err(StoreError::Damaged(format!(
                "event {sequence_num} is missing"
            )));
        };
        let same = |r: &Recorded| same_as(r, &events[index]);
        let start = events[..index]
            .iter()
            .rposition(|r| !same(r))
            .map(|i| i + 1);
        let end = events[index..]
            .iter()
            .position(|r| !same(r))
            .map(|i| index + i);
        let whole_start = start.is_some() || first == 1;
        let at_the_end = events
            .last()
            .is_none_or(|last| last.sequence_num < sequence_num + window);
        if whole_start && (end.is_some() || at_the_end) {
            let range = start.unwrap_or(0)..end.unwrap_or(events.len());
            return Ok(events[range].to_vec());
        }
        window *= 4;
    }
}
