//! The everyday commands, against the database itself and through a server; the demo.

mod support;

use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use support::client::{Call, Client};
use support::{Server, any_port, furnished, run_in, said, sheetwise};

fn lines_of_json(text: &str) -> Vec<Value> {
    let lines = text.lines();
    lines
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .collect()
}

#[test]
fn a_scan_says_the_same_at_the_database_and_through_a_server() {
    let folder = tempfile::tempdir().expect("a folder for temporary files");
    let folder = folder.path();
    let here = furnished(folder, "here.db", 2);
    let there = furnished(folder, "there.db", 2);
    let server = Server::start(&there, any_port());
    let address = format!("http://{}", server.address);
    let both = |arguments: &[&str]| {
        let at = |place: [&str; 2]| {
            let (code, text, errors) = said(&run_in(folder, &[arguments, &place].concat()));
            // The two were furnished at two moments.
            let lines = text.split_inclusive('\n');
            let lines = lines.filter(|line| !line.starts_with("updated at "));
            (code, lines.collect::<String>(), errors)
        };
        let (at_database, at_server) = (at(["-d", &here]), at(["-s", &address]));
        assert_eq!(at_database, at_server);
        at_database
    };
    let scan = |barcode, station| both(&["scan", barcode, "--station", station]);
    assert_eq!(
        scan("J1001-S001", "PRESS-1"),
        (
            0,
            "ok  Sheet J1001-S001 is at PRESS-1: PRINT. Next: CUT at a cutting station.\n".into(),
            String::new()
        )
    );
    let (code, text, _) = both(&["scan", "J1001-S001", "--station", "CUT-1", "--dry-run"]);
    assert_eq!(code, 0);
    assert!(
        text.starts_with("ok  would be: Sheet J1001-S001 is cut"),
        "{text}"
    );
    assert_eq!(
        scan("J1001-S002", "CUT-1"),
        (
            4,
            "NO  refused (not_ready): Sheet J1001-S002 is not ready to cut. Still to do: PRINT (press). It belongs at \
             a press station for PRINT.\n"
                .into(),
            String::new()
        )
    );
    let (code, text, _) = both(&["job", "progress", "J1001"]);
    assert_eq!(code, 0);
    assert!(text.contains("sheets in progress   1\n"), "{text}");
    let (code, text, _) = both(&["job", "list", "--order", "PO-10001"]);
    assert_eq!(code, 0);
    assert_eq!(text.lines().count(), 2, "{text}");
    let order = [
        "order",
        "new",
        "--customer",
        "Bit & Co",
        "--product",
        "PLAIN-2026",
        "--quantity",
        "4",
    ];
    let (code, _, _) = both(&[&order[..], &["--due", "2026-05-01", "--id", "PO-7"]].concat());
    assert_eq!(code, 0);
    let (code, text, _) = both(&["job", "new", "--order", "PO-7", "--json"]);
    assert_eq!(code, 0);
    assert_eq!(lines_of_json(&text)[0]["entity"]["id"], "J1002", "{text}");
    let (code, _, errors) = both(&["trace", "J1001-S001-01"]);
    assert_eq!(code, 1);
    assert!(errors.contains("J1001-S001-01"), "{errors}");
}

