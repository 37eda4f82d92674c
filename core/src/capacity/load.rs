//! What is at each station, since when, and how much work that is: a fold over the whole log. The
//! queue is never stored; it is what the events say.
//!
//! A unit is at the station that it entered last, until it enters another or leaves the floor: a sheet
//! by its cut or void, a card by being gathered (its set is there then), packed, voided or consumed, a
//! set by being packed or voided. Nobody scans an exit, so a unit whose operation is over stays
//! where it is, and is no more work there. A correction puts it back to where it says.

use super::minutes::plus;
use super::throughput::Throughput;
use crate::domain::Decimal;
use crate::domain::assembly::AssemblyEvent;
use crate::domain::card_unit::{CardUnitEvent, CardUnitStatus};
use crate::domain::event::{Context, Event, Recorded, UnitRef};
use crate::domain::job::JobEvent;
use crate::domain::product::{EntityType, ProductEvent, ProductSpec, StationType};
use crate::domain::sheet::{SheetEvent, SheetStatus};
use crate::domain::station::StationEvent;
use crate::identity::{AssemblyId, CardUnitId, JobId, OperationId, ProductId, SheetId, StationId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap};
use std::sync::Arc;

/// What is at a station.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StationQueue {
    pub station_id: StationId,
    /// Everything that is there, in order of arrival.
    pub units: Vec<UnitAtStation>,
    /// The staffed minutes that the work there takes, set-ups included; see [`queue_minutes`]. `None`
    /// where the station has no rate, or the log does not know a unit's job.
    pub queue_minutes: Option<Decimal>,
}

/// A sheet, card or set at a station.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnitAtStation {
    pub unit: UnitRef,
    /// When it came (server's clock).
    pub since: Timestamp,
    pub work: WorkHere,
}

/// What is done with a unit where it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WorkHere {
    /// The operation has begun and is not complete; `None` where the product names none (a set at a
    /// bench, without an assembly operation).
    Open(Option<OperationId>),
    /// Nothing is left to do here: it waits to go on.
    Done,
}

/// A unit of work in a queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueuedWork {
    pub entity: EntityType,
    pub n_up: u16,
    pub setup: Setup,
}

/// What a machine is set up for. Between two works of the same it needs no changeover.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Setup {
    /// Operations of one family, across jobs.
    Family(SmolStr),
    /// An operation without a family: each job needs its own.
    JobOperation(JobId, Option<OperationId>),
}

/// What is at that station after these events.
#[must_use]
pub fn project_station_queue<'a>(
    events: impl IntoIterator<Item = &'a Recorded>,
    station_id: &StationId,
) -> StationQueue {
    let mut load = StationLoad::default();
    for recorded in events {
        load.apply(recorded);
    }
    load.queue(station_id)
}

/// The staffed minutes until all of that work is done, given in order of arrival. What needs the same
/// set-up is taken together, at the place of its first; each next work goes to the machine that is
/// free first; a machine pays a changeover where its set-up differs from what it did before, and
/// none for its first work. Work counts whole, however long it has been running.
///
/// `None` for a rate of 0, an `n_up` of 0 or no machines, unless there is no work at all.
#[must_use]
pub fn queue_minutes(throughput: &Throughput, work: &[QueuedWork]) -> Option<Decimal> {
    if work.is_empty() {
        return Some(Decimal::default());
    }
    let mut groups: Vec<(&Setup, Vec<&QueuedWork>)> = Vec::new();
    let mut group_of: BTreeMap<&Setup, usize> = BTreeMap::new();
    for each in work {
        let group = *group_of.entry(&each.setup).or_insert_with(|| {
            groups.push((&each.setup, Vec::new()));
            groups.len() - 1
        });
        groups[group].1.push(each);
    }
    let mut machines: BinaryHeap<Reverse<(Decimal, u16)>> = (0..throughput.machines)
        .map(|machine| Reverse((Decimal::default(), machine)))
        .collect();
    let mut set_up_for: Vec<Option<&Setup>> = vec![None; usize::from(throughput.machines)];
    let mut all_done = Decimal::default();
    for (setup, group) in groups {
        for each in group {
            let Reverse((free_at, machine)) = machines.pop()?;
            let mut minutes = throughput.minutes_each(each.entity, each.n_up)?;
            let before = set_up_for[usize::from(machine)].replace(setup);
            if before.is_some_and(|before| before != setup) {
                minutes = plus(minutes, Decimal::whole(throughput.setup_minutes));
            }
            let done = plus(free_at, minutes);
            all_done = all_done.max(done);
            machines.push(Reverse((done, machine)));
        }
    }
    Some(all_done)
}

