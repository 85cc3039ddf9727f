ALTER TABLE communication_service.kontaktstand
    ADD COLUMN gesperrt_seit timestamptz,
    ADD COLUMN gesperrt_bis date,
    ADD COLUMN sperre_begruendung text,
    ADD CONSTRAINT kontaktstand_sperre CHECK (
        (gesperrt_seit IS NULL AND gesperrt_bis IS NULL AND sperre_begruendung IS NULL)
        OR (gesperrt_seit IS NOT NULL AND sperre_begruendung IS NOT NULL AND art = 'therapist'));

COMMENT ON COLUMN communication_service.kontaktstand.gesperrt_seit IS 'When a therapist was blocked by hand; null unless blocked';
COMMENT ON COLUMN communication_service.kontaktstand.gesperrt_bis IS 'The last blocked day; null: until somebody lifts it';
COMMENT ON COLUMN communication_service.kontaktstand.sperre_begruendung IS 'Why, in the words of the staff';

-- Whoever was contacted before there was this table of contact states is one of those who can be listed.
INSERT INTO communication_service.kontaktstand (art, person_id)
SELECT 'therapist', therapist_id FROM communication_service.emails WHERE therapist_id > 0 AND status <> 'Entwurf'
UNION
SELECT 'therapist', therapist_id FROM communication_service.telefonanrufe WHERE therapist_id > 0
ON CONFLICT DO NOTHING;

CREATE TABLE communication_service.nachverfolgungen (
    email_id bigint CONSTRAINT nachverfolgungen_pkey PRIMARY KEY,
    entscheidung text NOT NULL,
    grund text,
    telefonanruf_id bigint,
    entschieden_am timestamptz NOT NULL,
    CONSTRAINT nachverfolgungen_entscheidung CHECK (
        (entscheidung IN ('geplant', 'angeschlossen') AND telefonanruf_id IS NOT NULL AND grund IS NULL)
        OR (entscheidung = 'gelassen' AND telefonanruf_id IS NULL AND grund IS NOT NULL))
);

COMMENT ON TABLE communication_service.nachverfolgungen IS 'What was decided for good about the follow-up of a sent email: it is never decided again';
COMMENT ON COLUMN communication_service.nachverfolgungen.email_id IS 'The email; sent ones are never removed';
COMMENT ON COLUMN communication_service.nachverfolgungen.entscheidung IS 'geplant: the call was planned for it; angeschlossen: it joined a planned call; gelassen: no call';
COMMENT ON COLUMN communication_service.nachverfolgungen.grund IS 'Why there is no call';
COMMENT ON COLUMN communication_service.nachverfolgungen.telefonanruf_id IS 'The call; it may have been removed since';
COMMENT ON COLUMN communication_service.nachverfolgungen.entschieden_am IS 'When it was decided, by the service''s clock';

-- A therapist's hidden emails: contact rules know of them.
CREATE INDEX emails_verborgen_idx ON communication_service.emails (therapist_id)
    WHERE geloescht_am IS NOT NULL AND therapist_id IS NOT NULL;
