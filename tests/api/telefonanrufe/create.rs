//! `POST /api/phone-calls`: who is called, and the slot that the service chooses.

use super::support::{Woche, hinweise, path, slot};
use crate::setup::assert_problem;
use comm_tests::World;
use serde_json::{Value, json};

/// Every field of an answer, in the contract's order and then the service's own.
const FIELDS: [&str; 24] = [
    "id",
    "therapist_id",
    "patient_id",
    "recipient_type",
    "therapeutenanfrage_id",
    "email_ids",
    "email_id",
    "geplantes_datum",
    "geplante_zeit",
    "dauer_minuten",
    "status",
    "tatsaechliches_datum",
    "tatsaechliche_zeit",
    "ergebnis",
    "notizen",
    "ergebnis_art",
    "wiederholen_nach",
    "wiederholen_zeit",
    "versuch",
    "vorgaenger_id",
    "bearbeiter",
    "created_at",
    "updated_at",
    "hinweise",
];

#[tokio::test]
async fn a_therapist_alone_is_enough_and_the_whole_call_is_answered() {
    let woche = Woche::start().await;
    let answer = woche.post(json!({"therapist_id": 7})).await.expect(201);
    let call = &answer.body;
    let expected = json!({
        "id": 1, "therapist_id": 7, "patient_id": null, "recipient_type": "therapist", "therapeutenanfrage_id": null,
        "email_ids": [], "email_id": null, "geplantes_datum": woche.today(), "geplante_zeit": "09:00",
        "dauer_minuten": 5, "status": "geplant", "tatsaechliches_datum": null, "tatsaechliche_zeit": null,
        "ergebnis": null, "notizen": null, "ergebnis_art": null, "wiederholen_nach": null, "wiederholen_zeit": null,
        "versuch": 1, "vorgaenger_id": null, "bearbeiter": null, "created_at": call["created_at"],
        "updated_at": call["created_at"], "hinweise": [],
    });
    assert_eq!(call, &expected);
    let created_at = call["created_at"].as_str().unwrap();
    assert!(
        created_at.starts_with(woche.today()) && created_at.ends_with('Z'),
        "{created_at}"
    );
    let text = String::from_utf8(answer.bytes.clone()).unwrap();
    let places = FIELDS.map(|name| text.find(&format!("\"{name}\":")).unwrap());
    assert!(places.is_sorted(), "{text}");
    assert_eq!(call.as_object().unwrap().len(), FIELDS.len());

    assert_eq!(answer.header("location"), "/api/phone-calls/1");
    let read = woche
        .client
        .get(answer.header("location"))
        .await
        .expect(200);
    assert_eq!(&read.body, call);
}

#[tokio::test]
async fn everything_that_is_given_is_kept() {
    let woche = Woche::start().await;
    let given = json!({
        "therapist_id": 7, "therapeutenanfrage_id": 5, "geplantes_datum": woche.day(2), "geplante_zeit": "10:30",
        "dauer_minuten": 25, "status": "geplant", "notizen": "Hintereingang\nklingeln", "bearbeiter": "Jana Muster",
    });
    let call = woche.create(given.clone()).await;
    for (name, value) in given.as_object().unwrap() {
        assert_eq!(&call[name], value, "{name}");
    }
    assert_eq!(woche.get(&call).await, call);
}

#[tokio::test]
async fn without_a_time_a_therapist_gets_the_earliest_free_slot_of_the_telephone_hours() {
    let woche = Woche::start().await;
    let hours = json!({"monday": ["11:00-11:10"], "wednesday": ["15:00-15:05"]});
    woche.keep_hours(7, hours).await;
    let mut slots = Vec::new();
    for _ in 0..3 {
        let call = woche.create(json!({"therapist_id": 7})).await;
        slots.push((
            call["geplantes_datum"].clone(),
            call["geplante_zeit"].clone(),
        ));
    }
    let expected = [(0, "11:00"), (0, "11:05"), (2, "15:00")];
    let expected = expected.map(|(day, time)| (json!(woche.day(day)), json!(time)));
    assert_eq!(slots, expected);
    // Too long for Monday's window: the next one is long enough only for five minutes, too.
    let answer = woche
        .post(json!({"therapist_id": 7, "dauer_minuten": 15}))
        .await;
    assert_problem(&answer, 400, "No available slots found for this therapist");
}

