COMMENT ON TABLE communication_service.anrufwuensche IS 'Wishes of other services that somebody be called (communication.schedule_call): recorded, not booked';

DROP INDEX communication_service.anrufwuensche_empfangen_am_idx;
