//! What of a job is still to be done: its units' states held against the product's DAG. Standard times
//! only; when it will be done, with queues and calendars, is scheduling's question.

use super::minutes::{plus, times};
use crate::domain::Decimal;
use crate::domain::assembly::{Assembly, AssemblyStatus};
use crate::domain::card_unit::{CardUnit, CardUnitStatus};
use crate::domain::product::{EntityType, OperationNode, ProductSpec, StationType};
use crate::domain::sheet::{Sheet, SheetStatus};
use crate::identity::{OperationId, SheetId};
use std::collections::{BTreeMap, BTreeSet};

/// What is still to be done for a job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorkRemaining {
    /// For the sets that are owed: one entry per operation of the product, in its order.
    pub owed: Vec<OperationRemaining>,
    /// For overs and reprints, whose cards are spares: nobody waits for their sets.
    pub spares: Vec<OperationRemaining>,
    /// The longest chain of operations that some owed unit still has before it, in minutes of standard
    /// time: what is left if nothing ever waits for a station. 0 when nothing is owed.
    pub critical_path_minutes: Decimal,
}

/// An operation of the product, and what still needs it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OperationRemaining {
    pub operation_id: OperationId,
    pub station_type: StationType,
    pub entity: EntityType,
    /// How many sheets, cards or sets have it before them, those where it is running included.
    pub units: u64,
    /// Those of them where it is running. Its minutes count whole all the same: how much of them has
    /// passed, only a clock knows.
    pub running: u64,
    /// Standard time × units.
    pub minutes: Decimal,
}

/// What a station type still has to do.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct StationTypeRemaining {
    pub units: u64,
    pub running: u64,
    pub minutes: Decimal,
}

impl WorkRemaining {
    /// The owed work by type of station.
    #[must_use]
    pub fn owed_by_station_type(&self) -> BTreeMap<StationType, StationTypeRemaining> {
        by_station_type(&self.owed)
    }

    /// The work on spares by type of station.
    #[must_use]
    pub fn spares_by_station_type(&self) -> BTreeMap<StationType, StationTypeRemaining> {
        by_station_type(&self.spares)
    }
}

fn by_station_type(
    operations: &[OperationRemaining],
) -> BTreeMap<StationType, StationTypeRemaining> {
    let mut by_type: BTreeMap<StationType, StationTypeRemaining> = BTreeMap::new();
    for operation in operations {
        let sum = by_type.entry(operation.station_type.clone()).or_default();
        sum.units += operation.units;
        sum.running += operation.running;
        sum.minutes = plus(sum.minutes, operation.minutes);
    }
    by_type
}

/// What is still to be done for a job with these sheets, cards and sets, made by this (published) spec.
///
/// A sheet that is not cut counts its cut, the cards that will come of it, and their set. A card that is
/// gathered, packed, voided or consumed has nothing before it; a voided position without a replacement
/// counts nothing, while its set still does. An assembly operation counts until the set is complete,
/// any other set operation until it is packed.
#[must_use]
pub fn work_remaining(
    spec: &ProductSpec,
    sheets: &[Sheet],
    cards: &[CardUnit],
    sets: &[Assembly],
) -> WorkRemaining {
    let route = Route::new(spec);
    let spare_sheets: BTreeSet<SheetId> = sheets
        .iter()
        .filter(|sheet| sheet.purpose.yields_spares())
        .map(|sheet| sheet.sheet_id)
        .collect();
    let mut owed = Tally::new(spec);
    let mut spares = Tally::new(spec);
    for sheet in sheets {
        match sheet.situation.status {
            SheetStatus::Created | SheetStatus::InProgress | SheetStatus::ReadyToCut => {}
            SheetStatus::Cut | SheetStatus::Voided => continue,
        }
        let is_spare = sheet.purpose.yields_spares();
        let tally = if is_spare { &mut spares } else { &mut owed };
        let now = &sheet.situation;
        let done = &now.completed_operation_ids;
        let mut path = route.longest_for_sheet(done);
        tally.need(
            &route.sheet_operations,
            done,
            now.current_operation_id.as_ref(),
        );
        path = plus(path, route.longest_new_card);
        for (operation, count) in tally.operations.iter_mut().zip(&route.future_cards) {
            operation.units += count;
        }
        if !is_spare {
            path = plus(path, route.longest_set(AssemblyStatus::Pending));
            tally.need_set(AssemblyStatus::Pending);
        }
        tally.path(path);
    }
    for card in cards {
        match card.situation.status {
            CardUnitStatus::Created
            | CardUnitStatus::InProgress
            | CardUnitStatus::QaPassed
            | CardUnitStatus::QaFailed => {}
            CardUnitStatus::Assembled
            | CardUnitStatus::Packed
            | CardUnitStatus::Voided
            | CardUnitStatus::Consumed => continue,
        }
        let is_spare = card.spare || spare_sheets.contains(&card.card_unit_id.sheet());
        let tally = if is_spare { &mut spares } else { &mut owed };
        let (now, position) = (&card.situation, card.card_unit_id.position());
        let done = &now.completed_operation_ids;
        let operations: Vec<usize> = route.card_operations(position).collect();
        tally.need(&operations, done, now.current_operation_id.as_ref());
        let mut path = route.longest_for_card(position, done);
        if !is_spare {
            path = plus(path, route.longest_set(AssemblyStatus::Pending));
        }
        tally.path(path);
    }
    for set in sets.iter().filter(|set| !set.spares) {
        owed.need_set(set.status);
        owed.path(route.longest_set(set.status));
    }
    WorkRemaining {
        critical_path_minutes: owed.longest_path,
        owed: owed.priced(),
        spares: spares.priced(),
    }
}

