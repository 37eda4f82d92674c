//! Corrections: what was decided by mistake is taken back by further events, exactly, as long as nothing
//! rests on it; history stays.

mod support;

use sheetwise_core::domain::assembly::{Assembly, AssemblyStatus};
use sheetwise_core::domain::card_unit::{CardUnit, CardUnitEvent, CardUnitStatus};
use sheetwise_core::domain::command::{Holdable, ReplaceWith};
use sheetwise_core::domain::memorabilia::PieceStatus;
use sheetwise_core::domain::pack::PackStatus;
use sheetwise_core::domain::product::{VoidPolicy, VoidedMemorabilia, VoidedNumber};
use sheetwise_core::domain::sheet::{Sheet, SheetStatus};
use sheetwise_core::domain::{Command, Event, Recorded, UnitRef};
use sheetwise_core::identity::{CardUnitId, SheetId};
use sheetwise_core::production::JobRegister;
use support::*;

/// Everything of a sheet, its cards, its set, the pieces and the numbers that a correction has to put
/// back. Visits stay: the thing was there.
#[derive(Debug, PartialEq)]
struct Picture {
    sheet: Sheet,
    cards: Vec<CardUnit>,
    set: Option<Assembly>,
    pieces: Vec<PieceStatus>,
    open: JobRegister,
}

fn picture(shop: &Shop, number: u32) -> Picture {
    let sheet_id: SheetId = sheet(number);
    let mut sheet = shop.the_sheet(sheet_id);
    sheet.visits.clear();
    let mut cards: Vec<CardUnit> = shop
        .floor()
        .all_card_units()
        .filter(|card| card.card_unit_id.sheet() == sheet_id)
        .cloned()
        .collect();
    cards.sort_by_key(|card| card.card_unit_id);
    for card in &mut cards {
        card.visits.clear();
    }
    let pieces = (1..=12).map(|number| format!("RELIC-{number:05}"));
    Picture {
        sheet,
        cards,
        set: shop
            .floor()
            .assembly(&sheet_id.assembly())
            .expect("a whole floor")
            .map(|set| Assembly {
                completed_sequence_num: None, // that it once was complete stays, like a visit
                ..set.clone()
            }),
        pieces: pieces.map(|piece| shop.the_piece(&piece).status).collect(),
        open: shop.floor().register(job()).expect("a whole floor").clone(),
    }
}

/// Does it to the first sheet or its cards, takes it back by each of its events in turn (each time in a
/// shop of its own), and finds everything as it was; taken back again, nothing changes.
#[track_caller]
fn is_taken_back_exactly(shop: &Shop, does: impl Fn(&mut Shop) -> Vec<Recorded>) {
    let before = picture(shop, 1);
    let mut tried = shop.clone();
    let decided = does(&mut tried);
    assert_ne!(picture(&tried, 1), before, "it does something");
    for event in &decided {
        let mut shop = tried.clone();
        let history = shop.log().to_vec();
        shop.when(undo(event.sequence_num)).by("OP-2").then_done();
        assert_eq!(
            picture(&shop, 1),
            before,
            "by its {}",
            event.event.event_type()
        );
        assert_eq!(shop.log()[..history.len()], history, "history stays");
        for event in &decided {
            shop.when(undo(event.sequence_num))
                .by("OP-2")
                .then_nothing_new();
        }
        // And it can be done anew, and taken back anew.
        let again = does(&mut shop);
        shop.when(undo(event.sequence_num))
            .by("OP-2")
            .then_nothing_new();
        shop.when(undo(again[0].sequence_num))
            .by("OP-2")
            .then_done();
        assert_eq!(picture(&shop, 1), before, "done anew");
    }
}

fn after<T>(prepare: impl FnOnce(&mut Shop) -> T) -> Shop {
    after_under(&Policies::default(), prepare)
}

fn after_under<T>(policies: &Policies, prepare: impl FnOnce(&mut Shop) -> T) -> Shop {
    let mut shop = Shop::under(policies);
    prepare(&mut shop);
    shop
}

#[test]
fn what_was_done_to_a_sheet_is_taken_back_exactly() {
    let sheet_id = sheet(1);
    // (The job has started, and stays so.)
    let started = after(|shop| shop.prints(sheet(2)));
    let printed = after(|shop| shop.prints(sheet_id));
    let foiled = after(|shop| {
        shop.prints(sheet_id);
        shop.foils(sheet_id)
    });
    is_taken_back_exactly(&started, |shop| shop.prints(sheet_id));
    is_taken_back_exactly(&printed, |shop| shop.foils(sheet_id));
    is_taken_back_exactly(&printed, |shop| shop.completes_the_sheet(sheet_id));
    is_taken_back_exactly(&foiled, |shop| shop.sheet_enters(sheet_id, "FOIL-2"));
    is_taken_back_exactly(&foiled, |shop| shop.completes_the_sheet(sheet_id));
    for shop in [&started, &printed, &foiled] {
        is_taken_back_exactly(shop, |shop| {
            let reason = "misprinted".into();
            shop.when(Command::VoidSheet { sheet_id, reason })
                .by("OP-2")
                .then_recorded(&["SheetVoided"])
        });
    }
}

