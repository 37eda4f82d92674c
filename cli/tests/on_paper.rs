//! What is asked for to be held in a hand: whom a recall concerns, and labels; at the database and through a server.

mod support;

use serde_json::Value;
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;
use support::{Server, any_port, furnished, run_in, said};

const SHEETS: u32 = 60;

/// All sheets have met the press and its ink; the last one is not cut.
fn printed_and_cut(folder: &Path) -> String {
    let database = furnished(folder, "shop.db", SHEETS);
    let mut scans = "timestamp,station_id,operator_id,barcode\n".to_owned();
    let mut scan = |barcode: &str, station: &str| {
        writeln!(scans, "2026-03-02T06:00:00Z,{station},,{barcode}").expect("memory");
    };
    scan("INK-LOT-7", "PRESS-1");
    for number in 1..=SHEETS {
        scan(&format!("J1001-S{number:03}"), "PRESS-1");
        if number < SHEETS {
            scan(&format!("J1001-S{number:03}"), "CUT-1");
        }
    }
    std::fs::write(folder.join("scans.csv"), scans).expect("a file");
    let (code, text, errors) = said(&run_in(folder, &["replay", "scans.csv", "-d", &database]));
    assert_eq!(code, 0, "{text}{errors}");
    database
}

/// Runs at the database and through a server; both say the same.
fn both<'a>(
    folder: &'a Path,
    database: &'a str,
    server: &'a Server,
) -> impl Fn(&[&str]) -> (i32, String, String) + 'a {
    let address = format!("http://{}", server.address);
    move |arguments| {
        let here = said(&run_in(folder, &[arguments, &["-d", database]].concat()));
        let there = said(&run_in(folder, &[arguments, &["-s", &address]].concat()));
        assert_eq!(here, there);
        here
    }
}

#[test]
fn a_recall_names_every_card_and_uncut_sheet_once_and_what_they_come_to() {
    let folder = tempfile::tempdir().expect("a folder for temporary files");
    let folder = folder.path();
    let database = printed_and_cut(folder);
    let server = Server::start(&database, any_port());
    let both = both(folder, &database, &server);

    // More cards than come at once.
    let (code, text, errors) = both(&["trace", "--lot", "INK-LOT-7"]);
    assert_eq!(code, 0, "{errors}");
    let mut lines: Vec<&str> = text.lines().collect();
    assert_eq!(
        lines.pop(),
        Some(
            "118 cards and 1 uncut sheet, of 1 job, 1 order and 1 customer; 0 cards left the shop."
        )
    );
    assert_eq!(
        lines.pop(),
        Some("J1001-S060       in_progress  PO-10001   Acme Cards       at PRESS-1")
    );
    assert_eq!(
        lines[0],
        "J1001-S001-01    created      PO-10001   Acme Cards       at CUT-1"
    );
    let ids: BTreeSet<&str> = lines
        .iter()
        .filter_map(|line| line.split(' ').next())
        .collect();
    assert_eq!((lines.len(), ids.len()), (118, 118));

    let (code, text, _) = both(&["trace", "--sheet", "J1001-S002", "--json"]);
    assert_eq!(code, 0);
    let lines: Vec<Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .collect();
    assert_eq!(lines.len(), 3, "{text}");
    assert_eq!(lines[1]["card_unit_id"], "J1001-S002-02");
    assert_eq!(lines[2]["summary"]["card_units"], 2);
    for (asked, cards) in [
        (["--station", "CUT-1"], 118),
        (["--job", "J1001"], 118),
        (["--order", "PO-10001"], 118),
        (["--customer", "Acme Cards"], 118),
        (["--from", "2099-01-01T00:00:00Z"], 0),
    ] {
        let (code, text, errors) = both(&["trace", asked[0], asked[1]]);
        assert_eq!(code, 0, "{errors}");
        let sentence = text.lines().last().expect("a sentence");
        assert!(
            sentence.starts_with(&format!("{cards} cards and ")),
            "{asked:?}: {sentence}"
        );
    }

    let (code, _, errors) = both(&["trace", "--pack", "J1001-BOX-001"]);
    assert_eq!(code, 1, "{errors}");
    assert!(
        errors.contains("J1001-BOX-001 is not known here"),
        "{errors}"
    );
    let (code, _, errors) = both(&["trace", "--operator", "OP-42"]);
    assert_eq!(code, 1, "{errors}");
    assert!(errors.contains("name a station, a lot"), "{errors}");
    for line in [
        &["trace"][..],
        &["trace", "--job", "J1001", "--order", "PO-10001"],
        &["trace", "J1001-S001-01", "--sheet", "J1001-S001"],
        &["trace", "--job", "J1001", "--as-of", "3"],
    ] {
        let (code, _, errors) = said(&run_in(folder, line));
        assert_eq!(code, 2, "{line:?}: {errors}");
    }

    // Where a terminal always scans at one station, a trace is still the trace of a card.
    let settings = "station = \"QA-1\"\noperator = \"OP-42\"\n";
    std::fs::write(folder.join("sheetwise.toml"), settings).expect("a file");
    let (code, text, errors) = both(&["trace", "J1001-S001-01"]);
    assert_eq!(code, 0, "{errors}");
    assert!(
        text.starts_with("J1001-S001-01: created at CUT-1\n"),
        "{text}"
    );
}

