-- Other providers by which a company's people sign in. The name stands in addresses.
CREATE TABLE connectors (
    id BYTEA NOT NULL PRIMARY KEY,
    tenant BYTEA NOT NULL REFERENCES tenants (id),
    name TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL,
    label TEXT NOT NULL,
    issuer TEXT NOT NULL,
    client_id TEXT NOT NULL,
    -- Sealed under the master key.
    secret BYTEA NOT NULL,
    -- Each separated by a blank.
    domains TEXT NOT NULL,
    directories TEXT NOT NULL,
    enabled BOOLEAN NOT NULL,
    UNIQUE (tenant, id)
);

-- Who at another provider is who here: for one company, one person there is one account at most. A row never changes hands.
CREATE TABLE upstream_identities (
    id BYTEA NOT NULL PRIMARY KEY,
    tenant BYTEA NOT NULL,
    account BYTEA NOT NULL,
    connector BYTEA NOT NULL,
    issuer TEXT NOT NULL,
    subject TEXT NOT NULL,
    -- What people recognise the person by.
    shown TEXT NOT NULL,
    made_at BIGINT NOT NULL,
    used_at BIGINT,
    UNIQUE (tenant, issuer, subject),
    FOREIGN KEY (tenant, account) REFERENCES accounts (tenant, id),
    FOREIGN KEY (tenant, connector) REFERENCES connectors (tenant, id)
);
CREATE INDEX upstream_identities_by_account ON upstream_identities (account);

-- Answers of other providers that were taken: each once.
CREATE TABLE upstream_answers (
    digest BYTEA NOT NULL PRIMARY KEY,
    expires_at BIGINT NOT NULL
);
CREATE INDEX upstream_answers_by_end ON upstream_answers (expires_at);
