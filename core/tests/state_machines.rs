//! Every move of every status, as the tables have it: a real unit is brought into the status by what the
//! shop would do, and is asked for the move. What the table forbids is never recorded; what it allows is,
//! unless another rule that is named here says no. And the statuses that follow each other in all of
//! these histories are exactly those that the shop knows.

mod support;

use sheetwise_core::domain::assembly::{Assembly, AssemblyMove, AssemblyStatus};
use sheetwise_core::domain::card_unit::{CardUnit, CardUnitEvent, CardUnitMove, CardUnitStatus};
use sheetwise_core::domain::command::{Holdable, ReplaceWith};
use sheetwise_core::domain::pack::{Pack, PackMove, PackStatus};
use sheetwise_core::domain::product::VoidPolicy;
use sheetwise_core::domain::sheet::{Sheet, SheetEvent, SheetMove, SheetStatus};
use sheetwise_core::domain::{Command, Event, Recorded, UnitRef};
use sheetwise_core::identity::{CardUnitId, PackId};
use std::collections::{BTreeMap, BTreeSet};
use support::*;

/// Where the answer is not simply that of the table: status, move, what is answered, and why.
type Otherwise = (&'static str, &'static str, &'static str, &'static str);

/// Says the command and holds the answer against the table. A move that was recorded is taken back
/// again, if it can be: that too is a transition.
#[track_caller]
fn asked(
    shop: &mut Shop,
    (status, wanted, allowed): (&str, &str, bool),
    forbidden: &str,
    otherwise: &[Otherwise],
    (command, station): (Command, Option<&str>),
) {
    let exception = otherwise.iter().find(|o| (o.0, o.1) == (status, wanted));
    let expected = match exception {
        Some((.., answer, _)) => answer,
        None if allowed => "recorded",
        None => forbidden,
    };
    let saying = shop.when(command).by("OP-9");
    let outcome = match station {
        Some(station) => saying.at(station).outcome(),
        None => saying.outcome(),
    };
    assert_eq!(outcome.word(), expected, "{wanted} of one that is {status}");
    assert!(
        allowed || outcome.word() != "recorded",
        "the table says no to {wanted} when {status}"
    );
    if let Outcome::Recorded(recorded) = outcome {
        shop.when(undo(recorded[0].sequence_num))
            .by("OP-9")
            .outcome();
    }
}

/// A sheet's, card's, set's or pack's statuses, one after the other, as each event leaves them.
type Transitions = BTreeSet<(&'static str, &'static str)>;

/// What followed what: by going on, and by a correction. Staying where it is is no transition.
#[derive(Default)]
struct Seen {
    forward: Transitions,
    corrected: Transitions,
}

impl Seen {
    fn note(&mut self, was: Option<&'static str>, is: &'static str, corrected: bool) {
        let was = was.unwrap_or("nothing");
        if was != is {
            let which = if corrected {
                &mut self.corrected
            } else {
                &mut self.forward
            };
            which.insert((was, is));
        }
    }

    #[track_caller]
    fn are_exactly(&self, forward: &[(&str, &[&str])], corrected: &[(&str, &[&str])]) {
        let spread = |table: &[(&str, &[&str])]| -> BTreeSet<(String, String)> {
            let pairs = table
                .iter()
                .flat_map(|(was, are)| are.iter().map(|is| ((*was).to_owned(), (*is).to_owned())));
            pairs.collect()
        };
        let owned = |seen: &Transitions| -> BTreeSet<(String, String)> {
            seen.iter()
                .map(|(was, is)| ((*was).to_owned(), (*is).to_owned()))
                .collect()
        };
        for (what, seen, known) in [
            ("going on", owned(&self.forward), spread(forward)),
            ("a correction", owned(&self.corrected), spread(corrected)),
        ] {
            let unknown: Vec<_> = seen.difference(&known).collect();
            let unseen: Vec<_> = known.difference(&seen).collect();
            assert!(
                unknown.is_empty(),
                "by {what} there was, unknown to the shop: {unknown:?}"
            );
            assert!(unseen.is_empty(), "by {what} there never was: {unseen:?}");
        }
    }
}

// Sheets.

const SHEETS_OTHERWISE: &[Otherwise] = &[
    (
        "ready_to_cut",
        "enter_station",
        "out_of_route",
        "everything is done to it: the route says that it goes to the cutter",
    ),
    (
        "ready_to_cut",
        "complete_operation",
        "already_recorded",
        "nothing runs any more",
    ),
    ("voided", "void", "already_recorded", "said twice"),
    (
        "created",
        "cut",
        "not_ready",
        "the answer lists what is still to be done",
    ),
    ("created", "release", "already_recorded", "it is not held"),
];

