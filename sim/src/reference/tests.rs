//! What the reference claims, on histories small enough to check by hand.

use super::history::{History, id};
use sheetwise_core::domain::assembly::{
    AssemblyCompleted, AssemblyMemberLost, AssemblyMemberReplaced, AssemblyMemberRestored,
    AssemblyStatus, CardRemovedFromAssembly, ConcessionSigned, LossCause, SetPacked, SetUnpacked,
};
use sheetwise_core::domain::card_unit::{
    CardUnitConsumedAsSpare, CardUnitCorrected, CardUnitHeld, CardUnitOperationCompleted,
    CardUnitPacked, CardUnitReleased, CardUnitRemovedFromAssembly, CardUnitSituation,
    CardUnitStatus, CardUnitUnpacked, CardUnitVoided, EditionScope, ReplacementCardUnitCreated,
    ReplacementSource,
};
use sheetwise_core::domain::hold::{HoldRuleLifted, HoldRulePlaced, HoldTarget};
use sheetwise_core::domain::job::{JobCancelled, JobHeld, JobReleased, JobStatus};
use sheetwise_core::domain::memorabilia::{MemorabiliaPieceInserted, MemorabiliaRegistered};
use sheetwise_core::domain::pack::{
    PackAddedToPack, PackNested, PackOpened, PackStatus, SetAddedToPack, SetRemovedFromPack,
};
use sheetwise_core::domain::product::StationType;
use sheetwise_core::domain::sheet::{
    SheetCorrected, SheetReleased, SheetSituation, SheetStatus, SheetVoided,
};
use sheetwise_core::domain::station::BenchSwitched;
use sheetwise_core::domain::values::QaOutcome;
use sheetwise_core::domain::{Recorded, UnitRef};
use sheetwise_core::identity::{CardUnitId, JobId, StationId};

const CARD_1: &str = "J1-S001-01";
const CARD_2: &str = "J1-S001-02";
const SET: &str = "J1-S001-SET";

fn after_the_cut() -> History {
    let mut history = History::of_a_small_shop();
    history.print("J1-S001");
    history.cut("J1-S001");
    history
}

fn with_a_complete_set() -> History {
    let mut history = after_the_cut();
    history.finish(CARD_1, 0);
    history.finish(CARD_2, 7);
    history.gather(CARD_1);
    history.gather(CARD_2);
    history.at(
        "BENCH-1",
        AssemblyCompleted {
            assembly_id: id(SET),
            short_positions: vec![],
        },
    );
    history
}

fn void(history: &mut History, card: &str) -> u64 {
    let card_unit_id: CardUnitId = id(card);
    let reason = "scratched".to_owned();
    let voided = CardUnitVoided {
        card_unit_id,
        reason,
        number_of_voided: None,
    };
    let sequence_num = history.at("QA-1", voided);
    history.at(
        "QA-1",
        AssemblyMemberLost {
            assembly_id: card_unit_id.assembly(),
            card_unit_id,
            position: card_unit_id.position(),
            cause: LossCause::Voided,
        },
    );
    sequence_num
}

fn replace(history: &mut History, card: &str, source: ReplacementSource) -> CardUnitId {
    let replaces: CardUnitId = id(card);
    let card_unit_id = replaces.next_replacement().unwrap();
    let position = replaces.position();
    history.at(
        "QA-1",
        ReplacementCardUnitCreated {
            card_unit_id,
            sheet_id: replaces.sheet(),
            job_id: replaces.job(),
            position,
            design: id("ROOKIE"),
            replaces,
            source,
        },
    );
    let assembly_id = replaces.assembly();
    history.at(
        "QA-1",
        AssemblyMemberReplaced {
            assembly_id,
            position,
            card_unit_id,
            replaces,
        },
    );
    card_unit_id
}

/// What a true correction would say: the situation as the reference sees it now.
fn situation(history: &History, card: &str) -> CardUnitSituation {
    let card = history.reference.card(id(card)).unwrap();
    CardUnitSituation {
        status: card.status,
        current_station_id: card.station,
        current_operation_id: card.operation,
        completed_operation_ids: card.completed_operations.into_iter().collect(),
        qa_result: card.qa_result,
        qa_failure_reason: card.qa_failure_reason,
        qa_failure_codes: card.qa_failure_codes,
        rework_count: u8::try_from(card.rework_count).unwrap(),
        sequential_number: card.sequential_number,
        piece_ids: card.pieces,
        pack_id: card.pack,
        gathered_from: None,
        void_reason: card.void_reason,
    }
}

