//! A scanner's file, row by row: what each says, and under which key. Nothing is asked of the shop here.

use csv::{ByteRecord, ReaderBuilder, Terminator, Trim};
use jiff::Timestamp;
use serde::Serialize;
use sha2::{Digest, Sha256};
use sheetwise_core::identity::{OperatorId, StationId};
use std::fmt;
use std::io::Read;

/// The columns; the last may be missing.
const COLUMNS: [&str; 5] = [
    "timestamp",
    "station_id",
    "operator_id",
    "barcode",
    "scan_id",
];

/// The longest `scan_id`, in bytes.
const SCAN_ID_BYTES_MAX: usize = 255;

/// A row that can be said, as `POST /scans` takes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Row {
    #[serde(skip)]
    pub(super) line: u64,
    pub(super) barcode: String,
    pub(super) station_id: StationId,
    #[serde(skip_serializing_if = "Option::is_none")]
    operator_id: Option<OperatorId>,
    timestamp: Timestamp,
    /// Its own, or one that follows from the file and the line.
    scan_id: String,
}

/// A field that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct BadRow {
    line: u64,
    /// From 1.
    column: usize,
    name: &'static str,
    problem: String,
}

impl fmt::Display for BadRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            line,
            column,
            name,
            problem,
        } = self;
        write!(f, "line {line}, column {column} ({name}): {problem}")
    }
}

/// Reads the rows.
pub(super) struct Rows<R> {
    reader: csv::Reader<R>,
    record: ByteRecord,
    /// Where each of [`COLUMNS`] stands.
    places: [Option<usize>; COLUMNS.len()],
    columns: usize,
    first_was_read: bool,
    /// What the file is known by: a hash of its first row.
    identity: Option<String>,
}

impl<R: Read> Rows<R> {
    /// Reads the head line.
    pub(super) fn of(file: R) -> Result<Self, String> {
        let mut reader = ReaderBuilder::new()
            .flexible(true)
            // A carriage return in front of it is trimmed. (By the default, a row after one would be told with the
            // number of the line before it.)
            .terminator(Terminator::Any(b'\n'))
            .trim(Trim::All)
            .buffer_capacity(1 << 16)
            .from_reader(file);
        let head = reader.byte_headers().map_err(|e| e.to_string())?;
        let names: Vec<String> = head
            .iter()
            .map(|name| {
                let name = String::from_utf8_lossy(name);
                // Spreadsheets put a byte order mark in front.
                name.trim_start_matches('\u{feff}').to_ascii_lowercase()
            })
            .collect();
        let columns = names.len();
        let expected = COLUMNS.join(",");
        let mut places = [None; COLUMNS.len()];
        for (place, name) in names.iter().enumerate() {
            let known = COLUMNS.iter().position(|column| column == name);
            let known = known.ok_or_else(|| {
                format!(
                    "line 1, column {}: {name:?} is no column; they are {expected}",
                    place + 1
                )
            })?;
            if places[known].replace(place).is_some() {
                return Err(format!(
                    "line 1, column {}: {name:?} is there twice",
                    place + 1
                ));
            }
        }
        let missing = COLUMNS
            .iter()
            .zip(&places)
            .find(|(name, place)| place.is_none() && **name != "scan_id");
        if let Some((name, _)) = missing {
            return Err(format!(
                "line 1: the column {name} is missing; they are {expected}"
            ));
        }
        Ok(Self {
            reader,
            record: ByteRecord::new(),
            places,
            columns,
            first_was_read: false,
            identity: None,
        })
    }

    /// How far it is, in bytes.
    pub(super) fn bytes_read(&self) -> u64 {
        self.reader.position().byte()
    }

    /// What the file is known by, once its first row was read, if that could be.
    pub(super) fn identity(&self) -> Option<&str> {
        self.identity.as_deref()
    }

    /// The next row, or everything that is wrong with it; nothing at the end.
    pub(super) fn next(&mut self) -> Option<Result<Result<Row, Vec<BadRow>>, csv::Error>> {
        loop {
            match self.reader.read_byte_record(&mut self.record) {
                // A blank line with a carriage return; bare ones are skipped already.
                Ok(true) if self.record.len() == 1 && self.record[0].is_empty() => {}
                Ok(true) => return Some(Ok(self.read())),
                Ok(false) => return None,
                Err(error) => return Some(Err(error)),
            }
        }
    }

