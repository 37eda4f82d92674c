//! `export`: the log or a read model, page by page, so that its size does not matter.

use crate::door::{Door, with_query};
use crate::output::Output;
use clap::{Args, ValueEnum};
use serde_json::{Map, Value, json};
use std::fs::File;
use std::io::{self, BufWriter, ErrorKind, Write};
use std::path::PathBuf;
use std::process::ExitCode;

/// So many rows come at once: the most that the API gives.
const PAGE: usize = 1_000;

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  sheetwise export events > events.jsonl
  sheetwise export events --after 120000 >> events.jsonl     what came since
  sheetwise export cards --format csv --output cards.csv

The last line on the standard error says where to go on with --after.")]
pub(crate) struct Export {
    /// What to write out
    #[arg(value_enum)]
    what: What,
    /// Lines of JSON, or CSV whose last column holds the rest as JSON
    #[arg(long, value_enum, default_value = "jsonl")]
    format: Format,
    /// Only what comes after this: an event's number, or the id of a row
    #[arg(long)]
    after: Option<String>,
    /// Write to this file instead of the standard output; it must not be there yet
    #[arg(long, short = 'o', value_name = "FILE")]
    output: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum What {
    /// Every event, in order
    Events,
    /// Every refusal, in order
    Refusals,
    /// Orders as they are now
    Orders,
    /// Jobs as they are now
    Jobs,
    /// Sheets as they are now
    Sheets,
    /// Card units as they are now
    Cards,
    /// Sets as they are now
    Sets,
    /// Boxes, cases and pallets as they are now
    Packs,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    Jsonl,
    Csv,
}

impl What {
    /// The call, the name of the list in its answer, and the columns of a CSV file before the rest.
    const fn source(self) -> (&'static str, &'static str, &'static [&'static str]) {
        match self {
            Self::Events => (
                "/events",
                "events",
                &[
                    "sequence_num",
                    "event_type",
                    "occurred_at",
                    "recorded_at",
                    "aggregate_type",
                    "aggregate_id",
                    "aggregate_version",
                    "correlation_id",
                    "station_id",
                    "operator_id",
                ],
            ),
            Self::Refusals => (
                "/refusals",
                "refusals",
                &[
                    "refusal_num",
                    "code",
                    "barcode",
                    "station_id",
                    "operator_id",
                    "occurred_at",
                    "recorded_at",
                    "late",
                    "message",
                ],
            ),
            Self::Orders => (
                "/orders",
                "orders",
                &[
                    "order_id",
                    "customer",
                    "product_id",
                    "quantity",
                    "due_date",
                    "priority",
                    "status",
                    "held",
                    "last_event_seq",
                    "updated_at",
                ],
            ),
            Self::Jobs => (
                "/jobs",
                "jobs",
                &[
                    "job_id",
                    "order_id",
                    "product_id",
                    "product_version",
                    "quantity",
                    "n_up",
                    "due_date",
                    "priority",
                    "status",
                    "held",
                    "last_event_seq",
                    "updated_at",
                ],
            ),
            Self::Sheets => (
                "/sheets",
                "sheets",
                &[
                    "sheet_id",
                    "job_id",
                    "purpose",
                    "status",
                    "current_station_id",
                    "since",
                    "current_operation_id",
                    "held",
                    "void_reason",
                    "last_event_seq",
                    "updated_at",
                ],
            ),
            Self::Cards => (
                "/card-units",
                "card_units",
                &[
                    "card_unit_id",
                    "sheet_id",
                    "job_id",
                    "position",
                    "design",
                    "status",
                    "current_station_id",
                    "since",
                    "current_operation_id",
                    "qa_result",
                    "sequential_number",
                    "held",
                    "rework_count",
                    "replaces",
                    "replaced_by",
                    "assembly_id",
                    "pack_id",
                    "void_reason",
                    "last_event_seq",
                    "updated_at",
                ],
            ),
            Self::Sets => (
                "/assemblies",
                "assemblies",
                &[
                    "assembly_id",
                    "sheet_id",
                    "job_id",
                    "expected_count",
                    "gathered_count",
                    "status",
                    "held",
                    "pack_id",
                    "void_reason",
                    "last_event_seq",
                    "updated_at",
                ],
            ),
            Self::Packs => (
                "/packs",
                "packs",
                &[
                    "pack_id",
                    "job_id",
                    "kind",
                    "status",
                    "capacity",
                    "outer_pack_id",
                    "shipped_at",
                    "last_event_seq",
                    "updated_at",
                ],
            ),
        }
    }
}