/// The fold: where everything is, with what the log knows of stations, jobs and products.
#[derive(Debug, Clone, Default)]
pub struct StationLoad {
    stations: BTreeMap<StationId, Throughput>,
    jobs: BTreeMap<JobId, JobPlan>,
    products: BTreeMap<ProductId, Vec<Arc<ProductSpec>>>,
    sheets: BTreeMap<SheetId, Place>,
    cards: BTreeMap<CardUnitId, Place>,
    sets: BTreeMap<AssemblyId, SetPlace>,
}

#[derive(Debug, Clone)]
struct JobPlan {
    product_id: ProductId,
    product_version: u32,
    n_up: u16,
}

/// Where a sheet or card is.
#[derive(Debug, Clone, Default)]
struct Place {
    station_id: Option<StationId>,
    since: Timestamp,
    operation_id: Option<OperationId>,
    /// A card that lies in its set is where its set is.
    in_set: bool,
    /// The arrivals so far, for corrections: what is put back has been there since it came.
    arrivals: Vec<(StationId, Timestamp)>,
}

/// Where a set is.
#[derive(Debug, Clone, Default)]
struct SetPlace {
    station_id: Option<StationId>,
    since: Timestamp,
    gathered: BTreeSet<u16>,
    complete: bool,
    /// It is packed or voided.
    gone: bool,
}

impl Place {
    fn enter(&mut self, context: &Context, operation_id: Option<OperationId>) {
        self.station_id.clone_from(&context.station_id);
        self.since = context.recorded_at;
        self.operation_id = operation_id;
        self.in_set = false;
        self.arrivals.extend(
            context
                .station_id
                .clone()
                .map(|id| (id, context.recorded_at)),
        );
    }

    fn leave(&mut self) {
        self.station_id = None;
        self.operation_id = None;
        self.in_set = false;
    }

    fn complete(&mut self, operation_id: &OperationId) {
        if self.operation_id.as_ref() == Some(operation_id) {
            self.operation_id = None;
        }
    }

    fn restore(
        &mut self,
        station_id: Option<&StationId>,
        operation_id: Option<&OperationId>,
        context: &Context,
    ) {
        let arrival = self
            .arrivals
            .iter()
            .rev()
            .find(|(at, _)| Some(at) == station_id);
        self.since = arrival.map_or(context.recorded_at, |(_, since)| *since);
        self.station_id = station_id.cloned();
        self.operation_id = operation_id.cloned();
        self.in_set = false;
    }
}

impl SetPlace {
    /// What the bench has in hand changed: it is complete again only when the log says so.
    fn gather(&mut self, context: &Context) {
        self.complete = false;
        if context.station_id.is_some() && self.station_id != context.station_id {
            self.station_id.clone_from(&context.station_id);
            self.since = context.recorded_at;
        }
    }

    fn take_out(&mut self, position: u16) {
        self.complete = false;
        self.gathered.remove(&position);
        if self.gathered.is_empty() {
            self.station_id = None; // nothing of it lies there any more
        }
    }
}

impl StationLoad {
    /// Takes in the next event of the log.
    pub fn apply(&mut self, recorded: &Recorded) {
        let context = &recorded.context;
        match &recorded.event {
            Event::Sheet(event) => self.apply_sheet(event, context),
            Event::CardUnit(event) => self.apply_card(event, context),
            Event::Assembly(event) => self.apply_set(event, context),
            Event::Product(ProductEvent::ProductSpecPublished(e)) => {
                let versions = self.products.entry(e.product_id.clone()).or_default();
                versions.push(Arc::clone(&e.spec));
            }
            Event::Job(JobEvent::JobCreated(e)) => {
                let plan = JobPlan {
                    product_id: e.product_id.clone(),
                    product_version: e.product_version,
                    n_up: e.n_up,
                };
                self.jobs.insert(e.job_id, plan);
            }
            Event::Station(StationEvent::StationRegistered(e)) => {
                let rating = Throughput::from(&e.description);
                self.stations.insert(e.station_id.clone(), rating);
            }
            Event::Station(StationEvent::StationReconfigured(e)) => {
                let rating = Throughput::from(&e.description);
                self.stations.insert(e.station_id.clone(), rating);
            }
            // A broken station keeps its queue; what its bench has in hand is told by the units.
            Event::Station(
                StationEvent::StationWentDown(_)
                | StationEvent::StationCameUp(_)
                | StationEvent::MaterialLotsLoaded(_)
                | StationEvent::BenchSwitched(_)
                | StationEvent::UnitTakenInHand(_),
            )
            | Event::ProductionOrder(_)
            | Event::Job(_)
            | Event::Pack(_)
            | Event::Operator(_)
            | Event::Memorabilia(_)
            | Event::Hold(_) => {}
        }
    }

