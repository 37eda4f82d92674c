//! What ought to be accepted next, from the domain's words: gathering, cutting, packing, and what
//! makes a card ready. A refusal is a short code. Holds are told apart in `holds`.

use super::Reference;
use super::corrections::standing;
use sheetwise_core::domain::assembly::{AssemblyEvent, AssemblyStatus};
use sheetwise_core::domain::card_unit::{CardUnitEvent, CardUnitStatus};
use sheetwise_core::domain::job::JobStatus;
use sheetwise_core::domain::pack::PackStatus;
use sheetwise_core::domain::product::{EntityType, OperationNode, ProductSpec, StationType};
use sheetwise_core::domain::sheet::SheetStatus;
use sheetwise_core::domain::station::StationEvent;
use sheetwise_core::domain::values::QaOutcome;
use sheetwise_core::domain::{Event, UnitRef};
use sheetwise_core::identity::{
    AssemblyId, CardUnitId, JobId, OperationId, PackId, PackKind, SheetId, StationId,
};
use std::collections::BTreeSet;

impl Reference {
    /// Whether the card may be gathered at that bench now.
    ///
    /// # Errors
    /// The first of [`Reference::gather_objections`].
    pub fn would_gather(&self, card: CardUnitId, bench: &StationId) -> Result<(), &'static str> {
        first(&self.gather_objections(card, bench))
    }

    /// Everything that speaks against gathering the card at that bench: `unknown`, `voided`, `consumed`,
    /// `already_packed`, `job_cancelled`, `job_closed`, `not_an_assembly_station`, `set_voided`,
    /// `set_packed`, `duplicate`, `wrong_sheet`, `on_hold`, `not_a_member`, `not_ready`.
    #[must_use]
    pub fn gather_objections(&self, id: CardUnitId, bench: &StationId) -> Vec<&'static str> {
        let (Some(card), Some(set)) = (self.card(id), self.assembly(id.assembly())) else {
            return vec!["unknown"];
        };
        match card.status {
            CardUnitStatus::Voided => return vec!["voided"],
            CardUnitStatus::Consumed => return vec!["consumed"],
            CardUnitStatus::Packed => return vec!["already_packed"],
            CardUnitStatus::Created
            | CardUnitStatus::InProgress
            | CardUnitStatus::QaPassed
            | CardUnitStatus::QaFailed
            | CardUnitStatus::Assembled => {}
        }
        let mut objections = self.objections_of_the_job(id.job());
        if self.station_type(bench) != Some(StationType::Assembly) {
            objections.push("not_an_assembly_station");
        }
        match set.status {
            AssemblyStatus::Voided => objections.push("set_voided"),
            AssemblyStatus::Packed => objections.push("set_packed"),
            AssemblyStatus::Pending
            | AssemblyStatus::InProgress
            | AssemblyStatus::Complete
            | AssemblyStatus::Error => {}
        }
        if set.has(id) {
            objections.push("duplicate");
        }
        if self
            .active_set(bench)
            .is_some_and(|active| active != id.assembly())
        {
            objections.push("wrong_sheet");
        }
        if !self.holds_on_card(id, &StationType::Assembly).is_empty() {
            objections.push("on_hold");
        }
        if set.standing.get(&id.position()) != Some(&id) {
            objections.push("not_a_member");
        }
        if !self
            .spec_of(id.job())
            .is_some_and(|spec| self.is_ready(id, spec))
        {
            objections.push("not_ready");
        }
        objections
    }

    /// Whether the sheet may be cut now.
    ///
    /// # Errors
    /// The first of [`Reference::cut_objections`].
    pub fn would_cut(&self, sheet: SheetId) -> Result<(), &'static str> {
        first(&self.cut_objections(sheet))
    }

    /// Everything that speaks against cutting the sheet: `unknown`, `already_cut`, `voided`,
    /// `job_cancelled`, `job_closed`, `on_hold`, `not_ready`. Ready is a sheet of which every required
    /// operation is complete; one that still runs at an ordinary work station ends by the scan at the
    /// cutter.
    #[must_use]
    pub fn cut_objections(&self, id: SheetId) -> Vec<&'static str> {
        let (Some(sheet), Some(spec)) = (self.sheet(id), self.spec_of(id.job())) else {
            return vec!["unknown"];
        };
        match sheet.status {
            SheetStatus::Cut => return vec!["already_cut"],
            SheetStatus::Voided => return vec!["voided"],
            SheetStatus::Created | SheetStatus::InProgress | SheetStatus::ReadyToCut => {}
        }
        let mut objections = self.objections_of_the_job(id.job());
        if !self.holds_on_sheet(id, &StationType::Cutting).is_empty() {
            objections.push("on_hold");
        }
        let required = spec.operations.iter().filter(|operation| {
            operation.required_for_entity_type == EntityType::Sheet
                && operation.station_type != StationType::Cutting
        });
        for operation in required {
            let ended = is_ended(
                operation,
                &sheet.completed_operations,
                sheet.operation.as_ref(),
            );
            if !ended {
                objections.push("not_ready");
                break;
            }
        }
        objections
    }

    /// Whether the set may go into some box now.
    ///
    /// # Errors
    /// The first of [`Reference::pack_objections`].
    pub fn would_pack(&self, set: AssemblyId) -> Result<(), &'static str> {
        first(&self.pack_objections(set))
    }

    /// Everything that speaks against packing the set: `unknown`, `already_packed`, `voided`,
    /// `job_cancelled`, `job_closed`, `on_hold`, `incomplete`, `not_exact`.
    #[must_use]
    pub fn pack_objections(&self, id: AssemblyId) -> Vec<&'static str> {
        let Some(set) = self.assembly(id) else {
            return vec!["unknown"];
        };
        match set.status {
            AssemblyStatus::Packed => return vec!["already_packed"],
            AssemblyStatus::Voided => return vec!["voided"],
            AssemblyStatus::Pending
            | AssemblyStatus::InProgress
            | AssemblyStatus::Complete
            | AssemblyStatus::Error => {}
        }
        let mut objections = self.objections_of_the_job(id.job());
        if !self.holds_on_set(id, &StationType::Packing).is_empty() {
            objections.push("on_hold");
        }
        if set.status == AssemblyStatus::Complete {
            if self.set_is_exact(id).is_err() {
                objections.push("not_exact");
            }
        } else {
            objections.push("incomplete");
        }
        objections
    }

    /// Whether that box has room for that set: `unknown`, `not_a_box`, `other_job`, `pack_closed`,
    /// `pack_shipped`, `pack_full`.
    ///
    /// # Errors
    /// The first of these that is so.
    pub fn has_room_for(&self, pack: PackId, set: AssemblyId) -> Result<(), &'static str> {
        let facts = self.pack(pack).ok_or("unknown")?;
        if pack.kind() != PackKind::Box {
            return Err("not_a_box");
        }
        if facts.job_id != set.job() {
            return Err("other_job");
        }
        match facts.status {
            PackStatus::Open => {}
            PackStatus::Closed => return Err("pack_closed"),
            PackStatus::Shipped => return Err("pack_shipped"),
        }
        if facts.sets.len() >= usize::from(facts.capacity) {
            return Err("pack_full");
        }
        Ok(())
    }

    /// Whether all is done to the card that its product wants done before assembly. Holds are another
    /// question.
    #[must_use]
    pub fn is_ready(&self, card: CardUnitId, spec: &ProductSpec) -> bool {
        self.unready_because(card, spec).is_none()
    }

    /// What is still to be done to the card before assembly; `None` if it is ready. An operation that
    /// still runs at an ordinary work station counts as ended, since the scan that takes the card
    /// onward ends it.
    #[must_use]
    pub fn unready_because(&self, id: CardUnitId, spec: &ProductSpec) -> Option<String> {
        let Some(card) = self.card(id) else {
            return Some("there is no such card".to_owned());
        };
        if !card.is_live() {
            return Some(format!("it is {}", card.status));
        }
        if card.status == CardUnitStatus::QaFailed {
            return Some("its last inspection failed".to_owned());
        }
        let position = id.position();
        for operation in card_operations(spec, position) {
            let name = &operation.operation_id;
            if !is_ended(
                operation,
                &card.completed_operations,
                card.operation.as_ref(),
            ) {
                return Some(format!("{name} is not complete"));
            }
            if operation.station_type == StationType::Qa
                && let Some(why) = self.verdict_is_void_because(id, spec, name)
            {
                return Some(why);
            }
        }
        let Some(place) = spec.layout.at(position) else {
            return Some(format!("the layout has no position {position}"));
        };
        if place.serialized && card.sequential_number.is_none() {
            return Some("it bears no number".to_owned());
        }
        if let Some(wanted) = &place.memorabilia {
            let is_there = card.pieces.iter().any(|piece| {
                self.piece(piece)
                    .is_some_and(|p| p.kind == *wanted && p.card == Some(id))
            });
            if !is_there {
                return Some(format!("it has no {wanted} in it"));
            }
        }
        None
    }

    /// Why the verdict of this inspection does not stand: there is none, the last one is a fail, or work
    /// that the inspection was to come after was begun again since.
    fn verdict_is_void_because(
        &self,
        card: CardUnitId,
        spec: &ProductSpec,
        inspection: &OperationId,
    ) -> Option<String> {
        let inspected_work = everything_before(spec, inspection);
        let mut why = Some(format!("{inspection} has no verdict"));
        for recorded in standing(&self.history(&UnitRef::CardUnit(card))) {
            let worked_on = match &recorded.event {
                Event::CardUnit(CardUnitEvent::QAResultRecorded(e))
                    if e.operation_id == *inspection =>
                {
                    why = match e.result {
                        QaOutcome::Pass => None,
                        QaOutcome::Fail => Some(format!("{inspection} failed")),
                    };
                    continue;
                }
                Event::CardUnit(CardUnitEvent::CardUnitEnteredStation(e)) => &e.operation_id,
                Event::CardUnit(CardUnitEvent::EmbellishmentApplied(e)) => &e.operation_id,
                Event::CardUnit(CardUnitEvent::SequentialNumberApplied(e)) => &e.operation_id,
                Event::CardUnit(CardUnitEvent::MemorabiliaPlaced(e)) => &e.operation_id,
                _ => continue,
            };
            if why.is_none() && inspected_work.contains(worked_on) {
                why = Some(format!(
                    "{worked_on} was done after {inspection} had passed"
                ));
            }
        }
        why
    }

    /// The set that the bench is gathering: that of the last card gathered there, unless it was completed
    /// since (anywhere: by a concession, or at another bench), is gone by now, or the bench was switched.
    #[must_use]
    pub fn active_set(&self, bench: &StationId) -> Option<AssemblyId> {
        let mut active = None;
        for recorded in self.log() {
            match &recorded.event {
                Event::Assembly(AssemblyEvent::CardScannedForAssembly(e))
                    if recorded.context.station_id.as_ref() == Some(bench) =>
                {
                    active = Some(e.assembly_id);
                }
                Event::Assembly(AssemblyEvent::AssemblyCompleted(e))
                    if active == Some(e.assembly_id) =>
                {
                    active = None;
                }
                Event::Station(StationEvent::BenchSwitched(e)) if e.station_id == *bench => {
                    active = e.active_assembly_id;
                }
                _ => {}
            }
        }
        active.filter(|set| {
            self.assembly(*set).is_some_and(|set| {
                !matches!(
                    set.status,
                    AssemblyStatus::Complete | AssemblyStatus::Packed | AssemblyStatus::Voided
                )
            })
        })
    }

    /// What the station is for, as it was last described.
    #[must_use]
    pub fn station_type(&self, station: &StationId) -> Option<StationType> {
        let mut station_type = None;
        for recorded in self.history(&UnitRef::Station(station.clone())) {
            match &recorded.event {
                Event::Station(StationEvent::StationRegistered(e)) => {
                    station_type = Some(e.description.station_type.clone());
                }
                Event::Station(StationEvent::StationReconfigured(e)) => {
                    station_type = Some(e.description.station_type.clone());
                }
                _ => {}
            }
        }
        station_type
    }

    fn objections_of_the_job(&self, job: JobId) -> Vec<&'static str> {
        match self.job(job).map(|job| job.status) {
            Some(JobStatus::Created | JobStatus::InProgress) => vec![],
            Some(JobStatus::Cancelled) => vec!["job_cancelled"],
            Some(JobStatus::Closed) => vec!["job_closed"],
            None => vec!["unknown"],
        }
    }
}

