//! `GET /trace`: a recall that was worked out by hand, across the cut, a replacement and the pack.

use crate::harness::{Shop, on_both};
use axum::body::Body;
use axum::http::Request;
use serde_json::{Value, json};

/// Ink 1 is loaded, the sheet comes, ink 2 is loaded, the sheet of overs comes. Card 02 is torn, the spare takes its
/// place, and the set goes into a box, the box into a case, and the case leaves the shop.
fn work(shop: &Shop) {
    shop.furnish();
    shop.scan("INK-LOT-1", "PRESS-1");
    shop.scan("J1001-S001", "PRESS-1");
    shop.scan("INK-LOT-2", "PRESS-1");
    shop.scan("J1001-S002", "PRESS-1");
    shop.scan("J1001-S001", "CUT-1");
    shop.scan("INK-LOT-3", "PRESS-1");
    shop.scan("J1001-S002", "CUT-1");
    shop.post("/card-units/J1001-S001-02/void", json!({"reason": "torn"}));
    shop.post(
        "/card-units/J1001-S001-02/replace",
        json!({"source": "any_spare"}),
    );
    for card in ["J1001-S001-01", "J1001-S001-02-R1"] {
        shop.scan(card, "QA-1");
        shop.scan("!PASS", "QA-1");
    }
    shop.scan("J1001-S001-01", "BENCH-1");
    shop.scan("J1001-S001-02-R1", "BENCH-1");
    shop.scan("J1001-S001-SET", "PACK-1");
    shop.post("/packs/J1001-BOX-001/close", json!({}));
    shop.post(
        "/packs",
        json!({"pack_id": "J1001-CASE-001", "station_id": "PACK-1"}),
    );
    shop.scan("J1001-BOX-001", "PACK-1");
    shop.post("/packs/J1001-CASE-001/close", json!({}));
    shop.post("/packs/J1001-CASE-001/ship", json!({}));
}

fn ids(trace: &Value) -> Vec<&str> {
    let ids = |list: &'static str, id: &'static str| {
        let list = trace[list].as_array().expect("a list").iter();
        list.map(move |one| one[id].as_str().expect("an id"))
    };
    ids("card_units", "card_unit_id")
        .chain(ids("sheets", "sheet_id"))
        .collect()
}

#[test]
fn a_lot_is_found_across_the_cut_the_replacement_and_the_pack() {
    on_both(|place| {
        let shop = place.open();
        work(&shop);
        // Ink 1 met the first sheet: its card in the box, and the torn one. The spare has none of it.
        let one = ["J1001-S001-01", "J1001-S001-02"];
        assert_eq!(ids(&shop.get("/trace?lot=INK-LOT-1")), one);
        // Ink 2 was loaded while the first sheet was still there, and when the second came.
        let two = [
            "J1001-S001-01",
            "J1001-S001-02",
            "J1001-S001-02-R1",
            "J1001-S002-01",
        ];
        assert_eq!(ids(&shop.get("/trace?lot=INK-LOT-2")), two);
        // Ink 3 may have been used on the second sheet: nobody had scanned it elsewhere.
        let three = ["J1001-S001-02-R1", "J1001-S002-01"];
        assert_eq!(ids(&shop.get("/trace?lot=INK-LOT-3")), three);
        assert_eq!(ids(&shop.get("/trace?lot=INK-LOT-4")), [""; 0]);
        assert_eq!(
            shop.get("/trace?station=PRESS-1&lot=INK-LOT-3"),
            shop.get("/trace?lot=INK-LOT-3")
        );
        assert_eq!(ids(&shop.get("/trace?station=QA-1&lot=INK-LOT-3")), [""; 0]);
        // Which station, and when.
        let press = shop.get("/trace?station=PRESS-1");
        assert_eq!(ids(&press), two);
        let first_came = press["card_units"][0]["encounters"][0]["from"]
            .as_str()
            .expect("a time");
        assert_eq!(
            ids(&shop.get(&format!("/trace?station=PRESS-1&to={first_came}"))),
            [""; 0]
        );
        let window = format!("/trace?station=PRESS-1&from={first_came}&limit=3");
        let page = shop.get(&window);
        assert_eq!(
            (ids(&page), &page["matched"]),
            (two[..3].to_vec(), &json!(4))
        );
        let after = page["next_after"].as_str().expect("there is more");
        let rest = shop.get(&format!("{window}&after={after}"));
        assert_eq!(
            (ids(&rest), &rest["next_after"]),
            (two[3..].to_vec(), &Value::Null)
        );
        assert_eq!(rest["summary"], page["summary"]);
        // From the pack back, and from the replacement.
        let case = shop.get("/trace?pack=J1001-CASE-001");
        assert_eq!(ids(&case), ["J1001-S001-01", "J1001-S001-02-R1"]);
        assert_eq!(
            ids(&shop.get("/trace?pack=J1001-CASE-001&lot=INK-LOT-1")),
            ["J1001-S001-01"]
        );
        assert_eq!(ids(&shop.get("/trace?sheet=J1001-S002")), three);
        assert_eq!(
            ids(&shop.get("/trace?card_unit=J1001-S002-02")),
            ["J1001-S001-02-R1"]
        );
        let order = shop.get("/trace?order=PO-10001");
        assert_eq!(ids(&order), two);
        assert_eq!(order, shop.get("/trace?customer=Acme%20Cards"));
        assert_eq!(order, shop.get("/trace?job=J1001"));
    });
}

