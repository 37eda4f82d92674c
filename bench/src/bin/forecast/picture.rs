//! What a forecaster is told of the factory: where every open job stands, and what was measured up to now.
//! Nothing of what the factory knows of itself (its true paces, its coming luck) is in it.

use crate::factory::{
    CARDS_PER_SHEET, CUT, DIE, EMBOSS, EMBOSSED, FOIL, Factory, GATHER, Job, PRESS, QA, STACK,
    STATIONS, clock,
};
use jiff::ToSpan as _;
use sheetwise_core::capacity::{MeasuredRun, Setup};
use sheetwise_core::domain::Decimal;
use sheetwise_core::domain::station::OperatingSchedule;
use sheetwise_core::domain::values::Priority;
use sheetwise_core::identity::JobId;
use sheetwise_core::scheduling::{
    Alternative, Arrivals, Breakdowns, Input, JobInput, LotInput, LotOperation, Model, Pass,
    Running, StationInput,
};
use std::collections::BTreeMap;

const SHEETS_PER_LOT: usize = 10;

/// The shares of cards that fail, as they were seen.
#[derive(Clone, Copy)]
struct Shares {
    rework: f64,
    loss: f64,
}

fn hours() -> OperatingSchedule {
    use sheetwise_core::domain::station::{DayOfWeek::*, Shift};
    let shift = |from: &str, to: &str| Shift {
        weekdays: vec![Monday, Tuesday, Wednesday, Thursday, Friday],
        start: from.parse().expect("a time"),
        end: to.parse().expect("a time"),
    };
    OperatingSchedule {
        time_zone: "UTC".to_owned(),
        shifts: vec![shift("06:00", "10:00"), shift("10:30", "14:00")],
        holidays: Vec::new(),
    }
}

/// The shop as it stands.
pub fn input(factory: &Factory) -> Input {
    let shares = shares(factory);
    let mut jobs: Vec<JobInput> = Vec::new();
    for job in factory.jobs.iter().filter(|job| job.finished.is_none()) {
        let mut input = job_input(job, shares);
        for (station, description) in STATIONS.iter().enumerate() {
            let at = usize::try_from(job.number).expect("small") - 1;
            let mut machines = factory
                .in_work(station)
                .iter()
                .filter(|j| **j == at)
                .count();
            for lot in &mut input.lots {
                let mut firsts = lot
                    .operations
                    .iter_mut()
                    .filter(|o| o.predecessors.is_empty());
                let first = firsts.find(|o| o.alternatives[0].station == station);
                if let Some(operation) = first.filter(|_| machines > 0) {
                    machines -= 1;
                    operation.running = Some(Running {
                        station,
                        done_minutes: Decimal::from_f64(description.standard / 120.0)
                            .expect("a small number"),
                    });
                }
            }
        }
        jobs.push(input);
    }
    Input {
        now: clock(factory.now),
        stations: (STATIONS.iter())
            .map(|station| StationInput {
                station_id: station.name.parse().expect("a station id"),
                machines: u16::try_from(station.machines).expect("few"),
                setup_minutes: station.setup_minutes,
                operating_hours: hours(),
                downtime: Vec::new(),
                overtime: Vec::new(),
                set_up_for: Vec::new(),
            })
            .collect(),
        jobs,
    }
}

/// What the past teaches.
pub fn model(factory: &Factory) -> Model {
    let monday = jiff::civil::date(2026, 1, 5);
    let runs: Vec<MeasuredRun> = (factory.done.iter())
        .filter(|((_, _, _), done)| done.units > 1)
        .map(|((station, day, job), done)| MeasuredRun {
            station_id: STATIONS[*station].name.parse().expect("a station id"),
            product_id: "BASE".parse().expect("a product id"),
            operation_id: STATIONS[*station].name.parse().expect("an operation id"),
            job_id: JobId::new(u32::try_from(*job).expect("small") + 1).expect("counted from 1"),
            day: monday + day.days(),
            units: done.units,
            actual_minutes: done.actual / 60.0,
            standard_minutes: done.standard / 60.0,
        })
        .collect();
    let mut model = Model::from_runs(&runs);
    model.breakdowns = (0..7)
        .filter(|at| !factory.repairs[*at].is_empty())
        .map(|at| Breakdowns {
            station_id: STATIONS[at].name.parse().expect("a station id"),
            work_minutes_between: factory.worked[at] / factory.repairs[at].len() as f64,
            repair_minutes: factory.repairs[at].clone(),
        })
        .collect();
    let passed = clock(factory.now).duration_since(clock(0)).as_secs_f64() / 86_400.0;
    let shares = shares(factory);
    model.arrivals = Some(Arrivals {
        jobs_per_day: factory.jobs.len() as f64 / passed,
        templates: (factory.jobs.iter())
            .map(|job| job_input(&job.fresh(), shares))
            .collect(),
    });
    model
}

