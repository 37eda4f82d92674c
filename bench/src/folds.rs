//! What it takes to fold a long log: the floor, the read models, the invariants; and their memory.

use crate::measure::{median, memory_mb, processor_time};
use crate::shop::{self, LongLog};
use crate::table::Report;
use sheetwise_core::domain::Recorded;
use sheetwise_core::domain::card_unit::CardUnit;
use sheetwise_core::invariants::Checker;
use sheetwise_core::production::Floor;
use sheetwise_core::projections::{CardUnitRow, Rows, Touched};
use std::process::Command;
use std::time::Duration;

/// The option with which this program starts itself to see one fold's memory.
pub const MEMORY_OF: &str = "--memory-of";

const FOLDS: [&str; 4] = ["Floor::apply", "Rows::apply", "Checker", "all together"];

/// Everything that may be folded; what a fold does not want stays empty.
#[derive(Default)]
struct Folded {
    floor: Floor,
    rows: Rows,
    checker: Checker,
    violations: usize,
}

fn fold(name: &str, log: &[Recorded]) -> Folded {
    let all = name == FOLDS[3];
    let (floor, rows, checker) = (
        all || name == FOLDS[0],
        all || name == FOLDS[1],
        all || name == FOLDS[2],
    );
    let mut folded = Folded::default();
    let mut touched = Touched::default();
    for recorded in log {
        if floor {
            folded.floor.apply(recorded);
        }
        if rows {
            folded.rows.apply(recorded, &mut touched);
            touched.clear();
        }
        if checker {
            folded.violations += folded.checker.observe(recorded).len();
        }
    }
    folded
}

/// Time of every fold, one after the other in each round; memory of each in a process of its own.
pub fn measure(long: &LongLog, rounds: usize, report: &mut Report) {
    let rounds = rounds.min(3);
    let mut times: Vec<Vec<Duration>> = vec![Vec::new(); FOLDS.len()];
    for _ in 0..rounds {
        for (name, times) in FOLDS.iter().zip(&mut times) {
            let (time, folded) = processor_time(|| fold(name, &long.log));
            assert_eq!(folded.violations, 0, "the scripted shop breaks no rule");
            times.push(time);
        }
    }
    let events = long.log.len();
    let rows: Vec<(String, Vec<f64>)> = FOLDS
        .iter()
        .zip(times)
        .map(|(name, times)| {
            let seconds = median(times.iter().map(Duration::as_secs_f64).collect());
            let (before, peak) = memory_of(name, events).unwrap_or((f64::NAN, f64::NAN));
            let figures = vec![
                events as f64 / seconds,
                seconds * 1e6 / events as f64,
                peak - before,
                (peak - before) * 1024.0 * 1024.0 / events as f64,
                peak,
            ];
            ((*name).to_owned(), figures)
        })
        .collect();
    let title =
        format!("2. Folding a log of {events} events (medians of {rounds} rounds, processor time)");
    let columns = [
        ("events/s", 0),
        ("µs/event", 3),
        ("MB", 0),
        ("bytes/event", 0),
        ("VmHWM MB", 0),
    ];
    report.table("fold", &title, &columns, &rows);
    println!(
        "\n   (an event in memory: {} bytes and what it points to; a card on the floor {}, its row {}; MB: the peak above \
         the log and the floor that made it; VmHWM: the peak with both)",
        size_of::<Recorded>(),
        size_of::<CardUnit>(),
        size_of::<CardUnitRow>(),
    );
}

/// Resident memory before the fold, and at its peak, in MB.
fn memory_of(name: &str, events: usize) -> Option<(f64, f64)> {
    let output = Command::new(std::env::current_exe().ok()?)
        .args([MEMORY_OF, name, "--events", &events.to_string()])
        .output()
        .ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    let (before, peak) = text.trim().split_once(' ')?;
    Some((before.parse().ok()?, peak.parse().ok()?))
}

/// In the child: folds once, and prints the two figures.
pub fn report_memory(name: &str, events: usize) {
    // Keeps the floor that made the log: memory given back would be used again, and not be seen.
    let long = shop::long_log(events);
    let before = memory_mb("VmRSS");
    let folded = fold(name, &long.log);
    if let (Some(before), Some(peak)) = (before, memory_mb("VmHWM")) {
        println!("{before} {peak}");
    }
    drop((folded, long));
}
