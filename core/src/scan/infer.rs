//! The table: what a barcode means at a kind of station.

use crate::domain::card_unit::{CardUnit, CardUnitStatus};
use crate::domain::command::Holdable;
use crate::domain::pack::PackStatus;
use crate::domain::product::StationType;
use crate::domain::refusal::NextStep;
use crate::domain::sheet::{Sheet, SheetStatus};
use crate::domain::station::Station;
use crate::domain::values::QaOutcome;
use crate::domain::{Command, Context, Refusal, UnitRef};
use crate::identity::{CardUnitId, Control, PackId, Scanned, ShopCode};
use crate::production::{Floor, Stop, why_not_born};
use jiff::SignedDuration;

/// The same thing at the same station within this time is the same scan: a hand that trembled.
pub const REPEAT_WINDOW: SignedDuration = SignedDuration::from_secs(5);

/// What a scan means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Meaning {
    /// This is asked of the shop.
    Command(Command),
    /// It was scanned here a moment ago: the answer is the same, and nothing happens.
    Repeat,
}

impl From<Command> for Meaning {
    fn from(command: Command) -> Self {
        Self::Command(command)
    }
}

/// What the barcode means where it was scanned.
///
/// # Errors
/// Refused where it means nothing there, or nothing at all.
pub fn infer(floor: &Floor, scanned: &Scanned, context: &Context) -> Result<Meaning, Stop> {
    let station_id = context
        .station_id
        .as_ref()
        .ok_or(Refusal::StationNeeded { wanted: "A scan" })?;
    let station = floor
        .station(station_id)?
        .ok_or_else(|| Refusal::UnknownId(UnitRef::Station(station_id.clone())))?;
    let nothing_here = || {
        Err(Refusal::NothingToDoHere {
            barcode: scanned.to_string(),
            station_id: station_id.clone(),
            station_type: station.description.station_type.clone(),
        }
        .into())
    };
    if is_repeat(floor, scanned, station, context)? {
        return Ok(Meaning::Repeat);
    }
    let station_type = &station.description.station_type;
    match scanned {
        Scanned::Sheet(sheet_id) => {
            let sheet_id = *sheet_id;
            known(scanned, floor.sheet(&sheet_id)?.is_some())?;
            Ok(match station_type {
                StationType::Cutting => Command::CutSheet { sheet_id }.into(),
                StationType::Work(_)
                | StationType::Numbering
                | StationType::Memorabilia
                | StationType::Qa
                | StationType::Assembly
                | StationType::Packing => Command::EnterStationWithSheet { sheet_id }.into(),
            })
        }
        Scanned::CardUnit(card_unit_id) => {
            let card_unit_id = *card_unit_id;
            let card = known_card(floor, scanned, card_unit_id)?;
            match station_type {
                StationType::Assembly => Ok(Command::ScanCardForAssembly { card_unit_id }.into()),
                StationType::Packing => pack_the_set_of(card),
                StationType::Work(_)
                | StationType::Cutting
                | StationType::Numbering
                | StationType::Memorabilia
                | StationType::Qa => Ok(Command::EnterStationWithCard { card_unit_id }.into()),
            }
        }
        Scanned::Assembly(assembly_id) => {
            let assembly_id = *assembly_id;
            known(scanned, floor.assembly(&assembly_id)?.is_some())?;
            match station_type {
                StationType::Assembly => Ok(Command::SwitchBench {
                    active_assembly_id: Some(assembly_id),
                }
                .into()),
                StationType::Packing => Ok(Command::PackSet {
                    assembly_id,
                    pack_id: None,
                }
                .into()),
                _ => nothing_here(),
            }
        }
        Scanned::Pack(pack_id) => match station_type {
            StationType::Packing => handle_pack(floor, *pack_id),
            _ => nothing_here(),
        },
        Scanned::Code(code) => shop_code(floor, scanned, code, station),
        Scanned::Control(control) => control_barcode(floor, scanned, control, station),
        Scanned::Order(id) => {
            known(scanned, floor.order(id)?.is_some())?;
            nothing_here()
        }
        Scanned::Job(id) => {
            known(scanned, floor.job(id)?.is_some())?;
            nothing_here()
        }
        Scanned::Operator(id) => {
            known(scanned, floor.operator(id)?.is_some())?;
            nothing_here()
        }
    }
}

