//! Notifications to the people who run the service: sent at once and not stored (contract, `POST
//! /api/system-messages`).

use super::EmailSettings;
use super::emails::finish;
use crate::Adapters;
use crate::error::OutreachError;
use comm_domain::outreach::{Fehler, Fehlerart, Fehlergrund, Inhalt, Outcome, Source};
use comm_domain::{EmailAddress, FieldError, Mailbox, field};
use comm_ports::{Origin, OutgoingMail};
use std::time::Duration;
use thiserror::Error;
use tokio::time::timeout;
use tracing::{info, warn};

/// For how long a client waits for a mail server. The dialogue may go on for longer, up to its own time limits.
const PATIENCE: Duration = Duration::from_secs(30);

/// A notification as a client asks for it.
#[derive(Debug, Clone, Default)]
pub struct SystemMessage {
    /// `subject`.
    pub subject: Option<String>,
    /// `message`.
    pub message: Option<String>,
    /// `sender_name`; from the configuration where it is left out.
    pub sender_name: Option<String>,
    /// `recipient_email`; from the configuration where it is left out.
    pub recipient_email: Option<String>,
    /// `recipient_name`; the address where it is left out.
    pub recipient_name: Option<String>,
    /// `process_markdown`: whether `message` is markdown and not plain text.
    pub process_markdown: bool,
    /// `add_legal_footer`.
    pub add_legal_footer: bool,
}

/// Why a notification was not sent, or perhaps was.
#[derive(Debug, Error)]
pub enum SystemMessageError {
    /// There is no subject.
    #[error("Subject is required")]
    NoSubject,
    /// There is no text.
    #[error("Message is required")]
    NoMessage,
    /// Neither the client nor the configuration says to whom.
    #[error("recipient_email is required, since SYSTEM_NOTIFICATION_EMAIL is not set")]
    NoRecipient,
    /// A field breaks a rule.
    #[error(transparent)]
    Field(#[from] FieldError),
    /// It was not delivered.
    #[error("The system message was not sent: {0}")]
    Refused(String),
    /// Nobody knows whether it was delivered.
    #[error("It is not known whether the system message was sent; it is not sent again by itself")]
    Unknown,
    /// The service is stopping.
    #[error("The system message was not sent, since the service is stopping")]
    Stopping,
}

/// The dialogue was cut off.
impl From<OutreachError> for SystemMessageError {
    fn from(_: OutreachError) -> Self {
        Self::Unknown
    }
}

/// The use case. Cheap to clone.
#[derive(Clone)]
pub struct SystemMessages {
    adapters: Adapters,
    settings: EmailSettings,
}

impl SystemMessages {
    pub(crate) fn new(adapters: Adapters, settings: EmailSettings) -> Self {
        Self { adapters, settings }
    }

    /// Sends it once, and answers to whom. A client that hangs up does not interrupt the dialogue.
    ///
    /// # Errors
    /// See [`SystemMessageError`].
    pub async fn send(&self, message: SystemMessage) -> Result<String, SystemMessageError> {
        let mail = self.compose(message)?;
        let recipient = mail.to.address.as_str().to_owned();
        let adapters = self.adapters.clone();
        let dialogue = finish(async move { Ok(adapters.mail.send(mail).await) });
        let outcome: Result<Outcome, SystemMessageError> = timeout(PATIENCE, dialogue)
            .await
            .unwrap_or(Err(SystemMessageError::Unknown));
        let sent = outcome.and_then(judge);
        match &sent {
            Ok(()) => info!("A system message was sent"),
            Err(error) => warn!(error = %error, "A system message was not sent"),
        }
        sent.map(|()| recipient)
    }

    fn compose(&self, message: SystemMessage) -> Result<OutgoingMail, SystemMessageError> {
        let given = |text: Option<String>| text.filter(|text| !text.trim().is_empty());
        let subject = given(message.subject).ok_or(SystemMessageError::NoSubject)?;
        let text = given(message.message).ok_or(SystemMessageError::NoMessage)?;
        let subject = field::line("subject", subject)?;
        let text = field::text("message", text)?;
        let to = self.recipient(
            given(message.recipient_email),
            given(message.recipient_name),
        )?;
        let sender = &self.settings.sender;
        let sender_name = given(message.sender_name);
        let sender_name = sender_name.as_deref().unwrap_or(sender.name());
        let from = Mailbox::parse(sender.address.clone(), "sender_name", sender_name)?;
        let source = match message.process_markdown {
            true => Source::Markdown(text),
            false => Source::Text(text),
        };
        let content = &self.adapters.content;
        let parts = content.build(&Inhalt {
            legal_footer: message.add_legal_footer,
            ..content.render(&source)
        });
        Ok(OutgoingMail {
            message_id: self.settings.message_id(&from.address),
            date: self.adapters.clock.now(),
            from,
            to,
            subject,
            html: parts.html,
            text: parts.text,
            attachments: Vec::new(),
            origin: Origin::Service,
        })
    }

    fn recipient(
        &self,
        address: Option<String>,
        name: Option<String>,
    ) -> Result<Mailbox, SystemMessageError> {
        let address = match address {
            Some(address) => EmailAddress::parse("recipient_email", &address)?,
            None => {
                let configured = self.settings.notify.clone();
                configured.ok_or(SystemMessageError::NoRecipient)?
            }
        };
        let name = name.unwrap_or_else(|| address.as_str().to_owned());
        Ok(Mailbox::parse(address, "recipient_name", &name)?)
    }
}

fn judge(outcome: Outcome) -> Result<(), SystemMessageError> {
    match outcome {
        Outcome::Accepted => Ok(()),
        Outcome::CalledOff => Err(SystemMessageError::Stopping),
        Outcome::Failed(fehler) if fehler.art == Fehlerart::AusgangUnklar => {
            Err(SystemMessageError::Unknown)
        }
        Outcome::Failed(fehler) => Err(SystemMessageError::Refused(reason(&fehler))),
    }
}

/// Without the server's words, which may name people.
fn reason(fehler: &Fehler) -> String {
    let what = match fehler.grund {
        Fehlergrund::NichtErreichbar => "the mail server could not be reached",
        Fehlergrund::Zugang => "the mail server did not let the service in",
        Fehlergrund::Absender => "the mail server refused the sender",
        Fehlergrund::Adresse => "the mail server refused recipient_email",
        Fehlergrund::Nachricht => "the mail server refused the message",
        Fehlergrund::NichtDarstellbar
        | Fehlergrund::AnhangFehlt
        | Fehlergrund::AnhangZuGross
        | Fehlergrund::AnhangUnlesbar => "no valid mail can be made of it",
        Fehlergrund::AntwortFehlt | Fehlergrund::Abgebrochen => "the dialogue was interrupted",
    };
    match &fehler.enhanced_code {
        Some(code) => format!("{what} ({code})"),
        None => what.to_owned(),
    }
}
