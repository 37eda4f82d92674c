//! The scan table of `domain.md`, row by row, and every refusal in it: what is scanned, where, and the
//! whole answer on the screen. (Events are numbered from the scan on.)
//!
//! Judge them as the operator does: is it true, does it say what to do, is the next step right?

mod support;
mod support_scan;

use jiff::SignedDuration;
use serde_json::json;
use sheetwise_core::domain::assembly::AssemblyStatus;
use sheetwise_core::domain::card_unit::CardUnitStatus;
use sheetwise_core::domain::command::Holdable;
use sheetwise_core::domain::hold::HoldTarget;
use sheetwise_core::domain::pack::PackStatus;
use sheetwise_core::domain::product::VoidPolicy;
use sheetwise_core::domain::sheet::SheetStatus;
use sheetwise_core::domain::values::QaOutcome;
use sheetwise_core::domain::{Command, UnitRef};
use sheetwise_core::identity::{Gs1Settings, Scanned, ScannerSettings, read_scanner_text};
use sheetwise_core::scan;
use support::{
    Policies, RELIC, RUN_SHEETS, Shop, card, defect, hold, id, job, order_id, set, sheet,
};
use support_scan::{Gun, a_second_job, context, events, gun, reads_well, rule};

// A sheet at a station that works on sheets, and at the cutter.

#[test]
fn a_sheet_at_the_press_starts_its_first_operation() {
    let mut shop = Shop::open();
    shop.shows(
        "J1044-S001",
        "PRESS-1",
        json!({
            "outcome": "recorded", "barcode": "J1044-S001",
            "entity": {"type": "sheet", "id": "J1044-S001", "status": "in_progress"},
            "action": "entered_station",
            "events": events(&["JobStarted", "SheetEnteredStation"]),
            "next": {"operation": "FOIL", "station_type": "foil_stamp"},
            "message": "Sheet J1044-S001 is at PRESS-1: PRINT. Next: FOIL at a foil_stamp station.",
            "late": false
        }),
    );
}

#[test]
fn a_sheet_at_the_next_station_ends_the_operation_before() {
    let mut shop = Shop::open();
    shop.scans("J1044-S001", "PRESS-1");
    shop.shows(
        "J1044-S001",
        "FOIL-1",
        json!({
            "outcome": "recorded", "barcode": "J1044-S001",
            "entity": {"type": "sheet", "id": "J1044-S001", "status": "in_progress"},
            "action": "entered_station",
            "events": events(&["SheetEnteredStation"]),
            "next": {"operation": "CUT", "station_type": "cutting"},
            "message": "Sheet J1044-S001 is at FOIL-1: FOIL. Next: CUT at a cutting station.",
            "late": false
        }),
    );
}

#[test]
fn the_last_sheet_operation_leads_to_the_cutter_without_being_ended() {
    let mut shop = Shop::open();
    shop.prints(sheet(1));
    shop.foils(sheet(1));
    shop.shows(
        "!NEXT",
        "FOIL-1",
        json!({
            "outcome": "recorded", "barcode": "!NEXT",
            "entity": {"type": "sheet", "id": "J1044-S001", "status": "ready_to_cut"},
            "action": "operation_completed",
            "events": events(&["SheetOperationCompleted"]),
            "next": {"operation": "CUT", "station_type": "cutting"},
            "message": "Sheet J1044-S001: FOIL is done. Next: CUT at a cutting station.",
            "late": false
        }),
    );
}

#[test]
fn an_operation_goes_on_at_another_machine_of_the_type() {
    let mut shop = Shop::open();
    shop.prints(sheet(1));
    shop.foils(sheet(1));
    shop.shows(
        "J1044-S001",
        "FOIL-2",
        json!({
            "outcome": "recorded", "barcode": "J1044-S001",
            "entity": {"type": "sheet", "id": "J1044-S001", "status": "in_progress"},
            "action": "entered_station",
            "events": events(&["SheetEnteredStation"]),
            "next": {"operation": "CUT", "station_type": "cutting"},
            "message": "Sheet J1044-S001 is at FOIL-2: FOIL. Next: CUT at a cutting station.",
            "late": false
        }),
    );
}

#[test]
fn a_sheet_that_is_being_worked_on_here_is_already_recorded() {
    let mut shop = Shop::open();
    shop.prints(sheet(1));
    shop.shows(
        "J1044-S001",
        "PRESS-1",
        json!({
            "outcome": "already_recorded", "barcode": "J1044-S001",
            "entity": {"type": "sheet", "id": "J1044-S001", "status": "in_progress"},
            "action": "already_recorded",
            "events": [],
            "next": {"operation": "FOIL", "station_type": "foil_stamp"},
            "message": "J1044-S001: already recorded. Next: FOIL at a foil_stamp station.",
            "late": false
        }),
    );
}

/// Two sheets wait at the press: `!NEXT` ends the one that was scanned last, the first time or again.
#[test]
fn a_sheet_that_waits_here_is_taken_in_hand_again() {
    let mut shop = Shop::open();
    shop.prints(sheet(1));
    shop.prints(sheet(2));
    shop.shows(
        "J1044-S001",
        "PRESS-1",
        json!({
            "outcome": "recorded", "barcode": "J1044-S001",
            "entity": {"type": "sheet", "id": "J1044-S001", "status": "in_progress"},
            "action": "taken_in_hand",
            "events": events(&["UnitTakenInHand"]),
            "next": {"operation": "FOIL", "station_type": "foil_stamp"},
            "message": "Sheet J1044-S001 is in hand again at PRESS-1. Next: FOIL at a foil_stamp \
                station.",
            "late": false
        }),
    );
    shop.shows(
        "!NEXT",
        "PRESS-1",
        json!({
            "outcome": "recorded", "barcode": "!NEXT",
            "entity": {"type": "sheet", "id": "J1044-S001", "status": "in_progress"},
            "action": "operation_completed",
            "events": events(&["SheetOperationCompleted"]),
            "next": {"operation": "FOIL", "station_type": "foil_stamp"},
            "message": "Sheet J1044-S001: PRINT is done. Next: FOIL at a foil_stamp station.",
            "late": false
        }),
    );
    let second = shop.the_sheet(sheet(2)).situation;
    assert_eq!(second.current_operation_id, Some(id("PRINT")));
}

#[test]
fn a_sheet_that_comes_too_early_is_out_of_route() {
    let mut shop = Shop::open();
    shop.shows(
        "J1044-S001",
        "FOIL-1",
        json!({
            "outcome": "refused", "barcode": "J1044-S001",
            "code": "out_of_route",
            "entity": {"type": "sheet", "id": "J1044-S001", "status": "created"},
            "message": "J1044-S001 is too early for foil_stamp: PRINT comes first. Next: PRINT \
                (press).",
            "where_it_belongs": "at a press station for PRINT"
        }),
    );
}

#[test]
fn a_sheet_that_is_done_with_a_station_is_out_of_route() {
    let mut shop = Shop::open();
    shop.prints(sheet(1));
    shop.foils(sheet(1));
    shop.shows(
        "J1044-S001",
        "PRESS-1",
        json!({
            "outcome": "refused", "barcode": "J1044-S001",
            "code": "out_of_route",
            "entity": {"type": "sheet", "id": "J1044-S001", "status": "in_progress"},
            "message": "J1044-S001 is done with press. Next: CUT (cutting).",
            "where_it_belongs": "at a cutting station for CUT"
        }),
    );
}

#[test]
fn a_sheet_has_nothing_to_do_where_cards_are_worked_on() {
    let mut shop = Shop::open();
    shop.prints(sheet(1));
    shop.shows("J1044-S001", "DIE-1", json!({
        "outcome": "refused", "barcode": "J1044-S001",
        "code": "out_of_route",
        "entity": {"type": "sheet", "id": "J1044-S001", "status": "in_progress"},
        "message": "J1044-S001 has nothing to do at a die_cut station. Next: FOIL (foil_stamp).",
        "where_it_belongs": "at a foil_stamp station for FOIL"
    }));
    shop.shows("J1044-S001", "NUM-1", json!({
        "outcome": "refused", "barcode": "J1044-S001",
        "code": "out_of_route",
        "entity": {"type": "sheet", "id": "J1044-S001", "status": "in_progress"},
        "message": "J1044-S001 has nothing to do at a numbering station. Next: FOIL (foil_stamp).",
        "where_it_belongs": "at a foil_stamp station for FOIL"
    }));
    shop.shows(
        "J1044-S001",
        "RELIC-1",
        json!({
            "outcome": "refused", "barcode": "J1044-S001",
            "code": "out_of_route",
            "entity": {"type": "sheet", "id": "J1044-S001", "status": "in_progress"},
            "message": "J1044-S001 has nothing to do at a memorabilia station. Next: FOIL \
                (foil_stamp).",
            "where_it_belongs": "at a foil_stamp station for FOIL"
        }),
    );
    shop.shows(
        "J1044-S001",
        "QA-1",
        json!({
            "outcome": "refused", "barcode": "J1044-S001",
            "code": "out_of_route",
            "entity": {"type": "sheet", "id": "J1044-S001", "status": "in_progress"},
            "message": "J1044-S001 has nothing to do at a qa station. Next: FOIL (foil_stamp).",
            "where_it_belongs": "at a foil_stamp station for FOIL"
        }),
    );
    shop.shows("J1044-S001", "BENCH-1", json!({
        "outcome": "refused", "barcode": "J1044-S001",
        "code": "out_of_route",
        "entity": {"type": "sheet", "id": "J1044-S001", "status": "in_progress"},
        "message": "J1044-S001 has nothing to do at an assembly station. Next: FOIL (foil_stamp).",
        "where_it_belongs": "at a foil_stamp station for FOIL"
    }));
    shop.shows("J1044-S001", "PACK-1", json!({
        "outcome": "refused", "barcode": "J1044-S001",
        "code": "out_of_route",
        "entity": {"type": "sheet", "id": "J1044-S001", "status": "in_progress"},
        "message": "J1044-S001 has nothing to do at a packing station. Next: FOIL (foil_stamp).",
        "where_it_belongs": "at a foil_stamp station for FOIL"
    }));
}

#[test]
fn a_sheet_at_the_cutter_becomes_its_cards() {
    let mut shop = Shop::open();
    shop.prints(sheet(1));
    shop.foils(sheet(1));
    shop.shows(
        "J1044-S001",
        "CUT-1",
        json!({
            "outcome": "recorded", "barcode": "J1044-S001",
            "entity": {"type": "sheet", "id": "J1044-S001", "status": "cut"},
            "action": "cut",
            "events": events(&[
                "SheetOperationCompleted", "SheetCut", "CardUnitCreated", "CardUnitCreated",
                "CardUnitCreated", "CardUnitCreated", "CardUnitCreated", "CardUnitCreated",
                "AssemblyCreated",
            ]),
            "next": {"operation": "DIE", "station_type": "die_cut"},
            "message": "Sheet J1044-S001 is cut into 6 cards. Next: DIE at a die_cut station.",
            "late": false
        }),
    );
}

#[test]
fn a_sheet_whose_operations_are_ended_is_cut_too() {
    let mut shop = Shop::open();
    shop.sheet_in(1, SheetStatus::ReadyToCut);
    shop.shows(
        "J1044-S001",
        "CUT-1",
        json!({
            "outcome": "recorded", "barcode": "J1044-S001",
            "entity": {"type": "sheet", "id": "J1044-S001", "status": "cut"},
            "action": "cut",
            "events": events(&[
                "SheetCut", "CardUnitCreated", "CardUnitCreated", "CardUnitCreated",
                "CardUnitCreated", "CardUnitCreated", "CardUnitCreated", "AssemblyCreated",
            ]),
            "next": {"operation": "DIE", "station_type": "die_cut"},
            "message": "Sheet J1044-S001 is cut into 6 cards. Next: DIE at a die_cut station.",
            "late": false
        }),
    );
}

#[test]
fn a_sheet_that_no_station_has_seen_is_not_ready_to_cut() {
    let mut shop = Shop::open();
    shop.shows(
        "J1044-S001",
        "CUT-1",
        json!({
            "outcome": "refused", "barcode": "J1044-S001",
            "code": "not_ready",
            "entity": {"type": "sheet", "id": "J1044-S001", "status": "created"},
            "message": "Sheet J1044-S001 is not ready to cut. Still to do: PRINT (press), FOIL \
                (foil_stamp).",
            "where_it_belongs": "at a press station for PRINT"
        }),
    );
}

#[test]
fn a_sheet_with_an_operation_open_is_not_ready_to_cut() {
    let mut shop = Shop::open();
    shop.prints(sheet(1));
    shop.shows(
        "J1044-S001",
        "CUT-1",
        json!({
            "outcome": "refused", "barcode": "J1044-S001",
            "code": "not_ready",
            "entity": {"type": "sheet", "id": "J1044-S001", "status": "in_progress"},
            "message": "Sheet J1044-S001 is not ready to cut. Still to do: FOIL (foil_stamp).",
            "where_it_belongs": "at a foil_stamp station for FOIL"
        }),
    );
}

#[test]
fn a_cut_sheet_is_cut_once_and_works_nowhere() {
    let mut shop = Shop::open();
    shop.cuts(sheet(1));
    shop.cuts(sheet(2)); // so that the cutter has another in hand
    shop.shows(
        "J1044-S001",
        "CUT-1",
        json!({
            "outcome": "refused", "barcode": "J1044-S001",
            "code": "already_cut",
            "entity": {"type": "sheet", "id": "J1044-S001", "status": "cut"},
            "message": "Sheet J1044-S001 is cut: scan its 6 cards instead.",
            "where_it_belongs": "it is cut: see its set J1044-S001-SET"
        }),
    );
    shop.shows(
        "J1044-S001",
        "FOIL-1",
        json!({
            "outcome": "refused", "barcode": "J1044-S001",
            "code": "already_cut",
            "entity": {"type": "sheet", "id": "J1044-S001", "status": "cut"},
            "message": "Sheet J1044-S001 is cut: scan its 6 cards instead.",
            "where_it_belongs": "it is cut: see its set J1044-S001-SET"
        }),
    );
    shop.shows(
        "J1044-S001",
        "QA-1",
        json!({
            "outcome": "refused", "barcode": "J1044-S001",
            "code": "already_cut",
            "entity": {"type": "sheet", "id": "J1044-S001", "status": "cut"},
            "message": "Sheet J1044-S001 is cut: scan its 6 cards instead.",
            "where_it_belongs": "it is cut: see its set J1044-S001-SET"
        }),
    );
}

#[test]
fn a_voided_sheet_goes_to_waste() {
    let mut shop = Shop::open();
    shop.sheet_in(1, SheetStatus::Voided);
    shop.shows(
        "J1044-S001",
        "PRESS-1",
        json!({
            "outcome": "refused", "barcode": "J1044-S001",
            "code": "voided",
            "entity": {"type": "sheet", "id": "J1044-S001", "status": "voided"},
            "message": "J1044-S001 is voided (misprinted): put it to waste.",
            "where_it_belongs": "in the waste"
        }),
    );
    shop.shows(
        "J1044-S001",
        "CUT-1",
        json!({
            "outcome": "refused", "barcode": "J1044-S001",
            "code": "voided",
            "entity": {"type": "sheet", "id": "J1044-S001", "status": "voided"},
            "message": "J1044-S001 is voided (misprinted): put it to waste.",
            "where_it_belongs": "in the waste"
        }),
    );
}

#[test]
fn a_held_sheet_goes_to_the_hold_shelf() {
    let mut shop = Shop::open();
    shop.given([hold(Holdable::Sheet(sheet(1)))]);
    shop.shows(
        "J1044-S001",
        "PRESS-1",
        json!({
            "outcome": "refused", "barcode": "J1044-S001",
            "code": "on_hold",
            "entity": {"type": "sheet", "id": "J1044-S001", "status": "created"},
            "message": "Sheet J1044-S001 is on hold: to be looked at.",
            "where_it_belongs": "on the hold shelf (to be looked at)"
        }),
    );
}