/// Every move of every status of a sheet, each in a shop of its own.
fn sheets_asked_for_everything() -> Vec<Shop> {
    let sheet_id = sheet(1);
    let mut shops = Vec::new();
    for &status in SheetStatus::ALL {
        for &wanted in SheetMove::ALL {
            let mut shop = Shop::open();
            shop.sheet_in(1, status);
            let held = wanted == SheetMove::Release && status != SheetStatus::Created;
            if held && status.allows(SheetMove::Hold) {
                shop.given([hold(Holdable::Sheet(sheet_id))]);
            }
            let station = match (wanted, status) {
                (SheetMove::EnterStation, SheetStatus::InProgress) => Some("FOIL-1"),
                (SheetMove::EnterStation, _) => Some("PRESS-1"),
                (SheetMove::Cut, _) => Some("CUT-1"),
                _ => None,
            };
            if (wanted, status) == (SheetMove::Cut, SheetStatus::InProgress) {
                shop.foils(sheet_id); // and that ends with the cut
            }
            let reason = String::from("a reason");
            let command = match wanted {
                SheetMove::EnterStation => Command::EnterStationWithSheet { sheet_id },
                SheetMove::CompleteOperation => Command::CompleteSheetOperation { sheet_id },
                SheetMove::RecordDefect => Command::RecordSheetDefect {
                    sheet_id,
                    position: PLAIN,
                    defect: defect("F-201"),
                },
                SheetMove::SignDeviation => Command::SignSheetDeviation {
                    sheet_id,
                    operation_id: id("FOIL"),
                    reason,
                },
                SheetMove::Hold => hold(Holdable::Sheet(sheet_id)),
                SheetMove::Release => release(Holdable::Sheet(sheet_id)),
                SheetMove::Void => Command::VoidSheet { sheet_id, reason },
                SheetMove::Cut => Command::CutSheet { sheet_id },
            };
            let forbidden = match status {
                SheetStatus::Created => "not_possible_now",
                SheetStatus::Cut => "already_cut",
                SheetStatus::Voided => "voided",
                SheetStatus::InProgress | SheetStatus::ReadyToCut => "nothing is forbidden",
            };
            asked(
                &mut shop,
                (status.as_str(), wanted.as_str(), status.allows(wanted)),
                forbidden,
                SHEETS_OTHERWISE,
                (command, station),
            );
            shops.push(shop);
        }
    }
    shops
}

#[test]
fn a_sheet_moves_as_its_table_says() {
    let shops = sheets_asked_for_everything();
    assert_eq!(shops.len(), SheetStatus::ALL.len() * SheetMove::ALL.len());
}

#[test]
fn a_sheet_goes_from_press_to_cut_or_is_voided_and_a_correction_leads_back() {
    let mut seen = Seen::default();
    let mut foil_goes_on = Shop::open();
    foil_goes_on.sheet_in(1, SheetStatus::ReadyToCut);
    let foil_ended = foil_goes_on.last_event();
    foil_goes_on.when(undo(foil_ended)).by("OP-2").then_done();
    for shop in sheets_asked_for_everything()
        .into_iter()
        .chain([foil_goes_on])
    {
        let mut sheets: BTreeMap<_, Sheet> = BTreeMap::new();
        for recorded in shop.log() {
            if let Event::Sheet(event) = &recorded.event {
                let before = sheets.remove(event.unit_id());
                let was = before.as_ref().map(|sheet| sheet.situation.status.as_str());
                let after = Sheet::evolve(before, event, &recorded.context);
                let corrected = matches!(event, SheetEvent::SheetCorrected(_));
                seen.note(was, after.situation.status.as_str(), corrected);
                sheets.insert(*event.unit_id(), after);
            }
        }
    }
    seen.are_exactly(
        &[
            ("nothing", &["created"]),
            ("created", &["in_progress", "voided"]),
            ("in_progress", &["ready_to_cut", "voided"]),
            ("ready_to_cut", &["cut", "voided"]),
        ],
        &[
            ("in_progress", &["created"]),
            ("ready_to_cut", &["in_progress"]),
            ("voided", &["created", "in_progress", "ready_to_cut"]),
        ],
    );
}

// Cards.

const NOT_IN_ITS_SET: &str = "it does not lie in its set: that is how it should be";
const NOT_PACKED: &str = "its set is in no box: that is how it should be";