#[test]
fn a_forecast_tells_dates_risks_loads_and_what_changes_would_do_and_records_nothing() {
    let folder = tempfile::tempdir().expect("a folder for temporary files");
    let folder = folder.path();
    let database = furnished(folder, "shop.db", 3);
    let ask = |arguments: &[&str]| {
        let line = [&["forecast", "-d", &database][..], arguments].concat();
        said(&run_in(folder, &line))
    };
    let events = || said(&run_in(folder, &["export", "events", "-d", &database])).1;
    let before = events();
    let words = |line: &str| {
        line.split_whitespace()
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };

    let (code, text, errors) = ask(&[]);
    assert_eq!((code, errors.as_str()), (0, ""), "{text}");
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.len(), 2, "{text}");
    let head = ["JOB", "DUE", "P50", "P80", "P95", "LATE", "CAUSE"];
    assert_eq!(words(lines[0]), head);
    assert_eq!(words(lines[1])[0], "J1001");
    assert!(
        lines[1].contains(" h in the queue of ") || lines[1].contains("its own work at "),
        "{text}"
    );

    let (code, text, _) = ask(&["--json"]);
    assert_eq!(code, 0);
    let risk = &lines_of_json(&text)[0];
    assert_eq!(risk["job_id"], "J1001");
    let of = |level: &str| {
        risk["rolling_forecast"][level]
            .as_str()
            .expect("a time")
            .to_owned()
    };
    assert!(of("p50") <= of("p80") && of("p80") <= of("p95"), "{text}");

    let (code, text, _) = ask(&["--job", "J1001"]);
    assert_eq!(code, 0);
    assert!(text.contains("\nby the plan        20"), "{text}");
    assert!(text.contains(" of 200 futures ("), "{text}");
    assert!(text.contains("\nOPERATION  STATION "), "{text}");

    let (code, text, _) = ask(&["--days", "2"]);
    assert_eq!(code, 0);
    let head = "STATION DAY OPEN H PLANNED H SET-UP H LOAD";
    assert_eq!(words(text.lines().next().expect("a line")).join(" "), head);
    let press = text.lines().filter(|line| line.starts_with("PRESS-1 "));
    assert_eq!(press.count(), 2, "{text}");

    let order = [
        "--order",
        "PLAIN-2026=40@2030-01-01",
        "--priority",
        "J1001=3",
    ];
    let (code, text, errors) = ask(&order);
    assert_eq!(code, 0, "{errors}");
    let lines: Vec<Vec<String>> = text.lines().map(words).collect();
    assert_eq!(
        (&*lines[1][0], &*lines[2][0], &*lines[2][1]),
        ("J1001", "new", "order"),
        "{text}"
    );
    assert_eq!(errors, "Nothing was recorded.\n");

    let (code, _, errors) = ask(&["--down", "PRESS-1=today"]);
    assert_eq!(code, 2);
    assert!(errors.contains("should be like FOIL-1="), "{errors}");
    let (code, text, _) = ask(&[
        "--down",
        "PRESS-9=2030-01-01T00:00:00Z..2030-01-02T00:00:00Z",
    ]);
    assert_eq!(
        (code, text.as_str()),
        (4, "refused (unknown_id): PRESS-9 is not known here.\n")
    );
    let (code, _, errors) = ask(&["--job", "J9"]);
    assert_eq!(
        (code, errors.as_str()),
        (1, "error: J9 is not known here.\n")
    );
    let (code, _, errors) = ask(&["--days", "365"]);
    assert_eq!(code, 1);
    assert!(
        errors.contains("days is 365, and should be from 1 to 90"),
        "{errors}"
    );
    assert_eq!(events(), before);
}

#[test]
fn a_file_of_orders_is_taken_once_and_not_at_all_where_rows_are_bad() {
    let folder = tempfile::tempdir().expect("a folder for temporary files");
    let folder = folder.path();
    let database = furnished(folder, "shop.db", 1);
    let import = |file: &str, arguments: &[&str]| {
        std::fs::write(folder.join("orders.csv"), file).expect("a file");
        let line = [&["import", "orders.csv", "-d", &database][..], arguments].concat();
        said(&run_in(folder, &line))
    };
    let head = "order_id,customer,product,quantity,due_date,priority\n";
    let good = "PO-500,Acme Cards,PLAIN-2026,4,2026-04-01,1\n";
    let bad = "PO-501,Beta Cards,NO-SUCH-2026,4,2026-04-01,\nPO-502,Beta Cards,PLAIN-2026,many,2026-04-01,\n";
    let (code, text, errors) = import(&format!("{head}{good}{bad}"), &[]);
    assert_eq!(code, 5, "{text}{errors}");
    assert_eq!(text.lines().count(), 2, "{text}");
    assert!(text.contains("line 3") && text.contains("line 4"), "{text}");
    assert!(text.contains("column quantity: \"many\""), "{text}");
    assert!(errors.contains("nothing of it was taken"), "{errors}");
    let (code, text, errors) = import(&format!("{head}{good}"), &["--create-jobs"]);
    assert_eq!(code, 0, "{text}{errors}");
    let end = "1 order recorded, 0 there already, 0 failed.\n";
    assert!(text.ends_with(end), "{text}");
    let (code, text, _) = import(&format!("{head}{good}"), &["--create-jobs", "--json"]);
    assert_eq!(code, 0);
    let last = lines_of_json(&text).pop().expect("a line");
    assert_eq!(
        (&last["recorded"], &last["already_recorded"]),
        (&0.into(), &1.into())
    );
    let quote = r#"{"quote_id":"Q-7","customer":"Acme Cards",
        "items":[{"product":"PLAIN-2026","quantity":2,"due_date":"2026-05-01"}]}"#;
    std::fs::write(folder.join("quote.json"), quote).expect("a file");
    let (code, text, errors) = said(&run_in(folder, &["import", "quote.json", "-d", &database]));
    assert_eq!(code, 0, "{errors}");
    assert!(text.starts_with("item 1: "), "{text}");
}

