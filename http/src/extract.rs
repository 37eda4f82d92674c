//! What comes in with a call, read once: bodies, ids in paths, keys in headers. What cannot be read is answered
//! as a problem.

use crate::openapi::{Operation, Takes};
use crate::problem::{Border, Problem};
use axum::Json;
use axum::body::Bytes;
use axum::extract::rejection::{JsonRejection, QueryRejection};
use axum::extract::{FromRequest, FromRequestParts, Path, Query, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::json;
use sheetwise_core::domain::UnitRef;
use sheetwise_core::identity::IdError;
use sheetwise_store::ledger::Expected;
use smol_str::SmolStr;
use std::borrow::Cow;
use std::convert::Infallible;
use std::str::FromStr;

/// So many entries of a list come at once where the caller does not say, and at most.
const PAGE: u16 = 100;
const PAGE_MAX: u16 = 1_000;

/// How many entries of a list to answer with.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(try_from = "u64")]
pub(crate) struct Limit(u16);

impl Default for Limit {
    fn default() -> Self {
        Self(PAGE)
    }
}

impl Limit {
    pub(crate) fn get(self) -> usize {
        self.0.into()
    }
}

impl TryFrom<u64> for Limit {
    type Error = String;

    fn try_from(number: u64) -> Result<Self, String> {
        match u16::try_from(number) {
            Ok(entries @ 1..=PAGE_MAX) => Ok(Self(entries)),
            _ => Err(format!(
                "limit is {number}, and should be from 1 to {PAGE_MAX}"
            )),
        }
    }
}

impl JsonSchema for Limit {
    fn schema_name() -> Cow<'static, str> {
        "Limit".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "integer", "minimum": 1, "maximum": PAGE_MAX, "default": PAGE,
            "description": "At most so many entries.",
        })
    }
}

/// A JSON body.
pub(crate) struct Body<T>(pub(crate) T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Body<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        match Json::from_request(request, state).await {
            Ok(Json(body)) => Ok(Self(body)),
            Err(rejection) => {
                let status = match &rejection {
                    JsonRejection::JsonDataError(_) => StatusCode::UNPROCESSABLE_ENTITY,
                    other => other.status(),
                };
                Err(Problem::malformed(status, rejection.body_text()))
            }
        }
    }
}

/// A JSON body whose shape is an event's. An event passes over fields that it does not know; who says one anew has
/// misspelled something.
pub(crate) struct Entry<T>(pub(crate) T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Entry<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let (parts, body) = request.into_parts();
        let request = Request::from_parts(parts.clone(), body);
        let bytes = Bytes::from_request(request, state).await;
        let bytes = bytes.map_err(|e| Problem::malformed(e.status(), e.body_text()))?;
        let request = Request::from_parts(parts, bytes.clone().into());
        let Body(entry) = Body::from_request(request, state).await?;
        let mut unknown = None;
        let mut json = serde_json::Deserializer::from_slice(&bytes);
        let again: Result<T, _> = serde_ignored::deserialize(&mut json, |path| {
            unknown.get_or_insert_with(|| path.to_string());
        });
        match (again, unknown) {
            (_, Some(path)) => Err(Problem::unknown_field(&path)),
            (Ok(_), None) => Ok(Self(entry)),
            (Err(_), None) => Err(Problem::bug()), // it was read a moment ago
        }
    }
}

/// The parameters behind the question mark.
pub(crate) struct Parameters<T>(pub(crate) T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for Parameters<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        // No database of ours keeps NUL, so nothing can be found by it.
        if parts.uri.query().is_some_and(|query| query.contains("%00")) {
            let message = "a parameter holds the character NUL".to_owned();
            let status = StatusCode::UNPROCESSABLE_ENTITY;
            return Err(Problem::malformed(status, message));
        }
        let query = Query::from_request_parts(parts, state).await;
        match query {
            Ok(Query(parameters)) => Ok(Self(parameters)),
            Err(rejection) => {
                let status = StatusCode::UNPROCESSABLE_ENTITY;
                let message = match &rejection {
                    QueryRejection::FailedToDeserializeQueryString(e) => e.body_text(),
                    other => other.body_text(),
                };
                Err(Problem::malformed(status, message))
            }
        }
    }
}

/// The id in the path.
pub(crate) struct Id<T>(pub(crate) T);

impl<S: Send + Sync, T: FromStr<Err = IdError>> FromRequestParts<S> for Id<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let Ok(Path(text)) = Path::<String>::from_request_parts(parts, state).await else {
            let message = "the path is not UTF-8".to_owned();
            return Err(Problem::malformed(
                StatusCode::UNPROCESSABLE_ENTITY,
                message,
            ));
        };
        text.parse()
            .map(Self)
            .map_err(|e: IdError| Problem::unreadable(&e))
    }
}

