//! The tables beside: made like those in use, filled by a rebuild, and put in their place at once.

use crate::tables::Table;

/// What the names of the tables beside begin with.
pub(super) const BESIDE: &str = "beside_";

/// The tables that a rebuild makes anew.
pub(super) fn tables() -> impl Iterator<Item = &'static str> {
    Table::ALL
        .into_iter()
        .map(Table::name)
        .chain(["registers", "claims"])
}

pub(super) fn begin() -> String {
    let mut sql = String::from("BEGIN;");
    for name in tables() {
        sql += &format!(
            "DROP TABLE IF EXISTS {BESIDE}{name};
             CREATE TABLE {BESIDE}{name} (LIKE {name} INCLUDING ALL) WITH (fillfactor = 50);"
        );
    }
    sql + "COMMIT;"
}

/// How many rows are other, or only here, or only there.
pub(super) fn difference(name: &str) -> String {
    format!(
        "SELECT greatest(
             (SELECT count(*) FROM (SELECT * FROM {name} EXCEPT SELECT * FROM {BESIDE}{name}) AS here),
             (SELECT count(*) FROM (SELECT * FROM {BESIDE}{name} EXCEPT SELECT * FROM {name}) AS there))"
    )
}

/// Within a transaction.
pub(super) fn switch() -> String {
    let mut sql = String::new();
    for name in tables() {
        sql += &format!("DROP TABLE {name}; ALTER TABLE {BESIDE}{name} RENAME TO {name};");
    }
    sql + "DELETE FROM snapshots;
           UPDATE log_head SET read_models_generation = read_models_generation + 1;"
}