#[test]
fn a_defect_that_was_none_is_withdrawn_and_its_card_is_not_held() {
    let mut shop = Shop::open();
    let saw = |failure_code, position| Command::RecordSheetDefect {
        sheet_id: sheet(1),
        position,
        defect: defect(failure_code),
    };
    is_taken_back_exactly(&shop, |shop| {
        shop.when(saw("F-201", PLAIN))
            .at("PRESS-1")
            .then_recorded(&["SheetDefectRecorded"])
    });
    // One of two, at one position, and the one at the other position stay.
    let seen = shop.when(saw("F-201", PLAIN)).then_done();
    shop.given([saw("F-202", PLAIN), saw("F-201", 2)]);
    shop.when(undo(seen[0].sequence_num))
        .by("OP-2")
        .then_recorded(&["SheetDefectWithdrawn"]);
    let sheet_now = shop.the_sheet(sheet(1));
    assert_eq!(sheet_now.defects[&PLAIN], [defect("F-202")]);
    assert_eq!(sheet_now.defects[&2], [defect("F-201")]);
    let last = shop.last_event();
    shop.when(undo(seen[0].sequence_num))
        .by("OP-2")
        .then_nothing_new();
    assert_eq!(shop.last_event(), last);
    shop.cuts(sheet(1));
    assert!(shop.the_card(card(1, PLAIN)).held.is_some());
    assert!(shop.the_card(card(1, 2)).held.is_some());
    assert!(shop.the_card(card(1, 3)).held.is_none());
}

#[test]
fn a_defect_that_travelled_to_its_card_is_no_longer_withdrawn() {
    let mut shop = Shop::open();
    let seen = shop
        .when(Command::RecordSheetDefect {
            sheet_id: sheet(1),
            position: PLAIN,
            defect: defect("F-201"),
        })
        .then_done();
    shop.cuts(sheet(1));
    shop.when(undo(seen[0].sequence_num))
        .by("OP-2")
        .then_refused("already_cut");
}

#[test]
fn a_withdrawal_said_again_does_not_withdraw_what_was_seen_anew() {
    let mut shop = Shop::open();
    let saw = || Command::RecordSheetDefect {
        sheet_id: sheet(1),
        position: PLAIN,
        defect: defect("F-201"),
    };
    let seen = shop.when(saw()).then_done()[0].sequence_num;
    shop.when(undo(seen)).by("OP-2").then_done();
    let seen_anew = shop.when(saw()).then_done()[0].sequence_num;
    shop.when(undo(seen)).by("OP-2").then_nothing_new();
    shop.when(undo(seen_anew)).by("OP-2").then_done();
    shop.when(undo(seen_anew)).by("OP-2").then_nothing_new();
}

#[test]
fn what_was_done_to_a_card_is_taken_back_exactly() {
    let plain = card(1, PLAIN);
    let numbered = card(1, SERIALIZED[0]);
    let relic = card(1, RELIC);
    let cut = after(|shop| shop.cuts(sheet(1)));
    let made = after(|shop| {
        shop.cuts(sheet(1));
        for card_unit_id in [plain, numbered, relic] {
            shop.dies(card_unit_id);
        }
    });
    let at_qa = after(|shop| {
        shop.cuts(sheet(1));
        shop.brings_to_qa(plain)
    });
    let passed = after(|shop| shop.card_in(plain, CardUnitStatus::QaPassed));
    let failed = after(|shop| shop.card_in(plain, CardUnitStatus::QaFailed));
    let done = |shop: &mut Shop, command: Command, station: &str| {
        shop.when(command).at(station).by("OP-1").then_done()
    };
    let number = || Command::ApplySequentialNumber {
        card_unit_id: numbered,
        number: Some(7),
    };
    let place = || Command::PlaceMemorabilia {
        card_unit_id: relic,
        piece_id: id("RELIC-00003"),
    };
    let emboss = || Command::ApplyEmbellishment {
        card_unit_id: plain,
        operation_id: id("DIE"),
    };
    let complete = || Command::CompleteCardOperation {
        card_unit_id: plain,
    };

    is_taken_back_exactly(&cut, |shop| shop.dies(plain));
    is_taken_back_exactly(&cut, |shop| shop.numbers(numbered));
    is_taken_back_exactly(&cut, |shop| shop.card_enters(relic, "RELIC-1"));
    is_taken_back_exactly(&cut, |shop| done(shop, emboss(), "DIE-1"));
    is_taken_back_exactly(&made, |shop| done(shop, complete(), "DIE-1"));
    // These end the work that ran, in the same decision.
    is_taken_back_exactly(&made, |shop| shop.numbers(numbered));
    is_taken_back_exactly(&made, |shop| done(shop, number(), "NUM-1"));
    is_taken_back_exactly(&made, |shop| done(shop, place(), "RELIC-1"));
    is_taken_back_exactly(&made, |shop| shop.card_enters(plain, "QA-1"));
    // Verdicts: on a card that was scanned in, and with the scan at once.
    is_taken_back_exactly(&at_qa, |shop| done(shop, passes(plain), "QA-1"));
    is_taken_back_exactly(&at_qa, |shop| done(shop, fails(plain, "F-201"), "QA-1"));
    is_taken_back_exactly(&at_qa, |shop| shop.card_enters(plain, "QA-2"));
    is_taken_back_exactly(&made, |shop| done(shop, passes(plain), "QA-1"));
    is_taken_back_exactly(&passed, |shop| done(shop, fails(plain, "F-201"), "QA-2"));
    is_taken_back_exactly(&passed, |shop| shop.card_enters(plain, "QA-2"));
    // Rework, and its count.
    is_taken_back_exactly(&failed, |shop| shop.dies(plain));
    is_taken_back_exactly(&failed, |shop| done(shop, passes(plain), "QA-2"));
    is_taken_back_exactly(&passed, |shop| shop.gathers(plain));
}

