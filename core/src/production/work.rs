//! Sheets and cards at their stations: who may enter, what that starts, and the inspector's verdict.

use super::floor::{Floor, Stop};
use super::{holds, numbers, place};
use crate::domain::card_unit::{self, CardUnit, CardUnitStatus};
use crate::domain::job::{JobStarted, JobStatus};
use crate::domain::product::{ProductSpec, StationType};
use crate::domain::sheet::{self, Sheet, SheetStatus};
use crate::domain::station::{Station, UnitInHand, UnitTakenInHand};
use crate::domain::{Command, Context, Decision, Refusal, UnitRef};
use crate::identity::{CardUnitId, SheetId};

/// The sheet, and the spec that it is made to; refused where its job is over.
pub(super) fn sheet_and_spec(floor: &Floor, id: SheetId) -> Result<(&Sheet, &ProductSpec), Stop> {
    let sheet = floor.existing_sheet(&id)?;
    let job = floor.existing_job(&id.job())?;
    // A sheet that is gone says so itself, whatever became of its job.
    if !matches!(
        sheet.situation.status,
        SheetStatus::Cut | SheetStatus::Voided
    ) {
        job.must_be_live()?;
    }
    Ok((sheet, floor.spec_of(job)?))
}

/// The card, and the spec that it is made to; refused where its job is over, or its sheet not cut yet.
pub(super) fn card_and_spec(
    floor: &Floor,
    id: CardUnitId,
) -> Result<(&CardUnit, &ProductSpec), Stop> {
    let card = existing_card(floor, id)?;
    let job = floor.existing_job(&id.job())?;
    let gone = matches!(
        card.situation.status,
        CardUnitStatus::Packed | CardUnitStatus::Voided | CardUnitStatus::Consumed
    );
    if !gone {
        job.must_be_live()?;
    }
    Ok((card, floor.spec_of(job)?))
}

/// The card; refused where its sheet is not cut yet.
pub(super) fn existing_card(floor: &Floor, id: CardUnitId) -> Result<&CardUnit, Stop> {
    if let Some(card) = floor.card_unit(&id)? {
        return Ok(card);
    }
    let why = why_not_born(floor, id)?;
    let unknown = Refusal::UnknownId(UnitRef::CardUnit(id));
    Err(why.unwrap_or(unknown).into())
}

/// Why there is no card of this id although its sheet was made for one: the sheet is not cut yet, or it was
/// voided. `None` where no cut was ever to make it.
pub(crate) fn why_not_born(floor: &Floor, id: CardUnitId) -> Result<Option<Refusal>, Stop> {
    let Some(sheet) = floor.sheet(&id.sheet())? else {
        return Ok(None);
    };
    let n_up = floor.existing_job(&id.job())?.plan.n_up;
    if id.replacement() != 0 || id.position() > n_up {
        return Ok(None);
    }
    Ok(match sheet.situation.status {
        SheetStatus::Created | SheetStatus::InProgress | SheetStatus::ReadyToCut => {
            Some(Refusal::NotCutYet { card_unit_id: id })
        }
        SheetStatus::Voided => Some(Refusal::Voided {
            unit: UnitRef::Sheet(sheet.sheet_id),
            reason: sheet.situation.void_reason.clone().unwrap_or_default(),
        }),
        SheetStatus::Cut => None,
    })
}

/// A sheet comes to the station of the context; with the first one its job starts. One that is being worked
/// on there is taken in hand again.
pub(super) fn sheet_enters(
    floor: &Floor,
    id: SheetId,
    context: &Context,
) -> Result<Decision, Stop> {
    let station = floor.existing_station(place(context, "A sheet's operation")?)?;
    let (sheet, spec) = sheet_and_spec(floor, id)?;
    let station_type = &station.description.station_type;
    sheet.must_allow(sheet::SheetMove::EnterStation, spec)?;
    holds::sheet_must_be_free(floor, sheet, Some(station_type))?;
    let decision = sheet::enter_station(
        sheet,
        spec,
        &station.station_id,
        station_type,
        &station.material_lot_ids,
    )?;
    let Decision::Record(mut events) = decision else {
        return take_in_hand(floor, station, UnitInHand::Sheet(id));
    };
    if floor.existing_job(&id.job())?.status == JobStatus::Created {
        events.insert(0, JobStarted { job_id: id.job() }.into());
    }
    Ok(Decision::Record(events))
}

