//! The door that every call passes: who is it, and is it somebody? What is behind it need not ask again.

use super::who::Who;
use crate::app::App;
use crate::openapi::{Operation, Takes};
use crate::problem::Problem;
use axum::extract::{FromRequestParts, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

/// What is answered to strangers: whether the server is well, what may be asked of it, and the way in.
const OPEN: &[(&str, &str)] = &[
    ("GET", "/healthz"),
    ("GET", "/readyz"),
    ("GET", "/openapi.json"),
    ("GET", "/docs"),
    ("POST", "/sessions"),
];

/// Whether strangers are answered, too.
pub(crate) fn is_open(method: &str, path: &str) -> bool {
    let is_it = |(m, p): &(&str, &str)| method.eq_ignore_ascii_case(m) && path == *p;
    OPEN.iter().any(is_it)
}

/// Lets in whoever has a credential, or everybody where nobody has one yet.
pub(crate) async fn door(State(app): State<App>, mut request: Request, next: Next) -> Response {
    if is_open(request.method().as_str(), request.uri().path()) {
        // Nobody is asked, and so neither a token that has expired nor a database that is gone stands in the way.
        request.extensions_mut().insert(Who::Stranger);
        return next.run(request).await;
    }
    let who = match who_is_it(&app, request.headers()).await {
        Ok(Who::Stranger) => return Problem::stranger().into_response(),
        Ok(who) => who,
        Err(problem) => return problem.into_response(),
    };
    let may_call = app.guard().map_or(Ok(()), |guard| guard.may_call_now(&who));
    if let Err(problem) = may_call {
        return problem.into_response();
    }
    request.extensions_mut().insert(who);
    next.run(request).await
}

async fn who_is_it(app: &App, headers: &HeaderMap) -> Result<Who, Problem> {
    let Some(guard) = app.guard() else {
        return Ok(Who::AtHome);
    };
    let keyring = guard.keyring().clone();
    let Some(token) = token(headers)?.map(str::to_owned) else {
        let asked = tokio::task::spawn_blocking(move || keyring.is_empty());
        let is_empty = asked.await.map_err(|_| Problem::bug())?;
        return Ok(match is_empty.map_err(Problem::store)? {
            true => Who::AtHome,
            false => Who::Stranger,
        });
    };
    if let Some(who) = keyring.whose_at_hand(&token) {
        return Ok(who);
    }
    let asked = tokio::task::spawn_blocking(move || keyring.whose(&token));
    let who = asked.await.map_err(|_| Problem::bug())?;
    who.map_err(Problem::store)?.ok_or_else(Problem::bad_token)
}

/// Whether a caller of long ago would still be let in: tokens are revoked, sessions end, people leave. Where the database
/// does not say, nothing has changed.
pub(crate) async fn still_lets_in(app: &App, who: &Who) -> bool {
    let Some(guard) = app.guard() else {
        return true;
    };
    let (keyring, who) = (guard.keyring().clone(), who.clone());
    let asked = tokio::task::spawn_blocking(move || keyring.still_lets_in(&who));
    !matches!(asked.await, Ok(Ok(false)))
}

/// The token of `Authorization: Bearer …`.
fn token(headers: &HeaderMap) -> Result<Option<&str>, Problem> {
    let Some(value) = headers.get(header::AUTHORIZATION) else {
        return Ok(None);
    };
    let text = value.to_str().unwrap_or_default();
    match text.split_once(' ') {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => Ok(Some(token.trim())),
        _ => Err(Problem::bad_token()),
    }
}

impl Takes for Who {
    fn describe(_: &mut Operation<'_>) {}
}

impl FromRequestParts<App> for Who {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self, Problem> {
        // The door is a layer around all calls: one that it does not stand before answers nobody.
        parts.extensions.get().cloned().ok_or_else(Problem::bug)
    }
}