#[test]
fn a_rework_that_was_taken_back_does_not_count() {
    let plain = card(1, PLAIN);
    let mut shop = after(|shop| shop.card_in(plain, CardUnitStatus::QaFailed));
    for _ in 0..5 {
        let reworked = shop.dies(plain);
        assert_eq!(shop.the_card(plain).situation.rework_count, 1);
        shop.when(undo(reworked[0].sequence_num))
            .by("OP-2")
            .then_done();
        assert_eq!(shop.the_card(plain).situation.rework_count, 0);
    }
}

#[test]
fn a_gathered_card_leaves_its_set_again_and_the_set_falls_back() {
    let last = card(1, RELIC);
    let all_but_last = after(|shop| {
        shop.gathers_the_set_of(sheet(1));
        shop.given([Command::RemoveFromAssembly {
            card_unit_id: last,
            reason: "a second look".into(),
        }]);
    });
    // The set was complete by it.
    is_taken_back_exactly(&all_but_last, |shop| {
        let recorded = shop.gathers(last);
        assert_eq!(shop.the_set(set(1)).status, AssemblyStatus::Complete);
        recorded
    });
}

#[test]
fn a_card_that_was_voided_lives_again_under_each_policy_that_waits() {
    for void_policy in [VoidPolicy::HoldForReplacement, VoidPolicy::ReleaseShort] {
        for memorabilia_of_voided in [VoidedMemorabilia::Freed, VoidedMemorabilia::Destroyed] {
            for number_of_voided in [
                VoidedNumber::BackToPool,
                VoidedNumber::Burned,
                VoidedNumber::PassToReplacement,
            ] {
                if (void_policy, number_of_voided)
                    == (VoidPolicy::ReleaseShort, VoidedNumber::PassToReplacement)
                {
                    continue; // no such product is published
                }
                let mut policies = Policies::numbers_of_voided(number_of_voided);
                policies.void_policy = void_policy;
                policies.memorabilia_of_voided = memorabilia_of_voided;
                for position in [PLAIN, SERIALIZED[0], RELIC] {
                    let card_unit_id = card(1, position);
                    for status in [
                        CardUnitStatus::Created,
                        CardUnitStatus::InProgress,
                        CardUnitStatus::QaPassed,
                        CardUnitStatus::QaFailed,
                        CardUnitStatus::Assembled,
                    ] {
                        let shop = after_under(&policies, |shop| {
                            shop.card_in(card_unit_id, status);
                        });
                        is_taken_back_exactly(&shop, |shop| shop.voids(card_unit_id));
                    }
                    // The last one to lie in a complete set.
                    let complete = after_under(&policies, |shop| {
                        shop.gathers_the_set_of(sheet(1));
                    });
                    is_taken_back_exactly(&complete, |shop| shop.voids(card_unit_id));
                }
            }
        }
    }
}

#[test]
fn a_voided_spare_lives_again() {
    let spare = card(RUN_SHEETS + 1, PLAIN);
    let mut shop = after(|shop| shop.a_spare(PLAIN));
    let before = picture(&shop, RUN_SHEETS + 1);
    let voided = shop.voids(spare);
    shop.when(undo(voided[0].sequence_num))
        .by("OP-2")
        .then_done();
    assert_eq!(picture(&shop, RUN_SHEETS + 1), before);
}

#[test]
fn a_scrapped_set_stays_scrapped() {
    let mut shop = Shop::under(&Policies::voiding(VoidPolicy::ScrapSet));
    shop.gathers_the_set_of(sheet(1));
    for event in shop.voids(card(1, PLAIN)) {
        shop.when(undo(event.sequence_num))
            .by("OP-2")
            .then_refused("cannot_be_undone");
    }
}

