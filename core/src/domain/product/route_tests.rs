//! Claims about a product's DAG and about publishing it: what is refused, what is named, what follows
//! what.

use super::{OperationNode, Product, ProductEvent, ProductSpec, RouteProblem, publish};
use crate::domain::{Decimal, Decision, Refusal};
use crate::identity::{OperationId, ProductId};
use proptest::prelude::*;
use serde_json::{Value, json};
use std::sync::Arc;

fn id(text: &str) -> OperationId {
    text.parse().unwrap()
}

/// `operation("QA", "qa card_unit", &["DIE"])`
fn operation(name: &str, what: &str, predecessors: &[&str]) -> OperationNode {
    let (station_type, entity) = what.split_once(' ').unwrap();
    serde_json::from_value(json!({
        "operation_id": name, "operation_type": name, "station_type": station_type,
        "required_for_entity_type": entity, "predecessors": predecessors,
        "standard_time_minutes": 1
    }))
    .unwrap()
}

fn for_positions(mut node: OperationNode, positions: &[u16]) -> OperationNode {
    node.positions = Some(positions.to_vec());
    node
}

fn with_yield(mut node: OperationNode, millionths: u64) -> OperationNode {
    node.expected_yield = Decimal::from_millionths(millionths);
    node
}

/// Two sheet operations, the cut, die, embossing for position 2 only, QA, and the set's two: sound.
fn operations() -> Vec<OperationNode> {
    vec![
        operation("PRESS", "press sheet", &[]),
        operation("FOIL", "foil sheet", &["PRESS"]),
        operation("CUT", "cutting sheet", &["FOIL"]),
        operation("DIE", "die_cut card_unit", &["CUT"]),
        for_positions(operation("EMBOSS", "emboss card_unit", &["DIE"]), &[2]),
        operation("QA", "qa card_unit", &["EMBOSS"]),
        operation("GATHER", "assembly assembly", &["QA"]),
        operation("PACK", "packing assembly", &["GATHER"]),
    ]
}

/// Three up, with these operations.
fn spec(operations: Vec<OperationNode>) -> ProductSpec {
    let position = |position: u16| json!({"position": position, "design": "D"});
    let mut spec: ProductSpec = serde_json::from_value(json!({
        "name": "three up",
        "layout": {"n_up": 3, "rows": 1, "columns": 3,
            "positions": [position(1), position(2), position(3)]},
        "operations": [], "rework_limit": 1
    }))
    .unwrap();
    spec.operations = operations;
    spec
}

/// The sound operations with these instead of, or after, those of the same id.
fn changed(changes: Vec<OperationNode>) -> ProductSpec {
    let mut operations = operations();
    for change in changes {
        let same = operations
            .iter()
            .position(|n| n.operation_id == change.operation_id);
        match same {
            Some(index) => operations[index] = change,
            None => operations.push(change),
        }
    }
    spec(operations)
}

fn problems(spec: &ProductSpec) -> Vec<String> {
    let told: Vec<String> = spec
        .route_problems()
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(
        spec.problems(),
        told,
        "a planner is told what the route says"
    );
    told
}

#[test]
fn a_sound_product_has_no_problems() {
    assert_eq!(problems(&spec(operations())), Vec::<String>::new());
}

#[test]
fn a_circle_is_found_and_named_in_the_order_of_the_work() {
    let spec = changed(vec![
        operation("DIE", "die_cut card_unit", &["CUT", "QA"]),
        operation("EMBOSS", "emboss card_unit", &["DIE"]),
        operation("QA", "qa card_unit", &["EMBOSS"]),
    ]);
    let problems = spec.route_problems();
    let [RouteProblem::Cycle(circle)] = &problems[..] else {
        panic!("{problems:?}")
    };
    assert_eq!(circle.len(), 3);
    // Each waits for the one before it, and the first for the last.
    for (index, waits) in circle.iter().enumerate() {
        let before = &circle[(index + circle.len() - 1) % circle.len()];
        let node = spec.operation(waits).unwrap();
        assert!(
            node.predecessors.contains(before),
            "{waits} waits for {before}: {circle:?}"
        );
    }
}

#[test]
fn an_operation_that_waits_for_itself_is_a_circle() {
    let spec = changed(vec![operation("QA", "qa card_unit", &["QA"])]);
    assert_eq!(spec.route_problems(), [RouteProblem::Cycle(vec![id("QA")])]);
    assert_eq!(
        problems(&spec),
        ["operations wait for each other in a circle: QA"]
    );
}

