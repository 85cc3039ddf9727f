//! Some therapists in one transaction: locked, looked at anew, decided, booked.

use super::Nachverfolgungen;
use super::bericht::{Berichtszeile, Lauf};
use super::planung::{Anruf, Massstab, Plan};
use super::reihenfolge::Fall;
use crate::error::OutreachError;
use crate::outreach::telefonanrufe::lage::Lage;
use chrono::{Days, NaiveDate};
use comm_domain::outreach::{EmailId, Empfaenger, Moment, NewTelefonanruf, TelefonanrufId};
use comm_ports::outreach::{BelegterPlatz, OutreachTx, VerfolgbareEmail};
use std::collections::HashMap;
use std::ops::RangeInclusive;
use tracing::warn;

/// What is known of the therapists of a batch, by id.
struct Wissen {
    emails: HashMap<i64, Vec<VerfolgbareEmail>>,
    belegungen: HashMap<i64, comm_ports::outreach::Belegung>,
    anruflagen: HashMap<i64, comm_ports::outreach::Anruflage>,
}

/// A run under way.
pub(super) struct Stand {
    pub(super) lauf: Lauf,
    pub(super) massstab: Massstab,
    /// Seats that a trial has given away so far.
    vorgemerkt: Vec<BelegterPlatz>,
}

impl Stand {
    pub(super) fn new(lauf: Lauf, massstab: Massstab) -> Self {
        Self {
            lauf,
            massstab,
            vorgemerkt: Vec::new(),
        }
    }
}

impl Nachverfolgungen {
    /// A batch; where something is wrong with one of its therapists, each by itself, so that one keeps back no other.
    ///
    /// # Errors
    /// The database is away.
    pub(super) async fn batch_or_each(
        &self,
        faelle: &[Fall],
        stand: &mut Stand,
    ) -> Result<Vec<Berichtszeile>, OutreachError> {
        let error = match self.batch(faelle, stand).await {
            Ok(zeilen) => return Ok(zeilen),
            Err(error) if error.is_transient() => return Err(error),
            Err(error) => error,
        };
        if let [fall] = faelle {
            warn!(
                therapist_id = fall.therapist_id,
                %error,
                "The silent emails of a therapist cannot be followed up; the next run tries again"
            );
            let open = |email| Berichtszeile::offen(email, None);
            return Ok(fall.emails.iter().map(open).collect());
        }
        let mut zeilen = Vec::new();
        for fall in faelle {
            let one = std::slice::from_ref(fall);
            zeilen.extend(Box::pin(self.batch_or_each(one, stand)).await?);
        }
        Ok(zeilen)
    }

    async fn batch(
        &self,
        faelle: &[Fall],
        stand: &mut Stand,
    ) -> Result<Vec<Berichtszeile>, OutreachError> {
        // Before the transaction: whoever holds a connection must not wait for another.
        let belegt = match stand.lauf {
            Lauf::Echt => None,
            Lauf::Probe => self.seats_of_a_trial(stand).await?,
        };
        let mut tx = self.adapters.store.begin().await?;
        match self.batch_in(tx.as_mut(), faelle, stand, belegt).await {
            Ok(zeilen) if stand.lauf == Lauf::Echt => {
                tx.commit().await?;
                Ok(zeilen)
            }
            done => {
                tx.rollback().await;
                done
            }
        }
    }

    async fn batch_in(
        &self,
        tx: &mut dyn OutreachTx,
        faelle: &[Fall],
        stand: &mut Stand,
        belegt: Option<Vec<BelegterPlatz>>,
    ) -> Result<Vec<Berichtszeile>, OutreachError> {
        let now = self.calls.moment();
        let mut wissen = self.learn(tx, faelle, stand.lauf, now).await?;
        let mut plaetze = match stand.lauf {
            Lauf::Echt => self.lock_seats(tx, now).await?,
            Lauf::Probe => belegt,
        };
        let (mut zeilen, mut decisions) = (Vec::new(), Vec::new());
        for fall in faelle {
            let id = fall.therapist_id;
            let emails = wissen.emails.remove(&id).unwrap_or_default();
            let belegung = wissen.belegungen.remove(&id).unwrap_or_default();
            let anrufe = wissen.anruflagen.remove(&id).unwrap_or_default();
            let settings = self.calls.settings();
            let mut lage = Lage::new(settings, &fall.vorwissen, belegung, now);
            if let Some(plaetze) = &plaetze {
                lage.take_seats(plaetze.clone());
            }
            let mut plan = stand.massstab.plan(&emails, &lage, &anrufe);
            if let (Some(slot), Some(plaetze)) = (plan.slot, &mut plaetze) {
                let (platz, termin) = (slot.ablage().platz, slot.termin);
                plaetze.push(BelegterPlatz { platz, termin });
                stand.vorgemerkt.push(BelegterPlatz { platz, termin });
            }
            if stand.lauf == Lauf::Echt {
                self.carry_out(tx, id, &mut plan, now).await?;
                decisions.extend(plan.zeilen.iter().map(|geplant| geplant.decision(now.at)));
            }
            zeilen.extend(plan.zeilen.into_iter().map(|geplant| geplant.zeile));
        }
        if !decisions.is_empty() {
            tx.save_nachverfolgungen(&decisions).await?;
        }
        Ok(zeilen)
    }

