//! Who is let in, and what each may say.

use crate::support::{CALLS_PER_SECOND_MAX, Shop, on_both_guarded, on_sqlite_guarded, station};
use serde_json::{Value, json};
use sheetwise_http::Limits;
use std::time::{Duration, Instant};

pub(crate) const PASSWORD: &str = "correct horse battery";

/// Ada is admin, and has the first password.
pub(crate) fn with_an_admin(shop: &Shop) {
    person(shop, "OP-1", "Ada", "admin");
    set_password(shop, "OP-1");
}

fn person(shop: &Shop, operator_id: &str, name: &str, role: &str) {
    let entry = json!({"operator_id": operator_id, "name": name, "roles": [role], "active": true});
    shop.post("/operators", entry);
}

fn set_password(shop: &Shop, operator_id: &str) {
    let operator_id = operator_id.parse().expect("an id");
    let set = shop.keyring().set_password(&operator_id, PASSWORD, None);
    set.expect("a person and a password");
}

/// A shop with two stations, in which Ada (admin), Sam (operator) and Lee (lead) have passwords. Nobody has logged in.
fn staffed(shop: &Shop) {
    for (station_id, station_type) in [("FOIL-1", "foil_stamp"), ("QA-1", "qa")] {
        shop.post("/stations", station(station_id, station_type));
    }
    person(shop, "OP-2", "Sam", "operator");
    person(shop, "OP-3", "Lee", "lead");
    with_an_admin(shop);
    for operator_id in ["OP-2", "OP-3"] {
        set_password(shop, operator_id);
    }
}

fn log_in(shop: &Shop, operator_id: &str) {
    shop.show(None);
    let session = json!({"operator_id": operator_id, "password": PASSWORD});
    let session = shop.post("/sessions", session);
    shop.show(session["token"].as_str());
}

/// The token for a device or program, made by Ada.
fn token(shop: &Shop, wanted: Value) -> String {
    log_in(shop, "OP-1");
    let issued = shop.post("/tokens", wanted);
    issued["token"].as_str().expect("a token").to_owned()
}

fn code(refused: &(u16, Value)) -> (u16, &str) {
    (refused.0, refused.1["code"].as_str().expect("a code"))
}

fn scan(station_id: &str) -> Value {
    json!({"barcode": "J1001-S001", "station_id": station_id})
}

#[test]
fn as_long_as_nobody_has_a_credential_everybody_is_let_in() {
    on_both_guarded(|shop| {
        assert_eq!(shop.get("/me"), json!({"kind": "at_home"}));
        shop.post("/stations", station("FOIL-1", "foil_stamp"));
        // But the first credential is made where the database is: whoever locks the door has to be inside.
        let device = json!({"kind": "device", "name": "scanner"});
        assert_eq!(
            code(&shop.refused("/tokens", device)),
            (409, "no_admin_yet")
        );
    });
}

#[test]
fn as_soon_as_somebody_has_one_strangers_are_told_to_say_who_they_are() {
    on_both_guarded(|shop| {
        staffed(shop);
        assert_eq!(code(&shop.unanswered("/jobs")), (401, "no_credential"));
        assert_eq!(
            code(&shop.refused("/scan", scan("FOIL-1"))),
            (401, "no_credential")
        );
        // What strangers are told all the same.
        shop.get("/openapi.json");
        shop.show(Some("sheetwise_of_somebody_else"));
        assert_eq!(code(&shop.unanswered("/jobs")), (401, "unknown_credential"));
        shop.get("/healthz");
        let came = shop.fetch("/jobs");
        assert_eq!(came.header("www-authenticate"), "Bearer");
    });
}

#[test]
fn a_person_logs_in_and_speaks_in_their_own_name() {
    on_both_guarded(|shop| {
        staffed(shop);
        log_in(shop, "OP-3");
        let me = json!({"kind": "person", "name": "Lee", "operator_id": "OP-3", "roles": ["lead"]});
        assert_eq!(shop.get("/me"), me);
        shop.post("/stations/FOIL-1/down", json!({"reason": "the heater"}));
        let log = shop.get("/events?type=StationWentDown&limit=1");
        assert_eq!(log["events"][0]["operator_id"], "OP-3", "{log:#}");
        let as_ada = json!({"operator_id": "OP-1"});
        assert_eq!(
            code(&shop.refused("/stations/FOIL-1/up", as_ada)),
            (403, "not_yours")
        );
        // What Lee may do the core decides, by Lee's roles.
        let order = json!({"customer": "Acme", "product_id": "X-1", "quantity": 1, "due_date": "2026-04-01"});
        assert_eq!(
            code(&shop.refused("/orders", order)),
            (403, "not_permitted")
        );
    });
}

