//! Databases of every engine, thrown away after the test; and what the core alone would say, to compare
//! with.

#![allow(dead_code, unused_macros, reason = "each test file uses a part of it")]

pub mod child;
pub mod linear;
pub mod load;
pub mod power;
pub mod proxy;

use jiff::Timestamp;
use sheetwise_core::domain::{Context, Decision};
use sheetwise_core::identity::{ScannerSettings, read_scanner_text};
use sheetwise_core::production::{Floor, Stop, decide};
use sheetwise_core::projections::{Rows, Touched};
use sheetwise_core::scan;
use sheetwise_sim::act::{Act, What};
use sheetwise_store::contract::{Engine, RowFilter, StoreError};
use sheetwise_store::ledger::{Ledger, Options, Outcome, Reply, Request, Said};
use sheetwise_store::memory::MemoryEngine;
use sheetwise_store::postgres::Postgres;
use sheetwise_store::sqlite::Sqlite;
use sheetwise_store::tables::{Row, Table};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

/// A test of each clause on each engine: the clauses are functions of the file that take a database.
macro_rules! on_every_engine {
    ($($clause:ident),+ $(,)?) => {
        mod memory {
            $(#[test] fn $clause() { super::$clause(&super::support::memory()); })+
        }
        mod sqlite {
            $(#[test] fn $clause() { super::$clause(&super::support::sqlite()); })+
        }
        mod postgres {
            $(#[test] fn $clause() { super::$clause(&super::support::postgres()); })+
        }
    };
}

/// A database that nobody else uses.
pub trait Database: Sync {
    /// A connection of its own.
    fn connect(&self) -> Box<dyn Engine>;
}

impl Database for MemoryEngine {
    fn connect(&self) -> Box<dyn Engine> {
        Box::new(self.clone())
    }
}

pub fn memory() -> MemoryEngine {
    MemoryEngine::new()
}

pub struct SqliteFile {
    pub sqlite: Sqlite,
    _folder: tempfile::TempDir,
}

impl Database for SqliteFile {
    fn connect(&self) -> Box<dyn Engine> {
        Box::new(self.sqlite.engine().expect("the file was just made"))
    }
}

pub fn sqlite() -> SqliteFile {
    let folder = tempfile::tempdir().expect("a folder for temporary files");
    let sqlite = Sqlite::open(folder.path().join("sheetwise.db")).expect("a new database");
    SqliteFile {
        sqlite,
        _folder: folder,
    }
}

impl Database for Postgres {
    fn connect(&self) -> Box<dyn Engine> {
        Box::new(self.engine().expect("the server runs"))
    }
}

pub fn postgres() -> Postgres {
    let url = sheetwise_testkit::database("store");
    Postgres::open(&url).expect("a new database")
}

impl Database for Sqlite {
    fn connect(&self) -> Box<dyn Engine> {
        Box::new(self.engine().expect("the file can be opened"))
    }
}

/// A database by its name: the URL of one of PostgreSQL's, or a file.
pub fn open(name: &str) -> Result<Box<dyn Database>, StoreError> {
    if name.starts_with("postgres") {
        Ok(Box::new(Postgres::open(name)?))
    } else {
        Ok(Box::new(Sqlite::open(name)?))
    }
}

/// A clock that the test sets.
#[derive(Clone, Default)]
pub struct Clock(Arc<AtomicI64>);

impl Clock {
    pub fn set(&self, time: Timestamp) {
        self.0.store(time.as_microsecond(), Ordering::SeqCst);
    }

    pub fn ledger(&self, engine: Box<dyn Engine>, options: Options) -> Ledger {
        let clock = self.clone();
        Ledger::start(engine, move || clock.now(), options)
    }

    fn now(&self) -> Timestamp {
        Timestamp::from_microsecond(self.0.load(Ordering::SeqCst)).expect("it was a timestamp")
    }
}

/// An act of the simulator as a request; the context says when it is recorded.
pub fn request(act: &Act, number: usize) -> (Request, Context) {
    let context = act.context(number);
    let said = match &act.what {
        What::Scan(text) => Said::Barcode(text.clone()),
        What::Command(command) => Said::Command(command.clone()),
    };
    let request = Request {
        said,
        station_id: context.station_id.clone(),
        operator_id: context.operator_id.clone(),
        occurred_at: Some(context.occurred_at),
        late: context.late,
        key: None,
        correlation_id: Some(context.correlation_id.clone()),
    };
    (request, context)
}

/// The core alone, with everything in memory.
pub struct Core {
    pub floor: Floor,
    pub rows: Rows,
    touched: Touched,
}

impl Core {
    pub fn new() -> Self {
        Self {
            floor: Floor::with_log(),
            rows: Rows::default(),
            touched: Touched::default(),
        }
    }

    pub fn ask(&mut self, request: &Request, context: &Context) -> Reply {
        let scanned = match &request.said {
            Said::Barcode(text) => match read_scanner_text(text, &ScannerSettings::default()) {
                Ok(scanned) => Some(scanned),
                Err(error) => {
                    let refused = scan::refuse_unreadable(text, error);
                    return reply(Outcome::Refused(refused.class), &refused);
                }
            },
            Said::Command(_) | Said::CommandIf(..) | Said::WithNewId(_) => None,
        };
        let said = match (&scanned, &request.said) {
            (Some(scanned), _) => scan::Said::Scanned(scanned),
            (
                None,
                Said::Command(command) | Said::CommandIf(command, ..) | Said::WithNewId(command),
            ) => scan::Said::Command(command),
            (None, Said::Barcode(_)) => unreachable!("it was read"),
        };
        let decided = match said {
            scan::Said::Scanned(scanned) => scan::scan(&self.floor, scanned, context),
            scan::Said::Command(command) => decide(&self.floor, command, context),
        };
        let (outcome, events) = match decided {
            Ok(Decision::Record(events)) => (Outcome::Recorded, events),
            Ok(Decision::AlreadyRecorded) => (Outcome::AlreadyRecorded, Vec::new()),
            Err(Stop::Refused(refusal)) => {
                let refused = scan::refuse(&self.floor, said, context, &refusal);
                let refused = refused.expect("a whole floor");
                return reply(Outcome::Refused(refused.class), &refused);
            }
            Err(Stop::NotLoaded(needed)) => panic!("a whole floor asks for {needed:?}"),
        };
        let recorded = self.floor.record(events, context);
        for one in &recorded {
            self.rows.apply(one, &mut self.touched);
            self.touched.clear();
        }
        let answer = scan::answer(&self.floor, said, context, &recorded);
        reply(outcome, &answer.expect("a whole floor"))
    }
}

fn reply(outcome: Outcome, body: &impl serde::Serialize) -> Reply {
    let body = serde_json::to_string(body).expect("an answer is JSON");
    Reply {
        outcome,
        body: body.into(),
        replayed: false,
    }
}

/// All rows of a table in the database.
pub fn rows_of(engine: &mut dyn Engine, table: Table) -> Vec<Row> {
    let filter = RowFilter::all(table);
    engine.rows(&filter).expect("a read")
}
