//! The operation DAG: what comes after what, for a sheet and for a card at each position; and what
//! is wrong with a DAG that a planner drew.

use super::{EntityType, OperationNode, ProductSpec, StationType};
use crate::domain::decimal::Decimal;
use crate::identity::OperationId;
use std::fmt;

/// More than any shop prints in one edition: the free numbers below one that is asked for are kept one by one.
const EDITION_SIZE_MAX: u32 = 1_000_000;

/// What is wrong with a product's operations.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RouteProblem {
    /// Two operations have the same id.
    OperationTwice(OperationId),
    /// A predecessor is no operation of the product.
    UnknownPredecessor {
        operation_id: OperationId,
        predecessor: OperationId,
    },
    /// Each of these waits for the one before it, and the first for the last.
    Cycle(Vec<OperationId>),
    /// It can never start: it waits for something that only happens after its unit is gone.
    Unreachable {
        operation_id: OperationId,
        predecessor: OperationId,
    },
    /// A sheet is cut exactly once.
    CutsNotOne(usize),
    /// Something has to be printed before there is anything to cut.
    NothingBeforeTheCut,
    /// The station type does not work on this kind of unit.
    StationTypeDoesNotFit {
        operation_id: OperationId,
        station_type: StationType,
        entity: EntityType,
    },
    /// The operation is for a position that the layout does not have.
    PositionNotOnSheet {
        operation_id: OperationId,
        position: u16,
    },
    /// The layout wants it, but no operation does it.
    OperationMissing {
        for_what: &'static str,
        position: u16,
    },
    /// A number or a yield out of range.
    OutOfRange(String),
}

impl fmt::Display for RouteProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OperationTwice(id) => write!(f, "operation {id} is listed twice"),
            Self::UnknownPredecessor {
                operation_id,
                predecessor,
            } => {
                write!(
                    f,
                    "operation {operation_id} waits for {predecessor}, which is no operation of this product"
                )
            }
            Self::Cycle(ids) => {
                let names: Vec<&str> = ids.iter().map(OperationId::as_str).collect();
                write!(
                    f,
                    "operations wait for each other in a circle: {}",
                    names.join(" → ")
                )
            }
            Self::Unreachable {
                operation_id,
                predecessor,
            } => {
                write!(
                    f,
                    "operation {operation_id} can never start: it waits for {predecessor}, which comes later"
                )
            }
            Self::CutsNotOne(n) => write!(
                f,
                "a product has exactly one sheet operation of type cutting, found {n}"
            ),
            Self::NothingBeforeTheCut => write!(f, "no sheet operation comes before the cut"),
            Self::StationTypeDoesNotFit {
                operation_id,
                station_type,
                entity,
            } => {
                let entity = match entity {
                    EntityType::Sheet => "sheets",
                    EntityType::CardUnit => "card units",
                    EntityType::Assembly => "sets",
                };
                write!(
                    f,
                    "operation {operation_id}: stations of type {station_type} do not work on {entity}"
                )
            }
            Self::PositionNotOnSheet {
                operation_id,
                position,
            } => {
                write!(
                    f,
                    "operation {operation_id} is for position {position}, which the layout does not have"
                )
            }
            Self::OperationMissing { for_what, position } => {
                write!(
                    f,
                    "position {position} is {for_what}, but no operation of the product does that"
                )
            }
            Self::OutOfRange(what) => f.write_str(what),
        }
    }
}

impl ProductSpec {
    /// The operation of that id.
    #[must_use]
    pub fn operation(&self, id: &OperationId) -> Option<&OperationNode> {
        self.operations.iter().find(|node| node.operation_id == *id)
    }

    /// What must be done to a sheet before the cut, in the order of the spec.
    pub fn sheet_operations(&self) -> impl Iterator<Item = &OperationNode> {
        self.operations.iter().filter(|node| {
            node.required_for_entity_type == EntityType::Sheet
                && node.station_type != StationType::Cutting
        })
    }

    /// The cut.
    ///
    /// # Panics
    /// Never for a published spec: publishing checks that there is exactly one.
    #[must_use]
    pub fn cut_operation(&self) -> &OperationNode {
        self.operations
            .iter()
            .find(|node| node.station_type == StationType::Cutting)
            .expect("a published product has its cut")
    }

    /// What must be done to the card at this position, in the order of the spec.
    pub fn card_operations(&self, position: u16) -> impl Iterator<Item = &OperationNode> {
        self.operations
            .iter()
            .filter(move |node| self.is_for_card_at(node, position))
    }

    fn is_for_card_at(&self, node: &OperationNode, position: u16) -> bool {
        if node.required_for_entity_type != EntityType::CardUnit {
            return false;
        }
        let at = self.layout.at(position);
        match node.station_type {
            StationType::Numbering => at.is_some_and(|p| p.serialized),
            StationType::Memorabilia => at.is_some_and(|p| p.memorabilia.is_some()),
            _ => node
                .positions
                .as_ref()
                .is_none_or(|positions| positions.contains(&position)),
        }
    }

