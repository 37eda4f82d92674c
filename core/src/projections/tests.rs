//! One small history, from the order to the truck, told event by event, with everything in it that
//! counts have to survive: a fail and rework, a void in the set, a spare as replacement, a correction.

use super::*;
use crate::domain::assembly::Assembly;
use crate::domain::card_unit::CardUnit;
use crate::domain::event::{EVENT_TYPES, UnitType};
use crate::domain::sheet::Sheet;
use crate::identity::CorrelationId;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::fmt::Display;

/// A log under construction. Event n is recorded at 08:00 plus n minutes.
struct Log {
    events: Vec<Recorded>,
    versions: FxHashMap<String, u32>,
    device_clock_runs_late_by: SignedDuration,
}

fn minute(n: u64) -> Timestamp {
    let start: Timestamp = "2026-03-02T08:00:00Z".parse().unwrap();
    start + SignedDuration::from_mins(i64::try_from(n).unwrap())
}

impl Log {
    /// More to tell. (Versions begin anew: no read model looks at them.)
    fn going_on_from(events: Vec<Recorded>) -> Self {
        Self {
            events,
            versions: FxHashMap::default(),
            device_clock_runs_late_by: SignedDuration::ZERO,
        }
    }

    fn at(&mut self, station: &str, event_type: &str, fields: Value) {
        let event = Event::decode(event_type, 1, &fields.to_string()).unwrap();
        let sequence_num = self.events.len() as u64 + 1;
        let version = self.versions.entry(event.unit().to_string()).or_default();
        *version += 1;
        self.events.push(Recorded {
            sequence_num,
            aggregate_version: *version,
            context: Context {
                occurred_at: minute(sequence_num) - self.device_clock_runs_late_by,
                recorded_at: minute(sequence_num),
                operator_id: Some("OP-42".parse().unwrap()),
                station_id: station.parse().ok(),
                correlation_id: CorrelationId::new("test"),
                late: false,
            },
            event,
        });
    }

    fn cut(&mut self, sheet: &str, spare: bool, defects_at_3: &Value) {
        let cards: Vec<String> = (1..=3).map(|p| format!("{sheet}-{p:02}")).collect();
        self.at(
            "CUT-1",
            "SheetCut",
            json!({"sheet_id": sheet, "job_id": "J7", "n_up": 3, "card_unit_ids": cards}),
        );
        for (position, card) in (1..).zip(&cards) {
            let defects = if position == 3 {
                defects_at_3.clone()
            } else {
                json!([])
            };
            self.at(
                "CUT-1",
                "CardUnitCreated",
                json!({"card_unit_id": card, "sheet_id": sheet, "job_id": "J7", "spare": spare,
                       "position": position, "design": format!("ROOKIE-{position:02}"), "defects": defects}),
            );
        }
        self.at(
            "CUT-1",
            "AssemblyCreated",
            json!({"assembly_id": format!("{sheet}-SET"), "sheet_id": sheet, "job_id": "J7",
                   "expected_count": 3, "spares": spare}),
        );
    }

    fn enter_qa(&mut self, card: &str) {
        self.at(
            "QA-1",
            "CardUnitEnteredStation",
            json!({"card_unit_id": card, "station_type": "qa", "operation_id": "QA-FINAL"}),
        );
    }

    fn pass(&mut self, card: &str) {
        self.at(
            "QA-1",
            "QAResultRecorded",
            json!({"card_unit_id": card, "operation_id": "QA-FINAL", "result": "PASS"}),
        );
    }

    fn gather(&mut self, card: &str, position: u16) {
        self.at(
            "BENCH-1",
            "CardUnitAssembled",
            json!({"card_unit_id": card, "assembly_id": "J7-S001-SET"}),
        );
        self.at(
            "BENCH-1",
            "CardScannedForAssembly",
            json!({"assembly_id": "J7-S001-SET", "card_unit_id": card, "position": position}),
        );
    }
}

