//! The public scheduling instances of `tests/data/scheduling` as inputs: a machine is a station with one
//! machine that never closes, a job is one lot of one unit, one unit of duration is a minute.

use jiff::{SignedDuration, Timestamp};
use sheetwise_core::capacity::Setup;
use sheetwise_core::domain::Decimal;
use sheetwise_core::domain::station::OperatingSchedule;
use sheetwise_core::domain::values::Priority;
use sheetwise_core::identity::JobId;
use sheetwise_core::scheduling::{
    Alternative, Input, JobInput, LotInput, LotOperation, Pass, StationInput,
};

/// Fisher and Thompson's and Lawrence's form: `#` comments, `jobs machines`, then `machine duration` pairs.
pub fn job_shop(text: &str) -> Input {
    let mut lines = numbers(text);
    let [_, machines] = lines.remove(0)[..] else {
        panic!("the first line should be: jobs machines");
    };
    let routes = lines.iter().map(|line| {
        let pairs = line.chunks_exact(2);
        pairs
            .map(|pair| vec![(pair[0] as usize, pair[1])])
            .collect()
    });
    input(machines as usize, routes.collect())
}

/// Brandimarte's form: per job its number of operations, and per operation the number of alternatives and
/// its `machine duration` pairs, machines counted from 1.
pub fn flexible_job_shop(text: &str) -> Input {
    let mut lines = numbers(text);
    let machines = lines.remove(0)[1] as usize;
    let routes = lines.iter().map(|line| {
        let mut words = line[1..].iter().copied();
        let mut route = Vec::new();
        while let Some(alternatives) = words.next() {
            let mut pair = || Some((words.next()? as usize - 1, words.next()?));
            let pairs = (0..alternatives).map(|_| pair().expect("a machine and its duration"));
            route.push(pairs.collect());
        }
        route
    });
    input(machines, routes.collect())
}

fn numbers(text: &str) -> Vec<Vec<u32>> {
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    lines
        .map(|line| {
            let words = line.split_whitespace();
            // The head of the flexible instances may end in an average that is no whole number.
            words
                .filter_map(|word| word.parse().ok())
                .collect::<Vec<u32>>()
        })
        .filter(|line| !line.is_empty())
        .collect()
}

fn input(machines: usize, routes: Vec<Vec<Vec<(usize, u32)>>>) -> Input {
    let now: Timestamp = "2026-01-05T00:00:00Z".parse().expect("a timestamp");
    let station = |number: usize| StationInput {
        station_id: format!("M-{number}").parse().expect("a station id"),
        machines: 1,
        setup_minutes: 0,
        operating_hours: OperatingSchedule::around_the_clock(),
        downtime: Vec::new(),
        overtime: Vec::new(),
        set_up_for: Vec::new(),
    };
    let job = |(number, route): (u32, Vec<Vec<(usize, u32)>>)| {
        let job_id = JobId::new(number).expect("counted from 1");
        let operation = |(at, alternatives): (usize, Vec<(usize, u32)>)| LotOperation {
            operation_id: format!("OP-{at}").parse().expect("an operation id"),
            pass: Pass::First,
            units: 1,
            transfer_batch: 1,
            alternatives: alternatives
                .into_iter()
                .map(|(station, duration)| Alternative {
                    station,
                    minutes_each: Decimal::whole(duration),
                })
                .collect(),
            predecessors: at.checked_sub(1).into_iter().collect(),
            setup: Setup::JobOperation(job_id, None),
            gathers: false,
            resumable: true,
            running: None,
        };
        JobInput {
            job_id,
            due: now + SignedDuration::from_hours(10_000),
            priority: Priority(0),
            release: now,
            lots: vec![LotInput {
                number: 1,
                owed: true,
                operations: route.into_iter().enumerate().map(operation).collect(),
            }],
        }
    };
    Input {
        now,
        stations: (0..machines).map(station).collect(),
        jobs: (1..).zip(routes).map(job).collect(),
    }
}
