//! The binary as a person of the shop uses it.

use sheetwise_core::domain::UnitRef;
use sheetwise_sim::act::What;
use sheetwise_sim::history::acts_of;
use sheetwise_store::contract::EventFilter;
use sheetwise_store::ledger::{Options, Request, Said};
use sheetwise_store::{Database, Location, questions};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

fn sheetwise(database: &str, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_sheetwise"))
        .env_remove("DATABASE_URL")
        .args(["--database", database])
        .args(arguments)
        .output()
        .expect("the binary runs")
}

fn said(output: &Output) -> (i32, String) {
    let code = output.status.code().expect("it ended by itself");
    let text = [output.stdout.as_slice(), output.stderr.as_slice()].concat();
    (code, String::from_utf8(text).expect("UTF-8"))
}

/// A shop in which the simulator's people have worked. Answers a card of which there is much to tell.
fn furnish(location: &Location) -> String {
    let database = Database::open(location).expect("a new database");
    let seconds = Arc::new(AtomicI64::new(0));
    let ticking = Arc::clone(&seconds);
    let clock = move || {
        let opening = "2026-03-02T06:00:00Z"
            .parse::<jiff::Timestamp>()
            .expect("a time");
        opening + jiff::SignedDuration::from_secs(ticking.load(Ordering::SeqCst))
    };
    let ledger = database
        .ledger(clock, Options::default())
        .expect("a ledger");
    for (number, act) in acts_of(41, 400).expect("a history").iter().enumerate() {
        seconds.store(act.at_seconds, Ordering::SeqCst);
        let context = act.context(number);
        let request = Request {
            said: match &act.what {
                What::Scan(text) => Said::Barcode(text.clone()),
                What::Command(command) => Said::Command(command.clone()),
            },
            station_id: context.station_id,
            operator_id: context.operator_id,
            occurred_at: Some(context.occurred_at),
            late: context.late,
            key: Some(format!("key-{number}").into()),
            correlation_id: None,
        };
        ledger.ask(request).expect("an answer");
    }
    let of_packing = EventFilter {
        event_types: vec!["CardUnitPacked".into()],
        ..EventFilter::after(0, 1)
    };
    let packed = database
        .read(|reading| questions::log(reading, &of_packing))
        .expect("a read");
    match packed[0].event.unit() {
        UnitRef::CardUnit(card) => card.to_string(),
        other => panic!("{other} was packed"),
    }
}

fn maintain(database: &str, folder: &Path) {
    let card = furnish(&database.parse().expect("a location"));

    let (code, text) = said(&sheetwise(database, &["verify"]));
    assert_eq!(code, 0, "{text}");
    assert!(
        text.ends_with("derived rows verified: nothing is wrong.\n"),
        "{text}"
    );
    let (code, text) = said(&sheetwise(database, &["rebuild"]));
    assert_eq!(code, 0, "{text}");
    assert!(text.ends_with("events: nothing had differed.\n"), "{text}");

    let (code, text) = said(&sheetwise(database, &["trace", &card]));
    assert_eq!(code, 0, "{text}");
    assert!(text.starts_with(&format!("{card}: packed in J")), "{text}");
    let (_, whole) = said(&sheetwise(database, &["trace", &card, "--json"]));
    let lines: Vec<serde_json::Value> = whole
        .lines()
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .collect();
    assert_eq!(lines[0]["card_unit_id"], card.as_str());
    let born = lines
        .iter()
        .find(|line| line["event_type"] == "CardUnitCreated")
        .expect("its birth");
    let as_of = born["sequence_num"].to_string();
    let (_, text) = said(&sheetwise(database, &["trace", &card, "--as-of", &as_of]));
    assert!(text.starts_with(&format!("{card}: created")), "{text}");
    let (code, text) = said(&sheetwise(database, &["trace", "J9999-S001-01"]));
    assert_eq!(
        (code, text.as_str()),
        (1, "error: J9999-S001-01 is not known here.\n")
    );

    let file = folder.join("shop.backup");
    let file = file.to_str().expect("UTF-8");
    let (code, first) = said(&sheetwise(database, &["backup", file]));
    assert_eq!(code, 0, "{first}");
    let (code, text) = said(&sheetwise(database, &["backup", file]));
    assert_eq!(code, 1, "{text}");
    assert!(text.contains("shop.backup"), "{text}");
    let (code, text) = said(&sheetwise(database, &["restore", file]));
    assert_eq!(code, 1, "{text}");
    assert!(text.contains("restore into a new, empty one"), "{text}");
    let elsewhere = folder.join("elsewhere.db");
    let elsewhere = elsewhere.to_str().expect("UTF-8");
    let (code, text) = said(&sheetwise(elsewhere, &["restore", file]));
    assert_eq!(code, 0, "{text}");
    let (code, text) = said(&sheetwise(elsewhere, &["verify"]));
    assert_eq!(code, 0, "{text}");
    let (_, there) = said(&sheetwise(elsewhere, &["trace", &card, "--json"]));
    assert_eq!(there, whole);
}

