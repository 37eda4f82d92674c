//! The same shop as a store has it: a floor that holds nothing, and is given what it asks for. Every command of
//! every test is put to it as well, and must come to the same.

use sheetwise_core::domain::{Context, Decision, Event, Recorded, UnitRef};
use sheetwise_core::production::{Floor, Needed, Stop};

/// A decision that asks for more things than this, one after the other, asks in a circle.
const LOADS_MAX: usize = 10_000;

/// A floor that holds nothing but the hold rules, at the same place of the log.
fn nothing_of(whole: &Floor) -> Floor {
    let mut floor = Floor::partial();
    floor.skip_to(whole.last_sequence_num());
    let units = whole.log().iter().map(|recorded| recorded.event.unit());
    for rule in units.filter(|unit| matches!(unit, UnitRef::Hold(_))) {
        give(&mut floor, whole, Needed::Unit(rule));
    }
    floor
}

/// Gives the floor what it asked for, and refuses to do so twice.
fn give(floor: &mut Floor, whole: &Floor, needed: Needed) {
    match needed {
        Needed::Unit(unit) => {
            let (version, state) = match whole.unit(&unit) {
                Some((version, state)) => (version, Some(state)),
                None => (0, None),
            };
            floor.load_unit(&unit, version, state);
        }
        Needed::Bench(station_id) => {
            let bench = whole.bench(&station_id).expect("it holds everything");
            floor.load_bench(station_id, bench.clone());
        }
        Needed::Edition(scope) => {
            let pool = whole.edition(&scope).expect("it holds everything");
            floor.load_edition(scope, pool.cloned().unwrap_or_default());
        }
        Needed::Job(job_id) => {
            let register = whole.register(job_id).ok().cloned();
            floor.load_register(job_id, register.unwrap_or_default());
        }
        Needed::DecisionOf(sequence_num) => {
            let is_it = |recorded: &&Recorded| recorded.sequence_num == sequence_num;
            let event = whole.log().iter().find(is_it);
            let event = event.expect("a floor asks for events that the log has");
            let correlation_id = &event.context.correlation_id;
            let same = |r: &&Recorded| r.context.correlation_id == *correlation_id;
            let decision = whole.log().iter().filter(same).cloned().collect();
            floor.load_decision(decision);
        }
        Needed::Stream(unit) => {
            let of_it = |recorded: &&Recorded| recorded.event.unit() == unit;
            let stream = whole.log().iter().filter(of_it).cloned().collect();
            floor.load_stream(unit, stream);
        }
    }
}

/// Puts the question to a partial floor, and gives it what it asks for, nothing twice. What it says must be what the
/// whole floor said; what that recorded leaves it with the same things in the same state.
#[track_caller]
pub fn must_come_to_the_same(
    whole: &Floor,
    whole_says: &Result<Decision, Stop>,
    context: &Context,
    ask: impl Fn(&Floor) -> Result<Decision, Stop>,
) {
    let mut floor = nothing_of(whole);
    let mut given: Vec<Needed> = Vec::new();
    for _ in 0..LOADS_MAX {
        match ask(&floor) {
            Err(Stop::NotLoaded(needed)) => {
                assert!(!given.contains(&needed), "asks again for {needed:?}");
                given.push(needed.clone());
                give(&mut floor, whole, needed);
            }
            said => {
                assert_eq!(said, *whole_says, "with parts of the floor");
                break;
            }
        }
    }
    if let Ok(Decision::Record(events)) = whole_says {
        must_record_the_same(floor, whole, events, context);
    }
}

/// Event by event: each may need more than the decision did.
#[track_caller]
fn must_record_the_same(mut floor: Floor, whole: &Floor, events: &[Event], context: &Context) {
    let mut after = whole.clone();
    for event in events {
        while let Some(needed) = floor.needs(event, context) {
            // What this very decision made, or changed, it holds already.
            give(&mut floor, whole, needed.clone());
            assert_ne!(floor.needs(event, context), Some(needed), "it was given");
        }
        let there = floor.record(vec![event.clone()], context);
        let here = after.record(vec![event.clone()], context);
        assert_eq!(there, here);
    }
    for event in events {
        let unit = event.unit();
        assert_eq!(floor.unit(&unit), after.unit(&unit), "{unit}");
    }
    let touched = floor.take_touched_registers();
    for station_id in &touched.benches {
        assert_eq!(floor.bench(station_id), after.bench(station_id));
    }
    for scope in &touched.editions {
        assert_eq!(floor.edition(scope), after.edition(scope));
    }
    for job_id in &touched.jobs {
        assert_eq!(floor.register(*job_id), after.register(*job_id));
    }
    // What changed is touched: a store keeps nothing else.
    if let Some(station_id) = &context.station_id
        && whole.bench(station_id) != after.bench(station_id)
    {
        assert!(touched.benches.contains(station_id), "{station_id}");
    }
    for job_id in events.iter().filter_map(|event| event.unit().job()) {
        if whole.register(job_id).ok() != after.register(job_id).ok() {
            assert!(touched.jobs.contains(&job_id), "{job_id}");
        }
    }
}
