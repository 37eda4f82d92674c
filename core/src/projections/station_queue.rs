//! What is at a station now, and since when: a live view over the rows of cards and sheets. What is
//! ready for a station but not there does not live here: that needs the products' routes.

use super::{CardUnitRow, SheetRow};
use crate::identity::{CardUnitId, OperationId, SheetId, StationId};
use jiff::Timestamp;
use serde::Serialize;

/// A sheet or card at a station.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "type", content = "id", rename_all = "snake_case")]
pub enum AtStation {
    Sheet(SheetId),
    CardUnit(CardUnitId),
}

/// A line of the queue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct QueueEntry {
    pub entity: AtStation,
    /// When it came (server's clock).
    pub since: Option<Timestamp>,
    pub status: &'static str,
    /// What is being done to it; nothing while it waits.
    pub current_operation_id: Option<OperationId>,
    /// Why it rests.
    pub held: Option<String>,
}

/// What is at the station, longest first (and by id where they came together).
#[must_use]
pub fn station_queue<'a>(
    station_id: &StationId,
    sheets: impl IntoIterator<Item = &'a SheetRow>,
    card_units: impl IntoIterator<Item = &'a CardUnitRow>,
) -> Vec<QueueEntry> {
    let sheets = sheets
        .into_iter()
        .filter(|row| row.current_station_id.as_ref() == Some(station_id))
        .map(|row| QueueEntry {
            entity: AtStation::Sheet(row.sheet_id),
            since: row.since,
            status: row.status.as_str(),
            current_operation_id: row.current_operation_id.clone(),
            held: row.held.clone(),
        });
    let card_units = card_units
        .into_iter()
        .filter(|row| row.current_station_id.as_ref() == Some(station_id))
        .map(|row| QueueEntry {
            entity: AtStation::CardUnit(row.card_unit_id),
            since: row.since,
            status: row.status.as_str(),
            current_operation_id: row.current_operation_id.clone(),
            held: row.held.clone(),
        });
    let mut queue: Vec<QueueEntry> = sheets.chain(card_units).collect();
    queue.sort_unstable_by_key(|entry| (entry.since, entry.entity));
    queue
}
