//! What a forecast says of shops whose future is known, and that what-ifs differ only by what changed.

#![expect(clippy::float_cmp, reason = "these are worked out exactly")]

use super::fixtures::*;
use super::*;
use crate::capacity::{Interval, MeasuredRun};
use crate::domain::values::Priority;
use jiff::SignedDuration;

const FEW: ForecastOptions = ForecastOptions {
    replications: 60,
    decks: 4,
    seed: 5,
};

fn minutes(at: jiff::Timestamp) -> f64 {
    at.duration_since(monday()).as_secs_f64() / 60.0
}

/// Ten runs on ten days, half of them twice as slow as standard.
fn uneven(station: &str) -> Vec<MeasuredRun> {
    (1..=10)
        .map(|day| MeasuredRun {
            station_id: station.parse().unwrap(),
            product_id: "BASE".parse().unwrap(),
            operation_id: operation_id("O0"),
            job_id: job_id(1),
            day: jiff::civil::date(2026, 1, day),
            units: 10,
            actual_minutes: if day % 2 == 0 { 20.0 } else { 10.0 },
            standard_minutes: 10.0,
        })
        .collect()
}

#[test]
fn without_anything_measured_every_future_is_the_dispatched_plan() {
    let mut input = card_shop(6, 4);
    for operation in input
        .jobs
        .iter_mut()
        .flat_map(|job| &mut job.lots)
        .flat_map(|l| &mut l.operations)
    {
        if operation.pass != Pass::First {
            operation.pass = Pass::Repeat {
                share: 0.0,
                of_units: 1,
            };
            operation.units = 0;
        }
    }
    let forecast = forecast(&input, &Model::default(), &FEW).unwrap();
    let plan = planned(&input, &dispatch_only());
    for (job, planned) in forecast.jobs.iter().zip(&plan.jobs) {
        assert_eq!(
            (job.job_id, job.p50, job.p95),
            (planned.job_id, job.p95, job.p50)
        );
        let apart = job.p50.duration_since(planned.finish).as_hours().abs();
        assert!(apart < 24, "{} {} {}", job.job_id, job.p50, planned.finish);
    }
}

#[test]
fn a_station_that_is_slow_every_other_day_makes_two_futures() {
    let input = line(&[6.0], 10, 1);
    let model = Model::from_runs(&uneven("M0"));
    let forecast = forecast(
        &input,
        &model,
        &ForecastOptions {
            replications: 400,
            ..FEW
        },
    )
    .unwrap();
    let job = &forecast.jobs[0];
    assert_eq!((minutes(job.p80), minutes(job.p95)), (120.0, 120.0));
    let mean = minutes(job.mean);
    assert!((85.0..95.0).contains(&mean), "{mean}");
    assert_eq!(job.probability_late, 0.0);
}

#[test]
fn what_is_done_the_moment_it_is_due_is_in_time() {
    let mut input = line(&[6.0], 10, 1);
    let late = |due: i64, input: &mut Input| {
        input.jobs[0].due = minute(due);
        let seen = forecast(input, &Model::default(), &FEW).unwrap();
        seen.jobs[0].probability_late
    };
    assert_eq!((late(60, &mut input), late(59, &mut input)), (0.0, 1.0));
}

#[test]
fn a_slow_day_is_slow_for_everything_at_its_station() {
    // Two jobs on one station on the same day: both slow or both not, never one of each.
    let mut input = line(&[6.0], 10, 1);
    input
        .jobs
        .push(job(2, vec![operation("O0", 0, 6.0, 10, &[])]));
    let model = Model::from_runs(&uneven("M0"));
    let forecast = forecast(&input, &model, &FEW).unwrap();
    let last = &forecast.jobs[1];
    assert_eq!(minutes(last.p95), 240.0);
    let half = (60.0 + f64::from(120)) * 2.0 / 2.0;
    assert!((minutes(last.mean) - half).abs() < 20.0);
    let input_of_one = Input {
        jobs: input.jobs[..1].to_vec(),
        ..input
    };
    let alone = super::forecast(&input_of_one, &model, &FEW).unwrap();
    assert_eq!(alone.jobs[0], forecast.jobs[0], "another job moves no draw");
}

