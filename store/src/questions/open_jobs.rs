//! Every open job with everything of it that is still on the floor, and the stations: what plans and forecasts are made
//! of. Read from the read models, which are the log's truth at its end: for each open job three ranges of keys, and no
//! unit's stream.

use super::{all_of, orders_on_hold, rows, states};
use crate::contract::{Reading, RowFilter, StoreError};
use crate::tables::Table;
use sheetwise_core::domain::job::Job;
use sheetwise_core::domain::product::ProductSpec;
use sheetwise_core::domain::station::Station;
use sheetwise_core::domain::{UnitRef, UnitState, UnitType};
use sheetwise_core::identity::{OperationId, ProductId, StationId};
use sheetwise_core::projections::{AssemblyRow, CardUnitRow, JobRow, SheetRow};
use sheetwise_core::scheduling::{CardNow, JobNow, Progress, SetNow, SheetNow};
use smol_str::SmolStr;
use std::collections::BTreeMap;
use std::sync::Arc;

/// The floor at the end of the log.
#[derive(Debug, Clone)]
pub struct OpenJobs {
    /// The last event of the log.
    pub log_position: u64,
    pub stations: Vec<Station>,
    /// Every product's versions, the first first.
    pub products: BTreeMap<ProductId, Vec<Arc<ProductSpec>>>,
    /// In order of job. Jobs on hold are here too.
    pub jobs: Vec<OpenJob>,
}

/// A job with what of it is still on the floor.
#[derive(Debug, Clone)]
pub struct OpenJob {
    pub job: Job,
    /// Why its order is on hold, if it is.
    pub order_held: Option<String>,
    pub spec: Arc<ProductSpec>,
    /// Those that are not cut or voided.
    pub sheets: Vec<SheetNow>,
    /// Those that do not lie in their set, and are not voided or consumed.
    pub cards: Vec<CardNow>,
    /// Those that are not packed or voided.
    pub sets: Vec<SetNow>,
}

impl OpenJob {
    /// As the scheduling core wants it.
    #[must_use]
    pub fn now(&self) -> JobNow<'_> {
        JobNow {
            job: &self.job,
            order_held: self.order_held.as_deref(),
            spec: &self.spec,
            sheets: &self.sheets,
            cards: &self.cards,
            sets: &self.sets,
        }
    }
}

/// Everything that is open now.
pub fn open_jobs(reading: &mut dyn Reading) -> Result<OpenJobs, StoreError> {
    let log_position = reading.head()?.sequence_num;
    let stations = all_of(reading, UnitType::Station, "", usize::MAX)?;
    let stations = stations.into_iter().filter_map(|(_, state)| match state {
        UnitState::Station(station) => Some(station),
        _ => None,
    });
    let stations: Vec<Station> = stations.collect();
    let products = all_of(reading, UnitType::Product, "", usize::MAX)?;
    let products = products.into_iter().filter_map(|(_, state)| match state {
        UnitState::Product(product) => Some((product.product_id, product.versions)),
        _ => None,
    });
    let products: BTreeMap<ProductId, Vec<Arc<ProductSpec>>> = products.collect();
    let mut open = RowFilter::all(Table::Jobs);
    let statuses = vec!["created".into(), "in_progress".into()];
    open.columns.push(("status", statuses));
    let open: Vec<JobRow> = rows(reading, &open)?;
    let orders_held = orders_on_hold(reading, &open)?;
    let units = open.iter().map(|row| UnitRef::Job(row.job_id)).collect();
    let mut jobs = Vec::new();
    for (_, state) in states(reading, units)? {
        let UnitState::Job(job) = state else { continue };
        let plan = &job.plan;
        let index = usize::try_from(plan.product_version).unwrap_or(usize::MAX);
        let versions = products.get(&plan.product_id);
        let spec = versions.and_then(|all| all.get(index.checked_sub(1)?));
        let Some(spec) = spec.map(Arc::clone) else {
            return Err(StoreError::Damaged(format!(
                "{} is made to version {} of {}, which is not there",
                plan.job_id, plan.product_version, plan.product_id
            )));
        };
        let order_held = orders_held.get(&plan.order_id).cloned();
        jobs.push(with_its_units(reading, job, order_held, spec)?);
    }
    jobs.sort_by_key(|open| open.job.plan.job_id);
    Ok(OpenJobs {
        log_position,
        stations,
        products,
        jobs,
    })
}

fn with_its_units(
    reading: &mut dyn Reading,
    job: Job,
    order_held: Option<String>,
    spec: Arc<ProductSpec>,
) -> Result<OpenJob, StoreError> {
    let within = format!("{}-", job.plan.job_id);
    let live = |table, statuses: &[&str]| RowFilter {
        within: Some(within.clone()),
        columns: vec![("status", statuses.iter().map(SmolStr::new).collect())],
        ..RowFilter::all(table)
    };
    let on_sheets = ["created", "in_progress", "ready_to_cut"];
    let sheets: Vec<SheetRow> = rows(reading, &live(Table::Sheets, &on_sheets))?;
    let on_cards = ["created", "in_progress", "qa_passed", "qa_failed"];
    let cards: Vec<CardUnitRow> = rows(reading, &live(Table::CardUnits, &on_cards))?;
    let on_sets = ["pending", "in_progress", "complete", "error"];
    let sets: Vec<AssemblyRow> = rows(reading, &live(Table::Assemblies, &on_sets))?;
    Ok(OpenJob {
        job,
        order_held,
        spec,
        sheets: sheets.into_iter().map(sheet_now).collect(),
        cards: cards.into_iter().map(card_now).collect(),
        sets: sets.into_iter().map(set_now).collect(),
    })
}

fn sheet_now(row: SheetRow) -> SheetNow {
    SheetNow {
        sheet_id: row.sheet_id,
        spares: row.purpose.yields_spares(),
        status: row.status,
        progress: progress(
            row.completed_operation_ids,
            row.current_operation_id,
            row.current_station_id,
            row.since,
        ),
    }
}

fn card_now(row: CardUnitRow) -> CardNow {
    CardNow {
        card_unit_id: row.card_unit_id,
        status: row.status,
        progress: progress(
            row.completed_operation_ids,
            row.current_operation_id,
            row.current_station_id,
            row.since,
        ),
    }
}

fn set_now(row: AssemblyRow) -> SetNow {
    SetNow {
        assembly_id: row.assembly_id,
        spares: row.spares,
        status: row.status,
        vacant_positions: row.vacant_positions,
    }
}

fn progress(
    completed_operation_ids: Vec<OperationId>,
    current_operation_id: Option<OperationId>,
    station_id: Option<StationId>,
    since: Option<jiff::Timestamp>,
) -> Progress {
    let arrived = station_id.zip(since);
    Progress {
        completed_operation_ids,
        arrived: arrived.filter(|_| current_operation_id.is_some()),
        current_operation_id,
    }
}