    fn read(&mut self) -> Result<Row, Vec<BadRow>> {
        let line = self.record.position().map_or(0, csv::Position::line);
        let is_first = !std::mem::replace(&mut self.first_was_read, true);
        let mut bad = Vec::new();
        if self.record.len() != self.columns {
            let problem = format!(
                "the row has {} fields, the head line {}",
                self.record.len(),
                self.columns
            );
            let column = self.record.len().min(self.columns) + 1;
            return Err(vec![BadRow {
                line,
                column,
                name: "row",
                problem,
            }]);
        }
        let mut problem = |which: usize, problem: String| {
            bad.push(BadRow {
                line,
                column: self.places[which].map_or(0, |place| place + 1),
                name: COLUMNS[which],
                problem,
            });
        };
        let mut fields = [""; COLUMNS.len()];
        for (which, place) in self.places.iter().enumerate() {
            let field = place
                .and_then(|place| self.record.get(place))
                .unwrap_or_default();
            match std::str::from_utf8(field) {
                Ok(text) if text.contains('\0') => {
                    problem(which, "it holds the character NUL".into())
                }
                Ok(text) => fields[which] = text,
                Err(_) => problem(which, "it is not UTF-8".into()),
            }
        }
        let [timestamp, station_id, operator_id, barcode, scan_id] = fields;
        let read_time = timestamp.parse::<Timestamp>();
        if read_time.is_err() {
            problem(
                0,
                format!("{timestamp:?} should be a time like 2026-03-02T14:00:00Z"),
            );
        }
        let station = station_id.parse::<StationId>();
        if let Err(e) = &station {
            problem(1, format!("{station_id:?}: {e}"));
        }
        let operator = (!operator_id.is_empty()).then(|| operator_id.parse::<OperatorId>());
        if let Some(Err(e)) = &operator {
            problem(2, format!("{operator_id:?}: {e}"));
        }
        if barcode.is_empty() {
            problem(3, "nothing was scanned".into());
        }
        if scan_id.len() > SCAN_ID_BYTES_MAX {
            problem(
                4,
                format!(
                    "it has {} bytes: at most {SCAN_ID_BYTES_MAX}",
                    scan_id.len()
                ),
            );
        }
        let (Ok(timestamp), Ok(station_id), true) = (read_time, station, bad.is_empty()) else {
            return Err(bad);
        };
        if is_first {
            self.identity = Some(hash_of(&fields));
        }
        let scan_id = match (scan_id, &self.identity) {
            ("", Some(identity)) => format!("replay-{identity}-{line}"),
            (own, _) => own.to_owned(),
        };
        Ok(Row {
            line,
            barcode: barcode.to_owned(),
            station_id,
            operator_id: operator.and_then(Result::ok),
            timestamp,
            scan_id,
        })
    }
}

/// 64 bits of the SHA-256 of the fields.
fn hash_of(fields: &[&str]) -> String {
    let hash = Sha256::digest(fields.join("\u{1f}"));
    let first: [u8; 8] = *hash.first_chunk().expect("32 bytes begin with 8");
    format!("{:016x}", u64::from_be_bytes(first))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(text: &str) -> Vec<Result<Row, Vec<BadRow>>> {
        let mut rows = Rows::of(text.as_bytes()).expect("the head line is right");
        std::iter::from_fn(|| rows.next())
            .map(|row| row.expect("memory can be read"))
            .collect()
    }

    fn keys(text: &str) -> Vec<String> {
        let rows = rows(text).into_iter();
        rows.map(|row| row.expect("a good row").scan_id).collect()
    }

    const HEAD: &str = "timestamp,station_id,operator_id,barcode\n";

    #[test]
    fn a_line_keeps_its_key_when_the_file_grows_and_another_file_has_other_keys() {
        let first = "2026-03-02T14:00:00Z,FOIL-1,OP-42,J1044-S003\n";
        let second = "2026-03-02T14:00:09Z,FOIL-1,,J1044-S004\n";
        let third = "2026-03-02T14:00:19Z,FOIL-1,,!NEXT\n";
        let two = keys(&format!("{HEAD}{first}{second}"));
        let three = keys(&format!("{HEAD}{first}{second}{third}"));
        assert_eq!(two, three[..2]);
        assert_ne!(three[1], three[2]);
        let other = keys(&format!("{HEAD}{second}{second}"));
        assert_ne!(other[1], two[1]);
    }

    #[test]
    fn the_scanners_own_id_is_the_key_and_columns_stand_in_any_order() {
        let text = "\u{feff}scan_id,barcode,operator_id,Station_ID,timestamp\r\n\
                    \r\n\
                    gun-7/1, J1044-S003 ,,foil-1,2026-03-02T14:00:00Z\r\n";
        let read = rows(text);
        let row = read[0].as_ref().expect("a good row");
        assert_eq!((row.line, row.scan_id.as_str()), (3, "gun-7/1"));
        assert_eq!(
            (row.barcode.as_str(), row.station_id.as_str()),
            ("J1044-S003", "FOIL-1")
        );
    }

    #[test]
    fn everything_that_is_wrong_with_a_row_is_said_with_line_and_column() {
        let text = format!("{HEAD}yesterday,FOIL 1,Ola,\n2026-03-02T14:00:00Z,FOIL-1\n");
        let said: Vec<String> = rows(&text)
            .into_iter()
            .flat_map(|row| row.expect_err("a bad row"))
            .map(|bad| bad.to_string())
            .collect();
        assert_eq!(said.len(), 5, "{said:#?}");
        assert!(
            said[0].starts_with("line 2, column 1 (timestamp): \"yesterday\""),
            "{said:#?}"
        );
        assert!(
            said[1].starts_with("line 2, column 2 (station_id): \"FOIL 1\""),
            "{said:#?}"
        );
        assert!(
            said[2].starts_with("line 2, column 3 (operator_id): \"Ola\""),
            "{said:#?}"
        );
        assert_eq!(said[3], "line 2, column 4 (barcode): nothing was scanned");
        assert_eq!(
            said[4],
            "line 3, column 3 (row): the row has 2 fields, the head line 4"
        );
    }

    #[test]
    fn a_head_line_that_is_wrong_is_said_before_anything_else() {
        let wrong = |head: &str| Rows::of(head.as_bytes()).err().expect("it is wrong");
        assert!(wrong("timestamp,station,operator_id,barcode\n").contains("\"station\""));
        assert!(wrong("timestamp,station_id,operator_id\n").contains("barcode is missing"));
        assert!(wrong("barcode,barcode\n").contains("twice"));
    }
}
