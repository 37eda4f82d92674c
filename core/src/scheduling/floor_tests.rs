//! From the units' states to lots, on the product of `capacity`'s fixtures: three up; press, two foils and
//! the cut; die, embossing at position 2, QA, a number at position 3; assembly and packing.

use super::fixtures::dispatch_only;
use super::*;
use crate::capacity::Practice;
use crate::capacity::fixtures::{minute, spec, station};
use crate::domain::UnitRef;
use crate::domain::assembly::Assembly;
use crate::domain::card_unit::CardUnit;
use crate::domain::job::Job;
use crate::domain::product::{ProductSpec, StationType};
use crate::domain::sheet::Sheet;
use crate::domain::station::{Station, StationEvent, StationRegistered};
use serde_json::json;

fn job() -> Job {
    serde_json::from_value(json!({
        "plan": {"job_id": "J1", "order_id": "PO-1", "product_id": "P", "product_version": 1,
            "quantity": 30, "n_up": 3, "due_date": "2026-01-09", "priority": 2},
        "status": "in_progress", "held": null, "sheets": []
    }))
    .unwrap()
}

fn sheet(number: u32, purpose: &str, status: &str, done: &[&str]) -> Sheet {
    serde_json::from_value(json!({
        "sheet_id": format!("J1-S{number:03}"), "purpose": purpose, "defects": {}, "deviations": [],
        "held": null, "released_from": [], "visits": [],
        "situation": {"status": status, "completed_operation_ids": done}
    }))
    .unwrap()
}

/// The sheet came to FOIL-1 at that minute, and its foil is open.
fn at_foil(mut sheet: Sheet, since: i64) -> Sheet {
    sheet.situation.current_operation_id = Some("FOIL-F".parse().unwrap());
    sheet.situation.current_station_id = Some("FOIL-1".parse().unwrap());
    sheet.visits = serde_json::from_value(
        json!([{"station_id": "FOIL-1", "recorded_at": minute(since).to_string()}]),
    )
    .unwrap();
    sheet
}

fn card(id: &str, status: &str, done: &[&str]) -> CardUnit {
    serde_json::from_value(json!({
        "card_unit_id": id, "design": "A", "spare": false, "replaces": null, "source": null,
        "consumed_by": null, "defects": [], "deviations": [], "held": null, "released_from": [],
        "visits": [], "situation": {"status": status, "completed_operation_ids": done}
    }))
    .unwrap()
}

fn set(number: u32, status: &str, vacant: &[u16]) -> Assembly {
    let member = |position: u16| {
        let filling = if vacant.contains(&position) {
            json!({"vacant": "voided"})
        } else {
            json!("expected")
        };
        json!({"card_unit_id": format!("J1-S{number:03}-{position:02}"), "filling": filling})
    };
    serde_json::from_value(json!({
        "assembly_id": format!("J1-S{number:03}-SET"), "spares": false,
        "members": (1..=3).map(member).collect::<Vec<_>>(),
        "status": status, "held": null, "released_from": [], "pack_id": null
    }))
    .unwrap()
}

fn stations() -> Vec<Station> {
    let station = |id: &str, station_type: &str, rate: &str| {
        let registered = StationRegistered {
            station_id: id.parse().unwrap(),
            description: station(station_type, rate, 1, 10),
        };
        Station::evolve(None, &StationEvent::StationRegistered(registered))
    };
    vec![
        station("PRESS-1", "press", "120 sheets_per_hour"),
        station("FOIL-1", "foil", "30 sheets_per_hour"),
        station("FOIL-2", "foil", "120 sheets_per_hour"),
        station("CUT-1", "cutting", "240 sheets_per_hour"),
        station("DIE-1", "die_cut", "600 cards_per_hour"),
        station("EMBOSS-1", "emboss", "600 cards_per_hour"),
        station("QA-1", "qa", "300 cards_per_hour"),
        station("NUMBER-1", "numbering", "300 cards_per_hour"),
        station("BENCH-1", "assembly", "60 sets_per_hour"),
        station("PACK-1", "packing", "120 sets_per_hour"),
    ]
}

