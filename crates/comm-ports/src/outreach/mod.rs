//! Storage of the outreach half.

mod berichte;
mod duty;
mod filter;
mod kalender;
mod kontakt;
mod kontaktberichte;
mod monitor;
mod telefonanruf;

#[cfg(feature = "testing")]
pub use berichte::MockAnrufberichte;
pub use berichte::{
    Anrufberichte, Anrufstatistik, Anrufzahlen, ErgebnisAnzahl, FRUEHERE_MAX, FruehererVersuch,
    Tagesanruf, VerfolgteEmail,
};
#[cfg(feature = "testing")]
pub use duty::MockContactDuties;
pub use duty::{ContactDuties, Kontaktmeldung, Meldung};
pub use filter::{BodyColumns, Counting, EmailFilter, EmailQuery, Suchworte};
#[cfg(feature = "testing")]
pub use kalender::MockKalenderfeeds;
pub use kalender::{
    Kalenderanruf, Kalenderausschnitt, Kalenderfeed, Kalenderfeeds, Kalenderstand,
    NeuerKalenderfeed, TokenHash,
};
#[cfg(feature = "testing")]
pub use kontakt::MockNachverfolgungStore;
pub use kontakt::{
    Anruflage, Kontaktdaten, Nachverfolgung, NachverfolgungStore, Sperre, VerfolgbareEmail,
};
#[cfg(feature = "testing")]
pub use kontaktberichte::MockKontaktberichte;
pub use kontaktberichte::{
    Anstehendes, Einzelkontakt, Kontaktberichte, Kontaktereignis, Merkmale, Therapeutenlage,
};
#[cfg(feature = "testing")]
pub use monitor::MockQueueMonitor;
pub use monitor::{
    Attempts, Batch, LAST_ATTEMPTS, LastError, QueueCounts, QueueFigures, QueueMonitor,
};
#[cfg(feature = "testing")]
pub use telefonanruf::MockTelefonanrufStore;
pub use telefonanruf::{
    Ablage, BelegterPlatz, Belegung, OVERLAP_CONSTRAINTS, PLATZ_CONSTRAINT, TelefonanrufFilter,
    TelefonanrufQuery, TelefonanrufStore,
};

use crate::consumed::ConsumedEvent;
use crate::error::StoreError;
use crate::idempotency::{KeptAnswer, KeyState, RequestKey};
use crate::page::Page;
use async_trait::async_trait;
use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use comm_domain::Change;
use comm_domain::outreach::{
    Anrufwunsch, Email, EmailId, EmailStatus, Empfaenger, LetzterKontakt, Telefonanruf,
    TelefonanrufId,
};
use std::ops::RangeInclusive;
use std::time::Duration;
use uuid::Uuid;

/// What came of an email that was claimed, judged by what it was then.
#[derive(Debug, Clone)]
pub struct Verdict {
    /// The token of the claim.
    pub sperre: Uuid,
    /// `updated_at` at the claim.
    pub seen: DateTime<Utc>,
    /// The outcome.
    pub change: Change<Email>,
    /// What the Patient Service has to be told of it.
    pub contact: Option<LetzterKontakt>,
}

/// A wish for emails to send.
#[derive(Debug, Clone, Copy)]
pub struct Claim {
    /// The token that is to hold them.
    pub sperre: Uuid,
    /// How long it holds them unless it is renewed.
    pub lease: Duration,
    /// How many at most.
    pub limit: usize,
}

/// What a turn of the queue has done.
#[derive(Debug, Clone, Default)]
pub struct Turn {
    /// Whose outcomes were stored.
    pub saved: Vec<EmailId>,
    /// What is to be sent now.
    pub claimed: Vec<Email>,
}

/// Reads, and changes of one row that need no transaction around them.
#[cfg_attr(feature = "testing", mockall::automock)]
#[async_trait]
pub trait OutreachStore: Send + Sync {
    /// Begins a transaction. It is rolled back unless it is committed.
    async fn begin(&self) -> Result<Box<dyn OutreachTx>, StoreError>;

    /// Reserves the id of an email that is about to be created.
    async fn next_email_id(&self) -> Result<EmailId, StoreError>;

    /// Stores a new email with its attachments and events in one statement.
    async fn insert_email(&self, change: Change<Email>) -> Result<Email, StoreError>;

    /// One email that is not deleted.
    async fn email(&self, id: EmailId) -> Result<Option<Email>, StoreError>;

    /// The content that is stored with an email under this number, deleted emails included.
    async fn attachment(&self, id: EmailId, number: i32) -> Result<Option<Vec<u8>>, StoreError>;

    /// One page, newest first.
    async fn list_emails(&self, query: &EmailQuery) -> Result<Page<Email>, StoreError>;

