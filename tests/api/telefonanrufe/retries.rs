//! The next attempt that a call in vain gets by itself (contract, `PUT /api/phone-calls/{id}`).

use super::support::{Woche, slot};
use crate::setup::assert_problem;
use serde_json::{Value, json};

impl Woche {
    /// Ends a call like this; answers its next attempt.
    async fn next_of(&self, call: &Value, change: Value) -> Value {
        let answer = self.put(call, change).await.expect(200).body;
        assert!(answer["naechster_anruf_id"].is_i64(), "{answer}");
        assert!(answer.get("grund").is_none(), "{answer}");
        let next = self.by_id(&answer["naechster_anruf_id"]).await;
        assert_eq!(next["vorgaenger_id"], call["id"]);
        assert_eq!(next["status"], "geplant");
        next
    }
}

#[tokio::test]
async fn a_failed_call_is_tried_again_on_the_next_day_by_the_same_person_up_to_three_times() {
    let woche = Woche::start().await;
    let first = json!({
        "therapist_id": 7, "therapeutenanfrage_id": 5, "dauer_minuten": 15, "bearbeiter": "Jana Muster",
        "notizen": "steht nur am ersten",
    });
    let mut call = woche.create(first).await;
    for attempt in [2, 3] {
        let next = woche
            .next_of(&call, json!({"status": "fehlgeschlagen"}))
            .await;
        // The planned day counts where nothing else is said.
        let day = usize::try_from(attempt).unwrap() - 1;
        assert_eq!(slot(&next), (woche.day(day), "09:00"));
        assert_eq!(next["versuch"], attempt);
        for name in [
            "therapist_id",
            "therapeutenanfrage_id",
            "dauer_minuten",
            "bearbeiter",
        ] {
            assert_eq!(next[name], call[name], "{name}");
        }
        assert_eq!(next["notizen"], Value::Null);
        call = next;
    }
    let answer = woche
        .put(&call, json!({"status": "fehlgeschlagen"}))
        .await
        .expect(200)
        .body;
    assert_eq!(answer.get("naechster_anruf_id"), Some(&Value::Null));
    assert_eq!(answer["grund"], "versuche_erschoepft");
    assert_eq!(woche.calls().await, 3);
    // It is said where it was asked for, and nowhere else.
    let read = woche.get(&call).await;
    assert!(read.get("naechster_anruf_id").is_none() && read.get("grund").is_none());
}

#[tokio::test]
async fn the_number_of_attempts_can_be_configured() {
    let woche = Woche::with("MAX_ATTEMPTS", "1").await;
    let call = woche.create(json!({"therapist_id": 7})).await;
    let answer = woche
        .put(&call, json!({"status": "fehlgeschlagen"}))
        .await
        .expect(200)
        .body;
    assert_eq!(
        (&answer["naechster_anruf_id"], &answer["grund"]),
        (&Value::Null, &json!("versuche_erschoepft"))
    );
}

#[tokio::test]
async fn a_completed_call_that_reached_nobody_is_tried_again_too() {
    let woche = Woche::start().await;
    let call = woche.create(json!({"therapist_id": 7})).await;
    let in_vain = json!({"status": "abgeschlossen", "ergebnis_art": "nicht_erreicht"});
    let next = woche.next_of(&call, in_vain).await;
    assert_eq!(
        (slot(&next), &next["versuch"]),
        ((woche.tomorrow(), "09:00"), &json!(2))
    );
    for art in [
        Value::Null,
        json!("angenommen"),
        json!("abgelehnt"),
        json!("sonstiges"),
    ] {
        let call = woche.create(json!({"patient_id": 8})).await;
        let done = json!({"status": "abgeschlossen", "ergebnis_art": art});
        let done = woche.put(&call, done).await.expect(200).body;
        assert!(done.get("naechster_anruf_id").is_none(), "{done}");
    }
}

#[tokio::test]
async fn only_the_transition_plans_an_attempt() {
    let woche = Woche::start().await;
    let call = woche.create(json!({"therapist_id": 7})).await;
    let next = woche
        .next_of(&call, json!({"status": "fehlgeschlagen"}))
        .await;
    for change in [
        json!({"status": "fehlgeschlagen"}),
        json!({"notizen": "x"}),
        woche.get(&call).await,
    ] {
        let again = woche.put(&call, change).await.expect(200).body;
        assert!(again.get("naechster_anruf_id").is_none(), "{again}");
    }
    assert_eq!((woche.calls().await, &next["id"]), (2, &json!(2)));
    // An outcome that is corrected afterwards is no new failure.
    let done = woche
        .create(json!({"patient_id": 8, "status": "abgeschlossen"}))
        .await;
    let corrected = woche
        .put(&done, json!({"ergebnis_art": "nicht_erreicht"}))
        .await
        .expect(200)
        .body;
    assert!(corrected.get("naechster_anruf_id").is_none());
    assert_eq!(woche.calls().await, 3);
}

