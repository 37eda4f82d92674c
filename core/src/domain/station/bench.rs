//! What is in hand at a station: the fold of everything that was recorded *there*, in whichever
//! stream it stands. A scan is read in its light ("pass" means the card last scanned here); no
//! unit's rules rest on it.

use super::StationEvent;
use crate::domain::assembly::{Assembly, AssemblyEvent, AssemblyMove};
use crate::domain::card_unit::CardUnitEvent;
use crate::domain::event::{Event, Recorded, UnitRef};
use crate::domain::pack::PackEvent;
use crate::domain::sheet::SheetEvent;
use crate::identity::{AssemblyId, PackId, PackKind};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// What is in hand at a station.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Bench {
    /// The sheet, card or set that was recorded here last, and when (server's clock); without a time
    /// once that was taken back here.
    #[serde(with = "unit_as_text")]
    pub last_unit: Option<UnitRef>,
    pub last_at: Option<Timestamp>,
    /// The last event recorded here: what `!UNDO` takes back. `None` after an undo, and after what only
    /// an undo or a lead does.
    pub last_sequence_num: Option<u64>,
    /// The set that was taken up here last, and by which event: by its first card and every other one, or
    /// by its label. Whether it still is the bench's active set says [`Bench::gathers`].
    pub active_assembly_id: Option<AssemblyId>,
    pub active_since_sequence_num: Option<u64>,
    /// The box, case and pallet that were opened here last and not closed here since.
    pub open_box: Option<PackId>,
    pub open_case: Option<PackId>,
    pub open_pallet: Option<PackId>,
    /// Which of them was handled last: what `!CLOSE` closes.
    pub last_pack_id: Option<PackId>,
}

impl Bench {
    /// Nothing in hand.
    pub const EMPTY: Self = Self {
        last_unit: None,
        last_at: None,
        last_sequence_num: None,
        active_assembly_id: None,
        active_since_sequence_num: None,
        open_box: None,
        open_case: None,
        open_pallet: None,
        last_pack_id: None,
    };

    /// Nothing is in hand that could be put aside.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.last_unit.is_none()
            && self.active_assembly_id.is_none()
            && self.open_box.is_none()
            && self.open_case.is_none()
            && self.open_pallet.is_none()
    }

    /// The bench after an event that was recorded at its station.
    pub fn apply(&mut self, recorded: &Recorded) {
        self.last_sequence_num = Some(recorded.sequence_num);
        match &recorded.event {
            Event::Sheet(SheetEvent::SheetCorrected(_) | SheetEvent::SheetDefectWithdrawn(_))
            | Event::CardUnit(CardUnitEvent::CardUnitCorrected(_))
            | Event::Pack(PackEvent::SetRemovedFromPack(_)) => {
                self.last_sequence_num = None;
                self.last_at = None;
            }
            // Taken back or taken out right here: to scan it again is no repeat.
            Event::Assembly(
                AssemblyEvent::CardRemovedFromAssembly(_) | AssemblyEvent::SetUnpacked(_),
            )
            | Event::Pack(PackEvent::PackUnnested(_)) => self.last_at = None,
            Event::Sheet(SheetEvent::SheetEnteredStation(e)) => {
                self.take(UnitRef::Sheet(e.sheet_id), recorded)
            }
            Event::Sheet(SheetEvent::SheetCut(e)) => {
                self.take(UnitRef::Sheet(e.sheet_id), recorded)
            }
            Event::CardUnit(CardUnitEvent::CardUnitEnteredStation(e)) => {
                self.take(UnitRef::CardUnit(e.card_unit_id), recorded);
            }
            Event::CardUnit(CardUnitEvent::QAResultRecorded(e)) => {
                self.take(UnitRef::CardUnit(e.card_unit_id), recorded);
            }
            Event::Assembly(AssemblyEvent::CardScannedForAssembly(e)) => {
                self.take(UnitRef::CardUnit(e.card_unit_id), recorded);
                self.active_assembly_id = Some(e.assembly_id);
                self.active_since_sequence_num = Some(recorded.sequence_num);
            }
            Event::Assembly(AssemblyEvent::SetPacked(e)) => {
                self.take(UnitRef::Assembly(e.assembly_id), recorded)
            }
            Event::Pack(PackEvent::PackOpened(e)) => self.open(e.pack_id),
            Event::Pack(PackEvent::PackReopened(e)) => {
                self.last_sequence_num = None;
                self.open(e.pack_id);
            }
            Event::Pack(PackEvent::SetAddedToPack(e)) => self.last_pack_id = Some(e.pack_id),
            Event::Pack(PackEvent::PackAddedToPack(e)) => self.last_pack_id = Some(e.pack_id),
            Event::Pack(PackEvent::PackNested(e)) => self.take(UnitRef::Pack(e.pack_id), recorded),
            Event::Pack(PackEvent::PackClosed(e)) => {
                let open = self.open_pack_mut(e.pack_id.kind());
                if *open == Some(e.pack_id) {
                    *open = None;
                }
                if self.last_pack_id == Some(e.pack_id) {
                    self.last_pack_id = None;
                }
            }
            Event::Station(StationEvent::BenchSwitched(e)) => match e.open_pack_id {
                Some(pack_id) => self.open(pack_id),
                None => {
                    *self = Self {
                        last_sequence_num: self.last_sequence_num,
                        active_assembly_id: e.active_assembly_id,
                        active_since_sequence_num: e
                            .active_assembly_id
                            .map(|_| recorded.sequence_num),
                        ..Self::EMPTY
                    };
                }
            },
            Event::Station(StationEvent::UnitTakenInHand(e)) => {
                self.take(UnitRef::from(e.unit), recorded);
            }
            Event::ProductionOrder(_)
            | Event::Product(_)
            | Event::Job(_)
            | Event::Sheet(_)
            | Event::CardUnit(_)
            | Event::Assembly(_)
            | Event::Pack(_)
            | Event::Station(_)
            | Event::Operator(_)
            | Event::Memorabilia(_)
            | Event::Hold(_) => {}
        }
    }

    /// The set is being gathered here: it was taken up here, and since then it neither came together,
    /// wherever that was, nor went.
    #[must_use]
    pub fn gathers(&self, set: &Assembly) -> bool {
        self.active_assembly_id == Some(set.assembly_id)
            && set.completed_sequence_num < self.active_since_sequence_num
            && set.status.allows(AssemblyMove::Gather)
    }

    fn take(&mut self, unit: UnitRef, recorded: &Recorded) {
        self.last_unit = Some(unit);
        self.last_at = Some(recorded.context.recorded_at);
    }

    fn open(&mut self, pack_id: PackId) {
        *self.open_pack_mut(pack_id.kind()) = Some(pack_id);
        self.last_pack_id = Some(pack_id);
    }

    /// The pack of that kind that was opened here last.
    #[must_use]
    pub const fn open_pack(&self, kind: PackKind) -> Option<PackId> {
        match kind {
            PackKind::Box => self.open_box,
            PackKind::Case => self.open_case,
            PackKind::Pallet => self.open_pallet,
        }
    }

    const fn open_pack_mut(&mut self, kind: PackKind) -> &mut Option<PackId> {
        match kind {
            PackKind::Box => &mut self.open_box,
            PackKind::Case => &mut self.open_case,
            PackKind::Pallet => &mut self.open_pallet,
        }
    }
}

