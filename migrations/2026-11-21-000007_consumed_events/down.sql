DROP TABLE communication_service.anrufwuensche;
DROP TABLE communication_service.consumed_events;
