//! Every *no* in one form: a problem document (RFC 9457) with a stable code and a sentence that says what to do.

use crate::imports::{BadRow, OrdersImported};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value};
use sheetwise_core::domain::RefusalClass;
use sheetwise_core::identity::IdError;
use sheetwise_core::scan::Entity;
use sheetwise_labels::LabelError;
use sheetwise_store::StoreError;
use sheetwise_store::ledger::Failure;
use std::time::Duration;

/// A problem document as it is described; [`Problem`] makes it.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Problem")]
pub(crate) struct ProblemDocument {
    /// `urn:sheetwise:problem:` and the code.
    r#type: String,
    /// The code as words.
    title: String,
    /// The HTTP status.
    status: u16,
    /// The same as `message`.
    detail: String,
    /// `refused` where the request was understood, or might have been; `failed` where the machine could not.
    outcome: ProblemOutcome,
    /// The stable code: what programs match and counters count.
    code: String,
    /// What is wrong and what to do, in a sentence for a person.
    message: String,
    /// What was scanned, or the id of what a command is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    barcode: Option<String>,
    /// The thing that it is about, as it is now.
    #[serde(skip_serializing_if = "Option::is_none")]
    entity: Option<Entity>,
    /// Where the thing should go now.
    #[serde(skip_serializing_if = "Option::is_none")]
    where_it_belongs: Option<String>,
    /// The ids of which nothing is known, where several were asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    unknown_ids: Option<Vec<String>>,
    /// What is wrong with the rows of a file.
    #[serde(skip_serializing_if = "Option::is_none")]
    bad_rows: Option<Vec<BadRow>>,
    /// Nothing would have been recorded anyway.
    #[serde(skip_serializing_if = "Option::is_none")]
    dry_run: Option<bool>,
}

#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[expect(dead_code, reason = "it is there to be described")]
pub(crate) enum ProblemOutcome {
    Refused,
    Failed,
}

/// What the border answers by itself, before or beside the shop: for the document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Border {
    /// A body that cannot be read.
    Body,
    /// A header or parameter that cannot be read.
    Parameter,
    /// A text that is no id.
    Id,
    /// There is nothing of that id.
    Unknown,
    /// A text that cannot be kept, or a key that was used.
    Writing,
    /// It was meant for another version.
    Version,
    /// The caller is let in, and may not do this.
    NotAllowed,
    /// Nobody, or nobody known, is calling.
    Stranger,
    /// The caller calls too often.
    TooOften,
    /// It takes somebody who lets others in.
    Admin,
    /// What is said of a password, or who has none.
    Password,
    /// Labels that cannot be printed like that, or too many of them.
    Labels,
    /// Rows of a file that cannot be taken.
    Rows,
    /// A question whose answer nobody could use.
    Wide,
    /// A job, or a shop, of which nobody can say what will come.
    Unforeseen,
    /// The server has too much to do, or the answer took too long.
    Load,
    /// The ledger could not.
    Ledger,
    /// The database could not answer.
    NotNow,
    /// A bug.
    Fault,
}

impl Border {
    #[cfg(test)]
    pub(crate) const ALL: [Self; 19] = [
        Self::Body,
        Self::Parameter,
        Self::Id,
        Self::Unknown,
        Self::Writing,
        Self::Version,
        Self::NotAllowed,
        Self::Stranger,
        Self::TooOften,
        Self::Admin,
        Self::Password,
        Self::Labels,
        Self::Rows,
        Self::Wide,
        Self::Unforeseen,
        Self::Load,
        Self::Ledger,
        Self::NotNow,
        Self::Fault,
    ];

