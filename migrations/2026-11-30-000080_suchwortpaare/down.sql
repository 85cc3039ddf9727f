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

CREATE OR REPLACE FUNCTION communication_service.suchworteintraege(text) RETURNS TABLE (wort text, alle_worte text) LANGUAGE sql IMMUTABLE PARALLEL SAFE
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

DROP FUNCTION communication_service.haeufiges_suchwort_aufnehmen(text);
DROP FUNCTION communication_service.liste_mit_allen_worten(text);
DROP FUNCTION communication_service.suchwortpaare(text[]);
DROP FUNCTION communication_service.suchworte_nur_read_committed();
-- First the tables: that waits for whoever is writing pairs.
DROP TABLE communication_service.haeufige_suchworte;
DROP TABLE communication_service.verwandte_suchworte;
DELETE FROM communication_service.email_suchworte WHERE strpos(wort, ' ') > 0;
ALTER TABLE communication_service.email_suchworte ALTER COLUMN wort SET STATISTICS -1;
COMMENT ON COLUMN communication_service.email_suchworte.wort IS 'The word in lower case';
