//! Every *no* in one form: a problem document (RFC 9457) with a stable code and a sentence that says what to do.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value};
use sheetwise_core::domain::RefusalClass;
use sheetwise_core::identity::IdError;
use sheetwise_store::StoreError;
use sheetwise_store::ledger::Failure;
use std::time::Duration;

/// A refusal, a malformed request, or the machine's trouble.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Problem {
    status: StatusCode,
    fields: Map<String, Value>,
    /// Seconds after which to try again.
    retry_after: Option<u32>,
}

impl Problem {
    /// `outcome` is `refused` where the request was understood, or might have been; `failed` where the machine could
    /// not.
    fn new(status: StatusCode, outcome: &str, code: &str, message: impl Into<String>) -> Self {
        let mut problem = Self {
            status,
            fields: Map::new(),
            retry_after: None,
        };
        problem.put("outcome", outcome);
        problem.put("code", code);
        problem.put("message", message.into());
        problem.complete();
        problem
    }

    fn put(&mut self, field: &str, value: impl Into<Value>) {
        self.fields.insert(field.to_owned(), value.into());
    }

    /// The members that RFC 9457 names, from ours.
    fn complete(&mut self) {
        let code = self
            .fields
            .get("code")
            .and_then(Value::as_str)
            .unwrap_or("refused");
        let title = code.replace('_', " ");
        let kind = format!("urn:sheetwise:problem:{code}");
        let detail = self.fields.get("message").cloned().unwrap_or_default();
        self.put("type", kind);
        self.put("title", title);
        self.put("status", self.status.as_u16());
        self.put("detail", detail);
    }

    /// The shop says no: `body` is what the ledger keeps of it.
    pub(crate) fn refused(class: RefusalClass, body: &str) -> Self {
        let status = match class {
            RefusalClass::Senseless => StatusCode::UNPROCESSABLE_ENTITY,
            RefusalClass::Unknown => StatusCode::NOT_FOUND,
            RefusalClass::Forbidden => StatusCode::FORBIDDEN,
            RefusalClass::Conflict => StatusCode::CONFLICT,
        };
        let mut problem = Self {
            status,
            fields: serde_json::from_str(body).expect("a refusal is kept as a JSON object"),
            retry_after: None,
        };
        problem.complete();
        problem
    }

    /// The machine could not. Nothing was recorded, but where the code is `outcome_unknown`.
    pub(crate) fn failed(failure: &Failure) -> Self {
        let (status, code, retry_after) = match failure {
            Failure::Busy => (StatusCode::SERVICE_UNAVAILABLE, "busy", Some(1)),
            Failure::NotNow(_) => (StatusCode::SERVICE_UNAVAILABLE, "not_now", Some(5)),
            Failure::OutcomeUnknown(_) => {
                (StatusCode::SERVICE_UNAVAILABLE, "outcome_unknown", Some(5))
            }
            Failure::Stopped(_) => (StatusCode::SERVICE_UNAVAILABLE, "stopped", None),
            Failure::Poison(_) => (
                StatusCode::INTERNAL_SERVER_ERROR,
                "cannot_be_recorded",
                None,
            ),
        };
        let mut problem = Self::new(status, "failed", code, failure.to_string());
        problem.retry_after = retry_after;
        problem
    }

    /// The database could not answer.
    #[expect(clippy::needless_pass_by_value, reason = "it stands in map_err")]
    pub(crate) fn store(error: StoreError) -> Self {
        let status = StatusCode::SERVICE_UNAVAILABLE;
        let mut problem = Self::new(status, "failed", "not_now", error.to_string());
        problem.retry_after = Some(5);
        problem
    }

    /// More is asked of the server than it takes on at once, or now.
    pub(crate) fn overloaded(message: impl Into<String>) -> Self {
        let status = StatusCode::SERVICE_UNAVAILABLE;
        let mut problem = Self::new(status, "failed", "overloaded", message);
        problem.retry_after = Some(1);
        problem
    }

    /// The answer took too long. What was to be recorded may be.
    pub(crate) fn timed_out(limit: Duration) -> Self {
        let message = format!(
            "There was no answer within {} seconds. It may have been recorded: ask again with the same key.",
            limit.as_secs()
        );
        let status = StatusCode::SERVICE_UNAVAILABLE;
        let mut problem = Self::new(status, "failed", "timed_out", message);
        problem.retry_after = Some(5);
        problem
    }

    /// The answer would be longer than anybody could use.
    pub(crate) fn too_wide(message: impl Into<String>) -> Self {
        let status = StatusCode::UNPROCESSABLE_ENTITY;
        Self::new(status, "refused", "too_wide", message)
    }

    /// A panic of ours.
    pub(crate) fn bug() -> Self {
        let message = "A fault in the program: please report it, with the time.";
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "failed",
            "fault",
            message,
        )
    }

    /// The body is not what the call takes. `status` is 400 for no JSON, 422 for other JSON, 413, 415.
    pub(crate) fn malformed(status: StatusCode, message: String) -> Self {
        Self::new(status, "refused", "malformed", message)
    }

    /// A word of the path, the query or a header is not what stands there.
    pub(crate) fn unreadable(error: &IdError) -> Self {
        let status = StatusCode::UNPROCESSABLE_ENTITY;
        Self::new(status, "refused", "unreadable_id", error.to_string())
    }

    /// A parameter of the query is not what stands there.
    pub(crate) fn parameter(name: &str, message: impl AsRef<str>) -> Self {
        let message = format!("{name}: {}", message.as_ref());
        Self::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "refused",
            "malformed",
            message,
        )
    }

    /// There is no such thing.
    pub(crate) fn unknown(id: impl std::fmt::Display) -> Self {
        let message = format!("{id} is not known here.");
        Self::new(StatusCode::NOT_FOUND, "refused", "unknown_id", message)
    }

    /// There is no such call.
    pub(crate) fn no_such_call() -> Self {
        let message = "There is no such call: /openapi.json lists them all.";
        Self::new(StatusCode::NOT_FOUND, "refused", "no_such_call", message)
    }

    /// The call is there, for another method.
    pub(crate) fn no_such_method() -> Self {
        let message = "The call takes another method: /openapi.json lists them all.";
        Self::new(
            StatusCode::METHOD_NOT_ALLOWED,
            "refused",
            "no_such_method",
            message,
        )
    }

    /// The document, for where problems stand in lists.
    pub(crate) fn into_fields(self) -> Map<String, Value> {
        self.fields
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let json = [(header::CONTENT_TYPE, "application/problem+json")];
        let body = Value::Object(self.fields).to_string();
        let mut response = (self.status, json, body).into_response();
        if let Some(seconds) = self.retry_after {
            let headers = response.headers_mut();
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}
