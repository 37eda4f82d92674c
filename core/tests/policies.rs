//! The shop's policies, as claims: voids and replacements, numbers and pieces, holds, defects, deviations,
//! overs, how jobs and orders end, packs, and who may do what.

mod support;
mod support_scan;

use jiff::{SignedDuration, Timestamp};
use sheetwise_core::domain::assembly::{AssemblyStatus, Filling, LossCause};
use sheetwise_core::domain::card_unit::{CardUnitStatus, ReplacementSource};
use sheetwise_core::domain::command::{Holdable, ReplaceWith};
use sheetwise_core::domain::hold::{HoldRulePlaced, HoldTarget};
use sheetwise_core::domain::job::{JobStatus, SheetPurpose};
use sheetwise_core::domain::memorabilia::PieceStatus;
use sheetwise_core::domain::order::OrderStatus;
use sheetwise_core::domain::pack::PackStatus;
use sheetwise_core::domain::product::{
    NumberingScope, ProductSpec, StationType, VoidPolicy, VoidedMemorabilia, VoidedNumber,
};
use sheetwise_core::domain::sheet::SheetStatus;
use sheetwise_core::domain::station::PlannedDowntime;
use sheetwise_core::domain::values::{Priority, Role};
use sheetwise_core::domain::{Command, Decimal, Recorded, Refusal};
use sheetwise_core::identity::{AssemblyId, CardUnitId, HoldId, PackId};
use sheetwise_core::production::{reprint_plan, sheets_for};
use std::sync::Arc;
use support::{
    N_UP, PLAIN, Policies, RELIC, RUN_SHEETS, SERIALIZED, Shop, box_, card, case, defect, fails,
    hold, id, jersey, job, operator, order_id, pallet, plain_product, product, release, set, sheet,
    station, undo, void,
};
use support_scan::{a_second_job, rule};

fn concede(assembly_id: AssemblyId, positions: &[u16]) -> Command {
    Command::SignConcession {
        assembly_id,
        positions: positions.to_vec(),
        reason: "the customer agrees".into(),
    }
}

const fn replace(card_unit_id: CardUnitId, with: ReplaceWith) -> Command {
    Command::ReplaceCardUnit { card_unit_id, with }
}

const fn number(card_unit_id: CardUnitId, number: Option<u32>) -> Command {
    Command::ApplySequentialNumber {
        card_unit_id,
        number,
    }
}

fn place(piece_id: &str, card_unit_id: CardUnitId) -> Command {
    Command::PlaceMemorabilia {
        card_unit_id,
        piece_id: id(piece_id),
    }
}

fn statuses(shop: &Shop, sheet_number: u32) -> Vec<CardUnitStatus> {
    (1..=N_UP)
        .map(|position| shop.status_of_card(card(sheet_number, position)))
        .collect()
}

// Voids: hold for replacement.

#[test]
fn a_set_with_a_voided_card_waits_in_error_until_the_replacement_is_gathered() {
    let mut shop = Shop::open();
    shop.set_in(1, AssemblyStatus::Complete);
    shop.when(void(card(1, 2)))
        .by("OP-2")
        .then_recorded(&["CardUnitVoided", "AssemblyMemberLost"]);
    assert_eq!(shop.the_set(set(1)).status, AssemblyStatus::Error);
    assert_eq!(shop.the_set(set(1)).vacant_positions(), [2]);
    shop.scan("J1044-S001-SET", "PACK-1")
        .then_refused("set_incomplete");

    shop.when(replace(card(1, 2), ReplaceWith::Reprint))
        .by("OP-2")
        .then_recorded(&["ReplacementCardUnitCreated", "AssemblyMemberReplaced"]);
    assert_eq!(shop.the_set(set(1)).status, AssemblyStatus::InProgress);
    assert_eq!(shop.the_set(set(1)).missing_positions(), [2]);
    shop.scan("J1044-S001-SET", "PACK-1")
        .then_refused("set_incomplete");

    shop.gathers(id("J1044-S001-02-R1"));
    assert_eq!(shop.the_set(set(1)).status, AssemblyStatus::Complete);
    let packed = shop.packs_the_set_of(sheet(1));
    let of_cards = |r: &&Recorded| r.event.event_type() == "CardUnitPacked";
    let packed: Vec<String> = packed
        .iter()
        .filter(of_cards)
        .map(|r| r.event.unit().to_string())
        .collect();
    assert_eq!(packed[1], "J1044-S001-02-R1");
    assert_eq!(packed.len(), 6);
}

#[test]
fn a_void_said_twice_is_one_void() {
    let mut shop = Shop::open();
    shop.card_in(card(1, 1), CardUnitStatus::Voided);
    shop.when(void(card(1, 1))).by("OP-2").then_nothing_new();
}

#[test]
fn a_packed_card_cannot_be_voided_but_one_of_an_unpacked_set_can() {
    let mut shop = Shop::open();
    shop.packs_the_set_of(sheet(1));
    shop.when(void(card(1, 1)))
        .by("OP-2")
        .then_refused("already_packed");
    shop.when(unpack(set(1))).by("OP-2").then_done();
    shop.voids(card(1, 1));
    assert_eq!(shop.the_set(set(1)).status, AssemblyStatus::Error);
}

#[test]
fn a_set_cannot_be_released_short_where_the_product_waits_for_a_replacement() {
    let mut shop = Shop::open();
    shop.card_in(card(1, 1), CardUnitStatus::Voided);
    shop.when(concede(set(1), &[1]))
        .by("OP-2")
        .then_refused("concession_not_allowed");
}

// Voids: scrap the set.

#[test]
fn a_voided_card_takes_its_whole_set_with_it_where_sets_are_scrapped() {
    let mut shop = Shop::under(&Policies::voiding(VoidPolicy::ScrapSet));
    shop.cuts(sheet(1));
    shop.gathers(card(1, 1));
    shop.fails(card(1, 2));
    shop.dies(card(1, 3));
    let recorded = shop.voids(card(1, 4));
    let count = |event_type: &str| {
        let of_type = recorded
            .iter()
            .filter(|r| r.event.event_type() == event_type);
        of_type.count()
    };
    assert_eq!(count("CardUnitVoided"), 6);
    assert_eq!(count("AssemblyMemberLost"), 6);
    assert_eq!(count("AssemblyVoided"), 1);
    assert_eq!(statuses(&shop, 1), [CardUnitStatus::Voided; 6]);
    assert_eq!(shop.the_set(set(1)).status, AssemblyStatus::Voided);
    assert_eq!(
        shop.the_card(card(1, 1)).situation.void_reason.unwrap(),
        "set scrapped: J1044-S001-04 voided (torn)"
    );
}

#[test]
fn nothing_of_a_scrapped_set_is_replaced_conceded_or_brought_back() {
    let mut shop = Shop::under(&Policies::voiding(VoidPolicy::ScrapSet));
    shop.cuts(sheet(1));
    let voided = shop.voids(card(1, 4))[0].sequence_num;
    shop.when(replace(card(1, 4), ReplaceWith::Reprint))
        .by("OP-2")
        .then_refused("voided");
    shop.when(concede(set(1), &[4]))
        .by("OP-2")
        .then_refused("concession_not_allowed");
    shop.when(undo(voided))
        .by("OP-2")
        .then_refused("cannot_be_undone");
}

#[test]
fn a_voided_spare_scraps_no_other_spare() {
    let mut shop = Shop::under(&Policies::voiding(VoidPolicy::ScrapSet));
    shop.cuts(sheet(9));
    shop.voids(card(9, 1));
    assert_eq!(shop.status_of_card(card(9, 2)), CardUnitStatus::Created);
    assert_ne!(shop.the_set(set(9)).status, AssemblyStatus::Voided);
}

// Voids: release short.

