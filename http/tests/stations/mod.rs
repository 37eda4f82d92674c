//! `/stations`

use crate::support::{on_both, station};
use serde_json::json;

#[test]
fn a_queue_shows_what_is_there_and_what_is_ready_elsewhere() {
    on_both(|shop| {
        shop.furnish();
        let ready =
            |station: &str| shop.get(&format!("/stations/{station}/queue"))["ready"].clone();
        assert_eq!(
            shop.get("/stations/PRESS-1/queue"),
            json!({
                "station_id": "PRESS-1",
                "at_station": [],
                "ready": {
                    "count": 2,
                    "jobs": [{
                        "job_id": "J1001", "due_date": "2026-04-01", "priority": 0,
                        "sheet_count": 2, "card_unit_count": 0, "set_count": 0,
                    }],
                    "entries": [
                        {
                            "entity": {"type": "sheet", "id": "J1001-S001"}, "job_id": "J1001",
                            "operation_id": "PRINT", "status": "created", "current_station_id": null, "since": null,
                        },
                        {
                            "entity": {"type": "sheet", "id": "J1001-S002"}, "job_id": "J1001",
                            "operation_id": "PRINT", "status": "created", "current_station_id": null, "since": null,
                        },
                    ],
                    "next_after": "J1001-S002",
                },
            })
        );
        shop.scan("J1001-S001", "PRESS-1");
        assert_eq!(ready("PRESS-1")["count"], 1);
        let queue = shop.get("/stations/PRESS-1/queue");
        assert_eq!(
            queue["at_station"][0]["entity"],
            json!({"type": "sheet", "id": "J1001-S001"})
        );
        assert_eq!(
            ready("CUT-1")["entries"][0]["current_station_id"],
            "PRESS-1"
        );
        shop.scan("J1001-S001", "CUT-1");
        assert_eq!(ready("CUT-1")["count"], 0);
        let first = shop.get("/stations/QA-1/queue?limit=1")["ready"].clone();
        assert_eq!(
            (&first["count"], &first["next_after"]),
            (&json!(2), &json!("J1001-S001-01"))
        );
        let second = shop.get("/stations/QA-1/queue?limit=1&after=J1001-S001-01");
        assert_eq!(
            second["ready"]["entries"][0]["entity"]["id"],
            "J1001-S001-02"
        );
        assert_eq!(
            shop.get("/stations/QA-1/queue?job_id=J1009")["ready"]["count"],
            0
        );
        // Behind the last sheet of the press there is nothing, wherever that is by now.
        for last in ["J1001-S002", "J1001-S001-01", "J1001-S001-SET"] {
            let page = shop.get(&format!("/stations/PRESS-1/queue?after={last}"))["ready"].clone();
            assert_eq!(
                (&page["entries"], &page["next_after"]),
                (&json!([]), &json!(last))
            );
        }
        let behind = shop.get("/stations/PRESS-1/queue?after=J1001-S001");
        assert_eq!(behind["ready"]["entries"][0]["entity"]["id"], "J1001-S002");
        let (status, problem) = shop.unanswered("/stations/PRESS-1/queue?after=S002");
        assert_eq!((status, &problem["code"]), (422, &json!("malformed")));
        shop.post(
            "/card-units/J1001-S001-02/hold",
            json!({"reason": "look again"}),
        );
        shop.scan("J1001-S001-01", "QA-1");
        assert_eq!(ready("QA-1")["count"], 0);
        // An inspection that runs at one bench is not waiting for another.
        shop.post("/stations", station("QA-2", "qa"));
        assert_eq!(ready("QA-2")["count"], 0);
        assert_eq!(ready("BENCH-1")["count"], 0);
        shop.scan("!PASS", "QA-1");
        assert_eq!(
            ready("BENCH-1")["entries"][0]["entity"]["id"],
            "J1001-S001-01"
        );
        shop.scan("J1001-S001-01", "BENCH-1");
        shop.post(
            "/card-units/J1001-S001-02/release",
            json!({"reason": "fine"}),
        );
        shop.scan("J1001-S001-02", "QA-1");
        shop.scan("!PASS", "QA-1");
        shop.scan("J1001-S001-02", "BENCH-1");
        assert_eq!(
            ready("PACK-1")["entries"][0]["entity"],
            json!({"type": "assembly", "id": "J1001-S001-SET"})
        );
        shop.scan("J1001-S001-SET", "PACK-1");
        assert_eq!(ready("PACK-1")["count"], 0);
        let (status, problem) = shop.unanswered("/stations/PRESS-9/queue");
        assert_eq!((status, &problem["code"]), (404, &json!("unknown_id")));
    });
}

#[test]
fn a_station_is_described_anew_only_by_who_saw_it_as_it_is() {
    on_both(|shop| {
        shop.post("/stations", station("FOIL-1", "foil_stamp"));
        let came = shop.call_with("GET", "/stations/FOIL-1", &[], None);
        let tag = came.header("etag").to_owned();
        let born = shop.last_event();
        let mut faster = station("FOIL-1", "foil_stamp");
        faster["rated_capacity"] = json!(250.5);
        let anew = || shop.call_with("POST", "/stations", &[("If-Match", &tag)], Some(&faster));
        assert_eq!(anew().status, 200);
        assert_eq!(anew().status, 412);
        let now = shop.get("/stations/FOIL-1");
        assert_eq!(now["description"]["rated_capacity"], 250.5);
        let then = shop.get(&format!("/stations/FOIL-1?as_of={born}"));
        assert_eq!(then["description"]["rated_capacity"], 100);
        shop.post("/stations/FOIL-1/down", json!({"reason": "the heater"}));
        assert_eq!(shop.get("/stations")["stations"][0]["down"], "the heater");
    });
}
