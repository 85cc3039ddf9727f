//! SMTP: MIME messages and a dialogue driven stage by stage.
