//! What is ready for a station, but not there: everything whose next operation is of the station's type, by job.
//! Answered from the read models of the jobs that are being produced: for each of them one or two ranges of a key.
//! Hold rules are not looked at, only what is on hold by itself, its job or its order; the scan there has the last word.

use crate::contract::{Reading, RowFilter, StoreError};
use crate::questions::{orders_on_hold, rows, states};
use crate::tables::Table;
use jiff::{Timestamp, civil::Date};
use serde::Serialize;
use sheetwise_core::domain::product::{ProductSpec, StationType};
use sheetwise_core::domain::refusal::NextStep;
use sheetwise_core::domain::values::Priority;
use sheetwise_core::domain::{UnitRef, UnitState};
use sheetwise_core::identity::{
    AssemblyId, CardUnitId, JobId, OperationId, ProductId, SheetId, StationId,
};
use sheetwise_core::projections::{AssemblyRow, CardUnitRow, JobRow, SheetRow};
use smol_str::SmolStr;
use std::collections::BTreeMap;
use std::sync::Arc;

/// A sheet, card or set that waits to come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "type", content = "id", rename_all = "snake_case")]
pub enum Waiting {
    Sheet(SheetId),
    CardUnit(CardUnitId),
    Assembly(AssemblyId),
}

/// A line of what is ready.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ReadyEntry {
    pub entity: Waiting,
    pub job_id: JobId,
    /// What is to be done here; nothing where the product names no operation for it (a set to be packed).
    pub operation_id: Option<OperationId>,
    pub status: &'static str,
    /// Where it was scanned last. What runs there ends with the scan here.
    pub current_station_id: Option<StationId>,
    /// When it came there (server's clock).
    pub since: Option<Timestamp>,
}

/// How much of a job is ready.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ReadyJob {
    pub job_id: JobId,
    pub due_date: Date,
    pub priority: Priority,
    pub sheet_count: u32,
    pub card_unit_count: u32,
    pub set_count: u32,
}

/// What is ready for a station.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Ready {
    /// The jobs that have something ready: most urgent first, then by due date.
    pub jobs: Vec<ReadyJob>,
    /// A page of it, job by job in that order, within a job by id.
    pub entries: Vec<ReadyEntry>,
    /// So many there are in all.
    pub count: u32,
}

/// Which of what is ready.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ReadyFilter {
    /// Only what is of this job.
    pub job_id: Option<JobId>,
    /// The page begins behind this sheet, card or set, wherever that is by now; at the beginning where its job is no
    /// longer in production.
    pub after: Option<Waiting>,
    /// At most so many entries; they are counted all the same.
    pub limit: usize,
}

/// What is ready for this station, but not there.
pub fn ready_for_station(
    reading: &mut dyn Reading,
    station_id: &StationId,
    station_type: &StationType,
    filter: &ReadyFilter,
) -> Result<Ready, StoreError> {
    let mut jobs = jobs_in_production(reading, filter.job_id)?;
    jobs.sort_by_key(|job| (std::cmp::Reverse(job.priority), job.due_date, job.job_id));
    let specs = specs_of(reading, &jobs)?;
    let mut ready = Ready::default();
    let mut page = Page::behind(filter);
    for job in &jobs {
        let version = usize::try_from(job.product_version).unwrap_or(usize::MAX);
        let spec = specs
            .get(&job.product_id)
            .and_then(|versions| versions.get(version.checked_sub(1)?));
        let Some(spec) = spec else {
            return Err(StoreError::Damaged(format!(
                "{} is made to version {} of {}, which is not there",
                job.job_id, job.product_version, job.product_id
            )));
        };
        let entries = of_job(reading, job.job_id, spec, station_id, station_type)?;
        page.comes_to(job.job_id);
        if entries.is_empty() {
            continue;
        }
        let count = |is: fn(&Waiting) -> bool| {
            let of_kind = entries.iter().filter(|entry| is(&entry.entity)).count();
            u32::try_from(of_kind).unwrap_or(u32::MAX)
        };
        let of_job = ReadyJob {
            job_id: job.job_id,
            due_date: job.due_date,
            priority: job.priority,
            sheet_count: count(|entity| matches!(entity, Waiting::Sheet(_))),
            card_unit_count: count(|entity| matches!(entity, Waiting::CardUnit(_))),
            set_count: count(|entity| matches!(entity, Waiting::Assembly(_))),
        };
        ready.count += of_job.sheet_count + of_job.card_unit_count + of_job.set_count;
        ready.jobs.push(of_job);
        page.take(entries);
    }
    ready.entries = page.entries();
    Ok(ready)
}