const CARDS_OTHERWISE: &[Otherwise] = &[
    // Allowed by the table, and another rule says no, or that it is so already.
    (
        "created",
        "assemble",
        "not_ready",
        "the answer lists what is still to be done",
    ),
    ("created", "release", "already_recorded", "it is not held"),
    ("assembled", "release", "already_recorded", "it is not held"),
    (
        "assembled",
        "pack",
        "set_incomplete",
        "its set is asked, and lacks the others",
    ),
    // Forbidden by the table, and the answer is not the status's usual one.
    ("voided", "void", "already_recorded", "said twice"),
    (
        "created",
        "record_qa_result",
        "not_at_qa",
        "it says where to go",
    ),
    (
        "qa_passed",
        "record_qa_result",
        "not_at_qa",
        "it says where to go",
    ),
    (
        "qa_failed",
        "record_qa_result",
        "not_at_qa",
        "it says where to go",
    ),
    (
        "assembled",
        "apply_embellishment",
        "already_recorded",
        "it was done",
    ),
    (
        "packed",
        "apply_embellishment",
        "already_recorded",
        "it was done",
    ),
    (
        "assembled",
        "apply_sequential_number",
        "already_recorded",
        "it bears its number",
    ),
    (
        "packed",
        "apply_sequential_number",
        "already_recorded",
        "it bears its number",
    ),
    (
        "assembled",
        "assemble",
        "duplicate",
        "it lies there: the bench hears that",
    ),
    (
        "assembled",
        "consume_as_spare",
        "spare_does_not_fit",
        "it says that it is assembled",
    ),
    (
        "packed",
        "consume_as_spare",
        "spare_does_not_fit",
        "it says that it is packed",
    ),
    (
        "voided",
        "consume_as_spare",
        "spare_does_not_fit",
        "it says that it is voided",
    ),
    (
        "consumed",
        "consume_as_spare",
        "spare_does_not_fit",
        "it says that it is consumed",
    ),
    (
        "created",
        "remove_from_assembly",
        "already_recorded",
        NOT_IN_ITS_SET,
    ),
    (
        "in_progress",
        "remove_from_assembly",
        "already_recorded",
        NOT_IN_ITS_SET,
    ),
    (
        "qa_passed",
        "remove_from_assembly",
        "already_recorded",
        NOT_IN_ITS_SET,
    ),
    (
        "qa_failed",
        "remove_from_assembly",
        "already_recorded",
        NOT_IN_ITS_SET,
    ),
    ("created", "pack", "set_incomplete", "its set is asked"),
    ("in_progress", "pack", "set_incomplete", "its set is asked"),
    ("qa_passed", "pack", "set_incomplete", "its set is asked"),
    ("qa_failed", "pack", "set_incomplete", "its set is asked"),
    ("voided", "pack", "set_incomplete", "its set is asked"),
    ("consumed", "pack", "set_incomplete", "its set is asked"),
    ("created", "unpack", "already_recorded", NOT_PACKED),
    ("in_progress", "unpack", "already_recorded", NOT_PACKED),
    ("qa_passed", "unpack", "already_recorded", NOT_PACKED),
    ("qa_failed", "unpack", "already_recorded", NOT_PACKED),
    ("assembled", "unpack", "already_recorded", NOT_PACKED),
    ("voided", "unpack", "already_recorded", NOT_PACKED),
    ("consumed", "unpack", "already_recorded", NOT_PACKED),
];

/// Brings the card to its verdict although nothing else is done to it: quality signs that.
fn inspected_before_all_else(shop: &mut Shop, card_unit_id: CardUnitId, verdict: Command) {
    shop.cuts(card_unit_id.sheet());
    shop.given([Command::SignCardDeviation {
        card_unit_id,
        operation_id: id("QA-FINAL"),
        reason: "a trial".into(),
    }]);
    shop.card_enters(card_unit_id, "QA-1");
    shop.given([verdict]);
}

