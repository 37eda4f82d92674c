//! What is in force, and where it comes from: a flag, the environment, a file, or what Sheetwise takes by itself, in
//! this order. What stands in the file becomes the default of the arguments, so that everything else is clap's.

use crate::door::ServerAddress;
use crate::output::Output;
use clap::builder::{OsStr, Str};
use clap::parser::ValueSource;
use clap::{ArgMatches, Args, Command};
use serde::Deserialize;
use serde_json::json;
use sheetwise_core::identity::{Gs1Settings, OperatorId, ScannerSettings, StationId};
use sheetwise_store::Location;
use sheetwise_store::ledger::Options;
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// The file's name, in the working directory or in the user's configuration folder.
const FILE_NAME: &str = "sheetwise.toml";

/// Commands that work on the database itself.
const OF_THE_DATABASE: [&str; 8] = [
    "serve", "init", "password", "token", "verify", "rebuild", "backup", "restore",
];

/// What every command takes.
#[derive(Debug, Args)]
pub(crate) struct Common {
    /// A SQLite file, or postgres://user@host:5432/name. A file that is not there is made
    #[arg(
        long,
        short = 'd',
        global = true,
        env = "DATABASE_URL",
        hide_env_values = true,
        hide_default_value = true,
        default_value = "sheetwise.db",
        help_heading = "Common options"
    )]
    pub(crate) database: Location,
    /// Ask a running server, like http://127.0.0.1:7180, instead of the database itself
    #[arg(
        long,
        short = 's',
        global = true,
        env = "SHEETWISE_SERVER",
        hide_default_value = true,
        value_name = "ADDRESS",
        help_heading = "Common options"
    )]
    pub(crate) server: Option<ServerAddress>,
    /// What the server knows this program by; sent as `Authorization: Bearer …`
    #[arg(
        long,
        global = true,
        env = "SHEETWISE_TOKEN",
        hide_env_values = true,
        hide_default_value = true,
        help_heading = "Common options"
    )]
    pub(crate) token: Option<String>,
    /// Scanners send GS1 element strings, with our ids behind this application identifier, like 21. (Of a running
    /// server, its own setting counts)
    #[arg(
        long,
        global = true,
        env = "SHEETWISE_GS1",
        hide_default_value = true,
        value_name = "AI",
        help_heading = "Common options"
    )]
    pub(crate) gs1: Option<Gs1Settings>,
    /// Read settings from this file instead of ./sheetwise.toml or the user's
    #[arg(
        long,
        global = true,
        env = "SHEETWISE_CONFIG",
        value_name = "FILE",
        help_heading = "Common options"
    )]
    pub(crate) config: Option<PathBuf>,
    /// Answer in JSON, one value per line
    #[arg(long, global = true, help_heading = "Common options")]
    pub(crate) json: bool,
    /// No progress bars, no remarks beside the result
    #[arg(long, short = 'q', global = true, help_heading = "Common options")]
    pub(crate) quiet: bool,
    /// A database was named more directly than the server.
    #[arg(skip)]
    database_goes_first: bool,
}

impl Common {
    /// The server to ask, where one is in force.
    pub(crate) fn server_in_force(&self) -> Option<&ServerAddress> {
        self.server.as_ref().filter(|_| !self.database_goes_first)
    }

    /// How the ledger works that this program opens itself.
    pub(crate) fn of_the_ledger(&self) -> Options {
        Options {
            scanner: ScannerSettings {
                gs1: self.gs1.clone(),
            },
            ..Options::default()
        }
    }

    /// Decides between server and database: whichever was named more directly; the server where both were alike.
    pub(crate) fn settle(&mut self, matches: &ArgMatches) -> Result<(), String> {
        let database = matches.value_source("database");
        let server = matches.value_source("server");
        let flag = Some(ValueSource::CommandLine);
        if database == flag && server == flag {
            return Err("--server and --database cannot both be asked: leave one out".to_owned());
        }
        // Where it was said for this very command, it must not be passed over.
        let command = matches.subcommand_name().unwrap_or_default();
        if server == flag && OF_THE_DATABASE.contains(&command) {
            return Err(format!(
                "`{command}` works on the database itself: leave --server out"
            ));
        }
        if server > database && matches.value_source("gs1") == flag {
            return Err(
                "--gs1 is for the program that has the database: say it to `serve`".to_owned(),
            );
        }
        if command == "demo" && (database == flag || server == flag) {
            return Err(
                "`demo` brings a database of its own: leave --database and --server out".to_owned(),
            );
        }
        // `ValueSource` is ordered so: default, environment, command line.
        self.database_goes_first = database > server;
        Ok(())
    }
}