#[test]
fn a_future_that_leaves_the_hours_that_are_known_ends_with_them() {
    // Ten hours by standard, and ten thousand times as slow wherever anybody looked.
    let input = line(&[60.0], 10, 1);
    let mut runs = uneven("M0");
    for run in &mut runs {
        run.actual_minutes = run.standard_minutes * 10_000.0;
    }
    let forecast = forecast(&input, &Model::from_runs(&runs), &FEW).unwrap();
    let job = &forecast.jobs[0];
    assert_eq!(job.p50, job.p95);
    let days = minutes(job.p50) / 1_440.0;
    assert_eq!(days.fract(), 0.0, "{days}");
    assert!((30.0..1_000.0).contains(&days), "{days}");
}

#[test]
fn a_change_of_nothing_changes_nothing_at_all() {
    let input = card_shop(10, 9);
    let mut model = Model::from_runs(&[uneven("PRESS"), uneven("QA")].concat());
    model.arrivals = Some(Arrivals {
        jobs_per_day: 2.0,
        templates: input.jobs[..3].to_vec(),
    });
    let nothing = what_if(&input, &model, &FEW, &[]).unwrap();
    assert_eq!(nothing.without, nothing.with);
    for job in &nothing.differences {
        assert_eq!((job.mean_later_minutes, job.futures_changed), (0.0, 0.0));
    }
}

#[test]
fn a_breakdown_delays_what_goes_there_and_nothing_else() {
    let mut input = line(&[10.0, 10.0], 5, 1);
    input.jobs = vec![
        job(1, vec![operation("O0", 0, 10.0, 5, &[])]),
        job(2, vec![operation("O1", 1, 10.0, 5, &[])]),
    ];
    let model = Model::from_runs(&[uneven("M0"), uneven("M1")].concat());
    let down = Supposed::StationDown {
        station_id: "M0".parse().unwrap(),
        during: Interval {
            from: monday(),
            to: minute(90),
        },
    };
    let seen = what_if(&input, &model, &FEW, &[down]).unwrap();
    assert_eq!(seen.differences[0].mean_later_minutes, 90.0);
    assert_eq!(seen.differences[0].futures_changed, 1.0);
    assert_eq!(seen.differences[1].mean_later_minutes, 0.0);
    assert_eq!(seen.differences[1].futures_changed, 0.0);
}

#[test]
fn priority_overtime_and_new_orders_do_what_they_say() {
    let mut input = line(&[10.0], 6, 1);
    input.stations[0].operating_hours = office_hours("UTC");
    input
        .jobs
        .push(job(2, vec![operation("O0", 0, 10.0, 45, &[])]));
    input.jobs[1].due = minute(2 * 1_440);
    input.jobs[0].due = minute(3 * 1_440);
    let later = |supposed: &[Supposed]| {
        let seen = what_if(&input, &Model::default(), &FEW, supposed).unwrap();
        let by_job = seen.differences.iter().map(|job| job.mean_later_minutes);
        by_job.collect::<Vec<f64>>()
    };
    // Job 2 (7 h 30) goes first, then job 1 (1 h) begins on Monday and ends on Tuesday 08:30.
    let first = Supposed::Priority {
        job_id: job_id(1),
        priority: Priority(5),
    };
    assert_eq!(later(&[first]), [-1_410.0, 990.0 + 30.0]);
    let overtime = Supposed::Overtime {
        station_id: "M0".parse().unwrap(),
        during: Interval {
            from: minute(16 * 60),
            to: minute(17 * 60),
        },
    };
    assert_eq!(later(&[overtime]), [-960.0, 0.0]);
    let mut order = job(3, vec![operation("O0", 0, 10.0, 3, &[])]);
    order.due = minute(60);
    let seen = later(&[Supposed::NewJob(order)]);
    assert_eq!(seen, [30.0, 30.0]);
    let unknown = Supposed::Cancelled { job_id: job_id(9) };
    let problems = what_if(&input, &Model::default(), &FEW, &[unknown]).unwrap_err();
    assert_eq!(problems[0].0, "no job J9 is open");
}

