//! The tables of the read models, and which columns each has: the seed's, and those that questions are asked
//! by. What a row of the fold is in them, [`crate::rows`] says.

use crate::rows::written;
use jiff::Timestamp;
use sheetwise_core::domain::{UnitRef, UnitType};
use sheetwise_core::projections::{CardUnitRow, Rows, Touched};
use smol_str::SmolStr;

/// A read model.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Table {
    Orders,
    Jobs,
    JobProgress,
    Sheets,
    CardUnits,
    Assemblies,
    Packs,
    StationLoad,
}

/// What the names of a rebuild's tables begin with, each time another: so that two rebuilds never fill the same tables.
pub(crate) fn new_names_beside() -> String {
    format!("beside_{:08x}_", fastrand::u32(..))
}

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Text,
    Integer,
    /// A calendar date, as text: 2026-03-31.
    Date,
    /// Ascending whole numbers: `INTEGER[]` where there are arrays, JSON where not.
    Integers,
    Time,
}

/// A value of a column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cell {
    Null,
    Text(SmolStr),
    Integer(i64),
    Integers(Vec<i32>),
    Time(Timestamp),
}

/// A row as it is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// In the order of [`Table::columns`]; the first is the key.
    pub cells: Vec<Cell>,
    /// What has no column, as JSON; what says nothing is left out. [`Table::document`] joins both.
    pub details: String,
}

impl Row {
    /// The key of the row.
    #[must_use]
    pub fn key(&self) -> &str {
        match &self.cells[0] {
            Cell::Text(key) => key,
            other => unreachable!("{other:?} is no key"),
        }
    }
}

