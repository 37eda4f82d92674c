//! The encounters of a sheet or card: at which stations it was, with which lots, in whose hands. A live fold over its
//! stream, without a table. Time is the order of the log, which no device's clock can shift; clock times are shown
//! beside. Which encounters are asked for is `recall`'s matter.

use super::lot_loads::LotLoads;
use crate::domain::card_unit::CardUnitEvent;
use crate::domain::event::{Event, Recorded};
use crate::domain::sheet::SheetEvent;
use crate::domain::values::QaOutcome;
use crate::identity::{MaterialLotId, OperationId, OperatorId, StationId};
use jiff::Timestamp;
use serde::Serialize;
use std::collections::BTreeSet;

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