#[test]
fn a_sqlite_shop_is_verified_rebuilt_traced_backed_up_and_restored() {
    let folder = tempfile::tempdir().expect("a folder for temporary files");
    let path = folder.path().join("sheetwise.db");
    maintain(path.to_str().expect("UTF-8"), folder.path());
}

#[test]
fn a_postgres_shop_is_verified_rebuilt_traced_backed_up_and_restored() {
    let folder = tempfile::tempdir().expect("a folder for temporary files");
    maintain(&sheetwise_testkit::database("cli"), folder.path());
}

#[test]
fn what_makes_no_sense_is_said_with_the_word_that_is_wrong() {
    let (code, text) = said(&sheetwise("x.db", &["trace", "J1044-S3-07"]));
    assert_eq!(code, 2, "{text}");
    assert!(text.contains("J1044-S3-07"), "{text}");
    let (code, text) = said(&sheetwise("x.db", &["serve", "--listen", "0.0.0.0:0"]));
    assert_eq!(code, 1, "{text}");
    assert!(text.contains("can be reached from elsewhere"), "{text}");
    let (code, text) = said(&sheetwise("/nowhere/at/all.db", &["verify"]));
    assert_eq!(code, 1, "{text}");
    assert!(text.starts_with("error: /nowhere/at/all.db: "), "{text}");
    drop(std::fs::remove_file("x.db"));
}

#[test]
fn a_server_answers_and_stops_when_it_is_told_to() {
    let folder = tempfile::tempdir().expect("a folder for temporary files");
    let path = folder.path().join("sheetwise.db");
    let mut server = Command::new(env!("CARGO_BIN_EXE_sheetwise"))
        .env_remove("DATABASE_URL")
        .args(["--json", "--database"])
        .arg(&path)
        .args(["serve", "--listen", "127.0.0.1:0"])
        .stdout(Stdio::piped())
        .spawn()
        .expect("the binary runs");
    let mut line = String::new();
    let mut stdout = BufReader::new(server.stdout.take().expect("its output"));
    stdout.read_line(&mut line).expect("a line");
    let said: serde_json::Value = serde_json::from_str(&line).expect("JSON");
    let address = said["listening"]
        .as_str()
        .expect("an address")
        .trim_start_matches("http://")
        .to_owned();
    let mut stream = TcpStream::connect(&address).expect("it listens");
    let body = r#"{"barcode":"J1001-S001","station_id":"PRESS-1"}"#;
    write!(
        stream,
        "POST /scan HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\ncontent-type: application/json\r\n\
         content-length: {}\r\n\r\n{body}",
        body.len()
    )
    .expect("it reads");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("an answer");
    assert!(answer.starts_with("HTTP/1.1 404 "), "{answer}");
    assert!(answer.contains("application/problem+json"), "{answer}");
    let told = Command::new("kill")
        .args(["-TERM", &server.id().to_string()])
        .status();
    assert!(told.expect("kill runs").success());
    let ended = server.wait().expect("it ends");
    assert_eq!(ended.code(), Some(0));
}
