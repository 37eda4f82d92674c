//! How fast the ledger is, beside the naive path, a bare insert, and what other packages reach: all of it in
//! one run, in turn, on one throw-away PostgreSQL server and in SQLite files beside it. `bench/run` starts it;
//! the README of `bench/` says what is measured and how.
//!
//! A benchmark measures: nothing here asserts a time.

mod cpu;
mod growth;
mod load;
mod ours;
mod peers;
mod postgres;
mod prepared;
mod report;
mod shop;
mod sqlite;

use load::Load;
use ours::Ours;
use peers::Peer;
use postgres::Bare;
use prepared::Prepared;
use report::{Report, bar};
use sheetwise_store::postgres::Postgres;
use sheetwise_store::sqlite::Sqlite;
use shop::Shop;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

const USAGE: &str = "\
Measures the ledger of Sheetwise, and prints tables. Start it with bench/run, which brings a PostgreSQL server.

    --only WORD        postgres, sqlite or growth
    --rounds N         how often everything is measured, in turn; the tables have medians (3)
    --seconds N        how long each measurement lasts (3)
    --clients N,N,…    closed-loop clients on PostgreSQL (1,8,32,64,256)
    --levels N,N,…     lengths of the log, in events, for growth (0,1000000)
    --peer NAME=CMD    another package, and how its program is started; may come again and again
    --csv FILE         writes every figure to FILE: section,variant,clients,round,measure,value";

/// The shop's jobs have so many sheets.
const SHEETS: u32 = 200;

/// Nothing here records more scans in a second: so much work is laid in stock.
const SCANS_PER_SECOND_MAX: f64 = 60_000.0;

const PEER_CLIENTS: [usize; 3] = [1, 32, 64];

struct Options {
    only: Option<String>,
    rounds: usize,
    seconds: f64,
    clients: Vec<usize>,
    levels: Vec<u64>,
    peers: Vec<Peer>,
    csv: Option<PathBuf>,
    /// This process is the child that measures growth on that engine.
    growth_of: Option<String>,
}

fn options() -> Result<Options, String> {
    let mut options = Options {
        only: None,
        rounds: 3,
        seconds: 3.0,
        clients: vec![1, 8, 32, 64, 256],
        levels: vec![0, 1_000_000],
        peers: Vec::new(),
        csv: None,
        growth_of: None,
    };
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        let mut value = || words.next().ok_or(format!("{word} takes a value"));
        match word.as_str() {
            "--only" => options.only = Some(value()?),
            "--rounds" => options.rounds = numbers(&value()?)?[0],
            "--seconds" => {
                let text = value()?;
                let seconds = text
                    .parse()
                    .ok()
                    .filter(|seconds| (0.2..1e4).contains(seconds));
                options.seconds = seconds.ok_or(format!("{text:?} is no number of seconds"))?;
            }
            "--clients" => options.clients = numbers(&value()?)?,
            "--levels" => options.levels = numbers(&value()?)?,
            "--peer" => {
                let text = value()?;
                let peer = Peer::parse(&text).ok_or(format!("{text:?} is not NAME=COMMAND"))?;
                options.peers.push(peer);
            }
            "--csv" => options.csv = Some(value()?.into()),
            growth::CHILD => options.growth_of = Some(value()?),
            "--help" | "-h" => return Err(USAGE.to_owned()),
            other => return Err(format!("{other} is no option\n\n{USAGE}")),
        }
    }
    Ok(options)
}

fn numbers<T: std::str::FromStr>(text: &str) -> Result<Vec<T>, String> {
    let numbers = text.split(',').map(|number| number.trim().parse().ok());
    numbers
        .collect::<Option<Vec<T>>>()
        .ok_or(format!("{text:?} is no list of numbers"))
}

