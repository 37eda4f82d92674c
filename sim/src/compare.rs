//! The core's states, its read models and the reference, held against each other.

use crate::reference::Reference;
use sheetwise_core::domain::card_unit::CardUnitStatus;
use sheetwise_core::domain::product::StationType;
use sheetwise_core::domain::sheet::SheetStatus;
use sheetwise_core::domain::station::{StationEvent, UnitInHand, UnitTakenInHand};
use sheetwise_core::domain::{Command, Context, Decision, Event, Recorded, UnitRef};
use sheetwise_core::identity::{JobId, StationId};
use sheetwise_core::production::{Floor, Stop};
use sheetwise_core::projections::{Rows, job_progress::ProgressCounts};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Debug;

/// What the reference says about a command before it is decided; about those that it has an opinion on.
#[derive(Debug)]
pub struct Expectation {
    /// Everything that speaks against it; `None` without an opinion.
    objections: Option<Vec<&'static str>>,
    /// What holds its card or sheet at that type of station; `None` where nothing is done to one.
    holds: Option<Vec<String>>,
    command: String,
}

impl Expectation {
    /// The reference's opinion on the command, in the state before it.
    #[must_use]
    pub fn of(reference: &Reference, command: &Command, context: &Context) -> Self {
        let objections = match (command, &context.station_id) {
            (Command::ScanCardForAssembly { card_unit_id }, Some(bench)) => {
                Some(reference.gather_objections(*card_unit_id, bench))
            }
            (Command::CutSheet { sheet_id }, _) => Some(reference.cut_objections(*sheet_id)),
            (
                Command::PackSet {
                    assembly_id,
                    pack_id,
                },
                _,
            ) => {
                let mut objections = reference.pack_objections(*assembly_id);
                // A box that is named has to take it; one that is open at the station is not asked for.
                let no_room = pack_id.and_then(|id| reference.has_room_for(id, *assembly_id).err());
                objections.extend(no_room);
                Some(objections)
            }
            _ => None,
        };
        Self {
            objections,
            holds: holds(reference, command, context),
            command: format!("{command:?}"),
        }
    }

    /// Whether the core's decision agrees: what it takes must have nothing against it, and its reason for
    /// a refusal must be among the reference's.
    ///
    /// # Errors
    /// What they disagree about.
    pub fn must_agree(&self, decided: &Result<Decision, Stop>) -> Result<(), String> {
        self.holds_must_agree(decided)?;
        let Some(objections) = &self.objections else {
            return Ok(());
        };
        match decided {
            Ok(Decision::Record(_)) if !objections.is_empty() => Err(format!(
                "{} was taken in spite of {objections:?}",
                self.command
            )),
            Err(Stop::Refused(refusal)) => {
                let reason = match refusal.code() {
                    // Not about the unit: who asks, and which box.
                    "operator_unknown" | "operator_inactive" | "not_permitted"
                    | "station_needed" | "pack_full" | "pack_not_open" | "pack_shipped"
                    | "wrong_job" | "not_in_pack" => {
                        return Ok(());
                    }
                    "unknown_id" | "not_cut_yet" => "unknown",
                    "qa_failed" => "not_ready",
                    "already_assembled" => "duplicate",
                    "not_in_set" => "not_a_member",
                    "set_incomplete" => "incomplete",
                    other => other,
                };
                let fits = objections.contains(&reason)
                    || (reason == "voided" && objections.contains(&"set_voided"))
                    || (reason == "already_packed" && objections.contains(&"set_packed"))
                    || (reason == "not_possible_now" && !objections.is_empty());
                if fits {
                    Ok(())
                } else {
                    Err(format!(
                        "{} was refused as {reason}, the reference says {objections:?}",
                        self.command
                    ))
                }
            }
            Ok(_) | Err(Stop::NotLoaded(_)) => Ok(()),
        }
    }

