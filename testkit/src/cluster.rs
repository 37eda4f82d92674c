//! One server of our own: its folder, its process, its port.

use crate::account::Account;
use crate::databases;
use crate::error::ClusterError;
use crate::processes::{self, wait_until};
use crate::programs::{self, ServerPrograms};
use crate::watchdog::Watchdog;
use std::fs::{DirBuilder, File};
use std::io;
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{DirBuilderExt, chown};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

const USER: &str = "postgres";
const READY_SECONDS_MAX: u64 = 30;
const STOP_SECONDS_MAX: u64 = 30;
const PORTS_TRIED_MAX: u32 = 10;
/// What a socket's path may have, on the system that allows least.
const SOCKET_PATH_BYTES_MAX: usize = 103;
const LOG_LINES_SHOWN: usize = 20;

/// What becomes of a commit if the server is killed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Durability {
    /// Written to the disk before it is answered, as in production.
    On,
    /// May be lost. Faster, and right for tests that kill nothing.
    Off,
}

impl Durability {
    fn settings(self) -> &'static [&'static str] {
        match self {
            Self::On => &["fsync=on", "synchronous_commit=on"],
            Self::Off => &[
                "fsync=off",
                "synchronous_commit=off",
                "full_page_writes=off",
            ],
        }
    }
}

/// A PostgreSQL server with a folder of its own. Dropping it ends the server and removes the folder; so
/// does the end of this process, in whatever way it comes.
#[derive(Debug)]
pub struct Cluster {
    programs: ServerPrograms,
    account: Account,
    durability: Durability,
    folder: PathBuf,
    port: u16,
    postmaster: Option<Child>,
    watchdog: Watchdog,
}

/// What became of an attempt to run the server on a port.
enum Launch {
    Ready,
    PortTaken,
}

impl Cluster {
    /// Creates a server, and answers once it accepts connections.
    ///
    /// On Debian, as root, it installs PostgreSQL first if there is none, and says so on standard error.
    pub fn start(durability: Durability) -> Result<Self, ClusterError> {
        Self::start_on(durability, &temporary_folders(), free_port)
    }

    /// As [`Self::start`], with its folder in this one, which the server's account has to be able to enter.
    pub fn start_in(durability: Durability, parent: &Path) -> Result<Self, ClusterError> {
        Self::start_on(durability, &[parent.to_owned()], free_port)
    }

    /// In the first of these folders that will do, on the first of these ports that is not taken.
    fn start_on(
        durability: Durability,
        parents: &[PathBuf],
        mut next_port: impl FnMut() -> io::Result<u16>,
    ) -> Result<Self, ClusterError> {
        let programs = programs::server()?;
        let account = Account::of_the_server()?;
        let folder = make_folder(parents, account)?;
        let watchdog = Watchdog::over(&folder)?;
        // From here on, an early return drops the cluster, and that cleans up.
        let postmaster = None;
        let mut cluster = Self {
            programs,
            account,
            durability,
            folder,
            port: 0,
            postmaster,
            watchdog,
        };
        cluster.initialise()?;
        for _ in 0..PORTS_TRIED_MAX {
            // Another may take the port between our finding and the server's using it.
            cluster.port = next_port().map_err(ClusterError::io("finding a free port"))?;
            if let Launch::Ready = cluster.launch()? {
                return Ok(cluster);
            }
        }
        Err(ClusterError::NoFreePort {
            log: cluster.log_end(),
        })
    }

    /// The url of the server's own database, over 127.0.0.1. The same after a restart.
    pub fn url(&self) -> String {
        format!("postgres://{USER}@127.0.0.1:{}/postgres", self.port)
    }

    /// Creates an empty database and answers its url. No two calls answer the same, in whatever process.
    pub fn new_database(&self, name_hint: &str) -> Result<String, ClusterError> {
        databases::create(&self.url(), name_hint)
    }

