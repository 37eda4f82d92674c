//! Given, when, then: a command or a scan is said, to a whole floor and to a partial one, and has to come to what the test expects.

use super::partial;
use super::{Shop, id};
use jiff::Timestamp;
use sheetwise_core::domain::{Command, Context, Decision, Recorded, Refusal};
use sheetwise_core::identity::{
    CorrelationId, OperatorId, ScannerSettings, StationId, read_scanner_text,
};
use sheetwise_core::production::{Floor, Stop, decide};
use sheetwise_core::scan;
use std::fmt::Debug;

/// What became of a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    Recorded(Vec<Recorded>),
    AlreadyRecorded,
    Refused(Refusal),
}

impl Outcome {
    /// It was not refused.
    pub const fn is_accepted(&self) -> bool {
        matches!(self, Self::Recorded(_) | Self::AlreadyRecorded)
    }

    /// In a word: `recorded`, `already_recorded`, or the refusal's code.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Recorded(_) => "recorded",
            Self::AlreadyRecorded => "already_recorded",
            Self::Refused(refusal) => refusal.code(),
        }
    }
}

/// A command (or a scan) that is about to be said: where and by whom may still be added.
#[must_use = "a command is only said by what it is expected to do: then_recorded, then_refused, …"]
pub struct Saying<'s> {
    pub(super) shop: &'s mut Shop,
    pub(super) what: What,
    pub(super) station_id: Option<StationId>,
    pub(super) operator_id: Option<OperatorId>,
    pub(super) occurred_at: Option<Timestamp>,
    pub(super) late: bool,
}

/// What is said.
pub(super) enum What {
    Command(Box<Command>),
    Scan(String),
}

impl Saying<'_> {
    /// At this station.
    pub fn at(mut self, station_id: &str) -> Self {
        self.station_id = Some(id(station_id));
        self
    }

    /// By this operator.
    pub fn by(mut self, operator_id: &str) -> Self {
        self.operator_id = Some(id(operator_id));
        self
    }

    /// With this time on the device's clock (the server's is the shop's).
    pub fn with_the_device_at(mut self, occurred_at: Timestamp) -> Self {
        self.occurred_at = Some(occurred_at);
        self
    }

    /// From a queue that was offline.
    pub fn late(mut self) -> Self {
        self.late = true;
        self
    }

    /// Says it. What is not recorded leaves the floor as it was.
    #[track_caller]
    pub fn outcome(self) -> Outcome {
        let shop = self.shop;
        shop.now = shop.now.checked_add(shop.step).expect("tests are short");
        shop.said += 1;
        let context = Context {
            occurred_at: self.occurred_at.unwrap_or(shop.now),
            recorded_at: shop.now,
            operator_id: self.operator_id,
            station_id: self.station_id,
            correlation_id: CorrelationId::new(format!("said-{}", shop.said)),
            late: self.late,
        };
        let ask = |floor: &Floor| match &self.what {
            What::Command(command) => decide(floor, command, &context),
            What::Scan(barcode) => match read_scanner_text(barcode, &ScannerSettings::default()) {
                Ok(scanned) => scan::scan(floor, &scanned, &context),
                Err(error) => Err(Refusal::UnreadableBarcode(error).into()),
            },
        };
        let decided = ask(&shop.floor);
        partial::must_come_to_the_same(&shop.floor, &decided, &context, ask);
        let length = shop.floor.log().len();
        match decided {
            Ok(Decision::Record(events)) => {
                assert!(!events.is_empty(), "a recorded decision has an event");
                Outcome::Recorded(shop.floor.record(events, &context))
            }
            Ok(Decision::AlreadyRecorded) => {
                assert_eq!(shop.floor.log().len(), length);
                Outcome::AlreadyRecorded
            }
            Err(Stop::Refused(refusal)) => {
                assert_eq!(shop.floor.log().len(), length);
                assert!(
                    !refusal.to_string().is_empty(),
                    "a refusal says why: {refusal:?}"
                );
                Outcome::Refused(refusal)
            }
            Err(Stop::NotLoaded(needed)) => panic!("a whole floor lacks {needed:?}"),
        }
    }

    /// Says it; exactly events of these types are recorded, in this order.
    ///
    /// # Panics
    /// If something else happens.
    #[track_caller]
    pub fn then_recorded(self, event_types: &[&str]) -> Vec<Recorded> {
        match self.outcome() {
            Outcome::Recorded(recorded) => {
                let types: Vec<&str> = recorded.iter().map(|r| r.event.event_type()).collect();
                assert_eq!(types, event_types);
                recorded
            }
            other => panic!("expected {event_types:?}, got {other:?}"),
        }
    }

    /// Says it; it is refused with this code.
    ///
    /// # Panics
    /// If something else happens.
    #[track_caller]
    pub fn then_refused(self, code: &str) -> Refusal {
        match self.outcome() {
            Outcome::Refused(refusal) => {
                assert_eq!(refusal.code(), code, "{refusal}");
                refusal
            }
            other => panic!("expected the refusal {code}, got {other:?}"),
        }
    }

    /// Says it; the same was said before, and holds.
    ///
    /// # Panics
    /// If something else happens.
    #[track_caller]
    pub fn then_nothing_new(self) {
        let outcome = self.outcome();
        assert_eq!(outcome, Outcome::AlreadyRecorded);
    }

    /// Says it; something is recorded, whatever it is.
    ///
    /// # Panics
    /// If it is not.
    #[track_caller]
    pub fn then_done(self) -> Vec<Recorded> {
        match self.outcome() {
            Outcome::Recorded(recorded) => recorded,
            other => panic!("expected something to be recorded, got {other:?}"),
        }
    }
}
