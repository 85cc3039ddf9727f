//! The steps of a transaction, each a statement or two.

use super::{Manager, PgTx, roll_back};
use crate::consumed;
use crate::error::from_diesel;
use crate::outreach::email_row::EmailRow;
use crate::outreach::{
    anrufwunsch, duties, email_insert, email_list, email_queue, email_write, kalender, keys,
    kontaktstand, nachverfolgung, plaetze, telefonanruf_list, telefonanruf_write,
};
use crate::schema::emails::dsl;
use crate::sequence;
use async_trait::async_trait;
use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use comm_domain::Change;
use comm_domain::outreach::{
    Anrufwunsch, Email, EmailId, EmailStatus, Empfaenger, LetzterKontakt, Telefonanruf,
    TelefonanrufId,
};
use comm_ports::error::StoreError;
use comm_ports::outreach::{
    Ablage, Anruflage, BelegterPlatz, Belegung, Kalenderfeed, Kontaktdaten, Nachverfolgung,
    NeuerKalenderfeed, OutreachTx, Sperre, VerfolgbareEmail,
};
use comm_ports::{ConsumedEvent, KeptAnswer, KeyState, RequestKey};
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl, TransactionManager};
use std::ops::RangeInclusive;
use std::slice;
use std::time::Duration;
use uuid::Uuid;

#[async_trait]
impl OutreachTx for PgTx {
    async fn claim_key(&mut self, key: &RequestKey) -> Result<KeyState, StoreError> {
        let result = keys::lock(key, self.conn()?).await;
        let is_locked = self.note(result)?;
        let result = keys::find(key, self.conn()?).await;
        match self.note(result)?? {
            // Whoever holds the lock may be a repeat, too, but then the answer is kept.
            KeyState::Free if !is_locked => Ok(KeyState::Running),
            state => Ok(state),
        }
    }

    async fn keep_answer(
        &mut self,
        key: &RequestKey,
        answer: &KeptAnswer,
    ) -> Result<(), StoreError> {
        let result = keys::keep(key, answer).execute(self.conn()?).await;
        self.note(result).map(drop)
    }

    async fn next_email_id(&mut self) -> Result<EmailId, StoreError> {
        self.next_id(sequence::EMAIL_IDS).await.map(EmailId)
    }

    async fn next_email_ids(&mut self, count: usize) -> Result<Vec<EmailId>, StoreError> {
        let result = sequence::draw_on(self.conn()?, sequence::EMAIL_IDS, count).await;
        Ok(self.note(result)?.into_iter().map(EmailId).collect())
    }

    async fn insert_email(&mut self, change: Change<Email>) -> Result<Email, StoreError> {
        self.insert_emails(slice::from_ref(&change)).await?;
        Ok(change.into_after().saved())
    }

    async fn insert_emails(&mut self, changes: &[Change<Email>]) -> Result<(), StoreError> {
        for some in email_insert::statements_of(changes) {
            let statement = email_insert::insert(some, self.encoder.as_ref())?;
            let result = statement.execute(self.conn()?).await;
            self.note(result)?;
        }
        Ok(())
    }

    async fn lock_email(&mut self, id: EmailId) -> Result<Option<Email>, StoreError> {
        let result = dsl::emails
            .filter(dsl::id.eq(id.0))
            .filter(dsl::geloescht_am.is_null())
            .select(EmailRow::as_select())
            .for_update()
            .first(self.conn()?)
            .await
            .optional();
        self.note(result)?.map(Email::try_from).transpose()
    }

    async fn save_email(&mut self, change: Change<Email>) -> Result<Email, StoreError> {
        let statement = email_write::update(&change, self.encoder.as_ref())?;
        self.write(statement).await
    }

    async fn remove_email(&mut self, change: Change<Email>) -> Result<(), StoreError> {
        let statement = email_write::delete(&change, self.encoder.as_ref())?;
        self.write(statement).await.map(drop)
    }

    async fn lock_held(&mut self, held: &[(EmailId, Uuid)]) -> Result<Vec<Email>, StoreError> {
        self.load(email_queue::lock_held(held)).await
    }

