-- While a backup is restored, and for ever where that was broken off: half a shop must not be taken for a whole one.
ALTER TABLE log_head ADD COLUMN restoring INTEGER NOT NULL DEFAULT 0;
