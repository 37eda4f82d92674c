//! `/products`, `/operators`, `/memorabilia`, `/hold-rules`

use crate::support::{on_both, plain, station};
use serde_json::{Value, json};

#[test]
fn an_operator_is_found_as_he_is_and_as_he_was() {
    on_both(|shop| {
        let operator = |name: &str, active: bool| json!({"operator_id": "OP-7", "name": name, "roles": ["lead"], "active": active});
        shop.post("/operators", operator("Sam", true));
        shop.post("/operators", operator("Samantha", false));
        assert_eq!(shop.get("/operators/OP-7"), operator("Samantha", false));
        assert_eq!(shop.get("/operators/op-7?as_of=1"), operator("Sam", true));
        assert_eq!(
            shop.get("/operators"),
            json!({"operators": [operator("Samantha", false)], "next_after": "OP-7"})
        );
        assert_eq!(shop.get("/operators?after=OP-7")["operators"], json!([]));
        assert_eq!(shop.unanswered("/operators/OP-8").0, 404);
    });
}

#[test]
fn a_products_next_version_is_published_by_who_saw_the_last() {
    on_both(|shop| {
        let version = |version: u32, rework_limit: u8| {
            let mut spec = plain();
            spec["rework_limit"] = json!(rework_limit);
            json!({"product_id": "PLAIN-2026", "product_version": version, "spec": spec})
        };
        shop.post("/products", version(1, 1));
        let tag = shop
            .call_with("GET", "/products/PLAIN-2026", &[], None)
            .header("etag")
            .to_owned();
        let publish =
            |body| shop.call_with("POST", "/products", &[("If-Match", &tag)], Some(&body));
        assert_eq!(publish(version(2, 2)).status, 200);
        assert_eq!(publish(version(3, 3)).json()["code"], "version_mismatch");
        let product = shop.get("/products/PLAIN-2026");
        assert_eq!(product["versions"].as_array().map(Vec::len), Some(2));
        assert_eq!(
            shop.get("/products/PLAIN-2026?as_of=1")["versions"]
                .as_array()
                .map(Vec::len),
            Some(1)
        );
    });
}

#[test]
fn a_piece_and_a_hold_rule_are_found() {
    on_both(|shop| {
        let piece = json!({"piece_id": "RELIC-1", "kind": "RELIC-JERSEY", "description": "sleeve"});
        shop.post("/memorabilia", piece.clone());
        let found = json!({"registered": piece, "status": "available"});
        assert_eq!(shop.get("/memorabilia/RELIC-1"), found);
        assert_eq!(shop.get("/memorabilia")["memorabilia"], json!([found]));
        let rule = json!({
            "hold_id": "HOLD-1", "reason": "peeling",
            "target": {"kind": "material_lot", "material_lot_id": "FOIL-LOT-88"},
        });
        shop.post("/hold-rules", rule.clone());
        assert_eq!(
            shop.get("/hold-rules/HOLD-1"),
            json!({"placed": rule, "lifted": false})
        );
        shop.post("/hold-rules/HOLD-1/lift", json!({"reason": "a fresh roll"}));
        assert_eq!(shop.get("/hold-rules")["hold_rules"][0]["lifted"], true);
    });
}

#[test]
fn a_misspelled_field_does_not_pass_silently() {
    on_both(|shop| {
        let operator =
            json!({"operator_id": "OP-7", "name": "Kim", "roles": ["lead"], "active": true});
        let rule = json!({"hold_id": "HOLD-1", "reason": "peeling",
            "target": {"kind": "material_lot", "material_lot_id": "FOIL-LOT-88"}});
        let with = |entry: Value, field: &str| {
            let mut entry = entry;
            entry[field] = json!("qa");
            entry
        };
        for (path, entry, field) in [
            ("/stations", station("QA-1", "qa"), "setup_minute"),
            ("/operators", operator, "role"),
            ("/hold-rules", rule, "at_station_typ"),
        ] {
            let (status, problem) = shop.refused(path, with(entry.clone(), field));
            assert_eq!(
                (status, &problem["code"]),
                (422, &json!("malformed")),
                "{path}"
            );
            assert_eq!(
                problem["message"],
                format!("{field}: there is no such field")
            );
            shop.post(path, entry);
        }
        let mut spec = plain();
        spec["numberng"] = json!({});
        let product = json!({"product_id": "PLAIN-2026", "product_version": 1, "spec": spec});
        let (status, problem) = shop.refused("/products", product);
        assert_eq!(status, 422);
        assert_eq!(problem["message"], "spec.numberng: there is no such field");
    });
}

#[test]
fn lots_are_loaded_at_the_station_in_the_path() {
    on_both(|shop| {
        shop.post("/stations", station("QA-1", "qa"));
        shop.post("/stations", station("FOIL-1", "foil_stamp"));
        let lots = |station_id: &str| json!({"station_id": station_id, "material_lot_ids": ["FOIL-LOT-9"]});
        let (status, problem) = shop.refused("/stations/QA-1/materials", lots("FOIL-1"));
        assert_eq!((status, &problem["code"]), (422, &json!("malformed")));
        shop.post("/stations/QA-1/materials", lots("QA-1"));
    });
}
