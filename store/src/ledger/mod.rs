//! The ledger: commands wait in a queue, one committer takes whatever waits, decides it in order, and
//! writes all of it in one transaction; then, and only then, everybody is answered. A lone command waits
//! for nobody; while a group is being written, the next one gathers.

mod draft;
mod group;
mod issue;
mod observer;
mod request;
mod verdict;

pub use observer::{GroupMeasured, GroupObserver};
pub use request::{Expected, Failure, Outcome, Reply, Request, Said};

use crate::contract::Engine;
use group::Committer;
use jiff::Timestamp;
use sheetwise_core::identity::ScannerSettings;
use std::sync::{Arc, OnceLock};
use std::thread::JoinHandle;
use std::time::Instant;
use tokio::sync::{mpsc, oneshot, watch};

/// How a ledger works.
#[derive(Debug, Clone)]
pub struct Options {
    /// So many commands may wait; one more is answered [`Failure::Busy`].
    pub queue_max: usize,
    /// So many commands are committed together at most.
    pub group_max: usize,
    /// So many units are kept in memory between groups; above it, all are forgotten and read again when
    /// they are needed.
    pub units_in_memory_max: usize,
    /// What the shop's scanners send beside the bare text.
    pub scanner: ScannerSettings,
    /// Is told of each group, after its answers have gone out.
    pub observer: GroupObserver,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            queue_max: 8_192,
            group_max: 512,
            units_in_memory_max: 50_000,
            scanner: ScannerSettings::default(),
            observer: GroupObserver::default(),
        }
    }
}

/// The door to the ledger. It is stopped, once everything that waits is answered, when the last of its
/// clones is gone.
#[derive(Debug, Clone)]
pub struct Ledger {
    queue: mpsc::Sender<Waiting>,
    last_sequence_num: watch::Receiver<u64>,
    stopped: Arc<OnceLock<Failure>>,
    _thread: Arc<Joined>,
}

type Waiting = (Request, oneshot::Sender<Result<Reply, Failure>>);

/// Joins the committer's thread when the last handle goes.
#[derive(Debug)]
struct Joined(std::sync::Mutex<Option<JoinHandle<()>>>);

/// An answer to come.
#[derive(Debug)]
pub struct Answering(oneshot::Receiver<Result<Reply, Failure>>);

impl Answering {
    /// Waits for the answer, and holds the thread while it does.
    pub fn wait(self) -> Result<Reply, Failure> {
        let answered = self.0.blocking_recv();
        answered.unwrap_or_else(|_| Err(stopped_in_between()))
    }
}

impl Future for Answering {
    type Output = Result<Reply, Failure>;

    fn poll(
        mut self: std::pin::Pin<&mut Self>,
        cx: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Self::Output> {
        std::pin::Pin::new(&mut self.0)
            .poll(cx)
            .map(|answered| answered.unwrap_or_else(|_| Err(stopped_in_between())))
    }
}

/// The committer is gone, and took the command with it.
fn stopped_in_between() -> Failure {
    Failure::OutcomeUnknown("the ledger stopped in between".into())
}

impl Ledger {
    /// Starts a ledger with an engine of its own, on a thread of its own. `clock` is the server's.
    ///
    /// # Panics
    /// If the operating system gives no thread.
    #[must_use]
    pub fn start(
        engine: Box<dyn Engine>,
        clock: impl Fn() -> Timestamp + Send + 'static,
        options: Options,
    ) -> Self {
        let (queue, waiting) = mpsc::channel(options.queue_max);
        let (committed, last_sequence_num) = watch::channel(0);
        let group_max = options.group_max;
        let observer = options.observer.clone();
        let stopped = Arc::new(OnceLock::new());
        let stop = Arc::clone(&stopped);
        let committer = Committer::new(engine, Box::new(clock), options);
        let thread = std::thread::Builder::new()
            .name("ledger".into())
            .spawn(move || work(committer, waiting, &committed, group_max, &observer, &stop))
            .expect("the operating system gives a thread");
        Self {
            queue,
            last_sequence_num,
            stopped,
            _thread: Arc::new(Joined(std::sync::Mutex::new(Some(thread)))),
        }
    }

