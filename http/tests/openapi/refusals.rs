//! Whole simulated histories, people's mistakes included: whatever the shop refuses, stands at the call that says it.

use serde_json::Value;
use sheetwise_core::domain::command::Holdable;
use sheetwise_core::domain::{Command, Decision};
use sheetwise_core::identity::{ScannerSettings, read_scanner_text};
use sheetwise_core::production::{Floor, Stop, decide};
use sheetwise_core::scan::{self, Meaning};
use sheetwise_http::openapi;
use sheetwise_sim::act::What;
use sheetwise_sim::history::acts_of;
use std::collections::{BTreeMap, BTreeSet};

/// The call that says it, where there is one.
fn operation_of(command: &Command) -> Option<&'static str> {
    Some(match command {
        Command::PublishProduct { .. } => "publish_product",
        Command::PublishLayout { .. } => "import_layout",
        Command::PlaceOrder { .. } => "place_order",
        Command::CancelOrder { .. } => "cancel_order",
        Command::CreateJob { .. } => "create_job",
        Command::CancelJob { .. } => "cancel_job",
        Command::CloseJob { .. } => "close_job",
        Command::RegisterStation { .. } => "register_station",
        Command::TakeStationDown { .. } => "take_station_down",
        Command::BringStationUp { .. } => "bring_station_up",
        Command::LoadMaterialLots { .. } => "load_material_lots",
        Command::RegisterOperator { .. } => "register_operator",
        Command::RegisterMemorabilia { .. } => "register_memorabilia",
        Command::RecordSheetDefect { .. } => "record_sheet_defect",
        Command::VoidSheet { .. } => "void_sheet",
        Command::CutSheet { .. } => "cut_sheet",
        Command::ApplyEmbellishment { .. } => "apply_embellishment",
        Command::RecordQaResult { .. } => "record_qa_result",
        Command::ApplySequentialNumber { .. } => "apply_sequential_number",
        Command::PlaceMemorabilia { .. } => "place_memorabilia",
        Command::VoidCardUnit { .. } => "void_card_unit",
        Command::ReplaceCardUnit { .. } => "replace_card_unit",
        Command::ReplaceVacancies { .. } => "reprint",
        Command::Hold { unit, .. } => match unit {
            Holdable::Order(_) => "hold_order",
            Holdable::Job(_) => "hold_job",
            Holdable::Sheet(_) => "hold_sheet",
            Holdable::CardUnit(_) => "hold_card_unit",
            Holdable::Assembly(_) => "hold_assembly",
        },
        Command::Release { unit, .. } => match unit {
            Holdable::Order(_) => "release_order",
            Holdable::Job(_) => "release_job",
            Holdable::Sheet(_) => "release_sheet",
            Holdable::CardUnit(_) => "release_card_unit",
            Holdable::Assembly(_) => "release_assembly",
        },
        Command::PlaceHoldRule { .. } => "place_hold_rule",
        Command::LiftHoldRule { .. } => "lift_hold_rule",
        Command::Undo { .. } => "correct",
        Command::ScanCardForAssembly { .. } => "scan_card_for_assembly",
        Command::SignConcession { .. } => "sign_concession",
        Command::PackSet { .. } => "pack_set",
        Command::UnpackSet { .. } | Command::UnnestPack { .. } => "unpack",
        Command::OpenPack { .. } => "open_pack",
        Command::ClosePack { .. } => "close_pack",
        Command::ShipPack { .. } => "ship_pack",
        Command::AddSheets { .. } => "add_sheets",
        Command::RescheduleJob { .. } => "reschedule_job",
        Command::SignSheetDeviation { .. } => "sign_sheet_deviation",
        Command::SignCardDeviation { .. } => "sign_card_deviation",
        Command::RemoveFromAssembly { .. } => "remove_from_assembly",
        Command::ReopenPack { .. } => "reopen_pack",
        Command::EnterStationWithSheet { .. }
        | Command::CompleteSheetOperation { .. }
        | Command::EnterStationWithCard { .. }
        | Command::CompleteCardOperation { .. }
        | Command::UndoLast { .. }
        | Command::SwitchBench { .. }
        | Command::TakeUpPack { .. }
        | Command::NestPack { .. } => return None,
    })
}

/// The codes that stand at each call.
fn documented() -> BTreeMap<String, BTreeSet<String>> {
    let mut documented = BTreeMap::new();
    for methods in openapi()["paths"].as_object().expect("paths").values() {
        for call in methods.as_object().expect("methods").values() {
            let mut codes = BTreeSet::new();
            for answer in call["responses"].as_object().expect("responses").values() {
                let at = "/content/application~1problem+json/schema/allOf/1/properties/code/enum";
                let listed = answer.pointer(at).and_then(Value::as_array);
                let texts = listed.into_iter().flatten().filter_map(Value::as_str);
                codes.extend(texts.map(str::to_owned));
            }
            documented.insert(
                call["operationId"].as_str().expect("a name").to_owned(),
                codes,
            );
        }
    }
    documented
}

#[test]
fn whatever_is_refused_in_simulated_histories_stands_at_the_call_that_says_it() {
    let documented = documented();
    let mut seen: BTreeSet<(&str, &str)> = BTreeSet::new();
    for seed in 1..=20 {
        let mut floor = Floor::with_log();
        for (number, act) in acts_of(seed, 900).expect("a history").iter().enumerate() {
            let context = act.context(number);
            let (call, decided) = match &act.what {
                What::Command(command) => {
                    (operation_of(command), decide(&floor, command, &context))
                }
                What::Scan(text) => {
                    let Ok(scanned) = read_scanner_text(text, &ScannerSettings::default()) else {
                        continue;
                    };
                    let decided = match scan::infer(&floor, &scanned, &context) {
                        Ok(Meaning::Command(command)) => decide(&floor, &command, &context),
                        Ok(Meaning::Repeat) => Ok(Decision::AlreadyRecorded),
                        Err(stop) => Err(stop),
                    };
                    (Some("scan"), decided)
                }
            };
            match decided {
                Ok(decision) => drop(floor.record(decision.into_events(), &context)),
                Err(Stop::Refused(refusal)) => seen.extend(call.map(|call| (call, refusal.code()))),
                Err(Stop::NotLoaded(needed)) => panic!("a whole floor asks for {needed:?}"),
            }
        }
    }
    let missing: Vec<_> = seen
        .iter()
        .filter(|(call, code)| !documented[*call].contains(*code))
        .collect();
    assert!(missing.is_empty(), "not documented: {missing:#?}");
    assert!(seen.len() > 60, "only {} refusals were seen", seen.len());
}