#[test]
fn a_sheet_of_a_held_job_goes_to_the_hold_shelf() {
    let mut shop = Shop::open();
    shop.given([hold(Holdable::Job(job()))]);
    shop.shows(
        "J1044-S001",
        "PRESS-1",
        json!({
            "outcome": "refused", "barcode": "J1044-S001",
            "code": "on_hold",
            "entity": {"type": "sheet", "id": "J1044-S001", "status": "created"},
            "message": "Job J1044 is on hold: to be looked at.",
            "where_it_belongs": "on the hold shelf (to be looked at)"
        }),
    );
}

#[test]
fn a_sheet_of_a_held_order_goes_to_the_hold_shelf() {
    let mut shop = Shop::open();
    shop.given([hold(Holdable::Order(order_id()))]);
    shop.shows(
        "J1044-S001",
        "PRESS-1",
        json!({
            "outcome": "refused", "barcode": "J1044-S001",
            "code": "on_hold",
            "entity": {"type": "sheet", "id": "J1044-S001", "status": "created"},
            "message": "Order PO-10044 is on hold: to be looked at.",
            "where_it_belongs": "on the hold shelf (to be looked at)"
        }),
    );
}

#[test]
fn a_sheet_that_a_rule_holds_says_which_rule() {
    let mut shop = Shop::open();
    shop.given([rule("HOLD-12", HoldTarget::Sheet { sheet_id: sheet(1) })]);
    shop.shows(
        "J1044-S001",
        "PRESS-1",
        json!({
            "outcome": "refused", "barcode": "J1044-S001",
            "code": "on_hold",
            "entity": {"type": "sheet", "id": "J1044-S001", "status": "created"},
            "message": "Sheet J1044-S001 is on hold by HOLD-12: bad foil.",
            "where_it_belongs": "on the hold shelf (bad foil)"
        }),
    );
}

#[test]
fn a_sheet_of_a_cancelled_job_is_put_aside() {
    let mut shop = Shop::open();
    shop.given([Command::CancelJob {
        job_id: job(),
        reason: "withdrawn".into(),
    }]);
    shop.shows(
        "J1044-S001",
        "PRESS-1",
        json!({
            "outcome": "refused", "barcode": "J1044-S001",
            "code": "job_cancelled",
            "entity": {"type": "sheet", "id": "J1044-S001", "status": "created"},
            "message": "Job J1044 is cancelled.",
            "where_it_belongs": "aside: nothing more is done for J1044"
        }),
    );
}

#[test]
fn a_sheet_of_a_closed_job_says_that_it_is_waste() {
    let mut shop = Shop::open();
    for number in 1..=RUN_SHEETS {
        shop.sheet_in(number, SheetStatus::Voided);
    }
    shop.given([Command::CloseJob { job_id: job() }]);
    shop.shows(
        "J1044-S009",
        "PRESS-1",
        json!({
            "outcome": "refused", "barcode": "J1044-S009",
            "code": "voided",
            "entity": {"type": "sheet", "id": "J1044-S009", "status": "voided"},
            "message": "J1044-S009 is voided (left over when the job was closed): put it to waste.",
            "where_it_belongs": "in the waste"
        }),
    );
}

#[test]
fn an_unknown_sheet_is_an_unknown_barcode() {
    let mut shop = Shop::open();
    shop.shows(
        "J1044-S099",
        "PRESS-1",
        json!({
            "outcome": "refused", "barcode": "J1044-S099",
            "code": "unknown_barcode",
            "message": "J1044-S099 is not known here."
        }),
    );
    shop.shows(
        "J7-S001",
        "CUT-1",
        json!({
            "outcome": "refused", "barcode": "J7-S001",
            "code": "unknown_barcode",
            "message": "J7-S001 is not known here."
        }),
    );
}

// A card at a station that works on cards.

#[test]
fn a_card_at_a_work_station_starts_its_operation() {
    let mut shop = Shop::open();
    shop.cuts(sheet(1));
    shop.shows(
        "J1044-S001-01",
        "DIE-1",
        json!({
            "outcome": "recorded", "barcode": "J1044-S001-01",
            "entity": {"type": "card_unit", "id": "J1044-S001-01", "status": "in_progress"},
            "action": "entered_station",
            "events": events(&["CardUnitEnteredStation"]),
            "next": {"operation": "QA-FINAL", "station_type": "qa"},
            "message": "Card 01 of J1044-S001 is at DIE-1: DIE. Next: QA-FINAL at a qa station.",
            "late": false
        }),
    );
}

#[test]
fn a_card_that_is_being_worked_on_here_is_already_recorded() {
    let mut shop = Shop::open();
    shop.cuts(sheet(1));
    shop.dies(card(1, 1));
    shop.shows(
        "J1044-S001-01",
        "DIE-1",
        json!({
            "outcome": "already_recorded", "barcode": "J1044-S001-01",
            "entity": {"type": "card_unit", "id": "J1044-S001-01", "status": "in_progress"},
            "action": "already_recorded",
            "events": [],
            "next": {"operation": "QA-FINAL", "station_type": "qa"},
            "message": "J1044-S001-01: already recorded. Next: QA-FINAL at a qa station.",
            "late": false
        }),
    );
}

#[test]
fn next_ends_the_work_on_the_card_that_was_taken_in_hand_again() {
    let mut shop = Shop::open();
    shop.cuts(sheet(1));
    shop.dies(card(1, 1));
    shop.dies(card(1, 2));
    shop.shows(
        "J1044-S001-01",
        "DIE-1",
        json!({
            "outcome": "recorded", "barcode": "J1044-S001-01",
            "entity": {"type": "card_unit", "id": "J1044-S001-01", "status": "in_progress"},
            "action": "taken_in_hand",
            "events": events(&["UnitTakenInHand"]),
            "next": {"operation": "QA-FINAL", "station_type": "qa"},
            "message": "Card 01 of J1044-S001 is in hand again at DIE-1. Next: QA-FINAL at a qa \
                station.",
            "late": false
        }),
    );
    let ended = shop.scan("!NEXT", "DIE-1").by("OP-1").then_done();
    assert_eq!(ended[0].event.unit().to_string(), "J1044-S001-01");
}

/// A number ends its operation at once: nothing is being done to the card any more, and the red light
/// takes nothing in hand.
#[test]
fn a_numbered_card_is_not_taken_in_hand_again() {
    let mut shop = Shop::open();
    shop.cuts(sheet(1));
    shop.numbers(card(1, 4));
    shop.numbers(card(1, 5));
    shop.scan("J1044-S001-04", "NUM-1")
        .by("OP-1")
        .then_refused("out_of_route");
    assert_eq!(
        shop.the_bench("NUM-1").last_unit,
        Some(UnitRef::CardUnit(card(1, 5)))
    );
}

#[test]
fn a_card_at_the_numbering_station_gets_its_number_at_once() {
    let mut shop = Shop::open();
    shop.cuts(sheet(1));
    shop.dies(card(1, 4));
    shop.shows(
        "J1044-S001-04",
        "NUM-1",
        json!({
            "outcome": "recorded", "barcode": "J1044-S001-04",
            "entity": {"type": "card_unit", "id": "J1044-S001-04", "status": "in_progress"},
            "action": "numbered",
            "events": events(&["CardUnitEnteredStation", "SequentialNumberApplied"]),
            "next": {"operation": "QA-FINAL", "station_type": "qa"},
            "message": "Card 04 of J1044-S001 bears 1/99. Next: QA-FINAL at a qa station.",
            "late": false
        }),
    );
}

#[test]
fn a_numbered_card_scanned_again_keeps_its_number() {
    let mut shop = Shop::open();
    shop.cuts(sheet(1));
    shop.numbers(card(1, 4));
    shop.shows(
        "J1044-S001-04",
        "NUM-1",
        json!({
            "outcome": "refused", "barcode": "J1044-S001-04",
            "code": "out_of_route",
            "entity": {"type": "card_unit", "id": "J1044-S001-04", "status": "in_progress"},
            "message": "J1044-S001-04 is done with numbering. Next: DIE (die_cut).",
            "where_it_belongs": "at a die_cut station for DIE"
        }),
    );
}

#[test]
fn a_plain_card_has_no_business_at_the_numbering_station() {
    let mut shop = Shop::open();
    shop.cuts(sheet(1));
    shop.shows("J1044-S001-01", "NUM-1", json!({
        "outcome": "refused", "barcode": "J1044-S001-01",
        "code": "out_of_route",
        "entity": {"type": "card_unit", "id": "J1044-S001-01", "status": "created"},
        "message": "J1044-S001-01 has nothing to do at a numbering station. Next: DIE (die_cut).",
        "where_it_belongs": "at a die_cut station for DIE"
    }));
}

#[test]
fn a_card_at_the_memorabilia_station_asks_for_its_piece_and_gets_it() {
    let mut shop = Shop::open();
    shop.cuts(sheet(1));
    shop.dies(card(1, RELIC));
    shop.shows(
        "J1044-S001-06",
        "RELIC-1",
        json!({
            "outcome": "recorded", "barcode": "J1044-S001-06",
            "entity": {"type": "card_unit", "id": "J1044-S001-06", "status": "in_progress"},
            "action": "entered_station",
            "events": events(&["CardUnitEnteredStation"]),
            "next": {"operation": "RELIC", "station_type": "memorabilia"},
            "message": "Card 06 of J1044-S001 is at RELIC-1: RELIC. Next: scan its piece.",
            "late": false
        }),
    );
    shop.shows(
        "RELIC-00001",
        "RELIC-1",
        json!({
            "outcome": "recorded", "barcode": "RELIC-00001",
            "entity": {"type": "card_unit", "id": "J1044-S001-06", "status": "in_progress"},
            "action": "memorabilia_placed",
            "events": events(&["MemorabiliaPlaced", "MemorabiliaPieceInserted"]),
            "next": {"operation": "QA-FINAL", "station_type": "qa"},
            "message": "Card 06 of J1044-S001 holds RELIC-00001. Next: QA-FINAL at a qa station.",
            "late": false
        }),
    );
    shop.shows(
        "RELIC-00001",
        "RELIC-1",
        json!({
            "outcome": "already_recorded", "barcode": "RELIC-00001",
            "entity": {"type": "card_unit", "id": "J1044-S001-06", "status": "in_progress"},
            "action": "already_recorded",
            "events": [],
            "next": {"operation": "QA-FINAL", "station_type": "qa"},
            "message": "J1044-S001-06: already recorded. Next: QA-FINAL at a qa station.",
            "late": false
        }),
    );
}

#[test]
fn a_piece_goes_into_the_card_that_was_taken_in_hand_again() {
    let mut shop = Shop::open();
    shop.cuts(sheet(1));
    shop.cuts(sheet(2));
    for number in [1, 2] {
        shop.dies(card(number, RELIC));
        shop.card_enters(card(number, RELIC), "RELIC-1");
    }
    shop.shows(
        "J1044-S001-06",
        "RELIC-1",
        json!({
            "outcome": "recorded", "barcode": "J1044-S001-06",
            "entity": {"type": "card_unit", "id": "J1044-S001-06", "status": "in_progress"},
            "action": "taken_in_hand",
            "events": events(&["UnitTakenInHand"]),
            "next": {"operation": "RELIC", "station_type": "memorabilia"},
            "message": "Card 06 of J1044-S001 is in hand again at RELIC-1. Next: scan its piece.",
            "late": false
        }),
    );
    let placed = shop
        .scan("RELIC-00001", "RELIC-1")
        .by("OP-1")
        .then_recorded(&["MemorabiliaPlaced", "MemorabiliaPieceInserted"]);
    assert_eq!(placed[0].event.unit().to_string(), "J1044-S001-06");
}

#[test]
fn a_second_piece_does_not_go_into_the_card() {
    let mut shop = Shop::open();
    shop.cuts(sheet(1));
    shop.places("RELIC-00001", card(1, RELIC));
    shop.shows(
        "RELIC-00002",
        "RELIC-1",
        json!({
            "outcome": "refused", "barcode": "RELIC-00002",
            "code": "already_has_piece",
            "entity": {"type": "card_unit", "id": "J1044-S001-06", "status": "in_progress"},
            "message": "Card J1044-S001-06 holds RELIC-00001 already.",
            "where_it_belongs": "at a die_cut station for DIE"
        }),
    );
}

#[test]
fn a_piece_that_is_in_a_card_does_not_go_into_another() {
    let mut shop = Shop::open();
    shop.cuts(sheet(1));
    shop.cuts(sheet(2));
    shop.places("RELIC-00001", card(1, RELIC));
    shop.card_enters(card(2, RELIC), "RELIC-1");
    shop.shows("RELIC-00001", "RELIC-1", json!({
        "outcome": "refused", "barcode": "RELIC-00001",
        "code": "piece_not_free",
        "entity": {"type": "card_unit", "id": "J1044-S002-06", "status": "in_progress"},
        "message": "Piece RELIC-00001 cannot go into J1044-S002-06: it is in J1044-S001-06.",
        "where_it_belongs": "at a die_cut station for DIE, or at a memorabilia station for RELIC"
    }));
}

#[test]
fn a_piece_without_a_card_in_hand_is_refused() {
    let mut shop = Shop::open();
    shop.shows("RELIC-00001", "RELIC-1", json!({
        "outcome": "refused", "barcode": "RELIC-00001",
        "code": "nothing_in_hand",
        "message": "Nothing is in hand at RELIC-1: scan the card that the piece goes into first."
    }));
}

#[test]
fn a_piece_does_not_go_into_a_card_that_has_gone_on() {
    let mut shop = Shop::open();
    shop.cuts(sheet(1));
    shop.card_enters(card(1, RELIC), "RELIC-1");
    shop.dies(card(1, RELIC));
    shop.shows("RELIC-00001", "RELIC-1", json!({
        "outcome": "refused", "barcode": "RELIC-00001",
        "code": "nothing_in_hand",
        "message": "Nothing is in hand at RELIC-1: scan the card that the piece goes into first."
    }));
}

#[test]
fn a_piece_means_nothing_elsewhere() {
    let mut shop = Shop::open();
    shop.shows(
        "RELIC-00001",
        "DIE-1",
        json!({
            "outcome": "refused", "barcode": "RELIC-00001",
            "code": "nothing_to_do_here",
            "entity": {"type": "memorabilia", "id": "RELIC-00001"},
            "message": "RELIC-00001 means nothing at DIE-1, a die_cut station."
        }),
    );
}

#[test]
fn a_spare_gets_neither_number_nor_piece() {
    let mut shop = Shop::open();
    shop.cuts(sheet(9));
    shop.shows("J1044-S009-04", "NUM-1", json!({
        "outcome": "refused", "barcode": "J1044-S009-04",
        "code": "spare_not_assigned",
        "entity": {"type": "card_unit", "id": "J1044-S009-04", "status": "created"},
        "message": "J1044-S009-04 is a spare: it gets numbers and pieces only once it replaces a \
            card.",
        "where_it_belongs": "at a die_cut station for DIE"
    }));
    shop.shows("J1044-S009-06", "RELIC-1", json!({
        "outcome": "refused", "barcode": "J1044-S009-06",
        "code": "spare_not_assigned",
        "entity": {"type": "card_unit", "id": "J1044-S009-06", "status": "created"},
        "message": "J1044-S009-06 is a spare: it gets numbers and pieces only once it replaces a \
            card.",
        "where_it_belongs": "at a die_cut station for DIE"
    }));
}

