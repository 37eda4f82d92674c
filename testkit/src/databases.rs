//! Databases within a server, by its url.

use crate::error::ClusterError;
use crate::programs;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

/// Runs SQL by `psql` and answers the rows, one per line, columns separated by `|`.
/// The first error ends it.
pub fn psql(url: &str, sql: &str) -> Result<String, ClusterError> {
    let output = Command::new(programs::client()?)
        .args([
            "--no-psqlrc",
            "--quiet",
            "--no-align",
            "--tuples-only",
            "--no-password",
        ])
        .args([
            "--set",
            "ON_ERROR_STOP=1",
            "--dbname",
            url,
            "--command",
            sql,
        ])
        .env("PGCONNECT_TIMEOUT", "30")
        .stdin(Stdio::null())
        .output()
        .map_err(ClusterError::io("psql"))?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout)
            .trim_end()
            .to_owned());
    }
    let said = String::from_utf8_lossy(&output.stderr)
        .trim_end()
        .to_owned();
    Err(ClusterError::ProgramFailed {
        program: "psql".to_owned(),
        said,
    })
}

/// Creates an empty database in the server of this url and answers the url of that database.
pub(crate) fn create(server_url: &str, name_hint: &str) -> Result<String, ClusterError> {
    let name = unique_name(name_hint);
    let url = with_database(server_url, &name)?;
    // From template0: unlike template1 it is always pristine and never in use by somebody else.
    psql(
        server_url,
        &format!("CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8'"),
    )?;
    Ok(url)
}

/// A name that no other process gives, now or later, and that needs no quotes: the hint, the time, the
/// process, and a counter within it. At most 60 characters; PostgreSQL cuts off what exceeds 63.
fn unique_name(hint: &str) -> String {
    static COUNTER: AtomicU32 = AtomicU32::new(0);
    let hint: String = hint
        .chars()
        .map(|c| {
            if c.is_ascii_alphanumeric() {
                c.to_ascii_lowercase()
            } else {
                '_'
            }
        })
        .take(24)
        .collect();
    let nanoseconds = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |time| time.as_nanos());
    let (process, count) = (std::process::id(), COUNTER.fetch_add(1, Ordering::Relaxed));
    format!("t_{hint}_{nanoseconds:x}_{process:x}_{count:x}")
}

/// The same server, another database.
fn with_database(server_url: &str, name: &str) -> Result<String, ClusterError> {
    let (scheme, rest) = server_url.split_once("://").ok_or(ClusterError::NotAUrl)?;
    if !matches!(scheme, "postgres" | "postgresql") {
        return Err(ClusterError::NotAUrl);
    }
    let (before, parameters) = match rest.split_once('?') {
        Some((before, parameters)) => (before, format!("?{parameters}")),
        None => (rest, String::new()),
    };
    let authority = before
        .split_once('/')
        .map_or(before, |(authority, _)| authority);
    Ok(format!("{scheme}://{authority}/{name}{parameters}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_database_changes_in_a_url() {
        for (url, expected) in [
            (
                "postgres://me@127.0.0.1:5432/postgres",
                "postgres://me@127.0.0.1:5432/new",
            ),
            (
                "postgres://me@127.0.0.1:5432",
                "postgres://me@127.0.0.1:5432/new",
            ),
            (
                "postgresql://a:b@h/x?sslmode=disable",
                "postgresql://a:b@h/new?sslmode=disable",
            ),
            (
                "postgres:///x?host=/run/socket",
                "postgres:///new?host=/run/socket",
            ),
            (
                "postgres://h?connect_timeout=3",
                "postgres://h/new?connect_timeout=3",
            ),
        ] {
            assert_eq!(with_database(url, "new").unwrap(), expected);
        }
    }

    #[test]
    fn what_is_no_url_is_refused_without_being_repeated() {
        for text in ["host=localhost password=secret", "mysql://root:secret@h/x"] {
            let refusal = with_database(text, "new").unwrap_err();
            assert!(matches!(refusal, ClusterError::NotAUrl));
            assert!(!refusal.to_string().contains("secret"));
        }
    }

    #[test]
    fn a_database_name_needs_no_quotes_and_is_not_cut_off() {
        let name = unique_name("Sets – and \"Spares\"; a hint that never seems to end at all");
        assert!(name.starts_with("t_sets___and__spares___a_"), "{name}");
        assert!(
            name.chars()
                .all(|c| matches!(c, 'a'..='z' | '0'..='9' | '_')),
            "{name}"
        );
        assert!(name.len() <= 60, "{name}");
        assert_ne!(
            name,
            unique_name("Sets – and \"Spares\"; a hint that never seems to end at all")
        );
    }
}
