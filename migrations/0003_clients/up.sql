CREATE TABLE clients (
    id BYTEA NOT NULL PRIMARY KEY,
    client_id TEXT NOT NULL UNIQUE,
    tenant BYTEA NOT NULL REFERENCES tenants (id),
    name TEXT NOT NULL,
    auth_method TEXT NOT NULL,
    secret BYTEA,
    id_token_alg TEXT NOT NULL,
    pkce_required BOOLEAN NOT NULL,
    scopes TEXT NOT NULL,
    entitled_only BOOLEAN NOT NULL,
    refresh_is_activity BOOLEAN NOT NULL,
    backchannel_logout_uri TEXT,
    home_uri TEXT,
    epoch BIGINT NOT NULL,
    enabled BOOLEAN NOT NULL,
    created_at BIGINT NOT NULL
);

-- kind: redirect, post_logout
CREATE TABLE client_uris (
    client BYTEA NOT NULL REFERENCES clients (id),
    kind TEXT NOT NULL,
    uri TEXT NOT NULL,
    PRIMARY KEY (client, kind, uri)
);

-- Who has a part in which portal.
CREATE TABLE entitlements (
    tenant BYTEA NOT NULL,
    account BYTEA NOT NULL,
    client BYTEA NOT NULL REFERENCES clients (id),
    PRIMARY KEY (account, client),
    FOREIGN KEY (tenant, account) REFERENCES accounts (tenant, id)
);
CREATE INDEX entitlements_by_client ON entitlements (client);
