//! The server is told to stop while the whole shop scans: nobody who was answered has been lied to, and whoever was not
//! finds out by asking again with the same key.

use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

const SHEETS: u32 = 6_000;
const GUNS: usize = 8;

/// A server of its own, as it runs in a shop.
struct Server {
    child: Child,
    address: String,
}

impl Server {
    fn start(database: &str) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_sheetwise"))
            .env_remove("DATABASE_URL")
            .args([
                "--database",
                database,
                "--json",
                "serve",
                "--listen",
                "127.0.0.1:0",
            ])
            .args(["--log", "warn", "--log-format", "json"])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the binary runs");
        let mut line = String::new();
        let mut output = BufReader::new(child.stdout.as_mut().expect("it is piped"));
        output.read_line(&mut line).expect("a line");
        let said: Value = serde_json::from_str(&line).expect("JSON");
        let address = said["listening"].as_str().expect("an address");
        let address = address.strip_prefix("http://").expect("a URL").to_owned();
        Self { child, address }
    }

    fn terminate(&self) {
        let killed = Command::new("kill")
            .args(["-TERM", &self.child.id().to_string()])
            .status();
        assert!(killed.expect("kill runs").success());
    }

    /// How it ended, and what it said about it.
    fn end(mut self) -> (Option<i32>, String) {
        let status = self.child.wait().expect("it ends");
        let mut said = String::new();
        let errors = self.child.stderr.as_mut().expect("it is piped");
        errors.read_to_string(&mut said).expect("text");
        (status.code(), said)
    }

    fn call(&self, method: &str, path: &str, body: &Value) -> Value {
        let mut gun = Gun::connect(&self.address).expect("a connection");
        let (status, answer) = gun.call(method, path, body).expect("an answer");
        assert_eq!(status, 200, "{path}: {answer:#}");
        answer
    }
}

/// A connection that is kept, as a scanner keeps it.
struct Gun(BufReader<TcpStream>);

impl Gun {
    fn connect(address: &str) -> Option<Self> {
        let stream = TcpStream::connect(address).ok()?;
        let patience = Duration::from_mins(1); // so that what hangs ends
        stream.set_read_timeout(Some(patience)).ok()?;
        Some(Self(BufReader::new(stream)))
    }

    /// The status and the answer; none where the server has gone.
    fn call(&mut self, method: &str, path: &str, body: &Value) -> Option<(u16, Value)> {
        let body = body.to_string();
        let request = format!(
            "{method} {path} HTTP/1.1\r\nHost: shop\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        );
        self.0.get_mut().write_all(request.as_bytes()).ok()?;
        let mut line = String::new();
        self.0.read_line(&mut line).ok()?;
        let status = line.split(' ').nth(1)?.parse().ok()?;
        let mut length = 0;
        loop {
            line.clear();
            if self.0.read_line(&mut line).ok()? == 0 {
                return None;
            }
            if line.trim().is_empty() {
                break;
            }
            if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
                length = value.trim().parse().ok()?;
            }
        }
        let mut answer = vec![0; length];
        self.0.read_exact(&mut answer).ok()?;
        Some((status, serde_json::from_slice(&answer).ok()?))
    }
}

fn scan_of(number: u32) -> Value {
    json!({
        "barcode": format!("J1001-S{number:03}"), "station_id": format!("PRESS-{}", number % 4 + 1),
        "scan_id": format!("gun/{number}"),
    })
}

fn furnish(server: &Server) {
    for number in 1..=4 {
        let station = json!({
            "station_id": format!("PRESS-{number}"), "name": "Press", "station_type": "press",
            "capacity_unit": "sheets_per_hour", "rated_capacity": 100,
            "operating_hours": {"shifts": [], "time_zone": "UTC"},
        });
        server.call("POST", "/stations", &station);
    }
    let operation = |id: &str, station_type: &str, entity: &str, before: &[&str]| {
        json!({
            "operation_id": id, "operation_type": id.to_lowercase(), "station_type": station_type,
            "required_for_entity_type": entity, "predecessors": before, "standard_time_minutes": 1,
        })
    };
    let product = json!({
        "product_id": "PLAIN-2026", "product_version": 1,
        "spec": {
            "name": "Plain",
            "layout": {
                "layout_version": 1, "n_up": 1, "rows": 1, "columns": 1, "turn": "work_and_turn",
                "positions": [{"position": 1, "design": "A"}],
            },
            "operations": [
                operation("PRINT", "press", "sheet", &[]),
                operation("CUT", "cutting", "sheet", &["PRINT"]),
                operation("QA", "qa", "card_unit", &["CUT"]),
                operation("ASSEMBLE", "assembly", "assembly", &["QA"]),
                operation("PACK", "packing", "assembly", &["ASSEMBLE"]),
            ],
            "rework_limit": 1,
        },
    });
    server.call("POST", "/products", &product);
    let order = json!({
        "customer": "Acme Cards", "product_id": "PLAIN-2026", "quantity": SHEETS, "due_date": "2026-04-01",
    });
    server.call("POST", "/orders", &order);
    server.call("POST", "/jobs", &json!({"order_id": "PO-10001"}));
}

