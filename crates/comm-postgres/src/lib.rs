//! PostgreSQL: the stores behind the ports, by diesel-async.
