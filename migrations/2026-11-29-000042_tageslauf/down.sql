DROP TABLE communication_service.tageslauf;
