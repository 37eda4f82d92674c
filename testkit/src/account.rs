//! Who the server runs as: ourselves, unless we are root, which PostgreSQL refuses.

use crate::error::ClusterError;
use std::ffi::OsStr;
use std::os::unix::process::CommandExt;
use std::process::{Command, Stdio};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Account {
    Ourselves,
    Other { user: u32, group: u32 },
}

impl Account {
    /// Ourselves if we are an ordinary user, otherwise `postgres`, otherwise `nobody`.
    pub(crate) fn of_the_server() -> Result<Self, ClusterError> {
        if id(&["-u"]) != Some(0) {
            return Ok(Self::Ourselves);
        }
        ["postgres", "nobody"]
            .into_iter()
            .find_map(|name| {
                let (user, group) = (id(&["-u", name])?, id(&["-g", name])?);
                (user != 0).then_some(Self::Other { user, group })
            })
            .ok_or(ClusterError::NoOrdinaryUser)
    }

    /// A command that will run as this account, away from our terminal's signals and from the settings
    /// that PostgreSQL's programs read from the environment.
    pub(crate) fn command(self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new(program);
        if let Self::Other { user, group } = self {
            command.uid(user).gid(group);
        }
        for (name, _) in std::env::vars_os() {
            if name.as_encoded_bytes().starts_with(b"PG") {
                command.env_remove(name);
            }
        }
        // What they write is read by us, in English.
        command
            .env("LC_ALL", "C")
            .current_dir("/")
            .stdin(Stdio::null())
            .process_group(0);
        command
    }
}

/// What `id` answers, or nothing if there is no such user.
fn id(arguments: &[&str]) -> Option<u32> {
    let output = Command::new("id")
        .args(arguments)
        .stderr(Stdio::null())
        .output()
        .ok()?;
    str::from_utf8(&output.stdout).ok()?.trim().parse().ok()
}