fn correct(history: &mut History, card: &str, undoes: u64, restores: CardUnitSituation) -> u64 {
    let reason = "wrong card".to_owned();
    let card_unit_id = id(card);
    history.at(
        "QA-1",
        CardUnitCorrected {
            card_unit_id,
            undoes: vec![undoes],
            reason,
            restores,
        },
    )
}

#[test]
fn a_card_is_at_the_cutter_until_a_station_scans_it() {
    let mut history = after_the_cut();
    let card = history.reference.card(id(CARD_1)).unwrap();
    assert_eq!(card.status, CardUnitStatus::Created);
    assert_eq!(card.station, Some(id("CUT-1")));
    let sheet = history.reference.sheet(id("J1-S001")).unwrap();
    assert_eq!((sheet.status, sheet.station), (SheetStatus::Cut, None));

    history.enter(CARD_1, "FOIL-1", "FOIL", None);
    let contents = |station| history.reference.station_contents(&id(station));
    assert_eq!(contents("CUT-1"), (vec![id(CARD_2)], vec![]));
    assert_eq!(contents("FOIL-1"), (vec![id(CARD_1)], vec![]));
    assert_eq!(contents("PRESS-1"), (vec![], vec![]));
}

#[test]
fn a_verdict_makes_the_status_and_only_a_pass_completes() {
    let mut history = after_the_cut();
    history.enter(CARD_1, "FOIL-1", "FOIL", None);
    history.enter(CARD_1, "QA-1", "QA", Some("FOIL"));
    history.inspect(CARD_1, QaOutcome::Fail);
    let failed = history.reference.card(id(CARD_1)).unwrap();
    assert_eq!(failed.status, CardUnitStatus::QaFailed);
    assert_eq!(failed.qa_failure_codes, [id("F-201")]);
    assert_eq!(failed.completed_operations, [id("FOIL")].into());
    assert_eq!(failed.operation, None);

    history.enter(CARD_1, "FOIL-1", "FOIL", None);
    let reworked = history.reference.card(id(CARD_1)).unwrap();
    assert_eq!(
        (reworked.status, reworked.rework_count),
        (CardUnitStatus::InProgress, 1)
    );
    assert_eq!(
        reworked.completed_operations,
        [].into(),
        "the foil is being done again"
    );

    history.enter(CARD_1, "QA-1", "QA", Some("FOIL"));
    history.inspect(CARD_1, QaOutcome::Pass);
    let passed = history.reference.card(id(CARD_1)).unwrap();
    assert_eq!(
        (passed.status, passed.rework_count),
        (CardUnitStatus::QaPassed, 1)
    );
    assert_eq!(passed.qa_failure_codes, []);
    assert_eq!(passed.completed_operations, [id("FOIL"), id("QA")].into());
}

#[test]
fn a_corrected_event_is_as_if_it_had_never_been() {
    let mut history = after_the_cut();
    history.enter(CARD_1, "FOIL-1", "FOIL", None);
    history.enter(CARD_1, "QA-1", "QA", Some("FOIL"));
    let before = history.reference.card(id(CARD_1));
    let restores = situation(&history, CARD_1);
    let verdict = history.inspect(CARD_1, QaOutcome::Fail);
    correct(&mut history, CARD_1, verdict, restores);
    assert_eq!(history.reference.card(id(CARD_1)), before);
    let unit = UnitRef::CardUnit(id(CARD_1));
    assert_eq!(history.reference.restores_disagree(&unit), None);
    assert!(
        history
            .reference
            .describe(&unit)
            .contains("(taken back) QAResultRecorded at QA-1")
    );
}

