//! Which labels there are, and what stands on them: read models in, labels out. How they are asked for over HTTP is
//! `labels_api`'s, how they are drawn is sheetwise-labels'.

use sheetwise_core::domain::assembly::AssemblyStatus;
use sheetwise_core::domain::job::SheetPurpose;
use sheetwise_core::domain::product::Product;
use sheetwise_core::domain::sheet::SheetStatus;
use sheetwise_core::domain::{UnitRef, UnitState, UnitType};
use sheetwise_core::identity::{
    CardUnitId, JobId, PackId, PackKind, ProductId, Scanned, SheetId, ShopCode,
};
use sheetwise_core::projections::{AssemblyRow, CardUnitRow, JobRow, PackRow, Rows, SheetRow};
use sheetwise_labels::{Label, LabelError, control_label};
use sheetwise_store::StoreError;
use sheetwise_store::contract::{Reading, RowFilter};
use sheetwise_store::questions;
use sheetwise_store::tables::Table;
use std::collections::{BTreeMap, BTreeSet};

/// Why there are no labels.
#[derive(Debug, Clone, PartialEq)]
pub enum NoLabels {
    /// Nothing is known by these ids.
    Unknown(Vec<String>),
    /// One of them cannot be printed.
    Unprintable(LabelError),
    /// The database could not answer.
    Store(StoreError),
}