#[test]
fn a_card_at_the_cutter_or_the_press_is_out_of_route() {
    let mut shop = Shop::open();
    shop.cuts(sheet(1));
    shop.shows(
        "J1044-S001-01",
        "CUT-1",
        json!({
            "outcome": "refused", "barcode": "J1044-S001-01",
            "code": "out_of_route",
            "entity": {"type": "card_unit", "id": "J1044-S001-01", "status": "created"},
            "message": "J1044-S001-01 has nothing to do at a cutting station. Next: DIE (die_cut).",
            "where_it_belongs": "at a die_cut station for DIE"
        }),
    );
    shop.shows(
        "J1044-S001-01",
        "PRESS-1",
        json!({
            "outcome": "refused", "barcode": "J1044-S001-01",
            "code": "out_of_route",
            "entity": {"type": "card_unit", "id": "J1044-S001-01", "status": "created"},
            "message": "J1044-S001-01 has nothing to do at a press station. Next: DIE (die_cut).",
            "where_it_belongs": "at a die_cut station for DIE"
        }),
    );
}

#[test]
fn a_card_that_is_done_with_a_station_is_out_of_route() {
    let mut shop = Shop::open();
    shop.cuts(sheet(1));
    shop.passes(card(1, 1));
    shop.shows(
        "J1044-S001-01",
        "DIE-1",
        json!({
            "outcome": "refused", "barcode": "J1044-S001-01",
            "code": "out_of_route",
            "entity": {"type": "card_unit", "id": "J1044-S001-01", "status": "qa_passed"},
            "message": "J1044-S001-01 is done with die_cut. Nothing else is to be done to it.",
            "where_it_belongs": "with J1044-S001-SET at an assembly bench"
        }),
    );
}

#[test]
fn a_card_label_of_a_sheet_that_is_not_cut_says_so_everywhere() {
    let mut shop = Shop::open();
    shop.prints(sheet(1));
    shop.shows(
        "J1044-S001-01",
        "DIE-1",
        json!({
            "outcome": "refused", "barcode": "J1044-S001-01",
            "code": "not_cut_yet",
            "entity": {"type": "card_unit", "id": "J1044-S001-01"},
            "message": "Card J1044-S001-01 does not exist yet: sheet J1044-S001 is not cut.",
            "where_it_belongs": "at a foil_stamp station for FOIL"
        }),
    );
    shop.shows(
        "J1044-S001-01",
        "QA-1",
        json!({
            "outcome": "refused", "barcode": "J1044-S001-01",
            "code": "not_cut_yet",
            "entity": {"type": "card_unit", "id": "J1044-S001-01"},
            "message": "Card J1044-S001-01 does not exist yet: sheet J1044-S001 is not cut.",
            "where_it_belongs": "at a foil_stamp station for FOIL"
        }),
    );
    shop.shows(
        "J1044-S001-01",
        "BENCH-1",
        json!({
            "outcome": "refused", "barcode": "J1044-S001-01",
            "code": "not_cut_yet",
            "entity": {"type": "card_unit", "id": "J1044-S001-01"},
            "message": "Card J1044-S001-01 does not exist yet: sheet J1044-S001 is not cut.",
            "where_it_belongs": "at a foil_stamp station for FOIL"
        }),
    );
    shop.shows(
        "J1044-S001-01",
        "PACK-1",
        json!({
            "outcome": "refused", "barcode": "J1044-S001-01",
            "code": "not_cut_yet",
            "entity": {"type": "card_unit", "id": "J1044-S001-01"},
            "message": "Card J1044-S001-01 does not exist yet: sheet J1044-S001 is not cut.",
            "where_it_belongs": "at a foil_stamp station for FOIL"
        }),
    );
}

#[test]
fn a_card_label_of_a_voided_sheet_goes_to_waste_with_it() {
    let mut shop = Shop::open();
    shop.sheet_in(1, SheetStatus::Voided);
    shop.shows(
        "J1044-S001-01",
        "DIE-1",
        json!({
            "outcome": "refused", "barcode": "J1044-S001-01",
            "code": "voided",
            "entity": {"type": "card_unit", "id": "J1044-S001-01"},
            "message": "J1044-S001 is voided (misprinted): put it to waste.",
            "where_it_belongs": "in the waste"
        }),
    );
}

#[test]
fn a_card_that_the_cut_never_made_is_an_unknown_barcode_everywhere() {
    let mut shop = Shop::open();
    shop.cuts(sheet(1));
    shop.shows(
        "J1044-S001-07",
        "DIE-1",
        json!({
            "outcome": "refused", "barcode": "J1044-S001-07",
            "code": "unknown_barcode",
            "message": "J1044-S001-07 is not known here."
        }),
    );
    shop.shows(
        "J1044-S001-01-R1",
        "QA-1",
        json!({
            "outcome": "refused", "barcode": "J1044-S001-01-R1",
            "code": "unknown_barcode",
            "message": "J1044-S001-01-R1 is not known here."
        }),
    );
    shop.shows(
        "J1044-S001-07",
        "PACK-1",
        json!({
            "outcome": "refused", "barcode": "J1044-S001-07",
            "code": "unknown_barcode",
            "message": "J1044-S001-07 is not known here."
        }),
    );
    shop.shows(
        "J1044-S099-01",
        "BENCH-1",
        json!({
            "outcome": "refused", "barcode": "J1044-S099-01",
            "code": "unknown_barcode",
            "message": "J1044-S099-01 is not known here."
        }),
    );
}

#[test]
fn a_voided_card_goes_to_waste_wherever_it_is_scanned() {
    let mut shop = Shop::open();
    shop.card_in(card(1, 1), CardUnitStatus::Voided);
    shop.shows(
        "J1044-S001-01",
        "DIE-1",
        json!({
            "outcome": "refused", "barcode": "J1044-S001-01",
            "code": "voided",
            "entity": {"type": "card_unit", "id": "J1044-S001-01", "status": "voided"},
            "message": "J1044-S001-01 is voided (torn): put it to waste.",
            "where_it_belongs": "in the waste"
        }),
    );
    shop.shows(
        "J1044-S001-01",
        "QA-1",
        json!({
            "outcome": "refused", "barcode": "J1044-S001-01",
            "code": "voided",
            "entity": {"type": "card_unit", "id": "J1044-S001-01", "status": "voided"},
            "message": "J1044-S001-01 is voided (torn): put it to waste.",
            "where_it_belongs": "in the waste"
        }),
    );
    shop.shows(
        "J1044-S001-01",
        "BENCH-1",
        json!({
            "outcome": "refused", "barcode": "J1044-S001-01",
            "code": "voided",
            "entity": {"type": "card_unit", "id": "J1044-S001-01", "status": "voided"},
            "message": "J1044-S001-01 is voided (torn): put it to waste.",
            "where_it_belongs": "in the waste"
        }),
    );
    shop.shows(
        "J1044-S001-01",
        "PACK-1",
        json!({
            "outcome": "refused", "barcode": "J1044-S001-01",
            "code": "voided",
            "entity": {"type": "card_unit", "id": "J1044-S001-01", "status": "voided"},
            "message": "J1044-S001-01 is voided (torn): put it to waste.",
            "where_it_belongs": "in the waste"
        }),
    );
}

#[test]
fn a_consumed_spare_is_relabelled_wherever_it_is_scanned() {
    let mut shop = Shop::open();
    shop.card_in(card(9, 1), CardUnitStatus::Consumed);
    shop.shows(
        "J1044-S009-01",
        "DIE-1",
        json!({
            "outcome": "refused", "barcode": "J1044-S009-01",
            "code": "consumed",
            "entity": {"type": "card_unit", "id": "J1044-S009-01", "status": "consumed"},
            "message": "J1044-S009-01 was a spare and is J1044-S008-01-R1 now: relabel it.",
            "where_it_belongs": "it is J1044-S008-01-R1 now"
        }),
    );
    shop.shows(
        "J1044-S009-01",
        "PACK-1",
        json!({
            "outcome": "refused", "barcode": "J1044-S009-01",
            "code": "consumed",
            "entity": {"type": "card_unit", "id": "J1044-S009-01", "status": "consumed"},
            "message": "J1044-S009-01 was a spare and is J1044-S008-01-R1 now: relabel it.",
            "where_it_belongs": "it is J1044-S008-01-R1 now"
        }),
    );
}

#[test]
fn a_card_that_lies_in_its_set_stays_there() {
    let mut shop = Shop::open();
    shop.card_in(card(1, 1), CardUnitStatus::Assembled);
    shop.shows(
        "J1044-S001-01",
        "DIE-1",
        json!({
            "outcome": "refused", "barcode": "J1044-S001-01",
            "code": "already_assembled",
            "entity": {"type": "card_unit", "id": "J1044-S001-01", "status": "assembled"},
            "message": "J1044-S001-01 lies in its set J1044-S001-SET.",
            "where_it_belongs": "with J1044-S001-SET at BENCH-1"
        }),
    );
    shop.shows(
        "J1044-S001-01",
        "QA-1",
        json!({
            "outcome": "refused", "barcode": "J1044-S001-01",
            "code": "already_assembled",
            "entity": {"type": "card_unit", "id": "J1044-S001-01", "status": "assembled"},
            "message": "J1044-S001-01 lies in its set J1044-S001-SET.",
            "where_it_belongs": "with J1044-S001-SET at BENCH-1"
        }),
    );
}

#[test]
fn a_packed_card_stays_in_its_box() {
    let mut shop = Shop::open();
    shop.packs_the_set_of(sheet(1));
    shop.shows(
        "J1044-S001-01",
        "DIE-1",
        json!({
            "outcome": "refused", "barcode": "J1044-S001-01",
            "code": "already_packed",
            "entity": {"type": "card_unit", "id": "J1044-S001-01", "status": "packed"},
            "message": "J1044-S001-01 is packed in J1044-BOX-001.",
            "where_it_belongs": "in J1044-BOX-001"
        }),
    );
    shop.shows(
        "J1044-S001-01",
        "QA-1",
        json!({
            "outcome": "refused", "barcode": "J1044-S001-01",
            "code": "already_packed",
            "entity": {"type": "card_unit", "id": "J1044-S001-01", "status": "packed"},
            "message": "J1044-S001-01 is packed in J1044-BOX-001.",
            "where_it_belongs": "in J1044-BOX-001"
        }),
    );
    shop.shows(
        "J1044-S001-01",
        "BENCH-1",
        json!({
            "outcome": "refused", "barcode": "J1044-S001-01",
            "code": "already_packed",
            "entity": {"type": "card_unit", "id": "J1044-S001-01", "status": "packed"},
            "message": "J1044-S001-01 is packed in J1044-BOX-001.",
            "where_it_belongs": "in J1044-BOX-001"
        }),
    );
}

#[test]
fn a_card_with_a_defect_from_the_sheet_starts_on_hold() {
    let mut shop = Shop::open();
    shop.prints(sheet(1));
    let (sheet_id, defect) = (sheet(1), defect("F-201"));
    shop.given([Command::RecordSheetDefect {
        sheet_id,
        position: 1,
        defect,
    }]);
    shop.foils(sheet(1));
    shop.cuts(sheet(1));
    shop.shows(
        "J1044-S001-01",
        "DIE-1",
        json!({
            "outcome": "refused", "barcode": "J1044-S001-01",
            "code": "on_hold",
            "entity": {"type": "card_unit", "id": "J1044-S001-01", "status": "created"},
            "message": "Card J1044-S001-01 is on hold: defect F-201 on the sheet.",
            "where_it_belongs": "on the hold shelf (defect F-201 on the sheet)"
        }),
    );
}

#[test]
fn a_spare_waits_on_its_shelf_once_nothing_is_to_be_done_to_it() {
    let mut shop = Shop::open();
    shop.cuts(sheet(9));
    shop.shows(
        "J1044-S009-04",
        "DIE-1",
        json!({
            "outcome": "recorded", "barcode": "J1044-S009-04",
            "entity": {"type": "card_unit", "id": "J1044-S009-04", "status": "in_progress"},
            "action": "entered_station",
            "events": events(&["CardUnitEnteredStation"]),
            "message": "Card 04 of J1044-S009 is at DIE-1: DIE.",
            "late": false
        }),
    );
    shop.card_enters(card(9, 1), "DIE-1");
    shop.passes(card(9, 1));
    shop.shows(
        "J1044-S009-01",
        "DIE-1",
        json!({
            "outcome": "refused", "barcode": "J1044-S009-01",
            "code": "out_of_route",
            "entity": {"type": "card_unit", "id": "J1044-S009-01", "status": "qa_passed"},
            "message": "J1044-S009-01 is done with die_cut. Nothing else is to be done to it.",
            "where_it_belongs": "on the shelf of spares"
        }),
    );
}

// A card at the QA bench.

#[test]
fn a_card_at_the_qa_bench_waits_for_its_verdict() {
    let mut shop = Shop::open();
    shop.cuts(sheet(1));
    shop.dies(card(1, 1));
    shop.shows(
        "J1044-S001-01",
        "QA-1",
        json!({
            "outcome": "recorded", "barcode": "J1044-S001-01",
            "entity": {"type": "card_unit", "id": "J1044-S001-01", "status": "in_progress"},
            "action": "entered_station",
            "events": events(&["CardUnitEnteredStation"]),
            "next": {"operation": "QA-FINAL", "station_type": "qa"},
            "message": "Card 01 of J1044-S001 is at QA-1: QA-FINAL. Next: !PASS or !FAIL.",
            "late": false
        }),
    );
}

#[test]
fn a_card_that_has_something_to_be_done_is_too_early_for_qa() {
    let mut shop = Shop::open();
    shop.cuts(sheet(1));
    shop.dies(card(1, 4));
    shop.shows(
        "J1044-S001-04",
        "QA-1",
        json!({
            "outcome": "refused", "barcode": "J1044-S001-04",
            "code": "out_of_route",
            "entity": {"type": "card_unit", "id": "J1044-S001-04", "status": "in_progress"},
            "message": "J1044-S001-04 is too early for qa: NUMBER comes first. Next: NUMBER \
                (numbering).",
            "where_it_belongs": "at a numbering station for NUMBER"
        }),
    );
}

#[test]
fn pass_is_the_verdict_on_the_card_scanned_last() {
    let mut shop = Shop::open();
    shop.cuts(sheet(1));
    shop.brings_to_qa(card(1, 1));
    shop.shows(
        "!PASS",
        "QA-1",
        json!({
            "outcome": "recorded", "barcode": "!PASS",
            "entity": {"type": "card_unit", "id": "J1044-S001-01", "status": "qa_passed"},
            "action": "qa_passed",
            "events": events(&["QAResultRecorded"]),
            "next": {"station_type": "assembly"},
            "message": "Card 01 of J1044-S001 passed QA. Next: assembly.",
            "late": false
        }),
    );
    shop.shows(
        "!PASS",
        "QA-1",
        json!({
            "outcome": "already_recorded", "barcode": "!PASS",
            "entity": {"type": "card_unit", "id": "J1044-S001-01", "status": "qa_passed"},
            "action": "already_recorded",
            "events": [],
            "next": {"station_type": "assembly"},
            "message": "J1044-S001-01: already recorded. Next: assembly.",
            "late": false
        }),
    );
}

/// 01, 02, and 01 again: the verdict is on 01.
#[test]
fn the_verdict_is_on_the_card_that_was_taken_in_hand_again() {
    let mut shop = Shop::open();
    shop.cuts(sheet(1));
    shop.brings_to_qa(card(1, 1));
    shop.brings_to_qa(card(1, 2));
    shop.shows(
        "J1044-S001-01",
        "QA-1",
        json!({
            "outcome": "recorded", "barcode": "J1044-S001-01",
            "entity": {"type": "card_unit", "id": "J1044-S001-01", "status": "in_progress"},
            "action": "taken_in_hand",
            "events": events(&["UnitTakenInHand"]),
            "next": {"operation": "QA-FINAL", "station_type": "qa"},
            "message": "Card 01 of J1044-S001 is in hand again at QA-1. Next: !PASS or !FAIL.",
            "late": false
        }),
    );
    shop.shows(
        "J1044-S001-01",
        "QA-1",
        json!({
            "outcome": "already_recorded", "barcode": "J1044-S001-01",
            "entity": {"type": "card_unit", "id": "J1044-S001-01", "status": "in_progress"},
            "action": "already_recorded",
            "events": [],
            "next": {"operation": "QA-FINAL", "station_type": "qa"},
            "message": "J1044-S001-01: already recorded. Next: !PASS or !FAIL.",
            "late": false
        }),
    );
    shop.shows(
        "!PASS",
        "QA-1",
        json!({
            "outcome": "recorded", "barcode": "!PASS",
            "entity": {"type": "card_unit", "id": "J1044-S001-01", "status": "qa_passed"},
            "action": "qa_passed",
            "events": events(&["QAResultRecorded"]),
            "next": {"station_type": "assembly"},
            "message": "Card 01 of J1044-S001 passed QA. Next: assembly.",
            "late": false
        }),
    );
    assert_eq!(shop.the_card(card(1, 2)).situation.qa_result, None);
}

