//! The long run's writer and its checker, for trials that need a process to end in the midst of its work: a
//! power cut, a crash of the machine, a full disk.
//!
//! `acknowledged DATABASE PREFIX [CLIENTS]` loads the database (a file of SQLite, or a URL of PostgreSQL) until
//! it is killed or a command fails, and writes each answer to standard output, a line each, before it asks for
//! the next. Send that to another disk. `acknowledged --check DATABASE FILE …` reads all that was written so,
//! and finds out whether any of it is lost, double, or other than it was answered.

#[allow(dead_code, reason = "the tests use the rest of it")]
#[path = "../tests/support/load.rs"]
mod load;

use jiff::Timestamp;
use load::{Acknowledged, audit, open_shop, request_of};
use sheetwise_store::contract::{Engine, StoreError};
use sheetwise_store::ledger::{Ledger, Options};
use sheetwise_store::postgres::Postgres;
use sheetwise_store::sqlite::Sqlite;
use std::io::{BufRead, BufReader, Write};
use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        ["--check", database, ref files @ ..] if !files.is_empty() => check(database, files),
        [database, prefix] => write(database, prefix, 16),
        [database, prefix, clients] => write(database, prefix, clients.parse().unwrap_or(16)),
        _ => {
            eprintln!(
                "usage: acknowledged DATABASE PREFIX [CLIENTS] | acknowledged --check DATABASE FILE …"
            );
            ExitCode::from(2)
        }
    }
}

fn open(database: &str) -> Result<Box<dyn Engine>, StoreError> {
    if database.starts_with("postgres") {
        Ok(Box::new(Postgres::open(database)?.engine()?))
    } else {
        Ok(Box::new(Sqlite::open(database)?.engine()?))
    }
}

fn write(database: &str, prefix: &str, clients: usize) -> ExitCode {
    let engine = match open(database) {
        Ok(engine) => engine,
        Err(error) => {
            eprintln!("{error}");
            return ExitCode::FAILURE;
        }
    };
    let ledger = Ledger::start(engine, Timestamp::now, Options::default());
    for acknowledged in open_shop(&ledger) {
        say(&acknowledged);
    }
    std::thread::scope(|scope| {
        for client in 0..clients {
            let ledger = ledger.clone();
            scope.spawn(move || {
                for number in 0.. {
                    let key = format!("{prefix}-{client:02}-{number:06}");
                    match ledger.ask(request_of(&key)) {
                        Ok(reply) => say(&Acknowledged::new(&key, &reply)),
                        Err(failure) => {
                            eprintln!("{key}: {failure}");
                            return;
                        }
                    }
                }
            });
        }
    });
    ExitCode::FAILURE // a client has no other end than a failure
}

/// One write for the whole line, so that another disk has it whole or not at all.
fn say(acknowledged: &Acknowledged) {
    let line = acknowledged.to_line() + "\n";
    let mut output = std::io::stdout().lock();
    let said = output
        .write_all(line.as_bytes())
        .and_then(|()| output.flush());
    said.expect("somebody keeps what is acknowledged");
}

fn check(database: &str, files: &[&str]) -> ExitCode {
    let mut acknowledged = Vec::new();
    for file in files {
        let file = std::fs::File::open(file).expect("the file that the answers were written to");
        for line in BufReader::new(file).split(b'\n') {
            let line = String::from_utf8(line.expect("a read")).expect("text");
            acknowledged.extend(Acknowledged::of_line(&line));
        }
    }
    let mut engine = match open(database) {
        Ok(engine) => engine,
        Err(error) => {
            eprintln!("{error}");
            return ExitCode::FAILURE;
        }
    };
    // Panics, with what is wrong, if anything is.
    let audited = audit(engine.as_mut(), &acknowledged);
    println!(
        "acknowledged {} lost 0 unknown-but-durable {} events {} receipts {}",
        acknowledged.len(),
        audited.unknown_but_durable,
        audited.events,
        audited.receipts
    );
    ExitCode::SUCCESS
}
