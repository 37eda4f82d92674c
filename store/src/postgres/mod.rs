//! The engine on PostgreSQL: several servers may write to one database. Whoever appends holds the one row
//! of `log_head` from the first statement to the commit.

mod connection;
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
use connection::{Connection, Failed, Query, failed};
use sheetwise_core::domain::UnitType;
use sheetwise_core::domain::event::EVENT_TYPES;
use smol_str::SmolStr;
use std::sync::Arc;
use tokio_postgres::{Config, Row};

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

/// Only what nobody has written to is marked; then there is a row to be read.
const RESTORE_BEGIN: &str = "UPDATE log_head SET restoring = true
     WHERE NOT restoring AND sequence_num = 0
       AND NOT EXISTS (SELECT 1 FROM receipts) AND NOT EXISTS (SELECT 1 FROM refusals)
     RETURNING 1";

/// Of two programs that migrate at once, one waits: the lock's number is "sheetwise" in ASCII, cut to 64 bits.
const MIGRATION_LOCK: i64 = 0x7368_6565_7477_6973;

/// A PostgreSQL database, with all migrations done.
#[derive(Debug, Clone)]
pub struct Postgres {
    config: Arc<Config>,
    event_types: Arc<EventTypes>,
}

impl Postgres {
    /// Opens the database that the URL names: `postgres://user@host:5432/name`.
    pub fn open(url: &str) -> Result<Self, StoreError> {
        let config: Config = url.parse().map_err(|e: tokio_postgres::Error| {
            let cause = std::error::Error::source(&e).map(ToString::to_string);
            StoreError::Unavailable(format!(
                "this is no URL of a PostgreSQL database ({}): it should read postgres://user@host:5432/name",
                cause.unwrap_or_else(|| e.to_string())
            ))
        })?;
        let mut connection = Connection::open(&config)?;
        let event_types = migrate(&mut connection)?;
        Ok(Self {
            config: Arc::new(config),
            event_types: Arc::new(event_types),
        })
    }

    /// A connection of its own, to read and write. It is made again when it is lost.
    pub fn engine(&self) -> Result<PostgresEngine, StoreError> {
        Ok(PostgresEngine {
            database: self.clone(),
            connection: Some(Connection::open(&self.config)?),
            within: Within::Nothing,
            beside: String::new(),
            differing: Vec::new(),
            restoring: false,
        })
    }
}

/// A connection to a PostgreSQL database.
pub struct PostgresEngine {
    database: Postgres,
    connection: Option<Connection>,
    within: Within,
    /// What the names of its tables beside begin with, while it rebuilds.
    beside: String,
    /// The tables that a rebuild found other than those beside.
    differing: Vec<&'static str>,
    /// This connection restores a backup.
    restoring: bool,
}

/// What holds on this connection alone: whoever loses the connection has lost it too.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Within {
    Nothing,
    /// A group: the log is locked.
    Group,
    /// A reading: everything is of one moment.
    Reading,
}

/// Brings the schema up to date, and names all types of events.
fn migrate(connection: &mut Connection) -> Result<EventTypes, StoreError> {
    let prepare = format!(
        "BEGIN;
         SELECT pg_advisory_xact_lock({MIGRATION_LOCK});
         CREATE TABLE IF NOT EXISTS schema_migrations (
             version    INTEGER     PRIMARY KEY,
             name       TEXT        NOT NULL,
             applied_at TIMESTAMPTZ NOT NULL DEFAULT now()
         );"
    );
    connection.batch(&prepare).map_err(|e| failed(&e))?;
    let found = Query {
        sql: "SELECT coalesce(max(version), 0) FROM schema_migrations",
        values: Vec::new(),
    };
    let found = connection
        .pipeline(None, &[found], None)
        .map_err(not_committed)?;
    let found: i32 = found[0][0].get(0);
    for step in missing(MIGRATIONS, u32::try_from(found).unwrap_or_default())? {
        let (version, name) = (step.version, step.name);
        let sql = format!(
            "{}\nINSERT INTO schema_migrations (version, name) VALUES ({version}, '{name}');",
            step.sql
        );
        connection.batch(&sql).map_err(|e| failed(&e))?;
    }
    let types = Query {
        sql: "INSERT INTO event_types (event_type)
              SELECT name FROM unnest($1::text[]) AS name
              WHERE NOT EXISTS (SELECT 1 FROM event_types WHERE event_type = name)",
        values: vec![&EVENT_TYPES],
    };
    let numbers = Query {
        sql: "SELECT event_type, event_type_num::bigint FROM event_types",
        values: Vec::new(),
    };
    let answers = connection.pipeline(None, &[types, numbers], Some("COMMIT"));
    let answers = answers.map_err(not_committed)?;
    let number = |row: &Row| (row.get(0), row.get(1));
    Ok(answers[1].iter().map(number).collect())
}