#[test]
fn what_hangs_behind_a_circle_is_not_part_of_it() {
    let spec = changed(vec![
        operation("DIE", "die_cut card_unit", &["EMBOSS"]),
        operation("EMBOSS", "emboss card_unit", &["DIE"]),
    ]);
    let problems = spec.route_problems();
    let [RouteProblem::Cycle(circle)] = &problems[..] else {
        panic!("{problems:?}")
    };
    let mut names: Vec<&str> = circle.iter().map(OperationId::as_str).collect();
    names.sort_unstable();
    assert_eq!(names, ["DIE", "EMBOSS"]);
}

#[test]
fn a_sheet_operation_cannot_wait_for_what_comes_after_its_sheet() {
    let spec = changed(vec![
        operation("FOIL", "foil sheet", &["PRESS", "DIE"]),
        operation("UV", "uv sheet", &["GATHER"]),
    ]);
    assert_eq!(
        problems(&spec)[..2],
        [
            "operation FOIL can never start: it waits for DIE, which comes later",
            "operation UV can never start: it waits for GATHER, which comes later",
        ]
    );
}

#[test]
fn a_sheet_operation_cannot_wait_for_the_cut() {
    let spec = changed(vec![operation("UV", "uv sheet", &["CUT"])]);
    assert_eq!(
        spec.route_problems(),
        [RouteProblem::Unreachable {
            operation_id: id("UV"),
            predecessor: id("CUT")
        }]
    );
}

#[test]
fn a_card_operation_cannot_wait_for_its_set() {
    let spec = changed(vec![operation("WAX", "wax card_unit", &["GATHER"])]);
    assert_eq!(
        problems(&spec),
        ["operation WAX can never start: it waits for GATHER, which comes later"]
    );
}

#[test]
fn an_operation_listed_twice_is_named_once_for_each_repeat() {
    let mut twice = operations();
    twice.push(operation("QA", "qa card_unit", &["DIE"]));
    twice.push(operation("QA", "qa card_unit", &[]));
    assert_eq!(
        problems(&spec(twice)),
        [
            "operation QA is listed twice",
            "operation QA is listed twice"
        ]
    );
}

#[test]
fn an_unknown_predecessor_is_named_with_who_waits_for_it() {
    let spec = changed(vec![operation(
        "QA",
        "qa card_unit",
        &["EMBOSS", "VARNISH"],
    )]);
    assert_eq!(
        problems(&spec),
        ["operation QA waits for VARNISH, which is no operation of this product"]
    );
}

#[test]
fn a_position_that_the_layout_does_not_have_is_named() {
    let emboss = operation("EMBOSS", "emboss card_unit", &["DIE"]);
    let spec = changed(vec![for_positions(emboss, &[0, 3, 4])]);
    assert_eq!(
        problems(&spec),
        [
            "operation EMBOSS is for position 0, which the layout does not have",
            "operation EMBOSS is for position 4, which the layout does not have",
        ]
    );
}

#[test]
fn a_serialized_position_needs_a_numbering_operation_and_an_edition() {
    let missing = RouteProblem::OperationMissing {
        for_what: "serialized",
        position: 2,
    };
    let mut spec = spec(operations());
    spec.layout.positions[1].serialized = true;
    let no_edition = RouteProblem::OutOfRange(
        "position 2 is serialized, but the product has no numbering: say the edition's size and scope"
            .to_owned(),
    );
    assert_eq!(spec.route_problems(), [no_edition.clone(), missing]);
    spec.operations
        .push(operation("NUMBER", "numbering card_unit", &["QA"]));
    assert_eq!(spec.route_problems(), [no_edition]);
    spec.numbering =
        Some(serde_json::from_value(json!({"scope": "job_design", "edition_size": 99})).unwrap());
    assert_eq!(spec.route_problems(), []);
    spec.numbering.as_mut().unwrap().edition_size = 0;
    assert_eq!(
        problems(&spec),
        ["edition_size is 0: an edition has at least one number"]
    );
    spec.numbering.as_mut().unwrap().edition_size = 1_000_001;
    assert_eq!(
        problems(&spec),
        ["edition_size is 1000001: an edition has at most 1000000 numbers"]
    );
    spec.numbering.as_mut().unwrap().edition_size = 1_000_000;
    spec.operations
        .push(operation("NUMBER-2", "numbering card_unit", &["NUMBER"]));
    assert_eq!(
        problems(&spec),
        ["operations NUMBER, NUMBER-2: a card gets one number, so there is one such operation"]
    );
}

