//! What every engine promises, clause by clause, on each of them.

#[macro_use]
mod support;

use jiff::Timestamp;
use sheetwise_core::domain::{Command, Recorded, RefusalClass, UnitType};
use sheetwise_core::identity::JobId;
use sheetwise_core::projections::Rows;
use sheetwise_sim::act::Act;
use sheetwise_sim::history::acts_of;
use sheetwise_store::contract::{Derived, Engine, EventFilter, Group, Receipt, StoreError};
use sheetwise_store::credentials::{Bearer, Credential};
use sheetwise_store::forecasts::{IssuedForecast, IssuedJob, SaidOfJob};
use sheetwise_store::ledger::{Options, Outcome, Reply, Request, Said, dry_run};
use sheetwise_store::record::StoredEvent;
use sheetwise_store::tables::{Row, Table};
use support::{Clock, Core, Database, request, rows_of};

on_every_engine! {
    the_ledger_says_and_keeps_what_the_core_decides,
    a_group_gives_what_the_same_commands_give_one_by_one,
    a_ledger_that_remembers_nothing_decides_the_same,
    two_ledgers_on_one_database_decide_as_one,
    a_key_is_answered_once_and_for_all,
    a_key_that_comes_twice_in_one_group_acts_once,
    a_key_with_other_content_is_refused,
    an_issued_id_belongs_to_one_order_only,
    a_new_order_said_again_with_its_key_is_the_same_order,
    a_dry_run_says_what_would_come_of_it_and_records_nothing,
    a_claim_that_another_card_has_is_not_taken,
    a_version_that_is_there_already_is_not_taken,
    a_gap_in_the_sequence_is_not_taken,
    a_second_receipt_for_a_key_is_not_taken,
    a_credential_is_kept_until_it_is_forgotten,
    a_forecast_is_kept_once_and_never_changed,
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

/// An order that the shop takes, and what was said before it.
fn an_order(database: &dyn Database, clock: &Clock) -> (sheetwise_store::ledger::Ledger, Command) {
    let ledger = clock.ledger(database.connect(), Options::default());
    for (number, act) in acts(11, 600).iter().enumerate() {
        let (request, context) = request(act, number);
        clock.set(context.recorded_at);
        let Said::Command(command) = &request.said else {
            continue;
        };
        if matches!(**command, Command::PlaceOrder { .. }) {
            let command = (**command).clone();
            return (ledger, command);
        }
        ledger.ask(request).expect("the ledger answers");
    }
    unreachable!("the simulator's people place orders");
}

fn issuing(command: &Command, key: Option<&str>) -> Request {
    Request {
        said: Said::WithNewId(Box::new(command.clone())),
        station_id: None,
        operator_id: None,
        occurred_at: None,
        late: false,
        key: key.map(Into::into),
        correlation_id: None,
    }
}

fn id_in(reply: &Reply) -> String {
    let answer: serde_json::Value = serde_json::from_str(&reply.body).expect("JSON");
    assert_eq!(answer["outcome"], "recorded", "{answer:#}");
    answer["entity"]["id"].as_str().expect("an id").to_owned()
}

fn an_issued_id_belongs_to_one_order_only(database: &dyn Database) {
    let clock = Clock::default();
    let (first, order) = an_order(database, &clock);
    let second = clock.ledger(database.connect(), Options::default());
    // Two servers, many callers, and all of them want the very same.
    let mut answering = Vec::new();
    for ledger in [&first, &second].repeat(20) {
        answering.push(ledger.submit(issuing(&order, None)).expect("there is room"));
    }
    let ids = answering
        .into_iter()
        .map(|one| id_in(&one.wait().expect("an answer")));
    let mut ids: Vec<String> = ids.collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), 40);
    // An id that somebody brings is passed by.
    let mut brought = order.clone();
    if let Command::PlaceOrder { order } = &mut brought {
        order.order_id = "PO-20000".parse().expect("an order id");
    }
    let said = Said::Command(Box::new(brought));
    let with_id = Request {
        said,
        ..issuing(&order, None)
    };
    assert_eq!(id_in(&first.ask(with_id).expect("an answer")), "PO-20000");
    for (ledger, id) in [
        (&first, "PO-20001"),
        (&second, "PO-20002"),
        (&first, "PO-20003"),
    ] {
        assert_eq!(
            id_in(&ledger.ask(issuing(&order, None)).expect("an answer")),
            id
        );
    }
}

