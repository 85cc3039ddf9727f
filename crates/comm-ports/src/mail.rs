//! Handing one mail to a server.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use comm_domain::Mailbox;
use comm_domain::outreach::Outcome;
use std::sync::Arc;

/// One mail to one recipient, ready to be put into MIME.
#[derive(Debug, Clone)]
pub struct OutgoingMail {
    /// Without angle brackets; the same in every attempt.
    pub message_id: String,
    /// The `Date` header.
    pub date: DateTime<Utc>,
    /// `From`, and the envelope's sender.
    pub from: Mailbox,
    /// `To`, and the envelope's only recipient.
    pub to: Mailbox,
    /// `Subject`.
    pub subject: String,
    /// The HTML part.
    pub html: String,
    /// The plain text part.
    pub text: String,
    /// The files that go along, in their order.
    pub attachments: Vec<OutgoingAttachment>,
    /// Who began it.
    pub origin: Origin,
}

/// A file that goes along with a mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutgoingAttachment {
    /// Its name, which may be of any script.
    pub filename: String,
    /// Its media type.
    pub content_type: String,
    /// Its bytes.
    pub content: Vec<u8>,
}

/// Who began a mail, which `Auto-Submitted` tells other programs (RFC 3834), so that none of them answers
/// a program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// A person, or a program at a person's request: no such header.
    Person,
    /// This service by itself: `auto-generated`.
    Service,
}

/// Whether a mail still belongs to whoever sends it.
pub type IsOurs = Arc<dyn Fn() -> bool + Send + Sync>;

/// Delivers mails to one SMTP server.
#[cfg_attr(feature = "testing", mockall::automock)]
#[async_trait]
pub trait MailTransport: Send + Sync {
    /// Tries once to deliver. It does not fail: every way in which it can end is an [`Outcome`]. It takes the
    /// mail, so that attachments are not kept in memory beside their encoded form.
    async fn send(&self, mail: OutgoingMail) -> Outcome {
        self.send_while(mail, Arc::new(|| true)).await
    }

    /// The same, but when the server has said 354, `is_ours` is asked once more before the message goes:
    /// a mail that has been given to somebody else meanwhile ends as called off.
    async fn send_while(&self, mail: OutgoingMail, is_ours: IsOurs) -> Outcome;

    /// How many mails may be under way at a time.
    fn connections(&self) -> usize;

    /// Tells every send under way, and every later one, to end at once: what has not reached 354 ends
    /// as called off, what has as in doubt.
    fn interrupt(&self);
}
