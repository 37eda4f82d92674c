//! Orders and jobs: how they begin, and how they end.

use super::*;

#[test]
fn what_a_cancelled_job_was_to_make_the_next_one_makes() {
    let mut shop = Shop::with_the_product(product(&Policies::default()));
    let order = support::order();
    let ordered = order.quantity;
    shop.given([
        Command::PlaceOrder { order },
        create_job("J1", Some(ordered - 1), None),
        create_job("J2", Some(1), None),
        Command::CancelJob {
            job_id: id("J1"),
            reason: "the wrong paper".into(),
        },
    ]);
    shop.when(create_job("J3", None, None))
        .by("OP-4")
        .then_done();
    let job = shop.floor().existing_job(&id("J3")).expect("a job");
    assert_eq!(job.plan.quantity, ordered - 1);
}

#[test]
fn an_order_is_for_one_card_at_least_and_for_no_more_than_every_database_counts_to() {
    let mut shop = Shop::with_the_product(product(&Policies::default()));
    let order = |quantity: u32| {
        let mut order = support::order();
        order.order_id = id(&format!("PO-{quantity}"));
        order.quantity = quantity;
        Command::PlaceOrder { order }
    };
    for quantity in [0, 2_147_483_648, u32::MAX] {
        let refusal = shop
            .when(order(quantity))
            .by("OP-4")
            .then_refused("out_of_range");
        let sentence = format!(
            "Order PO-{quantity} is for {quantity} cards: it should be for 1 to 2147483647."
        );
        assert_eq!(refusal.to_string(), sentence);
    }
    for quantity in [1, 2_147_483_647] {
        shop.when(order(quantity)).by("OP-4").then_done();
    }
}

#[test]
fn an_order_is_filled_by_several_jobs() {
    let mut shop = Shop::with_the_product(product(&Policies::default()));
    shop.given([
        Command::PlaceOrder {
            order: support::order(),
        },
        create_job("J1", Some(12), Some(0)),
        create_job("J2", None, Some(0)),
    ]);
    let quantities: Vec<u32> = shop.the_order().jobs.iter().map(|(_, n)| *n).collect();
    assert_eq!(quantities, [12, 36]);
    shop.when(create_job("J1", Some(12), Some(0)))
        .by("OP-4")
        .then_nothing_new();
    shop.when(create_job("J1", Some(18), Some(0)))
        .by("OP-4")
        .then_refused("exists_differently");
    // Nothing is lacking any more.
    shop.when(create_job("J3", None, Some(0)))
        .by("OP-4")
        .then_refused("out_of_range");
}

#[test]
fn a_cancelled_job_goes_no_further_but_what_is_packed_stays_packed() {
    let mut shop = Shop::open();
    shop.packs_the_set_of(sheet(1));
    shop.set_in(2, AssemblyStatus::Complete);
    let cancel = Command::CancelJob {
        job_id: job(),
        reason: "withdrawn".into(),
    };
    shop.when(cancel.clone()).by("OP-4").then_done();
    shop.when(cancel).by("OP-4").then_nothing_new();
    for (barcode, station) in [
        ("J1044-S003", "PRESS-1"),
        ("J1044-S002-01", "QA-1"),
        ("J1044-S002-SET", "PACK-1"),
    ] {
        shop.scan(barcode, station)
            .by("OP-1")
            .then_refused("job_cancelled");
    }
    assert_eq!(shop.status_of_card(card(1, 1)), CardUnitStatus::Packed);
    shop.given([Command::ClosePack { pack_id: box_(1) }]);
    for barcode in ["J1044-BOX-001", "J1044-CASE-001"] {
        shop.scan(barcode, "PACK-1")
            .by("OP-1")
            .then_refused("job_cancelled");
    }
    shop.given([Command::ShipPack { pack_id: box_(1) }]);
    // What lies about is scrapped: a set that was complete, a sheet.
    shop.voids(card(2, PLAIN));
    assert_eq!(shop.the_set(set(2)).status, AssemblyStatus::Error);
    let scrap = Command::VoidSheet {
        sheet_id: sheet(3),
        reason: "withdrawn".into(),
    };
    shop.when(scrap).by("OP-2").then_recorded(&["SheetVoided"]);
}

