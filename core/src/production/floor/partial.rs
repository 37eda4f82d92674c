//! What the owner of a partial floor does with it: find out what is missing, give it, take note of
//! what changed, and forget again. A store drives this; the decisions themselves never do.

use super::{Floor, Needed, TouchedRegisters};
use crate::domain::card_unit::{CardUnitEvent, EditionScope};
use crate::domain::station::Bench;
use crate::domain::{Context, Event, Recorded, UnitRef};
use crate::identity::{JobId, StationId};
use crate::production::{EditionPool, JobRegister};

impl Floor {
    /// What has to be loaded before this event may be folded in; asked again until it is nothing.
    #[must_use]
    pub fn needs(&self, event: &Event, context: &Context) -> Option<Needed> {
        let unit = event.unit();
        let job_id = unit.job();
        let lacks_unit = |unit: UnitRef| (!self.holds(&unit)).then_some(Needed::Unit(unit));
        if let Some(needed) = lacks_unit(unit) {
            return Some(needed);
        }
        if let Some(job_id) = job_id {
            let job = lacks_unit(UnitRef::Job(job_id));
            let register = || (!self.holds_register(job_id)).then_some(Needed::Job(job_id));
            if let Some(needed) = job.or_else(register) {
                return Some(needed);
            }
        }
        if let Event::CardUnit(event) = event
            && let Some(needed) = self.card_event_needs(event)
        {
            return Some(needed);
        }
        let station_id = context.station_id.as_ref()?;
        (!self.holds_bench(station_id)).then(|| Needed::Bench(station_id.clone()))
    }

    /// What can change who bears a number needs the edition.
    fn card_event_needs(&self, event: &CardUnitEvent) -> Option<Needed> {
        let scopes = match event {
            CardUnitEvent::SequentialNumberApplied(e) => {
                [Some(e.sequential_number.scope.clone()), None]
            }
            CardUnitEvent::CardUnitVoided(_) | CardUnitEvent::CardUnitConsumedAsSpare(_) => {
                [self.edition_of(event), None]
            }
            CardUnitEvent::CardUnitCorrected(e) => {
                let restored = e.restores.sequential_number.as_ref();
                [
                    self.edition_of(event),
                    restored.map(|number| number.scope.clone()),
                ]
            }
            CardUnitEvent::CardUnitCreated(_)
            | CardUnitEvent::ReplacementCardUnitCreated(_)
            | CardUnitEvent::CardUnitEnteredStation(_)
            | CardUnitEvent::CardUnitOperationCompleted(_)
            | CardUnitEvent::EmbellishmentApplied(_)
            | CardUnitEvent::QAResultRecorded(_)
            | CardUnitEvent::MemorabiliaPlaced(_)
            | CardUnitEvent::CardUnitDeviationSigned(_)
            | CardUnitEvent::CardUnitHeld(_)
            | CardUnitEvent::CardUnitReleased(_)
            | CardUnitEvent::CardUnitAssembled(_)
            | CardUnitEvent::CardUnitRemovedFromAssembly(_)
            | CardUnitEvent::CardUnitPacked(_)
            | CardUnitEvent::CardUnitUnpacked(_) => return None,
        };
        let lacking = scopes
            .into_iter()
            .flatten()
            .find(|scope| !self.holds_edition(scope));
        lacking.map(Needed::Edition)
    }

    /// The edition of the number that the event's card bears now.
    fn edition_of(&self, event: &CardUnitEvent) -> Option<EditionScope> {
        let card = self.card_unit(event.unit_id()).ok()??;
        let number = card.situation.sequential_number.as_ref()?;
        Some(number.scope.clone())
    }

    /// Takes a bench in; an empty one where nothing was ever recorded there.
    pub fn load_bench(&mut self, station_id: StationId, bench: Bench) {
        self.benches.insert(station_id, bench);
    }

    /// Takes an edition in; an empty one before its first number.
    pub fn load_edition(&mut self, scope: EditionScope, pool: EditionPool) {
        self.editions.insert(scope, pool);
    }

    /// Takes a job's register in; an empty one for a job that is not there yet.
    pub fn load_register(&mut self, job_id: JobId, register: JobRegister) {
        self.registers.insert(job_id, register);
    }

    /// Takes a decision of the log in, all of its events: for corrections, until the next event.
    pub fn load_decision(&mut self, events: Vec<Recorded>) {
        self.looked_back.decisions.push(events);
    }

    /// Takes a unit's whole stream in: for corrections, until the next event.
    pub fn load_stream(&mut self, unit: UnitRef, events: Vec<Recorded>) {
        self.looked_back.streams.insert(unit, events);
    }

    /// Says that the log goes on after this event, which somebody else recorded.
    pub fn skip_to(&mut self, sequence_num: u64) {
        self.last_sequence_num = sequence_num;
    }

    /// The registers that changed since this was asked last.
    pub fn take_touched_registers(&mut self) -> TouchedRegisters {
        std::mem::take(&mut self.touched_registers)
    }

    /// Forgets a bench.
    pub fn forget_bench(&mut self, station_id: &StationId) {
        self.benches.remove(station_id);
    }

    /// Forgets a job's register, and its editions.
    pub fn forget_registers(&mut self, job_id: JobId) {
        self.registers.remove(&job_id);
        self.editions.retain(|scope, _| scope.job() != job_id);
    }

    /// Forgets all units and their registers, but not what is small: hold rules, and what is in hand at the
    /// stations.
    pub fn forget_units(&mut self) {
        let all = std::mem::replace(self, Self::partial());
        self.last_sequence_num = all.last_sequence_num;
        self.holds = all.holds;
        self.benches = all.benches;
        self.touched_registers = all.touched_registers;
    }

    fn holds_register(&self, job_id: JobId) -> bool {
        !self.partial || self.registers.contains_key(&job_id)
    }

    fn holds_edition(&self, scope: &EditionScope) -> bool {
        !self.partial || self.editions.contains_key(scope)
    }

    fn holds_bench(&self, station_id: &StationId) -> bool {
        !self.partial || self.benches.contains_key(station_id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_forgotten_of_a_job_is_asked_for_again_and_other_jobs_stay() {
        let jobs = ["J1", "J2"].map(|id| id.parse::<JobId>().unwrap());
        let edition = |job_id: JobId| EditionScope::Position {
            job_id,
            position: 1,
        };
        let mut floor = Floor::partial();
        for job_id in jobs {
            floor.load_register(job_id, JobRegister::default());
            floor.load_edition(edition(job_id), EditionPool::default());
        }
        floor.forget_registers(jobs[0]);
        let held = jobs.map(|job_id| {
            (
                floor.register(job_id).is_ok(),
                floor.edition(&edition(job_id)).is_ok(),
            )
        });
        assert_eq!(held, [(false, false), (true, true)]);
    }
}
