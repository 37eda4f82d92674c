//! Rebuild, verify, backup and restore, on each engine.

#[macro_use]
mod support;

use jiff::Timestamp;
use jiff::civil::date;
use sheetwise_core::domain::Command;
use sheetwise_core::domain::values::Priority;
use sheetwise_core::identity::JobId;
use sheetwise_sim::history::acts_of;
use sheetwise_store::contract::{Engine, EventFilter, RefusalFilter};
use sheetwise_store::ledger::{Options, Request, Said};
use sheetwise_store::maintenance::{BackupError, Progress, backup, rebuild, restore, verify};
use sheetwise_store::postgres::Postgres;
use sheetwise_store::record::{StoredEvent, hex};
use sheetwise_store::tables::Table;
use sheetwise_store::{Location, StoreError};
use std::collections::BTreeMap;
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use support::{Clock, Database, request, rows_of};

on_every_engine! {
    what_the_ledger_writes_is_clean,
    a_rebuild_finds_nothing_to_change_and_a_ledger_goes_on_with_it,
    a_rebuild_beside_a_live_ledger_misses_nothing,
    a_rebuild_takes_in_what_is_written_while_it_folds,
    of_two_rebuilds_the_later_one_is_put_into_use,
    a_backup_restored_elsewhere_is_the_same_shop,
    a_database_that_is_not_empty_is_not_restored_into,
    half_a_restore_is_not_taken_for_a_shop,
}

fn silent(_: Progress) {}

/// Lets the simulator's people work, with a key to every third act.
fn work(database: &dyn Database, seed: u64, events: u64) {
    let clock = Clock::default();
    let ledger = clock.ledger(database.connect(), Options::default());
    for (number, act) in acts_of(seed, events).expect("a history").iter().enumerate() {
        let (mut request, context) = request(act, number);
        clock.set(context.recorded_at);
        request.key = (number % 3 == 0).then(|| format!("key-{number}").into());
        ledger.ask(request).expect("an answer");
    }
}

fn must_be_clean(engine: &mut dyn Engine) {
    let verified = verify(engine, &mut silent).expect("a look at everything");
    assert_eq!(verified.findings, []);
    assert_eq!(verified.events, engine.head().expect("a head").sequence_num);
    assert!(
        verified.rows > 100,
        "only {} rows were compared",
        verified.rows
    );
}

fn what_the_ledger_writes_is_clean(database: &dyn Database) {
    work(database, 21, 800);
    must_be_clean(database.connect().as_mut());
}

fn a_rebuild_finds_nothing_to_change_and_a_ledger_goes_on_with_it(database: &dyn Database) {
    work(database, 22, 500);
    let mut engine = database.connect();
    let rebuilt = rebuild(engine.as_mut(), &mut silent).expect("a rebuild");
    assert!(
        rebuilt.differences.iter().all(|(_, n)| *n == 0),
        "{rebuilt:?}"
    );
    let twice = rebuild(engine.as_mut(), &mut silent).expect("a rebuild of what was rebuilt");
    assert_eq!(rebuilt, twice);
    must_be_clean(engine.as_mut());
    drop(engine);
    work_on(database, 22, 500);
    must_be_clean(database.connect().as_mut());
}

/// The same people again: most of what they say now was said before, or is refused; some is new.
fn work_on(database: &dyn Database, seed: u64, events: u64) {
    let clock = Clock::default();
    let ledger = clock.ledger(database.connect(), Options::default());
    let acts = acts_of(seed, events).expect("a history");
    let first = acts.len();
    for (number, act) in acts.iter().enumerate() {
        let (request, context) = request(act, first + number);
        clock.set(context.recorded_at);
        ledger.ask(request).expect("an answer");
    }
}

