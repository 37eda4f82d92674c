//! `replay`: a scanner's file, through the same door as everything else. The file is checked to its end before
//! anything of it is taken; then it is said in its order, a group at a time. Every line has a key, so the receipts are
//! the progress: a run that was stopped anywhere is finished by running it again.

mod rows;
mod tally;

use crate::door::{Answer, Door};
use crate::exit;
use crate::output::Output;
use axum::body::Bytes;
use clap::Args;
use rows::{BadRow, Row, Rows};
use serde::Serialize;
use serde_json::{Value, json};
use sheetwise_store::maintenance::Progress;
use std::fs::File;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;
use tally::{Said, Tally};
use tokio::sync::mpsc;

/// So many scans are said at once. The ledger takes 512 at a time, so this keeps it busy; more would only make those
/// who scan at the same time wait longer behind them.
const GROUP: usize = 1_024;

/// A dry run decides each scan in the light of those before it, which it can for so many.
const DRY_RUN_MAX: usize = 10_000;

/// So many bad fields are told of one by one.
const BAD_FIELDS_SHOWN: usize = 10_000;

/// How long to wait before a group is asked again, in milliseconds.
const PAUSES: [u64; 7] = [100, 200, 400, 800, 1_600, 3_200, 6_400];

#[derive(Debug, Args)]
#[command(after_help = "\
The file has a head line and these columns, in any order; scan_id may be missing:
  timestamp,station_id,operator_id,barcode,scan_id
  2026-03-02T14:00:00Z,FOIL-1,OP-42,J1044-S003,gun-7/000123

Every line has a key: its scan_id, or the file's first row and the line's number. The same key never
acts twice, so running it again after it was stopped goes on where it stopped, and a file that has
grown is taken from where it had ended. A line that was changed after it was taken is refused
(key_reused). Timestamps are displayed; the order of the lines decides.

Examples:
  sheetwise replay scans.csv
  sheetwise replay scans.csv --dry-run                            what would come of it
  sheetwise replay scans.csv --server http://127.0.0.1:7180 --json

Exits with 0 if every scan was taken, 4 if the shop refused some (they are listed), 5 if rows cannot
be read (all of them are listed, and nothing was taken).")]
pub(crate) struct Replay {
    /// The scanner's file
    file: PathBuf,
    /// Leave rows out that cannot be read, and take the others
    #[arg(long)]
    skip_bad: bool,
    /// Check the file, and say what would come of its first 10,000 scans; nothing is recorded
    #[arg(long)]
    dry_run: bool,
}

/// What the check of a file found.
struct Checked {
    /// Rows, the bad ones included.
    rows: u64,
    bad: u64,
    /// What is wrong with the bad ones, field by field.
    shown: Vec<BadRow>,
    /// Fields that are wrong as well, and are too many to be shown.
    unshown: u64,
    /// Its first row can be read, by which it is known when it is replayed again.
    knows_the_file: bool,
}

/// Scans that are said at once.
struct Group {
    said: Vec<Said>,
    body: Bytes,
    /// How many rows of the file are behind it, the bad ones included.
    rows_done: u64,
}

impl Replay {
    pub(crate) async fn run(&self, door: &Door, output: &Output) -> Result<ExitCode, String> {
        let checked = self.check(output)?;
        for bad in &checked.shown {
            output.say(bad.to_string(), || json!(bad));
        }
        if checked.unshown > 0 {
            output.say(
                format!("… and {} more", checked.unshown),
                || json!({"more": checked.unshown}),
            );
        }
        // It is the first row by which the file is known: without it, none can be left out.
        let first = if checked.knows_the_file {
            ""
        } else {
            " (the first row cannot be left out: the file is known by it)"
        };
        if checked.bad > 0 && !(self.skip_bad && checked.knows_the_file) {
            let (bad, rows) = (checked.bad, checked.rows);
            let file = self.file.display();
            output.problem(&format!(
                "{bad} of {rows} rows of {file} cannot be read, and nothing of it was taken: mend them, or leave them \
                 out with --skip-bad{first}"
            ));
            return Ok(ExitCode::from(exit::BAD_ROWS));
        }
        let tally = if self.dry_run {
            self.try_out(door, checked.rows).await?
        } else {
            self.say_all(door, checked.rows, output).await?
        };
        let left_out = (checked.rows - checked.bad).saturating_sub(tally.scans());
        tally.show(checked.bad, self.dry_run.then_some(left_out), output);
        Ok(exit::unless_refused(tally.refused() > 0))
    }

    fn open(&self) -> Result<Rows<File>, String> {
        let failed = |e: &dyn std::fmt::Display| format!("{}: {e}", self.file.display());
        let file = File::open(&self.file).map_err(|e| failed(&e))?;
        Rows::of(file).map_err(|e| failed(&e))
    }

    fn check(&self, output: &Output) -> Result<Checked, String> {
        let total = std::fs::metadata(&self.file).map_or(0, |metadata| metadata.len());
        let mut progress = output.progress("checking");
        let mut rows = self.open()?;
        let mut checked = Checked {
            rows: 0,
            bad: 0,
            shown: Vec::new(),
            unshown: 0,
            knows_the_file: true,
        };
        while let Some(row) = rows.next().transpose_io(&self.file)? {
            checked.rows += 1;
            if let Err(bad) = row {
                checked.bad += 1;
                for field in bad {
                    if checked.shown.len() < BAD_FIELDS_SHOWN {
                        checked.shown.push(field);
                    } else {
                        checked.unshown += 1;
                    }
                }
            }
            if checked.rows.is_multiple_of(8_192) {
                progress(Progress {
                    done: rows.bytes_read(),
                    total,
                });
            }
        }
        checked.knows_the_file = checked.rows == 0 || rows.identity().is_some();
        progress(Progress { done: total, total });
        Ok(checked)
    }

