//! Claims about what is measured, on logs whose events are a minute apart.

#![expect(clippy::float_cmp, reason = "these are worked out exactly")]

use super::fixtures::{OFFICE, event, log, spec, station};
use super::measured::rate;
use super::{BELIEVED_FROM, MeasuredCapacity, MeasuredRun};
use crate::domain::event::Event;
use crate::identity::{JobId, OperationId, ProductId};
use jiff::ToSpan;
use jiff::civil::date;
use serde_json::{Value, json};

type Told = Vec<(&'static str, Event)>;

fn at(station: &'static str, event_type: &str, payload: Value) -> (&'static str, Event) {
    (station, event(event_type, payload))
}

/// FOIL-1 does 120 sheets an hour, FOIL-F takes a minute: a minute each. QA-1 has two machines of 300
/// cards an hour: 0.2 minutes a card, on two machines 0.1.
fn shop() -> Told {
    let registered = |id: &str, description| {
        let mut payload = serde_json::to_value(&description).unwrap();
        payload["station_id"] = json!(id);
        at(OFFICE, "StationRegistered", payload)
    };
    let job = |id: &str| {
        at(
            OFFICE,
            "JobCreated",
            json!({"job_id": id, "order_id": "PO-1", "product_id": "P", "product_version": 1,
                "quantity": 300, "n_up": 3, "due_date": "2026-02-01", "priority": 0}),
        )
    };
    vec![
        at(
            OFFICE,
            "ProductSpecPublished",
            json!({"product_id": "P", "product_version": 1, "spec": spec()}),
        ),
        job("J1"),
        job("J2"),
        job("J3"),
        registered("FOIL-1", station("foil", "120 sheets_per_hour", 1, 0)),
        registered("QA-1", station("qa", "300 cards_per_hour", 2, 0)),
    ]
}

fn sheet(job: &str, number: u32, operation: &str) -> (&'static str, Event) {
    at(
        "FOIL-1",
        "SheetEnteredStation",
        json!({"sheet_id": format!("{job}-S{number:03}"), "station_type": "foil", "operation_id": operation}),
    )
}

fn idle(minutes: usize) -> Told {
    let lots = || {
        at(
            "PRESS-9",
            "MaterialLotsLoaded",
            json!({"station_id": "PRESS-9", "material_lot_ids": []}),
        )
    };
    (0..minutes).map(|_| lots()).collect()
}

fn measured(events: Told) -> MeasuredCapacity {
    let mut measured = MeasuredCapacity::default();
    for recorded in log(shop().into_iter().chain(events).collect()) {
        measured.apply(&recorded);
    }
    measured
}

/// Six sheets a minute apart, then one of another job, which ends the run.
fn one_run(job: &str) -> Told {
    (1..=6).map(|number| sheet(job, number, "FOIL-F")).collect()
}

fn run(measured: &MeasuredCapacity) -> (u64, f64, f64) {
    let [
        MeasuredRun {
            units,
            actual_minutes,
            standard_minutes,
            ..
        },
    ] = measured.runs()
    else {
        panic!("{:?}", measured.runs());
    };
    (*units, *actual_minutes, *standard_minutes)
}

#[test]
fn what_lies_between_two_scans_is_what_the_unit_before_took() {
    let next = vec![sheet("J2", 1, "FOIL-F")];
    let as_rated = measured([one_run("J1"), next.clone()].concat());
    assert_eq!(run(&as_rated), (5, 5.0, 5.0));
    // Foil on the back takes two minutes by standard, and is done in one.
    let fast = (1..=6)
        .map(|number| sheet("J1", number, "FOIL-B"))
        .collect();
    let fast = measured([fast, next].concat());
    assert_eq!(run(&fast), (5, 5.0, 10.0));
    assert_eq!(fast.runs()[0].ratio(), 0.5);
}

#[test]
fn a_long_silence_is_a_lack_of_work_and_downtime_is_nobodys_pace() {
    let silent = measured([one_run("J1"), idle(40), one_run("J1")].concat());
    assert_eq!(run(&silent), (5, 5.0, 5.0), "the second run is not over");
    let down = vec![at(
        OFFICE,
        "StationWentDown",
        json!({"station_id": "FOIL-1", "reason": "heater"}),
    )];
    let up = vec![at(OFFICE, "StationCameUp", json!({"station_id": "FOIL-1"}))];
    let broken = [
        one_run("J1"),
        down,
        idle(8),
        up,
        one_run("J1"),
        vec![sheet("J2", 1, "FOIL-F")],
    ];
    let broken = measured(broken.concat());
    // Two minutes from the last scan to the failure and from the repair to the next; nine in between.
    assert_eq!(run(&broken), (11, 12.0, 11.0));
    let [downtime] = broken.downtimes() else {
        panic!("{:?}", broken.downtimes());
    };
    assert_eq!(downtime.staffed_minutes, 9.0);
}

#[test]
fn how_long_a_silence_may_be_depends_on_how_long_a_unit_takes() {
    // Six minutes a sheet: a gap of twenty is slow work, one of forty is none.
    let slow = || {
        let mut payload =
            serde_json::to_value(station("foil", "10 sheets_per_hour", 1, 0)).unwrap();
        payload["station_id"] = json!("FOIL-1");
        vec![at(OFFICE, "StationRegistered", payload)]
    };
    let two_sheets = |minutes: usize| {
        let (first, second) = (sheet("J1", 1, "FOIL-F"), sheet("J1", 2, "FOIL-F"));
        let ends = sheet("J2", 1, "FOIL-F");
        measured([slow(), vec![first], idle(minutes), vec![second, ends]].concat())
    };
    assert_eq!(run(&two_sheets(20)), (1, 21.0, 6.0));
    assert_eq!(two_sheets(40).runs(), []);
}

#[test]
fn rating_and_measure_stand_side_by_side_and_little_is_not_believed() {
    let seen = measured([one_run("J1"), vec![sheet("J2", 1, "FOIL-F")]].concat());
    let rate = &seen.rates()[0];
    assert_eq!(
        (rate.rated_units_per_hour, rate.measured_units_per_hour),
        (60.0, Some(60.0))
    );
    assert_eq!(rate.ratio, Some(1.0));
    assert_eq!((rate.units, rate.runs, rate.days), (5, 1, 1));
    assert!(!rate.believe_measured, "{BELIEVED_FROM:?}");
}

#[test]
fn a_measure_is_believed_after_enough_runs_on_enough_days_of_enough_units() {
    let (station_id, product_id) = ("FOIL-1".parse().unwrap(), "P".parse().unwrap());
    let believed = |runs: u32, days: u32, units: u64, minutes: f64| {
        let run = |number: u32| MeasuredRun {
            station_id: "FOIL-1".parse().unwrap(),
            product_id: "P".parse().unwrap(),
            operation_id: "FOIL-F".parse().unwrap(),
            job_id: JobId::new(1).unwrap(),
            day: date(2026, 1, 1) + i64::from(number % days).days(),
            units: if number == 0 {
                units - u64::from(runs - 1)
            } else {
                1
            },
            actual_minutes: minutes,
            standard_minutes: 1.0,
        };
        let all: Vec<MeasuredRun> = (0..runs).map(run).collect();
        let rate = rate(&station_id, &product_id, &all.iter().collect::<Vec<_>>());
        assert_eq!((rate.runs, rate.days, rate.units), (runs, days, units));
        assert_eq!(rate.ratio.is_some(), minutes > 0.0);
        rate.believe_measured
    };
    let (runs, days, units) = BELIEVED_FROM;
    assert!(believed(runs, days, units, 1.0));
    assert!(!believed(runs - 1, days, units, 1.0));
    assert!(!believed(runs, days - 1, units, 1.0));
    assert!(!believed(runs, days, units - 1, 1.0));
    assert!(!believed(runs, days, units, 0.0), "all within one moment");
}

#[test]
fn transfer_batches_are_read_from_when_the_next_operation_begins() {
    let card = |job: &str, number: u32| {
        at(
            "QA-1",
            "CardUnitEnteredStation",
            json!({"card_unit_id": format!("{job}-S{number:03}-01"), "station_type": "qa", "operation_id": "DIE"}),
        )
    };
    let cut = |job: &str, number: u32| {
        let sheet = format!("{job}-S{number:03}");
        let cards: Vec<String> = (1..=3)
            .map(|position| format!("{sheet}-{position:02}"))
            .collect();
        at(
            "CUT-1",
            "SheetCut",
            json!({"sheet_id": sheet, "job_id": job, "n_up": 3, "card_unit_ids": cards}),
        )
    };
    // Four sheets are cut before the first card is die-cut; of J3 only two.
    let of = |job: &'static str, sheets: u32| -> Told {
        (1..=sheets)
            .map(|number| cut(job, number))
            .chain([card(job, 1)])
            .collect()
    };
    let seen = measured([of("J1", 5), of("J2", 5), of("J3", 3)].concat());
    let product: ProductId = "P".parse().unwrap();
    let operation = |text: &str| text.parse::<OperationId>().unwrap();
    assert_eq!(
        seen.practice().transfer_batch(&product, &operation("CUT")),
        Some(4)
    );
    assert_eq!(
        seen.practice()
            .transfer_batch(&product, &operation("PRESS")),
        None
    );
    assert_eq!(JobId::new(1).unwrap().to_string(), "J1");
}

