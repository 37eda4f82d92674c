//! The variants on PostgreSQL that are not the ledger: one transaction per scan, and rows inserted in bulk.

use crate::load::{Load, Next, Window};
use crate::prepared::{Moved, Prepared, Scan, integer, text, time};
use jiff::Timestamp;
use sheetwise_store::record::StoredEvent;
use sheetwise_store::shorthand::shorten;
use sheetwise_store::tables::{Cell, Row, Table};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio_postgres::error::SqlState;
use tokio_postgres::{Client, Error, NoTls, Statement};

/// Connects, and lets the connection run on the current runtime.
pub async fn connect(url: &str) -> Client {
    let (client, connection) = tokio_postgres::connect(url, NoTls)
        .await
        .expect("the server runs");
    tokio::task::spawn_local(connection);
    client
        .batch_execute("SET synchronous_commit = on")
        .await
        .expect("a setting that exists");
    client
}

/// The statements of the naive path, prepared on a connection.
struct Naive {
    client: Client,
    head: Statement,
    events: Statement,
    card: Statement,
    assembly: Statement,
    station_load: Statement,
    job_progress: Statement,
    receipt: Statement,
}

const EVENTS: &str = "
    INSERT INTO log (
        sequence_num, occurred_at, recorded_at, stream_num, aggregate_version, event_type_num, schema_version, late,
        operator_id, station_id, correlation_id, hash, payload)
    SELECT nextval('naive_numbers'), b, c, stream_num, f, event_type_num, h, i, j, k, l, m, n
    FROM unnest($1::timestamptz[], $2::timestamptz[], $3::text[], $4::text[], $5::bigint[], $6::text[], $7::bigint[],
                $8::boolean[], $9::text[], $10::text[], $11::text[], $12::bytea[], $13::text[])
         AS t (b, c, d, e, f, g, h, i, j, k, l, m, n)
    LEFT JOIN streams ON aggregate_type = d AND aggregate_id = e
    LEFT JOIN event_types ON event_type = g";

/// With all numbers given: nothing is looked up.
const EVENTS_BY_NUMBER: &str = "
    INSERT INTO log (
        sequence_num, stream_num, event_type_num, occurred_at, recorded_at, aggregate_version, schema_version, late,
        operator_id, station_id, correlation_id, hash, payload)
    SELECT * FROM unnest(
        $1::bigint[], $2::bigint[], $3::bigint[], $4::timestamptz[], $5::timestamptz[], $6::bigint[], $7::bigint[],
        $8::boolean[], $9::text[], $10::text[], $11::text[], $12::bytea[], $13::text[])";

const CARDS: &str = "
    INSERT INTO rm_card_units (
        card_unit_id, sheet_id, job_id, position, current_station_id, status, qa_result, qa_failure_reason,
        sequential_number, last_event_seq, updated_at, details)
    SELECT a, b, c, d, e, f, g, h, i, j, k, l::json
    FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[], $5::text[], $6::text[], $7::text[], $8::text[],
                $9::text[], $10::bigint[], $11::timestamptz[], $12::text[])
         AS t (a, b, c, d, e, f, g, h, i, j, k, l)";

const CARDS_AGAIN: &str = "
    ON CONFLICT (card_unit_id) DO UPDATE SET
        current_station_id = excluded.current_station_id, status = excluded.status,
        qa_result = excluded.qa_result, qa_failure_reason = excluded.qa_failure_reason,
        sequential_number = excluded.sequential_number, last_event_seq = excluded.last_event_seq,
        updated_at = excluded.updated_at, details = excluded.details";

const ASSEMBLY: &str = "
    INSERT INTO rm_assemblies (
        assembly_id, sheet_id, job_id, expected_count, gathered_count, missing_positions, status, pack_id,
        last_event_seq, updated_at, details)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11::text::json)
    ON CONFLICT (assembly_id) DO UPDATE SET
        gathered_count = excluded.gathered_count, missing_positions = excluded.missing_positions,
        status = excluded.status, pack_id = excluded.pack_id, last_event_seq = excluded.last_event_seq,
        updated_at = excluded.updated_at, details = excluded.details";

