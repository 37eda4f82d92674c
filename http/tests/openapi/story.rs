//! A shop's day that makes every call at least once: from it the document has its examples.

use crate::support::{Shop, station, with_everything};
use serde_json::json;

/// Everything, from an empty shop on.
pub(super) fn story(shop: &Shop) {
    opening(shop);
    first_sheet(shop);
    second_sheet(shop);
    what_goes_otherwise(shop);
    looking_back(shop);
    with_other_programs(shop);
    looking_ahead(shop);
}

/// Of a shop with somebody at the door: who is let in.
pub(super) fn the_door(shop: &Shop) {
    crate::access::with_an_admin(shop);
    shop.show(None);
    shop.unanswered("/me");
    let password = crate::access::PASSWORD;
    let session = shop.post(
        "/sessions",
        json!({"operator_id": "OP-1", "password": password}),
    );
    shop.show(session["token"].as_str());
    shop.get("/me");
    let device =
        json!({"kind": "device", "name": "scanner at the foil stamp", "station_ids": ["FOIL-1"]});
    let device = shop.post("/tokens", device);
    shop.get("/tokens");
    let revoke = format!(
        "/tokens/{}/revoke",
        device["token_id"].as_str().expect("an id")
    );
    shop.post(&revoke, json!({}));
    let another = json!({"password": "battery horse correct", "old_password": password});
    shop.post("/operators/OP-1/password", another);
    let session = json!({"operator_id": "OP-1", "password": "battery horse correct"});
    shop.show(shop.post("/sessions", session)["token"].as_str());
    shop.post("/sessions/current/close", json!({}));
}

fn opening(shop: &Shop) {
    for (station_id, station_type) in [
        ("PRESS-1", "press"),
        ("CUT-1", "cutting"),
        ("FOIL-1", "foil_stamp"),
        ("NUM-1", "numbering"),
        ("RELIC-1", "memorabilia"),
        ("QA-1", "qa"),
        ("BENCH-1", "assembly"),
        ("PACK-1", "packing"),
    ] {
        shop.post("/stations", station(station_id, station_type));
    }
    shop.post(
        "/operators",
        json!({"operator_id": "OP-1", "name": "Sam", "roles": ["lead"], "active": true}),
    );
    let product =
        json!({"product_id": "ROOKIES-2026", "product_version": 1, "spec": with_everything()});
    shop.post("/products", product);
    for piece in ["RELIC-00017", "RELIC-00018"] {
        shop.post(
            "/memorabilia",
            json!({"piece_id": piece, "kind": "RELIC-JERSEY", "description": "left sleeve"}),
        );
    }
    shop.post(
        "/orders",
        json!({
            "customer": "Acme Cards", "product_id": "ROOKIES-2026", "quantity": 4, "due_date": "2026-04-01",
            "priority": 5,
        }),
    );
    shop.post("/jobs", json!({"order_id": "PO-10001", "overs": 1}));
    shop.post(
        "/stations/FOIL-1/materials",
        json!({"material_lot_ids": ["FOIL-LOT-88"]}),
    );
    shop.post("/stations/FOIL-1/down", json!({"reason": "the heater"}));
    shop.post("/stations/FOIL-1/up", json!({}));
}

