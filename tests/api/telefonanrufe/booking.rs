//! `POST /api/phone-calls` for a time that the client chose: what refuses it, and what is only said of it.

use super::support::{Woche, hinweise, slot};
use crate::setup::assert_problem;
use comm_tests::World;
use serde_json::{Value, json};

fn at(day: &str, time: &str) -> Value {
    json!({"therapist_id": 7, "geplantes_datum": day, "geplante_zeit": time})
}

#[tokio::test]
async fn times_are_taken_in_three_spellings_and_answered_in_one() {
    let woche = Woche::start().await;
    for (day, time) in [(1, "9:05"), (2, "09:05"), (3, "09:05:00")] {
        let call = woche.create(at(woche.day(day), time)).await;
        assert_eq!(slot(&call), (woche.day(day), "09:05"), "{time}");
    }
}

#[tokio::test]
async fn a_time_that_lies_in_the_past_is_refused() {
    let woche = Woche::at("09:30", World::without_kafka().await).await;
    let yesterday = woche.date("MONDAY - 1").await;
    let cases = [
        (
            at(&yesterday, "10:00"),
            "geplantes_datum must not lie in the past",
        ),
        (
            at("1969-07-20", "10:00"),
            "geplantes_datum must not lie in the past",
        ),
        (
            at(woche.today(), "09:25"),
            "geplante_zeit must not lie in the past",
        ),
        (
            at(woche.today(), "00:00"),
            "geplante_zeit must not lie in the past",
        ),
    ];
    for (body, words) in cases {
        assert_problem(&woche.post(body).await, 400, words);
    }
    let patient = json!({"patient_id": 8, "geplantes_datum": yesterday});
    assert_problem(
        &woche.post(patient).await,
        400,
        "geplantes_datum must not lie in the past",
    );
    assert_eq!(woche.calls().await, 0);
    // Within the lead time it is only said.
    let call = woche.create(at(woche.today(), "10:00")).await;
    assert!(hinweise(&call).contains("Vorlaufzeit"), "{call}");
}

#[tokio::test]
async fn a_slot_that_overlaps_a_planned_call_of_the_same_person_is_refused_with_the_next_free_one()
{
    let woche = Woche::start().await;
    let booked = json!({"therapist_id": 7, "geplantes_datum": woche.tomorrow(), "geplante_zeit": "10:00", "dauer_minuten": 20});
    woche.create(booked).await;
    for (time, minutes) in [
        ("10:00", 5),
        ("10:15", 5),
        ("09:55", 10),
        ("09:30", 120),
        ("10:05", 10),
    ] {
        let mut body = at(woche.tomorrow(), time);
        body["dauer_minuten"] = json!(minutes);
        let answer = woche.post(body).await;
        assert_problem(&answer, 409, "Slot already booked");
        assert_eq!(answer.message(), "Slot already booked");
        assert_eq!(answer.body["grund"], "belegt");
        let next = &answer.body["naechster_freier_termin"];
        assert_eq!(next.as_object().unwrap().len(), 2, "{next}");
        let free = match minutes {
            120 => "14:00",
            _ => "10:20",
        };
        assert_eq!(slot(next), (woche.tomorrow(), free), "{time}");
    }
    // What touches does not overlap, and another person is not in the way.
    woche.create(at(woche.tomorrow(), "10:20")).await;
    woche.create(at(woche.tomorrow(), "09:55")).await;
    let mut other = at(woche.tomorrow(), "10:00");
    other["therapist_id"] = json!(8);
    woche.create(other).await;
    let patient =
        json!({"patient_id": 7, "geplantes_datum": woche.tomorrow(), "geplante_zeit": "10:00"});
    woche.create(patient.clone()).await;
    let answer = woche.post(patient).await;
    assert_problem(&answer, 409, "Slot already booked");
    assert_eq!(
        slot(&answer.body["naechster_freier_termin"]),
        (woche.tomorrow(), "10:10")
    );
    assert_eq!(woche.calls().await, 5);
}

#[tokio::test]
async fn the_next_free_slot_is_null_where_there_is_none() {
    let woche = Woche::start().await;
    woche
        .keep_hours(7, json!({"tuesday": ["09:00-09:05"]}))
        .await;
    for week in [1, 8] {
        woche.create(at(woche.day(week), "09:00")).await;
    }
    let answer = woche.post(at(woche.day(8), "09:00")).await;
    assert_problem(&answer, 409, "Slot already booked");
    // Fourteen days from the Tuesday of the second week on begin another week.
    assert_eq!(
        slot(&answer.body["naechster_freier_termin"]),
        (woche.day(15), "09:00")
    );
    woche
        .keep_hours(8, json!({"saturday": ["09:00-09:05"]}))
        .await;
    let saturday = json!({"therapist_id": 8, "geplantes_datum": woche.day(5), "geplante_zeit": "09:00", "dauer_minuten": 10});
    woche.create(saturday.clone()).await;
    let answer = woche.post(saturday).await;
    assert_problem(&answer, 409, "Slot already booked");
    assert_eq!(
        answer.body.get("naechster_freier_termin"),
        Some(&Value::Null)
    );
}

