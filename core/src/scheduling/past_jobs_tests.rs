//! What the log says of past jobs.

use super::*;
use crate::capacity::Practice;
use crate::capacity::fixtures::{OFFICE, event, log, minute, spec, station};
use crate::domain::event::{Event, Recorded};
use crate::domain::station::{Station, StationEvent, StationRegistered};
use crate::identity::JobId;
use jiff::{SignedDuration, Timestamp};
use serde_json::json;

fn published() -> (&'static str, Event) {
    let spec = serde_json::to_value(spec()).unwrap();
    let payload = json!({"product_id": "P", "product_version": 1, "spec": spec});
    (OFFICE, event("ProductSpecPublished", payload))
}

fn created(number: u32) -> Vec<(&'static str, Event)> {
    let job = json!({"job_id": format!("J{number}"), "order_id": "PO-1", "product_id": "P",
        "product_version": 1, "quantity": 30, "n_up": 3, "due_date": "2026-01-09", "priority": 0});
    let sheets = |purpose: &str, first: u32, count: u32| {
        let sheets = json!({"job_id": format!("J{number}"), "first_sheet_number": first,
            "count": count, "purpose": purpose});
        event("SheetsCreated", sheets)
    };
    vec![
        (OFFICE, event("JobCreated", job)),
        (OFFICE, sheets("run", 1, 10)),
        (OFFICE, sheets("overs", 11, 2)),
    ]
}

fn past(events: &[Recorded]) -> PastJobs {
    let mut past = PastJobs::default();
    for recorded in events {
        past.apply(recorded);
    }
    past
}

fn arrivals(past: &PastJobs, now: Timestamp) -> Option<Arrivals> {
    let registered = StationRegistered {
        station_id: "PRESS-1".parse().unwrap(),
        description: station("press", "120 sheets_per_hour", 1, 0),
    };
    let stations = [Station::evolve(
        None,
        &StationEvent::StationRegistered(registered),
    )];
    let floor = FloorNow {
        now,
        stations: &stations,
        jobs: &[],
        practice: &Practice::default(),
    };
    past.arrivals(floor, &FloorPolicy::default()).unwrap()
}

#[test]
fn what_came_in_comes_in_again_once_enough_is_known() {
    let mut events = vec![published()];
    events.extend((1..=10).flat_map(created));
    let past = past(&log(events));
    assert_eq!(past.last_job_number(), 10);
    // The first job came at minute 1.
    let ten_days = minute(1) + SignedDuration::from_hours(240);
    let known = arrivals(&past, ten_days).unwrap();
    assert!((known.jobs_per_day - 0.9).abs() < 1e-9, "{known:?}");
    assert_eq!(known.templates.len(), 10);
    // Each is due as long after it came as it was then, and takes its overs along.
    assert_eq!(known.templates[0].release, minute(1));
    assert_eq!(known.templates[0].due.to_string(), "2026-01-10T00:00:00Z");
    let sheets: u32 = (known.templates[0].lots.iter())
        .map(|lot| lot.operations[0].units)
        .sum();
    assert_eq!(sheets, 12);
    // Ten jobs of three days, and jobs of which the last came months ago, say nothing.
    let three_days = minute(1) + SignedDuration::from_hours(72);
    assert_eq!(arrivals(&past, three_days), None);
    let months = minute(1) + SignedDuration::from_hours(24 * 90);
    assert_eq!(arrivals(&past, months), None);
}

#[test]
fn a_job_is_done_when_its_last_set_was_packed() {
    let packed = |sheet: u32| {
        let payload = json!({"assembly_id": format!("J1-S{sheet:03}-SET"), "pack_id": "J1-BOX-001",
            "card_unit_ids": []});
        ("PACK-1", event("SetPacked", payload))
    };
    let past = past(&log(vec![packed(1), packed(2)]));
    let job = |number| JobId::new(number).unwrap();
    assert_eq!(past.last_packed(job(1)), Some(minute(1)));
    assert_eq!(past.last_packed(job(2)), None);
}
