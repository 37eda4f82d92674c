//! `/risks`

use crate::capacity::{busy_with, order};
use crate::support::on_both;
use serde_json::{Value, json};

fn ids(risks: &Value) -> Vec<&str> {
    let risks = risks["risks"].as_array().expect("risks").iter();
    risks
        .map(|risk| risk["job_id"].as_str().expect("an id"))
        .collect()
}

#[test]
fn the_most_probably_late_come_first_with_the_cause_and_what_would_help() {
    on_both(|shop| {
        busy_with(shop, 1_000);
        order(shop, 1_000, "2026-03-02", 0);
        let risks = shop.get("/risks");
        assert_eq!(ids(&risks), ["J1003", "J1002", "J1001"]);
        assert_eq!(risks["risks"][2]["what_would_help"], json!([]));
        let done = "2026-03-04T11:44:30Z";
        assert_eq!(
            risks["risks"][1],
            json!({
                "job_id": "J1002", "order_id": "PO-10002", "product_id": "PLAIN-2026", "priority": 0,
                "due_date": "2026-03-03", "due_at": "2026-03-04T00:00:00Z",
                "rolling_forecast": {
                    "p50": done, "p80": done, "p95": done,
                    "probability_late": 1.0, "probability_late_low": 0.981, "probability_late_high": 1.0,
                    "cause": {
                        "station_id": "PRESS-1", "queue_hours": 48.5, "work_hours": 0.167, "behind": ["J1003"],
                        "words": "it waits 48.5 h in the queue of PRESS-1, behind J1003",
                    },
                },
                "what_would_help": [
                    {
                        "words": "A priority of 1 lets it go before J1003 at PRESS-1.",
                        "what_if": {"changes": [{"kind": "priority", "job_id": "J1002", "priority": 1}]},
                    },
                    {
                        "words": "Overtime at PRESS-1, from 2026-03-02T16:00:00Z to 2026-03-02T18:00:00Z.",
                        "what_if": {"changes": [{
                            "kind": "overtime", "station_id": "PRESS-1",
                            "from": "2026-03-02T16:00:00Z", "to": "2026-03-02T18:00:00Z",
                        }]},
                    },
                    {
                        "words": "Another machine at PRESS-1: 2 in all.",
                        "what_if": {"changes": [{"kind": "machines", "station_id": "PRESS-1", "machines": 2}]},
                    },
                ],
            })
        );
        // What is proposed is asked as it stands: and this one helps.
        let proposed = &risks["risks"][1]["what_would_help"][0]["what_if"];
        let consequences = shop.post("/capacity/what-if", proposed);
        let of_job = &consequences["jobs"][1];
        assert_eq!(of_job["job_id"], "J1002");
        assert_eq!(of_job["probability_late_change"], -1.0);
    });
}

#[test]
fn risks_are_filtered_and_come_in_pages() {
    on_both(|shop| {
        busy_with(shop, 20);
        order(shop, 1_000, "2026-03-02", 0);
        shop.post("/jobs/J1002/hold", json!({"reason": "unpaid"}));
        let all = shop.get("/risks");
        assert_eq!(ids(&all), ["J1003", "J1001"]);
        assert_eq!(
            all["left_out"],
            json!([{"job_id": "J1002", "reason": "on hold: unpaid"}])
        );
        assert_eq!(ids(&shop.get("/risks?probability_min=0.5")), ["J1003"]);
        assert_eq!(ids(&shop.get("/risks?order_id=PO-10001")), ["J1001"]);
        let cause = &all["risks"][0]["rolling_forecast"]["cause"]["station_id"];
        let of_cause = format!("/risks?station_id={}", cause.as_str().expect("a station"));
        assert!(ids(&shop.get(&of_cause)).contains(&"J1003"));
        let behind = |page: &Value| {
            let after = page["next_after"].as_str().expect("a place");
            shop.get(&format!("/risks?limit=1&after={after}"))
        };
        let first = shop.get("/risks?limit=1");
        assert_eq!(ids(&first), ["J1003"]);
        let second = behind(&first);
        assert_eq!(ids(&second), ["J1001"]);
        let third = behind(&second);
        assert_eq!(ids(&third), Vec::<&str>::new());
        assert_eq!(third["next_after"], second["next_after"]);
        let (status, problem) = shop.unanswered("/risks?after=J1003");
        assert_eq!((status, &problem["code"]), (422, &json!("malformed")));
        // A job that has left the list since takes nobody back to its beginning.
        shop.post("/jobs/J1003/hold", json!({"reason": "unpaid"}));
        assert_eq!(ids(&behind(&first)), ["J1001"]);
        assert_eq!(ids(&behind(&second)), Vec::<&str>::new());
        let (status, problem) = shop.unanswered("/risks?probability_min=7");
        assert_eq!((status, &problem["code"]), (422, &json!("malformed")));
    });
}
