//! `init`, `password` and `token`: who is let in. Whoever has the database at hand may say so.

use crate::output::Output;
use clap::{Args, Subcommand};
use jiff::Timestamp;
use serde_json::json;
use sheetwise_core::domain::Command;
use sheetwise_core::domain::operator::{Operator, OperatorChanged};
use sheetwise_core::domain::values::Role;
use sheetwise_core::domain::{UnitRef, UnitState};
use sheetwise_core::identity::{OperatorId, StationId};
use sheetwise_http::access::{Keyring, Token};
use sheetwise_store::Database;
use sheetwise_store::credentials::{Bearer, Credential};
use sheetwise_store::ledger::{Options, Outcome, Request, Said};
use sheetwise_store::questions::{self, AsOf};
use std::io::{self, BufRead, IsTerminal};
use std::process::ExitCode;
use std::sync::Arc;

#[derive(Debug, Args)]
#[command(after_help = "The password is asked for, or read as a line from the standard input.")]
pub(crate) struct Init {
    /// The first admin's badge
    #[arg(long, default_value = "OP-1")]
    operator: OperatorId,
    /// The first admin's name
    #[arg(long)]
    name: String,
}

#[derive(Debug, Args)]
#[command(after_help = "The password is asked for, or read as a line from the standard input.")]
pub(crate) struct Password {
    /// The person's badge
    operator_id: OperatorId,
}

#[derive(Debug, Subcommand)]
pub(crate) enum TokenCommand {
    /// A new token for a scanner or terminal; it is shown once
    Device {
        /// What people call it
        name: String,
        /// A station that it stands at; it speaks for all where none is named
        #[arg(long = "station")]
        stations: Vec<StationId>,
        #[command(flatten)]
        until: Until,
    },
    /// A new token for another program; it is shown once
    Program {
        /// What people call it
        name: String,
        /// What it may do: operator, lead, quality, planner, admin or integrator
        #[arg(long = "role", required = true, value_parser = read_role)]
        roles: Vec<Role>,
        #[command(flatten)]
        until: Until,
    },
    /// All tokens, ended ones too
    List,
    /// End a token for good
    Revoke {
        /// Its id, as the list shows it
        token_id: String,
    },
}

#[derive(Debug, Args)]
pub(crate) struct Until {
    /// When it expires: 2027-01-01T00:00:00Z
    #[arg(long)]
    expires_at: Option<Timestamp>,
}

fn read_role(text: &str) -> Result<Role, String> {
    serde_json::from_value(json!(text))
        .map_err(|_| "operator, lead, quality, planner, admin or integrator".to_owned())
}

fn keyring(database: &Database) -> Keyring {
    Keyring::new(database.clone(), Arc::new(Timestamp::now))
}

impl Init {
    pub(crate) fn run(&self, database: &Database, output: &Output) -> Result<ExitCode, String> {
        let keyring = keyring(database);
        if keyring.has_admin().map_err(|e| e.to_string())? {
            return Err(
                "this shop has an admin with a password already: `sheetwise password` gives a new one"
                    .to_owned(),
            );
        }
        let password = read_password(&self.operator)?;
        Keyring::must_be_fit(&self.operator, &password).map_err(|e| e.to_string())?;
        self.register(database)?;
        keyring
            .set_password(&self.operator, &password, None)
            .map_err(|e| e.to_string())?;
        let sentence = format!(
            "{} ({}) is admin. From now on everybody has to say who they are: people log in (POST /sessions), scanners and \
             programs get tokens (`sheetwise token`).",
            self.operator, self.name
        );
        output.say(
            sentence,
            || json!({"operator_id": self.operator, "roles": ["admin"]}),
        );
        Ok(ExitCode::SUCCESS)
    }

    /// Enters the person as an admin; whoever is one already stays so.
    fn register(&self, database: &Database) -> Result<(), String> {
        let unit = UnitRef::Operator(self.operator.clone());
        let known = database.read(|reading| questions::state(reading, &unit, AsOf::Now));
        let roles = match known.map_err(|e| e.to_string())? {
            Some(UnitState::Operator(Operator { mut roles, .. })) => {
                roles.insert(Role::Admin);
                roles
            }
            _ => [Role::Admin].into(),
        };
        let operator = OperatorChanged {
            operator_id: self.operator.clone(),
            name: self.name.clone(),
            roles,
            active: true,
        };
        let ledger = database.ledger(Timestamp::now, Options::default());
        let ledger = ledger.map_err(|e| e.to_string())?;
        let reply = ledger.ask(Request {
            said: Said::Command(Box::new(Command::RegisterOperator { operator })),
            station_id: None,
            operator_id: None,
            occurred_at: None,
            late: false,
            key: None,
            correlation_id: None,
        });
        let reply = reply.map_err(|e| e.to_string())?;
        match reply.outcome {
            Outcome::Recorded | Outcome::AlreadyRecorded => Ok(()),
            Outcome::Refused(_) => Err(reply.body.to_string()),
        }
    }
}

