//! A scanner's file through the door: checked before anything is taken, taken in its order, and never twice, however
//! often it is stopped.

mod support;

use serde_json::Value;
use sheetwise_store::contract::EventFilter;
use sheetwise_store::{Database, questions};
use std::fmt::Write as _;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;
use support::{Server, any_port, furnished, run_in, said, sheetwise};

const HEAD: &str = "timestamp,station_id,operator_id,barcode\n";

/// Scans that take so many sheets from the press into boxes; one in fifty is wrong.
fn scans(sheets: u32) -> String {
    let mut file = HEAD.to_owned();
    let mut seconds = 0_u32;
    let mut scan = |barcode: &str, station: &str| {
        seconds += 7;
        let (hour, minute, second) = (seconds / 3600 % 24, seconds / 60 % 60, seconds % 60);
        let day = 2 + seconds / 86_400;
        writeln!(
            file,
            "2026-03-{day:02}T{hour:02}:{minute:02}:{second:02}Z,{station},,{barcode}"
        )
        .expect("memory");
    };
    for number in 1..=sheets {
        let sheet = format!("J1001-S{number:03}");
        if number % 6 == 0 {
            scan(&sheet, "CUT-1"); // too early
        }
        scan(&sheet, "PRESS-1");
        scan(&sheet, "CUT-1");
        for position in 1..=2 {
            scan(&format!("{sheet}-{position:02}"), "QA-1");
            scan("!PASS", "QA-1");
        }
        for position in 1..=2 {
            scan(&format!("{sheet}-{position:02}"), "BENCH-1");
        }
        scan(&format!("{sheet}-SET"), "PACK-1");
    }
    file
}

/// The log without what differs from run to run: the server's clock, and the hashes over it.
fn log_of(database: &str) -> Vec<Value> {
    let database = Database::open(&database.parse().expect("a location")).expect("it is there");
    let everything = EventFilter::after(0, usize::MAX);
    let events = database.read(|reading| questions::log(reading, &everything));
    let events = events.expect("a read").into_iter();
    events
        .map(|event| {
            let mut flat = Value::Object(event.to_flat_json());
            flat["recorded_at"] = Value::Null;
            if flat["station_id"].is_null() {
                flat["occurred_at"] = Value::Null; // furniture has the server's clock
            }
            flat
        })
        .collect()
}

#[test]
fn a_replay_that_is_killed_anywhere_and_run_again_gives_the_log_of_a_clean_run() {
    let folder = tempfile::tempdir().expect("a folder for temporary files");
    let folder = folder.path();
    std::fs::write(folder.join("scans.csv"), scans(700)).expect("a file");
    let clean = furnished(folder, "clean.db", 700);
    let (code, report, errors) = said(&run_in(folder, &["replay", "scans.csv", "-d", &clean]));
    assert_eq!(code, 4, "{report}{errors}");
    let killed = furnished(folder, "killed.db", 700);
    let served = furnished(folder, "served.db", 700);
    let mut rng = fastrand::Rng::with_seed(7);
    let mut ended_early = 0;
    let mut stopped = |arguments: &[&str], patience: Duration| {
        let mut child = sheetwise()
            .current_dir(folder)
            .args(arguments)
            .stdout(Stdio::null())
            .spawn()
            .expect("the binary runs");
        std::thread::sleep(patience);
        child.kill().expect("it can be killed");
        let status = child.wait().expect("it ended");
        ended_early += u32::from(status.code().is_none());
    };
    for _ in 0..8 {
        let patience = Duration::from_millis(rng.u64(20..160));
        stopped(&["replay", "scans.csv", "-d", &killed], patience);
    }
    let (code, again, errors) = said(&run_in(folder, &["replay", "scans.csv", "-d", &killed]));
    assert_eq!((code, &again), (4, &report), "{errors}");
    assert_eq!(log_of(&killed), log_of(&clean));
    // The same through a server, which is killed as well.
    let mut server = Server::start(&served, any_port());
    let address = format!("http://{}", server.address);
    for round in 0..6 {
        let patience = Duration::from_millis(rng.u64(20..160));
        stopped(&["replay", "scans.csv", "-s", &address], patience);
        if round == 3 {
            server.kill();
            server = Server::start(&served, server.address);
        }
    }
    let (code, again, errors) = said(&run_in(folder, &["replay", "scans.csv", "-s", &address]));
    assert_eq!((code, &again), (4, &report), "{errors}");
    assert_eq!(log_of(&served), log_of(&clean));
    assert!(ended_early > 0, "every run was over before it was killed");
}

