//! `PUT /api/phone-calls/{id}`: the way from state to state.

use super::support::{Woche, hinweise, slot};
use crate::setup::assert_problem;
use serde_json::{Value, json};

const STATES: [&str; 4] = ["geplant", "abgeschlossen", "fehlgeschlagen", "abgebrochen"];
const ALLOWED: [(&str, &str); 4] = [
    ("geplant", "abgeschlossen"),
    ("geplant", "fehlgeschlagen"),
    ("geplant", "abgebrochen"),
    ("abgebrochen", "geplant"),
];

#[tokio::test]
async fn exactly_the_transitions_of_the_contract_are_possible() {
    let woche = Woche::start().await;
    for from in STATES {
        for to in STATES {
            let call = woche.create_in(from).await;
            let answer = woche.put(&call, json!({"status": to})).await;
            if from == to || ALLOWED.contains(&(from, to)) {
                assert_eq!(answer.expect(200).body["status"], to, "{from}");
                continue;
            }
            assert_problem(&answer, 409, "status");
            for name in [from, to] {
                assert!(
                    answer.message().contains(&format!("'{name}'")),
                    "{}",
                    answer.message()
                );
            }
            assert_eq!(woche.get(&call).await, call);
        }
    }
}

#[tokio::test]
async fn a_status_that_does_not_exist_is_refused_in_every_state() {
    let woche = Woche::start().await;
    for from in STATES {
        let call = woche.create_in(from).await;
        for status in ["Quatsch", "Geplant", ""] {
            let answer = woche.put(&call, json!({"status": status})).await;
            assert_problem(
                &answer,
                400,
                "status must be one of 'geplant', 'abgeschlossen', 'fehlgeschlagen', 'abgebrochen'",
            );
        }
        assert_eq!(woche.get(&call).await, call);
    }
}

#[tokio::test]
async fn a_call_that_is_completed_was_made_today_at_the_planned_time_unless_it_says_otherwise() {
    let woche = Woche::start().await;
    let planned =
        json!({"therapist_id": 7, "geplantes_datum": woche.day(2), "geplante_zeit": "10:30"});
    let call = woche.create(planned.clone()).await;
    let done = woche
        .put(&call, json!({"status": "abgeschlossen"}))
        .await
        .expect(200)
        .body;
    let really = (&done["tatsaechliches_datum"], &done["tatsaechliche_zeit"]);
    assert_eq!(really, (&json!(woche.today()), &json!("10:30")));
    assert_eq!(
        slot(&done),
        (woche.day(2), "10:30"),
        "the plan stays as it was"
    );

    let call = woche.create(planned).await;
    let given = json!({
        "status": "abgeschlossen", "tatsaechliches_datum": woche.day(2), "tatsaechliche_zeit": "9:45",
        "ergebnis": "Sagt zu", "ergebnis_art": "angenommen",
    });
    let done = woche.put(&call, given).await.expect(200).body;
    let really = (&done["tatsaechliches_datum"], &done["tatsaechliche_zeit"]);
    assert_eq!(
        really,
        (&json!(woche.day(2)), &json!("09:45")),
        "as given, though it is to come"
    );
    assert!(hinweise(&done).contains("Zukunft"), "{done}");
    assert_eq!(
        (&done["ergebnis"], &done["ergebnis_art"]),
        (&json!("Sagt zu"), &json!("angenommen"))
    );
}

#[tokio::test]
async fn a_cancelled_call_that_is_planned_again_needs_its_slot_again() {
    let woche = Woche::start().await;
    let call = woche.create_in("abgebrochen").await;
    let (day, time) = slot(&call);
    let other = json!({"therapist_id": 7, "geplantes_datum": day, "geplante_zeit": time});
    woche.create(other).await;
    let answer = woche.put(&call, json!({"status": "geplant"})).await;
    assert_problem(&answer, 409, "Slot already booked");
    assert_eq!(
        slot(&answer.body["naechster_freier_termin"]),
        (day, "09:05")
    );
    let elsewhere = json!({"status": "geplant", "geplante_zeit": "09:05"});
    let planned = woche.put(&call, elsewhere).await.expect(200).body;
    assert_eq!(
        (slot(&planned), &planned["status"]),
        ((day, "09:05"), &json!("geplant"))
    );
    let taken = json!({"therapist_id": 7, "geplantes_datum": day, "geplante_zeit": "09:05"});
    assert_problem(&woche.post(taken).await, 409, "Slot already booked");
}

#[tokio::test]
async fn each_transition_is_reported_once() {
    let woche = Woche::start().await;
    let kinds = [
        ("abgeschlossen", "phone_call.completed"),
        ("abgebrochen", "phone_call.cancelled"),
    ];
    for (status, kind) in kinds {
        let call = woche.create(json!({"patient_id": 8})).await;
        for _ in 0..2 {
            woche
                .put(&call, json!({"status": status}))
                .await
                .expect(200);
        }
        assert_eq!(woche.events(kind).await, 1, "{kind}");
    }
    assert_eq!(woche.events("communication.call_scheduled").await, 2);
    assert_eq!(woche.events("phone_call.failed").await, 0);
    let again = woche.get(&json!({"id": 2})).await;
    woche
        .put(&again, json!({"status": "geplant"}))
        .await
        .expect(200);
    assert_eq!(woche.events("communication.call_scheduled").await, 3);
    assert_eq!(again["naechster_anruf_id"], Value::Null);
}
