//! How the demo's story looks: chapters, a line per thing that happened, never wider than a terminal.

use crate::output::Output;
use jiff::Timestamp;
use serde_json::{Value, json};

/// Columns.
const WIDTH: usize = 100;
/// Where the text of a line begins.
const INDENT: usize = 20;

pub(super) struct Page<'o> {
    output: &'o Output,
    chapter: usize,
}

impl<'o> Page<'o> {
    pub(super) const fn new(output: &'o Output) -> Self {
        Self { output, chapter: 0 }
    }

    /// A chapter begins.
    pub(super) fn chapter(&mut self, title: &str) {
        if self.chapter > 0 {
            self.blank();
        }
        self.chapter += 1;
        let chapter = self.chapter;
        self.output.say(
            format!("{chapter}  {title}"),
            || json!({"chapter": chapter, "title": title}),
        );
    }

    /// Something happened.
    pub(super) fn line(&self, at: Timestamp, place: &str, text: &str, details: &Value) {
        let time = at.strftime("%H:%M");
        let start = format!("   {time}  {place:<10}");
        let mut lines = wrapped(text, WIDTH - INDENT).into_iter();
        let first = format!("{start:<INDENT$}{}", lines.next().unwrap_or_default());
        self.output.say(first, || {
            json!({
                "chapter": self.chapter, "at": at, "place": place, "text": text, "answer": details,
            })
        });
        for line in lines {
            self.for_people(&format!("{:INDENT$}{line}", ""));
        }
    }

    /// What stands below the story.
    pub(super) fn end(&self, lines: &[String], value: &Value) {
        self.blank();
        for line in lines {
            self.for_people(line);
        }
        if self.output.is_json() {
            self.output.say("", || value.clone());
        }
    }

    pub(super) fn blank(&self) {
        self.for_people("");
    }

    fn for_people(&self, line: &str) {
        if !self.output.is_json() {
            self.output.say(line, || Value::Null);
        }
    }
}

/// The text in lines of at most so many characters, broken at blanks.
fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        let line = lines.last_mut().expect("there is a first line");
        if line.is_empty() {
            line.push_str(word);
        } else if line.chars().count() + 1 + word.chars().count() <= width {
            line.push(' ');
            line.push_str(word);
        } else {
            lines.push(word.to_owned());
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::wrapped;

    #[test]
    fn a_text_is_broken_at_blanks_and_nothing_of_it_is_lost() {
        assert_eq!(wrapped("one two three", 7), ["one two", "three"]);
        assert_eq!(wrapped("unbreakable", 3), ["unbreakable"]);
        assert_eq!(wrapped("", 7), [""]);
    }
}
