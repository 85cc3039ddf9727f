//! What the Patient Service still has to be told.

use crate::error::StoreError;
use async_trait::async_trait;
use comm_domain::outreach::LetzterKontakt;
use std::time::Duration;
use uuid::Uuid;

/// A duty that its holder alone may fulfil, until the lease runs out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Kontaktmeldung {
    /// What is to be told.
    pub contact: LetzterKontakt,
    /// How often that has failed so far.
    pub versuche: u32,
    /// The token of the claim.
    pub sperre: Uuid,
}

/// How an attempt ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Meldung {
    /// The Patient Service knows.
    Angekommen,
    /// It does not want to know: the duty ends.
    Abgelehnt,
    /// To be tried again after this time.
    Spaeter(Duration),
}

/// The duties, one per patient. They are written by
/// [`OutreachTx::owe_contacts`](super::OutreachTx::owe_contacts), with the change that makes them.
/// Due times and leases are the database's.
#[cfg_attr(feature = "testing", mockall::automock)]
#[async_trait]
pub trait ContactDuties: Send + Sync {
    /// Gives at most `limit` due duties to the caller for `lease`, those first that have been due longest.
    async fn claim_due(
        &self,
        lease: Duration,
        limit: usize,
    ) -> Result<Vec<Kontaktmeldung>, StoreError>;

    /// Gives the duty about this patient to the caller, due or not, unless another holds it or there is
    /// none.
    async fn claim(
        &self,
        patient_id: i64,
        lease: Duration,
    ) -> Result<Option<Kontaktmeldung>, StoreError>;

    /// Stores how the attempt ended and gives the lease up. Where a later day has been written meanwhile,
    /// that is still owed, and due now.
    async fn settle(&self, duty: &Kontaktmeldung, ended: Meldung) -> Result<(), StoreError>;

    /// How long until the earliest duty can be claimed; `None` if there is none.
    async fn next_duty(&self) -> Result<Option<Duration>, StoreError>;
}
