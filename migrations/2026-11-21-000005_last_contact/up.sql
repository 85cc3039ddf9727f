CREATE TABLE communication_service.kontaktmeldungen (
    patient_id bigint CONSTRAINT kontaktmeldungen_pkey PRIMARY KEY,
    datum date NOT NULL,
    faellig_am timestamptz,
    versuche integer NOT NULL DEFAULT 0,
    gemeldet_am timestamptz,
    sperre uuid,
    gesperrt_bis timestamptz,
    CONSTRAINT kontaktmeldungen_patient_id CHECK (patient_id > 0),
    CONSTRAINT kontaktmeldungen_lease CHECK ((sperre IS NULL) = (gesperrt_bis IS NULL)),
    CONSTRAINT kontaktmeldungen_owed_or_told CHECK (faellig_am IS NULL OR gemeldet_am IS NULL)
);

-- What is still owed, the longest due first.
CREATE INDEX kontaktmeldungen_faellig_idx ON communication_service.kontaktmeldungen (faellig_am) WHERE faellig_am IS NOT NULL;

COMMENT ON TABLE communication_service.kontaktmeldungen IS 'What the Patient Service has to be told, written in the transaction of the contact; a row stays when it was told, so that a contact that becomes known later never moves the day back';
COMMENT ON COLUMN communication_service.kontaktmeldungen.patient_id IS 'The Patient Service''s id';
COMMENT ON COLUMN communication_service.kontaktmeldungen.datum IS 'Day of the latest contact, in the service''s time zone';
COMMENT ON COLUMN communication_service.kontaktmeldungen.faellig_am IS 'When it is to be told; null: it was told, or the Patient Service refused it';
COMMENT ON COLUMN communication_service.kontaktmeldungen.versuche IS 'Attempts that failed since the day was written';
COMMENT ON COLUMN communication_service.kontaktmeldungen.gemeldet_am IS 'When the Patient Service took the day; null with faellig_am null: it refused it';
COMMENT ON COLUMN communication_service.kontaktmeldungen.sperre IS 'Token of whoever is telling it';
COMMENT ON COLUMN communication_service.kontaktmeldungen.gesperrt_bis IS 'When that lease runs out, by the database''s clock';
