//! `with-postgres [--durable] [--] command …`: runs a command with a throw-away PostgreSQL server at hand,
//! and ends as the command ends. Standard output is the command's alone.
//!
//! It is for test runners that give each test a process of its own, which would otherwise start a server
//! each. If the variable names a server already, that one is used.

use sheetwise_testkit::{Cluster, ClusterError, Durability, SERVER_VARIABLE};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;
use std::ffi::OsString;
use std::io::{self, IsTerminal};
use std::os::unix::process::ExitStatusExt;
use std::process::{Command, ExitCode, ExitStatus, Stdio};

const USAGE: &str = "usage: with-postgres [--durable] [--] command [argument …]";

fn main() -> ExitCode {
    let mut arguments = std::env::args_os().skip(1).peekable();
    let durability = match arguments.next_if(|argument| argument == "--durable") {
        Some(_) => Durability::On,
        None => Durability::Off,
    };
    // If there is none: an option that we do not know is no command.
    let separated = arguments.next_if(|argument| argument == "--").is_some();
    let command = arguments.next();
    let Some(command) =
        command.filter(|name| separated || !name.to_string_lossy().starts_with('-'))
    else {
        eprintln!("{USAGE}");
        return ExitCode::from(2);
    };
    run(durability, command, arguments).unwrap_or_else(|error| {
        eprintln!("with-postgres: {error}");
        ExitCode::FAILURE
    })
}

fn run(
    durability: Durability,
    program: OsString,
    arguments: impl Iterator<Item = OsString>,
) -> Result<ExitCode, ClusterError> {
    let during = |doing: &str| {
        let doing = doing.to_owned();
        |source| ClusterError::Io { doing, source }
    };
    // Before the server: from now on a signal does not end us, so that we can end the server.
    let mut signals =
        Signals::new([SIGHUP, SIGINT, SIGTERM]).map_err(during("listening for signals"))?;

    let mut command = Command::new(&program);
    command.args(arguments);
    let given = std::env::var_os(SERVER_VARIABLE).is_some_and(|url| !url.is_empty());
    let cluster = if given {
        None
    } else {
        Some(Cluster::start(durability)?)
    };
    if let Some(cluster) = &cluster {
        eprintln!(
            "with-postgres: {} (durability {durability:?})",
            cluster.url()
        );
        command.env(SERVER_VARIABLE, cluster.url());
    }
    if let Some(signal) = signals.pending().next() {
        return Ok(exit_code(ExitStatus::from_raw(signal)));
    }

    let mut child = command
        .spawn()
        .map_err(during(&program.to_string_lossy()))?;
    let (pid, handle) = (child.id(), signals.handle());
    let forwarding = std::thread::spawn(move || {
        // A terminal's Ctrl-C goes to the command as well as to us, and told twice it would stop rudely.
        let mut told_by_terminal = io::stdin().is_terminal();
        for signal in &mut signals {
            if signal == SIGINT && std::mem::take(&mut told_by_terminal) {
                continue;
            }
            forward(signal, pid);
        }
    });
    let status = child.wait().map_err(during("waiting for the command"))?;
    handle.close();
    if forwarding.join().is_err() {
        eprintln!("with-postgres: passing signals on failed");
    }
    drop(cluster);
    Ok(exit_code(status))
}

fn forward(signal: i32, pid: u32) {
    // The shell's own kill wants names.
    let name = match signal {
        SIGHUP => "HUP",
        SIGINT => "INT",
        _ => "TERM",
    };
    let sent = Command::new("sh")
        .args(["-c", r#"kill -s "$1" "$2""#, "sh"])
        .args([name, &pid.to_string()])
        .stdin(Stdio::null())
        .status();
    if let Err(error) = sent {
        eprintln!("with-postgres: the command was not told of SIG{name}: {error}");
    }
}

/// As a shell would say it: 128 and the number of the signal, if it was one.
fn exit_code(status: ExitStatus) -> ExitCode {
    let code = status
        .code()
        .or_else(|| status.signal().map(|signal| 128 + signal));
    ExitCode::from(
        code.and_then(|code| u8::try_from(code).ok())
            .unwrap_or(u8::MAX),
    )
}
