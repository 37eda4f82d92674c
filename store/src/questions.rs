//! Questions about the shop, now or at any past moment. What is asked of the present is answered from the
//! read models; what is asked of the past, and what was done to a thing, from the thing's own stream. No
//! question about one thing looks through the log. Recall, open jobs and the
//! minimal reprint have rooms of their own.

pub mod open_jobs;
pub mod recall;
pub mod reprint;

use crate::cache::{decoded, folded};
use crate::contract::{EventFilter, Reading, RowFilter, StoreError, Wanted};
use crate::tables::{Row, Table};
use jiff::Timestamp;
use serde::de::DeserializeOwned;
use sheetwise_core::domain::{Event, Recorded, UnitRef, UnitState, UnitType};
use sheetwise_core::identity::{
    AssemblyId, CardUnitId, JobId, PackId, ProductionOrderId, StationId,
};
use sheetwise_core::projections::{
    AssemblyRow, CardHistory, CardUnitRow, JobProgressRow, JobRow, MissingCard, OrderRow, PackRow,
    QueueEntry, Rows, SheetRow, Touched, station_queue,
};
use smol_str::ToSmolStr;
use std::collections::{BTreeMap, BTreeSet};

/// A moment of the shop's life.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AsOf {
    Now,
    /// Right after the event of this number.
    Event(u64),
    /// The server's clock: everything that was recorded until then, at that very moment included.
    Time(Timestamp),
}

impl AsOf {
    fn includes(self, recorded: &Recorded) -> bool {
        match self {
            Self::Now => true,
            Self::Event(sequence_num) => recorded.sequence_num <= sequence_num,
            Self::Time(time) => recorded.context.recorded_at <= time,
        }
    }
}

/// Everything that happened to these things until then, in the order of the log.
pub fn streams(
    reading: &mut dyn Reading,
    units: Vec<UnitRef>,
    as_of: AsOf,
) -> Result<Vec<Recorded>, StoreError> {
    let wanted = Wanted {
        streams: units,
        ..Wanted::default()
    };
    let mut events = decoded(&reading.load(&wanted)?.stream_events)?;
    events.retain(|recorded| as_of.includes(recorded));
    events.sort_unstable_by_key(|recorded| recorded.sequence_num);
    Ok(events)
}

/// The version of a thing as it was then: the number of events in its stream; `None` if there was none.
pub fn version(
    reading: &mut dyn Reading,
    unit: &UnitRef,
    as_of: AsOf,
) -> Result<Option<u32>, StoreError> {
    if as_of != AsOf::Now {
        let stream = streams(reading, vec![unit.clone()], as_of)?;
        return Ok(stream.last().map(|recorded| recorded.aggregate_version));
    }
    let wanted = Wanted {
        units: vec![unit.clone()],
        ..Wanted::default()
    };
    let loaded = reading.load(&wanted)?;
    let snapshots = loaded.snapshots.iter().map(|(_, version, _)| *version);
    let events = loaded
        .unit_events
        .iter()
        .map(|event| event.aggregate_version);
    Ok(snapshots.chain(events).max())
}

/// A thing as it was then, as decisions see it; `None` if there was none.
pub fn state(
    reading: &mut dyn Reading,
    unit: &UnitRef,
    as_of: AsOf,
) -> Result<Option<UnitState>, StoreError> {
    if as_of == AsOf::Now {
        let mut states = states(reading, vec![unit.clone()])?;
        return Ok(states.pop().map(|(_, state)| state));
    }
    let stream = streams(reading, vec![unit.clone()], as_of)?;
    Ok(UnitState::fold(None, &stream))
}

/// Things as they are now, as decisions see them; those that are not there are left out.
pub fn states(
    reading: &mut dyn Reading,
    units: Vec<UnitRef>,
) -> Result<Vec<(UnitRef, UnitState)>, StoreError> {
    let wanted = Wanted {
        units,
        ..Wanted::default()
    };
    let loaded = reading.load(&wanted)?;
    let units = folded(&loaded)?.into_iter();
    let in_order: BTreeMap<_, _> = units.map(|(unit, it)| (unit, it.state)).collect();
    Ok(in_order.into_iter().collect())
}