fn a_rebuild_beside_a_live_ledger_misses_nothing(database: &dyn Database) {
    work(database, 23, 300);
    std::thread::scope(|scope| {
        let live = scope.spawn(|| work_on(database, 24, 800));
        for _ in 0..5 {
            rebuild(database.connect().as_mut(), &mut silent).expect("a rebuild");
        }
        live.join().expect("the people worked on");
    });
    must_be_clean(database.connect().as_mut());
}

/// A log that is long enough to be folded beside the writers, and events that come when all of it is folded.
fn a_rebuild_takes_in_what_is_written_while_it_folds(database: &dyn Database) {
    work(database, 26, 2_500);
    let mut engine = database.connect();
    let before = engine.head().expect("a head").sequence_num;
    let mut folded = 0;
    let rebuilt = rebuild(engine.as_mut(), &mut |progress| {
        if progress.done > 0 && folded == 0 {
            folded = progress.done;
            work_on(database, 27, 300);
        }
    });
    let rebuilt = rebuilt.expect("a rebuild");
    assert_eq!(folded, before, "the work began when the log was folded");
    assert!(rebuilt.events > before, "nothing was written meanwhile");
    assert!(
        rebuilt.differences.iter().all(|(_, n)| *n == 0),
        "{rebuilt:?}"
    );
    must_be_clean(engine.as_mut());
}

#[test]
fn a_rebuild_counts_what_is_other_what_is_missing_and_what_is_too_much() {
    // A row that is missing, one under another key (missing here, too much there), and one that is other.
    let tampering = "
        DELETE FROM rm_sheets WHERE sheet_id IN (SELECT min(sheet_id) FROM rm_sheets);
        UPDATE rm_sheets SET sheet_id = 'J999999-S001'
            WHERE sheet_id IN (SELECT max(sheet_id) FROM rm_sheets);
        UPDATE rm_sheets SET status = 'lost' WHERE sheet_id IN (SELECT min(sheet_id) FROM rm_sheets);";
    let sheets = |engine: &mut dyn Engine| {
        let rebuilt = rebuild(engine, &mut silent).expect("a rebuild");
        let of_sheets = rebuilt
            .differences
            .iter()
            .find(|(name, _)| name == "rm_sheets");
        of_sheets.map(|(_, count)| *count)
    };
    let file = support::sqlite();
    work(&file, 33, 500);
    let connection = rusqlite::Connection::open(file.sqlite.path()).expect("the database");
    connection.execute_batch(tampering).expect(tampering);
    drop(connection);
    assert_eq!(sheets(file.connect().as_mut()), Some(4));
    must_be_clean(file.connect().as_mut());

    let url = sheetwise_testkit::database("differences");
    let postgres = Postgres::open(&url).expect("a new database");
    work(&postgres, 33, 500);
    sheetwise_testkit::psql(&url, tampering).expect("another program");
    assert_eq!(sheets(postgres.connect().as_mut()), Some(4));
    must_be_clean(postgres.connect().as_mut());
}

fn of_two_rebuilds_the_later_one_is_put_into_use(database: &dyn Database) {
    work(database, 28, 2_500);
    let (mut first, mut second) = (database.connect(), database.connect());
    let mut begun = false;
    let overtaken = rebuild(first.as_mut(), &mut |progress| {
        if progress.done > 0 && !begun {
            begun = true;
            second.rebuild_begin().expect("tables of its own");
        }
    });
    let error = overtaken.expect_err("its tables are gone").to_string();
    assert!(error.contains("another rebuild has begun"), "{error}");
    must_be_clean(first.as_mut());
    let rebuilt = rebuild(second.as_mut(), &mut silent).expect("a rebuild");
    assert!(
        rebuilt.differences.iter().all(|(_, n)| *n == 0),
        "{rebuilt:?}"
    );
    must_be_clean(first.as_mut());
}

