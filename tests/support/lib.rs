//! What the walks share.
