//! `/card-units`

use crate::support::on_both;
use serde_json::{Value, json};

fn ids(list: &Value, name: &str, id: &str) -> Vec<String> {
    let rows = list[name].as_array().expect("a list").iter();
    rows.map(|row| row[id].as_str().expect("an id").to_owned())
        .collect()
}

#[test]
fn a_card_knows_where_it_comes_from_and_what_was_done_to_it() {
    on_both(|shop| {
        shop.furnish();
        shop.pack_the_first_set();
        let card = shop.get("/card-units/J1001-S001-02");
        assert_eq!(card["status"], "packed");
        assert_eq!(
            card["lineage"],
            json!({
                "sheet_id": "J1001-S001", "job_id": "J1001", "order_id": "PO-10001",
                "replaces": null, "replaced_by": null,
            })
        );
        let history = card["history"].as_array().expect("a history");
        assert_eq!(history[0]["event_type"], "SheetCreated");
        let cut = history
            .iter()
            .find(|e| e["event_type"] == "CardUnitCreated")
            .expect("its birth");
        let born = shop.get(&format!(
            "/card-units/J1001-S001-02?as_of={}",
            cut["sequence_num"]
        ));
        assert_eq!(born["status"], "created");
        let (status, problem) = shop.unanswered("/card-units/J1001-S001-02?as_of=1");
        assert_eq!((status, &problem["code"]), (404, &json!("unknown_id")));
        let (status, problem) = shop.unanswered("/card-units/J1001-S001-02?as_of=yesterday");
        assert_eq!((status, &problem["code"]), (422, &json!("malformed")));
    });
}

#[test]
fn cards_are_listed_by_job_sheet_station_and_status_a_page_at_a_time() {
    on_both(|shop| {
        shop.furnish();
        shop.cut_the_first_sheet();
        shop.scan("J1001-S002", "PRESS-1");
        shop.scan("J1001-S002", "CUT-1");
        shop.scan("J1001-S001-02", "QA-1");
        let cards = |query: &str| {
            let list = shop.get(&format!("/card-units?{query}"));
            ids(&list, "card_units", "card_unit_id")
        };
        let all = [
            "J1001-S001-01",
            "J1001-S001-02",
            "J1001-S002-01",
            "J1001-S002-02",
        ];
        assert_eq!(cards("job_id=J1001"), all);
        assert_eq!(cards("sheet_id=J1001-S002"), all[2..]);
        assert_eq!(cards("job_id=J1002&sheet_id=J1001-S002"), [""; 0]);
        assert_eq!(cards("station_id=QA-1"), all[1..2]);
        assert_eq!(cards("job_id=J1001&status=in_progress"), all[1..2]);
        let first = shop.get("/card-units?job_id=J1001&limit=3");
        assert_eq!(first["next_after"], all[2]);
        assert_eq!(cards(&format!("job_id=J1001&after={}", all[2])), all[3..]);
        let (status, problem) = shop.unanswered("/card-units?status=lost");
        assert_eq!((status, &problem["code"]), (422, &json!("malformed")));
    });
}

#[test]
fn a_limit_is_from_one_to_a_thousand() {
    on_both(|shop| {
        for limit in ["0", "1001", "-1", "18446744073709551616", "many"] {
            let (status, problem) = shop.unanswered(&format!("/card-units?limit={limit}"));
            assert_eq!(
                (status, &problem["code"]),
                (422, &json!("malformed")),
                "{limit}"
            );
        }
        let (_, problem) = shop.unanswered("/card-units?limit=0");
        assert_eq!(
            problem["message"],
            "Failed to deserialize query string: limit: limit is 0, and should be from 1 to 1000"
        );
        shop.get("/card-units?limit=1000");
    });
}

#[test]
fn a_voided_card_is_replaced_and_both_know_it() {
    on_both(|shop| {
        shop.furnish();
        shop.cut_the_first_sheet();
        shop.post("/card-units/J1001-S001-01/void", json!({"reason": "torn"}));
        let replaced = shop.post(
            "/card-units/J1001-S001-01/replace",
            json!({"source": "reprint"}),
        );
        assert_eq!(replaced["outcome"], "recorded");
        let card = shop.get("/card-units/J1001-S001-01");
        assert_eq!(card["replaced_by"], "J1001-S001-01-R1");
        let replacement = shop.get("/card-units/J1001-S001-01-R1");
        assert_eq!(replacement["replaces"], "J1001-S001-01");
        let wrong = json!({"source": "reprint", "spare": "J1001-S002-01"});
        let (status, problem) = shop.refused("/card-units/J1001-S001-02/replace", wrong);
        assert_eq!((status, &problem["code"]), (422, &json!("malformed")));
        let (status, problem) =
            shop.refused("/card-units/J1001-S001/void", json!({"reason": "torn"}));
        assert_eq!((status, &problem["code"]), (422, &json!("unreadable_id")));
    });
}

#[test]
fn whoever_has_a_card_already_is_told_so_until_something_changes() {
    on_both(|shop| {
        shop.furnish();
        shop.pack_the_first_set();
        let path = "/card-units/J1001-S001-01";
        let tag = shop
            .call_with("GET", path, &[], None)
            .header("etag")
            .to_owned();
        let again = |tag: &str| shop.call_with("GET", path, &[("If-None-Match", tag)], None);
        let unchanged = again(&tag);
        assert_eq!((unchanged.status.as_u16(), unchanged.body.len()), (304, 0));
        assert_eq!(unchanged.header("etag"), tag);
        assert_eq!(again(&format!("\"x\", W/{tag}")).status, 304);
        assert_eq!(again("\"x\"").status, 200);
        // What happens to its box is part of its history.
        shop.post("/packs/J1001-BOX-001/close", json!({}));
        shop.post("/packs/J1001-BOX-001/ship", json!({}));
        let changed = again(&tag);
        assert_eq!(changed.status, 200);
        assert_ne!(changed.header("etag"), tag);
    });
}
