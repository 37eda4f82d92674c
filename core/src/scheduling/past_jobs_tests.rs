//! What the log says of past jobs.

use super::*;
use crate::capacity::fixtures::{OFFICE, event, log, minute, spec, station};
use crate::capacity::{MeasuredCapacity, Practice};
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
    // Ten jobs of less than a week, and nine of the last four weeks, say nothing.
    let after = |seconds: i64| arrivals(&past, minute(1) + SignedDuration::from_secs(seconds));
    let days = |days: i64| days * 86_400;
    let known = [days(7) - 1, days(7), days(28), days(28) + 1].map(|then| after(then).is_some());
    assert_eq!(known, [false, true, true, false]);
}

#[test]
fn a_shop_of_28_jobs_a_day_still_shows_two_weeks() {
    let mut events = vec![published()];
    events.extend((1..=560).filter_map(|number| created(number).into_iter().next()));
    let mut events = log(events);
    let at = |number: i64| minute(1) + SignedDuration::from_mins(number * 24 * 60 / 28);
    for (number, recorded) in (0..).zip(&mut events[1..]) {
        recorded.context.recorded_at = at(number);
    }
    let known = arrivals(&past(&events), at(560)).unwrap();
    let (first, last) = (&known.templates[0], known.templates.last().unwrap());
    let shown = last.release.duration_since(first.release);
    assert!(shown >= SignedDuration::from_hours(14 * 24), "{shown}");
    assert!((known.jobs_per_day - 28.0).abs() < 0.1, "{known:?}");
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

#[test]
fn a_station_will_break_down_as_often_as_it_did() {
    let registered = StationRegistered {
        station_id: "FOIL-1".parse().unwrap(),
        description: station("foil", "120 sheets_per_hour", 1, 0),
    };
    let sheets = |first: u32| {
        (first..first + 6).map(|number| {
            let payload = json!({"sheet_id": format!("J1-S{number:03}"), "station_type": "foil",
                "operation_id": "FOIL-F"});
            ("FOIL-1", event("SheetEnteredStation", payload))
        })
    };
    let down = json!({"station_id": "FOIL-1", "reason": "heater"});
    let repair = [
        (OFFICE, event("StationWentDown", down)),
        (
            OFFICE,
            event("StationCameUp", json!({"station_id": "FOIL-1"})),
        ),
    ];
    let mut events = vec![published()];
    events.extend(created(1));
    events.extend(created(2));
    let registered = StationEvent::StationRegistered(registered);
    events.push((OFFICE, Event::Station(registered)));
    events.extend(sheets(1));
    events.extend(repair.clone());
    events.extend(sheets(7));
    events.extend(repair);
    events.extend(sheets(13));
    let of_another_job =
        json!({"sheet_id": "J2-S001", "station_type": "foil", "operation_id": "FOIL-F"});
    events.push(("FOIL-1", event("SheetEnteredStation", of_another_job)));
    let mut measured = MeasuredCapacity::default();
    for recorded in log(events) {
        measured.apply(&recorded);
    }
    let model = Model::learnt(&measured);
    let [breakdowns] = &model.breakdowns[..] else {
        panic!("{:?}", model.breakdowns);
    };
    assert_eq!(breakdowns.repair_minutes, [1.0, 1.0]);
    // From the first sheet to the last are 21 minutes, of which two were repairs.
    assert!(
        (breakdowns.work_minutes_between - 19.0 / 2.0).abs() < 1e-9,
        "{breakdowns:?}"
    );
}
