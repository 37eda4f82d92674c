//! Boxes, cases, pallets.

use super::*;

#[test]
fn a_full_box_closes_itself_and_the_next_set_opens_the_next() {
    let mut shop = Shop::open();
    shop.packs_the_set_of(sheet(1));
    assert_eq!(shop.the_pack(box_(1)).status, PackStatus::Open);
    shop.packs_the_set_of(sheet(2));
    assert_eq!(shop.the_pack(box_(1)).status, PackStatus::Closed);
    shop.packs_the_set_of(sheet(3));
    assert_eq!(shop.the_pack(box_(1)).assembly_ids, [set(1), set(2)]);
    assert_eq!(shop.the_pack(box_(2)).assembly_ids, [set(3)]);
}

#[test]
fn a_reopened_box_takes_what_fits_and_nothing_more() {
    let mut shop = Shop::open();
    shop.packs_the_set_of(sheet(1));
    shop.packs_the_set_of(sheet(2));
    shop.set_in(3, AssemblyStatus::Complete);
    shop.when(reopen(box_(1)))
        .at("PACK-1")
        .by("OP-2")
        .then_done();
    shop.when(reopen(box_(1)))
        .at("PACK-1")
        .by("OP-2")
        .then_nothing_new();
    shop.scan("J1044-S003-SET", "PACK-1")
        .by("OP-1")
        .then_refused("pack_full");
    shop.when(unpack(set(1)))
        .at("PACK-1")
        .by("OP-2")
        .then_done();
    assert_eq!(shop.the_set(set(1)).status, AssemblyStatus::Complete);
    assert_eq!(shop.status_of_card(card(1, 1)), CardUnitStatus::Assembled);
    shop.scan("J1044-S003-SET", "PACK-1").by("OP-1").then_done();
    assert_eq!(shop.the_pack(box_(1)).assembly_ids, [set(2), set(3)]);
    assert_eq!(shop.the_pack(box_(1)).status, PackStatus::Closed);
}

#[test]
fn a_box_in_a_case_is_neither_reopened_nor_unpacked_until_it_is_taken_out() {
    let mut shop = Shop::open();
    shop.box_in(1, PackStatus::Closed);
    shop.scan("J1044-BOX-001", "PACK-1").by("OP-1").then_done();
    for command in [reopen(box_(1)), unpack(set(1)), ship(box_(1))] {
        shop.when(command).by("OP-2").then_refused("pack_inside");
    }
    shop.when(unnest(box_(1))).by("OP-2").then_done();
    shop.when(unnest(box_(1))).by("OP-2").then_nothing_new();
    assert_eq!(shop.the_pack(case(1)).inner_pack_ids, []);
    shop.when(unpack(set(1))).by("OP-2").then_done();
}

#[test]
fn a_pallet_ships_with_everything_in_it() {
    let mut shop = Shop::open();
    shop.box_in(1, PackStatus::Closed);
    for barcode in ["J1044-BOX-001", "!CLOSE", "J1044-CASE-001", "!CLOSE"] {
        shop.scan(barcode, "PACK-1").by("OP-1").then_done();
    }
    shop.when(ship(pallet(1))).by("OP-1").then_recorded(&[
        "PackShipped",
        "PackShipped",
        "PackShipped",
    ]);
    shop.when(ship(pallet(1))).by("OP-1").then_nothing_new();
    for pack_id in [box_(1), case(1), pallet(1)] {
        assert_eq!(shop.the_pack(pack_id).status, PackStatus::Shipped);
    }
    for command in [reopen(pallet(1)), unpack(set(1)), unnest(box_(1))] {
        shop.when(command).by("OP-2").then_refused("pack_shipped");
    }
}

