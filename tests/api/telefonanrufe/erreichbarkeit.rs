//! `GET` and `PUT /api/therapists/{id}/erreichbarkeit` (contract, 'Telephone hours').

use super::support::{Woche, hours_path, slot};
use crate::setup::assert_problem;
use reqwest::Method;
use serde_json::{Value, json};

impl Woche {
    async fn hours(&self, therapist: i64) -> Value {
        self.client
            .get(&hours_path(therapist))
            .await
            .expect(200)
            .body
    }
}

fn stated(monday: &Value) -> Value {
    json!({"monday": monday})
}

#[tokio::test]
async fn all_three_spellings_are_the_same_hours_and_book_the_same_slot() {
    let woche = Woche::start().await;
    let windows = json!([{"start": "09:10", "end": "12:00"}, {"start": "14:00", "end": "16:30"}]);
    let spellings = [
        stated(&windows),
        json!({"montag": ["09:10-12:00", "14:00-16:30"]}),
        json!({"Mo": ["9:10-12:00", " 14:00 - 16:30 "]}),
        json!({" MONTAG ": [{"start": "14:00:00", "end": "16:30"}, "09:10-12:00"]}),
        json!({"mo": ["10:00-12:00", "09:10-10:30"], "monday": ["14:00-15:00", "15:00-16:30"]}),
    ];
    for (therapist, spelling) in (1..).zip(spellings) {
        let answer = woche
            .client
            .put(&hours_path(therapist), &spelling)
            .await
            .expect(200);
        let expected = json!({
            "telefonische_erreichbarkeit": stated(&windows), "quelle": "von_hand", "stand": null, "fehler": [],
            "hinweise": [],
        });
        assert_eq!(answer.body, expected, "{spelling}");
        assert_eq!(woche.hours(therapist).await, expected);
        let call = woche.create(json!({"therapist_id": therapist})).await;
        assert_eq!(slot(&call), (woche.today(), "09:10"));
    }
}

#[tokio::test]
async fn twenty_four_hundred_ends_a_day() {
    let woche = Woche::start().await;
    woche
        .keep_hours(7, json!({"monday": ["23:50-24:00"]}))
        .await;
    let call = woche
        .create(json!({"therapist_id": 7, "dauer_minuten": 10}))
        .await;
    assert_eq!(slot(&call), (woche.today(), "23:50"));
    let hours = woche.hours(7).await;
    assert_eq!(
        hours["telefonische_erreichbarkeit"]["monday"][0]["end"],
        "24:00"
    );
}

#[tokio::test]
async fn hours_by_hand_count_until_they_are_cleared_with_null() {
    let woche = Woche::start().await;
    let nobody = woche.hours(7).await;
    assert_eq!(nobody["quelle"], "buerozeiten");
    let office = json!([{"start": "09:00", "end": "12:00"}, {"start": "14:00", "end": "16:00"}]);
    let days = nobody["telefonische_erreichbarkeit"].as_object().unwrap();
    assert_eq!(days.keys().collect::<Vec<_>>().len(), 5);
    for day in ["monday", "tuesday", "wednesday", "thursday", "friday"] {
        assert_eq!(days[day], office, "{day}");
    }
    woche
        .keep_hours(7, json!({"tuesday": ["10:00-11:00"]}))
        .await;
    assert_eq!(woche.hours(7).await["quelle"], "von_hand");
    assert_eq!(
        woche.hours(8).await,
        nobody,
        "another therapist's are not touched"
    );
    let cleared = woche
        .client
        .put(&hours_path(7), &Value::Null)
        .await
        .expect(200);
    assert_eq!(cleared.body, nobody);
    assert_eq!(woche.hours(7).await, nobody);
}

#[tokio::test]
async fn an_empty_object_states_nothing() {
    let woche = Woche::start().await;
    for nothing in [json!({}), json!({"monday": []}), json!({"monday": null})] {
        woche.keep_hours(7, nothing).await;
        assert_eq!(woche.hours(7).await["quelle"], "buerozeiten");
    }
    let call = woche.create(json!({"therapist_id": 7})).await;
    assert_eq!(slot(&call), (woche.today(), "09:00"));
}

