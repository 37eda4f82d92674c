//! A caller who passed the door, and may say things in the shop. Nothing is said in the shop but through here.

use super::who::Who;
use crate::app::{Answered, App, Origin, Recorded, said};
use crate::openapi::{Operation, Takes};
use crate::problem::Problem;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use sheetwise_core::domain::{Command, UnitRef};
use sheetwise_core::identity::StationId;
use sheetwise_store::ledger::{Expected, Failure, Reply, Request, Said};
use std::time::Instant;

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

/// That a request is a scan, and where.
struct Scanned {
    station_id: Option<StationId>,
}

impl Scanned {
    fn of(request: &Request) -> Option<Self> {
        match request.said {
            Said::Barcode(_) => Some(Self {
                station_id: request.station_id.clone(),
            }),
            Said::Command(_) | Said::CommandIf(..) | Said::WithNewId(_) => None,
        }
    }
}

impl Takes for Caller {
    fn describe(_: &mut Operation<'_>) {}
}

impl Caller {
    /// What is to be said, if this caller may say it.
    pub(crate) fn request(&self, said: Said, mut origin: Origin) -> Result<Request, Problem> {
        self.who.speak(&said, &mut origin)?;
        Ok(self.app.request(said, origin))
    }

    /// Says one thing, and answers when it is on disk.
    pub(crate) async fn say(&self, said: Said, origin: Origin) -> Recorded {
        let begun = Instant::now();
        let request = match self.request(said, origin) {
            Ok(request) => request,
            Err(problem) => return Recorded(Err(problem)),
        };
        let scanned = Scanned::of(&request);
        let reply = match self.app.ledger().submit(request) {
            Ok(answering) => answering.await,
            Err(failure) => Err(failure),
        };
        self.app.operations().metrics.write(begun.elapsed());
        self.count(scanned, &reply);
        Recorded(Ok(reply))
    }

    /// Counts what came of a scan, by its station.
    fn count(&self, scanned: Option<Scanned>, reply: &Result<Reply, Failure>) {
        if let Some(Scanned { station_id }) = scanned {
            self.app
                .operations()
                .metrics
                .scan(station_id.as_ref(), reply);
        }
    }

    /// Gives a command, if what it is about still is what its caller saw.
    pub(crate) async fn command(
        &self,
        command: Command,
        origin: Origin,
        seen: Option<(UnitRef, Expected)>,
    ) -> Recorded {
        self.say(said(command, seen), origin).await
    }

    /// What would come of this; nothing is recorded.
    pub(crate) async fn rehearse(&self, said: Said, origin: Origin) -> Result<Recorded, Problem> {
        let request = self.request(said, origin)?;
        let mut replies = self.app.dry_run(vec![request]).await?.into_iter();
        let reply = replies.next().ok_or_else(Problem::bug)?;
        Ok(Recorded(Ok(reply)))
    }

    /// Says many things, one after the other; each stands alone.
    pub(crate) async fn say_all(&self, requests: Vec<Result<Request, Problem>>) -> Vec<Answered> {
        let mut answering = Vec::with_capacity(requests.len());
        for request in requests {
            answering.push(match request {
                // The queue is for everybody: whoever brings much waits until there is room.
                Ok(request) => {
                    let scanned = Scanned::of(&request);
                    let submitted = self.app.ledger().submit_when_there_is_room(request).await;
                    Ok((scanned, submitted))
                }
                Err(problem) => Err(problem),
            });
        }
        let mut answered = Vec::with_capacity(answering.len());
        for one in answering {
            answered.push(match one {
                Ok((scanned, submitted)) => {
                    let reply = match submitted {
                        Ok(answering) => answering.await,
                        Err(failure) => Err(failure),
                    };
                    self.count(scanned, &reply);
                    Ok(reply)
                }
                Err(problem) => Err(problem),
            });
        }
        answered
    }

    /// What would come of many things, each decided in the light of those before it; nothing is recorded.
    pub(crate) async fn rehearse_all(
        &self,
        requests: Vec<Result<Request, Problem>>,
    ) -> Result<Vec<Answered>, Problem> {
        let allowed = requests.iter().filter_map(|request| request.as_ref().ok());
        let mut replies = self
            .app
            .dry_run(allowed.cloned().collect())
            .await?
            .into_iter();
        let answered = |request: Result<Request, Problem>| match request {
            Ok(_) => replies.next().ok_or_else(Problem::bug),
            Err(problem) => Err(problem),
        };
        Ok(requests.into_iter().map(answered).collect())
    }
}
