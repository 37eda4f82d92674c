//! What a shop needs before its first scan.

use super::Shop;
use serde_json::{Value, json};

/// An operation of a route.
fn operation(id: &str, station_type: &str, entity: &str, before: &[&str]) -> Value {
    json!({
        "operation_id": id, "operation_type": id.to_lowercase(), "station_type": station_type,
        "required_for_entity_type": entity, "predecessors": before, "standard_time_minutes": 1,
    })
}

/// A station as a planner describes it.
pub(crate) fn station(station_id: &str, station_type: &str) -> Value {
    json!({
        "station_id": station_id, "name": station_id, "station_type": station_type,
        "capacity_unit": "sheets_per_hour", "rated_capacity": 100,
        "operating_hours": {"shifts": [], "time_zone": "UTC"},
    })
}

/// The same, staffed from eight to four on workdays.
pub(crate) fn by_day(station_id: &str, station_type: &str) -> Value {
    let mut station = station(station_id, station_type);
    station["operating_hours"] = json!({"time_zone": "UTC", "shifts": [{
        "weekdays": ["monday", "tuesday", "wednesday", "thursday", "friday"],
        "start": "08:00:00", "end": "16:00:00",
    }]});
    station
}

/// Two plain cards on a sheet, inspected and packed.
pub(crate) fn plain() -> Value {
    json!({
        "name": "Plain",
        "layout": {
            "layout_version": 1, "n_up": 2, "rows": 1, "columns": 2, "turn": "work_and_turn",
            "positions": [{"position": 1, "design": "A"}, {"position": 2, "design": "B"}],
        },
        "operations": [
            operation("PRINT", "press", "sheet", &[]),
            operation("CUT", "cutting", "sheet", &["PRINT"]),
            operation("QA", "qa", "card_unit", &["CUT"]),
            operation("ASSEMBLE", "assembly", "assembly", &["QA"]),
            operation("PACK", "packing", "assembly", &["ASSEMBLE"]),
        ],
        "rework_limit": 1,
    })
}

/// Two cards with everything: foil on both, a number on the first, a piece in the second; sets may be short.
pub(crate) fn with_everything() -> Value {
    let mut spec = plain();
    spec["name"] = json!("Everything");
    spec["void_policy"] = json!("release_short");
    spec["numbering"] = json!({"scope": "job_position", "edition_size": 99});
    spec["layout"]["positions"][0]["serialized"] = json!(true);
    spec["layout"]["positions"][1]["memorabilia"] = json!("RELIC-JERSEY");
    let mut foil = operation("FOIL", "foil_stamp", "card_unit", &["CUT"]);
    foil["embellishment"] = json!({"embellishment_type": "foil", "color": "gold"});
    spec["operations"] = json!([
        operation("PRINT", "press", "sheet", &[]),
        operation("CUT", "cutting", "sheet", &["PRINT"]),
        foil,
        operation("NUMBER", "numbering", "card_unit", &["FOIL"]),
        operation("RELIC", "memorabilia", "card_unit", &["FOIL"]),
        operation("QA", "qa", "card_unit", &["NUMBER", "RELIC"]),
        operation("ASSEMBLE", "assembly", "assembly", &["QA"]),
        operation("PACK", "packing", "assembly", &["ASSEMBLE"]),
    ]);
    spec
}

impl Shop {
    /// Stations, a product, an order of two cards, and its job of a sheet and an overs sheet.
    pub(crate) fn furnish(&self) {
        for (station_id, station_type) in [
            ("PRESS-1", "press"),
            ("CUT-1", "cutting"),
            ("QA-1", "qa"),
            ("BENCH-1", "assembly"),
            ("PACK-1", "packing"),
        ] {
            self.post("/stations", station(station_id, station_type));
        }
        self.publish_plain();
        self.order_plain(2);
    }

    /// The plain product.
    pub(crate) fn publish_plain(&self) {
        self.post(
            "/products",
            json!({"product_id": "PLAIN-2026", "product_version": 1, "spec": plain()}),
        );
    }

    /// An order of so many plain cards, and its job, with a sheet of overs.
    pub(crate) fn order_plain(&self, quantity: u32) {
        let order = json!({
            "customer": "Acme Cards", "product_id": "PLAIN-2026", "quantity": quantity, "due_date": "2026-04-01",
        });
        let order = self.post("/orders", order);
        let order_id = &order["entity"]["id"];
        self.post("/jobs", json!({"order_id": order_id, "overs": 1}));
    }

    /// The first sheet is printed and cut.
    pub(crate) fn cut_the_first_sheet(&self) {
        self.scan("J1001-S001", "PRESS-1");
        self.scan("J1001-S001", "CUT-1");
    }

    /// Both cards of the first sheet passed their inspection.
    pub(crate) fn pass_the_first_cards(&self) {
        for card in ["J1001-S001-01", "J1001-S001-02"] {
            self.scan(card, "QA-1");
            self.scan("!PASS", "QA-1");
        }
    }

    /// The first set lies in an open box.
    pub(crate) fn pack_the_first_set(&self) {
        self.cut_the_first_sheet();
        self.pass_the_first_cards();
        self.scan("J1001-S001-01", "BENCH-1");
        self.scan("J1001-S001-02", "BENCH-1");
        self.scan("J1001-S001-SET", "PACK-1");
    }
}