#[tokio::test]
async fn the_next_attempt_is_not_before_the_day_that_was_said() {
    let woche = Woche::start().await;
    let call = woche.create(json!({"therapist_id": 7})).await;
    // A Saturday.
    let failed = json!({"status": "fehlgeschlagen", "wiederholen_nach": woche.day(5)});
    let next = woche.next_of(&call, failed).await;
    assert_eq!(slot(&next), (woche.day(7), "09:00"));
    let call = woche.create(json!({"therapist_id": 8})).await;
    let failed = json!({"status": "fehlgeschlagen", "wiederholen_nach": woche.day(2), "wiederholen_zeit": "11:00"});
    let next = woche.next_of(&call, failed).await;
    assert_eq!(slot(&next), (woche.day(2), "11:00"));
}

#[tokio::test]
async fn an_agreed_callback_is_booked_as_agreed_and_does_not_count() {
    let woche = Woche::start().await;
    let mut call = woche.create(json!({"therapist_id": 7})).await;
    for day in 1..=4 {
        let answer = woche
            .put(
                &call,
                json!({"status": "abgeschlossen", "ergebnis_art": "rueckruf_vereinbart"}),
            )
            .await;
        assert_problem(&answer, 400, "wiederholen_nach is required");
        let agreed = json!({
            "status": "abgeschlossen", "ergebnis_art": "rueckruf_vereinbart", "wiederholen_nach": woche.day(day),
            "wiederholen_zeit": "18:10",
        });
        let next = woche.next_of(&call, agreed).await;
        assert_eq!(
            (slot(&next), &next["versuch"]),
            ((woche.day(day), "18:10"), &json!(1))
        );
        call = next;
    }
}

#[tokio::test]
async fn a_callback_whose_time_is_taken_is_booked_in_the_next_free_slot() {
    let woche = Woche::start().await;
    let call = woche.create(json!({"therapist_id": 7})).await;
    woche
        .create(json!({"therapist_id": 7, "geplante_zeit": "10:00"}))
        .await;
    let agreed = json!({
        "status": "fehlgeschlagen", "ergebnis_art": "rueckruf_vereinbart", "wiederholen_nach": woche.tomorrow(),
        "wiederholen_zeit": "10:00",
    });
    let next = woche.next_of(&call, agreed).await;
    assert_eq!(slot(&next), (woche.tomorrow(), "10:05"));
    // Without a time, the next free slot of that day.
    let call = woche.create(json!({"therapist_id": 8})).await;
    let agreed = json!({
        "status": "abgeschlossen", "ergebnis_art": "rueckruf_vereinbart", "wiederholen_nach": woche.day(3),
    });
    assert_eq!(
        slot(&woche.next_of(&call, agreed).await),
        (woche.day(3), "09:00")
    );
}

#[tokio::test]
async fn a_callback_that_is_noted_later_is_booked_then() {
    let woche = Woche::start().await;
    let call = woche.create_in("abgeschlossen").await;
    let noted = json!({
        "ergebnis_art": "rueckruf_vereinbart", "wiederholen_nach": woche.day(3), "wiederholen_zeit": "09:40",
    });
    let next = woche.next_of(&call, noted.clone()).await;
    assert_eq!(slot(&next), (woche.day(3), "09:40"));
    let again = woche.put(&call, noted).await.expect(200).body;
    assert!(again.get("naechster_anruf_id").is_none(), "{again}");
}

/// A call that failed, and its next attempt.
async fn failed_and_next(woche: &Woche) -> (Value, Value) {
    let call = woche.create(json!({"therapist_id": 7})).await;
    let next = woche
        .next_of(&call, json!({"status": "fehlgeschlagen"}))
        .await;
    assert_eq!(
        (slot(&next), &next["versuch"]),
        ((woche.day(1), "09:00"), &json!(2))
    );
    (call, next)
}