// In the order of their keys: two scans that lock the same two stations must not wait for each other.
const STATION_LOAD: &str = "
    INSERT INTO rm_station_load (station_id, card_unit_count, sheet_count, last_event_seq, updated_at, details)
    SELECT a, b, c, d, e, f::json
    FROM unnest($1::text[], $2::bigint[], $3::bigint[], $4::bigint[], $5::timestamptz[], $6::text[])
         AS t (a, b, c, d, e, f)
    ORDER BY a
    ON CONFLICT (station_id) DO UPDATE SET
        card_unit_count = rm_station_load.card_unit_count + excluded.card_unit_count,
        sheet_count = rm_station_load.sheet_count + excluded.sheet_count,
        last_event_seq = excluded.last_event_seq, updated_at = excluded.updated_at, details = excluded.details";

const JOB_PROGRESS: &str = "
    UPDATE rm_job_progress SET
        total_sheets = total_sheets + $2, total_cards = total_cards + $3, cards_at_qa = cards_at_qa + $4,
        cards_qa_passed = cards_qa_passed + $5, cards_qa_failed = cards_qa_failed + $6,
        cards_assembled = cards_assembled + $7, cards_packed = cards_packed + $8, status = $9,
        last_event_seq = $10, updated_at = $11, details = $12::text::json
    WHERE job_id = $1";

const RECEIPTS: &str = "
    INSERT INTO receipts (idempotency_key, fingerprint, outcome, reply, recorded_at)
    SELECT * FROM unnest($1::text[], $2::bytea[], $3::text[], $4::bytea[], $5::timestamptz[])";

impl Naive {
    async fn open(url: &str) -> Self {
        let client = connect(url).await;
        let prepare = async |sql: &str| {
            client
                .prepare(sql)
                .await
                .expect("a statement of this schema")
        };
        Self {
            head: prepare(
                "SELECT coalesce(max(aggregate_version), 0) FROM log JOIN streams USING (stream_num)
                 WHERE aggregate_id = $1 AND aggregate_type = $2",
            )
            .await,
            events: prepare(EVENTS).await,
            card: prepare(&format!("{CARDS}{CARDS_AGAIN}")).await,
            assembly: prepare(ASSEMBLY).await,
            station_load: prepare(STATION_LOAD).await,
            job_progress: prepare(JOB_PROGRESS).await,
            receipt: prepare(RECEIPTS).await,
            client,
        }
    }

    /// One transaction: reads the stream's version, then writes, statement by statement.
    async fn scan(&self, scan: &Scan) -> Result<(), Error> {
        let client = &self.client;
        client.batch_execute("BEGIN").await?;
        let first = &scan.events[0];
        let id: [&(dyn postgres_types::ToSql + Sync); 2] =
            [&first.aggregate_id.as_str(), &first.aggregate_type.as_str()];
        let version: i32 = client.query_one(&self.head, &id).await?.get(0);
        assert_eq!(
            u32::try_from(version).map(|version| version + 1),
            Ok(first.aggregate_version),
            "nobody else scans this card"
        );
        let columns = Events::of(scan.events.iter());
        client.execute(&self.events, &columns.named()).await?;
        for (table, row) in &scan.rows {
            match table {
                Table::CardUnits => {
                    let columns = Cards::of(std::iter::once(row));
                    client.execute(&self.card, &columns.values()).await?;
                }
                _ => self.assembly(row).await?,
            }
        }
        if !scan.station_load.is_empty() {
            self.station_load(&scan.station_load).await?;
        }
        for moved in &scan.job_progress {
            self.job_progress(moved).await?;
        }
        let columns = Receipts::of(std::iter::once(scan));
        client.execute(&self.receipt, &columns.values()).await?;
        client.batch_execute("COMMIT").await
    }

    async fn assembly(&self, row: &Row) -> Result<(), Error> {
        let cells = &row.cells;
        let Cell::Integers(missing) = &cells[5] else {
            unreachable!("a list of positions")
        };
        let number = |index: usize| integer(&cells[index]).map(small);
        self.client
            .execute(
                &self.assembly,
                &[
                    &text(&cells[0]),
                    &text(&cells[1]),
                    &text(&cells[2]),
                    &number(3),
                    &number(4),
                    missing,
                    &text(&cells[6]),
                    &text(&cells[7]),
                    &integer(&cells[8]),
                    &time(&cells[9]),
                    &row.details,
                ],
            )
            .await
            .map(drop)
    }

