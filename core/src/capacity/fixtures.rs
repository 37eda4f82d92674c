//! A small product, its stations, and a log of it: what the tests of this room are told with.

use crate::domain::Decimal;
use crate::domain::event::{Context, Event, Recorded};
use crate::domain::product::ProductSpec;
use crate::domain::station::StationDescription;
use crate::identity::CorrelationId;
use jiff::{SignedDuration, Timestamp};
use serde_json::json;

/// Three up. Before the cut: press 0.5 min, then foil front 1 and foil back 2, both after the press; the
/// cut takes 0.25. Each card: die 0.1; position 2 is embossed after it (0.4); QA 0.2 after both; position
/// 3 is serialized and numbered (0.3) after the QA. The set: assembly 1.5, packing 0.5.
pub fn spec() -> ProductSpec {
    let operation = |id: &str, station_type: &str, entity: &str, minutes: f64, after: &[&str]| {
        json!({"operation_id": id, "operation_type": id, "station_type": station_type,
            "required_for_entity_type": entity, "standard_time_minutes": minutes, "predecessors": after})
    };
    let mut emboss = operation("EMBOSS", "emboss", "card_unit", 0.4, &["DIE"]);
    emboss["positions"] = json!([2]);
    let mut foil_front = operation("FOIL-F", "foil", "sheet", 1.0, &["PRESS"]);
    foil_front["setup_family"] = json!("gold");
    let spec: ProductSpec = serde_json::from_value(json!({
        "name": "three up",
        "layout": {"n_up": 3, "rows": 1, "columns": 3, "positions": [
            {"position": 1, "design": "A"},
            {"position": 2, "design": "B"},
            {"position": 3, "design": "C", "serialized": true}]},
        "operations": [
            operation("PRESS", "press", "sheet", 0.5, &[]),
            foil_front,
            operation("FOIL-B", "foil", "sheet", 2.0, &["PRESS"]),
            operation("CUT", "cutting", "sheet", 0.25, &["FOIL-F", "FOIL-B"]),
            operation("DIE", "die_cut", "card_unit", 0.1, &["CUT"]),
            emboss,
            operation("QA", "qa", "card_unit", 0.2, &["DIE", "EMBOSS"]),
            operation("NUMBER", "numbering", "card_unit", 0.3, &["QA"]),
            operation("GATHER", "assembly", "assembly", 1.5, &["NUMBER"]),
            operation("PACK", "packing", "assembly", 0.5, &["GATHER"])],
        "numbering": {"scope": "job_position", "edition_size": 99},
        "rework_limit": 1
    }))
    .unwrap();
    assert_eq!(spec.problems(), Vec::<String>::new());
    spec
}

/// A station in UTC, staffed from 08:00 to 16:00 on workdays. `rate` like `500 cards_per_hour`.
pub fn station(
    station_type: &str,
    rate: &str,
    machines: u16,
    setup_minutes: u32,
) -> StationDescription {
    let (rate, unit) = rate.split_once(' ').unwrap();
    serde_json::from_value(json!({
        "name": station_type, "station_type": station_type, "capacity_unit": unit,
        "rated_capacity": rate.parse::<f64>().unwrap(), "machines": machines,
        "setup_minutes": setup_minutes,
        "operating_hours": {"time_zone": "UTC", "shifts": [{"start": "08:00:00", "end": "16:00:00",
            "weekdays": ["monday", "tuesday", "wednesday", "thursday", "friday"]}]}
    }))
    .unwrap()
}

/// `decimal("0.25")`
pub fn decimal(text: &str) -> Decimal {
    Decimal::from_f64(text.parse().unwrap()).unwrap()
}

/// The moment of the nth event of a [`log`]: a minute apart, from 2026-01-05 08:00 UTC on.
pub fn minute(n: i64) -> Timestamp {
    let first: Timestamp = "2026-01-05T08:00:00Z".parse().unwrap();
    first + SignedDuration::from_mins(n)
}

/// What stands for "no station".
pub const OFFICE: &str = "";

/// A log of these events, each with the station where it was recorded, one a minute.
pub fn log(events: Vec<(&str, Event)>) -> Vec<Recorded> {
    (0_u64..)
        .zip(events)
        .map(|(n, (station, event))| {
            let now = minute(i64::try_from(n).unwrap());
            Recorded {
                sequence_num: n + 1,
                aggregate_version: 1,
                context: Context {
                    // The device's clock is wrong by days, and nobody minds.
                    occurred_at: now - SignedDuration::from_hours(100),
                    recorded_at: now,
                    operator_id: None,
                    station_id: (station != OFFICE).then(|| station.parse().unwrap()),
                    correlation_id: CorrelationId::new("c"),
                    late: false,
                },
                event,
            }
        })
        .collect()
}

/// An event from its payload: `event("SheetVoided", json!({…}))`.
pub fn event(event_type: &str, payload: serde_json::Value) -> Event {
    let version = crate::domain::event::schema_version(event_type);
    Event::decode(event_type, version, &payload.to_string()).unwrap()
}
