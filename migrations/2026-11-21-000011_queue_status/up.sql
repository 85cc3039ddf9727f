CREATE TABLE communication_service.versender (
    instanz uuid CONSTRAINT versender_pkey PRIMARY KEY,
    gesehen_am timestamptz NOT NULL DEFAULT clock_timestamp()
);

-- What was sent today, within the last hour, in the last minutes.
CREATE INDEX emails_gesendet_idx ON communication_service.emails (gesendet_am) WHERE gesendet_am IS NOT NULL;
-- The same for attempts that failed.
CREATE INDEX emails_fehlversuch_idx ON communication_service.emails (versucht_am) WHERE fehlerart IS NOT NULL;
-- What was sent and hidden since still counts as sent.
CREATE INDEX emails_geloescht_idx ON communication_service.emails (status) WHERE geloescht_am IS NOT NULL;

COMMENT ON TABLE communication_service.versender IS 'Instances whose worker sends emails: a row is renewed every few seconds, and removed when the worker ends';
COMMENT ON COLUMN communication_service.versender.instanz IS 'Drawn anew by every process';
COMMENT ON COLUMN communication_service.versender.gesehen_am IS 'When the worker last said that it works, by the database''s clock';
