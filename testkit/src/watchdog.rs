//! Whoever starts a server may be killed, and then cannot stop it. The watchdog does.
//!
//! It is a shell that reads from a pipe of which only the starter holds the other end. When the starter
//! lets go, by `Drop` or by dying in whatever way, the pipe closes at once: there is nothing to poll,
//! and no number of a dead process that could be somebody else's by now. Nobody else stops a server
//! and removes its folder, so that every test tries the road that an accident takes.

use crate::error::ClusterError;
use std::io::Write;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// Each line that it reads is the process to stop at the end; an empty one means none.
/// Fast shutdown first, then an immediate one, then no mercy.
const SCRIPT: &str = r#"
trap '' HUP INT TERM
folder=$1
pid=
while read -r line; do pid=$line; done
running() { [ -n "$pid" ] && kill -0 "$pid" && ! grep -qs '^State:.Z' "/proc/$pid/status"; }
for step in INT:200 QUIT:100 KILL:100; do
    running || break
    kill -s "${step%:*}" "$pid"
    tries=${step#*:}
    while [ "$tries" -gt 0 ] && running; do
        sleep 0.05 || sleep 1
        tries=$((tries - 1))
    done
done
rm -rf "$folder" || { sleep 1; rm -rf "$folder"; }
[ ! -e "$folder" ]
"#;

#[derive(Debug)]
pub(crate) struct Watchdog {
    shell: Child,
}

impl Watchdog {
    /// From now on the folder will be removed once we are gone.
    pub(crate) fn over(folder: &Path) -> Result<Self, ClusterError> {
        // A process group of its own: what ends the tests by their group must not end the watchdog.
        let shell = Command::new("sh")
            .args(["-c", SCRIPT, "sheetwise-testkit-watchdog"])
            .arg(folder)
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn()
            .map_err(ClusterError::io("starting the watchdog (sh)"))?;
        Ok(Self { shell })
    }

    /// This process is the one to stop.
    pub(crate) fn watch(&mut self, pid: u32) -> Result<(), ClusterError> {
        self.tell(&format!("{pid}\n"))
    }

    /// There is no process to stop.
    pub(crate) fn watch_nothing(&mut self) -> Result<(), ClusterError> {
        self.tell("\n")
    }

    fn tell(&mut self, line: &str) -> Result<(), ClusterError> {
        let pipe = self
            .shell
            .stdin
            .as_mut()
            .expect("the pipe stays open until let_go");
        pipe.write_all(line.as_bytes())
            .map_err(ClusterError::io("speaking to the watchdog"))
    }

    /// Makes it stop the server and remove the folder.
    pub(crate) fn let_go(&mut self) {
        self.shell.stdin = None;
    }

    /// Whether it is done: nothing while it works, then whether all is gone.
    pub(crate) fn done(&mut self) -> Option<bool> {
        match self.shell.try_wait() {
            Ok(None) => None,
            Ok(Some(status)) => Some(status.success()),
            Err(_) => Some(false),
        }
    }

    /// What nobody should do.
    #[cfg(test)]
    pub(crate) fn kill(&mut self) {
        self.shell.kill().unwrap();
    }
}
