//! What stations have shown that they can do, beside what they are rated for: a fold over the log.
//!
//! Nobody scans an exit, so the pace is read from arrivals: while a station works on one job's operation,
//! what lies between one scan and the next, in staffed time without downtime, is what the unit before
//! took. A longer silence is a lack of work, and ends the run. What it took over its standard time is the
//! run's ratio.

mod practice;
mod run;

pub use practice::Practice;
pub use run::MeasuredRun;

use super::{Calendar, Throughput, seconds_of};
use crate::domain::Decimal;
use crate::domain::assembly::AssemblyEvent;
use crate::domain::card_unit::CardUnitEvent;
use crate::domain::event::{Context, Event, Recorded};
use crate::domain::job::JobEvent;
use crate::domain::product::{EntityType, ProductEvent, ProductSpec, StationType};
use crate::domain::sheet::SheetEvent;
use crate::domain::station::{StationDescription, StationEvent};
use crate::identity::{JobId, OperationId, ProductId, StationId};
use jiff::Timestamp;
use practice::PracticeFold;
use run::{OpenRun, Work};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Runs, days and units below which the rating is believed rather than what was measured.
pub const BELIEVED_FROM: (u32, u32, u64) = (5, 3, 30);

/// The fold.
#[derive(Debug, Clone, Default)]
pub struct MeasuredCapacity {
    stations: BTreeMap<StationId, StationFold>,
    products: BTreeMap<ProductId, Vec<Arc<ProductSpec>>>,
    jobs: BTreeMap<JobId, (ProductId, Arc<ProductSpec>)>,
    practice: PracticeFold,
    runs: Vec<MeasuredRun>,
    downtimes: Vec<MeasuredDowntime>,
}

/// A time in which a station was down.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MeasuredDowntime {
    pub station_id: StationId,
    pub since: Timestamp,
    /// How much of it was staffed.
    pub staffed_minutes: f64,
}

#[derive(Debug, Clone)]
struct StationFold {
    description: StationDescription,
    calendar: Option<Calendar>,
    down_since: Option<Timestamp>,
    run: Option<OpenRun>,
}

/// A station's rating beside what it has shown, for one product.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StationRate {
    pub station_id: StationId,
    pub product_id: ProductId,
    /// What all its machines do in a staffed hour by rating and standard time.
    pub rated_units_per_hour: f64,
    /// What they did, where anything was measured.
    pub measured_units_per_hour: Option<f64>,
    /// Actual over standard time: above 1 is slower.
    pub ratio: Option<f64>,
    pub units: u64,
    pub runs: u32,
    pub days: u32,
    /// Which of both to count on: what was measured, from [`BELIEVED_FROM`] on.
    pub believe_measured: bool,
}

impl MeasuredCapacity {
    /// Takes in the next event of the log.
    pub fn apply(&mut self, recorded: &Recorded) {
        let context = &recorded.context;
        self.practice.apply(recorded, &self.jobs);
        match &recorded.event {
            Event::Product(ProductEvent::ProductSpecPublished(e)) => {
                let versions = self.products.entry(e.product_id.clone()).or_default();
                versions.push(Arc::clone(&e.spec));
            }
            Event::Job(JobEvent::JobCreated(e)) => {
                let versions = self.products.get(&e.product_id);
                let index = usize::try_from(e.product_version).unwrap_or(usize::MAX);
                let spec = versions.and_then(|all| all.get(index.checked_sub(1)?));
                if let Some(spec) = spec {
                    let product = (e.product_id.clone(), Arc::clone(spec));
                    self.jobs.insert(e.job_id, product);
                }
            }
            Event::Station(event) => self.station(event, context),
            Event::Sheet(SheetEvent::SheetEnteredStation(e)) => {
                self.worked(e.sheet_id.job(), &e.operation_id, context);
            }
            Event::Sheet(SheetEvent::SheetCut(e)) => {
                self.worked_at(e.job_id, &StationType::Cutting, context);
            }
            Event::CardUnit(CardUnitEvent::CardUnitEnteredStation(e)) => {
                self.worked(e.card_unit_id.job(), &e.operation_id, context);
            }
            Event::Assembly(AssemblyEvent::AssemblyCompleted(e)) => {
                self.worked_at(e.assembly_id.job(), &StationType::Assembly, context);
            }
            Event::Assembly(AssemblyEvent::SetPacked(e)) => {
                self.worked_at(e.assembly_id.job(), &StationType::Packing, context);
            }
            // A correction does not unmake the time that passed.
            Event::Sheet(_)
            | Event::CardUnit(_)
            | Event::Assembly(_)
            | Event::ProductionOrder(_)
            | Event::Job(_)
            | Event::Pack(_)
            | Event::Operator(_)
            | Event::Memorabilia(_)
            | Event::Hold(_) => {}
        }
    }