fn known(scanned: &Scanned, is_known: bool) -> Result<(), Refusal> {
    if is_known {
        Ok(())
    } else {
        Err(Refusal::UnknownBarcode {
            barcode: scanned.to_string(),
        })
    }
}

/// The same thing was recorded here last, a moment ago, and still stands as it was recorded.
fn is_repeat(
    floor: &Floor,
    scanned: &Scanned,
    station: &Station,
    context: &Context,
) -> Result<bool, Stop> {
    let unit = match scanned {
        Scanned::Sheet(id) => UnitRef::Sheet(*id),
        Scanned::CardUnit(id) => UnitRef::CardUnit(*id),
        Scanned::Assembly(id) => UnitRef::Assembly(*id),
        Scanned::Pack(id) => UnitRef::Pack(*id),
        Scanned::Order(_)
        | Scanned::Job(_)
        | Scanned::Operator(_)
        | Scanned::Control(_)
        | Scanned::Code(_) => {
            return Ok(false);
        }
    };
    let bench = floor.bench(&station.station_id)?;
    Ok(bench.last_unit.as_ref() == Some(&unit)
        && (bench.last_at)
            .is_some_and(|at| context.recorded_at.duration_since(at) <= REPEAT_WINDOW)
        && still_stands(floor, &unit, station)?)
}

/// What was recorded at the station for the unit still holds: a queue that was offline brings scans of
/// hours within a moment, and a scan that was taken back may be said again at once.
fn still_stands(floor: &Floor, unit: &UnitRef, station: &Station) -> Result<bool, Stop> {
    Ok(match unit {
        UnitRef::Sheet(id) => match floor.sheet(id)? {
            Some(sheet) => sheet_still_stands(floor, sheet, station)?,
            None => false,
        },
        UnitRef::CardUnit(id) => match floor.card_unit(id)? {
            Some(card) => card_still_stands(floor, card, station)?,
            None => false,
        },
        UnitRef::Assembly(id) => floor.assembly(id)?.is_some_and(|set| set.pack_id.is_some()),
        UnitRef::Pack(id) => floor
            .pack(id)?
            .is_some_and(|pack| pack.outer_pack_id.is_some()),
        _ => false, // nothing else is taken in hand
    })
}

fn sheet_still_stands(floor: &Floor, sheet: &Sheet, station: &Station) -> Result<bool, Stop> {
    let now = &sheet.situation;
    if now.status == SheetStatus::Cut {
        return Ok(true);
    }
    let spec = floor.spec_of(floor.existing_job(&sheet.sheet_id.job())?)?;
    let ended = now.current_operation_id.is_none();
    Ok(now.current_station_id.as_ref() == Some(&station.station_id)
        && !(ended && one_comes_next(&sheet.next_steps(spec), station)))
}

fn card_still_stands(floor: &Floor, card: &CardUnit, station: &Station) -> Result<bool, Stop> {
    let now = &card.situation;
    let gathers = station.description.station_type == StationType::Assembly;
    let spec = floor.spec_of(floor.existing_job(&card.card_unit_id.job())?)?;
    // One that failed is not inspected once more because a hand trembled: that would count as rework.
    let ended = now.current_operation_id.is_none() && now.status != CardUnitStatus::QaFailed;
    Ok(now.current_station_id.as_ref() == Some(&station.station_id)
        && gathers == (now.status == CardUnitStatus::Assembled)
        && !(ended && one_comes_next(&card.next_steps(spec), station)))
}