    /// The postmaster's process; nothing while the server is down.
    pub fn pid(&self) -> Option<u32> {
        self.postmaster.as_ref().map(Child::id)
    }

    /// Where all of it lies. The server's Unix socket is here too.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Kills the server with all its processes, so that nothing of it can still write anything down:
    /// what a commit was worth shows at the next [`Self::restart`]. Answers when all are gone.
    pub fn kill_nine(&mut self) -> Result<(), ClusterError> {
        let Some(mut postmaster) = self.postmaster.take() else {
            return Ok(());
        };
        let pid = postmaster.id();
        // Stopped first, because it starts processes at any time, and one that we overlook would live on.
        processes::signal("STOP", &[pid])?;
        wait_until(Duration::from_secs(5), || processes::is_stopped(pid));
        let mut pids = processes::children_of(pid);
        pids.push(pid);
        processes::signal("KILL", &pids)?;
        postmaster
            .wait()
            .map_err(ClusterError::io("waiting for the killed server"))?;
        self.watchdog.watch_nothing()?;
        let limit = Duration::from_secs(STOP_SECONDS_MAX);
        if wait_until(limit, || !processes::any_is_running(&pids)) {
            return Ok(());
        }
        Err(ClusterError::ServerNotStopped {
            seconds: STOP_SECONDS_MAX,
            log: self.log_end(),
        })
    }

    /// Starts the server again on the same data and the same port, after stopping it in good order if it
    /// still runs. Answers once it accepts connections.
    pub fn restart(&mut self) -> Result<(), ClusterError> {
        self.stop()?;
        // While the server was down, another's outgoing connection may have borrowed the port.
        for _ in 0..READY_SECONDS_MAX {
            if let Launch::Ready = self.launch()? {
                return Ok(());
            }
            std::thread::sleep(Duration::from_secs(1));
        }
        Err(ClusterError::NoFreePort {
            log: self.log_end(),
        })
    }

    fn stop(&mut self) -> Result<(), ClusterError> {
        let Some(postmaster) = &mut self.postmaster else {
            return Ok(());
        };
        processes::signal("INT", &[postmaster.id()])?;
        let limit = Duration::from_secs(STOP_SECONDS_MAX);
        if !wait_until(limit, || has_ended(postmaster)) {
            let log = self.log_end();
            return Err(ClusterError::ServerNotStopped {
                seconds: STOP_SECONDS_MAX,
                log,
            });
        }
        self.postmaster = None;
        self.watchdog.watch_nothing()
    }

    /// Creates the data folder. Not every system knows C.UTF-8; C sorts the same, but knows no letters
    /// beyond ASCII.
    fn initialise(&mut self) -> Result<(), ClusterError> {
        self.initdb("C.UTF-8").or_else(|_| self.initdb("C"))
    }

    fn initdb(&mut self, locale: &str) -> Result<(), ClusterError> {
        let initdb = self
            .account
            .command(&self.programs.initdb)
            .args(["--no-sync", "-A", "trust", "-E", "UTF8", "-U", USER])
            .arg(format!("--locale={locale}"))
            .arg("-D")
            .arg(self.data())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(ClusterError::io(self.programs.initdb.display().to_string()))?;
        self.watchdog.watch(initdb.id())?;
        let output = initdb
            .wait_with_output()
            .map_err(ClusterError::io("initdb"))?;
        self.watchdog.watch_nothing()?;
        if output.status.success() {
            return Ok(());
        }
        let said = last_lines(&String::from_utf8_lossy(&output.stderr));
        Err(ClusterError::ProgramFailed {
            program: "initdb".to_owned(),
            said,
        })
    }

