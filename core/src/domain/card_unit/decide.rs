//! What may happen to a card unit next. What involves other units too (its set, its number's
//! edition, a piece, a replacement) is decided in `production`, with these as its parts.

use super::{
    CardUnit, CardUnitDeviationSigned, CardUnitEnteredStation, CardUnitHeld, CardUnitMove,
    CardUnitOperationCompleted, CardUnitReleased, CardUnitStatus, EmbellishmentApplied,
    QAResultRecorded,
};
use crate::domain::product::{EmbellishmentSpec, OperationNode, ProductSpec, StationType};
use crate::domain::refusal::{NextStep, RouteReason};
use crate::domain::values::QaOutcome;
use crate::domain::{Decision, Event, Refusal, UnitRef};
use crate::identity::{FailureCode, HoldId, MaterialLotId, OperationId, OperatorId, StationId};

/// The card comes to a station: what ran ends, the next operation of this station type begins. A card
/// that failed QA goes back into work by this, as often as the product allows; one that passed may
/// be inspected again.
pub fn enter_station(
    card: &CardUnit,
    spec: &ProductSpec,
    station_id: &StationId,
    station_type: &StationType,
    material_lot_ids: &[MaterialLotId],
) -> Result<Decision, Refusal> {
    card.must_allow(CardUnitMove::EnterStation)?;
    let now = &card.situation;
    let running = now
        .current_operation_id
        .as_ref()
        .and_then(|id| spec.operation(id));
    let runs_here = running.is_some_and(|node| node.station_type == *station_type);
    if runs_here && now.current_station_id.as_ref() == Some(station_id) {
        return Ok(Decision::AlreadyRecorded);
    }
    let ending = card.ending_operation(spec);
    let enter =
        |node: &OperationNode, ending: Option<&OperationNode>, reopened: Vec<OperationId>| {
            if now.status == CardUnitStatus::QaFailed && now.rework_count >= spec.rework_limit {
                return Err(Refusal::ReworkLimitReached {
                    card_unit_id: card.card_unit_id,
                    limit: spec.rework_limit,
                });
            }
            Ok(Decision::record(CardUnitEnteredStation {
                card_unit_id: card.card_unit_id,
                station_type: station_type.clone(),
                operation_id: node.operation_id.clone(),
                completed_operation_id: ending.map(|node| node.operation_id.clone()),
                reopened_operation_ids: reopened,
                material_lot_ids: material_lot_ids.to_vec(),
            }))
        };
    let out_of_route = |reason| {
        Err(Refusal::OutOfRoute {
            unit: UnitRef::CardUnit(card.card_unit_id),
            station_type: station_type.clone(),
            reason,
            next: card.next_steps(spec),
        })
    };

    let at_this_type: Vec<&OperationNode> = spec
        .card_operations(card.card_unit_id.position())
        .filter(|node| node.station_type == *station_type)
        .collect();
    if at_this_type.is_empty() {
        return out_of_route(RouteReason::NotInRoute);
    }
    let mut too_early: Option<Vec<OperationId>> = None;
    for &node in &at_this_type {
        if card.has_behind_it(spec, node, ending) {
            continue;
        }
        let first = card.missing_before(spec, node, ending);
        if first.is_empty() || card.deviations.contains(&node.operation_id) {
            // An unfinished inspection that moves to another bench is the same inspection; one whose pass
            // does not hold any more is done again.
            let again = now
                .completed_operation_ids
                .iter()
                .find(|id| **id == node.operation_id);
            return enter(node, ending, again.cloned().into_iter().collect());
        }
        too_early.get_or_insert(first);
    }
    // Rework, or another inspection: the last such operation is done again, and with it all that
    // came after it. What comes before it must be done, as ever.
    let may_repeat = now.status == CardUnitStatus::QaFailed || *station_type == StationType::Qa;
    let mut again = None;
    for &node in at_this_type.iter().rev().filter(|_| may_repeat) {
        if now.completed_operation_ids.contains(&node.operation_id) {
            let first = card.missing_before(spec, node, ending);
            if first.is_empty() || card.deviations.contains(&node.operation_id) {
                again = Some(node);
                break;
            }
            too_early.get_or_insert(first);
        }
    }
    match again {
        Some(node) => {
            let mut reopened = vec![node.operation_id.clone()];
            let later = spec.descendants(&node.operation_id);
            // A number once printed and a piece once placed stay in the card.
            let stays = |id: &OperationId| {
                spec.operation(id).is_some_and(|node| {
                    matches!(
                        node.station_type,
                        StationType::Numbering | StationType::Memorabilia
                    )
                })
            };
            // What this very scan ends is among it.
            let done = now
                .completed_operation_ids
                .iter()
                .chain(ending.map(|node| &node.operation_id));
            reopened.extend(done.filter(|id| later.contains(id) && !stays(id)).cloned());
            enter(node, ending, reopened)
        }
        None => match (too_early, running) {
            // It goes on at another machine of the type, whatever is to be done there later.
            (_, Some(node)) if runs_here => enter(node, None, Vec::new()),
            (Some(first), _) => out_of_route(RouteReason::Before(first)),
            (None, _) => out_of_route(RouteReason::DoneHere),
        },
    }
}

