//! What comes next for a thing, and where it belongs meanwhile.

use super::Next;
use crate::domain::assembly::{Assembly, AssemblyStatus, Filling};
use crate::domain::card_unit::{CardUnit, CardUnitStatus};
use crate::domain::pack::{Pack, PackStatus};
use crate::domain::product::{ProductSpec, StationType};
use crate::domain::refusal::NextStep;
use crate::domain::sheet::{Sheet, SheetStatus};
use crate::domain::{UnitRef, clause};
use crate::production::{Floor, Stop, must_be_free, sheet_must_be_free};

/// Where the thing belongs, in words; `None` where nobody can say.
///
/// # Errors
/// Only [`Stop::NotLoaded`], from a partial floor.
pub fn where_it_belongs(floor: &Floor, unit: &UnitRef) -> Result<Option<String>, Stop> {
    Ok(match unit {
        UnitRef::Sheet(id) => match floor.sheet(id)? {
            Some(sheet) => Some(place_of_sheet(floor, sheet)?),
            None => None,
        },
        UnitRef::CardUnit(id) => match floor.card_unit(id)? {
            Some(card) => Some(place_of_card(floor, card)?),
            None => match floor.sheet(&id.sheet())? {
                Some(sheet) => Some(place_of_sheet(floor, sheet)?),
                None => None,
            },
        },
        UnitRef::Assembly(id) => match floor.assembly(id)? {
            Some(set) => Some(place_of_set(floor, set)?),
            None => None,
        },
        UnitRef::Pack(id) => floor.pack(id)?.map(place_of_pack),
        _ => None,
    })
}

/// What comes next for the unit; nothing where it is done, gone or stopped.
pub(super) fn next_of(floor: &Floor, unit: &UnitRef) -> Result<Option<Next>, Stop> {
    if is_held(floor, unit)? {
        return Ok(None);
    }
    let at = |station_type| {
        Some(Next {
            operation: None,
            station_type,
        })
    };
    let step = |steps: Vec<NextStep>| {
        steps.into_iter().next().map(|step| Next {
            operation: Some(step.operation_id),
            station_type: step.station_type,
        })
    };
    Ok(match unit {
        UnitRef::Sheet(id) => match floor.sheet(id)? {
            Some(sheet) => {
                let spec = floor.spec_of(floor.existing_job(&id.job())?)?;
                if sheet.situation.status == SheetStatus::Cut {
                    step(first_of_all_cards(spec))
                } else {
                    step(sheet.next_steps(spec))
                }
            }
            None => None,
        },
        UnitRef::CardUnit(id) => match floor.card_unit(id)? {
            Some(card) => match card.situation.status {
                CardUnitStatus::Created | CardUnitStatus::InProgress | CardUnitStatus::QaPassed => {
                    let spec = floor.spec_of(floor.existing_job(&id.job())?)?;
                    // What runs and does not end by itself (an inspection, a number) is what comes next.
                    // A spare waits until it is needed.
                    let waiting = card.waiting_operation(spec).map(NextStep::of);
                    let steps = waiting.map_or_else(|| card.next_steps(spec), |one| vec![one]);
                    step(steps).or_else(|| at(StationType::Assembly).filter(|_| !card.spare))
                }
                CardUnitStatus::Assembled => {
                    let set = floor.existing_assembly(&id.assembly())?;
                    if set.status == AssemblyStatus::Complete {
                        at(StationType::Packing)
                    } else {
                        None
                    }
                }
                CardUnitStatus::QaFailed
                | CardUnitStatus::Packed
                | CardUnitStatus::Voided
                | CardUnitStatus::Consumed => None,
            },
            None => None,
        },
        UnitRef::Assembly(id) => match floor.assembly(id)?.map(|set| set.status) {
            Some(AssemblyStatus::Complete) => at(StationType::Packing),
            Some(AssemblyStatus::Pending | AssemblyStatus::InProgress) => at(StationType::Assembly),
            _ => None,
        },
        _ => None,
    })
}

/// Something holds the sheet or card, so that no station would take it now.
fn is_held(floor: &Floor, unit: &UnitRef) -> Result<bool, Stop> {
    let free = match unit {
        UnitRef::Sheet(id) => match floor.sheet(id)? {
            Some(sheet) => sheet_must_be_free(floor, sheet, None),
            None => Ok(()),
        },
        UnitRef::CardUnit(id) => match floor.card_unit(id)? {
            Some(card) if card.situation.status.is_live() => must_be_free(floor, card, None),
            _ => Ok(()),
        },
        _ => Ok(()),
    };
    match free {
        Ok(()) => Ok(false),
        Err(Stop::Refused(_)) => Ok(true),
        Err(not_loaded) => Err(not_loaded),
    }
}

