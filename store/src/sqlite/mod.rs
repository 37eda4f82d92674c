//! The engine on SQLite: one file, no server to install. Readers never wait for the writer (WAL); a commit
//! is on disk before it is answered (`synchronous=FULL`, set and checked on every connection).

mod credentials;
mod forecasts;
mod read;
mod rebuild;
mod write;

use crate::contract::{
    Aside, Derived, Engine, EventFilter, Group, Loaded, Reading, Receipt, RefusalFilter,
    RefusalRow, RegisterKey, RowFilter, StoreError, Wanted,
};
use crate::migrations::{Migration, missing};
use crate::record::{EventTypes, Head, StoredEvent};
use crate::tables::{Row as TableRow, Table, new_names_beside};
use jiff::Timestamp;
use rusqlite::config::DbConfig;
use rusqlite::{Connection, ErrorCode, OpenFlags, TransactionBehavior};
use sheetwise_core::domain::UnitType;
use sheetwise_core::domain::event::EVENT_TYPES;
use smol_str::SmolStr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

const MIGRATIONS: &[Migration] = &[
    Migration {
        version: 1,
        name: "ledger",
        sql: include_str!("migrations/0001_ledger.sql"),
    },
    Migration {
        version: 2,
        name: "credentials",
        sql: include_str!("migrations/0002_credentials.sql"),
    },
    Migration {
        version: 3,
        name: "forecasts",
        sql: include_str!("migrations/0003_forecasts.sql"),
    },
    Migration {
        version: 4,
        name: "restoring",
        sql: include_str!("migrations/0004_restoring.sql"),
    },
];

/// Only what nobody has written to is marked.
const RESTORE_BEGIN: &str = "UPDATE log_head SET restoring = 1
     WHERE restoring = 0 AND sequence_num = 0
       AND NOT EXISTS (SELECT 1 FROM receipts) AND NOT EXISTS (SELECT 1 FROM refusals)";

/// How long a writer waits for another process that writes.
const BUSY_TIMEOUT: Duration = Duration::from_secs(30);

/// A SQLite database: its file, with all migrations done.
#[derive(Debug, Clone)]
pub struct Sqlite {
    path: PathBuf,
    event_types: Arc<EventTypes>,
}

impl Sqlite {
    /// Opens the database in this file, and makes it where there is none.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, StoreError> {
        let path = path.as_ref().to_owned();
        let mut connection = connect(&path)?;
        let event_types = Arc::new(migrate(&mut connection)?);
        Ok(Self { path, event_types })
    }

    /// A connection of its own, to read and write.
    pub fn engine(&self) -> Result<SqliteEngine, StoreError> {
        Ok(SqliteEngine {
            connection: connect(&self.path)?,
            database: self.clone(),
            beside: String::new(),
            restoring: false,
        })
    }

    /// Where its file is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }
}

/// A connection to a SQLite database.
#[derive(Debug)]
pub struct SqliteEngine {
    connection: Connection,
    database: Sqlite,
    /// What the names of its tables beside begin with, while it rebuilds.
    beside: String,
    /// This connection restores a backup.
    restoring: bool,
}

/// What SQLite does to keep what it was told, when the power fails. It belongs to the connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Durability {
    pub journal_mode: String,
    /// 2 is FULL.
    pub synchronous: i64,
}

impl Durability {
    /// As every connection has to be: nothing that was committed is lost with the power.
    #[must_use]
    pub fn is_enough(&self) -> bool {
        self.journal_mode == "wal" && self.synchronous == 2
    }
}

impl SqliteEngine {
    /// Asks the connection.
    pub fn durability(&self) -> Result<Durability, StoreError> {
        durability(&self.connection).map_err(failed)
    }
}

