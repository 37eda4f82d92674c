//! What whoever operates the server asks, and what the server does not put up with.

use crate::harness::{Place, on_both};
use axum::body::Body;
use axum::http::Request;
use serde_json::json;
use sheetwise_http::{Limits, Stopped};
use sheetwise_store::Location;
use sheetwise_testkit::{Cluster, Durability};
use std::time::Duration;

#[test]
fn figures_tell_of_scans_requests_groups_reads_and_writes() {
    on_both(|place| {
        let shop = place.open();
        shop.furnish();
        shop.scan("J1001-S001", "PRESS-1");
        let not_ready = json!({"barcode": "J1001-S002", "station_id": "CUT-1"});
        shop.call("POST", "/scan", Some(&not_ready));
        let made_up = json!({"barcode": "J1001-S002", "station_id": "NOWHERE-1"});
        shop.call("POST", "/scan", Some(&made_up));
        let scans = json!({"scans": [{"barcode": "J1001-S002", "station_id": "PRESS-1"}]});
        shop.post("/scans", scans);
        let (status, headers, text) = shop.ask(
            Request::get("/metrics")
                .body(Body::empty())
                .expect("a request"),
        );
        assert_eq!(status, 200);
        assert_eq!(
            headers["content-type"],
            "text/plain; version=0.0.4; charset=utf-8"
        );
        for line in [
            "sheetwise_scans_total{code=\"recorded\",station_id=\"PRESS-1\"} 2",
            "sheetwise_scans_total{code=\"not_ready\",station_id=\"other\"} 1",
            "sheetwise_scans_total{code=\"unknown_id\",station_id=\"other\"} 1",
            "sheetwise_http_requests_total{method=\"POST\",route=\"/scan\",status=\"200\"} 1",
            "sheetwise_http_requests_total{method=\"POST\",route=\"/scan\",status=\"409\"} 1",
            "sheetwise_ledger_queue_depth 0",
            "sheetwise_event_stream_readers 0",
        ] {
            assert!(
                text.contains(&format!("\n{line}\n")),
                "{line} is not in\n{text}"
            );
        }
        let last = shop.get("/events?limit=1")["last_sequence_num"].clone();
        assert!(text.contains(&format!("\nsheetwise_log_last_sequence_num {last}\n")));
        for count in [
            "ledger_group_duration_seconds",
            "write_duration_seconds",
            "read_duration_seconds",
        ] {
            let line = text
                .lines()
                .find(|line| line.starts_with(&format!("sheetwise_{count}_count ")));
            let counted = line.and_then(|line| line.rsplit(' ').next()?.parse::<u64>().ok());
            assert!(counted > Some(0), "{count}: {line:?}");
        }
    });
}

#[test]
fn the_server_says_whether_it_lives_and_whether_it_is_ready() {
    on_both(|place| {
        let shop = place.open();
        assert_eq!(shop.get("/healthz"), json!({"status": "alive"}));
        shop.furnish();
        let last = shop.get("/events?limit=1")["last_sequence_num"].clone();
        assert_eq!(
            shop.get("/readyz"),
            json!({"status": "ready", "last_sequence_num": last, "queue_depth": 0})
        );
        assert_eq!(shop.serve().stop(), Stopped::Cleanly);
        let (status, problem) = shop.call("GET", "/readyz", None);
        assert_eq!(
            (status.as_u16(), &problem["code"]),
            (503, &json!("overloaded"))
        );
        assert_eq!(shop.get("/healthz"), json!({"status": "alive"}));
    });
}

#[test]
fn a_server_whose_database_is_gone_lives_and_is_not_ready() {
    let mut cluster = Cluster::start(Durability::Off).expect("a server of PostgreSQL's");
    let url = cluster.new_database("gone").expect("a database");
    let shop = Place::at(Location::Postgres(url)).open();
    shop.furnish();
    assert_eq!(shop.get("/readyz")["status"], "ready");
    cluster.kill_nine().expect("it was running");
    let (status, problem) = shop.call("GET", "/readyz", None);
    assert_eq!(
        (status.as_u16(), &problem["code"]),
        (503, &json!("not_now"))
    );
    assert_eq!(shop.get("/healthz"), json!({"status": "alive"}));
    let metrics = Request::get("/metrics").body(Body::empty());
    assert_eq!(shop.ask(metrics.expect("a request")).0, 200);
}

