//! A small shop over HTTP, on SQLite and on PostgreSQL, for tests of what comes in files and goes out as labels.

#![allow(dead_code, reason = "each test file uses a part of it")]

use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::http::{HeaderMap, Request, StatusCode, header};
use jiff::Timestamp;
use serde_json::{Value, json};
use sheetwise_http::{App, router};
use sheetwise_store::ledger::Options;
use sheetwise_store::{Database, Location};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use tower::ServiceExt;

const NINE: &str = "2026-03-02T09:00:00Z";

pub struct Shop {
    router: Router,
    seconds: Arc<AtomicI64>,
    runtime: tokio::runtime::Runtime,
    _folder: Option<tempfile::TempDir>,
}

/// An answer, of whatever kind.
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl Answer {
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub fn header(&self, name: &str) -> &str {
        let value = self.headers.get(name).expect("the header is there");
        value.to_str().expect("ASCII")
    }
}

impl Shop {
    fn open(location: &Location, folder: Option<tempfile::TempDir>) -> Self {
        let seconds = Arc::new(AtomicI64::new(0));
        let ticking = Arc::clone(&seconds);
        let nine: Timestamp = NINE.parse().expect("a time");
        let clock = move || nine + jiff::SignedDuration::from_secs(ticking.load(Ordering::SeqCst));
        let database = Database::open(location).expect("a new database");
        let app = App::new(database, Arc::new(clock), Options::default()).expect("a ledger");
        Self {
            router: router(app),
            seconds,
            runtime: tokio::runtime::Builder::new_current_thread()
                .build()
                .expect("a runtime"),
            _folder: folder,
        }
    }

    pub fn send(&self, method: &str, path: &str, content_type: &str, body: Vec<u8>) -> Answer {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::CONTENT_TYPE, content_type)
            .body(Body::from(body));
        self.answer_to(request.expect("a request"))
    }

    fn answer_to(&self, request: Request<Body>) -> Answer {
        // Ten seconds later: nothing is taken for a repeat.
        self.seconds.fetch_add(10, Ordering::SeqCst);
        self.runtime.block_on(async {
            let answering = self.router.clone().oneshot(request);
            let response = answering.await.expect("an answer");
            let (parts, body) = response.into_parts();
            Answer {
                status: parts.status,
                headers: parts.headers,
                body: to_bytes(body, usize::MAX).await.expect("a body"),
            }
        })
    }

    pub fn fetch(&self, method: &str, path: &str, body: Option<&Value>) -> Answer {
        let body = body.map_or_else(Vec::new, |body| body.to_string().into_bytes());
        self.send(method, path, "application/json", body)
    }

    pub fn call(&self, method: &str, path: &str, body: Option<&Value>) -> (StatusCode, Value) {
        let answer = self.fetch(method, path, body);
        let json = serde_json::from_slice(&answer.body);
        (
            answer.status,
            json.unwrap_or_else(|e| panic!("{path}: {e}: {}", answer.text())),
        )
    }

    pub fn get(&self, path: &str) -> Value {
        let (status, answer) = self.call("GET", path, None);
        assert_eq!(status, StatusCode::OK, "{path}: {answer:#}");
        answer
    }

    pub fn post(&self, path: &str, body: &Value) -> Value {
        let (status, answer) = self.call("POST", path, Some(body));
        assert_eq!(status, StatusCode::OK, "{path}: {answer:#}");
        answer
    }

    pub fn post_with_key(&self, path: &str, body: &Value, key: &str) -> Value {
        let request = Request::post(path)
            .header(header::CONTENT_TYPE, "application/json")
            .header("idempotency-key", key)
            .body(Body::from(body.to_string()));
        let answer = self.answer_to(request.expect("a request"));
        assert_eq!(answer.status, StatusCode::OK, "{path}: {}", answer.text());
        serde_json::from_slice(&answer.body).expect("JSON")
    }

    pub fn scan(&self, barcode: &str, station_id: &str) -> Value {
        let scan = json!({"barcode": barcode, "station_id": station_id});
        self.post("/scan", &scan)
    }

    /// The number of the last event: what changes nothing leaves it as it is.
    pub fn last_event(&self) -> u64 {
        let log = self.get("/events?limit=1");
        log["last_sequence_num"].as_u64().expect("a number")
    }

    /// Two cards on a sheet, inspected and packed.
    pub fn publish(&self) {
        let operation = |id: &str, station_type: &str, entity: &str, before: &[&str]| {
            json!({
                "operation_id": id, "operation_type": id.to_lowercase(), "station_type": station_type,
                "required_for_entity_type": entity, "predecessors": before, "standard_time_minutes": 1,
            })
        };
        let product = json!({
            "product_id": "PLAIN-2026", "product_version": 1,
            "spec": {
                "name": "Plain",
                "layout": {
                    "layout_version": 1, "n_up": 2, "rows": 1, "columns": 2, "turn": "work_and_tumble",
                    "positions": [{"position": 1, "design": "A"}, {"position": 2, "design": "B"}],
                },
                "operations": [
                    operation("PRINT", "press", "sheet", &[]),
                    operation("CUT", "cutting", "sheet", &["PRINT"]),
                    operation("QA", "qa", "card_unit", &["CUT"]),
                    operation("ASSEMBLE", "assembly", "assembly", &["QA"]),
                    operation("PACK", "packing", "assembly", &["ASSEMBLE"]),
                ],
                "rework_limit": 1,
            },
        });
        self.post("/products", &product);
    }

    /// A product, stations, an order and its job: one sheet, and one of overs.
    pub fn furnish(&self) {
        for (station_id, station_type) in [
            ("PRESS-1", "press"),
            ("CUT-1", "cutting"),
            ("QA-1", "qa"),
            ("BENCH-1", "assembly"),
            ("PACK-1", "packing"),
        ] {
            let station = json!({
                "station_id": station_id, "name": station_id, "station_type": station_type,
                "capacity_unit": "sheets_per_hour", "rated_capacity": 100,
                "operating_hours": {"shifts": [], "time_zone": "UTC"},
            });
            self.post("/stations", &station);
        }
        self.publish();
        let order = json!({
            "customer": "Acme Cards", "product_id": "PLAIN-2026", "quantity": 2, "due_date": "2026-04-01",
        });
        self.post("/orders", &order);
        self.post("/jobs", &json!({"order_id": "PO-10001", "overs": 1}));
    }
}

/// The same on SQLite and on PostgreSQL.
pub fn on_both(test: impl Fn(&Shop)) {
    let folder = tempfile::tempdir().expect("a folder for temporary files");
    let file = Location::File(folder.path().join("sheetwise.db"));
    test(&Shop::open(&file, Some(folder)));
    let postgres = Location::Postgres(sheetwise_testkit::database("http"));
    test(&Shop::open(&postgres, None));
}
