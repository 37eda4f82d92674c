//! One good history, and for every invariant histories that break it.

use super::Invariant::{self, *};
use super::{Checker, same_but_for_device_clocks};
use crate::domain::card_unit::CardUnitEvent;
use crate::domain::event::{Context, Event, Recorded, UnitRef, schema_version};
use crate::domain::product::ProductEvent;
use crate::domain::sheet::SheetEvent;
use crate::identity::{CardUnitId, CorrelationId};
use jiff::Timestamp;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// An event as its JSON would be, so that a history reads like a log.
macro_rules! event {
    ($name:ident; $($field:ident: $value:expr),*) => {{
        let payload: serde_json::Map<String, Value> =
            [$((stringify!($field).to_owned(), json!($value))),*].into_iter().collect();
        let name = stringify!($name);
        Event::decode(name, schema_version(name), &Value::Object(payload).to_string()).unwrap()
    }};
}

const SHEET: &str = "J1-S001";
const SET: &str = "J1-S001-SET";
const PLAIN: &str = "J1-S001-01";
/// Position 2 bears a number and takes a piece.
const RELIC: &str = "J1-S001-02";
const OVERS: &str = "J1-S002";
const SPARE: &str = "J1-S002-01";
const REPLACEMENT: &str = "J1-S001-01-R1";
const BOX: &str = "J1-BOX-001";

/// A log in the making: each call of `decide` is one decision.
#[derive(Clone, Default)]
struct History {
    log: Vec<Recorded>,
    versions: BTreeMap<UnitRef, u32>,
    decisions: u32,
}

impl History {
    fn decide(mut self, events: impl IntoIterator<Item = Event>) -> Self {
        self.decisions += 1;
        for event in events {
            let version = self.versions.entry(event.unit()).or_default();
            *version += 1;
            let sequence_num = self.log.len() as u64 + 1;
            let at = Timestamp::from_second(sequence_num.cast_signed()).unwrap();
            self.log.push(Recorded {
                sequence_num,
                aggregate_version: *version,
                context: Context {
                    occurred_at: at,
                    recorded_at: at,
                    operator_id: None,
                    station_id: None,
                    correlation_id: CorrelationId::new(format!("c{}", self.decisions)),
                    late: false,
                },
                event,
            });
        }
        self
    }

    /// The last decision was not taken; another one with these of its events was.
    fn with_last_decision(mut self, change: impl FnOnce(&mut Vec<Event>)) -> Self {
        let last = self.log.last().unwrap().context.correlation_id.clone();
        let at = self
            .log
            .iter()
            .position(|r| r.context.correlation_id == last)
            .unwrap();
        let mut events: Vec<Event> = self
            .log
            .split_off(at)
            .into_iter()
            .map(|r| r.event)
            .collect();
        for event in &events {
            *self.versions.get_mut(&event.unit()).unwrap() -= 1;
        }
        change(&mut events);
        self.decide(events)
    }

    fn last(&self) -> u64 {
        self.log.last().unwrap().sequence_num
    }

    /// The product, an order, its job, one sheet and one of overs.
    fn ordered() -> Self {
        let operation = |id: &str, station: &str, entity: &str, after: &[&str]| {
            json!({
                "operation_id": id, "operation_type": id, "station_type": station,
                "required_for_entity_type": entity, "predecessors": after,
                "standard_time_minutes": 1,
            })
        };
        let spec = json!({
            "name": "Base", "rework_limit": 2,
            "layout": {"n_up": 2, "rows": 1, "columns": 2, "positions": [
                {"position": 1, "design": "PLAIN"},
                {"position": 2, "design": "RELIC", "serialized": true, "memorabilia": "JERSEY"},
            ]},
            "numbering": {"scope": "job_position", "edition_size": 9},
            "operations": [
                operation("PRESS", "press", "sheet", &[]),
                operation("FOIL", "foil_stamp", "sheet", &["PRESS"]),
                operation("CUT", "cutting", "sheet", &["FOIL"]),
                operation("NUMBER", "numbering", "card_unit", &["CUT"]),
                operation("PLACE", "memorabilia", "card_unit", &["NUMBER"]),
                operation("QA", "qa", "card_unit", &["PLACE"]),
            ],
        });
        let [product, order, job] = ["BASE", "PO-1", "J1"];
        Self::default()
            .decide([event!(ProductSpecPublished;
                product_id: product, product_version: 1, spec: spec
            )])
            .decide([event!(ProductionOrderPlaced;
                order_id: order, customer: "C", product_id: product, quantity: 2,
                due_date: "2026-12-01", priority: 0
            )])
            .decide([
                event!(ProductionOrderJobSpawned; order_id: order, job_id: job, quantity: 2),
                event!(JobCreated;
                    job_id: job, order_id: order, product_id: product, product_version: 1,
                    quantity: 2, n_up: 2, due_date: "2026-12-01", priority: 0
                ),
                event!(SheetsCreated;
                    job_id: job, first_sheet_number: 1, count: 1, purpose: "run"
                ),
                event!(SheetCreated; sheet_id: SHEET, purpose: "run"),
                event!(SheetsCreated;
                    job_id: job, first_sheet_number: 2, count: 1, purpose: "overs"
                ),
                event!(SheetCreated; sheet_id: OVERS, purpose: "overs"),
            ])
            .decide([piece("JERSEY-1")])
    }

    /// Both sheets printed and cut.
    fn cut() -> Self {
        let history = Self::ordered().printed(SHEET).decide(cut(SHEET, false));
        history.printed(OVERS).decide(cut(OVERS, true))
    }

    fn printed(self, sheet: &str) -> Self {
        self.decide([event!(SheetEnteredStation;
            sheet_id: sheet, station_type: "press", operation_id: "PRESS"
        )])
        .decide([event!(SheetEnteredStation;
            sheet_id: sheet, station_type: "foil_stamp", operation_id: "FOIL",
            completed_operation_id: "PRESS"
        )])
        .decide([event!(SheetOperationCompleted;
            sheet_id: sheet, operation_id: "FOIL", ready_to_cut: true
        )])
    }

    fn passed(self, card: &str) -> Self {
        self.decide([event!(CardUnitEnteredStation;
            card_unit_id: card, station_type: "qa", operation_id: "QA"
        )])
        .decide([verdict(card, "PASS")])
    }

    /// Position 2 gets its number and its piece.
    fn adorned(self, card: &str, number: u32, piece: &str) -> Self {
        self.decide([numbered(card, number)])
            .decide(placed(card, piece))
    }

    /// Both cards of the sheet done, none gathered.
    fn done() -> Self {
        Self::cut()
            .passed(PLAIN)
            .adorned(RELIC, 7, "JERSEY-1")
            .passed(RELIC)
    }

    /// The set complete.
    fn complete() -> Self {
        Self::done()
            .decide(gathered(PLAIN, false))
            .decide(gathered(RELIC, true))
    }

    fn packed() -> Self {
        Self::complete()
            .decide([opened(BOX)])
            .decide(packed(&[PLAIN, RELIC]))
    }

    fn shipped() -> Self {
        Self::packed()
            .decide([event!(PackClosed; pack_id: BOX)])
            .decide([event!(PackShipped; pack_id: BOX)])
    }

    /// The card of position 1 voided, and a spare put in its place.
    fn replaced() -> Self {
        Self::done()
            .decide(voided(PLAIN))
            .decide(replaced_by_spare())
    }

    fn violations(&self) -> Vec<String> {
        Checker::check(&self.log)
            .iter()
            .map(ToString::to_string)
            .collect()
    }

