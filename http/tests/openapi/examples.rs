//! The document's examples are what a shop was asked and answered: `src/openapi/examples.json` is written by this test.

use super::story::{story, the_door};
use crate::support::{Shop, on_sqlite, on_sqlite_guarded};
use serde_json::{Map, Value};
use sheetwise_http::openapi;

const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/src/openapi/examples.json");

/// The first request that was answered, its answer, and the first problem, of each call.
fn heard() -> Map<String, Value> {
    let heard = std::cell::RefCell::new(Map::new());
    let listen = |shop: &Shop| {
        let mut examples = heard.borrow_mut();
        for mut call in shop.heard() {
            hide_chance(&mut call.answer);
            let example = examples
                .entry(call.operation_id.clone())
                .or_insert_with(|| Map::new().into());
            let mut put = |name: &str, value: Value| {
                if example.get(name).is_none() {
                    example[name] = value;
                }
            };
            if call.status.is_success() {
                if let Some(body) = call.body {
                    put("request", body);
                }
                if call.operation_id != "openapi_json" {
                    put("answer", call.answer);
                }
            } else {
                put("problem", call.answer);
            }
        }
    };
    on_sqlite(|shop| {
        story(shop);
        listen(shop);
    });
    on_sqlite_guarded(|shop| {
        the_door(shop);
        listen(shop);
    });
    heard.into_inner()
}

/// Tokens and their names are made of chance; in the examples they are always the same.
fn hide_chance(answer: &mut Value) {
    match answer {
        Value::String(text) => {
            for (prefix, digits) in [("sheetwise_", 64), ("token_", 12)] {
                if text
                    .strip_prefix(prefix)
                    .is_some_and(|rest| rest.len() == digits)
                {
                    *text = format!("{prefix}{}", &"0123456789abcdef".repeat(4)[..digits]);
                }
            }
        }
        Value::Object(fields) => fields.values_mut().for_each(hide_chance),
        Value::Array(parts) => parts.iter_mut().for_each(hide_chance),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

#[test]
fn the_examples_are_what_a_shop_was_asked_and_answered() {
    let examples = Value::Object(heard());
    if std::env::var_os("SHEETWISE_WRITE_EXAMPLES").is_some() {
        let text = serde_json::to_string_pretty(&examples).expect("JSON") + "\n";
        std::fs::write(FILE, text).expect("the file is written");
        return;
    }
    let written = std::fs::read_to_string(FILE).expect("the examples are there");
    let written: Value = serde_json::from_str(&written).expect("JSON");
    for (operation_id, example) in examples.as_object().expect("examples") {
        assert_eq!(
            &written[operation_id], example,
            "{operation_id} answers otherwise: SHEETWISE_WRITE_EXAMPLES=1 writes the examples anew"
        );
    }
}

#[test]
fn every_call_has_an_example() {
    for methods in openapi()["paths"].as_object().expect("paths").values() {
        for call in methods.as_object().expect("methods").values() {
            let name = &call["operationId"];
            let answered = call.pointer("/responses/200/content/application~1json");
            if let Some(answered) = answered.filter(|_| name != "openapi_json") {
                assert!(answered.get("example").is_some(), "{name}");
            }
            if let Some(asked) = call.pointer("/requestBody/content/application~1json") {
                assert!(asked.get("example").is_some(), "{name}");
            }
        }
    }
}
