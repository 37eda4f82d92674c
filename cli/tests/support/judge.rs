//! What the database says afterwards, judged by those who share no code with the deciders: the simulator's reference
//! model, the invariants, and whoever was answered.

use super::client::Answer;
use serde_json::Value;
use sheetwise_core::domain::Recorded;
use sheetwise_core::invariants::Checker;
use sheetwise_core::production::Floor;
use sheetwise_core::projections::{Rows, Touched};
use sheetwise_sim::compare;
use sheetwise_sim::reference::Reference;
use sheetwise_store::contract::{Engine, EventFilter, Receipt};
use sheetwise_store::maintenance::verify;
use std::collections::{BTreeMap, BTreeSet};

/// What the log came to, folded by the core.
pub struct Judged {
    pub rows: Rows,
    /// How often each type of event is there.
    pub event_types: BTreeMap<&'static str, u64>,
}

/// The whole log, event by event: nobody disagrees, and `verify` is clean.
pub fn log(engine: &mut dyn Engine) -> Judged {
    let stored = engine.events(&EventFilter::after(0, usize::MAX));
    let stored: Vec<Recorded> = stored
        .expect("the log can be read")
        .iter()
        .map(|event| event.decode().expect("an event of this version"))
        .collect();
    let (mut floor, mut rows, mut reference) =
        (Floor::with_log(), Rows::default(), Reference::new());
    let (mut checker, mut touched) = (Checker::default(), Touched::default());
    let mut event_types: BTreeMap<&'static str, u64> = BTreeMap::new();
    let decisions = stored.chunk_by(|a, b| a.context.correlation_id == b.context.correlation_id);
    for decision in decisions {
        for one in decision {
            let again = floor
                .record(vec![one.event.clone()], &one.context)
                .remove(0);
            assert_eq!(again, *one, "the log is not what its fold makes of it");
            assert_eq!(checker.observe(one), [], "after event {}", one.sequence_num);
            rows.apply(one, &mut touched);
            reference.record(one.clone());
            let unit = one.event.unit();
            compare::unit(&floor, &rows, &reference, &unit).expect("the reference agrees");
            *event_types.entry(one.event.event_type()).or_default() += 1;
        }
        assert_eq!(checker.finish_decision(), [], "{:?}", decision[0]);
        compare::after_decision(&floor, &rows, &reference, decision).expect("the reference agrees");
    }
    assert_eq!(checker.finish(), []);
    compare::whole(&floor, &rows, &reference).expect("the reference agrees");
    let verified = verify(engine, &mut |_| {}).expect("a look at everything");
    assert_eq!(verified.findings, []);
    Judged { rows, event_types }
}

/// Everything that was answered is kept as it was answered; every decision in the log was told to somebody's key,
/// whole and once.
pub fn answers(engine: &mut dyn Engine, answered: &[(String, Answer)]) {
    let receipts = engine.receipts_after("", usize::MAX).expect("a read");
    let by_key: BTreeMap<&str, &Receipt> = receipts.iter().map(|r| (r.key.as_str(), r)).collect();
    for (key, answer) in answered {
        let Some(receipt) = by_key.get(key.as_str()) else {
            // What cannot be read is refused at the border, and is nobody's command.
            let code = answer.body["code"].as_str();
            let at_the_border = matches!(code, Some("malformed" | "unreadable_id"));
            assert!(at_the_border, "{key} was answered, and is lost: {answer:?}");
            continue;
        };
        let kept: Value = serde_json::from_str(&receipt.reply).expect("JSON");
        for (field, value) in kept.as_object().expect("an object") {
            assert_eq!(&answer.body[field], value, "{key}: {field}");
        }
        assert_eq!(
            receipt.outcome == "recorded" || receipt.outcome == "already_recorded",
            answer.status == 200
        );
    }
    let mut told: BTreeSet<Vec<(u64, String)>> = BTreeSet::new();
    for receipt in &receipts {
        let said: Value = serde_json::from_str(&receipt.reply).expect("JSON");
        let events: Vec<(u64, String)> = said["events"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|event| {
                let number = event["sequence_num"].as_u64().expect("a number");
                (
                    number,
                    event["event_type"].as_str().expect("a type").to_owned(),
                )
            })
            .collect();
        if !events.is_empty() {
            assert!(
                told.insert(events),
                "{} was told of the events of another key",
                receipt.key
            );
        }
    }
    let stored = engine
        .events(&EventFilter::after(0, usize::MAX))
        .expect("a read");
    let decisions = stored.chunk_by(|a, b| a.correlation_id == b.correlation_id);
    let happened: BTreeSet<Vec<(u64, String)>> = decisions
        .map(|decision| {
            let events = decision.iter();
            events
                .map(|event| (event.sequence_num, event.event_type.to_string()))
                .collect()
        })
        .collect();
    assert_eq!(told, happened, "what was told and what happened");
}
