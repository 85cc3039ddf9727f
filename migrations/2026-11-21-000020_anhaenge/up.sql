-- The list stands with the email, so that reading, claiming and sending one without attachments costs nothing.
ALTER TABLE communication_service.emails ADD COLUMN anhaenge jsonb
    CONSTRAINT emails_anhaenge CHECK (jsonb_typeof(anhaenge) = 'array' AND anhaenge <> '[]');

CREATE TABLE communication_service.anhang_inhalte (
    email_id bigint NOT NULL CONSTRAINT anhang_inhalte_email_fkey REFERENCES communication_service.emails (id) ON DELETE CASCADE,
    nr integer NOT NULL,
    inhalt bytea NOT NULL,
    CONSTRAINT anhang_inhalte_pkey PRIMARY KEY (email_id, nr)
);

-- What people attach is compressed already.
ALTER TABLE communication_service.anhang_inhalte ALTER COLUMN inhalt SET STORAGE EXTERNAL;

COMMENT ON COLUMN communication_service.emails.anhaenge IS 'Attachments in their order, null for none: filename, content_type, size in bytes, and nr in anhang_inhalte or pfad relative to the attachment folder';
COMMENT ON TABLE communication_service.anhang_inhalte IS 'Contents of attachments that came with a request; they go with their email, and never change';
COMMENT ON COLUMN communication_service.anhang_inhalte.email_id IS 'The email';
COMMENT ON COLUMN communication_service.anhang_inhalte.nr IS 'nr of the entry in emails.anhaenge, which is not its place in the list';
COMMENT ON COLUMN communication_service.anhang_inhalte.inhalt IS 'The bytes of the file';
