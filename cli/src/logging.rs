//! The server's log: what of it is written, and in which form. It goes to standard error.

use clap::{Args, ValueEnum};
use std::io;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{Layer, fmt};

#[derive(Debug, Args)]
pub(crate) struct Logging {
    /// What is logged: off, error, warn, info, debug, or levels by part (warn,sheetwise_http=debug)
    #[arg(long, env = "SHEETWISE_LOG", default_value = "info", value_parser = read_levels)]
    log: Targets,
    /// In which form
    #[arg(long, env = "SHEETWISE_LOG_FORMAT", value_enum, default_value_t = Form::Human)]
    log_format: Form,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Form {
    /// Lines for a person
    Human,
    /// One JSON object per line
    Json,
}

fn read_levels(text: &str) -> Result<Targets, String> {
    text.parse().map_err(|e| {
        format!("{e}: say off, error, warn, info, debug, or warn,sheetwise_http=debug")
    })
}

impl Logging {
    /// From now on what happens is logged.
    pub(crate) fn begin(&self) -> Result<(), String> {
        let lines = fmt::layer().with_writer(io::stderr).with_ansi(false);
        let lines = match self.log_format {
            Form::Human => lines.boxed(),
            Form::Json => lines.json().flatten_event(true).boxed(),
        };
        tracing_subscriber::registry()
            .with(lines.with_filter(self.log.clone()))
            .try_init()
            .map_err(|e| format!("the log cannot be begun: {e}"))
    }
}
