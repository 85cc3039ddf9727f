CREATE OR REPLACE FUNCTION communication_service.emails_suchworte_folgen() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM communication_service.email_suchworte
        WHERE wort = ANY (communication_service.suchworte(OLD.betreff || ' ' || OLD.empfaenger_name || ' ' || OLD.empfaenger_email))
          AND created_at = OLD.created_at AND email_id = OLD.id;
    IF TG_OP = 'UPDATE' AND NEW.geloescht_am IS NULL THEN
        INSERT INTO communication_service.email_suchworte (wort, created_at, email_id)
            SELECT unnest(communication_service.suchworte(NEW.betreff || ' ' || NEW.empfaenger_name || ' ' || NEW.empfaenger_email)),
                NEW.created_at, NEW.id;
    END IF;
    RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION communication_service.emails_suchworte_anlegen() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO communication_service.email_suchworte (wort, created_at, email_id)
        SELECT unnest(communication_service.suchworte(betreff || ' ' || empfaenger_name || ' ' || empfaenger_email)), created_at, id
        FROM neue WHERE geloescht_am IS NULL;
    RETURN NULL;
END $$;

DROP FUNCTION communication_service.suchworteintraege(text);
ALTER TABLE communication_service.email_suchworte DROP CONSTRAINT email_suchworte_pkey, DROP COLUMN alle_worte;
ALTER TABLE communication_service.email_suchworte
    ADD CONSTRAINT email_suchworte_pkey PRIMARY KEY (wort, created_at, email_id);
