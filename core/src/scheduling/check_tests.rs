//! A sound plan passes; each kind of corruption is found, and named.

use super::check::Broken;
use super::fixtures::*;
use super::*;
use crate::capacity::{Interval, Setup};
use crate::domain::Decimal;
use jiff::SignedDuration;

fn shop() -> (Input, Plan) {
    let input = card_shop(8, 3);
    let plan = planned(&input, &dispatch_only());
    (input, plan)
}

fn seconds(seconds: i64) -> SignedDuration {
    SignedDuration::from_secs(seconds)
}

/// What the checker says after this was done to a sound plan.
fn after(corrupt: impl Fn(&mut Plan)) -> Vec<Broken> {
    let (input, mut plan) = shop();
    corrupt(&mut plan);
    said(&input, &plan)
}

fn said(input: &Input, plan: &Plan) -> Vec<Broken> {
    let violations = check(input, plan).into_iter();
    violations.map(|violation| violation.broken).collect()
}

fn first_of<'a>(plan: &'a mut Plan, name: &str) -> &'a mut Placement {
    let mut placements = plan.placements.iter_mut();
    placements
        .find(|p| p.operation_id == operation_id(name))
        .unwrap()
}

macro_rules! says {
    ($broken:expr, $pattern:pat) => {
        let broken = $broken;
        assert!(broken.iter().any(|b| matches!(b, $pattern)), "{broken:?}");
    };
}

#[test]
fn a_placement_that_is_missing_twice_there_or_unknown_is_named() {
    says!(
        after(|plan| {
            plan.placements.remove(3);
        }),
        Broken::NotPlaced
    );
    says!(
        after(|plan| {
            plan.placements.push(plan.placements[3].clone());
        }),
        Broken::PlacedTwice
    );
    says!(after(|plan| plan.placements[3].lot = 77), Broken::Unknown);
    says!(
        after(|plan| plan.placements[3].units += 1),
        Broken::Misnamed
    );
    says!(
        after(|plan| {
            plan.jobs.remove(2);
        }),
        Broken::JobMissing
    );
}

#[test]
fn a_wrong_machine_is_named() {
    says!(
        after(|plan| first_of(plan, "PRESS").station_id = "QA".parse().unwrap()),
        Broken::WrongStation { .. }
    );
    says!(
        after(|plan| first_of(plan, "PRESS").machine = 2),
        Broken::WrongStation { .. }
    );
}

#[test]
fn times_out_of_order_or_in_the_past_are_named() {
    says!(
        after(|plan| {
            let placement = first_of(plan, "DIE");
            placement.end = placement.start - seconds(1);
        }),
        Broken::WrongTimes
    );
    says!(
        after(|plan| first_of(plan, "PRESS").setup_from = monday() - seconds(60)),
        Broken::WrongTimes
    );
}

#[test]
fn two_at_once_on_a_machine_are_named() {
    says!(
        after(|plan| {
            let mut of_press: Vec<usize> = (0..plan.placements.len())
                .filter(|at| plan.placements[*at].operation_id == operation_id("PRESS"))
                .collect();
            of_press.sort_by_key(|at| plan.placements[*at].start);
            let first = plan.placements[of_press[0]].clone();
            let second = &mut plan.placements[of_press[1]];
            (second.setup_from, second.start) = (first.start, first.start);
        }),
        Broken::Overlap { .. }
    );
}

#[test]
fn work_that_is_too_short_or_set_ups_that_are_left_out_are_named() {
    says!(
        after(|plan| {
            let placement = first_of(plan, "PRESS");
            placement.end -= seconds(30);
        }),
        Broken::TooLittleTime { .. }
    );
    says!(
        after(|plan| {
            for placement in &mut plan.placements {
                placement.setup_from = placement.start;
            }
        }),
        Broken::TooLittleSetup { .. }
    );
}