#[test]
fn a_packed_set_comes_out_of_its_box_and_the_box_is_open_again_if_it_closed_by_it() {
    let pack = || Command::PackSet {
        assembly_id: set(2),
        pack_id: None,
    };
    let mut shop = after(|shop| {
        shop.packs_the_set_of(sheet(1));
        shop.gathers_the_set_of(sheet(2))
    });
    let box_before = shop.the_pack(box_(1));
    let before = picture(&shop, 2);
    let packed = shop.when(pack()).at("PACK-1").by("OP-1").then_done();
    assert_eq!(shop.the_pack(box_(1)).status, PackStatus::Closed);
    for event in &packed {
        let mut shop = shop.clone();
        shop.when(undo(event.sequence_num))
            .at("PACK-1")
            .by("OP-2")
            .then_done();
        assert_eq!(shop.the_pack(box_(1)), box_before);
        let mut now = picture(&shop, 2);
        for card in &mut now.cards {
            // It is where the box stood; everything else is as before.
            let at = card.situation.current_station_id.replace(id("BENCH-1"));
            assert_eq!(at, Some(id("PACK-1")));
        }
        assert_eq!(now, before);
        for event in &packed {
            shop.when(undo(event.sequence_num))
                .by("OP-2")
                .then_nothing_new();
        }
        // Packed anew, the old decision is none of its business.
        shop.when(pack()).at("PACK-1").by("OP-1").then_done();
        shop.when(undo(event.sequence_num))
            .by("OP-2")
            .then_nothing_new();
    }
}

#[test]
fn a_set_does_not_come_out_of_a_box_that_stands_in_a_case_or_is_gone() {
    let nested = |shop: &mut Shop| {
        shop.packs_the_set_of(sheet(1));
        let packed = shop.packs_the_set_of(sheet(2));
        shop.when(Command::NestPack {
            pack_id: box_(1),
            outer_pack_id: None,
        })
        .at("PACK-1")
        .then_done();
        packed[0].sequence_num
    };
    let mut shop = Shop::open();
    let packed = nested(&mut shop);
    shop.when(undo(packed))
        .by("OP-2")
        .then_refused("pack_inside");
    // The box opened its case: what takes it out of there is said, and not that the case was opened.
    let refusal = shop
        .scan("!UNDO", "PACK-1")
        .by("OP-1")
        .then_refused("cannot_be_undone");
    assert!(
        refusal
            .to_string()
            .ends_with("have the pack taken out instead."),
        "{refusal}"
    );
    shop.given([
        Command::ClosePack { pack_id: case(1) },
        Command::ShipPack { pack_id: case(1) },
    ]);
    shop.when(undo(packed))
        .by("OP-2")
        .then_refused("pack_shipped");
}

/// The units that a test names, as the refusal says it.
#[track_caller]
fn is_refused_for(shop: &mut Shop, event: u64, unit: &UnitRef, because_of: &str) {
    let refusal = shop
        .when(undo(event))
        .by("OP-2")
        .then_refused("something_depends_on_it");
    let text = refusal.to_string();
    assert!(text.contains(&unit.to_string()), "{text}");
    assert!(text.contains(because_of), "{text}");
}

#[test]
fn nothing_is_taken_back_under_a_later_scan() {
    let mut shop = Shop::open();
    let printed = shop.prints(sheet(1))[0].sequence_num;
    shop.foils(sheet(1));
    is_refused_for(
        &mut shop,
        printed,
        &UnitRef::Sheet(sheet(1)),
        "SheetEnteredStation",
    );
    let foiled = shop.last_event();
    shop.cuts(sheet(1));
    is_refused_for(
        &mut shop,
        foiled,
        &UnitRef::Sheet(sheet(1)),
        "SheetOperationCompleted",
    );
    let plain = card(1, PLAIN);
    let died = shop.dies(plain)[0].sequence_num;
    shop.brings_to_qa(plain);
    is_refused_for(
        &mut shop,
        died,
        &UnitRef::CardUnit(plain),
        "CardUnitEnteredStation",
    );
}

#[test]
fn steps_are_taken_back_one_by_one_from_the_last() {
    let plain = card(1, PLAIN);
    let mut shop = after(|shop| shop.cuts(sheet(1)));
    let mut steps = vec![(picture(&shop, 1), shop.dies(plain)[0].sequence_num)];
    steps.push((
        picture(&shop, 1),
        shop.card_enters(plain, "QA-1")[0].sequence_num,
    ));
    let before_the_verdict = picture(&shop, 1);
    shop.given([passes(plain)]);
    steps.push((before_the_verdict, shop.last_event()));
    steps.push((picture(&shop, 1), shop.gathers(plain)[0].sequence_num));
    for index in (0..steps.len()).rev() {
        for (_, earlier) in &steps[..index] {
            shop.when(undo(*earlier))
                .by("OP-2")
                .then_refused("something_depends_on_it");
        }
        shop.when(undo(steps[index].1)).by("OP-2").then_done();
        assert_eq!(picture(&shop, 1), steps[index].0, "step {index}");
    }
}

