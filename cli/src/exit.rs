//! The exit codes that scripts can rely on; `--help` says them too.

use std::process::ExitCode;

/// It could not be done: no database, no server, no such file, a machine's trouble.
pub(crate) const NOT_DONE: u8 = 1;
/// The command line or the settings file makes no sense. (clap's own number.)
pub(crate) const SENSELESS: u8 = 2;
/// `verify` found something.
pub(crate) const FOUND: u8 = 3;
/// The shop refused what was asked; of many scans, at least one.
pub(crate) const REFUSED: u8 = 4;
/// A file has rows that cannot be read; nothing of it was taken.
pub(crate) const BAD_ROWS: u8 = 5;

/// 0, or [`REFUSED`].
pub(crate) fn unless_refused(refused: bool) -> ExitCode {
    ExitCode::from(if refused { REFUSED } else { 0 })
}

/// What `--help` says about them.
pub(crate) const HELP: &str = "\
Exit codes: 0 done; 1 it could not be done; 2 the command line or a setting makes no sense;
3 `verify` found something; 4 the shop refused it (of many scans: at least one); 5 a file has
rows that cannot be read, and nothing of it was taken.";
