//! When a therapist may be contacted (contract, 'Contact rules'): one check for every mail and every call.
//! What a mail or a call *does* to the contact state is not here; who holds the lock on it neither.
//!
//! All arithmetic is in whole days of the service's time zone. Day D of a contact is the first of the days
//! that it blocks: a mail of day D blocks the 7 days [D, D+7), so the next may go on day D+7.

use super::Grund;
use crate::field::{self, FieldError};
use crate::outreach::status::wire_enum;
use chrono::{Days, NaiveDate};

/// Days from one mail to the next (contract: 'at most one contact by mail in 7 days').
pub const WOCHENFRIST_TAGE: u64 = 7;
/// Days from a refusal to the next contact (contract: 'none for 4 weeks after a refusal').
pub const SPERRFRIST_TAGE: u64 = 28;

/// Most characters of the reason of a block by hand.
pub const BEGRUENDUNG_MAX_CHARS: usize = 1000;

wire_enum! {
    /// By which way a person is contacted.
    Kontaktweg "weg" {
        /// A mail that is to be queued.
        Mail = "mail",
        /// A call that is to be booked.
        Anruf = "anruf",
    }
}

/// What is known of a therapist's contacts. All days are of the service's time zone.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Kontaktstand {
    /// The day of the last mail that was neither recalled, nor deleted while it waited, nor failed for good: when it
    /// was queued, or went or is to go later, the later day.
    pub letzte_mail: Option<NaiveDate>,
    /// The day of the last refusal, by phone or by mail.
    pub letzte_ablehnung: Option<NaiveDate>,
    /// Blocked by hand.
    pub sperre: Option<Kontaktsperre>,
}

/// How long a therapist is blocked by hand. Why is for people to read, and stays with the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kontaktsperre {
    /// The last blocked day: 'gesperrt bis 31.12.' allows a contact on 1 January.
    Bis(NaiveDate),
    /// Until somebody lifts it.
    Unbefristet,
}

wire_enum! {
    /// What a broken rule leads to. The values in the order of their force.
    Durchsetzung "durchsetzung" {
        /// Nothing: the rule is not looked at.
        Off = "off",
        /// The contact is made, and the answer carries a `kontaktwarnung`.
        Warn = "warn",
        /// The contact is refused.
        Enforce = "enforce",
    }
}

/// How each rule is enforced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Deserialize),
    serde(deny_unknown_fields)
)]
pub struct Kontaktregeln {
    /// At most one mail in 7 days ([`Grund::Wochenfrist`]). It limits mails only.
    pub wochenfrist: Durchsetzung,
    /// No contact for 4 weeks after a refusal ([`Grund::Sperrfrist`]).
    pub sperrfrist: Durchsetzung,
    /// No contact while blocked by hand ([`Grund::Gesperrt`]).
    pub sperre: Durchsetzung,
}

/// Whether a contact may be made on the day that was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kontakterlaubnis {
    /// No rule speaks against it.
    Erlaubt,
    /// It may, and whoever asked is told of the rule (`kontaktwarnung`).
    Gewarnt(Kontakthindernis),
    /// It may not.
    Abgelehnt(Kontakthindernis),
}

/// The rule that speaks against a contact.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Kontakthindernis {
    /// Which one.
    pub grund: Grund,
    /// The first day on which it no longer does; `None` when nobody knows.
    pub naechster_kontakt_moeglich: Option<NaiveDate>,
}

impl Kontaktregeln {
    /// The default for what clients queue or book: they are warned.
    pub const CLIENTS: Self = Self::all(Durchsetzung::Warn);
    /// The default for what this service starts by itself: it is refused.
    pub const SERVICE: Self = Self::all(Durchsetzung::Enforce);

    /// Every rule enforced alike.
    pub const fn all(durchsetzung: Durchsetzung) -> Self {
        Self {
            wochenfrist: durchsetzung,
            sperrfrist: durchsetzung,
            sperre: durchsetzung,
        }
    }

