-- What people, devices and programs show to be let in: hashes only.
CREATE TABLE credentials (
    credential_id TEXT PRIMARY KEY,
    details       TEXT NOT NULL -- JSON
);
