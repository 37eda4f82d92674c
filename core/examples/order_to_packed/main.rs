//! The seed's event model, told from the order to `SetPacked`, with a replacement in between:
//!
//!     cargo run -p sheetwise-core --example order_to_packed
//!
//! One order, two sheets of four cards and one of overs. What the scanner's screen says is printed as
//! it says it.

mod shop;

use sheetwise_core::domain::Command::{CreateJob, PlaceOrder, ReplaceCardUnit, VoidCardUnit};
use sheetwise_core::domain::command::ReplaceWith;
use shop::{Shop, id};

fn main() {
    let mut shop = Shop::open();

    shop.says(
        "OP-4",
        PlaceOrder {
            order: shop::order("PO-10044", "Acme Cards", 8, "2026-04-01"),
        },
    );
    shop.says(
        "OP-4",
        CreateJob {
            job_id: id("J1044"),
            order_id: id("PO-10044"),
            quantity: None,
            product_version: None,
            due_date: None,
            priority: None,
            overs: Some(1),
        },
    );

    // Press, foil, cut: the sheet is worked on, ceases to exist, and its cards are there.
    for sheet in ["J1044-S001", "J1044-S003"] {
        shop.scan(sheet, "PRESS-1");
        shop.scan(sheet, "FOIL-1");
        shop.scan(sheet, "CUT-1");
    }

    // Every card goes its own way through the inspection. Card 3 fails, and is voided.
    for card in ["J1044-S001-01", "J1044-S001-02", "J1044-S001-04"] {
        shop.scan(card, "QA-BENCH-3");
        shop.scan("!PASS", "QA-BENCH-3");
    }
    shop.scan("J1044-S001-03", "QA-BENCH-3");
    shop.scan("!FAIL F-201", "QA-BENCH-3");
    shop.says(
        "OP-2",
        VoidCardUnit {
            card_unit_id: id("J1044-S001-03"),
            reason: "foil adhesion".into(),
        },
    );

    // The set comes together; a card of another sheet is noticed.
    shop.scan("J1044-S001-01", "BENCH-1");
    shop.scan("J1044-S003-02", "BENCH-1");
    shop.scan("J1044-S001-02", "BENCH-1");
    shop.scan("J1044-S001-04", "BENCH-1");

    // A spare of the same position stands in, runs the same inspection, and the set is exact.
    shop.says(
        "OP-2",
        ReplaceCardUnit {
            card_unit_id: id("J1044-S001-03"),
            with: ReplaceWith::AnySpare,
        },
    );
    shop.scan("J1044-S001-03-R1", "QA-BENCH-3");
    shop.scan("!PASS", "QA-BENCH-3");
    shop.scan("J1044-S001-03-R1", "BENCH-1");
    shop.scan("J1044-S001-SET", "PACK-1");

    println!("\nThe life of the replacement, from the log:");
    shop.print_history("J1044-S001-03-R1");
}
