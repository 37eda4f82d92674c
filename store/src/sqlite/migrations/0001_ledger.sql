-- Sheetwise on SQLite. The log is `production_events`; everything whose name begins with rm_ can be built
-- again from it. Times are RFC 3339 in UTC with microseconds, so that they sort as text.

CREATE TABLE production_events (
    sequence_num      INTEGER PRIMARY KEY,
    aggregate_id      TEXT    NOT NULL,
    aggregate_type    TEXT    NOT NULL,
    aggregate_version INTEGER NOT NULL,
    event_type        TEXT    NOT NULL,
    schema_version    INTEGER NOT NULL,
    event_payload     TEXT    NOT NULL,
    occurred_at       TEXT    NOT NULL,
    recorded_at       TEXT    NOT NULL,
    operator_id       TEXT,
    station_id        TEXT,
    correlation_id    TEXT    NOT NULL,
    late              INTEGER NOT NULL,
    hash              BLOB    NOT NULL,
    UNIQUE (aggregate_id, aggregate_type, aggregate_version)
) STRICT;
-- Which cards met a station, and when: the question of a recall.
CREATE INDEX production_events_by_station ON production_events (station_id, recorded_at) WHERE station_id IS NOT NULL;

CREATE TRIGGER production_events_are_never_changed BEFORE UPDATE ON production_events
BEGIN SELECT RAISE(ABORT, 'production_events is append-only: record a correction instead'); END;
CREATE TRIGGER production_events_are_never_deleted BEFORE DELETE ON production_events
BEGIN SELECT RAISE(ABORT, 'production_events is append-only'); END;
CREATE TRIGGER production_events_have_no_gap BEFORE INSERT ON production_events
WHEN NEW.sequence_num != coalesce((SELECT max(sequence_num) FROM production_events), 0) + 1
BEGIN SELECT RAISE(ABORT, 'sequence_num has to follow the last one'); END;

-- Where the log ends: one row. Whoever appends holds it.
CREATE TABLE log_head (
    only_row      INTEGER PRIMARY KEY CHECK (only_row = 1),
    sequence_num  INTEGER NOT NULL,
    hash          BLOB    NOT NULL,
    recorded_at   TEXT    NOT NULL,
    -- How often the read models were rebuilt.
    read_models_generation INTEGER NOT NULL DEFAULT 0
) STRICT;

-- Every thing that there is, by its kind, with the version of its stream.
CREATE TABLE aggregate_heads (
    aggregate_id      TEXT    NOT NULL,
    aggregate_type    TEXT    NOT NULL,
    aggregate_version INTEGER NOT NULL,
    PRIMARY KEY (aggregate_type, aggregate_id)
) STRICT, WITHOUT ROWID;

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

-- What was answered to a key, for ever.
CREATE TABLE receipts (
    idempotency_key TEXT PRIMARY KEY,
    fingerprint     BLOB NOT NULL,
    outcome         TEXT NOT NULL,
    reply           TEXT NOT NULL,
    recorded_at     TEXT NOT NULL
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
) STRICT;

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
) STRICT;

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
) STRICT;

CREATE TABLE rm_sheets (
    sheet_id           TEXT PRIMARY KEY,
    job_id             TEXT    NOT NULL,
    purpose            TEXT    NOT NULL,
    status             TEXT    NOT NULL,
    current_station_id TEXT,
    last_event_seq     INTEGER NOT NULL,
    updated_at         TEXT    NOT NULL,
    details            TEXT    NOT NULL
) STRICT;
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
) STRICT;
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
) STRICT;
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
) STRICT;
CREATE INDEX rm_packs_by_outer_pack ON rm_packs (outer_pack_id) WHERE outer_pack_id IS NOT NULL;

CREATE TABLE rm_station_load (
    station_id      TEXT PRIMARY KEY,
    card_unit_count INTEGER NOT NULL DEFAULT 0,
    sheet_count     INTEGER NOT NULL DEFAULT 0,
    last_event_seq  INTEGER,
    updated_at      TEXT,
    details         TEXT    NOT NULL
) STRICT;

INSERT INTO log_head VALUES (1, 0, zeroblob(32), '1970-01-01T00:00:00.000000Z', 0);
