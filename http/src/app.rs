//! What every call has at hand: the ledger to record through, the database to ask, and the server's clock.

use crate::access::Guard;
use crate::foresight::Foresight;
use crate::limits::Limits;
use crate::metrics::Metrics;
use crate::openapi::{Answers, Operation};
use crate::operations::Operations;
use crate::problem::{Border, Problem};
use crate::telemetry;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use jiff::{SignedDuration, Timestamp};
use sheetwise_core::domain::{Command, UnitRef};
use sheetwise_core::identity::{OperatorId, StationId};
use sheetwise_core::scan::Answer;
use sheetwise_store::contract::Reading;
use sheetwise_store::ledger::{
    Expected, Failure, GroupObserver, Ledger, Options, Outcome, Reply, Request, Said,
};
use sheetwise_store::{Database, StoreError};
use smol_str::SmolStr;
use std::sync::Arc;
use std::time::Instant;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// What is older than this when it arrives has waited in a queue that was offline. It is only marked by that;
/// no rule reads a device's clock.
const LATE_AFTER: SignedDuration = SignedDuration::from_secs(60);

/// The server's clock.
pub type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// The shop behind the server.
#[derive(Clone)]
pub struct App {
    ledger: Ledger,
    database: Database,
    clock: Clock,
    options: Options,
    operations: Arc<Operations>,
    foresight: Arc<Foresight>,
    guard: Option<Guard>,
}

/// Who says something, where and when, and under which key.
#[derive(Debug, Clone, Default)]
pub(crate) struct Origin {
    pub(crate) station_id: Option<StationId>,
    pub(crate) operator_id: Option<OperatorId>,
    /// The device's clock; the server's where it says nothing.
    pub(crate) timestamp: Option<Timestamp>,
    /// It waited in a queue that was offline; judged by the clocks where it says nothing.
    pub(crate) late: Option<bool>,
    pub(crate) key: Option<SmolStr>,
}

impl App {
    /// Starts a ledger on the database.
    pub fn new(database: Database, clock: Clock, options: Options) -> Result<Self, StoreError> {
        Self::within(Limits::default(), database, clock, options)
    }

    /// Starts a ledger on the database, for a server with these limits.
    pub fn within(
        limits: Limits,
        database: Database,
        clock: Clock,
        options: Options,
    ) -> Result<Self, StoreError> {
        let metrics = Arc::new(Metrics::new());
        let measured = Arc::clone(&metrics);
        let observer = GroupObserver::new(move |group| {
            measured.group(group);
            if let Some(failure) = &group.failure {
                tracing::error!(requests = group.requests, %failure, "a group failed");
            }
        });
        let options = Options {
            observer,
            ..options
        };
        let ledgers_clock = Arc::clone(&clock);
        let ledger = database.ledger(move || ledgers_clock(), options.clone())?;
        Ok(Self {
            ledger,
            database,
            clock,
            options,
            operations: Arc::new(Operations::new(limits, metrics)),
            foresight: Arc::new(Foresight::new()),
            guard: None,
        })
    }

    /// The same, with somebody at the door: for servers. Without, whoever calls has the database at hand anyway.
    #[must_use]
    pub fn guarded(mut self, guard: Guard) -> Self {
        self.guard = Some(guard);
        self
    }

    pub(crate) const fn guard(&self) -> Option<&Guard> {
        self.guard.as_ref()
    }

    /// The ledger that everything is recorded through.
    #[must_use]
    pub const fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    /// What the server knows of itself.
    pub(crate) fn operations(&self) -> &Operations {
        &self.operations
    }

    /// What is kept from one question about the future to the next.
    pub(crate) fn foresight(&self) -> &Foresight {
        &self.foresight
    }

    pub(crate) const fn database(&self) -> &Database {
        &self.database
    }

    pub(crate) fn now(&self) -> Timestamp {
        (self.clock)()
    }

    pub(crate) fn request(&self, said: Said, origin: Origin) -> Request {
        let now = (self.clock)();
        let waited = |timestamp| now.duration_since(timestamp) > LATE_AFTER;
        Request {
            said,
            station_id: origin.station_id,
            operator_id: origin.operator_id,
            occurred_at: origin.timestamp,
            late: origin.late.unwrap_or(origin.timestamp.is_some_and(waited)),
            key: origin.key,
            correlation_id: telemetry::of_a_decision(),
        }
    }