    async fn lock_expired(&mut self, except: &[EmailId]) -> Result<Option<Email>, StoreError> {
        let result = email_queue::load(email_queue::lock_expired(except), self.conn()?).await;
        let mut read = email_queue::readable(self.note(result)?);
        if !read.unreadable.is_empty() {
            let look_later = email_queue::look_later(&read.unreadable);
            let result = look_later.execute(self.conn()?).await;
            self.note(result)?;
        }
        Ok(read.emails.pop())
    }

    async fn lock_doubted(&mut self, sperren: &[Uuid]) -> Result<Vec<Email>, StoreError> {
        self.load(email_queue::lock_doubted(sperren)).await
    }

    async fn expedite(&mut self, id: EmailId) -> Result<Option<EmailStatus>, StoreError> {
        let result = email_queue::expedite(id.0, self.conn()?).await;
        self.note(result)?
            .map(|status| EmailStatus::parse(&status))
            .transpose()
            .map_err(|error| StoreError::Corrupt(error.to_string()))
    }

    async fn owe_contacts(
        &mut self,
        contacts: &[LetzterKontakt],
        wait: Duration,
    ) -> Result<(), StoreError> {
        let statement = duties::owe(contacts, wait);
        let result = statement.execute(self.conn()?).await;
        self.note(result).map(drop)
    }

    async fn lock_kontaktstand(&mut self, person: Empfaenger) -> Result<(), StoreError> {
        let result = kontaktstand::lock(person).execute(self.conn()?).await;
        self.note(result).map(drop)
    }

    async fn lock_kontaktstaende(&mut self, people: &[Empfaenger]) -> Result<(), StoreError> {
        let result = kontaktstand::lock_all(people).execute(self.conn()?).await;
        self.note(result).map(drop)
    }

    async fn kontaktdaten(
        &mut self,
        therapist_ids: &[i64],
        except: Option<EmailId>,
    ) -> Result<Vec<(i64, Kontaktdaten)>, StoreError> {
        let result = kontaktstand::kontaktdaten(therapist_ids, except, self.conn()?).await;
        self.note(result)
    }

    async fn sperre(&mut self, therapist_id: i64) -> Result<Option<Sperre>, StoreError> {
        let result = kontaktstand::sperre(therapist_id, self.conn()?).await;
        self.note(result)
    }

    async fn save_sperre(
        &mut self,
        therapist_id: i64,
        sperre: Option<Sperre>,
    ) -> Result<(), StoreError> {
        let statement = kontaktstand::save_sperre(therapist_id, sperre.as_ref());
        let result = statement.execute(self.conn()?).await;
        self.note(result).map(drop)
    }

    async fn belegungen(
        &mut self,
        therapist_ids: &[i64],
        ab: NaiveDate,
    ) -> Result<Vec<(i64, Belegung)>, StoreError> {
        let result = kontaktstand::belegungen(therapist_ids, ab, self.conn()?).await;
        self.note(result)?
    }

    async fn anruflagen(
        &mut self,
        therapist_ids: &[i64],
        now: NaiveDateTime,
    ) -> Result<Vec<(i64, Anruflage)>, StoreError> {
        let result = nachverfolgung::anruflagen(therapist_ids, now, self.conn()?).await;
        self.note(result)?
    }

    async fn unentschiedene(
        &mut self,
        emails: &[EmailId],
    ) -> Result<Vec<VerfolgbareEmail>, StoreError> {
        let result = nachverfolgung::unentschiedene(emails, self.conn()?).await;
        self.note(result)
    }

    async fn save_nachverfolgungen(
        &mut self,
        decisions: &[Nachverfolgung],
    ) -> Result<(), StoreError> {
        let statement = nachverfolgung::save(decisions);
        let result = statement.execute(self.conn()?).await;
        self.note(result).map(drop)
    }

    async fn anrufe_zu(&mut self, email: EmailId) -> Result<Vec<TelefonanrufId>, StoreError> {
        let result = nachverfolgung::anrufe_zu(email, self.conn()?).await;
        self.note(result)
    }

    async fn belegung(
        &mut self,
        person: Empfaenger,
        ab: NaiveDate,
    ) -> Result<Belegung, StoreError> {
        let result = kontaktstand::belegung(person, ab, self.conn()?).await;
        self.note(result)?
    }