#[test]
fn a_verdict_stays_while_its_card_is_gathered_and_a_gathering_while_it_is_packed() {
    let plain = card(1, PLAIN);
    let mut shop = Shop::open();
    shop.cuts(sheet(1));
    let verdict = shop.passes(plain)[0].sequence_num;
    let gathered = shop.gathers(plain)[0].sequence_num;
    let unit = UnitRef::CardUnit(plain);
    is_refused_for(&mut shop, verdict, &unit, "CardUnitAssembled");
    shop.packs_the_set_of(sheet(1));
    is_refused_for(&mut shop, verdict, &unit, "CardUnitAssembled");
    is_refused_for(&mut shop, gathered, &unit, "CardUnitPacked");
}

#[test]
fn a_void_stays_once_the_card_is_replaced_or_conceded() {
    let plain = card(1, PLAIN);
    let unit = UnitRef::Assembly(set(1));
    let mut shop = after(|shop| shop.cuts(sheet(1)));
    let voided = shop.voids(plain)[0].sequence_num;
    shop.reprints(plain);
    is_refused_for(&mut shop, voided, &unit, "AssemblyMemberReplaced");

    let mut short = Shop::under(&Policies::voiding(VoidPolicy::ReleaseShort));
    short.gathers_the_set_of(sheet(1));
    let voided = short.voids(plain)[0].sequence_num;
    short.given([Command::SignConcession {
        assembly_id: set(1),
        positions: vec![PLAIN],
        reason: "the customer takes it short".into(),
    }]);
    is_refused_for(&mut short, voided, &unit, "ConcessionSigned");
    short.packs_the_set_of(sheet(1));
    short
        .when(undo(voided))
        .by("OP-2")
        .then_refused("already_packed");
}

#[test]
fn a_void_of_a_replacement_is_taken_back_too_and_the_chain_stays() {
    let plain = card(1, PLAIN);
    let mut shop = after(|shop| shop.card_in(plain, CardUnitStatus::Voided));
    let first = shop.reprints(plain);
    let before = picture(&shop, 1);
    let voided = shop.voids(first)[0].sequence_num;
    shop.when(undo(voided)).by("OP-2").then_done();
    assert_eq!(picture(&shop, 1), before);
    shop.voids(first);
    let second = shop.reprints(first);
    shop.when(undo(voided)).by("OP-2").then_nothing_new();
    assert_eq!(shop.the_card(second).replaces, Some(first));
}

#[test]
fn a_void_stays_once_the_number_is_given_away() {
    let (first, second) = (card(1, SERIALIZED[0]), card(2, SERIALIZED[0]));
    let mut shop = Shop::open();
    shop.cuts(sheet(1));
    shop.cuts(sheet(2));
    shop.numbers(first);
    let number = shop.number_of(first);
    let voided = shop.voids(first)[0].sequence_num;
    let given = shop.numbers(second)[0].sequence_num;
    assert_eq!(shop.number_of(second), number, "the lowest free number");
    shop.when(undo(voided))
        .by("OP-2")
        .then_refused("number_not_free");
    // Not given after all: then it is the first one's again.
    shop.when(undo(given)).by("OP-2").then_done();
    shop.when(undo(voided)).by("OP-2").then_done();
    assert_eq!(shop.number_of(first), number);
    shop.numbers(second);
    assert_ne!(shop.number_of(second), number);
}

#[test]
fn a_number_kept_for_the_replacement_stays_kept_when_its_printing_is_taken_back() {
    let policies = Policies::numbers_of_voided(VoidedNumber::PassToReplacement);
    let (original, other) = (card(1, SERIALIZED[0]), card(2, SERIALIZED[0]));
    let mut shop = Shop::under(&policies);
    shop.cuts(sheet(1));
    shop.cuts(sheet(2));
    shop.numbers(original);
    let number = shop.number_of(original);
    shop.voids(original);
    let replacement = shop.reprints(original);
    let printed = shop.numbers(replacement)[0].sequence_num;
    assert_eq!(shop.number_of(replacement), number);
    shop.when(undo(printed)).by("OP-2").then_done();
    shop.numbers(other);
    assert_ne!(
        shop.number_of(other),
        number,
        "it is still kept for the replacement"
    );
    shop.numbers(replacement);
    assert_eq!(shop.number_of(replacement), number);
    // And so it goes on along the chain.
    shop.voids(replacement);
    let next = shop.reprints(replacement);
    shop.numbers(next);
    assert_eq!(shop.number_of(next), number);
}

