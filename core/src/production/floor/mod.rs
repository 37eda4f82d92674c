//! The shop floor: the present state of every unit that a decision may look at, in memory.
//!
//! Whole (tests, simulator) or partial (a cache before a store): what a partial floor does not hold is
//! answered by [`Stop::NotLoaded`], upon which its owner loads the unit and decides again.
//!
//! Beside the units stand the *registers*, folds across streams that decisions need: what is in hand
//! at a station, who bears which number, what a job still has open.

mod partial;
mod past;
mod units;

use crate::domain::assembly::Assembly;
use crate::domain::card_unit::{CardUnit, EditionScope};
use crate::domain::hold::Hold;
use crate::domain::job::Job;
use crate::domain::memorabilia::Memorabilia;
use crate::domain::operator::Operator;
use crate::domain::order::ProductionOrder;
use crate::domain::pack::Pack;
use crate::domain::product::{Product, ProductSpec};
use crate::domain::sheet::Sheet;
use crate::domain::station::{Bench, Station};
use crate::domain::{Context, Event, Recorded, Refusal, UnitRef, UnitState};
use crate::identity::{
    AssemblyId, CardUnitId, HoldId, JobId, OperatorId, PackId, PieceId, ProductId,
    ProductionOrderId, SheetId, StationId,
};
use crate::production::{EditionPool, JobRegister};
use past::LookedBack;
use rustc_hash::{FxHashMap, FxHashSet};
use std::collections::BTreeMap;
use std::sync::Arc;
use units::Units;

/// Why a decision could not be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stop {
    /// It could: the answer is no.
    Refused(Refusal),
    /// The floor does not hold this; load it and ask again.
    NotLoaded(Needed),
}

/// What a partial floor has to be given before it can decide.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Needed {
    /// The unit's state, or that there is none.
    Unit(UnitRef),
    /// What is in hand at the station.
    Bench(StationId),
    /// The numbers of an edition.
    Edition(EditionScope),
    /// What the job has open.
    Job(JobId),
    /// The event of this number, and the others of its decision.
    DecisionOf(u64),
    /// All events of the unit.
    Stream(UnitRef),
}

impl From<Refusal> for Stop {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

/// The present state of the shop. See the module.
#[derive(Debug, Clone, Default)]
pub struct Floor {
    partial: bool,
    last_sequence_num: u64,
    orders: Units<ProductionOrderId, ProductionOrder>,
    products: Units<ProductId, Product>,
    jobs: Units<JobId, Job>,
    sheets: Units<SheetId, Sheet>,
    card_units: Units<CardUnitId, CardUnit>,
    assemblies: Units<AssemblyId, Assembly>,
    packs: Units<PackId, Pack>,
    stations: Units<StationId, Station>,
    operators: Units<OperatorId, Operator>,
    memorabilia: Units<PieceId, Memorabilia>,
    /// All hold rules, lifted ones too: few, and asked at every scan, so always complete.
    holds: BTreeMap<HoldId, (u32, Hold)>,
    benches: FxHashMap<StationId, Bench>,
    editions: FxHashMap<EditionScope, EditionPool>,
    registers: FxHashMap<JobId, JobRegister>,
    /// The whole log, where the floor keeps it: what corrections look back into.
    log: Option<Vec<Recorded>>,
    /// What a partial floor was given to look back into, until the next event.
    looked_back: LookedBack,
    /// Registers of a partial floor that changed since they were last asked for.
    touched_registers: TouchedRegisters,
}

/// The keys of registers that changed: what the owner of a partial floor has to keep.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TouchedRegisters {
    pub benches: FxHashSet<StationId>,
    pub editions: FxHashSet<EditionScope>,
    pub jobs: FxHashSet<JobId>,
}

