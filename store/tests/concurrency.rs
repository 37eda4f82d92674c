//! Many at once: processes, ledgers and readers on one database, and commands for the same number and the
//! same piece. What one crash does stands in `crashes.rs`.

mod support;

use jiff::Timestamp;
use sheetwise_core::domain::Command;
use sheetwise_core::identity::JobId;
use sheetwise_store::contract::{Engine, EventFilter};
use sheetwise_store::ledger::{Failure, Ledger, Options, Outcome, Request, Said};
use sheetwise_store::sqlite::Sqlite;
use std::collections::HashMap;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::Duration;
use support::Database;
use support::child::{self, Task, keys};
use support::linear::{Timed, one_after_the_other};
use support::load::{
    Acknowledged, EDITION_SIZE, N_UP, SHEETS, ask_until_answered, audit, keyed, open_shop,
    request_of,
};

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
        let mut told: Vec<Timed> = Vec::new();
        for (process, running) in running.into_iter().enumerate() {
            let (timed, well) = running.end_timed();
            assert!(well, "process {process} ended badly");
            assert_eq!(timed.len(), clients * sends, "process {process}");
            told.extend(timed);
        }
        stop.send(()).expect("the follower still follows");
        let (last, polls) = follower.join().expect("it saw no gap");
        (last, polls, told)
    });
    let (last, polls, told) = followed;
    let answers: Vec<Acknowledged> = told.iter().map(|one| one.answer.clone()).collect();

    // Whoever sent a key, and however often: one answer.
    let mut by_key: HashMap<&str, &Acknowledged> = HashMap::new();
    for answer in &answers {
        let first = by_key.entry(&answer.key).or_insert(answer);
        assert_eq!(*first, answer, "two answers to {}", answer.key);
    }
    let shared = keys("own", 0, sends, true);
    let shared = shared.filter(|key| key.starts_with("shared"));
    let shared = shared.count() * clients;
    assert_eq!(
        by_key.len(),
        processes * (clients * sends - shared) + shared
    );

    let mut engine = opened.connect();
    let audited = audit(engine.as_mut(), &answers);
    assert_eq!(last, audited.events, "the follower missed the end");
    numbers_and_pieces_are_on_one_live_card_each(engine.as_mut());
    let in_order =
        one_after_the_other(engine.as_mut(), &told).unwrap_or_else(|why| panic!("{why}"));
    the_impossible_is_seen(engine.as_mut(), told);
    eprintln!(
        "{processes} processes: {} answers, {audited:?}, {in_order:?}, {polls} polls of the follower that brought events",
        answers.len()
    );
}

/// The same answers, had they come before anybody asked: what was recorded last cannot have been there, nor can a refusal be
/// right for which there was no reason yet.
fn the_impossible_is_seen(engine: &mut dyn Engine, told: Vec<Timed>) {
    let recorded = |one: &Timed| one.answer.outcome == "recorded";
    let taken = |one: &Timed| one.answer.body.contains("\"number_not_free\"");
    let refused = |one: &Timed| taken(one) && wants_a_number_of_the_edition(&one.answer.key);
    for (what, is_it) in [
        ("what was recorded", &recorded as &dyn Fn(&Timed) -> bool),
        ("a refusal", &refused),
    ] {
        let mut wrong = told.clone();
        let one = wrong.iter().rposition(is_it).expect("there is one");
        (wrong[one].asked, wrong[one].answered) = (0, 1);
        let found = one_after_the_other(engine, &wrong);
        assert!(found.is_err(), "{what} too early: {found:?}");
    }
}

