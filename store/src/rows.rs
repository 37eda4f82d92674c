//! A row of the fold as it is written, and back: some fields stand in columns, the others in `details`, as
//! far as they say something. What is null, empty, false or zero is left out there, and so is what follows
//! from the key. Nobody else takes a row apart or joins it again.

use crate::tables::{Cell, Row, Table};
use serde::Serialize;
use serde_json::value::RawValue;
use sheetwise_core::identity::{AssemblyId, CardUnitId};
use sheetwise_core::projections::AssemblyRow;
use smol_str::ToSmolStr;
use std::collections::BTreeMap;
use std::fmt::{Display, Write as _};

/// A field that has no column, and what it is where `details` says nothing of it.
type Field = (&'static str, &'static str);

/// A row of the fold, taken apart.
pub(crate) trait Written {
    const FIELDS: &'static [Field];
    fn cells(&self) -> Vec<Cell>;
    fn details(&self) -> String;
}

/// The row as it is written.
pub(crate) fn written<R: Written>(row: &R) -> Row {
    Row {
        cells: row.cells(),
        details: row.details(),
    }
}

impl Table {
    /// The whole row as one JSON object, as the core spells it: its columns, and its details.
    pub fn document(self, row: &Row) -> Result<String, serde_json::Error> {
        let details: BTreeMap<&str, &RawValue> = serde_json::from_str(&row.details)?;
        let mut document = String::with_capacity(512);
        let mut put = |name: &str, value: &str| {
            document.push(if document.is_empty() { '{' } else { ',' });
            write!(document, "\"{name}\":{value}").expect("a string can always grow");
        };
        for ((name, _), cell) in self.columns().iter().zip(&row.cells) {
            put(name, &as_json(cell)?);
        }
        for (name, empty) in self.fields() {
            match details.get(name) {
                Some(said) => put(name, said.get()),
                None => match self.follows(name, row) {
                    Some(value) => put(name, &value),
                    None => put(name, empty),
                },
            }
        }
        document.push('}');
        Ok(document)
    }

    /// The value of a field that follows from the columns, as JSON.
    fn follows(self, name: &str, row: &Row) -> Option<String> {
        match (self, name) {
            (Self::CardUnits, "assembly_id") => {
                let card: CardUnitId = row.key().parse().ok()?;
                Some(format!("\"{}\"", card.assembly()))
            }
            (Self::Assemblies, "card_unit_ids") => {
                let set: AssemblyId = row.key().parse().ok()?;
                let Cell::Integer(expected_count) = row.cells[3] else {
                    return None;
                };
                let cards = originals(set, u16::try_from(expected_count).ok()?);
                let cards: Vec<String> = cards.map(|card| format!("\"{card}\"")).collect();
                Some(format!("[{}]", cards.join(",")))
            }
            _ => None,
        }
    }
}

/// The cards that the cut made for a set, by position.
fn originals(set: AssemblyId, expected_count: u16) -> impl Iterator<Item = CardUnitId> {
    let sheet = set.sheet();
    (1..=expected_count).filter_map(move |position| sheet.card_unit(position))
}

/// The cards of a set, where they are others than the cut made for it.
fn with_replacements(set: &AssemblyRow) -> Option<&[CardUnitId]> {
    let as_cut = originals(set.assembly_id, set.expected_count);
    (!set.card_unit_ids.iter().copied().eq(as_cut)).then_some(&set.card_unit_ids)
}

fn as_json(cell: &Cell) -> Result<String, serde_json::Error> {
    match cell {
        Cell::Null => Ok("null".to_owned()),
        Cell::Text(text) => serde_json::to_string(text),
        Cell::Integer(number) => Ok(number.to_string()),
        Cell::Integers(numbers) => serde_json::to_string(numbers),
        Cell::Time(time) => serde_json::to_string(time),
    }
}

/// A JSON object that grows field by field.
#[derive(Default)]
struct Details(Vec<u8>);