#[test]
fn a_void_stays_once_the_piece_is_placed_elsewhere() {
    let (first, second) = (card(1, RELIC), card(2, RELIC));
    let mut shop = Shop::open();
    shop.cuts(sheet(1));
    shop.cuts(sheet(2));
    shop.places("RELIC-00001", first);
    let voided = shop.voids(first)[0].sequence_num;
    let placed = shop.places("RELIC-00001", second)[0].sequence_num;
    shop.when(undo(voided))
        .by("OP-2")
        .then_refused("piece_not_free");
    shop.when(undo(placed)).by("OP-2").then_done();
    shop.when(undo(voided)).by("OP-2").then_done();
    assert_eq!(
        shop.the_piece("RELIC-00001").status,
        PieceStatus::Placed(first)
    );
    shop.when(Command::PlaceMemorabilia {
        card_unit_id: second,
        piece_id: id("RELIC-00001"),
    })
    .then_refused("piece_not_free");
}

#[test]
fn a_piece_that_was_lost_with_another_card_does_not_come_back_with_the_first() {
    // Two products share the pieces: what the one frees of its voided cards, the other destroys.
    let mut shop = Shop::open();
    let destroying = product(&Policies {
        memorabilia_of_voided: VoidedMemorabilia::Destroyed,
        ..Policies::default()
    });
    let mut other_order = order();
    other_order.order_id = id("PO-10045");
    other_order.product_id = id("OTHER-2026");
    shop.given([
        Command::PublishProduct {
            product_id: id("OTHER-2026"),
            product_version: 1,
            spec: destroying.into(),
        },
        Command::PlaceOrder { order: other_order },
        Command::CreateJob {
            job_id: id("J1045"),
            order_id: id("PO-10045"),
            quantity: None,
            product_version: None,
            due_date: None,
            priority: None,
            overs: None,
        },
    ]);
    let (first, second) = (card(1, RELIC), id::<CardUnitId>("J1045-S001-06"));
    shop.cuts(first.sheet());
    shop.cuts(second.sheet());
    shop.places("RELIC-00001", first);
    let voided = shop.voids(first)[0].sequence_num;
    shop.places("RELIC-00001", second);
    let lost = shop.voids(second)[0].sequence_num;
    assert_eq!(shop.the_piece("RELIC-00001").status, PieceStatus::Destroyed);
    shop.when(undo(voided))
        .by("OP-2")
        .then_refused("piece_not_free");
    assert_eq!(shop.the_piece("RELIC-00001").status, PieceStatus::Destroyed);
    // The card that it was lost with gets it back.
    shop.when(undo(lost)).by("OP-2").then_done();
    assert_eq!(
        shop.the_piece("RELIC-00001").status,
        PieceStatus::Placed(second)
    );
}

#[test]
fn undo_at_a_station_takes_back_the_last_scan_there_and_only_that() {
    let mut shop = Shop::open();
    let created = shop.the_sheet(sheet(2));
    shop.scan("J1044-S001", "PRESS-1").by("OP-1").then_done();
    shop.scan("J1044-S002", "PRESS-1").by("OP-1").then_done();
    shop.scan("!UNDO", "PRESS-1")
        .by("OP-1")
        .then_recorded(&["SheetCorrected"]);
    assert_eq!(shop.the_sheet(sheet(2)).situation, created.situation);
    assert_eq!(shop.status_of_sheet(sheet(1)), SheetStatus::InProgress);
    shop.scan("!UNDO", "PRESS-1")
        .by("OP-1")
        .then_refused("nothing_to_undo");
    assert_eq!(shop.status_of_sheet(sheet(1)), SheetStatus::InProgress);
    // What happens at another station is none of its business.
    shop.scan("J1044-S001", "FOIL-1").by("OP-1").then_done();
    shop.scan("!UNDO", "FOIL-2")
        .by("OP-1")
        .then_refused("nothing_to_undo");
    shop.scan("!UNDO", "PRESS-1")
        .by("OP-1")
        .then_refused("nothing_to_undo");
    shop.scan("!UNDO", "FOIL-1")
        .by("OP-1")
        .then_recorded(&["SheetCorrected"]);
}

/// Taking up is no work. What `!UNDO` takes back is the work on what is in hand, never that on what was.
#[test]
fn undo_after_something_was_taken_in_hand_again_is_about_that() {
    let mut shop = Shop::open();
    let (first, second) = (card(1, PLAIN), card(1, PLAIN + 1));
    shop.cuts(sheet(1));
    shop.dies(first);
    let before = shop.the_card(first).situation;
    shop.brings_to_qa(first);
    shop.brings_to_qa(second);
    let waiting = shop.the_card(second).situation;
    // The verdict on it, as ever.
    shop.scan("J1044-S001-01", "QA-1").by("OP-1").then_done();
    shop.scan("!PASS", "QA-1").by("OP-1").then_done();
    shop.scan("!UNDO", "QA-1")
        .by("OP-1")
        .then_recorded(&["CardUnitCorrected"]);
    assert_eq!(
        shop.status_of_card(first),
        CardUnitStatus::InProgress,
        "the verdict is taken back"
    );
    // Nothing since: then how it came here.
    shop.scan("J1044-S001-02", "QA-1").by("OP-1").then_done();
    shop.scan("J1044-S001-01", "QA-1")
        .by("OP-1")
        .then_recorded(&["UnitTakenInHand"]);
    shop.scan("!UNDO", "QA-1")
        .by("OP-1")
        .then_recorded(&["CardUnitCorrected"]);
    assert_eq!(shop.the_card(first).situation, before);
    assert_eq!(shop.the_card(second).situation, waiting);
    shop.scan("!UNDO", "QA-1")
        .by("OP-1")
        .then_refused("nothing_to_undo");
    shop.scan("!PASS", "QA-1")
        .by("OP-1")
        .then_refused("nothing_in_hand");
    assert_eq!(shop.the_card(second).situation, waiting);
}

