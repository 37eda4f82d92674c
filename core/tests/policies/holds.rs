//! Holds and hold rules: what rests, where, and what is freed.

use super::*;

#[test]
fn a_hold_at_any_level_stops_the_card_until_it_is_released() {
    for unit in [
        Holdable::Order(order_id()),
        Holdable::Job(job()),
        Holdable::CardUnit(card(1, 1)),
        Holdable::Assembly(set(1)),
    ] {
        let mut shop = Shop::open();
        shop.cuts(sheet(1));
        shop.when(hold(unit.clone())).by("OP-1").then_done();
        shop.when(hold(unit.clone())).by("OP-1").then_nothing_new();
        shop.scan("J1044-S001-01", "DIE-1")
            .by("OP-1")
            .then_refused("on_hold");
        let other_reason = Command::Hold {
            unit: unit.clone(),
            reason: "another thing".into(),
        };
        shop.when(other_reason).by("OP-1").then_refused("on_hold");
        shop.when(release(unit.clone()))
            .by("OP-1")
            .then_refused("not_permitted");
        shop.when(release(unit.clone())).by("OP-2").then_done();
        shop.when(release(unit.clone()))
            .by("OP-2")
            .then_nothing_new();
        shop.scan("J1044-S001-01", "DIE-1").by("OP-1").then_done();
    }
}

#[test]
fn a_hold_at_any_level_stops_the_sheet_until_it_is_released() {
    for unit in [
        Holdable::Order(order_id()),
        Holdable::Job(job()),
        Holdable::Sheet(sheet(1)),
    ] {
        let mut shop = Shop::open();
        shop.prints(sheet(1));
        shop.foils(sheet(1));
        shop.when(hold(unit.clone())).by("OP-1").then_done();
        for station in ["FOIL-2", "CUT-1"] {
            shop.scan("J1044-S001", station)
                .by("OP-1")
                .then_refused("on_hold");
        }
        shop.when(release(unit)).by("OP-2").then_done();
        shop.scan("J1044-S001", "CUT-1").by("OP-1").then_done();
    }
}

#[test]
fn a_held_card_can_still_be_voided_and_its_running_work_ended() {
    let mut shop = Shop::open();
    shop.cuts(sheet(1));
    shop.dies(card(1, 1));
    shop.when(hold(Holdable::CardUnit(card(1, 1))))
        .by("OP-1")
        .then_done();
    shop.scan("!NEXT", "DIE-1").by("OP-1").then_done();
    shop.voids(card(1, 1));
}

#[test]
fn a_hold_rule_on_a_lot_holds_what_met_it_before_the_cut_and_after() {
    let mut shop = Shop::open();
    shop.prints(sheet(1));
    shop.prints(sheet(2));
    shop.prints(sheet(3));
    shop.scan("FOIL-LOT-88", "FOIL-1").by("OP-1").then_done();
    shop.foils(sheet(1));
    shop.foils(sheet(2));
    shop.scan("FOIL-LOT-89", "FOIL-1").by("OP-1").then_done();
    shop.foils(sheet(3));
    shop.cuts(sheet(1));
    shop.given([lot_rule("HOLD-1", "FOIL-LOT-88")]);
    shop.scan("J1044-S001-01", "DIE-1")
        .by("OP-1")
        .then_refused("on_hold");
    shop.scan("J1044-S002", "CUT-1")
        .by("OP-1")
        .then_refused("on_hold");
    shop.cuts(sheet(3));
    shop.dies(card(3, 1));

    let lift = Command::LiftHoldRule {
        hold_id: id("HOLD-1"),
        reason: "the lot is good".into(),
    };
    shop.when(lift.clone()).by("OP-3").then_done();
    shop.when(lift).by("OP-3").then_nothing_new();
    shop.dies(card(1, 1));
    shop.cuts(sheet(2));
}

#[test]
fn a_hold_rule_on_a_station_window_holds_what_was_there_in_it() {
    let mut shop = Shop::open();
    for number in 1..=3 {
        shop.prints(sheet(number));
    }
    shop.foils(sheet(1));
    shop.wait_seconds(600);
    shop.foils(sheet(2));
    let at = shop.now();
    shop.wait_seconds(600);
    shop.foils(sheet(3));
    let window = |to| HoldTarget::StationWindow {
        station_id: id("FOIL-1"),
        from: at,
        to,
    };
    // The window includes its first moment and not its last.
    shop.given([rule("HOLD-1", window(Some(shop.now())))]);
    shop.cuts(sheet(1));
    shop.scan("J1044-S002", "CUT-1")
        .by("OP-1")
        .then_refused("on_hold");
    shop.cuts(sheet(3));
    shop.given([rule("HOLD-2", window(None))]);
    shop.scan("J1044-S003-01", "DIE-1")
        .by("OP-1")
        .then_refused("on_hold");
    shop.dies(card(1, 1));
    shop.when(rule("HOLD-3", window(Some(at))))
        .by("OP-3")
        .then_refused("out_of_range");
}