#[test]
fn the_boxes_of_a_closed_job_still_go_into_cases_and_those_onto_pallets() {
    let mut shop = Shop::open();
    shop.box_in(1, PackStatus::Closed);
    shop.box_in(2, PackStatus::Closed);
    for number in 3..=RUN_SHEETS {
        shop.sheet_in(number, SheetStatus::Voided);
    }
    shop.given([Command::CloseJob { job_id: job() }]);
    shop.scan("J1044-BOX-003", "PACK-1")
        .by("OP-1")
        .then_refused("job_closed");
    shop.scan("J1044-BOX-001", "PACK-1")
        .by("OP-1")
        .then_recorded(&["PackOpened", "PackNested", "PackAddedToPack"]);
    shop.given([Command::ClosePack { pack_id: case(1) }]);
    shop.scan("J1044-CASE-002", "PACK-1")
        .by("OP-1")
        .then_recorded(&["PackOpened"]);
    shop.scan("J1044-BOX-002", "PACK-1").by("OP-1").then_done();
    shop.given([Command::ClosePack { pack_id: case(2) }]);
    for barcode in ["J1044-CASE-001", "J1044-CASE-002"] {
        shop.scan(barcode, "PACK-1").by("OP-1").then_done();
    }
    assert_eq!(shop.the_pack(pallet(1)).inner_pack_ids, [case(1), case(2)]);
}

#[test]
fn a_cancelled_order_cancels_its_jobs() {
    let mut shop = Shop::open();
    let cancel = Command::CancelOrder {
        order_id: order_id(),
        reason: "withdrawn".into(),
    };
    shop.when(cancel.clone())
        .by("OP-4")
        .then_recorded(&["ProductionOrderCancelled", "JobCancelled"]);
    shop.when(cancel).by("OP-4").then_nothing_new();
    assert_eq!(shop.the_order().status, OrderStatus::Cancelled);
    assert_eq!(shop.the_job().status, JobStatus::Cancelled);
    shop.when(create_job("J1045", Some(6), None))
        .by("OP-4")
        .then_refused("order_cancelled");
    shop.when(hold(Holdable::Order(order_id())))
        .by("OP-1")
        .then_refused("order_cancelled");
}

#[test]
fn a_job_closes_when_everything_owed_is_packed_or_voided_and_its_spares_go_to_waste() {
    let mut shop = Shop::open();
    let close = Command::CloseJob { job_id: job() };
    for number in 3..=RUN_SHEETS {
        shop.sheet_in(number, SheetStatus::Voided);
    }
    shop.packs_the_set_of(sheet(1));
    shop.cuts(sheet(2));
    let refusal = shop
        .when(close.clone())
        .by("OP-4")
        .then_refused("job_not_finished");
    assert_eq!(
        refusal.to_string(),
        "Job J1044 is not finished: 0 sheets are uncut and 6 cards unpacked."
    );
    for position in 1..=N_UP {
        shop.voids(card(2, position));
    }
    let spare = shop.a_spare(1);
    shop.when(close.clone()).by("OP-4").then_done();
    shop.when(close).by("OP-4").then_nothing_new();
    assert_eq!(shop.the_job().status, JobStatus::Closed);
    assert_eq!(shop.status_of_card(spare), CardUnitStatus::Voided);
    assert_eq!(shop.status_of_sheet(sheet(10)), SheetStatus::Voided);
    shop.when(unpack(set(1)))
        .by("OP-2")
        .then_refused("job_closed");
    shop.when(Command::AddSheets {
        job_id: job(),
        after: 10,
        count: 1,
        purpose: SheetPurpose::Run,
    })
    .by("OP-4")
    .then_refused("job_closed");
}

#[test]
fn sheets_are_added_once_behind_the_last() {
    let mut shop = Shop::open();
    let add = |after, count| Command::AddSheets {
        job_id: job(),
        after,
        count,
        purpose: SheetPurpose::Overs,
    };
    shop.when(add(10, 2)).by("OP-2").then_done();
    shop.when(add(10, 2)).by("OP-2").then_nothing_new();
    shop.when(add(10, 3))
        .by("OP-2")
        .then_refused("out_of_range");
    for count in [0, 20_001] {
        shop.when(add(12, count))
            .by("OP-2")
            .then_refused("out_of_range");
    }
    assert_eq!(shop.the_job().last_sheet_number(), 12);
    shop.when(add(12, 20_000)).by("OP-2").then_done();
}

#[test]
fn a_job_has_twenty_thousand_sheets_at_most() {
    let mut shop = Shop::with_the_product(product(&Policies::default()));
    let mut order = support::order();
    order.quantity = u32::from(N_UP) * 20_000;
    let all = create_job("J1", Some(order.quantity), Some(0));
    let overs = create_job("J1", Some(order.quantity), Some(1));
    shop.given([Command::PlaceOrder { order }]);
    shop.when(overs).by("OP-4").then_refused("out_of_range");
    shop.when(all).by("OP-4").then_done();
}