#[test]
fn a_set_leaves_short_by_a_concession_and_says_so_for_ever() {
    let mut shop = Shop::under(&Policies::voiding(VoidPolicy::ReleaseShort));
    shop.set_in(1, AssemblyStatus::Complete);
    shop.voids(card(1, 2));
    shop.voids(card(1, 5));
    shop.when(concede(set(1), &[5, 2]))
        .by("OP-3")
        .then_recorded(&["ConcessionSigned", "AssemblyCompleted"]);
    assert_eq!(shop.the_set(set(1)).status, AssemblyStatus::Complete);
    shop.packs_the_set_of(sheet(1));
    assert_eq!(shop.the_set(set(1)).short_positions(), [2, 5]);
    assert_eq!(shop.the_set(set(1)).gathered_count(), 4);
    shop.when(unpack(set(1))).by("OP-2").then_done();
    assert_eq!(shop.the_set(set(1)).short_positions(), [2, 5]);
    shop.when(concede(set(1), &[2, 5]))
        .by("OP-3")
        .then_nothing_new();
}

#[test]
fn a_concession_names_exactly_the_vacant_positions() {
    let mut shop = Shop::under(&Policies::voiding(VoidPolicy::ReleaseShort));
    shop.set_in(1, AssemblyStatus::Complete);
    shop.voids(card(1, 2));
    shop.voids(card(1, 5));
    for wrong in [&[][..], &[2], &[2, 5, 6], &[1, 3], &[2, 7]] {
        let refusal = shop
            .when(concede(set(1), wrong))
            .by("OP-2")
            .then_refused("concession_must_name_the_vacant");
        assert_eq!(
            refusal,
            Refusal::ConcessionMustNameTheVacant {
                assembly_id: set(1),
                vacant_positions: vec![2, 5]
            }
        );
    }
    shop.when(concede(set(1), &[2, 5, 2]))
        .by("OP-2")
        .then_done();
}

#[test]
fn a_concession_is_signed_by_a_person_with_the_standing_for_it() {
    let mut shop = Shop::under(&Policies::voiding(VoidPolicy::ReleaseShort));
    shop.card_in(card(1, 2), CardUnitStatus::Voided);
    shop.when(concede(set(1), &[2]))
        .then_refused("out_of_range");
    for nobody in ["OP-1", "OP-4"] {
        shop.when(concede(set(1), &[2]))
            .by(nobody)
            .then_refused("not_permitted");
    }
    shop.when(concede(set(1), &[2])).by("OP-2").then_done();
}

#[test]
fn a_conceded_set_is_completed_by_its_last_card_as_short() {
    let mut shop = Shop::under(&Policies::voiding(VoidPolicy::ReleaseShort));
    shop.cuts(sheet(1));
    for position in 1..=4 {
        shop.gathers(card(1, position));
    }
    shop.voids(card(1, 5));
    shop.when(concede(set(1), &[5]))
        .by("OP-2")
        .then_recorded(&["ConcessionSigned"]);
    assert_eq!(shop.the_set(set(1)).status, AssemblyStatus::InProgress);
    shop.gathers(card(1, 6));
    assert_eq!(shop.the_set(set(1)).status, AssemblyStatus::Complete);
    assert_eq!(shop.the_set(set(1)).short_positions(), [5]);
}

#[test]
fn a_card_that_is_voided_after_a_concession_takes_a_concession_of_its_own() {
    let mut shop = Shop::under(&Policies::voiding(VoidPolicy::ReleaseShort));
    shop.set_in(1, AssemblyStatus::Complete);
    shop.voids(card(1, 2));
    shop.when(concede(set(1), &[2])).by("OP-2").then_done();
    shop.voids(card(1, 3));
    assert_eq!(shop.the_set(set(1)).status, AssemblyStatus::Error);
    shop.when(concede(set(1), &[2, 3]))
        .by("OP-2")
        .then_refused("concession_must_name_the_vacant");
    shop.when(concede(set(1), &[3])).by("OP-2").then_done();
    assert_eq!(shop.the_set(set(1)).short_positions(), [2, 3]);
}

#[test]
fn a_short_product_may_replace_instead_but_not_after_the_concession() {
    let mut shop = Shop::under(&Policies::voiding(VoidPolicy::ReleaseShort));
    shop.set_in(1, AssemblyStatus::Complete);
    shop.voids(card(1, 2));
    shop.voids(card(1, 3));
    shop.reprints(card(1, 2));
    let conceded = shop.when(concede(set(1), &[3])).by("OP-2").then_done();
    shop.when(replace(card(1, 3), ReplaceWith::Reprint))
        .by("OP-2")
        .then_refused("position_conceded");
    shop.when(undo(conceded[0].sequence_num))
        .by("OP-2")
        .then_refused("cannot_be_undone");
}

// Replacements.

#[test]
fn a_spare_is_consumed_by_the_card_that_it_becomes() {
    let mut shop = Shop::open();
    shop.card_in(card(1, 3), CardUnitStatus::Voided);
    let spare = shop.a_spare(3);
    shop.dies(spare);
    shop.when(replace(card(1, 3), ReplaceWith::Spare(spare)))
        .by("OP-2")
        .then_recorded(&[
            "CardUnitConsumedAsSpare",
            "AssemblyMemberLost",
            "ReplacementCardUnitCreated",
            "AssemblyMemberReplaced",
        ]);
    let replacement = shop.the_card(id("J1044-S001-03-R1"));
    assert_eq!(replacement.replaces, Some(card(1, 3)));
    assert_eq!(
        replacement.source,
        Some(ReplacementSource::Spare {
            card_unit_id: spare
        })
    );
    assert_eq!(shop.status_of_card(spare), CardUnitStatus::Consumed);
    assert_eq!(
        shop.the_card(spare).consumed_by,
        Some(id("J1044-S001-03-R1"))
    );
    let lost = shop.the_set(set(9)).member(3).copied().unwrap();
    assert_eq!(lost.filling, Filling::Vacant(LossCause::Consumed));
}

#[test]
fn a_spare_stands_in_for_one_card_only() {
    let mut shop = Shop::open();
    shop.card_in(card(1, 3), CardUnitStatus::Voided);
    shop.card_in(card(2, 3), CardUnitStatus::Voided);
    let spare = shop.a_spare(3);
    shop.replaces(card(1, 3), ReplaceWith::Spare(spare));
    shop.when(replace(card(2, 3), ReplaceWith::Spare(spare)))
        .by("OP-2")
        .then_refused("spare_does_not_fit");
}

#[test]
fn a_spare_that_lies_in_a_set_stands_in_for_nothing() {
    let mut shop = Shop::making(plain_product());
    shop.card_in(card(1, 1), CardUnitStatus::Voided);
    shop.card_in(card(9, 1), CardUnitStatus::Assembled);
    shop.when(replace(card(1, 1), ReplaceWith::Spare(card(9, 1))))
        .by("OP-2")
        .then_refused("spare_does_not_fit");
    shop.when(replace(card(1, 1), ReplaceWith::AnySpare))
        .by("OP-2")
        .then_refused("no_spare");
}

#[test]
fn any_spare_is_the_lowest_that_fits() {
    let mut shop = Shop::open();
    for number in [1, 2, 3] {
        shop.card_in(card(number, 1), CardUnitStatus::Voided);
    }
    shop.cuts(sheet(9));
    shop.cuts(sheet(10));
    shop.replaces(card(1, 1), ReplaceWith::AnySpare);
    shop.replaces(card(2, 1), ReplaceWith::AnySpare);
    assert_eq!(
        shop.the_card(card(9, 1)).consumed_by,
        Some(id("J1044-S001-01-R1"))
    );
    assert_eq!(
        shop.the_card(card(10, 1)).consumed_by,
        Some(id("J1044-S002-01-R1"))
    );
    shop.when(replace(card(3, 1), ReplaceWith::AnySpare))
        .by("OP-2")
        .then_refused("no_spare");
}

