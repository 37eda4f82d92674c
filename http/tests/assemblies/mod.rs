//! `/assemblies`

use crate::support::on_both;
use serde_json::json;

#[test]
fn a_set_says_what_is_present_what_is_missing_and_where_that_is() {
    on_both(|shop| {
        shop.furnish();
        shop.cut_the_first_sheet();
        shop.pass_the_first_cards();
        shop.scan("J1001-S001-01", "BENCH-1");
        let set = shop.get("/assemblies/J1001-S001-SET");
        assert_eq!(set["present"], json!(["J1001-S001-01"]));
        assert_eq!(
            set["missing"],
            json!([{
                "position": 2, "card_unit_id": "J1001-S001-02", "vacant": false, "status": "qa_passed",
                "current_station_id": "QA-1", "since": "2026-03-02T09:02:10Z",
                "current_operation_id": null, "held": null, "void_reason": null,
            }])
        );
        let before = shop.last_event();
        shop.scan("J1001-S001-02", "BENCH-1");
        assert_eq!(shop.get("/assemblies/J1001-S001-SET")["missing"], json!([]));
        let then = shop.get(&format!("/assemblies/J1001-S001-SET?as_of={before}"));
        assert_eq!(
            (&then["present"], &then["missing"]),
            (&set["present"], &set["missing"])
        );
    });
}

#[test]
fn a_missing_card_that_moves_changes_the_sets_etag() {
    on_both(|shop| {
        shop.furnish();
        shop.cut_the_first_sheet();
        let path = "/assemblies/J1001-S001-SET";
        let tag = || {
            shop.call_with("GET", path, &[], None)
                .header("etag")
                .to_owned()
        };
        let before = tag();
        assert_eq!(tag(), before);
        shop.scan("J1001-S001-01", "QA-1");
        assert_ne!(tag(), before);
    });
}

#[test]
fn sets_are_listed_by_job_box_and_status() {
    on_both(|shop| {
        shop.furnish();
        shop.pack_the_first_set();
        let of = |query: &str| {
            let list = shop.get(&format!("/assemblies?{query}"));
            let sets = list["assemblies"].as_array().expect("a list").clone();
            sets.iter()
                .map(|s| s["assembly_id"].clone())
                .collect::<Vec<_>>()
        };
        assert_eq!(of("job_id=J1001"), ["J1001-S001-SET"]);
        assert_eq!(of("pack_id=J1001-BOX-001"), ["J1001-S001-SET"]);
        assert_eq!(of("job_id=J1001&status=pending").len(), 0);
    });
}

#[test]
fn a_card_of_another_sheet_is_not_of_the_set() {
    on_both(|shop| {
        shop.furnish();
        let card = json!({"card_unit_id": "J1001-S002-01"});
        let (status, problem) = shop.refused("/assemblies/J1001-S001-SET/scan", card);
        assert_eq!((status, &problem["code"]), (422, &json!("malformed")));
        assert_eq!(
            problem["message"],
            "card_unit_id: J1001-S002-01 is of J1001-S002-SET"
        );
    });
}