fn first(objections: &[&'static str]) -> Result<(), &'static str> {
    objections
        .first()
        .map_or(Ok(()), |objection| Err(*objection))
}

/// The card operations that a card of this position needs.
fn card_operations(spec: &ProductSpec, position: u16) -> Vec<&OperationNode> {
    let place = spec.layout.at(position);
    let mut operations: Vec<&OperationNode> = spec.operations.iter().collect();
    operations.retain(|operation| {
        let listed = operation
            .positions
            .as_ref()
            .is_none_or(|all| all.contains(&position));
        let wanted = match operation.station_type {
            StationType::Numbering => place.is_some_and(|place| place.serialized),
            StationType::Memorabilia => place.is_some_and(|place| place.memorabilia.is_some()),
            StationType::Work(_)
            | StationType::Cutting
            | StationType::Qa
            | StationType::Assembly
            | StationType::Packing => listed,
        };
        operation.required_for_entity_type == EntityType::CardUnit && wanted
    });
    operations
}

/// Complete, or running where the next scan alone ends it. Inspecting, numbering and placing end by
/// what they yield: a verdict, a number, a piece.
fn is_ended(
    operation: &OperationNode,
    completed: &BTreeSet<OperationId>,
    running: Option<&OperationId>,
) -> bool {
    completed.contains(&operation.operation_id)
        || (running == Some(&operation.operation_id)
            && matches!(operation.station_type, StationType::Work(_)))
}

/// The operations that must come before this one, and those before them, and so on.
fn everything_before(spec: &ProductSpec, operation: &OperationId) -> BTreeSet<OperationId> {
    let mut before = BTreeSet::new();
    let mut to_look_at = vec![operation.clone()];
    while let Some(next) = to_look_at.pop() {
        for node in spec
            .operations
            .iter()
            .filter(|node| node.operation_id == next)
        {
            for predecessor in &node.predecessors {
                if before.insert(predecessor.clone()) {
                    to_look_at.push(predecessor.clone());
                }
            }
        }
    }
    before
}
