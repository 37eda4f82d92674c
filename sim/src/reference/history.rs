//! For the tests of the reference: histories written by hand, event by event. A small product (two up;
//! press, cut, foil, inspection; position 2 is numbered) saves each test the same opening.

use super::Reference;
use jiff::Timestamp;
use sheetwise_core::domain::assembly::{AssemblyCreated, CardScannedForAssembly};
use sheetwise_core::domain::card_unit::{
    CardUnitAssembled, CardUnitCreated, CardUnitEnteredStation, EditionScope, QAResultRecorded,
    SequentialNumber, SequentialNumberApplied,
};
use sheetwise_core::domain::job::{JobCreated, SheetPurpose, SheetsCreated};
use sheetwise_core::domain::product::{
    EntityType, LayoutPosition, NumberingScheme, NumberingScope, OperationNode, PackingPlan,
    ProductSpec, ProductSpecPublished, SheetLayout, StationType, Turn, VoidPolicy,
    VoidedMemorabilia, VoidedNumber,
};
use sheetwise_core::domain::sheet::{SheetCreated, SheetCut, SheetEnteredStation};
use sheetwise_core::domain::station::{
    CapacityUnit, OperatingSchedule, StationDescription, StationRegistered,
};
use sheetwise_core::domain::values::{Priority, QaOutcome};
use sheetwise_core::domain::{Context, Decimal, Event, Recorded};
use sheetwise_core::identity::{CardUnitId, CorrelationId, JobId, SheetId};
use std::fmt::Debug;
use std::str::FromStr;
use std::sync::Arc;

/// An id, from its text.
pub(super) fn id<T: FromStr<Err: Debug>>(text: &str) -> T {
    text.parse().unwrap()
}

/// A history in the making, and the reference that is told of it.
pub(super) struct History {
    pub reference: Reference,
}

impl History {
    /// A shop with its stations, the product, and job `J1` with two run sheets and one of overs.
    pub fn of_a_small_shop() -> Self {
        let mut history = Self {
            reference: Reference::new(),
        };
        for (station, station_type) in [
            ("PRESS-1", "press"),
            ("CUT-1", "cutting"),
            ("FOIL-1", "foil_stamp"),
            ("QA-1", "qa"),
            ("NUM-1", "numbering"),
            ("BENCH-1", "assembly"),
            ("PACK-1", "packing"),
        ] {
            let description = StationDescription {
                planned_downtime: Vec::new(),
                name: station.to_owned(),
                station_type: StationType::from_word(station_type),
                capacity_unit: CapacityUnit::CardsPerHour,
                rated_capacity: Decimal::ONE,
                machines: 1,
                setup_minutes: 0,
                operating_hours: OperatingSchedule {
                    time_zone: "UTC".to_owned(),
                    shifts: vec![],
                    holidays: vec![],
                },
            };
            history.at(
                "",
                StationRegistered {
                    station_id: id(station),
                    description,
                },
            );
        }
        history.at(
            "",
            ProductSpecPublished {
                product_id: id("BASE"),
                product_version: 1,
                spec: Arc::new(small_product()),
            },
        );
        let job_id: JobId = id("J1");
        history.at(
            "",
            JobCreated {
                job_id,
                order_id: id("PO-1"),
                product_id: id("BASE"),
                product_version: 1,
                quantity: 4,
                n_up: 2,
                due_date: jiff::civil::date(2026, 3, 1),
                priority: Priority(0),
            },
        );
        for (first_sheet_number, count, purpose) in
            [(1, 2, SheetPurpose::Run), (3, 1, SheetPurpose::Overs)]
        {
            history.at(
                "",
                SheetsCreated {
                    job_id,
                    first_sheet_number,
                    count,
                    purpose,
                },
            );
            for number in first_sheet_number..first_sheet_number + count {
                let sheet_id = job_id.sheet(number).unwrap();
                history.at("", SheetCreated { sheet_id, purpose });
            }
        }
        history
    }

    /// The event happens at that station (nowhere, if the text is empty). Yields its sequence number.
    pub fn at(&mut self, station: &str, event: impl Into<Event>) -> u64 {
        let event = event.into();
        let sequence_num = self.reference.log().len() as u64 + 1;
        let earlier = self.reference.history(&event.unit()).len();
        let now = Timestamp::from_second(i64::try_from(sequence_num).unwrap()).unwrap();
        self.reference.record(Recorded {
            sequence_num,
            aggregate_version: u32::try_from(earlier).unwrap() + 1,
            context: Context {
                occurred_at: now,
                recorded_at: now,
                operator_id: Some(id("OP-1")),
                station_id: (!station.is_empty()).then(|| id(station)),
                correlation_id: CorrelationId::new(format!("test-{sequence_num}")),
                late: false,
            },
            event,
        });
        sequence_num
    }

    /// The sheet is printed; the press still has it in hand.
    pub fn print(&mut self, sheet: &str) {
        self.at(
            "PRESS-1",
            SheetEnteredStation {
                sheet_id: id(sheet),
                station_type: StationType::from_word("press"),
                operation_id: id("PRESS"),
                completed_operation_id: None,
                material_lot_ids: vec![id("INK-LOT-1")],
            },
        );
    }