#[test]
fn a_card_that_was_put_aside_with_next_is_taken_in_hand_again() {
    let mut shop = Shop::open();
    shop.cuts(sheet(1));
    shop.brings_to_qa(card(1, 1));
    shop.scans("!NEXT", "QA-1");
    shop.scan("J1044-S001-01", "QA-1")
        .by("OP-1")
        .then_recorded(&["UnitTakenInHand"]);
    shop.scan("!FAIL F-201", "QA-1")
        .by("OP-1")
        .then_recorded(&["QAResultRecorded"]);
}

/// What an offline queue sends is read in its order, as if it had come at once.
#[test]
fn a_late_scan_takes_in_hand_again_too() {
    let mut shop = Shop::open();
    shop.cuts(sheet(1));
    shop.brings_to_qa(card(1, 1));
    shop.brings_to_qa(card(1, 2));
    shop.scan("J1044-S001-01", "QA-1")
        .by("OP-1")
        .late()
        .then_recorded(&["UnitTakenInHand"]);
}

/// A card that is inspected at another bench comes here, and a held one rests: neither is taken in hand.
#[test]
fn only_what_is_worked_on_here_is_taken_in_hand_again() {
    let mut shop = Shop::open();
    shop.cuts(sheet(1));
    shop.brings_to_qa(card(1, 1));
    shop.brings_to_qa(card(1, 2));
    shop.scan("J1044-S001-01", "QA-2")
        .by("OP-1")
        .then_recorded(&["CardUnitEnteredStation"]);
    shop.brings_to_qa(card(1, 3));
    shop.given([hold(Holdable::CardUnit(card(1, 2)))]);
    shop.scan("J1044-S001-02", "QA-1")
        .by("OP-1")
        .then_refused("on_hold");
    assert_eq!(
        shop.the_bench("QA-1").last_unit,
        Some(UnitRef::CardUnit(card(1, 3)))
    );
}

#[test]
fn fail_is_the_verdict_with_its_code() {
    let mut shop = Shop::open();
    shop.cuts(sheet(1));
    shop.brings_to_qa(card(1, 1));
    shop.shows("!FAIL F-201", "QA-1", json!({
        "outcome": "recorded", "barcode": "!FAIL F-201",
        "entity": {"type": "card_unit", "id": "J1044-S001-01", "status": "qa_failed"},
        "action": "qa_failed",
        "events": events(&["QAResultRecorded"]),
        "message": "Card 01 of J1044-S001 failed QA: F-201. Next: rework it, or have it voided.",
        "late": false
    }));
    shop.shows(
        "!FAIL F-201",
        "QA-1",
        json!({
            "outcome": "already_recorded", "barcode": "!FAIL F-201",
            "entity": {"type": "card_unit", "id": "J1044-S001-01", "status": "qa_failed"},
            "action": "already_recorded",
            "events": [],
            "message": "J1044-S001-01: already recorded. Next: rework it, or have it voided.",
            "late": false
        }),
    );
}

#[test]
fn another_verdict_on_the_card_in_hand_is_another_inspection() {
    let mut shop = Shop::open();
    shop.cuts(sheet(1));
    shop.passes(card(1, 1));
    shop.shows("!FAIL F-201", "QA-1", json!({
        "outcome": "recorded", "barcode": "!FAIL F-201",
        "entity": {"type": "card_unit", "id": "J1044-S001-01", "status": "qa_failed"},
        "action": "qa_failed",
        "events": events(&["CardUnitEnteredStation", "QAResultRecorded"]),
        "message": "Card 01 of J1044-S001 failed QA: F-201. Next: rework it, or have it voided.",
        "late": false
    }));
}

#[test]
fn a_passed_card_may_be_inspected_again() {
    let mut shop = Shop::open();
    shop.cuts(sheet(1));
    shop.passes(card(1, 1));
    shop.shows(
        "J1044-S001-01",
        "QA-2",
        json!({
            "outcome": "recorded", "barcode": "J1044-S001-01",
            "entity": {"type": "card_unit", "id": "J1044-S001-01", "status": "in_progress"},
            "action": "entered_station",
            "events": events(&["CardUnitEnteredStation"]),
            "next": {"operation": "QA-FINAL", "station_type": "qa"},
            "message": "Card 01 of J1044-S001 is at QA-2: QA-FINAL. Next: !PASS or !FAIL.",
            "late": false
        }),
    );
    shop.shows("!FAIL F-202", "QA-2", json!({
        "outcome": "recorded", "barcode": "!FAIL F-202",
        "entity": {"type": "card_unit", "id": "J1044-S001-01", "status": "qa_failed"},
        "action": "qa_failed",
        "events": events(&["QAResultRecorded"]),
        "message": "Card 01 of J1044-S001 failed QA: F-202. Next: rework it, or have it voided.",
        "late": false
    }));
}

#[test]
fn a_failed_card_goes_back_into_work() {
    let mut shop = Shop::open();
    shop.cuts(sheet(1));
    shop.fails(card(1, 1));
    shop.shows(
        "J1044-S001-01",
        "DIE-1",
        json!({
            "outcome": "recorded", "barcode": "J1044-S001-01",
            "entity": {"type": "card_unit", "id": "J1044-S001-01", "status": "in_progress"},
            "action": "entered_station",
            "events": events(&["CardUnitEnteredStation"]),
            "next": {"operation": "QA-FINAL", "station_type": "qa"},
            "message": "Card 01 of J1044-S001 is at DIE-1: DIE. Next: QA-FINAL at a qa station.",
            "late": false
        }),
    );
    shop.shows(
        "J1044-S001-01",
        "QA-1",
        json!({
            "outcome": "recorded", "barcode": "J1044-S001-01",
            "entity": {"type": "card_unit", "id": "J1044-S001-01", "status": "in_progress"},
            "action": "entered_station",
            "events": events(&["CardUnitEnteredStation"]),
            "next": {"operation": "QA-FINAL", "station_type": "qa"},
            "message": "Card 01 of J1044-S001 is at QA-1: QA-FINAL. Next: !PASS or !FAIL.",
            "late": false
        }),
    );
    shop.shows(
        "!PASS",
        "QA-1",
        json!({
            "outcome": "recorded", "barcode": "!PASS",
            "entity": {"type": "card_unit", "id": "J1044-S001-01", "status": "qa_passed"},
            "action": "qa_passed",
            "events": events(&["QAResultRecorded"]),
            "next": {"station_type": "assembly"},
            "message": "Card 01 of J1044-S001 passed QA. Next: assembly.",
            "late": false
        }),
    );
}

#[test]
fn a_failed_card_is_not_reworked_beyond_the_limit() {
    let mut shop = Shop::open();
    shop.cuts(sheet(1));
    shop.fails(card(1, 1));
    for _ in 0..2 {
        shop.scans("J1044-S001-01", "DIE-1");
        shop.scans("J1044-S001-01", "QA-1");
        shop.scans("!FAIL F-201", "QA-1");
    }
    shop.shows(
        "J1044-S001-01",
        "DIE-1",
        json!({
            "outcome": "refused", "barcode": "J1044-S001-01",
            "code": "rework_limit_reached",
            "entity": {"type": "card_unit", "id": "J1044-S001-01", "status": "qa_failed"},
            "message": "Card J1044-S001-01 has used up its rework (2 allowed): void it.",
            "where_it_belongs": "in the waste, once a lead has voided it"
        }),
    );
    shop.shows(
        "J1044-S001-01",
        "QA-2",
        json!({
            "outcome": "refused", "barcode": "J1044-S001-01",
            "code": "rework_limit_reached",
            "entity": {"type": "card_unit", "id": "J1044-S001-01", "status": "qa_failed"},
            "message": "Card J1044-S001-01 has used up its rework (2 allowed): void it.",
            "where_it_belongs": "in the waste, once a lead has voided it"
        }),
    );
}

#[test]
fn the_last_allowed_fail_says_that_the_card_is_to_be_voided() {
    let mut shop = Shop::under(&Policies {
        rework_limit: 0,
        ..Policies::default()
    });
    shop.cuts(sheet(1));
    shop.brings_to_qa(card(1, 1));
    shop.shows("!FAIL F-201", "QA-1", json!({
        "outcome": "recorded", "barcode": "!FAIL F-201",
        "entity": {"type": "card_unit", "id": "J1044-S001-01", "status": "qa_failed"},
        "action": "qa_failed",
        "events": events(&["QAResultRecorded"]),
        "message": "Card 01 of J1044-S001 failed QA: F-201. Next: have it voided, no more rework \
            is allowed.",
        "late": false
    }));
}

#[test]
fn an_inspection_goes_on_at_another_bench() {
    let mut shop = Shop::open();
    shop.cuts(sheet(1));
    shop.brings_to_qa(card(1, 1));
    shop.shows(
        "J1044-S001-01",
        "QA-2",
        json!({
            "outcome": "recorded", "barcode": "J1044-S001-01",
            "entity": {"type": "card_unit", "id": "J1044-S001-01", "status": "in_progress"},
            "action": "entered_station",
            "events": events(&["CardUnitEnteredStation"]),
            "next": {"operation": "QA-FINAL", "station_type": "qa"},
            "message": "Card 01 of J1044-S001 is at QA-2: QA-FINAL. Next: !PASS or !FAIL.",
            "late": false
        }),
    );
    shop.shows(
        "!PASS",
        "QA-1",
        json!({
            "outcome": "refused", "barcode": "!PASS",
            "code": "nothing_in_hand",
            "message": "Nothing is in hand at QA-1: scan the card that is inspected first."
        }),
    );
    shop.shows(
        "!PASS",
        "QA-2",
        json!({
            "outcome": "recorded", "barcode": "!PASS",
            "entity": {"type": "card_unit", "id": "J1044-S001-01", "status": "qa_passed"},
            "action": "qa_passed",
            "events": events(&["QAResultRecorded"]),
            "next": {"station_type": "assembly"},
            "message": "Card 01 of J1044-S001 passed QA. Next: assembly.",
            "late": false
        }),
    );
}

#[test]
fn a_verdict_without_a_card_in_hand_is_refused() {
    let mut shop = Shop::open();
    shop.shows(
        "!PASS",
        "QA-1",
        json!({
            "outcome": "refused", "barcode": "!PASS",
            "code": "nothing_in_hand",
            "message": "Nothing is in hand at QA-1: scan the card that is inspected first."
        }),
    );
    shop.shows(
        "!FAIL F-201",
        "QA-1",
        json!({
            "outcome": "refused", "barcode": "!FAIL F-201",
            "code": "nothing_in_hand",
            "message": "Nothing is in hand at QA-1: scan the card that is inspected first."
        }),
    );
}

#[test]
fn a_verdict_means_nothing_away_from_qa() {
    let mut shop = Shop::open();
    shop.cuts(sheet(1));
    shop.dies(card(1, 1));
    shop.shows(
        "!PASS",
        "DIE-1",
        json!({
            "outcome": "refused", "barcode": "!PASS",
            "code": "nothing_to_do_here",
            "entity": {"type": "card_unit", "id": "J1044-S001-01", "status": "in_progress"},
            "message": "!PASS means nothing at DIE-1, a die_cut station.",
            "where_it_belongs": "at a qa station for QA-FINAL"
        }),
    );
    shop.shows(
        "!FAIL F-201",
        "BENCH-1",
        json!({
            "outcome": "refused", "barcode": "!FAIL F-201",
            "code": "nothing_to_do_here",
            "entity": {"type": "station", "id": "BENCH-1"},
            "message": "!FAIL F-201 means nothing at BENCH-1, an assembly station."
        }),
    );
}

#[test]
fn a_held_card_is_not_judged() {
    let mut shop = Shop::open();
    shop.cuts(sheet(1));
    shop.brings_to_qa(card(1, 1));
    shop.shows(
        "!HOLD scratched",
        "QA-1",
        json!({
            "outcome": "recorded", "barcode": "!HOLD scratched",
            "entity": {"type": "card_unit", "id": "J1044-S001-01", "status": "in_progress"},
            "action": "held",
            "events": events(&["CardUnitHeld"]),
            "message": "Card 01 of J1044-S001 is on hold: scratched.",
            "late": false
        }),
    );
    shop.shows(
        "!PASS",
        "QA-1",
        json!({
            "outcome": "refused", "barcode": "!PASS",
            "code": "on_hold",
            "entity": {"type": "card_unit", "id": "J1044-S001-01", "status": "in_progress"},
            "message": "Card J1044-S001-01 is on hold: scratched.",
            "where_it_belongs": "on the hold shelf (scratched)"
        }),
    );
}

// A card at the assembly bench.

#[test]
fn the_first_card_opens_its_set_at_the_bench() {
    let mut shop = Shop::open();
    shop.cuts(sheet(1));
    shop.passes(card(1, 1));
    shop.dies(card(1, 2));
    shop.shows("J1044-S001-01", "BENCH-1", json!({
        "outcome": "recorded", "barcode": "J1044-S001-01",
        "entity": {"type": "card_unit", "id": "J1044-S001-01", "status": "assembled"},
        "action": "gathered",
        "events": events(&["CardScannedForAssembly", "CardUnitAssembled"]),
        "message": "Card 01 of J1044-S001 lies in its set. 1 of 6. Missing: 02 (at DIE-1), 03 (at \
            CUT-1), 04 (at CUT-1), 05 (at CUT-1), 06 (at CUT-1).",
        "late": false
    }));
}

#[test]
fn the_last_card_completes_the_set() {
    let mut shop = Shop::open();
    shop.cuts(sheet(1));
    for position in 2..=6 {
        shop.gathers(card(1, position));
    }
    shop.passes(card(1, 1));
    shop.shows(
        "J1044-S001-01",
        "BENCH-1",
        json!({
            "outcome": "recorded", "barcode": "J1044-S001-01",
            "entity": {"type": "card_unit", "id": "J1044-S001-01", "status": "assembled"},
            "action": "set_completed",
            "events": events(&["CardScannedForAssembly", "CardUnitAssembled", "AssemblyCompleted"]),
            "next": {"station_type": "packing"},
            "message": "J1044-S001-SET is complete. 6 of 6. Next: packing.",
            "late": false
        }),
    );
}

#[test]
fn a_card_of_another_sheet_is_refused_at_a_bench_with_an_active_set() {
    let mut shop = Shop::open();
    shop.cuts(sheet(1));
    shop.cuts(sheet(2));
    shop.gathers(card(1, 1));
    shop.passes(card(2, 1));
    shop.shows("J1044-S002-01", "BENCH-1", json!({
        "outcome": "refused", "barcode": "J1044-S002-01",
        "code": "wrong_sheet",
        "entity": {"type": "card_unit", "id": "J1044-S002-01", "status": "qa_passed"},
        "message": "Wrong sheet: J1044-S002-01 does not belong to J1044-S001-SET, which is being \
            gathered here.",
        "where_it_belongs": "with J1044-S002-SET at an assembly bench"
    }));
}

