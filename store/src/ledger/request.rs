//! What a caller asks of the ledger, and what it is answered.

use super::issue;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use sha2::{Digest, Sha256};
use sheetwise_core::domain::{Command, RefusalClass, UnitRef};
use sheetwise_core::identity::{CorrelationId, OperatorId, StationId};
use sheetwise_core::scan;
use smol_str::SmolStr;
use std::fmt;
use std::sync::Arc;

/// A scan or a command, with everything that comes with it.
#[derive(Debug, Clone, PartialEq)]
pub struct Request {
    pub said: Said,
    pub station_id: Option<StationId>,
    pub operator_id: Option<OperatorId>,
    /// The device's clock; `None` where there is none: then it is when the ledger decides.
    pub occurred_at: Option<Timestamp>,
    /// It waited in a queue that was offline.
    pub late: bool,
    /// The same key never acts twice, for ever.
    pub key: Option<SmolStr>,
    /// Unlike that of any other command; the ledger makes one (`e` and the number of its first event) where
    /// the caller has none.
    pub correlation_id: Option<CorrelationId>,
}

/// What was said.
#[derive(Debug, Clone, PartialEq)]
pub enum Said {
    /// The text that the scanner sent.
    Barcode(String),
    /// A command in so many words.
    Command(Box<Command>),
    /// A command that holds only while this thing, that it is about, is as its caller saw it.
    CommandIf(Box<Command>, UnitRef, Expected),
    /// A new order ([`Command::PlaceOrder`]) or a new job ([`Command::CreateJob`]) under an id that the ledger
    /// issues. Whatever id stands in it is no part of what was said: said again with its key, it is the same.
    WithNewId(Box<Command>),
}

/// The versions of a thing for which a command is meant: two people who edit the same thing do not undo each
/// other's work unseen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Expected {
    /// It is there, in whichever version.
    Exists,
    /// It is in one of these versions: so many events are in its stream.
    OneOf(Vec<u32>),
}

impl Expected {
    /// Whether a thing of this version (0 for one that is not there) is what the caller saw.
    #[must_use]
    pub fn takes(&self, version: u32) -> bool {
        match self {
            Self::Exists => version > 0,
            Self::OneOf(versions) => versions.contains(&version),
        }
    }
}

/// The longest key and the longest correlation id, in bytes: an index of PostgreSQL's takes no more than 2,704.
const KEY_BYTES_MAX: usize = 255;

impl Request {
    /// The same request, with something else said.
    pub(super) fn saying(&self, said: Said) -> Self {
        Self {
            said,
            station_id: self.station_id.clone(),
            operator_id: self.operator_id.clone(),
            occurred_at: self.occurred_at,
            late: self.late,
            key: self.key.clone(),
            correlation_id: self.correlation_id.clone(),
        }
    }

    /// The key, where it is one that can be written.
    pub(super) fn usable_key(&self) -> Option<&SmolStr> {
        self.key
            .as_ref()
            .filter(|key| unwritable_key(key).is_none())
    }

    /// What cannot be written, and why: PostgreSQL takes no NUL and knows no year 0, so none of our databases gets one.
    pub(super) fn unwritable(&self) -> Option<(&'static str, &'static str)> {
        if let Some(problem) = self.key.as_deref().and_then(unwritable_key) {
            return Some(("key", problem));
        }
        let correlation_id = self.correlation_id.as_ref().map(|id| id.as_str());
        if let Some(problem) = correlation_id.and_then(unwritable_key) {
            return Some(("correlation id", problem));
        }
        let has_nul = match &self.said {
            Said::Barcode(text) => text.contains('\0'),
            Said::Command(command) | Said::CommandIf(command, ..) | Said::WithNewId(command) => {
                names_nul(&in_json(command))
            }
        };
        if has_nul {
            return Some(("text", HAS_NUL));
        }
        let year = |time: Timestamp| time.to_zoned(TimeZone::UTC).year();
        if self.occurred_at.is_some_and(|time| year(time) < 1) {
            return Some(("timestamp", BEFORE_YEAR_ONE));
        }
        let too_early = self.due_date().is_some_and(|date| date.year() < 1);
        too_early.then_some(("due date", BEFORE_YEAR_ONE))
    }

    /// The day that is said for an order or a job.
    fn due_date(&self) -> Option<Date> {
        match &self.said {
            Said::Barcode(_) => None,
            Said::Command(command) | Said::CommandIf(command, ..) | Said::WithNewId(command) => {
                match &**command {
                    Command::PlaceOrder { order } => Some(order.due_date),
                    Command::CreateJob { due_date, .. } => *due_date,
                    Command::RescheduleJob { due_date, .. } => Some(*due_date),
                    _ => None,
                }
            }
        }
    }