fn a_new_order_said_again_with_its_key_is_the_same_order(database: &dyn Database) {
    let clock = Clock::default();
    let (ledger, order) = an_order(database, &clock);
    let first = ledger.ask(issuing(&order, Some("k"))).expect("an answer");
    id_in(&first);
    let mut other_id = order.clone();
    if let Command::PlaceOrder { order } = &mut other_id {
        order.order_id = "PO-77".parse().expect("an order id");
    }
    for said_again in [&order, &other_id] {
        let again = ledger
            .ask(issuing(said_again, Some("k")))
            .expect("an answer");
        assert_eq!(again.body, first.body);
        assert!(again.replayed);
    }
    let mut other = order.clone();
    if let Command::PlaceOrder { order } = &mut other {
        order.quantity += 1;
    }
    let refused = ledger.ask(issuing(&other, Some("k"))).expect("an answer");
    assert_eq!(refused.outcome, Outcome::Refused(RefusalClass::Senseless));
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

fn a_claim_that_another_card_has_is_not_taken(database: &dyn Database) {
    let claim = |claim: &str, card: &str| (claim.to_owned(), card.into());
    is_not_taken(database, |group| {
        let derived = &mut group.derived;
        derived.claims_begun = vec![claim("number 1 of J1 HERO", "J1-S001-02")];
    });
    // Nor by two cards in one group.
    is_not_taken(database, |group| {
        let derived = &mut group.derived;
        derived.claims_begun = vec![
            claim("number 2 of J1 HERO", "J1-S001-02"),
            claim("number 2 of J1 HERO", "J1-S001-03"),
        ];
    });
    // What one card gives up in a group, another may take in the same.
    is_taken(database, |group| {
        let derived = &mut group.derived;
        derived.claims_ended = vec![claim("number 1 of J1 HERO", "J1-S001-01")];
        derived.claims_begun = vec![claim("number 1 of J1 HERO", "J1-S001-02")];
    });
}

fn a_version_that_is_there_already_is_not_taken(database: &dyn Database) {
    is_not_taken(database, |group| {
        let event = group.events.last_mut().expect("it has an event");
        event.aggregate_version -= 1;
    });
}

fn a_gap_in_the_sequence_is_not_taken(database: &dyn Database) {
    is_not_taken(database, |group| {
        group.events[0].sequence_num += 1;
        group.head.sequence_num += 1;
    });
    // Nor one within the group, nor a number that is there already.
    is_not_taken(database, |group| {
        let mut second = group.events[0].clone();
        second.sequence_num += 2;
        second.aggregate_version += 1;
        group.head.sequence_num += 2;
        group.events.push(second);
    });
    is_not_taken(database, |group| {
        group.events[0].sequence_num -= 1;
        group.head.sequence_num -= 1;
    });
}

fn a_second_receipt_for_a_key_is_not_taken(database: &dyn Database) {
    is_not_taken(database, |group| {
        group.receipts.push(Receipt {
            key: "opening-000".into(),
            fingerprint: [7; 16],
            outcome: "recorded".into(),
            reply: "{}".into(),
            recorded_at: group.head.recorded_at,
        });
    });
}

/// The group that comes next, with one event of a job and one claim of a card, after this was done to it.
fn commit_next(
    database: &dyn Database,
    change: impl Fn(&mut Group),
) -> (Result<(), StoreError>, Vec<StoredEvent>) {
    let everything = EventFilter::after(0, usize::MAX);
    let mut engine = database.connect();
    if engine.head().expect("a head").sequence_num == 0 {
        let clock = Clock::default();
        support::load::open_shop(&clock.ledger(database.connect(), Options::default()));
        let mut group = next_group(engine.as_mut());
        let claim = ("number 1 of J1 HERO".to_owned(), "J1-S001-01".into());
        group.derived.claims_begun.push(claim);
        engine.commit(&group).expect("nothing is wrong with it");
    }
    let before = engine.events(&everything).expect("a read");
    let mut group = next_group(engine.as_mut());
    change(&mut group);
    let committed = engine.commit(&group);
    engine.abandon();
    (committed, before)
}

fn is_not_taken(database: &dyn Database, change: impl Fn(&mut Group)) {
    let (committed, before) = commit_next(database, change);
    assert!(
        matches!(committed, Err(StoreError::Poison(_))),
        "{committed:?}"
    );
    let mut engine = database.connect();
    let everything = EventFilter::after(0, usize::MAX);
    assert_eq!(engine.events(&everything), Ok(before.clone()));
    let head = engine.head().expect("a head").sequence_num;
    assert_eq!(head, before.len() as u64);
    // It was the change, and the next group is welcome.
    is_taken(database, |_| {});
}

fn is_taken(database: &dyn Database, change: impl Fn(&mut Group)) {
    let (committed, before) = commit_next(database, change);
    assert_eq!(committed, Ok(()));
    let head = database.connect().head().expect("a head").sequence_num;
    assert_eq!(head, before.len() as u64 + 1);
}

/// Begins a group that would record the last event of a job once more, as its next.
fn next_group(engine: &mut dyn Engine) -> Group {
    let (mut head, _) = engine.begin(&[]).expect("nobody else writes");
    let mut filter = EventFilter::after(0, usize::MAX);
    filter.event_types = vec!["JobCreated".into(), "JobRescheduled".into()];
    let all = engine.events(&filter).expect("a read");
    let mut event = all.last().expect("a job was created").clone();
    let mut of_the_job = EventFilter::after(0, usize::MAX);
    of_the_job.aggregate = Some((UnitType::Job, event.aggregate_id.clone()));
    let of_the_job = engine.events(&of_the_job).expect("a read");
    event.aggregate_version = of_the_job.last().map_or(0, |last| last.aggregate_version) + 1;
    event.sequence_num = head.sequence_num + 1;
    event.hash = event.hash_after(&head.hash);
    head.sequence_num = event.sequence_num;
    head.hash = event.hash;
    Group {
        head,
        events: vec![event],
        streams_begun: Vec::new(),
        derived: Derived::default(),
        snapshots: Vec::new(),
        receipts: Vec::new(),
        refusals: Vec::new(),
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
    let mut read_again = Rows::default();
    for table in Table::ALL {
        let mut decided: Vec<Row> = table.all_rows(&core.rows);
        decided.sort_by(|a, b| a.key().cmp(b.key()));
        let stored: Vec<Row> = rows_of(engine, table);
        assert_eq!(stored, decided, "{}", table.name());
        for row in &stored {
            table.put(&mut read_again, row).expect("a row of the fold");
        }
    }
    assert_eq!(read_again, core.rows, "read back");
}

fn a_credential_is_kept_until_it_is_forgotten(database: &dyn Database) {
    let mut door = database.connect();
    assert_eq!(door.credentials(), Ok(Vec::new()));
    let device = Credential {
        credential_id: "TOKEN-1".into(),
        bearer: Bearer::Device {
            name: "the scanner at the foil stamp".to_owned(),
            station_ids: ["FOIL-1".parse().expect("an id")].into(),
        },
        secret_hash: "5e884898".to_owned(),
        created_at: Timestamp::UNIX_EPOCH,
        created_by: Some("OP-1".parse().expect("an id")),
        expires_at: None,
        revoked_at: None,
    };
    let person = Credential {
        credential_id: "OP-1".into(),
        bearer: Bearer::Password {
            operator_id: "OP-1".parse().expect("an id"),
        },
        ..device.clone()
    };
    for credential in [&device, &person] {
        door.keep_credential(credential).expect("room");
    }
    let revoked = Credential {
        revoked_at: Some(Timestamp::UNIX_EPOCH),
        ..device
    };
    door.keep_credential(&revoked).expect("room");
    // Another connection sees it at once.
    let mut other = database.connect();
    assert_eq!(other.credentials(), Ok(vec![person.clone(), revoked]));
    other.forget_credential("TOKEN-1").expect("it is there");
    other
        .forget_credential("TOKEN-1")
        .expect("it need not be there");
    assert_eq!(door.credentials(), Ok(vec![person]));
}

fn a_forecast_is_kept_once_and_never_changed(database: &dyn Database) {
    let at = |hours: i64| Timestamp::UNIX_EPOCH + jiff::SignedDuration::from_hours(hours);
    let job = |number: u32, hours: i64| IssuedJob {
        job_id: JobId::new(number).expect("counted from 1"),
        due_at: at(100),
        stated: [at(hours), at(hours + 1), at(hours + 2)],
        plain: [at(hours - 1), at(hours), at(hours + 1)],
        probability_late: 0.125,
    };
    let issue = |log_position: u64, model_version: u32, hours: i64| IssuedForecast {
        log_position,
        model_version,
        issued_at: at(hours),
        seed: 1,
        futures: 200,
        jobs: vec![job(2, hours + 10), job(10, hours + 20)],
    };
    let mut one = database.connect();
    assert_eq!(one.last_forecast(1), Ok(None));
    assert_eq!(one.keep_forecast(&issue(8, 1, 1)), Ok(true));
    assert_eq!(one.keep_forecast(&issue(30, 1, 2)), Ok(true));
    // Another server issued the same, or says otherwise of the same position: the first stands.
    let mut other = database.connect();
    assert_eq!(other.keep_forecast(&issue(30, 1, 5)), Ok(false));
    assert_eq!(other.keep_forecast(&issue(30, 2, 6)), Ok(true));
    assert_eq!(one.last_forecast(1), Ok(Some(at(2))));
    assert_eq!(one.last_forecast(2), Ok(Some(at(6))));
    let said = |log_position: u64, hours: i64, job: IssuedJob| SaidOfJob {
        log_position,
        issued_at: at(hours),
        job,
    };
    let asked = [2, 10, 99].map(|number| JobId::new(number).expect("counted from 1"));
    let expected = vec![
        said(8, 1, job(10, 21)),
        said(30, 2, job(10, 22)),
        said(8, 1, job(2, 11)),
        said(30, 2, job(2, 12)),
    ];
    assert_eq!(one.said_of_jobs(1, &asked), Ok(expected));
    assert_eq!(one.said_of_jobs(3, &asked), Ok(Vec::new()));
}
