//! A shop over HTTP for a test: opened on either engine, with a clock that the test holds. It says what the test says,
//! and holds every answer against the document.

mod contract;
mod furniture;
mod socket;

pub(crate) use contract::operation_of;
pub(crate) use furniture::{by_day, plain, station, with_everything};
pub(crate) use socket::Server;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request, StatusCode, header};
use jiff::Timestamp;
use serde_json::{Value, json};
use sheetwise_core::scheduling::MODEL_VERSION;
use sheetwise_http::access::{Guard, Keyring};
use sheetwise_http::{App, Clock, Limits, router};
use sheetwise_store::forecasts::SaidOfJob;
use sheetwise_store::ledger::Options;
use sheetwise_store::{Database, Location};
use std::borrow::Borrow;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use tower::ServiceExt;

/// When every test begins.
const NINE: &str = "2026-03-02T09:00:00Z";

/// So often each token may call, where somebody is at the door.
pub(crate) const CALLS_PER_SECOND_MAX: u32 = 25;

pub(crate) struct Shop {
    location: Location,
    app: App,
    router: Router,
    seconds: Arc<AtomicI64>,
    runtime: tokio::runtime::Runtime,
    heard: std::cell::RefCell<Vec<Heard>>,
    /// What the door knows, where somebody stands at it.
    keyring: Option<Keyring>,
    /// What is shown at the door.
    token: std::cell::RefCell<Option<String>>,
}

/// A call, and what was answered.
pub(crate) struct Heard {
    pub(crate) operation_id: String,
    pub(crate) body: Option<Value>,
    pub(crate) status: StatusCode,
    /// Null where it is not JSON.
    pub(crate) answer: Value,
}

/// An answer as it came.
pub(crate) struct Came {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Came {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("{error}: {}", self.text()))
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        let value = self.headers.get(name);
        value.map_or("", |value| value.to_str().expect("text"))
    }
}

impl Shop {
    /// A shop without anybody at its door.
    pub(crate) fn at(location: Location) -> Self {
        Self::open(location, Arc::default(), Limits::default(), false)
    }

    /// The same, with somebody at the door.
    pub(crate) fn guarded_at(location: Location) -> Self {
        Self::open(location, Arc::default(), Limits::default(), true)
    }

    /// Another server on the same database and by the same clock, with limits of its own, and as well guarded.
    pub(crate) fn beside(&self, limits: Limits) -> Self {
        let seconds = Arc::clone(&self.seconds);
        Self::open(
            self.location.clone(),
            seconds,
            limits,
            self.keyring.is_some(),
        )
    }

    fn open(location: Location, seconds: Arc<AtomicI64>, limits: Limits, guarded: bool) -> Self {
        let ticking = Arc::clone(&seconds);
        let nine: Timestamp = NINE.parse().expect("a time");
        let clock = move || nine + jiff::SignedDuration::from_secs(ticking.load(Ordering::SeqCst));
        let clock: Clock = Arc::new(clock);
        let database = Database::open(&location).expect("a database");
        let keyring = guarded.then(|| Keyring::new(database.clone(), Arc::clone(&clock)));
        let app = App::within(limits, database, clock, Options::default());
        let mut app = app.expect("a ledger");
        if let Some(keyring) = &keyring {
            app = app.guarded(Guard::new(
                keyring.clone(),
                NonZeroU32::new(CALLS_PER_SECOND_MAX),
            ));
        }
        Self {
            location,
            router: router(app.clone()),
            app,
            seconds,
            runtime: tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .expect("a runtime"),
            heard: std::cell::RefCell::default(),
            keyring,
            token: std::cell::RefCell::default(),
        }
    }

    /// Serves the shop on a free port of this machine's own.
    pub(crate) fn serve(&self) -> Server {
        Server::of(self.app.clone())
    }

    /// Sends a request as it stands. Ten seconds later than the one before: nothing is taken for a repeat.
    pub(crate) fn send(&self, request: Request<Body>) -> Came {
        self.seconds.fetch_add(10, Ordering::SeqCst);
        let (method, path) = (request.method().clone(), request.uri().path().to_owned());
        let came = self.runtime.block_on(async {
            let answer = self.router.clone().oneshot(request).await;
            let (parts, body) = answer.expect("an answer").into_parts();
            let body = to_bytes(body, usize::MAX).await.expect("a body");
            Came {
                status: parts.status,
                headers: parts.headers,
                body: body.to_vec(),
            }
        });
        contract::must_be_documented(method.as_str(), &path, &came);
        came
    }