#[test]
fn a_card_of_a_set_that_lies_at_another_bench_is_sent_there() {
    let mut shop = Shop::open();
    shop.cuts(sheet(1));
    shop.cuts(sheet(2));
    shop.gathers(card(1, 1));
    shop.passes(card(1, 2));
    shop.passes(card(2, 1));
    shop.scans("J1044-S002-01", "BENCH-2");
    shop.shows("J1044-S001-02", "BENCH-2", json!({
        "outcome": "refused", "barcode": "J1044-S001-02",
        "code": "wrong_sheet",
        "entity": {"type": "card_unit", "id": "J1044-S001-02", "status": "qa_passed"},
        "message": "Wrong sheet: J1044-S001-02 does not belong to J1044-S002-SET, which is being \
            gathered here.",
        "where_it_belongs": "with J1044-S001-SET at BENCH-1"
    }));
}

#[test]
fn a_card_scanned_twice_is_a_duplicate() {
    let mut shop = Shop::open();
    shop.cuts(sheet(1));
    shop.gathers(card(1, 1));
    shop.gathers(card(1, 2));
    shop.shows(
        "J1044-S001-01",
        "BENCH-1",
        json!({
            "outcome": "refused", "barcode": "J1044-S001-01",
            "code": "duplicate",
            "entity": {"type": "card_unit", "id": "J1044-S001-01", "status": "assembled"},
            "message": "J1044-S001-01 lies in J1044-S001-SET already.",
            "where_it_belongs": "with J1044-S001-SET at BENCH-1"
        }),
    );
}

#[test]
fn a_card_of_a_complete_set_is_a_duplicate() {
    let mut shop = Shop::open();
    shop.set_in(1, AssemblyStatus::Complete);
    shop.shows(
        "J1044-S001-01",
        "BENCH-1",
        json!({
            "outcome": "refused", "barcode": "J1044-S001-01",
            "code": "duplicate",
            "entity": {"type": "card_unit", "id": "J1044-S001-01", "status": "assembled"},
            "message": "J1044-S001-01 lies in J1044-S001-SET already.",
            "where_it_belongs": "with J1044-S001-SET to a packing station"
        }),
    );
}

#[test]
fn a_card_that_has_something_to_be_done_is_not_ready() {
    let mut shop = Shop::open();
    shop.cuts(sheet(1));
    shop.dies(card(1, 1));
    shop.shows(
        "J1044-S001-01",
        "BENCH-1",
        json!({
            "outcome": "refused", "barcode": "J1044-S001-01",
            "code": "not_ready",
            "entity": {"type": "card_unit", "id": "J1044-S001-01", "status": "in_progress"},
            "message": "Card J1044-S001-01 is not ready. Still to do: QA-FINAL (qa).",
            "where_it_belongs": "at a qa station for QA-FINAL"
        }),
    );
}

#[test]
fn a_card_that_failed_qa_is_not_gathered() {
    let mut shop = Shop::open();
    shop.cuts(sheet(1));
    shop.fails(card(1, 1));
    shop.shows(
        "J1044-S001-01",
        "BENCH-1",
        json!({
            "outcome": "refused", "barcode": "J1044-S001-01",
            "code": "qa_failed",
            "entity": {"type": "card_unit", "id": "J1044-S001-01", "status": "qa_failed"},
            "message": "Card J1044-S001-01 failed QA: rework or void it.",
            "where_it_belongs": "in rework, or to be voided by a lead"
        }),
    );
}

#[test]
fn a_held_card_is_not_gathered() {
    let mut shop = Shop::open();
    shop.cuts(sheet(1));
    shop.passes(card(1, 1));
    shop.given([hold(Holdable::CardUnit(card(1, 1)))]);
    shop.shows(
        "J1044-S001-01",
        "BENCH-1",
        json!({
            "outcome": "refused", "barcode": "J1044-S001-01",
            "code": "on_hold",
            "entity": {"type": "card_unit", "id": "J1044-S001-01", "status": "qa_passed"},
            "message": "Card J1044-S001-01 is on hold: to be looked at.",
            "where_it_belongs": "on the hold shelf (to be looked at)"
        }),
    );
}

#[test]
fn a_card_of_a_held_set_is_not_gathered() {
    let mut shop = Shop::open();
    shop.cuts(sheet(1));
    shop.passes(card(1, 1));
    shop.given([hold(Holdable::Assembly(set(1)))]);
    shop.shows(
        "J1044-S001-01",
        "BENCH-1",
        json!({
            "outcome": "refused", "barcode": "J1044-S001-01",
            "code": "on_hold",
            "entity": {"type": "card_unit", "id": "J1044-S001-01", "status": "qa_passed"},
            "message": "Set J1044-S001-SET is on hold: to be looked at.",
            "where_it_belongs": "on the hold shelf (to be looked at)"
        }),
    );
}

#[test]
fn a_replacement_takes_the_place_of_the_voided_card() {
    let mut shop = Shop::open();
    shop.cuts(sheet(1));
    shop.gathers(card(1, 1));
    shop.voids(card(1, 1));
    let replacement = shop.reprints(card(1, 1));
    shop.passes(replacement);
    shop.shows(
        "J1044-S001-01",
        "BENCH-1",
        json!({
            "outcome": "refused", "barcode": "J1044-S001-01",
            "code": "voided",
            "entity": {"type": "card_unit", "id": "J1044-S001-01", "status": "voided"},
            "message": "J1044-S001-01 is voided (torn): put it to waste.",
            "where_it_belongs": "in the waste"
        }),
    );
    shop.shows("J1044-S001-01-R1", "BENCH-1", json!({
        "outcome": "recorded", "barcode": "J1044-S001-01-R1",
        "entity": {"type": "card_unit", "id": "J1044-S001-01-R1", "status": "assembled"},
        "action": "gathered",
        "events": events(&["CardScannedForAssembly", "CardUnitAssembled"]),
        "message": "Card 01 of J1044-S001 (R1) lies in its set. 1 of 6. Missing: 02 (at CUT-1), \
            03 (at CUT-1), 04 (at CUT-1), 05 (at CUT-1), 06 (at CUT-1).",
        "late": false
    }));
}

#[test]
fn what_is_missing_is_named_with_where_it_is() {
    let mut shop = Shop::open();
    shop.cuts(sheet(1));
    shop.dies(card(1, 2));
    shop.voids(card(1, 3));
    shop.fails(card(1, 4));
    shop.passes(card(1, 1));
    shop.shows(
        "J1044-S001-01",
        "BENCH-1",
        json!({
            "outcome": "recorded", "barcode": "J1044-S001-01",
            "entity": {"type": "card_unit", "id": "J1044-S001-01", "status": "assembled"},
            "action": "gathered",
            "events": events(&["CardScannedForAssembly", "CardUnitAssembled"]),
            "message": "Card 01 of J1044-S001 lies in its set. 1 of 6. Missing: 02 (at DIE-1), 03 \
                (voided), 04 (failed QA), 05 (at CUT-1), 06 (at CUT-1).",
            "late": false
        }),
    );
}

#[test]
fn the_label_of_a_set_switches_the_bench_to_it() {
    let mut shop = Shop::open();
    shop.cuts(sheet(1));
    shop.cuts(sheet(2));
    shop.gathers(card(1, 1));
    shop.passes(card(2, 1));
    shop.shows(
        "J1044-S002-SET",
        "BENCH-1",
        json!({
            "outcome": "recorded", "barcode": "J1044-S002-SET",
            "entity": {"type": "assembly", "id": "J1044-S002-SET", "status": "pending"},
            "action": "bench_switched",
            "events": events(&["BenchSwitched"]),
            "next": {"station_type": "assembly"},
            "message": "BENCH-1 gathers J1044-S002-SET now. 0 of 6. Missing: 01 (at QA-1), 02 (at \
                CUT-1), 03 (at CUT-1), 04 (at CUT-1), 05 (at CUT-1), 06 (at CUT-1).",
            "late": false
        }),
    );
    shop.shows(
        "J1044-S002-SET",
        "BENCH-1",
        json!({
            "outcome": "already_recorded", "barcode": "J1044-S002-SET",
            "entity": {"type": "assembly", "id": "J1044-S002-SET", "status": "pending"},
            "action": "already_recorded",
            "events": [],
            "next": {"station_type": "assembly"},
            "message": "J1044-S002-SET: already recorded. 0 of 6. Missing: 01 (at QA-1), 02 (at \
                CUT-1), 03 (at CUT-1), 04 (at CUT-1), 05 (at CUT-1), 06 (at CUT-1).",
            "late": false
        }),
    );
    shop.shows("J1044-S002-01", "BENCH-1", json!({
        "outcome": "recorded", "barcode": "J1044-S002-01",
        "entity": {"type": "card_unit", "id": "J1044-S002-01", "status": "assembled"},
        "action": "gathered",
        "events": events(&["CardScannedForAssembly", "CardUnitAssembled"]),
        "message": "Card 01 of J1044-S002 lies in its set. 1 of 6. Missing: 02 (at CUT-1), 03 (at \
            CUT-1), 04 (at CUT-1), 05 (at CUT-1), 06 (at CUT-1).",
        "late": false
    }));
}

#[test]
fn next_frees_the_bench() {
    let mut shop = Shop::open();
    shop.cuts(sheet(1));
    shop.cuts(sheet(2));
    shop.gathers(card(1, 1));
    shop.passes(card(2, 1));
    shop.shows(
        "!NEXT",
        "BENCH-1",
        json!({
            "outcome": "recorded", "barcode": "!NEXT",
            "entity": {"type": "station", "id": "BENCH-1"},
            "action": "bench_switched",
            "events": events(&["BenchSwitched"]),
            "message": "BENCH-1 is free.",
            "late": false
        }),
    );
    shop.shows("J1044-S002-01", "BENCH-1", json!({
        "outcome": "recorded", "barcode": "J1044-S002-01",
        "entity": {"type": "card_unit", "id": "J1044-S002-01", "status": "assembled"},
        "action": "gathered",
        "events": events(&["CardScannedForAssembly", "CardUnitAssembled"]),
        "message": "Card 01 of J1044-S002 lies in its set. 1 of 6. Missing: 02 (at CUT-1), 03 (at \
            CUT-1), 04 (at CUT-1), 05 (at CUT-1), 06 (at CUT-1).",
        "late": false
    }));
}

#[test]
fn the_label_of_a_complete_set_leads_to_packing() {
    let mut shop = Shop::open();
    shop.set_in(1, AssemblyStatus::Complete);
    shop.shows(
        "J1044-S001-SET",
        "BENCH-1",
        json!({
            "outcome": "already_recorded", "barcode": "J1044-S001-SET",
            "entity": {"type": "assembly", "id": "J1044-S001-SET", "status": "complete"},
            "action": "already_recorded",
            "events": [],
            "next": {"station_type": "packing"},
            "message": "J1044-S001-SET: already recorded. 6 of 6. Next: packing.",
            "late": false
        }),
    );
}

#[test]
fn the_label_of_a_packed_set_says_where_it_is() {
    let mut shop = Shop::open();
    shop.packs_the_set_of(sheet(1));
    shop.shows(
        "J1044-S001-SET",
        "BENCH-1",
        json!({
            "outcome": "refused", "barcode": "J1044-S001-SET",
            "code": "already_packed",
            "entity": {"type": "assembly", "id": "J1044-S001-SET", "status": "packed"},
            "message": "J1044-S001-SET is packed in J1044-BOX-001.",
            "where_it_belongs": "in J1044-BOX-001"
        }),
    );
}

#[test]
fn the_label_of_a_voided_set_goes_to_waste() {
    let mut shop = Shop::under(&Policies::voiding(VoidPolicy::ScrapSet));
    shop.set_in(1, AssemblyStatus::Voided);
    shop.shows(
        "J1044-S001-SET",
        "BENCH-1",
        json!({
            "outcome": "refused", "barcode": "J1044-S001-SET",
            "code": "voided",
            "entity": {"type": "assembly", "id": "J1044-S001-SET", "status": "voided"},
            "message": "J1044-S001-SET is voided (the whole set): put it to waste.",
            "where_it_belongs": "in the waste"
        }),
    );
    shop.shows(
        "J1044-S001-SET",
        "PACK-1",
        json!({
            "outcome": "refused", "barcode": "J1044-S001-SET",
            "code": "voided",
            "entity": {"type": "assembly", "id": "J1044-S001-SET", "status": "voided"},
            "message": "J1044-S001-SET is voided (the whole set): put it to waste.",
            "where_it_belongs": "in the waste"
        }),
    );
}

#[test]
fn the_label_of_a_set_means_nothing_elsewhere() {
    let mut shop = Shop::open();
    shop.cuts(sheet(1));
    shop.shows(
        "J1044-S001-SET",
        "QA-1",
        json!({
            "outcome": "refused", "barcode": "J1044-S001-SET",
            "code": "nothing_to_do_here",
            "entity": {"type": "assembly", "id": "J1044-S001-SET", "status": "pending"},
            "message": "J1044-S001-SET means nothing at QA-1, a qa station.",
            "where_it_belongs": "with J1044-S001-SET at an assembly bench"
        }),
    );
}

#[test]
fn the_label_of_an_unknown_set_is_an_unknown_barcode() {
    let mut shop = Shop::open();
    shop.shows(
        "J1044-S001-SET",
        "BENCH-1",
        json!({
            "outcome": "refused", "barcode": "J1044-S001-SET",
            "code": "unknown_barcode",
            "message": "J1044-S001-SET is not known here."
        }),
    );
    shop.shows(
        "J1044-S099-SET",
        "PACK-1",
        json!({
            "outcome": "refused", "barcode": "J1044-S099-SET",
            "code": "unknown_barcode",
            "message": "J1044-S099-SET is not known here."
        }),
    );
}

// Sets and packs at the packing station.

#[test]
fn a_complete_set_opens_the_first_box_and_goes_into_it() {
    let mut shop = Shop::open();
    shop.set_in(1, AssemblyStatus::Complete);
    shop.shows(
        "J1044-S001-SET",
        "PACK-1",
        json!({
            "outcome": "recorded", "barcode": "J1044-S001-SET",
            "entity": {"type": "assembly", "id": "J1044-S001-SET", "status": "packed"},
            "action": "packed",
            "events": events(&[
                "PackOpened", "SetPacked", "CardUnitPacked", "CardUnitPacked", "CardUnitPacked",
                "CardUnitPacked", "CardUnitPacked", "CardUnitPacked", "SetAddedToPack",
            ]),
            "message": "J1044-S001-SET is in J1044-BOX-001.",
            "late": false
        }),
    );
}

#[test]
fn any_card_of_a_complete_set_packs_the_set() {
    let mut shop = Shop::open();
    shop.set_in(1, AssemblyStatus::Complete);
    shop.shows(
        "J1044-S001-03",
        "PACK-1",
        json!({
            "outcome": "recorded", "barcode": "J1044-S001-03",
            "entity": {"type": "card_unit", "id": "J1044-S001-03", "status": "packed"},
            "action": "packed",
            "events": events(&[
                "PackOpened", "SetPacked", "CardUnitPacked", "CardUnitPacked", "CardUnitPacked",
                "CardUnitPacked", "CardUnitPacked", "CardUnitPacked", "SetAddedToPack",
            ]),
            "message": "J1044-S001-SET is in J1044-BOX-001.",
            "late": false
        }),
    );
}

#[test]
fn the_set_that_fills_the_box_closes_it() {
    let mut shop = Shop::open();
    shop.packs_the_set_of(sheet(1));
    shop.set_in(2, AssemblyStatus::Complete);
    shop.shows(
        "J1044-S002-SET",
        "PACK-1",
        json!({
            "outcome": "recorded", "barcode": "J1044-S002-SET",
            "entity": {"type": "assembly", "id": "J1044-S002-SET", "status": "packed"},
            "action": "packed",
            "events": events(&[
                "SetPacked", "CardUnitPacked", "CardUnitPacked", "CardUnitPacked", "CardUnitPacked",
                "CardUnitPacked", "CardUnitPacked", "SetAddedToPack", "PackClosed",
            ]),
            "message": "J1044-S002-SET is in J1044-BOX-001. J1044-BOX-001 is full, and closed.",
            "late": false
        }),
    );
}

