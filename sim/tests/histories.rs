//! Many seeded factories, judged after every event. A failure prints its seed and the shortest history
//! that shows it; `SHEETWISE_HISTORIES=100000` makes the run long.

use sheetwise_core::domain::Event;
use sheetwise_core::domain::card_unit::CardUnitEvent;
use sheetwise_core::invariants::same_but_for_device_clocks;
use sheetwise_sim::act::Act;
use sheetwise_sim::history::{Summary, acts_of, history, history_in};
use sheetwise_sim::run::{Run, Saboteur};
use sheetwise_sim::shrink::replay;
use std::sync::atomic::{AtomicU64, Ordering};

fn histories_wanted() -> u64 {
    std::env::var("SHEETWISE_HISTORIES")
        .ok()
        .and_then(|n| n.parse().ok())
        .unwrap_or(500)
}

#[test]
fn in_every_history_all_agree_after_every_event_and_nothing_gets_stuck() {
    let wanted = histories_wanted();
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let next = AtomicU64::new(1);
    let summaries: Vec<Summary> = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..threads)
            .map(|_| {
                scope.spawn(|| {
                    let mut mine = Summary::default();
                    loop {
                        let seed = next.fetch_add(1, Ordering::Relaxed);
                        if seed > wanted {
                            return mine;
                        }
                        match history(seed, 2_000) {
                            Ok(one) => {
                                assert!(
                                    one.events >= 2_000,
                                    "seed {seed} has {} events",
                                    one.events
                                );
                                mine.add(&one);
                            }
                            Err(counterexample) => panic!("{counterexample}"),
                        }
                    }
                })
            })
            .collect();
        workers
            .into_iter()
            .map(|worker| {
                worker
                    .join()
                    .unwrap_or_else(|e| std::panic::resume_unwind(e))
            })
            .collect()
    });
    let mut total = Summary::default();
    for summary in &summaries {
        total.add(summary);
    }
    println!(
        "{wanted} histories: {} acts, {} events, {} refused by {} codes, {} event types",
        total.acts,
        total.events,
        total.refusals.values().sum::<u64>(),
        total.refusals.len(),
        total.event_types.len()
    );
    // A factory in which little happens proves little.
    assert!(
        total.event_types.len() >= 50,
        "only {} event types happened",
        total.event_types.len()
    );
    assert!(
        total.refusals.len() >= 40,
        "only {} refusals were given",
        total.refusals.len()
    );
    assert!(
        total.jobs_closed > total.jobs_cancelled * 5,
        "{} jobs were cancelled, only {} finished",
        total.jobs_cancelled,
        total.jobs_closed
    );
    assert_eq!(
        total.jobs_given_up, 0,
        "jobs for which nobody could do more, though nobody knew why"
    );
    // People who know their work: most of what they do is recorded, and enough of it is wrong.
    let refused: u64 = total.refusals.values().sum();
    let share_refused = refused * 100 / total.acts;
    assert!(
        (5..25).contains(&share_refused),
        "{share_refused} % of the acts were refused"
    );
}

/// Invariant 11.
#[test]
fn shifting_every_device_clock_changes_no_state() {
    for seed in 1..=10 {
        let acts =
            acts_of(seed, 2_000).unwrap_or_else(|failure| panic!("seed {seed}: {failure:?}"));
        let mut shifted = acts.clone();
        for (number, act) in shifted.iter_mut().enumerate() {
            act.clock_skew_seconds =
                i64::try_from(number * 7919 % 200_000).expect("small") - 100_000;
        }
        let (as_it_was, with_other_clocks) = (play(&acts), play(&shifted));
        assert!(
            same_but_for_device_clocks(as_it_was.floor.log(), with_other_clocks.floor.log()),
            "seed {seed}"
        );
        assert_eq!(as_it_was.rows, with_other_clocks.rows, "seed {seed}");
    }
}

fn play(acts: &[Act]) -> Run {
    replay(acts, Run::new()).unwrap_or_else(|failure| panic!("{failure:?}"))
}

#[test]
fn a_seed_replays_its_history() {
    let one = play(&acts_of(7, 500).expect("seed 7 holds"));
    let other = play(&acts_of(7, 500).expect("seed 7 holds"));
    assert_eq!(one.floor.log(), other.floor.log());
}

/// The judges are judged: each of these bugs is found, and its history made short.
#[test]
fn planted_bugs_are_found_and_their_histories_shrunk() {
    let bugs: [(&str, Saboteur); 7] = [
        ("a card does not know that it lies in its set", |events| {
            events.retain(|e| e.event_type() != "CardUnitAssembled");
        }),
        ("the set never hears that it is complete", |events| {
            events.retain(|e| e.event_type() != "AssemblyCompleted");
        }),
        ("the cut loses its last card", |events| {
            let last = events
                .iter()
                .rposition(|e| e.event_type() == "CardUnitCreated");
            last.map(|index| events.remove(index));
        }),
        ("every card bears number 1", |events| {
            for event in events {
                if let Event::CardUnit(CardUnitEvent::SequentialNumberApplied(e)) = event {
                    e.sequential_number.number = 1;
                }
            }
        }),
        ("a voided card stays in its set", |events| {
            events.retain(|e| e.event_type() != "AssemblyMemberLost");
        }),
        ("a spare is used and kept", |events| {
            events.retain(|e| e.event_type() != "CardUnitConsumedAsSpare");
        }),
        ("a correction forgets what it takes back", |events| {
            for event in events {
                if let Event::CardUnit(CardUnitEvent::CardUnitCorrected(e)) = event {
                    e.undoes.clear();
                }
            }
        }),
    ];
    for (bug, saboteur) in bugs {
        let found =
            (1..=12).find_map(|seed| history_in(seed, 2_000, || Run::sabotaged(saboteur)).err());
        let counterexample = found.unwrap_or_else(|| panic!("nobody noticed that {bug}"));
        assert!(
            counterexample.acts.len() <= 90
                && counterexample.acts.len() < counterexample.acts_before,
            "{bug}: {} of {} acts are left",
            counterexample.acts.len(),
            counterexample.acts_before
        );
    }
}
