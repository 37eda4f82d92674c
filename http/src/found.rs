//! One thing, with an `ETag`: the version of its stream, and a fingerprint of what is answered, because an answer may
//! show things of other streams too (the box around a card, a set's missing cards). Whoever has it already, is told so.

use crate::openapi::{Answers, Operation};
use crate::problem::{Border, Problem};
use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::json;
use sha2::{Digest, Sha256};
use std::fmt::Write;

/// A thing, and the version of its stream.
pub(crate) struct Found<T> {
    pub(crate) version: u32,
    pub(crate) answer: T,
}

impl<T: Serialize> IntoResponse for Found<T> {
    fn into_response(self) -> Response {
        let Ok(body) = serde_json::to_string(&self.answer) else {
            return Problem::bug().into_response();
        };
        let mut tag = format!("\"{}-", self.version);
        for byte in &Sha256::digest(&body)[..8] {
            write!(tag, "{byte:02x}").expect("text grows");
        }
        tag.push('"');
        let json = [
            (header::CONTENT_TYPE, "application/json"),
            (header::ETAG, &tag),
        ];
        (json, body).into_response()
    }
}

impl<T: JsonSchema> Answers for Found<T> {
    fn describe(operation: &mut Operation<'_>) {
        operation.answers_with::<T>();
        operation.may_answer(&[Border::Unknown, Border::NotNow]);
        operation.tagged = true;
        operation.takes_header(
            "If-None-Match",
            "The `ETag` of what the caller has: answered 304 if that is still what there is.",
            json!({"type": "string"}),
        );
    }
}

/// An answer about something that may not be there.
pub(crate) struct IfKnown<T>(pub(crate) T);

impl<T: IntoResponse> IntoResponse for IfKnown<T> {
    fn into_response(self) -> Response {
        self.0.into_response()
    }
}

impl<T: Answers> Answers for IfKnown<T> {
    fn describe(operation: &mut Operation<'_>) {
        T::describe(operation);
        operation.may_answer(&[Border::Unknown]);
    }
}

/// Answers 304 to whoever has what would be answered.
pub(crate) async fn not_modified(request: Request, next: Next) -> Response {
    let asks = matches!(*request.method(), Method::GET | Method::HEAD);
    let known: Vec<HeaderValue> = request
        .headers()
        .get_all(header::IF_NONE_MATCH)
        .into_iter()
        .filter(|_| asks)
        .cloned()
        .collect();
    let mut response = next.run(request).await;
    if let Some(tag) = response.headers().get(header::ETAG)
        && known.iter().any(|known| names(known, tag))
    {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
        response.headers_mut().remove(header::CONTENT_TYPE);
        response.headers_mut().remove(header::CONTENT_LENGTH);
        *response.body_mut() = Body::empty();
    }
    response
}

/// For a question, a weak tag is as good as a strong one.
fn names(known: &HeaderValue, tag: &HeaderValue) -> bool {
    let (Ok(known), Ok(tag)) = (known.to_str(), tag.to_str()) else {
        return false;
    };
    known.trim() == "*"
        || known
            .split(',')
            .any(|one| one.trim().trim_start_matches("W/") == tag)
}