#[tokio::test]
async fn a_day_without_a_time_is_where_the_search_begins() {
    let woche = Woche::start().await;
    // The fifth day is a Saturday.
    for (day, first) in [(3, 3), (5, 7), (16, 16)] {
        let from = json!({"therapist_id": 7, "geplantes_datum": woche.day(day)});
        let call = woche.create(from).await;
        assert_eq!(slot(&call), (woche.day(first), "09:00"));
    }
    // Of a day that has passed, the search begins today.
    let last_week = woche.date("MONDAY - 7").await;
    let call = woche
        .create(json!({"therapist_id": 8, "geplantes_datum": last_week}))
        .await;
    assert_eq!(slot(&call), (woche.today(), "09:00"));
}

#[tokio::test]
async fn a_time_without_a_day_is_tomorrow() {
    let woche = Woche::start().await;
    for person in ["therapist_id", "patient_id"] {
        let call = woche
            .create(json!({person: 7, "geplante_zeit": "14:05"}))
            .await;
        assert_eq!(slot(&call), (woche.tomorrow(), "14:05"), "{person}");
        assert_eq!(call["hinweise"], json!([]));
    }
}

#[tokio::test]
async fn a_patient_is_called_tomorrow_at_ten_or_in_the_next_free_slot() {
    let woche = Woche::start().await;
    for time in ["10:00", "10:10", "10:20"] {
        let call = woche.create(json!({"patient_id": 7})).await;
        assert_eq!(slot(&call), (woche.tomorrow(), time));
        assert_eq!(
            (&call["dauer_minuten"], &call["recipient_type"]),
            (&json!(10), &json!("patient"))
        );
    }
    let today = woche
        .create(json!({"patient_id": 8, "geplantes_datum": woche.today()}))
        .await;
    assert_eq!(slot(&today), (woche.today(), "10:00"));
    // Somebody else's calls are not in the way, nor is a weekend.
    let saturday = woche
        .create(json!({"patient_id": 9, "geplantes_datum": woche.day(5)}))
        .await;
    assert_eq!(slot(&saturday), (woche.day(5), "10:00"));
}

#[tokio::test]
async fn on_the_day_itself_a_patient_is_called_after_now() {
    let woche = Woche::at("13:02", World::without_kafka().await).await;
    for time in ["13:05", "13:15"] {
        let call = woche
            .create(json!({"patient_id": 8, "geplantes_datum": woche.today()}))
            .await;
        assert_eq!(slot(&call), (woche.today(), time));
    }
}

#[tokio::test]
async fn nothing_is_planned_before_the_lead_time_has_passed() {
    let woche = Woche::at("10:57", World::without_kafka().await).await;
    let call = woche.create(json!({"therapist_id": 7})).await;
    // An hour from now is 11:57, and the grid goes on at 12:00, where the morning's window ends.
    assert_eq!(slot(&call), (woche.today(), "14:00"));
    woche.keep_hours(8, json!({"mo": ["08:00-18:00"]})).await;
    let call = woche.create(json!({"therapist_id": 8})).await;
    assert_eq!(slot(&call), (woche.today(), "12:00"));
}

#[tokio::test]
async fn the_sentences_of_the_contract_are_answered_word_for_word() {
    let woche = Woche::start().await;
    let nobody = "Either therapist_id or patient_id is required";
    let both = "Cannot specify both therapist_id and patient_id";
    let state = "Invalid status. Only 'geplant' or 'abgeschlossen' allowed";
    let cases = [
        (json!({}), nobody),
        (json!({"therapist_id": 0, "patient_id": null}), nobody),
        (json!({"therapist_id": 7, "patient_id": 8}), both),
        (
            json!({"therapist_id": 7, "status": "fehlgeschlagen"}),
            state,
        ),
        (json!({"therapist_id": 7, "status": "abgebrochen"}), state),
        (json!({"therapist_id": 7, "status": "Quatsch"}), state),
    ];
    for (body, sentence) in cases {
        let answer = woche.post(body).await;
        assert_problem(&answer, 400, sentence);
        assert_eq!(answer.message(), sentence);
    }
    let answer = woche.client.get("/api/phone-calls/1").await;
    assert_problem(&answer, 404, "Phone call not found");
    assert_eq!(answer.message(), "Phone call not found");
    assert_eq!(woche.calls().await, 0);
}

