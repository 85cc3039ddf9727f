//! Calls and telephone hours while the Therapist Service knows, does not know, or does not answer.

use super::support::{Woche, hinweise, hours_path, slot};
use crate::setup::assert_problem;
use comm_tests::{DirectoryServer, Reply, World};
use serde_json::{Value, json};

async fn woche(directory: &DirectoryServer) -> Woche {
    let world = World::without_kafka().await;
    let world = world
        .set("THERAPIST_SERVICE_URL", &directory.url())
        .set("PATIENT_SERVICE_URL", &directory.url());
    Woche::at("07:00", world).await
}

fn knows(directory: &DirectoryServer, hours: &Value) {
    let record = json!({"id": 7, "vorname": "Ada", "nachname": "Beispiel", "telefonische_erreichbarkeit": hours});
    directory.knows("/api/therapists/7", record);
}

#[tokio::test]
async fn somebody_whom_the_directory_does_not_know_is_not_called() {
    let directory = DirectoryServer::of_people().await;
    let woche = woche(&directory).await;
    let answer = woche.post(json!({"therapist_id": 7})).await;
    assert_problem(&answer, 400, "Therapist not found");
    assert_eq!(answer.message(), "Therapist not found");
    let answer = woche
        .post(json!({"patient_id": 8, "geplante_zeit": "10:00"}))
        .await;
    assert_problem(&answer, 400, "Patient not found");
    assert_eq!(answer.message(), "Patient not found");
    let paths = [
        hours_path(7),
        format!(
            "{}/pruefen?datum={}&zeit=10:00",
            hours_path(7),
            woche.tomorrow()
        ),
        "/api/therapists/7/slots".to_owned(),
    ];
    for path in paths {
        assert_problem(&woche.client.get(&path).await, 404, "Therapist not found");
    }
    let kept = woche
        .client
        .put(&hours_path(7), &json!({"mo": ["09:00-10:00"]}))
        .await;
    assert_problem(&kept, 404, "Therapist not found");
    assert_eq!(woche.calls().await, 0);
}

#[tokio::test]
async fn its_hours_hold_until_others_are_kept_by_hand() {
    let directory = DirectoryServer::of_people().await;
    knows(&directory, &json!({"Mi": ["11:00-11:30"]}));
    let woche = woche(&directory).await;
    let hours = woche.client.get(&hours_path(7)).await.expect(200).body;
    let wednesday = json!({"wednesday": [{"start": "11:00", "end": "11:30"}]});
    assert_eq!(
        (&hours["telefonische_erreichbarkeit"], &hours["quelle"]),
        (&wednesday, &json!("verzeichnis"))
    );
    assert_eq!(
        (&hours["stand"], &hours["fehler"]),
        (&Value::Null, &json!([]))
    );
    let call = woche.create(json!({"therapist_id": 7})).await;
    assert_eq!(slot(&call), (woche.day(2), "11:00"));
    woche
        .keep_hours(7, json!({"tuesday": ["15:00-15:30"]}))
        .await;
    let call = woche.create(json!({"therapist_id": 7})).await;
    assert_eq!(slot(&call), (woche.tomorrow(), "15:00"));
    let cleared = woche
        .client
        .put(&hours_path(7), &Value::Null)
        .await
        .expect(200)
        .body;
    assert_eq!(cleared, hours);
}

#[tokio::test]
async fn of_hours_with_mistakes_only_the_good_windows_are_booked_and_the_mistakes_are_shown() {
    let directory = DirectoryServer::of_people().await;
    knows(
        &directory,
        &json!({"monday": ["abends", "11:00-11:30"], "funday": []}),
    );
    let woche = woche(&directory).await;
    let call = woche.create(json!({"therapist_id": 7})).await;
    assert_eq!(slot(&call), (woche.today(), "11:00"));
    assert!(hinweise(&call).contains("monday[0]"), "{call}");
    let hours = woche.client.get(&hours_path(7)).await.expect(200).body;
    let fehler = hours["fehler"].to_string();
    assert!(
        fehler.contains("monday[0]") && fehler.contains("funday"),
        "{hours}"
    );
    assert_eq!(
        hours["telefonische_erreichbarkeit"],
        json!({"monday": [{"start": "11:00", "end": "11:30"}]})
    );
}

#[tokio::test]
async fn away_without_a_copy_a_time_that_is_given_is_booked_and_a_search_is_a_503() {
    let directory = DirectoryServer::answering(|_| Reply::Status(500)).await;
    let woche = woche(&directory).await;
    let mut searches = vec![woche.post(json!({"therapist_id": 7})).await];
    let paths = [
        "/api/therapists/7/slots".to_owned(),
        format!(
            "{}/pruefen?datum={}&zeit=10:00",
            hours_path(7),
            woche.tomorrow()
        ),
    ];
    for path in paths {
        searches.push(woche.client.get(&path).await);
    }
    for answer in searches {
        assert_problem(&answer, 503, "Therapist Service");
        assert_eq!(answer.body["grund"], "verzeichnis_nicht_erreichbar");
        assert_ne!(answer.header("retry-after"), "");
    }
    let given = json!({"therapist_id": 7, "geplante_zeit": "10:00"});
    let call = woche.create(given).await;
    assert!(
        hinweise(&call).contains("Verzeichnis ist nicht erreichbar"),
        "{call}"
    );
    woche.create(json!({"patient_id": 8})).await;
    // Hours by hand need no directory.
    woche
        .keep_hours(7, json!({"tuesday": ["11:00-12:00"]}))
        .await;
    let call = woche.create(json!({"therapist_id": 7})).await;
    assert_eq!(slot(&call), (woche.tomorrow(), "11:00"));
}

#[tokio::test]
async fn away_with_a_copy_the_copy_is_used_and_its_time_is_said() {
    let directory = DirectoryServer::of_people().await;
    knows(&directory, &json!({"tuesday": ["11:00-12:00"]}));
    let world = World::without_kafka().await;
    let world = world
        .set("THERAPIST_SERVICE_URL", &directory.url())
        .set("COMM__SERVICES__COPY_FRESH_SECONDS", "0");
    let woche = Woche::at("07:00", world).await;
    woche.create(json!({"therapist_id": 7})).await;
    directory.now_answers(|_| Reply::Gone);
    let call = woche.create(json!({"therapist_id": 7})).await;
    assert_eq!(slot(&call), (woche.tomorrow(), "11:05"));
    assert!(
        hinweise(&call).contains("verwendet wurden die Angaben vom"),
        "{call}"
    );
    let hours = woche.client.get(&hours_path(7)).await.expect(200).body;
    assert!(
        hours["stand"].is_string() && hours["quelle"] == "verzeichnis",
        "{hours}"
    );
}
