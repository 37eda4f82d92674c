//! What the scanner's screen says: what the thing is, what was recorded, what comes next; or why not, and
//! where it belongs. The only place where sentences for operators are made, beside `Refusal`'s own.

use crate::domain::assembly::{Assembly, AssemblyEvent, AssemblyStatus, Filling};
use crate::domain::card_unit::{CardUnit, CardUnitEvent, CardUnitStatus};
use crate::domain::pack::{Pack, PackEvent, PackStatus};
use crate::domain::product::{ProductSpec, StationType};
use crate::domain::refusal::{NextStep, RefusalClass};
use crate::domain::sheet::{Sheet, SheetEvent, SheetStatus};
use crate::domain::station::{StationEvent, UnitInHand};
use crate::domain::values::QaOutcome;
use crate::domain::{Command, Context, Event, Recorded, Refusal, UnitRef, clause};
use crate::identity::{AssemblyId, IdError, OperationId, Scanned};
use crate::production::{Floor, Stop, must_be_free, sheet_must_be_free};
use serde::Serialize;
use std::borrow::Cow;
use std::fmt;

/// Whether a scan changed anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    Recorded,
    AlreadyRecorded,
    Refused,
}

/// The thing that was scanned, or acted on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Entity {
    #[serde(rename = "type")]
    pub unit_type: &'static str,
    pub id: String,
    /// Its status now; absent for what has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<&'static str>,
}

/// What comes next for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Next {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub operation: Option<OperationId>,
    pub station_type: StationType,
}

/// The answer to a scan that was taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Answer {
    pub outcome: Outcome,
    pub barcode: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub entity: Option<Entity>,
    /// What happened, in a word: `entered_station`, `cut`, `gathered`.
    pub action: Cow<'static, str>,
    pub events: Vec<AnsweredEvent>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<Next>,
    pub message: String,
    pub late: bool,
}

/// An event that the scan recorded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AnsweredEvent {
    pub sequence_num: u64,
    pub event_type: &'static str,
}

/// The answer to a scan that was not taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Refused {
    pub outcome: Outcome,
    pub barcode: String,
    pub code: &'static str,
    #[serde(skip)]
    pub class: RefusalClass,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub entity: Option<Entity>,
    pub message: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub where_it_belongs: Option<String>,
}

/// What is answered: a scan, or a command that somebody gave in so many words.
#[derive(Debug, Clone, Copy)]
pub enum Said<'a> {
    Scanned(&'a Scanned),
    Command(&'a Command),
}

impl<'a> From<&'a Scanned> for Said<'a> {
    fn from(scanned: &'a Scanned) -> Self {
        Self::Scanned(scanned)
    }
}

impl<'a> From<&'a Command> for Said<'a> {
    fn from(command: &'a Command) -> Self {
        Self::Command(command)
    }
}

impl fmt::Display for Said<'_> {
    /// The barcode; for a command the id of what it is about.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Scanned(scanned) => scanned.fmt(f),
            Self::Command(command) => match command.subject() {
                Some(unit) => unit.fmt(f),
                None => Ok(()),
            },
        }
    }
}

