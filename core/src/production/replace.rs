//! Replacement: a voided position gets a new unit, from a spare or printed anew; and the minimal
//! reprint: which spares cover which vacancies, and the fewest extra sheets for the rest.

use super::floor::{Floor, Stop};
use super::{holds, plan, void, work};
use crate::domain::assembly::{
    AssemblyMemberReplaced, AssemblyMove, AssemblyStatus, Filling, LossCause,
};
use crate::domain::card_unit::{
    CardUnit, CardUnitConsumedAsSpare, CardUnitMove, CardUnitStatus, ReplacementCardUnitCreated,
    ReplacementSource,
};
use crate::domain::command::ReplaceWith;
use crate::domain::job::SheetPurpose;
use crate::domain::refusal::SpareMisfit;
use crate::domain::{Decision, Event, Refusal, UnitRef};
use crate::identity::{CardUnitId, JobId};
use std::collections::BTreeMap;

/// Puts a replacement in the place of a voided card.
pub(super) fn replace_card_unit(
    floor: &Floor,
    card_unit_id: CardUnitId,
    with: ReplaceWith,
) -> Result<Decision, Stop> {
    let (card, _) = work::card_and_spec(floor, card_unit_id)?;
    floor.existing_job(&card_unit_id.job())?.must_be_live()?;
    if card.situation.status != CardUnitStatus::Voided {
        return Err(Refusal::NotVoided { card_unit_id }.into());
    }
    let set = floor.existing_assembly(&card_unit_id.assembly())?;
    let by = card_unit_id
        .next_replacement()
        .ok_or_else(|| Refusal::OutOfRange {
            what: format!(
                "Position {} of {} was replaced too often",
                card_unit_id.position(),
                card_unit_id.sheet()
            ),
        })?;
    if let Some(replacement) = floor.card_unit(&by)? {
        return match (replacement.source, with) {
            (_, ReplaceWith::AnySpare) => Ok(Decision::AlreadyRecorded),
            (Some(ReplacementSource::Reprint), ReplaceWith::Reprint) => {
                Ok(Decision::AlreadyRecorded)
            }
            (Some(ReplacementSource::Spare { card_unit_id: used }), ReplaceWith::Spare(asked))
                if used == asked =>
            {
                Ok(Decision::AlreadyRecorded)
            }
            _ => Err(Refusal::AlreadyReplaced { card_unit_id, by }.into()),
        };
    }
    if !matches!(set.status, AssemblyStatus::Error) {
        set.must_allow(AssemblyMove::LoseMember)?; // packed or voided: says so
    }
    let assembly_id = set.assembly_id;
    let member = set
        .member(card_unit_id.position())
        .filter(|member| member.card_unit_id == card_unit_id);
    if member.is_some_and(|member| member.filling == Filling::Conceded) {
        return Err(Refusal::PositionConceded {
            card_unit_id,
            assembly_id,
        }
        .into());
    }
    let vacant = member.is_some_and(|m| m.filling == Filling::Vacant(LossCause::Voided));
    if !vacant || set.spares {
        return Err(Refusal::NotInSet {
            card_unit_id,
            assembly_id,
        }
        .into());
    }
    let source = match with {
        ReplaceWith::Reprint => ReplacementSource::Reprint,
        ReplaceWith::Spare(spare) => {
            must_fit(floor, spare, card_unit_id)?;
            ReplacementSource::Spare {
                card_unit_id: spare,
            }
        }
        ReplaceWith::AnySpare => {
            let spares = free_spares(floor, card_unit_id.job())?;
            let spare = spares
                .into_iter()
                .find(|spare| spare.position() == card_unit_id.position());
            match spare {
                Some(spare) => ReplacementSource::Spare {
                    card_unit_id: spare,
                },
                None => return Err(Refusal::NoSpare { card_unit_id }.into()),
            }
        }
    };
    Ok(Decision::Record(replaced(card, by, source)))
}

fn replaced(card: &CardUnit, by: CardUnitId, source: ReplacementSource) -> Vec<Event> {
    let replaces = card.card_unit_id;
    let mut events: Vec<Event> = Vec::with_capacity(4);
    if let ReplacementSource::Spare {
        card_unit_id: spare,
    } = source
    {
        events.push(
            CardUnitConsumedAsSpare {
                card_unit_id: spare,
                replacement_id: by,
            }
            .into(),
        );
        events.push(void::member_lost(spare, LossCause::Consumed));
    }
    events.push(
        ReplacementCardUnitCreated {
            card_unit_id: by,
            sheet_id: by.sheet(),
            job_id: by.job(),
            position: by.position(),
            design: card.design.clone(),
            replaces,
            source,
        }
        .into(),
    );
    events.push(
        AssemblyMemberReplaced {
            assembly_id: by.assembly(),
            position: by.position(),
            card_unit_id: by,
            replaces,
        }
        .into(),
    );
    events
}