fn connect(path: &Path) -> Result<Connection, StoreError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
        | OpenFlags::SQLITE_OPEN_CREATE
        | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags).map_err(|e| match failed(e) {
        StoreError::Unavailable(what) => {
            StoreError::Unavailable(format!("{}: {what}", path.display()))
        }
        other => other,
    })?;
    connection.busy_timeout(BUSY_TIMEOUT).map_err(failed)?;
    connection.set_prepared_statement_cache_capacity(128);
    // Or some statements are planned again whenever another value is bound to them.
    connection
        .set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)
        .map_err(failed)?;
    write_ahead(&connection).map_err(failed)?;
    connection
        .pragma_update(None, "synchronous", "FULL")
        .and_then(|()| connection.pragma_update(None, "cache_size", -65_536))
        .map_err(failed)?;
    // Anything less loses what was acknowledged when the power fails.
    let durability = durability(&connection).map_err(failed)?;
    if !durability.is_enough() {
        return Err(StoreError::Unavailable(format!(
            "{}: {durability:?} was found; wal and 2 (FULL) are needed",
            path.display()
        )));
    }
    Ok(connection)
}

fn durability(connection: &Connection) -> Result<Durability, rusqlite::Error> {
    Ok(Durability {
        journal_mode: connection.pragma_query_value(None, "journal_mode", |row| row.get(0))?,
        synchronous: connection.pragma_query_value(None, "synchronous", |row| row.get(0))?,
    })
}

/// Turns write-ahead logging on. That needs the file for a moment alone where
/// it is new, and SQLite does not wait for this as it waits for a writer.
fn write_ahead(connection: &Connection) -> Result<(), rusqlite::Error> {
    let started = Instant::now();
    loop {
        match connection.pragma_update_and_check(None, "journal_mode", "wal", |_| Ok(())) {
            Err(error)
                if error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy)
                    && started.elapsed() < BUSY_TIMEOUT =>
            {
                std::thread::sleep(Duration::from_millis(5));
            }
            done => return done,
        }
    }
}

/// Brings the schema up to date, and names all types of events.
fn migrate(connection: &mut Connection) -> Result<EventTypes, StoreError> {
    let transaction = connection
        .transaction_with_behavior(TransactionBehavior::Immediate)
        .map_err(failed)?;
    transaction
        .execute_batch(
            "CREATE TABLE IF NOT EXISTS schema_migrations (
                 version    INTEGER PRIMARY KEY,
                 name       TEXT NOT NULL,
                 applied_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))
             ) STRICT",
        )
        .map_err(failed)?;
    let found: u32 = transaction
        .query_row(
            "SELECT coalesce(max(version), 0) FROM schema_migrations",
            [],
            |row| row.get(0),
        )
        .map_err(failed)?;
    for step in missing(MIGRATIONS, found)? {
        transaction
            .execute_batch(step.sql)
            .and_then(|()| {
                transaction.execute(
                    "INSERT INTO schema_migrations (version, name) VALUES (?1, ?2)",
                    (step.version, step.name),
                )
            })
            .map_err(failed)?;
    }
    for event_type in EVENT_TYPES {
        let sql = "INSERT INTO event_types (event_type) VALUES (?1) ON CONFLICT DO NOTHING";
        transaction.execute(sql, [event_type]).map_err(failed)?;
    }
    let event_types = read::event_types(&transaction).map_err(failed)?;
    transaction.commit().map_err(failed)?;
    Ok(event_types)
}

/// What SQLite's error means to us.
#[expect(clippy::needless_pass_by_value, reason = "it stands in map_err")]
fn failed(error: rusqlite::Error) -> StoreError {
    use rusqlite::Error::{
        FromSqlConversionFailure, IntegralValueOutOfRange, InvalidColumnType, QueryReturnedNoRows,
        Utf8Error,
    };
    let what = error.to_string();
    // The row was found, and is not what we write; or one that is always there is not.
    if let QueryReturnedNoRows
    | FromSqlConversionFailure(..)
    | IntegralValueOutOfRange(..)
    | InvalidColumnType(..)
    | Utf8Error(..) = error
    {
        return StoreError::Damaged(what);
    }
    match error.sqlite_error_code() {
        Some(ErrorCode::DiskFull) => StoreError::Full(what),
        Some(ErrorCode::SystemIoFailure) => StoreError::Broken(what),
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => StoreError::Damaged(what),
        Some(ErrorCode::ConstraintViolation | ErrorCode::TooBig | ErrorCode::TypeMismatch) => {
            StoreError::Poison(what)
        }
        _ => StoreError::Unavailable(what),
    }
}