    /// Says the rows that were checked, a group at a time, in their order; the next group is made ready meanwhile.
    async fn say_all(&self, door: &Door, rows: u64, output: &Output) -> Result<Tally, String> {
        let (ready, mut groups) = mpsc::channel::<Result<Group, String>>(2);
        let reading = self.open()?;
        let file = self.file.clone();
        let reader = std::thread::spawn(move || make_groups(reading, &file, rows, GROUP, &ready));
        let mut progress = output.progress("replaying");
        let mut tally = Tally::default();
        while let Some(group) = groups.recv().await {
            let group = group?;
            let first = group.said.first().map_or(0, |said| said.line);
            let verdicts = say(door, &group).await.map_err(|trouble| {
                format!(
                    "from line {first} of {} on: {trouble}. Run it again: what was taken is not taken twice",
                    self.file.display()
                )
            })?;
            tally.count(group.said, verdicts);
            progress(Progress {
                done: group.rows_done,
                total: rows,
            });
        }
        reader.join().map_err(|_| "the file's reader panicked")?;
        Ok(tally)
    }

    /// What would come of the first scans, decided together.
    async fn try_out(&self, door: &Door, rows: u64) -> Result<Tally, String> {
        let (ready, mut groups) = mpsc::channel::<Result<Group, String>>(1);
        let reading = self.open()?;
        let file = self.file.clone();
        // The reader ends when nobody takes its second group.
        std::thread::spawn(move || make_groups(reading, &file, rows, DRY_RUN_MAX, &ready));
        let mut tally = Tally::default();
        if let Some(group) = groups.recv().await {
            let group = group?;
            let path = "/scans?dry_run=true";
            let answer = door
                .say_bytes(path, None, "application/json", group.body)
                .await?;
            let verdicts = verdicts(answer, group.said.len())?;
            tally.count(group.said, verdicts);
        }
        Ok(tally)
    }
}

/// `Option<io::Result<T>>` with the file's name in its error.
trait TransposeIo<T> {
    fn transpose_io(self, file: &std::path::Path) -> Result<Option<T>, String>;
}

impl<T> TransposeIo<T> for Option<Result<T, csv::Error>> {
    fn transpose_io(self, file: &std::path::Path) -> Result<Option<T>, String> {
        self.transpose()
            .map_err(|e| format!("{}: {e}", file.display()))
    }
}

#[derive(Serialize)]
struct Scans<'a> {
    scans: &'a [Row],
}

/// Reads the first rows of the file into groups, as fast as they are taken.
fn make_groups(
    mut reading: Rows<File>,
    file: &std::path::Path,
    rows: u64,
    size: usize,
    ready: &mpsc::Sender<Result<Group, String>>,
) {
    let mut rows_done = 0;
    let mut scans: Vec<Row> = Vec::with_capacity(size);
    loop {
        let next = if rows_done < rows {
            reading.next().transpose_io(file)
        } else {
            Ok(None)
        };
        let ended = match next {
            Ok(Some(row)) => {
                rows_done += 1;
                scans.extend(row.ok());
                false
            }
            Ok(None) => true,
            Err(problem) => {
                drop(ready.blocking_send(Err(problem)));
                return;
            }
        };
        if scans.len() == size || (ended && !scans.is_empty()) {
            let body = serde_json::to_vec(&Scans { scans: &scans });
            let group = Group {
                body: body.expect("rows hold nothing that JSON cannot").into(),
                said: scans.drain(..).map(Said::from).collect(),
                rows_done,
            };
            if ready.blocking_send(Ok(group)).is_err() {
                return; // nobody waits for more
            }
        }
        if ended {
            return;
        }
    }
}

/// Says a group until every scan of it has a verdict: what failed is asked again with the same keys.
async fn say(door: &Door, group: &Group) -> Result<Vec<Value>, String> {
    let mut pauses = PAUSES.iter();
    loop {
        let body = group.body.clone();
        let answer = door
            .say_bytes("/scans", None, "application/json", body)
            .await?;
        let verdicts = verdicts(answer, group.said.len())?;
        let failed = verdicts.iter().find(|verdict| {
            verdict["outcome"] == "failed" && verdict["code"] != "cannot_be_recorded"
        });
        let Some(failed) = failed else {
            return Ok(verdicts);
        };
        let message = failed["message"].as_str().unwrap_or_default().to_owned();
        match pauses.next() {
            Some(pause) if failed["code"] != "stopped" => {
                tokio::time::sleep(Duration::from_millis(*pause)).await;
            }
            _ => return Err(message),
        }
    }
}

/// A verdict for each of so many scans.
fn verdicts(mut answer: Answer, scans: usize) -> Result<Vec<Value>, String> {
    if answer.is_refused() {
        return Err(answer.sentence());
    }
    match answer.body["results"].take() {
        Value::Array(verdicts) if verdicts.len() == scans => Ok(verdicts),
        _ => Err(format!(
            "/scans answered {scans} scans without a verdict each"
        )),
    }
}
