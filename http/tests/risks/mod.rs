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
        order(shop, 100, "2026-03-02", 0);
        order(shop, 100, "2026-03-03", 3);
        let risks = shop.get("/risks");
        println!("{risks:#}");
        assert_eq!(ids(&risks), ["J1003"]);
        assert_eq!(risks["risks"][0], json!({}));
    });
}

#[test]
fn risks_are_filtered_and_come_in_pages() {
    on_both(|shop| {
        busy_with(shop, 1_000);
        order(shop, 100, "2026-03-02", 0);
        shop.post("/jobs/J1003/hold", json!({"reason": "unpaid"}));
        let all = shop.get("/risks");
        assert_eq!(ids(&all), ["J1002", "J1001"]);
        assert_eq!(
            all["left_out"],
            json!([{"job_id": "J1003", "reason": "on hold: unpaid"}])
        );
        assert_eq!(ids(&shop.get("/risks?probability_min=0.5")), ["J1002"]);
        assert_eq!(ids(&shop.get("/risks?order_id=PO-10001")), ["J1001"]);
        let cause = &all["risks"][0]["rolling_forecast"]["cause"]["station_id"];
        let of_cause = format!("/risks?station_id={}", cause.as_str().expect("a station"));
        assert!(ids(&shop.get(&of_cause)).contains(&"J1002"));
        let first = shop.get("/risks?limit=1");
        assert_eq!(
            (ids(&first), &first["next_after"]),
            (vec!["J1002"], &json!("J1002"))
        );
        let second = shop.get("/risks?limit=1&after=J1002");
        assert_eq!(ids(&second), ["J1001"]);
        assert_eq!(
            ids(&shop.get("/risks?limit=1&after=J1001")),
            Vec::<&str>::new()
        );
        let (status, problem) = shop.unanswered("/risks?probability_min=7");
        assert_eq!((status, &problem["code"]), (422, &json!("malformed")));
    });
}
