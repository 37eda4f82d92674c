//! `POST /scan` end to end over HTTP beside the ledger alone, on the same database in the same run. The server is the
//! real binary in a process of its own, the load comes from wrk: 64 connections that are kept. Measures, asserts no time.
//!
//! The shop, the closed-loop clients and the processor's clock are those of `bench/ledger`: the same scans.

#[path = "../../ledger/src/cpu.rs"]
#[expect(dead_code, reason = "the processor's share is told by bench/ledger")]
mod cpu;
#[path = "../../ledger/src/load.rs"]
#[expect(dead_code, reason = "nothing is said twice here")]
mod load;
mod over_http;
#[path = "../../ledger/src/shop.rs"]
mod shop;

use jiff::Timestamp;
use load::{Load, Next, Window};
use over_http::{Seen, Server, bodies_file};
use sheetwise_store::ledger::{Ledger, Options, Outcome, Request};
use sheetwise_store::{Database, Location};
use shop::{Block, Shop};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::rc::Rc;
use std::time::{Duration, Instant};

/// Connections that are kept.
const CLIENTS: usize = 64;

/// Scans in stock for a second at full load, generously.
const SCANS_PER_SECOND_MAX: usize = 20_000;

/// Sheets of a job.
const SHEETS: u32 = 200;

/// A bench is in use again after 16 × 90 other scans: far more than there are connections.
const BENCHES_OF_A_JOB: u32 = 16;

const HELP: &str = "\
sheetwise-bench-http SERVER_BINARY SECONDS ROUNDS (sqlite|postgres)…

Needs wrk. PostgreSQL is the one that with-postgres started.";

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let [binary, seconds, rounds, engines @ ..] = words.as_slice() else {
        eprintln!("{HELP}");
        return ExitCode::from(2);
    };
    let (Ok(seconds), Ok(rounds)) = (seconds.parse::<u64>(), rounds.parse::<u32>()) else {
        eprintln!("{HELP}");
        return ExitCode::from(2);
    };
    println!("engine    row               round   scans/s   p50 ms   p99 ms   refused");
    for engine in engines {
        let folder = tempfile::tempdir().expect("a folder for temporary files");
        let name = match engine.as_str() {
            "sqlite" => folder.path().join("sheetwise.db").display().to_string(),
            "postgres" => sheetwise_testkit::database("bench_http"),
            other => {
                eprintln!("{other:?} is no engine\n{HELP}");
                return ExitCode::from(2);
            }
        };
        let run = Run {
            engine,
            name,
            binary: binary.into(),
            folder: folder.path().to_owned(),
            seconds,
        };
        run.rounds(rounds);
    }
    ExitCode::SUCCESS
}

/// One engine's measurements.
struct Run<'a> {
    engine: &'a str,
    /// The database, as the command line takes it.
    name: String,
    binary: PathBuf,
    folder: PathBuf,
    seconds: u64,
}

