//! A small shop over HTTP, from the product to the shipped box, on SQLite and on PostgreSQL; whole answers inline.

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode, header};
use jiff::Timestamp;
use serde_json::{Value, json};
use sheetwise_http::{App, router};
use sheetwise_store::ledger::Options;
use sheetwise_store::{Database, Location};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use tower::ServiceExt;

struct Shop {
    router: Router,
    seconds: Arc<AtomicI64>,
    runtime: tokio::runtime::Runtime,
    _folder: Option<tempfile::TempDir>,
}

const NINE: &str = "2026-03-02T09:00:00Z";

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

    fn call(&self, method: &str, path: &str, body: Option<&Value>) -> (StatusCode, Value) {
        // Ten seconds later: nothing is taken for a repeat.
        self.seconds.fetch_add(10, Ordering::SeqCst);
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::CONTENT_TYPE, "application/json")
            .body(body.map_or_else(Body::empty, |body| Body::from(body.to_string())))
            .expect("a request");
        self.runtime.block_on(async {
            let response = self
                .router
                .clone()
                .oneshot(request)
                .await
                .expect("an answer");
            let status = response.status();
            let bytes = to_bytes(response.into_body(), usize::MAX)
                .await
                .expect("a body");
            (status, serde_json::from_slice(&bytes).expect("JSON"))
        })
    }

    fn get(&self, path: &str) -> Value {
        let (status, answer) = self.call("GET", path, None);
        assert_eq!(status, StatusCode::OK, "{path}: {answer:#}");
        answer
    }

    fn post(&self, path: &str, body: Value) -> Value {
        let (status, answer) = self.call("POST", path, Some(&body));
        assert_eq!(status, StatusCode::OK, "{path}: {answer:#}");
        answer
    }

    fn refused(&self, path: &str, body: Value) -> (u16, Value) {
        let (status, answer) = self.call("POST", path, Some(&body));
        assert!(!status.is_success(), "{path}: {answer:#}");
        (status.as_u16(), answer)
    }

    fn scan(&self, barcode: &str, station_id: &str) -> Value {
        self.post(
            "/scan",
            json!({"barcode": barcode, "station_id": station_id}),
        )
    }

    /// Two cards on a sheet, inspected and packed.
    fn furnish(&self) {
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
        self.post(
            "/orders",
            json!({
                "customer": "Acme Cards", "product_id": "PLAIN-2026", "quantity": 2, "due_date": "2026-04-01",
            }),
        );
        self.post("/jobs", json!({"order_id": "PO-10001", "overs": 1}));
    }
}

fn on_both(test: impl Fn(&Shop)) {
    let folder = tempfile::tempdir().expect("a folder for temporary files");
    let file = Location::File(folder.path().join("sheetwise.db"));
    test(&Shop::open(&file, Some(folder)));
    let postgres = Location::Postgres(sheetwise_testkit::database("http"));
    test(&Shop::open(&postgres, None));
}

#[test]
fn from_the_order_to_the_shipped_box() {
    on_both(|shop| {
        shop.furnish();
        assert_eq!(
            shop.scan("J1001-S001", "PRESS-1"),
            json!({
                "outcome": "recorded",
                "barcode": "J1001-S001",
                "entity": {"type": "sheet", "id": "J1001-S001", "status": "in_progress"},
                "action": "entered_station",
                "events": [
                    {"sequence_num": 14, "event_type": "JobStarted"},
                    {"sequence_num": 15, "event_type": "SheetEnteredStation"},
                ],
                "next": {"operation": "CUT", "station_type": "cutting"},
                "message": "Sheet J1001-S001 is at PRESS-1: PRINT. Next: CUT at a cutting station.",
                "late": false,
            })
        );
        shop.scan("J1001-S001", "CUT-1");
        for card in ["J1001-S001-01", "J1001-S001-02"] {
            shop.scan(card, "QA-1");
            shop.scan("!PASS", "QA-1");
        }
        shop.scan("J1001-S001-01", "BENCH-1");
        let set = shop.get("/assemblies/J1001-S001-SET");
        assert_eq!(set["present"], json!(["J1001-S001-01"]));
        assert_eq!(set["missing"][0]["card_unit_id"], "J1001-S001-02");
        assert_eq!(set["missing"][0]["current_station_id"], "QA-1");
        shop.scan("J1001-S001-02", "BENCH-1");
        shop.scan("J1001-S001-SET", "PACK-1");
        shop.post("/packs/J1001-BOX-001/close", json!({}));
        shop.post("/packs/J1001-BOX-001/ship", json!({}));
        let pack = shop.get("/packs/J1001-BOX-001");
        assert_eq!(pack["status"], "shipped");
        assert_eq!(
            pack["contents"]["sets"],
            json!([{
                "assembly_id": "J1001-S001-SET", "pack_id": "J1001-BOX-001",
                "card_unit_ids": ["J1001-S001-01", "J1001-S001-02"], "short_positions": [],
            }])
        );
        let card = shop.get("/card-units/J1001-S001-02");
        assert_eq!(card["status"], "packed");
        assert_eq!(
            card["lineage"],
            json!({
                "sheet_id": "J1001-S001", "job_id": "J1001", "order_id": "PO-10001",
                "replaces": null, "replaced_by": null,
            })
        );
        let history = card["history"].as_array().expect("a history");
        assert_eq!(history[0]["event_type"], "SheetCreated");
        let cut = history
            .iter()
            .find(|e| e["event_type"] == "CardUnitCreated")
            .expect("its birth");
        let born = shop.get(&format!(
            "/card-units/J1001-S001-02?as_of={}",
            cut["sequence_num"]
        ));
        assert_eq!(born["status"], "created");
        let progress = shop.get("/jobs/J1001/progress");
        assert_eq!(progress["cards_packed"], 2);
        assert_eq!(shop.get("/orders")["orders"][0]["customer"], "Acme Cards");
        assert_eq!(
            shop.get("/jobs?status=in_progress")["jobs"][0]["job_id"],
            "J1001"
        );
        let log = shop.get("/events?after=0&limit=1000");
        let events = log["events"].as_array().expect("events");
        let numbers = events.iter().map(|event| event["sequence_num"].as_u64());
        assert!(numbers.eq((1..=events.len() as u64).map(Some)));
    });
}

