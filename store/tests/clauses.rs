//! What every engine promises, clause by clause, on each of them.

mod support;

use sheetwise_core::domain::Recorded;
use sheetwise_sim::act::Act;
use sheetwise_sim::history::acts_of;
use sheetwise_store::contract::{Engine, EventFilter};
use sheetwise_store::ledger::Options;
use sheetwise_store::record::canonical_json;
use sheetwise_store::tables::{Row, Table};
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
