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
        // What stands still for three hours more is three hours later.
        println!("{:?}", told(&once));
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
        let ahead = what_if(
            shop,
            &json!([{"kind": "priority", "job_id": "J1003", "priority": 5}]),
        );
        println!("{:?}", told(&ahead));
        let new = what_if(
            shop,
            &json!([{"kind": "new_order", "product_id": "PLAIN-2026", "quantity": 100, "due_date": "2026-03-02"}]),
        );
        println!("{:?} {:#}", told(&new), new["new_orders"]);
        let overtime = what_if(
            shop,
            &json!([{
                "kind": "overtime", "station_id": "PRESS-1", "from": "2026-03-02T16:00:00Z", "to": "2026-03-02T20:00:00Z",
            }]),
        );
        println!("{:?}", told(&overtime));
        let machines = what_if(
            shop,
            &json!([{"kind": "machines", "station_id": "PRESS-1", "machines": 4}]),
        );
        println!("{:?}", told(&machines));
        let cancelled = what_if(
            shop,
            &json!([
                {"kind": "cancelled", "job_id": "J1002"},
                {"kind": "due_date", "job_id": "J1003", "due_date": "2026-03-01"},
            ]),
        );
        println!("{cancelled:#}");
        panic!();
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