/// Every arrival at the press in the log: the sheet, and the number of the event.
fn arrivals(server: &Server) -> BTreeMap<String, u64> {
    let mut arrivals = BTreeMap::new();
    let mut after = 0;
    loop {
        let path = format!("/events?type=SheetEnteredStation&limit=1000&after={after}");
        let log = server.call("GET", &path, &json!({}));
        let events = log["events"].as_array().expect("events");
        for event in events {
            let sheet = event["aggregate_id"].as_str().expect("an id").to_owned();
            let number = event["sequence_num"].as_u64().expect("a number");
            assert_eq!(
                arrivals.insert(sheet.clone(), number),
                None,
                "{sheet} came twice"
            );
        }
        if events.is_empty() {
            return arrivals;
        }
        after = log["next_after"].as_u64().expect("a number");
    }
}

fn stopped_under_load(database: &str) {
    let server = Server::start(database);
    furnish(&server);
    let (next, answered) = (AtomicU32::new(1), AtomicU32::new(0));
    let mut acknowledged: BTreeMap<u32, Value> = BTreeMap::new();
    let mut unanswered: Vec<u32> = Vec::new();
    std::thread::scope(|scope| {
        let guns: Vec<_> = (0..GUNS)
            .map(|_| {
                scope.spawn(|| {
                    let mut gun = Gun::connect(&server.address).expect("a connection");
                    let mut acknowledged = Vec::new();
                    loop {
                        let number = next.fetch_add(1, Ordering::SeqCst);
                        assert!(number <= SHEETS, "the server stops before all is scanned");
                        match gun.call("POST", "/scan", &scan_of(number)) {
                            Some((200, answer)) => {
                                acknowledged.push((number, answer));
                                answered.fetch_add(1, Ordering::SeqCst);
                            }
                            // Told to come again, or told nothing.
                            Some((503, _)) | None => return (acknowledged, number),
                            Some((status, answer)) => panic!("{status}: {answer:#}"),
                        }
                    }
                })
            })
            .collect();
        while answered.load(Ordering::SeqCst) < 300 {
            std::thread::yield_now();
        }
        server.terminate();
        for gun in guns {
            let (told, last) = gun.join().expect("a gun does not panic");
            acknowledged.extend(told);
            unanswered.push(last);
        }
    });
    assert!(
        TcpStream::connect(&server.address).is_err(),
        "nobody is accepted any more"
    );
    let (code, said) = server.end();
    assert_eq!((code, said.as_str()), (Some(0), ""));

    let server = Server::start(database);
    let before = arrivals(&server);
    for (number, answer) in &acknowledged {
        let sheet = format!("J1001-S{number:03}");
        let events = answer["events"].as_array().expect("events");
        let told = events.last().expect("an event")["sequence_num"].as_u64();
        assert_eq!(before.get(&sheet).copied(), told, "{sheet}: {answer:#}");
    }
    for number in &unanswered {
        let sheet = format!("J1001-S{number:03}");
        let answer = server.call("POST", "/scan", &scan_of(*number));
        let events = answer["events"].as_array().expect("events");
        let told = events.last().expect("an event")["sequence_num"].as_u64();
        if let Some(there) = before.get(&sheet) {
            assert_eq!(Some(*there), told, "{sheet} was recorded: {answer:#}");
        }
    }
    assert_eq!(
        arrivals(&server).len(),
        acknowledged.len() + unanswered.len()
    );
    server.terminate();
    assert_eq!(server.end().0, Some(0));
}

#[test]
fn on_sqlite_no_answer_is_lost_and_none_was_a_lie() {
    let folder = tempfile::tempdir().expect("a folder for temporary files");
    let file: &Path = &folder.path().join("sheetwise.db");
    stopped_under_load(file.to_str().expect("UTF-8"));
}

#[test]
fn on_postgres_no_answer_is_lost_and_none_was_a_lie() {
    stopped_under_load(&sheetwise_testkit::database("stopping"));
}
