//! Everything that keeps a card, sheet or set from going on: its own hold, that of its set, job or
//! order, and the quality engineer's hold rules. Whether something may rest is no question of this file.

use super::Reference;
use sheetwise_core::domain::assembly::AssemblyEvent;
use sheetwise_core::domain::card_unit::{CardUnitEvent, ReplacementSource};
use sheetwise_core::domain::hold::{HoldEvent, HoldRulePlaced, HoldTarget};
use sheetwise_core::domain::product::StationType;
use sheetwise_core::domain::sheet::SheetEvent;
use sheetwise_core::domain::{Event, Recorded, UnitRef};
use sheetwise_core::identity::{
    AssemblyId, CardUnitId, HoldId, JobId, MaterialLotId, SheetId, StationId,
};

impl Reference {
    /// Why the card must rest, at a station of that type; empty if it may go on.
    #[must_use]
    pub fn holds_on_card(&self, id: CardUnitId, at: &StationType) -> Vec<String> {
        let mut holds = Vec::new();
        if let Some(reason) = self.card(id).and_then(|card| card.held) {
            holds.push(format!("{id} is held: {reason}"));
        }
        if let Some(reason) = self.assembly(id.assembly()).and_then(|set| set.held) {
            holds.push(format!("{} is held: {reason}", id.assembly()));
        }
        holds.extend(self.holds_on_job(id.job()));
        let body = self.body_of(id);
        for rule in self.rules_that_bite_at(at) {
            let matched = match &rule.target {
                HoldTarget::CardUnit { card_unit_id } => {
                    body.contains(&UnitRef::CardUnit(*card_unit_id))
                }
                HoldTarget::Sheet { sheet_id } => {
                    id.sheet() == *sheet_id || body.contains(&UnitRef::Sheet(*sheet_id))
                }
                HoldTarget::Assembly { assembly_id } => id.assembly() == *assembly_id,
                HoldTarget::Job { job_id } => id.job() == *job_id,
                HoldTarget::MaterialLot { .. } | HoldTarget::StationWindow { .. } => {
                    body.iter().any(|unit| self.met(unit, &rule.target))
                }
            };
            // What was let go as a sheet stays let go as its cards; who lets a set go lets its cards go.
            let sets = body.iter().filter_map(|unit| match unit {
                UnitRef::CardUnit(card) => Some(UnitRef::Assembly(card.assembly())),
                _ => None,
            });
            // Who lets a sheet go that a rule names lets go what bears its number, whatever body it has.
            let named = match &rule.target {
                HoldTarget::Sheet { sheet_id } if id.sheet() == *sheet_id => {
                    Some(UnitRef::Sheet(*sheet_id))
                }
                _ => None,
            };
            let exempt = (body.iter().cloned().chain(sets).chain(named))
                .any(|unit| self.is_exempt(&unit, &rule.hold_id));
            if matched && !exempt {
                holds.push(format!("{} holds {id}: {}", rule.hold_id, rule.reason));
            }
        }
        holds
    }

    /// Why the sheet must rest, at a station of that type; empty if it may go on.
    #[must_use]
    pub fn holds_on_sheet(&self, id: SheetId, at: &StationType) -> Vec<String> {
        let mut holds = Vec::new();
        if let Some(reason) = self.sheet(id).and_then(|sheet| sheet.held) {
            holds.push(format!("{id} is held: {reason}"));
        }
        holds.extend(self.holds_on_job(id.job()));
        let unit = UnitRef::Sheet(id);
        for rule in self.rules_that_bite_at(at) {
            let matched = match &rule.target {
                HoldTarget::CardUnit { .. } | HoldTarget::Assembly { .. } => false,
                HoldTarget::Sheet { sheet_id } => *sheet_id == id,
                HoldTarget::Job { job_id } => *job_id == id.job(),
                HoldTarget::MaterialLot { .. } | HoldTarget::StationWindow { .. } => {
                    self.met(&unit, &rule.target)
                }
            };
            if matched && !self.is_exempt(&unit, &rule.hold_id) {
                holds.push(format!("{} holds {id}: {}", rule.hold_id, rule.reason));
            }
        }
        holds
    }

    /// Why the set must rest, at a station of that type: for itself, or for a card that lies in it.
    #[must_use]
    pub fn holds_on_set(&self, id: AssemblyId, at: &StationType) -> Vec<String> {
        let Some(set) = self.assembly(id) else {
            return Vec::new();
        };
        let mut holds = Vec::new();
        if let Some(reason) = set.held {
            holds.push(format!("{id} is held: {reason}"));
        }
        holds.extend(self.holds_on_job(id.job()));
        for (_, card) in set.gathered {
            holds.extend(self.holds_on_card(card, at));
        }
        holds
    }

