DROP TABLE communication_service.emails;