struct Floor {
    job: Job,
    order_held: Option<&'static str>,
    spec: ProductSpec,
    stations: Vec<Station>,
    sheets: Vec<Sheet>,
    cards: Vec<CardUnit>,
    sets: Vec<Assembly>,
}

fn floor() -> Floor {
    Floor {
        job: job(),
        order_held: None,
        spec: spec(),
        stations: stations(),
        sheets: Vec::new(),
        cards: Vec::new(),
        sets: Vec::new(),
    }
}

fn read(floor: &Floor) -> FloorInput {
    with_job(floor, |now| {
        input_from_floor(now, &FloorPolicy::default()).unwrap()
    })
}

fn with_job<T>(floor: &Floor, look: impl FnOnce(FloorNow) -> T) -> T {
    let practice = Practice::default();
    let sheets: Vec<SheetNow> = floor.sheets.iter().map(SheetNow::from).collect();
    let cards: Vec<CardNow> = floor.cards.iter().map(CardNow::from).collect();
    let sets: Vec<SetNow> = floor.sets.iter().map(SetNow::from).collect();
    let job = JobNow {
        job: &floor.job,
        order_held: floor.order_held,
        spec: &floor.spec,
        sheets: &sheets,
        cards: &cards,
        sets: &sets,
    };
    let now = FloorNow {
        now: minute(60),
        stations: &floor.stations,
        jobs: &[job],
        practice: &practice,
    };
    look(now)
}

/// `PRESS 2 after []`
fn told(lot: &LotInput) -> Vec<String> {
    lot.operations
        .iter()
        .map(|o| format!("{} {} after {:?}", o.operation_id, o.units, o.predecessors))
        .collect()
}

#[test]
fn fresh_sheets_go_as_lots_with_the_cards_and_sets_that_will_come_of_them() {
    let mut floor = floor();
    floor.sheets = (1..=12)
        .map(|number| sheet(number, "run", "created", &[]))
        .collect();
    floor.sheets.push(sheet(13, "overs", "created", &[]));
    let input = read(&floor).input;
    let lots = &input.jobs[0].lots;
    let counted: Vec<(u32, bool, u32)> = lots
        .iter()
        .map(|lot| (lot.number, lot.owed, lot.operations[0].units))
        .collect();
    assert_eq!(counted, [(1, true, 10), (11, true, 2), (13, false, 1)]);
    assert_eq!(
        told(&lots[1]),
        [
            "PRESS 2 after []",
            "FOIL-F 2 after [0]",
            "FOIL-B 2 after [0]",
            "CUT 2 after [1, 2]",
            "DIE 6 after [3]",
            "EMBOSS 2 after [4]",
            "QA 6 after [4, 5]",
            "NUMBER 2 after [6]",
            "GATHER 2 after [7]",
            "PACK 2 after [8]",
        ]
    );
    // Nobody waits for the set of a spare sheet.
    assert!(told(&lots[2]).last().unwrap().starts_with("NUMBER"));
    // The slower of standard time (1 minute) and rating (2 minutes, half a minute).
    let foil: Vec<String> = (lots[0].operations[1].alternatives.iter())
        .map(|a| a.minutes_each.to_string())
        .collect();
    assert_eq!(foil, ["2", "1"]);
    assert_eq!(input.jobs[0].due.to_string(), "2026-01-10T00:00:00Z");
    let plan = plan(&input, &dispatch_only()).unwrap();
    assert_eq!(check(&input, &plan), []);
}

#[test]
fn nothing_is_packed_before_it_is_gathered_whether_the_product_says_so_or_not() {
    let mut floor = floor();
    floor.sheets = vec![sheet(1, "run", "created", &[])];
    let last_two = |floor: &Floor| told(&read(floor).input.jobs[0].lots[0])[8..].to_vec();
    let said = last_two(&floor);
    assert_eq!(said, ["GATHER 1 after [7]", "PACK 1 after [8]"]);
    for node in &mut floor.spec.operations {
        if node.station_type == StationType::Packing {
            node.predecessors.clear();
        }
    }
    assert_eq!(last_two(&floor), said);
}

