//! `/jobs/{id}/estimated-completion`

use crate::capacity::{busy_with, order};
use crate::support::{Shop, on_both, on_sqlite};
use serde_json::{Value, json};

fn completion(shop: &Shop, job_id: &str) -> Value {
    shop.get(&format!("/jobs/{job_id}/estimated-completion"))
}

#[test]
fn an_open_job_has_an_estimate_a_planned_end_and_a_forecast_beside_what_it_is_due_by() {
    on_both(|shop| {
        busy_with(shop, 20);
        let answer = completion(shop, "J1002");
        let step = |operation: &str, station: &str, from: &str, to: &str, work_hours: f64| {
            json!({
                "operation_id": operation, "station_id": station, "start": format!("2026-03-02T{from}Z"),
                "end": format!("2026-03-02T{to}Z"), "queue_hours": 0.0, "work_hours": work_hours,
            })
        };
        let done = "2026-03-02T09:34:10Z";
        assert_eq!(
            answer,
            json!({
                "job_id": "J1002", "status": "created", "customer_due": "2026-03-03", "due_date": "2026-03-03",
                "due_at": "2026-03-04T00:00:00Z", "actual": null,
                "estimate": {
                    "earliest_finish": done, "finish": done,
                    "critical_way": [
                        step("PRINT", "PRESS-1", "09:02:10", "09:12:10", 0.167),
                        step("CUT", "CUT-1", "09:07:10", "09:17:10", 0.167),
                        step("QA", "QA-1", "09:12:10", "09:32:10", 0.333),
                        step("ASSEMBLE", "BENCH-1", "09:14:10", "09:33:10", 0.317),
                        step("PACK", "PACK-1", "09:15:10", "09:34:10", 0.317),
                    ],
                },
                "plan": {"finish": done, "late_hours": 0.0},
                "rolling_forecast": {
                    "p50": done, "p80": done, "p95": done,
                    "probability_late": 0.0, "probability_late_low": 0.0, "probability_late_high": 0.019,
                    "cause": {
                        "station_id": "QA-1", "queue_hours": 0.0, "work_hours": 0.333, "behind": [],
                        "words": "its own work at QA-1 takes 0.3 h",
                    },
                },
                "forecast": {
                    "issued_at": "2026-03-02T09:02:10Z", "log_position": 29, "model_version": 3, "futures": 200,
                    "seed": 1, "corrected_by": 0, "orders_to_come": false,
                    "assumptions": [
                        "A job is due with the end of its day in UTC, the time zone of most stations.",
                        "BENCH-1, PACK-1, QA-1: without shifts, and so taken to be staffed day and night.",
                        "No new orders come in: too few have been seen to know.",
                    ],
                },
            })
        );
    });
}

#[test]
fn a_job_that_is_done_answers_with_when_it_was() {
    on_both(|shop| {
        shop.furnish();
        shop.pack_the_first_set();
        let expected = |status: &str| {
            json!({
                "job_id": "J1001", "status": status, "customer_due": "2026-04-01", "due_date": "2026-04-01",
                "due_at": null, "actual": "2026-03-02T09:02:50Z", "estimate": null, "plan": null,
                "rolling_forecast": null, "forecast": null,
            })
        };
        assert_eq!(completion(shop, "J1001"), expected("in_progress"));
        // What becomes of its spare sheet, and when somebody closes it, changes nothing.
        shop.post("/sheets/J1001-S002/void", json!({"reason": "not needed"}));
        shop.post("/jobs/J1001/close", json!({}));
        assert_eq!(completion(shop, "J1001"), expected("closed"));
    });
}

