-- What the audit log is signed with: random, sealed under the master key. The log outlives master keys.
ALTER TABLE instance ADD COLUMN audit_key BYTEA;