    /// One turn of the queue in one transaction. Stores outcomes of different emails with their events and
    /// contacts, but only of those that are still under way with that token and that nobody has changed
    /// since they were claimed. Then gives due emails to the claim: the one with the lowest priority number
    /// first, then the one that has been due longest. They become `Wird_gesendet`.
    async fn turn(&self, verdicts: &[Verdict], claim: Claim) -> Result<Turn, StoreError>;

    /// How long until the earliest waiting email is due, by the database's clock; zero if one is due
    /// already, `None` if none waits.
    async fn next_due(&self) -> Result<Option<Duration>, StoreError>;

    /// Extends the leases that these tokens hold to `lease` from now; answers which emails they hold.
    async fn renew(
        &self,
        sperren: &[Uuid],
        lease: Duration,
    ) -> Result<Vec<(EmailId, Uuid)>, StoreError>;

    /// Puts back what was claimed with these tokens by turns of which no answer came: it was never sent.
    /// Says how many.
    async fn release(&self, sperren: &[Uuid]) -> Result<usize, StoreError>;

    /// Forgets at most `limit` keys of requests that are older than 24 hours; says how many.
    async fn purge_keys(&self, limit: i64) -> Result<usize, StoreError>;

    /// If a word has come to stand in so many emails, sees to it that `q` finds it beside other such words as
    /// soon as a rare one; says whether there was one. Meanwhile nobody writes emails, for a second or so.
    async fn take_up_frequent_word(&self, emails: i64) -> Result<bool, StoreError>;

    /// Whether the database answers and has every migration.
    async fn ready(&self) -> Result<bool, StoreError>;
}

/// One transaction. Lock order: key, contact state, seats, email or call, outbox, duties; several of a kind by
/// ascending id.
#[cfg_attr(feature = "testing", mockall::automock)]
#[async_trait]
pub trait OutreachTx: Send {
    /// Says what is known of a key, and takes it for this transaction if nothing is.
    async fn claim_key(&mut self, key: &RequestKey) -> Result<KeyState, StoreError>;

    /// Keeps the answer that a request with this key gets for 24 hours.
    async fn keep_answer(
        &mut self,
        key: &RequestKey,
        answer: &KeptAnswer,
    ) -> Result<(), StoreError>;

    /// Reserves the id of an email that is about to be created, on this transaction's connection.
    async fn next_email_id(&mut self) -> Result<EmailId, StoreError>;

    /// Reserves as many ids at once, in ascending order.
    async fn next_email_ids(&mut self, count: usize) -> Result<Vec<EmailId>, StoreError>;

    /// Stores a new email with its attachments and events.
    async fn insert_email(&mut self, change: Change<Email>) -> Result<Email, StoreError>;

    /// Stores many new emails with their events.
    async fn insert_emails(&mut self, changes: &[Change<Email>]) -> Result<(), StoreError>;

    /// Locks one email that is not deleted.
    async fn lock_email(&mut self, id: EmailId) -> Result<Option<Email>, StoreError>;

    /// Stores a changed email with its attachments and events, and gives its lease up unless it is in doubt.
    async fn save_email(&mut self, change: Change<Email>) -> Result<Email, StoreError>;

    /// Removes an email and stores its events.
    async fn remove_email(&mut self, change: Change<Email>) -> Result<(), StoreError>;

    /// Locks those emails that the token beside each still holds, by ascending id.
    async fn lock_held(&mut self, held: &[(EmailId, Uuid)]) -> Result<Vec<Email>, StoreError>;

    /// Locks one email under way whose lease has run out, and is not one of these.
    async fn lock_expired(&mut self, except: &[EmailId]) -> Result<Option<Email>, StoreError>;

    /// Locks those emails in doubt that were claimed with one of these tokens, by ascending id.
    async fn lock_doubted(&mut self, sperren: &[Uuid]) -> Result<Vec<Email>, StoreError>;

    /// Makes one waiting email due now and puts it ahead of the queue, though never before `senden_ab`.
    /// Answers the state it is in, and `None` if there is no such email.
    async fn expedite(&mut self, id: EmailId) -> Result<Option<EmailStatus>, StoreError>;

    /// Writes down what the Patient Service has to be told, due after `wait`; one contact per patient. An
    /// earlier day than the one that is written already changes nothing.
    async fn owe_contacts(
        &mut self,
        contacts: &[LetzterKontakt],
        wait: Duration,
    ) -> Result<(), StoreError>;

    /// Locks the contact state of a person. Whatever books, moves or queues a contact does so first.
    async fn lock_kontaktstand(&mut self, person: Empfaenger) -> Result<(), StoreError>;

    /// Locks those of several people, whoever they are, in the one order in which everybody does.
    async fn lock_kontaktstaende(&mut self, people: &[Empfaenger]) -> Result<(), StoreError>;

    /// What the contact rules go by, of each of these therapists; one email may be left out of account.
    async fn kontaktdaten(
        &mut self,
        therapist_ids: &[i64],
        except: Option<EmailId>,
    ) -> Result<Vec<(i64, Kontaktdaten)>, StoreError>;

