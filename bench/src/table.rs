//! Tables for people, and every figure once more for programs.

use std::fmt::Write as _;

/// Every figure of the run.
#[derive(Default)]
pub struct Report {
    figures: Vec<(String, String, String, f64)>,
}

/// A column: its head, and how many decimals its figures have.
pub type Column = (&'static str, usize);

impl Report {
    /// Prints a table, and keeps its figures. A figure that is not there is `NaN`.
    pub fn table(
        &mut self,
        section: &str,
        title: &str,
        columns: &[Column],
        rows: &[(String, Vec<f64>)],
    ) {
        println!("\n{title}\n");
        let first = rows.iter().map(|(name, _)| name.chars().count()).max();
        let first = first.unwrap_or(0) + 2;
        let widths: Vec<usize> = columns
            .iter()
            .map(|(head, _)| head.chars().count().max(9) + 2)
            .collect();
        let mut line = " ".repeat(first);
        for ((head, _), width) in columns.iter().zip(&widths) {
            write!(line, "{head:>width$}").expect("a text takes what is written to it");
        }
        println!("{line}");
        for (name, figures) in rows {
            let mut line = format!("{name:<first$}");
            for (((head, decimals), width), figure) in columns.iter().zip(&widths).zip(figures) {
                let text = if figure.is_nan() {
                    "-".to_owned()
                } else {
                    self.figures.push((
                        section.to_owned(),
                        name.clone(),
                        (*head).to_owned(),
                        *figure,
                    ));
                    format!("{figure:.decimals$}")
                };
                write!(line, "{text:>width$}").expect("a text takes what is written to it");
            }
            println!("{line}");
        }
    }

    /// All figures: `section,name,measure,value`.
    pub fn to_csv(&self) -> String {
        let mut csv = "section,name,measure,value\n".to_owned();
        for (section, name, measure, value) in &self.figures {
            writeln!(csv, "{section},\"{name}\",{measure},{value:.4}")
                .expect("a text takes what is written to it");
        }
        csv
    }
}