#[test]
fn a_correlation_id_goes_in_comes_out_and_stands_in_the_log() {
    on_both(|place| {
        let shop = place.open();
        shop.furnish();
        let ask = |name: &str, value: &str, barcode: &str| {
            let request = Request::post("/scan")
                .header("content-type", "application/json")
                .header(name, value)
                .body(Body::from(
                    json!({"barcode": barcode, "station_id": "PRESS-1"}).to_string(),
                ));
            let (status, headers, text) = shop.ask(request.expect("a request"));
            assert_eq!(status, 200, "{text}");
            headers["x-correlation-id"]
                .to_str()
                .expect("a word")
                .to_owned()
        };
        assert_eq!(ask("x-correlation-id", "mes-42", "J1001-S001"), "mes-42");
        let log = shop.get("/events?type=SheetEnteredStation");
        let in_log = log["events"][0]["correlation_id"].as_str().expect("a word");
        let (given, unlike) = in_log.split_once('~').expect("two parts");
        assert_eq!((given, unlike.len()), ("mes-42", 16));
        let trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
        assert_eq!(
            ask("traceparent", trace, "J1001-S002"),
            "4bf92f3577b34da6a3ce929d0e0e4736"
        );
        let made = ask("x-correlation-id", "no word", "J1001-S002");
        assert!(made.starts_with('r') && made.len() == 17, "{made}");
    });
}

#[test]
fn what_is_too_much_or_too_slow_is_told_when_to_come_again() {
    on_both(|place| {
        let shop = place.open_within(Limits {
            requests_max: 0,
            ..Limits::default()
        });
        let request = Request::get("/jobs").body(Body::empty());
        let (status, headers, text) = shop.ask(request.expect("a request"));
        assert_eq!(
            (status.as_u16(), &headers["retry-after"]),
            (503, &"1".parse().expect("a value"))
        );
        assert!(text.contains("\"code\":\"overloaded\""), "{text}");
        assert_eq!(shop.get("/healthz"), json!({"status": "alive"}));
        drop(shop);
        let shop = place.open_within(Limits {
            header_timeout: Duration::from_millis(300),
            request_timeout: Duration::from_millis(300),
            ..Limits::default()
        });
        let server = shop.serve();
        // A head that never ends, and a body that never comes.
        let half = server.send("GET /jobs HTTP/1.1\r\nHost: sh").rest();
        assert!(!half.contains("200"), "{half}");
        let mut slow = server.send(
            "POST /scan HTTP/1.1\r\nHost: shop\r\nContent-Type: application/json\r\nContent-Length: 90\r\n\r\n{",
        );
        assert_eq!(
            slow.line().expect("a status"),
            "HTTP/1.1 503 Service Unavailable"
        );
        let answer = slow.rest();
        assert!(
            answer.contains("\"code\":\"timed_out\"") && answer.contains("retry-after: 5"),
            "{answer}"
        );
    });
}

#[test]
fn a_server_that_is_told_to_stop_waits_for_an_answer_and_not_for_ever() {
    on_both(|place| {
        let shop = place.open_within(Limits {
            stop_timeout: Duration::from_millis(300),
            ..Limits::default()
        });
        let server = shop.serve();
        // Its body never comes.
        let mut slow = server.send(
            "POST /scan HTTP/1.1\r\nHost: shop\r\nContent-Type: application/json\r\nContent-Length: 90\r\n\r\n{",
        );
        // Whoever is answered after that was accepted after it.
        assert_eq!(
            server
                .send("GET /healthz HTTP/1.1\r\nHost: shop\r\nConnection: close\r\n\r\n")
                .line()
                .expect("a status"),
            "HTTP/1.1 200 OK"
        );
        assert_eq!(server.stop(), Stopped::CutOff { connections: 1 });
        assert_eq!(slow.line(), None);
    });
}