fn from_the_order_to_the_truck(device_clock_runs_late_by: SignedDuration) -> Vec<Recorded> {
    let mut log = Log {
        events: Vec::new(),
        versions: FxHashMap::default(),
        device_clock_runs_late_by,
    };
    // 1–3: stations
    for (station, station_type) in [
        ("QA-1", "qa"),
        ("FOIL-1", "foil_stamp"),
        ("CUT-1", "cutting"),
    ] {
        log.at(
            "",
            "StationRegistered",
            json!({"station_id": station, "name": station, "station_type": station_type,
                   "capacity_unit": "cards_per_hour", "rated_capacity": 60,
                   "operating_hours": {"time_zone": "UTC", "shifts": []}}),
        );
    }
    // 4–11: the order, its job, a sheet to run and one of overs
    log.at(
        "",
        "ProductionOrderPlaced",
        json!({"order_id": "PO-7", "customer": "Cards & Co", "product_id": "BASE", "quantity": 3,
               "due_date": "2026-04-01", "priority": 0}),
    );
    log.at(
        "",
        "ProductionOrderJobSpawned",
        json!({"order_id": "PO-7", "job_id": "J7", "quantity": 3}),
    );
    log.at(
        "",
        "JobCreated",
        json!({"job_id": "J7", "order_id": "PO-7", "product_id": "BASE", "product_version": 1,
               "quantity": 3, "n_up": 3, "due_date": "2026-04-01", "priority": 0}),
    );
    for (number, purpose) in [(1, "run"), (2, "overs")] {
        log.at(
            "",
            "SheetsCreated",
            json!({"job_id": "J7", "first_sheet_number": number, "count": 1, "purpose": purpose}),
        );
        log.at(
            "",
            "SheetCreated",
            json!({"sheet_id": format!("J7-S00{number}"), "purpose": purpose}),
        );
    }
    log.at("PRESS-1", "JobStarted", json!({"job_id": "J7"}));
    // 12–26: both sheets through the press; a defect at position 3 of the first; both are cut
    let defect = json!({"failure_code": "F-201"});
    for (sheet, spare) in [("J7-S001", false), ("J7-S002", true)] {
        log.at(
            "PRESS-1",
            "SheetEnteredStation",
            json!({"sheet_id": sheet, "station_type": "press", "operation_id": "PRINT",
                   "material_lot_ids": ["INK-LOT-5"]}),
        );
        if !spare {
            log.at(
                "PRESS-1",
                "SheetDefectRecorded",
                json!({"sheet_id": sheet, "position": 3, "defect": defect}),
            );
        }
        log.at(
            "PRESS-1",
            "SheetOperationCompleted",
            json!({"sheet_id": sheet, "operation_id": "PRINT", "ready_to_cut": true}),
        );
        log.cut(
            sheet,
            spare,
            &if spare { json!([]) } else { json!([defect]) },
        );
    }
    // Card 1 fails, is reworked, passes and is gathered.
    log.enter_qa("J7-S001-01");
    log.at(
        "QA-1",
        "QAResultRecorded",
        json!({"card_unit_id": "J7-S001-01", "operation_id": "QA-FINAL", "result": "FAIL",
               "failure_reason": "dust", "failure_codes": ["F-300"]}),
    );
    log.enter_qa("J7-S001-01");
    log.pass("J7-S001-01");
    log.gather("J7-S001-01", 1);
    // Card 2 is gathered, voided in the set, and the spare of its position becomes R1.
    log.enter_qa("J7-S001-02");
    log.pass("J7-S001-02");
    log.gather("J7-S001-02", 2);
    log.at(
        "BENCH-1",
        "CardUnitVoided",
        json!({"card_unit_id": "J7-S001-02", "reason": "bent"}),
    );
    log.at(
        "BENCH-1",
        "AssemblyMemberLost",
        json!({"assembly_id": "J7-S001-SET", "card_unit_id": "J7-S001-02", "position": 2, "cause": "voided"}),
    );
    log.at(
        "BENCH-1",
        "CardUnitConsumedAsSpare",
        json!({"card_unit_id": "J7-S002-02", "replacement_id": "J7-S001-02-R1"}),
    );
    log.at(
        "BENCH-1",
        "AssemblyMemberLost",
        json!({"assembly_id": "J7-S002-SET", "card_unit_id": "J7-S002-02", "position": 2, "cause": "consumed"}),
    );
    log.at(
        "BENCH-1",
        "ReplacementCardUnitCreated",
        json!({"card_unit_id": "J7-S001-02-R1", "sheet_id": "J7-S001", "job_id": "J7", "position": 2,
               "design": "ROOKIE-02", "replaces": "J7-S001-02",
               "source": {"kind": "spare", "card_unit_id": "J7-S002-02"}}),
    );
    log.at(
        "BENCH-1",
        "AssemblyMemberReplaced",
        json!({"assembly_id": "J7-S001-SET", "position": 2, "card_unit_id": "J7-S001-02-R1",
               "replaces": "J7-S001-02"}),
    );
    log.enter_qa("J7-S001-02-R1");
    log.pass("J7-S001-02-R1");
    log.gather("J7-S001-02-R1", 2);
    // Card 3 is released, scanned at the wrong station, corrected, and completes the set.
    log.at(
        "CUT-1",
        "CardUnitReleased",
        json!({"card_unit_id": "J7-S001-03", "reason": "within limits"}),
    );
    log.at(
        "FOIL-1",
        "CardUnitEnteredStation",
        json!({"card_unit_id": "J7-S001-03", "station_type": "foil_stamp", "operation_id": "FOIL"}),
    );
    let mistake = log.events.len();
    log.at(
        "FOIL-1",
        "CardUnitCorrected",
        json!({"card_unit_id": "J7-S001-03", "undoes": [mistake], "reason": "wrong station",
               "restores": {"status": "created", "current_station_id": "CUT-1"}}),
    );
    log.enter_qa("J7-S001-03");
    log.pass("J7-S001-03");
    log.gather("J7-S001-03", 3);
    log.at(
        "BENCH-1",
        "AssemblyCompleted",
        json!({"assembly_id": "J7-S001-SET"}),
    );
    // Packed, closed, shipped.
    let box_1 = "J7-BOX-001";
    log.at(
        "PACK-1",
        "PackOpened",
        json!({"pack_id": box_1, "job_id": "J7", "capacity": 10}),
    );
    let packed = ["J7-S001-01", "J7-S001-02-R1", "J7-S001-03"];
    log.at(
        "PACK-1",
        "SetPacked",
        json!({"assembly_id": "J7-S001-SET", "pack_id": box_1, "card_unit_ids": packed}),
    );
    for card in packed {
        log.at(
            "PACK-1",
            "CardUnitPacked",
            json!({"card_unit_id": card, "pack_id": box_1}),
        );
    }
    log.at(
        "PACK-1",
        "SetAddedToPack",
        json!({"pack_id": box_1, "assembly_id": "J7-S001-SET"}),
    );
    log.at("PACK-1", "PackClosed", json!({"pack_id": box_1}));
    log.at("PACK-1", "PackShipped", json!({"pack_id": box_1}));
    log.events
}