    /// The predecessors of a card operation that the card at this position has to have behind it. One
    /// that is not for this position passes its own predecessors on.
    #[must_use]
    pub fn card_predecessors(&self, node: &OperationNode, position: u16) -> Vec<&OperationNode> {
        let mut wanted: Vec<&OperationNode> = Vec::new();
        let mut open: Vec<&OperationId> = node.predecessors.iter().collect();
        let mut seen: Vec<&OperationId> = Vec::new(); // there may be very many ways to each
        while let Some(id) = open.pop() {
            if seen.contains(&id) {
                continue;
            }
            seen.push(id);
            let Some(predecessor) = self.operation(id) else {
                continue;
            };
            if predecessor.required_for_entity_type != EntityType::CardUnit {
                continue; // done with the cut
            }
            if self.is_for_card_at(predecessor, position) {
                wanted.push(predecessor);
            } else {
                open.extend(&predecessor.predecessors);
            }
        }
        wanted
    }

    /// The operations that come somewhere after this one, so that doing it again undoes them.
    #[must_use]
    pub fn descendants(&self, id: &OperationId) -> Vec<OperationId> {
        let mut found: Vec<OperationId> = Vec::new();
        let mut grew = true;
        while grew {
            grew = false;
            for node in &self.operations {
                let follows = node
                    .predecessors
                    .iter()
                    .any(|p| p == id || found.contains(p));
                if follows && !found.contains(&node.operation_id) {
                    found.push(node.operation_id.clone());
                    grew = true;
                }
            }
        }
        found
    }

    /// The expected share of sheets that reach the cut, and of cards at the worst position that reach
    /// their set.
    #[must_use]
    pub fn expected_yields(&self) -> (Decimal, Decimal) {
        let through = |nodes: &mut dyn Iterator<Item = &OperationNode>| {
            nodes.fold(1_000_000_u64, |share, node| {
                share * node.expected_yield.millionths() / 1_000_000
            })
        };
        let sheets = through(
            &mut self
                .operations
                .iter()
                .filter(|node| node.required_for_entity_type == EntityType::Sheet),
        );
        let cards = self
            .layout
            .positions
            .iter()
            .map(|at| through(&mut self.card_operations(at.position)))
            .min()
            .unwrap_or(1_000_000);
        (
            Decimal::from_millionths(sheets),
            Decimal::from_millionths(cards),
        )
    }

    /// Everything that is wrong with the operations; empty for a good DAG.
    pub(super) fn route_problems(&self) -> Vec<RouteProblem> {
        let mut problems = Vec::new();
        let cuts = self
            .operations
            .iter()
            .filter(|n| n.station_type == StationType::Cutting)
            .count();
        if cuts != 1 {
            problems.push(RouteProblem::CutsNotOne(cuts));
        }
        if self.sheet_operations().next().is_none() {
            problems.push(RouteProblem::NothingBeforeTheCut);
        }
        for (index, node) in self.operations.iter().enumerate() {
            self.node_problems(index, node, &mut problems);
        }
        if let Some(cycle) = self.cycle() {
            problems.push(RouteProblem::Cycle(cycle));
        }
        for at in &self.layout.positions {
            let has = |station_type: &StationType| {
                self.operations
                    .iter()
                    .any(|n| n.station_type == *station_type)
            };
            if at.serialized && self.numbering.is_none() {
                problems.push(RouteProblem::OutOfRange(format!(
                    "position {} is serialized, but the product has no numbering: say the edition's size and scope",
                    at.position
                )));
            }
            if at.serialized && !has(&StationType::Numbering) {
                problems.push(RouteProblem::OperationMissing {
                    for_what: "serialized",
                    position: at.position,
                });
            }
            if at.memorabilia.is_some() && !has(&StationType::Memorabilia) {
                problems.push(RouteProblem::OperationMissing {
                    for_what: "for memorabilia",
                    position: at.position,
                });
            }
        }
        self.number_and_piece_problems(&mut problems);
        let packing = &self.packing;
        if packing.sets_per_box == 0 || packing.boxes_per_case == 0 || packing.cases_per_pallet == 0
        {
            problems.push(RouteProblem::OutOfRange(
                "packing: a pack holds at least one".into(),
            ));
        }
        problems
    }