macro_rules! lookups {
    ($($name:ident, $existing:ident, $field:ident: $id:ty => $state:ty, $unit:ident;)+) => {
        impl Floor {$(
            #[doc = concat!("The ", stringify!($state), " of that id, if there is one.")]
            ///
            /// # Errors
            /// [`Stop::NotLoaded`] where this floor does not hold it.
            pub fn $name(&self, id: &$id) -> Result<Option<&$state>, Stop> {
                match self.$field.get(id) {
                    Some((_, state)) => Ok(state.as_ref()),
                    None if self.partial => {
                        Err(Stop::NotLoaded(Needed::Unit(UnitRef::$unit(id.clone()))))
                    }
                    None => Ok(None),
                }
            }

            #[doc = concat!("The ", stringify!($state), " of that id.")]
            ///
            /// # Errors
            /// Refused where there is none; [`Stop::NotLoaded`] where this floor does not hold it.
            pub fn $existing(&self, id: &$id) -> Result<&$state, Stop> {
                self.$name(id)?.ok_or_else(|| Refusal::UnknownId(UnitRef::$unit(id.clone())).into())
            }
        )+

            /// The floor knows of this unit: its state, or that there is none.
            #[must_use]
            pub fn holds(&self, unit: &UnitRef) -> bool {
                !self.partial
                    || match unit {
                        $(UnitRef::$unit(id) => self.$field.get(id).is_some(),)+
                        UnitRef::Hold(_) => true, // all of them, always
                    }
            }

            /// Takes a unit in: its version and state, or version 0 and `None` where there is no such unit.
            ///
            /// # Panics
            /// If the state is another kind of unit's.
            pub fn load_unit(&mut self, unit: &UnitRef, version: u32, state: Option<UnitState>) {
                match (unit, state) {
                    $(
                        (UnitRef::$unit(id), None) => self.$field.put_absent(id),
                        (UnitRef::$unit(id), Some(UnitState::$unit(state))) => {
                            self.$field.put(id, version, state);
                        }
                    )+
                    (UnitRef::Hold(_), None) => {}
                    (UnitRef::Hold(id), Some(UnitState::Hold(state))) => {
                        self.holds.insert(id.clone(), (version, state));
                    }
                    (unit, Some(state)) => panic!("{unit} is no {state:?}"),
                }
            }

            /// The unit as it stands, with its version; `None` where there is none, or it is not held.
            #[must_use]
            pub fn unit(&self, unit: &UnitRef) -> Option<(u32, UnitState)> {
                match unit {
                    $(UnitRef::$unit(id) => {
                        let (version, state) = self.$field.get(id)?;
                        Some((*version, UnitState::$unit(state.clone()?)))
                    })+
                    UnitRef::Hold(id) => {
                        let (version, hold) = self.holds.get(id)?;
                        Some((*version, UnitState::Hold(hold.clone())))
                    }
                }
            }

            /// Forgets a unit. Hold rules stay.
            pub fn forget(&mut self, unit: &UnitRef) {
                match unit {
                    $(UnitRef::$unit(id) => {
                        self.$field.forget(id);
                    })+
                    UnitRef::Hold(_) => {}
                }
            }

            /// How many units the floor holds.
            #[must_use]
            pub fn units_held(&self) -> usize {
                self.holds.len() $(+ self.$field.len())+
            }
        }
    };
}

lookups! {
    order, existing_order, orders: ProductionOrderId => ProductionOrder, ProductionOrder;
    product, existing_product, products: ProductId => Product, Product;
    job, existing_job, jobs: JobId => Job, Job;
    sheet, existing_sheet, sheets: SheetId => Sheet, Sheet;
    card_unit, existing_card_unit, card_units: CardUnitId => CardUnit, CardUnit;
    assembly, existing_assembly, assemblies: AssemblyId => Assembly, Assembly;
    pack, existing_pack, packs: PackId => Pack, Pack;
    station, existing_station, stations: StationId => Station, Station;
    operator, existing_operator, operators: OperatorId => Operator, Operator;
    piece, existing_piece, memorabilia: PieceId => Memorabilia, Memorabilia;
}

impl Floor {
    /// An empty shop that keeps its log, so that everything can be asked of it and undone.
    #[must_use]
    pub fn with_log() -> Self {
        Self {
            log: Some(Vec::new()),
            ..Self::default()
        }
    }

    /// A floor that holds only what it is given.
    #[must_use]
    pub fn partial() -> Self {
        Self {
            partial: true,
            ..Self::default()
        }
    }

    /// The number of the last event that was folded in; 0 before the first.
    #[must_use]
    pub const fn last_sequence_num(&self) -> u64 {
        self.last_sequence_num
    }

    /// The log, where the floor keeps it.
    #[must_use]
    pub fn log(&self) -> &[Recorded] {
        self.log.as_deref().unwrap_or_default()
    }