#[test]
fn a_correction_that_restores_something_else_is_found() {
    let mut history = after_the_cut();
    history.enter(CARD_1, "QA-1", "QA", Some("FOIL"));
    let verdict = history.inspect(CARD_1, QaOutcome::Fail);
    let mut restores = situation(&history, CARD_1);
    restores.qa_result = Some(QaOutcome::Pass);
    correct(&mut history, CARD_1, verdict, restores);
    let disagreement = history
        .reference
        .restores_disagree(&UnitRef::CardUnit(id(CARD_1)))
        .unwrap();
    assert!(
        disagreement.contains("status is InProgress"),
        "{disagreement}"
    );
    assert!(
        disagreement.contains("qa result is None by the list"),
        "{disagreement}"
    );
}

#[test]
fn a_correction_takes_back_only_earlier_events_of_its_own_unit() {
    let mut history = after_the_cut();
    let of_another = history.enter(CARD_2, "FOIL-1", "FOIL", None);
    let restores = situation(&history, CARD_1);
    correct(&mut history, CARD_1, of_another, restores);
    let disagreement = history
        .reference
        .restores_disagree(&UnitRef::CardUnit(id(CARD_1)))
        .unwrap();
    assert!(
        disagreement.contains("no earlier event of it"),
        "{disagreement}"
    );
}

#[test]
fn a_correction_that_was_taken_back_takes_nothing_back() {
    let mut history = after_the_cut();
    let created = situation(&history, CARD_1);
    let entry = history.enter(CARD_1, "FOIL-1", "FOIL", None);
    let entered = situation(&history, CARD_1);
    let correction = correct(&mut history, CARD_1, entry, created);
    correct(&mut history, CARD_1, correction, entered);
    let card = history.reference.card(id(CARD_1)).unwrap();
    assert_eq!(card.station, Some(id("FOIL-1")));
    let unit = UnitRef::CardUnit(id(CARD_1));
    assert_eq!(history.reference.restores_disagree(&unit), None);
}

#[test]
fn a_corrected_void_brings_the_card_back_into_its_set() {
    let mut history = with_a_complete_set();
    let restores = situation(&history, CARD_1);
    let voided = void(&mut history, CARD_1);
    assert_eq!(
        history.reference.assembly(id(SET)).unwrap().status,
        AssemblyStatus::Error
    );
    correct(&mut history, CARD_1, voided, restores);
    history.at(
        "QA-1",
        AssemblyMemberRestored {
            assembly_id: id(SET),
            card_unit_id: id(CARD_1),
            position: 1,
            gathered: true,
        },
    );
    let card = history.reference.card(id(CARD_1)).unwrap();
    assert_eq!(
        (card.status, card.void_reason),
        (CardUnitStatus::Assembled, None)
    );
    assert_eq!(
        history.reference.assembly(id(SET)).unwrap().status,
        AssemblyStatus::Complete
    );
    assert_eq!(history.reference.set_is_exact(id(SET)), Ok(()));
}

#[test]
fn a_corrected_void_of_a_sheet_puts_it_back_where_it_was() {
    let mut history = History::of_a_small_shop();
    history.print("J1-S001");
    let sheet_id = id("J1-S001");
    let undone = history.at(
        "PRESS-1",
        SheetVoided {
            sheet_id,
            reason: "torn".to_owned(),
        },
    );
    assert_eq!(history.reference.would_cut(sheet_id), Err("voided"));
    let restores = SheetSituation {
        status: SheetStatus::InProgress,
        current_station_id: Some(id("PRESS-1")),
        current_operation_id: Some(id("PRESS")),
        completed_operation_ids: vec![],
        void_reason: None,
    };
    let reason = "it was another sheet".to_owned();
    history.at(
        "PRESS-1",
        SheetCorrected {
            sheet_id,
            undoes: vec![undone],
            reason,
            restores,
        },
    );
    assert_eq!(
        history
            .reference
            .restores_disagree(&UnitRef::Sheet(sheet_id)),
        None
    );
    assert_eq!(
        history.reference.would_cut(sheet_id),
        Ok(()),
        "the press ends by this scan"
    );
}