    /// The checker finds these invariants broken and no others, and says so in words with `part`.
    #[track_caller]
    fn breaks(&self, invariants: &[Invariant], part: &str) {
        let found = Checker::check(&self.log);
        let mut broken: Vec<Invariant> = found.iter().map(|v| v.invariant).collect();
        broken.sort_unstable();
        broken.dedup();
        assert_eq!(broken, invariants, "{}", self.violations().join("\n"));
        self.is_told(part);
    }

    /// Among whatever else the checker finds is this.
    #[track_caller]
    fn is_told(&self, part: &str) {
        let words = self.violations().join("\n");
        assert!(words.contains(part), "{part:?} is not in\n{words}");
    }
}

fn piece(id: &str) -> Event {
    event!(MemorabiliaRegistered; piece_id: id, kind: "JERSEY", description: "a patch")
}

fn created(card: &str, spare: bool) -> Event {
    let id: CardUnitId = card.parse().unwrap();
    let design = ["PLAIN", "RELIC"][usize::from(id.position()) - 1];
    event!(CardUnitCreated;
        card_unit_id: id, sheet_id: id.sheet(), job_id: id.job(), position: id.position(),
        design: design, spare: spare
    )
}

fn cut(sheet: &str, spares: bool) -> Vec<Event> {
    let cards = [format!("{sheet}-01"), format!("{sheet}-02")];
    vec![
        event!(SheetCut; sheet_id: sheet, job_id: "J1", n_up: 2, card_unit_ids: cards),
        created(&cards[0], spares),
        created(&cards[1], spares),
        event!(AssemblyCreated;
            assembly_id: format!("{sheet}-SET"), sheet_id: sheet, job_id: "J1", expected_count: 2,
            spares: spares
        ),
    ]
}

fn number(k: u32) -> Value {
    let scope = json!({"position": {"job_id": "J1", "position": 2}});
    json!({"scope": scope, "number": k, "of": 9})
}

fn numbered(card: &str, k: u32) -> Event {
    event!(SequentialNumberApplied;
        card_unit_id: card, operation_id: "NUMBER", sequential_number: number(k)
    )
}

fn placed(card: &str, piece: &str) -> Vec<Event> {
    vec![
        event!(MemorabiliaPlaced; card_unit_id: card, operation_id: "PLACE", piece_id: piece),
        event!(MemorabiliaPieceInserted; piece_id: piece, card_unit_id: card),
    ]
}

fn verdict(card: &str, result: &str) -> Event {
    event!(QAResultRecorded; card_unit_id: card, operation_id: "QA", result: result)
}

fn set_of(card: &str) -> (String, u16) {
    let id: CardUnitId = card.parse().unwrap();
    (id.assembly().to_string(), id.position())
}

fn gathered(card: &str, completes: bool) -> Vec<Event> {
    let (set, position) = set_of(card);
    let mut events = vec![
        event!(CardScannedForAssembly; assembly_id: set, card_unit_id: card, position: position),
        event!(CardUnitAssembled; card_unit_id: card, assembly_id: set),
    ];
    events.extend(completes.then(|| event!(AssemblyCompleted; assembly_id: set)));
    events
}

fn removed(card: &str) -> Vec<Event> {
    let (set, position) = set_of(card);
    vec![
        event!(CardRemovedFromAssembly;
            assembly_id: set, card_unit_id: card, position: position, reason: "look again"
        ),
        event!(CardUnitRemovedFromAssembly;
            card_unit_id: card, assembly_id: set, reason: "look again"
        ),
    ]
}

fn lost(card: &str, cause: &str) -> Event {
    let (set, position) = set_of(card);
    event!(AssemblyMemberLost;
        assembly_id: set, card_unit_id: card, position: position, cause: cause
    )
}

fn void(card: &str) -> Event {
    event!(CardUnitVoided; card_unit_id: card, reason: "torn")
}

fn voided(card: &str) -> Vec<Event> {
    vec![void(card), lost(card, "voided")]
}

/// The void of position 2, with what becomes of its number and piece.
fn voided_relic(card: &str, number_of_voided: &str, piece: &str) -> Vec<Event> {
    vec![
        event!(CardUnitVoided;
            card_unit_id: card, reason: "torn", number_of_voided: number_of_voided
        ),
        lost(card, "voided"),
        event!(MemorabiliaPieceFreed; piece_id: piece, card_unit_id: card, reason: "torn"),
    ]
}

fn replaced(card: &str, replaces: &str, source: &Value) -> Vec<Event> {
    let id: CardUnitId = card.parse().unwrap();
    let design = ["PLAIN", "RELIC"][usize::from(id.position()) - 1];
    vec![
        event!(ReplacementCardUnitCreated;
            card_unit_id: id, sheet_id: id.sheet(), job_id: id.job(), position: id.position(),
            design: design, replaces: replaces, source: source
        ),
        event!(AssemblyMemberReplaced;
            assembly_id: id.assembly(), position: id.position(), card_unit_id: id,
            replaces: replaces
        ),
    ]
}

fn replaced_by_spare() -> Vec<Event> {
    let source = json!({"kind": "spare", "card_unit_id": SPARE});
    let mut events = replaced(REPLACEMENT, PLAIN, &source);
    events.push(event!(CardUnitConsumedAsSpare; card_unit_id: SPARE, replacement_id: REPLACEMENT));
    events.push(lost(SPARE, "consumed"));
    events
}

fn corrected(card: &str, undoes: &[u64], restores: &Value) -> Event {
    event!(CardUnitCorrected;
        card_unit_id: card, undoes: undoes, reason: "mistake", restores: restores
    )
}

fn restored(card: &str, gathered: bool) -> Event {
    let (set, position) = set_of(card);
    event!(AssemblyMemberRestored;
        assembly_id: set, card_unit_id: card, position: position, gathered: gathered
    )
}

fn opened(pack: &str) -> Event {
    event!(PackOpened; pack_id: pack, job_id: "J1", capacity: 10)
}

fn packed(cards: &[&str]) -> Vec<Event> {
    let mut events = vec![
        event!(SetPacked; assembly_id: SET, pack_id: BOX, card_unit_ids: cards),
        event!(SetAddedToPack; pack_id: BOX, assembly_id: SET),
    ];
    let card = |card| event!(CardUnitPacked; card_unit_id: card, pack_id: BOX);
    events.extend(cards.iter().map(card));
    events
}

fn unpacked(cards: &[&str]) -> Vec<Event> {
    let mut events = vec![
        event!(SetUnpacked; assembly_id: SET, pack_id: BOX, reason: "recount"),
        event!(SetRemovedFromPack; pack_id: BOX, assembly_id: SET, reason: "recount"),
    ];
    let card = |card| event!(CardUnitUnpacked; card_unit_id: card, pack_id: BOX);
    events.extend(cards.iter().map(card));
    events
}

