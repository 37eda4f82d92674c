//! A process of its own that loads a database: this test program once more, told by its environment what to
//! do. It says every answer that it got on its standard output, a line each, before it asks for the next.

use super::linear::Timed;
use super::load::{Acknowledged, ask_until_answered, open_shop, request_of};
use super::open;
use jiff::Timestamp;
use sheetwise_store::ledger::{Ledger, Options};
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::mpsc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

const DATABASE: &str = "SHEETWISE_CHILD_DATABASE";
const CLIENTS: &str = "SHEETWISE_CHILD_CLIENTS";
const SENDS: &str = "SHEETWISE_CHILD_SENDS";
const SHARED: &str = "SHEETWISE_CHILD_SHARED";
const PREFIX: &str = "SHEETWISE_CHILD_PREFIX";
const FIRST: &str = "SHEETWISE_CHILD_FIRST";

/// What a process is to do.
#[derive(Debug, Clone)]
pub struct Task<'a> {
    /// A file of SQLite, or the URL of a PostgreSQL database.
    pub database: &'a str,
    /// What its own keys begin with.
    pub prefix: &'a str,
    pub clients: usize,
    /// So many keys by each client.
    pub sends: usize,
    /// Every fourth key is one that every process sends.
    pub shared: bool,
    /// Keys to send before all others.
    pub first: &'a [String],
}

impl Task<'_> {
    /// Starts the process. The test program has to have a test `name` that calls [`run`].
    pub fn start(&self, name: &str) -> Running {
        let program = std::env::current_exe().expect("this program has a path");
        self.start_by(&mut Command::new(program), name)
    }

    /// As [`Self::start`], by a command that takes this program's arguments behind its own.
    pub fn start_by(&self, command: &mut Command, name: &str) -> Running {
        let mut child = command
            .args(["--exact", name, "--ignored", "--nocapture"])
            .env(DATABASE, self.database)
            .env(CLIENTS, self.clients.to_string())
            .env(SENDS, self.sends.to_string())
            .env(SHARED, self.shared.to_string())
            .env(PREFIX, self.prefix)
            .env(FIRST, self.first.join(" "))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .expect("this program can be started");
        let output = child.stdout.take().expect("its output is piped");
        let (heard, lines) = mpsc::channel();
        std::thread::spawn(move || listen(output, &heard));
        Running { child, lines }
    }
}

/// Whole lines only: the last one may have been cut off with the process.
fn listen(output: ChildStdout, heard: &mpsc::Sender<String>) {
    let mut output = BufReader::new(output);
    let mut line = String::new();
    while output.read_line(&mut line).is_ok_and(|n| n > 0) && line.ends_with('\n') {
        if heard.send(line.trim_end().to_owned()).is_err() {
            return;
        }
        line.clear();
    }
}

/// A process at work.
pub struct Running {
    child: Child,
    lines: mpsc::Receiver<String>,
}

impl Running {
    /// Waits until it says that the shop is open.
    pub fn wait_until_ready(&self) {
        let limit = Duration::from_mins(1);
        while self.lines.recv_timeout(limit).expect("it gets ready") != "ready" {}
    }

    /// What it has said up to now that it was answered.
    pub fn answered_so_far(&self) -> Vec<Acknowledged> {
        self.lines
            .try_iter()
            .filter_map(|line| Some(timed(&line)?.answer))
            .collect()
    }

    /// Kills it: SIGKILL, as it stands.
    pub fn kill_nine(&mut self) {
        self.child.kill().expect("it can be killed");
    }

    /// Waits for its end: what it was answered and when, and whether it ended well.
    pub fn end_timed(mut self) -> (Vec<Timed>, bool) {
        let timed = self.lines.iter().filter_map(|line| timed(&line)).collect();
        let status = self.child.wait().expect("it was started");
        (timed, status.success())
    }

    /// Waits for its end: what it was answered, and whether it ended well.
    pub fn end(self) -> (Vec<Acknowledged>, bool) {
        let (timed, well) = self.end_timed();
        (timed.into_iter().map(|one| one.answer).collect(), well)
    }
}

/// `ack`, when it was asked for and when it was answered, the answer.
fn timed(line: &str) -> Option<Timed> {
    let mut parts = line.strip_prefix("ack\t")?.splitn(3, '\t');
    Some(Timed {
        asked: parts.next()?.parse().ok()?,
        answered: parts.next()?.parse().ok()?,
        answer: Acknowledged::of_line(parts.next()?)?,
    })
}

/// The same for all processes of a machine, as long as nobody sets its clock.
fn now() -> u128 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.expect("it is after 1970").as_nanos()
}

/// The keys that a client sends, in order.
pub fn keys(
    prefix: &str,
    client: usize,
    sends: usize,
    shared: bool,
) -> impl Iterator<Item = String> {
    (0..sends).map(move |number| {
        let is_shared = shared && number % 4 == 3;
        let prefix = if is_shared { "shared" } else { prefix };
        format!("{prefix}-{client:02}-{number:06}")
    })
}

/// The process's own part. Does nothing where nobody said what to do.
pub fn run() {
    let Ok(database) = std::env::var(DATABASE) else {
        return;
    };
    let told = |name| std::env::var(name).expect("whoever started this says what to do");
    let number = |name| told(name).parse::<usize>().expect("a number");
    let (clients, sends) = (number(CLIENTS), number(SENDS));
    let (prefix, shared) = (told(PREFIX), told(SHARED) == "true");
    let database = open(&database).expect("the database can be opened");
    let ledger = Ledger::start(database.connect(), Timestamp::now, Options::default());
    println!();
    open_shop(&ledger);
    println!("ready");
    for key in told(FIRST).split_whitespace() {
        send(&ledger, key);
    }
    std::thread::scope(|scope| {
        for client in 0..clients {
            let (ledger, prefix) = (ledger.clone(), prefix.as_str());
            scope.spawn(move || {
                for key in keys(prefix, client, sends, shared) {
                    send(&ledger, &key);
                }
            });
        }
    });
}

fn send(ledger: &Ledger, key: &str) {
    let asked = now();
    let reply = ask_until_answered(ledger, &request_of(key), |failure| {
        eprintln!("{key}: {failure}");
    });
    let answered = now();
    let line = Acknowledged::new(key, &reply).to_line();
    // Whoever listens may have gone: then there is nobody to tell.
    drop(writeln!(
        std::io::stdout().lock(),
        "ack\t{asked}\t{answered}\t{line}"
    ));
}