#[test]
fn a_hold_outlives_a_correction() {
    let mut history = after_the_cut();
    let restores = situation(&history, CARD_1);
    let entry = history.enter(CARD_1, "FOIL-1", "FOIL", None);
    let card_unit_id = id(CARD_1);
    history.at(
        "FOIL-1",
        CardUnitHeld {
            card_unit_id,
            reason: "dust".to_owned(),
        },
    );
    correct(&mut history, CARD_1, entry, restores);
    let held = |history: &History| history.reference.card(card_unit_id).unwrap().held;
    assert_eq!(held(&history).as_deref(), Some("dust"));
    history.at(
        "",
        CardUnitReleased {
            card_unit_id,
            hold_id: None,
            reason: "clean".to_owned(),
        },
    );
    assert_eq!(held(&history), None);
}

#[test]
fn a_sheet_is_cut_once_and_not_before_its_operations() {
    let mut history = History::of_a_small_shop();
    let sheet = id("J1-S001");
    assert_eq!(history.reference.would_cut(sheet), Err("not_ready"));
    history.print("J1-S001");
    assert_eq!(history.reference.would_cut(sheet), Ok(()));
    history.cut("J1-S001");
    assert_eq!(history.reference.would_cut(sheet), Err("already_cut"));
    assert_eq!(history.reference.would_cut(id("J9-S001")), Err("unknown"));
}

#[test]
fn work_ends_by_the_next_scan_but_an_inspection_only_by_its_verdict() {
    let mut history = after_the_cut();
    let why = |history: &History| {
        let spec = history.reference.spec_of(id("J1")).unwrap();
        history.reference.unready_because(id(CARD_1), spec)
    };
    assert_eq!(why(&history).unwrap(), "FOIL is not complete");
    history.enter(CARD_1, "FOIL-1", "FOIL", None);
    assert_eq!(
        why(&history).unwrap(),
        "QA is not complete",
        "the foil would end by the next scan"
    );
    history.enter(CARD_1, "QA-1", "QA", Some("FOIL"));
    assert_eq!(why(&history).unwrap(), "QA is not complete");
    history.inspect(CARD_1, QaOutcome::Pass);
    assert_eq!(why(&history), None);
}

#[test]
fn work_after_the_inspection_makes_its_verdict_void() {
    let mut history = after_the_cut();
    history.finish(CARD_1, 0);
    let spec = history.reference.spec_of(id("J1")).unwrap().clone();
    assert!(history.reference.is_ready(id(CARD_1), &spec));
    let entry = history.enter(CARD_1, "FOIL-1", "FOIL", None);
    let completed = CardUnitOperationCompleted {
        card_unit_id: id(CARD_1),
        operation_id: id("FOIL"),
    };
    history.at("FOIL-1", completed);
    assert_eq!(
        history
            .reference
            .unready_because(id(CARD_1), &spec)
            .unwrap(),
        "FOIL was done after QA had passed"
    );
    let restores = situation(&history, CARD_1);
    correct(&mut history, CARD_1, entry, restores);
    assert!(
        history.reference.is_ready(id(CARD_1), &spec),
        "what was taken back was not done"
    );
}

#[test]
fn a_numbered_position_is_not_ready_without_its_number() {
    let mut history = after_the_cut();
    history.enter(CARD_2, "FOIL-1", "FOIL", None);
    history.enter(CARD_2, "QA-1", "QA", Some("FOIL"));
    history.inspect(CARD_2, QaOutcome::Pass);
    let bench: StationId = id("BENCH-1");
    assert_eq!(
        history.reference.would_gather(id(CARD_2), &bench),
        Err("not_ready")
    );
    history.number(CARD_2, 7);
    assert_eq!(history.reference.would_gather(id(CARD_2), &bench), Ok(()));
}

