//! The use cases about emails (contract, 'Email').

mod edit;

use super::CreateEmail;
use crate::Adapters;
use crate::error::OutreachError;
use crate::once::Once;
use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};
use comm_domain::outreach::{
    Deletion, Email, EmailError, EmailId, EmailStatus, Empfaenger, Kontakthindernis, Kontaktregeln,
    NewEmail,
};
use comm_domain::{Change, EmailAddress, FieldError, Mailbox, Zeitzone, field};
use comm_ports::content::Composed;
use comm_ports::outreach::{BodyColumns, EmailQuery, OutreachTx};
use comm_ports::page::Page;
use comm_ports::{KeptAnswer, Signal};
use std::ops::Range;
use std::slice;
use uuid::Uuid;

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
    /// Where days are counted.
    pub zone: Zeitzone,
    /// Where system messages go, unless a client says otherwise.
    pub notify: Option<EmailAddress>,
    /// The contact rules for what clients queue.
    pub kontaktregeln: Kontaktregeln,
}

impl EmailSettings {
    /// It never changes, so it must be one that can stand in every mail, also after the sender was
    /// corrected: ASCII, and short enough for a line.
    pub(super) fn message_id(&self, sender: &EmailAddress) -> String {
        let domains = [sender, &self.sender.address].map(EmailAddress::domain);
        let domain = domains
            .into_iter()
            .find(|domain| domain.is_ascii() && domain.len() <= MESSAGE_ID_DOMAIN_MAX_BYTES);
        format!("{}@{}", Uuid::new_v4(), domain.unwrap_or(NO_DOMAIN))
    }
}

/// An email as clients see it: with the bodies composed, legal footer included.
#[derive(Debug, Clone)]
pub struct ShownEmail {
    /// The email.
    pub email: Email,
    /// Its two parts.
    pub parts: Composed,
    /// The contact rule that its being queued now has met.
    pub kontaktwarnung: Option<Kontakthindernis>,
}

