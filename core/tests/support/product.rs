//! What the shop makes, and with what: products, stations, people, pieces, the order.

use super::id;
use jiff::civil::{date, time};
use sheetwise_core::domain::Decimal;
use sheetwise_core::domain::memorabilia::MemorabiliaRegistered;
use sheetwise_core::domain::operator::OperatorChanged;
use sheetwise_core::domain::order::ProductionOrderPlaced;
use sheetwise_core::domain::product::{
    EmbellishmentSpec, EntityType, LayoutPosition, NumberingScheme, NumberingScope, OperationNode,
    PackingPlan, ProductSpec, SheetLayout, StationType, Turn, VoidPolicy, VoidedMemorabilia,
    VoidedNumber,
};
use sheetwise_core::domain::station::{
    CapacityUnit, DayOfWeek, OperatingSchedule, Shift, StationDescription,
};
use sheetwise_core::domain::values::{Priority, Role};
use std::fmt::Debug;

/// How many cards a sheet of the standard product yields.
pub const N_UP: u16 = 6;
/// A position whose card only gets its die cut.
pub const PLAIN: u16 = 1;
/// The positions whose cards bear numbers; they share a design.
pub const SERIALIZED: [u16; 2] = [4, 5];
/// The position whose card takes a piece.
pub const RELIC: u16 = 6;
/// The job's sheets of the run, and its overs.
pub const RUN_SHEETS: u32 = 8;
pub const OVERS_SHEETS: u32 = 2;

/// The product's policies, as a test wants them.
#[derive(Debug, Clone)]
pub struct Policies {
    pub void_policy: VoidPolicy,
    pub numbering: NumberingScheme,
    pub memorabilia_of_voided: VoidedMemorabilia,
    pub rework_limit: u8,
}

impl Default for Policies {
    fn default() -> Self {
        Self {
            void_policy: VoidPolicy::HoldForReplacement,
            numbering: NumberingScheme {
                scope: NumberingScope::JobPosition,
                edition_size: 99,
                number_of_voided: VoidedNumber::BackToPool,
            },
            memorabilia_of_voided: VoidedMemorabilia::Freed,
            rework_limit: 2,
        }
    }
}

impl Policies {
    /// The void policy is this one, the rest as usual.
    pub fn voiding(void_policy: VoidPolicy) -> Self {
        Self {
            void_policy,
            ..Self::default()
        }
    }

    /// Numbers of voided cards go there, the rest as usual.
    pub fn numbers_of_voided(number_of_voided: VoidedNumber) -> Self {
        let mut policies = Self::default();
        policies.numbering.number_of_voided = number_of_voided;
        policies
    }
}

/// The standard product under these policies.
pub fn product(policies: &Policies) -> ProductSpec {
    let node = |operation: &str, station: &str, entity, predecessors: &[&str]| OperationNode {
        operation_id: id(operation),
        operation_type: operation.to_ascii_lowercase(),
        station_type: StationType::from_word(station),
        required_for_entity_type: entity,
        predecessors: predecessors.iter().map(|p| id(p)).collect(),
        standard_time_minutes: Decimal::whole(1),
        embellishment: None,
        positions: None,
        expected_yield: Decimal::ONE,
        setup_family: None,
        transfer_batch: None,
        must_not_pause: false,
    };
    let embellished = |node: OperationNode, kind: &str| OperationNode {
        embellishment: Some(EmbellishmentSpec {
            embellishment_type: kind.to_owned(),
            color: None,
            die_name: None,
            position: None,
        }),
        ..node
    };
    let position = |position: u16| LayoutPosition {
        position,
        design: if SERIALIZED.contains(&position) {
            id("GOLD")
        } else {
            id(&format!("ROOKIE-{position:02}"))
        },
        serialized: SERIALIZED.contains(&position),
        memorabilia: (position == RELIC).then(|| id("RELIC-JERSEY")),
    };
    use EntityType::{Assembly, CardUnit, Sheet};
    ProductSpec {
        name: "Standard set of six".into(),
        layout: SheetLayout {
            layout_version: 1,
            n_up: N_UP,
            rows: 2,
            columns: 3,
            turn: Turn::WorkAndTurn,
            positions: (1..=N_UP).map(position).collect(),
        },
        operations: vec![
            node("PRINT", "press", Sheet, &[]),
            embellished(node("FOIL", "foil_stamp", Sheet, &["PRINT"]), "foil"),
            node("CUT", "cutting", Sheet, &["FOIL"]),
            embellished(node("DIE", "die_cut", CardUnit, &["CUT"]), "die_cut"),
            node("NUMBER", "numbering", CardUnit, &["CUT"]),
            node("RELIC", "memorabilia", CardUnit, &["CUT"]),
            node("QA-FINAL", "qa", CardUnit, &["DIE", "NUMBER", "RELIC"]),
            node("ASSEMBLE", "assembly", Assembly, &["QA-FINAL"]),
            node("PACK", "packing", Assembly, &["ASSEMBLE"]),
        ],
        numbering: Some(policies.numbering.clone()),
        memorabilia_of_voided: policies.memorabilia_of_voided,
        void_policy: policies.void_policy,
        rework_limit: policies.rework_limit,
        packing: PackingPlan {
            sets_per_box: 2,
            boxes_per_case: 2,
            cases_per_pallet: 2,
        },
    }
}