/// The answer to what was taken: `recorded` is what it recorded (nothing where it had been said before),
/// `floor` the shop after it.
///
/// # Errors
/// Only [`Stop::NotLoaded`], from a partial floor.
pub fn answer<'a>(
    floor: &Floor,
    said: impl Into<Said<'a>>,
    context: &Context,
    recorded: &[Recorded],
) -> Result<Answer, Stop> {
    let said = said.into();
    let unit = subject(floor, said, context, recorded)?;
    let (action, sentence) = match (what_speaks_for(recorded), recorded.first()) {
        (Some((action, sentence, _)), _) => (Cow::Borrowed(action), sentence),
        (None, Some(first)) => {
            let what_happened = in_words(first.event.event_type());
            let sentence = format!("{}: {what_happened}.", first.event.unit());
            (Cow::Owned(what_happened.replace(' ', "_")), sentence)
        }
        (None, None) => {
            let what = match &unit {
                Some(unit) => unit.to_string(),
                None => said.to_string(),
            };
            let sentence = format!("{what}: already recorded.");
            (Cow::Borrowed("already_recorded"), sentence)
        }
    };
    let next = match &unit {
        Some(unit) => next_of(floor, unit)?,
        None => None,
    };
    let mut message = sentence;
    let gathering = match &unit {
        Some(UnitRef::CardUnit(id)) if matches!(&*action, "gathered" | "set_completed") => {
            Some(id.assembly())
        }
        Some(UnitRef::Assembly(id)) if station_gathers(floor, context)? => Some(*id),
        _ => None,
    };
    if let Some(assembly_id) = gathering {
        message = format!("{message} {}", progress(floor, assembly_id)?);
    }
    if matches!(&*action, "packed" | "pack_nested") {
        for closed in recorded {
            if let Event::Pack(PackEvent::PackClosed(e)) = &closed.event {
                message = format!("{message} {} is full, and closed.", e.pack_id);
            }
        }
    }
    let here_already = gathering.is_some()
        && next
            .as_ref()
            .is_some_and(|next| next.station_type == StationType::Assembly);
    if !here_already && let Some(todo) = what_to_do(floor, unit.as_ref(), next.as_ref())? {
        message = format!("{message} {todo}");
    }
    Ok(Answer {
        outcome: if recorded.is_empty() {
            Outcome::AlreadyRecorded
        } else {
            Outcome::Recorded
        },
        barcode: said.to_string(),
        entity: match &unit {
            Some(unit) => Some(entity(floor, unit)?),
            None => None,
        },
        action,
        events: recorded
            .iter()
            .map(|r| AnsweredEvent {
                sequence_num: r.sequence_num,
                event_type: r.event.event_type(),
            })
            .collect(),
        next,
        message,
        late: context.late,
    })
}

fn station_gathers(floor: &Floor, context: &Context) -> Result<bool, Stop> {
    Ok(match &context.station_id {
        Some(id) => floor
            .station(id)?
            .is_some_and(|station| station.description.station_type == StationType::Assembly),
        None => false,
    })
}

/// What the hands at the station do next, in a sentence; nothing where there is nothing to do.
fn what_to_do(
    floor: &Floor,
    unit: Option<&UnitRef>,
    next: Option<&Next>,
) -> Result<Option<String>, Stop> {
    if let Some(UnitRef::CardUnit(id)) = unit
        && let Some(card) = floor.card_unit(id)?
    {
        let now = &card.situation;
        if now.status == CardUnitStatus::QaFailed && card.held.is_none() {
            return Ok(Some(after_a_fail(floor, card)?.0.to_owned()));
        }
        // What runs and does not end by itself asks for something here, before the card goes on.
        if let Some(next) = next
            && now.current_operation_id.is_some()
            && now.current_operation_id == next.operation
        {
            match next.station_type {
                StationType::Qa => return Ok(Some("Next: !PASS or !FAIL.".to_owned())),
                StationType::Memorabilia => return Ok(Some("Next: scan its piece.".to_owned())),
                _ => {}
            }
        }
    }
    Ok(next.map(|next| match &next.operation {
        Some(operation) => {
            let station_type = next.station_type.with_article();
            format!("Next: {operation} at {station_type} station.")
        }
        None => format!("Next: {}.", next.station_type),
    }))
}

/// The answer to what was not taken.
///
/// # Errors
/// Only [`Stop::NotLoaded`], from a partial floor.
pub fn refuse<'a>(
    floor: &Floor,
    said: impl Into<Said<'a>>,
    context: &Context,
    refusal: &Refusal,
) -> Result<Refused, Stop> {
    let said = said.into();
    // What is not known, or not there, has no status and belongs nowhere.
    let unit = subject(floor, said, context, &[])?.filter(|_| {
        !matches!(
            refusal.class(),
            RefusalClass::Unknown | RefusalClass::Forbidden
        ) && !matches!(
            refusal,
            Refusal::NothingInHand { .. } | Refusal::NothingToUndo { .. }
        )
    });
    Ok(Refused {
        outcome: Outcome::Refused,
        barcode: said.to_string(),
        code: refusal.code(),
        class: refusal.class(),
        entity: match &unit {
            Some(unit) => Some(entity(floor, unit)?),
            None => None,
        },
        message: refusal.to_string(),
        where_it_belongs: match (&unit, refusal) {
            (None, _) => None,
            // Whatever holds it: where it would go next, it would be refused again.
            (_, Refusal::OnHold { reason, .. }) => Some(hold_shelf(reason)),
            (_, Refusal::JobCancelled { job_id } | Refusal::JobClosed { job_id }) => {
                Some(format!("aside: nothing more is done for {job_id}"))
            }
            (_, Refusal::ReworkLimitReached { .. }) => {
                Some("in the waste, once a lead has voided it".to_owned())
            }
            (Some(unit), _) => where_it_belongs(floor, unit)?,
        },
    })
}