/// Gathers one page out of everything that passes by.
struct Page<'f> {
    filter: &'f ReadyFilter,
    first: Vec<ReadyEntry>,
    /// What came behind the last one seen, from its job on.
    behind: Option<Vec<ReadyEntry>>,
}

impl<'f> Page<'f> {
    const fn behind(filter: &'f ReadyFilter) -> Self {
        Self {
            filter,
            first: Vec::new(),
            behind: None,
        }
    }

    fn comes_to(&mut self, job_id: JobId) {
        if (self.filter.after).is_some_and(|after| after.job_id() == job_id) {
            self.behind = Some(Vec::new());
        }
    }

    fn take(&mut self, entries: Vec<ReadyEntry>) {
        for entry in entries {
            let is_seen = self.filter.after.is_some_and(|after| {
                after.job_id() == entry.job_id && entry.entity.place() <= after.place()
            });
            if self.first.len() < self.filter.limit {
                self.first.push(entry.clone());
            }
            if let Some(behind) = &mut self.behind
                && behind.len() < self.filter.limit
                && !is_seen
            {
                behind.push(entry);
            }
        }
    }

    fn entries(self) -> Vec<ReadyEntry> {
        self.behind.unwrap_or(self.first)
    }
}

impl Waiting {
    /// The sheet, card or set of that id.
    #[must_use]
    pub fn of_id(id: &str) -> Option<Self> {
        let sheet = || id.parse().ok().map(Self::Sheet);
        let card_unit = || id.parse().ok().map(Self::CardUnit);
        let assembly = || id.parse().ok().map(Self::Assembly);
        sheet().or_else(card_unit).or_else(assembly)
    }

    const fn job_id(self) -> JobId {
        match self {
            Self::Sheet(id) => id.job(),
            Self::CardUnit(id) => id.job(),
            Self::Assembly(id) => id.job(),
        }
    }

    /// In which order those of a job come.
    fn place(self) -> (u8, String) {
        let kind = match self {
            Self::Sheet(_) => 0,
            Self::CardUnit(_) => 1,
            Self::Assembly(_) => 2,
        };
        (kind, self.id())
    }

    /// Its id.
    #[must_use]
    pub fn id(&self) -> String {
        match self {
            Self::Sheet(id) => id.to_string(),
            Self::CardUnit(id) => id.to_string(),
            Self::Assembly(id) => id.to_string(),
        }
    }
}

fn jobs_in_production(
    reading: &mut dyn Reading,
    job_id: Option<JobId>,
) -> Result<Vec<JobRow>, StoreError> {
    let mut filter = RowFilter::all(Table::Jobs);
    filter
        .columns
        .push(("status", vec!["created".into(), "in_progress".into()]));
    if let Some(job_id) = job_id {
        filter
            .columns
            .push((Table::Jobs.key(), vec![job_id.to_string().into()]));
    }
    let mut jobs: Vec<JobRow> = rows(reading, &filter)?;
    let orders_held = orders_on_hold(reading, &jobs)?;
    jobs.retain(|job| job.held.is_none() && !orders_held.contains_key(&job.order_id));
    Ok(jobs)
}