/// The same history, and then whatever else can happen: the paths that no good day takes.
fn and_everything_else() -> Vec<Recorded> {
    let mut log = Log::going_on_from(the_log());
    let (a, r1, set) = ("J7-S002-01", "J7-S001-02-R1", "J7-S002-SET");
    let (box_1, case_1) = ("J7-BOX-001", "J7-CASE-001");
    let scope = json!({"position": {"job_id": "J7", "position": 1}});
    for (event_type, fields) in [
        (
            "ProductionOrderHeld",
            json!({"order_id": "PO-7", "reason": "unpaid"}),
        ),
        (
            "ProductionOrderReleased",
            json!({"order_id": "PO-7", "reason": "paid"}),
        ),
        ("JobHeld", json!({"job_id": "J7", "reason": "proof"})),
        (
            "JobReleased",
            json!({"job_id": "J7", "reason": "proof signed"}),
        ),
        (
            "JobRescheduled",
            json!({"job_id": "J7", "due_date": "2026-05-01", "priority": 3}),
        ),
        (
            "SheetsCreated",
            json!({"job_id": "J7", "first_sheet_number": 3, "count": 1, "purpose": "reprint"}),
        ),
        (
            "SheetCreated",
            json!({"sheet_id": "J7-S003", "purpose": "reprint"}),
        ),
        (
            "SheetDeviationSigned",
            json!({"sheet_id": "J7-S003", "operation_id": "FOIL", "signed_by": "OP-1", "reason": "rush"}),
        ),
        (
            "SheetEnteredStation",
            json!({"sheet_id": "J7-S003", "station_type": "press", "operation_id": "PRINT"}),
        ),
        (
            "SheetEnteredStation",
            json!({"sheet_id": "J7-S003", "station_type": "foil_stamp", "operation_id": "FOIL", "completed_operation_id": "PRINT"}),
        ),
        (
            "SheetCorrected",
            json!({"sheet_id": "J7-S003", "undoes": [72], "reason": "mistake",
            "restores": {"status": "in_progress", "current_station_id": "PRESS-1", "current_operation_id": "PRINT"}}),
        ),
        (
            "SheetDefectRecorded",
            json!({"sheet_id": "J7-S003", "position": 1, "defect": {"failure_code": "F-1", "note": "pale"}}),
        ),
        (
            "SheetDefectWithdrawn",
            json!({"sheet_id": "J7-S003", "position": 1, "failure_code": "F-1", "reason": "shadow"}),
        ),
        (
            "SheetHeld",
            json!({"sheet_id": "J7-S003", "reason": "colour"}),
        ),
        (
            "SheetReleased",
            json!({"sheet_id": "J7-S003", "hold_id": "HOLD-1", "reason": "rule"}),
        ),
        (
            "SheetReleased",
            json!({"sheet_id": "J7-S003", "reason": "fine"}),
        ),
        (
            "SheetHeld",
            json!({"sheet_id": "J7-S003", "reason": "torn"}),
        ),
        (
            "SheetVoided",
            json!({"sheet_id": "J7-S003", "reason": "torn"}),
        ),
        (
            "CardUnitDeviationSigned",
            json!({"card_unit_id": a, "operation_id": "FOIL", "signed_by": "OP-1", "reason": "rush"}),
        ),
        ("CardUnitHeld", json!({"card_unit_id": a, "reason": "look"})),
        (
            "CardUnitReleased",
            json!({"card_unit_id": a, "hold_id": "HOLD-1", "reason": "rule"}),
        ),
        (
            "CardUnitEnteredStation",
            json!({"card_unit_id": a, "station_type": "qa", "operation_id": "QA-FINAL"}),
        ),
        (
            "EmbellishmentApplied",
            json!({"card_unit_id": a, "operation_id": "FOIL", "embellishment": {"embellishment_type": "foil"}}),
        ),
        (
            "CardUnitEnteredStation",
            json!({"card_unit_id": a, "station_type": "uv_coating", "operation_id": "UV",
            "completed_operation_id": "QA-FINAL", "reopened_operation_ids": ["FOIL"]}),
        ),
        (
            "CardUnitOperationCompleted",
            json!({"card_unit_id": a, "operation_id": "UV"}),
        ),
        (
            "SequentialNumberApplied",
            json!({"card_unit_id": a, "operation_id": "NUMBER",
            "sequential_number": {"scope": scope, "number": 7, "of": 99}}),
        ),
        (
            "MemorabiliaPlaced",
            json!({"card_unit_id": a, "operation_id": "RELIC", "piece_id": "RELIC-1"}),
        ),
        (
            "CardUnitAssembled",
            json!({"card_unit_id": a, "assembly_id": set}),
        ),
        (
            "CardScannedForAssembly",
            json!({"assembly_id": set, "card_unit_id": a, "position": 1}),
        ),
        (
            "CardUnitRemovedFromAssembly",
            json!({"card_unit_id": a, "assembly_id": set, "reason": "scratched"}),
        ),
        (
            "CardRemovedFromAssembly",
            json!({"assembly_id": set, "card_unit_id": a, "position": 1, "reason": "scratched"}),
        ),
        (
            "CardUnitVoided",
            json!({"card_unit_id": a, "reason": "scratched"}),
        ),
        (
            "AssemblyMemberLost",
            json!({"assembly_id": set, "card_unit_id": a, "position": 1, "cause": "voided"}),
        ),
        (
            "AssemblyMemberRestored",
            json!({"assembly_id": set, "card_unit_id": a, "position": 1, "gathered": true}),
        ),
        (
            "ConcessionSigned",
            json!({"assembly_id": set, "positions": [2], "signed_by": "OP-1", "reason": "short"}),
        ),
        (
            "AssemblyMemberLost",
            json!({"assembly_id": set, "card_unit_id": "J7-S002-02", "position": 2, "cause": "consumed"}),
        ),
        (
            "ConcessionSigned",
            json!({"assembly_id": set, "positions": [2], "signed_by": "OP-1", "reason": "short"}),
        ),
        (
            "AssemblyHeld",
            json!({"assembly_id": set, "reason": "count"}),
        ),
        (
            "AssemblyReleased",
            json!({"assembly_id": set, "reason": "counted"}),
        ),
        (
            "AssemblyVoided",
            json!({"assembly_id": set, "reason": "scrapped"}),
        ),
        (
            "PackReopened",
            json!({"pack_id": box_1, "reason": "recount"}),
        ),
        (
            "SetUnpacked",
            json!({"assembly_id": "J7-S001-SET", "pack_id": box_1, "reason": "recount"}),
        ),
        (
            "CardUnitUnpacked",
            json!({"card_unit_id": r1, "pack_id": box_1}),
        ),
        (
            "SetRemovedFromPack",
            json!({"pack_id": box_1, "assembly_id": "J7-S001-SET", "reason": "recount"}),
        ),
        (
            "PackOpened",
            json!({"pack_id": case_1, "job_id": "J7", "capacity": 2}),
        ),
        (
            "PackAddedToPack",
            json!({"pack_id": case_1, "inner_pack_id": box_1}),
        ),
        (
            "PackNested",
            json!({"pack_id": box_1, "outer_pack_id": case_1}),
        ),
        (
            "PackRemovedFromPack",
            json!({"pack_id": case_1, "inner_pack_id": box_1, "reason": "full"}),
        ),
        (
            "PackUnnested",
            json!({"pack_id": box_1, "outer_pack_id": case_1, "reason": "full"}),
        ),
        ("JobCancelled", json!({"job_id": "J7", "reason": "test"})),
        ("JobClosed", json!({"job_id": "J7"})),
        (
            "ProductionOrderCancelled",
            json!({"order_id": "PO-7", "reason": "test"}),
        ),
    ] {
        log.at("UV-1", event_type, fields);
    }
    log.events
}

