//! What one scan takes: infer → decide → evolve → project, step by step and kind by kind.

use crate::measure::{clock_micros, median, quantile};
use crate::shop::{self, Clock, Kind, LongLog, SHEETS_OF_A_JOB, Scan};
use crate::table::Report;
use sheetwise_core::identity::{ScannerSettings, read_scanner_text};
use sheetwise_core::production::{Floor, decide};
use sheetwise_core::projections::{Rows, Touched};
use sheetwise_core::scan::{Meaning, answer, infer};
use std::time::Instant;

/// The steps of a scan. The first and the last stand around what the target speaks of.
const STEPS: [&str; 6] = ["read", "infer", "decide", "evolve", "project", "answer"];

/// Which of the steps the target speaks of.
const OF_THE_TARGET: std::ops::Range<usize> = 1..5;

/// A job's scans: each with its kind and its steps' times in µs, per card.
type Round = Vec<(Kind, [f64; STEPS.len()])>;

fn measured(
    floor: &mut Floor,
    rows: &mut Rows,
    clock: &mut Clock,
    script: &[Scan],
    touched: &mut Touched,
) -> Round {
    let settings = ScannerSettings::default();
    let mut round = Vec::with_capacity(script.len());
    for scan in script {
        let context = clock.context(Some(&scan.station_id));
        let start = Instant::now();
        let scanned = read_scanner_text(&scan.text, &settings).expect("the labels are readable");
        let has_read = Instant::now();
        let meaning = infer(floor, &scanned, &context);
        let has_inferred = Instant::now();
        let Ok(Meaning::Command(command)) = meaning else {
            unreachable!("every scan of the script means a command");
        };
        let decision = decide(floor, &command, &context);
        let has_decided = Instant::now();
        let events = decision.expect("the script scans what is allowed");
        let recorded = floor.record(events.into_events(), &context);
        let has_evolved = Instant::now();
        for event in &recorded {
            rows.apply(event, touched);
        }
        let has_projected = Instant::now();
        let answered = answer(floor, &scanned, &context, &recorded);
        let has_answered = Instant::now();
        assert!(
            answered.is_ok_and(|answer| !answer.message.is_empty()) && !touched.is_empty(),
            "every scan of the script records something"
        );
        touched.clear(); // as often as a store writes the rows

        let ends = [
            start,
            has_read,
            has_inferred,
            has_decided,
            has_evolved,
            has_projected,
            has_answered,
        ];
        let cards = f64::from(scan.kind.cards());
        let mut steps = [0.0; STEPS.len()];
        for (step, ends) in steps.iter_mut().zip(ends.windows(2)) {
            *step = ends[1].duration_since(ends[0]).as_secs_f64() * 1e6 / cards;
        }
        round.push((scan.kind, steps));
    }
    round
}

/// Medians over the rounds, of each round's median and 99th percentile.
fn print(section: &str, title: &str, rounds: &[Round], report: &mut Report) {
    let of = |kind: Option<Kind>, what: &dyn Fn(&[f64; STEPS.len()]) -> f64, share: f64| {
        let in_round = |round: &Round| {
            let mut values: Vec<f64> = round
                .iter()
                .filter(|(is, _)| kind.is_none_or(|kind| *is == kind))
                .map(|(_, steps)| what(steps))
                .collect();
            quantile(&mut values, share)
        };
        median(rounds.iter().map(in_round).collect())
    };
    let target = |steps: &[f64; STEPS.len()]| steps[OF_THE_TARGET].iter().sum::<f64>();
    let row = |name: &str, kind: Option<Kind>| {
        let scans = rounds[0]
            .iter()
            .filter(|(is, _)| kind.is_none_or(|kind| *is == kind))
            .count();
        let mut figures = vec![scans as f64];
        figures.extend((0..STEPS.len()).map(|step| of(kind, &|steps| steps[step], 0.5)));
        figures.extend([of(kind, &target, 0.5), of(kind, &target, 0.99)]);
        (name.to_owned(), figures)
    };
    let mut rows: Vec<_> = Kind::ALL
        .iter()
        .map(|&kind| row(kind.name(), Some(kind)))
        .collect();
    rows.push(row("all", None));
    let columns = [
        ("scans", 0),
        (STEPS[0], 2),
        (STEPS[1], 2),
        (STEPS[2], 2),
        (STEPS[3], 2),
        (STEPS[4], 2),
        (STEPS[5], 2),
        ("i+d+e+p", 2),
        ("its p99", 2),
    ];
    report.table(section, title, &columns, &rows);
}

/// A job of 900 cards in a new shop.
pub fn measure(rounds: usize, report: &mut Report) {
    // One round is over in milliseconds: more of them, and the first is not counted.
    let rounds = rounds * 4;
    let mut measurements: Vec<Round> = (0..=rounds)
        .map(|_| {
            let (mut floor, mut clock, mut log) = shop::open();
            let job = shop::job(1);
            log.extend(shop::order(&mut floor, &mut clock, job, SHEETS_OF_A_JOB));
            let mut rows = Rows::fold(&log);
            let script = shop::script(job, SHEETS_OF_A_JOB);
            let mut touched = Touched::default();
            measured(&mut floor, &mut rows, &mut clock, &script, &mut touched)
        })
        .collect();
    measurements.remove(0);
    println!(
        "(a step's time includes {:.3} µs of reading the clock)",
        clock_micros()
    );
    let title = format!(
        "1. One scan, µs: a job of 50 sheets, 900 cards (medians of {rounds} rounds; target below 5)"
    );
    print("scan", &title, &measurements, report);
}

/// The same job in a shop that has a long log behind it: what it costs that nothing is in the cache.
pub fn measure_late(long: &LongLog, rounds: usize, report: &mut Report) {
    let mut floor = long.floor.clone();
    let mut rows = Rows::fold(&long.log);
    let mut clock = long.clock.clone();
    let mut touched = Touched::default();
    let mut measurements = Vec::new();
    for number in 0..=rounds {
        let number = u32::try_from(number).expect("few rounds");
        let job = shop::job(long.last_job + 1 + number);
        for event in shop::order(&mut floor, &mut clock, job, SHEETS_OF_A_JOB) {
            rows.apply(&event, &mut touched);
        }
        let script = shop::script(job, SHEETS_OF_A_JOB);
        measurements.push(measured(
            &mut floor,
            &mut rows,
            &mut clock,
            &script,
            &mut touched,
        ));
    }
    measurements.remove(0);
    let title = format!(
        "   The same job after {} events ({} units in memory), µs (medians of {rounds} rounds)",
        long.log.len(),
        long.floor.all_card_units().count() + long.floor.all_sheets().count()
    );
    print("scan-late", &title, &measurements, report);
}
