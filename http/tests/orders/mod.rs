//! `/orders`

use crate::support::on_both;
use serde_json::{Value, json};

#[test]
fn an_order_is_found_and_listed() {
    on_both(|shop| {
        shop.furnish();
        let order = shop.get("/orders/PO-10001");
        assert_eq!(
            order,
            json!({
                "order_id": "PO-10001", "customer": "Acme Cards", "product_id": "PLAIN-2026", "quantity": 2,
                "due_date": "2026-04-01", "priority": 0, "quote_id": null, "status": "open", "held": null,
                "cancel_reason": null, "jobs": [{"job_id": "J1001", "quantity": 2}], "last_event_seq": 9,
                "updated_at": "2026-03-02T09:01:20Z",
            })
        );
        assert_eq!(shop.get("/orders?status=open")["orders"], json!([order]));
        assert_eq!(shop.get("/orders?status=cancelled")["orders"], json!([]));
    });
}

#[test]
fn an_order_without_an_id_is_placed_once_for_its_key() {
    on_both(|shop| {
        shop.furnish();
        let order = json!({
            "customer": "Acme Cards", "product_id": "PLAIN-2026", "quantity": 4, "due_date": "2026-05-01",
        });
        let placed = |key: &str, order: &Value| {
            shop.call_with("POST", "/orders", &[("Idempotency-Key", key)], Some(order))
        };
        let first = placed("erp/77", &order).json();
        assert_eq!(first["entity"]["id"], "PO-10002");
        assert_eq!(placed("erp/77", &order).json(), first);
        assert_eq!(placed("erp/78", &order).json()["entity"]["id"], "PO-10003");
        let mut other = order;
        other["quantity"] = json!(6);
        assert_eq!(placed("erp/77", &other).json()["code"], "key_reused");
        let job = json!({"order_id": "PO-10002"});
        let created = || {
            shop.call_with(
                "POST",
                "/jobs",
                &[("Idempotency-Key", "erp/79")],
                Some(&job),
            )
        };
        let first = created().json();
        assert_eq!(first["entity"]["id"], "J1002");
        assert_eq!(created().json(), first);
    });
}

#[test]
fn two_who_change_the_same_order_do_not_undo_each_others_work_unseen() {
    on_both(|shop| {
        shop.furnish();
        let tag = shop
            .call_with("GET", "/orders/PO-10001", &[], None)
            .header("etag")
            .to_owned();
        let reason = json!({"reason": "unpaid"});
        let if_seen = |path: &str, tag: &str| {
            shop.call_with("POST", path, &[("If-Match", tag)], Some(&reason))
        };
        assert_eq!(if_seen("/orders/PO-10001/hold", &tag).status, 200);
        let before = shop.last_event();
        let outdated = if_seen("/orders/PO-10001/cancel", &tag);
        assert_eq!(
            (outdated.status.as_u16(), outdated.json()),
            (
                412,
                json!({
                    "type": "urn:sheetwise:problem:version_mismatch",
                    "title": "version mismatch",
                    "status": 412,
                    "detail": "PO-10001 has changed since: look at it again, and say it again if it still holds.",
                    "outcome": "refused",
                    "barcode": "PO-10001",
                    "code": "version_mismatch",
                    "message": "PO-10001 has changed since: look at it again, and say it again if it still holds.",
                })
            )
        );
        assert_eq!(shop.last_event(), before);
        assert_eq!(if_seen("/orders/PO-10009/cancel", "*").status, 412);
        assert_eq!(if_seen("/orders/PO-10001/cancel", "1").status, 422);
        assert_eq!(
            if_seen("/orders/PO-10001/cancel", "\"of another server\"").status,
            412
        );
        let tag = shop
            .call_with("GET", "/orders/PO-10001", &[], None)
            .header("etag")
            .to_owned();
        assert_eq!(
            if_seen("/orders/PO-10001/release", &format!("\"1\", {tag}")).status,
            200
        );
        assert_eq!(if_seen("/orders/PO-10001/hold", "*").status, 200);
        let refusals = shop.get("/refusals?code=version_mismatch");
        assert_eq!(refusals["refusals"].as_array().map(Vec::len), Some(3));
    });
}
