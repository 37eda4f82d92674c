//! Claims about the work that remains of a job, worked out by hand on the product of `fixtures`:
//! a new sheet's longest path is press 0.5 + foil back 2 + cut 0.25, then position 2's die 0.1 +
//! emboss 0.4 + QA 0.2 (position 3: 0.1 + 0.2 + number 0.3), then assembly 1.5 + packing 0.5: 5.45.

use super::fixtures::{decimal, spec};
use super::{OperationRemaining, work_remaining};
use crate::domain::Decimal;
use crate::domain::assembly::Assembly;
use crate::domain::card_unit::CardUnit;
use crate::domain::product::StationType;
use crate::domain::sheet::Sheet;
use serde_json::{Value, json};

fn sheet(number: u16, purpose: &str, status: &str, done: &[&str], running: Option<&str>) -> Sheet {
    serde_json::from_value(json!({
        "sheet_id": format!("J1-S{number:03}"), "purpose": purpose, "defects": {}, "deviations": [],
        "held": null, "released_from": [], "visits": [],
        "situation": {"status": status, "completed_operation_ids": done,
            "current_operation_id": running}
    }))
    .unwrap()
}

fn card(id: &str, status: &str, done: &[&str], running: Option<&str>, spare: bool) -> CardUnit {
    serde_json::from_value(json!({
        "card_unit_id": id, "design": "A", "spare": spare, "replaces": null, "source": null,
        "consumed_by": null, "defects": [], "deviations": [], "held": null, "released_from": [],
        "visits": [],
        "situation": {"status": status, "completed_operation_ids": done,
            "current_operation_id": running}
    }))
    .unwrap()
}

fn set(number: u16, status: &str, spares: bool) -> Assembly {
    let member = |position: u16| json!({"card_unit_id": format!("J1-S{number:03}-{position:02}"), "filling": "expected"});
    let members: Vec<Value> = (1..=3).map(member).collect();
    serde_json::from_value(json!({
        "assembly_id": format!("J1-S{number:03}-SET"), "spares": spares, "members": members,
        "status": status, "held": null, "released_from": [], "pack_id": null
    }))
    .unwrap()
}

/// `PRESS 2 1`: operation, units, running; what nothing needs is left out.
fn told(operations: &[OperationRemaining]) -> Vec<String> {
    operations
        .iter()
        .filter(|operation| operation.units > 0)
        .map(|o| format!("{} {} {}", o.operation_id, o.units, o.running))
        .collect()
}

#[test]
fn a_new_sheet_counts_its_cut_its_future_cards_by_position_and_their_set() {
    let work = work_remaining(&spec(), &[sheet(1, "run", "created", &[], None)], &[], &[]);
    assert_eq!(
        told(&work.owed),
        [
            "PRESS 1 0",
            "FOIL-F 1 0",
            "FOIL-B 1 0",
            "CUT 1 0",
            "DIE 3 0",
            "EMBOSS 1 0",
            "QA 3 0",
            "NUMBER 1 0",
            "GATHER 1 0",
            "PACK 1 0",
        ]
    );
    assert_eq!(told(&work.spares), Vec::<String>::new());
    assert_eq!(work.critical_path_minutes, decimal("5.45"));
    let die = work
        .owed
        .iter()
        .find(|o| o.operation_id.as_str() == "DIE")
        .unwrap();
    assert_eq!(die.minutes, decimal("0.3"));
}

#[test]
fn what_runs_is_still_to_be_done_and_what_is_complete_is_not() {
    let sheets = [
        sheet(
            1,
            "run",
            "in_progress",
            &["PRESS", "FOIL-B"],
            Some("FOIL-F"),
        ),
        sheet(2, "run", "in_progress", &[], Some("PRESS")),
    ];
    let work = work_remaining(&spec(), &sheets, &[], &[]);
    assert_eq!(
        told(&work.owed)[..4],
        ["PRESS 1 1", "FOIL-F 2 1", "FOIL-B 1 0", "CUT 2 0"]
    );
    // Sheet 2 has all before it. Sheet 1 alone: foil front 1 + cut 0.25 + 0.7 + 2.
    assert_eq!(work.critical_path_minutes, decimal("5.45"));
    let alone = work_remaining(&spec(), &sheets[..1], &[], &[]);
    assert_eq!(alone.critical_path_minutes, decimal("3.95"));
}

#[test]
fn a_sheet_ready_to_cut_has_its_cut_before_it() {
    let done = ["PRESS", "FOIL-F", "FOIL-B"];
    let work = work_remaining(
        &spec(),
        &[sheet(1, "run", "ready_to_cut", &done, None)],
        &[],
        &[],
    );
    assert_eq!(told(&work.owed)[0], "CUT 1 0");
    assert_eq!(work.critical_path_minutes, decimal("2.95"));
}

