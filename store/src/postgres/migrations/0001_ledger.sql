-- Sheetwise on PostgreSQL. The log is read as `production_events`; everything whose name begins with rm_ can be
-- built again from it. What is updated often leaves room in its pages (fillfactor), and has no index on columns
-- that change, so that updates stay in the page.

-- Every thing that there is: its stream, numbered, so that an event names it in four bytes.
CREATE TABLE streams (
    stream_num     INTEGER GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    aggregate_type TEXT NOT NULL COLLATE "C",
    aggregate_id   TEXT NOT NULL COLLATE "C",
    UNIQUE (aggregate_type, aggregate_id)
);

-- The names of events, numbered.
CREATE TABLE event_types (
    event_type_num SMALLINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    event_type     TEXT NOT NULL UNIQUE COLLATE "C"
);

-- The log. Who wants to read it reads `production_events`.
CREATE TABLE log (
    -- Global ordering: gapless and in commit order, because every append holds log_head.
    sequence_num      BIGINT      PRIMARY KEY,
    occurred_at       TIMESTAMPTZ NOT NULL,
    recorded_at       TIMESTAMPTZ NOT NULL,
    stream_num        INTEGER     NOT NULL,
    -- Per-aggregate ordering.
    aggregate_version INTEGER     NOT NULL,
    event_type_num    SMALLINT    NOT NULL,
    schema_version    SMALLINT    NOT NULL,
    late              BOOLEAN     NOT NULL,
    operator_id       TEXT        COLLATE "C",
    station_id        TEXT        COLLATE "C",
    correlation_id    TEXT        NOT NULL COLLATE "C",
    hash              BYTEA       NOT NULL,
    -- JSON, to the letter: the hash is of this text.
    payload           TEXT        NOT NULL COLLATE "C",
    UNIQUE (stream_num, aggregate_version)
);

-- The log grows in the order of time: a few pages of index answer any question about a period.
CREATE INDEX log_by_time ON log USING brin (recorded_at) WITH (pages_per_range = 32);

CREATE VIEW production_events AS
SELECT sequence_num, aggregate_id, aggregate_type, aggregate_version, event_type, schema_version,
       payload::jsonb AS event_payload, occurred_at, recorded_at, operator_id, station_id, correlation_id, late, hash
FROM log JOIN streams USING (stream_num) JOIN event_types USING (event_type_num);

CREATE FUNCTION log_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the log is append-only: record a correction instead';
END $$;
CREATE TRIGGER log_is_never_changed
    BEFORE UPDATE OR DELETE OR TRUNCATE ON log
    FOR EACH STATEMENT EXECUTE FUNCTION log_is_append_only();
-- What an event names by a number keeps its name.
CREATE TRIGGER streams_are_never_changed
    BEFORE UPDATE OR DELETE OR TRUNCATE ON streams
    FOR EACH STATEMENT EXECUTE FUNCTION log_is_append_only();
CREATE TRIGGER event_types_are_never_changed
    BEFORE UPDATE OR DELETE OR TRUNCATE ON event_types
    FOR EACH STATEMENT EXECUTE FUNCTION log_is_append_only();
CREATE TRIGGER production_events_are_never_changed
    INSTEAD OF INSERT OR UPDATE OR DELETE ON production_events
    FOR EACH ROW EXECUTE FUNCTION log_is_append_only();

-- Where the log ends: one row. Whoever appends holds it.
CREATE TABLE log_head (
    only_row     INTEGER     PRIMARY KEY CHECK (only_row = 1),
    sequence_num BIGINT      NOT NULL,
    hash         BYTEA       NOT NULL,
    recorded_at  TIMESTAMPTZ NOT NULL,
    -- How often the read models were rebuilt.
    read_models_generation INTEGER NOT NULL DEFAULT 0
) WITH (fillfactor = 10, autovacuum_vacuum_threshold = 1000, autovacuum_vacuum_scale_factor = 0);

