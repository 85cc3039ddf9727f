DROP INDEX communication_service.emails_verborgen_idx;
DROP TABLE communication_service.nachverfolgungen;
ALTER TABLE communication_service.kontaktstand
    DROP COLUMN gesperrt_seit,
    DROP COLUMN gesperrt_bis,
    DROP COLUMN sperre_begruendung;
