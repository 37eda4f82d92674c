//! The statements of one group: one for each table, its rows as arrays.

use super::connection::Query;
use crate::contract::{Derived, Group};
use crate::tables::{Cell, Kind, Row, Table};
use jiff::Timestamp;
use postgres_types::ToSql;

/// A column's values, for all rows.
enum Column<'g> {
    Texts(Vec<Option<&'g str>>),
    Owned(Vec<String>),
    Integers(Vec<Option<i64>>),
    Times(Vec<Option<Timestamp>>),
    Flags(Vec<bool>),
    Bytes(Vec<&'g [u8]>),
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
        }
    }
}

/// All statements of a group, with what goes into them.
pub(super) struct Batch<'g> {
    statements: Vec<(String, Vec<Column<'g>>)>,
}

impl<'g> Batch<'g> {
    /// Nothing yet.
    pub(super) const fn new() -> Self {
        Self {
            statements: Vec::new(),
        }
    }

    pub(super) fn of(group: &'g Group) -> Self {
        let mut batch = Self::new();
        batch.events(group);
        batch.heads(group);
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

    fn events(&mut self, group: &'g Group) {
        let events = &group.events;
        if events.is_empty() {
            return;
        }
        macro_rules! each {
            ($kind:ident, $event:ident => $value:expr) => {
                Column::$kind(events.iter().map(|$event| $value).collect())
            };
        }
        self.add(
            "INSERT INTO production_events (
                 sequence_num, aggregate_version, schema_version, late, occurred_at, recorded_at, aggregate_id,
                 aggregate_type, event_type, operator_id, station_id, correlation_id, hash, event_payload)
             SELECT a, b, c, d, e, f, g, h, i, j, k, l, m, n::jsonb
             FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::boolean[], $5::timestamptz[],
                         $6::timestamptz[], $7::text[], $8::text[], $9::text[], $10::text[], $11::text[],
                         $12::text[], $13::bytea[], $14::text[])
                  AS t (a, b, c, d, e, f, g, h, i, j, k, l, m, n)",
            vec![
                each!(Integers, event => Some(signed(event.sequence_num))),
                each!(Integers, event => Some(event.aggregate_version.into())),
                each!(Integers, event => Some(event.schema_version.into())),
                each!(Flags, event => event.late),
                each!(Times, event => Some(event.occurred_at)),
                each!(Times, event => Some(event.recorded_at)),
                each!(Texts, event => Some(event.aggregate_id.as_str())),
                each!(Texts, event => Some(event.aggregate_type.as_str())),
                each!(Texts, event => Some(event.event_type.as_str())),
                each!(Texts, event => event.operator_id.as_deref()),
                each!(Texts, event => event.station_id.as_deref()),
                each!(Texts, event => Some(event.correlation_id.as_str())),
                each!(Bytes, event => event.hash.as_slice()),
                each!(Texts, event => Some(event.event_payload.as_str())),
            ],
        );
    }

    fn heads(&mut self, group: &'g Group) {
        let heads = &group.aggregate_heads;
        if heads.is_empty() {
            return;
        }
        self.add(
            "INSERT INTO aggregate_heads (aggregate_id, aggregate_type, aggregate_version)
             SELECT * FROM unnest($1::text[], $2::text[], $3::bigint[])
             ON CONFLICT (aggregate_type, aggregate_id)
             DO UPDATE SET aggregate_version = excluded.aggregate_version",
            vec![
                Column::Texts(heads.iter().map(|(_, id, _)| Some(id.as_str())).collect()),
                Column::Texts(heads.iter().map(|(kind, ..)| Some(kind.as_str())).collect()),
                Column::Integers(
                    heads
                        .iter()
                        .map(|(.., version)| Some((*version).into()))
                        .collect(),
                ),
            ],
        );
    }

    /// What is folded from the log, into the tables in use or those beside them.
    pub(super) fn derived(&mut self, prefix: &str, derived: &'g Derived) {
        for (table, rows) in &derived.rows {
            self.rows(prefix, *table, rows);
        }
        self.claims(prefix, derived);
        self.registers(prefix, derived);
    }

    fn rows(&mut self, prefix: &str, table: Table, rows: &'g [Row]) {
        let mut columns = Vec::new();
        for (index, (_, kind)) in table.columns().iter().enumerate() {
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
        self.add(upsert(prefix, table), columns);
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
                 SELECT * FROM unnest($1::text[], $2::bytea[], $3::text[], $4::text[], $5::timestamptz[])",
                vec![
                    Column::Texts(receipts.iter().map(|r| Some(r.key.as_str())).collect()),
                    Column::Bytes(receipts.iter().map(|r| r.fingerprint.as_slice()).collect()),
                    Column::Texts(receipts.iter().map(|r| Some(r.outcome.as_str())).collect()),
                    Column::Texts(receipts.iter().map(|r| Some(r.reply.as_str())).collect()),
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

/// `INSERT INTO rm_jobs (job_id, …, details) SELECT a0, … FROM unnest($1::text[], …) … ON CONFLICT …`
fn upsert(prefix: &str, table: Table) -> String {
    let columns = table.columns();
    let (mut names, mut chosen, mut arrays, mut aliases, mut set) =
        (Vec::new(), Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for (i, (name, kind)) in columns.iter().enumerate() {
        let (array, cast) = match kind {
            Kind::Text => ("text", ""),
            Kind::Date => ("text", "::date"),
            Kind::Integer => ("bigint", ""),
            Kind::Integers => ("text", "::integer[]"),
            Kind::Time => ("timestamptz", ""),
        };
        names.push((*name).to_owned());
        chosen.push(format!("a{i}{cast}"));
        arrays.push(format!("${}::{array}[]", i + 1));
        aliases.push(format!("a{i}"));
        if i > 0 {
            set.push(format!("{name} = excluded.{name}"));
        }
    }
    let last = columns.len();
    names.push("details".into());
    chosen.push(format!("a{last}::jsonb"));
    arrays.push(format!("${}::text[]", last + 1));
    aliases.push(format!("a{last}"));
    set.push("details = excluded.details".into());
    format!(
        "INSERT INTO {prefix}{} ({}) SELECT {} FROM unnest({}) AS t ({}) ON CONFLICT ({}) DO UPDATE SET {}",
        table.name(),
        names.join(", "),
        chosen.join(", "),
        arrays.join(", "),
        aliases.join(", "),
        table.key(),
        set.join(", "),
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
