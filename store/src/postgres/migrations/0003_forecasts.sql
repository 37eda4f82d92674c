-- Forecasts as they were issued: so that their coverage can be audited, and the next ones be corrected. Never changed.
CREATE TABLE forecasts (
    log_position  BIGINT      NOT NULL, -- the last event that it knew
    model_version BIGINT      NOT NULL,
    issued_at     TIMESTAMPTZ NOT NULL,
    seed          BIGINT      NOT NULL,
    futures       BIGINT      NOT NULL,
    PRIMARY KEY (model_version, log_position)
);

CREATE TABLE forecast_jobs (
    job_id           TEXT             NOT NULL COLLATE "C",
    model_version    BIGINT           NOT NULL,
    log_position     BIGINT           NOT NULL,
    due_at           TIMESTAMPTZ      NOT NULL,
    -- As it was told, and before past forecasts had corrected it.
    p50              TIMESTAMPTZ      NOT NULL,
    p80              TIMESTAMPTZ      NOT NULL,
    p95              TIMESTAMPTZ      NOT NULL,
    plain_p50        TIMESTAMPTZ      NOT NULL,
    plain_p80        TIMESTAMPTZ      NOT NULL,
    plain_p95        TIMESTAMPTZ      NOT NULL,
    probability_late DOUBLE PRECISION NOT NULL,
    PRIMARY KEY (job_id, model_version, log_position)
);
