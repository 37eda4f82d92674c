//! Files of other programs that come in: `/orders/import`, `/products/{id}/layout`

use crate::support::{Shop, on_both};
use serde_json::{Value, json};

fn import(shop: &Shop, query: &str, content_type: &str, file: &str) -> (u16, Value) {
    let path = format!("/orders/import{query}");
    let came = shop.hand_in(&path, content_type, file);
    (came.status.as_u16(), came.json())
}

fn csv(shop: &Shop, query: &str, file: &str) -> (u16, Value) {
    import(shop, query, "text/csv; charset=utf-8", file)
}

fn outcomes(answer: &Value) -> [&Value; 3] {
    ["recorded", "already_recorded", "failed"].map(|field| &answer[field])
}

const GOOD: &str = "order_id,customer,product,quantity,due_date,priority\n\
                    PO-500,\"Acme, Inc.\",PLAIN-2026,4,2026-04-01,1\n\
                    ,Beta Cards,plain-2026,2,2026-05-01,\n";

#[test]
fn a_file_of_orders_becomes_orders_and_jobs_once() {
    on_both(|shop| {
        shop.publish_plain();
        let before = shop.last_event();
        let (status, tried) = csv(shop, "?dry_run=true&create_jobs=true", GOOD);
        assert_eq!(
            (status, outcomes(&tried)),
            (200, [&json!(2), &json!(0), &json!(0)]),
            "{tried:#}"
        );
        assert_eq!(shop.last_event(), before);
        let (status, taken) = csv(shop, "?create_jobs=true", GOOD);
        assert_eq!(
            (status, &taken),
            (
                200,
                &json!({
                    "taken": true,
                    "dry_run": false,
                    "recorded": 2,
                    "already_recorded": 0,
                    "failed": 0,
                    "orders": [
                        {
                            "line": 2,
                            "outcome": "recorded",
                            "order_id": "PO-500",
                            "message": taken["orders"][0]["message"],
                            "job": {
                                "outcome": "recorded", "job_id": "J1001",
                                "message": taken["orders"][0]["job"]["message"],
                            },
                        },
                        {
                            "line": 3,
                            "outcome": "recorded",
                            "order_id": "PO-501",
                            "message": taken["orders"][1]["message"],
                            "job": {
                                "outcome": "recorded", "job_id": "J1002",
                                "message": taken["orders"][1]["job"]["message"],
                            },
                        },
                    ],
                    "bad_rows": [],
                })
            )
        );
        assert_eq!(
            tried["orders"], taken["orders"],
            "the trial said what came of it"
        );
        let order = shop.get("/orders/PO-500");
        assert_eq!(
            (
                &order["customer"],
                &order["quantity"],
                &order["priority"],
                &order["jobs"]
            ),
            (
                &json!("Acme, Inc."),
                &json!(4),
                &json!(1),
                &json!([{"job_id": "J1001", "quantity": 4}])
            )
        );
        // The same file again: nothing twice, and it says so.
        let after = shop.last_event();
        let (status, again) = csv(shop, "?create_jobs=true", GOOD);
        assert_eq!(
            (status, outcomes(&again)),
            (200, [&json!(0), &json!(2), &json!(0)]),
            "{again:#}"
        );
        for (at, (order_id, job_id)) in [("PO-500", "J1001"), ("PO-501", "J1002")]
            .iter()
            .enumerate()
        {
            let order = &again["orders"][at];
            assert_eq!(order["outcome"], "already_recorded");
            assert_eq!(order["order_id"], *order_id);
            assert_eq!(order["job"]["outcome"], "already_recorded");
            assert_eq!(order["job"]["job_id"], *job_id);
        }
        assert_eq!(shop.last_event(), after);
    });
}

const BAD: &str = "order_id;customer;product;quantity;due_date\r\n\
                   PO-1;Acme;PLAIN-2026;2;2026-04-01\r\n\
                   PO-2;Acme;NO-SUCH;2;2026-04-01\r\n\
                   PO-3;Acme;PLAIN-2026;many;2026-13-01\r\n\
                   PO-1;Acme;PLAIN-2026;3;2026-04-01\r\n";