    /// A call with these headers.
    pub(crate) fn call_with(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<&Value>,
    ) -> Came {
        let mut headers = headers.to_vec();
        if body.is_some() {
            headers.push(("content-type", "application/json"));
        }
        let bytes = body.map_or_else(Body::empty, |body| Body::from(body.to_string()));
        let came = self.ask(method, path, &headers, bytes);
        let path = path.split('?').next().expect("a path");
        if let Some(operation_id) = operation_of(method, path) {
            let is_json = came.header("content-type").contains("json");
            self.heard.borrow_mut().push(Heard {
                operation_id,
                body: body.cloned(),
                status: came.status,
                answer: if is_json { came.json() } else { Value::Null },
            });
        }
        came
    }

    /// Hands in a file of this kind.
    pub(crate) fn hand_in(&self, path: &str, content_type: &str, file: &str) -> Came {
        let headers = [("content-type", content_type)];
        self.ask("POST", path, &headers, Body::from(file.to_owned()))
    }

    fn ask(&self, method: &str, path: &str, headers: &[(&str, &str)], body: Body) -> Came {
        let mut request = Request::builder().method(method).uri(path);
        if let Some(token) = &*self.token.borrow() {
            request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.send(request.body(body).expect("a request"))
    }

    /// What the door knows.
    pub(crate) fn keyring(&self) -> &Keyring {
        self.keyring.as_ref().expect("the shop is guarded")
    }

    /// From now on this token is shown; none where there is none.
    pub(crate) fn show(&self, token: Option<&str>) {
        self.token.replace(token.map(ToOwned::to_owned));
    }

    /// The answer to a question, whatever comes.
    pub(crate) fn fetch(&self, path: &str) -> Came {
        self.call_with("GET", path, &[], None)
    }

    /// The answer to a question that is answered.
    pub(crate) fn get(&self, path: &str) -> Value {
        let came = self.fetch(path);
        assert_eq!(came.status, StatusCode::OK, "{path}: {}", came.text());
        came.json()
    }

    /// The answer to a command that is taken.
    pub(crate) fn post(&self, path: &str, body: impl Borrow<Value>) -> Value {
        let came = self.call_with("POST", path, &[], Some(body.borrow()));
        assert_eq!(came.status, StatusCode::OK, "{path}: {}", came.text());
        came.json()
    }

    /// The status and the problem of a command that is not taken.
    pub(crate) fn refused(&self, path: &str, body: impl Borrow<Value>) -> (u16, Value) {
        let came = self.call_with("POST", path, &[], Some(body.borrow()));
        assert!(!came.status.is_success(), "{path}: {}", came.text());
        (came.status.as_u16(), came.json())
    }

    /// The status and the problem of a question that is not answered.
    pub(crate) fn unanswered(&self, path: &str) -> (u16, Value) {
        let came = self.fetch(path);
        assert!(!came.status.is_success(), "{path}: {}", came.text());
        (came.status.as_u16(), came.json())
    }

    pub(crate) fn scan(&self, barcode: &str, station_id: &str) -> Value {
        self.post(
            "/scan",
            json!({"barcode": barcode, "station_id": station_id}),
        )
    }

    /// So many seconds pass.
    pub(crate) fn wait(&self, seconds: i64) {
        self.seconds.fetch_add(seconds, Ordering::SeqCst);
    }

    /// The number of the last event.
    pub(crate) fn last_event(&self) -> u64 {
        let log = self.get("/events");
        log["last_sequence_num"].as_u64().expect("a number")
    }

    /// What was kept of forecasts of this job.
    pub(crate) fn said_of(&self, job_id: &str) -> Vec<SaidOfJob> {
        let job_id = job_id.parse().expect("a job");
        let database = Database::open(&self.location).expect("the database");
        let said = database.with_forecasts(|kept| kept.said_of_jobs(MODEL_VERSION, &[job_id]));
        said.expect("what was said")
    }

    /// Everything that was called and answered so far.
    pub(crate) fn heard(&self) -> Vec<Heard> {
        self.heard.take()
    }
}

/// The claim holds on both engines.
pub(crate) fn on_both(claim: impl Fn(&Shop)) {
    on_sqlite(&claim);
    claim(&Shop::at(on_postgres()));
}

/// The same, with somebody at the door.
pub(crate) fn on_both_guarded(claim: impl Fn(&Shop)) {
    on_sqlite_guarded(&claim);
    claim(&Shop::guarded_at(on_postgres()));
}

/// For what does not depend on the engine.
pub(crate) fn on_sqlite(claim: impl Fn(&Shop)) {
    in_a_file(|file| claim(&Shop::at(file)));
}

/// The same, with somebody at the door.
pub(crate) fn on_sqlite_guarded(claim: impl Fn(&Shop)) {
    in_a_file(|file| claim(&Shop::guarded_at(file)));
}

fn on_postgres() -> Location {
    Location::Postgres(sheetwise_testkit::database("http"))
}

/// The file is there as long as the claim is looked at.
fn in_a_file(claim: impl FnOnce(Location)) {
    let folder = tempfile::tempdir().expect("a folder for temporary files");
    claim(Location::File(folder.path().join("sheetwise.db")));
}