#[test]
fn a_set_just_packed_is_already_recorded_by_its_label_and_by_its_cards() {
    let mut shop = Shop::open();
    shop.packs_the_set_of(sheet(1));
    shop.shows(
        "J1044-S001-SET",
        "PACK-1",
        json!({
            "outcome": "already_recorded", "barcode": "J1044-S001-SET",
            "entity": {"type": "assembly", "id": "J1044-S001-SET", "status": "packed"},
            "action": "already_recorded",
            "events": [],
            "message": "J1044-S001-SET: already recorded.",
            "late": false
        }),
    );
    shop.shows(
        "J1044-S001-02",
        "PACK-1",
        json!({
            "outcome": "already_recorded", "barcode": "J1044-S001-02",
            "entity": {"type": "card_unit", "id": "J1044-S001-02", "status": "packed"},
            "action": "already_recorded",
            "events": [],
            "message": "J1044-S001-02: already recorded.",
            "late": false
        }),
    );
}

#[test]
fn a_set_packed_before_is_already_packed() {
    let mut shop = Shop::open();
    shop.packs_the_set_of(sheet(1));
    shop.packs_the_set_of(sheet(2));
    shop.shows(
        "J1044-S001-SET",
        "PACK-1",
        json!({
            "outcome": "refused", "barcode": "J1044-S001-SET",
            "code": "already_packed",
            "entity": {"type": "assembly", "id": "J1044-S001-SET", "status": "packed"},
            "message": "J1044-S001-SET is packed in J1044-BOX-001.",
            "where_it_belongs": "in J1044-BOX-001"
        }),
    );
    shop.shows(
        "J1044-S001-02",
        "PACK-1",
        json!({
            "outcome": "refused", "barcode": "J1044-S001-02",
            "code": "already_packed",
            "entity": {"type": "card_unit", "id": "J1044-S001-02", "status": "packed"},
            "message": "J1044-S001-SET is packed in J1044-BOX-001.",
            "where_it_belongs": "in J1044-BOX-001"
        }),
    );
}

#[test]
fn an_incomplete_set_is_not_packed() {
    let mut shop = Shop::open();
    shop.cuts(sheet(1));
    shop.gathers(card(1, 1));
    shop.gathers(card(1, 2));
    shop.shows(
        "J1044-S001-SET",
        "PACK-1",
        json!({
            "outcome": "refused", "barcode": "J1044-S001-SET",
            "code": "set_incomplete",
            "entity": {"type": "assembly", "id": "J1044-S001-SET", "status": "in_progress"},
            "message": "J1044-S001-SET is not complete. Missing positions: 3, 4, 5, 6.",
            "where_it_belongs": "with J1044-S001-SET at BENCH-1"
        }),
    );
    shop.shows(
        "J1044-S001-01",
        "PACK-1",
        json!({
            "outcome": "refused", "barcode": "J1044-S001-01",
            "code": "set_incomplete",
            "entity": {"type": "card_unit", "id": "J1044-S001-01", "status": "assembled"},
            "message": "J1044-S001-SET is not complete. Missing positions: 3, 4, 5, 6.",
            "where_it_belongs": "with J1044-S001-SET at BENCH-1"
        }),
    );
}

#[test]
fn a_card_that_does_not_lie_in_its_set_packs_nothing() {
    let mut shop = Shop::open();
    shop.cuts(sheet(1));
    shop.passes(card(1, 1));
    shop.shows(
        "J1044-S001-01",
        "PACK-1",
        json!({
            "outcome": "refused", "barcode": "J1044-S001-01",
            "code": "not_in_set",
            "entity": {"type": "card_unit", "id": "J1044-S001-01", "status": "qa_passed"},
            "message": "J1044-S001-01 does not lie in J1044-S001-SET.",
            "where_it_belongs": "with J1044-S001-SET at an assembly bench"
        }),
    );
}

#[test]
fn a_set_with_a_held_card_is_not_packed() {
    let mut shop = Shop::open();
    shop.set_in(1, AssemblyStatus::Complete);
    shop.given([hold(Holdable::CardUnit(card(1, 2)))]);
    shop.shows(
        "J1044-S001-SET",
        "PACK-1",
        json!({
            "outcome": "refused", "barcode": "J1044-S001-SET",
            "code": "on_hold",
            "entity": {"type": "assembly", "id": "J1044-S001-SET", "status": "complete"},
            "message": "Card J1044-S001-02 is on hold: to be looked at.",
            "where_it_belongs": "on the hold shelf (to be looked at)"
        }),
    );
}

#[test]
fn a_set_of_another_job_does_not_go_into_the_open_box() {
    let mut shop = Shop::open();
    a_second_job(&mut shop);
    shop.packs_the_set_of(sheet(1));
    shop.gathers_the_set_of(id("J1045-S001"));
    shop.shows(
        "J1045-S001-SET",
        "PACK-1",
        json!({
            "outcome": "refused", "barcode": "J1045-S001-SET",
            "code": "wrong_job",
            "entity": {"type": "assembly", "id": "J1045-S001-SET", "status": "complete"},
            "message": "Wrong job: J1045-S001-SET does not belong into J1044-BOX-001.",
            "where_it_belongs": "with J1045-S001-SET to a packing station"
        }),
    );
}

#[test]
fn a_new_box_label_opens_the_box() {
    let mut shop = Shop::open();
    shop.shows(
        "J1044-BOX-001",
        "PACK-1",
        json!({
            "outcome": "recorded", "barcode": "J1044-BOX-001",
            "entity": {"type": "pack", "id": "J1044-BOX-001", "status": "open"},
            "action": "pack_opened",
            "events": events(&["PackOpened"]),
            "message": "J1044-BOX-001 is open: it holds 2.",
            "late": false
        }),
    );
    shop.shows(
        "J1044-BOX-001",
        "PACK-1",
        json!({
            "outcome": "already_recorded", "barcode": "J1044-BOX-001",
            "entity": {"type": "pack", "id": "J1044-BOX-001", "status": "open"},
            "action": "already_recorded",
            "events": [],
            "message": "J1044-BOX-001: already recorded.",
            "late": false
        }),
    );
}

#[test]
fn a_box_label_out_of_turn_is_refused() {
    let mut shop = Shop::open();
    shop.shows(
        "J1044-BOX-005",
        "PACK-1",
        json!({
            "outcome": "refused", "barcode": "J1044-BOX-005",
            "code": "pack_number_not_next",
            "entity": {"type": "pack", "id": "J1044-BOX-005"},
            "message": "The next box of the job is J1044-BOX-001, not J1044-BOX-005."
        }),
    );
}

#[test]
fn a_box_of_an_unknown_job_is_an_unknown_barcode() {
    let mut shop = Shop::open();
    shop.shows(
        "J7-BOX-001",
        "PACK-1",
        json!({
            "outcome": "refused", "barcode": "J7-BOX-001",
            "code": "unknown_barcode",
            "message": "J7-BOX-001 is not known here."
        }),
    );
}

#[test]
fn an_open_box_is_taken_up_again() {
    let mut shop = Shop::open();
    shop.box_in(1, PackStatus::Open);
    shop.scans("!NEXT", "PACK-1");
    shop.shows(
        "J1044-BOX-001",
        "PACK-1",
        json!({
            "outcome": "recorded", "barcode": "J1044-BOX-001",
            "entity": {"type": "pack", "id": "J1044-BOX-001", "status": "open"},
            "action": "bench_switched",
            "events": events(&["BenchSwitched"]),
            "message": "PACK-1 fills J1044-BOX-001 now.",
            "late": false
        }),
    );
}

/// A case was opened since: `!CLOSE` after the box's label means the box.
#[test]
fn an_open_box_is_taken_up_again_after_another_pack() {
    let mut shop = Shop::open();
    shop.box_in(1, PackStatus::Open);
    shop.scans("J1044-CASE-001", "PACK-1");
    shop.scan("J1044-BOX-001", "PACK-1")
        .by("OP-1")
        .then_recorded(&["BenchSwitched"]);
    shop.wait_seconds(10);
    shop.scan("J1044-BOX-001", "PACK-1")
        .by("OP-1")
        .then_nothing_new();
    let closed = shop
        .scan("!CLOSE", "PACK-1")
        .by("OP-1")
        .then_recorded(&["PackClosed"]);
    assert_eq!(closed[0].event.unit().to_string(), "J1044-BOX-001");
}

#[test]
fn close_closes_the_box_in_hand() {
    let mut shop = Shop::open();
    shop.box_in(1, PackStatus::Open);
    shop.shows(
        "!CLOSE",
        "PACK-1",
        json!({
            "outcome": "recorded", "barcode": "!CLOSE",
            "entity": {"type": "pack", "id": "J1044-BOX-001", "status": "closed"},
            "action": "pack_closed",
            "events": events(&["PackClosed"]),
            "message": "J1044-BOX-001 is closed.",
            "late": false
        }),
    );
    shop.shows(
        "!CLOSE",
        "PACK-1",
        json!({
            "outcome": "refused", "barcode": "!CLOSE",
            "code": "nothing_in_hand",
            "message": "Nothing is in hand at PACK-1: scan a pack first."
        }),
    );
}

#[test]
fn an_empty_box_is_not_closed() {
    let mut shop = Shop::open();
    shop.scans("J1044-BOX-001", "PACK-1");
    shop.shows(
        "!CLOSE",
        "PACK-1",
        json!({
            "outcome": "refused", "barcode": "!CLOSE",
            "code": "pack_empty",
            "entity": {"type": "station", "id": "PACK-1"},
            "message": "J1044-BOX-001 is empty."
        }),
    );
}

#[test]
fn close_means_nothing_away_from_packing() {
    let mut shop = Shop::open();
    shop.shows(
        "!CLOSE",
        "BENCH-1",
        json!({
            "outcome": "refused", "barcode": "!CLOSE",
            "code": "nothing_to_do_here",
            "entity": {"type": "station", "id": "BENCH-1"},
            "message": "!CLOSE means nothing at BENCH-1, an assembly station."
        }),
    );
}

#[test]
fn a_closed_box_opens_a_case_and_goes_into_it() {
    let mut shop = Shop::open();
    shop.box_in(1, PackStatus::Closed);
    shop.shows(
        "J1044-BOX-001",
        "PACK-1",
        json!({
            "outcome": "recorded", "barcode": "J1044-BOX-001",
            "entity": {"type": "pack", "id": "J1044-BOX-001", "status": "closed"},
            "action": "pack_nested",
            "events": events(&["PackOpened", "PackNested", "PackAddedToPack"]),
            "message": "J1044-BOX-001 is in J1044-CASE-001.",
            "late": false
        }),
    );
    shop.shows(
        "J1044-BOX-001",
        "PACK-1",
        json!({
            "outcome": "already_recorded", "barcode": "J1044-BOX-001",
            "entity": {"type": "pack", "id": "J1044-BOX-001", "status": "closed"},
            "action": "already_recorded",
            "events": [],
            "message": "J1044-BOX-001: already recorded.",
            "late": false
        }),
    );
}

#[test]
fn the_box_that_fills_the_case_closes_it() {
    let mut shop = Shop::open();
    shop.box_in(1, PackStatus::Closed);
    shop.scans("J1044-BOX-001", "PACK-1");
    shop.box_in(2, PackStatus::Closed);
    shop.shows(
        "J1044-BOX-002",
        "PACK-1",
        json!({
            "outcome": "recorded", "barcode": "J1044-BOX-002",
            "entity": {"type": "pack", "id": "J1044-BOX-002", "status": "closed"},
            "action": "pack_nested",
            "events": events(&["PackNested", "PackAddedToPack", "PackClosed"]),
            "message": "J1044-BOX-002 is in J1044-CASE-001. J1044-CASE-001 is full, and closed.",
            "late": false
        }),
    );
    shop.shows(
        "J1044-CASE-001",
        "PACK-1",
        json!({
            "outcome": "recorded", "barcode": "J1044-CASE-001",
            "entity": {"type": "pack", "id": "J1044-CASE-001", "status": "closed"},
            "action": "pack_nested",
            "events": events(&["PackOpened", "PackNested", "PackAddedToPack"]),
            "message": "J1044-CASE-001 is in J1044-PALLET-001.",
            "late": false
        }),
    );
}

#[test]
fn a_box_that_stands_in_a_case_stays_there() {
    let mut shop = Shop::open();
    shop.box_in(1, PackStatus::Closed);
    shop.scans("J1044-BOX-001", "PACK-1");
    shop.scans("!NEXT", "PACK-1");
    shop.shows(
        "J1044-BOX-001",
        "PACK-1",
        json!({
            "outcome": "refused", "barcode": "J1044-BOX-001",
            "code": "pack_inside",
            "entity": {"type": "pack", "id": "J1044-BOX-001", "status": "closed"},
            "message": "J1044-BOX-001 stands in J1044-CASE-001.",
            "where_it_belongs": "in J1044-CASE-001"
        }),
    );
}

#[test]
fn a_closed_pallet_goes_to_shipping() {
    let mut shop = Shop::open();
    shop.box_in(1, PackStatus::Closed);
    shop.scans("J1044-BOX-001", "PACK-1");
    shop.scans("!CLOSE", "PACK-1");
    shop.scans("J1044-CASE-001", "PACK-1");
    shop.scans("!CLOSE", "PACK-1");
    shop.shows(
        "J1044-PALLET-001",
        "PACK-1",
        json!({
            "outcome": "refused", "barcode": "J1044-PALLET-001",
            "code": "pack_not_open",
            "entity": {"type": "pack", "id": "J1044-PALLET-001", "status": "closed"},
            "message": "J1044-PALLET-001 is closed.",
            "where_it_belongs": "at shipping"
        }),
    );
}

#[test]
fn a_shipped_box_is_with_the_customer() {
    let mut shop = Shop::open();
    shop.box_in(1, PackStatus::Shipped);
    shop.shows(
        "J1044-BOX-001",
        "PACK-1",
        json!({
            "outcome": "refused", "barcode": "J1044-BOX-001",
            "code": "pack_shipped",
            "entity": {"type": "pack", "id": "J1044-BOX-001", "status": "shipped"},
            "message": "J1044-BOX-001 has left the shop.",
            "where_it_belongs": "with the customer"
        }),
    );
}

#[test]
fn a_pack_means_nothing_elsewhere() {
    let mut shop = Shop::open();
    shop.box_in(1, PackStatus::Open);
    shop.shows(
        "J1044-BOX-001",
        "QA-1",
        json!({
            "outcome": "refused", "barcode": "J1044-BOX-001",
            "code": "nothing_to_do_here",
            "entity": {"type": "pack", "id": "J1044-BOX-001", "status": "open"},
            "message": "J1044-BOX-001 means nothing at QA-1, a qa station.",
            "where_it_belongs": "at the packing station that fills it"
        }),
    );
}

// Control barcodes.

#[test]
fn next_ends_the_work_in_hand() {
    let mut shop = Shop::open();
    shop.prints(sheet(1));
    shop.shows(
        "!NEXT",
        "PRESS-1",
        json!({
            "outcome": "recorded", "barcode": "!NEXT",
            "entity": {"type": "sheet", "id": "J1044-S001", "status": "in_progress"},
            "action": "operation_completed",
            "events": events(&["SheetOperationCompleted"]),
            "next": {"operation": "FOIL", "station_type": "foil_stamp"},
            "message": "Sheet J1044-S001: PRINT is done. Next: FOIL at a foil_stamp station.",
            "late": false
        }),
    );
    shop.cuts(sheet(2));
    shop.dies(card(2, 1));
    shop.shows(
        "!NEXT",
        "DIE-1",
        json!({
            "outcome": "recorded", "barcode": "!NEXT",
            "entity": {"type": "card_unit", "id": "J1044-S002-01", "status": "in_progress"},
            "action": "operation_completed",
            "events": events(&["CardUnitOperationCompleted"]),
            "next": {"operation": "QA-FINAL", "station_type": "qa"},
            "message": "Card 01 of J1044-S002: DIE is done. Next: QA-FINAL at a qa station.",
            "late": false
        }),
    );
    shop.shows(
        "!NEXT",
        "DIE-1",
        json!({
            "outcome": "already_recorded", "barcode": "!NEXT",
            "entity": {"type": "card_unit", "id": "J1044-S002-01", "status": "in_progress"},
            "action": "already_recorded",
            "events": [],
            "next": {"operation": "QA-FINAL", "station_type": "qa"},
            "message": "J1044-S002-01: already recorded. Next: QA-FINAL at a qa station.",
            "late": false
        }),
    );
}