#[test]
fn an_order_that_is_thought_of_is_the_same_input_as_one_that_came() {
    let mut floor = floor();
    floor.sheets = (1..=10)
        .map(|number| sheet(number, "run", "created", &[]))
        .collect();
    floor.sheets.push(sheet(11, "overs", "created", &[]));
    let practice = Practice::default();
    let now = FloorNow {
        now: minute(60),
        stations: &floor.stations,
        jobs: &[],
        practice: &practice,
    };
    let policy = FloorPolicy::default();
    let thought_of = input_of_new_job(now, &policy, &floor.job.plan, &floor.spec, 1).unwrap();
    assert_eq!(thought_of, read(&floor).input.jobs[0]);
}

#[test]
fn of_what_stands_at_a_station_only_the_last_is_running() {
    let mut floor = floor();
    let pressed = |number| sheet(number, "run", "in_progress", &["PRESS"]);
    floor.sheets = vec![at_foil(pressed(1), 50), at_foil(pressed(2), 58), pressed(3)];
    let input = read(&floor).input;
    let lots = &input.jobs[0].lots;
    // Sheet 1 was done there, sheet 2 is running, sheet 3 waits.
    let firsts: Vec<(&str, bool)> = (lots.iter())
        .map(|lot| &lot.operations[0])
        .map(|o| (o.operation_id.as_str(), o.running.is_some()))
        .collect();
    assert_eq!(
        firsts,
        [("FOIL-B", false), ("FOIL-F", true), ("FOIL-F", false)]
    );
    let running = lots[1].operations[0].running.unwrap();
    assert_eq!(
        (running.station, running.done_minutes.to_string().as_str()),
        (1, "1")
    );
    assert_eq!(
        input.stations[1].set_up_for[0],
        Some(crate::capacity::Setup::Family("gold".into()))
    );
}

#[test]
fn what_is_in_process_and_what_waits_is_counted_where_it_is_done() {
    let mut floor = floor();
    let pressed = |number| sheet(number, "run", "in_progress", &["PRESS"]);
    floor.sheets = vec![
        at_foil(pressed(1), 50),
        at_foil(pressed(2), 58),
        pressed(3),
        sheet(4, "run", "created", &[]),
    ];
    floor.cards = vec![card("J1-S009-01", "in_progress", &["DIE"])];
    floor.sets = vec![set(9, "pending", &[])];
    let work = with_job(&floor, |now| {
        let input = input_from_floor(now, &FloorPolicy::default())
            .unwrap()
            .input;
        station_work(&input, now.jobs)
    });
    let told: Vec<String> = (work.iter())
        .filter(|work| !work.jobs.is_empty())
        .map(|work| {
            let counts =
                |counts: UnitCounts| (counts.sheet_count, counts.card_unit_count, counts.set_count);
            let (station_id, here) = (&work.station_id, counts(work.in_process));
            format!("{station_id} {here:?} {:?}", counts(work.waiting))
        })
        .collect();
    // Either station can foil the back of sheets 1 and 2, and both sides of sheet 3.
    assert_eq!(
        told,
        [
            "PRESS-1 (0, 0, 0) (1, 0, 0)",
            "FOIL-1 (1, 0, 0) (4, 0, 0)",
            "FOIL-2 (0, 0, 0) (4, 0, 0)",
            "QA-1 (0, 0, 0) (0, 1, 0)",
        ]
    );
}

#[test]
fn after_the_cut_cards_are_branches_of_their_lot_and_the_sets_wait_for_all() {
    let mut floor = floor();
    floor.cards = vec![
        card("J1-S001-01", "in_progress", &["DIE"]),
        card("J1-S001-02", "in_progress", &["DIE"]),
        card("J1-S001-03", "qa_passed", &["DIE", "QA"]),
        card("J1-S002-01", "assembled", &["DIE", "QA"]),
        card("J1-S002-02", "assembled", &["DIE", "EMBOSS", "QA"]),
        card("J1-S002-03", "voided", &["DIE"]),
    ];
    floor.sets = vec![set(1, "pending", &[]), set(2, "error", &[3])];
    let input = read(&floor).input;
    let [lot] = &input.jobs[0].lots[..] else {
        panic!("one lot");
    };
    assert_eq!(
        told(lot),
        [
            "DIE 1 after []", // position 3 of sheet 2, which is to be made anew
            "QA 1 after [0]",
            "NUMBER 1 after [1]",
            "EMBOSS 1 after []",
            "QA 1 after [3]",
            "QA 1 after []",
            "NUMBER 1 after []",
            "GATHER 2 after [2, 4, 5, 6]",
            "PACK 2 after [7]",
        ]
    );
}