#[test]
fn where_nobody_can_say_it_the_answer_says_why() {
    on_sqlite(|shop| {
        busy_with(shop, 20);
        order(shop, 20, "2026-03-04", 0);
        shop.post("/jobs/J1001/hold", json!({"reason": "unpaid"}));
        shop.post("/jobs/J1002/cancel", json!({"reason": "no paper"}));
        let no = |job_id: &str| {
            let path = format!("/jobs/{job_id}/estimated-completion");
            let (status, problem) = shop.unanswered(&path);
            let text = |field: &str| problem[field].as_str().expect("text").to_owned();
            format!("{status} {}: {}", text("code"), text("message"))
        };
        assert_eq!(
            no("J1001"),
            "409 not_foreseeable: J1001 is on hold (unpaid), and nobody knows for how long: release it first."
        );
        assert_eq!(
            no("J1002"),
            "409 not_foreseeable: J1002 is cancelled: it will not be done."
        );
        assert_eq!(no("J77"), "404 unknown_id: J77 is not known here.");
        shop.post("/jobs/J1001/release", json!({"reason": "paid"}));
        let order_id = shop.get("/jobs/J1001")["order_id"].clone();
        let order_id = order_id.as_str().expect("an id");
        let hold = format!("/orders/{order_id}/hold");
        shop.post(&hold, json!({"reason": "a claim"}));
        assert_eq!(
            no("J1001"),
            format!(
                "409 not_foreseeable: {order_id} is on hold (a claim), and nobody knows for how long: release it first."
            )
        );
    });
}

#[test]
fn a_job_without_a_station_for_it_cannot_be_foreseen() {
    on_sqlite(|shop| {
        shop.post("/stations", crate::support::station("PRESS-1", "press"));
        shop.publish_plain();
        shop.order_plain(2);
        let (status, problem) = shop.unanswered("/jobs/J1001/estimated-completion");
        assert_eq!((status, &problem["code"]), (409, &json!("not_foreseeable")));
        let reason = "no station can do its operation CUT: register one of that type";
        assert_eq!(
            problem["message"],
            format!("J1001 cannot be done: {reason}. Look at the types and hours of the stations.")
        );
        let left_out = json!([{"job_id": "J1001", "reason": reason}]);
        assert_eq!(shop.get("/risks")["left_out"], left_out);
        assert_eq!(shop.get("/capacity")["left_out"], left_out);
    });
}

#[test]
fn a_forecast_is_made_and_kept_once_for_all_who_ask() {
    on_both(|shop| {
        busy_with(shop, 20);
        let basis = |job_id: &str| completion(shop, job_id)["forecast"].clone();
        let first = basis("J1002");
        assert_eq!(basis("J1001"), first);
        assert_eq!(shop.get("/risks")["forecast"], first);
        assert_eq!(shop.said_of("J1002").len(), 1);
        // A minute later nothing has happened: it still stands.
        shop.wait(60);
        assert_eq!(basis("J1002"), first);
        // Something happens: a forecast is half a minute old at most. It is not kept: the quarter of an hour has one.
        shop.scan("J1002-S001", "PRESS-1");
        let second = basis("J1002");
        assert!(second["log_position"].as_u64() > first["log_position"].as_u64());
        shop.scan("J1002-S002", "PRESS-1");
        assert_eq!(basis("J1002"), second);
        assert_eq!(shop.said_of("J1002").len(), 1);
        // A job that came in after it is not left waiting for the next.
        order(shop, 20, "2026-03-05", 0);
        assert_ne!(basis("J1003"), second);
        // A quarter of an hour later the next is kept; but never two of one position.
        shop.wait(900);
        shop.scan("J1002-S003", "PRESS-1");
        basis("J1002");
        assert_eq!(shop.said_of("J1002").len(), 2);
        shop.wait(3_600);
        let later = basis("J1002");
        assert_eq!(shop.said_of("J1002").len(), 2);
        // Another server forecasts the same of the same, and keeps none of its own.
        let other = shop.beside(sheetwise_http::Limits::default());
        let same = completion(&other, "J1002")["forecast"].clone();
        assert_eq!(same["log_position"], later["log_position"]);
        assert_eq!(shop.said_of("J1002").len(), 2);
        let said = &shop.said_of("J1002")[0];
        assert_eq!(
            said.log_position,
            first["log_position"].as_u64().expect("a number")
        );
        assert_eq!(said.job.stated, said.job.plain);
    });
}

#[test]
fn a_kept_forecast_whose_job_is_done_corrects_the_next() {
    on_both(|shop| {
        shop.furnish();
        order(shop, 20, "2026-03-05", 0);
        let corrected_by = || shop.get("/risks")["forecast"]["corrected_by"].clone();
        assert_eq!(corrected_by(), 0);
        shop.pack_the_first_set();
        assert_eq!(corrected_by(), 1);
        // Whoever starts anew learns it again from what was kept.
        let other = shop.beside(sheetwise_http::Limits::default());
        assert_eq!(other.get("/risks")["forecast"]["corrected_by"], 1);
    });
}
