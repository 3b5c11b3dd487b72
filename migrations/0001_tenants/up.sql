-- What there is one of.
CREATE TABLE instance (
    id INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
    epoch BIGINT NOT NULL,
    created_at BIGINT NOT NULL
);

CREATE TABLE tenants (
    id BYTEA NOT NULL PRIMARY KEY,
    code TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    -- The name as it is compared: trimmed, composed, folded. Two companies may share one.
    name_key TEXT NOT NULL,
    language TEXT NOT NULL,
    state TEXT NOT NULL,
    epoch BIGINT NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE INDEX tenants_by_name ON tenants (name_key);

-- Absent means inherited: company, then vendor, then the default in the program.
CREATE TABLE policy_values (
    tenant BYTEA NOT NULL REFERENCES tenants (id),
    key TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (tenant, key)
);
