//! Defects of a sheet, and deviations that are signed.

use super::*;

#[test]
fn a_defect_seen_before_the_cut_travels_to_its_card_which_starts_on_hold() {
    let mut shop = Shop::open();
    shop.prints(sheet(1));
    let record = |position, code| Command::RecordSheetDefect {
        sheet_id: sheet(1),
        position,
        defect: defect(code),
    };
    shop.when(record(5, "F-201"))
        .at("PRESS-1")
        .by("OP-1")
        .then_done();
    shop.when(record(5, "F-201"))
        .at("PRESS-1")
        .by("OP-1")
        .then_nothing_new();
    shop.when(record(5, "F-202"))
        .at("PRESS-1")
        .by("OP-1")
        .then_done();
    let withdrawn = shop
        .when(record(3, "F-201"))
        .at("PRESS-1")
        .by("OP-1")
        .then_done();
    shop.when(undo(withdrawn[0].sequence_num))
        .by("OP-2")
        .then_recorded(&["SheetDefectWithdrawn"]);
    shop.foils(sheet(1));
    shop.cuts(sheet(1));
    let seen = shop.the_card(card(1, 5));
    assert_eq!(seen.defects, [defect("F-201"), defect("F-202")]);
    assert_eq!(seen.held.as_deref(), Some("defect F-201 on the sheet"));
    assert_eq!(shop.the_card(card(1, 3)).held, None);
    shop.scan("J1044-S001-05", "DIE-1")
        .by("OP-1")
        .then_refused("on_hold");
    shop.when(release(Holdable::CardUnit(card(1, 5))))
        .by("OP-3")
        .then_done();
    shop.dies(card(1, 5));
    shop.when(record(5, "F-203"))
        .by("OP-1")
        .then_refused("already_cut");
}

#[test]
fn a_spare_with_a_defect_stands_in_for_nothing_until_it_is_released() {
    let mut shop = Shop::open();
    shop.card_in(card(1, 1), CardUnitStatus::Voided);
    let (sheet_id, defect) = (sheet(9), defect("F-201"));
    shop.given([Command::RecordSheetDefect {
        sheet_id,
        position: 1,
        defect,
    }]);
    let spare = shop.a_spare(1);
    shop.when(replace(card(1, 1), ReplaceWith::Spare(spare)))
        .by("OP-2")
        .then_refused("spare_does_not_fit");
    shop.given([release(Holdable::CardUnit(spare))]);
    shop.replaces(card(1, 1), ReplaceWith::Spare(spare));
}

#[test]
fn a_signed_deviation_lets_a_sheet_operation_start_early_but_spares_none() {
    let mut shop = Shop::open();
    let deviate = Command::SignSheetDeviation {
        sheet_id: sheet(1),
        operation_id: id("FOIL"),
        reason: "the press is down".into(),
    };
    shop.scan("J1044-S001", "FOIL-1")
        .by("OP-1")
        .then_refused("out_of_route");
    shop.when(deviate.clone()).then_refused("out_of_range");
    shop.when(deviate.clone()).by("OP-3").then_done();
    shop.when(deviate).by("OP-3").then_nothing_new();
    shop.foils(sheet(1));
    shop.scan("J1044-S001", "CUT-1")
        .by("OP-1")
        .then_refused("not_ready");
    shop.prints(sheet(1));
    shop.cuts(sheet(1));
}

#[test]
fn a_signed_deviation_lets_a_card_be_inspected_early_but_not_gathered() {
    let mut shop = Shop::open();
    shop.cuts(sheet(1));
    shop.when(Command::SignCardDeviation {
        card_unit_id: card(1, 1),
        operation_id: id("QA-FINAL"),
        reason: "the die is late".into(),
    })
    .by("OP-3")
    .then_done();
    shop.card_enters(card(1, 1), "QA-1");
    shop.scan("!PASS", "QA-1").by("OP-1").then_done();
    let refusal = shop
        .scan("J1044-S001-01", "BENCH-1")
        .by("OP-1")
        .then_refused("not_ready");
    assert_eq!(
        refusal.to_string(),
        "Card J1044-S001-01 is not ready. Still to do: DIE (die_cut)."
    );
    shop.when(Command::SignCardDeviation {
        card_unit_id: card(1, 1),
        operation_id: id("NUMBER"),
        reason: "why not".into(),
    })
    .by("OP-3")
    .then_refused("no_such_operation");
}
