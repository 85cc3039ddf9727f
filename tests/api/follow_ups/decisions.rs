//! Which mails are followed up, and why the others are not.

use super::support::{Stille, only, verdict};
use crate::telefonanrufe::support::slot;
use serde_json::json;

#[tokio::test]
async fn a_week_of_silence_is_counted_in_days() {
    let stille = Stille::start().await;
    let email = stille.sent(6, json!({})).await;
    assert_eq!(stille.run().await["data"], json!([]));
    // A mail of Monday evening is due on the next Monday morning.
    let evening = format!(
        "UPDATE communication_service.emails SET gesendet_am = \
           (date '{}' - 7 + time '23:59') AT TIME ZONE 'Europe/Berlin' WHERE id = {}",
        stille.today(),
        email["id"]
    );
    stille.world.execute(&evening).await;
    assert_eq!(stille.run().await["zusammenfassung"]["geplant"], 1);
    let short = Stille::with(&[("COMM__FOLLOWUP__WAIT_DAYS", "3")]).await;
    short.sent(3, json!({})).await;
    assert_eq!(short.run().await["zusammenfassung"]["geplant"], 1);
}

#[tokio::test]
async fn drafts_waiting_and_failed_mails_and_mails_to_patients_are_not_followed_up() {
    let stille = Stille::start().await;
    let draft = comm_tests::email(json!({}));
    stille.client.post("/api/emails", &draft).await.expect(201);
    let queued = comm_tests::email(json!({"status": "In_Warteschlange", "therapist_id": 8}));
    stille.client.post("/api/emails", &queued).await.expect(201);
    stille
        .sent(9, json!({"therapist_id": null, "patient_id": 5}))
        .await;
    assert_eq!(stille.run().await["data"], json!([]));
    assert_eq!(stille.calls().await, 0);
}

#[tokio::test]
async fn a_mail_that_was_hidden_is_still_followed_up() {
    let stille = Stille::start().await;
    let email = stille.sent(7, json!({})).await;
    let path = format!("/api/emails/{}", email["id"]);
    stille.client.delete(&path).await.expect(200);
    assert_eq!(only(&stille.run().await)["entscheidung"], "geplant");
}

#[tokio::test]
async fn an_answered_mail_and_one_that_is_switched_off_get_no_call_and_may_change_their_mind() {
    let stille = Stille::start().await;
    let answered = stille.sent(9, json!({"therapist_id": 7})).await;
    let off = stille.sent(8, json!({"therapist_id": 8})).await;
    let answer = json!({"antwort_erhalten": true});
    stille.change(&answered, answer).await.expect(200);
    let switched_off = json!({"nachverfolgung_erforderlich": false});
    stille.change(&off, switched_off).await.expect(200);
    let report = stille.run().await;
    let gelassen = |grund| ("gelassen", Some(grund));
    assert_eq!(verdict(&report, &answered), gelassen("bereits_beantwortet"));
    assert_eq!(verdict(&report, &off), gelassen("abgeschaltet"));
    let decided = format!(
        "{} gelassen bereits_beantwortet vorerst, {} gelassen abgeschaltet vorerst",
        answered["id"], off["id"]
    );
    assert_eq!(
        (stille.calls().await, stille.decisions().await),
        (0, decided)
    );
    // Both were mistakes: `true` counts as automatic.
    let mistake = json!({"antwort_erhalten": false});
    stille.change(&answered, mistake).await.expect(200);
    let on = json!({"nachverfolgung_erforderlich": true});
    stille.change(&off, on).await.expect(200);
    assert_eq!(stille.run().await["zusammenfassung"]["geplant"], 2);
}

#[tokio::test]
async fn whoever_was_spoken_to_since_gets_no_call_but_a_vain_attempt_is_no_talk() {
    let stille = Stille::start().await;
    let email = stille.sent(7, json!({})).await;
    let made = |art| json!({"therapist_id": 7, "status": "abgeschlossen", "ergebnis_art": art});
    stille.create(made("nicht_erreicht")).await;
    let said = stille.dry_run().await;
    assert_eq!(verdict(&said, &email).1, None, "{said:#}");
    stille.create(made("sonstiges")).await;
    let report = stille.run().await;
    let spoken = ("gelassen", Some("bereits_beantwortet"));
    assert_eq!(verdict(&report, &email), spoken);
    // A talk before the mail was sent says nothing about it.
    let earlier = "UPDATE communication_service.telefonanrufe SET tatsaechliches_datum = tatsaechliches_datum - 8 \
         WHERE ergebnis_art = 'sonstiges'";
    stille.world.execute(earlier).await;
    let report = stille.run().await;
    assert_eq!(verdict(&report, &email).1, None, "{report:#}");
}

