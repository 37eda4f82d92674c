//! The one door of the floor: a barcode, a station, and the shop says what it means.

use crate::access::Caller;
use crate::asked::{Scan, Scans};
use crate::extract::{Body, Key, Parameters};
use crate::problem::Problem;
use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use sheetwise_store::ledger::{Failure, Outcome, Reply, Request, Said};

/// So many scans come at once at most.
const SCANS_MAX: usize = 10_000;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Dry {
    /// Say what would come of it, and record nothing.
    #[serde(default)]
    pub(crate) dry_run: bool,
}

/// `POST /scan`
pub(crate) async fn scan(
    caller: Caller,
    Key(key): Key,
    Parameters(Dry { dry_run }): Parameters<Dry>,
    Body(scan): Body<Scan>,
) -> Result<Response, Problem> {
    let (barcode, origin) = scan.into_parts(key);
    if dry_run {
        return caller.try_out(Said::Barcode(barcode), origin).await;
    }
    Ok(caller.say(Said::Barcode(barcode), origin).await)
}

/// `POST /scans`: a verdict each, in order; each stands alone.
pub(crate) async fn scans(
    caller: Caller,
    Parameters(Dry { dry_run }): Parameters<Dry>,
    Body(Scans { scans }): Body<Scans>,
) -> Result<Response, Problem> {
    if scans.len() > SCANS_MAX {
        let message = format!(
            "{} scans came at once: send at most {SCANS_MAX}",
            scans.len()
        );
        return Err(Problem::malformed(StatusCode::PAYLOAD_TOO_LARGE, message));
    }
    let requests = scans.into_iter().map(|scan| {
        let (barcode, origin) = scan.into_parts(None);
        caller.request(Said::Barcode(barcode), origin)
    });
    let requests: Vec<_> = requests.collect();
    let replies = if dry_run {
        try_out(&caller, requests).await?
    } else {
        submit(&caller, requests).await
    };
    Ok(Json(verdicts(replies)).into_response())
}

/// What came of a scan that the caller may make; the problem of one that is not the caller's to make.
type Verdict = Result<Result<Reply, Failure>, Problem>;

async fn submit(caller: &Caller, requests: Vec<Result<Request, Problem>>) -> Vec<Verdict> {
    let mut answering = Vec::with_capacity(requests.len());
    for request in requests {
        answering.push(match request {
            // The queue is for everybody: whoever brings much waits until there is room.
            Ok(request) => Ok(caller.app.ledger().submit_when_there_is_room(request).await),
            Err(problem) => Err(problem),
        });
    }
    let mut verdicts = Vec::with_capacity(answering.len());
    for one in answering {
        verdicts.push(match one {
            Ok(Ok(answering)) => Ok(answering.await),
            Ok(Err(failure)) => Ok(Err(failure)),
            Err(problem) => Err(problem),
        });
    }
    verdicts
}

async fn try_out(
    caller: &Caller,
    requests: Vec<Result<Request, Problem>>,
) -> Result<Vec<Verdict>, Problem> {
    let allowed = requests.iter().filter_map(|request| request.as_ref().ok());
    let mut replies = caller
        .app
        .dry_run(allowed.cloned().collect())
        .await?
        .into_iter();
    let verdict = |request: Result<Request, Problem>| match request {
        Ok(_) => replies.next().ok_or_else(Problem::bug),
        Err(problem) => Err(problem),
    };
    Ok(requests.into_iter().map(verdict).collect())
}

/// `{"results": […], "recorded": 3, "already_recorded": 1, "refused": 0, "failed": 0}`
fn verdicts(verdicts: Vec<Verdict>) -> Value {
    let (mut recorded, mut already_recorded, mut refused, mut failed) = (0, 0, 0, 0);
    let mut results = Vec::with_capacity(verdicts.len());
    for verdict in verdicts {
        let fields = match verdict {
            Ok(Ok(reply)) => match reply.outcome {
                Outcome::Refused(class) => {
                    refused += 1;
                    Problem::refused(class, &reply.body).into_fields()
                }
                outcome => {
                    if outcome == Outcome::Recorded {
                        recorded += 1;
                    } else {
                        already_recorded += 1;
                    }
                    let fields: Map<String, Value> = serde_json::from_str(&reply.body)
                        .expect("an answer is kept as a JSON object");
                    fields
                }
            },
            Ok(Err(failure)) => {
                failed += 1;
                Problem::failed(&failure).into_fields()
            }
            Err(problem) => {
                refused += 1;
                problem.into_fields()
            }
        };
        results.push(Value::Object(fields));
    }
    json!({
        "results": results,
        "recorded": recorded,
        "already_recorded": already_recorded,
        "refused": refused,
        "failed": failed,
    })
}
