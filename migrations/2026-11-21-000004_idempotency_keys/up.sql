CREATE TABLE communication_service.idempotency_keys (
    route text NOT NULL,
    key text NOT NULL,
    body_hash bytea NOT NULL,
    status smallint NOT NULL,
    location text,
    body bytea NOT NULL,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT idempotency_keys_pkey PRIMARY KEY (route, key),
    CONSTRAINT idempotency_keys_body_hash CHECK (octet_length(body_hash) = 32),
    CONSTRAINT idempotency_keys_status CHECK (status BETWEEN 200 AND 299)
);

-- What the purge reads.
CREATE INDEX idempotency_keys_created_at_idx ON communication_service.idempotency_keys (created_at);

COMMENT ON TABLE communication_service.idempotency_keys IS 'Requests with an Idempotency-Key that succeeded, written in the transaction of their work; forgotten after 24 hours';
COMMENT ON COLUMN communication_service.idempotency_keys.route IS 'Method and path of the request';
COMMENT ON COLUMN communication_service.idempotency_keys.key IS 'The client''s key, without quotes';
COMMENT ON COLUMN communication_service.idempotency_keys.body_hash IS 'SHA-256 of the request''s body as it was sent';
COMMENT ON COLUMN communication_service.idempotency_keys.status IS 'Status of the first answer';
COMMENT ON COLUMN communication_service.idempotency_keys.location IS 'Location of the first answer';
COMMENT ON COLUMN communication_service.idempotency_keys.body IS 'Body of the first answer, final bytes';
COMMENT ON COLUMN communication_service.idempotency_keys.created_at IS 'When it was answered, by the database''s clock';
