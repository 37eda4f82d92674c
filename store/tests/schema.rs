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
            known: 2
        }
    );
    assert_eq!(
        refused.to_string(),
        "the database has schema version 9000, this program knows 2: use a newer program"
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
            known: 2
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

const CHANGES: [&str; 2] = [
    "UPDATE production_events SET operator_id = 'OP-1'",
    "DELETE FROM production_events",
];

const AN_EVENT: &str = "INSERT INTO production_events
    (sequence_num, aggregate_id, aggregate_type, aggregate_version, event_type, schema_version, event_payload,
     occurred_at, recorded_at, correlation_id, late, hash)";

#[test]
fn sqlite_lets_nobody_change_the_log() {
    let file = support::sqlite();
    let connection = rusqlite::Connection::open(file.sqlite.path()).expect("the file");
    let insert = format!(
        "{AN_EVENT} VALUES (1, 'X', 'job', 1, 'JobStarted', 1, '{{}}', '', '', 'c', 0, x'00')"
    );
    connection.execute_batch(&insert).expect("the first event");
    for change in CHANGES {
        let refused = connection
            .execute_batch(change)
            .expect_err(change)
            .to_string();
        assert!(refused.contains("append-only"), "{refused}");
    }
}

#[test]
fn postgres_lets_nobody_change_the_log() {
    let url = sheetwise_testkit::database("append_only");
    Postgres::open(&url).expect("a new database");
    let insert = format!(
        "{AN_EVENT} VALUES (1, 'X', 'job', 1, 'JobStarted', 1, '{{}}', now(), now(), 'c', false, '')"
    );
    sheetwise_testkit::psql(&url, &insert).expect("the first event");
    for change in CHANGES.into_iter().chain(["TRUNCATE production_events"]) {
        let refused = sheetwise_testkit::psql(&url, change)
            .expect_err(change)
            .to_string();
        assert!(refused.contains("append-only"), "{refused}");
    }
}
