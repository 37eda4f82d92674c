//! Every answer stands in the document: the call, its status, its media type, and the code of a problem.

use super::Came;
use serde_json::Value;
use sheetwise_http::openapi;

/// The document's entry for a call; a path without one is of nobody.
fn described(method: &str, path: &str) -> Option<&'static Value> {
    let paths = openapi()["paths"].as_object().expect("paths");
    let parts: Vec<&str> = path.split('/').collect();
    let fits = |template: &str| {
        let wanted: Vec<&str> = template.split('/').collect();
        wanted.len() == parts.len()
            && wanted
                .iter()
                .zip(&parts)
                .all(|(wanted, part)| wanted == part || wanted.starts_with('{'))
    };
    let (_, methods) = paths.iter().find(|(template, _)| fits(template))?;
    methods.get(method.to_lowercase())
}

/// The name of the call.
pub(crate) fn operation_of(method: &str, path: &str) -> Option<String> {
    Some(described(method, path)?["operationId"].as_str()?.to_owned())
}

pub(super) fn must_be_documented(method: &str, path: &str, came: &Came) {
    let Some(call) = described(method, path) else {
        assert!(
            matches!(came.status.as_u16(), 404 | 405),
            "{method} {path} is answered, and stands nowhere"
        );
        return;
    };
    let status = came.status.as_u16();
    let answer = &call["responses"][status.to_string()];
    let text = String::from_utf8_lossy(&came.body);
    assert!(
        answer.is_object(),
        "{method} {path}: {status} is not documented: {text}"
    );
    let media_type = came
        .header("content-type")
        .split(';')
        .next()
        .expect("a first part");
    if !came.body.is_empty() {
        let content = &answer["content"][media_type];
        assert!(
            content.is_object(),
            "{method} {path}: {status} {media_type} is not documented"
        );
        if media_type == "application/problem+json" {
            let code = &came.json()["code"];
            let codes = &content["schema"]["allOf"][1]["properties"]["code"]["enum"];
            let listed = codes.as_array().is_some_and(|codes| codes.contains(code));
            assert!(
                listed,
                "{method} {path}: {status} {code} is not documented: {text}"
            );
        }
    }
}
