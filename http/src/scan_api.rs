//! The one door of the floor: a barcode, a station, and the shop says what it means.

use crate::app::{App, answered};
use crate::asked::{Scan, Scans};
use crate::extract::{Body, Key, Parameters};
use crate::problem::Problem;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use sheetwise_store::ledger::{Failure, Outcome, Reply, Said};

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
    State(app): State<App>,
    Key(key): Key,
    Parameters(Dry { dry_run }): Parameters<Dry>,
    Body(scan): Body<Scan>,
) -> Result<Response, Problem> {
    let (barcode, origin) = scan.into_parts(key);
    if dry_run {
        let request = app.request(Said::Barcode(barcode), origin);
        let replies = app.dry_run(vec![request]).await?;
        let reply = replies.into_iter().next().ok_or_else(Problem::bug)?;
        return Ok(answered(reply));
    }
    Ok(app.say(Said::Barcode(barcode), origin).await)
}

/// `POST /scans`: a verdict each, in order; each stands alone.
pub(crate) async fn scans(
    State(app): State<App>,
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
        app.request(Said::Barcode(barcode), origin)
    });
    let requests: Vec<_> = requests.collect();
    let replies = if dry_run {
        app.dry_run(requests).await?
    } else {
        let mut answering = Vec::with_capacity(requests.len());
        for request in requests {
            // The queue is for everybody: whoever brings much waits until there is room.
            let station_id = request.station_id.clone();
            let submitted = app.ledger().submit_when_there_is_room(request).await;
            answering.push((station_id, submitted));
        }
        let mut replies = Vec::with_capacity(answering.len());
        for (station_id, submitted) in answering {
            let reply = match submitted {
                Ok(answering) => answering.await,
                Err(failure) => Err(failure),
            };
            app.operations().metrics.scan(station_id.as_ref(), &reply);
            replies.push(reply);
        }
        replies
    };
    Ok(Json(verdicts(replies)).into_response())
}

/// `{"results": […], "recorded": 3, "already_recorded": 1, "refused": 0, "failed": 0}`
fn verdicts(replies: Vec<Result<Reply, Failure>>) -> Value {
    let (mut recorded, mut already_recorded, mut refused, mut failed) = (0, 0, 0, 0);
    let mut results = Vec::with_capacity(replies.len());
    for reply in replies {
        let fields = match reply {
            Ok(reply) => match reply.outcome {
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
            Err(failure) => {
                failed += 1;
                Problem::failed(&failure).into_fields()
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
