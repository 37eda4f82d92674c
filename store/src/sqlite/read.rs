//! The queries.

use crate::contract::{
    Aside, EventFilter, Loaded, Receipt, RefusalFilter, RefusalRow, RegisterKey, RowFilter, Wanted,
};
use crate::record::{EventTypes, Head, StoredEvent};
use crate::shorthand::spell_out;
use crate::tables::{Cell, Kind, Row as TableRow, Table};
use jiff::Timestamp;
use rusqlite::types::{Type, ValueRef};
use rusqlite::{Connection, Error, OptionalExtension, Row, ToSql, params};
use sheetwise_core::domain::UnitType;
use smol_str::SmolStr;

/// The columns of an event, out of [`EVENTS`].
const EVENT_COLUMNS: &str = "sequence_num, aggregate_id, aggregate_type, aggregate_version, event_type, schema_version, \
     payload, occurred_at, recorded_at, operator_id, station_id, correlation_id, late, hash";

/// The log with the names of its streams and event types. CROSS JOIN keeps SQLite to this order.
const EVENTS: &str =
    "log CROSS JOIN streams USING (stream_num) CROSS JOIN event_types USING (event_type_num)";

/// Where the log ends, and whether a restore has begun and not ended.
pub(super) fn head(connection: &Connection) -> Result<(Head, bool), Error> {
    connection
        .prepare_cached(
            "SELECT sequence_num, hash, recorded_at, read_models_generation, restoring FROM log_head",
        )?
        .query_row([], |row| {
            let head = Head {
                sequence_num: row.get(0)?,
                hash: row.get(1)?,
                recorded_at: time(row, 2)?,
                read_models_generation: row.get(3)?,
            };
            Ok((head, row.get(4)?))
        })
}

pub(super) fn event_types(connection: &Connection) -> Result<EventTypes, Error> {
    let mut names = connection.prepare("SELECT event_type, event_type_num FROM event_types")?;
    let names = names.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    names.collect()
}

pub(super) fn load(connection: &Connection, wanted: &Wanted) -> Result<Loaded, Error> {
    let mut loaded = Loaded::default();
    let mut snapshot = connection.prepare_cached(
        "SELECT aggregate_version, state FROM snapshots WHERE aggregate_id = ?1 AND aggregate_type = ?2",
    )?;
    for unit in &wanted.units {
        let id = unit.to_string();
        let found: Option<(u32, String)> = snapshot
            .query_row((&id, unit.unit_type().as_str()), |row| {
                Ok((row.get(0)?, row.get(1)?))
            })
            .optional()?;
        let after = found.as_ref().map_or(0, |(version, _)| *version);
        if let Some((version, state)) = found {
            loaded.snapshots.push((unit.clone(), version, state));
        }
        let name = (unit.unit_type().as_str(), id.as_str());
        stream(connection, name, after, None, &mut loaded.unit_events)?;
    }
    for unit in &wanted.streams {
        let id = unit.to_string();
        let name = (unit.unit_type().as_str(), id.as_str());
        stream(connection, name, 0, wanted.up_to, &mut loaded.stream_events)?;
    }
    derived(connection, "", &wanted.rows, &wanted.registers, &mut loaded)?;
    if wanted.shop {
        let table = Table::StationLoad;
        let sql = format!("SELECT {} FROM {}", chosen(table), table.name());
        let mut stations = connection.prepare_cached(&sql)?;
        for row in stations.query_map([], |row| table_row(table, row))? {
            loaded.rows.push((table, row?));
        }
        for id in units_of(connection, UnitType::Hold, "", usize::MAX)? {
            stream(connection, ("hold", &id), 0, None, &mut loaded.unit_events)?;
        }
    }
    Ok(loaded)
}

/// Rows and registers, from the tables in use or those beside them.
pub(super) fn derived(
    connection: &Connection,
    prefix: &str,
    rows: &[(Table, String)],
    registers: &[RegisterKey],
    loaded: &mut Loaded,
) -> Result<(), Error> {
    for table in Table::ALL {
        let mut keys = rows.iter().filter(|(of, _)| *of == table).peekable();
        if keys.peek().is_none() {
            continue;
        }
        let (name, key_column, chosen) = (table.name(), table.key(), chosen(table));
        let sql = format!("SELECT {chosen} FROM {prefix}{name} WHERE {key_column} = ?1");
        let mut statement = connection.prepare_cached(&sql)?;
        for (_, key) in keys {
            let row = statement.query_row([key], |row| table_row(table, row));
            if let Some(row) = row.optional()? {
                loaded.rows.push((table, row));
            }
        }
    }
    let sql = format!("SELECT state FROM {prefix}registers WHERE register_key = ?1");
    let mut register = connection.prepare_cached(&sql)?;
    for key in registers {
        let key = key.to_string();
        if let Some(state) = register.query_row([&key], |row| row.get(0)).optional()? {
            loaded.registers.push((key, state));
        }
    }
    Ok(())
}