-- Once for a group: what it appended stands between the old end and the new one, without a gap.
CREATE FUNCTION log_has_no_gap() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    added BIGINT;
BEGIN
    SELECT count(*) INTO added FROM log WHERE sequence_num > OLD.sequence_num;
    IF added != NEW.sequence_num - OLD.sequence_num
       OR NEW.sequence_num != coalesce((SELECT max(sequence_num) FROM log), 0) THEN
        RAISE EXCEPTION 'the log has to end at sequence_num %, without a gap', NEW.sequence_num;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER log_has_no_gap
    AFTER UPDATE OF sequence_num ON log_head FOR EACH ROW EXECUTE FUNCTION log_has_no_gap();

CREATE TABLE snapshots (
    aggregate_id      TEXT    NOT NULL COLLATE "C",
    aggregate_type    TEXT    NOT NULL COLLATE "C",
    aggregate_version INTEGER NOT NULL,
    state             TEXT    NOT NULL,
    PRIMARY KEY (aggregate_id, aggregate_type)
);

CREATE TABLE registers (
    register_key TEXT PRIMARY KEY COLLATE "C",
    state        TEXT NOT NULL
) WITH (fillfactor = 50);

-- What only one live card may have: its number of its edition, its pieces.
CREATE TABLE claims (
    claim        TEXT PRIMARY KEY COLLATE "C",
    card_unit_id TEXT NOT NULL COLLATE "C"
);

-- What was answered to a key, for ever. `reply` is the answer in shorthand (see `shorthand.rs`).
CREATE TABLE receipts (
    recorded_at     TIMESTAMPTZ NOT NULL,
    fingerprint     BYTEA NOT NULL,
    idempotency_key TEXT  PRIMARY KEY COLLATE "C",
    outcome         TEXT  NOT NULL COLLATE "C",
    reply           BYTEA NOT NULL
);

CREATE TABLE refusals (
    refusal_num BIGINT      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    late        BOOLEAN     NOT NULL,
    occurred_at TIMESTAMPTZ NOT NULL,
    recorded_at TIMESTAMPTZ NOT NULL,
    code        TEXT        NOT NULL COLLATE "C",
    barcode     TEXT        NOT NULL,
    station_id  TEXT        COLLATE "C",
    operator_id TEXT        COLLATE "C",
    reply       TEXT        NOT NULL
);

-- Lineage stands in the keys: what is of a job or a sheet is a range of keys, and needs no index.

CREATE TABLE rm_orders (
    order_id       TEXT PRIMARY KEY COLLATE "C",
    customer       TEXT NOT NULL,
    product_id     TEXT NOT NULL COLLATE "C",
    quantity       INTEGER NOT NULL,
    due_date       DATE NOT NULL,
    priority       INTEGER NOT NULL,
    status         TEXT NOT NULL COLLATE "C",
    last_event_seq BIGINT NOT NULL,
    updated_at     TIMESTAMPTZ NOT NULL,
    details        JSON NOT NULL
) WITH (fillfactor = 50);

CREATE TABLE rm_jobs (
    job_id          TEXT PRIMARY KEY COLLATE "C",
    order_id        TEXT NOT NULL COLLATE "C",
    product_id      TEXT NOT NULL COLLATE "C",
    product_version INTEGER NOT NULL,
    quantity        INTEGER NOT NULL,
    due_date        DATE NOT NULL,
    priority        INTEGER NOT NULL,
    status          TEXT NOT NULL COLLATE "C",
    last_event_seq  BIGINT NOT NULL,
    updated_at      TIMESTAMPTZ NOT NULL,
    details         JSON NOT NULL
) WITH (fillfactor = 50);

