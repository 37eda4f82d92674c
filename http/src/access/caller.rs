//! A caller who passed the door, and may say things in the shop. Nothing is said in the shop but through here.

use super::who::Who;
use crate::app::{App, Origin, answered};
use crate::problem::Problem;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use sheetwise_store::ledger::{Request, Said};

/// Who calls, and the shop.
pub(crate) struct Caller {
    pub(crate) app: App,
    who: Who,
}

impl FromRequestParts<App> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let who = Who::from_request_parts(parts, app).await?;
        let app = app.clone();
        Ok(Self { app, who })
    }
}

impl Caller {
    /// What is to be said, if this caller may say it.
    pub(crate) fn request(&self, said: Said, mut origin: Origin) -> Result<Request, Problem> {
        self.who.speak(&said, &mut origin)?;
        Ok(self.app.request(said, origin))
    }

    /// Says one thing, and answers when it is on disk.
    pub(crate) async fn say(&self, said: Said, origin: Origin) -> Response {
        match self.request(said, origin) {
            Ok(request) => match self.app.ledger().submit(request) {
                Ok(answering) => answered(answering.await),
                Err(failure) => answered(Err(failure)),
            },
            Err(problem) => problem.into_response(),
        }
    }

    /// Says what would come of one thing; nothing is recorded.
    pub(crate) async fn try_out(&self, said: Said, origin: Origin) -> Result<Response, Problem> {
        let request = self.request(said, origin)?;
        let replies = self.app.dry_run(vec![request]).await?;
        let reply = replies.into_iter().next().ok_or_else(Problem::bug)?;
        Ok(answered(reply))
    }
}
