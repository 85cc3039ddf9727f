//! The use cases about emails (contract, 'Email').

use super::{CreateEmail, UpdateEmail, bodies};
use crate::Adapters;
use crate::error::OutreachError;
use chrono::TimeDelta;
use comm_domain::outreach::{
    Deletion, Email, EmailError, EmailId, EmailStatus, Empfaenger, Inhalt, NewEmail, Source,
};
use comm_domain::{EmailAddress, FieldError, Mailbox, field};
use comm_ports::Signal;
use comm_ports::content::Composed;
use comm_ports::outreach::EmailFilter;
use comm_ports::page::{Page, PageRequest};
use uuid::Uuid;

/// How often a `PUT` begins anew when the bodies change under it.
const EDIT_ATTEMPTS: usize = 3;
/// Longest domain in a Message-ID; a longer one is replaced.
const MESSAGE_ID_DOMAIN_MAX_BYTES: usize = 200;
/// Stands in a Message-ID where neither the sender's domain nor ours can (RFC 2606).
const NO_DOMAIN: &str = "communication-service.invalid";

/// What is decided by configuration about every email.
#[derive(Debug, Clone)]
pub struct EmailSettings {
    /// The sender where a client names none.
    pub sender: Mailbox,
    /// How long a queued email can be recalled before it is sent.
    pub undo: TimeDelta,
}

/// An email as clients see it: with the bodies composed, legal footer included.
#[derive(Debug, Clone)]
pub struct ShownEmail {
    /// The email.
    pub email: Email,
    /// Its two parts.
    pub parts: Composed,
}

/// The use cases about emails. Cheap to clone.
#[derive(Clone)]
pub struct Emails {
    adapters: Adapters,
    settings: EmailSettings,
}

impl Emails {
    pub(crate) fn new(adapters: Adapters, settings: EmailSettings) -> Self {
        Self { adapters, settings }
    }

    /// Stores a new email.
    ///
    /// # Errors
    /// A field that breaks a rule, or storage.
    pub async fn create(&self, request: CreateEmail) -> Result<ShownEmail, OutreachError> {
        let new = self.parse(request)?;
        let emails = self.clone();
        finish(async move { emails.store(new).await }).await
    }

    async fn store(&self, new: NewEmail) -> Result<ShownEmail, OutreachError> {
        let store = &self.adapters.store;
        let id = store.next_email_id().await?;
        let message_id = self.message_id(&new.absender.address);
        let now = self.adapters.clock.now();
        let change = new.create(id, message_id, now, self.settings.undo);
        let email = store.insert_email(change).await?;
        self.raise_for(&email);
        Ok(self.show(email))
    }

    /// It never changes, so it must be one that can stand in every mail, also after the sender was
    /// corrected: ASCII, and short enough for a line.
    fn message_id(&self, sender: &EmailAddress) -> String {
        let domains = [sender, &self.settings.sender.address].map(EmailAddress::domain);
        let domain = domains
            .into_iter()
            .find(|domain| domain.is_ascii() && domain.len() <= MESSAGE_ID_DOMAIN_MAX_BYTES);
        format!("{}@{}", Uuid::new_v4(), domain.unwrap_or(NO_DOMAIN))
    }

    /// One email.
    ///
    /// # Errors
    /// Unknown or deleted, or storage.
    pub async fn get(&self, id: EmailId) -> Result<ShownEmail, OutreachError> {
        let email = self.adapters.store.email(id).await?;
        email
            .map(|email| self.show(email))
            .ok_or(OutreachError::EmailNotFound)
    }

    /// One page of emails, newest first.
    ///
    /// # Errors
    /// Storage.
    pub async fn list(
        &self,
        filter: &EmailFilter,
        page: &PageRequest,
    ) -> Result<Page<ShownEmail>, OutreachError> {
        let page = self.adapters.store.list_emails(filter, page).await?;
        Ok(Page {
            rows: page
                .rows
                .into_iter()
                .map(|email| self.show(email))
                .collect(),
            total: page.total,
            next: page.next,
        })
    }

    /// Changes an email, all or nothing.
    ///
    /// # Errors
    /// Unknown or deleted, a field that breaks a rule, a change that this state forbids, or storage.
    pub async fn update(
        &self,
        id: EmailId,
        request: UpdateEmail,
    ) -> Result<ShownEmail, OutreachError> {
        let emails = self.clone();
        finish(async move { emails.edit(id, request).await }).await
    }