#[test]
fn rework_and_loss_are_shares_of_the_cards_that_were_inspected() {
    let mut events: Told = Vec::new();
    for number in 1..=110 {
        let card = format!("J1-S{number:03}-01");
        let enters = || {
            at(
                "QA-1",
                "CardUnitEnteredStation",
                json!({"card_unit_id": card, "station_type": "qa", "operation_id": "QA"}),
            )
        };
        let verdict = |result: &str| {
            at(
                "QA-1",
                "QAResultRecorded",
                json!({"card_unit_id": card, "operation_id": "QA", "result": result}),
            )
        };
        events.push(enters());
        // One in ten fails; half of those are reworked, half are voided.
        match number % 20 {
            0 => events.extend([verdict("FAIL"), enters(), verdict("PASS")]),
            10 => events.extend([
                verdict("FAIL"),
                at(
                    "QA-1",
                    "CardUnitVoided",
                    json!({"card_unit_id": card, "reason": "torn"}),
                ),
            ]),
            _ => events.push(verdict("PASS")),
        }
    }
    let practice = measured(events).practice();
    let (product, operation) = ("P".parse().unwrap(), "QA".parse().unwrap());
    assert_eq!(
        practice.rework_share(&product, &operation),
        Some(5.0 / 110.0)
    );
    assert_eq!(practice.loss_share(&product, &operation), Some(6.0 / 110.0));
}