#[test]
fn refusals_are_told_by_code_with_their_first_lines_and_a_grown_file_goes_on() {
    let folder = tempfile::tempdir().expect("a folder for temporary files");
    let folder = folder.path();
    let database = furnished(folder, "shop.db", 30);
    let replay = |arguments: &[&str]| {
        let output = sheetwise()
            .current_dir(folder)
            .args(["replay", "scans.csv", "-d", &database])
            .args(arguments)
            .output();
        said(&output.expect("the binary runs"))
    };
    let whole = scans(30);
    let first_half: String = whole.split_inclusive('\n').take(110).collect();
    std::fs::write(folder.join("scans.csv"), first_half).expect("a file");
    let (code, report, _) = replay(&["--dry-run"]);
    assert_eq!(code, 4);
    assert!(
        report.ends_with("It was a dry run: nothing is recorded.\n"),
        "{report}"
    );
    let before = log_of(&database).len();
    let (code, report, _) = replay(&[]);
    assert_eq!(code, 4);
    assert_eq!(
        report,
        "refused not_ready: 2\n\
         \x20 line 47: J1001-S006 at CUT-1: Sheet J1001-S006 is not ready to cut. Still to do: PRINT (press).\n\
         \x20 line 102: J1001-S012 at CUT-1: Sheet J1001-S012 is not ready to cut. Still to do: PRINT (press).\n\
         109 scans: 107 recorded, 0 already recorded, 2 refused.\n"
    );
    assert!(log_of(&database).len() > before);
    std::fs::write(folder.join("scans.csv"), &whole).expect("a file");
    let (code, report, _) = replay(&["--json"]);
    assert_eq!(code, 4);
    let report: Value = serde_json::from_str(&report).expect("JSON");
    assert_eq!(report["scans"], 275);
    assert_eq!(report["refused_by_code"]["not_ready"]["count"], 5);
    assert_eq!(
        report["refused_by_code"]["not_ready"]["first"][0]["line"],
        47
    );
    let after = log_of(&database);
    let packed = after
        .iter()
        .filter(|event| event["event_type"] == "SetPacked");
    assert_eq!(packed.count(), 30);
    // A line that was taken and is another one now is no repeat, and no new scan either.
    let changed = whole.replacen("J1001-S002,", "J1001-S003,", 1).replacen(
        ",J1001-S002\n",
        ",J1001-S003\n",
        1,
    );
    assert_ne!(changed, whole);
    std::fs::write(folder.join("scans.csv"), changed).expect("a file");
    let (_, report, _) = replay(&[]);
    assert!(report.contains("refused key_reused: 1\n"), "{report}");
    assert_eq!(log_of(&database), after);
}

#[test]
fn bad_rows_are_told_all_at_once_and_nothing_of_the_file_is_taken_unless_they_are_left_out() {
    let folder = tempfile::tempdir().expect("a folder for temporary files");
    let folder = folder.path();
    let database = furnished(folder, "shop.db", 2);
    let mut file = scans(2);
    file.push_str(
        "2026-03-02T14:00:00Z,QA 1,,J1001-S001-01\nnoon,QA-1,,\n2026-03-02T14:00:00Z,QA-1\n",
    );
    std::fs::write(folder.join("scans.csv"), file).expect("a file");
    let before = log_of(&database);
    let (code, report, errors) = said(&run_in(folder, &["replay", "scans.csv", "-d", &database]));
    assert_eq!(code, 5, "{report}{errors}");
    let lines: Vec<&str> = report.lines().collect();
    assert_eq!(lines.len(), 4, "{report}");
    assert!(
        lines[0].starts_with("line 20, column 2 (station_id): \"QA 1\""),
        "{report}"
    );
    assert!(
        lines[1].starts_with("line 21, column 1 (timestamp): \"noon\""),
        "{report}"
    );
    assert_eq!(lines[2], "line 21, column 4 (barcode): nothing was scanned");
    assert!(lines[3].starts_with("line 22, column 3 (row)"), "{report}");
    assert!(errors.contains("3 of 21 rows"), "{errors}");
    assert!(errors.contains("--skip-bad"), "{errors}");
    assert_eq!(log_of(&database), before);
    let skipping = ["replay", "scans.csv", "--skip-bad", "-d", &database];
    let (code, report, errors) = said(&run_in(folder, &skipping));
    assert_eq!(code, 0, "{report}{errors}");
    assert!(
        report.ends_with(
            "18 scans: 18 recorded, 0 already recorded, 0 refused; 3 bad rows left out.\n"
        ),
        "{report}"
    );
    let (code, _, errors) = said(&run_in(folder, &["replay", "nowhere.csv", "-d", &database]));
    assert_eq!(code, 1);
    assert!(errors.contains("nowhere.csv"), "{errors}");
    assert!(!Path::new("nowhere.csv").exists());
}
