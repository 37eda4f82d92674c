//! What can go wrong between asking for a server and having one.

use std::fmt;
use std::io;
use std::path::PathBuf;

/// Why there is no server, or why it did not do as asked.
#[derive(Debug)]
pub enum ClusterError {
    /// No folder holds both `initdb` and `postgres`, and installing them was not possible.
    ServerNotInstalled { looked_in: Vec<PathBuf> },
    /// A server may be there, but no `psql` to speak to it.
    ClientNotInstalled { looked_in: Vec<PathBuf> },
    /// PostgreSQL refuses to run as root, and there is neither a user `postgres` nor a user `nobody`.
    NoOrdinaryUser,
    /// None of these can hold the server's folder: its user cannot get there, or the path is too long
    /// for a socket.
    NoUsableFolder { tried: Vec<PathBuf> },
    /// A program that we ran said no. `said` is the end of what it wrote.
    ProgramFailed { program: String, said: String },
    /// The server ended before it accepted connections.
    ServerEnded { log: String },
    /// The server runs, but did not accept connections in time.
    ServerNotReady { seconds: u64, log: String },
    /// The server still runs, although it was told to stop.
    ServerNotStopped { seconds: u64, log: String },
    /// Every port tried was in use by others.
    NoFreePort { log: String },
    /// Not of the form `postgres://…`. The text itself is kept out of messages, it may hold a password.
    NotAUrl,
    /// The operating system said no.
    Io { doing: String, source: io::Error },
}

impl ClusterError {
    pub(crate) fn io(doing: impl Into<String>) -> impl FnOnce(io::Error) -> Self {
        let doing = doing.into();
        |source| Self::Io { doing, source }
    }
}

impl fmt::Display for ClusterError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ServerNotInstalled { looked_in } => write!(
                f,
                "there is no PostgreSQL server here: no folder holds both initdb and postgres (a psql alone is \
                 only a client). Install one (Debian and Ubuntu: `apt-get install postgresql`; Fedora: \
                 `dnf install postgresql-server`; Alpine: `apk add postgresql postgresql-client`; macOS: \
                 `brew install postgresql`), put its programs on the PATH, or name a running server by \
                 SHEETWISE_TEST_POSTGRES=postgres://user@host:port/postgres. Looked in {}",
                Listed(looked_in)
            ),
            Self::ClientNotInstalled { looked_in } => write!(
                f,
                "there is no psql here. Install PostgreSQL's client (Debian and Ubuntu: \
                 `apt-get install postgresql-client`; Alpine: `apk add postgresql-client`). Looked in {}",
                Listed(looked_in)
            ),
            Self::NoOrdinaryUser => f.write_str(
                "PostgreSQL refuses to run as root, and there is neither a user postgres nor a user nobody to \
                 run it as. Run the tests as an ordinary user",
            ),
            Self::NoUsableFolder { tried } => write!(
                f,
                "no folder for the server: the user that it runs as must be able to write there, and the path \
                 must be short enough for a socket. Set TMPDIR to one. Tried {}",
                Listed(tried)
            ),
            Self::ProgramFailed { program, said } => write!(f, "{program} failed and said:\n{said}"),
            Self::ServerEnded { log } => {
                write!(f, "the PostgreSQL server ended before it was ready. Its log ends:\n{log}")
            }
            Self::ServerNotReady { seconds, log } => write!(
                f,
                "the PostgreSQL server accepted no connection within {seconds} seconds. Its log ends:\n{log}"
            ),
            Self::ServerNotStopped { seconds, log } => write!(
                f,
                "the PostgreSQL server still ran {seconds} seconds after it was told to stop. Its log ends:\n{log}"
            ),
            Self::NoFreePort { log } => write!(
                f,
                "every port that we tried for the PostgreSQL server was taken. Its log ends:\n{log}"
            ),
            Self::NotAUrl => {
                f.write_str("the server must be named by a url of the form postgres://user@host:port/database")
            }
            Self::Io { doing, source } => write!(f, "{doing}: {source}"),
        }
    }
}

impl std::error::Error for ClusterError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Io { source, .. } => Some(source),
            _ => None,
        }
    }
}

struct Listed<'a>(&'a [PathBuf]);

impl fmt::Display for Listed<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, path) in self.0.iter().enumerate() {
            let separator = if index == 0 { "" } else { ", " };
            write!(f, "{separator}{}", path.display())?;
        }
        Ok(())
    }
}