#[test]
fn a_rebuild_on_postgres_disturbs_no_reader_and_keeps_what_others_made_of_the_tables() {
    let url = sheetwise_testkit::database("rebuild");
    let postgres = Postgres::open(&url).expect("a new database");
    work(&postgres, 29, 800);
    sheetwise_testkit::psql(
        &url,
        "GRANT SELECT ON rm_sheets TO PUBLIC;
         CREATE VIEW cut_sheets AS SELECT * FROM rm_sheets WHERE status = 'cut';
         DELETE FROM rm_sheets WHERE sheet_id IN (SELECT min(sheet_id) FROM rm_sheets);
         UPDATE rm_card_units SET status = 'lost'
         WHERE card_unit_id IN (SELECT min(card_unit_id) FROM rm_card_units);",
    )
    .expect("another program");
    let mut reader = postgres.connect();
    reader.begin_reading().expect("a reading");
    reader.head().expect("the moment is taken");
    let rebuilt = rebuild(postgres.connect().as_mut(), &mut silent).expect("a rebuild");
    let found = |table: &str| {
        let of_table = rebuilt.differences.iter().find(|(name, _)| name == table);
        of_table.map(|(_, count)| *count)
    };
    assert_eq!(
        (found("rm_sheets"), found("rm_card_units")),
        (Some(1), Some(1))
    );
    // The reader still sees the moment at which it began: the sheet is missing, all others are there.
    let sheets = |engine: &mut dyn Engine| rows_of(engine, Table::Sheets).len();
    let then = sheets(reader.as_mut());
    reader.abandon();
    assert_eq!(sheets(reader.as_mut()), then + 1);
    assert!(then > 1);
    must_be_clean(reader.as_mut());
    let kept = "SELECT count(*) FROM cut_sheets WHERE has_table_privilege('public', 'rm_sheets', 'SELECT')";
    assert_ne!(
        sheetwise_testkit::psql(&url, kept)
            .expect("the view")
            .trim(),
        "0"
    );
}

#[test]
fn a_row_that_is_missing_is_told_and_stops_the_ledger() {
    let url = sheetwise_testkit::database("missing");
    let postgres = Postgres::open(&url).expect("a new database");
    // In the middle of a history: at its end every job is closed.
    let clock = Clock::default();
    let ledger = clock.ledger(postgres.connect(), Options::default());
    let acts = acts_of(30, 800).expect("a history");
    for (number, act) in acts.iter().enumerate().take(acts.len() / 2) {
        let (request, context) = request(act, number);
        clock.set(context.recorded_at);
        ledger.ask(request).expect("an answer");
    }
    drop(ledger);
    let open = "SELECT min(job_id) FROM rm_jobs WHERE status IN ('created', 'in_progress')";
    let job_id = sheetwise_testkit::psql(&url, open).expect("an open job");
    let job_id: JobId = job_id.trim().parse().expect("a job's id");
    let delete = format!("DELETE FROM rm_jobs WHERE job_id = '{job_id}'");
    sheetwise_testkit::psql(&url, &delete).expect("another program");
    let ledger = clock.ledger(postgres.connect(), Options::default());
    let rescheduled = Request {
        said: Said::Command(Box::new(Command::RescheduleJob {
            job_id,
            due_date: date(2099, 1, 1),
            priority: Priority(9),
        })),
        station_id: None,
        operator_id: None,
        occurred_at: None,
        late: false,
        key: None,
        correlation_id: None,
    };
    let failure = ledger.ask(rescheduled).expect_err("its row is gone");
    let expected = format!("row {job_id} of rm_jobs is missing: run `sheetwise rebuild`");
    assert!(failure.to_string().contains(&expected), "{failure}");
    assert!(ledger.stopped().is_some());
    rebuild(postgres.connect().as_mut(), &mut silent).expect("a rebuild");
    must_be_clean(postgres.connect().as_mut());
}

fn backup_file(engine: &mut dyn Engine) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().expect("a folder for temporary files");
    let path = folder.path().join("shop.backup");
    let mut file = fs::File::create(&path).expect("a new file");
    backup(engine, Timestamp::UNIX_EPOCH, &mut file, &mut silent).expect("a backup");
    (folder, path)
}

