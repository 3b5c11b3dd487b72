-- Passkeys. An authenticator knows one by its credential id, which is nobody else's.
CREATE TABLE passkeys (
    id BYTEA NOT NULL PRIMARY KEY,
    tenant BYTEA NOT NULL,
    account BYTEA NOT NULL,
    credential BYTEA NOT NULL UNIQUE,
    -- The public key and the counter.
    key TEXT NOT NULL,
    name TEXT NOT NULL,
    synced BOOLEAN NOT NULL,
    made_at BIGINT NOT NULL,
    used_at BIGINT,
    FOREIGN KEY (tenant, account) REFERENCES accounts (tenant, id)
);
CREATE INDEX passkeys_by_account ON passkeys (account);
