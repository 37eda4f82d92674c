//! What an engine promises. A writer holds the log to itself from [`Engine::begin`] to its end, so that
//! sequence numbers are gapless and in commit order, whoever else writes; everything of a group is
//! written, or nothing is. Engines know tables and rows; what they mean, the ledger knows.

use crate::credentials::Credentials;
use crate::forecasts::Forecasts;
use crate::record::{Head, StoredEvent, as_hex};
use crate::tables::{Row, Table};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sheetwise_core::domain::card_unit::EditionScope;
use sheetwise_core::domain::{UnitRef, UnitType};
use sheetwise_core::identity::{JobId, StationId};
use smol_str::SmolStr;
use std::fmt;
use std::ops::RangeInclusive;

/// Reads. What one call returns is of one moment; several calls are, within one transaction.
pub trait Reading {
    /// Where the log ends.
    fn head(&mut self) -> Result<Head, StoreError>;

    /// Everything that is wanted, in one round trip where the engine can.
    fn load(&mut self, wanted: &Wanted) -> Result<Loaded, StoreError>;

    /// Events of the log that pass the filter, ascending by sequence number.
    fn events(&mut self, filter: &EventFilter) -> Result<Vec<StoredEvent>, StoreError>;

    /// Rows of a read model that pass the filter, ascending by key.
    fn rows(&mut self, filter: &RowFilter) -> Result<Vec<Row>, StoreError>;

    /// The ids of all things of this kind, ascending, after this one and at most so many.
    fn units_of(
        &mut self,
        unit_type: UnitType,
        after: &str,
        limit: usize,
    ) -> Result<Vec<SmolStr>, StoreError>;

    /// Entries of a table beside the read models, ascending by key, after this key and at most so many.
    fn entries(
        &mut self,
        aside: Aside,
        after: &str,
        limit: usize,
    ) -> Result<Vec<(String, String)>, StoreError>;

    /// The receipts of these keys, as far as there are any.
    fn receipts(&mut self, keys: &[&str]) -> Result<Vec<Receipt>, StoreError>;

    /// All receipts, ascending by key, after this key and at most so many.
    fn receipts_after(&mut self, key: &str, limit: usize) -> Result<Vec<Receipt>, StoreError>;

    /// Refusals that pass the filter, ascending by number.
    fn refusals(&mut self, filter: &RefusalFilter) -> Result<Vec<RefusalRow>, StoreError>;
}

/// Reads and appends. One per writer.
pub trait Engine: Reading + Credentials + Forecasts + Send {
    /// Begins a group: waits until nobody else appends, keeps everybody from it, and says where the log
    /// ends and which of the keys have receipts.
    fn begin(&mut self, keys: &[&str]) -> Result<(Head, Vec<Receipt>), StoreError>;

    /// Writes the whole group, and makes it durable before it returns. On an error nothing is written,
    /// but for [`StoreError::OutcomeUnknown`].
    fn commit(&mut self, group: &Group) -> Result<(), StoreError>;

    /// Begins a transaction in which all reads are of one moment, and which holds up nobody. [`Self::abandon`]
    /// ends it.
    fn begin_reading(&mut self) -> Result<(), StoreError>;

    /// Ends a group, or reading, without writing anything.
    fn abandon(&mut self);

    /// Another connection to the same database, which knows nothing of what this one has begun.
    fn another(&self) -> Result<Box<dyn Engine>, StoreError>;

    /// What the database itself finds wrong with its files, where it can look.
    fn integrity(&mut self) -> Result<Vec<String>, StoreError>;

    /// Marks the database as one that holds half a backup, where nobody has written to it yet; else it says `false`.
    /// Until [`Self::restore_end`] no other connection is told where the log ends, nor can it append.
    fn restore_begin(&mut self) -> Result<bool, StoreError>;

    /// Takes the mark away: everything is restored.
    fn restore_end(&mut self) -> Result<(), StoreError>;

    /// Makes empty tables beside those of the read models, for a rebuild; throws away what an earlier one left
    /// behind.
    fn rebuild_begin(&mut self) -> Result<(), StoreError>;

    /// Writes into the tables beside; outside of a group in a transaction of its own.
    fn rebuild_write(&mut self, derived: &Derived) -> Result<(), StoreError>;

    /// Reads rows and registers from the tables beside.
    fn rebuild_load(
        &mut self,
        rows: &[(Table, String)],
        registers: &[RegisterKey],
    ) -> Result<Loaded, StoreError>;

    /// Within a group: how many rows of each table differ between the tables beside and those in use.
    fn rebuild_differences(&mut self) -> Result<Vec<(String, u64)>, StoreError>;