    /// What would come of these, one after the other; nothing is recorded.
    pub(crate) async fn dry_run(
        &self,
        requests: Vec<Request>,
    ) -> Result<Vec<Result<Reply, Failure>>, Problem> {
        let app = self.clone();
        let turn = self.turn(&self.operations.reads).await?;
        let decided = tokio::task::spawn_blocking(move || {
            let _turn = turn; // until it is decided, also where the caller has gone
            let clock = Arc::clone(&app.clock);
            let engine = app.database.engine()?;
            let options = app.options.clone();
            Ok(sheetwise_store::ledger::dry_run(
                engine,
                move || clock(),
                options,
                &requests,
            ))
        });
        decided
            .await
            .map_err(|_| Problem::bug())?
            .map_err(Problem::store)
    }

    /// Asks the database; everything that is read is of one moment.
    pub(crate) async fn ask<T: Send + 'static>(
        &self,
        question: impl FnOnce(&mut dyn Reading) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, Problem> {
        let database = self.database.clone();
        let begun = Instant::now();
        let turn = self.turn(&self.operations.reads).await?;
        let answered = tokio::task::spawn_blocking(move || {
            let _turn = turn; // until it is answered, also where the caller has gone
            database.read(question)
        });
        let answered = answered.await;
        self.operations.metrics.read(begun.elapsed());
        answered
            .map_err(|_| Problem::bug())?
            .map_err(Problem::store)
    }

    /// Asks the database for a reader of the event stream: only a few of them at once.
    pub(crate) async fn ask_for_stream<T: Send + 'static>(
        &self,
        question: impl FnOnce(&mut dyn Reading) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, Problem> {
        let turn = self.turn(&self.operations.stream_reads).await?;
        let answer = self.ask(move |reading| {
            let _turn = turn;
            question(reading)
        });
        answer.await
    }

    async fn turn(&self, turns: &Arc<Semaphore>) -> Result<OwnedSemaphorePermit, Problem> {
        let turn = Arc::clone(turns).acquire_owned().await;
        turn.map_err(|_| Problem::bug())
    }
}

/// A command, with what its caller saw of the thing that it is about.
pub(crate) fn said(command: Command, seen: Option<(UnitRef, Expected)>) -> Said {
    match seen {
        None => Said::Command(Box::new(command)),
        Some((unit, expected)) => Said::CommandIf(Box::new(command), unit, expected),
    }
}

/// What the ledger answered, or why this caller may not say it.
pub(crate) type Answered = Result<Result<Reply, Failure>, Problem>;

/// What came of something that was said.
pub(crate) struct Recorded(pub(crate) Answered);

impl IntoResponse for Recorded {
    fn into_response(self) -> Response {
        match self.0 {
            Ok(Ok(reply)) => match reply.outcome {
                Outcome::Recorded | Outcome::AlreadyRecorded => {
                    let json = [(header::CONTENT_TYPE, "application/json")];
                    (StatusCode::OK, json, reply.body.to_string()).into_response()
                }
                Outcome::Refused(class) => Problem::refused(class, &reply.body).into_response(),
            },
            Ok(Err(failure)) => Problem::failed(&failure).into_response(),
            Err(problem) => problem.into_response(),
        }
    }
}

impl Answers for Recorded {
    fn describe(operation: &mut Operation<'_>) {
        operation.answers_with::<Answer>();
        operation.may_answer(&[Border::Writing, Border::Ledger, Border::NotAllowed]);
        operation.is_command = true;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::at_once::most_at_once;
    use crate::operations::READS_AT_ONCE;
    use sheetwise_store::Location;

    /// Also where the callers have gone: the database goes on with what they asked.
    #[tokio::test]
    async fn only_so_many_questions_are_at_the_database_at_once() {
        let database = Database::open(&Location::Memory).expect("a database");
        let clock: Clock = Arc::new(Timestamp::now);
        let app = App::new(database, clock, Options::default()).expect("a ledger");
        let most = most_at_once(READS_AT_ONCE, |at_once| {
            let app = app.clone();
            async move {
                let asked = app.ask(move |_| {
                    at_once.work();
                    Ok(())
                });
                asked.await.is_ok()
            }
        });
        let most = most.await;
        assert!((2..=READS_AT_ONCE).contains(&most), "{most} at once");
    }
}