#[tokio::test]
async fn an_id_of_zero_null_and_an_empty_text_count_as_absent() {
    let woche = Woche::start().await;
    let empty = json!({
        "therapist_id": 0, "patient_id": 8, "therapeutenanfrage_id": 0, "geplantes_datum": "", "geplante_zeit": "",
        "dauer_minuten": null, "status": null, "tatsaechliches_datum": "", "tatsaechliche_zeit": "", "ergebnis": "",
        "ergebnis_art": "", "wiederholen_nach": "", "wiederholen_zeit": "", "notizen": "", "bearbeiter": "",
    });
    let call = woche.create(empty).await;
    let plain = woche.create(json!({"patient_id": 9})).await;
    for (name, value) in plain.as_object().unwrap() {
        if !["id", "patient_id", "created_at", "updated_at"].contains(&name.as_str()) {
            assert_eq!(&call[name], value, "{name}");
        }
    }
    assert_eq!(
        (&call["therapist_id"], &call["therapeutenanfrage_id"]),
        (&Value::Null, &Value::Null)
    );
}

#[tokio::test]
async fn unknown_and_read_only_fields_are_ignored() {
    let woche = Woche::start().await;
    let ignored = json!({
        "therapist_id": 7, "id": 99, "recipient_type": "patient", "email_id": 3, "email_ids": "x", "versuch": 3,
        "vorgaenger_id": 98, "created_at": "gestern", "updated_at": [], "hinweise": 5, "naechster_anruf_id": 4,
        "unbekannt": {},
    });
    let call = woche.create(ignored).await;
    let seen = [
        "id",
        "recipient_type",
        "email_id",
        "email_ids",
        "versuch",
        "vorgaenger_id",
    ];
    let seen = seen.map(|name| call[name].clone());
    let expected = [
        json!(1),
        json!("therapist"),
        Value::Null,
        json!([]),
        json!(1),
        Value::Null,
    ];
    assert_eq!(seen, expected);
    assert_eq!(path(&call), "/api/phone-calls/1");
}

#[tokio::test]
async fn where_no_slot_is_left_the_answer_says_why() {
    let woche = Woche::start().await;
    woche
        .keep_hours(7, json!({"friday": ["09:00-09:05"]}))
        .await;
    for day in [4, 11] {
        let call = woche.create(json!({"therapist_id": 7})).await;
        assert_eq!(slot(&call), (woche.day(day), "09:00"));
    }
    let answer = woche.post(json!({"therapist_id": 7})).await;
    assert_problem(&answer, 400, "No available slots found for this therapist");
    assert_eq!(
        answer.message(),
        "No available slots found for this therapist"
    );
    assert_eq!(answer.body["grund"], "belegt");
    assert!(answer.body.get("naechster_kontakt_moeglich").is_none());
    // From a later day on there are slots again.
    let later = woche
        .create(json!({"therapist_id": 7, "geplantes_datum": woche.day(14)}))
        .await;
    assert_eq!(slot(&later), (woche.day(18), "09:00"));
}

#[tokio::test]
async fn a_therapist_who_refused_is_not_offered_for_four_weeks() {
    let woche = Woche::start().await;
    let call = woche.create(json!({"therapist_id": 7})).await;
    let refused = json!({"status": "abgeschlossen", "ergebnis_art": "abgelehnt"});
    woche.put(&call, refused).await.expect(200);
    let answer = woche.post(json!({"therapist_id": 7})).await;
    assert_problem(&answer, 400, "No available slots found for this therapist");
    assert_eq!(answer.body["grund"], "sperrfrist");
    assert_eq!(answer.body["naechster_kontakt_moeglich"], woche.day(28));
    // A time that a client chose is booked all the same, and the staff is told.
    let chosen = json!({"therapist_id": 7, "geplante_zeit": "09:30"});
    let chosen = woche.create(chosen).await;
    assert!(hinweise(&chosen).contains("Absage"), "{chosen}");
    let after = woche
        .create(json!({"therapist_id": 7, "geplantes_datum": woche.day(27)}))
        .await;
    assert_eq!(slot(&after), (woche.day(28), "09:00"));
    // Another therapist is not concerned.
    woche.create(json!({"therapist_id": 8})).await;
}

#[tokio::test]
async fn closing_days_are_skipped() {
    let world = World::without_kafka().await;
    let monday = Woche::at("07:00", world).await;
    let closed = format!("{}, {}", monday.today(), monday.tomorrow());
    let woche = Woche::with("CLOSING_DAYS", &closed).await;
    let call = woche.create(json!({"therapist_id": 7})).await;
    assert_eq!(slot(&call), (woche.day(2), "09:00"));
    let chosen =
        json!({"therapist_id": 7, "geplantes_datum": woche.today(), "geplante_zeit": "09:30"});
    let chosen = woche.create(chosen).await;
    assert!(hinweise(&chosen).contains("geschlossen"), "{chosen}");
}