impl From<StoreError> for NoLabels {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<LabelError> for NoLabels {
    fn from(error: LabelError) -> Self {
        Self::Unprintable(error)
    }
}

/// The labels of these things, in this order, each with what the shop knows of it.
///
/// A sheet's cards and its set have labels before the cut: whoever cuts needs them at hand, and their ids are
/// certain from the day on which the sheet was made. A material lot is registered nowhere, and always known.
///
/// # Errors
/// All ids that are not known, at once.
pub fn labels_of(reading: &mut dyn Reading, wanted: &[Scanned]) -> Result<Vec<Label>, NoLabels> {
    let known = Known::of(reading, wanted)?;
    let mut labels = Vec::with_capacity(wanted.len());
    let mut unknown = Vec::new();
    for what in wanted {
        if let Scanned::Control(control) = what {
            labels.push(control_label(control.clone())?);
            continue;
        }
        let Some(lines) = known.lines(what) else {
            unknown.push(what.to_string());
            continue;
        };
        let label = lines.into_iter().fold(Label::of(what)?, Label::with_line);
        labels.push(label);
    }
    if unknown.is_empty() {
        Ok(labels)
    } else {
        Err(NoLabels::Unknown(unknown))
    }
}

/// Everything of a job that has a label and is not voided: the job's ticket; each sheet with its cards and its set;
/// then the packs. `kinds` leaves out what is not named; where it is empty, nothing is left out. `None` if there is no
/// such job.
///
/// # Errors
/// The database's.
pub fn everything_of_job(
    reading: &mut dyn Reading,
    job_id: JobId,
    kinds: &[UnitType],
) -> Result<Option<Vec<Scanned>>, StoreError> {
    let Some(job): Option<JobRow> = questions::row(reading, Table::Jobs, &job_id.to_string())?
    else {
        return Ok(None);
    };
    let within = format!("{job_id}-");
    let sheets: Vec<SheetRow> = questions::rows(reading, &rows_within(Table::Sheets, &within))?;
    let mut found = vec![Scanned::Job(job_id)];
    found.extend(everything_of(reading, &sheets, &within, job.n_up)?);
    let packs: Vec<PackRow> = questions::rows(reading, &rows_within(Table::Packs, &within))?;
    let packs: BTreeSet<PackId> = packs.iter().map(|pack| pack.pack_id).collect();
    found.extend(packs.into_iter().map(Scanned::Pack));
    found.retain(|what| is_one_of(what, kinds));
    Ok(Some(found))
}

/// The sheet, its cards and its set, as [`everything_of_job`] has them.
///
/// # Errors
/// The database's.
pub fn everything_of_sheet(
    reading: &mut dyn Reading,
    sheet_id: SheetId,
    kinds: &[UnitType],
) -> Result<Option<Vec<Scanned>>, StoreError> {
    let sheet: Option<SheetRow> = questions::row(reading, Table::Sheets, &sheet_id.to_string())?;
    let job = sheet_id.job().to_string();
    let job: Option<JobRow> = questions::row(reading, Table::Jobs, &job)?;
    let (Some(sheet), Some(job)) = (sheet, job) else {
        return Ok(None);
    };
    let mut found = everything_of(reading, &[sheet], &format!("{sheet_id}-"), job.n_up)?;
    found.retain(|what| is_one_of(what, kinds));
    Ok(Some(found))
}

fn rows_within(table: Table, within: &str) -> RowFilter {
    RowFilter {
        within: Some(within.to_owned()),
        ..RowFilter::all(table)
    }
}

/// Sheets, cards and sets; all rows of these sheets begin with `within`.
fn everything_of(
    reading: &mut dyn Reading,
    sheets: &[SheetRow],
    within: &str,
    n_up: u16,
) -> Result<Vec<Scanned>, StoreError> {
    let cards: Vec<CardUnitRow> = questions::rows(reading, &rows_within(Table::CardUnits, within))?;
    let sets: Vec<AssemblyRow> = questions::rows(reading, &rows_within(Table::Assemblies, within))?;
    let mut cards_of: BTreeMap<SheetId, BTreeSet<CardUnitId>> = BTreeMap::new();
    for card in cards.iter().filter(|card| card.status.is_live()) {
        let of_sheet = cards_of.entry(card.sheet_id).or_default();
        of_sheet.insert(card.card_unit_id);
    }
    let voided: BTreeSet<SheetId> = sets
        .iter()
        .filter(|set| set.status == AssemblyStatus::Voided)
        .map(|set| set.sheet_id)
        .collect();
    // By number: as text, sheet 1000 would stand before sheet 999.
    let sheets: BTreeMap<SheetId, &SheetRow> =
        sheets.iter().map(|sheet| (sheet.sheet_id, sheet)).collect();
    let mut found = Vec::new();
    for (sheet_id, sheet) in sheets {
        if sheet.status == SheetStatus::Voided {
            continue;
        }
        found.push(Scanned::Sheet(sheet_id));
        if sheet.status == SheetStatus::Cut {
            let cards = cards_of.remove(&sheet_id).unwrap_or_default();
            found.extend(cards.into_iter().map(Scanned::CardUnit));
        } else {
            let to_come = (1..=n_up).filter_map(|position| sheet_id.card_unit(position));
            found.extend(to_come.map(Scanned::CardUnit));
        }
        if !voided.contains(&sheet_id) {
            found.push(Scanned::Assembly(sheet_id.assembly()));
        }
    }
    Ok(found)
}

fn is_one_of(what: &Scanned, kinds: &[UnitType]) -> bool {
    let kind = match what {
        Scanned::Job(_) => UnitType::Job,
        Scanned::Sheet(_) => UnitType::Sheet,
        Scanned::CardUnit(_) => UnitType::CardUnit,
        Scanned::Assembly(_) => UnitType::Assembly,
        Scanned::Pack(_) => UnitType::Pack,
        Scanned::Order(_) | Scanned::Operator(_) | Scanned::Control(_) | Scanned::Code(_) => {
            return kinds.is_empty();
        }
    };
    kinds.is_empty() || kinds.contains(&kind)
}

/// What the shop knows of the things that labels are wanted of.
struct Known {
    rows: Rows,
    products: BTreeMap<ProductId, Product>,
    /// Operators, stations and pieces.
    others: BTreeMap<UnitRef, UnitState>,
}

impl Known {
    fn of(reading: &mut dyn Reading, wanted: &[Scanned]) -> Result<Self, StoreError> {
        let mut keys: BTreeSet<(Table, String)> = BTreeSet::new();
        let mut units: BTreeSet<UnitRef> = BTreeSet::new();
        for what in wanted {
            if let Some(job_id) = job_of(what) {
                keys.insert((Table::Jobs, job_id.to_string()));
            }
            match what {
                Scanned::Order(id) => {
                    keys.insert((Table::Orders, id.to_string()));
                }
                Scanned::Sheet(id) => {
                    keys.insert((Table::Sheets, id.to_string()));
                }
                Scanned::CardUnit(id) => {
                    keys.insert((Table::Sheets, id.sheet().to_string()));
                    keys.insert((Table::CardUnits, id.to_string()));
                }
                Scanned::Assembly(id) => {
                    keys.insert((Table::Sheets, id.sheet().to_string()));
                }
                Scanned::Pack(id) => {
                    keys.insert((Table::Packs, id.to_string()));
                }
                Scanned::Operator(id) => {
                    units.insert(UnitRef::Operator(id.clone()));
                }
                Scanned::Code(code) => {
                    units.insert(UnitRef::Station(code.as_station()));
                    units.insert(UnitRef::Memorabilia(code.as_piece()));
                }
                Scanned::Job(_) | Scanned::Control(_) => {}
            }
        }
        let mut rows = questions::rows_by_key(reading, keys)?;
        let orders: BTreeSet<_> = rows
            .jobs
            .values()
            .map(|job| (Table::Orders, job.order_id.to_string()))
            .collect();
        rows.orders
            .extend(questions::rows_by_key(reading, orders)?.orders);
        let products = rows.jobs.values().map(|job| job.product_id.clone());
        units.extend(products.map(UnitRef::Product));
        let mut known = Self {
            rows,
            products: BTreeMap::new(),
            others: BTreeMap::new(),
        };
        for (unit, state) in questions::states(reading, units.into_iter().collect())? {
            match state {
                UnitState::Product(product) => {
                    known.products.insert(product.product_id.clone(), product);
                }
                other => {
                    known.others.insert(unit, other);
                }
            }
        }
        Ok(known)
    }