    async fn station_load(&self, moved: &[Moved]) -> Result<(), Error> {
        let texts =
            |index: usize| -> Vec<_> { moved.iter().map(|m| text(&m.row.cells[index])).collect() };
        let by = |index: usize| -> Vec<i64> { moved.iter().map(|m| m.by[index]).collect() };
        let last: Vec<_> = moved.iter().map(|m| integer(&m.row.cells[3])).collect();
        let updated: Vec<_> = moved.iter().map(|m| time(&m.row.cells[4])).collect();
        let details: Vec<_> = moved.iter().map(|m| m.row.details.as_str()).collect();
        self.client
            .execute(
                &self.station_load,
                &[&texts(0), &by(0), &by(1), &last, &updated, &details],
            )
            .await
            .map(drop)
    }

    async fn job_progress(&self, moved: &Moved) -> Result<(), Error> {
        let cells = &moved.row.cells;
        let by: Vec<i32> = moved.by.iter().copied().map(small).collect();
        self.client
            .execute(
                &self.job_progress,
                &[
                    &text(&cells[0]),
                    &by[0],
                    &by[1],
                    &by[2],
                    &by[3],
                    &by[4],
                    &by[5],
                    &by[6],
                    &text(&cells[8]),
                    &integer(&cells[9]),
                    &time(&cells[10]),
                    &moved.row.details,
                ],
            )
            .await
            .map(drop)
    }
}

fn small(number: i64) -> i32 {
    i32::try_from(number).expect("a count is small")
}

/// So many connections at most: more clients than that wait for one.
pub const CONNECTIONS_MAX: usize = 64;

/// Closed-loop clients, each scan a transaction of its own; from that unit of work on.
pub fn naive(
    url: &str,
    prepared: &Arc<Prepared>,
    first_unit: usize,
    clients: usize,
    load: &Load,
) -> Window {
    load.run(
        clients.min(CONNECTIONS_MAX),
        prepared.units.len() - first_unit,
        |next| naive_client(url.to_owned(), Arc::clone(prepared), first_unit, next),
    )
}

async fn naive_client(url: String, prepared: Arc<Prepared>, first_unit: usize, next: Next) {
    let naive = Naive::open(&url).await;
    next.ready().await;
    while let Some(unit) = next.unit() {
        for scan in &prepared.scans[prepared.units[first_unit + unit].clone()] {
            let start = Instant::now();
            while let Err(error) = naive.scan(scan).await {
                let again = error.code() == Some(&SqlState::T_R_DEADLOCK_DETECTED);
                assert!(again, "the naive path: {error:?}");
                naive
                    .client
                    .batch_execute("ROLLBACK")
                    .await
                    .expect("a way back");
                next.again();
            }
            next.done(start);
        }
    }
}

/// What a bulk insert writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bare {
    /// The events alone.
    Events,
    /// Events, cards' rows (as new ones) and receipts.
    AllRows,
}

/// So many scans' rows in each statement and transaction.
const BARE_ROWS: usize = 500;

/// One connection, no logic, nothing read: how fast the database takes these rows.
pub fn bare(url: &str, prepared: &Arc<Prepared>, what: Bare, load: &Load) -> Window {
    // It is done with all of its rows within seconds: nearly all of them are measured.
    let load = Load {
        warm_up: Duration::from_millis(50),
        ..*load
    };
    load.run(1, prepared.scans.len().div_ceil(BARE_ROWS), |next| {
        bare_client(url.to_owned(), Arc::clone(prepared), what, next)
    })
}