async fn delete(woche: &Woche, call: &Value) {
    let path = super::support::path(call);
    woche.client.delete(&path).await.expect(200);
}

#[tokio::test]
async fn a_callback_that_is_agreed_after_the_next_attempt_was_planned_moves_it() {
    let woche = Woche::start().await;
    let (call, next) = failed_and_next(&woche).await;
    let agreed = json!({
        "ergebnis_art": "rueckruf_vereinbart", "wiederholen_nach": woche.day(3), "wiederholen_zeit": "09:40",
    });
    let moved = woche.next_of(&call, agreed).await;
    assert_eq!(moved["id"], next["id"]);
    assert_eq!(
        (slot(&moved), &moved["versuch"]),
        ((woche.day(3), "09:40"), &json!(1))
    );
    assert_eq!(woche.calls().await, 2);
}

#[tokio::test]
async fn a_callback_is_planned_though_the_next_attempt_was_called_off_and_not_once_it_was_deleted()
{
    let woche = Woche::start().await;
    let (call, next) = failed_and_next(&woche).await;
    woche
        .put(&next, json!({"status": "abgebrochen"}))
        .await
        .expect(200);
    let agreed = json!({"ergebnis_art": "rueckruf_vereinbart", "wiederholen_nach": woche.day(3)});
    let again = woche.next_of(&call, agreed.clone()).await;
    assert_eq!(
        (&again["id"], slot(&again)),
        (&next["id"], (woche.day(3), "09:00"))
    );

    let call = woche.create(json!({"therapist_id": 8})).await;
    let next = woche
        .next_of(&call, json!({"status": "fehlgeschlagen"}))
        .await;
    delete(&woche, &next).await;
    let answer = woche.put(&call, agreed).await.expect(200).body;
    assert_eq!(answer.get("naechster_anruf_id"), Some(&Value::Null));
    assert_eq!(answer["grund"], "versuche_erschoepft");
}

#[tokio::test]
async fn a_patient_is_called_again_at_ten_or_in_the_next_free_slot() {
    let woche = Woche::start().await;
    let call = woche
        .create(json!({"patient_id": 8, "geplante_zeit": "15:00"}))
        .await;
    let next = woche
        .next_of(&call, json!({"status": "fehlgeschlagen"}))
        .await;
    assert_eq!(slot(&next), (woche.day(2), "10:00"));
    woche
        .create(json!({"patient_id": 9, "geplantes_datum": woche.day(2)}))
        .await;
    let call = woche.create(json!({"patient_id": 9})).await;
    let next = woche
        .next_of(&call, json!({"status": "fehlgeschlagen"}))
        .await;
    assert_eq!(
        (slot(&next), &next["dauer_minuten"]),
        ((woche.day(2), "10:10"), &json!(10))
    );
}

#[tokio::test]
async fn an_attempt_for_which_there_is_no_slot_is_null_with_its_reason() {
    let woche = Woche::start().await;
    woche
        .keep_hours(7, json!({"monday": ["09:00-09:05"]}))
        .await;
    let first = woche.create(json!({"therapist_id": 7})).await;
    for day in [1, 8] {
        let next = json!({"therapist_id": 7, "geplantes_datum": woche.day(day)});
        assert_eq!(
            slot(&woche.create(next).await),
            (woche.day(day + 6), "09:00")
        );
    }
    // Both Mondays of the fourteen days from tomorrow on are taken.
    let answer = woche
        .put(&first, json!({"status": "fehlgeschlagen"}))
        .await
        .expect(200)
        .body;
    assert_eq!(answer.get("naechster_anruf_id"), Some(&Value::Null));
    assert_eq!(answer["grund"], "belegt");
    assert_eq!(answer["status"], "fehlgeschlagen");
    let open = "SELECT count(*) FROM communication_service.telefonanrufe WHERE wiederholung_offen";
    assert_eq!(woche.world.number(open).await, 1, "for the daily work");
}

#[tokio::test]
async fn a_retry_that_was_deleted_is_not_planned_anew() {
    let woche = Woche::start().await;
    let (call, next) = failed_and_next(&woche).await;
    delete(&woche, &next).await;
    let noted = json!({"ergebnis_art": "nicht_erreicht"});
    let again = woche.put(&call, noted).await.expect(200).body;
    assert!(again.get("naechster_anruf_id").is_none(), "{again}");
    let planned = woche.list("status=geplant").await;
    assert_eq!(planned["total"], 0);
}