fn shares(factory: &Factory) -> Shares {
    let seen = factory.inspected;
    let of = f64::from(seen.cards.max(1));
    Shares {
        rework: f64::from(seen.reworked) / of,
        loss: f64::from(seen.lost) / of,
    }
}

fn job_input(job: &Job, shares: Shares) -> JobInput {
    let mut lots = Vec::new();
    for stage in [PRESS, FOIL, CUT] {
        let sheets: Vec<usize> = (0..job.sheets.len())
            .filter(|sheet| job.sheets[*sheet] == stage)
            .collect();
        for chunk in sheets.chunks(SHEETS_PER_LOT) {
            lots.push(fresh_lot(job, stage, chunk, shares));
        }
    }
    let cut: Vec<usize> = (0..job.sheets.len())
        .filter(|sheet| job.sheets[*sheet] > CUT && !job.sets_done[*sheet])
        .collect();
    for chunk in cut.chunks(SHEETS_PER_LOT) {
        lots.push(cut_lot(job, chunk, shares));
    }
    JobInput {
        job_id: JobId::new(job.number).expect("counted from 1"),
        due: clock(job.due),
        priority: Priority(0),
        release: clock(job.release),
        lots,
    }
}

fn operation(job: &Job, station: usize, units: u32, predecessors: Vec<usize>) -> LotOperation {
    let job_id = JobId::new(job.number).expect("counted from 1");
    let minutes = STATIONS[station].standard / 60.0;
    let n_up = u32::try_from(CARDS_PER_SHEET).expect("few");
    LotOperation {
        operation_id: STATIONS[station].name.parse().expect("an operation id"),
        pass: Pass::First,
        units,
        transfer_batch: match station {
            PRESS | FOIL => STACK,
            CUT | GATHER => 1,
            _ => n_up,
        },
        alternatives: vec![Alternative {
            station,
            minutes_each: Decimal::from_f64(minutes).expect("a small number"),
        }],
        predecessors,
        setup: match station {
            FOIL => Setup::Family(format!("foil-{}", job.family).into()),
            PRESS => Setup::JobOperation(job_id, None),
            _ => Setup::Family("none".into()),
        },
        gathers: station == GATHER,
        resumable: true,
        running: None,
    }
}

fn count(number: usize) -> u32 {
    u32::try_from(number).expect("few")
}

fn fresh_lot(job: &Job, stage: usize, sheets: &[usize], shares: Shares) -> LotInput {
    let mut operations = Vec::new();
    for station in stage..=CUT {
        let before = operations.len().checked_sub(1);
        operations.push(operation(
            job,
            station,
            count(sheets.len()),
            before.into_iter().collect(),
        ));
    }
    let cut = operations.len() - 1;
    let cards = count(sheets.len() * CARDS_PER_SHEET);
    operations.push(operation(job, DIE, cards, vec![cut]));
    operations.push(operation(
        job,
        EMBOSS,
        count(sheets.len() * EMBOSSED),
        vec![cut + 1],
    ));
    operations.push(operation(job, QA, cards, vec![cut + 1, cut + 2]));
    finish_lot(job, sheets, operations, &[cut + 3], cards, shares)
}

fn cut_lot(job: &Job, sheets: &[usize], shares: Shares) -> LotInput {
    // How many cards are at each point: what they need next, and whether embossing is (still) to come.
    let mut points: BTreeMap<(usize, bool), u32> = BTreeMap::new();
    for sheet in sheets {
        for (card, next) in job.cards[*sheet].iter().enumerate() {
            if *next <= QA {
                let embossed = *next == DIE && card < EMBOSSED;
                *points.entry((*next, embossed)).or_default() += 1;
            }
        }
    }
    let (mut operations, mut ends, mut cards) = (Vec::new(), Vec::new(), 0);
    for ((next, embossed), units) in points {
        let mut before: Vec<usize> = Vec::new();
        for station in next..=QA {
            if station == EMBOSS && next == DIE && !embossed {
                continue;
            }
            operations.push(operation(job, station, units, before));
            before = vec![operations.len() - 1];
        }
        ends.push(operations.len() - 1);
        cards += units;
    }
    finish_lot(job, sheets, operations, &ends, cards, shares)
}

/// The repeats, and the sets.
fn finish_lot(
    job: &Job,
    sheets: &[usize],
    mut operations: Vec<LotOperation>,
    ends: &[usize],
    cards: u32,
    shares: Shares,
) -> LotInput {
    let mut waits_for = ends.to_vec();
    for (station, share) in [(DIE, shares.loss), (QA, shares.loss + shares.rework)] {
        if cards > 0 && share > 0.0 {
            let mut again = operation(job, station, 0, waits_for.clone());
            again.pass = Pass::Repeat {
                share,
                of_units: cards,
            };
            operations.push(again);
            waits_for = vec![operations.len() - 1];
        }
    }
    operations.push(operation(job, GATHER, count(sheets.len()), waits_for));
    LotInput {
        number: count(sheets[0]) + 1,
        owed: true,
        operations,
    }
}