/// A shop with a card in the status, such that the move is still to be done to it where that can be.
fn card_to_be_asked(status: CardUnitStatus, wanted: CardUnitMove) -> (Shop, CardUnitId) {
    use CardUnitMove as Move;
    use CardUnitStatus as Status;
    let position = match wanted {
        Move::ApplySequentialNumber => SERIALIZED[0],
        Move::PlaceMemorabilia => RELIC,
        _ => PLAIN,
    };
    let spare = wanted == Move::ConsumeAsSpare || status == Status::Consumed;
    let mut shop = match wanted {
        Move::ConsumeAsSpare => Shop::making(plain_product()), // whose spares can be packed, too
        _ => Shop::open(),
    };
    let card_unit_id = card(if spare { RUN_SHEETS + 1 } else { 1 }, position);
    let work = matches!(
        wanted,
        Move::ApplyEmbellishment | Move::ApplySequentialNumber | Move::PlaceMemorabilia
    );
    match (status, wanted) {
        (Status::InProgress, Move::RecordQaResult) => {
            shop.cuts(card_unit_id.sheet());
            shop.brings_to_qa(card_unit_id);
        }
        (Status::InProgress, Move::Assemble) => {
            // Its last work runs, and ends with the scan at the bench.
            shop = Shop::making(work_after_the_inspection());
            shop.cuts(card_unit_id.sheet());
            shop.card_enters(card_unit_id, "QA-1");
            shop.given([passes(card_unit_id)]);
            shop.dies(card_unit_id);
        }
        (Status::QaPassed, _) if work => {
            inspected_before_all_else(&mut shop, card_unit_id, passes(card_unit_id));
        }
        (Status::QaFailed, _) if work => {
            inspected_before_all_else(&mut shop, card_unit_id, fails(card_unit_id, "F-201"));
        }
        _ => {
            shop.card_in(card_unit_id, status);
        }
    }
    let held = matches!(
        status,
        Status::InProgress | Status::QaPassed | Status::QaFailed
    );
    if wanted == Move::Release && held {
        shop.given([hold(Holdable::CardUnit(card_unit_id))]);
    }
    (shop, card_unit_id)
}

fn cards_asked_for_everything() -> Vec<Shop> {
    use CardUnitMove as Move;
    use CardUnitStatus as Status;
    let mut shops = Vec::new();
    for &status in Status::ALL {
        for &wanted in Move::ALL {
            let (mut shop, card_unit_id) = card_to_be_asked(status, wanted);
            assert_eq!(shop.status_of_card(card_unit_id), status);
            let reason = String::from("a reason");
            let station = match (wanted, status) {
                (Move::EnterStation, Status::InProgress) => Some("QA-1"),
                (Move::EnterStation, Status::QaPassed) => Some("QA-2"),
                (Move::EnterStation, _) => Some("DIE-1"),
                (Move::Assemble | Move::Pack, _) => Some("BENCH-2"),
                _ => None,
            };
            let command = match wanted {
                Move::EnterStation => Command::EnterStationWithCard { card_unit_id },
                Move::CompleteOperation => Command::CompleteCardOperation { card_unit_id },
                Move::ApplyEmbellishment => Command::ApplyEmbellishment {
                    card_unit_id,
                    operation_id: id("DIE"),
                },
                Move::RecordQaResult if status == Status::QaFailed => passes(card_unit_id),
                Move::RecordQaResult => fails(card_unit_id, "F-202"),
                Move::ApplySequentialNumber => Command::ApplySequentialNumber {
                    card_unit_id,
                    number: None,
                },
                Move::PlaceMemorabilia => Command::PlaceMemorabilia {
                    card_unit_id,
                    piece_id: shop.a_free_piece(),
                },
                Move::SignDeviation => Command::SignCardDeviation {
                    card_unit_id,
                    operation_id: id("DIE"),
                    reason,
                },
                Move::Hold => hold(Holdable::CardUnit(card_unit_id)),
                Move::Release => release(Holdable::CardUnit(card_unit_id)),
                Move::Void => void(card_unit_id),
                Move::ConsumeAsSpare => {
                    let voided = card(2, card_unit_id.position());
                    shop.card_in(voided, Status::Voided);
                    Command::ReplaceCardUnit {
                        card_unit_id: voided,
                        with: ReplaceWith::Spare(card_unit_id),
                    }
                }
                Move::Assemble => Command::ScanCardForAssembly { card_unit_id },
                Move::RemoveFromAssembly => Command::RemoveFromAssembly {
                    card_unit_id,
                    reason,
                },
                Move::Pack => Command::PackSet {
                    assembly_id: card_unit_id.assembly(),
                    pack_id: None,
                },
                Move::Unpack => Command::UnpackSet {
                    assembly_id: card_unit_id.assembly(),
                    pack_id: None,
                    reason,
                },
            };
            let forbidden = match status {
                Status::Created | Status::InProgress | Status::QaPassed => "not_possible_now",
                Status::QaFailed => "qa_failed",
                Status::Assembled => "already_assembled",
                Status::Packed => "already_packed",
                Status::Voided => "voided",
                Status::Consumed => "consumed",
            };
            asked(
                &mut shop,
                (status.as_str(), wanted.as_str(), status.allows(wanted)),
                forbidden,
                CARDS_OTHERWISE,
                (command, station),
            );
            shops.push(shop);
        }
    }
    shops
}

