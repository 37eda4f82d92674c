//! What people see when they look around: a job's cards and sheets, and which of them can go on.

use super::People;
use sheetwise_core::domain::card_unit::{CardUnit, CardUnitStatus};
use sheetwise_core::domain::job::JobStatus;
use sheetwise_core::domain::product::{ProductSpec, StationType};
use sheetwise_core::domain::station::Bench;
use sheetwise_core::identity::{CardUnitId, JobId, SheetId, StationId};
use sheetwise_core::production::Floor;
use std::sync::Arc;

impl People {
    pub(super) fn cards_of(floor: &Floor, job: JobId) -> Vec<CardUnitId> {
        let mut cards: Vec<CardUnitId> = floor
            .all_card_units()
            .map(|card| card.card_unit_id)
            .filter(|id| id.job() == job)
            .collect();
        cards.sort_unstable();
        cards
    }

    pub(super) fn sheets_of(floor: &Floor, job: JobId) -> Vec<SheetId> {
        let mut sheets: Vec<SheetId> = floor
            .all_sheets()
            .map(|sheet| sheet.sheet_id)
            .filter(|id| id.job() == job)
            .collect();
        sheets.sort_unstable();
        sheets
    }

    pub(super) fn spec(floor: &Floor, job: JobId) -> Arc<ProductSpec> {
        let job = floor
            .job(&job)
            .ok()
            .flatten()
            .expect("a job that is open is there");
        let product = floor
            .product(&job.plan.product_id)
            .ok()
            .flatten()
            .expect("its product is there");
        Arc::clone(
            product
                .version(job.plan.product_version)
                .expect("its version is there"),
        )
    }

    /// The stations of that type.
    pub(super) fn stations_of(&self, station_type: &StationType) -> Vec<StationId> {
        self.shop
            .stations
            .iter()
            .filter(|s| s.station_type == *station_type)
            .map(|s| s.station_id.clone())
            .collect()
    }

    pub(super) fn bench<'f>(floor: &'f Floor, station: &StationId) -> &'f Bench {
        floor.bench(station).expect("the whole floor is there")
    }

    /// One time in so many.
    pub(super) fn one_in(&mut self, times: u8) -> bool {
        self.rng.u8(..times) == 0
    }

    pub(super) fn any<T: Copy>(&mut self, among: &[T]) -> Option<T> {
        (!among.is_empty()).then(|| among[self.rng.usize(..among.len())])
    }
}

pub(super) fn is_open(floor: &Floor, job: JobId) -> bool {
    match floor.job(&job) {
        Ok(Some(job)) => matches!(job.status, JobStatus::Created | JobStatus::InProgress),
        _ => false,
    }
}

pub(super) const fn can_move(card: &CardUnit) -> bool {
    matches!(
        card.situation.status,
        CardUnitStatus::Created
            | CardUnitStatus::InProgress
            | CardUnitStatus::QaPassed
            | CardUnitStatus::QaFailed
    )
}
