CREATE TABLE communication_service.tageslauf (
    id smallint CONSTRAINT tageslauf_pkey PRIMARY KEY,
    tag date NOT NULL,
    beendet_am timestamptz NOT NULL,
    CONSTRAINT tageslauf_single CHECK (id = 1)
);

COMMENT ON TABLE communication_service.tageslauf IS 'For which day the daily work was done last, in the one row that there is';
COMMENT ON COLUMN communication_service.tageslauf.id IS 'Always 1';
COMMENT ON COLUMN communication_service.tageslauf.tag IS 'The day, in the service''s time zone';
COMMENT ON COLUMN communication_service.tageslauf.beendet_am IS 'When that work ended, by the database''s clock';
