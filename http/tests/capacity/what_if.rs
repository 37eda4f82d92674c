//! `POST /capacity/what-if`

use super::{busy_with, order};
use crate::support::{Shop, on_both, on_sqlite};
use serde_json::{Value, json};

fn what_if(shop: &Shop, changes: &Value) -> Value {
    shop.post("/capacity/what-if", json!({"changes": changes}))
}

/// Job, hours later on average, and in what share of the futures anything changes.
fn told(consequences: &Value) -> Vec<(String, f64, f64)> {
    let jobs = consequences["jobs"].as_array().expect("jobs").iter();
    let told = jobs.map(|job| {
        let number = |field: &str| job[field].as_f64().expect("a number");
        let job_id = job["job_id"].as_str().expect("an id").to_owned();
        (
            job_id,
            number("mean_later_hours"),
            number("futures_changed"),
        )
    });
    told.collect()
}

#[test]
fn what_is_only_thought_of_changes_nothing_and_no_change_makes_no_difference() {
    on_both(|shop| {
        busy_with(shop, 200);
        let last = shop.last_event();
        let nothing = what_if(shop, &json!([]));
        let unchanged = |job: &str| (job.to_owned(), 0.0, 0.0);
        assert_eq!(told(&nothing), [unchanged("J1001"), unchanged("J1002")]);
        for job in nothing["jobs"].as_array().expect("jobs") {
            assert_eq!(job["with"], job["without"]);
        }
        let down = json!([{
            "kind": "station_down", "station_id": "PRESS-1",
            "from": "2026-03-02T08:00:00Z", "to": "2026-03-02T12:00:00Z",
        }]);
        let once = what_if(shop, &down);
        let twice = what_if(shop, &down);
        assert_eq!(once, twice);
        let later: Vec<f64> = told(&once).iter().map(|(_, later, _)| *later).collect();
        assert!(
            later.iter().all(|later| (2.0..4.0).contains(later)),
            "{later:?}"
        );
        assert_eq!(shop.last_event(), last);
        assert_eq!(shop.get("/stations/PRESS-1")["down"], Value::Null);
        assert_eq!(shop.said_of("J1002").len(), 1);
    });
}

#[test]
fn a_new_order_a_priority_hours_and_machines_are_thought_through() {
    on_both(|shop| {
        busy_with(shop, 200);
        order(shop, 200, "2026-03-04", 0);
        let found = |change: Value| told(&what_if(shop, &json!([change])));
        let seen =
            |job: &str, later: f64| (job.to_owned(), later, if later == 0.0 { 0.0 } else { 1.0 });
        // Two hundred cards take the inspection three hours and twenty minutes: who goes first, waits so much less.
        assert_eq!(
            found(json!({"kind": "priority", "job_id": "J1003", "priority": 5})),
            [
                seen("J1001", 0.0),
                seen("J1002", 3.333),
                seen("J1003", -3.333)
            ]
        );
        let order = json!({
            "kind": "new_order", "product_id": "PLAIN-2026", "quantity": 100, "due_date": "2026-03-02",
        });
        assert_eq!(
            found(order.clone()),
            [
                seen("J1001", 1.667),
                seen("J1002", 1.667),
                seen("J1003", 1.667)
            ]
        );
        let new = what_if(shop, &json!([order]));
        assert_eq!(
            new["new_orders"],
            json!([{
                "change": 0, "reason": null,
                "rolling_forecast": {
                    "p50": "2026-03-02T10:54:30Z", "p80": "2026-03-02T10:54:30Z", "p95": "2026-03-02T10:54:30Z",
                    "probability_late": 0.0, "probability_late_low": 0.0, "probability_late_high": 0.019,
                    "cause": {
                        "station_id": "QA-1", "queue_hours": 0.667, "work_hours": 0.333, "behind": [],
                        "words": "it waits 0.7 h in the queue of QA-1",
                    },
                },
            }])
        );
        let machines = found(json!({"kind": "machines", "station_id": "QA-1", "machines": 4}));
        assert!(
            machines.iter().all(|(_, later, _)| *later < 0.0),
            "{machines:?}"
        );
        let both = what_if(
            shop,
            &json!([
                {"kind": "cancelled", "job_id": "J1002"},
                {"kind": "due_date", "job_id": "J1003", "due_date": "2026-03-01"},
            ]),
        );
        assert_eq!(told(&both), [seen("J1001", -3.333), seen("J1003", -3.333)]);
        assert_eq!(
            both["left_out"],
            json!([{"job_id": "J1002", "reason": "cancelled"}])
        );
        let change = |job: usize| both["jobs"][job]["probability_late_change"].clone();
        assert_eq!((change(0), change(1)), (json!(0.0), json!(1.0)));
    });
}

