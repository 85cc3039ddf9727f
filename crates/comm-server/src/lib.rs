//! The binary communication-service: settings, telemetry, wiring.
