//! The log, and what did not come into it: events, refusals, conflicts.

use crate::app::App;
use crate::extract::{Limit, Parameters};
use crate::problem::Problem;
use axum::Json;
use axum::extract::State;
use jiff::Timestamp;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use sheetwise_core::domain::{EVENT_TYPES, UnitType};
use sheetwise_core::identity::LineageId;
use sheetwise_store::contract::{EventFilter, RefusalFilter, RefusalRow};
use sheetwise_store::questions;
use smol_str::SmolStr;
use std::borrow::Cow;

/// Numbers of events and refusals are below this.
const NUMBER_MAX: u64 = u64::MAX >> 2;

/// `GET /events?…`
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct LogQuery {
    /// Events after this one.
    #[serde(default)]
    pub(crate) after: u64,
    pub(crate) limit: Option<Limit>,
    /// Only events of this type, `SheetCut`.
    #[serde(rename = "type")]
    event_type: Option<SmolStr>,
    /// Only events of this thing.
    aggregate_id: Option<String>,
    /// What kind of thing that is, where its id does not say it: `station`, `product`, …
    aggregate_type: Option<String>,
    station_id: Option<SmolStr>,
    operator_id: Option<SmolStr>,
    /// Only events of the decisions that this tied together: as the caller gave it, or of one decision.
    correlation_id: Option<SmolStr>,
    /// The server's clock; included.
    from: Option<Timestamp>,
    /// The server's clock; not included.
    to: Option<Timestamp>,
}

impl LogQuery {
    /// The events that are asked for, at most so many.
    pub(crate) fn filter(self, limit: usize) -> Result<EventFilter, Problem> {
        let aggregate = match (&self.aggregate_type, &self.aggregate_id) {
            (None, None) => None,
            (kind, Some(id)) => Some(aggregate(kind.as_deref(), id)?),
            (Some(_), None) => {
                let message = "it stands with aggregate_id";
                return Err(Problem::parameter("aggregate_type", message));
            }
        };
        Ok(EventFilter {
            event_types: self.event_type.into_iter().collect(),
            aggregate,
            station_id: self.station_id,
            operator_id: self.operator_id,
            correlation_id: self.correlation_id,
            recorded_from: self.from,
            recorded_before: self.to,
            ..EventFilter::after(self.after.min(NUMBER_MAX), limit)
        })
    }
}

/// A page of the log.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct LogPage {
    events: Vec<LoggedEvent>,
    /// `after` of the next page: a reader that goes on from it misses nothing.
    next_after: u64,
    /// Where the log ends.
    last_sequence_num: u64,
}

/// An event, flat.
#[derive(Debug, Serialize)]
pub(crate) struct LoggedEvent(Map<String, Value>);

impl JsonSchema for LoggedEvent {
    fn schema_name() -> Cow<'static, str> {
        "Event".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "object",
            "description": "An event: the envelope, and beside it the fields of its type, and the sheet and job of whatever has \
                            one.",
            "properties": {
                "sequence_num": {"type": "integer", "description": "1, 2, 3, … without gaps.", "minimum": 1},
                "event_type": {"type": "string", "enum": EVENT_TYPES},
                "schema_version": {"type": "integer", "minimum": 1},
                "occurred_at": {"type": "string", "format": "date-time", "description": "The device's clock."},
                "recorded_at": {"type": "string", "format": "date-time", "description": "The server's clock."},
                "aggregate_type": {"type": "string"},
                "aggregate_id": {"type": "string"},
                "aggregate_version": {"type": "integer", "minimum": 1},
                "correlation_id": {"type": "string"},
                "operator_id": {"type": "string"},
                "station_id": {"type": "string"},
                "late": {"type": "boolean"},
            },
            "required": [
                "sequence_num", "event_type", "schema_version", "occurred_at", "recorded_at", "aggregate_type",
                "aggregate_id", "aggregate_version", "correlation_id",
            ],
        })
    }
}

/// `GET /events`: the log in order; a reader that goes on from `next_after` misses nothing.
pub(crate) async fn events(
    State(app): State<App>,
    Parameters(query): Parameters<LogQuery>,
) -> Result<Json<LogPage>, Problem> {
    let (limit, after) = (query.limit.unwrap_or_default().get(), query.after);
    let filter = query.filter(limit)?;
    let (events, last) = app
        .ask(move |reading| {
            let last = reading.head()?.sequence_num;
            Ok((questions::log(reading, &filter)?, last))
        })
        .await?;
    // With a full page there may be more behind it; without, everything up to the end was looked at.
    let next_after = match events.last() {
        Some(event) if events.len() == limit => event.sequence_num,
        _ => last.max(after),
    };
    let flat = events.iter().map(|event| LoggedEvent(event.to_flat_json()));
    Ok(Json(LogPage {
        events: flat.collect(),
        next_after,
        last_sequence_num: last,
    }))
}

