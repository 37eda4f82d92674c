//! The example's surroundings: a small shop in memory, people with badges, a clock that we hold.

use jiff::{SignedDuration, Timestamp};
use sheetwise_core::domain::Command::{self, PublishProduct, RegisterOperator, RegisterStation};
use sheetwise_core::domain::operator::OperatorChanged;
use sheetwise_core::domain::order::ProductionOrderPlaced;
use sheetwise_core::domain::product::{
    EntityType, LayoutPosition, OperationNode, PackingPlan, ProductSpec, SheetLayout, StationType,
    Turn, VoidPolicy, VoidedMemorabilia,
};
use sheetwise_core::domain::station::{CapacityUnit, OperatingSchedule, StationDescription};
use sheetwise_core::domain::values::{Priority, Role};
use sheetwise_core::domain::{Context, Decimal, Decision};
use sheetwise_core::identity::{CorrelationId, ScannerSettings, read_scanner_text};
use sheetwise_core::production::{Floor, Stop, decide};
use sheetwise_core::scan;
use std::fmt::Debug;
use std::str::FromStr;
use std::sync::Arc;

/// The shop floor, and the clock on its wall.
pub struct Shop {
    floor: Floor,
    now: Timestamp,
    commands: u32,
}

/// An id that is known to be well formed.
pub fn id<T: FromStr<Err: Debug>>(text: &str) -> T {
    text.parse().expect("a well-formed id")
}

/// An order for the shop's one product.
pub fn order(order_id: &str, customer: &str, quantity: u32, due: &str) -> ProductionOrderPlaced {
    ProductionOrderPlaced {
        order_id: id(order_id),
        customer: customer.into(),
        product_id: id("ROOKIES-2026"),
        quantity,
        due_date: id(due),
        priority: Priority(0),
        quote_id: None,
    }
}

impl Shop {
    /// A shop with a product, its stations and its people.
    pub fn open() -> Self {
        let mut shop = Self {
            floor: Floor::with_log(),
            now: id("2026-03-15T14:00:00Z"),
            commands: 0,
        };
        for (operator, name, role) in [
            ("OP-42", "Ola", Role::Operator),
            ("OP-2", "Lee", Role::Lead),
            ("OP-4", "Pat", Role::Planner),
        ] {
            shop.quietly(RegisterOperator {
                operator: OperatorChanged {
                    operator_id: id(operator),
                    name: name.into(),
                    roles: [role].into(),
                    active: true,
                },
            });
        }
        for (station, word) in [
            ("PRESS-1", "press"),
            ("FOIL-1", "foil_stamp"),
            ("CUT-1", "cutting"),
            ("QA-BENCH-3", "qa"),
            ("BENCH-1", "assembly"),
            ("PACK-1", "packing"),
        ] {
            shop.quietly(RegisterStation {
                station_id: id(station),
                description: StationDescription {
                    planned_downtime: Vec::new(),
                    name: station.into(),
                    station_type: StationType::from_word(word),
                    capacity_unit: CapacityUnit::CardsPerHour,
                    rated_capacity: Decimal::whole(500),
                    machines: 1,
                    setup_minutes: 15,
                    operating_hours: OperatingSchedule {
                        time_zone: "America/Chicago".into(),
                        shifts: Vec::new(),
                        holidays: Vec::new(),
                    },
                },
            });
        }
        shop.quietly(PublishProduct {
            product_id: id("ROOKIES-2026"),
            product_version: 1,
            spec: Arc::new(rookies()),
        });
        shop
    }

    /// Somebody scans; the screen answers.
    pub fn scan(&mut self, text: &str, station: &str) {
        let scanned =
            read_scanner_text(text, &ScannerSettings::default()).expect("a readable label");
        let context = self.context(Some(station), "OP-42");
        let screen = match scan::scan(&self.floor, &scanned, &context) {
            Ok(decision) => {
                let recorded = self.floor.record(decision.into_events(), &context);
                scan::answer(&self.floor, &scanned, &context, &recorded)
                    .map(|answer| answer.message)
            }
            Err(Stop::Refused(refusal)) => scan::refuse(&self.floor, &scanned, &context, &refusal)
                .map(|refused| {
                    let belongs = refused.where_it_belongs.unwrap_or_default();
                    format!(
                        "REFUSED ({}) {} It belongs {belongs}.",
                        refused.code, refused.message
                    )
                }),
            Err(not_loaded) => Err(not_loaded),
        };
        println!(
            "{text:<17} at {station:<11} {}",
            screen.expect("a whole floor knows everything")
        );
    }

