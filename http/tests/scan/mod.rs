//! `/scan`, `/scans`, `/qa-results`

use crate::support::{on_both, with_everything};
use serde_json::{Value, json};

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
        shop.pass_the_first_cards();
        shop.scan("J1001-S001-01", "BENCH-1");
        shop.scan("J1001-S001-02", "BENCH-1");
        shop.scan("J1001-S001-SET", "PACK-1");
        shop.post("/packs/J1001-BOX-001/close", json!({}));
        shop.post("/packs/J1001-BOX-001/ship", json!({}));
        let card = shop.get("/card-units/J1001-S001-02");
        assert_eq!(card["status"], "packed");
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
            json!({"scans": (1..=n).map(scan).collect::<Vec<Value>>()})
        };
        let dry = shop.post("/scans?dry_run=true", scans(3));
        assert_eq!((&dry["recorded"], &dry["refused"]), (&json!(2), &json!(1)));
        let before = shop.last_event();
        let wet = shop.post("/scans", scans(3));
        assert_eq!(wet["results"], dry["results"]);
        assert_eq!(wet["results"][2]["code"], "unknown_barcode");
        let after = shop.last_event();
        assert_ne!(before, after);
        // The gun was offline and sends all of it again.
        let again = shop.post("/scans", scans(3));
        assert_eq!(again["results"], wet["results"]);
        assert_eq!(shop.last_event(), after);
    });
}

#[test]
fn a_scan_of_no_shape_does_not_stand_in_the_way_of_the_others() {
    on_both(|shop| {
        shop.furnish();
        let scans = json!([
            {"barcode": "J1001-S001", "station_id": "press 1"},
            {"barcode": "J1001-S001", "station_id": "PRESS-1", "timestamp": "noon"},
            {"barcode": "J1001-S001", "station_id": "PRESS-1", "scan_id": " "},
            "J1001-S001",
            {"barcode": "J1001-S001", "station_id": "PRESS-1"},
        ]);
        let verdicts = shop.post("/scans", json!({"scans": scans}));
        assert_eq!(
            (&verdicts["recorded"], &verdicts["refused"]),
            (&json!(1), &json!(4)),
            "{verdicts:#}"
        );
        for shapeless in &verdicts["results"].as_array().expect("a list")[..4] {
            assert_eq!(
                (&shapeless["status"], &shapeless["code"]),
                (&json!(422), &json!("malformed"))
            );
        }
        // A gun that sends an empty scan_id has none; with one it would be the same scan for ever.
        let scan = json!({"barcode": "J1001-S002", "station_id": "PRESS-1", "scan_id": ""});
        assert_eq!(shop.refused("/scan", scan).0, 422);
    });
}

#[test]
fn more_than_ten_thousand_scans_are_too_many() {
    on_both(|shop| {
        let scan = json!({"barcode": "J1", "station_id": "PRESS-1"});
        let (status, problem) = shop.refused("/scans", json!({"scans": vec![scan; 10_001]}));
        assert_eq!((status, &problem["code"]), (413, &json!("malformed")));
        assert_eq!(
            problem["message"],
            "10001 scans came at once: send at most 10000"
        );
    });
}

#[test]
fn a_dry_scan_says_what_would_come_of_it_and_records_nothing() {
    on_both(|shop| {
        shop.furnish();
        let before = shop.last_event();
        let scan = json!({"barcode": "J1001-S001", "station_id": "PRESS-1"});
        let dry = shop.post("/scan?dry_run=true", scan.clone());
        assert_eq!(dry["action"], "entered_station");
        assert_eq!(shop.last_event(), before);
        assert_eq!(shop.post("/scan", scan), dry);
    });
}

#[test]
fn the_same_key_gives_the_same_answer_and_other_words_are_refused() {
    on_both(|shop| {
        shop.furnish();
        let scan = json!({"barcode": "J1001-S001", "station_id": "PRESS-1"});
        let with_key = |body| {
            shop.call_with(
                "POST",
                "/scan",
                &[("Idempotency-Key", "gun-1/7")],
                Some(body),
            )
        };
        let first = with_key(&scan).json();
        let again = with_key(&scan).json();
        assert_eq!(first, again);
        let other = with_key(&json!({"barcode": "J1001-S002", "station_id": "PRESS-1"}));
        assert_eq!(
            (other.status.as_u16(), &other.json()["code"]),
            (422, &json!("key_reused"))
        );
    });
}

#[test]
fn a_verdict_before_its_turn_is_out_of_route() {
    on_both(|shop| {
        shop.furnish();
        let everything =
            json!({"product_id": "ROOKIES-2026", "product_version": 1, "spec": with_everything()});
        shop.post("/products", everything);
        let order = json!({
            "customer": "Acme Cards", "product_id": "ROOKIES-2026", "quantity": 2, "due_date": "2026-04-01",
        });
        shop.post("/orders", order);
        shop.post("/jobs", json!({"order_id": "PO-10002"}));
        shop.scan("J1002-S001", "PRESS-1");
        shop.scan("J1002-S001", "CUT-1");
        let verdict =
            json!({"card_unit_id": "J1002-S001-01", "station_id": "QA-1", "result": "PASS"});
        let (status, problem) = shop.refused("/qa-results", verdict);
        assert_eq!((status, &problem["code"]), (409, &json!("out_of_route")));
        assert_eq!(
            problem["where_it_belongs"],
            "at a foil_stamp station for FOIL"
        );
    });
}

#[test]
fn a_verdict_comes_without_a_scanner_too() {
    on_both(|shop| {
        shop.furnish();
        shop.cut_the_first_sheet();
        shop.scan("J1001-S001-01", "QA-1");
        let verdict = json!({
            "card_unit_id": "J1001-S001-01", "station_id": "QA-1", "result": "FAIL", "failure_codes": ["F-201"],
        });
        let answer = shop.post("/qa-results", verdict);
        assert_eq!(answer["entity"]["status"], "qa_failed");
        let verdict = json!({"card_unit_id": "J1001-S001-02", "result": "PASS"});
        let (status, problem) = shop.refused("/qa-results", verdict);
        assert_eq!((status, &problem["code"]), (409, &json!("not_at_qa")));
    });
}