#[test]
fn a_future_hold_bites_only_at_its_kind_of_station() {
    let mut shop = Shop::open();
    shop.cuts(sheet(1));
    let target = HoldTarget::Assembly {
        assembly_id: set(1),
    };
    shop.given([future_hold("HOLD-1", target, "qa")]);
    shop.dies(card(1, 1));
    shop.scan("J1044-S001-01", "QA-1")
        .by("OP-1")
        .then_refused("on_hold");
    shop.scan("J1044-S001-02", "DIE-1").by("OP-1").then_done();
}

#[test]
fn a_future_hold_binds_the_call_as_well_as_the_scan() {
    let (die, numbered) = (card(1, 1), card(1, SERIALIZED[0]));
    let embellish = Command::ApplyEmbellishment {
        card_unit_id: die,
        operation_id: id("DIE"),
    };
    for (station_type, command) in [
        ("die_cut", embellish),
        ("numbering", number(numbered, None)),
    ] {
        let mut shop = Shop::open();
        shop.cuts(sheet(1));
        shop.dies(numbered);
        let target = HoldTarget::Sheet { sheet_id: sheet(1) };
        shop.given([future_hold("HOLD-1", target, station_type)]);
        shop.when(command).by("OP-1").then_refused("on_hold");
    }
}

#[test]
fn a_piece_is_not_seated_anew_in_a_card_that_is_on_hold() {
    let mut shop = Shop::open();
    shop.cuts(sheet(1));
    shop.brings_to_qa(card(1, RELIC));
    shop.when(fails(card(1, RELIC), "F-201"))
        .at("QA-1")
        .by("OP-1")
        .then_done();
    shop.card_enters(card(1, RELIC), "RELIC-1");
    let piece = shop.the_card(card(1, RELIC)).situation.piece_ids[0].clone();
    let target = HoldTarget::CardUnit {
        card_unit_id: card(1, RELIC),
    };
    shop.given([future_hold("HOLD-1", target, "memorabilia")]);
    shop.when(place(piece.as_str(), card(1, RELIC)))
        .by("OP-1")
        .then_refused("on_hold");
}

#[test]
fn one_card_is_freed_from_a_rule_and_the_others_stay() {
    let mut shop = Shop::open();
    shop.cuts(sheet(1));
    shop.given([rule("HOLD-1", HoldTarget::Sheet { sheet_id: sheet(1) })]);
    let free = free_from("HOLD-1", Holdable::CardUnit(card(1, 1)));
    shop.when(free.clone()).by("OP-3").then_done();
    shop.when(free).by("OP-3").then_nothing_new();
    shop.dies(card(1, 1));
    shop.scan("J1044-S001-02", "DIE-1")
        .by("OP-1")
        .then_refused("on_hold");
    shop.when(free_from("HOLD-1", Holdable::Assembly(set(1))))
        .by("OP-3")
        .then_done();
    shop.dies(card(1, 2));
    shop.when(free_from("HOLD-9", Holdable::CardUnit(card(1, 1))))
        .by("OP-3")
        .then_refused("unknown_id");
}

#[test]
fn a_sheet_freed_from_a_rule_frees_the_cards_that_are_cut_from_it() {
    let mut shop = Shop::open();
    shop.prints(sheet(1));
    shop.foils(sheet(1));
    shop.given([rule("HOLD-1", HoldTarget::Job { job_id: job() })]);
    shop.when(free_from("HOLD-1", Holdable::Sheet(sheet(1))))
        .by("OP-3")
        .then_done();
    shop.cuts(sheet(1));
    shop.dies(card(1, 1));
}

#[test]
fn freeing_a_job_from_a_rule_does_not_end_its_own_hold() {
    let mut shop = Shop::open();
    shop.given([
        hold(Holdable::Job(job())),
        rule("HOLD-1", HoldTarget::Job { job_id: job() }),
    ]);
    for unit in [Holdable::Job(job()), Holdable::Order(order_id())] {
        shop.when(free_from("HOLD-1", unit))
            .by("OP-3")
            .then_refused("out_of_range");
    }
    assert!(shop.the_job().held.is_some());
}

#[test]
fn a_replacement_made_from_a_spare_that_met_the_lot_is_held_too() {
    let mut shop = Shop::open();
    shop.card_in(card(1, 1), CardUnitStatus::Voided);
    shop.card_in(card(1, 2), CardUnitStatus::Voided);
    shop.scan("FOIL-LOT-88", "FOIL-1").by("OP-1").then_done();
    let spare = shop.a_spare(1);
    let from_spare = shop.replaces(card(1, 1), ReplaceWith::Spare(spare));
    let printed = shop.reprints(card(1, 2));
    shop.given([lot_rule("HOLD-1", "FOIL-LOT-88")]);
    shop.scan(&from_spare.to_string(), "DIE-1")
        .by("OP-1")
        .then_refused("on_hold");
    shop.dies(printed);
    shop.voids(from_spare);
    shop.when(replace(from_spare, ReplaceWith::AnySpare))
        .by("OP-2")
        .then_refused("no_spare");
}

