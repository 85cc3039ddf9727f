//! One caught mail, taken apart for reading.

use crate::place::fingerprint;
use crate::smtp::ReceivedMail;
use mail_parser::{Message, MessageParser, MimeHeaders, PartType};

pub(super) struct Caught {
    /// Made of the content, so that a link stays right while mails come and go.
    pub(super) id: String,
    pub(super) sender: String,
    pub(super) recipients: String,
    pub(super) subject: String,
    pub(super) seconds_ago: u64,
    pub(super) text: String,
    pub(super) html: Option<String>,
    pub(super) attachments: Vec<String>,
    pub(super) headers: String,
    pub(super) source: String,
}

impl Caught {
    pub(super) fn read(mail: &ReceivedMail) -> Self {
        let source = String::from_utf8_lossy(&mail.raw).into_owned();
        let message = MessageParser::default().parse(&mail.raw);
        let message = message.unwrap_or_default();
        Self {
            id: fingerprint(&mail.raw),
            sender: mail.from.clone(),
            recipients: mail.recipients.join(", "),
            subject: message.subject().unwrap_or("(no subject)").to_owned(),
            seconds_ago: mail.received.elapsed().as_secs(),
            text: message.body_text(0).unwrap_or_default().into_owned(),
            html: html(&message),
            attachments: attachments(&message),
            headers: headers(&source),
            source,
        }
    }
}

/// Only what was sent as HTML; the library would make some of a plain text, too.
fn html(message: &Message<'_>) -> Option<String> {
    message.html_bodies().find_map(|part| match &part.body {
        PartType::Html(html) => Some(html.clone().into_owned()),
        _ => None,
    })
}

fn attachments(message: &Message<'_>) -> Vec<String> {
    let name = |name: Option<&str>| name.unwrap_or("(unnamed)").to_owned();
    message
        .attachments()
        .map(|part| name(part.attachment_name()))
        .collect()
}

fn headers(source: &str) -> String {
    let lines = source.lines().take_while(|line| !line.is_empty());
    lines.collect::<Vec<_>>().join("\n")
}
