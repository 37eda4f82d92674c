//! The arrow: labels know ids, and nothing else of the core; and they touch nothing of the machine.

const SOURCES: [&str; 12] = [
    include_str!("../src/arrange.rs"),
    include_str!("../src/controls.rs"),
    include_str!("../src/error.rs"),
    include_str!("../src/label.rs"),
    include_str!("../src/lib.rs"),
    include_str!("../src/pages.rs"),
    include_str!("../src/pdf.rs"),
    include_str!("../src/stock.rs"),
    include_str!("../src/svg.rs"),
    include_str!("../src/symbol.rs"),
    include_str!("../src/text.rs"),
    include_str!("../src/thermal.rs"),
];

#[test]
fn labels_know_ids_and_nothing_else_of_the_core() {
    for source in SOURCES {
        for (at, _) in source.match_indices("sheetwise_core::") {
            let path = &source[at + "sheetwise_core::".len()..];
            assert!(path.starts_with("identity::"), "{}", &path[..40]);
        }
        for touched in [
            "std::fs",
            "std::net",
            "std::env",
            "std::io",
            "std::time",
            "std::process",
            "std::thread",
        ] {
            assert!(!source.contains(touched), "{touched}");
        }
    }
}
