//! Planning a call, or recording one that was made (contract, `POST /api/phone-calls`).

use super::hinweise::Satz;
use super::lage::{Gefunden, Lage};
use super::requests::{CreateTelefonanruf, ShownTelefonanruf};
use super::settings::OnOverlap;
use super::vorwissen::Vorwissen;
use super::{ATTEMPTS, Telefonanrufe, conflict, is_conflict};
use crate::error::OutreachError;
use crate::once::Once;
use crate::outreach::emails::finish;
use crate::outreach::last_contact::HEAD_START;
use chrono::{NaiveDate, NaiveTime};
use comm_domain::field;
use comm_domain::outreach::telefonanruf::Gefuehrt;
use comm_domain::outreach::{
    Dauer, Empfaenger, LetzterKontakt, Moment, NewTelefonanruf, TelefonanrufError,
    TelefonanrufStatus, Termin,
};
use comm_ports::outreach::{Ablage, OutreachTx};
use comm_ports::{KeptAnswer, Signal};

/// A request whose fields keep the rules, and what the directory says of the person.
pub(crate) struct Auftrag {
    anruf: NewTelefonanruf,
    was: Was,
    vorwissen: Vorwissen,
}

#[derive(Debug, Clone, Copy)]
enum Was {
    /// To be planned for this day and time, as far as they are given.
    Planen(Option<NaiveDate>, Option<NaiveTime>),
    /// It was made already.
    Erfassen(Gefuehrt),
}

/// What a request with or without a key ends in.
enum Ausgang {
    /// It was carried out before.
    Schon(KeptAnswer),
    /// It was carried out now.
    Neu(Box<Gebucht>, Option<KeptAnswer>),
}

/// A call that this transaction stored.
pub(crate) struct Gebucht {
    pub(crate) shown: ShownTelefonanruf,
    contact: Option<LetzterKontakt>,
}

impl Telefonanrufe {
    /// Plans a call, or records one that was made.
    ///
    /// # Errors
    /// A field that breaks a rule, an unknown person, no free slot, or storage.
    pub async fn create(
        &self,
        request: CreateTelefonanruf,
    ) -> Result<ShownTelefonanruf, OutreachError> {
        let auftrag = self.prepare(request).await?;
        let calls = self.clone();
        finish(async move {
            match calls.carry_out(&auftrag, None).await? {
                Ausgang::Neu(gebucht, _) => Ok(gebucht.shown),
                Ausgang::Schon(_) => Err(OutreachError::Interrupted),
            }
        })
        .await
    }

    /// The same at most once, however often the request is repeated; the key is looked at first.
    ///
    /// # Errors
    /// The request's own error, those of [`Self::create`], or a key in use.
    pub async fn create_once<E>(
        &self,
        request: Result<CreateTelefonanruf, E>,
        once: Once<ShownTelefonanruf>,
    ) -> Result<KeptAnswer, E>
    where
        E: From<OutreachError> + Send + 'static,
    {
        // The directory is asked before there is a transaction.
        let auftrag = match request {
            Ok(request) => self.prepare(request).await.map_err(E::from),
            Err(error) => Err(error),
        };
        let calls = self.clone();
        finish(async move {
            match auftrag {
                Ok(auftrag) => Ok(calls.answer_once(&auftrag, &once).await?),
                Err(error) => calls.answered_before(&once).await?.ok_or(error),
            }
        })
        .await
    }

    async fn answer_once(
        &self,
        auftrag: &Auftrag,
        once: &Once<ShownTelefonanruf>,
    ) -> Result<KeptAnswer, OutreachError> {
        match self.carry_out(auftrag, Some(once)).await? {
            Ausgang::Schon(answer) | Ausgang::Neu(_, Some(answer)) => Ok(answer),
            Ausgang::Neu(_, None) => Err(OutreachError::Interrupted),
        }
    }

    /// Even a request that is wrong in itself is a conflict where its key belongs to another.
    async fn answered_before(
        &self,
        once: &Once<ShownTelefonanruf>,
    ) -> Result<Option<KeptAnswer>, OutreachError> {
        let mut tx = self.adapters.store.begin().await?;
        let before = once.before(tx.as_mut()).await;
        tx.rollback().await;
        before
    }

