//! What goes to the person: sentences, tables, JSON, progress bars.

use indicatif::{ProgressBar, ProgressStyle};
use serde_json::{Value, json};
use sheetwise_store::maintenance::Progress;
use std::cell::OnceCell;
use std::io::{self, IsTerminal, Write};
use std::sync::OnceLock;

pub(crate) struct Output {
    json: bool,
    quiet: bool,
    /// Why a line of the result could not be written: the first of them.
    unwritten: OnceLock<String>,
}

impl Output {
    pub(crate) const fn new(json: bool, quiet: bool) -> Self {
        Self {
            json,
            quiet,
            unwritten: OnceLock::new(),
        }
    }

    /// A program reads it.
    pub(crate) const fn is_json(&self) -> bool {
        self.json
    }

    /// The result: a sentence for a person, a value for a program.
    pub(crate) fn say(&self, sentence: impl AsRef<str>, value: impl FnOnce() -> Value) {
        let line = if self.json {
            value().to_string()
        } else {
            sentence.as_ref().to_owned()
        };
        if let Err(problem) = write_out(format!("{line}\n").as_bytes()) {
            self.unwritten.get_or_init(|| problem);
        }
    }

    /// Whether all of the result was written.
    pub(crate) fn was_written(&self) -> Result<(), String> {
        self.unwritten.get().map_or(Ok(()), |why| Err(why.clone()))
    }

    /// A word beside the result, for a person only.
    pub(crate) fn aside(&self, sentence: &str) {
        if !self.json && !self.quiet {
            drop(writeln!(io::stderr(), "{sentence}"));
        }
    }

    /// What went wrong, and what to do.
    pub(crate) fn problem(&self, problem: &str) {
        let line = if self.json {
            json!({ "error": problem }).to_string()
        } else {
            format!("error: {problem}")
        };
        drop(writeln!(io::stderr(), "{line}"));
    }

    /// A bar for long work, where somebody looks.
    pub(crate) fn progress(&self, what: &'static str) -> impl FnMut(Progress) + use<> {
        let shown = !self.quiet && !self.json && io::stderr().is_terminal();
        let bar: OnceCell<ProgressBar> = OnceCell::new();
        move |progress| {
            if !shown || progress.total == 0 {
                return;
            }
            let bar = bar.get_or_init(|| {
                let style = "{msg} {wide_bar} {pos}/{len} {per_sec} {eta}";
                let style = ProgressStyle::with_template(style).expect("a template");
                ProgressBar::new(progress.total)
                    .with_style(style)
                    .with_message(what)
            });
            bar.set_length(progress.total);
            bar.set_position(progress.done);
            if progress.done >= progress.total {
                bar.finish();
            }
        }
    }
}

/// Writes what is no line to the standard output. A closed pipe (`| head`) is no failure of ours.
pub(crate) fn write_out(bytes: &[u8]) -> Result<(), String> {
    let mut stdout = io::stdout();
    match stdout.write_all(bytes).and_then(|()| stdout.flush()) {
        Err(e) if e.kind() != io::ErrorKind::BrokenPipe => Err(format!("the standard output: {e}")),
        _ => Ok(()),
    }
}

/// `1 card`, `2 cards`: for words that only take an s.
pub(crate) fn counted(count: u64, word: &str) -> String {
    let s = if count == 1 { "" } else { "s" };
    format!("{count} {word}{s}")
}

/// A value as a person reads it.
pub(crate) fn plain(value: &Value) -> String {
    match value {
        Value::Null => "-".to_owned(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// Columns that are as wide as what stands in them.
pub(crate) struct Table {
    head: Vec<String>,
    rows: Vec<Vec<String>>,
}

impl Table {
    /// A table with these words above its columns; none where all are empty.
    pub(crate) fn new(head: &[&str]) -> Self {
        let head = head
            .iter()
            .map(|word| word.replace('_', " ").to_uppercase());
        Self {
            head: head.collect(),
            rows: Vec::new(),
        }
    }

    pub(crate) fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        self.rows.push(cells.into_iter().collect());
    }

    /// For a person; a program got its rows one by one.
    pub(crate) fn print(self, output: &Output) {
        if output.is_json() {
            return;
        }
        let mut lines = self.rows;
        if self.head.iter().any(|word| !word.is_empty()) {
            lines.insert(0, self.head);
        }
        let columns = lines.first().map_or(0, Vec::len);
        let width = |column: usize| {
            let cells = lines.iter().filter_map(|line| line.get(column));
            cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
        };
        let widths: Vec<usize> = (0..columns).map(width).collect();
        for line in &lines {
            let cells = line.iter().zip(&widths);
            let padded: Vec<String> = cells
                .map(|(cell, width)| format!("{cell:<width$}"))
                .collect();
            output.say(padded.join("  ").trim_end(), || Value::Null);
        }
    }
}
