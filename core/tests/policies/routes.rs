//! Routes that pass stations of one kind twice.

use super::*;
use support::passes;

/// The plain product with an operation more: like this one, under this id, behind that one and before those.
fn with_another(like: &str, operation_id: &str, behind: &str, before: &[&str]) -> ProductSpec {
    let mut spec = plain_product();
    let mut nodes = spec.operations.iter();
    let model = nodes.find(|node| node.operation_id.as_str() == like);
    let another = OperationNode {
        operation_id: id(operation_id),
        predecessors: vec![id(behind)],
        ..model.expect("an operation of the product").clone()
    };
    for node in &mut spec.operations {
        if before.contains(&node.operation_id.as_str()) {
            node.predecessors = vec![id(operation_id)];
        }
    }
    spec.operations.push(another);
    spec
}

#[test]
fn an_operation_goes_on_at_another_machine_also_where_one_of_that_kind_comes_later() {
    let mut spec = with_another("PRINT", "PRINT-BACK", "FOIL", &[]);
    let back = OperationNode {
        operation_id: id("FOIL-BACK"),
        predecessors: vec![id("PRINT-BACK")],
        ..spec.operations[1].clone()
    };
    spec.operations.push(back);
    spec.operations[2].predecessors = vec![id("FOIL-BACK")];
    let mut shop = Shop::making(spec);
    shop.prints(sheet(1));
    shop.foils(sheet(1));
    shop.scan("J1044-S001", "FOIL-2")
        .then_recorded(&["SheetEnteredStation"]);
    let now = shop.the_sheet(sheet(1)).situation;
    assert_eq!(now.current_operation_id, Some(id("FOIL")));
    assert_eq!(now.current_station_id, Some(id("FOIL-2")));
    assert!(!now.completed_operation_ids.contains(&id("FOIL")));
}

#[test]
fn a_verdict_at_another_bench_is_that_of_the_next_inspection() {
    let mut shop = Shop::making(with_another(
        "QA-FINAL",
        "QA-AGAIN",
        "QA-FINAL",
        &["ASSEMBLE"],
    ));
    let card_unit_id = card(1, PLAIN);
    shop.cuts(sheet(1));
    shop.passes(card_unit_id);
    // Where it was said it is the same verdict: people press twice.
    shop.when(passes(card_unit_id))
        .at("QA-1")
        .then_nothing_new();
    shop.when(passes(card_unit_id))
        .at("QA-2")
        .then_recorded(&["CardUnitEnteredStation", "QAResultRecorded"]);
    let done = shop
        .the_card(card_unit_id)
        .situation
        .completed_operation_ids;
    assert!(done.contains(&id("QA-AGAIN")), "{done:?}");
    // Nothing is inspected any more: wherever it is said, it was said.
    for station_id in ["QA-1", "QA-2"] {
        shop.when(passes(card_unit_id))
            .at(station_id)
            .then_nothing_new();
    }
}

/// A queue that was offline brings scans of hours within a moment.
#[test]
fn what_is_scanned_again_after_its_end_begins_the_next_operation_of_that_kind_at_once() {
    let mut shop = Shop::making(with_another("FOIL", "FOIL-BACK", "FOIL", &["CUT"]));
    shop.each_command_takes_seconds(0);
    shop.prints(sheet(1));
    let running = |shop: &Shop| shop.the_sheet(sheet(1)).situation.current_operation_id;
    for operation_id in ["FOIL", "FOIL-BACK"] {
        shop.scan("J1044-S001", "FOIL-1")
            .then_recorded(&["SheetEnteredStation"]);
        shop.scan("J1044-S001", "FOIL-1").then_nothing_new();
        assert_eq!(running(&shop), Some(id(operation_id)));
        shop.scan("!NEXT", "FOIL-1").then_done();
    }
    // Nothing more is to be foiled: it was a hand that trembled.
    shop.scan("J1044-S001", "FOIL-1").then_nothing_new();
}

#[test]
fn a_card_scanned_again_after_its_verdict_begins_the_next_inspection_but_no_rework() {
    let mut shop = Shop::making(with_another(
        "QA-FINAL",
        "QA-AGAIN",
        "QA-FINAL",
        &["ASSEMBLE"],
    ));
    shop.cuts(sheet(1));
    shop.dies(card(1, PLAIN));
    shop.each_command_takes_seconds(0);
    let label = "J1044-S001-01";
    for operation_id in ["QA-FINAL", "QA-AGAIN"] {
        shop.scan(label, "QA-1")
            .then_recorded(&["CardUnitEnteredStation"]);
        let now = shop.the_card(card(1, PLAIN)).situation;
        assert_eq!(now.current_operation_id, Some(id(operation_id)));
        shop.scan("!PASS", "QA-1")
            .then_recorded(&["QAResultRecorded"]);
    }
    shop.scan(label, "QA-1").then_nothing_new();
    assert_eq!(
        shop.the_card(card(1, PLAIN)).situation.status,
        CardUnitStatus::QaPassed
    );
    shop.scan("!FAIL F-201", "QA-1").then_done();
    shop.scan(label, "QA-1").then_nothing_new();
    assert_eq!(
        shop.the_card(card(1, PLAIN)).situation.status,
        CardUnitStatus::QaFailed
    );
}
