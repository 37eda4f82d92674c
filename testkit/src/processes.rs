//! Other processes, by their number: telling them something, and asking whether they are still there.

use crate::error::ClusterError;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// Sends a signal (`INT`, `KILL`, …) to all of them. One that is gone already is no error.
///
/// By the shell's own `kill`: Rust's standard library sends nothing but SIGKILL and that only to
/// children, and the program `kill` is missing on slim systems.
pub(crate) fn signal(name: &str, pids: &[u32]) -> Result<(), ClusterError> {
    Command::new("sh")
        .args([
            "-c",
            r#"name=$1; shift; for pid; do kill -s "$name" "$pid"; done"#,
            "sh",
            name,
        ])
        .args(pids.iter().map(u32::to_string))
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .map(|_| ())
        .map_err(ClusterError::io(format!("sending SIG{name}")))
}

/// One line of the table of processes.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Process {
    pid: u32,
    parent: u32,
    /// The first letter of the state: R, S, D, T (stopped), Z (ended, but not yet collected) …
    state: char,
}

/// The processes that `pid` started and that have not ended.
pub(crate) fn children_of(pid: u32) -> Vec<u32> {
    let mut children = table();
    children.retain(|process| process.parent == pid && process.state != 'Z');
    children.into_iter().map(|process| process.pid).collect()
}

pub(crate) fn is_stopped(pid: u32) -> bool {
    table()
        .iter()
        .any(|process| process.pid == pid && process.state == 'T')
}

/// Whether one of them has not ended. One that ended counts as gone even if nobody collected it:
/// in a container there may be nobody who does.
pub(crate) fn any_is_running(pids: &[u32]) -> bool {
    table()
        .iter()
        .any(|process| pids.contains(&process.pid) && process.state != 'Z')
}

/// Asks again and again until it is so, or until the time is up. Says whether it is so.
pub(crate) fn wait_until(limit: Duration, mut is_so: impl FnMut() -> bool) -> bool {
    let deadline = Instant::now() + limit;
    loop {
        if is_so() {
            return true;
        }
        if Instant::now() >= deadline {
            return false;
        }
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// From `/proc` where there is one, otherwise from `ps`, which slim Linux systems lack.
fn table() -> Vec<Process> {
    if std::path::Path::new("/proc/self/stat").exists()
        && let Ok(entries) = std::fs::read_dir("/proc")
    {
        return entries
            .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse::<u32>().ok())
            .filter_map(|pid| std::fs::read_to_string(format!("/proc/{pid}/stat")).ok())
            .filter_map(|line| from_stat(&line))
            .collect();
    }
    let output = Command::new("ps")
        .args(["-A", "-o", "pid=,ppid=,state="])
        .output();
    output
        .map(|output| {
            String::from_utf8_lossy(&output.stdout)
                .lines()
                .filter_map(from_ps)
                .collect()
        })
        .unwrap_or_default()
}

/// A line of `/proc/…/stat`: `42 (any name) S 1 …`. The name may itself hold blanks and brackets.
fn from_stat(line: &str) -> Option<Process> {
    let (pid, rest) = line.split_once(" (")?;
    let mut fields = rest.rsplit_once(") ")?.1.split(' ');
    let state = fields.next()?.chars().next()?;
    Some(Process {
        pid: pid.parse().ok()?,
        parent: fields.next()?.parse().ok()?,
        state,
    })
}

fn from_ps(line: &str) -> Option<Process> {
    let mut fields = line.split_whitespace();
    let pid = fields.next()?.parse().ok()?;
    let parent = fields.next()?.parse().ok()?;
    Some(Process {
        pid,
        parent,
        state: fields.next()?.chars().next()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_whose_name_looks_like_the_table_is_read_right() {
        let read = from_stat("42 (postgres: a) R 1 (b)) S 7 42 42 0 -1");
        assert_eq!(
            read,
            Some(Process {
                pid: 42,
                parent: 7,
                state: 'S'
            })
        );
        assert_eq!(from_ps("  42     7 S+"), read);
    }

    #[test]
    fn a_child_is_among_our_children_until_it_is_killed() {
        let mut child = Command::new("sleep").arg("60").spawn().unwrap();
        assert!(children_of(std::process::id()).contains(&child.id()));
        assert!(any_is_running(&[child.id()]));
        signal("KILL", &[child.id()]).unwrap();
        // Gone as soon as it ended, although nobody has collected it.
        assert!(wait_until(Duration::from_secs(30), || !any_is_running(&[
            child.id()
        ])));
        assert!(!children_of(std::process::id()).contains(&child.id()));
        child.wait().unwrap();
    }
}
