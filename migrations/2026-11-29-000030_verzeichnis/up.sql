CREATE TABLE communication_service.verzeichnis_kopien (
    art text NOT NULL,
    person_id bigint NOT NULL,
    daten json NOT NULL,
    abgefragt_am timestamptz NOT NULL,
    CONSTRAINT verzeichnis_kopien_pkey PRIMARY KEY (art, person_id),
    CONSTRAINT verzeichnis_kopien_art CHECK (art IN ('therapist', 'patient'))
);

-- What the purge reads.
CREATE INDEX verzeichnis_kopien_abgefragt_idx ON communication_service.verzeichnis_kopien (abgefragt_am);

COMMENT ON TABLE communication_service.verzeichnis_kopien IS 'What the Therapist and the Patient Service answered last about a person, used while they do not answer; purged when it is not refreshed';
COMMENT ON COLUMN communication_service.verzeichnis_kopien.art IS 'therapist or patient';
COMMENT ON COLUMN communication_service.verzeichnis_kopien.person_id IS 'The id in that service';
COMMENT ON COLUMN communication_service.verzeichnis_kopien.daten IS 'The few fields that are used, nothing else of the record; json and not jsonb, so that telephone hours stay as they were stated';
COMMENT ON COLUMN communication_service.verzeichnis_kopien.abgefragt_am IS 'When the service was asked, by the database''s clock';
