//! What whoever operates the server asks, and what the server does not put up with.

use crate::support::{Shop, on_both};
use serde_json::json;
use sheetwise_http::{Limits, Stopped};
use sheetwise_store::Location;
use sheetwise_testkit::{Cluster, Durability};
use std::time::Duration;

#[test]
fn figures_tell_of_scans_requests_groups_reads_and_writes() {
    on_both(|shop| {
        shop.furnish();
        shop.scan("J1001-S001", "PRESS-1");
        let not_ready = json!({"barcode": "J1001-S002", "station_id": "CUT-1"});
        shop.refused("/scan", not_ready);
        let made_up = json!({"barcode": "J1001-S002", "station_id": "NOWHERE-1"});
        shop.refused("/scan", made_up);
        let scans = json!({"scans": [{"barcode": "J1001-S002", "station_id": "PRESS-1"}]});
        shop.post("/scans", scans);
        let figures = shop.fetch("/metrics");
        assert_eq!(figures.status, 200);
        let kind = "text/plain; version=0.0.4; charset=utf-8";
        assert_eq!(figures.header("content-type"), kind);
        let text = figures.text();
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
        let last = shop.last_event();
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
    on_both(|shop| {
        assert_eq!(shop.get("/healthz"), json!({"status": "alive"}));
        shop.furnish();
        let last = shop.last_event();
        assert_eq!(
            shop.get("/readyz"),
            json!({"status": "ready", "last_sequence_num": last, "queue_depth": 0})
        );
        assert_eq!(shop.serve().stop(), Stopped::Cleanly);
        let (status, problem) = shop.unanswered("/readyz");
        assert_eq!((status, &problem["code"]), (503, &json!("overloaded")));
        assert_eq!(shop.get("/healthz"), json!({"status": "alive"}));
    });
}

#[test]
fn a_server_whose_database_is_gone_lives_and_is_not_ready() {
    let mut cluster = Cluster::start(Durability::Off).expect("a server of PostgreSQL's");
    let url = cluster.new_database("gone").expect("a database");
    let shop = Shop::at(Location::Postgres(url.clone()));
    let with_a_door = Shop::guarded_at(Location::Postgres(url));
    shop.furnish();
    assert_eq!(shop.get("/readyz")["status"], "ready");
    cluster.kill_nine().expect("it was running");
    let (status, problem) = shop.unanswered("/readyz");
    assert_eq!((status, &problem["code"]), (503, &json!("not_now")));
    assert_eq!(shop.get("/healthz"), json!({"status": "alive"}));
    assert_eq!(shop.fetch("/metrics").status, 200);
    // Nor does a door that cannot know whether it is locked hide that the server lives.
    assert_eq!(with_a_door.get("/healthz"), json!({"status": "alive"}));
    let (status, problem) = with_a_door.unanswered("/jobs");
    assert_eq!((status, &problem["code"]), (503, &json!("not_now")));
}

#[test]
fn a_correlation_id_goes_in_comes_out_and_stands_in_the_log() {
    on_both(|shop| {
        shop.furnish();
        let ask = |name: &str, value: &str, barcode: &str| {
            let scan = json!({"barcode": barcode, "station_id": "PRESS-1"});
            let came = shop.call_with("POST", "/scan", &[(name, value)], Some(&scan));
            assert_eq!(came.status, 200, "{}", came.text());
            came.header("x-correlation-id").to_owned()
        };
        assert_eq!(ask("x-correlation-id", "mes-42", "J1001-S001"), "mes-42");
        let log = shop.get("/events?type=SheetEnteredStation");
        let in_log = log["events"][0]["correlation_id"].as_str().expect("a word");
        let (given, unlike) = in_log.split_once('~').expect("two parts");
        assert_eq!((given, unlike.len()), ("mes-42", 16));
        for found_by in ["mes-42", in_log] {
            let found = shop.get(&format!(
                "/events?type=SheetEnteredStation&correlation_id={found_by}"
            ));
            assert_eq!(found["events"], log["events"]);
        }
        let none = shop.get("/events?correlation_id=mes-4");
        assert_eq!(none["events"], json!([]));
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
    on_both(|unlimited| {
        let shop = unlimited.beside(Limits {
            requests_max: 0,
            ..Limits::default()
        });
        let came = shop.fetch("/jobs");
        assert_eq!(
            (came.status.as_u16(), came.header("retry-after")),
            (503, "1")
        );
        assert_eq!(came.json()["code"], "overloaded");
        assert_eq!(shop.get("/healthz"), json!({"status": "alive"}));
        drop(shop);
        let shop = unlimited.beside(Limits {
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
    on_both(|unlimited| {
        let shop = unlimited.beside(Limits {
            stop_timeout: Duration::from_millis(300),
            ..Limits::default()
        });
        let server = shop.serve();
        // Its body never comes, and is waited for: only then is the request under way.
        let mut slow = server.send(
            "POST /scan HTTP/1.1\r\nHost: shop\r\nContent-Type: application/json\r\nContent-Length: 90\r\n\
             Expect: 100-continue\r\n\r\n",
        );
        for line in ["HTTP/1.1 100 Continue", ""] {
            assert_eq!(slow.line().as_deref(), Some(line));
        }
        assert_eq!(server.stop(), Stopped::CutOff { connections: 1 });
        assert_eq!(slow.line(), None);
    });
}

#[test]
fn a_panic_is_answered_as_a_fault_and_its_connection_goes_on() {
    on_both(|shop| {
        shop.furnish();
        let last = shop.last_event();
        // Beyond the end of time the clock panics.
        let ages = i64::MAX / 2;
        shop.wait(ages);
        let scan = json!({"barcode": "J1001-S001", "station_id": "PRESS-1"});
        let (status, problem) = shop.refused("/scan", &scan);
        assert_eq!((status, &problem["code"]), (500, &json!("fault")));
        let server = shop.serve();
        let body = scan.to_string();
        let mut answer = server.send(&format!(
            "POST /scan HTTP/1.1\r\nHost: shop\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}\
             GET /healthz HTTP/1.1\r\nHost: shop\r\nConnection: close\r\n\r\n",
            body.len(),
        ));
        assert_eq!(
            answer.line().expect("a status"),
            "HTTP/1.1 500 Internal Server Error"
        );
        assert!(answer.rest().contains("HTTP/1.1 200 OK"));
        assert_eq!(server.stop(), Stopped::Cleanly);
        shop.wait(-ages);
        assert_eq!(shop.last_event(), last);
        shop.scan("J1001-S001", "PRESS-1");
        let figures = shop.fetch("/metrics").text();
        let counted =
            "sheetwise_http_requests_total{method=\"POST\",route=\"/scan\",status=\"500\"} 2";
        assert!(figures.contains(counted), "{figures}");
    });
}
