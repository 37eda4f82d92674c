//! The binary as a process, its server, a client of few words, and what a program would say over HTTP.

#![allow(dead_code, reason = "each test file uses a part of it")]

pub mod calls;
pub mod client;
pub mod judge;

use std::ffi::OsStr;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

/// The binary, without the settings of whoever runs the tests.
pub fn sheetwise() -> Command {
    without_settings(Command::new(env!("CARGO_BIN_EXE_sheetwise")))
}

/// A command, without the settings of whoever runs the tests.
pub fn without_settings(mut command: Command) -> Command {
    for (name, _) in std::env::vars_os() {
        let ours = name == "DATABASE_URL" || name.to_string_lossy().starts_with("SHEETWISE_");
        if ours {
            command.env_remove(name);
        }
    }
    command
        .env("HOME", "/nonexistent")
        .env_remove("XDG_CONFIG_HOME");
    command
}

/// Runs it in a folder; the exit code and everything that it said.
pub fn run_in(folder: &Path, arguments: &[&str]) -> Output {
    sheetwise()
        .current_dir(folder)
        .args(arguments)
        .output()
        .expect("the binary runs")
}

/// Its exit code, its standard output and its standard error.
pub fn said(output: &Output) -> (i32, String, String) {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).expect("UTF-8");
    (
        output.status.code().expect("it ended by itself"),
        text(&output.stdout),
        text(&output.stderr),
    )
}

/// A server process; killed when it is dropped.
pub struct Server {
    child: Child,
    pub address: SocketAddr,
}

impl Server {
    /// Starts `sheetwise serve` at this address; port 0 takes a free one.
    pub fn start(database: impl AsRef<OsStr>, listen: SocketAddr) -> Self {
        let mut child = sheetwise()
            .args(["--json", "--database"])
            .arg(database)
            .args(["serve", "--listen", &listen.to_string()])
            .stdout(Stdio::piped())
            .spawn()
            .expect("the binary runs");
        let mut line = String::new();
        let mut stdout = BufReader::new(child.stdout.take().expect("its output"));
        stdout.read_line(&mut line).expect("a line");
        let said: serde_json::Value = serde_json::from_str(&line).expect("JSON");
        let address = said["listening"].as_str().expect("an address");
        let address = address.trim_start_matches("http://").parse();
        Self {
            child,
            address: address.expect("an address"),
        }
    }

    /// Ends it as a power cut would, for the process.
    pub fn kill(&mut self) {
        self.child.kill().expect("it ran");
        self.child.wait().expect("it ended");
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// Any free port of this machine alone.
pub fn any_port() -> SocketAddr {
    "127.0.0.1:0".parse().expect("an address")
}

/// A shop that prints sheets of two cards, with one job of so many sheets, furnished through a server's API.
pub fn furnish(address: SocketAddr, sheets: u32) {
    use client::{Call, Client};
    use serde_json::{Value, json};
    let mut client = Client::new(address);
    let mut post = |path: &str, body: Value| {
        let call = Call {
            path: path.to_owned(),
            body: Some(body),
            key: None,
        };
        let answer = client.ask(&call);
        assert_eq!(answer.status, 200, "{path}: {answer:?}");
    };
    for (station_id, station_type) in [
        ("PRESS-1", "press"),
        ("CUT-1", "cutting"),
        ("QA-1", "qa"),
        ("BENCH-1", "assembly"),
        ("PACK-1", "packing"),
    ] {
        let station = json!({
            "station_id": station_id, "name": station_id, "station_type": station_type,
            "capacity_unit": "sheets_per_hour", "rated_capacity": 100,
            "operating_hours": {"shifts": [], "time_zone": "UTC"},
        });
        post("/stations", station);
    }
    let operation = |id: &str, station_type: &str, entity: &str, before: &[&str]| {
        json!({
            "operation_id": id, "operation_type": id.to_lowercase(), "station_type": station_type,
            "required_for_entity_type": entity, "predecessors": before, "standard_time_minutes": 1,
        })
    };
    let spec = json!({
        "name": "Plain",
        "layout": {
            "layout_version": 1, "n_up": 2, "rows": 1, "columns": 2, "turn": "work_and_turn",
            "positions": [{"position": 1, "design": "A"}, {"position": 2, "design": "B"}],
        },
        "operations": [
            operation("PRINT", "press", "sheet", &[]),
            operation("CUT", "cutting", "sheet", &["PRINT"]),
            operation("QA", "qa", "card_unit", &["CUT"]),
            operation("ASSEMBLE", "assembly", "assembly", &["QA"]),
            operation("PACK", "packing", "assembly", &["ASSEMBLE"]),
        ],
        "rework_limit": 1,
    });
    post(
        "/products",
        json!({"product_id": "PLAIN-2026", "product_version": 1, "spec": spec}),
    );
    let order = json!({
        "order_id": "PO-10001", "customer": "Acme Cards", "product_id": "PLAIN-2026",
        "quantity": sheets * 2, "due_date": "2026-04-01",
    });
    post("/orders", order);
    post(
        "/jobs",
        json!({"job_id": "J1001", "order_id": "PO-10001", "overs": 0}),
    );
}

/// A new SQLite shop in this folder, furnished, with nobody serving it any more.
pub fn furnished(folder: &Path, name: &str, sheets: u32) -> String {
    let path = folder.join(name);
    let server = Server::start(&path, any_port());
    furnish(server.address, sheets);
    drop(server);
    path.to_str().expect("UTF-8").to_owned()
}
