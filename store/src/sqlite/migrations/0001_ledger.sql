-- Sheetwise on SQLite. The log is read as `production_events`; everything whose name begins with rm_ can be
-- built again from it. Where nothing else is said, times are RFC 3339 in UTC with microseconds, so that they
-- sort as text.

-- Every thing that there is: its stream, numbered, so that an event names it in a few bytes.
CREATE TABLE streams (
    stream_num     INTEGER PRIMARY KEY,
    aggregate_type TEXT NOT NULL,
    aggregate_id   TEXT NOT NULL,
    UNIQUE (aggregate_type, aggregate_id)
) STRICT;

-- The names of events, numbered.
CREATE TABLE event_types (
    event_type_num INTEGER PRIMARY KEY,
    event_type     TEXT NOT NULL UNIQUE
) STRICT;

-- The log. Who wants to read it reads `production_events`. Times are microseconds since 1970.
CREATE TABLE log (
    sequence_num      INTEGER PRIMARY KEY,
    stream_num        INTEGER NOT NULL,
    aggregate_version INTEGER NOT NULL,
    event_type_num    INTEGER NOT NULL,
    schema_version    INTEGER NOT NULL,
    occurred_at       INTEGER NOT NULL,
    -- Never before that of the event before: a period is a range of numbers, and needs no index.
    recorded_at       INTEGER NOT NULL,
    late              INTEGER NOT NULL,
    operator_id       TEXT,
    station_id        TEXT,
    correlation_id    TEXT    NOT NULL,
    hash              BLOB    NOT NULL,
    -- JSON, to the letter: the hash is of this text.
    payload           TEXT    NOT NULL,
    UNIQUE (stream_num, aggregate_version)
) STRICT;

CREATE VIEW production_events AS
SELECT sequence_num, aggregate_id, aggregate_type, aggregate_version, event_type, schema_version,
       payload AS event_payload,
       strftime('%Y-%m-%dT%H:%M:%S', occurred_at / 1000000, 'unixepoch')
           || printf('.%06dZ', occurred_at % 1000000) AS occurred_at,
       strftime('%Y-%m-%dT%H:%M:%S', recorded_at / 1000000, 'unixepoch')
           || printf('.%06dZ', recorded_at % 1000000) AS recorded_at,
       operator_id, station_id, correlation_id, late, hash
FROM log JOIN streams USING (stream_num) JOIN event_types USING (event_type_num);

CREATE TRIGGER log_is_never_changed BEFORE UPDATE ON log
BEGIN SELECT RAISE(ABORT, 'the log is append-only: record a correction instead'); END;
CREATE TRIGGER log_is_never_deleted BEFORE DELETE ON log
BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END;
-- What an event names by a number keeps its name.
CREATE TRIGGER streams_are_never_changed BEFORE UPDATE ON streams
BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END;
CREATE TRIGGER streams_are_never_deleted BEFORE DELETE ON streams
BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END;
CREATE TRIGGER event_types_are_never_changed BEFORE UPDATE ON event_types
BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END;
CREATE TRIGGER event_types_are_never_deleted BEFORE DELETE ON event_types
BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END;
CREATE TRIGGER production_events_are_not_inserted INSTEAD OF INSERT ON production_events
BEGIN SELECT RAISE(ABORT, 'the log is append-only, and the ledger appends'); END;
CREATE TRIGGER production_events_are_never_changed INSTEAD OF UPDATE ON production_events
BEGIN SELECT RAISE(ABORT, 'the log is append-only: record a correction instead'); END;
CREATE TRIGGER production_events_are_never_deleted INSTEAD OF DELETE ON production_events
BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END;

-- Where the log ends: one row. Whoever appends holds it.
CREATE TABLE log_head (
    only_row      INTEGER PRIMARY KEY CHECK (only_row = 1),
    sequence_num  INTEGER NOT NULL,
    hash          BLOB    NOT NULL,
    recorded_at   TEXT    NOT NULL,
    -- How often the read models were rebuilt.
    read_models_generation INTEGER NOT NULL DEFAULT 0
) STRICT;

-- Once for a group: what it appended stands between the old end and the new one, without a gap.
CREATE TRIGGER log_has_no_gap AFTER UPDATE OF sequence_num ON log_head
WHEN NEW.sequence_num != coalesce((SELECT max(sequence_num) FROM log), 0)
     OR NEW.sequence_num - OLD.sequence_num
        != (SELECT count(*) FROM log WHERE sequence_num > OLD.sequence_num)
BEGIN SELECT RAISE(ABORT, 'the log has to end at sequence_num, without a gap'); END;

CREATE TABLE snapshots (
    aggregate_id      TEXT    NOT NULL,
    aggregate_type    TEXT    NOT NULL,
    aggregate_version INTEGER NOT NULL,
    state             TEXT    NOT NULL,
    PRIMARY KEY (aggregate_id, aggregate_type)
) STRICT, WITHOUT ROWID;

