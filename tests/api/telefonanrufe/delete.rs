//! `DELETE /api/phone-calls/{id}`.

use super::support::{Woche, path, slot};
use crate::setup::assert_problem;
use serde_json::json;

#[tokio::test]
async fn a_deleted_call_is_gone_from_every_answer_and_its_slot_is_free() {
    let woche = Woche::start().await;
    for state in ["geplant", "abgeschlossen", "fehlgeschlagen", "abgebrochen"] {
        let call = woche.create_in(state).await;
        let answer = woche.client.delete(&path(&call)).await.expect(200);
        assert_eq!(
            answer.body,
            json!({"message": "Phone call deleted successfully"})
        );
        assert_problem(
            &woche.client.get(&path(&call)).await,
            404,
            "Phone call not found",
        );
        assert_problem(
            &woche.client.delete(&path(&call)).await,
            404,
            "Phone call not found",
        );
        assert_problem(
            &woche.put(&call, json!({})).await,
            404,
            "Phone call not found",
        );
        let listed = woche.list("limit=1000").await;
        let rows = listed["data"].as_array().unwrap().iter();
        assert!(rows.clone().all(|row| row["id"] != call["id"]), "{listed}");
        assert_eq!(listed["total"], rows.count(), "{state}");
    }
    let next = woche.create(json!({"therapist_id": 7})).await;
    assert_eq!(slot(&next), (woche.today(), "09:00"));
}

#[tokio::test]
async fn a_call_that_was_held_is_hidden_and_rules_still_know_of_it() {
    let woche = Woche::start().await;
    let call = woche.create(json!({"therapist_id": 7})).await;
    let refused = json!({"status": "abgeschlossen", "ergebnis_art": "abgelehnt"});
    woche.put(&call, refused).await.expect(200);
    woche.client.delete(&path(&call)).await.expect(200);
    let kept = "SELECT count(*) FROM communication_service.telefonanrufe \
         WHERE geloescht_am IS NOT NULL AND NOT entbehrlich AND ergebnis_art = 'abgelehnt'";
    assert_eq!(woche.world.number(kept).await, 1);
    let answer = woche.post(json!({"therapist_id": 7})).await;
    assert_problem(&answer, 400, "No available slots found for this therapist");
    assert_eq!(answer.body["grund"], "sperrfrist");
}

#[tokio::test]
async fn only_a_planned_call_is_reported_as_cancelled_by_its_deletion() {
    let woche = Woche::start().await;
    for (state, cancelled) in [("geplant", 1), ("abgeschlossen", 1), ("abgebrochen", 2)] {
        let call = woche.create_in(state).await;
        woche.client.delete(&path(&call)).await.expect(200);
        assert_eq!(
            woche.events("phone_call.cancelled").await,
            cancelled,
            "{state}"
        );
    }
}
