//! The statements of one group. They run within its transaction.

use super::time_text;
use crate::contract::{Derived, Group};
use crate::record::EventTypes;
use crate::shorthand::shorten;
use crate::tables::{Cell, Row, Table};
use rusqlite::types::{ToSqlOutput, Value, ValueRef};
use rusqlite::{Connection, Error, ToSql, params};
use std::fmt::Write as _;

pub(super) fn group(
    connection: &Connection,
    group: &Group,
    types: &EventTypes,
) -> Result<(), Error> {
    let mut begin = connection
        .prepare_cached("INSERT INTO streams (aggregate_type, aggregate_id) VALUES (?1, ?2)")?;
    for (unit_type, id) in &group.streams_begun {
        begin.execute((unit_type.as_str(), id.as_str()))?;
    }
    events(connection, group, types)?;
    derived(connection, "", &group.derived)?;
    let mut snapshots = connection.prepare_cached(
        "INSERT INTO snapshots (aggregate_id, aggregate_type, aggregate_version, state)
         VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT DO UPDATE SET aggregate_version = excluded.aggregate_version, state = excluded.state",
    )?;
    for (unit, version, state) in &group.snapshots {
        snapshots.execute((unit.to_string(), unit.unit_type().as_str(), version, state))?;
    }
    answers(connection, group)?;
    connection
        .prepare_cached("UPDATE log_head SET sequence_num = ?1, hash = ?2, recorded_at = ?3")?
        .execute(params![
            group.head.sequence_num,
            group.head.hash,
            time_text(group.head.recorded_at)
        ])?;
    Ok(())
}

fn events(connection: &Connection, group: &Group, types: &EventTypes) -> Result<(), Error> {
    // An event whose stream or type is not there gets a null, which is refused.
    let mut insert = connection.prepare_cached(
        "INSERT INTO log (
             sequence_num, stream_num, aggregate_version, event_type_num, schema_version, occurred_at, recorded_at,
             late, operator_id, station_id, correlation_id, hash, payload)
         VALUES (?1, (SELECT stream_num FROM streams WHERE aggregate_type = ?2 AND aggregate_id = ?3), ?4,
                 ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)",
    )?;
    for event in &group.events {
        insert.execute(params![
            event.sequence_num,
            event.aggregate_type.as_str(),
            event.aggregate_id.as_str(),
            event.aggregate_version,
            types.number(&event.event_type),
            event.schema_version,
            event.occurred_at.as_microsecond(),
            event.recorded_at.as_microsecond(),
            event.late,
            event.operator_id.as_deref(),
            event.station_id.as_deref(),
            event.correlation_id.as_str(),
            event.hash,
            event.event_payload,
        ])?;
    }
    Ok(())
}

/// What is folded from the log, into the tables in use or those beside them.
pub(super) fn derived(
    connection: &Connection,
    prefix: &str,
    derived: &Derived,
) -> Result<(), Error> {
    for (table, rows) in &derived.rows_begun {
        self::rows(connection, &upsert(prefix, *table), 0, rows)?;
    }
    for (table, rows) in &derived.rows {
        let sql = update(prefix, *table);
        self::rows(connection, &sql, table.columns_fixed(), rows)?;
    }
    // Those that ended first: what one card gives up, another may take in the same group.
    let mut end = connection.prepare_cached(&format!(
        "DELETE FROM {prefix}claims WHERE claim = ?1 AND card_unit_id = ?2"
    ))?;
    for (claim, card) in &derived.claims_ended {
        end.execute((claim, card.as_str()))?;
    }
    let mut begin = connection.prepare_cached(&format!(
        "INSERT INTO {prefix}claims (claim, card_unit_id) VALUES (?1, ?2)"
    ))?;
    for (claim, card) in &derived.claims_begun {
        begin.execute((claim, card.as_str()))?;
    }
    let mut registers = connection.prepare_cached(&format!(
        "INSERT INTO {prefix}registers (register_key, state) VALUES (?1, ?2)
         ON CONFLICT DO UPDATE SET state = excluded.state"
    ))?;
    for (key, state) in &derived.registers {
        registers.execute((key, state))?;
    }
    Ok(())
}

