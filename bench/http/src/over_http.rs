//! The server as a process, and wrk in front of it.

use sheetwise_store::ledger::{Request, Said};
use std::fs::File;
use std::io::{BufRead, BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// wrk's threads: one leaves the other core to the server and its database.
const THREADS: usize = 1;

/// wrk's script.
const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/scans.lua");

/// The real server; killed when it is dropped.
pub struct Server {
    child: Child,
    address: String,
}

/// What wrk saw.
#[derive(Debug, Clone, Copy)]
pub struct Seen {
    pub requests: usize,
    pub scans_per_second: f64,
    pub p50_milliseconds: f64,
    pub p99_milliseconds: f64,
    /// Answers that were no 200, and connections that broke.
    pub refused: u64,
}

/// Writes the scans as bodies of `POST /scan`, one per line.
pub fn bodies_file(folder: &Path, scans: &[Request]) -> PathBuf {
    let path = folder.join("bodies.jsonl");
    let mut file = BufWriter::new(File::create(&path).expect("a file"));
    for scan in scans {
        let Said::Barcode(barcode) = &scan.said else {
            unreachable!("only scans are measured")
        };
        let body = serde_json::json!({
            "barcode": barcode, "station_id": scan.station_id, "operator_id": scan.operator_id,
            "timestamp": scan.occurred_at, "scan_id": scan.key,
        });
        writeln!(file, "{body}").expect("room for a file");
    }
    file.flush().expect("room for a file");
    path
}

impl Server {
    pub fn start(binary: &Path, database: &str) -> Self {
        let mut child = Command::new(binary)
            .args(["--json", "--database", database])
            .args(["serve", "--listen", "127.0.0.1:0"])
            .stdout(Stdio::piped())
            .spawn()
            .expect("the server starts");
        let mut line = String::new();
        let mut stdout = BufReader::new(child.stdout.take().expect("its output"));
        stdout.read_line(&mut line).expect("a line");
        let said: serde_json::Value = serde_json::from_str(&line).expect("JSON");
        let address = said["listening"].as_str().expect("an address").to_owned();
        Self { child, address }
    }

    /// So many seconds of scans from the file, from that line on; each connection rests before each scan.
    pub fn load(
        &self,
        bodies: &Path,
        first: usize,
        connections: usize,
        seconds: u64,
        pause_milliseconds: f64,
    ) -> Seen {
        let output = Command::new("wrk")
            .args(["-t", &THREADS.to_string(), "-c", &connections.to_string()])
            .args([
                "-d",
                &format!("{seconds}s"),
                "-s",
                SCRIPT,
                &self.address,
                "--",
            ])
            .arg(bodies)
            .args([
                first.to_string(),
                THREADS.to_string(),
                pause_milliseconds.to_string(),
            ])
            .output()
            .expect("wrk is installed");
        let text = String::from_utf8_lossy(&output.stdout);
        let line = text.lines().rfind(|line| line.starts_with('{'));
        let line = line.unwrap_or_else(|| panic!("wrk said {text}"));
        let seen: serde_json::Value = serde_json::from_str(line).expect("JSON");
        let number = |name: &str| seen[name].as_f64().expect("a number");
        Seen {
            requests: seen["requests"]
                .as_u64()
                .and_then(|n| usize::try_from(n).ok())
                .expect("a number")
                + connections,
            scans_per_second: number("requests") / number("seconds"),
            p50_milliseconds: number("p50_ms"),
            p99_milliseconds: number("p99_ms"),
            refused: seen["refused"].as_u64().unwrap_or(0) + seen["lost"].as_u64().unwrap_or(0),
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}
