//! Overs: how many sheets a quantity takes.

use super::*;

/// The standard product where so much survives: FOIL of the sheets, DIE of the cards, RELIC of position 6.
fn with_yields(foil: &str, die: &str, relic: &str) -> ProductSpec {
    let mut spec = product(&Policies::default());
    for node in &mut spec.operations {
        let share = match node.operation_id.as_str() {
            "FOIL" => foil,
            "DIE" => die,
            "RELIC" => relic,
            _ => continue,
        };
        node.expected_yield = serde_json::from_str::<Decimal>(share).expect("a share");
    }
    spec
}

#[test]
fn the_sheets_of_a_quantity_and_their_overs_are_worked_out_by_hand() {
    for (quantity, foil, die, relic, run, overs) in [
        (48, "1", "1", "1", 8, 0),
        (49, "1", "1", "1", 9, 0), // a sheet that is begun is a sheet
        (1, "1", "1", "1", 1, 0),
        (48, "0.8", "1", "1", 8, 2),           // 8 / 0.8 = 10
        (48, "0.98", "0.95", "0.9", 8, 2),     // 8 / (0.98 × 0.855) = 9.55, at the worst position
        (50, "0.98", "0.95", "0.9", 9, 2),     // 9 / 0.8379 = 10.74
        (600, "0.98", "0.95", "0.9", 100, 20), // 100 / 0.8379 = 119.3
        (6, "0.999", "1", "1", 1, 1),          // 1 / 0.999 = 1.001: one sheet more
    ] {
        assert_eq!(
            sheets_for(quantity, &with_yields(foil, die, relic)),
            (run, overs),
            "{quantity} cards at {foil}, {die}, {relic}"
        );
    }
}

#[test]
fn a_job_spawns_the_run_and_the_overs_that_its_yields_ask_for() {
    let mut shop = Shop::with_the_product(with_yields("0.98", "0.95", "0.9"));
    shop.given([
        Command::PlaceOrder {
            order: support::order(),
        },
        create_job("J1044", None, None),
    ]);
    assert_eq!(
        shop.the_job().sheets,
        [(1, 8, SheetPurpose::Run), (9, 2, SheetPurpose::Overs)]
    );
    assert_eq!(shop.the_sheet(sheet(10)).purpose, SheetPurpose::Overs);
}
