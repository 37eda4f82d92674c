//! A database by its name: which engine it is, a ledger on it, and readers that share a few connections.

use crate::contract::{Engine, Reading, StoreError};
use crate::credentials::Credentials;
use crate::forecasts::Forecasts;
use crate::ledger::{Ledger, Options};
use crate::memory::MemoryEngine;
use crate::postgres::Postgres;
use crate::sqlite::Sqlite;
use jiff::Timestamp;
use std::convert::Infallible;
use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;
use std::sync::{Arc, Mutex};
use tokio_postgres::Config;
use tokio_postgres::config::Host;

/// So many connections are kept for readers; more are made when more read at once, and dropped after.
const IDLE_READERS_MAX: usize = 8;

/// Where a database is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Location {
    /// A SQLite file.
    File(PathBuf),
    /// `postgres://user@host:5432/name`
    Postgres(String),
    /// `:memory:`, gone with the process.
    Memory,
}

impl FromStr for Location {
    type Err = Infallible;

    /// Reads `postgres://…`, `:memory:`, or the path of a file.
    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(match text {
            ":memory:" => Self::Memory,
            url if url.starts_with("postgres://") || url.starts_with("postgresql://") => {
                Self::Postgres(url.to_owned())
            }
            path => Self::File(path.strip_prefix("sqlite:").unwrap_or(path).into()),
        })
    }
}

impl fmt::Display for Location {
    /// Without the password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => path.display().fmt(f),
            Self::Memory => f.write_str(":memory:"),
            Self::Postgres(url) => match url.parse() {
                Ok(config) => f.write_str(&shown(&config)),
                Err(_) => f.write_str("postgres://…"),
            },
        }
    }
}

/// The URL of a database, without what only its user should know: a password may also stand behind its `?`.
fn shown(config: &Config) -> String {
    let mut url = "postgres://".to_owned();
    if let Some(user) = config.get_user() {
        url += &format!("{user}@");
    }
    let (mut hosts, mut sockets) = (Vec::new(), Vec::new());
    for (index, host) in config.get_hosts().iter().enumerate() {
        let ports = config.get_ports();
        let port = ports.get(index).or(ports.first());
        match (host, port) {
            (Host::Tcp(name), Some(port)) => hosts.push(format!("{name}:{port}")),
            (Host::Tcp(name), None) => hosts.push(name.clone()),
            #[cfg(unix)]
            (Host::Unix(folder), port) => {
                let port = port.map_or_else(String::new, |port| format!("&port={port}"));
                sockets.push(format!("host={}{port}", folder.display()));
            }
        }
    }
    url += &hosts.join(",");
    if let Some(name) = config.get_dbname() {
        url += &format!("/{name}");
    }
    if !sockets.is_empty() {
        url += &format!("?{}", sockets.join("&"));
    }
    url
}

/// A database, open, with its schema up to date.
#[derive(Clone)]
pub struct Database {
    engines: Engines,
    idle_readers: Arc<Mutex<Vec<Box<dyn Engine>>>>,
}

#[derive(Debug, Clone)]
enum Engines {
    Memory(MemoryEngine),
    Sqlite(Sqlite),
    Postgres(Postgres),
}

impl Database {
    /// Opens the database, makes it where it is a file that is not there yet, and brings its schema up to date.
    /// One that holds half a backup is refused.
    pub fn open(location: &Location) -> Result<Self, StoreError> {
        let engines = match location {
            Location::Memory => Engines::Memory(MemoryEngine::new()),
            Location::File(path) => Engines::Sqlite(Sqlite::open(path)?),
            Location::Postgres(url) => Engines::Postgres(Postgres::open(url)?),
        };
        let database = Self {
            engines,
            idle_readers: Arc::default(),
        };
        database.read(|reading| reading.head())?;
        Ok(database)
    }

    /// A connection of one's own.
    pub fn engine(&self) -> Result<Box<dyn Engine>, StoreError> {
        Ok(match &self.engines {
            Engines::Memory(engine) => Box::new(engine.clone()),
            Engines::Sqlite(sqlite) => Box::new(sqlite.engine()?),
            Engines::Postgres(postgres) => Box::new(postgres.engine()?),
        })
    }

    /// Starts a ledger on the database. `clock` is the server's.
    pub fn ledger(
        &self,
        clock: impl Fn() -> Timestamp + Send + 'static,
        options: Options,
    ) -> Result<Ledger, StoreError> {
        Ok(Ledger::start(self.engine()?, clock, options))
    }

    /// Asks something; all that is read for it is of one moment. Holds the thread meanwhile.
    pub fn read<T>(
        &self,
        ask: impl FnOnce(&mut dyn Reading) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let idle = self
            .idle_readers
            .lock()
            .ok()
            .and_then(|mut idle| idle.pop());
        let mut engine = match idle {
            Some(engine) => engine,
            None => self.engine()?,
        };
        if engine.begin_reading().is_err() {
            // It lay idle for long, and the other side may have gone: a new one says what is wrong.
            engine = self.engine()?;
            engine.begin_reading()?;
        }
        let answer = ask(engine.as_mut());
        engine.abandon();
        // After an error nobody knows in what state the connection is.
        if answer.is_ok()
            && let Ok(mut idle) = self.idle_readers.lock()
            && idle.len() < IDLE_READERS_MAX
        {
            idle.push(engine);
        }
        answer
    }

    /// Looks at the credentials, or changes them, on a connection of its own. Holds the thread meanwhile.
    pub fn with_credentials<T>(
        &self,
        act: impl FnOnce(&mut dyn Credentials) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        act(self.engine()?.as_mut())
    }

    /// Looks at the forecasts that were issued, or keeps one, on a connection of its own. Holds the thread meanwhile.
    pub fn with_forecasts<T>(
        &self,
        act: impl FnOnce(&mut dyn Forecasts) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        act(self.engine()?.as_mut())
    }
}

impl fmt::Debug for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.engines.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_location_is_shown_without_its_password() {
        let shown = |text: &str| {
            let location: Location = text.parse().expect("any text is a location");
            location.to_string()
        };
        assert_eq!(
            shown("postgres://shop:secret@db:5432/cards"),
            "postgres://shop@db:5432/cards"
        );
        assert_eq!(shown("postgres://db/cards"), "postgres://db:5432/cards");
        assert_eq!(
            shown("postgresql://shop@a:5432,b:5433/cards?password=secret&sslmode=disable"),
            "postgres://shop@a:5432,b:5433/cards"
        );
        assert_eq!(
            shown("postgres://shop:secret@/cards?host=/run/pg&port=5433"),
            "postgres://shop@/cards?host=/run/pg&port=5433"
        );
        assert_eq!(
            shown("postgres://shop:secret@db:port/cards"),
            "postgres://…"
        );
        assert_eq!(shown("sqlite:cards.db"), "cards.db");
    }
}
