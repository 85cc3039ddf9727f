-- The extension stays: others may use it.
DROP INDEX communication_service.emails_abgelehnt_idx;
DROP TABLE communication_service.telefonanruf_emails;
DROP TABLE communication_service.telefonanrufe;
DROP TABLE communication_service.erreichbarkeiten;
DROP TABLE communication_service.kontaktstand;
