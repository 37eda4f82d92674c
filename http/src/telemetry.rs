//! Around every request: its correlation id, its line in the log, its figures, its limits. No bodies, no headers and
//! no parameters are logged: they may hold what is nobody's business.

use crate::app::App;
use crate::problem::Problem;
use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method as HttpMethod};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use sheetwise_core::identity::CorrelationId;
use smol_str::{SmolStr, format_smolstr};
use std::time::{Duration, Instant};
use tracing::Instrument;

/// Comes in with a request where the caller has one, and goes out with every answer.
const CORRELATION_ID: HeaderName = HeaderName::from_static("x-correlation-id");

/// What a caller may give as a correlation id, in bytes: what is made of it has to fit into the log.
const CORRELATION_BYTES_MAX: usize = 100;

/// Answered even when there is too much else to do.
const ALWAYS_ANSWERED: [&str; 3] = ["/healthz", "/readyz", "/metrics"];

tokio::task_local! {
    static CORRELATION: Correlation;
}

/// What ties together what belongs to one request, here and in the programs around.
#[derive(Debug, Clone)]
struct Correlation {
    id: SmolStr,
    given: bool,
}

impl Correlation {
    /// What the caller gave, if it is one sane word; made where there is none.
    fn of(headers: &HeaderMap) -> Self {
        let given = headers.get(CORRELATION_ID).and_then(sane);
        let given = given.or_else(|| headers.get("traceparent").and_then(trace_id));
        match given {
            Some(id) => Self { id, given: true },
            None => Self {
                id: format_smolstr!("r{:016x}", fastrand::u64(..)),
                given: false,
            },
        }
    }
}

fn sane(value: &HeaderValue) -> Option<SmolStr> {
    let text = value.to_str().ok()?;
    let fits = (1..=CORRELATION_BYTES_MAX).contains(&text.len());
    let word = |c: char| c.is_ascii_alphanumeric() || "-_.:/+=@".contains(c);
    (fits && text.chars().all(word)).then(|| text.into())
}

/// The trace of `traceparent: 00-<trace>-<span>-<flags>` (W3C Trace Context).
fn trace_id(value: &HeaderValue) -> Option<SmolStr> {
    let mut parts = value.to_str().ok()?.split('-');
    let (version, trace) = (parts.next()?, parts.next()?);
    let hex = |text: &str| text.chars().all(|c| matches!(c, '0'..='9' | 'a'..='f'));
    let whole = version.len() == 2 && hex(version) && trace.len() == 32 && hex(trace);
    (whole && trace.chars().any(|c| c != '0')).then(|| trace.into())
}

/// The correlation id of a decision that this request asks for: what the caller gave, and something that no other
/// decision has, because a caller may use one id for much. None where the caller gave nothing: then the ledger makes
/// one, which is shorter.
pub(crate) fn of_a_decision() -> Option<CorrelationId> {
    let given = CORRELATION.try_with(|correlation| {
        let id = correlation.given.then_some(&correlation.id)?;
        let unlike = fastrand::u64(..);
        Some(CorrelationId::new(format_smolstr!("{id}~{unlike:016x}")))
    });
    given.ok().flatten()
}

/// The methods that have figures of their own.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Method {
    Get,
    Post,
    Other,
}

impl Method {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Other => "other",
        }
    }
}

impl From<&HttpMethod> for Method {
    fn from(method: &HttpMethod) -> Self {
        match *method {
            HttpMethod::GET => Self::Get,
            HttpMethod::POST => Self::Post,
            _ => Self::Other,
        }
    }
}

/// Everything that is done around a request.
pub(crate) async fn around(State(app): State<App>, request: Request, next: Next) -> Response {
    let begun = Instant::now();
    let correlation = Correlation::of(request.headers());
    let method = Method::from(request.method());
    let route = request.extensions().get::<MatchedPath>();
    let route: SmolStr = route.map_or("unmatched".into(), |path| path.as_str().into());
    let span = tracing::info_span!(
        "request",
        correlation_id = %correlation.id,
        method = method.as_str(),
        path = request.uri().path(),
    );
    let id = correlation.id.clone();
    let answer = CORRELATION.scope(correlation, within_limits(&app, &route, request, next));
    let mut response = answer.instrument(span.clone()).await;
    let took = begun.elapsed();
    let status = response.status();
    app.operations()
        .metrics
        .request(method, &route, status.as_u16(), took);
    log(&span, status.as_u16(), took);
    if let Ok(id) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(CORRELATION_ID, id);
    }
    response
}

fn log(span: &tracing::Span, status: u16, took: Duration) {
    let milliseconds = took.as_secs_f64() * 1_000.0;
    span.in_scope(|| match status {
        500.. => tracing::warn!(status, milliseconds, "failed"),
        // The shop's refusals are kept and counted; a line for each would be a write per scan.
        400.. => tracing::debug!(status, milliseconds, "refused"),
        _ => tracing::debug!(status, milliseconds, "answered"),
    });
}

async fn within_limits(app: &App, route: &str, request: Request, next: Next) -> Response {
    let operations = app.operations();
    let permit = operations.requests.try_acquire();
    if permit.is_err() && !ALWAYS_ANSWERED.contains(&route) {
        let max = operations.limits.requests_max;
        let message = format!("{max} requests are being worked on already.");
        return Problem::overloaded(message).into_response();
    }
    let limit = operations.limits.request_timeout;
    let answer = tokio::time::timeout(limit, next.run(request)).await;
    answer.unwrap_or_else(|_| Problem::timed_out(limit).into_response())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id_of(name: &'static str, value: &'static str) -> Option<SmolStr> {
        let headers = HeaderMap::from_iter([(
            HeaderName::from_static(name),
            HeaderValue::from_static(value),
        )]);
        let correlation = Correlation::of(&headers);
        correlation.given.then_some(correlation.id)
    }

    #[test]
    fn a_sane_correlation_id_is_taken_and_another_is_not() {
        assert_eq!(id_of("x-correlation-id", "mes/42").unwrap(), "mes/42");
        assert_eq!(id_of("x-correlation-id", "two words"), None);
        assert_eq!(id_of("x-correlation-id", ""), None);
        let trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
        assert_eq!(
            id_of("traceparent", trace).unwrap(),
            "4bf92f3577b34da6a3ce929d0e0e4736"
        );
        let nobody = "00-00000000000000000000000000000000-00f067aa0ba902b7-01";
        assert_eq!(id_of("traceparent", nobody), None);
        assert_eq!(id_of("traceparent", "00-4BF9-1-1"), None);
    }
}
