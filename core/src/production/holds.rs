//! Whether anything that a unit belongs to, or has met, is on hold.

use super::floor::{Floor, Stop};
use crate::domain::Refusal;
use crate::domain::card_unit::{CardUnit, ReplacementSource};
use crate::domain::hold::HoldTarget;
use crate::domain::product::StationType;
use crate::domain::sheet::Sheet;
use crate::domain::values::Visit;
use crate::identity::{AssemblyId, CardUnitId, HoldId, JobId, SheetId};

/// What a hold rule is held against.
struct Subject<'a> {
    what: String,
    job: JobId,
    sheets: Vec<SheetId>,
    cards: Vec<CardUnitId>,
    assemblies: Vec<AssemblyId>,
    released_from: Vec<&'a [HoldId]>,
    /// The sheet whose number it bears, and what that was freed from: it counts against a rule on that very
    /// sheet, but not, where the body is another one, against what the body met.
    bears_number_of: (SheetId, &'a [HoldId]),
    visits: Vec<&'a [Visit]>,
}

/// Refuses where the card, its set, its job or its order is on hold, or a hold rule matches it: by its
/// own life or by that of the sheet that it was cut from.
pub(crate) fn must_be_free(
    floor: &Floor,
    card: &CardUnit,
    at: Option<&StationType>,
) -> Result<(), Stop> {
    let id = card.card_unit_id;
    held(card.held.as_ref(), || format!("Card {id}"))?;
    let set = floor.existing_assembly(&id.assembly())?;
    held(set.held.as_ref(), || format!("Set {}", id.assembly()))?;
    job_must_be_free(floor, id.job())?;
    if floor.hold_rules().next().is_none() {
        return Ok(());
    }
    let sheet = floor.existing_sheet(&id.sheet())?;
    let mut subject = Subject {
        what: format!("Card {id}"),
        job: id.job(),
        sheets: vec![id.sheet()],
        cards: vec![id],
        assemblies: vec![id.assembly()],
        released_from: vec![&card.released_from, &set.released_from],
        bears_number_of: (id.sheet(), &sheet.released_from),
        visits: vec![&card.visits],
    };
    // What counts is the body's life: the sheet that it was cut from, and for a spare that became this
    // card the spare's. A card printed by itself has only its own.
    let body = match card.source {
        None => Some((sheet, None)),
        Some(ReplacementSource::Reprint) => None,
        Some(ReplacementSource::Spare { card_unit_id }) => Some((
            floor.existing_sheet(&card_unit_id.sheet())?,
            Some(floor.existing_card_unit(&card_unit_id)?),
        )),
    };
    if let Some((sheet, spare)) = body {
        subject.sheets.push(sheet.sheet_id);
        subject.visits.push(&sheet.visits);
        subject.released_from.push(&sheet.released_from);
        if let Some(spare) = spare {
            subject.cards.push(spare.card_unit_id);
            subject.assemblies.push(spare.card_unit_id.assembly());
            subject.visits.push(&spare.visits);
            subject.released_from.push(&spare.released_from);
            let its_set = floor.existing_assembly(&spare.card_unit_id.assembly())?;
            subject.released_from.push(&its_set.released_from);
        }
    }
    no_rule_may_match(floor, &subject, at)
}

/// Refuses where the sheet, its job or its order is on hold, or a hold rule matches it.
pub(crate) fn sheet_must_be_free(
    floor: &Floor,
    sheet: &Sheet,
    at: Option<&StationType>,
) -> Result<(), Stop> {
    let id = sheet.sheet_id;
    held(sheet.held.as_ref(), || format!("Sheet {id}"))?;
    job_must_be_free(floor, id.job())?;
    let subject = Subject {
        what: format!("Sheet {id}"),
        job: id.job(),
        sheets: vec![id],
        cards: Vec::new(),
        assemblies: Vec::new(),
        released_from: vec![&sheet.released_from],
        bears_number_of: (id, &sheet.released_from),
        visits: vec![&sheet.visits],
    };
    no_rule_may_match(floor, &subject, at)
}

/// Refuses where the job or its order is on hold.
pub(super) fn job_must_be_free(floor: &Floor, job_id: JobId) -> Result<(), Stop> {
    let job = floor.existing_job(&job_id)?;
    held(job.held.as_ref(), || format!("Job {job_id}"))?;
    let order = floor.existing_order(&job.plan.order_id)?;
    held(order.held.as_ref(), || {
        format!("Order {}", job.plan.order_id)
    })
}

fn held(reason: Option<&String>, what: impl FnOnce() -> String) -> Result<(), Stop> {
    match reason {
        None => Ok(()),
        Some(reason) => Err(Refusal::OnHold {
            what: what(),
            reason: reason.clone(),
            hold_id: None,
        }
        .into()),
    }
}

fn no_rule_may_match(
    floor: &Floor,
    subject: &Subject<'_>,
    at: Option<&StationType>,
) -> Result<(), Stop> {
    for (hold_id, rule) in floor.hold_rules() {
        let rule = &rule.placed;
        let bites_here = rule
            .at_station_type
            .as_ref()
            .is_none_or(|only| Some(only) == at);
        if bites_here
            && subject.is_met_by(&rule.target)
            && !subject.is_freed_from(hold_id, &rule.target)
        {
            return Err(Refusal::OnHold {
                what: subject.what.clone(),
                reason: rule.reason.clone(),
                hold_id: Some(hold_id.clone()),
            }
            .into());
        }
    }
    Ok(())
}

impl Subject<'_> {
    fn is_freed_from(&self, hold_id: &HoldId, target: &HoldTarget) -> bool {
        let (number_of, freed_from) = self.bears_number_of;
        let names_it = *target
            == HoldTarget::Sheet {
                sheet_id: number_of,
            };
        let mut freed = self.released_from.iter();
        freed.any(|freed| freed.contains(hold_id)) || names_it && freed_from.contains(hold_id)
    }

    fn is_met_by(&self, target: &HoldTarget) -> bool {
        let mut visits = self.visits.iter().flat_map(|visits| visits.iter());
        match target {
            HoldTarget::CardUnit { card_unit_id } => self.cards.contains(card_unit_id),
            HoldTarget::Sheet { sheet_id } => self.sheets.contains(sheet_id),
            HoldTarget::Assembly { assembly_id } => self.assemblies.contains(assembly_id),
            HoldTarget::Job { job_id } => self.job == *job_id,
            HoldTarget::MaterialLot { material_lot_id } => {
                visits.any(|visit| visit.material_lot_ids.contains(material_lot_id))
            }
            HoldTarget::StationWindow {
                station_id,
                from,
                to,
            } => visits.any(|visit| {
                visit.station_id == *station_id
                    && visit.recorded_at >= *from
                    && to.is_none_or(|to| visit.recorded_at < to)
            }),
        }
    }
}