/// From the order to the lorry, with what goes wrong on the way and is put right.
fn good_history() -> History {
    let enter_number = event!(CardUnitEnteredStation;
        card_unit_id: RELIC, station_type: "numbering", operation_id: "NUMBER"
    );
    let rework = event!(CardUnitEnteredStation;
        card_unit_id: RELIC, station_type: "memorabilia", operation_id: "PLACE",
        reopened_operation_ids: ["PLACE"]
    );
    let end_of_rework = event!(CardUnitEnteredStation;
        card_unit_id: RELIC, station_type: "qa", operation_id: "QA",
        completed_operation_id: "PLACE"
    );
    let history = History::cut()
        .passed(PLAIN)
        .decide(gathered(PLAIN, false))
        .decide(removed(PLAIN))
        .decide(gathered(PLAIN, false))
        .decide([enter_number])
        .adorned(RELIC, 7, "JERSEY-1")
        .decide([verdict(RELIC, "FAIL")])
        .decide([rework])
        .decide([end_of_rework])
        .decide([verdict(RELIC, "PASS")])
        .decide(voided(PLAIN))
        .decide(replaced_by_spare())
        .passed(REPLACEMENT)
        .decide(gathered(RELIC, false))
        .decide(voided_relic(RELIC, "back_to_pool", "JERSEY-1"));
    // That void was a mistake.
    let restores = json!({
        "status": "assembled", "completed_operation_ids": ["NUMBER", "PLACE", "QA"],
        "qa_result": "PASS", "sequential_number": number(7), "piece_ids": ["JERSEY-1"],
    });
    let undone = history.last() - 2;
    let cards = [REPLACEMENT, RELIC];
    history
        .decide([
            corrected(RELIC, &[undone], &restores),
            restored(RELIC, true),
            event!(MemorabiliaPieceInserted; piece_id: "JERSEY-1", card_unit_id: RELIC),
        ])
        .decide([event!(CardUnitHeld; card_unit_id: RELIC, reason: "look at it")])
        .decide([event!(CardUnitReleased; card_unit_id: RELIC, reason: "fine")])
        .decide(gathered(REPLACEMENT, true))
        .decide([opened(BOX)])
        .decide(packed(&cards))
        .decide(unpacked(&cards))
        .decide(packed(&cards))
        .decide([event!(PackClosed; pack_id: BOX)])
        .decide([opened("J1-CASE-001")])
        .decide(nested())
        .decide([event!(PackClosed; pack_id: "J1-CASE-001")])
        .decide([event!(PackShipped; pack_id: "J1-CASE-001")])
}

fn nested() -> [Event; 2] {
    let case = "J1-CASE-001";
    [
        event!(PackAddedToPack; pack_id: case, inner_pack_id: BOX),
        event!(PackNested; pack_id: BOX, outer_pack_id: case),
    ]
}

#[test]
fn a_good_history_has_no_violation() {
    assert_eq!(good_history().violations(), [""; 0]);
}

#[test]
fn a_violation_says_which_invariant_where_and_why() {
    let found = History::packed().decide([void(PLAIN)]).violations();
    assert_eq!(
        found[0],
        "invariant 4 (what is packed, voided or cut rests), event 41, J1-S001-01: the card is packed"
    );
}

#[test]
fn every_invariant_has_its_number() {
    let numbers: Vec<u8> = Invariant::ALL
        .iter()
        .map(|invariant| invariant.number())
        .collect();
    assert_eq!(numbers, (1..=12).collect::<Vec<u8>>());
}

/// Without any one of its events the good history is a bad one, but for those that no invariant rests
/// on: an entry that a verdict or a number follows, a fail, a hold, what happens to a pack at the end.
#[test]
fn no_event_of_the_good_history_can_be_missing_unnoticed() {
    let good = good_history();
    let mut unnoticed = BTreeMap::new();
    for missing in 0..good.log.len() {
        let (without, gone) = without_event(&good.log, missing);
        if Checker::check(&without).is_empty() {
            *unnoticed.entry(gone.event.event_type()).or_insert(0) += 1;
        }
    }
    let expected = [
        ("CardUnitEnteredStation", 3),
        ("CardUnitHeld", 1),
        ("PackClosed", 2),
        ("PackShipped", 1),
        ("QAResultRecorded", 1),
    ];
    assert_eq!(unnoticed, BTreeMap::from(expected));
}

/// The log without that event, numbered anew as if it had never been.
fn without_event(log: &[Recorded], missing: usize) -> (Vec<Recorded>, &Recorded) {
    let gone = &log[missing];
    let renumber = |number: u64| number - u64::from(number > gone.sequence_num);
    let mut without = log.to_vec();
    without.remove(missing);
    for recorded in &mut without {
        let later_in_stream = recorded.event.unit() == gone.event.unit()
            && recorded.aggregate_version > gone.aggregate_version;
        recorded.aggregate_version -= u32::from(later_in_stream);
        recorded.sequence_num = renumber(recorded.sequence_num);
        if let Event::CardUnit(CardUnitEvent::CardUnitCorrected(e)) = &mut recorded.event {
            e.undoes
                .iter_mut()
                .for_each(|undone| *undone = renumber(*undone));
        }
        if let Event::Sheet(SheetEvent::SheetCorrected(e)) = &mut recorded.event {
            e.undoes
                .iter_mut()
                .for_each(|undone| *undone = renumber(*undone));
        }
    }
    (without, gone)
}

#[test]
fn observing_one_by_one_and_ending_decisions_aloud_finds_the_same() {
    let history = History::done().decide(gathered(PLAIN, true));
    let mut checker = Checker::default();
    let mut found = Vec::new();
    for (index, recorded) in history.log.iter().enumerate() {
        found.extend(checker.observe(recorded));
        let next = history
            .log
            .get(index + 1)
            .map(|next| &next.context.correlation_id);
        if next != Some(&recorded.context.correlation_id) {
            found.extend(checker.finish_decision());
        }
    }
    found.extend(checker.finish());
    assert!(!found.is_empty());
    assert_eq!(found, Checker::check(&history.log));
}

mod streams {
    use super::*;

    #[test]
    fn a_gap_in_the_log_is_a_violation() {
        let mut history = History::ordered();
        history.log.last_mut().unwrap().sequence_num += 1;
        history.breaks(&[Streams], "the event before it in the log is number");
    }

    #[test]
    fn a_gap_in_a_stream_is_a_violation() {
        let mut history = History::cut();
        history.log.last_mut().unwrap().aggregate_version = 3;
        history.breaks(&[Streams], "version 3 of the stream follows version 0");
    }

    #[test]
    fn a_second_creation_is_a_violation() {
        History::ordered()
            .decide([piece("JERSEY-1")])
            .breaks(&[Streams], "is there already");
    }

    #[test]
    fn a_stream_without_its_creation_is_a_violation() {
        let close = event!(PackClosed; pack_id: BOX);
        History::ordered()
            .decide([close])
            .breaks(&[Streams], "which creates nothing");
    }

    #[test]
    fn an_id_of_other_ancestry_is_a_violation() {
        let pack = event!(PackOpened; pack_id: BOX, job_id: "J2", capacity: 1);
        History::ordered()
            .decide([pack])
            .breaks(&[Streams], "ancestry");
        let stray = event!(CardUnitRemovedFromAssembly;
            card_unit_id: PLAIN, assembly_id: "J1-S002-SET", reason: "look again");
        let found = History::packed().decide([stray]).violations();
        assert!(found.iter().any(|v| v.contains("ancestry")), "{found:?}");
    }

