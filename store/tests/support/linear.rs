//! Whether what many were told at once could have happened one after the other, each thing at some moment between its being
//! said and its being answered (Herlihy and Wing 1990). The log names the order of what was recorded; what recorded nothing
//! has to be the right answer at some place of the log within its own time.

use super::load::{Acknowledged, request_of};
use sheetwise_core::domain::{Context, Decision, Recorded};
use sheetwise_core::identity::{CorrelationId, ScannerSettings, read_scanner_text};
use sheetwise_core::production::{Floor, Stop, decide};
use sheetwise_core::scan;
use sheetwise_store::contract::{Engine, EventFilter};
use sheetwise_store::ledger::Said;
use std::collections::BTreeMap;

/// An answer, and when it was asked for and came: nanoseconds of the machine's clock.
#[derive(Debug, Clone)]
pub struct Timed {
    pub asked: u128,
    pub answered: u128,
    pub answer: Acknowledged,
}

/// What was put in order.
#[derive(Debug, Default, Clone, Copy)]
pub struct InOrder {
    pub recorded: usize,
    pub refused: usize,
    pub already_recorded: usize,
}

/// Something that was said, once, by whoever said it.
struct Operation<'a> {
    key: &'a str,
    asked: u128,
    answered: u128,
    /// The first and last of what it recorded.
    recorded: Option<(u64, u64)>,
    /// The code of its refusal; none where it had been recorded before.
    refusal: Option<String>,
}

/// Finds a place for each answer, or says which one has none.
pub fn one_after_the_other(engine: &mut dyn Engine, told: &[Timed]) -> Result<InOrder, String> {
    let operations = operations(told);
    let (recorded, others): (Vec<&Operation>, Vec<&Operation>) =
        operations.iter().partition(|one| one.recorded.is_some());
    in_the_order_of_time(&recorded)?;

    let stored = engine.events(&EventFilter::after(0, usize::MAX));
    let stored: Vec<Recorded> = (stored.expect("the log can be read").iter())
        .map(|event| event.decode().expect("an event of this version"))
        .collect();
    let last = stored.last().map_or(0, |event| event.sequence_num);
    // Between which events each of the others has to lie: behind what was answered before it was asked, before what was
    // asked after it was answered.
    let mut waiting: Vec<(&Operation, u64, u64)> = others
        .iter()
        .map(|one| {
            let spans = || recorded.iter().filter_map(|r| Some((r, r.recorded?)));
            let before = spans().filter(|(r, _)| r.answered < one.asked);
            let after = spans().filter(|(r, _)| r.asked > one.answered);
            let from = before.map(|(_, (_, last))| last).max().unwrap_or(0);
            let to = after.map(|(_, (first, _))| first - 1).min();
            (*one, from, to.unwrap_or(last))
        })
        .collect();
    waiting.sort_by_key(|(one, ..)| one.asked);

    let mut floor = Floor::with_log();
    place(&mut waiting, 0, &floor, None)?;
    // What was decided together happened together.
    for decision in stored.chunk_by(|a, b| a.context.correlation_id == b.context.correlation_id) {
        let events = decision.iter().map(|one| one.event.clone()).collect();
        floor.record(events, &decision[0].context);
        let last = decision.last().expect("a chunk holds something");
        place(&mut waiting, last.sequence_num, &floor, Some(last))?;
    }
    if let Some((one, from, to)) = waiting.first() {
        return Err(format!("{} has no place in {from}..={to}", one.key));
    }
    let refused = others.iter().filter(|one| one.refusal.is_some()).count();
    Ok(InOrder {
        recorded: recorded.len(),
        refused,
        already_recorded: others.len() - refused,
    })
}

/// A key that several said is one thing: asked when the first asked, answered when the first was answered.
fn operations(told: &[Timed]) -> Vec<Operation<'_>> {
    let mut by_key: BTreeMap<&str, Operation<'_>> = BTreeMap::new();
    for one in told {
        let body: serde_json::Value = serde_json::from_str(&one.answer.body).expect("an answer");
        let numbers = || {
            let events = body["events"].as_array().into_iter().flatten();
            events.filter_map(|event| event["sequence_num"].as_u64())
        };
        let operation = by_key.entry(&one.answer.key).or_insert_with(|| Operation {
            key: &one.answer.key,
            asked: one.asked,
            answered: one.answered,
            recorded: numbers().min().zip(numbers().max()),
            refusal: body["code"].as_str().map(ToOwned::to_owned),
        });
        operation.asked = operation.asked.min(one.asked);
        operation.answered = operation.answered.min(one.answered);
    }
    by_key.into_values().collect()
}

/// What was answered before something else was asked for stands before it in the log.
fn in_the_order_of_time(recorded: &[&Operation]) -> Result<(), String> {
    for later in recorded {
        for earlier in recorded {
            let (Some((_, last)), Some((first, _))) = (earlier.recorded, later.recorded) else {
                continue;
            };
            if earlier.answered < later.asked && last > first {
                return Err(format!(
                    "{} was answered before {} was asked, and stands behind it in the log ({last} and {first})",
                    earlier.key, later.key
                ));
            }
        }
    }
    Ok(())
}

/// Takes out whatever is the right answer after this event, and has waited for nothing that has no place yet: as early as
/// it can be, so that the others have the most room.
fn place(
    waiting: &mut Vec<(&Operation, u64, u64)>,
    at: u64,
    floor: &Floor,
    event: Option<&Recorded>,
) -> Result<(), String> {
    let mut tried = 0;
    while tried < waiting.len() {
        let (one, from, to) = waiting[tried];
        if at > to {
            return Err(format!("{} has no place in {from}..={to}", one.key));
        }
        let comes_after_another = waiting.iter().any(|(other, ..)| other.answered < one.asked);
        if at >= from && !comes_after_another && is_answered_so(floor, one, event) {
            waiting.remove(tried);
            tried = 0; // it may have been what others came after
        } else {
            tried += 1;
        }
    }
    Ok(())
}

/// Whether the shop, as it is, says what was answered.
fn is_answered_so(floor: &Floor, one: &Operation, last: Option<&Recorded>) -> bool {
    let request = request_of(one.key);
    let now = last.map(|event| event.context.recorded_at);
    let occurred_at = request.occurred_at.expect("load says when");
    let context = Context {
        occurred_at,
        recorded_at: now.unwrap_or(occurred_at),
        operator_id: request.operator_id.clone(),
        station_id: request.station_id.clone(),
        correlation_id: CorrelationId::new(one.key),
        late: request.late,
    };
    let decided = match &request.said {
        Said::Barcode(text) => match read_scanner_text(text, &ScannerSettings::default()) {
            Ok(scanned) => scan::scan(floor, &scanned, &context),
            // Nobody can read it, whatever the shop is like.
            Err(_) => return one.refusal.is_some(),
        },
        Said::Command(command) => decide(floor, command, &context),
        other => unreachable!("load says no such thing: {other:?}"),
    };
    match (decided, &one.refusal) {
        (Ok(Decision::AlreadyRecorded), None) => true,
        (Err(Stop::Refused(refusal)), Some(code)) => refusal.code() == code,
        _ => false,
    }
}