fn first_sheet(shop: &Shop) {
    let by_the_lead = |reason: &str| json!({"reason": reason, "operator_id": "OP-1"});
    shop.refused("/sheets/J1001-S001/cut", json!({"station_id": "CUT-1"}));
    shop.scan("J1001-S001", "PRESS-1");
    shop.refused(
        "/scan",
        json!({"barcode": "J1001-S001-01", "station_id": "QA-1"}),
    );
    shop.post("/sheets/J1001-S001/hold", by_the_lead("colour is off"));
    shop.post(
        "/sheets/J1001-S001/release",
        by_the_lead("within tolerance"),
    );
    shop.get("/stations/CUT-1/queue");
    shop.post("/sheets/J1001-S001/cut", json!({"station_id": "CUT-1"}));
    for card in ["J1001-S001-01", "J1001-S001-02"] {
        shop.post(
            &format!("/card-units/{card}/embellishments"),
            json!({"operation_id": "FOIL", "station_id": "FOIL-1"}),
        );
    }
    shop.post("/card-units/J1001-S001-01/hold", by_the_lead("a scratch?"));
    shop.refused(
        "/qa-results",
        json!({"card_unit_id": "J1001-S001-01", "result": "PASS"}),
    );
    shop.post(
        "/card-units/J1001-S001-01/release",
        by_the_lead("a hair on the lens"),
    );
    shop.post(
        "/card-units/J1001-S001-01/sequential-number",
        json!({"number": 7, "station_id": "NUM-1"}),
    );
    shop.refused("/card-units/J1001-S001-02/sequential-number", json!({}));
    shop.post(
        "/card-units/J1001-S001-02/memorabilia",
        json!({"piece_id": "RELIC-00017", "station_id": "RELIC-1"}),
    );
    for card in ["J1001-S001-01", "J1001-S001-02"] {
        shop.scan(card, "QA-1");
        shop.post(
            "/qa-results",
            json!({"card_unit_id": card, "station_id": "QA-1", "operator_id": "OP-1", "result": "PASS"}),
        );
    }
    let set = "/assemblies/J1001-S001-SET";
    shop.post(
        &format!("{set}/scan"),
        json!({"card_unit_id": "J1001-S001-01", "station_id": "BENCH-1"}),
    );
    shop.get(set);
    shop.post(
        &format!("{set}/hold"),
        by_the_lead("wait for the photographer"),
    );
    shop.post(&format!("{set}/release"), by_the_lead("photographed"));
    shop.refused(&format!("{set}/pack"), json!({"station_id": "PACK-1"}));
    shop.post(
        &format!("{set}/scan"),
        json!({"card_unit_id": "J1001-S001-02", "station_id": "BENCH-1"}),
    );
    shop.post(
        "/packs",
        json!({"pack_id": "J1001-BOX-001", "station_id": "PACK-1"}),
    );
    shop.post(
        &format!("{set}/pack"),
        json!({"pack_id": "J1001-BOX-001", "station_id": "PACK-1"}),
    );
    shop.post(
        "/packs/J1001-BOX-001/unpack",
        json!({"assembly_id": "J1001-S001-SET", "reason": "a count", "operator_id": "OP-1"}),
    );
    shop.post(
        &format!("{set}/pack"),
        json!({"pack_id": "J1001-BOX-001", "station_id": "PACK-1"}),
    );
    shop.refused("/card-units/J1001-S001-01/void", by_the_lead("torn"));
}

