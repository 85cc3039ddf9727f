//! Turns of the queue: many outcomes and new claims in one statement.

use crate::support::{Db, LEASE, db, ids};
use chrono::{NaiveDate, TimeDelta};
use comm_domain::outreach::{
    Email, EmailId, EmailPatch, EmailStatus, Fehler, Fehlerart, Fehlergrund, LetzterKontakt,
    Outcome, Versuchsplan,
};
use comm_domain::{Change, Deletion};
use comm_ports::outreach::{Claim, OutreachStore, Turn, Verdict};
use comm_ports::testing::build::instant;
use uuid::Uuid;

fn failed(art: Fehlerart) -> Outcome {
    Outcome::Failed(Fehler {
        art,
        grund: Fehlergrund::NichtErreichbar,
        server: None,
        enhanced_code: None,
        anhang: None,
    })
}

fn settled(email: &Email, outcome: Outcome) -> Change<Email> {
    email
        .clone()
        .settle(outcome, instant(), &Versuchsplan::default())
        .unwrap()
}

fn verdict(email: &Email, sperre: Uuid, outcome: Outcome) -> Verdict {
    Verdict {
        sperre,
        seen: email.updated_at,
        change: settled(email, outcome),
        contact: None,
    }
}

/// Everything that a worker does with one email, on the connections that the store keeps.
async fn one_of_each(db: &Db) {
    let (emails, sperre) = claimed(db, 2).await;
    let [sent, edited] = emails.as_slice() else {
        unreachable!("two were claimed");
    };
    let verdict = verdict(sent, sperre, Outcome::Accepted);
    assert_eq!(turn(db, &[verdict], 9).await.saved, [sent.id]);
    let mut tx = db.store.begin().await.unwrap();
    let held = tx
        .lock_held(&[(edited.id, sperre)])
        .await
        .unwrap()
        .remove(0);
    let change = settled(&held, failed(Fehlerart::Endgueltig));
    tx.save_email(change).await.unwrap();
    assert!(tx.lock_expired(&[]).await.unwrap().is_none());
    tx.commit().await.unwrap();
    let draft = db.insert(EmailStatus::Entwurf).await;
    let mut tx = db.store.begin().await.unwrap();
    let locked = tx.lock_email(draft.id).await.unwrap().unwrap();
    let Deletion::Remove(removal) = locked.delete(instant()).unwrap() else {
        unreachable!("a draft is removed");
    };
    tx.remove_email(removal).await.unwrap();
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn a_column_that_a_newer_release_adds_stops_no_instance_of_this_one() {
    let db = db().await;
    one_of_each(&db).await;
    db.sql("ALTER TABLE communication_service.emails ADD COLUMN von_morgen text")
        .await;
    one_of_each(&db).await;
}

async fn turn(db: &Db, verdicts: &[Verdict], limit: usize) -> Turn {
    let (sperre, lease) = (Uuid::new_v4(), LEASE);
    let claim = Claim {
        sperre,
        lease,
        limit,
    };
    let mut turn = db.store.turn(verdicts, claim).await.unwrap();
    turn.saved.sort_unstable();
    turn
}

/// This many emails, claimed with one token.
async fn claimed(db: &Db, count: usize) -> (Vec<Email>, Uuid) {
    for _ in 0..count {
        db.insert(EmailStatus::InWarteschlange).await;
    }
    db.all_due().await;
    let sperre = Uuid::new_v4();
    let mut claimed = db.claim(sperre, count).await;
    claimed.sort_by_key(|email| email.id);
    (claimed, sperre)
}

/// Everything about a row but what differs between two emails: times as distances, to the second.
async fn row(db: &Db, id: EmailId) -> String {
    let columns = "to_jsonb(emails) - ARRAY['id', 'message_id', 'versucht_am', 'gesperrt_bis', 'created_at'] \
         || jsonb_build_object('is_leased', gesperrt_bis IS NOT NULL, \
           'faellig_am', round(extract(epoch FROM faellig_am - clock_timestamp()) / 10), \
           'naechster_versuch_am', round(extract(epoch FROM naechster_versuch_am - clock_timestamp()) / 10))";
    let client = db.database.connect().await.unwrap();
    let sql = format!("SELECT ({columns})::text FROM communication_service.emails WHERE id = {id}");
    client.query_one(&sql, &[]).await.unwrap().get(0)
}

#[tokio::test]
async fn every_outcome_leaves_the_row_that_saving_the_email_by_itself_would_leave() {
    let db = db().await;
    let outcomes = [
        Outcome::Accepted,
        failed(Fehlerart::Voruebergehend),
        failed(Fehlerart::Endgueltig),
        failed(Fehlerart::AusgangUnklar),
        Outcome::CalledOff,
    ];
    let (emails, sperre) = claimed(&db, 2 * outcomes.len()).await;
    let (together, alone) = emails.split_at(outcomes.len());
    let verdicts: Vec<_> = together
        .iter()
        .zip(outcomes.clone())
        .map(|(email, outcome)| verdict(email, sperre, outcome))
        .collect();
    assert_eq!(turn(&db, &verdicts, 0).await.saved, ids(together));
    let mut tx = db.store.begin().await.unwrap();
    for (email, outcome) in alone.iter().zip(outcomes.clone()) {
        tx.save_email(settled(email, outcome)).await.unwrap();
    }
    tx.commit().await.unwrap();
    for ((together, alone), outcome) in together.iter().zip(alone).zip(&outcomes) {
        let (together, alone) = (row(&db, together.id).await, row(&db, alone.id).await);
        assert_eq!(together, alone, "{outcome:?}");
    }
    let events = "SELECT count(*) FROM communication_service.outbox WHERE sequence = 2";
    assert_eq!(
        db.number(events).await,
        6,
        "three of five outcomes are reported"
    );
}

#[tokio::test]
async fn only_what_is_as_it_was_claimed_is_stored_with_its_events_and_contacts() {
    let db = db().await;
    let (emails, sperre) = claimed(&db, 4).await;
    let mut verdicts: Vec<_> = emails
        .iter()
        .map(|email| verdict(email, sperre, Outcome::Accepted))
        .collect();
    for (verdict, day) in verdicts.iter_mut().zip([3, 9, 9, 2]) {
        let datum = NaiveDate::from_ymd_opt(2026, 1, day).unwrap();
        verdict.contact = Some(LetzterKontakt {
            patient_id: 7,
            datum,
        });
    }
    let [_, answered, doubted, not_mine] = <[Email; 4]>::try_from(emails).unwrap();
    let mut tx = db.store.begin().await.unwrap();
    let locked = tx.lock_email(answered.id).await.unwrap().unwrap();
    let patch = EmailPatch {
        antwort_erhalten: Some(true),
        ..EmailPatch::default()
    };
    let answer = locked.apply(patch, instant() + TimeDelta::seconds(1), TimeDelta::zero());
    tx.save_email(answer.unwrap()).await.unwrap();
    tx.save_email(doubted.abandon(instant()).unwrap())
        .await
        .unwrap();
    tx.commit().await.unwrap();
    verdicts.last_mut().unwrap().sperre = Uuid::new_v4();
    let saved = turn(&db, &verdicts, 0).await.saved;
    assert_eq!(saved, [EmailId(1)]);
    let sent = "SELECT count(*) FROM communication_service.emails WHERE status = 'Gesendet'";
    assert_eq!(db.number(sent).await, 1);
    let events = "SELECT count(*) FROM communication_service.outbox WHERE event_type = 'Sent'";
    assert_eq!(db.number(events).await, 1);
    let owed = "SELECT count(*) FROM communication_service.kontaktmeldungen \
         WHERE patient_id = 7 AND datum = '2026-01-03' AND faellig_am <= clock_timestamp()";
    assert_eq!(db.number(owed).await, 1);
    let under_way = "SELECT count(*) FROM communication_service.emails WHERE id IN (2, 4) AND status = 'Wird_gesendet'";
    assert_eq!(db.number(under_way).await, 2);
    assert_eq!(not_mine.status, EmailStatus::WirdGesendet);
}

#[tokio::test]
async fn two_mails_to_a_patient_are_one_duty_with_the_later_day() {
    let db = db().await;
    let (emails, sperre) = claimed(&db, 2).await;
    let mut verdicts: Vec<_> = emails
        .iter()
        .map(|email| verdict(email, sperre, Outcome::Accepted))
        .collect();
    for (verdict, day) in verdicts.iter_mut().zip([9, 3]) {
        let datum = NaiveDate::from_ymd_opt(2026, 1, day).unwrap();
        verdict.contact = Some(LetzterKontakt {
            patient_id: 7,
            datum,
        });
    }
    assert_eq!(turn(&db, &verdicts, 0).await.saved.len(), 2);
    let owed = "SELECT count(*) FROM communication_service.kontaktmeldungen \
         WHERE patient_id = 7 AND datum = '2026-01-09'";
    assert_eq!(db.number(owed).await, 1);
}

#[tokio::test]
async fn a_failure_takes_what_waits_of_its_email_along_and_the_turn_claims_the_next_mails() {
    let db = db().await;
    let (emails, sperre) = claimed(&db, 2).await;
    for _ in 0..3 {
        db.insert(EmailStatus::InWarteschlange).await;
    }
    db.all_due().await;
    let verdicts = [
        verdict(
            emails.first().unwrap(),
            sperre,
            failed(Fehlerart::Endgueltig),
        ),
        verdict(emails.last().unwrap(), sperre, Outcome::Accepted),
    ];
    let turn = turn(&db, &verdicts, 2).await;
    assert_eq!((turn.saved.len(), turn.claimed.len()), (2, 2));
    let first =
        "SELECT count(*) FROM communication_service.outbox WHERE priority = 0 AND aggregate_id = 1";
    assert_eq!(db.number(first).await, 2);
    let first = "SELECT count(*) FROM communication_service.outbox WHERE priority = 0";
    assert_eq!(db.number(first).await, 2, "of that email alone");
}
