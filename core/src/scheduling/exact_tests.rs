//! Cases that can be worked out by hand or by a formula.

#![expect(clippy::float_cmp, reason = "these are worked out exactly")]

use super::fixtures::*;
use super::*;
use crate::capacity::{Interval, Setup};
use jiff::SignedDuration;

#[test]
fn a_deterministic_line_takes_its_lead_and_then_the_bottleneck_for_each_further_unit() {
    for (minutes, units) in [
        (&[2.0, 5.0, 3.0][..], 4),
        (&[10.0, 1.0, 10.0], 100),
        (&[7.0, 3.0], 50),
        (&[1.0, 2.0, 3.0, 4.0], 200),
        (&[4.0], 9),
    ] {
        let lead: f64 = minutes.iter().sum();
        let bottleneck = minutes.iter().copied().fold(0.0, f64::max);
        let plan = planned(&line(minutes, units, 1), &dispatch_only());
        let flow = lead + f64::from(units - 1) * bottleneck;
        assert_eq!(finish(&plan, 1), flow, "{minutes:?} × {units}");
    }
}

#[test]
fn a_lot_that_moves_as_a_whole_waits_for_the_whole_at_each_station() {
    let whole = planned(&line(&[2.0, 5.0, 3.0], 10, 10), &dispatch_only());
    assert_eq!(finish(&whole, 1), 100.0);
    let fives = planned(&line(&[2.0, 5.0, 3.0], 10, 5), &dispatch_only());
    // The first five are through the press at 10; foil ends at 60; the last five take 15 more.
    assert_eq!(finish(&fives, 1), 75.0);
}

#[test]
fn one_machine_does_one_lot_after_the_other_and_the_earliest_due_first() {
    let mut input = line(&[10.0], 3, 1);
    input
        .jobs
        .push(job(2, vec![operation("O0", 0, 5.0, 4, &[])]));
    input.jobs[1].due = minute(100);
    let plan = planned(&input, &dispatch_only());
    assert_eq!((finish(&plan, 2), finish(&plan, 1)), (20.0, 50.0));
}

#[test]
fn a_set_waits_for_the_slowest_of_its_cards() {
    // 2 sheets are cut at 1 and 2; of each come a plain card (die 3) and a foil card (die 3, foil 10).
    let mut input = line(&[1.0, 3.0, 10.0, 2.0], 2, 1);
    input.jobs[0].lots[0].operations = vec![
        operation("CUT", 0, 1.0, 2, &[]),
        operation("DIE", 1, 3.0, 4, &[0]),
        operation("FOIL", 2, 10.0, 2, &[0]),
        operation("GATHER", 3, 2.0, 2, &[1, 2]),
    ];
    let plan = planned(&input, &dispatch_only());
    // Foil runs 1–21, die 1–13; the first set begins at 11, the last ends 2 after the last foil card.
    let gather = &plan.placements[3];
    assert_eq!((gather.start, gather.end), (minute(11), minute(23)));
    assert_eq!(
        gather.end_bound,
        Some(EndBound::LastBatch {
            operation_id: operation_id("FOIL")
        })
    );
    assert_eq!(finish(&plan, 1), 23.0);
}

#[test]
fn an_operation_of_1440_minutes_on_an_eight_hour_day_ends_on_its_third_working_days_end() {
    let mut input = line(&[1_440.0], 1, 1);
    input.stations[0].operating_hours = office_hours("UTC");
    // From Thursday on: Thursday, Friday, Monday.
    input.now = minute(3 * 1_440);
    input.jobs[0].release = input.now;
    let plan = planned(&input, &dispatch_only());
    assert_eq!(plan.jobs[0].finish, minute(7 * 1_440 + 16 * 60));
    assert_eq!(
        plan.placements[0].start_bound,
        StartBound::Closed { since: input.now }
    );
}

#[test]
fn a_shift_over_daylight_saving_has_the_hours_that_the_clock_really_ran() {
    // Chicago, the night from 7 to 8 March 2026: from 22:00 to 06:00 are seven hours.
    let mut input = line(&[8.0 * 60.0], 1, 1);
    input.stations[0].operating_hours = serde_json::from_value(serde_json::json!({
        "time_zone": "America/Chicago",
        "shifts": [{"start": "22:00:00", "end": "06:00:00", "weekdays": ["saturday", "sunday"]}]
    }))
    .unwrap();
    input.now = "2026-03-07T12:00:00-06:00".parse().unwrap();
    let plan = planned(&input, &dispatch_only());
    let finish = "2026-03-08T23:00:00-05:00".parse().unwrap();
    assert_eq!(plan.jobs[0].finish, finish);
}