    fn holds_must_agree(&self, decided: &Result<Decision, Stop>) -> Result<(), String> {
        match (decided, &self.holds) {
            (Ok(Decision::Record(_)), Some(holds)) if !holds.is_empty() => {
                Err(format!("{} was taken in spite of {holds:?}", self.command))
            }
            (Err(Stop::Refused(refusal)), Some(holds))
                if refusal.code() == "on_hold" && holds.is_empty() =>
            {
                Err(format!(
                    "{} was refused as on hold, the reference knows of no hold",
                    self.command
                ))
            }
            _ => Ok(()),
        }
    }
}

/// What holds the card or sheet that the command works on, at the type of station where that is done.
fn holds(reference: &Reference, command: &Command, context: &Context) -> Option<Vec<String>> {
    let here = context.station_id.as_ref();
    let here = here.and_then(|station| reference.station_type(station));
    match command {
        Command::EnterStationWithSheet { sheet_id } => {
            Some(reference.holds_on_sheet(*sheet_id, &here?))
        }
        Command::EnterStationWithCard { card_unit_id } => {
            Some(reference.holds_on_card(*card_unit_id, &here?))
        }
        Command::ApplyEmbellishment {
            card_unit_id,
            operation_id,
        } => {
            let spec = reference.spec_of(card_unit_id.job())?;
            let operation = spec.operation(operation_id)?;
            Some(reference.holds_on_card(*card_unit_id, &operation.station_type))
        }
        Command::ApplySequentialNumber { card_unit_id, .. } => {
            Some(reference.holds_on_card(*card_unit_id, &StationType::Numbering))
        }
        Command::PlaceMemorabilia { card_unit_id, .. } => {
            Some(reference.holds_on_card(*card_unit_id, &StationType::Memorabilia))
        }
        Command::RecordQaResult { card_unit_id, .. } => {
            Some(reference.holds_on_card(*card_unit_id, &StationType::Qa))
        }
        _ => None,
    }
}

/// `left` is what the core says, `right` the reference or the read model.
fn same<T: PartialEq + Debug>(what: &str, left: T, right: T) -> Result<(), String> {
    if left == right {
        Ok(())
    } else {
        Err(format!("{what}: {left:?} here, {right:?} there"))
    }
}

/// Compares one unit in all three.
///
/// # Errors
/// The first difference.
pub fn unit(
    floor: &Floor,
    rows: &Rows,
    reference: &Reference,
    unit: &UnitRef,
) -> Result<(), String> {
    compare(floor, rows, reference, unit)
        .map_err(|what| format!("{unit}: {what}\n{}", reference.describe(unit)))
}

