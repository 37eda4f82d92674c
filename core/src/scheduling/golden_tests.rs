//! The same shop is given the same plan and the same dates by every build: a plan can be made again from its input and
//! its seed, and what [`MODEL_VERSION`] stated can be learnt from. `tests/golden/scheduling.txt` says what they are.
//!
//! Where a change is meant to move them, read in the file's diff where and why, run the benchmarks (a plan that is
//! otherwise is not better), and raise [`MODEL_VERSION`] if forecasts moved:
//! `cargo test -p sheetwise-core --lib scheduling::golden_tests -- --ignored` writes the file anew.

use super::fixtures::*;
use super::*;
use crate::capacity::{Interval, MeasuredRun, Setup};
use crate::domain::Decimal;
use crate::domain::station::OperatingSchedule;
use crate::domain::values::Priority;
use jiff::SignedDuration;
use std::collections::BTreeMap;
use std::fmt::{Display, Write};

const GOLDEN: &str = include_str!("../../tests/golden/scheduling.txt");

/// A card shop in the middle of a Monday morning, with everything that can happen to one: something runs, a station is
/// down, one works overtime, one is set up already, a job is not released yet, and one that nobody can make.
fn busy_shop() -> Input {
    let mut input = card_shop(4, 3);
    input.now = minute(14 * 60 + 35); // 08:35 in Chicago
    let [press, _, foil_2, _, die, ..] = &mut input.stations[..] else {
        panic!("the card shop has seven stations");
    };
    press.downtime = vec![Interval {
        from: minute(16 * 60),
        to: minute(17 * 60 + 10),
    }];
    foil_2.overtime = vec![Interval {
        from: minute(22 * 60),
        to: minute(26 * 60),
    }];
    die.set_up_for = vec![None, Some(Setup::Family("all".into()))];
    for (job, minutes) in input.jobs.iter_mut().zip([150, 60, 210, 100]) {
        job.due = input.now + SignedDuration::from_mins(minutes);
    }
    input.jobs[2].priority = Priority(1);
    input.jobs[1].lots[0].operations[0].running = Some(Running {
        station: 0,
        done_minutes: Decimal::whole(3),
    });
    input.jobs[0].release = minute(15 * 60 + 20);
    input.jobs[3].lots[1].operations[3].resumable = false;
    let mut homeless = operation("UV", 0, 1.0, 4, &[]);
    homeless.alternatives.clear();
    input.jobs.push(job(9, vec![homeless]));
    input
}

/// What the log of such a shop would have taught: days and runs that differ, breakdowns, orders to come, and forecasts that
/// were too early.
fn experienced(input: &Input) -> Model {
    let run = |station: &str, day: i8, number: u32| MeasuredRun {
        station_id: station.parse().unwrap(),
        product_id: "BASE".parse().unwrap(),
        operation_id: operation_id("O0"),
        job_id: job_id(number),
        day: jiff::civil::date(2025, 12, day),
        units: 10,
        actual_minutes: 8.0 + f64::from(number % 5) + f64::from(day % 3) * 2.0,
        standard_minutes: 10.0,
    };
    let mut runs = Vec::new();
    for station in ["PRESS", "FOIL-1", "DIE", "QA"] {
        for number in 3..30 {
            let day = i8::try_from(number / 3).unwrap();
            runs.push(run(station, day, number));
        }
    }
    let settled = (0..80).map(|number| Settled {
        stated_seconds: [20_000.0, 25_000.0, 30_000.0],
        actual_seconds: 20_000.0 + f64::from(number) * 200.0,
    });
    Model {
        breakdowns: vec![Breakdowns {
            station_id: "FOIL-1".parse().unwrap(),
            work_minutes_between: 90.0,
            repair_minutes: vec![10.0, 25.0, 60.0],
        }],
        arrivals: Some(Arrivals {
            jobs_per_day: 2.0,
            templates: input.jobs[..3].to_vec(),
        }),
        recalibration: Recalibration::learn(&settled.collect::<Vec<_>>()),
        ..Model::from_runs(&runs)
    }
}