#[test]
fn a_set_up_is_not_split_over_a_closure_and_none_is_needed_within_a_family() {
    let mut input = line(&[60.0], 1, 1);
    input.stations[0].operating_hours = office_hours("UTC");
    input.stations[0].setup_minutes = 30;
    input.stations[0].set_up_for = vec![Some(Setup::Family("gold".into()))];
    input.now = minute(15 * 60 + 40); // twenty minutes before closing
    let plan = planned(&input, &dispatch_only());
    let placement = &plan.placements[0];
    let tuesday = 1_440 + 8 * 60;
    assert_eq!(
        (placement.setup_from, placement.start),
        (minute(tuesday), minute(tuesday + 30))
    );
    input.jobs[0].lots[0].operations[0].setup = Setup::Family("gold".into());
    let plan = planned(&input, &dispatch_only());
    assert_eq!(plan.placements[0].start, input.now);
    assert_eq!(plan.jobs[0].finish, minute(tuesday + 40));
}

#[test]
fn what_must_not_pause_waits_until_it_fits_into_a_shift() {
    let mut input = line(&[120.0], 1, 1);
    input.stations[0].operating_hours = office_hours("UTC");
    input.jobs[0].lots[0].operations[0].resumable = false;
    input.now = minute(15 * 60);
    let plan = planned(&input, &dispatch_only());
    assert_eq!(plan.placements[0].start, minute(1_440 + 8 * 60));
    input.jobs[0].lots[0].operations[0] = LotOperation {
        resumable: false,
        ..operation("O0", 0, 481.0, 1, &[])
    };
    let plan = plan_of(&input);
    assert!(plan.placements.is_empty());
    assert!(plan.unplanned[0].reason.contains("never long enough"));
}

fn plan_of(input: &Input) -> Plan {
    plan(input, &dispatch_only()).unwrap()
}

#[test]
fn downtime_closes_a_station_and_overtime_opens_it() {
    let mut input = line(&[60.0], 2, 1);
    input.stations[0].operating_hours = office_hours("UTC");
    input.now = minute(15 * 60);
    input.stations[0].overtime = vec![Interval {
        from: minute(16 * 60),
        to: minute(20 * 60),
    }];
    input.stations[0].downtime = vec![Interval {
        from: minute(15 * 60 + 30),
        to: minute(17 * 60),
    }];
    let plan = planned(&input, &dispatch_only());
    assert_eq!(plan.jobs[0].finish, minute(18 * 60 + 30));
}

#[test]
fn what_runs_goes_on_where_it_is_without_a_set_up_and_only_for_what_is_left_of_it() {
    let mut input = line(&[60.0], 1, 1);
    input.stations[0].setup_minutes = 30;
    input.stations[0].set_up_for = vec![Some(Setup::Family("gold".into()))];
    input
        .jobs
        .insert(0, job(2, vec![operation("O0", 0, 10.0, 1, &[])]));
    input.jobs[0].due = minute(1);
    input.jobs[1].lots[0].operations[0].running = Some(Running {
        station: 0,
        done_minutes: crate::domain::Decimal::whole(45),
    });
    let plan = planned(&input, &dispatch_only());
    assert_eq!((finish(&plan, 1), finish(&plan, 2)), (15.0, 25.0));
    assert_eq!(plan.placements[0].start_bound, StartBound::Running);
}

#[test]
fn a_job_that_no_station_can_make_is_named_and_the_others_are_planned() {
    let mut input = line(&[5.0], 1, 1);
    let mut homeless = operation("UV", 0, 1.0, 1, &[]);
    homeless.alternatives.clear();
    input.jobs.push(job(2, vec![homeless]));
    let plan = planned(&input, &dispatch_only());
    assert_eq!(finish(&plan, 1), 5.0);
    assert_eq!(plan.unplanned[0].job_id, job_id(2));
    assert!(plan.unplanned[0].reason.contains("UV"));
}

