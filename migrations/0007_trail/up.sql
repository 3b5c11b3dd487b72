-- Append only. The digest is keyed, over every other column.
CREATE TABLE audit (
    id BYTEA NOT NULL PRIMARY KEY,
    tenant BYTEA NOT NULL REFERENCES tenants (id),
    at BIGINT NOT NULL,
    actor BYTEA,
    address TEXT,
    event TEXT NOT NULL,
    payload TEXT NOT NULL,
    mac BYTEA NOT NULL
);
CREATE INDEX audit_by_tenant ON audit (tenant, at);

-- What has to leave: written with the change that caused it, sent afterwards.
CREATE TABLE outbox (
    id BYTEA NOT NULL PRIMARY KEY,
    tenant BYTEA NOT NULL,
    kind TEXT NOT NULL,
    payload TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    next_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    attempts INTEGER NOT NULL,
    done_at BIGINT,
    -- sent, expired; empty while it waits
    outcome TEXT NOT NULL
);
CREATE INDEX outbox_by_turn ON outbox (done_at, next_at);

-- What caches have to read anew.
CREATE TABLE changes (
    id BYTEA NOT NULL PRIMARY KEY,
    topic TEXT NOT NULL,
    key TEXT NOT NULL,
    at BIGINT NOT NULL
);
CREATE INDEX changes_by_time ON changes (at);
