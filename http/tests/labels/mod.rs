//! `/labels`, `/jobs/{id}/labels`, `/sheets/{id}/labels`

use crate::support::{Shop, on_both};
use axum::http::StatusCode;
use serde_json::json;

/// What stands in the fields of ZPL, label by label.
fn fields(zpl: &str) -> Vec<Vec<&str>> {
    let labels = zpl.split("^XA").skip(1);
    let fields = labels.map(|label| label.split("^FD").skip(1));
    fields
        .map(|fields| {
            fields
                .filter_map(|field| field.split("^FS").next())
                .collect()
        })
        .collect()
}

fn labels_in_zpl(shop: &Shop, path: &str) -> Vec<Vec<String>> {
    let answer = shop.fetch(path);
    assert_eq!(answer.status, StatusCode::OK, "{path}: {}", answer.text());
    assert_eq!(answer.header("content-type"), "application/zpl");
    let text = answer.text();
    let labels = fields(&text);
    assert_eq!(answer.header("label-pages"), labels.len().to_string());
    let owned = |label: Vec<&str>| label.into_iter().map(str::to_owned).collect();
    labels.into_iter().map(owned).collect()
}

#[test]
fn a_label_says_what_the_shop_knows() {
    on_both(|shop| {
        shop.furnish();
        shop.post(
            "/operators",
            json!({"operator_id": "OP-1", "name": "Ana Ruiz", "roles": ["admin"], "active": true}),
        );
        shop.post(
            "/memorabilia",
            json!({"piece_id": "RELIC-00017", "kind": "RELIC-JERSEY", "description": "Jersey, 1998"}),
        );
        let ids = "PO-10001,J1001,J1001-S001,j1001-s002-02,J1001-S001-SET,PRESS-1,OP-1,RELIC-00017,FOIL-LOT-88,!NEXT";
        let path = format!("/labels?ids={ids}&format=zpl&width_mm=90&height_mm=40");
        let mut labels = labels_in_zpl(shop, &path);
        for label in &mut labels {
            let read = label.remove(0);
            assert_eq!(read, label[0], "what is read is what stands beside it");
        }
        assert_eq!(
            labels,
            [
                [
                    "PO-10001",
                    "PLAIN-2026 for Acme Cards",
                    "2 cards, due 2026-04-01"
                ]
                .as_slice(),
                &[
                    "J1001",
                    "PLAIN-2026 for Acme Cards",
                    "2 cards, due 2026-04-01"
                ],
                &[
                    "J1001-S001",
                    "Sheet 1 of J1001: run",
                    "PLAIN-2026 for Acme Cards"
                ],
                &[
                    "J1001-S002-02",
                    "Position 2: B",
                    "PLAIN-2026 for Acme Cards"
                ],
                &[
                    "J1001-S001-SET",
                    "Set of 2 cards",
                    "PLAIN-2026 for Acme Cards"
                ],
                &["PRESS-1", "PRESS-1", "press station"],
                &["OP-1", "Ana Ruiz"],
                &["RELIC-00017", "Jersey, 1998", "RELIC-JERSEY"],
                &["FOIL-LOT-88", "Material lot"],
                &["!NEXT", "Done with what is in hand"],
            ]
        );
    });
}

#[test]
fn everything_of_a_job_has_a_label_before_and_after_the_cut() {
    on_both(|shop| {
        shop.furnish();
        let said = |path: &str| -> Vec<String> {
            let labels = labels_in_zpl(shop, path);
            labels
                .into_iter()
                .map(|mut label| label.remove(0))
                .collect()
        };
        let all = [
            "J1001",
            "J1001-S001",
            "J1001-S001-01",
            "J1001-S001-02",
            "J1001-S001-SET",
            "J1001-S002",
            "J1001-S002-01",
            "J1001-S002-02",
            "J1001-S002-SET",
        ];
        assert_eq!(said("/jobs/J1001/labels?format=zpl"), all);
        shop.scan("J1001-S001", "PRESS-1");
        shop.scan("J1001-S001", "CUT-1");
        assert_eq!(said("/jobs/J1001/labels?format=zpl"), all);
        assert_eq!(said("/sheets/J1001-S001/labels?format=zpl"), &all[1..5]);
        assert_eq!(
            said("/jobs/J1001/labels?format=zpl&of=sheet,assembly"),
            [
                "J1001-S001",
                "J1001-S001-SET",
                "J1001-S002",
                "J1001-S002-SET"
            ]
        );
        // What is voided needs no label; its replacement does.
        shop.post("/card-units/J1001-S001-02/void", json!({"reason": "torn"}));
        shop.post(
            "/card-units/J1001-S001-02/replace",
            json!({"source": "reprint"}),
        );
        assert_eq!(
            said("/sheets/J1001-S001/labels?format=zpl&of=card_unit"),
            ["J1001-S001-01", "J1001-S001-02-R1"]
        );
        let replacement = labels_in_zpl(shop, "/labels?ids=J1001-S001-02-R1&format=zpl");
        assert_eq!(replacement[0][2], "Position 2: B, replacement 1");
        shop.post("/sheets/J1001-S002/void", json!({"reason": "misprint"}));
        assert_eq!(
            said("/jobs/J1001/labels?format=zpl&of=sheet"),
            ["J1001-S001"]
        );
    });
}