CREATE TABLE registers (
    register_key TEXT PRIMARY KEY,
    state        TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- What only one live card may have: its number of its edition, its pieces.
CREATE TABLE claims (
    claim        TEXT PRIMARY KEY,
    card_unit_id TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- What was answered to a key, for ever. `reply` is the answer in shorthand (see `shorthand.rs`), the time is
-- microseconds since 1970.
CREATE TABLE receipts (
    idempotency_key TEXT PRIMARY KEY,
    fingerprint     BLOB NOT NULL,
    outcome         TEXT NOT NULL,
    reply           BLOB NOT NULL,
    recorded_at     INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE refusals (
    refusal_num INTEGER PRIMARY KEY,
    code        TEXT    NOT NULL,
    barcode     TEXT    NOT NULL,
    station_id  TEXT,
    operator_id TEXT,
    occurred_at TEXT    NOT NULL,
    recorded_at TEXT    NOT NULL,
    late        INTEGER NOT NULL,
    reply       TEXT    NOT NULL
) STRICT;

-- Lineage stands in the keys: what is of a job or a sheet is a range of keys, and needs no index.

CREATE TABLE rm_orders (
    order_id       TEXT PRIMARY KEY,
    customer       TEXT    NOT NULL,
    product_id     TEXT    NOT NULL,
    quantity       INTEGER NOT NULL,
    due_date       TEXT    NOT NULL,
    priority       INTEGER NOT NULL,
    status         TEXT    NOT NULL,
    last_event_seq INTEGER NOT NULL,
    updated_at     TEXT    NOT NULL,
    details        TEXT    NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE rm_jobs (
    job_id          TEXT PRIMARY KEY,
    order_id        TEXT    NOT NULL,
    product_id      TEXT    NOT NULL,
    product_version INTEGER NOT NULL,
    quantity        INTEGER NOT NULL,
    due_date        TEXT    NOT NULL,
    priority        INTEGER NOT NULL,
    status          TEXT    NOT NULL,
    last_event_seq  INTEGER NOT NULL,
    updated_at      TEXT    NOT NULL,
    details         TEXT    NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE rm_job_progress (
    job_id          TEXT PRIMARY KEY,
    total_sheets    INTEGER,
    total_cards     INTEGER,
    cards_at_qa     INTEGER DEFAULT 0,
    cards_qa_passed INTEGER DEFAULT 0,
    cards_qa_failed INTEGER DEFAULT 0,
    cards_assembled INTEGER DEFAULT 0,
    cards_packed    INTEGER DEFAULT 0,
    status          TEXT,
    last_event_seq  INTEGER,
    updated_at      TEXT,
    details         TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE rm_sheets (
    sheet_id           TEXT PRIMARY KEY,
    job_id             TEXT    NOT NULL,
    purpose            TEXT    NOT NULL,
    status             TEXT    NOT NULL,
    current_station_id TEXT,
    last_event_seq     INTEGER NOT NULL,
    updated_at         TEXT    NOT NULL,
    details            TEXT    NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX rm_sheets_by_station ON rm_sheets (current_station_id) WHERE current_station_id IS NOT NULL;

CREATE TABLE rm_card_units (
    card_unit_id       TEXT PRIMARY KEY,
    sheet_id           TEXT    NOT NULL,
    job_id             TEXT    NOT NULL,
    position           INTEGER NOT NULL,
    current_station_id TEXT,
    status             TEXT    NOT NULL,
    qa_result          TEXT,
    qa_failure_reason  TEXT,
    sequential_number  TEXT,
    last_event_seq     INTEGER,
    updated_at         TEXT,
    details            TEXT    NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX rm_card_units_by_station ON rm_card_units (current_station_id) WHERE current_station_id IS NOT NULL;

CREATE TABLE rm_assemblies (
    assembly_id       TEXT PRIMARY KEY,
    sheet_id          TEXT    NOT NULL,
    job_id            TEXT    NOT NULL,
    expected_count    INTEGER NOT NULL,
    gathered_count    INTEGER NOT NULL DEFAULT 0,
    missing_positions TEXT, -- a JSON array
    status            TEXT    NOT NULL,
    pack_id           TEXT,
    last_event_seq    INTEGER,
    updated_at        TEXT,
    details           TEXT    NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX rm_assemblies_by_pack ON rm_assemblies (pack_id) WHERE pack_id IS NOT NULL;

CREATE TABLE rm_packs (
    pack_id        TEXT PRIMARY KEY,
    job_id         TEXT    NOT NULL,
    kind           TEXT    NOT NULL,
    status         TEXT    NOT NULL,
    outer_pack_id  TEXT,
    last_event_seq INTEGER NOT NULL,
    updated_at     TEXT    NOT NULL,
    details        TEXT    NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX rm_packs_by_outer_pack ON rm_packs (outer_pack_id) WHERE outer_pack_id IS NOT NULL;

CREATE TABLE rm_station_load (
    station_id      TEXT PRIMARY KEY,
    card_unit_count INTEGER NOT NULL DEFAULT 0,
    sheet_count     INTEGER NOT NULL DEFAULT 0,
    last_event_seq  INTEGER,
    updated_at      TEXT,
    details         TEXT    NOT NULL
) STRICT, WITHOUT ROWID;

INSERT INTO log_head VALUES (1, 0, zeroblob(32), '1970-01-01T00:00:00.000000Z', 0);
