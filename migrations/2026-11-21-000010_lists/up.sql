-- Words are what stands between white space and ASCII punctuation: so an address is found by its parts, and the
-- text search parser sees neither host names nor signed numbers. Used for the column and for the question alike.
CREATE FUNCTION communication_service.suchtext(text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    AS $$ SELECT translate($1, '!"#$%&''()*+,-./:;<=>?@[\]^_`{|}~', repeat(' ', 32)) $$;

ALTER TABLE communication_service.emails ADD COLUMN suchworte tsvector NOT NULL GENERATED ALWAYS AS
    (to_tsvector('simple', communication_service.suchtext(betreff || ' ' || empfaenger_name || ' ' || empfaenger_email))) STORED;

-- What `q` reads. The list of entries that were not sorted in yet is read by every search, so it is kept short.
CREATE INDEX emails_suchworte_idx ON communication_service.emails USING gin (suchworte)
    WITH (gin_pending_list_limit = 256) WHERE geloescht_am IS NULL;
-- Every filter of the lists has its rows newest first, so that neither a page nor a capped total sorts or looks for them.
CREATE INDEX emails_to_therapists_idx ON communication_service.emails (created_at DESC, id DESC)
    WHERE geloescht_am IS NULL AND therapist_id IS NOT NULL;
CREATE INDEX emails_to_patients_idx ON communication_service.emails (created_at DESC, id DESC)
    WHERE geloescht_am IS NULL AND patient_id IS NOT NULL;
CREATE INDEX emails_antwort_idx ON communication_service.emails (antwort_erhalten, created_at DESC, id DESC) WHERE geloescht_am IS NULL;
CREATE INDEX emails_therapeutenanfrage_idx ON communication_service.emails (therapeutenanfrage_id, created_at DESC, id DESC)
    WHERE geloescht_am IS NULL AND therapeutenanfrage_id IS NOT NULL;

COMMENT ON COLUMN communication_service.emails.suchworte IS 'Words of subject, name and address of the recipient, in lower case: what q looks for';