    fn launch(&mut self) -> Result<Launch, ClusterError> {
        let log =
            File::create(self.log()).map_err(ClusterError::io("creating the server's log"))?;
        let mut command = self.account.command(&self.programs.postgres);
        command.arg("-D").arg(self.data());
        for setting in [
            "listen_addresses=127.0.0.1",
            &format!("port={}", self.port),
            &format!("unix_socket_directories=\"{}\"", self.folder.display()),
            "shared_buffers=128MB",
            "max_connections=200",
            "lc_messages=C",
            "log_destination=stderr",
            "logging_collector=off",
        ]
        .iter()
        .chain(self.durability.settings())
        {
            command.args(["-c", setting]);
        }
        let postmaster =
            command
                .stdout(Stdio::null())
                .stderr(log)
                .spawn()
                .map_err(ClusterError::io(
                    self.programs.postgres.display().to_string(),
                ))?;
        let pid = postmaster.id();
        let postmaster = self.postmaster.insert(postmaster);
        self.watchdog.watch(pid)?;

        let pid_file = self.folder.join("data/postmaster.pid");
        let (mut ended, mut ready) = (false, false);
        wait_until(Duration::from_secs(READY_SECONDS_MAX), || {
            ended = has_ended(postmaster);
            ready = says_ready(&pid_file, pid)
                && TcpStream::connect((Ipv4Addr::LOCALHOST, self.port)).is_ok();
            ended || ready
        });
        if ended {
            self.postmaster = None;
            self.watchdog.watch_nothing()?;
            let log = std::fs::read_to_string(self.log()).unwrap_or_default();
            return match log.contains("could not create any TCP/IP sockets") {
                true => Ok(Launch::PortTaken),
                false => Err(ClusterError::ServerEnded {
                    log: last_lines(&log),
                }),
            };
        }
        match ready {
            true => Ok(Launch::Ready),
            false => {
                let log = self.log_end();
                Err(ClusterError::ServerNotReady {
                    seconds: READY_SECONDS_MAX,
                    log,
                })
            }
        }
    }

    fn data(&self) -> PathBuf {
        self.folder.join("data")
    }

    fn log(&self) -> PathBuf {
        self.folder.join("log")
    }

    fn log_end(&self) -> String {
        last_lines(&std::fs::read_to_string(self.log()).unwrap_or_default())
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        self.watchdog.let_go();
        // The watchdog stops the server, but only we can collect our child.
        let watchdog_is_well = loop {
            if let Some(postmaster) = &mut self.postmaster
                && has_ended(postmaster)
            {
                self.postmaster = None;
            }
            if let Some(well) = self.watchdog.done() {
                break well;
            }
            std::thread::sleep(Duration::from_millis(5));
        };
        if watchdog_is_well {
            return;
        }
        // Somebody killed the watchdog.
        if let Err(error) = self.kill_nine_unwatched() {
            eprintln!(
                "sheetwise-testkit: {} may still be there: {error}",
                self.folder.display()
            );
        }
    }
}

impl Cluster {
    fn kill_nine_unwatched(&mut self) -> io::Result<()> {
        if let Some(postmaster) = &mut self.postmaster {
            let mut pids = processes::children_of(postmaster.id());
            postmaster.kill()?;
            postmaster.wait()?;
            pids.push(postmaster.id());
            // They notice that the postmaster is gone.
            wait_until(Duration::from_secs(5), || !processes::any_is_running(&pids));
        }
        match std::fs::remove_dir_all(&self.folder) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            other => other,
        }
    }
}

/// A port that nobody listened on a moment ago.
fn free_port() -> io::Result<u16> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?
        .local_addr()?
        .port())
}

/// Whether the server says in its own file that it accepts connections: process in the first line, state in the
/// eighth. `pg_ctl` asks the same way. After a kill the file of the dead one is still there.
fn says_ready(pid_file: &Path, pid: u32) -> bool {
    let Ok(text) = std::fs::read_to_string(pid_file) else {
        return false;
    };
    let mut lines = text.lines();
    lines.next() == Some(pid.to_string().as_str())
        && lines.nth(6).is_some_and(|state| state.trim() == "ready")
}

