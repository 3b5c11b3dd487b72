CREATE TABLE accounts (
    id BYTEA NOT NULL PRIMARY KEY,
    tenant BYTEA NOT NULL REFERENCES tenants (id),
    subject BYTEA NOT NULL UNIQUE,
    login TEXT NOT NULL,
    name TEXT NOT NULL,
    email TEXT,
    email_verified BOOLEAN NOT NULL,
    language TEXT,
    state TEXT NOT NULL,
    -- Role names, comma separated; the program knows what they mean.
    roles TEXT NOT NULL,
    epoch BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    UNIQUE (tenant, id)
);
CREATE INDEX accounts_by_email ON accounts (email);

-- The names an account signs in with. One key, one account, in each company.
CREATE TABLE logins (
    tenant BYTEA NOT NULL,
    key TEXT NOT NULL,
    account BYTEA NOT NULL,
    PRIMARY KEY (tenant, key),
    FOREIGN KEY (tenant, account) REFERENCES accounts (tenant, id)
);
CREATE INDEX logins_by_account ON logins (tenant, account);

CREATE TABLE passwords (
    tenant BYTEA NOT NULL,
    account BYTEA NOT NULL PRIMARY KEY,
    phc TEXT NOT NULL,
    temporary BOOLEAN NOT NULL,
    expires_at BIGINT,
    changed_at BIGINT NOT NULL,
    FOREIGN KEY (tenant, account) REFERENCES accounts (tenant, id)
);

-- The first-factor counter. The key is an account, or one of 65,536 buckets for names that nobody has.
CREATE TABLE throttles (
    key BYTEA NOT NULL,
    lane INTEGER NOT NULL,
    counter TEXT NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (key, lane)
);

-- Browsers an account has been signed in from.
CREATE TABLE known_browsers (
    tenant BYTEA NOT NULL,
    account BYTEA NOT NULL,
    digest BYTEA NOT NULL,
    expires_at BIGINT NOT NULL,
    PRIMARY KEY (account, digest),
    FOREIGN KEY (tenant, account) REFERENCES accounts (tenant, id)
);
CREATE INDEX known_browsers_by_end ON known_browsers (expires_at);
CREATE INDEX known_browsers_by_digest ON known_browsers (digest);