    fn number_and_piece_problems(&self, problems: &mut Vec<RouteProblem>) {
        // A card has one number and one piece: a second such operation would wait for ever.
        for (station_type, what) in [
            (StationType::Numbering, "number"),
            (StationType::Memorabilia, "piece"),
        ] {
            let nodes = self.operations.iter();
            let of_type = nodes.filter(|node| node.station_type == station_type);
            let ids: Vec<&str> = of_type.map(|node| node.operation_id.as_str()).collect();
            if ids.len() > 1 {
                problems.push(RouteProblem::OutOfRange(format!(
                    "operations {}: a card gets one {what}, so there is one such operation",
                    ids.join(", ")
                )));
            }
        }
        match self.numbering.as_ref().map(|scheme| scheme.edition_size) {
            Some(0) => problems.push(RouteProblem::OutOfRange(
                "edition_size is 0: an edition has at least one number".into(),
            )),
            Some(size) if size > EDITION_SIZE_MAX => {
                problems.push(RouteProblem::OutOfRange(format!(
                    "edition_size is {size}: an edition has at most {EDITION_SIZE_MAX} numbers"
                )));
            }
            _ => {}
        }
    }

    fn node_problems(&self, index: usize, node: &OperationNode, problems: &mut Vec<RouteProblem>) {
        let operation_id = || node.operation_id.clone();
        if self.operations[..index]
            .iter()
            .any(|earlier| earlier.operation_id == node.operation_id)
        {
            problems.push(RouteProblem::OperationTwice(operation_id()));
        }
        let entity = node.required_for_entity_type;
        let fits = match node.station_type {
            StationType::Work(_) => entity != EntityType::Assembly,
            StationType::Cutting => entity == EntityType::Sheet,
            StationType::Numbering | StationType::Memorabilia | StationType::Qa => {
                entity == EntityType::CardUnit
            }
            StationType::Assembly | StationType::Packing => entity == EntityType::Assembly,
        };
        if !fits {
            problems.push(RouteProblem::StationTypeDoesNotFit {
                operation_id: operation_id(),
                station_type: node.station_type.clone(),
                entity,
            });
        }
        for id in &node.predecessors {
            match self.operation(id) {
                None => problems.push(RouteProblem::UnknownPredecessor {
                    operation_id: operation_id(),
                    predecessor: id.clone(),
                }),
                Some(predecessor) => {
                    let too_late = predecessor.required_for_entity_type > entity
                        || (entity == EntityType::Sheet
                            && predecessor.station_type == StationType::Cutting);
                    if too_late {
                        problems.push(RouteProblem::Unreachable {
                            operation_id: operation_id(),
                            predecessor: id.clone(),
                        });
                    }
                }
            }
        }
        let goes_by_positions = entity == EntityType::CardUnit
            && matches!(node.station_type, StationType::Work(_) | StationType::Qa);
        if node
            .positions
            .as_ref()
            .is_some_and(|p| p.is_empty() || !goes_by_positions)
        {
            problems.push(RouteProblem::OutOfRange(format!(
                "operation {}: positions name at least one position, of a card's work or inspection",
                node.operation_id
            )));
        }
        for &position in node.positions.iter().flatten() {
            if self.layout.at(position).is_none() {
                problems.push(RouteProblem::PositionNotOnSheet {
                    operation_id: operation_id(),
                    position,
                });
            }
        }
        if node.transfer_batch == Some(0) {
            problems.push(RouteProblem::OutOfRange(format!(
                "operation {}: transfer_batch should be at least 1",
                node.operation_id
            )));
        }
        if node.expected_yield == Decimal::default() || node.expected_yield > Decimal::ONE {
            problems.push(RouteProblem::OutOfRange(format!(
                "operation {}: expected_yield {} should be above 0 and at most 1",
                node.operation_id, node.expected_yield
            )));
        }
    }

    /// One circle of operations that wait for each other, if there is one.
    fn cycle(&self) -> Option<Vec<OperationId>> {
        let mut placed: Vec<&OperationId> = Vec::new();
        let mut left: Vec<&OperationNode> = self.operations.iter().collect();
        loop {
            let before = left.len();
            left.retain(|node| {
                let free = node
                    .predecessors
                    .iter()
                    .all(|p| placed.contains(&p) || self.operation(p).is_none());
                if free {
                    placed.push(&node.operation_id);
                }
                !free
            });
            if left.is_empty() {
                return None;
            }
            if left.len() == before {
                break;
            }
        }
        // Every node that is left waits for another one that is left: walk until one comes again.
        let mut path: Vec<&OperationNode> = vec![left[0]];
        loop {
            let waits_for = path[path.len() - 1]
                .predecessors
                .iter()
                .find_map(|p| left.iter().find(|node| node.operation_id == *p))
                .expect("what is left waits for something that is left");
            if let Some(start) = path
                .iter()
                .position(|n| n.operation_id == waits_for.operation_id)
            {
                // The walk goes against the work: backwards, each waits for the one before it.
                return Some(
                    path[start..]
                        .iter()
                        .rev()
                        .map(|n| n.operation_id.clone())
                        .collect(),
                );
            }
            path.push(waits_for);
        }
    }
}