/// A child that cannot be asked has ended: there is nothing more to wait for.
fn has_ended(child: &mut Child) -> bool {
    !matches!(child.try_wait(), Ok(None))
}

/// Where a cluster lives, unless told.
fn temporary_folders() -> [PathBuf; 3] {
    [
        std::env::temp_dir(),
        PathBuf::from("/tmp"),
        PathBuf::from("/var/tmp"),
    ]
}

/// A new folder, the server's own, in the first of these where the server's user can get at it.
fn make_folder(parents: &[PathBuf], account: Account) -> Result<PathBuf, ClusterError> {
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |time| time.as_nanos());
    let name = format!(
        "sheetwise-pg-{}-{:x}",
        std::process::id(),
        now % 0x1_0000_0000
    );
    let mut tried = Vec::new();
    for parent in parents {
        let folder = parent.join(&name);
        tried.push(parent.clone());
        let socket_bytes = folder.as_os_str().as_bytes().len() + "/.s.PGSQL.65535.lock".len();
        if socket_bytes > SOCKET_PATH_BYTES_MAX {
            continue;
        }
        if DirBuilder::new().mode(0o700).create(&folder).is_err() {
            continue;
        }
        if give(&folder, account).is_ok_and(|usable| usable) {
            return Ok(folder);
        }
        std::fs::remove_dir(&folder)
            .map_err(ClusterError::io(format!("removing {}", folder.display())))?;
    }
    Err(ClusterError::NoUsableFolder { tried })
}

/// Makes the folder the account's own, and asks whether that is of any use: a folder above it may be closed
/// to that user.
fn give(folder: &Path, account: Account) -> io::Result<bool> {
    if let Account::Other { user, group } = account {
        chown(folder, Some(user), Some(group))?;
    }
    let mut ask: Command = account.command("sh");
    ask.args(["-c", r#"cd "$1" && test -w ."#, "sh"])
        .arg(folder)
        .stderr(Stdio::null());
    Ok(ask.status()?.success())
}

fn last_lines(text: &str) -> String {
    let lines: Vec<&str> = text.trim_end().lines().collect();
    lines[lines.len().saturating_sub(LOG_LINES_SHOWN)..].join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_taken_port_is_left_to_whoever_has_it() {
        let theirs = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let taken = theirs.local_addr().unwrap().port();
        let free = free_port().unwrap();
        let mut ports = [taken, free, free_port().unwrap()].into_iter();
        let cluster = Cluster::start_on(Durability::Off, &temporary_folders(), || {
            Ok(ports.next().unwrap())
        })
        .unwrap();
        assert_ne!(cluster.port, taken);
        assert_eq!(databases::psql(&cluster.url(), "select 1").unwrap(), "1");
    }

    #[test]
    fn dropping_cleans_up_even_if_somebody_killed_the_watchdog() {
        let mut cluster = Cluster::start(Durability::Off).unwrap();
        let (pid, folder) = (cluster.pid().unwrap(), cluster.folder().to_owned());
        cluster.watchdog.kill();
        drop(cluster);
        assert!(!processes::any_is_running(&[pid]));
        assert!(!folder.exists());
    }

    #[test]
    fn a_server_that_cannot_start_is_reported_with_its_log() {
        let mut cluster = Cluster::start(Durability::Off).unwrap();
        cluster.kill_nine().unwrap();
        std::fs::write(
            cluster.data().join("postgresql.auto.conf"),
            "no_such_setting = 1\n",
        )
        .unwrap();
        match cluster.restart() {
            Err(ClusterError::ServerEnded { log }) => {
                assert!(log.contains("no_such_setting"), "{log}")
            }
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn the_end_of_a_log_is_what_is_shown() {
        let log: Vec<String> = (1..=50).map(|n| format!("line {n}")).collect();
        let shown = last_lines(&log.join("\n"));
        assert!(shown.starts_with("line 31\n") && shown.ends_with("line 50"));
        assert_eq!(last_lines("one"), "one");
    }
}
