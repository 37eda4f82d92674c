//! Every question about one thing, now or at a past moment.

use crate::app::App;
use crate::extract::{Id, Parameters, page};
use crate::problem::Problem;
use axum::Json;
use axum::extract::State;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sheetwise_core::domain::{UnitRef, UnitType};
use sheetwise_core::identity::{
    AssemblyId, CardUnitId, JobId, PackId, ProductionOrderId, SheetId, StationId,
};
use sheetwise_core::projections::{AssemblyRow, JobProgressRow, PackRow, SheetRow};
use sheetwise_store::contract::{EventFilter, RefusalFilter};
use sheetwise_store::questions::{self, AsOf};
use sheetwise_store::tables::Table;
use smol_str::SmolStr;

/// `?as_of=`: the number of an event, or a time.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Moment {
    as_of: Option<String>,
}

impl Moment {
    fn read(&self) -> Result<AsOf, Problem> {
        let Some(text) = &self.as_of else {
            return Ok(AsOf::Now);
        };
        if let Ok(number) = text.parse::<u64>() {
            return Ok(AsOf::Event(number));
        }
        text.parse::<Timestamp>().map(AsOf::Time).map_err(|_| {
            let message = format!(
                "{text:?} should be a time like 2026-03-02T14:00:00Z, or the number of an event"
            );
            Problem::parameter("as_of", message)
        })
    }
}

fn object(value: impl Serialize) -> Value {
    serde_json::to_value(value).expect("rows hold nothing that JSON cannot")
}

/// `GET /card-units/{id}`
pub(crate) async fn card_unit(
    State(app): State<App>,
    Id(id): Id<CardUnitId>,
    Parameters(moment): Parameters<Moment>,
) -> Result<Json<Value>, Problem> {
    let as_of = moment.read()?;
    let answer = app.ask(move |reading| {
        let Some((card, life)) = questions::card_life(reading, id, as_of)? else {
            return Ok(None);
        };
        let job = questions::job(reading, &UnitRef::Job(id.job()), as_of)?;
        Ok(Some((card, life, job)))
    });
    let (card, life, job) = answer.await?.ok_or_else(|| Problem::unknown(id))?;
    let lineage = json!({
        "sheet_id": card.sheet_id,
        "job_id": card.job_id,
        "order_id": job.map(|job| job.order_id),
        "replaces": card.replaces,
        "replaced_by": card.replaced_by,
    });
    let mut answer = object(&card);
    answer["lineage"] = lineage;
    answer["history"] = object(&life.entries);
    Ok(Json(answer))
}

/// `GET /sheets/{id}`
pub(crate) async fn sheet(
    State(app): State<App>,
    Id(id): Id<SheetId>,
    Parameters(moment): Parameters<Moment>,
) -> Result<Json<SheetRow>, Problem> {
    let as_of = moment.read()?;
    let row = app.ask(move |reading| questions::sheet(reading, &UnitRef::Sheet(id), as_of));
    row.await?.map(Json).ok_or_else(|| Problem::unknown(id))
}

/// `GET /assemblies/{id}`
pub(crate) async fn assembly(
    State(app): State<App>,
    Id(id): Id<AssemblyId>,
    Parameters(moment): Parameters<Moment>,
) -> Result<Json<Value>, Problem> {
    let as_of = moment.read()?;
    let answer = app.ask(move |reading| {
        if as_of == AsOf::Now {
            let found = questions::assembly_with_missing(reading, id)?;
            return Ok(found.map(|(set, missing)| (set, Some(missing))));
        }
        let set: Option<AssemblyRow> = questions::assembly(reading, &UnitRef::Assembly(id), as_of)?;
        Ok(set.map(|set| (set, None)))
    });
    let (set, missing) = answer.await?.ok_or_else(|| Problem::unknown(id))?;
    let mut answer = object(&set);
    answer["present"] = object(set.gathered().collect::<Vec<_>>());
    if let Some(missing) = missing {
        answer["missing"] = object(missing);
    }
    Ok(Json(answer))
}

/// `GET /packs/{id}`
pub(crate) async fn pack(
    State(app): State<App>,
    Id(id): Id<PackId>,
) -> Result<Json<Value>, Problem> {
    let contents = app
        .ask(move |reading| questions::pack_contents(reading, id))
        .await?;
    let contents = contents.ok_or_else(|| Problem::unknown(id))?;
    let mut packs = contents.packs.into_iter();
    let outer: PackRow = packs.next().ok_or_else(Problem::bug)?;
    let mut answer = object(&outer);
    let sets = contents.sets.iter().map(|set| {
        json!({
            "assembly_id": set.assembly_id,
            "pack_id": set.pack_id,
            "card_unit_ids": set.gathered().collect::<Vec<_>>(),
            "short_positions": set.short_positions,
        })
    });
    answer["contents"] = json!({
        "packs": packs.collect::<Vec<PackRow>>(),
        "sets": sets.collect::<Vec<Value>>(),
    });
    Ok(Json(answer))
}

/// `GET /jobs/{id}/progress`
pub(crate) async fn job_progress(
    State(app): State<App>,
    Id(id): Id<JobId>,
) -> Result<Json<JobProgressRow>, Problem> {
    let row = app.ask(move |reading| questions::row(reading, Table::JobProgress, &id.to_string()));
    row.await?.map(Json).ok_or_else(|| Problem::unknown(id))
}