fn a_backup_restored_elsewhere_is_the_same_shop(database: &dyn Database) {
    work(database, 25, 500);
    let mut engine = database.connect();
    let (_folder, path) = backup_file(engine.as_mut());
    // Elsewhere is another engine: a backup belongs to none.
    let elsewhere = support::sqlite();
    let mut other = elsewhere.connect();
    let restored = restore(other.as_mut(), &path, &mut silent).expect("a restore");
    assert_eq!(restored.events, engine.head().expect("a head").sequence_num);
    assert!(
        restored.receipts > 50 && restored.refusals > 0,
        "{restored:?}"
    );
    must_be_clean(other.as_mut());
    let all = EventFilter::after(0, usize::MAX);
    assert_eq!(other.events(&all), engine.events(&all));
    assert_eq!(
        other.receipts_after("", usize::MAX),
        engine.receipts_after("", usize::MAX)
    );
    let refusals = RefusalFilter {
        after: 0,
        limit: usize::MAX,
        code: None,
        station_id: None,
        late_only: false,
    };
    assert_eq!(other.refusals(&refusals), engine.refusals(&refusals));
    for table in Table::ALL {
        let count = rows_of(engine.as_mut(), table).len();
        assert_eq!(
            rows_of(other.as_mut(), table).len(),
            count,
            "{}",
            table.name()
        );
    }
}

fn a_database_that_is_not_empty_is_not_restored_into(database: &dyn Database) {
    work(database, 26, 100);
    let mut engine = database.connect();
    let (_folder, path) = backup_file(engine.as_mut());
    let refused = restore(engine.as_mut(), &path, &mut silent);
    assert!(matches!(refused, Err(BackupError::NotEmpty)), "{refused:?}");
}

/// Broken off when the log is whole, and nothing is folded from it yet.
fn half_a_restore_is_not_taken_for_a_shop(elsewhere: &dyn Database) {
    let database = support::sqlite();
    work(&database, 31, 200);
    let (_folder, path) = backup_file(database.connect().as_mut());
    let mut engine = elsewhere.connect();
    let broken_off = catch_unwind(AssertUnwindSafe(|| {
        restore(engine.as_mut(), &path, &mut |_| panic!("broken off"))
    }));
    broken_off.expect_err("it was broken off");
    drop(engine);
    let mut engine = elsewhere.connect();
    let log = EventFilter::after(0, usize::MAX);
    assert!(engine.events(&log).expect("the log").len() > 200);
    assert_eq!(engine.head(), Err(StoreError::HalfRestored));
    let written = backup(
        engine.as_mut(),
        Timestamp::UNIX_EPOCH,
        &mut Vec::new(),
        &mut silent,
    );
    assert!(
        matches!(written, Err(BackupError::Store(StoreError::HalfRestored))),
        "{written:?}"
    );
    let again = restore(engine.as_mut(), &path, &mut silent);
    assert!(matches!(again, Err(BackupError::NotEmpty)), "{again:?}");
    let acts = acts_of(31, 10).expect("a history");
    let (request, _) = request(&acts[0], 0);
    let ledger = Clock::default().ledger(engine, Options::default());
    let failure = ledger.ask(request).expect_err("half a shop");
    assert!(failure.to_string().contains("half a backup"), "{failure}");
}

#[test]
fn a_file_with_half_a_backup_cannot_be_opened() {
    let database = support::sqlite();
    let path = database.sqlite.path().to_owned();
    let location = Location::File(path);
    sheetwise_store::Database::open(&location).expect("an empty shop");
    let mut restoring = database.connect();
    assert_eq!(restoring.restore_begin(), Ok(true));
    let refused = sheetwise_store::Database::open(&location).map(|_| ());
    assert_eq!(refused, Err(StoreError::HalfRestored));
    restoring.restore_end().expect("the end");
    sheetwise_store::Database::open(&location).expect("a shop");
}

