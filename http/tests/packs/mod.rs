//! `/packs`

use crate::support::on_both;
use serde_json::json;

#[test]
fn a_pack_shows_its_contents_down_to_the_card_at_any_moment() {
    on_both(|shop| {
        shop.furnish();
        shop.pack_the_first_set();
        let packed = shop.last_event();
        shop.post("/packs/J1001-BOX-001/close", json!({}));
        shop.post("/packs/J1001-BOX-001/ship", json!({}));
        let pack = shop.get("/packs/J1001-BOX-001");
        assert_eq!(pack["status"], "shipped");
        assert_eq!(
            pack["contents"],
            json!({"packs": [], "sets": [{
                "assembly_id": "J1001-S001-SET", "pack_id": "J1001-BOX-001",
                "card_unit_ids": ["J1001-S001-01", "J1001-S001-02"], "short_positions": [],
            }]})
        );
        let then = shop.get(&format!("/packs/J1001-BOX-001?as_of={packed}"));
        assert_eq!(
            (&then["status"], &then["contents"]),
            (&json!("open"), &pack["contents"])
        );
        let (status, _) = shop.unanswered("/packs/J1001-BOX-001?as_of=5");
        assert_eq!(status, 404);
    });
}

#[test]
fn a_set_comes_out_of_the_pack_in_the_path_as_it_was_seen() {
    on_both(|shop| {
        shop.furnish();
        shop.pack_the_first_set();
        let wanted = json!({"assembly_id": "J1001-S001-SET", "reason": "wrong label"});
        let (status, problem) = shop.refused("/packs/J1001-BOX-009/unpack", wanted.clone());
        assert_eq!(
            (status, &problem["code"]),
            (409, &json!("already_packed")),
            "{problem:#}"
        );
        let path = "/packs/J1001-BOX-001";
        let tag = |path: &str| {
            shop.call_with("GET", path, &[], None)
                .header("etag")
                .to_owned()
        };
        let (of_the_pack, of_the_set) = (tag(path), tag("/assemblies/J1001-S001-SET"));
        let unpack = |tag: &str| {
            let path = format!("{path}/unpack");
            shop.call_with("POST", &path, &[("If-Match", tag)], Some(&wanted))
        };
        assert_ne!(of_the_pack, of_the_set);
        assert_eq!(unpack(&of_the_set).json()["code"], "version_mismatch");
        assert_eq!(unpack(&of_the_pack).status, 200);
    });
}

#[test]
fn a_case_is_listed_and_holds_its_boxes() {
    on_both(|shop| {
        shop.furnish();
        shop.pack_the_first_set();
        shop.post("/packs/J1001-BOX-001/close", json!({}));
        shop.post(
            "/packs",
            json!({"pack_id": "J1001-CASE-001", "station_id": "PACK-1"}),
        );
        shop.scan("J1001-BOX-001", "PACK-1");
        let nested = shop.last_event();
        let of = |query: &str| {
            let list = shop.get(&format!("/packs?{query}"));
            let packs = list["packs"].as_array().expect("a list").clone();
            packs
                .iter()
                .map(|p| p["pack_id"].clone())
                .collect::<Vec<_>>()
        };
        assert_eq!(of("job_id=J1001"), ["J1001-BOX-001", "J1001-CASE-001"]);
        assert_eq!(of("kind=case"), ["J1001-CASE-001"]);
        assert_eq!(of("outer_pack_id=J1001-CASE-001"), ["J1001-BOX-001"]);
        let case = shop.get("/packs/J1001-CASE-001");
        assert_eq!(case["contents"]["packs"][0]["pack_id"], "J1001-BOX-001");
        assert_eq!(case["contents"]["sets"][0]["assembly_id"], "J1001-S001-SET");
        assert_eq!(
            shop.get(&format!("/packs/J1001-CASE-001?as_of={nested}")),
            case
        );
    });
}
