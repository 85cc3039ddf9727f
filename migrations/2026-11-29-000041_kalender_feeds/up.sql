CREATE TABLE communication_service.kalender_feeds (
    id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT kalender_feeds_pkey PRIMARY KEY,
    bearbeiter text,
    token_hash bytea NOT NULL,
    created_at timestamptz NOT NULL,
    CONSTRAINT kalender_feeds_bearbeiter CHECK (char_length(bearbeiter) BETWEEN 1 AND 255),
    CONSTRAINT kalender_feeds_token_hash CHECK (octet_length(token_hash) = 32),
    CONSTRAINT kalender_feeds_token_hash_key UNIQUE (token_hash)
);
-- The list, newest first.
CREATE INDEX kalender_feeds_newest_idx ON communication_service.kalender_feeds (created_at DESC, id DESC);

COMMENT ON TABLE communication_service.kalender_feeds IS 'Feeds of calls that calendar programs subscribe to; a revoked one is removed';
COMMENT ON COLUMN communication_service.kalender_feeds.id IS 'Id as clients see it';
COMMENT ON COLUMN communication_service.kalender_feeds.bearbeiter IS 'The member of staff whose calls it shows; null for everybody''s';
COMMENT ON COLUMN communication_service.kalender_feeds.token_hash IS 'SHA-256 of the token, which is shown once and stored nowhere';
COMMENT ON COLUMN communication_service.kalender_feeds.created_at IS 'When it was made';

-- What was deleted lately, whether it is kept for rules or removed after a while: feeds show its end.
CREATE INDEX telefonanrufe_geloescht_idx ON communication_service.telefonanrufe (geloescht_am)
    WHERE geloescht_am IS NOT NULL;
