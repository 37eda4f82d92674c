//! Crashes under load: SIGKILL for the process that writes, and for PostgreSQL with all its processes. The
//! page cache outlives both: what a power cut does, this cannot tell.

mod support;

use jiff::Timestamp;
use sheetwise_store::ledger::{Failure, Ledger, Options};
use sheetwise_store::postgres::Postgres;
use sheetwise_testkit::{Cluster, Durability};
use std::collections::HashSet;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;
use support::Database;
use support::child::{self, Task, keys};
use support::load::{Acknowledged, ask_until_answered, audit, open_shop, request_of};

/// So many crashes of each kind; the long run asks for more.
fn rounds() -> usize {
    let told = std::env::var("SHEETWISE_CRASHES").ok();
    told.map_or(5, |told| {
        told.parse().expect("SHEETWISE_CRASHES is a number")
    })
}

/// Not a claim: the process of its own that the tests start, and kill.
#[test]
#[ignore = "the other half of tests here, started by them"]
fn child() {
    child::run();
}

#[test]
fn a_killed_process_loses_and_doubles_nothing_on_sqlite() {
    let folder = tempfile::tempdir().expect("a folder for temporary files");
    let path = folder.path().join("sheetwise.db");
    killed_processes_lose_and_double_nothing(path.to_str().expect("UTF-8"));
}

#[test]
fn a_killed_process_loses_and_doubles_nothing_on_postgres() {
    let url = sheetwise_testkit::database("crashes");
    killed_processes_lose_and_double_nothing(&url);
}

fn killed_processes_lose_and_double_nothing(database: &str) {
    const CLIENTS: usize = 16;
    let mut rng = fastrand::Rng::new();
    let mut answers: Vec<Acknowledged> = Vec::new();
    let mut unanswered: Vec<String> = Vec::new();
    let mut unknown_but_durable = 0;
    let rounds = rounds();
    for round in 0..rounds {
        let (prefix, sends) = (format!("r{round}"), 1_000_000);
        let task = Task {
            database,
            prefix: &prefix,
            clients: CLIENTS,
            sends,
            shared: false,
            first: &unanswered,
        };
        let mut running = task.start("child");
        running.wait_until_ready();
        std::thread::sleep(Duration::from_millis(rng.u64(50..600)));
        running.kill_nine();
        let (acknowledged, _) = running.end();
        let answered: HashSet<&str> = acknowledged.iter().map(|a| a.key.as_str()).collect();
        // Of what was sent first all may have been answered, or some; and each client had one key on its way.
        unanswered.retain(|key| !answered.contains(key.as_str()));
        if unanswered.is_empty() {
            for client in 0..CLIENTS {
                let mut keys = keys(&prefix, client, sends, false);
                unanswered.extend(keys.find(|key| !answered.contains(key.as_str())));
            }
        }
        answers.extend(acknowledged);
        // Somebody has to look at the database before it is gone on with.
        let opened = support::open(database).expect("it can be opened again");
        let audited = audit(opened.connect().as_mut(), &answers);
        let opening = support::load::opening().len();
        unknown_but_durable += unanswered
            .iter()
            .filter(|key| has_receipt(opened.as_ref(), key))
            .count();
        assert!(
            audited.unknown_but_durable <= opening + unanswered.len(),
            "{audited:?}"
        );
    }
    assert!(answers.len() > rounds * 20, "{} answers", answers.len());
    // The last one's are sent again too.
    let task = Task {
        database,
        prefix: "last",
        clients: 1,
        sends: 1,
        shared: false,
        first: &unanswered,
    };
    let (acknowledged, well) = task.start("child").end();
    assert!(well);
    answers.extend(acknowledged);
    let opened = support::open(database).expect("it can be opened again");
    let audited = audit(opened.connect().as_mut(), &answers);
    let opening = support::load::opening().len();
    assert_eq!(audited.unknown_but_durable, opening, "all were sent again");
    eprintln!(
        "{rounds} kills: {} acknowledged, 0 lost, {unknown_but_durable} unknown but durable; {audited:?}",
        answers.len()
    );
}

fn has_receipt(database: &dyn Database, key: &str) -> bool {
    let receipts = database.connect().receipts(&[key]);
    !receipts.expect("a read").is_empty()
}

#[test]
fn a_killed_postgres_loses_and_doubles_nothing_and_the_ledger_goes_on_by_itself() {
    let mut cluster = Cluster::start(Durability::On).expect("a server of our own");
    let url = cluster.new_database("crashes").expect("a new database");
    let postgres = Postgres::open(&url).expect("a new database");
    let ledger = Ledger::start(postgres.connect(), Timestamp::now, Options::default());
    let mut answers = open_shop(&ledger);
    let mut rng = fastrand::Rng::new();
    let (stop, answered, failed) = (
        AtomicBool::new(false),
        AtomicU64::new(0),
        Mutex::new([0_u64; 2]),
    );
    let rounds = rounds();
    std::thread::scope(|scope| {
        let (ledger, stop, answered, failed) = (&ledger, &stop, &answered, &failed);
        let clients: Vec<_> = (0..16)
            .map(|client| {
                scope.spawn(move || {
                    let mut answers = Vec::new();
                    for number in 0.. {
                        if stop.load(Ordering::SeqCst) {
                            break;
                        }
                        let key = format!("k-{client:02}-{number:06}");
                        // Whoever is told "not now" or "unknown" asks again; whoever is told anything else panics.
                        let reply = ask_until_answered(ledger, &request_of(&key), |failure| {
                            let unknown = matches!(failure, Failure::OutcomeUnknown(_));
                            failed.lock().expect("a count")[usize::from(unknown)] += 1;
                        });
                        answers.push(Acknowledged::new(&key, &reply));
                        answered.fetch_add(1, Ordering::SeqCst);
                    }
                    answers
                })
            })
            .collect();
        let stop_at_the_end = StopAtTheEnd(stop);
        for _ in 0..rounds {
            std::thread::sleep(Duration::from_millis(rng.u64(100..500)));
            cluster.kill_nine().expect("it can be killed");
            std::thread::sleep(Duration::from_millis(rng.u64(0..200)));
            cluster.restart().expect("it starts again");
            // The same ledger goes on: everybody gets answers again.
            let before = answered.load(Ordering::SeqCst);
            let limit = std::time::Instant::now() + Duration::from_mins(1);
            while answered.load(Ordering::SeqCst) < before + 32 {
                assert!(std::time::Instant::now() < limit, "nobody is answered");
                std::thread::sleep(Duration::from_millis(5));
            }
        }
        drop(stop_at_the_end);
        for client in clients {
            answers.extend(client.join().expect("no other failure was met"));
        }
    });
    let audited = audit(postgres.connect().as_mut(), &answers);
    assert_eq!(audited.unknown_but_durable, 0);
    let [not_now, unknown] = *failed.lock().expect("a count");
    eprintln!(
        "{rounds} kills: {} acknowledged, 0 lost; told {not_now} times that not now, {unknown} times that it is not known; {audited:?}",
        answers.len()
    );
}

/// A failed claim must not leave the clients asking for ever.
struct StopAtTheEnd<'a>(&'a AtomicBool);

impl Drop for StopAtTheEnd<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::SeqCst);
    }
}