    /// Status, code and meaning of each answer.
    pub(crate) const fn answers(self) -> &'static [(u16, &'static str, &'static str)] {
        const MALFORMED: &str = "It cannot be read: the message says what, and where.";
        const UNREADABLE: &str = "A text is no id of the kind that stands there.";
        const NOT_NOW: &str = "No room, or no database: nothing was recorded, try again.";
        match self {
            Self::Body => &[
                (400, "malformed", MALFORMED),
                (
                    413,
                    "malformed",
                    "The body is too large, or holds too much.",
                ),
                (415, "malformed", "The body has to be `application/json`."),
                (422, "malformed", MALFORMED),
            ],
            Self::Parameter => &[(422, "malformed", MALFORMED)],
            Self::Id => &[(422, "unreadable_id", UNREADABLE)],
            Self::Unknown => &[(404, "unknown_id", "There is nothing of that id.")],
            Self::Writing => &[
                (
                    422,
                    "unwritable_text",
                    "A text holds what cannot be kept: NUL, or too much of it.",
                ),
                (
                    422,
                    "key_reused",
                    "The key stood for something else before: take a new one.",
                ),
            ],
            Self::Version => &[(
                412,
                "version_mismatch",
                "It has changed since the version of `If-Match`: look again.",
            )],
            Self::NotAllowed => &[
                (403, "not_permitted", "It takes somebody with another role."),
                (403, "not_yours", "A person speaks for themselves only."),
                (
                    403,
                    "not_your_station",
                    "A device speaks of the stations that it stands at.",
                ),
            ],
            Self::Stranger => &[
                (
                    401,
                    "no_credential",
                    "Say who you are: `Authorization: Bearer …`.",
                ),
                (
                    401,
                    "unknown_credential",
                    "The token is unknown, expired or revoked.",
                ),
            ],
            Self::TooOften => &[(
                429,
                "too_many_calls",
                "Wait for as long as `Retry-After` says, or send many scans at once.",
            )],
            Self::Admin => &[
                (403, "not_permitted", "It takes an admin."),
                (
                    409,
                    "no_admin_yet",
                    "Run `sheetwise init` where the database is.",
                ),
            ],
            Self::Password => &[
                (
                    401,
                    "wrong_password",
                    "No active person with this id has this password.",
                ),
                (404, "operator_unknown", "Nobody active has this id."),
                (
                    422,
                    "poor_password",
                    "Too short, too long, or the person's own id.",
                ),
                (
                    409,
                    "no_admin_yet",
                    "Run `sheetwise init` where the database is.",
                ),
                (
                    429,
                    "too_many_mistakes",
                    "Wait for as long as `Retry-After` says.",
                ),
            ],
            Self::Labels => &[
                (
                    404,
                    "unknown_id",
                    "There is nothing of these ids: `unknown_ids` names them.",
                ),
                (
                    422,
                    "unprintable",
                    "Labels cannot be printed like that: the message says why.",
                ),
                (422, "too_many", "More labels than come in one answer."),
            ],
            Self::Rows => &[
                (400, "malformed", MALFORMED),
                (413, "malformed", "The file is too large."),
                (
                    422,
                    "bad_rows",
                    "Nothing of the file was taken: `bad_rows` says which rows, and why.",
                ),
                (
                    415,
                    "malformed",
                    "The file has to be `text/csv` or `application/json`.",
                ),
                (422, "malformed", MALFORMED),
            ],
            Self::Unforeseen => &[(
                409,
                "not_foreseeable",
                "Nobody can say what will come: the message says why, and what to do.",
            )],
            Self::Wide => &[(
                422,
                "too_wide",
                "More is concerned than one answer holds: ask about less.",
            )],
            Self::Load => &[
                (
                    503,
                    "overloaded",
                    "The server has too much to do: try again in a moment.",
                ),
                (
                    503,
                    "timed_out",
                    "No answer in time. It may have been recorded: say it again with the same key.",
                ),
            ],
            Self::Ledger => &[
                (503, "busy", "Too much waits: try again in a moment."),
                (503, "not_now", NOT_NOW),
                (
                    503,
                    "outcome_unknown",
                    "It may have been recorded: say it again with the same key.",
                ),
                (
                    503,
                    "stopped",
                    "Nothing more is recorded until the server is started again.",
                ),
                (
                    500,
                    "cannot_be_recorded",
                    "The database does not take this very command.",
                ),
            ],
            Self::NotNow => &[(503, "not_now", NOT_NOW)],
            Self::Fault => &[(500, "fault", "A fault in the program.")],
        }
    }
}

/// The HTTP status of a refusal of this class.
pub(crate) const fn status_of(class: RefusalClass) -> StatusCode {
    match class {
        RefusalClass::Senseless => StatusCode::UNPROCESSABLE_ENTITY,
        RefusalClass::Unknown => StatusCode::NOT_FOUND,
        RefusalClass::Forbidden => StatusCode::FORBIDDEN,
        RefusalClass::Conflict => StatusCode::CONFLICT,
        RefusalClass::Outdated => StatusCode::PRECONDITION_FAILED,
    }
}

/// A refusal, a malformed request, or the machine's trouble.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Problem {
    status: StatusCode,
    fields: Map<String, Value>,
    /// Seconds after which to try again.
    retry_after: Option<u32>,
    /// The answer names how to say who one is.
    asks_for_a_token: bool,
}