CREATE TABLE rm_job_progress (
    job_id          TEXT PRIMARY KEY COLLATE "C",
    total_sheets    INTEGER,
    total_cards     INTEGER,
    cards_at_qa     INTEGER DEFAULT 0,
    cards_qa_passed INTEGER DEFAULT 0,
    cards_qa_failed INTEGER DEFAULT 0,
    cards_assembled INTEGER DEFAULT 0,
    cards_packed    INTEGER DEFAULT 0,
    status          TEXT COLLATE "C",
    last_event_seq  BIGINT,
    updated_at      TIMESTAMPTZ,
    details         JSON NOT NULL
) WITH (fillfactor = 50);

CREATE TABLE rm_sheets (
    sheet_id           TEXT PRIMARY KEY COLLATE "C",
    job_id             TEXT NOT NULL COLLATE "C",
    purpose            TEXT NOT NULL COLLATE "C",
    status             TEXT NOT NULL COLLATE "C",
    current_station_id TEXT COLLATE "C",
    last_event_seq     BIGINT NOT NULL,
    updated_at         TIMESTAMPTZ NOT NULL,
    details            JSON NOT NULL
) WITH (fillfactor = 50);
CREATE INDEX rm_sheets_by_station ON rm_sheets (current_station_id) WHERE current_station_id IS NOT NULL;

CREATE TABLE rm_card_units (
    card_unit_id       TEXT PRIMARY KEY COLLATE "C",
    sheet_id           TEXT NOT NULL COLLATE "C",
    job_id             TEXT NOT NULL COLLATE "C",
    position           INTEGER NOT NULL,
    current_station_id TEXT COLLATE "C",
    status             TEXT NOT NULL COLLATE "C",
    qa_result          TEXT COLLATE "C",
    qa_failure_reason  TEXT,
    sequential_number  TEXT COLLATE "C",
    last_event_seq     BIGINT,
    updated_at         TIMESTAMPTZ,
    details            JSON NOT NULL
) WITH (fillfactor = 50);
CREATE INDEX rm_card_units_by_station ON rm_card_units (current_station_id) WHERE current_station_id IS NOT NULL;

CREATE TABLE rm_assemblies (
    assembly_id       TEXT PRIMARY KEY COLLATE "C",
    sheet_id          TEXT NOT NULL COLLATE "C",
    job_id            TEXT NOT NULL COLLATE "C",
    expected_count    INTEGER NOT NULL,
    gathered_count    INTEGER NOT NULL DEFAULT 0,
    missing_positions INTEGER[],
    status            TEXT NOT NULL COLLATE "C",
    pack_id           TEXT COLLATE "C",
    last_event_seq    BIGINT,
    updated_at        TIMESTAMPTZ,
    details           JSON NOT NULL
) WITH (fillfactor = 50);
CREATE INDEX rm_assemblies_by_pack ON rm_assemblies (pack_id) WHERE pack_id IS NOT NULL;

CREATE TABLE rm_packs (
    pack_id        TEXT PRIMARY KEY COLLATE "C",
    job_id         TEXT NOT NULL COLLATE "C",
    kind           TEXT NOT NULL COLLATE "C",
    status         TEXT NOT NULL COLLATE "C",
    outer_pack_id  TEXT COLLATE "C",
    last_event_seq BIGINT NOT NULL,
    updated_at     TIMESTAMPTZ NOT NULL,
    details        JSON NOT NULL
) WITH (fillfactor = 50);
CREATE INDEX rm_packs_by_outer_pack ON rm_packs (outer_pack_id) WHERE outer_pack_id IS NOT NULL;

CREATE TABLE rm_station_load (
    station_id      TEXT PRIMARY KEY COLLATE "C",
    card_unit_count INTEGER NOT NULL DEFAULT 0,
    sheet_count     INTEGER NOT NULL DEFAULT 0,
    last_event_seq  BIGINT,
    updated_at      TIMESTAMPTZ,
    details         JSON NOT NULL
) WITH (fillfactor = 50);

INSERT INTO log_head VALUES (1, 0, decode(repeat('00', 32), 'hex'), 'epoch', 0);