fn the_log() -> Vec<Recorded> {
    from_the_order_to_the_truck(SignedDuration::ZERO)
}

/// The rows just after the first event of that type that names the text.
fn rows_after(event_type: &str, names: &str) -> (Rows, u64) {
    let log = the_log();
    let index = log
        .iter()
        .position(|recorded| {
            recorded.event.event_type() == event_type
                && recorded.event.payload_json().contains(names)
        })
        .unwrap();
    (Rows::fold(&log[..=index]), log[index].sequence_num)
}

fn card(id: &str) -> CardUnitId {
    id.parse().unwrap()
}

/// Takes the id apart from the rest, since `updated_at` follows from `last_event_seq` here.
fn assert_row(row: &impl serde::Serialize, mut expected: Value) {
    let sequence_num = expected["last_event_seq"].as_u64().unwrap();
    expected["updated_at"] = minute(sequence_num).to_string().into();
    assert_eq!(serde_json::to_value(row).unwrap(), expected);
}

#[test]
fn a_card_that_was_reworked_gathered_and_packed_has_this_row() {
    let rows = Rows::fold(&the_log());
    assert_row(
        &rows.card_units[&card("J7-S001-01")],
        json!({
            "card_unit_id": "J7-S001-01", "sheet_id": "J7-S001", "job_id": "J7", "position": 1,
            "current_station_id": null, "status": "packed", "qa_result": "pass",
            "qa_failure_reason": null, "sequential_number": null, "edition": null,
            "last_event_seq": 57,
            "design": "ROOKIE-01", "since": null, "current_operation_id": null,
            "completed_operation_ids": ["QA-FINAL"], "qa_operation_ids": ["QA-FINAL"],
            "held": null, "rework_count": 1, "qa_failure_codes": [], "replaces": null,
            "replaced_by": null, "source": null, "spare": false, "consumed_by": null,
            "piece_ids": [], "assembly_id": "J7-S001-SET", "pack_id": "J7-BOX-001",
            "gathered_from": "qa_passed", "void_reason": null,
        }),
    );
}

#[test]
fn a_card_is_at_qa_from_its_entry_to_its_verdict() {
    let at_qa = |(rows, _): (Rows, u64)| {
        let counts = rows.job_progress[&"J7".parse().unwrap()].counts;
        (counts.cards_at_qa, counts.cards_in_progress)
    };
    assert_eq!(
        at_qa(rows_after("CardUnitEnteredStation", "QA-FINAL")),
        (1, 1)
    );
    assert_eq!(at_qa(rows_after("QAResultRecorded", "FAIL")), (0, 0));
    assert_eq!(
        at_qa(rows_after("CardUnitEnteredStation", "\"FOIL\"")),
        (0, 1)
    );
}

#[test]
fn a_failed_card_says_why_and_where() {
    let (rows, seq) = rows_after("QAResultRecorded", "FAIL");
    let row = &rows.card_units[&card("J7-S001-01")];
    assert_eq!(row.status.as_str(), "qa_failed");
    assert_eq!(row.qa_result, Some(QaResult::Fail));
    assert_eq!(row.qa_failure_reason.as_deref(), Some("dust"));
    assert_eq!(row.qa_failure_codes, ["F-300".parse().unwrap()]);
    assert_eq!(
        row.since,
        Some(minute(seq - 1)),
        "since it came, not since it failed"
    );
    assert_eq!((row.last_event_seq, row.updated_at), (seq, minute(seq)));
}

#[test]
fn a_replacement_is_readable_from_both_ends_and_from_its_spare() {
    let (rows, seq) = rows_after("ReplacementCardUnitCreated", "");
    let original = &rows.card_units[&card("J7-S001-02")];
    assert_eq!(original.replaced_by, Some(card("J7-S001-02-R1")));
    assert_eq!(original.void_reason.as_deref(), Some("bent"));
    assert_eq!(
        original.last_event_seq, seq,
        "the event touched this row too"
    );
    let spare = &rows.card_units[&card("J7-S002-02")];
    assert_eq!(spare.status.as_str(), "consumed");
    assert_eq!(spare.consumed_by, Some(card("J7-S001-02-R1")));
    assert_eq!(spare.current_station_id, None);
    let replacement = &rows.card_units[&card("J7-S001-02-R1")];
    assert_eq!(replacement.replaces, Some(card("J7-S001-02")));
    assert_eq!(
        serde_json::to_value(replacement.source).unwrap(),
        json!({"kind": "spare", "card_unit_id": "J7-S002-02"})
    );
    assert_eq!(replacement.current_station_id, "BENCH-1".parse().ok());
}

#[test]
fn a_corrected_card_stands_where_it_stood() {
    let (rows, seq) = rows_after("CardUnitEnteredStation", "FOIL");
    let station = |rows: &Rows, id: &str| rows.station_load[&id.parse().unwrap()].card_unit_count;
    assert_eq!((station(&rows, "CUT-1"), station(&rows, "FOIL-1")), (2, 1));
    let (rows, corrected) = rows_after("CardUnitCorrected", "");
    let row = &rows.card_units[&card("J7-S001-03")];
    assert_eq!(corrected, seq + 1);
    assert_eq!(row.status.as_str(), "created");
    assert_eq!(row.current_operation_id, None);
    assert_eq!(row.since, Some(minute(corrected)));
    assert_eq!((station(&rows, "CUT-1"), station(&rows, "FOIL-1")), (3, 0));
}