    #[test]
    fn whatever_an_event_says_of_its_ancestry_has_to_be_what_its_id_says() {
        let others = [
            ("job_id", json!("J9")),
            ("sheet_id", json!("J1-S077")),
            ("position", json!(9)),
            ("assembly_id", json!("J1-S077-SET")),
        ];
        let says_it_twice = [
            "SheetCut",
            "CardUnitCreated",
            "ReplacementCardUnitCreated",
            "CardUnitAssembled",
            "AssemblyCreated",
            "PackOpened",
        ];
        let mut tried = BTreeSet::new();
        for history in [History::packed(), History::replaced()] {
            for (at, recorded) in history.log.iter().enumerate() {
                let event_type = recorded.event.event_type();
                let payload = recorded.event.payload_json();
                for (field, other) in &others {
                    let mut payload: Value = serde_json::from_str(&payload).unwrap();
                    let Some(said) = payload.get_mut(field) else {
                        continue;
                    };
                    *said = other.clone();
                    let version = schema_version(event_type);
                    let event = Event::decode(event_type, version, &payload.to_string()).unwrap();
                    if event.unit() != recorded.event.unit() || !says_it_twice.contains(&event_type)
                    {
                        continue; // it is another unit's event then, or names another unit
                    }
                    let mut changed = history.clone();
                    changed.log[at].event = event;
                    changed.is_told("ancestry");
                    tried.insert((event_type, *field));
                }
            }
        }
        assert_eq!(tried.len(), 11, "{tried:?}");
    }

    #[test]
    fn a_server_clock_that_runs_backwards_is_a_violation() {
        let mut history = History::ordered();
        history.log.last_mut().unwrap().context.recorded_at = Timestamp::UNIX_EPOCH;
        history.breaks(&[Streams], "recorded at 1970");
    }

    #[test]
    fn a_product_version_left_out_is_a_violation() {
        let mut history = History::ordered();
        let Event::Product(ProductEvent::ProductSpecPublished(mut e)) = history.log.remove(0).event
        else {
            unreachable!("the history begins with the product");
        };
        e.product_version = 3;
        let history = History::ordered().decide([e.into()]);
        history.breaks(&[Streams], "product version 3 is version 2 of its stream");
    }
}

mod the_cut {
    use super::*;

    #[test]
    fn a_second_cut_is_a_violation() {
        let again = cut(SHEET, false).remove(0);
        History::cut()
            .decide([again])
            .breaks(&[CutOnce, Conservation], "is cut already");
    }

    #[test]
    fn a_cut_that_lacks_a_card_or_its_set_is_a_violation() {
        for missing in [2, 3] {
            let mut events = cut(SHEET, false);
            events.remove(missing);
            let found = History::ordered()
                .printed(SHEET)
                .decide(events)
                .violations();
            assert!(
                found
                    .iter()
                    .any(|v| v.starts_with("invariant 2") && v.contains("cut into 2, but")),
                "{found:?}"
            );
        }
    }

    #[test]
    fn a_cut_in_two_decisions_is_a_violation() {
        let mut events = cut(SHEET, false);
        let rest = events.split_off(2);
        let history = History::ordered()
            .printed(SHEET)
            .decide(events)
            .decide(rest);
        history.breaks(&[Streams, CutOnce, Conservation], "without the cut");
    }

    #[test]
    fn a_cut_that_names_a_position_twice_is_a_violation() {
        let mut events = cut(SHEET, false);
        events[0] = event!(SheetCut;
            sheet_id: SHEET, job_id: "J1", n_up: 2, card_unit_ids: [PLAIN, PLAIN]
        );
        let history = History::ordered().printed(SHEET).decide(events);
        history.breaks(&[CutOnce], "not those of positions 1 to 2");
    }

    #[test]
    fn a_card_that_the_sheet_does_not_bear_is_a_violation() {
        let mut events = cut(SHEET, false);
        events[1] = created(PLAIN, true);
        let history = History::ordered().printed(SHEET).decide(events);
        history.breaks(&[CutOnce], "spare: true");
    }

    #[test]
    fn a_job_of_another_n_up_than_its_product_is_a_violation() {
        let job = event!(JobCreated;
            job_id: "J2", order_id: "PO-1", product_id: "BASE", product_version: 1, quantity: 3,
            n_up: 3, due_date: "2026-12-01", priority: 0
        );
        let history = History::ordered().decide([job]);
        history.is_told("the job is 3 up, its product 2 up");
        history.is_told("PO-1 did not spawn it");
    }

    #[test]
    fn a_cut_into_more_cards_than_the_job_says_is_a_violation() {
        let cards = [PLAIN, RELIC, "J1-S001-03"];
        let third = event!(CardUnitCreated;
            card_unit_id: cards[2], sheet_id: SHEET, job_id: "J1", position: 3, design: "PLAIN"
        );
        let mut events = cut(SHEET, false);
        events[0] = event!(SheetCut;
            sheet_id: SHEET, job_id: "J1", n_up: 3, card_unit_ids: cards
        );
        events[3] = event!(AssemblyCreated;
            assembly_id: SET, sheet_id: SHEET, job_id: "J1", expected_count: 3
        );
        events.push(third);
        let history = History::ordered().printed(SHEET).decide(events);
        history.breaks(&[CutOnce], "cut into 3 cards, the job is 2 up");
    }

    #[test]
    fn a_cut_by_correction_is_a_violation() {
        let history = History::ordered().decide([event!(SheetCorrected;
            sheet_id: SHEET, undoes: json!([]), reason: "mistake",
            restores: json!({"status": "cut"})
        )]);
        history.breaks(&[CutOnce], "only a cut does");
    }

    #[test]
    fn cards_and_sets_that_the_sheet_does_not_make_are_violations() {
        let instead = |index: usize, event: Event| {
            let mut events = cut(SHEET, false);
            events[index] = event;
            History::ordered().printed(SHEET).decide(events)
        };
        let design = event!(CardUnitCreated;
            card_unit_id: PLAIN, sheet_id: SHEET, job_id: "J1", position: 1, design: "RELIC"
        );
        instead(1, design).breaks(&[CutOnce], "bears design RELIC, its position PLAIN");
        instead(1, created(REPLACEMENT, false)).is_told("the cut makes no replacements");
        let set = event!(AssemblyCreated;
            assembly_id: SET, sheet_id: SHEET, job_id: "J1", expected_count: 2, spares: true
        );
        instead(3, set).breaks(&[CutOnce], "spares: true");
    }
}

mod conservation {
    use super::*;

    #[test]
    fn a_set_that_holds_a_card_which_is_not_gathered_is_a_violation() {
        let half = gathered(PLAIN, false).remove(0);
        History::done()
            .decide([half])
            .breaks(&[Conservation], "its set holds it");
    }

    #[test]
    fn a_gathered_card_that_its_set_does_not_hold_is_a_violation() {
        let half = gathered(PLAIN, false).remove(1);
        History::done()
            .decide([half])
            .breaks(&[Conservation], "its set still expects it");
    }

    #[test]
    fn a_void_that_the_set_does_not_notice_is_a_violation() {
        let history = History::done().decide([void(PLAIN)]);
        history.breaks(
            &[Conservation],
            "the card is voided, but its set still expects it",
        );
    }

    #[test]
    fn a_live_card_of_a_voided_set_is_a_violation() {
        let scrap = event!(AssemblyVoided; assembly_id: SET, reason: "scrapped");
        History::done()
            .decide([scrap])
            .breaks(&[Conservation], "its whole set is voided");
    }

    #[test]
    fn work_on_a_gathered_card_is_a_violation() {
        let history = History::complete().decide([verdict(PLAIN, "PASS")]);
        history.breaks(&[Conservation], "the card is gathered");
    }

    #[test]
    fn a_card_that_stays_out_of_the_box_is_a_violation() {
        let history = History::packed().with_last_decision(|events| drop(events.pop()));
        history.breaks(&[Conservation], "its set is packed with it");
    }

