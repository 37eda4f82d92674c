//! How near plans come to the best known ones of public instances (Fisher and Thompson, Lawrence,
//! Brandimarte), and in what time: one core, one thread. Then how late a card shop's jobs are by each
//! dispatch rule and by search. Measures, asserts nothing.
//!
//! With `--cp-sat PYTHON` the same instances are given to OR-Tools' CP-SAT beside it, with one worker and as
//! much time as we took (at least a second): `PYTHON` is an interpreter that has the package `ortools`.

#[path = "forecast/factory.rs"]
mod factory;
#[path = "../../../core/tests/support_instances/mod.rs"]
mod instances;
#[path = "../measure.rs"]
#[expect(dead_code, reason = "the other benchmark's measures stand there too")]
mod measure;
#[path = "forecast/picture.rs"]
#[expect(dead_code, reason = "the forecast's benchmark asks more of it")]
mod picture;

use sheetwise_core::scheduling::{Input, Objective, PlanOptions, Rule, check, plan};
use std::process::{Command, ExitCode};

const USAGE: &str = "\
Plans public instances, and prints how far each plan is from the best known.

    cargo run --release -p sheetwise-bench --bin scheduling -- [options]

    --iterations N   steps of the search at most (1500000)
    --seeds N        how many searches of each instance, each with a seed of its own (3)
    --only NAME      one instance, or all whose name begins so; shop for the card shop
    --cp-sat PYTHON  CP-SAT beside it; an interpreter with the package ortools";

const DATA: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../core/tests/data/scheduling");

/// Name and best known makespan (`best-known.json` beside the instances names the sources).
const INSTANCES: &[(&str, u32)] = &[
    ("ft06", 55),
    ("ft10", 930),
    ("ft20", 1165),
    ("la01", 666),
    ("la02", 655),
    ("la03", 597),
    ("la04", 590),
    ("la05", 593),
    ("la06", 926),
    ("la07", 890),
    ("la08", 863),
    ("la09", 951),
    ("la10", 958),
    ("la11", 1222),
    ("la12", 1039),
    ("la13", 1150),
    ("la14", 1292),
    ("la15", 1207),
    ("la16", 945),
    ("la17", 784),
    ("la18", 848),
    ("la19", 842),
    ("la20", 902),
    ("mk01", 40),
    ("mk02", 26),
    ("mk03", 204),
    ("mk04", 60),
    ("mk05", 172),
];

struct Options {
    iterations: u32,
    seeds: u64,
    only: String,
    cp_sat: Option<String>,
}

fn options() -> Result<Options, String> {
    let mut options = Options {
        iterations: 1_500_000,
        seeds: 3,
        only: String::new(),
        cp_sat: None,
    };
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        let mut value = || words.next().ok_or(format!("{word} takes a value"));
        match word.as_str() {
            "--iterations" => {
                let text = value()?;
                let number = text.parse().map_err(|_| format!("{text:?} is no number"))?;
                options.iterations = number;
            }
            "--seeds" => {
                let text = value()?;
                let number = text.parse().ok().filter(|number| *number > 0);
                options.seeds = number.ok_or(format!("{text:?} is not a number from 1 on"))?;
            }
            "--only" => options.only = value()?,
            "--cp-sat" => options.cp_sat = Some(value()?),
            "--help" | "-h" => return Err(USAGE.to_owned()),
            other => return Err(format!("{other} is no option\n\n{USAGE}")),
        }
    }
    Ok(options)
}

fn file_of(name: &str) -> String {
    if name.starts_with("mk") {
        format!("{DATA}/flexible-jobshop/{name}.txt")
    } else {
        format!("{DATA}/jobshop/{name}")
    }
}

fn read(name: &str) -> Result<Input, String> {
    let file = file_of(name);
    let text = std::fs::read_to_string(&file).map_err(|error| format!("{file}: {error}"))?;
    Ok(if name.starts_with("mk") {
        instances::flexible_job_shop(&text)
    } else {
        instances::job_shop(&text)
    })
}