#[test]
fn a_position_for_memorabilia_needs_its_operation() {
    let mut spec = spec(operations());
    spec.layout.positions[2].memorabilia = Some("RELIC-JERSEY".parse().unwrap());
    assert_eq!(
        problems(&spec),
        ["position 3 is for memorabilia, but no operation of the product does that"]
    );
    spec.operations
        .push(operation("RELIC", "memorabilia card_unit", &["QA"]));
    assert_eq!(spec.route_problems(), []);
}

#[test]
fn a_product_is_cut_exactly_once_and_something_comes_before() {
    let without: Vec<OperationNode> = vec![operation("PACK", "packing assembly", &[])];
    assert_eq!(
        problems(&spec(without)),
        [
            "a product has exactly one sheet operation of type cutting, found 0",
            "no sheet operation comes before the cut",
        ]
    );
    let twice = changed(vec![operation("TRIM", "cutting sheet", &["FOIL"])]);
    assert_eq!(twice.route_problems(), [RouteProblem::CutsNotOne(2)]);
}

#[test]
fn a_station_type_works_only_on_what_it_is_made_for() {
    let spec = changed(vec![
        operation("A", "qa sheet", &[]),
        operation("B", "packing card_unit", &[]),
        operation("C", "wax assembly", &[]),
    ]);
    assert_eq!(
        problems(&spec),
        [
            "operation A: stations of type qa do not work on sheets",
            "operation B: stations of type packing do not work on card units",
            "operation C: stations of type wax do not work on sets",
        ]
    );
}

#[test]
fn a_yield_is_above_0_and_at_most_1() {
    let spec = changed(vec![
        with_yield(operation("PRESS", "press sheet", &[]), 0),
        with_yield(operation("FOIL", "foil sheet", &["PRESS"]), 1_000_001),
        with_yield(operation("CUT", "cutting sheet", &["FOIL"]), 1),
    ]);
    assert_eq!(
        problems(&spec),
        [
            "operation PRESS: expected_yield 0 should be above 0 and at most 1",
            "operation FOIL: expected_yield 1.000001 should be above 0 and at most 1",
        ]
    );
}

#[test]
fn a_pack_holds_at_least_one() {
    let mut spec = spec(operations());
    spec.packing.boxes_per_case = 0;
    assert_eq!(problems(&spec), ["packing: a pack holds at least one"]);
}

#[test]
fn expected_yields_multiply_along_sheets_and_along_cards() {
    let spec = changed(vec![
        with_yield(operation("PRESS", "press sheet", &[]), 900_000),
        with_yield(operation("CUT", "cutting sheet", &["FOIL"]), 990_000),
        with_yield(operation("DIE", "die_cut card_unit", &["CUT"]), 980_000),
        with_yield(operation("QA", "qa card_unit", &["EMBOSS"]), 500_000),
    ]);
    let (sheets, cards) = spec.expected_yields();
    assert_eq!(
        (sheets.to_string(), cards.to_string()),
        ("0.891".into(), "0.49".into())
    );
}

fn names<'a>(nodes: impl IntoIterator<Item = &'a OperationNode>) -> Vec<&'a str> {
    let mut names: Vec<&str> = nodes.into_iter().map(|n| n.operation_id.as_str()).collect();
    names.sort_unstable();
    names
}

#[test]
fn sheets_cards_and_the_cut_have_their_own_operations() {
    let spec = spec(operations());
    assert_eq!(names(spec.sheet_operations()), ["FOIL", "PRESS"]);
    assert_eq!(spec.cut_operation().operation_id, id("CUT"));
    assert_eq!(names(spec.card_operations(1)), ["DIE", "QA"]);
    assert_eq!(names(spec.card_operations(2)), ["DIE", "EMBOSS", "QA"]);
}

#[test]
fn numbering_and_memorabilia_go_by_the_layout() {
    let mut spec = changed(vec![
        operation("NUMBER", "numbering card_unit", &["QA"]),
        // A list of positions does not matter here.
        for_positions(operation("RELIC", "memorabilia card_unit", &["QA"]), &[1]),
    ]);
    spec.layout.positions[1].serialized = true;
    spec.layout.positions[2].memorabilia = Some("RELIC-JERSEY".parse().unwrap());
    assert_eq!(names(spec.card_operations(1)), ["DIE", "QA"]);
    assert_eq!(
        names(spec.card_operations(2)),
        ["DIE", "EMBOSS", "NUMBER", "QA"]
    );
    assert_eq!(names(spec.card_operations(3)), ["DIE", "QA", "RELIC"]);
}