#[test]
fn the_cause_names_the_queue_and_who_stands_in_it() {
    let mut input = line(&[1.0, 30.0], 4, 1);
    let mut urgent = job(2, vec![operation("O1", 1, 30.0, 20, &[])]);
    urgent.due = minute(700);
    input.jobs.push(urgent);
    input.jobs[0].due = minute(710);
    let forecast = forecast(&input, &Model::default(), &FEW).unwrap();
    let job = &forecast.jobs[0];
    assert_eq!(job.probability_late, 1.0);
    assert!(job.probability_late_low > 0.9);
    let cause = job.cause.as_ref().unwrap();
    assert_eq!(cause.words, "it waits 10.0 h in the queue of M1, behind J2");
    // So does a job of two lots, whose last one waits behind its first.
    let lots = &mut input.jobs[0].lots;
    lots.push(LotInput {
        number: 2,
        ..lots[0].clone()
    });
    let forecast = super::forecast(&input, &Model::default(), &FEW).unwrap();
    let cause = forecast.jobs[0].cause.as_ref().unwrap();
    assert_eq!(cause.words, "it waits 11.9 h in the queue of M1, behind J2");
}

#[test]
fn of_several_jobs_that_it_waits_behind_the_one_that_is_so_most_often_is_named_first() {
    // Two machines are taken for 70 and for 60 minutes, a fifth more or less: mostly the second is free first.
    let runs = (1..=10).flat_map(|day| {
        [8.0, 12.0].map(|actual_minutes| MeasuredRun {
            actual_minutes,
            day: jiff::civil::date(2026, 1, day),
            ..uneven("M0")[0].clone()
        })
    });
    let model = Model::from_runs(&runs.collect::<Vec<_>>());
    let mut input = line(&[10.0], 1, 1);
    input.stations[0].machines = 2;
    input.jobs = [(1, 5), (2, 70), (3, 60)]
        .map(|(number, minutes)| JobInput {
            due: minute(if number == 1 { 1_000 } else { 500 }),
            ..job(number, vec![operation("O0", 0, f64::from(minutes), 1, &[])])
        })
        .into();
    let forecast = forecast(&input, &model, &FEW).unwrap();
    let behind = &forecast.jobs[0].cause.as_ref().unwrap().behind;
    assert_eq!(*behind, [job_id(3), job_id(2)]);
}

#[test]
fn orders_to_come_make_what_they_overtake_later() {
    let mut input = line(&[10.0], 30, 1);
    input.jobs[0].lots = (1..=10)
        .map(|number| LotInput {
            number,
            ..input.jobs[0].lots[0].clone()
        })
        .collect();
    let quiet = forecast(&input, &Model::default(), &FEW).unwrap();
    let mut short = job(1, vec![operation("O0", 0, 60.0, 1, &[])]);
    short.due = monday() + SignedDuration::from_hours(2);
    let busy = Model {
        arrivals: Some(Arrivals {
            jobs_per_day: 6.0,
            templates: vec![short],
        }),
        ..Model::default()
    };
    let crowded = forecast(&input, &busy, &FEW).unwrap();
    assert!(crowded.jobs[0].p50 > quiet.jobs[0].p50 + SignedDuration::from_hours(6));
    assert_eq!(crowded.jobs.len(), 1);
}

#[test]
fn cards_that_fail_come_round_again() {
    let mut input = line(&[1.0], 200, 1);
    let mut again = operation("O0", 0, 1.0, 20, &[0]);
    again.pass = Pass::Repeat {
        share: 0.1,
        of_units: 200,
    };
    input.jobs[0].lots[0].operations.push(again);
    let seen = forecast(
        &input,
        &Model::default(),
        &ForecastOptions {
            replications: 400,
            ..FEW
        },
    )
    .unwrap();
    let mean = minutes(seen.jobs[0].mean);
    assert!((219.0..221.0).contains(&mean), "{mean}");
    let p95 = minutes(seen.jobs[0].p95);
    // Twenty on average, with a spread of 4.2.
    assert!((226.0..229.0).contains(&p95), "{p95}");
}

#[test]
fn the_daily_load_of_a_plan_adds_up_to_its_work() {
    let mut input = line(&[30.0], 20, 1);
    input.stations[0].operating_hours = office_hours("UTC");
    let plan = planned(&input, &dispatch_only());
    let days = daily_load(&input, &plan, 4).unwrap();
    let minutes: Vec<f64> = days.iter().map(|day| day.planned_minutes).collect();
    assert_eq!(minutes, [480.0, 120.0, 0.0, 0.0]);
    assert_eq!(days[1].utilization, 0.25);
    assert_eq!(days[0].available_minutes, 480.0);
    // Two machines are staffed for twice the minutes.
    input.stations[0].machines = 2;
    let days = daily_load(&input, &planned(&input, &dispatch_only()), 2).unwrap();
    let available = |day: &StationDay| (day.available_minutes, day.available_until_minutes);
    assert_eq!(available(&days[0]), (960.0, 960.0));
    assert_eq!(available(&days[1]), (960.0, 1_920.0));
}