impl Password {
    pub(crate) fn run(&self, database: &Database, output: &Output) -> Result<ExitCode, String> {
        let password = read_password(&self.operator_id)?;
        keyring(database)
            .set_password(&self.operator_id, &password, None)
            .map_err(|e| e.to_string())?;
        let sentence = format!("{} has a new password.", self.operator_id);
        output.say(sentence, || json!({"operator_id": self.operator_id}));
        Ok(ExitCode::SUCCESS)
    }
}

impl TokenCommand {
    pub(crate) fn run(&self, database: &Database, output: &Output) -> Result<ExitCode, String> {
        let keyring = keyring(database);
        match self {
            Self::Device {
                name,
                stations,
                until,
            } => {
                let stations = stations.iter().cloned().collect();
                let issued = keyring.admit_device(name.clone(), stations, None, until.expires_at);
                show(&issued.map_err(|e| e.to_string())?, output);
            }
            Self::Program { name, roles, until } => {
                let roles = roles.iter().copied().collect();
                let issued = keyring.admit_program(name.clone(), roles, None, until.expires_at);
                show(&issued.map_err(|e| e.to_string())?, output);
            }
            Self::List => {
                for token in keyring.tokens().map_err(|e| e.to_string())? {
                    output.say(line(&token), || {
                        json!({
                            "token_id": token.credential_id, "bearer": token.bearer, "created_at": token.created_at,
                            "expires_at": token.expires_at, "revoked_at": token.revoked_at,
                        })
                    });
                }
            }
            Self::Revoke { token_id } => {
                keyring.revoke(token_id).map_err(|e| e.to_string())?;
                let sentence = format!("{token_id} lets nobody in any more.");
                output.say(sentence, || json!({"token_id": token_id}));
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}

fn show((id, token): &(impl std::fmt::Display, Token), output: &Output) {
    let sentence = format!("{}\nThis is {id}; it is not shown again.", token.reveal());
    output.say(
        sentence,
        || json!({"token_id": id.to_string(), "token": token.reveal()}),
    );
}

fn line(token: &Credential) -> String {
    let bearer = match &token.bearer {
        Bearer::Device { name, station_ids } if station_ids.is_empty() => {
            format!("device {name}, at all stations")
        }
        Bearer::Device { name, station_ids } => {
            let stations: Vec<&str> = station_ids.iter().map(|id| id.as_str()).collect();
            format!("device {name}, at {}", stations.join(", "))
        }
        Bearer::Program { name, roles } => {
            let roles: Vec<String> = roles.iter().map(ToString::to_string).collect();
            format!("program {name}, as {}", roles.join(", "))
        }
        Bearer::Password { operator_id } | Bearer::Session { operator_id } => {
            operator_id.to_string()
        }
    };
    let end = match (token.revoked_at, token.expires_at) {
        (Some(at), _) => format!(", revoked {at}"),
        (None, Some(at)) => format!(", until {at}"),
        (None, None) => String::new(),
    };
    format!("{}  {bearer}{end}", token.credential_id)
}

/// Asked for twice where a person types it, so that nobody is locked out by a slip of the finger.
fn read_password(operator_id: &OperatorId) -> Result<String, String> {
    if !io::stdin().is_terminal() {
        let mut line = String::new();
        let read = io::stdin().lock().read_line(&mut line);
        read.map_err(|e| format!("the password could not be read from the standard input: {e}"))?;
        return Ok(line.trim_end_matches(['\r', '\n']).to_owned());
    }
    let ask = |prompt: String| rpassword::prompt_password(prompt).map_err(|e| e.to_string());
    let password = ask(format!("Password for {operator_id}: "))?;
    if ask("Once more: ".to_owned())? == password {
        Ok(password)
    } else {
        Err("the two passwords differ: try again".to_owned())
    }
}
