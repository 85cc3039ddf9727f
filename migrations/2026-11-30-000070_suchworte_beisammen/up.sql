-- First, since whoever writes an email comes to its words after it.
LOCK TABLE communication_service.emails IN SHARE MODE;

-- Beside each word of an email all of its words: whoever looks for several walks the list of one, and asks no other.
-- The index has them too, so that the list is read there alone.
ALTER TABLE communication_service.email_suchworte
    DROP CONSTRAINT email_suchworte_pkey,
    ADD COLUMN alle_worte text COLLATE "C";

COMMENT ON COLUMN communication_service.email_suchworte.alle_worte IS 'All words of the email, each between blanks; null if that is more than 160 characters, then the lists of the others are asked';

-- The rows of an email in email_suchworte. An entry of a B-tree holds 2,704 bytes: hence the limit.
CREATE FUNCTION communication_service.suchworteintraege(text) RETURNS TABLE (wort text, alle_worte text) LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$ SELECT unnest(worte), CASE WHEN length(alle) <= 160 THEN alle END
          FROM (SELECT worte, ' ' || array_to_string(worte, ' ') || ' ' AS alle
                FROM (SELECT communication_service.suchworte($1) AS worte OFFSET 0) AS gefunden OFFSET 0) AS beisammen $$;

CREATE OR REPLACE FUNCTION communication_service.emails_suchworte_anlegen() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO communication_service.email_suchworte (wort, created_at, email_id, alle_worte)
        SELECT eintrag.wort, created_at, id, eintrag.alle_worte
        FROM neue, communication_service.suchworteintraege(betreff || ' ' || empfaenger_name || ' ' || empfaenger_email) AS eintrag
        WHERE geloescht_am IS NULL;
    RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION communication_service.emails_suchworte_folgen() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM communication_service.email_suchworte
        WHERE wort = ANY (communication_service.suchworte(OLD.betreff || ' ' || OLD.empfaenger_name || ' ' || OLD.empfaenger_email))
          AND created_at = OLD.created_at AND email_id = OLD.id;
    IF TG_OP = 'UPDATE' AND NEW.geloescht_am IS NULL THEN
        INSERT INTO communication_service.email_suchworte (wort, created_at, email_id, alle_worte)
            SELECT eintrag.wort, NEW.created_at, NEW.id, eintrag.alle_worte
            FROM communication_service.suchworteintraege(NEW.betreff || ' ' || NEW.empfaenger_name || ' ' || NEW.empfaenger_email) AS eintrag;
    END IF;
    RETURN NULL;
END $$;

-- Written anew instead of changed row by row, which would leave a table of twice the size.
TRUNCATE communication_service.email_suchworte;
INSERT INTO communication_service.email_suchworte (wort, created_at, email_id, alle_worte)
    SELECT eintrag.wort, created_at, id, eintrag.alle_worte
    FROM communication_service.emails,
        communication_service.suchworteintraege(betreff || ' ' || empfaenger_name || ' ' || empfaenger_email) AS eintrag
    WHERE geloescht_am IS NULL;
ALTER TABLE communication_service.email_suchworte
    ADD CONSTRAINT email_suchworte_pkey PRIMARY KEY (wort, created_at, email_id) INCLUDE (alle_worte);