fn compare(
    floor: &Floor,
    rows: &Rows,
    reference: &Reference,
    unit: &UnitRef,
) -> Result<(), String> {
    if let Some(difference) = reference.restores_disagree(unit) {
        return Err(format!(
            "a correction restores something else: {difference}"
        ));
    }
    match unit {
        UnitRef::CardUnit(id) => {
            let card = floor
                .card_unit(id)
                .ok()
                .flatten()
                .ok_or("no card on the floor")?;
            let facts = reference.card(*id).ok_or("no card in the reference")?;
            let row = rows.card_units.get(id).ok_or("no row")?;
            let now = &card.situation;
            let completed: BTreeSet<_> = now.completed_operation_ids.iter().cloned().collect();
            same("status", now.status, facts.status)?;
            same("station", &now.current_station_id, &facts.station)?;
            same("operation", &now.current_operation_id, &facts.operation)?;
            same("completed", &completed, &facts.completed_operations)?;
            same("verdict", now.qa_result, facts.qa_result)?;
            same(
                "failure codes",
                &now.qa_failure_codes,
                &facts.qa_failure_codes,
            )?;
            same("rework", u32::from(now.rework_count), facts.rework_count)?;
            same("number", &now.sequential_number, &facts.sequential_number)?;
            same("pieces", &now.piece_ids, &facts.pieces)?;
            same("held", card.held.is_some(), facts.held.is_some())?;
            same("pack", now.pack_id, facts.pack)?;
            same("replaces", card.replaces, facts.replaces)?;
            same("consumed by", card.consumed_by, facts.consumed_by)?;
            same("void reason", &now.void_reason, &facts.void_reason)?;

            let row_completed: BTreeSet<_> = row.completed_operation_ids.iter().cloned().collect();
            same("row: status", row.status, facts.status)?;
            same("row: station", &row.current_station_id, &facts.station)?;
            same(
                "row: operation",
                &row.current_operation_id,
                &facts.operation,
            )?;
            same(
                "row: completed",
                &row_completed,
                &facts.completed_operations,
            )?;
            same("row: held", row.held.is_some(), facts.held.is_some())?;
            same(
                "row: rework",
                u32::from(row.rework_count),
                facts.rework_count,
            )?;
            same("row: pieces", &row.piece_ids, &facts.pieces)?;
            same("row: pack", row.pack_id, facts.pack)?;
            same("row: replaced by", row.replaced_by, facts.replaced_by)?;
            same("row: consumed by", row.consumed_by, facts.consumed_by)?;
            let number = facts.sequential_number.as_ref().map(ToString::to_string);
            same(
                "row: number",
                row.sequential_number.as_ref().map(ToString::to_string),
                number,
            )
        }
        UnitRef::Sheet(id) => {
            let sheet = floor
                .sheet(id)
                .ok()
                .flatten()
                .ok_or("no sheet on the floor")?;
            let facts = reference.sheet(*id).ok_or("no sheet in the reference")?;
            let row = rows.sheets.get(id).ok_or("no row")?;
            let now = &sheet.situation;
            let completed: BTreeSet<_> = now.completed_operation_ids.iter().cloned().collect();
            same("status", now.status, facts.status)?;
            same("station", &now.current_station_id, &facts.station)?;
            same("operation", &now.current_operation_id, &facts.operation)?;
            same("completed", &completed, &facts.completed_operations)?;
            same("held", sheet.held.is_some(), facts.held.is_some())?;
            let defects: usize = sheet.defects.values().map(Vec::len).sum();
            same("defects", defects, facts.defects.len())?;
            same("row: status", row.status, facts.status)?;
            same("row: station", &row.current_station_id, &facts.station)?;
            same(
                "row: operation",
                &row.current_operation_id,
                &facts.operation,
            )?;
            same("row: held", row.held.is_some(), facts.held.is_some())
        }
        UnitRef::Assembly(id) => {
            let set = floor
                .assembly(id)
                .ok()
                .flatten()
                .ok_or("no set on the floor")?;
            let facts = reference.assembly(*id).ok_or("no set in the reference")?;
            let row = rows.assemblies.get(id).ok_or("no row")?;
            same("held", set.held.is_some(), facts.held.is_some())?;
            same("pack", set.pack_id, facts.pack)?;
            same("row: pack", row.pack_id, facts.pack)?;
            same("row: status", row.status, set.status)?;
            let missing: BTreeSet<u16> = set.missing_positions().into_iter().collect();
            same("missing", &missing, &facts.missing)?;
            same(
                "row: missing",
                &row.missing_positions.iter().copied().collect(),
                &facts.missing,
            )?;
            same(
                "gathered",
                usize::from(set.gathered_count()),
                facts.gathered.len(),
            )?;
            same(
                "row: gathered",
                usize::from(row.gathered_count),
                facts.gathered.len(),
            )
        }
        UnitRef::Pack(id) => {
            let pack = floor
                .pack(id)
                .ok()
                .flatten()
                .ok_or("no pack on the floor")?;
            let facts = reference.pack(*id).ok_or("no pack in the reference")?;
            let row = rows.packs.get(id).ok_or("no row")?;
            same("status", pack.status, facts.status)?;
            same("row: status", row.status, facts.status)?;
            same(
                "sets",
                &pack.assembly_ids.iter().copied().collect(),
                &facts.sets,
            )?;
            same(
                "inner",
                &pack.inner_pack_ids.iter().copied().collect(),
                &facts.inner,
            )?;
            same("outer", pack.outer_pack_id, facts.outer)
        }
        UnitRef::Job(id) => {
            let job = floor.job(id).ok().flatten().ok_or("no job on the floor")?;
            let facts = reference.job(*id).ok_or("no job in the reference")?;
            let row = rows.jobs.get(id).ok_or("no row")?;
            same("status", job.status, facts.status)?;
            same("held", &job.held, &facts.held)?;
            same("row: status", row.status, facts.status)
        }
        UnitRef::ProductionOrder(id) => {
            let order = floor
                .order(id)
                .ok()
                .flatten()
                .ok_or("no order on the floor")?;
            let facts = reference.order(id).ok_or("no order in the reference")?;
            same("status", order.status, facts.status)?;
            same("jobs", &order.jobs, &facts.jobs)
        }
        // Master data: nothing is folded that is not the event itself.
        UnitRef::Memorabilia(_)
        | UnitRef::Product(_)
        | UnitRef::Station(_)
        | UnitRef::Operator(_)
        | UnitRef::Hold(_) => Ok(()),
    }
}