#[tokio::test]
async fn only_a_planned_call_holds_its_slot() {
    let woche = Woche::start().await;
    for status in ["abgeschlossen", "fehlgeschlagen", "abgebrochen"] {
        let call = woche.create(at(woche.day(1), "10:00")).await;
        let over = json!({"status": status, "ergebnis_art": "angenommen"});
        woche.put(&call, over).await.expect(200);
    }
    woche.create(at(woche.day(1), "10:00")).await;
    let answer = woche.post(at(woche.day(1), "10:00")).await;
    assert_problem(&answer, 409, "Slot already booked");
}

#[tokio::test]
async fn what_speaks_against_a_time_without_forbidding_it_is_said() {
    let woche = Woche::start().await;
    let unity = woche
        .date("date_trunc('year', MONDAY) + interval '9 months 2 days'")
        .await;
    let skipped = woche.night_of_the_skipped_hour().await;
    let cases = [
        (at(woche.day(1), "10:00"), ""),
        (at(woche.day(1), "13:00"), "außerhalb der Telefonzeiten"),
        (at(woche.day(1), "11:58"), "außerhalb der Telefonzeiten"),
        (at(woche.day(1), "09:07"), "Raster von 5 Minuten"),
        (at(woche.day(5), "10:00"), "außerhalb der Telefonzeiten"),
        (at(&unity, "10:00"), "gesetzlicher Feiertag"),
        (at(woche.day(13), "10:00"), "außerhalb"),
        (at(woche.day(14), "10:00"), "mehr als 14 Tage"),
        (at(&skipped, "02:30"), "außerhalb der Telefonzeiten"),
    ];
    for (body, words) in cases {
        let call = woche.create(body.clone()).await;
        assert!(hinweise(&call).contains(words), "{body}: {call}");
        assert_eq!(words.is_empty(), call["hinweise"] == json!([]), "{call}");
        assert_eq!(
            slot(&call),
            slot(&body),
            "it is booked where it was asked for"
        );
    }
}

#[tokio::test]
async fn a_patient_has_no_telephone_hours_to_keep() {
    let woche = Woche::start().await;
    let night = json!({"patient_id": 8, "geplantes_datum": woche.day(6), "geplante_zeit": "23:50"});
    let call = woche.create(night).await;
    assert_eq!(call["hinweise"], json!([]));
}

#[tokio::test]
async fn where_it_is_configured_an_overlapping_call_is_moved_within_its_day() {
    let woche = Woche::with("ON_OVERLAP", "move").await;
    woche.create(at(woche.day(1), "11:50")).await;
    let moved = woche.create(at(woche.day(1), "11:50")).await;
    assert_eq!(slot(&moved), (woche.day(1), "11:55"));
    assert!(
        hinweise(&moved).contains("11:50") && hinweise(&moved).contains("11:55"),
        "{moved}"
    );
    woche
        .keep_hours(7, json!({"tuesday": ["11:50-12:00"]}))
        .await;
    let answer = woche.post(at(woche.day(1), "11:50")).await;
    assert_problem(&answer, 409, "Slot already booked");
    assert_eq!(
        slot(&answer.body["naechster_freier_termin"]),
        (woche.day(8), "11:50")
    );
}

#[tokio::test]
async fn each_planned_call_holds_one_of_the_seats_of_the_staff() {
    let woche = Woche::with("SEATS", "2").await;
    for therapist in [1, 2] {
        let mut body = at(woche.day(0), "09:00");
        body["therapist_id"] = json!(therapist);
        woche.create(body).await;
    }
    let answer = woche.post(at(woche.day(0), "09:00")).await;
    assert_problem(&answer, 409, "No seat is free");
    assert_eq!(answer.body["grund"], "kein_platz");
    assert_eq!(
        slot(&answer.body["naechster_freier_termin"]),
        (woche.day(0), "09:05")
    );
    // A search does not offer it, and neither does the list.
    let found = woche.create(json!({"therapist_id": 7})).await;
    assert_eq!(slot(&found), (woche.day(0), "09:05"));
    let slots = woche
        .client
        .get("/api/therapists/9/slots")
        .await
        .expect(200)
        .body;
    assert_eq!(slot(&slots["data"][0]), (woche.day(0), "09:05"));
    // A call that is over gives its seat back.
    let first = woche.by_id(&json!(1)).await;
    woche
        .put(&first, json!({"status": "abgebrochen"}))
        .await
        .expect(200);
    woche
        .create(
            json!({"therapist_id": 9, "geplantes_datum": woche.day(0), "geplante_zeit": "09:00"}),
        )
        .await;
}

#[tokio::test]
async fn two_requests_at_the_same_moment_never_get_the_same_slot() {
    let woche = Woche::start().await;
    woche
        .keep_hours(7, json!({"monday": ["09:00-10:00"]}))
        .await;
    let mut posts = tokio::task::JoinSet::new();
    for _ in 0..30 {
        let client = woche.client.clone();
        posts.spawn(async move {
            client
                .post("/api/phone-calls", &json!({"therapist_id": 7}))
                .await
        });
    }
    let (mut slots, mut refused) = (Vec::new(), 0);
    for answer in posts.join_all().await {
        match answer.status {
            201 => slots.push((
                answer.body["geplantes_datum"].to_string(),
                answer.body["geplante_zeit"].to_string(),
            )),
            _ => {
                assert_problem(&answer, 400, "No available slots found for this therapist");
                refused += 1;
            }
        }
    }
    // An hour on two Mondays.
    assert_eq!((slots.len(), refused), (24, 6));
    slots.sort();
    slots.dedup();
    assert_eq!(slots.len(), 24);
}