#[test]
fn a_correction_back_into_an_inspection_counts_the_card_at_qa_again() {
    let mut log = Log::going_on_from(the_log());
    let failed = log
        .events
        .iter()
        .position(|r| r.event.event_type() == "QAResultRecorded")
        .unwrap();
    log.events.truncate(failed + 1);
    log.at(
        "QA-1",
        "CardUnitCorrected",
        json!({"card_unit_id": "J7-S001-01", "undoes": [failed + 1], "reason": "misread",
               "restores": {"status": "in_progress", "current_station_id": "QA-1",
                            "current_operation_id": "QA-FINAL"}}),
    );
    let rows = Rows::fold(&log.events);
    let row = &rows.card_units[&card("J7-S001-01")];
    assert_eq!(row.since, Some(minute(failed as u64)), "it never left QA-1");
    assert_eq!(rows.job_progress[&row.job_id].counts.cards_at_qa, 1);
}

#[test]
fn the_cut_moves_the_sheet_off_the_floor_and_its_cards_to_the_cutter() {
    let (rows, seq) = rows_after("AssemblyCreated", "J7-S001");
    assert_row(
        &rows.sheets[&"J7-S001".parse().unwrap()],
        json!({
            "sheet_id": "J7-S001", "job_id": "J7", "purpose": "run", "status": "cut",
            "current_station_id": null, "since": null, "current_operation_id": null,
            "completed_operation_ids": ["PRINT"],
            "defects": {"3": [{"failure_code": "F-201"}]},
            "held": null, "void_reason": null, "card_unit_count": 3, "last_event_seq": seq - 4,
        }),
    );
    assert_row(
        &rows.station_load[&"CUT-1".parse().unwrap()],
        json!({"station_id": "CUT-1", "card_unit_count": 3, "sheet_count": 0, "last_event_seq": seq - 1}),
    );
    assert_eq!(
        rows.station_load[&"PRESS-1".parse().unwrap()].sheet_count,
        0
    );
    let held = &rows.card_units[&card("J7-S001-03")].held;
    assert_eq!(held.as_deref(), Some("defect F-201 on the sheet"));
}

#[test]
fn a_set_with_a_voided_card_is_in_error_and_says_where_each_missing_card_is() {
    let (rows, seq) = rows_after("AssemblyMemberLost", "J7-S001");
    let set = &rows.assemblies[&"J7-S001-SET".parse().unwrap()];
    assert_row(
        set,
        json!({
            "assembly_id": "J7-S001-SET", "sheet_id": "J7-S001", "job_id": "J7",
            "expected_count": 3, "gathered_count": 1, "missing_positions": [2, 3],
            "status": "error", "last_event_seq": seq, "vacant_positions": [2],
            "short_positions": [], "card_unit_ids": ["J7-S001-01", "J7-S001-02", "J7-S001-03"],
            "spares": false, "held": null, "pack_id": null, "void_reason": null,
        }),
    );
    let missing = set.missing(|id| rows.card_units.get(&id));
    assert_eq!(
        serde_json::to_value(missing).unwrap(),
        json!([
            {"position": 2, "card_unit_id": "J7-S001-02", "vacant": true, "status": "voided",
             "current_station_id": null, "since": null, "current_operation_id": null, "held": null,
             "void_reason": "bent"},
            {"position": 3, "card_unit_id": "J7-S001-03", "vacant": false, "status": "created",
             "current_station_id": "CUT-1", "since": minute(18).to_string(),
             "current_operation_id": null, "held": "defect F-201 on the sheet", "void_reason": null},
        ])
    );
}

#[test]
fn a_set_of_spares_that_lost_one_is_no_error() {
    let rows = Rows::fold(&the_log());
    let set = &rows.assemblies[&"J7-S002-SET".parse().unwrap()];
    assert_eq!(set.status.as_str(), "pending");
    assert_eq!(set.vacant_positions, [2]);
}

#[test]
fn the_packed_set_holds_exactly_its_cards_with_the_replacement() {
    let rows = Rows::fold(&the_log());
    let set = &rows.assemblies[&"J7-S001-SET".parse().unwrap()];
    assert_eq!(set.status.as_str(), "packed");
    assert_eq!(set.missing_positions, [0; 0]);
    assert_eq!(
        set.gathered().collect::<Vec<_>>(),
        [
            card("J7-S001-01"),
            card("J7-S001-02-R1"),
            card("J7-S001-03")
        ]
    );
    let pack = &rows.packs[&set.pack_id.unwrap()];
    assert_row(
        pack,
        json!({
            "pack_id": "J7-BOX-001", "job_id": "J7", "kind": "box", "status": "shipped",
            "capacity": 10, "assembly_ids": ["J7-S001-SET"], "inner_pack_ids": [],
            "outer_pack_id": null, "shipped_at": minute(62).to_string(), "last_event_seq": 62,
        }),
    );
    assert_eq!(pack.sets(|id| rows.packs.get(&id)), [set.assembly_id]);
}

