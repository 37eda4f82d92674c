//! Every refusal is reachable, says its reason in a sentence that names the thing, and changes nothing.

mod support;
mod support_scan;

use sheetwise_core::domain::assembly::AssemblyStatus;
use sheetwise_core::domain::card_unit::CardUnitStatus;
use sheetwise_core::domain::command::{Holdable, ReplaceWith};
use sheetwise_core::domain::hold::HoldTarget;
use sheetwise_core::domain::pack::PackStatus;
use sheetwise_core::domain::product::{ProductSpec, VoidPolicy, VoidedMemorabilia, VoidedNumber};
use sheetwise_core::domain::values::{QaOutcome, Role};
use sheetwise_core::domain::{Command, REFUSAL_CODES, Refusal};
use sheetwise_core::identity::{CardUnitId, FailureCode};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use support::{
    Outcome, Policies, RELIC, RUN_SHEETS, Shop, box_, card, case, defect, hold, id, jersey, job,
    operator, order_id, pallet, product, set, sheet, undo, void,
};
use support_scan::{a_second_job, reads_well, rule};

macro_rules! variants {
    ($($variant:ident)+) => {
        /// Every refusal there is.
        const ALL: &[&str] = &[$(stringify!($variant)),+];

        /// Its name; without `_`, so that a new refusal asks for its scenario.
        const fn variant_of(refusal: &Refusal) -> &'static str {
            match refusal {
                $(Refusal::$variant { .. } => stringify!($variant)),+
            }
        }
    };
}

variants! {
    UnreadableBarcode UnknownBarcode UnknownId StationNeeded NothingToDoHere NothingInHand
    NothingToUndo OutOfRange ExistsDifferently OperatorUnknown OperatorInactive NotPermitted
    ProductVersionNotNext ProductSpecUnsound ProductNotPublished OrderCancelled JobCancelled
    JobClosed JobNotFinished OnHold SheetNotNow AlreadyCut NotReadyToCut NotCutYet
    PositionNotOnSheet Voided Consumed AlreadyPacked AlreadyAssembled CardNotNow OutOfRoute
    NoSuchOperation NotReady QaFailed NotAtQa FailureWithoutCause ReworkLimitReached
    SpareNotAssigned NotSerialized AlreadyNumbered NumberNotFree EditionExhausted
    NoMemorabiliaWanted AlreadyHasPiece PieceNotFree NotVoided AlreadyReplaced NoSpare
    SpareDoesNotFit WrongSheet Duplicate NotInSet SetIncomplete PositionConceded ConcessionNotAllowed
    ConcessionLeavesNothing ConcessionMustNameTheVacant PackFull PackNotOpen PackStillOpen
    PackEmpty PackShipped PackInside NotABox WrongJob DoesNotNest PackNumberNotNext NoSuchEvent
    CannotBeUndone SomethingDependsOnIt
}

/// What is said, and by whom where.
struct Told {
    what: What,
    at: Option<&'static str>,
    by: Option<&'static str>,
}

