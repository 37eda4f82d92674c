//! Recall: which stations, lots and hands a sheet or card has met. A live fold over the streams of sheets and
//! cards and over what was loaded at the stations meanwhile; it has no table. Time is the order of the log,
//! which no device's clock can shift; clock times are shown beside.

use super::CardUnitRow;
use crate::domain::card_unit::{CardUnitEvent, ReplacementSource};
use crate::domain::event::{Event, Recorded, StationEvent, UnitRef};
use crate::domain::sheet::SheetEvent;
use crate::domain::values::QaOutcome;
use crate::identity::{CardUnitId, MaterialLotId, OperationId, OperatorId, SheetId, StationId};
use jiff::Timestamp;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// What a card is physically made of: whatever met one of these has met the card.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Body {
    /// The card itself, then the spare that it was made of.
    pub cards: Vec<CardUnitId>,
    /// The sheet that it was cut from; none for a replacement that was printed by itself.
    pub sheet: Option<SheetId>,
}

impl Body {
    /// The body of a card; `card_unit` looks up rows.
    #[must_use]
    pub fn of<'a>(
        card: &CardUnitRow,
        card_unit: impl Fn(CardUnitId) -> Option<&'a CardUnitRow>,
    ) -> Self {
        let mut cards = vec![card.card_unit_id];
        let mut source = card.source;
        let sheet = loop {
            match source {
                None => break cards.last().map(|physical| physical.sheet()),
                Some(ReplacementSource::Reprint) => break None,
                Some(ReplacementSource::Spare { card_unit_id }) => {
                    cards.push(card_unit_id);
                    source = card_unit(card_unit_id).and_then(|spare| spare.source);
                }
            }
        };
        Self { cards, sheet }
    }

    /// The streams in which stands what the body has met.
    #[must_use]
    pub fn streams(&self) -> Vec<UnitRef> {
        let cards = self.cards.iter().copied().map(UnitRef::CardUnit);
        self.sheet
            .map(UnitRef::Sheet)
            .into_iter()
            .chain(cards)
            .collect()
    }
}

/// A sheet or card was at a station: while an operation ran there, or for a single thing that was done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Encounter {
    /// The sheet or card, by its id at that time.
    pub unit_id: String,
    pub station_id: StationId,
    pub operation_id: Option<OperationId>,
    /// The server's clock when it came.
    pub from: Timestamp,
    /// The server's clock when the operation had ended or the thing had gone on; none while it is there.
    pub to: Option<Timestamp>,
    /// The event by which it came.
    pub from_event: u64,
    /// The event by which the stay ended.
    pub to_event: Option<u64>,
    /// Whoever did something to it there.
    pub operator_ids: BTreeSet<OperatorId>,
    /// The lots that were loaded there when it came.
    pub material_lot_ids: BTreeSet<MaterialLotId>,
    /// The lots that were loaded there afterwards, before it was scanned elsewhere. Whether they were used on it no
    /// scan says: who recalls cannot leave them out.
    pub later_material_lot_ids: BTreeSet<MaterialLotId>,
    /// It was recorded later than it happened: the scanner had been offline.
    pub late: bool,
    /// The scan was taken back as a mistake. It counts all the same: something was held under a scanner there.
    pub taken_back: bool,
}

/// What the stations had loaded, and when.
#[derive(Debug, Clone, Default)]
pub struct LotLoads {
    by_station: BTreeMap<StationId, Vec<(u64, Vec<MaterialLotId>)>>,
}

impl LotLoads {
    /// Takes in what was loaded; other events do no harm. To be applied in the order of the log.
    pub fn apply(&mut self, recorded: &Recorded) {
        if let Event::Station(StationEvent::MaterialLotsLoaded(loaded)) = &recorded.event {
            let loads = self
                .by_station
                .entry(loaded.station_id.clone())
                .or_default();
            loads.push((recorded.sequence_num, loaded.material_lot_ids.clone()));
        }
    }