    async fn lock_plaetze(
        &mut self,
        tage: RangeInclusive<NaiveDate>,
    ) -> Result<Vec<BelegterPlatz>, StoreError> {
        let result = plaetze::lock().execute(self.conn()?).await;
        self.note(result)?;
        let result = plaetze::belegt(&tage, self.conn()?).await;
        self.note(result)?
    }

    async fn next_telefonanruf_id(&mut self) -> Result<TelefonanrufId, StoreError> {
        let id = self.next_id(sequence::TELEFONANRUF_IDS).await;
        id.map(TelefonanrufId)
    }

    async fn insert_telefonanruf(
        &mut self,
        change: Change<Telefonanruf>,
        ablage: Ablage,
    ) -> Result<Telefonanruf, StoreError> {
        let statement = telefonanruf_write::insert(&change, ablage, self.encoder.as_ref())?;
        self.write_telefonanruf(statement).await?;
        Ok(change.into_after())
    }

    async fn lock_telefonanruf(
        &mut self,
        id: TelefonanrufId,
    ) -> Result<Option<(Telefonanruf, Ablage)>, StoreError> {
        let result = telefonanruf_list::lock(id.0, self.conn()?).await;
        let locked = self.note(result)?;
        let parse = |(row, ablage)| Ok((telefonanruf_list::parse(row)?, ablage));
        locked.map(parse).transpose()
    }

    async fn save_telefonanruf(
        &mut self,
        change: Change<Telefonanruf>,
        ablage: Ablage,
    ) -> Result<Telefonanruf, StoreError> {
        let statement = telefonanruf_write::update(&change, ablage, self.encoder.as_ref())?;
        self.write_telefonanruf(statement).await?;
        Ok(change.into_after())
    }

    async fn remove_telefonanruf(
        &mut self,
        change: Change<Telefonanruf>,
    ) -> Result<(), StoreError> {
        let statement = telefonanruf_write::remove(&change, self.encoder.as_ref())?;
        self.write_telefonanruf(statement).await
    }

    async fn erledigte(&mut self, emails: &[EmailId]) -> Result<Vec<EmailId>, StoreError> {
        let result = email_list::settled(emails, self.conn()?).await;
        Ok(self.note(result)?.into_iter().map(EmailId).collect())
    }

    async fn nachfolger(
        &mut self,
        id: TelefonanrufId,
    ) -> Result<Option<TelefonanrufId>, StoreError> {
        let result = telefonanruf_list::successor(id.0, self.conn()?).await;
        Ok(self.note(result)?.map(TelefonanrufId))
    }

    async fn insert_kalenderfeed(
        &mut self,
        feed: NeuerKalenderfeed,
    ) -> Result<Kalenderfeed, StoreError> {
        let result = kalender::insert(feed).run(self.conn()?).await;
        self.note(result)
    }

    async fn remember(&mut self, event: &ConsumedEvent) -> Result<bool, StoreError> {
        let result = consumed::remember(event).execute(self.conn()?).await;
        self.note(result).map(|rows| rows == 1)
    }

    async fn insert_anrufwunsch(
        &mut self,
        wunsch: &Anrufwunsch,
        event: &ConsumedEvent,
        angefragt_am: Option<DateTime<Utc>>,
    ) -> Result<i64, StoreError> {
        let insert = anrufwunsch::insert(wunsch, event, angefragt_am);
        let result = insert.get_result(self.conn()?).await;
        self.note(result).map(|row: anrufwunsch::Id| row.id)
    }

    async fn commit(mut self: Box<Self>) -> Result<(), StoreError> {
        if self.failed {
            return Err(StoreError::Failed(
                "a statement of this transaction has failed, so it was rolled back".into(),
            ));
        }
        let Some(mut conn) = self.conn.take() else {
            return Err(StoreError::Unavailable("the transaction is over".into()));
        };
        <Manager as TransactionManager<AsyncPgConnection>>::commit_transaction(&mut conn)
            .await
            .map_err(from_diesel)
    }

    async fn rollback(mut self: Box<Self>) {
        if let Some(mut conn) = self.conn.take() {
            roll_back(&mut conn).await;
        }
    }
}
