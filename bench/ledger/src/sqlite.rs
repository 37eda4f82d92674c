//! SQLite, one transaction per scan: what the groups of the ledger are held against.

use crate::load::{Load, Next, Window};
use crate::prepared::{Prepared, Scan, integer, text, time};
use rusqlite::config::DbConfig;
use rusqlite::{Connection, Error, params};
use sheetwise_store::shorthand::shorten;
use sheetwise_store::tables::{Cell, Table};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

/// One connection, as SQLite has one writer; the same settings as the ledger's.
pub fn naive(path: &Path, prepared: &Arc<Prepared>, load: &Load) -> Window {
    load.run(1, prepared.units.len(), |next| {
        client(path.to_owned(), Arc::clone(prepared), next)
    })
}

async fn client(path: PathBuf, prepared: Arc<Prepared>, next: Next) {
    let connection = Connection::open(path).expect("the file was just made");
    let settings =
        "PRAGMA journal_mode = wal; PRAGMA synchronous = FULL; PRAGMA cache_size = -65536;
                    PRAGMA wal_autocheckpoint = 8000;";
    connection
        .execute_batch(settings)
        .expect("settings that exist");
    connection
        .set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)
        .expect("a setting that exists");
    connection.set_prepared_statement_cache_capacity(32);
    next.ready().await;
    while let Some(unit) = next.unit() {
        for one in &prepared.scans[prepared.units[unit].clone()] {
            let start = Instant::now();
            scan(&connection, one).expect("the naive path works");
            next.done(start);
            // Lets whoever holds the watch have a look.
            tokio::task::yield_now().await;
        }
    }
}

fn scan(connection: &Connection, scan: &Scan) -> Result<(), Error> {
    let time_text = |time: jiff::Timestamp| format!("{time:.6}");
    let prepare = |sql: &str| connection.prepare_cached(sql);
    prepare("BEGIN IMMEDIATE")?.execute([])?;
    let first = &scan.events[0];
    let version: u32 = prepare(
        "SELECT coalesce(max(aggregate_version), 0) FROM streams JOIN log USING (stream_num)
         WHERE aggregate_id = ?1 AND aggregate_type = ?2",
    )?
    .query_row(
        (first.aggregate_id.as_str(), first.aggregate_type.as_str()),
        |row| row.get(0),
    )?;
    assert_eq!(
        version + 1,
        first.aggregate_version,
        "nobody else scans this card"
    );
    for event in &scan.events {
        prepare(
            "INSERT INTO log (
                 sequence_num, stream_num, aggregate_version, event_type_num, schema_version, occurred_at, recorded_at,
                 late, operator_id, station_id, correlation_id, hash, payload)
             VALUES ((SELECT max(sequence_num) + 1 FROM log),
                     (SELECT stream_num FROM streams WHERE aggregate_type = ?1 AND aggregate_id = ?2), ?3,
                     (SELECT event_type_num FROM event_types WHERE event_type = ?4), ?5, ?6, ?7, ?8, ?9, ?10, ?11,
                     ?12, ?13)",
        )?
        .execute(params![
            event.aggregate_type.as_str(),
            event.aggregate_id.as_str(),
            event.aggregate_version,
            event.event_type.as_str(),
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
    for (table, row) in &scan.rows {
        let cells = &row.cells;
        if *table == Table::CardUnits {
            prepare(
                "UPDATE rm_card_units SET
                     current_station_id = ?2, status = ?3, qa_result = ?4, qa_failure_reason = ?5,
                     sequential_number = ?6, last_event_seq = ?7, updated_at = ?8, details = ?9
                 WHERE card_unit_id = ?1",
            )?
            .execute(params![
                row.key(),
                text(&cells[4]),
                text(&cells[5]),
                text(&cells[6]),
                text(&cells[7]),
                text(&cells[8]),
                integer(&cells[9]),
                time_text(time(&cells[10])),
                row.details,
            ])?;
        } else {
            let Cell::Integers(missing) = &cells[5] else {
                unreachable!("a list of positions")
            };
            prepare(
                "UPDATE rm_assemblies SET
                     gathered_count = ?2, missing_positions = ?3, status = ?4, last_event_seq = ?5,
                     updated_at = ?6, details = ?7
                 WHERE assembly_id = ?1",
            )?
            .execute(params![
                row.key(),
                integer(&cells[4]),
                format!("{missing:?}"),
                text(&cells[6]),
                integer(&cells[8]),
                time_text(time(&cells[9])),
                row.details,
            ])?;
        }
    }
    for moved in &scan.station_load {
        let cells = &moved.row.cells;
        prepare(
            "UPDATE rm_station_load SET
                 card_unit_count = card_unit_count + ?2, sheet_count = sheet_count + ?3, last_event_seq = ?4,
                 updated_at = ?5, details = ?6
             WHERE station_id = ?1",
        )?
        .execute(params![
            moved.row.key(),
            moved.by[0],
            moved.by[1],
            integer(&cells[3]),
            time_text(time(&cells[4])),
            moved.row.details,
        ])?;
    }
    for moved in &scan.job_progress {
        let (cells, by) = (&moved.row.cells, &moved.by);
        prepare(
            "UPDATE rm_job_progress SET
                 total_sheets = total_sheets + ?2, total_cards = total_cards + ?3,
                 cards_at_qa = cards_at_qa + ?4, cards_qa_passed = cards_qa_passed + ?5,
                 cards_qa_failed = cards_qa_failed + ?6, cards_assembled = cards_assembled + ?7,
                 cards_packed = cards_packed + ?8, status = ?9, last_event_seq = ?10, updated_at = ?11,
                 details = ?12
             WHERE job_id = ?1",
        )?
        .execute(params![
            moved.row.key(),
            by[0], by[1], by[2], by[3], by[4], by[5], by[6],
            text(&cells[8]),
            integer(&cells[9]),
            time_text(time(&cells[10])),
            moved.row.details,
        ])?;
    }
    let receipt = &scan.receipt;
    prepare(
        "INSERT INTO receipts (idempotency_key, fingerprint, outcome, reply, recorded_at)
         VALUES (?1, ?2, ?3, ?4, ?5)",
    )?
    .execute(params![
        receipt.key.as_str(),
        receipt.fingerprint,
        receipt.outcome.as_str(),
        shorten(&receipt.reply),
        receipt.recorded_at.as_microsecond(),
    ])?;
    prepare("COMMIT")?.execute([])?;
    Ok(())
}