/// What is true between decisions only: sets as a whole, the counters of a job, the load of a station.
///
/// # Errors
/// The first difference.
pub fn after_decision(
    floor: &Floor,
    rows: &Rows,
    reference: &Reference,
    recorded: &[Recorded],
) -> Result<(), String> {
    let mut jobs = BTreeSet::new();
    let mut stations = BTreeSet::new();
    let mut numbers = false;
    let mut sets_moved = false;
    for one in recorded {
        if let Event::Station(StationEvent::UnitTakenInHand(e)) = &one.event {
            is_worked_on_there(reference, e)?;
        }
        sets_moved |=
            matches!(&one.event, Event::Assembly(_)) || one.event.event_type() == "BenchSwitched";
        let unit = one.event.unit();
        jobs.extend(unit.job());
        stations.extend(one.context.station_id.clone());
        numbers |= matches!(
            one.event.event_type(),
            "SequentialNumberApplied" | "CardUnitCorrected"
        );
        if let Event::Assembly(event) = &one.event {
            let id = *event.unit_id();
            let set = floor
                .assembly(&id)
                .ok()
                .flatten()
                .ok_or("no set on the floor")?;
            let facts = reference.assembly(id).ok_or("no set in the reference")?;
            same("set: status", set.status, facts.status)
                .map_err(|what| format!("{id}: {what}"))?;
            if one.event.event_type() == "SetPacked" {
                reference
                    .set_is_exact(id)
                    .map_err(|why| format!("{id} is packed but not exact: {why}"))?;
            }
        }
    }
    for job in jobs {
        job_counts(rows, reference, job).map_err(|what| format!("{job}: {what}"))?;
        registers(floor, reference, job).map_err(|what| format!("{job}: {what}"))?;
    }
    for station in stations {
        if sets_moved {
            active_set(floor, reference, &station).map_err(|what| format!("{station}: {what}"))?;
        }
        station_load(rows, reference, &station).map_err(|what| format!("{station}: {what}"))?;
    }
    let twice = if numbers {
        reference.numbers_borne_twice()
    } else {
        Vec::new()
    };
    if twice.is_empty() {
        Ok(())
    } else {
        Err(format!("numbers borne twice: {twice:?}"))
    }
}

/// What is taken in hand again is at that station, and something is being done to it.
fn is_worked_on_there(reference: &Reference, taken: &UnitTakenInHand) -> Result<(), String> {
    let (station, operation) = match taken.unit {
        UnitInHand::Sheet(id) => {
            let facts = reference.sheet(id).ok_or("no sheet in the reference")?;
            (facts.station, facts.operation)
        }
        UnitInHand::CardUnit(id) => {
            let facts = reference.card(id).ok_or("no card in the reference")?;
            (facts.station, facts.operation)
        }
    };
    if station.as_ref() == Some(&taken.station_id) && operation.is_some() {
        return Ok(());
    }
    Err(format!(
        "{taken:?}, but it is at {station:?} for {operation:?}"
    ))
}

/// The active set of the bench: what the core holds against what the log says.
fn active_set(floor: &Floor, reference: &Reference, station: &StationId) -> Result<(), String> {
    let bench = floor.bench(station).map_err(|stop| format!("{stop:?}"))?;
    let active = bench.active_assembly_id.filter(|id| {
        let set = floor.assembly(id).ok().flatten();
        set.is_some_and(|set| bench.gathers(set))
    });
    same("active set", active, reference.active_set(station))
}

