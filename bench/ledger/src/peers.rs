//! Other packages under the same work, each a program of its own (`bench/peers/`).
//!
//! It is started with a database's URL, a file of work, and how many clients; it prints `ready`; told
//! `go WARM_UP_MS MEASURED_MS` it works and prints `done SCANS SECONDS P50_MS P99_MS RETRIES BEHIND`. The
//! processor time is read from outside. Each measurement has a fresh database with the read models' tables.

use crate::cpu;
use crate::load::{Load, Window};
use crate::postgres;
use crate::prepared::{Moved, Prepared, Scan};
use jiff::Timestamp;
use serde_json::{Value, json};
use sheetwise_store::tables::{Cell, Row, Table};
use std::io::{BufRead, BufReader, BufWriter, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// A package: its name, and the words that start its program.
#[derive(Debug, Clone)]
pub struct Peer {
    pub name: String,
    pub command: Vec<String>,
}

/// So many scans are enough for any of them.
const SCANS_MAX: usize = 30_000;

/// Writes the work down: in the first line the statements that change the read models; then a unit of scans in
/// each line, each scan with its events and with what goes into which statement, all as text.
pub fn write_work(path: &Path, prepared: &Prepared) -> std::io::Result<()> {
    let mut file = BufWriter::new(std::fs::File::create(path)?);
    let tables = [
        Table::CardUnits,
        Table::Assemblies,
        Table::StationLoad,
        Table::JobProgress,
    ];
    writeln!(file, "{}", json!({ "statements": tables.map(upsert) }))?;
    for unit in prepared
        .units
        .iter()
        .take_while(|unit| unit.end <= SCANS_MAX)
    {
        let scans: Vec<Value> = prepared.scans[unit.clone()].iter().map(work).collect();
        writeln!(file, "{}", Value::from(scans))?;
    }
    file.flush()
}

fn work(scan: &Scan) -> Value {
    let card = scan.events[0].aggregate_id.as_str();
    let events = scan.events.iter().map(|event| {
        json!({
            "type": event.event_type.as_str(),
            "data": serde_json::from_str::<Value>(&event.event_payload).expect("a payload is JSON"),
            "occurred_at": event.occurred_at.to_string(),
            "station_id": event.station_id.as_deref(),
            "operator_id": event.operator_id.as_deref(),
            "correlation_id": event.correlation_id.as_str(),
        })
    });
    let mut writes: Vec<Value> = Vec::new();
    for (table, row) in &scan.rows {
        let statement = usize::from(*table != Table::CardUnits);
        writes.push(json!([statement, values(row, None)]));
    }
    for (statement, moved) in [(2, &scan.station_load), (3, &scan.job_progress)] {
        writes.extend(
            moved
                .iter()
                .map(|moved| json!([statement, values(&moved.row, Some(moved))])),
        );
    }
    json!({ "stream": card, "events": events.collect::<Vec<_>>(), "writes": writes })
}

/// A row's cells as PostgreSQL spells them; a counter's are what it moved by.
fn values(row: &Row, moved: Option<&Moved>) -> Vec<Option<String>> {
    let mut by = moved.map(|moved| moved.by.iter());
    let counters = row.cells.len() - 2;
    let mut values: Vec<Option<String>> = Vec::new();
    for (index, cell) in row.cells.iter().enumerate() {
        values.push(match cell {
            Cell::Null => None,
            Cell::Text(text) => Some(text.to_string()),
            Cell::Integer(number) => {
                let by = by.as_mut().filter(|_| index < counters);
                Some(by.and_then(Iterator::next).unwrap_or(number).to_string())
            }
            Cell::Integers(numbers) => {
                let numbers: Vec<String> = numbers.iter().map(ToString::to_string).collect();
                Some(format!("{{{}}}", numbers.join(",")))
            }
            Cell::Time(time) => Some(Timestamp::to_string(time)),
        });
    }
    values.push(Some(row.details.clone()));
    values
}

/// `INSERT … ON CONFLICT DO UPDATE`; the counters of stations and jobs are moved, not set.
fn upsert(table: Table) -> String {
    use sheetwise_store::tables::Kind;
    let counts = matches!(table, Table::StationLoad | Table::JobProgress);
    let columns = table.columns();
    let (mut names, mut marks, mut set) = (Vec::new(), Vec::new(), Vec::new());
    let all = columns.iter().copied().chain([("details", Kind::Text)]);
    for (index, (name, kind)) in all.enumerate() {
        let sql_type = match kind {
            _ if name == "details" => "json",
            Kind::Text => "text",
            Kind::Integer => "bigint",
            Kind::Date => "date",
            Kind::Integers => "integer[]",
            Kind::Time => "timestamptz",
        };
        names.push(name);
        marks.push(format!("${}::text::{sql_type}", index + 1));
        if index == 0 {
            continue;
        }
        set.push(
            if counts && kind == Kind::Integer && name != "last_event_seq" {
                format!(
                    "{name} = coalesce({0}.{name}, 0) + excluded.{name}",
                    table.name()
                )
            } else {
                format!("{name} = excluded.{name}")
            },
        );
    }
    format!(
        "INSERT INTO {} ({}) VALUES ({}) ON CONFLICT ({}) DO UPDATE SET {}",
        table.name(),
        names.join(", "),
        marks.join(", "),
        table.key(),
        set.join(", ")
    )
}

/// What a peer's database has from us: the tables of the read models.
pub const PEER_DATABASE: &str = "DROP TABLE log, streams, event_types, snapshots, registers, claims, \
     receipts, refusals, log_head CASCADE";

impl Peer {
    /// `name=word word …`
    pub fn parse(text: &str) -> Option<Self> {
        let (name, command) = text.split_once('=')?;
        let command = command.split_whitespace().map(str::to_owned).collect();
        Some(Self {
            name: name.to_owned(),
            command,
        })
    }

    /// Its window; and how many scans its read models were behind at the end, where it has that.
    pub fn measure(
        &self,
        url: &str,
        work: &Path,
        clients: usize,
        load: &Load,
    ) -> Option<(Window, f64)> {
        let connections = clients.min(postgres::CONNECTIONS_MAX).to_string();
        let (program, words) = self.command.split_first()?;
        let child = Command::new(program)
            .args(words)
            .args([url.as_ref(), work.as_os_str(), connections.as_ref()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn();
        let mut child = child
            .map_err(|error| eprintln!("{}: {error}", self.name))
            .ok()?;
        let answer = Self::talk(&mut child, load);
        let ended = child.wait();
        if answer.is_none() {
            eprintln!("{}: no figures (it ended with {ended:?})", self.name);
        }
        answer
    }

    fn talk(child: &mut Child, load: &Load) -> Option<(Window, f64)> {
        let mut lines = BufReader::new(child.stdout.take()?)
            .lines()
            .map_while(Result::ok);
        lines.find(|line| line == "ready")?;
        let mut told = child.stdin.take()?;
        let (warm_up, measured) = (load.warm_up.as_millis(), load.measured.as_millis());
        writeln!(told, "go {warm_up} {measured}").ok()?;
        let seconds = || {
            let server = load.postmaster.map_or(f64::NAN, cpu::family_seconds);
            (cpu::family_seconds(child.id()), server)
        };
        std::thread::sleep(load.warm_up);
        let before = seconds();
        std::thread::sleep(load.measured);
        let after = seconds();
        let done = lines.find_map(|line| {
            let figures = line.strip_prefix("done ")?.split_whitespace();
            figures
                .map(|figure| figure.parse::<f64>().ok())
                .collect::<Option<Vec<_>>>()
        })?;
        let [scans, took, p50, p99, retries, behind] = done[..] else {
            return None;
        };
        let window = Window {
            scans_per_second: scans / took,
            program_micros: (after.0 - before.0) * 1e6 / scans,
            database_micros: (after.1 - before.1) * 1e6 / scans,
            p50_milliseconds: p50,
            p99_milliseconds: p99,
            retries,
            units_taken: 0,
        };
        Some((window, behind))
    }
}