#[test]
fn a_replacement_runs_the_cards_operations_and_qa_from_the_start() {
    let mut shop = Shop::open();
    shop.card_in(card(1, 4), CardUnitStatus::QaPassed);
    shop.voids(card(1, 4));
    let replacement = shop.reprints(card(1, 4));
    assert_eq!(shop.status_of_card(replacement), CardUnitStatus::Created);
    let refusal = shop
        .scan("J1044-S001-04-R1", "BENCH-1")
        .then_refused("not_ready");
    assert_eq!(
        refusal.to_string(),
        "Card J1044-S001-04-R1 is not ready. Still to do: DIE (die_cut), NUMBER (numbering), QA-FINAL (qa)."
    );
    shop.gathers(replacement);
}

#[test]
fn a_chain_of_replacements_is_read_from_both_ends() {
    let mut shop = Shop::open();
    shop.card_in(card(1, 1), CardUnitStatus::Voided);
    let r1 = shop.reprints(card(1, 1));
    shop.gathers(r1);
    shop.voids(r1);
    let spare = shop.a_spare(1);
    let r2 = shop.replaces(r1, ReplaceWith::Spare(spare));
    assert_eq!((r1, r2), (id("J1044-S001-01-R1"), id("J1044-S001-01-R2")));

    let back: Vec<_> = std::iter::successors(Some(r2), |id| shop.the_card(*id).replaces).collect();
    assert_eq!(back, [r2, r1, card(1, 1)]);
    let onward = std::iter::successors(Some(card(1, 1)), |id| {
        let next = id.next_replacement()?;
        shop.floor()
            .card_unit(&next)
            .unwrap()
            .map(|c| c.card_unit_id)
    });
    assert_eq!(onward.collect::<Vec<_>>(), [card(1, 1), r1, r2]);
    assert_eq!(shop.the_set(set(1)).member(1).unwrap().card_unit_id, r2);
    let alive = back.iter().filter(|id| shop.status_of_card(**id).is_live());
    assert_eq!(alive.count(), 1);
    for gone in [card(1, 1), r1] {
        shop.scan(&gone.to_string(), "BENCH-1")
            .then_refused("voided");
        shop.when(replace(gone, ReplaceWith::Spare(card(9, 2))))
            .by("OP-2")
            .then_refused("already_replaced");
    }
    shop.gathers(r2);
}

#[test]
fn the_same_replacement_said_twice_is_one_replacement() {
    let mut shop = Shop::open();
    shop.card_in(card(1, 1), CardUnitStatus::Voided);
    shop.card_in(card(1, 2), CardUnitStatus::Voided);
    let spare = shop.a_spare(2);
    for command in [
        replace(card(1, 1), ReplaceWith::Reprint),
        replace(card(1, 2), ReplaceWith::Spare(spare)),
    ] {
        shop.when(command.clone()).by("OP-2").then_done();
        shop.when(command).by("OP-2").then_nothing_new();
    }
}

#[test]
fn a_void_is_taken_back_only_as_long_as_nothing_replaced_the_card() {
    let mut shop = Shop::open();
    shop.set_in(1, AssemblyStatus::Complete);
    let voided = shop.voids(card(1, 1))[0].sequence_num;
    shop.when(undo(voided)).by("OP-2").then_recorded(&[
        "AssemblyMemberRestored",
        "AssemblyCompleted",
        "CardUnitCorrected",
    ]);
    let voided = shop.voids(card(1, 1))[0].sequence_num;
    shop.reprints(card(1, 1));
    shop.when(undo(voided))
        .by("OP-2")
        .then_refused("something_depends_on_it");
}

#[test]
fn an_operator_does_not_take_back_what_only_a_lead_decides() {
    let mut shop = Shop::open();
    shop.cuts(sheet(1));
    shop.dies(card(1, 1));
    shop.when(void(card(1, 1)))
        .at("DIE-1")
        .by("OP-2")
        .then_done();
    shop.scan("!UNDO", "DIE-1")
        .by("OP-1")
        .then_refused("not_permitted");
    shop.scan("!UNDO", "DIE-1").by("OP-2").then_done();
    assert_eq!(shop.status_of_card(card(1, 1)), CardUnitStatus::InProgress);
}

// The minimal reprint.

/// Position 1 is vacant on three sheets, position 2 on one; one of two overs sheets is cut.
fn a_shop_with_vacancies() -> Shop {
    let mut shop = Shop::open();
    for (number, position) in [(1, 1), (2, 1), (3, 1), (1, 2)] {
        shop.card_in(card(number, position), CardUnitStatus::Voided);
    }
    shop.cuts(sheet(9));
    shop
}

#[test]
fn spares_cover_vacancies_position_by_position_and_the_rest_takes_the_fewest_sheets() {
    let shop = a_shop_with_vacancies();
    let plan = reprint_plan(shop.floor(), job()).unwrap();
    assert_eq!(
        plan.covered,
        [(card(1, 1), card(9, 1)), (card(1, 2), card(9, 2))]
    );
    assert_eq!(plan.uncovered, [card(2, 1), card(3, 1)]);
    // Two cards of position 1 are lacking; S010 brings one of them when it is cut.
    assert_eq!(plan.extra_sheets, 1);
}

#[test]
fn a_spare_that_is_held_or_gone_covers_nothing() {
    let mut shop = a_shop_with_vacancies();
    shop.given([hold(Holdable::CardUnit(card(9, 1)))]);
    shop.voids(card(9, 2));
    let plan = reprint_plan(shop.floor(), job()).unwrap();
    assert_eq!(plan.covered, []);
    // Nobody waits for a spare that is gone.
    assert_eq!(
        plan.uncovered,
        [card(1, 1), card(1, 2), card(2, 1), card(3, 1)]
    );
    // Three of position 1 and one of position 2: the one sheet to come brings both.
    assert_eq!(plan.extra_sheets, 2);
}

#[test]
fn lacking_positions_share_the_extra_sheets() {
    let mut shop = Shop::open();
    for (number, position) in [(1, 1), (2, 1), (3, 1), (1, 2), (2, 2), (3, 3)] {
        shop.card_in(card(number, position), CardUnitStatus::Voided);
    }
    for number in [9, 10] {
        shop.sheet_in(number, SheetStatus::Voided);
    }
    let plan = reprint_plan(shop.floor(), job()).unwrap();
    assert_eq!(plan.uncovered.len(), 6);
    assert_eq!(plan.extra_sheets, 3);
}

#[test]
fn a_conceded_or_scrapped_position_is_not_reprinted() {
    let mut shop = Shop::under(&Policies::voiding(VoidPolicy::ReleaseShort));
    shop.card_in(card(1, 1), CardUnitStatus::Voided);
    shop.when(concede(set(1), &[1])).by("OP-2").then_done();
    let plan = reprint_plan(shop.floor(), job()).unwrap();
    assert_eq!((plan.covered, plan.uncovered), (vec![], vec![]));

    let mut shop = Shop::under(&Policies::voiding(VoidPolicy::ScrapSet));
    shop.card_in(card(1, 1), CardUnitStatus::Voided);
    let plan = reprint_plan(shop.floor(), job()).unwrap();
    assert_eq!((plan.covered, plan.uncovered), (vec![], vec![]));
}