#[test]
fn a_card_moves_as_its_table_says() {
    let shops = cards_asked_for_everything();
    assert_eq!(
        shops.len(),
        CardUnitStatus::ALL.len() * CardUnitMove::ALL.len()
    );
}

/// What the tables do not ask for: whole ways there and back.
fn other_stories_of_cards() -> Vec<Shop> {
    // A product whose cards are done with the cut.
    let mut bare = Shop::making(bare_product());
    let first = card(1, PLAIN);
    bare.cuts(sheet(1));
    let gathered = bare.gathers(first);
    bare.when(undo(gathered[0].sequence_num))
        .by("OP-2")
        .then_done();
    bare.gathers(first);
    bare.given([Command::RemoveFromAssembly {
        card_unit_id: first,
        reason: "a second look".into(),
    }]);
    let packed = bare.packs_the_set_of(sheet(1));
    bare.when(undo(packed[0].sequence_num))
        .by("OP-2")
        .then_done();

    // Inspection and verdict in one decision, on a card that passed, and on one that failed; taken back.
    let mut inspected = Shop::open();
    for (number, first_verdict, second_verdict) in [
        (1, passes(card(1, PLAIN)), fails(card(1, PLAIN), "F-202")),
        (2, fails(card(2, PLAIN), "F-201"), passes(card(2, PLAIN))),
        (3, passes(card(3, PLAIN)), passes(card(3, PLAIN))),
    ] {
        let card_unit_id = card(number, PLAIN);
        inspected.cuts(sheet(number));
        inspected.makes(card_unit_id);
        let decision = inspected
            .when(first_verdict.clone())
            .at("QA-1")
            .by("OP-3")
            .then_done();
        inspected
            .when(undo(decision[0].sequence_num))
            .by("OP-2")
            .then_done();
        inspected
            .when(first_verdict)
            .at("QA-1")
            .by("OP-3")
            .then_done();
        if number < 3 {
            let decision = inspected
                .when(second_verdict)
                .at("QA-2")
                .by("OP-3")
                .then_done();
            inspected
                .when(undo(decision[0].sequence_num))
                .by("OP-2")
                .then_done();
        }
    }
    let untouched = card(3, 2);
    inspected.given([Command::SignCardDeviation {
        card_unit_id: untouched,
        operation_id: id("QA-FINAL"),
        reason: "a trial".into(),
    }]);
    for verdict in [passes(untouched), fails(untouched, "F-201")] {
        let decision = inspected.when(verdict).at("QA-1").by("OP-3").then_done();
        inspected
            .when(undo(decision[0].sequence_num))
            .by("OP-2")
            .then_done();
    }

    // A card that is taken out of its set while its last work had just ended.
    let mut taken_out = Shop::making(work_after_the_inspection());
    let late_work = card(1, PLAIN);
    taken_out.cuts(late_work.sheet());
    taken_out.card_enters(late_work, "QA-1");
    taken_out.given([passes(late_work)]);
    taken_out.dies(late_work);
    taken_out.gathers(late_work);
    taken_out.given([Command::RemoveFromAssembly {
        card_unit_id: late_work,
        reason: "a second look".into(),
    }]);
    vec![bare, inspected, taken_out]
}

#[test]
fn a_card_goes_through_work_and_inspection_into_its_set_and_box_and_no_other_way() {
    let mut seen = Seen::default();
    let stories = cards_asked_for_everything()
        .into_iter()
        .chain(other_stories_of_cards());
    for shop in stories {
        let mut cards: BTreeMap<_, CardUnit> = BTreeMap::new();
        for recorded in shop.log() {
            if let Event::CardUnit(event) = &recorded.event {
                let before = cards.remove(event.unit_id());
                let was = before.as_ref().map(|card| card.situation.status.as_str());
                let after = CardUnit::evolve(before, event, &recorded.context);
                let corrected = matches!(event, CardUnitEvent::CardUnitCorrected(_));
                seen.note(was, after.situation.status.as_str(), corrected);
                cards.insert(*event.unit_id(), after);
            }
        }
    }
    let live = &["created", "in_progress", "qa_passed", "qa_failed"][..];
    seen.are_exactly(
        &[
            ("nothing", &["created"]),
            // A product may want nothing of its cards: then they go into their set as they are cut.
            (
                "created",
                &["in_progress", "assembled", "voided", "consumed"],
            ),
            (
                "in_progress",
                &["qa_passed", "qa_failed", "assembled", "voided", "consumed"],
            ),
            // Further work, or another inspection.
            (
                "qa_passed",
                &["in_progress", "assembled", "voided", "consumed"],
            ),
            // Rework, as often as the product allows.
            ("qa_failed", &["in_progress", "voided", "consumed"]),
            // Taken out of the set, it is what it was.
            (
                "assembled",
                &["packed", "voided", "created", "in_progress", "qa_passed"],
            ),
            ("packed", &["assembled"]),
        ],
        &[
            ("in_progress", &["created", "qa_passed", "qa_failed"]),
            // One decision may have been the scan and the verdict.
            ("qa_passed", &["created", "in_progress", "qa_failed"]),
            ("qa_failed", &["created", "in_progress", "qa_passed"]),
            ("assembled", &["created", "in_progress", "qa_passed"]),
            ("voided", &[live, &["assembled"]].concat()),
        ],
    );
}

