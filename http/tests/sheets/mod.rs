//! `/sheets`

use crate::support::on_both;
use serde_json::json;

#[test]
fn a_sheet_is_as_it_was_at_any_moment() {
    on_both(|shop| {
        shop.furnish();
        shop.scan("J1001-S001", "PRESS-1");
        let printed = shop.last_event();
        let cut = shop.post("/sheets/J1001-S001/cut", json!({"station_id": "CUT-1"}));
        assert_eq!(cut["action"], "cut");
        assert_eq!(shop.get("/sheets/J1001-S001")["status"], "cut");
        let then = shop.get(&format!("/sheets/J1001-S001?as_of={printed}"));
        assert_eq!(then["status"], "in_progress");
        assert_eq!(then["current_station_id"], "PRESS-1");
        let by_the_clock = shop.get("/sheets/J1001-S001?as_of=2026-03-02T09:01:29Z");
        assert_eq!(by_the_clock["status"], "created");
    });
}

#[test]
fn sheets_are_listed_by_job_station_and_status() {
    on_both(|shop| {
        shop.furnish();
        shop.scan("J1001-S002", "PRESS-1");
        let of = |query: &str| {
            let list = shop.get(&format!("/sheets?{query}"));
            let sheets = list["sheets"].as_array().expect("a list").clone();
            sheets
                .iter()
                .map(|s| s["sheet_id"].clone())
                .collect::<Vec<_>>()
        };
        assert_eq!(of("job_id=J1001"), ["J1001-S001", "J1001-S002"]);
        assert_eq!(of("station_id=PRESS-1"), ["J1001-S002"]);
        assert_eq!(of("job_id=J1001&status=created"), ["J1001-S001"]);
        assert_eq!(
            of("job_id=J100"),
            json!([]).as_array().expect("none").clone()
        );
    });
}

#[test]
fn a_defect_travels_to_its_card() {
    on_both(|shop| {
        shop.furnish();
        let defect = json!({"position": 2, "failure_code": "F-201", "note": "foil void"});
        shop.post("/sheets/J1001-S001/defects", defect);
        let off = json!({"position": 3, "failure_code": "F-201"});
        let (status, problem) = shop.refused("/sheets/J1001-S001/defects", off);
        assert_eq!(
            (status, &problem["code"]),
            (422, &json!("position_not_on_sheet"))
        );
        shop.cut_the_first_sheet();
        let card = shop.get("/card-units/J1001-S001-02");
        assert_eq!(card["held"], "defect F-201 on the sheet");
    });
}
