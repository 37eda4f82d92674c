//! The statements of one group. They run within its transaction.

use super::time_text;
use crate::contract::{Derived, Group};
use crate::tables::{Cell, Table};
use rusqlite::types::{ToSqlOutput, Value, ValueRef};
use rusqlite::{Connection, Error, ToSql, params};
use std::fmt::Write as _;

pub(super) fn group(connection: &Connection, group: &Group) -> Result<(), Error> {
    events(connection, group)?;
    let mut heads = connection.prepare_cached(
        "INSERT INTO aggregate_heads (aggregate_id, aggregate_type, aggregate_version) VALUES (?1, ?2, ?3)
         ON CONFLICT DO UPDATE SET aggregate_version = excluded.aggregate_version",
    )?;
    for (unit_type, id, version) in &group.aggregate_heads {
        heads.execute(params![id.as_str(), unit_type.as_str(), version])?;
    }
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

fn events(connection: &Connection, group: &Group) -> Result<(), Error> {
    let mut insert = connection.prepare_cached(
        "INSERT INTO production_events (
             sequence_num, aggregate_id, aggregate_type, aggregate_version, event_type, schema_version,
             event_payload, occurred_at, recorded_at, operator_id, station_id, correlation_id, late, hash)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)",
    )?;
    for event in &group.events {
        insert.execute(params![
            event.sequence_num,
            event.aggregate_id.as_str(),
            event.aggregate_type.as_str(),
            event.aggregate_version,
            event.event_type.as_str(),
            event.schema_version,
            event.event_payload,
            time_text(event.occurred_at),
            time_text(event.recorded_at),
            event.operator_id.as_deref(),
            event.station_id.as_deref(),
            event.correlation_id.as_str(),
            event.late,
            event.hash,
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
    for (table, rows) in &derived.rows {
        let mut upsert = connection.prepare_cached(&upsert(prefix, *table))?;
        for row in rows {
            let cells = row.cells.iter().map(|cell| cell as &dyn ToSql);
            let values: Vec<&dyn ToSql> = cells.chain([&row.details as &dyn ToSql]).collect();
            upsert.execute(&*values)?;
        }
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
            receipt.reply,
            time_text(receipt.recorded_at),
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
