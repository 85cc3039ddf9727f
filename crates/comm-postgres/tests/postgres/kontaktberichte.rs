//! What the staff reads about the contacts of therapists, out of a real PostgreSQL.

use crate::berichte::{HELD, call, day};
use crate::support::{Db, db};
use chrono::{DateTime, Utc};
use comm_domain::Zeitzone;
use comm_domain::outreach::nachverfolgung::Ergebnis;
use comm_domain::outreach::{EmailId, EmailStatus, Empfaenger, Grund, Kontaktsperre};
use comm_ports::outreach::{
    Counting, Einzelkontakt, Kontaktberichte, Kontaktereignis, OutreachStore, Sperre,
    Therapeutenlage,
};
use comm_ports::page::{Page, PageRequest};
use comm_ports::testing::build::instant;

fn berlin() -> Zeitzone {
    Zeitzone::parse("zone", "Europe/Berlin").unwrap()
}

fn at(instant: &str) -> DateTime<Utc> {
    instant.parse().unwrap()
}

/// What makes an email one that was sent then.
fn sent(at: &str) -> String {
    format!("status = 'Gesendet', in_warteschlange_am = '{at}', gesendet_am = '{at}'")
}

impl Db {
    /// An email to therapist 7, changed like this; answers its id.
    async fn mail(&self, set: &str) -> i64 {
        let email = self.insert(EmailStatus::Entwurf).await;
        self.sql(&format!(
            "UPDATE communication_service.emails SET {set} WHERE id = {}",
            email.id
        ))
        .await;
        email.id.0
    }

    /// A call to therapist 7.
    async fn call(&self, id: i64, slot: &str, set: &str) {
        self.sql(&call(id, slot, set)).await;
        self.sql(&format!(
            "UPDATE communication_service.telefonanrufe SET therapist_id = 7 WHERE id = {id}"
        ))
        .await;
    }

    async fn timeline(&self, request: &PageRequest) -> Page<Kontaktereignis> {
        let (counting, zone) = (Counting::Capped, berlin());
        let page = self.store.kontakte(7, request, counting, zone).await;
        page.unwrap()
    }

    async fn lage(&self, therapist_id: i64) -> Therapeutenlage {
        let lagen = self.store.therapeuten(&[therapist_id]).await.unwrap();
        let [lage] = lagen.try_into().unwrap();
        lage
    }
}

/// Mails by their ids, calls with a minus.
fn numbers(page: &Page<Kontaktereignis>) -> Vec<i64> {
    let rows = page.rows.iter();
    rows.map(|row| match &row.kontakt {
        Einzelkontakt::Email(email, _) => email.id.0,
        Einzelkontakt::Anruf(anruf) => -anruf.id.0,
    })
    .collect()
}

#[tokio::test]
async fn mails_and_calls_stand_on_one_timeline_newest_first() {
    let db = db().await;
    let draft = db.mail("betreff = 'nie'").await;
    let sent = db.mail(&sent("2026-02-02 08:00+00")).await;
    let waiting = "status = 'In_Warteschlange', faellig_am = now(), in_warteschlange_am = '2026-02-02 08:30+00'";
    let waiting = db.mail(waiting).await;
    let failed =
        "status = 'Fehlgeschlagen', fehlerart = 'endgueltig', created_at = '2026-02-02 07:00+00'";
    let failed = db.mail(failed).await;
    let hidden =
        db.mail("status = 'Gesendet', gesendet_am = '2026-02-02 08:10+00', geloescht_am = now()");
    let hidden = hidden.await;
    let patient = "therapist_id = NULL, patient_id = 7, status = 'Gesendet', gesendet_am = '2026-02-02 08:20+00'";
    db.mail(patient).await;
    // Nine o'clock on the wall of Berlin is eight o'clock UTC, the moment of the mail.
    db.call(3, "2026-02-02 09:00", "").await;
    db.call(
        4,
        "2026-01-20 10:00",
        "status = 'abgeschlossen', tatsaechliches_datum = '2026-02-02', tatsaechliche_zeit = '10:00'",
    )
    .await;
    db.call(
        5,
        "2026-02-02 07:00",
        "status = 'abgebrochen', notizen = 'Antwort kam'",
    )
    .await;
    db.call(
        6,
        "2026-02-02 09:00",
        "status = 'abgebrochen', geloescht_am = now(), entbehrlich = true",
    )
    .await;
    let page = db.timeline(&PageRequest::default()).await;
    // A call before the mail of the same moment, if its id is the same or higher.
    assert_eq!(numbers(&page), [-4, waiting, -3, sent, failed, -5]);
    assert_eq!(page.total.unwrap().count, 6);
    assert!(!numbers(&page).contains(&draft) && !numbers(&page).contains(&hidden));
    let times: Vec<_> = page.rows.iter().map(|row| row.zeitpunkt).collect();
    let expected = ["09:00", "08:30", "08:00", "08:00", "07:00", "06:00"];
    assert_eq!(
        times,
        expected.map(|time| at(&format!("2026-02-02T{time}:00Z")))
    );
    let Einzelkontakt::Anruf(cancelled) = &page.rows[5].kontakt else {
        panic!("{page:?}");
    };
    assert_eq!(cancelled.notizen.as_deref(), Some("Antwort kam"));
}