/// The events of a stream after this version, up to this event of the log.
fn stream(
    connection: &Connection,
    (unit_type, id): (&str, &str),
    after: u32,
    up_to: Option<u64>,
    into: &mut Vec<StoredEvent>,
) -> Result<(), Error> {
    let sql = format!(
        "SELECT {EVENT_COLUMNS}
         FROM streams CROSS JOIN log USING (stream_num) CROSS JOIN event_types USING (event_type_num)
         WHERE aggregate_id = ?1 AND aggregate_type = ?2 AND aggregate_version > ?3 AND sequence_num <= ?4
         ORDER BY aggregate_version"
    );
    let up_to = up_to.map_or(i64::MAX, |up_to| i64::try_from(up_to).unwrap_or(i64::MAX));
    let mut events = connection.prepare_cached(&sql)?;
    for event in events.query_map(params![id, unit_type, after, up_to], stored)? {
        into.push(event?);
    }
    Ok(())
}

pub(super) fn events(
    connection: &Connection,
    filter: &EventFilter,
) -> Result<Vec<StoredEvent>, Error> {
    // A period is a range of numbers: the server's clock never goes back in the log.
    let mut first = i64::try_from(*filter.range.start()).unwrap_or(i64::MAX);
    let mut last = i64::try_from(*filter.range.end()).unwrap_or(i64::MAX);
    if let Some(from) = filter.recorded_from {
        first = first.max(first_since(connection, from)?);
    }
    if let Some(before) = filter.recorded_before {
        last = last.min(first_since(connection, before)? - 1);
    }
    // One stream is found by its name, anything else along the log.
    let events = match filter.aggregate {
        Some(_) => {
            "streams CROSS JOIN log USING (stream_num) CROSS JOIN event_types USING (event_type_num)"
        }
        None => EVENTS,
    };
    let mut sql =
        format!("SELECT {EVENT_COLUMNS} FROM {events} WHERE sequence_num BETWEEN ? AND ?");
    let limit = i64::try_from(filter.limit).unwrap_or(i64::MAX);
    let mut values: Vec<Box<dyn ToSql>> = vec![Box::new(first), Box::new(last)];
    if !filter.event_types.is_empty() {
        let marks = vec!["?"; filter.event_types.len()].join(", ");
        sql += &format!(" AND event_type IN ({marks})");
        for event_type in &filter.event_types {
            values.push(Box::new(event_type.to_string()));
        }
    }
    if let Some((unit_type, id)) = &filter.aggregate {
        sql += " AND aggregate_id = ? AND aggregate_type = ?";
        values.push(Box::new(id.to_string()));
        values.push(Box::new(unit_type.as_str()));
    }
    let texts = [
        ("station_id = ?", &filter.station_id),
        ("operator_id = ?", &filter.operator_id),
        (
            "instr(correlation_id || '~', ? || '~') = 1",
            &filter.correlation_id,
        ),
    ];
    for (is_so, value) in texts {
        if let Some(value) = value {
            sql += &format!(" AND {is_so}");
            values.push(Box::new(value.to_string()));
        }
    }
    let order = if filter.descending { "DESC" } else { "ASC" };
    sql += &format!(" ORDER BY sequence_num {order} LIMIT ?");
    values.push(Box::new(limit));
    let mut statement = connection.prepare_cached(&sql)?;
    let values: Vec<&dyn ToSql> = values.iter().map(|value| &**value).collect();
    let events = statement.query_map(&*values, stored)?;
    let mut events: Vec<StoredEvent> = events.collect::<Result<_, _>>()?;
    if filter.descending {
        events.reverse();
    }
    Ok(events)
}