#[test]
fn the_bench_refuses_a_card_of_another_sheet_until_it_is_switched() {
    let mut history = after_the_cut();
    history.print("J1-S002");
    history.cut("J1-S002");
    for (card, number) in [
        (CARD_1, 0),
        (CARD_2, 7),
        ("J1-S002-01", 0),
        ("J1-S002-02", 8),
    ] {
        history.finish(card, number);
    }
    let bench: StationId = id("BENCH-1");
    let other = id("J1-S002-01");
    assert_eq!(history.reference.would_gather(other, &bench), Ok(()));
    history.gather(CARD_1);
    assert_eq!(history.reference.active_set(&bench), Some(id(SET)));
    assert_eq!(
        history.reference.would_gather(other, &bench),
        Err("wrong_sheet")
    );
    assert_eq!(
        history.reference.would_gather(id(CARD_1), &bench),
        Err("duplicate")
    );
    assert_eq!(history.reference.would_gather(id(CARD_2), &bench), Ok(()));

    let mut switched = History {
        reference: history.reference.clone(),
    };
    switched.at(
        "BENCH-1",
        BenchSwitched {
            station_id: bench.clone(),
            open_pack_id: None,
            active_assembly_id: None,
        },
    );
    assert_eq!(switched.reference.would_gather(other, &bench), Ok(()));

    history.gather(CARD_2);
    history.at(
        "BENCH-1",
        AssemblyCompleted {
            assembly_id: id(SET),
            short_positions: vec![],
        },
    );
    assert_eq!(history.reference.active_set(&bench), None);
    assert_eq!(history.reference.would_gather(other, &bench), Ok(()));
}

#[test]
fn a_bench_whose_set_was_completed_elsewhere_does_not_wake_up_when_it_falls_back() {
    let mut history = after_the_cut();
    history.finish(CARD_1, 0);
    history.finish(CARD_2, 7);
    let bench: StationId = id("BENCH-1");
    history.gather(CARD_1);
    history.gather(CARD_2);
    history.at(
        "",
        AssemblyCompleted {
            assembly_id: id(SET),
            short_positions: vec![],
        },
    );
    history.at(
        "",
        CardRemovedFromAssembly {
            assembly_id: id(SET),
            card_unit_id: id(CARD_2),
            position: 2,
            reason: "a second look".into(),
        },
    );
    assert_eq!(history.reference.active_set(&bench), None);
    history.at(
        "BENCH-1",
        BenchSwitched {
            station_id: bench.clone(),
            open_pack_id: None,
            active_assembly_id: Some(id(SET)),
        },
    );
    assert_eq!(history.reference.active_set(&bench), Some(id(SET)));
}

#[test]
fn a_card_is_refused_where_it_has_no_business() {
    let mut history = after_the_cut();
    history.finish(CARD_1, 0);
    history.finish(CARD_2, 7);
    let gather =
        |history: &History, station| history.reference.would_gather(id(CARD_1), &id(station));
    assert_eq!(gather(&history, "BENCH-1"), Ok(()));
    assert_eq!(gather(&history, "FOIL-1"), Err("not_an_assembly_station"));
    let nobody = id("J1-S002-01");
    assert_eq!(
        history.reference.would_gather(nobody, &id("BENCH-1")),
        Err("unknown")
    );
    let job_id: JobId = id("J1");
    history.at(
        "",
        JobHeld {
            job_id,
            reason: "paper".to_owned(),
        },
    );
    assert_eq!(gather(&history, "BENCH-1"), Err("on_hold"));
    history.at(
        "",
        JobReleased {
            job_id,
            reason: "paper came".to_owned(),
        },
    );
    assert_eq!(gather(&history, "BENCH-1"), Ok(()));
    void(&mut history, CARD_1);
    assert_eq!(gather(&history, "BENCH-1"), Err("voided"));
    history.at(
        "",
        JobCancelled {
            job_id,
            reason: "order cancelled".to_owned(),
        },
    );
    assert_eq!(
        history.reference.job(job_id).unwrap().status,
        JobStatus::Cancelled
    );
    let other = history.reference.would_gather(id(CARD_2), &id("BENCH-1"));
    assert_eq!(other, Err("job_cancelled"));
}

