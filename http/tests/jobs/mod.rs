//! `/jobs`

mod estimated_completion;
mod reprint;

use crate::support::on_both;
use serde_json::{Value, json};

/// The counts by status make up the whole.
fn add_up(progress: &Value, total: &str, of: &[&str]) {
    let count = |name: &str| progress[name].as_u64().expect("a count");
    let sum: u64 = of.iter().map(|name| count(name)).sum();
    assert_eq!(sum, count(total), "{progress:#}");
}

#[test]
fn a_jobs_counts_add_up_now_and_at_any_moment() {
    on_both(|shop| {
        shop.furnish();
        shop.cut_the_first_sheet();
        shop.scan("J1001-S002", "PRESS-1");
        shop.scan("J1001-S002", "CUT-1");
        shop.post("/card-units/J1001-S001-01/void", json!({"reason": "torn"}));
        shop.post("/card-units/J1001-S001-01/replace", json!({}));
        let midway = shop.last_event();
        let then = shop.get("/jobs/J1001/progress");
        shop.scan("J1001-S001-02", "QA-1");
        let progress = shop.get("/jobs/J1001/progress");
        assert_eq!(progress["cards_at_qa"], 1);
        assert_eq!(then["cards_at_qa"], 0);
        assert_eq!(
            shop.get(&format!("/jobs/J1001/progress?as_of={midway}")),
            then
        );
        for progress in [&progress, &then] {
            add_up(
                progress,
                "total_cards",
                &[
                    "cards_created",
                    "cards_in_progress",
                    "cards_qa_passed",
                    "cards_qa_failed",
                    "cards_assembled",
                    "cards_packed",
                    "cards_voided",
                    "cards_consumed",
                ],
            );
            add_up(
                progress,
                "total_sheets",
                &[
                    "sheets_created",
                    "sheets_in_progress",
                    "sheets_ready_to_cut",
                    "sheets_cut",
                    "sheets_voided",
                ],
            );
            add_up(
                progress,
                "total_sets",
                &[
                    "sets_pending",
                    "sets_in_progress",
                    "sets_complete",
                    "sets_error",
                    "sets_packed",
                    "sets_voided",
                ],
            );
        }
        assert_eq!(progress["cards_consumed"], 1);
    });
}

#[test]
fn jobs_are_listed_by_status_and_order() {
    on_both(|shop| {
        shop.furnish();
        assert_eq!(
            shop.get("/jobs?status=created")["jobs"][0]["job_id"],
            "J1001"
        );
        shop.scan("J1001-S001", "PRESS-1");
        let list = shop.get("/jobs?order_id=PO-10001&status=in_progress");
        assert_eq!(list["jobs"][0], shop.get("/jobs/J1001"));
        assert_eq!(shop.get("/jobs?status=created")["jobs"], json!([]));
    });
}