    fn station(&mut self, event: &StationEvent, context: &Context) {
        let (station_id, description) = match event {
            StationEvent::StationRegistered(e) => (&e.station_id, &e.description),
            StationEvent::StationReconfigured(e) => (&e.station_id, &e.description),
            StationEvent::StationWentDown(e) => {
                if let Some(station) = self.stations.get_mut(&e.station_id) {
                    station.down_since = station.down_since.or(Some(context.recorded_at));
                }
                return;
            }
            StationEvent::StationCameUp(e) => {
                if let Some(station) = self.stations.get_mut(&e.station_id)
                    && let Some(since) = station.down_since.take()
                {
                    let (until, calendar) = (context.recorded_at, station.calendar.as_ref());
                    if let Some(run) = &mut station.run {
                        run.was_down(since, until, calendar);
                    }
                    self.downtimes.push(MeasuredDowntime {
                        station_id: e.station_id.clone(),
                        since,
                        staffed_minutes: run::staffed_seconds(calendar, since, until) as f64 / 60.0,
                    });
                }
                return;
            }
            StationEvent::MaterialLotsLoaded(_)
            | StationEvent::BenchSwitched(_)
            | StationEvent::UnitTakenInHand(_) => return,
        };
        self.close(&station_id.clone());
        let fold = StationFold {
            description: description.clone(),
            calendar: Calendar::new(&description.operating_hours).ok(),
            down_since: None,
            run: None,
        };
        self.stations.insert(station_id.clone(), fold);
    }

    fn worked_at(&mut self, job_id: JobId, station_type: &StationType, context: &Context) {
        let Some((_, spec)) = self.jobs.get(&job_id) else {
            return;
        };
        let mut operations = spec.operations.iter();
        let Some(node) = operations.find(|node| node.station_type == *station_type) else {
            return;
        };
        let operation_id = node.operation_id.clone();
        self.worked(job_id, &operation_id, context);
    }

    /// A unit of that job was scanned for that operation.
    fn worked(&mut self, job_id: JobId, operation_id: &OperationId, context: &Context) {
        let Some(station_id) = &context.station_id else {
            return;
        };
        let Some((product_id, spec)) = self.jobs.get(&job_id) else {
            return;
        };
        let Some(station) = self.stations.get_mut(station_id) else {
            return;
        };
        let Some(seconds_each) = seconds_each(&station.description, spec, operation_id) else {
            return;
        };
        let work = Work {
            job_id,
            product_id: product_id.clone(),
            operation_id: operation_id.clone(),
            seconds_each,
        };
        let at = context.recorded_at;
        let calendar = station.calendar.as_ref();
        let goes_on = station
            .run
            .as_mut()
            .is_some_and(|run| run.goes_on(&work, at, calendar));
        if !goes_on {
            let ended = station.run.replace(OpenRun::new(work, at));
            let zone = station.description.operating_hours.zone();
            let run = ended.and_then(|run| run.measured(station_id, zone.as_ref()));
            self.runs.extend(run);
        }
    }

    fn close(&mut self, station_id: &StationId) {
        if let Some(station) = self.stations.get_mut(station_id)
            && let Some(run) = station.run.take()
        {
            let zone = station.description.operating_hours.zone();
            self.runs.extend(run.measured(station_id, zone.as_ref()));
        }
    }

    /// Every run that is over, in the order in which they ended. What is running now is not in it.
    #[must_use]
    pub fn runs(&self) -> &[MeasuredRun] {
        &self.runs
    }

    /// Every downtime that is over, in the order in which they ended.
    #[must_use]
    pub fn downtimes(&self) -> &[MeasuredDowntime] {
        &self.downtimes
    }

    /// What the shop does by habit: transfer batches, rework, losses.
    #[must_use]
    pub fn practice(&self) -> Practice {
        self.practice.practice()
    }

    /// Rating and measure of each station and product that met.
    #[must_use]
    pub fn rates(&self) -> Vec<StationRate> {
        let mut met: BTreeMap<(&StationId, &ProductId), Vec<&MeasuredRun>> = BTreeMap::new();
        for run in &self.runs {
            met.entry((&run.station_id, &run.product_id))
                .or_default()
                .push(run);
        }
        met.into_iter()
            .map(|((station_id, product_id), runs)| rate(station_id, product_id, &runs))
            .collect()
    }
}

pub(super) fn rate(
    station_id: &StationId,
    product_id: &ProductId,
    runs: &[&MeasuredRun],
) -> StationRate {
    let units: u64 = runs.iter().map(|run| run.units).sum();
    let actual: f64 = runs.iter().map(|run| run.actual_minutes).sum();
    let standard: f64 = runs.iter().map(|run| run.standard_minutes).sum();
    let mut days: Vec<_> = runs.iter().map(|run| run.day).collect();
    days.sort_unstable();
    days.dedup();
    let count = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
    let (runs, days) = (count(runs.len()), count(days.len()));
    let enough = runs >= BELIEVED_FROM.0 && days >= BELIEVED_FROM.1 && units >= BELIEVED_FROM.2;
    StationRate {
        station_id: station_id.clone(),
        product_id: product_id.clone(),
        rated_units_per_hour: units as f64 / standard * 60.0,
        measured_units_per_hour: (actual > 0.0).then(|| units as f64 / actual * 60.0),
        ratio: (actual > 0.0).then(|| actual / standard),
        units,
        runs,
        days,
        believe_measured: enough && actual > 0.0,
    }
}

/// What a station's machines together need for one unit, in seconds: the slower of standard time and
/// rating.
fn seconds_each(
    station: &StationDescription,
    spec: &ProductSpec,
    operation_id: &OperationId,
) -> Option<f64> {
    let node = spec.operation(operation_id)?;
    let entity: EntityType = node.required_for_entity_type;
    let rated = Throughput::from(station).minutes_each(entity, spec.layout.n_up)?;
    let minutes: Decimal = node.standard_time_minutes.max(rated);
    let seconds = minutes.as_f64() * 60.0 / f64::from(station.machines.max(1));
    (seconds_of(minutes) > 0).then_some(seconds)
}
