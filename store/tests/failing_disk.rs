//! Disks that are full, and disks that fail; and what SQLite is told to do for the day when the power fails.

mod support;

use jiff::Timestamp;
use sheetwise_core::domain::Command as ShopCommand;
use sheetwise_core::domain::memorabilia::MemorabiliaRegistered;
use sheetwise_store::contract::{Engine, Reading};
use sheetwise_store::ledger::{Failure, Ledger, Options, Outcome, Request, Said};
use sheetwise_store::maintenance::{rebuild, verify};
use sheetwise_store::postgres::Postgres;
use sheetwise_store::sqlite::Sqlite;
use sheetwise_testkit::{Cluster, Durability};
use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use support::Database;
use support::child::{self, Task};
use support::load::{Acknowledged, ask_until_answered, audit, keyed, open_shop};

/// Not a claim: the process of its own that the tests start on a failing disk.
#[test]
#[ignore = "the other half of tests here, started by them"]
fn child() {
    child::run();
}

#[test]
fn every_connection_to_sqlite_writes_ahead_and_waits_for_the_disk() {
    let database = support::sqlite();
    let sqlite = &database.sqlite;
    let new = || sqlite.engine().expect("the database");
    let enough = |engine: &sheetwise_store::sqlite::SqliteEngine| {
        let durability = engine.durability().expect("an answer");
        assert!(durability.is_enough(), "{durability:?}");
    };
    enough(&new());
    let ledger = Ledger::start(Box::new(new()), Timestamp::now, Options::default());
    open_shop(&ledger);
    // A reader, whoever has looked at everything, and a rebuild, before, in between and afterwards.
    let mut engine = new();
    engine.begin_reading().expect("a reader");
    enough(&engine);
    engine.abandon();
    verify(&mut engine, &mut |_| {}).expect("a look");
    enough(&engine);
    engine.rebuild_begin().expect("the tables beside");
    enough(&engine);
    rebuild(&mut engine, &mut |_| {}).expect("a rebuild");
    enough(&engine);
    engine.begin(&[]).expect("a group");
    enough(&engine);
    engine.abandon();
    // Somebody else's connection is no measure for ours, and changes nothing in the file.
    let plain = rusqlite::Connection::open(sqlite.path()).expect("the file");
    plain
        .execute_batch("PRAGMA synchronous = OFF")
        .expect("a pragma");
    enough(&new());
}

/// A file system in memory, of so many bytes; gone at the end.
struct SmallDisk(tempfile::TempDir);

impl SmallDisk {
    /// Nothing where nobody may mount.
    fn new(megabytes: u32) -> Option<Self> {
        let folder = tempfile::tempdir().expect("a folder for temporary files");
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", &format!("size={megabytes}m"), "tmpfs"])
            .arg(folder.path())
            .stderr(Stdio::null())
            .status();
        mounted
            .is_ok_and(|status| status.success())
            .then(|| Self(folder))
    }

    fn path(&self) -> &Path {
        self.0.path()
    }
}

/// Fills all that is left of the disk.
fn fill(disk: &Path) -> PathBuf {
    let path = disk.join("ballast");
    let mut ballast = File::create(&path).expect("a file");
    for block in [65_536, 4_096, 512, 1] {
        while ballast.write_all(&vec![0; block]).is_ok() {}
    }
    path
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let unmounted = Command::new("umount")
            .arg("--lazy")
            .arg(self.path())
            .status();
        assert!(unmounted.is_ok_and(|status| status.success()), "umount");
    }
}

fn registers_a_piece(key: &str) -> Request {
    let piece = MemorabiliaRegistered {
        piece_id: format!("PIECE-{}", key.to_ascii_uppercase())
            .parse()
            .expect("an id"),
        kind: "RELIC-JERSEY".parse().expect("a kind"),
        description: "worn ".repeat(400),
        planned_for: None,
    };
    let command = ShopCommand::RegisterMemorabilia { piece };
    keyed(key, Said::Command(Box::new(command)), None)
}