/// Row by row: the key, the columns behind the fixed ones, the details.
fn rows(connection: &Connection, sql: &str, fixed: usize, rows: &[Row]) -> Result<(), Error> {
    let mut statement = connection.prepare_cached(sql)?;
    let last = statement.parameter_count();
    for row in rows {
        let cells = row.cells.iter().enumerate();
        let cells = cells.filter(|(index, _)| !(1..fixed).contains(index));
        for (index, (_, cell)) in (1..).zip(cells) {
            statement.raw_bind_parameter(index, cell)?;
        }
        statement.raw_bind_parameter(last, &row.details)?;
        statement.raw_execute()?;
    }
    Ok(())
}

fn answers(connection: &Connection, group: &Group) -> Result<(), Error> {
    let mut receipts = connection.prepare_cached(
        "INSERT INTO receipts (idempotency_key, fingerprint, outcome, reply, recorded_at)
         VALUES (?1, ?2, ?3, ?4, ?5)",
    )?;
    for receipt in &group.receipts {
        receipts.execute(params![
            receipt.key.as_str(),
            receipt.fingerprint,
            receipt.outcome.as_str(),
            shorten(&receipt.reply),
            receipt.recorded_at.as_microsecond(),
        ])?;
    }
    let mut refusals = connection.prepare_cached(
        "INSERT INTO refusals (code, barcode, station_id, operator_id, occurred_at, recorded_at, late, reply)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
    )?;
    for refusal in &group.refusals {
        refusals.execute(params![
            refusal.code.as_str(),
            refusal.barcode,
            refusal.station_id.as_deref(),
            refusal.operator_id.as_deref(),
            time_text(refusal.occurred_at),
            time_text(refusal.recorded_at),
            refusal.late,
            refusal.reply,
        ])?;
    }
    Ok(())
}

/// `INSERT INTO rm_jobs (job_id, …, details) VALUES (?1, …) ON CONFLICT DO UPDATE SET …`
fn upsert(prefix: &str, table: Table) -> String {
    let names = || {
        table
            .columns()
            .iter()
            .map(|(name, _)| *name)
            .chain(["details"])
    };
    let mut sql = format!("INSERT INTO {prefix}{} (", table.name());
    let list: Vec<&str> = names().collect();
    sql += &list.join(", ");
    sql += ") VALUES (";
    let marks: Vec<String> = (1..=list.len()).map(|i| format!("?{i}")).collect();
    sql += &marks.join(", ");
    sql += ") ON CONFLICT DO UPDATE SET ";
    for (i, name) in names().skip(1).enumerate() {
        let comma = if i == 0 { "" } else { ", " };
        write!(sql, "{comma}{name} = excluded.{name}").expect("a string can always grow");
    }
    sql
}

/// `UPDATE rm_jobs SET order_id = ?2, … WHERE job_id = ?1`
fn update(prefix: &str, table: Table) -> String {
    let changing = table.columns().iter().skip(table.columns_fixed());
    let names = changing.map(|(name, _)| *name).chain(["details"]);
    let set: Vec<String> = (2..)
        .zip(names)
        .map(|(index, name)| format!("{name} = ?{index}"))
        .collect();
    let (name, key) = (table.name(), table.key());
    format!(
        "UPDATE {prefix}{name} SET {} WHERE {key} = ?1",
        set.join(", ")
    )
}

impl ToSql for Cell {
    fn to_sql(&self) -> Result<ToSqlOutput<'_>, Error> {
        Ok(match self {
            Self::Null => ToSqlOutput::Borrowed(ValueRef::Null),
            Self::Text(text) => ToSqlOutput::Borrowed(ValueRef::Text(text.as_bytes())),
            Self::Integer(number) => ToSqlOutput::Borrowed(ValueRef::Integer(*number)),
            Self::Integers(numbers) => {
                let json = serde_json::to_string(numbers).expect("numbers are JSON");
                ToSqlOutput::Owned(Value::Text(json))
            }
            Self::Time(time) => ToSqlOutput::Owned(Value::Text(time_text(*time))),
        })
    }
}