// Sets.

const SETS_OTHERWISE: &[Otherwise] = &[
    (
        "complete",
        "gather",
        "duplicate",
        "every card lies there already",
    ),
    (
        "pending",
        "remove",
        "already_recorded",
        "no card lies in it",
    ),
    ("pending", "release", "already_recorded", "it is not held"),
    (
        "packed",
        "replace_member",
        "not_voided",
        "its card is in the box, alive",
    ),
    (
        "pending",
        "replace_member",
        "not_voided",
        "nobody is missing",
    ),
    (
        "in_progress",
        "replace_member",
        "not_voided",
        "nobody is missing",
    ),
    (
        "complete",
        "replace_member",
        "not_voided",
        "nobody is missing",
    ),
    (
        "pending",
        "sign_concession",
        "concession_must_name_the_vacant",
        "nothing is vacant",
    ),
    (
        "in_progress",
        "sign_concession",
        "concession_must_name_the_vacant",
        "nothing is vacant",
    ),
    (
        "complete",
        "sign_concession",
        "concession_must_name_the_vacant",
        "nothing is vacant",
    ),
    (
        "voided",
        "sign_concession",
        "concession_not_allowed",
        "the product scraps its sets",
    ),
    (
        "voided",
        "lose_member",
        "already_recorded",
        "its cards were voided with it",
    ),
    ("voided", "void", "already_recorded", "said twice"),
    (
        "pending",
        "pack",
        "set_incomplete",
        "the answer lists what is missing",
    ),
    (
        "in_progress",
        "pack",
        "set_incomplete",
        "the answer lists what is missing",
    ),
    (
        "error",
        "pack",
        "set_incomplete",
        "the answer lists what is missing",
    ),
    ("pending", "unpack", "already_recorded", NOT_PACKED),
    ("in_progress", "unpack", "already_recorded", NOT_PACKED),
    ("complete", "unpack", "already_recorded", NOT_PACKED),
    ("error", "unpack", "already_recorded", NOT_PACKED),
];

fn sets_asked_for_everything() -> Vec<Shop> {
    use AssemblyMove as Move;
    use AssemblyStatus as Status;
    let mut shops = Vec::new();
    for &status in Status::ALL {
        for &wanted in Move::ALL {
            // Sets are voided where the product scraps them, and conceded where it may release them short.
            let policy = match (status, wanted) {
                (Status::Error, Move::Void) => continue, // such a product has no set in error
                (Status::Voided, _) | (_, Move::Void) => VoidPolicy::ScrapSet,
                _ => VoidPolicy::ReleaseShort,
            };
            let mut shop = Shop::under(&Policies::voiding(policy));
            let assembly_id = shop.set_in(1, status);
            let (first, second) = (card(1, PLAIN), card(1, 2));
            let reason = String::from("a reason");
            match (wanted, status) {
                (Move::Gather, Status::Pending | Status::InProgress | Status::Error) => {
                    shop.passes(second);
                }
                (Move::Remove, Status::Error) => drop(shop.gathers(second)),
                (Move::Release, Status::InProgress | Status::Complete | Status::Error) => {
                    shop.given([hold(Holdable::Assembly(assembly_id))]);
                }
                _ => {}
            }
            assert_eq!(shop.the_set(assembly_id).status, status);
            let station = match wanted {
                Move::Gather => Some("BENCH-1"),
                Move::Pack => Some("BENCH-2"), // not where it was packed: there it would be said twice
                _ => None,
            };
            let command = match wanted {
                Move::Gather => Command::ScanCardForAssembly {
                    card_unit_id: second,
                },
                Move::Remove if status == Status::Error => Command::RemoveFromAssembly {
                    card_unit_id: second,
                    reason,
                },
                Move::Remove => Command::RemoveFromAssembly {
                    card_unit_id: first,
                    reason,
                },
                Move::LoseMember => void(second),
                Move::ReplaceMember => Command::ReplaceCardUnit {
                    card_unit_id: first,
                    with: ReplaceWith::Reprint,
                },
                Move::SignConcession => Command::SignConcession {
                    assembly_id,
                    positions: vec![PLAIN],
                    reason,
                },
                Move::Hold => hold(Holdable::Assembly(assembly_id)),
                Move::Release => release(Holdable::Assembly(assembly_id)),
                Move::Void => void(first),
                Move::Pack => Command::PackSet {
                    assembly_id,
                    pack_id: None,
                },
                Move::Unpack => Command::UnpackSet {
                    assembly_id,
                    pack_id: None,
                    reason,
                },
            };
            let forbidden = match status {
                Status::Packed => "already_packed",
                Status::Voided => "voided",
                _ => "not forbidden",
            };
            asked(
                &mut shop,
                (status.as_str(), wanted.as_str(), status.allows(wanted)),
                forbidden,
                SETS_OTHERWISE,
                (command, station),
            );
            shops.push(shop);
        }
    }
    shops
}

