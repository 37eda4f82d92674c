//! The statements of one group: one for each table, its rows as arrays.

use super::connection::Query;
use crate::contract::{Derived, Group};
use crate::record::EventTypes;
use crate::shorthand::shorten;
use crate::tables::{Cell, Kind, Row, Table};
use jiff::Timestamp;
use postgres_types::ToSql;

/// So many rows go into one statement: the server holds all of them in memory, more than once.
const ROWS_MAX: usize = 5_000;

/// A column's values, for all rows.
enum Column<'g> {
    Texts(Vec<Option<&'g str>>),
    Owned(Vec<String>),
    Integers(Vec<Option<i64>>),
    Times(Vec<Option<Timestamp>>),
    Flags(Vec<bool>),
    Bytes(Vec<&'g [u8]>),
    Shortened(Vec<Vec<u8>>),
}

impl Column<'_> {
    fn value(&self) -> &(dyn ToSql + Sync) {
        match self {
            Self::Texts(values) => values,
            Self::Owned(values) => values,
            Self::Integers(values) => values,
            Self::Times(values) => values,
            Self::Flags(values) => values,
            Self::Bytes(values) => values,
            Self::Shortened(values) => values,
        }
    }
}

/// All statements of a group, with what goes into them.
pub(super) struct Batch<'g> {
    statements: Vec<(String, Vec<Column<'g>>)>,
}

impl<'g> Batch<'g> {
    /// What a rebuild writes into the tables beside.
    pub(super) fn beside(prefix: &str, derived: &'g Derived) -> Self {
        let mut batch = Self {
            statements: Vec::new(),
        };
        batch.derived(prefix, derived);
        batch
    }

    pub(super) fn of(group: &'g Group, types: &EventTypes) -> Self {
        let mut batch = Self {
            statements: Vec::new(),
        };
        batch.streams(group);
        batch.events(group, types);
        batch.derived("", &group.derived);
        batch.snapshots(group);
        batch.answers(group);
        batch.head(group);
        batch
    }

