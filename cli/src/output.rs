//! What goes to the person: sentences, JSON, progress bars.

use indicatif::{ProgressBar, ProgressStyle};
use serde_json::{Value, json};
use sheetwise_store::maintenance::Progress;
use std::cell::OnceCell;
use std::io::{self, IsTerminal, Write};

pub(crate) struct Output {
    json: bool,
    quiet: bool,
}

impl Output {
    pub(crate) const fn new(json: bool, quiet: bool) -> Self {
        Self { json, quiet }
    }

    /// The result: a sentence for a person, a value for a program.
    pub(crate) fn say(&self, sentence: impl AsRef<str>, value: impl FnOnce() -> Value) {
        let line = if self.json {
            value().to_string()
        } else {
            sentence.as_ref().to_owned()
        };
        // A closed pipe (`| head`) is no failure of ours.
        drop(writeln!(io::stdout(), "{line}"));
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
    pub(crate) fn progress(&self, what: &'static str) -> impl FnMut(Progress) {
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
