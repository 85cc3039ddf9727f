-- What the purge reads.
CREATE INDEX anrufwuensche_empfangen_am_idx ON communication_service.anrufwuensche (empfangen_am);

COMMENT ON TABLE communication_service.anrufwuensche IS 'Wishes of other services that somebody be called (communication.schedule_call): recorded, not booked; purged after a time, since notizen may be about people';
