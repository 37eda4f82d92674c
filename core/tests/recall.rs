//! What an encounter is, on the smallest histories that show it. Whole shops are recalled in the store's tests.

use serde_json::{Map, Value, json};
use sheetwise_core::domain::Recorded;
use sheetwise_core::identity::{MaterialLotId, StationId};
use sheetwise_core::projections::{Criteria, Encounter, Encounters, LotLoads};

/// A history in which each event is a minute after the one before.
#[derive(Default)]
struct History {
    life: Encounters,
    loads: LotLoads,
    last: u64,
}

impl History {
    fn then(mut self, event_type: &str, at: &str, fields: Value) -> Self {
        self.last += 1;
        let minute = self.last;
        let time = format!("2026-03-02T08:{minute:02}:00Z");
        let mut flat: Map<String, Value> = fields.as_object().expect("fields").clone();
        let (unit_type, id) = match flat.get("card_unit_id") {
            Some(id) => ("card_unit", id.clone()),
            None if flat.contains_key("sheet_id") => ("sheet", flat["sheet_id"].clone()),
            None => ("station", json!(at)),
        };
        for (name, value) in [
            ("sequence_num", json!(self.last)),
            ("event_type", json!(event_type)),
            ("schema_version", json!(1)),
            ("aggregate_type", json!(unit_type)),
            ("aggregate_id", id),
            ("aggregate_version", json!(self.last)),
            ("occurred_at", json!(time)),
            ("recorded_at", json!(time)),
            ("correlation_id", json!(format!("c{minute}"))),
            ("station_id", json!(at)),
            ("operator_id", json!("OP-1")),
        ] {
            flat.insert(name.to_owned(), value);
        }
        let recorded = Recorded::from_flat_json(flat).expect("an event");
        self.loads.apply(&recorded);
        self.life.apply(&recorded);
        self
    }

    fn load(self, lot: &str) -> Self {
        self.then(
            "MaterialLotsLoaded",
            "PRESS-1",
            json!({"material_lot_ids": [lot]}),
        )
    }

    fn print(self) -> Self {
        let print =
            json!({"sheet_id": "J1-S001", "station_type": "press", "operation_id": "PRINT"});
        self.then("SheetEnteredStation", "PRESS-1", print)
    }

    fn cut(self) -> Self {
        let cards = ["J1-S001-01", "J1-S001-02"];
        let cut = json!({"sheet_id": "J1-S001", "job_id": "J1", "n_up": 2, "card_unit_ids": cards});
        self.then("SheetCut", "CUT-1", cut)
    }

    fn met(&self) -> Vec<Encounter> {
        self.life.clone().with_lots(&self.loads)
    }

    fn meets(&self, criteria: &Criteria) -> bool {
        let met = self.met();
        met.iter().any(|met| criteria.are_met_by(met, &self.loads))
    }
}

fn lot(text: &str) -> Criteria {
    let lot: MaterialLotId = text.parse().expect("a lot");
    Criteria {
        material_lot_id: Some(lot),
        ..Criteria::default()
    }
}

fn press(from_event: u64, before_event: u64) -> Criteria {
    let station_id: StationId = "PRESS-1".parse().expect("a station");
    Criteria {
        station_id: Some(station_id),
        from_event: Some(from_event),
        before_event: Some(before_event),
        ..Criteria::default()
    }
}

#[test]
fn a_lot_that_is_loaded_while_the_sheet_lies_there_is_met_and_told_apart() {
    let history = History::default()
        .load("INK-LOT-0")
        .load("INK-LOT-1")
        .print()
        .load("INK-LOT-2")
        .cut()
        .load("INK-LOT-3");
    assert_eq!(
        serde_json::to_value(history.met()).expect("JSON"),
        json!([
            {
                "unit_id": "J1-S001", "station_id": "PRESS-1", "operation_id": "PRINT",
                "from": "2026-03-02T08:03:00Z", "to": "2026-03-02T08:05:00Z", "from_event": 3, "to_event": 5,
                "operator_ids": ["OP-1"], "material_lot_ids": ["INK-LOT-1"],
                "later_material_lot_ids": ["INK-LOT-2"], "late": false, "taken_back": false,
            },
            {
                "unit_id": "J1-S001", "station_id": "CUT-1", "operation_id": null,
                "from": "2026-03-02T08:05:00Z", "to": "2026-03-02T08:05:00Z", "from_event": 5, "to_event": 5,
                "operator_ids": ["OP-1"], "material_lot_ids": [],
                "later_material_lot_ids": [], "late": false, "taken_back": false,
            },
        ])
    );
    let met =
        ["INK-LOT-0", "INK-LOT-1", "INK-LOT-2", "INK-LOT-3"].map(|text| history.meets(&lot(text)));
    assert_eq!(met, [false, true, true, false]);
}

#[test]
fn a_stay_touches_a_window_that_begins_or_ends_in_it_and_no_other() {
    // There from event 2 to event 5.
    let history = History::default()
        .load("INK-LOT-1")
        .print()
        .load("INK-LOT-2")
        .load("INK-LOT-3")
        .cut();
    let touched =
        [(1, 2), (1, 3), (3, 4), (5, 9), (6, 9)].map(|(from, to)| history.meets(&press(from, to)));
    assert_eq!(touched, [false, true, true, true, false]);
}

#[test]
fn a_lot_counts_only_as_far_as_it_was_loaded_within_the_window() {
    let history = History::default()
        .load("INK-LOT-1")
        .print()
        .load("INK-LOT-2")
        .load("INK-LOT-3")
        .cut();
    let within = |text, from, to| {
        history.meets(&Criteria {
            from_event: Some(from),
            before_event: Some(to),
            ..lot(text)
        })
    };
    assert!(within("INK-LOT-1", 2, 3));
    assert!(!within("INK-LOT-2", 2, 3));
    assert!(within("INK-LOT-2", 2, 4));
    assert!(!within("INK-LOT-1", 4, 9));
}

#[test]
fn a_correction_of_something_else_does_not_end_the_stay() {
    let corrected = |operation_id: &str| {
        let restored = json!({
            "status": "in_progress", "current_station_id": "PRESS-1",
            "current_operation_id": operation_id, "completed_operation_ids": [],
        });
        json!({"sheet_id": "J1-S001", "undoes": [9], "reason": "a slip", "restores": restored})
    };
    let printed = || History::default().print();
    let goes_on = printed().then("SheetCorrected", "PRESS-1", corrected("PRINT"));
    let met = goes_on.met();
    assert_eq!((met.len(), met[0].to), (1, None));
    // Where another operation stands after it, that is a stay of its own.
    let another = printed().then("SheetCorrected", "PRESS-1", corrected("VARNISH"));
    let met = another.met();
    assert_eq!((met.len(), met[0].to_event, met[1].to), (2, Some(2), None));
}

#[test]
fn what_was_scanned_by_mistake_was_there_and_says_that_it_was_a_mistake() {
    let restored = json!({
        "status": "created", "current_station_id": null, "current_operation_id": null,
        "completed_operation_ids": [], "void_reason": null,
    });
    let corrected = json!({
        "sheet_id": "J1-S001", "undoes": [1], "reason": "the wrong sheet", "restores": restored,
    });
    let history = History::default()
        .print()
        .then("SheetCorrected", "PRESS-1", corrected)
        .load("INK-LOT-1");
    let met = history.met();
    assert_eq!(met.len(), 1);
    assert!(met[0].taken_back);
    assert_eq!(met[0].to_event, Some(2));
    assert!(!history.meets(&lot("INK-LOT-1")));
}
