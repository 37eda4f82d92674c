//! The queries.

use super::connection::Query;
use crate::contract::{
    Aside, EventFilter, Loaded, Receipt, RefusalFilter, RefusalRow, RegisterKey, RowFilter,
    StoreError, Wanted,
};
use crate::record::{Head, StoredEvent};
use crate::shorthand::spell_out;
use crate::tables::{Cell, Kind, Row as TableRow, Table};
use jiff::Timestamp;
use postgres_types::ToSql;
use sheetwise_core::domain::{UnitRef, UnitType};
use smol_str::SmolStr;
use tokio_postgres::Row;

/// The columns of an event, out of [`EVENTS`].
const EVENT_COLUMNS: &str = "sequence_num, aggregate_id, aggregate_type, aggregate_version, event_type, schema_version, \
     payload, occurred_at, recorded_at, operator_id, station_id, correlation_id, late, hash";

/// The log with the names of its streams and event types. Joins are made in the order in which they stand (see
/// `connection`).
const EVENTS: &str = "log JOIN streams USING (stream_num) JOIN event_types USING (event_type_num)";

/// The events of the streams that `w` names; more conditions on them may follow.
const OF_WANTED: &str =
    "JOIN streams ON streams.aggregate_type = w.kind AND streams.aggregate_id = w.id
                 JOIN log ON log.stream_num = streams.stream_num";

type Values = Vec<Box<dyn ToSql + Sync>>;

pub(super) fn head<'a>() -> Query<'a> {
    Query {
        sql: "SELECT sequence_num, hash, recorded_at, read_models_generation, restoring FROM log_head",
        values: Vec::new(),
    }
}

/// `restores`: it is this connection that restores a backup.
pub(super) fn head_of(rows: &[Row], restores: bool) -> Result<Head, StoreError> {
    let row = rows
        .first()
        .ok_or_else(|| StoreError::Damaged("log_head has no row".into()))?;
    if row.get(4) && !restores {
        return Err(StoreError::HalfRestored);
    }
    Ok(Head {
        sequence_num: number(row, 0)?,
        hash: bytes(row, 1)?,
        recorded_at: row.get(2),
        read_models_generation: small(row, 3)?,
    })
}

/// A question, what its answer is, and where it goes.
struct Question {
    what: What,
    sql: String,
    values: Values,
}

enum What {
    Snapshots,
    UnitEvents,
    StreamEvents,
    Rows(Table),
    Registers,
}

/// What is asked in one round trip.
pub(super) struct Questions(Vec<Question>);

impl Questions {
    pub(super) fn of(wanted: &Wanted) -> Self {
        let mut questions = Self::derived("", &wanted.rows, &wanted.registers);
        let names = |units: &[UnitRef]| -> Values {
            let ids: Vec<String> = units.iter().map(ToString::to_string).collect();
            let types: Vec<&'static str> = units.iter().map(|u| u.unit_type().as_str()).collect();
            vec![Box::new(ids), Box::new(types)]
        };
        if !wanted.units.is_empty() {
            let snapshots = "SELECT s.aggregate_id, s.aggregate_type, s.aggregate_version, s.state
                 FROM unnest($1::text[], $2::text[]) AS w (id, kind)
                 JOIN snapshots s ON s.aggregate_id = w.id AND s.aggregate_type = w.kind";
            questions.ask(What::Snapshots, snapshots, names(&wanted.units));
            let events = format!(
                "SELECT {EVENT_COLUMNS}
                 FROM (SELECT w.id, w.kind, coalesce(s.aggregate_version, 0) AS after
                       FROM unnest($1::text[], $2::text[]) AS w (id, kind)
                       LEFT JOIN snapshots s ON s.aggregate_id = w.id AND s.aggregate_type = w.kind) AS w
                 {OF_WANTED} AND log.aggregate_version > w.after
                 JOIN event_types USING (event_type_num)
                 ORDER BY sequence_num"
            );
            questions.ask(What::UnitEvents, events, names(&wanted.units));
        }
        if !wanted.streams.is_empty() {
            let events = format!(
                "SELECT {EVENT_COLUMNS} FROM unnest($1::text[], $2::text[]) AS w (id, kind)
                 {OF_WANTED} AND log.sequence_num <= $3
                 JOIN event_types USING (event_type_num)
                 ORDER BY sequence_num"
            );
            let mut values = names(&wanted.streams);
            let up_to = wanted.up_to.and_then(|up_to| i64::try_from(up_to).ok());
            values.push(Box::new(up_to.unwrap_or(i64::MAX)));
            questions.ask(What::StreamEvents, events, values);
        }
        if wanted.shop {
            let stations = format!("SELECT {} FROM rm_station_load", chosen(Table::StationLoad));
            questions.ask(What::Rows(Table::StationLoad), stations, Vec::new());
            let holds = format!(
                "SELECT {EVENT_COLUMNS}
                 FROM streams JOIN log USING (stream_num) JOIN event_types USING (event_type_num)
                 WHERE aggregate_type = 'hold' ORDER BY sequence_num"
            );
            questions.ask(What::UnitEvents, holds, Vec::new());
        }
        questions
    }