    /// Gives decided events their place in the log, and folds them in. All of a decision's events,
    /// in order; nothing else may come between.
    pub fn record(&mut self, events: Vec<Event>, context: &Context) -> Vec<Recorded> {
        events
            .into_iter()
            .map(|event| {
                let recorded = Recorded {
                    sequence_num: self.last_sequence_num + 1,
                    aggregate_version: self.version(&event.unit()) + 1,
                    context: context.clone(),
                    event,
                };
                self.apply(&recorded);
                recorded
            })
            .collect()
    }

    /// The version of a unit's stream: the number of its events; 0 where it has none.
    #[must_use]
    pub fn version(&self, unit: &UnitRef) -> u32 {
        match unit {
            UnitRef::ProductionOrder(id) => self.orders.version(id),
            UnitRef::Product(id) => self.products.version(id),
            UnitRef::Job(id) => self.jobs.version(id),
            UnitRef::Sheet(id) => self.sheets.version(id),
            UnitRef::CardUnit(id) => self.card_units.version(id),
            UnitRef::Assembly(id) => self.assemblies.version(id),
            UnitRef::Pack(id) => self.packs.version(id),
            UnitRef::Station(id) => self.stations.version(id),
            UnitRef::Operator(id) => self.operators.version(id),
            UnitRef::Memorabilia(id) => self.memorabilia.version(id),
            UnitRef::Hold(id) => self.holds.get(id).map_or(0, |(version, _)| *version),
        }
    }

    /// Folds an event of the log in.
    pub fn apply(&mut self, recorded: &Recorded) {
        let version = recorded.aggregate_version;
        let context = &recorded.context;
        match &recorded.event {
            Event::ProductionOrder(e) => {
                let id = e.unit_id();
                let state = ProductionOrder::evolve(self.orders.take(id), e);
                self.orders.put(id, version, state);
            }
            Event::Product(e) => {
                let id = e.unit_id();
                let state = Product::evolve(self.products.take(id), e);
                self.products.put(id, version, state);
            }
            Event::Job(e) => {
                let id = e.unit_id();
                let state = Job::evolve(self.jobs.take(id), e);
                self.jobs.put(id, version, state);
                self.registers.entry(*id).or_default();
            }
            Event::Sheet(e) => {
                let id = e.unit_id();
                let before = self.sheets.take(id);
                let register = self.registers.entry(id.job()).or_default();
                let was = before
                    .as_ref()
                    .map(|sheet| (sheet.purpose, sheet.situation.status));
                let state = Sheet::evolve(before, e, context);
                let is = (state.purpose, state.situation.status);
                if register.sheet_changed(*id, was, is) && self.partial {
                    self.touched_registers.jobs.insert(id.job());
                }
                self.sheets.put(id, version, state);
            }
            Event::CardUnit(e) => {
                let id = e.unit_id();
                let before = self.card_units.take(id);
                let register = self.registers.entry(id.job()).or_default();
                let was = before.as_ref().map(|card| card.situation.status);
                let bore = before.as_ref().and_then(EditionPool::borne_by);
                let state = CardUnit::evolve(before, e, context);
                if register.card_changed(&state, was) && self.partial {
                    self.touched_registers.jobs.insert(id.job());
                }
                let touched = EditionPool::card_changed(&mut self.editions, e, bore, &state);
                if self.partial {
                    self.touched_registers
                        .editions
                        .extend(touched.into_iter().flatten());
                }
                self.card_units.put(id, version, state);
            }
            Event::Assembly(e) => {
                let id = e.unit_id();
                let state = Assembly::evolve(self.assemblies.take(id), e, recorded.sequence_num);
                let register = self.registers.entry(id.job()).or_default();
                if register.set_changed(&state, e) && self.partial {
                    self.touched_registers.jobs.insert(id.job());
                }
                self.assemblies.put(id, version, state);
            }
            Event::Pack(e) => {
                let id = e.unit_id();
                let state = Pack::evolve(self.packs.take(id), e);
                let register = self.registers.entry(id.job()).or_default();
                if register.pack_changed(*id) && self.partial {
                    self.touched_registers.jobs.insert(id.job());
                }
                self.packs.put(id, version, state);
            }
            Event::Station(e) => {
                let id = e.unit_id();
                let state = Station::evolve(self.stations.take(id), e);
                self.stations.put(id, version, state);
            }
            Event::Operator(e) => {
                self.operators
                    .put(e.unit_id(), version, Operator::evolve(e));
            }
            Event::Memorabilia(e) => {
                let id = e.unit_id();
                let state = Memorabilia::evolve(self.memorabilia.take(id), e);
                self.memorabilia.put(id, version, state);
            }
            Event::Hold(e) => {
                let id = e.unit_id();
                let state = Hold::evolve(self.holds.remove(id).map(|(_, hold)| hold), e);
                self.holds.insert(id.clone(), (version, state));
            }
        }
        if let Some(station_id) = &context.station_id {
            match self.benches.get_mut(station_id) {
                Some(bench) => bench.apply(recorded),
                None => self
                    .benches
                    .entry(station_id.clone())
                    .or_default()
                    .apply(recorded),
            }
            if self.partial {
                self.touched_registers.benches.insert(station_id.clone());
            }
        }
        if self.partial {
            self.looked_back = LookedBack::default();
        }
        self.last_sequence_num = recorded.sequence_num;
        if let Some(log) = &mut self.log {
            log.push(recorded.clone());
        }
    }

