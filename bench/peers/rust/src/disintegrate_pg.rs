//! `disintegrate-postgres`: a decision over the events of a card; the read models by its listener, which
//! follows the log beside the clients. What the listener has not caught up with is told at the end.

use crate::Package;
use crate::work::{Scan, Work};
use disintegrate::serde::json::Json;
use disintegrate::{
    Decision, Event, EventListener, NoSnapshot, PersistedEvent, StateMutate, StateQuery,
    StreamQuery, query,
};
use disintegrate_postgres::{
    PgDecisionMaker, PgEventListener, PgEventListenerConfig, PgEventStore,
};
use serde::{Deserialize, Serialize};
use sqlx::PgPool;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

#[derive(Debug, Clone, PartialEq, Eq, Event, Serialize, Deserialize)]
#[stream(CardEvent, [CardScanned])]
enum ShopEvent {
    CardScanned {
        #[id]
        card_unit_id: String,
        event_type: String,
        /// The payload, as JSON.
        data: String,
        occurred_at: String,
        station_id: Option<String>,
        operator_id: Option<String>,
        correlation_id: String,
        /// The number of the scan, with its first event: the read models look its rows up.
        scan: Option<usize>,
    },
}

#[derive(Debug, Default, Clone, StateQuery, Serialize, Deserialize)]
#[state_query(CardEvent)]
struct Card {
    #[id]
    card_unit_id: String,
    events: u64,
}

impl StateMutate for Card {
    fn mutate(&mut self, _event: Self::Event) {
        self.events += 1;
    }
}

#[derive(Clone)]
struct ScanCard {
    card_unit_id: String,
    events: Vec<ShopEvent>,
}

#[derive(Debug)]
struct NoError;

impl std::fmt::Display for NoError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("none")
    }
}

impl std::error::Error for NoError {}

impl Decision for ScanCard {
    type Event = ShopEvent;
    type StateQuery = Card;
    type Error = NoError;

    fn state_query(&self) -> Self::StateQuery {
        Card {
            card_unit_id: self.card_unit_id.clone(),
            events: 0,
        }
    }

    fn process(&self, _state: &Self::StateQuery) -> Result<Vec<Self::Event>, Self::Error> {
        Ok(self.events.clone())
    }
}

struct ReadModels {
    query: StreamQuery<i64, ShopEvent>,
    pool: PgPool,
    work: Arc<Work>,
    projected: Arc<AtomicU64>,
}

#[async_trait::async_trait]
impl EventListener<i64, ShopEvent> for ReadModels {
    type Error = sqlx::Error;

    fn id(&self) -> &'static str {
        "read_models"
    }

    fn query(&self) -> &StreamQuery<i64, ShopEvent> {
        &self.query
    }

    async fn handle(&self, event: PersistedEvent<i64, ShopEvent>) -> Result<(), Self::Error> {
        let ShopEvent::CardScanned { scan, .. } = event.into_inner();
        if let Some(scan) = scan {
            let mut transaction = self.pool.begin().await?;
            self.work.project(scan, &mut transaction).await?;
            transaction.commit().await?;
            self.projected.fetch_add(1, Ordering::Relaxed);
        }
        Ok(())
    }
}

/// Before PostgreSQL 16 the package's own migration stops at a function with a hexadecimal number in it. The same
/// function with a decimal one, and what would have come after it.
async fn finish_tables(pool: &PgPool) {
    for sql in [
        "CREATE OR REPLACE FUNCTION event_store_begin_epoch() RETURNS void LANGUAGE sql AS $$
             SELECT pg_try_advisory_xact_lock_shared(d.oid::integer, 0),
                    pg_try_advisory_xact_lock_shared(1, (s.last_value & 4294967295)::bit(32)::integer),
                    pg_try_advisory_xact_lock_shared(2, (s.last_value >> 32)::bit(32)::integer)
             FROM seq_event_event_id AS s, pg_database AS d WHERE d.datname = current_database()
         $$",
        "ALTER TABLE event ADD COLUMN IF NOT EXISTS card_unit_id TEXT",
        "CREATE INDEX IF NOT EXISTS idx_event_card_unit_id ON event (card_unit_id) WHERE card_unit_id IS NOT NULL",
    ] {
        sqlx::query(sql).execute(pool).await.expect("its tables");
    }
}

struct Disintegrate {
    decisions: PgDecisionMaker<ShopEvent, Json<ShopEvent>, NoSnapshot>,
    projected: Arc<AtomicU64>,
}

pub async fn open(pool: PgPool, work: Arc<Work>) -> Arc<dyn Package> {
    let store = match PgEventStore::try_new(pool.clone(), Json::<ShopEvent>::default()).await {
        Ok(store) => store,
        Err(error) => {
            eprintln!(
                "disintegrate-postgres could not make its tables ({error}): the rest is made for it"
            );
            finish_tables(&pool).await;
            PgEventStore::new_uninitialized(pool.clone(), Json::default())
        }
    };
    let projected = Arc::new(AtomicU64::new(0));
    let read_models = ReadModels {
        query: query!(ShopEvent),
        pool,
        work,
        projected: Arc::clone(&projected),
    };
    let listener = PgEventListener::builder(store.clone()).register_listener(
        read_models,
        PgEventListenerConfig::poller(Duration::from_millis(50))
            .fetch_size(1_000)
            .with_notifier(),
    );
    tokio::spawn(async move {
        if let Err(error) = listener.start().await {
            eprintln!("the listener ended: {error}");
        }
    });
    let decisions = disintegrate_postgres::decision_maker(store, NoSnapshot);
    Arc::new(Disintegrate {
        decisions,
        projected,
    })
}

#[async_trait::async_trait]
impl Package for Disintegrate {
    async fn scan(&self, number: usize, scan: &Scan) -> u64 {
        let events = scan.events.iter().enumerate();
        let events: Vec<ShopEvent> = events
            .map(|(index, event)| ShopEvent::CardScanned {
                card_unit_id: scan.stream.clone(),
                event_type: event.event_type.clone(),
                data: event.data.to_string(),
                occurred_at: event.occurred_at.clone(),
                station_id: event.station_id.clone(),
                operator_id: event.operator_id.clone(),
                correlation_id: event.correlation_id.clone(),
                scan: (index == 0).then_some(number),
            })
            .collect();
        let decision = ScanCard {
            card_unit_id: scan.stream.clone(),
            events,
        };
        let mut again = 0;
        // Its transactions are serializable, and some must be said again whatever they are about.
        while let Err(error) = self.decisions.make(decision.clone()).await {
            again += 1;
            assert!(again < 10_000, "{error}");
        }
        again
    }

    async fn behind(&self, scans: usize) -> u64 {
        (scans as u64).saturating_sub(self.projected.load(Ordering::Relaxed))
    }
}
