-- The chain over each company's audit rows. A row is written by the act it is about and sealed within seconds by a job, so
-- that acts don't queue behind each other. Each seal covers the one before it.
CREATE TABLE audit_seals (
    tenant BYTEA NOT NULL REFERENCES tenants (id),
    seq BIGINT NOT NULL,
    audit_id BYTEA NOT NULL UNIQUE,
    mac BYTEA NOT NULL,
    PRIMARY KEY (tenant, seq)
);

-- Where each chain ends. Two jobs that continue it at once: one wins.
CREATE TABLE audit_heads (
    tenant BYTEA NOT NULL PRIMARY KEY REFERENCES tenants (id),
    seq BIGINT NOT NULL,
    mac BYTEA NOT NULL,
    -- The time of the newest row that was sealed.
    newest_at BIGINT NOT NULL
);

CREATE INDEX audit_by_time ON audit (at);
