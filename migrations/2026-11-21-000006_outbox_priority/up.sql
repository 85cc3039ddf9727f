ALTER TABLE communication_service.outbox
    ADD COLUMN priority smallint NOT NULL DEFAULT 1,
    ADD COLUMN is_copy boolean NOT NULL DEFAULT false,
    ADD COLUMN queued_at timestamptz NOT NULL DEFAULT now(),
    ADD COLUMN parked_at timestamptz,
    ADD COLUMN parked_reason text,
    DROP CONSTRAINT outbox_sequence_key,
    ADD CONSTRAINT outbox_sequence_key UNIQUE (aggregate, aggregate_id, sequence, is_copy),
    ADD CONSTRAINT outbox_priority CHECK (priority IN (0, 1)),
    ADD CONSTRAINT outbox_parked_is_unpublished CHECK (parked_at IS NULL OR published_at IS NULL),
    ADD CONSTRAINT outbox_parked_has_reason CHECK ((parked_at IS NULL) = (parked_reason IS NULL));
-- The default above filled old rows without writing the table anew; new rows know their own moment.
ALTER TABLE communication_service.outbox ALTER COLUMN queued_at SET DEFAULT clock_timestamp();
UPDATE communication_service.outbox SET queued_at = occurred_at WHERE published_at IS NULL;

DROP INDEX communication_service.outbox_unpublished_idx;
-- What the relay reads, in its order.
CREATE INDEX outbox_relay_idx ON communication_service.outbox (priority, id) WHERE published_at IS NULL AND parked_at IS NULL;
-- Whose events are held back.
CREATE INDEX outbox_parked_idx ON communication_service.outbox (aggregate, aggregate_id) WHERE parked_at IS NOT NULL;

COMMENT ON COLUMN communication_service.outbox.sequence IS 'Counts 1, 2, 3, ... per email or call without a gap; a copy under an older name has that of its original';
COMMENT ON COLUMN communication_service.outbox.priority IS '0 goes before 1; never higher than that of an earlier unpublished row of the same email or call';
COMMENT ON COLUMN communication_service.outbox.is_copy IS 'Whether it repeats another event under the name that older consumers know';
COMMENT ON COLUMN communication_service.outbox.queued_at IS 'Since when it waits for Kafka, by the database''s clock: when it was written, or asked for again';
COMMENT ON COLUMN communication_service.outbox.parked_at IS 'When Kafka refused it for good; it and all later events of its email or call wait for a person';
COMMENT ON COLUMN communication_service.outbox.parked_reason IS 'Why Kafka refused it';

CREATE TABLE communication_service.outbox_relay (
    id smallint CONSTRAINT outbox_relay_pkey PRIMARY KEY CONSTRAINT outbox_relay_one_row CHECK (id = 1),
    in_flight_until timestamptz NOT NULL
);
INSERT INTO communication_service.outbox_relay VALUES (1, now());

COMMENT ON TABLE communication_service.outbox_relay IS 'One row: what the next leader of the relay must know of the one before';
COMMENT ON COLUMN communication_service.outbox_relay.id IS 'Always 1';
COMMENT ON COLUMN communication_service.outbox_relay.in_flight_until IS 'Until when what a leader has handed to Kafka may still arrive, by the database''s clock';

CREATE TABLE communication_service.outbox_failures (
    reason text CONSTRAINT outbox_failures_pkey PRIMARY KEY,
    failures bigint NOT NULL,
    last_at timestamptz NOT NULL
);

COMMENT ON TABLE communication_service.outbox_failures IS 'How often Kafka did not take an event, by reason';
COMMENT ON COLUMN communication_service.outbox_failures.reason IS 'The client library''s name for the error';
COMMENT ON COLUMN communication_service.outbox_failures.failures IS 'How often since the table exists; one event counts at each attempt';
COMMENT ON COLUMN communication_service.outbox_failures.last_at IS 'When it happened last, by the database''s clock';