#[tokio::test]
async fn cursors_and_numbered_pages_lead_through_all_of_it() {
    let db = db().await;
    let mut expected = Vec::new();
    for minute in 10..15 {
        // Two mails and a call at the same moment.
        let at = format!("2026-02-02 08:{minute}+00");
        let one = db.mail(&sent(&at)).await;
        let other = db.mail(&sent(&at)).await;
        let call = 2 * minute;
        let slot = format!("2026-02-02 09:{minute}");
        db.call(call, &slot, "status = 'abgebrochen'").await;
        let mut three = vec![(2 * one, one), (2 * other, other), (2 * call + 1, -call)];
        three.sort();
        expected.extend(three.into_iter().map(|(_, number)| number));
    }
    expected.reverse();
    for limit in [1, 2, 4, 7, 15, 16] {
        let (mut request, mut seen) = (PageRequest::numbered(1, limit), Vec::new());
        loop {
            let page = db.timeline(&request).await;
            seen.extend(numbers(&page));
            let Some(next) = page.next else { break };
            request = PageRequest::after(next, limit);
            assert!(seen.len() < 16, "{limit}: {seen:?}");
        }
        assert_eq!(seen, expected, "{limit}");
        let mut seen = Vec::new();
        for number in 1..=16 {
            let page = db.timeline(&PageRequest::numbered(number, limit)).await;
            assert_eq!(page.total.unwrap().count, 15);
            seen.extend(numbers(&page));
        }
        assert_eq!(seen, expected, "{limit}");
    }
    let beyond = db.timeline(&PageRequest::numbered(i64::MAX, 1000)).await;
    assert_eq!((numbers(&beyond), beyond.next), (Vec::new(), None));
}

#[tokio::test]
async fn totals_stop_at_ten_thousand_unless_all_are_counted() {
    let db = db().await;
    db.sql(
        "INSERT INTO communication_service.emails (therapist_id, betreff, inhalt_html, inhalt_text, legal_footer, \
           empfaenger_email, empfaenger_name, absender_email, absender_name, status, message_id, created_at, updated_at, \
           sequence, gesendet_am) \
         SELECT 7, 'b', 'h', 't', false, 'a@example.org', 'n', 'b@example.org', 'n', 'Gesendet', 'm' || n, now(), now(), 1, \
           now() FROM generate_series(1, 10001) n",
    )
    .await;
    db.call(3, "2026-02-02 09:00", "").await;
    let total = async |counting| {
        let first = PageRequest::default();
        let page = db.store.kontakte(7, &first, counting, berlin());
        let total = page.await.unwrap().total.unwrap();
        (total.count, total.capped)
    };
    assert_eq!(total(Counting::Capped).await, (10_000, true));
    assert_eq!(total(Counting::Exact).await, (10_002, false));
}

#[tokio::test]
async fn a_mail_comes_with_what_was_decided_about_its_follow_up() {
    let db = db().await;
    let planned = db.mail(&sent("2026-01-05 08:00+00")).await;
    let left = db.mail(&sent("2026-01-04 08:00+00")).await;
    let open = db.mail(&sent("2026-01-03 08:00+00")).await;
    db.sql(&format!(
        "INSERT INTO communication_service.nachverfolgungen VALUES \
           ({planned}, 'geplant', NULL, 12, '2026-01-12 05:00+00'), \
           ({left}, 'gelassen', 'sperrfrist', NULL, '2026-01-12 05:00+00')"
    ))
    .await;
    let page = db.timeline(&PageRequest::default()).await;
    let decision = |id: i64| {
        let row = page.rows.iter().find_map(|row| match &row.kontakt {
            Einzelkontakt::Email(email, decision) if email.id.0 == id => Some(*decision),
            _ => None,
        });
        row.unwrap()
    };
    let call = decision(planned).unwrap();
    assert_eq!(call.ergebnis, Ergebnis::Geplant);
    assert_eq!((call.grund, call.telefonanruf_id.unwrap().0), (None, 12));
    assert_eq!(call.entschieden_am, at("2026-01-12T05:00:00Z"));
    let none = decision(left).unwrap();
    assert_eq!(
        (none.ergebnis, none.grund),
        (Ergebnis::Gelassen, Some(Grund::Sperrfrist))
    );
    assert_eq!(decision(open), None);
}

