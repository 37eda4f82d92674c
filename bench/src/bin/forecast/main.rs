//! Whether forecasts keep what they say, on simulated factories that they have not seen; and what they cost.
//! See `core/src/scheduling/README.md` for the figures and how to read them.

mod cost;
mod factory;
mod gate;
#[path = "../../measure.rs"]
#[expect(dead_code, reason = "the other benchmark's measures stand there too")]
mod measure;
mod picture;

use factory::{DAY, Factory, clock};
use gate::Judged;
use jiff::Timestamp;
use sheetwise_core::identity::JobId;
use sheetwise_core::scheduling::{
    ForecastOptions, JOBS_TO_LEARN_FROM, JobForecast, Model, Recalibration, Settled, ShopHours,
    StationPace, estimate, forecast,
};
use std::collections::BTreeMap;
use std::process::ExitCode;

const USAGE: &str = "\
Judges forecasts by simulated factories, and measures what they cost.

    cargo run --release -p sheetwise-bench --bin forecast -- [options]

    --factories N     how many factories (12)
    --replications N  futures of each forecast (300)
    --seed N          of the first factory (1)
    --only WORD       calibration or cost
    --csv FILE        the figures of cost, for bench/plot.py

It ends with 1 where a forecast does not pass the gate, or the negative control does.";

/// Working days: nothing is forecast before the first, forecasts only teach up to the second, are judged up to
/// the third (and teach, once their jobs are done), and the rest is for what is still open.
const PHASES: [i64; 4] = [15, 45, 75, 95];

struct Options {
    factories: u64,
    replications: u32,
    seed: u64,
    only: Option<String>,
    csv: Option<String>,
}

fn options() -> Result<Options, String> {
    let mut options = Options {
        factories: 12,
        replications: 300,
        seed: 1,
        only: None,
        csv: None,
    };
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        let mut value = || words.next().ok_or(format!("{word} takes a value"));
        let number = |text: String| match text.parse::<u32>() {
            Ok(number) if number > 0 => Ok(number),
            _ => Err(format!("{text:?} is not a number from 1 on")),
        };
        match word.as_str() {
            "--factories" => options.factories = u64::from(number(value()?)?),
            "--replications" => options.replications = number(value()?)?,
            "--seed" => options.seed = u64::from(number(value()?)?),
            "--only" => options.only = Some(value()?),
            "--csv" => options.csv = Some(value()?),
            "--help" | "-h" => return Err(USAGE.to_owned()),
            other => return Err(format!("{other} is no option\n\n{USAGE}")),
        }
    }
    Ok(options)
}

/// A forecast that waits for its job's end.
struct Issued {
    /// When it was made.
    at: Timestamp,
    hours: ShopHours,
    forecast: JobForecast,
    estimated: Timestamp,
}

/// The same model with each station's pace given to the next one.
fn shuffled(model: &Model) -> Model {
    let mut paces: Vec<StationPace> = model.paces.clone();
    let names: Vec<_> = model
        .paces
        .iter()
        .map(|pace| pace.station_id.clone())
        .collect();
    for (at, pace) in paces.iter_mut().enumerate() {
        pace.station_id = names[(at + 1) % names.len()].clone();
    }
    Model {
        paces,
        ..model.clone()
    }
}

fn issue(
    factory: &Factory,
    model: &Model,
    options: &ForecastOptions,
    issued: &mut Vec<Issued>,
) -> Result<(), String> {
    let input = picture::input(factory);
    let say = |problems| format!("the factory's input: {problems:?}");
    let plain = estimate(&input).map_err(say)?;
    let made = forecast(&input, model, options).map_err(say)?;
    let hours = ShopHours::of(&input, 60).map_err(say)?;
    for (forecast, estimated) in made.jobs.into_iter().zip(plain.jobs) {
        issued.push(Issued {
            at: input.now,
            hours: hours.clone(),
            forecast,
            estimated: estimated.finish,
        });
    }
    Ok(())
}

