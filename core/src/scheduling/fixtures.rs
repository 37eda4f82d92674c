//! Small shops for the tests of this room: lines, single stations, a fan-out with its join.

use super::*;
use crate::capacity::Setup;
use crate::domain::Decimal;
use crate::domain::station::OperatingSchedule;
use crate::domain::values::Priority;
use crate::identity::{JobId, OperationId};
use jiff::{SignedDuration, Timestamp};
use serde_json::json;

/// Monday, 5 January 2026, midnight UTC.
pub fn monday() -> Timestamp {
    "2026-01-05T00:00:00Z".parse().unwrap()
}

/// So many minutes after [`monday`].
pub fn minute(minutes: i64) -> Timestamp {
    monday() + SignedDuration::from_mins(minutes)
}

pub fn job_id(number: u32) -> JobId {
    JobId::new(number).unwrap()
}

pub fn operation_id(text: &str) -> OperationId {
    text.parse().unwrap()
}

/// A station that never closes.
pub fn station(name: &str, machines: u16) -> StationInput {
    StationInput {
        station_id: name.parse().unwrap(),
        machines,
        setup_minutes: 0,
        operating_hours: OperatingSchedule::around_the_clock(),
        downtime: Vec::new(),
        overtime: Vec::new(),
        set_up_for: Vec::new(),
    }
}

/// Staffed from 08:00 to 16:00 on workdays of that zone.
pub fn office_hours(zone: &str) -> OperatingSchedule {
    serde_json::from_value(
        json!({"time_zone": zone, "shifts": [{"start": "08:00:00", "end": "16:00:00",
        "weekdays": ["monday", "tuesday", "wednesday", "thursday", "friday"]}]}),
    )
    .unwrap()
}

/// An operation at one station, of one set-up for all.
pub fn operation(
    name: &str,
    station: usize,
    minutes_each: f64,
    units: u32,
    predecessors: &[usize],
) -> LotOperation {
    LotOperation {
        operation_id: operation_id(name),
        pass: Pass::First,
        units,
        transfer_batch: 1,
        alternatives: vec![Alternative {
            station,
            minutes_each: Decimal::from_f64(minutes_each).unwrap(),
        }],
        predecessors: predecessors.to_vec(),
        setup: Setup::Family("all".into()),
        gathers: false,
        resumable: true,
        running: None,
    }
}

/// A job of one lot, due in a year.
pub fn job(number: u32, operations: Vec<LotOperation>) -> JobInput {
    JobInput {
        job_id: job_id(number),
        due: monday() + SignedDuration::from_hours(24 * 365),
        priority: Priority(0),
        release: monday(),
        lots: vec![LotInput {
            number: 1,
            owed: true,
            operations,
        }],
    }
}

/// A line of stations that never close, and a job of so many units through all of them.
pub fn line(minutes: &[f64], units: u32, transfer_batch: u32) -> Input {
    let operations = minutes.iter().enumerate().map(|(at, each)| LotOperation {
        transfer_batch,
        ..operation(
            &format!("O{at}"),
            at,
            *each,
            units,
            &at.checked_sub(1).into_iter().collect::<Vec<_>>(),
        )
    });
    Input {
        now: monday(),
        stations: (0..minutes.len())
            .map(|at| station(&format!("M{at}"), 1))
            .collect(),
        jobs: vec![job(1, operations.collect())],
    }
}

/// Dispatch by the earliest due date, and nothing else.
pub fn dispatch_only() -> PlanOptions {
    PlanOptions {
        rules: vec![Rule::EarliestDue],
        iterations: 0,
        ..PlanOptions::default()
    }
}

/// The plan, which the checker must accept.
pub fn planned(input: &Input, options: &PlanOptions) -> Plan {
    let plan = plan(input, options).unwrap();
    let violations: Vec<String> = check(input, &plan)
        .iter()
        .map(ToString::to_string)
        .collect();
    assert!(violations.is_empty(), "{violations:#?}");
    plan
}

/// When a job is done, in minutes after [`monday`].
pub fn finish(plan: &Plan, number: u32) -> f64 {
    let job = plan
        .jobs
        .iter()
        .find(|job| job.job_id == job_id(number))
        .unwrap();
    job.finish.duration_since(monday()).as_secs_f64() / 60.0
}

/// A shop with calendars, set-ups, several machines, fan-out and join: `jobs` jobs of two lots each.
pub fn card_shop(jobs: u32, seed: u64) -> Input {
    let mut stations = vec![
        station("PRESS", 1),
        station("FOIL-1", 1),
        station("FOIL-2", 1),
        station("CUT", 1),
        station("DIE", 2),
        station("QA", 4),
        station("BENCH", 2),
    ];
    for station in &mut stations {
        station.operating_hours = office_hours("America/Chicago");
        station.setup_minutes = 15;
    }
    stations[5].setup_minutes = 0;
    stations[5].operating_hours = OperatingSchedule::around_the_clock();
    let draw = |words: &[u64], below: usize| chance::index(chance::hash(words), below);
    let jobs = (1..=jobs).map(|number| {
        let key = u64::from(number);
        let sheets = 4 + u32::try_from(draw(&[seed, key, 1], 12)).unwrap();
        let family = format!("foil-{}", draw(&[seed, key, 2], 3));
        let lot = |lot_number: u32| {
            let cards = sheets * 6;
            let batch = |operation: LotOperation, transfer_batch| LotOperation {
                transfer_batch,
                ..operation
            };
            let mut foil = batch(operation("FOIL", 1, 2.0, sheets, &[0]), 2);
            foil.alternatives.push(Alternative {
                station: 2,
                minutes_each: Decimal::from_f64(2.5).unwrap(),
            });
            foil.setup = Setup::Family(family.as_str().into());
            let mut press = batch(operation("PRESS", 0, 1.0, sheets, &[]), 2);
            press.setup = Setup::JobOperation(job_id(number), None);
            let mut repeat = operation("QA", 5, 0.5, cards / 20, &[5]);
            repeat.pass = Pass::Repeat {
                share: 0.05,
                of_units: cards,
            };
            LotInput {
                number: lot_number,
                owed: true,
                operations: vec![
                    press,
                    foil,
                    batch(operation("CUT", 3, 0.5, sheets, &[1]), 2),
                    batch(operation("DIE", 4, 0.3, cards, &[2]), 6),
                    batch(operation("EMBOSS", 4, 0.4, sheets, &[2]), 1),
                    batch(operation("QA", 5, 0.5, cards, &[3, 4]), 6),
                    repeat,
                    operation("GATHER", 6, 3.0, sheets, &[5, 6]),
                ],
            }
        };
        JobInput {
            due: minute(i64::try_from(600 + draw(&[seed, key, 3], 6_000)).unwrap()),
            priority: Priority(i8::from(draw(&[seed, key, 4], 5) == 0)),
            lots: vec![lot(1), lot(2)],
            ..job(number, Vec::new())
        }
    });
    Input {
        now: monday(),
        jobs: jobs.collect(),
        stations,
    }
}