/// The answer to a barcode that is no barcode.
#[must_use]
pub fn refuse_unreadable(barcode: &str, error: IdError) -> Refused {
    let refusal = Refusal::UnreadableBarcode(error);
    Refused {
        outcome: Outcome::Refused,
        barcode: barcode.to_owned(),
        code: refusal.code(),
        class: refusal.class(),
        entity: None,
        message: refusal.to_string(),
        where_it_belongs: None,
    }
}

/// `SheetDefectRecorded` → `sheet defect recorded`, `QAResultRecorded` → `qa result recorded`.
fn in_words(event_type: &str) -> String {
    let mut words = String::with_capacity(event_type.len() + 4);
    let mut before_was_lower = false;
    for (i, letter) in event_type.char_indices() {
        let next_is_lower = event_type[i + 1..].starts_with(|c: char| c.is_lowercase());
        if i > 0 && letter.is_uppercase() && (before_was_lower || next_is_lower) {
            words.push(' ');
        }
        before_was_lower = letter.is_lowercase();
        words.push(letter.to_ascii_lowercase());
    }
    words
}

/// What the answer is about: the thing scanned or named, or for a control barcode or a correction the
/// thing that it acted on.
fn subject(
    floor: &Floor,
    said: Said<'_>,
    context: &Context,
    recorded: &[Recorded],
) -> Result<Option<UnitRef>, Stop> {
    let scanned = match said {
        Said::Scanned(scanned) => scanned,
        Said::Command(command) => {
            let acted_on = || Some(what_speaks_for(recorded)?.2);
            return Ok(command.subject().or_else(acted_on));
        }
    };
    Ok(match scanned {
        Scanned::Order(id) => Some(UnitRef::ProductionOrder(id.clone())),
        Scanned::Job(id) => Some(UnitRef::Job(*id)),
        Scanned::Sheet(id) => Some(UnitRef::Sheet(*id)),
        Scanned::CardUnit(id) => Some(UnitRef::CardUnit(*id)),
        Scanned::Assembly(id) => Some(UnitRef::Assembly(*id)),
        Scanned::Pack(id) => Some(UnitRef::Pack(*id)),
        Scanned::Operator(id) => Some(UnitRef::Operator(id.clone())),
        Scanned::Code(_) | Scanned::Control(_) => match what_speaks_for(recorded) {
            Some((.., unit)) => Some(unit),
            None => subject_of_nothing_new(floor, scanned, context)?,
        },
    })
}

/// What a control barcode or a code of the shop's is about where it records nothing.
fn subject_of_nothing_new(
    floor: &Floor,
    scanned: &Scanned,
    context: &Context,
) -> Result<Option<UnitRef>, Stop> {
    let here = match &context.station_id {
        Some(station_id) => floor.station(station_id)?,
        None => None,
    };
    let in_hand = || -> Result<Option<UnitRef>, Stop> {
        let Some(station) = here else {
            return Ok(None);
        };
        let last = floor.bench(&station.station_id)?.last_unit.clone();
        Ok(last.or_else(|| Some(UnitRef::Station(station.station_id.clone()))))
    };
    let Scanned::Code(code) = scanned else {
        return in_hand();
    };
    if floor.piece(&code.as_piece())?.is_some() {
        let places = here
            .is_some_and(|station| station.description.station_type == StationType::Memorabilia);
        return if places {
            in_hand()
        } else {
            Ok(Some(UnitRef::Memorabilia(code.as_piece())))
        };
    }
    if code.as_material_lot().is_some() {
        return Ok(here.map(|station| UnitRef::Station(station.station_id.clone())));
    }
    let label = code.as_station();
    Ok(floor.station(&label)?.map(|_| UnitRef::Station(label)))
}

