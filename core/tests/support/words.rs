//! The ids of the standard shop, and the commands that tests say most, in few words.

use sheetwise_core::domain::Command;
use sheetwise_core::domain::command::Holdable;
use sheetwise_core::domain::values::{Defect, QaOutcome};
use sheetwise_core::identity::{
    AssemblyId, CardUnitId, JobId, PackId, PackKind, ProductionOrderId, SheetId,
};
use std::fmt::Debug;
use std::str::FromStr;

/// Reads an id (or anything else that has a text form).
///
/// # Panics
/// If the text is none: the test is wrong.
#[track_caller]
pub fn id<T: FromStr<Err: Debug>>(text: &str) -> T {
    text.parse()
        .unwrap_or_else(|error| panic!("{text:?} should be an id: {error:?}"))
}

/// The job's id.
pub fn job() -> JobId {
    id("J1044")
}

/// The order's id.
pub fn order_id() -> ProductionOrderId {
    id("PO-10044")
}

/// The id of the job's nth sheet.
pub fn sheet(number: u32) -> SheetId {
    job().sheet(number).expect("a sheet number")
}

/// The id of the card that the cut makes at a position of the job's nth sheet.
pub fn card(sheet_number: u32, position: u16) -> CardUnitId {
    sheet(sheet_number).card_unit(position).expect("a position")
}

/// The id of the set of the job's nth sheet.
pub fn set(sheet_number: u32) -> AssemblyId {
    sheet(sheet_number).assembly()
}

/// The id of the job's nth box, case or pallet.
pub fn box_(number: u32) -> PackId {
    job().pack(PackKind::Box, number).expect("a box number")
}

pub fn case(number: u32) -> PackId {
    job().pack(PackKind::Case, number).expect("a case number")
}

pub fn pallet(number: u32) -> PackId {
    job()
        .pack(PackKind::Pallet, number)
        .expect("a pallet number")
}

/// A defect by its code, without a note.
pub fn defect(failure_code: &str) -> Defect {
    Defect {
        failure_code: id(failure_code),
        note: None,
    }
}

/// The inspector's verdict on a card: a pass.
pub fn passes(card_unit_id: CardUnitId) -> Command {
    Command::RecordQaResult {
        card_unit_id,
        result: QaOutcome::Pass,
        failure_reason: None,
        failure_codes: Vec::new(),
        inspector_id: None,
    }
}

/// The inspector's verdict on a card: a fail, with this code.
pub fn fails(card_unit_id: CardUnitId, failure_code: &str) -> Command {
    Command::RecordQaResult {
        card_unit_id,
        result: QaOutcome::Fail,
        failure_reason: None,
        failure_codes: vec![id(failure_code)],
        inspector_id: None,
    }
}

pub fn undo(event_sequence_num: u64) -> Command {
    Command::Undo {
        event_sequence_num,
        reason: "a mistake".into(),
    }
}

pub fn void(card_unit_id: CardUnitId) -> Command {
    Command::VoidCardUnit {
        card_unit_id,
        reason: "torn".into(),
    }
}

pub fn hold(unit: Holdable) -> Command {
    Command::Hold {
        unit,
        reason: "to be looked at".into(),
    }
}

pub fn release(unit: Holdable) -> Command {
    Command::Release {
        unit,
        hold_id: None,
        reason: "looked at".into(),
    }
}