async fn bare_client(url: String, prepared: Arc<Prepared>, what: Bare, next: Next) {
    let scans = &prepared.scans;
    let client = connect(&url).await;
    let clean = "ALTER TABLE log DISABLE TRIGGER ALL;
                 TRUNCATE log, rm_card_units, receipts; CHECKPOINT;";
    client.batch_execute(clean).await.expect("an own database");
    let events = client
        .prepare(EVENTS_BY_NUMBER)
        .await
        .expect("of this schema");
    let cards = client.prepare(CARDS).await.expect("of this schema");
    let receipts = client.prepare(RECEIPTS).await.expect("of this schema");
    next.ready().await;
    let mut number = 0;
    while let Some(batch) = next.unit() {
        let start = Instant::now();
        let batch = &scans[batch * BARE_ROWS..scans.len().min((batch + 1) * BARE_ROWS)];
        client.batch_execute("BEGIN").await.expect("a transaction");
        let columns = Events::of(batch.iter().flat_map(|scan| &scan.events));
        let known = batch.iter().flat_map(|scan| &scan.numbers);
        let [streams, types]: [Vec<i64>; 2] =
            [0, 1].map(|which| known.clone().map(|numbers| numbers[which]).collect());
        let first = number + 1;
        number += i64::try_from(streams.len()).expect("few");
        let numbers: Vec<i64> = (first..=number).collect();
        client
            .execute(&events, &columns.numbered([&numbers, &streams, &types]))
            .await
            .expect("events");
        if what == Bare::AllRows {
            // A card that is scanned again later has a row of its own each time.
            let rows = batch.iter().flat_map(|scan| &scan.rows);
            let rows = rows
                .filter(|(table, _)| *table == Table::CardUnits)
                .map(|(_, row)| row);
            let mut columns = Cards::of(rows);
            let keys: Vec<String> = columns.keys_of_their_own(number);
            let keys: Vec<Option<&str>> = keys.iter().map(|key| Some(key.as_str())).collect();
            columns.texts[0] = keys;
            client
                .execute(&cards, &columns.values())
                .await
                .expect("cards");
            let columns = Receipts::of(batch.iter());
            client
                .execute(&receipts, &columns.values())
                .await
                .expect("receipts");
        }
        client.batch_execute("COMMIT").await.expect("durable");
        for _ in batch {
            next.done(start);
        }
    }
}

type Values<'a> = Vec<&'a (dyn postgres_types::ToSql + Sync)>;

/// Events as columns.
struct Events<'a> {
    times: [Vec<Timestamp>; 2],
    versions: Vec<i64>,
    schemas: Vec<i64>,
    late: Vec<bool>,
    /// Kind and id of the unit, and the type of the event.
    names: [Vec<&'a str>; 3],
    /// Operator, station, correlation.
    texts: [Vec<Option<&'a str>>; 3],
    hashes: Vec<&'a [u8]>,
    payloads: Vec<&'a str>,
}

impl<'a> Events<'a> {
    fn of(events: impl Iterator<Item = &'a StoredEvent> + Clone) -> Self {
        macro_rules! each {
            ($event:ident => $value:expr) => {
                events.clone().map(|$event| $value).collect()
            };
        }
        Self {
            times: [
                each!(event => event.occurred_at),
                each!(event => event.recorded_at),
            ],
            versions: each!(event => event.aggregate_version.into()),
            schemas: each!(event => event.schema_version.into()),
            late: each!(event => event.late),
            names: [
                each!(event => event.aggregate_type.as_str()),
                each!(event => event.aggregate_id.as_str()),
                each!(event => event.event_type.as_str()),
            ],
            texts: [
                each!(event => event.operator_id.as_deref()),
                each!(event => event.station_id.as_deref()),
                each!(event => Some(event.correlation_id.as_str())),
            ],
            hashes: each!(event => event.hash.as_slice()),
            payloads: each!(event => event.event_payload.as_str()),
        }
    }

    /// For [`EVENTS`].
    fn named(&self) -> Values<'_> {
        let ([occurred, recorded], [kinds, ids, types]) = (&self.times, &self.names);
        let mut values: Values<'_> = vec![
            occurred,
            recorded,
            kinds,
            ids,
            &self.versions,
            types,
            &self.schemas,
            &self.late,
        ];
        values.extend(self.rest());
        values
    }

    /// For [`EVENTS_BY_NUMBER`].
    fn numbered<'v>(&'v self, numbers: [&'v Vec<i64>; 3]) -> Values<'v> {
        let [occurred, recorded] = &self.times;
        let mut values: Values<'v> = Vec::new();
        for numbers in numbers {
            values.push(numbers);
        }
        let more: [&(dyn postgres_types::ToSql + Sync); 5] = [
            occurred,
            recorded,
            &self.versions,
            &self.schemas,
            &self.late,
        ];
        values.extend(more);
        values.extend(self.rest());
        values
    }

    fn rest(&self) -> Values<'_> {
        let [operators, stations, correlations] = &self.texts;
        vec![
            operators,
            stations,
            correlations,
            &self.hashes,
            &self.payloads,
        ]
    }
}

