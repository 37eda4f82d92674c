//! `/events`, `/refusals`, `/conflicts`, `/corrections`

mod stream;

use crate::support::on_both;
use serde_json::json;

#[test]
fn the_log_is_read_page_by_page_without_a_gap() {
    on_both(|shop| {
        shop.furnish();
        let last = shop.last_event();
        let (mut after, mut seen) = (0, Vec::new());
        while after < last {
            let page = shop.get(&format!("/events?after={after}&limit=4"));
            let events = page["events"].as_array().expect("events");
            seen.extend(events.iter().filter_map(|e| e["sequence_num"].as_u64()));
            after = page["next_after"].as_u64().expect("a number");
        }
        assert!(seen.into_iter().eq(1..=last));
        let of_one = shop.get("/events?aggregate_id=J1001-S001");
        assert_eq!(of_one["events"][0]["event_type"], "SheetCreated");
        let placed = shop.get("/events?type=ProductionOrderPlaced");
        let order_id = placed["events"][0]["aggregate_id"].as_str().expect("an id");
        let of_order = shop.get(&format!("/events?aggregate_id={}", order_id.to_lowercase()));
        assert_eq!(of_order["events"][0], placed["events"][0]);
        let (status, problem) = shop.unanswered("/events?aggregate_id=PRESS-1");
        assert_eq!((status, &problem["code"]), (422, &json!("malformed")));
        let of_type =
            shop.get("/events?type=StationRegistered&aggregate_type=station&aggregate_id=press-1");
        assert_eq!(of_type["events"].as_array().map(Vec::len), Some(1));
    });
}

#[test]
fn what_was_refused_is_kept_with_its_sentence() {
    on_both(|shop| {
        shop.furnish();
        shop.refused(
            "/scan",
            json!({"barcode": "J1001-S001", "station_id": "CUT-1"}),
        );
        let list = shop.get("/refusals?code=not_ready");
        assert_eq!(
            list,
            json!({
                "refusals": [{
                    "refusal_num": 1, "code": "not_ready", "barcode": "J1001-S001", "station_id": "CUT-1",
                    "operator_id": null, "occurred_at": "2026-03-02T09:01:30Z",
                    "recorded_at": "2026-03-02T09:01:30Z", "late": false,
                    "message": "Sheet J1001-S001 is not ready to cut. Still to do: PRINT (press).",
                    "entity": {"type": "sheet", "id": "J1001-S001", "status": "created"},
                    "where_it_belongs": "at a press station for PRINT",
                }],
                "next_after": 1,
            })
        );
        assert_eq!(shop.get("/refusals?after=1")["refusals"], json!([]));
    });
}

#[test]
fn a_late_scan_that_is_not_legal_any_more_waits_for_a_person() {
    on_both(|shop| {
        shop.furnish();
        shop.cut_the_first_sheet();
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

#[test]
fn a_correction_is_rehearsed_and_then_made() {
    on_both(|shop| {
        shop.furnish();
        shop.scan("J1001-S001", "PRESS-1");
        let last = shop.last_event();
        let correction = json!({"event_sequence_num": last, "reason": "the wrong press"});
        let dry = shop.post("/corrections?dry_run=true", correction.clone());
        assert_eq!(shop.last_event(), last);
        assert_eq!(shop.post("/corrections", correction), dry);
        assert_eq!(shop.get("/sheets/J1001-S001")["status"], "created");
        let nothing = json!({"event_sequence_num": 9_007_199_254_740_991_u64, "reason": "why not"});
        let (status, problem) = shop.refused("/corrections", nothing);
        assert_eq!((status, &problem["code"]), (404, &json!("no_such_event")));
    });
}