    /// Somebody asks the shop for something, without a scanner.
    pub fn says(&mut self, operator: &str, command: Command) {
        let context = self.context(None, operator);
        let events = decide(&self.floor, &command, &context).map(Decision::into_events);
        let events = events.expect("the example asks only what is allowed");
        let names: Vec<&str> = events.iter().map(|event| event.event_type()).collect();
        println!("{operator:<33} {}", summed_up(&names));
        self.floor.record(events, &context);
    }

    fn quietly(&mut self, command: Command) {
        let context = Context {
            operator_id: None,
            ..self.context(None, "OP-42")
        };
        let events = decide(&self.floor, &command, &context).map(Decision::into_events);
        self.floor
            .record(events.expect("the shop's own set-up is allowed"), &context);
    }

    /// Every event of a card, in its order.
    pub fn print_history(&self, card: &str) {
        for recorded in self
            .floor
            .log()
            .iter()
            .filter(|r| r.event.unit().to_string() == card)
        {
            let context = &recorded.context;
            let station = context.station_id.as_ref().map_or("", |id| id.as_str());
            println!(
                "  {:>4}  {}  {:<28}{station}",
                recorded.sequence_num,
                context.occurred_at,
                recorded.event.event_type()
            );
        }
    }

    fn context(&mut self, station: Option<&str>, operator: &str) -> Context {
        self.commands += 1;
        self.now += SignedDuration::from_secs(40);
        Context {
            occurred_at: self.now,
            recorded_at: self.now,
            operator_id: Some(id(operator)),
            station_id: station.map(id),
            correlation_id: CorrelationId::new(format!("command-{}", self.commands)),
            late: false,
        }
    }
}

/// `JobCreated, SheetCreated × 3`
fn summed_up(names: &[&str]) -> String {
    let mut words: Vec<(String, usize)> = Vec::new();
    for name in names {
        match words.last_mut() {
            Some((last, n)) if last == name => *n += 1,
            _ => words.push(((*name).to_owned(), 1)),
        }
    }
    let words: Vec<String> = words
        .into_iter()
        .map(|(name, n)| {
            if n == 1 {
                name
            } else {
                format!("{name} × {n}")
            }
        })
        .collect();
    words.join(", ")
}

/// Four up: print, foil, cut, inspect, gather, pack.
fn rookies() -> ProductSpec {
    let node = |name: &str, station: &str, entity, after: &[&str]| OperationNode {
        operation_id: id(name),
        operation_type: name.to_ascii_lowercase(),
        station_type: StationType::from_word(station),
        required_for_entity_type: entity,
        predecessors: after.iter().map(|name| id(name)).collect(),
        standard_time_minutes: Decimal::from_millionths(120_000),
        embellishment: None,
        positions: None,
        expected_yield: Decimal::from_millionths(980_000),
        setup_family: None,
        transfer_batch: None,
        must_not_pause: false,
    };
    ProductSpec {
        name: "Rookies 2026".into(),
        layout: SheetLayout {
            layout_version: 1,
            n_up: 4,
            rows: 2,
            columns: 2,
            turn: Turn::WorkAndTurn,
            positions: (1..=4)
                .map(|position| LayoutPosition {
                    position,
                    design: id(&format!("ROOKIE-{position:02}")),
                    serialized: false,
                    memorabilia: None,
                })
                .collect(),
        },
        operations: vec![
            node("PRINT", "press", EntityType::Sheet, &[]),
            node("FOIL", "foil_stamp", EntityType::Sheet, &["PRINT"]),
            node("CUT", "cutting", EntityType::Sheet, &["FOIL"]),
            node("QA", "qa", EntityType::CardUnit, &["CUT"]),
            node("ASSEMBLE", "assembly", EntityType::Assembly, &["QA"]),
            node("PACK", "packing", EntityType::Assembly, &["ASSEMBLE"]),
        ],
        numbering: None,
        memorabilia_of_voided: VoidedMemorabilia::Freed,
        void_policy: VoidPolicy::HoldForReplacement,
        rework_limit: 1,
        packing: PackingPlan::default(),
    }
}