/// What CP-SAT finds in so many seconds.
fn cp_sat(python: &str, name: &str, seconds: f64) -> Result<String, String> {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/cp_sat.py");
    let output = Command::new(python)
        .args([script, &file_of(name), &format!("{:.1}", seconds.max(1.0))])
        .output()
        .map_err(|error| format!("{python}: {error}"))?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into_owned());
    }
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

fn run() -> Result<(), String> {
    let options = options()?;
    let beside = if options.cp_sat.is_some() {
        "  CP-SAT"
    } else {
        ""
    };
    if options.only.is_empty() || options.only == "shop" {
        card_shop()?;
    }
    println!(
        "\n                      worst of {} seeds   processor seconds",
        options.seeds
    );
    println!("instance  best known    ours   gap %   median   slowest{beside}");
    for (name, best_known) in INSTANCES {
        if !name.starts_with(&options.only) {
            continue;
        }
        let input = read(name)?;
        let (mut worst, mut seconds) = (0.0_f64, Vec::new());
        for seed in 1..=options.seeds {
            let asked = PlanOptions {
                objective: Objective::Makespan,
                iterations: options.iterations,
                // So the time is that until the best known is reached, if it is.
                enough_minutes: f64::from(*best_known),
                seed,
                ..PlanOptions::default()
            };
            let (took, made) = measure::processor_time(|| plan(&input, &asked));
            let plan = made.map_err(|problems| format!("{name}: {problems:?}"))?;
            if let Some(violation) = check(&input, &plan).first() {
                return Err(format!("{name}: {violation}"));
            }
            worst = worst.max(plan.figures.makespan_minutes);
            seconds.push(took.as_secs_f64());
        }
        seconds.sort_by(f64::total_cmp);
        let (median, slowest) = (seconds[seconds.len() / 2], seconds[seconds.len() - 1]);
        let gap = (worst / f64::from(*best_known) - 1.0) * 100.0;
        let beside = match &options.cp_sat {
            None => String::new(),
            Some(python) => format!("{:>16}", cp_sat(python, name, slowest)?),
        };
        println!(
            "{name:<8}  {best_known:>10}  {worst:>6.0}  {gap:>6.2}  {median:>7.2}  {slowest:>8.2}{beside}"
        );
    }
    Ok(())
}

/// Weighted lateness, in hours, of the open jobs of a simulated card shop that is behind.
fn card_shop() -> Result<(), String> {
    println!("\nweighted lateness in hours (set-ups)\n");
    println!("shop  jobs  earliest due  critical ratio  tardiness cost    2000 steps    seconds");
    for seed in 1..=5 {
        let mut factory = factory::Factory::new(seed);
        factory.run_until(20 * factory::DAY);
        // A dozen jobs at once, large and small: not all can be in time.
        for sheets in [6, 60, 12, 90, 20, 40, 8, 30, 70, 15, 50, 10] {
            factory.take_in(1, sheets);
        }
        let input = picture::input(&factory);
        let mut line = format!("{seed:>4}  {:>4}", input.jobs.len());
        let mut rules = [
            vec![Rule::EarliestDue],
            vec![Rule::CriticalRatio],
            Rule::ALL[2..].to_vec(),
        ]
        .map(|rules| (rules, 0))
        .to_vec();
        rules.push((Rule::ALL.to_vec(), 2_000));
        for (rules, iterations) in rules {
            let asked = PlanOptions {
                rules,
                iterations,
                ..PlanOptions::default()
            };
            let (took, made) = measure::processor_time(|| plan(&input, &asked));
            let plan = made.map_err(|problems| format!("shop {seed}: {problems:?}"))?;
            if let Some(violation) = check(&input, &plan).first() {
                return Err(format!("shop {seed}: {violation}"));
            }
            let hours = plan.figures.weighted_late_minutes / 60.0;
            line.push_str(&format!("{hours:>9.1} ({:>3})", plan.figures.setups));
            if iterations > 0 {
                line.push_str(&format!("{:>9.2}", took.as_secs_f64()));
            }
        }
        println!("{line}");
    }
    Ok(())
}

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("{message}");
            ExitCode::from(2)
        }
    }
}