#[test]
fn a_full_disk_is_named_loses_nothing_and_is_forgotten_when_there_is_room() {
    let Some(disk) = SmallDisk::new(8) else {
        eprintln!("SKIPPED: no file system can be mounted here, so none can be filled");
        return;
    };
    let sqlite = Sqlite::open(disk.path().join("sheetwise.db")).expect("a new database");
    let engine = Box::new(sqlite.engine().expect("the database"));
    let ledger = Ledger::start(engine, Timestamp::now, Options::default());
    let mut answers = open_shop(&ledger);
    let mut number = 0;
    for round in 0..3 {
        let ballast = fill(disk.path());
        let mut refused: Vec<Request> = Vec::new();
        while refused.len() < 30 {
            number += 1;
            assert!(number < 20_000, "the disk does not fill");
            let key = format!("full-{number:05}");
            let request = registers_a_piece(&key);
            match ledger.ask(request.clone()) {
                Ok(reply) => answers.push(Acknowledged::new(&key, &reply)),
                Err(Failure::NotNow(why)) => {
                    assert!(why.contains("no room"), "{why}");
                    refused.push(request);
                }
                Err(other) => panic!("round {round}, {key}: {other}"),
            }
        }
        // Who only reads is not in need of room.
        audit(&mut sqlite.engine().expect("a reader"), &answers);
        fs::remove_file(ballast).expect("the ballast");
        for request in refused {
            let reply = ledger.ask(request.clone()).expect("there is room again");
            assert_eq!(reply.outcome, Outcome::Recorded);
            assert!(!reply.replayed, "nothing had been recorded");
            let key = request.key.as_deref().unwrap_or_default();
            answers.push(Acknowledged::new(key, &reply));
        }
    }
    let audited = audit(&mut sqlite.engine().expect("a reader"), &answers);
    assert_eq!(audited.unknown_but_durable, 0);
    drop(ledger);
    let reopened = Sqlite::open(sqlite.path()).expect("the same database");
    assert_eq!(
        audit(&mut reopened.engine().expect("a reader"), &answers),
        audited
    );
    eprintln!(
        "full three times: {} acknowledged, 0 lost; {audited:?}",
        answers.len()
    );
}

const SMALL_DISK: &str = "SHEETWISE_CHILD_SMALL_DISK";

#[test]
fn a_full_disk_under_postgres_loses_nothing_and_is_forgotten_when_there_is_room() {
    let Some(disk) = SmallDisk::new(160) else {
        eprintln!("SKIPPED: no file system can be mounted here, so none can be filled");
        return;
    };
    // The server's folder is made where the environment says, and that is told to a process, not to a thread.
    let ended = Command::new(std::env::current_exe().expect("this program has a path"))
        .args([
            "--exact",
            "postgres_on_a_small_disk",
            "--ignored",
            "--nocapture",
        ])
        .env("TMPDIR", disk.path())
        .env(SMALL_DISK, disk.path())
        .status();
    assert!(ended.expect("this program can be started").success());
}

#[test]
#[ignore = "the other half of the test above, started by it"]
fn postgres_on_a_small_disk() {
    let Some(disk) = std::env::var_os(SMALL_DISK).map(PathBuf::from) else {
        return;
    };
    let mut cluster = Cluster::start(Durability::On).expect("a server of our own");
    assert!(
        cluster.folder().starts_with(&disk),
        "it is on the small disk"
    );
    let url = cluster.new_database("full").expect("a new database");
    let postgres = Postgres::open(&url).expect("a new database");
    let ledger = Ledger::start(postgres.connect(), Timestamp::now, Options::default());
    let mut answers = open_shop(&ledger);
    let ballast = fill(&disk);
    let mut refused: Vec<Request> = Vec::new();
    let mut number = 0;
    while refused.len() < 2 {
        number += 1;
        assert!(number < 50_000, "the disk does not fill");
        let key = format!("full-{number:05}");
        let request = registers_a_piece(&key);
        match ledger.ask(request.clone()) {
            Ok(reply) => answers.push(Acknowledged::new(&key, &reply)),
            // Where its log has no room PostgreSQL stops itself, and cannot tell why.
            Err(failure @ (Failure::NotNow(_) | Failure::OutcomeUnknown(_))) => {
                eprintln!("{key}: {failure}");
                refused.push(request);
            }
            Err(other) => panic!("{key}: {other}"),
        }
    }
    fs::remove_file(ballast).expect("the ballast");
    if sheetwise_testkit::psql(&url, "SELECT 1").is_err() {
        cluster.restart().expect("there is room again");
    }
    for request in refused {
        let reply = ask_until_answered(&ledger, &request, |_| {});
        let key = request.key.as_deref().unwrap_or_default();
        answers.push(Acknowledged::new(key, &reply));
    }
    let audited = audit(postgres.connect().as_mut(), &answers);
    assert_eq!(audited.unknown_but_durable, 0);
    eprintln!(
        "full once: {} acknowledged, 0 lost; {audited:?}",
        answers.len()
    );
}

