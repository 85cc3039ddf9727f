-- The last mail of a therapist, hidden ones included, without a look at the others: contact rules ask for it before every
-- mail and call, and lists of all therapists at once. Statements find it by the same words.
CREATE INDEX emails_kontakte_idx ON communication_service.emails (therapist_id, greatest(in_warteschlange_am, gesendet_am,
        CASE WHEN status IN ('In_Warteschlange', 'Wird_gesendet') THEN senden_ab END,
        CASE WHEN fehlerart = 'ausgang_unklar' THEN versucht_am END))
    WHERE therapist_id IS NOT NULL
        AND (status IN ('In_Warteschlange', 'Wird_gesendet', 'Gesendet') OR fehlerart = 'ausgang_unklar');
-- It has the hidden ones, too.
DROP INDEX communication_service.emails_verborgen_idx;

-- When a therapist was spoken to last.
CREATE INDEX telefonanrufe_gesprochen_idx ON communication_service.telefonanrufe
    (therapist_id, (tatsaechliches_datum + tatsaechliche_zeit))
    WHERE therapist_id IS NOT NULL AND status = 'abgeschlossen' AND ergebnis_art IS DISTINCT FROM 'nicht_erreicht';
