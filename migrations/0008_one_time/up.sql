-- Credentials that work once: links, mailed codes, backup codes, challenges. Known by their digest only; a row says under
-- which epochs it was made, so that a lock or a reset ends it.
CREATE TABLE one_time (
    digest BYTEA NOT NULL PRIMARY KEY,
    tenant BYTEA NOT NULL,
    account BYTEA NOT NULL,
    purpose TEXT NOT NULL,
    payload TEXT NOT NULL,
    instance_epoch BIGINT NOT NULL,
    tenant_epoch BIGINT NOT NULL,
    account_epoch BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    used_at BIGINT,
    FOREIGN KEY (tenant, account) REFERENCES accounts (tenant, id)
);
CREATE INDEX one_time_by_account ON one_time (tenant, account, purpose);
CREATE INDEX one_time_by_end ON one_time (expires_at);