#[tokio::test]
async fn a_block_is_stored_replaced_and_lifted() {
    let db = db().await;
    let sperre = |dauer| Sperre {
        seit: instant(),
        dauer,
        begruendung: "Umzug".to_owned(),
    };
    let until = sperre(Kontaktsperre::Bis(day("2026-12-31")));
    let endless = sperre(Kontaktsperre::Unbefristet);
    for wanted in [Some(until), Some(endless), None] {
        let mut tx = db.store.begin().await.unwrap();
        tx.lock_kontaktstand(Empfaenger::Therapeut(7))
            .await
            .unwrap();
        tx.save_sperre(7, wanted.clone()).await.unwrap();
        assert_eq!(tx.sperre(7).await.unwrap(), wanted);
        tx.commit().await.unwrap();
        assert_eq!(db.store.sperre(7).await.unwrap(), wanted);
        let rules_see = db.lage(7).await.kontakt.sperre;
        assert_eq!(rules_see, wanted.map(|sperre| sperre.dauer));
    }
    assert_eq!(db.store.sperre(8).await.unwrap(), None);
}

#[tokio::test]
async fn a_therapist_is_known_by_a_contact_or_by_a_copy_out_of_the_directory() {
    let db = db().await;
    let copy = r#"{"name": "Dr. Ada\u0000 Beispiel", "potenziell_verfuegbar": true, "potenziell_verfuegbar_notizen": "ab Mai"}"#;
    db.sql(&format!(
        "INSERT INTO communication_service.kontaktstand (art, person_id) \
           VALUES ('therapist', 7), ('therapist', 8), ('patient', 1); \
         INSERT INTO communication_service.verzeichnis_kopien VALUES ('therapist', 8, '{copy}', now()), \
           ('therapist', 9, '{{\"name\": null}}', now()), ('therapist', 10, '[5]', now()), ('patient', 2, '{{}}', now())"
    ))
    .await;
    let mut all = db.store.alle_therapeuten().await.unwrap();
    all.sort_by_key(|lage| lage.therapist_id);
    let ids: Vec<_> = all.iter().map(|lage| lage.therapist_id).collect();
    assert_eq!(ids, [7, 8, 9, 10]);
    let [contact, both, silent, unreadable] = all.try_into().unwrap();
    let kopie = both.kopie.as_ref().unwrap();
    assert_eq!(kopie.name.as_deref(), Some("Dr. Ada\0 Beispiel"));
    assert_eq!(
        kopie.potenziell_verfuegbar_notizen.as_deref(),
        Some("ab Mai")
    );
    assert!(both.potenziell_verfuegbar() && !silent.potenziell_verfuegbar());
    assert_eq!((contact.kopie, unreadable.kopie), (None, None));
    assert_eq!(silent.kopie.unwrap().name, None);
    let named = db.store.therapeuten(&[8, 77]).await.unwrap();
    let mut ids: Vec<_> = named.iter().map(|lage| lage.therapist_id).collect();
    ids.sort();
    assert_eq!(ids, [8, 77]);
}

