//! A panic in a call is a fault of ours and answered as one, so that neither its caller nor its connection is left
//! hanging.

use crate::problem::Problem;
use axum::extract::Request;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use futures_util::FutureExt;
use std::any::Any;
use std::panic::AssertUnwindSafe;

/// Answers a panic as any other fault in the program.
pub(crate) async fn answered(request: Request, next: Next) -> Response {
    // What calls share is the ledger, the database and figures; a half-done call leaves none of them half-done.
    let answer = AssertUnwindSafe(next.run(request)).catch_unwind().await;
    answer.unwrap_or_else(|panic| {
        tracing::error!(panic = words(&*panic), "a call panicked");
        Problem::bug().into_response()
    })
}

/// What the panic said.
fn words(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("it said nothing")
}