/// The use cases about emails. Cheap to clone.
#[derive(Clone)]
pub struct Emails {
    pub(super) adapters: Adapters,
    pub(super) settings: EmailSettings,
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
        let new = self.parse(request).await?;
        let emails = self.clone();
        finish(async move { emails.store(new).await }).await
    }

    async fn store(&self, new: NewEmail) -> Result<ShownEmail, OutreachError> {
        let store = &self.adapters.store;
        let change = self.birth(new, store.next_email_id().await?);
        let shown = match change.after().status {
            EmailStatus::InWarteschlange => {
                let mut tx = store.begin().await?;
                let shown = self.insert(tx.as_mut(), change).await?;
                tx.commit().await?;
                shown
            }
            // A draft is no contact: no rule, no lock.
            _ => self.show(store.insert_email(change).await?),
        };
        self.raise_for(&shown.email);
        Ok(shown)
    }

    /// Stores a new email, if the contact rules allow it.
    async fn insert(
        &self,
        tx: &mut dyn OutreachTx,
        birth: Change<Email>,
    ) -> Result<ShownEmail, OutreachError> {
        let mut pruefung = self.lock_for(tx, slice::from_ref(&birth)).await?;
        let kontaktwarnung = pruefung.check(birth.after())?;
        let email = tx.insert_email(birth).await?;
        Ok(ShownEmail {
            kontaktwarnung,
            ..self.show(email)
        })
    }

    /// Stores a new email at most once, however often the request is repeated. The key is looked at
    /// first: even a request that is wrong in itself is a conflict where its key belongs to another.
    ///
    /// # Errors
    /// The request's own error, a field that breaks a rule, a key in use, or storage.
    pub async fn create_once<E>(
        &self,
        request: Result<CreateEmail, E>,
        once: Once<ShownEmail>,
    ) -> Result<KeptAnswer, E>
    where
        E: From<OutreachError> + Send + 'static,
    {
        // Rendering takes its time, so it is done before there is a transaction.
        let new = match request {
            Ok(request) => self.parse(request).await.map_err(E::from),
            Err(error) => Err(error),
        };
        let emails = self.clone();
        finish(async move { emails.store_once(new, once).await }).await
    }

    async fn store_once<E: From<OutreachError>>(
        &self,
        new: Result<NewEmail, E>,
        once: Once<ShownEmail>,
    ) -> Result<KeptAnswer, E> {
        let mut tx = self
            .adapters
            .store
            .begin()
            .await
            .map_err(OutreachError::from)?;
        match self.store_in(tx.as_mut(), new, once).await {
            Ok((answer, Some(email))) => {
                tx.commit().await.map_err(OutreachError::from)?;
                self.raise_for(&email);
                Ok(answer)
            }
            // The key must be free before the client can repeat.
            done => {
                tx.rollback().await;
                done.map(|(answer, _)| answer)
            }
        }
    }

    /// The answer, and the email if this request stored it.
    async fn store_in<E: From<OutreachError>>(
        &self,
        tx: &mut dyn OutreachTx,
        new: Result<NewEmail, E>,
        once: Once<ShownEmail>,
    ) -> Result<(KeptAnswer, Option<Email>), E> {
        if let Some(before) = once.before(tx).await? {
            return Ok((before, None));
        }
        let new = new?;
        let stored = async {
            let id = tx.next_email_id().await?;
            let shown = self.insert(tx, self.birth(new, id)).await?;
            let email = shown.email.clone();
            let answer = once.keep(tx, shown).await?;
            Ok::<_, OutreachError>((answer, Some(email)))
        };
        Ok(stored.await?)
    }

    pub(super) fn birth(&self, new: NewEmail, id: EmailId) -> Change<Email> {
        let message_id = self.settings.message_id(&new.absender.address);
        let now = self.adapters.clock.now();
        new.create(id, message_id, now, self.settings.undo)
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

    /// One page of emails, newest first; without their bodies, these are empty.
    ///
    /// # Errors
    /// Storage.
    pub async fn list(&self, query: &EmailQuery) -> Result<Page<ShownEmail>, OutreachError> {
        let page = self.adapters.store.list_emails(query).await?;
        let shown = |email| match query.bodies {
            BodyColumns::Read => self.show(email),
            BodyColumns::LeftOut => ShownEmail {
                email,
                parts: Composed::default(),
                kontaktwarnung: None,
            },
        };
        Ok(Page {
            rows: page.rows.into_iter().map(shown).collect(),
            total: page.total,
            next: page.next,
        })
    }

    /// A day of the service's time zone.
    pub fn day(&self, date: NaiveDate) -> Range<DateTime<Utc>> {
        let zone = self.settings.zone;
        let next = date.checked_add_days(Days::new(1)).unwrap_or(date);
        zone.begin_of(date)..zone.begin_of(next)
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

    pub(super) async fn parse(&self, request: CreateEmail) -> Result<NewEmail, OutreachError> {
        let empfaenger = Empfaenger::parse(request.therapist_id, request.patient_id)?;
        let written = self.adapters.write(&request)?;
        let status = request.status.as_deref().map(parse_status).transpose()?;
        let mut new = NewEmail::draft(
            empfaenger,
            recipient(request.empfaenger_email, request.empfaenger_name)?,
            self.sender(request.absender_email, request.absender_name)?,
            &required("betreff", written.betreff)?,
            written.inhalt,
        )?
        .with_status(status.unwrap_or(EmailStatus::Entwurf))?;
        if let Some(prioritaet) = request.prioritaet {
            new = new.with_prioritaet(prioritaet)?;
        }
        new.therapeutenanfrage_id =
            field::id("therapeutenanfrage_id", request.therapeutenanfrage_id)?;
        new.senden_ab = request.senden_ab;
        new.vorlage = written.vorlage;
        let attached = self.adapters.attach(request.attachments).await?;
        Ok(new.with_anhaenge(attached)?)
    }

    pub(super) fn adapters(&self) -> &Adapters {
        &self.adapters
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

    pub(super) fn show(&self, email: Email) -> ShownEmail {
        ShownEmail {
            parts: self.adapters.content.compose(&email.inhalt),
            email,
            kontaktwarnung: None,
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
pub(super) async fn finish<T, E>(
    work: impl Future<Output = Result<T, E>> + Send + 'static,
) -> Result<T, E>
where
    T: Send + 'static,
    E: From<OutreachError> + Send + 'static,
{
    let interrupted = |_| Err(OutreachError::Interrupted.into());
    tokio::spawn(work).await.unwrap_or_else(interrupted)
}

/// A new email may name only two of the states, and there is one sentence for every other word.
fn parse_status(status: &str) -> Result<EmailStatus, EmailError> {
    EmailStatus::parse(status).map_err(|_| EmailError::InitialStatus)
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