/// What a label printer prints as text or as a barcode.
fn fields(zpl: &str) -> BTreeSet<&str> {
    let fields = zpl.split("^FD").skip(1);
    fields
        .filter_map(|field| field.split("^FS").next())
        .collect()
}

#[test]
fn labels_come_as_a_file_for_a_printer_and_hold_what_was_asked_for() {
    let folder = tempfile::tempdir().expect("a folder for temporary files");
    let folder = folder.path();
    let database = furnished(folder, "shop.db", 2);
    let server = Server::start(&database, any_port());
    let address = format!("http://{}", server.address);
    let both = both(folder, &database, &server);

    let (code, zpl, errors) = both(&["labels", "--job", "J1001", "--format", "zpl"]);
    assert_eq!(code, 0, "{errors}");
    let held = fields(&zpl);
    for id in ["J1001", "J1001-S001", "J1001-S002-02", "J1001-S002-SET"] {
        assert!(held.contains(id), "{id} is missing:\n{zpl}");
    }
    let of_cards = [
        "labels",
        "--sheet",
        "J1001-S002",
        "--of",
        "card_unit",
        "--format",
        "zpl",
    ];
    let (_, zpl, _) = both(&of_cards);
    let held = fields(&zpl);
    assert!(
        held.contains("J1001-S002-01") && held.contains("J1001-S002-02"),
        "{zpl}"
    );
    assert!(
        !held.contains("J1001-S002") && !held.contains("J1001-S002-SET"),
        "{zpl}"
    );
    let (_, zpl, errors) = both(&[
        "labels",
        "j1001-s001-02",
        "INK-LOT-7",
        "!PASS",
        "--format",
        "zpl",
    ]);
    let held = fields(&zpl);
    for text in ["J1001-S001-02", "INK-LOT-7", "!PASS"] {
        assert!(held.contains(text), "{text} is missing:\n{zpl}");
    }
    assert_eq!(errors, "3 labels.\n");
    let controls = [
        "labels",
        "--controls",
        "--failure-code",
        "F-201,F-310",
        "--format",
        "zpl",
    ];
    let (_, zpl, _) = both(&controls);
    let held = fields(&zpl);
    for text in ["!PASS", "!FAIL F-201", "!FAIL F-310"] {
        assert!(held.contains(text), "{text} is missing:\n{zpl}");
    }
    let (_, svg, errors) = both(&[
        "labels",
        "--controls",
        "--format",
        "svg",
        "--stock",
        "letter-3x10",
    ]);
    assert!(svg.starts_with("<svg") || svg.starts_with("<?xml"), "{svg}");
    assert_eq!(errors, "Page 1 of 1.\n");

    for (name, at) in [
        ("here.pdf", ["-d", &database]),
        ("there.pdf", ["-s", &address]),
    ] {
        let pdf = ["labels", "--job", "J1001", "--output", name];
        let (code, text, errors) = said(&run_in(folder, &[&pdf[..], &at].concat()));
        assert_eq!(code, 0, "{errors}");
        assert_eq!(text, format!("Labels on 1 page: {name}\n"));
        let file = std::fs::read(folder.join(name)).expect("a file");
        assert!(file.starts_with(b"%PDF-"), "{:?}", &file[..8]);
        let (code, _, errors) = said(&run_in(folder, &[&pdf[..], &at].concat()));
        assert_eq!(code, 1, "{errors}");
        assert!(errors.contains(name), "{errors}");
        let piped = run_in(
            folder,
            &[&["labels", "--job", "J1001", "-q"][..], &at].concat(),
        );
        assert_eq!(piped.stdout, file);
    }
    let json = [
        "labels", "--job", "J1001", "-o", "json.pdf", "--json", "-d", &database,
    ];
    let (_, text, _) = said(&run_in(folder, &json));
    let told: Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!(
        (&told["file"], &told["pages"]),
        (&"json.pdf".into(), &1.into())
    );

    let (code, text, errors) = both(&["labels", "J1001-S001", "J1001-S009", "-o", "none.pdf"]);
    assert_eq!((code, text.as_str()), (1, ""));
    assert!(errors.contains("J1001-S009"), "{errors}");
    assert!(!folder.join("none.pdf").exists(), "nothing is left of it");
    let (code, _, errors) = both(&["labels", "--job", "J1001", "--dpi", "300"]);
    assert_eq!(code, 1, "{errors}");
    assert!(errors.contains("dpi"), "{errors}");
    for line in [
        &["labels"][..],
        &["labels", "J1001-S001", "--job", "J1001"],
        &["labels", "J1001-S001", "--failure-code", "F-201"],
        &["labels", "--controls", "--of", "sheet"],
        &["labels", "--controls", "--json", "-d", &database],
    ] {
        let (code, _, errors) = said(&run_in(folder, line));
        assert_eq!(code, 2, "{line:?}: {errors}");
    }
}