#[test]
fn pages_come_as_pdf_and_one_by_one_as_svg() {
    on_both(|shop| {
        shop.furnish();
        let pdf = shop.fetch("/jobs/J1001/labels?stock=a4-5x13&skip=60");
        assert_eq!(pdf.status, StatusCode::OK);
        assert_eq!(pdf.header("content-type"), "application/pdf");
        assert_eq!(pdf.header("label-pages"), "2");
        assert!(pdf.body.starts_with(b"%PDF-"));
        let page = "/jobs/J1001/labels?stock=a4-5x13&skip=60&format=svg&symbology=qr&page";
        for (number, on_it) in [(1, 5), (2, 4)] {
            let svg = shop.fetch(&format!("{page}={number}"));
            assert_eq!(svg.header("content-type"), "image/svg+xml");
            assert_eq!(svg.header("label-pages"), "2");
            assert_eq!(svg.text().matches("<path ").count(), on_it);
        }
        let ids = json!({"ids": ["J1001-S001-01", "J1001-S001-02"]});
        let many = shop.call_with(
            "POST",
            "/labels?format=svg&paper=letter&columns=2&rows=2",
            &[],
            Some(&ids),
        );
        assert_eq!(many.status, StatusCode::OK, "{}", many.text());
        assert!(many.text().contains("width=\"215.9mm\" height=\"279.4mm\""));
        let controls = "/labels/controls?failure_codes=F-201,F-202&hold_reasons=bent%20corner,foil%20void&format=zpl";
        let said: Vec<String> = labels_in_zpl(shop, controls)
            .into_iter()
            .map(|mut label| label.remove(0))
            .collect();
        assert_eq!(
            said,
            [
                "!PASS",
                "!FAIL F-201",
                "!FAIL F-202",
                "!HOLD bent corner",
                "!HOLD foil void",
                "!NEXT",
                "!UNDO",
                "!CLOSE"
            ]
        );
    });
}

#[test]
fn what_has_no_label_is_told_all_at_once() {
    on_both(|shop| {
        shop.furnish();
        let unknown =
            "J1001,J1001-S003,J1001-S001-03,J1001-S001-01-R1,PO-9,OP-9,NOTHING-1,J9-BOX-001";
        let (status, problem) = shop.unanswered(&format!("/labels?ids={unknown}"));
        assert_eq!(
            (status, problem),
            (
                404,
                json!({
                    "type": "urn:sheetwise:problem:unknown_id",
                    "title": "unknown id",
                    "status": 404,
                    "detail": "7 of these ids are not known here.",
                    "outcome": "refused",
                    "code": "unknown_id",
                    "message": "7 of these ids are not known here.",
                    "unknown_ids": [
                        "J1001-S003", "J1001-S001-03", "J1001-S001-01-R1", "PO-9", "OP-9", "NOTHING-1", "J9-BOX-001",
                    ],
                })
            )
        );
        for (path, status, message) in [
            (
                "/labels",
                422,
                "ids: name at least one id, like J1044-S003-07",
            ),
            (
                "/labels?ids=J1001-S1,FOIL%201",
                422,
                "ids: \"J1001-S1\" is not an id like J1044, ",
            ),
            (
                "/labels?ids=J1001&format=bmp",
                422,
                "format: \"bmp\" should be pdf, svg or zpl",
            ),
            (
                "/labels?ids=J1001&page=1",
                422,
                "page: it means nothing in this call",
            ),
            (
                "/labels?ids=J1001&dpi=203",
                422,
                "dpi: it means nothing in this call",
            ),
            (
                "/labels?ids=J1001&format=zpl&dpi=204",
                422,
                "dpi: 204 should be 203, 300 or 600",
            ),
            (
                "/labels?ids=J1001&format=zpl&rows=3",
                422,
                "rows: it means nothing in this call",
            ),
            (
                "/labels?ids=J1001&of=job",
                422,
                "of: it means nothing in this call",
            ),
            (
                "/labels?ids=J1001&stock=b5",
                422,
                "stock: \"b5\" should be one of a4-3x7, letter-3x10, ",
            ),
            (
                "/labels?ids=J1001&columns=0",
                422,
                "columns is 0: a page has 1 to 100",
            ),
            (
                "/labels?ids=J1001&rows=40&symbology=qr",
                422,
                "the QR symbol of \"J1001\" needs 7.25 mm",
            ),
            (
                "/labels?ids=J1001&format=svg&page=2",
                422,
                "there is no page 2: all labels are on page 1",
            ),
            (
                "/labels/controls?failure_codes=F%20201",
                422,
                "failure_codes: \"F 201\" is not a failure code like F-201: ",
            ),
            (
                "/labels/controls?hold_reasons=gekn%C3%A4ult",
                422,
                "\"!HOLD geknäult\" holds 'ä': ",
            ),
            (
                "/jobs/J1001/labels?of=order",
                422,
                "of: \"order\" is none of job, sheet, ",
            ),
            (
                "/labels?ids=J1001&skip=18446744073709551615",
                422,
                "skip is 18446744073709551615: a page has ",
            ),
            ("/jobs/J1002/labels", 404, "J1002 is not known here."),
            (
                "/sheets/J1001-S009/labels",
                404,
                "J1001-S009 is not known here.",
            ),
        ] {
            let (found, problem) = shop.unanswered(path);
            assert_eq!(found, status, "{path}: {problem:#}");
            let found = problem["message"].as_str().expect("a message");
            assert!(found.starts_with(message), "{path}: {found}");
        }
        let many = json!({"ids": vec!["J1001"; 10_001]});
        let (status, problem) = shop.refused("/labels", many);
        assert_eq!((status, &problem["code"]), (422, &json!("too_many")));
    });
}