enum What {
    Command(Command),
    Scan(&'static str),
}

/// Said by the admin, nowhere in particular.
const fn say(command: Command) -> Told {
    Told {
        what: What::Command(command),
        at: None,
        by: Some("OP-9"),
    }
}

/// Scanned by the operator OP-1.
const fn scan(barcode: &'static str, at: &'static str) -> Told {
    Told {
        what: What::Scan(barcode),
        at: Some(at),
        by: Some("OP-1"),
    }
}

impl Told {
    fn said_in(&self, shop: &mut Shop) -> Outcome {
        let mut saying = match &self.what {
            What::Command(command) => shop.when(command.clone()),
            What::Scan(barcode) => shop.scan(barcode, self.at.expect("a scan has its place")),
        };
        if let Some(at) = self.at {
            saying = saying.at(at);
        }
        if let Some(by) = self.by {
            saying = saying.by(by);
        }
        saying.outcome()
    }
}

/// A shop, and what is refused in it: which refusal, what its sentence names, and the sentence.
struct Case {
    variant: &'static str,
    names: &'static str,
    sentence: &'static str,
    how: fn() -> (Shop, Told),
}

fn publish(product: &str, product_version: u32, spec: ProductSpec) -> Command {
    Command::PublishProduct {
        product_id: id(product),
        product_version,
        spec: Arc::new(spec),
    }
}

fn create_job(job: &str, quantity: Option<u32>, product_version: Option<u32>) -> Command {
    Command::CreateJob {
        job_id: id(job),
        order_id: order_id(),
        quantity,
        product_version,
        due_date: None,
        priority: None,
        overs: None,
    }
}

fn cancel_job() -> Command {
    Command::CancelJob {
        job_id: job(),
        reason: "withdrawn".into(),
    }
}

fn a_shop_with_a_closed_job() -> Shop {
    let mut shop = Shop::open();
    for number in 1..=RUN_SHEETS {
        let (sheet_id, reason) = (sheet(number), "misprinted".into());
        shop.given([Command::VoidSheet { sheet_id, reason }]);
    }
    shop.given([Command::CloseJob { job_id: job() }]);
    shop
}

fn fails_for(card_unit_id: CardUnitId, failure_codes: Vec<FailureCode>) -> Command {
    Command::RecordQaResult {
        card_unit_id,
        result: QaOutcome::Fail,
        failure_reason: None,
        failure_codes,
        inspector_id: None,
    }
}

const fn number(card_unit_id: CardUnitId, number: Option<u32>) -> Command {
    Command::ApplySequentialNumber {
        card_unit_id,
        number,
    }
}

fn place(piece_id: &str, card_unit_id: CardUnitId) -> Command {
    Command::PlaceMemorabilia {
        card_unit_id,
        piece_id: id(piece_id),
    }
}

const fn replace(card_unit_id: CardUnitId, with: ReplaceWith) -> Command {
    Command::ReplaceCardUnit { card_unit_id, with }
}

fn concede(positions: Vec<u16>) -> Told {
    say(Command::SignConcession {
        assembly_id: set(1),
        positions,
        reason: "the customer agrees".into(),
    })
}

#[test]
fn every_refusal_is_reachable_and_says_why_without_changing_anything() {
    let mut seen = BTreeSet::new();
    for case in &cases() {
        let (mut shop, told) = (case.how)();
        let before = format!("{:?}", shop.floor());
        let Outcome::Refused(refusal) = told.said_in(&mut shop) else {
            panic!("{} was not refused", case.variant);
        };
        assert_eq!(variant_of(&refusal), case.variant, "{refusal}");
        let sentence = refusal.to_string();
        assert_eq!(sentence, case.sentence, "{}", case.variant);
        assert!(
            sentence.contains(case.names),
            "{sentence} should name {}",
            case.names
        );
        reads_well(&refusal.to_string());
        assert_eq!(
            format!("{:?}", shop.floor()),
            before,
            "a refusal changes nothing"
        );
        let again = told.said_in(&mut shop);
        assert_eq!(
            again,
            Outcome::Refused(refusal),
            "and is the same when it is said again"
        );
        seen.insert(case.variant);
    }
    assert_eq!(
        seen,
        ALL.iter().copied().collect(),
        "the refusals that were seen, and all"
    );
}

/// Programs match codes and counters count them: none changes, none means two things by accident.
#[test]
fn the_codes_are_these() {
    let mut codes: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for case in &cases() {
        let (mut shop, told) = (case.how)();
        let Outcome::Refused(refusal) = told.said_in(&mut shop) else {
            panic!("{} was not refused", case.variant);
        };
        let entry = REFUSAL_CODES
            .iter()
            .find(|(code, ..)| *code == refusal.code());
        let class = entry.map(|(_, class, _)| *class);
        assert_eq!(class, Some(refusal.class()), "{}", refusal.code());
        let variants = codes.entry(refusal.code()).or_default();
        if !variants.contains(&case.variant) {
            variants.push(case.variant);
        }
    }
    let shared: Vec<_> = codes.iter().filter(|(_, of)| of.len() > 1).collect();
    assert_eq!(
        shared,
        [
            (&"not_possible_now", &vec!["SheetNotNow", "CardNotNow"]),
            (&"not_ready", &vec!["NotReadyToCut", "NotReady"]),
        ]
    );
    let codes: Vec<&str> = codes.into_keys().collect();
    assert_eq!(codes.len(), REFUSAL_CODES.len(), "each code is listed once");
    assert_eq!(
        codes,
        [
            "already_assembled",
            "already_cut",
            "already_has_piece",
            "already_numbered",
            "already_packed",
            "already_replaced",
            "cannot_be_undone",
            "concession_leaves_nothing",
            "concession_must_name_the_vacant",
            "concession_not_allowed",
            "consumed",
            "does_not_nest",
            "duplicate",
            "edition_exhausted",
            "exists_differently",
            "failure_without_cause",
            "job_cancelled",
            "job_closed",
            "job_not_finished",
            "no_memorabilia_wanted",
            "no_spare",
            "no_such_event",
            "no_such_operation",
            "not_a_box",
            "not_at_qa",
            "not_cut_yet",
            "not_in_set",
            "not_permitted",
            "not_possible_now",
            "not_ready",
            "not_serialized",
            "not_voided",
            "nothing_in_hand",
            "nothing_to_do_here",
            "nothing_to_undo",
            "number_not_free",
            "on_hold",
            "operator_inactive",
            "operator_unknown",
            "order_cancelled",
            "out_of_range",
            "out_of_route",
            "pack_empty",
            "pack_full",
            "pack_inside",
            "pack_not_open",
            "pack_number_not_next",
            "pack_shipped",
            "pack_still_open",
            "piece_not_free",
            "position_conceded",
            "position_not_on_sheet",
            "product_not_published",
            "product_spec_unsound",
            "product_version_not_next",
            "qa_failed",
            "rework_limit_reached",
            "set_incomplete",
            "something_depends_on_it",
            "spare_does_not_fit",
            "spare_not_assigned",
            "station_needed",
            "unknown_barcode",
            "unknown_id",
            "unreadable_barcode",
            "voided",
            "wrong_job",
            "wrong_sheet"
        ]
    );
}

fn cases() -> Vec<Case> {
    vec![
        Case {
            variant: "UnreadableBarcode",
            names: "J1044-S001-1",
            sentence: "\"J1044-S001-1\" is not an id like J1044, J1044-S003, J1044-S003-07, \
                 J1044-S003-SET or J1044-BOX-001: the position \"1\" is spelled \"01\"; was \
                 the label read to its end?",
            how: || (Shop::open(), scan("J1044-S001-1", "DIE-1")),
        },
        Case {
            variant: "UnknownBarcode",
            names: "HELLO",
            sentence: "HELLO is not known here.",
            how: || (Shop::open(), scan("HELLO", "DIE-1")),
        },
        Case {
            variant: "UnknownId",
            names: "J1044-S099-01",
            sentence: "There is no card unit J1044-S099-01.",
            how: || (Shop::open(), say(void(card(99, 1)))),
        },
        Case {
            variant: "StationNeeded",
            names: "A sheet's operation",
            sentence: "A sheet's operation happens at a station: say which.",
            how: || {
                (
                    Shop::open(),
                    say(Command::EnterStationWithSheet { sheet_id: sheet(1) }),
                )
            },
        },
        Case {
            variant: "NothingToDoHere",
            names: "FOIL-1",
            sentence: "OP-1 means nothing at FOIL-1, a foil_stamp station.",
            how: || (Shop::open(), scan("OP-1", "FOIL-1")),
        },
        Case {
            variant: "NothingInHand",
            names: "QA-1",
            sentence: "Nothing is in hand at QA-1: scan the card that is inspected first.",
            how: || (Shop::open(), scan("!PASS", "QA-1")),
        },
        Case {
            variant: "NothingToUndo",
            names: "QA-1",
            sentence: "There is nothing to take back at QA-1.",
            how: || (Shop::open(), scan("!UNDO", "QA-1")),
        },
        Case {
            variant: "OutOfRange",
            names: "PO-7",
            sentence: "Order PO-7 is for 0 cards: it should be for 1 to 2147483647.",
            how: || {
                let mut order = support::order();
                order.order_id = id("PO-7");
                order.quantity = 0;
                (Shop::open(), say(Command::PlaceOrder { order }))
            },
        },
        Case {
            variant: "ExistsDifferently",
            names: "PO-10044",
            sentence: "There is an order PO-10044 already, and it says something else.",
            how: || {
                let mut order = support::order();
                order.customer = "Somebody else".into();
                (Shop::open(), say(Command::PlaceOrder { order }))
            },
        },
        Case {
            variant: "OperatorUnknown",
            names: "OP-77",
            sentence: "Operator OP-77 is not registered.",
            how: || {
                (
                    Shop::open(),
                    Told {
                        by: Some("OP-77"),
                        ..scan("J1044-S001", "PRESS-1")
                    },
                )
            },
        },
        Case {
            variant: "OperatorInactive",
            names: "OP-1",
            sentence: "Operator OP-1 is no longer active.",
            how: || {
                let mut shop = Shop::open();
                let mut operator = operator("OP-1", Role::Operator);
                operator.active = false;
                shop.given([Command::RegisterOperator { operator }]);
                (shop, scan("J1044-S001", "PRESS-1"))
            },
        },
        Case {
            variant: "NotPermitted",
            names: "OP-1",
            sentence: "OP-1 may not do this: it takes the role lead or quality.",
            how: || {
                let mut shop = Shop::open();
                shop.cuts(sheet(1));
                (
                    shop,
                    Told {
                        by: Some("OP-1"),
                        ..say(void(card(1, 1)))
                    },
                )
            },
        },
        Case {
            variant: "ProductVersionNotNext",
            names: "BASE-2026",
            sentence: "The next version of product BASE-2026 is 2, not 3.",
            how: || {
                (
                    Shop::open(),
                    say(publish("BASE-2026", 3, product(&Policies::default()))),
                )
            },
        },
        Case {
            variant: "ProductSpecUnsound",
            names: "NEW-2026",
            sentence: "The spec of product NEW-2026 does not hold together: a product has \
                 exactly one sheet operation of type cutting, found 0; operation DIE waits \
                 for CUT, which is no operation of this product; operation NUMBER waits for \
                 CUT, which is no operation of this product; operation RELIC waits for CUT, \
                 which is no operation of this product.",
            how: || {
                let mut spec = product(&Policies::default());
                spec.operations.remove(2);
                (Shop::open(), say(publish("NEW-2026", 1, spec)))
            },
        },
        Case {
            variant: "ProductSpecUnsound",
            names: "NEW-2026",
            sentence: "The spec of product NEW-2026 does not hold together: the number of a voided \
                 card passes to its replacement, but its set is scrapped instead: let numbers go \
                 back to the pool or be burned.",
            how: || {
                let mut policies = Policies::numbers_of_voided(VoidedNumber::PassToReplacement);
                policies.void_policy = VoidPolicy::ScrapSet;
                (
                    Shop::open(),
                    say(publish("NEW-2026", 1, product(&policies))),
                )
            },
        },
        Case {
            variant: "ProductNotPublished",
            names: "NO-SUCH",
            sentence: "Product NO-SUCH has no published spec.",
            how: || {
                let mut order = support::order();
                order.order_id = id("PO-7");
                order.product_id = id("NO-SUCH");
                (Shop::open(), say(Command::PlaceOrder { order }))
            },
        },
        Case {
            variant: "ProductNotPublished",
            names: "BASE-2026",
            sentence: "Product BASE-2026 has no version 9.",
            how: || (Shop::open(), say(create_job("J7", Some(6), Some(9)))),
        },
        Case {
            variant: "OrderCancelled",
            names: "PO-10044",
            sentence: "Order PO-10044 is cancelled.",
            how: || {
                let mut shop = Shop::open();
                shop.given([Command::CancelOrder {
                    order_id: order_id(),
                    reason: "withdrawn".into(),
                }]);
                (shop, say(create_job("J7", Some(6), None)))
            },
        },
        Case {
            variant: "JobCancelled",
            names: "J1044",
            sentence: "Job J1044 is cancelled.",
            how: || {
                let mut shop = Shop::open();
                shop.given([cancel_job()]);
                (shop, scan("J1044-S001", "PRESS-1"))
            },
        },
        Case {
            variant: "JobClosed",
            names: "J1044",
            sentence: "Job J1044 is closed.",
            how: || {
                let mut shop = a_shop_with_a_closed_job();
                shop.given([]);
                (shop, say(cancel_job()))
            },
        },
        Case {
            variant: "JobNotFinished",
            names: "J1044",
            sentence: "Job J1044 is not finished: 7 sheets are uncut and 6 cards unpacked.",
            how: || {
                let mut shop = Shop::open();
                shop.cuts(sheet(1));
                (shop, say(Command::CloseJob { job_id: job() }))
            },
        },
        Case {
            variant: "OnHold",
            names: "J1044-S001",
            sentence: "Sheet J1044-S001 is on hold: to be looked at.",
            how: || {
                let mut shop = Shop::open();
                shop.given([hold(Holdable::Sheet(sheet(1)))]);
                (shop, scan("J1044-S001", "PRESS-1"))
            },
        },
        Case {
            // The shop's own words end with a full stop already.
            variant: "OnHold",
            names: "J1044-S001",
            sentence: "Sheet J1044-S001 is on hold: bad foil.",
            how: || {
                let mut shop = Shop::open();
                shop.given([Command::Hold {
                    unit: Holdable::Sheet(sheet(1)),
                    reason: "bad foil. ".into(),
                }]);
                (shop, scan("J1044-S001", "PRESS-1"))
            },
        },
        Case {
            variant: "OnHold",
            names: "HOLD-12",
            sentence: "Sheet J1044-S001 is on hold by HOLD-12: bad foil.",
            how: || {
                let mut shop = Shop::open();
                shop.given([rule("HOLD-12", HoldTarget::Job { job_id: job() })]);
                (shop, scan("J1044-S001", "PRESS-1"))
            },
        },
        Case {
            variant: "SheetNotNow",
            names: "J1044-S001",
            sentence: "Sheet J1044-S001 is created: \"complete operation\" is not possible now.",
            how: || {
                (
                    Shop::open(),
                    say(Command::CompleteSheetOperation { sheet_id: sheet(1) }),
                )
            },
        },
        Case {
            variant: "AlreadyCut",
            names: "J1044-S001",
            sentence: "Sheet J1044-S001 is cut: scan its 6 cards instead.",
            how: || {
                let mut shop = Shop::open();
                shop.cuts(sheet(1));
                (shop, scan("J1044-S001", "PRESS-1"))
            },
        },
        Case {
            variant: "NotReadyToCut",
            names: "J1044-S001",
            sentence: "Sheet J1044-S001 is not ready to cut. Still to do: PRINT (press), FOIL \
                 (foil_stamp).",
            how: || (Shop::open(), scan("J1044-S001", "CUT-1")),
        },
        Case {
            variant: "NotCutYet",
            names: "J1044-S001-01",
            sentence: "Card J1044-S001-01 does not exist yet: sheet J1044-S001 is not cut.",
            how: || (Shop::open(), scan("J1044-S001-01", "DIE-1")),
        },
        Case {
            variant: "PositionNotOnSheet",
            names: "J1044-S001",
            sentence: "Sheet J1044-S001 has positions 1 to 6, not 7.",
            how: || {
                let (sheet_id, defect) = (sheet(1), defect("F-201"));
                (
                    Shop::open(),
                    say(Command::RecordSheetDefect {
                        sheet_id,
                        position: 7,
                        defect,
                    }),
                )
            },
        },
        Case {
            variant: "Voided",
            names: "J1044-S001-01",
            sentence: "J1044-S001-01 is voided (torn): put it to waste.",
            how: || {
                let mut shop = Shop::open();
                shop.card_in(card(1, 1), CardUnitStatus::Voided);
                (shop, scan("J1044-S001-01", "DIE-1"))
            },
        },
        Case {
            variant: "Consumed",
            names: "J1044-S009-01",
            sentence: "J1044-S009-01 was a spare and is J1044-S008-01-R1 now: relabel it.",
            how: || {
                let mut shop = Shop::open();
                shop.card_in(card(9, 1), CardUnitStatus::Consumed);
                (shop, scan("J1044-S009-01", "DIE-1"))
            },
        },
        Case {
            variant: "AlreadyPacked",
            names: "J1044-S001-01",
            sentence: "J1044-S001-01 is packed in J1044-BOX-001.",
            how: || {
                let mut shop = Shop::open();
                shop.packs_the_set_of(sheet(1));
                (shop, say(void(card(1, 1))))
            },
        },
        Case {
            variant: "AlreadyAssembled",
            names: "J1044-S001-01",
            sentence: "J1044-S001-01 lies in its set J1044-S001-SET.",
            how: || {
                let mut shop = Shop::open();
                shop.card_in(card(1, 1), CardUnitStatus::Assembled);
                (shop, scan("J1044-S001-01", "DIE-1"))
            },
        },
        Case {
            variant: "CardNotNow",
            names: "J1044-S001-01",
            sentence: "Card J1044-S001-01 is created: \"complete operation\" is not possible \
                 now.",
            how: || {
                let mut shop = Shop::open();
                shop.cuts(sheet(1));
                (
                    shop,
                    say(Command::CompleteCardOperation {
                        card_unit_id: card(1, 1),
                    }),
                )
            },
        },
        Case {
            variant: "OutOfRoute",
            names: "J1044-S001",
            sentence: "J1044-S001 is too early for foil_stamp: PRINT comes first. Next: PRINT \
                 (press).",
            how: || (Shop::open(), scan("J1044-S001", "FOIL-1")),
        },
        Case {
            variant: "OutOfRoute",
            names: "J1044-S001-01",
            sentence: "J1044-S001-01 has nothing to do at a press station. Next: DIE (die_cut).",
            how: || {
                let mut shop = Shop::open();
                shop.cuts(sheet(1));
                (shop, scan("J1044-S001-01", "PRESS-1"))
            },
        },
        Case {
            variant: "OutOfRoute",
            names: "J1044-S001-01",
            sentence: "J1044-S001-01 is done with die_cut. Nothing else is to be done to it.",
            how: || {
                let mut shop = Shop::open();
                shop.cuts(sheet(1));
                shop.passes(card(1, 1));
                (shop, scan("J1044-S001-01", "DIE-1"))
            },
        },
        Case {
            variant: "NoSuchOperation",
            names: "VARNISH",
            sentence: "J1044-S001-01 has no operation VARNISH in its route.",
            how: || {
                let mut shop = Shop::open();
                shop.cuts(sheet(1));
                let (card_unit_id, operation_id) = (card(1, 1), id("VARNISH"));
                (
                    shop,
                    say(Command::ApplyEmbellishment {
                        card_unit_id,
                        operation_id,
                    }),
                )
            },
        },
        Case {
            variant: "NotReady",
            names: "J1044-S001-01",
            sentence: "Card J1044-S001-01 is not ready. Still to do: DIE (die_cut), QA-FINAL \
                 (qa).",
            how: || {
                let mut shop = Shop::open();
                shop.cuts(sheet(1));
                (shop, scan("J1044-S001-01", "BENCH-1"))
            },
        },
        Case {
            variant: "QaFailed",
            names: "J1044-S001-01",
            sentence: "Card J1044-S001-01 failed QA: rework or void it.",
            how: || {
                let mut shop = Shop::open();
                shop.card_in(card(1, 1), CardUnitStatus::QaFailed);
                (shop, scan("J1044-S001-01", "BENCH-1"))
            },
        },
        Case {
            variant: "NotAtQa",
            names: "J1044-S001-01",
            sentence: "Card J1044-S001-01 is not being inspected: scan it at a QA bench first.",
            how: || {
                let mut shop = Shop::open();
                shop.cuts(sheet(1));
                (shop, say(support::passes(card(1, 1))))
            },
        },
        Case {
            variant: "FailureWithoutCause",
            names: "J1044-S001-01",
            sentence: "The fail of J1044-S001-01 needs a failure code or a reason.",
            how: || {
                let mut shop = Shop::open();
                shop.cuts(sheet(1));
                shop.brings_to_qa(card(1, 1));
                (shop, say(fails_for(card(1, 1), Vec::new())))
            },
        },
        Case {
            variant: "ReworkLimitReached",
            names: "J1044-S001-01",
            sentence: "Card J1044-S001-01 has used up its rework (0 allowed): void it.",
            how: || {
                let mut shop = Shop::under(&Policies {
                    rework_limit: 0,
                    ..Policies::default()
                });
                shop.card_in(card(1, 1), CardUnitStatus::QaFailed);
                (shop, scan("J1044-S001-01", "DIE-1"))
            },
        },
        Case {
            variant: "SpareNotAssigned",
            names: "J1044-S009-04",
            sentence: "J1044-S009-04 is a spare: it gets numbers and pieces only once it \
                 replaces a card.",
            how: || {
                let mut shop = Shop::open();
                shop.cuts(sheet(9));
                (shop, scan("J1044-S009-04", "NUM-1"))
            },
        },
        Case {
            variant: "NotSerialized",
            names: "J1044-S001-01",
            sentence: "Card J1044-S001-01 bears no number in this product.",
            how: || {
                let mut shop = Shop::open();
                shop.cuts(sheet(1));
                (shop, say(number(card(1, 1), None)))
            },
        },
        Case {
            variant: "AlreadyNumbered",
            names: "J1044-S001-04",
            sentence: "Card J1044-S001-04 bears 1/99 already.",
            how: || {
                let mut shop = Shop::open();
                shop.cuts(sheet(1));
                shop.numbers(card(1, 4));
                (shop, say(number(card(1, 4), Some(7))))
            },
        },
        Case {
            variant: "NumberNotFree",
            names: "Number 100 of position 4 of J1044",
            sentence: "Number 100 of position 4 of J1044 cannot be given: the edition goes from \
                 1 to 99.",
            how: || {
                let mut shop = Shop::open();
                shop.cuts(sheet(1));
                (shop, say(number(card(1, 4), Some(100))))
            },
        },
        Case {
            variant: "NumberNotFree",
            names: "J1044-S001-04",
            sentence: "Number 1 of position 4 of J1044 cannot be given: J1044-S001-04 bears it.",
            how: || {
                let mut shop = Shop::open();
                shop.cuts(sheet(1));
                shop.cuts(sheet(2));
                shop.numbers(card(1, 4));
                (shop, say(number(card(2, 4), Some(1))))
            },
        },
        Case {
            variant: "NumberNotFree",
            names: "J1044-S001-04",
            sentence: "Number 1 of position 4 of J1044 cannot be given: it is kept for the \
                 replacement of J1044-S001-04.",
            how: || {
                let mut shop = Shop::under(&Policies::numbers_of_voided(
                    VoidedNumber::PassToReplacement,
                ));
                shop.cuts(sheet(1));
                shop.cuts(sheet(2));
                shop.numbers(card(1, 4));
                shop.voids(card(1, 4));
                (shop, say(number(card(2, 4), Some(1))))
            },
        },
        Case {
            variant: "NumberNotFree",
            names: "Number 1",
            sentence: "Number 1 of position 4 of J1044 cannot be given: it was burned with a \
                 voided card.",
            how: || {
                let mut shop = Shop::under(&Policies::numbers_of_voided(VoidedNumber::Burned));
                shop.cuts(sheet(1));
                shop.cuts(sheet(2));
                shop.numbers(card(1, 4));
                shop.voids(card(1, 4));
                (shop, say(number(card(2, 4), Some(1))))
            },
        },
        Case {
            variant: "EditionExhausted",
            names: "position 4 of J1044",
            sentence: "The numbers of position 4 of J1044 are used up: the edition is of 1.",
            how: || {
                let mut policies = Policies::default();
                policies.numbering.edition_size = 1;
                let mut shop = Shop::under(&policies);
                shop.cuts(sheet(1));
                shop.cuts(sheet(2));
                shop.numbers(card(1, 4));
                (shop, scan("J1044-S002-04", "NUM-1"))
            },
        },
        Case {
            variant: "NoMemorabiliaWanted",
            names: "J1044-S001-01",
            sentence: "Card J1044-S001-01 takes no memorabilia in this product.",
            how: || {
                let mut shop = Shop::open();
                shop.cuts(sheet(1));
                (shop, say(place("RELIC-00001", card(1, 1))))
            },
        },
        Case {
            variant: "AlreadyHasPiece",
            names: "RELIC-00001",
            sentence: "Card J1044-S001-06 holds RELIC-00001 already.",
            how: || {
                let mut shop = Shop::open();
                shop.cuts(sheet(1));
                shop.places("RELIC-00001", card(1, RELIC));
                (shop, scan("RELIC-00002", "RELIC-1"))
            },
        },
        Case {
            variant: "PieceNotFree",
            names: "RELIC-00001",
            sentence: "Piece RELIC-00001 cannot go into J1044-S002-06: it is in J1044-S001-06.",
            how: || {
                let mut shop = Shop::open();
                shop.cuts(sheet(1));
                shop.cuts(sheet(2));
                shop.places("RELIC-00001", card(1, RELIC));
                (shop, say(place("RELIC-00001", card(2, RELIC))))
            },
        },
        Case {
            variant: "PieceNotFree",
            names: "RELIC-00001",
            sentence: "Piece RELIC-00001 cannot go into J1044-S002-06: it was lost with a voided \
                 card.",
            how: || {
                let memorabilia_of_voided = VoidedMemorabilia::Destroyed;
                let mut shop = Shop::under(&Policies {
                    memorabilia_of_voided,
                    ..Policies::default()
                });
                shop.cuts(sheet(1));
                shop.cuts(sheet(2));
                shop.places("RELIC-00001", card(1, RELIC));
                shop.voids(card(1, RELIC));
                (shop, say(place("RELIC-00001", card(2, RELIC))))
            },
        },
        Case {
            variant: "PieceNotFree",
            names: "BAT-1",
            sentence: "Piece BAT-1 cannot go into J1044-S001-06: it is RELIC-BAT, the card takes \
                 RELIC-JERSEY.",
            how: || {
                let mut shop = Shop::open();
                let mut piece = jersey("BAT-1");
                piece.kind = id("RELIC-BAT");
                shop.given([Command::RegisterMemorabilia { piece }]);
                shop.cuts(sheet(1));
                (shop, say(place("BAT-1", card(1, RELIC))))
            },
        },
        Case {
            variant: "PieceNotFree",
            names: "RELIC-P",
            sentence: "Piece RELIC-P cannot go into J1044-S001-06: the plan has it for \
                 J1044-S002-06.",
            how: || {
                let mut shop = Shop::open();
                let mut piece = jersey("RELIC-P");
                piece.planned_for = Some(card(2, RELIC));
                shop.given([Command::RegisterMemorabilia { piece }]);
                shop.cuts(sheet(1));
                (shop, say(place("RELIC-P", card(1, RELIC))))
            },
        },
        Case {
            variant: "NotVoided",
            names: "J1044-S001-01",
            sentence: "Card J1044-S001-01 is not voided: void it before replacing it.",
            how: || {
                let mut shop = Shop::open();
                shop.cuts(sheet(1));
                (shop, say(replace(card(1, 1), ReplaceWith::Reprint)))
            },
        },
        Case {
            variant: "AlreadyReplaced",
            names: "J1044-S001-01",
            sentence: "Card J1044-S001-01 is replaced by J1044-S001-01-R1 already.",
            how: || {
                let mut shop = Shop::open();
                let spare = shop.a_spare(1);
                shop.card_in(card(1, 1), CardUnitStatus::Voided);
                shop.reprints(card(1, 1));
                (shop, say(replace(card(1, 1), ReplaceWith::Spare(spare))))
            },
        },
        Case {
            variant: "NoSpare",
            names: "J1044-S001-01",
            sentence: "No spare stands in for J1044-S001-01: cut an overs sheet, or reprint the \
                 card.",
            how: || {
                let mut shop = Shop::open();
                shop.card_in(card(1, 1), CardUnitStatus::Voided);
                (shop, say(replace(card(1, 1), ReplaceWith::AnySpare)))
            },
        },
        Case {
            variant: "SpareDoesNotFit",
            names: "J1044-S002-01",
            sentence: "J1044-S002-01 cannot stand in for J1044-S001-01: it does not come from an \
                 overs sheet.",
            how: || {
                let mut shop = Shop::open();
                shop.card_in(card(1, 1), CardUnitStatus::Voided);
                shop.cuts(sheet(2));
                (
                    shop,
                    say(replace(card(1, 1), ReplaceWith::Spare(card(2, 1)))),
                )
            },
        },
        Case {
            variant: "SpareDoesNotFit",
            names: "J1044-S009-02",
            sentence: "J1044-S009-02 cannot stand in for J1044-S001-01: it has another \
                 position.",
            how: || {
                let mut shop = Shop::open();
                shop.card_in(card(1, 1), CardUnitStatus::Voided);
                shop.cuts(sheet(9));
                (
                    shop,
                    say(replace(card(1, 1), ReplaceWith::Spare(card(9, 2)))),
                )
            },
        },
        Case {
            variant: "SpareDoesNotFit",
            names: "J1044-S009-01",
            sentence: "J1044-S009-01 cannot stand in for J1044-S001-01: it is on hold.",
            how: || {
                let mut shop = Shop::open();
                shop.card_in(card(1, 1), CardUnitStatus::Voided);
                shop.cuts(sheet(9));
                shop.given([hold(Holdable::CardUnit(card(9, 1)))]);
                (
                    shop,
                    say(replace(card(1, 1), ReplaceWith::Spare(card(9, 1)))),
                )
            },
        },
        Case {
            variant: "SpareDoesNotFit",
            names: "J1044-S009-01",
            sentence: "J1044-S009-01 cannot stand in for J1044-S001-01: it is voided.",
            how: || {
                let mut shop = Shop::open();
                shop.card_in(card(1, 1), CardUnitStatus::Voided);
                shop.cuts(sheet(9));
                shop.voids(card(9, 1));
                (
                    shop,
                    say(replace(card(1, 1), ReplaceWith::Spare(card(9, 1)))),
                )
            },
        },
        Case {
            variant: "SpareDoesNotFit",
            names: "J7-S001-01",
            sentence: "J7-S001-01 cannot stand in for J1044-S001-01: it is of another job.",
            how: || {
                let mut shop = Shop::open();
                shop.card_in(card(1, 1), CardUnitStatus::Voided);

                (
                    shop,
                    say(replace(card(1, 1), ReplaceWith::Spare(id("J7-S001-01")))),
                )
            },
        },
        Case {
            variant: "WrongSheet",
            names: "J1044-S002-01",
            sentence: "Wrong sheet: J1044-S002-01 does not belong to J1044-S001-SET, which is \
                 being gathered here.",
            how: || {
                let mut shop = Shop::open();
                shop.cuts(sheet(1));
                shop.cuts(sheet(2));
                shop.gathers(card(1, 1));
                shop.passes(card(2, 1));
                (shop, scan("J1044-S002-01", "BENCH-1"))
            },
        },
        Case {
            variant: "Duplicate",
            names: "J1044-S001-01",
            sentence: "J1044-S001-01 lies in J1044-S001-SET already.",
            how: || {
                let mut shop = Shop::open();
                shop.card_in(card(1, 1), CardUnitStatus::Assembled);
                (shop, scan("J1044-S001-01", "BENCH-2"))
            },
        },
        Case {
            variant: "NotInSet",
            names: "J1044-S001-01",
            sentence: "J1044-S001-01 does not lie in J1044-S001-SET.",
            how: || {
                let mut shop = Shop::open();
                shop.cuts(sheet(1));
                (shop, scan("J1044-S001-01", "PACK-1"))
            },
        },
        Case {
            variant: "PositionConceded",
            names: "J1044-S001-02",
            sentence: "J1044-S001-02 is not replaced: by a signed concession, J1044-S001-SET does \
                 without position 2.",
            how: || {
                let mut shop = Shop::under(&Policies::voiding(VoidPolicy::ReleaseShort));
                shop.set_in(1, AssemblyStatus::Complete);
                shop.voids(card(1, 2));
                shop.when(Command::SignConcession {
                    assembly_id: set(1),
                    positions: vec![2],
                    reason: "the customer agrees".into(),
                })
                .by("OP-2")
                .then_done();
                let command = Command::ReplaceCardUnit {
                    card_unit_id: card(1, 2),
                    with: ReplaceWith::Reprint,
                };
                (shop, say(command))
            },
        },
        Case {
            variant: "SetIncomplete",
            names: "J1044-S001-SET",
            sentence: "J1044-S001-SET is not complete. Missing positions: 1, 2, 3, 4, 5, 6.",
            how: || {
                let mut shop = Shop::open();
                shop.cuts(sheet(1));
                (shop, scan("J1044-S001-SET", "PACK-1"))
            },
        },
        Case {
            variant: "ConcessionNotAllowed",
            names: "J1044-S001-SET",
            sentence: "J1044-S001-SET cannot leave short: this product waits for a replacement.",
            how: || {
                let mut shop = Shop::open();
                shop.card_in(card(1, 1), CardUnitStatus::Voided);
                (shop, concede(vec![1]))
            },
        },
        Case {
            variant: "ConcessionLeavesNothing",
            names: "J1044-S001-SET",
            sentence: "J1044-S001-SET has no card left that could leave: replace one, or scrap the set.",
            how: || {
                let mut shop = Shop::under(&Policies::voiding(VoidPolicy::ReleaseShort));
                shop.cuts(sheet(1));
                for position in 1..=6 {
                    shop.voids(card(1, position));
                }
                (shop, concede(vec![1, 2, 3, 4, 5, 6]))
            },
        },
        Case {
            variant: "ConcessionMustNameTheVacant",
            names: "J1044-S001-SET",
            sentence: "A concession for J1044-S001-SET names exactly its vacant positions: 1.",
            how: || {
                let mut shop = Shop::under(&Policies::voiding(VoidPolicy::ReleaseShort));
                shop.card_in(card(1, 1), CardUnitStatus::Voided);
                (shop, concede(vec![1, 2]))
            },
        },
        Case {
            variant: "PackFull",
            names: "J1044-BOX-001",
            sentence: "J1044-BOX-001 is full: it holds 2.",
            how: || {
                let mut shop = Shop::open();
                for number in 1..=3 {
                    shop.set_in(number, AssemblyStatus::Complete);
                }
                shop.packs_the_set_of(sheet(1));
                shop.packs_the_set_of(sheet(2));
                shop.given([Command::ReopenPack {
                    pack_id: box_(1),
                    reason: "to look".into(),
                }]);
                let (assembly_id, pack_id) = (set(3), Some(box_(1)));
                (
                    shop,
                    say(Command::PackSet {
                        assembly_id,
                        pack_id,
                    }),
                )
            },
        },
        Case {
            variant: "PackNotOpen",
            names: "J1044-BOX-001",
            sentence: "J1044-BOX-001 is closed.",
            how: || {
                let mut shop = Shop::open();
                shop.box_in(1, PackStatus::Closed);
                (shop, say(Command::OpenPack { pack_id: box_(1) }))
            },
        },
        Case {
            variant: "PackStillOpen",
            names: "J1044-BOX-001",
            sentence: "J1044-BOX-001 is still open: close it first.",
            how: || {
                let mut shop = Shop::open();
                shop.box_in(1, PackStatus::Open);
                (shop, say(Command::ShipPack { pack_id: box_(1) }))
            },
        },
        Case {
            variant: "PackEmpty",
            names: "J1044-BOX-001",
            sentence: "J1044-BOX-001 is empty.",
            how: || {
                let mut shop = Shop::open();
                shop.given([Command::OpenPack { pack_id: box_(1) }]);
                (shop, say(Command::ClosePack { pack_id: box_(1) }))
            },
        },
        Case {
            variant: "PackShipped",
            names: "J1044-BOX-001",
            sentence: "J1044-BOX-001 has left the shop.",
            how: || {
                let mut shop = Shop::open();
                shop.box_in(1, PackStatus::Shipped);
                (shop, scan("J1044-BOX-001", "PACK-1"))
            },
        },
        Case {
            variant: "PackInside",
            names: "J1044-BOX-001",
            sentence: "J1044-BOX-001 stands in J1044-CASE-001.",
            how: || {
                let mut shop = Shop::open();
                shop.box_in(1, PackStatus::Closed);
                shop.scan("J1044-BOX-001", "PACK-1").then_done();
                (shop, say(Command::ShipPack { pack_id: box_(1) }))
            },
        },
        Case {
            variant: "NotABox",
            names: "J1044-CASE-001",
            sentence: "J1044-S001-SET goes into a box, and J1044-CASE-001 is a case.",
            how: || {
                let mut shop = Shop::open();
                shop.set_in(1, AssemblyStatus::Complete);
                shop.given([Command::OpenPack { pack_id: case(1) }]);
                let (assembly_id, pack_id) = (set(1), Some(case(1)));
                (
                    shop,
                    say(Command::PackSet {
                        assembly_id,
                        pack_id,
                    }),
                )
            },
        },
        Case {
            variant: "WrongJob",
            names: "J1045-BOX-001",
            sentence: "Wrong job: J1044-S001-SET does not belong into J1045-BOX-001.",
            how: || {
                let mut shop = Shop::open();
                a_second_job(&mut shop);
                shop.set_in(1, AssemblyStatus::Complete);
                shop.given([Command::OpenPack {
                    pack_id: id("J1045-BOX-001"),
                }]);
                let (assembly_id, pack_id) = (set(1), Some(id("J1045-BOX-001")));
                (
                    shop,
                    say(Command::PackSet {
                        assembly_id,
                        pack_id,
                    }),
                )
            },
        },
        Case {
            variant: "DoesNotNest",
            names: "A box does not go into a pallet",
            sentence: "A box does not go into a pallet.",
            how: || {
                let mut shop = Shop::open();
                shop.box_in(1, PackStatus::Closed);
                shop.given([Command::OpenPack { pack_id: pallet(1) }]);
                let (pack_id, outer_pack_id) = (box_(1), Some(pallet(1)));
                (
                    shop,
                    say(Command::NestPack {
                        pack_id,
                        outer_pack_id,
                    }),
                )
            },
        },
        Case {
            variant: "PackNumberNotNext",
            names: "J1044-BOX-005",
            sentence: "The next box of the job is J1044-BOX-001, not J1044-BOX-005.",
            how: || (Shop::open(), scan("J1044-BOX-005", "PACK-1")),
        },
        Case {
            variant: "NoSuchEvent",
            names: "999999",
            sentence: "There is no event 999999.",
            how: || (Shop::open(), say(undo(999_999))),
        },
        Case {
            variant: "CannotBeUndone",
            names: "Event 1 ",
            sentence: "Event 1 (OperatorRegistered) cannot be undone.",
            how: || (Shop::open(), say(undo(1))),
        },
        Case {
            variant: "SomethingDependsOnIt",
            names: "J1044-S001-01",
            sentence: "Event 58 cannot be undone: CardUnitEnteredStation of J1044-S001-01 (event \
                 59) came after it.",
            how: || {
                let mut shop = Shop::open();
                shop.cuts(sheet(1));
                let entered = shop.dies(card(1, 1))[0].sequence_num;
                shop.brings_to_qa(card(1, 1));
                (shop, say(undo(entered)))
            },
        },
    ]
}
