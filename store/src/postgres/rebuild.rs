//! The tables beside: made like those in use, and filled by a rebuild; then those in use are made like them, at once.

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

/// How many keys have another row here than there, or only here, or only there. A row is compared as text: JSON has no
/// equality.
pub(super) fn difference(beside: &str, name: &str, key: &str) -> String {
    format!(
        "SELECT (SELECT count(*) FROM {name}) + (SELECT count(*) FROM {beside}{name})
              - count(*) - count(*) FILTER (WHERE here::text = there::text)
         FROM {name} here JOIN {beside}{name} there USING ({key})"
    )
}

/// Within a transaction: makes these tables what those beside are, row by row, and throws the others away. The tables stay, with
/// their owner, their grants and whatever looks at them; who reads an earlier moment goes on reading that.
pub(super) fn switch(beside: &str, differing: &[&str]) -> String {
    let mut sql = String::new();
    for (name, key) in tables() {
        if differing.contains(&name) {
            sql += &format!(
                "DELETE FROM {name} here WHERE NOT EXISTS
                     (SELECT 1 FROM {beside}{name} there
                      WHERE there.{key} = here.{key} AND there::text = here::text);
                 INSERT INTO {name} SELECT there.* FROM {beside}{name} there WHERE NOT EXISTS
                     (SELECT 1 FROM {name} here WHERE here.{key} = there.{key});"
            );
        }
        sql += &format!("DROP TABLE {beside}{name};");
    }
    sql + "DELETE FROM snapshots;
           UPDATE log_head SET read_models_generation = read_models_generation + 1;"
}