    /// Ends a group in which differences were counted, by putting what the tables beside hold in the place of what those in use
    /// hold, all at once.
    fn rebuild_switch(&mut self) -> Result<(), StoreError>;
}

/// Changes of what is folded from the log.
#[derive(Debug, Clone, Default)]
pub struct Derived {
    /// Rows of read models that are there already, as they are now, each once, by ascending key.
    pub rows: Vec<(Table, Vec<Row>)>,
    /// Rows of read models that may be new, each once, by ascending key.
    pub rows_begun: Vec<(Table, Vec<Row>)>,
    /// Claims that ended, then claims that began: what only one live card may have.
    pub claims_ended: Vec<(String, SmolStr)>,
    pub claims_begun: Vec<(String, SmolStr)>,
    /// Registers: the key as text, and the state as JSON.
    pub registers: Vec<(String, String)>,
}

/// A table that is derived from the log as the read models are, but that nobody asks questions of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Aside {
    /// `card_unit/J1-S001-01` → nothing more.
    Streams,
    /// Key → state as JSON.
    Registers,
    /// Claim → card.
    Claims,
    /// `station/FOIL-1` → version, a blank, and the state as JSON.
    Snapshots,
}

/// Why an engine could not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StoreError {
    /// The database refuses what a command would write: its fault, and not its neighbours'.
    Poison(String),
    /// There is no room.
    Full(String),
    /// The database does not answer, or not now. Nothing was written.
    Unavailable(String),
    /// The connection was lost while the commit ran: it may have happened.
    OutcomeUnknown(String),
    /// What is stored cannot be true. Nothing more is written.
    Damaged(String),
    /// Writing to the disk failed, and what of it is there is not known. Nothing more is written.
    Broken(String),
    /// A backup is being restored into the database, or that was broken off.
    HalfRestored,
    /// The database was written by a newer program.
    Newer { found: u32, known: u32 },
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Poison(what) => write!(f, "the database does not take this: {what}"),
            Self::Full(what) => {
                write!(
                    f,
                    "no room is left for the database ({what}): make room, then go on"
                )
            }
            Self::Unavailable(what) => write!(f, "the database does not answer: {what}"),
            Self::OutcomeUnknown(what) => write!(
                f,
                "the connection to the database was lost during a commit ({what}): ask again with the same key"
            ),
            Self::Damaged(what) => write!(f, "the database is damaged: {what}"),
            Self::Broken(what) => {
                write!(
                    f,
                    "the disk failed ({what}): find out why, then start again and run verify"
                )
            }
            Self::HalfRestored => f.write_str(
                "half a backup is in this database: a restore still runs, or was broken off. Wait for its end, or \
                 delete the database and restore into a new one",
            ),
            Self::Newer { found, known } => write!(
                f,
                "the database has schema version {found}, this program knows {known}: use a newer program"
            ),
        }
    }
}

impl std::error::Error for StoreError {}

/// The key of a register: a fold across streams that decisions need.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RegisterKey {
    /// What is in hand at a station.
    Bench(StationId),
    /// The numbers of an edition.
    Edition(EditionScope),
    /// What a job has open.
    Job(JobId),
}

impl fmt::Display for RegisterKey {
    /// As it stands in the table `registers`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bench(station_id) => write!(f, "bench/{station_id}"),
            Self::Edition(EditionScope::Position { job_id, position }) => {
                write!(f, "edition/{job_id}/position/{position}")
            }
            Self::Edition(EditionScope::Design { job_id, design }) => {
                write!(f, "edition/{job_id}/design/{design}")
            }
            Self::Job(job_id) => write!(f, "job/{job_id}"),
        }
    }
}

/// What is to be read at once.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    /// Units: their latest snapshot, and the events of their stream after it.
    pub units: Vec<UnitRef>,
    /// Whole streams, from the first event.
    pub streams: Vec<UnitRef>,
    /// Rows of read models, by table and key.
    pub rows: Vec<(Table, String)>,
    pub registers: Vec<RegisterKey>,
    /// What is small and always held: the rows of all stations, and the streams of all hold rules.
    pub shop: bool,
    /// Streams are read up to this event.
    pub up_to: Option<u64>,
}

impl Wanted {
    /// Nothing is wanted.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.units.is_empty()
            && self.streams.is_empty()
            && self.rows.is_empty()
            && self.registers.is_empty()
            && !self.shop
    }
}