    /// Renders outside the transaction, and begins anew if the bodies have changed meanwhile.
    async fn edit(&self, id: EmailId, request: UpdateEmail) -> Result<ShownEmail, OutreachError> {
        let Adapters { store, content, .. } = &self.adapters;
        for _ in 0..EDIT_ATTEMPTS {
            let seen = store.email(id).await?.ok_or(OutreachError::EmailNotFound)?;
            let mut patch = request.patch.clone();
            patch.inhalt = bodies::changed(request.bodies.clone(), &seen.inhalt, content.as_ref())?;
            patch.inhalt.as_ref().map(not_empty).transpose()?;
            let mut tx = store.begin().await?;
            let email = tx
                .lock_email(id)
                .await?
                .ok_or(OutreachError::EmailNotFound)?;
            if email.inhalt != seen.inhalt {
                continue;
            }
            let change = email.apply(patch, self.adapters.clock.now(), self.settings.undo)?;
            let email = tx.save_email(change).await?;
            tx.commit().await?;
            self.raise_for(&email);
            return Ok(self.show(email));
        }
        Err(OutreachError::Contended)
    }

    /// Deletes an email: removes one that never left, hides every other.
    ///
    /// # Errors
    /// Unknown or deleted, under way, or storage.
    pub async fn delete(&self, id: EmailId) -> Result<(), OutreachError> {
        let emails = self.clone();
        finish(async move { emails.remove(id).await }).await
    }

    async fn remove(&self, id: EmailId) -> Result<(), OutreachError> {
        let mut tx = self.adapters.store.begin().await?;
        let email = tx
            .lock_email(id)
            .await?
            .ok_or(OutreachError::EmailNotFound)?;
        match email.delete(self.adapters.clock.now())? {
            Deletion::Remove(change) => tx.remove_email(change).await?,
            Deletion::Hide(change) => tx.save_email(change).await.map(drop)?,
        }
        tx.commit().await?;
        self.adapters.signals.raise(Signal::Outbox);
        Ok(())
    }

    fn parse(&self, request: CreateEmail) -> Result<NewEmail, EmailError> {
        let empfaenger = Empfaenger::parse(request.therapist_id, request.patient_id)?;
        let bodies = request.bodies;
        let source = Source::parse(bodies.markdown, bodies.html, bodies.text)?
            .ok_or(EmailError::InhaltMissing)?;
        let inhalt = Inhalt {
            legal_footer: request.add_legal_footer.unwrap_or(true),
            ..self.adapters.content.render(&source)
        };
        not_empty(&inhalt)?;
        let status = request.status.as_deref().map(parse_status).transpose()?;
        let mut new = NewEmail::draft(
            empfaenger,
            recipient(request.empfaenger_email, request.empfaenger_name)?,
            self.sender(request.absender_email, request.absender_name)?,
            &required("betreff", request.betreff)?,
            inhalt,
        )?
        .with_status(status.unwrap_or(EmailStatus::Entwurf))?;
        if let Some(prioritaet) = request.prioritaet {
            new = new.with_prioritaet(prioritaet)?;
        }
        new.therapeutenanfrage_id =
            field::id("therapeutenanfrage_id", request.therapeutenanfrage_id)?;
        new.senden_ab = request.senden_ab;
        Ok(new)
    }

    fn sender(&self, address: Option<String>, name: Option<String>) -> Result<Mailbox, FieldError> {
        let default = &self.settings.sender;
        let address = match address {
            Some(address) => EmailAddress::parse("absender_email", &address)?,
            None => default.address.clone(),
        };
        Mailbox::parse(
            address,
            "absender_name",
            name.as_deref().unwrap_or(default.name()),
        )
    }

    fn show(&self, email: Email) -> ShownEmail {
        ShownEmail {
            parts: self.adapters.content.compose(&email.inhalt),
            email,
        }
    }

    fn raise_for(&self, email: &Email) {
        self.adapters.signals.raise(Signal::Outbox);
        if email.status == EmailStatus::InWarteschlange {
            self.adapters.signals.raise(Signal::Queue);
        }
    }
}

/// Runs to its end even if the client hangs up meanwhile: actix drops a handler's future then.
async fn finish<T: Send + 'static>(
    work: impl Future<Output = Result<T, OutreachError>> + Send + 'static,
) -> Result<T, OutreachError> {
    tokio::spawn(work)
        .await
        .unwrap_or(Err(OutreachError::Interrupted))
}

/// A new email may name only two of the states, and there is one sentence for every other word.
fn parse_status(status: &str) -> Result<EmailStatus, EmailError> {
    EmailStatus::parse(status).map_err(|_| EmailError::InitialStatus)
}

/// What is nothing but a script or our own footer is no body.
fn not_empty(inhalt: &Inhalt) -> Result<(), EmailError> {
    match inhalt.is_empty() {
        true => Err(EmailError::InhaltMissing),
        false => Ok(()),
    }
}

fn recipient(address: Option<String>, name: Option<String>) -> Result<Mailbox, FieldError> {
    let address = required("empfaenger_email", address)?;
    let name = required("empfaenger_name", name)?;
    Mailbox::parse(
        EmailAddress::parse("empfaenger_email", &address)?,
        "empfaenger_name",
        &name,
    )
}

fn required(field: &'static str, value: Option<String>) -> Result<String, FieldError> {
    value.ok_or_else(|| FieldError::invalid(field, "is required"))
}
