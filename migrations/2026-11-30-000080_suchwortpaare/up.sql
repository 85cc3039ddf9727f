-- Two frequent words may meet in few emails or in none, and the whole list of one of them would be walked to find that
-- out. So a word that has become frequent is taken up here, and from then on `email_suchworte` has, as if that were a
-- word, a list of each two frequent words that seldom meet.
CREATE TABLE communication_service.haeufige_suchworte (
    wort text COLLATE "C" NOT NULL CONSTRAINT haeufige_suchworte_pkey PRIMARY KEY,
    emails bigint NOT NULL
);
COMMENT ON TABLE communication_service.haeufige_suchworte IS 'Words of so many emails that pairs of them have lists; a word stays, so that lists stay whole';
COMMENT ON COLUMN communication_service.haeufige_suchworte.wort IS 'The word in lower case';
COMMENT ON COLUMN communication_service.haeufige_suchworte.emails IS 'How many emails had it when it was taken up';

CREATE TABLE communication_service.verwandte_suchworte (
    erstes text COLLATE "C" NOT NULL,
    zweites text COLLATE "C" NOT NULL,
    CONSTRAINT verwandte_suchworte_pkey PRIMARY KEY (erstes, zweites)
);
COMMENT ON TABLE communication_service.verwandte_suchworte IS 'Pairs of frequent words that have no list: when they were taken up they met in every fifth email of the rarer one at least, so that both are soon found on its list, or had too many emails';
COMMENT ON COLUMN communication_service.verwandte_suchworte.erstes IS 'The word that comes first by its bytes';
COMMENT ON COLUMN communication_service.verwandte_suchworte.zweites IS 'The other one';

COMMENT ON COLUMN communication_service.email_suchworte.wort IS 'The word in lower case; or two frequent words that seldom meet, in order, with a blank between';

-- Which words are frequent is read off the statistics; by default they have a hundred words, and pairs are words here, too.
ALTER TABLE communication_service.email_suchworte ALTER COLUMN wort SET STATISTICS 300;

-- Which pairs of these words have a list.
CREATE FUNCTION communication_service.suchwortpaare(text[]) RETURNS text[] LANGUAGE sql STABLE PARALLEL SAFE
    AS $$ SELECT coalesce(array_agg(eines.wort || ' ' || anderes.wort), '{}')
          FROM communication_service.haeufige_suchworte AS eines
          JOIN communication_service.haeufige_suchworte AS anderes ON eines.wort < anderes.wort
          WHERE eines.wort = ANY ($1) AND anderes.wort = ANY ($1)
            AND NOT EXISTS (SELECT FROM communication_service.verwandte_suchworte
                            WHERE erstes = eines.wort AND zweites = anderes.wort) $$;

CREATE OR REPLACE FUNCTION communication_service.suchworteintraege(text) RETURNS TABLE (wort text, alle_worte text) LANGUAGE sql STABLE PARALLEL SAFE
    AS $$ SELECT unnest(worte || communication_service.suchwortpaare(worte)), CASE WHEN length(alle) <= 160 THEN alle END
          FROM (SELECT worte, ' ' || array_to_string(worte, ' ') || ' ' AS alle
                FROM (SELECT communication_service.suchworte($1) AS worte OFFSET 0) AS gefunden OFFSET 0) AS beisammen $$;

-- A transaction that does not see what was committed since it began could not know of a word that was taken up meanwhile.
CREATE FUNCTION communication_service.suchworte_nur_read_committed() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF current_setting('transaction_isolation') NOT IN ('read committed', 'read uncommitted') THEN
        RAISE EXCEPTION 'emails are written under READ COMMITTED alone, since their words have lists that must not miss any';
    END IF;
END $$;

CREATE OR REPLACE FUNCTION communication_service.emails_suchworte_anlegen() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM communication_service.suchworte_nur_read_committed();
    INSERT INTO communication_service.email_suchworte (wort, created_at, email_id, alle_worte)
        SELECT eintrag.wort, created_at, id, eintrag.alle_worte
        FROM neue, communication_service.suchworteintraege(betreff || ' ' || empfaenger_name || ' ' || empfaenger_email) AS eintrag
        WHERE geloescht_am IS NULL;
    RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION communication_service.emails_suchworte_folgen() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    alte text[] := communication_service.suchworte(OLD.betreff || ' ' || OLD.empfaenger_name || ' ' || OLD.empfaenger_email);