fn specs_of(
    reading: &mut dyn Reading,
    jobs: &[JobRow],
) -> Result<BTreeMap<ProductId, Vec<Arc<ProductSpec>>>, StoreError> {
    let mut ids: Vec<ProductId> = jobs.iter().map(|job| job.product_id.clone()).collect();
    ids.sort_unstable();
    ids.dedup();
    let products = states(reading, ids.into_iter().map(UnitRef::Product).collect())?;
    let specs = products.into_iter().filter_map(|(_, state)| match state {
        UnitState::Product(product) => Some((product.product_id, product.versions)),
        _ => None,
    });
    Ok(specs.collect())
}

/// What of the job is ready for the station, sheets before cards, each by id.
fn of_job(
    reading: &mut dyn Reading,
    job_id: JobId,
    spec: &ProductSpec,
    station_id: &StationId,
    station_type: &StationType,
) -> Result<Vec<ReadyEntry>, StoreError> {
    let within = |table, statuses: &[&str]| RowFilter {
        within: Some(format!("{job_id}-")),
        columns: vec![("status", statuses.iter().map(SmolStr::new).collect())],
        ..RowFilter::all(table)
    };
    let mut ready = Vec::new();
    if *station_type == StationType::Cutting
        || spec
            .sheet_operations()
            .any(|node| node.station_type == *station_type)
    {
        let live = within(Table::Sheets, &["created", "in_progress", "ready_to_cut"]);
        let sheets: Vec<SheetRow> = rows(reading, &live)?;
        for sheet in sheets {
            if sheet.held.is_some() || sheet.current_station_id.as_ref() == Some(station_id) {
                continue;
            }
            if let Some(step) = step_here(sheet.next_steps(spec), station_type) {
                ready.push(ReadyEntry {
                    entity: Waiting::Sheet(sheet.sheet_id),
                    job_id,
                    operation_id: Some(step.operation_id),
                    status: sheet.status.as_str(),
                    current_station_id: sheet.current_station_id,
                    since: sheet.since,
                });
            }
        }
    }
    let gathers = *station_type == StationType::Assembly;
    let works_on_cards = spec.operations.iter().any(|node| {
        node.required_for_entity_type == sheetwise_core::domain::product::EntityType::CardUnit
            && node.station_type == *station_type
    });
    if gathers || works_on_cards {
        let live = within(Table::CardUnits, &["created", "in_progress", "qa_passed"]);
        let cards: Vec<CardUnitRow> = rows(reading, &live)?;
        for card in cards {
            if card.held.is_some() || card.current_station_id.as_ref() == Some(station_id) {
                continue;
            }
            let operation_id = if gathers {
                if card.spare || !card.missing_for_assembly(spec).is_empty() {
                    continue;
                }
                None
            } else {
                // An inspection that runs at another bench is not waiting for this one.
                let step = step_here(card.next_steps(spec), station_type)
                    .filter(|step| card.current_operation_id.as_ref() != Some(&step.operation_id));
                let Some(step) = step else { continue };
                Some(step.operation_id)
            };
            ready.push(ReadyEntry {
                entity: Waiting::CardUnit(card.card_unit_id),
                job_id,
                operation_id,
                status: card.status.as_str(),
                current_station_id: card.current_station_id,
                since: card.since,
            });
        }
    }
    if *station_type == StationType::Packing {
        let sets: Vec<AssemblyRow> = rows(reading, &within(Table::Assemblies, &["complete"]))?;
        let sets = sets.into_iter().filter(|set| set.held.is_none());
        ready.extend(sets.map(|set| ReadyEntry {
            entity: Waiting::Assembly(set.assembly_id),
            job_id,
            operation_id: None,
            status: set.status.as_str(),
            current_station_id: None,
            since: None,
        }));
    }
    Ok(ready)
}

fn step_here(steps: Vec<NextStep>, station_type: &StationType) -> Option<NextStep> {
    steps
        .into_iter()
        .find(|step| step.station_type == *station_type)
}
