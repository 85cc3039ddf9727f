//! Storage of calls: what is read without a transaction, and what a booking has to know. Changes are methods of
//! [`OutreachTx`](super::OutreachTx).

use super::filter::Counting;
use super::kontakt::Kontaktdaten;
use crate::error::StoreError;
use crate::page::{Page, PageRequest};
use async_trait::async_trait;
use chrono::NaiveDate;
use comm_domain::outreach::{
    Empfaenger, Erreichbarkeit, RecipientType, Telefonanruf, TelefonanrufId, TelefonanrufStatus,
    Termin,
};
use std::ops::RangeInclusive;
use std::time::Duration;

/// The constraints that forbid two planned calls of one person at a time.
pub const OVERLAP_CONSTRAINTS: [&str; 2] = [
    "telefonanrufe_therapist_overlap",
    "telefonanrufe_patient_overlap",
];
/// The constraint that forbids two planned calls on one seat at a time.
pub const PLATZ_CONSTRAINT: &str = "telefonanrufe_platz_overlap";

/// Which calls a list shows; `None` does not restrict.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TelefonanrufFilter {
    /// Only those to this therapist.
    pub therapist_id: Option<i64>,
    /// Only those to this patient.
    pub patient_id: Option<i64>,
    /// Only those of this bundle.
    pub therapeutenanfrage_id: Option<i64>,
    /// Only those to therapists, or to patients.
    pub recipient_type: Option<RecipientType>,
    /// Only those in this state.
    pub status: Option<TelefonanrufStatus>,
    /// Only those of this member of staff.
    pub bearbeiter: Option<String>,
    /// Only those planned for this day.
    pub geplantes_datum: Option<NaiveDate>,
    /// Only those planned for this day or later.
    pub von: Option<NaiveDate>,
    /// Only those planned for this day or earlier.
    pub bis: Option<NaiveDate>,
}

/// One page of a list of calls. The instant of its cursors is the wall clock of the slot, read as UTC.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TelefonanrufQuery {
    /// Which calls.
    pub filter: TelefonanrufFilter,
    /// Which page of them.
    pub page: PageRequest,
    /// How far the total is counted.
    pub counting: Counting,
}

/// What a person's row and calls say to whoever looks for a slot.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Belegung {
    /// The slots that the person's planned calls hold from the day that was asked for on, in order.
    pub belegt: Vec<Termin>,
    /// Telephone hours kept by hand; they win over the directory's.
    pub erreichbarkeit: Option<Erreichbarkeit>,
    /// What the contact rules go by; nothing of a patient.
    pub kontakt: Kontaktdaten,
}

/// A seat of the staff that a planned call holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BelegterPlatz {
    /// Its number, from 1; `None` for a call that was planned while no capacity was configured.
    pub platz: Option<i16>,
    /// The slot.
    pub termin: Termin,
}

/// What is stored beside a call itself.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Ablage {
    /// The seat that it holds while planned.
    pub platz: Option<i16>,
    /// Whether a next attempt is wanted for which no slot was found.
    pub wiederholung_offen: bool,
}

/// Reads of calls, and telephone hours kept by hand.
#[cfg_attr(feature = "testing", mockall::automock)]
#[async_trait]
pub trait TelefonanrufStore: Send + Sync {
    /// One call that is not deleted.
    async fn telefonanruf(&self, id: TelefonanrufId) -> Result<Option<Telefonanruf>, StoreError>;

    /// One page, newest slot first.
    async fn list_telefonanrufe(
        &self,
        query: &TelefonanrufQuery,
    ) -> Result<Page<Telefonanruf>, StoreError>;

    /// What is known of a person from day `ab` on, without a lock: good for showing, not for booking.
    async fn belegung(&self, person: Empfaenger, ab: NaiveDate) -> Result<Belegung, StoreError>;

    /// The seats that are taken on these days, without a lock.
    async fn plaetze(
        &self,
        tage: RangeInclusive<NaiveDate>,
    ) -> Result<Vec<BelegterPlatz>, StoreError>;

    /// Stores telephone hours by hand, or clears them.
    async fn save_erreichbarkeit(
        &self,
        therapist_id: i64,
        erreichbarkeit: Option<Erreichbarkeit>,
    ) -> Result<(), StoreError>;

    /// The first calls after this one that want a next attempt for which no slot was found, by ascending id.
    async fn offene_wiederholungen(
        &self,
        after: TelefonanrufId,
        limit: i64,
    ) -> Result<Vec<TelefonanrufId>, StoreError>;

    /// Removes at most `limit` deleted calls that no rule has to know of and that were deleted longer ago than
    /// `keep`; says how many.
    async fn purge_telefonanrufe(&self, keep: Duration, limit: i64) -> Result<usize, StoreError>;
}