    /// Rows and registers, from the tables in use or those beside them.
    pub(super) fn derived(
        prefix: &str,
        rows: &[(Table, String)],
        registers: &[RegisterKey],
    ) -> Self {
        let mut questions = Self(Vec::new());
        for table in Table::ALL {
            let of_table = rows.iter().filter(|(of, _)| *of == table);
            let keys: Vec<String> = of_table.map(|(_, key)| key.clone()).collect();
            if !keys.is_empty() {
                let (key, name) = (table.key(), table.name());
                let chosen = chosen(table);
                let sql =
                    format!("SELECT {chosen} FROM {prefix}{name} WHERE {key} = ANY($1::text[])");
                questions.ask(What::Rows(table), sql, vec![Box::new(keys)]);
            }
        }
        if !registers.is_empty() {
            let keys: Vec<String> = registers.iter().map(ToString::to_string).collect();
            let sql = format!(
                "SELECT register_key, state FROM {prefix}registers WHERE register_key = ANY($1::text[])"
            );
            questions.ask(What::Registers, sql, vec![Box::new(keys)]);
        }
        questions
    }

    fn ask(&mut self, what: What, sql: impl Into<String>, values: Values) {
        let sql = sql.into();
        self.0.push(Question { what, sql, values });
    }

    pub(super) fn queries(&self) -> Vec<Query<'_>> {
        let queries = self.0.iter().map(|question| Query {
            sql: &question.sql,
            values: question.values.iter().map(|value| &**value as _).collect(),
        });
        queries.collect()
    }

    pub(super) fn answered(&self, answers: Vec<Vec<Row>>) -> Result<Loaded, StoreError> {
        let mut loaded = Loaded::default();
        for (question, rows) in self.0.iter().zip(answers) {
            for row in &rows {
                match question.what {
                    What::Snapshots => loaded.snapshots.push(snapshot(row)?),
                    What::UnitEvents => loaded.unit_events.push(stored(row)?),
                    What::StreamEvents => loaded.stream_events.push(stored(row)?),
                    What::Rows(table) => loaded.rows.push((table, table_row(table, row))),
                    What::Registers => loaded.registers.push((row.get(0), row.get(1))),
                }
            }
        }
        Ok(loaded)
    }
}