    async fn carry_out(
        &self,
        auftrag: &Auftrag,
        once: Option<&Once<ShownTelefonanruf>>,
    ) -> Result<Ausgang, OutreachError> {
        let turn = self.turns.of(auftrag.vorwissen.person).await;
        let mut attempts = 0;
        loop {
            attempts += 1;
            let mut tx = self.adapters.store.begin().await?;
            match self.try_once(tx.as_mut(), auftrag, once).await {
                Ok(Ausgang::Neu(gebucht, kept)) => {
                    tx.commit().await.map_err(OutreachError::from)?;
                    drop(turn);
                    self.committed(&gebucht).await;
                    return Ok(Ausgang::Neu(gebucht, kept));
                }
                Err(error) if is_conflict(&error) && attempts < ATTEMPTS => tx.rollback().await,
                // The key must be free before the client can repeat.
                other => {
                    tx.rollback().await;
                    return other.map_err(conflict);
                }
            }
        }
    }

    async fn try_once(
        &self,
        tx: &mut dyn OutreachTx,
        auftrag: &Auftrag,
        once: Option<&Once<ShownTelefonanruf>>,
    ) -> Result<Ausgang, OutreachError> {
        let Some(once) = once else {
            let gebucht = self.store_in(tx, auftrag).await?;
            return Ok(Ausgang::Neu(Box::new(gebucht), None));
        };
        if let Some(before) = once.before(tx).await? {
            return Ok(Ausgang::Schon(before));
        }
        let gebucht = self.store_in(tx, auftrag).await?;
        let answer = once.keep(tx, gebucht.shown.clone()).await?;
        Ok(Ausgang::Neu(Box::new(gebucht), Some(answer)))
    }

    /// Wakes whoever has something to do now, and tells the Patient Service.
    pub(crate) async fn committed(&self, gebucht: &Gebucht) {
        self.adapters.signals.raise(Signal::Outbox);
        self.adapters.tell_now(gebucht.contact).await;
    }

    /// Reads a request and asks the directory about its person.
    pub(crate) async fn prepare(
        &self,
        request: CreateTelefonanruf,
    ) -> Result<Auftrag, OutreachError> {
        let empfaenger = Empfaenger::parse(request.therapist_id, request.patient_id)?;
        let status = match request.status.as_deref().map(TelefonanrufStatus::parse) {
            None => TelefonanrufStatus::Geplant,
            Some(status) => status.map_err(|_| TelefonanrufError::InitialStatus)?,
        };
        NewTelefonanruf::check_status(status)?;
        let was = match status {
            TelefonanrufStatus::Abgeschlossen => Was::Erfassen(Gefuehrt {
                geplantes_datum: request.geplantes_datum,
                geplante_zeit: request.geplante_zeit,
                tatsaechlich: request.tatsaechlich,
            }),
            _ => Was::Planen(request.geplantes_datum, request.geplante_zeit),
        };
        Ok(Auftrag {
            anruf: parse(empfaenger, request)?,
            was,
            vorwissen: self.ask(empfaenger).await?,
        })
    }

    /// Stores the call in this transaction.
    pub(crate) async fn store_in(
        &self,
        tx: &mut dyn OutreachTx,
        auftrag: &Auftrag,
    ) -> Result<Gebucht, OutreachError> {
        tx.lock_kontaktstand(auftrag.vorwissen.person).await?;
        let mut lage = self.lage(tx, &auftrag.vorwissen).await?;
        match auftrag.was {
            Was::Planen(datum, zeit) => {
                let lage = lage.for_client();
                let chosen = choose(&lage, auftrag, (datum, zeit), self)?;
                let kontaktwarnung = lage.allowed(chosen.0.termin.datum())?;
                let mut gebucht = self.plan(tx, auftrag, chosen).await?;
                gebucht.shown.kontaktwarnung = kontaktwarnung;
                Ok(gebucht)
            }
            Was::Erfassen(gefuehrt) => self.record(tx, auftrag, gefuehrt, &mut lage).await,
        }
    }

    async fn plan(
        &self,
        tx: &mut dyn OutreachTx,
        auftrag: &Auftrag,
        (gefunden, hinweise): (Gefunden, Vec<Satz>),
    ) -> Result<Gebucht, OutreachError> {
        let id = tx.next_telefonanruf_id().await?;
        let beginn = gefunden.termin.beginn();
        let change = auftrag.anruf.clone().plan(id, beginn, self.moment())?;
        let anruf = tx.insert_telefonanruf(change, gefunden.ablage()).await?;
        let mut shown = self.show(anruf);
        shown.hinweise.extend(hinweise);
        Ok(Gebucht {
            shown,
            contact: None,
        })
    }

