//! `/openapi.json`, `/docs`: the document is complete, its examples are real, and what can be refused stands there.

mod examples;
mod refusals;
mod story;

use crate::support::on_sqlite;
use sheetwise_http::openapi;

#[test]
fn the_document_and_its_page_are_served_and_fetch_nothing() {
    on_sqlite(|shop| {
        assert_eq!(&shop.get("/openapi.json"), openapi());
        assert_eq!(openapi()["openapi"], "3.1.0");
        let page = shop.call_with("GET", "/docs", &[], None);
        assert_eq!(page.status, 200);
        let html = String::from_utf8(page.body).expect("text");
        assert!(!html.contains("src=") && !html.contains("<link") && !html.contains("<script"));
        let paths = openapi()["paths"].as_object().expect("paths");
        for (path, methods) in paths {
            assert!(html.contains(&format!("<code>{path}</code>")), "{path}");
            for call in methods.as_object().expect("methods").values() {
                let id = call["operationId"].as_str().expect("a name");
                assert!(html.contains(&format!("id=\"{id}\"")), "{id}");
            }
        }
    });
}

/// Posts without a key: many scans have a key each, rows of a file are their own keys, labels and what is only thought of
/// record nothing, and who is let in the shop does not decide.
const WITHOUT_A_KEY: [&str; 9] = [
    "/scans",
    "/capacity/what-if",
    "/orders/import",
    "/labels",
    "/sessions",
    "/sessions/current/close",
    "/tokens",
    "/tokens/{id}/revoke",
    "/operators/{id}/password",
];

/// Posts in which everything is said by the address.
const WITHOUT_A_BODY: [&str; 2] = ["/sessions/current/close", "/tokens/{id}/revoke"];

/// What strangers are answered.
const OPEN: [&str; 5] = ["/healthz", "/readyz", "/openapi.json", "/docs", "/sessions"];

#[test]
fn every_call_says_what_it_takes_and_what_it_answers() {
    let paths = openapi()["paths"].as_object().expect("paths");
    for (path, methods) in paths {
        for (method, call) in methods.as_object().expect("methods") {
            let name = format!("{method} {path}");
            let parameters = call["parameters"].as_array().expect("parameters");
            let has = |parameter: &str| parameters.iter().any(|p| p["name"] == parameter);
            let answers = |statuses: &[&str]| {
                for status in statuses {
                    assert!(call["responses"][status].is_object(), "{name} {status}");
                }
            };
            assert_eq!(has("id"), path.contains("{id}"), "{name}");
            answers(&["200", "500", "503"]);
            let has_body = method == "post" && !WITHOUT_A_BODY.contains(&path.as_str());
            assert_eq!(call["requestBody"].is_object(), has_body, "{name}");
            if has_body {
                answers(&["400", "413", "415", "422"]);
            }
            let has_key = method == "post" && !WITHOUT_A_KEY.contains(&path.as_str());
            assert_eq!(has("Idempotency-Key"), has_key, "{name}");
            if has_key {
                answers(&["403"]);
            }
            // One thing is asked for: now, or as it was; and whoever has it is told so.
            if method == "get" && path.ends_with("{id}") {
                assert!(has("as_of") && has("If-None-Match"), "{name}");
            }
            if path.ends_with("/hold") || path.ends_with("/release") || path.ends_with("/cancel") {
                assert!(has("If-Match"), "{name}");
                answers(&["412"]);
            }
        }
    }
}

#[test]
fn every_call_but_the_open_ones_may_be_a_strangers_or_come_too_often() {
    let paths = openapi()["paths"].as_object().expect("paths");
    for (path, methods) in paths {
        for (method, call) in methods.as_object().expect("methods") {
            let name = format!("{method} {path}");
            let is_open = OPEN.contains(&path.as_str());
            assert_eq!(call["security"].is_array(), !is_open, "{name}");
            // At the way in there are wrong passwords instead.
            if path != "/sessions" {
                for status in ["401", "429"] {
                    let stands = call["responses"][status].is_object();
                    assert_eq!(stands, !is_open, "{name} {status}");
                }
            }
        }
    }
}

#[test]
fn what_is_no_json_is_named_by_its_media_type() {
    let labels = ["application/pdf", "application/zpl", "image/svg+xml"].as_slice();
    for (method, path, at, media_types) in [
        ("get", "/labels", "responses/200", labels),
        ("post", "/labels", "responses/200", labels),
        ("get", "/labels/controls", "responses/200", labels),
        ("get", "/jobs/{id}/labels", "responses/200", labels),
        ("get", "/sheets/{id}/labels", "responses/200", labels),
        (
            "get",
            "/events/stream",
            "responses/200",
            &["text/event-stream"],
        ),
        ("get", "/metrics", "responses/200", &["text/plain"]),
        ("get", "/docs", "responses/200", &["text/html"]),
        (
            "get",
            "/trace",
            "responses/200",
            &["application/json", "text/csv"],
        ),
        (
            "post",
            "/orders/import",
            "requestBody",
            &["application/json", "text/csv"],
        ),
    ] {
        let content = openapi()["paths"][path][method].pointer(&format!("/{at}/content"));
        let content = content.and_then(serde_json::Value::as_object);
        let named: Vec<&String> = content.expect("what comes").keys().collect();
        assert_eq!(named, media_types, "{method} {path} {at}");
    }
}