    fn apply_sheet(&mut self, event: &SheetEvent, context: &Context) {
        let place = self.sheets.entry(*event.unit_id()).or_default();
        match event {
            SheetEvent::SheetEnteredStation(e) => {
                place.enter(context, Some(e.operation_id.clone()));
            }
            SheetEvent::SheetOperationCompleted(_) => place.operation_id = None,
            SheetEvent::SheetVoided(_) | SheetEvent::SheetCut(_) => place.leave(),
            SheetEvent::SheetCorrected(e) => match e.restores.status {
                SheetStatus::Cut | SheetStatus::Voided => place.leave(),
                SheetStatus::Created | SheetStatus::InProgress | SheetStatus::ReadyToCut => place
                    .restore(
                        e.restores.current_station_id.as_ref(),
                        e.restores.current_operation_id.as_ref(),
                        context,
                    ),
            },
            SheetEvent::SheetCreated(_)
            | SheetEvent::SheetDefectRecorded(_)
            | SheetEvent::SheetDefectWithdrawn(_)
            | SheetEvent::SheetDeviationSigned(_)
            | SheetEvent::SheetHeld(_)
            | SheetEvent::SheetReleased(_) => {}
        }
    }

    fn apply_card(&mut self, event: &CardUnitEvent, context: &Context) {
        let place = self.cards.entry(*event.unit_id()).or_default();
        match event {
            // Born where the sheet was cut, or the replacement made; nothing is done to it there.
            CardUnitEvent::CardUnitCreated(_) | CardUnitEvent::ReplacementCardUnitCreated(_) => {
                place.enter(context, None);
            }
            CardUnitEvent::CardUnitEnteredStation(e) => {
                place.enter(context, Some(e.operation_id.clone()));
            }
            CardUnitEvent::CardUnitOperationCompleted(e) => place.complete(&e.operation_id),
            CardUnitEvent::EmbellishmentApplied(e) => place.complete(&e.operation_id),
            CardUnitEvent::SequentialNumberApplied(e) => place.complete(&e.operation_id),
            CardUnitEvent::MemorabiliaPlaced(e) => place.complete(&e.operation_id),
            CardUnitEvent::QAResultRecorded(_) => place.operation_id = None,
            CardUnitEvent::CardUnitAssembled(_) | CardUnitEvent::CardUnitUnpacked(_) => {
                if context.station_id.is_some() {
                    place.enter(context, None);
                }
                place.operation_id = None;
                place.in_set = true;
            }
            CardUnitEvent::CardUnitRemovedFromAssembly(_) => {
                place.in_set = false;
                place.since = context.recorded_at;
            }
            CardUnitEvent::CardUnitVoided(_)
            | CardUnitEvent::CardUnitConsumedAsSpare(_)
            | CardUnitEvent::CardUnitPacked(_) => place.leave(),
            CardUnitEvent::CardUnitCorrected(e) => match e.restores.status {
                CardUnitStatus::Packed | CardUnitStatus::Voided | CardUnitStatus::Consumed => {
                    place.leave();
                }
                status @ (CardUnitStatus::Created
                | CardUnitStatus::InProgress
                | CardUnitStatus::QaPassed
                | CardUnitStatus::QaFailed
                | CardUnitStatus::Assembled) => {
                    place.restore(
                        e.restores.current_station_id.as_ref(),
                        e.restores.current_operation_id.as_ref(),
                        context,
                    );
                    place.in_set = status == CardUnitStatus::Assembled;
                }
            },
            CardUnitEvent::CardUnitDeviationSigned(_)
            | CardUnitEvent::CardUnitHeld(_)
            | CardUnitEvent::CardUnitReleased(_) => {}
        }
    }

    fn apply_set(&mut self, event: &AssemblyEvent, context: &Context) {
        let set = self.sets.entry(*event.unit_id()).or_default();
        match event {
            AssemblyEvent::CardScannedForAssembly(e) => {
                set.gather(context);
                set.gathered.insert(e.position);
            }
            AssemblyEvent::AssemblyMemberRestored(e) if e.gathered => {
                set.gather(context);
                set.gathered.insert(e.position);
            }
            AssemblyEvent::AssemblyMemberRestored(e) => set.take_out(e.position),
            AssemblyEvent::CardRemovedFromAssembly(e) => set.take_out(e.position),
            AssemblyEvent::AssemblyMemberLost(e) => set.take_out(e.position),
            AssemblyEvent::AssemblyMemberReplaced(e) => set.take_out(e.position),
            AssemblyEvent::ConcessionSigned(_) => set.complete = false,
            AssemblyEvent::AssemblyCompleted(_) => set.complete = true,
            AssemblyEvent::AssemblyVoided(_) | AssemblyEvent::SetPacked(_) => set.gone = true,
            AssemblyEvent::SetUnpacked(_) => {
                set.gone = false;
                set.station_id.clone_from(&context.station_id);
                set.since = context.recorded_at;
            }
            AssemblyEvent::AssemblyCreated(_)
            | AssemblyEvent::AssemblyHeld(_)
            | AssemblyEvent::AssemblyReleased(_) => {}
        }
    }

