//! `GET /events/stream`: the log as server-sent events. What a reader gets is read from the log itself, by number:
//! commits only wake it. So it misses nothing, whoever wrote; a reader that does not read holds up nobody, and is
//! given the rest from the database when it reads again.

use crate::access::{Who, still_lets_in};
use crate::app::App;
use crate::extract::Parameters;
use crate::log_api::LogQuery;
use crate::openapi::{Answers, Operation, Takes};
use crate::operations::Reader;
use crate::problem::{Border, Problem};
use axum::extract::{FromRequestParts, State};
use axum::http::request::Parts;
use axum::response::sse::{Event, Sse};
use axum::response::{IntoResponse, Response};
use futures_util::stream::unfold;
use serde_json::json;
use sheetwise_core::domain::Recorded;
use sheetwise_store::contract::EventFilter;
use sheetwise_store::questions;
use std::collections::VecDeque;
use std::convert::Infallible;
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::{Instant, sleep, timeout};

/// So many events are read at once, and kept for a reader at most.
const EVENTS_AT_ONCE: usize = 256;

/// What other processes write is looked for this often.
const POLL: Duration = Duration::from_millis(500);

/// A reader that has read everything waits at least this long, so that under load it reads many events at once.
const PAUSE: Duration = Duration::from_millis(20);

/// `GET /events/stream`
pub(crate) async fn stream(
    State(app): State<App>,
    who: Who,
    LastEventId(last): LastEventId,
    Parameters(query): Parameters<LogQuery>,
) -> Result<Streamed, Problem> {
    if query.limit.is_some() {
        let message = "a stream has no end: leave it out, or ask for /events";
        return Err(Problem::parameter("limit", message));
    }
    let after = last.unwrap_or(query.after);
    let filter = query.filter(EVENTS_AT_ONCE)?;
    let reader = app.operations().read_stream(after)?;
    let following = Following {
        commits: app.ledger().commits(),
        stopping: app.operations().stopping(),
        app,
        filter,
        after,
        ready: VecDeque::new(),
        heard: Instant::now(),
        who,
        let_in: Instant::now(),
        reader,
    };
    let events = Sse::new(unfold(following, Following::next));
    Ok(Streamed(events.into_response()))
}

/// The log as it goes on.
pub(crate) struct Streamed(Response);

impl IntoResponse for Streamed {
    fn into_response(self) -> Response {
        self.0
    }
}

impl Answers for Streamed {
    fn describe(operation: &mut Operation<'_>) {
        operation.answers(
            "text/event-stream",
            json!({
                "type": "object",
                "description": "What each event of the stream holds.",
                "properties": {
                    "id": {"type": "string", "description": "The event's number."},
                    "data": {"type": "string", "description": "The event as on /events, in JSON."},
                },
            }),
        );
    }
}

/// The header `Last-Event-ID`: where the reader was when it was cut off.
pub(crate) struct LastEventId(Option<u64>);

impl<S: Send + Sync> FromRequestParts<S> for LastEventId {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let Some(id) = parts.headers.get("last-event-id") else {
            return Ok(Self(None));
        };
        let number = id.to_str().ok().and_then(|id| id.parse().ok());
        let number = number.ok_or_else(|| {
            Problem::parameter("Last-Event-ID", "it should be the number of an event")
        })?;
        Ok(Self(Some(number)))
    }
}

impl Takes for LastEventId {
    fn describe(operation: &mut Operation<'_>) {
        operation.takes_header(
            "Last-Event-ID",
            "Go on behind this event; goes before `after`.",
            json!({"type": "string", "pattern": "^[0-9]{1,19}$"}),
        );
        operation.may_answer(&[Border::Parameter]);
    }
}

/// A reader, and how far it is.
struct Following {
    app: App,
    filter: EventFilter,
    /// Everything up to this number was looked at.
    after: u64,
    /// What was read and not yet sent.
    ready: VecDeque<Recorded>,
    commits: watch::Receiver<u64>,
    stopping: watch::Receiver<bool>,
    /// When the reader was sent something last.
    heard: Instant,
    who: Who,
    /// When it was asked last whether the reader may still read.
    let_in: Instant,
    reader: Reader,
}

impl Following {
    async fn next(mut self) -> Option<(Result<Event, Infallible>, Self)> {
        let keep_alive = self.app.operations().limits.stream_keep_alive;
        loop {
            if *self.stopping.borrow() {
                return None;
            }
            if self.let_in.elapsed() >= keep_alive {
                self.let_in = Instant::now();
                if !still_lets_in(&self.app, &self.who).await {
                    return None; // who comes again is told why
                }
            }
            if let Some(recorded) = self.ready.pop_front() {
                self.heard = Instant::now();
                self.reader.is_at(recorded.sequence_num);
                let event = Event::default()
                    .id(recorded.sequence_num.to_string())
                    .data(serde_json::Value::Object(recorded.to_flat_json()).to_string());
                return Some((Ok(event), self));
            }
            // A comment, where there is no event.
            if self.heard.elapsed() >= keep_alive {
                self.heard = Instant::now();
                // With the number that was reached, from which the reader may go on.
                let event = Event::default().id(self.after.to_string()).comment("alive");
                return Some((Ok(event), self));
            }
            // What is committed from here on wakes it, even if it is read right now.
            self.commits.mark_unchanged();
            if !self.read().await {
                self.wait().await;
            }
        }
    }

    /// Reads on; `false` where there was nothing, or the database did not answer.
    async fn read(&mut self) -> bool {
        let mut filter = self.filter.clone();
        filter.range = self.after.saturating_add(1)..=u64::MAX >> 1;
        let read = self.app.ask_for_stream(move |reading| {
            let last = reading.head()?.sequence_num;
            Ok((questions::log(reading, &filter)?, last))
        });
        let Ok((events, last)) = read.await else {
            // It says so to whoever asks /readyz; the stream goes on when it answers again.
            return false;
        };
        self.after = match events.last() {
            Some(recorded) if events.len() == EVENTS_AT_ONCE => recorded.sequence_num,
            _ => last.max(self.after),
        };
        self.ready = events.into();
        if self.ready.is_empty() {
            self.reader.is_at(self.after);
        }
        !self.ready.is_empty()
    }

    /// Until there may be more, or the server stops.
    async fn wait(&mut self) {
        sleep(PAUSE).await;
        let committed = async {
            if self.commits.changed().await.is_err() {
                // The ledger is gone; others may write.
                std::future::pending::<()>().await;
            }
        };
        let stopped = async { drop(self.stopping.wait_for(|stopping| *stopping).await) };
        let woken = async {
            tokio::select! {
                () = committed => {}
                () = stopped => {}
            }
        };
        // Either way there is a look at the database next.
        drop(timeout(POLL, woken).await);
    }
}
