ALTER TABLE communication_service.nachverfolgungen ADD COLUMN endgueltig boolean NOT NULL DEFAULT true;
ALTER TABLE communication_service.nachverfolgungen DROP CONSTRAINT nachverfolgungen_entscheidung;
ALTER TABLE communication_service.nachverfolgungen ADD CONSTRAINT nachverfolgungen_entscheidung CHECK (
    (entscheidung IN ('geplant', 'angeschlossen') AND endgueltig AND telefonanruf_id IS NOT NULL AND grund IS NULL)
    OR (entscheidung = 'gelassen' AND telefonanruf_id IS NULL AND grund IS NOT NULL)
    OR (entscheidung = 'offen' AND NOT endgueltig AND telefonanruf_id IS NULL));

COMMENT ON TABLE communication_service.nachverfolgungen IS 'What was decided last about the follow-up of a sent email';
COMMENT ON COLUMN communication_service.nachverfolgungen.entscheidung IS 'geplant: the call was planned for it; angeschlossen: it joined a planned call; gelassen: no call; offen: not yet';
COMMENT ON COLUMN communication_service.nachverfolgungen.endgueltig IS 'Whether it is never decided again; else each run decides anew, and the row says what came of it last';