#[test]
fn order_job_and_progress_have_these_rows_at_the_end() {
    let rows = Rows::fold(&the_log());
    assert_row(
        &rows.orders[&"PO-7".parse().unwrap()],
        json!({
            "order_id": "PO-7", "customer": "Cards & Co", "product_id": "BASE", "quantity": 3,
            "due_date": "2026-04-01", "priority": 0, "quote_id": null, "status": "open",
            "held": null, "cancel_reason": null, "jobs": [{"job_id": "J7", "quantity": 3}],
            "last_event_seq": 5,
        }),
    );
    assert_row(
        &rows.jobs[&"J7".parse().unwrap()],
        json!({
            "job_id": "J7", "order_id": "PO-7", "product_id": "BASE", "product_version": 1,
            "quantity": 3, "n_up": 3, "due_date": "2026-04-01", "priority": 0,
            "status": "in_progress", "held": null, "cancel_reason": null,
            "sheets_planned_run": 1, "sheets_planned_overs": 1, "sheets_planned_reprint": 0,
            "last_sheet_number": 2, "last_event_seq": 11,
        }),
    );
    let progress = &rows.job_progress[&"J7".parse().unwrap()];
    assert_row(
        progress,
        json!({
            "job_id": "J7", "total_sheets": 2, "total_cards": 7, "cards_at_qa": 0,
            "cards_created": 2, "cards_in_progress": 0, "cards_qa_passed": 0,
            "cards_qa_failed": 0, "cards_assembled": 0, "cards_packed": 3, "cards_voided": 1,
            "cards_consumed": 1, "cards_held": 0, "sheets_created": 0, "sheets_in_progress": 0,
            "sheets_ready_to_cut": 0, "sheets_cut": 2, "sheets_voided": 0, "sheets_held": 0,
            "total_sets": 2, "sets_pending": 1, "sets_in_progress": 0, "sets_complete": 0,
            "sets_error": 0, "sets_packed": 1, "sets_voided": 0, "sets_held": 0,
            "status": "in_progress", "last_event_seq": 59,
        }),
    );
    let order = &rows.orders[&"PO-7".parse().unwrap()];
    assert_eq!(
        order.progress(|id| rows.job_progress.get(&id)),
        progress.counts
    );
}

/// Counts everything anew, the slow way.
fn recounted(
    rows: &Rows,
) -> (
    FxHashMap<JobId, ProgressCounts>,
    FxHashMap<StationId, (u32, u32)>,
) {
    let mut jobs: FxHashMap<JobId, ProgressCounts> = FxHashMap::default();
    let mut loads: FxHashMap<StationId, (u32, u32)> = FxHashMap::default();
    jobs.extend(rows.jobs.keys().map(|id| (*id, ProgressCounts::default())));
    loads.extend(rows.station_load.keys().map(|id| (id.clone(), (0, 0))));
    for row in rows.card_units.values() {
        jobs.get_mut(&row.job_id).unwrap().card(None, row.tally());
        if let Some(station) = &row.current_station_id {
            loads.get_mut(station).unwrap().0 += 1;
        }
    }
    for row in rows.sheets.values() {
        jobs.get_mut(&row.job_id).unwrap().sheet(None, row.tally());
        if let Some(station) = &row.current_station_id {
            loads.get_mut(station).unwrap().1 += 1;
        }
    }
    for row in rows.assemblies.values() {
        jobs.get_mut(&row.job_id).unwrap().set(None, row.tally());
    }
    (jobs, loads)
}

#[test]
fn one_count_too_many_does_not_add_up() {
    // Each part of a count is as large as it may be.
    let counts = json!({
        "total_sheets": 15, "sheets_created": 1, "sheets_in_progress": 2, "sheets_ready_to_cut": 3,
        "sheets_cut": 4, "sheets_voided": 5, "sheets_held": 6,
        "total_cards": 36, "cards_created": 1, "cards_in_progress": 2, "cards_qa_passed": 3,
        "cards_qa_failed": 4, "cards_assembled": 5, "cards_packed": 6, "cards_voided": 7,
        "cards_consumed": 8, "cards_at_qa": 2, "cards_held": 21,
        "total_sets": 21, "sets_pending": 1, "sets_in_progress": 2, "sets_complete": 3, "sets_error": 4,
        "sets_packed": 5, "sets_voided": 6, "sets_held": 15,
    });
    let add_up = |counts: &Value| {
        let counts: ProgressCounts = serde_json::from_value(counts.clone()).unwrap();
        counts.add_up()
    };
    assert!(add_up(&counts));
    for (field, count) in counts.as_object().unwrap() {
        let mut one_more = counts.clone();
        one_more[field] = json!(count.as_u64().unwrap() + 1);
        assert!(!add_up(&one_more), "{field}");
    }
}

#[test]
fn counts_add_up_and_equal_a_recount_after_every_event() {
    let (mut rows, mut touched) = (Rows::default(), Touched::default());
    for recorded in &and_everything_else() {
        rows.apply(recorded, &mut touched);
        let (jobs, loads) = recounted(&rows);
        for (id, row) in &rows.job_progress {
            assert!(row.counts.add_up(), "{:?} after {recorded:?}", row.counts);
            assert_eq!(row.counts, jobs[id], "after {recorded:?}");
        }
        for (id, row) in &rows.station_load {
            assert_eq!(
                (row.card_unit_count, row.sheet_count),
                loads[id],
                "after {recorded:?}"
            );
        }
    }
}

#[test]
fn touched_names_exactly_the_rows_that_differ() {
    fn differing<K: Display + Eq + std::hash::Hash, V: PartialEq>(
        before: &FxHashMap<K, V>,
        after: &FxHashMap<K, V>,
    ) -> BTreeSet<String> {
        let differ = after
            .iter()
            .filter(|(key, row)| before.get(key) != Some(row));
        differ.map(|(key, _)| key.to_string()).collect()
    }
    fn named<K: Display>(touched: &FxHashSet<K>) -> BTreeSet<String> {
        touched.iter().map(K::to_string).collect()
    }
    let (mut rows, mut touched) = (Rows::default(), Touched::default());
    for recorded in &and_everything_else() {
        let before = rows.clone();
        touched.clear();
        rows.apply(recorded, &mut touched);
        let tables = [
            (
                differing(&before.orders, &rows.orders),
                named(&touched.orders),
            ),
            (differing(&before.jobs, &rows.jobs), named(&touched.jobs)),
            (
                differing(&before.job_progress, &rows.job_progress),
                named(&touched.job_progress),
            ),
            (
                differing(&before.sheets, &rows.sheets),
                named(&touched.sheets),
            ),
            (
                differing(&before.card_units, &rows.card_units),
                named(&touched.card_units),
            ),
            (
                differing(&before.assemblies, &rows.assemblies),
                named(&touched.assemblies),
            ),
            (differing(&before.packs, &rows.packs), named(&touched.packs)),
            (
                differing(&before.station_load, &rows.station_load),
                named(&touched.station_load),
            ),
        ];
        assert!(!touched.is_empty(), "{recorded:?}");
        for (differ, named) in tables {
            assert_eq!(differ, named, "after {recorded:?}");
        }
    }
}