/// All things of a kind as they are now, ascending by id, after this one and at most so many: products,
/// stations, operators, pieces, hold rules.
pub fn all_of(
    reading: &mut dyn Reading,
    unit_type: UnitType,
    after: &str,
    limit: usize,
) -> Result<Vec<(UnitRef, UnitState)>, StoreError> {
    let ids = reading.units_of(unit_type, after, limit)?;
    let units: Result<Vec<UnitRef>, _> = ids.iter().map(|id| unit_type.unit(id)).collect();
    states(
        reading,
        units.map_err(|e| StoreError::Damaged(e.to_string()))?,
    )
}

/// The rows of a read model that pass the filter.
pub fn rows<T: DeserializeOwned>(
    reading: &mut dyn Reading,
    filter: &RowFilter,
) -> Result<Vec<T>, StoreError> {
    let rows = reading.rows(filter)?;
    rows.iter().map(|row| parsed(filter.table, row)).collect()
}

/// One row of a read model.
pub fn row<T: DeserializeOwned>(
    reading: &mut dyn Reading,
    table: Table,
    key: &str,
) -> Result<Option<T>, StoreError> {
    let filter = RowFilter {
        table,
        within: None,
        columns: vec![(table.key(), vec![key.into()])],
        after: None,
        limit: 1,
    };
    let mut rows = rows(reading, &filter)?;
    Ok(rows.pop())
}

fn parsed<T: DeserializeOwned>(table: Table, row: &Row) -> Result<T, StoreError> {
    let document = table.document(row);
    let read = document.and_then(|document| serde_json::from_str(&document));
    read.map_err(|e| unreadable(table, row, &e))
}

/// Why the orders of these jobs rest, by order; those that do. What binds an order binds its jobs.
pub(crate) fn orders_on_hold(
    reading: &mut dyn Reading,
    jobs: &[JobRow],
) -> Result<BTreeMap<ProductionOrderId, String>, StoreError> {
    let ids: BTreeSet<&ProductionOrderId> = jobs.iter().map(|job| &job.order_id).collect();
    let ids = ids.into_iter().map(ToSmolStr::to_smolstr).collect();
    let mut of_jobs = RowFilter::all(Table::Orders);
    of_jobs.columns.push((Table::Orders.key(), ids));
    let orders: Vec<OrderRow> = rows(reading, &of_jobs)?;
    let held = orders.into_iter();
    Ok(held
        .filter_map(|order| Some((order.order_id, order.held?)))
        .collect())
}

/// Rows by their keys, all at once; those that are not there are left out.
pub fn rows_by_key(
    reading: &mut dyn Reading,
    keys: impl IntoIterator<Item = (Table, String)>,
) -> Result<Rows, StoreError> {
    let wanted = Wanted {
        rows: keys.into_iter().collect(),
        ..Wanted::default()
    };
    let mut rows = Rows::default();
    for (table, row) in reading.load(&wanted)?.rows {
        let put = table.put(&mut rows, &row);
        put.map_err(|e| unreadable(table, &row, &e))?;
    }
    Ok(rows)
}

fn unreadable(table: Table, row: &Row, error: &serde_json::Error) -> StoreError {
    let (key, name) = (row.key(), table.name());
    StoreError::Damaged(format!("row {key} of {name} cannot be read: {error}"))
}