    /// Hands a request to the committer. It is decided even if nobody waits for the answer any more.
    ///
    /// # Errors
    /// [`Failure::Busy`] or [`Failure::Stopped`]; then it is not decided.
    pub fn submit(&self, request: Request) -> Result<Answering, Failure> {
        let (answer, answering) = oneshot::channel();
        match self.queue.try_send((request, answer)) {
            Ok(()) => Ok(Answering(answering)),
            Err(mpsc::error::TrySendError::Full(_)) => Err(Failure::Busy),
            Err(mpsc::error::TrySendError::Closed(_)) => {
                Err(Failure::Stopped("the ledger has stopped".into()))
            }
        }
    }

    /// Hands a request to the committer as soon as there is room in the queue.
    ///
    /// # Errors
    /// [`Failure::Stopped`]; then it is not decided.
    pub async fn submit_when_there_is_room(&self, request: Request) -> Result<Answering, Failure> {
        let (answer, answering) = oneshot::channel();
        match self.queue.send((request, answer)).await {
            Ok(()) => Ok(Answering(answering)),
            Err(_) => Err(Failure::Stopped("the ledger has stopped".into())),
        }
    }

    /// Hands a request in, and waits for its answer.
    pub fn ask(&self, request: Request) -> Result<Reply, Failure> {
        self.submit(request)?.wait()
    }

    /// How many commands wait now.
    #[must_use]
    pub fn queue_depth(&self) -> usize {
        self.queue.max_capacity() - self.queue.capacity()
    }

    /// Why nothing more is recorded, where the ledger has stopped itself.
    #[must_use]
    pub fn stopped(&self) -> Option<&Failure> {
        self.stopped.get()
    }

    /// Tells of every commit of this ledger: the number of the last event.
    #[must_use]
    pub fn commits(&self) -> watch::Receiver<u64> {
        self.last_sequence_num.clone()
    }
}

/// What would come of these requests, one after the other, if they were said now: nothing is recorded, and
/// nobody is held up. The engine is a connection of its own.
pub fn dry_run(
    engine: Box<dyn Engine>,
    clock: impl Fn() -> Timestamp + Send + 'static,
    options: Options,
    requests: &[Request],
) -> Vec<Result<Reply, Failure>> {
    Committer::new(engine, Box::new(clock), options).dry_run(requests)
}

impl Drop for Joined {
    fn drop(&mut self) {
        let thread = self.0.lock().map(|mut thread| thread.take());
        if let Ok(Some(thread)) = thread
            && thread.thread().id() != std::thread::current().id()
            && thread.join().is_err()
        {
            // The committer panicked: its callers were told that the outcome is unknown.
        }
    }
}

/// A committer that panics says so to whoever asks whether the ledger has stopped.
struct LastWords<'a>(&'a OnceLock<Failure>);

impl Drop for LastWords<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let why = "the ledger failed by a fault of its own: start the program again";
            self.0.get_or_init(|| Failure::Stopped(why.into()));
        }
    }
}

fn work(
    mut committer: Committer,
    mut waiting: mpsc::Receiver<Waiting>,
    committed: &watch::Sender<u64>,
    group_max: usize,
    observer: &GroupObserver,
    stopped: &OnceLock<Failure>,
) {
    let _last_words = LastWords(stopped);
    let mut group: Vec<Waiting> = Vec::with_capacity(group_max);
    while waiting.blocking_recv_many(&mut group, group_max) > 0 {
        let (requests, answers): (Vec<Request>, Vec<_>) = group.drain(..).unzip();
        let begun = Instant::now();
        let replies = if let Some(failure) = stopped.get() {
            vec![Err(failure.clone()); requests.len()]
        } else {
            let (replies, error) = committer.run(&requests);
            if let Some(error) = error {
                // A broken promise of the store's: to go on could only make it worse.
                stopped.get_or_init(|| Failure::Stopped(error.to_string().into()));
            }
            let last = committer.known_sequence_num();
            committed.send_if_modified(|known| std::mem::replace(known, last) != last);
            replies
        };
        let measured = GroupMeasured {
            requests: requests.len(),
            took: begun.elapsed(),
            waited_for_the_log: committer.waited_for_the_log(),
            failure: replies.iter().find_map(|reply| reply.clone().err()),
        };
        for (answer, reply) in answers.into_iter().zip(replies) {
            // Whoever asked may have gone; what was decided stays decided.
            drop(answer.send(reply));
        }
        observer.tell(&measured);
    }
}