    pub(super) fn queries(&self) -> Vec<Query<'_>> {
        let mut queries = Vec::with_capacity(self.statements.len());
        for (sql, columns) in &self.statements {
            queries.push(Query {
                sql,
                values: columns.iter().map(Column::value).collect(),
            });
        }
        queries
    }

    fn add(&mut self, sql: impl Into<String>, columns: Vec<Column<'g>>) {
        self.statements.push((sql.into(), columns));
    }

    fn events(&mut self, group: &'g Group, types: &EventTypes) {
        let events = &group.events;
        if events.is_empty() {
            return;
        }
        macro_rules! each {
            ($kind:ident, $event:ident => $value:expr) => {
                Column::$kind(events.iter().map(|$event| $value).collect())
            };
        }
        // An event whose stream or type is not there gets a null, which is refused.
        self.add(
            "INSERT INTO log (
                 sequence_num, occurred_at, recorded_at, stream_num, aggregate_version, event_type_num,
                 schema_version, late, operator_id, station_id, correlation_id, hash, payload)
             SELECT a, b, c, stream_num, f, g, h, i, j, k, l, m, n
             FROM unnest($1::bigint[], $2::timestamptz[], $3::timestamptz[], $4::text[], $5::text[], $6::bigint[],
                         $7::bigint[], $8::bigint[], $9::boolean[], $10::text[], $11::text[], $12::text[],
                         $13::bytea[], $14::text[])
                  AS t (a, b, c, d, e, f, g, h, i, j, k, l, m, n)
             LEFT JOIN streams ON aggregate_type = d AND aggregate_id = e",
            vec![
                each!(Integers, event => Some(signed(event.sequence_num))),
                each!(Times, event => Some(event.occurred_at)),
                each!(Times, event => Some(event.recorded_at)),
                each!(Texts, event => Some(event.aggregate_type.as_str())),
                each!(Texts, event => Some(event.aggregate_id.as_str())),
                each!(Integers, event => Some(event.aggregate_version.into())),
                each!(Integers, event => types.number(&event.event_type)),
                each!(Integers, event => Some(event.schema_version.into())),
                each!(Flags, event => event.late),
                each!(Texts, event => event.operator_id.as_deref()),
                each!(Texts, event => event.station_id.as_deref()),
                each!(Texts, event => Some(event.correlation_id.as_str())),
                each!(Bytes, event => event.hash.as_slice()),
                each!(Texts, event => Some(event.event_payload.as_str())),
            ],
        );
    }

    /// Comes before the events that name them.
    fn streams(&mut self, group: &'g Group) {
        let streams = &group.streams_begun;
        if streams.is_empty() {
            return;
        }
        let kinds = streams.iter().map(|(kind, _)| Some(kind.as_str()));
        let ids = streams.iter().map(|(_, id)| Some(id.as_str()));
        self.add(
            "INSERT INTO streams (aggregate_type, aggregate_id) SELECT * FROM unnest($1::text[], $2::text[])",
            vec![Column::Texts(kinds.collect()), Column::Texts(ids.collect())],
        );
    }

    /// What is folded from the log, into the tables in use or those beside them.
    fn derived(&mut self, prefix: &str, derived: &'g Derived) {
        for (table, rows) in &derived.rows_begun {
            for rows in rows.chunks(ROWS_MAX) {
                self.rows(upsert(prefix, *table), *table, 0, rows);
            }
        }
        for (table, rows) in &derived.rows {
            for rows in rows.chunks(ROWS_MAX) {
                self.rows(update(prefix, *table), *table, table.columns_fixed(), rows);
            }
        }
        self.claims(prefix, derived);
        self.registers(prefix, derived);
    }

    /// Rows as columns: the key, those behind the fixed ones, the details.
    fn rows(&mut self, sql: String, table: Table, fixed: usize, rows: &'g [Row]) {
        let mut columns = Vec::new();
        for (index, (_, kind)) in table.columns().iter().enumerate() {
            if (1..fixed).contains(&index) {
                continue;
            }
            let cells = rows.iter().map(|row| &row.cells[index]);
            columns.push(match kind {
                Kind::Text | Kind::Date => Column::Texts(cells.map(text).collect()),
                Kind::Integer => Column::Integers(cells.map(integer).collect()),
                Kind::Integers => Column::Owned(cells.map(array).collect()),
                Kind::Time => Column::Times(cells.map(time).collect()),
            });
        }
        let details = rows.iter().map(|row| Some(row.details.as_str()));
        columns.push(Column::Texts(details.collect()));
        self.add(sql, columns);
    }

    /// Those that ended first: what one card gives up, another may take in the same group.
    fn claims(&mut self, prefix: &str, derived: &'g Derived) {
        let pair = |claims: &'g [(String, smol_str::SmolStr)]| {
            vec![
                Column::Texts(
                    claims
                        .iter()
                        .map(|(claim, _)| Some(claim.as_str()))
                        .collect(),
                ),
                Column::Texts(claims.iter().map(|(_, card)| Some(card.as_str())).collect()),
            ]
        };
        if !derived.claims_ended.is_empty() {
            self.add(
                format!(
                    "DELETE FROM {prefix}claims USING unnest($1::text[], $2::text[]) AS t (a, b)
                     WHERE claim = t.a AND card_unit_id = t.b"
                ),
                pair(&derived.claims_ended),
            );
        }
        if !derived.claims_begun.is_empty() {
            self.add(
                format!(
                    "INSERT INTO {prefix}claims (claim, card_unit_id)
                     SELECT * FROM unnest($1::text[], $2::text[])"
                ),
                pair(&derived.claims_begun),
            );
        }
    }

    fn registers(&mut self, prefix: &str, derived: &'g Derived) {
        let registers = &derived.registers;
        if registers.is_empty() {
            return;
        }
        self.add(
            format!(
                "INSERT INTO {prefix}registers (register_key, state)
                 SELECT * FROM unnest($1::text[], $2::text[])
                 ON CONFLICT (register_key) DO UPDATE SET state = excluded.state"
            ),
            vec![
                Column::Texts(
                    registers
                        .iter()
                        .map(|(key, _)| Some(key.as_str()))
                        .collect(),
                ),
                Column::Texts(
                    registers
                        .iter()
                        .map(|(_, state)| Some(state.as_str()))
                        .collect(),
                ),
            ],
        );
    }

    fn snapshots(&mut self, group: &'g Group) {
        let snapshots = &group.snapshots;
        if snapshots.is_empty() {
            return;
        }
        self.add(
            "INSERT INTO snapshots (aggregate_id, aggregate_type, aggregate_version, state)
             SELECT * FROM unnest($1::text[], $2::text[], $3::bigint[], $4::text[])
             ON CONFLICT (aggregate_id, aggregate_type)
             DO UPDATE SET aggregate_version = excluded.aggregate_version, state = excluded.state",
            vec![
                Column::Owned(
                    snapshots
                        .iter()
                        .map(|(unit, ..)| unit.to_string())
                        .collect(),
                ),
                Column::Texts(
                    snapshots
                        .iter()
                        .map(|(unit, ..)| Some(unit.unit_type().as_str()))
                        .collect(),
                ),
                Column::Integers(
                    snapshots
                        .iter()
                        .map(|(_, version, _)| Some((*version).into()))
                        .collect(),
                ),
                Column::Texts(
                    snapshots
                        .iter()
                        .map(|(.., state)| Some(state.as_str()))
                        .collect(),
                ),
            ],
        );
    }

    fn answers(&mut self, group: &'g Group) {
        let receipts = &group.receipts;
        if !receipts.is_empty() {
            self.add(
                "INSERT INTO receipts (idempotency_key, fingerprint, outcome, reply, recorded_at)
                 SELECT * FROM unnest($1::text[], $2::bytea[], $3::text[], $4::bytea[], $5::timestamptz[])",
                vec![
                    Column::Texts(receipts.iter().map(|r| Some(r.key.as_str())).collect()),
                    Column::Bytes(receipts.iter().map(|r| r.fingerprint.as_slice()).collect()),
                    Column::Texts(receipts.iter().map(|r| Some(r.outcome.as_str())).collect()),
                    Column::Shortened(receipts.iter().map(|r| shorten(&r.reply)).collect()),
                    Column::Times(receipts.iter().map(|r| Some(r.recorded_at)).collect()),
                ],
            );
        }
        let refusals = &group.refusals;
        if !refusals.is_empty() {
            self.add(
                "INSERT INTO refusals (
                     code, barcode, station_id, operator_id, occurred_at, recorded_at, late, reply)
                 SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::timestamptz[],
                                      $6::timestamptz[], $7::boolean[], $8::text[])",
                vec![
                    Column::Texts(refusals.iter().map(|r| Some(r.code.as_str())).collect()),
                    Column::Texts(refusals.iter().map(|r| Some(r.barcode.as_str())).collect()),
                    Column::Texts(refusals.iter().map(|r| r.station_id.as_deref()).collect()),
                    Column::Texts(refusals.iter().map(|r| r.operator_id.as_deref()).collect()),
                    Column::Times(refusals.iter().map(|r| Some(r.occurred_at)).collect()),
                    Column::Times(refusals.iter().map(|r| Some(r.recorded_at)).collect()),
                    Column::Flags(refusals.iter().map(|r| r.late).collect()),
                    Column::Texts(refusals.iter().map(|r| Some(r.reply.as_str())).collect()),
                ],
            );
        }
    }

    fn head(&mut self, group: &'g Group) {
        self.add(
            "UPDATE log_head SET sequence_num = t.a, hash = t.b, recorded_at = t.c
             FROM unnest($1::bigint[], $2::bytea[], $3::timestamptz[]) AS t (a, b, c)",
            vec![
                Column::Integers(vec![Some(signed(group.head.sequence_num))]),
                Column::Bytes(vec![group.head.hash.as_slice()]),
                Column::Times(vec![Some(group.head.recorded_at)]),
            ],
        );
    }
}