#[test]
fn a_session_ends_by_logging_out_by_time_and_by_another_password() {
    on_both_guarded(|shop| {
        staffed(shop);
        log_in(shop, "OP-2");
        shop.post("/sessions/current/close", json!({}));
        assert_eq!(code(&shop.unanswered("/me")), (401, "unknown_credential"));
        log_in(shop, "OP-2");
        set_password(shop, "OP-2");
        // The door of this server hears of it within seconds; of what it did itself at once.
        let another = json!({"password": "quite another one", "old_password": PASSWORD});
        log_in(shop, "OP-2");
        shop.post("/operators/OP-2/password", another);
        assert_eq!(code(&shop.unanswered("/me")), (401, "unknown_credential"));
        log_in(shop, "OP-3");
        shop.wait(13 * 60 * 60);
        assert_eq!(code(&shop.unanswered("/me")), (401, "unknown_credential"));
    });
}

#[test]
fn a_wrong_password_is_told_from_no_such_person_by_nothing_and_after_a_few_one_has_to_wait() {
    on_sqlite_guarded(|shop| {
        staffed(shop);
        let wrong = |operator_id: &str| {
            shop.refused(
                "/sessions",
                json!({"operator_id": operator_id, "password": "a guess at it"}),
            )
        };
        assert_eq!(wrong("OP-2"), wrong("OP-99"));
        assert_eq!(code(&wrong("OP-2")), (401, "wrong_password"));
        for _ in 0..3 {
            wrong("OP-2");
        }
        assert_eq!(code(&wrong("OP-2")), (429, "too_many_mistakes"));
        // Not even the right one, and nobody else has to wait.
        let right = json!({"operator_id": "OP-2", "password": PASSWORD});
        assert_eq!(
            code(&shop.refused("/sessions", right)),
            (429, "too_many_mistakes")
        );
        log_in(shop, "OP-3");
    });
}

#[test]
fn passwords_are_set_by_the_person_or_an_admin_and_are_no_short_ones() {
    on_both_guarded(|shop| {
        staffed(shop);
        log_in(shop, "OP-2");
        let of = |operator_id: &str| format!("/operators/{operator_id}/password");
        let new = json!({"password": "quite another one"});
        assert_eq!(
            code(&shop.refused(&of("OP-3"), new.clone())),
            (403, "not_permitted")
        );
        assert_eq!(
            code(&shop.refused(&of("OP-2"), new.clone())),
            (401, "wrong_password")
        );
        log_in(shop, "OP-1");
        let short = json!({"password": "short"});
        assert_eq!(
            code(&shop.refused(&of("OP-3"), short)),
            (422, "poor_password")
        );
        assert_eq!(
            code(&shop.refused(&of("OP-9"), new.clone())),
            (404, "operator_unknown")
        );
        assert_eq!(shop.post(&of("OP-3"), new), json!({"operator_id": "OP-3"}));
    });
}

#[test]
fn a_device_speaks_at_its_stations_and_does_the_floors_work_only() {
    on_both_guarded(|shop| {
        staffed(shop);
        let device = json!({"kind": "device", "name": "scanner at the foil stamp", "station_ids": ["FOIL-1"]});
        shop.show(Some(&token(shop, device)));
        // It is let through to the shop, which does not know the sheet.
        let (status, said) = shop.refused("/scan", scan("FOIL-1"));
        assert_eq!((status, &said["code"]), (404, &json!("unknown_barcode")));
        assert_eq!(
            code(&shop.refused("/scan", scan("QA-1"))),
            (403, "not_your_station")
        );
        // A lead's badge is no lead.
        let void = json!({"reason": "torn", "operator_id": "OP-3"});
        assert_eq!(
            code(&shop.refused("/sheets/J1001-S001/void", void)),
            (403, "not_permitted")
        );
        assert_eq!(code(&shop.unanswered("/tokens")), (403, "not_permitted"));
        // In bulk each scan stands alone.
        let both = json!({"scans": [scan("QA-1"), scan("FOIL-1")]});
        let verdicts = shop.post("/scans", both);
        assert_eq!(verdicts["results"][0]["code"], "not_your_station");
        assert_eq!(verdicts["results"][1]["code"], "unknown_barcode");
        assert_eq!(verdicts["refused"], 2);
    });
}

