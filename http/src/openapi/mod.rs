//! The contract as a document: OpenAPI 3.1, made from the table of calls in `router`. What a call takes and answers is
//! read off its handler's signature (`describe`), which of the shop's refusals it can answer stands in `refusals`;
//! `document` puts it together, `page` shows it to people. Nothing of it is written by hand a second time.

mod calls;
mod describe;
mod document;
mod page;
mod refusals;

pub(crate) use calls::Calls;
pub(crate) use describe::{Answers, Operation, Takes};

use crate::router::calls;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use std::sync::LazyLock;

static DOCUMENT: LazyLock<serde_json::Value> =
    LazyLock::new(|| document::document(&calls().described));
static TEXT: LazyLock<String> = LazyLock::new(|| DOCUMENT.to_string());
static PAGE: LazyLock<String> = LazyLock::new(|| page::page(&DOCUMENT));

/// The document, as `GET /openapi.json` answers it.
#[must_use]
pub fn openapi() -> &'static serde_json::Value {
    &DOCUMENT
}

/// `GET /openapi.json`
pub(crate) struct TheDocument;

/// `GET /docs`
pub(crate) struct ThePage;

/// `GET /openapi.json`: this document.
pub(crate) async fn openapi_json() -> TheDocument {
    TheDocument
}

/// `GET /docs`: this document for people; nothing in it is fetched from elsewhere.
pub(crate) async fn docs() -> ThePage {
    ThePage
}

impl IntoResponse for TheDocument {
    fn into_response(self) -> Response {
        let json = [(header::CONTENT_TYPE, "application/json")];
        (json, TEXT.as_str()).into_response()
    }
}

impl Answers for TheDocument {
    fn describe(operation: &mut Operation<'_>) {
        let schema =
            serde_json::json!({"type": "object", "description": "An OpenAPI 3.1 document."});
        operation.answers("application/json", schema);
    }
}

impl IntoResponse for ThePage {
    fn into_response(self) -> Response {
        let headers = [
            (header::CONTENT_TYPE, "text/html; charset=utf-8"),
            (
                header::CONTENT_SECURITY_POLICY,
                "default-src 'none'; style-src 'unsafe-inline'",
            ),
        ];
        (headers, PAGE.as_str()).into_response()
    }
}

impl Answers for ThePage {
    fn describe(operation: &mut Operation<'_>) {
        operation.answers("text/html", serde_json::json!({"type": "string"}));
    }
}