#[test]
fn a_scanner_that_types_lines_is_answered_line_by_line() {
    let folder = tempfile::tempdir().expect("a folder for temporary files");
    let database = furnished(folder.path(), "shop.db", 1);
    let mut child = sheetwise()
        .args(["scan", "--station", "press-1", "-d", &database])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the binary runs");
    let mut stdin = child.stdin.take().expect("its input");
    let mut stdout = BufReader::new(child.stdout.take().expect("its output"));
    let mut say = |line: &str| {
        stdin.write_all(line.as_bytes()).expect("it reads");
        let mut answer = String::new();
        stdout.read_line(&mut answer).expect("it answers");
        answer
    };
    assert!(say("]d1j1001-s001\r\n").starts_with("ok  Sheet J1001-S001 is at PRESS-1"));
    assert!(say("\n\nJ1001-S009\n").starts_with("NO  refused (unknown_barcode)"));
    drop(stdin);
    assert_eq!(child.wait().expect("it ends").code(), Some(4));
}

#[test]
fn an_export_has_every_row_once_and_goes_on_where_it_ended() {
    let folder = tempfile::tempdir().expect("a folder for temporary files");
    let folder = folder.path();
    // More events than come at once.
    let database = furnished(folder, "shop.db", 1_100);
    let export = |arguments: &[&str]| {
        let line = [&["export", "-d", &database][..], arguments].concat();
        said(&run_in(folder, &line))
    };
    let (code, text, errors) = export(&["events"]);
    assert_eq!(code, 0, "{errors}");
    let numbers: Vec<Option<u64>> = lines_of_json(&text)
        .iter()
        .map(|event| event["sequence_num"].as_u64())
        .collect();
    assert!(numbers.len() > 1_100);
    assert!(
        numbers
            .iter()
            .copied()
            .eq((1..=numbers.len() as u64).map(Some))
    );
    let after = format!("{}", numbers.len() - 3);
    let (_, rest, errors) = export(&["events", "--after", &after]);
    assert_eq!(rest.lines().count(), 3);
    assert!(
        errors.contains(&format!("--after {}", numbers.len())),
        "{errors}"
    );
    let (code, _, _) = export(&["sheets", "--format", "csv", "--output", "sheets.csv"]);
    assert_eq!(code, 0);
    let mut sheets = csv::Reader::from_path(folder.join("sheets.csv")).expect("a file");
    let sheets: Vec<csv::StringRecord> = sheets.records().collect::<Result<_, _>>().expect("CSV");
    assert_eq!(sheets.len(), 1_100);
    let ids: std::collections::BTreeSet<&str> = sheets.iter().map(|row| &row[0]).collect();
    assert_eq!(ids.len(), 1_100);
    let (code, _, errors) = export(&["sheets", "--output", "sheets.csv"]);
    assert_eq!(code, 1);
    assert!(errors.contains("sheets.csv"), "{errors}");
    let (code, _, errors) = export(&["events", "--after", "J1001"]);
    assert_eq!(code, 1);
    assert!(errors.contains("J1001"), "{errors}");
    // Whoever reads has enough.
    let piped = Command::new("sh")
        .arg("-c")
        .arg(format!(
            "{} export events -d {database} | head -n 1",
            env!("CARGO_BIN_EXE_sheetwise")
        ))
        .output()
        .expect("a shell");
    assert_eq!(String::from_utf8_lossy(&piped.stdout).lines().count(), 1);
    assert!(
        piped.stderr.is_empty(),
        "{}",
        String::from_utf8_lossy(&piped.stderr)
    );
}