#[test]
fn a_bad_row_keeps_the_whole_file_out_unless_it_is_skipped() {
    on_both(|shop| {
        shop.publish_plain();
        let before = shop.last_event();
        let (status, problem) = csv(shop, "", BAD);
        let message = "4 things are wrong with the file, and nothing of it was taken: mend it, or send it with \
                       skip_bad=true.";
        assert_eq!(
            (status, &problem),
            (
                422,
                &json!({
                    "type": "urn:sheetwise:problem:bad_rows",
                    "title": "bad rows",
                    "status": 422,
                    "detail": message,
                    "outcome": "refused",
                    "code": "bad_rows",
                    "message": message,
                    "dry_run": false,
                    "bad_rows": [
                        {
                            "line": 3, "column": "product", "value": "NO-SUCH", "code": "product_not_published",
                            "message": problem["bad_rows"][0]["message"],
                        },
                        {
                            "line": 4, "column": "quantity", "value": "many", "code": "malformed",
                            "message": "it should be the number of cards, a whole number from 1, like 1800",
                        },
                        {
                            "line": 4, "column": "due_date", "value": "2026-13-01", "code": "malformed",
                            "message": "it should be a date like 2026-04-01",
                        },
                        {
                            "line": 5, "column": "order_id", "value": "PO-1", "code": "exists_differently",
                            "message": problem["bad_rows"][3]["message"],
                        },
                    ],
                })
            )
        );
        assert_eq!(
            csv(shop, "?dry_run=true", BAD).1["bad_rows"],
            problem["bad_rows"]
        );
        assert_eq!(shop.last_event(), before, "nothing was recorded");
        assert_eq!(
            shop.get("/refusals")["refusals"],
            json!([]),
            "what was only tried is no refusal"
        );
        let (status, skipped) = csv(shop, "?skip_bad=true", BAD);
        assert_eq!(status, 200);
        assert_eq!(skipped["bad_rows"], problem["bad_rows"]);
        assert_eq!(skipped["orders"][0]["order_id"], "PO-1");
        assert_eq!(outcomes(&skipped), [&json!(1), &json!(0), &json!(0)]);
        assert_eq!(shop.last_event(), before + 1);
    });
}

#[test]
fn a_job_that_cannot_be_keeps_its_order_out_too() {
    on_both(|shop| {
        shop.publish_plain();
        let before = shop.last_event();
        let file = "customer,product,quantity,due_date\nAcme,PLAIN-2026,4000000,2026-04-01\nAcme,PLAIN-2026,2,2026-04-01\n";
        let (status, problem) = csv(shop, "?create_jobs=true", file);
        assert_eq!(status, 422, "{problem:#}");
        assert_eq!(problem["bad_rows"][0]["line"], 2);
        assert_eq!(problem["bad_rows"][0]["column"], "quantity");
        assert_eq!(problem["bad_rows"][0]["value"], "4000000");
        assert_eq!(shop.last_event(), before);
        let (_, skipped) = csv(shop, "?create_jobs=true&skip_bad=true", file);
        assert_eq!(skipped["orders"][0]["order_id"], "PO-10001");
        assert_eq!(skipped["orders"][0]["job"]["job_id"], "J1001");
        assert_eq!(
            shop.get("/orders")["orders"].as_array().map(Vec::len),
            Some(1)
        );
    });
}

#[test]
fn an_accepted_quote_becomes_an_order_for_each_of_its_items_once() {
    on_both(|shop| {
        shop.publish_plain();
        let quote = |quantity: u32| {
            json!({
                "quote_id": "Q-17", "customer": "Acme Cards", "total": "1200.00",
                "items": [
                    {"product": "PLAIN-2026", "quantity": 2, "due_date": "2026-04-01"},
                    {"product": "PLAIN-2026", "quantity": quantity, "due_date": "2026-05-01"},
                ],
            })
            .to_string()
        };
        let (status, taken) = import(shop, "?create_jobs=true", "application/json", &quote(4));
        assert_eq!(status, 200, "{taken:#}");
        let made: Vec<_> = taken["orders"].as_array().expect("orders").iter().collect();
        assert_eq!(
            (&made[0]["item"], &made[0]["order_id"]),
            (&json!(1), &json!("PO-10001"))
        );
        assert_eq!(
            (&made[1]["item"], &made[1]["order_id"]),
            (&json!(2), &json!("PO-10002"))
        );
        assert_eq!(made[1]["job"]["job_id"], "J1002");
        let order = shop.get("/orders/PO-10002");
        assert_eq!(
            (&order["quote_id"], &order["quantity"], &order["due_date"]),
            (&json!("Q-17"), &json!(4), &json!("2026-05-01"))
        );
        let after = shop.last_event();
        let (_, again) = import(shop, "?create_jobs=true", "application/json", &quote(4));
        assert_eq!(
            outcomes(&again),
            [&json!(0), &json!(2), &json!(0)],
            "{again:#}"
        );
        // The quote was changed after it had been accepted: somebody has to look at that.
        let (status, problem) = import(shop, "", "application/json", &quote(6));
        assert_eq!(status, 422);
        assert_eq!(problem["bad_rows"][0]["item"], 2);
        assert_eq!(problem["bad_rows"][0]["column"], "quote_id");
        assert_eq!(problem["bad_rows"][0]["code"], "key_reused");
        assert_eq!(shop.last_event(), after);
    });
}