fn second_sheet(shop: &Shop) {
    let by_the_lead = |reason: &str| json!({"reason": reason, "operator_id": "OP-1"});
    shop.post(
        "/sheets/J1001-S002/defects",
        json!({"position": 2, "failure_code": "F-201", "note": "foil void", "station_id": "PRESS-1"}),
    );
    let scans = json!({"scans": [
        {"barcode": "J1001-S002", "station_id": "PRESS-1", "scan_id": "gun-1/1"},
        {"barcode": "J1001-S002", "station_id": "CUT-1", "scan_id": "gun-1/2"},
        {"barcode": "J1001-S002", "station_id": "CUT-1", "scan_id": "gun-1/3"},
    ]});
    shop.post("/scans", scans);
    shop.post("/card-units/J1001-S002-01/void", by_the_lead("torn"));
    shop.post(
        "/card-units/J1001-S002-01/replace",
        json!({"source": "reprint", "operator_id": "OP-1"}),
    );
    shop.post("/card-units/J1001-S002-02/void", by_the_lead("foil void"));
    let card = "J1001-S002-01-R1";
    shop.scan(card, "FOIL-1");
    shop.post(
        &format!("/card-units/{card}/deviations"),
        json!({"operation_id": "QA", "reason": "the numbering waits for ink", "operator_id": "OP-1"}),
    );
    shop.scan(card, "NUM-1");
    shop.scan(card, "QA-1");
    shop.scan("!PASS", "QA-1");
    shop.scan(card, "BENCH-1");
    shop.post(
        "/assemblies/J1001-S002-SET/remove",
        json!({"card_unit_id": card, "reason": "to be photographed", "station_id": "BENCH-1"}),
    );
    shop.scan(card, "BENCH-1");
    shop.refused(
        "/assemblies/J1001-S002-SET/concession",
        json!({"positions": [1], "reason": "agreed by letter", "operator_id": "OP-1"}),
    );
    shop.post(
        "/assemblies/J1001-S002-SET/concession",
        json!({"positions": [2], "reason": "agreed by letter", "operator_id": "OP-1"}),
    );
    shop.refused("/jobs/J1001/close", json!({}));
    shop.scan("J1001-S002-SET", "PACK-1");
    shop.post("/packs/J1001-BOX-001/close", json!({}));
    shop.post(
        "/packs/J1001-BOX-001/reopen",
        by_the_lead("without its slip"),
    );
    shop.post("/packs/J1001-BOX-001/close", json!({}));
    shop.post("/packs/J1001-BOX-001/ship", json!({}));
    shop.get("/packs/J1001-BOX-001");
    shop.post("/sheets/J1001-S003/void", by_the_lead("not needed"));
    shop.post("/jobs/J1001/close", json!({}));
}

fn what_goes_otherwise(shop: &Shop) {
    let order = json!({
        "order_id": "PO-777", "customer": "Bee Cards", "product_id": "ROOKIES-2026", "quantity": 2,
        "due_date": "2026-05-01",
    });
    shop.post("/orders", order);
    shop.post("/orders/PO-777/hold", json!({"reason": "unpaid"}));
    shop.post("/orders/PO-777/release", json!({"reason": "paid"}));
    shop.post(
        "/jobs",
        json!({"order_id": "PO-777", "job_id": "J2001", "overs": 0}),
    );
    shop.post("/jobs/J2001/hold", json!({"reason": "paper is late"}));
    shop.post("/jobs/J2001/release", json!({"reason": "paper is here"}));
    shop.post(
        "/jobs/J2001/reschedule",
        json!({"due_date": "2026-05-04", "priority": 1}),
    );
    shop.post(
        "/jobs/J2001/sheets",
        json!({"after": 1, "count": 1, "purpose": "overs"}),
    );
    shop.post(
        "/sheets/J2001-S001/deviations",
        json!({"operation_id": "PRINT", "reason": "a trial print", "operator_id": "OP-1"}),
    );
    shop.scan("J2001-S001", "PRESS-1");
    let last = shop.last_event();
    shop.post(
        "/corrections",
        json!({"event_sequence_num": last, "reason": "the wrong press", "operator_id": "OP-1"}),
    );
    shop.refused(
        "/corrections",
        json!({"event_sequence_num": 99_999, "reason": "a slip"}),
    );
    shop.post(
        "/jobs/J2001/cancel",
        json!({"reason": "no paper after all"}),
    );
    shop.post(
        "/orders/PO-777/cancel",
        json!({"reason": "no paper after all"}),
    );
    shop.post(
        "/hold-rules",
        json!({
            "hold_id": "HOLD-12", "reason": "peeling",
            "target": {"kind": "material_lot", "material_lot_id": "FOIL-LOT-88"},
        }),
    );
    shop.get("/hold-rules/HOLD-12");
    shop.post(
        "/hold-rules/HOLD-12/lift",
        json!({"reason": "a fresh roll holds"}),
    );
    let late = json!({"barcode": "J1001-S001", "station_id": "PRESS-1", "timestamp": "2026-03-02T08:00:00Z"});
    shop.refused("/scan", late);
}

