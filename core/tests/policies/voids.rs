//! What a void does to its set, under each of the three policies.

use super::*;

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

#[test]
fn in_a_cancelled_job_nobody_signs_a_concession() {
    let mut shop = Shop::under(&Policies::voiding(VoidPolicy::ReleaseShort));
    shop.card_in(card(1, 1), CardUnitStatus::Voided);
    shop.given([Command::CancelJob {
        job_id: job(),
        reason: "the customer left".into(),
    }]);
    shop.when(concede(set(1), &[1]))
        .by("OP-2")
        .then_refused("job_cancelled");
}

#[test]
fn a_void_that_was_replaced_names_its_own_replacement_when_it_is_to_be_undone() {
    let mut shop = Shop::open();
    shop.card_in(card(1, 1), CardUnitStatus::Voided);
    let voided = shop
        .log()
        .iter()
        .rfind(|r| r.event.event_type() == "CardUnitVoided");
    let voided = voided.expect("the void").sequence_num;
    let replaced_by = |shop: &mut Shop, position| {
        let events = shop.when(replace(card(1, position), ReplaceWith::Reprint));
        let events = events.by("OP-2").then_done();
        let replaced = events
            .iter()
            .find(|r| r.event.event_type() == "AssemblyMemberReplaced");
        replaced.expect("a replacement").sequence_num
    };
    let own = replaced_by(&mut shop, 1);
    shop.card_in(card(1, 2), CardUnitStatus::Voided);
    replaced_by(&mut shop, 2);
    let refusal = shop
        .when(undo(voided))
        .by("OP-2")
        .then_refused("something_depends_on_it");
    let said = refusal.to_string();
    assert!(said.contains(&format!("event {own})")), "{said}");
}
