-- The oldest step that a program has to know to work with this schema. A step that only adds leaves it alone; one that takes
-- away what older programs use raises it.
ALTER TABLE instance ADD COLUMN least_step BIGINT NOT NULL DEFAULT 1;
