//! The minimal reprint: which spares cover which vacancies, and how many sheets are lacking.

use super::*;

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
        after: Some(10),
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
        after: Some(11),
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
    let after = Some(9);
    let job_id = job();
    shop.when(Command::ReplaceVacancies { job_id, after })
        .by("OP-4")
        .then_refused("out_of_range");
}
