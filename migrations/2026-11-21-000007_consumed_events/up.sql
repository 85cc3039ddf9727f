CREATE TABLE communication_service.consumed_events (
    event_key text NOT NULL CONSTRAINT consumed_events_pkey PRIMARY KEY,
    event_type text NOT NULL,
    topic text NOT NULL,
    partition integer NOT NULL,
    position bigint NOT NULL,
    consumed_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

-- What the purge reads, and the time of the last one.
CREATE INDEX consumed_events_consumed_at_idx ON communication_service.consumed_events (consumed_at);

COMMENT ON TABLE communication_service.consumed_events IS 'Events whose work is done, written in the transaction of that work, so that a repeat does nothing; kept longer than the topic keeps messages';
COMMENT ON COLUMN communication_service.consumed_events.event_key IS 'eventId of the envelope, or topic/partition/offset@timestamp where there is no usable one';
COMMENT ON COLUMN communication_service.consumed_events.event_type IS 'eventType of the envelope';
COMMENT ON COLUMN communication_service.consumed_events.topic IS 'Topic from which it was consumed first';
COMMENT ON COLUMN communication_service.consumed_events.partition IS 'Partition from which it was consumed first';
COMMENT ON COLUMN communication_service.consumed_events.position IS 'Offset at which it was consumed first';
COMMENT ON COLUMN communication_service.consumed_events.consumed_at IS 'When its work was done, by the database''s clock';

CREATE TABLE communication_service.anrufwuensche (
    id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT anrufwuensche_pkey PRIMARY KEY,
    event_key text NOT NULL,
    therapist_id bigint,
    patient_id bigint,
    geplantes_datum date,
    geplante_zeit time,
    dauer_minuten smallint,
    notizen text,
    therapeutenanfrage_id bigint,
    angefragt_am timestamptz,
    empfangen_am timestamptz NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT anrufwuensche_one_recipient CHECK (num_nonnulls(therapist_id, patient_id) = 1),
    CONSTRAINT anrufwuensche_dauer CHECK (dauer_minuten BETWEEN 5 AND 120 AND dauer_minuten % 5 = 0)
);

COMMENT ON TABLE communication_service.anrufwuensche IS 'Wishes of other services that somebody be called (communication.schedule_call): recorded, not booked';
COMMENT ON COLUMN communication_service.anrufwuensche.id IS 'Order of arrival';
COMMENT ON COLUMN communication_service.anrufwuensche.event_key IS 'The event that carried it, as in consumed_events; no foreign key, since that row is purged';
COMMENT ON COLUMN communication_service.anrufwuensche.therapist_id IS 'The Therapist Service''s id, if a therapist is to be called';
COMMENT ON COLUMN communication_service.anrufwuensche.patient_id IS 'The Patient Service''s id, if a patient is to be called';
COMMENT ON COLUMN communication_service.anrufwuensche.geplantes_datum IS 'The wished day';
COMMENT ON COLUMN communication_service.anrufwuensche.geplante_zeit IS 'The wished time of day, wall clock of the service''s time zone';
COMMENT ON COLUMN communication_service.anrufwuensche.dauer_minuten IS 'The wished duration: 5 to 120, a multiple of 5';
COMMENT ON COLUMN communication_service.anrufwuensche.notizen IS 'Free text of the other service; never logged';
COMMENT ON COLUMN communication_service.anrufwuensche.therapeutenanfrage_id IS 'The Matching Service''s bundle';
COMMENT ON COLUMN communication_service.anrufwuensche.angefragt_am IS 'timestamp of the envelope, if it has one';
COMMENT ON COLUMN communication_service.anrufwuensche.empfangen_am IS 'When it was recorded, by the database''s clock';