fn main() -> ExitCode {
    let options = match options() {
        Ok(options) => options,
        Err(message) => {
            eprintln!("{message}");
            return ExitCode::from(2);
        }
    };
    let load = Load {
        warm_up: Duration::from_secs_f64(options.seconds / 6.0),
        measured: Duration::from_secs_f64(options.seconds),
        postmaster: None,
    };
    if let Some(engine) = &options.growth_of {
        growth::child(engine, &options.levels, options.rounds, &load);
        return ExitCode::SUCCESS;
    }
    let wanted = |section: &str| options.only.as_deref().is_none_or(|only| only == section);
    let mut report = Report::default();
    let work = Work::new();
    if wanted("postgres") {
        on_postgres(&options, &load, &work, &mut report);
    }
    if wanted("sqlite") {
        on_sqlite(&options, &load, &work, &mut report);
    }
    drop(work);
    if wanted("growth") {
        for engine in ["postgres", "sqlite"] {
            growth::measure(
                engine,
                &options.levels,
                options.rounds,
                options.seconds,
                &mut report,
            );
        }
        print_growth(&report, &options.levels);
    }
    print_bars(&report, &options);
    if let Some(path) = &options.csv
        && let Err(error) = std::fs::write(path, report.to_csv())
    {
        eprintln!("{}: {error}", path.display());
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}

/// One block, worked out beforehand for everybody who does not decide.
struct Work {
    prepared: Arc<Prepared>,
}

impl Work {
    fn new() -> Self {
        let mut shop = Shop::new(SHEETS, 1);
        let opening = shop.opening();
        let block = shop.block();
        let prepared = Arc::new(prepared::prepare(&opening, &block));
        Self { prepared }
    }
}

fn on_postgres(options: &Options, load: &Load, work: &Work, report: &mut Report) {
    let url = sheetwise_testkit::database("ledger");
    let database = Postgres::open(&url).expect("a new database");
    print_server(&url);
    let load = Load {
        postmaster: Some(postgres::postmaster(&url)),
        ..*load
    };
    let stock = stock(&load);
    let mut ours = Ours::open(
        Box::new(database.engine().expect("it runs")),
        Shop::new(SHEETS, 1),
    );
    ours.stock_up(stock);

    // The naive path begins each round where the ledger would: with the cards of one block.
    let template = sheetwise_testkit::database("naive");
    let engine = Postgres::open(&template).and_then(|postgres| postgres.engine());
    let mut setup = Ours::open(
        Box::new(engine.expect("a new database")),
        Shop::new(SHEETS, 1),
    );
    setup.stock_up(1);
    drop(setup);
    // Now, with cards in them: statistics of empty tables would stay in the plans (see the README).
    postgres::say(&url, "VACUUM ANALYZE");
    postgres::say(&template, "VACUUM ANALYZE");
    // It numbers its events by a sequence, with gaps: the database must not insist on none.
    postgres::say(&template, "ALTER TABLE log DISABLE TRIGGER ALL");
    postgres::say(&template, "CREATE SEQUENCE naive_numbers");
    postgres::say(
        &template,
        "SELECT setval('naive_numbers', (SELECT max(sequence_num) FROM log))",
    );
    let naive_url = format!("{template}_now");
    let bare_url = sheetwise_testkit::database("bare");
    Postgres::open(&bare_url).expect("a new database");

    let folder = tempfile::tempdir().expect("a folder for temporary files");
    let work_file = folder.path().join("work.jsonl");
    if !options.peers.is_empty() {
        peers::write_work(&work_file, &work.prepared).expect("room for the work");
    }
    let section = "postgres";
    for round in 1..=options.rounds {
        clone_database(&template, &naive_url);
        let mut naive_unit = 0;
        for &clients in &options.clients {
            ours.stock_up(stock);
            postgres::settle(&url);
            let window = ours.measure(clients, &load);
            report.window(section, "ledger", clients, round, &window);

            postgres::settle(&url);
            let window = postgres::naive(&naive_url, &work.prepared, naive_unit, clients, &load);
            naive_unit += window.units_taken;
            report.window(section, "naive", clients, round, &window);

            if PEER_CLIENTS.contains(&clients) {
                for peer in &options.peers {
                    let url = sheetwise_testkit::database("peer");
                    Postgres::open(&url).expect("a new database");
                    postgres::say(&url, peers::PEER_DATABASE);
                    postgres::settle(&url);
                    if let Some((window, behind)) = peer.measure(&url, &work_file, clients, &load) {
                        report.window(section, &peer.name, clients, round, &window);
                        report.add(section, &peer.name, clients, round, "behind", behind);
                    }
                    let (server, name) = url.rsplit_once('/').expect("a URL has a path");
                    postgres::say(
                        &format!("{server}/postgres"),
                        &format!("DROP DATABASE \"{name}\""),
                    );
                }
            }
        }
        for (name, what) in [
            ("bare insert: events", Bare::Events),
            ("bare insert: same rows", Bare::AllRows),
        ] {
            postgres::settle(&url);
            let window = postgres::bare(&bare_url, &work.prepared, what, &load);
            report.window(section, name, 1, round, &window);
        }
    }
    let events = ours.last_sequence_num();
    report.print_windows(
        section,
        &format!(
            "1. Durable scans on PostgreSQL (medians of {} rounds of {} s; the ledger's log had {events} events at the end)",
            options.rounds, options.seconds
        ),
    );
    for peer in &options.peers {
        for clients in PEER_CLIENTS {
            let behind = report.median(section, &peer.name, clients, "behind");
            if behind > 0.0 {
                println!(
                    "   ({} at {clients} clients: its read models were {behind:.0} scans behind at the end)",
                    peer.name
                );
            }
        }
    }
}

/// So much work that no measurement runs out of it.
fn stock(load: &Load) -> usize {
    let seconds = (load.warm_up + load.measured).as_secs_f64();
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a few thousand scans"
    )]
    let scans = (seconds * SCANS_PER_SECOND_MAX) as usize;
    scans
}