    /// What is at that station.
    #[must_use]
    pub fn queue(&self, station_id: &StationId) -> StationQueue {
        let units = self.units_by_station().remove(station_id);
        self.queue_of(station_id, units.unwrap_or_default())
    }

    /// What is at every station that is registered or has something there.
    #[must_use]
    pub fn queues(&self) -> Vec<StationQueue> {
        let mut units = self.units_by_station();
        for station_id in self.stations.keys() {
            units.entry(station_id).or_default();
        }
        units
            .into_iter()
            .map(|(station_id, units)| self.queue_of(station_id, units))
            .collect()
    }

    fn units_by_station(&self) -> BTreeMap<&StationId, Vec<UnitAtStation>> {
        let mut by_station: BTreeMap<&StationId, Vec<UnitAtStation>> = BTreeMap::new();
        let sheets = self.sheets.iter().map(|(id, p)| (UnitRef::Sheet(*id), p));
        let cards = self.cards.iter().map(|(id, p)| (UnitRef::CardUnit(*id), p));
        for (unit, place) in sheets.chain(cards) {
            let Some(station_id) = place.station_id.as_ref().filter(|_| !place.in_set) else {
                continue;
            };
            let work = match &place.operation_id {
                Some(operation_id) => WorkHere::Open(Some(operation_id.clone())),
                None => WorkHere::Done,
            };
            by_station
                .entry(station_id)
                .or_default()
                .push(UnitAtStation {
                    unit,
                    since: place.since,
                    work,
                });
        }
        for (assembly_id, set) in &self.sets {
            let Some(station_id) = set.station_id.as_ref().filter(|_| !set.gone) else {
                continue;
            };
            let work = if set.complete {
                WorkHere::Done
            } else {
                WorkHere::Open(self.assembly_operation(assembly_id.job()))
            };
            by_station
                .entry(station_id)
                .or_default()
                .push(UnitAtStation {
                    unit: UnitRef::Assembly(*assembly_id),
                    since: set.since,
                    work,
                });
        }
        for units in by_station.values_mut() {
            // Those of one moment (one commit) in order of their ids, so that the answer is always the same.
            units.sort_by(|a, b| (a.since, &a.unit).cmp(&(b.since, &b.unit)));
        }
        by_station
    }

    fn queue_of(&self, station_id: &StationId, units: Vec<UnitAtStation>) -> StationQueue {
        let work: Option<Vec<QueuedWork>> = units
            .iter()
            .filter_map(|at| match &at.work {
                WorkHere::Open(operation_id) => Some(self.work_of(&at.unit, operation_id.as_ref())),
                WorkHere::Done => None,
            })
            .collect();
        let throughput = self.stations.get(station_id);
        StationQueue {
            station_id: station_id.clone(),
            units,
            queue_minutes: throughput
                .zip(work)
                .and_then(|(throughput, work)| queue_minutes(throughput, &work)),
        }
    }

    fn work_of(&self, unit: &UnitRef, operation_id: Option<&OperationId>) -> Option<QueuedWork> {
        let entity = match unit {
            UnitRef::Sheet(_) => EntityType::Sheet,
            UnitRef::CardUnit(_) => EntityType::CardUnit,
            _ => EntityType::Assembly,
        };
        let job_id = unit.job()?;
        let family = self
            .spec_of(job_id)
            .zip(operation_id)
            .and_then(|(spec, id)| spec.operation(id)?.setup_family.clone());
        Some(QueuedWork {
            entity,
            n_up: self.jobs.get(&job_id)?.n_up,
            setup: match family {
                Some(family) => Setup::Family(family),
                None => Setup::JobOperation(job_id, operation_id.cloned()),
            },
        })
    }

    fn spec_of(&self, job_id: JobId) -> Option<&ProductSpec> {
        let plan = self.jobs.get(&job_id)?;
        let index = usize::try_from(plan.product_version.checked_sub(1)?).ok()?;
        let versions = self.products.get(&plan.product_id)?;
        versions.get(index).map(Arc::as_ref)
    }

    fn assembly_operation(&self, job_id: JobId) -> Option<OperationId> {
        let operations = &self.spec_of(job_id)?.operations;
        let assembly = operations
            .iter()
            .find(|node| node.station_type == StationType::Assembly)?;
        Some(assembly.operation_id.clone())
    }
}