    /// That a therapist was blocked by hand, perhaps until a day that is over.
    async fn sperre(&mut self, therapist_id: i64) -> Result<Option<Sperre>, StoreError>;

    /// Blocks a therapist by hand, or lifts that.
    async fn save_sperre(
        &mut self,
        therapist_id: i64,
        sperre: Option<Sperre>,
    ) -> Result<(), StoreError>;

    /// What is known of a person from day `ab` on: to be asked under the lock on the contact state.
    async fn belegung(&mut self, person: Empfaenger, ab: NaiveDate)
    -> Result<Belegung, StoreError>;

    /// The same of several therapists.
    async fn belegungen(
        &mut self,
        therapist_ids: &[i64],
        ab: NaiveDate,
    ) -> Result<Vec<(i64, Belegung)>, StoreError>;

    /// The calls of several therapists, as far as follow-ups go by them; `now` is wall clock.
    async fn anruflagen(
        &mut self,
        therapist_ids: &[i64],
        now: NaiveDateTime,
    ) -> Result<Vec<(i64, Anruflage)>, StoreError>;

    /// Those of these sent emails whose follow-up was not decided for good.
    async fn unentschiedene(
        &mut self,
        emails: &[EmailId],
    ) -> Result<Vec<VerfolgbareEmail>, StoreError>;

    /// Stores decisions, one an email: what was decided for good stays, anything else is replaced.
    async fn save_nachverfolgungen(
        &mut self,
        decisions: &[Nachverfolgung],
    ) -> Result<(), StoreError>;

    /// The calls that are not over and not deleted and follow up this email, by ascending id.
    async fn anrufe_zu(&mut self, email: EmailId) -> Result<Vec<TelefonanrufId>, StoreError>;

    /// Locks the seats of the staff, and answers which are taken on these days.
    async fn lock_plaetze(
        &mut self,
        tage: RangeInclusive<NaiveDate>,
    ) -> Result<Vec<BelegterPlatz>, StoreError>;

    /// Reserves the id of a call that is about to be created.
    async fn next_telefonanruf_id(&mut self) -> Result<TelefonanrufId, StoreError>;

    /// Stores a new call with its events. A slot that is taken is a conflict with one of
    /// [`OVERLAP_CONSTRAINTS`] or [`PLATZ_CONSTRAINT`].
    async fn insert_telefonanruf(
        &mut self,
        change: Change<Telefonanruf>,
        ablage: Ablage,
    ) -> Result<Telefonanruf, StoreError>;

    /// Locks one call that is not deleted, with what is stored beside it. Its person's contact state is locked
    /// before.
    async fn lock_telefonanruf(
        &mut self,
        id: TelefonanrufId,
    ) -> Result<Option<(Telefonanruf, Ablage)>, StoreError>;

    /// Stores a changed call with its events.
    async fn save_telefonanruf(
        &mut self,
        change: Change<Telefonanruf>,
        ablage: Ablage,
    ) -> Result<Telefonanruf, StoreError>;

    /// Hides a deleted call that no rule has to know of, so that calendars show its end, and stores its events.
    /// It is removed after a while.
    async fn remove_telefonanruf(&mut self, change: Change<Telefonanruf>)
    -> Result<(), StoreError>;

    /// Which of these emails were answered, or had their follow-up switched off.
    async fn erledigte(&mut self, emails: &[EmailId]) -> Result<Vec<EmailId>, StoreError>;

    /// The call that retries this one, deleted or not.
    async fn nachfolger(
        &mut self,
        id: TelefonanrufId,
    ) -> Result<Option<TelefonanrufId>, StoreError>;

    /// Makes a calendar feed.
    async fn insert_kalenderfeed(
        &mut self,
        feed: NeuerKalenderfeed,
    ) -> Result<Kalenderfeed, StoreError>;

    /// Remembers a consumed event, so that a repeat does nothing. Answers whether it is the first time; a
    /// transaction that remembers the same event at the same moment is waited for.
    async fn remember(&mut self, event: &ConsumedEvent) -> Result<bool, StoreError>;

    /// Records the wish for a call that an event carried, made at `angefragt_am` if that is known. Answers
    /// its id.
    async fn insert_anrufwunsch(
        &mut self,
        wunsch: &Anrufwunsch,
        event: &ConsumedEvent,
        angefragt_am: Option<DateTime<Utc>>,
    ) -> Result<i64, StoreError>;

    /// Commits. Refuses after a failed statement, since PostgreSQL has rolled back by then.
    async fn commit(self: Box<Self>) -> Result<(), StoreError>;

    /// Gives everything up. Dropping does so too, but a moment later: whoever asks next may still find
    /// what this transaction had locked.
    async fn rollback(self: Box<Self>);
}
