//! The simulated shop's master data: products of many shapes, stations of every type, people.

use crate::act::{Act, What};
use fastrand::Rng;

use sheetwise_core::domain::operator::OperatorChanged;
use sheetwise_core::domain::product::{
    EmbellishmentSpec, EntityType, LayoutPosition, NumberingScheme, NumberingScope, OperationNode,
    PackingPlan, ProductSpec, SheetLayout, StationType, Turn, VoidPolicy, VoidedMemorabilia,
    VoidedNumber,
};
use sheetwise_core::domain::station::{
    CapacityUnit, DayOfWeek, OperatingSchedule, Shift, StationDescription,
};
use sheetwise_core::domain::values::Role;
use sheetwise_core::domain::{Command, Decimal};
use sheetwise_core::identity::{OperatorId, ProductId, StationId};
use std::sync::Arc;

/// A station and what it is for.
#[derive(Debug, Clone)]
pub struct StationEntry {
    pub station_id: StationId,
    pub station_type: StationType,
}

/// The shop before its first order.
#[derive(Debug, Clone)]
pub struct Shop {
    pub products: Vec<(ProductId, Arc<ProductSpec>)>,
    pub stations: Vec<StationEntry>,
    pub operator: OperatorId,
    pub lead: OperatorId,
    pub quality: OperatorId,
    pub planner: OperatorId,
}

impl Shop {
    /// A shop as this random source has it.
    #[must_use]
    pub fn new(rng: &mut Rng) -> Self {
        let products = (1..=2)
            .map(|number| (code(&format!("CARDS-{number}")), Arc::new(product(rng))))
            .collect();
        let types = [
            ("PRESS", "press"),
            ("FOIL", "foil_stamp"),
            ("UV", "uv_coating"),
            ("CUT", "cutting"),
            ("DIE", "die_cut"),
            ("GLUE", "glue"),
            ("NUM", "numbering"),
            ("RELIC", "memorabilia"),
            ("QA", "qa"),
            ("BENCH", "assembly"),
            ("PACK", "packing"),
        ];
        let stations = types
            .iter()
            .flat_map(|(name, word)| {
                (1..=2).map(move |n| StationEntry {
                    station_id: code(&format!("{name}-{n}")),
                    station_type: StationType::from_word(word),
                })
            })
            .collect();
        Self {
            products,
            stations,
            operator: code("OP-1"),
            lead: code("OP-2"),
            quality: code("OP-3"),
            planner: code("OP-4"),
        }
    }

    /// The acts that set the shop up.
    #[must_use]
    pub fn opening(&self) -> Vec<Act> {
        let mut commands = Vec::new();
        for (operator_id, name, role) in [
            (&self.operator, "Ola", Role::Operator),
            (&self.lead, "Lee", Role::Lead),
            (&self.quality, "Quinn", Role::Quality),
            (&self.planner, "Pat", Role::Planner),
        ] {
            commands.push(Command::RegisterOperator {
                operator: OperatorChanged {
                    operator_id: operator_id.clone(),
                    name: name.to_owned(),
                    roles: [role].into(),
                    active: true,
                },
            });
        }
        for station in &self.stations {
            commands.push(Command::RegisterStation {
                station_id: station.station_id.clone(),
                description: StationDescription {
                    planned_downtime: Vec::new(),
                    name: station.station_id.to_string(),
                    station_type: station.station_type.clone(),
                    capacity_unit: CapacityUnit::CardsPerHour,
                    rated_capacity: Decimal::whole(500),
                    machines: 1,
                    setup_minutes: 10,
                    operating_hours: hours(),
                },
            });
        }
        for (product_id, spec) in &self.products {
            commands.push(Command::PublishProduct {
                product_id: product_id.clone(),
                product_version: 1,
                spec: Arc::clone(spec),
            });
        }
        commands
            .into_iter()
            .map(|command| Act {
                what: What::Command(Box::new(command)),
                station_id: None,
                operator_id: None,
                at_seconds: 0,
                clock_skew_seconds: 0,
                late: false,
            })
            .collect()
    }

    /// A station of that type, any of them.
    #[must_use]
    pub fn station_of(&self, rng: &mut Rng, station_type: &StationType) -> StationId {
        let fitting: Vec<&StationEntry> = self
            .stations
            .iter()
            .filter(|s| s.station_type == *station_type)
            .collect();
        fitting[rng.usize(..fitting.len())].station_id.clone()
    }
}

/// A code that is known to be well formed.
pub(crate) fn code<T: std::str::FromStr>(text: &str) -> T {
    text.parse()
        .ok()
        .expect("the simulator's own codes are well formed")
}

fn hours() -> OperatingSchedule {
    use DayOfWeek::{Friday, Monday, Thursday, Tuesday, Wednesday};
    OperatingSchedule {
        time_zone: "America/Chicago".to_owned(),
        shifts: vec![Shift {
            weekdays: vec![Monday, Tuesday, Wednesday, Thursday, Friday],
            start: jiff::civil::time(6, 0, 0, 0),
            end: jiff::civil::time(14, 0, 0, 0),
        }],
        holidays: Vec::new(),
    }
}

fn one_of<T: Copy>(rng: &mut Rng, choices: &[T]) -> T {
    choices[rng.usize(..choices.len())]
}

/// An edition is sized for its job (at most four run sheets of six positions, and their replacements);
/// one in eight turns out too small.
const EDITION_SIZES: &[u32] = &[4, 40, 40, 40, 99, 99, 999, 999];