    #[test]
    fn a_set_that_the_box_does_not_know_is_a_violation() {
        let history = History::packed().with_last_decision(|events| drop(events.remove(1)));
        history.breaks(
            &[Conservation],
            "it says it is in J1-BOX-001, the packs say in no pack",
        );
    }

    #[test]
    fn a_box_that_its_case_does_not_know_is_a_violation() {
        let history = History::packed().decide([opened("J1-CASE-001")]);
        let history = history.decide([nested()[1].clone()]);
        history.breaks(
            &[Conservation],
            "it says it is in J1-CASE-001, the packs say in no pack",
        );
    }

    #[test]
    fn a_box_that_says_twice_that_it_went_into_a_case_is_a_violation() {
        let history = History::packed().decide([opened("J1-CASE-001")]);
        let history = history.decide(nested()).decide([nested()[1].clone()]);
        history.breaks(
            &[Conservation],
            "J1-BOX-001 goes into J1-CASE-001, but is in J1-CASE-001",
        );
    }

    #[test]
    fn a_spare_consumed_for_nothing_is_a_violation() {
        let history = History::replaced().with_last_decision(|events| drop(events.drain(..2)));
        history.breaks(&[Streams, Conservation], "does not name it as its source");
    }

    #[test]
    fn a_replacement_whose_spare_lives_on_is_a_violation() {
        let history = History::replaced().with_last_decision(|events| events.truncate(2));
        history.breaks(&[Conservation], "which it does not consume");
    }

    #[test]
    fn a_replacement_that_the_set_does_not_know_is_a_violation() {
        let history = History::replaced().with_last_decision(|events| drop(events.remove(1)));
        history.breaks(
            &[Conservation],
            "cuts and replacements made 4 cards, there are 5",
        );
    }

    #[test]
    fn a_piece_that_is_not_where_its_card_says_is_a_violation() {
        for half in [0, 1] {
            let event = placed(RELIC, "JERSEY-1").remove(half);
            let history = History::cut().decide([numbered(RELIC, 7)]).decide([event]);
            history.breaks(&[Conservation], "JERSEY-1");
        }
    }

    #[test]
    fn a_piece_that_a_correction_forgot_is_a_violation() {
        // The void is taken back; the piece stays out of the card.
        let history = History::done().decide(voided_relic(RELIC, "back_to_pool", "JERSEY-1"));
        let undone = history.last() - 2;
        let restores = json!({
            "status": "qa_passed", "completed_operation_ids": ["NUMBER", "PLACE", "QA"],
            "qa_result": "PASS", "sequential_number": number(7), "piece_ids": ["JERSEY-1"],
        });
        history
            .decide([
                corrected(RELIC, &[undone], &restores),
                restored(RELIC, false),
            ])
            .breaks(&[Conservation], "JERSEY-1");
        // The placement is taken back; the piece says that it is still in the card.
        let history = History::cut().adorned(RELIC, 7, "JERSEY-1");
        let undone = history.last() - 1;
        let restores = json!({
            "status": "in_progress", "completed_operation_ids": ["NUMBER"],
            "sequential_number": number(7),
        });
        history
            .decide([corrected(RELIC, &[undone], &restores)])
            .breaks(&[Conservation], "JERSEY-1");
    }

    #[test]
    fn sheets_announced_and_not_created_are_a_violation() {
        let more = event!(SheetsCreated;
            job_id: "J1", first_sheet_number: 3, count: 2, purpose: "reprint"
        );
        History::ordered()
            .decide([more])
            .breaks(&[Conservation], "4 sheets were announced");
    }

    #[test]
    fn a_set_in_two_boxes_is_a_violation() {
        let other = "J1-BOX-002";
        let history = History::packed()
            .decide([opened(other)])
            .decide([event!(SetAddedToPack; pack_id: other, assembly_id: SET)]);
        history.breaks(
            &[Conservation],
            "J1-S001-SET goes into J1-BOX-002, but is in J1-BOX-001",
        );
    }

    #[test]
    fn a_spare_consumed_by_a_correction_is_a_violation() {
        let consumed = corrected(SPARE, &[], &json!({"status": "consumed"}));
        let history = History::cut().decide([consumed, lost(SPARE, "consumed")]);
        history.breaks(&[Conservation], "consumed, but by no replacement");
    }

    #[test]
    fn counts_of_sheet_and_set_that_differ_are_a_violation() {
        let history = History::done().decide([void(PLAIN)]);
        history.is_told(
            "1 cards on the floor and 0 gathered or packed, but the set expects 2 and holds 0",
        );
    }

    #[test]
    fn cards_of_a_job_that_nobody_created_are_a_violation() {
        let mut history = History::cut();
        let job = |r: &Recorded| r.event.event_type() == "JobCreated";
        let at = history.log.iter().position(job).unwrap();
        history.log = without_event(&history.log, at).0;
        history.is_told("invariant 1 (one thing, one id, one stream), event 17, J1: is named");
        history.is_told("J1: 0 cards on the floor by its events, 4 counted");
    }
}

mod final_states {
    use super::*;

    #[test]
    fn work_on_a_packed_voided_or_consumed_card_is_a_violation() {
        let history = History::packed().decide([verdict(PLAIN, "PASS")]);
        history.breaks(&[FinalStates], "the card is packed");
        let history = History::replaced().decide([verdict(PLAIN, "PASS")]);
        history.breaks(&[FinalStates], "the card is voided");
        let history = History::replaced().decide([verdict(SPARE, "PASS")]);
        history.breaks(&[FinalStates], "the card is consumed");
    }

    #[test]
    fn a_defect_on_a_cut_sheet_is_a_violation() {
        let defect = event!(SheetDefectRecorded;
            sheet_id: SHEET, position: 1, defect: json!({"failure_code": "F-201"})
        );
        History::cut()
            .decide([defect])
            .breaks(&[FinalStates], "the sheet is cut");
    }

    #[test]
    fn a_correction_of_a_cut_sheet_is_a_violation_and_of_a_voided_one_is_none() {
        let correct = |undoes: u64| {
            event!(SheetCorrected;
                sheet_id: SHEET, undoes: [undoes], reason: "mistake",
                restores: json!({"status": "in_progress"})
            )
        };
        let cut = History::ordered().printed(SHEET).decide(cut(SHEET, false));
        let event = cut.last() - 3;
        let history = cut.decide([correct(event)]);
        history.breaks(&[FinalStates], "the sheet is cut");

        let void = event!(SheetVoided; sheet_id: SHEET, reason: "torn");
        let voided = History::ordered().decide([void.clone()]);
        let event = voided.last();
        assert_eq!(
            voided.clone().decide([correct(event)]).violations(),
            [""; 0]
        );
        voided
            .decide([void])
            .breaks(&[FinalStates], "the sheet is voided");
    }

    #[test]
    fn a_change_to_a_packed_set_is_a_violation() {
        let hold = event!(AssemblyHeld; assembly_id: SET, reason: "wait");
        History::packed()
            .decide([hold])
            .breaks(&[FinalStates], "the set is packed in J1-BOX-001");
    }

    #[test]
    fn a_set_put_into_a_closed_box_is_a_violation() {
        let history = History::complete()
            .decide([opened(BOX)])
            .decide([event!(PackClosed; pack_id: BOX)])
            .decide(packed(&[PLAIN, RELIC]));
        history.breaks(&[FinalStates], "the pack is closed");
    }

    #[test]
    fn what_left_the_shop_is_never_unpacked() {
        let history = History::shipped().decide(unpacked(&[PLAIN, RELIC]));
        history.breaks(&[FinalStates], "J1-BOX-001 left the shop");
        let in_a_case = good_history().decide(unpacked(&[REPLACEMENT, RELIC]));
        in_a_case.breaks(&[FinalStates], "J1-BOX-001 left the shop");
    }

