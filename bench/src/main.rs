//! How fast the core is: per scan, over a log of a million events, and in bulk. One command, one run,
//! everything side by side; see the README for what is measured and how.
//!
//! A benchmark measures: nothing here asserts a time.

mod bulk;
mod folds;
mod measure;
mod scans;
mod shop;
mod table;

use std::process::ExitCode;
use table::Report;

const USAGE: &str = "\
Measures the core of Sheetwise, and prints tables.

    cargo run --release -p sheetwise-bench -- [options]

    --events N    events in the long log (1000000)
    --rounds N    how often everything is measured; the table has the medians (5)
    --csv FILE    writes every figure to FILE as well: section,name,measure,value
    --only WORD   scans, folds or bulk";

/// What was asked for.
struct Options {
    events: usize,
    rounds: usize,
    csv: Option<String>,
    only: Option<String>,
    /// This process is the child that folds once, to see what that takes in memory.
    memory_of: Option<String>,
}

fn options() -> Result<Options, String> {
    let mut options = Options {
        events: 1_000_000,
        rounds: 5,
        csv: None,
        only: None,
        memory_of: None,
    };
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        let mut value = || words.next().ok_or(format!("{word} takes a value"));
        let number = |text: String| match text.parse::<usize>() {
            Ok(number) if number > 0 => Ok(number),
            _ => Err(format!("{text:?} is not a number from 1 on")),
        };
        match word.as_str() {
            "--events" => options.events = number(value()?)?,
            "--rounds" => options.rounds = number(value()?)?,
            "--csv" => options.csv = Some(value()?),
            "--only" => options.only = Some(value()?),
            folds::MEMORY_OF => options.memory_of = Some(value()?),
            "--help" | "-h" => return Err(USAGE.to_owned()),
            other => return Err(format!("{other} is no option\n\n{USAGE}")),
        }
    }
    Ok(options)
}

fn main() -> ExitCode {
    let options = match options() {
        Ok(options) => options,
        Err(message) => {
            eprintln!("{message}");
            return ExitCode::from(2);
        }
    };
    if let Some(fold) = &options.memory_of {
        folds::report_memory(fold, options.events);
        return ExitCode::SUCCESS;
    }
    let wanted = |section: &str| options.only.as_deref().is_none_or(|only| only == section);
    let mut report = Report::default();
    if wanted("scans") {
        scans::measure(options.rounds, &mut report);
    }
    if wanted("folds") || wanted("bulk") {
        let long = shop::long_log(options.events);
        if wanted("scans") {
            scans::measure_late(&long, options.rounds, &mut report);
        }
        if wanted("folds") {
            folds::measure(&long, options.rounds, &mut report);
        }
        if wanted("bulk") {
            bulk::measure(&long, options.rounds, &mut report);
        }
    }
    if let Some(path) = &options.csv
        && let Err(error) = std::fs::write(path, report.to_csv())
    {
        eprintln!("{path}: {error}");
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}
