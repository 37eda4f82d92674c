//! The tables beside: made like those in use, filled by a rebuild, and put in their place at once.

use crate::tables::Table;

/// What the names of the tables beside begin with.
pub(super) const BESIDE: &str = "beside_";

/// The tables that a rebuild makes anew, and their keys.
pub(super) fn tables() -> impl Iterator<Item = (&'static str, &'static str)> {
    Table::ALL
        .into_iter()
        .map(|table| (table.name(), table.key()))
        .chain([("registers", "register_key"), ("claims", "claim")])
}

pub(super) fn begin() -> String {
    let mut sql = String::from("BEGIN;");
    for (name, _) in tables() {
        sql += &format!(
            "DROP TABLE IF EXISTS {BESIDE}{name};
             CREATE TABLE {BESIDE}{name} (LIKE {name} INCLUDING ALL) WITH (fillfactor = 50);"
        );
    }
    sql + "COMMIT;"
}

/// How many rows are other, or only here, or only there. A row is compared as text: JSON has no equality.
pub(super) fn difference(name: &str, key: &str) -> String {
    format!(
        "SELECT greatest((SELECT count(*) FROM {name}), (SELECT count(*) FROM {BESIDE}{name}))
              - (SELECT count(*) FROM {name} here JOIN {BESIDE}{name} there USING ({key})
                 WHERE here::text = there::text)"
    )
}

/// Within a transaction.
pub(super) fn switch() -> String {
    let mut sql = String::new();
    for (name, _) in tables() {
        sql += &format!("DROP TABLE {name}; ALTER TABLE {BESIDE}{name} RENAME TO {name};");
    }
    sql + "DELETE FROM snapshots;
           UPDATE log_head SET read_models_generation = read_models_generation + 1;"
}