#[test]
fn a_job_whose_station_is_closed_for_good_is_named_and_the_others_are_planned() {
    let mut input = line(&[5.0, 1.0], 1, 1);
    input.jobs = vec![
        job(1, vec![operation("FOIL", 0, 5.0, 1, &[])]),
        job(2, vec![operation("UV", 1, 1.0, 1, &[])]),
    ];
    input.stations[1].downtime = vec![Interval {
        from: monday(),
        to: monday() + SignedDuration::from_hours(24 * 365 * 100),
    }];
    let plan = planned(&input, &dispatch_only());
    assert_eq!(finish(&plan, 1), 5.0);
    let without_place: Vec<_> = plan.unplanned.iter().map(|job| job.job_id).collect();
    assert_eq!(without_place, [job_id(2)]);
}

#[test]
fn what_takes_no_time_is_planned_like_the_rest() {
    let plan = planned(&line(&[5.0, 0.0, 5.0], 1, 1), &dispatch_only());
    assert_eq!(plan.placements[1].start, plan.placements[1].end);
    assert_eq!(finish(&plan, 1), 10.0);
}

#[test]
fn more_machines_never_make_anything_later_for_the_same_sequences() {
    // Under a dispatch rule they may (Graham's anomalies); where each machine keeps its sequence, faster
    // work cannot end later.
    for seed in 0..20 {
        let slow = card_shop(6, seed);
        let mut fast = slow.clone();
        for job in &mut fast.jobs {
            for operation in job.lots.iter_mut().flat_map(|lot| &mut lot.operations) {
                for alternative in &mut operation.alternatives {
                    let millionths = alternative.minutes_each.millionths() * 9 / 10;
                    alternative.minutes_each = crate::domain::Decimal::from_millionths(millionths);
                }
            }
        }
        let ends = |input: &Input, sequences: Option<&[Vec<u32>]>| {
            let problem = problem::Problem::new(input, &[], 60).unwrap();
            let mut decoder = decoder::Decoder::new(&problem);
            let ranks: Vec<u32> = (0..problem.ops.len()).map(problem::count).collect();
            match sequences {
                None => decoder
                    .by_dispatch(&decoder::Order::Ranks(&ranks), &decoder::Standard)
                    .unwrap(),
                Some(sequences) => decoder.by_sequences(sequences, &decoder::Standard).unwrap(),
            }
            let ends: Vec<i64> = decoder.slots.iter().map(|slot| slot.end).collect();
            (decoder.sequences(), ends)
        };
        let (sequences, _) = ends(&slow, None);
        let (_, before) = ends(&slow, Some(&sequences));
        let (_, after) = ends(&fast, Some(&sequences));
        let later = before
            .iter()
            .zip(&after)
            .filter(|(before, after)| after > before);
        assert_eq!(later.count(), 0, "seed {seed}");
    }
}

#[test]
fn the_estimate_of_a_job_alone_is_its_plan_and_queues_come_before_it() {
    let mut input = line(&[10.0, 20.0], 3, 1);
    let alone = estimate(&input).unwrap();
    assert_eq!(alone.jobs[0].finish, minute(70));
    assert_eq!(alone.jobs[0].earliest_finish, minute(70));
    input
        .jobs
        .push(job(2, vec![operation("O0", 1, 30.0, 4, &[])]));
    input.jobs[1].due = minute(10);
    let behind = estimate(&input).unwrap();
    assert_eq!(behind.jobs[0].earliest_finish, minute(70));
    // Two hours stand at the second station and go first.
    assert_eq!(behind.jobs[0].finish, minute(180));
    let last = behind.jobs[0].critical_way.last().unwrap();
    assert_eq!((last.queue_hours * 60.0).round(), 110.0);
    assert_eq!(behind.stations[1].queue_hours, 2.0);
    assert_eq!(behind.stations[1].backlog_hours, 3.0);
}

#[test]
fn a_release_binds_where_nothing_else_does() {
    let mut input = line(&[5.0], 1, 1);
    input.jobs[0].release = input.now + SignedDuration::from_mins(30);
    let plan = planned(&input, &dispatch_only());
    assert_eq!(plan.placements[0].start_bound, StartBound::Release);
    assert_eq!(finish(&plan, 1), 35.0);
}
