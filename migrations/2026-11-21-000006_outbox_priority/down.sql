DROP TABLE communication_service.outbox_failures;
DROP TABLE communication_service.outbox_relay;
DROP INDEX communication_service.outbox_parked_idx;
DROP INDEX communication_service.outbox_relay_idx;
CREATE INDEX outbox_unpublished_idx ON communication_service.outbox (id) WHERE published_at IS NULL;
-- Copies have no place under the older constraint; their originals carry the same news.
DELETE FROM communication_service.outbox WHERE is_copy;
ALTER TABLE communication_service.outbox
    DROP CONSTRAINT outbox_parked_has_reason,
    DROP CONSTRAINT outbox_parked_is_unpublished,
    DROP CONSTRAINT outbox_priority,
    DROP CONSTRAINT outbox_sequence_key,
    ADD CONSTRAINT outbox_sequence_key UNIQUE (aggregate, aggregate_id, sequence),
    DROP COLUMN parked_reason,
    DROP COLUMN parked_at,
    DROP COLUMN queued_at,
    DROP COLUMN is_copy,
    DROP COLUMN priority;
COMMENT ON COLUMN communication_service.outbox.sequence IS 'Counts 1, 2, 3, ... per email or call without a gap';
