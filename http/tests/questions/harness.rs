//! A small shop over HTTP, without a socket and with one.

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request, StatusCode, header};
use jiff::Timestamp;
use serde_json::{Value, json};
use sheetwise_http::{App, Limits, Stopped, router, serve};
use sheetwise_store::ledger::Options;
use sheetwise_store::{Database, Location};
use std::io::{BufRead, BufReader, ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;
use tokio::sync::oneshot;
use tower::ServiceExt;

const NINE: &str = "2026-03-02T09:00:00Z";

/// Where a shop's database is, and the folder that goes with it.
pub struct Place {
    pub location: Location,
    _folder: Option<tempfile::TempDir>,
}

pub struct Shop {
    pub app: App,
    router: Router,
    seconds: Arc<AtomicI64>,
    runtime: tokio::runtime::Runtime,
}

/// One after the other: a file of SQLite's, and a database of PostgreSQL's.
pub fn on_both(test: impl Fn(&Place)) {
    let folder = tempfile::tempdir().expect("a folder for temporary files");
    test(&Place {
        location: Location::File(folder.path().join("sheetwise.db")),
        _folder: Some(folder),
    });
    let postgres = sheetwise_testkit::database("questions");
    test(&Place::at(Location::Postgres(postgres)));
}

impl Place {
    pub const fn at(location: Location) -> Self {
        Self {
            location,
            _folder: None,
        }
    }

    pub fn open(&self) -> Shop {
        self.open_within(Limits::default())
    }

    pub fn open_within(&self, limits: Limits) -> Shop {
        let seconds = Arc::new(AtomicI64::new(0));
        let ticking = Arc::clone(&seconds);
        let nine: Timestamp = NINE.parse().expect("a time");
        let clock = move || nine + jiff::SignedDuration::from_secs(ticking.load(Ordering::SeqCst));
        let database = Database::open(&self.location).expect("a database");
        let app = App::within(limits, database, Arc::new(clock), Options::default());
        let app = app.expect("a ledger");
        Shop {
            router: router(app.clone()),
            app,
            seconds,
            runtime: tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .expect("a runtime"),
        }
    }
}

impl Shop {
    /// The answer to a request: status, headers, text.
    pub fn ask(&self, request: Request<Body>) -> (StatusCode, HeaderMap, String) {
        // Ten seconds later: nothing is taken for a repeat.
        self.seconds.fetch_add(10, Ordering::SeqCst);
        self.runtime.block_on(async {
            let response = self.router.clone().oneshot(request).await;
            let (parts, body) = response.expect("an answer").into_parts();
            let bytes = to_bytes(body, usize::MAX).await.expect("a body");
            let text = String::from_utf8(bytes.to_vec()).expect("UTF-8");
            (parts.status, parts.headers, text)
        })
    }

    pub fn call(&self, method: &str, path: &str, body: Option<&Value>) -> (StatusCode, Value) {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::CONTENT_TYPE, "application/json")
            .body(body.map_or_else(Body::empty, |body| Body::from(body.to_string())));
        let (status, _, text) = self.ask(request.expect("a request"));
        (status, serde_json::from_str(&text).expect("JSON"))
    }

    pub fn get(&self, path: &str) -> Value {
        let (status, answer) = self.call("GET", path, None);
        assert_eq!(status, StatusCode::OK, "{path}: {answer:#}");
        answer
    }

    pub fn post(&self, path: &str, body: Value) -> Value {
        let (status, answer) = self.call("POST", path, Some(&body));
        assert_eq!(status, StatusCode::OK, "{path}: {answer:#}");
        answer
    }

    pub fn scan(&self, barcode: &str, station_id: &str) -> Value {
        self.post(
            "/scan",
            json!({"barcode": barcode, "station_id": station_id}),
        )
    }

    /// Two cards on a sheet, one sheet and one of overs: what the shop needs for them, an order and its job.
    pub fn furnish(&self) {
        for (station_id, station_type) in [
            ("PRESS-1", "press"),
            ("CUT-1", "cutting"),
            ("QA-1", "qa"),
            ("BENCH-1", "assembly"),
            ("PACK-1", "packing"),
        ] {
            self.post(
                "/stations",
                json!({
                    "station_id": station_id, "name": station_id, "station_type": station_type,
                    "capacity_unit": "sheets_per_hour", "rated_capacity": 100,
                    "operating_hours": {"shifts": [], "time_zone": "UTC"},
                }),
            );
        }
        let operation = |id: &str, station_type: &str, entity: &str, before: &[&str]| {
            json!({
                "operation_id": id, "operation_type": id.to_lowercase(), "station_type": station_type,
                "required_for_entity_type": entity, "predecessors": before, "standard_time_minutes": 1,
            })
        };
        self.post(
            "/products",
            json!({
                "product_id": "PLAIN-2026", "product_version": 1,
                "spec": {
                    "name": "Plain",
                    "layout": {
                        "layout_version": 1, "n_up": 2, "rows": 1, "columns": 2, "turn": "work_and_turn",
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
            }),
        );
        self.order(2);
    }

    /// An order of so many cards, and its job, with one sheet of overs.
    pub fn order(&self, quantity: u32) -> Value {
        let order = self.post(
            "/orders",
            json!({
                "customer": "Acme Cards", "product_id": "PLAIN-2026", "quantity": quantity,
                "due_date": "2026-04-01",
            }),
        );
        let order_id = &order["entity"]["id"];
        self.post("/jobs", json!({"order_id": order_id, "overs": 1}))
    }

    /// Serves the shop on a free port of this machine's own.
    pub fn serve(&self) -> Server {
        let app = self.app.clone();
        let (stop, stopped) = oneshot::channel::<()>();
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
        listener.set_nonblocking(true).expect("a socket");
        let address = listener.local_addr().expect("an address");
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_multi_thread()
                .worker_threads(2)
                .enable_all()
                .build()
                .expect("a runtime");
            let ended = runtime.block_on(async {
                let listener = tokio::net::TcpListener::from_std(listener).expect("a socket");
                serve(listener, app, async { drop(stopped.await) }).await
            });
            runtime.shutdown_timeout(Duration::from_secs(1));
            ended
        });
        Server {
            address,
            stop: Some(stop),
            thread: Some(thread),
        }
    }
}