#[test]
fn predecessors_pass_through_operations_that_are_not_for_the_position() {
    // EMBOSS (2 only) → DEBOSS (2 only) → QA: a card at 1 waits for what those wait for.
    let spec = changed(vec![
        for_positions(
            operation("DEBOSS", "emboss card_unit", &["EMBOSS", "GLUE"]),
            &[2],
        ),
        operation("GLUE", "glue card_unit", &["CUT"]),
        operation("QA", "qa card_unit", &["DEBOSS", "DIE"]),
    ]);
    let qa = spec.operation(&id("QA")).unwrap();
    assert_eq!(
        names(spec.card_predecessors(qa, 1)),
        ["DIE", "GLUE"],
        "each named once"
    );
    assert_eq!(names(spec.card_predecessors(qa, 2)), ["DEBOSS", "DIE"]);
}

#[test]
fn what_came_before_the_cut_is_behind_every_card() {
    let spec = changed(vec![operation(
        "DIE",
        "die_cut card_unit",
        &["CUT", "PRESS"],
    )]);
    let die = spec.operation(&id("DIE")).unwrap();
    assert_eq!(names(spec.card_predecessors(die, 1)), Vec::<&str>::new());
}

/// A ladder of 30 steps with two ways at each: 2^30 ways, 60 operations. A walk that forgets where it
/// has been does not come back.
#[test]
fn predecessors_are_found_though_there_are_a_billion_ways_to_them() {
    let mut changes = Vec::new();
    let rung = |step: usize| [format!("L{step}"), format!("R{step}")];
    for step in 0..30 {
        let before = if step == 0 {
            ["DIE".to_owned(), "CUT".to_owned()]
        } else {
            rung(step - 1)
        };
        for name in rung(step) {
            let node = operation(&name, "emboss card_unit", &[&before[0], &before[1]]);
            changes.push(for_positions(node, &[2]));
        }
    }
    let last = rung(29);
    changes.push(operation("QA", "qa card_unit", &[&last[0], &last[1]]));
    let spec = changed(changes);
    assert_eq!(spec.route_problems(), []);
    let qa = spec.operation(&id("QA")).unwrap();
    assert_eq!(names(spec.card_predecessors(qa, 1)), ["DIE"]);
}

#[test]
fn descendants_are_all_that_come_after_be_it_in_the_set() {
    let spec = spec(operations());
    let descendants = |name: &str| {
        let mut found: Vec<String> = (spec.descendants(&id(name)).iter())
            .map(|id| id.as_str().to_owned())
            .collect();
        found.sort();
        found
    };
    assert_eq!(descendants("EMBOSS"), ["GATHER", "PACK", "QA"]);
    assert_eq!(
        descendants("FOIL"),
        ["CUT", "DIE", "EMBOSS", "GATHER", "PACK", "QA"]
    );
    assert_eq!(descendants("PACK"), Vec::<String>::new());
    assert_eq!(descendants("NO-SUCH"), Vec::<String>::new());
}

#[test]
fn descendants_do_not_depend_on_the_order_in_which_operations_are_listed() {
    let mut backwards = operations();
    backwards.reverse();
    let backwards = spec(backwards);
    assert_eq!(backwards.descendants(&id("PRESS")).len(), 7);
    assert_eq!(backwards.route_problems(), []);
}

proptest! {
    /// Card operations that each wait for some listed before: never a circle. One that also waits
    /// backwards, from its own descendant: always one, and a true one.
    #[test]
    fn a_circle_is_found_exactly_where_there_is_one(
        edges in prop::collection::vec((0..8_usize, 0..8_usize), 0..16),
        back in prop::option::of((0..8_usize, 0..8_usize)),
    ) {
        let mut predecessors: Vec<Vec<String>> = vec![Vec::new(); 8];
        for (a, b) in &edges {
            if a != b {
                predecessors[*a.max(b)].push(format!("X{}", a.min(b)));
            }
        }
        if let Some((early, late)) = back {
            predecessors[early.min(late)].push(format!("X{}", early.max(late)));
        }
        let changes = predecessors.iter().enumerate().map(|(n, before)| {
            let before: Vec<&str> = before.iter().map(String::as_str).collect();
            operation(&format!("X{n}"), "work card_unit", &before)
        });
        let spec = changed(changes.collect());
        // The slow way: an operation that comes after itself.
        let circular = spec.operations.iter().any(|node| {
            spec.descendants(&node.operation_id).contains(&node.operation_id)
        });
        match &spec.route_problems()[..] {
            [] => prop_assert!(!circular),
            [RouteProblem::Cycle(circle)] => {
                prop_assert!(circular);
                for (index, waits) in circle.iter().enumerate() {
                    let before = &circle[(index + circle.len() - 1) % circle.len()];
                    prop_assert!(spec.operation(waits).unwrap().predecessors.contains(before));
                }
            }
            other => prop_assert!(false, "{:?}", other),
        }
    }
}

