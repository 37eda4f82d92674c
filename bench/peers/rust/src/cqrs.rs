//! `postgres-es`: an aggregate per card, loaded from its events; the read models by a query, which this
//! package runs after the commit of the events, in a transaction of its own.

use crate::Package;
use crate::work::{Scan, Work};
use cqrs_es::event_sink::EventSink;
use cqrs_es::{Aggregate, AggregateError, CqrsFramework, DomainEvent, EventEnvelope, Query};
use postgres_es::{PostgresCqrs, postgres_cqrs};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sqlx::PgPool;
use std::sync::Arc;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct CardEvent {
    event_type: String,
    data: Value,
    occurred_at: String,
    station_id: Option<String>,
    operator_id: Option<String>,
    correlation_id: String,
    /// The number of the scan, with its first event: the read models look its rows up.
    scan: Option<usize>,
}

impl DomainEvent for CardEvent {
    fn event_type(&self) -> String {
        self.event_type.clone()
    }

    fn event_version(&self) -> String {
        "1".into()
    }
}

#[derive(Debug, Default, Serialize, Deserialize)]
struct Card {
    events: u64,
}

#[derive(Debug)]
struct NoError;

impl std::fmt::Display for NoError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("none")
    }
}

impl std::error::Error for NoError {}

impl Aggregate for Card {
    const TYPE: &'static str = "card_unit";
    type Command = Vec<CardEvent>;
    type Event = CardEvent;
    type Error = NoError;
    type Services = ();

    async fn handle(
        &mut self,
        command: Self::Command,
        _services: &Self::Services,
        sink: &EventSink<Self>,
    ) -> Result<(), Self::Error> {
        for event in command {
            sink.write(event, self).await;
        }
        Ok(())
    }

    fn apply(&mut self, _event: Self::Event) {
        self.events += 1;
    }
}

struct ReadModels {
    pool: PgPool,
    work: Arc<Work>,
}

#[async_trait::async_trait]
impl Query<Card> for ReadModels {
    async fn dispatch(&self, _card: &str, events: &[EventEnvelope<Card>]) {
        for scan in events.iter().filter_map(|event| event.payload.scan) {
            let mut transaction = self.pool.begin().await.expect("a connection");
            self.work
                .project(scan, &mut transaction)
                .await
                .expect("the read models take it");
            transaction.commit().await.expect("durable");
        }
    }
}

struct PostgresEs {
    cqrs: PostgresCqrs<Card>,
}

pub async fn open(pool: PgPool, work: Arc<Work>) -> Arc<dyn Package> {
    sqlx::query(
        "CREATE TABLE events (
             aggregate_type text NOT NULL, aggregate_id text NOT NULL,
             sequence bigint CHECK (sequence >= 0) NOT NULL, event_type text NOT NULL,
             event_version text NOT NULL, payload json NOT NULL, metadata json NOT NULL,
             PRIMARY KEY (aggregate_type, aggregate_id, sequence))",
    )
    .execute(&pool)
    .await
    .expect("the table that its documentation asks for");
    let read_models = ReadModels {
        pool: pool.clone(),
        work,
    };
    let cqrs: CqrsFramework<Card, _> = postgres_cqrs(pool, vec![Box::new(read_models)], ());
    Arc::new(PostgresEs { cqrs })
}

#[async_trait::async_trait]
impl Package for PostgresEs {
    async fn scan(&self, number: usize, scan: &Scan) -> u64 {
        let events = scan.events.iter().enumerate();
        let events: Vec<CardEvent> = events
            .map(|(index, event)| CardEvent {
                event_type: event.event_type.clone(),
                data: event.data.clone(),
                occurred_at: event.occurred_at.clone(),
                station_id: event.station_id.clone(),
                operator_id: event.operator_id.clone(),
                correlation_id: event.correlation_id.clone(),
                scan: (index == 0).then_some(number),
            })
            .collect();
        let mut again = 0;
        loop {
            match self.cqrs.execute(&scan.stream, events.clone()).await {
                Ok(()) => return again,
                Err(AggregateError::AggregateConflict) => again += 1,
                Err(error) => panic!("{error}"),
            }
        }
    }
}
