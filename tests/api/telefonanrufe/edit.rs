//! `PUT /api/phone-calls/{id}`: the fields.

use super::support::{Woche, hinweise, slot};
use crate::setup::assert_problem;
use comm_tests::World;
use serde_json::{Value, json};

const STATES: [&str; 4] = ["geplant", "abgeschlossen", "fehlgeschlagen", "abgebrochen"];

fn fields(call: &Value) -> impl Iterator<Item = String> {
    call.as_object().unwrap().keys().cloned()
}

#[tokio::test]
async fn a_whole_call_sent_back_changes_nothing_in_any_state() {
    let woche = Woche::start().await;
    for state in STATES {
        let call = woche.create_in(state).await;
        let events = woche
            .world
            .number("SELECT count(*) FROM communication_service.outbox")
            .await;
        let mut whole = call.clone();
        whole["naechster_anruf_id"] = json!(4);
        whole["grund"] = json!("belegt");
        assert_eq!(
            woche.put(&call, whole).await.expect(200).body,
            call,
            "{state}"
        );
        let nulls: Value = fields(&call).map(|name| (name, Value::Null)).collect();
        assert_eq!(
            woche.put(&call, nulls).await.expect(200).body,
            call,
            "{state}"
        );
        assert_eq!(woche.put(&call, json!({})).await.expect(200).body, call);
        let after = woche
            .world
            .number("SELECT count(*) FROM communication_service.outbox")
            .await;
        assert_eq!(after, events, "{state}");
    }
}

#[tokio::test]
async fn a_call_in_the_past_can_still_be_sent_back_and_noted() {
    let woche = Woche::start().await;
    let call = woche.create(json!({"therapist_id": 7})).await;
    let past = format!(
        "UPDATE communication_service.telefonanrufe SET geplantes_datum = '2020-01-30' WHERE id = {}",
        call["id"]
    );
    woche.world.execute(&past).await;
    let mut call = woche.get(&call).await;
    assert_eq!(woche.put(&call, call.clone()).await.expect(200).body, call);
    call["notizen"] = json!("nachgetragen");
    let noted = woche.put(&call, call.clone()).await.expect(200).body;
    assert_eq!(
        (slot(&noted), &noted["notizen"]),
        (("2020-01-30", "09:00"), &json!("nachgetragen"))
    );
}

#[tokio::test]
async fn read_only_and_unknown_fields_are_ignored() {
    let woche = Woche::start().await;
    let call = woche.create(json!({"therapist_id": 7})).await;
    let ignored = json!({
        "id": 99, "recipient_type": "patient", "email_id": 3, "versuch": 9, "created_at": "gestern", "updated_at": 5,
        "hinweise": {}, "naechster_anruf_id": [], "grund": 1, "unbekannt": {}, "notizen": "neu",
    });
    let changed = woche.put(&call, ignored).await.expect(200).body;
    for (name, value) in changed.as_object().unwrap() {
        match name.as_str() {
            "notizen" => assert_eq!(value, "neu"),
            "updated_at" => assert_ne!(value, &call[name]),
            name => assert_eq!(value, &call[name], "{name}"),
        }
    }
    assert_eq!(woche.get(&call).await, changed);
}

#[tokio::test]
async fn an_empty_text_clears_a_nullable_field_of_any_type_and_null_leaves_it() {
    let woche = Woche::start().await;
    let call = woche.create(json!({"therapist_id": 7})).await;
    let set = json!({
        "tatsaechliches_datum": "2026-01-31", "tatsaechliche_zeit": "09:15", "ergebnis": "ja",
        "ergebnis_art": "sonstiges", "wiederholen_nach": "2026-02-28", "wiederholen_zeit": "10:00",
        "notizen": "anrufen", "bearbeiter": "Jana Muster",
    });
    let filled = woche.put(&call, set.clone()).await.expect(200).body;
    for name in fields(&set) {
        assert_eq!(filled[&name], set[&name], "{name}");
        let kept = woche
            .put(&call, json!({&name: null}))
            .await
            .expect(200)
            .body;
        assert_eq!(kept[&name], set[&name], "{name}");
        let cleared = woche.put(&call, json!({&name: ""})).await.expect(200).body;
        assert_eq!(cleared[&name], Value::Null, "{name}");
    }
    for name in [
        "geplantes_datum",
        "geplante_zeit",
        "dauer_minuten",
        "status",
        "email_ids",
    ] {
        assert_problem(&woche.put(&call, json!({name: ""})).await, 400, name);
    }
}

#[tokio::test]
async fn what_a_completed_call_must_have_cannot_be_taken_from_it() {
    let woche = Woche::start().await;
    let call = woche.create_in("abgeschlossen").await;
    let cleared = json!({"tatsaechliches_datum": "", "tatsaechliche_zeit": ""});
    let after = woche.put(&call, cleared).await.expect(200).body;
    let really = (&after["tatsaechliches_datum"], &after["tatsaechliche_zeit"]);
    assert_eq!(really, (&json!(woche.today()), &call["geplante_zeit"]));
}