fn registers(floor: &Floor, reference: &Reference, job: JobId) -> Result<(), String> {
    let Ok(register) = floor.register(job) else {
        return Ok(());
    };
    let vacancies: BTreeSet<_> = reference.vacancies(job).into_iter().collect();
    same("vacancies", &register.vacancies, &vacancies)?;
    let spares: BTreeSet<_> = reference.spares_alive(job).into_iter().collect();
    same("spares", &register.spare_cards, &spares)
}

fn job_counts(rows: &Rows, reference: &Reference, job: JobId) -> Result<(), String> {
    let Some(progress) = rows.job_progress.get(&job) else {
        return Ok(());
    };
    let counts: &ProgressCounts = &progress.counts;
    let (cards, sheets) = reference.job_counts(job);
    let card = |status: CardUnitStatus| cards.get(&status).copied().unwrap_or(0);
    let sheet = |status: SheetStatus| sheets.get(&status).copied().unwrap_or(0);
    let expected: BTreeMap<&str, u32> = [
        ("cards_created", card(CardUnitStatus::Created)),
        ("cards_in_progress", card(CardUnitStatus::InProgress)),
        ("cards_qa_passed", card(CardUnitStatus::QaPassed)),
        ("cards_qa_failed", card(CardUnitStatus::QaFailed)),
        ("cards_assembled", card(CardUnitStatus::Assembled)),
        ("cards_packed", card(CardUnitStatus::Packed)),
        ("cards_voided", card(CardUnitStatus::Voided)),
        ("cards_consumed", card(CardUnitStatus::Consumed)),
        ("sheets_created", sheet(SheetStatus::Created)),
        ("sheets_in_progress", sheet(SheetStatus::InProgress)),
        ("sheets_ready_to_cut", sheet(SheetStatus::ReadyToCut)),
        ("sheets_cut", sheet(SheetStatus::Cut)),
        ("sheets_voided", sheet(SheetStatus::Voided)),
        ("total_cards", cards.values().sum()),
        ("total_sheets", sheets.values().sum()),
    ]
    .into();
    let actual: BTreeMap<&str, u32> = [
        ("cards_created", counts.cards_created),
        ("cards_in_progress", counts.cards_in_progress),
        ("cards_qa_passed", counts.cards_qa_passed),
        ("cards_qa_failed", counts.cards_qa_failed),
        ("cards_assembled", counts.cards_assembled),
        ("cards_packed", counts.cards_packed),
        ("cards_voided", counts.cards_voided),
        ("cards_consumed", counts.cards_consumed),
        ("sheets_created", counts.sheets_created),
        ("sheets_in_progress", counts.sheets_in_progress),
        ("sheets_ready_to_cut", counts.sheets_ready_to_cut),
        ("sheets_cut", counts.sheets_cut),
        ("sheets_voided", counts.sheets_voided),
        ("total_cards", counts.total_cards),
        ("total_sheets", counts.total_sheets),
    ]
    .into();
    same("counts", actual, expected)
}

fn station_load(rows: &Rows, reference: &Reference, station: &StationId) -> Result<(), String> {
    let (cards, sheets) = reference.station_contents(station);
    let (card_unit_count, sheet_count) = rows
        .station_load
        .get(station)
        .map_or((0, 0), |row| (row.card_unit_count, row.sheet_count));
    same("load: cards", card_unit_count as usize, cards.len())?;
    same("load: sheets", sheet_count as usize, sheets.len())
}

/// Compares everything, from the whole log.
///
/// # Errors
/// The first difference.
pub fn whole(floor: &Floor, rows: &Rows, reference: &Reference) -> Result<(), String> {
    for one in reference.units() {
        unit(floor, rows, reference, one)?;
        match one {
            UnitRef::Job(job) => {
                job_counts(rows, reference, *job).map_err(|what| format!("{job}: {what}"))?
            }
            UnitRef::Station(station) => {
                station_load(rows, reference, station)
                    .map_err(|what| format!("{station}: {what}"))?;
            }
            _ => {}
        }
    }
    if *rows == Rows::fold(floor.log()) {
        Ok(())
    } else {
        Err("the rows are not the fold of the log".to_owned())
    }
}
