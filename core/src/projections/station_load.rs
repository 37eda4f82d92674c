//! `rm_station_load`: how many cards and sheets are at each station now. Folded from the change of
//! their rows' current station, so that nothing is counted at two stations, or stays counted.

use super::Moment;
use crate::identity::StationId;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// A row of `rm_station_load`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StationLoadRow {
    pub station_id: StationId,
    pub card_unit_count: u32,
    pub sheet_count: u32,
    /// The last event that changed a count (or set the station up).
    pub last_event_seq: u64,
    pub updated_at: Timestamp,
}

/// What came or went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Load {
    CardUnit,
    Sheet,
}

impl StationLoadRow {
    /// The row of a station at which nothing is.
    #[must_use]
    pub fn idle(station_id: StationId, at: Moment<'_>) -> Self {
        Self {
            station_id,
            card_unit_count: 0,
            sheet_count: 0,
            last_event_seq: at.sequence_num,
            updated_at: at.context.recorded_at,
        }
    }

    /// The row after a card or sheet came.
    pub fn came(&mut self, load: Load, at: Moment<'_>) {
        *self.count_mut(load, at) += 1;
    }

    /// The row after a card or sheet went.
    ///
    /// # Panics
    /// If none was there: then the count was wrong before.
    pub fn went(&mut self, load: Load, at: Moment<'_>) {
        let count = self.count_mut(load, at);
        *count = count
            .checked_sub(1)
            .expect("only what came to a station leaves it");
    }

    fn count_mut(&mut self, load: Load, at: Moment<'_>) -> &mut u32 {
        self.last_event_seq = at.sequence_num;
        self.updated_at = at.context.recorded_at;
        match load {
            Load::CardUnit => &mut self.card_unit_count,
            Load::Sheet => &mut self.sheet_count,
        }
    }
}
