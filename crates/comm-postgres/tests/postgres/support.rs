//! A migrated database per test, with a store over it.

use chrono::{DateTime, NaiveDateTime, Utc};
use comm_devkit::postgres::{TestDatabase, test_database};
use comm_domain::outreach::{
    Email, EmailEvent, EmailEventKind, EmailId, EmailStatus, Empfaenger, Telefonanruf,
    TelefonanrufEvent, TelefonanrufEventKind, TelefonanrufId, TelefonanrufPatch,
};
use comm_domain::{Change, Deletion};
use comm_ports::error::{Cause, StoreError};
use comm_ports::outbox::Priority;
use comm_ports::outreach::{Ablage, Claim, OutreachStore};
use comm_ports::testing::build;
use comm_ports::{EventEncoder, OutboxRecord};
use comm_postgres::{DatabaseConfig, PgStore, migrations};
use std::sync::Arc;
use std::time::Duration;
use uuid::Uuid;

pub(crate) const LEASE: Duration = Duration::from_secs(45);

/// Encodes the sequence number alone: what events look like is tested where they are made.
pub(crate) struct PlainEncoder;

impl EventEncoder for PlainEncoder {
    fn encode_email(&self, email: &Email, event: &EmailEvent) -> Result<Vec<OutboxRecord>, Cause> {
        let priority = match event.kind {
            EmailEventKind::Failed { .. } => Priority::First,
            _ => Priority::Normal,
        };
        let kind = format!("{:?}", event.kind);
        let about = (email.id.0, event.sequence, event.at);
        Ok(vec![record("email", about, kind, priority)])
    }

    fn encode_telefonanruf(
        &self,
        anruf: &Telefonanruf,
        event: &TelefonanrufEvent,
    ) -> Result<Vec<OutboxRecord>, Cause> {
        let priority = match event.kind {
            TelefonanrufEventKind::Scheduled => Priority::Normal,
            _ => Priority::First,
        };
        let kind = format!("{:?}", event.kind);
        let about = (anruf.id.0, event.sequence, event.at);
        Ok(vec![record("telefonanruf", about, kind, priority)])
    }
}

fn record(
    aggregate: &str,
    (id, sequence, at): (i64, i64, DateTime<Utc>),
    event_type: String,
    priority: Priority,
) -> OutboxRecord {
    OutboxRecord {
        event_id: Uuid::new_v4(),
        event_type,
        aggregate: aggregate.to_owned(),
        aggregate_id: id,
        sequence,
        priority,
        is_copy: false,
        topic: "topic".to_owned(),
        key: id.to_string(),
        payload: vec![0, 1, 255],
        occurred_at: at,
        traceparent: "00-0-0-00".to_owned(),
    }
}

pub(crate) struct Db {
    pub(crate) database: TestDatabase,
    pub(crate) store: PgStore,
}

/// A database of its own for one test, and a store over it.
pub(crate) async fn db() -> Db {
    let database = test_database(|url| async move {
        migrations::migrate(&DatabaseConfig::for_url(&url))
            .await
            .map(drop)
    })
    .await
    .unwrap();
    let store = store(&database.url());
    Db { database, store }
}

pub(crate) fn store(url: &str) -> PgStore {
    store_with(&DatabaseConfig::for_url(url))
}

pub(crate) fn store_with(config: &DatabaseConfig) -> PgStore {
    PgStore::new(config, Arc::new(PlainEncoder)).unwrap()
}

impl Db {
    /// Runs SQL past the store.
    pub(crate) async fn sql(&self, sql: &str) {
        self.database
            .connect()
            .await
            .unwrap()
            .batch_execute(sql)
            .await
            .unwrap();
    }

    /// One number out of the database.
    pub(crate) async fn number(&self, sql: &str) -> i64 {
        let client = self.database.connect().await.unwrap();
        client.query_one(sql, &[]).await.unwrap().get(0)
    }

