//! Private PostgreSQL, mail catcher and Kafka broker for development and tests.