    /// What is in hand at the station.
    ///
    /// # Errors
    /// [`Stop::NotLoaded`] where this floor does not hold it.
    pub fn bench(&self, station_id: &StationId) -> Result<&Bench, Stop> {
        static EMPTY: Bench = Bench::EMPTY;
        match self.benches.get(station_id) {
            Some(bench) => Ok(bench),
            None if self.partial => Err(Stop::NotLoaded(Needed::Bench(station_id.clone()))),
            None => Ok(&EMPTY),
        }
    }

    /// The numbers of an edition; `None` before its first.
    ///
    /// # Errors
    /// [`Stop::NotLoaded`] where this floor does not hold it.
    pub fn edition(&self, scope: &EditionScope) -> Result<Option<&EditionPool>, Stop> {
        match self.editions.get(scope) {
            Some(pool) => Ok(Some(pool)),
            None if self.partial => Err(Stop::NotLoaded(Needed::Edition(scope.clone()))),
            None => Ok(None),
        }
    }

    /// What the job has open.
    ///
    /// # Errors
    /// [`Stop::NotLoaded`] where this floor does not hold it; unknown job.
    pub fn register(&self, job_id: JobId) -> Result<&JobRegister, Stop> {
        match self.registers.get(&job_id) {
            Some(register) => Ok(register),
            None if self.partial => Err(Stop::NotLoaded(Needed::Job(job_id))),
            None => Err(Refusal::UnknownId(UnitRef::Job(job_id)).into()),
        }
    }

    /// The hold rule of that id, lifted or not.
    #[must_use]
    pub fn hold_rule(&self, id: &HoldId) -> Option<&Hold> {
        self.holds.get(id).map(|(_, hold)| hold)
    }

    /// The hold rules that bite.
    pub fn hold_rules(&self) -> impl Iterator<Item = (&HoldId, &Hold)> {
        self.holds
            .iter()
            .map(|(id, (_, hold))| (id, hold))
            .filter(|(_, hold)| !hold.lifted)
    }

    /// The spec that the job is made to.
    pub(crate) fn spec_of(&self, job: &Job) -> Result<&Arc<ProductSpec>, Stop> {
        let product = self.existing_product(&job.plan.product_id)?;
        Ok(product
            .version(job.plan.product_version)
            .expect("a job is made to a published version"))
    }
}

impl Floor {
    /// All card units that the floor holds, in no particular order.
    pub fn all_card_units(&self) -> impl Iterator<Item = &CardUnit> {
        self.card_units.states()
    }

    /// All sheets that the floor holds, in no particular order.
    pub fn all_sheets(&self) -> impl Iterator<Item = &Sheet> {
        self.sheets.states()
    }

    /// All assemblies that the floor holds, in no particular order.
    pub fn all_assemblies(&self) -> impl Iterator<Item = &Assembly> {
        self.assemblies.states()
    }

    /// All packs that the floor holds, in no particular order.
    pub fn all_packs(&self) -> impl Iterator<Item = &Pack> {
        self.packs.states()
    }
}