    /// Returns as soon as a statement waits for a lock that another transaction has.
    pub(crate) async fn until_somebody_waits(&self) {
        let waiting = "SELECT count(*) FROM pg_stat_activity \
             WHERE datname = current_database() AND wait_event_type = 'Lock'";
        let found = tokio::time::timeout(Duration::from_secs(30), async {
            while self.number(waiting).await == 0 {}
        });
        found.await.unwrap();
    }

    /// Stores an email with the next id.
    pub(crate) async fn insert(&self, status: EmailStatus) -> Email {
        let id = self.store.next_email_id().await.unwrap();
        self.store
            .insert_email(build::created(id.0, status))
            .await
            .unwrap()
    }

    /// Stores a new call.
    pub(crate) async fn insert_telefonanruf(
        &self,
        change: Change<Telefonanruf>,
        ablage: Ablage,
    ) -> Result<Telefonanruf, StoreError> {
        let mut tx = self.store.begin().await.unwrap();
        let stored = tx.insert_telefonanruf(change, ablage).await?;
        tx.commit().await.unwrap();
        Ok(stored)
    }

    /// Plans a call as long as usual.
    pub(crate) async fn plan(
        &self,
        id: i64,
        person: Empfaenger,
        beginn: NaiveDateTime,
    ) -> Result<Telefonanruf, StoreError> {
        let change = build::planned(id, person, beginn);
        self.insert_telefonanruf(change, Ablage::default()).await
    }

    /// Changes a call, and keeps what is stored beside it.
    pub(crate) async fn edit(
        &self,
        id: i64,
        patch: TelefonanrufPatch,
    ) -> Result<Telefonanruf, StoreError> {
        let mut tx = self.store.begin().await.unwrap();
        let locked = tx.lock_telefonanruf(TelefonanrufId(id)).await?;
        let (anruf, ablage) = locked.unwrap();
        let change = anruf.apply(patch, build::moment()).unwrap();
        let stored = tx.save_telefonanruf(change, ablage).await?;
        tx.commit().await.unwrap();
        Ok(stored)
    }

    /// Deletes a call as its state demands.
    pub(crate) async fn delete(&self, id: i64) {
        let mut tx = self.store.begin().await.unwrap();
        let locked = tx.lock_telefonanruf(TelefonanrufId(id)).await.unwrap();
        let (anruf, ablage) = locked.unwrap();
        match anruf.delete(build::instant()) {
            Deletion::Remove(change) => tx.remove_telefonanruf(change).await.unwrap(),
            Deletion::Hide(change) => {
                tx.save_telefonanruf(change, ablage).await.unwrap();
            }
        }
        tx.commit().await.unwrap();
    }

    /// Rows of a table.
    pub(crate) async fn rows(&self, table: &str) -> i64 {
        let sql = format!("SELECT count(*) FROM communication_service.{table}");
        self.number(&sql).await
    }

    /// Makes everything that waits due.
    pub(crate) async fn all_due(&self) {
        self.sql("UPDATE communication_service.emails SET faellig_am = now() WHERE faellig_am IS NOT NULL").await;
    }

    /// Claims what is due.
    pub(crate) async fn claim(&self, sperre: Uuid, limit: usize) -> Vec<Email> {
        claim(&self.store, sperre, limit).await
    }
}

/// A turn that claims and stores no outcomes.
pub(crate) async fn claim(store: &PgStore, sperre: Uuid, limit: usize) -> Vec<Email> {
    let lease = LEASE;
    let claim = Claim {
        sperre,
        lease,
        limit,
    };
    store.turn(&[], claim).await.unwrap().claimed
}

pub(crate) fn ids(emails: &[Email]) -> Vec<EmailId> {
    emails.iter().map(|email| email.id).collect()
}

/// Fails unless this constraint forbade it.
pub(crate) fn assert_conflict<T: std::fmt::Debug>(result: Result<T, StoreError>, name: &str) {
    let is_forbidden = matches!(
        &result,
        Err(StoreError::Conflict { constraint }) if constraint == name
    );
    assert!(is_forbidden, "{name} should have forbidden it: {result:?}");
}