#[tokio::test]
async fn what_the_rules_go_by_counts_hidden_mails_and_talks() {
    let db = db().await;
    assert_eq!(
        db.lage(7).await,
        Therapeutenlage {
            therapist_id: 7,
            ..Therapeutenlage::default()
        }
    );
    db.mail("betreff = 'Entwurf', created_at = '2026-03-01'")
        .await;
    db.mail(
        "status = 'Fehlgeschlagen', fehlerart = 'endgueltig', in_warteschlange_am = '2026-02-28'",
    )
    .await;
    let hidden = "status = 'Gesendet', gesendet_am = '2026-02-03 08:00+00', geloescht_am = now(), \
         antwort_erhalten = true, antwort_art = 'abgelehnt', antwortdatum = '2026-02-04 08:00+00'";
    db.mail(hidden).await;
    db.mail(&sent("2026-02-02 08:00+00")).await;
    let lage = db.lage(7).await;
    assert_eq!(lage.kontakt.letzte_mail, Some(at("2026-02-03T08:00:00Z")));
    assert_eq!(
        lage.kontakt.abgelehnt_per_mail,
        Some(at("2026-02-04T08:00:00Z"))
    );
    let later = "status = 'In_Warteschlange', faellig_am = now(), in_warteschlange_am = '2026-02-05', \
         senden_ab = '2026-02-09 08:00+00'";
    let later = db.mail(later).await;
    let lage = db.lage(7).await;
    assert_eq!(lage.kontakt.letzte_mail, Some(at("2026-02-09T08:00:00Z")));
    let mut tx = db.store.begin().await.unwrap();
    let without = tx.kontaktdaten(&[7], Some(EmailId(later))).await.unwrap();
    assert_eq!(without[0].1.letzte_mail, Some(at("2026-02-03T08:00:00Z")));
    tx.rollback().await;
    let doubt = "status = 'Fehlgeschlagen', fehlerart = 'ausgang_unklar', versucht_am = '2026-02-10 08:00+00'";
    db.mail(doubt).await;
    let lage = db.lage(7).await;
    assert_eq!(lage.kontakt.letzte_mail, Some(at("2026-02-10T08:00:00Z")));
    db.call(
        1,
        "2026-02-02 09:00",
        &format!("{HELD}, geloescht_am = now()"),
    )
    .await;
    db.call(
        2,
        "2026-02-03 09:00",
        &format!("{HELD}, ergebnis_art = 'nicht_erreicht'"),
    )
    .await;
    db.call(3, "2026-02-04 09:00", "").await;
    let talk = db.lage(7).await.zuletzt_gesprochen;
    assert_eq!(talk, day("2026-02-02").and_hms_opt(9, 0, 0));
}

#[tokio::test]
async fn what_is_under_way_is_told_for_each_therapist() {
    let db = db().await;
    let waiting = "status = 'In_Warteschlange', faellig_am = now(), in_warteschlange_am = now()";
    let first = db.mail(waiting).await;
    let under_way = "status = 'Wird_gesendet', versucht_am = now(), sperre = gen_random_uuid(), gesperrt_bis = now()";
    let second = db.mail(under_way).await;
    db.mail("betreff = 'Entwurf'").await;
    let late = db.mail(&sent("2026-01-20 08:00+00")).await;
    let early = db
        .mail(&format!(
            "{}, geloescht_am = now()",
            sent("2026-01-10 00:00+00")
        ))
        .await;
    db.mail(&sent("2026-01-09 23:59+00")).await;
    db.mail(&sent("2026-01-25 00:00+00")).await;
    let decided = db.mail(&sent("2026-01-12 08:00+00")).await;
    let other = db
        .mail(&format!(
            "{}, therapist_id = 8",
            sent("2026-01-12 08:00+00")
        ))
        .await;
    db.mail(&format!(
        "{}, therapist_id = 9",
        sent("2026-01-12 08:00+00")
    ))
    .await;
    db.sql(&format!(
        "INSERT INTO communication_service.nachverfolgungen VALUES ({decided}, 'geplant', NULL, 12, now())"
    ))
    .await;
    db.call(3, "2026-02-02 10:00", "").await;
    db.call(4, "2026-02-02 09:00", "").await;
    db.call(5, "2026-02-03 09:00", "").await;
    db.call(6, "2026-02-02 11:00", "status = 'abgebrochen'")
        .await;
    let window = at("2026-01-10T00:00:00Z")..at("2026-01-25T00:00:00Z");
    let found = db
        .store
        .anstehendes(&[7, 8, 77], day("2026-02-02"), window)
        .await;
    let [(seven, of_seven), (eight, of_eight)] = found.unwrap().try_into().unwrap();
    assert_eq!((seven, eight), (7, 8));
    assert_eq!(of_seven.emails, [EmailId(first), EmailId(second)]);
    let calls: Vec<_> = of_seven.anrufe.iter().map(|id| id.0).collect();
    assert_eq!(calls, [4, 3]);
    let due: Vec<_> = of_seven.verfolgbar.iter().map(|email| email.id.0).collect();
    assert_eq!(due, [early, late]);
    let due: Vec<_> = of_eight.verfolgbar.iter().map(|email| email.id.0).collect();
    assert_eq!((of_eight.emails.len(), due), (0, vec![other]));
}