/// The unit and its status.
fn entity(floor: &Floor, unit: &UnitRef) -> Result<Entity, Stop> {
    let status = match unit {
        UnitRef::ProductionOrder(id) => floor.order(id)?.map(|o| o.status.as_str()),
        UnitRef::Job(id) => floor.job(id)?.map(|j| j.status.as_str()),
        UnitRef::Sheet(id) => floor.sheet(id)?.map(|s| s.situation.status.as_str()),
        UnitRef::CardUnit(id) => floor.card_unit(id)?.map(|c| c.situation.status.as_str()),
        UnitRef::Assembly(id) => floor.assembly(id)?.map(|a| a.status.as_str()),
        UnitRef::Pack(id) => floor.pack(id)?.map(|p| p.status.as_str()),
        UnitRef::Product(_)
        | UnitRef::Station(_)
        | UnitRef::Operator(_)
        | UnitRef::Memorabilia(_)
        | UnitRef::Hold(_) => None,
    };
    Ok(Entity {
        unit_type: unit.unit_type().as_str(),
        id: unit.to_string(),
        status,
    })
}

/// The weightiest event of a decision speaks for it: the word, the sentence, and whose event it is.
fn what_speaks_for(recorded: &[Recorded]) -> Option<(&'static str, String, UnitRef)> {
    recorded
        .iter()
        .filter_map(|recorded| Some((what_happened(recorded)?, recorded.event.unit())))
        .max_by_key(|((weight, ..), _)| *weight)
        .map(|((_, action, sentence), unit)| (action, sentence, unit))
}