#[test]
fn overtime_lets_work_go_on_in_the_evening() {
    on_both(|shop| {
        busy_with(shop, 2_000);
        let at = |station_id: &str| {
            json!({
                "kind": "overtime", "station_id": station_id,
                "from": "2026-03-02T16:00:00Z", "to": "2026-03-02T22:00:00Z",
            })
        };
        let both = json!([at("PRESS-1"), at("CUT-1")]);
        let both = told(&what_if(shop, &both))[1].clone();
        assert!(both.1 < -1.0, "{both:?}");
    });
}

#[test]
fn what_makes_no_sense_is_refused_with_what_to_do() {
    on_sqlite(|shop| {
        busy_with(shop, 20);
        shop.post("/jobs/J1002/hold", json!({"reason": "unpaid"}));
        let new_order = |product: &str, quantity: u32| {
            json!({
                "kind": "new_order", "product_id": product, "quantity": quantity, "due_date": "2026-03-02",
            })
        };
        let (noon, six) = ("2026-03-02T12:00:00Z", "2026-03-02T18:00:00Z");
        let down = |station: &str, from: &str, to: &str| json!({"kind": "station_down", "station_id": station, "from": from, "to": to});
        for (change, expected) in [
            (
                down("PRESS-9", noon, six),
                "404 unknown_id: PRESS-9 is not known here.",
            ),
            (
                down("PRESS-1", six, noon),
                "422 malformed: from is 2026-03-02T18:00:00Z and to is 2026-03-02T12:00:00Z: the end should come after \
                 the beginning",
            ),
            (
                json!({"kind": "machines", "station_id": "PRESS-1", "machines": 0}),
                "422 malformed: machines is 0, and should be from 1 to 100",
            ),
            (
                new_order("NO-SUCH", 10),
                "404 unknown_id: NO-SUCH is not known here.",
            ),
            (
                new_order("PLAIN-2026", 0),
                "422 malformed: 0 cards would be 0 sheets and 0 overs: a job has 1 to 20000 sheets",
            ),
            (
                json!({"kind": "priority", "job_id": "J9", "priority": 1}),
                "404 unknown_id: An open job J9 is not known here.",
            ),
            (
                json!({"kind": "cancelled", "job_id": "J1002"}),
                "409 not_foreseeable: J1002 is on hold, or nothing of it is left to be done: it is in no forecast.",
            ),
        ] {
            let body = json!({"changes": [change]});
            let (status, problem) = shop.refused("/capacity/what-if", &body);
            let text = |field: &str| problem[field].as_str().expect("text").to_owned();
            assert_eq!(
                format!("{status} {}: {}", text("code"), text("message")),
                expected
            );
        }
        let many = vec![down("PRESS-1", noon, six); 21];
        let (status, _) = shop.refused("/capacity/what-if", json!({"changes": many}));
        assert_eq!(status, 422);
        let misspelt = json!({"changes": [{"kind": "holiday", "station_id": "PRESS-1"}]});
        let (status, _) = shop.refused("/capacity/what-if", misspelt);
        assert_eq!(status, 422);
    });
}
