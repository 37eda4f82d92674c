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
        println!("{capacity:#}");
        assert_eq!(of_station(&capacity["stations"], "PRESS-1"), &json!({}));
    });
}

#[test]
fn the_days_ahead_show_what_is_planned_and_what_does_not_fit_in() {
    on_both(|shop| {
        busy_with(shop, 2_000);
        let ahead = shop.get("/capacity/forecast?days=2");
        println!("{ahead:#}");
        assert_eq!(of_station(&ahead["stations"], "PRESS-1"), &json!({}));
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
        println!("{press:#}");
        println!("{:#}", of_station(&capacity["stations"], "CUT-1"));
        assert_eq!(press["paces"], json!([]));
    });
}