#[test]
fn a_refusal_says_what_it_is_why_and_where_it_belongs() {
    on_both(|shop| {
        shop.furnish();
        let scan = |barcode: &str, station_id: &str| {
            shop.refused(
                "/scan",
                json!({"barcode": barcode, "station_id": station_id}),
            )
        };
        assert_eq!(
            scan("J1001-S001", "CUT-1"),
            (
                409,
                json!({
                    "type": "urn:sheetwise:problem:not_ready",
                    "title": "not ready",
                    "status": 409,
                    "detail": "Sheet J1001-S001 is not ready to cut. Still to do: PRINT (press).",
                    "outcome": "refused",
                    "barcode": "J1001-S001",
                    "code": "not_ready",
                    "entity": {"type": "sheet", "id": "J1001-S001", "status": "created"},
                    "message": "Sheet J1001-S001 is not ready to cut. Still to do: PRINT (press).",
                    "where_it_belongs": "at a press station for PRINT",
                })
            )
        );
        assert_eq!(scan("J1001-S009", "PRESS-1").0, 404);
        assert_eq!(scan("J1001-S1", "PRESS-1").0, 422);
        let (status, problem) =
            shop.refused("/card-units/J1001-S001/void", json!({"reason": "torn"}));
        assert_eq!((status, &problem["code"]), (422, &json!("unreadable_id")));
        let refusals = shop.get("/refusals?code=not_ready");
        assert_eq!(refusals["refusals"][0]["barcode"], "J1001-S001");
        assert_eq!(
            refusals["refusals"][0]["where_it_belongs"],
            "at a press station for PRINT"
        );
    });
}

#[test]
fn what_cannot_be_read_is_a_problem_and_changes_nothing() {
    on_both(|shop| {
        let cases = [
            ("/scan", json!({"barcode": "X"}), 422, "malformed"),
            (
                "/scan",
                json!({"barcode": "X", "station_id": "QA-1", "colour": 1}),
                422,
                "malformed",
            ),
            (
                "/scan",
                json!({"barcode": "\u{0}", "station_id": "QA-1"}),
                422,
                "unwritable_text",
            ),
            (
                "/scan?dry_run=perhaps",
                json!({"barcode": "X", "station_id": "QA-1"}),
                422,
                "malformed",
            ),
            ("/nowhere", json!({}), 404, "no_such_call"),
            ("/events", json!({}), 405, "no_such_method"),
        ];
        for (path, body, status, code) in cases {
            let (found, problem) = shop.refused(path, body);
            assert_eq!(
                (found, &problem["code"]),
                (status, &json!(code)),
                "{path}: {problem:#}"
            );
            assert_eq!(problem["outcome"], "refused");
        }
        assert_eq!(shop.get("/events")["last_sequence_num"], 0);
    });
}

#[test]
fn many_scans_come_at_once_and_each_stands_alone() {
    on_both(|shop| {
        shop.furnish();
        let scans = |n: u32| {
            let scan = |i| {
                json!({
                    "barcode": format!("J1001-S{i:03}"), "station_id": "PRESS-1", "scan_id": format!("gun-1/{i}"),
                })
            };
            json!({"scans": (1..=n).map(scan).collect::<Vec<_>>()})
        };
        let dry = shop.post("/scans?dry_run=true", scans(3));
        assert_eq!((&dry["recorded"], &dry["refused"]), (&json!(2), &json!(1)));
        let before = shop.get("/events")["last_sequence_num"].clone();
        let wet = shop.post("/scans", scans(3));
        assert_eq!(wet["results"], dry["results"]);
        assert_eq!(wet["results"][2]["code"], "unknown_barcode");
        let after = shop.get("/events")["last_sequence_num"].clone();
        assert_ne!(before, after);
        // The gun was offline and sends all of it again.
        let again = shop.post("/scans", scans(3));
        assert_eq!(again["results"], wet["results"]);
        assert_eq!(shop.get("/events")["last_sequence_num"], after);
    });
}

#[test]
fn a_late_scan_that_is_not_legal_any_more_waits_for_a_person() {
    on_both(|shop| {
        shop.furnish();
        shop.scan("J1001-S001", "PRESS-1");
        shop.scan("J1001-S001", "CUT-1");
        let late = json!({
            "barcode": "J1001-S001", "station_id": "PRESS-1", "timestamp": "2026-03-02T08:00:00Z",
        });
        let (status, problem) = shop.refused("/scan", late);
        assert_eq!((status, &problem["code"]), (409, &json!("already_cut")));
        let conflicts = shop.get("/conflicts");
        assert_eq!(conflicts["refusals"][0]["code"], "already_cut");
        assert_eq!(conflicts["refusals"][0]["late"], true);
    });
}