fn product_id() -> ProductId {
    "P".parse().unwrap()
}

/// Publishes, and takes the product on.
fn published(product: Option<Product>, version: u32, spec: &Arc<ProductSpec>) -> Product {
    let decision = publish(product.as_ref(), &product_id(), version, spec).unwrap();
    let events = decision.into_events();
    let [crate::domain::Event::Product(event @ ProductEvent::ProductSpecPublished(e))] =
        &events[..]
    else {
        panic!("{events:?}")
    };
    assert_eq!((e.product_version, &e.spec), (version, spec));
    Product::evolve(product, event)
}

#[test]
fn versions_are_published_one_after_the_other() {
    let spec = Arc::new(spec(operations()));
    let product = published(None, 1, &spec);
    let product = published(Some(product), 2, &spec);
    assert_eq!(product.version(2), Some(&spec));
    assert_eq!(product.version(0), None);
    assert_eq!(product.version(3), None);
}

#[test]
fn a_version_that_is_not_the_next_is_refused_with_the_next() {
    let spec = Arc::new(spec(operations()));
    for (product, version, wanted) in [
        (None, 2, 1),
        (None, 0, 1),
        (Some(published(None, 1, &spec)), 3, 2),
        (Some(published(None, 1, &spec)), 0, 2),
        (Some(published(None, 1, &spec)), u32::MAX, 2),
    ] {
        let refusal = publish(product.as_ref(), &product_id(), version, &spec).unwrap_err();
        assert!(
            matches!(&refusal, Refusal::ProductVersionNotNext { product_id: id, given, next }
                if *id == product_id() && *given == version && *next == wanted),
            "{refusal:?}"
        );
    }
}

#[test]
fn to_publish_the_same_again_changes_nothing() {
    let spec = Arc::new(spec(operations()));
    let product = published(Some(published(None, 1, &spec)), 2, &spec);
    for version in [1, 2] {
        let same = Arc::new(ProductSpec::clone(&spec));
        let decision = publish(Some(&product), &product_id(), version, &same).unwrap();
        assert_eq!(decision, Decision::AlreadyRecorded);
    }
}

#[test]
fn a_published_version_cannot_get_other_content() {
    let product = published(None, 1, &Arc::new(spec(operations())));
    let mut other = spec(operations());
    other.rework_limit = 2;
    let refusal = publish(Some(&product), &product_id(), 1, &Arc::new(other)).unwrap_err();
    assert!(
        matches!(refusal, Refusal::ExistsDifferently { .. }),
        "{refusal:?}"
    );
}

#[test]
fn positions_are_of_a_cards_work_and_name_one_at_least() {
    let told = |operation: OperationNode| problems(&changed(vec![operation]));
    let wrong = |name: &str| {
        let rule = "positions name at least one position, of a card's work or inspection";
        vec![format!("operation {name}: {rule}")]
    };
    let die = || operation("EMBOSS", "emboss card_unit", &["CUT"]);
    assert_eq!(told(for_positions(die(), &[1])), [""; 0]);
    assert_eq!(told(for_positions(die(), &[])), wrong("EMBOSS"));
    let varnish = operation("VARNISH", "varnish sheet", &[]);
    assert_eq!(told(for_positions(varnish, &[1])), wrong("VARNISH"));
}

#[test]
fn an_unsound_spec_is_refused_with_all_its_problems() {
    let mut unsound = changed(vec![operation("QA", "qa card_unit", &["QA", "NO-SUCH"])]);
    unsound.layout.rows = 0;
    let refusal = publish(None, &product_id(), 1, &Arc::new(unsound)).unwrap_err();
    let Refusal::ProductSpecUnsound { problems, .. } = refusal else {
        panic!("{refusal:?}")
    };
    assert_eq!(
        problems,
        [
            "0 rows × 3 columns do not hold n_up = 3 positions",
            "operation QA waits for NO-SUCH, which is no operation of this product",
            "operations wait for each other in a circle: QA",
        ]
    );
}

#[test]
fn a_spec_survives_json() {
    let mut spec = changed(vec![with_yield(
        operation("DIE", "die_cut card_unit", &["CUT"]),
        123_456,
    )]);
    spec.layout.positions[0].serialized = true;
    let text = serde_json::to_string(&spec).unwrap();
    assert_eq!(serde_json::from_str::<ProductSpec>(&text).unwrap(), spec);
    let value: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(value["operations"][3]["expected_yield"], json!(0.123_456));
}
