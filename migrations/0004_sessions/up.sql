-- All that one browser is signed in to; the cookie is known by its digest only.
CREATE TABLE browsers (
    id BYTEA NOT NULL PRIMARY KEY,
    digest BYTEA NOT NULL UNIQUE,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX browsers_by_end ON browsers (expires_at);

CREATE TABLE sessions (
    id BYTEA NOT NULL PRIMARY KEY,
    browser BYTEA NOT NULL REFERENCES browsers (id),
    tenant BYTEA NOT NULL,
    account BYTEA NOT NULL,
    auth_time BIGINT NOT NULL,
    amr TEXT NOT NULL,
    acr TEXT NOT NULL,
    instance_epoch BIGINT NOT NULL,
    tenant_epoch BIGINT NOT NULL,
    account_epoch BIGINT NOT NULL,
    answered BYTEA,
    started_at BIGINT NOT NULL,
    last_seen BIGINT NOT NULL,
    idle BIGINT NOT NULL,
    idle_ends BIGINT NOT NULL,
    ends BIGINT NOT NULL,
    ended_at BIGINT,
    -- Is the account offered to the next person at this browser, after its end?
    remembered BOOLEAN NOT NULL,
    FOREIGN KEY (tenant, account) REFERENCES accounts (tenant, id)
);
CREATE INDEX sessions_by_browser ON sessions (browser);
CREATE INDEX sessions_by_account ON sessions (tenant, account);
CREATE INDEX sessions_by_idle_end ON sessions (ended_at, idle_ends);

-- A client's share of a session.
CREATE TABLE client_sessions (
    sid BYTEA NOT NULL PRIMARY KEY,
    tenant BYTEA NOT NULL,
    session BYTEA NOT NULL REFERENCES sessions (id),
    client BYTEA NOT NULL REFERENCES clients (id),
    subject TEXT NOT NULL,
    used_at BIGINT NOT NULL,
    UNIQUE (session, client)
);
CREATE INDEX client_sessions_by_client ON client_sessions (client);