macro_rules! rows_at {
    ($($(#[$doc:meta])* $name:ident($table:ident, $unit:ident) -> $row:ident;)+) => {$(
        $(#[$doc])*
        pub fn $name(
            reading: &mut dyn Reading,
            unit: &UnitRef,
            as_of: AsOf,
        ) -> Result<Option<$row>, StoreError> {
            if as_of == AsOf::Now {
                return row(reading, Table::$table, &unit.to_string());
            }
            let mut row: Option<$row> = None;
            for recorded in streams(reading, vec![unit.clone()], as_of)? {
                let Event::$unit(event) = &recorded.event else {
                    continue; // the id of something else
                };
                let at = (&recorded).into();
                match &mut row {
                    Some(row) => row.apply(event, at),
                    None => row = $row::open(event, at),
                }
            }
            Ok(row)
        }
    )+};
}

rows_at! {
    /// An order's row as it was then.
    order(Orders, ProductionOrder) -> OrderRow;
    /// A job's row as it was then.
    job(Jobs, Job) -> JobRow;
    /// A sheet's row as it was then.
    sheet(Sheets, Sheet) -> SheetRow;
    /// A set's row as it was then.
    assembly(Assemblies, Assembly) -> AssemblyRow;
    /// A pack's row as it was then.
    pack(Packs, Pack) -> PackRow;
    /// A card's row from its own stream, which does not know what replaced it.
    card_of_its_stream(CardUnits, CardUnit) -> CardUnitRow;
}

/// A card's row as it was then.
pub fn card_unit(
    reading: &mut dyn Reading,
    card_unit_id: CardUnitId,
    as_of: AsOf,
) -> Result<Option<CardUnitRow>, StoreError> {
    let card = card_of_its_stream(reading, &UnitRef::CardUnit(card_unit_id), as_of)?;
    let Some(mut card) = card else {
        return Ok(None);
    };
    if as_of != AsOf::Now
        && let Some(next) = card_unit_id.next_replacement()
    {
        let born = streams(reading, vec![UnitRef::CardUnit(next)], as_of)?;
        if let Some(first) = born.first() {
            card.replaced(next, first.into());
        }
    }
    Ok(Some(card))
}

/// A card's row as it was then, and its whole life until then: `GET /card-units/{id}`, `sheetwise trace`.
pub fn card_life(
    reading: &mut dyn Reading,
    card_unit_id: CardUnitId,
    as_of: AsOf,
) -> Result<Option<(CardUnitRow, CardHistory)>, StoreError> {
    let Some(card) = card_unit(reading, card_unit_id, as_of)? else {
        return Ok(None);
    };
    // What a replacement is made of never changes; what it stands in does.
    let mut spares: BTreeMap<CardUnitId, CardUnitRow> = BTreeMap::new();
    let mut source = card.source;
    while let Some(sheetwise_core::domain::card_unit::ReplacementSource::Spare { card_unit_id }) =
        source
    {
        let spare = card_unit_row_now(reading, card_unit_id)?;
        source = spare.as_ref().and_then(|spare| spare.source);
        spares.extend(spare.map(|spare| (card_unit_id, spare)));
    }
    let mut packs: BTreeMap<PackId, PackRow> = BTreeMap::new();
    let mut around = card.pack_id;
    while let Some(pack_id) = around {
        let row = pack(reading, &UnitRef::Pack(pack_id), as_of)?;
        around = row.as_ref().and_then(|row| row.outer_pack_id);
        packs.extend(row.map(|row| (pack_id, row)));
    }
    let mut life = CardHistory::of(&card, |id| spares.get(&id), |id| packs.get(&id));
    for recorded in streams(reading, life.streams(), as_of)? {
        life.apply(&recorded);
    }
    Ok(Some((card, life)))
}

fn card_unit_row_now(
    reading: &mut dyn Reading,
    card_unit_id: CardUnitId,
) -> Result<Option<CardUnitRow>, StoreError> {
    row(reading, Table::CardUnits, &card_unit_id.to_string())
}

/// A set, and where each of its missing cards is.
pub fn assembly_with_missing(
    reading: &mut dyn Reading,
    assembly_id: AssemblyId,
) -> Result<Option<(AssemblyRow, Vec<MissingCard>)>, StoreError> {
    let set: Option<AssemblyRow> = row(reading, Table::Assemblies, &assembly_id.to_string())?;
    let Some(set) = set else {
        return Ok(None);
    };
    let missing = set.missing(|_| None);
    let keys = missing
        .iter()
        .map(|card| (Table::CardUnits, card.card_unit_id.to_string()));
    let cards = rows_by_key(reading, keys)?;
    let missing = set.missing(|id| cards.card_units.get(&id));
    Ok(Some((set, missing)))
}

/// A set as it was then, and where each of its missing cards was.
pub fn assembly_with_missing_at(
    reading: &mut dyn Reading,
    assembly_id: AssemblyId,
    as_of: AsOf,
) -> Result<Option<(AssemblyRow, Vec<MissingCard>)>, StoreError> {
    if as_of == AsOf::Now {
        return assembly_with_missing(reading, assembly_id);
    }
    let Some(set) = assembly(reading, &UnitRef::Assembly(assembly_id), as_of)? else {
        return Ok(None);
    };
    let mut cards: BTreeMap<CardUnitId, CardUnitRow> = BTreeMap::new();
    for missing in set.missing(|_| None) {
        let card = card_unit(reading, missing.card_unit_id, as_of)?;
        cards.extend(card.map(|card| (missing.card_unit_id, card)));
    }
    let missing = set.missing(|id| cards.get(&id));
    Ok(Some((set, missing)))
}

/// How far a job was then. Of a past moment it is folded from the streams of everything that is of the job.
pub fn job_progress(
    reading: &mut dyn Reading,
    job_id: JobId,
    as_of: AsOf,
) -> Result<Option<JobProgressRow>, StoreError> {
    if as_of == AsOf::Now {
        return row(reading, Table::JobProgress, &job_id.to_string());
    }
    let mut units = vec![UnitRef::Job(job_id)];
    let kinds = [
        (Table::Sheets, UnitType::Sheet),
        (Table::CardUnits, UnitType::CardUnit),
        (Table::Assemblies, UnitType::Assembly),
    ];
    for (table, unit_type) in kinds {
        let of_job = RowFilter {
            within: Some(format!("{job_id}-")),
            ..RowFilter::all(table)
        };
        for row in reading.rows(&of_job)? {
            let unit = unit_type.unit(row.key());
            units.push(unit.map_err(|e| StoreError::Damaged(e.to_string()))?);
        }
    }
    let mut rows = Rows::default();
    let mut touched = Touched::default();
    for recorded in streams(reading, units, as_of)? {
        rows.apply(&recorded, &mut touched);
    }
    Ok(rows.job_progress.remove(&job_id))
}

/// What is at a station now, longest first.
pub fn at_station(
    reading: &mut dyn Reading,
    station_id: &StationId,
) -> Result<Vec<QueueEntry>, StoreError> {
    let here = |table| RowFilter {
        table,
        within: None,
        columns: vec![("current_station_id", vec![station_id.to_smolstr()])],
        after: None,
        limit: usize::MAX,
    };
    let sheets: Vec<SheetRow> = rows(reading, &here(Table::Sheets))?;
    let cards: Vec<CardUnitRow> = rows(reading, &here(Table::CardUnits))?;
    Ok(station_queue(station_id, &sheets, &cards))
}

/// What is in a pack.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PackContents {
    /// The pack itself, then the packs in it, level by level.
    pub packs: Vec<PackRow>,
    /// The sets in all of them.
    pub sets: Vec<AssemblyRow>,
}

/// Everything in a pack, down to the set.
pub fn pack_contents(
    reading: &mut dyn Reading,
    pack_id: PackId,
) -> Result<Option<PackContents>, StoreError> {
    let Some(outer) = pack(reading, &UnitRef::Pack(pack_id), AsOf::Now)? else {
        return Ok(None);
    };
    let mut packs = vec![outer];
    let mut next = 0;
    while next < packs.len() {
        // One level at a time: boxes of a case, cases of a pallet.
        let level = packs[next..]
            .iter()
            .flat_map(|pack| pack.inner_pack_ids.clone());
        let ids: Vec<PackId> = level.collect();
        next = packs.len();
        let keys = ids.iter().map(|id| (Table::Packs, id.to_string()));
        let mut inner = rows_by_key(reading, keys)?.packs;
        packs.extend(ids.iter().filter_map(|id| inner.remove(id)));
    }
    let ids: Vec<AssemblyId> = packs
        .iter()
        .flat_map(|pack| pack.assembly_ids.clone())
        .collect();
    let keys = ids.iter().map(|id| (Table::Assemblies, id.to_string()));
    let mut sets = rows_by_key(reading, keys)?.assemblies;
    let sets = ids.iter().filter_map(|id| sets.remove(id)).collect();
    Ok(Some(PackContents { packs, sets }))
}

/// Everything that was in a pack then, down to the set.
pub fn pack_contents_at(
    reading: &mut dyn Reading,
    pack_id: PackId,
    as_of: AsOf,
) -> Result<Option<PackContents>, StoreError> {
    if as_of == AsOf::Now {
        return pack_contents(reading, pack_id);
    }
    let mut packs: Vec<PackRow> = Vec::new();
    let mut open = std::collections::VecDeque::from([pack_id]);
    while let Some(pack_id) = open.pop_front() {
        if let Some(row) = pack(reading, &UnitRef::Pack(pack_id), as_of)? {
            open.extend(&row.inner_pack_ids);
            packs.push(row);
        }
    }
    let mut sets = Vec::new();
    for id in packs.iter().flat_map(|pack| &pack.assembly_ids) {
        sets.extend(assembly(reading, &UnitRef::Assembly(*id), as_of)?);
    }
    Ok((!packs.is_empty()).then_some(PackContents { packs, sets }))
}

/// Events of the log that pass the filter, as the core knows them.
pub fn log(reading: &mut dyn Reading, filter: &EventFilter) -> Result<Vec<Recorded>, StoreError> {
    decoded(&reading.events(filter)?)
}