#[test]
fn packs_nest_in_the_next_kind_of_their_job_only() {
    let mut shop = Shop::open();
    shop.box_in(1, PackStatus::Closed);
    a_second_job(&mut shop);
    shop.given([
        Command::OpenPack { pack_id: pallet(1) },
        Command::OpenPack {
            pack_id: id("J1045-CASE-001"),
        },
        Command::OpenPack { pack_id: case(1) },
    ]);
    let nest = |outer: PackId| Command::NestPack {
        pack_id: box_(1),
        outer_pack_id: Some(outer),
    };
    shop.when(nest(pallet(1)))
        .by("OP-1")
        .then_refused("does_not_nest");
    shop.when(nest(id("J1045-CASE-001")))
        .by("OP-1")
        .then_refused("wrong_job");
    shop.when(nest(case(1))).by("OP-1").then_done();
    shop.when(nest(case(1))).by("OP-1").then_nothing_new();
}

#[test]
fn an_open_box_goes_nowhere() {
    let mut shop = Shop::open();
    shop.box_in(1, PackStatus::Open);
    let outer_pack_id = None;
    shop.when(Command::NestPack {
        pack_id: box_(1),
        outer_pack_id,
    })
    .at("PACK-1")
    .by("OP-1")
    .then_refused("pack_still_open");
    shop.when(ship(box_(1)))
        .by("OP-1")
        .then_refused("pack_still_open");
}

#[test]
fn an_empty_box_is_neither_closed_nor_nested_nor_shipped() {
    let mut shop = Shop::open();
    shop.packs_the_set_of(sheet(1));
    shop.packs_the_set_of(sheet(2));
    shop.given([Command::OpenPack { pack_id: box_(2) }]);
    shop.when(close(box_(2)))
        .by("OP-1")
        .then_refused("pack_empty");
    // A closed box stays closed when its sets are taken out.
    shop.when(unpack(set(1))).by("OP-2").then_done();
    shop.when(unpack(set(2))).by("OP-2").then_done();
    assert_eq!(shop.the_pack(box_(1)).status, PackStatus::Closed);
    shop.scan("J1044-BOX-001", "PACK-1")
        .by("OP-1")
        .then_refused("pack_empty");
    shop.when(ship(box_(1)))
        .by("OP-1")
        .then_refused("pack_empty");
}

#[test]
fn a_set_in_a_box_is_exact() {
    let mut shop = Shop::open();
    shop.packs_the_set_of(sheet(1));
    assert_eq!(statuses(&shop, 1), [CardUnitStatus::Packed; 6]);
    for position in 1..=N_UP {
        assert_eq!(
            shop.the_card(card(1, position)).situation.pack_id,
            Some(box_(1))
        );
    }
}

#[test]
fn the_floor_lists_all_that_was_made() {
    let mut shop = Shop::open();
    shop.packs_the_set_of(sheet(1));
    shop.cuts(sheet(2));
    let floor = shop.floor();
    let mut sheets: Vec<SheetId> = floor.all_sheets().map(|sheet| sheet.sheet_id).collect();
    sheets.sort_unstable();
    assert_eq!(sheets, (1..=10).map(sheet).collect::<Vec<_>>());
    assert_eq!(floor.all_card_units().count(), 2 * usize::from(N_UP));
    assert_eq!(floor.all_assemblies().count(), 2);
    assert_eq!(floor.all_packs().count(), 1);
}

#[test]
fn a_set_comes_out_of_the_box_that_is_named_or_out_of_none() {
    let mut shop = Shop::open();
    shop.packs_the_set_of(sheet(1));
    let out_of = |pack_id| Command::UnpackSet {
        assembly_id: set(1),
        pack_id: Some(pack_id),
        reason: "wrong label".into(),
    };
    let packed_in = shop.the_set(set(1)).pack_id.expect("it is packed");
    let refused = shop
        .when(out_of(box_(9)))
        .by("OP-2")
        .then_refused("already_packed");
    assert_eq!(
        refused.to_string(),
        format!("{} is packed in {packed_in}.", set(1))
    );
    shop.when(out_of(packed_in)).by("OP-2").then_done();
    // Said again it is recorded already, whichever box was meant.
    shop.when(out_of(packed_in)).by("OP-2").then_nothing_new();
}
