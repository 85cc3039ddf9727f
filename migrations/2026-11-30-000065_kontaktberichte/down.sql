DROP INDEX communication_service.telefonanrufe_gesprochen_idx;
CREATE INDEX emails_verborgen_idx ON communication_service.emails (therapist_id)
    WHERE geloescht_am IS NOT NULL AND therapist_id IS NOT NULL;
DROP INDEX communication_service.emails_kontakte_idx;
