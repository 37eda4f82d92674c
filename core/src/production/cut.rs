//! The cut: one sheet ceases to exist, N cards and their assembly come into being, all in one decision.

use super::floor::{Floor, Stop};
use super::{holds, work};
use crate::domain::assembly::AssemblyCreated;
use crate::domain::card_unit::CardUnitCreated;
use crate::domain::product::StationType;
use crate::domain::sheet::{SheetCut, SheetMove, SheetOperationCompleted, SheetStatus};
use crate::domain::{Decision, Event, Refusal};
use crate::identity::{CardUnitId, SheetId};

/// Cuts the sheet. What still runs at it ends by this; everything else must be complete.
pub(super) fn cut_sheet(floor: &Floor, sheet_id: SheetId) -> Result<Decision, Stop> {
    let (sheet, spec) = work::sheet_and_spec(floor, sheet_id)?;
    sheet.must_allow(SheetMove::Cut, spec)?;
    holds::sheet_must_be_free(floor, sheet, Some(&StationType::Cutting))?;
    let missing = sheet.missing_for_the_cut(spec);
    if !missing.is_empty() {
        return Err(Refusal::NotReadyToCut { sheet_id, missing }.into());
    }

    let job_id = sheet_id.job();
    let n_up = spec.layout.n_up;
    let spare = sheet.purpose.yields_spares();
    let cards: Vec<CardUnitId> = (1..=n_up)
        .filter_map(|position| sheet_id.card_unit(position))
        .collect();
    let mut events: Vec<Event> = Vec::with_capacity(cards.len() + 3);
    if let Some(operation_id) = &sheet.situation.current_operation_id {
        events.push(
            SheetOperationCompleted {
                sheet_id,
                operation_id: operation_id.clone(),
                ready_to_cut: true,
            }
            .into(),
        );
    } else {
        debug_assert_eq!(sheet.situation.status, SheetStatus::ReadyToCut);
    }
    events.push(
        SheetCut {
            sheet_id,
            job_id,
            n_up,
            card_unit_ids: cards.clone(),
        }
        .into(),
    );
    events.extend(cards.iter().zip(&spec.layout.positions).map(|(card, at)| {
        Event::from(CardUnitCreated {
            card_unit_id: *card,
            sheet_id,
            job_id,
            position: at.position,
            design: at.design.clone(),
            spare,
            defects: sheet.defects.get(&at.position).cloned().unwrap_or_default(),
        })
    }));
    events.push(
        AssemblyCreated {
            assembly_id: sheet_id.assembly(),
            sheet_id,
            job_id,
            expected_count: n_up,
            spares: spare,
        }
        .into(),
    );
    Ok(Decision::Record(events))
}