#[test]
fn the_answer_says_where_each_card_is_what_it_met_and_who_has_it() {
    on_both(|place| {
        let shop = place.open();
        work(&shop);
        let trace = shop.get("/trace?lot=INK-LOT-3");
        assert_eq!(trace, worked_out());
        let backward = shop.get("/trace?pack=J1001-BOX-001");
        assert_eq!(
            backward["summary"]["met"]["sheets"],
            json!(["J1001-S001", "J1001-S002"])
        );
        let csv = Request::get("/trace?lot=INK-LOT-3").header("accept", "text/csv");
        let (status, headers, text) = shop.ask(csv.body(Body::empty()).expect("a request"));
        assert_eq!(status, 200);
        assert_eq!(headers["content-type"], "text/csv; charset=utf-8");
        assert_eq!(text, CSV.replace('\n', "\r\n"));
        let (_, _, same) = shop.ask(
            Request::get("/trace?lot=INK-LOT-3&format=csv")
                .body(Body::empty())
                .expect("a request"),
        );
        assert_eq!(same, text);
    });
}

const CSV: &str = "\
unit_type,unit_id,status,cut_from,job_id,order_id,customer,current_station_id,since,assembly_id,pack_ids,shipped_at,\
sequential_number,piece_ids,held,station_ids,material_lot_ids,operator_ids
card_unit,J1001-S001-02-R1,packed,J1001-S002,J1001,PO-10001,Acme Cards,,,J1001-S001-SET,J1001-BOX-001 J1001-CASE-001,\
2026-03-02T09:04:50Z,,,,PRESS-1,INK-LOT-2 INK-LOT-3,
card_unit,J1001-S002-01,created,J1001-S002,J1001,PO-10001,Acme Cards,CUT-1,2026-03-02T09:02:30Z,J1001-S002-SET,,\
,,,,PRESS-1,INK-LOT-2 INK-LOT-3,
";

/// The clock goes on by ten seconds with every call: the second sheet comes with the twelfth.
fn worked_out() -> Value {
    let at_the_press = json!({
        "unit_id": "J1001-S002", "station_id": "PRESS-1", "operation_id": "PRINT",
        "from": "2026-03-02T09:02:00Z", "to": "2026-03-02T09:02:30Z", "from_event": 18, "to_event": 25,
        "operator_ids": [], "material_lot_ids": ["INK-LOT-2"], "later_material_lot_ids": ["INK-LOT-3"],
        "late": false, "taken_back": false,
    });
    json!({
        "matched": 2,
        "summary": {
            "card_units": 2, "uncut_sheets": 0, "shipped": 1,
            "by_status": {"packed": 1, "created": 1},
            "by_job": {"J1001": 2},
            "by_order": {"PO-10001": 2},
            "by_customer": {"Acme Cards": 2},
            "by_pack": {"J1001-BOX-001": 1, "J1001-CASE-001": 1},
            "met": {
                "sheets": ["J1001-S002"],
                "stations": {
                    "PRESS-1": {"from": "2026-03-02T09:02:00Z", "to": "2026-03-02T09:02:30Z", "stays": 1},
                },
                "material_lot_ids": ["INK-LOT-2"], "later_material_lot_ids": ["INK-LOT-3"],
                "operator_ids": [], "piece_ids": [],
            },
        },
        "card_units": [
            {
                "card_unit_id": "J1001-S001-02-R1", "status": "packed", "design": "B", "sequential_number": null,
                "piece_ids": [], "cut_from": "J1001-S002", "made_of": ["J1001-S002-02"], "replaced_by": null,
                "current_station_id": null, "since": null, "held": null, "assembly_id": "J1001-S001-SET",
                "pack_ids": ["J1001-BOX-001", "J1001-CASE-001"], "shipped_at": "2026-03-02T09:04:50Z",
                "job_id": "J1001", "order_id": "PO-10001", "customer": "Acme Cards",
                "encounters": [at_the_press],
            },
            {
                "card_unit_id": "J1001-S002-01", "status": "created", "design": "A", "sequential_number": null,
                "piece_ids": [], "cut_from": "J1001-S002", "made_of": [], "replaced_by": null,
                "current_station_id": "CUT-1", "since": "2026-03-02T09:02:30Z", "held": null,
                "assembly_id": "J1001-S002-SET", "pack_ids": [], "shipped_at": null,
                "job_id": "J1001", "order_id": "PO-10001", "customer": "Acme Cards",
                "encounters": [at_the_press],
            },
        ],
        "sheets": [],
        "next_after": null,
    })
}

#[test]
fn what_makes_no_sense_is_told_and_so_is_what_is_not_there() {
    on_both(|place| {
        let shop = place.open();
        shop.furnish();
        for (path, status, code) in [
            ("/trace", 422, "malformed"),
            ("/trace?operator=OP-1", 422, "malformed"),
            ("/trace?pack=J1001-BOX-001&job=J1001", 422, "malformed"),
            ("/trace?station=PRESS-1&from=yesterday", 422, "malformed"),
            ("/trace?station=PRESS-1&after=PO-1", 422, "malformed"),
            ("/trace?colour=red", 422, "malformed"),
            ("/trace?sheet=J1001-S009", 404, "unknown_id"),
            ("/trace?card_unit=J1001-S009-01", 404, "unknown_id"),
            ("/trace?customer=Nobody", 404, "unknown_id"),
            ("/trace?piece=RELIC-1", 404, "unknown_id"),
        ] {
            let (found, problem) = shop.call("GET", path, None);
            let found = (found.as_u16(), problem["code"].as_str());
            assert_eq!(found, (status, Some(code)), "{path}: {problem:#}");
        }
        // What is not cut yet is part of the answer.
        shop.scan("J1001-S001", "PRESS-1");
        assert_eq!(ids(&shop.get("/trace?station=PRESS-1")), ["J1001-S001"]);
        let after = shop.get("/trace?station=PRESS-1&after=J1001-S001");
        assert_eq!((ids(&after), &after["matched"]), (vec![], &json!(1)));
    });
}
