//! What a scan writes, worked out beforehand by the core: the naive path, the bare insert and the other
//! packages write the same events and rows, and need not decide anything.

use crate::shop::Block;
use jiff::Timestamp;
use sheetwise_core::domain::{Context, Decision};
use sheetwise_core::identity::{CorrelationId, ScannerSettings, read_scanner_text};
use sheetwise_core::production::{Floor, decide};
use sheetwise_core::projections::{Rows, Touched};
use sheetwise_core::scan;
use sheetwise_store::contract::Receipt;
use sheetwise_store::ledger::{Request, Said};
use sheetwise_store::record::{GENESIS, StoredEvent};
use sheetwise_store::tables::{Cell, Row, Table};
use std::collections::HashMap;
use std::ops::Range;

/// What one scan writes.
#[derive(Debug, Clone)]
pub struct Scan {
    pub events: Vec<StoredEvent>,
    /// The numbers of each event's stream and type, as a database without other streams would give them.
    pub numbers: Vec<[i64; 2]>,
    /// Cards and sets.
    pub rows: Vec<(Table, Row)>,
    pub station_load: Vec<Moved>,
    pub job_progress: Vec<Moved>,
    pub receipt: Receipt,
}

/// A counter's row: as it is afterwards, and by how much each of its numbers moved.
#[derive(Debug, Clone)]
pub struct Moved {
    pub row: Row,
    pub by: Vec<i64>,
}

/// All scans of a block, and which of them belong together.
#[derive(Debug, Default)]
pub struct Prepared {
    pub scans: Vec<Scan>,
    pub units: Vec<Range<usize>>,
}

/// Plays the opening and the block through the core.
pub fn prepare(opening: &[Request], block: &Block) -> Prepared {
    let mut player = Player::default();
    for request in opening.iter().chain(&block.setup) {
        player.play(request);
    }
    let mut prepared = Prepared::default();
    for unit in &block.units {
        let first = prepared.scans.len();
        prepared
            .scans
            .extend(unit.scans.iter().map(|scan| player.play(scan)));
        prepared.units.push(first..prepared.scans.len());
    }
    prepared
}

#[derive(Default)]
struct Player {
    floor: Floor,
    rows: Rows,
    /// The numbers of the counters' rows.
    counts: HashMap<(Table, String), Vec<i64>>,
    /// The numbers of streams and of event types.
    numbers: HashMap<String, i64>,
}

/// The device's clock, which every scan of the benchmark brings.
fn said_at(request: &Request) -> Timestamp {
    request.occurred_at.expect("every scan here has a time")
}

impl Player {
    fn play(&mut self, request: &Request) -> Scan {
        let occurred_at = said_at(request);
        let context = Context {
            occurred_at,
            recorded_at: occurred_at,
            operator_id: request.operator_id.clone(),
            station_id: request.station_id.clone(),
            correlation_id: CorrelationId::new(format!("e{}", self.floor.last_sequence_num() + 1)),
            late: false,
        };
        let scanned = match &request.said {
            Said::Barcode(text) => {
                let scanned = read_scanner_text(text, &ScannerSettings::default());
                Some(scanned.expect("the labels are readable"))
            }
            Said::Command(_) | Said::CommandIf(..) | Said::WithNewId(_) => None,
        };
        let said = match (&scanned, &request.said) {
            (Some(scanned), _) => scan::Said::Scanned(scanned),
            (
                None,
                Said::Command(command) | Said::CommandIf(command, ..) | Said::WithNewId(command),
            ) => scan::Said::Command(command),
            (None, Said::Barcode(_)) => unreachable!("it was read"),
        };
        let decided = match said {
            scan::Said::Scanned(scanned) => scan::scan(&self.floor, scanned, &context),
            scan::Said::Command(command) => decide(&self.floor, command, &context),
        };
        let Ok(Decision::Record(events)) = decided else {
            panic!("the shop asks for what is allowed: {request:?} gave {decided:?}")
        };
        let recorded = self.floor.record(events, &context);
        let mut touched = Touched::default();
        for one in &recorded {
            self.rows.apply(one, &mut touched);
        }
        let answer = scan::answer(&self.floor, said, &context, &recorded);
        let answer = answer.expect("a whole floor");
        let mut rows = Vec::new();
        for table in [Table::CardUnits, Table::Assemblies] {
            let written = table.touched_rows(&self.rows, &touched).into_iter();
            rows.extend(written.map(|row| (table, row)));
        }
        let events: Vec<StoredEvent> = recorded
            .iter()
            .map(|one| StoredEvent::seal(one, &GENESIS))
            .collect();
        let numbers = events.iter().map(|event| {
            let stream = format!("{}/{}", event.aggregate_type, event.aggregate_id);
            [
                self.number(stream),
                self.number(event.event_type.to_string()),
            ]
        });
        Scan {
            numbers: numbers.collect(),
            events,
            rows,
            station_load: self.moved(Table::StationLoad, &touched),
            job_progress: self.moved(Table::JobProgress, &touched),
            receipt: Receipt {
                key: request.key.clone().expect("every request has a key"),
                fingerprint: request.fingerprint(),
                outcome: "recorded".into(),
                reply: serde_json::to_string(&answer).expect("an answer is JSON"),
                recorded_at: said_at(request),
            },
        }
    }

    fn number(&mut self, name: String) -> i64 {
        let next = i64::try_from(self.numbers.len() + 1).expect("a few thousand");
        *self.numbers.entry(name).or_insert(next)
    }

    fn moved(&mut self, table: Table, touched: &Touched) -> Vec<Moved> {
        let mut moved = Vec::new();
        for row in table.touched_rows(&self.rows, touched) {
            let numbers = numbers(&row);
            let before = self
                .counts
                .insert((table, row.key().to_owned()), numbers.clone());
            let before = before.unwrap_or_else(|| vec![0; numbers.len()]);
            let by = numbers.iter().zip(before).map(|(now, before)| now - before);
            moved.push(Moved {
                by: by.collect(),
                row,
            });
        }
        moved
    }
}

/// The counters of a row: its whole numbers, but for that of the last event.
fn numbers(row: &Row) -> Vec<i64> {
    let counters = &row.cells[..row.cells.len() - 2];
    let numbers = counters.iter().filter_map(|cell| match cell {
        Cell::Integer(number) => Some(*number),
        Cell::Null | Cell::Text(_) | Cell::Integers(_) | Cell::Time(_) => None,
    });
    numbers.collect()
}

/// A cell that holds text or nothing.
pub fn text(cell: &Cell) -> Option<&str> {
    match cell {
        Cell::Text(text) => Some(text),
        Cell::Null => None,
        other => unreachable!("{other:?} is no text"),
    }
}

/// A cell that holds a number or nothing.
pub fn integer(cell: &Cell) -> Option<i64> {
    match cell {
        Cell::Integer(number) => Some(*number),
        Cell::Null => None,
        other => unreachable!("{other:?} is no number"),
    }
}

/// A cell that holds a time.
pub fn time(cell: &Cell) -> Timestamp {
    match cell {
        Cell::Time(time) => *time,
        other => unreachable!("{other:?} is no time"),
    }
}
