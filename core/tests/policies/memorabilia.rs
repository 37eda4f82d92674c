//! Memorabilia: the piece and the card agree.

use super::*;

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

#[test]
fn the_pieces_of_a_cancelled_job_go_into_the_cards_of_another() {
    let mut shop = Shop::open();
    let mut planned = jersey("RELIC-P");
    planned.planned_for = Some(card(2, RELIC));
    shop.given([Command::RegisterMemorabilia { piece: planned }]);
    shop.cuts(sheet(1));
    shop.places("RELIC-00001", card(1, RELIC));
    shop.given([
        Command::CancelJob {
            job_id: job(),
            reason: "the wrong paper".into(),
        },
        create_job("J1045", None, Some(0)),
    ]);
    let sheets: [SheetId; 2] = [id("J1045-S001"), id("J1045-S002")];
    let [first, second] = sheets.map(|sheet| sheet.card_unit(RELIC).expect("a position"));
    for sheet in sheets {
        shop.cuts(sheet);
    }
    // It sits in the old card until that is scrapped.
    shop.when(place("RELIC-00001", first))
        .by("OP-1")
        .then_refused("piece_not_free");
    shop.voids(card(1, RELIC));
    shop.places("RELIC-00001", first);
    // What was only planned there waits for nobody.
    shop.places("RELIC-P", second);
}
