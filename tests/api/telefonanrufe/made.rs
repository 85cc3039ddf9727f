//! `POST /api/phone-calls` with `abgeschlossen`: a call that was made without a plan.

use super::support::{Woche, hinweise, slot};
use crate::setup::assert_problem;
use comm_tests::{DirectoryServer, World};
use serde_json::json;

#[tokio::test]
async fn a_call_that_was_made_took_place_now_unless_it_says_otherwise() {
    let woche = Woche::at("13:07", World::without_kafka().await).await;
    let call = woche
        .create(json!({"therapist_id": 7, "status": "abgeschlossen"}))
        .await;
    let (day, time) = slot(&call);
    assert!(day == woche.today() && time.starts_with("13:0"), "{call}");
    let really = (&call["tatsaechliches_datum"], &call["tatsaechliche_zeit"]);
    assert_eq!(really, (&json!(day), &json!(time)));
    assert_eq!(
        (&call["status"], &call["hinweise"]),
        (&json!("abgeschlossen"), &json!([]))
    );
    assert!(call.get("naechster_anruf_id").is_none());

    let earlier = json!({
        "patient_id": 8, "status": "abgeschlossen", "tatsaechliches_datum": "2020-02-29", "tatsaechliche_zeit": "8:15",
        "ergebnis": "Nimmt an", "ergebnis_art": "angenommen", "notizen": "sehr nett", "bearbeiter": "Jana Muster",
    });
    let call = woche.create(earlier).await;
    assert_eq!(slot(&call), ("2020-02-29", "08:15"));
    assert_eq!(
        (&call["ergebnis"], &call["ergebnis_art"]),
        (&json!("Nimmt an"), &json!("angenommen"))
    );
    assert_eq!(
        (&call["tatsaechliche_zeit"], &call["notizen"]),
        (&json!("08:15"), &json!("sehr nett"))
    );
    assert_eq!(woche.get(&call).await, call);
}

#[tokio::test]
async fn it_is_neither_searched_a_slot_for_nor_checked_against_others() {
    let woche = Woche::start().await;
    let planned =
        json!({"therapist_id": 7, "geplantes_datum": woche.today(), "geplante_zeit": "09:00"});
    woche.create(planned.clone()).await;
    for _ in 0..2 {
        let mut made = planned.clone();
        made["status"] = json!("abgeschlossen");
        let made = woche.create(made).await;
        assert_eq!(slot(&made), (woche.today(), "09:00"));
    }
    // And it holds none.
    let next = woche.create(json!({"therapist_id": 7})).await;
    assert_eq!(slot(&next), (woche.today(), "09:05"));
}

#[tokio::test]
async fn a_time_that_is_still_to_come_is_stored_and_said() {
    let woche = Woche::start().await;
    let cases = [
        (
            json!({"tatsaechliches_datum": woche.tomorrow()}),
            "tatsächliche Datum liegt in der Zukunft",
        ),
        (
            json!({"tatsaechliche_zeit": "23:00"}),
            "tatsächliche Zeit liegt in der Zukunft",
        ),
    ];
    for (mut body, words) in cases {
        body["therapist_id"] = json!(7);
        body["status"] = json!("abgeschlossen");
        let call = woche.create(body).await;
        assert!(hinweise(&call).contains(words), "{call}");
        assert!(hinweise(&woche.get(&call).await).contains(words));
    }
}

#[tokio::test]
async fn a_call_in_vain_gets_its_next_attempt_and_an_agreed_callback_needs_a_day() {
    let woche = Woche::start().await;
    let made =
        |art: &str| json!({"therapist_id": 7, "status": "abgeschlossen", "ergebnis_art": art});
    let call = woche.create(made("nicht_erreicht")).await;
    let next = woche.by_id(&call["naechster_anruf_id"]).await;
    assert_eq!(slot(&next), (woche.tomorrow(), "09:00"));
    assert_eq!(
        (&next["versuch"], &next["vorgaenger_id"]),
        (&json!(2), &call["id"])
    );

    let answer = woche.post(made("rueckruf_vereinbart")).await;
    assert_problem(&answer, 400, "wiederholen_nach is required");
    let mut agreed = made("rueckruf_vereinbart");
    agreed["wiederholen_nach"] = json!(woche.day(3));
    agreed["wiederholen_zeit"] = json!("17:45");
    let call = woche.create(agreed).await;
    let next = woche.by_id(&call["naechster_anruf_id"]).await;
    assert_eq!(slot(&next), (woche.day(3), "17:45"));
    assert_eq!(next["versuch"], 1);
}

#[tokio::test]
async fn the_patient_service_is_told_of_a_patients_call_by_post_and_by_put() {
    let directory = DirectoryServer::start().await;
    let world = World::without_kafka().await;
    let world = world.set("PATIENT_SERVICE_URL", &directory.url());
    let woche = Woche::at("07:00", world).await;
    let told = || {
        let requests = directory.requests().into_iter();
        let told = requests.filter(|request| request.route.ends_with("/last-contact"));
        told.map(|request| (request.route, request.body["date"].clone()))
            .collect::<Vec<_>>()
    };
    let made =
        json!({"patient_id": 3, "status": "abgeschlossen", "tatsaechliches_datum": "2026-01-31"});
    woche.create(made).await;
    let first = (
        "PATCH /api/patients/3/last-contact".to_owned(),
        json!("2026-01-31"),
    );
    assert_eq!(told(), std::slice::from_ref(&first));
    let planned = woche.create(json!({"patient_id": 3})).await;
    woche
        .put(&planned, json!({"notizen": "x"}))
        .await
        .expect(200);
    assert_eq!(told().len(), 1);
    let change = json!({"status": "abgeschlossen", "tatsaechliches_datum": woche.today()});
    woche.put(&planned, change).await.expect(200);
    assert_eq!(
        told(),
        [
            first,
            (
                "PATCH /api/patients/3/last-contact".to_owned(),
                json!(woche.today())
            )
        ]
    );
    // What reached nobody is over, too; a therapist is none of the Patient Service's business.
    woche
        .create(json!({"therapist_id": 3, "status": "abgeschlossen"}))
        .await;
    assert_eq!(told().len(), 2);
}