#[test]
fn the_reprint_is_carried_out_once_however_often_it_is_said() {
    let mut shop = a_shop_with_vacancies();
    let replace_all = Command::ReplaceVacancies {
        job_id: job(),
        after: 10,
    };
    shop.when(replace_all.clone()).by("OP-4").then_done();
    assert_eq!(
        shop.the_card(card(9, 1)).consumed_by,
        Some(id("J1044-S001-01-R1"))
    );
    assert_eq!(
        shop.the_card(card(9, 2)).consumed_by,
        Some(id("J1044-S001-02-R1"))
    );
    assert_eq!(
        shop.the_job().sheets.last(),
        Some(&(11, 1, SheetPurpose::Reprint))
    );
    shop.when(replace_all).by("OP-4").then_nothing_new();
    assert_eq!(shop.the_job().last_sheet_number(), 11);

    // With the sheets that it asked for, the rest is covered.
    shop.cuts(sheet(10));
    shop.cuts(sheet(11));
    let rest = Command::ReplaceVacancies {
        job_id: job(),
        after: 11,
    };
    shop.when(rest.clone()).by("OP-4").then_done();
    assert_eq!(
        shop.the_card(card(10, 1)).consumed_by,
        Some(id("J1044-S002-01-R1"))
    );
    assert_eq!(
        shop.the_card(card(11, 1)).consumed_by,
        Some(id("J1044-S003-01-R1"))
    );
    shop.when(rest).by("OP-4").then_nothing_new();
}

#[test]
fn a_reprint_planned_from_an_older_view_adds_no_sheet() {
    let mut shop = a_shop_with_vacancies();
    let after = 9;
    let job_id = job();
    shop.when(Command::ReplaceVacancies { job_id, after })
        .by("OP-4")
        .then_refused("out_of_range");
}

// Sequential numbers.

/// Sheets 1 to 4 are cut, and position 4 of the first three bears 1, 2 and 3.
fn three_numbered(policies: &Policies) -> Shop {
    let mut shop = Shop::under(policies);
    for number in 1..=4 {
        shop.cuts(sheet(number));
    }
    for number in 1..=3 {
        shop.numbers(card(number, 4));
        assert_eq!(shop.number_of(card(number, 4)), number);
    }
    shop
}

#[test]
fn the_number_of_a_voided_card_goes_back_to_the_pool() {
    let mut shop = three_numbered(&Policies::numbers_of_voided(VoidedNumber::BackToPool));
    shop.voids(card(2, 4));
    let replacement = shop.reprints(card(2, 4));
    shop.numbers(card(4, 4));
    assert_eq!(shop.number_of(card(4, 4)), 2);
    shop.numbers(replacement);
    assert_eq!(shop.number_of(replacement), 4);
}

#[test]
fn the_number_of_a_voided_card_is_burned() {
    let mut shop = three_numbered(&Policies::numbers_of_voided(VoidedNumber::Burned));
    shop.voids(card(2, 4));
    let replacement = shop.reprints(card(2, 4));
    shop.numbers(card(4, 4));
    assert_eq!(shop.number_of(card(4, 4)), 4);
    shop.when(number(replacement, Some(2)))
        .by("OP-1")
        .then_refused("number_not_free");
    shop.numbers(replacement);
    assert_eq!(shop.number_of(replacement), 5);
}

#[test]
fn a_number_is_kept_for_a_replacement_only_where_every_voided_card_gets_one() {
    for void_policy in [
        VoidPolicy::HoldForReplacement,
        VoidPolicy::ScrapSet,
        VoidPolicy::ReleaseShort,
    ] {
        let mut policies = Policies::numbers_of_voided(VoidedNumber::PassToReplacement);
        policies.void_policy = void_policy;
        let problems = product(&policies).problems();
        let waits = void_policy == VoidPolicy::HoldForReplacement;
        assert_eq!(problems.is_empty(), waits, "{void_policy:?}: {problems:?}");
        policies.numbering.number_of_voided = VoidedNumber::Burned;
        assert_eq!(product(&policies).problems(), Vec::<String>::new());
    }
}

#[test]
fn the_number_of_a_voided_card_passes_to_its_replacement() {
    let mut shop = three_numbered(&Policies::numbers_of_voided(
        VoidedNumber::PassToReplacement,
    ));
    shop.voids(card(2, 4));
    let replacement = shop.reprints(card(2, 4));
    shop.when(number(card(4, 4), Some(2)))
        .by("OP-1")
        .then_refused("number_not_free");
    shop.numbers(card(4, 4));
    assert_eq!(shop.number_of(card(4, 4)), 4);
    shop.numbers(replacement);
    assert_eq!(shop.number_of(replacement), 2);
}

#[test]
fn a_kept_number_skips_a_replacement_that_was_voided_before_it_got_it() {
    let mut shop = three_numbered(&Policies::numbers_of_voided(
        VoidedNumber::PassToReplacement,
    ));
    shop.voids(card(2, 4));
    let r1 = shop.reprints(card(2, 4));
    shop.voids(r1);
    let r2 = shop.reprints(r1);
    shop.numbers(r2);
    assert_eq!(shop.number_of(r2), 2);
    shop.voids(r2);
    let r3 = shop.reprints(r2);
    shop.numbers(r3);
    assert_eq!(shop.number_of(r3), 2);
}

#[test]
fn a_kept_number_that_is_taken_back_waits_for_its_replacement_again() {
    let mut shop = three_numbered(&Policies::numbers_of_voided(
        VoidedNumber::PassToReplacement,
    ));
    shop.voids(card(2, 4));
    let replacement = shop.reprints(card(2, 4));
    let numbered = shop.numbers(replacement)[0].sequence_num;
    shop.when(undo(numbered)).by("OP-2").then_done();
    shop.numbers(card(4, 4));
    assert_eq!(shop.number_of(card(4, 4)), 4);
    shop.numbers(replacement);
    assert_eq!(shop.number_of(replacement), 2);
}

#[test]
fn an_edition_is_exhausted_until_a_number_comes_back() {
    let mut policies = Policies::default();
    policies.numbering.edition_size = 3;
    let mut shop = three_numbered(&policies);
    shop.scan("J1044-S004-04", "NUM-1")
        .by("OP-1")
        .then_refused("edition_exhausted");
    shop.voids(card(1, 4));
    shop.numbers(card(4, 4));
    assert_eq!(shop.number_of(card(4, 4)), 1);
}

#[test]
fn each_position_has_its_own_edition_or_a_design_shares_one() {
    let mut shop = Shop::open();
    shop.cuts(sheet(1));
    shop.numbers(card(1, 4));
    shop.numbers(card(1, 5));
    assert_eq!(shop.number_of(card(1, 4)), 1);
    assert_eq!(shop.number_of(card(1, 5)), 1);

    let mut policies = Policies::default();
    policies.numbering.scope = NumberingScope::JobDesign;
    policies.numbering.edition_size = 2;
    let mut shop = Shop::under(&policies);
    shop.cuts(sheet(1));
    shop.cuts(sheet(2));
    shop.numbers(card(1, 4));
    shop.numbers(card(1, 5));
    assert_eq!(shop.number_of(card(1, 5)), 2);
    let refusal = shop
        .scan("J1044-S002-04", "NUM-1")
        .by("OP-1")
        .then_refused("edition_exhausted");
    assert_eq!(
        refusal.to_string(),
        "The numbers of design GOLD of J1044 are used up: the edition is of 2."
    );
}

#[test]
fn each_job_has_its_own_edition() {
    let mut shop = three_numbered(&Policies::default());
    a_second_job(&mut shop);
    shop.cuts(id("J1045-S001"));
    shop.numbers(id("J1045-S001-04"));
    assert_eq!(shop.number_of(id("J1045-S001-04")), 1);
}