/// A column of a read model among the values of a statement.
struct Given {
    name: &'static str,
    /// What its values come as, and what they become.
    array: &'static str,
    cast: &'static str,
}

/// The key, the columns behind the fixed ones, the details.
fn given(table: Table, fixed: usize) -> Vec<Given> {
    let columns = table.columns().iter().enumerate();
    let columns = columns.filter(|(index, _)| !(1..fixed).contains(index));
    let columns = columns.map(|(_, (name, kind))| {
        let (array, cast) = match kind {
            Kind::Text => ("text", ""),
            Kind::Date => ("text", "::date"),
            Kind::Integer => ("bigint", ""),
            Kind::Integers => ("text", "::integer[]"),
            Kind::Time => ("timestamptz", ""),
        };
        Given { name, array, cast }
    });
    let details = Given {
        name: "details",
        array: "text",
        cast: "::json",
    };
    columns.chain([details]).collect()
}

/// `unnest($1::text[], …) AS t (a0, …)`
fn unnested(given: &[Given]) -> String {
    let arrays = given.iter().enumerate();
    let arrays: Vec<String> = arrays
        .map(|(i, column)| format!("${}::{}[]", i + 1, column.array))
        .collect();
    let aliases: Vec<String> = (0..given.len()).map(|i| format!("a{i}")).collect();
    format!(
        "unnest({}) AS t ({})",
        arrays.join(", "),
        aliases.join(", ")
    )
}

