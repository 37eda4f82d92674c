//! `/capacity`

mod what_if;

use crate::support::{Shop, by_day, on_both, on_sqlite};
use serde_json::{Value, json};

/// A press, a cutter and a packer by day, an inspection and a bench whose hours nobody said; so many plain cards, two on a
/// sheet, due at the end of Tuesday.
pub(crate) fn busy_with(shop: &Shop, quantity: u32) {
    shop.furnish();
    for (station_id, station_type) in [("PRESS-1", "press"), ("CUT-1", "cutting")] {
        shop.post("/stations", by_day(station_id, station_type));
    }
    order(shop, quantity, "2026-03-03", 0);
}

pub(crate) fn order(shop: &Shop, quantity: u32, due_date: &str, priority: i8) {
    let order = json!({
        "customer": "Acme Cards", "product_id": "PLAIN-2026", "quantity": quantity, "due_date": due_date,
        "priority": priority,
    });
    let order = shop.post("/orders", order);
    shop.post(
        "/jobs",
        json!({"order_id": order["entity"]["id"], "overs": 0}),
    );
}

fn of_station<'a>(stations: &'a Value, station_id: &str) -> &'a Value {
    let mut stations = stations.as_array().expect("stations").iter();
    let found = stations.find(|station| station["station_id"] == station_id);
    found.unwrap_or(&Value::Null)
}

#[test]
fn the_load_of_a_station_is_what_it_does_what_waits_and_what_it_can() {
    on_both(|shop| {
        busy_with(shop, 20);
        shop.scan("J1001-S001", "PRESS-1");
        let capacity = shop.get("/capacity");
        assert_eq!(
            of_station(&capacity["stations"], "PRESS-1"),
            &json!({
                "station_id": "PRESS-1", "name": "PRESS-1", "station_type": "press",
                "rated_capacity": 100.0, "capacity_unit": "sheets_per_hour", "machines": 1, "setup_minutes": 0,
                "paces": [],
                "in_process": {"sheet_count": 1, "card_unit_count": 0, "set_count": 0},
                "waiting": {"sheet_count": 11, "card_unit_count": 0, "set_count": 0},
                "jobs": ["J1001", "J1002"], "queue_hours": 0.2, "backlog_hours": 0.2,
                "open": true, "changes_at": "2026-03-02T16:00:00Z", "hours_assumed": false,
                "down": null, "planned_downtime": [],
                "last_days": {
                    "days": 7, "staffed_hours": 40.0, "busy_hours": 0.0, "down_hours": 0.0, "utilization": 0.0,
                },
            })
        );
        let inspection = of_station(&capacity["stations"], "QA-1");
        assert_eq!(inspection["queue_hours"], 0.0);
        assert_eq!(inspection["backlog_hours"], 0.4);
        assert_eq!(inspection["hours_assumed"], true);
        assert_eq!(
            capacity["assumptions"][1],
            "BENCH-1, PACK-1, QA-1: without shifts, and so taken to be staffed day and night."
        );
        // What is recorded is seen at once: what was in process waits for the next station.
        shop.scan("J1001-S002", "PRESS-1");
        let capacity = shop.get("/capacity");
        let cutter = of_station(&capacity["stations"], "CUT-1");
        assert_eq!(cutter["waiting"]["sheet_count"], 1);
        // In the evening the press is closed, until the morning.
        shop.wait(8 * 3_600);
        let capacity = shop.get("/capacity");
        let press = of_station(&capacity["stations"], "PRESS-1");
        assert_eq!(
            (&press["open"], &press["changes_at"]),
            (&json!(false), &json!("2026-03-03T08:00:00Z"))
        );
    });
}

