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

#[cfg(test)]
mod tests {
    use super::*;
    use axum::Router;
    use axum::body::{Body, to_bytes};
    use axum::routing::get;
    use tower::ServiceExt;

    async fn falls() {
        panic!("a fault of ours");
    }

    #[tokio::test]
    async fn a_call_that_panics_is_answered() {
        let router = Router::new().route("/", get(falls));
        let router = router.layer(axum::middleware::from_fn(answered));
        let request = Request::builder().body(Body::empty()).expect("a request");
        let answer = router.oneshot(request).await.expect("an answer");
        assert_eq!(answer.status(), 500);
        let body = to_bytes(answer.into_body(), usize::MAX).await;
        let problem: serde_json::Value =
            serde_json::from_slice(&body.expect("a body")).expect("JSON");
        assert_eq!(problem["code"], "fault", "{problem}");
        assert!(
            !problem.to_string().contains("a fault of ours"),
            "{problem}"
        );
    }

    #[test]
    fn what_a_panic_said_is_found_in_both_kinds_of_text() {
        assert_eq!(words(&"a fault"), "a fault");
        assert_eq!(words(&"a fault".to_owned()), "a fault");
        assert_eq!(words(&7), "it said nothing");
    }
}
