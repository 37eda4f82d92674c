-- Forecasts as they were issued: so that their coverage can be audited, and the next ones be corrected. Never changed.
CREATE TABLE forecasts (
    log_position  INTEGER NOT NULL, -- the last event that it knew
    model_version INTEGER NOT NULL,
    issued_at     TEXT    NOT NULL,
    seed          INTEGER NOT NULL,
    futures       INTEGER NOT NULL,
    PRIMARY KEY (model_version, log_position)
) STRICT, WITHOUT ROWID;

CREATE TABLE forecast_jobs (
    job_id           TEXT    NOT NULL,
    model_version    INTEGER NOT NULL,
    log_position     INTEGER NOT NULL,
    due_at           TEXT    NOT NULL,
    -- As it was told, and before past forecasts had corrected it.
    p50              TEXT    NOT NULL,
    p80              TEXT    NOT NULL,
    p95              TEXT    NOT NULL,
    plain_p50        TEXT    NOT NULL,
    plain_p80        TEXT    NOT NULL,
    plain_p95        TEXT    NOT NULL,
    probability_late REAL    NOT NULL,
    PRIMARY KEY (job_id, model_version, log_position)
) STRICT, WITHOUT ROWID;