/// As it stands in the tables: fixed width, so that it sorts.
fn time_text(time: Timestamp) -> String {
    format!("{time:.6}")
}

impl Reading for SqliteEngine {
    fn head(&mut self) -> Result<Head, StoreError> {
        match read::head(&self.connection).map_err(failed)? {
            (_, true) if !self.restoring => Err(StoreError::HalfRestored),
            (head, _) => Ok(head),
        }
    }

    fn load(&mut self, wanted: &Wanted) -> Result<Loaded, StoreError> {
        read::load(&self.connection, wanted).map_err(failed)
    }

    fn events(&mut self, filter: &EventFilter) -> Result<Vec<StoredEvent>, StoreError> {
        read::events(&self.connection, filter).map_err(failed)
    }

    fn rows(&mut self, filter: &RowFilter) -> Result<Vec<TableRow>, StoreError> {
        read::rows(&self.connection, filter).map_err(failed)
    }

    fn receipts(&mut self, keys: &[&str]) -> Result<Vec<Receipt>, StoreError> {
        read::receipts(&self.connection, keys).map_err(failed)
    }

    fn receipts_after(&mut self, key: &str, limit: usize) -> Result<Vec<Receipt>, StoreError> {
        read::receipts_after(&self.connection, key, limit).map_err(failed)
    }

    fn units_of(
        &mut self,
        unit_type: UnitType,
        after: &str,
        limit: usize,
    ) -> Result<Vec<SmolStr>, StoreError> {
        read::units_of(&self.connection, unit_type, after, limit).map_err(failed)
    }

    fn entries(
        &mut self,
        aside: Aside,
        after: &str,
        limit: usize,
    ) -> Result<Vec<(String, String)>, StoreError> {
        read::entries(&self.connection, aside, after, limit).map_err(failed)
    }

    fn refusals(&mut self, filter: &RefusalFilter) -> Result<Vec<RefusalRow>, StoreError> {
        read::refusals(&self.connection, filter).map_err(failed)
    }
}

impl Engine for SqliteEngine {
    fn begin(&mut self, keys: &[&str]) -> Result<(Head, Vec<Receipt>), StoreError> {
        // IMMEDIATE takes the write lock now: nobody else appends until we are through.
        self.connection
            .execute_batch("BEGIN IMMEDIATE")
            .map_err(failed)?;
        Ok((self.head()?, self.receipts(keys)?))
    }

    fn commit(&mut self, group: &Group) -> Result<(), StoreError> {
        write::group(&self.connection, group, &self.database.event_types).map_err(failed)?;
        let committed = self.connection.execute_batch("COMMIT");
        committed.map_err(|error| match failed(error) {
            // SQLite learns that there is no room before it writes a commit down, and never behind that.
            StoreError::Full(what) => StoreError::Full(what),
            // Of anything else it may stand in the file already, and be found after a crash.
            other => StoreError::Broken(format!("at the end of a commit: {other}")),
        })
    }

    fn abandon(&mut self) {
        if !self.connection.is_autocommit() {
            // Some errors (a full disk) have ended the transaction already; then there is nothing to do.
            drop(self.connection.execute_batch("ROLLBACK"));
        }
    }

    fn begin_reading(&mut self) -> Result<(), StoreError> {
        self.connection.execute_batch("BEGIN").map_err(failed)
    }

    fn another(&self) -> Result<Box<dyn Engine>, StoreError> {
        Ok(Box::new(self.database.engine()?))
    }

    fn integrity(&mut self) -> Result<Vec<String>, StoreError> {
        let mut said = Vec::new();
        let asked = self
            .connection
            .pragma_query(None, "integrity_check", |row| {
                said.push(row.get::<_, String>(0)?);
                Ok(())
            });
        asked.map_err(failed)?;
        said.retain(|line| line != "ok");
        Ok(said)
    }

    fn restore_begin(&mut self) -> Result<bool, StoreError> {
        let marked = self.connection.execute(RESTORE_BEGIN, []).map_err(failed)?;
        self.restoring = marked > 0;
        Ok(self.restoring)
    }