#[test]
fn a_wanted_number_is_given_and_the_ones_it_skipped_stay_free() {
    let mut shop = Shop::open();
    for number in 1..=4 {
        shop.cuts(sheet(number));
    }
    shop.when(number(card(1, 4), Some(3)))
        .by("OP-1")
        .then_done();
    shop.when(number(card(1, 4), Some(3)))
        .by("OP-1")
        .then_nothing_new();
    shop.when(number(card(1, 4), None))
        .by("OP-1")
        .then_nothing_new();
    for (sheet_number, expected) in [(2, 1), (3, 2), (4, 4)] {
        shop.numbers(card(sheet_number, 4));
        assert_eq!(shop.number_of(card(sheet_number, 4)), expected);
    }
    for wrong in [0, 100] {
        shop.when(number(card(1, 5), Some(wrong)))
            .by("OP-1")
            .then_refused("number_not_free");
    }
}

#[test]
fn a_number_is_on_one_live_card_even_when_a_void_is_taken_back() {
    let mut shop = three_numbered(&Policies::default());
    let voided = shop.voids(card(1, 4))[0].sequence_num;
    shop.numbers(card(4, 4));
    assert_eq!(shop.number_of(card(4, 4)), 1);
    let refusal = shop
        .when(undo(voided))
        .by("OP-2")
        .then_refused("number_not_free");
    assert_eq!(
        refusal.to_string(),
        "Number 1 of position 4 of J1044 cannot be given: J1044-S004-04 bears it."
    );
    shop.voids(card(4, 4));
    shop.when(undo(voided)).by("OP-2").then_done();
    assert_eq!(shop.number_of(card(1, 4)), 1);
}

#[test]
fn a_reworked_card_keeps_its_number() {
    let mut shop = three_numbered(&Policies::default());
    shop.dies(card(1, 4));
    shop.fails(card(1, 4));
    shop.scan("J1044-S001-04", "NUM-1")
        .by("OP-1")
        .then_recorded(&["CardUnitEnteredStation", "CardUnitOperationCompleted"]);
    assert_eq!(shop.number_of(card(1, 4)), 1);
}

// Memorabilia.

#[test]
fn a_voided_card_frees_its_piece_for_another() {
    let mut shop = Shop::open();
    shop.cuts(sheet(1));
    shop.places("RELIC-00001", card(1, RELIC));
    shop.when(void(card(1, RELIC))).by("OP-2").then_recorded(&[
        "CardUnitVoided",
        "MemorabiliaPieceFreed",
        "AssemblyMemberLost",
    ]);
    assert_eq!(shop.the_piece("RELIC-00001").status, PieceStatus::Available);
    let replacement = shop.reprints(card(1, RELIC));
    shop.places("RELIC-00001", replacement);
    assert_eq!(
        shop.the_piece("RELIC-00001").status,
        PieceStatus::Placed(replacement)
    );
}

#[test]
fn a_voided_card_destroys_its_piece() {
    let mut shop = Shop::under(&Policies {
        memorabilia_of_voided: VoidedMemorabilia::Destroyed,
        ..Policies::default()
    });
    shop.cuts(sheet(1));
    shop.places("RELIC-00001", card(1, RELIC));
    shop.when(void(card(1, RELIC))).by("OP-2").then_recorded(&[
        "CardUnitVoided",
        "MemorabiliaPieceDestroyed",
        "AssemblyMemberLost",
    ]);
    assert_eq!(shop.the_piece("RELIC-00001").status, PieceStatus::Destroyed);
    let replacement = shop.reprints(card(1, RELIC));
    shop.when(place("RELIC-00001", replacement))
        .by("OP-1")
        .then_refused("piece_not_free");
}

#[test]
fn a_void_taken_back_puts_the_piece_back_unless_another_card_has_it() {
    for policy in [VoidedMemorabilia::Freed, VoidedMemorabilia::Destroyed] {
        let mut shop = Shop::under(&Policies {
            memorabilia_of_voided: policy,
            ..Policies::default()
        });
        shop.cuts(sheet(1));
        shop.places("RELIC-00001", card(1, RELIC));
        let voided = shop.voids(card(1, RELIC))[0].sequence_num;
        shop.when(undo(voided)).by("OP-2").then_done();
        let placed = PieceStatus::Placed(card(1, RELIC));
        assert_eq!(shop.the_piece("RELIC-00001").status, placed);
    }
    let mut shop = Shop::open();
    shop.cuts(sheet(1));
    shop.cuts(sheet(2));
    shop.places("RELIC-00001", card(1, RELIC));
    let voided = shop.voids(card(1, RELIC))[0].sequence_num;
    shop.places("RELIC-00001", card(2, RELIC));
    shop.when(undo(voided))
        .by("OP-2")
        .then_refused("piece_not_free");
}

#[test]
fn a_planned_piece_goes_into_its_card_or_the_replacement_of_it() {
    let mut shop = Shop::open();
    let mut piece = jersey("RELIC-P");
    piece.planned_for = Some(card(1, RELIC));
    shop.given([Command::RegisterMemorabilia { piece }]);
    shop.cuts(sheet(1));
    shop.cuts(sheet(2));
    shop.when(place("RELIC-P", card(2, RELIC)))
        .by("OP-1")
        .then_refused("piece_not_free");
    shop.voids(card(1, RELIC));
    let replacement = shop.reprints(card(1, RELIC));
    shop.when(place("RELIC-P", replacement))
        .by("OP-1")
        .then_done();
}

#[test]
fn placing_takes_the_scan_of_the_card_and_the_scan_of_the_piece() {
    let mut shop = Shop::open();
    shop.cuts(sheet(1));
    shop.dies(card(1, RELIC));
    shop.scan("RELIC-00001", "RELIC-1")
        .by("OP-1")
        .then_refused("nothing_in_hand");
    shop.scan("J1044-S001-06", "RELIC-1").by("OP-1").then_done();
    // The card alone is not done: the station was entered, nothing is in it.
    shop.scan("J1044-S001-06", "QA-1")
        .by("OP-1")
        .then_refused("out_of_route");
    shop.scan("RELIC-00001", "RELIC-1")
        .by("OP-1")
        .then_recorded(&["MemorabiliaPlaced", "MemorabiliaPieceInserted"]);
    shop.scan("J1044-S001-06", "QA-1").by("OP-1").then_done();
}

#[test]
fn a_piece_is_registered_once() {
    let mut shop = Shop::open();
    let register = |piece| Command::RegisterMemorabilia { piece };
    shop.when(register(jersey("RELIC-00001")))
        .by("OP-4")
        .then_nothing_new();
    let mut other = jersey("RELIC-00001");
    other.kind = id("RELIC-BAT");
    shop.when(register(other))
        .by("OP-4")
        .then_refused("exists_differently");
}

// Holds.

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

// Defects and deviations.

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

// Overs.

/// The standard product where so much survives: FOIL of the sheets, DIE of the cards, RELIC of position 6.
fn with_yields(foil: &str, die: &str, relic: &str) -> ProductSpec {
    let mut spec = product(&Policies::default());
    for node in &mut spec.operations {
        let share = match node.operation_id.as_str() {
            "FOIL" => foil,
            "DIE" => die,
            "RELIC" => relic,
            _ => continue,
        };
        node.expected_yield = serde_json::from_str::<Decimal>(share).expect("a share");
    }
    spec
}

#[test]
fn the_sheets_of_a_quantity_and_their_overs_are_worked_out_by_hand() {
    for (quantity, foil, die, relic, run, overs) in [
        (48, "1", "1", "1", 8, 0),
        (49, "1", "1", "1", 9, 0), // a sheet that is begun is a sheet
        (1, "1", "1", "1", 1, 0),
        (48, "0.8", "1", "1", 8, 2),           // 8 / 0.8 = 10
        (48, "0.98", "0.95", "0.9", 8, 2),     // 8 / (0.98 × 0.855) = 9.55, at the worst position
        (50, "0.98", "0.95", "0.9", 9, 2),     // 9 / 0.8379 = 10.74
        (600, "0.98", "0.95", "0.9", 100, 20), // 100 / 0.8379 = 119.3
        (6, "0.999", "1", "1", 1, 1),          // 1 / 0.999 = 1.001: one sheet more
    ] {
        assert_eq!(
            sheets_for(quantity, &with_yields(foil, die, relic)),
            (run, overs),
            "{quantity} cards at {foil}, {die}, {relic}"
        );
    }
}

