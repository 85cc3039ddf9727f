//! Who would be mailed or called on a day under other rules. Nothing is changed.

use super::{Therapeutenkontakte, reihenfolge, stelle};
use crate::error::OutreachError;
use chrono::{DateTime, Days, NaiveDate, NaiveDateTime, Utc};
use comm_domain::FieldError;
use comm_domain::outreach::nachverfolgung::{
    Bisher, Entscheidung, Lage, Nachverfolgungsregeln, OffeneEmail, Verzeichnis,
};
use comm_domain::outreach::{
    Durchsetzung, EmailId, Grund, Kontakterlaubnis, Kontaktregeln, Kontaktstand, Kontaktweg,
    TelefonanrufId,
};
use comm_ports::outreach::{Anstehendes, Counting, Therapeutenlage, VerfolgbareEmail};
use comm_ports::page::{Page, PageRequest};
use std::collections::{BTreeSet, HashMap};
use std::fmt;
use std::ops::Range;

/// Most therapists who can be named.
pub const SIMULATION_MAX_IDS: usize = 1000;

/// What is to be simulated.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SimulationRequest {
    /// The day; today unless it says otherwise.
    pub am: Option<NaiveDate>,
    /// How the mail after a mail is bound; as configured for the service unless it says otherwise.
    pub wochenfrist: Option<Durchsetzung>,
    /// How a contact after a refusal is bound, likewise.
    pub sperrfrist: Option<Durchsetzung>,
    /// How a contact while blocked by hand is bound, likewise.
    pub sperre: Option<Durchsetzung>,
    /// Whom it is about, known or not; everybody who is known unless it says otherwise.
    pub therapist_ids: Option<Vec<i64>>,
}

/// What came of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Simulation {
    /// The day.
    pub am: NaiveDate,
    /// The rules.
    pub regeln: Kontaktregeln,
    /// One page of the therapists, in the order in which they are to be contacted.
    pub therapeuten: Page<Simulierter>,
    /// How all of them fare with mails.
    pub mail: Wegbilanz,
    /// How all of them fare with calls.
    pub anruf: Wegbilanz,
}

/// What would become of a therapist.
#[derive(Clone, PartialEq, Eq)]
pub struct Simulierter {
    /// The therapist.
    pub therapist_id: i64,
    /// How the directory calls the therapist.
    pub name: Option<String>,
    /// Whether a mail could be queued.
    pub mail: Kontakterlaubnis,
    /// Whether a call could be booked.
    pub anruf: Kontakterlaubnis,
    /// What is under way.
    pub anstehend: Anstehend,
}

/// People are personal data: what is formatted for a log does not show their names.
impl fmt::Debug for Simulierter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Simulierter({}, ..)", self.therapist_id)
    }
}

/// What is under way to a therapist on a day.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Anstehend {
    /// The emails that wait or are being sent.
    pub emails: Vec<EmailId>,
    /// The calls that are planned for the day.
    pub anrufe: Vec<TelefonanrufId>,
    /// The sent emails whose follow-up is due on the day, whether a rule allows the call or not.
    pub nachverfolgungen: Vec<EmailId>,
}

/// How many therapists could be contacted by a way, and why others could not.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Wegbilanz {
    /// Those who could.
    pub moeglich: usize,
    /// Those of them of whom the staff would be warned.
    pub gewarnt: usize,
    /// Those who could not, since a mail went less than 7 days before.
    pub wochenfrist: usize,
    /// Those who could not, since they refused less than 4 weeks before.
    pub sperrfrist: usize,
    /// Those who could not, since they are blocked by hand.
    pub gesperrt: usize,
}

impl Therapeutenkontakte {
    /// Simulates a rule set on a day.
    ///
    /// # Errors
    /// A day that is over, too many or impossible ids, or storage.
    pub async fn simulate(
        &self,
        request: SimulationRequest,
        page: &PageRequest,
        counting: Counting,
    ) -> Result<Simulation, OutreachError> {
        let am = self.day(request.am)?;
        let regeln = self.rules(&request);
        let reads = &self.adapters.kontaktberichte;
        let mut lagen = match request.therapist_ids {
            Some(ids) => reads.therapeuten(&distinct(ids)?).await?,
            None => reads.alle_therapeuten().await?,
        };
        self.sort(&mut lagen);
        let check = |weg| {
            let zone = self.settings.zone;
            move |lage: &Therapeutenlage| regeln.check(&lage.kontakt.stand(zone), weg, am)
        };
        let (mail, anruf) = (check(Kontaktweg::Mail), check(Kontaktweg::Anruf));
        let balances = (Wegbilanz::of(&lagen, mail), Wegbilanz::of(&lagen, anruf));
        let place = |lage: &Therapeutenlage| {
            let kopie = lage.kopie.as_ref();
            stelle(kopie, self.last_contact(lage), lage.therapist_id)
        };
        let shown = Page::keyed(lagen, page, place, reihenfolge);
        let mut pending = self.pending(&shown.rows, am).await?;
        let row = |lage: Therapeutenlage| Simulierter {
            therapist_id: lage.therapist_id,
            mail: mail(&lage),
            anruf: anruf(&lage),
            anstehend: pending.remove(&lage.therapist_id).unwrap_or_default(),
            name: lage.kopie.and_then(|kopie| kopie.name),
        };
        Ok(Simulation {
            am,
            regeln,
            therapeuten: Page {
                rows: shown.rows.into_iter().map(row).collect(),
                total: shown.total.map(|total| match counting {
                    Counting::Capped => total.up_to_the_cap(),
                    Counting::Exact => total,
                }),
                next: shown.next,
            },
            mail: balances.0,
            anruf: balances.1,
        })
    }