/// How much an event says about the scan that recorded it, the word for it, and its sentence.
fn what_happened(recorded: &Recorded) -> Option<(u8, &'static str, String)> {
    let at = || match &recorded.context.station_id {
        Some(station_id) => format!(" at {station_id}"),
        None => String::new(),
    };
    Some(match &recorded.event {
        Event::Sheet(event) => match event {
            SheetEvent::SheetEnteredStation(e) => (
                5,
                "entered_station",
                format!("Sheet {} is{}: {}.", e.sheet_id, at(), e.operation_id),
            ),
            SheetEvent::SheetOperationCompleted(e) => (
                2,
                "operation_completed",
                format!("Sheet {}: {} is done.", e.sheet_id, e.operation_id),
            ),
            SheetEvent::SheetCut(e) => (
                9,
                "cut",
                format!("Sheet {} is cut into {} cards.", e.sheet_id, e.n_up),
            ),
            SheetEvent::SheetHeld(e) => (
                5,
                "held",
                format!("Sheet {} is on hold: {}.", e.sheet_id, clause(&e.reason)),
            ),
            SheetEvent::SheetVoided(e) => (
                5,
                "voided",
                format!("Sheet {} is voided: {}.", e.sheet_id, clause(&e.reason)),
            ),
            SheetEvent::SheetCorrected(e) => {
                (9, "undone", format!("Taken back for sheet {}.", e.sheet_id))
            }
            SheetEvent::SheetDefectWithdrawn(e) => (
                9,
                "undone",
                format!(
                    "Defect {} of sheet {} is withdrawn.",
                    e.failure_code, e.sheet_id
                ),
            ),
            SheetEvent::SheetCreated(_)
            | SheetEvent::SheetDefectRecorded(_)
            | SheetEvent::SheetDeviationSigned(_)
            | SheetEvent::SheetReleased(_) => return None,
        },
        Event::CardUnit(event) => match event {
            CardUnitEvent::CardUnitEnteredStation(e) => {
                let card = named(e.card_unit_id);
                (
                    5,
                    "entered_station",
                    format!("{card} is{}: {}.", at(), e.operation_id),
                )
            }
            CardUnitEvent::CardUnitOperationCompleted(e) => (
                2,
                "operation_completed",
                format!("{}: {} is done.", named(e.card_unit_id), e.operation_id),
            ),
            CardUnitEvent::SequentialNumberApplied(e) => (
                6,
                "numbered",
                format!("{} bears {}.", named(e.card_unit_id), e.sequential_number),
            ),
            CardUnitEvent::MemorabiliaPlaced(e) => (
                6,
                "memorabilia_placed",
                format!("{} holds {}.", named(e.card_unit_id), e.piece_id),
            ),
            CardUnitEvent::QAResultRecorded(e) => match e.result {
                QaOutcome::Pass => (
                    6,
                    "qa_passed",
                    format!("{} passed QA.", named(e.card_unit_id)),
                ),
                QaOutcome::Fail => {
                    let codes: Vec<&str> =
                        e.failure_codes.iter().map(|code| code.as_str()).collect();
                    (
                        6,
                        "qa_failed",
                        format!("{} failed QA: {}.", named(e.card_unit_id), codes.join(", ")),
                    )
                }
            },
            CardUnitEvent::CardUnitHeld(e) => (
                5,
                "held",
                format!(
                    "{} is on hold: {}.",
                    named(e.card_unit_id),
                    clause(&e.reason)
                ),
            ),
            CardUnitEvent::CardUnitVoided(e) => (
                5,
                "voided",
                format!(
                    "{} is voided: {}.",
                    named(e.card_unit_id),
                    clause(&e.reason)
                ),
            ),
            CardUnitEvent::CardUnitCorrected(e) => (
                9,
                "undone",
                format!("Taken back for card {}.", e.card_unit_id),
            ),
            CardUnitEvent::CardUnitCreated(_)
            | CardUnitEvent::ReplacementCardUnitCreated(_)
            | CardUnitEvent::EmbellishmentApplied(_)
            | CardUnitEvent::CardUnitDeviationSigned(_)
            | CardUnitEvent::CardUnitReleased(_)
            | CardUnitEvent::CardUnitConsumedAsSpare(_)
            | CardUnitEvent::CardUnitAssembled(_)
            | CardUnitEvent::CardUnitRemovedFromAssembly(_)
            | CardUnitEvent::CardUnitPacked(_)
            | CardUnitEvent::CardUnitUnpacked(_) => return None,
        },
        Event::Assembly(event) => match event {
            AssemblyEvent::CardScannedForAssembly(e) => (
                5,
                "gathered",
                format!("{} lies in its set.", named(e.card_unit_id)),
            ),
            AssemblyEvent::AssemblyCompleted(e) => (
                7,
                "set_completed",
                format!("{} is complete.", e.assembly_id),
            ),
            AssemblyEvent::SetPacked(e) => (
                8,
                "packed",
                format!("{} is in {}.", e.assembly_id, e.pack_id),
            ),
            AssemblyEvent::SetUnpacked(e) => (
                9,
                "undone",
                format!("{} is out of {} again.", e.assembly_id, e.pack_id),
            ),
            AssemblyEvent::AssemblyHeld(e) => (
                5,
                "held",
                format!("{} is on hold: {}.", e.assembly_id, clause(&e.reason)),
            ),
            AssemblyEvent::AssemblyCreated(_)
            | AssemblyEvent::CardRemovedFromAssembly(_)
            | AssemblyEvent::AssemblyMemberLost(_)
            | AssemblyEvent::AssemblyMemberRestored(_)
            | AssemblyEvent::AssemblyMemberReplaced(_)
            | AssemblyEvent::ConcessionSigned(_)
            | AssemblyEvent::AssemblyReleased(_)
            | AssemblyEvent::AssemblyVoided(_) => return None,
        },
        Event::Pack(event) => match event {
            PackEvent::PackOpened(e) => (
                4,
                "pack_opened",
                format!("{} is open: it holds {}.", e.pack_id, e.capacity),
            ),
            PackEvent::PackNested(e) => (
                7,
                "pack_nested",
                format!("{} is in {}.", e.pack_id, e.outer_pack_id),
            ),
            PackEvent::PackClosed(e) => (3, "pack_closed", format!("{} is closed.", e.pack_id)),
            PackEvent::SetAddedToPack(_)
            | PackEvent::SetRemovedFromPack(_)
            | PackEvent::PackAddedToPack(_)
            | PackEvent::PackRemovedFromPack(_)
            | PackEvent::PackUnnested(_)
            | PackEvent::PackReopened(_)
            | PackEvent::PackShipped(_) => return None,
        },
        Event::Station(StationEvent::MaterialLotsLoaded(e)) => {
            let lots: Vec<&str> = e.material_lot_ids.iter().map(|lot| lot.as_str()).collect();
            (
                5,
                "material_loaded",
                format!("{} is loaded at {}.", lots.join(", "), e.station_id),
            )
        }
        Event::Station(StationEvent::BenchSwitched(e)) => {
            let sentence = match (e.active_assembly_id, e.open_pack_id) {
                (Some(set), _) => format!("{} gathers {set} now.", e.station_id),
                (None, Some(pack)) => format!("{} fills {pack} now.", e.station_id),
                (None, None) => format!("{} is free.", e.station_id),
            };
            (5, "bench_switched", sentence)
        }
        Event::Station(StationEvent::UnitTakenInHand(e)) => {
            let unit = match e.unit {
                UnitInHand::Sheet(id) => format!("Sheet {id}"),
                UnitInHand::CardUnit(id) => named(id),
            };
            let sentence = format!("{unit} is in hand again at {}.", e.station_id);
            (5, "taken_in_hand", sentence)
        }
        Event::ProductionOrder(_)
        | Event::Product(_)
        | Event::Job(_)
        | Event::Station(_)
        | Event::Operator(_)
        | Event::Memorabilia(_)
        | Event::Hold(_) => return None,
    })
}