fn looking_back(shop: &Shop) {
    for path in [
        "/card-units/J1001-S002-01-R1",
        "/card-units?sheet_id=J1001-S002",
        "/sheets/J1001-S001",
        "/sheets?job_id=J1001",
        "/assemblies?job_id=J1001",
        "/packs?job_id=J1001",
        "/orders/PO-10001",
        "/orders",
        "/jobs/J1001",
        "/jobs/J1001/progress",
        "/jobs",
        "/products/ROOKIES-2026",
        "/products",
        "/operators/OP-1",
        "/operators",
        "/memorabilia/RELIC-00017",
        "/memorabilia",
        "/hold-rules",
        "/stations/FOIL-1",
        "/stations?limit=2",
        "/events?after=30&limit=2",
        "/refusals?limit=2",
        "/conflicts",
        "/openapi.json",
    ] {
        shop.get(path);
    }
    shop.unanswered("/card-units/J1009-S001-01");
    shop.unanswered("/card-units?limit=0");
}

/// What comes from other programs and goes to them: quotes, layouts, labels, recall, figures.
fn with_other_programs(shop: &Shop) {
    let quote = |product: &str| {
        json!({
            "quote_id": "Q-17", "customer": "Acme Cards",
            "items": [{"product": product, "quantity": 4, "due_date": "2026-06-01"}],
        })
    };
    shop.refused("/orders/import", quote("NO-SUCH"));
    let imported = shop.post("/orders/import?create_jobs=true", quote("ROOKIES-2026"));
    let job_id = &imported["orders"][0]["job"]["job_id"];
    let job_id = job_id.as_str().expect("a job");
    let first_sheet = format!("{job_id}-S001");
    shop.scan(&first_sheet, "PRESS-1");
    shop.scan(&first_sheet, "CUT-1");
    shop.post(
        &format!("/card-units/{first_sheet}-01/void"),
        json!({"reason": "torn"}),
    );
    shop.get(&format!("/jobs/{job_id}/reprint-plan"));
    shop.post(&format!("/jobs/{job_id}/reprint"), json!({}));
    let layout = json!({
        "n_up": 2, "rows": 2, "columns": 1,
        "positions": [{"position": 1, "design": "A", "serialized": true}, {"position": 2, "design": "B"}],
    });
    shop.post("/products/ROOKIES-2026/layout", layout);
    let ids = json!({"ids": ["J1001", "J1001-S001-01", "!PASS"]});
    let labels = shop.call_with("POST", "/labels?format=zpl", &[], Some(&ids));
    assert_eq!(labels.status, 200, "{}", labels.text());
    for path in [
        "/labels?ids=J1001-S001-02",
        "/labels/controls?failure_codes=F-201",
        "/jobs/J1001/labels?of=sheet",
        "/sheets/J1001-S001/labels",
        "/metrics",
        "/docs",
    ] {
        let came = shop.fetch(path);
        assert_eq!(came.status, 200, "{path}: {}", came.text());
    }
    shop.unanswered("/labels?ids=J1001-S001-99");
    shop.get("/trace?lot=FOIL-LOT-88&limit=1");
    shop.unanswered("/trace");
    shop.get("/healthz");
    shop.get("/readyz");
}

fn looking_ahead(shop: &Shop) {
    let jobs = shop.get("/jobs?status=in_progress");
    let job_id = jobs["jobs"][0]["job_id"].as_str().expect("a job");
    let completion = format!("/jobs/{job_id}/estimated-completion");
    for path in [
        "/capacity",
        "/capacity/forecast?days=2",
        &completion,
        "/risks?limit=1",
    ] {
        shop.get(path);
    }
    shop.unanswered("/capacity/forecast?days=365");
    shop.unanswered("/jobs/J2001/estimated-completion");
    let changes = |station_id: &str| {
        json!({"changes": [
            {"kind": "station_down", "station_id": station_id, "from": "2026-03-02T12:00:00Z", "to": "2026-03-02T18:00:00Z"},
            {"kind": "new_order", "product_id": "ROOKIES-2026", "quantity": 40, "due_date": "2026-03-20"},
        ]})
    };
    shop.post("/capacity/what-if", changes("FOIL-1"));
    shop.refused("/capacity/what-if", changes("FOIL-9"));
}
