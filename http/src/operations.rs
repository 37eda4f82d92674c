//! What the server knows of itself while it runs: whether it is stopping, what it takes on at once, who follows the
//! log and how far behind; and the three questions of whoever operates it: `/healthz`, `/readyz`, `/metrics`.

use crate::app::App;
use crate::limits::Limits;
use crate::metrics::Metrics;
use crate::openapi::{Answers, Operation};
use crate::problem::{Border, Problem};
use axum::Json;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::json;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};

/// So many questions are put to the database at once: each has a thread and a connection until it is answered, also
/// where whoever asked has gone. (PostgreSQL lets in a hundred by default, and there may be several servers.)
pub(crate) const READS_AT_ONCE: usize = 24;

/// So many readers of the stream look into the database at once: those that catch up must not crowd out the shop.
const STREAM_READS_AT_ONCE: usize = 4;

/// The state of the server itself, shared by all calls.
#[derive(Debug)]
pub(crate) struct Operations {
    pub(crate) limits: Limits,
    pub(crate) metrics: Arc<Metrics>,
    pub(crate) requests: Semaphore,
    pub(crate) reads: Arc<Semaphore>,
    pub(crate) stream_reads: Arc<Semaphore>,
    stream_readers: Arc<Semaphore>,
    positions: Arc<Mutex<Positions>>,
    stopping: watch::Sender<bool>,
}

/// How far each reader of the stream is.
#[derive(Debug, Default)]
struct Positions {
    by_reader: BTreeMap<u64, u64>,
    next: u64,
}

/// A reader of the stream, as long as it reads.
#[derive(Debug)]
pub(crate) struct Reader {
    number: u64,
    positions: Arc<Mutex<Positions>>,
    _permit: OwnedSemaphorePermit,
}

impl Operations {
    pub(crate) fn new(limits: Limits, metrics: Arc<Metrics>) -> Self {
        Self {
            requests: Semaphore::new(limits.requests_max),
            reads: Arc::new(Semaphore::new(READS_AT_ONCE)),
            stream_reads: Arc::new(Semaphore::new(STREAM_READS_AT_ONCE)),
            stream_readers: Arc::new(Semaphore::new(limits.stream_readers_max)),
            positions: Arc::default(),
            stopping: watch::Sender::new(false),
            limits,
            metrics,
        }
    }

    /// Everything that never ends by itself is to end.
    pub(crate) fn stop(&self) {
        self.stopping.send_replace(true);
    }

    pub(crate) fn stopping(&self) -> watch::Receiver<bool> {
        self.stopping.subscribe()
    }

    /// One more reader of the stream, if there is room.
    pub(crate) fn read_stream(&self, after: u64) -> Result<Reader, Problem> {
        let permit = Arc::clone(&self.stream_readers).try_acquire_owned();
        let permit = permit.map_err(|_| {
            let max = self.limits.stream_readers_max;
            Problem::overloaded(format!("{max} readers follow the log already."))
        })?;
        let mut positions = locked(&self.positions);
        let number = positions.next;
        positions.next += 1;
        positions.by_reader.insert(number, after);
        drop(positions);
        Ok(Reader {
            number,
            positions: Arc::clone(&self.positions),
            _permit: permit,
        })
    }

    /// How many readers follow the log, and how many events the last of them is behind.
    fn stream_lag(&self, last_sequence_num: u64) -> (usize, u64) {
        let positions = locked(&self.positions);
        let slowest = positions.by_reader.values().min();
        let lag = slowest.map_or(0, |at| last_sequence_num.saturating_sub(*at));
        (positions.by_reader.len(), lag)
    }
}

impl Reader {
    /// Everything up to this event was sent.
    pub(crate) fn is_at(&self, sequence_num: u64) {
        locked(&self.positions)
            .by_reader
            .insert(self.number, sequence_num);
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        locked(&self.positions).by_reader.remove(&self.number);
    }
}

/// A panic elsewhere leaves numbers behind that are as good as before.
fn locked(positions: &Mutex<Positions>) -> std::sync::MutexGuard<'_, Positions> {
    positions.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The program runs.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Health {
    status: &'static str,
}

/// Scans are taken and questions answered.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Readiness {
    status: &'static str,
    /// The number of the last event in the log.
    last_sequence_num: u64,
    /// How many commands wait.
    queue_depth: usize,
}

/// That it is ready.
pub(crate) struct Ready(Readiness);

impl IntoResponse for Ready {
    fn into_response(self) -> Response {
        Json(self.0).into_response()
    }
}

impl Answers for Ready {
    fn describe(operation: &mut Operation<'_>) {
        Json::<Readiness>::describe(operation);
        operation.may_answer(&[Border::Ledger]);
    }
}

/// `GET /healthz`: the program runs; whether its database does is not asked.
pub(crate) async fn healthz() -> Json<Health> {
    Json(Health { status: "alive" })
}

/// `GET /readyz`: the database answers, and the ledger takes what is said.
pub(crate) async fn readyz(State(app): State<App>) -> Result<Ready, Problem> {
    if *app.operations().stopping.borrow() {
        return Err(Problem::overloaded("The server is being stopped."));
    }
    if let Some(failure) = app.ledger().stopped() {
        return Err(Problem::failed(failure));
    }
    let head = app.ask(|reading| reading.head()).await?;
    Ok(Ready(Readiness {
        status: "ready",
        last_sequence_num: head.sequence_num,
        queue_depth: app.ledger().queue_depth(),
    }))
}

/// `GET /metrics`: in Prometheus' text form.
pub(crate) async fn metrics(State(app): State<App>) -> Result<Figures, Problem> {
    let operations = app.operations();
    let metrics = &operations.metrics;
    metrics.queue_depth.set(count(app.ledger().queue_depth()));
    // Where the database does not answer, the other figures are wanted most.
    if let Ok(head) = app.ask(|reading| reading.head()).await {
        let (readers, lag) = operations.stream_lag(head.sequence_num);
        let last = i64::try_from(head.sequence_num).unwrap_or(i64::MAX);
        metrics.log_last_sequence_num.set(last);
        metrics.stream_readers.set(count(readers));
        let lag = i64::try_from(lag).unwrap_or(i64::MAX);
        metrics.stream_lag_events.set(lag);
    }
    let text = metrics.text().map_err(|_| Problem::bug())?;
    let kind = [(
        header::CONTENT_TYPE,
        "text/plain; version=0.0.4; charset=utf-8",
    )];
    Ok(Figures((kind, text).into_response()))
}

/// Figures for Prometheus.
pub(crate) struct Figures(Response);

impl IntoResponse for Figures {
    fn into_response(self) -> Response {
        self.0
    }
}

impl Answers for Figures {
    fn describe(operation: &mut Operation<'_>) {
        operation.answers("text/plain", json!({"type": "string"}));
    }
}

fn count(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