/// What was read. What is not there is left out.
#[derive(Debug, Clone, Default)]
pub struct Loaded {
    /// Snapshots of wanted units: version, and the state as JSON.
    pub snapshots: Vec<(UnitRef, u32, String)>,
    /// Events of wanted units and hold rules, each stream in order.
    pub unit_events: Vec<StoredEvent>,
    /// Events of wanted streams, each stream in order.
    pub stream_events: Vec<StoredEvent>,
    pub rows: Vec<(Table, Row)>,
    /// Registers: the key as text, and the state as JSON.
    pub registers: Vec<(String, String)>,
}

/// Which events of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventFilter {
    /// Sequence numbers.
    pub range: RangeInclusive<u64>,
    /// At most so many.
    pub limit: usize,
    pub event_types: Vec<SmolStr>,
    pub aggregate: Option<(UnitType, SmolStr)>,
    pub station_id: Option<SmolStr>,
    pub operator_id: Option<SmolStr>,
    /// This one, and those that begin with it and a `~`: a caller may use one id for many decisions, and each has
    /// one of its own that is made of it.
    pub correlation_id: Option<SmolStr>,
    /// The server's clock: from (included), to (excluded).
    pub recorded_from: Option<Timestamp>,
    pub recorded_before: Option<Timestamp>,
    /// The latest first, where only the last few are wanted.
    pub descending: bool,
}

impl EventFilter {
    /// All events after this number, at most so many.
    #[must_use]
    pub fn after(sequence_num: u64, limit: usize) -> Self {
        Self {
            range: sequence_num + 1..=u64::MAX >> 1,
            limit,
            event_types: Vec::new(),
            aggregate: None,
            station_id: None,
            operator_id: None,
            correlation_id: None,
            recorded_from: None,
            recorded_before: None,
            descending: false,
        }
    }
}

/// Which rows of a read model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowFilter {
    pub table: Table,
    /// Keys that begin like this: `J1044-` for everything of a job, `J1044-S003-` for everything of a sheet.
    pub within: Option<String>,
    /// Columns that have to have one of these values. Indexed are the keys, where a card or sheet is, and what
    /// a set or pack is in.
    pub columns: Vec<(&'static str, Vec<SmolStr>)>,
    /// Keys after this one.
    pub after: Option<String>,
    /// At most so many.
    pub limit: usize,
}

impl RowFilter {
    /// All rows of a table.
    #[must_use]
    pub const fn all(table: Table) -> Self {
        Self {
            table,
            within: None,
            columns: Vec::new(),
            after: None,
            limit: usize::MAX,
        }
    }

    /// The first text that does not begin as the wanted keys do, and comes after them.
    #[must_use]
    pub(crate) fn end_of(within: &str) -> String {
        let mut end = within.as_bytes().to_vec();
        let last = end.last_mut().expect("keys begin with something");
        *last += 1; // ids are ASCII
        String::from_utf8(end).expect("ids are ASCII")
    }
}

/// What was answered to a key, for ever.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    pub key: SmolStr,
    /// Of what was said: the same key with other content is refused.
    #[serde(with = "as_hex")]
    pub fingerprint: [u8; 16],
    /// `recorded`, `already_recorded`, or a refusal's class.
    pub outcome: SmolStr,
    /// What was answered, as JSON.
    pub reply: String,
    pub recorded_at: Timestamp,
}

/// Something that was refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefusalRow {
    /// 1, 2, 3, …; 0 until it is written.
    pub refusal_num: u64,
    pub code: SmolStr,
    pub barcode: String,
    pub station_id: Option<SmolStr>,
    pub operator_id: Option<SmolStr>,
    pub occurred_at: Timestamp,
    pub recorded_at: Timestamp,
    /// It came late, and waits for a person.
    pub late: bool,
    /// What was answered, as JSON.
    pub reply: String,
}

/// Which refusals.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefusalFilter {
    /// Numbers after this one.
    pub after: u64,
    /// At most so many.
    pub limit: usize,
    pub code: Option<SmolStr>,
    pub station_id: Option<SmolStr>,
    /// Only late ones: the conflicts.
    pub late_only: bool,
}

/// Everything that a group writes.
#[derive(Debug, Clone)]
pub struct Group {
    /// Where the log ends after it.
    pub head: Head,
    /// In order, from the old head on.
    pub events: Vec<StoredEvent>,
    /// The units whose first event is among these, ascending.
    pub streams_begun: Vec<(UnitType, SmolStr)>,
    /// What is folded from the log.
    pub derived: Derived,
    /// Snapshots: unit, version, state as JSON.
    pub snapshots: Vec<(UnitRef, u32, String)>,
    pub receipts: Vec<Receipt>,
    pub refusals: Vec<RefusalRow>,
}