fn not_committed(failure: Failed) -> StoreError {
    failed(&failure.error)
}

impl PostgresEngine {
    /// The connection; a new one where the last was lost. Never in the middle of a group or a reading: on a new one
    /// nothing would be locked, and each statement would stand alone.
    fn connection(&mut self) -> Result<&mut Connection, StoreError> {
        if self.connection.as_ref().is_none_or(Connection::is_closed) {
            self.connection = None;
            if self.within != Within::Nothing {
                return Err(StoreError::Unavailable("the connection was lost".into()));
            }
            self.connection = Some(Connection::open(&self.database.config)?);
        }
        Ok(self.connection.as_mut().expect("it was just made"))
    }

    fn query(&mut self, query: Query<'_>) -> Result<Vec<Row>, StoreError> {
        let mut answers = self.queries(&[query])?;
        Ok(answers.remove(0))
    }

    fn queries(&mut self, queries: &[Query<'_>]) -> Result<Vec<Vec<Row>>, StoreError> {
        if queries.is_empty() {
            return Ok(Vec::new());
        }
        let connection = self.connection()?;
        connection
            .pipeline(None, queries, None)
            .map_err(not_committed)
    }
}

impl Reading for PostgresEngine {
    fn head(&mut self) -> Result<Head, StoreError> {
        let rows = self.query(read::head())?;
        read::head_of(&rows, self.restoring)
    }

    fn load(&mut self, wanted: &Wanted) -> Result<Loaded, StoreError> {
        let questions = read::Questions::of(wanted);
        let answers = self.queries(&questions.queries())?;
        questions.answered(answers)
    }

    fn events(&mut self, filter: &EventFilter) -> Result<Vec<StoredEvent>, StoreError> {
        read::events(filter, |query| self.query(query))
    }

    fn rows(&mut self, filter: &RowFilter) -> Result<Vec<TableRow>, StoreError> {
        read::rows(filter, |query| self.query(query))
    }

    fn receipts(&mut self, keys: &[&str]) -> Result<Vec<Receipt>, StoreError> {
        let rows = self.query(read::receipts(&keys))?;
        rows.iter().map(read::receipt).collect()
    }

    fn receipts_after(&mut self, key: &str, limit: usize) -> Result<Vec<Receipt>, StoreError> {
        read::receipts_after(key, limit, |query| self.query(query))
    }

    fn units_of(
        &mut self,
        unit_type: UnitType,
        after: &str,
        limit: usize,
    ) -> Result<Vec<SmolStr>, StoreError> {
        read::units_of(unit_type, after, limit, |query| self.query(query))
    }

    fn entries(
        &mut self,
        aside: Aside,
        after: &str,
        limit: usize,
    ) -> Result<Vec<(String, String)>, StoreError> {
        read::entries(aside, after, limit, |query| self.query(query))
    }

    fn refusals(&mut self, filter: &RefusalFilter) -> Result<Vec<RefusalRow>, StoreError> {
        read::refusals(filter, |query| self.query(query))
    }
}

impl Engine for PostgresEngine {
    fn begin(&mut self, keys: &[&str]) -> Result<(Head, Vec<Receipt>), StoreError> {
        // The lock in a statement of its own: a wait inside a statement keeps that statement's old snapshot.
        let mut queries = vec![Query {
            sql: "SELECT 1 FROM log_head FOR UPDATE",
            values: Vec::new(),
        }];
        queries.push(read::head());
        if !keys.is_empty() {
            queries.push(read::receipts(&keys));
        }
        let connection = self.connection()?;
        let answers = connection.pipeline(Some("BEGIN"), &queries, None);
        let answers = answers.map_err(not_committed)?;
        self.within = Within::Group;
        let receipts = answers.get(2).map_or(&[][..], Vec::as_slice);
        let receipts = receipts
            .iter()
            .map(read::receipt)
            .collect::<Result<_, _>>()?;
        Ok((read::head_of(&answers[1], self.restoring)?, receipts))
    }