/// What runs at the card ends, without another station being entered.
pub fn complete_operation(card: &CardUnit, spec: &ProductSpec) -> Result<Decision, Refusal> {
    card.must_allow(CardUnitMove::CompleteOperation)?;
    match card.ending_operation(spec) {
        Some(node) => Ok(Decision::record(CardUnitOperationCompleted {
            card_unit_id: card.card_unit_id,
            operation_id: node.operation_id.clone(),
        })),
        None if card.situation.current_operation_id.is_none() => Ok(Decision::AlreadyRecorded),
        // An inspection ends with a verdict, numbering with a number, memorabilia with a piece.
        None => Err(Refusal::NotReady {
            card_unit_id: card.card_unit_id,
            missing: card.next_steps(spec),
        }),
    }
}

/// An embellishment is applied, at no station in particular.
pub fn apply_embellishment(
    card: &CardUnit,
    spec: &ProductSpec,
    operation_id: &OperationId,
) -> Result<Decision, Refusal> {
    let node = spec
        .card_operations(card.card_unit_id.position())
        .find(|node| {
            node.operation_id == *operation_id && matches!(node.station_type, StationType::Work(_))
        });
    let Some((node, embellishment)) =
        node.and_then(|node| Some((node, node.embellishment.clone()?)))
    else {
        return Err(Refusal::NoSuchOperation {
            unit: UnitRef::CardUnit(card.card_unit_id),
            operation_id: operation_id.clone(),
        });
    };
    if card
        .situation
        .completed_operation_ids
        .contains(operation_id)
        && card.situation.status.is_live()
    {
        return Ok(Decision::AlreadyRecorded);
    }
    card.must_allow(CardUnitMove::ApplyEmbellishment)?;
    card.do_at_once(spec, node, |card_unit_id, operation_id| {
        applied(card_unit_id, operation_id, embellishment)
    })
}

fn applied(
    card_unit_id: crate::identity::CardUnitId,
    operation_id: OperationId,
    embellishment: EmbellishmentSpec,
) -> Event {
    EmbellishmentApplied {
        card_unit_id,
        operation_id,
        embellishment,
    }
    .into()
}

/// The inspector's verdict on the card that is at a QA bench.
pub fn record_qa_result(
    card: &CardUnit,
    spec: &ProductSpec,
    result: QaOutcome,
    failure_reason: Option<&str>,
    failure_codes: &[FailureCode],
    inspector_id: Option<&OperatorId>,
) -> Result<Decision, Refusal> {
    let card_unit_id = card.card_unit_id;
    let now = &card.situation;
    if result == QaOutcome::Fail && failure_reason.is_none() && failure_codes.is_empty() {
        return Err(Refusal::FailureWithoutCause { card_unit_id });
    }
    let said_before = matches!(
        now.status,
        CardUnitStatus::QaPassed | CardUnitStatus::QaFailed
    ) && now.qa_result == Some(result)
        && now.qa_failure_reason.as_deref() == failure_reason
        && now.qa_failure_codes == failure_codes;
    if said_before {
        return Ok(Decision::AlreadyRecorded);
    }
    if matches!(
        now.status,
        CardUnitStatus::QaPassed | CardUnitStatus::QaFailed | CardUnitStatus::Created
    ) {
        return Err(Refusal::NotAtQa { card_unit_id });
    }
    card.must_allow(CardUnitMove::RecordQaResult)?;
    let running = now
        .current_operation_id
        .as_ref()
        .and_then(|id| spec.operation(id));
    let Some(inspection) = running.filter(|node| node.station_type == StationType::Qa) else {
        return Err(Refusal::NotAtQa { card_unit_id });
    };
    Ok(Decision::record(QAResultRecorded {
        card_unit_id,
        operation_id: inspection.operation_id.clone(),
        result,
        inspector_id: inspector_id.cloned(),
        failure_reason: failure_reason.map(str::to_owned),
        failure_codes: failure_codes.to_vec(),
    }))
}