    async fn record(
        &self,
        tx: &mut dyn OutreachTx,
        auftrag: &Auftrag,
        gefuehrt: Gefuehrt,
        lage: &mut Lage<'_>,
    ) -> Result<Gebucht, OutreachError> {
        let id = tx.next_telefonanruf_id().await?;
        let change = auftrag.anruf.clone().record(id, gefuehrt, self.moment())?;
        let contact = self.adapters.call_contact(&change);
        let next = self.next_attempt(tx, lage, change.after()).await?;
        let kontaktwarnung = next.warnung(lage);
        let ablage = Ablage {
            platz: None,
            wiederholung_offen: next.is_open(),
        };
        let anruf = tx.insert_telefonanruf(change, ablage).await?;
        let naechster = self.plan_next(tx, next).await?;
        self.adapters.owe(tx, contact, HEAD_START).await?;
        let shown = ShownTelefonanruf {
            naechster,
            kontaktwarnung,
            ..self.show(anruf)
        };
        Ok(Gebucht { shown, contact })
    }
}

fn parse(
    empfaenger: Empfaenger,
    request: CreateTelefonanruf,
) -> Result<NewTelefonanruf, OutreachError> {
    let mut anruf = NewTelefonanruf::to(empfaenger).with_ergebnis(request.ergebnis)?;
    if let Some(minuten) = request.dauer_minuten {
        anruf.dauer = Dauer::parse(minuten)?;
    }
    if let Some(notizen) = request.notizen {
        anruf = anruf.with_notizen(&notizen)?;
    }
    if let Some(bearbeiter) = request.bearbeiter {
        anruf = anruf.with_bearbeiter(&bearbeiter)?;
    }
    anruf.therapeutenanfrage_id =
        field::id("therapeutenanfrage_id", request.therapeutenanfrage_id)?;
    Ok(anruf)
}

/// The slot that the call gets, and what the staff should know of it.
fn choose(
    lage: &Lage<'_>,
    auftrag: &Auftrag,
    wanted: (Option<NaiveDate>, Option<NaiveTime>),
    calls: &Telefonanrufe,
) -> Result<(Gefunden, Vec<Satz>), OutreachError> {
    let now = calls.moment();
    let heute = now.heute();
    let morgen = heute.succ_opt().unwrap_or(heute);
    let dauer = auftrag.anruf.dauer;
    let person = auftrag.vorwissen.person;
    let (ab, zeit) = match (wanted, person) {
        ((datum, Some(zeit)), _) => (datum.unwrap_or(morgen), Some(zeit)),
        ((datum, None), Empfaenger::Therapeut(_)) => (datum.unwrap_or(heute), None),
        ((datum, None), Empfaenger::Patient(_)) => (datum.unwrap_or(morgen), None),
    };
    match (zeit, person) {
        (Some(zeit), _) => at(lage, Termin::new(ab, zeit, dauer)?, now, calls),
        (None, Empfaenger::Patient(_)) if ab < heute => {
            let error = field::FieldError::invalid("geplantes_datum", "must not lie in the past");
            Err(error.into())
        }
        (None, _) => {
            let found = lage.earliest(ab, dauer);
            let gefunden = match found {
                Ok(gefunden) => gefunden,
                // A client who is bound by a rule is told of the rule.
                Err(vergeblich) if vergeblich.grund.is_contact_rule() => {
                    lage.allowed(ab.max(heute))?;
                    return Err(vergeblich.into_error(person));
                }
                Err(vergeblich) => return Err(vergeblich.into_error(person)),
            };
            Ok((gefunden, lage.hours.hinweise.clone()))
        }
    }
}

/// The time that the client gave, or where it is taken and that is configured, the next one of that day.
fn at(
    lage: &Lage<'_>,
    termin: Termin,
    now: Moment,
    calls: &Telefonanrufe,
) -> Result<(Gefunden, Vec<Satz>), OutreachError> {
    termin.check_not_past(now)?;
    match lage.exactly(termin) {
        Ok(gefunden) => Ok((gefunden, lage.hinweise(termin))),
        Err(error) => {
            let moves = calls.settings.on_overlap == OnOverlap::Move;
            let later = lage.later_that_day(termin).filter(|_| moves);
            let gefunden = later.ok_or(error)?;
            let mut hinweise = vec![Satz::verschoben(termin, gefunden.termin)];
            hinweise.extend(lage.hinweise(gefunden.termin));
            Ok((gefunden, hinweise))
        }
    }
}