    /// Whether a contact may be made on day `am`.
    ///
    /// Of several rules that refuse, the one that ends last is told, so that nothing refuses on
    /// `naechster_kontakt_moeglich`; of rules that end on the same day the stronger one (by hand, then
    /// refusal, then mail). The same holds of several that warn. A refusal hides warnings.
    ///
    /// ```
    /// use chrono::NaiveDate;
    /// use comm_domain::outreach::kontaktregeln::Kontaktweg;
    /// use comm_domain::outreach::{Grund, Kontakterlaubnis, Kontaktregeln, Kontaktstand};
    ///
    /// let day = |day| NaiveDate::from_ymd_opt(2026, 3, day).unwrap();
    /// let stand = Kontaktstand { letzte_mail: Some(day(2)), ..Kontaktstand::default() };
    /// let check = |am| Kontaktregeln::SERVICE.check(&stand, Kontaktweg::Mail, am);
    ///
    /// let Kontakterlaubnis::Abgelehnt(no) = check(day(8)) else { panic!() };
    /// assert_eq!(no.grund, Grund::Wochenfrist);
    /// assert_eq!(no.naechster_kontakt_moeglich, Some(day(9)));
    /// assert_eq!(check(day(9)), Kontakterlaubnis::Erlaubt);
    /// ```
    pub fn check(&self, stand: &Kontaktstand, weg: Kontaktweg, am: NaiveDate) -> Kontakterlaubnis {
        if let Some(hindernis) = self.last(Durchsetzung::Enforce, stand, weg, am) {
            return Kontakterlaubnis::Abgelehnt(hindernis);
        }
        self.last(Durchsetzung::Warn, stand, weg, am)
            .map_or(Kontakterlaubnis::Erlaubt, Kontakterlaubnis::Gewarnt)
    }

    /// The obstacle on day `am` that ends last, among the rules that are enforced like this.
    fn last(
        &self,
        durchsetzung: Durchsetzung,
        stand: &Kontaktstand,
        weg: Kontaktweg,
        am: NaiveDate,
    ) -> Option<Kontakthindernis> {
        let rules = [
            (self.wochenfrist, stand.wochenfrist(weg)),
            (self.sperrfrist, stand.sperrfrist()),
            (self.sperre, stand.gesperrt()),
        ];
        rules
            .into_iter()
            .filter(|(rule, _)| *rule == durchsetzung)
            .filter_map(|(_, hindernis)| hindernis)
            .filter(|hindernis| hindernis.stands_on(am))
            // The last of equals wins: the stronger rule.
            .max_by_key(|hindernis| hindernis.end())
    }
}

impl Kontaktstand {
    /// The 7 days after a mail; calls are not bound by them.
    fn wochenfrist(&self, weg: Kontaktweg) -> Option<Kontakthindernis> {
        let mail = self.letzte_mail.filter(|_| weg == Kontaktweg::Mail)?;
        Some(Kontakthindernis::until(
            Grund::Wochenfrist,
            mail.checked_add_days(Days::new(WOCHENFRIST_TAGE)),
        ))
    }

    /// The 4 weeks after a refusal.
    pub(super) fn sperrfrist(&self) -> Option<Kontakthindernis> {
        let refusal = self.letzte_ablehnung?;
        Some(Kontakthindernis::until(
            Grund::Sperrfrist,
            refusal.checked_add_days(Days::new(SPERRFRIST_TAGE)),
        ))
    }

    fn gesperrt(&self) -> Option<Kontakthindernis> {
        Some(self.sperre?.hindernis())
    }
}

impl Kontaktsperre {
    /// What it says to a contact.
    pub fn hindernis(self) -> Kontakthindernis {
        let end = match self {
            Self::Bis(last_day) => last_day.succ_opt(),
            Self::Unbefristet => None,
        };
        Kontakthindernis::until(Grund::Gesperrt, end)
    }
}

/// Why a therapist is blocked by hand, in the words of the staff: 1 to [`BEGRUENDUNG_MAX_CHARS`] characters, white space
/// around them not counted.
///
/// # Errors
/// Anything else.
pub fn begruendung(words: &str) -> Result<String, FieldError> {
    const FIELD: &str = "begruendung";
    let words = field::text(FIELD, words.trim())?;
    match words.chars().count() {
        1..=BEGRUENDUNG_MAX_CHARS => Ok(words),
        _ => {
            let reason = format!("must have 1 to {BEGRUENDUNG_MAX_CHARS} characters");
            Err(FieldError::invalid(FIELD, reason))
        }
    }
}

impl Kontakthindernis {
    fn until(grund: Grund, end: Option<NaiveDate>) -> Self {
        Self {
            grund,
            naechster_kontakt_moeglich: end,
        }
    }

    /// Whether it still speaks against a contact on day `am`.
    pub fn stands_on(&self, am: NaiveDate) -> bool {
        self.naechster_kontakt_moeglich.is_none_or(|end| am < end)
    }

    fn end(&self) -> NaiveDate {
        self.naechster_kontakt_moeglich.unwrap_or(NaiveDate::MAX)
    }
}