#[test]
fn yields_below_one_send_cards_round_again() {
    let mut floor = floor();
    for node in &mut floor.spec.operations {
        if node.operation_id.as_str() == "DIE" {
            node.expected_yield = crate::domain::Decimal::from_millionths(900_000);
        }
    }
    floor.sheets = (1..=10)
        .map(|number| sheet(number, "run", "created", &[]))
        .collect();
    let input = read(&floor).input;
    let again: Vec<String> = (input.jobs[0].lots[0].operations.iter())
        .filter(|o| o.pass != Pass::First)
        .map(|o| format!("{} {}", o.operation_id, o.units))
        .collect();
    assert_eq!(again, ["DIE 3", "EMBOSS 1", "QA 3", "NUMBER 1"]);
    let plan = plan(&input, &dispatch_only()).unwrap();
    assert_eq!(check(&input, &plan), []);
}

#[test]
fn cards_on_their_way_come_round_again_as_well() {
    let mut floor = floor();
    for node in &mut floor.spec.operations {
        if node.operation_id.as_str() == "DIE" {
            node.expected_yield = crate::domain::Decimal::from_millionths(500_000);
        }
    }
    let waiting = |number: u32| card(&format!("J1-S001-{number:02}"), "in_progress", &[]);
    floor.cards = (1..=3).map(waiting).collect();
    floor.sets = vec![set(1, "pending", &[])];
    let input = read(&floor).input;
    let again: Vec<String> = (input.jobs[0].lots[0].operations.iter())
        .filter(|o| o.pass != Pass::First)
        .map(|o| format!("{} {}", o.operation_id, o.units))
        .collect();
    assert_eq!(again, ["DIE 2", "EMBOSS 1", "QA 2", "NUMBER 1"]);
}

#[test]
fn held_and_finished_jobs_are_not_planned_and_a_station_that_is_down_is_closed() {
    let mut floor = floor();
    floor.sheets = vec![sheet(1, "run", "created", &[])];
    floor.job.held = Some("the paper is wrong".into());
    let held = read(&floor);
    assert!(held.input.jobs.is_empty());
    assert_eq!(held.resting[0].reason, "the paper is wrong");
    assert_eq!(held.resting[0].held, UnitRef::Job(floor.job.plan.job_id));
    floor.job.held = None;
    floor.order_held = Some("unpaid");
    let held = read(&floor);
    assert!(held.input.jobs.is_empty());
    let order = UnitRef::ProductionOrder(floor.job.plan.order_id.clone());
    assert_eq!(
        (&held.resting[0].held, &*held.resting[0].reason),
        (&order, "unpaid")
    );
    floor.order_held = None;
    assert_eq!(read(&floor).input.jobs.len(), 1);
    floor.sheets = vec![sheet(1, "run", "cut", &[])];
    assert!(read(&floor).input.jobs.is_empty());
    floor.stations[0].down = Some("a bearing".into());
    let downtime = read(&floor).input.stations[0].downtime[0];
    assert_eq!((downtime.from, downtime.to), (minute(60), minute(300)));
    let policy = FloorPolicy {
        time_zone: "Mars/Olympus".into(),
        ..FloorPolicy::default()
    };
    let now = FloorNow {
        now: minute(0),
        stations: &[],
        jobs: &[],
        practice: &Practice::default(),
    };
    assert!(
        input_from_floor(now, &policy)
            .unwrap_err()
            .contains("Mars/Olympus")
    );
}
