//! The answer to a recall: each card that is concerned, where it is and who has it, and what all of them come to.
//! What they met, `encounters` says, and which of it is asked for, `recall`.

use super::{Encounter, SheetRow};
use crate::domain::card_unit::CardUnitStatus;
use crate::identity::{
    AssemblyId, CardUnitId, Design, JobId, MaterialLotId, OperatorId, PackId, PieceId,
    ProductionOrderId, SheetId, StationId,
};
use jiff::Timestamp;
use serde::Serialize;
use smol_str::SmolStr;
use std::collections::{BTreeMap, BTreeSet};

/// A card that is concerned, under the id that it has now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RecalledCard {
    pub card_unit_id: CardUnitId,
    pub status: CardUnitStatus,
    pub design: Design,
    /// As printed on the card: `7/99`.
    pub sequential_number: Option<SmolStr>,
    pub piece_ids: Vec<PieceId>,
    /// The sheet that it was physically cut from; none for a replacement that was printed by itself.
    pub cut_from: Option<SheetId>,
    /// The spare that it was made of, and what that was made of.
    pub made_of: Vec<CardUnitId>,
    pub replaced_by: Option<CardUnitId>,
    pub current_station_id: Option<StationId>,
    /// When it came there (server's clock).
    pub since: Option<Timestamp>,
    /// Why it rests.
    pub held: Option<String>,
    pub assembly_id: AssemblyId,
    /// Its box, the case around that, the pallet under it.
    pub pack_ids: Vec<PackId>,
    /// When the outermost of them left the shop (server's clock).
    pub shipped_at: Option<Timestamp>,
    pub job_id: JobId,
    pub order_id: Option<ProductionOrderId>,
    pub customer: Option<String>,
    /// Where it met what is asked for: as itself, as the spare that it was, as its sheet.
    pub encounters: Vec<Encounter>,
}

/// A sheet that is concerned and not cut yet: its cards are still to come.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RecalledSheet {
    #[serde(flatten)]
    pub sheet: SheetRow,
    pub order_id: Option<ProductionOrderId>,
    pub customer: Option<String>,
    pub encounters: Vec<Encounter>,
}

/// What all of them come to.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RecallSummary {
    /// How many cards are concerned.
    pub card_units: usize,
    /// How many sheets that are not cut yet.
    pub uncut_sheets: usize,
    /// Cards in packs that have left the shop.
    pub shipped: usize,
    /// Cards by status.
    pub by_status: BTreeMap<&'static str, usize>,
    /// Cards by job.
    pub by_job: BTreeMap<JobId, usize>,
    /// Cards by order.
    pub by_order: BTreeMap<ProductionOrderId, usize>,
    /// Cards by customer.
    pub by_customer: BTreeMap<String, usize>,
    /// Cards by pack; a card in a box on a pallet counts in both.
    pub by_pack: BTreeMap<PackId, usize>,
    pub met: Met,
}

/// What the cards met, as far as it is part of the answer.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Met {
    /// The sheets that the cards were cut from.
    pub sheets: BTreeSet<SheetId>,
    pub stations: BTreeMap<StationId, StationMet>,
    /// Loaded when something came.
    pub material_lot_ids: BTreeSet<MaterialLotId>,
    /// Loaded after something had come, and before it was scanned elsewhere.
    pub later_material_lot_ids: BTreeSet<MaterialLotId>,
    pub operator_ids: BTreeSet<OperatorId>,
    pub piece_ids: BTreeSet<PieceId>,
}

/// From the first arrival at a station to the last departure.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct StationMet {
    /// The server's clock.
    pub from: Timestamp,
    /// The server's clock; none where something is still there.
    pub to: Option<Timestamp>,
    /// How many stays: a sheet counts once, whatever the number of its cards.
    pub stays: usize,
}

impl RecallSummary {
    /// Counts everything that is concerned.
    #[must_use]
    pub fn of(cards: &[RecalledCard], sheets: &[RecalledSheet]) -> Self {
        let mut summary = Self {
            card_units: cards.len(),
            uncut_sheets: sheets.len(),
            ..Self::default()
        };
        let mut counted: BTreeSet<u64> = BTreeSet::new();
        for card in cards {
            *summary.by_status.entry(card.status.as_str()).or_default() += 1;
            *summary.by_job.entry(card.job_id).or_default() += 1;
            if let Some(order_id) = &card.order_id {
                *summary.by_order.entry(order_id.clone()).or_default() += 1;
            }
            if let Some(customer) = &card.customer {
                *summary.by_customer.entry(customer.clone()).or_default() += 1;
            }
            for pack_id in &card.pack_ids {
                *summary.by_pack.entry(*pack_id).or_default() += 1;
            }
            summary.shipped += usize::from(card.shipped_at.is_some());
            summary.met.sheets.extend(card.cut_from);
            summary.met.piece_ids.extend(card.piece_ids.iter().cloned());
            summary.met.add(&card.encounters, &mut counted);
        }
        for sheet in sheets {
            summary.met.sheets.insert(sheet.sheet.sheet_id);
            summary.met.add(&sheet.encounters, &mut counted);
        }
        summary
    }
}