#[test]
fn a_backup_with_an_event_of_a_newer_program_restores_nothing() {
    let database = support::sqlite();
    work(&database, 32, 100);
    let (_folder, path) = backup_file(database.connect().as_mut());
    let whole = fs::read_to_string(&path).expect("the backup");
    let mut lines: Vec<String> = whole.lines().map(ToOwned::to_owned).collect();
    let event_of = |line: &str| {
        let line: BTreeMap<String, StoredEvent> = serde_json::from_str(line).ok()?;
        line.into_values().next()
    };
    let last = lines.iter().rposition(|line| event_of(line).is_some());
    let last = last.expect("an event");
    let before = event_of(&lines[last - 1]).expect("the event before");
    let mut newer = event_of(&lines[last]).expect("an event");
    let old_hash = hex(&newer.hash);
    newer.event_type = "CardRecoloured".into();
    newer.hash = newer.hash_after(&before.hash);
    let new_line = BTreeMap::from([("event", &newer)]);
    lines[last] = serde_json::to_string(&new_line).expect("a line");
    let text = lines.join("\n").replace(&old_hash, &hex(&newer.hash));
    fs::write(&path, text).expect("the file");
    let elsewhere = support::sqlite();
    let mut engine = elsewhere.connect();
    let refused = restore(engine.as_mut(), &path, &mut silent);
    let problem = refused.expect_err("nobody knows the event").to_string();
    let expected = format!("event {} cannot be read", newer.sequence_num);
    assert!(
        problem.contains(&expected) && problem.contains("CardRecoloured"),
        "{problem}"
    );
    assert_eq!(engine.head().expect("a head").sequence_num, 0);
}

#[test]
fn a_backup_that_was_cut_off_or_changed_restores_nothing() {
    let database = support::sqlite();
    work(&database, 27, 200);
    let (_folder, path) = backup_file(database.connect().as_mut());
    let whole = fs::read_to_string(&path).expect("the backup");
    let lines: Vec<&str> = whole.lines().collect();
    let without_end = lines[..lines.len() - 1].join("\n");
    let without_one = [&lines[..40], &lines[41..]].concat().join("\n");
    let changed = whole.replacen(
        "\"sheet_id\":\"J1001-S001\"",
        "\"sheet_id\":\"J1001-S002\"",
        1,
    );
    assert_ne!(changed, whole);
    let foreign = String::from("timestamp,station_id\n");
    let problems = [
        (without_end, "the file ends too early"),
        (without_one, "does not follow the one before"),
        (changed, "was changed"),
        (foreign, "expected value"),
    ];
    for (text, expected) in problems {
        fs::write(&path, text).expect("the file");
        let elsewhere = support::sqlite();
        let mut engine = elsewhere.connect();
        let refused = restore(engine.as_mut(), &path, &mut silent);
        let problem = refused.expect_err("it is no whole backup").to_string();
        assert!(problem.contains(expected), "{problem}");
        assert_eq!(engine.head().expect("a head").sequence_num, 0);
    }
}

