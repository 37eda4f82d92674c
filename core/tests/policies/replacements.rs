//! Replacements: by a spare, by a reprint, and what does not fit.

use super::*;

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
