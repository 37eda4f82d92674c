//! Sequential numbers: one live card per number of an edition.

use super::*;

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

/// The next card of the edition passes it over, and the replacement gets it.
fn two_is_kept_for(shop: &mut Shop, replacement: CardUnitId) {
    shop.numbers(card(4, 4));
    assert_eq!(shop.number_of(card(4, 4)), 4);
    shop.numbers(replacement);
    assert_eq!(shop.number_of(replacement), 2);
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
    two_is_kept_for(&mut shop, replacement);
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
    two_is_kept_for(&mut shop, replacement);
}

#[test]
fn a_number_stays_kept_when_the_void_of_a_replacement_and_its_printing_are_taken_back() {
    let mut shop = three_numbered(&Policies::numbers_of_voided(
        VoidedNumber::PassToReplacement,
    ));
    shop.voids(card(2, 4));
    let replacement = shop.reprints(card(2, 4));
    let numbered = shop.numbers(replacement)[0].sequence_num;
    let voided = shop.voids(replacement)[0].sequence_num;
    shop.when(undo(voided)).by("OP-2").then_done();
    shop.when(undo(numbered)).by("OP-2").then_done();
    two_is_kept_for(&mut shop, replacement);
}

#[test]
fn a_replacement_takes_the_number_that_is_kept_for_it_and_no_other() {
    let mut shop = three_numbered(&Policies::numbers_of_voided(
        VoidedNumber::PassToReplacement,
    ));
    shop.voids(card(2, 4));
    let replacement = shop.reprints(card(2, 4));
    let refusal = shop
        .when(number(replacement, Some(50)))
        .by("OP-1")
        .then_refused("number_not_free");
    assert_eq!(
        refusal.to_string(),
        "Number 50 of position 4 of J1044 cannot be given: 2 is kept for this card."
    );
    shop.when(number(replacement, Some(2)))
        .by("OP-1")
        .then_done();
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