/// Each of these is a promise that somebody broke with a database tool.
#[test]
fn verify_names_the_row_that_somebody_changed() {
    let changes = [
        (
            "DROP TRIGGER log_is_never_changed;
             UPDATE log SET payload = replace(payload, 'J1001', 'J1002') WHERE sequence_num = 70",
            "production_events, 70: it was changed after it was written",
        ),
        (
            "DROP TRIGGER log_is_never_changed;
             UPDATE log SET operator_id = 'OP-99' WHERE sequence_num = 71",
            "production_events, 71: it was changed after it was written",
        ),
        (
            "DROP TRIGGER log_is_never_deleted;
             DELETE FROM log WHERE sequence_num = 72",
            "production_events, 73: it was changed after it was written, or stands behind another event",
        ),
        (
            "UPDATE rm_card_units SET status = 'created' WHERE card_unit_id =
             (SELECT min(card_unit_id) FROM rm_card_units)",
            "rm_card_units, J1001-S001-01: status is",
        ),
        (
            "UPDATE rm_job_progress SET details = replace(details, '\"sheets_cut\":', '\"sheets_cut\":1')",
            "rm_job_progress, J1001: details: sheets_cut is",
        ),
        (
            "DELETE FROM rm_sheets WHERE sheet_id = (SELECT max(sheet_id) FROM rm_sheets)",
            "it is missing",
        ),
        (
            "INSERT INTO claims VALUES ('piece RELIC-99999', 'J1001-S001-01')",
            "claims, piece RELIC-99999: the log knows nothing of it",
        ),
        (
            "UPDATE registers SET state = '{}' WHERE register_key LIKE 'bench/%'",
            "registers, bench/",
        ),
        (
            "INSERT INTO streams (aggregate_type, aggregate_id) VALUES ('job', 'J9999')",
            "streams, job/J9999: the log knows nothing of it",
        ),
        (
            "DROP TRIGGER streams_are_never_changed;
             UPDATE streams SET aggregate_id = 'J9999' WHERE aggregate_id = 'J1001'",
            "the payload is of J1001, the row of J9999",
        ),
        (
            "UPDATE receipts SET reply = x'ff' WHERE idempotency_key = 'key-3'",
            "receipts, the one behind \"key-27\": it cannot be read",
        ),
        (
            "UPDATE refusals SET recorded_at = 'yesterday' WHERE refusal_num = 3",
            "refusals, the one behind 2: it cannot be read",
        ),
        (
            "UPDATE log_head SET hash = zeroblob(32)",
            "log_head, hash: it is not the hash",
        ),
    ];
    let whole = support::sqlite();
    work(&whole, 28, 400);
    must_be_clean(whole.connect().as_mut());
    for (sql, expected) in changes {
        let copy = tempfile::tempdir().expect("a folder for temporary files");
        let path = copy.path().join("copy.db");
        let from = rusqlite::Connection::open(whole.sqlite.path()).expect("the database");
        from.backup("main", &path, None::<fn(rusqlite::backup::Progress)>)
            .expect("a copy");
        let other = rusqlite::Connection::open(&path).expect("the copy");
        other.execute_batch(sql).expect(sql);
        drop(other);
        let sqlite = sheetwise_store::sqlite::Sqlite::open(&path).expect("the copy");
        let mut engine = sqlite.engine().expect("the copy");
        let verified = verify(&mut engine, &mut silent).expect("a look at everything");
        let found = verified
            .findings
            .iter()
            .any(|finding| finding.to_string().contains(expected));
        let findings: Vec<String> = verified.findings.iter().map(ToString::to_string).collect();
        assert!(found, "{sql}\nfound: {}", findings.join("\n"));
    }
}

#[test]
fn a_flipped_byte_in_the_file_is_found_and_named() {
    let database = support::sqlite();
    work(&database, 29, 400);
    let path = database.sqlite.path().to_owned();
    let plain = rusqlite::Connection::open(&path).expect("the database");
    plain
        .execute_batch("PRAGMA wal_checkpoint(TRUNCATE)")
        .expect("everything is in the one file");
    let payload: String = plain
        .query_row(
            "SELECT payload FROM log WHERE sequence_num = 90",
            [],
            |row| row.get(0),
        )
        .expect("the event");
    drop(plain);
    let mut bytes = fs::read(&path).expect("the file");
    let at = bytes
        .windows(payload.len())
        .position(|window| window == payload.as_bytes())
        .expect("the payload stands in the file");
    // A letter of the payload becomes another.
    let offset = payload
        .rfind(|c: char| c.is_ascii_lowercase())
        .expect("a letter");
    bytes[at + offset] ^= 0x01;
    fs::write(&path, bytes).expect("the file");
    let verified = verify(database.connect().as_mut(), &mut silent).expect("a look at everything");
    let first = verified.findings.first().expect("it is found").to_string();
    assert!(first.starts_with("production_events, 90: "), "{first}");
}
