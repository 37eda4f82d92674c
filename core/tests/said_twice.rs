//! Every command said twice, where it is legal: the second time changes nothing. People press twice,
//! scanners stutter, and programs repeat what they got no answer to.

mod support;

use jiff::civil::date;
use sheetwise_core::domain::Command;
use sheetwise_core::domain::assembly::AssemblyStatus;
use sheetwise_core::domain::card_unit::CardUnitStatus;
use sheetwise_core::domain::command::{Holdable, ReplaceWith};
use sheetwise_core::domain::hold::{HoldRulePlaced, HoldTarget};
use sheetwise_core::domain::job::SheetPurpose;
use sheetwise_core::domain::operator::OperatorChanged;
use sheetwise_core::domain::pack::PackStatus;
use sheetwise_core::domain::product::{NormalizedLayout, Turn, VoidPolicy};
use sheetwise_core::domain::sheet::SheetStatus;
use sheetwise_core::domain::values::{Priority, Role};
use std::collections::BTreeSet;
use std::sync::Arc;
use support::*;

/// What the second time is answered. No `_`: a new command says here what it is, and below where.
const fn second_time(command: &Command) -> &'static str {
    const NOTHING_NEW: &str = "already_recorded";
    match command {
        // The sheet is gone by the first time: the answer sends the operator to its cards.
        Command::CutSheet { .. } => "already_cut",
        // The bench has to hear that this card lies there already: it may be another one's turn.
        Command::ScanCardForAssembly { .. } => "duplicate",
        // Only the last scan is taken back, never the one before it too.
        Command::UndoLast { .. } => "nothing_to_undo",
        Command::PublishProduct { .. }
        | Command::PublishLayout { .. }
        | Command::PlaceOrder { .. }
        | Command::CancelOrder { .. }
        | Command::CreateJob { .. }
        | Command::AddSheets { .. }
        | Command::RescheduleJob { .. }
        | Command::CancelJob { .. }
        | Command::CloseJob { .. }
        | Command::RegisterStation { .. }
        | Command::TakeStationDown { .. }
        | Command::BringStationUp { .. }
        | Command::LoadMaterialLots { .. }
        | Command::RegisterOperator { .. }
        | Command::RegisterMemorabilia { .. }
        | Command::EnterStationWithSheet { .. }
        | Command::CompleteSheetOperation { .. }
        | Command::RecordSheetDefect { .. }
        | Command::VoidSheet { .. }
        | Command::EnterStationWithCard { .. }
        | Command::CompleteCardOperation { .. }
        | Command::ApplyEmbellishment { .. }
        | Command::RecordQaResult { .. }
        | Command::ApplySequentialNumber { .. }
        | Command::PlaceMemorabilia { .. }
        | Command::SignSheetDeviation { .. }
        | Command::SignCardDeviation { .. }
        | Command::VoidCardUnit { .. }
        | Command::ReplaceCardUnit { .. }
        | Command::ReplaceVacancies { .. }
        | Command::Hold { .. }
        | Command::Release { .. }
        | Command::PlaceHoldRule { .. }
        | Command::LiftHoldRule { .. }
        | Command::Undo { .. }
        | Command::RemoveFromAssembly { .. }
        | Command::SwitchBench { .. }
        | Command::TakeUpPack { .. }
        | Command::SignConcession { .. }
        | Command::PackSet { .. }
        | Command::UnpackSet { .. }
        | Command::OpenPack { .. }
        | Command::ClosePack { .. }
        | Command::ReopenPack { .. }
        | Command::NestPack { .. }
        | Command::UnnestPack { .. }
        | Command::ShipPack { .. } => NOTHING_NEW,
    }
}

/// A shop where the command is legal, and where it is said.
struct Case {
    shop: Shop,
    command: Command,
    station: Option<&'static str>,
}

fn nowhere(shop: Shop, command: Command) -> Case {
    Case {
        shop,
        command,
        station: None,
    }
}