    fn commit(&mut self, group: &Group) -> Result<(), StoreError> {
        self.connection()?;
        self.within = Within::Nothing;
        let Some(connection) = self.connection.as_mut() else {
            return Err(StoreError::Unavailable("the connection was lost".into()));
        };
        let batch = write::Batch::of(group, &self.database.event_types);
        let queries = batch.queries();
        let outcome = connection.pipeline(None, &queries, Some("COMMIT"));
        let Err(failure) = outcome else {
            return Ok(());
        };
        let what = failed(&failure.error);
        // An answer of the database's to a statement before COMMIT: then COMMIT rolled back. Without an answer
        // nobody knows.
        let certain = failure.error.as_db_error().is_some() && failure.statement < queries.len();
        Err(match what {
            _ if certain => what,
            StoreError::Poison(_) => what, // a deferred constraint
            _ => {
                self.connection = None;
                StoreError::OutcomeUnknown(failure.error.to_string())
            }
        })
    }

    fn abandon(&mut self) {
        self.within = Within::Nothing;
        if let Some(connection) = &mut self.connection
            && connection.batch("ROLLBACK").is_err()
        {
            self.connection = None; // and its transaction with it
        }
    }

    fn begin_reading(&mut self) -> Result<(), StoreError> {
        let sql = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
        self.connection()?.batch(sql).map_err(|e| failed(&e))?;
        self.within = Within::Reading;
        Ok(())
    }

    fn another(&self) -> Result<Box<dyn Engine>, StoreError> {
        Ok(Box::new(self.database.engine()?))
    }

    fn integrity(&mut self) -> Result<Vec<String>, StoreError> {
        Ok(Vec::new()) // the server watches its own files; pg_amcheck looks closer
    }

    fn restore_begin(&mut self) -> Result<bool, StoreError> {
        let marked = self.query(Query {
            sql: RESTORE_BEGIN,
            values: Vec::new(),
        })?;
        self.restoring = !marked.is_empty();
        Ok(self.restoring)
    }

    fn restore_end(&mut self) -> Result<(), StoreError> {
        self.query(Query {
            sql: "UPDATE log_head SET restoring = false",
            values: Vec::new(),
        })?;
        self.restoring = false;
        Ok(())
    }

    fn rebuild_begin(&mut self) -> Result<(), StoreError> {
        self.beside = new_names_beside();
        let sql = rebuild::begin(&self.beside);
        self.connection()?.batch(&sql).map_err(|e| failed(&e))
    }

    fn rebuild_write(&mut self, derived: &Derived) -> Result<(), StoreError> {
        let beside = self.beside.clone();
        let batch = write::Batch::beside(&beside, derived);
        let queries = batch.queries();
        let own = self.within == Within::Nothing;
        let (begin, commit) = (own.then_some("BEGIN"), own.then_some("COMMIT"));
        let written = self.connection()?.pipeline(begin, &queries, commit);
        if let Err(failure) = written {
            if own {
                self.abandon();
            }
            return Err(not_committed(failure));
        }
        Ok(())
    }

    fn rebuild_load(
        &mut self,
        rows: &[(Table, String)],
        registers: &[RegisterKey],
    ) -> Result<Loaded, StoreError> {
        let questions = read::Questions::derived(&self.beside, rows, registers);
        let answers = self.queries(&questions.queries())?;
        questions.answered(answers)
    }

    fn rebuild_differences(&mut self) -> Result<Vec<(String, u64)>, StoreError> {
        let mut counts = Vec::new();
        self.differing.clear();
        for (name, key) in rebuild::tables() {
            let sql = rebuild::difference(&self.beside, name, key);
            let rows = self.query(Query {
                sql: &sql,
                values: Vec::new(),
            })?;
            let count: i64 = rows[0].get(0);
            if count != 0 {
                self.differing.push(name);
            }
            counts.push((name.to_owned(), u64::try_from(count).unwrap_or_default()));
        }
        Ok(counts)
    }

    fn rebuild_switch(&mut self) -> Result<(), StoreError> {
        let sql = rebuild::switch(&self.beside, &self.differing);
        let connection = self.connection()?;
        connection.batch(&sql).map_err(|e| failed(&e))?;
        connection.batch("COMMIT").map_err(|e| failed(&e))?;
        self.within = Within::Nothing;
        Ok(())
    }
}
