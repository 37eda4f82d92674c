//! Connections to PostgreSQL that are lost at the worst moment: with a COMMIT on its way.

mod support;

use jiff::Timestamp;
use sheetwise_store::contract::StoreError;
use sheetwise_store::ledger::{Failure, Ledger, Options, Outcome};
use sheetwise_store::postgres::Postgres;
use support::Database;
use support::load::{Acknowledged, audit, keyed, open_shop, opening, request_of};
use support::proxy::{Cut, Proxy};

struct Shop {
    direct: Postgres,
    proxy: Proxy,
    ledger: Ledger,
    answers: Vec<Acknowledged>,
}

/// A ledger that reaches its database through the proxy; the shop is open.
fn shop() -> Shop {
    let url = sheetwise_testkit::database("lost");
    let direct = Postgres::open(&url).expect("a new database");
    let (proxy, url) = Proxy::before(&url);
    let proxied = Postgres::open(&url).expect("the database, through the proxy");
    let ledger = Ledger::start(proxied.connect(), Timestamp::now, Options::default());
    let answers = open_shop(&ledger);
    Shop {
        direct,
        proxy,
        ledger,
        answers,
    }
}

/// Keys of requests that record something, each in a shop that is open.
fn recording_keys(count: usize) -> impl Iterator<Item = String> {
    // A piece that is registered is always new.
    let registers = |key: &String| {
        let said = format!("{:?}", request_of(key).said);
        said.contains("RegisterMemorabilia")
    };
    let keys = (0..).map(|number| format!("lost-{number:04}"));
    keys.filter(registers).take(count)
}

impl Shop {
    fn receipts(&self, key: &str) -> usize {
        let receipts = self.direct.connect().receipts(&[key]);
        receipts.expect("a read").len()
    }

    fn audit(&mut self) {
        let audited = audit(self.direct.connect().as_mut(), &self.answers);
        assert_eq!(audited.unknown_but_durable, 0);
    }
}

#[test]
fn a_commit_whose_answer_is_lost_is_found_and_answered_as_recorded() {
    let mut shop = shop();
    for (cuts, key) in (1..).zip(recording_keys(4)) {
        let cut = match cuts % 2 {
            0 => Cut::CommitLate,
            _ => Cut::AnswerLost,
        };
        shop.proxy.cut_next(cut);
        let reply = shop.ledger.ask(request_of(&key));
        let reply = reply.unwrap_or_else(|failure| panic!("{cut:?}: {failure}"));
        assert_eq!(shop.proxy.cuts(), cuts, "the connection was cut");
        assert_eq!(reply.outcome, Outcome::Recorded);
        assert!(!reply.replayed);
        assert_eq!(shop.receipts(&key), 1, "{cut:?}");
        shop.answers.push(Acknowledged::new(&key, &reply));
        let again = shop.ledger.ask(request_of(&key)).expect("an answer");
        assert!(again.replayed);
        assert_eq!(again.body, reply.body);
    }
    shop.audit();
}

#[test]
fn a_commit_that_never_arrived_recorded_nothing_and_is_answered_so() {
    let mut shop = shop();
    for (cuts, key) in (1..).zip(recording_keys(3)) {
        shop.proxy.cut_next(Cut::CommitLost);
        let failed = shop.ledger.ask(request_of(&key));
        assert!(matches!(failed, Err(Failure::NotNow(_))), "{failed:?}");
        assert_eq!(shop.proxy.cuts(), cuts, "the connection was cut");
        assert_eq!(shop.receipts(&key), 0);
        let reply = shop.ledger.ask(request_of(&key)).expect("it goes on");
        assert_eq!(reply.outcome, Outcome::Recorded);
        assert!(!reply.replayed);
        shop.answers.push(Acknowledged::new(&key, &reply));
    }
    shop.audit();
}

