CREATE TABLE grants (
    id BYTEA NOT NULL PRIMARY KEY,
    tenant BYTEA NOT NULL,
    account BYTEA NOT NULL,
    client BYTEA NOT NULL REFERENCES clients (id),
    session BYTEA NOT NULL,
    sid BYTEA NOT NULL,
    subject TEXT NOT NULL,
    scope TEXT NOT NULL,
    auth_time BIGINT NOT NULL,
    acr TEXT NOT NULL,
    amr TEXT NOT NULL,
    instance_epoch BIGINT NOT NULL,
    tenant_epoch BIGINT NOT NULL,
    account_epoch BIGINT NOT NULL,
    client_epoch BIGINT NOT NULL,
    access_epoch BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    -- Nothing that hangs on it is good from then on.
    expires_at BIGINT NOT NULL,
    revoked_at BIGINT,
    FOREIGN KEY (tenant, account) REFERENCES accounts (tenant, id)
);
CREATE INDEX grants_by_session ON grants (session);
CREATE INDEX grants_by_account ON grants (tenant, account);
CREATE INDEX grants_by_end ON grants (expires_at);

-- Known by the digest of the code. Stays an hour after its end, so that a second use is noticed.
CREATE TABLE codes (
    digest BYTEA NOT NULL PRIMARY KEY,
    grant_id BYTEA NOT NULL,
    payload TEXT NOT NULL,
    expires_at BIGINT NOT NULL,
    used_at BIGINT
);
CREATE INDEX codes_by_end ON codes (expires_at);
CREATE INDEX codes_by_grant ON codes (grant_id);

-- One row a line of refresh tokens: the newest and the one before.
CREATE TABLE families (
    id BYTEA NOT NULL PRIMARY KEY,
    grant_id BYTEA NOT NULL,
    current_digest BYTEA NOT NULL,
    previous_digest BYTEA,
    generation BIGINT NOT NULL,
    rotated_at BIGINT NOT NULL,
    retried BOOLEAN NOT NULL,
    expires_at BIGINT NOT NULL,
    revoked_at BIGINT
);
CREATE INDEX families_by_grant ON families (grant_id);
CREATE INDEX families_by_end ON families (expires_at);
