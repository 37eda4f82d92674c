//! The simulator's acts, as a scanner or a program says them over HTTP.

use super::client::Call;
use serde_json::{Value, json};
use sheetwise_core::domain::Command;
use sheetwise_core::domain::command::{Holdable, ReplaceWith};
use sheetwise_sim::act::{Act, What};

/// The call for this act, under this key; `None` where HTTP has no word for it.
pub fn call_of(act: &Act, number: usize, key: &str) -> Option<Call> {
    let context = act.context(number);
    let mut said = match &act.what {
        What::Scan(text) => ("/scan".to_owned(), json!({ "barcode": text })),
        What::Command(command) => command_call(command)?,
    };
    // Master data comes from a program, not from a station.
    let from_a_station = !matches!(
        said.0.as_str(),
        "/products"
            | "/stations"
            | "/operators"
            | "/memorabilia"
            | "/hold-rules"
            | "/orders"
            | "/jobs"
    );
    if from_a_station {
        said.1["station_id"] = json!(context.station_id);
        said.1["operator_id"] = json!(context.operator_id);
        said.1["timestamp"] = json!(context.occurred_at);
        said.1["late"] = json!(context.late);
    } else if matches!(said.0.as_str(), "/orders" | "/jobs") {
        said.1["operator_id"] = json!(context.operator_id);
    }
    Some(Call {
        path: said.0,
        body: Some(said.1),
        key: Some(key.to_owned()),
    })
}

/// The scan of this act for a list of scans, where it is one.
pub fn scan_of_a_list(act: &Act, number: usize, key: &str) -> Option<Value> {
    let call = call_of(act, number, key)?;
    let mut scan = call.body.filter(|_| call.path == "/scan")?;
    scan["scan_id"] = json!(key);
    scan["late"] = json!(true);
    Some(scan)
}

fn path_of(unit: &Holdable) -> String {
    match unit {
        Holdable::Order(id) => format!("/orders/{id}"),
        Holdable::Job(id) => format!("/jobs/{id}"),
        Holdable::Sheet(id) => format!("/sheets/{id}"),
        Holdable::CardUnit(id) => format!("/card-units/{id}"),
        Holdable::Assembly(id) => format!("/assemblies/{id}"),
    }
}