#[tokio::test]
async fn after_a_refusal_a_mail_is_left_for_good() {
    let stille = Stille::start().await;
    let email = stille.sent(7, json!({})).await;
    let other = stille.sent(8, json!({"therapist_id": 7})).await;
    let refusal = json!({"antwort_erhalten": true, "antwort_art": "abgelehnt"});
    stille.change(&other, refusal).await.expect(200);
    let report = stille.run().await;
    assert_eq!(verdict(&report, &email), ("gelassen", Some("sperrfrist")));
    let decided = format!(
        "{} gelassen sperrfrist, {} gelassen bereits_beantwortet vorerst",
        email["id"], other["id"]
    );
    assert_eq!(stille.decisions().await, decided);
    let mistake = json!({"antwort_art": "angenommen"});
    stille.change(&other, mistake).await.expect(200);
    let report = stille.run().await;
    assert_eq!(report["zusammenfassung"]["geplant"], 0, "{report:#}");
}

#[tokio::test]
async fn history_is_left_alone() {
    let stille = Stille::start().await;
    stille.sent(61, json!({})).await;
    let edge = stille.sent(60, json!({"therapist_id": 8})).await;
    let report = stille.run().await;
    assert_eq!(only(&report)["email_id"], edge["id"]);
    let imported = Stille::with(&[("COMM__FOLLOWUP__NOT_BEFORE", "2100-01-01T00:00:00Z")]).await;
    imported.sent(7, json!({})).await;
    assert_eq!(imported.run().await["data"], json!([]));
}

#[tokio::test]
async fn without_a_setting_what_was_sent_before_the_first_migration_is_history() {
    // In August the database was not set up yet.
    let stille = Stille::with(&[("COMM__FOLLOWUP__NOT_BEFORE", "")]).await;
    stille.sent(7, json!({})).await;
    assert_eq!(stille.run().await["data"], json!([]));
    let set_up_before = "UPDATE communication_service.__diesel_schema_migrations \
         SET run_on = run_on - interval '3 years'";
    stille.world.execute(set_up_before).await;
    assert_eq!(stille.run().await["zusammenfassung"]["geplant"], 1);
}

#[tokio::test]
async fn switched_off_altogether_nobody_is_called() {
    let stille = Stille::with(&[("COMM__FOLLOWUP__ENABLED", "false")]).await;
    let email = stille.sent(7, json!({})).await;
    let report = stille.run().await;
    assert_eq!(verdict(&report, &email), ("gelassen", Some("abgeschaltet")));
    let decided = format!("{} gelassen abgeschaltet vorerst", email["id"]);
    assert_eq!(
        (stille.calls().await, stille.decisions().await),
        (0, decided)
    );
}

#[tokio::test]
async fn while_there_is_no_slot_the_mail_stays_open_and_the_next_run_tries_again() {
    let stille = Stille::start().await;
    let email = stille.sent(7, json!({})).await;
    let blocked = "INSERT INTO communication_service.kontaktstand (art, person_id, gesperrt_seit, gesperrt_bis, \
         sperre_begruendung) VALUES ('therapist', 7, now(), '2099-12-31', 'Urlaub') ON CONFLICT (art, person_id) \
         DO UPDATE SET gesperrt_seit = now(), gesperrt_bis = '2099-12-31', sperre_begruendung = 'Urlaub'";
    stille.world.execute(blocked).await;
    let report = stille.run().await;
    assert_eq!(verdict(&report, &email), ("offen", Some("gesperrt")));
    assert_eq!(only(&report)["naechster_kontakt_moeglich"], "2100-01-01");
    let open = format!("{} offen gesperrt vorerst", email["id"]);
    assert_eq!(stille.decisions().await, open);
    let since = "SELECT entschieden_am::text FROM communication_service.nachverfolgungen";
    let first = stille.world.text(since).await;
    stille.run().await;
    let repeated = stille.world.text(since).await;
    assert_eq!(repeated, first, "what does not change is not written");
    let lifted = "UPDATE communication_service.kontaktstand SET gesperrt_seit = NULL, gesperrt_bis = NULL, \
         sperre_begruendung = NULL";
    stille.world.execute(lifted).await;
    stille.keep_hours(7, json!({"Mo": ["09:00-09:05"]})).await;
    let report = stille.run().await;
    assert_eq!(slot(only(&report)), (stille.today(), "09:00"));
    let call = &only(&report)["telefonanruf_id"];
    let planned = format!("{} geplant {call}", email["id"]);
    assert_eq!(stille.decisions().await, planned);
}
