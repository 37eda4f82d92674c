//! The power fails under load: what was acknowledged before is there when it is back, and nothing in half or twice.

mod support;

use sheetwise_testkit::{Cluster, Durability};
use std::process::{Command, Stdio};
use std::time::Duration;
use support::child::{self, Task};
use support::load::{Acknowledged, Audited, audit};
use support::power::PowerDisk;

const CLIENTS: usize = 8;

/// So many cuts on SQLite, and a tenth of them on PostgreSQL, which takes seconds to start; the long run asks for more.
fn cuts() -> usize {
    let told = std::env::var("SHEETWISE_POWER_CUTS").ok();
    told.map_or(20, |told| {
        told.parse().expect("SHEETWISE_POWER_CUTS is a number")
    })
}

/// Not a claim: the process of its own that the tests start, and whose power they cut.
#[test]
#[ignore = "the other half of tests here, started by them"]
fn child() {
    child::run();
}

/// After so many a new database is begun: to look through a long one after each cut would take longer than the cut.
const CUTS_OF_A_DATABASE: usize = 100;

/// A disk for each database, and how many cuts it is to have; none where no disk can be mounted.
fn disks(cuts: usize) -> impl Iterator<Item = (PowerDisk, usize)> {
    (0..cuts)
        .step_by(CUTS_OF_A_DATABASE)
        .map_while(move |done| {
            let disk = PowerDisk::new();
            if disk.is_none() {
                eprintln!("SKIPPED: no file system can be mounted here, so no power can be cut");
            }
            Some((disk?, CUTS_OF_A_DATABASE.min(cuts - done)))
        })
}

#[test]
fn a_power_cut_loses_and_doubles_nothing_on_sqlite() {
    for (disk, cuts) in disks(cuts()) {
        let path = disk.path().join("sheetwise.db");
        let path = path.to_str().expect("UTF-8");
        let mut answers = Vec::new();
        for round in 0..cuts {
            answers.extend(until_the_power_fails(&disk, path, round, || {}));
            disk.back();
            look(path, &answers);
        }
        report("SQLite", cuts, path, &answers);
    }
}

#[test]
fn a_power_cut_loses_and_doubles_nothing_on_postgres() {
    for (disk, cuts) in disks(cuts().div_ceil(10)) {
        let mut cluster =
            Cluster::start_in(Durability::On, disk.path()).expect("a server on that disk");
        let url = cluster.new_database("power").expect("a new database");
        disk.sync();
        let mut answers = Vec::new();
        for round in 0..cuts {
            answers.extend(until_the_power_fails(&disk, &url, round, || {
                cluster.kill_nine().expect("it can be killed");
            }));
            disk.back();
            cluster.restart().expect("it starts again");
            look(&url, &answers);
        }
        report("PostgreSQL", cuts, &url, &answers);
    }
}

/// A process loads the database until the power fails: what it had been answered before. What it is answered while the power
/// is failing does not count: that a write and a sync went well then is no promise of the disk's either.
fn until_the_power_fails(
    disk: &PowerDisk,
    database: &str,
    round: usize,
    stop_the_server: impl FnOnce(),
) -> Vec<Acknowledged> {
    let prefix = format!("p{round}");
    let task = Task {
        database,
        prefix: &prefix,
        clients: CLIENTS,
        sends: 1_000_000,
        shared: false,
        first: &[],
    };
    let program = std::env::current_exe().expect("this program has a path");
    let mut program = Command::new(program);
    // Its complaints about the disk are no news here.
    let mut running = task.start_by(program.stderr(Stdio::null()), "child");
    running.wait_until_ready();
    std::thread::sleep(Duration::from_millis(fastrand::u64(30..300)));
    let answers = running.answered_so_far();
    disk.cut();
    running.kill_nine();
    stop_the_server();
    running.end();
    answers
}

fn look(database: &str, answers: &[Acknowledged]) -> Audited {
    let opened = support::open(database).expect("it can be opened again");
    audit(opened.connect().as_mut(), answers)
}

fn report(engine: &str, cuts: usize, database: &str, answers: &[Acknowledged]) {
    assert!(answers.len() > cuts * 5, "{} answers", answers.len());
    let audited = look(database, answers);
    eprintln!(
        "{engine}: {cuts} power cuts, {} acknowledged, 0 lost; {audited:?}",
        answers.len()
    );
}