    #[test]
    fn a_change_to_a_voided_set_is_a_violation() {
        let scrap = event!(AssemblyVoided; assembly_id: SET, reason: "scrapped");
        let scrapped = [void(PLAIN), void(RELIC), scrap];
        let history = History::cut().decide(scrapped);
        assert_eq!(history.violations(), [""; 0]);
        let late = history.decide([lost(PLAIN, "voided")]);
        late.breaks(&[FinalStates], "the set is voided");
    }
}

mod the_exact_set {
    use super::*;

    #[test]
    fn a_set_packed_with_a_card_short_is_a_violation() {
        let history = History::complete()
            .decide([opened(BOX)])
            .decide(packed(&[PLAIN]));
        history.breaks(
            &[Conservation, ExactSet],
            "the 1 cards packed are not those gathered",
        );
    }

    #[test]
    fn a_set_packed_before_it_is_complete_is_a_violation() {
        let history = History::done()
            .decide(gathered(PLAIN, false))
            .decide([opened(BOX)])
            .decide(packed(&[PLAIN]));
        history.breaks(&[ExactSet], "packed, but not complete");
    }

    #[test]
    fn a_set_packed_with_a_held_card_is_a_violation() {
        let hold = event!(CardUnitHeld; card_unit_id: PLAIN, reason: "wait");
        let history = History::complete().decide([hold]).decide([opened(BOX)]);
        history
            .decide(packed(&[PLAIN, RELIC]))
            .breaks(&[ExactSet], "J1-S001-01 is on hold");
    }

    #[test]
    fn a_set_complete_with_a_position_open_is_a_violation() {
        let history = History::done().decide(gathered(PLAIN, true));
        history.breaks(&[ExactSet], "complete with 1 positions still expected");
    }

    #[test]
    fn a_filled_set_that_is_not_complete_is_a_violation() {
        let history = History::complete().with_last_decision(|events| drop(events.pop()));
        history.breaks(&[ExactSet], "but the set is not complete");
    }

    #[test]
    fn a_card_gathered_without_qa_number_or_piece_is_a_violation() {
        let history = History::cut().decide(gathered(PLAIN, false));
        history.breaks(&[ExactSet], "J1-S001-01 has not completed operation QA");
        let number_only = event!(CardUnitOperationCompleted;
            card_unit_id: RELIC, operation_id: "NUMBER"
        );
        let history = History::cut()
            .decide([number_only])
            .decide(placed(RELIC, "JERSEY-1"))
            .passed(RELIC)
            .decide(gathered(RELIC, false));
        history.breaks(&[ExactSet], "bears no number");
        let piece_only = event!(CardUnitOperationCompleted;
            card_unit_id: RELIC, operation_id: "PLACE"
        );
        let history = History::cut()
            .decide([numbered(RELIC, 7)])
            .decide([piece_only])
            .passed(RELIC)
            .decide(gathered(RELIC, false));
        history.breaks(&[ExactSet], "holds no piece");
    }

    #[test]
    fn a_card_gathered_for_another_position_is_a_violation() {
        let history = History::done().with_last_decision(|_| {}).decide([
            event!(CardScannedForAssembly; assembly_id: SET, card_unit_id: PLAIN, position: 2),
            event!(CardUnitAssembled; card_unit_id: PLAIN, assembly_id: SET),
        ]);
        history.breaks(&[Conservation, ExactSet], "does not belong to position 2");
    }

    #[test]
    fn a_short_set_is_exact_by_its_concession_and_only_by_that() {
        let concede = event!(ConcessionSigned;
            assembly_id: SET, positions: [1], signed_by: "OP-1", reason: "agreed"
        );
        let complete =
            |short: &[u16]| event!(AssemblyCompleted; assembly_id: SET, short_positions: short);
        let lacking = History::done()
            .decide(voided(PLAIN))
            .decide(gathered(RELIC, false));
        let short = lacking.clone().decide([concede.clone(), complete(&[1])]);
        let packed_short = short.decide([opened(BOX)]).decide(packed(&[RELIC]));
        assert_eq!(packed_short.violations(), [""; 0]);

        let silent = lacking.clone().decide([concede, complete(&[])]);
        silent.breaks(&[ExactSet], "short positions [] are not those conceded");
        lacking
            .decide([complete(&[1])])
            .breaks(&[ExactSet], "1 vacant");
    }

    #[test]
    fn a_held_set_that_is_packed_is_a_violation() {
        let hold = event!(AssemblyHeld; assembly_id: SET, reason: "wait");
        let history = History::complete()
            .decide([hold])
            .decide([opened(BOX)])
            .decide(packed(&[PLAIN, RELIC]));
        history.breaks(&[ExactSet], "packed while it is on hold");
    }

    #[test]
    fn a_card_gathered_twice_or_after_its_replacement_is_a_violation() {
        let again = gathered(PLAIN, false).remove(0);
        let history = History::done()
            .decide(gathered(PLAIN, false))
            .decide([again]);
        history.breaks(&[ExactSet], "position 1 was gathered before");
        let old = gathered(PLAIN, false).remove(0);
        History::replaced()
            .decide([old])
            .is_told("position 1 is for J1-S001-01-R1, not for J1-S001-01");
    }

    #[test]
    fn a_concession_for_a_position_that_the_set_does_not_have_is_a_violation() {
        let concede = event!(ConcessionSigned;
            assembly_id: SET, positions: [3], signed_by: "OP-1", reason: "agreed"
        );
        let history = History::done().decide([concede]);
        history.breaks(&[ExactSet], "the set has no position 3 to concede");
    }
}

mod numbers_and_pieces {
    use super::*;

    const OTHER: &str = "J1-S002-02";
    const RELIC_1: &str = "J1-S001-02-R1";

    /// Number 7 given, then voided with this fate, and the card replaced by a reprint.
    fn voided_as(fate: &str) -> History {
        let reprint = json!({"kind": "reprint"});
        History::done()
            .decide(voided_relic(RELIC, fate, "JERSEY-1"))
            .decide(replaced(RELIC_1, RELIC, &reprint))
    }

    #[test]
    fn a_card_number_on_two_live_cards_is_a_violation() {
        let history = History::done().decide([numbered(OTHER, 7)]);
        history.breaks(&[OneCardEach], "7/9 of position 2 of J1 is on J1-S001-02");
    }

    #[test]
    fn a_number_outside_its_edition_is_a_violation() {
        History::cut()
            .decide([numbered(RELIC, 10)])
            .breaks(&[OneCardEach], "10/9 is no number");
    }

    #[test]
    fn a_number_of_another_edition_is_a_violation() {
        let mut other = number(3);
        other["scope"]["position"]["position"] = json!(1);
        let history = History::cut().decide([event!(SequentialNumberApplied;
            card_unit_id: RELIC, operation_id: "NUMBER", sequential_number: other
        )]);
        history.breaks(
            &[OneCardEach],
            "not of the edition that J1-S001-02 belongs to",
        );
    }

    #[test]
    fn a_number_back_in_the_pool_is_given_again() {
        let history = voided_as("back_to_pool").decide([numbered(OTHER, 7)]);
        assert_eq!(history.violations(), [""; 0]);
    }

    #[test]
    fn a_burned_number_is_never_given_again() {
        let history = voided_as("burned").decide([numbered(RELIC_1, 7)]);
        history.breaks(&[OneCardEach], "was burned with J1-S001-02");
    }

