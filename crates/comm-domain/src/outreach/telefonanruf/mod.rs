//! The phone call: its data, and where its transitions live. Creation is in `create`, what a client may
//! edit in `edit`, changes of state in `transition`, the next attempt in `wiederholung`, slot and present
//! moment in `termin`. Choosing a slot is not here: the aggregate takes the slot that was chosen.

mod create;
mod edit;
mod event;
mod termin;
mod transition;
mod wiederholung;

pub use create::{Gefuehrt, NewTelefonanruf};
pub use edit::TelefonanrufPatch;
pub use event::{TelefonanrufEvent, TelefonanrufEventKind};
pub use termin::{Dauer, Moment, Termin};
pub use transition::Erledigt;
pub use wiederholung::{PATIENT_ZEIT, Wiederholung, Wiederholungsregeln};

use super::{EmailId, Empfaenger, ErgebnisArt, TelefonanrufStatus};
use crate::change::Aggregate;
use crate::field::{self, FieldError};
use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, Utc};
use std::ops::Deref;
use thiserror::Error;

/// The id of a call, as clients see it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TelefonanrufId(pub i64);

impl std::fmt::Display for TelefonanrufId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

/// A phone call. It reads like its [`TelefonanrufRecord`]; only its transitions can change it.
///
/// ```
/// use chrono::{DateTime, NaiveDate};
/// use comm_domain::outreach::telefonanruf::{Moment, Wiederholungsregeln};
/// use comm_domain::outreach::{
///     Empfaenger, NewTelefonanruf, TelefonanrufEventKind, TelefonanrufId, TelefonanrufPatch,
///     TelefonanrufStatus,
/// };
///
/// let monday = NaiveDate::from_ymd_opt(2026, 2, 2).unwrap();
/// let now = Moment {
///     at: DateTime::from_timestamp(1_770_019_200, 0).unwrap(), // 08:00 UTC
///     wall: monday.and_hms_opt(9, 0, 0).unwrap(),
/// };
/// let slot = monday.and_hms_opt(10, 30, 0).unwrap();
/// let call = NewTelefonanruf::to(Empfaenger::Therapeut(7))
///     .plan(TelefonanrufId(1), slot, now)?
///     .into_after();
///
/// let failed = TelefonanrufPatch {
///     status: Some(TelefonanrufStatus::Fehlgeschlagen),
///     ..TelefonanrufPatch::default()
/// };
/// let change = call.apply(failed, now)?;
/// assert_eq!(change.events()[0].kind, TelefonanrufEventKind::Failed);
///
/// assert!(change.ends_the_call());
/// let next = change.after().wiederholung(Wiederholungsregeln::default(), now.heute(), &[]);
/// assert_eq!(next.unwrap().unwrap().fruehestens, monday.succ_opt().unwrap());
/// # Ok::<(), comm_domain::outreach::TelefonanrufError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Telefonanruf(TelefonanrufRecord);

impl Telefonanruf {
    /// Takes a call back from storage; only a store calls this. Its emails may come in any order.
    pub fn restore(mut record: TelefonanrufRecord) -> Self {
        record.email_ids.sort_unstable();
        record.email_ids.dedup();
        Self(record)
    }

    /// `email_id`: the oldest of the emails that it follows up.
    pub fn email_id(&self) -> Option<EmailId> {
        self.email_ids.first().copied()
    }

    /// When the person was spoken to, on the wall clock (contract, 'Follow-up automation': `abgeschlossen`,
    /// not `nicht_erreicht`).
    pub fn gesprochen_am(&self) -> Option<NaiveDateTime> {
        let reached = self.status == TelefonanrufStatus::Abgeschlossen
            && self.ergebnis.art != Some(ErgebnisArt::NichtErreicht);
        let held = self.tatsaechlich.datum.zip(self.tatsaechlich.zeit);
        held.filter(|_| reached)
            .map(|(day, time)| day.and_time(time))
    }

    /// The day of a refusal, from which the cooling-off of a therapist counts (contract, 'Contact rules').
    /// A call that failed without a `tatsaechliches_datum` counts from the planned day.
    pub fn abgelehnt_am(&self) -> Option<NaiveDate> {
        let refused = self.ended() && self.ergebnis.art == Some(ErgebnisArt::Abgelehnt);
        refused.then_some(self.versucht_am())
    }

    /// What the staff should be told about its data. The sentences live with the other texts for the staff.
    pub fn hinweise(&self, now: Moment) -> Vec<Hinweis> {
        let Tatsaechlich { datum, zeit } = self.tatsaechlich;
        let today = datum == Some(now.heute());
        let hinweis = if datum.is_some_and(|datum| datum > now.heute()) {
            Some(Hinweis::TatsaechlichesDatumInZukunft)
        } else if today && zeit.is_some_and(|zeit| zeit > now.minute()) {
            Some(Hinweis::TatsaechlicheZeitInZukunft)
        } else {
            None
        };
        hinweis.into_iter().collect()
    }

    /// The day of the attempt, as far as it is known: the planned one unless somebody said otherwise.
    fn versucht_am(&self) -> NaiveDate {
        self.tatsaechlich.datum.unwrap_or(self.termin.datum())
    }

    /// Whether it was made or tried.
    pub fn ended(&self) -> bool {
        matches!(
            self.status,
            TelefonanrufStatus::Abgeschlossen | TelefonanrufStatus::Fehlgeschlagen
        )
    }
}

