//! From an outgoing mail to the bytes that follow DATA. All of it is 7-bit: bodies are quoted-printable,
//! names and subjects are encoded words (RFC 2047), domains are A-labels.

use crate::dkim::Signer;
use crate::stage::Stage;
use comm_domain::EmailAddress;
use comm_ports::{Origin, OutgoingAttachment, OutgoingMail};
use lettre::Address;
use lettre::message::header::{
    ContentDisposition, ContentTransferEncoding, ContentType, HeaderName, HeaderValue,
};
use lettre::message::{Body, Mailbox, MultiPart, SinglePart};
use std::ops::Range;
use std::time::SystemTime;
use thiserror::Error;

/// `=_` cannot occur in quoted-printable text, so that this never ends a part too early (RFC 2045 6.7).
const BOUNDARY: &str = "=_communication-service";
/// The same around the attachments. Neither begins like the other, so that none is taken for the other.
const OUTER_BOUNDARY: &str = "=_mixed_communication-service";
/// What a `Date` header can express, in seconds since 1970: lettre panics beyond the years 1970 to 9999.
const DATES: Range<i64> = 0..253_402_300_800;
/// Longest Message-ID in bytes, far below the 998 of a line (RFC 5322 2.1.1).
const MESSAGE_ID_MAX_BYTES: usize = 250;

/// A mail that can be handed over.
#[derive(Debug)]
pub(crate) struct Message {
    pub(crate) from: Address,
    pub(crate) to: Address,
    pub(crate) bytes: Vec<u8>,
}

/// No valid message can be made of the mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("the {0} cannot stand in a mail")]
pub(crate) struct Unbuildable(pub(crate) &'static str);

impl Message {
    /// The signature comes last, over everything that is sent.
    pub(crate) fn build(
        mut mail: OutgoingMail,
        signer: Option<&Signer>,
    ) -> Result<Self, Unbuildable> {
        let attachments = std::mem::take(&mut mail.attachments);
        let from = address(&mail.from.address).ok_or(Unbuildable("sender"))?;
        let to = address(&mail.to.address).ok_or(Unbuildable("recipient"))?;
        let mut message = lettre::Message::builder()
            .message_id(Some(message_id(&mail.message_id)?))
            .date(date(&mail)?)
            .from(mailbox(&mail.from, &from))
            .to(mailbox(&mail.to, &to))
            .subject(subject(&mail.subject)?)
            .multipart(content(&mail, attachments)?)
            .map_err(|_| Unbuildable("content"))?;
        if mail.origin == Origin::Service {
            message.headers_mut().insert_raw(auto_submitted());
        }
        if let Some(signer) = signer {
            signer.sign(&mut message);
        }
        let bytes = message.formatted();
        Ok(Self { from, to, bytes })
    }

    /// The first command whose address is not ASCII (RFC 6531).
    pub(crate) fn needs_smtp_utf8(&self) -> Option<Stage> {
        [(Stage::Mail, &self.from), (Stage::Rcpt, &self.to)]
            .into_iter()
            .find(|(_, address)| !AsRef::<str>::as_ref(*address).is_ascii())
            .map(|(stage, _)| stage)
    }
}

/// Keeps out-of-office programs from answering a program (RFC 3834 5.1).
fn auto_submitted() -> HeaderValue {
    let name = HeaderName::new_from_ascii_str("Auto-Submitted");
    HeaderValue::new(name, "auto-generated".to_owned())
}

fn content(
    mail: &OutgoingMail,
    attachments: Vec<OutgoingAttachment>,
) -> Result<MultiPart, Unbuildable> {
    let alternatives = alternatives(mail)?;
    if attachments.is_empty() {
        return Ok(alternatives);
    }
    let mut mixed = MultiPart::mixed()
        .boundary(OUTER_BOUNDARY)
        .multipart(alternatives);
    for attachment in attachments {
        mixed = mixed.singlepart(file(attachment)?);
    }
    Ok(mixed)
}

/// The name is written as RFC 2231 has it, as several pieces where it is long.
fn file(attachment: OutgoingAttachment) -> Result<SinglePart, Unbuildable> {
    let content_type = ContentType::parse(&attachment.content_type)
        .map_err(|_| Unbuildable("type of an attachment"))?;
    let body = Body::new_with_encoding(attachment.content, ContentTransferEncoding::Base64)
        .map_err(|_| Unbuildable("attachment"))?;
    Ok(SinglePart::builder()
        .header(ContentDisposition::attachment(&attachment.filename))
        .header(content_type)
        .body(body))
}

fn alternatives(mail: &OutgoingMail) -> Result<MultiPart, Unbuildable> {
    Ok(MultiPart::alternative()
        .boundary(BOUNDARY)
        .singlepart(part(ContentType::TEXT_PLAIN, &mail.text)?)
        .singlepart(part(ContentType::TEXT_HTML, &mail.html)?))
}

fn part(content_type: ContentType, text: &str) -> Result<SinglePart, Unbuildable> {
    let body = Body::new_with_encoding(with_crlf(text), ContentTransferEncoding::QuotedPrintable)
        .map_err(|_| Unbuildable("content"))?;
    Ok(SinglePart::builder().header(content_type).body(body))
}

/// Line ends as mails have them. lettre would do this too, but in quadratic time.
fn with_crlf(text: &str) -> String {
    let mut lines = String::with_capacity(text.len() + text.len() / 16);
    let mut pieces = text.split('\n').peekable();
    while let Some(piece) = pieces.next() {
        let is_last = pieces.peek().is_none();
        lines.push_str(if is_last {
            piece
        } else {
            piece.strip_suffix('\r').unwrap_or(piece)
        });
        if !is_last {
            lines.push_str("\r\n");
        }
    }
    lines
}

/// A domain with umlauts is written as DNS has it, which every server understands (RFC 5891).
fn address(address: &EmailAddress) -> Option<Address> {
    let (local, domain) = address.as_str().rsplit_once('@')?;
    let domain = match domain.is_ascii() {
        true => domain.to_owned(),
        false => idna::domain_to_ascii(domain).ok()?,
    };
    Address::new(local, domain).ok()
}

fn mailbox(mailbox: &comm_domain::Mailbox, address: &Address) -> Mailbox {
    Mailbox::new(Some(mailbox.name().to_owned()), address.clone())
}

fn message_id(id: &str) -> Result<String, Unbuildable> {
    let is_plain = id
        .chars()
        .all(|c| c.is_ascii_graphic() && !matches!(c, '<' | '>'));
    match is_plain && id.contains('@') && id.len() <= MESSAGE_ID_MAX_BYTES {
        true => Ok(format!("<{id}>")),
        false => Err(Unbuildable("Message-ID")),
    }
}

fn subject(subject: &str) -> Result<&str, Unbuildable> {
    match subject.chars().any(char::is_control) {
        true => Err(Unbuildable("subject")),
        false => Ok(subject),
    }
}

fn date(mail: &OutgoingMail) -> Result<SystemTime, Unbuildable> {
    match DATES.contains(&mail.date.timestamp()) {
        true => Ok(SystemTime::from(mail.date)),
        false => Err(Unbuildable("date")),
    }
}

#[cfg(test)]
mod tests;