#[test]
fn next_does_not_end_what_waits_for_a_piece() {
    let mut shop = Shop::open();
    shop.cuts(sheet(1));
    shop.card_enters(card(1, RELIC), "RELIC-1");
    shop.shows("!NEXT", "RELIC-1", json!({
        "outcome": "refused", "barcode": "!NEXT",
        "code": "not_ready",
        "entity": {"type": "card_unit", "id": "J1044-S001-06", "status": "in_progress"},
        "message": "Card J1044-S001-06 is not ready. Still to do: DIE (die_cut), RELIC \
            (memorabilia).",
        "where_it_belongs": "at a die_cut station for DIE, or at a memorabilia station for RELIC"
    }));
}

#[test]
fn next_frees_a_qa_bench_a_cutter_and_a_packing_station() {
    let mut shop = Shop::open();
    shop.packs_the_set_of(sheet(1));
    shop.shows(
        "!NEXT",
        "QA-1",
        json!({
            "outcome": "recorded", "barcode": "!NEXT",
            "entity": {"type": "station", "id": "QA-1"},
            "action": "bench_switched",
            "events": events(&["BenchSwitched"]),
            "message": "QA-1 is free.",
            "late": false
        }),
    );
    shop.shows(
        "!NEXT",
        "CUT-1",
        json!({
            "outcome": "recorded", "barcode": "!NEXT",
            "entity": {"type": "station", "id": "CUT-1"},
            "action": "bench_switched",
            "events": events(&["BenchSwitched"]),
            "message": "CUT-1 is free.",
            "late": false
        }),
    );
    shop.shows(
        "!NEXT",
        "PACK-1",
        json!({
            "outcome": "recorded", "barcode": "!NEXT",
            "entity": {"type": "station", "id": "PACK-1"},
            "action": "bench_switched",
            "events": events(&["BenchSwitched"]),
            "message": "PACK-1 is free.",
            "late": false
        }),
    );
    shop.shows(
        "!NEXT",
        "PACK-1",
        json!({
            "outcome": "already_recorded", "barcode": "!NEXT",
            "entity": {"type": "station", "id": "PACK-1"},
            "action": "already_recorded",
            "events": [],
            "message": "PACK-1: already recorded.",
            "late": false
        }),
    );
}

#[test]
fn next_with_nothing_in_hand_is_refused_where_work_is_done() {
    let mut shop = Shop::open();
    shop.shows(
        "!NEXT",
        "PRESS-1",
        json!({
            "outcome": "refused", "barcode": "!NEXT",
            "code": "nothing_in_hand",
            "message": "Nothing is in hand at PRESS-1: scan the sheet or card that is done first."
        }),
    );
}

#[test]
fn undo_takes_back_the_entry_of_a_sheet() {
    let mut shop = Shop::open();
    shop.prints(sheet(1));
    shop.foils(sheet(1));
    shop.shows(
        "!UNDO",
        "FOIL-1",
        json!({
            "outcome": "recorded", "barcode": "!UNDO",
            "entity": {"type": "sheet", "id": "J1044-S001", "status": "in_progress"},
            "action": "undone",
            "events": events(&["SheetCorrected"]),
            "next": {"operation": "FOIL", "station_type": "foil_stamp"},
            "message": "Taken back for sheet J1044-S001. Next: FOIL at a foil_stamp station.",
            "late": false
        }),
    );
    shop.shows(
        "!UNDO",
        "FOIL-1",
        json!({
            "outcome": "refused", "barcode": "!UNDO",
            "code": "nothing_to_undo",
            "message": "There is nothing to take back at FOIL-1."
        }),
    );
}

#[test]
fn undo_takes_back_a_verdict() {
    let mut shop = Shop::open();
    shop.cuts(sheet(1));
    shop.passes(card(1, 1));
    shop.shows(
        "!UNDO",
        "QA-1",
        json!({
            "outcome": "recorded", "barcode": "!UNDO",
            "entity": {"type": "card_unit", "id": "J1044-S001-01", "status": "in_progress"},
            "action": "undone",
            "events": events(&["CardUnitCorrected"]),
            "next": {"operation": "QA-FINAL", "station_type": "qa"},
            "message": "Taken back for card J1044-S001-01. Next: !PASS or !FAIL.",
            "late": false
        }),
    );
    shop.shows("!FAIL F-201", "QA-1", json!({
        "outcome": "recorded", "barcode": "!FAIL F-201",
        "entity": {"type": "card_unit", "id": "J1044-S001-01", "status": "qa_failed"},
        "action": "qa_failed",
        "events": events(&["QAResultRecorded"]),
        "message": "Card 01 of J1044-S001 failed QA: F-201. Next: rework it, or have it voided.",
        "late": false
    }));
}

#[test]
fn undo_takes_back_a_number() {
    let mut shop = Shop::open();
    shop.cuts(sheet(1));
    shop.numbers(card(1, 4));
    shop.shows(
        "!UNDO",
        "NUM-1",
        json!({
            "outcome": "recorded", "barcode": "!UNDO",
            "entity": {"type": "card_unit", "id": "J1044-S001-04", "status": "created"},
            "action": "undone",
            "events": events(&["CardUnitCorrected"]),
            "next": {"operation": "DIE", "station_type": "die_cut"},
            "message": "Taken back for card J1044-S001-04. Next: DIE at a die_cut station.",
            "late": false
        }),
    );
}

#[test]
fn undo_takes_back_a_piece() {
    let mut shop = Shop::open();
    shop.cuts(sheet(1));
    shop.places("RELIC-00001", card(1, RELIC));
    shop.shows(
        "!UNDO",
        "RELIC-1",
        json!({
            "outcome": "recorded", "barcode": "!UNDO",
            "entity": {"type": "card_unit", "id": "J1044-S001-06", "status": "in_progress"},
            "action": "undone",
            "events": events(&["MemorabiliaPieceFreed", "CardUnitCorrected"]),
            "next": {"operation": "RELIC", "station_type": "memorabilia"},
            "message": "Taken back for card J1044-S001-06. Next: scan its piece.",
            "late": false
        }),
    );
}

#[test]
fn undo_takes_back_the_gathering_of_a_card() {
    let mut shop = Shop::open();
    shop.cuts(sheet(1));
    shop.gathers(card(1, 1));
    shop.shows(
        "!UNDO",
        "BENCH-1",
        json!({
            "outcome": "recorded", "barcode": "!UNDO",
            "entity": {"type": "card_unit", "id": "J1044-S001-01", "status": "qa_passed"},
            "action": "undone",
            "events": events(&["BenchSwitched", "CardRemovedFromAssembly", "CardUnitCorrected"]),
            "next": {"station_type": "assembly"},
            "message": "Taken back for card J1044-S001-01. Next: assembly.",
            "late": false
        }),
    );
}

#[test]
fn undo_takes_back_a_packing() {
    let mut shop = Shop::open();
    shop.packs_the_set_of(sheet(1));
    shop.packs_the_set_of(sheet(2));
    shop.shows(
        "!UNDO",
        "PACK-1",
        json!({
            "outcome": "recorded", "barcode": "!UNDO",
            "entity": {"type": "assembly", "id": "J1044-S002-SET", "status": "complete"},
            "action": "undone",
            "events": events(&[
                "SetUnpacked", "CardUnitUnpacked", "CardUnitUnpacked", "CardUnitUnpacked",
                "CardUnitUnpacked", "CardUnitUnpacked", "CardUnitUnpacked", "SetRemovedFromPack",
                "PackReopened",
            ]),
            "next": {"station_type": "packing"},
            "message": "J1044-S002-SET is out of J1044-BOX-001 again. Next: packing.",
            "late": false
        }),
    );
    shop.shows(
        "!UNDO",
        "PACK-1",
        json!({
            "outcome": "refused", "barcode": "!UNDO",
            "code": "nothing_to_undo",
            "message": "There is nothing to take back at PACK-1."
        }),
    );
}

#[test]
fn undo_is_refused_where_something_later_depends_on_it() {
    let mut shop = Shop::open();
    shop.cuts(sheet(1));
    shop.passes(card(1, 1));
    shop.scans("J1044-S001-01", "BENCH-1");
    shop.shows("!UNDO", "QA-1", json!({
        "outcome": "refused", "barcode": "!UNDO",
        "code": "something_depends_on_it",
        "entity": {"type": "card_unit", "id": "J1044-S001-01", "status": "assembled"},
        "message": "Event 60 cannot be undone: CardUnitAssembled of J1044-S001-01 (event 62) came \
            after it.",
        "where_it_belongs": "with J1044-S001-SET at BENCH-1"
    }));
}

#[test]
fn undo_is_refused_for_a_cut() {
    let mut shop = Shop::open();
    shop.cuts(sheet(1));
    shop.shows(
        "!UNDO",
        "CUT-1",
        json!({
            "outcome": "refused", "barcode": "!UNDO",
            "code": "cannot_be_undone",
            "entity": {"type": "sheet", "id": "J1044-S001", "status": "cut"},
            "message": "Event 50 (SheetCut) cannot be undone.",
            "where_it_belongs": "it is cut: see its set J1044-S001-SET"
        }),
    );
}

#[test]
fn undo_is_refused_for_a_switch_a_hold_and_a_closed_box() {
    let mut shop = Shop::open();
    shop.cuts(sheet(1));
    shop.dies(card(1, 1));
    shop.scans("!HOLD scratched", "DIE-1");
    shop.shows(
        "!UNDO",
        "DIE-1",
        json!({
            "outcome": "refused", "barcode": "!UNDO",
            "code": "cannot_be_undone",
            "entity": {"type": "card_unit", "id": "J1044-S001-01", "status": "in_progress"},
            "message": "Event 59 (CardUnitHeld) cannot be undone: have it released instead.",
            "where_it_belongs": "on the hold shelf (scratched)"
        }),
    );
    shop.gathers(card(1, 2));
    shop.scans("!NEXT", "BENCH-1");
    shop.shows("!UNDO", "BENCH-1", json!({
        "outcome": "refused", "barcode": "!UNDO",
        "code": "cannot_be_undone",
        "entity": {"type": "station", "id": "BENCH-1"},
        "message": "Event 65 (BenchSwitched) cannot be undone: scan what the station is to go on \
            with instead."
    }));
    shop.box_in(2, PackStatus::Closed);
    shop.shows(
        "!UNDO",
        "PACK-1",
        json!({
            "outcome": "refused", "barcode": "!UNDO",
            "code": "cannot_be_undone",
            "entity": {"type": "assembly", "id": "J1044-S002-SET", "status": "packed"},
            "message": "Event 124 (PackClosed) cannot be undone: have the pack reopened instead.",
            "where_it_belongs": "in J1044-BOX-001"
        }),
    );
}

#[test]
fn undo_with_nothing_recorded_is_refused() {
    let mut shop = Shop::open();
    shop.shows(
        "!UNDO",
        "QA-1",
        json!({
            "outcome": "refused", "barcode": "!UNDO",
            "code": "nothing_to_undo",
            "message": "There is nothing to take back at QA-1."
        }),
    );
}

#[test]
fn hold_holds_the_card_in_hand() {
    let mut shop = Shop::open();
    shop.cuts(sheet(1));
    shop.dies(card(1, 1));
    shop.shows(
        "!HOLD scratched",
        "DIE-1",
        json!({
            "outcome": "recorded", "barcode": "!HOLD scratched",
            "entity": {"type": "card_unit", "id": "J1044-S001-01", "status": "in_progress"},
            "action": "held",
            "events": events(&["CardUnitHeld"]),
            "message": "Card 01 of J1044-S001 is on hold: scratched.",
            "late": false
        }),
    );
    shop.shows(
        "!HOLD scratched",
        "DIE-1",
        json!({
            "outcome": "already_recorded", "barcode": "!HOLD scratched",
            "entity": {"type": "card_unit", "id": "J1044-S001-01", "status": "in_progress"},
            "action": "already_recorded",
            "events": [],
            "message": "J1044-S001-01: already recorded.",
            "late": false
        }),
    );
    shop.shows(
        "!HOLD bent",
        "DIE-1",
        json!({
            "outcome": "refused", "barcode": "!HOLD bent",
            "code": "on_hold",
            "entity": {"type": "card_unit", "id": "J1044-S001-01", "status": "in_progress"},
            "message": "Card J1044-S001-01 is on hold: scratched.",
            "where_it_belongs": "on the hold shelf (scratched)"
        }),
    );
}

#[test]
fn a_reason_with_its_own_full_stop_gets_no_second_one() {
    let mut shop = Shop::open();
    shop.cuts(sheet(1));
    shop.dies(card(1, 1));
    shop.shows(
        "!HOLD scratched.",
        "DIE-1",
        json!({
            "outcome": "recorded", "barcode": "!HOLD scratched.",
            "entity": {"type": "card_unit", "id": "J1044-S001-01", "status": "in_progress"},
            "action": "held",
            "events": events(&["CardUnitHeld"]),
            "message": "Card 01 of J1044-S001 is on hold: scratched.",
            "late": false
        }),
    );
    shop.shows(
        "J1044-S001-01",
        "QA-1",
        json!({
            "outcome": "refused", "barcode": "J1044-S001-01",
            "code": "on_hold",
            "entity": {"type": "card_unit", "id": "J1044-S001-01", "status": "in_progress"},
            "message": "Card J1044-S001-01 is on hold: scratched.",
            "where_it_belongs": "on the hold shelf (scratched)"
        }),
    );
}

#[test]
fn hold_holds_the_card_that_was_taken_in_hand_again() {
    let mut shop = Shop::open();
    shop.cuts(sheet(1));
    shop.brings_to_qa(card(1, 1));
    shop.brings_to_qa(card(1, 2));
    shop.scans("J1044-S001-01", "QA-1");
    let held = shop.scan("!HOLD scratched", "QA-1").by("OP-1").then_done();
    assert_eq!(held[0].event.unit().to_string(), "J1044-S001-01");
}

#[test]
fn hold_holds_the_sheet_in_hand() {
    let mut shop = Shop::open();
    shop.prints(sheet(1));
    shop.shows(
        "!HOLD misregistered",
        "PRESS-1",
        json!({
            "outcome": "recorded", "barcode": "!HOLD misregistered",
            "entity": {"type": "sheet", "id": "J1044-S001", "status": "in_progress"},
            "action": "held",
            "events": events(&["SheetHeld"]),
            "message": "Sheet J1044-S001 is on hold: misregistered.",
            "late": false
        }),
    );
}

#[test]
fn hold_of_a_set_in_its_box_is_refused() {
    let mut shop = Shop::open();
    shop.packs_the_set_of(sheet(1));
    shop.shows(
        "!HOLD scratched",
        "PACK-1",
        json!({
            "outcome": "refused", "barcode": "!HOLD scratched",
            "code": "already_packed",
            "entity": {"type": "assembly", "id": "J1044-S001-SET", "status": "packed"},
            "message": "J1044-S001-SET is packed in J1044-BOX-001.",
            "where_it_belongs": "in J1044-BOX-001"
        }),
    );
}

#[test]
fn hold_with_nothing_in_hand_is_refused() {
    let mut shop = Shop::open();
    shop.shows(
        "!HOLD scratched",
        "QA-1",
        json!({
            "outcome": "refused", "barcode": "!HOLD scratched",
            "code": "nothing_in_hand",
            "message": "Nothing is in hand at QA-1: scan what is to be held first."
        }),
    );
}

// The shop's other codes.