    /// What stands on the label of the thing; `None` if the shop does not know it.
    fn lines(&self, what: &Scanned) -> Option<Vec<String>> {
        Some(match what {
            Scanned::Order(id) => {
                let order = self.rows.orders.get(id)?;
                vec![
                    format!("{} for {}", order.product_id, order.customer),
                    format!("{} cards, due {}", order.quantity, order.due_date),
                ]
            }
            Scanned::Job(id) => {
                let job = self.rows.jobs.get(id)?;
                vec![
                    self.made_for(job),
                    format!("{} cards, due {}", job.quantity, job.due_date),
                ]
            }
            Scanned::Sheet(id) => {
                let (sheet, job) = self.sheet(*id)?;
                let purpose = match sheet.purpose {
                    SheetPurpose::Run => "run",
                    SheetPurpose::Overs => "overs",
                    SheetPurpose::Reprint => "reprint",
                };
                vec![
                    format!("Sheet {} of {}: {purpose}", id.number(), id.job()),
                    self.made_for(job),
                ]
            }
            Scanned::CardUnit(id) => {
                let (_, job) = self.sheet(id.sheet())?;
                let born = self.rows.card_units.contains_key(id);
                let to_come = id.replacement() == 0 && id.position() <= job.n_up;
                if !born && !to_come {
                    return None;
                }
                vec![self.position(*id, job), self.made_for(job)]
            }
            Scanned::Assembly(id) => {
                let (_, job) = self.sheet(id.sheet())?;
                vec![format!("Set of {} cards", job.n_up), self.made_for(job)]
            }
            Scanned::Pack(id) => {
                self.rows.packs.get(id)?;
                let job = self.rows.jobs.get(&id.job())?;
                let kind = match id.kind() {
                    PackKind::Box => "Box",
                    PackKind::Case => "Case",
                    PackKind::Pallet => "Pallet",
                };
                vec![format!("{kind} of {}", id.job()), self.made_for(job)]
            }
            Scanned::Operator(id) => match self.others.get(&UnitRef::Operator(id.clone()))? {
                UnitState::Operator(operator) => vec![operator.name.clone()],
                _ => return None,
            },
            Scanned::Code(code) => self.lines_of_code(code)?,
            Scanned::Control(_) => return None,
        })
    }

    /// A code is a station's or a piece's; or it says itself that it is a material lot's.
    fn lines_of_code(&self, code: &ShopCode) -> Option<Vec<String>> {
        let station = self.others.get(&UnitRef::Station(code.as_station()));
        if let Some(UnitState::Station(station)) = station {
            let description = &station.description;
            let kind = format!("{} station", description.station_type);
            return Some(vec![description.name.clone(), kind]);
        }
        let piece = self.others.get(&UnitRef::Memorabilia(code.as_piece()));
        if let Some(UnitState::Memorabilia(piece)) = piece {
            let registered = &piece.registered;
            let kind = registered.kind.to_string();
            return Some(vec![registered.description.clone(), kind]);
        }
        code.as_material_lot()
            .map(|_| vec!["Material lot".to_owned()])
    }

    fn sheet(&self, id: SheetId) -> Option<(&SheetRow, &JobRow)> {
        Some((self.rows.sheets.get(&id)?, self.rows.jobs.get(&id.job())?))
    }

    /// `ROOKIES-2026 for Acme Cards`
    fn made_for(&self, job: &JobRow) -> String {
        match self.rows.orders.get(&job.order_id) {
            Some(order) => format!("{} for {}", job.product_id, order.customer),
            None => job.product_id.to_string(),
        }
    }

    /// `Position 7: ROOKIE-07, replacement 1`
    fn position(&self, id: CardUnitId, job: &JobRow) -> String {
        let product = self.products.get(&job.product_id);
        let spec = product.and_then(|product| product.version(job.product_version));
        let at = spec.and_then(|spec| spec.layout.at(id.position()));
        let design = at.map_or(String::new(), |at| format!(": {}", at.design));
        let replacement = match id.replacement() {
            0 => String::new(),
            nth => format!(", replacement {nth}"),
        };
        format!("Position {}{design}{replacement}", id.position())
    }
}

fn job_of(what: &Scanned) -> Option<JobId> {
    match what {
        Scanned::Job(id) => Some(*id),
        Scanned::Sheet(id) => Some(id.job()),
        Scanned::CardUnit(id) => Some(id.job()),
        Scanned::Assembly(id) => Some(id.job()),
        Scanned::Pack(id) => Some(id.job()),
        Scanned::Order(_) | Scanned::Operator(_) | Scanned::Control(_) | Scanned::Code(_) => None,
    }
}