#[test]
fn a_refusal_whose_commit_is_lost_is_found_by_its_receipt() {
    let mut shop = shop();
    // It records no event: only its receipt tells.
    let refused = |key: &str| {
        let said = opening()
            .pop()
            .expect("the shop is opened by something")
            .said;
        keyed(key, said, None)
    };
    for (key, cut) in [
        ("refused-1", Cut::AnswerLost),
        ("refused-2", Cut::CommitLate),
    ] {
        shop.proxy.cut_next(cut);
        let reply = shop.ledger.ask(refused(key));
        let reply = reply.unwrap_or_else(|failure| panic!("{cut:?}: {failure}"));
        assert!(matches!(reply.outcome, Outcome::Refused(_)), "{reply:?}");
        assert_eq!(shop.receipts(key), 1);
        shop.answers.push(Acknowledged::new(key, &reply));
    }
    shop.proxy.cut_next(Cut::CommitLost);
    let failed = shop.ledger.ask(refused("refused-3"));
    assert!(matches!(failed, Err(Failure::NotNow(_))), "{failed:?}");
    assert_eq!(shop.receipts("refused-3"), 0);
    // Without a key there is nothing to look up, and nothing to lose either.
    shop.proxy.cut_next(Cut::AnswerLost);
    let mut keyless = refused("none");
    keyless.key = None;
    let failed = shop.ledger.ask(keyless);
    assert!(matches!(failed, Err(Failure::NotNow(_))), "{failed:?}");
    shop.audit();
}

#[test]
fn whoever_is_in_the_group_gets_the_same_truth() {
    let mut shop = shop();
    for (round, cut) in [Cut::AnswerLost, Cut::CommitLost, Cut::CommitLate]
        .into_iter()
        .enumerate()
    {
        let keys: Vec<String> = (0..40).map(|i| format!("group-{round}-{i:02}")).collect();
        // The first may be alone; the others gather behind it.
        let first = shop.ledger.submit(request_of(&keys[0])).expect("room");
        let asked = keys[1..].iter().map(|key| {
            let answering = shop.ledger.submit(request_of(key)).expect("room");
            (key, answering)
        });
        let mut asked: Vec<_> = asked.collect();
        shop.proxy.cut_next(cut);
        asked.insert(0, (&keys[0], first));
        for (key, answering) in asked {
            match answering.wait() {
                Ok(reply) => shop.answers.push(Acknowledged::new(key, &reply)),
                Err(Failure::NotNow(_)) => {
                    assert_eq!(cut, Cut::CommitLost, "{key}");
                    assert_eq!(shop.receipts(key), 0, "{key}");
                    let reply = shop.ledger.ask(request_of(key)).expect("it goes on");
                    shop.answers.push(Acknowledged::new(key, &reply));
                }
                Err(other) => panic!("{key}: {other}"),
            }
        }
    }
    shop.audit();
}

#[test]
fn a_connection_that_is_lost_in_the_middle_is_not_made_again_there() {
    const ALL_OTHERS: &str = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                              WHERE datname = current_database() AND pid <> pg_backend_pid()";
    let url = sheetwise_testkit::database("lost");
    let mut engine = Postgres::open(&url).expect("a new database").connect();
    let (head, _) = engine.begin(&[]).expect("a group");
    sheetwise_testkit::psql(&url, ALL_OTHERS).expect("the connection ends");
    // On a new connection nobody would have locked the log, and each statement would stand alone.
    for _ in 0..3 {
        let error = engine.head().expect_err("the group is lost");
        assert!(matches!(error, StoreError::Unavailable(_)), "{error:?}");
    }
    engine.abandon();
    engine.begin_reading().expect("a reading");
    assert_eq!(engine.head().expect("the head"), head);
    sheetwise_testkit::psql(&url, ALL_OTHERS).expect("the connection ends");
    for _ in 0..3 {
        engine.head().expect_err("the moment is lost");
    }
    engine.abandon();
    assert_eq!(engine.head().expect("a new connection"), head);
}
