//! What every engine promises, clause by clause, on each of them.

mod support;

use jiff::Timestamp;
use sheetwise_core::domain::{Recorded, RefusalClass};
use sheetwise_sim::act::Act;
use sheetwise_sim::history::acts_of;
use sheetwise_store::StoreError;
use sheetwise_store::contract::{Derived, Engine, EventFilter, Group};
use sheetwise_store::ledger::{Options, Outcome, Reply, Request, dry_run};
use sheetwise_store::record::canonical_json;
use sheetwise_store::tables::{Row, Table};
use smol_str::SmolStr;
use support::{Clock, Core, Database, request, rows_of};

macro_rules! on_every_engine {
    ($($clause:ident),+ $(,)?) => {
        mod memory {
            $(#[test] fn $clause() { super::$clause(&super::support::memory()); })+
        }
        mod sqlite {
            $(#[test] fn $clause() { super::$clause(&super::support::sqlite()); })+
        }
        mod postgres {
            $(#[test] fn $clause() { super::$clause(&super::support::postgres()); })+
        }
    };
}

on_every_engine! {
    the_ledger_says_and_keeps_what_the_core_decides,
    a_group_gives_what_the_same_commands_give_one_by_one,
    a_ledger_that_remembers_nothing_decides_the_same,
    two_ledgers_on_one_database_decide_as_one,
    a_key_is_answered_once_and_for_all,
    a_key_that_comes_twice_in_one_group_acts_once,
    a_key_with_other_content_is_refused,
    a_group_that_breaks_a_promise_is_not_written,
    a_dry_run_says_what_would_come_of_it_and_records_nothing,
}

fn acts(seed: u64, events: u64) -> Vec<Act> {
    acts_of(seed, events).expect("the simulator and the core agree")
}

fn the_ledger_says_and_keeps_what_the_core_decides(database: &dyn Database) {
    let clock = Clock::default();
    let ledger = clock.ledger(database.connect(), Options::default());
    let mut core = Core::new();
    for (number, act) in acts(11, 600).iter().enumerate() {
        let (request, context) = request(act, number);
        clock.set(context.recorded_at);
        let expected = core.ask(&request, &context);
        assert_eq!(ledger.ask(request), Ok(expected), "act {number}: {act}");
    }
    drop(ledger);
    must_hold_the_same(database.connect().as_mut(), &core);
}

fn a_group_gives_what_the_same_commands_give_one_by_one(database: &dyn Database) {
    let clock = Clock::default();
    let ledger = clock.ledger(database.connect(), Options::default());
    let mut core = Core::new();
    let mut rng = fastrand::Rng::with_seed(5);
    let acts = acts(12, 600);
    let mut number = 0;
    while number < acts.len() {
        let size = rng.usize(1..60).min(acts.len() - number);
        let group = &acts[number..number + size];
        let now = request(&group[0], number).1.recorded_at;
        clock.set(now);
        let mut answers = Vec::new();
        for (i, act) in group.iter().enumerate() {
            let (request, mut context) = request(act, number + i);
            context.recorded_at = now;
            let expected = core.ask(&request, &context);
            let answering = ledger.submit(request).expect("there is room in the queue");
            answers.push((answering, expected, number + i, act));
        }
        for (answering, expected, number, act) in answers {
            assert_eq!(answering.wait(), Ok(expected), "act {number}: {act}");
        }
        number += size;
    }
    drop(ledger);
    must_hold_the_same(database.connect().as_mut(), &core);
}

fn a_ledger_that_remembers_nothing_decides_the_same(database: &dyn Database) {
    let clock = Clock::default();
    let forgetful = Options {
        units_in_memory_max: 0,
        ..Options::default()
    };
    let ledger = clock.ledger(database.connect(), forgetful);
    let mut core = Core::new();
    for (number, act) in acts(13, 400).iter().enumerate() {
        let (request, context) = request(act, number);
        clock.set(context.recorded_at);
        let expected = core.ask(&request, &context);
        assert_eq!(ledger.ask(request), Ok(expected), "act {number}: {act}");
    }
    drop(ledger);
    must_hold_the_same(database.connect().as_mut(), &core);
}

fn two_ledgers_on_one_database_decide_as_one(database: &dyn Database) {
    let clock = Clock::default();
    let ledgers = [
        clock.ledger(database.connect(), Options::default()),
        clock.ledger(database.connect(), Options::default()),
    ];
    let mut rng = fastrand::Rng::with_seed(7);
    let mut core = Core::new();
    for (number, act) in acts(14, 600).iter().enumerate() {
        let (request, context) = request(act, number);
        clock.set(context.recorded_at);
        let expected = core.ask(&request, &context);
        let ledger = &ledgers[rng.usize(..2)];
        assert_eq!(ledger.ask(request), Ok(expected), "act {number}: {act}");
    }
    drop(ledgers);
    must_hold_the_same(database.connect().as_mut(), &core);
}

/// A history with a key to every act, and the answers.
fn keyed(database: &dyn Database, seed: u64) -> Vec<(Request, Timestamp, Reply)> {
    let clock = Clock::default();
    let ledger = clock.ledger(database.connect(), Options::default());
    let mut answered = Vec::new();
    for (number, act) in acts(seed, 200).iter().enumerate() {
        let (mut request, context) = request(act, number);
        request.key = Some(format!("key-{number}").into());
        clock.set(context.recorded_at);
        let reply = ledger.ask(request.clone()).expect("an answer");
        assert!(!reply.replayed);
        answered.push((request, context.recorded_at, reply));
    }
    answered
}

fn a_key_is_answered_once_and_for_all(database: &dyn Database) {
    let answered = keyed(database, 15);
    let before = database.connect().head().expect("a head");
    let clock = Clock::default();
    // Another process, later, asks all of it again.
    let ledger = clock.ledger(database.connect(), Options::default());
    clock.set(before.recorded_at + jiff::SignedDuration::from_hours(1_000));
    for (request, _, reply) in answered {
        let again = ledger.ask(request).expect("an answer");
        assert!(again.replayed);
        assert_eq!((again.outcome, again.body), (reply.outcome, reply.body));
    }
    drop(ledger);
    assert_eq!(database.connect().head(), Ok(before));
}

fn a_key_that_comes_twice_in_one_group_acts_once(database: &dyn Database) {
    let clock = Clock::default();
    let ledger = clock.ledger(database.connect(), Options::default());
    let acts = acts(16, 200);
    let mut core = Core::new();
    for (number, act) in acts.iter().enumerate() {
        let (mut request, context) = request(act, number);
        let expected = core.ask(&request, &context);
        request.key = Some(format!("key-{number}").into());
        clock.set(context.recorded_at);
        let first = ledger.submit(request.clone()).expect("there is room");
        let second = ledger.submit(request).expect("there is room");
        assert_eq!(first.wait().as_ref(), Ok(&expected));
        let second = second.wait().expect("an answer");
        assert_eq!(
            (second.outcome, second.body),
            (expected.outcome, expected.body)
        );
    }
    drop(ledger);
    must_hold_the_same(database.connect().as_mut(), &core);
}

fn a_key_with_other_content_is_refused(database: &dyn Database) {
    let answered = keyed(database, 17);
    let before = database.connect().head().expect("a head");
    let clock = Clock::default();
    let ledger = clock.ledger(database.connect(), Options::default());
    for pair in answered.windows(2) {
        let mut other = pair[1].0.clone();
        other.key.clone_from(&pair[0].0.key);
        let reply = ledger.ask(other).expect("an answer");
        assert_eq!(reply.outcome, Outcome::Refused(RefusalClass::Senseless));
        assert!(
            reply.body.contains("\"code\":\"key_reused\""),
            "{}",
            reply.body
        );
    }
    drop(ledger);
    let after = database.connect().head().expect("a head");
    assert_eq!(after.sequence_num, before.sequence_num);
}

fn a_dry_run_says_what_would_come_of_it_and_records_nothing(database: &dyn Database) {
    let clock = Clock::default();
    let acts = acts(19, 300);
    let requests: Vec<Request> = acts
        .iter()
        .enumerate()
        .map(|(i, act)| request(act, i).0)
        .collect();
    let now = request(&acts[0], 0).1.recorded_at;
    clock.set(now);
    let half = requests.len() / 2;
    let ledger = clock.ledger(database.connect(), Options::default());
    for request in &requests[..half] {
        ledger.ask(request.clone()).expect("an answer");
    }
    let before = database.connect().head();
    let would = dry_run(
        database.connect(),
        move || now,
        Options::default(),
        &requests[half..],
    );
    assert_eq!(database.connect().head(), before);
    for (request, would) in requests[half..].iter().zip(would) {
        assert_eq!(ledger.ask(request.clone()), would);
    }
}

/// The core decides that these never happen; if it is wrong, the database says no.
fn a_group_that_breaks_a_promise_is_not_written(database: &dyn Database) {
    let clock = Clock::default();
    let ledger = clock.ledger(database.connect(), Options::default());
    for (number, act) in acts(18, 200).iter().enumerate() {
        let (request, context) = request(act, number);
        clock.set(context.recorded_at);
        ledger.ask(request).expect("an answer");
    }
    drop(ledger);
    let mut engine = database.connect();
    let before = engine.head().expect("a head");
    let last = engine
        .events(&EventFilter::after(before.sequence_num - 1, 1))
        .expect("the last event")
        .remove(0);
    let empty = Group {
        head: before.clone(),
        events: Vec::new(),
        aggregate_heads: Vec::new(),
        derived: Derived::default(),
        snapshots: Vec::new(),
        receipts: Vec::new(),
        refusals: Vec::new(),
    };
    let claim = ("piece RELIC-7".to_owned(), "J1-S001-01".into());
    let claims = |begun: Vec<(String, SmolStr)>| Group {
        derived: Derived {
            claims_begun: begun,
            ..Derived::default()
        },
        ..empty.clone()
    };
    engine.begin(&[]).expect("the log");
    engine
        .commit(&claims(vec![claim.clone()]))
        .expect("a claim that nobody has");
    let next = |version: u32, number: u64| {
        let mut event = last.clone();
        event.sequence_num = number;
        event.aggregate_version = version;
        event
    };
    let number = before.sequence_num + 1;
    let broken = [
        (
            "a claim that a card has",
            claims(vec![("piece RELIC-7".into(), "J1-S001-02".into())]),
        ),
        (
            "a version that there is already",
            Group {
                events: vec![next(last.aggregate_version, number)],
                ..empty.clone()
            },
        ),
        (
            "a number that there is already",
            Group {
                events: vec![next(last.aggregate_version + 1, before.sequence_num)],
                ..empty.clone()
            },
        ),
        (
            "a gap in the numbers",
            Group {
                events: vec![next(last.aggregate_version + 1, number + 1)],
                ..empty.clone()
            },
        ),
    ];
    for (what, group) in broken {
        engine.begin(&[]).expect("the log");
        let refused = engine.commit(&group);
        assert!(
            matches!(refused, Err(StoreError::Poison(_))),
            "{what}: {refused:?}"
        );
        engine.abandon();
        assert_eq!(engine.head().as_ref(), Ok(&before), "{what}");
    }
}

/// The same log, event for event; the same read models, row for row.
fn must_hold_the_same(engine: &mut dyn Engine, core: &Core) {
    let events = engine
        .events(&EventFilter::after(0, usize::MAX))
        .expect("a read");
    let events: Vec<Recorded> = events
        .iter()
        .map(|event| event.decode().expect("an event that was just written"))
        .collect();
    assert_eq!(events.len(), core.floor.log().len());
    for (stored, decided) in events.iter().zip(core.floor.log()) {
        assert_eq!(stored, decided);
    }
    for table in Table::ALL {
        let mut decided: Vec<Row> = table
            .all_rows(&core.rows)
            .into_iter()
            .map(canonical)
            .collect();
        decided.sort_by(|a, b| a.key().cmp(b.key()));
        let stored: Vec<Row> = rows_of(engine, table).into_iter().map(canonical).collect();
        assert_eq!(stored, decided, "{}", table.name());
    }
}

/// PostgreSQL keeps JSON in its own spelling.
fn canonical(row: Row) -> Row {
    Row {
        details: canonical_json(&row.details).expect("a document"),
        ..row
    }
}
