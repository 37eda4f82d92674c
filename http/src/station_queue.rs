//! What is at a station, and what is ready for it but not there.

use crate::app::App;
use crate::extract::{Id, Limit, Parameters};
use crate::found::IfKnown;
use crate::problem::Problem;
use axum::Json;
use axum::extract::State;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sheetwise_core::domain::{UnitRef, UnitState};
use sheetwise_core::identity::{JobId, StationId};
use sheetwise_core::projections::QueueEntry;
use sheetwise_store::questions::{self, AsOf};
use sheetwise_store::ready::{ReadyEntry, ReadyFilter, ReadyJob, Waiting, ready_for_station};

/// `?job_id=&after=&limit=`: which of what is ready.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct QueueQuery {
    /// Of what is ready, only what is of this job.
    job_id: Option<JobId>,
    /// Of what is ready, the page behind this id.
    after: Option<String>,
    limit: Option<Limit>,
}

/// A station's queue.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct StationQueue {
    station_id: StationId,
    /// What is there, longest first.
    at_station: Vec<QueueEntry>,
    /// What is to come there next, and is elsewhere.
    ready: ReadyPage,
}

/// What is ready for a station.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct ReadyPage {
    /// So much is ready in all.
    count: u32,
    /// The jobs that it is of: most urgent first, then by due date.
    jobs: Vec<ReadyJob>,
    /// A page of it, job by job in that order.
    entries: Vec<ReadyEntry>,
    /// `after` of the next page; the list is at its end where a page is empty.
    next_after: Option<String>,
}

/// `GET /stations/{id}/queue`
pub(crate) async fn station_queue(
    State(app): State<App>,
    Id(id): Id<StationId>,
    Parameters(query): Parameters<QueueQuery>,
) -> Result<IfKnown<Json<StationQueue>>, Problem> {
    let after = query.after.as_deref().map(|id| {
        let message = "it should be the id of a sheet, card or set, as next_after gave it";
        Waiting::of_id(id).ok_or_else(|| Problem::parameter("after", message))
    });
    let filter = ReadyFilter {
        job_id: query.job_id,
        after: after.transpose()?,
        limit: query.limit.unwrap_or_default().get(),
    };
    let station_id = id.clone();
    let answer = app.ask(move |reading| {
        let unit = UnitRef::Station(station_id.clone());
        let Some(UnitState::Station(station)) = questions::state(reading, &unit, AsOf::Now)? else {
            return Ok(None);
        };
        let here = questions::at_station(reading, &station_id)?;
        let station_type = &station.description.station_type;
        let ready = ready_for_station(reading, &station_id, station_type, &filter)?;
        Ok(Some((here, ready)))
    });
    let (at_station, ready) = answer.await?.ok_or_else(|| Problem::unknown(&id))?;
    let last = ready.entries.last().map(|entry| entry.entity.id());
    Ok(IfKnown(Json(StationQueue {
        station_id: id,
        at_station,
        ready: ReadyPage {
            count: ready.count,
            jobs: ready.jobs,
            next_after: last.or(query.after),
            entries: ready.entries,
        },
    })))
}