#[test]
fn a_set_moves_as_its_table_says() {
    let shops = sets_asked_for_everything();
    assert_eq!(
        shops.len(),
        AssemblyStatus::ALL.len() * AssemblyMove::ALL.len() - 1
    );
}

/// Vacancies that end in each of the ways that they can.
fn other_stories_of_sets() -> Vec<Shop> {
    let short = Policies::voiding(VoidPolicy::ReleaseShort);
    let concede = |number, positions: &[u16]| Command::SignConcession {
        assembly_id: set(number),
        positions: positions.to_vec(),
        reason: "the customer takes it short".into(),
    };
    // The last card that was missing is conceded; and one is conceded while others lie there.
    let mut conceded = Shop::under(&short);
    conceded.set_in(1, AssemblyStatus::Complete);
    conceded.voids(card(1, PLAIN));
    conceded.given([concede(1, &[PLAIN])]);
    conceded.set_in(2, AssemblyStatus::InProgress);
    conceded.voids(card(2, 2));
    conceded.given([concede(2, &[2])]);
    conceded.packs_the_set_of(sheet(1));
    // A gathered card is voided and replaced; and the void of the last one is taken back.
    let mut replaced = Shop::open();
    replaced.set_in(1, AssemblyStatus::Complete);
    let torn = replaced.voids(card(1, PLAIN));
    replaced
        .when(undo(torn[0].sequence_num))
        .by("OP-2")
        .then_done();
    replaced.voids(card(1, PLAIN));
    let replacement = replaced.reprints(card(1, PLAIN));
    replaced.gathers(replacement);
    vec![conceded, replaced]
}

#[test]
fn a_set_comes_together_falls_back_waits_in_error_and_is_packed_and_no_other_way() {
    let mut seen = Seen::default();
    let stories = sets_asked_for_everything()
        .into_iter()
        .chain(other_stories_of_sets());
    for shop in stories {
        let mut sets: BTreeMap<_, Assembly> = BTreeMap::new();
        for recorded in shop.log() {
            if let Event::Assembly(event) = &recorded.event {
                let before = sets.remove(event.unit_id());
                let was = before.as_ref().map(|set| set.status.as_str());
                let after = Assembly::evolve(before, event, recorded.sequence_num);
                seen.note(was, after.status.as_str(), false);
                sets.insert(*event.unit_id(), after);
            }
        }
    }
    seen.are_exactly(
        &[
            ("nothing", &["pending"]),
            ("pending", &["in_progress", "error"]),
            ("in_progress", &["complete", "pending", "error"]),
            // A card is taken out, or voided.
            ("complete", &["packed", "in_progress", "error"]),
            // Replaced, restored or conceded (and completed by that, in the same decision); or scrapped, in
            // the decision that voided a card.
            ("error", &["pending", "in_progress", "voided"]),
            ("packed", &["complete"]),
        ],
        &[],
    );
}

// Packs.

const PACKS_OTHERWISE: &[Otherwise] = &[
    ("closed", "close", "already_recorded", "said twice"),
    ("open", "reopen", "already_recorded", "it is open"),
    (
        "open",
        "unnest",
        "already_recorded",
        "an open pack stands in no other",
    ),
    ("shipped", "ship", "already_recorded", "said twice"),
];

