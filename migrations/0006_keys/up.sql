-- The private key is sealed under the master key, bound to this table, column and row.
CREATE TABLE signing_keys (
    id BYTEA NOT NULL PRIMARY KEY,
    algorithm TEXT NOT NULL,
    private BYTEA NOT NULL,
    created_at BIGINT NOT NULL,
    active_from BIGINT NOT NULL,
    retires_at BIGINT
);