    /// The lots that were loaded at the station at any moment between these events, the end excluded.
    pub fn during(
        &self,
        station_id: &StationId,
        from_event: u64,
        to_event: u64,
    ) -> impl Iterator<Item = &MaterialLotId> {
        let loads = self
            .by_station
            .get(station_id)
            .map_or(&[][..], Vec::as_slice);
        // A load that comes between is met as well as the one in force at the beginning.
        let began = loads.partition_point(|(event, _)| *event <= from_event);
        let ended = loads.partition_point(|(event, _)| *event < to_event.max(from_event + 1));
        loads[began.saturating_sub(1)..ended.max(began)]
            .iter()
            .flat_map(|(_, lots)| lots)
    }

    /// When the lot was loaded, by station: from this event up to that one, or up to now.
    pub fn periods<'a>(
        &'a self,
        lot: &'a MaterialLotId,
    ) -> impl Iterator<Item = (&'a StationId, u64, Option<u64>)> {
        self.by_station.iter().flat_map(move |(station_id, loads)| {
            let with = loads.iter().enumerate();
            with.filter(|(_, (_, lots))| lots.contains(lot))
                .map(move |(i, (from, _))| {
                    (station_id, *from, loads.get(i + 1).map(|(next, _)| *next))
                })
        })
    }
}

/// What is asked of an encounter. Everything that is given has to be so.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Criteria {
    pub station_id: Option<StationId>,
    pub material_lot_id: Option<MaterialLotId>,
    pub operator_id: Option<OperatorId>,
    /// The first event of the window in question.
    pub from_event: Option<u64>,
    /// The first event after it.
    pub before_event: Option<u64>,
}

impl Criteria {
    /// Nothing is asked: any encounter will do, and none is needed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Whether the encounter is one of those asked for. A lot has to have been loaded during the stay and within
    /// the window; an operator has to have acted at any moment of a stay that touches the window.
    #[must_use]
    pub fn are_met_by(&self, encounter: &Encounter, loads: &LotLoads) -> bool {
        let from = self.from_event.unwrap_or(0);
        let before = self.before_event.unwrap_or(u64::MAX);
        let ended = encounter.to_event.unwrap_or(u64::MAX);
        let lot_is_met = |lot: &MaterialLotId| {
            let (from, to) = (from.max(encounter.from_event), before.min(ended));
            loads
                .during(&encounter.station_id, from, to)
                .any(|loaded| loaded == lot)
        };
        encounter.from_event < before
            && ended >= from
            && self
                .station_id
                .as_ref()
                .is_none_or(|station_id| encounter.station_id == *station_id)
            && self
                .operator_id
                .as_ref()
                .is_none_or(|operator_id| encounter.operator_ids.contains(operator_id))
            && self.material_lot_id.as_ref().is_none_or(lot_is_met)
    }
}

