//! Invariant 8: no operation starts before its predecessors are complete, unless somebody signed for it.
//! What the operations are and what comes before what is read in `invariants::operations`.

use crate::domain::Event;
use crate::domain::card_unit::CardUnitEvent;
use crate::domain::job::JobEvent;
use crate::domain::product::{ProductSpec, StationType};
use crate::domain::sheet::SheetEvent;
use crate::identity::OperationId;
use crate::invariants::book::Book;
use crate::invariants::facts::Work;
use crate::invariants::operations::Whose;
use crate::invariants::{Invariant, Report, operations};

/// What an event says of operations.
#[derive(Default)]
struct Step<'a> {
    /// It ended without saying more: by a scan elsewhere, or by its end alone.
    ended: Option<&'a OperationId>,
    /// It begins here, or (a verdict, a number, a piece) is done here.
    begun: Option<&'a OperationId>,
    /// Where that is done.
    station_type: Option<&'a StationType>,
    /// Operations that are open again after this.
    reopened: &'a [OperationId],
}

pub(super) fn operation_order(book: &Book, event: &Event, report: &mut Report<'_>) {
    const RULE: Invariant = Invariant::OperationOrder;
    match event {
        Event::Job(JobEvent::JobCreated(e)) => {
            let version = (e.product_id.clone(), e.product_version);
            report.expect(RULE, book.specs.contains_key(&version), || {
                format!("version {} of {} is not published", version.1, version.0)
            });
        }
        Event::Sheet(event) => sheet_operations(book, event, report),
        Event::CardUnit(event) => {
            let id = *event.unit_id();
            if let (Some(spec), Some(card)) = (book.spec(id.job()), book.cards.get(&id)) {
                let step = card_step(event);
                in_order(spec, Whose::Card(id.position()), &card.work, &step, report);
                if let CardUnitEvent::CardUnitEnteredStation(e) = event {
                    redone(spec, &card.work, &e.operation_id, &step, report);
                }
            }
        }
        _ => {}
    }
}

fn sheet_operations(book: &Book, event: &SheetEvent, report: &mut Report<'_>) {
    const RULE: Invariant = Invariant::OperationOrder;
    let id = *event.unit_id();
    let (Some(spec), Some(sheet)) = (book.spec(id.job()), book.sheets.get(&id)) else {
        return;
    };
    let open = |ended: Option<&OperationId>| {
        operations::required(spec, Whose::Sheet)
            .map(|node| &node.operation_id)
            .find(|needed| Some(*needed) != ended && !sheet.work.is_complete(needed))
    };
    let step = match event {
        SheetEvent::SheetEnteredStation(e) => Step {
            ended: e.completed_operation_id.as_ref(),
            begun: Some(&e.operation_id),
            station_type: Some(&e.station_type),
            reopened: &[],
        },
        SheetEvent::SheetOperationCompleted(e) => {
            let ready = open(Some(&e.operation_id)).is_none();
            report.expect(RULE, e.ready_to_cut == ready, || {
                format!(
                    "ready_to_cut is {}, by its operations it is {ready}",
                    e.ready_to_cut
                )
            });
            Step {
                ended: Some(&e.operation_id),
                ..Step::default()
            }
        }
        SheetEvent::SheetCut(_) => {
            let cut = spec
                .operations
                .iter()
                .find(|n| n.station_type == StationType::Cutting);
            let signed = cut.is_some_and(|cut| sheet.work.deviations.contains(&cut.operation_id));
            if let Some(open) = open(None).filter(|_| !signed) {
                report.add(RULE, format!("cut before operation {open} is complete"));
            }
            return;
        }
        SheetEvent::SheetCreated(_)
        | SheetEvent::SheetDefectRecorded(_)
        | SheetEvent::SheetDefectWithdrawn(_)
        | SheetEvent::SheetDeviationSigned(_)
        | SheetEvent::SheetHeld(_)
        | SheetEvent::SheetReleased(_)
        | SheetEvent::SheetVoided(_)
        | SheetEvent::SheetCorrected(_) => return,
    };
    in_order(spec, Whose::Sheet, &sheet.work, &step, report);
}