    #[test]
    fn a_number_passed_on_goes_to_the_replacement_and_nowhere_else() {
        let history = voided_as("pass_to_replacement");
        assert_eq!(
            history.clone().decide([numbered(RELIC_1, 7)]).violations(),
            [""; 0]
        );
        let history = history.decide([numbered(OTHER, 7)]);
        history.breaks(&[OneCardEach], "is kept for the replacement of J1-S001-02");
    }

    #[test]
    fn a_second_number_on_a_card_is_a_violation() {
        let history = History::done().decide([numbered(RELIC, 8)]);
        history.breaks(&[OneCardEach], "given 8/9, but bears 7/9 already");
    }

    #[test]
    fn a_void_that_is_silent_about_the_number_is_a_violation() {
        let mut events = voided_relic(RELIC, "burned", "JERSEY-1");
        events[0] = void(RELIC);
        let history = History::done().decide(events);
        history.breaks(&[OneCardEach], "does not say what becomes of number 7/9");
    }

    #[test]
    fn a_correction_that_gives_back_a_number_given_again_is_a_violation() {
        let history = History::done().decide(voided_relic(RELIC, "back_to_pool", "JERSEY-1"));
        let undone = history.last() - 2;
        let restores = json!({
            "status": "qa_passed", "completed_operation_ids": ["NUMBER", "PLACE", "QA"],
            "sequential_number": number(7),
        });
        let events = [
            corrected(RELIC, &[undone], &restores),
            restored(RELIC, false),
        ];
        let history = history.decide([numbered(OTHER, 7)]).decide(events);
        history.breaks(&[OneCardEach], "is on J1-S002-02");
    }

    #[test]
    fn a_piece_in_two_live_cards_is_a_violation() {
        let history = History::done().decide([numbered(OTHER, 8)]);
        let history = history.decide(placed(OTHER, "JERSEY-1"));
        history.breaks(&[OneCardEach], "JERSEY-1 is in J1-S001-02");
    }

    #[test]
    fn a_piece_left_in_a_voided_card_is_a_violation() {
        let mut events = voided_relic(RELIC, "burned", "JERSEY-1");
        events.pop();
        let history = History::done().decide(events);
        history.breaks(&[OneCardEach], "JERSEY-1 is still in it");
    }

    #[test]
    fn a_destroyed_piece_is_never_placed_in_another_card() {
        let mut events = voided_relic(RELIC, "burned", "JERSEY-1");
        events[2] = event!(MemorabiliaPieceDestroyed;
            piece_id: "JERSEY-1", card_unit_id: RELIC, reason: "torn"
        );
        let history = History::done().decide(events).decide([numbered(OTHER, 8)]);
        let history = history.decide(placed(OTHER, "JERSEY-1"));
        history.breaks(&[OneCardEach], "JERSEY-1 was destroyed with J1-S001-02");
    }

    #[test]
    fn a_number_of_another_edition_size_is_a_violation() {
        let mut other = number(3);
        other["of"] = json!(99);
        let history = History::cut().decide([event!(SequentialNumberApplied;
            card_unit_id: RELIC, operation_id: "NUMBER", sequential_number: other
        )]);
        history.breaks(&[OneCardEach], "3/99 is given, in an edition of 9");
    }
}

mod replacement_chains {
    use super::*;

    fn reprint() -> Value {
        json!({"kind": "reprint"})
    }

    #[test]
    fn two_live_units_at_a_position_are_a_violation() {
        let history = History::done().decide(replaced(REPLACEMENT, PLAIN, &reprint()));
        let words = history.violations().join("\n");
        assert!(words.contains("invariant 7"), "{words}");
        assert!(
            words.contains("is replaced, but on the floor instead of voided"),
            "{words}"
        );
    }

    #[test]
    fn an_undone_void_of_a_replaced_card_is_a_violation() {
        let history = History::done().decide(voided(PLAIN));
        let undone = history.last() - 1;
        let restores = json!({"status": "qa_passed", "completed_operation_ids": ["QA"]});
        let history = history.decide(replaced_by_spare());
        let history = history.decide([corrected(PLAIN, &[undone], &restores)]);
        let words = history.violations().join("\n");
        assert!(
            words.contains("is replaced, but on the floor instead of voided"),
            "{words}"
        );
    }

    #[test]
    fn a_chain_that_leaps_or_returns_is_a_violation() {
        for (unit, replaces) in [
            ("J1-S001-01-R2", PLAIN),
            (REPLACEMENT, RELIC),
            (REPLACEMENT, REPLACEMENT),
            (REPLACEMENT, "J1-S001-01-R2"),
        ] {
            let history = History::done().decide(voided(PLAIN));
            let history = history.decide(replaced(unit, replaces, &reprint()));
            let words = history.violations().join("\n");
            assert!(
                words.contains("invariant 7"),
                "{unit} for {replaces}: {words}"
            );
            assert!(
                words.contains(&format!("{replaces} is not the unit before")),
                "{words}"
            );
        }
    }

    #[test]
    fn a_spare_of_another_position_or_no_spare_at_all_is_a_violation() {
        for other in ["J1-S002-02", RELIC] {
            let source = json!({"kind": "spare", "card_unit_id": other});
            let mut events = replaced(REPLACEMENT, PLAIN, &source);
            events.push(event!(CardUnitConsumedAsSpare;
                card_unit_id: other, replacement_id: REPLACEMENT
            ));
            events.push(lost(other, "consumed"));
            let history = History::cut().decide(voided(PLAIN)).decide(events);
            history.breaks(
                &[Replacements],
                &format!("{other} is no spare of this position"),
            );
        }
    }

    #[test]
    fn a_replacement_of_what_never_was_is_a_violation() {
        let (unit, replaces) = ("J1-S001-01-R2", REPLACEMENT);
        let history = History::done().decide(voided(PLAIN));
        let history = history.decide(replaced(unit, replaces, &reprint()));
        history.is_told("it replaces J1-S001-01-R1, which nothing created");
    }

    #[test]
    fn a_card_and_its_set_have_to_name_the_same_predecessor() {
        let chain = |card_says: &str, set_says: &str| {
            let mut events = replaced(REPLACEMENT, card_says, &reprint());
            events[1] = replaced(REPLACEMENT, set_says, &reprint()).remove(1);
            History::done().decide(voided(PLAIN)).decide(events)
        };
        chain(PLAIN, RELIC).is_told("J1-S001-02 is not the unit before J1-S001-01-R1");
        chain(RELIC, PLAIN).is_told("J1-S001-02 is not the unit before it");
    }
}

mod operation_order {
    use super::*;

    fn enter(card: &str, station_type: &str, operation: &str) -> Event {
        event!(CardUnitEnteredStation;
            card_unit_id: card, station_type: station_type, operation_id: operation
        )
    }

    #[test]
    fn an_operation_before_its_predecessor_is_a_violation_unless_signed() {
        let history = History::cut().decide([enter(RELIC, "memorabilia", "PLACE")]);
        history.breaks(&[OperationOrder], "PLACE before NUMBER is complete");
        let sign = event!(CardUnitDeviationSigned;
            card_unit_id: RELIC, operation_id: "PLACE", signed_by: "OP-1", reason: "agreed"
        );
        let signed = History::cut()
            .decide([sign])
            .decide([enter(RELIC, "memorabilia", "PLACE")]);
        assert_eq!(signed.violations(), [""; 0]);
    }