#[tokio::test]
async fn a_planned_call_can_be_moved_and_made_longer() {
    let woche = Woche::start().await;
    let call = woche.create(json!({"therapist_id": 7})).await;
    let moved =
        json!({"geplantes_datum": woche.day(2), "geplante_zeit": "14:30", "dauer_minuten": 30});
    let moved = woche.put(&call, moved).await.expect(200).body;
    assert_eq!(
        (slot(&moved), &moved["dauer_minuten"]),
        ((woche.day(2), "14:30"), &json!(30))
    );
    assert_eq!(moved["hinweise"], json!([]));
    // Its own slot is not in its way, and the one that it left is free.
    let later = woche
        .put(&call, json!({"geplante_zeit": "14:45"}))
        .await
        .expect(200)
        .body;
    assert_eq!(slot(&later), (woche.day(2), "14:45"));
    let next = woche.create(json!({"therapist_id": 7})).await;
    assert_eq!(slot(&next), (woche.today(), "09:00"));
    let outside = woche
        .put(&call, json!({"geplante_zeit": "20:00"}))
        .await
        .expect(200)
        .body;
    assert!(
        hinweise(&outside).contains("außerhalb der Telefonzeiten"),
        "{outside}"
    );
    assert_eq!(woche.events("communication.call_scheduled").await, 5);
}

#[tokio::test]
async fn a_call_cannot_be_moved_onto_another_or_into_the_past() {
    let woche = Woche::at("09:30", World::without_kafka().await).await;
    for time in ["10:00", "10:20"] {
        let call = json!({"therapist_id": 7, "geplante_zeit": time, "dauer_minuten": 20});
        woche.create(call).await;
    }
    let call = woche.by_id(&json!(1)).await;
    for change in [
        json!({"geplante_zeit": "10:10"}),
        json!({"dauer_minuten": 25}),
    ] {
        let answer = woche.put(&call, change).await;
        assert_problem(&answer, 409, "Slot already booked");
        assert_eq!(answer.message(), "Slot already booked");
        assert_eq!(
            slot(&answer.body["naechster_freier_termin"]).0,
            woche.tomorrow()
        );
    }
    let yesterday = woche.date("MONDAY - 1").await;
    let past = [
        (json!({"geplantes_datum": yesterday}), "geplantes_datum"),
        (
            json!({"geplantes_datum": woche.today(), "geplante_zeit": "09:00"}),
            "geplante_zeit",
        ),
    ];
    for (change, field) in past {
        let answer = woche.put(&call, change).await;
        assert_problem(&answer, 400, &format!("{field} must not lie in the past"));
    }
    assert_eq!(woche.get(&call).await, call);
}

#[tokio::test]
async fn the_plan_of_a_call_that_is_over_is_a_conflict_that_names_the_field() {
    let woche = Woche::start().await;
    for state in ["abgeschlossen", "fehlgeschlagen", "abgebrochen"] {
        let call = woche.create_in(state).await;
        let changes = [
            ("geplantes_datum", json!(woche.day(3))),
            ("geplante_zeit", json!("15:00")),
            ("dauer_minuten", json!(15)),
        ];
        for (name, value) in changes {
            let answer = woche.put(&call, json!({name: value})).await;
            assert_problem(&answer, 409, name);
            assert!(answer.message().contains(state), "{}", answer.message());
        }
        assert_eq!(woche.get(&call).await, call);
    }
}

#[tokio::test]
async fn whom_a_call_is_for_and_what_it_is_about_never_changes() {
    let woche = Woche::start().await;
    let call = woche
        .create(json!({"therapist_id": 7, "therapeutenanfrage_id": 5}))
        .await;
    let changes = [
        ("therapist_id", json!(8)),
        ("therapist_id", json!("")),
        ("patient_id", json!(8)),
        ("therapeutenanfrage_id", json!(6)),
        ("vorgaenger_id", json!(1)),
        ("email_ids", json!([3])),
    ];
    for (name, value) in changes {
        let answer = woche.put(&call, json!({name: value})).await;
        assert_problem(&answer, 409, name);
    }
    let same = json!({
        "therapist_id": 7, "patient_id": 0, "therapeutenanfrage_id": 5, "vorgaenger_id": 0, "email_ids": [0],
    });
    assert_eq!(woche.put(&call, same).await.expect(200).body, call);
}

#[tokio::test]
async fn outcomes_can_be_noted_in_every_state() {
    let woche = Woche::start().await;
    let arten = [
        "angenommen",
        "teilweise_angenommen",
        "abgelehnt",
        "nicht_erreicht",
        "sonstiges",
    ];
    for state in STATES {
        let call = woche.create_in(state).await;
        for art in arten {
            let noted = json!({"ergebnis_art": art, "ergebnis": "in Worten", "notizen": "n", "bearbeiter": "Jana"});
            let after = woche.put(&call, noted.clone()).await.expect(200).body;
            for name in fields(&noted) {
                assert_eq!(after[&name], noted[&name], "{state}: {name}");
            }
            assert_eq!(after["status"], state);
            assert!(after.get("naechster_anruf_id").is_none(), "no new failure");
        }
        // The refusal is over, or no further call to this therapist could be planned.
        woche
            .put(&call, json!({"ergebnis_art": ""}))
            .await
            .expect(200);
    }
}

#[tokio::test]
async fn a_call_that_is_unknown_or_deleted_is_not_found() {
    let woche = Woche::start().await;
    let call = woche.create(json!({"therapist_id": 7})).await;
    woche.client.delete("/api/phone-calls/1").await.expect(200);
    for id in [
        "1",
        "2",
        "0",
        "-1",
        "9223372036854775808",
        "abc",
        "1.0",
        "%ff",
        "%00",
    ] {
        let path = format!("/api/phone-calls/{id}");
        let answers = [
            woche.client.get(&path).await,
            woche.client.put(&path, &json!({"notizen": "x"})).await,
            woche.client.delete(&path).await,
        ];
        for answer in answers {
            assert_problem(&answer, 404, "Phone call not found");
            assert_eq!(answer.message(), "Phone call not found", "{id}");
        }
    }
    assert_eq!(call["id"], 1);
}