/// Whether a set in this status still has that operation before it.
fn set_needs(node: &OperationNode, status: AssemblyStatus) -> bool {
    match status {
        AssemblyStatus::Pending | AssemblyStatus::InProgress | AssemblyStatus::Error => true,
        AssemblyStatus::Complete => node.station_type != StationType::Assembly,
        AssemblyStatus::Packed | AssemblyStatus::Voided => false,
    }
}

/// The spec's DAG, with what does not depend on any unit worked out once. Operations go by their index
/// in the spec.
struct Route<'a> {
    spec: &'a ProductSpec,
    /// Those before the cut, and the cut.
    sheet_operations: Vec<usize>,
    /// How many cards of a new sheet need each operation.
    future_cards: Vec<u64>,
    /// The longest chain of the card operations of a new card, at its slowest position.
    longest_new_card: Decimal,
}

impl<'a> Route<'a> {
    fn new(spec: &'a ProductSpec) -> Self {
        let mut route = Self {
            spec,
            sheet_operations: Vec::new(),
            future_cards: vec![0; spec.operations.len()],
            longest_new_card: Decimal::default(),
        };
        route.sheet_operations = route
            .indexes(|node| node.required_for_entity_type == EntityType::Sheet)
            .collect();
        for position in 1..=spec.layout.n_up {
            let operations: Vec<usize> = route.card_operations(position).collect();
            for index in operations {
                route.future_cards[index] += 1;
            }
            let longest = route.longest_for_card(position, &[]);
            route.longest_new_card = route.longest_new_card.max(longest);
        }
        route
    }

    fn indexes(&self, wanted: impl Fn(&OperationNode) -> bool) -> impl Iterator<Item = usize> {
        let operations = self.spec.operations.iter().enumerate();
        operations
            .filter(move |(_, node)| wanted(node))
            .map(|(index, _)| index)
    }

    fn card_operations(&self, position: u16) -> impl Iterator<Item = usize> {
        let wanted: Vec<&OperationId> = self
            .spec
            .card_operations(position)
            .map(|node| &node.operation_id)
            .collect();
        self.indexes(move |node| wanted.contains(&&node.operation_id))
    }

    /// The sheet operations' longest chain, then the cut, which waits for every one of them.
    fn longest_for_sheet(&self, done: &[OperationId]) -> Decimal {
        let nodes: Vec<&OperationNode> = self.spec.sheet_operations().collect();
        let before_the_cut = longest_chain(&nodes, done, |node| node.predecessors.iter().collect());
        let cut = self.spec.operations.iter().find(|node| {
            node.station_type == StationType::Cutting && !done.contains(&node.operation_id)
        });
        plus(
            before_the_cut,
            cut.map_or(Decimal::default(), |node| node.standard_time_minutes),
        )
    }

