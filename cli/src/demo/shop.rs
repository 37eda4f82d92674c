//! The demo's shop before its day begins: stations, people, a product, pieces. As `POST` takes them.

use crate::setup::Shop;
use serde_json::{Value, json};

/// What is ordered, as the customer's system writes it.
pub(super) const ORDERS_CSV: &str = "\
order_id,customer,product,quantity,due_date,priority
PO-10044,Acme Cards,ROOKIES-2026,18,2026-04-01,0
";

/// Cards on a sheet.
pub(super) const N_UP: u16 = 6;

/// The stations, and what they are for.
pub(super) const STATIONS: [(&str, &str, &str); 9] = [
    ("PRESS-1", "press", "Offset press"),
    ("FOIL-1", "foil_stamp", "Foil stamp"),
    ("CUT-1", "cutting", "Guillotine"),
    ("DIE-1", "die_cut", "Die cutter"),
    ("NUM-1", "numbering", "Numbering"),
    ("RELIC-1", "memorabilia", "Memorabilia"),
    ("QA-1", "qa", "Inspection"),
    ("BENCH-1", "assembly", "Assembly bench"),
    ("PACK-1", "packing", "Packing"),
];

/// The people, and what they may do.
pub(super) const PEOPLE: [(&str, &str, &str); 3] = [
    ("OP-42", "Ola", "operator"),
    ("OP-2", "Lee", "lead"),
    ("OP-4", "Pat", "planner"),
];

/// Pieces of jerseys, one for each sheet.
pub(super) const PIECES: [&str; 3] = ["RELIC-00017", "RELIC-00018", "RELIC-00019"];

/// The shop as a file of `setup` has it.
pub(crate) fn shop() -> Shop {
    let person = |(operator_id, name, role)| json!({"operator_id": operator_id, "name": name, "roles": [role], "active": true});
    let station = |(station_id, station_type, name)| {
        json!({
            "station_id": station_id, "name": name, "station_type": station_type,
            "capacity_unit": "cards_per_hour", "rated_capacity": 500,
            "operating_hours": {"time_zone": "UTC", "shifts": [{
                "weekdays": ["monday", "tuesday", "wednesday", "thursday", "friday"],
                "start": "06:00:00", "end": "22:00:00",
            }]},
        })
    };
    let piece = |piece_id| json!({"piece_id": piece_id, "kind": "RELIC-JERSEY", "description": "worn in a game"});
    Shop {
        operators: PEOPLE.map(person).to_vec(),
        stations: STATIONS.map(station).to_vec(),
        products: vec![
            json!({"product_id": "ROOKIES-2026", "product_version": 1, "spec": rookies()}),
        ],
        memorabilia: PIECES.map(piece).to_vec(),
    }
}

/// Six up: print and foil the sheet, cut; die cut every card, number the first, put a piece into the last; inspect,
/// gather, pack.
fn rookies() -> Value {
    let position = |position: u16| {
        let mut place = json!({"position": position, "design": format!("ROOKIE-{position:02}")});
        if position == 1 {
            place["serialized"] = json!(true);
        }
        if position == N_UP {
            place["memorabilia"] = json!("RELIC-JERSEY");
        }
        place
    };
    let operation = |id: &str, station_type: &str, entity: &str, before: &[&str]| {
        json!({
            "operation_id": id, "operation_type": id.to_lowercase(), "station_type": station_type,
            "required_for_entity_type": entity, "predecessors": before, "standard_time_minutes": 1,
        })
    };
    json!({
        "name": "Rookies 2026",
        "layout": {
            "layout_version": 1, "n_up": N_UP, "rows": 2, "columns": 3, "turn": "work_and_turn",
            "positions": (1..=N_UP).map(position).collect::<Vec<_>>(),
        },
        "operations": [
            operation("PRINT", "press", "sheet", &[]),
            operation("FOIL", "foil_stamp", "sheet", &["PRINT"]),
            operation("CUT", "cutting", "sheet", &["FOIL"]),
            operation("DIE", "die_cut", "card_unit", &["CUT"]),
            operation("NUMBER", "numbering", "card_unit", &["DIE"]),
            operation("RELIC", "memorabilia", "card_unit", &["DIE"]),
            operation("QA", "qa", "card_unit", &["DIE", "NUMBER", "RELIC"]),
            operation("ASSEMBLE", "assembly", "assembly", &["QA"]),
            operation("PACK", "packing", "assembly", &["ASSEMBLE"]),
        ],
        "numbering": {"scope": "job_position", "edition_size": 99, "number_of_voided": "back_to_pool"},
        "void_policy": "hold_for_replacement",
        "rework_limit": 1,
        "packing": {"sets_per_box": 2, "boxes_per_case": 2, "cases_per_pallet": 1},
    })
}
