//! The pages as text. Whatever comes from a mail or an event goes through [`Escaped`].

use super::caught::Caught;
use crate::kafka::Message;
use serde_json::Value;
use std::fmt::{self, Display, Write};

/// Text in which nothing is markup, neither between tags nor in a quoted attribute.
struct Escaped<'a>(&'a str);

impl Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.chars().try_for_each(|c| match c {
            '&' => f.write_str("&amp;"),
            '<' => f.write_str("&lt;"),
            '>' => f.write_str("&gt;"),
            '"' => f.write_str("&quot;"),
            '\'' => f.write_str("&#39;"),
            _ => f.write_char(c),
        })
    }
}

pub(super) fn overview(mails: &[Caught], events: &[Message]) -> String {
    let body = format!(
        "<h1>Caught mails <small>{}</small></h1>{}<h1>Events <small>{}</small></h1>{}",
        mails.len(),
        mail_table(mails),
        events.len(),
        event_table(events),
    );
    document(
        "Mails and events",
        "<meta http-equiv=refresh content=2>",
        &body,
    )
}

pub(super) fn mail(mail: &Caught) -> String {
    let frame = match mail.html {
        Some(_) => format!(
            "<iframe sandbox title=\"The mail as HTML\" src=\"/mails/{}/html\"></iframe>",
            mail.id
        ),
        None => "<p class=none>This mail has no HTML part.</p>".to_owned(),
    };
    let body = format!(
        "<p><a href=\"/\">All mails and events</a></p><h1>{subject}</h1>\
         <p>From {sender} to {recipients}, {ago} s ago</p>{attachments}\
         <h2>HTML</h2>{frame}<h2>Text</h2><pre>{text}</pre>\
         <h2>Headers</h2><pre>{headers}</pre>\
         <details><summary>Source</summary><pre>{source}</pre></details>",
        subject = Escaped(&mail.subject),
        sender = Escaped(&mail.sender),
        recipients = Escaped(&mail.recipients),
        ago = mail.seconds_ago,
        attachments = attachments(&mail.attachments),
        text = Escaped(&mail.text),
        headers = Escaped(&mail.headers),
        source = Escaped(&mail.source),
    );
    document(&mail.subject, "", &body)
}

fn document(title: &str, head: &str, body: &str) -> String {
    format!(
        "<!doctype html><html lang=en><meta charset=utf-8>\
         <meta name=viewport content=\"width=device-width\">{head}\
         <link rel=stylesheet href=\"/style.css\"><title>{}</title>\
         <body>{body}</body></html>",
        Escaped(title)
    )
}

fn mail_table(mails: &[Caught]) -> String {
    if mails.is_empty() {
        return "<p class=none>No mail yet. This page looks again every two seconds.</p>"
            .to_owned();
    }
    let rows: String = mails.iter().map(mail_row).collect();
    format!("<table><tr><th>To<th>Subject<th>From<th>Received</tr>{rows}</table>")
}

fn mail_row(mail: &Caught) -> String {
    format!(
        "<tr><td>{}<td><a href=\"/mails/{}\">{}</a><td>{}<td>{} s ago</tr>",
        Escaped(&mail.recipients),
        mail.id,
        Escaped(&mail.subject),
        Escaped(&mail.sender),
        mail.seconds_ago,
    )
}

fn attachments(names: &[String]) -> String {
    if names.is_empty() {
        return String::new();
    }
    format!("<p>Attached: {}</p>", Escaped(&names.join(", ")))
}

fn event_table(events: &[Message]) -> String {
    if events.is_empty() {
        return "<p class=none>No event yet.</p>".to_owned();
    }
    let rows: String = events.iter().map(event_row).collect();
    format!("<table><tr><th>Type<th>Key<th>Time (UTC)<th>JSON</tr>{rows}</table>")
}

fn event_row(event: &Message) -> String {
    let json = event.json().unwrap_or(Value::Null);
    let field = |name| json.get(name).and_then(Value::as_str).unwrap_or("?");
    format!(
        "<tr><td>{}<td>{}<td>{}<td><pre>{}</pre></tr>",
        Escaped(field("eventType")),
        Escaped(event.key.as_deref().unwrap_or("(none)")),
        Escaped(field("timestamp")),
        Escaped(&readable(event, &json)),
    )
}

fn readable(event: &Message, json: &Value) -> String {
    if json.is_null() {
        return String::from_utf8_lossy(&event.payload).into_owned();
    }
    format!("{json:#}")
}

#[cfg(test)]
mod tests {
    use super::*;

    const ATTACK: &str = "<script>alert('1')</script>\" onload=\"x&";

    #[test]
    fn markup_in_a_value_is_text() {
        assert_eq!(
            Escaped(ATTACK).to_string(),
            "&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;&quot; onload=&quot;x&amp;"
        );
    }

    #[test]
    fn an_event_that_is_not_json_is_shown_as_it_is() {
        let row = event_row(&event(ATTACK.as_bytes()));
        assert!(row.contains("<td>?<td>&lt;script&gt;"));
        assert!(!row.contains("<script"));
    }

    #[test]
    fn an_event_shows_its_type_key_and_time() {
        let row = event_row(&event(
            br#"{"eventType": "email.sent", "timestamp": "2026-01-31T09:15:00"}"#,
        ));
        assert!(row.starts_with("<tr><td>email.sent<td>&lt;script&gt;"));
        assert!(row.contains("<td>2026-01-31T09:15:00<td>"));
    }

    fn event(payload: &[u8]) -> Message {
        Message {
            key: Some(ATTACK.to_owned()),
            payload: payload.to_vec(),
            headers: Vec::new(),
            partition: 0,
            offset: 0,
            timestamp: None,
        }
    }
}