fn actual(factory: &Factory, job_id: JobId) -> Option<Timestamp> {
    let at = usize::try_from(job_id.number()).ok()?;
    factory.jobs[at - 1].finished.map(clock)
}

/// What the forecasts of jobs that are done by now teach.
fn learnt(factory: &Factory, issued: &[Issued]) -> Recalibration {
    let mut ends: Vec<(Timestamp, JobId)> = (factory.jobs.iter())
        .filter_map(|job| Some((clock(job.finished?), JobId::new(job.number)?)))
        .collect();
    ends.sort_unstable();
    let last = &ends[ends.len().saturating_sub(JOBS_TO_LEARN_FROM)..];
    let last: BTreeMap<JobId, Timestamp> = last.iter().map(|(end, job)| (*job, *end)).collect();
    let settled: Vec<Settled> = (issued.iter())
        .filter_map(|issued| {
            let end = last.get(&issued.forecast.job_id)?;
            Some(Settled::new(&issued.hours, &issued.forecast, *end))
        })
        .collect();
    Recalibration::learn(&settled)
}

/// What one factory says of the forecasts that were made of it: recalibrated, raw, shuffled.
fn judge(seed: u64, replications: u32) -> Result<[Vec<Judged>; 3], String> {
    let mut factory = Factory::new(seed);
    let options = ForecastOptions {
        replications,
        decks: 12,
        seed,
    };
    // Recalibrated, raw, shuffled; the raw ones teach.
    let mut issued: [Vec<Issued>; 3] = Default::default();
    let mut judged_from = 0;
    for day in PHASES[0]..PHASES[2] {
        // Some hour of the day, each day another.
        factory.run_until(day * DAY + (day * 7_919) % DAY);
        let raw = picture::model(&factory);
        if day < PHASES[1] {
            issue(&factory, &raw, &options, &mut issued[1])?;
            judged_from = issued[1].len();
            continue;
        }
        let recalibrated = Model {
            recalibration: learnt(&factory, &issued[1]),
            ..raw.clone()
        };
        let wrong = shuffled(&recalibrated);
        for (model, issued) in [&recalibrated, &raw, &wrong].into_iter().zip(&mut issued) {
            issue(&factory, model, &options, issued)?;
        }
    }
    factory.run_until(PHASES[3] * DAY);
    issued[1].drain(..judged_from);
    Ok(issued.map(|issued| {
        let known = issued.iter().filter_map(|issued| {
            let actual = actual(&factory, issued.forecast.job_id)?;
            Some(Judged::new(
                &issued.forecast,
                issued.at,
                actual,
                issued.estimated,
            ))
        });
        known.collect()
    }))
}

fn calibration(options: &Options) -> Result<bool, String> {
    // By factory: forecasts of one factory are no strangers to each other.
    let mut all: [Vec<Vec<Judged>>; 3] = Default::default();
    for seed in options.seed..options.seed + options.factories {
        let judged = judge(seed, options.replications)?;
        for (all, judged) in all.iter_mut().zip(judged) {
            all.push(judged);
        }
    }
    let factories = options.factories;
    println!(
        "\nForecasts of {factories} factories that were not seen before\n\n{}",
        gate::HEAD
    );
    let passes = gate::print("recalibrated", &all[0]);
    gate::print("not recalibrated", &all[1]);
    let control = gate::print("shuffled (control)", &all[2]);
    Ok(passes && !control)
}

fn run() -> Result<bool, String> {
    let options = options()?;
    let wanted = |section: &str| options.only.as_deref().is_none_or(|only| only == section);
    let mut passes = true;
    if wanted("calibration") {
        passes = calibration(&options)?;
    }
    if wanted("cost") {
        cost::measure(options.csv.as_deref())?;
    }
    Ok(passes)
}

fn main() -> ExitCode {
    match run() {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        Err(message) => {
            eprintln!("{message}");
            ExitCode::from(2)
        }
    }
}
