//! `import`: orders from the customer's or the quoting tool's file, by `POST /orders/import`.

use crate::door::{Door, with_query};
use crate::exit;
use crate::output::{Output, counted};
use axum::http::StatusCode;
use clap::Args;
use serde_json::{Value, json};
use sheetwise_core::identity::OperatorId;
use std::path::PathBuf;
use std::process::ExitCode;

#[derive(Debug, Args)]
#[command(after_help = "\
A CSV file has a head line and these columns; a file that ends in .json is an accepted quote:
  order_id,customer,product,quantity,due_date,priority
  PO-10044,Acme Cards,ROOKIES-2026,1800,2026-12-18,0

The whole file is tried before anything of it is taken. The same file again records nothing twice.

Examples:
  sheetwise import orders.csv
  sheetwise import orders.csv --create-jobs       with a job for each order that has none
  sheetwise import quote-7731.json --dry-run      what would come of it

Exits with 5 if rows cannot be taken (all of them are listed, and nothing was taken).")]
pub(crate) struct Import {
    /// The file
    file: PathBuf,
    /// Create a job for each order that has none yet
    #[arg(long)]
    create_jobs: bool,
    /// Leave rows out that cannot be taken, and take the others
    #[arg(long)]
    skip_bad: bool,
    /// Say what would come of it, and record nothing
    #[arg(long)]
    dry_run: bool,
    /// Who answers for the file: OP-4
    #[arg(long, env = "SHEETWISE_OPERATOR")]
    operator: Option<OperatorId>,
}

impl Import {
    pub(crate) async fn run(&self, door: &Door, output: &Output) -> Result<ExitCode, String> {
        let file = std::fs::read(&self.file);
        let file = file.map_err(|e| format!("{}: {e}", self.file.display()))?;
        let is_quote = self
            .file
            .extension()
            .is_some_and(|extension| extension == "json");
        let content_type = if is_quote {
            "application/json"
        } else {
            "text/csv"
        };
        let flag = |set: bool| set.then(|| "true".to_owned());
        let operator = self.operator.as_ref().map(ToString::to_string);
        let parameters = [
            ("dry_run", flag(self.dry_run)),
            ("skip_bad", flag(self.skip_bad)),
            ("create_jobs", flag(self.create_jobs)),
            ("operator_id", operator),
        ];
        let path = with_query("/orders/import", &parameters);
        let answer = door
            .say_bytes(&path, None, content_type, file.into())
            .await?;
        let bad_rows = rows(&answer.body, "bad_rows");
        for bad in bad_rows {
            output.say(bad_row(bad), || bad.clone());
        }
        if answer.is_refused() {
            output.problem(&format!("{}: {}", self.file.display(), answer.sentence()));
            let may_not =
                [StatusCode::UNAUTHORIZED, StatusCode::FORBIDDEN].contains(&answer.status);
            let code = if may_not {
                exit::REFUSED
            } else {
                exit::BAD_ROWS
            };
            return Ok(ExitCode::from(code));
        }
        for order in rows(&answer.body, "orders") {
            let job = order["job"]["message"].as_str();
            let message = order["message"].as_str().unwrap_or_default();
            let line = format!("{} {message} {}", place(order), job.unwrap_or_default());
            output.say(line.trim_end(), || order.clone());
        }
        let count = |field: &str| answer.body[field].as_u64().unwrap_or_default();
        let (recorded, before, failed) = (
            count("recorded"),
            count("already_recorded"),
            count("failed"),
        );
        let would = if self.dry_run { " would be" } else { "" };
        let sentence = format!(
            "{}{would} recorded, {before} there already, {failed} failed.",
            counted(recorded, "order")
        );
        output.say(sentence, || {
            json!({
                "recorded": recorded, "already_recorded": before, "failed": failed,
                "bad_rows_left_out": bad_rows.len(), "dry_run": self.dry_run,
            })
        });
        let undone = |order: &&Value| {
            let of_job = order["job"]["outcome"].as_str();
            matches!(of_job, Some("refused" | "failed"))
        };
        let without_job = rows(&answer.body, "orders").iter().filter(undone).count();
        if failed > 0 || without_job > 0 || !(self.skip_bad || bad_rows.is_empty()) {
            return Err("not everything could be recorded: import the file again".to_owned());
        }
        Ok(ExitCode::SUCCESS)
    }
}

fn rows<'a>(answer: &'a Value, name: &str) -> &'a [Value] {
    answer[name]
        .as_array()
        .map(Vec::as_slice)
        .unwrap_or_default()
}

/// `line 3` of a CSV file, `item 2` of a quote.
fn place(row: &Value) -> String {
    match (&row["line"], &row["item"]) {
        (Value::Number(line), _) => format!("line {line}:"),
        (_, Value::Number(item)) => format!("item {item}:"),
        _ => String::new(),
    }
}

fn bad_row(bad: &Value) -> String {
    let place = place(bad);
    let place = place.trim_end_matches(':');
    let column = bad["column"]
        .as_str()
        .map_or(String::new(), |column| format!(", column {column}"));
    let value = bad["value"]
        .as_str()
        .map_or(String::new(), |value| format!(" {value:?}"));
    let message = bad["message"].as_str().unwrap_or_default();
    format!("{place}{column}:{value} {message}")
}