#[test]
fn a_rule_on_a_spare_or_its_set_holds_the_replacement_that_it_became() {
    let card_unit_id = card(9, 1);
    let (sheet_id, assembly_id) = (sheet(9), set(9));
    for target in [
        HoldTarget::CardUnit { card_unit_id },
        HoldTarget::Sheet { sheet_id },
        HoldTarget::Assembly { assembly_id },
    ] {
        let mut shop = Shop::open();
        shop.card_in(card(1, 1), CardUnitStatus::Voided);
        let spare = shop.a_spare(1);
        shop.given([future_hold("HOLD-1", target, "qa")]);
        let replacement = shop.replaces(card(1, 1), ReplaceWith::Spare(spare));
        shop.dies(replacement);
        shop.scan(&replacement.to_string(), "QA-1")
            .by("OP-1")
            .then_refused("on_hold");
    }
}

#[test]
fn a_spare_whose_set_was_freed_from_the_rule_is_free_as_a_replacement_too() {
    let mut shop = Shop::open();
    shop.card_in(card(1, 1), CardUnitStatus::Voided);
    shop.scan("FOIL-LOT-88", "FOIL-1").by("OP-1").then_done();
    let spare = shop.a_spare(1);
    shop.given([lot_rule("HOLD-1", "FOIL-LOT-88")]);
    let its_set = Holdable::Assembly(spare.assembly());
    shop.when(free_from("HOLD-1", its_set))
        .by("OP-3")
        .then_done();
    let replacement = shop.replaces(card(1, 1), ReplaceWith::Spare(spare));
    shop.dies(replacement);
}

#[test]
fn a_sheet_freed_from_a_rule_frees_what_is_printed_anew_for_it_but_not_from_what_that_met() {
    let mut shop = Shop::open();
    shop.prints(sheet(1));
    shop.foils(sheet(1));
    let since_now = HoldTarget::StationWindow {
        station_id: id("DIE-1"),
        from: shop.now(),
        to: None,
    };
    shop.given([
        rule("HOLD-1", HoldTarget::Sheet { sheet_id: sheet(1) }),
        rule("HOLD-2", since_now),
        free_from("HOLD-1", Holdable::Sheet(sheet(1))),
        free_from("HOLD-2", Holdable::Sheet(sheet(1))),
    ]);
    shop.cuts(sheet(1));
    shop.voids(card(1, 1));
    let printed = shop.reprints(card(1, 1));
    shop.dies(printed);
    let refusal = shop
        .scan(&printed.to_string(), "QA-1")
        .by("OP-1")
        .then_refused("on_hold");
    assert!(
        matches!(&refusal, Refusal::OnHold { hold_id: Some(hold_id), .. } if hold_id.as_str() == "HOLD-2"),
        "{refusal}"
    );
    shop.given([free_from("HOLD-2", Holdable::CardUnit(printed))]);
    shop.brings_to_qa(printed);
}

#[test]
fn a_hold_rule_is_placed_once() {
    let mut shop = Shop::open();
    let on_job = rule("HOLD-1", HoldTarget::Job { job_id: job() });
    shop.when(on_job.clone()).by("OP-3").then_done();
    shop.when(on_job).by("OP-3").then_nothing_new();
    shop.when(rule("HOLD-1", HoldTarget::Sheet { sheet_id: sheet(1) }))
        .by("OP-3")
        .then_refused("exists_differently");
}

#[test]
fn holds_stop_packing_and_shipping() {
    let mut shop = Shop::open();
    shop.set_in(1, AssemblyStatus::Complete);
    shop.given([rule(
        "HOLD-1",
        HoldTarget::CardUnit {
            card_unit_id: card(1, 3),
        },
    )]);
    shop.scan("J1044-S001-SET", "PACK-1")
        .by("OP-1")
        .then_refused("on_hold");
    let lift = |hold_id: &str| Command::LiftHoldRule {
        hold_id: id(hold_id),
        reason: "fine".into(),
    };
    shop.given([lift("HOLD-1")]);
    shop.box_in(1, PackStatus::Closed);
    shop.given([rule(
        "HOLD-2",
        HoldTarget::CardUnit {
            card_unit_id: card(1, 3),
        },
    )]);
    let ship = Command::ShipPack { pack_id: box_(1) };
    shop.when(ship.clone()).by("OP-1").then_refused("on_hold");
    shop.given([lift("HOLD-2"), hold(Holdable::Job(job()))]);
    shop.when(ship.clone()).by("OP-1").then_refused("on_hold");
    shop.given([release(Holdable::Job(job()))]);
    shop.when(ship).by("OP-1").then_done();
}

fn lot_rule(hold_id: &str, lot: &str) -> Command {
    rule(
        hold_id,
        HoldTarget::MaterialLot {
            material_lot_id: id(lot),
        },
    )
}

fn future_hold(hold_id: &str, target: HoldTarget, station_type: &str) -> Command {
    Command::PlaceHoldRule {
        rule: HoldRulePlaced {
            hold_id: id(hold_id),
            target,
            at_station_type: Some(StationType::from_word(station_type)),
            reason: "to be measured".into(),
        },
    }
}

fn free_from(hold_id: &str, unit: Holdable) -> Command {
    Command::Release {
        unit,
        hold_id: Some(id::<HoldId>(hold_id)),
        reason: "looked at".into(),
    }
}
