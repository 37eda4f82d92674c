//! `scan`: one barcode, or the lines of a scanner that types what it reads.

use crate::door::{Answer, Door, new_key};
use crate::exit;
use crate::output::Output;
use clap::Args;
use jiff::Timestamp;
use serde_json::{Value, json};
use sheetwise_core::identity::{OperatorId, StationId};
use std::io::{IsTerminal, stdin};
use std::process::ExitCode;

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  sheetwise scan J1044-S003-07 --station QA-1       one scan, and what the shop makes of it
  sheetwise scan '!FAIL F-201' --station QA-1       a control barcode, for the card scanned last there
  sheetwise scan --station QA-1 --operator OP-42    a line per scan, as a scanner types them
  sheetwise scan '!PASS' --station QA-1 --dry-run   what would come of it; nothing is recorded

Exits with 4 if the shop refused a scan.")]
pub(crate) struct Scan {
    /// What the scanner read; without it, each line of the standard input is one scan
    barcode: Option<String>,
    /// The station where it is scanned: FOIL-1
    #[arg(long, env = "SHEETWISE_STATION")]
    station: StationId,
    /// Who scans: OP-42
    #[arg(long, env = "SHEETWISE_OPERATOR")]
    operator: Option<OperatorId>,
    /// The device's clock, like 2026-03-02T14:00:00Z; the server's where nothing is said
    #[arg(long, requires = "barcode")]
    timestamp: Option<Timestamp>,
    /// A key of your own: the same key never acts twice
    #[arg(long, requires = "barcode")]
    key: Option<String>,
    /// Say what would come of it, and record nothing
    #[arg(long)]
    dry_run: bool,
}

impl Scan {
    pub(crate) async fn run(&self, door: &Door, output: &Output) -> Result<ExitCode, String> {
        if let Some(barcode) = &self.barcode {
            let key = self.key.clone().unwrap_or_else(|| new_key("scan"));
            let answer = self.scan(door, barcode, &key).await?;
            self.show(&answer, output);
            return Ok(exit::unless_refused(answer.is_refused()));
        }
        if stdin().is_terminal() {
            output.aside(&format!(
                "Scanning at {}. One barcode per line; Ctrl-D ends.",
                self.station
            ));
        }
        let mut refused = false;
        for line in stdin().lines() {
            let line = line.map_err(|e| format!("the standard input: {e}"))?;
            if line.trim().is_empty() {
                continue;
            }
            // The line as the scanner sent it: what it adds in front is for the shop to read.
            let answer = self.scan(door, &line, &new_key("scan")).await?;
            self.show(&answer, output);
            refused |= answer.is_refused();
        }
        Ok(exit::unless_refused(refused))
    }

    async fn scan(&self, door: &Door, barcode: &str, key: &str) -> Result<Answer, String> {
        let body = scan_body(
            barcode,
            &self.station,
            self.operator.as_ref(),
            self.timestamp,
        );
        let path = if self.dry_run {
            "/scan?dry_run=true"
        } else {
            "/scan"
        };
        door.say(path, key, &body).await
    }

    fn show(&self, answer: &Answer, output: &Output) {
        let light = if answer.is_refused() { "NO " } else { "ok " };
        let would = if self.dry_run { "would be: " } else { "" };
        output.say(format!("{light} {would}{}", answer.sentence()), || {
            answer.body.clone()
        });
    }
}

/// The body of `POST /scan`.
pub(crate) fn scan_body(
    barcode: &str,
    station_id: &StationId,
    operator_id: Option<&OperatorId>,
    timestamp: Option<Timestamp>,
) -> Value {
    json!({
        "barcode": barcode, "station_id": station_id, "operator_id": operator_id, "timestamp": timestamp,
    })
}
