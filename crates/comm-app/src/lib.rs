//! What the Communication Service does: use cases and worker steps.
