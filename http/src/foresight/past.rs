//! The log, folded forward: what stations have shown, how jobs came in and were done, what is down since when. Each event
//! is read once in the life of the server.

use jiff::Timestamp;
use sheetwise_core::capacity::MeasuredCapacity;
use sheetwise_core::domain::station::StationEvent;
use sheetwise_core::domain::{Event, Recorded};
use sheetwise_core::identity::StationId;
use sheetwise_core::scheduling::PastJobs;
use sheetwise_store::contract::{EventFilter, Reading};
use sheetwise_store::{Database, StoreError, questions};
use std::collections::BTreeMap;
use std::sync::Arc;

/// So many events are read at once.
const PAGE: usize = 5_000;

/// Everything that the log has shown up to some event.
#[derive(Default)]
pub(super) struct Past {
    position: u64,
    pub(super) measured: MeasuredCapacity,
    /// Shared with the pictures that were made of it.
    pub(super) jobs: Arc<PastJobs>,
    pub(super) down_since: BTreeMap<StationId, Timestamp>,
}

impl Past {
    /// Takes in all but the last events, page by page, so that no reading goes on for as long as the log is.
    pub(super) fn approach(&mut self, database: &Database) -> Result<(), StoreError> {
        loop {
            let read = database.read(|reading| self.take_in_a_page(reading))?;
            if read < PAGE {
                return Ok(());
            }
        }
    }

    /// Takes in everything up to the end of the log, as this reading sees it.
    pub(super) fn catch_up(&mut self, reading: &mut dyn Reading) -> Result<(), StoreError> {
        while self.take_in_a_page(reading)? == PAGE {}
        Ok(())
    }

    fn take_in_a_page(&mut self, reading: &mut dyn Reading) -> Result<usize, StoreError> {
        let events = questions::log(reading, &EventFilter::after(self.position, PAGE))?;
        for recorded in &events {
            self.apply(recorded);
        }
        Ok(events.len())
    }

    fn apply(&mut self, recorded: &Recorded) {
        self.measured.apply(recorded);
        Arc::make_mut(&mut self.jobs).apply(recorded);
        let since = recorded.context.recorded_at;
        match &recorded.event {
            Event::Station(StationEvent::StationWentDown(e)) => {
                self.down_since.entry(e.station_id.clone()).or_insert(since);
            }
            Event::Station(StationEvent::StationCameUp(e)) => {
                self.down_since.remove(&e.station_id);
            }
            _ => {} // who is down is a matter of these two alone
        }
        self.position = recorded.sequence_num;
    }
}
