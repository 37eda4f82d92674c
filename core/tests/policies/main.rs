//! The shop's policies, as claims: voids and replacements, numbers and pieces, holds, defects, deviations,
//! overs, how jobs and orders end, packs, and who may do what.

#[path = "../support/mod.rs"]
mod support;
#[path = "../support_scan/mod.rs"]
mod support_scan;

mod bench;
mod deviations;
mod holds;
mod memorabilia;
mod numbers;
mod orders;
mod overs;
mod packs;
mod replacements;
mod reprint;
mod roles;
mod routes;
mod stations;
mod voids;

use jiff::{SignedDuration, Timestamp};
use sheetwise_core::domain::assembly::{AssemblyStatus, Filling, LossCause};
use sheetwise_core::domain::card_unit::{CardUnitStatus, ReplacementSource};
use sheetwise_core::domain::command::{Holdable, ReplaceWith};
use sheetwise_core::domain::hold::{HoldRulePlaced, HoldTarget};
use sheetwise_core::domain::job::{JobStatus, SheetPurpose};
use sheetwise_core::domain::memorabilia::PieceStatus;
use sheetwise_core::domain::order::OrderStatus;
use sheetwise_core::domain::pack::PackStatus;
use sheetwise_core::domain::product::{
    NumberingScope, OperationNode, ProductSpec, StationType, VoidPolicy, VoidedMemorabilia,
    VoidedNumber,
};
use sheetwise_core::domain::sheet::SheetStatus;
use sheetwise_core::domain::station::PlannedDowntime;
use sheetwise_core::domain::values::{Priority, Role};
use sheetwise_core::domain::{Command, Decimal, Recorded, Refusal};
use sheetwise_core::identity::{AssemblyId, CardUnitId, HoldId, PackId, SheetId};
use sheetwise_core::production::{reprint_plan, sheets_for};
use std::sync::Arc;
use support::{
    N_UP, PLAIN, Policies, RELIC, RUN_SHEETS, SERIALIZED, Shop, box_, card, case, defect, fails,
    hold, id, jersey, job, operator, order_id, pallet, plain_product, product, release, set, sheet,
    station, undo, void,
};
use support_scan::{a_second_job, rule};

fn concede(assembly_id: AssemblyId, positions: &[u16]) -> Command {
    Command::SignConcession {
        assembly_id,
        positions: positions.to_vec(),
        reason: "the customer agrees".into(),
    }
}

const fn replace(card_unit_id: CardUnitId, with: ReplaceWith) -> Command {
    Command::ReplaceCardUnit { card_unit_id, with }
}

const fn number(card_unit_id: CardUnitId, number: Option<u32>) -> Command {
    Command::ApplySequentialNumber {
        card_unit_id,
        number,
    }
}

fn place(piece_id: &str, card_unit_id: CardUnitId) -> Command {
    Command::PlaceMemorabilia {
        card_unit_id,
        piece_id: id(piece_id),
    }
}

fn statuses(shop: &Shop, sheet_number: u32) -> Vec<CardUnitStatus> {
    (1..=N_UP)
        .map(|position| shop.status_of_card(card(sheet_number, position)))
        .collect()
}

fn create_job(job_id: &str, quantity: Option<u32>, overs: Option<u32>) -> Command {
    Command::CreateJob {
        job_id: id(job_id),
        order_id: order_id(),
        quantity,
        product_version: None,
        due_date: None,
        priority: None,
        overs,
    }
}

fn unpack(assembly_id: AssemblyId) -> Command {
    Command::UnpackSet {
        assembly_id,
        pack_id: None,
        reason: "wrong label".into(),
    }
}

const fn close(pack_id: PackId) -> Command {
    Command::ClosePack { pack_id }
}

const fn ship(pack_id: PackId) -> Command {
    Command::ShipPack { pack_id }
}

fn reopen(pack_id: PackId) -> Command {
    Command::ReopenPack {
        pack_id,
        reason: "one more".into(),
    }
}

fn unnest(pack_id: PackId) -> Command {
    Command::UnnestPack {
        pack_id,
        reason: "wrong case".into(),
    }
}