pub(super) fn events(
    filter: &EventFilter,
    ask: impl FnOnce(Query<'_>) -> Result<Vec<Row>, StoreError>,
) -> Result<Vec<StoredEvent>, StoreError> {
    let first = i64::try_from(*filter.range.start()).unwrap_or(i64::MAX);
    let last = i64::try_from(*filter.range.end()).unwrap_or(i64::MAX);
    let mut asked = Asked {
        sql: format!("SELECT {EVENT_COLUMNS} FROM {EVENTS} WHERE sequence_num BETWEEN $1 AND $2"),
        values: vec![Box::new(first), Box::new(last)],
    };
    if !filter.event_types.is_empty() {
        let types: Vec<String> = filter.event_types.iter().map(ToString::to_string).collect();
        asked.and("event_type = ANY(", types, "::text[])");
    }
    if let Some((unit_type, id)) = &filter.aggregate {
        let stream = "stream_num = (SELECT s.stream_num FROM streams s WHERE s.aggregate_type = ";
        asked.and(stream, unit_type.as_str(), "");
        asked.and("s.aggregate_id = ", id.to_string(), ")");
    }
    let texts = [
        ("station_id = ", &filter.station_id, ""),
        ("operator_id = ", &filter.operator_id, ""),
        (
            "starts_with(correlation_id || '~', ",
            &filter.correlation_id,
            " || '~')",
        ),
    ];
    for (before, value, after) in texts {
        if let Some(value) = value {
            asked.and(before, value.to_string(), after);
        }
    }
    if let Some(from) = filter.recorded_from {
        asked.and("recorded_at >= ", from, "");
    }
    if let Some(before) = filter.recorded_before {
        asked.and("recorded_at < ", before, "");
    }
    // Within a stream both orders are one, and its index has this.
    asked.sql += match filter.aggregate {
        Some(_) => " ORDER BY aggregate_version",
        None => " ORDER BY sequence_num",
    };
    if filter.descending {
        asked.sql += " DESC";
    }
    asked.limit(filter.limit);
    let rows = ask(asked.query())?;
    let mut events: Vec<StoredEvent> = rows.iter().map(stored).collect::<Result<_, _>>()?;
    if filter.descending {
        events.reverse();
    }
    Ok(events)
}

pub(super) fn rows(
    filter: &RowFilter,
    ask: impl FnOnce(Query<'_>) -> Result<Vec<Row>, StoreError>,
) -> Result<Vec<TableRow>, StoreError> {
    let (key, name) = (filter.table.key(), filter.table.name());
    let mut asked = Asked {
        sql: format!(
            "SELECT {} FROM {name} WHERE {key} > $1",
            chosen(filter.table)
        ),
        values: vec![Box::new(filter.after.clone().unwrap_or_default())],
    };
    if let Some(within) = &filter.within {
        asked.and(&format!("{key} >= "), within.clone(), "");
        asked.and(&format!("{key} < "), RowFilter::end_of(within), "");
    }
    for (column, wanted) in &filter.columns {
        let wanted: Vec<String> = wanted.iter().map(ToString::to_string).collect();
        asked.and(&format!("{column} = ANY("), wanted, "::text[])");
    }
    asked.sql += &format!(" ORDER BY {key}");
    asked.limit(filter.limit);
    let rows = ask(asked.query())?;
    Ok(rows
        .iter()
        .map(|row| table_row(filter.table, row))
        .collect())
}

/// What is read of a row: its columns, then its details.
fn chosen(table: Table) -> String {
    let columns = table.columns().iter().map(|(name, kind)| match kind {
        Kind::Integer => format!("{name}::bigint"),
        Kind::Date => format!("{name}::text"),
        Kind::Text | Kind::Integers | Kind::Time => (*name).to_owned(),
    });
    let columns: Vec<String> = columns.chain(["details::text".to_owned()]).collect();
    columns.join(", ")
}

fn table_row(table: Table, row: &Row) -> TableRow {
    let columns = table.columns();
    let cell = |(index, (_, kind)): (usize, &(&str, Kind))| match kind {
        Kind::Text | Kind::Date => text_or_null(row, index).map(Cell::Text),
        Kind::Integer => row.get::<_, Option<i64>>(index).map(Cell::Integer),
        Kind::Integers => row.get::<_, Option<Vec<i32>>>(index).map(Cell::Integers),
        Kind::Time => row.get::<_, Option<Timestamp>>(index).map(Cell::Time),
    };
    let cells = columns.iter().enumerate().map(cell);
    TableRow {
        cells: cells.map(|cell| cell.unwrap_or(Cell::Null)).collect(),
        details: row.get(columns.len()),
    }
}

pub(super) fn units_of(
    unit_type: UnitType,
    after: &str,
    limit: usize,
    ask: impl FnOnce(Query<'_>) -> Result<Vec<Row>, StoreError>,
) -> Result<Vec<SmolStr>, StoreError> {
    let mut asked = Asked {
        sql: "SELECT aggregate_id FROM streams WHERE aggregate_type = $1 AND aggregate_id > $2
              ORDER BY aggregate_id"
            .into(),
        values: vec![Box::new(unit_type.as_str()), Box::new(after.to_owned())],
    };
    asked.limit(limit);
    let rows = ask(asked.query())?;
    Ok(rows.iter().map(|row| text(row, 0)).collect())
}

/// Key and value of each entry, as [`Aside`] describes them.
pub(super) fn entries(
    aside: Aside,
    after: &str,
    limit: usize,
    ask: impl FnOnce(Query<'_>) -> Result<Vec<Row>, StoreError>,
) -> Result<Vec<(String, String)>, StoreError> {
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
    let mut asked = Asked {
        sql: format!("SELECT {key}, {value} FROM {table} WHERE {key} > $1 ORDER BY 1"),
        values: vec![Box::new(after.to_owned())],
    };
    asked.limit(limit);
    let rows = ask(asked.query())?;
    Ok(rows.iter().map(|row| (row.get(0), row.get(1))).collect())
}

pub(super) fn receipts_after(
    key: &str,
    limit: usize,
    ask: impl FnOnce(Query<'_>) -> Result<Vec<Row>, StoreError>,
) -> Result<Vec<Receipt>, StoreError> {
    let mut asked = Asked {
        sql: "SELECT idempotency_key, fingerprint, outcome, reply, recorded_at FROM receipts
              WHERE idempotency_key > $1 ORDER BY 1"
            .into(),
        values: vec![Box::new(key.to_owned())],
    };
    asked.limit(limit);
    let rows = ask(asked.query())?;
    rows.iter().map(receipt).collect()
}

pub(super) fn receipts<'a>(keys: &'a &[&str]) -> Query<'a> {
    Query {
        sql: "SELECT idempotency_key, fingerprint, outcome, reply, recorded_at FROM receipts
              WHERE idempotency_key = ANY($1::text[])",
        values: vec![keys],
    }
}

pub(super) fn receipt(row: &Row) -> Result<Receipt, StoreError> {
    Ok(Receipt {
        key: text(row, 0),
        fingerprint: bytes(row, 1)?,
        outcome: text(row, 2),
        reply: spell_out(row.get(3))
            .map_err(|e| damaged(format!("the receipt of {:?}: {e}", text(row, 0))))?,
        recorded_at: row.get(4),
    })
}

pub(super) fn refusals(
    filter: &RefusalFilter,
    ask: impl FnOnce(Query<'_>) -> Result<Vec<Row>, StoreError>,
) -> Result<Vec<RefusalRow>, StoreError> {
    let mut asked = Asked {
        sql: "SELECT refusal_num, code, barcode, station_id, operator_id, occurred_at, recorded_at, late, reply
              FROM refusals WHERE refusal_num > $1"
            .into(),
        values: vec![Box::new(i64::try_from(filter.after).unwrap_or(i64::MAX))],
    };
    if let Some(code) = &filter.code {
        asked.and("code = ", code.to_string(), "");
    }
    if let Some(station_id) = &filter.station_id {
        asked.and("station_id = ", station_id.to_string(), "");
    }
    if filter.late_only {
        asked.sql += " AND late";
    }
    asked.sql += " ORDER BY refusal_num";
    asked.limit(filter.limit);
    let rows = ask(asked.query())?;
    let refusal = |row: &Row| {
        Ok(RefusalRow {
            refusal_num: number(row, 0)?,
            code: text(row, 1),
            barcode: row.get(2),
            station_id: text_or_null(row, 3),
            operator_id: text_or_null(row, 4),
            occurred_at: row.get(5),
            recorded_at: row.get(6),
            late: row.get(7),
            reply: row.get(8),
        })
    };
    rows.iter().map(refusal).collect()
}

/// A statement that grows condition by condition.
struct Asked {
    sql: String,
    values: Values,
}

impl Asked {
    fn and(&mut self, before: &str, value: impl ToSql + Sync + 'static, after: &str) {
        self.values.push(Box::new(value));
        self.sql += &format!(" AND {before}${}{after}", self.values.len());
    }

    fn limit(&mut self, limit: usize) {
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        self.values.push(Box::new(limit));
        self.sql += &format!(" LIMIT ${}", self.values.len());
    }

    fn query(&self) -> Query<'_> {
        Query {
            sql: &self.sql,
            values: self.values.iter().map(|value| &**value as _).collect(),
        }
    }
}

fn snapshot(row: &Row) -> Result<(UnitRef, u32, String), StoreError> {
    let (id, kind): (&str, &str) = (row.get(0), row.get(1));
    let unit = UnitType::from_word(kind).and_then(|kind| kind.unit(id).ok());
    let unit = unit.ok_or_else(|| StoreError::Damaged(format!("a snapshot of {kind} {id:?}")))?;
    Ok((unit, small(row, 2)?, row.get(3)))
}

fn stored(row: &Row) -> Result<StoredEvent, StoreError> {
    Ok(StoredEvent {
        sequence_num: number(row, 0)?,
        aggregate_id: text(row, 1),
        aggregate_type: text(row, 2),
        aggregate_version: small(row, 3)?,
        event_type: text(row, 4),
        schema_version: u32::try_from(row.get::<_, i16>(5)).map_err(damaged)?,
        event_payload: row.get(6),
        occurred_at: row.get(7),
        recorded_at: row.get(8),
        operator_id: text_or_null(row, 9),
        station_id: text_or_null(row, 10),
        correlation_id: text(row, 11),
        late: row.get(12),
        hash: bytes(row, 13)?,
    })
}

fn text(row: &Row, index: usize) -> SmolStr {
    SmolStr::new(row.get::<_, &str>(index))
}

fn text_or_null(row: &Row, index: usize) -> Option<SmolStr> {
    row.get::<_, Option<&str>>(index).map(SmolStr::new)
}

fn number(row: &Row, index: usize) -> Result<u64, StoreError> {
    u64::try_from(row.get::<_, i64>(index)).map_err(damaged)
}

fn small(row: &Row, index: usize) -> Result<u32, StoreError> {
    u32::try_from(row.get::<_, i32>(index)).map_err(damaged)
}

fn bytes<const N: usize>(row: &Row, index: usize) -> Result<[u8; N], StoreError> {
    row.get::<_, &[u8]>(index).try_into().map_err(damaged)
}

fn damaged(error: impl std::fmt::Display) -> StoreError {
    StoreError::Damaged(error.to_string())
}
