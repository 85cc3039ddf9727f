DROP TABLE communication_service.outbox;