/// Cards' rows as columns.
struct Cards<'a> {
    /// In the order of the table's columns, without the numbers and the time.
    texts: [Vec<Option<&'a str>>; 8],
    positions: Vec<Option<i64>>,
    last: Vec<Option<i64>>,
    updated: Vec<Timestamp>,
    details: Vec<&'a str>,
}

impl<'a> Cards<'a> {
    fn of(rows: impl Iterator<Item = &'a Row> + Clone) -> Self {
        let texts = |index: usize| {
            rows.clone()
                .map(move |row| text(&row.cells[index]))
                .collect()
        };
        Self {
            texts: [0, 1, 2, 4, 5, 6, 7, 8].map(texts),
            positions: rows.clone().map(|row| integer(&row.cells[3])).collect(),
            last: rows.clone().map(|row| integer(&row.cells[9])).collect(),
            updated: rows.clone().map(|row| time(&row.cells[10])).collect(),
            details: rows.map(|row| row.details.as_str()).collect(),
        }
    }

    fn keys_of_their_own(&self, number: i64) -> Vec<String> {
        let keys = self.texts[0].iter().enumerate();
        keys.map(|(i, key)| format!("{}/{number}/{i}", key.unwrap_or_default()))
            .collect()
    }

    fn values(&self) -> Values<'_> {
        let mut values: Values<'_> = Vec::new();
        for texts in &self.texts[..3] {
            values.push(texts);
        }
        values.push(&self.positions);
        for texts in &self.texts[3..] {
            values.push(texts);
        }
        values.extend([
            &self.last as &(dyn postgres_types::ToSql + Sync),
            &self.updated,
            &self.details,
        ]);
        values
    }
}

/// Receipts as columns.
struct Receipts<'a> {
    texts: [Vec<&'a str>; 2],
    fingerprints: Vec<&'a [u8]>,
    replies: Vec<Vec<u8>>,
    recorded: Vec<Timestamp>,
}

impl<'a> Receipts<'a> {
    fn of(scans: impl Iterator<Item = &'a Scan> + Clone) -> Self {
        macro_rules! each {
            ($receipt:ident => $value:expr) => {{
                let receipts = scans.clone().map(|scan| &scan.receipt);
                receipts.map(|$receipt| $value).collect()
            }};
        }
        Self {
            texts: [
                each!(receipt => receipt.key.as_str()),
                each!(receipt => receipt.outcome.as_str()),
            ],
            fingerprints: each!(receipt => receipt.fingerprint.as_slice()),
            replies: each!(receipt => shorten(&receipt.reply)),
            recorded: each!(receipt => receipt.recorded_at),
        }
    }

    fn values(&self) -> Values<'_> {
        let [keys, outcomes] = &self.texts;
        vec![
            keys,
            &self.fingerprints,
            outcomes,
            &self.replies,
            &self.recorded,
        ]
    }
}

/// What an administrator says to a server: one connection, one statement.
pub fn say(url: &str, sql: &str) -> Vec<Vec<String>> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let runtime = runtime.expect("a runtime");
    tokio::task::LocalSet::new().block_on(&runtime, async {
        let client = connect(url).await;
        let messages = client.simple_query(sql).await;
        let messages = messages.unwrap_or_else(|error| panic!("{sql}: {error:?}"));
        let rows = messages.iter().filter_map(|message| match message {
            tokio_postgres::SimpleQueryMessage::Row(row) => Some(
                (0..row.len())
                    .map(|i| row.get(i).unwrap_or_default().to_owned())
                    .collect(),
            ),
            _ => None,
        });
        rows.collect()
    })
}

/// The server's first process.
pub fn postmaster(url: &str) -> u32 {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let runtime = runtime.expect("a runtime");
    tokio::task::LocalSet::new().block_on(&runtime, async {
        let client = connect(url).await;
        let row = client
            .query_one("SELECT pg_backend_pid()", &[])
            .await
            .expect("its number");
        let pid = u32::try_from(row.get::<_, i32>(0)).expect("a process");
        crate::cpu::parent_of(pid).expect("the server runs on this machine")
    })
}

/// Waits until the server has written back what is dirty, so that no variant pays for the one before.
pub fn settle(url: &str) {
    say(url, "CHECKPOINT");
    std::thread::sleep(Duration::from_millis(100));
}