#[test]
fn after_the_cut_each_card_counts_what_its_position_still_needs() {
    let sheets = [sheet(1, "run", "cut", &["PRESS", "FOIL-F", "FOIL-B"], None)];
    let cards = [
        card("J1-S001-01", "qa_passed", &["DIE", "QA"], None, false),
        card("J1-S001-02", "in_progress", &["DIE"], Some("EMBOSS"), false),
        card("J1-S001-03", "qa_failed", &["DIE"], None, false),
    ];
    let work = work_remaining(&spec(), &sheets, &cards, &[set(1, "pending", false)]);
    assert_eq!(
        told(&work.owed),
        [
            "EMBOSS 1 1",
            "QA 2 0",
            "NUMBER 1 0",
            "GATHER 1 0",
            "PACK 1 0"
        ]
    );
    // Position 2: emboss 0.4 + QA 0.2, position 3: QA 0.2 + number 0.3; then the set's 2.
    assert_eq!(work.critical_path_minutes, decimal("2.6"));
}

#[test]
fn a_voided_position_without_a_replacement_counts_nothing_and_its_set_still_waits() {
    let sheets = [sheet(1, "run", "cut", &[], None)];
    let gone = [
        card("J1-S001-01", "voided", &[], None, false),
        card("J1-S001-02", "consumed", &[], None, false),
        card(
            "J1-S001-03",
            "assembled",
            &["DIE", "QA", "NUMBER"],
            None,
            false,
        ),
    ];
    let work = work_remaining(&spec(), &sheets, &gone, &[set(1, "error", false)]);
    assert_eq!(told(&work.owed), ["GATHER 1 0", "PACK 1 0"]);
    assert_eq!(work.critical_path_minutes, decimal("2"));
}

#[test]
fn a_replacement_has_all_card_operations_of_its_position_before_it() {
    let cards = [
        card("J1-S001-03", "voided", &["DIE", "QA"], None, false),
        card("J1-S001-03-R1", "created", &[], None, false),
    ];
    let sheets = [sheet(1, "run", "cut", &[], None)];
    let work = work_remaining(&spec(), &sheets, &cards, &[set(1, "in_progress", false)]);
    assert_eq!(
        told(&work.owed),
        ["DIE 1 0", "QA 1 0", "NUMBER 1 0", "GATHER 1 1", "PACK 1 0"]
    );
    assert_eq!(work.critical_path_minutes, decimal("2.6"));
}

#[test]
fn a_complete_set_is_only_to_be_packed_and_a_packed_one_is_done() {
    let work = work_remaining(&spec(), &[], &[], &[set(1, "complete", false)]);
    assert_eq!(told(&work.owed), ["PACK 1 0"]);
    assert_eq!(work.critical_path_minutes, decimal("0.5"));
    let packed = [set(1, "packed", false), set(2, "voided", false)];
    let done = work_remaining(&spec(), &[], &[], &packed);
    assert_eq!(told(&done.owed), Vec::<String>::new());
    assert_eq!(done.critical_path_minutes, Decimal::whole(0));
}

#[test]
fn overs_and_reprints_are_counted_apart_and_nobody_waits_for_them() {
    let sheets = [
        sheet(1, "overs", "created", &[], None),
        sheet(2, "reprint", "created", &["PRESS"], None),
        sheet(3, "overs", "cut", &[], None),
        sheet(4, "run", "voided", &[], None),
    ];
    let cards = [
        card("J1-S003-01", "created", &[], None, true),
        // A replacement of a spare: no spare by its flag, but by its sheet.
        card("J1-S003-02-R1", "created", &[], None, false),
    ];
    let sets = [set(3, "pending", true)];
    let work = work_remaining(&spec(), &sheets, &cards, &sets);
    assert_eq!(told(&work.owed), Vec::<String>::new());
    assert_eq!(
        told(&work.spares),
        [
            "PRESS 1 0",
            "FOIL-F 2 0",
            "FOIL-B 2 0",
            "CUT 2 0",
            "DIE 8 0",
            "EMBOSS 3 0",
            "QA 8 0",
            "NUMBER 2 0",
        ]
    );
    assert_eq!(work.critical_path_minutes, Decimal::whole(0));
}

#[test]
fn work_adds_up_by_type_of_station() {
    let sheets = [
        sheet(1, "run", "in_progress", &["PRESS"], Some("FOIL-B")),
        sheet(2, "run", "created", &[], None),
    ];
    let work = work_remaining(&spec(), &sheets, &[], &[]);
    let by_type = work.owed_by_station_type();
    // Two foil operations on each of two sheets: 2 × 1 + 2 × 2 minutes.
    let foil = &by_type[&StationType::from_word("foil")];
    assert_eq!(
        (foil.units, foil.running, foil.minutes),
        (4, 1, Decimal::whole(6))
    );
    let sum: u64 = by_type.values().map(|sum| sum.units).sum();
    assert_eq!(sum, work.owed.iter().map(|o| o.units).sum::<u64>());
}

#[test]
fn the_path_does_not_depend_on_the_order_in_which_a_spec_lists_its_operations() {
    let mut backwards = spec();
    backwards.operations.reverse();
    let sheets = [sheet(1, "run", "created", &[], None)];
    let work = work_remaining(&backwards, &sheets, &[], &[]);
    assert_eq!(work.critical_path_minutes, decimal("5.45"));
}
