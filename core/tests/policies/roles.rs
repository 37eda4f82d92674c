//! Who may do what.

use super::*;
use sheetwise_core::domain::product::NormalizedLayout;

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
        Command::PublishLayout {
            product_id: id("BASE-2026"),
            layout: NormalizedLayout {
                n_up: 1,
                rows: 1,
                columns: 1,
                turn: None,
                positions: Vec::new(),
            },
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
            after: Some(10),
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
fn an_operator_without_standing_says_nothing() {
    let mut shop = Shop::open();
    let mut gone = operator("OP-1", Role::Operator);
    gone.active = false;
    shop.given([Command::RegisterOperator { operator: gone }]);
    shop.scan("J1044-S001", "PRESS-1")
        .by("OP-1")
        .then_refused("operator_inactive");
}
