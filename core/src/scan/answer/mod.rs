//! What the scanner's screen says: what the thing is, what was recorded, what comes next; or why not, and
//! where it belongs. Sentences for the screen are made here alone, beside `Refusal`'s own.

mod belongs;
mod happened;

pub use belongs::where_it_belongs;

use crate::domain::card_unit::CardUnitStatus;
use crate::domain::pack::PackEvent;
use crate::domain::product::StationType;
use crate::domain::refusal::RefusalClass;
use crate::domain::{Command, Context, Event, Recorded, Refusal, UnitRef};
use crate::identity::{IdError, OperationId, Scanned};
use crate::production::{Floor, Stop};
use belongs::{after_a_fail, hold_shelf, next_of};
use happened::{in_words, progress, what_speaks_for};
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