/// The kind that the text of an id says: of what a job makes, of an order, an operator and a hold.
fn kind_of(id: &str) -> Option<UnitType> {
    if let Ok(id) = id.parse::<LineageId>() {
        return Some(match id {
            LineageId::Job(_) => UnitType::Job,
            LineageId::Sheet(_) => UnitType::Sheet,
            LineageId::CardUnit(_) => UnitType::CardUnit,
            LineageId::Assembly(_) => UnitType::Assembly,
            LineageId::Pack(_) => UnitType::Pack,
        });
    }
    let mut said = [
        UnitType::ProductionOrder,
        UnitType::Operator,
        UnitType::Hold,
    ]
    .into_iter();
    said.find(|kind| kind.unit(id).is_ok())
}

/// The kind is in the text of most ids; where it is not, it is asked for.
fn aggregate(kind: Option<&str>, id: &str) -> Result<(UnitType, SmolStr), Problem> {
    let kind = match kind {
        Some(word) => UnitType::from_word(word).ok_or_else(|| {
            Problem::parameter("aggregate_type", format!("{word:?} is no kind of thing"))
        })?,
        None => kind_of(id).ok_or_else(|| {
            let message = "say what kind of thing it is: station, product, memorabilia, …";
            Problem::parameter("aggregate_type", message)
        })?,
    };
    let unit = kind
        .unit(id)
        .map_err(|e| Problem::parameter("aggregate_id", e.to_string()))?;
    Ok((kind, unit.to_string().into()))
}

/// `GET /refusals?…` and `GET /conflicts?…`
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RefusalQuery {
    /// Refusals after this one.
    #[serde(default)]
    after: u64,
    limit: Option<Limit>,
    /// Only those with this code.
    code: Option<SmolStr>,
    /// Only those given at this station.
    station_id: Option<SmolStr>,
}

/// Refusals, in the order in which they were given.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct RefusalList {
    refusals: Vec<RefusalEntry>,
    /// `after` of the next page.
    next_after: u64,
}

/// Something that was refused.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct RefusalEntry {
    /// 1, 2, 3, …
    refusal_num: u64,
    code: SmolStr,
    /// What was scanned, or the id of what a command was about.
    barcode: String,
    station_id: Option<SmolStr>,
    operator_id: Option<SmolStr>,
    occurred_at: Timestamp,
    recorded_at: Timestamp,
    /// It came late, and waits for a person.
    late: bool,
    /// As it was answered.
    message: Option<String>,
    /// The thing as it was then.
    entity: Option<RefusedEntity>,
    where_it_belongs: Option<String>,
}

/// The thing that was refused, as it was then.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(crate) struct RefusedEntity {
    r#type: String,
    id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<String>,
}

/// The part of an answer that was given which is shown again.
#[derive(Default, Deserialize)]
struct Given {
    message: Option<String>,
    entity: Option<RefusedEntity>,
    where_it_belongs: Option<String>,
}

impl From<RefusalRow> for RefusalEntry {
    fn from(row: RefusalRow) -> Self {
        let given: Given = serde_json::from_str(&row.reply).unwrap_or_default();
        Self {
            refusal_num: row.refusal_num,
            code: row.code,
            barcode: row.barcode,
            station_id: row.station_id,
            operator_id: row.operator_id,
            occurred_at: row.occurred_at,
            recorded_at: row.recorded_at,
            late: row.late,
            message: given.message,
            entity: given.entity,
            where_it_belongs: given.where_it_belongs,
        }
    }
}

/// `GET /refusals`: what was refused.
pub(crate) async fn refusals(
    State(app): State<App>,
    Parameters(query): Parameters<RefusalQuery>,
) -> Result<Json<RefusalList>, Problem> {
    list_refusals(&app, query, false).await
}

/// `GET /conflicts`: late scans that were refused, and wait for a person.
pub(crate) async fn conflicts(
    State(app): State<App>,
    Parameters(query): Parameters<RefusalQuery>,
) -> Result<Json<RefusalList>, Problem> {
    list_refusals(&app, query, true).await
}

async fn list_refusals(
    app: &App,
    query: RefusalQuery,
    late_only: bool,
) -> Result<Json<RefusalList>, Problem> {
    let filter = RefusalFilter {
        after: query.after.min(NUMBER_MAX),
        limit: query.limit.unwrap_or_default().get(),
        code: query.code,
        station_id: query.station_id,
        late_only,
    };
    let rows = app.ask(move |reading| reading.refusals(&filter)).await?;
    Ok(Json(RefusalList {
        next_after: rows.last().map_or(query.after, |row| row.refusal_num),
        refusals: rows.into_iter().map(RefusalEntry::from).collect(),
    }))
}
