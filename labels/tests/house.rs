//! The arrow: labels know ids, and nothing else of the core; and they touch nothing of the machine.

use std::path::Path;

#[test]
fn labels_know_ids_and_nothing_else_of_the_core_or_the_machine() {
    let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut looked_at = 0;
    for entry in sources.read_dir().expect("the source is there") {
        let path = entry.expect("the source is there").path();
        let source = std::fs::read_to_string(&path).expect("it is text");
        let path = path.display();
        for (at, used) in source.match_indices("sheetwise_core::") {
            let module = &source[at + used.len()..];
            assert!(module.starts_with("identity::"), "{path} uses {module:.40}");
        }
        for family in ["fs", "net", "env", "io", "time", "process", "thread"] {
            assert!(
                !source.contains(&format!("std::{family}")),
                "{path}: {family}"
            );
        }
        looked_at += 1;
    }
    assert!(looked_at > 10, "labels have more files than that");
}
