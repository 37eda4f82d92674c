//! The tables beside: made like those in use, filled by a rebuild, and put in their place at once.

use crate::tables::Table;

/// The tables that a rebuild makes anew, and their keys.
pub(super) fn tables() -> impl Iterator<Item = (&'static str, &'static str)> {
    Table::ALL
        .into_iter()
        .map(|table| (table.name(), table.key()))
        .chain([("registers", "register_key"), ("claims", "claim")])
}

/// Throws away what an earlier rebuild left, or one that goes on still: that one ends at its next step.
pub(super) fn begin(beside: &str) -> String {
    let mut sql = String::from(
        "BEGIN;
         DO $$ DECLARE name text; BEGIN
             FOR name IN SELECT tablename FROM pg_tables
                         WHERE schemaname = current_schema() AND tablename LIKE 'beside\\_%'
             LOOP EXECUTE format('DROP TABLE IF EXISTS %I', name); END LOOP;
         END $$;",
    );
    for (name, _) in tables() {
        sql += &format!(
            "CREATE TABLE {beside}{name} (LIKE {name} INCLUDING ALL) WITH (fillfactor = 50);"
        );
    }
    sql + "COMMIT;"
}

/// How many rows are other, or only here, or only there. A row is compared as text: JSON has no equality.
pub(super) fn difference(beside: &str, name: &str, key: &str) -> String {
    format!(
        "SELECT greatest((SELECT count(*) FROM {name}), (SELECT count(*) FROM {beside}{name}))
              - (SELECT count(*) FROM {name} here JOIN {beside}{name} there USING ({key})
                 WHERE here::text = there::text)"
    )
}

/// Within a transaction.
pub(super) fn switch(beside: &str) -> String {
    let mut sql = String::new();
    for (name, _) in tables() {
        sql += &format!("DROP TABLE {name}; ALTER TABLE {beside}{name} RENAME TO {name};");
    }
    sql + "DELETE FROM snapshots;
           UPDATE log_head SET read_models_generation = read_models_generation + 1;"
}
