//! Any situation, and weeks of daily runs over the mails of one therapist.

use crate::support::{at, day, decide_on, silence};
use comm_domain::outreach::kontaktregeln::Kontaktsperre;
use comm_domain::outreach::nachverfolgung::{Bisher, Entscheidung, Lage, OffeneEmail, Verzeichnis};
use comm_domain::outreach::{EmailId, Grund, Kontaktstand, TelefonanrufId};
use proptest::prelude::*;
use proptest::sample::select;
use std::collections::{BTreeMap, BTreeSet};

fn lage() -> impl Strategy<Value = Lage> {
    let email = (
        proptest::option::weighted(0.9, 0..80_u64),
        proptest::bool::weighted(0.1),
        select(&[None, None, Some(true), Some(false)][..]),
    )
        .prop_map(
            |(sent, antwort_erhalten, nachverfolgung_erforderlich)| OffeneEmail {
                id: EmailId(5),
                gesendet: sent.map(|on| at(on, 15)),
                antwort_erhalten,
                nachverfolgung_erforderlich,
            },
        );
    let kontakt = (
        proptest::option::weighted(0.3, 0..80_u64),
        proptest::option::weighted(0.3, 0..80_u64),
    )
        .prop_map(|(refusal, blocked)| Kontaktstand {
            letzte_mail: None,
            letzte_ablehnung: refusal.map(day),
            sperre: blocked.map(|last| Kontaktsperre::Bis(day(last))),
        });
    (
        email,
        kontakt,
        proptest::option::weighted(0.3, 0..80_u64),
        proptest::option::weighted(0.3, 1..9_i64),
        select(&[Verzeichnis::Bekannt, Verzeichnis::NichtErreichbar][..]),
    )
        .prop_map(|(email, kontakt, spoken, call, verzeichnis)| Lage {
            email,
            bisher: Bisher::Offen,
            kontakt,
            zuletzt_gesprochen: spoken.map(|on| at(on, 9)),
            geplanter_anruf: call.map(TelefonanrufId),
            verzeichnis,
        })
}

proptest! {
    #[test]
    fn nobody_is_called_who_should_not_be(lage in lage(), am in 0..120_u64) {
        let decision = decide_on(&lage, am);
        if matches!(decision, Entscheidung::Planen | Entscheidung::Anschliessen(_)) {
            let sent = lage.email.gesendet.unwrap();
            let silent_days = (day(am) - sent.date()).num_days();
            prop_assert!((7..=60).contains(&silent_days));
            prop_assert!(!lage.email.antwort_erhalten);
            prop_assert!(lage.email.nachverfolgung_erforderlich != Some(false));
            prop_assert!(lage.zuletzt_gesprochen.is_none_or(|talk| talk < sent));
            let refusal = lage.kontakt.letzte_ablehnung;
            prop_assert!(refusal.is_none_or(|on| (day(am) - on).num_days() >= 28));
        }
        if decision == Entscheidung::Planen {
            if let Some(Kontaktsperre::Bis(last)) = lage.kontakt.sperre {
                prop_assert!(last < day(am));
            }
            prop_assert_eq!(lage.verzeichnis, Verzeichnis::Bekannt);
            prop_assert_eq!(lage.geplanter_anruf, None);
        }
    }

    #[test]
    fn what_is_not_yet_due_stays_so_until_the_day_that_is_named(lage in lage(), am in 0..120_u64) {
        if let Entscheidung::NochNicht { grund, ab: Some(ab) } = decide_on(&lage, am) {
            for later in (am..200).take_while(|later| day(*later) < ab) {
                let same = matches!(
                    decide_on(&lage, later),
                    Entscheidung::NochNicht { .. } | Entscheidung::Lassen(Grund::ZuAlt)
                );
                prop_assert!(same);
            }
            let (_, then) = (0..200).map(|n| (day(n), n)).find(|(date, _)| *date == ab).unwrap();
            let unchanged = Entscheidung::NochNicht { grund, ab: Some(ab) };
            prop_assert_ne!(decide_on(&lage, then), unchanged);
        }
    }

    /// One run a day over several mails, of which some are answered on the way; each plans at most one call.
    #[test]
    fn daily_runs_give_each_mail_one_call_at_most_and_let_mails_share(
        sent in proptest::collection::vec(0..40_u64, 1..6),
        answered in proptest::collection::vec(proptest::option::of(0..60_u64), 6),
        held_every in 3..20_u64,
    ) {
        let mut decided = BTreeSet::new();
        let mut planned: Option<TelefonanrufId> = None;
        let mut calls: BTreeMap<TelefonanrufId, BTreeSet<usize>> = BTreeMap::new();
        for today in 0..110 {
            for (mail, (sent_on, answered_on)) in sent.iter().zip(&answered).enumerate() {
                let mut lage = silence();
                lage.email.gesendet = Some(at(*sent_on, 15)).filter(|_| *sent_on <= today);
                lage.email.antwort_erhalten = answered_on.is_some_and(|on| on <= today);
                lage.geplanter_anruf = planned;
                if decided.contains(&mail) {
                    lage.bisher = Bisher::Entschieden;
                }
                let decision = decide_on(&lage, today);
                if decision.is_final() {
                    prop_assert!(decided.insert(mail));
                }
                match decision {
                    Entscheidung::Planen => {
                        prop_assert_eq!(planned, None);
                        let id = TelefonanrufId(i64::try_from(today).unwrap() + 1);
                        planned = Some(id);
                        calls.entry(id).or_default().insert(mail);
                    }
                    Entscheidung::Anschliessen(id) => {
                        prop_assert_eq!(planned, Some(id));
                        calls.entry(id).or_default().insert(mail);
                    }
                    _ => {}
                }
            }
            if today % held_every == 0 {
                planned = None;
            }
        }
        for (mail, (sent_on, answered_on)) in sent.iter().zip(&answered).enumerate() {
            let of_mail = calls.values().filter(|mails| mails.contains(&mail)).count();
            let answered_in_time = answered_on.is_some_and(|on| on <= sent_on + 7);
            prop_assert_eq!(of_mail, usize::from(!answered_in_time));
        }
    }
}