/// `["sheet", "J1044-S003"]`
mod unit_as_text {
    use crate::domain::event::{UnitRef, UnitType};
    use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

    pub fn serialize<S: Serializer>(
        unit: &Option<UnitRef>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        unit.as_ref()
            .map(|unit| (unit.unit_type().as_str(), unit.to_string()))
            .serialize(serializer)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<UnitRef>, D::Error> {
        Option::<(String, String)>::deserialize(deserializer)?
            .map(|(word, id)| {
                let unit_type = UnitType::from_word(&word)
                    .ok_or_else(|| D::Error::custom("unknown unit type"))?;
                unit_type.unit(&id).map_err(D::Error::custom)
            })
            .transpose()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Context;
    use crate::domain::assembly::CardRemovedFromAssembly;
    use crate::domain::sheet::SheetEnteredStation;
    use crate::identity::CorrelationId;

    fn at_nine(event: impl Into<Event>) -> Recorded {
        let nine = "2026-03-02T09:00:00Z".parse().unwrap();
        Recorded {
            sequence_num: 7,
            aggregate_version: 2,
            context: Context {
                occurred_at: nine,
                recorded_at: nine,
                operator_id: None,
                station_id: Some("FOIL-1".parse().unwrap()),
                correlation_id: CorrelationId::new("c"),
                late: false,
            },
            event: event.into(),
        }
    }

    #[test]
    fn what_was_taken_back_here_stays_in_hand_but_was_not_scanned_a_moment_ago() {
        let mut bench = Bench::default();
        let entered = SheetEnteredStation {
            sheet_id: "J1-S001".parse().unwrap(),
            station_type: crate::domain::product::StationType::from_word("foil_stamp"),
            operation_id: "FOIL".parse().unwrap(),
            completed_operation_id: None,
            material_lot_ids: Vec::new(),
        };
        bench.apply(&at_nine(entered));
        assert!(bench.last_at.is_some());
        let removed = CardRemovedFromAssembly {
            assembly_id: "J1-S001-SET".parse().unwrap(),
            card_unit_id: "J1-S001-01".parse().unwrap(),
            position: 1,
            reason: "a second look".into(),
        };
        bench.apply(&at_nine(removed));
        assert_eq!(bench.last_at, None);
        assert!(bench.last_unit.is_some());
    }
}