#[test]
fn shifting_every_device_clock_changes_no_row() {
    let shifted = from_the_order_to_the_truck(SignedDuration::from_hours(-500));
    assert_ne!(shifted, the_log());
    assert_eq!(Rows::fold(&shifted), Rows::fold(&the_log()));
}

#[test]
fn the_queue_of_a_station_is_sorted_by_arrival() {
    let (rows, _) = rows_after("CardUnitCorrected", "");
    let cutter = "CUT-1".parse().unwrap();
    let queue = station_queue(&cutter, rows.sheets.values(), rows.card_units.values());
    let ids = |queue: &[QueueEntry]| -> Vec<Value> {
        queue
            .iter()
            .map(|entry| serde_json::to_value(entry.entity).unwrap())
            .collect()
    };
    assert_eq!(
        ids(&queue),
        [
            json!({"type": "card_unit", "id": "J7-S002-01"}),
            json!({"type": "card_unit", "id": "J7-S002-03"}),
            json!({"type": "card_unit", "id": "J7-S001-03"}), // there again since the correction
        ]
    );
}

fn life_of(id: &str) -> Vec<String> {
    let log = the_log();
    let rows = Rows::fold(&log);
    let mut history = CardHistory::of(
        &rows.card_units[&card(id)],
        |id| rows.card_units.get(&id),
        |id| rows.packs.get(&id),
    );
    let streams = history.streams();
    for recorded in &log {
        let entries = history.entries.len();
        history.apply(recorded);
        let in_its_streams = streams.contains(&recorded.event.unit());
        assert!(
            in_its_streams || history.entries.len() == entries,
            "{recorded:?}"
        );
    }
    history
        .entries
        .into_iter()
        .map(|entry| entry.text)
        .collect()
}

#[test]
fn a_card_inherits_the_life_of_its_sheet_and_of_nothing_else() {
    assert_eq!(
        life_of("J7-S001-03"),
        [
            "Sheet J7-S001 was planned.",
            "The sheet came to PRESS-1 for PRINT, with INK-LOT-5.",
            "Defect F-201 was seen on the sheet at position 3.",
            "PRINT ended; the sheet is ready to cut.",
            "The sheet was cut into 3 cards at CUT-1.",
            "Cut as J7-S001-03, design ROOKIE-03, on hold for F-201 on the sheet.",
            "Released: within limits.",
            "Came to FOIL-1 for FOIL.",
            "Corrected (wrong station): it is created again; without event 48.",
            "Came to QA-1 for QA-FINAL.",
            "QA-FINAL: passed.",
            "Gathered into J7-S001-SET.",
            "Packed into J7-BOX-001.",
            "J7-BOX-001 left the shop.",
        ]
    );
    let other = life_of("J7-S001-01");
    assert!(
        !other.iter().any(|text| text.contains("F-201")),
        "{other:?}"
    );
    assert!(
        other.contains(&"QA-FINAL: failed with F-300 (dust).".to_owned()),
        "{other:?}"
    );
}

#[test]
fn a_replacement_inherits_the_life_of_its_spare_and_the_original_ends_with_it() {
    assert_eq!(
        life_of("J7-S001-02-R1")[3..7],
        [
            "The sheet was cut into 3 cards at CUT-1.".to_owned(),
            "Cut as J7-S002-02, a spare of design ROOKIE-02.".to_owned(),
            "Used up as the replacement J7-S001-02-R1.".to_owned(),
            "Became J7-S001-02-R1, in place of J7-S001-02; it was the spare J7-S002-02.".to_owned(),
        ]
    );
    assert_eq!(
        life_of("J7-S001-02")[8..],
        ["Voided: bent.", "J7-S001-02-R1 replaced it."]
    );
}

#[test]
fn what_was_seen_and_signed_before_the_cut_is_told_of_the_cards_that_it_is_about() {
    let before = the_log();
    let rows = Rows::fold(&before);
    let told = before.len();
    let mut log = Log::going_on_from(before);
    let sheet = "J7-S001";
    for position in [1, 2] {
        log.at(
            "PRESS-1",
            "SheetDefectRecorded",
            json!({"sheet_id": sheet, "position": position, "defect": {"failure_code": "F-1", "note": "pale"}}),
        );
        log.at(
            "PRESS-1",
            "SheetDefectWithdrawn",
            json!({"sheet_id": sheet, "position": position, "failure_code": "F-1", "reason": "shadow"}),
        );
    }
    log.at(
        "PRESS-1",
        "SheetDeviationSigned",
        json!({"sheet_id": sheet, "operation_id": "FOIL", "signed_by": "OP-1", "reason": "rush"}),
    );
    let row = &rows.card_units[&card("J7-S001-01")];
    let card_unit = |id| rows.card_units.get(&id);
    let mut history = CardHistory::of(row, card_unit, |id| rows.packs.get(&id));
    for recorded in &log.events[told..] {
        history.apply(recorded);
    }
    let texts: Vec<String> = history
        .entries
        .into_iter()
        .map(|entry| entry.text)
        .collect();
    assert_eq!(
        texts,
        [
            "Defect F-1 was seen on the sheet at position 1: pale.",
            "Defect F-1 turned out to be none: shadow.",
            "OP-1 signed that FOIL may start out of order: rush.",
        ]
    );
}

/// All that is said of any card in this log.
fn lives_in(log: &[Recorded]) -> Vec<String> {
    let rows = Rows::fold(log);
    let mut texts = Vec::new();
    let mut ids: Vec<CardUnitId> = rows.card_units.keys().copied().collect();
    ids.sort_unstable();
    for id in ids {
        let card_unit = |id| rows.card_units.get(&id);
        let mut history =
            CardHistory::of(&rows.card_units[&id], card_unit, |id| rows.packs.get(&id));
        for recorded in log {
            history.apply(recorded);
        }
        texts.extend(history.entries.into_iter().map(|entry| entry.text));
    }
    texts
}

