//! Several silent mails of one therapist share a call.

use super::support::{Stille, row, verdict};
use crate::telefonanrufe::support::slot;
use serde_json::json;

#[tokio::test]
async fn mails_that_are_due_together_share_the_call_that_the_oldest_has_planned() {
    let stille = Stille::start().await;
    let younger = stille.sent(8, json!({"therapeutenanfrage_id": 1})).await;
    let older = stille.sent(9, json!({"therapeutenanfrage_id": 2})).await;
    let report = stille.run().await;
    assert_eq!(verdict(&report, &older), ("geplant", None));
    assert_eq!(verdict(&report, &younger), ("angeschlossen", None));
    let call = stille.by_id(&row(&report, &older)["telefonanruf_id"]).await;
    assert_eq!(call["email_ids"], json!([younger["id"], older["id"]]));
    assert_eq!(call["therapeutenanfrage_id"], 2, "that of the oldest");
    assert_eq!(row(&report, &younger)["telefonanruf_id"], call["id"]);
    assert_eq!(stille.calls().await, 1);
    assert_eq!(stille.events("communication.call_scheduled").await, 1);
}

#[tokio::test]
async fn a_mail_that_is_due_later_joins_the_call_that_is_planned() {
    let stille = Stille::start().await;
    let first = stille.sent(7, json!({})).await;
    let second = stille.sent(6, json!({})).await;
    let report = stille.run().await;
    let call = row(&report, &first)["telefonanruf_id"].clone();
    stille.ago(&second, 1).await;
    let report = stille.run().await;
    let joined = row(&report, &second);
    assert_eq!(verdict(&report, &second), ("angeschlossen", None));
    assert_eq!(joined["telefonanruf_id"], call);
    let call = stille.by_id(&call).await;
    assert_eq!(slot(joined), slot(&call));
    assert_eq!(call["email_ids"], json!([first["id"], second["id"]]));
    assert_eq!(stille.calls().await, 1);
}

#[tokio::test]
async fn a_mail_joins_a_call_that_a_client_has_planned() {
    let stille = Stille::start().await;
    let email = stille.sent(7, json!({})).await;
    let late =
        json!({"therapist_id": 7, "geplantes_datum": stille.day(9), "geplante_zeit": "15:00"});
    let call = stille.create(late).await;
    let report = stille.run().await;
    assert_eq!(verdict(&report, &email), ("angeschlossen", None));
    assert_eq!(row(&report, &email)["telefonanruf_id"], call["id"]);
    let joined = stille.by_id(&call["id"]).await;
    assert_eq!(joined["email_ids"], json!([email["id"]]));
    assert_eq!(slot(&joined), (stille.day(9), "15:00"));
    assert_eq!(stille.events("communication.call_scheduled").await, 1);
}

#[tokio::test]
async fn a_planned_call_whose_time_has_passed_waits_for_nobody() {
    let stille = Stille::start().await;
    let email = stille.sent(7, json!({})).await;
    let call = stille.create(json!({"therapist_id": 7})).await;
    let forgotten =
        "UPDATE communication_service.telefonanrufe SET geplantes_datum = geplantes_datum - 1";
    stille.world.execute(forgotten).await;
    let report = stille.run().await;
    assert_eq!(verdict(&report, &email), ("geplant", None));
    assert_ne!(row(&report, &email)["telefonanruf_id"], call["id"]);
}

#[tokio::test]
async fn a_planned_call_of_somebody_else_is_not_joined() {
    let stille = Stille::start().await;
    let email = stille.sent(7, json!({})).await;
    stille.create(json!({"therapist_id": 8})).await;
    stille.create(json!({"patient_id": 7})).await;
    let report = stille.run().await;
    assert_eq!(verdict(&report, &email), ("geplant", None));
}

#[tokio::test]
async fn the_next_attempt_follows_up_the_same_mails() {
    let stille = Stille::start().await;
    let email = stille.sent(7, json!({})).await;
    let report = stille.run().await;
    let call = json!({"id": row(&report, &email)["telefonanruf_id"]});
    let failed = stille.put(&call, json!({"status": "fehlgeschlagen"})).await;
    let next = failed.expect(200).body["naechster_anruf_id"].clone();
    assert_eq!(stille.by_id(&next).await["email_ids"], json!([email["id"]]));
    assert_eq!(stille.run().await["data"], json!([]));
}