    fn restore_end(&mut self) -> Result<(), StoreError> {
        let sql = "UPDATE log_head SET restoring = 0";
        self.connection.execute(sql, []).map_err(failed)?;
        self.restoring = false;
        Ok(())
    }

    fn rebuild_begin(&mut self) -> Result<(), StoreError> {
        self.beside = new_names_beside();
        rebuild::begin(&mut self.connection, &self.beside).map_err(failed)
    }

    fn rebuild_write(&mut self, derived: &Derived) -> Result<(), StoreError> {
        if !self.connection.is_autocommit() {
            return write::derived(&self.connection, &self.beside, derived).map_err(failed);
        }
        let transaction = self
            .connection
            .transaction_with_behavior(TransactionBehavior::Immediate);
        let written = transaction.and_then(|transaction| {
            write::derived(&transaction, &self.beside, derived)?;
            transaction.commit()
        });
        written.map_err(failed)
    }

    fn rebuild_load(
        &mut self,
        rows: &[(Table, String)],
        registers: &[RegisterKey],
    ) -> Result<Loaded, StoreError> {
        let mut loaded = Loaded::default();
        let read = read::derived(&self.connection, &self.beside, rows, registers, &mut loaded);
        read.map(|()| loaded).map_err(failed)
    }

    fn rebuild_differences(&mut self) -> Result<Vec<(String, u64)>, StoreError> {
        rebuild::differences(&self.connection, &self.beside).map_err(failed)
    }

    fn rebuild_switch(&mut self) -> Result<(), StoreError> {
        rebuild::switch(&self.connection, &self.beside)
            .and_then(|()| self.connection.execute_batch("COMMIT"))
            .map_err(failed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::{Failure, Ledger, Options, Outcome, Request, Said};
    use crate::maintenance::verify;
    use sheetwise_core::domain::Command;
    use sheetwise_core::domain::memorabilia::MemorabiliaRegistered;

    fn registers_a_piece(number: u32) -> Request {
        let piece = MemorabiliaRegistered {
            piece_id: format!("PIECE-{number}").parse().expect("an id"),
            kind: "RELIC-JERSEY".parse().expect("a kind"),
            description: "worn ".repeat(200),
            planned_for: None,
        };
        Request {
            said: Said::Command(Box::new(Command::RegisterMemorabilia { piece })),
            station_id: None,
            operator_id: None,
            occurred_at: None,
            late: false,
            key: Some(format!("key-{number}").into()),
            correlation_id: None,
        }
    }

    /// Needs no file system of its own: SQLite says the same where the file may not grow.
    #[test]
    fn where_there_is_no_room_nothing_is_recorded_and_the_rest_stands() {
        let folder = tempfile::tempdir().expect("a folder for temporary files");
        let sqlite = Sqlite::open(folder.path().join("sheetwise.db")).expect("a new database");
        let engine = sqlite.engine().expect("the database");
        let pages = engine.connection.pragma_update(None, "max_page_count", 120);
        pages.expect("a limit");
        let ledger = Ledger::start(Box::new(engine), Timestamp::now, Options::default());
        let recorded = (0..1_000)
            .find(|number| match ledger.ask(registers_a_piece(*number)) {
                Ok(reply) => reply.outcome != Outcome::Recorded,
                Err(Failure::NotNow(why)) => {
                    assert!(why.contains("no room"), "{why}");
                    true
                }
                Err(other) => panic!("{other}"),
            })
            .expect("it fills up");
        assert!(recorded > 10);
        drop(ledger);
        let mut engine = sqlite.engine().expect("the database");
        assert_eq!(
            engine.head().expect("a head").sequence_num,
            u64::from(recorded)
        );
        let verified = verify(&mut engine, &mut |_| {}).expect("a look");
        assert_eq!(verified.findings, []);
        let ledger = Ledger::start(Box::new(engine), Timestamp::now, Options::default());
        let reply = ledger.ask(registers_a_piece(recorded)).expect("room");
        assert!(!reply.replayed);
    }
}