/// A column's name, and what it holds.
pub type Column = (&'static str, Kind);

const LAST: [Column; 2] = [
    ("last_event_seq", Kind::Integer),
    ("updated_at", Kind::Time),
];

impl Table {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::Orders,
        Self::Jobs,
        Self::JobProgress,
        Self::Sheets,
        Self::CardUnits,
        Self::Assemblies,
        Self::Packs,
        Self::StationLoad,
    ];

    /// Its name in the database.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Orders => "rm_orders",
            Self::Jobs => "rm_jobs",
            Self::JobProgress => "rm_job_progress",
            Self::Sheets => "rm_sheets",
            Self::CardUnits => "rm_card_units",
            Self::Assemblies => "rm_assemblies",
            Self::Packs => "rm_packs",
            Self::StationLoad => "rm_station_load",
        }
    }

    /// Its columns but for `details`; the first is the key.
    #[must_use]
    pub const fn columns(self) -> &'static [Column] {
        use Kind::{Date, Integer, Integers, Text};
        match self {
            Self::Orders => &[
                ("order_id", Text),
                ("customer", Text),
                ("product_id", Text),
                ("quantity", Integer),
                ("due_date", Date),
                ("priority", Integer),
                ("status", Text),
                LAST[0],
                LAST[1],
            ],
            Self::Jobs => &[
                ("job_id", Text),
                ("order_id", Text),
                ("product_id", Text),
                ("product_version", Integer),
                ("quantity", Integer),
                ("due_date", Date),
                ("priority", Integer),
                ("status", Text),
                LAST[0],
                LAST[1],
            ],
            Self::JobProgress => &[
                ("job_id", Text),
                ("total_sheets", Integer),
                ("total_cards", Integer),
                ("cards_at_qa", Integer),
                ("cards_qa_passed", Integer),
                ("cards_qa_failed", Integer),
                ("cards_assembled", Integer),
                ("cards_packed", Integer),
                ("status", Text),
                LAST[0],
                LAST[1],
            ],
            Self::Sheets => &[
                ("sheet_id", Text),
                ("job_id", Text),
                ("purpose", Text),
                ("status", Text),
                ("current_station_id", Text),
                LAST[0],
                LAST[1],
            ],
            Self::CardUnits => &[
                ("card_unit_id", Text),
                ("sheet_id", Text),
                ("job_id", Text),
                ("position", Integer),
                ("current_station_id", Text),
                ("status", Text),
                ("qa_result", Text),
                ("qa_failure_reason", Text),
                ("sequential_number", Text),
                LAST[0],
                LAST[1],
            ],
            Self::Assemblies => &[
                ("assembly_id", Text),
                ("sheet_id", Text),
                ("job_id", Text),
                ("expected_count", Integer),
                ("gathered_count", Integer),
                ("missing_positions", Integers),
                ("status", Text),
                ("pack_id", Text),
                LAST[0],
                LAST[1],
            ],
            Self::Packs => &[
                ("pack_id", Text),
                ("job_id", Text),
                ("kind", Text),
                ("status", Text),
                ("outer_pack_id", Text),
                LAST[0],
                LAST[1],
            ],
            Self::StationLoad => &[
                ("station_id", Text),
                ("card_unit_count", Integer),
                ("sheet_count", Integer),
                LAST[0],
                LAST[1],
            ],
        }
    }

    /// So many of the columns, from the first on, never change.
    #[must_use]
    pub const fn columns_fixed(self) -> usize {
        match self {
            Self::CardUnits => 4,
            Self::Sheets | Self::Assemblies | Self::Packs => 3,
            Self::Orders | Self::Jobs | Self::JobProgress | Self::StationLoad => 1,
        }
    }

    /// The name of the key's column.
    #[must_use]
    pub const fn key(self) -> &'static str {
        self.columns()[0].0
    }

    /// The kind of unit whose stream begins where its row begins; `None` where a row may begin otherwise.
    #[must_use]
    pub const fn unit_type(self) -> Option<UnitType> {
        match self {
            Self::Orders => Some(UnitType::ProductionOrder),
            Self::Jobs | Self::JobProgress => Some(UnitType::Job),
            Self::Sheets => Some(UnitType::Sheet),
            Self::CardUnits => Some(UnitType::CardUnit),
            Self::Assemblies => Some(UnitType::Assembly),
            Self::Packs => Some(UnitType::Pack),
            Self::StationLoad => None,
        }
    }

    /// The rows that stand for the unit.
    #[must_use]
    pub fn rows_of(unit: &UnitRef) -> &'static [Self] {
        match unit {
            UnitRef::ProductionOrder(_) => &[Self::Orders],
            UnitRef::Job(_) => &[Self::Jobs, Self::JobProgress],
            UnitRef::Sheet(_) => &[Self::Sheets],
            UnitRef::CardUnit(_) => &[Self::CardUnits],
            UnitRef::Assembly(_) => &[Self::Assemblies],
            UnitRef::Pack(_) => &[Self::Packs],
            UnitRef::Station(_) => &[Self::StationLoad],
            UnitRef::Product(_)
            | UnitRef::Operator(_)
            | UnitRef::Memorabilia(_)
            | UnitRef::Hold(_) => &[],
        }
    }

    /// Takes a row in as one of the fold.
    pub fn put(self, rows: &mut Rows, row: &Row) -> Result<(), serde_json::Error> {
        macro_rules! put {
            ($table:ident, $key:ident) => {{
                let row = serde_json::from_str(&self.document(row)?)?;
                key_of(&mut rows.$table, row, |row| row.$key.clone());
            }};
        }
        fn key_of<K: std::hash::Hash + Eq, V>(
            table: &mut rustc_hash::FxHashMap<K, V>,
            row: V,
            key: impl Fn(&V) -> K,
        ) {
            table.insert(key(&row), row);
        }
        match self {
            Self::Orders => put!(orders, order_id),
            Self::Jobs => put!(jobs, job_id),
            Self::JobProgress => put!(job_progress, job_id),
            Self::Sheets => put!(sheets, sheet_id),
            Self::CardUnits => put!(card_units, card_unit_id),
            Self::Assemblies => put!(assemblies, assembly_id),
            Self::Packs => put!(packs, pack_id),
            Self::StationLoad => put!(station_load, station_id),
        }
        Ok(())
    }

    /// The touched rows of this table, by ascending key.
    #[must_use]
    pub fn touched_rows(self, rows: &Rows, touched: &Touched) -> Vec<Row> {
        macro_rules! written {
            ($table:ident) => {{
                let mut keys: Vec<_> = touched.$table.iter().collect();
                keys.sort_unstable();
                let row = |key| written(&rows.$table[key]);
                keys.into_iter().map(row).collect()
            }};
        }
        match self {
            Self::Orders => written!(orders),
            Self::Jobs => written!(jobs),
            Self::JobProgress => written!(job_progress),
            Self::Sheets => written!(sheets),
            Self::CardUnits => written!(card_units),
            Self::Assemblies => written!(assemblies),
            Self::Packs => written!(packs),
            Self::StationLoad => written!(station_load),
        }
    }

    /// All rows of this table, by ascending key.
    #[must_use]
    pub fn all_rows(self, rows: &Rows) -> Vec<Row> {
        let mut all = Touched::default();
        macro_rules! touch {
            ($table:ident) => {
                all.$table.extend(rows.$table.keys().cloned())
            };
        }
        match self {
            Self::Orders => touch!(orders),
            Self::Jobs => touch!(jobs),
            Self::JobProgress => touch!(job_progress),
            Self::Sheets => touch!(sheets),
            Self::CardUnits => touch!(card_units),
            Self::Assemblies => touch!(assemblies),
            Self::Packs => touch!(packs),
            Self::StationLoad => touch!(station_load),
        }
        self.touched_rows(rows, &all)
    }
}

/// What only one live card may have: its number of its edition, its pieces. Kept in a table of their own
/// with a key, so that the database holds what the core decides.
#[must_use]
pub fn claims(row: &CardUnitRow) -> Vec<String> {
    if !row.status.is_live() {
        return Vec::new();
    }
    let number = row.edition.as_ref().zip(row.sequential_number.as_ref());
    let number = number.map(|(edition, number)| format!("number {number} of {edition}"));
    let pieces = row.piece_ids.iter().map(|piece| format!("piece {piece}"));
    number.into_iter().chain(pieces).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_table_begins_with_its_key_and_ends_with_the_seeds_last_two_columns() {
        for table in Table::ALL {
            let columns = table.columns();
            assert_eq!(columns[0].1, Kind::Text, "{table:?}");
            assert_eq!(columns[columns.len() - 2..], LAST, "{table:?}");
        }
    }
}