/// In the beginning any of them is free; beyond the edition none ever is.
fn wants_a_number_of_the_edition(key: &str) -> bool {
    let Said::Command(command) = request_of(key).said else {
        return false;
    };
    matches!(*command, Command::ApplySequentialNumber { number: Some(number), .. } if number <= EDITION_SIZE)
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
        let document = Table::CardUnits.document(&row).expect("a whole row");
        let card: CardUnitRow = serde_json::from_str(&document).expect("a card's row");
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

#[test]
fn one_number_and_one_piece_go_to_one_card_whichever_ledgers_are_asked() {
    let (sqlite, postgres) = (support::sqlite(), support::postgres());
    for database in [&sqlite as &dyn Database, &postgres] {
        let ledgers: Vec<Ledger> = (0..3)
            .map(|_| Ledger::start(database.connect(), Timestamp::now, Options::default()))
            .collect();
        let mut answers = open_shop(&ledgers[0]);
        std::thread::scope(|scope| {
            // Every card wants a number of one edition: the first asks for any, the others for a certain one; and
            // every first card of a sheet wants the same piece.
            let clients: Vec<_> = (0..ledgers.len())
                .map(|client| {
                    let ledger = &ledgers[client];
                    let wishes = wishes(client);
                    scope.spawn(move || {
                        let ask = |request: Request| {
                            let reply = ask_until_answered(ledger, &request, |_| {});
                            Acknowledged::new(request.key.as_deref().unwrap_or_default(), &reply)
                        };
                        wishes.into_iter().map(ask).collect::<Vec<_>>()
                    })
                })
                .collect();
            for client in clients {
                answers.extend(client.join().expect("it was answered"));
            }
        });
        let mut engine = database.connect();
        let audited = audit(engine.as_mut(), &answers);
        assert_eq!(audited.unknown_but_durable, 0);
        numbers_and_pieces_are_on_one_live_card_each(engine.as_mut());
    }
}

/// What a client asks for: numbers for all cards of the first job, and a piece for all that may have one.
fn wishes(client: usize) -> Vec<Request> {
    let job = JobId::new(1).expect("a job");
    let sheets = (1..=SHEETS).map(|sheet| job.sheet(sheet).expect("a sheet"));
    let cards = sheets.flat_map(|sheet| (1..=N_UP).filter_map(move |at| sheet.card_unit(at)));
    let mut wishes = Vec::new();
    for (i, card_unit_id) in cards.enumerate() {
        let number = (client > 0).then(|| u32::try_from(i).expect("few cards") % 5 + 1);
        let number = Command::ApplySequentialNumber {
            card_unit_id,
            number,
        };
        wishes.push((number, "NUM-1"));
        if card_unit_id.position() == 1 {
            let piece_id = "RELIC-1".parse().expect("an id");
            let piece = Command::PlaceMemorabilia {
                card_unit_id,
                piece_id,
            };
            wishes.push((piece, "RELIC-1"));
        }
    }
    let wishes = wishes.into_iter().enumerate();
    wishes
        .map(|(i, (command, station))| {
            let said = Said::Command(Box::new(command));
            keyed(&format!("wish-{client}-{i:03}"), said, Some(station))
        })
        .collect()
}

/// Whatever is wrong with it, somebody's database refuses the receipt of the key `poison`.
fn databases_that_refuse_a_key() -> (support::SqliteFile, sheetwise_store::postgres::Postgres) {
    let sqlite = support::sqlite();
    let plain = rusqlite::Connection::open(sqlite.sqlite.path()).expect("the database");
    plain
        .execute_batch(
            "CREATE TRIGGER no_poison BEFORE INSERT ON receipts WHEN NEW.idempotency_key = 'poison'
             BEGIN SELECT RAISE(ABORT, 'this is poison'); END",
        )
        .expect("a trigger");
    let url = sheetwise_testkit::database("poison");
    let postgres = sheetwise_store::postgres::Postgres::open(&url).expect("a new database");
    let check = "ALTER TABLE receipts ADD CONSTRAINT no_poison CHECK (idempotency_key <> 'poison')";
    sheetwise_testkit::psql(&url, check).expect("a constraint");
    (sqlite, postgres)
}

#[test]
fn a_command_that_the_database_does_not_take_fails_alone() {
    let (sqlite, postgres) = databases_that_refuse_a_key();
    for database in [&sqlite as &dyn Database, &postgres] {
        let ledger = Ledger::start(database.connect(), Timestamp::now, Options::default());
        let mut answers = open_shop(&ledger);
        let mut commits = ledger.commits();
        let mut last = *commits.borrow_and_update();
        // While the first is being written, the others gather behind it, and become one group.
        let keys: Vec<String> = (0..300).map(|i| format!("neighbour-{i:03}")).collect();
        let mut waiting = Vec::new();
        for (i, key) in keys.iter().enumerate() {
            let answering = ledger.submit(request_of(key)).expect("room");
            waiting.push((key.as_str(), answering));
            // In the midst of a group, and the last of all.
            if i == 173 || i == keys.len() - 1 {
                let poison = request_of("poison");
                waiting.push(("poison", ledger.submit(poison).expect("room")));
            }
        }
        for (key, answering) in waiting {
            match (key, answering.wait()) {
                ("poison", Err(Failure::Poison(why))) => {
                    assert!(why.contains("poison"), "{why}");
                }
                ("poison", other) => panic!("{other:?}"),
                (_, answer) => {
                    let reply = answer.unwrap_or_else(|failure| panic!("{key}: {failure}"));
                    answers.push(Acknowledged::new(key, &reply));
                }
            }
            // Whoever follows the ledger is never sent back.
            let now = *commits.borrow_and_update();
            assert!(now >= last, "{now} was told after {last}");
            last = now;
        }
        let mut engine = database.connect();
        let audited = audit(engine.as_mut(), &answers);
        assert_eq!(audited.unknown_but_durable, 0, "the poison left nothing");
        drop(ledger);
        assert_eq!(*commits.borrow_and_update(), audited.events);
    }
}

#[test]
fn text_that_cannot_be_written_is_refused_the_same_on_every_engine() {
    let (memory, sqlite, postgres) = (support::memory(), support::sqlite(), support::postgres());
    for database in [&memory as &dyn Database, &sqlite, &postgres] {
        let ledger = Ledger::start(database.connect(), Timestamp::now, Options::default());
        let mut answers = open_shop(&ledger);
        let hold = |reason: &str| {
            let unit =
                sheetwise_core::domain::command::Holdable::Job(JobId::new(1).expect("a job"));
            let reason = reason.to_owned();
            Said::Command(Box::new(Command::Hold { unit, reason }))
        };
        let scan = |text: &str| Said::Barcode(text.to_owned());
        let at = Some("DIE-1");
        let mut correlated = keyed("nul-3", scan("J1-S001-01"), at);
        correlated.correlation_id = Some(sheetwise_core::identity::CorrelationId::new("a\0b"));
        let long_key = "k".repeat(300);
        // PostgreSQL knows no year 0.
        let mut before_counting = keyed("nul-5", scan("J1-S001-01"), at);
        before_counting.occurred_at = Some("-000001-01-01T00:00:00Z".parse().expect("a time"));
        let rescheduled = Said::Command(Box::new(Command::RescheduleJob {
            job_id: JobId::new(1).expect("a job"),
            due_date: jiff::civil::date(0, 12, 31),
            priority: sheetwise_core::domain::values::Priority(0),
        }));
        let unwritable = [
            keyed("nul-0", hold("scrat\0ched"), None),
            keyed("nul-1", scan("J1-S001-01\0"), at),
            keyed("nul-2", scan("!HOLD scrat\0ched"), at),
            correlated,
            keyed("nul\0-4", scan("J1-S001-01"), at),
            keyed(&long_key, scan("J1-S001-01"), at),
            before_counting,
            keyed("nul-6", rescheduled, None),
        ];
        for request in unwritable {
            let key = request.key.clone().expect("all have keys");
            let reply = ledger
                .ask(request.clone())
                .unwrap_or_else(|f| panic!("{key:?}: {f}"));
            assert!(
                matches!(reply.outcome, Outcome::Refused(_)),
                "{key:?}: {reply:?}"
            );
            assert!(reply.body.contains("unwritable_text"), "{}", reply.body);
            let again = ledger.ask(request).expect("an answer");
            assert_eq!(again.body, reply.body);
            if key.starts_with("nul-") {
                answers.push(Acknowledged::new(&key, &reply));
            }
        }
        // Six characters that only look like it.
        let reply = ledger.ask(keyed(
            "looks",
            hold(r"a backslash, and u0000: \u0000"),
            None,
        ));
        let reply = reply.expect("an answer");
        assert_eq!(reply.outcome, Outcome::Recorded, "{}", reply.body);
        answers.push(Acknowledged::new("looks", &reply));
        assert_eq!(
            audit(database.connect().as_mut(), &answers).unknown_but_durable,
            0
        );
    }
}