fn packs_asked_for_everything() -> Vec<Shop> {
    use PackMove as Move;
    use PackStatus as Status;
    let mut shops = Vec::new();
    for &status in Status::ALL {
        for &wanted in Move::ALL {
            let mut shop = Shop::making(bare_product());
            let pack_id = box_(1);
            let nest = |pack_id: PackId| Command::NestPack {
                pack_id,
                outer_pack_id: None,
            };
            match (wanted, status) {
                (Move::Unnest, Status::Closed | Status::Shipped) => {
                    shop.box_in(1, Status::Closed);
                    shop.when(nest(pack_id)).at("PACK-1").then_done();
                    if status == Status::Shipped {
                        shop.given([
                            Command::ClosePack { pack_id: case(1) },
                            Command::ShipPack { pack_id: case(1) },
                        ]);
                    }
                }
                _ => {
                    shop.box_in(1, status);
                }
            }
            shop.gathers_the_set_of(sheet(2));
            assert_eq!(shop.the_pack(pack_id).status, status);
            let reason = String::from("a reason");
            let command = match wanted {
                Move::Add => Command::PackSet {
                    assembly_id: set(2),
                    pack_id: Some(pack_id),
                },
                Move::Remove => Command::UnpackSet {
                    assembly_id: set(1),
                    pack_id: None,
                    reason,
                },
                Move::Close => Command::ClosePack { pack_id },
                Move::Reopen => Command::ReopenPack { pack_id, reason },
                Move::Nest => nest(pack_id),
                Move::Unnest => Command::UnnestPack { pack_id, reason },
                Move::Ship => Command::ShipPack { pack_id },
            };
            let forbidden = match status {
                Status::Open => "pack_still_open",
                Status::Closed => "pack_not_open",
                Status::Shipped => "pack_shipped",
            };
            asked(
                &mut shop,
                (status.as_str(), wanted.as_str(), status.allows(wanted)),
                forbidden,
                PACKS_OTHERWISE,
                (command, Some("PACK-1")),
            );
            shops.push(shop);
        }
    }
    shops
}

#[test]
fn a_pack_moves_as_its_table_says() {
    let shops = packs_asked_for_everything();
    assert_eq!(shops.len(), PackStatus::ALL.len() * PackMove::ALL.len());
}

#[test]
fn a_pack_is_open_closed_and_shipped_and_opened_again_only_before_that() {
    let mut seen = Seen::default();
    for shop in packs_asked_for_everything() {
        let mut packs: BTreeMap<_, Pack> = BTreeMap::new();
        for recorded in shop.log() {
            if let Event::Pack(event) = &recorded.event {
                let before = packs.remove(event.unit_id());
                let was = before.as_ref().map(|pack| pack.status.as_str());
                let after = Pack::evolve(before, event);
                seen.note(was, after.status.as_str(), false);
                packs.insert(*event.unit_id(), after);
            }
        }
    }
    seen.are_exactly(
        &[
            ("nothing", &["open"]),
            ("open", &["closed"]),
            ("closed", &["open", "shipped"]),
        ],
        &[],
    );
}

// What the tables rest on.

#[test]
fn nothing_leads_out_of_what_is_final_but_what_the_table_names() {
    let moves = |status: CardUnitStatus| -> Vec<&str> {
        let moves = CardUnitMove::ALL
            .iter()
            .filter(|wanted| status.allows(**wanted));
        moves.map(|wanted| wanted.as_str()).collect()
    };
    assert_eq!(moves(CardUnitStatus::Packed), ["unpack"]);
    assert!(moves(CardUnitStatus::Voided).is_empty());
    assert!(moves(CardUnitStatus::Consumed).is_empty());
    for status in [SheetStatus::Cut, SheetStatus::Voided] {
        assert!(!SheetMove::ALL.iter().any(|wanted| status.allows(*wanted)));
    }
    let voided = AssemblyStatus::Voided;
    assert!(
        !AssemblyMove::ALL
            .iter()
            .any(|wanted| voided.allows(*wanted))
    );
    let shipped = PackStatus::Shipped;
    assert!(!PackMove::ALL.iter().any(|wanted| shipped.allows(*wanted)));
}

#[test]
fn a_sheet_that_is_cut_yields_its_cards_and_their_set_in_one_decision() {
    let mut shop = Shop::open();
    let recorded: Vec<Recorded> = shop.cuts(sheet(1));
    let types: Vec<&str> = recorded.iter().map(|r| r.event.event_type()).collect();
    let mut expected = vec!["SheetOperationCompleted", "SheetCut"];
    expected.extend(["CardUnitCreated"; N_UP as usize]);
    expected.push("AssemblyCreated");
    assert_eq!(types, expected);
    let correlations: BTreeSet<&str> = recorded
        .iter()
        .map(|r| r.context.correlation_id.as_str())
        .collect();
    assert_eq!(correlations.len(), 1);
    assert_eq!(shop.floor().version(&UnitRef::Assembly(set(1))), 1);
}
