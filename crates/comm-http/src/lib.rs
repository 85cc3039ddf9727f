//! The REST API: an actix-web adapter that drives comm-app.