/// A product of random shape, small enough that its histories stay readable.
fn product(rng: &mut Rng) -> ProductSpec {
    let n_up = rng.u16(2..=6);
    let serialized_share = one_of(rng, &[0, 50, 100]);
    let relic_position = rng.bool().then(|| rng.u16(1..=n_up));
    let positions: Vec<LayoutPosition> = (1..=n_up)
        .map(|position| LayoutPosition {
            position,
            design: code(&format!("DESIGN-{}", rng.u16(1..=3))),
            serialized: rng.u8(..100) < serialized_share,
            memorabilia: (Some(position) == relic_position).then(|| code("RELIC-JERSEY")),
        })
        .collect();
    let serialized = positions.iter().any(|p| p.serialized);

    use EntityType::{Assembly, CardUnit, Sheet};
    let mut operations: Vec<OperationNode> = Vec::new();
    let mut last_sheet = vec!["PRINT"];
    operations.push(node("PRINT", "press", Sheet, &[]));
    if rng.bool() {
        operations.push(node("FOIL", "foil_stamp", Sheet, &["PRINT"]));
        last_sheet = vec!["FOIL"];
    }
    if rng.bool() {
        // Beside the foil or after it; and sometimes twice.
        let after = if rng.bool() { "PRINT" } else { last_sheet[0] };
        operations.push(node("UV", "uv_coating", Sheet, &[after]));
        last_sheet.push("UV");
        if rng.u8(..4) == 0 {
            operations.push(node("UV-2", "uv_coating", Sheet, &["UV"]));
            last_sheet.push("UV-2");
        }
    }
    operations.push(node("CUT", "cutting", Sheet, &last_sheet));
    let mut before_qa: Vec<&str> = vec!["CUT"];
    if rng.bool() {
        let mut die = node("DIE", "die_cut", CardUnit, &["CUT"]);
        if rng.bool() {
            die.positions = Some((1..=n_up).filter(|p| p % 2 == 1).collect());
        }
        operations.push(die);
        before_qa.push("DIE");
    }
    if rng.u8(..3) == 0 {
        operations.push(node("QA-CUT", "qa", CardUnit, &before_qa.clone()));
        before_qa.push("QA-CUT");
    }
    let mut after_qa = false;
    if serialized {
        after_qa = rng.bool();
        if !after_qa {
            operations.push(node("NUMBER", "numbering", CardUnit, &before_qa.clone()));
            before_qa.push("NUMBER");
        }
    }
    if relic_position.is_some() {
        operations.push(node("RELIC", "memorabilia", CardUnit, &["CUT"]));
        before_qa.push("RELIC");
    }
    if rng.u8(..5) > 0 {
        operations.push(node("QA-FINAL", "qa", CardUnit, &before_qa.clone()));
    } else {
        operations.push(node("GLUE", "glue", CardUnit, &before_qa.clone()));
    }
    let last_card = operations[operations.len() - 1].operation_id.to_string();
    if after_qa {
        operations.push(node("NUMBER", "numbering", CardUnit, &[&last_card]));
    }
    operations.push(node("ASSEMBLE", "assembly", Assembly, &[&last_card]));
    operations.push(node("PACK", "packing", Assembly, &["ASSEMBLE"]));

    let void_policy = one_of(
        rng,
        &[
            VoidPolicy::HoldForReplacement,
            VoidPolicy::HoldForReplacement,
            VoidPolicy::ScrapSet,
            VoidPolicy::ReleaseShort,
        ],
    );
    // A number is kept for the replacement only where there will be one.
    let fates: &[VoidedNumber] = match void_policy {
        VoidPolicy::HoldForReplacement => &[
            VoidedNumber::BackToPool,
            VoidedNumber::Burned,
            VoidedNumber::PassToReplacement,
            VoidedNumber::PassToReplacement,
        ],
        VoidPolicy::ScrapSet | VoidPolicy::ReleaseShort => {
            &[VoidedNumber::BackToPool, VoidedNumber::Burned]
        }
    };

    ProductSpec {
        name: "simulated".to_owned(),
        layout: SheetLayout {
            layout_version: 1,
            n_up,
            rows: n_up.div_ceil(2),
            columns: 2,
            turn: one_of(rng, &[Turn::WorkAndTurn, Turn::WorkAndTumble]),
            positions,
        },
        operations,
        numbering: serialized.then(|| NumberingScheme {
            scope: one_of(
                rng,
                &[NumberingScope::JobPosition, NumberingScope::JobDesign],
            ),
            edition_size: one_of(rng, EDITION_SIZES),
            number_of_voided: one_of(rng, fates),
        }),
        memorabilia_of_voided: one_of(
            rng,
            &[VoidedMemorabilia::Freed, VoidedMemorabilia::Destroyed],
        ),
        void_policy,
        rework_limit: rng.u8(0..=2),
        packing: PackingPlan {
            sets_per_box: rng.u16(1..=3),
            boxes_per_case: rng.u16(1..=2),
            cases_per_pallet: rng.u16(1..=2),
        },
    }
}

fn node(id: &str, station_type: &str, entity: EntityType, after: &[&str]) -> OperationNode {
    let station_type = StationType::from_word(station_type);
    OperationNode {
        operation_id: code(id),
        operation_type: id.to_ascii_lowercase(),
        embellishment: matches!(station_type, StationType::Work(_)).then(|| EmbellishmentSpec {
            embellishment_type: station_type.to_string(),
            color: None,
            die_name: None,
            position: Some("front".to_owned()),
        }),
        station_type,
        required_for_entity_type: entity,
        predecessors: after.iter().map(|id| code(id)).collect(),
        standard_time_minutes: Decimal::from_millionths(120_000),
        positions: None,
        expected_yield: Decimal::from_millionths(970_000),
        setup_family: None,
        transfer_batch: None,
        must_not_pause: false,
    }
}
