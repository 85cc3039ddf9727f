CREATE TABLE communication_service.outbox (
    id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT outbox_pkey PRIMARY KEY,
    event_id uuid NOT NULL CONSTRAINT outbox_event_id_key UNIQUE,
    event_type text NOT NULL,
    aggregate text NOT NULL,
    aggregate_id bigint NOT NULL,
    sequence bigint NOT NULL,
    topic text NOT NULL,
    key text NOT NULL,
    payload bytea NOT NULL,
    traceparent text NOT NULL,
    occurred_at timestamptz NOT NULL,
    published_at timestamptz,
    CONSTRAINT outbox_sequence_key UNIQUE (aggregate, aggregate_id, sequence),
    CONSTRAINT outbox_aggregate CHECK (aggregate IN ('email', 'telefonanruf'))
);

-- What the relay reads.
CREATE INDEX outbox_unpublished_idx ON communication_service.outbox (id) WHERE published_at IS NULL;
-- What the purge reads.
CREATE INDEX outbox_published_idx ON communication_service.outbox (published_at) WHERE published_at IS NOT NULL;

COMMENT ON TABLE communication_service.outbox IS 'Events on their way to Kafka, written in the transaction of the change; no foreign key, so that they outlive what they report';
COMMENT ON COLUMN communication_service.outbox.id IS 'Order of writing; not the order of commits, so nothing may skip by it';
COMMENT ON COLUMN communication_service.outbox.event_id IS 'eventId of the envelope; consumers de-duplicate by it';
COMMENT ON COLUMN communication_service.outbox.event_type IS 'eventType of the envelope';
COMMENT ON COLUMN communication_service.outbox.aggregate IS 'What it is about: email or telefonanruf';
COMMENT ON COLUMN communication_service.outbox.aggregate_id IS 'Id of the email or call';
COMMENT ON COLUMN communication_service.outbox.sequence IS 'Counts 1, 2, 3, ... per email or call without a gap';
COMMENT ON COLUMN communication_service.outbox.topic IS 'Kafka topic';
COMMENT ON COLUMN communication_service.outbox.key IS 'Kafka key';
COMMENT ON COLUMN communication_service.outbox.payload IS 'The message value, final bytes';
COMMENT ON COLUMN communication_service.outbox.traceparent IS 'W3C trace context';
COMMENT ON COLUMN communication_service.outbox.occurred_at IS 'When it happened';
COMMENT ON COLUMN communication_service.outbox.published_at IS 'When every in-sync replica had acknowledged it';