/// An operation may start before its predecessors are complete.
pub fn sign_deviation(
    card: &CardUnit,
    spec: &ProductSpec,
    operation_id: &OperationId,
    signed_by: &OperatorId,
    reason: &str,
) -> Result<Decision, Refusal> {
    card.must_allow(CardUnitMove::SignDeviation)?;
    let position = card.card_unit_id.position();
    if !spec
        .card_operations(position)
        .any(|node| node.operation_id == *operation_id)
    {
        return Err(Refusal::NoSuchOperation {
            unit: UnitRef::CardUnit(card.card_unit_id),
            operation_id: operation_id.clone(),
        });
    }
    if card.deviations.contains(operation_id) {
        return Ok(Decision::AlreadyRecorded);
    }
    Ok(Decision::record(CardUnitDeviationSigned {
        card_unit_id: card.card_unit_id,
        operation_id: operation_id.clone(),
        signed_by: signed_by.clone(),
        reason: reason.to_owned(),
    }))
}

/// Puts the card to rest.
pub fn hold(card: &CardUnit, reason: &str) -> Result<Decision, Refusal> {
    card.must_allow(CardUnitMove::Hold)?;
    let card_unit_id = card.card_unit_id;
    Ok(
        match super::super::hold::held_already(card.held.as_ref(), reason, || {
            format!("Card {card_unit_id}")
        })? {
            true => Decision::AlreadyRecorded,
            false => Decision::record(CardUnitHeld {
                card_unit_id,
                reason: reason.to_owned(),
            }),
        },
    )
}

/// Lets the card go on, or frees it from a hold rule.
pub fn release(
    card: &CardUnit,
    hold_id: Option<&HoldId>,
    reason: &str,
) -> Result<Decision, Refusal> {
    card.must_allow(CardUnitMove::Release)?;
    let free_already = match hold_id {
        None => card.held.is_none(),
        Some(hold_id) => card.released_from.contains(hold_id),
    };
    if free_already {
        return Ok(Decision::AlreadyRecorded);
    }
    Ok(Decision::record(CardUnitReleased {
        card_unit_id: card.card_unit_id,
        hold_id: hold_id.cloned(),
        reason: reason.to_owned(),
    }))
}

impl CardUnit {
    /// Refuses where the card's status does not allow the move.
    pub(crate) fn must_allow(&self, wanted: CardUnitMove) -> Result<(), Refusal> {
        let now = &self.situation;
        if now.status.allows(wanted) {
            return Ok(());
        }
        let card_unit_id = self.card_unit_id;
        let unit = UnitRef::CardUnit(card_unit_id);
        Err(match now.status {
            CardUnitStatus::Voided => Refusal::Voided {
                unit,
                reason: now.void_reason.clone().unwrap_or_default(),
            },
            CardUnitStatus::Consumed => Refusal::Consumed {
                card_unit_id,
                by: self
                    .consumed_by
                    .expect("a consumed spare knows what it became"),
            },
            CardUnitStatus::Packed => Refusal::AlreadyPacked {
                unit,
                pack_id: now.pack_id.expect("a packed card knows its box"),
            },
            CardUnitStatus::Assembled => Refusal::AlreadyAssembled { card_unit_id },
            CardUnitStatus::QaFailed => Refusal::QaFailed { card_unit_id },
            status => Refusal::CardNotNow {
                card_unit_id,
                status,
                wanted,
            },
        })
    }