    /// The sheet is cut into two cards, and its set is there.
    pub fn cut(&mut self, sheet: &str) {
        let sheet_id: SheetId = id(sheet);
        let job_id = sheet_id.job();
        let spare = self
            .reference
            .sheet(sheet_id)
            .unwrap()
            .purpose
            .yields_spares();
        let card_unit_ids: Vec<CardUnitId> = (1..=2)
            .map(|position| sheet_id.card_unit(position).unwrap())
            .collect();
        self.at(
            "CUT-1",
            SheetCut {
                sheet_id,
                job_id,
                n_up: 2,
                card_unit_ids: card_unit_ids.clone(),
            },
        );
        for card_unit_id in card_unit_ids {
            self.at(
                "CUT-1",
                CardUnitCreated {
                    card_unit_id,
                    sheet_id,
                    job_id,
                    position: card_unit_id.position(),
                    design: id("ROOKIE"),
                    spare,
                    defects: vec![],
                },
            );
        }
        self.at(
            "CUT-1",
            AssemblyCreated {
                assembly_id: sheet_id.assembly(),
                sheet_id,
                job_id,
                expected_count: 2,
                spares: spare,
            },
        );
    }

    /// The card comes to a station, and the operation begins; the one before, if named, has ended.
    pub fn enter(
        &mut self,
        card: &str,
        station: &str,
        operation: &str,
        ended: Option<&str>,
    ) -> u64 {
        let station_type = self.reference.station_type(&id(station)).unwrap();
        self.at(
            station,
            CardUnitEnteredStation {
                card_unit_id: id(card),
                station_type,
                operation_id: id(operation),
                completed_operation_id: ended.map(id),
                reopened_operation_ids: vec![],
                material_lot_ids: vec![],
            },
        )
    }

    /// The card at the inspection gets its verdict.
    pub fn inspect(&mut self, card: &str, result: QaOutcome) -> u64 {
        let failed = result == QaOutcome::Fail;
        self.at(
            "QA-1",
            QAResultRecorded {
                card_unit_id: id(card),
                operation_id: id("QA"),
                result,
                inspector_id: Some(id("OP-1")),
                failure_reason: failed.then(|| "foil void".to_owned()),
                failure_codes: if failed { vec![id("F-201")] } else { vec![] },
            },
        )
    }

    /// The card gets its number.
    pub fn number(&mut self, card: &str, number: u32) -> u64 {
        let card_unit_id: CardUnitId = id(card);
        self.at(
            "NUM-1",
            SequentialNumberApplied {
                card_unit_id,
                operation_id: id("NUM"),
                sequential_number: SequentialNumber {
                    scope: EditionScope::Position {
                        job_id: card_unit_id.job(),
                        position: card_unit_id.position(),
                    },
                    number,
                    of: 99,
                },
            },
        )
    }

    /// All that the product wants done to a card: foil, inspection, and for position 2 a number.
    pub fn finish(&mut self, card: &str, number: u32) {
        self.enter(card, "FOIL-1", "FOIL", None);
        self.enter(card, "QA-1", "QA", Some("FOIL"));
        self.inspect(card, QaOutcome::Pass);
        if id::<CardUnitId>(card).position() == 2 {
            self.enter(card, "NUM-1", "NUM", None);
            self.number(card, number);
        }
    }

    /// The card is laid into its set at the bench. Completion is for the test to add.
    pub fn gather(&mut self, card: &str) -> u64 {
        let card_unit_id: CardUnitId = id(card);
        let assembly_id = card_unit_id.assembly();
        let position = card_unit_id.position();
        self.at(
            "BENCH-1",
            CardScannedForAssembly {
                assembly_id,
                card_unit_id,
                position,
            },
        );
        self.at(
            "BENCH-1",
            CardUnitAssembled {
                card_unit_id,
                assembly_id,
            },
        )
    }
}

fn small_product() -> ProductSpec {
    let operation =
        |name: &str, station_type: &str, of: EntityType, after: &[&str]| OperationNode {
            operation_id: id(name),
            operation_type: name.to_lowercase(),
            station_type: StationType::from_word(station_type),
            required_for_entity_type: of,
            predecessors: after.iter().map(|name| id(name)).collect(),
            standard_time_minutes: Decimal::ONE,
            embellishment: None,
            positions: None,
            expected_yield: Decimal::ONE,
            setup_family: None,
            transfer_batch: None,
            must_not_pause: false,
        };
    let place = |position: u16| LayoutPosition {
        position,
        design: id("ROOKIE"),
        serialized: position == 2,
        memorabilia: None,
    };
    ProductSpec {
        name: "Base".to_owned(),
        layout: SheetLayout {
            layout_version: 1,
            n_up: 2,
            rows: 1,
            columns: 2,
            turn: Turn::WorkAndTurn,
            positions: vec![place(1), place(2)],
        },
        operations: vec![
            operation("PRESS", "press", EntityType::Sheet, &[]),
            operation("CUT", "cutting", EntityType::Sheet, &["PRESS"]),
            operation("FOIL", "foil_stamp", EntityType::CardUnit, &["CUT"]),
            operation("QA", "qa", EntityType::CardUnit, &["FOIL"]),
            operation("NUM", "numbering", EntityType::CardUnit, &["QA"]),
            operation("GATHER", "assembly", EntityType::Assembly, &["QA", "NUM"]),
            operation("PACK", "packing", EntityType::Assembly, &["GATHER"]),
        ],
        numbering: Some(NumberingScheme {
            scope: NumberingScope::JobPosition,
            edition_size: 99,
            number_of_voided: VoidedNumber::BackToPool,
        }),
        memorabilia_of_voided: VoidedMemorabilia::Freed,
        void_policy: VoidPolicy::HoldForReplacement,
        rework_limit: 2,
        packing: PackingPlan::default(),
    }
}