#[test]
fn a_lot_rule_holds_what_the_sheet_met_and_what_became_of_its_cards() {
    let mut history = after_the_cut();
    history.print("J1-S003");
    history.cut("J1-S003");
    history.finish(CARD_1, 0);
    void(&mut history, CARD_2);
    let spare = id("J1-S003-02");
    let source = ReplacementSource::Spare {
        card_unit_id: spare,
    };
    let replacement = replace(&mut history, CARD_2, source);
    history.at(
        "",
        HoldRulePlaced {
            hold_id: id("HOLD-1"),
            target: HoldTarget::MaterialLot {
                material_lot_id: id("INK-LOT-1"),
            },
            at_station_type: Some(StationType::Assembly),
            reason: "ink".to_owned(),
        },
    );
    let holds =
        |history: &History, card, at: &StationType| history.reference.holds_on_card(card, at).len();
    assert_eq!(
        holds(&history, id(CARD_1), &StationType::Assembly),
        1,
        "by its sheet"
    );
    assert_eq!(
        holds(&history, replacement, &StationType::Assembly),
        1,
        "by its spare's sheet"
    );
    assert_eq!(
        holds(&history, id(CARD_1), &StationType::Qa),
        0,
        "a rule for assembly only"
    );
    let hold_id = Some(id("HOLD-1"));
    let reason = "seen".to_owned();
    history.at(
        "",
        SheetReleased {
            sheet_id: id("J1-S003"),
            hold_id,
            reason,
        },
    );
    assert_eq!(
        holds(&history, replacement, &StationType::Assembly),
        0,
        "exempt with its sheet"
    );
    assert_eq!(
        history.reference.would_gather(id(CARD_1), &id("BENCH-1")),
        Err("on_hold")
    );
    history.at(
        "",
        HoldRuleLifted {
            hold_id: id("HOLD-1"),
            reason: "good ink".to_owned(),
        },
    );
    assert_eq!(
        history.reference.would_gather(id(CARD_1), &id("BENCH-1")),
        Ok(())
    );
}

#[test]
fn a_set_waits_in_error_until_the_replacement_is_gathered() {
    let mut history = with_a_complete_set();
    let status = |history: &History| history.reference.assembly(id(SET)).unwrap().status;
    assert_eq!(status(&history), AssemblyStatus::Complete);
    assert_eq!(history.reference.set_is_exact(id(SET)), Ok(()));
    assert_eq!(history.reference.would_pack(id(SET)), Ok(()));

    void(&mut history, CARD_1);
    let set = history.reference.assembly(id(SET)).unwrap();
    assert_eq!(set.status, AssemblyStatus::Error);
    assert_eq!((set.missing, set.vacant), ([1].into(), [1].into()));
    assert_eq!(history.reference.would_pack(id(SET)), Err("incomplete"));
    assert_eq!(
        history.reference.vacancies(id("J1")),
        [id::<CardUnitId>(CARD_1)]
    );

    let replacement = replace(&mut history, CARD_1, ReplacementSource::Reprint);
    assert_eq!(replacement, id("J1-S001-01-R1"));
    let original = history.reference.card(id(CARD_1)).unwrap();
    assert_eq!(original.replaced_by, Some(replacement));
    assert_eq!(
        history.reference.card(replacement).unwrap().replaces,
        Some(id(CARD_1))
    );
    let set = history.reference.assembly(id(SET)).unwrap();
    assert_eq!(set.status, AssemblyStatus::InProgress);
    assert_eq!((set.missing, set.vacant), ([1].into(), [].into()));
    assert_eq!(history.reference.vacancies(id("J1")), []);
    let bench = id("BENCH-1");
    assert_eq!(
        history.reference.would_gather(replacement, &bench),
        Err("not_ready")
    );

    history.finish("J1-S001-01-R1", 0);
    history.gather("J1-S001-01-R1");
    assert_eq!(status(&history), AssemblyStatus::Complete);
    assert_eq!(history.reference.set_is_exact(id(SET)), Ok(()));
}

#[test]
fn a_concession_completes_a_set_as_short() {
    let mut history = with_a_complete_set();
    void(&mut history, CARD_1);
    history.at(
        "",
        ConcessionSigned {
            assembly_id: id(SET),
            positions: vec![1],
            signed_by: id("OP-9"),
            reason: "the customer agrees".to_owned(),
        },
    );
    let set = history.reference.assembly(id(SET)).unwrap();
    assert_eq!(set.status, AssemblyStatus::Complete);
    assert_eq!((set.short, set.missing), ([1].into(), [].into()));
    assert_eq!(history.reference.vacancies(id("J1")), []);
    assert_eq!(history.reference.would_pack(id(SET)), Ok(()));
}