impl Run<'_> {
    fn rounds(&self, rounds: u32) {
        let mut shop = Shop::new(SHEETS, BENCHES_OF_A_JOB);
        let opening = shop.opening();
        let mut opening = Some(opening);
        let mut scans: Vec<Request> = Vec::new();
        for round in 1..=rounds {
            let seconds = usize::try_from(self.seconds + 1).expect("a few seconds");
            let ledger = self.ledger();
            hand_in(&ledger, opening.take().unwrap_or_default());
            // The ledger alone, HTTP at full load, HTTP at half.
            while scans.len() < seconds * SCANS_PER_SECOND_MAX * 5 / 2 {
                let Block { setup, units } = shop.block();
                hand_in(&ledger, setup);
                // A pair belongs to one client; wrk has no such thing.
                let singles = units.into_iter().filter(|unit| unit.bench.is_none());
                scans.extend(singles.flat_map(|unit| unit.scans));
            }
            let alone = self.alone(&ledger, &scans);
            self.print(
                "ledger alone",
                round,
                alone.scans_per_second,
                alone.p50_milliseconds,
                alone.p99_milliseconds,
                0,
            );
            drop(ledger);

            let bodies = bodies_file(&self.folder, &scans);
            let first = alone.units_taken;
            let full = self.over_http(&bodies, first, 0.0);
            self.print(
                "http, full load",
                round,
                full.scans_per_second,
                full.p50_milliseconds,
                full.p99_milliseconds,
                full.refused,
            );
            let then = first + full.requests;
            self.catch_up(&scans[first..then]);

            let pause = CLIENTS as f64 / (full.scans_per_second / 2.0) * 1e3;
            let pause = (pause - full.p50_milliseconds / 2.0).max(1.0);
            let half = self.over_http(&bodies, then, pause);
            self.print(
                "http, half load",
                round,
                half.scans_per_second,
                half.p50_milliseconds,
                half.p99_milliseconds,
                half.refused,
            );
            let done = then + half.requests;
            self.catch_up(&scans[then..done]);
            // The next round goes on where this one ends, with the sets that are half gathered.
            scans.drain(..done);
            println!(
                "{:<9} http / ledger     {round:>5}   {:>7.2}",
                self.engine,
                full.scans_per_second / alone.scans_per_second
            );
        }
    }

    /// The server, and wrk in front of it, with the scans from that line on.
    fn over_http(&self, bodies: &Path, first: usize, pause: f64) -> Seen {
        let server = Server::start(&self.binary, &self.name);
        server.load(bodies, first, CLIENTS, self.seconds, pause)
    }

    /// Says again what was said over HTTP, with the same keys: what wrk broke off in the end is done, and nothing
    /// twice. A bench with half a set would refuse the next.
    fn catch_up(&self, scans: &[Request]) {
        hand_in(&self.ledger(), scans.to_vec());
    }

    fn print(&self, row: &str, round: u32, scans: f64, p50: f64, p99: f64, refused: u64) {
        println!(
            "{:<9} {row:<17} {round:>5}   {scans:>7.0}   {p50:>6.2}   {p99:>6.2}   {refused:>7}",
            self.engine
        );
    }

    fn ledger(&self) -> Ledger {
        let location: Location = match self.name.parse() {
            Ok(location) => location,
            Err(never) => match never {},
        };
        let database = Database::open(&location).expect("a database");
        let ledger = database.ledger(Timestamp::now, Options::default());
        ledger.expect("a ledger")
    }

    fn alone(&self, ledger: &Ledger, scans: &[Request]) -> Window {
        let load = Load {
            warm_up: Duration::from_secs(1),
            measured: Duration::from_secs(self.seconds),
            postmaster: None,
        };
        let scans: Rc<[Request]> = scans.into();
        let window = load.run(CLIENTS, scans.len(), |next| {
            client(ledger.clone(), Rc::clone(&scans), next)
        });
        assert!(window.units_taken < scans.len(), "the scans ran out");
        window
    }
}

async fn client(ledger: Ledger, scans: Rc<[Request]>, next: Next) {
    next.ready().await;
    while let Some(number) = next.unit() {
        let start = Instant::now();
        let answering = ledger.submit(scans[number].clone());
        let reply = answering.expect("there is room in the queue").await;
        let recorded = reply
            .as_ref()
            .is_ok_and(|reply| reply.outcome == Outcome::Recorded);
        assert!(recorded, "{:?} was answered {reply:?}", scans[number]);
        next.done(start);
    }
}

/// Hands requests in, in order, many at a time.
fn hand_in(ledger: &Ledger, requests: Vec<Request>) {
    for some in requests.chunks(2_048) {
        let answering: Vec<_> = some
            .iter()
            .map(|request| {
                ledger
                    .submit(request.clone())
                    .expect("there is room in the queue")
            })
            .collect();
        for one in answering {
            let reply = one.wait();
            assert!(
                reply
                    .as_ref()
                    .is_ok_and(|reply| reply.outcome == Outcome::Recorded),
                "{reply:?}"
            );
        }
    }
}