fn at(station: &'static str, shop: Shop, command: Command) -> Case {
    Case {
        shop,
        command,
        station: Some(station),
    }
}

/// A shop where this was done before.
fn after<T>(prepare: impl FnOnce(&mut Shop) -> T) -> Shop {
    after_under(&Policies::default(), prepare)
}

fn after_under<T>(policies: &Policies, prepare: impl FnOnce(&mut Shop) -> T) -> Shop {
    let mut shop = Shop::under(policies);
    prepare(&mut shop);
    shop
}

fn why() -> String {
    "a reason".into()
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

/// The standard product's layout, turned the other way.
fn tumbled() -> NormalizedLayout {
    let layout = product(&Policies::default()).layout;
    NormalizedLayout {
        n_up: layout.n_up,
        rows: layout.rows,
        columns: layout.columns,
        turn: Some(Turn::WorkAndTumble),
        positions: layout.positions,
    }
}

fn planning() -> Vec<Case> {
    let mut second_version = product(&Policies::default());
    second_version.rework_limit = 3;
    let without_a_job = || {
        let mut shop = Shop::with_the_product(product(&Policies::default()));
        shop.given([Command::PlaceOrder { order: order() }]);
        shop
    };
    let add_sheets = |purpose| Command::AddSheets {
        job_id: job(),
        after: RUN_SHEETS + OVERS_SHEETS,
        count: 2,
        purpose,
    };
    let without_an_order = Shop::with_the_product(product(&Policies::default()));
    vec![
        nowhere(
            Shop::open(),
            Command::PublishProduct {
                product_id: id("BASE-2026"),
                product_version: 2,
                spec: Arc::new(second_version),
            },
        ),
        nowhere(
            Shop::open(),
            Command::PublishLayout {
                product_id: id("BASE-2026"),
                layout: tumbled(),
            },
        ),
        nowhere(without_an_order, Command::PlaceOrder { order: order() }),
        nowhere(
            Shop::open(),
            Command::CancelOrder {
                order_id: order_id(),
                reason: why(),
            },
        ),
        // The whole order, a part of it, and what another job has left of it.
        nowhere(without_a_job(), create_job("J1044", None, None)),
        nowhere(without_a_job(), create_job("J1044", Some(12), None)),
        nowhere(without_a_job(), create_job("J1044", Some(12), Some(3))),
        nowhere(
            {
                let mut shop = without_a_job();
                shop.given([create_job("J1043", Some(12), None)]);
                shop
            },
            create_job("J1044", None, None),
        ),
        nowhere(Shop::open(), add_sheets(SheetPurpose::Run)),
        nowhere(Shop::open(), add_sheets(SheetPurpose::Reprint)),
        nowhere(
            Shop::open(),
            Command::RescheduleJob {
                job_id: job(),
                due_date: date(2026, 3, 20),
                priority: Priority(5),
            },
        ),
        nowhere(
            Shop::open(),
            Command::CancelJob {
                job_id: job(),
                reason: why(),
            },
        ),
        nowhere(
            after(|shop| {
                for number in 1..=RUN_SHEETS {
                    shop.sheet_in(number, SheetStatus::Voided);
                }
                shop.a_spare(PLAIN); // left over, as a card, and the other sheet as a sheet
            }),
            Command::CloseJob { job_id: job() },
        ),
    ]
}

fn master_data() -> Vec<Case> {
    let mut faster = station("foil_stamp");
    faster.machines = 2;
    let down = || Command::TakeStationDown {
        station_id: id("FOIL-1"),
        reason: why(),
    };
    vec![
        nowhere(
            Shop::open(),
            Command::RegisterStation {
                station_id: id("FOIL-3"),
                description: station("foil_stamp"),
            },
        ),
        nowhere(
            Shop::open(),
            Command::RegisterStation {
                station_id: id("FOIL-1"),
                description: faster,
            },
        ),
        nowhere(Shop::open(), down()),
        nowhere(
            after(|shop| shop.when(down()).then_done()),
            Command::BringStationUp {
                station_id: id("FOIL-1"),
            },
        ),
        at(
            "FOIL-1",
            Shop::open(),
            Command::LoadMaterialLots {
                station_id: id("FOIL-1"),
                material_lot_ids: vec![id("FOIL-LOT-88")],
            },
        ),
        nowhere(
            Shop::open(),
            Command::RegisterOperator {
                operator: operator("OP-5", Role::Operator),
            },
        ),
        nowhere(
            Shop::open(),
            Command::RegisterOperator {
                operator: OperatorChanged {
                    active: false,
                    ..operator("OP-1", Role::Operator)
                },
            },
        ),
        nowhere(
            Shop::open(),
            Command::RegisterMemorabilia {
                piece: jersey("RELIC-00020"),
            },
        ),
    ]
}

fn work_on_sheets() -> Vec<Case> {
    let sheet_id = sheet(1);
    let enter = || Command::EnterStationWithSheet { sheet_id };
    let complete = || Command::CompleteSheetOperation { sheet_id };
    vec![
        at("PRESS-1", Shop::open(), enter()),
        at(
            "PRESS-1",
            after(|shop| {
                shop.prints(sheet_id);
                shop.prints(sheet(2));
            }),
            enter(),
        ),
        at("FOIL-1", after(|shop| shop.prints(sheet_id)), enter()),
        // The same operation goes on at another machine.
        at(
            "FOIL-2",
            after(|shop| {
                shop.prints(sheet_id);
                shop.foils(sheet_id);
            }),
            enter(),
        ),
        at("PRESS-1", after(|shop| shop.prints(sheet_id)), complete()),
        at(
            "FOIL-1",
            after(|shop| {
                shop.prints(sheet_id);
                shop.foils(sheet_id);
            }),
            complete(),
        ),
        at(
            "PRESS-1",
            Shop::open(),
            Command::RecordSheetDefect {
                sheet_id,
                position: 3,
                defect: defect("F-201"),
            },
        ),
        nowhere(
            Shop::open(),
            Command::VoidSheet {
                sheet_id,
                reason: why(),
            },
        ),
        nowhere(
            Shop::open(),
            Command::SignSheetDeviation {
                sheet_id,
                operation_id: id("FOIL"),
                reason: why(),
            },
        ),
        at(
            "CUT-1",
            after(|shop| shop.sheet_in(1, SheetStatus::ReadyToCut)),
            Command::CutSheet { sheet_id },
        ),
        at(
            "CUT-1",
            after(|shop| {
                shop.prints(sheet_id);
                shop.foils(sheet_id);
            }),
            Command::CutSheet { sheet_id },
        ),
    ]
}

fn work_on_cards() -> Vec<Case> {
    let card_unit_id = card(1, PLAIN);
    let numbered = card(1, SERIALIZED[0]);
    let relic = card(1, RELIC);
    let cut = || after(|shop| shop.cuts(sheet(1)));
    let made = |card_unit_id| {
        after(move |shop| {
            shop.cuts(sheet(1));
            shop.makes(card_unit_id);
        })
    };
    let in_status = |status| {
        after(move |shop| {
            shop.card_in(card_unit_id, status);
        })
    };
    let at_qa = || {
        after(|shop| {
            shop.cuts(sheet(1));
            shop.brings_to_qa(card_unit_id);
        })
    };
    let enter = || Command::EnterStationWithCard { card_unit_id };
    let number = |number| Command::ApplySequentialNumber {
        card_unit_id: numbered,
        number,
    };
    let place = || Command::PlaceMemorabilia {
        card_unit_id: relic,
        piece_id: id("RELIC-00003"),
    };
    vec![
        at("DIE-1", cut(), enter()),
        at("QA-1", made(card_unit_id), enter()),
        // Taken in hand again.
        at(
            "QA-1",
            after(|shop| {
                shop.cuts(sheet(1));
                shop.brings_to_qa(card_unit_id);
                shop.brings_to_qa(card(1, PLAIN + 1));
            }),
            enter(),
        ),
        // Another inspection, and rework.
        at("QA-2", in_status(CardUnitStatus::QaPassed), enter()),
        at("DIE-1", in_status(CardUnitStatus::QaFailed), enter()),
        at(
            "DIE-1",
            made(card_unit_id),
            Command::CompleteCardOperation { card_unit_id },
        ),
        nowhere(
            cut(),
            Command::ApplyEmbellishment {
                card_unit_id,
                operation_id: id("DIE"),
            },
        ),
        nowhere(
            made(card_unit_id),
            Command::ApplyEmbellishment {
                card_unit_id,
                operation_id: id("DIE"),
            },
        ),
        at("QA-1", at_qa(), passes(card_unit_id)),
        at("QA-1", at_qa(), fails(card_unit_id, "F-201")),
        // Scan and verdict at once; and a verdict that is given from elsewhere.
        at("QA-1", made(card_unit_id), fails(card_unit_id, "F-201")),
        at(
            "QA-2",
            in_status(CardUnitStatus::QaPassed),
            fails(card_unit_id, "F-201"),
        ),
        nowhere(at_qa(), passes(card_unit_id)),
        nowhere(cut(), number(None)),
        nowhere(cut(), number(Some(7))),
        at("RELIC-1", cut(), place()),
        at(
            "RELIC-1",
            after(|shop| {
                shop.cuts(sheet(1));
                shop.card_enters(relic, "RELIC-1");
            }),
            place(),
        ),
        nowhere(
            cut(),
            Command::SignCardDeviation {
                card_unit_id,
                operation_id: id("QA-FINAL"),
                reason: why(),
            },
        ),
    ]
}

fn what_goes_wrong() -> Vec<Case> {
    let card_unit_id = card(1, PLAIN);
    let voided = || after(|shop| shop.card_in(card_unit_id, CardUnitStatus::Voided));
    let with_a_spare = || {
        after(|shop| {
            shop.card_in(card_unit_id, CardUnitStatus::Voided);
            shop.a_spare(PLAIN);
        })
    };
    let replace = |with| Command::ReplaceCardUnit { card_unit_id, with };
    let vacancies = || Command::ReplaceVacancies {
        job_id: job(),
        after: Some(RUN_SHEETS + OVERS_SHEETS),
    };
    let rule = || HoldRulePlaced {
        hold_id: id("HOLD-12"),
        target: HoldTarget::Sheet { sheet_id: sheet(1) },
        at_station_type: None,
        reason: why(),
    };
    let mut cases = vec![
        nowhere(after(|shop| shop.cuts(sheet(1))), void(card_unit_id)),
        nowhere(
            after(|shop| shop.gathers_the_set_of(sheet(1))),
            void(card_unit_id),
        ),
        nowhere(
            after_under(&Policies::voiding(VoidPolicy::ScrapSet), |shop| {
                shop.gathers_the_set_of(sheet(1));
            }),
            void(card_unit_id),
        ),
        nowhere(voided(), replace(ReplaceWith::Reprint)),
        nowhere(with_a_spare(), replace(ReplaceWith::AnySpare)),
        nowhere(
            with_a_spare(),
            replace(ReplaceWith::Spare(card(RUN_SHEETS + 1, PLAIN))),
        ),
        nowhere(with_a_spare(), vacancies()),
        // No spare is left: sheets are added, once.
        nowhere(
            after(|shop| {
                for number in 1..=3 {
                    shop.card_in(card(number, PLAIN), CardUnitStatus::Voided);
                }
            }),
            vacancies(),
        ),
        nowhere(Shop::open(), Command::PlaceHoldRule { rule: rule() }),
        nowhere(
            after(|shop| {
                shop.given([Command::PlaceHoldRule { rule: rule() }]);
            }),
            Command::LiftHoldRule {
                hold_id: id("HOLD-12"),
                reason: why(),
            },
        ),
        nowhere(
            after(|shop| {
                shop.given([Command::PlaceHoldRule { rule: rule() }]);
            }),
            Command::Release {
                unit: Holdable::Sheet(sheet(1)),
                hold_id: Some(id("HOLD-12")),
                reason: why(),
            },
        ),
    ];
    let holdable = [
        Holdable::Order(order_id()),
        Holdable::Job(job()),
        Holdable::Sheet(sheet(2)),
        Holdable::CardUnit(card_unit_id),
        Holdable::Assembly(set(1)),
    ];
    for unit in holdable {
        let with_cards = || after(|shop| shop.cuts(sheet(1)));
        cases.push(nowhere(with_cards(), hold(unit.clone())));
        let mut held = with_cards();
        held.given([hold(unit.clone())]);
        cases.push(nowhere(held, release(unit)));
    }
    cases
}

/// The last event is taken back, after this.
fn its_last_event_after<T>(prepare: impl FnOnce(&mut Shop) -> T) -> Case {
    let shop = after(prepare);
    let last = shop.last_event();
    nowhere(shop, undo(last))
}

fn corrections() -> Vec<Case> {
    let undo_last = || Command::UndoLast { reason: why() };
    vec![
        its_last_event_after(|shop| shop.prints(sheet(1))),
        its_last_event_after(|shop| shop.sheet_in(1, SheetStatus::Voided)),
        its_last_event_after(|shop| {
            shop.given([Command::RecordSheetDefect {
                sheet_id: sheet(1),
                position: 3,
                defect: defect("F-201"),
            }]);
        }),
        its_last_event_after(|shop| shop.card_in(card(1, PLAIN), CardUnitStatus::QaFailed)),
        its_last_event_after(|shop| shop.card_in(card(1, PLAIN), CardUnitStatus::Voided)),
        its_last_event_after(|shop| shop.gathers_the_set_of(sheet(1))),
        its_last_event_after(|shop| shop.packs_the_set_of(sheet(1))),
        at("PRESS-1", after(|shop| shop.prints(sheet(1))), undo_last()),
        at(
            "QA-1",
            after(|shop| shop.card_in(card(1, PLAIN), CardUnitStatus::QaPassed)),
            undo_last(),
        ),
        at(
            "BENCH-1",
            after(|shop| shop.gathers_the_set_of(sheet(1))),
            undo_last(),
        ),
    ]
}

fn reunion() -> Vec<Case> {
    let card_unit_id = card(1, PLAIN);
    let status = |status| after(move |shop| shop.set_in(1, status));
    let complete = || status(AssemblyStatus::Complete);
    let switch = |active_assembly_id| Command::SwitchBench { active_assembly_id };
    let pack_set = |number, pack_id| Command::PackSet {
        assembly_id: set(number),
        pack_id,
    };
    let with_box = |status| after(move |shop| shop.box_in(1, status));
    let two_boxes = || {
        after(|shop| {
            shop.box_in(1, PackStatus::Closed);
            shop.box_in(2, PackStatus::Closed);
        })
    };
    let nest = |pack_id, outer_pack_id| Command::NestPack {
        pack_id,
        outer_pack_id,
    };
    let short = Policies::voiding(VoidPolicy::ReleaseShort);
    vec![
        at(
            "BENCH-1",
            after(|shop| shop.card_in(card_unit_id, CardUnitStatus::QaPassed)),
            Command::ScanCardForAssembly { card_unit_id },
        ),
        at(
            "BENCH-1",
            after(|shop| {
                let last = card(1, RELIC);
                shop.gathers_the_set_of(sheet(1));
                shop.given([Command::RemoveFromAssembly {
                    card_unit_id: last,
                    reason: why(),
                }]);
            }),
            Command::ScanCardForAssembly {
                card_unit_id: card(1, RELIC),
            },
        ),
        at(
            "BENCH-1",
            complete(),
            Command::RemoveFromAssembly {
                card_unit_id,
                reason: why(),
            },
        ),
        at("BENCH-1", status(AssemblyStatus::InProgress), switch(None)),
        at(
            "BENCH-2",
            status(AssemblyStatus::InProgress),
            switch(Some(set(1))),
        ),
        nowhere(
            after_under(&short, |shop| shop.set_in(1, AssemblyStatus::Error)),
            Command::SignConcession {
                assembly_id: set(1),
                positions: vec![PLAIN],
                reason: why(),
            },
        ),
        nowhere(
            after_under(&short, |shop| {
                shop.set_in(1, AssemblyStatus::Complete);
                shop.voids(card_unit_id);
            }),
            Command::SignConcession {
                assembly_id: set(1),
                positions: vec![PLAIN],
                reason: why(),
            },
        ),
        // Into a new box; into the box in hand, which closes itself by it; into a box that is named.
        at("PACK-1", complete(), pack_set(1, None)),
        at(
            "PACK-1",
            after(|shop| {
                shop.packs_the_set_of(sheet(1));
                shop.gathers_the_set_of(sheet(2));
            }),
            pack_set(2, None),
        ),
        nowhere(
            after(|shop| {
                shop.given([Command::OpenPack { pack_id: box_(1) }]);
                shop.gathers_the_set_of(sheet(1));
            }),
            pack_set(1, Some(box_(1))),
        ),
        at(
            "PACK-1",
            with_box(PackStatus::Open),
            Command::UnpackSet {
                assembly_id: set(1),
                pack_id: None,
                reason: why(),
            },
        ),
        at(
            "PACK-1",
            Shop::open(),
            Command::OpenPack { pack_id: box_(1) },
        ),
        at(
            "PACK-1",
            after(|shop| {
                shop.given([Command::OpenPack { pack_id: box_(1) }]);
            }),
            Command::TakeUpPack { pack_id: box_(1) },
        ),
        at(
            "PACK-1",
            after(|shop| {
                shop.box_in(1, PackStatus::Open);
                shop.scan("J1044-CASE-001", "PACK-1").by("OP-1").then_done();
            }),
            Command::TakeUpPack { pack_id: box_(1) },
        ),
        at(
            "PACK-1",
            with_box(PackStatus::Open),
            Command::ClosePack { pack_id: box_(1) },
        ),
        at(
            "PACK-1",
            with_box(PackStatus::Closed),
            Command::ReopenPack {
                pack_id: box_(1),
                reason: why(),
            },
        ),
        // Into a new case; into the case in hand, which closes itself by it; into a case that is named.
        at("PACK-1", with_box(PackStatus::Closed), nest(box_(1), None)),
        at(
            "PACK-1",
            {
                let mut shop = two_boxes();
                shop.when(nest(box_(1), None)).at("PACK-1").then_done();
                shop
            },
            nest(box_(2), None),
        ),
        nowhere(
            {
                let mut shop = two_boxes();
                shop.given([Command::OpenPack { pack_id: case(1) }]);
                shop
            },
            nest(box_(1), Some(case(1))),
        ),
        nowhere(
            {
                let mut shop = with_box(PackStatus::Closed);
                shop.when(nest(box_(1), None)).at("PACK-1").then_done();
                shop
            },
            Command::UnnestPack {
                pack_id: box_(1),
                reason: why(),
            },
        ),
        nowhere(
            with_box(PackStatus::Closed),
            Command::ShipPack { pack_id: box_(1) },
        ),
    ]
}

fn cases() -> Vec<Case> {
    let mut cases = planning();
    cases.extend(master_data());
    cases.extend(work_on_sheets());
    cases.extend(work_on_cards());
    cases.extend(what_goes_wrong());
    cases.extend(corrections());
    cases.extend(reunion());
    cases
}

fn word_of(command: &Command) -> String {
    let json = serde_json::to_value(command).expect("a command is JSON");
    json["command"]
        .as_str()
        .expect("it says which it is")
        .to_owned()
}

/// The words of all commands, as the decoder knows them: it lists them when it is given none of them.
fn all_words() -> BTreeSet<String> {
    let error = serde_json::from_str::<Command>(r#"{"command": "none of them"}"#)
        .expect_err("there is no such command")
        .to_string();
    let listed = error
        .split("expected one of ")
        .nth(1)
        .expect("it lists them");
    listed
        .split('`')
        .skip(1)
        .step_by(2)
        .map(str::to_owned)
        .collect()
}

#[test]
fn every_command_said_twice_changes_nothing_the_second_time() {
    for Case {
        mut shop,
        command,
        station,
    } in cases()
    {
        let say = |shop: &mut Shop| {
            let saying = shop.when(command.clone()).by("OP-9");
            match station {
                Some(station) => saying.at(station).outcome(),
                None => saying.outcome(),
            }
        };
        let first = say(&mut shop);
        assert_eq!(first.word(), "recorded", "{command:?}: {first:?}");
        let log = shop.log().to_vec();
        assert_eq!(say(&mut shop).word(), second_time(&command), "{command:?}");
        assert_eq!(shop.log(), log);
        // Nor does it when time has passed, and something else has happened.
        shop.wait_seconds(3600);
        shop.given([Command::RegisterMemorabilia {
            piece: jersey("RELIC-00099"),
        }]);
        assert_eq!(
            say(&mut shop).word(),
            second_time(&command),
            "{command:?}, an hour later"
        );
    }
}

#[test]
fn no_command_is_left_out() {
    let said: BTreeSet<String> = cases().iter().map(|case| word_of(&case.command)).collect();
    assert_eq!(said, all_words());
    assert!(said.len() > 40, "the decoder lists them all: {said:?}");
}

#[test]
fn every_command_survives_its_json() {
    for Case { command, .. } in cases() {
        let json = serde_json::to_string(&command).expect("a command is JSON");
        let again: Command = serde_json::from_str(&json).expect("and back");
        assert_eq!(again, command);
    }
}

#[test]
fn a_scan_that_trembled_is_the_same_scan() {
    let mut shop = Shop::open();
    shop.each_command_takes_seconds(5);
    shop.scan("J1044-S001", "PRESS-1").then_done();
    shop.scan("J1044-S001", "PRESS-1").then_nothing_new();
    shop.scan("J1044-S001", "FOIL-1").then_done();
    shop.scan("j1044-s001 ", "FOIL-1").then_nothing_new();
    shop.scan("J1044-S001", "CUT-1").then_done();
    shop.scan("J1044-S001", "CUT-1").then_nothing_new();
    shop.scan("J1044-S001", "CUT-1").then_refused("already_cut");
    // Numbered, inspected and gathered: each ends by itself, and the second scan still is the first.
    let numbered = "J1044-S001-04";
    for station in ["DIE-1", "NUM-1", "QA-1"] {
        shop.scan(numbered, station).then_done();
        shop.scan(numbered, station).then_nothing_new();
    }
    shop.scan("!PASS", "QA-1")
        .then_recorded(&["QAResultRecorded"]);
    shop.scan("!PASS", "QA-1").then_nothing_new();
    shop.scan(numbered, "BENCH-1").then_done();
    shop.scan(numbered, "BENCH-1").then_nothing_new();
    shop.scan(numbered, "BENCH-1").then_refused("duplicate");
}

#[test]
fn a_verdict_that_is_said_twice_is_one_verdict_and_another_one_takes_another_inspection() {
    let mut shop = Shop::open();
    let inspected = card(1, PLAIN);
    shop.card_in(inspected, CardUnitStatus::QaFailed);
    shop.when(fails(inspected, "F-201")).then_nothing_new();
    shop.when(fails(inspected, "F-202"))
        .then_refused("not_at_qa");
    shop.when(passes(inspected)).then_refused("not_at_qa");
    assert_eq!(shop.the_card(inspected).situation.rework_count, 0);
}