    fn longest_for_card(&self, position: u16, done: &[OperationId]) -> Decimal {
        let nodes: Vec<&OperationNode> = self.spec.card_operations(position).collect();
        longest_chain(&nodes, done, |node| {
            let before = self.spec.card_predecessors(node, position);
            before.into_iter().map(|node| &node.operation_id).collect()
        })
    }

    fn longest_set(&self, status: AssemblyStatus) -> Decimal {
        let nodes: Vec<&OperationNode> = (self.spec.operations.iter())
            .filter(|node| node.required_for_entity_type == EntityType::Assembly)
            .collect();
        let done: Vec<OperationId> = (nodes.iter())
            .filter(|node| !set_needs(node, status))
            .map(|node| node.operation_id.clone())
            .collect();
        longest_chain(&nodes, &done, |node| node.predecessors.iter().collect())
    }
}

/// The longest chain of operations, in minutes, through a DAG in which what is done takes no time.
fn longest_chain<'a>(
    nodes: &[&'a OperationNode],
    done: &[OperationId],
    predecessors: impl Fn(&'a OperationNode) -> Vec<&'a OperationId>,
) -> Decimal {
    let mut finish = vec![Decimal::default(); nodes.len()];
    let before: Vec<Vec<usize>> = nodes
        .iter()
        .map(|node| {
            let ids = predecessors(node);
            let index = |id: &OperationId| nodes.iter().position(|n| n.operation_id == *id);
            ids.into_iter().filter_map(index).collect()
        })
        .collect();
    // As many rounds as a chain can have links; usually the spec lists operations in order and one
    // round with its check is enough. A circle, which no published spec has, ends here too.
    for _ in 0..nodes.len() {
        let mut changed = false;
        for (index, node) in nodes.iter().enumerate() {
            let start = before[index].iter().map(|&p| finish[p]).max();
            let own = if done.contains(&node.operation_id) {
                Decimal::default()
            } else {
                node.standard_time_minutes
            };
            let end = plus(start.unwrap_or_default(), own);
            changed |= end != finish[index];
            finish[index] = end;
        }
        if !changed {
            break;
        }
    }
    finish.into_iter().max().unwrap_or_default()
}

/// Counts by operation, in the order of the spec.
struct Tally<'a> {
    spec: &'a ProductSpec,
    operations: Vec<OperationRemaining>,
    longest_path: Decimal,
}

impl<'a> Tally<'a> {
    fn new(spec: &'a ProductSpec) -> Self {
        let operations = (spec.operations.iter())
            .map(|node| OperationRemaining {
                operation_id: node.operation_id.clone(),
                station_type: node.station_type.clone(),
                entity: node.required_for_entity_type,
                units: 0,
                running: 0,
                minutes: Decimal::default(),
            })
            .collect();
        Self {
            spec,
            operations,
            longest_path: Decimal::default(),
        }
    }

    /// One unit needs those of these operations that it has not behind it.
    fn need(&mut self, wanted: &[usize], done: &[OperationId], running: Option<&OperationId>) {
        for &index in wanted {
            let operation = &mut self.operations[index];
            if !done.contains(&operation.operation_id) {
                operation.units += 1;
                operation.running += u64::from(running == Some(&operation.operation_id));
            }
        }
    }

    fn need_set(&mut self, status: AssemblyStatus) {
        for (operation, node) in self.operations.iter_mut().zip(&self.spec.operations) {
            if node.required_for_entity_type == EntityType::Assembly && set_needs(node, status) {
                operation.units += 1;
                // Cards lie in it: the bench has it in hand.
                let begun = status == AssemblyStatus::InProgress;
                operation.running += u64::from(begun && node.station_type == StationType::Assembly);
            }
        }
    }

    fn path(&mut self, minutes: Decimal) {
        self.longest_path = self.longest_path.max(minutes);
    }

    fn priced(mut self) -> Vec<OperationRemaining> {
        for (operation, node) in self.operations.iter_mut().zip(&self.spec.operations) {
            operation.minutes = times(node.standard_time_minutes, operation.units);
        }
        self.operations
    }
}
