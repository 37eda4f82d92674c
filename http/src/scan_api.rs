//! The one door of the floor: a barcode, a station, and the shop says what it means.

use crate::access::Caller;
use crate::app::{Answered, Recorded};
use crate::asked::{Scan, Scans};
use crate::extract::{Body, Key, Parameters};
use crate::openapi::{Answers, Operation};
use crate::problem::{Problem, ProblemDocument};
use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use sheetwise_core::scan::Answer;
use sheetwise_store::ledger::{Outcome, Said};
use std::borrow::Cow;

/// So many scans come at once at most.
const SCANS_MAX: usize = 10_000;

/// `?dry_run=true`
#[derive(Debug, Deserialize, JsonSchema)]
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
) -> Result<ScanAnswered, Problem> {
    let (barcode, origin) = scan.into_parts(key);
    let said = Said::Barcode(barcode);
    let recorded = if dry_run {
        caller.rehearse(said, origin).await?
    } else {
        caller.say(said, origin).await
    };
    Ok(ScanAnswered(recorded))
}

/// The answer to a scan: it may be of anything, and so may the refusal.
pub(crate) struct ScanAnswered(Recorded);

impl IntoResponse for ScanAnswered {
    fn into_response(self) -> Response {
        self.0.into_response()
    }
}

impl Answers for ScanAnswered {
    fn describe(operation: &mut Operation<'_>) {
        Recorded::describe(operation);
        operation.is_scan = true;
    }
}

/// `POST /scans`: a verdict each, in order; each stands alone.
pub(crate) async fn scans(
    caller: Caller,
    Parameters(Dry { dry_run }): Parameters<Dry>,
    Body(Scans { scans }): Body<Scans>,
) -> Result<Json<Verdicts>, Problem> {
    if scans.len() > SCANS_MAX {
        let message = format!(
            "{} scans came at once: send at most {SCANS_MAX}",
            scans.len()
        );
        return Err(Problem::malformed(StatusCode::PAYLOAD_TOO_LARGE, message));
    }
    let requests = scans.into_iter().map(|scan| {
        let scan: Scan = serde_json::from_value(scan).map_err(|error| {
            Problem::malformed(StatusCode::UNPROCESSABLE_ENTITY, error.to_string())
        })?;
        let (barcode, origin) = scan.into_parts(None);
        caller.request(Said::Barcode(barcode), origin)
    });
    let requests: Vec<_> = requests.collect();
    let answered = if dry_run {
        caller.rehearse_all(requests).await?
    } else {
        caller.say_all(requests).await
    };
    Ok(Json(Verdicts::of(answered)))
}

/// What came of many scans.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Verdicts {
    /// One each, in the order of the scans.
    results: Vec<Verdict>,
    recorded: u32,
    already_recorded: u32,
    refused: u32,
    /// The machine could not: these are to be sent again.
    failed: u32,
}

/// What came of one of many scans.
#[derive(Debug, Serialize)]
pub(crate) struct Verdict(Map<String, Value>);

impl JsonSchema for Verdict {
    fn schema_name() -> Cow<'static, str> {
        "Verdict".into()
    }

    fn json_schema(shapes: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "What the scan alone would have been answered.",
            "anyOf": [shapes.subschema_for::<Answer>(), shapes.subschema_for::<ProblemDocument>()],
        })
    }
}

impl Verdicts {
    fn of(answered: Vec<Answered>) -> Self {
        let mut verdicts = Self {
            results: Vec::with_capacity(answered.len()),
            recorded: 0,
            already_recorded: 0,
            refused: 0,
            failed: 0,
        };
        for one in answered {
            let (count, fields) = match one {
                Ok(Ok(reply)) => match reply.outcome {
                    Outcome::Refused(class) => {
                        let problem = Problem::refused(class, &reply.body);
                        (&mut verdicts.refused, problem.into_fields())
                    }
                    outcome => {
                        let fields = serde_json::from_str(&reply.body)
                            .expect("an answer is kept as a JSON object");
                        let count = match outcome {
                            Outcome::Recorded => &mut verdicts.recorded,
                            _ => &mut verdicts.already_recorded,
                        };
                        (count, fields)
                    }
                },
                Ok(Err(failure)) => {
                    let problem = Problem::failed(&failure);
                    (&mut verdicts.failed, problem.into_fields())
                }
                Err(problem) => (&mut verdicts.refused, problem.into_fields()),
            };
            *count += 1;
            verdicts.results.push(Verdict(fields));
        }
        verdicts
    }
}
