//! The binary `sheetwise`: parsing and wiring only.
//!
//! Exit codes: 0 done; 1 it could not be done; 2 the command line makes no sense; 3 `verify` found something.

mod maintenance;
mod output;
mod people;
mod serve;
mod trace;

use clap::{Args, Parser, Subcommand};
use output::Output;
use sheetwise_store::{Database, Location};
use std::path::PathBuf;
use std::process::ExitCode;

/// Production tracking for trading-card manufacturing.
#[derive(Debug, Parser)]
#[command(name = "sheetwise", version, about, max_term_width = 100)]
struct CommandLine {
    #[command(flatten)]
    common: Common,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Args)]
struct Common {
    /// A SQLite file, or postgres://user@host:5432/name. A file that is not there is made.
    #[arg(
        long,
        short = 'd',
        global = true,
        env = "DATABASE_URL",
        hide_env_values = true,
        default_value = "sheetwise.db"
    )]
    database: Location,
    /// Answer in JSON, one value per line.
    #[arg(long, global = true)]
    json: bool,
    /// No progress bars.
    #[arg(long, short = 'q', global = true)]
    quiet: bool,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve the HTTP API
    Serve(serve::Serve),
    /// Make the first admin: from then on everybody has to say who they are
    Init(people::Init),
    /// Give a person a password
    Password(people::Password),
    /// Tokens of scanners, terminals and other programs
    #[command(subcommand)]
    Token(people::TokenCommand),
    /// The whole life of a card, now or up to a past moment
    Trace(trace::Trace),
    /// Check everything: the log and its hash chain, every invariant, every read model against the log
    Verify,
    /// Build all read models again from the log, beside a server that may be running
    Rebuild,
    /// Write the log, the receipts and the refusals to a file
    Backup {
        /// The file to write; it must not be there yet
        file: PathBuf,
    },
    /// Restore a backup into a new, empty database
    Restore {
        /// The backup file
        file: PathBuf,
    },
}

fn main() -> ExitCode {
    let line = CommandLine::parse();
    let output = Output::new(line.common.json, line.common.quiet);
    match run(line, &output) {
        Ok(code) => code,
        Err(problem) => {
            output.problem(&problem);
            ExitCode::from(1)
        }
    }
}

fn run(line: CommandLine, output: &Output) -> Result<ExitCode, String> {
    let location = &line.common.database;
    let open = || Database::open(location).map_err(|e| format!("{location}: {e}"));
    match line.command {
        Command::Serve(serve) => serve.run(open()?, location, output),
        Command::Init(init) => init.run(&open()?, output),
        Command::Password(password) => password.run(&open()?, output),
        Command::Token(token) => token.run(&open()?, output),
        Command::Trace(trace) => trace.run(&open()?, output),
        Command::Verify => maintenance::verify(&open()?, output),
        Command::Rebuild => maintenance::rebuild(&open()?, output),
        Command::Backup { file } => maintenance::backup(&open()?, &file, output),
        Command::Restore { file } => maintenance::restore(&open()?, &file, output),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_makes_sense() {
        CommandLine::command().debug_assert();
    }
}
