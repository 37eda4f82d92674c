//! The tables beside: made like those in use, filled by a rebuild, and put in their place at once.

use crate::tables::Table;
use rusqlite::{Connection, Error, TransactionBehavior};

/// The tables that a rebuild makes anew.
fn rebuilt() -> impl Iterator<Item = &'static str> {
    Table::ALL
        .into_iter()
        .map(Table::name)
        .chain(["registers", "claims"])
}

/// Makes the tables beside from the statements that made those in use. Throws away what an earlier rebuild left, or one that
/// goes on still: that one ends at its next step.
pub(super) fn begin(connection: &mut Connection, beside: &str) -> Result<(), Error> {
    // The write lock from the start: to read first and then write is refused where another wrote in between.
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let left: Vec<String> = transaction
        .prepare("SELECT name FROM sqlite_schema WHERE type = 'table' AND name GLOB 'beside_*'")?
        .query_map([], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    for name in left {
        transaction.execute_batch(&format!("DROP TABLE {name}"))?;
    }
    for name in rebuilt() {
        let sql: String = transaction.query_row(
            "SELECT sql FROM sqlite_schema WHERE type = 'table' AND name = ?1",
            [name],
            |row| row.get(0),
        )?;
        // SQLite keeps the statement; after a switch the name stands in quotes.
        let body = sql.find('(').map_or("", |open| &sql[open..]);
        transaction.execute_batch(&format!("CREATE TABLE {beside}{name} {body}"))?;
    }
    transaction.commit()
}

/// How many keys of each table have another row here than there, or only here, or only there.
pub(super) fn differences(
    connection: &Connection,
    beside: &str,
) -> Result<Vec<(String, u64)>, Error> {
    let count = |name: &str| {
        let mut statement = connection.prepare("SELECT name, pk FROM pragma_table_info(?1)")?;
        let columns = statement.query_map([name], |row| Ok((row.get(0)?, row.get(1)?)));
        let columns: Vec<(String, i64)> = columns?.collect::<Result<_, Error>>()?;
        let same = |is: &str, of_key: bool| {
            let columns = columns.iter().filter(|(_, key)| (*key > 0) == of_key);
            let same = columns.map(|(column, _)| format!("here.{column} {is} there.{column}"));
            // A table of nothing but its key has nothing else to compare.
            same.fold("1".to_owned(), |all, one| format!("{all} AND {one}"))
        };
        let (same_key, same_rest) = (same("=", true), same("IS", false));
        let sql = format!(
            "SELECT (SELECT count(*) FROM {name}) + (SELECT count(*) FROM {beside}{name})
                  - count(*) - coalesce(sum({same_rest}), 0)
             FROM {name} here CROSS JOIN {beside}{name} there ON {same_key}"
        );
        let other: i64 = connection.query_row(&sql, [], |row| row.get(0))?;
        Ok((name.to_owned(), u64::try_from(other).unwrap_or_default()))
    };
    rebuilt().map(count).collect()
}

/// Within a transaction. The indexes are made again under their own names.
pub(super) fn switch(connection: &Connection, beside: &str) -> Result<(), Error> {
    for name in rebuilt() {
        let mut statement = connection.prepare(
            "SELECT sql FROM sqlite_schema WHERE type = 'index' AND tbl_name = ?1 AND sql IS NOT NULL",
        )?;
        let indexes: Vec<String> = statement
            .query_map([name], |row| row.get(0))?
            .collect::<Result<_, _>>()?;
        drop(statement);
        connection.execute_batch(&format!(
            "DROP TABLE {name}; ALTER TABLE {beside}{name} RENAME TO {name}"
        ))?;
        for index in indexes {
            connection.execute_batch(&index)?;
        }
    }
    connection.execute_batch(
        "DELETE FROM snapshots;
         UPDATE log_head SET read_models_generation = read_models_generation + 1",
    )
}
