CREATE TABLE communication_service.versandtakt (
    id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT versandtakt_pkey PRIMARY KEY,
    empfaenger_domain text NOT NULL,
    begonnen_am timestamptz NOT NULL
);

-- How many attempts a domain has seen within the last minute, and when the oldest of them is forgotten.
CREATE INDEX versandtakt_domain_idx ON communication_service.versandtakt (empfaenger_domain, begonnen_am);

COMMENT ON TABLE communication_service.versandtakt IS 'Attempts of the last minute per recipient domain; written only where email_queue.per_domain_per_minute limits them';
COMMENT ON COLUMN communication_service.versandtakt.id IS 'Only to tell rows apart';
COMMENT ON COLUMN communication_service.versandtakt.empfaenger_domain IS 'What follows the @ of the recipient''s address, in lower case';
COMMENT ON COLUMN communication_service.versandtakt.begonnen_am IS 'When the mail was claimed, by the database''s clock';
