//! The checker's own reading of a product's operations, from the spec's data alone: what a unit needs,
//! what comes before what.

use super::facts::Card;
use crate::domain::product::{EntityType, OperationNode, ProductSpec, StationType};
use crate::identity::{CardUnitId, OperationId};

/// Whose operations are asked for.
#[derive(Debug, Clone, Copy)]
pub(super) enum Whose {
    Sheet,
    /// The card at this position.
    Card(u16),
}

impl Whose {
    /// The operation is one of this unit's.
    pub(super) fn has(self, spec: &ProductSpec, node: &OperationNode) -> bool {
        match self {
            Self::Sheet => node.required_for_entity_type == EntityType::Sheet,
            Self::Card(position) => {
                let at = spec
                    .layout
                    .positions
                    .iter()
                    .find(|p| p.position == position);
                node.required_for_entity_type == EntityType::CardUnit
                    && match node.station_type {
                        StationType::Numbering => at.is_some_and(|p| p.serialized),
                        StationType::Memorabilia => at.is_some_and(|p| p.memorabilia.is_some()),
                        _ => node
                            .positions
                            .as_ref()
                            .is_none_or(|only| only.contains(&position)),
                    }
            }
        }
    }
}

pub(super) fn find<'a>(spec: &'a ProductSpec, id: &OperationId) -> Option<&'a OperationNode> {
    spec.operations.iter().find(|node| node.operation_id == *id)
}

/// Everything that the unit must have behind it; the cut itself is no work done to a sheet.
pub(super) fn required(spec: &ProductSpec, whose: Whose) -> impl Iterator<Item = &OperationNode> {
    spec.operations
        .iter()
        .filter(move |node| whose.has(spec, node) && node.station_type != StationType::Cutting)
}

/// What must be complete before the operation starts on this unit. Where a predecessor is not for this
/// unit's position, what precedes that one counts instead. A card has all work on its sheet behind it.
pub(super) fn predecessors<'a>(
    spec: &'a ProductSpec,
    node: &'a OperationNode,
    whose: Whose,
) -> Vec<&'a OperationId> {
    let mut wanted = Vec::new();
    let mut seen = Vec::new();
    let mut to_see: Vec<&OperationId> = node.predecessors.iter().collect();
    while let Some(id) = to_see.pop() {
        if seen.contains(&id) {
            continue;
        }
        seen.push(id);
        match find(spec, id) {
            Some(before) if whose.has(spec, before) => wanted.push(id),
            Some(before) => to_see.extend(&before.predecessors),
            None => {}
        }
    }
    wanted
}

/// Whether `later` comes somewhere after `earlier`.
pub(super) fn comes_after(spec: &ProductSpec, later: &OperationId, earlier: &OperationId) -> bool {
    let mut seen = vec![later];
    let mut next = 0;
    while let Some(&id) = seen.get(next) {
        next += 1;
        for before in find(spec, id)
            .into_iter()
            .flat_map(|node| &node.predecessors)
        {
            if before == earlier {
                return true;
            }
            if !seen.contains(&before) {
                seen.push(before);
            }
        }
    }
    false
}

/// Why the card may not lie in a set; `None` for a ready one.
pub(super) fn unready(spec: Option<&ProductSpec>, id: CardUnitId, card: &Card) -> Option<String> {
    if card.held {
        return Some(format!("{id} is on hold"));
    }
    if let Some(running) = &card.work.current {
        return Some(format!("{id} is still in operation {running}"));
    }
    let spec = spec?;
    let open = required(spec, Whose::Card(id.position()))
        .find(|node| !card.work.is_complete(&node.operation_id));
    if let Some(node) = open {
        return Some(format!(
            "{id} has not completed operation {}",
            node.operation_id
        ));
    }
    let at = spec
        .layout
        .positions
        .iter()
        .find(|p| p.position == id.position())?;
    if at.serialized && card.number.is_none() {
        return Some(format!(
            "{id} bears no number, and its position is serialized"
        ));
    }
    if at.memorabilia.is_some() && card.pieces.is_empty() {
        return Some(format!("{id} holds no piece, and its position takes one"));
    }
    None
}