#[test]
fn a_job_spawns_the_run_and_the_overs_that_its_yields_ask_for() {
    let mut shop = Shop::with_the_product(with_yields("0.98", "0.95", "0.9"));
    shop.given([
        Command::PlaceOrder {
            order: support::order(),
        },
        create_job("J1044", None, None),
    ]);
    assert_eq!(
        shop.the_job().sheets,
        [(1, 8, SheetPurpose::Run), (9, 2, SheetPurpose::Overs)]
    );
    assert_eq!(shop.the_sheet(sheet(10)).purpose, SheetPurpose::Overs);
}

// Jobs and orders.

#[test]
fn what_a_cancelled_job_was_to_make_the_next_one_makes() {
    let mut shop = Shop::with_the_product(product(&Policies::default()));
    let order = support::order();
    let ordered = order.quantity;
    shop.given([
        Command::PlaceOrder { order },
        create_job("J1", Some(ordered - 1), None),
        create_job("J2", Some(1), None),
        Command::CancelJob {
            job_id: id("J1"),
            reason: "the wrong paper".into(),
        },
    ]);
    shop.when(create_job("J3", None, None))
        .by("OP-4")
        .then_done();
    let job = shop.floor().existing_job(&id("J3")).expect("a job");
    assert_eq!(job.plan.quantity, ordered - 1);
}

fn create_job(job_id: &str, quantity: Option<u32>, overs: Option<u32>) -> Command {
    Command::CreateJob {
        job_id: id(job_id),
        order_id: order_id(),
        quantity,
        product_version: None,
        due_date: None,
        priority: None,
        overs,
    }
}

#[test]
fn an_order_is_for_one_card_at_least_and_for_no_more_than_every_database_counts_to() {
    let mut shop = Shop::with_the_product(product(&Policies::default()));
    let order = |quantity: u32| {
        let mut order = support::order();
        order.order_id = id(&format!("PO-{quantity}"));
        order.quantity = quantity;
        Command::PlaceOrder { order }
    };
    for quantity in [0, 2_147_483_648, u32::MAX] {
        let refusal = shop
            .when(order(quantity))
            .by("OP-4")
            .then_refused("out_of_range");
        let sentence = format!(
            "Order PO-{quantity} is for {quantity} cards: it should be for 1 to 2147483647."
        );
        assert_eq!(refusal.to_string(), sentence);
    }
    for quantity in [1, 2_147_483_647] {
        shop.when(order(quantity)).by("OP-4").then_done();
    }
}

#[test]
fn an_order_is_filled_by_several_jobs() {
    let mut shop = Shop::with_the_product(product(&Policies::default()));
    shop.given([
        Command::PlaceOrder {
            order: support::order(),
        },
        create_job("J1", Some(12), Some(0)),
        create_job("J2", None, Some(0)),
    ]);
    let quantities: Vec<u32> = shop.the_order().jobs.iter().map(|(_, n)| *n).collect();
    assert_eq!(quantities, [12, 36]);
    shop.when(create_job("J1", Some(12), Some(0)))
        .by("OP-4")
        .then_nothing_new();
    shop.when(create_job("J1", Some(18), Some(0)))
        .by("OP-4")
        .then_refused("exists_differently");
    // Nothing is lacking any more.
    shop.when(create_job("J3", None, Some(0)))
        .by("OP-4")
        .then_refused("out_of_range");
}

#[test]
fn a_cancelled_job_goes_no_further_but_what_is_packed_stays_packed() {
    let mut shop = Shop::open();
    shop.packs_the_set_of(sheet(1));
    shop.set_in(2, AssemblyStatus::Complete);
    let cancel = Command::CancelJob {
        job_id: job(),
        reason: "withdrawn".into(),
    };
    shop.when(cancel.clone()).by("OP-4").then_done();
    shop.when(cancel).by("OP-4").then_nothing_new();
    for (barcode, station) in [
        ("J1044-S003", "PRESS-1"),
        ("J1044-S002-01", "QA-1"),
        ("J1044-S002-SET", "PACK-1"),
    ] {
        shop.scan(barcode, station)
            .by("OP-1")
            .then_refused("job_cancelled");
    }
    assert_eq!(shop.status_of_card(card(1, 1)), CardUnitStatus::Packed);
    shop.given([
        Command::ClosePack { pack_id: box_(1) },
        Command::ShipPack { pack_id: box_(1) },
    ]);
}

#[test]
fn a_cancelled_order_cancels_its_jobs() {
    let mut shop = Shop::open();
    let cancel = Command::CancelOrder {
        order_id: order_id(),
        reason: "withdrawn".into(),
    };
    shop.when(cancel.clone())
        .by("OP-4")
        .then_recorded(&["ProductionOrderCancelled", "JobCancelled"]);
    shop.when(cancel).by("OP-4").then_nothing_new();
    assert_eq!(shop.the_order().status, OrderStatus::Cancelled);
    assert_eq!(shop.the_job().status, JobStatus::Cancelled);
    shop.when(create_job("J1045", Some(6), None))
        .by("OP-4")
        .then_refused("order_cancelled");
    shop.when(hold(Holdable::Order(order_id())))
        .by("OP-1")
        .then_refused("order_cancelled");
}

#[test]
fn a_job_closes_when_everything_owed_is_packed_or_voided_and_its_spares_go_to_waste() {
    let mut shop = Shop::open();
    let close = Command::CloseJob { job_id: job() };
    for number in 3..=RUN_SHEETS {
        shop.sheet_in(number, SheetStatus::Voided);
    }
    shop.packs_the_set_of(sheet(1));
    shop.cuts(sheet(2));
    let refusal = shop
        .when(close.clone())
        .by("OP-4")
        .then_refused("job_not_finished");
    assert_eq!(
        refusal.to_string(),
        "Job J1044 is not finished: 0 sheets are uncut and 6 cards unpacked."
    );
    for position in 1..=N_UP {
        shop.voids(card(2, position));
    }
    let spare = shop.a_spare(1);
    shop.when(close.clone()).by("OP-4").then_done();
    shop.when(close).by("OP-4").then_nothing_new();
    assert_eq!(shop.the_job().status, JobStatus::Closed);
    assert_eq!(shop.status_of_card(spare), CardUnitStatus::Voided);
    assert_eq!(shop.status_of_sheet(sheet(10)), SheetStatus::Voided);
    shop.when(unpack(set(1)))
        .by("OP-2")
        .then_refused("job_closed");
    shop.when(Command::AddSheets {
        job_id: job(),
        after: 10,
        count: 1,
        purpose: SheetPurpose::Run,
    })
    .by("OP-4")
    .then_refused("job_closed");
}

#[test]
fn sheets_are_added_once_behind_the_last() {
    let mut shop = Shop::open();
    let add = |after, count| Command::AddSheets {
        job_id: job(),
        after,
        count,
        purpose: SheetPurpose::Overs,
    };
    shop.when(add(10, 2)).by("OP-2").then_done();
    shop.when(add(10, 2)).by("OP-2").then_nothing_new();
    shop.when(add(10, 3))
        .by("OP-2")
        .then_refused("out_of_range");
    for count in [0, 20_001] {
        shop.when(add(12, count))
            .by("OP-2")
            .then_refused("out_of_range");
    }
    assert_eq!(shop.the_job().last_sheet_number(), 12);
    shop.when(add(12, 20_000)).by("OP-2").then_done();
}

