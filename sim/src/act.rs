//! What people do, as data: a scan or a command, who, where and when. A history is a list of acts, so it
//! can be shortened, printed and said again.

use jiff::{SignedDuration, Timestamp};
use sheetwise_core::domain::{Command, Context};
use sheetwise_core::identity::{CorrelationId, OperatorId, StationId};
use std::fmt;

/// Something that somebody did.
#[derive(Debug, Clone, PartialEq)]
pub struct Act {
    pub what: What,
    pub station_id: Option<StationId>,
    pub operator_id: Option<OperatorId>,
    /// The server's clock, in seconds since the shop opened.
    pub at_seconds: i64,
    /// How far the device's clock is off, in seconds.
    pub clock_skew_seconds: i64,
    /// It waited in a queue that was offline.
    pub late: bool,
}

/// A scan, or a command through a program.
#[derive(Debug, Clone, PartialEq)]
pub enum What {
    /// The text that the scanner sent.
    Scan(String),
    /// A command, without a scanner.
    Command(Box<Command>),
}

/// When every simulated shop opens.
pub const OPENING: &str = "2026-03-02T06:00:00Z";

impl Act {
    /// The context of the act, which is the `number`th of its history.
    #[must_use]
    pub fn context(&self, number: usize) -> Context {
        let opening: Timestamp = OPENING.parse().expect("a timestamp");
        let recorded_at = opening + SignedDuration::from_secs(self.at_seconds);
        Context {
            occurred_at: recorded_at + SignedDuration::from_secs(self.clock_skew_seconds),
            recorded_at,
            operator_id: self.operator_id.clone(),
            station_id: self.station_id.clone(),
            correlation_id: CorrelationId::new(format!("act-{number}")),
            late: self.late,
        }
    }
}

impl fmt::Display for Act {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let station = self.station_id.as_ref().map_or("-", |id| id.as_str());
        let operator = self.operator_id.as_ref().map_or("-", |id| id.as_str());
        write!(f, "{:>7} s  {operator:<6} {station:<12} ", self.at_seconds)?;
        match &self.what {
            What::Scan(text) => write!(f, "scans {text:?}"),
            What::Command(command) => {
                let text = format!("{command:?}");
                let short: String = text.chars().take(160).collect();
                f.write_str(&short)
            }
        }
    }
}
