//! The settings in force, for `check-config`: without passwords.

use super::Settings;

impl Settings {
    /// One line per section, secrets masked by their types.
    pub(crate) fn shown(&self) -> Vec<String> {
        // By name, so that a new section is not forgotten.
        let Self {
            http,
            database,
            smtp,
            mail,
            email_queue,
            kafka,
            events,
            company,
            templates,
            attachments,
            calls,
            contact_rules,
            followup,
            service,
            services,
            log,
        } = self;
        vec![
            format!("http: {http:?}"),
            format!("database: {database:?}"),
            format!("smtp: {smtp:?}"),
            format!("mail: {mail:?}"),
            format!("email_queue: {email_queue:?}"),
            format!("kafka: {kafka:?}"),
            format!("events: {events:?}"),
            format!("company: {company:?}"),
            format!("templates: {templates:?}"),
            format!("attachments: {attachments:?}"),
            format!("calls: {calls:?}"),
            format!("contact_rules: {contact_rules:?}"),
            format!("followup: {followup:?}"),
            format!("service: {service:?}"),
            format!("services: {services:?}"),
            format!("log: {log:?}"),
        ]
    }
}
