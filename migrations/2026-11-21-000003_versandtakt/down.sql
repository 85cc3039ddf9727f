DROP TABLE communication_service.versandtakt;