impl Problem {
    /// `outcome` is `refused` where the request was understood, or might have been; `failed` where the machine could
    /// not.
    fn new(status: StatusCode, outcome: &str, code: &str, message: impl Into<String>) -> Self {
        let mut problem = Self {
            status,
            fields: Map::new(),
            retry_after: None,
            asks_for_a_token: false,
        };
        problem.put("outcome", outcome);
        problem.put("code", code);
        problem.put("message", message.into());
        problem.complete();
        problem
    }

    /// The border says no.
    pub(crate) fn no(status: StatusCode, code: &str, message: impl Into<String>) -> Self {
        Self::new(status, "refused", code, message)
    }

    /// Try again after so many seconds.
    pub(crate) fn after(mut self, seconds: u32) -> Self {
        self.retry_after = Some(seconds);
        self
    }

    /// A token is what is missing (RFC 6750).
    pub(crate) fn asking_for_a_token(mut self) -> Self {
        self.asks_for_a_token = true;
        self
    }

    fn put(&mut self, field: &str, value: impl Into<Value>) {
        self.fields.insert(field.to_owned(), value.into());
    }

    /// The members that RFC 9457 names, from ours.
    fn complete(&mut self) {
        let code = self
            .fields
            .get("code")
            .and_then(Value::as_str)
            .unwrap_or("refused");
        let title = code.replace('_', " ");
        let kind = format!("urn:sheetwise:problem:{code}");
        let detail = self.fields.get("message").cloned().unwrap_or_default();
        self.put("type", kind);
        self.put("title", title);
        self.put("status", self.status.as_u16());
        self.put("detail", detail);
    }

    /// The shop says no: `body` is what the ledger keeps of it.
    pub(crate) fn refused(class: RefusalClass, body: &str) -> Self {
        let mut problem = Self {
            status: status_of(class),
            fields: serde_json::from_str(body).expect("a refusal is kept as a JSON object"),
            retry_after: None,
            asks_for_a_token: false,
        };
        problem.complete();
        problem
    }

    /// The machine could not. Nothing was recorded, but where the code is `outcome_unknown`.
    pub(crate) fn failed(failure: &Failure) -> Self {
        let (status, code, retry_after) = match failure {
            Failure::Busy => (StatusCode::SERVICE_UNAVAILABLE, "busy", Some(1)),
            Failure::NotNow(_) => (StatusCode::SERVICE_UNAVAILABLE, "not_now", Some(5)),
            Failure::OutcomeUnknown(_) => {
                (StatusCode::SERVICE_UNAVAILABLE, "outcome_unknown", Some(5))
            }
            Failure::Stopped(_) => (StatusCode::SERVICE_UNAVAILABLE, "stopped", None),
            Failure::Poison(_) => (
                StatusCode::INTERNAL_SERVER_ERROR,
                "cannot_be_recorded",
                None,
            ),
        };
        let mut problem = Self::new(status, "failed", code, failure.to_string());
        problem.retry_after = retry_after;
        problem
    }

    /// The database could not answer.
    #[expect(clippy::needless_pass_by_value, reason = "it stands in map_err")]
    pub(crate) fn store(error: StoreError) -> Self {
        let status = StatusCode::SERVICE_UNAVAILABLE;
        let mut problem = Self::new(status, "failed", "not_now", error.to_string());
        problem.retry_after = Some(5);
        problem
    }

    /// More is asked of the server than it takes on at once, or now.
    pub(crate) fn overloaded(message: impl Into<String>) -> Self {
        let status = StatusCode::SERVICE_UNAVAILABLE;
        let mut problem = Self::new(status, "failed", "overloaded", message);
        problem.retry_after = Some(1);
        problem
    }

    /// The answer took too long. What was to be recorded may be.
    pub(crate) fn timed_out(limit: Duration) -> Self {
        let message = format!(
            "There was no answer within {} seconds. It may have been recorded: ask again with the same key.",
            limit.as_secs()
        );
        let status = StatusCode::SERVICE_UNAVAILABLE;
        let mut problem = Self::new(status, "failed", "timed_out", message);
        problem.retry_after = Some(5);
        problem
    }

    /// The answer would be longer than anybody could use.
    pub(crate) fn too_wide(message: impl Into<String>) -> Self {
        let status = StatusCode::UNPROCESSABLE_ENTITY;
        Self::new(status, "refused", "too_wide", message)
    }

    /// Nobody can say what will come.
    pub(crate) fn not_foreseeable(message: impl Into<String>) -> Self {
        Self::new(StatusCode::CONFLICT, "refused", "not_foreseeable", message)
    }

