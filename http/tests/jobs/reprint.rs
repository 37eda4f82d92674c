//! The minimal reprint of a job, as an answer and as one decision.

use crate::support::on_both;
use serde_json::json;

#[test]
fn spares_cover_what_they_can_and_the_fewest_sheets_are_ordered_for_the_rest() {
    on_both(|shop| {
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
        let (status, refused) = shop.refused("/jobs/J1001/reprint", json!({"operator_id": "OP-1"}));
        assert_eq!((status, &refused["outcome"]), (403, &json!("refused")));
        let before = shop.last_event();
        let dry = shop.post(
            "/jobs/J1001/reprint?dry_run=true",
            json!({"operator_id": "OP-2"}),
        );
        assert_eq!(shop.last_event(), before);
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
        let order = || {
            let key = [("idempotency-key", "reprint-1")];
            let came = shop.call_with("POST", "/jobs/J1001/reprint", &key, Some(&json!({})));
            came.json()
        };
        let ordered = order();
        assert_eq!(ordered["events"][1]["event_type"], "SheetCreated");
        assert_eq!(shop.get("/sheets/J1001-S003")["purpose"], "reprint");
        // The job has another last sheet now, and the order is the same.
        assert_eq!(order(), ordered);
        let again = shop.post("/jobs/J1001/reprint", json!({"after": 2}));
        assert_eq!(again["outcome"], "already_recorded");
        assert_eq!(shop.unanswered("/jobs/J9/reprint-plan").0, 404);
        assert_eq!(shop.refused("/jobs/J9/reprint", json!({})).0, 404);
    });
}