    /// What the next scan ends: ordinary work. An inspection waits for its verdict, numbering for its
    /// number, memorabilia for its piece.
    pub(crate) fn ending_operation<'s>(&self, spec: &'s ProductSpec) -> Option<&'s OperationNode> {
        let running = spec.operation(self.situation.current_operation_id.as_ref()?)?;
        matches!(running.station_type, StationType::Work(_)).then_some(running)
    }

    /// What runs and does not end with the next scan: it waits for its verdict, its number or its piece.
    pub(crate) fn waiting_operation<'s>(&self, spec: &'s ProductSpec) -> Option<&'s OperationNode> {
        let running = spec.operation(self.situation.current_operation_id.as_ref()?)?;
        self.ending_operation(spec).is_none().then_some(running)
    }

    /// Done, or ending with the next scan; an inspection only as long as its pass still holds.
    fn has_behind_it(
        &self,
        spec: &ProductSpec,
        node: &OperationNode,
        ending: Option<&OperationNode>,
    ) -> bool {
        let done = &self.situation.completed_operation_ids;
        let Some(at) = done.iter().position(|id| *id == node.operation_id) else {
            return ending.is_some_and(|ending| ending.operation_id == node.operation_id);
        };
        if node.station_type != StationType::Qa {
            return true;
        }
        // They stand in the order in which they were completed: what the inspection should have seen and
        // was done after it (which only a signed deviation allows) makes it worthless.
        let mut since = done[at + 1..]
            .iter()
            .chain(ending.map(|ending| &ending.operation_id));
        !since.any(|later| spec.descendants(later).contains(&node.operation_id))
    }

    fn missing_before(
        &self,
        spec: &ProductSpec,
        node: &OperationNode,
        ending: Option<&OperationNode>,
    ) -> Vec<OperationId> {
        spec.card_predecessors(node, self.card_unit_id.position())
            .into_iter()
            .filter(|predecessor| !self.has_behind_it(spec, predecessor, ending))
            .map(|predecessor| predecessor.operation_id.clone())
            .collect()
    }

    /// What must still be done before it may lie in its set, if what runs now ends.
    #[must_use]
    pub fn missing_for_assembly(&self, spec: &ProductSpec) -> Vec<NextStep> {
        let ending = self.ending_operation(spec);
        spec.card_operations(self.card_unit_id.position())
            .filter(|node| !self.has_behind_it(spec, node, ending))
            .map(NextStep::of)
            .collect()
    }

    /// What could be done to it next, if what runs now ends: operations whose predecessors are behind it.
    #[must_use]
    pub fn next_steps(&self, spec: &ProductSpec) -> Vec<NextStep> {
        if !self.situation.status.allows(CardUnitMove::EnterStation) {
            return Vec::new();
        }
        let ending = self.ending_operation(spec);
        // A spare gets its number or piece only once it stands for a card.
        let not_yet = |node: &OperationNode| {
            self.spare
                && matches!(
                    node.station_type,
                    StationType::Numbering | StationType::Memorabilia
                )
        };
        spec.card_operations(self.card_unit_id.position())
            .filter(|node| !self.has_behind_it(spec, node, ending) && !not_yet(node))
            .filter(|node| self.missing_before(spec, node, ending).is_empty())
            .map(NextStep::of)
            .collect()
    }

    /// Does an operation and completes it in one decision: what ran ends first, and what must come
    /// before has to be behind the card.
    pub(crate) fn do_at_once(
        &self,
        spec: &ProductSpec,
        node: &OperationNode,
        done: impl FnOnce(crate::identity::CardUnitId, OperationId) -> Event,
    ) -> Result<Decision, Refusal> {
        let ending = self
            .ending_operation(spec)
            .filter(|ending| ending.operation_id != node.operation_id);
        let first = self.missing_before(spec, node, ending);
        if !first.is_empty() && !self.deviations.contains(&node.operation_id) {
            return Err(Refusal::OutOfRoute {
                unit: UnitRef::CardUnit(self.card_unit_id),
                station_type: node.station_type.clone(),
                reason: RouteReason::Before(first),
                next: self.next_steps(spec),
            });
        }
        let mut events = self.end_running_work(ending);
        events.push(done(self.card_unit_id, node.operation_id.clone()));
        Ok(Decision::Record(events))
    }

    /// The event that ends ordinary work, where some is running.
    pub(crate) fn end_running_work(&self, ending: Option<&OperationNode>) -> Vec<Event> {
        ending
            .map(|node| {
                CardUnitOperationCompleted {
                    card_unit_id: self.card_unit_id,
                    operation_id: node.operation_id.clone(),
                }
                .into()
            })
            .into_iter()
            .collect()
    }
}

impl NextStep {
    pub(crate) fn of(node: &OperationNode) -> Self {
        Self {
            operation_id: node.operation_id.clone(),
            station_type: node.station_type.clone(),
        }
    }
}