/// The standard product without numbers and pieces: spares get through all of its route too.
pub fn plain_product() -> ProductSpec {
    let mut spec = product(&Policies::default());
    for position in &mut spec.layout.positions {
        position.serialized = false;
        position.memorabilia = None;
    }
    spec
}

/// A product whose cards are inspected first and die cut last.
pub fn work_after_the_inspection() -> ProductSpec {
    let mut spec = plain_product();
    for node in &mut spec.operations {
        match node.operation_id.as_str() {
            "DIE" => node.predecessors = vec![id("QA-FINAL")],
            "QA-FINAL" => node.predecessors = vec![id("CUT")],
            _ => {}
        }
    }
    spec
}

/// A product whose cards are done with the cut.
pub fn bare_product() -> ProductSpec {
    let mut spec = plain_product();
    let cards = EntityType::CardUnit;
    spec.operations
        .retain(|node| node.required_for_entity_type != cards);
    for node in &mut spec.operations {
        node.predecessors.retain(|id| id.as_str() != "QA-FINAL");
    }
    spec
}

/// The station as a planner describes it.
pub fn station(station_type: &str) -> StationDescription {
    StationDescription {
        planned_downtime: Vec::new(),
        name: station_type.replace('_', " "),
        station_type: StationType::from_word(station_type),
        capacity_unit: match station_type {
            "press" | "foil_stamp" | "cutting" => CapacityUnit::SheetsPerHour,
            "assembly" | "packing" => CapacityUnit::SetsPerHour,
            _ => CapacityUnit::CardsPerHour,
        },
        rated_capacity: Decimal::whole(60),
        machines: 1,
        setup_minutes: 10,
        operating_hours: OperatingSchedule {
            time_zone: "America/Chicago".into(),
            shifts: vec![Shift {
                weekdays: vec![
                    DayOfWeek::Monday,
                    DayOfWeek::Tuesday,
                    DayOfWeek::Wednesday,
                    DayOfWeek::Thursday,
                    DayOfWeek::Friday,
                ],
                start: time(6, 0, 0, 0),
                end: time(14, 0, 0, 0),
            }],
            holidays: Vec::new(),
        },
    }
}

/// The operator's entry: active, with this one role.
pub fn operator(operator_id: &str, role: Role) -> OperatorChanged {
    OperatorChanged {
        operator_id: id(operator_id),
        name: format!("the {role}"),
        roles: [role].into(),
        active: true,
    }
}

/// A jersey relic that no plan binds to a card.
pub fn jersey(piece_id: &str) -> MemorabiliaRegistered {
    MemorabiliaRegistered {
        piece_id: id(piece_id),
        kind: id("RELIC-JERSEY"),
        description: "a swatch of a jersey".into(),
        planned_for: None,
    }
}

/// The standard order: the cards of the run.
pub fn order() -> ProductionOrderPlaced {
    ProductionOrderPlaced {
        order_id: id("PO-10044"),
        customer: "Topdeck".into(),
        product_id: id("BASE-2026"),
        quantity: RUN_SHEETS * u32::from(N_UP),
        due_date: date(2026, 4, 1),
        priority: Priority(0),
        quote_id: None,
    }
}