pub(super) fn rows(connection: &Connection, filter: &RowFilter) -> Result<Vec<TableRow>, Error> {
    let (name, key) = (filter.table.name(), filter.table.key());
    let chosen = chosen(filter.table);
    let mut sql = format!("SELECT {chosen} FROM {name} WHERE {key} > ?");
    let mut values: Vec<String> = vec![filter.after.clone().unwrap_or_default()];
    if let Some(within) = &filter.within {
        sql += &format!(" AND {key} >= ? AND {key} < ?");
        values.extend([within.clone(), RowFilter::end_of(within)]);
    }
    for (column, wanted) in &filter.columns {
        let marks = vec!["?"; wanted.len()].join(", ");
        sql += &format!(" AND {column} IN ({marks})");
        values.extend(wanted.iter().map(ToString::to_string));
    }
    let limit = i64::try_from(filter.limit).unwrap_or(i64::MAX);
    sql += &format!(" ORDER BY {key} LIMIT {limit}");
    let mut statement = connection.prepare_cached(&sql)?;
    let found = statement.query_map(rusqlite::params_from_iter(values), |row| {
        table_row(filter.table, row)
    })?;
    found.collect()
}

/// The number of the first event that was recorded at this time or later; behind the last one, if there is none.
fn first_since(connection: &Connection, time: Timestamp) -> Result<i64, Error> {
    let mut recorded =
        connection.prepare_cached("SELECT recorded_at FROM log WHERE sequence_num = ?1")?;
    let (head, _) = head(connection)?;
    let (mut low, mut high) = (1, i64::try_from(head.sequence_num).unwrap_or(0) + 1);
    while low < high {
        let middle = low + (high - low) / 2;
        let recorded_at: i64 = recorded.query_row([middle], |row| row.get(0))?;
        if recorded_at < time.as_microsecond() {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    Ok(low)
}

/// What is read of a row: its columns, then its details.
fn chosen(table: Table) -> String {
    let names = table.columns().iter().map(|(name, _)| *name);
    let names: Vec<&str> = names.chain(["details"]).collect();
    names.join(", ")
}

fn table_row(table: Table, row: &Row<'_>) -> Result<TableRow, Error> {
    let columns = table.columns();
    let cell = |(index, (_, kind)): (usize, &(&str, Kind))| cell(row, index, *kind);
    let cells = columns.iter().enumerate().map(cell);
    Ok(TableRow {
        cells: cells.collect::<Result<_, Error>>()?,
        details: row.get(columns.len())?,
    })
}

fn cell(row: &Row<'_>, index: usize, kind: Kind) -> Result<Cell, Error> {
    if row.get_ref(index)? == ValueRef::Null {
        return Ok(Cell::Null);
    }
    Ok(match kind {
        Kind::Text | Kind::Date => Cell::Text(text(row, index)?),
        Kind::Integer => Cell::Integer(row.get(index)?),
        Kind::Integers => {
            let json = row.get_ref(index)?.as_str()?;
            let numbers = serde_json::from_str(json);
            Cell::Integers(numbers.map_err(|e| misread(index, e))?)
        }
        Kind::Time => Cell::Time(time(row, index)?),
    })
}

pub(super) fn units_of(
    connection: &Connection,
    unit_type: UnitType,
    after: &str,
    limit: usize,
) -> Result<Vec<SmolStr>, Error> {
    let mut statement = connection.prepare_cached(
        "SELECT aggregate_id FROM streams WHERE aggregate_type = ?1 AND aggregate_id > ?2
         ORDER BY aggregate_id LIMIT ?3",
    )?;
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let values = params![unit_type.as_str(), after, limit];
    let found = statement.query_map(values, |row| text(row, 0))?;
    found.collect()
}

/// Key and value of each entry, as [`Aside`] describes them.
pub(super) fn entries(
    connection: &Connection,
    aside: Aside,
    after: &str,
    limit: usize,
) -> Result<Vec<(String, String)>, Error> {
    let (key, value, table) = match aside {
        Aside::Streams => ("aggregate_type || '/' || aggregate_id", "''", "streams"),
        Aside::Registers => ("register_key", "state", "registers"),
        Aside::Claims => ("claim", "card_unit_id", "claims"),
        Aside::Snapshots => (
            "aggregate_type || '/' || aggregate_id",
            "aggregate_version || ' ' || state",
            "snapshots",
        ),
    };
    let sql = format!("SELECT {key}, {value} FROM {table} WHERE {key} > ?1 ORDER BY 1 LIMIT ?2");
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let mut statement = connection.prepare_cached(&sql)?;
    let found = statement.query_map(params![after, limit], |row| Ok((row.get(0)?, row.get(1)?)))?;
    found.collect()
}

const RECEIPT_COLUMNS: &str = "idempotency_key, fingerprint, outcome, reply, recorded_at";

pub(super) fn receipts(connection: &Connection, keys: &[&str]) -> Result<Vec<Receipt>, Error> {
    let sql = format!("SELECT {RECEIPT_COLUMNS} FROM receipts WHERE idempotency_key = ?1");
    let mut statement = connection.prepare_cached(&sql)?;
    let mut receipts = Vec::new();
    for key in keys {
        receipts.extend(statement.query_row([key], receipt).optional()?);
    }
    Ok(receipts)
}

pub(super) fn receipts_after(
    connection: &Connection,
    key: &str,
    limit: usize,
) -> Result<Vec<Receipt>, Error> {
    let sql = format!(
        "SELECT {RECEIPT_COLUMNS} FROM receipts WHERE idempotency_key > ?1 ORDER BY 1 LIMIT ?2"
    );
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let mut statement = connection.prepare_cached(&sql)?;
    let found = statement.query_map(params![key, limit], receipt)?;
    found.collect()
}

fn receipt(row: &Row<'_>) -> Result<Receipt, Error> {
    Ok(Receipt {
        key: text(row, 0)?,
        fingerprint: row.get(1)?,
        outcome: text(row, 2)?,
        reply: spell_out(row.get_ref(3)?.as_blob()?).map_err(|e| misread(3, Unreadable(e)))?,
        recorded_at: microseconds(row, 4)?,
    })
}

pub(super) fn refusals(
    connection: &Connection,
    filter: &RefusalFilter,
) -> Result<Vec<RefusalRow>, Error> {
    let mut statement = connection.prepare_cached(
        "SELECT refusal_num, code, barcode, station_id, operator_id, occurred_at, recorded_at, late, reply
         FROM refusals
         WHERE refusal_num > ?1 AND (?2 IS NULL OR code = ?2) AND (?3 IS NULL OR station_id = ?3)
           AND late >= ?4
         ORDER BY refusal_num LIMIT ?5",
    )?;
    let values = params![
        filter.after,
        filter.code.as_deref(),
        filter.station_id.as_deref(),
        filter.late_only,
        i64::try_from(filter.limit).unwrap_or(i64::MAX),
    ];
    let found = statement.query_map(values, |row| {
        Ok(RefusalRow {
            refusal_num: row.get(0)?,
            code: text(row, 1)?,
            barcode: row.get(2)?,
            station_id: text_or_null(row, 3)?,
            operator_id: text_or_null(row, 4)?,
            occurred_at: time(row, 5)?,
            recorded_at: time(row, 6)?,
            late: row.get(7)?,
            reply: row.get(8)?,
        })
    })?;
    found.collect()
}

fn stored(row: &Row<'_>) -> Result<StoredEvent, Error> {
    Ok(StoredEvent {
        sequence_num: row.get(0)?,
        aggregate_id: text(row, 1)?,
        aggregate_type: text(row, 2)?,
        aggregate_version: row.get(3)?,
        event_type: text(row, 4)?,
        schema_version: row.get(5)?,
        event_payload: row.get(6)?,
        occurred_at: microseconds(row, 7)?,
        recorded_at: microseconds(row, 8)?,
        operator_id: text_or_null(row, 9)?,
        station_id: text_or_null(row, 10)?,
        correlation_id: text(row, 11)?,
        late: row.get(12)?,
        hash: row.get(13)?,
    })
}

fn text(row: &Row<'_>, index: usize) -> Result<SmolStr, Error> {
    Ok(row.get_ref(index)?.as_str()?.into())
}

fn text_or_null(row: &Row<'_>, index: usize) -> Result<Option<SmolStr>, Error> {
    Ok(row.get_ref(index)?.as_str_or_null()?.map(SmolStr::new))
}

pub(super) fn time(row: &Row<'_>, index: usize) -> Result<Timestamp, Error> {
    let text = row.get_ref(index)?.as_str()?;
    text.parse().map_err(|e: jiff::Error| misread(index, e))
}

fn microseconds(row: &Row<'_>, index: usize) -> Result<Timestamp, Error> {
    Timestamp::from_microsecond(row.get(index)?).map_err(|e| misread(index, e))
}

/// Why an answer in shorthand cannot be read.
#[derive(Debug)]
struct Unreadable(String);

impl std::fmt::Display for Unreadable {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Unreadable {}

fn misread(index: usize, error: impl std::error::Error + Send + Sync + 'static) -> Error {
    Error::FromSqlConversionFailure(index, Type::Text, Box::new(error))
}