#[test]
fn a_lost_spare_is_no_error() {
    let mut history = History::of_a_small_shop();
    history.print("J1-S003");
    history.cut("J1-S003");
    let job = id("J1");
    assert_eq!(history.reference.spares_alive(job).len(), 2);
    let card_unit_id = id("J1-S003-01");
    let replacement_id = id("J1-S001-01-R1");
    history.at(
        "QA-1",
        CardUnitConsumedAsSpare {
            card_unit_id,
            replacement_id,
        },
    );
    history.at(
        "QA-1",
        AssemblyMemberLost {
            assembly_id: id("J1-S003-SET"),
            card_unit_id,
            position: 1,
            cause: LossCause::Consumed,
        },
    );
    let set = history.reference.assembly(id("J1-S003-SET")).unwrap();
    assert_eq!(
        (set.status, set.vacant),
        (AssemblyStatus::Pending, [1].into())
    );
    let spare = history.reference.card(card_unit_id).unwrap();
    assert_eq!(
        (spare.status, spare.station),
        (CardUnitStatus::Consumed, None)
    );
    assert_eq!(spare.consumed_by, Some(replacement_id));
    assert_eq!(
        history.reference.spares_alive(job),
        [id::<CardUnitId>("J1-S003-02")]
    );
    let (cards, sheets) = history.reference.job_counts(job);
    assert_eq!(
        cards,
        [(CardUnitStatus::Created, 1), (CardUnitStatus::Consumed, 1)].into()
    );
    assert_eq!(
        sheets,
        [(SheetStatus::Created, 2), (SheetStatus::Cut, 1)].into()
    );
}

#[test]
fn a_set_of_which_two_cards_share_a_position_is_not_exact() {
    let mut history = with_a_complete_set();
    history.finish("J1-S001-01", 0);
    history.gather(CARD_1);
    let wrong = history.reference.set_is_exact(id(SET)).unwrap_err();
    assert_eq!(wrong, "position 1 of J1-S001-SET has 2 cards");
}

#[test]
fn a_number_is_on_one_live_card_only() {
    let mut history = with_a_complete_set();
    let number = (
        EditionScope::Position {
            job_id: id("J1"),
            position: 2,
        },
        7,
    );
    assert_eq!(
        history.reference.numbers_in_use(),
        [(number.clone(), id(CARD_2))].into()
    );
    assert_eq!(history.reference.numbers_borne_twice(), []);

    history.print("J1-S002");
    history.cut("J1-S002");
    history.finish("J1-S002-02", 7);
    assert_eq!(history.reference.numbers_borne_twice(), [number]);
    let wrong = history.reference.set_is_exact(id(SET)).unwrap_err();
    assert_eq!(wrong, "J1-S001-02 and J1-S002-02 both bear 7/99");

    void(&mut history, "J1-S002-02");
    assert_eq!(history.reference.numbers_borne_twice(), []);
    assert_eq!(history.reference.set_is_exact(id(SET)), Ok(()));
}

