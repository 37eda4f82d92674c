//! A long log against a short one: scans per second, one card's trace, memory, bytes on disk; and how fast all
//! that is folded from the longest is built again. Each engine in a process of its own, so that its memory is
//! nobody else's.

use crate::cpu;
use crate::load::Load;
use crate::ours::Ours;
use crate::postgres;
use crate::report::Report;
use crate::shop::Shop;
use sheetwise_core::domain::UnitType;
use sheetwise_store::contract::{Engine, EventFilter};
use sheetwise_store::maintenance::rebuild;
use sheetwise_store::postgres::Postgres;
use sheetwise_store::sqlite::Sqlite;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

const CLIENTS: usize = 64;

/// The log is filled in larger groups than a shop makes.
const FILLING_GROUP: usize = 4_096;

/// With so many events behind it the ledger has held as many units as it may, and the database has filled its
/// caches: from then on memory can be compared.
const CACHES_FULL_EVENTS: u64 = 300_000;

/// So many streams are read for the median of one.
const TRACES: u32 = 400;

/// The option with which this program starts itself.
pub const CHILD: &str = "--growth-of";

enum Database {
    Postgres {
        url: String,
        postgres: Postgres,
    },
    Sqlite {
        path: PathBuf,
        sqlite: Sqlite,
        _folder: tempfile::TempDir,
    },
}

impl Database {
    fn new(engine: &str) -> Self {
        if engine == "postgres" {
            let url = sheetwise_testkit::database("growth");
            let postgres = Postgres::open(&url).expect("a new database");
            return Self::Postgres { url, postgres };
        }
        let folder = tempfile::tempdir().expect("a folder for temporary files");
        let path = folder.path().join("growth.db");
        let sqlite = Sqlite::open(&path).expect("a new database");
        Self::Sqlite {
            path,
            sqlite,
            _folder: folder,
        }
    }

    fn connect(&self) -> Box<dyn Engine> {
        match self {
            Self::Postgres { postgres, .. } => Box::new(postgres.engine().expect("it runs")),
            Self::Sqlite { sqlite, .. } => Box::new(sqlite.engine().expect("it was just made")),
        }
    }

    /// Bytes on disk, by table where the engine says; indexes included.
    fn bytes(&self) -> Vec<(String, f64)> {
        match self {
            Self::Postgres { url, .. } => {
                let sql = "SELECT relname, pg_total_relation_size(oid) FROM pg_class
                           WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace
                             AND pg_total_relation_size(oid) > 65536 ORDER BY 2 DESC";
                let number = |text: &str| text.parse().unwrap_or(f64::NAN);
                let rows = postgres::say(url, sql);
                let mut bytes: Vec<(String, f64)> = rows
                    .into_iter()
                    .map(|row| (row[0].clone(), number(&row[1])))
                    .collect();
                let log = postgres::say(url, "SELECT pg_relation_size('log')");
                bytes.push(("log without indexes".into(), number(&log[0][0])));
                bytes
            }
            Self::Sqlite { path, .. } => {
                let length = |path: &Path| {
                    std::fs::metadata(path).map_or(f64::NAN, |file| file.len() as f64)
                };
                vec![("the file".into(), length(path))]
            }
        }
    }
}

/// In the child: fills and measures, level by level; figures go to standard output, one in a line.
pub fn child(engine: &str, levels: &[u64], rounds: usize, load: &Load) {
    let database = Database::new(engine);
    let mut load = *load;
    if let Database::Postgres { url, .. } = &database {
        load.postmaster = Some(postgres::postmaster(url));
    }
    let mut ours = Ours::open_in_groups(database.connect(), Shop::new(200, 1), FILLING_GROUP);
    for &level in levels {
        fill(engine, &mut ours, level);
        ours.stock_up(60_000);
        if let Database::Postgres { url, .. } = &database {
            // With cards in it: statistics of an empty table would stay in the plans (see the README).
            postgres::say(url, "VACUUM ANALYZE");
            postgres::settle(url);
        }
        let events = ours.last_sequence_num();
        for round in 1..=rounds {
            ours.stock_up(60_000);
            let window = ours.measure(CLIENTS, &load);
            println!("{level} {round} scans/s\t{}", window.scans_per_second);
            println!("{level} {round} program µs\t{}", window.program_micros);
            println!("{level} {round} database µs\t{}", window.database_micros);
            println!(
                "{level} {round} trace µs\t{}",
                trace_micros(database.connect().as_mut())
            );
        }
        println!("{level} 0 events\t{events}");
        fill(engine, &mut ours, CACHES_FULL_EVENTS);
        println!("{level} 0 VmRSS MB\t{}", cpu::memory_mb("VmRSS"));
        println!("{level} 0 VmHWM MB\t{}", cpu::memory_mb("VmHWM"));
        let now = ours.last_sequence_num() as f64;
        let bytes = database.bytes();
        for (table, bytes) in bytes {
            println!("{level} 0 bytes/event: {table}\t{}", bytes / now);
        }
    }
    let last = levels.last().copied().unwrap_or_default();
    rebuild_all(last, database.connect().as_mut());
}