#[test]
fn undo_after_a_sheet_was_taken_in_hand_again_is_about_that_sheet() {
    let mut shop = Shop::open();
    let created = shop.the_sheet(sheet(1));
    shop.scan("J1044-S001", "PRESS-1").by("OP-1").then_done();
    shop.scan("J1044-S002", "PRESS-1").by("OP-1").then_done();
    shop.scan("J1044-S001", "PRESS-1").by("OP-1").then_done();
    shop.scan("!UNDO", "PRESS-1")
        .by("OP-1")
        .then_recorded(&["SheetCorrected"]);
    assert_eq!(shop.the_sheet(sheet(1)).situation, created.situation);
    assert_eq!(shop.status_of_sheet(sheet(2)), SheetStatus::InProgress);
}

#[test]
fn taking_in_hand_is_not_undone_by_its_number() {
    let mut shop = Shop::open();
    shop.cuts(sheet(1));
    shop.brings_to_qa(card(1, 1));
    shop.brings_to_qa(card(1, 2));
    let taken = shop.scan("J1044-S001-01", "QA-1").by("OP-1").then_done();
    let refusal = shop
        .when(undo(taken[0].sequence_num))
        .by("OP-2")
        .then_refused("cannot_be_undone");
    let advice = "scan what the station is to go on with";
    assert!(refusal.to_string().contains(advice), "{refusal}");
}

#[test]
fn undo_at_a_station_does_not_reach_under_what_happened_elsewhere_since() {
    let mut shop = Shop::open();
    shop.scan("J1044-S001", "PRESS-1").then_done();
    shop.scan("J1044-S001", "FOIL-1").then_done();
    shop.scan("!UNDO", "PRESS-1")
        .then_refused("something_depends_on_it");
}

#[test]
fn undo_takes_back_a_verdict_a_gathering_and_a_packing_where_they_were_scanned() {
    let mut shop = Shop::open();
    let plain = card(1, PLAIN);
    shop.cuts(sheet(1));
    shop.passes(plain);
    shop.scan("!UNDO", "QA-1")
        .by("OP-1")
        .then_recorded(&["CardUnitCorrected"]);
    assert_eq!(shop.status_of_card(plain), CardUnitStatus::InProgress);
    shop.scan("!PASS", "QA-1")
        .by("OP-1")
        .then_recorded(&["QAResultRecorded"]);
    shop.scan("J1044-S001-01", "BENCH-1").by("OP-1").then_done();
    shop.scan("!UNDO", "BENCH-1").by("OP-1").then_recorded(&[
        "BenchSwitched",
        "CardRemovedFromAssembly",
        "CardUnitCorrected",
    ]);
    assert_eq!(shop.the_set(set(1)).status, AssemblyStatus::Pending);
    shop.packs_the_set_of(sheet(1));
    let mut unpacked = vec!["SetUnpacked"];
    unpacked.extend(["CardUnitUnpacked"; N_UP as usize]);
    unpacked.push("SetRemovedFromPack");
    shop.scan("!UNDO", "PACK-1")
        .by("OP-1")
        .then_recorded(&unpacked);
    assert_eq!(shop.the_set(set(1)).status, AssemblyStatus::Complete);
    let outcome = shop.scan("!UNDO", "PACK-1").by("OP-1").outcome();
    assert!(
        !outcome.is_accepted(),
        "nothing more is taken back: {outcome:?}"
    );
}

#[test]
fn what_was_taken_back_a_moment_ago_is_no_repeat_when_it_is_scanned_again() {
    let mut shop = Shop::open();
    shop.each_command_takes_seconds(1);
    shop.scan("J1044-S001", "PRESS-1").then_done();
    shop.scan("!UNDO", "PRESS-1").then_done();
    shop.scan("J1044-S001", "PRESS-1")
        .then_recorded(&["SheetEnteredStation"]);
    shop.foils(sheet(1));
    shop.cuts(sheet(1));
    shop.passes(card(1, PLAIN));
    shop.scan("J1044-S001-01", "BENCH-1").then_done();
    shop.scan("!UNDO", "BENCH-1").then_done();
    let gathered = ["CardScannedForAssembly", "CardUnitAssembled"];
    shop.scan("J1044-S001-01", "BENCH-1")
        .then_recorded(&gathered);
    // The same goes for a card that was taken out, and a set that was unpacked, right here.
    let taken_out = Command::RemoveFromAssembly {
        card_unit_id: card(1, PLAIN),
        reason: "a second look".into(),
    };
    shop.when(taken_out).at("BENCH-1").then_done();
    shop.scan("J1044-S001-01", "BENCH-1")
        .then_recorded(&gathered);
    shop.gathers_the_set_of(sheet(1));
    shop.scan("J1044-S001-SET", "PACK-1").then_done();
    shop.scan("!UNDO", "PACK-1").then_done();
    let packed = shop.scan("J1044-S001-SET", "PACK-1").then_done();
    assert_eq!(packed[0].event.event_type(), "SetPacked");
}