#[test]
fn a_packed_set_lies_in_its_box_until_it_is_unpacked() {
    let mut history = with_a_complete_set();
    let pack_id = id("J1-BOX-001");
    let case = id("J1-CASE-001");
    let assembly_id = id(SET);
    history.at(
        "PACK-1",
        PackOpened {
            pack_id,
            job_id: id("J1"),
            capacity: 1,
        },
    );
    history.at(
        "PACK-1",
        PackOpened {
            pack_id: case,
            job_id: id("J1"),
            capacity: 12,
        },
    );
    assert_eq!(history.reference.has_room_for(pack_id, assembly_id), Ok(()));
    assert_eq!(
        history.reference.has_room_for(case, assembly_id),
        Err("not_a_box")
    );

    history.at(
        "PACK-1",
        SetAddedToPack {
            pack_id,
            assembly_id,
        },
    );
    let card_unit_ids = vec![id(CARD_1), id(CARD_2)];
    history.at(
        "PACK-1",
        SetPacked {
            assembly_id,
            pack_id,
            card_unit_ids: card_unit_ids.clone(),
        },
    );
    for card_unit_id in card_unit_ids.clone() {
        history.at(
            "PACK-1",
            CardUnitPacked {
                card_unit_id,
                pack_id,
            },
        );
    }
    history.at(
        "PACK-1",
        PackAddedToPack {
            pack_id: case,
            inner_pack_id: pack_id,
        },
    );
    history.at(
        "PACK-1",
        PackNested {
            pack_id,
            outer_pack_id: case,
        },
    );
    let card = history.reference.card(id(CARD_1)).unwrap();
    assert_eq!(
        (card.status, card.pack, card.station),
        (CardUnitStatus::Packed, Some(pack_id), None)
    );
    assert_eq!(history.reference.set_is_exact(assembly_id), Ok(()));
    assert_eq!(
        history.reference.would_pack(assembly_id),
        Err("already_packed")
    );
    assert_eq!(
        history.reference.has_room_for(pack_id, assembly_id),
        Err("pack_full")
    );
    assert_eq!(
        history.reference.cards_in(case),
        card_unit_ids.iter().copied().collect()
    );
    let facts = history.reference.pack(pack_id).unwrap();
    assert_eq!((facts.status, facts.outer), (PackStatus::Open, Some(case)));
    let bench = id("BENCH-1");
    assert_eq!(
        history.reference.would_gather(id(CARD_1), &bench),
        Err("already_packed")
    );

    let reason = "wrong box".to_owned();
    history.at(
        "PACK-1",
        SetRemovedFromPack {
            pack_id,
            assembly_id,
            reason: reason.clone(),
        },
    );
    history.at(
        "PACK-1",
        SetUnpacked {
            assembly_id,
            pack_id,
            reason,
        },
    );
    for card_unit_id in card_unit_ids {
        history.at(
            "PACK-1",
            CardUnitUnpacked {
                card_unit_id,
                pack_id,
            },
        );
    }
    let card = history.reference.card(id(CARD_1)).unwrap();
    assert_eq!((card.status, card.pack), (CardUnitStatus::Assembled, None));
    assert_eq!(history.reference.would_pack(assembly_id), Ok(()));
    assert!(history.reference.cards_in(case).is_empty());
}

#[test]
fn a_card_taken_out_of_its_set_stands_as_before() {
    let mut history = with_a_complete_set();
    let reason = "bent corner".to_owned();
    let assembly_id = id(SET);
    let card_unit_id = id(CARD_1);
    history.at(
        "BENCH-1",
        CardRemovedFromAssembly {
            assembly_id,
            card_unit_id,
            position: 1,
            reason: reason.clone(),
        },
    );
    history.at(
        "BENCH-1",
        CardUnitRemovedFromAssembly {
            card_unit_id,
            assembly_id,
            reason,
        },
    );
    let card = history.reference.card(card_unit_id).unwrap();
    assert_eq!(
        (card.status, card.station),
        (CardUnitStatus::QaPassed, Some(id("BENCH-1")))
    );
    let set = history.reference.assembly(assembly_id).unwrap();
    assert_eq!(
        (set.status, set.missing),
        (AssemblyStatus::InProgress, [1].into())
    );
}

#[test]
fn a_piece_is_where_its_own_list_says() {
    let mut history = after_the_cut();
    let piece_id = id("RELIC-1");
    history.at(
        "",
        MemorabiliaRegistered {
            piece_id: id("RELIC-1"),
            kind: id("RELIC-JERSEY"),
            description: "a thread".to_owned(),
            planned_for: Some(id(CARD_1)),
        },
    );
    assert_eq!(history.reference.piece(&piece_id).unwrap().card, None);
    let card_unit_id = id(CARD_1);
    history.at(
        "",
        MemorabiliaPieceInserted {
            piece_id: id("RELIC-1"),
            card_unit_id,
        },
    );
    assert_eq!(
        history.reference.piece(&piece_id).unwrap().card,
        Some(card_unit_id)
    );
}

#[test]
fn the_log_read_again_gives_the_same_answers() {
    let history = with_a_complete_set();
    let mut again = super::Reference::new();
    let log: Vec<Recorded> = history.reference.log().to_vec();
    for recorded in log {
        again.record(recorded);
    }
    assert_eq!(again.card(id(CARD_2)), history.reference.card(id(CARD_2)));
    assert_eq!(again.assembly(id(SET)), history.reference.assembly(id(SET)));
}