impl Deref for Telefonanruf {
    type Target = TelefonanrufRecord;

    fn deref(&self) -> &TelefonanrufRecord {
        &self.0
    }
}

impl Aggregate for Telefonanruf {
    type Event = TelefonanrufEvent;
}

/// Everything that is known of a call (contract, 'Telefonanruf'). Dates and times of day are wall clock in
/// the service's time zone, instants are UTC.
#[derive(Debug, Clone, PartialEq)]
pub struct TelefonanrufRecord {
    /// Its id.
    pub id: TelefonanrufId,
    /// Whom it is for.
    pub empfaenger: Empfaenger,
    /// The Matching Service's bundle.
    pub therapeutenanfrage_id: Option<i64>,
    /// The unanswered emails that it follows up, oldest first. Of a call that is over: those that were
    /// unanswered then.
    pub email_ids: Vec<EmailId>,
    /// The slot, which it holds only while `geplant`.
    pub termin: Termin,
    /// Where it stands.
    pub status: TelefonanrufStatus,
    /// When it really took place.
    pub tatsaechlich: Tatsaechlich,
    /// What came out of it.
    pub ergebnis: Ergebnis,
    /// Notes of the staff.
    pub notizen: Option<String>,
    /// 1 for a first call, 2 for its first retry, and so on.
    pub versuch: i32,
    /// The call that this one retries.
    pub vorgaenger_id: Option<TelefonanrufId>,
    /// The member of staff who makes the call.
    pub bearbeiter: Option<String>,
    /// When it was stored.
    pub created_at: DateTime<Utc>,
    /// When it was changed last.
    pub updated_at: DateTime<Utc>,
    /// When it was deleted.
    pub geloescht_am: Option<DateTime<Utc>>,
    /// The sequence number of its last event.
    pub sequence: i64,
}

impl TelefonanrufRecord {
    /// Numbers an event; the caller changes the state first, since the event shows the state after it.
    fn report(&mut self, kind: TelefonanrufEventKind, now: DateTime<Utc>) -> TelefonanrufEvent {
        self.sequence += 1;
        TelefonanrufEvent {
            sequence: self.sequence,
            at: now,
            kind,
        }
    }
}

/// When a call really took place; stored as given, also when it lies in the future.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tatsaechlich {
    /// `tatsaechliches_datum`.
    pub datum: Option<NaiveDate>,
    /// `tatsaechliche_zeit`.
    pub zeit: Option<NaiveTime>,
}

/// What came out of a call.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ergebnis {
    /// `ergebnis`, in words.
    pub text: Option<String>,
    /// `ergebnis_art`.
    pub art: Option<ErgebnisArt>,
    /// `wiederholen_nach`: the earliest day of the next attempt.
    pub wiederholen_nach: Option<NaiveDate>,
    /// `wiederholen_zeit`: the agreed time of the next attempt.
    pub wiederholen_zeit: Option<NaiveTime>,
}

impl Ergebnis {
    /// The values of one field each; what they mean together depends on the call's state.
    fn check(self) -> Result<Self, FieldError> {
        if let Some(zeit) = self.wiederholen_zeit {
            termin::whole_minute("wiederholen_zeit", zeit)?;
        }
        let text = self.text.map(|text| field::text("ergebnis", text));
        Ok(Self {
            text: text.transpose()?,
            ..self
        })
    }

    /// A callback that was agreed has a day (contract, `PUT /api/phone-calls/{id}`).
    fn check_rueckruf(&self) -> Result<(), FieldError> {
        if self.art == Some(ErgebnisArt::RueckrufVereinbart) && self.wiederholen_nach.is_none() {
            return Err(FieldError::invalid(
                "wiederholen_nach",
                "is required when ergebnis_art is 'rueckruf_vereinbart'",
            ));
        }
        Ok(())
    }
}

/// Something odd that was stored as asked, and that `hinweise` of the answer tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Hinweis {
    /// `tatsaechliches_datum` is later than today.
    TatsaechlichesDatumInZukunft,
    /// `tatsaechliches_datum` is today and `tatsaechliche_zeit` is still to come.
    TatsaechlicheZeitInZukunft,
}

/// Why a call cannot be created or changed as asked.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum TelefonanrufError {
    /// A field's value is not acceptable.
    #[error(transparent)]
    Field(#[from] FieldError),
    /// A new call may only be planned, or recorded as made.
    #[error("Invalid status. Only 'geplant' or 'abgeschlossen' allowed")]
    InitialStatus,
    /// It was deleted, and is only kept because rules have to know of it.
    #[error("Phone call not found")]
    Deleted,
    /// There is no such way from one state to the other.
    #[error("status cannot be changed from '{from}' to '{to}'")]
    Transition {
        /// The state it is in.
        from: TelefonanrufStatus,
        /// The state that was asked for.
        to: TelefonanrufStatus,
    },
    /// This field cannot be changed, or not in this state.
    #[error("{field} cannot be changed while status is '{status}'")]
    Frozen {
        /// The field's name on the wire.
        field: &'static str,
        /// The state it is in.
        status: TelefonanrufStatus,
    },
}

impl TelefonanrufError {
    /// Whether the request is at odds with the present state, and not wrong in itself.
    pub fn is_conflict(&self) -> bool {
        matches!(self, Self::Transition { .. } | Self::Frozen { .. })
    }
}