/// A card comes to the station of the context; a numbering station gives it its number at once. One that
/// is being worked on there is taken in hand again.
pub(super) fn card_enters(
    floor: &Floor,
    id: CardUnitId,
    context: &Context,
) -> Result<Decision, Stop> {
    let station = floor.existing_station(place(context, "A card's operation")?)?;
    let (card, spec) = card_and_spec(floor, id)?;
    let station_type = &station.description.station_type;
    card.must_allow(card_unit::CardUnitMove::EnterStation)?;
    holds::must_be_free(floor, card, Some(station_type))?;
    let numbers_or_pieces = matches!(
        station_type,
        StationType::Numbering | StationType::Memorabilia
    );
    if numbers_or_pieces {
        card.must_not_be_a_spare()?;
    }
    let entered = card_unit::enter_station(
        card,
        spec,
        &station.station_id,
        station_type,
        &station.material_lot_ids,
    )?;
    let Decision::Record(mut events) = entered else {
        return take_in_hand(floor, station, UnitInHand::CardUnit(id));
    };
    if *station_type != StationType::Numbering {
        return Ok(Decision::Record(events));
    }
    // The number is decided for the card as it stands after entering.
    let after = after(card, &events, context);
    events.extend(numbers::apply(floor, &after, None)?.into_events());
    Ok(Decision::Record(events))
}

/// What is being worked on at the station is what the next control barcode means, whatever was scanned there
/// in between.
fn take_in_hand(floor: &Floor, station: &Station, unit: UnitInHand) -> Result<Decision, Stop> {
    let station_id = &station.station_id;
    if floor.bench(station_id)?.last_unit == Some(UnitRef::from(unit)) {
        return Ok(Decision::AlreadyRecorded);
    }
    Ok(Decision::record(UnitTakenInHand {
        station_id: station_id.clone(),
        unit,
    }))
}

/// The card as these events will leave it: among those of a card unit, all are its own.
pub(super) fn after(
    card: &CardUnit,
    events: &[crate::domain::Event],
    context: &Context,
) -> CardUnit {
    let own = events.iter().filter_map(|event| match event {
        crate::domain::Event::CardUnit(e) => {
            debug_assert_eq!(*e.unit_id(), card.card_unit_id, "another card's event");
            Some(e)
        }
        _ => None,
    });
    own.fold(card.clone(), |card, event| {
        CardUnit::evolve(Some(card), event, context)
    })
}

/// The verdict. Given at a QA station for a card that was not scanned in there, it scans it in.
pub(super) fn record_qa_result(
    floor: &Floor,
    command: &Command,
    context: &Context,
) -> Result<Decision, Stop> {
    let Command::RecordQaResult {
        card_unit_id,
        result,
        failure_reason,
        failure_codes,
        inspector_id,
    } = command
    else {
        unreachable!("called for this command only");
    };
    let (card, spec) = card_and_spec(floor, *card_unit_id)?;
    let inspector_id = inspector_id.as_ref().or(context.operator_id.as_ref());
    let verdict = |card: &CardUnit| {
        card_unit::record_qa_result(
            card,
            spec,
            *result,
            failure_reason.as_deref(),
            failure_codes,
            inspector_id,
        )
    };
    let decided = verdict(card);
    let at_qa_station = match &context.station_id {
        Some(id) => floor.existing_station(id)?.description.station_type == StationType::Qa,
        None => false,
    };
    // Said before at another bench: here it is the verdict of the inspection that comes next.
    let elsewhere = card.situation.current_station_id != context.station_id;
    let inspected_next = || {
        let mut next = card.next_steps(spec).into_iter();
        next.any(|step| step.station_type == StationType::Qa)
    };
    let scans_in = match &decided {
        Err(Refusal::NotAtQa { .. }) => at_qa_station,
        Ok(Decision::AlreadyRecorded) => at_qa_station && elsewhere && inspected_next(),
        _ => false,
    };
    match decided {
        _ if scans_in => {
            let mut events = card_enters(floor, *card_unit_id, context)?.into_events();
            events.extend(verdict(&after(card, &events, context))?.into_events());
            Ok(Decision::Record(events))
        }
        Ok(Decision::Record(_)) => {
            holds::must_be_free(floor, card, Some(&StationType::Qa))?;
            Ok(decided?)
        }
        other => Ok(other?),
    }
}
