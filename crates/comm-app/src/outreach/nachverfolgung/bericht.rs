//! What a run of the follow-ups has done, email by email.

use chrono::{DateTime, NaiveDate, Utc};
use comm_domain::outreach::nachverfolgung::Ergebnis;
use comm_domain::outreach::{EmailId, Grund, TelefonanrufId, Termin};
use comm_ports::outreach::VerfolgbareEmail;

/// Whether a run books what it decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lauf {
    /// It does.
    Echt,
    /// It only says what it would do.
    Probe,
}

/// What a run has done, or would do.
#[derive(Debug, Clone, PartialEq)]
pub struct Nachverfolgungsbericht {
    /// Which kind of run.
    pub lauf: Lauf,
    /// The day of the run.
    pub am: NaiveDate,
    /// Every email that was looked at, in the order in which it was.
    pub zeilen: Vec<Berichtszeile>,
}

impl Nachverfolgungsbericht {
    /// How many emails came to this.
    pub fn anzahl(&self, ergebnis: Ergebnis) -> usize {
        let with = self
            .zeilen
            .iter()
            .filter(|zeile| zeile.ergebnis == ergebnis);
        with.count()
    }

    /// How many calls were planned: each for the first of its emails.
    pub fn neue_anrufe(&self) -> usize {
        self.anzahl(Ergebnis::Geplant)
    }
}

/// What came of one email.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Berichtszeile {
    /// The email.
    pub email_id: EmailId,
    /// The therapist.
    pub therapist_id: i64,
    /// When it was sent.
    pub gesendet_am: DateTime<Utc>,
    /// What came of it.
    pub ergebnis: Ergebnis,
    /// Why there is no call.
    pub grund: Option<Grund>,
    /// The first day on which it may be different, where that is known.
    pub ab: Option<NaiveDate>,
    /// The call, unless it is one that a trial would have planned.
    pub telefonanruf_id: Option<TelefonanrufId>,
    /// When the call is.
    pub termin: Option<Termin>,
}

impl Berichtszeile {
    /// Nothing known of it yet.
    pub(super) fn offen(email: &VerfolgbareEmail, grund: Option<Grund>) -> Self {
        Self {
            email_id: email.id,
            therapist_id: email.therapist_id,
            gesendet_am: email.gesendet_am,
            ergebnis: Ergebnis::Offen,
            grund,
            ab: None,
            telefonanruf_id: None,
            termin: None,
        }
    }
}
