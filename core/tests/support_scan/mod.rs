//! What the scanner's screen shows: the whole answer to a scan, as programs get it.

#![allow(dead_code, reason = "every test file takes from here what it needs")]

use crate::support::{Outcome, Saying, Shop, id};
use serde_json::Value;
use sheetwise_core::domain::hold::{HoldRulePlaced, HoldTarget};
use sheetwise_core::domain::{Command, Context};
use sheetwise_core::identity::{CorrelationId, ScannerSettings, read_scanner_text};
use sheetwise_core::scan;

/// How a scan is said: at which station, by whom, late or not.
#[derive(Clone, Copy)]
pub struct Gun<'g> {
    pub station_id: &'g str,
    pub operator_id: &'g str,
    pub late: bool,
}

/// The gun of the operator OP-1 at this station.
pub const fn gun(station_id: &str) -> Gun<'_> {
    Gun {
        station_id,
        operator_id: "OP-1",
        late: false,
    }
}

impl Shop {
    /// Scans the barcode at the station as OP-1; the screen then shows exactly this. The events are
    /// numbered from the scan on: the first that it records is 1.
    #[track_caller]
    pub fn shows(&mut self, barcode: &str, station_id: &str, expected: Value) {
        self.shows_on(gun(station_id), barcode, expected);
    }

    #[track_caller]
    pub fn shows_on(&mut self, gun: Gun<'_>, barcode: &str, expected: Value) {
        let shown = screen(self, gun, barcode);
        let shown: Value = serde_json::from_str(&shown).expect("the screen is JSON");
        assert_eq!(shown, expected, "shown: {shown:#}");
    }

    /// Scans the barcode at the station as OP-1: it is taken, whatever the screen shows.
    #[track_caller]
    pub fn scans(&mut self, barcode: &str, station_id: &str) {
        let outcome = self.scan(barcode, station_id).by("OP-1").outcome();
        assert!(outcome.is_accepted(), "{barcode}: {outcome:?}");
    }
}

/// In what a scan of the gun is said now.
pub fn context(shop: &Shop, gun: Gun<'_>) -> Context {
    Context {
        occurred_at: shop.now(),
        recorded_at: shop.now(),
        operator_id: gun.operator_id.parse().ok(),
        station_id: gun.station_id.parse().ok(),
        correlation_id: CorrelationId::new("screen"),
        late: gun.late,
    }
}

#[track_caller]
fn screen(shop: &mut Shop, gun: Gun<'_>, barcode: &str) -> String {
    let before = shop.last_event();
    let scan: Saying<'_> = shop.scan(barcode, gun.station_id).by(gun.operator_id);
    let outcome = if gun.late { scan.late() } else { scan }.outcome();
    let scanned = read_scanner_text(barcode, &ScannerSettings::default()).expect("a barcode");
    let context = context(shop, gun);
    match outcome {
        Outcome::Refused(refusal) => {
            reads_well(&refusal.to_string());
            let refused = scan::refuse(shop.floor(), &scanned, &context, &refusal);
            serde_json::to_string(&refused.expect("a whole floor")).expect("JSON")
        }
        accepted => {
            let recorded = match accepted {
                Outcome::Recorded(recorded) => recorded,
                _ => Vec::new(),
            };
            let answer = scan::answer(shop.floor(), &scanned, &context, &recorded);
            let mut answer = answer.expect("a whole floor");
            reads_well(&answer.message);
            for event in &mut answer.events {
                event.sequence_num -= before;
            }
            serde_json::to_string(&answer).expect("JSON")
        }
    }
}

/// What the message of a refusal or an answer is: one or more whole sentences, in a person's words.
#[track_caller]
pub fn reads_well(sentence: &str) {
    assert!(sentence.ends_with(['.', '?']), "{sentence}");
    for wrong in ["..", "?.", ": .", "  ", "{", "}", "_id", "None", "Some("] {
        assert!(!sentence.contains(wrong), "{wrong:?} in {sentence}");
    }
    let first = sentence.chars().next().expect("a sentence");
    assert!(!first.is_lowercase(), "{sentence}");
}

/// The events of an answer: these, one after the other.
pub fn events(event_types: &[&str]) -> Value {
    let events = (1_u64..).zip(event_types);
    events
        .map(|(sequence_num, event_type)| {
            serde_json::json!({"sequence_num": sequence_num, "event_type": event_type})
        })
        .collect()
}

/// A rule of the quality engineer that bites at every scan.
pub fn rule(hold_id: &str, target: HoldTarget) -> Command {
    Command::PlaceHoldRule {
        rule: HoldRulePlaced {
            hold_id: id(hold_id),
            target,
            at_station_type: None,
            reason: "bad foil".into(),
        },
    }
}

/// Job `J1045`, of the same product, with one sheet.
pub fn a_second_job(shop: &mut Shop) {
    let mut order = crate::support::order();
    order.order_id = id("PO-10045");
    order.quantity = 6;
    shop.given([
        Command::PlaceOrder { order },
        Command::CreateJob {
            job_id: id("J1045"),
            order_id: id("PO-10045"),
            quantity: None,
            product_version: None,
            due_date: None,
            priority: None,
            overs: Some(0),
        },
    ]);
}
