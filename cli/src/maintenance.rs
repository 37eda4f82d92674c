//! `verify`, `rebuild`, `backup` and `restore`.

use crate::exit;
use crate::output::Output;
use jiff::Timestamp;
use serde_json::json;
use sheetwise_store::Database;
use sheetwise_store::maintenance::{self, BackupError};
use std::fs::OpenOptions;
use std::io::{BufWriter, Write};
use std::path::Path;
use std::process::ExitCode;

pub(crate) fn verify(database: &Database, output: &Output) -> Result<ExitCode, String> {
    let mut engine = database.engine().map_err(|e| e.to_string())?;
    let verified = maintenance::verify(engine.as_mut(), &mut output.progress("verifying"));
    let verified = verified.map_err(|e| e.to_string())?;
    for finding in &verified.findings {
        output.say(
            finding.to_string(),
            || json!({"table": finding.table, "row": finding.row, "problem": finding.problem}),
        );
    }
    let (events, rows, found) = (verified.events, verified.rows, verified.findings.len());
    let sentence = match found {
        0 => format!("{events} events and {rows} derived rows verified: nothing is wrong."),
        n => format!("{events} events and {rows} derived rows verified: {n} findings."),
    };
    output.say(
        sentence,
        || json!({"events": events, "rows": rows, "findings": found}),
    );
    Ok(ExitCode::from(if verified.is_clean() {
        0
    } else {
        exit::FOUND
    }))
}

pub(crate) fn rebuild(database: &Database, output: &Output) -> Result<ExitCode, String> {
    let mut engine = database.engine().map_err(|e| e.to_string())?;
    let rebuilt = maintenance::rebuild(engine.as_mut(), &mut output.progress("rebuilding"));
    let rebuilt = rebuilt.map_err(|e| e.to_string())?;
    let differing = rebuilt.differences.iter().filter(|(_, rows)| *rows > 0);
    for (table, rows) in differing.clone() {
        output.say(
            format!("{table}: {rows} rows were not what the log says."),
            || json!({"table": table, "rows_that_differed": rows}),
        );
    }
    let tables = differing.count();
    let sentence = match tables {
        0 => format!(
            "Rebuilt from {} events: nothing had differed.",
            rebuilt.events
        ),
        _ => format!("Rebuilt from {} events.", rebuilt.events),
    };
    output.say(
        sentence,
        || json!({"events": rebuilt.events, "tables_that_differed": tables}),
    );
    Ok(ExitCode::SUCCESS)
}

pub(crate) fn backup(
    database: &Database,
    file: &Path,
    output: &Output,
) -> Result<ExitCode, String> {
    let failed = |e: std::io::Error| format!("{}: {e}", file.display());
    let mut engine = database.engine().map_err(|e| e.to_string())?;
    let created = OpenOptions::new()
        .write(true)
        .create_new(true)
        .open(file)
        .map_err(failed)?;
    let mut writer = BufWriter::new(created);
    let progress = &mut output.progress("backing up");
    let written = maintenance::backup(engine.as_mut(), Timestamp::now(), &mut writer, progress);
    let finished = written.map_err(|e| e.to_string()).and_then(|summary| {
        writer.flush().map_err(failed)?;
        writer.get_ref().sync_all().map_err(failed)?;
        Ok(summary)
    });
    let summary = finished.inspect_err(|_| {
        // Half a backup is none: it must not be found when it is needed.
        drop(std::fs::remove_file(file));
    })?;
    let sentence = format!(
        "{} events, {} receipts and {} refusals are in {}.",
        summary.events,
        summary.receipts,
        summary.refusals,
        file.display()
    );
    output.say(sentence, || json!(summary));
    Ok(ExitCode::SUCCESS)
}

pub(crate) fn restore(
    database: &Database,
    file: &Path,
    output: &Output,
) -> Result<ExitCode, String> {
    let mut engine = database.engine().map_err(|e| e.to_string())?;
    let restored = maintenance::restore(engine.as_mut(), file, &mut output.progress("restoring"));
    let summary = restored.map_err(|e| match e {
        BackupError::File(_) | BackupError::Line { .. } => format!("{}: {e}", file.display()),
        BackupError::Store(_) | BackupError::NotEmpty => e.to_string(),
    })?;
    let sentence = format!(
        "{} events, {} receipts and {} refusals restored; all read models are built.",
        summary.events, summary.receipts, summary.refusals
    );
    output.say(sentence, || json!(summary));
    Ok(ExitCode::SUCCESS)
}