#[test]
fn a_program_does_what_its_token_says_until_it_is_revoked() {
    on_both_guarded(|shop| {
        staffed(shop);
        let program = json!({"kind": "program", "name": "erp", "roles": ["planner"]});
        let erp = token(shop, program);
        let listed = shop.get("/tokens");
        let text = listed.to_string();
        assert!(!text.contains(&erp) && !text.contains("hash"), "{text}");
        let id = listed["tokens"][0]["token_id"]
            .as_str()
            .expect("an id")
            .to_owned();
        shop.show(Some(&erp));
        // Planning is its work: the shop does not know the product.
        let order = json!({"customer": "Acme", "product_id": "X-1", "quantity": 1, "due_date": "2026-04-01"});
        assert_eq!(
            code(&shop.refused("/orders", order)),
            (409, "product_not_published")
        );
        assert_eq!(
            code(&shop.refused("/scan", scan("FOIL-1"))),
            (403, "not_permitted")
        );
        log_in(shop, "OP-1");
        shop.post(&format!("/tokens/{id}/revoke"), json!({}));
        shop.show(Some(&erp));
        assert_eq!(code(&shop.unanswered("/jobs")), (401, "unknown_credential"));
        log_in(shop, "OP-1");
        // A password is no token: it is replaced, or its person is no longer active.
        for no_token in ["token_of_nobody", "password_OP-2"] {
            let path = format!("/tokens/{no_token}/revoke");
            assert_eq!(code(&shop.refused(&path, json!({}))), (404, "unknown_id"));
        }
        log_in(shop, "OP-2");
    });
}

#[test]
fn a_stream_ends_when_its_token_does() {
    on_both_guarded(|unhurried| {
        let shop = unhurried.beside(Limits {
            stream_keep_alive: Duration::from_millis(100),
            ..Limits::default()
        });
        staffed(&shop);
        let erp = token(
            &shop,
            json!({"kind": "program", "name": "erp", "roles": []}),
        );
        let listed = shop.get("/tokens");
        let id = listed["tokens"][0]["token_id"].as_str().expect("an id");
        let server = shop.serve();
        let mut following = server.send(&format!(
            "GET /events/stream HTTP/1.1\r\nHost: shop\r\nAuthorization: Bearer {erp}\r\n\r\n"
        ));
        following.events_after(0, shop.last_event());
        let alive = || following.line().expect("the stream goes on");
        assert!(std::iter::repeat_with(alive).any(|line| line == ": alive"));
        shop.post(&format!("/tokens/{id}/revoke"), json!({}));
        let revoked = Instant::now();
        while following.line().is_some() {
            let soon = revoked.elapsed() < Duration::from_secs(30);
            assert!(soon, "the stream goes on");
        }
    });
}

#[test]
fn while_credentials_change_nobody_is_taken_for_somebody_at_home() {
    on_sqlite_guarded(|shop| {
        staffed(shop);
        let keyring = shop.keyring();
        let done = std::sync::atomic::AtomicBool::new(false);
        std::thread::scope(|scope| {
            scope.spawn(|| {
                for _ in 0..2_000 {
                    keyring.revoke("token_of_nobody").unwrap_err();
                }
                done.store(true, std::sync::atomic::Ordering::Relaxed);
            });
            while !done.load(std::sync::atomic::Ordering::Relaxed) {
                assert!(!keyring.is_empty().unwrap(), "the door stood open");
            }
        });
    });
}

#[test]
fn an_operator_who_is_no_longer_active_is_no_longer_let_in() {
    on_both_guarded(|shop| {
        staffed(shop);
        log_in(shop, "OP-1");
        let gone =
            json!({"operator_id": "OP-3", "name": "Lee", "roles": ["lead"], "active": false});
        shop.post("/operators", gone);
        shop.show(None);
        let session = json!({"operator_id": "OP-3", "password": PASSWORD});
        std::thread::sleep(Duration::from_millis(600)); // what the door knows may be half a second old
        assert_eq!(
            code(&shop.refused("/sessions", session)),
            (401, "wrong_password")
        );
    });
}

#[test]
fn who_calls_too_often_is_told_when_to_go_on() {
    on_sqlite_guarded(|shop| {
        staffed(shop);
        log_in(shop, "OP-2");
        let calls = (0..CALLS_PER_SECOND_MAX * 20).map(|_| shop.call_with("GET", "/me", &[], None));
        let refused = calls.into_iter().find(|came| came.status == 429);
        let refused = refused.expect("so many calls are too many");
        assert_eq!(refused.json()["code"], "too_many_calls");
        assert_eq!(refused.header("retry-after"), "1");
    });
}