#[test]
fn a_job_has_twenty_thousand_sheets_at_most() {
    let mut shop = Shop::with_the_product(product(&Policies::default()));
    let mut order = support::order();
    order.quantity = u32::from(N_UP) * 20_000;
    let all = create_job("J1", Some(order.quantity), Some(0));
    let overs = create_job("J1", Some(order.quantity), Some(1));
    shop.given([Command::PlaceOrder { order }]);
    shop.when(overs).by("OP-4").then_refused("out_of_range");
    shop.when(all).by("OP-4").then_done();
}

// Packs.

fn unpack(assembly_id: AssemblyId) -> Command {
    Command::UnpackSet {
        assembly_id,
        reason: "wrong label".into(),
    }
}

const fn close(pack_id: PackId) -> Command {
    Command::ClosePack { pack_id }
}

const fn ship(pack_id: PackId) -> Command {
    Command::ShipPack { pack_id }
}

fn reopen(pack_id: PackId) -> Command {
    Command::ReopenPack {
        pack_id,
        reason: "one more".into(),
    }
}

fn unnest(pack_id: PackId) -> Command {
    Command::UnnestPack {
        pack_id,
        reason: "wrong case".into(),
    }
}

#[test]
fn a_full_box_closes_itself_and_the_next_set_opens_the_next() {
    let mut shop = Shop::open();
    shop.packs_the_set_of(sheet(1));
    assert_eq!(shop.the_pack(box_(1)).status, PackStatus::Open);
    shop.packs_the_set_of(sheet(2));
    assert_eq!(shop.the_pack(box_(1)).status, PackStatus::Closed);
    shop.packs_the_set_of(sheet(3));
    assert_eq!(shop.the_pack(box_(1)).assembly_ids, [set(1), set(2)]);
    assert_eq!(shop.the_pack(box_(2)).assembly_ids, [set(3)]);
}

#[test]
fn a_reopened_box_takes_what_fits_and_nothing_more() {
    let mut shop = Shop::open();
    shop.packs_the_set_of(sheet(1));
    shop.packs_the_set_of(sheet(2));
    shop.set_in(3, AssemblyStatus::Complete);
    shop.when(reopen(box_(1)))
        .at("PACK-1")
        .by("OP-2")
        .then_done();
    shop.when(reopen(box_(1)))
        .at("PACK-1")
        .by("OP-2")
        .then_nothing_new();
    shop.scan("J1044-S003-SET", "PACK-1")
        .by("OP-1")
        .then_refused("pack_full");
    shop.when(unpack(set(1)))
        .at("PACK-1")
        .by("OP-2")
        .then_done();
    assert_eq!(shop.the_set(set(1)).status, AssemblyStatus::Complete);
    assert_eq!(shop.status_of_card(card(1, 1)), CardUnitStatus::Assembled);
    shop.scan("J1044-S003-SET", "PACK-1").by("OP-1").then_done();
    assert_eq!(shop.the_pack(box_(1)).assembly_ids, [set(2), set(3)]);
    assert_eq!(shop.the_pack(box_(1)).status, PackStatus::Closed);
}

#[test]
fn a_box_in_a_case_is_neither_reopened_nor_unpacked_until_it_is_taken_out() {
    let mut shop = Shop::open();
    shop.box_in(1, PackStatus::Closed);
    shop.scan("J1044-BOX-001", "PACK-1").by("OP-1").then_done();
    for command in [reopen(box_(1)), unpack(set(1)), ship(box_(1))] {
        shop.when(command).by("OP-2").then_refused("pack_inside");
    }
    shop.when(unnest(box_(1))).by("OP-2").then_done();
    shop.when(unnest(box_(1))).by("OP-2").then_nothing_new();
    assert_eq!(shop.the_pack(case(1)).inner_pack_ids, []);
    shop.when(unpack(set(1))).by("OP-2").then_done();
}

#[test]
fn a_pallet_ships_with_everything_in_it() {
    let mut shop = Shop::open();
    shop.box_in(1, PackStatus::Closed);
    for barcode in ["J1044-BOX-001", "!CLOSE", "J1044-CASE-001", "!CLOSE"] {
        shop.scan(barcode, "PACK-1").by("OP-1").then_done();
    }
    shop.when(ship(pallet(1))).by("OP-1").then_recorded(&[
        "PackShipped",
        "PackShipped",
        "PackShipped",
    ]);
    shop.when(ship(pallet(1))).by("OP-1").then_nothing_new();
    for pack_id in [box_(1), case(1), pallet(1)] {
        assert_eq!(shop.the_pack(pack_id).status, PackStatus::Shipped);
    }
    for command in [reopen(pallet(1)), unpack(set(1)), unnest(box_(1))] {
        shop.when(command).by("OP-2").then_refused("pack_shipped");
    }
}

#[test]
fn packs_nest_in_the_next_kind_of_their_job_only() {
    let mut shop = Shop::open();
    shop.box_in(1, PackStatus::Closed);
    a_second_job(&mut shop);
    shop.given([
        Command::OpenPack { pack_id: pallet(1) },
        Command::OpenPack {
            pack_id: id("J1045-CASE-001"),
        },
        Command::OpenPack { pack_id: case(1) },
    ]);
    let nest = |outer: PackId| Command::NestPack {
        pack_id: box_(1),
        outer_pack_id: Some(outer),
    };
    shop.when(nest(pallet(1)))
        .by("OP-1")
        .then_refused("does_not_nest");
    shop.when(nest(id("J1045-CASE-001")))
        .by("OP-1")
        .then_refused("wrong_job");
    shop.when(nest(case(1))).by("OP-1").then_done();
    shop.when(nest(case(1))).by("OP-1").then_nothing_new();
}

#[test]
fn an_open_box_goes_nowhere() {
    let mut shop = Shop::open();
    shop.box_in(1, PackStatus::Open);
    let outer_pack_id = None;
    shop.when(Command::NestPack {
        pack_id: box_(1),
        outer_pack_id,
    })
    .at("PACK-1")
    .by("OP-1")
    .then_refused("pack_still_open");
    shop.when(ship(box_(1)))
        .by("OP-1")
        .then_refused("pack_still_open");
}

#[test]
fn an_empty_box_is_neither_closed_nor_nested_nor_shipped() {
    let mut shop = Shop::open();
    shop.packs_the_set_of(sheet(1));
    shop.packs_the_set_of(sheet(2));
    shop.given([Command::OpenPack { pack_id: box_(2) }]);
    shop.when(close(box_(2)))
        .by("OP-1")
        .then_refused("pack_empty");
    // A closed box stays closed when its sets are taken out.
    shop.when(unpack(set(1))).by("OP-2").then_done();
    shop.when(unpack(set(2))).by("OP-2").then_done();
    assert_eq!(shop.the_pack(box_(1)).status, PackStatus::Closed);
    shop.scan("J1044-BOX-001", "PACK-1")
        .by("OP-1")
        .then_refused("pack_empty");
    shop.when(ship(box_(1)))
        .by("OP-1")
        .then_refused("pack_empty");
}

#[test]
fn a_set_in_a_box_is_exact() {
    let mut shop = Shop::open();
    shop.packs_the_set_of(sheet(1));
    assert_eq!(statuses(&shop, 1), [CardUnitStatus::Packed; 6]);
    for position in 1..=N_UP {
        assert_eq!(
            shop.the_card(card(1, position)).situation.pack_id,
            Some(box_(1))
        );
    }
}

// Roles.