    fn rules(&self, request: &SimulationRequest) -> Kontaktregeln {
        let regeln = self.settings.regeln;
        Kontaktregeln {
            wochenfrist: request.wochenfrist.unwrap_or(regeln.wochenfrist),
            sperrfrist: request.sperrfrist.unwrap_or(regeln.sperrfrist),
            sperre: request.sperre.unwrap_or(regeln.sperre),
        }
    }

    async fn pending(
        &self,
        lagen: &[Therapeutenlage],
        am: NaiveDate,
    ) -> Result<HashMap<i64, Anstehend>, OutreachError> {
        let ids: Vec<i64> = lagen.iter().map(|lage| lage.therapist_id).collect();
        let talks = lagen
            .iter()
            .map(|lage| (lage.therapist_id, lage.zuletzt_gesprochen));
        let talks: HashMap<i64, Option<NaiveDateTime>> = talks.collect();
        let (reads, silent) = (&self.adapters.kontaktberichte, &self.settings.followup);
        let since = silent
            .since(self.adapters.nachverfolgungen.as_ref())
            .await?;
        let regeln = silent.regeln(since, self.settings.zone);
        let found = reads.anstehendes(&ids, am, self.sent_when(am)).await?;
        let pending = |(id, found): (i64, Anstehendes)| {
            let zone = self.settings.zone;
            let talk = talks.get(&id).copied().flatten();
            let due = |email: &&VerfolgbareEmail| is_due(&regeln, &email.offen(zone), talk, am);
            let due = found.verfolgbar.iter().filter(due).map(|email| email.id);
            let anstehend = Anstehend {
                nachverfolgungen: due.collect(),
                emails: found.emails,
                anrufe: found.anrufe,
            };
            (id, anstehend)
        };
        Ok(found.into_iter().map(pending).collect())
    }

    /// When emails were sent whose follow-up may be due on this day.
    fn sent_when(&self, am: NaiveDate) -> Range<DateTime<Utc>> {
        let (zone, regeln) = (self.settings.zone, &self.settings.followup);
        let before = |days: u32| am.checked_sub_days(Days::new(days.into())).unwrap_or(am);
        let last = before(regeln.wait_days);
        let after = last.succ_opt().unwrap_or(last);
        zone.begin_of(before(regeln.max_age_days))..zone.begin_of(after)
    }
}

/// Whether an undecided email is followed up on this day, if neither a contact rule nor a planned call matters.
fn is_due(
    regeln: &Nachverfolgungsregeln,
    email: &OffeneEmail,
    zuletzt_gesprochen: Option<NaiveDateTime>,
    am: NaiveDate,
) -> bool {
    let lage = Lage {
        email: *email,
        bisher: Bisher::Offen,
        kontakt: Kontaktstand::default(),
        zuletzt_gesprochen,
        geplanter_anruf: None,
        verzeichnis: Verzeichnis::Bekannt,
    };
    let no_rule = Kontaktregeln::all(Durchsetzung::Off);
    regeln.decide(&lage, &no_rule, am) == Entscheidung::Planen
}

impl Wegbilanz {
    fn of(lagen: &[Therapeutenlage], check: impl Fn(&Therapeutenlage) -> Kontakterlaubnis) -> Self {
        let mut balance = Self::default();
        for lage in lagen {
            balance.count(check(lage));
        }
        balance
    }

    fn count(&mut self, erlaubnis: Kontakterlaubnis) {
        match erlaubnis {
            Kontakterlaubnis::Erlaubt => self.moeglich += 1,
            Kontakterlaubnis::Gewarnt(_) => {
                self.moeglich += 1;
                self.gewarnt += 1;
            }
            Kontakterlaubnis::Abgelehnt(hindernis) => match hindernis.grund {
                Grund::Wochenfrist => self.wochenfrist += 1,
                Grund::Sperrfrist => self.sperrfrist += 1,
                _ => self.gesperrt += 1,
            },
        }
    }
}

/// The ids that were named, each once. An id of 0 counts as left out.
fn distinct(ids: Vec<i64>) -> Result<Vec<i64>, FieldError> {
    const FIELD: &str = "therapist_ids";
    if ids.len() > SIMULATION_MAX_IDS {
        let reason = format!("must have at most {SIMULATION_MAX_IDS} ids");
        return Err(FieldError::invalid(FIELD, reason));
    }
    if ids.iter().any(|id| *id < 0) {
        return Err(FieldError::invalid(FIELD, "must be positive integers"));
    }
    let ids: BTreeSet<i64> = ids.into_iter().filter(|id| *id > 0).collect();
    Ok(ids.into_iter().collect())
}