#[test]
fn a_reason_that_ends_with_a_full_stop_gets_no_second_one() {
    let log = and_everything_else();
    let mut reasons = 0;
    let with_stops: Vec<Recorded> = log
        .iter()
        .map(|recorded| {
            let mut flat = recorded.to_flat_json();
            for field in ["reason", "failure_reason", "note"] {
                if let Some(Value::String(words)) = flat.get_mut(field) {
                    words.push('.');
                    reasons += 1;
                }
            }
            Recorded::from_flat_json(flat).unwrap()
        })
        .collect();
    assert!(reasons > 10, "only {reasons} reasons are given");
    assert_eq!(lives_in(&with_stops), lives_in(&log));
}

#[test]
fn the_history_has_every_event_that_a_fold_reads() {
    let told: BTreeSet<&str> = and_everything_else()
        .iter()
        .map(|recorded| recorded.event.event_type())
        .collect();
    let not_told: Vec<&str> = EVENT_TYPES
        .iter()
        .copied()
        .filter(|name| !told.contains(name))
        .collect();
    let read = |name: &&str| {
        use UnitType::*;
        match UnitType::of_event(name).unwrap() {
            ProductionOrder | Job | Sheet | CardUnit | Assembly | Pack => true,
            Product | Station | Operator | Memorabilia | Hold => false,
        }
    };
    assert_eq!(
        not_told.into_iter().filter(read).collect::<Vec<_>>(),
        [""; 0]
    );
}

#[test]
fn after_every_event_the_rows_agree_with_the_units_own_folds() {
    let mut cards: FxHashMap<CardUnitId, CardUnit> = FxHashMap::default();
    let mut sheets: FxHashMap<SheetId, Sheet> = FxHashMap::default();
    let mut sets: FxHashMap<AssemblyId, Assembly> = FxHashMap::default();
    let (mut rows, mut touched) = (Rows::default(), Touched::default());
    for recorded in &and_everything_else() {
        rows.apply(recorded, &mut touched);
        match &recorded.event {
            Event::CardUnit(event) => {
                let id = *event.unit_id();
                let unit = CardUnit::evolve(cards.remove(&id), event, &recorded.context);
                let (row, now) = (&rows.card_units[&id], &unit.situation);
                assert_eq!(
                    (
                        row.status,
                        &row.current_station_id,
                        &row.current_operation_id
                    ),
                    (
                        now.status,
                        &now.current_station_id,
                        &now.current_operation_id
                    ),
                    "{recorded:?}"
                );
                assert_eq!(row.completed_operation_ids, now.completed_operation_ids);
                assert_eq!(row.qa_result, now.qa_result.map(QaResult::from));
                assert_eq!(row.qa_failure_codes, now.qa_failure_codes);
                assert_eq!(
                    (row.rework_count, row.pack_id),
                    (now.rework_count, now.pack_id)
                );
                assert_eq!(
                    row.sequential_number.as_deref(),
                    now.sequential_number
                        .as_ref()
                        .map(ToString::to_string)
                        .as_deref()
                );
                assert_eq!((&row.piece_ids, &row.held), (&now.piece_ids, &unit.held));
                assert_eq!(row.gathered_from, now.gathered_from);
                assert_eq!(
                    (row.replaces, row.consumed_by),
                    (unit.replaces, unit.consumed_by)
                );
                cards.insert(id, unit);
            }
            Event::Sheet(event) => {
                let id = *event.unit_id();
                let unit = Sheet::evolve(sheets.remove(&id), event, &recorded.context);
                let (row, now) = (&rows.sheets[&id], &unit.situation);
                assert_eq!(
                    (
                        row.status,
                        &row.current_station_id,
                        &row.current_operation_id
                    ),
                    (
                        now.status,
                        &now.current_station_id,
                        &now.current_operation_id
                    ),
                    "{recorded:?}"
                );
                assert_eq!(row.completed_operation_ids, now.completed_operation_ids);
                assert_eq!((&row.held, &row.defects), (&unit.held, &unit.defects));
                sheets.insert(id, unit);
            }
            Event::Assembly(event) => {
                let id = *event.unit_id();
                let unit = Assembly::evolve(sets.remove(&id), event, recorded.sequence_num);
                let row = &rows.assemblies[&id];
                assert_eq!(
                    (row.status, row.gathered_count, row.pack_id, &row.held),
                    (unit.status, unit.gathered_count(), unit.pack_id, &unit.held),
                    "{recorded:?}"
                );
                assert_eq!(row.missing_positions, unit.missing_positions());
                assert_eq!(row.vacant_positions, unit.vacant_positions());
                assert_eq!(row.short_positions, unit.short_positions());
                let members: Vec<CardUnitId> = unit
                    .members
                    .iter()
                    .map(|member| member.card_unit_id)
                    .collect();
                assert_eq!(row.card_unit_ids, members);
                sets.insert(id, unit);
            }
            Event::ProductionOrder(_)
            | Event::Product(_)
            | Event::Job(_)
            | Event::Pack(_)
            | Event::Station(_)
            | Event::Operator(_)
            | Event::Memorabilia(_)
            | Event::Hold(_) => {}
        }
    }
    let numbered = &rows.card_units[&card("J7-S002-01")];
    assert_eq!(numbered.sequential_number.as_deref(), Some("7/99"));
}

#[test]
fn rows_survive_their_json() {
    let rows = Rows::fold(&and_everything_else());
    for row in rows.card_units.values() {
        let text = serde_json::to_string(row).unwrap();
        assert_eq!(serde_json::from_str::<CardUnitRow>(&text).unwrap(), *row);
    }
    for row in rows.job_progress.values() {
        let text = serde_json::to_string(row).unwrap();
        assert_eq!(serde_json::from_str::<JobProgressRow>(&text).unwrap(), *row);
    }
}
