//! The schema: made twice without harm, refused when it is newer than the program, and a log that the
//! database itself does not let anybody change.

mod support;

use sheetwise_store::StoreError;
use sheetwise_store::postgres::Postgres;
use sheetwise_store::sqlite::Sqlite;

const NEWER: &str =
    "INSERT INTO schema_migrations (version, name) VALUES (9000, 'from the future')";

#[test]
fn a_sqlite_database_opens_twice_and_is_refused_when_it_is_newer() {
    let file = support::sqlite();
    let path = file.sqlite.path();
    Sqlite::open(path).expect("a second time");
    let connection = rusqlite::Connection::open(path).expect("the file");
    connection
        .execute_batch(NEWER)
        .expect("another program's migration");
    let refused = Sqlite::open(path).expect_err("it is newer");
    assert_eq!(
        refused,
        StoreError::Newer {
            found: 9_000,
            known: 4
        }
    );
    assert_eq!(
        refused.to_string(),
        "the database has schema version 9000, this program knows 4: use a newer program"
    );
}

#[test]
fn a_postgres_database_opens_twice_and_is_refused_when_it_is_newer() {
    let url = sheetwise_testkit::database("schema");
    // Two programs at once: one waits for the other.
    std::thread::scope(|scope| {
        let open = || Postgres::open(&url).map(|_| ());
        let both = [scope.spawn(open), scope.spawn(open)];
        for one in both {
            one.join().expect("no panic").expect("the schema");
        }
    });
    sheetwise_testkit::psql(&url, NEWER).expect("another program's migration");
    let refused = Postgres::open(&url).expect_err("it is newer");
    assert_eq!(
        refused,
        StoreError::Newer {
            found: 9_000,
            known: 4
        }
    );
}

#[test]
fn a_file_that_is_no_database_is_refused_by_name() {
    let folder = tempfile::tempdir().expect("a folder for temporary files");
    let path = folder.path().join("orders.csv");
    std::fs::write(&path, "order_id,customer,product\n".repeat(100)).expect("a file");
    let refused = Sqlite::open(&path)
        .expect_err("it is no database")
        .to_string();
    assert!(refused.contains("not a database"), "{refused}");
    let nowhere = Sqlite::open(folder.path().join("no/such/folder.db"));
    let refused = nowhere.expect_err("there is no such folder").to_string();
    assert!(refused.contains("folder.db"), "{refused}");
    let url = Postgres::open("postgres://nobody@127.0.0.1:1/none").expect_err("nobody listens");
    assert!(matches!(url, StoreError::Unavailable(_)), "{url:?}");
}

/// What nobody may do, in either dialect.
const CHANGES: [&str; 6] = [
    "UPDATE log SET operator_id = 'OP-1'",
    "DELETE FROM log",
    "UPDATE streams SET aggregate_id = 'Y'",
    "DELETE FROM event_types",
    "UPDATE production_events SET operator_id = 'OP-1'",
    "DELETE FROM production_events",
];

const AN_EVENT: &str = "INSERT INTO streams (aggregate_type, aggregate_id) VALUES ('job', 'X');
    INSERT INTO log (sequence_num, stream_num, aggregate_version, event_type_num, schema_version, occurred_at,
                     recorded_at, late, correlation_id, hash, payload)";

/// The log as the founding report has it.
const SEEN: &str = "SELECT sequence_num || ' ' || event_type || ' ' || aggregate_type || ' ' || aggregate_id || ' '
    || aggregate_version || ' ' || recorded_at FROM production_events";

#[test]
fn sqlite_lets_nobody_change_the_log_and_shows_it_by_name() {
    let file = support::sqlite();
    let connection = rusqlite::Connection::open(file.sqlite.path()).expect("the file");
    let insert = format!(
        "{AN_EVENT} SELECT 1, 1, 1, event_type_num, 1, 0, 1000001, 0, 'c', x'00', '{{}}'
         FROM event_types WHERE event_type = 'JobStarted'"
    );
    connection.execute_batch(&insert).expect("the first event");
    for change in CHANGES {
        let refused = connection
            .execute_batch(change)
            .expect_err(change)
            .to_string();
        assert!(refused.contains("append-only"), "{change}: {refused}");
    }
    let seen: String = connection
        .query_row(SEEN, [], |row| row.get(0))
        .expect("one event");
    assert_eq!(seen, "1 JobStarted job X 1 1970-01-01T00:00:01.000001Z");
    let gap = connection.execute_batch("UPDATE log_head SET sequence_num = 2");
    let gap = gap.expect_err("there is no event 2").to_string();
    assert!(gap.contains("without a gap"), "{gap}");
}

#[test]
fn postgres_lets_nobody_change_the_log_and_shows_it_by_name() {
    let url = sheetwise_testkit::database("append_only");
    Postgres::open(&url).expect("a new database");
    let insert = format!(
        "{AN_EVENT} SELECT 1, stream_num, 1, event_type_num, 1, 'epoch', 'epoch', false, 'c', '', '{{}}'
         FROM event_types, streams WHERE event_type = 'JobStarted'"
    );
    sheetwise_testkit::psql(&url, &insert).expect("the first event");
    for change in CHANGES
        .into_iter()
        .chain(["TRUNCATE log", "TRUNCATE streams"])
    {
        let refused = sheetwise_testkit::psql(&url, change)
            .expect_err(change)
            .to_string();
        assert!(refused.contains("append-only"), "{change}: {refused}");
    }
    let seen = sheetwise_testkit::psql(&url, SEEN).expect("one event");
    assert!(seen.contains("1 JobStarted job X 1 1970-01-01"), "{seen}");
    let gap = sheetwise_testkit::psql(&url, "UPDATE log_head SET sequence_num = 2");
    let gap = gap.expect_err("there is no event 2").to_string();
    assert!(gap.contains("without a gap"), "{gap}");
}