/// What an event means for the question where its sheet or card was.
enum Step<'a> {
    /// It came to a station and an operation began.
    Came(&'a OperationId),
    /// Something was done to it where the event says.
    Done(Option<&'a OperationId>),
    /// The same, and this operation (or whatever ran) has ended by it.
    DoneAndEnded(Option<&'a OperationId>),
    /// This operation has ended, or the thing is gone.
    Ended(Option<&'a OperationId>),
    /// Earlier events were taken back; it stands again where it stood, with an operation that runs or without.
    TakenBack {
        undoes: &'a [u64],
        station_id: Option<&'a StationId>,
        operation_id: Option<&'a OperationId>,
    },
    /// Words about it, which bring it nowhere.
    Nothing,
}

/// The event types by which something is met: an encounter begins with one of these.
pub const MEETING_EVENT_TYPES: [&str; 12] = [
    "SheetEnteredStation",
    "SheetDefectRecorded",
    "SheetCut",
    "CardUnitEnteredStation",
    "EmbellishmentApplied",
    "QAResultRecorded",
    "SequentialNumberApplied",
    "MemorabiliaPlaced",
    "CardUnitAssembled",
    "CardUnitRemovedFromAssembly",
    "CardUnitPacked",
    "CardUnitUnpacked",
];

/// The encounters of one sheet or card, in the order of the log.
#[derive(Debug, Clone, Default)]
pub struct Encounters {
    met: Vec<Encounter>,
    /// The last of them goes on.
    stays: bool,
}

impl Encounters {
    /// Takes in the next event of the unit's stream; events of other kinds of units do no harm.
    pub fn apply(&mut self, recorded: &Recorded) {
        let step = match &recorded.event {
            Event::Sheet(event) => step_of_sheet(event),
            Event::CardUnit(event) => step_of_card(event),
            Event::ProductionOrder(_)
            | Event::Product(_)
            | Event::Job(_)
            | Event::Assembly(_) // what happens to the set, its cards say too
            | Event::Pack(_)
            | Event::Station(_)
            | Event::Operator(_)
            | Event::Memorabilia(_)
            | Event::Hold(_) => Step::Nothing,
        };
        match step {
            Step::Came(operation_id) => {
                self.end(recorded);
                if let Some(encounter) = begun(recorded, here(recorded), Some(operation_id)) {
                    self.met.push(encounter);
                    self.stays = true;
                }
            }
            Step::Done(operation_id) => self.act(recorded, operation_id),
            Step::DoneAndEnded(operation_id) => {
                if !self.runs(operation_id) {
                    self.act(recorded, operation_id);
                } else if self.is_there(recorded) {
                    self.act(recorded, operation_id);
                    self.end(recorded);
                } else {
                    self.end(recorded);
                    self.act(recorded, operation_id);
                }
            }
            Step::Ended(operation_id) => {
                if !self.runs(operation_id) {
                    return;
                }
                // Whoever says that it is done has had it in hand, if it is said there.
                if self.is_there(recorded) {
                    self.act(recorded, None);
                }
                self.end(recorded);
            }
            Step::TakenBack {
                undoes,
                station_id,
                operation_id,
            } => {
                let mistakes = self.met.iter_mut();
                mistakes
                    .filter(|encounter| undoes.contains(&encounter.from_event))
                    .for_each(|encounter| encounter.taken_back = true);
                self.stand(recorded, station_id.zip(operation_id));
            }
            Step::Nothing => {}
        }
    }

    /// The encounters, each with the lots that were loaded meanwhile.
    #[must_use]
    pub fn with_lots(self, loads: &LotLoads) -> Vec<Encounter> {
        let mut met = self.met;
        met.sort_by_key(|encounter| encounter.from_event);
        for encounter in &mut met {
            let to = encounter.to_event.unwrap_or(u64::MAX);
            let (station_id, from) = (&encounter.station_id, encounter.from_event);
            let at_first = loads.during(station_id, from, from).cloned();
            encounter.material_lot_ids = at_first.collect();
            let later = loads.during(station_id, from, to).cloned();
            encounter.later_material_lot_ids = later
                .filter(|lot| !encounter.material_lot_ids.contains(lot))
                .collect();
        }
        met
    }

    /// This operation runs, or any where none is named.
    fn runs(&self, operation_id: Option<&OperationId>) -> bool {
        let running = self.met.last().and_then(|last| last.operation_id.as_ref());
        self.stays && (operation_id.is_none() || running == operation_id)
    }

    fn is_there(&self, recorded: &Recorded) -> bool {
        self.stays && self.met.last().map(|last| &last.station_id) == here(recorded)
    }

    /// Something is done to it: within its stay, or as an encounter of its own.
    fn act(&mut self, recorded: &Recorded, operation_id: Option<&OperationId>) {
        if self.is_there(recorded) {
            let last = self.met.last_mut().expect("it stays somewhere");
            last.operator_ids
                .extend(recorded.context.operator_id.clone());
            last.late |= recorded.context.late;
        } else if let Some(mut encounter) = begun(recorded, here(recorded), operation_id) {
            encounter.to = Some(recorded.context.recorded_at);
            encounter.to_event = Some(recorded.sequence_num);
            // Beside a stay elsewhere, which goes on.
            let at = self.met.len() - usize::from(self.stays);
            self.met.insert(at, encounter);
        }
    }

    /// After a correction: the stay that goes on is this one, or none.
    fn stand(&mut self, recorded: &Recorded, at: Option<(&StationId, &OperationId)>) {
        let last = self
            .met
            .last()
            .filter(|last| self.stays && !last.taken_back);
        let goes_on = last
            .and_then(|last| Some((&last.station_id, last.operation_id.as_ref()?)))
            .is_some_and(|stay| at == Some(stay));
        if goes_on {
            return;
        }
        self.end(recorded);
        if let Some((station_id, operation_id)) = at
            && let Some(encounter) = begun(recorded, Some(station_id), Some(operation_id))
        {
            let nobody = BTreeSet::new(); // who corrects it need not have been there
            self.met.push(Encounter {
                operator_ids: nobody,
                ..encounter
            });
            self.stays = true;
        }
    }

    fn end(&mut self, recorded: &Recorded) {
        if std::mem::take(&mut self.stays) {
            let last = self.met.last_mut().expect("it stays somewhere");
            last.to = Some(recorded.context.recorded_at);
            last.to_event = Some(recorded.sequence_num);
        }
    }
}

const fn here(recorded: &Recorded) -> Option<&StationId> {
    recorded.context.station_id.as_ref()
}

fn begun(
    recorded: &Recorded,
    station_id: Option<&StationId>,
    operation_id: Option<&OperationId>,
) -> Option<Encounter> {
    let context = &recorded.context;
    Some(Encounter {
        unit_id: recorded.event.unit().to_string(),
        station_id: station_id?.clone(),
        operation_id: operation_id.cloned(),
        from: context.recorded_at,
        to: None,
        from_event: recorded.sequence_num,
        to_event: None,
        operator_ids: context.operator_id.iter().cloned().collect(),
        material_lot_ids: BTreeSet::new(),
        later_material_lot_ids: BTreeSet::new(),
        late: context.late,
        taken_back: false,
    })
}

fn step_of_sheet(event: &SheetEvent) -> Step<'_> {
    match event {
        SheetEvent::SheetEnteredStation(e) => Step::Came(&e.operation_id),
        SheetEvent::SheetDefectRecorded(_) => Step::Done(None),
        SheetEvent::SheetCut(_) => Step::DoneAndEnded(None),
        SheetEvent::SheetOperationCompleted(_) | SheetEvent::SheetVoided(_) => Step::Ended(None),
        SheetEvent::SheetCorrected(e) => Step::TakenBack {
            undoes: &e.undoes,
            station_id: e.restores.current_station_id.as_ref(),
            operation_id: e.restores.current_operation_id.as_ref(),
        },
        SheetEvent::SheetCreated(_)
        | SheetEvent::SheetDefectWithdrawn(_)
        | SheetEvent::SheetDeviationSigned(_)
        | SheetEvent::SheetHeld(_)
        | SheetEvent::SheetReleased(_) => Step::Nothing,
    }
}

fn step_of_card(event: &CardUnitEvent) -> Step<'_> {
    match event {
        CardUnitEvent::CardUnitEnteredStation(e) => Step::Came(&e.operation_id),
        CardUnitEvent::EmbellishmentApplied(e) => Step::DoneAndEnded(Some(&e.operation_id)),
        CardUnitEvent::QAResultRecorded(e) => match e.result {
            QaOutcome::Pass => Step::DoneAndEnded(Some(&e.operation_id)),
            QaOutcome::Fail => Step::DoneAndEnded(None), // what is to be done with it comes next
        },
        CardUnitEvent::SequentialNumberApplied(e) => Step::DoneAndEnded(Some(&e.operation_id)),
        CardUnitEvent::MemorabiliaPlaced(e) => Step::DoneAndEnded(Some(&e.operation_id)),
        CardUnitEvent::CardUnitAssembled(_)
        | CardUnitEvent::CardUnitPacked(_)
        | CardUnitEvent::CardUnitUnpacked(_)
        | CardUnitEvent::CardUnitRemovedFromAssembly(_) => Step::DoneAndEnded(None),
        CardUnitEvent::CardUnitOperationCompleted(e) => Step::Ended(Some(&e.operation_id)),
        CardUnitEvent::CardUnitVoided(_) | CardUnitEvent::CardUnitConsumedAsSpare(_) => {
            Step::Ended(None)
        }
        CardUnitEvent::CardUnitCorrected(e) => Step::TakenBack {
            undoes: &e.undoes,
            station_id: e.restores.current_station_id.as_ref(),
            operation_id: e.restores.current_operation_id.as_ref(),
        },
        CardUnitEvent::CardUnitCreated(_)
        | CardUnitEvent::ReplacementCardUnitCreated(_)
        | CardUnitEvent::CardUnitDeviationSigned(_)
        | CardUnitEvent::CardUnitHeld(_)
        | CardUnitEvent::CardUnitReleased(_) => Step::Nothing,
    }
}
