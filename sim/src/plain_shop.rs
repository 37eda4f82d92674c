//! A small shop in few words, for tests and benchmarks that set one up: its people, stations, products, orders
//! and jobs as the commands that register them. Nothing is drawn by lot here: that is `shop`.

use jiff::civil::Date;
use sheetwise_core::domain::Decimal;
use sheetwise_core::domain::command::Command;
use sheetwise_core::domain::operator::OperatorChanged;
use sheetwise_core::domain::order::ProductionOrderPlaced;
use sheetwise_core::domain::product::{
    EmbellishmentSpec, EntityType, LayoutPosition, OperationNode, PackingPlan, ProductSpec,
    SheetLayout, StationType, Turn, VoidPolicy, VoidedMemorabilia,
};
use sheetwise_core::domain::station::{CapacityUnit, OperatingSchedule, StationDescription};
use sheetwise_core::domain::values::{Priority, Role};
use sheetwise_core::identity::JobId;
use std::fmt::Debug;
use std::str::FromStr;
use std::sync::Arc;

/// An id that is known to be well formed.
///
/// # Panics
/// If it is not.
pub fn id<T: FromStr<Err: Debug>>(text: &str) -> T {
    text.parse().expect("a plain shop's ids are well formed")
}

/// The job of that number, from 1 on.
///
/// # Panics
/// If the number is 0.
#[must_use]
pub fn job_id(number: u32) -> JobId {
    JobId::new(number).expect("jobs are numbered from 1")
}

/// Somebody who works at stations.
#[must_use]
pub fn register_operator(operator_id: &str) -> Command {
    Command::RegisterOperator {
        operator: OperatorChanged {
            operator_id: id(operator_id),
            name: "Ola".into(),
            roles: [Role::Operator].into(),
            active: true,
        },
    }
}

/// A station of that type (`press`, `qa`, `foil_stamp`, …), without shifts.
#[must_use]
pub fn register_station(station_id: &str, station_type: &str) -> Command {
    Command::RegisterStation {
        station_id: id(station_id),
        description: StationDescription {
            planned_downtime: Vec::new(),
            name: station_id.replace('-', " "),
            station_type: StationType::from_word(station_type),
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
    }
}

/// The first version of a product.
#[must_use]
pub fn publish(product_id: &str, spec: ProductSpec) -> Command {
    Command::PublishProduct {
        product_id: id(product_id),
        product_version: 1,
        spec: Arc::new(spec),
    }
}

/// An order for so many cards, and its one job, without overs.
#[must_use]
pub fn order_with_job(
    job_id: JobId,
    product_id: &str,
    quantity: u32,
    due_date: Date,
) -> [Command; 2] {
    let order_id = format!("PO-{:05}", job_id.number());
    [
        Command::PlaceOrder {
            order: ProductionOrderPlaced {
                order_id: id(&order_id),
                customer: "Acme Cards".into(),
                product_id: id(product_id),
                quantity,
                due_date,
                priority: Priority(0),
                quote_id: None,
            },
        },
        Command::CreateJob {
            job_id,
            order_id: id(&order_id),
            quantity: None,
            product_version: None,
            due_date: None,
            priority: None,
            overs: Some(0),
        },
    ]
}

/// A product without numbers or pieces: so many rows and columns of cards on a sheet, each of its own design.
#[must_use]
pub fn product(name: &str, rows: u16, columns: u16, operations: Vec<OperationNode>) -> ProductSpec {
    ProductSpec {
        name: name.into(),
        layout: SheetLayout {
            layout_version: 1,
            n_up: rows * columns,
            rows,
            columns,
            turn: Turn::WorkAndTurn,
            positions: (1..=rows * columns)
                .map(|position| LayoutPosition {
                    position,
                    design: id(&format!("ROOKIE-{position:02}")),
                    serialized: false,
                    memorabilia: None,
                })
                .collect(),
        },
        operations,
        numbering: None,
        memorabilia_of_voided: VoidedMemorabilia::Freed,
        void_policy: VoidPolicy::HoldForReplacement,
        rework_limit: 1,
        packing: PackingPlan::default(),
    }
}

/// An operation at a station of that type, behind the named ones.
#[must_use]
pub fn operation(
    name: &str,
    station_type: &str,
    entity: EntityType,
    predecessors: &[&str],
) -> OperationNode {
    let word = station_type;
    let station_type = StationType::from_word(word);
    let embellishment = EmbellishmentSpec {
        embellishment_type: word.to_owned(),
        color: None,
        die_name: None,
        position: Some("front".to_owned()),
    };
    OperationNode {
        operation_id: id(name),
        operation_type: name.to_ascii_lowercase(),
        embellishment: matches!(station_type, StationType::Work(_)).then_some(embellishment),
        station_type,
        required_for_entity_type: entity,
        predecessors: predecessors.iter().map(|name| id(name)).collect(),
        standard_time_minutes: Decimal::from_millionths(120_000),
        positions: None,
        expected_yield: Decimal::from_millionths(980_000),
        setup_family: None,
        transfer_batch: None,
        must_not_pause: false,
    }
}
