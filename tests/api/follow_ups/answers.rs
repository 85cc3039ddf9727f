//! What an answer does to the calls that follow up its mail.

use super::support::{Stille, only};
use serde_json::{Value, json};

/// The call that a run has planned for these mails.
async fn planned(stille: &Stille) -> Value {
    let report = stille.run().await;
    stille.by_id(&report["data"][0]["telefonanruf_id"]).await
}

/// Changes both mails of a call in the same way: the first is taken off it, with the second it is called off. Answers
/// the second.
async fn take_off_both(stille: &Stille, change: &Value, why: &str) -> Value {
    let first = stille.sent(9, json!({})).await;
    let second = stille.sent(8, json!({})).await;
    let call = planned(stille).await;
    stille.change(&first, change.clone()).await.expect(200);
    let left = stille.by_id(&call["id"]).await;
    assert_eq!(
        (&left["email_ids"], &left["status"]),
        (&json!([second["id"]]), &json!("geplant"))
    );
    stille.change(&second, change.clone()).await.expect(200);
    let over = stille.by_id(&call["id"]).await;
    assert_eq!(
        (&over["email_ids"], &over["status"]),
        (&json!([]), &json!("abgebrochen"))
    );
    let notes = over["notizen"].as_str().unwrap();
    assert!(notes.contains(why), "{notes}");
    assert_eq!(stille.events("phone_call.cancelled").await, 1);
    second
}

#[tokio::test]
async fn an_answer_takes_its_mail_off_the_call_and_the_last_one_calls_it_off() {
    let stille = Stille::start().await;
    let answered = json!({"antwort_erhalten": true});
    let second = take_off_both(&stille, &answered, "beantwortet").await;
    assert_eq!(stille.events("email.response_received").await, 2);
    // To say it again changes nothing.
    stille.change(&second, answered).await.expect(200);
    assert_eq!(stille.events("phone_call.cancelled").await, 1);
}

#[tokio::test]
async fn a_mail_that_is_switched_off_is_taken_off_its_call_as_an_answered_one_is() {
    let stille = Stille::start().await;
    let off = json!({"nachverfolgung_erforderlich": false});
    let second = take_off_both(&stille, &off, "abgeschaltet").await;
    // Whoever plans a call about it all the same keeps it.
    let about = json!({"therapist_id": 7, "email_ids": [second["id"]]});
    let wanted = stille.create(about).await;
    let notes = json!({"nachverfolgung_notizen": "Ruft selbst zurück"});
    stille.change(&second, notes).await.expect(200);
    assert_eq!(stille.by_id(&wanted["id"]).await["status"], "geplant");
}

#[tokio::test]
async fn the_slot_of_a_call_that_was_called_off_is_free() {
    let stille = Stille::start().await;
    let email = stille.sent(7, json!({})).await;
    let call = planned(&stille).await;
    let answered = json!({"antwort_erhalten": true});
    stille.change(&email, answered).await.expect(200);
    let again = stille.create(json!({"therapist_id": 7})).await;
    assert_eq!(again["geplante_zeit"], call["geplante_zeit"]);
    assert_eq!(again["geplantes_datum"], call["geplantes_datum"]);
}

#[tokio::test]
async fn an_answer_and_its_effect_on_the_call_are_one_transaction() {
    let stille = Stille::start().await;
    let email = stille.sent(7, json!({})).await;
    let call = planned(&stille).await;
    let refuse = "ALTER TABLE communication_service.telefonanrufe ADD CONSTRAINT refused CHECK (status <> 'abgebrochen')";
    stille.world.execute(refuse).await;
    let answered = json!({"antwort_erhalten": true});
    stille.change(&email, answered).await.expect(500);
    let path = format!("/api/emails/{}", email["id"]);
    let unchanged = stille.client.get(&path).await.expect(200).body;
    assert_eq!(unchanged["antwort_erhalten"], false);
    assert_eq!(
        stille.by_id(&call["id"]).await["email_ids"],
        json!([email["id"]])
    );
    assert_eq!(stille.events("email.response_received").await, 0);
}

#[tokio::test]
async fn a_call_that_a_client_planned_is_called_off_with_its_last_mail_too() {
    let stille = Stille::start().await;
    let email = stille.sent(7, json!({})).await;
    let call = stille
        .create(json!({"therapist_id": 7, "notizen": "Bitte kurz"}))
        .await;
    assert_eq!(only(&stille.run().await)["telefonanruf_id"], call["id"]);
    let answered = json!({"antwort_erhalten": true});
    stille.change(&email, answered).await.expect(200);
    let over = stille.by_id(&call["id"]).await;
    assert_eq!(over["status"], "abgebrochen");
    let notes = over["notizen"].as_str().unwrap();
    assert!(notes.starts_with("Bitte kurz"), "{notes}");
}

#[tokio::test]
async fn a_call_that_is_over_keeps_its_mail() {
    let stille = Stille::start().await;
    let email = stille.sent(7, json!({})).await;
    let call = planned(&stille).await;
    let done = json!({"status": "abgeschlossen", "ergebnis_art": "sonstiges"});
    stille.put(&call, done).await.expect(200);
    let answered = json!({"antwort_erhalten": true});
    stille.change(&email, answered).await.expect(200);
    let kept = stille.by_id(&call["id"]).await;
    assert_eq!(kept["email_ids"], json!([email["id"]]));
    assert_eq!(kept["status"], "abgeschlossen");
}