impl Details {
    /// Adds a field; where its value is the one that reading assumes, it adds nothing.
    fn add(&mut self, name: &str, value: &impl Serialize, assumed: &str) {
        let before = self.0.len();
        self.0.push(if before == 0 { b'{' } else { b',' });
        self.0.push(b'"');
        self.0.extend_from_slice(name.as_bytes());
        self.0.extend_from_slice(b"\":");
        let from = self.0.len();
        serde_json::to_writer(&mut self.0, value).expect("a row holds nothing that JSON cannot");
        if self.0[from..] == *assumed.as_bytes() {
            self.0.truncate(before);
        }
    }

    fn finish(mut self) -> String {
        if self.0.is_empty() {
            self.0.push(b'{');
        }
        self.0.push(b'}');
        String::from_utf8(self.0).expect("JSON is UTF-8")
    }
}

fn text(value: impl Display) -> Cell {
    Cell::Text(value.to_smolstr())
}

fn text_or_null<T: Display>(value: Option<&T>) -> Cell {
    value.map_or(Cell::Null, text)
}

fn integer(value: impl Into<i64>) -> Cell {
    Cell::Integer(value.into())
}

fn sequence_num(value: u64) -> Cell {
    Cell::Integer(i64::try_from(value).expect("a log has fewer events than i64 counts"))
}

macro_rules! written_as {
    ($($table:ident: $row:ident($this:ident) {
        columns: [$($cell:expr),+ $(,)?],
        details: [$($field:ident: $value:expr => $assumed:literal),* $(,)?],
    })+) => {
        $(impl Written for sheetwise_core::projections::$row {
            const FIELDS: &'static [Field] = &[$((stringify!($field), $assumed)),*];

            fn cells(&self) -> Vec<Cell> {
                let $this = self;
                vec![$($cell,)+ sequence_num($this.last_event_seq), Cell::Time($this.updated_at)]
            }

            fn details(&self) -> String {
                let $this = self;
                #[allow(unused_mut, reason = "a table may have a column for everything")]
                let mut details = Details::default();
                $(details.add(stringify!($field), &$value, $assumed);)*
                let _ = $this;
                details.finish()
            }
        })+

        impl Table {
            /// The fields that have no column.
            const fn fields(self) -> &'static [Field] {
                match self {
                    $(Self::$table => <sheetwise_core::projections::$row as Written>::FIELDS,)+
                }
            }
        }
    };
}

