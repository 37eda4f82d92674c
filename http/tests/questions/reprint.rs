//! The minimal reprint of a job, as an answer and as one decision.

use crate::harness::on_both;
use serde_json::json;

#[test]
fn spares_cover_what_they_can_and_the_fewest_sheets_are_ordered_for_the_rest() {
    on_both(|place| {
        let shop = place.open();
        shop.furnish();
        for (operator_id, role) in [("OP-1", "operator"), ("OP-2", "lead")] {
            let operator =
                json!({"operator_id": operator_id, "name": "Sam", "roles": [role], "active": true});
            shop.post("/operators", operator);
        }
        for station_id in ["PRESS-1", "CUT-1"] {
            shop.scan("J1001-S001", station_id);
        }
        for card in ["J1001-S001-01", "J1001-S001-02"] {
            shop.post(
                &format!("/card-units/{card}/void"),
                json!({"reason": "torn"}),
            );
        }
        // The sheet of overs is not cut yet: what it will bring is enough.
        assert_eq!(
            shop.get("/jobs/J1001/reprint-plan"),
            json!({
                "job_id": "J1001", "covered": [], "uncovered": ["J1001-S001-01", "J1001-S001-02"],
                "extra_sheets": 0, "after": 2,
            })
        );
        let nothing = shop.post("/jobs/J1001/reprint", json!({}));
        assert_eq!(nothing["outcome"], "already_recorded");
        for station_id in ["PRESS-1", "CUT-1"] {
            shop.scan("J1001-S002", station_id);
        }
        assert_eq!(
            shop.get("/jobs/J1001/reprint-plan"),
            json!({
                "job_id": "J1001",
                "covered": [
                    {"card_unit_id": "J1001-S001-01", "spare": "J1001-S002-01"},
                    {"card_unit_id": "J1001-S001-02", "spare": "J1001-S002-02"},
                ],
                "uncovered": [], "extra_sheets": 0, "after": 2,
            })
        );
        let (status, refused) = shop.call(
            "POST",
            "/jobs/J1001/reprint",
            Some(&json!({"operator_id": "OP-1"})),
        );
        assert_eq!(
            (status.as_u16(), &refused["outcome"]),
            (403, &json!("refused"))
        );
        let before = shop.get("/events?limit=1")["last_sequence_num"].clone();
        let dry = shop.post(
            "/jobs/J1001/reprint?dry_run=true",
            json!({"operator_id": "OP-2"}),
        );
        assert_eq!(shop.get("/events?limit=1")["last_sequence_num"], before);
        let wet = shop.post("/jobs/J1001/reprint", json!({"operator_id": "OP-2"}));
        assert_eq!(wet["events"], dry["events"]);
        let types = wet["events"].as_array().expect("events").iter();
        let types: Vec<_> = types.map(|event| event["event_type"].clone()).collect();
        let one = [
            "CardUnitConsumedAsSpare",
            "AssemblyMemberLost",
            "ReplacementCardUnitCreated",
            "AssemblyMemberReplaced",
        ];
        assert_eq!(types, [one, one].concat());
        let again = shop.post("/jobs/J1001/reprint", json!({"operator_id": "OP-2"}));
        assert_eq!(again["outcome"], "already_recorded");
        // Now there is no spare left.
        let torn = json!({"reason": "torn"});
        shop.post("/card-units/J1001-S001-02-R1/void", torn);
        let expected = json!({
            "job_id": "J1001", "covered": [], "uncovered": ["J1001-S001-02-R1"],
            "extra_sheets": 1, "after": 2,
        });
        assert_eq!(shop.get("/jobs/J1001/reprint-plan"), expected);
        let ordered = shop.post("/jobs/J1001/reprint", json!({"after": 2}));
        assert_eq!(ordered["events"][1]["event_type"], "SheetCreated");
        assert_eq!(shop.get("/sheets/J1001-S003")["purpose"], "reprint");
        let again = shop.post("/jobs/J1001/reprint", json!({"after": 2}));
        assert_eq!(again["outcome"], "already_recorded");
        assert_eq!(shop.call("GET", "/jobs/J9/reprint-plan", None).0, 404);
        assert_eq!(
            shop.call("POST", "/jobs/J9/reprint", Some(&json!({}))).0,
            404
        );
    });
}
