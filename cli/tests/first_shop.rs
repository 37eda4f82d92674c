//! docs/first-shop.md is true: what stands there is run, line by line, and says what stands there.

mod support;

use jiff::Timestamp;
use std::path::Path;
use std::process::Command;
use support::{said, without_settings};

/// A command, and the lines that it says.
struct Step {
    command: String,
    says: Vec<String>,
}

/// What stands in the document between "```console" and "```".
fn steps(document: &str) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    let mut within = false;
    for line in document.lines() {
        match line.strip_prefix("$ ") {
            _ if line.starts_with("```") => within = line == "```console",
            _ if !within => {}
            Some(command) => steps.push(Step {
                command: command.to_owned(),
                says: Vec::new(),
            }),
            None => {
                let step = steps.last_mut().expect("a command comes first");
                step.says.push(line.to_owned());
            }
        }
    }
    steps
}

/// The line, with whatever is a time told as one: it is another each time.
fn without_times(line: &str) -> String {
    let word = |word| match str::parse::<Timestamp>(word) {
        Ok(_) => "<time>",
        Err(_) => word,
    };
    line.split(' ').map(word).collect::<Vec<_>>().join(" ")
}

#[test]
fn a_first_shop_is_made_as_the_document_says() {
    let document = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/first-shop.md");
    let document = std::fs::read_to_string(document).expect("the document");
    let steps = steps(&document);
    assert!(steps.len() > 15, "there are {} steps", steps.len());
    let folder = tempfile::tempdir().expect("a folder");
    let program = Path::new(env!("CARGO_BIN_EXE_sheetwise"));
    let path = std::env::var_os("PATH").unwrap_or_default();
    let paths = std::env::split_paths(&path);
    let path = std::iter::once(program.parent().expect("a folder").to_owned()).chain(paths);
    let path = std::env::join_paths(path).expect("a path");
    for step in steps {
        let output = without_settings(Command::new("bash"))
            .args(["-c", &step.command])
            .current_dir(folder.path())
            .env("PATH", &path)
            .output()
            .expect("bash");
        let (_, stdout, stderr) = said(&output);
        let lines = |lines: &mut dyn Iterator<Item = &str>| -> Vec<String> {
            lines.map(without_times).collect()
        };
        assert_eq!(
            lines(&mut stdout.lines().chain(stderr.lines())),
            lines(&mut step.says.iter().map(String::as_str)),
            "$ {}",
            step.command
        );
    }
}
