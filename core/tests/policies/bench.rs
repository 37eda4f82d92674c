//! The active set of a bench, where its set is completed without it.

use super::*;

/// Position 6 of sheet 1 is void, the others lie in their set at BENCH-1; cards of sheet 2 are ready.
fn all_but_the_last_at_bench_1() -> Shop {
    let mut shop = Shop::under(&Policies::voiding(VoidPolicy::ReleaseShort));
    shop.cuts(sheet(1));
    shop.cuts(sheet(2));
    for position in 1..N_UP {
        shop.gathers(card(1, position));
    }
    shop.voids(card(1, N_UP));
    shop.passes(card(2, PLAIN));
    shop
}

fn concedes_the_last(shop: &mut Shop) {
    shop.when(Command::SignConcession {
        assembly_id: set(1),
        positions: vec![N_UP],
        reason: "the customer knows".into(),
    })
    .by("OP-2")
    .then_recorded(&["ConcessionSigned", "AssemblyCompleted"]);
}

/// domain.md: the bench has an active set "until the set completes or the operator switches".
#[test]
fn a_bench_does_not_wake_up_when_a_set_that_was_completed_elsewhere_falls_back() {
    let mut shop = all_but_the_last_at_bench_1();
    shop.scan("J1044-S002-01", "BENCH-1")
        .by("OP-1")
        .then_refused("wrong_sheet");
    concedes_the_last(&mut shop);
    shop.voids(card(1, PLAIN));
    assert_eq!(shop.the_set(set(1)).status, AssemblyStatus::Error);
    shop.scan("J1044-S002-01", "BENCH-1")
        .by("OP-1")
        .then_recorded(&["CardScannedForAssembly", "CardUnitAssembled"]);
}

#[test]
fn a_bench_that_a_set_was_completed_without_takes_it_up_by_its_label_or_by_a_card() {
    let removed = Command::RemoveFromAssembly {
        card_unit_id: card(1, PLAIN),
        reason: "a second look".into(),
    };
    for opener in ["J1044-S001-SET", "J1044-S001-01"] {
        let mut shop = all_but_the_last_at_bench_1();
        concedes_the_last(&mut shop);
        shop.given([removed.clone()]);
        if opener.ends_with("01") {
            // Two cards are out: with one of them alone the set would be complete again.
            shop.given([Command::RemoveFromAssembly {
                card_unit_id: card(1, PLAIN + 1),
                reason: "a second look".into(),
            }]);
        }
        shop.scan(opener, "BENCH-1").by("OP-1").then_done();
        shop.scan("J1044-S002-01", "BENCH-1")
            .by("OP-1")
            .then_refused("wrong_sheet");
    }
}

#[test]
fn the_last_card_at_another_bench_frees_the_first_one_for_good() {
    let mut shop = Shop::open();
    shop.cuts(sheet(1));
    shop.cuts(sheet(2));
    for position in 1..N_UP {
        shop.gathers(card(1, position));
    }
    shop.passes(card(1, N_UP));
    shop.scan("J1044-S001-06", "BENCH-2").by("OP-1").then_done();
    assert_eq!(shop.the_set(set(1)).status, AssemblyStatus::Complete);
    shop.given([Command::RemoveFromAssembly {
        card_unit_id: card(1, PLAIN),
        reason: "a second look".into(),
    }]);
    shop.passes(card(2, PLAIN));
    for bench in ["BENCH-1", "BENCH-2"] {
        let mut shop = shop.clone();
        shop.scan("J1044-S002-01", bench)
            .by("OP-1")
            .then_recorded(&["CardScannedForAssembly", "CardUnitAssembled"]);
    }
}
