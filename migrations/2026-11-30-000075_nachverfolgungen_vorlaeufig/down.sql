DELETE FROM communication_service.nachverfolgungen WHERE NOT endgueltig;
ALTER TABLE communication_service.nachverfolgungen DROP CONSTRAINT nachverfolgungen_entscheidung;
ALTER TABLE communication_service.nachverfolgungen ADD CONSTRAINT nachverfolgungen_entscheidung CHECK (
    (entscheidung IN ('geplant', 'angeschlossen') AND telefonanruf_id IS NOT NULL AND grund IS NULL)
    OR (entscheidung = 'gelassen' AND telefonanruf_id IS NULL AND grund IS NOT NULL));
ALTER TABLE communication_service.nachverfolgungen DROP COLUMN endgueltig;

COMMENT ON TABLE communication_service.nachverfolgungen IS 'What was decided for good about the follow-up of a sent email: it is never decided again';
COMMENT ON COLUMN communication_service.nachverfolgungen.entscheidung IS 'geplant: the call was planned for it; angeschlossen: it joined a planned call; gelassen: no call';