    #[test]
    fn a_sheet_out_of_route_is_a_violation() {
        let foil = event!(SheetEnteredStation;
            sheet_id: SHEET, station_type: "foil_stamp", operation_id: "FOIL"
        );
        let history = History::ordered().decide([foil]);
        history.breaks(&[OperationOrder], "FOIL before PRESS is complete");
    }

    #[test]
    fn an_operation_that_ends_without_having_begun_is_a_violation() {
        let foil = event!(SheetEnteredStation;
            sheet_id: SHEET, station_type: "foil_stamp", operation_id: "FOIL",
            completed_operation_id: "PRESS"
        );
        let history = History::ordered().decide([foil]);
        history.breaks(
            &[OperationOrder],
            "PRESS ends by this scan, but it did not run",
        );
    }

    #[test]
    fn a_cut_before_the_last_sheet_operation_is_a_violation_unless_signed() {
        let begun = || {
            History::ordered().decide([event!(SheetEnteredStation;
                sheet_id: SHEET, station_type: "press", operation_id: "PRESS"
            )])
        };
        let history = begun().decide(cut(SHEET, false));
        history.breaks(&[OperationOrder], "cut before operation PRESS is complete");
        let sign = event!(SheetDeviationSigned;
            sheet_id: SHEET, operation_id: "CUT", signed_by: "OP-1", reason: "agreed"
        );
        assert_eq!(
            begun()
                .decide([sign])
                .decide(cut(SHEET, false))
                .violations(),
            [""; 0]
        );
    }

    #[test]
    fn a_sheet_that_is_called_ready_too_early_is_a_violation() {
        let early = event!(SheetOperationCompleted;
            sheet_id: SHEET, operation_id: "PRESS", ready_to_cut: true
        );
        let history = History::ordered().decide([early]);
        history.breaks(
            &[OperationOrder],
            "ready_to_cut is true, by its operations it is false",
        );
    }

    #[test]
    fn an_operation_that_is_not_the_units_own_is_a_violation() {
        for (card, station_type, operation) in [
            (PLAIN, "press", "PRESS"),
            (PLAIN, "numbering", "NUMBER"),
            (RELIC, "uv_coating", "UV"),
        ] {
            let history = History::cut().decide([enter(card, station_type, operation)]);
            history.breaks(&[OperationOrder], "is no operation of this unit");
        }
        let history = History::cut().decide([enter(PLAIN, "press", "QA")]);
        history.breaks(&[OperationOrder], "QA is work of type qa, not press");
    }

    #[test]
    fn qa_that_ends_without_a_pass_is_a_violation() {
        let done = event!(CardUnitOperationCompleted; card_unit_id: PLAIN, operation_id: "QA");
        let history = History::cut()
            .decide([enter(PLAIN, "qa", "QA")])
            .decide([done]);
        history.breaks(&[OperationOrder], "only a pass completes it");
        let failed = History::cut().decide([verdict(PLAIN, "FAIL")]);
        let history = failed.decide(gathered(PLAIN, false));
        history.breaks(&[ExactSet], "has not completed operation QA");
    }

    #[test]
    fn work_done_again_without_reopening_what_came_after_is_a_violation() {
        let history = History::done().decide([enter(RELIC, "memorabilia", "PLACE")]);
        history.breaks(
            &[OperationOrder],
            "QA, which comes after it, stays complete",
        );
    }

    #[test]
    fn a_card_may_go_back_while_a_later_operation_runs() {
        let back = event!(CardUnitEnteredStation;
            card_unit_id: RELIC, station_type: "numbering", operation_id: "NUMBER",
            completed_operation_id: "PLACE", reopened_operation_ids: ["NUMBER", "PLACE"]
        );
        let history = History::cut()
            .decide([numbered(RELIC, 7)])
            .decide([enter(RELIC, "memorabilia", "PLACE")])
            .decide([back]);
        assert_eq!(history.violations(), [""; 0]);
    }

    #[test]
    fn an_operation_that_begins_where_its_predecessor_is_reopened_is_a_violation() {
        let place = event!(CardUnitEnteredStation;
            card_unit_id: RELIC, station_type: "memorabilia", operation_id: "PLACE",
            reopened_operation_ids: ["NUMBER"]
        );
        let history = History::cut().decide([numbered(RELIC, 7)]).decide([place]);
        history.breaks(&[OperationOrder], "PLACE before NUMBER is complete");
    }

    #[test]
    fn a_number_and_a_piece_stay_when_what_came_before_is_done_again() {
        let history = History::cut().adorned(RELIC, 7, "JERSEY-1");
        let history = history.decide([enter(RELIC, "numbering", "NUMBER")]);
        assert_eq!(history.violations(), [""; 0]);
    }

    #[test]
    fn a_job_to_an_unpublished_version_is_a_violation() {
        let mut history = History::ordered();
        history.log[2..]
            .iter_mut()
            .for_each(|recorded| recorded.sequence_num -= 1);
        history.log.remove(0);
        history.log[0].sequence_num = 1;
        history.breaks(&[OperationOrder], "version 1 of BASE is not published");
    }
}

mod corrections {
    use super::*;

    #[test]
    fn a_correction_takes_back_each_event_of_its_unit_once() {
        let qa_open = json!({"status": "created"});
        let history = History::cut().decide([verdict(PLAIN, "PASS")]);
        let passed = history.last();
        let once = history.decide([corrected(PLAIN, &[passed], &qa_open)]);
        assert_eq!(once.violations(), [""; 0]);

        let of_another_unit = passed - 1;
        let later = once.last() + 1;
        for (undoes, why) in [
            (vec![passed], "or is taken back already"),
            (vec![of_another_unit], "is no earlier event of this unit"),
            (vec![later], "is no earlier event of this unit"),
            (vec![once.last(), once.last()], "is named twice"),
        ] {
            let history = once.clone().decide([corrected(PLAIN, &undoes, &qa_open)]);
            history.breaks(&[Acknowledged], why);
        }
    }

    #[test]
    fn a_creation_is_never_taken_back() {
        let history = History::ordered().printed(SHEET).decide(cut(SHEET, false));
        let created = history.last() - 2;
        let restores = json!({"status": "created"});
        let history = history.decide([corrected(PLAIN, &[created], &restores)]);
        history.breaks(&[Acknowledged], "created the unit");
    }

    #[test]
    fn after_a_correction_the_unit_is_what_it_restores() {
        let history = History::cut().decide([verdict(PLAIN, "PASS")]);
        let passed = history.last();
        let restores = json!({"status": "created"});
        let history = history.decide([corrected(PLAIN, &[passed], &restores)]);
        let history = history.decide(gathered(PLAIN, false));
        history.breaks(&[ExactSet], "has not completed operation QA");
    }
}

#[test]
fn histories_may_differ_in_device_clocks_and_in_nothing_else() {
    let one = good_history().log;
    let mut other = one.clone();
    for recorded in &mut other {
        recorded.context.occurred_at = Timestamp::UNIX_EPOCH;
    }
    assert!(same_but_for_device_clocks(&one, &other));
    let changes: [fn(&mut Recorded); 4] = [
        |recorded| recorded.sequence_num += 1,
        |recorded| recorded.aggregate_version += 1,
        |recorded| recorded.context.late = true,
        |recorded| recorded.event = piece("JERSEY-9"),
    ];
    for change in changes {
        let mut changed = other.clone();
        change(&mut changed[3]);
        assert!(!same_but_for_device_clocks(&one, &changed));
    }
    assert!(!same_but_for_device_clocks(&one, &other[1..]));
}
