//! The settings in force, for `check-config`: without passwords.

use super::Settings;

impl Settings {
    /// One line per section, secrets masked by their types.
    pub(crate) fn shown(&self) -> Vec<String> {
        vec![
            format!("http: {:?}", self.http),
            format!("database: {:?}", self.database),
            format!("smtp: {:?}", self.smtp),
            format!("mail: {:?}", self.mail),
            format!("email_queue: {:?}", self.email_queue),
            format!("kafka: {:?}", self.kafka),
            format!("events: {:?}", self.events),
            format!("company: {:?}", self.company),
            format!("templates: {:?}", self.templates),
            format!("attachments: {:?}", self.attachments),
            format!("service: {:?}", self.service),
            format!("services: {:?}", self.services),
            format!("log: {:?}", self.log),
        ]
    }
}