/// The word in the path, where any word will do.
pub(crate) struct Text(pub(crate) String);

impl<S: Send + Sync> FromRequestParts<S> for Text {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let path = Path::<String>::from_request_parts(parts, state).await;
        path.map(|Path(text)| Self(text))
            .map_err(|_| Problem::parameter("the path", "it is not UTF-8"))
    }
}

/// The header `Idempotency-Key`: the same key never acts twice.
pub(crate) struct Key(pub(crate) Option<SmolStr>);

impl<S: Send + Sync> FromRequestParts<S> for Key {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let Some(value) = parts.headers.get("idempotency-key") else {
            return Ok(Self(None));
        };
        match value.to_str() {
            Ok(text) if !text.trim().is_empty() => Ok(Self(Some(text.trim().into()))),
            _ => Err(Problem::parameter(
                "Idempotency-Key",
                "it should be a few visible ASCII characters, unlike any before",
            )),
        }
    }
}

/// The header `If-Match`: what the thing was like when it was looked at.
pub(crate) struct Seen(Option<Expected>);

impl Seen {
    /// What was seen of this thing, which the command is about.
    pub(crate) fn of(self, unit: Option<UnitRef>) -> Option<(UnitRef, Expected)> {
        Some((unit?, self.0?))
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Seen {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let mut tags = parts.headers.get_all("if-match").iter().peekable();
        if tags.peek().is_none() {
            return Ok(Self(None));
        }
        let mut versions = Vec::new();
        for value in tags {
            let text = value.to_str().unwrap_or_default().trim();
            if text == "*" {
                return Ok(Self(Some(Expected::Exists)));
            }
            for tag in text.split(',') {
                let Some(tag) = tag
                    .trim()
                    .strip_prefix('"')
                    .and_then(|t| t.strip_suffix('"'))
                else {
                    let message = "send the ETag of the answer as it came, quotes included, or *";
                    return Err(Problem::parameter("If-Match", message));
                };
                // A tag that is none of ours stands for no version, and so for a thing that has changed.
                versions.extend(tag.split('-').next().and_then(|n| n.parse::<u32>().ok()));
            }
        }
        Ok(Self(Some(Expected::OneOf(versions))))
    }
}

impl<T: JsonSchema> Takes for Body<T> {
    fn describe(operation: &mut Operation<'_>) {
        operation.takes_body::<T>();
        operation.may_answer(&[Border::Body]);
    }
}

impl<T: JsonSchema> Takes for Entry<T> {
    fn describe(operation: &mut Operation<'_>) {
        Body::<T>::describe(operation);
    }
}

impl<T: JsonSchema> Takes for Parameters<T> {
    fn describe(operation: &mut Operation<'_>) {
        operation.takes_parameters::<T>();
        operation.may_answer(&[Border::Parameter]);
    }
}

impl<T: JsonSchema> Takes for Id<T> {
    fn describe(operation: &mut Operation<'_>) {
        operation.takes_id::<T>();
        operation.may_answer(&[Border::Id, Border::Parameter]);
    }
}

impl Takes for Text {
    fn describe(operation: &mut Operation<'_>) {
        operation.takes_id::<String>();
        operation.may_answer(&[Border::Parameter]);
    }
}

impl Takes for Key {
    fn describe(operation: &mut Operation<'_>) {
        operation.takes_header(
            "Idempotency-Key",
            "The same key never acts twice, and gets the same answer, for ever.",
            json!({"type": "string", "pattern": r"^[\t -~]*[!-~][\t -~]*$", "minLength": 1, "maxLength": 255}),
        );
        operation.may_answer(&[Border::Parameter, Border::Writing]);
    }
}

impl Takes for Seen {
    fn describe(operation: &mut Operation<'_>) {
        operation.takes_header(
            "If-Match",
            "The `ETag` that was seen: refused with 412 if the thing has changed since.",
            json!({"type": "string", "pattern": "^(\\*|\"[!#-~]*\")$"}),
        );
        operation.may_answer(&[Border::Parameter, Border::Version]);
    }
}

/// The headers that a call reads for itself, by name.
pub(crate) struct Headers(pub(crate) HeaderMap);

impl<S: Send + Sync> FromRequestParts<S> for Headers {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self(parts.headers.clone()))
    }
}

impl Takes for Headers {
    fn describe(_: &mut Operation<'_>) {}
}
