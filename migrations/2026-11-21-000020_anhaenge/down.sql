DROP TABLE communication_service.anhang_inhalte;
ALTER TABLE communication_service.emails DROP COLUMN anhaenge;