    /// What was said, as a person can be shown it: a barcode, or the id of what a command is about.
    pub(super) fn shown(&self) -> String {
        match &self.said {
            Said::Barcode(text) => text.replace('\0', "\u{2400}"),
            Said::Command(command) | Said::CommandIf(command, ..) | Said::WithNewId(command) => {
                scan::Said::Command(command).to_string()
            }
        }
    }

    /// A fingerprint of what was said, who, where and when; the key not included.
    #[must_use]
    pub fn fingerprint(&self) -> [u8; 16] {
        let said = match &self.said {
            Said::Barcode(text) => text.clone(),
            // For which version it was meant is no part of what was said: after a lost answer the caller may have
            // looked again, and says the same.
            Said::Command(command) | Said::CommandIf(command, ..) => in_json(command),
            // Whatever id stands in it, and unlike any command that came with its id.
            Said::WithNewId(command) => {
                format!("new {}", in_json(&issue::under_number(command, 1)))
            }
        };
        let mut hasher = Sha256::new();
        let station_id = self.station_id.as_ref().map_or("", |id| id.as_str());
        let operator_id = self.operator_id.as_ref().map_or("", |id| id.as_str());
        for text in [said.as_str(), station_id, operator_id] {
            hasher.update(u64::try_from(text.len()).unwrap_or(u64::MAX).to_le_bytes());
            hasher.update(text);
        }
        // What the caller did not say is no part of what was said: sent again later, it is the same.
        let occurred_at = self.occurred_at.map_or(i64::MIN, Timestamp::as_microsecond);
        hasher.update(occurred_at.to_le_bytes());
        let hash: [u8; 32] = hasher.finalize().into();
        *hash.first_chunk().expect("32 bytes begin with 16")
    }
}

const HAS_NUL: &str = "holds the character NUL";
const BEFORE_YEAR_ONE: &str = "lies before the year 1";

fn unwritable_key(text: &str) -> Option<&'static str> {
    match text {
        _ if text.contains('\0') => Some(HAS_NUL),
        _ if text.len() > KEY_BYTES_MAX => Some("has more than 255 bytes"),
        _ => None,
    }
}

fn in_json(command: &Command) -> String {
    serde_json::to_string(command).expect("commands hold nothing that JSON cannot")
}

/// Whether the JSON names NUL: by `\u0000`, behind an even number of backslashes.
fn names_nul(json: &str) -> bool {
    json.match_indices("\\u0000").any(|(at, _)| {
        let before = json[..at].bytes().rev();
        before.take_while(|byte| *byte == b'\\').count() % 2 == 0
    })
}

/// What came of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Outcome {
    Recorded,
    /// It had been said before, and holds.
    AlreadyRecorded,
    Refused(RefusalClass),
}

impl Outcome {
    const ALL: [(Self, &'static str); 7] = [
        (Self::Recorded, "recorded"),
        (Self::AlreadyRecorded, "already_recorded"),
        (Self::Refused(RefusalClass::Senseless), "refused_senseless"),
        (Self::Refused(RefusalClass::Unknown), "refused_unknown"),
        (Self::Refused(RefusalClass::Forbidden), "refused_forbidden"),
        (Self::Refused(RefusalClass::Conflict), "refused_conflict"),
        (Self::Refused(RefusalClass::Outdated), "refused_outdated"),
    ];

    /// The word for it among the receipts.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        let word = Self::ALL.into_iter().find(|(outcome, _)| *outcome == self);
        word.expect("every outcome has a word").1
    }

    /// Reads the word that [`Outcome::as_str`] writes.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        let outcome = Self::ALL.into_iter().find(|(_, is)| *is == word)?;
        Some(outcome.0)
    }
}

/// The answer, as it is on disk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    pub outcome: Outcome,
    /// An `Answer` of the core as JSON, or a `Refused`.
    pub body: Arc<str>,
    /// The key had been answered before; this is that answer.
    pub replayed: bool,
}

/// The machine's trouble: no answer can be given. Nothing was recorded, but where it says that this is
/// unknown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Failure {
    /// More waits than the queue holds: try again in a moment.
    Busy,
    /// The ledger is being stopped, or has stopped itself.
    Stopped(Arc<str>),
    /// This very command cannot be written.
    Poison(Arc<str>),
    /// No room, or no database. Nothing was recorded: try again.
    NotNow(Arc<str>),
    /// It may have been recorded: ask again with the same key.
    OutcomeUnknown(Arc<str>),
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Busy => f.write_str("too much waits already: try again in a moment"),
            Self::Stopped(why) => write!(f, "nothing more is recorded: {why}"),
            Self::Poison(why) => write!(f, "this cannot be recorded: {why}"),
            Self::NotNow(why) => write!(f, "nothing was recorded, try again: {why}"),
            Self::OutcomeUnknown(why) => {
                write!(f, "whether it was recorded is not known: {why}")
            }
        }
    }
}

impl std::error::Error for Failure {}