    /// A trial locks nobody.
    async fn learn(
        &self,
        tx: &mut dyn OutreachTx,
        faelle: &[Fall],
        lauf: Lauf,
        now: Moment,
    ) -> Result<Wissen, OutreachError> {
        let ids: Vec<i64> = faelle.iter().map(|fall| fall.therapist_id).collect();
        if lauf == Lauf::Echt {
            let people: Vec<_> = ids.iter().copied().map(Empfaenger::Therapeut).collect();
            tx.lock_kontaktstaende(&people).await?;
        }
        let wanted = faelle.iter().flat_map(|fall| &fall.emails);
        let wanted: Vec<EmailId> = wanted.map(|email| email.id).collect();
        let mut emails: HashMap<i64, Vec<VerfolgbareEmail>> = HashMap::new();
        for email in tx.unentschiedene(&wanted).await? {
            emails.entry(email.therapist_id).or_default().push(email);
        }
        let yesterday = now.heute().pred_opt().unwrap_or(now.heute());
        Ok(Wissen {
            emails,
            belegungen: tx.belegungen(&ids, yesterday).await?.into_iter().collect(),
            anruflagen: tx.anruflagen(&ids, now.wall).await?.into_iter().collect(),
        })
    }

    /// The seats that are taken, where there are any.
    async fn lock_seats(
        &self,
        tx: &mut dyn OutreachTx,
        now: Moment,
    ) -> Result<Option<Vec<BelegterPlatz>>, OutreachError> {
        Ok(match self.days_of_seats(now) {
            Some(days) => Some(tx.lock_plaetze(days).await?),
            None => None,
        })
    }

    /// The same without a lock, together with those that the trial has given away.
    async fn seats_of_a_trial(
        &self,
        stand: &Stand,
    ) -> Result<Option<Vec<BelegterPlatz>>, OutreachError> {
        let Some(days) = self.days_of_seats(self.calls.moment()) else {
            return Ok(None);
        };
        let mut taken = self.adapters.telefonanrufe.plaetze(days).await?;
        taken.extend(&stand.vorgemerkt);
        Ok(Some(taken))
    }

    fn days_of_seats(&self, now: Moment) -> Option<RangeInclusive<NaiveDate>> {
        let settings = self.calls.settings();
        settings.seats?;
        let yesterday = now.heute().pred_opt().unwrap_or(now.heute());
        let last = yesterday.checked_add_days(Days::new(settings.seat_days()));
        Some(yesterday..=last.unwrap_or(yesterday))
    }

    /// Books the new call, and lets emails join the one that was planned.
    async fn carry_out(
        &self,
        tx: &mut dyn OutreachTx,
        therapist_id: i64,
        plan: &mut Plan,
        now: Moment,
    ) -> Result<(), OutreachError> {
        if let Some(slot) = plan.slot {
            let id = tx.next_telefonanruf_id().await?;
            let change = new_call(therapist_id, plan).plan(id, slot.termin.beginn(), now)?;
            tx.insert_telefonanruf(change, slot.ablage()).await?;
            plan.book(id);
        }
        let joining = plan.zeilen.iter().find_map(|geplant| match geplant.anruf {
            Some(Anruf::Vorhanden(id)) => Some(id),
            _ => None,
        });
        match joining {
            Some(id) => self.join(tx, id, plan, now).await,
            None => Ok(()),
        }
    }

    async fn join(
        &self,
        tx: &mut dyn OutreachTx,
        id: TelefonanrufId,
        plan: &Plan,
        now: Moment,
    ) -> Result<(), OutreachError> {
        let found = tx.lock_telefonanruf(id).await?;
        let (mut anruf, ablage) = found.ok_or(OutreachError::TelefonanrufNotFound)?;
        for geplant in plan.of(|anruf| anruf == Anruf::Vorhanden(id)) {
            anruf = anruf.join(geplant.zeile.email_id, now.at)?.into_after();
        }
        tx.save_telefonanruf(anruf.unchanged(), ablage).await?;
        Ok(())
    }
}

/// The call that a plan wants; it belongs to the bundle of its oldest email.
fn new_call(therapist_id: i64, plan: &Plan) -> NewTelefonanruf {
    let silent: Vec<_> = plan.of(|anruf| anruf == Anruf::Neu).collect();
    let emails = silent.iter().map(|geplant| geplant.zeile.email_id);
    let mut anruf =
        NewTelefonanruf::to(Empfaenger::Therapeut(therapist_id)).with_email_ids(emails.collect());
    let oldest = silent.first();
    anruf.therapeutenanfrage_id = oldest.and_then(|geplant| geplant.therapeutenanfrage_id);
    anruf
}
