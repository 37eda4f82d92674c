//! The binary `sheetwise`: parsing and wiring only. Exit codes are in `exit`.

mod configuration;
mod demo;
mod door;
mod exit;
mod export;
mod forecast;
mod import;
mod labels;
mod logging;
mod maintenance;
mod output;
mod pages;
mod people;
mod planning;
mod recall;
mod replay;
mod scan;
mod serve;
mod setup;
mod trace;

use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};
use configuration::{Common, SettingsFile};
use door::Door;
use output::Output;
use sheetwise_store::{Database, Location};
use std::path::PathBuf;
use std::process::ExitCode;

/// Production tracking for trading-card manufacturing.
#[derive(Debug, Parser)]
#[command(
    name = "sheetwise",
    version,
    about,
    max_term_width = 100,
    subcommand_required = true,
    arg_required_else_help = true,
    after_help = format!("\
Start here:
  sheetwise demo                              a small shop at work, from the order to the pallet
  sheetwise setup --example > shop.json       a file to make a shop of your own from
  sheetwise serve                             the HTTP API over ./sheetwise.db
  sheetwise scan J1044-S003 --station FOIL-1  a scan, straight into the database
  sheetwise scan J1044-S003 --station FOIL-1 --server http://127.0.0.1:7180    … or through a server
  sheetwise trace J1044-S003-07               the whole life of a card

Settings come from flags, then the environment, then sheetwise.toml (here, or in the folder
sheetwise of the user's configuration): `sheetwise config` shows what is in force and why.

{}", exit::HELP)
)]
struct CommandLine {
    #[command(flatten)]
    common: Common,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve the HTTP API
    Serve(serve::Serve),
    /// Furnish a shop from a file: its people, stations, products and pieces
    Setup(setup::Setup),
    /// Make the first admin: from then on everybody has to say who they are
    Init(people::Init),
    /// Give a person a password
    Password(people::Password),
    /// Tokens of scanners, terminals and other programs
    #[command(subcommand)]
    Token(people::TokenCommand),
    /// See a small shop at work, from the order to the shipped pallet, and look around in it
    Demo(demo::Demo),
    /// Scan a barcode at a station, or what a scanner types
    Scan(scan::Scan),
    /// The whole life of a card, or a recall: which cards are concerned, and who has them
    Trace(trace::Trace),
    /// Place and list production orders
    #[command(subcommand)]
    Order(planning::Order),
    /// Create and list jobs, and see how far they are
    #[command(subcommand)]
    Job(planning::Job),
    /// When jobs will be done, what is at risk, the load of the days to come, and what a change would do
    Forecast(forecast::Forecast),
    /// Take orders from a file: CSV, or an accepted quote
    Import(import::Import),
    /// Take a scanner's file, through the same door as everything else
    Replay(replay::Replay),
    /// Labels to stick on what the shop makes: PDF, SVG, or ZPL for label printers
    Labels(labels::Labels),
    /// Write the log or a read model out, as lines of JSON or as CSV
    Export(export::Export),
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
    /// Show the settings in force, and where they come from
    Config,
    /// Print a script that completes commands in a shell
    Completions(pages::Completions),
    /// Print the manual page
    Man(pages::Man),
}

fn main() -> ExitCode {
    let plain = CommandLine::command();
    // Before the line is read, nobody knows whether it wants JSON.
    let early = Output::new(
        std::env::args_os().any(|argument| argument == "--json"),
        false,
    );
    let senseless = |problem: String| {
        early.problem(&problem);
        ExitCode::from(exit::SENSELESS)
    };
    let file = match SettingsFile::find(&plain) {
        Ok(file) => file,
        Err(problem) => return senseless(problem),
    };
    let command = file.as_defaults(plain);
    let matches = command.clone().get_matches();
    let mut line = match CommandLine::from_arg_matches(&matches) {
        Ok(line) => line,
        Err(error) => error.exit(),
    };
    if let Err(problem) = line.common.settle(&matches) {
        return senseless(problem);
    }
    let output = Output::new(line.common.json, line.common.quiet);
    let done = match &line.command {
        Command::Config => configuration::show(&command, &line.common, &matches, &file, &output),
        Command::Completions(completions) => completions.run(CommandLine::command()),
        Command::Man(man) => man.run(CommandLine::command()),
        Command::Setup(setup) if setup.is_example() => Ok(setup::Setup::print_example(&output)),
        command => run(command, &line.common, &output),
    };
    let done = done.and_then(|code| output.was_written().map(|()| code));
    done.unwrap_or_else(|problem| {
        output.problem(&problem);
        ExitCode::from(exit::NOT_DONE)
    })
}

fn run(command: &Command, common: &Common, output: &Output) -> Result<ExitCode, String> {
    let location = &common.database;
    let open = || Database::open(location).map_err(|e| format!("{location}: {e}"));
    // To look after a database that was just made, empty, in the place of one that was mistyped would find nothing wrong.
    let existing = || match location {
        Location::File(path) if !path.exists() => Err(format!(
            "{location}: there is no database here: name the one that is meant with --database"
        )),
        _ => open(),
    };
    match command {
        Command::Serve(serve) => serve.run(open()?, common, output),
        Command::Init(init) => init.run(&open()?, output),
        Command::Password(password) => password.run(&open()?, output),
        Command::Token(token) => token.run(&open()?, output),
        Command::Demo(demo) => demo.run(output),
        Command::Verify => maintenance::verify(&existing()?, output),
        Command::Rebuild => maintenance::rebuild(&existing()?, output),
        Command::Backup { file } => maintenance::backup(&existing()?, file, output),
        Command::Restore { file } => maintenance::restore(&open()?, file, output),
        through_the_door => {
            let runtime = tokio::runtime::Builder::new_multi_thread()
                .enable_all()
                .build()
                .map_err(|e| e.to_string())?;
            // Opened and closed outside of the runtime: a database may have one of its own.
            let door = Door::open(common)?;
            runtime.block_on(async {
                match through_the_door {
                    Command::Setup(setup) => setup.run(&door, output).await,
                    Command::Scan(scan) => scan.run(&door, output).await,
                    Command::Trace(trace) => trace.run(&door, output).await,
                    Command::Order(order) => order.run(&door, output).await,
                    Command::Job(job) => job.run(&door, output).await,
                    Command::Forecast(forecast) => forecast.run(&door, output).await,
                    Command::Import(import) => import.run(&door, output).await,
                    Command::Replay(replay) => replay.run(&door, output).await,
                    Command::Labels(labels) => labels.run(&door, output).await,
                    Command::Export(export) => export.run(&door, output).await,
                    _ => unreachable!("every other command was taken above"),
                }
            })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_makes_sense() {
        CommandLine::command().debug_assert();
    }
}