/// `Card 07 of J1044-S003`, `Card 07 of J1044-S003 (R1)`.
fn named(card: crate::identity::CardUnitId) -> String {
    match card.replacement() {
        0 => format!("Card {:02} of {}", card.position(), card.sheet()),
        n => format!("Card {:02} of {} (R{n})", card.position(), card.sheet()),
    }
}

/// `12 of 18. Missing: 03, 07 (at UV-1).`
fn progress(floor: &Floor, assembly_id: AssemblyId) -> Result<String, Stop> {
    let set = floor.existing_assembly(&assembly_id)?;
    let expected = set.members.len() - set.short_positions().len();
    let mut text = format!("{} of {expected}.", set.gathered_count());
    let missing = set.missing_positions();
    if !missing.is_empty() {
        const SHOWN: usize = 6;
        let mut words = Vec::new();
        for &position in missing.iter().take(SHOWN) {
            let member = set
                .member(position)
                .expect("a missing position is a position");
            let place = match floor.card_unit(&member.card_unit_id)? {
                Some(card) => {
                    let at = card.situation.current_station_id.as_ref();
                    let at = at.map(|station| format!("at {station}"));
                    match card.situation.status {
                        CardUnitStatus::Voided => Some("voided".to_owned()),
                        _ if card.held.is_some() => Some("on hold".to_owned()),
                        CardUnitStatus::QaFailed => Some("failed QA".to_owned()),
                        _ => at,
                    }
                }
                None => None,
            };
            words.push(match place {
                Some(place) => format!("{position:02} ({place})"),
                None => format!("{position:02}"),
            });
        }
        if missing.len() > SHOWN {
            words.push(format!("and {} more", missing.len() - SHOWN));
        }
        text = format!("{text} Missing: {}.", words.join(", "));
    }
    Ok(text)
}

/// What comes next for the unit; nothing where it is done, gone or stopped.
fn next_of(floor: &Floor, unit: &UnitRef) -> Result<Option<Next>, Stop> {
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
                    step(card.next_steps(spec))
                        .or_else(|| at(StationType::Assembly).filter(|_| !card.spare))
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

fn hold_shelf(reason: &str) -> String {
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
fn after_a_fail(floor: &Floor, card: &CardUnit) -> Result<(&'static str, &'static str), Stop> {
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

#[cfg(test)]
mod tests {
    use super::in_words;

    #[test]
    fn event_types_read_as_words() {
        assert_eq!(in_words("SheetDefectRecorded"), "sheet defect recorded");
        assert_eq!(in_words("QAResultRecorded"), "qa result recorded");
    }
}
