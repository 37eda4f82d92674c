//! Plans of whole shops: sound, repeatable, better by search, and told apart in words.

use super::fixtures::*;
use super::*;
use jiff::SignedDuration;

fn searched(iterations: u32) -> PlanOptions {
    PlanOptions {
        iterations,
        ..PlanOptions::default()
    }
}

#[test]
fn every_plan_of_a_card_shop_passes_the_check() {
    for seed in 0..25 {
        let input = card_shop(3 + u32::try_from(seed).unwrap() % 9, seed);
        planned(&input, &dispatch_only());
        planned(&input, &searched(30));
        let makespan = PlanOptions {
            objective: Objective::Makespan,
            ..searched(60)
        };
        planned(&input, &makespan);
    }
}

#[test]
fn planning_twice_changes_nothing() {
    let input = card_shop(10, 1);
    let (once, twice) = (
        planned(&input, &searched(150)),
        planned(&input, &searched(150)),
    );
    assert_eq!(once, twice);
    assert_eq!(difference(&once, &twice), []);
}

#[test]
fn the_search_is_never_worse_than_dispatching_and_here_it_is_better() {
    let mut better = 0;
    for seed in 0..6 {
        let mut input = card_shop(14, seed);
        for job in &mut input.jobs {
            // A quarter of the slack: some must be late.
            let slack = job.due.duration_since(monday()).as_secs() / 4;
            job.due = monday() + SignedDuration::from_secs(slack);
        }
        let dispatched = planned(&input, &searched(0)).figures.weighted_late_minutes;
        let improved = planned(&input, &searched(300))
            .figures
            .weighted_late_minutes;
        assert!(improved <= dispatched * 1.000_1, "{improved} {dispatched}");
        better += u32::from(improved < dispatched * 0.97);
    }
    assert!(better >= 2, "{better} of 6");
}

#[test]
fn set_ups_make_the_rule_that_looks_at_them_the_better_one() {
    // Two foils in turn, all due at the same time: to change at each job would be late.
    let mut input = line(&[10.0], 1, 1);
    input.stations[0].setup_minutes = 30;
    input.jobs = (1..=8)
        .map(|number| {
            let mut foil = operation("FOIL", 0, 20.0, 1, &[]);
            let family = if number % 2 == 0 { "gold" } else { "silver" };
            foil.setup = crate::capacity::Setup::Family(family.into());
            JobInput {
                due: minute(i64::from(60 + number)),
                ..job(number, vec![foil])
            }
        })
        .collect();
    let by_due_date = planned(&input, &dispatch_only());
    let by_cost = PlanOptions {
        rules: Rule::ALL[2..].to_vec(),
        ..dispatch_only()
    };
    let by_cost = planned(&input, &by_cost);
    assert!(by_cost.figures.setups < by_due_date.figures.setups);
    assert!(
        by_cost.figures.weighted_late_minutes < by_due_date.figures.weighted_late_minutes / 1.5,
        "{:?} {:?}",
        by_cost.figures,
        by_due_date.figures
    );
}

#[test]
fn each_rule_takes_the_job_first_that_is_due_first_where_all_else_is_alike() {
    for rule in Rule::ALL {
        let mut input = line(&[10.0], 1, 1);
        input.jobs = (1..=2)
            .map(|number| JobInput {
                due: minute(if number == 1 { 1_000 } else { 20 }),
                ..job(number, vec![operation("FOIL", 0, 15.0, 1, &[])])
            })
            .collect();
        let options = PlanOptions {
            rules: vec![*rule],
            ..dispatch_only()
        };
        let plan = planned(&input, &options);
        let first = plan.jobs.iter().min_by_key(|job| job.finish);
        assert_eq!(first.unwrap().job_id, job_id(2), "{}", rule.as_str());
    }
}

#[test]
fn of_two_stations_that_can_do_it_the_one_that_is_done_first_gets_it() {
    let mut input = line(&[10.0, 5.0], 1, 1);
    let mut either = operation("FOIL", 0, 10.0, 1, &[]);
    let other = operation("FOIL", 1, 5.0, 1, &[]).alternatives[0];
    either.alternatives.push(other);
    input.jobs = vec![job(1, vec![either])];
    let plan = planned(&input, &dispatch_only());
    assert_eq!(plan.placements[0].station_id.as_str(), "M1");
}

#[test]
fn a_plan_says_what_is_different_from_the_one_before_it_in_words() {
    let mut input = line(&[60.0], 2, 1);
    let before = planned(&input, &dispatch_only());
    let mut urgent = job(2, vec![operation("O0", 0, 130.0, 1, &[])]);
    urgent.due = minute(60);
    input.jobs.push(urgent);
    let after = planned(&input, &dispatch_only());
    let words: Vec<String> = difference(&before, &after)
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(
        words,
        [
            "J1 finishes 2 h 10 min later, 2026-01-05T04:10:00Z instead of 2026-01-05T02:00:00Z; \
             O0 at M0 starts 2026-01-05T02:10:00Z: the machine was busy with O0 of J2, lot 1",
            "J2 is new, and finishes 2026-01-05T02:10:00Z",
            "O0 of J1, lot 1, starts 2 h 10 min later",
            "O0 of J2, lot 1, is new",
        ]
    );
}

#[test]
fn an_unsound_input_is_refused_with_everything_that_is_wrong_with_it() {
    let mut input = line(&[1.0, 1.0], 1, 1);
    input.stations[0].machines = 0;
    input.stations[1].operating_hours.time_zone = "Europe/Nowhere".to_owned();
    input.jobs[0].lots[0].operations[0].predecessors = vec![1];
    input.jobs.push(input.jobs[0].clone());
    let problems = plan(&input, &dispatch_only()).unwrap_err();
    let words: Vec<&str> = problems.iter().map(|problem| problem.0.as_str()).collect();
    assert!(
        words.contains(&"station M0: a station has at least one machine"),
        "{words:?}"
    );
    assert!(words.contains(&"job J1 is given twice"), "{words:?}");
    assert!(
        words.iter().any(|word| word.contains("Europe/Nowhere")),
        "{words:?}"
    );
    assert!(
        words
            .iter()
            .any(|word| word.ends_with("should stand before it")),
        "{words:?}"
    );
}

#[test]
fn every_placement_says_what_bound_it() {
    let plan = planned(&card_shop(6, 2), &dispatch_only());
    let because = |wanted: fn(&StartBound) -> bool| {
        plan.placements
            .iter()
            .filter(|p| wanted(&p.start_bound))
            .count()
    };
    assert!(because(|bound| matches!(bound, StartBound::Machine { .. })) > 5);
    assert!(because(|bound| matches!(bound, StartBound::Predecessor { .. })) > 5);
    assert!(because(|bound| matches!(bound, StartBound::Closed { .. })) > 0);
    assert!(because(|bound| *bound == StartBound::Now) <= 1);
}