fn command_call(command: &Command) -> Option<(String, Value)> {
    let card = |id: &dyn std::fmt::Display, call: &str| format!("/card-units/{id}/{call}");
    Some(match command {
        Command::PublishProduct {
            product_id,
            product_version,
            spec,
        } => (
            "/products".to_owned(),
            json!({"product_id": product_id, "product_version": product_version, "spec": spec}),
        ),
        Command::PlaceOrder { order } => ("/orders".to_owned(), json!(order)),
        Command::CancelOrder { order_id, reason } => (
            format!("/orders/{order_id}/cancel"),
            json!({ "reason": reason }),
        ),
        Command::CreateJob {
            job_id,
            order_id,
            quantity,
            product_version,
            due_date,
            priority,
            overs,
        } => (
            "/jobs".to_owned(),
            json!({
                "job_id": job_id, "order_id": order_id, "quantity": quantity,
                "product_version": product_version, "due_date": due_date, "priority": priority,
                "overs": overs,
            }),
        ),
        Command::CancelJob { job_id, reason } => (
            format!("/jobs/{job_id}/cancel"),
            json!({ "reason": reason }),
        ),
        Command::CloseJob { job_id } => (format!("/jobs/{job_id}/close"), json!({})),
        Command::RegisterStation {
            station_id,
            description,
        } => {
            let mut body = json!(description);
            body["station_id"] = json!(station_id);
            ("/stations".to_owned(), body)
        }
        Command::RegisterOperator { operator } => ("/operators".to_owned(), json!(operator)),
        Command::RegisterMemorabilia { piece } => ("/memorabilia".to_owned(), json!(piece)),
        Command::RecordSheetDefect {
            sheet_id,
            position,
            defect,
        } => (
            format!("/sheets/{sheet_id}/defects"),
            json!({"position": position, "failure_code": defect.failure_code, "note": defect.note}),
        ),
        Command::VoidSheet { sheet_id, reason } => (
            format!("/sheets/{sheet_id}/void"),
            json!({ "reason": reason }),
        ),
        Command::RecordQaResult {
            card_unit_id,
            result,
            failure_reason,
            failure_codes,
            ..
        } => (
            "/qa-results".to_owned(),
            json!({
                "card_unit_id": card_unit_id, "result": result, "failure_reason": failure_reason,
                "failure_codes": failure_codes,
            }),
        ),
        Command::ApplySequentialNumber {
            card_unit_id,
            number,
        } => (
            card(card_unit_id, "sequential-number"),
            json!({ "number": number }),
        ),
        Command::PlaceMemorabilia {
            card_unit_id,
            piece_id,
        } => (
            card(card_unit_id, "memorabilia"),
            json!({ "piece_id": piece_id }),
        ),
        Command::VoidCardUnit {
            card_unit_id,
            reason,
        } => (card(card_unit_id, "void"), json!({ "reason": reason })),
        Command::ReplaceCardUnit { card_unit_id, with } => {
            let body = match with {
                ReplaceWith::AnySpare => json!({"source": "any_spare"}),
                ReplaceWith::Spare(spare) => json!({"source": "spare", "spare": spare}),
                ReplaceWith::Reprint => json!({"source": "reprint"}),
            };
            (card(card_unit_id, "replace"), body)
        }
        Command::Hold { unit, reason } => (
            format!("{}/hold", path_of(unit)),
            json!({ "reason": reason }),
        ),
        Command::Release {
            unit,
            hold_id,
            reason,
        } => (
            format!("{}/release", path_of(unit)),
            json!({"reason": reason, "hold_id": hold_id}),
        ),
        Command::PlaceHoldRule { rule } => ("/hold-rules".to_owned(), json!(rule)),
        Command::LiftHoldRule { hold_id, reason } => (
            format!("/hold-rules/{hold_id}/lift"),
            json!({ "reason": reason }),
        ),
        Command::Undo {
            event_sequence_num,
            reason,
        } => (
            "/corrections".to_owned(),
            json!({"event_sequence_num": event_sequence_num, "reason": reason}),
        ),
        Command::ScanCardForAssembly { card_unit_id } => (
            format!("/assemblies/{}/scan", card_unit_id.assembly()),
            json!({ "card_unit_id": card_unit_id }),
        ),
        Command::SignConcession {
            assembly_id,
            positions,
            reason,
        } => (
            format!("/assemblies/{assembly_id}/concession"),
            json!({"positions": positions, "reason": reason}),
        ),
        Command::PackSet {
            assembly_id,
            pack_id,
        } => (
            format!("/assemblies/{assembly_id}/pack"),
            json!({ "pack_id": pack_id }),
        ),
        Command::OpenPack { pack_id } => ("/packs".to_owned(), json!({ "pack_id": pack_id })),
        Command::ClosePack { pack_id } => (format!("/packs/{pack_id}/close"), json!({})),
        Command::ShipPack { pack_id } => (format!("/packs/{pack_id}/ship"), json!({})),
        Command::UnpackSet {
            assembly_id,
            pack_id: Some(pack_id),
            reason,
        } => (
            format!("/packs/{pack_id}/unpack"),
            json!({"assembly_id": assembly_id, "reason": reason}),
        ),
        Command::UnnestPack { pack_id, reason } => (
            format!("/packs/{pack_id}/unpack"),
            json!({ "reason": reason }),
        ),
        Command::ReopenPack { pack_id, reason } => (
            format!("/packs/{pack_id}/reopen"),
            json!({ "reason": reason }),
        ),
        Command::RemoveFromAssembly {
            card_unit_id,
            reason,
        } => (
            format!("/assemblies/{}/remove", card_unit_id.assembly()),
            json!({"card_unit_id": card_unit_id, "reason": reason}),
        ),
        Command::SignCardDeviation {
            card_unit_id,
            operation_id,
            reason,
        } => (
            card(card_unit_id, "deviations"),
            json!({"operation_id": operation_id, "reason": reason}),
        ),
        Command::AddSheets {
            job_id,
            after,
            count,
            purpose,
        } => (
            format!("/jobs/{job_id}/sheets"),
            json!({"after": after, "count": count, "purpose": purpose}),
        ),
        _ => return None,
    })
}