    /// The sentence for a person.
    pub(crate) fn message(&self) -> String {
        let message = self.fields.get("message").and_then(Value::as_str);
        message.unwrap_or_default().to_owned()
    }

    /// A panic of ours.
    pub(crate) fn bug() -> Self {
        let message = "A fault in the program: please report it, with the time.";
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "failed",
            "fault",
            message,
        )
    }

    /// The body is not what the call takes. `status` is 400 for no JSON, 422 for other JSON, 413, 415.
    pub(crate) fn malformed(status: StatusCode, message: String) -> Self {
        Self::new(status, "refused", "malformed", message)
    }

    /// The body has a field that the call does not know.
    pub(crate) fn unknown_field(path: &str) -> Self {
        let status = StatusCode::UNPROCESSABLE_ENTITY;
        Self::malformed(status, format!("{path}: there is no such field"))
    }

    /// A word of the path, the query or a header is not what stands there.
    pub(crate) fn unreadable(error: &IdError) -> Self {
        let status = StatusCode::UNPROCESSABLE_ENTITY;
        Self::new(status, "refused", "unreadable_id", error.to_string())
    }

    /// A parameter of the query is not what stands there.
    pub(crate) fn parameter(name: &str, message: impl AsRef<str>) -> Self {
        let message = format!("{name}: {}", message.as_ref());
        Self::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "refused",
            "malformed",
            message,
        )
    }

    /// There is no such thing.
    pub(crate) fn unknown(id: impl std::fmt::Display) -> Self {
        let message = format!("{id} is not known here.");
        Self::new(StatusCode::NOT_FOUND, "refused", "unknown_id", message)
    }

    /// There are no such things.
    pub(crate) fn unknown_ids(ids: &[String]) -> Self {
        let message = match ids {
            [one] => format!("{one} is not known here."),
            many => format!("{} of these ids are not known here.", many.len()),
        };
        let mut problem = Self::new(StatusCode::NOT_FOUND, "refused", "unknown_id", message);
        problem.put("unknown_ids", ids.to_vec());
        problem
    }

    /// More is asked for than comes in one answer.
    pub(crate) fn too_many(message: &str) -> Self {
        let status = StatusCode::UNPROCESSABLE_ENTITY;
        Self::new(status, "refused", "too_many", message)
    }

    /// A label that cannot be printed like that.
    pub(crate) fn unprintable(error: &LabelError) -> Self {
        let status = StatusCode::UNPROCESSABLE_ENTITY;
        Self::new(status, "refused", "unprintable", error.to_string())
    }

    /// A file of which nothing was taken, because rows of it cannot be.
    pub(crate) fn bad_rows(import: &OrdersImported) -> Self {
        let count = match import.bad_rows.len() {
            1 => "One thing is wrong".to_owned(),
            many => format!("{many} things are wrong"),
        };
        let message = format!(
            "{count} with the file, and nothing of it was taken: mend it, or send it with skip_bad=true."
        );
        let status = StatusCode::UNPROCESSABLE_ENTITY;
        let mut problem = Self::new(status, "refused", "bad_rows", message);
        let bad_rows = serde_json::to_value(&import.bad_rows);
        problem.put(
            "bad_rows",
            bad_rows.expect("rows hold nothing that JSON cannot"),
        );
        problem.put("dry_run", import.dry_run);
        problem
    }

    /// There is no such call.
    pub(crate) fn no_such_call() -> Self {
        let message = "There is no such call: /openapi.json lists them all.";
        Self::new(StatusCode::NOT_FOUND, "refused", "no_such_call", message)
    }

    /// The call is there, for another method.
    pub(crate) fn no_such_method() -> Self {
        let message = "The call takes another method: /openapi.json lists them all.";
        Self::new(
            StatusCode::METHOD_NOT_ALLOWED,
            "refused",
            "no_such_method",
            message,
        )
    }

    /// The document, for where problems stand in lists.
    pub(crate) fn into_fields(self) -> Map<String, Value> {
        self.fields
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let json = [(header::CONTENT_TYPE, "application/problem+json")];
        let body = Value::Object(self.fields).to_string();
        let mut response = (self.status, json, body).into_response();
        if let Some(seconds) = self.retry_after {
            let headers = response.headers_mut();
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if self.asks_for_a_token {
            let bearer = HeaderValue::from_static("Bearer");
            response
                .headers_mut()
                .insert(header::WWW_AUTHENTICATE, bearer);
        }
        response
    }
}