fn clone_database(template: &str, url: &str) {
    let (server, template) = template.rsplit_once('/').expect("a URL has a path");
    let (_, name) = url.rsplit_once('/').expect("a URL has a path");
    let server = format!("{server}/postgres");
    postgres::say(&server, &format!("DROP DATABASE IF EXISTS \"{name}\""));
    postgres::say(
        &server,
        &format!("CREATE DATABASE \"{name}\" TEMPLATE \"{template}\""),
    );
}

fn print_server(url: &str) {
    let setting = |name: &str| postgres::say(url, &format!("SHOW {name}"))[0][0].clone();
    println!(
        "PostgreSQL {}: fsync {}, synchronous_commit {}, full_page_writes {}, shared_buffers {}",
        setting("server_version"),
        setting("fsync"),
        setting("synchronous_commit"),
        setting("full_page_writes"),
        setting("shared_buffers"),
    );
    if setting("fsync") != "on" {
        println!("fsync is off: nothing of what follows is durable. Start with bench/run.");
    }
}

fn on_sqlite(options: &Options, load: &Load, work: &Work, report: &mut Report) {
    let folder = tempfile::tempdir().expect("a folder for temporary files");
    let open = |name: &str| {
        let sqlite = Sqlite::open(folder.path().join(name)).expect("a new database");
        let engine = sqlite.engine().expect("it was just made");
        Ours::open(Box::new(engine), Shop::new(SHEETS, 1))
    };
    let template = folder.path().join("template.db");
    let mut setup = open("template.db");
    setup.stock_up(1);
    drop(setup);
    let mut ours = open("ledger.db");
    let section = "sqlite";
    let stock = stock(load);
    for round in 1..=options.rounds {
        for clients in [1, 256] {
            ours.stock_up(stock);
            let window = ours.measure(clients, load);
            report.window(section, "ledger", clients, round, &window);
        }
        let naive = folder.path().join("naive.db");
        for end in ["", "-wal", "-shm"] {
            // The last connection to a file takes its log away with it; then there is none.
            drop(std::fs::remove_file(
                folder.path().join(format!("naive.db{end}")),
            ));
        }
        std::fs::copy(&template, &naive).expect("room for a copy");
        let window = sqlite::naive(&naive, &work.prepared, load);
        report.window(section, "one transaction per scan", 1, round, &window);
    }
    report.print_windows(
        section,
        &format!(
            "2. Durable scans on SQLite, synchronous=FULL (medians of {} rounds of {} s)",
            options.rounds, options.seconds
        ),
    );
}

fn print_growth(report: &Report, levels: &[u64]) {
    println!("\n3. Growth, {} clients\n", 64);
    println!(
        "{:<12}{:>12}{:>10}{:>10}{:>12}{:>13}{:>10}{:>11}{:>11}",
        "",
        "events",
        "scans/s",
        "ratio",
        "program µs",
        "database µs",
        "trace µs",
        "VmRSS MB",
        "VmHWM MB"
    );
    for engine in ["postgres", "sqlite"] {
        for level in levels
            .iter()
            .filter_map(|level| usize::try_from(*level).ok())
        {
            let value = |measure: &str| report.median("growth", engine, level, measure);
            let first = usize::try_from(levels[0]).unwrap_or(0);
            let ratio = value("scans/s") / report.median("growth", engine, first, "scans/s");
            println!(
                "{engine:<12}{:>12.0}{:>10.0}{ratio:>10.2}{:>12.1}{:>13.1}{:>10.0}{:>11.0}{:>11.0}",
                value("events"),
                value("scans/s"),
                value("program µs"),
                value("database µs"),
                value("trace µs"),
                value("VmRSS MB"),
                value("VmHWM MB"),
            );
        }
    }
    let Some(last) = levels.last().and_then(|level| usize::try_from(*level).ok()) else {
        return;
    };
    println!("\n   Everything that is folded from the longest log, built again\n");
    for engine in ["postgres", "sqlite"] {
        let value = |measure: &str| report.median("growth", engine, last, measure);
        println!(
            "{engine:<12}{:>12.0} events/s{:>10.2} program µs per event{:>8.0} MB more in use",
            value("rebuild events/s"),
            value("rebuild program µs"),
            value("rebuild MB"),
        );
    }
    println!("\n   Bytes on disk per event of the log, with the longest log\n");
    for engine in ["postgres", "sqlite"] {
        let mut all = 0.0;
        for measure in report.measures("growth", engine) {
            let Some(table) = measure.strip_prefix("bytes/event: ") else {
                continue;
            };
            let bytes = report.median("growth", engine, last, &measure);
            if !table.contains("without") {
                all += bytes;
            }
            println!("{engine:<12}{table:<40}{bytes:>10.1}");
        }
        println!("{engine:<12}{:<40}{all:>10.1}", "all");
    }
}

