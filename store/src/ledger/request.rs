//! What a caller asks of the ledger, and what it is answered.

use jiff::Timestamp;
use sha2::{Digest, Sha256};
use sheetwise_core::domain::{Command, RefusalClass};
use sheetwise_core::identity::{CorrelationId, OperatorId, StationId};
use smol_str::SmolStr;
use std::fmt;
use std::sync::Arc;

/// A scan or a command, with everything that comes with it.
#[derive(Debug, Clone, PartialEq)]
pub struct Request {
    pub said: Said,
    pub station_id: Option<StationId>,
    pub operator_id: Option<OperatorId>,
    /// The device's clock.
    pub occurred_at: Timestamp,
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
}

impl Request {
    /// A fingerprint of what was said, who, where and when; the key not included.
    #[must_use]
    pub fn fingerprint(&self) -> [u8; 16] {
        let said = match &self.said {
            Said::Barcode(text) => text.clone(),
            Said::Command(command) => {
                serde_json::to_string(command).expect("commands hold nothing that JSON cannot")
            }
        };
        let mut hasher = Sha256::new();
        let station_id = self.station_id.as_ref().map_or("", |id| id.as_str());
        let operator_id = self.operator_id.as_ref().map_or("", |id| id.as_str());
        for text in [said.as_str(), station_id, operator_id] {
            hasher.update(u64::try_from(text.len()).unwrap_or(u64::MAX).to_le_bytes());
            hasher.update(text);
        }
        hasher.update(self.occurred_at.as_microsecond().to_le_bytes());
        let hash: [u8; 32] = hasher.finalize().into();
        *hash.first_chunk().expect("32 bytes begin with 16")
    }
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
    const ALL: [(Self, &'static str); 6] = [
        (Self::Recorded, "recorded"),
        (Self::AlreadyRecorded, "already_recorded"),
        (Self::Refused(RefusalClass::Senseless), "refused_senseless"),
        (Self::Refused(RefusalClass::Unknown), "refused_unknown"),
        (Self::Refused(RefusalClass::Forbidden), "refused_forbidden"),
        (Self::Refused(RefusalClass::Conflict), "refused_conflict"),
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