/// `INSERT INTO rm_jobs (job_id, …, details) SELECT a0, … FROM unnest($1::text[], …) … ON CONFLICT …`
fn upsert(prefix: &str, table: Table) -> String {
    let given = given(table, 0);
    let each = |show: &dyn Fn(usize, &Given) -> String| -> Vec<String> {
        let columns = given.iter().enumerate();
        columns.map(|(i, column)| show(i, column)).collect()
    };
    format!(
        "INSERT INTO {prefix}{} ({}) SELECT {} FROM {} ON CONFLICT ({}) DO UPDATE SET {}",
        table.name(),
        each(&|_, column| column.name.to_owned()).join(", "),
        each(&|i, column| format!("a{i}{}", column.cast)).join(", "),
        unnested(&given),
        table.key(),
        each(&|_, column| format!("{0} = excluded.{0}", column.name))[1..].join(", "),
    )
}

/// `UPDATE rm_jobs SET order_id = a1, … FROM unnest($1::text[], …) … WHERE job_id = a0`
fn update(prefix: &str, table: Table) -> String {
    let given = given(table, table.columns_fixed());
    let set = given.iter().enumerate().skip(1);
    let set: Vec<String> = set
        .map(|(i, column)| format!("{} = a{i}{}", column.name, column.cast))
        .collect();
    format!(
        "UPDATE {prefix}{} SET {} FROM {} WHERE {} = a0",
        table.name(),
        set.join(", "),
        unnested(&given),
        table.key(),
    )
}

fn signed(number: u64) -> i64 {
    i64::try_from(number).expect("a log has fewer events than i64 counts")
}

fn text(cell: &Cell) -> Option<&str> {
    match cell {
        Cell::Text(text) => Some(text),
        Cell::Null => None,
        other => unreachable!("{other:?} is no text"),
    }
}

fn integer(cell: &Cell) -> Option<i64> {
    match cell {
        Cell::Integer(number) => Some(*number),
        Cell::Null => None,
        other => unreachable!("{other:?} is no number"),
    }
}

fn time(cell: &Cell) -> Option<Timestamp> {
    match cell {
        Cell::Time(time) => Some(*time),
        Cell::Null => None,
        other => unreachable!("{other:?} is no time"),
    }
}

/// `{1,2}`: an array as PostgreSQL spells it.
fn array(cell: &Cell) -> String {
    let Cell::Integers(numbers) = cell else {
        unreachable!("{cell:?} is no list of numbers")
    };
    let numbers: Vec<String> = numbers.iter().map(ToString::to_string).collect();
    format!("{{{}}}", numbers.join(","))
}