fn print_bars(report: &Report, options: &Options) {
    println!("\nBars (medians of the rounds' own ratios)\n");
    let section = "postgres";
    let ratio = |over, under| report.ratio(section, over, under);
    let naive = ratio(("ledger", 256), ("naive", 256));
    bar(
        "PostgreSQL, 256 clients: ledger over naive",
        "≥ 8×",
        naive,
        "×",
        naive >= 8.0,
    );
    for clients in [32, 64] {
        let best = options.peers.iter().map(|peer| {
            (
                report.median(section, &peer.name, clients, "scans/s"),
                peer.name.as_str(),
            )
        });
        let best = best
            .filter(|(scans, _)| !scans.is_nan())
            .max_by(|a, b| a.0.total_cmp(&b.0));
        let name = best.map_or("the best package", |(_, name)| name);
        let seen = ratio(("ledger", clients), (name, clients));
        let what = format!("PostgreSQL, {clients} clients: ledger over {name}");
        bar(&what, "≥ 5×", seen, "×", seen >= 5.0);
    }
    let bare = 100.0 * ratio(("ledger", 256), ("bare insert: same rows", 1));
    bar(
        "PostgreSQL, 256 clients: ledger over a bare insert of the same rows",
        "≥ 40 %",
        bare,
        " %",
        bare >= 40.0,
    );
    let cpu = report.median(section, "ledger", 256, "program µs")
        + report.median(section, "ledger", 256, "database µs");
    bar(
        "PostgreSQL, 256 clients: processor time per scan, program and database",
        "≤ 60 µs",
        cpu,
        " µs",
        cpu <= 60.0,
    );
    let alone = 1.0 / ratio(("ledger", 1), ("naive", 1));
    bar(
        "PostgreSQL, one client alone: time against the naive path",
        "≤ 1.3×",
        alone,
        "×",
        alone <= 1.3,
    );
    let groups = report.ratio("sqlite", ("ledger", 256), ("one transaction per scan", 1));
    bar(
        "SQLite, 256 clients: ledger over one transaction per scan",
        "≥ 15×",
        groups,
        "×",
        groups >= 15.0,
    );
    let alone = 1.0 / report.ratio("sqlite", ("ledger", 1), ("one transaction per scan", 1));
    bar(
        "SQLite, one client alone: time against one transaction per scan",
        "≤ 1.3×",
        alone,
        "×",
        alone <= 1.3,
    );
    let level = |level: Option<&u64>| {
        level
            .and_then(|level| usize::try_from(*level).ok())
            .unwrap_or(0)
    };
    let (first, last) = (level(options.levels.first()), level(options.levels.last()));
    for engine in ["postgres", "sqlite"] {
        let value = |level: usize, measure: &str| report.median("growth", engine, level, measure);
        let scans = value(last, "scans/s") / value(first, "scans/s");
        bar(
            &format!("{engine}: scans/s with {last} events against few"),
            "≥ 0.8×",
            scans,
            "×",
            scans >= 0.8,
        );
        let trace = value(first, "trace µs") / value(last, "trace µs");
        bar(
            &format!("{engine}: speed of a card's trace with {last} events against few"),
            "≥ 0.8×",
            trace,
            "×",
            trace >= 0.8,
        );
        let memory = value(last, "VmHWM MB") / value(first, "VmHWM MB");
        bar(
            &format!("{engine}: peak memory with {last} events against few"),
            "flat",
            memory,
            "×",
            memory <= 1.2,
        );
    }
    let rebuilt = report.median("growth", "sqlite", last, "rebuild events/s");
    bar(
        "sqlite: rebuild of every read model",
        "≥ 200000/s",
        rebuilt,
        "/s",
        rebuilt >= 200_000.0,
    );
    let bytes: f64 = ["log", "streams"]
        .map(|table| format!("bytes/event: {table}"))
        .map(|measure| report.median("growth", "postgres", last, &measure))
        .iter()
        .sum();
    bar(
        "postgres: bytes per event, the log and its indexes",
        "≤ 600",
        bytes,
        "",
        bytes <= 600.0,
    );
    let all: f64 = report
        .measures("growth", "postgres")
        .iter()
        .filter(|measure| measure.starts_with("bytes/event: ") && !measure.contains("without"))
        .map(|measure| report.median("growth", "postgres", last, measure))
        .filter(|bytes| !bytes.is_nan())
        .sum();
    let all = if bytes.is_nan() { f64::NAN } else { all };
    bar(
        "postgres: bytes per event, every table and index",
        "(≤ 600)",
        all,
        "",
        all <= 600.0,
    );
}
