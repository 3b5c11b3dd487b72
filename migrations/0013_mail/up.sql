-- What became of each mail, for whoever asks whether it arrived. What it says is in the outbox, sealed, until it is sent.
CREATE TABLE mails (
    id BYTEA NOT NULL PRIMARY KEY,
    tenant BYTEA NOT NULL REFERENCES tenants (id),
    account BYTEA,
    kind TEXT NOT NULL,
    -- A keyed digest of the mailbox, for budgets; the address itself is the account's.
    mailbox BYTEA NOT NULL,
    -- Did somebody cause it who had shown nothing yet?
    by_stranger BOOLEAN NOT NULL,
    -- queued, deferred, sent, bounced, expired
    state TEXT NOT NULL,
    -- What the mail server said last.
    told TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
CREATE INDEX mails_by_account ON mails (tenant, account, created_at);
CREATE INDEX mails_by_mailbox ON mails (mailbox, created_at);
CREATE INDEX mails_by_time ON mails (created_at);

-- The mail server refused this address for good; nothing more is sent there until somebody looks.
ALTER TABLE accounts ADD COLUMN mail_refused_at BIGINT;

-- Tries at the code beside a link, and why a link is over before its time.
ALTER TABLE one_time ADD COLUMN attempts INTEGER NOT NULL DEFAULT 0;
ALTER TABLE one_time ADD COLUMN superseded BOOLEAN NOT NULL DEFAULT FALSE;