#[test]
fn the_days_ahead_show_what_is_planned_and_what_does_not_fit_in() {
    on_both(|shop| {
        busy_with(shop, 2_000);
        let ahead = shop.get("/capacity/forecast?days=2");
        assert_eq!(
            of_station(&ahead["stations"], "PRESS-1"),
            &json!({
                "station_id": "PRESS-1",
                "days": [
                    {
                        "day": "2026-03-02", "available_hours": 6.964, "planned_hours": 6.964, "setup_hours": 0.0,
                        "share": 1.0, "available_until_hours": 6.964, "due_until_hours": 0.0,
                        "over_capacity": false,
                    },
                    {
                        "day": "2026-03-03", "available_hours": 8.0, "planned_hours": 8.0, "setup_hours": 0.0,
                        "share": 1.0, "available_until_hours": 14.964, "due_until_hours": 16.667,
                        "over_capacity": true,
                    },
                ],
            })
        );
        assert_eq!(
            ahead["over_capacity"],
            json!([
                {"station_id": "CUT-1", "day": "2026-03-03", "missing_hours": 1.703},
                {"station_id": "PRESS-1", "day": "2026-03-03", "missing_hours": 1.703},
            ])
        );
    });
}

#[test]
fn a_shop_without_anything_has_nothing_ahead() {
    on_both(|shop| {
        let assumptions = json!([
            "A job is due with the end of its day in UTC, the time zone of most stations.",
            "No new orders come in: too few have been seen to know.",
        ]);
        assert_eq!(
            shop.get("/capacity"),
            json!({
                "at": "2026-03-02T09:00:10Z", "log_position": 0, "stations": [], "left_out": [],
                "assumptions": assumptions,
            })
        );
        assert_eq!(
            shop.get("/capacity/forecast"),
            json!({
                "planned_at": "2026-03-02T09:00:10Z", "log_position": 0, "days": 14, "stations": [],
                "over_capacity": [], "left_out": [], "assumptions": assumptions,
            })
        );
        let risks = shop.get("/risks");
        assert_eq!(risks["risks"], json!([]));
        assert_eq!(risks["next_after"], Value::Null);
    });
}

#[test]
fn how_far_to_look_ahead_is_bounded() {
    on_sqlite(|shop| {
        for days in ["0", "91", "-1", "soon"] {
            let (status, problem) = shop.unanswered(&format!("/capacity/forecast?days={days}"));
            assert_eq!(
                (status, &problem["code"]),
                (422, &json!("malformed")),
                "{days}"
            );
        }
        let (_, problem) = shop.unanswered("/capacity/forecast?days=91");
        let message = problem["message"].as_str().expect("a message");
        assert!(
            message.contains("days is 91, and should be from 1 to 90"),
            "{message}"
        );
    });
}

#[test]
fn what_a_station_has_shown_stands_beside_its_rating_and_downtime_is_told() {
    on_both(|shop| {
        busy_with(shop, 40);
        let down = json!({"reason": "a bearing"});
        shop.post("/stations/CUT-1/down", &down);
        shop.wait(3_600);
        shop.post("/stations/CUT-1/up", json!({}));
        // Twenty sheets, each 72 seconds after the last, where 60 are standard.
        for sheet in 1..=20 {
            shop.wait(62);
            shop.scan(&format!("J1002-S{sheet:03}"), "PRESS-1");
        }
        // The next job ends the run.
        shop.scan("J1001-S001", "PRESS-1");
        shop.post("/stations/CUT-1/down", &down);
        let capacity = shop.get("/capacity");
        let press = of_station(&capacity["stations"], "PRESS-1");
        assert_eq!(
            press["paces"],
            json!([{
                "product_id": "PLAIN-2026", "rated_units_per_hour": 60.0, "measured_units_per_hour": 50.0,
                "believed": "rated", "units": 19, "runs": 1, "days": 1,
            }])
        );
        assert_eq!(
            press["last_days"],
            json!({
                "days": 7, "staffed_hours": 40.0, "busy_hours": 0.38, "down_hours": 0.0, "utilization": 0.01,
            })
        );
        let cutter = of_station(&capacity["stations"], "CUT-1");
        assert_eq!(
            cutter["down"],
            json!({"reason": "a bearing", "since": "2026-03-02T10:26:40Z"})
        );
        assert_eq!(cutter["last_days"]["down_hours"], 1.006);
        assert_eq!(
            capacity["assumptions"][2],
            "CUT-1 is down (a bearing): it is taken to be up again in 4 hours."
        );
    });
}