#[test]
fn a_day_is_over_capacity_where_what_is_due_by_then_does_not_fit_in() {
    let mut input = line(&[30.0], 20, 1);
    input.stations[0].operating_hours = office_hours("UTC");
    let over = |input: &Input| -> Vec<bool> {
        let plan = planned(input, &dispatch_only());
        let days = daily_load(input, &plan, 3).unwrap();
        days.iter().map(|day| day.over_capacity).collect()
    };
    // Ten hours of work, eight hours a day.
    input.jobs[0].due = minute(24 * 60);
    assert_eq!(over(&input), [true, false, false]);
    input.jobs[0].due = minute(48 * 60);
    assert_eq!(over(&input), [false, false, false]);
}

#[test]
fn what_is_kept_of_a_forecast_is_what_it_was_before_its_recalibration() {
    let input = line(&[30.0], 20, 1);
    let late = Settled {
        stated_seconds: [36_000.0; 3],
        actual_seconds: 72_000.0,
    };
    let model = Model {
        recalibration: Recalibration::learn(&[late; 100]),
        ..Model::default()
    };
    let options = ForecastOptions::default();
    let (stated, plain) = forecast_to_keep(&input, &model, &options).unwrap();
    assert_eq!(stated, forecast(&input, &model, &options).unwrap());
    assert_eq!(
        plain,
        forecast(&input, &Model::default(), &options).unwrap()
    );
    assert!(stated.jobs[0].p50 > plain.jobs[0].p50);
}

#[test]
fn what_runs_already_longer_than_it_should_is_slow_and_not_over() {
    // An hour by standard, and it runs for an hour and a half: on a slow day half an hour is left.
    let mut input = line(&[6.0], 10, 1);
    input.jobs[0].lots[0].operations[0].running = Some(Running {
        station: 0,
        done_minutes: crate::domain::Decimal::from_f64(90.0).unwrap(),
    });
    let model = Model::from_runs(&uneven("M0"));
    let job = &forecast(&input, &model, &FEW).unwrap().jobs[0];
    assert_eq!((minutes(job.p80), minutes(job.p95)), (30.0, 30.0));
}

#[test]
fn what_is_near_and_what_is_far_learn_apart() {
    let settled = |stated_hours: f64, actual_hours: f64| Settled {
        stated_seconds: [stated_hours * 3_600.0; 3],
        actual_seconds: actual_hours * 3_600.0,
    };
    // What is due within hours comes twice as late as said; what is due next week comes when it was said.
    let settled = [
        vec![settled(2.0, 4.0); 100],
        vec![settled(100.0, 100.0); 60],
    ]
    .concat();
    let learnt = Recalibration::learn(&settled);
    assert_eq!(learnt.settled, [100, 0, 0, 60]);
    let moved = |hours: f64| {
        let mut ends = [hours * 3_600.0; 11];
        learnt.apply(&mut ends);
        ends[5] / 3_600.0
    };
    assert!(moved(2.0) > 3.0, "{}", moved(2.0));
    assert_eq!((moved(8.0), moved(100.0)), (8.0, 100.0));
}

#[test]
fn what_is_surely_too_early_at_its_latest_moves_there_alone() {
    let narrow = Settled {
        stated_seconds: [7_200.0, 7_200.0, 3_600.0],
        actual_seconds: 7_200.0,
    };
    let mut ends = [7_200.0; 20];
    Recalibration::learn(&[narrow; 100]).apply(&mut ends);
    assert_eq!((ends[0], ends[10]), (7_200.0, 7_200.0));
    assert!(ends[19] > 1.5 * 7_200.0, "{}", ends[19]);
}

#[test]
fn a_station_that_always_breaks_down_is_repaired_in_every_future() {
    let input = line(&[6.0], 10, 1);
    let breaks = |work_minutes_between: f64| Model {
        breakdowns: vec![Breakdowns {
            station_id: "M0".parse().unwrap(),
            work_minutes_between,
            repair_minutes: vec![25.0],
        }],
        ..Model::default()
    };
    let median = |model: &Model| minutes(forecast(&input, model, &FEW).unwrap().jobs[0].p50);
    assert_eq!(median(&breaks(0.01)), 85.0);
    assert_eq!(median(&breaks(1e9)), 60.0);
}
