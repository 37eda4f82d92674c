//! A connection to PostgreSQL that is waited for: it brings the little runtime that its protocol needs, and
//! sends statements in order without waiting for the answers in between.

use crate::contract::StoreError;
use postgres_types::ToSql;
use rustc_hash::FxHashMap;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::task::Poll;
use std::time::Duration;
use tokio::runtime::Runtime;
use tokio_postgres::error::SqlState;
use tokio_postgres::{Client, Config, Error, NoTls, Row, Statement};

/// How long to wait for a server.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// After so long without a sign of life the other side is taken for gone.
const TCP_USER_TIMEOUT: Duration = Duration::from_secs(20);

/// How long the other side may be silent before the system asks whether it is there, and how often then.
const KEEPALIVES_IDLE: Duration = Duration::from_secs(10);
const KEEPALIVES_INTERVAL: Duration = Duration::from_secs(5);

/// What every session is told. A lost server must not hold the log's lock, and nothing may be answered
/// before it is on disk. The plans are those of look-ups by key, in the order in which joins are written, also
/// before there are statistics.
const SESSION: &str = "
    SET synchronous_commit = on;
    SET idle_in_transaction_session_timeout = '30s';
    SET lock_timeout = '30s';
    SET client_min_messages = warning;
    SET timezone = 'UTC';
    SET jit = off;
    SET enable_seqscan = off;
    SET enable_hashjoin = off;
    SET enable_mergejoin = off;
    SET join_collapse_limit = 1;
    SET random_page_cost = 0.1;
    SET plan_cache_mode = force_generic_plan;
";

pub(super) struct Connection {
    runtime: Runtime,
    client: Client,
    statements: FxHashMap<String, Statement>,
}

/// A statement and what goes into it.
pub(super) struct Query<'a> {
    pub(super) sql: &'a str,
    pub(super) values: Vec<&'a (dyn ToSql + Sync)>,
}

/// What an error says about the transaction that it happened in.
pub(super) struct Failed {
    pub(super) error: Error,
    /// Which of the statements failed; behind the last one stands its COMMIT.
    pub(super) statement: usize,
}

impl Connection {
    pub(super) fn open(config: &Config) -> Result<Self, StoreError> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|e| StoreError::Unavailable(e.to_string()))?;
        let mut config = config.clone();
        config.connect_timeout(CONNECT_TIMEOUT);
        config.tcp_user_timeout(TCP_USER_TIMEOUT);
        // While an answer is waited for nothing is sent, and that time does not run: the system has to ask.
        config.keepalives_idle(KEEPALIVES_IDLE);
        config.keepalives_interval(KEEPALIVES_INTERVAL);
        if config.get_application_name().is_none() {
            config.application_name("sheetwise");
        }
        let client = runtime.block_on(async {
            let (client, connection) = config.connect(NoTls).await?;
            // It ends when the client is dropped; what goes wrong with it, the statements report.
            tokio::spawn(async move { drop(connection.await) });
            client.batch_execute(SESSION).await?;
            Ok(client)
        });
        Ok(Self {
            client: client.map_err(|e| failed(&e))?,
            runtime,
            statements: FxHashMap::default(),
        })
    }

    /// Runs statements without parameters.
    pub(super) fn batch(&mut self, sql: &str) -> Result<(), Error> {
        self.runtime.block_on(self.client.batch_execute(sql))
    }

    /// Sends all statements at once, `before` them and `after` them without parameters, and waits for all
    /// answers. The first that failed is the error, even if a later one says that all is well: COMMIT does
    /// so when it rolls back.
    pub(super) fn pipeline(
        &mut self,
        before: Option<&str>,
        queries: &[Query<'_>],
        after: Option<&str>,
    ) -> Result<Vec<Vec<Row>>, Failed> {
        let at_start = |error| Failed {
            error,
            statement: 0,
        };
        for query in queries {
            if !self.statements.contains_key(query.sql) {
                let prepared = self.runtime.block_on(self.client.prepare(query.sql));
                let statement = prepared.map_err(at_start)?;
                self.statements.insert(query.sql.to_owned(), statement);
            }
        }
        let client = &self.client;
        let mut sent: Vec<Sent<'_>> = Vec::with_capacity(queries.len() + 2);
        let simple = |sql: &'static str| {
            let answered = async move { client.batch_execute(sql).await.map(|()| Vec::new()) };
            Box::pin(answered) as Sent<'_>
        };
        let first = usize::from(before.is_some());
        if let Some(sql) = before {
            sent.push(simple(fixed(sql)));
        }
        for query in queries {
            let statement = &self.statements[query.sql];
            sent.push(Box::pin(client.query(statement, &query.values)));
        }
        if let Some(sql) = after {
            sent.push(simple(fixed(sql)));
        }
        let answers = self.runtime.block_on(in_order(sent));
        let mut rows = Vec::with_capacity(queries.len());
        for (statement, answer) in answers.into_iter().enumerate() {
            match answer {
                Ok(answer) => rows.push(answer),
                Err(error) => {
                    return Err(Failed {
                        error,
                        statement: statement.saturating_sub(first),
                    });
                }
            }
        }
        rows.truncate(first + queries.len());
        Ok(rows.split_off(first))
    }

    pub(super) fn is_closed(&self) -> bool {
        self.client.is_closed()
    }
}

type Sent<'a> = Pin<Box<dyn Future<Output = Result<Vec<Row>, Error>> + 'a>>;

/// The few statements without parameters that go into pipelines.
fn fixed(sql: &str) -> &'static str {
    match sql {
        "BEGIN" => "BEGIN",
        "COMMIT" => "COMMIT",
        other => unreachable!("{other:?} goes into no pipeline"),
    }
}

/// Polls in order, so that the statements are sent in order; waits for all of them.
async fn in_order(mut sent: Vec<Sent<'_>>) -> Vec<Result<Vec<Row>, Error>> {
    let mut answers: Vec<Option<Result<Vec<Row>, Error>>> = sent.iter().map(|_| None).collect();
    poll_fn(|cx| {
        let mut all = true;
        for (future, answer) in sent.iter_mut().zip(&mut answers) {
            if answer.is_none() {
                match future.as_mut().poll(cx) {
                    Poll::Ready(ready) => *answer = Some(ready),
                    Poll::Pending => all = false,
                }
            }
        }
        if all { Poll::Ready(()) } else { Poll::Pending }
    })
    .await;
    let answered = |answer: Option<_>| answer.expect("all of them are ready");
    answers.into_iter().map(answered).collect()
}

/// What PostgreSQL's error means to us, where it is known that nothing was committed.
pub(super) fn failed(error: &Error) -> StoreError {
    let what = match error.as_db_error() {
        Some(db) => match db.detail() {
            Some(detail) => format!("{} ({detail})", db.message()),
            None => db.message().to_owned(),
        },
        None => match std::error::Error::source(error) {
            Some(cause) => format!("{error}: {cause}"),
            None => error.to_string(),
        },
    };
    let Some(code) = error.code() else {
        return StoreError::Unavailable(what);
    };
    match code.code().get(..2) {
        _ if *code == SqlState::DISK_FULL => StoreError::Full(what),
        // Data, constraints, limits, what a trigger raises, and statements that cannot be right.
        Some("21" | "22" | "23" | "42" | "44" | "54" | "P0") => StoreError::Poison(what),
        Some("XX") => StoreError::Damaged(what),
        _ => StoreError::Unavailable(what),
    }
}