/// Which calls fail, how, and the how many-th of them. The long run takes many more: every so-manieth call of the
/// scenario, every single one with `SHEETWISE_DISK_FAULTS=1`.
fn faults() -> Vec<(&'static str, &'static str, usize)> {
    let Ok(step) = std::env::var("SHEETWISE_DISK_FAULTS") else {
        return vec![
            ("pwrite64", "EIO", 60),
            ("pwrite64", "EIO", 700),
            ("pwrite64", "EIO", 2_380),
            ("pwrite64", "ENOSPC", 701),
            ("fsync", "EIO", 5),
            ("fsync", "EIO", 60),
            ("fsync", "EIO", 110),
        ];
    };
    let step = step.parse().expect("SHEETWISE_DISK_FAULTS is a number");
    let mut faults = Vec::new();
    for error in ["EIO", "ENOSPC"] {
        for (call, most) in [("pwrite64", 2_550), ("fsync", 120), ("ftruncate", 4)] {
            // Of what is rare, all.
            let step = if most > 200 { step } else { 1 };
            faults.extend((1..=most).step_by(step).map(|n| (call, error, n)));
        }
    }
    faults
}

/// So many scenarios run at once: each waits for the disk most of the time.
const AT_ONCE: usize = 4;

#[test]
fn what_is_acknowledged_on_a_failing_disk_is_there_and_the_rest_can_be_said_again() {
    let strace = Command::new("strace")
        .arg("-V")
        .stdout(Stdio::null())
        .status();
    if !strace.is_ok_and(|status| status.success()) {
        eprintln!("SKIPPED: without strace no write can be made to fail");
        return;
    }
    let faults = faults();
    let (next, went_on) = (AtomicUsize::new(0), AtomicUsize::new(0));
    std::thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                while let Some(fault) = faults.get(next.fetch_add(1, Ordering::Relaxed)) {
                    if goes_on_after(*fault) {
                        went_on.fetch_add(1, Ordering::Relaxed);
                    }
                }
            });
        }
    });
    let went_on = went_on.into_inner();
    let stopped = faults.len() - went_on;
    eprintln!("{stopped} faults stopped the ledger, {went_on} did not");
    assert!(stopped > 4, "only {stopped} faults were met");
}

/// Whether the ledger went on when that call, counted from the start, failed in that way. The same scenario each time, with one
/// client, long enough that SQLite moves its log into its file.
fn goes_on_after((call, error, number): (&str, &str, usize)) -> bool {
    let fault = format!("{call}:error={error}:when={number}");
    let folder = tempfile::tempdir().expect("a folder for temporary files");
    let path = folder.path().join("sheetwise.db");
    let program = std::env::current_exe().expect("this program has a path");
    let task = Task {
        database: path.to_str().expect("UTF-8"),
        prefix: "disk",
        clients: 1,
        sends: 150,
        shared: false,
        first: &[],
    };
    let mut traced = Command::new("strace");
    traced
        .args(["-f", "--seccomp-bpf", "-qqq", "-o", "/dev/null", "-e"])
        .arg(format!("trace={call}"))
        .arg("-e")
        .arg(format!("inject={fault}"))
        .arg(program)
        .stderr(Stdio::null());
    let (acknowledged, well) = task.start_by(&mut traced, "child").end();
    if well {
        // The call is not among those of the scenario, or was one that SQLite does again.
        assert_eq!(acknowledged.len(), task.sends, "{fault}");
    }
    // Without the fault: what was acknowledged is there, and everything can be said again.
    let sqlite = Sqlite::open(&path).unwrap_or_else(|e| panic!("{fault}: {e}"));
    let opened = sqlite
        .engine()
        .expect("the database")
        .head()
        .expect("a head");
    if opened.sequence_num > 0 {
        audit(&mut sqlite.engine().expect("the database"), &acknowledged);
    } else {
        assert_eq!(acknowledged, [], "{fault}");
    }
    let (again, all_well) = task.start("child").end();
    assert!(all_well && again.len() == task.sends, "{fault}");
    assert_eq!(
        again[..acknowledged.len()],
        acknowledged,
        "{fault}: another answer"
    );
    audit(&mut sqlite.engine().expect("the database"), &again);
    well
}