#[test]
fn what_is_no_file_of_orders_is_refused() {
    on_both(|shop| {
        for (content_type, file, status, message) in [
            (
                "text/csv",
                "a,b\n1,2\n",
                422,
                "line 1: column 1 is \"a\", which is not known; ",
            ),
            (
                "application/json",
                "{\"quote_id\": 1",
                422,
                "invalid type: integer `1`",
            ),
            (
                "application/xml",
                "<orders/>",
                415,
                "orders come as text/csv",
            ),
        ] {
            let (found, problem) = import(shop, "", content_type, file);
            assert_eq!((found, &problem["code"]), (status, &json!("malformed")));
            let found = problem["message"].as_str().expect("a message");
            assert!(found.starts_with(message), "{found}");
        }
        let (status, problem) = csv(shop, "?dryrun=true", GOOD);
        assert_eq!((status, &problem["code"]), (422, &json!("malformed")));
        assert_eq!(shop.last_event(), 0);
    });
}

#[test]
fn an_order_without_an_id_said_again_with_its_key_is_the_same_order() {
    on_both(|shop| {
        shop.publish_plain();
        let order = json!({
            "customer": "Acme", "product_id": "PLAIN-2026", "quantity": 2, "due_date": "2026-04-01",
        });
        let place = |key: &str| {
            let keyed = [("Idempotency-Key", key)];
            shop.call_with("POST", "/orders", &keyed, Some(&order))
                .json()
        };
        let first = place("k-1");
        assert_eq!(first["entity"]["id"], "PO-10001");
        assert_eq!(place("k-2")["entity"]["id"], "PO-10002");
        assert_eq!(place("k-1"), first);
    });
}

#[test]
fn a_layout_becomes_the_next_version_of_its_product() {
    on_both(|shop| {
        shop.publish_plain();
        let layout = json!({
            "n_up": 3, "rows": 1, "columns": 3,
            "positions": [
                {"position": 1, "design": "A"}, {"position": 2, "design": "B"}, {"position": 3, "design": "C"},
            ],
        });
        let path = "/products/PLAIN-2026/layout";
        let published = shop.post(path, &layout);
        assert_eq!(published["outcome"], "recorded");
        assert_eq!(published["events"][0]["event_type"], "ProductSpecPublished");
        let product = shop.get("/products/PLAIN-2026");
        let versions = product["versions"].as_array().expect("versions");
        assert_eq!(versions.len(), 2);
        let mut expected = versions[0].clone();
        expected["layout"]["layout_version"] = json!(2);
        for field in ["n_up", "columns", "positions"] {
            expected["layout"][field] = layout[field].clone();
        }
        assert_eq!(
            versions[1], expected,
            "all but the layout is as it was, the turn too"
        );
        assert_eq!(shop.post(path, &layout)["outcome"], "already_recorded");

        // With a key it is the same import, whatever has become of the product since.
        let mut tumbled = layout.clone();
        tumbled["turn"] = json!("work_and_tumble");
        let import = |layout: &Value| {
            let key = [("idempotency-key", "layout-3")];
            shop.call_with("POST", path, &key, Some(layout)).json()
        };
        let third = import(&tumbled);
        assert_eq!(third["outcome"], "recorded");
        let mut turned = layout.clone();
        turned["turn"] = json!("work_and_turn");
        assert_eq!(shop.post(path, &turned)["outcome"], "recorded");
        assert_eq!(import(&tumbled), third);
        let product = shop.get("/products/PLAIN-2026");
        assert_eq!(product["versions"].as_array().map(Vec::len), Some(4));

        let mut bad = layout.clone();
        bad["rows"] = json!(0);
        bad["positions"][0]["position"] = json!(2);
        let (status, problem) = shop.refused(path, &bad);
        assert_eq!(status, 422);
        let message = problem["message"].as_str().expect("a message");
        assert!(
            message.contains("0 rows × 3 columns do not hold n_up = 3 positions"),
            "{message}"
        );
        assert!(
            message.contains("positions[0] is position 2, expected 1"),
            "{message}"
        );
        bad["foil"] = json!(true);
        assert_eq!(shop.refused(path, &bad).1["code"], "malformed");
        let (status, problem) = shop.refused("/products/NONE/layout", &layout);
        assert_eq!((status, &problem["code"]), (404, &json!("unknown_id")));
        assert_eq!(
            shop.get("/products/PLAIN-2026")["versions"],
            product["versions"]
        );
    });
}
