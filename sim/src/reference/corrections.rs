//! Which events still count, and whether a correction's own account of what it restores is true.
//! What the remaining events add up to stands in `cards` and `sheets`.

use super::Reference;
use super::cards::{CardFacts, walk_card};
use super::sheets::{SheetFacts, walk_sheet};
use sheetwise_core::domain::card_unit::{CardUnitEvent, CardUnitSituation};
use sheetwise_core::domain::sheet::{SheetEvent, SheetSituation};
use sheetwise_core::domain::{Event, Recorded, UnitRef};
use sheetwise_core::identity::PieceId;
use std::collections::BTreeSet;
use std::fmt::Debug;

/// The sequence numbers that the event takes back; none for all but the corrections.
fn undoes(event: &Event) -> &[u64] {
    match event {
        Event::CardUnit(CardUnitEvent::CardUnitCorrected(correction)) => &correction.undoes,
        Event::Sheet(SheetEvent::SheetCorrected(correction)) => &correction.undoes,
        _ => &[],
    }
}

/// The sequence numbers in a unit's list that no longer count. A correction that was itself taken back
/// takes nothing back, so the list is read from its end.
pub(super) fn undone(list: &[&Recorded]) -> BTreeSet<u64> {
    let mut undone = BTreeSet::new();
    for recorded in list.iter().rev() {
        if !undone.contains(&recorded.sequence_num) {
            undone.extend(undoes(&recorded.event));
        }
    }
    undone
}

/// The events of a unit's list that still count, oldest first.
pub(super) fn standing<'a>(list: &[&'a Recorded]) -> Vec<&'a Recorded> {
    let undone = undone(list);
    let mut list = list.to_vec();
    list.retain(|recorded| !undone.contains(&recorded.sequence_num));
    list
}

impl Reference {
    /// Checks every correction in the unit's list: it must take back earlier events of this very unit,
    /// and what it says it restores must be what is left when those are skipped. Says what is wrong
    /// with the first that is not so.
    #[must_use]
    pub fn restores_disagree(&self, unit: &UnitRef) -> Option<String> {
        let list = self.history(unit);
        for (index, recorded) in list.iter().enumerate() {
            let before = &list[..index];
            let own = |sequence| {
                before
                    .iter()
                    .any(|earlier| earlier.sequence_num == sequence)
            };
            if let Some(foreign) = undoes(&recorded.event).iter().find(|s| !own(**s)) {
                return Some(format!(
                    "#{} of {unit} takes back #{foreign}, which is no earlier event of it",
                    recorded.sequence_num
                ));
            }
            let up_to_here = &list[..=index];
            let differences = match &recorded.event {
                Event::CardUnit(CardUnitEvent::CardUnitCorrected(correction)) => {
                    match walk_card(up_to_here) {
                        Some(walked) => card_differences(&walked, &correction.restores),
                        None => vec!["nothing is left of the card".to_owned()],
                    }
                }
                Event::Sheet(SheetEvent::SheetCorrected(correction)) => {
                    match walk_sheet(up_to_here) {
                        Some(walked) => sheet_differences(&walked, &correction.restores),
                        None => vec!["nothing is left of the sheet".to_owned()],
                    }
                }
                _ => continue,
            };
            if !differences.is_empty() {
                return Some(format!(
                    "#{} of {unit} restores otherwise than its list says: {}",
                    recorded.sequence_num,
                    differences.join("; ")
                ));
            }
        }
        None
    }
}

fn card_differences(walked: &CardFacts, restores: &CardUnitSituation) -> Vec<String> {
    let mut differences = Vec::new();
    let d = &mut differences;
    let completed: BTreeSet<_> = restores.completed_operation_ids.iter().cloned().collect();
    let pieces_walked: BTreeSet<&PieceId> = walked.pieces.iter().collect();
    let pieces_restored: BTreeSet<&PieceId> = restores.piece_ids.iter().collect();
    differ(d, "status", &walked.status, &restores.status);
    differ(d, "station", &walked.station, &restores.current_station_id);
    differ(
        d,
        "operation",
        &walked.operation,
        &restores.current_operation_id,
    );
    differ(
        d,
        "completed operations",
        &walked.completed_operations,
        &completed,
    );
    differ(d, "qa result", &walked.qa_result, &restores.qa_result);
    differ(
        d,
        "qa failure reason",
        &walked.qa_failure_reason,
        &restores.qa_failure_reason,
    );
    differ(
        d,
        "qa failure codes",
        &walked.qa_failure_codes,
        &restores.qa_failure_codes,
    );
    differ(
        d,
        "rework count",
        &walked.rework_count,
        &u32::from(restores.rework_count),
    );
    differ(
        d,
        "number",
        &walked.sequential_number,
        &restores.sequential_number,
    );
    differ(d, "pieces", &pieces_walked, &pieces_restored);
    differ(d, "pack", &walked.pack, &restores.pack_id);
    differ(d, "void reason", &walked.void_reason, &restores.void_reason);
    differences
}

fn sheet_differences(walked: &SheetFacts, restores: &SheetSituation) -> Vec<String> {
    let mut differences = Vec::new();
    let d = &mut differences;
    let completed: BTreeSet<_> = restores.completed_operation_ids.iter().cloned().collect();
    differ(d, "status", &walked.status, &restores.status);
    differ(d, "station", &walked.station, &restores.current_station_id);
    differ(
        d,
        "operation",
        &walked.operation,
        &restores.current_operation_id,
    );
    differ(
        d,
        "completed operations",
        &walked.completed_operations,
        &completed,
    );
    differ(d, "void reason", &walked.void_reason, &restores.void_reason);
    differences
}

fn differ<T: PartialEq + Debug>(differences: &mut Vec<String>, what: &str, walked: &T, said: &T) {
    if walked != said {
        differences.push(format!(
            "{what} is {walked:?} by the list, {said:?} as restored"
        ));
    }
}
