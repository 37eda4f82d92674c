//! A backup is one text file, a JSON value per line, that any engine can restore: all events with their
//! hashes, all receipts, all refusals. What is folded from the log is built again.

use super::{Progress, rebuild};
use crate::contract::{
    Derived, Engine, EventFilter, Group, Receipt, RefusalFilter, RefusalRow, StoreError,
};
use crate::record::{Head, StoredEvent, hex};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sheetwise_core::domain::UnitType;
use std::fmt;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Write};
use std::path::Path;

/// Of what is read and written at once.
const CHUNK: usize = 5_000;

/// The format that this program writes.
const FORMAT: u32 = 1;

/// A line of the file.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Line {
    SheetwiseBackup {
        format: u32,
        made_at: Timestamp,
    },
    Event(StoredEvent),
    Receipt(Receipt),
    Refusal(RefusalRow),
    /// The last line: a file that was cut off has none.
    End(BackupSummary),
}

/// What a backup holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BackupSummary {
    pub events: u64,
    pub receipts: u64,
    pub refusals: u64,
    /// The hash of the last event, in hexadecimal digits.
    pub hash: String,
}

/// Why a backup or a restore was not possible.
#[derive(Debug)]
pub enum BackupError {
    File(io::Error),
    Store(StoreError),
    /// The file is no whole backup.
    Line {
        line: usize,
        problem: String,
    },
    /// The database to restore into has something in it.
    NotEmpty,
}

impl fmt::Display for BackupError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(e) => write!(f, "the backup: {e}"),
            Self::Store(e) => e.fmt(f),
            Self::Line { line, problem } => write!(
                f,
                "line {line}: {problem}. Nothing was restored: take another backup file"
            ),
            Self::NotEmpty => f.write_str(
                "the database has something in it already: restore into a new, empty one",
            ),
        }
    }
}

impl std::error::Error for BackupError {}

impl From<io::Error> for BackupError {
    fn from(error: io::Error) -> Self {
        Self::File(error)
    }
}

impl From<StoreError> for BackupError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

/// Writes everything that the log cannot do without, as of one moment; nobody is held up. The caller sees to
/// it that what was written is on disk.
pub fn backup(
    engine: &mut dyn Engine,
    made_at: Timestamp,
    to: &mut dyn Write,
    progress: &mut dyn FnMut(Progress),
) -> Result<BackupSummary, BackupError> {
    engine.begin_reading()?;
    let outcome = write_all(engine, made_at, to, progress);
    engine.abandon();
    outcome
}

fn write_all(
    engine: &mut dyn Engine,
    made_at: Timestamp,
    to: &mut dyn Write,
    progress: &mut dyn FnMut(Progress),
) -> Result<BackupSummary, BackupError> {
    let mut put = |line: &Line| -> Result<(), BackupError> {
        serde_json::to_writer(&mut *to, line).map_err(io::Error::from)?;
        Ok(to.write_all(b"\n")?)
    };
    let head = engine.head()?;
    let mut summary = BackupSummary {
        events: 0,
        receipts: 0,
        refusals: 0,
        hash: hex(&head.hash),
    };
    put(&Line::SheetwiseBackup {
        format: FORMAT,
        made_at,
    })?;
    loop {
        progress(Progress {
            done: summary.events,
            total: head.sequence_num,
        });
        let events = engine.events(&EventFilter::after(summary.events, CHUNK))?;
        if events.is_empty() {
            break;
        }
        summary.events += events.len() as u64;
        for event in events {
            put(&Line::Event(event))?;
        }
    }
    let mut key = String::new();
    loop {
        let receipts = engine.receipts_after(&key, CHUNK)?;
        let Some(last) = receipts.last() else { break };
        key = last.key.to_string();
        summary.receipts += receipts.len() as u64;
        for receipt in receipts {
            put(&Line::Receipt(receipt))?;
        }
    }
    let mut filter = RefusalFilter {
        after: 0,
        limit: CHUNK,
        code: None,
        station_id: None,
        late_only: false,
    };
    loop {
        let refusals = engine.refusals(&filter)?;
        let Some(last) = refusals.last() else { break };
        filter.after = last.refusal_num;
        summary.refusals += refusals.len() as u64;
        for refusal in refusals {
            put(&Line::Refusal(refusal))?;
        }
    }
    put(&Line::End(summary.clone()))?;
    to.flush()?;
    Ok(summary)
}

