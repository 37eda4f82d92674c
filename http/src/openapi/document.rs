//! Puts the document together: paths, answers by status, and the shapes that they name.

use super::calls::Described;
use super::describe::{Operation, Shapes};
use super::refusals;
use crate::access::is_open;
use crate::problem::{Border, ProblemDocument, status_of};
use serde_json::{Map, Value, json};
use sheetwise_core::domain::REFUSAL_CODES;
use std::collections::BTreeMap;

/// Requests and answers that the tests saw: `operation_id` → `{"request": …, "answer": …, "problem": …}`.
const EXAMPLES: &str = include_str!("examples.json");

/// The whole document.
pub(super) fn document(calls: &[Described]) -> Value {
    let examples: Value = serde_json::from_str(EXAMPLES).expect("the examples are JSON");
    let mut shapes = Shapes::new();
    let problem = shapes
        .answered
        .subschema_for::<ProblemDocument>()
        .to_value();
    let mut paths: BTreeMap<&str, Map<String, Value>> = BTreeMap::new();
    let mut rooms: Vec<Value> = Vec::new();
    for call in calls {
        let mut operation = Operation::new(&mut shapes);
        (call.describe)(&mut operation);
        operation.may_answer(&[Border::Load, Border::Fault]);
        if !is_open(call.method, call.path) {
            // The door answers, or the database that it asks.
            operation.may_answer(&[Border::Stranger, Border::TooOften, Border::NotNow]);
        }
        let described = operation_object(call, &operation, &problem, &examples[call.operation_id]);
        let methods = paths.entry(call.path).or_default();
        methods.insert(call.method.to_owned(), described);
        let room = json!({"name": call.room});
        if !rooms.contains(&room) {
            rooms.push(room);
        }
    }
    let mut document = json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Sheetwise",
            "version": env!("CARGO_PKG_VERSION"),
            "license": {"name": "MIT OR Apache-2.0"},
            "description": DESCRIPTION,
        },
        "tags": rooms,
        "paths": paths,
    });
    let schemas = schemas(&mut shapes, &mut document);
    document["components"] = json!({
        "schemas": schemas,
        "securitySchemes": {"token": {"type": "http", "scheme": "bearer", "description": TOKENS}},
    });
    document
}

const DESCRIPTION: &str = "Production tracking for trading cards: a sheet becomes N cards, and exactly those N come together again.\n\n\
    Times are RFC 3339 in UTC; ids are text in one canonical spelling, and are read in any letter case. A command answers what was recorded, or that it \
    had been said before; every no is a problem document (RFC 9457) with a stable `code`, and changed nothing. A command with an \
    `Idempotency-Key` never acts twice: the same key gives the same answer, for ever. Whoever may collide with somebody else sends the `ETag` \
    that was seen as `If-Match`, and is answered 412 if the thing has changed since. Every answer bears an `X-Correlation-Id`: the request's own, or a new one. \
    The server's log bears it too; events that the request recorded bear it only if the request brought it, followed by `~` and something of their own.";

const TOKENS: &str = "A person's session, or the token of a device or program. Nobody needs one as long as nobody has one.";

fn operation_object(
    call: &Described,
    operation: &Operation<'_>,
    problem: &Value,
    examples: &Value,
) -> Value {
    let mut responses: BTreeMap<String, Value> = BTreeMap::new();
    if !operation.answer.is_empty() {
        let content = content(&operation.answer, examples.get("answer"));
        let mut answer = json!({"description": "As asked.", "content": content});
        for (name, header) in &operation.headers {
            answer["headers"][name] = header.clone();
        }
        if operation.tagged {
            answer["headers"]["ETag"] = etag();
            let unchanged = json!({
                "description": "What `If-None-Match` names is what would be answered.",
                "headers": {"ETag": etag()},
            });
            responses.insert("304".into(), unchanged);
        }
        responses.insert("200".into(), answer);
    }
    for (status, codes) in codes_by_status(call, operation) {
        let mut lines: Vec<String> = Vec::new();
        for (code, meaning) in &codes {
            lines.push(format!("- `{code}`: {meaning}"));
        }
        let names: Vec<&str> = codes.iter().map(|(code, _)| *code).collect();
        let mut content = json!({
            "schema": {"allOf": [problem, {"properties": {"code": {"enum": names}}}]},
        });
        if let Some(example) = examples.get("problem")
            && example["status"] == status
        {
            content["example"] = example.clone();
        }
        let mut answer = json!({
            "description": lines.join("\n"),
            "content": {"application/problem+json": content},
        });
        if status == 401 {
            answer["headers"] = json!({
                "WWW-Authenticate": {"description": "`Bearer`", "schema": {"type": "string"}},
            });
        }
        if status == 503 || status == 429 {
            answer["headers"] = json!({
                "Retry-After": {"description": "Seconds.", "schema": {"type": "integer"}},
            });
        }
        responses.insert(status.to_string(), answer);
    }
    let mut object = json!({
        "operationId": call.operation_id,
        "summary": call.summary,
        "tags": [call.room],
        "parameters": operation.parameters,
        "responses": responses,
    });
    // Without one all is well where nobody has a credential yet.
    if !is_open(call.method, call.path) {
        object["security"] = json!([{"token": []}, {}]);
    }
    if !operation.body.is_empty() {
        let content = content(&operation.body, examples.get("request"));
        object["requestBody"] = json!({"required": true, "content": content});
    }
    object
}

