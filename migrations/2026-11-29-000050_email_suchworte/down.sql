DROP TRIGGER emails_suchworte_delete ON communication_service.emails;
DROP TRIGGER emails_suchworte_update ON communication_service.emails;
DROP TRIGGER emails_suchworte_insert ON communication_service.emails;
DROP FUNCTION communication_service.emails_suchworte_folgen();
DROP FUNCTION communication_service.emails_suchworte_anlegen();
DROP FUNCTION communication_service.suchworte(text);
DROP TABLE communication_service.email_suchworte;
ALTER TABLE communication_service.emails ADD COLUMN suchworte tsvector NOT NULL GENERATED ALWAYS AS
    (to_tsvector('simple', communication_service.suchtext(betreff || ' ' || empfaenger_name || ' ' || empfaenger_email))) STORED;
CREATE INDEX emails_suchworte_idx ON communication_service.emails USING gin (suchworte)
    WITH (gin_pending_list_limit = 256) WHERE geloescht_am IS NULL;
COMMENT ON COLUMN communication_service.emails.suchworte IS 'Words of subject, name and address of the recipient, in lower case: what q looks for';