impl Met {
    fn add(&mut self, encounters: &[Encounter], counted: &mut BTreeSet<u64>) {
        for encounter in encounters {
            // The cards of a sheet share its encounters.
            if !counted.insert(encounter.from_event) {
                continue;
            }
            let lots = encounter.material_lot_ids.iter().cloned();
            self.material_lot_ids.extend(lots);
            let later = encounter.later_material_lot_ids.iter().cloned();
            self.later_material_lot_ids.extend(later);
            let operators = encounter.operator_ids.iter().cloned();
            self.operator_ids.extend(operators);
            let stay = StationMet {
                from: encounter.from,
                to: encounter.to,
                stays: 0,
            };
            let station = self
                .stations
                .entry(encounter.station_id.clone())
                .or_insert(stay);
            station.from = station.from.min(encounter.from);
            station.to = station.to.zip(encounter.to).map(|(a, b)| a.max(b));
            station.stays += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(minute: i64) -> Timestamp {
        Timestamp::from_second(minute * 60).expect("a time")
    }

    fn stay(station: &str, event: u64, from: i64, to: Option<i64>) -> Encounter {
        Encounter {
            unit_id: "J1-S001".into(),
            station_id: station.parse().expect("an id"),
            operation_id: None,
            from: at(from),
            to: to.map(at),
            from_event: event,
            to_event: None,
            operator_ids: ["OP-1".parse().expect("an id")].into(),
            material_lot_ids: ["L-1".parse().expect("an id")].into(),
            later_material_lot_ids: ["L-2".parse().expect("an id")].into(),
            late: false,
            taken_back: false,
        }
    }

    fn card(id: &str, status: CardUnitStatus, encounters: Vec<Encounter>) -> RecalledCard {
        let card_unit_id: CardUnitId = id.parse().expect("an id");
        RecalledCard {
            card_unit_id,
            status,
            design: "GOLD".parse().expect("a design"),
            sequential_number: None,
            piece_ids: vec!["RELIC-1".parse().expect("an id")],
            cut_from: Some(card_unit_id.sheet()),
            made_of: Vec::new(),
            replaced_by: None,
            current_station_id: None,
            since: None,
            held: None,
            assembly_id: card_unit_id.assembly(),
            pack_ids: vec!["J1-BOX-001".parse().expect("an id")],
            shipped_at: (status == CardUnitStatus::Packed).then(|| at(99)),
            job_id: card_unit_id.job(),
            order_id: Some("PO-1".parse().expect("an id")),
            customer: Some("Acme Cards".into()),
            encounters,
        }
    }

    fn uncut(id: &str, encounters: Vec<Encounter>) -> RecalledSheet {
        let sheet_id: SheetId = id.parse().expect("an id");
        let sheet = serde_json::from_value(serde_json::json!({
            "sheet_id": id, "job_id": sheet_id.job(), "purpose": "run", "status": "in_progress",
            "completed_operation_ids": [], "defects": {}, "last_event_seq": 1, "updated_at": at(0),
        }));
        RecalledSheet {
            sheet: sheet.expect("a row"),
            order_id: None,
            customer: None,
            encounters,
        }
    }

    #[test]
    fn everything_that_is_concerned_is_counted_and_a_sheets_stay_once() {
        let of_the_sheet = stay("FOIL-1", 7, 10, Some(20));
        let cards = [
            card(
                "J1-S001-01",
                CardUnitStatus::Packed,
                vec![of_the_sheet.clone(), stay("QA-1", 9, 30, Some(31))],
            ),
            card(
                "J1-S001-02",
                CardUnitStatus::Packed,
                vec![of_the_sheet, stay("QA-1", 11, 29, Some(40))],
            ),
            card(
                "J1-S001-03",
                CardUnitStatus::Voided,
                vec![stay("DIE-1", 12, 50, None), stay("DIE-1", 13, 55, Some(56))],
            ),
        ];
        let sheets = [uncut("J1-S002", vec![stay("FOIL-1", 15, 5, Some(15))])];
        let summary = RecallSummary::of(&cards, &sheets);
        assert_eq!((summary.card_units, summary.uncut_sheets), (3, 1));
        let by_status: Vec<_> = summary.by_status.into_iter().collect();
        assert_eq!(by_status, [("packed", 2), ("voided", 1)]);
        assert_eq!(summary.by_job.into_values().collect::<Vec<_>>(), [3]);
        assert_eq!(summary.by_order.into_values().collect::<Vec<_>>(), [3]);
        assert_eq!(summary.by_customer.into_values().collect::<Vec<_>>(), [3]);
        assert_eq!(summary.by_pack.into_values().collect::<Vec<_>>(), [3]);
        assert_eq!(summary.shipped, 2);
        let met = summary.met;
        assert_eq!(met.sheets.len(), 2);
        assert_eq!(met.piece_ids.len(), 1);
        assert_eq!(
            (met.material_lot_ids.len(), met.later_material_lot_ids.len()),
            (1, 1)
        );
        assert_eq!(met.operator_ids.len(), 1);
        let stations: Vec<_> = met
            .stations
            .iter()
            .map(|(id, met)| (id.as_str(), met.stays, met.from, met.to))
            .collect();
        assert_eq!(
            stations,
            [
                ("DIE-1", 2, at(50), None),
                ("FOIL-1", 2, at(5), Some(at(20))),
                ("QA-1", 2, at(29), Some(at(40))),
            ]
        );
    }
}