/// What a file may say.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct FileSettings {
    #[serde(default, deserialize_with = "text_of::<Location, _>")]
    database: Option<String>,
    #[serde(default, deserialize_with = "text_of::<ServerAddress, _>")]
    server: Option<String>,
    token: Option<String>,
    #[serde(default, deserialize_with = "text_of::<Gs1Settings, _>")]
    gs1: Option<String>,
    #[serde(default, deserialize_with = "text_of::<SocketAddr, _>")]
    listen: Option<String>,
    #[serde(default, deserialize_with = "text_of::<StationId, _>")]
    station: Option<String>,
    #[serde(default, deserialize_with = "text_of::<OperatorId, _>")]
    operator: Option<String>,
}

/// A text that can be read as what it is for; the error then has the line.
fn text_of<'de, T, D>(deserializer: D) -> Result<Option<String>, D::Error>
where
    T: std::str::FromStr<Err: std::fmt::Display>,
    D: serde::Deserializer<'de>,
{
    let text = String::deserialize(deserializer)?;
    match text.parse::<T>() {
        Ok(_) => Ok(Some(text)),
        Err(e) => Err(serde::de::Error::custom(format!("{text:?}: {e}"))),
    }
}

/// A settings file that was read.
#[derive(Debug, Default)]
pub(crate) struct SettingsFile {
    path: Option<PathBuf>,
    /// Names of arguments, and what the file says for them.
    values: BTreeMap<&'static str, String>,
}

impl SettingsFile {
    /// Reads the file that the command line or the environment names, or the first of the usual ones that is there.
    pub(crate) fn find(command: &Command) -> Result<Self, String> {
        // Only `--config` is looked for; everything else is complained about when all defaults are known.
        let early = command.clone().ignore_errors(true).try_get_matches();
        let named = early
            .ok()
            .and_then(|matches| matches.get_one::<PathBuf>("config").cloned());
        match named {
            Some(path) => Self::read(&path),
            None => match usual_places().into_iter().find(|path| path.is_file()) {
                Some(path) => Self::read(&path),
                None => Ok(Self::default()),
            },
        }
    }

    fn read(path: &Path) -> Result<Self, String> {
        let text = std::fs::read_to_string(path).map_err(|e| format!("{}: {e}", path.display()))?;
        let mut settings = Self::of_text(&text).map_err(|e| format!("{}: {e}", path.display()))?;
        settings.path = Some(path.to_owned());
        Ok(settings)
    }

    fn of_text(text: &str) -> Result<Self, String> {
        let read: FileSettings = toml::from_str(text).map_err(|e| {
            // Not the line itself: a token or a password may stand there.
            let before = e.span().and_then(|span| text.get(..span.start));
            let line = before.map_or(1, |before| before.matches('\n').count() + 1);
            format!("line {line}: {}", e.message())
        })?;
        let values = [
            ("database", read.database),
            ("server", read.server),
            ("token", read.token),
            ("gs1", read.gs1),
            ("listen", read.listen),
            ("station", read.station),
            ("operator", read.operator),
        ];
        let said = values
            .into_iter()
            .filter_map(|(name, value)| Some((name, value?)));
        Ok(Self {
            path: None,
            values: said.collect(),
        })
    }

    /// The command line, with what the file says as defaults. An argument is a setting where the environment may say
    /// it, too: the station of a scan is one, the station of a recall is not.
    pub(crate) fn as_defaults(&self, mut command: Command) -> Command {
        let has = |command: &Command, name: &str| {
            let mut settings = command.get_arguments().filter(|a| a.get_env().is_some());
            settings.any(|argument| argument.get_id() == name)
        };
        let names: Vec<Str> = command
            .get_subcommands()
            .map(|sub| Str::from(sub.get_name().to_owned()))
            .collect();
        for (name, value) in &self.values {
            let default = |argument: clap::Arg| {
                argument
                    .required(false)
                    .default_value(OsStr::from(value.clone()))
            };
            if has(&command, name) {
                command = command.mut_arg(name, default);
            }
        }
        for name in names {
            command = command.mut_subcommand(name, |sub| self.as_defaults(sub));
        }
        command
    }
}