/// Lets the shop work, unmeasured, until the log is so long.
fn fill(engine: &str, ours: &mut Ours, level: u64) {
    let (start, before) = (Instant::now(), ours.last_sequence_num());
    while ours.last_sequence_num() < level {
        ours.use_up();
        ours.stock_up(1);
    }
    let filled = ours.last_sequence_num() - before;
    if filled > 0 {
        let rate = filled as f64 / start.elapsed().as_secs_f64();
        eprintln!("growth on {engine}: {filled} events in, {rate:.0}/s");
    }
}

/// Everything that is folded from the log, once again; the ledger stands idle beside it.
fn rebuild_all(level: u64, engine: &mut dyn Engine) {
    let resident = cpu::memory_mb("VmRSS");
    cpu::forget_peak();
    let start = Instant::now();
    let processor = cpu::program_seconds();
    let rebuilt = rebuild(engine, &mut |_| {}).expect("a rebuild");
    let seconds = start.elapsed().as_secs_f64();
    let processor = cpu::program_seconds() - processor;
    let different: u64 = rebuilt.differences.iter().map(|(_, rows)| rows).sum();
    assert_eq!(different, 0, "the ledger and the fold say the same");
    let events = rebuilt.events as f64;
    println!("{level} 0 rebuild events/s\t{}", events / seconds);
    println!("{level} 0 rebuild program µs\t{}", processor * 1e6 / events);
    println!(
        "{level} 0 rebuild MB\t{}",
        cpu::memory_mb("VmHWM") - resident
    );
}

/// The median time to read all events of one card, of the first job's and of others.
fn trace_micros(engine: &mut dyn Engine) -> f64 {
    let mut times: Vec<f64> = Vec::new();
    for number in 0..TRACES {
        let card = format!(
            "J{}-S{:03}-{:02}",
            number % 5 + 1,
            number * 7 % 200 + 1,
            number % 18 + 1
        );
        let mut filter = EventFilter::after(0, 1_000);
        filter.aggregate = Some((UnitType::CardUnit, card.as_str().into()));
        let start = Instant::now();
        let events = engine.events(&filter).expect("a read");
        times.push(start.elapsed().as_secs_f64() * 1e6);
        assert!(!events.is_empty(), "{card} was born");
        if times.iter().sum::<f64>() > 2e6 {
            break;
        }
    }
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}

/// Starts a child for the engine, and takes its figures in.
pub fn measure(
    engine: &'static str,
    levels: &[u64],
    rounds: usize,
    seconds: f64,
    report: &mut Report,
) {
    let levels: Vec<String> = levels.iter().map(ToString::to_string).collect();
    let output = Command::new(std::env::current_exe().expect("this program has a file"))
        .args([CHILD, engine, "--levels", &levels.join(",")])
        .args([
            "--rounds",
            &rounds.to_string(),
            "--seconds",
            &seconds.to_string(),
        ])
        .stderr(Stdio::inherit())
        .output()
        .expect("this program can be started");
    assert!(
        output.status.success(),
        "the child ended with {}",
        output.status
    );
    for line in String::from_utf8_lossy(&output.stdout).lines() {
        let figure = line.split_once('\t').and_then(|(key, value)| {
            let mut words = key.splitn(3, ' ');
            let level = words.next()?.parse().ok()?;
            let round = words.next()?.parse().ok()?;
            Some((level, round, words.next()?, value.parse().ok()?))
        });
        let (level, round, measure, value) = figure.expect("a child says figures");
        // The column of the clients holds the length of the log here.
        report.add("growth", engine, level, round, measure, value);
    }
}