/// A server on a socket.
pub struct Server {
    pub address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<std::thread::JoinHandle<Stopped>>,
}

impl Server {
    /// Tells it to stop, and waits until it has.
    pub fn stop(mut self) -> Stopped {
        drop(self.stop.take());
        let thread = self.thread.take().expect("it was not stopped yet");
        thread.join().expect("the server does not panic")
    }

    /// A connection over which this was sent.
    pub fn send(&self, text: &str) -> Answer {
        let mut stream = TcpStream::connect(self.address).expect("a connection");
        stream.write_all(text.as_bytes()).expect("it is sent");
        let patience = Duration::from_mins(1); // so that what hangs ends
        stream.set_read_timeout(Some(patience)).expect("a socket");
        Answer(BufReader::new(stream))
    }

    /// Follows the log after this event.
    pub fn follow(&self, path: &str, last_event_id: Option<u64>) -> Answer {
        let resumed = last_event_id.map_or(String::new(), |id| format!("Last-Event-ID: {id}\r\n"));
        self.send(&format!(
            "GET {path} HTTP/1.1\r\nHost: shop\r\n{resumed}\r\n"
        ))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.stop.take());
    }
}

/// What comes back over a connection.
pub struct Answer(BufReader<TcpStream>);

impl Answer {
    /// The next line; none where the other side has ended.
    pub fn line(&mut self) -> Option<String> {
        let mut line = String::new();
        match self.0.read_line(&mut line) {
            Ok(0) => None,
            Ok(_) => Some(line.trim_end().to_owned()),
            Err(error) if error.kind() == ErrorKind::ConnectionReset => None,
            Err(error) => panic!("no line in time: {error}"),
        }
    }

    /// Everything up to the end of the connection.
    pub fn rest(mut self) -> String {
        let mut text = Vec::new();
        drop(self.0.read_to_end(&mut text));
        String::from_utf8_lossy(&text).into_owned()
    }

    /// The next event of a stream: what it says its number is, and itself. None at the end of the stream.
    pub fn event(&mut self) -> Option<(u64, Value)> {
        let mut id = None;
        loop {
            let line = self.line()?;
            if let Some(number) = line.strip_prefix("id: ") {
                id = Some(number.parse().expect("a number"));
            } else if let Some(data) = line.strip_prefix("data: ") {
                let id = id.expect("an event has a number");
                return Some((id, serde_json::from_str(data).expect("JSON")));
            }
        }
    }

    /// So many events, each with the number after that of the one before.
    pub fn events_after(&mut self, after: u64, up_to: u64) {
        for expected in after + 1..=up_to {
            let (id, event) = self.event().expect("the stream goes on");
            assert_eq!(id, expected, "{event}");
            assert_eq!(event["sequence_num"], expected);
        }
    }
}
