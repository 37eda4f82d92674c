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

#[test]
fn every_call_says_what_it_takes_and_what_it_answers() {
    let paths = openapi()["paths"].as_object().expect("paths");
    for (path, methods) in paths {
        for (method, call) in methods.as_object().expect("methods") {
            let name = format!("{method} {path}");
            let parameters = call["parameters"].as_array().expect("parameters");
            let has = |parameter: &str| parameters.iter().any(|p| p["name"] == parameter);
            assert_eq!(has("id"), path.contains("{id}"), "{name}");
            assert!(call["responses"]["200"].is_object(), "{name}");
            assert_eq!(call["requestBody"].is_object(), method == "post", "{name}");
            if method == "post" && path != "/scans" {
                assert!(has("Idempotency-Key"), "{name}");
                for status in ["400", "403", "413", "415", "422", "503"] {
                    assert!(call["responses"][status].is_object(), "{name} {status}");
                }
            }
            // One thing is asked for: now, or as it was; and whoever has it is told so.
            if method == "get" && path.ends_with("{id}") {
                assert!(has("as_of") && has("If-None-Match"), "{name}");
            }
            if path.ends_with("/hold") || path.ends_with("/release") || path.ends_with("/cancel") {
                assert!(
                    has("If-Match") && call["responses"]["412"].is_object(),
                    "{name}"
                );
            }
        }
    }
}
