//! What comes in misshapen: it is answered with a problem, and changes nothing.

use crate::support::{Shop, on_both};
use axum::body::Body;
use axum::http::Request;
use serde_json::json;

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
            ("/scan", json!([]), 422, "malformed"),
            ("/scan", json!(1e300), 422, "malformed"),
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
        assert_eq!(shop.last_event(), 0);
    });
}

/// Sends these bytes as a scan.
fn sends(shop: &Shop, content_type: &str, body: impl Into<Body>) -> (u16, String) {
    let request = Request::post("/scan").header("content-type", content_type);
    let came = shop.send(request.body(body.into()).expect("a request"));
    assert_eq!(came.header("content-type"), "application/problem+json");
    let code = came.json()["code"].as_str().expect("a code").to_owned();
    (came.status.as_u16(), code)
}

#[test]
fn a_body_that_is_no_json_is_a_problem() {
    on_both(|shop| {
        let json = "application/json";
        let malformed = |status: u16| (status, "malformed".to_owned());
        assert_eq!(sends(shop, json, ""), malformed(400));
        assert_eq!(sends(shop, json, "{\"barcode\": "), malformed(400));
        assert_eq!(sends(shop, json, vec![0xff, 0xfe, 0x00]), malformed(400));
        assert_eq!(sends(shop, json, "[".repeat(100_000)), malformed(422));
        assert_eq!(sends(shop, "text/plain", "{}"), malformed(415));
        let scan =
            r#"{"barcode": "X", "station_id": "QA-1", "timestamp": "99999-01-01T00:00:00Z"}"#;
        assert_eq!(sends(shop, json, scan), malformed(422));
        assert_eq!(
            sends(shop, json, " ".repeat(9 * 1024 * 1024)),
            malformed(413)
        );
    });
}

#[test]
fn a_path_or_a_parameter_that_cannot_be_read_is_a_problem() {
    on_both(|shop| {
        shop.furnish();
        let cases = [
            ("/card-units/%ff", 422, "malformed"),
            ("/card-units/%00", 422, "unreadable_id"),
            ("/card-units/J1-S001-01%00", 422, "unreadable_id"),
            ("/stations/%F0%9F%90%9F", 422, "unreadable_id"),
            ("/card-units?after=%00", 422, "malformed"),
            ("/events?type=%00", 422, "malformed"),
            ("/refusals?code=%00", 422, "malformed"),
            ("/events?after=-1", 422, "malformed"),
            ("/events?after=1e9", 422, "malformed"),
            ("/events?from=yesterday", 422, "malformed"),
            ("/events?nonsense=1", 422, "malformed"),
            ("/card-units/J4294967296", 422, "unreadable_id"),
        ];
        for (path, status, code) in cases {
            let (found, problem) = shop.unanswered(path);
            assert_eq!(
                (found, &problem["code"]),
                (status, &json!(code)),
                "{path}: {problem:#}"
            );
        }
        for path in [
            "/events?after=18446744073709551615",
            "/refusals?after=18446744073709551615",
            "/card-units?after=%F0%9F%90%9F",
            "/sheets/J1001-S001?as_of=18446744073709551615",
        ] {
            shop.get(path);
        }
    });
}

#[test]
fn texts_that_are_too_long_and_numbers_that_are_too_large_are_refused() {
    on_both(|shop| {
        shop.furnish();
        let order = |quantity: u64| {
            json!({
                "customer": "Acme", "product_id": "PLAIN-2026", "quantity": quantity, "due_date": "2026-04-01",
            })
        };
        assert_eq!(
            shop.refused("/orders", order(4_294_967_296)).1["code"],
            "malformed"
        );
        let (status, problem) = shop.refused("/orders", order(4_294_967_295));
        assert_eq!((status, &problem["code"]), (422, &json!("malformed")));
        shop.post("/orders", order(2_147_483_647));
        let (status, problem) = shop.refused("/jobs", json!({"order_id": "PO-10002"}));
        assert_eq!((status, &problem["code"]), (422, &json!("out_of_range")));
        let key = "k".repeat(256);
        let scan = json!({"barcode": "J1001-S001", "station_id": "PRESS-1"});
        let came = shop.call_with("POST", "/scan", &[("Idempotency-Key", &key)], Some(&scan));
        assert_eq!(
            (came.status.as_u16(), &came.json()["code"]),
            (422, &json!("unwritable_text"))
        );
        let words = [("Idempotency-Key", "gun 1, scan 7")];
        assert_eq!(
            shop.call_with("POST", "/scan", &words, Some(&scan)).status,
            200
        );
        let empty = shop.call_with("POST", "/scan", &[("Idempotency-Key", " ")], Some(&scan));
        assert_eq!(
            (empty.status.as_u16(), &empty.json()["code"]),
            (422, &json!("malformed"))
        );
    });
}

#[test]
fn a_call_with_another_method_is_told_which_it_takes() {
    on_both(|shop| {
        let came = shop.call_with("DELETE", "/orders/PO-10001", &[], None);
        assert_eq!(
            (came.status.as_u16(), came.header("allow")),
            (405, "GET,HEAD")
        );
        assert_eq!(came.json()["code"], "no_such_method");
    });
}
