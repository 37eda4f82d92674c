//! Claims about what is at a station, and how much work it means there.

use super::fixtures::{OFFICE, decimal, event, log, minute, spec, station};
use super::{
    QueuedWork, Setup, StationLoad, StationQueue, Throughput, WorkHere, project_station_queue,
    queue_minutes,
};
use crate::domain::Decimal;
use crate::domain::card_unit::CardUnit;
use crate::domain::event::{Event, Recorded, UnitRef};
use crate::domain::product::EntityType;
use crate::domain::sheet::Sheet;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Product, job, and the stations FOIL-1 (60 sheets an hour, 10 minutes of set-up), DIE-1 (600 cards an
/// hour on two machines) and BENCH-1 (20 sets an hour).
fn shop() -> Vec<(&'static str, Event)> {
    let registered = |id: &str, description| {
        let mut payload = serde_json::to_value(&description).unwrap();
        payload["station_id"] = json!(id);
        (OFFICE, event("StationRegistered", payload))
    };
    vec![
        (
            OFFICE,
            event(
                "ProductSpecPublished",
                json!({"product_id": "P", "product_version": 1, "spec": spec()}),
            ),
        ),
        (
            OFFICE,
            event(
                "JobCreated",
                json!({"job_id": "J1", "order_id": "PO-1", "product_id": "P", "product_version": 1,
                    "quantity": 30, "n_up": 3, "due_date": "2026-02-01", "priority": 0}),
            ),
        ),
        registered("FOIL-1", station("foil", "60 sheets_per_hour", 1, 10)),
        registered("DIE-1", station("die_cut", "600 cards_per_hour", 2, 0)),
        registered("BENCH-1", station("assembly", "20 sets_per_hour", 1, 0)),
    ]
}

/// The log of the shop and of what follows; [`arrival`] tells when the nth of that was recorded.
fn history(events: Vec<(&'static str, Event)>) -> Vec<Recorded> {
    log(shop().into_iter().chain(events).collect())
}

fn arrival(n: usize) -> jiff::Timestamp {
    minute(i64::try_from(shop().len() + n).unwrap())
}

fn at(station: &'static str, event_type: &str, payload: Value) -> (&'static str, Event) {
    (station, event(event_type, payload))
}

fn sheet_enters(station: &'static str, sheet: &str, operation: &str) -> (&'static str, Event) {
    at(
        station,
        "SheetEnteredStation",
        json!({"sheet_id": sheet, "station_type": "x", "operation_id": operation}),
    )
}

fn card_enters(station: &'static str, card: &str, operation: &str) -> (&'static str, Event) {
    at(
        station,
        "CardUnitEnteredStation",
        json!({"card_unit_id": card, "station_type": "x", "operation_id": operation}),
    )
}

/// Sheet 1 cut at CUT-1, three cards and a set: six events.
fn cut() -> Vec<(&'static str, Event)> {
    let card = |position: u16, design: &str| {
        at(
            "CUT-1",
            "CardUnitCreated",
            json!({"card_unit_id": format!("J1-S001-{position:02}"), "sheet_id": "J1-S001",
                "job_id": "J1", "position": position, "design": design}),
        )
    };
    vec![
        at(
            OFFICE,
            "SheetCreated",
            json!({"sheet_id": "J1-S001", "purpose": "run"}),
        ),
        at(
            "CUT-1",
            "SheetCut",
            json!({"sheet_id": "J1-S001", "job_id": "J1", "n_up": 3,
                "card_unit_ids": ["J1-S001-01", "J1-S001-02", "J1-S001-03"]}),
        ),
        card(1, "A"),
        card(2, "B"),
        card(3, "C"),
        at(
            "CUT-1",
            "AssemblyCreated",
            json!({"assembly_id": "J1-S001-SET", "sheet_id": "J1-S001", "job_id": "J1",
                "expected_count": 3}),
        ),
    ]
}

fn gathered(card: &str, position: u16) -> [(&'static str, Event); 2] {
    let set = "J1-S001-SET";
    [
        at(
            "BENCH-1",
            "CardScannedForAssembly",
            json!({"assembly_id": set, "card_unit_id": card, "position": position}),
        ),
        at(
            "BENCH-1",
            "CardUnitAssembled",
            json!({"card_unit_id": card, "assembly_id": set}),
        ),
    ]
}

fn queue(log: &[Recorded], station: &str) -> StationQueue {
    project_station_queue(log, &station.parse().unwrap())
}

/// `J1-S001 FOIL-F`, in order of arrival; `-` where nothing is left to do.
fn units(queue: &StationQueue) -> Vec<String> {
    queue
        .units
        .iter()
        .map(|at| match &at.work {
            WorkHere::Open(Some(operation)) => format!("{} {operation}", at.unit),
            WorkHere::Open(None) => format!("{} ?", at.unit),
            WorkHere::Done => format!("{} -", at.unit),
        })
        .collect()
}

#[test]
fn a_sheet_is_at_the_station_it_entered_last_since_then_by_the_servers_clock() {
    let log = history(vec![
        sheet_enters("PRESS-1", "J1-S001", "PRESS"),
        sheet_enters("FOIL-1", "J1-S001", "FOIL-F"),
    ]);
    assert_eq!(units(&queue(&log, "PRESS-1")), Vec::<String>::new());
    let foil = queue(&log, "FOIL-1");
    assert_eq!(units(&foil), ["J1-S001 FOIL-F"]);
    assert_eq!(foil.units[0].since, arrival(1));
    assert_eq!(foil.queue_minutes, Some(Decimal::whole(1)));
}

#[test]
fn what_is_complete_is_still_there_but_no_more_work() {
    let done = |sheet: &str| {
        at(
            "FOIL-1",
            "SheetOperationCompleted",
            json!({"sheet_id": sheet, "operation_id": "FOIL-F", "ready_to_cut": false}),
        )
    };
    let log = history(vec![
        sheet_enters("FOIL-1", "J1-S001", "FOIL-F"),
        sheet_enters("FOIL-1", "J1-S002", "FOIL-F"),
        done("J1-S001"),
    ]);
    let foil = queue(&log, "FOIL-1");
    assert_eq!(units(&foil), ["J1-S001 -", "J1-S002 FOIL-F"]);
    assert_eq!(foil.queue_minutes, Some(Decimal::whole(1)));
}

#[test]
fn a_cut_or_voided_sheet_is_nowhere_and_its_cards_lie_where_it_was_cut() {
    let mut events = vec![
        sheet_enters("CUT-1", "J1-S001", "CUT"),
        sheet_enters("CUT-1", "J1-S002", "CUT"),
        at(
            OFFICE,
            "SheetVoided",
            json!({"sheet_id": "J1-S002", "reason": "torn"}),
        ),
    ];
    events.extend(cut());
    let cutter = queue(&history(events), "CUT-1");
    assert_eq!(
        units(&cutter),
        ["J1-S001-01 -", "J1-S001-02 -", "J1-S001-03 -"]
    );
    assert_eq!(cutter.queue_minutes, None, "the cutter is not registered");
}

#[test]
fn two_machines_share_a_queue_of_cards() {
    let mut events = cut();
    events
        .extend(["J1-S001-01", "J1-S001-02", "J1-S001-03"].map(|c| card_enters("DIE-1", c, "DIE")));
    // 0.1 minutes each: two side by side, then the third.
    assert_eq!(
        queue(&history(events), "DIE-1").queue_minutes,
        Some(decimal("0.2"))
    );
}

#[test]
fn a_gathered_card_is_where_its_set_is_and_the_set_is_at_the_bench() {
    let mut events = cut();
    events.push(card_enters("QA-1", "J1-S001-01", "QA"));
    let first_gathered = events.len();
    events.extend(gathered("J1-S001-01", 1));
    events.extend(gathered("J1-S001-02", 2));
    let log = history(events.clone());
    assert_eq!(units(&queue(&log, "QA-1")), Vec::<String>::new());
    let bench = queue(&log, "BENCH-1");
    assert_eq!(units(&bench), ["J1-S001-SET GATHER"]);
    assert_eq!(bench.units[0].since, arrival(first_gathered));
    assert_eq!(bench.queue_minutes, Some(Decimal::whole(3)));

    events.extend(gathered("J1-S001-03", 3));
    events.push(at(
        "BENCH-1",
        "AssemblyCompleted",
        json!({"assembly_id": "J1-S001-SET"}),
    ));
    let bench = queue(&history(events.clone()), "BENCH-1");
    assert_eq!(units(&bench), ["J1-S001-SET -"]);
    assert_eq!(bench.queue_minutes, Some(Decimal::whole(0)));

    let pack = json!({"assembly_id": "J1-S001-SET", "pack_id": "J1-BOX-001",
        "card_unit_ids": ["J1-S001-01", "J1-S001-02", "J1-S001-03"]});
    events.push(at("PACK-1", "SetPacked", pack));
    for card in ["J1-S001-01", "J1-S001-02", "J1-S001-03"] {
        let packed = json!({"card_unit_id": card, "pack_id": "J1-BOX-001"});
        events.push(at("PACK-1", "CardUnitPacked", packed));
    }
    for station in ["BENCH-1", "PACK-1"] {
        assert_eq!(
            units(&queue(&history(events.clone()), station)),
            Vec::<String>::new()
        );
    }
}

#[test]
fn a_card_taken_out_of_its_set_lies_at_the_bench_and_an_empty_set_nowhere() {
    let mut events = cut();
    events.extend(gathered("J1-S001-01", 1));
    let (set, card) = ("J1-S001-SET", "J1-S001-01");
    events.push(at(
        "BENCH-1",
        "CardRemovedFromAssembly",
        json!({"assembly_id": set, "card_unit_id": card, "position": 1, "reason": "scratch"}),
    ));
    events.push(at(
        "BENCH-1",
        "CardUnitRemovedFromAssembly",
        json!({"card_unit_id": card, "assembly_id": set, "reason": "scratch"}),
    ));
    assert_eq!(units(&queue(&history(events), "BENCH-1")), ["J1-S001-01 -"]);
}

#[test]
fn a_set_stands_at_the_bench_again_once_its_only_card_lives_again_in_it() {
    let mut events = cut();
    events.extend(gathered("J1-S001-01", 1));
    let (set, card) = ("J1-S001-SET", "J1-S001-01");
    let lost = json!({"assembly_id": set, "card_unit_id": card, "position": 1, "cause": "voided"});
    events.push(at("BENCH-1", "AssemblyMemberLost", lost));
    events.push(at(
        "BENCH-1",
        "CardUnitVoided",
        json!({"card_unit_id": card, "reason": "bent"}),
    ));
    let none: [&str; 0] = [];
    assert_eq!(units(&queue(&history(events.clone()), "BENCH-1")), none);
    events.push(at(
        "BENCH-1",
        "AssemblyMemberRestored",
        json!({"assembly_id": set, "card_unit_id": card, "position": 1, "gathered": true}),
    ));
    let bench = queue(&history(events), "BENCH-1");
    assert_eq!(units(&bench), ["J1-S001-SET GATHER"]);
}

#[test]
fn a_voided_or_consumed_card_is_nowhere() {
    let mut events = cut();
    events.push(card_enters("DIE-1", "J1-S001-01", "DIE"));
    events.push(card_enters("DIE-1", "J1-S001-02", "DIE"));
    let voided = json!({"card_unit_id": "J1-S001-01", "reason": "bent"});
    events.push(at("DIE-1", "CardUnitVoided", voided));
    let consumed = json!({"card_unit_id": "J1-S001-02", "replacement_id": "J1-S002-02-R1"});
    events.push(at(OFFICE, "CardUnitConsumedAsSpare", consumed));
    assert_eq!(
        units(&queue(&history(events), "DIE-1")),
        Vec::<String>::new()
    );
}

#[test]
fn a_correction_puts_a_sheet_back_to_where_it_has_been_all_along() {
    let log = history(vec![
        sheet_enters("FOIL-1", "J1-S001", "FOIL-F"),
        sheet_enters("CUT-1", "J1-S001", "CUT"),
        at(
            "CUT-1",
            "SheetCorrected",
            json!({"sheet_id": "J1-S001", "undoes": [7], "reason": "wrong station", "restores":
                {"status": "in_progress", "current_station_id": "FOIL-1",
                 "current_operation_id": "FOIL-F", "completed_operation_ids": ["PRESS"]}}),
        ),
    ]);
    assert_eq!(units(&queue(&log, "CUT-1")), Vec::<String>::new());
    let foil = queue(&log, "FOIL-1");
    assert_eq!(units(&foil), ["J1-S001 FOIL-F"]);
    assert_eq!(foil.units[0].since, arrival(0));
}

#[test]
fn work_of_one_family_is_taken_together_and_a_changeover_is_paid_once() {
    let foil = Throughput::from(&station("foil", "60 sheets_per_hour", 1, 10));
    let sheet = |family: &str| QueuedWork {
        entity: EntityType::Sheet,
        n_up: 3,
        setup: Setup::Family(family.into()),
    };
    let work = [
        sheet("gold"),
        sheet("silver"),
        sheet("gold"),
        sheet("silver"),
    ];
    assert_eq!(queue_minutes(&foil, &work), Some(Decimal::whole(4 + 10)));
    // Two machines: gold on both, then each changes over for one silver sheet.
    let two = Throughput {
        machines: 2,
        ..foil
    };
    assert_eq!(queue_minutes(&two, &work), Some(Decimal::whole(2 + 10)));
    assert_eq!(queue_minutes(&foil, &[]), Some(Decimal::whole(0)));
    let none = Throughput {
        machines: 0,
        ..foil
    };
    assert_eq!(queue_minutes(&none, &work), None);
}

#[test]
fn operations_of_different_families_cost_a_changeover_in_the_queue() {
    // FOIL-F is of the gold family, FOIL-B has none: one minute each, ten for the changeover.
    let log = history(vec![
        sheet_enters("FOIL-1", "J1-S001", "FOIL-F"),
        sheet_enters("FOIL-1", "J1-S002", "FOIL-B"),
        sheet_enters("FOIL-1", "J1-S003", "FOIL-F"),
    ]);
    assert_eq!(
        queue(&log, "FOIL-1").queue_minutes,
        Some(Decimal::whole(13))
    );
}

#[test]
fn every_registered_station_has_its_queue_be_it_empty() {
    let mut load = StationLoad::default();
    for recorded in &history(vec![sheet_enters("PRESS-1", "J1-S001", "PRESS")]) {
        load.apply(recorded);
    }
    let told: Vec<String> = (load.queues().iter())
        .map(|queue| {
            format!(
                "{} {} {:?}",
                queue.station_id,
                queue.units.len(),
                queue.queue_minutes
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            "BENCH-1 0 Some(0)",
            "DIE-1 0 Some(0)",
            "FOIL-1 0 Some(0)",
            "PRESS-1 1 None"
        ]
    );
}

#[test]
fn a_rate_that_was_changed_counts_from_the_log_as_last_said() {
    let mut payload = serde_json::to_value(station("foil", "30 sheets_per_hour", 1, 0)).unwrap();
    payload["station_id"] = json!("FOIL-1");
    let log = history(vec![
        sheet_enters("FOIL-1", "J1-S001", "FOIL-F"),
        at(OFFICE, "StationReconfigured", payload),
    ]);
    assert_eq!(queue(&log, "FOIL-1").queue_minutes, Some(Decimal::whole(2)));
}

/// The states are the truth; this fold must say the same of every sheet and card after every event.
#[test]
fn after_every_event_the_queues_say_what_the_states_say() {
    let mut events = vec![
        sheet_enters("PRESS-1", "J1-S001", "PRESS"),
        sheet_enters("FOIL-1", "J1-S001", "FOIL-F"),
    ];
    events.insert(0, cut().remove(0));
    events.extend(cut().split_off(1));
    let card = "J1-S001-01";
    let failed = json!({"card_unit_id": card, "operation_id": "QA", "result": "FAIL"});
    let passed = json!({"card_unit_id": card, "operation_id": "QA", "result": "PASS"});
    events.extend([
        card_enters("DIE-1", card, "DIE"),
        card_enters("QA-1", card, "QA"),
        at("QA-1", "QAResultRecorded", failed),
        card_enters("DIE-1", card, "DIE"),
        at(
            "DIE-1",
            "CardUnitOperationCompleted",
            json!({"card_unit_id": card, "operation_id": "DIE"}),
        ),
        card_enters("QA-1", card, "QA"),
        at("QA-1", "QAResultRecorded", passed),
        at(
            "DIE-1",
            "SequentialNumberApplied",
            json!({"card_unit_id": card, "operation_id": "NUMBER", "sequential_number":
                {"scope": {"position": {"job_id": "J1", "position": 1}}, "number": 1, "of": 99}}),
        ),
    ]);
    events.extend(gathered(card, 1));
    events.push(at(
        OFFICE,
        "CardUnitRemovedFromAssembly",
        json!({"card_unit_id": card, "assembly_id": "J1-S001-SET", "reason": "look again"}),
    ));
    events.push(at(
        "QA-1",
        "CardUnitVoided",
        json!({"card_unit_id": card, "reason": "bent"}),
    ));
    events.push(at(
        OFFICE,
        "CardUnitCorrected",
        json!({"card_unit_id": card, "undoes": [1], "reason": "the other one", "restores":
            {"status": "qa_passed", "current_station_id": "BENCH-1"}}),
    ));

    let mut load = StationLoad::default();
    let mut sheets: BTreeMap<_, Sheet> = BTreeMap::new();
    let mut cards: BTreeMap<_, CardUnit> = BTreeMap::new();
    for recorded in &history(events) {
        load.apply(recorded);
        match &recorded.event {
            Event::Sheet(e) => {
                let sheet = sheets.remove(e.unit_id());
                let sheet = Sheet::evolve(sheet, e, &recorded.context);
                sheets.insert(sheet.sheet_id, sheet);
            }
            Event::CardUnit(e) => {
                let card = cards.remove(e.unit_id());
                let card = CardUnit::evolve(card, e, &recorded.context);
                cards.insert(card.card_unit_id, card);
            }
            _ => {}
        }
        let mut expected: Vec<(String, UnitRef, WorkHere)> = Vec::new();
        let mut expect = |station: &Option<_>, unit, operation: &Option<_>| {
            if let Some(station) = station {
                let station: &crate::identity::StationId = station;
                let work = match operation {
                    Some(_) => WorkHere::Open(operation.clone()),
                    None => WorkHere::Done,
                };
                expected.push((station.to_string(), unit, work));
            }
        };
        for sheet in sheets.values() {
            let now = &sheet.situation;
            let unit = UnitRef::Sheet(sheet.sheet_id);
            expect(&now.current_station_id, unit, &now.current_operation_id);
        }
        for card in cards.values() {
            let now = &card.situation;
            if now.status != crate::domain::card_unit::CardUnitStatus::Assembled {
                let unit = UnitRef::CardUnit(card.card_unit_id);
                expect(&now.current_station_id, unit, &now.current_operation_id);
            }
        }
        let mut told: Vec<(String, UnitRef, WorkHere)> = Vec::new();
        for queue in load.queues() {
            for at in queue.units {
                if !matches!(at.unit, UnitRef::Assembly(_)) {
                    told.push((queue.station_id.to_string(), at.unit, at.work));
                }
            }
        }
        expected.sort_by(|a, b| a.1.cmp(&b.1));
        told.sort_by(|a, b| a.1.cmp(&b.1));
        assert_eq!(told, expected, "after {}", recorded.event.event_type());
    }
}