/// `GET /jobs/{id}`
pub(crate) async fn job(
    State(app): State<App>,
    Id(id): Id<JobId>,
    Parameters(moment): Parameters<Moment>,
) -> Result<Json<Value>, Problem> {
    let as_of = moment.read()?;
    let row = app.ask(move |reading| questions::job(reading, &UnitRef::Job(id), as_of));
    let row = row.await?.ok_or_else(|| Problem::unknown(id))?;
    Ok(Json(object(row)))
}

/// `GET /orders/{id}`
pub(crate) async fn order(
    State(app): State<App>,
    Id(id): Id<ProductionOrderId>,
    Parameters(moment): Parameters<Moment>,
) -> Result<Json<Value>, Problem> {
    let as_of = moment.read()?;
    let unit = UnitRef::ProductionOrder(id.clone());
    let row = app
        .ask(move |reading| questions::order(reading, &unit, as_of))
        .await?;
    Ok(Json(object(row.ok_or_else(|| Problem::unknown(id))?)))
}

/// `GET /stations/{id}/queue`
pub(crate) async fn station_queue(
    State(app): State<App>,
    Id(id): Id<StationId>,
) -> Result<Json<Value>, Problem> {
    let station = UnitRef::Station(id.clone());
    let answer = app.ask(move |reading| {
        let UnitRef::Station(id) = &station else {
            return Ok(None);
        };
        let known = questions::state(reading, &station, AsOf::Now)?;
        let here = questions::at_station(reading, id)?;
        Ok(known.map(|_| here))
    });
    let here = answer.await?.ok_or_else(|| Problem::unknown(&id))?;
    Ok(Json(json!({"station_id": id, "at_station": object(here)})))
}

/// `GET /events`
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct LogQuery {
    #[serde(default)]
    pub(crate) after: u64,
    pub(crate) limit: Option<usize>,
    #[serde(rename = "type")]
    event_type: Option<SmolStr>,
    aggregate_id: Option<String>,
    aggregate_type: Option<String>,
    station_id: Option<SmolStr>,
    operator_id: Option<SmolStr>,
    correlation_id: Option<SmolStr>,
    from: Option<Timestamp>,
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
            ..EventFilter::after(self.after.min(u64::MAX >> 2), limit)
        })
    }
}

/// `GET /events`: the log in order; a reader that goes on from `next_after` misses nothing.
pub(crate) async fn events(
    State(app): State<App>,
    Parameters(query): Parameters<LogQuery>,
) -> Result<Json<Value>, Problem> {
    let (limit, after) = (page(query.limit), query.after);
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
    let flat: Vec<_> = events.iter().map(|event| event.to_flat_json()).collect();
    Ok(Json(
        json!({"events": flat, "next_after": next_after, "last_sequence_num": last}),
    ))
}

/// The kind is in the text of most ids; where it is not, it is asked for.
fn aggregate(kind: Option<&str>, id: &str) -> Result<(UnitType, SmolStr), Problem> {
    use sheetwise_core::identity::LineageId;
    let kind = match kind {
        Some(word) => UnitType::from_word(word).ok_or_else(|| {
            Problem::parameter("aggregate_type", format!("{word:?} is no kind of thing"))
        })?,
        None => match id.parse::<LineageId>() {
            Ok(LineageId::Job(_)) => UnitType::Job,
            Ok(LineageId::Sheet(_)) => UnitType::Sheet,
            Ok(LineageId::CardUnit(_)) => UnitType::CardUnit,
            Ok(LineageId::Assembly(_)) => UnitType::Assembly,
            Ok(LineageId::Pack(_)) => UnitType::Pack,
            Err(_) => {
                let message = "say what kind of thing it is: production_order, station, product, …";
                return Err(Problem::parameter("aggregate_type", message));
            }
        },
    };
    let unit = kind.unit(id).map_err(|e| Problem::unreadable(&e))?;
    Ok((kind, unit.to_string().into()))
}

/// `GET /refusals` and `GET /conflicts`
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RefusalQuery {
    #[serde(default)]
    after: u64,
    limit: Option<usize>,
    code: Option<SmolStr>,
    station_id: Option<SmolStr>,
}

/// `GET /refusals`: what was refused.
pub(crate) async fn refusals(
    State(app): State<App>,
    Parameters(query): Parameters<RefusalQuery>,
) -> Result<Json<Value>, Problem> {
    list_refusals(&app, query, false).await
}

/// `GET /conflicts`: late scans that were refused, and wait for a person.
pub(crate) async fn conflicts(
    State(app): State<App>,
    Parameters(query): Parameters<RefusalQuery>,
) -> Result<Json<Value>, Problem> {
    list_refusals(&app, query, true).await
}

async fn list_refusals(
    app: &App,
    query: RefusalQuery,
    late_only: bool,
) -> Result<Json<Value>, Problem> {
    let filter = RefusalFilter {
        after: query.after.min(u64::MAX >> 2),
        limit: page(query.limit),
        code: query.code,
        station_id: query.station_id,
        late_only,
    };
    let rows = app.ask(move |reading| reading.refusals(&filter)).await?;
    let next_after = rows.last().map_or(query.after, |row| row.refusal_num);
    let rows: Vec<Value> = rows
        .into_iter()
        .map(|row| {
            let reply: Value = serde_json::from_str(&row.reply).unwrap_or_default();
            let mut fields = object(&row);
            fields["message"] = reply["message"].clone();
            fields["entity"] = reply["entity"].clone();
            fields["where_it_belongs"] = reply["where_it_belongs"].clone();
            if let Some(fields) = fields.as_object_mut() {
                fields.remove("reply");
            }
            fields
        })
        .collect();
    Ok(Json(json!({"refusals": rows, "next_after": next_after})))
}