/// Schemas by media type; the example is of the one that is JSON.
fn content(bodies: &[(&'static str, Value)], example: Option<&Value>) -> Map<String, Value> {
    let of = |(media_type, schema): &(&'static str, Value)| {
        let mut described = json!({"schema": schema});
        if let Some(example) = example.filter(|_| *media_type == "application/json") {
            described["example"] = example.clone();
        }
        ((*media_type).to_owned(), described)
    };
    bodies.iter().map(of).collect()
}

fn etag() -> Value {
    json!({"description": "Changes whenever the answer does.", "schema": {"type": "string"}})
}

/// Every code that the call can answer, with what it means, by status.
fn codes_by_status(
    call: &Described,
    operation: &Operation<'_>,
) -> BTreeMap<u16, Vec<(&'static str, &'static str)>> {
    let mut codes: BTreeMap<u16, Vec<(&'static str, &'static str)>> = BTreeMap::new();
    for border in &operation.problems {
        for (status, code, meaning) in border.answers() {
            let of_status = codes.entry(*status).or_default();
            if !of_status.iter().any(|(listed, _)| listed == code) {
                of_status.push((code, meaning));
            }
        }
    }
    if operation.is_command {
        let of_the_shop = refusals::of(call.operation_id, operation.is_scan);
        for (code, class, meaning) in REFUSAL_CODES {
            if of_the_shop.contains(code) {
                codes
                    .entry(status_of(*class).as_u16())
                    .or_default()
                    .push((code, meaning));
            }
        }
    }
    for of_status in codes.values_mut() {
        of_status.sort_unstable();
        of_status.dedup();
    }
    codes
}

/// The shapes that are named. What is asked and what is answered share a name where they are the same.
fn schemas(shapes: &mut Shapes, document: &mut Value) -> Map<String, Value> {
    let mut answered = shapes.answered.take_definitions(false);
    let asked = shapes.asked.take_definitions(false);
    let mut same: Vec<&String> = asked.keys().filter(|n| answered.contains_key(*n)).collect();
    loop {
        let is_same = |name: &&String| {
            let mut of_asked = asked[*name].clone();
            rename(&mut of_asked, &|name| name.to_owned());
            let mut names = Vec::new();
            named(&asked[*name], &mut names);
            let differs = |n: &String| answered.contains_key(n) && !same.contains(&n);
            of_asked == answered[*name] && !names.iter().any(differs)
        };
        let still: Vec<&String> = same.iter().copied().filter(is_same).collect();
        if still.len() == same.len() {
            break;
        }
        same = still;
    }
    let new_name = |name: &str| {
        if answered.contains_key(name) && !same.iter().any(|s| *s == name) {
            format!("New{name}")
        } else {
            name.to_owned()
        }
    };
    let mut all = Map::new();
    for (name, schema) in &asked {
        let mut schema = schema.clone();
        rename(&mut schema, &new_name);
        all.insert(new_name(name), schema);
    }
    rename(document, &new_name);
    answered.retain(|name, _| !all.contains_key(name));
    all.extend(answered);
    all
}

/// The names of the shapes of what is asked that stand in here.
fn named(schema: &Value, names: &mut Vec<String>) {
    match schema {
        Value::Object(fields) => {
            if let Some(Value::String(at)) = fields.get("$ref")
                && let Some(name) = at.strip_prefix(Shapes::ASKED)
            {
                names.push(name.to_owned());
            }
            fields.values().for_each(|field| named(field, names));
        }
        Value::Array(parts) => parts.iter().for_each(|part| named(part, names)),
        _ => {}
    }
}

/// Has every reference to a shape of what is asked name the shape where it stands in the end.
fn rename(schema: &mut Value, new_name: &dyn Fn(&str) -> String) {
    match schema {
        Value::Object(fields) => {
            if let Some(Value::String(at)) = fields.get_mut("$ref")
                && let Some(name) = at.strip_prefix(Shapes::ASKED)
            {
                *at = format!("#/components/schemas/{}", new_name(name));
            }
            fields
                .values_mut()
                .for_each(|field| rename(field, new_name));
        }
        Value::Array(parts) => parts.iter_mut().for_each(|part| rename(part, new_name)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::router::calls;

    #[test]
    fn every_code_of_the_shop_stands_at_some_call() {
        let document = document(&calls().described);
        let text = document.to_string();
        for (code, ..) in REFUSAL_CODES {
            assert!(text.contains(&format!("\"{code}\"")), "{code}");
        }
        for border in Border::ALL {
            for (_, code, _) in border.answers() {
                assert!(text.contains(&format!("\"{code}\"")), "{code}");
            }
        }
    }

    #[test]
    fn every_reference_leads_somewhere() {
        fn references<'a>(value: &'a Value, found: &mut Vec<&'a str>) {
            match value {
                Value::Object(fields) => {
                    found.extend(fields.get("$ref").and_then(Value::as_str));
                    fields.values().for_each(|field| references(field, found));
                }
                Value::Array(parts) => parts.iter().for_each(|part| references(part, found)),
                _ => {}
            }
        }
        let document = document(&calls().described);
        let mut found = Vec::new();
        references(&document, &mut found);
        assert!(found.len() > 100, "{} references", found.len());
        for at in found {
            let pointer = at
                .strip_prefix('#')
                .expect("a reference within the document");
            assert!(document.pointer(pointer).is_some(), "{at}");
        }
    }

    #[test]
    fn every_call_has_a_name_of_its_own_and_a_summary() {
        let mut names: Vec<&str> = calls().described.iter().map(|c| c.operation_id).collect();
        let all = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), all);
        assert!(calls().described.iter().all(|c| !c.summary.is_empty()));
    }
}