fn card_step(event: &CardUnitEvent) -> Step<'_> {
    let done_at = |operation_id, station_type| Step {
        begun: Some(operation_id),
        station_type,
        ..Step::default()
    };
    match event {
        CardUnitEvent::CardUnitEnteredStation(e) => Step {
            ended: e.completed_operation_id.as_ref(),
            begun: Some(&e.operation_id),
            station_type: Some(&e.station_type),
            reopened: &e.reopened_operation_ids,
        },
        CardUnitEvent::CardUnitOperationCompleted(e) => Step {
            ended: Some(&e.operation_id),
            ..Step::default()
        },
        CardUnitEvent::EmbellishmentApplied(e) => done_at(&e.operation_id, None),
        CardUnitEvent::QAResultRecorded(e) => done_at(&e.operation_id, Some(&StationType::Qa)),
        CardUnitEvent::SequentialNumberApplied(e) => {
            done_at(&e.operation_id, Some(&StationType::Numbering))
        }
        CardUnitEvent::MemorabiliaPlaced(e) => {
            done_at(&e.operation_id, Some(&StationType::Memorabilia))
        }
        CardUnitEvent::CardUnitCreated(_)
        | CardUnitEvent::ReplacementCardUnitCreated(_)
        | CardUnitEvent::CardUnitDeviationSigned(_)
        | CardUnitEvent::CardUnitHeld(_)
        | CardUnitEvent::CardUnitReleased(_)
        | CardUnitEvent::CardUnitVoided(_)
        | CardUnitEvent::CardUnitConsumedAsSpare(_)
        | CardUnitEvent::CardUnitAssembled(_)
        | CardUnitEvent::CardUnitRemovedFromAssembly(_)
        | CardUnitEvent::CardUnitPacked(_)
        | CardUnitEvent::CardUnitUnpacked(_)
        | CardUnitEvent::CardUnitCorrected(_) => Step::default(),
    }
}

/// The operations are the unit's own, and their predecessors are complete or signed away.
fn in_order(
    spec: &ProductSpec,
    whose: Whose,
    work: &Work,
    step: &Step<'_>,
    report: &mut Report<'_>,
) {
    const RULE: Invariant = Invariant::OperationOrder;
    let is_complete = |id: &OperationId| {
        (work.is_complete(id) || step.ended == Some(id)) && !step.reopened.contains(id)
    };
    if let (Some(ended), Some(_)) = (step.ended, step.begun) {
        report.expect(RULE, work.current.as_ref() == Some(ended), || {
            format!("{ended} ends by this scan, but it did not run")
        });
    }
    let steps = [(step.ended, None), (step.begun, step.station_type)];
    for (id, station_type) in steps {
        let Some(id) = id else { continue };
        let node = operations::find(spec, id).filter(|node| whose.has(spec, node));
        let Some(node) = node else {
            report.add(
                RULE,
                format!("{id} is no operation of this unit in its product version"),
            );
            continue;
        };
        if let Some(station_type) = station_type {
            report.expect(RULE, node.station_type == *station_type, || {
                format!(
                    "{id} is work of type {}, not {station_type}",
                    node.station_type
                )
            });
        } else if step.ended == Some(id) {
            report.expect(RULE, node.station_type != StationType::Qa, || {
                format!("{id} is complete without a verdict; only a pass completes it")
            });
        }
        let waits_for = operations::predecessors(spec, node, whose)
            .into_iter()
            // What ends rested on what was complete until now; what begins, on what still is.
            .find(|before| match station_type {
                None => !work.is_complete(before),
                Some(_) => !is_complete(before),
            });
        if let Some(before) = waits_for.filter(|_| !work.deviations.contains(id)) {
            report.add(
                RULE,
                format!("{id} before {before} is complete, and nobody signed for it"),
            );
        }
    }
}

/// Doing an operation again undoes what came after it. With a deviation signed, what counts as
/// "after" is no longer in the spec, so such a card is passed over.
fn redone(
    spec: &ProductSpec,
    work: &Work,
    again: &OperationId,
    step: &Step<'_>,
    report: &mut Report<'_>,
) {
    if !work.is_complete(again) || !work.deviations.is_empty() {
        return;
    }
    // A number once printed and a piece once placed stay in the card.
    let stays = |done: &OperationId| {
        operations::find(spec, done).is_some_and(|node| {
            matches!(
                node.station_type,
                StationType::Numbering | StationType::Memorabilia
            )
        })
    };
    let stale = work.completed.iter().find(|done| {
        !step.reopened.contains(done) && !stays(done) && operations::comes_after(spec, done, again)
    });
    if let Some(stale) = stale {
        report.add(
            Invariant::OperationOrder,
            format!("{again} is done again, but {stale}, which comes after it, stays complete"),
        );
    }
}