#[test]
fn the_demo_tells_the_same_story_each_time_within_a_hundred_columns() {
    let story = || {
        let (code, text, errors) = said(&run_in(Path::new("/"), &["demo", "--no-serve"]));
        assert_eq!(code, 0, "{text}{errors}");
        let (story, end) = text.split_once("The shop's database is ").expect("its end");
        let database = end.split(". Look").next().expect("a path").to_owned();
        (story.to_owned(), database)
    };
    let (first, database) = story();
    let (second, other) = story();
    assert_eq!(first, second);
    assert_ne!(database, other);
    let widest = first.lines().map(|line| line.chars().count()).max();
    assert!(widest <= Some(100), "{widest:?}");
    for claim in [
        "refused (wrong_sheet)",
        "refused (on_hold)",
        "refused (set_incomplete)",
        "failed QA: F-201",
        "Taken back",
        "J1044-S001-SET is complete",
        "The pallet leaves the shop",
        "18 are packed",
    ] {
        assert!(first.contains(claim), "{claim} is missing:\n{first}");
    }
    let (code, text, _) = said(&run_in(Path::new("/"), &["verify", "-d", &database]));
    assert_eq!(code, 0, "{text}");
    let (code, text, _) = said(&run_in(Path::new("/"), &["demo", "--no-serve", "--json"]));
    assert_eq!(code, 0);
    let lines = lines_of_json(&text);
    let third = lines.last().expect("lines")["database"].as_str();
    for database in [database.as_str(), &other, third.expect("a path")] {
        let folder = Path::new(database).parent().expect("a folder of its own");
        std::fs::remove_dir_all(folder).expect("it is ours");
    }
}

#[test]
fn the_demo_leaves_a_shop_open_until_somebody_closes_it() {
    let mut child = sheetwise()
        .args(["demo", "--json"])
        .stdout(Stdio::piped())
        .spawn()
        .expect("the binary runs");
    let stdout = BufReader::new(child.stdout.take().expect("its output"));
    let open = stdout
        .lines()
        .map(|line| serde_json::from_str::<Value>(&line.expect("UTF-8")).expect("JSON"))
        .find(|line| line["listening"].is_string())
        .expect("it opens");
    let address = open["listening"].as_str().expect("an address");
    let address = address
        .trim_start_matches("http://")
        .parse()
        .expect("an address");
    let mut client = Client::new(address);
    let pallet = client.ask(&Call::get("/packs/J1044-PALLET-001"));
    assert_eq!(pallet.body["status"], "shipped");
    let told = Command::new("kill")
        .args(["-INT", &child.id().to_string()])
        .status();
    assert!(told.expect("kill runs").success());
    assert_eq!(child.wait().expect("it ends").code(), Some(0));
    let database = open["database"].as_str().expect("a path");
    let folder = Path::new(database).parent().expect("a folder of its own");
    std::fs::remove_dir_all(folder).expect("it is ours");
}

#[test]
fn the_pages_are_written_from_the_command_line_itself() {
    let folder = tempfile::tempdir().expect("a folder for temporary files");
    let folder = folder.path();
    for shell in ["bash", "zsh", "fish"] {
        let (code, script, errors) = said(&run_in(folder, &["completions", shell]));
        assert_eq!(code, 0, "{errors}");
        assert!(
            script.contains("sheetwise") && script.contains("replay"),
            "{shell}"
        );
    }
    let (code, page, _) = said(&run_in(folder, &["man"]));
    assert_eq!(code, 0);
    assert!(page.contains("Exit codes"), "{page}");
    let (code, ..) = said(&run_in(folder, &["man", "--directory", "man1"]));
    assert_eq!(code, 0);
    assert!(folder.join("man1/sheetwise-replay.1").is_file());
}

#[test]
fn a_job_without_a_forecast_is_said_to_people_and_to_programs() {
    let folder = tempfile::tempdir().expect("a folder for temporary files");
    let folder = folder.path();
    let database = furnished(folder, "shop.db", 1);
    let server = Server::start(&database, any_port());
    let held = Client::new(server.address).ask(&Call {
        path: "/jobs/J1001/hold".to_owned(),
        body: Some(json!({"reason": "unpaid"})),
        key: None,
    });
    assert_eq!(held.status, 200, "{held:?}");
    drop(server);
    let ask = |argument: &str| said(&run_in(folder, &["forecast", "-d", &database, argument])).1;
    let text = ask("-q");
    assert!(
        text.ends_with("\nJ1001: no forecast, on hold: unpaid\n"),
        "{text}"
    );
    assert_eq!(
        lines_of_json(&ask("--json")),
        [json!({"job_id": "J1001", "reason": "on hold: unpaid"})]
    );
}