BEGIN
    PERFORM communication_service.suchworte_nur_read_committed();
    DELETE FROM communication_service.email_suchworte
        WHERE wort = ANY (alte || communication_service.suchwortpaare(alte))
          AND created_at = OLD.created_at AND email_id = OLD.id;
    IF TG_OP = 'UPDATE' AND NEW.geloescht_am IS NULL THEN
        INSERT INTO communication_service.email_suchworte (wort, created_at, email_id, alle_worte)
            SELECT eintrag.wort, NEW.created_at, NEW.id, eintrag.alle_worte
            FROM communication_service.suchworteintraege(NEW.betreff || ' ' || NEW.empfaenger_name || ' ' || NEW.empfaenger_email) AS eintrag;
    END IF;
    RETURN NULL;
END $$;

-- The list of a word, with all words of each email, each between blanks, also where the list does not say them.
CREATE FUNCTION communication_service.liste_mit_allen_worten(text)
    RETURNS TABLE (created_at timestamptz, email_id bigint, alle_worte text, alle text) LANGUAGE sql STABLE PARALLEL SAFE
    AS $$ SELECT created_at, email_id, alle_worte, coalesce(alle_worte, (
            SELECT ' ' || array_to_string(communication_service.suchworte(betreff || ' ' || empfaenger_name || ' ' || empfaenger_email), ' ') || ' '
            FROM communication_service.emails WHERE id = email_id))
          FROM communication_service.email_suchworte WHERE wort = $1 OFFSET 0 $$;

-- Takes a word up and makes the lists of its pairs; answers whether it did, since of two that would do it at a time one
-- does. The lists have all that was committed before, and triggers write what comes after: so nobody writes emails
-- while they are made, which takes 0.1 µs a look at an email for a word, 50 where its words must be gathered anew. For
-- more than 20 million looks, 2 to 4 s, the word gets no lists with those that are known. The lock is waited
-- for long enough that PostgreSQL ends an autovacuum for it (deadlock_timeout, 1 s), and no longer, since whoever
-- writes emails meanwhile waits behind it. The number is any that nobody else uses for an advisory lock; "COMWORT" in ASCII.
CREATE FUNCTION communication_service.haeufiges_suchwort_aufnehmen(neues text) RETURNS boolean LANGUAGE plpgsql
    SET lock_timeout = '2s' AS $$
DECLARE
    anzahl bigint;
    lange bigint;
    fremde text[];
BEGIN
    PERFORM communication_service.suchworte_nur_read_committed();
    IF NOT pg_try_advisory_xact_lock(x'00434F4D574F5254'::bigint) THEN
        RETURN false;
    END IF;
    IF EXISTS (SELECT FROM communication_service.haeufige_suchworte WHERE wort = neues) THEN
        RETURN false;
    END IF;
    SELECT count(*), count(*) FILTER (WHERE alle_worte IS NULL) INTO anzahl, lange
        FROM communication_service.email_suchworte WHERE wort = neues;
    INSERT INTO communication_service.verwandte_suchworte (erstes, zweites)
        SELECT least(neues, bekanntes.wort), greatest(neues, bekanntes.wort)
        FROM communication_service.liste_mit_allen_worten(neues)
        JOIN communication_service.haeufige_suchworte AS bekanntes ON strpos(alle, ' ' || bekanntes.wort || ' ') > 0
        GROUP BY bekanntes.wort, emails HAVING count(*) * 5 >= least(anzahl, emails);
    fremde := ARRAY(
        SELECT wort FROM communication_service.haeufige_suchworte AS bekanntes WHERE NOT EXISTS (
            SELECT FROM communication_service.verwandte_suchworte
            WHERE erstes = least(neues, bekanntes.wort) AND zweites = greatest(neues, bekanntes.wort)));
    IF anzahl * cardinality(fremde) + lange * 500 > 20000000 THEN
        INSERT INTO communication_service.verwandte_suchworte (erstes, zweites)
            SELECT least(neues, fremdes COLLATE "C"), greatest(neues, fremdes COLLATE "C") FROM unnest(fremde) AS fremdes;
        fremde := '{}';
    END IF;
    LOCK TABLE communication_service.emails IN SHARE MODE;
    IF fremde <> '{}' THEN
        INSERT INTO communication_service.email_suchworte (wort, created_at, email_id, alle_worte)
            SELECT least(neues, fremdes COLLATE "C") || ' ' || greatest(neues, fremdes COLLATE "C"), created_at, email_id, alle_worte
            FROM communication_service.liste_mit_allen_worten(neues)
            JOIN unnest(fremde) AS fremdes ON strpos(alle, ' ' || fremdes || ' ') > 0;
    END IF;
    INSERT INTO communication_service.haeufige_suchworte (wort, emails) VALUES (neues, anzahl);
    RETURN true;
END $$;
