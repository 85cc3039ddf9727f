-- For each word its emails newest first, as every filter of the lists has them: neither a page nor a capped total
-- visits an email for its words. It is written when the words change, not at every change of a status, as an index
-- on a column of `emails` would be.
CREATE TABLE communication_service.email_suchworte (
    wort text COLLATE "C" NOT NULL,
    created_at timestamptz NOT NULL,
    email_id bigint NOT NULL,
    CONSTRAINT email_suchworte_pkey PRIMARY KEY (wort, created_at, email_id)
);

COMMENT ON TABLE communication_service.email_suchworte IS 'Which words subject, name and address of the recipient have: what q looks for; kept by triggers of emails, without the hidden ones';
COMMENT ON COLUMN communication_service.email_suchworte.wort IS 'The word in lower case';
COMMENT ON COLUMN communication_service.email_suchworte.created_at IS 'created_at of the email';
COMMENT ON COLUMN communication_service.email_suchworte.email_id IS 'Id of the email; no foreign key, since the triggers do its work without a lock on the email';

CREATE FUNCTION communication_service.suchworte(text) RETURNS text[] LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    AS $$ SELECT tsvector_to_array(to_tsvector('simple', communication_service.suchtext($1))) $$;

-- Triggers, so that an instance of the version before, and a person with psql, leave no email without its words.
CREATE FUNCTION communication_service.emails_suchworte_anlegen() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO communication_service.email_suchworte (wort, created_at, email_id)
        SELECT unnest(communication_service.suchworte(betreff || ' ' || empfaenger_name || ' ' || empfaenger_email)), created_at, id
        FROM neue WHERE geloescht_am IS NULL;
    RETURN NULL;
END $$;

CREATE FUNCTION communication_service.emails_suchworte_folgen() RETURNS trigger LANGUAGE plpgsql AS $$
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

CREATE TRIGGER emails_suchworte_insert AFTER INSERT ON communication_service.emails
    REFERENCING NEW TABLE AS neue FOR EACH STATEMENT EXECUTE FUNCTION communication_service.emails_suchworte_anlegen();
CREATE TRIGGER emails_suchworte_update AFTER UPDATE ON communication_service.emails FOR EACH ROW
    WHEN ((OLD.id, OLD.betreff, OLD.empfaenger_name, OLD.empfaenger_email, OLD.created_at, OLD.geloescht_am IS NULL)
        IS DISTINCT FROM (NEW.id, NEW.betreff, NEW.empfaenger_name, NEW.empfaenger_email, NEW.created_at, NEW.geloescht_am IS NULL))
    EXECUTE FUNCTION communication_service.emails_suchworte_folgen();
CREATE TRIGGER emails_suchworte_delete AFTER DELETE ON communication_service.emails
    FOR EACH ROW EXECUTE FUNCTION communication_service.emails_suchworte_folgen();

INSERT INTO communication_service.email_suchworte (wort, created_at, email_id)
    SELECT unnest(communication_service.suchworte(betreff || ' ' || empfaenger_name || ' ' || empfaenger_email)), created_at, id
    FROM communication_service.emails WHERE geloescht_am IS NULL;

-- No release has read them.
DROP INDEX communication_service.emails_suchworte_idx;
ALTER TABLE communication_service.emails DROP COLUMN suchworte;