written_as! {
    Orders: OrderRow(row) {
        columns: [
            text(&row.order_id), text(&row.customer), text(&row.product_id), integer(row.quantity),
            text(row.due_date), integer(row.priority.0), text(row.status),
        ],
        details: [
            quote_id: row.quote_id => "null",
            held: row.held => "null",
            cancel_reason: row.cancel_reason => "null",
            jobs: row.jobs => "[]",
        ],
    }
    Jobs: JobRow(row) {
        columns: [
            text(row.job_id), text(&row.order_id), text(&row.product_id), integer(row.product_version),
            integer(row.quantity), text(row.due_date), integer(row.priority.0), text(row.status),
        ],
        details: [
            n_up: row.n_up => "0",
            held: row.held => "null",
            cancel_reason: row.cancel_reason => "null",
            sheets_planned_run: row.sheets_planned_run => "0",
            sheets_planned_overs: row.sheets_planned_overs => "0",
            sheets_planned_reprint: row.sheets_planned_reprint => "0",
            last_sheet_number: row.last_sheet_number => "0",
        ],
    }
    JobProgress: JobProgressRow(row) {
        columns: [
            text(row.job_id), integer(row.counts.total_sheets), integer(row.counts.total_cards),
            integer(row.counts.cards_at_qa), integer(row.counts.cards_qa_passed),
            integer(row.counts.cards_qa_failed), integer(row.counts.cards_assembled),
            integer(row.counts.cards_packed), text(row.status),
        ],
        details: [
            cards_created: row.counts.cards_created => "0",
            cards_in_progress: row.counts.cards_in_progress => "0",
            cards_voided: row.counts.cards_voided => "0",
            cards_consumed: row.counts.cards_consumed => "0",
            cards_held: row.counts.cards_held => "0",
            sheets_created: row.counts.sheets_created => "0",
            sheets_in_progress: row.counts.sheets_in_progress => "0",
            sheets_ready_to_cut: row.counts.sheets_ready_to_cut => "0",
            sheets_cut: row.counts.sheets_cut => "0",
            sheets_voided: row.counts.sheets_voided => "0",
            sheets_held: row.counts.sheets_held => "0",
            total_sets: row.counts.total_sets => "0",
            sets_pending: row.counts.sets_pending => "0",
            sets_in_progress: row.counts.sets_in_progress => "0",
            sets_complete: row.counts.sets_complete => "0",
            sets_error: row.counts.sets_error => "0",
            sets_packed: row.counts.sets_packed => "0",
            sets_voided: row.counts.sets_voided => "0",
            sets_held: row.counts.sets_held => "0",
        ],
    }
    Sheets: SheetRow(row) {
        columns: [
            text(row.sheet_id), text(row.job_id), text(row.purpose), text(row.status),
            text_or_null(row.current_station_id.as_ref()),
        ],
        details: [
            since: row.since => "null",
            current_operation_id: row.current_operation_id => "null",
            completed_operation_ids: row.completed_operation_ids => "[]",
            defects: row.defects => "{}",
            held: row.held => "null",
            void_reason: row.void_reason => "null",
            card_unit_count: row.card_unit_count => "null",
        ],
    }
    CardUnits: CardUnitRow(row) {
        columns: [
            text(row.card_unit_id), text(row.sheet_id), text(row.job_id), integer(row.position),
            text_or_null(row.current_station_id.as_ref()), text(row.status),
            text_or_null(row.qa_result.as_ref()), text_or_null(row.qa_failure_reason.as_ref()),
            text_or_null(row.sequential_number.as_ref()),
        ],
        details: [
            design: row.design => "null",
            edition: row.edition => "null",
            since: row.since => "null",
            current_operation_id: row.current_operation_id => "null",
            completed_operation_ids: row.completed_operation_ids => "[]",
            qa_operation_ids: row.qa_operation_ids => "[]",
            held: row.held => "null",
            rework_count: row.rework_count => "0",
            qa_failure_codes: row.qa_failure_codes => "[]",
            replaces: row.replaces => "null",
            replaced_by: row.replaced_by => "null",
            source: row.source => "null",
            spare: row.spare => "false",
            consumed_by: row.consumed_by => "null",
            piece_ids: row.piece_ids => "[]",
            assembly_id: Some(row.assembly_id).filter(|set| *set != row.card_unit_id.assembly()) => "null",
            pack_id: row.pack_id => "null",
            gathered_from: row.gathered_from => "null",
            void_reason: row.void_reason => "null",
        ],
    }
    Assemblies: AssemblyRow(row) {
        columns: [
            text(row.assembly_id), text(row.sheet_id), text(row.job_id), integer(row.expected_count),
            integer(row.gathered_count),
            Cell::Integers(row.missing_positions.iter().map(|&position| position.into()).collect()),
            text(row.status), text_or_null(row.pack_id.as_ref()),
        ],
        details: [
            vacant_positions: row.vacant_positions => "[]",
            short_positions: row.short_positions => "[]",
            card_unit_ids: with_replacements(row) => "null",
            spares: row.spares => "false",
            held: row.held => "null",
            void_reason: row.void_reason => "null",
        ],
    }
    Packs: PackRow(row) {
        columns: [
            text(row.pack_id), text(row.job_id), text(row.kind), text(row.status),
            text_or_null(row.outer_pack_id.as_ref()),
        ],
        details: [
            capacity: row.capacity => "0",
            assembly_ids: row.assembly_ids => "[]",
            inner_pack_ids: row.inner_pack_ids => "[]",
            shipped_at: row.shipped_at => "null",
        ],
    }
    StationLoad: StationLoadRow(row) {
        columns: [
            text(&row.station_id), integer(row.card_unit_count), integer(row.sheet_count),
        ],
        details: [],
    }
}