/// What the cards of a sheet that was cut just now need first; nothing where they part at once.
fn first_of_all_cards(spec: &ProductSpec) -> Vec<NextStep> {
    let mut of_each = (1..=spec.layout.n_up).map(|position| {
        spec.card_operations(position)
            .find(|node| spec.card_predecessors(node, position).is_empty())
            .map(|node| NextStep {
                operation_id: node.operation_id.clone(),
                station_type: node.station_type.clone(),
            })
    });
    match of_each.next().flatten() {
        Some(first) if of_each.all(|other| other.as_ref() == Some(&first)) => vec![first],
        _ => Vec::new(),
    }
}

pub(super) fn hold_shelf(reason: &str) -> String {
    format!("on the hold shelf ({})", clause(reason))
}

fn place_of_sheet(floor: &Floor, sheet: &Sheet) -> Result<String, Stop> {
    if let Some(reason) = &sheet.held {
        return Ok(hold_shelf(reason));
    }
    Ok(match sheet.situation.status {
        SheetStatus::Cut => format!("it is cut: see its set {}", sheet.sheet_id.assembly()),
        SheetStatus::Voided => "in the waste".to_owned(),
        SheetStatus::Created | SheetStatus::InProgress | SheetStatus::ReadyToCut => {
            let spec = floor.spec_of(floor.existing_job(&sheet.sheet_id.job())?)?;
            next_place(&sheet.next_steps(spec))
        }
    })
}

fn place_of_card(floor: &Floor, card: &CardUnit) -> Result<String, Stop> {
    let now = &card.situation;
    if let (Some(reason), true) = (&card.held, now.status.is_live()) {
        return Ok(hold_shelf(reason));
    }
    Ok(match now.status {
        CardUnitStatus::Voided => "in the waste".to_owned(),
        CardUnitStatus::Consumed => match card.consumed_by {
            Some(by) => format!("it is {by} now"),
            None => "it became a replacement".to_owned(),
        },
        CardUnitStatus::Packed => match now.pack_id {
            Some(pack_id) => format!("in {pack_id}"),
            None => "in its box".to_owned(),
        },
        CardUnitStatus::Assembled => place_of_set(
            floor,
            floor.existing_assembly(&card.card_unit_id.assembly())?,
        )?,
        CardUnitStatus::QaFailed => after_a_fail(floor, card)?.1.to_owned(),
        CardUnitStatus::Created | CardUnitStatus::InProgress | CardUnitStatus::QaPassed => {
            let spec = floor.spec_of(floor.existing_job(&card.card_unit_id.job())?)?;
            let steps = card.next_steps(spec);
            if steps.is_empty() && card.spare {
                "on the shelf of spares".to_owned()
            } else if steps.is_empty() {
                place_of_set(
                    floor,
                    floor.existing_assembly(&card.card_unit_id.assembly())?,
                )?
            } else {
                next_place(&steps)
            }
        }
    })
}

/// What to do with a card that failed QA, and where it belongs.
pub(super) fn after_a_fail(
    floor: &Floor,
    card: &CardUnit,
) -> Result<(&'static str, &'static str), Stop> {
    let spec = floor.spec_of(floor.existing_job(&card.card_unit_id.job())?)?;
    Ok(if card.situation.rework_count < spec.rework_limit {
        (
            "Next: rework it, or have it voided.",
            "in rework, or to be voided by a lead",
        )
    } else {
        (
            "Next: have it voided, no more rework is allowed.",
            "in the waste, once a lead has voided it",
        )
    })
}

/// Where a set is gathered: where its cards lie.
fn place_of_set(floor: &Floor, set: &Assembly) -> Result<String, Stop> {
    if let Some(reason) = &set.held {
        return Ok(hold_shelf(reason));
    }
    let mut bench = None;
    for member in set
        .members
        .iter()
        .filter(|m| m.filling == Filling::Gathered)
    {
        bench = floor
            .card_unit(&member.card_unit_id)?
            .and_then(|c| c.situation.current_station_id.clone());
        if bench.is_some() {
            break;
        }
    }
    Ok(match (set.status, set.pack_id, bench) {
        (AssemblyStatus::Packed, Some(pack_id), _) => format!("in {pack_id}"),
        (AssemblyStatus::Voided, ..) => "in the waste".to_owned(),
        (AssemblyStatus::Complete, ..) => format!("with {} to a packing station", set.assembly_id),
        (_, _, Some(bench)) => format!("with {} at {bench}", set.assembly_id),
        _ => format!("with {} at an assembly bench", set.assembly_id),
    })
}

fn place_of_pack(pack: &Pack) -> String {
    match (pack.status, pack.outer_pack_id) {
        (PackStatus::Shipped, _) => "with the customer".to_owned(),
        (_, Some(outer)) => format!("in {outer}"),
        (PackStatus::Open, None) => "at the packing station that fills it".to_owned(),
        (PackStatus::Closed, None) => match pack.pack_id.kind().outer() {
            Some(outer) => format!("in a {outer}"),
            None => "at shipping".to_owned(),
        },
    }
}

fn next_place(steps: &[NextStep]) -> String {
    let words: Vec<String> = steps
        .iter()
        .map(|step| {
            format!(
                "at {} station for {}",
                step.station_type.with_article(),
                step.operation_id
            )
        })
        .collect();
    words.join(", or ")
}