    /// The job's own hold and that of its order.
    fn holds_on_job(&self, id: JobId) -> Vec<String> {
        let Some(job) = self.job(id) else {
            return Vec::new();
        };
        let mut holds = Vec::new();
        if let Some(reason) = job.held {
            holds.push(format!("{id} is held: {reason}"));
        }
        if let Some(reason) = self.order(&job.order_id).and_then(|order| order.held) {
            holds.push(format!("{} is held: {reason}", job.order_id));
        }
        holds
    }

    /// The hold rules that are in force and concern stations of that type.
    fn rules_that_bite_at(&self, at: &StationType) -> Vec<&HoldRulePlaced> {
        let mut rules: Vec<&HoldRulePlaced> = Vec::new();
        for unit in self.units().filter(|unit| matches!(unit, UnitRef::Hold(_))) {
            let mut in_force: Option<&HoldRulePlaced> = None;
            for recorded in self.history(unit) {
                match &recorded.event {
                    Event::Hold(HoldEvent::HoldRulePlaced(e)) => in_force = Some(e),
                    Event::Hold(HoldEvent::HoldRuleLifted(_)) => in_force = None,
                    _ => {}
                }
            }
            rules.extend(in_force);
        }
        rules.retain(|rule| rule.at_station_type.as_ref().is_none_or(|only| only == at));
        rules
    }

    /// The units whose past is the card's own: itself, and the sheet that it was cut from; for a
    /// replacement that was made of a spare, the spare and its sheet; for a reprint, itself alone.
    fn body_of(&self, id: CardUnitId) -> Vec<UnitRef> {
        let mut body = vec![UnitRef::CardUnit(id)];
        match self.card(id).and_then(|card| card.source) {
            None => body.push(UnitRef::Sheet(id.sheet())),
            Some(ReplacementSource::Reprint) => {}
            Some(ReplacementSource::Spare { card_unit_id }) => {
                body.extend(self.body_of(card_unit_id));
            }
        }
        body
    }

    /// Whether the unit met what the rule is aimed at. A visit took place even if its entry was taken
    /// back later, so the whole list is read.
    fn met(&self, unit: &UnitRef, target: &HoldTarget) -> bool {
        self.history(unit)
            .into_iter()
            .filter_map(visit)
            .any(|(recorded, station, lots)| match target {
                HoldTarget::MaterialLot { material_lot_id } => lots.contains(material_lot_id),
                HoldTarget::StationWindow {
                    station_id,
                    from,
                    to,
                } => {
                    let at = recorded.context.recorded_at;
                    station == Some(station_id) && at >= *from && to.is_none_or(|to| at < to)
                }
                HoldTarget::CardUnit { .. }
                | HoldTarget::Sheet { .. }
                | HoldTarget::Assembly { .. }
                | HoldTarget::Job { .. } => false,
            })
    }

    /// Whether the unit was released from this very rule.
    fn is_exempt(&self, unit: &UnitRef, rule: &HoldId) -> bool {
        self.history(unit).into_iter().any(|recorded| {
            let from = match &recorded.event {
                Event::CardUnit(CardUnitEvent::CardUnitReleased(e)) => &e.hold_id,
                Event::Sheet(SheetEvent::SheetReleased(e)) => &e.hold_id,
                Event::Assembly(AssemblyEvent::AssemblyReleased(e)) => &e.hold_id,
                _ => &None,
            };
            from.as_ref() == Some(rule)
        })
    }
}

/// The event as a visit to a station (which one, and with what lots), where it is one.
fn visit(recorded: &Recorded) -> Option<(&Recorded, Option<&StationId>, &[MaterialLotId])> {
    let lots: &[MaterialLotId] = match &recorded.event {
        Event::Sheet(SheetEvent::SheetEnteredStation(e)) => &e.material_lot_ids,
        Event::CardUnit(CardUnitEvent::CardUnitEnteredStation(e)) => &e.material_lot_ids,
        Event::Sheet(SheetEvent::SheetCut(_))
        | Event::CardUnit(CardUnitEvent::CardUnitAssembled(_) | CardUnitEvent::CardUnitPacked(_)) => {
            &[]
        }
        _ => return None,
    };
    Some((recorded, recorded.context.station_id.as_ref(), lots))
}