/// The text that the golden file holds, part by part.
#[derive(Default)]
struct Told(String);

impl Told {
    fn part(&mut self, name: &str) {
        let gap = if self.0.is_empty() { "" } else { "\n" };
        self.line(format_args!("{gap}== {name}"));
    }

    fn line(&mut self, line: impl Display) {
        writeln!(self.0, "{line}").unwrap();
    }

    /// In which order each machine works, and from when.
    fn sequences(&mut self, plan: &Plan) {
        let mut machines: BTreeMap<String, Vec<&Placement>> = BTreeMap::new();
        for placement in &plan.placements {
            let machine = format!("{} {}", placement.station_id, placement.machine);
            machines.entry(machine).or_default().push(placement);
        }
        for (machine, mut placements) in machines {
            placements.sort_by_key(|placement| placement.start);
            let each = placements.iter().map(|placement| {
                let at = placement
                    .start
                    .duration_since(plan.planned_at)
                    .as_secs_f64()
                    / 60.0;
                format!(
                    "{}/{}·{} {at:.1}",
                    placement.job_id, placement.lot, placement.operation
                )
            });
            self.line(format_args!(
                "{machine}: {}",
                each.collect::<Vec<_>>().join(", ")
            ));
        }
    }

    fn ends(&mut self, plan: &Plan) {
        for job in &plan.jobs {
            let JobPlan { job_id, finish, .. } = job;
            self.line(format_args!(
                "{job_id} is done at {finish}, {:.1} min late",
                job.late_minutes
            ));
        }
        for Unplanned { job_id, reason } in &plan.unplanned {
            self.line(format_args!("{job_id} has no place: {reason}"));
        }
        let PlanFigures {
            late_jobs,
            setups,
            made_by,
            ..
        } = &plan.figures;
        self.line(format_args!(
            "{:.1} min in all, {:.1} weighted min late, {late_jobs} jobs late, {setups} set-ups, by {made_by}",
            plan.figures.makespan_minutes, plan.figures.weighted_late_minutes
        ));
    }

    fn estimate(&mut self, estimate: &Estimate) {
        for job in &estimate.jobs {
            let JobEstimate {
                job_id,
                earliest_finish,
                finish,
                critical_way,
                ..
            } = job;
            self.line(format_args!(
                "{job_id}: {finish}, alone in the shop {earliest_finish}"
            ));
            for step in critical_way {
                let CriticalStep {
                    lot,
                    operation_id,
                    station_id,
                    start,
                    queue_hours,
                    work_hours,
                    ..
                } = step;
                self.line(format_args!(
                    "    lot {lot} {operation_id} at {station_id} from {start}: {work_hours:.3} h after {queue_hours:.3} h of waiting"
                ));
            }
        }
        for StationEstimate {
            station_id,
            queue_hours,
            backlog_hours,
        } in &estimate.stations
        {
            self.line(format_args!(
                "{station_id}: {queue_hours:.3} h now, {backlog_hours:.3} h with all to come"
            ));
        }
        self.impossible(&estimate.impossible);
    }

    fn forecast(&mut self, forecast: &Forecast) {
        for job in &forecast.jobs {
            let JobForecast {
                job_id,
                p50,
                p80,
                p95,
                mean,
                ..
            } = job;
            self.line(format_args!(
                "{job_id}: {p50} {p80} {p95}, mean {mean}, late {:.3} ({:.3} to {:.3})",
                job.probability_late, job.probability_late_low, job.probability_late_high
            ));
            if let Some(cause) = &job.cause {
                self.line(format_args!(
                    "    {} ({:.3} h waiting, {:.3} h of work, behind {:?})",
                    cause.words,
                    cause.queue_hours,
                    cause.work_hours,
                    cause
                        .behind
                        .iter()
                        .map(ToString::to_string)
                        .collect::<Vec<_>>()
                ));
            }
        }
        self.impossible(&forecast.impossible);
    }

