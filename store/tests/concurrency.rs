//! Many at once: processes, ledgers and readers on one database, and commands for the same number and the
//! same piece. What one crash does stands in `crashes.rs`.

mod support;

use sheetwise_store::contract::{Engine, EventFilter};
use sheetwise_store::sqlite::Sqlite;
use std::collections::HashMap;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::Duration;
use support::child::{self, Task, keys};
use support::load::{Acknowledged, audit};

/// Not a claim: the process of its own that the tests start.
#[test]
#[ignore = "the other half of tests here, started by them"]
fn child() {
    child::run();
}

#[test]
fn four_processes_on_one_postgres_lose_and_double_nothing() {
    let url = sheetwise_testkit::database("processes");
    processes_lose_and_double_nothing(&url, 4, 16, 60);
}

#[test]
fn two_processes_on_one_sqlite_file_lose_and_double_nothing() {
    let folder = tempfile::tempdir().expect("a folder for temporary files");
    let path = folder.path().join("sheetwise.db");
    processes_lose_and_double_nothing(path.to_str().expect("UTF-8"), 2, 16, 60);
}

/// All of them start on a database that is not there yet, and open the same shop.
fn processes_lose_and_double_nothing(
    database: &str,
    processes: usize,
    clients: usize,
    sends: usize,
) {
    let running: Vec<_> = (0..processes)
        .map(|process| {
            let task = Task {
                database,
                prefix: &format!("p{process}"),
                clients,
                sends,
                shared: true,
                first: &[],
            };
            task.start("child")
        })
        .collect();
    for process in &running {
        process.wait_until_ready();
    }
    let opened = support::open(database).expect("it is open elsewhere");
    let (stop, stopped) = mpsc::channel::<()>();
    let followed = std::thread::scope(|scope| {
        let (stop, mut engine) = (stop, opened.connect());
        let follower = scope.spawn(move || {
            let mut followed = follow(engine.as_mut(), 0, 0);
            while stopped.recv_timeout(Duration::from_millis(1)) == Err(RecvTimeoutError::Timeout) {
                followed = follow(engine.as_mut(), followed.0, followed.1);
            }
            follow(engine.as_mut(), followed.0, followed.1)
        });
        let mut answers: Vec<Acknowledged> = Vec::new();
        for (process, running) in running.into_iter().enumerate() {
            let (acknowledged, well) = running.end();
            assert!(well, "process {process} ended badly");
            assert_eq!(acknowledged.len(), clients * sends, "process {process}");
            answers.extend(acknowledged);
        }
        stop.send(()).expect("the follower still follows");
        let (last, polls) = follower.join().expect("it saw no gap");
        (last, polls, answers)
    });
    let (last, polls, answers) = followed;

    // Whoever sent a key, and however often: one answer.
    let mut by_key: HashMap<&str, &Acknowledged> = HashMap::new();
    for answer in &answers {
        let first = by_key.entry(&answer.key).or_insert(answer);
        assert_eq!(*first, answer, "two answers to {}", answer.key);
    }
    let shared = keys("own", 0, sends, true);
    let shared = shared.iter().filter(|key| key.starts_with("shared"));
    let shared = shared.count() * clients;
    assert_eq!(
        by_key.len(),
        processes * (clients * sends - shared) + shared
    );

    let mut engine = opened.connect();
    let audited = audit(engine.as_mut(), &answers);
    assert_eq!(last, audited.events, "the follower missed the end");
    numbers_and_pieces_are_on_one_live_card_each(engine.as_mut());
    eprintln!(
        "{processes} processes: {} answers, {audited:?}, {polls} polls of the follower that brought events",
        answers.len()
    );
}

/// Reads on from there: every event follows the one before. Counts the polls that brought something.
fn follow(engine: &mut dyn Engine, mut last: u64, mut polls: u64) -> (u64, u64) {
    loop {
        let events = engine
            .events(&EventFilter::after(last, 500))
            .expect("a read");
        if events.is_empty() {
            return (last, polls);
        }
        polls += 1;
        for event in events {
            assert_eq!(event.sequence_num, last + 1, "the follower saw a gap");
            last = event.sequence_num;
        }
    }
}

fn numbers_and_pieces_are_on_one_live_card_each(engine: &mut dyn Engine) {
    use sheetwise_core::projections::CardUnitRow;
    use sheetwise_store::tables::{Table, claims};
    let mut claimed: HashMap<String, String> = HashMap::new();
    for row in support::rows_of(engine, Table::CardUnits) {
        let card: CardUnitRow = serde_json::from_str(&row.details).expect("a card's row");
        for claim in claims(&card) {
            let other = claimed.insert(claim.clone(), row.key().to_owned());
            assert_eq!(other, None, "{claim} is on {} too", row.key());
        }
    }
    assert!(claimed.len() > 10, "only {} claims", claimed.len());
}

#[test]
fn a_new_sqlite_file_may_be_opened_by_many_at_once() {
    for round in 0..20 {
        let folder = tempfile::tempdir().expect("a folder for temporary files");
        let path = folder.path().join("sheetwise.db");
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    let sqlite = Sqlite::open(&path).unwrap_or_else(|e| panic!("{round}: {e}"));
                    sqlite.engine().unwrap_or_else(|e| panic!("{round}: {e}"));
                });
            }
        });
    }
}