#[test]
fn a_lot_is_loaded_at_the_station_where_it_is_scanned() {
    let mut shop = Shop::open();
    shop.shows(
        "FOIL-LOT-88",
        "FOIL-1",
        json!({
            "outcome": "recorded", "barcode": "FOIL-LOT-88",
            "entity": {"type": "station", "id": "FOIL-1"},
            "action": "material_loaded",
            "events": events(&["MaterialLotsLoaded"]),
            "message": "FOIL-LOT-88 is loaded at FOIL-1.",
            "late": false
        }),
    );
    shop.shows(
        "FOIL-LOT-88",
        "FOIL-1",
        json!({
            "outcome": "already_recorded", "barcode": "FOIL-LOT-88",
            "entity": {"type": "station", "id": "FOIL-1"},
            "action": "already_recorded",
            "events": [],
            "message": "FOIL-1: already recorded.",
            "late": false
        }),
    );
}

#[test]
fn a_code_that_nobody_knows_is_an_unknown_barcode() {
    let mut shop = Shop::open();
    shop.shows(
        "HELLO",
        "FOIL-1",
        json!({
            "outcome": "refused", "barcode": "HELLO",
            "code": "unknown_barcode",
            "message": "HELLO is not known here."
        }),
    );
}

#[test]
fn tickets_badges_and_station_labels_mean_nothing() {
    let mut shop = Shop::open();
    shop.shows(
        "PO-10044",
        "FOIL-1",
        json!({
            "outcome": "refused", "barcode": "PO-10044",
            "code": "nothing_to_do_here",
            "entity": {"type": "production_order", "id": "PO-10044", "status": "open"},
            "message": "PO-10044 means nothing at FOIL-1, a foil_stamp station."
        }),
    );
    shop.shows(
        "J1044",
        "FOIL-1",
        json!({
            "outcome": "refused", "barcode": "J1044",
            "code": "nothing_to_do_here",
            "entity": {"type": "job", "id": "J1044", "status": "created"},
            "message": "J1044 means nothing at FOIL-1, a foil_stamp station."
        }),
    );
    shop.shows(
        "OP-1",
        "FOIL-1",
        json!({
            "outcome": "refused", "barcode": "OP-1",
            "code": "nothing_to_do_here",
            "entity": {"type": "operator", "id": "OP-1"},
            "message": "OP-1 means nothing at FOIL-1, a foil_stamp station."
        }),
    );
    shop.shows(
        "QA-1",
        "FOIL-1",
        json!({
            "outcome": "refused", "barcode": "QA-1",
            "code": "nothing_to_do_here",
            "entity": {"type": "station", "id": "QA-1"},
            "message": "QA-1 means nothing at FOIL-1, a foil_stamp station."
        }),
    );
}

#[test]
fn unknown_tickets_and_badges_are_unknown_barcodes() {
    let mut shop = Shop::open();
    shop.shows(
        "PO-7",
        "FOIL-1",
        json!({
            "outcome": "refused", "barcode": "PO-7",
            "code": "unknown_barcode",
            "message": "PO-7 is not known here."
        }),
    );
    shop.shows(
        "J7",
        "FOIL-1",
        json!({
            "outcome": "refused", "barcode": "J7",
            "code": "unknown_barcode",
            "message": "J7 is not known here."
        }),
    );
    shop.shows(
        "OP-77",
        "FOIL-1",
        json!({
            "outcome": "refused", "barcode": "OP-77",
            "code": "unknown_barcode",
            "message": "OP-77 is not known here."
        }),
    );
}

// Who scans, where, and when.

#[test]
fn a_station_that_is_not_registered_takes_no_scan() {
    let mut shop = Shop::open();
    shop.shows(
        "J1044-S001",
        "FOIL-9",
        json!({
            "outcome": "refused", "barcode": "J1044-S001",
            "code": "unknown_id",
            "message": "There is no station FOIL-9."
        }),
    );
}

#[test]
fn an_operator_who_is_not_registered_scans_nothing() {
    let mut shop = Shop::open();
    shop.shows_on(
        Gun {
            operator_id: "OP-77",
            ..gun("PRESS-1")
        },
        "J1044-S001",
        json!({
            "outcome": "refused", "barcode": "J1044-S001",
            "code": "operator_unknown",
            "message": "Operator OP-77 is not registered."
        }),
    );
}

#[test]
fn a_planner_does_not_scan() {
    let mut shop = Shop::open();
    shop.shows_on(
        Gun {
            operator_id: "OP-4",
            ..gun("PRESS-1")
        },
        "J1044-S001",
        json!({
            "outcome": "refused", "barcode": "J1044-S001",
            "code": "not_permitted",
            "message": "OP-4 may not do this: it takes the role operator or lead or quality or \
                integrator."
        }),
    );
}

#[test]
fn a_late_scan_that_is_still_legal_is_marked_late() {
    let mut shop = Shop::open();
    let late = Gun {
        late: true,
        ..gun("PRESS-1")
    };
    shop.shows_on(
        late,
        "J1044-S001",
        json!({
            "outcome": "recorded", "barcode": "J1044-S001",
            "entity": {"type": "sheet", "id": "J1044-S001", "status": "in_progress"},
            "action": "entered_station",
            "events": events(&["JobStarted", "SheetEnteredStation"]),
            "next": {"operation": "FOIL", "station_type": "foil_stamp"},
            "message": "Sheet J1044-S001 is at PRESS-1: PRINT. Next: FOIL at a foil_stamp station.",
            "late": true
        }),
    );
    shop.shows_on(
        late,
        "J1044-S001",
        json!({
            "outcome": "already_recorded", "barcode": "J1044-S001",
            "entity": {"type": "sheet", "id": "J1044-S001", "status": "in_progress"},
            "action": "already_recorded",
            "events": [],
            "next": {"operation": "FOIL", "station_type": "foil_stamp"},
            "message": "J1044-S001: already recorded. Next: FOIL at a foil_stamp station.",
            "late": true
        }),
    );
}

#[test]
fn a_late_scan_that_is_not_legal_any_more_is_refused() {
    let mut shop = Shop::open();
    shop.prints(sheet(1));
    shop.foils(sheet(1));
    shop.shows_on(
        Gun {
            late: true,
            ..gun("PRESS-1")
        },
        "J1044-S001",
        json!({
            "outcome": "refused", "barcode": "J1044-S001",
            "code": "out_of_route",
            "entity": {"type": "sheet", "id": "J1044-S001", "status": "in_progress"},
            "message": "J1044-S001 is done with press. Next: CUT (cutting).",
            "where_it_belongs": "at a cutting station for CUT"
        }),
    );
}

/// Scans the barcode at once after what was recorded there, then again so long after the first.
#[track_caller]
fn codes_of_scans_after(
    mut shop: Shop,
    barcode: &str,
    station: &str,
    pause: SignedDuration,
) -> String {
    shop.each_command_takes_seconds(0);
    shop.scans(barcode, station);
    shop.wait(pause);
    let outcome = shop.scan(barcode, station).by("OP-1").outcome();
    outcome.word().to_owned()
}

#[test]
fn within_five_seconds_the_same_thing_at_the_same_station_is_the_same_scan() {
    let mut packing = Shop::open();
    packing.set_in(1, AssemblyStatus::Complete);
    let mut boxed = Shop::open();
    boxed.box_in(1, PackStatus::Closed);
    let mut ready = Shop::open();
    ready.cuts(sheet(1));
    ready.passes(card(1, 1));
    let mut printed = Shop::open();
    printed.prints(sheet(1));
    printed.foils(sheet(1));
    for (shop, barcode, station, later) in [
        (Shop::open(), "J1044-S001", "PRESS-1", "already_recorded"),
        (printed, "J1044-S001", "CUT-1", "already_cut"),
        (ready.clone(), "J1044-S001-01", "QA-2", "already_recorded"),
        (ready, "J1044-S001-01", "BENCH-1", "duplicate"),
        (packing, "J1044-S001-SET", "PACK-1", "already_recorded"),
        (boxed, "J1044-BOX-001", "PACK-1", "already_recorded"),
    ] {
        for (millis, expected) in [
            (0, "already_recorded"),
            (5_000, "already_recorded"),
            (5_001, later),
        ] {
            let pause = SignedDuration::from_millis(millis);
            let again = codes_of_scans_after(shop.clone(), barcode, station, pause);
            assert_eq!(again, expected, "{barcode} at {station}, {millis} ms");
        }
    }
}

#[test]
fn the_same_thing_at_another_station_is_another_scan() {
    let mut shop = Shop::open();
    shop.prints(sheet(1));
    shop.foils(sheet(1));
    shop.each_command_takes_seconds(0);
    shop.scan("J1044-S001", "FOIL-2")
        .by("OP-1")
        .then_recorded(&["SheetEnteredStation"]);
}

#[test]
fn something_else_between_makes_it_another_scan() {
    let mut shop = Shop::open();
    shop.cuts(sheet(1));
    shop.passes(card(1, 1));
    shop.passes(card(1, 2));
    shop.each_command_takes_seconds(0);
    shop.scans("J1044-S001-01", "BENCH-1");
    shop.scans("J1044-S001-02", "BENCH-1");
    shop.scan("J1044-S001-01", "BENCH-1")
        .by("OP-1")
        .then_refused("duplicate");
}

#[test]
fn a_card_taken_in_hand_again_a_moment_ago_is_the_same_scan() {
    let mut shop = Shop::open();
    shop.cuts(sheet(1));
    shop.brings_to_qa(card(1, 1));
    shop.brings_to_qa(card(1, 2));
    shop.each_command_takes_seconds(0);
    for barcode in ["J1044-S001-01", "J1044-S001-02"] {
        shop.scan(barcode, "QA-1")
            .by("OP-1")
            .then_recorded(&["UnitTakenInHand"]);
        shop.scan(barcode, "QA-1").by("OP-1").then_nothing_new();
    }
}

#[test]
fn what_was_taken_back_may_be_scanned_again_at_once() {
    let mut shop = Shop::open();
    shop.packs_the_set_of(sheet(1));
    shop.cuts(sheet(2));
    shop.passes(card(2, 1));
    shop.each_command_takes_seconds(1);
    shop.scans("J1044-S002-01", "BENCH-1");
    shop.scans("!UNDO", "BENCH-1");
    shop.scan("J1044-S002-01", "BENCH-1")
        .by("OP-1")
        .then_recorded(&["CardScannedForAssembly", "CardUnitAssembled"]);
    // The bench knows the retest only by the clock: the first scan was here too.
    shop.brings_to_qa(card(2, 2));
    shop.scans("!PASS", "QA-1");
    shop.wait_seconds(10);
    shop.scans("J1044-S002-02", "QA-1");
    shop.scans("!UNDO", "QA-1");
    shop.scan("J1044-S002-02", "QA-1")
        .by("OP-1")
        .then_recorded(&["CardUnitEnteredStation"]);
    shop.scans("!UNDO", "PACK-1");
    let repacked = shop.scan("J1044-S001-SET", "PACK-1").by("OP-1").then_done();
    assert_eq!(repacked[0].event.event_type(), "SetPacked");
}

/// An offline queue brings the scans of hours within a moment: each counts.
#[test]
fn a_rework_that_arrives_within_a_moment_is_all_recorded() {
    let mut shop = Shop::open();
    shop.cuts(sheet(1));
    shop.dies(card(1, 1));
    shop.each_command_takes_seconds(0);
    for (barcode, station) in [
        ("J1044-S001-01", "QA-1"),
        ("!FAIL F-201", "QA-1"),
        ("J1044-S001-01", "DIE-1"),
        ("J1044-S001-01", "QA-1"),
        ("!PASS", "QA-1"),
    ] {
        shop.scan(barcode, station).by("OP-1").late().then_done();
    }
    assert_eq!(shop.status_of_card(card(1, 1)), CardUnitStatus::QaPassed);
}

#[test]
fn what_a_scanner_really_sends_is_answered_like_the_plain_id() {
    for text in ["]d1J1044-S001", "  j1044-s001\r\n", "]C0J1044-S001"] {
        let mut shop = Shop::open();
        shop.shows(text, "PRESS-1", json!({
            "outcome": "recorded", "barcode": "J1044-S001",
            "entity": {"type": "sheet", "id": "J1044-S001", "status": "in_progress"},
            "action": "entered_station",
            "events": events(&["JobStarted", "SheetEnteredStation"]),
            "next": {"operation": "FOIL", "station_type": "foil_stamp"},
            "message": "Sheet J1044-S001 is at PRESS-1: PRINT. Next: FOIL at a foil_stamp station.",
            "late": false
        }));
    }
}

#[test]
fn a_gs1_element_string_is_answered_like_the_plain_id() {
    let gs1 = Some(Gs1Settings::default());
    for text in [
        "]d20109506000134352\u{1d}21J1044-S001",
        "(01)09506000134352(21)J1044-S001",
    ] {
        let read = read_scanner_text(text, &ScannerSettings { gs1: gs1.clone() }).unwrap();
        let mut shop = Shop::open();
        shop.shows(&read.to_string(), "PRESS-1", json!({
            "outcome": "recorded", "barcode": "J1044-S001",
            "entity": {"type": "sheet", "id": "J1044-S001", "status": "in_progress"},
            "action": "entered_station",
            "events": events(&["JobStarted", "SheetEnteredStation"]),
            "next": {"operation": "FOIL", "station_type": "foil_stamp"},
            "message": "Sheet J1044-S001 is at PRESS-1: PRINT. Next: FOIL at a foil_stamp station.",
            "late": false
        }));
    }
}

#[test]
fn text_that_is_no_barcode_is_refused_with_what_is_wrong_with_it() {
    for (text, message) in [
        (
            "!FAIL",
            "\"!FAIL\" is not a barcode of the shop: !FAIL needs a failure code, like !FAIL F-201.",
        ),
        (
            "J1044-S001-1",
            "\"J1044-S001-1\" is not an id like J1044, J1044-S003, J1044-S003-07, J1044-S003-SET or \
             J1044-BOX-001: the position \"1\" is spelled \"01\"; was the label read to its end?",
        ),
        ("", "\"\" is not a barcode of the shop: it is empty."),
    ] {
        let mut shop = Shop::open();
        let refusal = shop
            .scan(text, "QA-1")
            .by("OP-1")
            .then_refused("unreadable_barcode");
        assert_eq!(refusal.to_string(), message);
    }
}

#[test]
fn a_failed_inspection_is_told_with_its_codes_and_its_words() {
    for (codes, reason, expected) in [
        (vec!["F-201", "F-300"], None, "F-201, F-300"),
        (
            vec![],
            Some("a hair under the foil."),
            "a hair under the foil",
        ),
        (vec!["F-201"], Some("dust"), "F-201 (dust)"),
    ] {
        let mut shop = Shop::open();
        shop.cuts(sheet(1));
        shop.brings_to_qa(card(1, 1));
        let verdict = Command::RecordQaResult {
            card_unit_id: card(1, 1),
            result: QaOutcome::Fail,
            failure_reason: reason.map(str::to_owned),
            failure_codes: codes.into_iter().map(id).collect(),
            inspector_id: None,
        };
        let recorded = shop.when(verdict).at("QA-1").by("OP-1").then_done();
        let answer = scan::answer(
            shop.floor(),
            &Scanned::CardUnit(card(1, 1)),
            &context(&shop, gun("QA-1")),
            &recorded,
        );
        let message = answer.expect("a whole floor").message;
        let told = format!("Card 01 of J1044-S001 failed QA: {expected}. ");
        assert!(message.starts_with(&told), "{message}");
        reads_well(&message);
    }
}

#[test]
fn a_card_of_a_voided_sheet_is_answered_alike_whether_it_is_scanned_or_named() {
    let mut shop = Shop::open();
    shop.sheet_in(1, SheetStatus::Voided);
    let named = shop
        .when(support::void(card(1, 1)))
        .by("OP-2")
        .then_refused("voided");
    let scanned = shop
        .scan("J1044-S001-01", "QA-1")
        .by("OP-1")
        .then_refused("voided");
    assert_eq!(named, scanned);
}