/// An operation of the station's kind comes next. Where the one before ended here, to scan again begins it.
fn one_comes_next(next: &[NextStep], station: &Station) -> bool {
    next.iter()
        .any(|step| step.station_type == station.description.station_type)
}

/// The card of that label; where there is none, why not yet or never. (Labels are often printed before the cut.)
fn known_card<'f>(
    floor: &'f Floor,
    scanned: &Scanned,
    card_unit_id: CardUnitId,
) -> Result<&'f CardUnit, Stop> {
    if let Some(card) = floor.card_unit(&card_unit_id)? {
        return Ok(card);
    }
    if let Some(why) = why_not_born(floor, card_unit_id)? {
        return Err(why.into());
    }
    Err(Refusal::UnknownBarcode {
        barcode: scanned.to_string(),
    }
    .into())
}

/// Any card of a set stands for its set at the packing station, if it lies in it.
fn pack_the_set_of(card: &CardUnit) -> Result<Meaning, Stop> {
    let card_unit_id = card.card_unit_id;
    let assembly_id = card_unit_id.assembly();
    match card.situation.status {
        CardUnitStatus::Assembled | CardUnitStatus::Packed => Ok(Command::PackSet {
            assembly_id,
            pack_id: None,
        }
        .into()),
        CardUnitStatus::Voided | CardUnitStatus::Consumed => {
            card.must_allow(crate::domain::card_unit::CardUnitMove::Pack)?;
            unreachable!("a card that is gone is not packed")
        }
        CardUnitStatus::Created
        | CardUnitStatus::InProgress
        | CardUnitStatus::QaPassed
        | CardUnitStatus::QaFailed => Err(Refusal::NotInSet {
            card_unit_id,
            assembly_id,
        }
        .into()),
    }
}

/// A new label opens a pack, an open pack is taken up, a closed one goes into the next outer one.
fn handle_pack(floor: &Floor, pack_id: PackId) -> Result<Meaning, Stop> {
    Ok(match floor.pack(&pack_id)? {
        None => {
            let scanned = Scanned::Pack(pack_id);
            known(&scanned, floor.job(&pack_id.job())?.is_some())?;
            Command::OpenPack { pack_id }.into()
        }
        Some(pack) => match pack.status {
            PackStatus::Open => Command::TakeUpPack { pack_id }.into(),
            PackStatus::Closed if pack_id.kind().outer().is_some() => Command::NestPack {
                pack_id,
                outer_pack_id: None,
            }
            .into(),
            PackStatus::Closed => return Err(Refusal::PackNotOpen { pack_id }.into()),
            PackStatus::Shipped => return Err(Refusal::PackShipped { pack_id }.into()),
        },
    })
}

/// A piece at a memorabilia station goes into the card in hand; a lot is loaded wherever it is scanned.
fn shop_code(
    floor: &Floor,
    scanned: &Scanned,
    code: &ShopCode,
    station: &Station,
) -> Result<Meaning, Stop> {
    let piece_id = code.as_piece();
    let is_piece = floor.piece(&piece_id)?.is_some();
    if is_piece && station.description.station_type == StationType::Memorabilia {
        return match unit_in_hand(floor, station)? {
            Some(UnitRef::CardUnit(card_unit_id)) => Ok(Command::PlaceMemorabilia {
                card_unit_id,
                piece_id,
            }
            .into()),
            _ => Err(nothing_in_hand(
                station,
                "the card that the piece goes into",
            )),
        };
    }
    if let Some(lot) = code.as_material_lot().filter(|_| !is_piece) {
        return Ok(Command::LoadMaterialLots {
            station_id: station.station_id.clone(),
            material_lot_ids: vec![lot],
        }
        .into());
    }
    known(
        scanned,
        is_piece || floor.station(&code.as_station())?.is_some(),
    )?;
    Err(Refusal::NothingToDoHere {
        barcode: scanned.to_string(),
        station_id: station.station_id.clone(),
        station_type: station.description.station_type.clone(),
    }
    .into())
}