    fn impossible(&mut self, jobs: &[(crate::identity::JobId, String)]) {
        for (job_id, reason) in jobs {
            self.line(format_args!("{job_id}: {reason}"));
        }
    }

    fn differences(&mut self, seen: &WhatIf) {
        for job in &seen.differences {
            self.line(format_args!(
                "{}: {:.3} min later, late {:+.3}, otherwise in {:.3} of the futures",
                job.job_id,
                job.mean_later_minutes,
                job.probability_late_change,
                job.futures_changed
            ));
        }
    }

    fn load(&mut self, days: &[StationDay]) {
        for day in days {
            self.line(format_args!(
                "{} {}: {:.1} of {:.1} min planned, {:.1} of them set-ups; {:.1} min due of {:.1}{}",
                day.station_id,
                day.day,
                day.planned_minutes,
                day.available_minutes,
                day.setup_minutes,
                day.due_until_minutes,
                day.available_until_minutes,
                if day.over_capacity { ", too much" } else { "" }
            ));
        }
    }
}

fn told() -> String {
    let input = busy_shop();
    let model = experienced(&input);
    let options = ForecastOptions {
        replications: 60,
        decks: 4,
        seed: 7,
    };
    let searched = |objective, iterations| PlanOptions {
        objective,
        iterations,
        ..PlanOptions::default()
    };
    let mut told = Told::default();
    let dispatched = planned(&input, &dispatch_only());
    told.part("Dispatched by due date");
    (dispatched.placements.iter()).for_each(|placement| told.line(placement));
    told.ends(&dispatched);
    told.part("How full the stations are then");
    told.load(&daily_load(&input, &dispatched, 2).unwrap());
    told.part("Searched for lateness: minutes of each job, lot and operation on each machine");
    let sought = planned(&input, &searched(Objective::WeightedLateness, 200));
    told.sequences(&sought);
    told.ends(&sought);
    told.part("What the search changed");
    (difference(&dispatched, &sought).iter().take(12)).for_each(|change| told.line(change));
    told.part("Searched for the earliest end, in a shop that never closes");
    let mut never_closes = card_shop(8, 3);
    for station in &mut never_closes.stations {
        station.operating_hours = OperatingSchedule::around_the_clock();
    }
    let sought = planned(&never_closes, &searched(Objective::Makespan, 400));
    told.sequences(&sought);
    told.ends(&sought);
    told.part("Estimated");
    told.estimate(&estimate(&input).unwrap());
    told.part("Forecast");
    told.forecast(&forecast(&input, &model, &options).unwrap());
    told.part("Forecast of standard times alone");
    told.forecast(&forecast(&input, &Model::default(), &options).unwrap());
    told.part("What if FOIL-1 were down until Monday noon");
    let down = Supposed::StationDown {
        station_id: "FOIL-1".parse().unwrap(),
        during: Interval {
            from: input.now,
            to: minute(18 * 60),
        },
    };
    told.differences(&what_if(&input, &model, &options, &[down]).unwrap());
    told.0
}

#[test]
fn the_same_shop_is_given_the_same_dates_by_every_build() {
    let told = told();
    let moved: Vec<String> = (GOLDEN.lines().zip(told.lines()).enumerate())
        .filter(|(_, (golden, now))| golden != now)
        .map(|(at, (golden, now))| format!("line {}\n  was {golden}\n  is  {now}", at + 1))
        .take(5)
        .collect();
    assert!(moved.is_empty(), "{}", moved.join("\n"));
    assert_eq!(GOLDEN.lines().count(), told.lines().count());
}

#[test]
#[ignore = "writes the golden file"]
#[expect(clippy::disallowed_methods, reason = "it writes the golden file")]
fn write_the_dates_of_this_build() {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/scheduling.txt");
    std::fs::write(file, told()).unwrap();
}