/// Refuses a spare that cannot stand in for the card, saying why.
fn must_fit(floor: &Floor, spare: CardUnitId, card_unit_id: CardUnitId) -> Result<(), Stop> {
    let misfit = if spare.job() != card_unit_id.job() {
        Some(SpareMisfit::OtherJob)
    } else if spare.position() != card_unit_id.position() {
        Some(SpareMisfit::OtherPosition)
    } else {
        misfit(floor, floor.existing_card_unit(&spare)?)?
    };
    match misfit {
        None => Ok(()),
        Some(misfit) => Err(Refusal::SpareDoesNotFit {
            spare,
            card_unit_id,
            misfit,
        }
        .into()),
    }
}

fn misfit(floor: &Floor, spare: &CardUnit) -> Result<Option<SpareMisfit>, Stop> {
    let status = spare.situation.status;
    if !spare.spare {
        return Ok(Some(SpareMisfit::NotASpare));
    }
    if !status.allows(CardUnitMove::ConsumeAsSpare) {
        return Ok(Some(SpareMisfit::NotAvailable(status)));
    }
    match holds::must_be_free(floor, spare, None) {
        Ok(()) => Ok(None),
        Err(Stop::Refused(_)) => Ok(Some(SpareMisfit::OnHold)),
        Err(not_loaded) => Err(not_loaded),
    }
}

/// The job's spares that could stand in now, lowest id first.
fn free_spares(floor: &Floor, job_id: JobId) -> Result<Vec<CardUnitId>, Stop> {
    let mut free = Vec::new();
    for spare in &floor.register(job_id)?.spare_cards {
        if misfit(floor, floor.existing_card_unit(spare)?)?.is_none() {
            free.push(*spare);
        }
    }
    Ok(free)
}

/// How a job's vacancies are covered with the least printing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReprintPlan {
    pub job_id: JobId,
    /// Voided card → the spare that stands in for it.
    pub covered: Vec<(CardUnitId, CardUnitId)>,
    /// Voided cards for which there is no spare yet, counting what uncut spare sheets will bring.
    pub uncovered: Vec<CardUnitId>,
    /// The fewest further sheets that cover those: each sheet brings one card of every position.
    pub extra_sheets: u32,
}

/// Which spares cover which vacancies of the job, and the fewest extra sheets for the rest.
///
/// Each sheet has one card per position, so the positions do not compete: lowest spare to lowest
/// vacancy within a position wastes nothing, and the fewest sheets are the largest number that one
/// position still lacks, less the spare sheets that are still to be cut.
///
/// # Errors
/// Unknown job, or a partial floor.
pub fn reprint_plan(floor: &Floor, job_id: JobId) -> Result<ReprintPlan, Stop> {
    let register = floor.register(job_id)?;
    let mut spares: BTreeMap<u16, Vec<CardUnitId>> = BTreeMap::new();
    for spare in free_spares(floor, job_id)?.into_iter().rev() {
        spares.entry(spare.position()).or_default().push(spare);
    }
    let mut plan = ReprintPlan {
        job_id,
        covered: Vec::new(),
        uncovered: Vec::new(),
        extra_sheets: 0,
    };
    let mut lacking: BTreeMap<u16, u32> = BTreeMap::new();
    for &vacancy in &register.vacancies {
        match spares.get_mut(&vacancy.position()).and_then(Vec::pop) {
            Some(spare) => plan.covered.push((vacancy, spare)),
            None => {
                plan.uncovered.push(vacancy);
                *lacking.entry(vacancy.position()).or_default() += 1;
            }
        }
    }
    let to_come = u32::try_from(register.spare_sheets.len()).expect("a job has at most 2³² sheets");
    plan.extra_sheets = lacking
        .values()
        .max()
        .map_or(0, |most| most.saturating_sub(to_come));
    Ok(plan)
}

/// Carries the reprint plan out. `after` is the job's last sheet as the caller knows it, so that the
/// command said twice adds its sheets once.
pub(super) fn replace_vacancies(
    floor: &Floor,
    job_id: JobId,
    after: Option<u32>,
) -> Result<Decision, Stop> {
    let job = floor.existing_job(&job_id)?;
    job.must_be_live()?;
    let plan = reprint_plan(floor, job_id)?;
    let mut events = Vec::new();
    for (vacancy, spare) in plan.covered {
        let card = floor.existing_card_unit(&vacancy)?;
        let by = vacancy
            .next_replacement()
            .ok_or(Refusal::UnknownId(UnitRef::CardUnit(vacancy)))?;
        events.extend(replaced(
            card,
            by,
            ReplacementSource::Spare {
                card_unit_id: spare,
            },
        ));
    }
    if plan.extra_sheets > 0 {
        events.extend(
            plan::add_sheets(
                floor,
                job_id,
                after.unwrap_or_else(|| job.last_sheet_number()),
                plan.extra_sheets,
                SheetPurpose::Reprint,
            )?
            .into_events(),
        );
    }
    Ok(if events.is_empty() {
        Decision::AlreadyRecorded
    } else {
        Decision::Record(events)
    })
}