fn nothing_in_hand(station: &Station, wanted: &'static str) -> Stop {
    Refusal::NothingInHand {
        station_id: station.station_id.clone(),
        wanted,
    }
    .into()
}

fn control_barcode(
    floor: &Floor,
    scanned: &Scanned,
    control: &Control,
    station: &Station,
) -> Result<Meaning, Stop> {
    let bench = floor.bench(&station.station_id)?;
    let station_type = &station.description.station_type;
    let verdict = |result: QaOutcome, failure_codes| -> Result<Meaning, Stop> {
        if *station_type != StationType::Qa {
            return Err(Refusal::NothingToDoHere {
                barcode: scanned.to_string(),
                station_id: station.station_id.clone(),
                station_type: station_type.clone(),
            }
            .into());
        }
        match unit_in_hand(floor, station)? {
            Some(UnitRef::CardUnit(card_unit_id)) => Ok(Command::RecordQaResult {
                card_unit_id,
                result,
                failure_reason: None,
                failure_codes,
                inspector_id: None,
            }
            .into()),
            _ => Err(nothing_in_hand(station, "the card that is inspected")),
        }
    };
    match control {
        Control::Pass => verdict(QaOutcome::Pass, Vec::new()),
        Control::Fail(code) => verdict(QaOutcome::Fail, vec![code.clone()]),
        Control::Undo => Ok(Command::UndoLast {
            reason: "!UNDO".to_owned(),
        }
        .into()),
        Control::Close if *station_type != StationType::Packing => Err(Refusal::NothingToDoHere {
            barcode: scanned.to_string(),
            station_id: station.station_id.clone(),
            station_type: station_type.clone(),
        }
        .into()),
        Control::Close => match bench
            .last_pack_id
            .or(bench.open_box)
            .or(bench.open_case)
            .or(bench.open_pallet)
        {
            Some(pack_id) => Ok(Command::ClosePack { pack_id }.into()),
            None => Err(nothing_in_hand(station, "a pack")),
        },
        Control::Hold(reason) => {
            let unit = match unit_in_hand(floor, station)? {
                Some(UnitRef::Sheet(id)) => Holdable::Sheet(id),
                Some(UnitRef::CardUnit(id)) => Holdable::CardUnit(id),
                Some(UnitRef::Assembly(id)) => Holdable::Assembly(id),
                _ => return Err(nothing_in_hand(station, "what is to be held")),
            };
            Ok(Command::Hold {
                unit,
                reason: reason.clone(),
            }
            .into())
        }
        Control::Next => match station_type {
            StationType::Qa
            | StationType::Assembly
            | StationType::Packing
            | StationType::Cutting => Ok(Command::SwitchBench {
                active_assembly_id: None,
            }
            .into()),
            StationType::Work(_) | StationType::Numbering | StationType::Memorabilia => {
                match unit_in_hand(floor, station)? {
                    Some(UnitRef::Sheet(sheet_id)) => {
                        Ok(Command::CompleteSheetOperation { sheet_id }.into())
                    }
                    Some(UnitRef::CardUnit(card_unit_id)) => {
                        Ok(Command::CompleteCardOperation { card_unit_id }.into())
                    }
                    _ => Err(nothing_in_hand(station, "the sheet or card that is done")),
                }
            }
        },
    }
}

/// What was recorded here last, if it is still here.
fn unit_in_hand(floor: &Floor, station: &Station) -> Result<Option<UnitRef>, Stop> {
    let unit = floor.bench(&station.station_id)?.last_unit.clone();
    let here = match &unit {
        Some(UnitRef::Sheet(id)) => floor
            .sheet(id)?
            .and_then(|sheet| sheet.situation.current_station_id.as_ref()),
        Some(UnitRef::CardUnit(id)) => floor
            .card_unit(id)?
            .and_then(|card| card.situation.current_station_id.as_ref()),
        _ => Some(&station.station_id),
    };
    Ok(unit.filter(|_| here == Some(&station.station_id)))
}