/// Every command that a plain operator may not say. Whether it could succeed does not matter.
fn supervised() -> Vec<Command> {
    let reason = || "because".to_owned();
    let card_unit_id = card(1, 1);
    vec![
        Command::PublishProduct {
            product_id: id("NEW"),
            product_version: 1,
            spec: Arc::new(plain_product()),
        },
        Command::PlaceOrder {
            order: support::order(),
        },
        Command::CancelOrder {
            order_id: order_id(),
            reason: reason(),
        },
        create_job("J7", None, None),
        Command::RescheduleJob {
            job_id: job(),
            due_date: id("2026-05-01"),
            priority: Priority(1),
        },
        Command::CancelJob {
            job_id: job(),
            reason: reason(),
        },
        Command::CloseJob { job_id: job() },
        Command::AddSheets {
            job_id: job(),
            after: 10,
            count: 1,
            purpose: SheetPurpose::Overs,
        },
        Command::ReplaceVacancies {
            job_id: job(),
            after: 10,
        },
        Command::RegisterMemorabilia {
            piece: jersey("RELIC-X"),
        },
        Command::RegisterStation {
            station_id: id("NEW-1"),
            description: station("press"),
        },
        Command::TakeStationDown {
            station_id: id("FOIL-1"),
            reason: reason(),
        },
        Command::BringStationUp {
            station_id: id("FOIL-1"),
        },
        Command::RegisterOperator {
            operator: operator("OP-1", Role::Admin),
        },
        Command::VoidSheet {
            sheet_id: sheet(1),
            reason: reason(),
        },
        void(card_unit_id),
        replace(card_unit_id, ReplaceWith::Reprint),
        release(Holdable::Job(job())),
        rule("HOLD-1", HoldTarget::Job { job_id: job() }),
        Command::LiftHoldRule {
            hold_id: id("HOLD-1"),
            reason: reason(),
        },
        Command::SignSheetDeviation {
            sheet_id: sheet(1),
            operation_id: id("FOIL"),
            reason: reason(),
        },
        Command::SignCardDeviation {
            card_unit_id,
            operation_id: id("DIE"),
            reason: reason(),
        },
        concede(set(1), &[1]),
        unpack(set(1)),
        reopen(box_(1)),
        unnest(box_(1)),
        undo(1),
    ]
}

#[test]
fn a_plain_operator_says_no_supervised_command() {
    let mut shop = Shop::open();
    for command in supervised() {
        let refusal = shop.when(command.clone()).by("OP-1").outcome();
        assert_eq!(refusal.word(), "not_permitted", "{command:?}");
    }
}

#[test]
fn an_admin_may_say_every_command_and_somebody_else_each() {
    let mut shop = Shop::open();
    for command in supervised() {
        let outcome = shop.clone().when(command.clone()).by("OP-9").outcome();
        assert_ne!(outcome.word(), "not_permitted", "{command:?}");
        if !matches!(command, Command::RegisterOperator { .. }) {
            let allowed = ["OP-2", "OP-3", "OP-4"].map(|operator_id| {
                let outcome = shop.clone().when(command.clone()).by(operator_id).outcome();
                outcome.word() != "not_permitted"
            });
            assert!(allowed.contains(&true), "{command:?}");
        }
    }
    // A planner does not work on the floor, and a lead does not plan.
    shop.when(Command::EnterStationWithSheet { sheet_id: sheet(1) })
        .at("PRESS-1")
        .by("OP-4")
        .then_refused("not_permitted");
    shop.when(Command::CloseJob { job_id: job() })
        .by("OP-2")
        .then_refused("not_permitted");
}

#[test]
fn a_planned_downtime_ends_after_it_begins() {
    let downtime = |from: i64, to: i64| {
        let at = |hour: i64| Timestamp::UNIX_EPOCH + SignedDuration::from_hours(hour);
        let mut description = station("press");
        description.planned_downtime = vec![PlannedDowntime {
            from: at(from),
            to: at(to),
            reason: "new rollers".into(),
        }];
        Command::RegisterStation {
            station_id: id("PRESS-7"),
            description,
        }
    };
    for (from, to) in [(8, 8), (8, 7)] {
        let refused = Shop::open()
            .when(downtime(from, to))
            .by("OP-4")
            .then_refused("out_of_range");
        assert!(refused.to_string().contains("end after it begins"));
    }
    Shop::open().when(downtime(8, 9)).by("OP-4").then_done();
}

#[test]
fn an_operator_without_standing_says_nothing() {
    let mut shop = Shop::open();
    let mut gone = operator("OP-1", Role::Operator);
    gone.active = false;
    shop.given([Command::RegisterOperator { operator: gone }]);
    shop.scan("J1044-S001", "PRESS-1")
        .by("OP-1")
        .then_refused("operator_inactive");
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

// The active set of a bench, where its set is completed without it.

/// Position 6 of sheet 1 is void, the others lie in their set at BENCH-1; cards of sheet 2 are ready.
fn all_but_the_last_at_bench_1() -> Shop {
    let mut shop = Shop::under(&Policies::voiding(VoidPolicy::ReleaseShort));
    shop.cuts(sheet(1));
    shop.cuts(sheet(2));
    for position in 1..N_UP {
        shop.gathers(card(1, position));
    }
    shop.voids(card(1, N_UP));
    shop.passes(card(2, PLAIN));
    shop
}

fn concedes_the_last(shop: &mut Shop) {
    shop.when(Command::SignConcession {
        assembly_id: set(1),
        positions: vec![N_UP],
        reason: "the customer knows".into(),
    })
    .by("OP-2")
    .then_recorded(&["ConcessionSigned", "AssemblyCompleted"]);
}

/// domain.md: the bench has an active set "until the set completes or the operator switches".
#[test]
fn a_bench_does_not_wake_up_when_a_set_that_was_completed_elsewhere_falls_back() {
    let mut shop = all_but_the_last_at_bench_1();
    shop.scan("J1044-S002-01", "BENCH-1")
        .by("OP-1")
        .then_refused("wrong_sheet");
    concedes_the_last(&mut shop);
    shop.voids(card(1, PLAIN));
    assert_eq!(shop.the_set(set(1)).status, AssemblyStatus::Error);
    shop.scan("J1044-S002-01", "BENCH-1")
        .by("OP-1")
        .then_recorded(&["CardScannedForAssembly", "CardUnitAssembled"]);
}

#[test]
fn a_bench_that_a_set_was_completed_without_takes_it_up_by_its_label_or_by_a_card() {
    let removed = Command::RemoveFromAssembly {
        card_unit_id: card(1, PLAIN),
        reason: "a second look".into(),
    };
    for opener in ["J1044-S001-SET", "J1044-S001-01"] {
        let mut shop = all_but_the_last_at_bench_1();
        concedes_the_last(&mut shop);
        shop.given([removed.clone()]);
        if opener.ends_with("01") {
            // Two cards are out: with one of them alone the set would be complete again.
            shop.given([Command::RemoveFromAssembly {
                card_unit_id: card(1, PLAIN + 1),
                reason: "a second look".into(),
            }]);
        }
        shop.scan(opener, "BENCH-1").by("OP-1").then_done();
        shop.scan("J1044-S002-01", "BENCH-1")
            .by("OP-1")
            .then_refused("wrong_sheet");
    }
}

#[test]
fn the_last_card_at_another_bench_frees_the_first_one_for_good() {
    let mut shop = Shop::open();
    shop.cuts(sheet(1));
    shop.cuts(sheet(2));
    for position in 1..N_UP {
        shop.gathers(card(1, position));
    }
    shop.passes(card(1, N_UP));
    shop.scan("J1044-S001-06", "BENCH-2").by("OP-1").then_done();
    assert_eq!(shop.the_set(set(1)).status, AssemblyStatus::Complete);
    shop.given([Command::RemoveFromAssembly {
        card_unit_id: card(1, PLAIN),
        reason: "a second look".into(),
    }]);
    shop.passes(card(2, PLAIN));
    for bench in ["BENCH-1", "BENCH-2"] {
        let mut shop = shop.clone();
        shop.scan("J1044-S002-01", bench)
            .by("OP-1")
            .then_recorded(&["CardScannedForAssembly", "CardUnitAssembled"]);
    }
}