/// Restores a backup into an empty database. The file is read to its end and checked before anything is
/// written. Where it is broken off, the database stays marked as half restored: nobody can open it.
pub fn restore(
    engine: &mut dyn Engine,
    file: &Path,
    progress: &mut dyn FnMut(Progress),
) -> Result<BackupSummary, BackupError> {
    let summary = check(file)?;
    if !engine.restore_begin()? {
        return Err(BackupError::NotEmpty);
    }
    let head = engine.head()?;
    let mut restoring = Restoring {
        engine,
        head,
        group: empty_group(),
    };
    let mut done = 0;
    for line in lines(file)? {
        let (number, line) = line?;
        match line {
            Line::SheetwiseBackup { .. } | Line::End(_) => continue,
            Line::Event(event) => restoring.event(event, number)?,
            Line::Receipt(receipt) => restoring.group.receipts.push(receipt),
            Line::Refusal(refusal) => restoring.group.refusals.push(refusal),
        }
        done += 1;
        if done % CHUNK as u64 == 0 {
            restoring.write()?;
            progress(Progress {
                done,
                total: summary.events + summary.receipts + summary.refusals,
            });
        }
    }
    restoring.write()?;
    rebuild(engine, progress)?;
    engine.restore_end()?;
    Ok(summary)
}

struct Restoring<'e> {
    engine: &'e mut dyn Engine,
    head: Head,
    group: Group,
}

impl Restoring<'_> {
    fn event(&mut self, event: StoredEvent, line: usize) -> Result<(), BackupError> {
        let Some(kind) = UnitType::from_word(&event.aggregate_type) else {
            let problem = format!("{:?} is no kind of unit", event.aggregate_type);
            return Err(BackupError::Line { line, problem });
        };
        if event.aggregate_version == 1 {
            let stream = (kind, event.aggregate_id.clone());
            self.group.streams_begun.push(stream);
        }
        self.head.sequence_num = event.sequence_num;
        self.head.hash = event.hash;
        self.head.recorded_at = event.recorded_at;
        self.group.events.push(event);
        Ok(())
    }

    fn write(&mut self) -> Result<(), StoreError> {
        let mut group = std::mem::replace(&mut self.group, empty_group());
        group.head = self.head.clone();
        group.streams_begun.sort_unstable();
        self.engine.begin(&[])?;
        let written = self.engine.commit(&group);
        if written.is_err() {
            self.engine.abandon();
        }
        written
    }
}

fn empty_group() -> Group {
    Group {
        head: Head::START,
        events: Vec::new(),
        streams_begun: Vec::new(),
        derived: Derived::default(),
        snapshots: Vec::new(),
        receipts: Vec::new(),
        refusals: Vec::new(),
    }
}

/// Reads the whole file: the chain has to hold, and the last line has to be there.
fn check(file: &Path) -> Result<BackupSummary, BackupError> {
    let mut found = BackupSummary {
        events: 0,
        receipts: 0,
        refusals: 0,
        hash: String::new(),
    };
    let mut hash = Head::START.hash;
    let mut end = None;
    let mut last = 0;
    for line in lines(file)? {
        let (line_number, line) = line?;
        last = line_number;
        let wrong = |problem: String| BackupError::Line {
            line: line_number,
            problem,
        };
        if end.is_some() {
            return Err(wrong("something stands behind the end".into()));
        }
        match line {
            Line::SheetwiseBackup { format, .. } if format == FORMAT => {}
            Line::SheetwiseBackup { format, .. } => {
                return Err(wrong(format!(
                    "it has format {format}, this program reads {FORMAT}: use a newer program"
                )));
            }
            Line::Event(event) => {
                found.events += 1;
                if event.sequence_num != found.events || event.hash_after(&hash) != event.hash {
                    return Err(wrong(format!(
                        "event {} does not follow the one before, or was changed",
                        event.sequence_num
                    )));
                }
                // What a newer program wrote is found now, and not when half of it is restored.
                event.decode().map_err(|e| {
                    wrong(format!(
                        "event {} cannot be read ({e}): where a newer program wrote it, use that one",
                        event.sequence_num
                    ))
                })?;
                hash = event.hash;
            }
            Line::Receipt(_) => found.receipts += 1,
            Line::Refusal(_) => found.refusals += 1,
            Line::End(summary) => end = Some(summary),
        }
        if line_number == 1 && found.events + found.receipts + found.refusals > 0 {
            return Err(wrong("this is no backup of Sheetwise's".into()));
        }
    }
    found.hash = hex(&hash);
    match end {
        Some(end) if end == found => Ok(found),
        Some(_) => Err(BackupError::Line {
            line: last,
            problem: "the end counts other lines than there are".into(),
        }),
        None => Err(BackupError::Line {
            line: last,
            problem: "the file ends too early".into(),
        }),
    }
}

fn lines(
    file: &Path,
) -> Result<impl Iterator<Item = Result<(usize, Line), BackupError>>, BackupError> {
    let lines = BufReader::new(File::open(file)?).lines();
    Ok(lines.enumerate().map(|(index, line)| {
        let line_number = index + 1;
        let line = serde_json::from_str(&line?).map_err(|e| BackupError::Line {
            line: line_number,
            problem: e.to_string(),
        })?;
        Ok((line_number, line))
    }))
}
