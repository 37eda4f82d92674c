//! Every event that was ever released, as it stood in the log on that day: it decodes for ever.
//!
//! `golden/events.jsonl` only grows. A line that this program cannot read, or writes in another way, is
//! a log somewhere that cannot be read any more: raise the schema version and upcast instead of
//! touching the line. A new event type gets its lines by [`not_yet_golden`].

mod support;

use serde_json::{Map, Value};
use sheetwise_core::domain::Command;
use sheetwise_core::domain::event::schema_version;
use sheetwise_core::domain::{Context, EVENT_TYPES, Event, Recorded};
use sheetwise_core::identity::CorrelationId;
use std::collections::BTreeSet;
use support::*;

const GOLDEN: &str = include_str!("golden/events.jsonl");

/// Events of types that have no line yet. Write them here, with their optional fields and without, and
/// run `cargo test -p sheetwise-core --test golden -- --ignored`; then look at the new lines, commit them
/// for ever, and empty this list again.
fn not_yet_golden() -> Vec<Event> {
    Vec::new()
}

fn lines() -> impl Iterator<Item = &'static str> {
    GOLDEN.lines()
}

fn parsed(line: &str) -> Map<String, Value> {
    serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"))
}

fn decoded(line: &str) -> Recorded {
    Recorded::from_flat_json(parsed(line)).unwrap_or_else(|error| panic!("{error}: {line}"))
}

fn text(flat: Map<String, Value>) -> String {
    Value::Object(flat).to_string()
}

#[test]
fn every_event_ever_released_is_read_for_ever_and_what_is_current_is_written_the_same_way() {
    for line in lines() {
        let flat = parsed(line);
        let recorded = decoded(line);
        assert_eq!(flat["event_type"], recorded.event.event_type(), "{line}");
        if flat["schema_version"] == schema_version(recorded.event.event_type()) {
            assert_eq!(text(recorded.to_flat_json()), line);
        }
    }
}

#[test]
fn every_event_type_has_its_golden_line() {
    let golden: BTreeSet<String> = lines()
        .map(|line| decoded(line).event.event_type().to_owned())
        .collect();
    let missing: Vec<&&str> = EVENT_TYPES
        .iter()
        .filter(|event_type| !golden.contains(**event_type))
        .collect();
    assert!(missing.is_empty(), "no golden line yet for {missing:?}");
}

#[test]
fn every_payload_survives_its_text() {
    for event in lines().map(|line| decoded(line).event) {
        let (event_type, payload) = (event.event_type(), event.payload_json());
        let version = schema_version(event_type);
        assert_eq!(Event::decode(event_type, version, &payload), Ok(event));
    }
}

#[test]
fn an_event_that_lacks_a_field_of_its_envelope_is_not_guessed_at() {
    for line in lines() {
        for field in [
            "sequence_num",
            "event_type",
            "schema_version",
            "occurred_at",
            "recorded_at",
            "aggregate_id",
            "aggregate_version",
            "correlation_id",
        ] {
            let mut flat = parsed(line);
            flat.remove(field);
            let error = Recorded::from_flat_json(flat).expect_err("a field is missing");
            assert!(error.to_string().contains(field), "{error}");
        }
    }
}

#[test]
fn whatever_the_shop_records_survives_its_flat_form() {
    let mut shop = Shop::open();
    shop.packs_the_set_of(sheet(1));
    shop.cuts(sheet(2));
    shop.voids(card(2, PLAIN));
    let taken_down = Command::TakeStationDown {
        station_id: id("FOIL-2"),
        reason: "the heater".into(),
    };
    shop.when(taken_down).then_done();
    for recorded in shop.log() {
        let again = Recorded::from_flat_json(recorded.to_flat_json());
        assert_eq!(again.as_ref(), Ok(recorded));
    }
}

/// Appends lines for [`not_yet_golden`], and changes no line that is there.
#[test]
#[ignore = "writes the golden file"]
#[expect(clippy::disallowed_types, reason = "it writes the golden file")]
fn append_the_events_that_have_no_line_yet() {
    use std::io::Write;
    let golden: BTreeSet<String> = lines()
        .map(|line| decoded(line).event.event_type().to_owned())
        .collect();
    let mut file = std::fs::OpenOptions::new()
        .append(true)
        .open(concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/tests/golden/events.jsonl"
        ))
        .expect("the golden file is there");
    let mut sequence_num = lines().count() as u64;
    for event in not_yet_golden() {
        if golden.contains(event.event_type()) {
            continue;
        }
        sequence_num += 1;
        let recorded = Recorded {
            sequence_num,
            aggregate_version: 2,
            context: Context {
                occurred_at: id("2026-03-02T08:00:00.25Z"),
                recorded_at: id("2026-03-02T08:00:01Z"),
                operator_id: Some(id("OP-1")),
                station_id: Some(id("FOIL-1")),
                correlation_id: CorrelationId::new("golden"),
                late: false,
            },
            event,
        };
        writeln!(file, "{}", text(recorded.to_flat_json())).expect("the golden file grows");
    }
}
