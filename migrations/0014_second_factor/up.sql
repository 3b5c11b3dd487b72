-- What an account is protected by beside the first factor, and how often that was answered wrong. A row comes with the first
-- thing there is to know.
CREATE TABLE second_factors (
    tenant BYTEA NOT NULL,
    account BYTEA NOT NULL PRIMARY KEY,
    by_email BOOLEAN NOT NULL,
    -- The seed of the authenticator app, sealed; and the newest time step whose code was taken.
    app_seed BYTEA,
    app_step BIGINT NOT NULL,
    failures INTEGER NOT NULL,
    -- Since when something has to be set up.
    due_since BIGINT,
    FOREIGN KEY (tenant, account) REFERENCES accounts (tenant, id)
);

-- Sign-ins that are past their first factor. Each ends once: in a session, or cancelled.
CREATE TABLE journeys (
    id BYTEA NOT NULL PRIMARY KEY,
    tenant BYTEA NOT NULL,
    account BYTEA NOT NULL,
    payload TEXT NOT NULL,
    -- A keyed digest of the newest code that was mailed for it, when, and how many were.
    code BYTEA,
    code_at BIGINT,
    codes INTEGER NOT NULL,
    -- Tries at a code while a mailbox is set up; tries at a second factor are counted by account.
    tries INTEGER NOT NULL,
    instance_epoch BIGINT NOT NULL,
    tenant_epoch BIGINT NOT NULL,
    account_epoch BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    used_at BIGINT,
    FOREIGN KEY (tenant, account) REFERENCES accounts (tenant, id)
);
CREATE INDEX journeys_by_end ON journeys (expires_at);
CREATE INDEX journeys_by_account ON journeys (account, created_at);

-- Browsers that are not asked for the second factor. The device cookie is known by its digest only.
CREATE TABLE trusted_browsers (
    id BYTEA NOT NULL PRIMARY KEY,
    tenant BYTEA NOT NULL,
    account BYTEA NOT NULL,
    device BYTEA NOT NULL,
    agent TEXT NOT NULL,
    instance_epoch BIGINT NOT NULL,
    tenant_epoch BIGINT NOT NULL,
    account_epoch BIGINT NOT NULL,
    made_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    UNIQUE (account, device),
    FOREIGN KEY (tenant, account) REFERENCES accounts (tenant, id)
);
CREATE INDEX trusted_browsers_by_end ON trusted_browsers (expires_at);

-- What there was of a second factor; the browser in words and its address, for the person to recognise.
ALTER TABLE sessions ADD COLUMN second TEXT NOT NULL DEFAULT 'not_due';
ALTER TABLE sessions ADD COLUMN agent TEXT NOT NULL DEFAULT '';
ALTER TABLE sessions ADD COLUMN address TEXT NOT NULL DEFAULT '';

-- Whose account a row is about, so that people can see what happened to theirs. Not covered by the row's digest, which covers
-- what it is taken from.
ALTER TABLE audit ADD COLUMN about BYTEA;
CREATE INDEX audit_by_account ON audit (about, at) WHERE about IS NOT NULL;