#[test]
fn holds_and_signatures_are_not_undone_and_do_not_stand_in_the_way() {
    let plain = card(1, PLAIN);
    let mut shop = after(|shop| shop.cuts(sheet(1)));
    let died = shop.dies(plain)[0].sequence_num;
    let held = shop
        .when(hold(Holdable::CardUnit(plain)))
        .by("OP-1")
        .then_done();
    let signed = shop
        .when(Command::SignCardDeviation {
            card_unit_id: plain,
            operation_id: id("QA-FINAL"),
            reason: "a trial".into(),
        })
        .by("OP-3")
        .then_done();
    for event in [&held[0], &signed[0]] {
        shop.when(undo(event.sequence_num))
            .by("OP-2")
            .then_refused("cannot_be_undone");
    }
    shop.when(undo(died))
        .by("OP-2")
        .then_recorded(&["CardUnitCorrected"]);
    let now = shop.the_card(plain);
    assert_eq!(now.situation.status, CardUnitStatus::Created);
    assert!(now.held.is_some(), "a correction releases nobody's hold");
    assert_eq!(now.deviations, [id("QA-FINAL")]);
}

#[test]
fn a_cut_is_never_taken_back() {
    let mut shop = Shop::open();
    for event in shop.cuts(sheet(1)) {
        shop.when(undo(event.sequence_num))
            .by("OP-2")
            .then_refused("cannot_be_undone");
    }
}

#[test]
fn a_replacement_a_job_and_an_order_are_not_undone() {
    let plain = card(1, PLAIN);
    let mut shop = after(|shop| shop.card_in(plain, CardUnitStatus::Voided));
    shop.a_spare(PLAIN);
    let replaced = shop
        .when(Command::ReplaceCardUnit {
            card_unit_id: plain,
            with: ReplaceWith::AnySpare,
        })
        .by("OP-2")
        .then_done();
    let planned: Vec<Recorded> = shop
        .log()
        .iter()
        .filter(|r| matches!(r.event.event_type(), "JobCreated" | "ProductionOrderPlaced"))
        .cloned()
        .collect();
    assert_eq!(planned.len(), 2);
    for event in replaced.iter().chain(&planned) {
        shop.when(undo(event.sequence_num))
            .by("OP-2")
            .then_refused("cannot_be_undone");
    }
}

#[test]
fn what_never_was_is_not_undone() {
    let mut shop = Shop::open();
    let beyond = shop.last_event() + 1;
    for event in [0, beyond, u64::MAX] {
        shop.when(undo(event))
            .by("OP-2")
            .then_refused("no_such_event");
    }
}

#[test]
fn nothing_is_taken_back_in_a_job_that_is_over() {
    let mut shop = Shop::open();
    let printed = shop.prints(sheet(1))[1].sequence_num;
    shop.given([Command::CancelJob {
        job_id: job(),
        reason: "the customer said so".into(),
    }]);
    shop.when(undo(printed))
        .by("OP-2")
        .then_refused("job_cancelled");
}

#[test]
fn an_operator_takes_back_the_last_scan_and_a_lead_whatever_can_be() {
    let mut shop = Shop::open();
    let printed = shop.prints(sheet(1))[1].sequence_num;
    shop.when(undo(printed))
        .by("OP-1")
        .then_refused("not_permitted");
    shop.when(undo(printed))
        .by("OP-4")
        .then_refused("not_permitted");
    shop.scan("!UNDO", "PRESS-1")
        .by("OP-1")
        .then_recorded(&["SheetCorrected"]);
    shop.when(undo(printed)).by("OP-2").then_nothing_new();
}

#[test]
fn a_correction_names_what_it_takes_back() {
    let mut shop = after(|shop| shop.cuts(sheet(1)));
    let numbered = card(1, SERIALIZED[0]);
    let steps: Vec<u64> = shop
        .numbers(numbered)
        .iter()
        .map(|r| r.sequence_num)
        .collect();
    assert_eq!(steps.len(), 2, "it entered, and got its number");
    let recorded = shop.when(undo(steps[1])).by("OP-2").then_done();
    let Event::CardUnit(CardUnitEvent::CardUnitCorrected(correction)) = &recorded[0].event else {
        panic!("expected a correction, got {recorded:?}");
    };
    assert_eq!(correction.undoes, steps);
    assert_eq!(correction.reason, "a mistake");
}