impl Export {
    pub(crate) async fn run(&self, door: &Door, output: &Output) -> Result<ExitCode, String> {
        let numbered = matches!(self.what, What::Events | What::Refusals);
        if let Some(after) = self.after.as_ref().filter(|_| numbered)
            && after.parse::<u64>().is_err()
        {
            return Err(format!(
                "--after {after:?} should be the number of the last one that you have"
            ));
        }
        let (place, sink): (String, Box<dyn Write>) = match &self.output {
            None => ("the standard output".to_owned(), Box::new(io::stdout())),
            Some(path) => {
                let file =
                    File::create_new(path).map_err(|e| format!("{}: {e}", path.display()))?;
                (path.display().to_string(), Box::new(file))
            }
        };
        let written = self.write_all(door, BufWriter::new(sink)).await;
        if written.is_err()
            && let Some(path) = &self.output
        {
            drop(std::fs::remove_file(path)); // half a file is nobody's
        }
        match written {
            Ok((rows, after)) => {
                let next = after.unwrap_or_else(|| "0".to_owned());
                output.aside(&format!("{rows} rows written; go on with --after {next}"));
                Ok(ExitCode::SUCCESS)
            }
            // Whoever reads has enough (`| head`).
            Err(Trouble::Writing(e)) if e.kind() == ErrorKind::BrokenPipe => Ok(ExitCode::SUCCESS),
            Err(Trouble::Writing(e)) => Err(format!("{place}: {e}")),
            Err(Trouble::Asking(e)) => Err(e),
        }
    }

    /// How many rows there were, and what comes before the next ones.
    async fn write_all(
        &self,
        door: &Door,
        sink: impl Write,
    ) -> Result<(u64, Option<String>), Trouble> {
        let (path, name, columns) = self.what.source();
        let mut lines = Lines::new(self.format, columns, sink)?;
        let mut after = self.after.clone();
        let mut rows = 0_u64;
        loop {
            let parameters = [("after", after.clone()), ("limit", Some(PAGE.to_string()))];
            let asked = door.ask(&with_query(path, &parameters)).await;
            let mut page = asked.map_err(Trouble::Asking)?;
            let Value::Array(found) = page[name].take() else {
                return Err(Trouble::Asking(format!("{path} answered without {name}")));
            };
            let count = found.len();
            for row in found {
                lines.write(row)?;
                rows += 1;
            }
            if count > 0 {
                after = match &page["next_after"] {
                    Value::String(id) => Some(id.clone()),
                    Value::Number(number) => Some(number.to_string()),
                    _ => after,
                };
            }
            if count < PAGE {
                lines.finish()?;
                return Ok((rows, after));
            }
        }
    }
}

enum Trouble {
    Asking(String),
    Writing(io::Error),
}

impl From<io::Error> for Trouble {
    fn from(error: io::Error) -> Self {
        Self::Writing(error)
    }
}

/// Rows in one of the formats.
enum Lines<W: Write> {
    Json(W),
    Csv(Box<csv::Writer<W>>, &'static [&'static str]),
}

impl<W: Write> Lines<W> {
    fn new(format: Format, columns: &'static [&'static str], sink: W) -> io::Result<Self> {
        Ok(match format {
            Format::Jsonl => Self::Json(sink),
            Format::Csv => {
                let mut writer = csv::Writer::from_writer(sink);
                writer.write_record(columns.iter().copied().chain(["details"]))?;
                Self::Csv(Box::new(writer), columns)
            }
        })
    }

    fn write(&mut self, row: Value) -> io::Result<()> {
        match self {
            Self::Json(sink) => writeln!(sink, "{row}"),
            Self::Csv(writer, columns) => {
                let mut fields = match row {
                    Value::Object(fields) => fields,
                    other => Map::from_iter([("value".to_owned(), other)]),
                };
                for column in *columns {
                    writer.write_field(cell(fields.remove(*column)))?;
                }
                // What has no column of its own is not lost.
                fields.retain(|_, value| !value.is_null());
                writer.write_field(json!(fields).to_string())?;
                writer.write_record(None::<&[u8]>)?;
                Ok(())
            }
        }
    }

    fn finish(self) -> io::Result<()> {
        match self {
            Self::Json(mut sink) => sink.flush(),
            Self::Csv(mut writer, _) => writer.flush(),
        }
    }
}

fn cell(value: Option<Value>) -> String {
    match value {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => text,
        Some(other) => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_no_column_stands_in_the_last_one() {
        let mut file = Vec::new();
        let mut lines =
            Lines::new(Format::Csv, &["sequence_num", "event_type"], &mut file).expect("memory");
        let event = json!({
            "sequence_num": 7, "event_type": "CardUnitVoided", "reason": "a \"torn\", bent card", "note": null,
        });
        lines.write(event).expect("memory");
        lines.finish().expect("memory");
        assert_eq!(
            String::from_utf8(file).expect("UTF-8"),
            "sequence_num,event_type,details\n\
             7,CardUnitVoided,\"{\"\"reason\"\":\"\"a \\\"\"torn\\\"\", bent card\"\"}\"\n"
        );
    }
}
