-- Which audit rows are in no chain yet: few, and found without looking at the others. Not covered by the row's digest; the
-- check of the log goes by the seals.
ALTER TABLE audit ADD COLUMN sealed BOOLEAN NOT NULL DEFAULT FALSE;
UPDATE audit SET sealed = TRUE WHERE id IN (SELECT audit_id FROM audit_seals);
CREATE INDEX audit_open ON audit (at, id) WHERE NOT sealed;
DROP INDEX audit_by_time;