/// `./sheetwise.toml`, then `sheetwise/sheetwise.toml` of the user's configuration folder.
fn usual_places() -> Vec<PathBuf> {
    let folder = std::env::var_os("XDG_CONFIG_HOME")
        .map(PathBuf::from)
        .filter(|folder| folder.is_absolute())
        .or_else(|| Some(PathBuf::from(std::env::var_os("HOME")?).join(".config")));
    let of_user = folder.map(|folder| folder.join("sheetwise").join(FILE_NAME));
    [Some(PathBuf::from(FILE_NAME)), of_user]
        .into_iter()
        .flatten()
        .collect()
}

/// A setting of `sheetwise config`: its name, the subcommand that takes it, and the variable.
const SETTINGS: [(&str, Option<&str>); 7] = [
    ("database", None),
    ("server", None),
    ("token", None),
    ("gs1", None),
    ("listen", Some("serve")),
    ("station", Some("scan")),
    ("operator", Some("scan")),
];

/// `config`: what is in force, and where it comes from.
pub(crate) fn show(
    command: &Command,
    common: &Common,
    matches: &ArgMatches,
    file: &SettingsFile,
    output: &Output,
) -> Result<ExitCode, String> {
    let place = file.path.as_ref().map(|path| path.display().to_string());
    output.say(
        place.as_ref().map_or_else(
            || "file      none (./sheetwise.toml, or --config FILE)".to_owned(),
            |path| format!("file      {path}"),
        ),
        || json!({"setting": "file", "value": place}),
    );
    for (name, of) in SETTINGS {
        let owner = match of {
            None => command,
            Some(of) => command
                .find_subcommand(of)
                .ok_or_else(|| format!("{of} is no command"))?,
        };
        let argument = owner
            .get_arguments()
            .find(|argument| argument.get_id() == name)
            .ok_or_else(|| format!("{name} is no setting"))?;
        let variable = argument
            .get_env()
            .map(|name| name.to_string_lossy().into_owned());
        let in_environment = variable
            .as_ref()
            .and_then(|variable| std::env::var(variable).ok());
        let by_flag = of.is_none() && matches.value_source(name) == Some(ValueSource::CommandLine);
        let (value, source) = if by_flag {
            let given = matches.get_raw(name).and_then(|mut raw| raw.next_back());
            let given = given.map(|value| value.to_string_lossy().into_owned());
            (given, format!("--{name}"))
        } else if let Some(value) = in_environment {
            (Some(value), format!("${}", variable.unwrap_or_default()))
        } else if let Some(value) = file.values.get(name) {
            (Some(value.clone()), place.clone().unwrap_or_default())
        } else {
            let default = argument.get_default_values().first();
            let default = default.map(|value| value.to_string_lossy().into_owned());
            (default, "default".to_owned())
        };
        let value = value.map(|value| shown(name, &value));
        let sentence = match &value {
            Some(value) => format!("{name:<9} {value}   ({source})"),
            None => format!("{name:<9} not set"),
        };
        let source = value.as_ref().map(|_| source);
        output.say(
            sentence,
            || json!({"setting": name, "value": value, "from": source}),
        );
    }
    let asked = match common.server_in_force() {
        Some(server) => format!("the server {server}"),
        None => format!("the database {}", common.database),
    };
    output.say(
        format!("in force  {asked}"),
        || json!({"setting": "in_force", "value": asked}),
    );
    Ok(ExitCode::SUCCESS)
}

/// A value as it may be shown: no token, and no password in a URL.
fn shown(name: &str, value: &str) -> String {
    match name {
        "token" => "(hidden)".to_owned(),
        "database" => value
            .parse::<Location>()
            .map_or_else(|never| match never {}, |location| location.to_string()),
        _ => value.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_line_of_the_file_is_named_with_its_number_and_its_value() {
        let wrong = |text: &str| SettingsFile::of_text(text).expect_err("it is wrong");
        let error = wrong("database = \"a.db\"\nstaion = \"QA-1\"\n");
        assert!(error.contains("line 2"), "{error}");
        assert!(error.contains("staion"), "{error}");
        assert!(error.contains("station"), "{error}");
        let error = wrong("\n\nlisten = \"everywhere\"\n");
        assert!(error.contains("line 3"), "{error}");
        assert!(error.contains("everywhere"), "{error}");
        let error = wrong("server = 7180\n");
        assert!(error.contains("line 1"), "{error}");
    }
}
