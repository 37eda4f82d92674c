//! What came of a file: counts, and the first lines of each kind of refusal.

use super::rows::Row;
use crate::output::Output;
use serde::Serialize;
use serde_json::{Value, json};
use sheetwise_core::identity::StationId;
use std::collections::BTreeMap;

/// Of each kind of refusal, so many are shown.
const SHOWN: usize = 3;

/// A scan that was said, as far as a person wants to see it again.
pub(super) struct Said {
    pub(super) line: u64,
    barcode: String,
    station_id: StationId,
}

impl From<Row> for Said {
    fn from(row: Row) -> Self {
        Self {
            line: row.line,
            barcode: row.barcode,
            station_id: row.station_id,
        }
    }
}

#[derive(Debug, Default)]
pub(super) struct Tally {
    recorded: u64,
    already_recorded: u64,
    /// By code.
    refused: BTreeMap<String, Refused>,
}

#[derive(Debug, Default, Serialize)]
struct Refused {
    count: u64,
    first: Vec<Shown>,
}

#[derive(Debug, Serialize)]
struct Shown {
    line: u64,
    barcode: String,
    station_id: StationId,
    message: String,
}

impl Tally {
    /// Counts the verdicts of a group, one for each scan.
    pub(super) fn count(&mut self, said: Vec<Said>, verdicts: Vec<Value>) {
        for (said, verdict) in said.into_iter().zip(verdicts) {
            match verdict["outcome"].as_str() {
                Some("recorded") => self.recorded += 1,
                Some("already_recorded") => self.already_recorded += 1,
                _ => {
                    let code = verdict["code"].as_str().unwrap_or("unknown");
                    let refused = self.refused.entry(code.to_owned()).or_default();
                    refused.count += 1;
                    if refused.first.len() < SHOWN {
                        refused.first.push(Shown {
                            line: said.line,
                            barcode: said.barcode,
                            station_id: said.station_id,
                            message: verdict["message"].as_str().unwrap_or_default().to_owned(),
                        });
                    }
                }
            }
        }
    }

    pub(super) fn refused(&self) -> u64 {
        self.refused.values().map(|refused| refused.count).sum()
    }

    pub(super) fn scans(&self) -> u64 {
        self.recorded + self.already_recorded + self.refused()
    }

    /// `not_tried` is there in a dry run: rows behind the last one that could be tried.
    pub(super) fn show(&self, skipped: u64, not_tried: Option<u64>, output: &Output) {
        let (scans, refused) = (self.scans(), self.refused());
        for (code, of_code) in &self.refused {
            if output.is_json() {
                continue;
            }
            output.say(format!("refused {code}: {}", of_code.count), || Value::Null);
            for shown in &of_code.first {
                let Shown {
                    line,
                    barcode,
                    station_id,
                    message,
                } = shown;
                let line = format!("  line {line}: {barcode} at {station_id}: {message}");
                output.say(line, || Value::Null);
            }
        }
        let mut sentence = format!(
            "{scans} scans: {} recorded, {} already recorded, {refused} refused",
            self.recorded, self.already_recorded
        );
        if skipped > 0 {
            sentence.push_str(&format!("; {skipped} bad rows left out"));
        }
        match not_tried {
            None => sentence.push('.'),
            Some(0) => sentence.push_str(". It was a dry run: nothing is recorded."),
            Some(rows) => sentence.push_str(&format!(
                ". It was a dry run: nothing is recorded, and the {rows} rows behind these were not tried."
            )),
        }
        output.say(sentence, || {
            json!({
                "scans": scans, "recorded": self.recorded, "already_recorded": self.already_recorded,
                "refused": refused, "refused_by_code": self.refused, "bad_rows_left_out": skipped,
                "dry_run": not_tried.is_some(), "not_tried": not_tried.unwrap_or(0),
            })
        });
    }
}