#[test]
fn what_begins_at_once_is_set_up_first_unless_it_runs_there_already() {
    let mut input = line(&[10.0], 6, 1);
    input.stations[0].setup_minutes = 15;
    input.stations[0].set_up_for = vec![Some(Setup::Family("other".into()))];
    let mut plan = planned(&input, &dispatch_only());
    let placement = &mut plan.placements[0];
    assert_eq!(placement.start, minute(15));
    (placement.setup_from, placement.start) = (minute(0), minute(0));
    placement.end = minute(60);
    plan.jobs[0].finish = minute(60);
    says!(said(&input, &plan), Broken::TooLittleSetup { .. });
    input.jobs[0].lots[0].operations[0].running = Some(Running {
        station: 0,
        done_minutes: Decimal::from_f64(0.0).unwrap(),
    });
    assert_eq!(said(&input, &plan), []);
}

#[test]
fn a_start_before_the_first_batch_and_an_end_before_the_last_are_named() {
    says!(
        after(|plan| {
            let press = first_of(plan, "PRESS").start;
            let cut = first_of(plan, "CUT");
            (cut.setup_from, cut.start) = (press, press);
        }),
        Broken::BeforeFirstBatch { .. }
    );
    let mut input = line(&[10.0, 1.0], 10, 1);
    let mut plan = planned(&input, &dispatch_only());
    plan.placements[1].end -= seconds(1);
    plan.jobs[0].finish = plan.placements[1].end;
    says!(said(&input, &plan), Broken::BeforeLastBatch { .. });
    input.jobs[0].release = monday() + seconds(60);
    says!(said(&input, &plan), Broken::BeforeRelease { .. });
}

#[test]
fn what_nothing_was_sent_round_again_for_lets_through_what_the_next_needs() {
    // Ten cards, none of them to be done again, then two sets of five: the first begins with the fifth card.
    let again = |before: usize| LotOperation {
        pass: Pass::Repeat {
            share: 0.01,
            of_units: 10,
        },
        ..operation("DIE", 1, 1.0, 0, &[before])
    };
    let operations = vec![
        operation("DIE", 0, 1.0, 10, &[]),
        again(0),
        again(1),
        operation("GATHER", 2, 50.0, 2, &[2]),
    ];
    let mut input = line(&[1.0, 1.0, 1.0], 1, 1);
    input.jobs = vec![job(1, operations)];
    let mut plan = planned(&input, &dispatch_only());
    assert_eq!(first_of(&mut plan, "GATHER").start, minute(5));
    let gather = first_of(&mut plan, "GATHER");
    gather.start -= seconds(1);
    gather.setup_from = gather.start;
    says!(said(&input, &plan), Broken::BeforeFirstBatch { .. });
}

#[test]
fn work_while_the_station_is_down_is_named() {
    let (mut input, plan) = shop();
    let placement = plan
        .placements
        .iter()
        .find(|p| p.operation_id == operation_id("PRESS"));
    let placement = placement.unwrap();
    input.stations[0].downtime.push(Interval {
        from: placement.start,
        to: placement.end,
    });
    says!(said(&input, &plan), Broken::TooLittleTime { .. });
}

#[test]
fn what_must_not_pause_may_not_be_split() {
    let mut input = line(&[120.0], 1, 1);
    input.stations[0].operating_hours = office_hours("UTC");
    input.now = minute(15 * 60);
    let plan = planned(&input, &dispatch_only());
    input.jobs[0].lots[0].operations[0].resumable = false;
    says!(said(&input, &plan), Broken::WorkSplit);
}

#[test]
fn a_finish_that_is_not_the_last_end_is_named_with_both() {
    says!(
        after(|plan| plan.jobs[0].finish += seconds(1)),
        Broken::WrongFinish { .. }
    );
    let (input, mut plan) = shop();
    plan.jobs[0].finish += seconds(1);
    let said = check(&input, &plan)[0].to_string();
    assert!(said.starts_with("J1: its finish says 2026-01-"), "{said}");
}