#[tokio::test]
async fn every_mistake_is_named_with_its_place_and_nothing_is_stored() {
    let woche = Woche::start().await;
    woche
        .keep_hours(7, json!({"tuesday": ["10:00-11:00"]}))
        .await;
    let before = woche.hours(7).await;
    let wrong = json!({
        "monday": ["09:00-12:00", {"start": "14:00", "end": "25:00"}, {"start": "16:00"}, 5],
        "funday": [], "di": ["12:00-09:00", "abends"], "mi": "09:00-12:00",
    });
    let answer = woche.client.put(&hours_path(7), &wrong).await;
    let expected = [
        r#"monday[1].end: "25:00" is not a time of day"#,
        "monday[2].end: is missing",
        "monday[3]: 5 is not a window of time",
        "funday: \"funday\" is not a day of the week",
        "di[0]: 12:00 to 09:00 does not end after it starts",
        "di[1]: \"abends\" is not a window of time",
        "mi: \"09:00-12:00\" is not a list of windows",
    ];
    assert_problem(&answer, 400, "");
    let mut errors: Vec<&str> = answer.body["errors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|error| error.as_str().unwrap())
        .collect();
    for error in &errors {
        assert!(answer.message().contains(error), "{}", answer.message());
    }
    let mut expected = expected.to_vec();
    errors.sort_unstable();
    expected.sort_unstable();
    assert_eq!(errors, expected);
    assert_eq!(woche.hours(7).await, before);
}

#[tokio::test]
async fn what_is_no_object_of_days_is_refused() {
    let woche = Woche::start().await;
    for wrong in [json!("text"), json!([]), json!(5), json!(true)] {
        let answer = woche.client.put(&hours_path(7), &wrong).await;
        assert_problem(&answer, 400, "is not an object of days");
        assert_eq!(answer.body["errors"].as_array().unwrap().len(), 1);
    }
    for wrong in ["", "{", "nicht", "{} {}", "null null", &"[".repeat(20_000)] {
        let answer = woche
            .send(Method::PUT, &hours_path(7), wrong.to_owned())
            .await;
        assert_problem(&answer, 400, "The request body is not valid JSON");
    }
    let deep = format!("{{\"monday\": [{}{}]}}", "[".repeat(100), "]".repeat(100));
    let answer = woche.send(Method::PUT, &hours_path(7), deep).await;
    assert_problem(&answer, 400, "monday[0]");
    let hours = hours_path(7);
    let no_json = woche
        .client
        .send(Method::PUT, &hours, |request| request.body("{}"));
    assert_problem(&no_json.await.unwrap(), 415, "Content-Type");
    let large = format!("{{\"monday\": [\"{}\"]}}", "x".repeat(1024 * 1024));
    let large = woche.send(Method::PUT, &hours_path(7), large).await;
    assert_problem(&large, 413, "at most 1048576 bytes");
    assert_eq!(woche.hours(7).await["quelle"], "buerozeiten");
}

#[tokio::test]
async fn a_flood_of_mistakes_is_counted_and_not_repeated() {
    let woche = Woche::start().await;
    let many = json!({"monday": vec![5; 100_000]});
    let answer = woche.client.put(&hours_path(7), &many).await;
    assert_problem(&answer, 400, "monday[0]: 5 is not a window of time");
    assert!(
        answer.message().ends_with("99900 more mistakes"),
        "{}",
        answer.message()
    );
    assert!(answer.bytes.len() < 20_000);
}

#[tokio::test]
async fn what_is_no_id_of_a_therapist_is_not_found() {
    let woche = Woche::start().await;
    for id in ["0", "-1", "x", "1.0", "9223372036854775808", "%ff"] {
        let path = format!("/api/therapists/{id}/erreichbarkeit");
        let answers = [
            woche.client.get(&path).await,
            woche
                .client
                .put(&path, &json!({"mo": ["09:00-10:00"]}))
                .await,
            woche
                .client
                .get(&format!("{path}/pruefen?datum=2030-01-01&zeit=10:00"))
                .await,
        ];
        for answer in answers {
            assert_problem(&answer, 404, "Therapist not found");
        }
    }
}
